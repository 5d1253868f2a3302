//! Years of a large organisation's incidents, in any number: what measurements run on. The people
//! and teams are invented like the incidents, and nobody can sign in as one of them.

use super::chance::Chance;
use super::tales::{PLACES, TALES, Tale};
use crate::import::{By, Given, NewEntry, Past, PastComment, Reference, Step};
use crate::texts::fill;
use mainstay_engine::process::{Process, State};
use mainstay_engine::register::Register;
use mainstay_processes::operation::incident::INCIDENT;
use mainstay_processes::registers::{CATEGORIES, ORGANISATIONS, PEOPLE, SERVICES, TEAMS};
use serde_json::{Value as Json, json};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

static PROCESS: &Process = &INCIDENT;
const ORIGIN: &str = "bench";
const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// The years that the incidents lie in.
const SPAN: i64 = 3 * 365 * DAY;

const ORGANISATION_COUNT: i64 = 12;
const REQUESTER_COUNT: i64 = 4000;
const TEAM_COUNT: i64 = 30;
const AGENTS_PER_TEAM: i64 = 6;
const SERVICE_COUNT: i64 = 40;
const CATEGORY_COUNT: i64 = 60;

/// So many incidents, the same for the same seed and count.
pub struct Mass {
    seed: u64,
    count: u64,
    now: i64,
    requesters: Vec<(Reference, Reference)>,
    teams: Vec<(Reference, Vec<Reference>)>,
    services: Vec<Reference>,
    categories: Vec<Reference>,
}

/// How far an incident has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    New,
    Assigned,
    InProgress,
    OnHold,
    Resolved,
    Closed,
    Cancelled,
}

fn reference(register: &'static Register, text: String, name: String, values: Vec<(&'static str, Given)>) -> Reference {
    let new = NewEntry { name, external_key: Some(text.clone()), values };
    Reference { register, by: By::ExternalKey, text, make: Some(Arc::new(new)) }
}

fn person(kind: &str, n: i64, organisation: &Reference, team: Option<&Reference>) -> Reference {
    let address = format!("{}-{n}@bench.example", kind.to_lowercase());
    let mut values = vec![("email", Given::text(address)), ("organisation", Given::Entry(organisation.clone()))];
    values.extend(team.map(|team| ("teams", Given::Entries(vec![team.clone()]))));
    reference(&PEOPLE, format!("bench-{}-{n}", kind.to_lowercase()), format!("{kind} {n}"), values)
}

/// Few of many take most: a number below `count`, the low ones much more often.
fn mostly_low(chance: &mut Chance, count: i64) -> usize {
    let first = chance.between(0, count - 1);
    let second = chance.between(0, first);
    usize::try_from(second).unwrap_or_default()
}

impl Mass {
    /// The incidents up to `now`, epoch milliseconds UTC.
    #[must_use]
    pub fn new(seed: u64, count: u64, now: i64) -> Self {
        let named = |register, key: &str, name: &str, n: i64, values| {
            reference(register, format!("bench-{key}-{n}"), format!("{name} {n}"), values)
        };
        let kind = || vec![("kind", Given::text("customer"))];
        let organisations: Vec<_> = (1..=ORGANISATION_COUNT)
            .map(|n| named(&ORGANISATIONS, "organisation", "Organisation", n, kind()))
            .collect();
        let home = |n: i64| &organisations[usize::try_from(n % ORGANISATION_COUNT).unwrap_or_default()];
        let requesters = (1..=REQUESTER_COUNT).map(|n| (person("Caller", n, home(n), None), home(n).clone())).collect();
        let team = |n: i64| {
            let team = named(&TEAMS, "team", "Team", n, Vec::new());
            let member = |i: i64| person("Agent", (n - 1) * AGENTS_PER_TEAM + i, home(0), Some(&team));
            let members = (1..=AGENTS_PER_TEAM).map(member).collect();
            (team, members)
        };
        let standard = || vec![("criticality", Given::text("standard"))];
        Self {
            seed,
            count,
            now,
            requesters,
            teams: (1..=TEAM_COUNT).map(team).collect(),
            services: (1..=SERVICE_COUNT).map(|n| named(&SERVICES, "service", "Service", n, standard())).collect(),
            categories: (1..=CATEGORY_COUNT)
                .map(|n| named(&CATEGORIES, "category", "Category", n, Vec::new()))
                .collect(),
        }
    }

    /// Everything in the registers that an incident may name.
    #[must_use]
    pub fn references(&self) -> Vec<Reference> {
        let people = self.requesters.iter().map(|(person, _)| person);
        let staff = self.teams.iter().flat_map(|(_, members)| members);
        people.chain(staff).chain(&self.services).chain(&self.categories).cloned().collect()
    }

    /// The incident with this number, from 0; later numbers are younger.
    #[must_use]
    pub fn past(&self, n: u64) -> Past {
        let mut chance = Chance::new(self.seed.wrapping_mul(0x5851_f42d_4c95_7f2d) ^ n);
        let part = i128::from(n) * i128::from(SPAN) / i128::from(self.count.max(1));
        let jitter = chance.between(0, 6 * 60) * MINUTE;
        let opened = self.now - SPAN + i64::try_from(part).unwrap_or_default() - jitter - MINUTE;
        let mut life = Life::new(self, &mut chance, opened);
        let stage = stage(&mut chance, self.now - opened);
        life.tell(&mut chance, stage);
        let comments = life.comments(&mut chance);
        Past {
            process: PROCESS,
            origin: ORIGIN.to_owned(),
            external_key: format!("{}-{}-{n}", self.seed, self.count),
            steps: life.steps,
            comments,
        }
    }
}

/// Most are long closed; the young ones stand everywhere.
fn stage(chance: &mut Chance, age: i64) -> Stage {
    if chance.percent(4) {
        return Stage::Cancelled;
    }
    let live_per_mille = match age / DAY {
        0..=1 => 600,
        2..=9 => 250,
        10..=59 => 30,
        _ => 2,
    };
    if chance.between(1, 1000) > live_per_mille {
        return if age < 6 * DAY && chance.percent(60) { Stage::Resolved } else { Stage::Closed };
    }
    match chance.between(1, 100) {
        1..=15 => Stage::New,
        16..=40 => Stage::Assigned,
        41..=80 => Stage::InProgress,
        _ => Stage::OnHold,
    }
}

/// One incident as it goes on.
struct Life<'a> {
    mass: &'a Mass,
    tale: &'static Tale,
    words: BTreeMap<&'static str, String>,
    requester: &'a (Reference, Reference),
    team: &'a (Reference, Vec<Reference>),
    agent: &'a Reference,
    category: &'a Reference,
    at: i64,
    steps: Vec<Step>,
}

impl<'a> Life<'a> {
    fn new(mass: &'a Mass, chance: &mut Chance, opened: i64) -> Self {
        let tale = chance.pick(TALES);
        let place = format!("{} ({})", chance.pick(PLACES), chance.between(1, 9000));
        let words = BTreeMap::from([("place", place), ("thing", (*chance.pick(tale.things)).to_owned())]);
        let team = &mass.teams[mostly_low(chance, TEAM_COUNT)];
        Self {
            mass,
            tale,
            words,
            requester: &mass.requesters[mostly_low(chance, REQUESTER_COUNT)],
            agent: &team.1[mostly_low(chance, AGENTS_PER_TEAM)],
            team,
            category: &mass.categories[mostly_low(chance, CATEGORY_COUNT)],
            at: opened,
            steps: Vec::with_capacity(7),
        }
    }

    fn step(&mut self, actor: &Reference, state: &'static str, values: Vec<(&'static str, Given)>) {
        let values = values.into_iter().map(|(key, given)| (Cow::Borrowed(key), given)).collect();
        let state: &'static State = PROCESS.state(state).unwrap_or(PROCESS.initial());
        self.steps.push(Step { at: self.at, actor: Some(actor.clone()), verb: None, state, values, links: Vec::new() });
    }

    /// Lets minutes pass, but never beyond the present.
    fn wait(&mut self, chance: &mut Chance, least: i64, most: i64) {
        let span = chance.between(least, most) * MINUTE + chance.between(0, 59_999);
        self.at += span.min((self.mass.now - self.at) / 2);
    }

    fn tell(&mut self, chance: &mut Chance, stage: Stage) {
        self.open(chance);
        if stage == Stage::New {
            return;
        }
        let (team, agent) = (self.team.0.clone(), self.agent.clone());
        if stage == Stage::Cancelled {
            self.wait(chance, 5, 600);
            return self.step(&agent, "cancelled", vec![("cancel_reason", Given::text("raised_in_error"))]);
        }
        self.wait(chance, 1, 90);
        self.step(&agent, "assigned", vec![("team", Given::Entry(team))]);
        if stage == Stage::Assigned {
            return;
        }
        self.wait(chance, 2, 240);
        self.step(&agent, "in_progress", vec![("assignee", Given::Entry(agent.clone()))]);
        if stage == Stage::OnHold || chance.percent(25) {
            self.hold(chance, stage == Stage::OnHold);
        }
        if matches!(stage, Stage::InProgress | Stage::OnHold) {
            return;
        }
        self.resolve(chance);
        if stage == Stage::Closed {
            self.wait(chance, 60, 5 * 24 * 60);
            let requester = self.requester.0.clone();
            self.step(&requester, "closed", Vec::new());
        }
    }

    fn open(&mut self, chance: &mut Chance) {
        let weights = ["high", "medium", "low"];
        let (impact, urgency) = (chance.pick(&[0, 1, 1, 2, 2, 2, 2]), chance.pick(&[0, 1, 1, 1, 2, 2, 2]));
        let service = &self.mass.services[mostly_low(chance, SERVICE_COUNT)];
        let source = *chance.pick(&["portal", "portal", "portal", "phone", "phone", "email", "event"]);
        let (requester, organisation) = self.requester.clone();
        let values = vec![
            ("title", Given::text(fill(self.tale.title, &self.words))),
            ("symptoms", Given::text(fill(self.tale.words, &self.words))),
            ("requester", Given::Entry(requester.clone())),
            ("organisation", Given::Entry(organisation)),
            ("service", Given::Entry(service.clone())),
            ("category", Given::Entry(self.category.clone())),
            ("impact", Given::text(weights[*impact])),
            ("urgency", Given::text(weights[*urgency])),
            ("source", Given::text(source)),
        ];
        self.step(&requester, "new", values);
    }

    fn hold(&mut self, chance: &mut Chance, still: bool) {
        let agent = self.agent.clone();
        let reason = *chance.pick(&["requester", "requester", "requester", "vendor", "scheduled"]);
        self.wait(chance, 5, 300);
        self.step(&agent, "on_hold", vec![("hold_reason", Given::text(reason))]);
        if !still {
            self.wait(chance, 30, 2 * 24 * 60);
            self.step(&agent, "in_progress", vec![("hold_reason", Given::NOTHING)]);
        }
    }

    fn resolve(&mut self, chance: &mut Chance) {
        // Most are quick; one in eight takes days.
        if chance.percent(12) {
            self.wait(chance, 24 * 60, 9 * 24 * 60);
        } else {
            self.wait(chance, 10, 600);
        }
        let (agent, category) = (self.agent.clone(), self.category.clone());
        let values = vec![
            ("resolution", Given::text(fill(self.tale.resolution, &self.words))),
            ("resolution_code", Given::text(self.tale.code)),
            ("closing_category", Given::Entry(category)),
            ("restored", Given::Plain(instant(self.at - MINUTE))),
        ];
        self.step(&agent, "resolved", values);
    }

    /// Two on average, in the order of time.
    fn comments(&self, chance: &mut Chance) -> Vec<PastComment> {
        let (first, last) = (self.steps.first().map_or(self.at, |s| s.at), self.at);
        let tale = self.tale;
        let all: [(&Reference, bool, &str); 4] = [
            (self.agent, true, tale.note),
            (self.agent, false, tale.update),
            (self.agent, false, tale.question),
            (&self.requester.0, false, tale.answer),
        ];
        let most = if self.steps.len() < 3 { 0 } else { chance.between(0, 4) };
        let told = all.into_iter().take(usize::try_from(most).unwrap_or_default()).zip(1..);
        told.map(|((author, internal, body), n)| PastComment {
            at: first + (last - first) * n / 5,
            author: Some(author.clone()),
            internal,
            body: fill(body, &self.words),
        })
        .collect()
    }
}

fn instant(at: i64) -> Json {
    jiff::Timestamp::from_millisecond(at).map_or(Json::Null, |t| json!(t.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::SystemEntropy;
    use crate::caller::Channel;
    use crate::desk::{Clock, Credential, Desk};
    use crate::import::{Batch, Item, Verdict, put};
    use mainstay_store::Blobs;
    use mainstay_store::testing::both;

    const NOW: i64 = 1_750_000_000_000;

    struct At;
    impl Clock for At {
        fn now(&self) -> i64 {
            NOW
        }
    }

    #[test]
    fn every_number_tells_the_same_incident_again_and_none_from_the_future() {
        let mass = Mass::new(1, 5000, NOW);
        for n in [0, 7, 4999] {
            let (one, again) = (mass.past(n), mass.past(n));
            let times = |past: &Past| past.steps.iter().map(|s| (s.at, s.state.key)).collect::<Vec<_>>();
            assert_eq!(times(&one), times(&again));
        }
        for n in 0..5000 {
            let past = mass.past(n);
            assert!(past.steps.is_sorted_by_key(|s| s.at), "{n}");
            assert!(past.steps.iter().all(|s| s.at <= NOW) && past.comments.iter().all(|c| c.at <= NOW), "{n}");
        }
    }

    #[tokio::test]
    async fn the_import_takes_all_of_it_and_takes_it_once() {
        for db in both() {
            let blobs = Blobs::open(&db.folder().join("files")).unwrap();
            let desk = Desk::new((*db).clone(), blobs, Arc::new(At), Arc::new(SystemEntropy));
            desk.write(&Credential::Engine, Channel::Command, crate::install::install).await.unwrap();
            for wanted in [Verdict::Made, Verdict::Unchanged] {
                let desk = desk.clone();
                let outcome = tokio::task::spawn_blocking(move || {
                    let mass = Mass::new(1, 300, NOW);
                    let items = (0..300).map(|n| Item::Record(mass.past(n))).collect();
                    let batch = Arc::new(Batch { items, ..Batch::default() });
                    put(&desk, &Credential::Engine, &batch, &Arc::default())
                });
                let outcome = outcome.await.unwrap().unwrap();
                assert!(
                    outcome.verdicts.iter().all(|v| *v == wanted),
                    "{:?}",
                    outcome.verdicts.iter().find(|v| **v != wanted)
                );
            }
        }
    }
}
