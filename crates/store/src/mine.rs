//! What one person has in hand beside the records that are theirs: tasks, what they watch, what they are writing.
//!
//! These name records without regard to who asks; whoever shows them asks for the records with a scope.

use crate::drafts::DraftRow;
use crate::sql::Sql;
use crate::{Columns, Conn, Result, Row};

/// An open task of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenTask {
    /// Its id.
    pub id: i64,
    /// The record that it hangs on.
    pub record: i64,
    /// What is to be done.
    pub title: String,
    /// When it is due, in epoch milliseconds UTC.
    pub due: Option<i64>,
}

impl Row for OpenTask {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self { id: c.get(0)?, record: c.get(1)?, title: c.get(2)?, due: c.get(3)? })
    }
}

/// The open tasks of a person, the first due first and those without a time last.
///
/// # Errors
/// The database's.
pub fn tasks(conn: &mut Conn, person: i64, limit: i64) -> Result<Vec<OpenTask>> {
    conn.fetch(
        "SELECT id, record, title, due FROM task WHERE assignee = $1 AND state = 'open'
         ORDER BY CASE WHEN due IS NULL THEN 1 ELSE 0 END, due, id LIMIT $2",
        &[person.into(), limit.into()],
    )
}

/// The open tasks of some teams, the first due first and those without a time last.
///
/// # Errors
/// The database's.
pub fn tasks_of_teams(conn: &mut Conn, teams: &[i64], limit: i64) -> Result<Vec<OpenTask>> {
    let mut sql = Sql::new(conn.dialect(), "SELECT id, record, title, due FROM task WHERE state = 'open' AND ");
    sql.is_one_of("team", teams);
    sql.push(" ORDER BY CASE WHEN due IS NULL THEN 1 ELSE 0 END, due, id LIMIT ").bind(limit);
    conn.fetch(&sql.text, &sql.values)
}

/// The records on which some teams have done their tasks and have none left, the last changed first: those behind one that
/// was changed at an instant and has an id.
///
/// # Errors
/// The database's.
pub fn helped_by_teams(conn: &mut Conn, teams: &[i64], (at, id): (i64, i64), limit: i64) -> Result<Vec<i64>> {
    let mut sql = Sql::new(conn.dialect(), "SELECT id FROM record WHERE id IN (SELECT record FROM task WHERE ");
    sql.is_one_of("team", teams).push(" AND state IN ('done', 'skipped'))");
    sql.push(" AND id NOT IN (SELECT record FROM task WHERE state = 'open' AND ").is_one_of("team", teams);
    sql.push(") AND (updated < ").bind(at).push(" OR (updated = ").bind(at).push(" AND id < ").bind(id);
    sql.push(")) ORDER BY updated DESC, id DESC LIMIT ").bind(limit);
    conn.fetch(&sql.text, &sql.values)
}

/// The records in the works that a person watches, the last changed first.
///
/// # Errors
/// The database's.
pub fn watched(conn: &mut Conn, person: i64, limit: i64) -> Result<Vec<i64>> {
    conn.fetch(
        "SELECT record.id FROM party JOIN record ON record.id = party.record
         WHERE party.entry = $1 AND party.role = 'watcher' AND record.phase < 2
         ORDER BY record.updated DESC, record.id DESC LIMIT $2",
        &[person.into(), limit.into()],
    )
}

/// What a person is writing: the drafts with the records that they are for, the last kept first.
///
/// # Errors
/// The database's.
pub fn drafts(conn: &mut Conn, person: i64, limit: i64) -> Result<Vec<(Option<i64>, DraftRow)>> {
    let rows: Vec<Placed> = conn.fetch(
        "SELECT record, place, body, updated FROM draft WHERE person = $1 ORDER BY updated DESC, place LIMIT $2",
        &[person.into(), limit.into()],
    )?;
    Ok(rows.into_iter().map(|Placed(record, draft)| (record, draft)).collect())
}

struct Placed(Option<i64>, DraftRow);

impl Row for Placed {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self(c.get(0)?, DraftRow { place: c.get(1)?, body: c.get(2)?, updated: c.get(3)? }))
    }
}
