//! What a closure may rely on, on both databases: all or nothing, alone or in a group, and never half.

use mainstay_store::testing::{Scratch, both, sqlite};
use mainstay_store::{Broke, Conn, Error, Json, Result, Value, hangings};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

fn put(c: &mut Conn, key: &str, value: &str) -> Result<u64> {
    c.run("INSERT INTO setting (key, value, updated) VALUES ($1, $2, $3)", &[key.into(), value.into(), Value::Int(1)])
}

async fn keys(db: &Scratch) -> Vec<String> {
    db.read(|c| c.fetch("SELECT key FROM setting ORDER BY key", &[])).await.unwrap()
}

#[tokio::test]
async fn what_a_closure_wrote_is_kept_or_undone_as_a_whole() {
    for db in both() {
        db.write(|c| put(c, "a", "1").and_then(|_| put(c, "b", "2"))).await.unwrap();
        let refused: Result<()> = db.write(|c| put(c, "c", "3").and(Err(Error::Query("a rule said no".into())))).await;
        assert_eq!(refused, Err(Error::Query("a rule said no".into())));
        assert_eq!(keys(&db).await, ["a", "b"]);
    }
}

#[tokio::test]
async fn placeholders_stand_for_their_number_not_their_order() {
    for db in both() {
        let sql = "INSERT INTO setting (key, value, updated) VALUES ($2, $3, $1)";
        db.write(move |c| c.run(sql, &[Value::Int(7), "k".into(), "v".into()])).await.unwrap();
        let row: (String, String, i64) = db
            .read(|c| {
                c.one(
                    "SELECT key, value, updated FROM setting WHERE updated = $2 AND key = $1 AND updated = $2",
                    &["k".into(), Value::Int(7)],
                )
            })
            .await
            .unwrap();
        assert_eq!(row, ("k".into(), "v".into(), 7));
    }
}

#[tokio::test]
async fn every_kind_of_value_comes_back_as_it_went_in() {
    for db in both() {
        let id: i64 = db
            .write(|c| {
                c.one(
                    "INSERT INTO entry (register, key, name, active, version, data, created, updated)
                     VALUES ('person', 'p', $1, $2, 1, $3, 0, 0) RETURNING id",
                    &["Ünï 'quoted'".into(), true.into(), r#"{"a": [1, true]}"#.into()],
                )
            })
            .await
            .unwrap();
        let sql = "SELECT name, active, data, organisation, id FROM entry WHERE id = $1";
        let (name, active, data, organisation, same): (String, bool, Json, Option<i64>, i64) =
            db.read(move |c| c.one(sql, &[id.into()])).await.unwrap();
        assert_eq!((name.as_str(), active, organisation, same), ("Ünï 'quoted'", true, None, id));
        assert_eq!(data.parse::<serde_json::Value>().unwrap(), serde_json::json!({"a": [1, true]}));
    }
}

#[tokio::test]
async fn a_swallowed_statement_error_is_not_committed() {
    for db in both() {
        let answer: Result<()> = db
            .write(|c| {
                put(c, "kept?", "1")?;
                let _ = put(c, "kept?", "again");
                Ok(())
            })
            .await;
        assert!(matches!(answer, Err(Error::Conflict { broke: Broke::Unique, .. })), "{answer:?}");
        assert!(keys(&db).await.is_empty());
    }
}

#[tokio::test]
async fn an_attempt_fails_alone() {
    for db in both() {
        db.write(|c| {
            put(c, "a", "1")?;
            let again: Result<u64> = c.attempt(|c| put(c, "b", "2").and_then(|_| put(c, "a", "1")));
            assert!(again.is_err());
            put(c, "c", "3")
        })
        .await
        .unwrap();
        assert_eq!(keys(&db).await, ["a", "c"]);
    }
}

#[tokio::test]
async fn constraints_are_named_alike_on_both_databases() {
    let entry = "INSERT INTO entry (register, key, name, active, version, data, created, updated)
        VALUES ('team', 'desk', 'Desk', TRUE, 1, '{}', 0, 0)";
    for db in both() {
        db.write(move |c| c.run(entry, &[])).await.unwrap();
        let twice = db.write(move |c| c.run(entry, &[])).await.unwrap_err();
        let named = Error::Conflict { broke: Broke::Unique, constraint: "entry_register_key_key".into() };
        assert_eq!(twice, named);
        let nobody = "INSERT INTO party (record, entry, role) VALUES (1, 1, 'watcher')";
        let dangling = db.write(move |c| c.run(nobody, &[])).await.unwrap_err();
        assert!(matches!(dangling, Error::Conflict { broke: Broke::Reference, .. }), "{dangling:?}");
        let empty = "INSERT INTO setting (key, value, updated) VALUES ('k', NULL, 0)";
        let missing = db.write(move |c| c.run(empty, &[])).await.unwrap_err();
        assert_eq!(missing, Error::Conflict { broke: Broke::Required, constraint: "setting.value".into() });
    }
}

#[tokio::test]
async fn a_panic_undoes_its_own_changes_and_nothing_else_stops() {
    for db in both() {
        let answer: Result<()> = db
            .write(|c| {
                put(c, "a", "1")?;
                panic!("a mistake");
            })
            .await;
        assert_eq!(answer, Err(Error::Panicked("a mistake".into())));
        let read: Result<i64> = db.read(|_| panic!("another")).await;
        assert_eq!(read, Err(Error::Panicked("another".into())));
        db.write(|c| put(c, "b", "2")).await.unwrap();
        assert_eq!(keys(&db).await, ["b"]);
    }
}

#[tokio::test]
async fn callers_in_one_group_are_judged_alone() {
    for db in both() {
        let db = Arc::new(db);
        let calls: Vec<_> = (0..200)
            .map(|i| {
                let db = Arc::clone(&db);
                tokio::spawn(async move {
                    let answer: Result<()> = db
                        .write(move |c| {
                            put(c, &format!("{i:03}"), "x")?;
                            match i % 4 {
                                1 => Err(Error::Stale),
                                2 => panic!("no"),
                                3 => put(c, "000", "taken").map(|_| ()),
                                _ => Ok(()),
                            }
                        })
                        .await;
                    (i, answer.is_ok())
                })
            })
            .collect();
        for call in calls {
            let (i, kept) = call.await.unwrap();
            // Number 3 may come before number 0 and then wins; all others are certain.
            assert!(kept == (i % 4 == 0) || i == 0 || i % 4 == 3, "{i}");
        }
        let kept = keys(&db).await;
        assert!(kept.iter().all(|key| key.parse::<u32>().unwrap() % 4 % 3 == 0), "{kept:?}");
        assert!(kept.len() >= 50, "{}", kept.len());
    }
}

#[tokio::test]
async fn a_closure_that_ends_the_shared_transaction_harms_nobody_else() {
    let db = Arc::new(sqlite());
    let calls: Vec<_> = (0..20)
        .map(|i| {
            let db = Arc::clone(&db);
            tokio::spawn(async move {
                let run = AtomicU32::new(0);
                db.write(move |c| {
                    run.fetch_add(1, Ordering::Relaxed);
                    put(c, &format!("{i:02}"), "x")?;
                    if i == 7 { c.batch("ROLLBACK") } else { Ok(()) }
                })
                .await
            })
        })
        .collect();
    let mut refused = Vec::new();
    for (i, call) in calls.into_iter().enumerate() {
        if call.await.unwrap().is_err() {
            refused.push(i);
        }
    }
    assert_eq!(refused, [7]);
    assert_eq!(keys(&db).await.len(), 19);
}

#[tokio::test]
async fn a_closure_cannot_end_its_transaction_by_a_statement() {
    for db in both() {
        let answer = db.write(|c| put(c, "a", "1").and_then(|_| c.run("COMMIT", &[]))).await;
        assert!(matches!(answer, Err(Error::Query(_))), "{answer:?}");
        assert!(keys(&db).await.is_empty());
    }
}

#[tokio::test]
async fn a_read_sees_one_moment() {
    for db in both() {
        let db = Arc::new(db);
        db.write(|c| put(c, "a", "1")).await.unwrap();
        let (writer, runtime) = (Arc::clone(&db), tokio::runtime::Handle::current());
        let reader = Arc::clone(&db);
        let count = tokio::task::spawn_blocking(move || {
            reader.read_blocking(move |c| {
                let before: i64 = c.one("SELECT count(*) FROM setting", &[])?;
                let writer = Arc::clone(&writer);
                runtime.block_on(async move { writer.write(|c| put(c, "b", "2")).await })?;
                let after: i64 = c.one("SELECT count(*) FROM setting", &[])?;
                Ok::<_, Error>((before, after))
            })
        });
        // On PostgreSQL the closure runs on a thread of the store, from where the runtime can be entered as well.
        assert_eq!(count.await.unwrap().unwrap(), (1, 1));
        assert_eq!(keys(&db).await.len(), 2);
    }
}

#[tokio::test]
async fn a_read_cannot_write() {
    for db in both() {
        assert!(db.read(|c| put(c, "a", "1")).await.is_err());
        assert!(keys(&db).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn contention_is_run_again_until_it_succeeds() {
    for db in both() {
        let db = Arc::new(db);
        db.write(|c| put(c, "a", "0").and_then(|_| put(c, "b", "0"))).await.unwrap();
        let calls: Vec<_> = (0..40)
            .map(|i| {
                let db = Arc::clone(&db);
                // Opposite orders: PostgreSQL finds deadlocks and ends one side.
                let (first, second) = if i % 2 == 0 { ("a", "b") } else { ("b", "a") };
                tokio::spawn(async move {
                    db.write(move |c| {
                        let add = "UPDATE setting SET updated = updated + 1 WHERE key = $1";
                        c.run(add, &[first.into()])?;
                        c.run(add, &[second.into()])
                    })
                    .await
                })
            })
            .collect();
        for call in calls {
            call.await.unwrap().unwrap();
        }
        let sum: i64 = db.read(|c| c.one("SELECT CAST(sum(updated) AS BIGINT) FROM setting", &[])).await.unwrap();
        assert_eq!(sum, 82);
    }
}

#[tokio::test]
async fn numbers_are_handed_out_once_and_in_order() {
    for db in both() {
        let first: i64 = db.write(|c| c.next_number("incident")).await.unwrap();
        let second: i64 = db.write(|c| c.next_number("incident")).await.unwrap();
        assert_eq!((first, second), (1, 2));
    }
}

#[tokio::test]
async fn a_closed_database_says_so() {
    for db in both() {
        db.close();
        let answer = db.write(|c| put(c, "a", "1")).await;
        assert!(matches!(answer, Err(Error::Unavailable(_))), "{answer:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_away_is_unavailable_and_not_a_mistake() {
    let config = mainstay_store::Config::new("postgres://nobody@127.0.0.1:1/none");
    let db = mainstay_store::Db::open(&config).unwrap();
    let answer = db.read(|c| c.one::<i64>("SELECT CAST(1 AS BIGINT)", &[])).await;
    assert!(matches!(answer, Err(Error::Unavailable(_))), "{answer:?}");
    tokio::task::spawn_blocking(move || db.close()).await.unwrap();
}

#[tokio::test]
async fn a_connection_the_server_cut_is_replaced() {
    let db = mainstay_store::testing::postgres();
    for _ in 0..3 {
        let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        db.write(move |c| c.one::<i64>(cut, &[])).await.unwrap();
        let seen: i64 = db.read(|c| c.one("SELECT count(*) FROM setting", &[])).await.unwrap();
        assert_eq!(seen, 0);
    }
}

#[tokio::test]
async fn a_full_disk_is_told_apart_and_reads_go_on() {
    let db = sqlite();
    let pages: i64 = db.read(|c| c.one("PRAGMA page_count", &[])).await.unwrap();
    db.write(move |c| c.fetch::<i64>(&format!("PRAGMA max_page_count = {}", pages + 2), &[])).await.unwrap();
    let mut last = Ok(0);
    for i in 0..40 {
        last = db.write(move |c| put(c, &format!("{i}"), &"x".repeat(1000))).await;
        if last.is_err() {
            break;
        }
    }
    assert!(matches!(last, Err(Error::Full(_))), "{last:?}");
    let before = keys(&db).await.len();
    db.write(move |c| c.fetch::<i64>("PRAGMA max_page_count = 100000", &[])).await.unwrap();
    db.write(|c| put(c, "room again", "x")).await.unwrap();
    assert_eq!(keys(&db).await.len(), before + 1);
}

#[tokio::test]
async fn events_cannot_be_altered() {
    for db in both() {
        let add = "INSERT INTO event (at, channel, subject, subject_id, verb, public, changes)
            VALUES (1, 'web', 'record', 1, 'opened', TRUE, '{}')";
        db.write(move |c| c.run(add, &[])).await.unwrap();
        for sql in ["UPDATE event SET verb = 'closed'", "DELETE FROM event"] {
            let refused = db.write(move |c| c.run(sql, &[])).await.unwrap_err();
            assert_eq!(refused, Error::Conflict { broke: Broke::Rule, constraint: "events are append-only".into() });
        }
    }
    let db = mainstay_store::testing::postgres();
    assert!(db.write(|c| c.run("TRUNCATE event CASCADE", &[])).await.is_err());
}

#[tokio::test]
async fn what_a_decision_rests_on_stays_until_it_is_written() {
    for db in both() {
        let (one, other) = db.write(|c| Ok::<_, Error>((record(c, "A")?, record(c, "B")?))).await.unwrap();
        db.write(move |c| hangings::link(c, one, "child", other, None, 1)).await.unwrap();
        let (read, when_read) = tokio::sync::oneshot::channel();
        let mut read = Some(read);
        let decides = db.write(move |c| {
            let around = hangings::around_held(c, one)?;
            let _ = read.take().map(|read| read.send(()));
            // Long enough for somebody who need not wait.
            std::thread::sleep(Duration::from_millis(300));
            let still = hangings::around(c, one)?;
            c.run("UPDATE record SET title = 'decided' WHERE id = $1", &[one.into()])?;
            Ok::<_, Error>((around, still))
        });
        let changes = async {
            when_read.await.unwrap();
            db.write(move |c| c.run("UPDATE record SET phase = 3 WHERE id = $1", &[other.into()])).await.unwrap();
        };
        let (decided, ()) = tokio::join!(decides, changes);
        let (around, still) = decided.unwrap();
        assert_eq!((around.links[0].id, around.links[0].phase), (other, 0));
        assert_eq!(around, still, "nobody changed it in between");
        assert_eq!(db.read(move |c| hangings::around(c, one)).await.unwrap().links[0].phase, 3);
    }
}

fn record(c: &mut Conn, number: &str) -> Result<i64> {
    c.one(
        "INSERT INTO record (process, number, title, state, phase, restricted, opened, updated, version)
         VALUES ('incident', $1, 'Matter', 'new', 0, $2, 1, 1, 1) RETURNING id",
        &[number.into(), false.into()],
    )
}

#[tokio::test]
async fn a_read_ends_with_the_time_of_whoever_waits_for_it() {
    const ENDLESS: &str =
        "WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
    for db in both() {
        let long = db.read_long(|conn| conn.one::<i64>(ENDLESS, &[]));
        let ended = mainstay_store::limited(Duration::from_millis(300), long).await;
        assert_eq!(ended, Err(Error::TooLong), "{:?}", db.dialect());
        // The connection goes on, and what nobody waits for takes its time.
        for _ in 0..20 {
            assert_eq!(db.read(|conn| conn.one::<i64>("SELECT CAST(7 AS BIGINT)", &[])).await, Ok(7));
        }
        let count = "WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT max(i) FROM n";
        assert_eq!(db.read_long(move |conn| conn.one::<i64>(count, &[])).await, Ok(3_000_000));
    }
}
