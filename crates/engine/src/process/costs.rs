//! What a record costs: work, and time in which services did not work.

use crate::field::FieldDef;

/// How the cost of a record is reckoned: the work on it and on those that have a relation to it, and the time in which
/// services did not work because of them. (PRB-17)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Costs {
    /// The relation of the others to this one.
    pub relation: &'static str,
    /// Their fields between which a service did not work; of one that is still live, until now.
    pub down: (FieldDef, FieldDef),
    /// The policy that says what an hour of work costs, in whole units of money.
    pub work: &'static str,
    /// The policy that says what an hour costs in which a service does not work.
    pub downtime: &'static str,
}
