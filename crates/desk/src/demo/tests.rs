use super::*;
use crate::auth::SystemEntropy;
use crate::desk::Clock;
use crate::install::install;
use mainstay_store::testing::{Scratch, both, sqlite};
use mainstay_store::{Blobs, Conn};
use std::collections::BTreeMap;
use std::sync::Arc;

struct At(i64);

impl Clock for At {
    fn now(&self) -> i64 {
        self.0
    }
}

fn at(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

async fn filled(db: &Scratch, now: i64) -> Played {
    let blobs = Blobs::open(&db.folder().join("files")).unwrap();
    let desk = Desk::new((**db).clone(), blobs, Arc::new(At(now)), Arc::new(SystemEntropy));
    assert!(desk.write(&Credential::Engine, Channel::Command, install).await.unwrap() > 0);
    assert!(!is_there(&desk).await.unwrap());
    let played = fill(&desk, &Watch::default()).await.unwrap();
    assert!(is_there(&desk).await.unwrap());
    played
}

fn counts(conn: &mut Conn, sql: &str) -> mainstay_store::Result<BTreeMap<String, i64>> {
    Ok(conn.fetch::<(String, i64)>(sql, &[])?.into_iter().collect())
}

/// On a working day, at night, on a Sunday, on the day clocks change: nobody tries what the
/// process forbids, and every state can be seen.
#[tokio::test]
async fn the_demo_is_possible_whenever_it_is_made() {
    for now in ["2025-06-11T10:20:00Z", "2025-11-21T02:00:00Z", "2026-03-29T12:00:00Z", "2026-01-01T09:00:00Z"] {
        let db = sqlite();
        let played = filled(&db, at(now)).await;
        assert!(played.refused.is_empty(), "{now}: {:#?}", played.refused);
        assert!(played.stories >= 110, "{now}: {}", played.stories);
        let states = db.read(|c| counts(c, "SELECT state, count(*) FROM record GROUP BY state")).await.unwrap();
        for state in ["new", "assigned", "in_progress", "on_hold", "resolved", "closed", "cancelled"] {
            assert!(states.get(state).is_some_and(|n| *n >= 2), "{now}: {states:?}");
        }
    }
}

#[tokio::test]
async fn both_databases_tell_the_same_story() {
    let now = at("2025-06-11T10:20:00Z");
    let mut told = Vec::new();
    for db in both() {
        let played = filled(&db, now).await;
        let events = "SELECT verb, count(*) FROM event WHERE subject = 'record' GROUP BY verb";
        let clocks = "SELECT metric || ' ' || state, count(*) FROM clock GROUP BY metric, state";
        told.push((
            played.beats,
            db.read(|c| counts(c, events)).await.unwrap(),
            db.read(|c| counts(c, clocks)).await.unwrap(),
        ));
    }
    assert_eq!(told[0], told[1]);
    let (_, events, clocks) = &told[0];
    for verb in [
        "opened",
        "assign",
        "hold",
        "resume",
        "reassign",
        "resolve",
        "reopen",
        "confirm",
        "auto_close",
        "merge",
        "resolve_with_parent",
    ] {
        assert!(events.contains_key(verb), "no {verb} in {events:?}");
    }
    for seen in ["response met", "resolution met", "resolution paused", "resolution running"] {
        assert!(clocks.contains_key(seen), "no {seen} in {clocks:?}");
    }
    assert!(clocks.keys().any(|k| k.contains("breached")), "{clocks:?}");
}

#[tokio::test]
async fn nothing_happens_after_the_present_and_everything_at_its_instant() {
    let (db, now) = (sqlite(), at("2025-06-11T10:20:00Z"));
    filled(&db, now).await;
    let span: (i64, i64) = db.read(move |c| c.one("SELECT min(at), max(at) FROM event", &[])).await.unwrap();
    assert!(span.1 <= now && now - span.0 > 40 * 86_400_000, "{span:?}");
    let astray: i64 = db
        .read(|c| {
            c.one("SELECT count(*) FROM record WHERE opened > updated OR resolved < opened OR closed < resolved", &[])
        })
        .await
        .unwrap();
    assert_eq!(astray, 0);
    let waiting: i64 = db
        .read(move |c| c.one("SELECT count(*) FROM timer WHERE state = 'waiting' AND due <= $1", &[now.into()]))
        .await
        .unwrap();
    assert_eq!(waiting, 0, "timers of the past have fired");
}
