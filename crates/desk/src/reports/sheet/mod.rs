//! What reports say of the periods that somebody asked for, kept in memory by each node, so that whoever asks again is
//! answered without reading the records.
//!
//! A sheet holds what a report says of each record whoever asks: in which columns it counts, when and how much, with
//! the values by which it can be grouped and filtered. The report itself says so, when it is read from the records and
//! when it is kept; of records that the log has touched since, it is asked again with the same question. Each answer
//! asks who may see what, and counts. What is kept can be thrown away at any time.

mod count;
mod facts;

pub use count::{each_live, happened, missed, was_there};

use super::asked::Asked;
use super::period::Period;
use super::recent::GROUPS;
use super::table::Measure;
use super::tally::Emit;
use super::{ALL, Kind, Work, breaches, group};
use crate::caller::{Caller, Channel};
use crate::demo::removal;
use crate::desk::Session;
use crate::error::Result;
use crate::{merging, registers};
use facts::{MOST_FIELDS, Sheet};
use jiff::tz::TimeZone;
use mainstay_engine::field::{FieldDef, Kind as Holds};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use mainstay_store::events;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// All sheets together take no more; the one that was asked for longest ago goes first.
const MOST_BYTES: usize = 64 << 20;
/// Questions that are remembered, also those whose sheet would take too much.
const MOST_SHEETS: usize = 200;
/// With more records touched since, it is quicker to begin anew.
const MOST_TOUCHED: usize = 10_000;
/// So long after somebody asked, a sheet is still kept up with the log, that little gathers.
const KEPT_UP_MS: i64 = 3_600_000;
/// Stands for the present instant, whichever that is when somebody asks.
const NOW: i64 = i64::MAX;

/// What a sheet is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum What {
    /// What happened, by a report.
    Report(&'static str),
    /// What is open or on hold.
    Live,
    /// The targets that were missed.
    Missed,
}

/// The question that a sheet answers, whoever asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    process: &'static str,
    what: What,
    from: i64,
    to: i64,
    /// The number that is added up.
    of: Option<&'static str>,
    /// The fields, and the relation, of which values are kept beside [`GROUPS`].
    more: Vec<&'static str>,
}

impl Key {
    /// The question behind what is asked; none where it is about what is not kept.
    fn of(asked: &Asked<'_, '_>, what: What, (from, to): (i64, i64)) -> Option<Self> {
        let keys = asked.by.needs().into_iter().chain(asked.filtered().iter().copied());
        let mut more: Vec<&'static str> = keys.filter(|key| !GROUPS.contains(key)).collect();
        more.sort_unstable();
        more.dedup();
        let related = asked.by.relation();
        let kept =
            |key: &&str| related == Some(*key) || asked.session.config.field(asked.process, key).is_some_and(is_kept);
        if GROUPS.len() + more.len() > MOST_FIELDS || !more.iter().all(kept) {
            return None;
        }
        let key = Self { process: asked.process.key, what, from, to, of: None, more };
        let sums = |kind: &Kind| kind.columns.iter().any(|column| column.measure == Measure::Sum);
        let of = asked.of.filter(|_| key.kind().is_some_and(sums)).map(|field| field.key);
        Some(Self { of, ..key })
    }

    fn process(&self) -> Result<&'static Process> {
        Ok(mainstay_processes::process(self.process).ok_or_else(|| Refusal::missing("process"))?)
    }

    fn kind(&self) -> Option<&'static Kind> {
        let What::Report(key) = self.what else { return None };
        ALL.iter().find(|kind| kind.key == key)
    }

    /// The fields, and the relation, of which values are kept.
    fn fields(&self) -> Vec<&'static str> {
        GROUPS.iter().chain(&self.more).copied().collect()
    }

    /// The columns in which records count.
    fn columns(&self) -> Vec<&'static str> {
        match self.what {
            What::Report(_) => self.kind().into_iter().flat_map(|kind| kind.columns).map(|column| column.key).collect(),
            What::Live => vec![LIVE],
            What::Missed => breaches::METRICS.iter().map(|metric| metric.key()).collect(),
        }
    }

    /// Asks it of every record, or of those among some.
    fn ask<'s, 'c>(
        &self,
        session: &'s mut Session<'c>,
        engine: &'s Caller,
        among: Option<&[i64]>,
    ) -> Result<Asked<'s, 'c>> {
        let (process, config) = (self.process()?, session.config);
        let needs = self.kind().map_or(OF_LIVE, |kind| kind.needs);
        let keys = self.fields().into_iter().chain(needs.iter().copied()).chain(self.of);
        let fields: Vec<&'static FieldDef> = keys.filter_map(|key| config.field(process, key)).collect();
        let of = self.of.and_then(|key| config.field(process, key));
        let period = Period { from: self.from, to: self.to, zone: TimeZone::UTC };
        let relation = self.more.iter().find_map(|key| config.relation(process, key)).map(|relation| relation.key);
        Ok(Asked::for_all(session, engine, process, period, (fields, relation, of), among))
    }

    /// Says of every record that is asked about where it counts.
    fn say(&self, asked: &mut Asked<'_, '_>, emit: Emit<'_>) -> Result<()> {
        match self.what {
            What::Live => {
                let at = if self.to == NOW { asked.session.now + 1 } else { self.to };
                asked.live(at, |standing, opened| emit(standing, LIVE, opened, opened))
            }
            What::Missed => breaches::say(asked, emit),
            What::Report(_) => match self.kind().map(|kind| &kind.work) {
                Some(Work::Groups(report)) => report(asked, emit),
                _ => Ok(()),
            },
        }
    }

    /// The sheet that answers it, as far as the asker has to know the log; none where it has to be asked of the records.
    fn sheet(&self, asked: &mut Asked<'_, '_>) -> Result<Option<Arc<Sheet>>> {
        let Some(followed) = asked.session.kept.clone() else { return Ok(None) };
        let (sheets, settled) = followed.sheets();
        sheets.get(asked.session, settled, self)
    }
}

/// The column of what is live, and the fields without which that cannot be said.
const LIVE: &str = "live";
const OF_LIVE: &[&str] = &[spine::OPENED.def.key];

/// Whether the values of a field are kept: one of few, and changed by nothing but what the log tells of.
fn is_kept(field: &FieldDef) -> bool {
    group::groups(field) && !matches!(field.kind, Holds::Text { .. })
}

/// A sheet as far as the log was followed.
struct Known {
    sheet: Arc<Sheet>,
    /// It knows this event and all before it, and perhaps more.
    cursor: i64,
    /// It says what time alone has made by this instant.
    as_of: i64,
}

#[derive(Default)]
enum Held {
    #[default]
    Nothing,
    Known(Known),
    /// It would take more than all may.
    TooMuch,
}

/// One question and what is held of its answer. One at a time reads, so that what is read is never older than what is
/// there.
#[derive(Default)]
struct Place {
    held: Arc<Mutex<Held>>,
    bytes: usize,
    /// The instant and the turn in which it was asked for last.
    asked: (i64, u64),
}

/// Every sheet of a node.
#[derive(Default)]
pub struct Sheets {
    places: Mutex<HashMap<Key, Place>>,
}

fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sheets {
    fn get(&self, session: &mut Session<'_>, settled: i64, key: &Key) -> Result<Option<Arc<Sheet>>> {
        let held = self.place(key, session.now);
        let mut held = locked(&held);
        // Whatever fails leaves nothing behind.
        let (next, answer) = match std::mem::take(&mut *held) {
            Held::TooMuch => (Held::TooMuch, None),
            // Somebody who sees less than the sheet knows cannot bring it up to an instant.
            Held::Known(known) if known.cursor > settled && known.as_of < session.now => (Held::Known(known), None),
            Held::Known(known) if known.cursor > settled => {
                let sheet = Arc::clone(&known.sheet);
                (Held::Known(known), Some(sheet))
            }
            before => match brought_up(session, key, before, settled)? {
                None => (Held::TooMuch, None),
                Some(known) => {
                    let sheet = Arc::clone(&known.sheet);
                    (Held::Known(known), Some(sheet))
                }
            },
        };
        let bytes = if let Held::Known(known) = &next { known.sheet.bytes() } else { 0 };
        *held = next;
        drop(held);
        self.weigh(key, bytes);
        Ok(answer)
    }

    fn place(&self, key: &Key, now: i64) -> Arc<Mutex<Held>> {
        let mut places = locked(&self.places);
        let turn = places.values().map(|place| place.asked.1).max().unwrap_or_default() + 1;
        let place = places.entry(key.clone()).or_default();
        place.asked = (now, turn);
        Arc::clone(&place.held)
    }

    /// Lets those go that were asked for longest ago, until the rest has room.
    fn weigh(&self, key: &Key, bytes: usize) {
        let mut places = locked(&self.places);
        if let Some(place) = places.get_mut(key) {
            place.bytes = bytes;
        }
        while places.len() > MOST_SHEETS || places.values().map(|place| place.bytes).sum::<usize>() > MOST_BYTES {
            let oldest = places.iter().min_by_key(|(_, place)| place.asked.1).map(|(key, _)| key.clone());
            let Some(oldest) = oldest else { return };
            places.remove(&oldest);
        }
    }

    /// Follows the log with what somebody asked for lately.
    ///
    /// # Errors
    /// The database's.
    pub fn keep_up(&self, session: &mut Session<'_>, settled: i64) -> Result<()> {
        let since = session.now - KEPT_UP_MS;
        let lately = locked(&self.places)
            .iter()
            .filter(|(_, place)| place.asked.0 >= since && place.bytes > 0)
            .map(|(key, place)| (key.clone(), Arc::clone(&place.held)))
            .collect::<Vec<_>>();
        for (key, held) in lately {
            let mut held = locked(&held);
            let before = std::mem::take(&mut *held);
            *held = match before {
                Held::Known(known) if known.cursor <= settled => {
                    brought_up(session, &key, Held::Known(known), settled)?.map_or(Held::TooMuch, Held::Known)
                }
                other => other,
            };
        }
        Ok(())
    }
}

/// What is known once it is read, or brought up to what the session sees; none when it takes too much. The session sees
/// all up to `settled`, which is no less than what is known.
fn brought_up(session: &mut Session<'_>, key: &Key, before: Held, settled: i64) -> Result<Option<Known>> {
    let (engine, now) = (Caller::engine(Channel::Engine), session.now);
    if let Held::Known(Known { mut sheet, cursor, as_of }) = before
        && let Some(mut ids) = touched(session, key, (cursor, settled))?
    {
        if now > as_of {
            ids.extend(sheet.waited(now));
        }
        ids.sort_unstable();
        ids.dedup();
        let news = match ids.as_slice() {
            [] => Some(None),
            some => Sheet::read(session, &engine, key, Some(some), MOST_BYTES)?.map(Some),
        };
        if let Some(news) = news {
            if let Some(news) = news {
                Arc::make_mut(&mut sheet).replace(&ids, news);
            }
            return Ok((sheet.bytes() <= MOST_BYTES).then_some(Known {
                sheet,
                cursor: settled,
                as_of: now.max(as_of),
            }));
        }
    }
    let sheet = Sheet::read(session, &engine, key, None, MOST_BYTES)?;
    Ok(sheet.map(|sheet| Known { sheet: Arc::new(sheet), cursor: settled, as_of: now }))
}

/// The records of the process that the log has touched since an event, as far as an answer has to know it; none where
/// it is better to begin anew.
fn touched(session: &mut Session<'_>, key: &Key, (cursor, settled): (i64, i64)) -> Result<Option<Vec<i64>>> {
    if cursor == settled {
        return Ok(Some(Vec::new()));
    }
    // Records that are gone have no events that would say so; those of somebody who is now somebody else say so only
    // while they are in work.
    let gone = events::happened_beside(session.conn, cursor, removal::INSTALLATION, removal::REMOVED)?;
    if gone || events::happened_beside(session.conn, cursor, registers::SUBJECT, merging::MERGED)? {
        return Ok(None);
    }
    let most = i64::try_from(MOST_TOUCHED).unwrap_or(i64::MAX);
    let touched = events::touched(session.conn, cursor, most)?;
    if touched.len() >= MOST_TOUCHED {
        return Ok(None);
    }
    let own = touched.into_iter().filter(|(process, _)| process.as_deref() == Some(key.process));
    Ok(Some(own.map(|(_, id)| id).collect()))
}
