//! `mainstay bench run`: what each operation costs the server, beside what the bare database costs.
//!
//! The server is a process of its own, so that its CPU is told apart from that of the clients.

use super::load::{self, Burst, Send};
use super::raw;
use super::raw_server::Bare;
use super::server::Server;
use super::table::{self, Goals, Line};
use super::{AUDITOR, beside};
use crate::failure::Failure;
use crate::installation::Installation;
use crate::settings::Settings;
use jiff::tz::TimeZone;
use mainstay_desk::auth::cookie;
use mainstay_desk::auth::sessions::{self, Limits, NewSession};
use mainstay_desk::auth::tokens::{self, Drawn, NewToken};
use mainstay_desk::auth::{Occasion, accounts};
use mainstay_desk::reports::Span;
use mainstay_desk::{Channel, Credential};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// What to measure with.
pub struct Plan {
    /// Whose rights the clients have.
    pub person: String,
    /// How long each operation is measured.
    pub span: Duration,
    /// Only operations whose name contains this.
    pub only: String,
    /// Where the figures go beside the terminal.
    pub json: Option<std::path::PathBuf>,
    /// The process of a database server whose CPU counts too.
    pub database_process: Option<u32>,
}

/// Clients that write at the same time, and clients that read.
const WRITERS: usize = 64;
const READERS: usize = 8;
/// Records whose pages are asked for in turn.
const READ: usize = 500;

/// One operation: its name, how many clients do it, its goals, the request of each turn.
struct Operation {
    name: &'static str,
    clients: usize,
    goals: Goals,
    send: Arc<dyn Fn(usize) -> Send + std::marker::Send + Sync>,
}

/// Somebody's claims at API and pages.
struct Claims {
    bearer: String,
    cookie: String,
    /// Of somebody who reads the log.
    auditor: String,
}

/// Measures every operation and prints a table.
///
/// # Errors
/// An installation that is not ready, a person who is not known, a server that does not start.
pub async fn run(settings: Settings, plan: &Plan) -> Result<(), Failure> {
    let known = prepare(&settings, &plan.person).await?;
    let copy = raw::Copy::of(&settings)?;
    let bare = Bare::of(&settings, plan.database_process).await?;
    settle(&settings).await?;
    let server = Server::start(&settings, plan.database_process).await?;
    server.until_quiet().await;
    let (ready, idle) = (server.ready_after(), server.memory().now_mb);
    let mut lines = Vec::new();
    for operation in operations(&known) {
        if !operation.name.contains(&plan.only) {
            continue;
        }
        lines.push(measured(&server, &operation, plan.span).await?);
        server.until_quiet().await;
    }
    let most = server.memory().most_mb;
    server.stop().await?;
    if let Some(copy) = copy {
        let limits = tokio::task::spawn_blocking(move || copy.measure()).await;
        raw::compare(&mut lines, &limits.map_err(|why| Failure::failed(why.to_string()))??);
    }
    if let Some(bare) = bare {
        let limits = tokio::task::spawn_blocking(move || bare.measure()).await;
        raw::compare(&mut lines, &limits.map_err(|why| Failure::failed(why.to_string()))??);
    }
    let process = table::Process { ready, idle_mb: idle, most_mb: most };
    table::print(known.records, &lines);
    table::print_process(&process);
    if let Some(file) = &plan.json {
        let written = std::fs::write(file, table::json(known.records, &lines, &process).to_string());
        written.map_err(|why| Failure::failed(format!("{} cannot be written: {why}.", file.display())))?;
    }
    Ok(())
}

/// Lets the search index catch up before anything is measured.
async fn settle(settings: &Settings) -> Result<(), Failure> {
    let server = Server::start(settings, None).await?;
    server.until_quiet().await;
    server.stop().await
}

/// What is asked for, and by whom.
struct Known {
    /// A token and a session for the person who measures.
    claims: Claims,
    /// Numbers of the newest records.
    numbers: Vec<String>,
    /// Numbers of the newest that are in work.
    open: Vec<String>,
    /// The last month, as the address of a report names it.
    last_month: String,
    /// Numbers of the newest that the person reported.
    own: Vec<String>,
    /// Ids of people in whose name records are made; the one who measures has as many as everybody.
    requesters: Vec<i64>,
    /// How many records there are.
    records: i64,
}

async fn prepare(settings: &Settings, email: &str) -> Result<Known, Failure> {
    let installation = Installation::ready(settings.clone()).await?;
    let (desk, key) = (&installation.desk, installation.key().await?);
    let (address, now) = (email.to_lowercase(), desk.now());
    let account = desk.db().read(move |conn| accounts::find(conn, &address)).await?;
    let person = account.ok_or_else(|| Failure::failed(format!("there is nobody with the address {email}.")))?.person;
    let auditor = beside::person(desk, AUDITOR, &["auditor"]).await?;
    let drawn = Drawn::new(&key, desk.entropy());
    let drawn_sessions = [person, auditor].map(|person| (person, sessions::draw(&key, desk.entropy())));
    let cookies = drawn_sessions.each_ref().map(|(_, (secret, _))| format!("{}={}", cookie::SESSION, secret.reveal()));
    let made = drawn.clone();
    let write = desk.db().write(move |conn| -> mainstay_desk::Result<()> {
        let scopes = vec!["*".to_owned()];
        let new = NewToken { person, name: "Measurement".into(), scopes, expires: Some(now + 86_400_000) };
        tokens::make(conn, Occasion { actor: None, channel: Channel::Command, now }, &new, &made)?;
        for (person, (_, digest)) in &drawn_sessions {
            let (person, address) = (*person, "127.0.0.1".to_owned());
            let session = NewSession { person, mfa: true, address, agent: "measurement".into() };
            sessions::begin(conn, digest, &session, Limits::default(), now)?;
        }
        Ok(())
    });
    write.await?;
    let [cookie, auditor] = cookies;
    let claims = Claims { bearer: drawn.reveal(), cookie, auditor };
    let read = desk.read(&Credential::Engine, Channel::Command, move |session, _| {
        let most = [i64::try_from(READ).unwrap_or(i64::MAX).into()];
        let numbers = session.conn.fetch::<String>(NUMBERS, &most)?;
        let open = session.conn.fetch::<String>(OPEN, &most)?;
        let own = session.conn.fetch::<String>(OWN, &[person.into()])?;
        let requesters = session.conn.fetch::<i64>(REQUESTERS, &[])?;
        Ok((numbers, open, own, requesters, session.conn.one::<i64>("SELECT count(*) FROM incident", &[])?))
    });
    let (numbers, open, own, requesters, records) = read.await?;
    let last_month = Span::read("last_month").map(|span| span.days(now, &TimeZone::UTC));
    let last_month = last_month.map(|(first, last)| format!("from={first}&until={last}")).unwrap_or_default();
    beside::field(desk, &numbers).await?;
    installation.close().await;
    if numbers.is_empty() {
        return Err(Failure::failed("there is nothing to read.").next("Fill it first: mainstay bench fill 10000"));
    }
    Ok(Known { claims, numbers, open, last_month, own, requesters, records })
}

const NUMBERS: &str = "SELECT r.number FROM record r WHERE r.process = 'incident' ORDER BY r.updated DESC LIMIT $1";
const OPEN: &str =
    "SELECT r.number FROM record r WHERE r.process = 'incident' AND r.phase < 2 ORDER BY r.updated DESC LIMIT $1";
const OWN: &str =
    "SELECT r.number FROM record r WHERE r.process = 'incident' AND r.requester = $1 ORDER BY r.id DESC LIMIT 100";
const REQUESTERS: &str = "SELECT id FROM entry WHERE register = 'people' AND active ORDER BY id LIMIT 1000";

async fn measured(server: &Server, operation: &Operation, span: Duration) -> Result<Line, Failure> {
    let burst = Burst { address: server.address(), clients: operation.clients, send: Arc::clone(&operation.send) };
    // Caches and statements are warm in a server that people use.
    load::run(&burst, span / 4).await?;
    let before = server.cpu();
    let run = load::run(&burst, span).await?;
    let spent = server.cpu().saturating_sub(before);
    Ok(Line::of(operation.name, operation.goals, spent, run, server.memory().now_mb))
}

fn operations(known: &Known) -> Vec<Operation> {
    let Known { claims, numbers, open, last_month, own, requesters, .. } = known;
    let list = "filter=priority%20in%20(1,2,3)%20and%20phase%20in%20(0,1)&sort=-opened&limit=50";
    let each = |base: &str, all: &[String], tab: &str| {
        all.iter().map(|number| format!("{base}{number}{tab}")).collect::<Vec<_>>()
    };
    let one = |base: &str| each(base, numbers, "");
    let api = |path: &str| format!("/api/v1/{path}");
    let token = || ("authorization", bearer(claims));
    let cookie = || ("cookie", claims.cookie.clone());
    let cpu = |micros| Goals { cpu: Some(micros), ..Goals::default() };
    let page = |name, path: Vec<String>| reads(name, READERS, PAGE, cookie(), path);
    let counters = COUNTERS.iter().map(|of| api(&format!("incidents?count=only&filter={of}")));
    let mut all = vec![
        reads("API: one incident", READERS, cpu(150.0), token(), one(&api("incidents/"))),
        reads("API: 50 filtered and sorted", READERS, cpu(1500.0), token(), vec![api(&format!("incidents?{list}"))]),
        reads("API: counters of queues", READERS, cpu(2000.0), token(), counters.collect()),
        // One client: how long somebody waits is asked, not how much fits on the machine.
        reads(
            "API: search",
            1,
            SEARCH,
            token(),
            SEARCHES.iter().map(|words| api(&format!("search?q={words}"))).collect(),
        ),
        reads("API: search, commonest word", 1, SEARCH, token(), vec![api("search?q=the")]),
        reads(
            "API: search, common words",
            1,
            SEARCH,
            token(),
            COMMON.iter().map(|words| api(&format!("search?q={words}"))).collect(),
        ),
        page("page: queue", vec!["/incidents".to_owned()]),
        page("page: record", one("/incidents/")),
        page("page: search", vec!["/search?q=vpn".to_owned()]),
        page("page: portal", vec!["/portal".to_owned()]),
    ];
    // How long one person waits for each page, whatever it costs.
    for (name, path) in PAGES {
        all.push(reads(name, 1, ALONE, cookie(), vec![(*path).to_owned()]));
    }
    for (name, path) in ENDED {
        all.push(reads(name, 1, ALONE, cookie(), vec![format!("{path}{last_month}")]));
    }
    for (name, path) in LOG {
        let paths = if path.ends_with('=') { one(path) } else { vec![(*path).to_owned()] };
        all.push(reads(name, 1, ALONE, ("cookie", claims.auditor.clone()), paths));
    }
    let (key, value) = beside::OWN_FIELD;
    let own_field = vec![format!("/incidents?filter={key}%20%3D%20%22{value}%22")];
    all.push(reads("wait: queue by an own field", 1, ALONE, cookie(), own_field));
    for (name, tab) in TABS {
        all.push(reads(name, 1, ALONE, cookie(), each("/incidents/", numbers, tab)));
    }
    if !open.is_empty() {
        all.push(reads("wait: editing a record", 1, ALONE, cookie(), each("/incidents/", open, "/edit")));
    }
    if !own.is_empty() {
        all.push(reads("wait: own request", 1, ALONE, cookie(), each("/portal/requests/", own, "")));
    }
    all.push(creates(claims, requesters.clone()));
    all
}

/// Nobody waits longer for a page.
const ALONE: Goals = Goals { cpu: None, p50_ms: None, p95_ms: Some(10.0), kb: None };
/// The pages that people open, beside records.
const PAGES: &[(&str, &str)] = &[
    ("wait: queue", "/incidents"),
    ("wait: queue as a table", "/incidents?show=table&group=state"),
    ("wait: new record", "/incidents/new"),
    ("wait: search", "/search?q=vpn"),
    ("wait: inbox", "/inbox"),
    ("wait: my work", "/my-work"),
    ("wait: today", "/today?team=all"),
    ("wait: portal", "/portal"),
    ("wait: own requests", "/portal/requests"),
    ("wait: reports", "/reports"),
    ("wait: reports, a team", "/reports?team=mine"),
    ("wait: report, volume", "/reports/incidents/volume"),
    ("wait: report, backlog", "/reports/incidents/backlog"),
    ("wait: report, resolution", "/reports/incidents/resolution"),
    ("wait: report, missed targets", "/reports/incidents/breaches"),
    ("wait: report, first contact", "/reports/incidents/first_contact"),
    ("wait: records behind a figure", "/reports/incidents/volume/records?row=total&column=reopened"),
    ("wait: many records behind a figure", "/reports/incidents/volume/records?row=total&column=opened"),
    ("wait: conditions", "/incidents/filter?filter=priority%20%3C%3D%202"),
    ("wait: administration", "/admin"),
    ("wait: people", "/admin/people"),
    ("wait: exports", "/me/exports"),
];
/// Figures of a month that has ended.
const ENDED: &[(&str, &str)] = &[
    ("wait: reports of a month", "/reports?"),
    ("wait: volume of a month", "/reports/incidents/volume?"),
    ("wait: backlog at the end of a month", "/reports/incidents/backlog?"),
    ("wait: resolution of a month", "/reports/incidents/resolution?"),
    ("wait: missed targets of a month", "/reports/incidents/breaches?"),
    ("wait: volume of a month, a team", "/reports/incidents/volume?team=mine&"),
];
/// What only those who read the log open.
const LOG: &[(&str, &str)] = &[
    ("wait: audit", "/admin/audit"),
    ("wait: audit, one kind of event", "/admin/audit?what=signed_in"),
    ("wait: audit, one record's", "/admin/audit?record="),
];
/// What people open of a record.
const TABS: &[(&str, &str)] = &[
    ("wait: record", ""),
    ("wait: tasks of a record", "/tasks"),
    ("wait: related records", "/related"),
    ("wait: history of a record", "/history"),
    ("wait: all fields of a record", "/details"),
];

/// A page may cost so much and be so long, compressed.
const PAGE: Goals = Goals { cpu: Some(3000.0), p50_ms: None, p95_ms: None, kb: Some(30.0) };
/// Nobody waits for a search.
const SEARCH: Goals = Goals { cpu: None, p50_ms: Some(2.0), p95_ms: Some(30.0), kb: None };

/// What stands beside the queues of an agent.
const COUNTERS: &[&str] = &[
    "assignee%20=%20me%20and%20phase%20in%20(0,1)",
    "team%20in%20my_teams%20and%20phase%20in%20(0,1)",
    "assignee%20is%20empty%20and%20phase%20in%20(0,1)",
    "due%20%3C%20now%20and%20phase%20in%20(0,1)",
];

/// Rare and common words, two together, a beginning.
const SEARCHES: &[&str] = &["vpn", "printer%20paper", "cannot%20sign%20in", "mailbox", "slow", "outl"];

/// Words that are in most records, two of them, a phrase of them.
const COMMON: &[&str] = &["the", "to", "the%20is", "%22it%20is%22", "since%20the%20morning"];

fn bearer(claims: &Claims) -> String {
    format!("Bearer {}", claims.bearer)
}

fn reads(
    name: &'static str,
    clients: usize,
    goals: Goals,
    claim: (&'static str, String),
    paths: Vec<String>,
) -> Operation {
    let send = move |turn: usize| Send {
        method: "GET",
        path: paths[turn % paths.len()].clone(),
        headers: vec![claim.clone(), ("accept-encoding", "gzip".to_owned())],
        body: String::new(),
    };
    Operation { name, clients, goals, send: Arc::new(send) }
}

/// The goal of creation is told by the bare database.
fn creates(claims: &Claims, requesters: Vec<i64>) -> Operation {
    let (bearer, run) = (bearer(claims), claims.bearer[claims.bearer.len() - 8..].to_owned());
    let send = move |turn: usize| Send {
        method: "POST",
        path: "/api/v1/incidents".to_owned(),
        headers: vec![
            ("authorization", bearer.clone()),
            ("content-type", "application/json".to_owned()),
            ("idempotency-key", format!("{run}-{turn}")),
        ],
        body: json!({
            "title": format!("VPN drops every twenty minutes ({turn})"),
            "symptoms": "Since this morning the connection is lost again and again, on floor 3 only.",
            "impact": "medium",
            "urgency": "medium",
            "requester": requesters[turn % requesters.len()],
        })
        .to_string(),
    };
    Operation { name: table::CREATE, clients: WRITERS, goals: Goals::default(), send: Arc::new(send) }
}
