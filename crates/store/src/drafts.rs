//! What people are writing and have not sent yet.

use crate::{Columns, Conn, Result, Row};

/// A draft as its writer left it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DraftRow {
    /// What it is of, such as `reply:12`.
    pub place: String,
    /// The words, or the values of a form.
    pub body: String,
    /// When it was kept last, in epoch milliseconds UTC.
    pub updated: i64,
}

impl Row for DraftRow {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self { place: c.get(0)?, body: c.get(1)?, updated: c.get(2)? })
    }
}

/// Keeps a person's draft of something in the place of an earlier one.
///
/// # Errors
/// [`crate::Error::Conflict`] when there is no such person or record.
pub fn keep(conn: &mut Conn, person: i64, record: Option<i64>, draft: &DraftRow) -> Result<()> {
    conn.run(
        "INSERT INTO draft (person, place, record, body, updated) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (person, place) DO UPDATE SET body = excluded.body, updated = excluded.updated",
        &[person.into(), draft.place.as_str().into(), record.into(), draft.body.as_str().into(), draft.updated.into()],
    )
    .map(|_| ())
}

/// A person's draft of something.
///
/// # Errors
/// The database's.
pub fn of(conn: &mut Conn, person: i64, place: &str) -> Result<Option<DraftRow>> {
    conn.maybe(
        "SELECT place, body, updated FROM draft WHERE person = $1 AND place = $2",
        &[person.into(), place.into()],
    )
}

/// Drops a person's draft of something.
///
/// # Errors
/// The database's.
pub fn forget(conn: &mut Conn, person: i64, place: &str) -> Result<()> {
    conn.run("DELETE FROM draft WHERE person = $1 AND place = $2", &[person.into(), place.into()]).map(|_| ())
}

/// Drops all drafts of a person.
///
/// # Errors
/// The database's.
pub fn forget_all(conn: &mut Conn, person: i64) -> Result<()> {
    conn.run("DELETE FROM draft WHERE person = $1", &[person.into()]).map(|_| ())
}

/// Drops drafts that nobody has touched since an instant, and answers how many.
///
/// # Errors
/// The database's.
pub fn forget_before(conn: &mut Conn, before: i64) -> Result<u64> {
    conn.run("DELETE FROM draft WHERE updated < $1", &[before.into()])
}
