//! What happens over time, on both databases: events in order, timers and jobs once, leases with fences.

mod common;
mod scopes;

use common::{INCIDENT, insert, spine};
use mainstay_store::testing::{both, postgres};
use mainstay_store::{
    Conn, Db, Error, NewEvent, NewMessage, NewTimer, Result, ScopeParts, events, jobs, leases, outbox, record, timers,
};
use scopes::{scope, system};
use std::sync::Arc;
use std::sync::mpsc::channel;

fn opened(record: i64, public: bool) -> NewEvent {
    NewEvent {
        at: 5,
        actor: None,
        channel: "desk".into(),
        subject: "record".into(),
        subject_id: record,
        process: Some("incident".into()),
        verb: "opened".into(),
        public,
        changes: "[]".into(),
        reason: None,
    }
}

#[tokio::test]
async fn events_come_back_in_order_and_internal_ones_only_with_proof() {
    for db in both() {
        let id = insert(&db, spine(1), vec![]).await;
        let mut commits = db.on_commit();
        let (first, second) = db
            .write(move |c| {
                let first = events::append(c, &opened(id, true))?;
                let second = events::append(c, &opened(id, false))?;
                assert_eq!(events::newest(c)?, second);
                Ok::<_, Error>((first, second))
            })
            .await
            .unwrap();
        assert_eq!(*commits.wait_for(|newest| *newest >= second).await.unwrap(), second);

        let read = |seen: mainstay_store::Seen| db.read(move |c| events::of_record(c, &seen, 0, 10));
        let found = db.read(move |c| record::find(c, &system(), id)).await.unwrap();
        let staff: Vec<_> = read(system().see(&found)).await.unwrap().iter().map(|e| e.id).collect();
        assert_eq!(staff, [first, second]);
        let own = scope(ScopeParts { person: Some(1), ..ScopeParts::default() });
        let portal: Vec<_> = read(own.see(&found)).await.unwrap().iter().map(|e| e.id).collect();
        assert_eq!(portal, [first]);

        let rest: Vec<_> = db.events_after(&system(), first, 10).await.unwrap().iter().map(|e| e.id).collect();
        assert_eq!(rest, [second]);
        assert_eq!(db.events_after(&own, 0, 10).await, Err(Error::Missing), "the log is not for persons");
    }
}

#[tokio::test]
async fn an_undone_event_wakes_nobody() {
    for db in both() {
        let id = insert(&db, spine(1), vec![]).await;
        let commits = db.on_commit();
        let refused: Result<()> = db.write(move |c| events::append(c, &opened(id, true)).and(Err(Error::Stale))).await;
        assert_eq!(refused, Err(Error::Stale));
        assert_eq!(*commits.borrow(), 0);
        assert!(db.events_after(&system(), 0, 10).await.unwrap().is_empty());
    }
}

/// One transaction draws an id and lingers while another draws a later one and commits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_of_the_log_never_passes_an_event_that_is_still_on_its_way() {
    let db = Arc::new(postgres());
    let (drawn, was_drawn) = channel();
    let (go_on, may_go_on) = channel::<()>();
    let may_go_on = std::sync::Mutex::new(may_go_on);
    let slow = tokio::spawn({
        let db = Arc::clone(&db);
        async move {
            db.write(move |c| {
                let id = events::append(c, &opened(1, true))?;
                drawn.send(id).unwrap();
                may_go_on.lock().unwrap().recv().unwrap();
                Ok::<_, Error>(id)
            })
            .await
        }
    });
    let early = tokio::task::spawn_blocking(move || was_drawn.recv().unwrap()).await.unwrap();
    let late = db.write(|c| events::append(c, &opened(2, true))).await.unwrap();
    assert!(late > early);
    assert_eq!(db.events_after(&system(), 0, 10).await.unwrap(), [], "the later one has to wait");
    go_on.send(()).unwrap();
    slow.await.unwrap().unwrap();
    let both: Vec<_> = db.events_after(&system(), 0, 10).await.unwrap().iter().map(|e| e.id).collect();
    assert_eq!(both, [early, late]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_of_the_log_misses_nothing_while_many_write() {
    for db in both() {
        let db = Arc::new(db);
        let writers: Vec<_> = (0..120)
            .map(|n| {
                let db = Arc::clone(&db);
                tokio::spawn(async move {
                    let answer: Result<()> = db
                        .write(move |c| {
                            events::append(c, &opened(n, true))?;
                            events::append(c, &opened(n, true))?;
                            if n % 7 == 0 { Err(Error::Stale) } else { Ok(()) }
                        })
                        .await;
                    answer.is_ok()
                })
            })
            .collect();
        let mut followed = Vec::new();
        let mut kept = 0;
        for writer in writers {
            followed.extend(follow(&db, followed.last().copied()).await);
            kept += if writer.await.unwrap() { 2 } else { 0 };
        }
        followed.extend(follow(&db, followed.last().copied()).await);
        assert_eq!(followed.len(), kept);
        assert!(followed.is_sorted_by(|a, b| a < b));
    }
}

async fn follow(db: &Db, after: Option<i64>) -> Vec<i64> {
    db.events_after(&system(), after.unwrap_or(0), 1000).await.unwrap().iter().map(|e| e.id).collect()
}

fn timer(key: &str, due: i64) -> NewTimer {
    NewTimer { key: key.into(), due, kind: "state".into(), record: None, clock: None, payload: "{}".into() }
}

fn keys(c: &mut Conn, now: i64) -> Result<Vec<String>> {
    Ok(timers::take_due(c, now, 10)?.into_iter().map(|timer| timer.key).collect())
}

#[tokio::test]
async fn a_timer_fires_once_when_due_and_can_be_moved_or_cancelled() {
    for db in both() {
        db.write(|c| [("a", 10), ("b", 20), ("c", 30)].iter().try_for_each(|(k, due)| timers::set(c, &timer(k, *due))))
            .await
            .unwrap();
        assert_eq!(db.read(timers::next_due).await.unwrap(), Some(10));
        assert_eq!(db.write(|c| keys(c, 25)).await.unwrap(), ["a", "b"]);
        assert!(db.write(|c| keys(c, 25)).await.unwrap().is_empty());
        db.write(|c| timers::set(c, &timer("a", 40)).and_then(|()| timers::cancel(c, "c"))).await.unwrap();
        assert_eq!(db.write(|c| keys(c, 50)).await.unwrap(), ["a"]);
        let undone: Result<()> = db
            .write(|c| {
                timers::set(c, &timer("d", 1))?;
                timers::take_due(c, 50, 10)?;
                Err(Error::Stale)
            })
            .await;
        assert_eq!(undone, Err(Error::Stale));
        assert_eq!(db.read(timers::next_due).await.unwrap(), None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_share_timers_and_jobs_without_doing_any_twice() {
    for db in both() {
        db.write(|c| (0..60).try_for_each(|n| timers::set(c, &timer(&format!("{n}"), n)))).await.unwrap();
        db.write(|c| (0..60).try_for_each(|n| jobs::insert(c, "kind", "{}", n).map(|_| ()))).await.unwrap();
        let other = Db::open(&mainstay_store::Config::new(db.url())).unwrap();
        let mut tasks = Vec::new();
        for node in [Db::clone(&db), other.clone()] {
            for _ in 0..20 {
                let node = node.clone();
                tasks.push(tokio::spawn(async move {
                    node.write(|c| {
                        let fired = timers::take_due(c, 1000, 5)?;
                        let taken = jobs::take(c, 1000, 2000, 5)?;
                        Ok::<_, Error>((fired, taken))
                    })
                    .await
                    .unwrap()
                }));
            }
        }
        let (mut fired, mut taken) = (Vec::new(), Vec::new());
        for task in tasks {
            let (some, more) = task.await.unwrap();
            fired.extend(some.into_iter().map(|timer| timer.id));
            taken.extend(more.into_iter().map(|job| job.id));
        }
        for ids in [&mut fired, &mut taken] {
            assert_eq!(ids.len(), 60, "each comes out once, on whichever node");
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), 60);
        }
        tokio::task::spawn_blocking(move || other.close()).await.unwrap();
    }
}

#[tokio::test]
async fn a_job_whose_node_died_comes_back() {
    for db in both() {
        let id = db.write(|c| jobs::insert(c, "digest", "{}", 10)).await.unwrap();
        let take = |now| db.write(move |c| jobs::take(c, now, now + 100, 5));
        assert!(take(5).await.unwrap().is_empty());
        assert_eq!(take(10).await.unwrap()[0].attempts, 1);
        assert!(take(50).await.unwrap().is_empty());
        assert_eq!(take(110).await.unwrap()[0].attempts, 2);
        db.write(move |c| jobs::delay(c, id, 500, "away")).await.unwrap();
        assert!(take(400).await.unwrap().is_empty());
        assert_eq!(take(500).await.unwrap()[0].attempts, 3);
        db.write(move |c| jobs::finish(c, id)).await.unwrap();
        assert!(take(5000).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_message_is_held_while_sent_and_tried_again_until_it_is() {
    for db in both() {
        let record = insert(&db, spine(1), vec![]).await;
        let id = db
            .write(move |c| {
                let event = events::append(c, &opened(record, true))?;
                let message = NewMessage {
                    event,
                    audience: "requester".into(),
                    recipient: None,
                    address: Some("amira@example.org".into()),
                    template: "opened".into(),
                    subject: "INC-1".into(),
                    body: "We have it.".into(),
                    created: 10,
                };
                outbox::insert(c, &message)
            })
            .await
            .unwrap();
        let take = |now| db.write(move |c| outbox::take(c, now, now + 100, 5));
        assert_eq!(take(10).await.unwrap()[0].address.as_deref(), Some("amira@example.org"));
        assert!(take(20).await.unwrap().is_empty());
        db.write(move |c| outbox::delay(c, id, 300, "greylisted")).await.unwrap();
        assert!(take(200).await.unwrap().is_empty());
        assert_eq!(take(300).await.unwrap()[0].attempts, 2);
        db.write(move |c| outbox::sent(c, id, 301)).await.unwrap();
        assert!(take(9000).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_lease_has_one_holder_and_a_late_one_is_found_out() {
    for db in both() {
        let take = |holder: &'static str, now: i64| db.write(move |c| leases::take(c, "feed", holder, now, now + 100));
        let check = |fence: i64| db.write(move |c| leases::check_fence(c, "feed", fence));
        assert_eq!(take("a", 0).await, Ok(Some(1)));
        assert_eq!(take("b", 50).await, Ok(None));
        assert_eq!(take("a", 60).await, Ok(Some(1)), "renewed");
        assert_eq!(take("b", 160).await, Ok(Some(2)), "expired");
        assert_eq!(check(1).await, Err(Error::Stale));
        assert_eq!(check(2).await, Ok(()));
        db.write(|c| leases::end(c, "feed", 2)).await.unwrap();
        assert_eq!(take("a", 161).await, Ok(Some(3)));
    }
}

#[tokio::test]
async fn a_record_locked_for_change_makes_others_wait_and_not_fail() {
    let db = Arc::new(postgres());
    let id = insert(&db, spine(1), vec![]).await;
    let tasks: Vec<_> = (0..12)
        .map(|_| {
            let db = Arc::clone(&db);
            tokio::spawn(async move {
                db.write(move |c| {
                    let found = record::load(c, &system(), &INCIDENT, id)?;
                    let next = found.spine.opened + 1;
                    record::update(c, &INCIDENT, id, found.spine.version, &[("opened", next.into())], &[])
                })
                .await
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let found = db.read(move |c| record::find(c, &system(), id)).await.unwrap();
    assert_eq!((found.version, found.opened), (13, 1013));
}
