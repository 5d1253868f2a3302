//! The administrator who asked for the demo gets a place in it: a team, and some of its work.

use crate::caller::{Caller, Channel};
use crate::config::entry_of;
use crate::desk::Session;
use crate::error::{Error, Result};
use crate::records::{self, Act};
use crate::registers::{EntryDraft, update_signed_in};
use mainstay_engine::process::Process;
use mainstay_processes::operation::incident::INCIDENT;
use mainstay_processes::registers::PEOPLE;
use mainstay_store::entries;
use serde_json::{Map, Value as Json, json};

static PROCESS: &Process = &INCIDENT;
/// The step by which somebody makes work of the team their own.
const TAKE: &str = "take";
/// So much of the team's work becomes the administrator's.
const SHARE: usize = 3;

/// Makes `host` a member of the team with the most to do, and gives them some of it.
///
/// # Errors
/// The database's.
pub fn welcome(session: &mut Session<'_>, host: i64) -> Result<()> {
    let Some(entry) = entries::by_id(session.conn, host)?.map(entry_of) else { return Ok(()) };
    let sql = "SELECT record.team, count(*) FROM record JOIN demo ON demo.subject = 'record' AND demo.id = record.id
        WHERE record.phase = 0 AND record.assignee IS NULL AND record.team IS NOT NULL
        GROUP BY record.team ORDER BY 2 DESC, 1 LIMIT 1";
    let Some((team, waiting)) = session.conn.maybe::<(i64, i64)>(sql, &[])? else { return Ok(()) };
    let teams: Vec<i64> = entry.ids("teams").chain([team]).collect();
    let values: Map<String, Json> = [("teams".to_owned(), json!(teams))].into_iter().collect();
    let reason = Some("To look around in the demo data".to_owned());
    let engine = Caller::engine(Channel::Engine);
    update_signed_in(session, &engine, &PEOPLE, &entry, &EntryDraft { values, reason, ..EntryDraft::default() })?;
    let Some(caller) = Caller::load(session.conn, session.config, host, Channel::Desk, None)? else { return Ok(()) };
    let sql = "SELECT number FROM record WHERE team = $1 AND phase = 0 AND assignee IS NULL ORDER BY updated, id";
    let numbers: Vec<String> = session.conn.fetch(sql, &[team.into()])?;
    // Something is left for whoever looks at what nobody has.
    let share = SHARE.min(usize::try_from(waiting).unwrap_or_default().saturating_sub(1)).max(1);
    let mut taken = 0;
    for number in numbers {
        let take = |session: &mut Session<'_>| {
            records::act(session, &caller, PROCESS, &number, TAKE, &Act::default()).map(|_| ())
        };
        match session.attempt(take) {
            Ok(()) => taken += 1,
            Err(Error::Refused(_)) => {}
            Err(error) => return Err(error),
        }
        if taken == share {
            break;
        }
    }
    Ok(())
}
