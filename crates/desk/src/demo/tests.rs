use super::*;
use crate::auth::SystemEntropy;
use crate::desk::Clock;
use crate::install::{Planned, install, put, values};
use crate::records;
use mainstay_store::testing::{Scratch, both, sqlite};
use mainstay_store::{Blobs, Conn, Dialect, Value};
use serde_json::json;
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

/// Every row of every table as text, by table.
fn everything(conn: &mut Conn) -> mainstay_store::Result<BTreeMap<String, Vec<String>>> {
    let sqlite = conn.dialect() == Dialect::Sqlite;
    let names: Vec<String> = if sqlite {
        conn.fetch("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'", &[])?
    } else {
        conn.fetch("SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = current_schema()", &[])?
    };
    let mut all = BTreeMap::new();
    for name in names {
        let mut rows: Vec<String> = if sqlite {
            let rows: Vec<Vec<Value>> = conn.fetch(&format!("SELECT * FROM {name}"), &[])?;
            rows.iter().map(|row| format!("{row:?}")).collect()
        } else {
            conn.fetch(&format!("SELECT CAST(row_to_json(t) AS TEXT) FROM (SELECT * FROM {name}) AS t"), &[])?
        };
        rows.sort();
        all.insert(name, rows);
    }
    Ok(all)
}

/// A desk with an administrator who is nobody of the demo.
async fn with_host(db: &Scratch, now: i64) -> (Desk, Credential) {
    let blobs = Blobs::open(&db.folder().join("files")).unwrap();
    let desk = Desk::new((**db).clone(), blobs, Arc::new(At(now)), Arc::new(SystemEntropy));
    let made = desk.write(&Credential::Engine, Channel::Command, |session, caller| {
        install(session, caller)?;
        let values = json!({ "email": "host@example.org", "grants": [{ "role": "@roles/admin" }] });
        let host = Planned { register: "people", key: "host@example.org".into(), name: "Hanna Host".into(), values };
        put(session, caller, &[host])?;
        Ok(entries::by_key(session.conn, "people", "host@example.org")?.expect("she is there").id)
    });
    let host = made.await.unwrap();
    (desk, Credential::Person(host))
}

#[tokio::test]
async fn c_11_removing_the_demo_data_leaves_nothing_of_it_and_touches_nothing_else() {
    for db in both() {
        let (desk, host) = with_host(&db, at("2025-06-11T10:20:00Z")).await;
        let before = db.read(everything).await.unwrap();
        fill_for(&desk, &host, Channel::Desk, &Watch::default()).await.unwrap();
        let full = db.read(everything).await.unwrap();
        for table in ["record", "incident", "comment", "task", "attachment", "clock", "notice", "link", "party", "demo"]
        {
            assert!(!full[table].is_empty(), "{table}");
        }
        let again = fill_for(&desk, &host, Channel::Desk, &Watch::default()).await;
        assert!(again.is_err_and(|e| e.to_string().contains("already")));
        let removal = desk.write(&host, Channel::Desk, removal::remove).await.unwrap();
        assert!(removal.records > 100 && removal.entries > 50 && removal.stays.is_empty(), "{removal:?}");
        let after = db.read(everything).await.unwrap();
        for (table, rows) in &before {
            // The host asked, joined a team and left it; the log says so and what left; numbers are given out once.
            let more = match table.as_str() {
                "entry_version" => 2,
                "event" => 4,
                "setting" => 1,
                "number_block" => after[table].len(),
                _ => 0,
            };
            let changed = ["entry", "setting", "number_block"].contains(&table.as_str());
            let lost: Vec<&String> = rows.iter().filter(|row| !after[table].contains(row)).collect();
            assert!(lost.is_empty() || changed && lost.len() <= 2, "{table} lost {lost:#?}");
            assert_eq!(after[table].len(), rows.len() + more, "{table} on {:?}", db.dialect());
        }
        let twice = desk.write(&host, Channel::Desk, removal::remove).await;
        assert!(twice.is_err_and(|e| e.to_string().contains("no demo")));
        for sql in [
            "DELETE FROM event",
            "INSERT INTO demo (subject, id) SELECT 'entry', min(subject_id) FROM event WHERE subject = 'entry'",
        ] {
            assert!(db.write(move |conn| conn.run(sql, &[])).await.is_err(), "{sql}");
        }
        // And it can be put in anew.
        fill_for(&desk, &host, Channel::Desk, &Watch::default()).await.unwrap();
    }
}

#[tokio::test]
async fn c_11_what_something_true_names_stays_and_its_people_are_out_of_use() {
    for db in both() {
        let (desk, host) = with_host(&db, at("2025-06-11T10:20:00Z")).await;
        fill_for(&desk, &host, Channel::Desk, &Watch::default()).await.unwrap();
        let number = desk.write(&host, Channel::Desk, |session, caller| {
            let plan = |values| Planned { register: "incidents", key: "true".into(), name: String::new(), values };
            let wanted = json!({ "title": "A true one", "team": "@teams/messaging", "site": "leeds" });
            let values = values(session.conn, &plan(wanted))?;
            let opening = records::Opening { values, ..records::Opening::default() };
            let view = records::open(session, caller, mainstay_processes::ALL[0], &opening)?;
            Ok(view.record.value("number").as_text().unwrap_or_default().to_owned())
        });
        let number = number.await.unwrap();
        let standing = desk.read(&host, Channel::Desk, removal::standing).await.unwrap();
        let removal = desk.write(&host, Channel::Desk, removal::remove).await.unwrap();
        let sorted = |names: &[String]| names.iter().cloned().collect::<std::collections::BTreeSet<_>>();
        assert_eq!(sorted(&removal.stays), sorted(&standing.stays), "it is told beforehand");
        // The team, its manager, her organisation, and the field that the record has a value of.
        assert_eq!(
            sorted(&removal.stays).into_iter().collect::<Vec<_>>(),
            ["Messaging", "Priya Kaur", "Retail Bank", "Site"]
        );
        let (records, out): (i64, i64) = db
            .read(|c| {
                c.one(
                    "SELECT (SELECT count(*) FROM record), (SELECT count(*) FROM entry WHERE name = 'Priya Kaur' AND NOT active)",
                    &[],
                )
            })
            .await
            .unwrap();
        assert_eq!((records, out), (1, 1));
        let kept = desk.read(&host, Channel::Desk, move |session, caller| {
            records::get(session, caller, mainstay_processes::ALL[0], &number).map(|view| view.record)
        });
        let kept = kept.await.unwrap();
        assert_eq!(kept.value("site").as_text(), Some("leeds"));
        assert_eq!(db.read(|c| c.one::<i64>("SELECT count(*) FROM demo", &[])).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn nobody_of_the_demo_removes_it() {
    let db = sqlite();
    let (desk, _) = with_host(&db, at("2025-06-11T10:20:00Z")).await;
    fill(&desk, &Watch::default()).await.unwrap();
    let victor = "SELECT id FROM entry WHERE register = 'people' AND key = 'admin@demo.example'";
    let victor: i64 = db.read(move |c| c.one(victor, &[])).await.unwrap();
    let refused = desk.write(&Credential::Person(victor), Channel::Desk, removal::remove).await;
    assert!(refused.is_err_and(|e| e.to_string().contains("belong to the demo")));
    let priya = "SELECT id FROM entry WHERE register = 'people' AND key = 'manager@demo.example'";
    let priya: i64 = db.read(move |c| c.one(priya, &[])).await.unwrap();
    let refused = desk.write(&Credential::Person(priya), Channel::Desk, removal::remove).await;
    assert!(refused.is_err_and(|e| e.to_string().contains("may not")));
}
