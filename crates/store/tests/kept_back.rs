//! Statements that nobody waits for: on `PostgreSQL` they are kept back and sent together, and nobody can tell.

use mainstay_store::testing::{Scratch, both, postgres};
use mainstay_store::{Broke, Conn, Error, Result, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

const PUT: &str = "INSERT INTO setting (key, value, updated) VALUES ($1, $2, $3)";

fn put(c: &mut Conn, key: &str) -> Result<()> {
    c.run_later(PUT, &[key.into(), "x".into(), Value::Int(1)])
}

fn entry(c: &mut Conn, key: &str) -> Result<i64> {
    let sql = "INSERT INTO entry (register, key, name, active, organisation, version, data, created, updated)
        VALUES ('team', $1, $2, TRUE, $3, 1, $4, 0, 0)";
    c.insert(
        sql,
        &[key.into(), "It's \"quoted\", \\ {and, listed}".into(), Value::Null, r#"{"a": [null, "b"]}"#.into()],
    )
}

/// Id, key, name, organisation, instant and flag of a version, number of references.
type Arrived = (i64, String, String, Option<i64>, i64, bool, i64);

async fn keys(db: &Scratch) -> Vec<String> {
    db.read(|c| c.fetch("SELECT key FROM setting ORDER BY key", &[])).await.unwrap()
}

#[tokio::test]
async fn a_question_sees_what_was_written_before_it() {
    for db in both() {
        let seen: (i64, i64) = db
            .write(|c| {
                put(c, "a")?;
                let before = c.one("SELECT count(*) FROM setting", &[])?;
                put(c, "b")?;
                c.run_later("UPDATE setting SET updated = updated + 1", &[])?;
                Ok::<_, Error>((before, c.one("SELECT CAST(sum(updated) AS BIGINT) FROM setting", &[])?))
            })
            .await
            .unwrap();
        assert_eq!(seen, (1, 4));
        assert_eq!(keys(&db).await, ["a", "b"]);
    }
}

#[tokio::test]
async fn a_failure_is_told_at_the_end_and_nothing_is_kept() {
    for db in both() {
        db.write(|c| put(c, "taken")).await.unwrap();
        let twice = db.write(|c| put(c, "a").and_then(|()| put(c, "taken")).and_then(|()| put(c, "b"))).await;
        assert!(matches!(twice, Err(Error::Conflict { broke: Broke::Unique, .. })), "{twice:?}");
        assert_eq!(keys(&db).await, ["taken"]);
    }
}

#[tokio::test]
async fn a_failure_is_told_by_the_next_question_with_its_own_statement() {
    for db in both() {
        let failed: Result<i64> = db
            .write(|c| {
                put(c, "a")?;
                c.run_later("UPDATE setting SET nothing = 1", &[])?;
                c.one("SELECT count(*) FROM setting", &[])
            })
            .await;
        assert!(matches!(&failed, Err(Error::Query(why)) if why.ends_with("SET nothing = 1")), "{failed:?}");
        assert!(keys(&db).await.is_empty());
    }
    let db = postgres();
    let failed: Result<i64> = db
        .write(|c| {
            put(c, "a")?;
            c.run_later("UPDATE setting SET updated = 1 / (updated - 1)", &[])?;
            put(c, "b")?;
            c.one("SELECT count(*) FROM setting", &[])
        })
        .await;
    assert!(matches!(&failed, Err(Error::Query(why)) if why.contains("1 / (updated - 1)")), "{failed:?}");
    assert!(keys(&db).await.is_empty());
}

#[tokio::test]
async fn whoever_asks_is_told_at_once() {
    for db in both() {
        db.write(|c| put(c, "taken")).await.unwrap();
        let told: Result<bool> = db.write(|c| Ok(put(c, "taken").and_then(|()| c.settle()).is_err())).await;
        // The failure spoils the transaction all the same.
        assert!(matches!(told, Err(Error::Conflict { broke: Broke::Unique, .. })), "{told:?}");
    }
}

#[tokio::test]
async fn an_attempt_undoes_what_it_kept_back_and_no_more() {
    for db in both() {
        db.write(|c| {
            put(c, "a")?;
            let refused: Result<()> = c.attempt(|c| put(c, "b").and(Err(Error::Stale)));
            assert_eq!(refused, Err(Error::Stale));
            let taken: Result<()> = c.attempt(|c| put(c, "c").and_then(|()| put(c, "a")));
            assert!(matches!(taken, Err(Error::Conflict { broke: Broke::Unique, .. })), "{taken:?}");
            let kept: Result<()> = c.attempt(|c| {
                put(c, "d")?;
                let inner: Result<()> = c.attempt(|c| put(c, "e").and_then(|()| put(c, "d")));
                assert!(inner.is_err());
                let asked: Result<i64> = c.attempt(|c| {
                    put(c, "f")?;
                    c.one("SELECT count(*) FROM setting", &[])
                });
                assert_eq!(asked, Ok(3));
                put(c, "g")
            });
            kept?;
            let outer: Result<()> = c.attempt(|c| {
                put(c, "h")?;
                c.attempt(|c| put(c, "i"))?;
                Err(Error::Stale)
            });
            assert_eq!(outer, Err(Error::Stale));
            // Both go back, one right after the other.
            let both: Result<()> = c.attempt(|c| {
                put(c, "k")?;
                c.settle()?;
                let inner: Result<()> = c.attempt(|c| put(c, "l").and_then(|()| c.settle()).and(Err(Error::Stale)));
                assert_eq!(inner, Err(Error::Stale));
                put(c, "m").and(Err(Error::Stale))
            });
            assert_eq!(both, Err(Error::Stale));
            put(c, "j")
        })
        .await
        .unwrap();
        assert_eq!(keys(&db).await, ["a", "d", "f", "g", "j"]);
    }
}

#[tokio::test]
async fn what_was_kept_back_before_an_attempt_is_not_its_failure() {
    for db in both() {
        db.write(|c| put(c, "taken")).await.unwrap();
        let answer: Result<()> = db
            .write(|c| {
                put(c, "taken")?;
                let _: Result<()> = c.attempt(|c| put(c, "a"));
                Ok(())
            })
            .await;
        assert!(matches!(answer, Err(Error::Conflict { broke: Broke::Unique, .. })), "{answer:?}");
        assert_eq!(keys(&db).await, ["taken"]);
    }
}

#[tokio::test]
async fn a_light_attempt_is_torn_only_by_what_it_wrote() {
    for db in both() {
        db.write(|c| {
            let light: std::result::Result<Result<()>, _> = c.attempt_lightly(|_| Err(Error::Stale));
            assert_eq!(light.unwrap(), Err(Error::Stale));
            put(c, "a")
        })
        .await
        .unwrap();
        let torn: Result<bool> =
            db.write(|c| Ok(c.attempt_lightly(|c| put(c, "b").and(Err::<(), _>(Error::Stale))).is_err())).await;
        assert_eq!(torn, Ok(true));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ids_are_known_beforehand_and_belong_to_one_row_only() {
    for db in both() {
        let db = Arc::new(db);
        let calls: Vec<_> = (0..40)
            .map(|i| {
                let db = Arc::clone(&db);
                tokio::spawn(async move {
                    db.write(move |c| {
                        if i % 2 == 0 {
                            c.expect_rows("entry", 3);
                        }
                        (0..7).map(|n| entry(c, &format!("{i}-{n}"))).collect::<Result<Vec<_>>>()
                    })
                    .await
                    .map(|ids| (i, ids))
                })
            })
            .collect();
        let mut all = BTreeSet::new();
        for call in calls {
            let (i, ids) = call.await.unwrap().unwrap();
            assert!(ids.is_sorted(), "{ids:?}");
            for (n, id) in ids.into_iter().enumerate() {
                assert!(all.insert(id), "{id} was given twice");
                let key: String =
                    db.read(move |c| c.one("SELECT key FROM entry WHERE id = $1", &[id.into()])).await.unwrap();
                assert_eq!(key, format!("{i}-{n}"));
            }
        }
    }
}

#[tokio::test]
async fn many_rows_of_many_tables_arrive_as_they_were_given() {
    for db in both() {
        let ids = db
            .write(|c| {
                let mut ids = Vec::new();
                for n in 0..1500 {
                    let id = entry(c, &format!("{n:04}"))?;
                    // Rows of two tables in turn, each of which points to one of the first.
                    c.run_later(
                        "INSERT INTO entry_version (entry, version, at, actor, name, active, data)
                         VALUES ($1, 1, $2, $3, 'name', $4, $5)",
                        &[id.into(), Value::Int(n), Value::Null, (n % 3 == 0).into(), "{}".into()],
                    )?;
                    if let Some(first) = ids.first() {
                        let refer = "INSERT INTO entry_reference (from_entry, field, to_entry) VALUES ($1, $2, $3)";
                        c.run_later(refer, &[id.into(), "teams".into(), Value::Int(*first)])?;
                    }
                    ids.push(id);
                }
                Ok::<_, Error>(ids)
            })
            .await
            .unwrap();
        let sql = "SELECT e.id, e.key, e.name, e.organisation, v.at, v.active,
            (SELECT count(*) FROM entry_reference r WHERE r.from_entry = e.id)
            FROM entry e JOIN entry_version v ON v.entry = e.id ORDER BY e.id";
        let rows: Vec<Arrived> = db.read(move |c| c.fetch(sql, &[])).await.unwrap();
        assert_eq!(rows.len(), 1500);
        for ((row, id), n) in rows.into_iter().zip(ids).zip(0..) {
            let name = "It's \"quoted\", \\ {and, listed}".to_owned();
            assert_eq!(row, (id, format!("{n:04}"), name, None, n, n % 3 == 0, i64::from(n > 0)));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn contention_that_shows_at_the_end_is_run_again() {
    for db in both() {
        let db = Arc::new(db);
        db.write(|c| put(c, "a").and_then(|()| put(c, "b"))).await.unwrap();
        let calls: Vec<_> = (0..40)
            .map(|i| {
                let db = Arc::clone(&db);
                let (first, second) = if i % 2 == 0 { ("a", "b") } else { ("b", "a") };
                tokio::spawn(async move {
                    db.write(move |c| {
                        let add = "UPDATE setting SET updated = updated + 1 WHERE key = $1";
                        c.run_later(add, &[first.into()])?;
                        c.run_later(add, &[second.into()])
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
async fn a_write_that_asks_nothing_survives_a_connection_that_was_cut() {
    let db = postgres();
    for n in 0..3 {
        let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        db.read(move |c| c.one::<i64>(cut, &[])).await.unwrap();
        for m in 0..8 {
            db.write(move |c| put(c, &format!("{n}{m}"))).await.unwrap();
        }
    }
    assert_eq!(keys(&db).await.len(), 24);
}

#[tokio::test]
async fn a_question_that_gives_many_rows_can_be_left_early() {
    for db in both() {
        db.write(|c| (0..2000).try_for_each(|n| put(c, &format!("{n:04}")))).await.unwrap();
        let left: Result<i64> = db
            .read(|c| {
                let mut seen = 0;
                let early: Result<()> = c.each("SELECT key FROM setting ORDER BY key", &[], |_: String| {
                    seen += 1;
                    if seen == 300 { Err(Error::Missing) } else { Ok(()) }
                });
                assert_eq!(early, Err(Error::Missing));
                Err(Error::Stale)
            })
            .await;
        assert!(left.is_err());
        assert_eq!(keys(&db).await.len(), 2000);
    }
}

#[tokio::test]
async fn what_was_foreseen_is_answered_until_something_is_written() {
    let count = || ("SELECT count(*) FROM setting".to_owned(), Vec::new());
    for db in both() {
        let seen: (i64, i64, i64) = db
            .write(move |c| {
                put(c, "a")?;
                c.foresee(count);
                c.foresee(|| ("SELECT count(*) FROM setting WHERE key = $1".into(), vec!["b".into()]));
                let other: i64 = c.one("SELECT count(*) FROM setting WHERE key = $1", &["a".into()])?;
                let foreseen = c.one(&count().0, &[])?;
                put(c, "b")?;
                let again: i64 = c.one("SELECT count(*) FROM setting WHERE key = $1", &["b".into()])?;
                Ok::<_, Error>((other, foreseen, again))
            })
            .await
            .unwrap();
        assert_eq!(seen, (1, 1, 1));
        let twice: (i64, i64) = db
            .read(move |c| {
                c.foresee(count);
                Ok::<_, Error>((c.one(&count().0, &[])?, c.one(&count().0, &[])?))
            })
            .await
            .unwrap();
        assert_eq!(twice, (2, 2));
        // The next transaction asks anew.
        db.write(|c| put(c, "c")).await.unwrap();
        assert_eq!(db.read(move |c| c.one::<i64>(&count().0, &[])).await, Ok(3));
    }
}

#[tokio::test]
async fn what_was_foreseen_for_nothing_harms_nobody() {
    for db in both() {
        db.write(|c| {
            put(c, "a")?;
            let refused: Result<()> = c.attempt(|c| {
                c.foresee(|| ("SELECT key FROM setting".into(), Vec::new()));
                c.expect_rows("entry", 3);
                Err(Error::Stale)
            });
            assert_eq!(refused, Err(Error::Stale));
            entry(c, "e").map(|_| ())
        })
        .await
        .unwrap();
        assert_eq!(keys(&db).await, ["a"]);
    }
}
