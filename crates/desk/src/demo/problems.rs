//! Causes behind the demo's matters: one that was contained, one that is looked for, one that is lived with, one that is
//! new.

use super::plot::{Beat, Step, act, instant, note, nothing, say};
use super::stories::address;
use crate::caller::Channel;
use mainstay_processes::operation::incident::HoldReason;
use mainstay_processes::operation::problem::PROBLEM;
use serde_json::{Value as Json, json};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// The stories that the problems are found behind.
pub struct Behind {
    /// The outage that is over.
    pub outage: usize,
    /// Drops of the VPN at present.
    pub drops: Vec<usize>,
    /// Slow authorisations of cards.
    pub slow: Vec<usize>,
    /// Mailboxes that do not sync; the last one waits for its problem.
    pub mailboxes: Vec<usize>,
    /// A printer.
    pub printer: usize,
}

/// Tells one problem beat by beat.
struct Told<'a> {
    beats: &'a mut Vec<Beat>,
    story: usize,
    at: i64,
}

impl Told<'_> {
    fn then(&mut self, minutes: i64, who: &'static str, step: Step) {
        self.at += minutes * MINUTE;
        self.beats.push(Beat { at: self.at, story: self.story, who, channel: Channel::Desk, step });
    }
}

fn begin<'a>(beats: &'a mut Vec<Beat>, stories: &mut usize, at: i64) -> Told<'a> {
    let story = *stories;
    *stories += 1;
    Told { beats, story, at }
}

fn opened(from: Vec<usize>, values: Json) -> Step {
    Step::OpenFrom { process: PROBLEM.key, from, values }
}

fn assessed(team: &str, owner: &str, category: &str, impact: &str, urgency: &str) -> Step {
    let values = json!({
        "team": format!("@teams/{team}"), "owner": format!("@people/{}", address(owner)),
        "category": format!("@categories/{category}"), "impact": impact, "urgency": urgency,
    });
    act("assess", values)
}

fn finding(technique: &str, hypothesis: &str, tested: &str, outcome: &str) -> Step {
    act("log", json!({ "technique": technique, "hypothesis": hypothesis, "tested": tested, "outcome": outcome }))
}

/// Every problem, as it stands at present. Answers the story of the one that a change fixes.
pub fn present(beats: &mut Vec<Beat>, stories: &mut usize, now: i64, behind: &Behind) -> usize {
    gateway(begin(beats, stories, now - 8 * DAY), behind);
    let twenty_minutes_ago = now - 20 * MINUTE;
    let gateway_story = *stories - 1;
    for story in &behind.drops {
        let step = Step::Link { relation: "caused_by", to: gateway_story };
        beats.push(Beat { at: twenty_minutes_ago, story: *story, who: "jonas", channel: Channel::Desk, step });
    }
    let about = |beats: &mut Vec<Beat>, at: i64, story: usize, who: &'static str, item: &'static str| {
        beats.push(Beat { at, story, who, channel: Channel::Desk, step: Step::Affect { item } });
    };
    about(beats, twenty_minutes_ago, gateway_story, "jonas", "vpn-gateway-01");
    for story in &behind.drops {
        about(beats, twenty_minutes_ago, *story, "jonas", "vpn-gateway-01");
    }
    for story in &behind.slow {
        about(beats, now - 75 * MINUTE, *story, "nadia", "card-gateway");
    }
    for story in &behind.mailboxes {
        about(beats, now - 30 * MINUTE, *story, "yuki", "mail");
    }
    authorisations(begin(beats, stories, now - 80 * MINUTE), behind, now);
    mailboxes(begin(beats, stories, now - 40 * MINUTE), behind);
    let holds = act("hold", json!({ "hold_reason": HoldReason::Problem.key() }));
    if let Some(last) = behind.mailboxes.last() {
        beats.push(Beat { at: now - 8 * MINUTE, story: *last, who: "yuki", channel: Channel::Desk, step: holds });
    }
    currencies(begin(beats, stories, now - 30 * DAY), now);
    let mut told = begin(beats, stories, now - 10 * MINUTE);
    let values = json!({
        "title": "Printers on one model of driver stop after updates", "found_by": "proactive",
        "symptoms": "Three branches in two months report the same after the monthly updates.",
    });
    told.then(0, "elena", opened(vec![behind.printer], values));
    gateway_story
}

/// Contained: the desk knows what helps, and the fix is under way.
fn gateway(mut told: Told<'_>, behind: &Behind) {
    let values = json!({
        "title": "Gateway 01 hands out the same addresses twice", "found_by": "reactive", "major": true,
        "symptoms": "VPN connections drop about every twenty minutes, most of them between nine and ten.",
    });
    told.then(0, "jonas", opened(vec![behind.outage], values));
    told.then(25, "jonas", assessed("network", "jonas", "vpn", "high", "medium"));
    told.then(40, "mei", act("investigate", nothing()));
    told.then(
        50,
        "mei",
        finding(
            "timeline",
            "The firmware of last week causes the drops.",
            "Gateway 02 has it too and drops nobody.",
            "ruled_out",
        ),
    );
    told.then(
        120,
        "mei",
        finding(
            "five_whys",
            "Two scopes overlap on gateway 01.",
            "Every drop falls on a lease of the shared range.",
            "confirmed",
        ),
    );
    let workaround = "Choose **gateway 02** in the client under *Settings → Gateway* and connect again.";
    let known = json!({
        "root_cause": "Two scopes of gateway 01 overlap by 62 addresses, so that each renewal may take a lease from somebody else.",
        "cause_category": "configuration", "workaround": workaround,
    });
    told.then(30, "mei", act("document", known));
    told.then(80, "jonas", act("fix", nothing()));
    told.then(
        5,
        "jonas",
        note("The window is agreed with the branches; both gateways are rebuilt one after the other."),
    );
}

/// Looked for: what may be behind it, and what was ruled out.
fn authorisations(mut told: Told<'_>, behind: &Behind, now: i64) {
    let values = json!({
        "title": "Card authorisations are slow in the evening", "found_by": "reactive",
        "symptoms": "Authorisations take up to nine seconds between 17:00 and 19:00, and no alarm is raised.",
    });
    told.then(0, "nadia", opened(behind.slow.clone(), values));
    told.then(6, "nadia", assessed("payments-platform", "nadia", "gateway", "medium", "high"));
    told.then(4, "oliver", act("investigate", nothing()));
    told.then(
        12,
        "oliver",
        finding(
            "ishikawa",
            "The pool of connections to the acquirer is too small.",
            "Doubled it in the test house: no difference at the same load.",
            "ruled_out",
        ),
    );
    told.then(
        15,
        "oliver",
        finding(
            "pareto",
            "Lookups of names wait for a server that was taken away.",
            "Each slow call begins with a lookup of five seconds.",
            "open",
        ),
    );
    let looks = json!({
        "whys": [
            { "answer": "The first byte from the acquirer comes after five seconds" },
            { "answer": "The name of the acquirer is looked up for each call" },
            { "answer": "The cache of names is off since the move to the new cluster" },
            { "answer": "The template of the cluster leaves it off" },
        ],
        "causes": [
            { "bone": "software", "cause": "Cache of names is off", "verdict": "open" },
            { "bone": "software", "cause": "Pool of connections too small", "verdict": "ruled_out" },
            { "bone": "machine", "cause": "Name server 3 was taken away", "verdict": "confirmed" },
            { "bone": "method", "cause": "Moves are not tested under load", "verdict": "open" },
            { "bone": "supply", "cause": "Acquirer limits calls", "verdict": "ruled_out" },
        ],
        "course": [
            { "at": instant(now - 9 * DAY), "what": "The gateway moves to the new cluster" },
            { "at": instant(now - 6 * DAY), "what": "Name server 3 is taken away" },
            { "at": instant(now - 5 * DAY), "what": "The first branch reports slow cards" },
        ],
    });
    told.then(10, "oliver", Step::Amend { values: looks });
}

/// Known by the desk, and one report waits for it.
fn mailboxes(mut told: Told<'_>, behind: &Behind) {
    let values = json!({
        "title": "Shared mailboxes above 50 GB stop syncing", "found_by": "reactive",
        "symptoms": "New mail arrives in the browser at once, and hours later in Outlook.",
    });
    told.then(0, "yuki", opened(behind.mailboxes.clone(), values));
    told.then(8, "yuki", assessed("messaging", "yuki", "mailbox", "medium", "medium"));
    let known = json!({ "workaround": "Open the mailbox in the browser; new mail is there at once." });
    told.then(5, "yuki", act("raise_known_error", known));
    told.then(5, "yuki", say("Until we have moved old years to the archive, please read the mailbox in the browser: new mail is there at once."));
}

/// Lived with: removing it costs more than it harms.
fn currencies(mut told: Told<'_>, now: i64) {
    let values = json!({
        "title": "Settlement files carry retired currency codes", "found_by": "supplier", "service": "@services/payments",
        "symptoms": "The clearing house rejects a file two or three times a year.", "contact": "The clearing house",
    });
    told.then(0, "nadia", opened(Vec::new(), values));
    told.then(30, "nadia", assessed("payments-platform", "nadia", "settlement", "low", "low"));
    told.then(60, "nadia", act("investigate", nothing()));
    let known = json!({
        "root_cause": "The list of currencies is part of the ledger, which is replaced next year.", "cause_category": "software",
        "workaround": "Correct the two records and send the file again before 14:00.",
    });
    told.then(90, "nadia", act("document", known));
    let accepted = json!({
        "risk_owner": format!("@people/{}", address("priya")), "review_at": instant(now + 60 * DAY),
        "risk_reason": "Changing the old ledger costs about forty days of work; a rejected file costs half an hour.",
    });
    told.then(24 * 60, "priya", act("accept_risk", accepted));
}
