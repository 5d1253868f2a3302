//! What changes begin with: who approves them, and what people hear of them.

use super::{Shipped, entry, rule};
use serde_json::{Value as Json, json};

/// What whoever works on changes does; what decides on one is the manager's.
pub const WORKED_ON: &[&str] = &[
    "change.view",
    "change.create",
    "change.update",
    "change.comment",
    "change.note",
    "change.link",
    "change.watch",
    "change.task",
    "change.submit",
    "change.schedule_standard",
    "change.declare_emergency",
    "change.report_unauthorised",
    "change.request_approval",
    "change.return",
    "change.resubmit",
    "change.start",
    "change.start_emergency",
    "change.implement",
    "change.part",
    "change.back_out",
    "change.cancel",
    "change.export",
];

/// The boards, without members until somebody names them, and the policy of each type of change. A standard change asks
/// nobody: its model is approved in advance.
pub fn policies() -> Vec<Shipped> {
    let manager = json!({
        "step": 1, "name": "Change manager", "asks": "role", "role": "@roles/process-manager", "rule": "any",
    });
    let board = |step: u8| json!({ "step": step, "name": "Change advisory board", "asks": "team", "team": "@teams/cab", "rule": "majority" });
    let policy = |key, name, position: u8, kind: &str, days: u8, steps: Vec<Json>| {
        let condition = format!("type = \"{kind}\"");
        entry(
            "approval-policies",
            key,
            name,
            json!({
                "position": position, "process": "change", "condition": condition, "steps": steps, "days": days,
                "expiry": "remind",
            }),
        )
    };
    let emergency = json!({
        "step": 1, "name": "Emergency authority", "asks": "team", "team": "@teams/ecab", "rule": "any",
    });
    vec![
        entry(
            "teams",
            "cab",
            "Change advisory board",
            json!({ "description": "Approves significant and major changes by more than half of its members" }),
        ),
        entry(
            "teams",
            "ecab",
            "Emergency change advisory board",
            json!({ "description": "Any of its members authorises an emergency change" }),
        ),
        policy("change-minor", "Minor change", 10, "minor", 5, vec![manager.clone()]),
        policy("change-significant", "Significant change", 20, "significant", 5, vec![manager.clone(), board(1)]),
        policy("change-major", "Major change", 30, "major", 5, vec![manager, board(2)]),
        policy("change-emergency", "Emergency change", 40, "emergency", 1, vec![emergency]),
    ]
}

/// What those hear who ask for a change, approve it or work on it.
pub fn told() -> Vec<Shipped> {
    let of_change = |key, name, event: &str, audience: &str, subject: &str, body: &str| {
        let mut shipped = rule(key, name, event, audience, subject, body);
        shipped.values["process"] = json!("change");
        shipped
    };
    vec![
        of_change(
            "change-approval-asked",
            "Approval asked for",
            "approval_asked",
            "approvers",
            "{number}: your approval is asked for",
            "{title}",
        ),
        of_change(
            "change-approval-expired",
            "Approval is late",
            "approval_expired",
            "approvers",
            "{number} still waits for your approval",
            "{title}",
        ),
        of_change(
            "change-approval-expired-manager",
            "Approval is late: manager",
            "approval_expired",
            "team_manager",
            "{number} waits for approvals",
            "{title}",
        ),
        of_change(
            "change-approvals-granted",
            "Approvals granted",
            "approvals_granted",
            "owner",
            "{number} is approved",
            "{title}",
        ),
        of_change(
            "change-approvals-refused",
            "Approval refused",
            "approvals_refused",
            "owner",
            "{number} is not approved",
            "{title}\n\n{reason}",
        ),
        of_change(
            "change-approvals-void",
            "Approvals void",
            "approvals_void",
            "owner",
            "{number}: its approvals are void",
            "{title}\n\n{reason}",
        ),
        of_change(
            "change-assigned-assignee",
            "Change assigned to a person",
            "assigned",
            "assignee",
            "{number} is yours now",
            "{title}",
        ),
        of_change(
            "change-not-begun-owner",
            "Change not begun in its time",
            "not_begun",
            "owner",
            "{number} was not begun in its planned time",
            "{title}",
        ),
        of_change(
            "change-papers-owner",
            "Emergency without documents",
            "papers_late",
            "owner",
            "{number} has to be documented",
            "{title}",
        ),
        of_change(
            "change-papers-manager",
            "Emergency without documents: manager",
            "papers_late",
            "team_manager",
            "{number} is not documented in time",
            "{title}",
        ),
    ]
}
