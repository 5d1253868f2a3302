//! What belongs together: records that read alike and came near each other may have one cause.
//!
//! Pure: no clock, no chance, no database. The same records give the same answer, in whatever order they come.

mod cluster;
mod detect;
mod near;
mod score;
mod text;

pub use cluster::{Cluster, clusters};
pub use detect::{Found, LEAST, Why, candidates, poisson_tail};
pub use near::{jaccard, near_duplicates, shingles};
pub use score::{JOINS, Likeness, WEIGHTS};
pub use text::{normal, shared_words, words};

/// One day, in milliseconds.
pub const DAY_MS: i64 = 86_400_000;

/// A record, as far as it is compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// Its id.
    pub id: i64,
    /// When it was opened, in epoch milliseconds UTC.
    pub opened: i64,
    /// The words of whoever reported it.
    pub text: String,
    pub service: Option<i64>,
    pub category: Option<i64>,
    pub team: Option<i64>,
    /// What ended it, such as an article or a code.
    pub fix: Option<i64>,
    /// It has one of the two highest priorities.
    pub urgent: bool,
}
