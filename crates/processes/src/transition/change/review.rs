//! How a change begins, ends and is looked back at.

use super::evaluated::DESPITE;
use super::kinds::{Ending, Met};
use super::{ACTUAL_END, ACTUAL_START, BACK_OUT, CONSEQUENCES, PAPERS_DUE, PLAN, RESULT, RISKS, TESTS};
use mainstay_engine::facts::Facts;
use mainstay_engine::field::{Field, FieldDef, Instant};
use mainstay_engine::record::Record;

pub const OBJECTIVE: Field<Met> = Field::choice("objective_met", "Objective met", Met::CHOICES);
pub const SIDE_EFFECTS: Field<String> = Field::markdown("side_effects", "Side effects");
pub const AGAINST_PLAN: Field<String> = Field::markdown("against_plan", "Plan and reality").help("Times, effort, cost");
pub const LESSONS: Field<String> = Field::markdown("lessons", "Lessons");
pub const ACTIONS: Field<String> = Field::markdown("actions_to_follow", "Actions that follow");

/// What the review of a change writes down, and why it closes without advice or against it.
pub const REVIEW_WORDS: &[FieldDef] = &[
    OBJECTIVE.def,
    SIDE_EFFECTS.def,
    AGAINST_PLAN.def,
    LESSONS.def,
    ACTIONS.def,
    RISKS.def,
    CONSEQUENCES.def,
    PLAN.def,
    TESTS.def,
    BACK_OUT.def,
    DESPITE.def,
];

/// The clock of its documents begins. (CHG-11)
pub fn begin_emergency(change: &mut Record, facts: &Facts<'_>) {
    change.set(&ACTUAL_START, Instant(facts.now));
    if let Some(due) = (facts.working_days)(facts.now, facts.policy("papers_days")) {
        change.set(&PAPERS_DUE, Instant(due));
    }
}

/// How the implementation went, and when it ended unless somebody said so.
pub fn end(change: &mut Record, facts: &Facts<'_>, result: Ending) {
    change.set(&RESULT, result);
    if !change.has(&ACTUAL_END) {
        change.set(&ACTUAL_END, Instant(facts.now));
    }
}
