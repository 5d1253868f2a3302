//! What rules may know beside the record: the present instant, the actor, policies, relations.

use crate::condition::Resolved;
use crate::field::FieldDef;
use crate::process::Phase;
use crate::record::Record;
use std::collections::BTreeMap;

/// In which part somebody acts on a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    /// The person; None for the engine.
    pub person: Option<i64>,
    /// The record is this person's own matter.
    pub requester: bool,
    /// Holds staff rights on this record.
    pub staff: bool,
    /// Timers, cascades and rules act as the engine.
    pub engine: bool,
}

/// A record that the one in hand is linked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    pub id: i64,
    pub process: String,
    pub relation: String,
    /// True: the link leaves this record; false: it arrives here.
    pub outgoing: bool,
    pub phase: Phase,
    /// The key of its state, and its number.
    pub state: String,
    pub number: String,
}

/// The matrix from impact and urgency to priority, in one version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matrix {
    pub version: i64,
    /// (impact key, urgency key) → priority 1…5.
    pub cells: BTreeMap<(String, String), i64>,
}

/// A guard that the organisation put before a step, resolved for whoever acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnGuard {
    pub verb: &'static str,
    /// What has to hold of the record as the step would leave it.
    pub condition: Resolved,
    /// The sentence of the refusal.
    pub says: String,
}

impl OwnGuard {
    /// Whether it stands before `verb` and fails.
    #[must_use]
    pub fn refuses(&self, verb: &str, record: &Record) -> bool {
        self.verb == verb && !self.condition.matches(&|key| record.read(key))
    }
}

/// A field of the organisation's own that is asked only of some records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedWhen {
    pub field: &'static FieldDef,
    /// What has to hold of a record for the field to belong to it.
    pub condition: Resolved,
}

impl AskedWhen {
    /// Whether the record has the field.
    #[must_use]
    pub fn is_asked(&self, record: &Record) -> bool {
        self.condition.matches(&|key| record.read(key))
    }
}

/// Everything a decision depends on beside record and request. Pure data and pure functions.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// Epoch milliseconds UTC.
    pub now: i64,
    pub actor: Actor,
    pub policies: &'a BTreeMap<String, i64>,
    pub matrix: &'a Matrix,
    pub related: &'a [Related],
    /// References to records of other systems: (relation, reference).
    pub external: &'a [(String, String)],
    pub open_tasks: usize,
    /// Every approval that the policy in force asks for is granted, for the record as it is.
    pub approved: bool,
    /// Whether a record follows a model that is approved in advance, is valid, and is done as the model says.
    pub vouched: &'a dyn Fn(&Record) -> bool,
    /// Whether the organisation uses a process, by its key.
    pub in_use: &'a dyn Fn(&str) -> bool,
    pub guards: &'a [OwnGuard],
    pub asked_when: &'a [AskedWhen],
    /// The instant `n` working days after a start, in the calendar that governs the record.
    pub working_days: &'a dyn Fn(i64, i64) -> Option<i64>,
}

impl Facts<'_> {
    /// A policy's value; 0 when the process does not declare it.
    #[must_use]
    pub fn policy(&self, key: &str) -> i64 {
        self.policies.get(key).copied().unwrap_or_default()
    }
    /// Whether a live record has `relation` to this one.
    #[must_use]
    pub fn has_live_child(&self, relation: &str) -> bool {
        self.related.iter().any(|r| !r.outgoing && r.relation == relation && r.phase.is_live())
    }
    /// Whether this record has `relation` to another, here or in another system.
    #[must_use]
    pub fn is_linked(&self, relation: &str) -> bool {
        self.related.iter().any(|r| r.outgoing && r.relation == relation)
            || self.external.iter().any(|(key, _)| key == relation)
    }
}
