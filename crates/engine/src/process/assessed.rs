//! How the risk of a record is assessed before it is approved.

use super::Process;
use crate::field::FieldDef;
use crate::record::Record;

/// What a process says of the risk of its records; by which rules and questions it is reckoned is the organisation's, in
/// a register. (CHG-04)
#[derive(Clone, Copy, Debug)]
pub struct Assessed {
    /// The choice of three levels, from the lowest up.
    pub level: FieldDef,
    /// The points that the level follows from.
    pub points: FieldDef,
    /// Rows of `question` and `answer`, in the words of the rules.
    pub answers: FieldDef,
    /// Rows of what counted: columns `part`, `fact`, `found`, `at_least`, `says` and `points`.
    pub because: FieldDef,
    /// The entry by which it was reckoned, and its version.
    pub rules: FieldDef,
    pub version: FieldDef,
    /// While this holds the risk follows what is known; afterwards it stays as it was.
    pub follows: fn(&Record) -> bool,
    /// The step before which every question has an answer.
    pub answered_before: &'static str,
    /// The relation to the records of a map that the record touches.
    pub touches: &'static str,
    /// The fields that name services which it touches.
    pub services: &'static [FieldDef],
    /// When the work began, the relation of other records that says that it caused them, and for how many days it is
    /// offered as their cause (a policy).
    pub began: FieldDef,
    pub blamed_by: &'static str,
    pub blamed_days: &'static str,
    /// The fields by which earlier records are like one; the first that says something counts.
    pub alike: &'static [FieldDef],
}

impl Process {
    /// How the risk of its records is assessed, where it is.
    #[must_use]
    pub fn assessed(&self) -> Option<&Assessed> {
        self.approvals.as_ref().and_then(|approvals| approvals.assessed.as_ref())
    }

    /// Whether a section of its own asks for a field and shows it, so that forms of fields and cards of rows need not.
    #[must_use]
    pub fn has_own_section(&self, key: &str) -> bool {
        self.assessed().is_some_and(|assessed| assessed.answers.key == key || assessed.because.key == key)
    }

    pub(super) const fn check_assessed(&self, assessed: &Assessed) {
        self.check_fields(&[assessed.level, assessed.points, assessed.rules, assessed.version, assessed.began]);
        assert!(self.has_policy(assessed.blamed_days), "work is offered as a cause for an undeclared policy");
        self.check_columns(&assessed.answers, &["question", "answer"]);
        self.check_columns(&assessed.because, &["part", "fact", "found", "at_least", "says", "points"]);
        self.check_fields(assessed.services);
        self.check_fields(assessed.alike);
        assert!(self.has_relation(assessed.touches), "risk is assessed by an undeclared relation");
        let mut i = 0;
        while i < self.transitions.len() {
            if super::eq(self.transitions[i].verb, assessed.answered_before) {
                return;
            }
            i += 1;
        }
        panic!("risk is assessed before an undeclared step")
    }
}
