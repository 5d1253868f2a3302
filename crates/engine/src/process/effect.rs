//! What a step does beyond its own record.

use super::{Process, Transition};
use crate::field::FieldDef;
use crate::record::Record;

/// A field, and of which records a step asks for it.
pub type OfSome = (FieldDef, fn(&Record) -> bool);

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
    /// Keep which records of another process this one is about.
    Capture(Captures),
}

/// A set of records that a record keeps: which they are is found once, by a step, and stays; how they stood then is asked
/// of the log. (SAC-07)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Captures {
    /// Their process, which has a map.
    pub of: &'static str,
    /// What chooses them; one is filled at least, and all that are filled hold.
    pub by: &'static [Chooses],
    /// When they were found.
    pub at: FieldDef,
}

/// What chooses the records of a set. What is over is in no set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chooses {
    /// They meet the condition in the field.
    When(FieldDef),
    /// The record that the field names, and everything that it stands on.
    Beneath(FieldDef),
}

impl Chooses {
    #[must_use]
    pub const fn field(&self) -> &FieldDef {
        match self {
            Self::When(field) | Self::Beneath(field) => field,
        }
    }
}

impl Process {
    /// The set that its records keep.
    #[must_use]
    pub fn captures(&self) -> Option<&'static Captures> {
        self.transitions.iter().flat_map(|step| step.effects).find_map(|effect| match effect {
            Effect::Capture(captures) => Some(captures),
            _ => None,
        })
    }
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
    /// A field among those that it takes which its form shows only where this holds.
    #[must_use]
    pub const fn asking_some(mut self, field: FieldDef, of: fn(&Record) -> bool) -> Self {
        self.asked_of_some = Some((field, of));
        self
    }
    /// The fields that its form asks of a record.
    pub fn asked<'a>(&'a self, record: &'a Record) -> impl Iterator<Item = &'static FieldDef> + 'a {
        let skipped = self.asked_of_some.filter(|(_, of)| !of(record)).map(|(field, _)| field.key);
        self.needs.iter().chain(self.takes).filter(move |field| Some(field.key) != skipped)
    }
    /// Whether every record is asked for something beyond what the step needs.
    #[must_use]
    pub fn takes_of_all(&self) -> bool {
        self.takes.iter().any(|field| self.asked_of_some.is_none_or(|(some, _)| some.key != field.key))
    }
}
