//! What relations mean at present, and which class lies under which.

use crate::process::Carries;

/// What a relation means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meaning {
    pub carries: Carries,
    /// The entry that declares it.
    pub entry: i64,
}

/// The configuration in force, as a question to the graph needs it.
pub struct Law<'a> {
    /// What the relation with this key means; nothing carries on what is unknown.
    pub meaning: &'a dyn Fn(&str) -> Meaning,
    /// Whether a class is another or lies under it.
    pub under: &'a dyn Fn(i64, i64) -> bool,
}
