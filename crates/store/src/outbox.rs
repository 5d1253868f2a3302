//! Messages to be sent: queued with their event, handed over at least once, held by one node at a time.

use crate::entries::GOES_ON;
use crate::{Columns, Conn, Result, Row, Value};

/// A message about to be queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    /// The event it tells of.
    pub event: i64,
    /// Why the recipient gets it.
    pub audience: String,
    /// The person, when known.
    pub recipient: Option<i64>,
    /// The address, when the recipient is not a known person.
    pub address: Option<String>,
    /// The template it was made from.
    pub template: String,
    /// Its subject line.
    pub subject: String,
    /// Its text.
    pub body: String,
    /// When it was made, in epoch milliseconds UTC; it may be sent at once.
    pub created: i64,
}

/// A message that this node holds for sending.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the same fields as NewMessage")]
pub struct MessageRow {
    pub id: i64,
    pub event: i64,
    pub audience: String,
    pub recipient: Option<i64>,
    pub address: Option<String>,
    pub template: String,
    pub subject: String,
    pub body: String,
    /// How often it was taken, this time included.
    pub attempts: i64,
}

impl Row for MessageRow {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self {
            id: c.get(0)?,
            event: c.get(1)?,
            audience: c.get(2)?,
            recipient: c.get(3)?,
            address: c.get(4)?,
            template: c.get(5)?,
            subject: c.get(6)?,
            body: c.get(7)?,
            attempts: c.get(8)?,
        })
    }
}

/// Takes back the message that an event queued at an instant, unless it has left or is about to.
///
/// # Errors
/// What the database refuses.
pub fn retract(conn: &mut Conn, event: i64, created: i64) -> Result<()> {
    let sql = "DELETE FROM outbox WHERE sent IS NULL AND next_at = $2 AND event = $1 AND attempts = 0";
    conn.run_later(sql, &[event.into(), created.into()])
}

/// Queues a message in the transaction of its event. Answers its id.
///
/// # Errors
/// [`crate::Error::Conflict`] when the event or the recipient does not exist.
pub fn insert(conn: &mut Conn, message: &NewMessage) -> Result<i64> {
    let sql = "INSERT INTO outbox
            (event, audience, recipient, address, template, subject, body, created, next_at, attempts)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, 0)";
    let values = [
        message.event.into(),
        message.audience.as_str().into(),
        message.recipient.into(),
        message.address.as_deref().into(),
        message.template.as_str().into(),
        message.subject.as_str().into(),
        message.body.as_str().into(),
        Value::from(message.created),
    ];
    conn.insert(sql, &values)
}

/// Takes messages that may be sent now and holds them until `held_until`; each for whoever goes on in the place of its
/// recipient, where that is somebody else by now.
///
/// # Errors
/// What the database refuses.
pub fn take(conn: &mut Conn, now: i64, held_until: i64, limit: i64) -> Result<Vec<MessageRow>> {
    let sql = format!(
        "WITH ripe AS MATERIALIZED (
            SELECT id FROM outbox WHERE sent IS NULL AND next_at <= $1 ORDER BY next_at, id LIMIT $3{})
        UPDATE outbox SET next_at = $2, attempts = attempts + 1 WHERE id IN (SELECT id FROM ripe)
        RETURNING id, event, audience, coalesce((SELECT gone.to_entry FROM entry_reference AS gone
            WHERE gone.from_entry = outbox.recipient AND gone.field = $4), recipient),
            address, template, subject, body, attempts",
        conn.dialect().skip_locked()
    );
    let mut taken: Vec<MessageRow> =
        conn.fetch(&sql, &[now.into(), held_until.into(), limit.into(), GOES_ON.into()])?;
    taken.sort_by_key(|message| message.id);
    Ok(taken)
}

/// Notes that a message was handed over at `at`.
///
/// # Errors
/// What the database refuses.
pub fn sent(conn: &mut Conn, id: i64, at: i64) -> Result<()> {
    conn.run("UPDATE outbox SET sent = $2, error = NULL WHERE id = $1", &[id.into(), at.into()]).map(|_| ())
}

/// Lets go of a message that could not be sent, to be tried again at `next_at`.
///
/// # Errors
/// What the database refuses.
pub fn delay(conn: &mut Conn, id: i64, next_at: i64, error: &str) -> Result<()> {
    let sql = "UPDATE outbox SET next_at = $2, error = $3 WHERE id = $1";
    conn.run(sql, &[id.into(), next_at.into(), error.into()]).map(|_| ())
}
