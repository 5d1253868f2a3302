//! Dates up to which a record is what others rely on.

use super::{Phase, Process};
use crate::field::{FieldDef, Kind};
use crate::record::Record;

/// A last day: of a warranty, of a contract, of what a maker promised. People hear of it beforehand, and whoever works on
/// something that names the record reads it there. (SAC-20)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lapse {
    pub until: FieldDef,
    /// The word by which rules tell people that the day is near and histories keep it.
    pub event: &'static str,
    /// What histories say then, and rules call it: a whole sentence.
    pub near: &'static str,
    /// What is read before the day and after it, each with `{date}`.
    pub ends: &'static str,
    pub over: &'static str,
    /// How many days before it people are told (a policy); 0: not at all.
    pub warn: &'static str,
}

impl Lapse {
    /// The last day, in days since 1970-01-01, while anybody relies on the record.
    #[must_use]
    pub fn last_day(&self, record: &Record) -> Option<i64> {
        let relied_on = record.state.phase != Phase::Closed;
        record.value(self.until.key).as_int().filter(|_| relied_on)
    }
}

impl Process {
    pub(super) const fn check_lapses(&self) {
        let mut i = 0;
        while i < self.lapses.len() {
            let lapse = &self.lapses[i];
            assert!(self.has_field(lapse.until.key), "an undeclared field says until when");
            assert!(matches!(lapse.until.kind, Kind::Date), "the field that says until when is no date");
            assert!(self.has_policy(lapse.warn), "people are told beforehand by an undeclared policy");
            i += 1;
        }
    }
}
