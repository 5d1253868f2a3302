//! Changes of the demo: two of the coming days that stand in each other's way, one that follows a model, one that
//! failed, one that is only a wish.

use super::plot::{Beat, Step, act, instant, nothing};
use super::stories::address;
use crate::caller::Channel;
use crate::install::Planned;
use mainstay_engine::value::day_to_date;
use mainstay_processes::shipped::RISK_QUESTIONS;
use mainstay_processes::transition::change::CHANGE;
use serde_json::{Value as Json, json};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The model of a standard change, and when work is not wanted and meant to be done.
pub fn entries(now: i64) -> Vec<Planned> {
    let [month_end, nights] = windows();
    vec![model(now), month_end, nights]
}

/// A freeze of workplaces while the books are closed, and the night in which printers are worked on.
fn windows() -> [Planned; 2] {
    let window = |key: &str, name: &str, values: Json| {
        let (key, name) = (key.to_owned(), name.to_owned());
        Planned { register: "windows", key, name, values }
    };
    let month_end = json!({
        "kind": "freeze", "zone": "Europe/London", "repeats": "monthly", "date": 31, "at": "00:00", "hours": 48,
        "services": ["@services/workplace"], "effect": "block", "authority": format!("@people/{}", address("priya")),
    });
    let nights = json!({
        "kind": "maintenance", "zone": "Europe/London", "repeats": "weekly", "days": ["saturday"], "at": "22:00", "hours": 8,
        "services": ["@services/printing"],
    });
    [window("month-end", "Month-end close", month_end), window("saturday-night", "Saturday night", nights)]
}

/// The model of a standard change, approved in advance for a year.
fn model(now: i64) -> Planned {
    let until = day_to_date(now / DAY + 365).map(|date| date.to_string());
    let values = json!({
        "process": CHANGE.key, "approver": format!("@people/{}", address("priya")), "valid_until": until,
        "values": [
            { "field": "plan", "value": "Upload the certificate, restart one node after the other, look at the padlock." },
            { "field": "back_out", "value": "The old certificate lies beside the new one for a week." },
        ],
        "tasks": [
            { "title": "Upload the certificate", "team": "@teams/payments-platform" },
            { "title": "Restart and look", "team": "@teams/payments-platform" },
        ],
    });
    let (key, name) = ("renew-certificate".to_owned(), "Renew a certificate".to_owned());
    Planned { register: "models", key, name, values }
}

/// Tells one change beat by beat.
pub(super) struct Told<'a> {
    beats: &'a mut Vec<Beat>,
    story: usize,
    at: i64,
}

impl Told<'_> {
    /// The number of its story.
    pub(super) fn story(&self) -> usize {
        self.story
    }

    pub(super) fn then(&mut self, minutes: i64, who: &'static str, step: Step) {
        self.at += minutes * MINUTE;
        self.beats.push(Beat { at: self.at, story: self.story, who, channel: Channel::Desk, step });
    }

    /// Assessed by the manager and brought before those who approve.
    pub(super) fn asked(&mut self, weighed: Json) {
        self.then(60, "priya", act("assess", nothing()));
        self.then(90, "priya", act("request_approval", weighed));
    }
}

pub(super) fn begin<'a>(beats: &'a mut Vec<Beat>, stories: &mut usize, at: i64) -> Told<'a> {
    let story = *stories;
    *stories += 1;
    Told { beats, story, at }
}

fn opened(from: Vec<usize>, values: Json) -> Step {
    Step::OpenFrom { process: CHANGE.key, from, values }
}

fn wanted(owner: &str, service: &str, impact: &str, why: &str) -> Step {
    let values = json!({
        "owner": format!("@people/{}", address(owner)), "service": format!("@services/{service}"), "impact": impact,
        "urgency": "low", "why": why,
    });
    act("submit", values)
}

/// What an assessment answers about its risk; 0 is the best of the shipped answers, 2 the worst.
fn answers(place: usize) -> Json {
    let answer =
        |(question, answers): &(&str, [(&str, u8); 3])| json!({ "question": question, "answer": answers[place].0 });
    RISK_QUESTIONS.iter().map(answer).collect()
}

/// What an assessment says; how its risk is answered, `plan`, and when it is to be.
pub(super) fn weighed(risk: usize, plan: &str, start: i64, hours: i64) -> Json {
    json!({
        "benefit": "Fewer calls, and time for what matters.", "risk_answers": answers(risk), "risks": "It may take longer than planned.",
        "consequences": "A few minutes without the service for those who are connected.", "effort": 6,
        "feasibility": "Done before in the test house.", "cost": 900, "capacity": "None", "availability": "A few minutes",
        "continuity": "None", "security": "None", "other_changes": "See the schedule", "plan": plan,
        "test_plan": "The usual tests after each part.", "planned_start": instant(start),
        "planned_end": instant(start + hours * HOUR), "back_out": "Put the old part back.",
        "point_of_no_return": "Until the old part is wiped", "back_out_tested": true,
    })
}

/// The evening so many days from now, at eight in UTC.
fn evening(now: i64, days: i64) -> i64 {
    (now / DAY + days) * DAY + 20 * HOUR
}

/// Midnight UTC of the next Saturday that is not today.
fn coming_saturday(now: i64) -> i64 {
    // 1970-01-01 was a Thursday, so the day with number 2 was a Saturday.
    let today = now / DAY;
    (today + 1 + (2 - (today + 1)).rem_euclid(7)) * DAY
}

/// Midnight UTC of the last day of the month in which it is in three days.
fn month_end(now: i64) -> i64 {
    let day = day_to_date(now / DAY + 3);
    day.map_or(now, |day| i64::from(day.days_in_month() - day.day()) * DAY + (now / DAY + 3) * DAY)
}

/// Every change. `gateway` is the story of the problem that the first one fixes.
pub fn all(beats: &mut Vec<Beat>, stories: &mut usize, now: i64, gateway: usize) {
    rebuild(begin(beats, stories, now - 8 * DAY + 5 * HOUR), now, gateway);
    cluster(begin(beats, stories, now - 5 * DAY), now);
    acquirer(begin(beats, stories, now - 2 * DAY), now);
    certificate(begin(beats, stories, now - 6 * DAY), now);
    firmware(begin(beats, stories, now - 20 * DAY));
    client(begin(beats, stories, now - 26 * HOUR), now);
    mailboxes(begin(beats, stories, now - 4 * DAY), now);
    let mut told = begin(beats, stories, now - 3 * HOUR);
    let night = coming_saturday(now) + 23 * HOUR;
    let values = json!({
        "title": "Move printers to the driver without updates", "type": "minor", "service": "@services/printing",
        "planned_start": instant(night), "planned_end": instant(night + 2 * HOUR),
    });
    told.then(0, "elena", opened(Vec::new(), values));
    let end = month_end(now) + 20 * HOUR;
    let values = json!({
        "title": "Office software 11 for the finance floor", "type": "minor", "service": "@services/workplace",
        "planned_start": instant(end), "planned_end": instant(end + 3 * HOUR),
    });
    begin(beats, stories, now - 2 * HOUR).then(0, "elena", opened(Vec::new(), values));
}

/// Approved and scheduled: the fix of a problem.
fn rebuild(mut told: Told<'_>, now: i64, gateway: usize) {
    let values = json!({ "title": "Rebuild both VPN gateways with scopes of their own", "type": "minor", "service": "@services/remote-access" });
    told.then(0, "mei", opened(vec![gateway], values));
    told.then(20, "mei", wanted("mei", "remote-access", "medium", "Two scopes overlap, and connections drop."));
    let plan = "Rebuild gateway 02, move everybody there, rebuild gateway 01.";
    told.asked(weighed(0, plan, evening(now, 3), 3));
    told.then(200, "priya", Step::Approve);
    told.then(10, "priya", act("schedule", nothing()));
}

/// Approved by the board: the first of two that meet on one evening.
fn cluster(mut told: Told<'_>, now: i64) {
    let values = json!({ "title": "Give the payments cluster a name server of its own", "type": "significant", "service": "@services/payments" });
    told.then(0, "oliver", opened(Vec::new(), values));
    told.then(15, "oliver", wanted("oliver", "payments", "medium", "Each call waits for a lookup that fails."));
    let plan = "Add the name server, point one node after the other to it.";
    told.asked(weighed(1, plan, evening(now, 4), 2));
    told.then(100, "priya", Step::Approve);
    told.then(300, "diego", Step::Approve);
    told.then(60, "nadia", Step::Approve);
    told.then(30, "priya", act("schedule", nothing()));
}

/// The other of the two: it still waits for the board.
fn acquirer(mut told: Told<'_>, now: i64) {
    let values = json!({ "title": "Patch the connection to the acquirer", "type": "significant", "service": "@services/payments" });
    told.then(0, "oliver", opened(Vec::new(), values));
    told.then(15, "oliver", wanted("oliver", "payments", "high", "The acquirer ends the old protocol next month."));
    let start = evening(now, 4) + HOUR;
    let planned = json!({ "planned_start": instant(start), "planned_end": instant(start + 2 * HOUR) });
    told.then(60, "priya", Step::Amend { values: planned });
    told.then(5, "priya", Step::Accept { reason: "One crew does both, the name server first." });
    told.asked(weighed(2, "Patch both lines, one after the other.", start, 2));
    told.then(120, "priya", Step::Approve);
}

/// On the evening of the gateways, which nobody has weighed yet.
fn client(mut told: Told<'_>, now: i64) {
    let values =
        json!({ "title": "New client for remote access", "type": "minor", "service": "@services/remote-access" });
    told.then(0, "ravi", opened(Vec::new(), values));
    told.then(15, "ravi", wanted("ravi", "remote-access", "low", "The old client ends with the year."));
    told.then(60, "priya", act("assess", nothing()));
    let start = evening(now, 3) + 2 * HOUR;
    let planned = json!({ "planned_start": instant(start), "planned_end": instant(start + 2 * HOUR) });
    told.then(10, "priya", Step::Amend { values: planned });
}

/// Two weeks ahead, with half an hour in which mail stands still.
fn mailboxes(mut told: Told<'_>, now: i64) {
    let values = json!({ "title": "Move shared mailboxes to the new store", "type": "minor", "service": "@services/email", "downtime": 30 });
    told.then(0, "elena", opened(Vec::new(), values));
    told.then(15, "elena", wanted("elena", "email", "medium", "The old store is full by spring."));
    told.asked(weighed(0, "One department after the other.", evening(now, 11), 4));
    told.then(100, "priya", Step::Approve);
    told.then(10, "priya", act("schedule", nothing()));
}

/// By a model that is approved in advance, and done.
fn certificate(mut told: Told<'_>, now: i64) {
    let values = json!({
        "title": "Renew the certificate of online banking", "type": "standard", "model": "@models/renew-certificate",
        "service": "@services/online-banking",
    });
    told.then(0, "nadia", opened(Vec::new(), values));
    let start = now - 6 * DAY + 2 * HOUR;
    let planned = json!({ "planned_start": instant(start), "planned_end": instant(start + 4 * HOUR) });
    told.then(10, "nadia", act("schedule_standard", planned));
    told.then(150, "oliver", act("start", nothing()));
    told.then(30, "oliver", Step::FinishTasks);
    told.then(5, "oliver", act("implement", nothing()));
    told.then(60, "priya", act("close", json!({ "outcome": "successful", "map": "no_effect" })));
}

/// Backed out, and what was learned from it.
fn firmware(mut told: Told<'_>) {
    let values = json!({ "title": "Firmware 4.2 for the access points of all branches", "type": "minor", "service": "@services/office-network" });
    let start = told.at + 10 * HOUR;
    told.then(0, "ravi", opened(Vec::new(), values));
    told.then(15, "ravi", wanted("ravi", "office-network", "medium", "Access points restart by themselves."));
    told.asked(weighed(0, "One branch after the other, from the smallest up.", start, 6));
    told.then(100, "priya", Step::Approve);
    told.then(10, "priya", act("schedule", nothing()));
    told.then(400, "ravi", act("start", nothing()));
    let Step::Act { verb, values, comment, link, .. } = act("back_out", nothing()) else { return };
    let reason = Some("Phones in the second branch did not connect any more.".to_owned());
    told.then(90, "ravi", Step::Act { verb, values, reason, comment, link });
    let review = json!({
        "outcome": "backed_out", "map": "no_effect", "objective_met": "not",
        "side_effects": "No telephone in one branch for forty minutes.",
        "against_plan": "Stopped after two of nine branches, and back within the window.",
        "lessons": "Phones were no part of the tests.", "actions_to_follow": "Phones belong to the tests of firmware from now on.",
    });
    told.then(24 * 60, "priya", act("close_failed", review));
}
