//! Taking back what one did to a record a moment ago: fields, state, links, clocks and timers are as if it had never
//! been, and the log tells both.
//!
//! What has left the house cannot be taken back, nor what somebody else has changed since.

mod aftermath;
mod group;

use super::allowed::may;
use super::apply::append;
use super::{approvals, clocks, filling, hang, lapses, risk, rows, timers};
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::maps;
use crate::records::view::{View, view};
use crate::retention::is_archived;
use group::Group;
use mainstay_engine::field::Instant;
use mainstay_engine::process::{Effect, Phase, Process};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_store::{EventRow, Seen, events, hangings};
use serde_json::{Value as Json, json};

/// Under this name the event of an undo says which events it took back.
pub const UNDONE: &str = "undone";
/// How long something can be taken back, in milliseconds.
const WINDOW_MS: i64 = 5 * 60_000;
/// Events that are read after the one in hand: more than a few minutes bring.
const FOLLOWING: i64 = 500;

/// Takes an event of a record back: an edit, a step, a link that the caller made a moment ago.
///
/// # Errors
/// Not the caller's to see; somebody else's; too long ago, not of this kind, taken back already; somebody changed the
/// same fields since; its words have reached people.
pub fn undo(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    event: i64,
) -> Result<View> {
    let (record, seen) = rows::find(session, caller, process, number)?;
    let log = log_from(session, &seen, event)?;
    let Some(first) = log.first().filter(|row| row.id == event) else { return Err(Refusal::missing("event").into()) };
    theirs_and_fresh(session, caller, &record, first)?;
    match first.verb.as_str() {
        "linked" | "unlinked" => relink(session, caller, &record, first, &log)?,
        verb if verb == "updated" || process.transition(verb).is_some() => revert(session, caller, &record, &log)?,
        _ => return Err(Refusal::conflict("not_undoable", "That cannot be taken back.").into()),
    }
    view(session, caller, record.id, process)
}

/// Takes several events of a record back that belong together, the last one first: all of them or none.
///
/// # Errors
/// As [`undo`], for the first of them that cannot be taken back.
pub fn undo_together(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    events: &[i64],
) -> Result<()> {
    let mut events = events.to_vec();
    events.sort_unstable();
    for event in events.into_iter().rev() {
        undo(session, caller, process, number, event)?;
    }
    Ok(())
}

/// The log of a record from an event on.
fn log_from(session: &mut Session<'_>, seen: &Seen, event: i64) -> Result<Vec<EventRow>> {
    Ok(events::of_record(session.conn, seen, event - 1, FOLLOWING)?)
}

fn theirs_and_fresh(session: &Session<'_>, caller: &Caller, record: &Record, event: &EventRow) -> Result<()> {
    if event.actor.is_none() || event.actor != caller.person_id() {
        return Err(Refusal::forbidden("not_yours", "Only whoever did it can take it back.").into());
    }
    let right = match event.verb.as_str() {
        "updated" => "update",
        "linked" | "unlinked" => "link",
        verb => verb,
    };
    let own = record.value("requester").as_int() == caller.person_id();
    if !(own && caller.rights.in_scope(record.process.key, right)) {
        may(caller, record, right)?;
    }
    if session.now - event.at > WINDOW_MS {
        return Err(Refusal::conflict("too_late", "Too much time has passed to take that back.").into());
    }
    Ok(())
}

fn undone_already(log: &[EventRow], event: i64) -> bool {
    log.iter().flat_map(changes).any(|change| change["field"] == UNDONE && change["old"] == event)
}

/// The changes of an event in their stored form.
fn changes(event: &EventRow) -> Vec<Json> {
    match serde_json::from_str(&event.changes) {
        Ok(Json::Array(changes)) => changes,
        _ => Vec::new(),
    }
}

/// Takes back the first event of a log with all that followed from it.
fn revert(session: &mut Session<'_>, caller: &Caller, record: &Record, log: &[EventRow]) -> Result<()> {
    let Some(first) = log.first() else { return Ok(()) };
    if undone_already(log, first.id) {
        return Err(Refusal::conflict("undone_already", "That was taken back already.").into());
    }
    let process = record.process;
    if log.iter().any(|event| approvals::is_of_approvals(&event.verb)) {
        let says = "People were asked to approve it since, and what they say cannot be taken back.";
        return Err(Refusal::conflict("not_undoable", says).into());
    }
    let group = Group::of(process, log);
    let transition = process.transition(&first.verb);
    for effect in transition.map(|step| step.effects).unwrap_or_default() {
        let says = match effect {
            Effect::Succeed { .. } => "It opened another record, which goes on by itself.",
            Effect::FollowUp { .. } => "Somebody was asked to follow it up.",
            Effect::Capture(_) => "What it captured stays as it is.",
            _ => continue,
        };
        return Err(Refusal::conflict("not_undoable", says).into());
    }
    if group.spoke() {
        let says = "Its words have reached people and cannot be taken back.";
        return Err(Refusal::conflict("words_sent", says).into());
    }
    group.unchanged_since(session, record)?;
    let mut after = restored(session, record, &group);
    clocks::take_back(session, record, &mut after, first.at, &group.brought())?;
    maps::holds_together(session, Some(record), &after)?;
    rows::update(session, record, &after)?;
    if record.state.phase == Phase::Closed && record.state.key != after.state.key {
        approvals::count_outcome(session, record, -1)?;
    }
    approvals::recount(session, record, &after)?;
    filling::pass_on(session, record, &after)?;
    risk::taken_back(session, record, &after)?;
    lapses::follow(session, record, &after)?;
    if record.state.key != after.state.key {
        timers::come_back(session, record, &after)?;
    }
    let dropped = group.drop_tasks(session, record)?;
    append(session, caller, &after, UNDONE, true, &group.inverse(&dropped), None)?;
    aftermath::settle(session, caller, record, &group, transition)
}

/// The record with what the events had replaced.
fn restored(session: &Session<'_>, record: &Record, group: &Group<'_>) -> Record {
    let mut after = record.clone();
    for (key, old, _) in &group.fields {
        if key == "state" {
            let state = old.as_str().and_then(|key| record.process.state(key));
            after.state = state.unwrap_or(record.state);
        } else if let Some(field) = session.config.field(record.process, key).filter(|field| field.key != "due") {
            after.put(field, Value::from_plain(old));
        }
    }
    after.set(&spine::UPDATED, Instant(session.now));
    after.version += 1;
    after
}

/// Takes a link away that was made, or makes one that was taken away.
fn relink(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    event: &EventRow,
    log: &[EventRow],
) -> Result<()> {
    if undone_already(log, event.id) {
        return Err(Refusal::conflict("undone_already", "That was taken back already.").into());
    }
    let made = event.verb == "linked";
    let change = changes(event).into_iter().next().unwrap_or_default();
    let other = change[if made { "new" } else { "old" }].as_str().unwrap_or_default().to_owned();
    let relation = change["field"].as_str().unwrap_or_default().to_owned();
    let missing = || Refusal::conflict("changed_since", "The link has changed since.");
    let target = mainstay_processes::of_number(&other).ok_or_else(|| {
        Refusal::conflict("not_undoable", "A reference to another system is taken away under Related.")
    })?;
    let (far, _) = rows::find(session, caller, target, &other).map_err(|_| missing())?;
    // The event stands at both ends.
    let leaves = |from: &Record, to: &Record, session: &mut Session<'_>| -> Result<bool> {
        let there = hangings::links(session.conn, from.id)?;
        Ok(there.iter().any(|link| link.outgoing && link.relation == relation && link.id == to.id))
    };
    let arrives = match change["outgoing"].as_bool() {
        Some(outgoing) => !outgoing,
        None => made && !leaves(record, &far, session)?,
    };
    let (from, to) = if arrives { (&far, record) } else { (record, &far) };
    let declared = session.config.relation(from.process, &relation).ok_or_else(missing)?;
    if made {
        if !hangings::unlink(session.conn, from.id, declared.key, to.id)? {
            return Err(missing().into());
        }
        filling::refill(session, from.id)?;
        risk::linked(session, from, declared.key, to)?;
    } else {
        hang::link_records_quietly(session, caller, from, declared.key, to)?;
    }
    for (at, far) in [(record, &far), (&far, record)].into_iter().filter(|(at, _)| !(made && is_archived(at))) {
        let number = far.value("number").plain();
        let (old, new) = if made { (number, Json::Null) } else { (Json::Null, number) };
        let mut told = vec![hang::told(&relation, &old, &new, at.id == to.id)];
        if at.id == record.id {
            told.push(json!({ "field": UNDONE, "old": event.id, "new": null }));
        }
        append(session, caller, at, UNDONE, false, &told, None)?;
    }
    approvals::linked(session, caller, from, declared.key)
}

/// The refusal of fields that somebody has changed since.
fn changed_since(fields: Vec<FieldError>) -> Refusal {
    let detail = fields.iter().map(|error| error.detail.as_str()).collect::<Vec<_>>().join(" ");
    Refusal { errors: fields, ..Refusal::conflict("changed_since", detail) }
}
