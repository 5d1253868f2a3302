//! Service-level clocks on records: which level governs, and how clocks follow every change.

mod exclusion;
mod past;
mod undo;

pub use exclusion::{Exclusion, excludable, exclude, may_exclude};
pub use past::{Lived, Move, keep, lived};
pub use undo::take_back;

use super::apply::append;
use super::rows;
use crate::caller::Caller;
use crate::config::{Config, Ruled, values_of};
use crate::desk::Session;
use crate::error::Result;
use crate::notify::{self, Occasion};
use mainstay_engine::calendar::Calendar;
use mainstay_engine::clock::{
    Alert, Clock, ClockRefusal, Level, Metric, OnChange, OnReopen, Reading, Segment, Target, Terms,
};
use mainstay_engine::field::{FieldType, Instant};
use mainstay_engine::process::{Phase, Process, Transition};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{Refusal, Why};
use mainstay_engine::register::{Entry, Values};
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_processes::registers;
use mainstay_store::clocks::{self, ClockRow};
use mainstay_store::{NewTimer, Seen, entries, timers};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The priority that a record is measured by until somebody has classified it.
const UNCLASSIFIED: i64 = 3;

/// Per cent at which levels without a setting of their own warn.
pub const WARN_AT: [u32; 3] = [50, 75, 90];

/// The service level that governs a record: its model's own, else the first whose condition
/// holds, else the default.
fn level_for<'a>(config: &'a Config, record: &Record) -> Option<&'a Ruled> {
    let opened = record.get(&spine::OPENED).map_or(0, |Instant(at)| at);
    level_among(&config.levels, &config.models, record.process, opened, &|key| record.read(key))
}

/// [`level_for`] among given levels, for a record opened at `opened` whose fields `value` reads.
pub fn level_among<'a>(
    levels: &'a [Ruled],
    models: &HashMap<i64, Entry>,
    process: &Process,
    opened: i64,
    value: &dyn Fn(&str) -> Value,
) -> Option<&'a Ruled> {
    let levels = || levels.iter().filter(|l| l.process == process.key);
    let by_model = value("model").as_int().and_then(|id| models.get(&id)).and_then(|m| m.int("service_level"));
    if let Some(level) = by_model.and_then(|id| levels().find(|l| l.entry.id == id)) {
        return Some(level);
    }
    let context = mainstay_engine::condition::Context {
        now: opened,
        zone: jiff::tz::TimeZone::UTC,
        me: None,
        my_teams: Vec::new(),
        my_organisation: None,
    };
    let fits = |level: &&Ruled| level.condition.as_ref().is_none_or(|c| c.resolve(&context).matches(value));
    levels().filter(|l| !l.entry.flag("fallback")).find(fits).or_else(|| levels().find(|l| l.entry.flag("fallback")))
}

/// The calendar of the agreement for the record: working days of its windows count in it. Where nothing is agreed for
/// its process, that of the agreement which holds where no other does.
pub fn calendar_of(config: &Config, record: &Record) -> Option<Arc<Calendar>> {
    let usual = || config.levels.iter().find(|level| level.entry.flag("fallback"));
    let level = level_for(config, record).or_else(usual)?;
    config.calendars.get(&level.entry.int("calendar")?).map(|c| Arc::clone(&c.calendar))
}

/// What one metric of a record is owed under the present configuration.
struct Owed {
    level: i64,
    level_version: i64,
    calendar: i64,
    calendar_version: i64,
    terms: Terms,
}

fn owed(config: &Config, record: &Record, metric: Metric) -> Option<Owed> {
    let level = level_for(config, record)?;
    let calendar = level.entry.int("calendar")?;
    let dated = config.calendars.get(&calendar)?;
    let target = target_for(&level.entry.values, metric, record.get(&spine::PRIORITY))?;
    let terms = terms_from(&level.entry.values, target, Arc::clone(&dated.calendar));
    Some(Owed {
        level: level.entry.id,
        level_version: level.entry.version,
        calendar,
        calendar_version: dated.version,
        terms,
    })
}

/// The target of a metric at a priority; a row for that very priority beats one for all.
pub(super) fn target_for(level: &Values, metric: Metric, priority: Option<i64>) -> Option<Target> {
    let priority = priority.unwrap_or(UNCLASSIFIED);
    let rows = level.get("targets").map(Value::as_list).unwrap_or_default();
    let of_metric = || rows.iter().filter(|row| row.column("metric").as_text() == Some(metric.key()));
    let exact = of_metric().find(|row| row.column("priority").as_int() == Some(priority));
    let row = exact.or_else(|| of_metric().find(|row| row.column("priority").is_null()))?;
    let amount = row.column("amount").as_int()?;
    Some(match registers::TargetUnit::from_value(row.column("unit"))? {
        registers::TargetUnit::Minutes => Target::ServiceTime(amount * 60_000),
        registers::TargetUnit::Hours => Target::ServiceTime(amount * 3_600_000),
        registers::TargetUnit::WorkingDays => Target::WorkingDays(u32::try_from(amount).ok()?),
    })
}

pub(super) fn terms_from(level: &Values, target: Target, calendar: Arc<Calendar>) -> Terms {
    let list = |key: &str| level.get(key).map(Value::as_list).unwrap_or_default();
    let warn_at: Vec<u32> = list("warn_at").iter().filter_map(|v| v.as_text()?.parse().ok()).collect();
    let choice = |key: &str| level.get(key).unwrap_or(&Value::Null);
    Terms {
        target,
        calendar,
        pause_reasons: list("pause_reasons").iter().filter_map(|v| v.as_text().map(str::to_owned)).collect(),
        on_change: match registers::OnChange::from_value(choice("on_change")) {
            Some(registers::OnChange::Restart) => OnChange::Restart,
            _ => OnChange::Retroactive,
        },
        on_reopen: match registers::OnReopen::from_value(choice("on_reopen")) {
            Some(registers::OnReopen::Restart) => OnReopen::Restart,
            Some(registers::OnReopen::CountThrough) => OnReopen::CountThrough,
            _ => OnReopen::Resume,
        },
        warn_at: if warn_at.is_empty() { WARN_AT.to_vec() } else { warn_at },
    }
}

/// A stored target: milliseconds of service time, or working days as a negative number.
fn stored_target(target: Target) -> i64 {
    match target {
        Target::ServiceTime(ms) => ms,
        Target::WorkingDays(days) => -i64::from(days),
    }
}

fn target_of(stored: i64) -> Target {
    if stored >= 0 {
        Target::ServiceTime(stored)
    } else {
        Target::WorkingDays(u32::try_from(-stored).unwrap_or(u32::MAX))
    }
}

/// The terms that govern a stored clock: its own versions of level and calendar.
pub fn terms_of(session: &mut Session<'_>, row: &ClockRow) -> Result<Terms> {
    let config = session.config;
    let present =
        config.levels.iter().map(|l| &l.entry).find(|e: &&Entry| e.id == row.level && e.version == row.level_version);
    let kept;
    let level = if let Some(entry) = present {
        &entry.values
    } else {
        kept = values_of(&entries::version(session.conn, row.level, row.level_version)?.unwrap_or_default());
        &kept
    };
    let dated = config.calendars.get(&row.calendar).filter(|c| c.version == row.calendar_version);
    let calendar = if let Some(dated) = dated {
        Arc::clone(&dated.calendar)
    } else {
        let data = entries::version(session.conn, row.calendar, row.calendar_version)?.unwrap_or_default();
        let what = format!("calendar {} version {} cannot be read", row.calendar, row.calendar_version);
        let lost = |_| mainstay_store::Error::Damaged(what.clone());
        Arc::new(registers::calendar_of(&values_of(&data)).map_err(lost)?)
    };
    Ok(terms_from(level, target_of(row.target), calendar))
}

/// The clock that a row keeps.
pub fn clock_of(row: &ClockRow) -> Result<Clock> {
    serde_json::from_str(&row.facts)
        .map_err(|why| mainstay_store::Error::Damaged(format!("clock {} cannot be read: {why}", row.id)).into())
}

/// A clock that a record is about to begin with.
pub struct Planned {
    row: ClockRow,
    clock: Clock,
    terms: Terms,
}

/// Works out the clocks of a record that is about to be written, and puts its first due instant into it.
pub fn plan(session: &Session<'_>, record: &mut Record) -> Result<Vec<Planned>> {
    if !record.process.has_clocks() {
        return Ok(Vec::new());
    }
    let start = record.get(&spine::OPENED).map_or(session.now, |Instant(at)| at);
    let mut planned = Vec::new();
    for metric in [Metric::Response, Metric::Resolution] {
        let Some(owed) = owed(session.config, record, metric) else { continue };
        let mut clock = Clock::new(metric);
        clock.start(start).map_err(refused)?;
        let mut row = new_row(metric, start, &owed);
        show(&mut row, &clock, &owed.terms, session.now);
        planned.push(Planned { row, clock, terms: owed.terms });
    }
    if let Some(at) = planned.iter().filter_map(|planned| planned.row.due).min() {
        record.set(&spine::DUE, Instant(at));
    }
    Ok(planned)
}

/// Starts the planned clocks of a record that was written meanwhile, as it shows them.
pub fn begin(session: &mut Session<'_>, record: &Record, planned: Vec<Planned>) -> Result<Vec<ClockView>> {
    let mut begun = Vec::with_capacity(planned.len());
    for Planned { mut row, clock, terms } in planned {
        row.record = record.id;
        row.id = clocks::insert(session.conn, &row)?;
        if let Some(due) = clock.wakes_at(&terms) {
            timers::set_first(session.conn, &waking(&row, due))?;
        }
        begun.push(shown(&row, &clock, &terms, session.now));
    }
    Ok(begun)
}

/// The row of a clock that starts now, without its record and what follows from its facts.
fn new_row(metric: Metric, started: i64, owed: &Owed) -> ClockRow {
    ClockRow {
        id: 0,
        record: 0,
        metric: metric.key().into(),
        level: owed.level,
        level_version: owed.level_version,
        calendar: owed.calendar,
        calendar_version: owed.calendar_version,
        target: stored_target(owed.terms.target),
        started,
        due: None,
        stopped: None,
        state: String::new(),
        breached: None,
        facts: String::new(),
        adjusted_at: None,
        adjusted_by: None,
        adjusted_reason: None,
    }
}

fn earlier(a: Option<i64>, b: Option<i64>) -> Option<i64> {
    a.into_iter().chain(b).min()
}

/// Copies what queries need from the clock into its row.
fn show(row: &mut ClockRow, clock: &Clock, terms: &Terms, now: i64) {
    let reading = clock.read(terms, now);
    row.target = stored_target(terms.target);
    row.due = reading.due;
    row.stopped = reading.stopped_at;
    row.breached = reading.breached_at;
    row.state = reading.state.key().into();
    row.facts = serde_json::to_string(clock).unwrap_or_default();
}

/// Sets the one timer at which the clock next has something to say.
fn arm(session: &mut Session<'_>, row: &ClockRow, clock: &Clock, terms: &Terms) -> Result<()> {
    match clock.wakes_at(terms) {
        Some(due) => timers::set(session.conn, &waking(row, due))?,
        None => timers::cancel(session.conn, &timer_key(row))?,
    }
    Ok(())
}

fn timer_key(row: &ClockRow) -> String {
    format!("clock:{}", row.id)
}

fn waking(row: &ClockRow, due: i64) -> NewTimer {
    NewTimer {
        key: timer_key(row),
        due,
        kind: "clock".into(),
        record: Some(row.record),
        clock: Some(row.id),
        payload: "{}".into(),
    }
}

/// Whether a change gives the record other targets: another priority, or a field by which another level is chosen.
/// A level that was edited meanwhile is no such change; running records keep the version they began under.
fn terms_may_differ(config: &Config, before: &Record, after: &Record) -> bool {
    let level = |record: &Record| level_for(config, record).map(|level| level.entry.id);
    let priority = spine::PRIORITY.def.key;
    before.value(priority) != after.value(priority) || level(before) != level(after)
}

/// The facts that a change brought a clock: their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brought {
    pub clock: i64,
    pub from: usize,
    pub to: usize,
}

/// Lets the clocks follow a change, and puts the record's next due instant into `after`. Answers what it brought them.
pub fn follow(
    session: &mut Session<'_>,
    caller: &Caller,
    before: &Record,
    after: &mut Record,
    transition: Option<&'static Transition>,
    reason: Option<&str>,
) -> Result<Vec<Brought>> {
    let retargets = after.process.has_clocks() && terms_may_differ(session.config, before, after);
    if !after.process.has_clocks()
        || (!retargets && before.state.key == after.state.key && !transition.is_some_and(|t| t.responds))
    {
        return Ok(Vec::new());
    }
    let (mut due, mut brought) = (None, Vec::new());
    for mut row in clocks::of(session.conn, after.id)? {
        let mut terms = terms_of(session, &row)?;
        let mut clock = clock_of(&row)?;
        let facts = clock.facts().len();
        move_clock(session.now, caller.person_id(), before, after, transition, reason, &mut clock, &terms);
        if retargets {
            retarget(session, after, &mut row, &mut clock, &mut terms)?;
        }
        if clock.facts().len() != facts || retargets {
            brought.push(Brought { clock: row.id, from: facts, to: clock.facts().len() });
            show(&mut row, &clock, &terms, session.now);
            clocks::update(session.conn, &row)?;
            arm(session, &row, &clock, &terms)?;
        }
        if row.stopped.is_none() {
            due = earlier(due, row.due);
        }
    }
    match due {
        Some(at) => after.set(&spine::DUE, Instant(at)),
        None => after.clear(&spine::DUE),
    }
    Ok(brought)
}

/// What a change of state does to one clock. A clock that is not in the state for it, because an
/// agreement does not pause for the reason at hand, simply runs on.
#[expect(clippy::too_many_arguments, reason = "the change and the clock it moves")]
fn move_clock(
    now: i64,
    by: Option<i64>,
    before: &Record,
    after: &Record,
    transition: Option<&'static Transition>,
    reason: Option<&str>,
    clock: &mut Clock,
    terms: &Terms,
) {
    let moved: std::result::Result<(), ClockRefusal> = if after.state.void && !before.state.void {
        clock.cancel(now)
    } else if clock.metric() == Metric::Response {
        let answered = transition.is_some_and(|t| t.responds) || !after.state.phase.is_live();
        if answered { clock.stop(terms, now) } else { Ok(()) }
    } else {
        match (before.state.phase, after.state.phase) {
            (Phase::Open, Phase::Paused) => {
                let waits = after.process.waits_for.and_then(|f| after.value(f.key).as_text().map(str::to_owned));
                clock.pause(terms, now, &waits.unwrap_or_default(), by)
            }
            (Phase::Paused, Phase::Open) => {
                clock.resume(now, reason.or(transition.map(|t| t.label)).unwrap_or_default(), by)
            }
            (Phase::Open | Phase::Paused, Phase::Done | Phase::Closed) => clock.stop(terms, now),
            (Phase::Done | Phase::Closed, Phase::Open | Phase::Paused) => clock.reopen(terms, now),
            _ => Ok(()),
        }
    };
    if let Err(why) = moved {
        tracing::debug!(record = after.id, metric = clock.metric().key(), %why, "the clock stays as it is");
    }
}

/// Puts the terms that now govern into force for a clock that still runs. The same level keeps
/// the version under which the clock started.
fn retarget(
    session: &mut Session<'_>,
    after: &Record,
    row: &mut ClockRow,
    clock: &mut Clock,
    terms: &mut Terms,
) -> Result<()> {
    let Some(mut owed) = owed(session.config, after, clock.metric()) else { return Ok(()) };
    if owed.level == row.level && owed.level_version != row.level_version {
        let kept = values_of(&entries::version(session.conn, row.level, row.level_version)?.unwrap_or_default());
        let Some(target) = target_for(&kept, clock.metric(), after.get(&spine::PRIORITY)) else { return Ok(()) };
        owed.terms = terms_from(&kept, target, Arc::clone(&terms.calendar));
        (owed.level_version, owed.calendar, owed.calendar_version) =
            (row.level_version, row.calendar, row.calendar_version);
    }
    let same = owed.level == row.level && stored_target(owed.terms.target) == row.target;
    if same || clock.retarget(terms, &owed.terms, session.now).is_err() {
        return Ok(());
    }
    clock.replaced(undo::agreed(row));
    row.level = owed.level;
    row.level_version = owed.level_version;
    row.calendar = owed.calendar;
    row.calendar_version = owed.calendar_version;
    *terms = owed.terms;
    Ok(())
}

/// The first public words of those in charge stop the response clock, at the instant that they were written.
pub fn respond(session: &mut Session<'_>, record: &Record, at: i64) -> Result<()> {
    let mut due = None;
    let mut moved = false;
    for mut row in clocks::of(session.conn, record.id)? {
        if row.metric == Metric::Response.key() && row.stopped.is_none() {
            let terms = terms_of(session, &row)?;
            let mut clock = clock_of(&row)?;
            if clock.stop(&terms, at).is_ok() {
                show(&mut row, &clock, &terms, session.now);
                clocks::update(session.conn, &row)?;
                arm(session, &row, &clock, &terms)?;
                moved = true;
            }
        }
        if row.stopped.is_none() {
            due = earlier(due, row.due);
        }
    }
    if moved && let Some(before) = rows::by_id(session, record.id)? {
        let mut after = before.clone();
        match due {
            Some(at) => after.set(&spine::DUE, Instant(at)),
            None => after.clear(&spine::DUE),
        }
        rows::update_quietly(session, &before, &after)?;
    }
    Ok(())
}

/// Lets a clock say what it has to say by now: each warning and the breach once, at the exact
/// instant it belongs to.
pub fn fire(session: &mut Session<'_>, engine: &Caller, id: i64) -> Result<()> {
    let Some(mut row) = clocks::by_id(session.conn, id)? else { return Ok(()) };
    let terms = terms_of(session, &row)?;
    let mut clock = clock_of(&row)?;
    let alerts = clock.fire(&terms, session.now);
    show(&mut row, &clock, &terms, session.now);
    clocks::update(session.conn, &row)?;
    arm(session, &row, &clock, &terms)?;
    let Some(record) = rows::by_id(session, row.record)? else { return Ok(()) };
    for alert in alerts {
        tell(session, engine, &record, clock.metric(), &alert, row.due)?;
    }
    Ok(())
}

fn tell(
    session: &mut Session<'_>,
    engine: &Caller,
    record: &Record,
    metric: Metric,
    alert: &Alert,
    due: Option<i64>,
) -> Result<()> {
    let (event, percent) = match alert.level {
        Level::Warning(percent) => (format!("{}.{percent}", metric.key()), percent),
        Level::Breach => (format!("{}.breached", metric.key()), 100),
    };
    let change = json!([{ "field": "clock", "old": null, "new": { "metric": metric.key(), "percent": percent, "at": alert.due } }]);
    let now = session.now;
    // The history shows a breach where it happened, however late anybody looked.
    session.now = alert.due;
    let event_id = append(session, engine, record, &event, false, &change, None);
    session.now = now;
    let occasion = Occasion {
        event: &event,
        event_id: event_id?,
        channel: engine.channel.key(),
        due: due.or(Some(alert.due)),
        words: BTreeMap::from([("percent", percent.to_string())]),
        ..Occasion::default()
    };
    notify::announce(session, record, &occasion).map(|_| ())
}

/// A clock as its card shows it. Instants are epoch milliseconds, amounts milliseconds.
#[derive(Clone, Debug)]
pub struct ClockView {
    pub id: i64,
    pub metric: Metric,
    pub level: i64,
    pub level_version: i64,
    pub calendar: i64,
    pub target: Target,
    pub reading: Reading,
    /// While paused: when it would be due if work went on now.
    pub due_if_resumed: Option<i64>,
    pub segments: Vec<Segment>,
    pub adjusted_reason: Option<String>,
}

impl ClockView {
    /// The entries that it refers to: level, calendar, and whoever began or ended a stretch.
    pub fn ids(&self) -> impl Iterator<Item = i64> + '_ {
        let people = self.segments.iter().flat_map(|s| s.by.into_iter().chain(s.ended_by));
        [self.level, self.calendar].into_iter().chain(people)
    }
}

/// The clocks of a record somebody sees, read at this instant.
pub fn views(session: &mut Session<'_>, seen: &Seen, record: &Record) -> Result<Vec<ClockView>> {
    if !record.process.has_clocks() {
        return Ok(Vec::new());
    }
    let rows = clocks::shown(session.conn, seen)?;
    rows.iter().map(|row| view_of(session, row)).collect()
}

fn view_of(session: &mut Session<'_>, row: &ClockRow) -> Result<ClockView> {
    let terms = terms_of(session, row)?;
    Ok(shown(row, &clock_of(row)?, &terms, session.now))
}

fn shown(row: &ClockRow, clock: &Clock, terms: &Terms, now: i64) -> ClockView {
    ClockView {
        id: row.id,
        metric: clock.metric(),
        level: row.level,
        level_version: row.level_version,
        calendar: row.calendar,
        target: terms.target,
        reading: clock.read(terms, now),
        due_if_resumed: clock.due_if_resumed(terms, now),
        segments: clock.segments(),
        adjusted_reason: row.adjusted_reason.clone(),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "used as a function of map_err")]
fn refused(why: ClockRefusal) -> Refusal {
    Refusal::new(Why::Invalid, "clock_refused", why.to_string())
}
