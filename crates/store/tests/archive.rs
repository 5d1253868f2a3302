//! A backup of either database restores to either, whole or not at all, and a doctor notices what is amiss.

mod common;

use common::{INCIDENT, insert, spine};
use mainstay_store::hangings::{self, AttachmentRow};
use mainstay_store::testing::{Scratch, both, both_empty, sqlite, sqlite_empty};
use mainstay_store::{
    Blobs, Error, Manifest, NewEvent, Part, RESTORED, Spine, Value, Watch, Weight, backup, check, events, restore,
    verify,
};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

const NOW: i64 = 1_800_000_000_000;

fn blobs(db: &Scratch) -> Blobs {
    Blobs::open(&db.folder().join("blobs")).unwrap()
}

fn file(db: &Scratch) -> PathBuf {
    db.folder().join("backup.zip")
}

async fn opened(db: &Scratch, record: i64) {
    let event = NewEvent {
        at: 5,
        actor: None,
        channel: "desk".into(),
        subject: "record".into(),
        subject_id: record,
        process: Some("incident".into()),
        verb: "opened".into(),
        public: true,
        changes: r#"[{"field":"title","old":null,"new":"Ünï"}]"#.into(),
        reason: None,
    };
    db.write(move |c| events::append(c, &event)).await.unwrap();
}

/// Something in many tables, an entry that belongs to a later one, counters ahead of the rows.
async fn fill(db: &Scratch) -> String {
    db.write(|c| {
        let entry = "INSERT INTO entry (register, key, name, active, version, data, created, updated)
            VALUES ('person', $1, $1, TRUE, 1, $2, 0, 0)";
        c.run(entry, &["amira".into(), r#"{"zone":"UTC","email":"amira@example.org","n":[1,2.5,null]}"#.into()])?;
        c.run(entry, &["acme".into(), "{}".into()])?;
        c.run("UPDATE entry SET organisation = 2 WHERE id = 1", &[])?;
        c.run("INSERT INTO setting (key, value, updated) VALUES ('generation', '7', 1)", &[])?;
        c.run("INSERT INTO job (kind, payload, run_at, attempts) VALUES ('a', '{}', 1, 0)", &[])?;
        c.run("DELETE FROM job", &[])?;
        c.run("INSERT INTO account (person, disabled, updated) VALUES (1, FALSE, 1)", &[])
    })
    .await
    .unwrap();
    for n in 0..250 {
        let custom = (n % 2 == 0).then(|| format!(r#"{{"zeta":{n},"alpha":"x\n"}}"#));
        let record = Spine { restricted: n % 3 == 0, requester: Some(1), custom, ..spine(n) };
        let id = insert(db, record, vec![("flagged", Value::Bool(n % 2 == 0))]).await;
        if n < 5 {
            db.write(|c| c.next_number("incident")).await.unwrap();
        }
        opened(db, id).await;
    }
    let blob = blobs(db).put(b"screenshot".to_vec()).await.unwrap();
    let row = AttachmentRow {
        id: 0,
        record: 1,
        comment: None,
        name: "screen.png".into(),
        media_type: "image/png".into(),
        size: blob.size,
        digest: blob.digest.clone(),
        internal: false,
        at: 3,
        author: Some(1),
    };
    db.write(move |c| hangings::attach(c, &row)).await.unwrap();
    blob.digest
}

/// The manifest without what a restore adds on purpose.
fn comparable(mut manifest: Manifest) -> Manifest {
    manifest.tables.remove("setting");
    manifest.made = 0;
    manifest
}

#[tokio::test]
async fn a_backup_of_either_database_restores_to_either() {
    for from in both() {
        let digest = fill(&from).await;
        let made = backup(&from, &blobs(&from), &file(&from), NOW, &Watch::default()).await.unwrap();
        assert_eq!((made.tables["record"].rows, made.blobs.len(), made.missing.len()), (250, 1, 0));
        assert_eq!(verify(&file(&from), &Watch::default()).unwrap(), made);
        for to in both_empty() {
            restore(&file(&from), &to, &blobs(&to), NOW, &Watch::default()).await.unwrap();
            let again = backup(&to, &blobs(&to), &file(&to), NOW, &Watch::default()).await.unwrap();
            assert_eq!(comparable(again), comparable(made.clone()), "{:?} to {:?}", from.dialect(), to.dialect());
            assert_eq!(blobs(&to).get(&digest).await.unwrap(), b"screenshot");
            let inert: i64 =
                to.read(|c| c.one("SELECT count(*) FROM setting WHERE key = $1", &[RESTORED.into()])).await.unwrap();
            assert_eq!(inert, 1, "a restored copy says so");
            assert_eq!(custom_values(&to).await, custom_values(&from).await, "kept anew");
            counters_go_on(&to).await;
        }
    }
}

/// What the database keeps beside the custom values of records.
async fn custom_values(db: &Scratch) -> Vec<(i64, String, Option<i64>, Option<String>)> {
    let sql = "SELECT record, field, number, text FROM custom_value ORDER BY record, field";
    let kept = db.read(move |c| c.fetch(sql, &[])).await.unwrap();
    assert_eq!(kept.len(), 250);
    kept
}

type Heard = Arc<Mutex<Vec<(Part, u64, u64)>>>;

/// A watch that keeps the last word of each part.
fn listening() -> (Watch, Heard) {
    let heard = Heard::default();
    let told = Arc::clone(&heard);
    let watch = Watch::new(move |part, done, total| {
        let mut heard = told.lock().unwrap();
        heard.retain(|(before, ..)| *before != part);
        heard.push((part, done, total));
    });
    (watch, heard)
}

#[tokio::test]
async fn long_work_tells_how_far_it_is_until_all_is_done() {
    for from in both() {
        fill(&from).await;
        let (watch, heard) = listening();
        backup(&from, &blobs(&from), &file(&from), NOW, &watch).await.unwrap();
        check(&from, &blobs(&from), &[INCIDENT], &watch).await.unwrap();
        let to = sqlite_empty();
        restore(&file(&from), &to, &blobs(&to), NOW, &watch).await.unwrap();
        let heard = heard.lock().unwrap();
        let parts: Vec<&str> = heard.iter().map(|(part, ..)| part.what).collect();
        for part in ["Writing tables", "Writing attachments", "Reading attachments", "Checking", "Restoring tables"] {
            assert!(parts.contains(&part), "{part} is not in {parts:?}");
        }
        let whole = heard.iter().filter(|(part, ..)| part.what != "Checking");
        assert!(whole.clone().all(|(_, done, total)| done == total && *total > 0), "{heard:?}");
    }
}

async fn counters_go_on(db: &Scratch) {
    let number: i64 = db.write(|c| c.next_number("incident")).await.unwrap();
    let job: i64 = db.write(|c| mainstay_store::jobs::insert(c, "b", "{}", 1)).await.unwrap();
    assert_eq!((number, job), (6, 2));
    assert_eq!(insert(db, spine(999), vec![]).await, 251);
}

#[tokio::test]
async fn a_database_in_use_is_not_overwritten() {
    let from = sqlite();
    fill(&from).await;
    backup(&from, &blobs(&from), &file(&from), NOW, &Watch::default()).await.unwrap();
    for to in both() {
        opened(&to, 1).await;
        let answer = restore(&file(&from), &to, &blobs(&to), NOW, &Watch::default()).await;
        assert!(matches!(answer, Err(Error::Damaged(why)) if why.contains("not empty")));
    }
}

#[tokio::test]
async fn a_damaged_backup_is_noticed_before_anything_is_restored() {
    let from = sqlite();
    fill(&from).await;
    let made = backup(&from, &blobs(&from), &file(&from), NOW, &Watch::default()).await.unwrap();
    let whole = std::fs::read(file(&from)).unwrap();
    let damaged = from.folder().join("damaged.zip");
    let mut noticed = 0;
    for at in (0..whole.len()).step_by(41) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        std::fs::write(&damaged, &bytes).unwrap();
        match verify(&damaged, &Watch::default()) {
            // A date in the zip's own headers, say: nothing of what was kept.
            Ok(manifest) => assert_eq!(manifest, made, "{at}"),
            Err(_) => noticed += 1,
        }
    }
    assert!(noticed > whole.len() / 41 / 2, "{noticed}");
    std::fs::write(&damaged, &whole[..whole.len() / 2]).unwrap();
    let to = sqlite_empty();
    let steps = to.pending().await.unwrap().len();
    assert!(restore(&damaged, &to, &blobs(&to), NOW, &Watch::default()).await.is_err());
    assert_eq!(to.pending().await.unwrap().len(), steps, "nothing was begun");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_load_is_of_one_moment() {
    for from in both() {
        fill(&from).await;
        let from = Arc::new(from);
        let stop = Arc::new(AtomicBool::new(false));
        let load = tokio::spawn({
            let (db, stop) = (Arc::clone(&from), Arc::clone(&stop));
            async move {
                for n in 1000.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let record = spine(n);
                    // Record and event in one transaction: a backup must have both or neither.
                    db.write(move |c| {
                        let id = mainstay_store::record::insert(c, &INCIDENT, &record, &[])?;
                        let sql = "INSERT INTO event (at, channel, subject, subject_id, verb, public, changes)
                            VALUES (1, 'desk', 'record', $1, 'opened', TRUE, '[]')";
                        c.run(sql, &[id.into()])
                    })
                    .await
                    .unwrap();
                }
            }
        });
        for _ in 0..3 {
            let made = backup(&from, &blobs(&from), &file(&from), NOW, &Watch::default()).await.unwrap();
            assert_eq!(made.tables["record"].rows, made.tables["event"].rows);
            assert_eq!(made.tables["record"].rows, made.tables["incident"].rows);
        }
        stop.store(true, Ordering::Relaxed);
        load.await.unwrap();
    }
}

#[tokio::test]
async fn a_healthy_database_gives_a_doctor_nothing_to_say() {
    for db in both() {
        fill(&db).await;
        let found = check(&db, &blobs(&db), &[INCIDENT], &Watch::default()).await.unwrap();
        // The test server runs without durability, and the doctor says that too.
        let serious: Vec<_> = found.iter().filter(|finding| !finding.says.contains("PostgreSQL server")).collect();
        assert!(serious.is_empty(), "{serious:?}");
    }
    for db in both_empty() {
        let found = check(&db, &blobs(&db), &[INCIDENT], &Watch::default()).await.unwrap();
        assert!(found[0].says.contains("create_schema"), "{found:?}");
    }
}

#[tokio::test]
async fn a_doctor_finds_what_is_lost() {
    for db in both() {
        let digest = fill(&db).await;
        let place = db.folder().join("blobs").join(&digest[..2]).join(&digest);
        blobs(&db).put(b"nobody's".to_vec()).await.unwrap();
        db.write(|c| c.run("DELETE FROM incident WHERE record = 3", &[])).await.unwrap();
        insert(&db, spine(5000), vec![]).await;
        std::fs::write(&place, b"tampered").unwrap();
        let says = |found: &[mainstay_store::Finding], words: &str, weight: Weight| {
            assert!(found.iter().any(|f| f.says.contains(words) && f.weight == weight), "{words}: {found:?}");
        };
        let found = check(&db, &blobs(&db), &[INCIDENT], &Watch::default()).await.unwrap();
        says(&found, "1 records of incident are half written", Weight::Damage);
        says(&found, "1 records have no history", Weight::Damage);
        says(&found, "has changed on disk", Weight::Damage);
        says(&found, "1 files belong to no record", Weight::Note);
        std::fs::remove_file(&place).unwrap();
        let found = check(&db, &blobs(&db), &[INCIDENT], &Watch::default()).await.unwrap();
        says(&found, "is lost", Weight::Damage);
        let made = backup(&db, &blobs(&db), &file(&db), NOW, &Watch::default()).await.unwrap();
        assert_eq!(made.missing, [digest]);
    }
}
