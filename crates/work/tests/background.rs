//! What happens without anybody asking for it.

use mainstay_desk::auth::SystemEntropy;
use mainstay_desk::{Clock, Desk, install};
use mainstay_store::testing::{Scratch, both};
use mainstay_store::{Blobs, Conn, NewEvent, NewTimer, events, timers};
use mainstay_work::Work;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

const NOW: i64 = 1_750_000_000_000;

#[derive(Default)]
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

fn desk(db: &Scratch, clock: &Arc<Hand>) -> Desk {
    let blobs = Blobs::open(&db.folder().join("files")).unwrap();
    Desk::new((**db).clone(), blobs, Arc::clone(clock) as Arc<dyn Clock>, Arc::new(SystemEntropy))
}

fn set(conn: &mut Conn, key: &str, due: i64) -> mainstay_store::Result<()> {
    let timer = NewTimer { key: key.into(), due, kind: "test".into(), record: None, clock: None, payload: "{}".into() };
    timers::set(conn, &timer)?;
    let event = NewEvent {
        at: NOW,
        actor: None,
        channel: "engine".into(),
        subject: "test".into(),
        subject_id: 1,
        process: None,
        verb: "set".into(),
        public: false,
        changes: "[]".into(),
        reason: None,
    };
    events::append(conn, &event).map(|_| ())
}

async fn fired(db: &Scratch) -> Vec<String> {
    db.read(|c| c.fetch("SELECT key FROM timer WHERE state = 'fired' ORDER BY key", &[])).await.unwrap()
}

/// Waits until so many have fired; fails when that takes far too long.
async fn until_fired(db: &Scratch, keys: &[&str]) {
    let began = Instant::now();
    while fired(db).await != keys {
        assert!(began.elapsed() < Duration::from_secs(20), "only {:?} fired", fired(db).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn timers_fire_when_due_whether_set_before_or_after_the_start() {
    for db in both() {
        let clock = Arc::new(Hand(AtomicI64::new(NOW)));
        db.write(|c| set(c, "a-overdue", NOW - 5)).await.unwrap();
        db.write(|c| set(c, "z-later", NOW + 3_600_000)).await.unwrap();
        let work = Work::start(&desk(&db, &clock));
        until_fired(&db, &["a-overdue"]).await;
        db.write(|c| set(c, "b-now", NOW)).await.unwrap();
        until_fired(&db, &["a-overdue", "b-now"]).await;
        work.stop().await;
    }
}

#[tokio::test]
async fn two_nodes_fire_each_timer_once_and_both_stop() {
    for db in both() {
        let clock = Arc::new(Hand(AtomicI64::new(NOW)));
        for n in 0..120 {
            db.write(move |c| set(c, &format!("timer-{n:03}"), NOW - n)).await.unwrap();
        }
        let nodes = [Work::start(&desk(&db, &clock)), Work::start(&desk(&db, &clock))];
        let all: Vec<String> = (0..120).map(|n| format!("timer-{n:03}")).collect();
        until_fired(&db, &all.iter().map(String::as_str).collect::<Vec<_>>()).await;
        for node in nodes {
            node.stop().await;
        }
    }
}

#[tokio::test]
async fn a_restored_copy_fires_nothing_until_it_is_taken_into_service() {
    for db in both() {
        let clock = Arc::new(Hand(AtomicI64::new(NOW)));
        let restored = "INSERT INTO setting (key, value, updated) VALUES ($1, '1', 1)";
        db.write(move |c| c.run(restored, &[mainstay_store::RESTORED.into()])).await.unwrap();
        db.write(|c| set(c, "overdue", NOW - 5)).await.unwrap();
        let desk = desk(&db, &clock);
        let work = Work::start(&desk);
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert!(fired(&db).await.is_empty());
        db.write(install::take_into_service).await.unwrap();
        db.write(|c| set(c, "wakes", NOW)).await.unwrap();
        until_fired(&db, &["overdue", "wakes"]).await;
        work.stop().await;
    }
}
