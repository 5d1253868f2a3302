//! A checked condition before its relative operands have values.

use super::dates::{Moment, Period};
use crate::value::Value;

/// The tree with every `not` moved into the comparisons, where `negated` stands for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    All(Vec<Plan>),
    Any(Vec<Plan>),
    Leaf { field: String, negated: bool, probe: Probe },
}

/// A comparison whose operands fit its field, before relative operands have values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Probe {
    Empty,
    OneOf(Vec<Item>),
    HasAny(Vec<Item>),
    Contains(String),
    StartsWith(String),
    Number(Order, i64),
    Instant(Order, Moment),
    Day(Order, Moment),
    InstantDuring(Period),
    DayDuring(Period),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Same,
    Below,
    UpTo,
    Above,
    From,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Item {
    Fixed(Value),
    Day(Moment),
    Me,
    MyTeams,
    MyOrganisation,
}
