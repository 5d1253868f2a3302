//! Every route of the pages × every role × the caller's own organisation and a foreign one, sent for real and held
//! against a table that people have read. A route without a line fails, a line without a route fails; and where the
//! API has the same thing, the pages let nobody through whom the API refuses.
//!
//! A cell is the status for what is the caller's own, and behind a slash the one for what is foreign where it differs.
//! `in` leads to the sign-in, `portal` leads whoever is no staff there, `record` leads them to the portal's page of the
//! record, `no` leads back with the words why not.

use crate::access_matrix::{Compared, Identity, ROLES, Side, aim, aims, compare, identities};
use crate::browser::{Browser, Pages, Seen};
use crate::client::{Client, Stage};
use crate::probe::{Aim, opening, process_of, step_body};
use mainstay_search::Index;
use mainstay_testing::House;
use mainstay_web::Route;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;

const TABLE: &str = include_str!("page_matrix.csv");
const API: &str = include_str!("access_matrix.csv");
const ACTS: [&str; 5] = ["disable", "enable", "link", "remove-codes", "sign-out"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gen_04_s_11_every_page_answers_each_role_as_reviewed() {
    let mut house = House::sqlite().await;
    house.desk = house.desk.clone().with_search(Arc::new(Index::in_memory().expect("an index")));
    let stage = Stage::of(house);
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(stage.house.cast.admin).await;
    let mut actual: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let routes: Vec<Route> = mainstay_web::all_routes().iter().flat_map(spelled_out).collect();
    for (number, who) in identities(&stage, &admin).await.iter().enumerate() {
        let mut aims = aims(&admin, who).await;
        for route in &routes {
            let mut cells = Vec::new();
            let there = aims.get_mut(process_of(&route.path).key).expect("each process");
            for (side, at) in [&who.own, &who.foreign].into_iter().zip(there) {
                let browser = match who.person {
                    Some(person) => pages.browser(&stage, person).await,
                    None => pages.stranger(u8::try_from(number).expect("few roles")),
                };
                cells.push(one(&admin, who, &browser, side, at, route).await);
            }
            cells.dedup();
            actual.entry((route.path.clone(), route.method.clone())).or_default().push(cells.join("/"));
        }
    }
    compare(&Compared { actual: &actual, table: TABLE, name: "page_matrix.csv" });
}

/// The routes that one with a choice in it stands for.
pub fn spelled_out(route: &Route) -> Vec<Route> {
    let each = |name: &str, words: &[&str]| -> Vec<Route> {
        let of = |word: &&str| Route { path: route.path.replace(name, word), ..route.clone() };
        words.iter().map(of).collect()
    };
    if route.path.contains("{verb}") {
        let verbs: Vec<&str> = process_of(&route.path).transitions.iter().map(|step| step.verb).collect();
        return each("{verb}", &verbs);
    }
    if route.path.contains("{register}") {
        let keys: Vec<&str> = mainstay_processes::registers::ALL.iter().map(|register| register.key).collect();
        return each("{register}", &keys);
    }
    if route.path.contains("{act}") { each("{act}", &ACTS) } else { vec![route.clone()] }
}

/// Sends one request; what it used up is made anew.
async fn one(admin: &Client, who: &Identity, browser: &Browser, side: &Side, at: &mut Aim, route: &Route) -> String {
    let segments: Vec<&str> = route.path.trim_start_matches('/').split('/').collect();
    let path = place(&route.path, &segments, at);
    let seen = if route.method == "GET" {
        browser.get(&path).await
    } else {
        browser.post(&path, &form(admin, who, &segments, at).await).await
    };
    let cell = cell(&seen, &route.path);
    if route.method != "GET" && route.path.contains("{number}") && ["303", "no"].contains(&cell.as_str()) {
        *at = aim(admin, at.process, side).await;
    }
    cell
}

fn cell(seen: &Seen, path: &str) -> String {
    let place = seen.leads_to();
    if seen.status != 303 {
        return seen.status.as_u16().to_string();
    }
    match place {
        "/portal" => "portal",
        _ if place.starts_with("/portal/requests/") && !path.starts_with("/portal/") => "record",
        _ if place.starts_with("/sign-in") => "in",
        _ if seen.says_failed() => "no",
        _ => "303",
    }
    .to_owned()
}

pub fn place(path: &str, segments: &[&str], at: &Aim) -> String {
    let id = match segments {
        ["files", ..] => at.attachment,
        // A notice of somebody else.
        ["inbox", ..] => 0,
        ["admin", "access" | "tokens" | "merge", ..] => at.person,
        ["admin", "what-if", ..] => at.entries.get("service-levels").copied().unwrap_or_default(),
        ["admin", "permissions", ..] => at.entries.get("roles").copied().unwrap_or_default(),
        ["admin", "holidays", ..] => at.entries.get("calendars").copied().unwrap_or_default(),
        [_, "{number}", "events", ..] => at.event,
        [_, "{number}", "time", ..] => at.time,
        [_, "{number}", "comments", _, "split"] => at.comment,
        [_, "{number}", "clocks", ..] => at.clock,
        [_, "{number}", place @ ("macros" | "templates"), ..] => at.entries.get(place).copied().unwrap_or_default(),
        ["admin", register, ..] => at.entries.get(register).copied().unwrap_or_default(),
        _ => at.task,
    };
    let path = path
        .replace("{number}", &at.number)
        .replace("{other}", &at.other)
        .replace("{id}", &id.to_string())
        .replace("{plural}", at.process.plural)
        .replace("{key}", "volume")
        .replace("{part}", "tasks")
        .replace("{version}", "1")
        .replace("{secret}", "A".repeat(43).as_str());
    let query = match segments {
        ["palette"] => format!("?at=/{}/{}", at.process.plural, at.number),
        ["palette", "choices"] => format!("?at=/{}/{}&field=team", at.process.plural, at.number),
        ["search"] | ["portal", "search"] | ["pick" | "palette", "records"] => format!("?q={}", at.number),
        ["pick", _] => "?q=a".into(),
        [.., "records"] => "?row=total&column=opened".into(),
        [.., "map", "export"] => "?format=svg".into(),
        [.., "export"] => "?format=csv".into(),
        _ => String::new(),
    };
    path + &query
}

async fn form(admin: &Client, who: &Identity, segments: &[&str], at: &Aim) -> Vec<(String, String)> {
    let own = |pairs: &[(&str, &str)]| pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let person = at.person.to_string();
    match segments {
        // Nobody is merged with themselves, so that nobody is gone afterwards.
        ["admin", "merge", _] => own(&[("other", &person)]),
        ["sign-in"] => own(&[("email", &format!("{}@nowhere.example", who.role)), ("password", "guess")]),
        [_, "{number}", "comments"] | ["portal", "requests", _, "reply"] => own(&[("body", "Words")]),
        [_, "{number}", "tasks"] => own(&[("_fields", "title"), ("title", "Mine")]),
        [_, "{number}", "legal-hold"] => own(&[("held", "true"), ("reason", "It may be asked for")]),
        [_, "new"] => {
            let body = opening(at.process, at, "Mine");
            let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let members = body.as_object().into_iter().flatten();
            members.flat_map(|(key, value)| [("_fields".to_owned(), key.clone()), (key.clone(), text(value))]).collect()
        }
        [_, "{number}", "comments", _, "split"] => own(&[("title", "Apart")]),
        [_, "{number}", "clocks", _, "exclude"] => {
            own(&[("from", "2025-06-02T09:00"), ("to", "2025-06-02T09:01"), ("reason", "Maintenance")])
        }
        [_, "{number}", "tasks", _, "edit"] => {
            own(&[("version", &version_of_task(admin, at).await), ("title", "Mine")])
        }
        [_, "{number}", "move"] => own(&[("start", "2025-06-10T20:00"), ("end", "2025-06-10T22:00")]),
        [_, "{number}", "time"] | [_, "{number}", "time", _] => {
            own(&[("version", "1"), ("minutes", "5"), ("day", "2025-06-02")])
        }
        [_, "{number}", "tasks", _] | ["portal", "requests", _, "tasks", _] => {
            own(&[("version", &version_of_task(admin, at).await), ("state", "done")])
        }
        [_, "{number}", "links"] => own(&[("relation", "related_to"), ("to", &at.other)]),
        [_, "{number}", "unlink"] => own(&[("relation", "related_to"), ("to", &at.linked)]),
        [_, "{number}", "watch" | "unwatch"] => own(&[("watcher", &person)]),
        [_, "{number}", "edit"] => own(&[("_fields", "title"), ("title", "Changed")]),
        [_, "{number}", "events" | "macros", ..] => Vec::new(),
        [_, "views"] => own(&[("name", "Mine"), ("condition", "title = \"x\"")]),
        ["portal", "report", _] => {
            let asked = at.process.questions.iter();
            let answers = asked.map(|q| (format!("answer.{}", q.field.key), q.answers[0].key.to_owned()));
            answers.chain(own(&[("title", "Mine"), ("symptoms", "It says no.")])).collect()
        }
        ["portal", "requests", _, "steps", verb] | [_, "{number}", verb] => step_form(verb, at),
        ["drafts", ..] => own(&[("_of", &format!("note {}", at.number)), ("body", "Words")]),
        ["live", "doing"] => own(&[("number", &at.number), ("doing", "viewing")]),
        ["portal", "notices"] => own(&[("up_to", "1")]),
        ["me", "looks"] => own(&[("theme", "dark"), ("density", "compact")]),
        ["me", "zone"] => own(&[("zone", "Europe/Berlin")]),
        ["me", "language"] => own(&[("language", "de")]),
        _ => Vec::new(),
    }
}

/// What a step needs, as a form has it.
fn step_form(verb: &str, at: &Aim) -> Vec<(String, String)> {
    let Some(step) = at.process.transition(verb) else { return Vec::new() };
    let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let body = step_body(step, at);
    let members = body.as_object().into_iter().flatten();
    let fields = members.clone().map(|(key, _)| ("_fields".to_owned(), key.clone()));
    // A form holds the hour in the person's zone, without saying which.
    let given = members.map(|(key, value)| (key.clone(), text(value).trim_end_matches(":00Z").to_owned()));
    fields.chain(given).collect()
}

async fn version_of_task(admin: &Client, at: &Aim) -> String {
    let tasks = admin.get(&format!("{}/{}/tasks", at.process.plural, at.number)).await.ok();
    let found = tasks["items"].as_array().into_iter().flatten().find(|task| task["id"] == at.task);
    found.expect("the task")["version"].to_string()
}

/// Lines of a table by path and method, cells by role and side.
fn cells(table: &str) -> BTreeMap<(&str, &str), Vec<[&str; 2]>> {
    let mut all = BTreeMap::new();
    for line in table.lines().skip(1) {
        let mut parts = line.split(',');
        let key = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        all.insert(
            key,
            parts.map(|cell| cell.split_once('/').map_or([cell; 2], |(own, other)| [own, other])).collect(),
        );
    }
    all
}

/// The operation of the API that does what a page does, and whether whoever may do it there may do it here too:
/// pages of the portal and of the administration are for fewer people.
fn twin(path_of_page: &str, method: &str) -> Option<(String, &'static str, bool)> {
    let segments: Vec<&str> = path_of_page.trim_start_matches('/').split('/').collect();
    let process = process_of(path_of_page);
    let of = |rest: &str| format!("/api/v1/{}{rest}", process.plural);
    let plural = process.plural;
    let (path, method, both) = match (segments.as_slice(), method) {
        (["files", _], _) => ("/api/v1/attachments/{attachment}".into(), "GET", true),
        (["pick", "records"], _) => ("/api/v1/search".into(), "GET", true),
        // The names of zones are no data of the house.
        (["pick", "zones"], _) => return None,
        (["pick", register], _) => (format!("/api/v1/{register}"), "GET", true),
        ([p, "new"], "POST") if *p == plural => (of(""), "POST", true),
        ([p, "{number}"], _) if *p == plural => (of("/{number}"), "GET", true),
        ([p, "{number}", "edit"], "POST") if *p == plural => (of("/{number}"), "PATCH", true),
        ([p, "{number}", "comments"], _) if *p == plural => (of("/{number}/comments"), "POST", true),
        ([p, "{number}", "tasks"], "POST") if *p == plural => (of("/{number}/tasks"), "POST", true),
        ([p, "{number}", "tasks", _], "POST") if *p == plural => (of("/{number}/tasks/{task}"), "PATCH", true),
        ([p, "{number}", "tasks", _, "edit"], _) if *p == plural => (of("/{number}/tasks/{task}"), "PATCH", false),
        ([p, "{number}", "comments", _, "split"], "POST") if *p == plural => {
            (of("/{number}/comments/{comment}/split"), "POST", true)
        }
        ([p, "{number}", "clocks", _, "exclude"], "POST") if *p == plural => {
            (of("/{number}/clocks/{clock}/exclude"), "POST", true)
        }
        ([p, "{number}", "conflicts"], _) if *p == plural => (of("/{number}/conflicts"), "GET", true),
        ([p, "{number}", "conflicts", _], "POST") if *p == plural => {
            (of("/{number}/conflicts/{conflict}"), "POST", true)
        }
        ([p, "{number}", "time"], _) if *p == plural => (of("/{number}/time"), "POST", true),
        ([p, "{number}", "time", _], "POST") if *p == plural => (of("/{number}/time/{time}"), "PATCH", true),
        ([p, "{number}", "time", _, "remove"], _) if *p == plural => (of("/{number}/time/{time}"), "DELETE", true),
        ([p, "{number}", "links"], _) if *p == plural => (of("/{number}/links"), "POST", true),
        ([p, "{number}", "unlink"], _) if *p == plural => (of("/{number}/links/{relation}/{to}"), "DELETE", true),
        ([p, "{number}", "watch"], _) if *p == plural => (of("/{number}/watchers"), "POST", true),
        ([p, "{number}", "unwatch"], _) if *p == plural => (of("/{number}/watchers/{person}"), "DELETE", true),
        ([p, "{number}", "legal-hold"], "POST") if *p == plural => (of("/{number}/legal-hold"), "POST", true),
        ([p, "{number}", "history"], _) if *p == plural => (of("/{number}/history"), "GET", true),
        ([p, "{number}", "as-of"], _) if *p == plural => (of("/{number}/as-of"), "GET", true),
        ([p, "positions"], _) if *p == plural => (of("/positions"), "GET", true),
        ([p, "{number}", "position"], _) if *p == plural => (of("/{number}/position"), "GET", true),
        ([p, "{number}", "items"], _) if *p == plural => (of("/{number}/items"), "GET", true),
        ([p, "{number}", "comparison"], _) if *p == plural => (of("/{number}/comparison"), "GET", true),
        ([p, "{number}", "comparison", "export"], _) if *p == plural => {
            (of("/{number}/comparison/export"), "GET", true)
        }
        ([p, "{number}", "map", "export"], _) if *p == plural => (of("/{number}/map/export"), "GET", true),
        ([p, "{number}", "map"], _) if *p == plural => (of("/{number}/impact"), "GET", true),
        ([p, "{number}", verb], "POST") if *p == plural && process.transition(verb).is_some() => {
            (of(&format!("/{{number}}/{verb}")), "POST", true)
        }
        (["portal", "report", _], "POST") => (of(""), "POST", false),
        (["portal", "requests", _], _) => (of("/{number}"), "GET", false),
        (["portal", "requests", _, "reply"], _) => (of("/{number}/comments"), "POST", false),
        (["portal", "requests", _, "tasks", _], "POST") => (of("/{number}/tasks/{task}"), "PATCH", false),
        (["portal", "requests", _, "steps", verb], "POST") => (of(&format!("/{{number}}/{verb}")), "POST", false),
        (["reports", _, "{key}", "filter", ..], _) => ("/api/v1/reports/{key}".into(), "GET", false),
        (["reports", _, "{key}", "export", "schedule"], _) => ("/api/v1/export-schedules".into(), "POST", false),
        (["reports", _, "{key}", rest @ ..], _) => {
            ([&["/api/v1/reports/{key}"], rest].concat().join("/"), "GET", false)
        }
        (["admin", "merge", _], _) => {
            ("/api/v1/people/{id}/merge".into(), if method == "GET" { "GET" } else { "POST" }, false)
        }
        (["admin", "access" | "tokens" | "audit" | "permissions" | "view-as" | "what-if" | "holidays", ..], _) => {
            return None;
        }
        (["admin", "start"], _) => ("/api/v1/installation".into(), "GET", true),
        (["admin", "start", "empty"], _) => ("/api/v1/installation/begin".into(), "POST", true),
        (["admin", "start", "demo"], _) => ("/api/v1/demo".into(), "POST", true),
        (["admin", "demo"], _) => ("/api/v1/demo".into(), "GET", true),
        (["admin", "demo", "remove"], _) => ("/api/v1/demo".into(), "DELETE", true),
        (["admin", register], _) => (format!("/api/v1/{register}"), "GET", false),
        (["admin", register, "new"], "POST") => (format!("/api/v1/{register}"), "POST", false),
        (["admin", register, "{id}"], "GET") => (format!("/api/v1/{register}/{{id}}"), "GET", false),
        (["admin", register, "{id}"] | ["admin", register, "{id}", "retire" | "restore"], "POST") => {
            (format!("/api/v1/{register}/{{id}}"), "PATCH", false)
        }
        (["admin", register, "{id}", "history"], _) => (format!("/api/v1/{register}/{{id}}/history"), "GET", false),
        (["admin", register, "{id}", "uses"], _) => (format!("/api/v1/{register}/{{id}}/uses"), "GET", false),
        _ => return None,
    };
    Some((path, method, both))
}

/// Whether the right is there, whatever the record then says.
fn let_through(cell: &str) -> bool {
    ["200", "201", "204", "303", "409", "422"].contains(&cell)
}

#[test]
fn gen_04_pages_and_api_let_the_same_people_through() {
    let (pages, api) = (cells(TABLE), cells(API));
    let mut compared = 0;
    for ((path, method), line) in &pages {
        let Some((there, by, both)) = twin(path, method) else { continue };
        let other = api.get(&(there.as_str(), by)).unwrap_or_else(|| panic!("{path} {method}: no {there} {by}"));
        for (role, (here, there)) in ROLES.iter().zip(line.iter().zip(other)) {
            for (here, there) in here.iter().zip(there) {
                let (page, api) = (let_through(here), let_through(there));
                assert!(!page || api, "{role} at {path} {method}: {here}, and at the API {there}");
                let led_back = ["portal", "record"].contains(here) || *here == "no" && ["409", "422"].contains(there);
                assert!(!both || page || !api || led_back, "{role} at {path} {method}: {here}, and at the API {there}");
                compared += 1;
            }
        }
    }
    assert!(compared > 3_000, "{compared}");
}
