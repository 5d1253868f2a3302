//! What steps are held to: conflicts are examined, freezes keep work away, and who accepts what, with which words.

use super::conflicts::{self, Conflict, Conflicts, Freeze, Met};
use super::free;
use super::planned::{self, Planned};
use crate::caller::Caller;
use crate::config::entry_of;
use crate::desk::Session;
use crate::error::Result;
use crate::records;
use jiff::Timestamp;
use mainstay_engine::process::{Process, Transition};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::value::Value;
use mainstay_store::entries;
use mainstay_store::planned::{self as store, AcceptedRow};
use serde_json::json;

/// Somebody accepted a conflict.
pub const ACCEPTED: &str = "conflict_accepted";
/// Somebody who may allowed work in a freeze.
pub const EXCEPTED: &str = "exception_allowed";

/// Longest words with which a conflict is accepted, in characters.
const LONGEST: usize = 2_000;

/// The conflicts of one record, and when there is room for it.
pub struct Shown {
    pub record: Record,
    pub conflicts: Conflicts,
    /// Stretches of its length, in the windows that are meant for it and without a conflict; the next ones.
    pub free: Vec<(i64, i64)>,
    /// The caller may accept what nobody in particular has to.
    pub may_accept: bool,
    /// The freezes in which the caller may allow work.
    pub may_except: Vec<i64>,
}

/// The conflicts of a record that the caller sees.
///
/// # Errors
/// Not the caller's to see; a process without planned times; the database's.
pub fn shown(session: &mut Session<'_>, caller: &Caller, process: &'static Process, number: &str) -> Result<Shown> {
    let (record, seen) = records::find(session, caller, process, number)?;
    if process.schedule.is_none() {
        return Err(Refusal::missing("schedule").into());
    }
    if !seen.internal() {
        return Err(Refusal::forbidden("no_right", "What stands in its way is for staff.").into());
    }
    let conflicts = conflicts::of_record(session, caller, &record)?;
    let free = if record.state.phase.is_live() { free(session, caller, &record)? } else { Vec::new() };
    let may_accept = record.state.phase.is_live() && records::may(caller, &record, "update").is_ok();
    let mut may_except = Vec::new();
    for freeze in conflicts.of[0].iter().filter_map(Conflict::blocking) {
        if decides(session, caller, &record, freeze)? {
            may_except.push(freeze.window);
        }
    }
    Ok(Shown { record, conflicts, free, may_accept, may_except })
}

/// Whether the caller is who may allow this work in a freeze.
fn decides(session: &mut Session<'_>, caller: &Caller, record: &Record, freeze: &Freeze) -> Result<bool> {
    let reaches = caller.rights.in_scope(record.process.key, "update");
    let Some(person) = caller.person_id().filter(|_| reaches) else { return Ok(false) };
    if freeze.person == Some(person) {
        return Ok(true);
    }
    let Some(role) = freeze.role.filter(|role| session.config.roles.contains_key(role)) else { return Ok(false) };
    let entry = entries::by_id(session.conn, person)?.map(entry_of);
    Ok(entry.is_some_and(|entry| records::holds_role(&entry, role, record)))
}

/// Accepts a conflict with a reason, or allows an exception in a freeze as whoever may. It holds for the conflict as it
/// is: with another time or for other reasons it is asked anew.
///
/// # Errors
/// Not the caller's to see or edit; no such conflict; no reason; `not_the_authority`; a record that is over.
pub fn accept(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    key: &str,
    reason: &str,
) -> Result<Shown> {
    let before = shown(session, caller, process, number)?;
    records::not_closed(&before.record)?;
    let conflict = before.conflicts.of[0].iter().find(|each| each.key() == key);
    let Some(conflict) = conflict else { return Err(Refusal::missing("conflict").into()) };
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST {
        let says = format!("A reason of at most {LONGEST} characters is needed.");
        Refusal::unless_empty(vec![FieldError::new("reason", "required", says)])?;
    }
    let freeze = match &conflict.met {
        Met::Freeze(freeze) if freeze.blocks && !conflict.passes => Some(freeze),
        _ => None,
    };
    match freeze {
        Some(freeze) if !decides(session, caller, &before.record, freeze)? => {
            let (name, who) = (&freeze.name, by_whom(freeze, &before.conflicts));
            let says = if who.is_empty() {
                format!("Nobody may allow an exception in the freeze “{name}”.")
            } else {
                format!("Exceptions in the freeze “{name}” are allowed by {who}.")
            };
            return Err(Refusal::forbidden("not_the_authority", says).into());
        }
        None => records::may(caller, &before.record, "update")?,
        Some(_) => {}
    }
    let row = AcceptedRow {
        record: before.record.id,
        with: key.to_owned(),
        basis: conflict.basis.clone(),
        person: caller.person_id().unwrap_or_default(),
        at: session.now,
        reason: reason.to_owned(),
    };
    store::accept(session.conn, &row)?;
    let named = match &conflict.met {
        Met::Record(other) => other.number().to_owned(),
        Met::Freeze(freeze) => freeze.name.clone(),
        Met::Outside(names) => names.join(", "),
    };
    let changes = json!([{ "field": "conflict", "old": null, "new": named }]);
    let verb = if freeze.is_some() { EXCEPTED } else { ACCEPTED };
    records::append(session, caller, &before.record, verb, false, &changes, Some(reason))?;
    shown(session, caller, process, number)
}

/// Who may allow work in a freeze, by name.
fn by_whom(freeze: &Freeze, conflicts: &Conflicts) -> String {
    let named = [freeze.person, freeze.role].into_iter().flatten().filter_map(|id| conflicts.names.get(&id));
    named.cloned().collect::<Vec<_>>().join(", ")
}

/// Holds a step that people take to the schedule: with conflicts that nobody has examined, or inside a freeze, it is
/// refused; what a freeze lets pass is marked.
///
/// # Errors
/// `frozen`, `conflicts_unexamined`; the database's.
pub fn hold(
    session: &mut Session<'_>,
    caller: &Caller,
    after: &mut Record,
    transition: &'static Transition,
) -> Result<()> {
    let Some(schedule) = after.process.schedule.as_ref() else { return Ok(()) };
    let is_in = |verbs: &[&str]| verbs.contains(&transition.verb);
    if (schedule.exempt)(after) {
        if is_in(schedule.flagged) {
            let frozen = is_frozen(session, after)?;
            after.put(&schedule.flag, if frozen { Value::Bool(true) } else { Value::Null });
        }
        return Ok(());
    }
    against(session, caller, after, transition)?.into_iter().next().map_or(Ok(()), |refusal| Err(refusal.into()))
}

/// Everything of the schedule that stands against a step on a record as it is.
///
/// # Errors
/// The database's.
pub fn against(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    transition: &'static Transition,
) -> Result<Vec<Refusal>> {
    let Some(schedule) = record.process.schedule.as_ref() else { return Ok(Vec::new()) };
    let is_in = |verbs: &[&str]| verbs.contains(&transition.verb);
    let (examined, frozen) = (is_in(schedule.examined), is_in(schedule.frozen));
    if (schedule.exempt)(record) || caller.is_engine() || !(examined || frozen) {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    let conflicts = conflicts::of_record(session, caller, record)?;
    let found = &conflicts.of[0];
    // Every freeze that refuses is told as one, and not once more as a conflict.
    let refuses = |each: &Conflict| frozen && each.blocking().is_some();
    if frozen && let Some(freeze) = found.iter().find_map(Conflict::blocking) {
        let at = |at: i64| {
            let at = Timestamp::from_millisecond(at).unwrap_or_default().to_zoned(caller.zone());
            at.strftime("%-d %b %Y, %H:%M %Z").to_string()
        };
        let (name, who) = (&freeze.name, by_whom(freeze, &conflicts));
        let (from, until) = (at(freeze.from), at(freeze.until));
        let says = if who.is_empty() {
            format!("It lies in the freeze “{name}” from {from} to {until}. Move it: nobody may allow an exception.")
        } else {
            format!("It lies in the freeze “{name}” from {from} to {until}. Move it; exceptions are allowed by {who}.")
        };
        all.push(Refusal::conflict("frozen", says));
    }
    let open = || found.iter().filter(|each| !each.is_settled() && !refuses(each));
    if examined && open().next().is_some() {
        let named = open().map(called).collect::<Vec<_>>().join(", ");
        let says = format!("It conflicts with {named}. Move it, or accept each conflict with a reason.");
        all.push(Refusal::conflict("conflicts_unexamined", says));
    }
    Ok(all)
}

fn called(conflict: &Conflict) -> String {
    match &conflict.met {
        Met::Record(other) => other.number().to_owned(),
        Met::Freeze(freeze) => format!("“{}”", freeze.name),
        Met::Outside(names) => names.iter().map(|name| format!("“{name}”")).collect::<Vec<_>>().join(", "),
    }
}

/// Whether the planned time of a record, or this instant where it has none, lies in a freeze that is about it.
fn is_frozen(session: &mut Session<'_>, record: &Record) -> Result<bool> {
    let Some(schedule) = record.process.schedule.as_ref() else { return Ok(false) };
    let mut timed = record.clone();
    if schedule.span(record).is_none() {
        timed.put(&schedule.start, Value::Int(session.now));
        timed.put(&schedule.end, Value::Int(session.now + 1));
    }
    let Some(own) = Planned::of(timed) else { return Ok(false) };
    let mut own = [own];
    planned::reach(session, &mut own)?;
    let items = planned::items(session, &Caller::engine(crate::caller::Channel::Engine), &own[0].items)?;
    let numbers: Vec<&str> = items.values().map(|item| item.number.as_str()).collect();
    Ok(conflicts::is_frozen_at(session.config, &own[0], &numbers))
}
