//! What a step does beyond its own record.

use super::Transition;
use crate::field::FieldDef;

/// What else a transition does, beyond the record itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Other records take a step with this one.
    Cascade(Cascade),
    /// Set a flag on the records that this one has `relation` to.
    Flag { relation: &'static str, field: FieldDef },
    /// Give the record that this one has `relation` to everything people gave to this one:
    /// reporters, comments, attachments.
    Absorb { relation: &'static str },
    /// Open a new record of the same process that has `relation` to this one.
    Succeed { relation: &'static str, copies: &'static [FieldDef] },
    /// Give somebody in charge a task on this record, due after as many working days as the policy `days` says; with
    /// `at_most` only when that field is no higher than that policy. It can be finished even after the record is
    /// closed. (BRM-06)
    FollowUp { title: &'static str, at_most: Option<(FieldDef, &'static str)>, days: &'static str },
}

/// A step that the engine takes on every live record that has a relation to this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cascade {
    /// Declared by the process of those records.
    pub relation: &'static str,
    /// Their process, which declares relation and verb; None: the same as this one's.
    pub of: Option<&'static str>,
    pub verb: &'static str,
    pub hands_on: &'static [Handed],
    /// Only those take it that whoever takes the step names.
    pub chosen: bool,
}

/// A field here whose value goes into a field there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handed {
    pub from: FieldDef,
    pub into: FieldDef,
}

/// Hands a value from one field into another.
#[must_use]
pub const fn hand(from: FieldDef, into: FieldDef) -> Handed {
    Handed { from, into }
}

/// Hands a value on to records that have the same field.
#[must_use]
pub const fn as_it_is(field: FieldDef) -> Handed {
    hand(field, field)
}

impl Transition {
    /// What stands in its form for somebody to change.
    #[must_use]
    pub const fn offers(mut self, values: &'static [Handed]) -> Self {
        self.offers = values;
        self
    }
}
