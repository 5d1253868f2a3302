//! The writing half of every command: gather the facts, then put record, event, clocks, timers
//! and notices into the one transaction.

use super::clocks::Brought;
use super::open::Opening;
use super::{apart, approvals, by_rule, clocks, filling, lapses, risk, rows, timers};
use crate::caller::Caller;
use crate::config::{AskedIf, Config, GuardRule, ProcessConfig, matrix_of, values_of};
use crate::desk::Session;
use crate::error::Result;
use crate::maps;
use crate::notify::{self, Occasion};
use crate::retention;
use mainstay_engine::calendar::Calendar;
use mainstay_engine::decide;
use mainstay_engine::facts::{Actor, AskedWhen, Facts, Matrix, OwnGuard, Related};
use mainstay_engine::field::{Audience, FieldDef};
use mainstay_engine::process::{Phase, Process, Transition};
use mainstay_engine::record::{Change, Record};
use mainstay_engine::value::Value;
use mainstay_store::hangings::{Around, LinkRow};
use mainstay_store::{NewEvent, demo, entries, events, hangings};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Under this name an event says what it is to the clocks: among a change's, clock, first and end of the facts it brought.
pub const CLOCK: &str = "clock";

/// Everything a decision on one record depends on, read once.
pub struct Gathered<'a> {
    pub actor: Actor,
    /// Whether the caller is a party of the record.
    pub concerned: bool,
    pub related: Vec<Related>,
    whole: &'a Config,
    config: &'a ProcessConfig,
    matrix: Cow<'a, Matrix>,
    external: Vec<(String, String)>,
    open_tasks: usize,
    approved: bool,
    guards: Vec<OwnGuard>,
    asked_when: Vec<AskedWhen>,
    calendar: Option<Arc<Calendar>>,
    now: i64,
}

impl Gathered<'_> {
    /// Hands the facts to a decision.
    pub fn with<T>(&self, decide: impl FnOnce(&Facts<'_>) -> T) -> T {
        let calendar = self.calendar.clone();
        let working_days = move |start: i64, days: i64| {
            let days = u32::try_from(days).ok()?;
            calendar.as_ref().and_then(|c| c.add_working_days(start, days))
        };
        let vouched = |record: &Record| approvals::vouched(self.whole, self.now, record);
        decide(&Facts {
            now: self.now,
            actor: self.actor,
            policies: &self.config.policies,
            matrix: &self.matrix,
            related: &self.related,
            external: &self.external,
            open_tasks: self.open_tasks,
            approved: self.approved,
            vouched: &vouched,
            in_use: &|key| self.whole.is_in_use(key),
            guards: &self.guards,
            asked_when: &self.asked_when,
            working_days: &working_days,
        })
    }
}

/// Reads what decisions on the record depend on.
pub fn gather<'a>(session: &mut Session<'a>, caller: &Caller, record: &Record) -> Result<Gathered<'a>> {
    let around = if session.recall.is_reading() {
        hangings::around(session.conn, record.id)?
    } else {
        hangings::around_held(session.conn, record.id)?
    };
    gather_with(session, caller, record, around)
}

/// As [`gather`], for a record on which nothing hangs yet: one that is about to be opened, or just was.
pub fn gather_new<'a>(session: &mut Session<'a>, caller: &Caller, record: &Record) -> Result<Gathered<'a>> {
    gather_with(session, caller, record, Around::default())
}

fn gather_with<'a>(
    session: &mut Session<'a>,
    caller: &Caller,
    record: &Record,
    around: Around,
) -> Result<Gathered<'a>> {
    let reporter = caller.person_id().is_some_and(|person| around.is_party(person, "reporter"));
    let concerned = around.parties.iter().any(|(entry, _)| Some(*entry) == caller.person_id());
    let config: &'a Config = session.config;
    let own = config.process(record.process);
    Ok(Gathered {
        actor: actor(caller, record, reporter),
        concerned,
        related: around.links.into_iter().map(related).collect(),
        whole: config,
        config: own,
        matrix: matrix(session, own, record)?,
        external: around.external,
        open_tasks: usize::try_from(around.open_tasks).unwrap_or_default(),
        approved: around.approved,
        guards: own_guards(session, caller, own),
        asked_when: asked_when(session, own),
        calendar: clocks::calendar_of(config, record),
        now: session.now,
    })
}

/// The guards of the organisation, with what they mean for whoever acts.
fn own_guards(session: &Session<'_>, caller: &Caller, own: &ProcessConfig) -> Vec<OwnGuard> {
    if own.guards.is_empty() {
        return Vec::new();
    }
    let context = session.context_of(caller);
    let resolved = |guard: &GuardRule| OwnGuard {
        verb: guard.verb,
        condition: guard.condition.resolve(&context),
        says: guard.says.clone(),
    };
    own.guards.iter().map(resolved).collect()
}

/// The fields of the organisation's own that some records have. Whoever looks, a record has the same ones.
fn asked_when(session: &Session<'_>, own: &ProcessConfig) -> Vec<AskedWhen> {
    let context = session.context();
    let resolved = |each: &AskedIf| AskedWhen { field: each.field, condition: each.condition.resolve(&context) };
    own.asked_if.iter().map(resolved).collect()
}

/// The fields of its process that a record does not have, by key.
#[must_use]
pub fn hidden(session: &Session<'_>, record: &Record) -> Vec<&'static str> {
    decide::hidden(record, &asked_when(session, session.config.process(record.process)))
}

/// In which parts the caller acts on the record: staff of its organisation, one of its people.
fn actor(caller: &Caller, record: &Record, reporter: bool) -> Actor {
    let Some(person) = caller.person_id() else { return Actor { engine: true, staff: true, ..Actor::default() } };
    let organisation = record.value("organisation").as_int();
    let own = record.value("requester").as_int() == Some(person);
    let staff = caller.rights.is_staff(record.process.key, organisation);
    Actor { person: Some(person), requester: own || reporter, staff, engine: false }
}

/// A record keeps the matrix version it was opened under; a new one gets the present.
fn matrix<'a>(session: &mut Session<'_>, config: &'a ProcessConfig, record: &Record) -> Result<Cow<'a, Matrix>> {
    let kept = record.value("matrix_version").as_int().filter(|v| *v != config.matrix.version);
    if let (Some(version), Some(entry)) = (kept, config.matrix_entry)
        && let Some(data) = entries::version(session.conn, entry, version)?
    {
        return Ok(Cow::Owned(matrix_of(version, &values_of(&data))));
    }
    Ok(Cow::Borrowed(&config.matrix))
}

fn related(row: LinkRow) -> Related {
    Related {
        id: row.id,
        process: row.process,
        relation: row.relation,
        outgoing: row.outgoing,
        phase: Phase::ALL.into_iter().find(|p| p.number() == row.phase).unwrap_or(Phase::Closed),
        state: row.state,
        number: row.number,
    }
}

/// What a write left in the log: the id of its event, and who has heard of it already.
#[derive(Clone, Copy, Debug, Default)]
pub struct Written {
    pub event: i64,
    pub heard: Option<i64>,
}

/// Inserts a decided new record: number, row, event, state timers.
pub fn write_new(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &mut Record,
    opening: &Opening,
) -> Result<Written> {
    maps::holds_together(session, None, record)?;
    let blank = Record::new(record.process);
    risk::follow(session, &blank, record, "opened")?;
    rows::insert(session, record, opening.origin.as_deref(), opening.external_key.as_deref())?;
    let requester = record.value("requester").as_int();
    if caller.person_id().into_iter().chain(requester).any(|person| session.config.demo.contains(&person)) {
        demo::mark(session.conn, demo::Subject::Record, record.id)?;
    }
    let written = log(session, caller, &blank, record, "opened", None, &[])?;
    timers::enter(session, record)?;
    lapses::begin(session, record)?;
    heard_by_assignee(session, caller, &blank, record, written)
}

/// Writes a decided change: row, event, clocks, state timers.
pub fn write_change(
    session: &mut Session<'_>,
    caller: &Caller,
    before: &Record,
    after: &mut Record,
    verb: &str,
    transition: Option<&'static Transition>,
    reason: Option<&str>,
) -> Result<Written> {
    maps::holds_together(session, Some(before), after)?;
    apart::hold(session, before, after)?;
    risk::follow(session, before, after, verb)?;
    by_rule::follow(session, after)?;
    let brought = clocks::follow(session, caller, before, after, transition, reason)?;
    rows::update(session, before, after)?;
    let written = log(session, caller, before, after, verb, reason, &brought)?;
    if before.state.key != after.state.key {
        timers::leave(session, before)?;
        timers::enter(session, after)?;
    }
    filling::pass_on(session, before, after)?;
    by_rule::open_wanted(session, caller, after)?;
    approvals::follow(session, caller, before, after)?;
    risk::of_record(session, before, after)?;
    lapses::follow(session, before, after)?;
    heard_by_assignee(session, caller, before, after, written)
}

fn heard_by_assignee(
    session: &mut Session<'_>,
    caller: &Caller,
    before: &Record,
    after: &Record,
    written: Written,
) -> Result<Written> {
    let heard = notify::announce_assigned(session, caller, before, after, written.event)?;
    Ok(Written { heard: heard.first().copied(), ..written })
}

/// Appends the event of a change, with every field's old and new value and what it brought the clocks.
fn log(
    session: &mut Session<'_>,
    caller: &Caller,
    before: &Record,
    after: &Record,
    verb: &str,
    reason: Option<&str>,
    brought: &[Brought],
) -> Result<Written> {
    let fields = logged_fields(session.config, after.process);
    let mut changes = after.changes_since(before, &fields);
    let place = |number: usize| Value::from(i64::try_from(number).unwrap_or_default());
    let of_clock = |b: &Brought| Value::List(vec![b.clock.into(), place(b.from), place(b.to)]);
    changes.extend(brought.iter().map(|b| Change { field: CLOCK.into(), old: Value::Null, new: of_clock(b) }));
    let event = append(session, caller, after, verb, true, &changes, reason)?;
    Ok(Written { event, ..Written::default() })
}

/// Appends an event on a record that changes no field. What is archived takes none: nothing happens to it any more.
pub fn append(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    verb: &str,
    public: bool,
    changes: &impl Serialize,
    reason: Option<&str>,
) -> Result<i64> {
    retention::not_archived(record, verb)?;
    Ok(events::append(
        session.conn,
        &NewEvent {
            at: session.now,
            actor: caller.person_id(),
            channel: caller.channel.key().to_owned(),
            subject: "record".into(),
            subject_id: record.id,
            process: Some(record.process.key.into()),
            verb: verb.to_owned(),
            public,
            changes: serde_json::to_string(changes).unwrap_or_default(),
            reason: reason.map(str::to_owned),
        },
    )?)
}

/// The fields whose changes the history keeps: all but those that say nothing by themselves.
pub fn logged_fields(config: &Config, process: &'static Process) -> Vec<&'static FieldDef> {
    let silent = ["updated", "opened", "state", "phase", "archived", "removed"];
    config.fields(process).filter(|f| !silent.contains(&f.key)).collect()
}

/// Whether everybody who may see the record may see this field.
pub fn is_public(config: &Config, process: &'static Process, key: &str) -> bool {
    key == "state" || config.field(process, key).is_some_and(|f| f.audience == Audience::Everyone)
}

/// Tells people of a written event.
pub fn announce_written(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    event: &str,
    written: Written,
    words: &BTreeMap<&'static str, String>,
) -> Result<Vec<i64>> {
    let occasion = Occasion {
        event,
        event_id: written.event,
        by: caller.person.as_ref(),
        channel: caller.channel.key(),
        heard: written.heard.into_iter().collect(),
        words: words.clone(),
        due: None,
        day: None,
    };
    notify::announce(session, record, &occasion)
}
