//! Notices in people's inboxes, and the answers kept for repeated requests.

use crate::{Columns, Conn, Result, Row};

/// One line in a person's inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeRow {
    pub id: i64,
    pub person: i64,
    pub record: Option<i64>,
    pub event: Option<i64>,
    pub reason: String,
    pub text: String,
    pub created: i64,
    pub read_at: Option<i64>,
}

impl Row for NoticeRow {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self {
            id: c.get(0)?,
            person: c.get(1)?,
            record: c.get(2)?,
            event: c.get(3)?,
            reason: c.get(4)?,
            text: c.get(5)?,
            created: c.get(6)?,
            read_at: c.get(7)?,
        })
    }
}

/// Puts a notice into a person's inbox; `row.id` is ignored.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, row: &NoticeRow) -> Result<i64> {
    conn.insert(
        "INSERT INTO notice (person, record, event, reason, text, created) VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            row.person.into(),
            row.record.into(),
            row.event.into(),
            row.reason.as_str().into(),
            row.text.as_str().into(),
            row.created.into(),
        ],
    )
}

/// A person's own notices, newest first, before an id.
///
/// # Errors
/// The database's.
pub fn of(conn: &mut Conn, person: i64, before: i64, limit: i64) -> Result<Vec<NoticeRow>> {
    conn.fetch(
        "SELECT id, person, record, event, reason, text, created, read_at FROM notice
         WHERE person = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        &[person.into(), before.into(), limit.into()],
    )
}

/// How many notices a person has not read, counted up to `cap`.
///
/// # Errors
/// The database's.
pub fn unread(conn: &mut Conn, person: i64, cap: i64) -> Result<i64> {
    conn.one(
        "SELECT count(*) FROM (SELECT 1 FROM notice WHERE person = $1 AND read_at IS NULL LIMIT $2) AS few",
        &[person.into(), cap.into()],
    )
}

/// Marks a person's notices up to an id as read.
///
/// # Errors
/// The database's.
pub fn read(conn: &mut Conn, person: i64, up_to: i64, now: i64) -> Result<u64> {
    conn.run(
        "UPDATE notice SET read_at = $3 WHERE person = $1 AND id <= $2 AND read_at IS NULL",
        &[person.into(), up_to.into(), now.into()],
    )
}

/// Takes a notice of an event out of a person's inbox, unless it was read.
///
/// # Errors
/// The database's.
pub fn retract(conn: &mut Conn, person: i64, event: i64) -> Result<()> {
    let sql = "DELETE FROM notice WHERE person = $1 AND read_at IS NULL AND event = $2";
    conn.run_later(sql, &[person.into(), event.into()])
}

/// What was answered to a request with an idempotency key: its digest, status and body.
///
/// # Errors
/// The database's.
pub fn answered(conn: &mut Conn, actor: i64, key: &str) -> Result<Option<(String, i64, String)>> {
    conn.maybe(
        "SELECT request, status, body FROM idempotency WHERE actor = $1 AND key = $2",
        &[actor.into(), key.into()],
    )
}

/// Keeps the answer in the transaction that earned it.
///
/// # Errors
/// The key is in use; the database's.
pub fn keep_answer(
    conn: &mut Conn,
    actor: i64,
    key: &str,
    request: &str,
    status: i64,
    body: &str,
    now: i64,
) -> Result<()> {
    conn.run_later(
        "INSERT INTO idempotency (actor, key, request, status, body, at) VALUES ($1, $2, $3, $4, $5, $6)",
        &[actor.into(), key.into(), request.into(), status.into(), body.into(), now.into()],
    )
}

/// Forgets answers kept before an instant.
///
/// # Errors
/// The database's.
pub fn forget_answers(conn: &mut Conn, before: i64) -> Result<u64> {
    conn.run("DELETE FROM idempotency WHERE at < $1", &[before.into()])
}
