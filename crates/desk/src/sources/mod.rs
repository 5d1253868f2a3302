//! What other systems tell of records: whom of them to believe in which field, and by what a record is known again.
//! (SAC-09, SAC-10)

mod drift;
mod known;
mod queue;
mod told;

pub use drift::{ANSWERS, Answer, Discrepancies, Discrepancy, answer, discrepancies};
pub(crate) use known::{Fed, Settled, feed, settle_new};
pub use queue::{Deed, IGNORED, LONGEST_REASON, OPEN, Parked, Queue, Standing, decide, parked, standing};
pub use told::{FieldSaid, Said, Word, said_of};

use crate::config::Config;
use mainstay_engine::process::Process;
use mainstay_engine::register::Entry;
use mainstay_engine::value::Value;
use mainstay_processes::registers::{
    SOURCE_KEY, SOURCE_MAPPING, SOURCE_RANK, SOURCE_STALE, SOURCE_STANDARD, SOURCE_UNMATCHED, Unmatched,
};
use std::collections::BTreeMap;

const DAY_MS: i64 = 86_400_000;

/// A system that tells of records.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its entry.
    pub id: i64,
    pub name: String,
    pub key: String,
    /// Key of the process that it tells of.
    pub of: &'static str,
    /// The smaller is believed.
    rank: i64,
    /// Of fields that have a rank of their own: it, and whether it goes over what people wrote.
    ranks: BTreeMap<String, (i64, bool)>,
    /// What fits no record becomes one.
    pub makes: bool,
    /// What it has not told of for so many milliseconds is missing there.
    pub stale: Option<i64>,
    /// What it tells needs no change that permits it.
    pub standard: bool,
    /// Which column goes where.
    pub mapping: Option<String>,
}

impl Source {
    /// Reads a source; none where its process takes none.
    #[must_use]
    pub fn of(entry: &Entry) -> Option<Self> {
        let process = mainstay_processes::process(entry.text("process")?).filter(|process| process.takes_feeds())?;
        let row = |row: &Value| {
            let over = row.column("over_people").as_bool().unwrap_or_default();
            Some((row.column("field").as_text()?.to_owned(), (row.column("rank").as_int()?, over)))
        };
        Some(Self {
            id: entry.id,
            name: entry.name.clone(),
            key: entry.text(SOURCE_KEY.def.key)?.to_owned(),
            of: process.key,
            rank: entry.int(SOURCE_RANK.def.key)?,
            ranks: entry.value("ranks").as_list().iter().filter_map(row).collect(),
            makes: entry.text(SOURCE_UNMATCHED.def.key) == Some(Unmatched::Make.key()),
            stale: entry.int(SOURCE_STALE.def.key).map(|days| days * DAY_MS),
            standard: entry.flag(SOURCE_STANDARD.def.key),
            mapping: entry.text(SOURCE_MAPPING.def.key).map(str::to_owned),
        })
    }

    /// The process that it tells of.
    #[must_use]
    pub fn process(&self) -> &'static Process {
        mainstay_processes::process(self.of).unwrap_or(mainstay_processes::ALL[0])
    }

    /// How far it is believed in a field.
    #[must_use]
    pub fn rank(&self, field: &str) -> i64 {
        self.ranks.get(field).map_or(self.rank, |(rank, _)| *rank)
    }

    /// Whether it goes over what people wrote into a field.
    #[must_use]
    pub fn goes_over_people(&self, field: &str) -> bool {
        self.ranks.get(field).is_some_and(|(_, over)| *over)
    }

    /// Whether what it told of last at an instant is missing there by now.
    #[must_use]
    pub fn misses(&self, last: i64, now: i64) -> bool {
        self.stale.is_some_and(|stale| last < now - stale)
    }
}

/// The source under a key that tells of records of a process.
#[must_use]
pub fn source<'c>(config: &'c Config, process: &Process, key: &str) -> Option<&'c Source> {
    config.sources.get(key).filter(|source| source.of == process.key)
}

/// The source of an entry.
pub(crate) fn by_entry(config: &Config, entry: i64) -> Option<&Source> {
    config.sources.values().find(|source| source.id == entry)
}
