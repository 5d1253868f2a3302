//! Notices in people's inboxes, and the answers kept for repeated requests.

use crate::sql::Sql;
use crate::{Columns, Conn, Result, Row};

/// One line in a person's inbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoticeRow {
    /// Its id.
    pub id: i64,
    /// Whose it is.
    pub person: i64,
    /// The record that it is about.
    pub record: Option<i64>,
    /// The line of the history that it belongs to.
    pub event: Option<i64>,
    /// What happened: the event of a notification rule.
    pub reason: String,
    /// Why this person was told, in one word.
    pub kind: String,
    /// One sentence.
    pub text: String,
    /// When it came, in epoch milliseconds UTC.
    pub created: i64,
    /// When it was read.
    pub read_at: Option<i64>,
    /// When its person was done with it.
    pub done_at: Option<i64>,
    /// Until when it is put off.
    pub snoozed_until: Option<i64>,
    /// When it last came back after it was put off.
    pub woken_at: Option<i64>,
}

impl NoticeRow {
    /// When it came into the inbox, or came back.
    #[must_use]
    pub fn came(&self) -> i64 {
        self.woken_at.unwrap_or(self.created)
    }
}

const COLUMNS: &str = "SELECT id, person, record, event, reason, kind, text, created, read_at, done_at, snoozed_until, woken_at FROM notice";

impl Row for NoticeRow {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self {
            id: c.get(0)?,
            person: c.get(1)?,
            record: c.get(2)?,
            event: c.get(3)?,
            reason: c.get(4)?,
            kind: c.get(5)?,
            text: c.get(6)?,
            created: c.get(7)?,
            read_at: c.get(8)?,
            done_at: c.get(9)?,
            snoozed_until: c.get(10)?,
            woken_at: c.get(11)?,
        })
    }
}

/// Puts a notice into a person's inbox; of `row` it takes what a new one has.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, row: &NoticeRow) -> Result<i64> {
    conn.insert(
        "INSERT INTO notice (person, record, event, reason, kind, text, created) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            row.person.into(),
            row.record.into(),
            row.event.into(),
            row.reason.as_str().into(),
            row.kind.as_str().into(),
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
        &format!("{COLUMNS} WHERE person = $1 AND id < $2 ORDER BY id DESC LIMIT $3"),
        &[person.into(), before.into(), limit.into()],
    )
}

/// Puts a person's open notices of a kind about a record away as done.
///
/// # Errors
/// The database's.
pub fn done_about(conn: &mut Conn, person: i64, record: i64, kind: &str, at: i64) -> Result<()> {
    conn.run(
        "UPDATE notice SET done_at = $4, read_at = COALESCE(read_at, $4), snoozed_until = NULL
         WHERE person = $1 AND record = $2 AND kind = $3 AND done_at IS NULL",
        &[person.into(), record.into(), kind.into(), at.into()],
    )?;
    Ok(())
}

/// A part of an inbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shelf {
    /// What is still to be looked at, the last that came first.
    #[default]
    Open,
    /// What is put off, the first to come back first.
    Snoozed,
    /// What is done with, the last first.
    Done,
}

impl Shelf {
    /// What it holds, by what it is ordered, and whether the greatest comes first.
    const fn sql(self) -> (&'static str, &'static str, bool) {
        match self {
            Self::Open => ("done_at IS NULL AND snoozed_until IS NULL", "coalesce(woken_at, created)", true),
            Self::Snoozed => ("done_at IS NULL AND snoozed_until IS NOT NULL", "snoozed_until", false),
            Self::Done => ("done_at IS NOT NULL", "done_at", true),
        }
    }
}

/// The notices on a shelf of a person's inbox, all or of one kind, behind a place (what it is ordered by, and the id).
///
/// # Errors
/// The database's.
pub fn on(
    conn: &mut Conn,
    person: i64,
    shelf: Shelf,
    kind: Option<&str>,
    after: Option<(i64, i64)>,
    limit: i64,
) -> Result<Vec<NoticeRow>> {
    let (holds, by, down) = shelf.sql();
    let (sign, order) = if down { ("<", "DESC") } else { (">", "ASC") };
    let mut sql = Sql::new(conn.dialect(), COLUMNS);
    sql.push(" WHERE person = ").bind(person).push(" AND ").push(holds);
    if let Some(kind) = kind {
        sql.push(" AND kind = ").bind(kind);
    }
    if let Some((at, id)) = after {
        sql.push(" AND (").push(by).push(", id) ").push(sign).push(" (").bind(at).push(", ").bind(id).push(")");
    }
    sql.push(" ORDER BY ").push(by).push(" ").push(order).push(", id ").push(order).push(" LIMIT ").bind(limit);
    conn.fetch(&sql.text, &sql.values)
}

/// How many notices of each kind are open, of the first `cap`.
///
/// # Errors
/// The database's.
pub fn kinds(conn: &mut Conn, person: i64, cap: i64) -> Result<Vec<(String, i64)>> {
    conn.fetch(
        "SELECT kind, count(*) FROM (SELECT kind FROM notice WHERE person = $1 AND done_at IS NULL
             AND snoozed_until IS NULL LIMIT $2) AS open GROUP BY kind ORDER BY kind",
        &[person.into(), cap.into()],
    )
}

/// One of a person's notices.
///
/// # Errors
/// The database's.
pub fn one(conn: &mut Conn, person: i64, id: i64) -> Result<Option<NoticeRow>> {
    conn.maybe(&format!("{COLUMNS} WHERE id = $1 AND person = $2"), &[id.into(), person.into()])
}

/// Writes where a notice lies now: read, done, put off, come back.
///
/// # Errors
/// The database's.
pub fn put(conn: &mut Conn, row: &NoticeRow) -> Result<()> {
    conn.run(
        "UPDATE notice SET read_at = $2, done_at = $3, snoozed_until = $4, woken_at = $5 WHERE id = $1",
        &[row.id.into(), row.read_at.into(), row.done_at.into(), row.snoozed_until.into(), row.woken_at.into()],
    )
    .map(|_| ())
}

/// Brings back a notice that was put off until now or earlier, and answers whose it is.
///
/// # Errors
/// The database's.
pub fn wake(conn: &mut Conn, id: i64, now: i64) -> Result<Option<i64>> {
    conn.maybe(
        "UPDATE notice SET snoozed_until = NULL, woken_at = $2, read_at = NULL
         WHERE id = $1 AND done_at IS NULL AND snoozed_until <= $2 RETURNING person",
        &[id.into(), now.into()],
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
