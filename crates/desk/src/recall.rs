//! What a transaction that only reads was told already: a page that asks the same from several places asks once.

use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_store::{Scope, Seen};

/// Empty and of no effect where something may be written.
#[derive(Default)]
pub struct Recall {
    reading: bool,
    found: Option<Found>,
    counted: Vec<Counted>,
}

struct Found {
    process: &'static str,
    number: String,
    scope: Scope,
    answer: (Record, Seen),
}

struct Counted {
    process: &'static str,
    filter: Option<String>,
    cap: i64,
    scope: Scope,
    answer: i64,
}

impl Recall {
    pub(crate) fn reading() -> Self {
        Self { reading: true, ..Self::default() }
    }

    /// Whether the transaction only reads, so that what it is told may be kept.
    pub(crate) fn is_reading(&self) -> bool {
        self.reading
    }

    /// The record that was found last, if it is this one.
    pub(crate) fn found(&self, process: &Process, number: &str, scope: &Scope) -> Option<(Record, Seen)> {
        let same = |found: &&Found| found.process == process.key && found.number == number && found.scope == *scope;
        self.found.as_ref().filter(same).map(|found| found.answer.clone())
    }

    pub(crate) fn keep_found(&mut self, number: &str, scope: &Scope, answer: &(Record, Seen)) {
        if self.reading {
            let process = answer.0.process.key;
            self.found =
                Some(Found { process, number: number.to_owned(), scope: scope.clone(), answer: answer.clone() });
        }
    }

    /// The number that was counted for the same question.
    pub(crate) fn counted(&self, process: &Process, filter: Option<&str>, cap: i64, scope: &Scope) -> Option<i64> {
        let same = |known: &&Counted| {
            known.process == process.key
                && known.cap == cap
                && known.filter.as_deref() == filter
                && known.scope == *scope
        };
        self.counted.iter().find(same).map(|known| known.answer)
    }

    pub(crate) fn keep_counted(
        &mut self,
        process: &'static Process,
        filter: Option<&str>,
        cap: i64,
        scope: &Scope,
        answer: i64,
    ) {
        if self.reading {
            let filter = filter.map(str::to_owned);
            self.counted.push(Counted { process: process.key, filter, cap, scope: scope.clone(), answer });
        }
    }
}
