//! A record with its past, as another system tells it.

use super::given::{FieldKey, Given, Reference};
use mainstay_engine::process::{Process, State};

/// A record and everything known to have happened to it, in its order.
#[derive(Clone)]
pub struct Past {
    pub process: &'static Process,
    /// The system it comes from.
    pub origin: String,
    /// Its key there.
    pub external_key: String,
    /// The first opens it; each leaves one event in the history, however little it changed.
    pub steps: Vec<Step>,
    pub comments: Vec<PastComment>,
}

/// One thing that happened.
#[derive(Clone)]
pub struct Step {
    /// Epoch milliseconds UTC.
    pub at: i64,
    /// The person who did it, when known.
    pub actor: Option<Reference>,
    /// Its name in the history; none: worked out from the change of state.
    pub verb: Option<&'static str>,
    /// The state it led to.
    pub state: &'static State,
    /// Fields that it set; all others stay as they were.
    pub values: Vec<(FieldKey, Given)>,
    /// Links it made to records of the other system: relation and reference.
    pub links: Vec<(&'static str, String)>,
}

/// Words that came with the record.
#[derive(Clone)]
pub struct PastComment {
    /// Epoch milliseconds UTC.
    pub at: i64,
    pub author: Option<Reference>,
    /// For staff only.
    pub internal: bool,
    pub body: String,
}
