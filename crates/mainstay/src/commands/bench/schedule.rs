//! `mainstay bench schedule`: how long somebody waits for what stands in the way of a change, among so many that are
//! scheduled.

use super::{AGENT, beside};
use crate::failure::Failure;
use crate::installation::Installation;
use crate::progress::Progress;
use crate::settings::Settings;
use crate::terminal::say;
use mainstay_desk::install::{self, Planned};
use mainstay_desk::{Channel, Credential, Desk, Session, records, schedule};
use mainstay_processes::transition::change::CHANGE;
use mainstay_processes::transition::configuration_item::CONFIGURATION_ITEM;
use mainstay_store::{Spine, entries, hangings, record};
use serde_json::json;
use std::time::{Duration, Instant};

/// Services and items that changes touch.
const SERVICES: u64 = 200;
const ITEMS: u64 = 5_000;
/// Items that a change touches, and that an item depends on.
const TOUCHED: u64 = 2;
/// Changes in one transaction.
const AT_ONCE: u64 = 5_000;
/// They lie within so many days from now on.
const DAYS: u64 = 365;
/// Questions that are asked.
const TURNS: u64 = 200;
/// Nobody waits longer for an answer, in ms.
const GOAL_MS: f64 = 200.0;
const MINUTE: i64 = 60_000;
const DAY: i64 = 1_440 * MINUTE;

/// Adds scheduled changes until there are so many, and measures.
///
/// # Errors
/// A database that cannot be made or written.
pub async fn run(settings: Settings, count: u64) -> Result<(), Failure> {
    let installation = Installation::create(settings)?;
    crate::commands::init::prepare(&installation).await?;
    let desk = installation.desk.clone();
    let person = beside::person(&desk, AGENT, &["agent", "requester"]).await?;
    fill(&desk, count).await?;
    measure(&desk, person, count).await?;
    installation.close().await;
    Ok(())
}

async fn fill(desk: &Desk, count: u64) -> Result<(), Failure> {
    let there = desk.db().read(|conn| conn.one::<i64>("SELECT count(*) FROM change", &[])).await?;
    let mut done = u64::try_from(there).unwrap_or_default();
    if done == 0 {
        desk.write(&Credential::Engine, Channel::Command, |session, caller| {
            let service = |n: u64| Planned {
                register: "services",
                key: format!("service-{n}"),
                name: format!("Service {n}"),
                values: json!({ "criticality": "standard" }),
            };
            install::put(session, caller, &(0..SERVICES).map(service).collect::<Vec<_>>())?;
            items(session)
        })
        .await?;
    }
    let mut progress = Progress::new("Filling", "changes");
    while done < count {
        let many = AT_ONCE.min(count - done);
        desk.write(&Credential::Engine, Channel::Command, move |session, _| changes(session, done, many)).await?;
        done += many;
        progress.tell(done, Some(count));
    }
    progress.end();
    Ok(())
}

/// Adds the items, each depending on earlier ones.
fn items(session: &mut Session<'_>) -> mainstay_desk::Result<()> {
    let class = entries::by_key(session.conn, "item-classes", "server")?.map(|row| row.id);
    let mut ids = Vec::new();
    for n in 0..ITEMS {
        let id = beside::item(session, format!("item-{n:04}"), class)?;
        for turn in 0..TOUCHED.min(n) {
            let to: i64 = ids[place(n * TOUCHED + turn, n)];
            hangings::link(session.conn, id, "depends_on", to, None, session.now)?;
        }
        ids.push(id);
    }
    Ok(())
}

fn changes(session: &mut Session<'_>, done: u64, many: u64) -> mainstay_desk::Result<()> {
    let ids = |session: &mut Session<'_>, sql: &str, key: &str| session.conn.fetch::<i64>(sql, &[key.into()]);
    let services = ids(session, "SELECT id FROM entry WHERE register = $1 ORDER BY id", "services")?;
    let items = ids(session, "SELECT id FROM record WHERE process = $1 ORDER BY id", CONFIGURATION_ITEM.key)?;
    let count = usize::try_from(many).unwrap_or_default();
    session.conn.expect_numbers(CHANGE.key, count);
    session.conn.expect_rows("record", count);
    for n in done..done + many {
        let number = session.conn.next_number(CHANGE.key)?;
        let spine = Spine {
            process: CHANGE.key.into(),
            number: format!("{}-{number}", CHANGE.prefix),
            title: format!("Change {n}"),
            state: "scheduled".into(),
            opened: session.now,
            updated: session.now,
            service: Some(services[place(n, services.len() as u64)]),
            ..Spine::default()
        };
        let slots = DAYS * 48;
        let start = session.now / DAY * DAY + i64::try_from(beside::mixed(n) % slots).unwrap_or_default() * 30 * MINUTE;
        let own =
            [("type", "minor".into()), ("planned_start", start.into()), ("planned_end", (start + 120 * MINUTE).into())];
        let id = record::insert(session.conn, records::table(&CHANGE), &spine, &own)?;
        for turn in 0..TOUCHED {
            let item = items[place(n * 7 + turn, items.len() as u64)];
            hangings::link(session.conn, id, "related_to", item, None, session.now)?;
        }
    }
    Ok(())
}

fn place(n: u64, among: u64) -> usize {
    usize::try_from(beside::mixed(n) % among.max(1)).unwrap_or_default()
}

/// What is asked.
#[derive(Clone, Copy)]
enum Question {
    Conflicts,
    Free,
    Week,
}

async fn measure(desk: &Desk, person: i64, count: u64) -> Result<(), Failure> {
    let sql = "SELECT number FROM record WHERE process = $1 ORDER BY id";
    let numbers: Vec<String> = desk.db().read(|conn| conn.fetch(sql, &[CHANGE.key.into()])).await?;
    say(format!("{count} scheduled changes within {DAYS} days\n"));
    say("| question | median ms | p95 ms | p99 ms | most found | |\n|---|---:|---:|---:|---:|---|");
    let questions = [
        ("conflicts of a change", Question::Conflicts),
        ("its conflicts and free slots", Question::Free),
        ("a week of the calendar", Question::Week),
    ];
    for (name, question) in questions {
        let mut all: Vec<Duration> = Vec::new();
        let mut most = 0;
        for turn in 0..TURNS {
            let number = numbers[place(turn, numbers.len() as u64)].clone();
            let began = Instant::now();
            most = most.max(ask(desk, person, number, question).await?);
            all.push(began.elapsed());
        }
        beside::told(name, all, most, GOAL_MS);
    }
    Ok(())
}

/// Asks as somebody, and answers how much was found.
async fn ask(desk: &Desk, person: i64, number: String, question: Question) -> Result<usize, Failure> {
    let work = move |session: &mut Session<'_>, caller: &mainstay_desk::Caller| {
        let (record, _) = records::find(session, caller, &CHANGE, &number)?;
        Ok(match question {
            Question::Conflicts => schedule::of_record(session, caller, &record)?.of[0].len(),
            Question::Free => schedule::shown(session, caller, &CHANGE, &number)?.free.len(),
            Question::Week => {
                let from = record.value("planned_start").as_int().unwrap_or_default();
                let asked = schedule::Asked { from, until: from + 7 * DAY, filter: None };
                schedule::agenda(session, caller, &CHANGE, &asked)?.entries.len()
            }
        })
    };
    Ok(desk.read_long(&Credential::Person(person), Channel::Command, work).await?)
}
