//! What evaluations begin with: who does what, which changes are evaluated, and who hears of one.

use super::{Shipped, entry, rule};
use serde_json::json;

/// What an evaluator does; closing and cancelling are the manager's.
pub const WORKED_ON: &[&str] = &[
    "evaluation.view",
    "evaluation.create",
    "evaluation.update",
    "evaluation.comment",
    "evaluation.note",
    "evaluation.link",
    "evaluation.watch",
    "evaluation.task",
    "evaluation.plan",
    "evaluation.predict",
    "evaluation.predict_anew",
    "evaluation.accept",
    "evaluation.reject",
    "evaluation.measure",
    "evaluation.measure_again",
    "evaluation.report_closing",
    "evaluation.finish",
    "evaluation.export",
];

/// Major changes, and significant ones of high risk. (EVA-01)
pub fn rules() -> Vec<Shipped> {
    let rule = |key, name, condition: &str| {
        entry("evaluation-rules", key, name, json!({ "process": "change", "condition": condition }))
    };
    vec![
        rule("change-major", "Major change", "type = \"major\""),
        rule("change-high-risk", "Change of high risk", "type = \"significant\" and risk = \"high\""),
    ]
}

/// Who hears that it is theirs to evaluate.
pub fn told() -> Vec<Shipped> {
    let mut assigned = rule(
        "evaluation-assigned-assignee",
        "Evaluation assigned to a person",
        "assigned",
        "assignee",
        "{number} is yours to evaluate",
        "{title}",
    );
    assigned.values["process"] = json!("evaluation");
    vec![assigned]
}
