//! A random installation: organisations, teams, people with roles, records with all that hangs on them. It is made
//! through the API, and what the API was told is written down for the oracle.

use super::chance::Chance;
use super::oracle::{File, Grant, Person, Reach, Record, Role, Said, Task, Told};
use crate::client::{Client, Stage};
use mainstay_desk::install::{Planned, put};
use mainstay_desk::{Channel, Credential, feed};
use mainstay_search::Index;
use mainstay_store::entries;
use mainstay_testing::House;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::sync::Arc;

const PEOPLE: usize = 14;
const RECORDS: usize = 26;

/// Views records, reads the directory, reads the log, exports and reads reports.
type Rights = [bool; 4];

const fn role(key: &'static str, reach: Reach, [views, directory, log, figures]: Rights) -> Role {
    Role { key, reach, views, directory, log, figures }
}

const NONE: Rights = [false; 4];
const VIEWS: Rights = [true, false, false, false];

/// Roles as shipped, and some that an administrator might make.
const ROLES: [Role; 14] = [
    role("requester", Reach::Own, NONE),
    role("agent", Reach::Staff, [true, true, false, true]),
    role("process-manager", Reach::Restricted, [true; 4]),
    role("approver", Reach::Own, NONE),
    role("customer-representative", Reach::Customer, [true, false, false, true]),
    role("vendor", Reach::Vendor, VIEWS),
    role("auditor", Reach::Restricted, [true; 4]),
    role("monitoring-source", Reach::Own, NONE),
    role("reader", Reach::Staff, VIEWS),
    role("secret-reader", Reach::Restricted, VIEWS),
    role("blind-staff", Reach::Staff, [false, false, false, true]),
    role("odd-client", Reach::Customer, NONE),
    role("odd-own", Reach::Own, [true, false, true, true]),
    role("client-reader", Reach::Customer, VIEWS),
];
/// Key, reach and permissions of those that are not shipped.
const OWN_ROLES: [(&str, &str, &[&str]); 6] = [
    ("reader", "staff", &["incident.view"]),
    ("secret-reader", "restricted", &["incident.view"]),
    ("blind-staff", "staff", &["incident.export", "reports.view"]),
    ("odd-client", "customer", &["incident.create"]),
    ("odd-own", "own", &["incident.view", "incident.export", "reports.view", "audit.view"]),
    ("client-reader", "customer", &["incident.view"]),
];

#[derive(Clone, Copy, Debug)]
pub struct Organisation {
    pub id: i64,
    pub vendor: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct Team {
    pub id: i64,
    /// The vendor that it belongs to.
    pub vendor: Option<i64>,
}

pub struct World {
    pub seed: u64,
    pub stage: Stage,
    pub index: Arc<Index>,
    pub admin: Client,
    pub organisations: Vec<Organisation>,
    pub teams: Vec<Team>,
    pub people: Vec<Person>,
    /// The people at the API, in the same order.
    pub clients: Vec<Client>,
    /// Words that stand in many titles.
    pub common: Vec<String>,
    pub records: Vec<Record>,
}

impl World {
    pub async fn build(mut house: House, seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let index = Arc::new(Index::in_memory().expect("an index"));
        house.desk = house.desk.clone().with_search(index.clone());
        let admin = house.cast.admin;
        let (organisations, teams) = places(&house).await;
        let people = inhabitants(&house, &organisations, &teams, &mut chance).await;
        let stage = Stage::of(house);
        let admin = stage.sign_in(admin).await;
        let mut clients = Vec::new();
        for person in &people {
            clients.push(stage.sign_in(person.id).await);
        }
        let common = (0..4).map(|_| chance.word()).collect();
        let mut world =
            Self { seed, stage, index, admin, organisations, teams, people, clients, common, records: Vec::new() };
        for team in &world.teams {
            let manager = chance.pick(&world.people).id;
            world.admin.patch(&format!("teams/{}", team.id), json!({ "manager": manager })).await.ok();
        }
        for _ in 0..RECORDS {
            world.open(&mut chance).await;
        }
        for _ in 0..RECORDS {
            world.hang(&mut chance).await;
        }
        world.caught_up().await;
        world
    }

    /// Lets the index read what happened.
    pub async fn caught_up(&self) {
        while feed::catch_up(&self.stage.house.desk, &self.index, 500).await.expect("the index follows") == 500 {}
    }

    fn vendor_of(&self, team: Option<i64>) -> Option<i64> {
        self.teams.iter().find(|t| Some(t.id) == team)?.vendor
    }

    async fn open(&mut self, chance: &mut Chance) {
        let requester = chance.pick(&self.people).clone();
        let title = [chance.pick(&self.common).clone(), chance.word()];
        let (symptoms, diagnosis) = (chance.word(), chance.word());
        let (colour, cost) = (chance.per_cent(50).then(|| chance.word()), chance.per_cent(50).then(|| chance.word()));
        let team = chance.maybe(70, &self.teams).map(|t| t.id);
        let assignee = chance.maybe(30, &self.people).map(|p| p.id);
        let named = chance.maybe(50, &self.organisations).map(|o| o.id);
        let restricted = chance.per_cent(35);
        let mut body = json!({
            "title": title.join(" "), "symptoms": symptoms, "diagnosis": diagnosis, "colour": colour,
            "cost_centre": cost, "requester": requester.id, "team": team, "assignee": assignee,
            "restricted": restricted,
        });
        if let Some(named) = named {
            body["organisation"] = named.into();
        }
        if chance.per_cent(60) {
            let levels = ["high", "medium", "low"];
            body["impact"] = (*chance.pick(&levels)).into();
            body["urgency"] = (*chance.pick(&levels)).into();
            body["category"] = self.stage.house.cast.vpn_category.into();
        }
        let made = self.admin.post("incidents", body).await.ok();
        self.records.push(Record {
            number: made["number"].as_str().expect("a number").to_owned(),
            title,
            symptoms,
            diagnosis,
            colour,
            cost,
            state: made["state"].as_str().expect("a state").to_owned(),
            priority: made["priority"].as_i64(),
            requester: requester.id,
            organisation: named.or(requester.organisation),
            team,
            assignee,
            restricted,
            watchers: BTreeSet::new(),
            reporters: BTreeSet::new(),
            vendors: self.vendor_of(team).into_iter().collect(),
            said: Vec::new(),
            files: Vec::new(),
            tasks: Vec::new(),
            links: Vec::new(),
            told: Told::default(),
            why: chance.word(),
        });
        self.escalate().await;
    }

    /// Tells everybody who could hear of the newest record that something is the matter.
    async fn escalate(&self) {
        let Some(record) = self.records.last() else { return };
        let path = format!("incidents/{}/escalate", record.number);
        self.admin.post(&path, json!({ "reason": record.why })).await.ok();
    }

    /// Adds a few things to one record.
    async fn hang(&mut self, chance: &mut Chance) {
        let at = chance.below(self.records.len());
        if self.records[at].state == "cancelled" {
            return;
        }
        for _ in 0..3 {
            match chance.below(6) {
                0 | 1 => self.say(at, chance).await,
                2 => self.attach(at, chance).await,
                3 => self.add_task(at, chance).await,
                4 => self.watch(at, chance).await,
                _ => self.link(at, chance).await,
            }
        }
        if chance.per_cent(30) {
            self.merge(at, chance).await;
        }
    }

    async fn say(&mut self, at: usize, chance: &mut Chance) {
        let (record, words, internal) = (&mut self.records[at], chance.word(), chance.per_cent(50));
        let body = json!({ "body": words, "internal": internal });
        self.admin.post(&format!("incidents/{}/comments", record.number), body).await.ok();
        *(if internal { &mut record.told.notes } else { &mut record.told.comments }) += 1;
        record.said.push(Said { internal, words });
    }

    async fn attach(&mut self, at: usize, chance: &mut Chance) {
        let (record, name, internal) = (&mut self.records[at], chance.word(), chance.per_cent(50));
        let path = format!("incidents/{}/attachments?name={name}&internal={internal}", record.number);
        let made = self.admin.send_bytes("POST", &path, name.clone().into_bytes(), &[]).await.ok();
        *(if internal { &mut record.told.internal_files } else { &mut record.told.files }) += 1;
        record.files.push(File { id: made["id"].as_i64().expect("an id"), internal, name });
    }

    async fn add_task(&mut self, at: usize, chance: &mut Chance) {
        let team = chance.maybe(60, &self.teams).map(|t| t.id);
        let assignee = chance.maybe(30, &self.people).map(|p| p.id);
        let title = chance.word();
        let path = format!("incidents/{}/tasks", self.records[at].number);
        self.admin.post(&path, json!({ "title": title, "team": team, "assignee": assignee })).await.ok();
        let vendor = self.vendor_of(team);
        self.records[at].vendors.extend(vendor);
        self.records[at].tasks.push(Task { title, team, assignee });
    }

    async fn watch(&mut self, at: usize, chance: &mut Chance) {
        let person = chance.pick(&self.people).id;
        let path = format!("incidents/{}/watchers", self.records[at].number);
        self.admin.post(&path, json!({ "person": person })).await.ok();
        self.records[at].watchers.insert(person);
    }

    async fn link(&mut self, at: usize, chance: &mut Chance) {
        let other = chance.below(self.records.len());
        let relation = *chance.pick(&["related_to", "caused_by"]);
        let (one, two) = (self.records[at].number.clone(), self.records[other].number.clone());
        let known = self.records[at].links.contains(&(relation.to_owned(), two.clone()));
        if other == at || known {
            return;
        }
        self.admin.post(&format!("incidents/{one}/links"), json!({ "relation": relation, "to": two })).await.ok();
        self.note_link(at, other, relation);
    }

    fn note_link(&mut self, at: usize, other: usize, relation: &str) {
        let (one, two) = (self.records[at].number.clone(), self.records[other].number.clone());
        self.records[at].links.push((relation.to_owned(), two));
        self.records[other].links.push((relation.to_owned(), one));
    }

    /// The survivor gets all that was given to the duplicate, and its people.
    async fn merge(&mut self, at: usize, chance: &mut Chance) {
        let into = chance.below(self.records.len());
        if into == at || self.records[into].state == "cancelled" {
            return;
        }
        let (one, two) = (self.records[at].number.clone(), self.records[into].number.clone());
        let merged = self.admin.post(&format!("incidents/{one}/merge"), json!({ "link": two })).await;
        let (of_one, of_two) = (self.records[at].organisation, self.records[into].organisation);
        if of_one.is_some() && of_two.is_some() && of_one != of_two {
            merged.refused(409, "other_organisation");
            return;
        }
        if merged.status == 409 {
            return;
        }
        merged.ok();
        "cancelled".clone_into(&mut self.records[at].state);
        self.note_link(at, into, "duplicate_of");
        let from = self.records[at].clone();
        let survivor = &mut self.records[into];
        survivor.said.extend(from.said);
        survivor.watchers.extend(from.watchers);
        survivor.reporters.extend(from.reporters);
        survivor.reporters.insert(from.requester);
        survivor.vendors.extend(from.vendors);
        let files = self.admin.get(&format!("incidents/{two}/attachments")).await.ok();
        for file in files["items"].as_array().into_iter().flatten() {
            let id = file["id"].as_i64().expect("an id");
            let copied = from.files.iter().find(|f| f.name == file["name"]);
            if let Some(copied) = copied.filter(|_| survivor.files.iter().all(|f| f.id != id)) {
                survivor.files.push(File { id, ..copied.clone() });
            }
        }
    }

    /// People lose and gain roles, records move, watchers go.
    pub async fn turn(&mut self, chance: &mut Chance) {
        for at in 0..self.records.len() {
            if self.records[at].state != "cancelled" && chance.per_cent(40) {
                self.move_record(at, chance).await;
            }
        }
        for _ in 0..4 {
            let at = chance.below(self.people.len());
            let grants = grants(&self.organisations, chance);
            self.regrant(at, grants).await;
        }
        self.caught_up().await;
    }

    async fn move_record(&mut self, at: usize, chance: &mut Chance) {
        let path = format!("incidents/{}", self.records[at].number);
        match chance.below(3) {
            0 => {
                let organisation = chance.maybe(80, &self.organisations).map(|o| o.id);
                self.admin.patch(&path, json!({ "organisation": organisation })).await.ok();
                self.records[at].organisation = organisation;
            }
            1 => {
                let restricted = !self.records[at].restricted;
                self.admin.patch(&path, json!({ "restricted": restricted })).await.ok();
                self.records[at].restricted = restricted;
            }
            _ => {
                let Some(watcher) = self.records[at].watchers.pop_first() else { return };
                self.admin.delete(&format!("{path}/watchers/{watcher}")).await.ok();
            }
        }
    }

    async fn regrant(&mut self, at: usize, grants: Vec<Grant>) {
        let desk = &self.stage.house.desk;
        let keys: Vec<&'static str> = grants.iter().map(|g| g.role.key).collect();
        let ids = desk.db().read(move |conn| -> mainstay_desk::Result<Vec<i64>> {
            let id = |key: &&str| Ok(entries::by_key(conn, "roles", key)?.map(|row| row.id).unwrap_or_default());
            keys.iter().map(id).collect()
        });
        let ids = ids.await.expect("the roles");
        let rows: Json = grants.iter().zip(ids).map(|(grant, role)| row_of(grant, &role.into())).collect();
        self.admin.patch(&format!("people/{}", self.people[at].id), json!({ "grants": rows })).await.ok();
        self.people[at].grants = grants;
    }
}

fn planned(register: &'static str, key: impl Into<String>, name: &str, values: Json) -> Planned {
    Planned { register, key: key.into(), name: name.to_owned(), values }
}

/// Four customers, two vendors, three teams of the house, one of each vendor; own roles, own fields.
async fn places(house: &House) -> (Vec<Organisation>, Vec<Team>) {
    let kinds = ["internal", "customer", "customer", "customer", "vendor", "vendor"];
    let mut all: Vec<Planned> = Vec::new();
    for (n, kind) in kinds.iter().enumerate() {
        all.push(planned("organisations", format!("o{n}"), &format!("Organisation {n}"), json!({ "kind": kind })));
    }
    for n in 0..5 {
        let values = if n > 2 { json!({ "organisation": format!("@organisations/o{}", n + 1) }) } else { json!({}) };
        all.push(planned("teams", format!("t{n}"), &format!("Team {n}"), values));
    }
    for (key, reach, permissions) in OWN_ROLES {
        all.push(planned("roles", key, key, json!({ "reach": reach, "permissions": permissions })));
    }
    for audience in ["requester", "assignee", "team", "owner", "team_manager", "watchers"] {
        let values = json!({
            "process": "incident", "event": "escalate", "audience": audience,
            "subject": "{number}: {title}", "body": "{title} {reason}",
        });
        all.push(planned("notification-rules", format!("loud-{audience}"), audience, values));
    }
    for (key, internal) in [("colour", false), ("cost_centre", true)] {
        let values = json!({ "process": "incident", "field": key, "kind": "text", "internal": internal });
        all.push(planned("custom-fields", key, key, values));
    }
    let made = house.desk.write(&Credential::Engine, Channel::Command, move |session, caller| {
        put(session, caller, &all)?;
        let mut id = |register: &str, key: String| -> mainstay_desk::Result<i64> {
            Ok(entries::by_key(session.conn, register, &key)?.map(|row| row.id).unwrap_or_default())
        };
        let organisations =
            (0..6).map(|n| id("organisations", format!("o{n}"))).collect::<mainstay_desk::Result<Vec<_>>>()?;
        let teams = (0..5).map(|n| id("teams", format!("t{n}"))).collect::<mainstay_desk::Result<Vec<_>>>()?;
        Ok((organisations, teams))
    });
    let (organisations, teams) = made.await.expect("the places fit the registers");
    let teams = teams.iter().enumerate().map(|(n, id)| Team { id: *id, vendor: (n > 2).then(|| organisations[n + 1]) });
    let organisations_of =
        organisations.iter().zip(kinds).map(|(id, kind)| Organisation { id: *id, vendor: kind == "vendor" });
    (organisations_of.collect(), teams.collect())
}

fn grants(organisations: &[Organisation], chance: &mut Chance) -> Vec<Grant> {
    let one = |chance: &mut Chance| Grant {
        role: *chance.pick(&ROLES),
        organisation: chance.maybe(45, organisations).map(|o| o.id),
        only_for: chance.maybe(20, &[true, false]).copied(),
    };
    (0..chance.below(4)).map(|_| one(chance)).collect()
}

fn row_of(grant: &Grant, role: &Json) -> Json {
    let process = grant.only_for.map(|this| if this { "incident" } else { "problem" });
    json!({ "role": role, "organisation": grant.organisation, "process": process })
}

async fn inhabitants(
    house: &House,
    organisations: &[Organisation],
    teams: &[Team],
    chance: &mut Chance,
) -> Vec<Person> {
    let mut people: Vec<Person> = (0..PEOPLE)
        .map(|_| {
            let home = chance.maybe(85, organisations).copied();
            let of_vendor = |t: &&Team| home.is_some_and(|o| o.vendor && t.vendor == Some(o.id));
            let mut joined: Vec<i64> = teams.iter().filter(of_vendor).map(|t| t.id).collect();
            joined.extend(chance.maybe(50, teams).map(|t| t.id));
            joined.dedup();
            Person {
                id: 0,
                name: [chance.word(), chance.word()],
                organisation: home.map(|o| o.id),
                teams: joined,
                grants: grants(organisations, chance),
            }
        })
        .collect();
    let entries_of: Vec<Planned> = people.iter().map(entry_of).collect();
    let made = house.desk.write(&Credential::Engine, Channel::Command, move |session, caller| {
        put(session, caller, &entries_of)?;
        let id = |entry: &Planned| {
            Ok(entries::by_key(session.conn, "people", &entry.key)?.map(|row| row.id).unwrap_or_default())
        };
        entries_of.iter().map(id).collect::<mainstay_desk::Result<Vec<i64>>>()
    });
    for (person, id) in people.iter_mut().zip(made.await.expect("the people fit the register")) {
        person.id = id;
    }
    people
}

fn entry_of(person: &Person) -> Planned {
    let email = format!("{}@people.example", person.name[0]);
    let rows: Json = person.grants.iter().map(|g| row_of(g, &format!("@roles/{}", g.role.key).into())).collect();
    let values = json!({ "email": email, "organisation": person.organisation, "teams": person.teams, "grants": rows });
    planned("people", email.clone(), &person.name.join(" "), values)
}
