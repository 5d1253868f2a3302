//! Meetings that come by themselves, and those that a person's calendar shows.

use super::{Board, DAY, Listed, in_use, readable};
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use mainstay_store::meetings::{self as store, MeetingRow};

/// So far ahead meetings are made, and so many of each board.
const AHEAD: i64 = 62 * DAY;
const MOST: usize = 4;
/// Meetings that a calendar shows.
const MOST_SHOWN: i64 = 500;

/// Makes the next meetings of each board by its rhythm, and forgets those of an earlier rhythm that nobody has touched.
/// Answers how many were made.
///
/// # Errors
/// The database's.
pub fn keep(session: &mut Session<'_>) -> Result<u64> {
    let mut made = 0;
    for board in in_use(session) {
        let now = session.now;
        let times = board.rhythm.as_ref().map(|rhythm| rhythm.between(now, now + AHEAD)).unwrap_or_default();
        let times: Vec<(i64, i64)> = times.into_iter().filter(|(starts, _)| *starts > now).take(MOST).collect();
        for row in store::live(session.conn, board.id, now)? {
            let fits = times.contains(&(row.starts, row.ends));
            if row.rhythm && row.starts > now && !fits {
                store::forget(session.conn, row.id)?;
            }
        }
        for (starts, ends) in times {
            made += u64::from(store::plan(session.conn, &planned(&board, starts, ends))?.is_some());
        }
    }
    Ok(made)
}

fn planned(board: &Board, starts: i64, ends: i64) -> MeetingRow {
    MeetingRow {
        board: board.id,
        process: board.process.key.to_owned(),
        starts,
        ends,
        chair: board.chair,
        rhythm: true,
        ..MeetingRow::default()
    }
}

/// The meetings that the caller takes part in, as a member or in the chair, in a stretch of time.
///
/// # Errors
/// The database's.
pub fn coming(session: &mut Session<'_>, caller: &Caller, from: i64, until: i64) -> Result<Vec<Listed>> {
    let Some(person) = caller.person.clone() else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for row in store::between(session.conn, from, until, MOST_SHOWN)? {
        if row.state == "cancelled" {
            continue;
        }
        let Some(board) = readable(session, caller, row.board)? else { continue };
        if row.chair == Some(person.id) || person.teams.contains(&board.team) {
            found.push(Listed { row, board });
        }
    }
    Ok(found)
}
