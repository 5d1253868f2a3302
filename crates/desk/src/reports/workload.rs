//! How much came under each service level against the limit agreed for a month, month by month.

use super::Params;
use super::asked::Asked;
use super::breaches::Lines;
use super::period::Month;
use super::table::{Cell, Column, Figure, Measure, Row, column};
use crate::config::{Ruled, entry_of};
use crate::error::Result;
use crate::records;
use mainstay_engine::condition::Condition;
use mainstay_engine::field::FieldDef;
use mainstay_engine::register::Entry;
use mainstay_processes::registers;
use mainstay_store::entries;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Most rows.
pub(super) const MOST: usize = 1_000;

pub const WORKLOAD: &[Column] = &[
    column("opened", "Opened", Measure::Count, "Records opened in the month, whatever became of them."),
    column("limit", "Limit", Measure::Count, "Records a month up to which the targets are agreed."),
    column("over", "Over the limit", Measure::Count, "Records opened in the month after the limit had been reached."),
    column("verdict", "Result", Measure::Words, "Whether more came in the month than agreed."),
    column("difference", "Against the month before", Measure::Words, "Records more or fewer than in the month before."),
];

/// The service levels in force at the end of a month, and the models that may name one.
struct InForce {
    month: Month,
    levels: Vec<Ruled>,
    models: HashMap<i64, Entry>,
}

impl InForce {
    fn read(asked: &mut Asked<'_, '_>, month: Month) -> Result<Self> {
        let end = month.end.min(asked.until());
        let mut active = |register: &str| -> Result<Vec<Entry>> {
            let rows = entries::as_of(asked.session.conn, register, end)?;
            Ok(rows.into_iter().map(entry_of).filter(|entry| entry.active).collect())
        };
        let (levels, models) = (active(registers::SERVICE_LEVELS.key)?, active(registers::MODELS.key)?);
        let models = models.into_iter().map(|model| (model.id, model)).collect();
        Ok(Self { levels: asked.session.config.ruled(levels), models, month })
    }

    fn level(&self, id: i64) -> Option<&Ruled> {
        self.levels.iter().find(|level| level.entry.id == id)
    }
}

/// The records of each level in one month, each with when it was opened; those that no level fits under none.
type Opened = BTreeMap<Option<i64>, Vec<(i64, i64)>>;

/// Every service level of the process, month by month: what came, what was agreed, what was too much. (SLM-14)
pub fn workload(asked: &mut Asked<'_, '_>, _: &Params) -> Result<Lines> {
    let mut months = Vec::new();
    for month in asked.period.months() {
        let begun = months.last().is_none_or(|last: &InForce| last.month.end < asked.until());
        if begun {
            months.push(InForce::read(asked, month)?);
        }
    }
    let fields = read_by(asked, &months);
    asked.read_too(&fields);
    let opened = opened(asked, &months)?;
    let mut names: BTreeSet<(bool, String, Option<i64>)> = BTreeSet::new();
    for (force, found) in months.iter().zip(&opened) {
        let agreed = force.levels.iter().filter(|l| l.process == asked.process.key && limit(l).is_some());
        for id in found.keys().copied().chain(agreed.map(|l| Some(l.entry.id))) {
            names.insert((id.is_none(), last_name(&months, id), id));
        }
    }
    let mut rows = Vec::new();
    for (_, name, id) in names {
        rows.extend(rows_of(&months, &opened, &name, id));
    }
    Ok(Lines::first(rows, MOST))
}

/// The fields that decide which level fits.
fn read_by(asked: &Asked<'_, '_>, months: &[InForce]) -> Vec<&'static FieldDef> {
    let texts = months.iter().flat_map(|force| &force.levels).filter_map(|level| level.entry.text("condition"));
    let mut keys: Vec<String> = vec!["model".into()];
    for condition in texts.filter_map(|text| Condition::parse(text).ok()) {
        keys.extend(condition.fields().into_iter().map(str::to_owned));
    }
    keys.iter().filter_map(|key| asked.session.config.field(asked.process, key)).collect()
}

fn opened(asked: &mut Asked<'_, '_>, months: &[InForce]) -> Result<Vec<Opened>> {
    let mut found: Vec<Opened> = months.iter().map(|_| Opened::new()).collect();
    let (marks, process, to) = (asked.opened()?, asked.process, asked.period.to);
    asked.each(marks, to, |standing, at| {
        let n = months.partition_point(|force| force.month.end <= *at);
        let (Some(force), Some(found)) = (months.get(n), found.get_mut(n)) else { return };
        let level = records::level_among(&force.levels, &force.models, process, *at, &|key| standing.value(key));
        found.entry(level.map(|level| level.entry.id)).or_default().push((*at, standing.id));
    })?;
    found.iter_mut().flat_map(BTreeMap::values_mut).for_each(|records| records.sort_unstable());
    Ok(found)
}

fn limit(level: &Ruled) -> Option<i64> {
    level.entry.int("workload_limit")
}

/// What a level was called last in the period.
fn last_name(months: &[InForce], id: Option<i64>) -> String {
    let Some(id) = id else { return "No service level".to_owned() };
    months.iter().rev().find_map(|force| force.level(id)).map(|l| l.entry.name.clone()).unwrap_or_default()
}

fn rows_of(months: &[InForce], opened: &[Opened], name: &str, id: Option<i64>) -> Vec<Row> {
    let mut before: Option<usize> = None;
    let mut rows = Vec::new();
    for (force, found) in months.iter().zip(opened) {
        let level = id.and_then(|id| force.level(id));
        let records: Vec<i64> = found.get(&id).into_iter().flatten().map(|(_, record)| *record).collect();
        let count = records.len();
        // A level that did not exist yet has no row, one that was quiet has.
        if id.is_none() || level.is_some() {
            let key = format!("{}.{}", id.map_or_else(|| "none".to_owned(), |id| id.to_string()), force.month.key);
            let label = format!("{name}, {}", force.month.key);
            rows.push(Row { key, label, cells: cells(records, level.and_then(limit), "None agreed", before) });
        }
        before = Some(count);
    }
    rows
}

/// How many there are, against a limit, and against how many there were before; what lies over the limit are the last.
/// `unlimited` is what is said of the result where there is no limit.
pub(super) fn cells(records: Vec<i64>, limit: Option<i64>, unlimited: &str, before: Option<usize>) -> Vec<Cell> {
    let whole = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let agreed = limit.and_then(|limit| usize::try_from(limit).ok());
    let over = agreed.map(|agreed| records.get(agreed..).unwrap_or_default().to_vec());
    let verdict = match &over {
        None => unlimited,
        Some(over) if over.is_empty() => "Within the limit",
        Some(_) => "Over the limit",
    };
    let change = before.map(|before| Figure::Change(whole(records.len()) - whole(before)));
    vec![
        Cell::new(Figure::Count(whole(records.len())), records),
        Cell::plain(limit.map_or(Figure::None, Figure::Count)),
        over.map_or(Cell::plain(Figure::None), |over| Cell::new(Figure::Count(whole(over.len())), over)),
        Cell::plain(Figure::Text(verdict.to_owned())),
        Cell::plain(change.unwrap_or(Figure::None)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slm_14_what_came_after_the_limit_is_over_it() {
        let cell = |cells: &[Cell], n: usize| (cells[n].figure.clone(), cells[n].records.clone());
        let at_limit = cells(vec![7, 8], Some(2), "None agreed", Some(2));
        assert_eq!(cell(&at_limit, 2), (Figure::Count(0), Vec::new()));
        assert_eq!(at_limit[3].figure, Figure::Text("Within the limit".into()));
        assert_eq!(at_limit[4].figure, Figure::Change(0));
        let over = cells(vec![7, 8, 9], Some(2), "None agreed", Some(1));
        assert_eq!(cell(&over, 2), (Figure::Count(1), vec![9]));
        assert_eq!(over[3].figure, Figure::Text("Over the limit".into()));
        assert_eq!(over[4].figure, Figure::Change(2));
        let unlimited = cells(vec![7], None, "None agreed", None);
        assert_eq!((&unlimited[1].figure, &unlimited[2].figure), (&Figure::None, &Figure::None));
        assert_eq!(unlimited[3].figure, Figure::Text("None agreed".into()));
    }
}
