//! `mainstay bench map`: how long somebody waits for what fails with an item, in a map of any size, and what it takes
//! of memory.

use super::{AGENT, beside};
use crate::failure::Failure;
use crate::installation::Installation;
use crate::progress::Progress;
use crate::settings::Settings;
use crate::terminal::say;
use mainstay_desk::maps::picture::{self, Wanted};
use mainstay_desk::maps::{self, Asked, MOST, Way};
use mainstay_desk::{Channel, Credential, Desk, Session};
use mainstay_processes::transition::configuration_item::CONFIGURATION_ITEM;
use mainstay_store::{entries, hangings};
use std::time::{Duration, Instant};

/// Relations of an item.
const LINKS: u64 = 5;
/// Items in one transaction.
const AT_ONCE: u64 = 5_000;
/// Relations that are followed one after the other.
const HOPS: u32 = 5;
/// Questions that are asked.
const TURNS: u64 = 1_000;
/// Nobody waits longer for an answer, in ms.
const GOAL_MS: f64 = 100.0;
/// Links that are made after the instant that is asked for.
const LATER: u64 = 1_000;
/// Of an instant, which is read around each item anew.
const GOAL_THEN_MS: f64 = 1_000.0;
const TURNS_THEN: u64 = 100;
/// The map takes no more memory, in MB.
const GOAL_MB: u64 = 500;

/// Adds items until there are so many, each with five relations to earlier ones, and measures.
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

/// What an estate is made of: hosts below, platforms on them, applications on top, so that ways are long and few items
/// carry very much.
const CLASSES: [&str; 4] = ["server", "virtual-machine", "database", "application"];

async fn fill(desk: &Desk, count: u64) -> Result<(), Failure> {
    let there = desk.db().read(|conn| conn.one::<i64>("SELECT count(*) FROM configuration_item", &[])).await?;
    let mut progress = Progress::new("Filling", "items");
    let (mut done, mut first) = (u64::try_from(there).unwrap_or_default(), None);
    while done < count {
        let many = AT_ONCE.min(count - done);
        let begun = desk
            .write(&Credential::Engine, Channel::Command, move |session, _| add(session, done, many, first))
            .await?;
        first = Some(first.unwrap_or(begun));
        done += many;
        progress.tell(done, Some(count));
    }
    progress.end();
    Ok(())
}

/// Adds items, and answers the id of the first.
fn add(session: &mut Session<'_>, done: u64, many: u64, first: Option<i64>) -> mainstay_desk::Result<i64> {
    let mut classes = Vec::new();
    for key in CLASSES {
        classes.push(entries::by_key(session.conn, "item-classes", key)?.map(|row| row.id));
    }
    let process = &CONFIGURATION_ITEM;
    let count = usize::try_from(many).unwrap_or_default();
    session.conn.expect_numbers(process.key, count);
    session.conn.expect_rows("record", count);
    let mut begun = first;
    for n in done..done + many {
        let class = classes[usize::try_from(n % 4).unwrap_or_default()];
        let id = beside::item(session, format!("item-{n:07}"), class)?;
        let begin = *begun.get_or_insert(id);
        let earlier = u64::try_from(id - begin).unwrap_or_default();
        for turn in 0..LINKS.min(earlier) {
            // Mostly on what came shortly before, now and then on what carries much.
            let draw = beside::mixed(n * LINKS + turn);
            let back = if draw.is_multiple_of(16) {
                earlier - draw % (earlier / 1_000 + 1)
            } else {
                1 + draw % earlier.min(20_000)
            };
            let to = id - i64::try_from(back).unwrap_or(1);
            hangings::link(session.conn, id, "depends_on", to, None, session.now)?;
        }
    }
    Ok(begun.unwrap_or_default())
}

async fn measure(desk: &Desk, person: i64, count: u64) -> Result<(), Failure> {
    let sql = "SELECT number FROM record WHERE process = $1 ORDER BY id";
    let numbers: Vec<String> = desk.db().read(|conn| conn.fetch(sql, &[CONFIGURATION_ITEM.key.into()])).await?;
    let before = memory_mb();
    let began = Instant::now();
    ask(desk, person, numbers[0].clone(), (What::Answer(Way::Impact), None, None)).await?;
    let (first, took) = (began.elapsed(), memory_mb().saturating_sub(before));
    let links = desk.db().read(|conn| conn.one::<i64>("SELECT count(*) FROM link", &[])).await?;
    say(format!("{count} items and {links} links: read in {:.1} s, {took} MB (goal {GOAL_MB})\n", first.as_secs_f64()));
    say("| question | median ms | p95 ms | p99 ms | most items | |\n|---|---:|---:|---:|---:|---|");
    let now = Some(change(desk).await?);
    let (impact, below, both) = (What::Answer(Way::Impact), What::Answer(Way::Foundations), What::Drawing);
    for (name, what, at) in [
        ("if this fails, 5 hops", impact, None),
        ("if this and two others fail, 5 hops", What::Outage, None),
        ("what it stands on, 5 hops", below, None),
        ("the drawing of both ways, 5 hops", both, None),
        ("if this had failed at a past instant, 5 hops", impact, now),
        ("what it stood on at a past instant, 5 hops", below, now),
        ("the drawing of a past instant, 5 hops", both, now),
    ] {
        let goal = if at.is_some() { GOAL_THEN_MS } else { GOAL_MS };
        let turns = if at.is_some() || matches!(what, What::Drawing) { TURNS_THEN } else { TURNS };
        let mut all: Vec<Duration> = Vec::new();
        let mut most = 0;
        for turn in 0..turns {
            let draw = |n: u64| {
                let place = usize::try_from(beside::mixed(n)).unwrap_or_default() % numbers.len();
                numbers[place].clone()
            };
            let fails =
                matches!(what, What::Outage).then(|| vec![draw(turn), draw(turn + turns), draw(turn + 2 * turns)]);
            let began = Instant::now();
            most = most.max(ask(desk, person, draw(turn), (what, at, fails)).await?);
            all.push(began.elapsed());
        }
        beside::told(name, all, most, goal);
    }
    Ok(())
}

/// What is asked.
#[derive(Clone, Copy)]
enum What {
    Answer(Way),
    /// Several that fail together.
    Outage,
    /// What the page draws.
    Drawing,
}

/// Links items anew, and answers the instant before: what is asked of it leaves out what came later.
async fn change(desk: &Desk) -> Result<i64, Failure> {
    let before = desk.now();
    while desk.now() <= before + 1 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    desk.write(&Credential::Engine, Channel::Command, |session, _| {
        let sql = "SELECT id FROM record WHERE process = $1 ORDER BY id";
        let ids: Vec<i64> = session.conn.fetch(sql, &[CONFIGURATION_ITEM.key.into()])?;
        for turn in 0..LATER {
            let at = usize::try_from(beside::mixed(turn)).unwrap_or_default() % ids.len();
            let to = usize::try_from(beside::mixed(turn + LATER)).unwrap_or_default() % ids.len();
            if at != to {
                hangings::link(session.conn, ids[at], "stored_on", ids[to], None, session.now)?;
            }
        }
        Ok(())
    })
    .await?;
    Ok(before)
}

/// Asks as somebody, and answers how many items came.
async fn ask(
    desk: &Desk,
    person: i64,
    number: String,
    (what, at, fails): (What, Option<i64>, Option<Vec<String>>),
) -> Result<usize, Failure> {
    let who = Credential::Person(person);
    let process = &CONFIGURATION_ITEM;
    let answer = desk.read_map(&who, Channel::Command, move |session, caller| {
        let way = match what {
            What::Answer(way) => way,
            What::Outage => Way::Impact,
            What::Drawing => {
                let wanted = Wanted { depth: HOPS, at, ..Wanted::default() };
                return Ok(picture::picture(session, caller, process, &number, &wanted)?.wide.nodes.len());
            }
        };
        let asked = Asked { way, depth: HOPS, most: MOST, at, fails };
        Ok(maps::impact(session, caller, process, &number, &asked)?.items.len())
    });
    Ok(answer.await?)
}

/// What the process takes of memory.
fn memory_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() / 1024
}
