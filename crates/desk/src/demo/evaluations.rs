//! Evaluations of the demo: one of a move that is ahead, with its report before building, and one of a move that is
//! over, slower than predicted, with an effect that nobody follows up yet.

use super::changes::{begin, weighed};
use super::plot::{Beat, Step, act, nothing};
use super::stories::address;
use mainstay_processes::transition::change::{CHANGE, EVALUATED_BY};
use serde_json::{Value as Json, json};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Both changes with their evaluations.
pub fn all(beats: &mut Vec<Beat>, stories: &mut usize, now: i64) {
    over(beats, stories, now - 16 * DAY);
    ahead(beats, stories, now - 3 * DAY, (now / DAY + 6) * DAY + 20 * HOUR);
}

fn opened(title: &str, service: &str) -> Step {
    let values = json!({ "title": title, "type": "major", "service": format!("@services/{service}") });
    Step::OpenFrom { process: CHANGE.key, from: Vec::new(), values }
}

fn wanted(service: &str, why: &str) -> Step {
    let values = json!({
        "owner": format!("@people/{}", address("oliver")), "service": format!("@services/{service}"), "impact": "high",
        "urgency": "low", "why": why,
    });
    act("submit", values)
}

fn planned() -> Step {
    let plan = "The test house before the board meets, the live figures of a working day after the move.";
    act("plan", json!({ "assignee": format!("@people/{}", address("leila")), "plan": plan }))
}

fn measure(measure: &str, aspect: &str, unit: &str, values: [&str; 2], limit: i64, worse: &str) -> Json {
    json!({
        "measure": measure, "aspect": aspect, "unit": unit, "target": values[0], "predicted": values[1], "limit": limit,
        "worse": worse, "confidence": "medium",
    })
}

fn predicted(answer: [&str; 2]) -> Step {
    let measures = json!([
        measure("Time to answer", "performance", "ms", answer, 20, "above"),
        measure("Payments at the same time", "capacity", "per second", ["400", "450"], 10, "below"),
        measure("Availability", "availability", "%", ["99.9", "99.95"], 1, "below"),
        measure("Cost of a month", "cost", "thousand", ["12", "11.5"], 5, "above"),
    ]);
    act("predict", json!({ "measures": measures, "risk_before": "high" }))
}

fn accepted(before: &str, report: &str) -> Step {
    act("accept", json!({ "report_before": before, "report": report }))
}

/// Approved, and waiting for its evening.
fn ahead(beats: &mut Vec<Beat>, stories: &mut usize, at: i64, start: i64) {
    let mut told = begin(beats, stories, at);
    let change = told.story();
    told.then(0, "oliver", opened("Move card payments to the second data centre", "payments"));
    told.then(15, "oliver", wanted("payments", "The first data centre is given up in spring."));
    told.asked(weighed(1, "Copy, compare, switch the name over, watch for an hour.", start, 3));
    told.then(100, "priya", Step::Approve);
    told.then(30, "diego", Step::Approve);
    told.then(30, "nadia", Step::Approve);
    told.then(60, "priya", act("schedule", nothing()));
    let mut told = begin(beats, stories, at + 30 * MINUTE);
    told.then(0, "leila", Step::OpenedFor { story: change, relation: EVALUATED_BY });
    told.then(10, "leila", planned());
    told.then(60, "leila", predicted(["250", "200"]));
    told.then(
        30,
        "leila",
        accepted("build", "The test house answers within the target under twice the load of today."),
    );
}

/// Moved, measured, reported.
fn over(beats: &mut Vec<Beat>, stories: &mut usize, at: i64) {
    let mut told = begin(beats, stories, at);
    let change = told.story();
    told.then(0, "oliver", opened("Move online banking to the second data centre", "online-banking"));
    told.then(15, "oliver", wanted("online-banking", "The first data centre is given up in spring."));
    told.asked(weighed(1, "Copy, compare, switch the name over, watch for an hour.", at + 10 * HOUR, 6));
    told.then(100, "priya", Step::Approve);
    told.then(30, "diego", Step::Approve);
    told.then(30, "nadia", Step::Approve);
    told.then(10, "priya", act("schedule", nothing()));
    told.then(340, "oliver", act("start", nothing()));
    told.then(90, "oliver", act("implement", nothing()));
    let review = json!({
        "outcome": "successful_with_issues", "map": "no_effect", "objective_met": "partly",
        "side_effects": "Statements of the month came an hour late.", "against_plan": "In time, and within the cost.",
        "lessons": "The load of a working day has to be in the tests.", "actions_to_follow": "Look for the slow answers.",
    });
    told.then(28 * 60, "priya", act("close", review));
    let mut told = begin(beats, stories, at + 30 * MINUTE);
    told.then(0, "leila", Step::OpenedFor { story: change, relation: EVALUATED_BY });
    told.then(10, "leila", planned());
    told.then(60, "leila", predicted(["250", "200"]));
    told.then(30, "leila", accepted("build", "The test house answers within the target."));
    told.then(270, "leila", accepted("deploy", "The rehearsal went as planned."));
    let actual = |measure: &str, actual: &str| json!({ "measure": measure, "actual": actual });
    let measured = json!({
        "actuals": [
            actual("Time to answer", "260"), actual("Payments at the same time", "470"),
            actual("Availability", "99.93"), actual("Cost of a month", "11.4"),
        ],
        "risk_after": "medium",
        "effects": [{ "effect": "Statements of the month came an hour late." }],
    });
    told.then(24 * 60, "leila", act("measure", measured));
    let report = json!({ "recommendation": "accept", "report": "Slower than predicted, and only just beyond the target: keep it." });
    told.then(60, "leila", act("report_closing", report));
    let last = json!({
        "qualification": "Network, power and backups of the second data centre are as they have to be.",
        "validation": "Customers bank as before.",
        "conclusion": "Answers take 30 % longer than predicted, all else is as it was predicted. Look for the cause before card payments follow.",
    });
    told.then(6 * 60, "leila", act("finish", last));
}
