//! What every new installation begins with: roles, the matrix, a calendar, a default service
//! level, the rules that tell people. All of it is data that an administrator can change.

mod assets;
mod baselines;
mod changes;
mod evaluations;
mod items;
mod problems;
mod sources;

pub use changes::RISK_QUESTIONS;
use serde_json::{Value as Json, json};

/// An entry to make. A text value `@register/key` stands for the id of that entry.
pub struct Shipped {
    pub register: &'static str,
    pub key: &'static str,
    pub name: &'static str,
    pub values: Json,
}

fn entry(register: &'static str, key: &'static str, name: &'static str, values: Json) -> Shipped {
    Shipped { register, key, name, values }
}

/// Everything shipped, in an order in which references point backwards.
#[must_use]
pub fn entries() -> Vec<Shipped> {
    let mut all = roles();
    all.extend(levels());
    all.extend(told_to_requesters());
    all.extend(told_to_staff());
    all.extend(told_of_targets());
    all.extend(problems::told());
    all.extend(changes::policies());
    all.push(changes::risk());
    all.extend(changes::told());
    all.extend(evaluations::rules());
    all.extend(evaluations::told());
    all.extend(items::told());
    all.extend(assets::shown());
    all.extend(baselines::approved());
    all.extend(items::classes());
    all.extend(items::relations());
    all.extend(sources::rules());
    all.extend(sources::systems());
    all.extend(views());
    all
}

/// What agents do; who else may, is data as well.
const AGENT: &[&str] = &[
    "incident.view",
    "incident.create",
    "incident.update",
    "incident.comment",
    "incident.note",
    "incident.link",
    "incident.watch",
    "incident.task",
    "incident.assign",
    "incident.take",
    "incident.hold",
    "incident.resume",
    "incident.reassign",
    "incident.resolve",
    "incident.reopen",
    "incident.cancel",
    "incident.merge",
    "incident.escalate",
    "incident.report_again",
    "incident.export",
    "problem.view",
    "problem.create",
    "problem.update",
    "problem.comment",
    "problem.note",
    "problem.link",
    "problem.watch",
    "problem.task",
    "problem.assess",
    "problem.investigate",
    "problem.raise_known_error",
    "problem.document",
    "problem.fix",
    "problem.fix_failed",
    "problem.resolve",
    "problem.log",
    "problem.deactivate",
    "problem.close",
    "problem.reopen",
    "problem.cancel",
    "problem.export",
    "configuration_item.view",
    "configuration_item.create",
    "configuration_item.update",
    "configuration_item.comment",
    "configuration_item.note",
    "configuration_item.link",
    "configuration_item.watch",
    "configuration_item.task",
    "configuration_item.order",
    "configuration_item.receive",
    "configuration_item.test",
    "configuration_item.go_live",
    "configuration_item.maintain",
    "configuration_item.end_maintenance",
    "configuration_item.report_missing",
    "configuration_item.find",
    "configuration_item.export",
    "reports.view",
    "views.manage",
    "people.view",
];

/// The shipped roles. `*` stands for everything; `incident.*` for every step of a process.
fn roles() -> Vec<Shipped> {
    let role = |key, name, reach: &str, permissions: &[&str]| {
        entry("roles", key, name, json!({ "reach": reach, "permissions": permissions }))
    };
    vec![
        role("requester", "Requester", "own", &["incident.create", "incident.comment"]),
        role(
            "agent",
            "Agent",
            "staff",
            &[AGENT, changes::WORKED_ON, evaluations::WORKED_ON, assets::WORKED_ON, baselines::WORKED_ON].concat(),
        ),
        role(
            "process-manager",
            "Process manager",
            "restricted",
            &[
                "incident.*",
                "problem.*",
                "change.*",
                "evaluation.*",
                "configuration_item.*",
                "asset.*",
                "licence.*",
                "baseline.*",
                "item-classes.manage",
                "relation-types.manage",
                "sources.manage",
                "match-rules.manage",
                "reports.view",
                "audit.view",
                "views.manage",
                "people.view",
                "categories.manage",
                "service-levels.manage",
                "calendars.manage",
                "priority-matrices.manage",
                "assignment-rules.manage",
                "notification-rules.manage",
                "models.manage",
                "approval-policies.manage",
                "boards.manage",
                "risk-rules.manage",
                "evaluation-rules.manage",
                "windows.manage",
                "templates.manage",
                "macros.manage",
                "services.manage",
                "process-settings.manage",
                "exclusions.manage",
                "exports.manage",
            ],
        ),
        role("approver", "Approver", "own", &["incident.create", "incident.comment"]),
        role(
            "customer-representative",
            "Customer representative",
            "customer",
            &["incident.view", "incident.create", "incident.comment", "incident.export", "reports.view"],
        ),
        role(
            "vendor",
            "Vendor",
            "vendor",
            &[
                "incident.view",
                "incident.comment",
                "incident.task",
                "problem.view",
                "problem.comment",
                "problem.task",
                "change.view",
                "change.comment",
                "change.task",
                "configuration_item.view",
            ],
        ),
        role(
            "auditor",
            "Auditor",
            "restricted",
            &[
                "*.view",
                "incident.export",
                "problem.export",
                "change.export",
                "evaluation.export",
                "configuration_item.export",
                "asset.export",
                "licence.export",
                "baseline.export",
                "audit.view",
                "reports.view",
            ],
        ),
        role("admin", "Admin", "restricted", &["*"]),
        role("monitoring-source", "Monitoring source", "own", &["incident.create"]),
    ]
}

fn levels() -> Vec<Shipped> {
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let hours = |days: &[&str], from: &str, to: &str| -> Vec<Json> {
        days.iter().map(|day| json!({ "day": day, "from": from, "to": to })).collect()
    };
    let mut cells = Vec::new();
    for (row, impact) in ["high", "medium", "low"].iter().enumerate() {
        for (column, urgency) in ["high", "medium", "low"].iter().enumerate() {
            cells.push(json!({ "impact": impact, "urgency": urgency, "priority": row + column + 1 }));
        }
    }
    let target = |metric: &str, priority: u8, amount: u16| json!({ "metric": metric, "priority": priority, "amount": amount, "unit": "minutes" });
    let response = [(1, 15), (2, 30), (3, 120), (4, 240), (5, 480)].map(|(p, m)| target("response", p, m));
    let resolution = [(1, 240), (2, 480), (3, 1440), (4, 2400), (5, 4800)].map(|(p, m)| target("resolution", p, m));
    let targets: Vec<Json> = response.into_iter().chain(resolution).collect();
    vec![
        entry(
            "calendars",
            "office-hours",
            "Office hours",
            json!({ "zone": "Europe/London", "hours": hours(&days[..5], "09:00", "17:00") }),
        ),
        entry(
            "calendars",
            "around-the-clock",
            "Around the clock",
            json!({ "zone": "Europe/London", "hours": hours(&days, "00:00", "24:00") }),
        ),
        entry("priority-matrices", "incident", "Incident priority", json!({ "process": "incident", "cells": cells })),
        entry("priority-matrices", "problem", "Problem priority", json!({ "process": "problem", "cells": cells })),
        entry("priority-matrices", "change", "Change priority", json!({ "process": "change", "cells": cells })),
        entry(
            "service-levels",
            "default-incident",
            "Default for incidents",
            json!({
                "position": 100_000, "process": "incident", "fallback": true, "calendar": "@calendars/office-hours", "targets": targets,
                "pause_reasons": ["requester", "scheduled"], "warn_at": ["50", "75", "90"], "on_change": "retroactive", "on_reopen": "resume",
            }),
        ),
        entry("process-settings", "incident", "Incident", json!({ "process": "incident" })),
        entry("process-settings", "problem", "Problem", json!({ "process": "problem" })),
        entry("process-settings", "change", "Change", json!({ "process": "change" })),
    ]
}

/// A rule of notification for incidents.
fn rule(key: &'static str, name: &'static str, event: &str, audience: &str, subject: &str, body: &str) -> Shipped {
    entry(
        "notification-rules",
        key,
        name,
        json!({ "process": "incident", "event": event, "audience": audience, "subject": subject, "body": body }),
    )
}

/// What the people hear whose matter it is.
fn told_to_requesters() -> Vec<Shipped> {
    vec![
        rule(
            "opened-requester",
            "Received",
            "opened",
            "requester",
            "We have received {number}",
            "{title}\n\nWe will tell you what happens next.",
        ),
        rule("hold-requester", "Question to the requester", "hold", "requester", "{number}: we wait", "{comment}"),
        rule(
            "hold-reminder-requester",
            "Question to the requester: reminder",
            "hold_reminder",
            "requester",
            "{number}: we still wait for your answer",
            "{title}\n\nWe asked you something and go on as soon as you answer.",
        ),
        rule(
            "give-up-requester",
            "Resolved without an answer",
            "resolve_unanswered",
            "requester",
            "{number} is resolved without your answer",
            "{resolution}\n\nTell us if it still fails, and work goes on.",
        ),
        rule("comment-requester", "Reply to the requester", "commented", "requester", "{number}: a reply", "{comment}"),
        rule(
            "resolve-requester",
            "Resolved",
            "resolve",
            "requester",
            "{number} should work again",
            "{resolution}\n\nPlease tell us whether it does.",
        ),
        rule(
            "resolve-child-requester",
            "Resolved with its parent",
            "resolve_with_parent",
            "requester",
            "{number} should work again",
            "{resolution}\n\nPlease tell us whether it does.",
        ),
        rule(
            "resolve-caused-requester",
            "Resolved with its problem",
            "resolve_with_problem",
            "requester",
            "{number} should work again",
            "{resolution}\n\nPlease tell us whether it does.",
        ),
        rule(
            "close-warning",
            "Closing soon",
            "close_warning",
            "requester",
            "{number} will close soon",
            "Without an answer it closes by itself. Tell us if it does not work.",
        ),
        rule(
            "surveyed-requester",
            "How it went",
            "surveyed",
            "requester",
            "{number}: how did we do?",
            "{title}\n\nOne click is enough, and it helps us to get better.",
        ),
    ]
}

/// What those hear who watch it; they may do without.
fn told_to_watchers() -> Vec<Shipped> {
    let watched = |key, name, event: &str, subject: &str, body: &str| {
        let mut shipped = rule(key, name, event, "watchers", subject, body);
        shipped.values["optional"] = json!(true);
        shipped
    };
    vec![
        watched("comment-watchers", "Reply: watchers", "commented", "{number}: a reply", "{comment}"),
        watched(
            "replied-watchers",
            "Word from the requester: watchers",
            "replied",
            "{number}: word from the requester",
            "{comment}",
        ),
        watched("hold-watchers", "On hold: watchers", "hold", "{number} waits", "{title}"),
        watched("resolve-watchers", "Resolved: watchers", "resolve", "{number} is resolved", "{title}"),
        watched("reopen-watchers", "Reopened: watchers", "reopen", "{number} was reopened", "{title}"),
    ]
}

/// What those hear who work on it.
fn told_to_staff() -> Vec<Shipped> {
    let mut all = told_to_watchers();
    all.extend([
        rule("assigned-assignee", "Assigned to a person", "assigned", "assignee", "{number} is yours now", "{title}"),
        rule("assign-team", "Assigned to the team", "assign", "team", "{number} is with your team", "{title}"),
        rule(
            "reassign-team",
            "Reassigned to the team",
            "reassign",
            "team",
            "{number} came to your team",
            "{title}\n\n{reason}",
        ),
        rule(
            "handed-assignee",
            "Workaround from the problem",
            "handed",
            "assignee",
            "{number}: a workaround is known",
            "{known_workaround}",
        ),
        rule("resume-owner", "Work goes on", "resume", "owner", "{number} goes on", "{title}"),
        rule("resume-assignee", "Work goes on: assignee", "resume", "assignee", "{number} goes on", "{title}"),
        rule(
            "comment-owner",
            "Word from the requester",
            "replied",
            "owner",
            "{number}: word from the requester",
            "{comment}",
        ),
        rule(
            "comment-assignee",
            "Word from the requester: assignee",
            "replied",
            "assignee",
            "{number}: word from the requester",
            "{comment}",
        ),
        rule("reopen-owner", "Reopened", "reopen", "owner", "{number} was reopened", "{reason}"),
        rule("reopen-assignee", "Reopened: assignee", "reopen", "assignee", "{number} was reopened", "{reason}"),
        rule(
            "give-up-owner",
            "Resolved without an answer: owner",
            "resolve_unanswered",
            "owner",
            "{number} was resolved without an answer",
            "{title}",
        ),
        rule(
            "escalate-manager",
            "Escalated",
            "escalate",
            "team_manager",
            "{number} was escalated",
            "{title}\n\n{reason}",
        ),
        rule(
            "follow-up-manager",
            "Somebody is not content",
            "follow_up",
            "team_manager",
            "{number}: the requester is not content",
            "{title}\n\n{reason}",
        ),
    ]);
    all
}

/// What those hear whose time runs out.
fn told_of_targets() -> Vec<Shipped> {
    vec![
        rule(
            "response-75-owner",
            "Response is pressing",
            "response.75",
            "owner",
            "{number}: answer by {due}",
            "{percent}% of the time to respond has passed.",
        ),
        rule(
            "resolution-75-owner",
            "Resolution is pressing",
            "resolution.75",
            "owner",
            "{number}: resolve by {due}",
            "{percent}% of the time has passed.",
        ),
        rule(
            "response-75-assignee",
            "Response is pressing: assignee",
            "response.75",
            "assignee",
            "{number}: answer by {due}",
            "{percent}% of the time to respond has passed.",
        ),
        rule(
            "resolution-75-assignee",
            "Resolution is pressing: assignee",
            "resolution.75",
            "assignee",
            "{number}: resolve by {due}",
            "{percent}% of the time has passed.",
        ),
        rule(
            "resolution-75-manager",
            "Resolution is pressing: manager",
            "resolution.75",
            "team_manager",
            "{number} needs your eye",
            "{percent}% of the time has passed; due {due}.",
        ),
        rule(
            "response-breached",
            "Response is late",
            "response.breached",
            "team_manager",
            "{number} was not answered in time",
            "{title}",
        ),
        rule(
            "resolution-breached",
            "Resolution is late",
            "resolution.breached",
            "team_manager",
            "{number} is late",
            "{title}",
        ),
        rule(
            "resolution-breached-owner",
            "Resolution is late: owner",
            "resolution.breached",
            "owner",
            "{number} is late",
            "{title}",
        ),
        rule(
            "resolution-breached-assignee",
            "Resolution is late: assignee",
            "resolution.breached",
            "assignee",
            "{number} is late",
            "{title}",
        ),
    ]
}

fn views() -> Vec<Shipped> {
    let of = |process: &str, key, name, position: u8, condition: &str, sort: &str| {
        entry(
            "views",
            key,
            name,
            json!({ "process": process, "condition": condition, "sort": sort, "shared": "everyone", "position": position }),
        )
    };
    let view = |key, name, position, condition: &str, sort: &str| of("incident", key, name, position, condition, sort);
    vec![
        view("my-work", "Assigned to me", 1, "assignee = me and phase in (0, 1)", "due"),
        view("my-teams", "My teams", 2, "team in my_teams and phase in (0, 1)", "due"),
        view("unassigned", "Unassigned", 3, "assignee is empty and phase in (0, 1)", "opened"),
        view("due-today", "Due today", 4, "phase = 0 and due <= today", "due"),
        view("all-open", "All open", 5, "phase in (0, 1)", "-updated"),
        view("resolved", "Resolved", 6, "phase = 2", "-updated"),
        of("problem", "known-errors", "Known errors", 11, "known_error = \"active\"", "-updated"),
        of("problem", "open-problems", "Open problems", 12, "phase in (0, 1)", "-updated"),
        of("change", "open-changes", "Open changes", 21, "phase in (0, 1)", "-updated"),
        of("change", "scheduled-changes", "Scheduled changes", 22, "state = \"scheduled\"", "planned_start"),
        of("change", "changes-to-review", "Changes to review", 23, "state = \"review\"", "-updated"),
        of("configuration_item", "items-in-use", "In use", 24, "state in (\"live\", \"maintenance\")", "title"),
        of("problem", "accepted-risks", "Accepted risks", 13, "state = \"risk_accepted\"", "-updated"),
    ]
}
