//! One sound request for any route of the API, aimed at one record and its like: what it comes to then depends on
//! nothing but who sends it.

use crate::client::{Answer, Client};
use mainstay_api::Route;
use mainstay_engine::process::{Asks, Process, Transition};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// The process whose records are aimed at where nothing says another.
pub const PROCESS: &Process = mainstay_processes::ALL[0];

/// The process whose records a route of the API or of the pages is for.
pub fn process_of(path: &str) -> &'static Process {
    let first = path.trim_start_matches("/api/v1").trim_start_matches('/').split('/').next().unwrap_or_default();
    mainstay_processes::ALL.iter().copied().find(|process| process.plural == first).unwrap_or(PROCESS)
}

/// What requests are aimed at.
#[derive(Clone)]
pub struct Aim {
    /// What the record is.
    pub process: &'static Process,
    pub number: String,
    /// Another record of the same organisation, to link to.
    pub other: String,
    /// A third that is linked to already.
    pub linked: String,
    pub attachment: i64,
    pub task: i64,
    pub clock: i64,
    /// Public words on it.
    pub comment: i64,
    /// Time that the administrator worked.
    pub time: i64,
    /// An event of somebody else.
    pub event: i64,
    pub person: i64,
    /// One entry of each register.
    pub entries: BTreeMap<&'static str, i64>,
    pub token: i64,
    pub team: i64,
    pub category: i64,
}

impl Aim {
    /// A fresh record with everything that can hang on one, made by somebody who may do all of it.
    pub async fn at(
        admin: &Client,
        process: &'static Process,
        requester: i64,
        vendor_team: Option<i64>,
        rest: &Self,
    ) -> Self {
        let plural = process.plural;
        let open = async |title: &str| {
            let mut body = opening(process, rest, title);
            body["requester"] = requester.into();
            admin.post(plural, body).await.ok()["number"].as_str().expect("a number").to_owned()
        };
        let (number, other, linked) = (open("Aimed at").await, open("Beside it").await, open("Linked").await);
        let below = |what: &str| format!("{plural}/{number}/{what}");
        let file = admin.send_bytes("POST", &below("attachments?name=a.txt"), b"bytes".to_vec(), &[]).await.ok();
        let step = json!({ "title": "Step", "team": vendor_team });
        let task = admin.post(&below("tasks"), step.clone()).await.ok();
        admin.post(&format!("{plural}/{other}/tasks"), step).await.ok();
        let comment = admin.post(&below("comments"), json!({ "body": "Words" })).await.ok();
        let time = admin.post(&below("time"), json!({ "minutes": 5 })).await.ok();
        admin.post(&below("links"), json!({ "relation": "related_to", "to": linked })).await.ok();
        let clocks = if process.has_clocks() { admin.get(&below("clocks")).await.ok() } else { Json::Null };
        let id = |json: &Json| json["id"].as_i64().expect("an id");
        let log = admin.get(&below("history")).await.ok();
        let (attachment, task) = (id(&file), id(&task));
        let clock = clocks["items"][0]["id"].as_i64().unwrap_or_default();
        let event = id(&log["items"][0]);
        let (comment, time) = (id(&comment), id(&time));
        Self { process, number, other, linked, attachment, task, clock, comment, time, event, ..rest.clone() }
    }
}

/// A request.
#[derive(Clone, Debug)]
pub struct Probe {
    pub method: String,
    pub path: String,
    pub body: Option<Json>,
    /// The entry or record whose version the request must name.
    pub versioned: bool,
}

impl Probe {
    pub fn of(route: &Route, aim: &Aim) -> Self {
        let segments: Vec<&str> = route.path.trim_start_matches("/api/v1/").split('/').collect();
        let path: Vec<String> = segments.iter().map(|part| place(part, segments[0], aim)).collect();
        let mut path = path.join("/");
        path += question(&route.method, &segments);
        if route.method == "GET" && path.ends_with("/merge") {
            path += &format!("?other={}", aim.person);
        }
        if path.starts_with("search") {
            path += &format!("&q={}", aim.number);
        }
        let body = (route.method == "POST" || route.method == "PATCH").then(|| body_of(route, &segments, aim));
        Self { method: route.method.clone(), path, body, versioned: route.method == "PATCH" }
    }

    /// Sends it as somebody; `admin` looks up the version that it must name.
    pub async fn sent(&self, by: &Client, admin: &Client) -> Answer {
        let version = if self.versioned { Some(self.version(admin).await) } else { None };
        let tag = version.map(|version| format!("\"{version}\""));
        let headers: Vec<(&str, &str)> = tag.iter().map(|tag| ("if-match", tag.as_str())).collect();
        if self.path.contains("/attachments?") {
            return by.send_bytes(&self.method, &self.path, b"bytes".to_vec(), &headers).await;
        }
        by.send(&self.method, &self.path, self.body.clone(), &headers).await
    }

    async fn version(&self, admin: &Client) -> i64 {
        if let Some((record, task)) = self.path.split_once("/tasks/") {
            let tasks = admin.get(&format!("{record}/tasks")).await.ok();
            let found = tasks["items"].as_array().into_iter().flatten().find(|t| t["id"].as_i64() == task.parse().ok());
            return found.expect("the task")["version"].as_i64().expect("a version");
        }
        if self.path.contains("/time/") {
            return 1;
        }
        // A view of somebody else is closed to the administrator too, and was never changed.
        admin.get(&self.path).await.body["version"].as_i64().unwrap_or(1)
    }
}

fn place(part: &str, register: &str, aim: &Aim) -> String {
    match part {
        "{number}" => aim.number.clone(),
        "{relation}" => "related_to".into(),
        "{to}" => aim.linked.clone(),
        "{person}" => aim.person.to_string(),
        "{attachment}" => aim.attachment.to_string(),
        "{task}" => aim.task.to_string(),
        "{comment}" => aim.comment.to_string(),
        "{time}" => aim.time.to_string(),
        "{clock}" => aim.clock.to_string(),
        "{event}" => aim.event.to_string(),
        "{macro}" => aim.entries.get("macros").copied().unwrap_or_default().to_string(),
        "{token}" => aim.token.to_string(),
        "{key}" => "volume".into(),
        "{conflict}" => "outside".into(),
        "{approval}" | "{version}" => "1".into(),
        "{id}" => aim.entries.get(register).copied().unwrap_or_default().to_string(),
        plain => plain.into(),
    }
}

fn question(method: &str, segments: &[&str]) -> &'static str {
    match (method, segments) {
        ("GET", [.., "map", "export"]) => "?format=svg",
        ("GET", [.., "export"]) => "?format=csv",
        ("GET", ["reports", _, "records"]) => "?row=total&column=opened",
        ("GET", ["search"]) => "?limit=10",
        ("GET", [.., "as-of"]) => "?at=2025-06-02T08:00:00Z",
        ("GET", [_, "calendar"]) => "?from=2025-06-01T00:00:00Z&until=2025-06-30T00:00:00Z",
        ("GET", [.., "what-if"]) => "?from=2025-06-01T00:00:00Z&until=2025-06-02T00:00:00Z",
        ("POST", [.., "attachments"]) => "?name=b.txt",
        _ => "",
    }
}

fn body_of(route: &Route, segments: &[&str], aim: &Aim) -> Json {
    match segments {
        [_, "feed"] => json!({ "source": "netbox", "rows": [] }),
        [_, "parked", _, "match"] => json!({ "record": aim.other }),
        [_, "parked", _, "ignore"] => json!({ "reason": "Not ours" }),
        [_, "discrepancies", _, _] => json!({ "reason": "So it is" }),
        [_, _, "comments", _, "split"] => json!({ "title": "Apart" }),
        [_, _, "comments"] => json!({ "body": "Words" }),
        [_, _, "links"] => json!({ "relation": "related_to", "to": aim.other }),
        [_, _, "watchers"] | ["roles", _, "give" | "withdraw"] => json!({ "person": aim.person }),
        [_, _, "time"] | [_, _, "time", _] => json!({ "minutes": 5 }),
        [_, _, "tasks"] => json!({ "title": "Step" }),
        ["meetings"] => {
            let board = aim.entries.get("boards").copied().unwrap_or_default();
            json!({ "board": board, "starts": "2025-01-01T09:00:00Z" })
        }
        ["meetings", _, "cancel"] | ["meetings", .., "remove"] => json!({ "reason": "Holiday" }),
        ["meetings", _, "attend"] => json!({ "present": true }),
        ["meetings", _, "items"] => json!({ "number": aim.number }),
        ["meetings", .., "vote"] => json!({ "approval": 1, "answer": "approve", "version": 1 }),
        ["meetings", .., "decide"] => json!({ "decision": "voted" }),
        [_, _, "legal-hold"] => json!({ "held": true, "reason": "It may be asked for" }),
        [_, _, "conflicts", _] => json!({ "reason": "Agreed" }),
        [_, _, "approvals", _] => json!({ "answer": "approve", "version": 1 }),
        [_, _, "tasks", _] => json!({ "state": "done" }),
        [_, _, "attachments"]
        | [_, _, "macros", _]
        | [_, _, "events", _, "undo"]
        | [_, "parked", _, "make" | "reopen"]
        | ["people", _, "access", _]
        | ["me", "sign-out"] => {
            json!({})
        }
        [_, _, "clocks", _, "exclude"] => {
            json!({ "from": "2025-06-02T07:00:00Z", "to": "2025-06-02T07:10:00Z", "reason": "Agreed" })
        }
        [_, "bulk"] => {
            // A step that is staff's alone.
            let step = ["escalate", "log"].into_iter().find_map(|verb| aim.process.transition(verb));
            let (verb, mut values) = step.map_or(("watch", json!({})), |step| (step.verb, step_body(step, aim)));
            let reason = values.as_object_mut().and_then(|values| values.remove("reason"));
            let reason = reason.unwrap_or_else(|| "Together".into());
            json!({ "verb": verb, "numbers": [aim.number], "values": values, "reason": reason })
        }
        ["me", "zone"] => json!({ "zone": "Europe/London" }),
        ["me", "language"] => json!({ "language": "de" }),
        ["me", "notices"] => json!({ "kinds": {} }),
        ["me", "pins"] => json!({ "views": [] }),
        ["me", "deputy"] | ["meetings", _, "begin" | "end"] | ["meetings", .., "arrange" | "call"] => json!({}),
        ["me", "looks"] => json!({ "theme": "system", "density": "comfortable" }),
        ["me", "writing"] => json!({ "rich": false }),
        [_, _, "dismiss"] => json!({ "reason": "Chance" }),
        ["export-schedules"] => {
            json!({ "process": PROCESS.key, "name": "n", "format": "csv", "every": "day", "time": "07:00" })
        }
        // Nobody is merged with themselves, so that nobody is gone afterwards.
        ["people", _, "merge"] => json!({ "other": aim.person }),
        ["calendars", _, "holidays"] => {
            let file = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n";
            json!({ "file": file, "first": 2026, "last": 2026, "dry_run": true })
        }
        ["notices", "read"] => json!({ "up_to": 1 }),
        ["tokens"] | ["people", _, "tokens"] => json!({ "name": "Probe", "scopes": ["read"] }),
        [plural] if *plural == aim.process.plural => opening(aim.process, aim, "Mine"),
        [plural, _] if *plural == aim.process.plural => json!({ "title": "Changed" }),
        [plural, _, verb] if *plural == aim.process.plural => {
            aim.process.transition(verb).map_or(json!({}), |step| step_body(step, aim))
        }
        // An entry without values: whoever may make one is told what it lacks.
        _ if route.method == "POST" => json!({}),
        _ => json!({ "reason": "Looked at" }),
    }
}

/// What a new record owes: a title, and what else its process asks of each.
pub fn opening(process: &Process, aim: &Aim, title: &str) -> Json {
    let owed = process.fields.iter().filter(|field| field.required);
    let mut body: Map<String, Json> = owed.map(|field| (field.key.to_owned(), needed(field.key, aim))).collect();
    body.insert("title".into(), title.into());
    Json::Object(body)
}

/// What a step needs, all of it.
pub fn step_body(step: &Transition, aim: &Aim) -> Json {
    let mut body: Map<String, Json> = step.needs.iter().map(|f| (f.key.to_owned(), needed(f.key, aim))).collect();
    if step.asks == Asks::Reason {
        body.insert("reason".into(), "Because".into());
    }
    if step.links.is_some() && step.verb == "merge" {
        body.insert("link".into(), aim.other.clone().into());
    }
    Json::Object(body)
}

fn needed(key: &str, aim: &Aim) -> Json {
    match key {
        "team" => aim.team.into(),
        "category" | "closing_category" => aim.category.into(),
        "class" => aim.entries["item-classes"].into(),
        "impact" | "urgency" | "risk" | "risk_before" | "risk_after" => "low".into(),
        "measures" => {
            json!([{ "measure": "Answer time", "aspect": "performance", "predicted": "200", "limit": 20 }])
        }
        "actuals" => json!([{ "measure": "Answer time", "actual": "210" }]),
        "report_before" => "build".into(),
        "recommendation" => "accept".into(),
        "priority" => 2.into(),
        "satisfaction" => 4.into(),
        "hold_reason" => "vendor".into(),
        "resolution_code" | "closure_code" => "fixed".into(),
        "restored" | "planned_start" | "authorised_at" => "2025-06-02T08:00:00Z".into(),
        "cancel_reason" => "raised_in_error".into(),
        "owner" | "risk_owner" | "authority" | "custodian" | "assignee" => aim.person.into(),
        "review_at" => "2026-06-02T08:00:00Z".into(),
        "outcome" if aim.process.key == "change" => "successful".into(),
        "outcome" => "open".into(),
        "type" => "minor".into(),
        "effort" | "cost" | "quantity" => 1.into(),
        "metric" => "install".into(),
        "kind" => "hardware".into(),
        "disposal" => "sold".into(),
        "map" => "no_effect".into(),
        "verdict" => "reversed".into(),
        "service" => aim.entries.get("services").copied().unwrap_or_default().into(),
        "planned_end" => "2025-06-02T09:00:00Z".into(),
        _ => "Words".into(),
    }
}
