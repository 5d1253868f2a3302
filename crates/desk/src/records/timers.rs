//! Timers of states: set on entering, ended on leaving, fired once.

use super::apply::{append, gather};
use super::change::{Act, act_as_engine};
use super::{clocks, rows};
use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::{Error, Result};
use crate::notify::{self, Occasion};
use mainstay_engine::process::{Delay, StateTimer};
use mainstay_engine::record::Record;
use mainstay_store::{NewTimer, TimerRow, timers};
use serde_json::json;
use std::collections::BTreeMap;

fn key(record: &Record, timer: &StateTimer) -> String {
    format!("state:{}:{}", record.id, timer.key)
}

/// Sets the timers of the state that the record has entered.
pub fn enter(session: &mut Session<'_>, record: &Record) -> Result<()> {
    for timer in record.state.timers {
        if let Some(due) = due(session, record, timer)? {
            set(session, record, timer, due)?;
        }
    }
    Ok(())
}

fn set(session: &mut Session<'_>, record: &Record, timer: &StateTimer, due: i64) -> Result<()> {
    let payload = json!({ "timer": timer.key, "state": record.state.key }).to_string();
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

fn due(session: &mut Session<'_>, record: &Record, timer: &StateTimer) -> Result<Option<i64>> {
    let gathered = gather(session, &Caller::engine(Channel::Engine), record)?;
    Ok(gathered.with(|facts| match timer.delay {
        Delay::At(field) => record.value(field.key).as_int(),
        Delay::WorkingDays(policy) => (facts.working_days)(facts.now, facts.policy(policy)),
        Delay::WarnWorkingDays { before, of } => {
            let days = facts.policy(of) - facts.policy(before);
            if days > 0 { (facts.working_days)(facts.now, days) } else { None }
        }
    }))
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
            Err(error) => return Err(error),
        }
    }
    Ok(due.len())
}

fn fire(session: &mut Session<'_>, engine: &Caller, timer: &TimerRow) -> Result<()> {
    match (timer.kind.as_str(), timer.clock, timer.record) {
        ("clock", Some(clock), _) => clocks::fire(session, engine, clock),
        ("state", _, Some(record)) => fire_state(session, engine, record, timer),
        _ => Ok(()),
    }
}

fn fire_state(session: &mut Session<'_>, engine: &Caller, id: i64, timer: &TimerRow) -> Result<()> {
    let Some(record) = rows::by_id(session, id)? else { return Ok(()) };
    let Some(declared) = record.state.timers.iter().find(|t| timer.key == key(&record, t)) else { return Ok(()) };
    let Some(verb) = declared.verb else { return announce(session, engine, &record, declared) };
    match session.attempt(|session| act_as_engine(session, engine, id, verb, &Act::default())) {
        Err(Error::Refused(refusal)) => try_again(session, engine, &record, declared, &refusal.code),
        other => other,
    }
}

fn announce(session: &mut Session<'_>, engine: &Caller, record: &Record, timer: &StateTimer) -> Result<()> {
    let event_id = append(session, engine, record, timer.key, false, &json!([]), None)?;
    let occasion =
        Occasion { event: timer.key, event_id, actor: None, channel: engine.channel.key(), words: BTreeMap::new() };
    notify::announce(session, record, &occasion).map(|_| ())
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
    set(session, record, timer, next)
}
