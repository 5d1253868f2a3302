//! What an import did, for people and programs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Rejected rows kept in the report itself; all of them stand in the file.
pub(super) const SAMPLES: usize = 20;

/// A row that was not imported, with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Where it begins in the file, counted from 1 with the heading.
    pub line: u64,
    /// For programs.
    pub code: String,
    /// For people.
    pub reason: String,
    /// The heading of the file.
    pub columns: Arc<[String]>,
    /// The row as it stood.
    pub cells: Vec<String>,
}

/// What an import did, or in a dry run would do.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub dry_run: bool,
    /// Rows of the file without its heading.
    pub rows: u64,
    /// Records or entries made, brought up to date, found just so, and found otherwise.
    pub made: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub differing: u64,
    /// Rows that are not in the database now, whatever the reason.
    pub rejected_rows: u64,
    /// How many rows each reason rejected.
    pub reasons: BTreeMap<String, u64>,
    /// How many rows were taken otherwise than they stand in the file, and how.
    pub notes: BTreeMap<&'static str, u64>,
    /// The entries that references made, by register, as the file names them.
    pub entries: BTreeMap<&'static str, BTreeSet<String>>,
    /// The first rejected rows.
    pub samples: Vec<Rejected>,
    /// The file with all of them, when one was written.
    pub rejected_file: Option<PathBuf>,
    pub took: Duration,
    /// Rows in a second in each quarter of the file.
    pub quarters: [f64; 4],
}

impl Report {
    pub(super) fn reject(&mut self, rejected: &Rejected) {
        self.rejected_rows += 1;
        let reason =
            if rejected.code == "differs" { "It was imported before with another history." } else { &rejected.reason };
        *self.reasons.entry(reason.to_owned()).or_default() += 1;
        if self.samples.len() < SAMPLES {
            self.samples.push(rejected.clone());
        }
    }

    /// Rows in a second over the whole import.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a pace is told to a few digits")]
    pub fn per_second(&self) -> f64 {
        self.rows as f64 / self.took.as_secs_f64().max(0.001)
    }
}

fn rows(many: u64) -> String {
    if many == 1 { "1 row".to_owned() } else { format!("{many} rows") }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.dry_run {
            writeln!(f, "Dry run: nothing was written. It would come to this:")?;
        }
        writeln!(f, "{} read, {} rejected", rows(self.rows), self.rejected_rows)?;
        writeln!(
            f,
            "{} made, {} updated, {} unchanged, {} differing",
            self.made, self.updated, self.unchanged, self.differing
        )?;
        for (register, keys) in &self.entries {
            writeln!(f, "{} {register} made", keys.len())?;
        }
        for (how, many) in &self.notes {
            writeln!(f, "{} {how}", rows(*many))?;
        }
        for (reason, many) in &self.reasons {
            writeln!(f, "{} rejected: {reason}", rows(*many))?;
        }
        if let Some(file) = &self.rejected_file {
            writeln!(f, "Rejected rows: {}", file.display())?;
        }
        let quarters = self.quarters.map(|pace| format!("{pace:.0}")).join(", ");
        write!(f, "{:.1} s, {:.0} rows/s; by quarter {quarters}", self.took.as_secs_f64(), self.per_second())
    }
}
