//! How records hang together, within a process and across processes.

use super::effect::Handed;
use super::{Process, Rules, State};
use crate::field::FieldDef;

/// A typed link that records of a process can have to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relation {
    pub key: &'static str,
    /// Read from this end: "Child of".
    pub label: &'static str,
    /// Read from the other end: "Parent of".
    pub inverse: &'static str,
    /// The process at the other end; None: any.
    pub to: Option<&'static str>,
    /// At most one such link leaves a record, and chains may not close to a ring.
    pub single: bool,
    /// Public words of staff at the other end reach this end too, while it is live; where the relation is meant for
    /// some processes, those of their records.
    pub hands_words: bool,
    /// Processes whose records are linked by it where nobody names a relation.
    pub meant_for: &'static [&'static str],
    /// Fields of the other end that fill fields of this one, as long as this end is live and the link stands.
    pub fills: &'static [Fill],
    /// Whom both ends may not name.
    pub apart: Option<Apart>,
    /// What the organisation says of it that declared it; none where the product did.
    pub rules: Option<Rules>,
}

/// A relation to records of any process, as many as one likes.
#[must_use]
pub const fn relation(key: &'static str, label: &'static str, inverse: &'static str) -> Relation {
    Relation {
        key,
        label,
        inverse,
        to: None,
        single: false,
        hands_words: false,
        meant_for: &[],
        fills: &[],
        apart: None,
        rules: None,
    }
}

impl Process {
    /// The relation that says no more than that two records belong together: it reads the same from both ends.
    #[must_use]
    pub fn companion(&'static self) -> Option<&'static Relation> {
        self.relations.iter().find(|relation| relation.label == relation.inverse && relation.to.is_none())
    }
}

impl Relation {
    /// Only to records of this process.
    #[must_use]
    pub const fn to(mut self, process: &'static str) -> Self {
        self.to = Some(process);
        self
    }
    #[must_use]
    pub const fn single(mut self) -> Self {
        self.single = true;
        self
    }
    #[must_use]
    pub const fn hands_words(mut self) -> Self {
        self.hands_words = true;
        self
    }
    #[must_use]
    pub const fn meant_for(mut self, processes: &'static [&'static str]) -> Self {
        self.meant_for = processes;
        self
    }
    /// Whether public words on a record of this process reach those that have the relation to it.
    #[must_use]
    pub fn hands_words_of(&self, other: &Process) -> bool {
        self.hands_words && (self.meant_for.is_empty() || self.meant_for.contains(&other.key))
    }
    /// Nobody who is named at this end in one of these fields is named at the other in one of those.
    #[must_use]
    pub const fn apart(mut self, apart: Apart) -> Self {
        self.apart = Some(apart);
        self
    }
    #[must_use]
    pub const fn fills(mut self, fills: &'static [Fill]) -> Self {
        self.fills = fills;
        self
    }
}

/// A computed field of this end that says what a field of the other end says, and changes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// The process at the other end.
    pub of: &'static str,
    pub from: FieldDef,
    pub into: FieldDef,
    /// It goes on when this end is done or closed: what the other end finds out belongs to what is over.
    pub lasting: bool,
}

/// People who judge what others do: no person has both parts. (EVA-07)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Apart {
    /// The process at the other end.
    pub of: &'static str,
    /// Fields of this end and of the other one, each naming a person.
    pub own: &'static [FieldDef],
    pub theirs: &'static [FieldDef],
    /// The refusal.
    pub says: &'static str,
}

/// A way to open a record from others, which are then linked to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenedFrom {
    /// Their process.
    pub process: &'static str,
    /// Their relation to the new record.
    pub relation: &'static str,
    /// What the new record takes over from the first of them where whoever opens it says nothing. A mark is set where
    /// any of them has it.
    pub copies: &'static [Handed],
    /// Relations of both: what the others are linked to by them, the new record is linked to as well.
    pub shares: &'static [&'static str],
    /// The step by which those that are chosen wait for the new record; the others stay as they are.
    pub waits: Option<Waits>,
    /// None: only where somebody asks for it.
    pub by_rule: Option<ByRule>,
}

/// Records that are opened without being asked for, because rules of the organisation want one. (EVA-01)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByRule {
    /// The computed mark of the other record that says that the rules want one.
    pub mark: FieldDef,
    /// The fields of the other record that name services which it touches.
    pub services: &'static [FieldDef],
    /// The states of the other record in which the rules are asked; what they said last stays.
    pub asked_in: &'static [State],
}

/// A step of other records by which they wait for a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waits {
    pub verb: &'static str,
    /// The field that says what they wait for, and what it says then.
    pub says: (FieldDef, &'static str),
    /// What choosing them means, as the heading of the choice.
    pub label: &'static str,
}
