//! What every importer shares: opening a file, batches, the report, the file of rejected rows.

mod file;
mod meter;
mod report;
mod run;

pub(crate) use file::RejectedFile;
pub use file::{count_lines, rejected_beside, with_text};
pub use report::{Rejected, Report};
pub use run::{Run, Setup, SourceRow};

use std::path::{Path, PathBuf};

/// How an import is carried out.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Tell what would happen; write nothing.
    pub dry_run: bool,
    /// Key of the calendar that clocks count in; none: the one of each service level.
    pub calendar: Option<String>,
}

/// How far an import has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Rows read and dealt with.
    pub rows: u64,
    /// Rows in the whole file, when that was counted beforehand.
    pub total: Option<u64>,
    /// Rows in a second, since the start.
    pub per_second: f64,
    /// Milliseconds that are left at that pace.
    pub left: Option<u64>,
}

/// Takes word of the progress, about once per batch.
pub type Tell<'a> = &'a mut dyn FnMut(&Progress);

/// Takes a row that was not imported.
pub type Reject<'a> = &'a mut dyn FnMut(&Rejected) -> std::io::Result<()>;

/// Why an import ended before its end. Batches that were committed stay; the same file can be imported again.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("{path}: {why}")]
    File { path: PathBuf, why: String },
    #[error("The input cannot be read: {0}")]
    Input(String),
    /// The mapping does not fit the file or the process; every fault, in words.
    #[error("The mapping does not fit: {}", .0.join(" "))]
    Mapping(Vec<String>),
    #[error("Rejected rows cannot be written: {0}")]
    Rejects(std::io::Error),
    #[error(transparent)]
    Desk(#[from] mainstay_desk::Error),
}

impl ImportError {
    pub(crate) fn file(path: &Path, why: impl std::fmt::Display) -> Self {
        Self::File { path: path.to_owned(), why: why.to_string() }
    }
}

/// The result of an import.
pub type Result<T> = std::result::Result<T, ImportError>;
