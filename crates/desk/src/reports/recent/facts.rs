//! What figures rest on, of the records of one process.

use super::Passed;
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::records;
use crate::reports::course::{passage, undoes};
use crate::reports::ordered::{Places, exchange};
use crate::reports::outcome::{Outcome, is_exclusion, moved};
use mainstay_engine::clock::Metric;
use mainstay_engine::process::Process;
use mainstay_engine::spine;
use mainstay_store::clocks::ClockRow;
use mainstay_store::reports::{self, Happening, Whose};
use mainstay_store::{Column, Filter, Op, Question};
use std::collections::{HashMap, HashSet};

/// Records that are read at a time.
const BATCH: usize = 2_000;
/// Later than anything that happens, and still good to reckon with.
const NEVER: i64 = i64::MAX / 2;

/// The fields of a record by which figures may be grouped, in the order of [`Fact::values`].
pub const GROUPS: [&str; 5] = [
    spine::TEAM.def.key,
    spine::SERVICE.def.key,
    spine::ORGANISATION.def.key,
    spine::PRIORITY.def.key,
    spine::STATE.def.key,
];
/// Where the organisation stands among them.
pub const ORGANISATION: usize = 2;
/// Where the state stands among them; its value is the state's place among those of the process.
pub const STATE: usize = 4;

/// A record as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fact {
    pub id: i64,
    /// Epoch milliseconds UTC.
    pub opened: i64,
    /// When it last changed, in epoch milliseconds UTC.
    pub updated: i64,
    pub restricted: bool,
    /// Each the place of its value among [`Facts::values`].
    pub values: [u32; GROUPS.len()],
}

impl Fact {
    /// The place of its state among the values that occur.
    pub fn state(&self) -> usize {
        self.values[STATE] as usize
    }
}

/// What has become of a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Met {
        at: i64,
    },
    Missed {
        at: i64,
        done: bool,
    },
    /// Neither yet; missed at `due` unless something happens before.
    Open {
        due: Option<i64>,
    },
}

/// A clock of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    pub record: i64,
    pub fate: Fate,
}

/// What happened lately to the records of one process, each list in the order of records.
#[derive(Debug, Default)]
pub struct Facts {
    pub records: Vec<Fact>,
    pub passages: Vec<Passed>,
    /// Of each metric.
    pub clocks: [Vec<Timing>; 2],
    /// Clocks with time excluded, of every metric: few, and what they come to is not told by their facts alone.
    pub excluded: Vec<ClockRow>,
    /// The latest instant of anything in here: whoever asks before has to look for themselves.
    pub latest: i64,
    values: [Places<Option<i64>>; GROUPS.len()],
}

/// Where the clocks of a metric stand.
pub fn place_of(metric: Metric) -> usize {
    usize::from(metric == Metric::Resolution)
}

impl Facts {
    /// The values of a group of [`GROUPS`] that occur.
    pub fn values(&self, group: usize) -> &[Option<i64>] {
        self.values[group].all()
    }

    /// Reads what happened since an instant to these records.
    ///
    /// # Errors
    /// The database's.
    pub fn read(
        session: &mut Session<'_>,
        engine: &Caller,
        process: &'static Process,
        since: i64,
        ids: &[i64],
    ) -> Result<Self> {
        let mut facts = Self::default();
        // What is read of each is much more than what is kept of it.
        for part in ids.chunks(BATCH) {
            facts.read_passages(session, engine, process, since, part)?;
            facts.read_clocks(session, engine, process, part)?;
            facts.read_records(session, engine, process, part)?;
        }
        facts.in_order();
        facts.records.shrink_to_fit();
        facts.clocks.iter_mut().for_each(Vec::shrink_to_fit);
        Ok(facts)
    }

    fn read_passages(
        &mut self,
        session: &mut Session<'_>,
        engine: &Caller,
        process: &'static Process,
        since: i64,
        ids: &[i64],
    ) -> Result<()> {
        let mut course: Vec<Happening> = Vec::new();
        let whose = Whose { among: Some(ids), ..Whose::default() };
        reports::course(session.conn, &engine.scope, process.key, (since, i64::MAX), whose, |event| {
            course.push(event);
            Ok(())
        })?;
        self.passages.extend(passed(process, &course));
        Ok(())
    }

    fn read_clocks(
        &mut self,
        session: &mut Session<'_>,
        engine: &Caller,
        process: &'static Process,
        ids: &[i64],
    ) -> Result<()> {
        for metric in metrics(process) {
            for row in reports::clocks_among(session.conn, &engine.scope, metric.key(), ids)? {
                self.take_clock(row, metric)?;
            }
        }
        Ok(())
    }

    fn take_clock(&mut self, row: ClockRow, metric: Metric) -> Result<()> {
        let clock = records::clock_of(&row)?;
        let last = clock.facts().iter().filter_map(moved).max();
        self.latest = self.latest.max(last.unwrap_or_default());
        if clock.facts().iter().any(is_exclusion) {
            self.excluded.push(row);
            return Ok(());
        }
        let so_far = Outcome::at(clock.facts(), None, NEVER);
        let fate = match (so_far.breached, so_far.stopped) {
            _ if so_far.cancelled || so_far.started.is_none() => return Ok(()),
            (Some(at), stopped) => Fate::Missed { at, done: stopped.is_some() },
            (None, Some(at)) => Fate::Met { at },
            (None, None) => Fate::Open { due: Outcome::at(clock.facts(), row.due, NEVER).breached },
        };
        self.clocks[place_of(metric)].push(Timing { record: row.record, fate });
        Ok(())
    }

    fn read_records(
        &mut self,
        session: &mut Session<'_>,
        engine: &Caller,
        process: &'static Process,
        ids: &[i64],
    ) -> Result<()> {
        let these = Filter::In(Column::Record("id"), ids.iter().map(|id| (*id).into()).collect());
        let question = Question { scope: &engine.scope, table: Some(records::table(process)), filter: &these };
        let columns = [spine::OPENED.def.key, spine::UPDATED.def.key, spine::RESTRICTED.def.key];
        let columns = columns.into_iter().chain(GROUPS);
        let columns: Vec<Column> = columns.map(Column::Record).collect();
        let (found, values) = (&mut self.records, &mut self.values);
        question.columns(session.conn, &columns, |id, row| {
            let mut places = [0; GROUPS.len()];
            for (group, value) in row[3..].iter().enumerate() {
                let state = || process.states.iter().position(|s| Some(s.key) == value.as_text());
                let value = if group == STATE { state().and_then(|n| n.try_into().ok()) } else { value.as_int() };
                places[group] = values[group].of(value);
            }
            let [opened, updated] = [0, 1].map(|at| row[at].as_int().unwrap_or_default());
            let restricted = row[2].as_bool().unwrap_or(true);
            found.push(Fact { id, opened, updated, restricted, values: places });
            Ok(())
        })?;
        Ok(())
    }

    fn in_order(&mut self) {
        self.records.sort_by_key(|fact| fact.id);
        self.passages.sort_by_key(|passed| passed.record);
        for clocks in &mut self.clocks {
            clocks.sort_by_key(|timing| timing.record);
        }
        self.excluded.sort_by_key(|row| row.record);
        let latest = self.records.iter().map(|f| f.opened).chain(self.passages.iter().map(|p| p.at)).max();
        self.latest = self.latest.max(latest.unwrap_or_default());
    }

    /// Puts what is known now of these records, whose ids are in order, in the place of what was known.
    pub fn replace(&mut self, ids: &[i64], news: Self) {
        let (mut records, values) = (news.records, news.values);
        for (group, place) in records.iter_mut().flat_map(|fact| fact.values.iter_mut().enumerate()) {
            let value = values[group].all().get(*place as usize).copied().flatten();
            *place = self.values[group].of(value);
        }
        exchange(&mut self.records, ids, records, |fact| fact.id);
        exchange(&mut self.passages, ids, news.passages, |passed| passed.record);
        for (clocks, news) in self.clocks.iter_mut().zip(news.clocks) {
            exchange(clocks, ids, news, |timing| timing.record);
        }
        exchange(&mut self.excluded, ids, news.excluded, |row| row.record);
        self.latest = self.latest.max(news.latest);
    }
}

fn metrics(process: &'static Process) -> impl Iterator<Item = Metric> {
    [Metric::Response, Metric::Resolution].into_iter().filter(|_| process.has_clocks())
}

/// The records to which something happened since an instant that figures rest on, in order.
///
/// # Errors
/// The database's.
pub fn concerned(
    session: &mut Session<'_>,
    engine: &Caller,
    process: &'static Process,
    since: i64,
) -> Result<Vec<i64>> {
    let lately = Filter::Is(Column::Record(spine::OPENED.def.key), Op::Ge, since.into());
    let question = Question { scope: &engine.scope, table: Some(records::table(process)), filter: &lately };
    let mut ids = Vec::new();
    question.columns(session.conn, &[], |id, _| {
        ids.push(id);
        Ok(())
    })?;
    let span = (since, i64::MAX);
    reports::course(session.conn, &engine.scope, process.key, span, Whose::default(), |event| {
        ids.push(event.record);
        Ok(())
    })?;
    for metric in metrics(process) {
        ids.extend(reports::records_of_clocks(session.conn, &engine.scope, process.key, metric.key(), span)?);
        ids.sort_unstable();
        ids.dedup();
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// The steps that such events were. What was taken back lies always in the same period as what took it back, or before
/// it, when the period goes on until now; so it never counts. What took it back counts where only it lies inside.
fn passed(process: &'static Process, course: &[Happening]) -> Vec<Passed> {
    let steps: HashMap<i64, i64> = course
        .iter()
        .filter(|event| passage(process, &event.changes).is_some())
        .map(|event| (event.id, event.at))
        .collect();
    let mut taken: HashSet<i64> = HashSet::new();
    let mut takers: HashMap<i64, i64> = HashMap::new();
    for event in course {
        for undone in undoes(&event.changes) {
            if let Some(at) = steps.get(&undone) {
                taken.insert(undone);
                let last = takers.entry(event.id).or_insert(*at);
                *last = (*last).max(*at);
            }
        }
    }
    let lasting = course.iter().filter(|event| !taken.contains(&event.id));
    lasting
        .filter_map(|event| {
            let what = passage(process, &event.changes)?;
            Some(Passed { record: event.record, at: event.at, takes_back: takers.get(&event.id).copied(), what })
        })
        .collect()
}
