//! From tales to stories: who reports, who works, what is asked, how it ends.

use super::cast::{self, REPORTERS};
use super::chance::Chance;
use super::hours::Hours;
use super::plot::{Beat, Step, Teller, act, instant, note, nothing, say};
use super::tales::{PLACES, TALES, Tale};
use crate::caller::Channel;
use crate::texts::fill;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// How far back the stories go, in days.
pub const DAYS: i64 = 42;
/// Stories told by chance, beside those that always are.
const BY_CHANCE: usize = 94;

const WEIGHTS: [&str; 3] = ["high", "medium", "low"];

/// How a report came in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Portal,
    Phone,
    Alarm,
}

/// How far a story goes before the present overtakes it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Until {
    Reported,
    Assigned,
    Taken,
    Waiting(&'static str),
    Resolved,
    End,
}

/// One report with its place and thing chosen.
pub struct Matter {
    tale: &'static Tale,
    requester: &'static str,
    worker: &'static str,
    words: BTreeMap<&'static str, String>,
    way: Way,
    /// The team of a vendor that it is passed on to.
    vendor: Option<&'static str>,
}

impl Matter {
    /// The same, which whoever takes it passes on to a team of a vendor.
    pub fn given_to(self, team: &'static str) -> Self {
        Self { vendor: Some(team), ..self }
    }

    fn text(&self, template: &str) -> String {
        let text = fill(template, &self.words);
        let mut letters = text.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    }

    fn classes(&self) -> Json {
        json!({
            "team": format!("@teams/{}", self.tale.team), "category": format!("@categories/{}", self.tale.category),
            "impact": WEIGHTS[self.tale.weight.0], "urgency": WEIGHTS[self.tale.weight.1],
        })
    }

    /// Around the clock for what the bank cannot do without.
    fn hours(&self) -> Option<Hours> {
        let always = matches!(self.tale.service, "payments" | "online-banking");
        (!always).then(Hours::of_the_house)
    }
}

/// Every beat of every story up to and beyond `now`, in order of time.
pub fn all(seed: u64, now: i64) -> Vec<Beat> {
    let mut chance = Chance::new(seed);
    let mut beats = Vec::new();
    let mut stories = 0;
    for _ in 0..BY_CHANCE {
        let days = if chance.percent(25) { 4 } else { DAYS };
        let opened = now - chance.between(30, days * 24 * 60) * MINUTE;
        let matter = matter(&mut chance, None, None);
        tell(&mut chance, &mut beats, &mut stories, opened, &matter, Until::End);
    }
    let told = super::scenes::present(&mut chance, &mut beats, &mut stories, now);
    let over = super::scenes::outage(&mut chance, &mut beats, &mut stories, now - 9 * DAY, true);
    super::scenes::outage(&mut chance, &mut beats, &mut stories, now - 150 * MINUTE, false);
    super::scenes::causes(&mut beats, &mut stories, now, over, &told);
    super::scenes::handed_out(&mut chance, &mut beats, &mut stories, now);
    beats.sort_by_key(|beat| beat.at);
    beats
}

/// A matter: of this tale, for this person, or of any.
pub fn matter(chance: &mut Chance, tale: Option<usize>, requester: Option<&'static str>) -> Matter {
    let tale = tale.map_or_else(|| chance.pick(TALES), |at| &TALES[at % TALES.len()]);
    let workers = cast::members(tale.team);
    let worker = if chance.percent(50) { workers[0] } else { *chance.pick(&workers) };
    let words = BTreeMap::from([
        ("place", (*chance.pick(PLACES)).to_owned()),
        ("thing", (*chance.pick(tale.things)).to_owned()),
    ]);
    let watched = matches!(tale.service, "payments" | "online-banking" | "office-network");
    let way = match chance.between(1, 100) {
        1..=20 if watched && requester.is_none() => Way::Alarm,
        1..=45 if requester.is_none() => Way::Phone,
        _ => Way::Portal,
    };
    let reporter = if way == Way::Alarm { "monitoring" } else { *chance.pick(REPORTERS) };
    Matter { tale, requester: requester.unwrap_or(reporter), worker, words, way, vendor: None }
}

/// Tells a story from the report to where it goes.
pub fn tell(
    chance: &mut Chance,
    beats: &mut Vec<Beat>,
    stories: &mut usize,
    opened: i64,
    matter: &Matter,
    until: Until,
) -> usize {
    let story = *stories;
    *stories += 1;
    // What is told to stand somewhere at present must not wait for the morning.
    let hours = if until == Until::End { matter.hours() } else { None };
    let mut teller = Teller::new(chance, beats, story, opened, hours);
    teller.wait(0, 3);
    report(&mut teller, matter);
    if until == Until::Reported || withdrawn(&mut teller, matter, until) {
        return story;
    }
    if matter.way != Way::Phone {
        triage(&mut teller, matter, until);
    }
    if until == Until::Assigned {
        return story;
    }
    work(&mut teller, matter, until);
    if let Some(team) = matter.vendor {
        hand_out(&mut teller, matter, team, until);
    }
    if matches!(until, Until::Taken | Until::Waiting(_)) {
        return story;
    }
    resolve(&mut teller, matter);
    if until == Until::End {
        after(&mut teller, matter);
    }
    story
}

fn report(teller: &mut Teller<'_>, matter: &Matter) {
    let mut values = json!({
        "title": matter.text(matter.tale.title), "symptoms": matter.text(matter.tale.words),
        "service": format!("@services/{}", matter.tale.service),
    });
    match matter.way {
        Way::Portal => {
            teller.now(matter.requester, Channel::Portal, Step::Open { values });
            if teller.chance.percent(12) {
                teller.then((1, 4), matter.requester, Channel::Portal, Step::AttachLog);
            }
        }
        Way::Alarm => teller.now(matter.requester, Channel::Api, Step::Open { values }),
        Way::Phone => {
            for (key, value) in matter.classes().as_object().into_iter().flatten() {
                values[key] = value.clone();
            }
            values["requester"] = json!(format!("@people/{}", address(matter.requester)));
            values["source"] = json!("phone");
            let desk = *teller.chance.pick(&cast::members("service-desk"));
            teller.now(desk, Channel::Desk, Step::Open { values });
        }
    }
}

/// The key of a person's entry: their address.
pub fn address(key: &str) -> String {
    cast::PEOPLE.iter().find(|p| p.key == key).map_or_else(|| key.to_owned(), cast::Part::email)
}

/// Few reports turn out to be none.
fn withdrawn(teller: &mut Teller<'_>, matter: &Matter, until: Until) -> bool {
    if until != Until::End || matter.way != Way::Portal || !teller.chance.percent(6) {
        return false;
    }
    if teller.chance.percent(50) {
        teller.then(
            (5, 90),
            matter.requester,
            Channel::Portal,
            act("cancel", json!({ "cancel_reason": "raised_in_error" })),
        );
    } else {
        let desk = *teller.chance.pick(&cast::members("service-desk"));
        let words = say("This is on purpose: the change was announced last week. We have sent you the notice again.");
        teller.then((10, 60), desk, Channel::Desk, words);
        teller.then((1, 3), desk, Channel::Desk, act("cancel", json!({ "cancel_reason": "not_an_incident" })));
    }
    true
}

/// The service desk sorts it: mostly at once, sometimes late, sometimes to the wrong team.
fn triage(teller: &mut Teller<'_>, matter: &Matter, until: Until) {
    let desk = *teller.chance.pick(&cast::members("service-desk"));
    let urgent = matter.tale.weight.0 == 0;
    let patience = if until != Until::End {
        (1, 4)
    } else if teller.chance.percent(10) {
        (90, 260)
    } else if urgent {
        (1, 7)
    } else {
        (4, 40)
    };
    let mut classes = matter.classes();
    let astray = until == Until::End && matter.tale.team != "workplace" && teller.chance.percent(14);
    if astray {
        classes["team"] = json!("@teams/workplace");
    }
    teller.then(patience, desk, Channel::Desk, act("assign", classes));
    if astray {
        let sender = *teller.chance.pick(&cast::members("workplace"));
        let reason = Some("Nothing is wrong with the device; it looks like the other side.".to_owned());
        let values = json!({ "team": format!("@teams/{}", matter.tale.team) });
        teller.then(
            (15, 120),
            sender,
            Channel::Desk,
            Step::Act { verb: "reassign", values, reason, comment: None, link: None },
        );
    }
}

fn work(teller: &mut Teller<'_>, matter: &Matter, until: Until) {
    let urgent = matter.tale.weight.0 == 0;
    let (tale, worker) = (matter.tale, matter.worker);
    teller.then(if urgent { (1, 8) } else { (3, 45) }, worker, Channel::Desk, act("take", nothing()));
    if teller.chance.percent(55) {
        teller.then((2, 25), worker, Channel::Desk, note(&matter.text(tale.note)));
    }
    teller.then((2, 20), worker, Channel::Desk, say(&matter.text(tale.update)));
    if teller.chance.percent(10) {
        teller.then((1, 30), "priya", Channel::Desk, Step::Watch);
    }
    if let Until::Waiting(reason) = until {
        return hold(teller, matter, reason, true);
    }
    if until == Until::Taken {
        return;
    }
    match teller.chance.between(1, 100) {
        1..=36 if matter.requester != "monitoring" => hold(teller, matter, "requester", false),
        37..=48 if tale.code == "vendor" => hold(teller, matter, "vendor", false),
        49..=54 => hold(teller, matter, "scheduled", false),
        _ => {}
    }
}

/// Passed on to the vendor, who says how far it is; what it has mended comes back to be closed.
fn hand_out(teller: &mut Teller<'_>, matter: &Matter, team: &str, until: Until) {
    let reason = Some("The fault is on the side of the carrier.".to_owned());
    let values = json!({ "team": format!("@teams/{team}") });
    let pass = Step::Act { verb: "reassign", values, reason, comment: None, link: None };
    teller.then((3, 20), matter.worker, Channel::Desk, pass);
    teller.then((10, 40), "peter", Channel::Portal, say("We have it. A technician measures the line."));
    if until == Until::Resolved {
        teller.then(
            (60, 180),
            "peter",
            Channel::Portal,
            say("A connector was dirty; it is cleaned, and nothing is lost any more."),
        );
        teller.then((5, 20), matter.worker, Channel::Desk, act("take", nothing()));
    }
}

/// Waiting for somebody; `still`: until after the present.
fn hold(teller: &mut Teller<'_>, matter: &Matter, reason: &str, still: bool) {
    let (tale, worker) = (matter.tale, matter.worker);
    teller.wait(4, 40);
    let mut values = json!({ "hold_reason": reason });
    let comment = match reason {
        "requester" => Some(matter.text(tale.question)),
        "scheduled" => {
            values["resume_at"] = instant(teller.at() + DAY + 3 * 60 * MINUTE);
            None
        }
        _ => None,
    };
    if reason == "vendor" {
        let title = format!("Find the fault: {}", matter.text(tale.title));
        teller.now(worker, Channel::Desk, Step::AddTask { title, team: "netco-field-operations", minutes: 480 });
    }
    teller.now(worker, Channel::Desk, Step::Act { verb: "hold", values, reason: None, comment, link: None });
    if still {
        return;
    }
    match reason {
        "requester" => {
            teller.then((25, 420), matter.requester, Channel::Portal, say(&matter.text(tale.answer)));
            teller.then((5, 60), worker, Channel::Desk, say("Thank you, that helps. We go on with it."));
        }
        "vendor" => {
            teller.then(
                (60, 300),
                "peter",
                Channel::Portal,
                say("Our technician is on the way; we expect to be there within two hours."),
            );
            teller.then((90, 260), "peter", Channel::Portal, Step::FinishTask);
            teller.then((2, 30), worker, Channel::Desk, act("resume", nothing()));
        }
        _ => teller.wait(24 * 60 + 200, 24 * 60 + 320),
    }
}

fn resolve(teller: &mut Teller<'_>, matter: &Matter) {
    let urgent = matter.tale.weight.0 == 0;
    let late = teller.chance.percent(9);
    teller.wait(if urgent { 15 } else { 25 }, if urgent { 110 } else { 380 });
    if late {
        teller.wait(600, 2400);
    }
    let tale = matter.tale;
    let values = json!({
        "resolution": matter.text(tale.resolution), "resolution_code": tale.code,
        "closing_category": format!("@categories/{}", tale.category), "restored": instant(teller.at() - 2 * MINUTE),
    });
    teller.now(matter.worker, Channel::Desk, act("resolve", values));
}

/// The requester confirms, says that it is back, or says nothing.
fn after(teller: &mut Teller<'_>, matter: &Matter) {
    if matter.requester == "monitoring" {
        return;
    }
    match teller.chance.between(1, 100) {
        1..=8 => {
            let reason = Some("It worked for an hour and is back now.".to_owned());
            let step = Step::Act { verb: "reopen", values: nothing(), reason, comment: None, link: None };
            teller.then((70, 900), matter.requester, Channel::Portal, step);
            teller.then(
                (5, 50),
                matter.worker,
                Channel::Desk,
                say("Sorry about that. We are looking at it again, at once."),
            );
            resolve(teller, matter);
            teller.then((60, 700), matter.requester, Channel::Portal, act("confirm", nothing()));
            teller.shortly(matter.requester, Channel::Portal, Step::Judge { score: 2 });
        }
        9..=55 => {
            teller.then((10, 1100), matter.requester, Channel::Portal, act("confirm", nothing()));
            let score = 3 + teller.at() / MINUTE % 3;
            teller.shortly(matter.requester, Channel::Portal, Step::Judge { score });
        }
        _ => {}
    }
}
