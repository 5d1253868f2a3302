//! Nobody sees what is not theirs, by any way there is: random worlds, random people, random questions, and an
//! oracle that knows the rules and nothing of the product. Answers equal what the oracle allows, counts included,
//! and no text that is sent holds a word of a record that its reader may not see.

mod answers;
pub mod chance;
mod filters;
mod oracle;
mod questions;
mod world;

use crate::figures::{both_ways, both_ways_by_chance};
use answers::expected;
use chance::Chance;
use mainstay_testing::House;
use questions::{Question, asked};
use world::World;

/// Questions that each person is asked in each half of a world's life.
const QUESTIONS: usize = 45;

/// Asks everybody, lets roles and records change, asks everybody again. Returns how many answers were compared.
async fn live(house: House, seed: u64) -> usize {
    let mut chance = Chance::new(seed ^ 0xA5A5);
    let mut world = World::build(house, seed).await;
    told_rightly(&world).await;
    // So that what has happened lies in a period that has ended.
    world.stage.house.clock.advance_minutes(30);
    let mut cases = question_everybody(&world, &mut chance, true).await;
    figures_agree(&world, &mut chance).await;
    world.turn(&mut chance).await;
    cases += question_everybody(&world, &mut chance, false).await;
    figures_agree(&world, &mut chance).await;
    cases
}

/// What is kept in memory tells everybody the same as the records do.
async fn figures_agree(world: &World, chance: &mut Chance) {
    let (desk, process) = (&world.stage.house.desk, mainstay_processes::ALL[0]);
    let periods = [("2025-05-20", "2025-06-02T08:20:00Z"), ("2025-05-20", "2030-01-01")];
    for person in &world.people {
        both_ways(desk, process, person.id, "2025-05-20").await;
        both_ways_by_chance((desk, process), person.id, &periods, chance, 6).await;
    }
}

async fn question_everybody(world: &World, chance: &mut Chance, fresh: bool) -> usize {
    let mut cases = 0;
    for at in 0..world.people.len() {
        for _ in 0..QUESTIONS {
            let question = Question::random(world, chance);
            let (answer, text) = asked(world, at, &question).await;
            let context = || format!("world {}, {:?}\nasks {question:?}", world.seed, world.people[at]);
            match expected(world, at, &question) {
                Some(expected) => assert_eq!(answer, expected, "{}", context()),
                None => only_seen(world, at, &answer, &context),
            }
            // What somebody was told while they might know it stays in their inbox.
            if fresh || !matches!(question, Question::Notices) {
                nothing_foreign(world, at, &text, &context);
            }
            cases += 1;
        }
    }
    cases
}

fn only_seen(world: &World, at: usize, numbers: &[String], context: &dyn Fn() -> String) {
    for number in numbers {
        let record = world.records.iter().find(|r| r.number == *number).expect("a known record");
        assert!(world.people[at].sees(record), "{number}\n{}", context());
    }
}

/// No word of a closed record, and no internal word of one that is open in public only.
fn nothing_foreign(world: &World, at: usize, text: &str, context: &dyn Fn() -> String) {
    let me = &world.people[at];
    let closed =
        world.records.iter().filter(|r| !me.sees(r)).flat_map(|r| r.secrets(false).into_iter().map(move |s| (r, s)));
    let internal = world
        .records
        .iter()
        .filter(|r| !me.reads_internal(r))
        .flat_map(|r| r.secrets(true).into_iter().map(move |s| (r, s)));
    for (record, secret) in closed.chain(internal) {
        let known = world.records.iter().any(|r| open_by_merge(world, at, r, secret));
        assert!(known || !text.contains(secret), "{} leaks {secret}\n{}\n{text}", record.number, context());
    }
}

/// What was given to a duplicate stands at the survivor too.
fn open_by_merge(world: &World, at: usize, record: &oracle::Record, secret: &str) -> bool {
    let me = &world.people[at];
    me.sees(record)
        && (record.secrets(false).contains(&secret)
            || (me.reads_internal(record) && record.secrets(true).contains(&secret)))
}

/// Nobody was told of a record that they may not see, nor why when that is internal; yet many were told.
async fn told_rightly(world: &World) {
    let sql = "SELECT recipient, subject, body FROM outbox ORDER BY id";
    let messages: Vec<(i64, String, String)> =
        world.stage.house.desk.db().read(move |conn| conn.fetch(sql, &[])).await.expect("the outbox");
    let mut told = 0;
    for (recipient, subject, body) in messages {
        let Some(person) = world.people.iter().find(|p| p.id == recipient) else { continue };
        let names = |number: &str| subject.split([' ', ':']).any(|word| word == number);
        let record = world.records.iter().find(|r| names(&r.number)).expect("every message names its record");
        let context = || format!("world {}, {person:?}\nwas told: {subject}\n{body}", world.seed);
        assert!(person.sees(record), "{}", context());
        assert!(person.reads_internal(record) || !body.contains(&record.why), "{}", context());
        told += 1;
    }
    assert!(told > 30, "{told} messages in world {}", world.seed);
}

async fn worlds(seeds: std::ops::Range<u64>, on: impl AsyncFn() -> House, least: usize) {
    let mut cases = 0;
    for seed in seeds {
        cases += live(on().await, seed).await;
    }
    assert!(cases >= least, "{cases} cases");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_03_s_04_s_06_s_07_gen_04_gen_09_gen_14_nobody_sees_what_is_not_theirs_on_sqlite_one() {
    worlds(1..4, House::sqlite, 3_750).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_03_s_04_s_06_s_07_gen_04_gen_09_gen_14_nobody_sees_what_is_not_theirs_on_sqlite_two() {
    worlds(4..7, House::sqlite, 3_750).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_03_s_04_s_06_s_07_gen_04_gen_09_gen_14_nobody_sees_what_is_not_theirs_on_postgresql() {
    worlds(7..9, House::postgres, 2_500).await;
}
