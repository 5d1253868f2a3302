//! Service-level timers of real records: on two nodes, through a damaged row, after a restart.

use mainstay_desk::{Channel, Credential, Desk, records};
use mainstay_processes::process;
use mainstay_testing::{House, at};
use mainstay_work::Work;
use serde_json::{Map, Value as Json, json};
use std::time::{Duration, Instant};

async fn open(house: &House, title: &str) -> i64 {
    let cast = &house.cast;
    let values = json!({ "title": title, "impact": "high", "urgency": "high", "team": cast.service_desk, "category": cast.network_category });
    let Json::Object(values) = values else { unreachable!("an object") };
    opened(&house.desk, cast.agent, values).await
}

async fn opened(desk: &Desk, person: i64, values: Map<String, Json>) -> i64 {
    let opening = records::Opening { values, ..records::Opening::default() };
    let incident = process("incident").expect("the process");
    let credential = Credential::Person(person);
    let done = desk.write(&credential, Channel::Desk, move |session, caller| {
        Ok(records::open(session, caller, incident, &opening)?.record.id)
    });
    done.await.expect("it opens")
}

async fn waiting(desk: &Desk) -> Option<i64> {
    desk.db().read(mainstay_store::timers::next_due).await.expect("timers can be read")
}

/// Waits until nothing is due any more; fails when that takes far too long.
async fn until_quiet(house: &House) {
    let began = Instant::now();
    while waiting(&house.desk).await.is_some_and(|due| due <= house.clock.reading()) {
        assert!(began.elapsed() < Duration::from_mins(1), "timers are still due");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// How often each message went to one person about one event of one record, the rarest and the most frequent.
async fn spread(house: &House) -> (i64, i64, i64) {
    let sql = "SELECT count(*), min(n), max(n) FROM (SELECT count(*) AS n FROM notice
               WHERE reason LIKE 'res%.%' GROUP BY record, person, reason) AS told";
    house.desk.db().read(move |c| c.one(sql, &[])).await.expect("notices can be counted")
}

async fn count(house: &House, sql: &'static str) -> i64 {
    house.desk.db().read(move |c| c.one(sql, &[])).await.expect("it can be counted")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slm_10_two_nodes_tell_each_warning_and_breach_once() {
    for house in House::both().await {
        for n in 0..30 {
            open(&house, &format!("Down {n}")).await;
        }
        house.clock.set(at("2025-06-03T16:00:00Z"));
        let nodes = [Work::start(&house.desk), Work::start(&house.other_node())];
        until_quiet(&house).await;
        for node in nodes {
            node.stop().await;
        }
        let kind = house.kind();
        let breaches = "SELECT count(*) FROM event WHERE verb = 'resolution.breached'";
        assert_eq!(count(&house, breaches).await, 30, "{kind}");
        let warnings = "SELECT count(*) FROM event WHERE verb IN ('resolution.50', 'resolution.75', 'resolution.90')";
        assert_eq!(count(&house, warnings).await, 90, "{kind}");
        let (told, least, most) = spread(&house).await;
        assert!(told >= 60 && least == 1 && most == 1, "{kind}: {told} messages, {least} to {most} times");
    }
}

#[tokio::test]
async fn a_damaged_clock_holds_up_no_other_and_is_tried_again() {
    for house in House::both().await {
        let damaged = open(&house, "Damaged").await;
        let sound = open(&house, "Sound").await;
        let facts: String = {
            let sql = "SELECT facts FROM clock WHERE record = $1 AND metric = 'resolution'";
            house.desk.db().read(move |c| c.one(sql, &[damaged.into()])).await.expect("facts")
        };
        let write = |facts: String| {
            let sql = "UPDATE clock SET facts = $1 WHERE record = $2 AND metric = 'resolution'";
            house.desk.db().write(move |c| c.run(sql, &[facts.as_str().into(), damaged.into()]))
        };
        write("{".into()).await.expect("it is damaged");
        house.clock.set(at("2025-06-03T16:00:00Z"));
        while house.tick().await > 0 {}
        let late = "SELECT count(*) FROM event WHERE subject_id = $1 AND verb = 'resolution.breached'";
        let breached = |id: i64| house.desk.db().read(move |c| c.one::<i64>(late, &[id.into()]));
        assert_eq!(breached(sound).await.expect("a count"), 1, "the others are told of in time");
        assert_eq!(breached(damaged).await.expect("a count"), 0);
        write(facts).await.expect("it is mended");
        house.advance_to(at("2025-06-03T17:00:01Z")).await;
        assert_eq!(breached(damaged).await.expect("a count"), 1, "what was put off is not forgotten");
    }
}
