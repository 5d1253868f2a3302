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
    "change.propose",
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
    let portfolio = json!({
        "step": 1, "name": "Portfolio authority", "asks": "team", "team": "@teams/portfolio", "rule": "any",
    });
    vec![
        entry(
            "teams",
            "portfolio",
            "Portfolio authority",
            json!({ "description": "Any of its members decides whether what is proposed is planned in detail" }),
        ),
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
        entry(
            "approval-policies",
            "change-high-risk",
            "Change of high risk",
            json!({
                "position": 5, "process": "change", "condition": "risk = \"high\" and type in (\"minor\", \"significant\")",
                "steps": [manager.clone(), board(2)], "days": 5, "expiry": "remind",
            }),
        ),
        entry(
            "boards",
            "cab",
            "Change advisory board",
            json!({
                "process": "change", "team": "@teams/cab", "lead": 24, "minutes": 10,
                "condition": "type in (\"significant\", \"major\") or risk = \"high\"",
            }),
        ),
        policy("change-minor", "Minor change", 10, "minor", 5, vec![manager.clone()]),
        policy("change-significant", "Significant change", 20, "significant", 5, vec![manager.clone(), board(1)]),
        policy("change-major", "Major change", 30, "major", 5, vec![manager, board(2)]),
        policy("change-emergency", "Emergency change", 40, "emergency", 1, vec![emergency]),
        policy("change-proposal", "Change proposal", 50, "proposal", 10, vec![portfolio]),
    ]
}

/// What people answer about the risk, each answer with its points.
pub const RISK_QUESTIONS: &[(&str, [(&str, u8); 3])] = &[
    ("How often was it done here before?", [("Many times", 0), ("A few times", 10), ("Never", 25)]),
    (
        "Can it be backed out?",
        [("Yes, and that was tested", 0), ("Yes, but that was not tested", 15), ("Only in part, or not at all", 35)],
    ),
    ("Who notices while it is carried out?", [("Nobody", 0), ("Some people", 10), ("Many people", 25)]),
];

/// How the risk of a change is reckoned, to begin with.
pub fn risk() -> Shipped {
    let rule = |fact: &str, at_least: u16, points: u8| json!({ "fact": fact, "at_least": at_least, "points": points });
    let row = |question: &str, (answer, points): &(&str, u8)| json!({ "question": question, "answer": answer, "points": points });
    let questions: Vec<Json> = RISK_QUESTIONS
        .iter()
        .flat_map(|(question, answers)| answers.iter().map(|answer| row(question, answer)))
        .collect();
    entry(
        "risk-rules",
        "change",
        "Risk of changes",
        json!({
            "position": 10, "process": "change", "medium": 30, "high": 60,
            "rules": [
                rule("dependants", 5, 10), rule("dependants", 20, 25), rule("dependants", 100, 50),
                rule("services", 2, 10), rule("services", 5, 25),
                rule("people", 1000, 10),
                rule("high", 1, 20), rule("critical", 1, 40),
                rule("alike_failed", 20, 20), rule("alike_failed", 40, 40),
                rule("team_failed", 30, 20),
                {
                    "fact": "condition", "condition": "downtime > 60", "points": 20,
                    "says": "It is down for more than an hour.",
                },
            ],
            "questions": questions,
        }),
    )
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
