//! The incident event log of a `ServiceNow` instance: one row per state of an incident, in the order of its history.

mod columns;
mod fields;
mod history;
mod row;

use crate::import::{ImportError, Options, Reject, Report, Result, Run, Setup, SourceRow, Tell};
use crate::import::{RejectedFile, count_lines, rejected_beside, with_text};
use columns::Columns;
use mainstay_desk::import::Item;
use mainstay_desk::{Credential, Desk};
use std::collections::HashSet;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// The system that imported records name as theirs.
pub const ORIGIN: &str = "servicenow";

/// Imports a log, `.csv` or `.zip`; rows that are rejected go to the file beside it. Blocks: never call it on a thread
/// that runs async work.
///
/// # Errors
/// A file that cannot be read or is no such log; no right to import; the database's.
pub fn import_log(
    desk: &Desk,
    credential: &Credential,
    path: &Path,
    options: &Options,
    tell: Tell<'_>,
) -> Result<Report> {
    let total = count_lines(path)?.saturating_sub(1);
    if options.dry_run {
        return with_text(path, |reader| {
            read_log(desk, credential, reader, options, Some(total), tell, &mut |_| Ok(()))
        });
    }
    let mut rejected = RejectedFile::new(rejected_beside(path))?;
    let mut report = with_text(path, |reader| {
        read_log(desk, credential, reader, options, Some(total), tell, &mut |row| rejected.write(row))
    })?;
    report.rejected_file = rejected.end()?;
    Ok(report)
}

/// Imports a log from a reader; `total` is how many rows it holds, when that is known.
///
/// # Errors
/// As [`import_log`].
pub fn read_log(
    desk: &Desk,
    credential: &Credential,
    reader: &mut dyn Read,
    options: &Options,
    total: Option<u64>,
    tell: Tell<'_>,
    reject: Reject<'_>,
) -> Result<Report> {
    let mut csv = csv::ReaderBuilder::new().flexible(true).from_reader(reader);
    let heading: Arc<[String]> = csv.headers().map_err(input)?.iter().map(str::to_owned).collect();
    let columns = Columns::of(&heading)?;
    let setup = Setup { needs: fields::needs(), options: options.clone(), columns: heading, total, ..Setup::default() };
    let mut log =
        Log { run: Run::new(desk, credential, setup, tell, reject), columns, rows: Vec::new(), seen: HashSet::new() };
    let mut record = csv::ByteRecord::new();
    while csv.read_byte_record(&mut record).map_err(input)? {
        let line = record.position().map_or(0, csv::Position::line);
        let readable = record.iter().all(|cell| std::str::from_utf8(cell).is_ok());
        let cells = record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
        log.take(SourceRow { line, cells }, readable)?;
    }
    log.end()
}

fn input(why: impl std::fmt::Display) -> ImportError {
    ImportError::Input(why.to_string())
}

/// A log being read: the rows of the incident at hand, and the incidents that are done.
struct Log<'a> {
    run: Run<'a>,
    columns: Columns,
    rows: Vec<SourceRow>,
    seen: HashSet<String>,
}

impl Log<'_> {
    fn take(&mut self, row: SourceRow, readable: bool) -> Result<()> {
        if !readable {
            return self.run.refuse(row, "not_utf8", "The row is not UTF-8 text.");
        }
        if row.cells.len() != self.columns.width {
            let reason = format!("The row has {} cells and the heading {}.", row.cells.len(), self.columns.width);
            return self.run.refuse(row, "cells", &reason);
        }
        let Some(number) = self.columns.get(&row.cells, "number").map(str::to_owned) else {
            return self.run.refuse(row, "no_number", "The row names no incident.");
        };
        if self.rows.first().is_some_and(|first| self.columns.get(&first.cells, "number") != Some(&number)) {
            self.close()?;
        }
        if self.rows.is_empty() && !self.seen.insert(number) {
            return self.run.refuse(
                row,
                "scattered",
                "Rows of one incident must stand together; its history stands further up.",
            );
        }
        self.rows.push(row);
        Ok(())
    }

    /// The incident at hand is complete. Rows that cannot be read are rejected; the others are its history.
    fn close(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.rows);
        let told = history::tell(&self.columns, rows);
        for (row, fault) in told.rejected {
            self.run.refuse(row, fault.code, &fault.says)?;
        }
        self.run.note("taken without a state (-100): it stays as it was", told.lost);
        match told.past {
            Some((past, rows)) => self.run.add(Item::Record(past), rows),
            None => Ok(()),
        }
    }

    fn end(mut self) -> Result<Report> {
        self.close()?;
        self.run.end()
    }
}
