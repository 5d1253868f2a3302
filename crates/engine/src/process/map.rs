//! Records that form a map: which class each is of, what hangs on what, and how much of it may fail.

use crate::field::FieldDef;

/// What a process says of its records as a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Map {
    /// Names the class of a record, an entry of a register whose entries lie under one another. A class may say that its
    /// records stand for services, by the flag `service`.
    pub class: FieldDef,
    /// The choice that says where a record does its work, by which a map is narrowed.
    pub environment: FieldDef,
    /// Rows of what a record can do without: columns `relation` (an entry that declares one), `class` and `needs`.
    pub needs: FieldDef,
    /// The register whose entries are relations between the records.
    pub relations: &'static str,
    /// What a service says of itself where its own entry stands, so that its record does not say it again.
    pub of_service: &'static [FieldDef],
    /// What may change only with a record of another process that permits it.
    pub control: Option<Control>,
}

/// What of a record changes only while another one that has a relation to it permits that. Which fields it is of which
/// classes is the organisation's to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Control {
    /// The process whose records permit it.
    pub by: &'static str,
    /// The relation of such a record to the one that it changes.
    pub relation: &'static str,
    /// The states of such a record in which it does.
    pub permits: &'static [&'static str],
    /// The states of a record in use: fields are under control in them.
    pub held: &'static [&'static str],
    /// The state that a record comes into and leaves by control alone.
    pub live: &'static str,
    /// The step by which such a record says that something changed and nobody asked, and the field of what was found.
    pub raises: &'static str,
    pub found_words: &'static str,
    /// States that say what was found: whoever finds something asks nobody.
    pub found: &'static [&'static str],
}

/// Which end of a relation is hit when the other fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Carries {
    #[default]
    Nothing,
    /// The record that has the relation depends on the other.
    ToFirst,
    /// The other depends on the record that has the relation.
    ToSecond,
}

/// What an organisation says of a relation that it declares itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The entry that declares it.
    pub entry: i64,
    /// Which classes it may join, each with those under it: of the record that has it, and of the other; none: any.
    pub pairs: &'static [(i64, i64)],
    pub carries: Carries,
    /// At most so many leave a record; none: any number.
    pub most_out: Option<i64>,
    /// At most so many arrive at a record; none: any number.
    pub most_in: Option<i64>,
}
