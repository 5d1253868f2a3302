//! What baselines begin with: who works with them, and who approves them.

use super::{Shipped, entry, rule};
use serde_json::json;

/// What whoever works on items does; what counts is the manager's.
pub const WORKED_ON: &[&str] = &[
    "baseline.view",
    "baseline.create",
    "baseline.update",
    "baseline.capture",
    "baseline.comment",
    "baseline.note",
    "baseline.link",
    "baseline.watch",
    "baseline.task",
    "baseline.export",
];

/// One approval by a manager who has no part in it, and the word to whom it is asked of.
pub fn approved() -> Vec<Shipped> {
    let manager = json!({
        "step": 1, "name": "Configuration manager", "asks": "role", "role": "@roles/process-manager", "rule": "any",
    });
    let mut asked = rule(
        "baseline-approval-asked",
        "Approval of a baseline asked for",
        "approval_asked",
        "approvers",
        "{number}: your approval is asked for",
        "{title}",
    );
    asked.values["process"] = json!("baseline");
    vec![
        entry(
            "approval-policies",
            "baseline",
            "Baseline",
            json!({ "position": 50, "process": "baseline", "steps": [manager], "days": 5, "expiry": "remind" }),
        ),
        asked,
    ]
}
