//! Approvals: asked for when a record comes where its process wants them, by the policy in force; void when the record
//! becomes another matter. (GEN-16, GEN-17)

mod advance;
mod answer;
mod policy;
mod shown;

pub use advance::{count_outcome, recount, vouched};
pub use answer::{Voice, answer, expire};
pub use policy::{Standing, asked_beside, holds};
pub use shown::{Part, Round, Waiting, approvals, asked_of, ever_asked, waiting};

use super::apply::{announce_written, append, gather, write_change};
use super::change::{Act, engine_step};
use super::rows;
use crate::caller::{Caller, Channel};
use crate::deputies;
use crate::desk::Session;
use crate::error::Result;
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::{Approvals, Phase};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::value::Value;
use mainstay_store::approvals::{self as store, RoundRow};
use mainstay_store::{NewTimer, hangings, timers};
use policy::{Policy, drawn_in};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// The kind of timers that end the time to answer.
pub const TIMER: &str = "approval";
/// People are asked to approve.
pub const ASKED: &str = "approval_asked";
/// Somebody approves.
pub const APPROVED: &str = "approved";
/// Somebody refuses to approve.
pub const DISAPPROVED: &str = "disapproved";
/// Every approval that was asked for is granted.
pub const GRANTED: &str = "approvals_granted";
/// What was asked for is refused.
pub const REFUSED: &str = "approvals_refused";
/// What was asked for or granted counts no more.
pub const VOID: &str = "approvals_void";
/// Nobody has answered in time.
pub const EXPIRED: &str = "approval_expired";

/// What happens to records that are approved, in words.
pub const HAPPENINGS: [(&str, &str); 5] = [
    (ASKED, "Somebody is asked to approve"),
    (GRANTED, "All approvals are granted"),
    (REFUSED, "Approval is refused"),
    (VOID, "Approvals are void"),
    (EXPIRED, "Nobody has approved in time"),
];

/// In which part a party of a record approves it.
const ROLE: &str = "approver";

/// Whether an event is one of approvals: what they rest on cannot be taken back behind their back.
#[must_use]
pub fn is_of_approvals(verb: &str) -> bool {
    [ASKED, APPROVED, DISAPPROVED, GRANTED, REFUSED, VOID].contains(&verb)
}

fn is_asked_in(approvals: &Approvals, record: &Record) -> bool {
    approvals.asked_in.key == record.state.key
}

/// Follows a change of a record that was written: asks for approvals, or ends what was asked for.
pub(super) fn follow(session: &mut Session<'_>, caller: &Caller, before: &Record, after: &Record) -> Result<()> {
    let Some(approvals) = after.process.approvals.as_ref() else { return Ok(()) };
    let moved = before.state.key != after.state.key;
    if moved && is_asked_in(approvals, after) {
        if let Some(round) = store::in_force(session.conn, after.id)? {
            end(session, &round, "void")?;
        }
        return ask(session, caller, after);
    }
    if moved {
        count_outcome(session, after, 1)?;
    }
    recount(session, before, after)?;
    let mut changed = approvals.changed(before, after);
    let drawn_in = drawn_in(before, after);
    if !moved && changed.is_empty() && drawn_in.is_empty() {
        return Ok(());
    }
    let Some(round) = store::in_force(session.conn, after.id)? else { return Ok(()) };
    let holds = approvals.held_in.iter().any(|state| state.key == after.state.key);
    if !is_asked_in(approvals, after) && (!holds || round.state == "open") {
        return void(session, caller, after, &round, None);
    }
    changed.extend(own_voices(session, &round, &drawn_in)?);
    if changed.is_empty() {
        return Ok(());
    }
    let why = material(&changed);
    if is_asked_in(approvals, after) {
        void(session, caller, after, &round, Some(&why))?;
        return ask(session, caller, after);
    }
    if after.process.can_be_approved_anew(after.state) {
        void(session, caller, after, &round, Some(&why))?;
        let act = Act { reason: Some(why), ..Act::default() };
        return engine_step(session, &Caller::engine(Channel::Engine), after.id, approvals.voided, &act, true);
    }
    Ok(())
}

/// The fields by which somebody has a part in the record whose approval of it counts.
fn own_voices(
    session: &mut Session<'_>,
    round: &RoundRow,
    drawn_in: &[(&'static FieldDef, i64)],
) -> Result<Vec<&'static FieldDef>> {
    if drawn_in.is_empty() {
        return Ok(Vec::new());
    }
    let policy = Policy::of_round(session, round)?;
    if policy.self_approval {
        return Ok(Vec::new());
    }
    let advice = |place: i64| policy.parts.iter().any(|part| part.place == place && part.advisory);
    let voices = store::of_round(session.conn, round.id)?;
    let counts = |person: i64| {
        let mut granted = voices.iter().filter(|voice| voice.state == "granted" && !advice(voice.part));
        granted.any(|voice| voice.approver == person || voice.voter == Some(person))
    };
    let mut fields: Vec<&FieldDef> =
        drawn_in.iter().filter(|(_, person)| counts(*person)).map(|(field, _)| *field).collect();
    fields.dedup_by_key(|field| field.key);
    Ok(fields)
}

/// Why approvals are void: the names of what changed.
fn material(changed: &[&FieldDef]) -> String {
    because(&changed.iter().map(|field| field.label).collect::<Vec<_>>())
}

fn because(labels: &[&str]) -> String {
    format!("Changed: {}", labels.join(", "))
}

/// Refuses to change what was approved, where the record cannot go back to be approved anew: its approvals, or the
/// model that stands for them, would be for another matter.
pub fn stays_as_approved(session: &mut Session<'_>, before: &Record, after: &Record) -> Result<()> {
    let Some(approvals) = before.process.approvals.as_ref() else { return Ok(()) };
    let held = approvals.held_in.iter().any(|state| state.key == after.state.key);
    if !held || before.state.phase == Phase::Closed {
        return Ok(());
    }
    let back = after.process.can_be_approved_anew(after.state);
    let changed = approvals.changed(before, after);
    let fixed: Vec<&FieldDef> = changed.into_iter().filter(|field| !before.value(field.key).is_blank()).collect();
    let by_model = vouched(session.config, session.now, before) && !vouched(session.config, session.now, after);
    // Once it is carried out, whoever looks after its review may have approved it.
    let drawn_in = if back || after.state.phase == Phase::Done { Vec::new() } else { drawn_in(before, after) };
    let differs = if back { by_model } else { !fixed.is_empty() };
    if !differs && drawn_in.is_empty() {
        return Ok(());
    }
    let round = store::in_force(session.conn, before.id)?.filter(|round| round.state == "granted");
    if differs && by_model && round.is_none() {
        let says = "It follows a model that is approved in advance, and stays as the model says.";
        return Err(Refusal::conflict("not_by_template", says).into());
    }
    if let Some(round) = &round
        && !own_voices(session, round, &drawn_in)?.is_empty()
    {
        let says = "Whoever approved it neither asks for it nor owns it nor carries it out.";
        return Err(Refusal::conflict("own_record", says).into());
    }
    let by_word =
        is_asked_in(approvals, before) && approvals.by_word.iter().any(|field| !before.value(field.key).is_blank());
    if back || fixed.is_empty() || round.is_none() && !by_word {
        return Ok(());
    }
    let state = after.state.label.to_lowercase();
    let says = |field: &FieldDef| format!("{} was approved and stays while it is {state}.", field.label);
    let errors = fixed.iter().map(|field| FieldError::new(field.key, "approved", says(field))).collect();
    Ok(Refusal::unless_empty(errors)?)
}

/// Empties who authorised a record by word, where it becomes another matter while its approvals are asked for.
pub fn forget_word(before: &Record, after: &mut Record) {
    let Some(approvals) = after.process.approvals.as_ref() else { return };
    if is_asked_in(approvals, after) && !approvals.changed(before, after).is_empty() {
        approvals.by_word.iter().for_each(|field| after.put(field, Value::Null));
    }
}

/// Follows a link of a record that was made or removed: with other items it is another matter than was approved. Once the
/// work has begun they stay as they were.
///
/// # Errors
/// `approved`; nobody who could approve it anew; the database's.
pub(super) fn linked(session: &mut Session<'_>, caller: &Caller, record: &Record, relation: &str) -> Result<()> {
    let Some(approvals) = record.process.approvals.as_ref().filter(|each| each.links.contains(&relation)) else {
        return Ok(());
    };
    let Some(before) = rows::by_id(session, record.id)? else { return Ok(()) };
    let label = session.config.relation(before.process, relation).map_or(relation, |relation| relation.label);
    let (asked, back) = (is_asked_in(approvals, &before), before.process.can_be_approved_anew(before.state));
    let holds = approvals.held_in.iter().any(|state| state.key == before.state.key);
    if holds && !back && before.state.phase < Phase::Done {
        let state = before.state.label.to_lowercase();
        let says = format!(
            "“{label}” stays as it was approved while it is {state}. Whatever else is needed is asked for by itself."
        );
        return Err(Refusal::conflict("approved", says).into());
    }
    if !asked && !back {
        return Ok(());
    }
    let why = because(&[label]);
    let engine = Caller::engine(Channel::Engine);
    let Some(round) = store::in_force(session.conn, before.id)? else { return Ok(()) };
    void(session, caller, &before, &round, Some(&why))?;
    if back {
        let act = Act { reason: Some(why), ..Act::default() };
        return engine_step(session, &engine, before.id, approvals.voided, &act, true);
    }
    // A new version: whoever has read it without the link has not read what is asked about.
    let mut after = before.clone();
    after.version += 1;
    approvals.by_word.iter().for_each(|field| after.put(field, Value::Null));
    write_change(session, &engine, &before, &mut after, "updated", None, Some(&why))?;
    ask(session, caller, &after)
}

/// Opens a round by the policy that applies, and asks those of its first step.
fn ask(session: &mut Session<'_>, caller: &Caller, record: &Record) -> Result<()> {
    let Some(policy) = Policy::applying(session, record) else {
        return Err(Refusal::conflict("no_policy", "No approval policy applies to it.").into());
    };
    let mut asked = Vec::new();
    for part in &policy.parts {
        let people = policy.people(session, record, part)?;
        let needed = part.needed(people.len());
        if !part.advisory && people.len() < needed {
            let says =
                format!("“{}” needs {needed} who have no part in it, and there are {}.", part.name, people.len());
            return Err(Refusal::conflict("nobody_to_approve", says).into());
        }
        asked.push((part.step, part.place, people));
    }
    let mut round = RoundRow {
        id: 0,
        record: record.id,
        policy: policy.id,
        policy_version: policy.version,
        record_version: record.version,
        state: "open".into(),
        opened: session.now,
        ended: None,
    };
    round.id = store::open_round(session.conn, &round)?;
    let mut first = i64::MAX;
    for (step, place, people) in asked {
        first = first.min(step);
        for person in people {
            store::add(session.conn, &round, step, place, person)?;
        }
    }
    open_step(session, caller, record, &round, &policy, first)
}

/// Asks those of a step: they see the record from now on, hear of it, and have the whole time to answer.
fn open_step(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    round: &RoundRow,
    policy: &Policy,
    step: i64,
) -> Result<()> {
    store::open_step(session.conn, round.id, step)?;
    remind_later(session, record, round, policy)?;
    let people = store::asked(session.conn, record.id)?;
    share(session, record.id, &people)?;
    let names: Vec<&str> =
        policy.parts.iter().filter(|part| part.step == step).map(|part| part.name.as_str()).collect();
    tell(session, caller, record, ASKED, None, &names.join(", "), None)
}

/// Lets people read a record that they, or those whose place they take, are asked about.
fn share(session: &mut Session<'_>, record: i64, people: &[i64]) -> Result<()> {
    let deputies = deputies::of(session, people, true)?;
    for person in people.iter().copied().chain(deputies.into_iter().map(|(_, deputy)| deputy)) {
        hangings::join(session.conn, record, person, ROLE)?;
    }
    Ok(())
}

/// Lets somebody's deputies read what is asked of that person.
///
/// # Errors
/// The database's.
pub fn share_with_deputy(session: &mut Session<'_>, person: i64) -> Result<()> {
    let asked = store::waiting_for(session.conn, &[person], 1000)?;
    let mut records: Vec<i64> = asked.iter().map(|row| row.record).collect();
    records.dedup();
    for record in records {
        share(session, record, &[person])?;
    }
    Ok(())
}

/// A line of the history about approvals, and the notices that it brings.
fn tell(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    verb: &str,
    old: Option<&str>,
    new: &str,
    reason: Option<&str>,
) -> Result<()> {
    let changes = json!([{ "field": "approval", "old": old, "new": new }]);
    let event = append(session, caller, record, verb, true, &changes, reason)?;
    let words = BTreeMap::from([("reason", reason.unwrap_or_default().to_owned())]);
    let written = super::apply::Written { event, heard: None };
    announce_written(session, caller, record, verb, written, &words)?;
    Ok(())
}

/// Ends a round whose approvals count no more, and says so.
fn void(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    round: &RoundRow,
    why: Option<&str>,
) -> Result<()> {
    end(session, round, "void")?;
    let was = if round.state == "granted" { "Granted" } else { "Asked for" };
    tell(session, caller, record, VOID, Some(was), "Void", why)
}

fn end(session: &mut Session<'_>, round: &RoundRow, state: &str) -> Result<()> {
    store::end(session.conn, round.id, state, session.now)?;
    timers::cancel(session.conn, &timer_key(round.id))?;
    Ok(())
}

fn timer_key(round: i64) -> String {
    format!("approval:{round}")
}

/// Sets the timer that ends the time to answer, where the policy limits it.
fn remind_later(session: &mut Session<'_>, record: &Record, round: &RoundRow, policy: &Policy) -> Result<()> {
    let Some(days) = policy.days else { return Ok(()) };
    let gathered = gather(session, &Caller::engine(Channel::Engine), record)?;
    let Some(due) = gathered.with(|facts| (facts.working_days)(facts.now, days)) else { return Ok(()) };
    let payload = json!({ "round": round.id }).to_string();
    let (key, kind) = (timer_key(round.id), TIMER.into());
    timers::set(session.conn, &NewTimer { key, due, kind, record: Some(record.id), clock: None, payload })?;
    Ok(())
}

/// The round that a timer is about.
fn round_of(payload: &str) -> Option<i64> {
    serde_json::from_str::<Json>(payload).ok()?["round"].as_i64()
}

/// The record of a round, for the engine.
fn record_of(session: &mut Session<'_>, round: &RoundRow) -> Result<Option<Record>> {
    rows::by_id(session, round.record)
}
