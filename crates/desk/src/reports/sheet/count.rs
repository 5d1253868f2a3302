//! Counting what a sheet says, for one caller under one condition in one grouping.

use super::facts::{Fact, Line, Sheet};
use super::{Key, What};
use crate::error::Result;
use crate::reports::asked::Asked;
use crate::reports::breaches::Position;
use crate::reports::group::{By, groups_of};
use crate::reports::open::{Open, Wanted};
use crate::reports::ordered::Beside;
use crate::reports::period::Month;
use crate::reports::table::Column;
use crate::reports::tally::{AT_THE_END, Bag, Tally};
use crate::reports::{Kind, volume};
use mainstay_engine::value::Value;
use std::collections::BTreeMap;

/// Counts a report of what happened, with the ids of the records where they are asked for; none where it has to be
/// counted from the records.
///
/// # Errors
/// The database's.
pub fn happened(asked: &mut Asked<'_, '_>, kind: &'static Kind, with_ids: bool) -> Result<Option<Tally>> {
    let (from, to) = (asked.period.from, asked.period.to);
    let Some(key) = Key::of(asked, What::Report(kind.key), (from, to)) else { return Ok(None) };
    let Some(sheet) = key.sheet(asked)? else { return Ok(None) };
    let mut count = Count::new(kind.columns, with_ids);
    let rows = Rows::of(asked, &key, &sheet, &mut count)?;
    let end = asked.until() - 1;
    visit(asked, &key, &sheet, |fact, lines| {
        count.note(fact);
        for line in lines {
            let at = if line.at == AT_THE_END { end } else { line.at };
            rows.each(fact, at, |row| count.mark(row, usize::from(line.column), fact.id, line.amount));
            count.mark_whole(usize::from(line.column), fact.id, line.amount);
        }
    })?;
    Ok(Some(count.tally()))
}

/// Counts what was there at the end of the period, or by month at the end of each.
///
/// # Errors
/// The database's.
pub fn was_there(asked: &mut Asked<'_, '_>, kind: &'static Kind, with_ids: bool) -> Result<Option<Tally>> {
    let mut count = Count::new(kind.columns, with_ids);
    let by_month = asked.by == By::Month;
    let whole = || vec![Month { key: String::new(), end: asked.period.to }];
    for month in if by_month { asked.period.months() } else { whole() } {
        let at = month.end.min(asked.until());
        let Some(key) = Key::of(asked, What::Live, live_at(asked, at)) else { return Ok(None) };
        let Some(sheet) = key.sheet(asked)? else { return Ok(None) };
        let rows = if by_month {
            Rows::One(count.row(Value::Text(month.key)))
        } else {
            Rows::of(asked, &key, &sheet, &mut count)?
        };
        visit(asked, &key, &sheet, |fact, lines| {
            count.note(fact);
            for line in lines {
                let age = at - line.amount;
                for column in volume::of_age(age) {
                    let column = count.place(column);
                    rows.each(fact, at, |row| count.mark(row, column, fact.id, age));
                    count.mark_whole(column, fact.id, age);
                }
            }
        })?;
    }
    Ok(Some(count.tally()))
}

/// Hands each record that was live at an instant, with the value of a field that every sheet has and when it was
/// opened, to `take`; false where it has to be asked of the records.
///
/// # Errors
/// The database's.
pub fn each_live(
    asked: &mut Asked<'_, '_>,
    at: i64,
    field: &str,
    mut take: impl FnMut(i64, &Value, i64),
) -> Result<bool> {
    let Some(key) = Key::of(asked, What::Live, live_at(asked, at)) else { return Ok(false) };
    let Some(sheet) = key.sheet(asked)? else { return Ok(false) };
    let Some(field) = key.fields().iter().position(|known| *known == field) else { return Ok(false) };
    visit(asked, &key, &sheet, |fact, lines| {
        let value = sheet.values(field).get(fact.values[field] as usize);
        for line in lines {
            take(fact.id, value.unwrap_or(&Value::Null), line.amount);
        }
    })?;
    Ok(true)
}

/// Where the targets missed in the period stand in their list, in no order; none where it has to be asked of the
/// records.
///
/// # Errors
/// The database's.
pub fn missed(asked: &mut Asked<'_, '_>) -> Result<Option<Vec<Position>>> {
    let (from, to) = (asked.period.from, asked.period.to);
    let Some(key) = Key::of(asked, What::Missed, (from, to)) else { return Ok(None) };
    let Some(sheet) = key.sheet(asked)? else { return Ok(None) };
    let mut found = Vec::new();
    visit(asked, &key, &sheet, |fact, lines| {
        found.extend(lines.iter().map(|line| (line.at, fact.id, usize::from(line.column))));
    })?;
    Ok(Some(found))
}

/// The span that stands for what is live at an instant; what is live now is one sheet whenever it is asked for.
fn live_at(asked: &Asked<'_, '_>, at: i64) -> (i64, i64) {
    let at = if at > asked.session.now { super::NOW } else { at };
    (at, at)
}

/// Hands every record that the caller sees and the condition lets through, with what is said of it, to `take`.
fn visit(asked: &mut Asked<'_, '_>, key: &Key, sheet: &Sheet, mut take: impl FnMut(&Fact, &[Line])) -> Result<()> {
    let open = Open::to(asked, sheet.organisations(), sheet.facts.iter().map(Fact::door))?;
    let fields = key.fields();
    let about = fields.iter().enumerate().filter(|(_, field)| asked.filtered().contains(field));
    let mut wanted = Wanted::by(about.map(|(at, _)| (at, sheet.values(at).len())));
    let value = |fact: &Fact, key: &str| {
        let at = fields.iter().position(|field| *field == key)?;
        sheet.values(at).get(fact.values[at] as usize).cloned()
    };
    let says =
        |fact: &Fact| asked.filter().is_none_or(|filter| filter.matches(&|key| value(fact, key).unwrap_or_default()));
    let mut lines = Beside::new(&sheet.lines, |line: &Line| line.record);
    for fact in &sheet.facts {
        if wanted.holds(&fact.values, || says(fact)) && open.shows(fact.door()) {
            take(fact, lines.of(fact.id));
        }
    }
    Ok(())
}

/// In which rows a record counts.
enum Rows {
    One(usize),
    /// By the month of what happened: from when on, the ends of months with their rows, and the row of what lies in
    /// none.
    Months(i64, Vec<(i64, usize)>, usize),
    /// By the place of the value of a field.
    Values(usize, Vec<Vec<usize>>),
}

impl Rows {
    fn of(asked: &mut Asked<'_, '_>, key: &Key, sheet: &Sheet, count: &mut Count) -> Result<Self> {
        Ok(match asked.by {
            By::Whole => Self::One(count.row(Value::Null)),
            By::Month => {
                let mut row = |key: String| count.row(Value::Text(key));
                let months: Vec<(i64, usize)> =
                    asked.period.months().into_iter().map(|month| (month.end, row(month.key))).collect();
                // The end of a period that has not begun lies before it.
                let other = row(asked.period.month_of(asked.until() - 1));
                Self::Months(asked.period.from, months, other)
            }
            By::Field(_) | By::Relation(_) => {
                let by = asked.by.key();
                let values = key.fields().iter().position(|known| *known == by).unwrap_or_default();
                let linked = asked.linked(sheet.values(values).iter())?;
                let groups = |value: &Value| match &linked {
                    Some(linked) => linked.groups(groups_of(value.clone())),
                    None => groups_of(value.clone()),
                };
                let rows = |value: &Value| groups(value).into_iter().map(|group| count.row(group)).collect();
                Self::Values(values, sheet.values(values).iter().map(rows).collect())
            }
        })
    }

    fn each(&self, fact: &Fact, at: i64, mut take: impl FnMut(usize)) {
        match self {
            Self::One(row) => take(*row),
            Self::Months(from, months, other) => {
                let month = months.partition_point(|(end, _)| *end <= at);
                let month = months.get(month).filter(|_| at >= *from);
                take(month.map_or(*other, |(_, row)| *row));
            }
            Self::Values(field, rows) => rows[fact.values[*field] as usize].iter().copied().for_each(take),
        }
    }
}

/// What has been counted so far.
struct Count {
    columns: &'static [Column],
    named: bool,
    places: BTreeMap<Value, usize>,
    /// The columns of each row, one row after the other.
    bags: Vec<Bag>,
    whole: Vec<Bag>,
    updated: Vec<(i64, i64)>,
}

impl Count {
    fn new(columns: &'static [Column], named: bool) -> Self {
        let whole = vec![Bag::default(); columns.len()];
        Self { columns, named, places: BTreeMap::new(), bags: Vec::new(), whole, updated: Vec::new() }
    }

    fn place(&self, column: &str) -> usize {
        self.columns.iter().position(|known| known.key == column).unwrap_or_default()
    }

    fn row(&mut self, group: Value) -> usize {
        let next = self.places.len();
        let row = *self.places.entry(group).or_insert(next);
        if row == next {
            self.bags.resize((next + 1) * self.columns.len(), Bag::default());
        }
        row
    }

    fn note(&mut self, fact: &Fact) {
        if self.named {
            self.updated.push((fact.id, fact.updated));
        }
    }

    fn mark(&mut self, row: usize, column: usize, record: i64, amount: i64) {
        self.bags[row * self.columns.len() + column].mark(record, amount, self.named);
    }

    fn mark_whole(&mut self, column: usize, record: i64, amount: i64) {
        self.whole[column].mark(record, amount, self.named);
    }

    fn tally(mut self) -> Tally {
        // What was there at the ends of several months comes once for each.
        self.updated.sort_unstable();
        self.updated.dedup();
        let mut bags = self.bags.into_iter();
        let mut rows: Vec<(usize, Value)> = self.places.into_iter().map(|(group, row)| (row, group)).collect();
        rows.sort_by_key(|(row, _)| *row);
        let rows: Vec<(Value, Vec<Bag>)> =
            rows.into_iter().map(|(_, group)| (group, bags.by_ref().take(self.columns.len()).collect())).collect();
        let counted = rows.into_iter().filter(|(_, bags)| bags.iter().any(|bag| !bag.is_empty()));
        Tally::of(self.columns, counted.collect(), self.whole).with(self.updated)
    }
}
