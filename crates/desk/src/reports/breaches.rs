//! Every missed target of a period, with what the time went into.

use super::asked::Asked;
use super::course::{changes, undoes};
use super::standing::Standing;
use super::table::{Cell, Column, Figure, Measure, Row, column};
use crate::error::Result;
use crate::records;
use mainstay_engine::clock::Metric;
use mainstay_engine::field::Kind as Holds;
use mainstay_engine::process::{Phase, Process};
use mainstay_engine::value::Value;
use mainstay_store::{EventRow, entries, events};
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

/// The lines of a list, which may end before all is told.
pub struct Lines {
    pub rows: Vec<Row>,
    pub more: bool,
}

/// A missed target.
struct Missed {
    metric: Metric,
    target: i64,
    breached: i64,
    stopped: Option<i64>,
}

/// Every target missed in the period, the earliest first. (SLM-14)
pub fn breaches(asked: &mut Asked<'_, '_>) -> Result<Lines> {
    let mut marks = Vec::new();
    for metric in [Metric::Response, Metric::Resolution] {
        for timed in asked.clocks(metric)? {
            let missed = timed.outcome.verdict().filter(|v| !v.met && asked.period.holds(v.at));
            marks.extend(missed.map(|v| {
                let missed =
                    Missed { metric, target: timed.row.target, breached: v.at, stopped: timed.outcome.stopped };
                (timed.row.record, missed)
            }));
        }
    }
    let mut found: Vec<(i64, Standing, Missed)> = Vec::new();
    let to = asked.period.to;
    asked.each(marks, to, |standing, missed| {
        if !standing.is_void() {
            let Missed { metric, target, breached, stopped } = *missed;
            found.push((breached, standing.clone(), Missed { metric, target, breached, stopped }));
        }
    })?;
    found.sort_by_key(|(breached, standing, missed)| (*breached, standing.id, missed.metric));
    let more = found.len() > MOST;
    found.truncate(MOST);
    let rows = found.iter().map(|(_, standing, missed)| line(asked, standing, missed)).collect::<Result<_>>()?;
    Ok(Lines { rows, more })
}

fn line(asked: &mut Asked<'_, '_>, standing: &Standing, missed: &Missed) -> Result<Row> {
    let end = missed.stopped.unwrap_or_else(|| asked.until());
    let spent = spent(asked, standing.id, end)?;
    let (held_for, held) = longest(&spent.held);
    let (team, with_team) = longest(&spent.teams);
    let ids: Vec<i64> = ["service", "organisation"]
        .iter()
        .filter_map(|key| standing.value(key).as_int())
        .chain(team.as_int())
        .collect();
    let names: HashMap<i64, String> =
        entries::names(asked.session.conn, &ids)?.into_iter().map(|(id, _, name)| (id, name)).collect();
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
    Ok(Row { key: format!("{number}.{}", missed.metric.key()), label: number, cells })
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

fn spent(asked: &mut Asked<'_, '_>, record: i64, end: i64) -> Result<Spent> {
    let Some((_, seen)) = records::find_by_id(asked.session, asked.caller, record)? else {
        return Ok(Spent::default());
    };
    let log = events::of_record(asked.session.conn, &seen, 0, 10_000)?;
    Ok(fold(asked.process, &log, end))
}

/// Adds up the stretches between the changes of state, of team and of what it waits for, up to `end`.
fn fold(process: &'static Process, log: &[EventRow], end: i64) -> Spent {
    let mut spent = Spent::default();
    let (mut held, mut reason, mut team) = (false, Value::Null, Value::Null);
    let mut since = log.first().map_or(end, |event| event.at);
    let known = || log.iter().filter(|event| event.at < end);
    // What was taken back never was.
    let undone: HashSet<i64> = known().flat_map(|event| undoes(&event.changes)).collect();
    let lasting = |event: &&EventRow| !undone.contains(&event.id) && undoes(&event.changes).is_empty();
    for event in known().filter(lasting) {
        let until = event.at.max(since);
        spent.add(held, &reason, &team, until - since);
        since = until;
        for change in changes(&event.changes) {
            match change.field.as_ref() {
                "state" => {
                    let state = change.after().as_text().and_then(|key| process.state(key));
                    held = state.is_some_and(|s| s.phase == Phase::Paused);
                }
                "team" => team = change.after(),
                field if process.waits_for.is_some_and(|f| f.key == field) => reason = change.after(),
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

    fn event(at: i64, changes: &Json) -> EventRow {
        EventRow {
            id: at,
            at,
            actor: None,
            channel: "desk".into(),
            subject: "record".into(),
            subject_id: 1,
            process: Some("incident".into()),
            verb: "updated".into(),
            public: true,
            changes: changes.to_string(),
            reason: None,
        }
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
