//! What can go wrong with an index.

use std::io;

use tantivy::TantivyError;

/// A failure of the reader that supplies documents to a rebuild.
pub type SourceError = Box<dyn std::error::Error + Send + Sync>;

/// Why the index could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The files are damaged or of another layout; only a rebuild helps. Carries the finding.
    #[error("the search index must be rebuilt: {0}")]
    NeedsRebuild(String),
    /// Another process holds the index.
    #[error("the search index is in use by another process")]
    InUse,
    /// The file system refused.
    #[error("the search index cannot be stored")]
    Io(#[from] io::Error),
    /// The documents for a rebuild could not be read; the old index stays in place.
    #[error("the documents for the search index cannot be read")]
    Source(#[source] SourceError),
    /// The index failed while working.
    #[error("the search index failed")]
    Engine(#[from] TantivyError),
    /// A page token that this crate did not make.
    #[error("not a page of a search")]
    BadCursor,
}
