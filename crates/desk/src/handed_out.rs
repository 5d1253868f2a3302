//! What a vendor has to do: the records that lie with its teams, and those on which its teams have a task.

use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::records::{self, Listing};
use mainstay_engine::process::Phase;
use mainstay_engine::record::Record;
use mainstay_engine::spine;
use mainstay_processes::registers::Reach;
use mainstay_store::{Cursor, mine};
use std::collections::HashMap;

/// Open records and tasks of one answer; whose teams have more see the first.
const MOST_OPEN: usize = 200;
/// Finished ones of one answer.
const MOST_DONE: usize = 50;

/// A record with work for a team of the caller's vendor.
#[derive(Clone)]
pub struct HandedOut {
    pub record: Record,
    /// By when, in epoch milliseconds UTC: the first due of its tasks, or the record where all of it is theirs.
    pub due: Option<i64>,
    /// What they are to do on it, where they are not in charge of all of it.
    pub tasks: Vec<String>,
}

/// The teams of the vendors that the caller works for; none for anybody else.
#[must_use]
pub fn teams(session: &Session<'_>, caller: &Caller) -> Vec<i64> {
    let home = caller.person.as_ref().and_then(|person| person.organisation);
    let grants = caller.rights.grants.iter().filter(|grant| grant.role.reach == Reach::Vendor);
    let vendors: Vec<i64> = grants
        .filter_map(|grant| grant.organisation.or(home))
        .filter(|organisation| session.config.vendors.contains(organisation))
        .collect();
    let theirs =
        session.config.teams.iter().filter(|(_, team)| team.organisation.is_some_and(|o| vendors.contains(&o)));
    let mut teams: Vec<i64> = theirs.map(|(id, _)| *id).collect();
    teams.sort_unstable();
    teams
}

/// What is still to do, the longest open first.
///
/// # Errors
/// The database's.
pub fn open(session: &mut Session<'_>, caller: &Caller) -> Result<Vec<HandedOut>> {
    let teams = teams(session, caller);
    if teams.is_empty() {
        return Ok(Vec::new());
    }
    let phases = [Phase::Open, Phase::Paused];
    let mut found: Vec<HandedOut> = in_charge(session, caller, &teams, phases, ("opened", MOST_OPEN, None))?
        .into_iter()
        .map(|record| HandedOut { due: record.value(spine::DUE.def.key).as_int(), record, tasks: Vec::new() })
        .collect();
    let mut tasks: HashMap<i64, Vec<mine::OpenTask>> = HashMap::new();
    for task in mine::tasks_of_teams(session.conn, &teams, i64::try_from(MOST_OPEN).unwrap_or(i64::MAX))? {
        tasks.entry(task.record).or_default().push(task);
    }
    let known: Vec<i64> = found.iter().map(|each| each.record.id).collect();
    let mut ids: Vec<i64> = tasks.keys().copied().filter(|id| !known.contains(id)).collect();
    ids.sort_unstable();
    for (record, _) in records::spines(session, caller, &ids)? {
        let Some(own) = tasks.remove(&record.id).filter(|_| record.state.phase.is_live()) else { continue };
        let due = own.iter().filter_map(|task| task.due).min();
        found.push(HandedOut { record, due, tasks: own.into_iter().map(|task| task.title).collect() });
    }
    found.sort_by_key(|each| (each.record.value(spine::OPENED.def.key).as_int(), each.record.id));
    Ok(found)
}

/// What their teams have done, the last changed first: a page of it behind a place, and where the next one begins.
///
/// # Errors
/// A place of another list; the database's.
pub fn done(
    session: &mut Session<'_>,
    caller: &Caller,
    after: Option<&str>,
) -> Result<(Vec<HandedOut>, Option<String>)> {
    let teams = teams(session, caller);
    if teams.is_empty() {
        return Ok((Vec::new(), None));
    }
    let over = [Phase::Done, Phase::Closed];
    let mut all = in_charge(session, caller, &teams, over, ("-updated", MOST_DONE + 1, after))?;
    let behind = after.and_then(|after| after.parse::<Cursor>().ok()?.number()).unwrap_or((i64::MAX, i64::MAX));
    let most = i64::try_from(MOST_DONE + 1).unwrap_or(i64::MAX);
    let helped = mine::helped_by_teams(session.conn, &teams, behind, most)?;
    let full = helped.len() > MOST_DONE;
    let helped = records::spines(session, caller, &helped)?;
    // Behind the last of them there may be more that are not read.
    let cut = helped.iter().map(|(record, _)| place(record)).min().filter(|_| full);
    for (record, _) in helped {
        if all.iter().any(|known| known.id == record.id) {
            continue;
        }
        // Where their team is in charge by now, or is to do more, it stands among what is open.
        let theirs = record.value(spine::TEAM.def.key).as_int().is_some_and(|team| teams.contains(&team));
        if !(theirs && record.state.phase.is_live()) {
            all.push(record);
        }
    }
    all.retain(|record| cut.is_none_or(|cut| place(record) >= cut));
    all.sort_by_key(|record| std::cmp::Reverse(place(record)));
    let more = all.len() > MOST_DONE;
    all.truncate(MOST_DONE);
    let last = if more { all.last().map(place) } else { cut };
    let next = last.map(|(updated, id)| Cursor::behind(updated, id).to_string());
    Ok((all.into_iter().map(|record| HandedOut { record, due: None, tasks: Vec::new() }).collect(), next))
}

/// Where a record stands among those that were changed last.
fn place(record: &Record) -> (i64, i64) {
    (record.value(spine::UPDATED.def.key).as_int().unwrap_or_default(), record.id)
}

/// The records in these phases that a team is in charge of, behind a place.
fn in_charge(
    session: &mut Session<'_>,
    caller: &Caller,
    teams: &[i64],
    phases: [Phase; 2],
    (sort, limit, after): (&str, usize, Option<&str>),
) -> Result<Vec<Record>> {
    let teams = teams.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    let [first, second] = phases.map(Phase::number);
    let filter = format!("team in ({teams}) and phase in ({first}, {second})");
    let mut found = Vec::new();
    for process in mainstay_processes::ALL.iter().copied() {
        if !caller.rights.may_somewhere(process.key, "view") {
            continue;
        }
        let listing = Listing {
            filter: Some(filter.clone()),
            sort: Some(sort.to_owned()),
            fields: Some(Vec::new()),
            limit,
            after: after.map(str::to_owned),
        };
        found.extend(records::list(session, caller, process, &listing)?.rows.into_iter().map(|row| row.record));
    }
    Ok(found)
}
