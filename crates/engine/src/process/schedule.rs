//! Records with a planned time: what they can stand in each other's way with, and which steps are held to it.

use super::{Process, State, eq};
use crate::field::FieldDef;
use crate::record::Record;

/// What a process says of the planned time of its records.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// The planned time: instants.
    pub start: FieldDef,
    pub end: FieldDef,
    /// Services that a record touches beside its own; a list of entries.
    pub services: FieldDef,
    /// Who is busy with it then, beside whoever has an open task of it.
    pub people: &'static [FieldDef],
    /// How long services stand still for it, in minutes.
    pub outage: FieldDef,
    /// A choice that says what kind of work it is.
    pub kind: FieldDef,
    /// Steps before which each conflict is resolved or accepted with a reason. (CHG-14)
    pub examined: &'static [&'static str],
    /// Steps that a freeze refuses, unless an exception was allowed. (CHG-15)
    pub frozen: &'static [&'static str],
    /// Records that a freeze lets pass.
    pub exempt: fn(&Record) -> bool,
    /// Steps of such records after which `flag` says whether they lie in a freeze.
    pub flagged: &'static [&'static str],
    /// A computed mark.
    pub flag: FieldDef,
    /// In which states everybody whom it concerns is told of it. (CHG-13)
    pub published: &'static [State],
}

impl Schedule {
    /// The planned time of a record, both ends known and in their order; epoch milliseconds UTC.
    #[must_use]
    pub fn span(&self, record: &Record) -> Option<(i64, i64)> {
        let (start, end) = (record.value(self.start.key).as_int()?, record.value(self.end.key).as_int()?);
        (start < end).then_some((start, end))
    }
}

impl Process {
    pub(super) const fn check_schedule(&self) {
        let Some(schedule) = &self.schedule else { return };
        self.check_fields(&[
            schedule.start,
            schedule.end,
            schedule.services,
            schedule.outage,
            schedule.kind,
            schedule.flag,
        ]);
        self.check_fields(schedule.people);
        self.check_planned_steps(schedule.examined);
        self.check_planned_steps(schedule.frozen);
        self.check_planned_steps(schedule.flagged);
        let mut i = 0;
        while i < schedule.published.len() {
            assert!(self.has_state(&schedule.published[i]), "a schedule is published in an undeclared state");
            i += 1;
        }
    }

    const fn check_planned_steps(&self, verbs: &[&str]) {
        let mut i = 0;
        while i < verbs.len() {
            let (mut j, mut known) = (0, false);
            while j < self.transitions.len() {
                known |= eq(self.transitions[j].verb, verbs[i]);
                j += 1;
            }
            assert!(known, "a schedule holds an undeclared step");
            i += 1;
        }
    }
}
