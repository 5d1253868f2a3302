//! Adding up: records and amounts by group and column.

use super::asked::Asked;
use super::group::key_of;
use super::period;
use super::standing::Standing;
use super::table::{Cell, Column, Figure, Measure, Row, TOTAL};
use crate::error::Result;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::value::Value;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Most rows of one report: more is a list, not a report.
const MOST_GROUPS: usize = 1_000;

/// Takes that a record counts in a column by something that happened at an instant, with an amount for columns that add
/// or average: a report says this of everything it is about, whoever asks and however it is grouped.
pub type Emit<'e> = &'e mut dyn FnMut(&Standing, &'static str, i64, i64);

/// The last instant of a period that has passed, whichever that is when somebody asks.
pub const AT_THE_END: i64 = i64::MAX;

/// What was counted in one group and column.
#[derive(Clone, Debug, Default)]
pub(super) struct Bag {
    records: Vec<i64>,
    /// Records that are counted and not named, each once.
    unnamed: i64,
    /// The record that was counted last.
    last: Option<i64>,
    sum: i64,
    /// How often something was added, which can be more often than there are records.
    times: i64,
}

/// Everything counted, by group and column, and all together.
#[derive(Debug)]
pub struct Tally {
    columns: &'static [Column],
    groups: BTreeMap<Value, Vec<Bag>>,
    whole: Vec<Bag>,
    /// When each of the records was last updated, in the order of their ids, where that is known.
    pub updated: Vec<(i64, i64)>,
}

impl Tally {
    /// An empty one for these columns.
    #[must_use]
    pub fn new(columns: &'static [Column]) -> Self {
        Self::of(columns, BTreeMap::new(), vec![Bag::default(); columns.len()])
    }

    /// One of what was counted elsewhere.
    #[must_use]
    pub(super) fn of(columns: &'static [Column], groups: BTreeMap<Value, Vec<Bag>>, whole: Vec<Bag>) -> Self {
        Self { columns, groups, whole, updated: Vec::new() }
    }

    /// The same, with when each record was last updated.
    #[must_use]
    pub fn with(self, updated: Vec<(i64, i64)>) -> Self {
        Self { updated, ..self }
    }

    /// These columns, of what was counted here and, where they tell of the period before, there.
    #[must_use]
    pub fn against(mut self, mut before: Self, columns: &'static [Column]) -> Self {
        let place = |at: usize| self.columns.iter().position(|known| known.key == columns[at].key);
        let taken: Vec<(bool, Option<usize>)> = (0..columns.len())
            .map(|at| match columns[at].measure {
                Measure::Before(of) => (true, place(of)),
                Measure::Change { .. } => (false, None),
                _ => (false, place(at)),
            })
            .collect();
        let row = |now: &[Bag], before: &[Bag]| -> Vec<Bag> {
            let bag = |(earlier, at): &(bool, Option<usize>)| if *earlier { before } else { now }.get((*at)?).cloned();
            taken.iter().map(|each| bag(each).unwrap_or_default()).collect()
        };
        let whole = row(&self.whole, &before.whole);
        let mut groups = BTreeMap::new();
        for (group, bags) in &self.groups {
            groups.insert(group.clone(), row(bags, &before.groups.remove(group).unwrap_or_default()));
        }
        groups.extend(before.groups.iter().map(|(group, bags)| (group.clone(), row(&[], bags))));
        groups.retain(|_, bags| bags.iter().any(|bag| !bag.is_empty()));
        self.updated.append(&mut before.updated);
        self.updated.sort_unstable();
        self.updated.dedup();
        Self { columns, groups, whole, updated: self.updated }
    }

    /// The same in the months that follow; what is in a month that has no next one is left out.
    #[must_use]
    pub fn a_month_later(mut self) -> Self {
        let later =
            |(group, bags): (Value, Vec<Bag>)| Some((Value::Text(period::month_after(group.as_text()?)?), bags));
        self.groups = std::mem::take(&mut self.groups).into_iter().filter_map(later).collect();
        self
    }

    /// Counts a record, with an amount for columns that add or average, in its groups and all together.
    pub fn add(&mut self, groups: &[Value], column: &str, record: i64, amount: i64) {
        let Some(at) = self.columns.iter().position(|c| c.key == column) else { return };
        for group in groups {
            if !self.groups.contains_key(group) {
                self.groups.insert(group.clone(), vec![Bag::default(); self.columns.len()]);
            }
            if let Some(bags) = self.groups.get_mut(group) {
                bags[at].add(record, amount);
            }
        }
        self.whole[at].add(record, amount);
    }

    /// Rows in the order of their labels, those of months and numbers in their own, those of linked records with most
    /// first; all together; and whether there are more rows: of linked records those with most are told.
    ///
    /// # Errors
    /// More groups than anybody reads; the database's.
    pub fn rows(mut self, asked: &mut Asked<'_, '_>) -> Result<(Vec<Row>, Row, bool)> {
        let linked = asked.by.relation().is_some();
        let more = self.groups.len() > MOST_GROUPS;
        if more && !linked {
            let says =
                format!("This makes more than {MOST_GROUPS} rows. Group by something else, or narrow the filter.");
            return Err(Refusal::invalid("too_many_groups", says).into());
        }
        self.whole.iter_mut().for_each(Bag::settle);
        self.groups.values_mut().flatten().for_each(Bag::settle);
        let mut groups: Vec<(Value, Vec<Bag>)> = self.groups.into_iter().collect();
        if linked {
            let many = |bags: &[Bag]| Reverse(bags.iter().map(Bag::count).collect::<Vec<_>>());
            groups.sort_by_cached_key(|(group, bags)| (group.is_null(), many(bags), group.clone()));
            groups.truncate(MOST_GROUPS);
        }
        let told = groups.iter().map(|(group, _)| group);
        let labels = asked.by.labels(asked.session, asked.caller, asked.process, told)?;
        let columns = self.columns;
        let mut rows: Vec<(Value, Row)> = Vec::with_capacity(groups.len());
        for (group, bags) in groups {
            let label = labels.get(&group).cloned().unwrap_or_default();
            rows.push((group.clone(), Row { key: key_of(&group), label, cells: cells(columns, &bags) }));
        }
        if asked.by.field().and_then(mainstay_engine::field::FieldDef::register).is_some() {
            rows.sort_by(|(a, one), (b, other)| (a.is_null(), &one.label, a).cmp(&(b.is_null(), &other.label, b)));
        }
        let total = Row { key: TOTAL.into(), label: "Total".into(), cells: cells(columns, &self.whole) };
        Ok((rows.into_iter().map(|(_, row)| row).collect(), total, more))
    }
}

impl Bag {
    fn add(&mut self, record: i64, amount: i64) {
        self.records.push(record);
        self.sum += amount;
        self.times += 1;
    }

    /// What happened to a record twice is still one record.
    fn settle(&mut self) {
        self.records.sort_unstable();
        self.records.dedup();
    }

    /// Counts a record that comes once, by name or without.
    pub(super) fn count_one(&mut self, record: i64, named: bool) {
        if named {
            self.records.push(record);
        } else {
            self.unnamed += 1;
        }
    }

    /// Counts a record with an amount, by name or without; what there is of a record comes in one go.
    pub(super) fn mark(&mut self, record: i64, amount: i64, named: bool) {
        if self.last != Some(record) {
            self.last = Some(record);
            self.count_one(record, named);
        }
        self.sum += amount;
        self.times += 1;
    }

    /// Counts what another counts too, which has none of these records.
    pub(super) fn take_in(&mut self, other: &Self) {
        self.records.extend_from_slice(&other.records);
        self.unnamed += other.unnamed;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count() == 0
    }

    fn count(&self) -> i64 {
        i64::try_from(self.records.len()).unwrap_or(i64::MAX).saturating_add(self.unnamed)
    }

    fn cell(&self, figure: Figure) -> Cell {
        Cell { figure, leads: !self.is_empty(), records: self.records.clone() }
    }
}

fn cells(columns: &[Column], bags: &[Bag]) -> Vec<Cell> {
    let cell = |(column, bag): (&Column, &Bag)| match column.measure {
        Measure::Share { part, whole } => {
            let figure =
                Figure::Share { part: bags[part].count(), whole: whole.iter().map(|at| bags[*at].count()).sum() };
            let figure = if matches!(figure, Figure::Share { whole: 0, .. }) { Figure::None } else { figure };
            // It leads to what it is a share of; the part stands in a column of its own.
            let mut records: Vec<i64> = whole.iter().flat_map(|at| &bags[*at].records).copied().collect();
            records.sort_unstable();
            records.dedup();
            Cell { figure, leads: whole.iter().any(|at| !bags[*at].is_empty()), records }
        }
        Measure::Change { now, before } => Cell::plain(Figure::Change(bags[now].count() - bags[before].count())),
        _ => bag.cell(figure(column.measure, bag)),
    };
    columns.iter().zip(bags).map(cell).collect()
}

fn figure(measure: Measure, bag: &Bag) -> Figure {
    match measure {
        Measure::MeanTime | Measure::Mean if bag.times == 0 => Figure::None,
        Measure::MeanTime => Figure::Time((bag.sum + bag.times / 2).div_euclid(bag.times)),
        Measure::Mean => Figure::Mean { sum: bag.sum, of: bag.times },
        Measure::Sum => Figure::Count(bag.sum),
        _ => Figure::Count(bag.count()),
    }
}
