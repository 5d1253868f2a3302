//! Counting what is kept: the same figures as from the records themselves.

use super::facts::{Fact, Facts, Fate, GROUPS, ORGANISATION, STATE, Timing, place_of};
use super::{Passed, Recent};
use crate::error::Result;
use crate::reports::asked::Asked;
use crate::reports::compliance::{self, COMPLIANCE};
use crate::reports::course::Passage;
use crate::reports::group::By;
use crate::reports::open::{Door, Open, Wanted};
use crate::reports::ordered::Beside;
use crate::reports::table::Column;
use crate::reports::tally::{Bag, Tally};
use crate::reports::volume::{self, VOLUME};
use mainstay_engine::clock::Metric;
use mainstay_engine::field::Home;
use mainstay_engine::process::State;
use mainstay_engine::value::Value;
use std::collections::HashMap;

/// Reports that are counted from what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// What came and went.
    Passages,
    /// Targets met and missed.
    Clocks(Metric),
}

/// In which columns a record is counted: a bit for each.
#[derive(Default)]
struct Marks(u32);

impl Marks {
    fn set(&mut self, column: usize, counts: bool) {
        self.0 |= u32::from(counts) << column;
    }
}

impl Iterator for Marks {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let column = self.0.trailing_zeros();
        self.0 &= self.0.checked_sub(1)?;
        Some(column as usize)
    }
}

/// Counts a report, with the ids of the records where they are asked for; none where it rests on more than what is
/// kept: a period that has ended or began too early, a filter by or a grouping of other fields.
///
/// # Errors
/// The database's.
pub fn tally(asked: &mut Asked<'_, '_>, from: From, with_ids: bool) -> Result<Option<Tally>> {
    let Some(followed) = asked.session.kept.clone() else { return Ok(None) };
    let recent = followed.kept.read();
    let (Some(facts), Some(grouping)) = (usable(asked, &recent), Grouping::of(asked.by)) else { return Ok(None) };
    let open = Open::to(asked, facts.values(ORGANISATION), facts.records.iter().map(door))?;
    let count = Count { asked, facts, open, grouping, with_ids };
    Ok(Some(match from {
        From::Passages => count.passages(),
        From::Clocks(metric) => {
            let excluded = excluded(count.asked, facts, metric)?;
            count.clocks(metric, &excluded)
        }
    }))
}

/// The facts that answer a question, where they do.
fn usable<'r>(asked: &Asked<'_, '_>, recent: &'r Recent) -> Option<&'r Facts> {
    let (period, now) = (&asked.period, asked.session.now);
    let lasts = period.to > now && period.from >= recent.since && asked.filters_by(&GROUPS);
    recent.of.get(asked.process.key).filter(|facts| lasts && facts.latest <= now)
}

/// The columns of the clocks from which time was excluded, by record: what is left out is reckoned anew each time.
fn excluded(asked: &mut Asked<'_, '_>, facts: &Facts, metric: Metric) -> Result<HashMap<i64, Vec<&'static str>>> {
    let mut found: HashMap<i64, Vec<&'static str>> = HashMap::new();
    for row in facts.excluded.iter().filter(|row| row.metric == metric.key()) {
        let timed = asked.timed(row.clone())?;
        let columns = found.entry(row.record).or_default();
        compliance::marks(&timed, &asked.period, |column, _| columns.push(column));
    }
    Ok(found)
}

struct Count<'a, 's, 'c> {
    asked: &'a mut Asked<'s, 'c>,
    facts: &'a Facts,
    open: Open,
    grouping: Grouping,
    with_ids: bool,
}

impl Count<'_, '_, '_> {
    fn passages(&self) -> Tally {
        let period = &self.asked.period;
        let opened = place_in(VOLUME, "opened");
        let places = Passage::ALL.map(|what| place_in(VOLUME, volume::column_of(what)));
        let voids = self.voids();
        let mut passages = Beside::new(&self.facts.passages, |passed: &Passed| passed.record);
        self.counted(VOLUME, |fact, marks| {
            marks.set(opened, period.holds(fact.opened));
            for passed in passages.of(fact.id) {
                // A step that only took back another one of the period never was.
                let lasting = passed.takes_back.is_none_or(|at| at < period.from);
                let counts = lasting && period.holds(passed.at);
                let counts = counts && volume::counts(voids[fact.state()], passed.what);
                marks.set(places[passed.what as usize], counts);
            }
        })
    }

    fn clocks(&self, metric: Metric, excluded: &HashMap<i64, Vec<&'static str>>) -> Tally {
        let (period, until) = (&self.asked.period, self.asked.until());
        let place = |column: &str| place_in(COMPLIANCE, column);
        let [opened, undecided] = ["opened", "undecided"].map(place);
        let met = ["met", "adjusted_met"].map(place);
        let missed = ["breached_open", "breached_closed"].map(|column| [column, "adjusted_breached"].map(place));
        let voids = self.voids();
        let mut clocks = Beside::new(&self.facts.clocks[place_of(metric)], |timing: &Timing| timing.record);
        self.counted(COMPLIANCE, |fact, marks| {
            marks.set(opened, period.holds(fact.opened));
            if voids[fact.state()] {
                return;
            }
            for timing in clocks.of(fact.id) {
                let (at, columns) = match timing.fate {
                    Fate::Met { at } => (at, met),
                    Fate::Missed { at, done } => (at, missed[usize::from(done)]),
                    Fate::Open { due: Some(due) } if due < until => (due, missed[0]),
                    Fate::Open { .. } => {
                        marks.set(undecided, true);
                        continue;
                    }
                };
                for column in columns {
                    marks.set(column, period.holds(at));
                }
            }
            if !excluded.is_empty() {
                for column in excluded.get(&fact.id).into_iter().flatten() {
                    marks.set(place(column), true);
                }
            }
        })
    }

    /// Counts every visible record in the columns that `mark` says.
    fn counted(&self, columns: &'static [Column], mut mark: impl FnMut(&Fact, &mut Marks)) -> Tally {
        // One row of columns for each group; a record stands in one group, so all together are their sum.
        let mut bags = vec![Bag::default(); columns.len() * self.grouping.width(self.facts)];
        let about = GROUPS.iter().enumerate().filter(|(_, key)| self.asked.filtered().contains(key));
        let mut wanted = Wanted::by(about.map(|(group, _)| (group, self.facts.values(group).len())));
        let filter = self.asked.filter();
        let says = |fact: &Fact| filter.is_none_or(|f| f.matches(&|key| value(self.asked, self.facts, fact, key)));
        let wants = |fact: &&Fact| wanted.holds(&fact.values, || says(fact));
        let shown = self.facts.records.iter().filter(wants).filter(|fact| self.open.shows(door(fact)));
        let mut updated = Vec::new();
        for fact in shown {
            if self.with_ids {
                updated.push((fact.id, fact.updated));
            }
            let mut marks = Marks::default();
            mark(fact, &mut marks);
            let row = self.grouping.place(fact) * columns.len();
            for column in marks {
                bags[row + column].count_one(fact.id, self.with_ids);
            }
        }
        let rows: Vec<Vec<Bag>> = bags.chunks(columns.len()).map(<[Bag]>::to_vec).collect();
        let mut whole = vec![Bag::default(); columns.len()];
        for row in &rows {
            whole.iter_mut().zip(row).for_each(|(sum, bag)| sum.take_in(bag));
        }
        let named = self.grouping.values(self.asked, self.facts).into_iter().zip(rows);
        let groups = named.filter(|(_, row)| row.iter().any(|bag| !bag.is_empty())).collect();
        Tally::of(columns, groups, whole).with(updated)
    }

    /// Which of the states that occur withdraw a record.
    fn voids(&self) -> Vec<bool> {
        let places = self.facts.values(STATE).iter();
        places.map(|place| state_at(self.asked, *place).is_some_and(|state| state.void)).collect()
    }
}

fn state_at(asked: &Asked<'_, '_>, place: Option<i64>) -> Option<&'static State> {
    asked.process.states.get(usize::try_from(place?).ok()?)
}

fn place_in(columns: &[Column], key: &str) -> usize {
    columns.iter().position(|column| column.key == key).unwrap_or_default()
}

fn door(fact: &Fact) -> Door {
    (fact.id, fact.values[ORGANISATION], fact.restricted)
}

/// What a record holds in one of [`GROUPS`].
fn value(asked: &Asked<'_, '_>, facts: &Facts, fact: &Fact, key: &str) -> Value {
    let Some(group) = GROUPS.iter().position(|known| *known == key) else { return Value::Null };
    held(asked, group, facts.values(group)[fact.values[group] as usize])
}

/// A value of one of [`GROUPS`] as it is read from a record.
fn held(asked: &Asked<'_, '_>, group: usize, value: Option<i64>) -> Value {
    if group == STATE {
        return state_at(asked, value).map_or(Value::Null, |state| Value::from(state.key));
    }
    value.map_or(Value::Null, Value::Int)
}

/// What rows stand for.
#[derive(Clone, Copy)]
enum Grouping {
    Whole,
    /// One of [`GROUPS`].
    By(usize),
}

impl Grouping {
    fn of(by: By) -> Option<Self> {
        match by {
            By::Whole => Some(Self::Whole),
            By::Month | By::Relation(_) => None,
            By::Field(field) if field.home != Home::Spine => None,
            By::Field(field) => GROUPS.iter().position(|key| *key == field.key).map(Self::By),
        }
    }

    fn width(self, facts: &Facts) -> usize {
        match self {
            Self::Whole => 1,
            Self::By(group) => facts.values(group).len(),
        }
    }

    fn place(self, fact: &Fact) -> usize {
        match self {
            Self::Whole => 0,
            Self::By(group) => fact.values[group] as usize,
        }
    }

    fn values(self, asked: &Asked<'_, '_>, facts: &Facts) -> Vec<Value> {
        let Self::By(group) = self else { return vec![Value::Null] };
        facts.values(group).iter().map(|value| held(asked, group, *value)).collect()
    }
}
