//! One import under way: items gather into batches, batches go through the desk's door.

use super::meter::Meter;
use super::{ImportError, Options, Progress, Reject, Rejected, Report, Result, Tell};
use mainstay_desk::import::{self, Batch, Existing, Item, Known, Reference, Verdict};
use mainstay_desk::{Credential, Desk};
use mainstay_engine::refusal::Refusal;
use std::sync::{Arc, RwLock};

/// Rows that share a transaction, about.
const BATCH: usize = 500;

/// A row of the source, kept until its item is in the database.
#[derive(Clone, Debug)]
pub struct SourceRow {
    /// Where it begins, counted from 1 with the heading.
    pub line: u64,
    pub cells: Vec<String>,
}

/// What an importer settles before the first row.
#[derive(Clone, Default)]
pub struct Setup {
    pub needs: Vec<Reference>,
    pub existing: Existing,
    pub options: Options,
    /// The heading, for the file of rejected rows.
    pub columns: Arc<[String]>,
    /// Rows in the file, when counted.
    pub total: Option<u64>,
}

/// An import under way.
pub struct Run<'a> {
    desk: &'a Desk,
    credential: &'a Credential,
    setup: Setup,
    needs: Arc<Vec<Reference>>,
    known: Arc<RwLock<Known>>,
    items: Vec<Item>,
    sources: Vec<Vec<SourceRow>>,
    waiting: usize,
    report: Report,
    meter: Meter,
    tell: Tell<'a>,
    reject: Reject<'a>,
}

impl<'a> Run<'a> {
    /// Begins an import.
    pub fn new(desk: &'a Desk, credential: &'a Credential, setup: Setup, tell: Tell<'a>, reject: Reject<'a>) -> Self {
        let report = Report { dry_run: setup.options.dry_run, ..Report::default() };
        Self {
            desk,
            credential,
            needs: Arc::new(setup.needs.clone()),
            setup,
            known: Arc::default(),
            items: Vec::new(),
            sources: Vec::new(),
            waiting: 0,
            report,
            meter: Meter::new(),
            tell,
            reject,
        }
    }

    /// Takes an item with the rows it was made of.
    ///
    /// # Errors
    /// The database's; a row that was rejected and cannot be written down.
    pub fn add(&mut self, item: Item, rows: Vec<SourceRow>) -> Result<()> {
        self.waiting += rows.len();
        self.items.push(item);
        self.sources.push(rows);
        if self.waiting >= BATCH { self.flush() } else { Ok(()) }
    }

    /// Takes a row that makes no item.
    ///
    /// # Errors
    /// It cannot be written down.
    pub fn refuse(&mut self, row: SourceRow, code: &str, reason: &str) -> Result<()> {
        self.report.rows += 1;
        let columns = Arc::clone(&self.setup.columns);
        let rejected =
            Rejected { line: row.line, code: code.to_owned(), reason: reason.to_owned(), columns, cells: row.cells };
        self.report.reject(&rejected);
        (self.reject)(&rejected).map_err(ImportError::Rejects)
    }

    /// Notes that so many rows were taken otherwise than they stand in the file.
    pub fn note(&mut self, what: &'static str, rows: u64) {
        if rows > 0 {
            *self.report.notes.entry(what).or_default() += rows;
        }
    }

    fn flush(&mut self) -> Result<()> {
        if self.items.is_empty() {
            return Ok(());
        }
        let batch = Batch {
            needs: Arc::clone(&self.needs),
            items: std::mem::take(&mut self.items),
            existing: self.setup.existing,
            calendar: self.setup.options.calendar.clone(),
            dry_run: self.setup.options.dry_run,
        };
        self.waiting = 0;
        let outcome = import::put(self.desk, self.credential, &Arc::new(batch), &self.known)?;
        for (register, key) in outcome.made {
            self.report.entries.entry(register).or_default().insert(key);
        }
        let sources = std::mem::take(&mut self.sources);
        for (verdict, rows) in outcome.verdicts.into_iter().zip(sources) {
            self.settle(verdict, rows)?;
        }
        let progress: Progress = self.meter.mark(self.report.rows, self.setup.total);
        (self.tell)(&progress);
        Ok(())
    }

    fn settle(&mut self, verdict: Verdict, rows: Vec<SourceRow>) -> Result<()> {
        let counter = match verdict {
            Verdict::Made => &mut self.report.made,
            Verdict::Updated => &mut self.report.updated,
            Verdict::Unchanged => &mut self.report.unchanged,
            Verdict::Parked(_) => {
                self.note("left for a person to say what they are", rows.len() as u64);
                self.report.rows += rows.len() as u64;
                return Ok(());
            }
            Verdict::Differs(reason) => {
                self.report.differing += 1;
                return self.refuse_all(rows, "differs", &reason);
            }
            Verdict::Rejected(refusal) => return self.refuse_all(rows, &code_of(&refusal), &refusal.detail),
        };
        *counter += 1;
        self.report.rows += rows.len() as u64;
        Ok(())
    }

    fn refuse_all(&mut self, rows: Vec<SourceRow>, code: &str, reason: &str) -> Result<()> {
        rows.into_iter().try_for_each(|row| self.refuse(row, code, reason))
    }

    /// Ends the import with what is still waiting.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn end(mut self) -> Result<Report> {
        self.flush()?;
        self.meter.mark(self.report.rows, self.setup.total);
        self.report.took = self.meter.took();
        self.report.quarters = self.meter.quarters();
        Ok(self.report)
    }
}

fn code_of(refusal: &Refusal) -> String {
    refusal.errors.first().map_or_else(|| refusal.code.clone(), |error| error.code.clone())
}
