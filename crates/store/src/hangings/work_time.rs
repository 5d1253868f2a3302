//! Time that people have worked on a record.

use crate::{Columns, Conn, Result, Row};

/// Time of one person on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeRow {
    pub id: i64,
    pub record: i64,
    pub person: i64,
    /// Days since 1970-01-01.
    pub day: i64,
    pub minutes: i64,
    pub note: Option<String>,
    /// When it was written down, in epoch milliseconds UTC.
    pub at: i64,
    pub version: i64,
}

impl Row for TimeRow {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self {
            id: c.get(0)?,
            record: c.get(1)?,
            person: c.get(2)?,
            day: c.get(3)?,
            minutes: c.get(4)?,
            note: c.get(5)?,
            at: c.get(6)?,
            version: c.get(7)?,
        })
    }
}

/// The time worked on a record, the newest day first.
///
/// # Errors
/// The database's.
pub fn times(conn: &mut Conn, record: i64) -> Result<Vec<TimeRow>> {
    conn.fetch(
        "SELECT id, record, person, day, minutes, note, at, version FROM work_time WHERE record = $1
         ORDER BY day DESC, id DESC",
        &[record.into()],
    )
}

/// Inserts time and returns its id; `row.id` and `row.version` are ignored.
///
/// # Errors
/// The database's.
pub fn add_time(conn: &mut Conn, row: &TimeRow) -> Result<i64> {
    conn.insert(
        "INSERT INTO work_time (record, person, day, minutes, note, at, version) VALUES ($1, $2, $3, $4, $5, $6, 1)",
        &[
            row.record.into(),
            row.person.into(),
            row.day.into(),
            row.minutes.into(),
            row.note.as_deref().into(),
            row.at.into(),
        ],
    )
}

/// Writes time again; false when it no longer has the version that `row` names.
///
/// # Errors
/// The database's.
pub fn update_time(conn: &mut Conn, row: &TimeRow) -> Result<bool> {
    let changed = conn.run(
        "UPDATE work_time SET day = $3, minutes = $4, note = $5, version = version + 1 WHERE id = $1 AND version = $2",
        &[row.id.into(), row.version.into(), row.day.into(), row.minutes.into(), row.note.as_deref().into()],
    )?;
    Ok(changed > 0)
}

/// Removes time; false when there was none.
///
/// # Errors
/// The database's.
pub fn remove_time(conn: &mut Conn, id: i64) -> Result<bool> {
    Ok(conn.run("DELETE FROM work_time WHERE id = $1", &[id.into()])? > 0)
}
