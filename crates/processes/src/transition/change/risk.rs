//! The risk of a change: what is known of it and what people answer, the higher of the two. (CHG-04)

use super::guards::is_emergency;
use super::{ACTUAL_START, AFFECTED, CATEGORY, MODEL};
use crate::bundles::AFFECTS;
use crate::registers::{RISK_RULES_REGISTER, RiskFact, RiskPart};
use mainstay_engine::choices;
use mainstay_engine::field::{EntryId, Field, FieldDef, Kind};
use mainstay_engine::process::{Assessed, Phase};
use mainstay_engine::record::Record;
use mainstay_engine::spine::SERVICE;
use mainstay_engine::value::Value;

choices! {
    /// How likely and how bad it is that the change does harm.
    Risk { Low = "low" "Low", Medium = "medium" "Medium", High = "high" "High" }
}

pub const RISK: Field<Risk> = Field::choice("risk", "Risk", Risk::CHOICES)
    .computed()
    .in_list()
    .help("The higher of what the rules say and what the answers say");
pub const RISK_POINTS: Field<i64> = Field::number("risk_points", "Points of the risk", 0, i64::MAX).computed();
pub const RISK_ANSWERS: Field<Value> = Field::any("risk_answers", "Answers about the risk", Kind::Table(ANSWERS))
    .help("One row for each question of the rules, both in their words");
pub const RISK_BECAUSE: Field<Value> =
    Field::any("risk_because", "What the risk follows from", Kind::Table(BECAUSE)).computed();
pub const RISK_RULES: Field<EntryId> = Field::entry("risk_rules", "Rules of the risk", RISK_RULES_REGISTER).computed();
pub const RISK_VERSION: Field<i64> =
    Field::number("risk_version", "Version of the rules of the risk", 1, i64::MAX).computed();

const ANSWERS: &[FieldDef] =
    &[Field::text("question", "Question").required().def, Field::text("answer", "Answer").required().def];

const BECAUSE: &[FieldDef] = &[
    Field::<RiskPart>::choice("part", "Part", RiskPart::CHOICES).def,
    Field::<RiskFact>::choice("fact", "What counts", RiskFact::CHOICES).def,
    Field::number("found", "Found", 0, i64::MAX).def,
    Field::number("at_least", "From", 0, i64::MAX).def,
    Field::text("says", "Words").def,
    Field::number("points", "Points", 0, i64::MAX).def,
];

pub const ASSESSED: Assessed = Assessed {
    level: RISK.def,
    points: RISK_POINTS.def,
    answers: RISK_ANSWERS.def,
    because: RISK_BECAUSE.def,
    rules: RISK_RULES.def,
    version: RISK_VERSION.def,
    follows: may_differ,
    answered_before: "request_approval",
    touches: AFFECTS,
    services: &[SERVICE.def, AFFECTED.def],
    began: ACTUAL_START.def,
    blamed_by: "caused_by",
    blamed_days: "suspect_days",
    alike: &[MODEL.def, CATEGORY.def],
};

/// Before anything was done; an emergency is assessed until it closes.
fn may_differ(change: &Record) -> bool {
    super::AHEAD.iter().any(|state| state.key == change.state.key)
        || is_emergency(change) && change.state.phase != Phase::Closed
}
