//! Timers: what has to happen at a time, exactly once however many nodes run.

use crate::{Columns, Conn, Dialect, Result, Row, Value};

/// A timer as it is set; setting the same key again moves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTimer {
    /// What it is for; there is one timer per key.
    pub key: String,
    /// When it fires, in epoch milliseconds UTC.
    pub due: i64,
    /// What it triggers.
    pub kind: String,
    /// The record it is about.
    pub record: Option<i64>,
    /// The service-level clock it is about.
    pub clock: Option<i64>,
    /// What the trigger has to know, as JSON.
    pub payload: String,
}

/// A timer that fired.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the same fields as NewTimer")]
pub struct TimerRow {
    pub id: i64,
    pub key: String,
    pub due: i64,
    pub kind: String,
    pub record: Option<i64>,
    pub clock: Option<i64>,
    pub payload: String,
}

impl Row for TimerRow {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self {
            id: c.get(0)?,
            key: c.get(1)?,
            due: c.get(2)?,
            kind: c.get(3)?,
            record: c.get(4)?,
            clock: c.get(5)?,
            payload: c.get(6)?,
        })
    }
}

/// Sets a timer, or moves the one of the same key, also when that one has fired.
///
/// # Errors
/// [`crate::Error::Conflict`] when the record or the clock does not exist.
pub fn set(conn: &mut Conn, timer: &NewTimer) -> Result<()> {
    let values = values(timer);
    // One statement for both would make `SQLite` keep every page that it is about to change.
    if conn.dialect() == Dialect::Sqlite && conn.run(MOVE, &values)? > 0 {
        return Ok(());
    }
    let sql = match conn.dialect() {
        Dialect::Sqlite => SET.to_owned(),
        Dialect::Postgres => format!("{SET} {OR_MOVE}"),
    };
    conn.run_later(&sql, &values)
}

/// Sets a timer under a key that was never used before.
///
/// # Errors
/// [`crate::Error::Conflict`] when the key was used, or the record or the clock does not exist.
pub fn set_first(conn: &mut Conn, timer: &NewTimer) -> Result<()> {
    conn.run(SET, &values(timer)).map(|_| ())
}

fn values(timer: &NewTimer) -> [Value; 6] {
    [
        timer.key.as_str().into(),
        timer.due.into(),
        timer.kind.as_str().into(),
        timer.record.into(),
        timer.clock.into(),
        Value::from(&timer.payload),
    ]
}

const SET: &str = "INSERT INTO timer (key, due, kind, record, clock, payload, state)
    VALUES ($1, $2, $3, $4, $5, $6, 'waiting')";
const OR_MOVE: &str = "ON CONFLICT (key) DO UPDATE SET due = excluded.due, kind = excluded.kind,
    record = excluded.record, clock = excluded.clock, payload = excluded.payload, state = 'waiting', fired_at = NULL";
const MOVE: &str = "UPDATE timer SET due = $2, kind = $3, record = $4, clock = $5, payload = $6, state = 'waiting',
    fired_at = NULL WHERE key = $1";

/// The timer that waits under a key.
///
/// # Errors
/// What the database refuses.
pub fn waiting(conn: &mut Conn, key: &str) -> Result<Option<TimerRow>> {
    let sql = "SELECT id, key, due, kind, record, clock, payload FROM timer WHERE key = $1 AND state = 'waiting'";
    conn.maybe(sql, &[key.into()])
}

/// Cancels a timer, if one is waiting under this key.
///
/// # Errors
/// What the database refuses.
pub fn cancel(conn: &mut Conn, key: &str) -> Result<()> {
    let sql = "UPDATE timer SET state = 'cancelled' WHERE key = $1 AND state = 'waiting'";
    conn.run_later(sql, &[key.into()])
}

/// Lets a cancelled timer wait again for its own instant.
///
/// # Errors
/// What the database refuses.
pub fn revive(conn: &mut Conn, key: &str) -> Result<()> {
    let sql = "UPDATE timer SET state = 'waiting' WHERE key = $1 AND state = 'cancelled'";
    conn.run_later(sql, &[key.into()])
}

/// Takes the timers that are due, oldest first. They count as fired when this transaction commits, together with
/// whatever it did about them; if it does not commit, they are still waiting.
///
/// # Errors
/// What the database refuses.
pub fn take_due(conn: &mut Conn, now: i64, limit: i64) -> Result<Vec<TimerRow>> {
    let sql = format!(
        "WITH ripe AS MATERIALIZED (
            SELECT id FROM timer WHERE state = 'waiting' AND due <= $1 ORDER BY due, id LIMIT $2{})
        UPDATE timer SET state = 'fired', fired_at = $1 WHERE id IN (SELECT id FROM ripe)
        RETURNING id, key, due, kind, record, clock, payload",
        conn.dialect().skip_locked()
    );
    let mut taken: Vec<TimerRow> = conn.fetch(&sql, &[now.into(), limit.into()])?;
    taken.sort_by_key(|timer| (timer.due, timer.id));
    Ok(taken)
}

/// When the next timer is due.
///
/// # Errors
/// What the database refuses.
pub fn next_due(conn: &mut Conn) -> Result<Option<i64>> {
    conn.one("SELECT min(due) FROM timer WHERE state = 'waiting'", &[])
}
