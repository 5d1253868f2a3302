//! Records and what hangs on what, in memory: who is hit when one fails, and what one stands on.
//!
//! Ties are kept as they are in the database, in arrays by record and a small layer of what has changed since the
//! arrays were made. What a relation means, and which class lies under which, comes with each question, so that a change
//! of the configuration needs nothing read again.

mod arrays;
mod law;
mod reach;

pub use arrays::Graph;
pub use law::{Law, Meaning};
pub use reach::{Found, Hit, Limits, Reach};

/// How much of what a record depends on has to work: of the ties of one relation, to records of a class and of those
/// under it, at least so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// The entry that declares the relation.
    pub relation: i64,
    /// None: of whichever class.
    pub class: Option<i64>,
    pub least: u32,
}

/// A record of the map.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    pub id: i64,
    pub class: i64,
    /// Retired, or never was what it claimed to be: nothing fails with it and nothing hits it.
    pub gone: bool,
    /// Each takes those ties that none before it has taken.
    pub needs: Vec<Need>,
}

/// A relation from one record to another, by the place of its key among those of the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    pub from: i64,
    pub relation: u16,
    pub to: i64,
}
