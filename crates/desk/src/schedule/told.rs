//! What everybody is told whom planned work concerns: when, of which service, and for how long it may stand still.
//! (CHG-13)

use super::planned;
use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::Result;
use crate::{records, troubles};
use mainstay_engine::register::Entry;
use mainstay_engine::spine;
use mainstay_store::{Column, Filter, Question, Value};
use std::collections::HashSet;

/// How far ahead is told.
const AHEAD: i64 = 180 * 86_400_000;
/// The most that are told at once.
pub const MOST_WORK: usize = 200;
/// Records that are looked at, those that come next; and how many of them are asked of first.
const LOOKED_AT: usize = 10_000;
const PART: usize = 100;

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

/// The planned work that is agreed and not over, on services that the caller's organisation uses: the next `most` at most,
/// in their order.
///
/// # Errors
/// A token that does not reach here; the database's.
pub fn planned_work(session: &mut Session<'_>, caller: &Caller, most: usize) -> Result<Vec<Work>> {
    caller.reaches("me", "own")?;
    let Some(home) = caller.person.as_ref().map(|person| person.organisation) else { return Ok(Vec::new()) };
    let known: Vec<Entry> =
        troubles::services(session, caller)?.into_iter().filter(|entry| troubles::serves(entry, home)).collect();
    if known.is_empty() {
        return Ok(Vec::new());
    }
    let engine = Caller::engine(Channel::Engine);
    let mut told = Vec::new();
    for (process, schedule) in planned::scheduled() {
        let ids = agreed(session, (process, schedule), &known, most)?;
        for each in planned::these(session, &engine, (process, schedule), None, ids)? {
            let used = known.iter().filter(|entry| each.services.contains(&entry.id));
            let services: Vec<(i64, String)> = used.map(|entry| (entry.id, entry.name.clone())).collect();
            if !services.is_empty() {
                let outage = each.record.value(schedule.outage.key).as_int();
                told.push(Work { id: each.record.id, services, start: each.start, end: each.end, outage });
            }
        }
    }
    told.sort_by_key(|work| (work.start, work.id));
    told.truncate(most);
    Ok(told)
}

/// The ids of the next agreed records that name one of some services: the database is asked of more and more of those
/// that come next, until there are enough.
fn agreed(
    session: &mut Session<'_>,
    (process, schedule): planned::Of,
    known: &[Entry],
    most: usize,
) -> Result<Vec<i64>> {
    let span = (session.now, session.now + AHEAD);
    let mut ids = planned::ids(session, (process, schedule), span)?;
    ids.truncate(LOOKED_AT);
    let services: Vec<Value> = known.iter().map(|entry| entry.id.into()).collect();
    let states = schedule.published.iter().map(|state| state.key.into()).collect();
    let named = vec![
        Filter::In(Column::Record(spine::SERVICE.def.key), services.clone()),
        Filter::HasAny(Column::Narrow(schedule.services.key), services),
    ];
    let which = Filter::And(vec![
        Filter::In(Column::Record(spine::STATE.def.key), states),
        Filter::is(Column::Record(spine::RESTRICTED.def.key), false),
        Filter::Or(named),
    ]);
    let scope = Caller::engine(Channel::Engine).scope;
    let (mut rest, mut found, mut part) = (ids.as_slice(), Vec::new(), most.max(PART));
    while !rest.is_empty() && found.len() < most {
        let (now, later) = rest.split_at(part.min(rest.len()));
        let few = Filter::Few(now.to_vec(), Box::new(which.clone()));
        let question = Question { scope: &scope, table: Some(records::table(process)), filter: &few };
        let mut these = HashSet::new();
        question.columns(session.conn, &[], |id, _| {
            these.insert(id);
            Ok(())
        })?;
        found.extend(now.iter().copied().filter(|id| these.contains(id)));
        (rest, part) = (later, part * 2);
    }
    found.truncate(most);
    Ok(found)
}
