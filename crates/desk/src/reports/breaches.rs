//! Every missed target of a period, with what the time went into.

use super::asked::Asked;
use super::course::{became, undoes};
use super::standing::Standing;
use super::table::{Cell, Column, Figure, Measure, Row, column};
use super::tally::Emit;
use super::{Params, sheet};
use crate::error::Result;
use mainstay_engine::clock::Metric;
use mainstay_engine::field::Kind as Holds;
use mainstay_engine::process::{Phase, Process};
use mainstay_engine::refusal::Refusal;
use mainstay_engine::value::Value;
use mainstay_store::entries;
use mainstay_store::reports::{self, Happening};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Most lines of the list.
const MOST: usize = 1_000;

pub const BREACHES: &[Column] = &[
    column("number", "Number", Measure::Words, "The record."),
    column("title", "Title", Measure::Words, "What it was about.").below(),
    column("metric", "Target", Measure::Words, "Which target was missed."),
    column("agreed", "Agreed", Measure::Words, "The agreed amount.").below(),
    column("service", "Service", Measure::Words, "The service at the end of the period."),
    column("organisation", "Organisation", Measure::Words, "The customer.").below(),
    column("priority", "Priority", Measure::Words, "The priority at the end of the period."),
    column("breached", "Missed at", Measure::At, "The exact instant at which the target was used up."),
    column(
        "stopped",
        "Done at",
        Measure::At,
        "When the work was done; empty when it was not by the end of the period.",
    )
    .below(),
    column("late", "Late by", Measure::Time, "From the breach until done or the end of the period, by the wall clock."),
    column(
        "held",
        "On hold",
        Measure::Time,
        "Time on hold until done or the end of the period, by the wall clock; not all of it pauses the clock.",
    ),
    column("held_for", "Mostly waiting for", Measure::Words, "What it was on hold for longest.").below(),
    column("team", "Longest with", Measure::Words, "The team that it was with for the longest time."),
    column("with_team", "There for", Measure::Time, "How long, by the wall clock.").below(),
];

/// The lines of a list.
pub struct Lines {
    pub rows: Vec<Row>,
    /// It ends before all is told.
    pub more: bool,
    /// Where it goes on then, where it can.
    pub next: Option<String>,
    /// Which lines there are was known from what this node keeps.
    pub kept: bool,
}

impl Lines {
    /// The first of these.
    #[must_use]
    pub fn first(mut rows: Vec<Row>, most: usize) -> Self {
        let more = rows.len() > most;
        rows.truncate(most);
        Self { rows, more, next: None, kept: false }
    }
}

/// The targets that can be missed.
pub const METRICS: [Metric; 2] = [Metric::Response, Metric::Resolution];

/// A missed target.
#[derive(Clone, Copy)]
struct Missed {
    metric: Metric,
    target: i64,
    breached: i64,
    stopped: Option<i64>,
}

/// Where a line stands: by when the target was missed, the record, and the place of the metric among [`METRICS`].
pub type Position = (i64, i64, usize);

/// Says of every target missed in the period when and of which record.
pub fn say(asked: &mut Asked<'_, '_>, emit: Emit<'_>) -> Result<()> {
    each_missed(asked, |standing, missed| emit(standing, missed.metric.key(), missed.breached, 0))
}

fn each_missed(asked: &mut Asked<'_, '_>, mut take: impl FnMut(&Standing, &Missed)) -> Result<()> {
    let mut marks = Vec::new();
    for metric in METRICS {
        for timed in asked.clocks(metric)? {
            let missed = timed.outcome.verdict().filter(|v| !v.met && asked.period.holds(v.at));
            marks.extend(missed.map(|v| {
                let missed =
                    Missed { metric, target: timed.row.target, breached: v.at, stopped: timed.outcome.stopped };
                (timed.row.record, missed)
            }));
        }
    }
    asked.each(marks, asked.period.to, |standing, missed| {
        if !standing.is_void() {
            take(standing, missed);
        }
    })
}

/// Targets missed in the period, the earliest first. (SLM-14)
pub fn breaches(asked: &mut Asked<'_, '_>, params: &Params) -> Result<Lines> {
    let after = params.after.as_deref().map(position).transpose()?;
    let most = params.limit.unwrap_or(MOST).min(MOST);
    let known = sheet::missed(asked)?;
    let kept = known.is_some();
    if let Some(known) = known {
        let later = known.into_iter().filter(|line| after.is_none_or(|after| *line > after));
        let mut known: Vec<Position> = later.collect();
        known.sort_unstable();
        // One more tells whether there is more.
        let mut ids: Vec<i64> = known.iter().take(most + 1).map(|(_, record, _)| *record).collect();
        ids.sort_unstable();
        ids.dedup();
        asked.look_among(ids);
    }
    let mut found: Vec<(Position, Standing, Missed)> = Vec::new();
    each_missed(asked, |standing, missed| {
        let at = (missed.breached, standing.id, place_of(missed.metric));
        if after.is_none_or(|after| at > after) {
            found.push((at, standing.clone(), *missed));
        }
    })?;
    found.sort_by_key(|(at, ..)| *at);
    let more = found.len() > most;
    found.truncate(most);
    let next = found.last().filter(|_| more).map(|((at, record, metric), ..)| format!("{at}.{record}.{metric}"));
    Ok(Lines { rows: lines(asked, &found)?, more, next, kept })
}

fn place_of(metric: Metric) -> usize {
    METRICS.iter().position(|known| *known == metric).unwrap_or_default()
}

/// Where a list goes on, as it was said.
fn position(text: &str) -> Result<Position> {
    let mut parts = text.splitn(3, '.');
    let mut part = || parts.next()?.parse::<i64>().ok();
    let (at, record, metric) = (part(), part(), part());
    let metric = metric.and_then(|metric| usize::try_from(metric).ok());
    let wrong = || Refusal::invalid("bad_cursor", "This page marker belongs to another list; start again.");
    Ok(at.zip(record).zip(metric).map(|((at, record), metric)| (at, record, metric)).ok_or_else(wrong)?)
}

fn lines(asked: &mut Asked<'_, '_>, found: &[(Position, Standing, Missed)]) -> Result<Vec<Row>> {
    let mut records: Vec<i64> = found.iter().map(|(_, standing, _)| standing.id).collect();
    records.sort_unstable();
    records.dedup();
    let (until, scope) = (asked.until(), asked.scope().clone());
    let log = reports::happenings(asked.session.conn, &scope, &records, until)?;
    let spent = |standing: &Standing, missed: &Missed| {
        let from = log.partition_point(|event| event.record < standing.id);
        let own = log[from..].partition_point(|event| event.record == standing.id);
        fold(asked.process, &log[from..from + own], missed.stopped.unwrap_or(until))
    };
    let spent: Vec<Spent> = found.iter().map(|(_, standing, missed)| spent(standing, missed)).collect();
    let named = |standing: &Standing| ["service", "organisation"].map(|key| standing.value(key).as_int());
    let ids = found.iter().flat_map(|(_, standing, _)| named(standing)).flatten();
    let mut ids: Vec<i64> = ids.chain(spent.iter().filter_map(|spent| longest(&spent.teams).0.as_int())).collect();
    ids.sort_unstable();
    ids.dedup();
    let names: HashMap<i64, String> =
        entries::names(asked.session.conn, &ids)?.into_iter().map(|(id, _, name)| (id, name)).collect();
    let lines = found.iter().zip(&spent);
    Ok(lines.map(|((_, standing, missed), spent)| line(asked, standing, *missed, spent, &names)).collect())
}

fn line(
    asked: &Asked<'_, '_>,
    standing: &Standing,
    missed: Missed,
    spent: &Spent,
    names: &HashMap<i64, String>,
) -> Row {
    let end = missed.stopped.unwrap_or_else(|| asked.until());
    let (held_for, held) = longest(&spent.held);
    let (team, with_team) = longest(&spent.teams);
    let name = |value: &Value| text(value.as_int().and_then(|id| names.get(&id)).map(String::as_str));
    let words = |key: &str| text(standing.value(key).as_text());
    let metric = if missed.metric == Metric::Response { "Response" } else { "Resolution" };
    let figures = vec![
        words("number"),
        words("title"),
        Figure::Text(metric.into()),
        Figure::Text(agreed(missed.target)),
        name(&standing.value("service")),
        name(&standing.value("organisation")),
        standing.value("priority").as_int().map_or(Figure::None, |p| Figure::Text(p.to_string())),
        Figure::At(missed.breached),
        missed.stopped.map_or(Figure::None, Figure::At),
        Figure::Time(end - missed.breached),
        Figure::Time(spent.held.values().sum()),
        if held > 0 { text(waiting(asked.process, &held_for)) } else { Figure::None },
        name(&team),
        if with_team > 0 { Figure::Time(with_team) } else { Figure::None },
    ];
    let mut figures = figures.into_iter();
    let first = figures.next().map(|number| Cell::new(number, vec![standing.id]));
    let cells: Vec<Cell> = first.into_iter().chain(figures.map(Cell::plain)).collect();
    let number = standing.value("number").as_text().unwrap_or_default().to_owned();
    Row { key: format!("{number}.{}", missed.metric.key()), label: number, cells }
}

fn text(text: Option<&str>) -> Figure {
    text.map_or(Figure::None, |text| Figure::Text(text.to_owned()))
}

/// The agreed amount in words; stored working days are negative.
fn agreed(target: i64) -> String {
    if target < 0 {
        return format!("{} working days", -target);
    }
    let minutes = target / 60_000;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// What a record waited for, in the words of its process.
fn waiting(process: &'static Process, reason: &Value) -> Option<&'static str> {
    let Holds::Choice(choices) = process.waits_for?.kind else { return None };
    choices.iter().find(|c| Some(c.key) == reason.as_text()).map(|c| c.label)
}

fn longest(spent: &BTreeMap<Value, i64>) -> (Value, i64) {
    spent.iter().max_by_key(|(_, time)| **time).map_or((Value::Null, 0), |(value, time)| (value.clone(), *time))
}

/// Where the time went, in milliseconds by the wall clock.
#[derive(Debug, Default, PartialEq, Eq)]
struct Spent {
    /// By what it waited for.
    held: BTreeMap<Value, i64>,
    /// By team.
    teams: BTreeMap<Value, i64>,
}

/// Adds up the stretches between the changes of state, of team and of what it waits for, up to `end`.
fn fold(process: &'static Process, log: &[Happening], end: i64) -> Spent {
    let mut spent = Spent::default();
    let (mut held, mut reason, mut team) = (false, Value::Null, Value::Null);
    let mut since = log.first().map_or(end, |event| event.at);
    let known = || log.iter().filter(|event| event.at < end);
    // What was taken back never was.
    let undone: HashSet<i64> = known().flat_map(|event| undoes(&event.changes)).collect();
    let lasting = |event: &&Happening| !undone.contains(&event.id) && undoes(&event.changes).is_empty();
    let waits_for = process.waits_for.map(|field| field.key);
    let fields: Vec<&str> = ["state", "team"].into_iter().chain(waits_for).collect();
    for event in known().filter(lasting) {
        let until = event.at.max(since);
        spent.add(held, &reason, &team, until - since);
        since = until;
        for change in became(&event.changes, &fields) {
            match change.field.as_ref() {
                "state" => {
                    let state = change.after().as_text().and_then(|key| process.state(key));
                    held = state.is_some_and(|s| s.phase == Phase::Paused);
                }
                "team" => team = change.after(),
                field if waits_for == Some(field) => reason = change.after(),
                _ => {}
            }
        }
    }
    spent.add(held, &reason, &team, (end - since).max(0));
    spent
}

impl Spent {
    fn add(&mut self, held: bool, reason: &Value, team: &Value, time: i64) {
        if held {
            *self.held.entry(reason.clone()).or_default() += time;
        }
        if !team.is_null() {
            *self.teams.entry(team.clone()).or_default() += time;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};

    fn event(at: i64, changes: &Json) -> Happening {
        Happening { id: at, record: 1, at, changes: changes.to_string() }
    }

    fn change(field: &str, new: impl Into<Json>) -> Json {
        json!({ "field": field, "old": null, "new": new.into() })
    }

    #[test]
    fn slm_14_the_cause_is_where_the_time_went() {
        let log = [
            event(0, &json!([change("team", 4)])),
            event(10, &json!([change("state", "on_hold"), change("hold_reason", "vendor")])),
            event(60, &json!([change("state", "in_progress"), change("hold_reason", Json::Null)])),
            event(70, &json!([change("team", 5)])),
            event(80, &json!([change("state", "on_hold"), change("hold_reason", "requester")])),
            event(500, &json!([change("state", "resolved")])),
        ];
        let spent = fold(mainstay_processes::ALL[0], &log, 100);
        assert_eq!(spent.held, BTreeMap::from([("vendor".into(), 50), ("requester".into(), 20)]));
        assert_eq!(spent.teams, BTreeMap::from([(Value::Int(4), 70), (Value::Int(5), 30)]));
        assert_eq!(longest(&spent.held).0, Value::from("vendor"));
        assert_eq!(waiting(mainstay_processes::ALL[0], &Value::from("vendor")), Some("A vendor"));
    }

    #[test]
    fn amounts_are_said_in_words() {
        assert_eq!(
            [agreed(-2), agreed(900_000), agreed(14_400_000), agreed(5_400_000)],
            ["2 working days", "15 min", "4 h", "1 h 30 min"]
        );
    }
}
