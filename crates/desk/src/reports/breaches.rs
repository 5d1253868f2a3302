//! Every missed target of a period, with what the time went into.

use super::asked::Asked;
use super::course::{changes, undoes};
use super::periods::Spent;
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
    column("title", "Title", Measure::Words, "What it was about."),
    column("metric", "Target", Measure::Words, "Which target was missed."),
    column("agreed", "Agreed", Measure::Words, "The agreed amount."),
    column("service", "Service", Measure::Words, "The service at the end of the period."),
    column("organisation", "Organisation", Measure::Words, "The customer."),
    column("priority", "Priority", Measure::Words, "The priority at the end of the period."),
    column("breached", "Missed at", Measure::At, "The exact instant at which the target was used up."),
    column(
        "stopped",
        "Done at",
        Measure::At,
        "When the work was done; empty when it was not by the end of the period.",
    ),
    column("late", "Late by", Measure::Time, "From the breach until done or the end of the period, by the wall clock."),
    column(
        "held",
        "On hold",
        Measure::Time,
        "Time on hold until done or the end of the period, by the wall clock; not all of it pauses the clock.",
    ),
    column("held_for", "Mostly waiting for", Measure::Words, "What it was on hold for longest."),
    column("team", "Longest with", Measure::Words, "The team that it was with for the longest time."),
    column("with_team", "There for", Measure::Time, "How long, by the wall clock."),
];

/// The lines of a list, which may end before all is told.
pub struct Lines {
    pub rows: Vec<Row>,
    pub more: bool,
}

/// A missed target.
#[derive(Clone, Copy)]
struct Missed {
    metric: Metric,
    target: i64,
    breached: i64,
    stopped: Option<i64>,
}

impl Missed {
    /// Where it stands among all.
    fn place(&self, record: i64) -> (i64, i64, Metric) {
        (self.breached, record, self.metric)
    }
}

/// Every target missed in the period, the earliest first. (SLM-14)
pub fn breaches(asked: &mut Asked<'_, '_>) -> Result<Lines> {
    let mut marks = Vec::new();
    let period = asked.period.clone();
    for metric in [Metric::Response, Metric::Resolution] {
        asked.clocks(metric, |timed| {
            let missed = timed.outcome.verdict().filter(|v| !v.met && period.holds(v.at));
            marks.extend(missed.map(|v| {
                let missed = Missed { metric, target: timed.target, breached: v.at, stopped: timed.outcome.stopped };
                (timed.record, missed)
            }));
        })?;
    }
    // Which they are comes first: more is told of those alone that are shown.
    let mut first: Vec<(i64, Missed)> = Vec::new();
    asked.each(marks, period.to, |standing, missed| {
        if !standing.is_void() {
            first.push((standing.id, *missed));
        }
    })?;
    first.sort_unstable_by_key(|(record, missed)| missed.place(*record));
    let more = first.len() > MOST;
    first.truncate(MOST);
    let mut found: Vec<(Standing, Missed)> = Vec::with_capacity(first.len());
    asked.each(first, period.to, |standing, missed| found.push((standing.clone(), *missed)))?;
    found.sort_by_key(|(standing, missed)| missed.place(standing.id));
    let until = asked.until();
    let ends: Vec<(&Standing, i64)> =
        found.iter().map(|(standing, missed)| (standing, missed.stopped.unwrap_or(until))).collect();
    let spent = asked.spent(&ends, spent)?;
    let names = names(asked, ends.iter().map(|(standing, _)| *standing).zip(&spent))?;
    let lines = found.iter().zip(&ends).zip(&spent);
    let rows =
        lines.map(|(((standing, missed), (_, end)), spent)| line(asked.process, &names, standing, missed, *end, spent));
    Ok(Lines { rows: rows.collect(), more })
}

/// What services, organisations and teams of lines are called.
fn names<'a>(
    asked: &mut Asked<'_, '_>,
    lines: impl Iterator<Item = (&'a Standing, &'a Spent)>,
) -> Result<HashMap<i64, String>> {
    let of_line = |(standing, spent): (&Standing, &Spent)| {
        let values = ["service", "organisation"].map(|key| standing.value(key));
        values.into_iter().chain([longest(&spent.teams).0]).filter_map(|value| value.as_int()).collect::<Vec<_>>()
    };
    let mut ids: Vec<i64> = lines.flat_map(of_line).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(entries::names(asked.session.conn, &ids)?.into_iter().map(|(id, _, name)| (id, name)).collect())
}

fn line(
    process: &'static Process,
    names: &HashMap<i64, String>,
    standing: &Standing,
    missed: &Missed,
    end: i64,
    spent: &Spent,
) -> Row {
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
        if held > 0 { text(waiting(process, &held_for)) } else { Figure::None },
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
