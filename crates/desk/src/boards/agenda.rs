//! What comes before a meeting: what waits for approval and meets the rule of the board, and what somebody put there.

use super::{Board, Listed, MOST, in_use, number};
use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::Result;
use crate::records;
use mainstay_engine::record::Record;
use mainstay_store::approvals::{self, RoundRow};
use mainstay_store::meetings::{self as store, ItemRow, MeetingRow};
use std::collections::HashMap;

/// Rounds that are looked at.
const MOST_ROUNDS: i64 = 500;

/// The agenda, what was removed too: while the meeting is ahead the rule is asked anew each time, afterwards it is as it
/// was when the meeting began.
pub(super) fn of(session: &mut Session<'_>, board: &Board, row: &MeetingRow) -> Result<Vec<ItemRow>> {
    let mut rows = store::items(session.conn, row.id)?;
    if row.state != "planned" {
        return Ok(rows);
    }
    let gathered = gathered(session, board, row)?;
    let by_rule: HashMap<i64, i64> = gathered.iter().map(|round| (round.record, round.id)).collect();
    rows.retain(|item| item.by_hand || item.removed.is_some() || by_rule.contains_key(&item.record));
    let last = rows.iter().map(|item| item.place).max().unwrap_or_default();
    let known: Vec<i64> = rows.iter().map(|item| item.record).collect();
    let new = gathered.into_iter().filter(|round| !known.contains(&round.record));
    rows.extend(new.enumerate().map(|(at, round)| ItemRow {
        meeting: row.id,
        record: round.record,
        place: last + 1 + i64::try_from(at).unwrap_or_default(),
        ..ItemRow::default()
    }));
    for item in &mut rows {
        item.round = by_rule.get(&item.record).copied();
    }
    rows.truncate(MOST);
    Ok(rows)
}

/// The open rounds that the rule brings before a meeting, the longest first: asked for in time, meeting the condition,
/// not before another meeting of the board, and not decided by one.
fn gathered(session: &mut Session<'_>, board: &Board, row: &MeetingRow) -> Result<Vec<RoundRow>> {
    let rounds = approvals::open_by(session.conn, row.starts - board.lead, MOST_ROUNDS)?;
    if rounds.is_empty() {
        return Ok(rounds);
    }
    let ids: Vec<i64> = rounds.iter().map(|round| round.record).collect();
    let engine = Caller::engine(Channel::Engine);
    let context = session.context();
    let fits: Vec<i64> = records::whole_of(session, &engine, &ids)?
        .into_iter()
        .map(|(record, _)| record)
        .filter(|record| record.process.key == board.process.key && meets(board, &context, record))
        .map(|record| record.id)
        .collect();
    let others: Vec<MeetingRow> =
        store::live(session.conn, board.id, session.now)?.into_iter().filter(|other| other.id != row.id).collect();
    let other_ids: Vec<i64> = others.iter().map(|other| other.id).collect();
    let elsewhere = store::items_of(session.conn, &other_ids)?;
    let round_ids: Vec<i64> = rounds.iter().map(|round| round.id).collect();
    let decided = store::decided(session.conn, board.id, &round_ids)?;
    let taken = |round: &RoundRow| {
        others.iter().any(|other| {
            let there = elsewhere.iter().find(|item| item.meeting == other.id && item.record == round.record);
            let sooner = other.state == "planned" && other.starts < row.starts;
            match there {
                Some(item) if item.removed.is_some() || item.decision.is_some() => false,
                Some(item) if item.by_hand || other.state == "running" => true,
                _ => sooner && round.opened <= other.starts - board.lead,
            }
        })
    };
    let wanted = |round: &RoundRow| fits.contains(&round.record) && !decided.contains(&round.id) && !taken(round);
    Ok(rounds.into_iter().filter(wanted).collect())
}

/// The meeting that a record comes before, if there is one ahead or going on that the caller reads of.
///
/// # Errors
/// The database's.
pub fn meeting_of(session: &mut Session<'_>, caller: &Caller, record: &Record) -> Result<Option<Listed>> {
    let boards: Vec<Board> =
        in_use(session).into_iter().filter(|board| board.process.key == record.process.key).collect();
    for board in boards {
        if !board.reads(session, caller)? {
            continue;
        }
        for row in store::live(session.conn, board.id, session.now)? {
            let items = of(session, &board, &row)?;
            let waits = |item: &ItemRow| item.record == record.id && item.removed.is_none() && item.decision.is_none();
            if items.iter().any(waits) {
                return Ok(Some(Listed { row, board }));
            }
        }
    }
    Ok(None)
}

fn meets(board: &Board, context: &mainstay_engine::condition::Context, record: &Record) -> bool {
    board.condition.as_ref().is_none_or(|condition| condition.resolve(context).matches(&|key| record.read(key)))
}

/// The row of a record on an agenda, by its number; none where it is not there.
pub(super) fn row_of(
    session: &mut Session<'_>,
    caller: &Caller,
    rows: &[ItemRow],
    wanted: &str,
) -> Result<Option<(ItemRow, Record)>> {
    for row in rows {
        let Some((record, _)) = records::find_by_id(session, caller, row.record)? else { continue };
        if number(&record).eq_ignore_ascii_case(wanted) {
            return Ok(Some((row.clone(), record)));
        }
    }
    Ok(None)
}
