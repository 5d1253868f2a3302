//! What is kept of one period: each part is read when somebody first asks for it, and kept up from then on.

use super::engine;
use super::read::Of;
use crate::demo::removal;
use crate::desk::Session;
use crate::error::Result;
use crate::records;
use crate::reports::asked::Timed;
use crate::reports::course::Passage;
use crate::reports::open::Open;
use crate::reports::period::Period;
use crate::reports::standing::{Reader, Standing};
use mainstay_engine::clock::{Clock, Metric};
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::Process;
use mainstay_engine::value::Value;
use mainstay_store::clocks::ClockRow;
use mainstay_store::events;
use std::collections::{BTreeMap, HashMap};

/// With more records touched since, it is quicker to begin anew.
const MOST_TOUCHED: i64 = 5_000;

/// Where the time of a record went, in milliseconds by the wall clock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// By what it waited for.
    pub held: BTreeMap<Value, i64>,
    /// By team.
    pub teams: BTreeMap<Value, i64>,
}

/// Sets of fields of which records are kept as they stood.
const MOST_STANDINGS: usize = 12;
/// Later than anything that happens.
const NEVER: i64 = i64::MAX;
/// The clock of the machine may have been set so far back, in milliseconds, before all is read anew.
const SET_BACK_MS: i64 = 1_000;

/// A clock as far as the end of the period.
enum Clocked {
    /// Whatever happens now makes no difference.
    Decided(Timed),
    /// What it comes to depends on when it is asked.
    Open(Box<(ClockRow, Clock)>),
}

impl Clocked {
    fn all(session: &mut Session<'_>, rows: Vec<ClockRow>, period: &Period) -> Result<Part<Self>> {
        let mut all = Vec::with_capacity(rows.len());
        for row in rows {
            let (record, clock) = (row.record, records::clock_of(&row)?);
            let timed = Timed::of(session, &row, &clock, period.to.min(session.now + 1))?;
            let decided = period.to <= session.now || (timed.outcome.verdict().is_some() && !timed.excluded);
            let clocked = if decided { Self::Decided(timed) } else { Self::Open(Box::new((row, clock))) };
            all.push((record, clocked));
        }
        Ok(all)
    }

    fn bytes(&self) -> usize {
        let own = size_of::<(i64, Self)>();
        if let Self::Open(open) = self { own + size_of::<(ClockRow, Clock)>() + 2 * open.0.facts.len() } else { own }
    }
}

/// Something about records, in their order.
type Part<T> = Vec<(i64, T)>;

/// What figures of a period rest on.
pub struct Facts {
    process: &'static Process,
    period: Period,
    /// Everything up to this event is in it.
    followed: i64,
    /// When somebody last read, in epoch milliseconds UTC.
    read: i64,
    opened: Option<Part<i64>>,
    passages: Option<Part<(Passage, i64)>>,
    clocks: BTreeMap<Metric, Part<Clocked>>,
    /// By the instant at which they may have been live.
    live: BTreeMap<i64, Part<()>>,
    standings: Vec<Standings>,
    /// By record, up to when, and whether with internal events.
    spent: HashMap<(i64, i64, bool), Spent>,
}

/// Records as they stood at an instant, in order.
struct Standings {
    at: i64,
    reader: Reader,
    rows: Vec<Standing>,
}

impl Facts {
    /// Nothing yet, as far as an event.
    pub fn new(process: &'static Process, period: Period, followed: i64) -> Self {
        Self {
            process,
            period,
            followed,
            read: i64::MIN,
            opened: None,
            passages: None,
            clocks: BTreeMap::new(),
            live: BTreeMap::new(),
            standings: Vec::new(),
            spent: HashMap::new(),
        }
    }

    /// The same with so many records opened.
    #[cfg(test)]
    pub fn with_opened(self, records: usize) -> Self {
        Self { opened: Some(vec![(0, 0); records]), ..self }
    }

    /// Whether somebody who sees every event up to `settled` may put in what they read.
    pub fn admits(&self, settled: i64) -> bool {
        self.followed <= settled
    }

    fn of<'a>(&self, engine: &'a crate::caller::Caller, among: Option<&'a [i64]>) -> Of<'a> {
        Of { scope: &engine.scope, process: self.process, among }
    }

    /// Reads anew what the log has touched since; the session sees every event up to `settled`.
    ///
    /// # Errors
    /// The database's.
    pub fn follow(&mut self, session: &mut Session<'_>, settled: i64) -> Result<()> {
        let touched = events::touched(session.conn, self.followed, MOST_TOUCHED)?;
        // Records that are gone have no events that would say so.
        let gone = events::happened_beside(session.conn, self.followed, removal::INSTALLATION, removal::REMOVED)?;
        let set_back = session.now.saturating_add(SET_BACK_MS) < self.read;
        if gone || set_back || i64::try_from(touched.len()).is_ok_and(|many| many >= MOST_TOUCHED) {
            *self = Self::new(self.process, self.period.clone(), settled);
            return Ok(());
        }
        let own = touched.into_iter().filter(|(process, _)| process.as_deref() == Some(self.process.key));
        let mut ids: Vec<i64> = own.map(|(_, id)| id).collect();
        ids.sort_unstable();
        self.read_anew(session, &ids)?;
        (self.followed, self.read) = (settled, self.read.max(session.now));
        Ok(())
    }

    fn read_anew(&mut self, session: &mut Session<'_>, ids: &[i64]) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let (engine, period) = (engine(), self.period.clone());
        let of = self.of(&engine, Some(ids));
        if let Some(opened) = &mut self.opened {
            exchange(opened, ids, of.opened(session, &period)?);
        }
        if let Some(passages) = &mut self.passages {
            exchange(passages, ids, of.passages(session, &period)?);
        }
        for (metric, clocks) in &mut self.clocks {
            let rows = of.clocks(session, *metric, &period)?;
            exchange(clocks, ids, Clocked::all(session, rows, &period)?);
        }
        for (at, live) in &mut self.live {
            exchange(live, ids, of.maybe_live(session, *at)?);
        }
        // These are read anew when somebody asks for them.
        let touched = |id: i64| ids.binary_search(&id).is_ok();
        self.standings.iter_mut().for_each(|standings| standings.rows.retain(|row| !touched(row.id)));
        self.spent.retain(|(record, ..), _| !touched(*record));
        Ok(())
    }

    /// The records opened in the period, each with when.
    ///
    /// # Errors
    /// The database's.
    pub fn opened(&mut self, session: &mut Session<'_>) -> Result<&[(i64, i64)]> {
        if self.opened.is_none() {
            let found = self.of(&engine(), None).opened(session, &self.period)?;
            self.opened = Some(in_order(found));
        }
        Ok(self.opened.as_deref().unwrap_or_default())
    }

    /// What was resolved, closed, withdrawn or opened again in the period, and when.
    ///
    /// # Errors
    /// The database's.
    pub fn passages(&mut self, session: &mut Session<'_>) -> Result<&[(i64, (Passage, i64))]> {
        if self.passages.is_none() {
            let found = self.of(&engine(), None).passages(session, &self.period)?;
            self.passages = Some(in_order(found));
        }
        Ok(self.passages.as_deref().unwrap_or_default())
    }

    /// Hands the clocks of a metric that came to a result in the period or were undecided at its end, as they stood
    /// there, to `take`.
    ///
    /// # Errors
    /// The database's; a clock that cannot be read.
    pub fn clocks(&mut self, session: &mut Session<'_>, metric: Metric, mut take: impl FnMut(&Timed)) -> Result<()> {
        if !self.clocks.contains_key(&metric) {
            let found = self.of(&engine(), None).clocks(session, metric, &self.period)?;
            let found = in_order(Clocked::all(session, found, &self.period)?);
            self.clocks.insert(metric, found);
        }
        let until = self.period.to.min(session.now + 1);
        for (_, clocked) in self.clocks.get(&metric).into_iter().flatten() {
            match clocked {
                Clocked::Decided(timed) => take(timed),
                Clocked::Open(open) => take(&Timed::of(session, &open.0, &open.1, until)?),
            }
        }
        Ok(())
    }

    /// The records that may have been live at an instant.
    ///
    /// # Errors
    /// The database's.
    pub fn maybe_live(&mut self, session: &mut Session<'_>, at: i64) -> Result<&[(i64, ())]> {
        let at = if at > session.now { NEVER } else { at };
        if !self.live.contains_key(&at) {
            let found = self.of(&engine(), None).maybe_live(session, at)?;
            self.live.insert(at, in_order(found));
        }
        Ok(self.live.get(&at).map(Vec::as_slice).unwrap_or_default())
    }

    /// Hands each record among `ids`, which are in order, that a reader of somebody reads, as it stood before `at`, to
    /// `take`, in order.
    ///
    /// # Errors
    /// The database's.
    pub fn each(
        &mut self,
        session: &mut Session<'_>,
        reader: &Reader,
        at: i64,
        ids: &[i64],
        take: impl FnMut(&Standing),
    ) -> Result<()> {
        let process = self.process.key;
        let rows = self.standing(session, reader.fields(), at, ids)?;
        let mut wanted = ids.iter().copied().peekable();
        let rows: Vec<&Standing> = rows
            .iter()
            .filter(|row| {
                while wanted.next_if(|id| *id < row.id).is_some() {}
                wanted.peek() == Some(&row.id)
            })
            .collect();
        let open = Open::to(session, reader.scope(), process, rows.iter().map(|row| row.known()))?;
        rows.into_iter().filter(|row| open.shows(row.known())).for_each(take);
        Ok(())
    }

    /// Records as they stood before `at`, with these fields: those with these ids, which are in order, and others.
    fn standing(
        &mut self,
        session: &mut Session<'_>,
        fields: &[&'static FieldDef],
        at: i64,
        ids: &[i64],
    ) -> Result<&[Standing]> {
        // What comes is not known yet: all of it is the present.
        let at = if at > session.now { NEVER } else { at };
        let known = self.standings.iter().position(|one| one.at == at && one.reader.reads(fields));
        let place = known.unwrap_or_else(|| {
            if self.standings.len() >= MOST_STANDINGS {
                self.standings.remove(0);
            }
            let reader = Reader::new(&engine(), self.process, fields.to_vec());
            self.standings.push(Standings { at, reader, rows: Vec::new() });
            self.standings.len() - 1
        });
        let one = &mut self.standings[place];
        let mut rows = one.rows.iter().map(|row| row.id).peekable();
        let missing = ids.iter().copied().filter(|id| {
            while rows.next_if(|row| row < id).is_some() {}
            rows.peek() != Some(id)
        });
        let missing: Vec<i64> = missing.collect();
        if !missing.is_empty() {
            one.reader.read_into(session, &missing, at, &mut one.rows)?;
            one.rows.sort_by_key(|row| row.id);
        }
        Ok(&one.rows)
    }

    /// Where the time of a record went up to an instant that has passed, with or without internal events, where that
    /// was worked out before.
    pub fn spent(&mut self) -> &mut HashMap<(i64, i64, bool), Spent> {
        &mut self.spent
    }

    /// How much memory it takes, roughly.
    pub fn bytes(&self) -> usize {
        let live: usize = self.live.values().map(Vec::len).sum();
        let clocks: usize = self.clocks.values().flatten().map(|(_, clocked)| clocked.bytes()).sum();
        let standings: usize = self.standings.iter().map(|one| one.rows.len() * one.reader.bytes()).sum();
        let opened = self.opened.as_ref().map_or(0, Vec::len) * size_of::<(i64, i64)>();
        let passages = self.passages.as_ref().map_or(0, Vec::len) * size_of::<(i64, (Passage, i64))>();
        live * 8 + clocks + standings + opened + passages + self.spent.len() * 256
    }
}

fn in_order<T>(mut found: Part<T>) -> Part<T> {
    found.sort_by_key(|(record, _)| *record);
    found.shrink_to_fit();
    found
}

/// Puts what is known now of some records in the place of what was known.
fn exchange<T>(all: &mut Part<T>, ids: &[i64], news: Part<T>) {
    all.retain(|(record, _)| ids.binary_search(record).is_err());
    all.extend(news);
    all.sort_by_key(|(record, _)| *record);
}
