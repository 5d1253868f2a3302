//! Clocks of records that come with a past: replayed in memory, then kept as they came out.

use super::{arm, earlier, move_clock, new_row, owed, show, stored_target, terms_may_differ};
use crate::config::Config;
use crate::desk::Session;
use crate::error::Result;
use mainstay_engine::clock::{Clock, Metric, Terms};
use mainstay_engine::process::Transition;
use mainstay_engine::record::Record;
use mainstay_store::clocks::{self, ClockRow};

/// One change in a record's past, as its clocks see it.
pub struct Move<'a> {
    /// Epoch milliseconds UTC.
    pub at: i64,
    /// The person who made it, if one is known.
    pub by: Option<i64>,
    pub before: &'a Record,
    pub after: &'a Record,
    pub transition: Option<&'static Transition>,
    pub reason: Option<&'a str>,
}

/// A clock after everything that happened to its record.
pub struct Lived {
    row: ClockRow,
    clock: Clock,
    terms: Terms,
}

impl Lived {
    /// What was missed and when, in epoch milliseconds UTC.
    pub fn breach(&self) -> Option<(Metric, i64)> {
        self.row.breached.map(|at| (self.clock.metric(), at))
    }

    /// The earliest instant that a clock still runs towards.
    pub fn due(all: &[Self]) -> Option<i64> {
        all.iter().filter(|l| l.row.stopped.is_none()).fold(None, |due, l| earlier(due, l.row.due))
    }
}

/// The clocks of a record opened at `start`, moved by its past under the levels now in force, as they
/// read at `now`. `calendar` is the id of the one to count in; none: the level's own. What should have
/// been told before `now` stays silent.
pub fn lived(
    config: &Config,
    start: i64,
    opened: &Record,
    moves: &[Move<'_>],
    calendar: Option<i64>,
    now: i64,
) -> Vec<Lived> {
    if !opened.process.has_clocks() {
        return Vec::new();
    }
    let metrics = [Metric::Response, Metric::Resolution].into_iter();
    metrics.filter_map(|metric| live(config, start, opened, moves, calendar, now, metric)).collect()
}

fn live(
    config: &Config,
    start: i64,
    opened: &Record,
    moves: &[Move<'_>],
    calendar: Option<i64>,
    now: i64,
    metric: Metric,
) -> Option<Lived> {
    let owed = owed_in(config, opened, metric, calendar)?;
    let mut clock = Clock::new(metric);
    clock.start(start).ok()?;
    let mut lived = Lived { row: new_row(metric, start, &owed), clock, terms: owed.terms };
    for step in moves {
        move_clock(
            step.at,
            step.by,
            step.before,
            step.after,
            step.transition,
            step.reason,
            &mut lived.clock,
            &lived.terms,
        );
        if terms_may_differ(config, step.before, step.after) {
            retarget(config, step, calendar, &mut lived);
        }
    }
    lived.clock.fire(&lived.terms, now);
    show(&mut lived.row, &lived.clock, &lived.terms, now);
    Some(lived)
}

fn owed_in(config: &Config, record: &Record, metric: Metric, calendar: Option<i64>) -> Option<super::Owed> {
    let mut owed = owed(config, record, metric)?;
    if let Some((id, dated)) = calendar.and_then(|id| Some((id, config.calendars.get(&id)?))) {
        (owed.calendar, owed.calendar_version) = (id, dated.version);
        owed.terms.calendar = std::sync::Arc::clone(&dated.calendar);
    }
    Some(owed)
}

fn retarget(config: &Config, step: &Move<'_>, calendar: Option<i64>, lived: &mut Lived) {
    let Some(owed) = owed_in(config, step.after, lived.clock.metric(), calendar) else { return };
    let same = owed.level == lived.row.level && stored_target(owed.terms.target) == stored_target(lived.terms.target);
    if same || lived.clock.retarget(&lived.terms, &owed.terms, step.at).is_err() {
        return;
    }
    (lived.row.level, lived.row.level_version) = (owed.level, owed.level_version);
    (lived.row.calendar, lived.row.calendar_version) = (owed.calendar, owed.calendar_version);
    lived.terms = owed.terms;
}

/// Writes the clocks of a record, and the timers of those that still run.
///
/// # Errors
/// The database's.
pub fn keep(session: &mut Session<'_>, record: i64, all: Vec<Lived>) -> Result<()> {
    for mut lived in all {
        lived.row.record = record;
        lived.row.id = clocks::insert(session.conn, &lived.row)?;
        if lived.row.stopped.is_none() {
            arm(session, &lived.row, &lived.clock, &lived.terms)?;
        }
    }
    Ok(())
}
