//! What is archived, what must be kept, and what leaves when its time is over: words, files and people, not the number
//! and what the log says happened when.

use crate::sql::Sql;
use crate::{Columns, Conn, Result, Row, Table, Value};

/// Why a record must be kept, whatever the rules say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldRow {
    /// Its id.
    pub id: i64,
    /// Who asked for it.
    pub person: Option<i64>,
    /// Why.
    pub reason: String,
    /// Since when, in epoch milliseconds UTC.
    pub since: i64,
}

impl Row for HoldRow {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self { id: c.get(0)?, person: c.get(1)?, reason: c.get(2)?, since: c.get(3)? })
    }
}

/// The hold in force on a record.
///
/// # Errors
/// The database's.
pub fn hold_of(conn: &mut Conn, record: i64) -> Result<Option<HoldRow>> {
    conn.maybe(
        "SELECT id, person, reason, since FROM legal_hold WHERE record = $1 AND lifted IS NULL",
        &[record.into()],
    )
}

/// Puts a hold on a record; false when there is one.
///
/// # Errors
/// The database's.
pub fn hold(conn: &mut Conn, record: i64, person: Option<i64>, reason: &str, at: i64) -> Result<bool> {
    let added = conn.run(
        "INSERT INTO legal_hold (record, person, reason, since) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        &[record.into(), person.into(), reason.into(), at.into()],
    )?;
    Ok(added > 0)
}

/// Lifts the hold of a record; false when there is none.
///
/// # Errors
/// The database's.
pub fn lift(conn: &mut Conn, record: i64, at: i64) -> Result<bool> {
    let lifted = conn
        .run("UPDATE legal_hold SET lifted = $2 WHERE record = $1 AND lifted IS NULL", &[record.into(), at.into()])?;
    Ok(lifted > 0)
}

/// The records of a process that were closed at an instant or before and are not archived, the first closed first.
///
/// # Errors
/// The database's.
pub fn to_archive(conn: &mut Conn, process: &str, until: i64, limit: i64) -> Result<Vec<i64>> {
    conn.fetch(
        "SELECT id FROM record WHERE process = $1 AND phase = 3 AND archived IS NULL AND closed <= $2
         ORDER BY closed, id LIMIT $3",
        &[process.into(), until.into(), limit.into()],
    )
}

/// Archives a closed record; false when it is archived, or open again. Its version grows, so that nobody's edit comes
/// after it; when it was updated last stays.
///
/// # Errors
/// The database's.
pub fn archive(conn: &mut Conn, record: i64, at: i64) -> Result<bool> {
    let archived = conn.run(
        "UPDATE record SET archived = $2, version = version + 1 WHERE id = $1 AND phase = 3 AND archived IS NULL",
        &[record.into(), at.into()],
    )?;
    Ok(archived > 0)
}

/// The records of a process that were archived at an instant or before, are not held and not removed yet.
///
/// # Errors
/// The database's.
pub fn to_remove(conn: &mut Conn, process: &str, until: i64, limit: i64) -> Result<Vec<i64>> {
    conn.fetch(
        "SELECT id FROM record WHERE process = $1 AND archived IS NOT NULL AND removed IS NULL AND archived <= $2
         AND NOT EXISTS (SELECT 1 FROM legal_hold WHERE legal_hold.record = record.id AND legal_hold.lifted IS NULL)
         ORDER BY archived, id LIMIT $3",
        &[process.into(), until.into(), limit.into()],
    )
}

/// What hangs on a record, in an order in which nothing points to what is gone.
const HANGING: &[&str] = &[
    "DELETE FROM outbox WHERE event IN (SELECT id FROM event WHERE subject = 'record' AND subject_id = $1)",
    "DELETE FROM notice WHERE record = $1",
    "DELETE FROM timer WHERE record = $1 AND clock IS NULL",
    "DELETE FROM follow_up WHERE record = $1",
    "DELETE FROM survey WHERE record = $1",
    "DELETE FROM affected WHERE record = $1",
    "DELETE FROM draft WHERE record = $1",
    "DELETE FROM attachment WHERE record = $1",
    "DELETE FROM comment WHERE record = $1",
    "DELETE FROM task_wait WHERE task IN (SELECT id FROM task WHERE record = $1)",
    "DELETE FROM task WHERE record = $1",
    "DELETE FROM work_time WHERE record = $1",
    "DELETE FROM approval WHERE record = $1",
    "DELETE FROM approval_round WHERE record = $1",
    "DELETE FROM party WHERE record = $1",
    "DELETE FROM external_link WHERE record = $1",
    "DELETE FROM custom_value WHERE record = $1",
    "DELETE FROM conflict_accepted WHERE record = $1",
    "UPDATE meeting_item SET note = NULL, removed = CASE WHEN removed IS NULL THEN NULL ELSE '' END WHERE record = $1",
    "DELETE FROM discrepancy WHERE record = $1",
    "UPDATE sighting SET said = '{}', wrote = '{}' WHERE record = $1",
    "UPDATE clock SET adjusted_by = NULL, adjusted_reason = NULL WHERE record = $1",
    "UPDATE link SET actor = NULL WHERE from_record = $1",
];

/// Empties a record: `emptied` are the columns of its own table that hold words or people. Answers the digests of the
/// files that hung on it and that no other row names; false when it is held, not archived or removed already.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, table: &Table, emptied: &[&str], record: i64, at: i64) -> Result<Option<Vec<String>>> {
    let removed = conn.run(
        "UPDATE record SET removed = $2, version = version + 1, title = 'Removed', requester = NULL, assignee = NULL, custom = NULL
         WHERE id = $1 AND archived IS NOT NULL AND removed IS NULL
         AND NOT EXISTS (SELECT 1 FROM legal_hold WHERE legal_hold.record = record.id AND legal_hold.lifted IS NULL)",
        &[record.into(), at.into()],
    )?;
    if removed == 0 {
        return Ok(None);
    }
    let files: Vec<String> =
        conn.fetch("SELECT DISTINCT digest FROM attachment WHERE record = $1 ORDER BY digest", &[record.into()])?;
    for sql in HANGING {
        conn.run(sql, &[record.into()])?;
    }
    if !emptied.is_empty() {
        let mut sql = Sql::new(conn.dialect(), &format!("UPDATE {} SET ", table.name));
        for (n, column) in emptied.iter().enumerate() {
            table.kind(column)?;
            sql.push(if n == 0 { "" } else { ", " }).push(column).push(" = NULL");
        }
        sql.push(" WHERE record = ").bind(record);
        conn.run(&sql.text, &sql.values)?;
    }
    let mut free = Vec::new();
    for digest in files {
        let sql = "SELECT (SELECT count(*) FROM attachment WHERE digest = $1)
            + (SELECT count(*) FROM export_file WHERE digest = $1)";
        if conn.one::<i64>(sql, &[Value::from(digest.as_str())])? == 0 {
            free.push(digest);
        }
    }
    Ok(Some(free))
}

/// The events of a record as (id, verb, changes, 1 where somebody did it), oldest first.
///
/// # Errors
/// The database's.
pub fn events_of(conn: &mut Conn, record: i64) -> Result<Vec<(i64, String, String, i64)>> {
    conn.fetch(
        "SELECT id, verb, changes, CAST(CASE WHEN actor IS NULL THEN 0 ELSE 1 END AS BIGINT) FROM event WHERE subject = 'record' AND subject_id = $1 ORDER BY id",
        &[record.into()],
    )
}

/// Leaves of an event of a removed record what is no word and no person.
///
/// # Errors
/// The database refuses it for any other record.
pub fn empty_event(conn: &mut Conn, event: i64, changes: &str) -> Result<()> {
    conn.run(
        "UPDATE event SET changes = $2, actor = NULL, reason = NULL WHERE id = $1",
        &[event.into(), changes.into()],
    )?;
    Ok(())
}
