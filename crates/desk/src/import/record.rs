//! One record with its past, as an import brings it.

use super::batch::{Existing, Terms, Verdict, field_refusal};
use super::given::Given;
use super::past::{Past, Step};
use super::references::Resolver;
use super::source;
use crate::caller::Caller;
use crate::config::ProcessConfig;
use crate::desk::Session;
use crate::error::{Error, Result};
use crate::maps;
use crate::records::{self, Lived, Move};
use mainstay_engine::decide::{self, Request};
use mainstay_engine::facts::{Actor, Facts};
use mainstay_engine::field::{FieldDef, Instant, Writer};
use mainstay_engine::process::{Phase, Process, Transition, Who};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_store::hangings::{self, CommentRow};
use mainstay_store::{NewEvent, Seen, demo, events};
use serde::Serialize;
use serde_json::{Value as Json, json};

/// The last event of an imported past; it says how many steps came.
const IMPORTED: &str = "imported";

/// A step as it changed the record.
pub(super) struct Moment {
    at: i64,
    actor: Option<i64>,
    verb: &'static str,
    transition: Option<&'static Transition>,
    before: Record,
    pub(super) after: Record,
}

/// Makes the record with its history and clocks, or meets the one that is there.
pub(super) fn put(
    session: &mut Session<'_>,
    caller: &Caller,
    resolver: &mut Resolver<'_>,
    terms: &Terms,
    past: &Past,
) -> Result<Verdict> {
    let process = past.process;
    may_import(session, caller, process)?;
    let config = session.config;
    if let Some(source) = crate::sources::source(config, process, &past.origin) {
        return source::put(session, caller, resolver, terms, (past, source));
    }
    if !resolver.take_free(past) {
        let (origin, key) = (&past.origin, &past.external_key);
        match mainstay_store::record::find_external(session.conn, &caller.scope, origin, key) {
            Err(mainstay_store::Error::Missing) => {}
            Err(error) => return Err(error.into()),
            Ok(spine) => return meet(session, caller, resolver, terms, past, spine.id),
        }
    }
    let moments = play(session, caller, resolver, past)?;
    let Some(last) = moments.last() else {
        return Err(no_history().into());
    };
    check(caller, &last.after)?;
    maps::holds_together(session, None, &last.after)?;
    let lived = clocks(session, &moments, terms.calendar);
    if !terms.dry_run {
        write(session, caller, resolver, past, moments, lived)?;
    }
    Ok(Verdict::Made)
}

pub(super) fn may_import(session: &Session<'_>, caller: &Caller, process: &'static Process) -> Result<()> {
    if !caller.rights.may_somewhere(process.key, "import") {
        return Err(Refusal::forbidden(
            "no_right",
            format!("You may not import {}.", process.label_plural.to_lowercase()),
        )
        .into());
    }
    if !session.config.process(process).enabled {
        return Err(Refusal::conflict("process_disabled", format!("{} is switched off here.", process.label)).into());
    }
    Ok(())
}

/// What every record owes, and that the caller may import for its organisation.
pub(super) fn check(caller: &Caller, record: &Record) -> Result<()> {
    let organisation = record.value("organisation").as_int();
    if !caller.rights.may(record.process.key, "import", organisation) {
        return Err(Refusal::forbidden("no_right", "You may not import for that organisation.").into());
    }
    let missing = record.process.fields().filter(|f| f.required && record.value(f.key).is_blank());
    Ok(Refusal::unless_empty(missing.map(FieldError::required).collect())?)
}

/// Plays the steps in memory: the record before and after each.
pub(super) fn play(
    session: &mut Session<'_>,
    caller: &Caller,
    resolver: &mut Resolver<'_>,
    past: &Past,
) -> Result<Vec<Moment>> {
    let own = session.config.process(past.process);
    let mut record = Record::new(past.process);
    let mut moments = Vec::with_capacity(past.steps.len());
    let mut prioritised = false;
    for step in &past.steps {
        let before = record.clone();
        record.version = 1;
        record.state = step.state;
        if moments.is_empty() {
            record.set(&spine::OPENED, Instant(step.at));
        }
        stamp(before.state.phase, &mut record, step.at);
        for (key, given) in &step.values {
            let (field, value) = value(session, caller, resolver, past.process, key, given)?;
            record.put(field, value);
        }
        prioritised |= step.values.iter().any(|(key, _)| key == spine::PRIORITY.def.key);
        derive(own, &mut record, step.at, prioritised.then_some(past.origin.as_str()));
        let latest = record.get(&spine::UPDATED).map_or(step.at, |Instant(at)| at.max(step.at));
        record.set(&spine::UPDATED, Instant(latest));
        let actor = step.actor.as_ref().map(|person| resolver.id(session, caller, "actor", person)).transpose()?;
        let (verb, transition) = verb(&before, &record, step, moments.is_empty());
        moments.push(Moment { at: step.at, actor, verb, transition, before, after: record.clone() });
    }
    Ok(moments)
}

pub(super) fn value(
    session: &mut Session<'_>,
    caller: &Caller,
    resolver: &mut Resolver<'_>,
    process: &'static Process,
    key: &str,
    given: &Given,
) -> Result<(&'static FieldDef, Value)> {
    let Some(field) = session.config.field(process, key) else {
        let error = FieldError::new(key, "unknown_field", format!("{} has no field {key}.", process.label));
        return Err(field_refusal(error).into());
    };
    let json = resolver.plain(session, caller, key, given)?;
    let value = Value::from_json(field, &json).map_err(|misfit| field_refusal(FieldError::misfit(field, &misfit)))?;
    let mut typed = [(field, value)];
    if let Some(error) = records::check_links(session, caller, &mut typed, &|_| Value::Null)?.pop() {
        return Err(field_refusal(error).into());
    }
    let [typed] = typed;
    Ok(typed)
}

/// The instants that follow from the phase, as the engine sets them on a step taken here.
fn stamp(before: Phase, record: &mut Record, at: i64) {
    match (before, record.state.phase) {
        (from, Phase::Done) if from != Phase::Done => record.set(&spine::RESOLVED, Instant(at)),
        (Phase::Done | Phase::Closed, Phase::Open | Phase::Paused) => {
            record.clear(&spine::RESOLVED);
            record.clear(&spine::CLOSED);
        }
        (from, Phase::Closed) if from != Phase::Closed => record.set(&spine::CLOSED, Instant(at)),
        _ => {}
    }
}

/// What follows from the fields. A priority that `origin` has set and that is not the derived one stands as an
/// override with its reason.
fn derive(own: &ProcessConfig, record: &mut Record, now: i64, origin: Option<&str>) {
    let given = record.get(&spine::PRIORITY);
    let reason = record.process.field("priority_reason");
    if let Some(reason) = reason {
        record.put(reason, Value::Null);
    }
    let facts = Facts {
        now,
        actor: Actor { engine: true, staff: true, ..Actor::default() },
        policies: &own.policies,
        matrix: &own.matrix,
        related: &[],
        external: &[],
        open_tasks: 0,
        approved: false,
        vouched: &|_| false,
        in_use: &|_| false,
        guards: &[],
        asked_when: &[],
        working_days: &|_, _| None,
    };
    for derive in record.process.bundles.iter().filter_map(|b| b.derive) {
        derive(record, &facts);
    }
    if let (Some(origin), Some(given), Some(reason)) = (origin, given, reason)
        && record.get(&spine::PRIORITY) != Some(given)
    {
        record.set(&spine::PRIORITY, given);
        record.put(reason, Value::Text(format!("As in {origin}")));
    }
}

/// The name of a step, and the transition it stands for: the one that responds when it leaves the states in which
/// nobody has yet taken the work up.
fn verb(before: &Record, after: &Record, step: &Step, opens: bool) -> (&'static str, Option<&'static Transition>) {
    let process = after.process;
    let moved = before.state.key != after.state.key;
    let between =
        |t: &&'static Transition| moved && t.leaves(before.state) && t.to.is_some_and(|to| to.key == after.state.key);
    let by_state: Vec<&'static Transition> = process.transitions.iter().filter(between).collect();
    let named = step.verb.and_then(|verb| process.transition(verb));
    let transition =
        named.or_else(|| by_state.iter().copied().find(|t| t.who.has(Who::STAFF))).or(by_state.first().copied());
    let verb = match (opens, step.verb) {
        (true, _) => "opened",
        (false, Some(verb)) => verb,
        (false, None) => transition.map_or("updated", |t| t.verb),
    };
    let first_hand =
        process.transitions.iter().find(|t| t.responds && t.leaves(before.state) && !t.leaves(after.state));
    (verb, first_hand.or(transition))
}

pub(super) fn clocks(session: &Session<'_>, moments: &[Moment], calendar: Option<i64>) -> Vec<Lived> {
    let Some((first, rest)) = moments.split_first() else { return Vec::new() };
    let moves: Vec<Move<'_>> = rest
        .iter()
        .map(|m| Move {
            at: m.at,
            by: m.actor,
            before: &m.before,
            after: &m.after,
            transition: m.transition,
            reason: None,
        })
        .collect();
    records::lived(session.config, first.at, &first.after, &moves, calendar, session.now)
}

pub(super) fn write(
    session: &mut Session<'_>,
    caller: &Caller,
    resolver: &mut Resolver<'_>,
    past: &Past,
    moments: Vec<Moment>,
    lived: Vec<Lived>,
) -> Result<Record> {
    let Some(mut record) = moments.last().map(|m| m.after.clone()) else { return Err(no_history().into()) };
    if let Some(due) = Lived::due(&lived) {
        record.set(&spine::DUE, Instant(due));
    }
    records::insert(session, &mut record, Some(&past.origin), Some(&past.external_key))?;
    // What somebody of the demo brings is made up, too.
    if caller.person_id().is_some_and(|person| session.config.demo.contains(&person)) {
        demo::mark(session.conn, demo::Subject::Record, record.id)?;
    }
    let mut breaches: Vec<_> = lived.iter().filter_map(Lived::breach).collect();
    breaches.sort_unstable_by_key(|(_, at)| *at);
    let mut breaches = breaches.into_iter().peekable();
    let fields = records::logged_fields(session.config, past.process);
    for (mut moment, step) in moments.into_iter().zip(&past.steps) {
        while let Some((metric, at)) = breaches.next_if(|(_, at)| *at < moment.at) {
            log_breach(session, &record, metric.key(), at)?;
        }
        if moment.before.version > 0 {
            number(&mut moment.before, &record);
        }
        number(&mut moment.after, &record);
        let changes = moment.after.changes_since(&moment.before, &fields);
        log(session, &record, (moment.at, moment.actor), moment.verb, true, &changes)?;
        link(session, &record, step, moment.actor)?;
    }
    for (metric, at) in breaches {
        log_breach(session, &record, metric.key(), at)?;
    }
    comment(session, caller, resolver, &record, past)?;
    let steps = json!([{ "field": "history", "old": null, "new": past.steps.len() }]);
    log(session, &record, (session.now, caller.person_id()), IMPORTED, false, &steps)?;
    records::keep_clocks(session, record.id, lived)?;
    records::enter_state(session, &record)?;
    records::begin_lapses(session, &record)?;
    Ok(record)
}

pub(super) fn no_history() -> Refusal {
    Refusal::invalid("no_history", "It has no step that opens it.")
}

fn number(moment: &mut Record, record: &Record) {
    moment.id = record.id;
    if let Some(number) = record.get(&spine::NUMBER) {
        moment.set(&spine::NUMBER, number);
    }
}

fn log(
    session: &mut Session<'_>,
    record: &Record,
    (at, actor): (i64, Option<i64>),
    verb: &str,
    public: bool,
    changes: &impl Serialize,
) -> Result<()> {
    events::append(
        session.conn,
        &NewEvent {
            at,
            actor,
            channel: crate::caller::Channel::Import.key().into(),
            subject: "record".into(),
            subject_id: record.id,
            process: Some(record.process.key.into()),
            verb: verb.to_owned(),
            public,
            changes: serde_json::to_string(changes).unwrap_or_default(),
            reason: None,
        },
    )?;
    Ok(())
}

/// The history shows a breach where it happened.
fn log_breach(session: &mut Session<'_>, record: &Record, metric: &str, at: i64) -> Result<()> {
    let change = json!([{ "field": "clock", "old": null, "new": { "metric": metric, "percent": 100, "at": at } }]);
    log(session, record, (at, None), &format!("{metric}.breached"), false, &change)
}

fn link(session: &mut Session<'_>, record: &Record, step: &Step, actor: Option<i64>) -> Result<()> {
    for (relation, reference) in &step.links {
        if hangings::link_external(session.conn, record.id, relation, reference)? {
            let change = json!([{ "field": relation, "old": null, "new": reference }]);
            log(session, record, (step.at, actor), "linked", false, &change)?;
        }
    }
    Ok(())
}

fn comment(
    session: &mut Session<'_>,
    caller: &Caller,
    resolver: &mut Resolver<'_>,
    record: &Record,
    past: &Past,
) -> Result<()> {
    for comment in &past.comments {
        let author =
            comment.author.as_ref().map(|person| resolver.id(session, caller, "author", person)).transpose()?;
        let row = CommentRow {
            id: 0,
            record: record.id,
            at: comment.at,
            author,
            internal: comment.internal,
            body: records::checked_body(&comment.body)?.to_owned(),
            channel: crate::caller::Channel::Import.key().into(),
            held: false,
        };
        let id = hangings::comment(session.conn, &row)?;
        let verb = if comment.internal { "noted" } else { "commented" };
        log(
            session,
            record,
            (comment.at, author),
            verb,
            !comment.internal,
            &json!([{ "field": "comment", "old": null, "new": id }]),
        )?;
    }
    Ok(())
}

/// What to do with a record that is there: compare, and bring fields up to date where that is asked for.
fn meet(
    session: &mut Session<'_>,
    caller: &Caller,
    resolver: &mut Resolver<'_>,
    terms: &Terms,
    past: &Past,
    id: i64,
) -> Result<Verdict> {
    let Some((record, seen)) = records::find_by_id(session, caller, id)? else {
        return Err(Refusal::missing("record").into());
    };
    if record.process.key != past.process.key {
        return Err(Refusal::conflict(
            "taken",
            format!("Its key belongs to a {} here.", record.process.label.to_lowercase()),
        )
        .into());
    }
    match terms.existing {
        Existing::Update => update(session, caller, resolver, past, &record),
        Existing::Keep => match imported_steps(session, &seen)? {
            Some(steps) if steps != past.steps.len() => Ok(Verdict::Differs(format!(
                "It was imported with {steps} steps; the file now holds {}.",
                past.steps.len()
            ))),
            _ => Ok(Verdict::Unchanged),
        },
    }
}

fn imported_steps(session: &mut Session<'_>, seen: &Seen) -> Result<Option<usize>> {
    let log = events::of_record(session.conn, seen, 0, i64::from(u16::MAX))?;
    let told = log.iter().find(|e| e.verb == IMPORTED).and_then(|e| serde_json::from_str::<Json>(&e.changes).ok());
    let steps = told.and_then(|changes| changes.get(0)?.get("new")?.as_u64());
    Ok(steps.and_then(|n| usize::try_from(n).ok()))
}

/// Edits what people may edit; state and instants of a record that lives here stay.
fn update(
    session: &mut Session<'_>,
    caller: &Caller,
    resolver: &mut Resolver<'_>,
    past: &Past,
    before: &Record,
) -> Result<Verdict> {
    let mut wanted: Vec<(&'static FieldDef, Value)> = Vec::new();
    for (key, given) in past.steps.iter().flat_map(|step| &step.values) {
        let (field, value) = value(session, caller, resolver, past.process, key, given)?;
        wanted.retain(|(known, _)| known.key != field.key);
        wanted.push((field, value));
    }
    let editable = |field: &FieldDef| matches!(field.writer, Writer::Anyone | Writer::Opener | Writer::Staff);
    wanted.retain(|(field, value)| editable(field) && *before.value(field.key) != *value);
    if wanted.is_empty() {
        return Ok(Verdict::Unchanged);
    }
    if before.state.phase == Phase::Closed {
        return Ok(Verdict::Differs("It is closed here and stays as it is.".into()));
    }
    let gathered = records::gather(session, caller, before)?;
    let request = Request { values: wanted, ..Request::default() };
    let mandatory = &session.config.process(past.process).mandatory;
    let mut after = gathered.with(|facts| decide::amend(before, &request, facts, mandatory)).map_err(Error::from)?;
    check(caller, &after)?;
    records::forget_word(before, &mut after);
    records::stays_as_approved(session, before, &after)?;
    records::write_change(session, caller, before, &mut after, "updated", None, None)?;
    Ok(Verdict::Updated)
}
