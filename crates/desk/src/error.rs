//! What a command can come to beside success.

use mainstay_engine::refusal::Refusal;

/// Refused, or failed by no fault of the caller.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Store(#[from] mainstay_store::Error),
    #[error("the search index failed: {0}")]
    Search(String),
    #[error("{0}")]
    Io(String),
}

/// The result of a command or query.
pub type Result<T> = std::result::Result<T, Error>;
