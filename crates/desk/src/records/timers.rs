//! Timers of states: set on entering, ended on leaving, fired once.

use super::apply::{append, gather};
use super::change::{Act, act_as_engine};
use super::{approvals, clocks, held, lapses, risk, rows};
use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::{Error, Result};
use crate::inbox;
use crate::notify::{self, Occasion};
use crate::schedules;
use mainstay_engine::facts::Facts;
use mainstay_engine::field::Instant;
use mainstay_engine::process::{Delay, StateTimer};
use mainstay_engine::record::Record;
use mainstay_engine::spine;
use mainstay_store::{NewTimer, TimerRow, timers};
use serde_json::{Value as Json, json};

/// How long a timer waits whose own matter is damaged, in milliseconds: an hour.
const PUT_OFF_MS: i64 = 3_600_000;

fn key(record: &Record, timer: &StateTimer) -> String {
    format!("state:{}:{}", record.id, timer.key)
}

/// A timer of a state that applies to a record.
struct Applying {
    timer: &'static StateTimer,
    due: i64,
    /// The last instant of those that come each working day.
    until: Option<i64>,
}

/// The timers of the record's state that apply to it, each with when it is due.
fn applying(session: &mut Session<'_>, record: &Record) -> Result<Vec<Applying>> {
    let holds = |timer: &&StateTimer| {
        timer.when.is_none_or(|(field, option)| record.value(field.key).as_text() == Some(option))
    };
    let mut found = Vec::new();
    for timer in record.state.timers.iter().filter(holds) {
        let until = match timer.delay {
            Delay::EachWorkingDays { until, .. } => working_days(session, record, until)?,
            _ => None,
        };
        if let Some(due) = due(session, record, timer, until)? {
            found.push(Applying { timer, due, until });
        }
    }
    Ok(found)
}

/// Sets the timers of the state that the record has entered.
pub fn enter(session: &mut Session<'_>, record: &Record) -> Result<()> {
    for Applying { timer, due, until } in applying(session, record)? {
        set(session, record, timer, due, until)?;
    }
    Ok(())
}

fn set(session: &mut Session<'_>, record: &Record, timer: &StateTimer, due: i64, until: Option<i64>) -> Result<()> {
    let payload = json!({ "timer": timer.key, "state": record.state.key, "until": until }).to_string();
    let new =
        NewTimer { key: key(record, timer), due, kind: "state".into(), record: Some(record.id), clock: None, payload };
    timers::set(session.conn, &new)?;
    Ok(())
}

/// Ends the timers of the state that the record leaves.
pub fn leave(session: &mut Session<'_>, before: &Record) -> Result<()> {
    for timer in before.state.timers {
        timers::cancel(session.conn, &key(before, timer))?;
    }
    Ok(())
}

/// Lets the timers of a state run on as if the record had never left it; one that fired stays so.
pub fn come_back(session: &mut Session<'_>, left: &Record, record: &Record) -> Result<()> {
    leave(session, left)?;
    for Applying { timer, .. } in applying(session, record)? {
        timers::revive(session.conn, &key(record, timer))?;
    }
    Ok(())
}

/// When the timer falls due from now on; one that comes again and again only before `until`.
fn due(session: &mut Session<'_>, record: &Record, timer: &StateTimer, until: Option<i64>) -> Result<Option<i64>> {
    let gathered = gather(session, &Caller::engine(Channel::Engine), record)?;
    Ok(gathered.with(|facts| match timer.delay {
        Delay::At(field) => record.value(field.key).as_int(),
        Delay::WorkingDays(policy) | Delay::Untouched(policy) => in_days(facts, facts.policy(policy)),
        Delay::WarnWorkingDays { before, of } => in_days(facts, facts.policy(of) - facts.policy(before)),
        Delay::EachWorkingDays { every, .. } => {
            in_days(facts, facts.policy(every)).filter(|due| until.is_some_and(|until| *due < until))
        }
    }))
}

fn working_days(session: &mut Session<'_>, record: &Record, policy: &str) -> Result<Option<i64>> {
    let gathered = gather(session, &Caller::engine(Channel::Engine), record)?;
    Ok(gathered.with(|facts| in_days(facts, facts.policy(policy))))
}

fn in_days(facts: &Facts<'_>, days: i64) -> Option<i64> {
    if days > 0 { (facts.working_days)(facts.now, days) } else { None }
}

/// Fires what is due by now, at most `limit` timers. Each is claimed in this transaction, so on
/// any number of nodes and through any restart each fires once. Returns how many.
///
/// # Errors
/// The database's.
pub fn fire_due(session: &mut Session<'_>, limit: i64) -> Result<usize> {
    let engine = Caller::engine(Channel::Engine);
    let due = timers::take_due(session.conn, session.now, limit)?;
    for timer in &due {
        let fired = session.attempt(|session| fire(session, &engine, timer));
        match fired {
            Ok(()) => {}
            Err(Error::Refused(refusal)) => tracing::warn!(timer = timer.key, %refusal, "a timer could not act"),
            Err(error) if is_its_own(&error) => {
                tracing::error!(timer = timer.key, %error, "a timer failed and is put off");
                put_off(session, timer)?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(due.len())
}

/// Whether a failure lies in what the timer is about, so that the next one may well succeed.
fn is_its_own(error: &Error) -> bool {
    use mainstay_store::Error as Failed;
    matches!(error, Error::Store(Failed::Damaged(_) | Failed::Query(_) | Failed::Conflict { .. } | Failed::Missing))
}

/// Lets a timer wait once more, so that what is damaged holds up nothing else and is not forgotten.
fn put_off(session: &mut Session<'_>, timer: &TimerRow) -> Result<()> {
    let again = NewTimer {
        key: timer.key.clone(),
        due: session.now + PUT_OFF_MS,
        kind: timer.kind.clone(),
        record: timer.record,
        clock: timer.clock,
        payload: timer.payload.clone(),
    };
    Ok(timers::set(session.conn, &again)?)
}

fn fire(session: &mut Session<'_>, engine: &Caller, timer: &TimerRow) -> Result<()> {
    match (timer.kind.as_str(), timer.clock, timer.record) {
        ("clock", Some(clock), _) => clocks::fire(session, engine, clock),
        (held::TIMER, ..) => held::leave(session, timer),
        (approvals::TIMER, ..) => approvals::expire(session, timer),
        (risk::TIMER, ..) => risk::fire(session, timer),
        (lapses::TIMER, ..) => lapses::fire(session, timer),
        (inbox::TIMER, ..) => inbox::wake(session, timer),
        (schedules::TIMER, ..) => schedules::begin(session, timer),
        ("state", _, Some(record)) => fire_state(session, engine, record, timer),
        _ => Ok(()),
    }
}

fn fire_state(session: &mut Session<'_>, engine: &Caller, id: i64, timer: &TimerRow) -> Result<()> {
    let Some(record) = rows::by_id(session, id)? else { return Ok(()) };
    let Some(declared) = record.state.timers.iter().find(|t| timer.key == key(&record, t)) else { return Ok(()) };
    if let Some(later) = touched_since(session, &record, declared)? {
        return set(session, &record, declared, later, None);
    }
    let Some(verb) = declared.verb else { return announce(session, engine, &record, declared, timer) };
    match session.attempt(|session| act_as_engine(session, engine, id, verb, &Act::default())) {
        Err(Error::Refused(refusal)) => try_again(session, engine, &record, declared, &refusal.code),
        other => other,
    }
}

/// When a timer that waits for a record to rest falls due after the last change of it, if that is yet to come.
fn touched_since(session: &mut Session<'_>, record: &Record, timer: &StateTimer) -> Result<Option<i64>> {
    let (Delay::Untouched(policy), Some(Instant(touched))) = (timer.delay, record.get(&spine::UPDATED)) else {
        return Ok(None);
    };
    let gathered = gather(session, &Caller::engine(Channel::Engine), record)?;
    let due = gathered.with(|facts| (facts.working_days)(touched, facts.policy(policy)));
    Ok(due.filter(|due| *due > session.now))
}

fn announce(
    session: &mut Session<'_>,
    engine: &Caller,
    record: &Record,
    timer: &StateTimer,
    fired: &TimerRow,
) -> Result<()> {
    let event_id = append(session, engine, record, timer.key, false, &json!([]), None)?;
    let occasion = Occasion { event: timer.key, event_id, channel: engine.channel.key(), ..Occasion::default() };
    notify::announce(session, record, &occasion)?;
    if matches!(timer.delay, Delay::EachWorkingDays { .. } | Delay::Untouched(_)) {
        let payload: Json = serde_json::from_str(&fired.payload).unwrap_or_default();
        let until = payload["until"].as_i64();
        if let Some(next) = due(session, record, timer, until)? {
            set(session, record, timer, next, until)?;
        }
    }
    Ok(())
}

/// A refused step is noted and tried again after a working day.
fn try_again(
    session: &mut Session<'_>,
    engine: &Caller,
    record: &Record,
    timer: &StateTimer,
    code: &str,
) -> Result<()> {
    append(
        session,
        engine,
        record,
        "postponed",
        false,
        &json!([{ "field": timer.key, "old": null, "new": code }]),
        None,
    )?;
    let gathered = gather(session, engine, record)?;
    let next = gathered.with(|facts| (facts.working_days)(facts.now, 1)).unwrap_or(session.now + 86_400_000);
    set(session, record, timer, next, None)
}
