//! What a change takes from its formal evaluation: reports before it is built, deployed and closed, which advise, and
//! the final report that its review keeps. (EVA-03, EVA-06, EVA-08)

use super::{IMPLEMENTER, TYPE};
use crate::transition::evaluation::{self, Advice};
use mainstay_engine::facts::Facts;
use mainstay_engine::field::{Field, FieldDef, Writer};
use mainstay_engine::process::{Apart, Fill, Guard, Relation, relation};
use mainstay_engine::record::Record;
use mainstay_engine::spine::ASSIGNEE;

/// The relation to what evaluates it.
pub const EVALUATED_BY: &str = "evaluated_by";

pub const EVALUATED: Field<bool> = Field::bool("evaluated", "Formal evaluation needed")
    .computed()
    .help("By the rules of evaluation; it follows them until the change is authorised");
pub const ADVICE_BUILD: Field<Advice> =
    Field::choice("advice_build", "Advice before building", Advice::CHOICES).computed();
pub const ADVICE_DEPLOY: Field<Advice> =
    Field::choice("advice_deploy", "Advice before deployment", Advice::CHOICES).computed();
pub const ADVICE_CLOSE: Field<Advice> =
    Field::choice("advice_close", "Advice before closing", Advice::CHOICES).computed();
pub const DESPITE: Field<String> = Field::markdown("despite_advice", "Why it goes on without advice or against it")
    .writer(Writer::Transition)
    .help("Needed where the evaluation has no interim report for this step, or advises against it");
pub const FINAL_REPORT: Field<String> =
    Field::markdown("evaluation_report", "Final report of the evaluation").computed();

/// What of it stands among the properties of a change.
pub const SHOWN: &[&str] = &["evaluated", "advice_build", "advice_deploy", "advice_close", "despite_advice"];

/// What it says there.
const SAID: &[Fill] = &[
    fill(evaluation::ADVICE_BUILD.def, ADVICE_BUILD.def),
    fill(evaluation::ADVICE_DEPLOY.def, ADVICE_DEPLOY.def),
    fill(evaluation::ADVICE_CLOSE.def, ADVICE_CLOSE.def),
    fill(evaluation::CONCLUSION.def, FINAL_REPORT.def),
];

const fn fill(from: FieldDef, into: FieldDef) -> Fill {
    Fill { of: "evaluation", from, into, lasting: true }
}

/// Whoever carries a change out does not evaluate it, and what the evaluation says stands on the change. (EVA-07)
pub const fn evaluated_by() -> Relation {
    relation(EVALUATED_BY, "Evaluated by", "Evaluates")
        .to("evaluation")
        .meant_for(&["evaluation"])
        .apart(Apart {
            of: "evaluation",
            own: &[IMPLEMENTER.def, ASSIGNEE.def],
            theirs: &[ASSIGNEE.def],
            says: "Whoever carries a change out does not evaluate it.",
        })
        .fills(SAID)
}

/// Whether a step may have to say why it goes on all the same.
pub fn is_advised(change: &Record) -> bool {
    let advised = [&ADVICE_BUILD, &ADVICE_DEPLOY, &ADVICE_CLOSE].into_iter().any(|advice| change.has(advice));
    change.has(&TYPE) && (advised || change.get(&EVALUATED) == Some(true))
}

fn reported(change: &Record, facts: &Facts<'_>, advice: &Field<Advice>) -> bool {
    let needed = change.get(&EVALUATED) == Some(true) && (facts.in_use)("evaluation");
    !needed || change.has(advice) || change.has(&DESPITE)
}

fn followed(change: &Record, facts: &Facts<'_>, advice: &Field<Advice>) -> bool {
    let against = change.get(advice) == Some(Advice::Reject) && (facts.in_use)("evaluation");
    !against || change.has(&DESPITE)
}

const REPORTED: Guard = Guard {
    code: "report_missing",
    says: "Its evaluation has not issued the interim report before this step. Wait for it, or say why it goes on without.",
    test: |_, _| true,
    beforehand: false,
};
const FOLLOWED: Guard = Guard {
    code: "against_advice",
    says: "Its evaluation advises against this step. Follow the advice, or say why it goes on all the same.",
    test: |_, _| true,
    beforehand: false,
};
pub const BUILD_REPORTED: Guard = Guard { test: |change, facts| reported(change, facts, &ADVICE_BUILD), ..REPORTED };
pub const BUILD_FOLLOWED: Guard = Guard { test: |change, facts| followed(change, facts, &ADVICE_BUILD), ..FOLLOWED };
pub const DEPLOY_REPORTED: Guard = Guard { test: |change, facts| reported(change, facts, &ADVICE_DEPLOY), ..REPORTED };
pub const DEPLOY_FOLLOWED: Guard = Guard { test: |change, facts| followed(change, facts, &ADVICE_DEPLOY), ..FOLLOWED };
pub const CLOSE_REPORTED: Guard = Guard { test: |change, facts| reported(change, facts, &ADVICE_CLOSE), ..REPORTED };
pub const CLOSE_FOLLOWED: Guard = Guard { test: |change, facts| followed(change, facts, &ADVICE_CLOSE), ..FOLLOWED };
