//! The books audited: journals of clients against the database, and the database against itself.

use crate::clients::Entry;
use crate::program;
use rusqlite::{Connection, OpenFlags};
use std::collections::HashMap;
use std::path::Path;

/// What the database says of one incident.
#[derive(Debug, Default, PartialEq)]
struct Kept {
    number: String,
    comments: Vec<String>,
    escalated: i64,
    cancelled: bool,
}

/// Asserts that every acknowledged write is there exactly once and that nothing else is.
pub fn audit(data: &Path, journal: &[Entry], titles: &str) {
    let doctor = program::run(data, &["doctor"]);
    assert!(doctor.contains("All is well"), "{doctor}");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let books = Connection::open_with_flags(data.join("mainstay.db"), flags).expect("the database");
    nothing_missing_in_the_log(&books);
    each_step_has_one_event(&books, titles);
    let mut kept = kept(&books, titles);
    for entry in journal {
        let found = kept.remove(&entry.title).unwrap_or_default();
        let expected = Kept {
            number: entry.number.clone(),
            comments: entry.comments.clone(),
            escalated: entry.escalated,
            cancelled: entry.cancelled,
        };
        assert_eq!(found, expected, "{}", entry.title);
    }
    assert!(kept.is_empty(), "nobody had these acknowledged: {kept:?}");
}

/// Lets every session lie idle for an hour more.
pub fn age_sessions(data: &Path) {
    let books = Connection::open(data.join("mainstay.db")).expect("the database");
    let aged = books.execute("UPDATE session SET seen = seen - 3600000", []).expect("sessions");
    assert!(aged > 0, "somebody has signed in");
}

fn kept(books: &Connection, titles: &str) -> HashMap<String, Kept> {
    let sql = "SELECT r.title, r.number, r.state, COALESCE(i.escalated, 0),
        (SELECT group_concat(c.body, '|' ORDER BY c.id) FROM comment c WHERE c.record = r.id AND c.body LIKE $1)
        FROM record r JOIN incident i ON i.record = r.id WHERE r.title LIKE $1";
    let mut all = HashMap::new();
    let mut query = books.prepare(sql).expect("a query");
    let mut rows = query.query([titles]).expect("rows");
    while let Some(row) = rows.next().expect("a row") {
        let (title, state): (String, String) = (row.get(0).expect("title"), row.get(2).expect("state"));
        let comments: Option<String> = row.get(4).expect("comments");
        let kept = Kept {
            number: row.get(1).expect("number"),
            comments: comments.iter().flat_map(|all| all.split('|')).map(str::to_owned).collect(),
            escalated: row.get(3).expect("escalated"),
            cancelled: state == "cancelled",
        };
        assert!(all.insert(title.clone(), kept).is_none(), "{title} is there twice");
    }
    all
}

/// Ids of events are given in the transaction that writes them, so a gap is a lost line.
fn nothing_missing_in_the_log(books: &Connection) {
    let count = |sql: &str| books.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a number");
    assert_eq!(count("SELECT count(*) FROM event"), count("SELECT max(id) FROM event"), "the log has gaps");
    let open = "SELECT count(*) FROM record r WHERE NOT EXISTS
        (SELECT 1 FROM event e WHERE e.subject = 'record' AND e.subject_id = r.id AND e.verb = 'opened')";
    assert_eq!(count(open), 0, "records without the event of their opening");
}

/// A step that was carried out twice would stand in the log twice.
fn each_step_has_one_event(books: &Connection, titles: &str) {
    let sql = "SELECT count(*) FROM (SELECT 1 FROM event WHERE reason LIKE $1 GROUP BY subject_id, reason, verb
        HAVING count(*) > 1)";
    let twice: i64 = books.query_row(sql, [titles], |row| row.get(0)).expect("a number");
    assert_eq!(twice, 0, "steps that were carried out twice");
}
