//! What people hear of problems.

use super::{Shipped, rule};
use serde_json::json;

/// What those hear who work on a problem or watch it.
pub fn told() -> Vec<Shipped> {
    let of_problem = |key, name, event: &str, audience: &str, subject: &str, body: &str| {
        let mut shipped = rule(key, name, event, audience, subject, body);
        shipped.values["process"] = json!("problem");
        shipped
    };
    let mut all = vec![
        of_problem(
            "problem-assigned-assignee",
            "Problem assigned to a person",
            "assigned",
            "assignee",
            "{number} is yours now",
            "{title}",
        ),
        of_problem(
            "problem-assess-team",
            "Problem for the team",
            "assess",
            "team",
            "{number} is with your team",
            "{title}",
        ),
        of_problem(
            "problem-reopen-owner",
            "Problem came back",
            "reopen",
            "owner",
            "{number} came back",
            "{title}\n\n{reason}",
        ),
        of_problem(
            "problem-fix-failed-owner",
            "Fix of a problem failed",
            "fix_failed",
            "owner",
            "{number}: the fix failed",
            "{title}\n\n{reason}",
        ),
        of_problem(
            "problem-fix-done-owner",
            "Fix of a problem is in",
            "fix_done",
            "owner",
            "{number}: the fix is in",
            "{title}",
        ),
        of_problem(
            "problem-observed-owner",
            "Problem has not come back",
            "observed",
            "owner",
            "{number} has not come back and can be closed",
            "{title}",
        ),
        of_problem(
            "problem-recurrence-owner",
            "Problem seems to be back",
            "recurrence",
            "owner",
            "{number} seems to be back",
            "{reason} looks like it.\n\n{title}",
        ),
        of_problem(
            "problem-stalled-owner",
            "Problem rests",
            "stalled",
            "owner",
            "{number} has not moved for a while",
            "{title}",
        ),
        of_problem(
            "problem-stalled-manager",
            "Problem rests: manager",
            "stalled",
            "team_manager",
            "{number} has not moved for a while",
            "{title}",
        ),
        of_problem(
            "problem-review-due-owner",
            "Accepted risk to review",
            "review_due",
            "owner",
            "{number}: the accepted risk is due for review",
            "{title}",
        ),
    ];
    let mut watched = of_problem(
        "problem-document-watchers",
        "Known error: watchers",
        "document",
        "watchers",
        "{number} is a known error now",
        "{title}\n\n{workaround}",
    );
    watched.values["optional"] = json!(true);
    all.push(watched);
    all
}
