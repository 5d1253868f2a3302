//! Changing a record: editing its fields, taking one of its steps, and what follows from a step.

use super::allowed::{may, not_closed};
use super::apply::{Gathered, announce_written, gather, gather_new, write_change, write_new};
use super::input::{Typed, typed};
use super::open::{self, Opening, model_values, must_be_enabled};
use super::view::{View, view};
use super::{approvals, clocks, comments, following, hang, risk, rows, survey};
use crate::caller::Caller;
use crate::captured;
use crate::desk::Session;
use crate::error::{Error, Result};
use crate::registers::stale;
use crate::retention::is_archived;
use crate::schedule;
use mainstay_engine::decide::{self, Request};
use mainstay_engine::facts::{Actor, Related};
use mainstay_engine::process::{Effect, Process, Transition};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::value::Value;
use mainstay_store::hangings;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// An edit of fields.
#[derive(Clone, Debug, Default)]
pub struct Amend {
    /// The version that the client read.
    pub version: i64,
    pub values: Map<String, Json>,
    pub reason: Option<String>,
}

/// A step.
#[derive(Clone, Debug, Default)]
pub struct Act {
    pub version: Option<i64>,
    pub values: Map<String, Json>,
    pub reason: Option<String>,
    /// Public words for the requester that go with the step.
    pub comment: Option<String>,
    /// Number of the record that the step links to.
    pub link: Option<String>,
    /// Numbers of the records that take a step with this one, where it is by choice which do.
    pub followers: Vec<String>,
}

/// A change made: the record after it, the event by which it can be taken back, and the record that it made, if it
/// made one.
#[derive(Clone)]
pub struct Acted {
    pub view: View,
    pub event: i64,
    pub made: Option<String>,
}

/// Edits fields of a record.
///
/// # Errors
/// Not the caller's to see or edit; an older version; values that do not fit; a closed record.
pub fn amend(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    amend: &Amend,
) -> Result<Acted> {
    let (before, _) = rows::find(session, caller, process, number)?;
    if before.version != amend.version {
        return Err(stale(before.version).into());
    }
    let organisation = before.value("organisation").as_int();
    let gathered = gather(session, caller, &before)?;
    let own = gathered.actor.requester && caller.rights.in_scope(process.key, "update");
    if !caller.rights.may(process.key, "update", organisation) && !own {
        return Err(
            Refusal::forbidden("no_right", format!("You may not edit this {}.", process.label.to_lowercase())).into()
        );
    }
    let values = typed(session, caller, process, &amend.values, &|key| before.read(key))?;
    let model = newly_named(&before, &values, "model");
    let given = match model {
        Some(model) => {
            let named = |key: &str| values.iter().any(|(f, _)| f.key == key);
            let empty = |key: &str| before.value(key).is_blank() && !named(key);
            model_values(session, process, model, &empty)?
        }
        None => Vec::new(),
    };
    let request = Request { values, given, reason: amend.reason.clone(), ..Request::default() };
    let mandatory = &session.config.process(process).mandatory;
    let mut after = gathered.with(|facts| decide::amend(&before, &request, facts, mandatory))?;
    let routed = open::route(session, &mut after, &amend.values)?;
    moved_out_of_sight(session, caller, &before, &after)?;
    approvals::forget_word(&before, &mut after);
    approvals::stays_as_approved(session, &before, &after)?;
    let reason = amend.reason.clone().or_else(|| derived_reason(&before, &after));
    let written = write_change(session, caller, &before, &mut after, "updated", None, reason.as_deref())?;
    if let Some(model) = model {
        super::tasks::add_model_tasks(session, caller, &after, model)?;
    }
    announce_written(session, caller, &after, "updated", written, &BTreeMap::new())?;
    if routed {
        open::after_open(session, process, &after)?;
    }
    Ok(Acted { view: view(session, caller, after.id, process)?, event: written.event, made: None })
}

/// The entry that a request puts into a field which held another or none.
fn newly_named(before: &Record, values: &Typed, key: &str) -> Option<i64> {
    let (_, value) = values.iter().find(|(f, v)| f.key == key && before.value(key) != v)?;
    value.as_int()
}

/// Handing a record to another organisation needs the right to edit it there too.
fn moved_out_of_sight(_: &mut Session<'_>, caller: &Caller, before: &Record, after: &Record) -> Result<()> {
    let (from, to) = (before.value("organisation"), after.value("organisation"));
    if from == to || caller.rights.may(after.process.key, "update", to.as_int()) {
        return Ok(());
    }
    let error = FieldError::new("organisation", "no_right", "You may not hand it to that organisation.");
    Err(Refusal { errors: vec![error], ..Refusal::forbidden("no_right", "You may not hand it to that organisation.") }
        .into())
}

/// Every change of priority has a reason: the person's, or what it was derived from.
fn derived_reason(before: &Record, after: &Record) -> Option<String> {
    if before.value("priority") == after.value("priority") || after.value("priority").is_null() {
        return None;
    }
    let word = |key: &str| after.value(key).as_text().unwrap_or("?").to_owned();
    let version = after.value("matrix_version").as_int().unwrap_or_default();
    Some(format!("Impact {} and urgency {} by matrix version {version}", word("impact"), word("urgency")))
}

/// Takes a step.
///
/// # Errors
/// Not the caller's to see; an older version; the first unmet condition of the step.
pub fn act(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    verb: &str,
    act: &Act,
) -> Result<Acted> {
    let (before, _) = rows::find(session, caller, process, number)?;
    if act.version.is_some_and(|version| version != before.version) {
        return Err(stale(before.version).into());
    }
    let Some(transition) = process.transition(verb) else {
        return Err(Refusal::missing(&format!("step called {verb}")).into());
    };
    let mut gathered = gather(session, caller, &before)?;
    let organisation = before.value("organisation").as_int();
    gathered.actor.staff &= caller.rights.may(process.key, verb, organisation);
    gathered.actor.requester &= caller.rights.in_scope(process.key, verb);
    let (event, made) = step(session, caller, gathered, &before, transition, act, false)?;
    Ok(Acted { view: view(session, caller, before.id, process)?, event, made })
}

/// Takes a step as the engine: timers, replies, what follows from opening.
pub fn act_as_engine(session: &mut Session<'_>, engine: &Caller, id: i64, verb: &str, act: &Act) -> Result<()> {
    engine_step(session, engine, id, verb, act, false)
}

pub(super) fn engine_step(
    session: &mut Session<'_>,
    engine: &Caller,
    id: i64,
    verb: &str,
    act: &Act,
    cascaded: bool,
) -> Result<()> {
    let Some(before) = rows::by_id(session, id)? else { return Ok(()) };
    let Some(transition) = before.process.transition(verb) else { return Ok(()) };
    let mut gathered = gather(session, engine, &before)?;
    gathered.actor = Actor { engine: true, ..Actor::default() };
    step(session, engine, gathered, &before, transition, act, cascaded).map(|_| ())
}

fn step(
    session: &mut Session<'_>,
    caller: &Caller,
    mut gathered: Gathered<'_>,
    before: &Record,
    transition: &'static Transition,
    act: &Act,
    cascaded: bool,
) -> Result<(i64, Option<String>)> {
    following::must_be_asked_for(transition, &act.followers)?;
    let other = named_other(session, caller, before, transition, act)?;
    if let (Some(relation), Some(other)) = (transition.links, &other) {
        gathered.related.push(Related {
            id: other.id,
            process: other.process.key.into(),
            relation: relation.into(),
            outgoing: true,
            phase: other.state.phase,
            state: other.state.key.into(),
            number: other.value("number").as_text().unwrap_or_default().to_owned(),
        });
    }
    let values = typed(session, caller, before.process, &act.values, &|key| before.read(key))?;
    let comment = act.comment.as_deref().map(str::trim).filter(|c| !c.is_empty());
    let reason = act.reason.clone();
    let request = Request { values, given: Vec::new(), reason, comment: comment.is_some(), cascaded };
    let mandatory = &session.config.process(before.process).mandatory;
    let outcome = gathered.with(|facts| decide::act(before, transition.verb, &request, facts, mandatory))?;
    let mut after = outcome.record;
    approvals::stays_as_approved(session, before, &after)?;
    risk::against(session, before, &after, transition)?.map_or(Ok(()), Err)?;
    schedule::hold(session, caller, &mut after, transition)?;
    if let (Some(relation), Some(other)) = (transition.links, &other) {
        hang::link_records(session, caller, &after, relation, other)?;
    }
    let surveyed = survey::mark(session, before, &mut after)?;
    let written =
        write_change(session, caller, before, &mut after, transition.verb, Some(transition), act.reason.as_deref())?;
    if let Some(body) = comment {
        comments::write_comment(session, caller, &after, body, false)?;
    }
    let mut words = BTreeMap::from([("reason", act.reason.clone().unwrap_or_default())]);
    words.insert("comment", comment.unwrap_or_default().to_owned());
    announce_written(session, caller, &after, transition.verb, written, &words)?;
    survey::note_answer(session, &after, transition.verb)?;
    if surveyed {
        survey::ask(session, &after, written)?;
    }
    let mut made = None;
    for effect in outcome.effects {
        made = carry_out(session, caller, &after, transition, effect, act)?.or(made);
    }
    Ok((written.event, made))
}

/// The record that a step links to: visible to the caller, of the right process, not itself.
fn named_other(
    session: &mut Session<'_>,
    caller: &Caller,
    before: &Record,
    transition: &Transition,
    act: &Act,
) -> Result<Option<Record>> {
    let Some(number) = &act.link else { return Ok(None) };
    let Some(relation) = transition.links.and_then(|key| before.process.relation(key)) else {
        return Err(Refusal::invalid("not_part_of_step", "This step links to no other record.").into());
    };
    let process = relation.to.and_then(mainstay_processes::process).unwrap_or(before.process);
    let (other, _) = rows::find(session, caller, process, number).map_err(|error| match error {
        Error::Refused(_) => {
            Error::Refused(Refusal::invalid("unknown_link", format!("There is no {number} here that you may see.")))
        }
        other => other,
    })?;
    if other.id == before.id {
        return Err(Refusal::invalid("self_link", "A record cannot be linked to itself.").into());
    }
    if transition.effects.iter().any(|effect| matches!(effect, Effect::Absorb { .. })) {
        may_absorb(caller, before, &other, transition)?;
    }
    Ok(Some(other))
}

/// The survivor takes in words and people of the duplicate: that needs the right at both ends, and never carries
/// anything from one organisation to another.
fn may_absorb(caller: &Caller, from: &Record, into: &Record, transition: &Transition) -> Result<()> {
    may(caller, into, transition.verb)?;
    not_closed(into)?;
    let (one, other) = (from.value("organisation"), into.value("organisation"));
    if one.is_null() || other.is_null() || one == other {
        return Ok(());
    }
    let says = "They belong to different organisations, which must not read each other's words. Link them instead.";
    Err(Refusal::conflict("other_organisation", says).into())
}

fn carry_out(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    transition: &'static Transition,
    effect: &Effect,
    act: &Act,
) -> Result<Option<String>> {
    match *effect {
        Effect::Cascade(cascade) => {
            following::carry_along(session, caller, record, &cascade, &act.followers)?;
            Ok(None)
        }
        Effect::Flag { relation, field } => {
            for parent in linked(session, record.id, relation, true)? {
                flag(session, parent, field.key, record)?;
            }
            Ok(None)
        }
        Effect::Absorb { relation } => {
            for survivor in linked(session, record.id, relation, true)? {
                absorb(session, caller, record, survivor)?;
            }
            Ok(None)
        }
        Effect::Succeed { relation, copies } => succeed(session, caller, record, relation, copies, act).map(Some),
        Effect::Capture(captures) => {
            captured::capture(session, caller, record, &captures)?;
            Ok(None)
        }
        Effect::FollowUp { title, at_most, days } => {
            let words = record.process.survey.and_then(|survey| record.value(survey.words.key).as_text());
            let words = act.reason.as_deref().or(words).unwrap_or_default();
            let cause = survey::Cause { verb: transition.verb, words, title, at_most, days };
            survey::follow_up(session, record, &cause)?;
            Ok(None)
        }
    }
}

pub(super) fn linked(session: &mut Session<'_>, record: i64, relation: &str, outgoing: bool) -> Result<Vec<i64>> {
    let rows = hangings::links(session.conn, record)?;
    Ok(rows.into_iter().filter(|r| r.relation == relation && r.outgoing == outgoing).map(|r| r.id).collect())
}

fn flag(session: &mut Session<'_>, id: i64, key: &str, because: &Record) -> Result<()> {
    let engine = Caller::engine(crate::caller::Channel::Engine);
    let Some(before) = rows::by_id(session, id)?.filter(|record| !is_archived(record)) else { return Ok(()) };
    let Some(field) = before.process.field(key) else { return Ok(()) };
    let mut after = before.clone();
    after.put(field, Value::Bool(true));
    after.version += 1;
    let reason = format!("{} was reopened", because.value("number").as_text().unwrap_or_default());
    write_change(session, &engine, &before, &mut after, "flagged", None, Some(&reason)).map(|_| ())
}

/// The survivor keeps all that people gave to the duplicate, its requester among the reporters.
fn absorb(session: &mut Session<'_>, caller: &Caller, record: &Record, survivor: i64) -> Result<()> {
    let Some(into) = rows::by_id(session, survivor)? else { return Ok(()) };
    let had = hangings::parties(session.conn, survivor)?;
    hangings::absorb(session.conn, record.id, survivor)?;
    if let Some(requester) = record.value("requester").as_int() {
        hangings::join(session.conn, survivor, requester, "reporter")?;
    }
    let joined = hangings::parties(session.conn, survivor)?.into_iter().filter(|party| !had.contains(party));
    let number = record.value("number").as_text().unwrap_or_default();
    let mut merged = vec![serde_json::json!({ "field": "merged", "old": null, "new": number })];
    merged.extend(joined.map(
        |(entry, role)| serde_json::json!({ "field": "party", "old": null, "new": { "entry": entry, "role": role } }),
    ));
    super::apply::append(session, caller, &into, "absorbed", false, &merged, None).map(|_| ())
}

/// A new record of the same process that continues this one's matter.
fn succeed(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    relation: &'static str,
    copies: &[mainstay_engine::field::FieldDef],
    act: &Act,
) -> Result<String> {
    must_be_enabled(session, record.process)?;
    let engine = Caller { rights: Caller::engine(caller.channel).rights, ..caller.clone() };
    let mut fresh = Record::new(record.process);
    let given =
        copies.iter().filter_map(|f| record.process.field(f.key)).map(|f| (f, record.value(f.key).clone())).collect();
    let mut gathered = gather_new(session, &engine, &fresh)?;
    gathered.actor = Actor { engine: true, ..Actor::default() };
    let request = Request { given, ..Request::default() };
    fresh = gathered.with(|facts| decide::open(record.process, &request, facts, &[]))?;
    let planned = clocks::plan(session, &mut fresh)?;
    write_new(session, caller, &mut fresh, &Opening::default())?;
    clocks::begin(session, &fresh, planned)?;
    hang::link_records(session, caller, &fresh, relation, record)?;
    if let Some(reason) = &act.reason {
        comments::write_comment(session, caller, &fresh, reason, false)?;
    }
    Ok(fresh.value("number").as_text().unwrap_or_default().to_owned())
}
