//! The event log: appended in the transaction that makes the change, read in order, never altered.

use crate::sql::Sql;
use crate::{Columns, Conn, Db, Dialect, Error, Result, Row, Scope, Seen, Value};

/// An event about to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// When, in epoch milliseconds UTC.
    pub at: i64,
    /// The person who did it; none for the system.
    pub actor: Option<i64>,
    /// Through what: `web`, `api`, `mail`, `timer` …
    pub channel: String,
    /// What kind of thing it happened to: `record`, `entry` …
    pub subject: String,
    /// Which one.
    pub subject_id: i64,
    /// The process of a record.
    pub process: Option<String>,
    /// What happened.
    pub verb: String,
    /// False when only those who see internal content may see it.
    pub public: bool,
    /// What changed, as JSON.
    pub changes: String,
    /// Why, when a reason was given.
    pub reason: Option<String>,
}

/// An event as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the same fields as NewEvent")]
pub struct EventRow {
    /// Grows from event to event; gaps are possible.
    pub id: i64,
    pub at: i64,
    pub actor: Option<i64>,
    pub channel: String,
    pub subject: String,
    pub subject_id: i64,
    pub process: Option<String>,
    pub verb: String,
    pub public: bool,
    pub changes: String,
    pub reason: Option<String>,
}

const COLUMNS: &str = "event.id, event.at, event.actor, event.channel, event.subject, event.subject_id, \
    event.process, event.verb, event.public, event.changes, event.reason";

impl Row for EventRow {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self {
            id: c.get(0)?,
            at: c.get(1)?,
            actor: c.get(2)?,
            channel: c.get(3)?,
            subject: c.get(4)?,
            subject_id: c.get(5)?,
            process: c.get(6)?,
            verb: c.get(7)?,
            public: c.get(8)?,
            changes: c.get(9)?,
            reason: c.get(10)?,
        })
    }
}

/// On `PostgreSQL` transactions commit in another order than they draw ids, so a reader that remembers the newest id
/// would miss events that come later with a smaller one. Every writer therefore announces, by a lock that ends with
/// its transaction, an id below all it will draw; readers stop there. The lock's key is this number plus that id.
const HORIZON: i64 = 0x4D53_0000_0000_0000;

const APPEND: &str =
    "INSERT INTO event (at, actor, channel, subject, subject_id, process, verb, public, changes, reason)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

const ANNOUNCE: &str = "WITH held AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared($1 +
        (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM event_id_seq)))
    SELECT count(*) FROM held";

/// Adds an event and answers its id.
///
/// # Errors
/// [`Error::Conflict`] when the actor does not exist.
pub fn append(conn: &mut Conn, event: &NewEvent) -> Result<i64> {
    announce(conn)?;
    let values = [
        event.at.into(),
        event.actor.into(),
        event.channel.as_str().into(),
        event.subject.as_str().into(),
        event.subject_id.into(),
        event.process.as_deref().into(),
        event.verb.as_str().into(),
        event.public.into(),
        event.changes.as_str().into(),
        Value::from(event.reason.as_deref()),
    ];
    let id = conn.insert(APPEND, &values)?;
    conn.note_event(id);
    Ok(id)
}

/// Says how many events this transaction will soon append, so that their ids come with the next thing asked for.
///
/// # Errors
/// What the database refuses of what was kept before.
pub fn expect(conn: &mut Conn, count: usize) -> Result<()> {
    announce(conn)?;
    conn.expect_rows("event", count);
    Ok(())
}

/// Must come before the first id is drawn, and does: what is kept is sent in its order.
fn announce(conn: &mut Conn) -> Result<()> {
    if conn.dialect() == Dialect::Postgres && !conn.horizon_held {
        conn.run_later(ANNOUNCE, &[HORIZON.into()])?;
        conn.horizon_held = true;
    }
    Ok(())
}

impl Db {
    /// The events after `cursor`, oldest first, at most `limit`. Whoever continues with the last id sees each event
    /// exactly once. It is for background work that acts for nobody, hence the scope.
    ///
    /// # Errors
    /// [`Error::Missing`] when the scope is a person's.
    pub async fn events_after(&self, scope: &Scope, cursor: i64, limit: i64) -> Result<Vec<EventRow>> {
        if !scope.is_system() {
            return Err(Error::Missing);
        }
        // The horizon must be known before the snapshot of the rows is taken, so it is a transaction of its own.
        let horizon = self.settled().await?;
        self.read(move |conn| {
            let sql = format!("SELECT {COLUMNS} FROM event WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3");
            conn.fetch(&sql, &[cursor.into(), horizon.into(), limit.into()])
        })
        .await
    }

    /// The newest event such that whoever begins to read now sees it and all before it.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn settled(&self) -> Result<i64> {
        match self.dialect() {
            // Events come one transaction after the other.
            Dialect::Sqlite => self.read(newest).await,
            Dialect::Postgres => self.read(horizon).await,
        }
    }
}

/// The records with an event after `cursor`, each with its process, at most `limit`.
///
/// # Errors
/// What the database refuses.
pub fn touched(conn: &mut Conn, cursor: i64, limit: i64) -> Result<Vec<(Option<String>, i64)>> {
    // What is new is a small part of the log, what is about records nearly all of it.
    let subject = conn.dialect().without_index("subject");
    let sql = format!("SELECT DISTINCT process, subject_id FROM event WHERE id > $1 AND {subject} = 'record' LIMIT $2");
    conn.fetch(&sql, &[cursor.into(), limit.into()])
}

/// Whether this has happened after `cursor` to something other than a record.
///
/// # Errors
/// What the database refuses.
pub fn happened_beside(conn: &mut Conn, cursor: i64, subject: &str, verb: &str) -> Result<bool> {
    let found: Option<i64> = conn.maybe(
        "SELECT id FROM event WHERE id > $1 AND subject <> 'record' AND subject = $2 AND verb = $3 LIMIT 1",
        &[cursor.into(), subject.into(), verb.into()],
    )?;
    Ok(found.is_some())
}

/// The newest id below which no event is still on its way. The sequence is read first: who drew an id by then is
/// either still seen in the locks or has committed.
fn horizon(conn: &mut Conn) -> Result<i64> {
    let drawn: i64 = conn.one("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM event_id_seq", &[])?;
    let sql = "SELECT min(((classid::BIGINT << 32) | objid::BIGINT) - $1) FROM pg_locks
        WHERE locktype = 'advisory' AND objsubid = 1 AND mode = 'ShareLock'
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND classid::BIGINT >> 16 = $1 >> 48";
    let oldest: Option<i64> = conn.one(sql, &[HORIZON.into()])?;
    Ok(oldest.map_or(drawn, |oldest| oldest.min(drawn)))
}

/// What happened to a record after event `after`, oldest first; internal events only when the proof opens them.
///
/// # Errors
/// What the database refuses.
pub fn of_record(conn: &mut Conn, seen: &Seen, after: i64, limit: i64) -> Result<Vec<EventRow>> {
    let (sql, values) = question(seen, after, limit);
    conn.fetch(&sql, &values)
}

/// Says that [`of_record`] will be asked from the beginning.
pub fn foresee(conn: &mut Conn, seen: &Seen, limit: i64) {
    conn.foresee(|| question(seen, 0, limit));
}

fn question(seen: &Seen, after: i64, limit: i64) -> (String, Vec<Value>) {
    let sql = format!(
        "SELECT {COLUMNS} FROM event WHERE subject = 'record' AND subject_id = $1 AND id > $2 AND (public OR $3)
         ORDER BY id LIMIT $4"
    );
    (sql, vec![seen.record().into(), after.into(), seen.internal().into(), limit.into()])
}

/// The newest event of a record that the proof opens; zero when there is none.
///
/// # Errors
/// What the database refuses.
pub fn newest_of(conn: &mut Conn, seen: &Seen) -> Result<i64> {
    conn.one(
        "SELECT COALESCE(max(id), 0) FROM event WHERE subject = 'record' AND subject_id = $1 AND (public OR $2)",
        &[seen.record().into(), seen.internal().into()],
    )
}

/// What happened to something other than a record, such as an entry. Who may ask is for the desk to say.
///
/// # Errors
/// [`Error::Query`] for records, which have [`of_record`].
pub fn of(conn: &mut Conn, subject: &str, id: i64, after: i64, limit: i64) -> Result<Vec<EventRow>> {
    if subject == "record" {
        return Err(Error::Query("the history of a record needs a proof that it may be seen".into()));
    }
    let sql =
        format!("SELECT {COLUMNS} FROM event WHERE subject = $1 AND subject_id = $2 AND id > $3 ORDER BY id LIMIT $4");
    conn.fetch(&sql, &[subject.into(), id.into(), after.into(), limit.into()])
}

/// What of the log is looked for; every part narrows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventQuery {
    /// The person who did it.
    pub actor: Option<i64>,
    /// The register of an entry, else the kind of thing that it happened to, such as `account`.
    pub area: Option<String>,
    pub verb: Option<String>,
    /// From here, in epoch milliseconds UTC…
    pub from: Option<i64>,
    /// …to before here.
    pub until: Option<i64>,
}

/// What happened to the record that the proof opens, or without one to anything but records: newest first, before an
/// event's id.
///
/// # Errors
/// What the database refuses.
pub fn backwards(
    conn: &mut Conn,
    seen: Option<&Seen>,
    query: &EventQuery,
    before: i64,
    limit: i64,
) -> Result<Vec<EventRow>> {
    let sql = if let Some(seen) = seen {
        history_backwards(conn.dialect(), seen, query, before, limit)
    } else {
        let place = match before {
            i64::MAX => None,
            _ => conn.maybe("SELECT at FROM event WHERE id <= $1 ORDER BY id DESC LIMIT 1", &[before.into()])?,
        };
        log_backwards(conn.dialect(), query, place.map(|at: i64| (at, before)), limit)
    };
    conn.fetch(&sql.text, &sql.values)
}

fn history_backwards(dialect: Dialect, seen: &Seen, query: &EventQuery, before: i64, limit: i64) -> Sql {
    let mut sql = Sql::new(dialect, &format!("SELECT {COLUMNS} FROM event WHERE subject = 'record'"));
    sql.push(" AND subject_id = ").bind(seen.record());
    sql.push(" AND (public OR ").bind(seen.internal()).push(") AND id < ").bind(before);
    narrow(&mut sql, query);
    sql.push(" ORDER BY id DESC LIMIT ").bind(limit);
    sql
}

/// What happened beside records, in the order of its indexes: each narrows by one thing and ends in the time.
fn log_backwards(dialect: Dialect, query: &EventQuery, before: Option<(i64, i64)>, limit: i64) -> Sql {
    let mut sql = Sql::new(dialect, &format!("SELECT {COLUMNS} FROM event WHERE subject <> 'record'"));
    if let Some((at, id)) = before {
        sql.push(" AND (at, id) < (").bind(at).push(", ").bind(id).push(")");
    }
    if let Some(area) = &query.area {
        sql.push(" AND coalesce(process, subject) = ").bind(area.as_str());
    }
    narrow(&mut sql, query);
    sql.push(" ORDER BY at DESC, id DESC LIMIT ").bind(limit);
    sql
}

fn narrow(sql: &mut Sql, query: &EventQuery) {
    if let Some(verb) = &query.verb {
        sql.push(" AND verb = ").bind(verb.as_str());
    }
    let bounds = [("actor = ", query.actor), ("at >= ", query.from), ("at < ", query.until)];
    for (condition, bound) in bounds.into_iter().filter_map(|(condition, bound)| Some((condition, bound?))) {
        sql.push(" AND ").push(condition).bind(bound);
    }
}

/// When each of some people last signed in, in epoch milliseconds UTC; without those who never did.
///
/// # Errors
/// What the database refuses.
pub fn last_sign_ins(conn: &mut Conn, people: &[i64]) -> Result<Vec<(i64, i64)>> {
    let mut found: Vec<(i64, Option<i64>)> = Vec::new();
    for part in people.chunks(200) {
        let mut sql = Sql::new(
            conn.dialect(),
            "SELECT entry.id, (SELECT max(event.at) FROM event WHERE event.subject = 'account'
                AND event.verb = 'signed_in' AND event.subject_id = entry.id) FROM entry WHERE ",
        );
        sql.is_one_of("entry.id", part);
        found.extend(conn.fetch::<(i64, Option<i64>)>(&sql.text, &sql.values)?);
    }
    Ok(found.into_iter().filter_map(|(person, at)| Some((person, at?))).collect())
}

/// The newest event of this transaction, or of the log when this transaction has appended none (zero before the
/// first).
///
/// # Errors
/// What the database refuses.
pub fn newest(conn: &mut Conn) -> Result<i64> {
    match conn.newest_event() {
        0 => conn.one("SELECT COALESCE(max(id), 0) FROM event", &[]),
        newest => Ok(newest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::both;

    #[tokio::test]
    async fn a_search_of_the_log_reads_the_index_of_what_it_narrows_by() {
        let text = |text: &str| Some(text.to_owned());
        for (query, index) in [
            (EventQuery::default(), "event_beside_by_time"),
            (EventQuery { from: Some(5), until: Some(9), ..EventQuery::default() }, "event_beside_by_time"),
            (EventQuery { actor: Some(7), ..EventQuery::default() }, "event_beside_by_actor"),
            (EventQuery { verb: text("retired"), ..EventQuery::default() }, "event_beside_by_verb"),
            (EventQuery { area: text("account"), until: Some(9), ..EventQuery::default() }, "event_beside_by_area"),
        ] {
            for db in both() {
                let query = query.clone();
                let plan = db.read(move |conn| {
                    let dialect = conn.dialect();
                    let sql = log_backwards(dialect, &query, Some((8, 3)), 50);
                    if dialect == Dialect::Postgres {
                        conn.batch("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")?;
                        return Ok(conn.fetch::<String>(&format!("EXPLAIN {}", sql.text), &sql.values)?.join("; "));
                    }
                    let steps: Vec<(i64, i64, i64, String)> =
                        conn.fetch(&format!("EXPLAIN QUERY PLAN {}", sql.text), &sql.values)?;
                    Ok::<_, Error>(steps.into_iter().map(|(.., step)| step).collect::<Vec<_>>().join("; "))
                });
                let plan = plan.await.expect("a plan");
                assert!(plan.contains(index), "{index}: {plan}");
                assert!(!plan.contains("TEMP B-TREE") && !plan.contains("Sort"), "{plan}");
            }
        }
    }
}
