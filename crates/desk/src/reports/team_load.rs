//! How much each team has in its hands at the end of each month, against what it can carry.

use super::Params;
use super::asked::Asked;
use super::breaches::Lines;
use super::sheet;
use super::table::{Column, Measure, Row, column};
use super::workload::{MOST, cells};
use crate::config::entry_of;
use crate::error::Result;
use mainstay_engine::register::Entry;
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_processes::registers;
use mainstay_store::entries;
use std::collections::{BTreeMap, BTreeSet, HashMap};

pub const TEAM_LOAD: &[Column] = &[
    column("live", "Open", Measure::Count, "Records open or on hold with the team at the end of the month."),
    column("limit", "Limit", Measure::Count, "Records that the team can carry at a time."),
    column("over", "Over the limit", Measure::Count, "Of the open records, the last opened that are over the limit."),
    column("verdict", "Result", Measure::Words, "Whether the team had more than it can carry."),
    column("difference", "Against the month before", Measure::Words, "Records more or fewer than a month before."),
];

/// A month as it ended: the teams there were, and what was open with each of them, the first opened first.
struct Ended {
    key: String,
    teams: HashMap<i64, Entry>,
    open: BTreeMap<Option<i64>, Vec<(i64, i64)>>,
}

/// Every team month by month: what it had, what it can carry, what was too much. (SLM-14)
pub fn team_load(asked: &mut Asked<'_, '_>, _: &Params) -> Result<Lines> {
    let mut months: Vec<Ended> = Vec::new();
    let mut last = i64::MIN;
    for month in asked.period.months() {
        if last < asked.until() {
            let end = month.end.min(asked.until());
            months.push(ended(asked, month.key, end)?);
            last = month.end;
        }
    }
    let named = |month: &Ended| month.open.keys().copied().chain(limited(month).map(Some)).collect::<Vec<_>>();
    let ids: BTreeSet<Option<i64>> = months.iter().flat_map(named).collect();
    let mut names: Vec<(bool, String, Option<i64>)> =
        ids.into_iter().map(|id| (id.is_none(), name_of(&months, id), id)).collect();
    names.sort_unstable();
    let rows: Vec<Row> = names.iter().flat_map(|(_, name, id)| rows_of(&months, name, *id)).collect();
    Ok(Lines::first(rows, MOST))
}

fn ended(asked: &mut Asked<'_, '_>, key: String, end: i64) -> Result<Ended> {
    let teams = entries::as_of(asked.session.conn, registers::TEAMS.key, end)?.into_iter().map(entry_of);
    let teams = teams.map(|team| (team.id, team)).collect();
    let mut open: BTreeMap<Option<i64>, Vec<(i64, i64)>> = BTreeMap::new();
    let team = spine::TEAM.def.key;
    let mut take = |record, team: &Value, opened| open.entry(team.as_int()).or_default().push((opened, record));
    if !sheet::each_live(asked, end, team, &mut take)? {
        asked.live(end, |standing, opened| take(standing.id, &standing.value(team), opened))?;
    }
    for records in open.values_mut() {
        records.sort_unstable();
    }
    Ok(Ended { key, teams, open })
}

fn limit(team: &Entry) -> Option<i64> {
    team.int(registers::TEAM_LIMIT.def.key)
}

/// The teams in use that have a limit: one that had nothing to do kept it.
fn limited(month: &Ended) -> impl Iterator<Item = i64> + '_ {
    month.teams.values().filter(|team| team.active && limit(team).is_some()).map(|team| team.id)
}

/// What a team was called last in the period.
fn name_of(months: &[Ended], id: Option<i64>) -> String {
    let Some(id) = id else { return "No team".to_owned() };
    months.iter().rev().find_map(|month| month.teams.get(&id)).map(|team| team.name.clone()).unwrap_or_default()
}

fn rows_of(months: &[Ended], name: &str, id: Option<i64>) -> Vec<Row> {
    let (mut before, mut rows) = (None, Vec::new());
    for month in months {
        let records: Vec<i64> = month.open.get(&id).into_iter().flatten().map(|(_, record)| *record).collect();
        let team = id.and_then(|id| month.teams.get(&id));
        let count = records.len();
        // A team that was not there yet has no row, one that had nothing to do has.
        if id.is_none() || team.is_some() {
            let key = format!("{}.{}", id.map_or_else(|| "none".to_owned(), |id| id.to_string()), month.key);
            let cells = cells(records, team.and_then(limit), "No limit", before);
            rows.push(Row { key, label: format!("{name}, {}", month.key), cells });
        }
        before = Some(count);
    }
    rows
}
