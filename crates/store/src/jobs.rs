//! Background jobs: queued with the change that makes them necessary, held by one node at a time, never lost.

use crate::{Columns, Conn, Result, Row};

/// A job that this node holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRow {
    /// Its id, for [`finish`] and [`delay`].
    pub id: i64,
    /// What to do.
    pub kind: String,
    /// What to know for it, as JSON.
    pub payload: String,
    /// How often it was taken, this time included.
    pub attempts: i64,
}

impl Row for JobRow {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self { id: c.get(0)?, kind: c.get(1)?, payload: c.get(2)?, attempts: c.get(3)? })
    }
}

/// Queues a job for `run_at` or later, in the transaction that makes it necessary. Answers its id.
///
/// # Errors
/// What the database refuses.
pub fn insert(conn: &mut Conn, kind: &str, payload: &str, run_at: i64) -> Result<i64> {
    let sql = "INSERT INTO job (kind, payload, run_at, attempts) VALUES ($1, $2, $3, 0)";
    conn.insert(sql, &[kind.into(), payload.into(), run_at.into()])
}

/// Takes jobs that are due and holds them until `held_until`; a node that dies gives them back by that time.
///
/// # Errors
/// What the database refuses.
pub fn take(conn: &mut Conn, now: i64, held_until: i64, limit: i64) -> Result<Vec<JobRow>> {
    let sql = format!(
        "WITH ripe AS MATERIALIZED (
            SELECT id FROM job WHERE run_at <= $1 AND (locked_until IS NULL OR locked_until <= $1)
            ORDER BY run_at, id LIMIT $3{})
        UPDATE job SET locked_until = $2, attempts = attempts + 1 WHERE id IN (SELECT id FROM ripe)
        RETURNING id, kind, payload, attempts",
        conn.dialect().skip_locked()
    );
    let mut taken: Vec<JobRow> = conn.fetch(&sql, &[now.into(), held_until.into(), limit.into()])?;
    taken.sort_by_key(|job| job.id);
    Ok(taken)
}

/// Removes a job that is done; answers false when it is gone: another node was faster.
///
/// # Errors
/// What the database refuses.
pub fn finish(conn: &mut Conn, id: i64) -> Result<bool> {
    Ok(conn.run("DELETE FROM job WHERE id = $1", &[id.into()])? > 0)
}

/// Lets go of a job that failed, to be tried again at `run_at`.
///
/// # Errors
/// What the database refuses.
pub fn delay(conn: &mut Conn, id: i64, run_at: i64, error: &str) -> Result<()> {
    let sql = "UPDATE job SET run_at = $2, error = $3, locked_until = NULL WHERE id = $1";
    conn.run(sql, &[id.into(), run_at.into(), error.into()]).map(|_| ())
}

/// Whether a job waits that nobody holds.
///
/// # Errors
/// What the database refuses.
pub fn is_due(conn: &mut Conn, now: i64) -> Result<bool> {
    let sql = "SELECT count(*) FROM (SELECT 1 FROM job WHERE run_at <= $1
        AND (locked_until IS NULL OR locked_until <= $1) LIMIT 1) AS few";
    Ok(conn.one::<i64>(sql, &[now.into()])? > 0)
}
