//! What a service level would have come to: the clocks of a past period read once more under other targets or in another
//! calendar. Nothing is written; what people did stays what it was.

use super::clocks::{clock_of, target_for, terms_from, terms_of};
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::registers;
use mainstay_engine::clock::{Metric, Terms};
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::register::{Entry, Values};
use mainstay_engine::value::Value;
use mainstay_processes::registers::SERVICE_LEVELS;
use mainstay_store::clocks::ClockRow;
use mainstay_store::reports::begun;
use serde_json::Value as Json;
use std::collections::hash_map::Entry as Slot;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Most clocks that are read.
pub const MOST: usize = 50_000;
/// Most turned results that are named.
pub const NAMED: usize = 50;

/// What is supposed, and for which time.
#[derive(Clone, Debug)]
pub struct Supposed {
    /// Records opened from here, in epoch milliseconds UTC…
    pub from: i64,
    /// …to before here.
    pub until: i64,
    /// Other targets, as a client writes them; none: those of the level.
    pub targets: Option<Json>,
    /// Another calendar; none: that of the level.
    pub calendar: Option<i64>,
}

/// Targets met and missed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub met: usize,
    pub missed: usize,
}

impl Tally {
    fn add(&mut self, met: bool) {
        if met { self.met += 1 } else { self.missed += 1 }
    }

    /// Thousandths met; none where nothing was decided.
    #[must_use]
    pub fn permille(self) -> Option<usize> {
        (self.met * 1000).checked_div(self.met + self.missed)
    }
}

/// One metric at one priority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub was: Tally,
    pub would: Tally,
}

/// A result that would have been another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turned {
    pub number: String,
    pub metric: Metric,
    /// It was missed and would have been met; else the other way round.
    pub better: bool,
}

/// What came out.
#[derive(Clone)]
pub struct Outcome {
    pub level: Entry,
    /// By metric and priority.
    pub lines: BTreeMap<(Metric, Option<i64>), Line>,
    pub turned: Vec<Turned>,
    /// How many turned in all.
    pub turns: usize,
    pub read: usize,
    /// Clocks that decide nothing in one of the two readings: still running, or cancelled.
    pub undecided: usize,
    /// Clocks for which nothing is supposed: no target at their priority.
    pub without_target: usize,
    /// There were more than [`MOST`].
    pub capped: bool,
}

/// Reads the clocks of a level once more under what is supposed.
///
/// # Errors
/// No right to read the level or reports; targets or a calendar that do not fit; the database's.
pub fn what_if(session: &mut Session<'_>, caller: &Caller, level: i64, supposed: &Supposed) -> Result<Outcome> {
    let level = registers::get(session.conn, caller, &SERVICE_LEVELS, level)?;
    if !caller.rights.may_somewhere("reports", "view") {
        return Err(Refusal::forbidden("no_right", "You may not read reports.").into());
    }
    let values = supposed_values(&level, supposed)?;
    let calendar = supposed.calendar.or_else(|| level.int("calendar"));
    let dated = calendar.and_then(|id| session.config.calendars.get(&id)).ok_or_else(|| {
        let error = FieldError::new("calendar", "unknown_reference", "There is no such calendar.");
        Refusal::unless_empty(vec![error]).err().unwrap_or_else(|| Refusal::missing("calendar"))
    })?;
    let calendar = Arc::clone(&dated.calendar);
    let process = level.text("process").unwrap_or_default().to_owned();
    let span = (supposed.from, supposed.until);
    let limit = i64::try_from(MOST + 1).unwrap_or(i64::MAX);
    let mut rows = begun(session.conn, &caller.scope, &process, level.id, span, limit)?;
    let mut outcome = Outcome {
        level,
        lines: BTreeMap::new(),
        turned: Vec::new(),
        turns: 0,
        read: 0,
        undecided: 0,
        without_target: 0,
        capped: rows.len() > MOST,
    };
    rows.truncate(MOST);
    let mut kept: HashMap<(i64, i64, i64, i64), Terms> = HashMap::new();
    for row in rows {
        let clock = clock_of(&row.clock)?;
        outcome.read += 1;
        let Some(target) = target_for(&values, clock.metric(), row.priority) else {
            outcome.without_target += 1;
            continue;
        };
        let was = clock.read(terms_in(session, &mut kept, &row.clock)?, session.now).state.counts_as_met();
        let other = terms_from(&values, target, Arc::clone(&calendar));
        let would = clock.supposed(&other).read(&other, session.now).state.counts_as_met();
        let (Some(was), Some(would)) = (was, would) else {
            outcome.undecided += 1;
            continue;
        };
        let line = outcome.lines.entry((clock.metric(), row.priority)).or_default();
        line.was.add(was);
        line.would.add(would);
        if was != would {
            outcome.turns += 1;
            if outcome.turned.len() < NAMED {
                outcome.turned.push(Turned { number: row.number, metric: clock.metric(), better: would });
            }
        }
    }
    Ok(outcome)
}

/// The terms that a clock is held to, read once for all that share them.
fn terms_in<'a>(
    session: &mut Session<'_>,
    kept: &'a mut HashMap<(i64, i64, i64, i64), Terms>,
    row: &ClockRow,
) -> Result<&'a Terms> {
    let key = (row.level_version, row.calendar, row.calendar_version, row.target);
    match kept.entry(key) {
        Slot::Occupied(held) => Ok(held.into_mut()),
        Slot::Vacant(free) => Ok(free.insert(terms_of(session, row)?)),
    }
}

/// The level's values with the targets that are supposed.
fn supposed_values(level: &Entry, supposed: &Supposed) -> Result<Values> {
    let mut values = level.values.clone();
    if let (Some(json), Some(field)) = (&supposed.targets, SERVICE_LEVELS.field("targets")) {
        let read = Value::read(field, json);
        let targets = read.map_err(|misfits| {
            let errors = misfits.iter().map(|misfit| FieldError::misfit(field, misfit)).collect();
            Refusal::unless_empty(errors).err().unwrap_or_else(|| Refusal::invalid("targets", "Targets do not fit."))
        })?;
        values.insert("targets".into(), targets);
    }
    Ok(values)
}
