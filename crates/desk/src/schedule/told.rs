//! What everybody is told whom planned work concerns: when, of which service, and for how long it may stand still.
//! (CHG-13)

use super::planned;
use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::Result;
use crate::troubles;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::register::Entry;
use mainstay_engine::spine;

/// How far ahead is told.
const AHEAD: i64 = 180 * 86_400_000;
const MOST: usize = 200;

/// Planned work on services that the caller uses. Nothing else of the record behind it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// Stands for the record, and tells nothing of it.
    pub id: i64,
    /// Those services that the caller uses: id and name.
    pub services: Vec<(i64, String)>,
    /// Epoch milliseconds UTC.
    pub start: i64,
    pub end: i64,
    /// Minutes for which they may stand still; none: nobody said.
    pub outage: Option<i64>,
}

/// The planned work that is agreed and not over, on services that the caller's organisation uses, the next first.
///
/// # Errors
/// A token that does not reach here; the database's.
pub fn planned_work(session: &mut Session<'_>, caller: &Caller) -> Result<Vec<Work>> {
    if !caller.rights.in_scope("me", "own") {
        return Err(Refusal::forbidden("no_right", "This token does not reach here.").into());
    }
    let Some(home) = caller.person.as_ref().map(|person| person.organisation) else { return Ok(Vec::new()) };
    let known: Vec<Entry> =
        troubles::services(session, caller)?.into_iter().filter(|entry| troubles::serves(entry, home)).collect();
    let engine = Caller::engine(Channel::Engine);
    let (now, mut told) = (session.now, Vec::new());
    for (process, schedule) in planned::scheduled() {
        let states: Vec<String> = schedule.published.iter().map(|state| format!("\"{}\"", state.key)).collect();
        let agreed = format!("state in ({})", states.join(", "));
        for each in planned::meeting(session, &engine, (process, schedule), Some(&agreed), (now, now + AHEAD))? {
            if each.record.value(spine::RESTRICTED.def.key).as_bool() == Some(true) {
                continue;
            }
            let used = known.iter().filter(|entry| each.services.contains(&entry.id));
            let services: Vec<(i64, String)> = used.map(|entry| (entry.id, entry.name.clone())).collect();
            if !services.is_empty() {
                let outage = each.record.value(schedule.outage.key).as_int();
                told.push(Work { id: each.record.id, services, start: each.start, end: each.end, outage });
            }
        }
    }
    told.sort_by_key(|work| (work.start, work.id));
    told.truncate(MOST);
    Ok(told)
}
