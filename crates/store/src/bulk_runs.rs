//! What became of each record of a bulk run.

use crate::{Columns, Conn, Result, Row};

/// A bulk run as it went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BulkRunRow {
    /// Of the run itself.
    pub id: i64,
    /// Who asked for it.
    pub person: Option<i64>,
    /// Of which process its records are.
    pub process: String,
    /// What was done.
    pub verb: String,
    /// When, in epoch milliseconds UTC.
    pub at: i64,
    /// It was taken back.
    pub undone: bool,
    /// What became of each record, as JSON.
    pub items: String,
}

impl Row for BulkRunRow {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self {
            id: c.get(0)?,
            person: c.get(1)?,
            process: c.get(2)?,
            verb: c.get(3)?,
            at: c.get(4)?,
            undone: c.get(5)?,
            items: c.get(6)?,
        })
    }
}

/// Keeps a run and answers its id; `row.id` is ignored.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, row: &BulkRunRow) -> Result<i64> {
    conn.insert(
        "INSERT INTO bulk_run (person, process, verb, at, undone, items) VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            row.person.into(),
            row.process.as_str().into(),
            row.verb.as_str().into(),
            row.at.into(),
            row.undone.into(),
            row.items.as_str().into(),
        ],
    )
}

/// The run with this id.
///
/// # Errors
/// The database's.
pub fn by_id(conn: &mut Conn, id: i64) -> Result<Option<BulkRunRow>> {
    conn.maybe("SELECT id, person, process, verb, at, undone, items FROM bulk_run WHERE id = $1", &[id.into()])
}

/// Marks a run as taken back; answers whether it was not before.
///
/// # Errors
/// The database's.
pub fn mark_undone(conn: &mut Conn, id: i64) -> Result<bool> {
    Ok(conn.run("UPDATE bulk_run SET undone = TRUE WHERE id = $1 AND NOT undone", &[id.into()])? > 0)
}

/// Drops the runs of before an instant, and answers how many.
///
/// # Errors
/// The database's.
pub fn forget_before(conn: &mut Conn, before: i64) -> Result<u64> {
    conn.run("DELETE FROM bulk_run WHERE at < $1", &[before.into()])
}
