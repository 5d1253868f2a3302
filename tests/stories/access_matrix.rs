//! Every route of the API × every role × the caller's own organisation and a foreign one, sent for real and held
//! against a table that people have read. A route without a line fails, a line without a route fails.
//!
//! A cell is the status for what is the caller's own, and behind a slash the one for what is foreign where it differs.
//! 409 and 422 stand where the right is there and the request is refused for the state of the record (it is new) or
//! for what an empty entry lacks. A request in bulk shows what became of its one record.

use crate::client::{Answer, Client, Stage};
use crate::probe::{Aim, PROCESS, Probe, process_of};
use mainstay_api::Route;
use mainstay_engine::process::Process;
use mainstay_search::Index;
use mainstay_testing::{Cast, House};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Arc;

const TABLE: &str = include_str!("access_matrix.csv");
pub const ROLES: [&str; 11] = [
    "anonymous",
    "requester",
    "agent",
    "agent_of_bank",
    "manager",
    "approver",
    "representative",
    "vendor",
    "auditor",
    "admin",
    "monitoring",
];

/// Somebody of a role, with what is theirs and what is foreign to them.
pub struct Identity {
    pub role: &'static str,
    client: Client,
    pub person: Option<i64>,
    pub own: Side,
    pub foreign: Side,
}

/// One side of the wall between organisations.
pub struct Side {
    /// Whose record requests are aimed at.
    requester: i64,
    vendor_team: Option<i64>,
    rest: Aim,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gen_04_s_08_s_11_s_12_every_route_answers_each_role_as_reviewed() {
    let mut house = House::sqlite().await;
    house.desk = house.desk.clone().with_search(Arc::new(Index::in_memory().expect("an index")));
    let stage = Stage::of(house);
    let admin = stage.sign_in(stage.house.cast.admin).await;
    let mut actual: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for identity in identities(&stage, &admin).await {
        let mut aims = aims(&admin, &identity).await;
        for route in mainstay_api::routes() {
            let mut statuses = Vec::new();
            let there = aims.get_mut(process_of(&route.path).key).expect("each process");
            for (side, aim_now) in [&identity.own, &identity.foreign].into_iter().zip(there) {
                statuses.push(one(&stage, &admin, &identity, side, aim_now, &route).await);
            }
            statuses.dedup();
            actual.entry((route.path.clone(), route.method.clone())).or_default().push(statuses.join("/"));
        }
    }
    compare(&Compared { actual: &actual, table: TABLE, name: "access_matrix.csv" });
}

/// Sends one request; what it used up is made anew.
async fn one(stage: &Stage, admin: &Client, who: &Identity, side: &Side, at: &mut Aim, route: &Route) -> String {
    let tokens = route.path.ends_with("/tokens/{token}");
    if tokens {
        at.token = token_of(stage, who, side, route.path.contains("/people/")).await;
    }
    let answer = Probe::of(route, at).sent(&who.client, admin).await;
    if route.method != "GET"
        && answer.status.is_success()
        && route.path.contains("{number}") | route.path.ends_with("bulk")
    {
        *at = aim(admin, at.process, side).await;
    }
    status(&answer)
}

fn status(answer: &Answer) -> String {
    let status = answer.body["results"][0]["problem"]["status"].as_u64();
    status.map_or_else(|| answer.status.as_u16().to_string(), |status| status.to_string())
}

pub async fn aim(admin: &Client, process: &'static Process, side: &Side) -> Aim {
    Aim::at(admin, process, side.requester, side.vendor_team, &side.rest).await
}

/// What is somebody's own and what is foreign, by the key of each process.
pub async fn aims(admin: &Client, who: &Identity) -> BTreeMap<&'static str, [Aim; 2]> {
    let mut all = BTreeMap::new();
    for process in mainstay_processes::ALL {
        let both = [aim(admin, process, &who.own).await, aim(admin, process, &who.foreign).await];
        all.insert(process.key, both);
    }
    all
}

/// A token of the caller, or of somebody else; of the person aimed at where the route names one.
async fn token_of(stage: &Stage, who: &Identity, side: &Side, of_person: bool) -> i64 {
    let own = who.person.filter(|_| side.rest.token == 0);
    let owner = if of_person { side.rest.person } else { own.unwrap_or(stage.house.cast.team_manager) };
    let owner = stage.sign_in(owner).await;
    owner.post("tokens", json!({ "name": "To be revoked" })).await.ok()["id"].as_i64().expect("an id")
}

/// What the server answered by path and method, and the table that it is held against.
pub struct Compared<'a> {
    pub actual: &'a BTreeMap<(String, String), Vec<String>>,
    pub table: &'a str,
    pub name: &'a str,
}

pub fn compare(Compared { actual, table, name }: &Compared<'_>) {
    let mut lines = vec![format!("path,method,{}", ROLES.join(","))];
    lines.extend(actual.iter().map(|((path, method), cells)| format!("{path},{method},{}", cells.join(","))));
    let expected: Vec<&str> = table.lines().collect();
    let new: Vec<&String> = lines.iter().filter(|line| !expected.contains(&line.as_str())).collect();
    let gone: Vec<&&str> = expected.iter().filter(|line| !lines.iter().any(|l| l == *line)).collect();
    let draft = format!("{}/{name}", env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(&draft, lines.join("\n") + "\n").expect("the draft is written");
    assert!(
        new.is_empty() && gone.is_empty(),
        "the table is to be reviewed; what the server answers stands in {draft}\nanswered: {new:#?}\nreviewed: {gone:#?}"
    );
}

pub async fn identities(stage: &Stage, admin: &Client) -> Vec<Identity> {
    let cast = stage.house.cast.clone();
    let of_bank = agent_of_bank(stage, admin).await;
    let entries = entries(admin, &cast).await;
    let views = (view(stage, admin, "everyone").await, view(stage, admin, "own").await);
    let services = (cast.payments, service(admin, cast.acme).await, service(admin, cast.retail_bank).await);
    let side = |requester, person, organisation, service, vendor_team| Side {
        requester,
        vendor_team,
        rest: Aim {
            process: PROCESS,
            number: String::new(),
            other: String::new(),
            linked: String::new(),
            attachment: 0,
            task: 0,
            clock: 0,
            comment: 0,
            time: 0,
            event: 0,
            person,
            entries: {
                let own = service == services.0;
                let view = if own { views.0 } else { views.1 };
                let named =
                    [("people", person), ("organisations", organisation), ("services", service), ("views", view)];
                entries.clone().into_iter().chain(named).collect()
            },
            token: i64::from(service != services.0),
            team: cast.network,
            category: cast.vpn_category,
        },
    };
    let bank = |service| side(cast.requester, cast.team_manager, cast.retail_bank, service, None);
    let acme = |service| side(cast.acme_requester, cast.acme_requester, cast.acme, service, None);
    let netco = || side(cast.requester, cast.vendor, cast.netco, services.0, Some(cast.netco_team));
    let people = [
        None,
        Some(cast.requester),
        Some(cast.agent),
        Some(of_bank),
        Some(cast.manager),
        Some(cast.approver),
        Some(cast.representative),
        Some(cast.vendor),
        Some(cast.auditor),
        Some(cast.admin),
        Some(cast.monitoring),
    ];
    let mut all = Vec::new();
    for (role, person) in ROLES.into_iter().zip(people) {
        let client = match person {
            Some(person) => stage.sign_in(person).await,
            None => stage.stranger(),
        };
        let (own, foreign) = match role {
            "representative" => (acme(services.0), bank(services.2)),
            "vendor" => (netco(), bank(services.2)),
            _ => (bank(services.0), acme(services.1)),
        };
        all.push(Identity { role, client, person, own, foreign });
    }
    assert!(all.iter().all(|identity| (identity.role == "anonymous") == identity.person.is_none()));
    all
}

/// An entry of each register, made where an installation begins with none.
async fn entries(admin: &Client, cast: &Cast) -> BTreeMap<&'static str, i64> {
    let rule = json!({ "name": "Rule", "process": "incident", "position": 1, "team": cast.network, "condition": "title = \"x\"" });
    let field = json!({ "name": "Extra", "process": "incident", "field": "extra", "kind": "text" });
    let long_ago = json!({
        "name": "Long ago", "kind": "freeze", "zone": "UTC", "repeats": "once", "from": "2020-01-01T00:00:00Z",
        "until": "2020-01-02T00:00:00Z",
    });
    let made = [
        ("windows", long_ago),
        ("assignment-rules", rule),
        ("models", json!({ "name": "Model", "process": "incident" })),
        ("custom-fields", field),
        ("sign-in-rules", json!({ "name": "Long words", "shortest": 9 })),
        ("templates", json!({ "name": "Template", "body": "Words" })),
        ("macros", json!({ "name": "Macro", "process": "incident", "body": "Words", "internal": true })),
    ];
    for (register, body) in made {
        admin.post(register, body).await.ok();
    }
    let mut all = BTreeMap::new();
    for register in mainstay_processes::registers::ALL {
        let listed = admin.get(register.key).await.ok();
        // The last one, so that what befalls a role is not what befalls the administrators.
        let entry = listed["items"].as_array().and_then(|all| all.last()).expect("an entry");
        all.insert(register.key, entry["id"].as_i64().expect("an id"));
    }
    all
}

/// A service that only one organisation has.
async fn service(admin: &Client, organisation: i64) -> i64 {
    let made = json!({ "name": format!("For {organisation}"), "criticality": "low", "organisations": [organisation] });
    admin.post("services", made).await.ok()["id"].as_i64().expect("an id")
}

/// An agent for one organisation only.
async fn agent_of_bank(stage: &Stage, admin: &Client) -> i64 {
    let cast = &stage.house.cast;
    let roles = admin.get("roles?limit=200&name=Agent").await.ok();
    let made = json!({
        "name": "Agent of the bank", "email": "agent.of.bank@bank.example", "organisation": cast.retail_bank,
        "grants": [{ "role": roles["items"][0]["id"], "organisation": cast.retail_bank }],
    });
    admin.post("people", made).await.ok()["id"].as_i64().expect("an id")
}

/// A view of the team manager's, for all or for nobody else.
async fn view(stage: &Stage, admin: &Client, shared: &str) -> i64 {
    let owner: Json = stage.house.cast.team_manager.into();
    let made = json!({ "name": format!("For {shared}"), "process": "incident", "shared": shared, "owner": owner });
    admin.post("views", made).await.ok()["id"].as_i64().expect("an id")
}
