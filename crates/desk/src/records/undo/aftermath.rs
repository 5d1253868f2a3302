//! What a step had set going beyond its record, and what people were told of it.

use super::group::Group;
use super::{UNDONE, changes, log_from, revert};
use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::{Error, Result};
use crate::records::apply::append;
use crate::records::change::linked;
use crate::records::{filling, hang, rows};
use mainstay_engine::process::{Cascade, Effect, Transition};
use mainstay_engine::record::Record;
use mainstay_store::{hangings, notices, outbox, surveys};
use serde_json::{Value as Json, json};

/// Takes back links, copies and steps that followed on other records, and what nobody has read of it yet.
pub fn settle(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    group: &Group<'_>,
    transition: Option<&'static Transition>,
) -> Result<()> {
    for effect in transition.map(|step| step.effects).unwrap_or_default() {
        match *effect {
            Effect::Cascade(Cascade { relation, verb, .. }) => {
                for child in linked(session, record.id, relation, false)? {
                    revert_there(session, child, group, verb)?;
                }
            }
            Effect::Flag { relation, .. } => {
                for parent in linked(session, record.id, relation, true)? {
                    revert_there(session, parent, group, "flagged")?;
                }
            }
            Effect::Absorb { relation } => {
                for survivor in linked(session, record.id, relation, true)? {
                    give_back(session, caller, record, survivor, group)?;
                }
            }
            Effect::Succeed { .. } | Effect::FollowUp { .. } | Effect::Capture(_) => {}
        }
    }
    if let Some(relation) = transition.and_then(|step| step.links) {
        unlink(session, caller, record, relation, group)?;
    }
    if record.process.survey.is_some_and(|survey| group.fields.iter().any(|(key, ..)| key == survey.asked.key)) {
        surveys::forget(session.conn, record.id)?;
    }
    unsay(session, group)
}

/// Takes back what the engine did to another record because of the step; what was changed there since stays.
fn revert_there(session: &mut Session<'_>, other: i64, group: &Group<'_>, verb: &str) -> Result<()> {
    let engine = Caller::engine(Channel::Engine);
    let Some((record, seen)) = rows::find_by_id(session, &engine, other)? else { return Ok(()) };
    let log = log_from(session, &seen, group.first.id)?;
    let caused = log.iter().position(|e| e.verb == verb && e.at == group.first.at && e.actor.is_none());
    let Some(place) = caused else { return Ok(()) };
    match session.attempt(|session| revert(session, &engine, &record, &log[place..])) {
        Ok(()) | Err(Error::Refused(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Takes from the survivor of a merge what it got from the duplicate.
fn give_back(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    survivor: i64,
    group: &Group<'_>,
) -> Result<()> {
    let engine = Caller::engine(Channel::Engine);
    let Some((into, seen)) = rows::find_by_id(session, &engine, survivor)? else { return Ok(()) };
    let log = log_from(session, &seen, group.first.id)?;
    let Some(merged) = log.iter().find(|event| event.verb == "absorbed" && event.at == group.first.at) else {
        return Ok(());
    };
    hangings::give_back(session.conn, record.id, survivor)?;
    for change in changes(merged).iter().filter(|change| change["field"] == "party") {
        let (entry, role) = (change["new"]["entry"].as_i64(), change["new"]["role"].as_str());
        if let (Some(entry), Some(role)) = (entry, role) {
            hangings::leave(session.conn, survivor, entry, role)?;
        }
    }
    let number = record.value("number").plain();
    let told = json!([
        { "field": "merged", "old": number, "new": null },
        { "field": UNDONE, "old": merged.id, "new": null },
    ]);
    append(session, caller, &into, UNDONE, false, &told, None)?;
    rows::touch(session, &into)
}

/// Takes away the link that the step made.
fn unlink(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    relation: &'static str,
    group: &Group<'_>,
) -> Result<()> {
    for id in hangings::links_made(session.conn, record.id, relation, group.first.at)? {
        let Some(other) = rows::by_id(session, id)? else { continue };
        if hangings::unlink(session.conn, record.id, relation, id)? {
            filling::refill(session, record.id)?;
            hang::log_link(session, caller, record, relation, &other, false)?;
        }
    }
    Ok(())
}

/// Takes unread notices and messages that have not left out again: what they tell never was.
fn unsay(session: &mut Session<'_>, group: &Group<'_>) -> Result<()> {
    for event in group.beside().iter().filter(|event| event.verb == "notified") {
        let told: Vec<Json> = changes(event);
        let person = told.first().and_then(|change| change["new"]["person"].as_i64());
        if let Some(person) = person {
            notices::retract(session.conn, person, group.first.id)?;
        }
        outbox::retract(session.conn, event.id, event.at)?;
    }
    Ok(())
}
