//! What hangs on a record of any process: links, people, comments, attachments, tasks.

mod tasks;
mod work_time;

pub use tasks::{TaskRow, add_task, drop_untouched_task, move_task, set_waits, task_counts, tasks, update_task};
pub use work_time::{TimeRow, add_time, remove_time, times, update_time};

use crate::sql::Sql;
use crate::{Columns, Conn, Dialect, Result, Row, Seen};

/// One end of a link as seen from a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkRow {
    pub relation: String,
    pub outgoing: bool,
    /// The record at the other end.
    pub id: i64,
    pub process: String,
    pub phase: i64,
    pub state: String,
    pub number: String,
}

impl Row for LinkRow {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self {
            relation: c.get(0)?,
            outgoing: c.get(1)?,
            id: c.get(2)?,
            process: c.get(3)?,
            phase: c.get(4)?,
            state: c.get(5)?,
            number: c.get(6)?,
        })
    }
}

/// Links of a record in both directions, without regard to who asks: for rules, not for eyes.
///
/// # Errors
/// The database's.
pub fn links(conn: &mut Conn, record: i64) -> Result<Vec<LinkRow>> {
    conn.fetch(LINKS, &[record.into()])
}

const LINKS: &str = "SELECT l.relation, TRUE, r.id, r.process, r.phase, r.state, r.number FROM link l JOIN record r ON r.id = l.to_record WHERE l.from_record = $1
    UNION ALL
    SELECT l.relation, FALSE, r.id, r.process, r.phase, r.state, r.number FROM link l JOIN record r ON r.id = l.from_record WHERE l.to_record = $1";
const EXTERNAL_LINKS: &str =
    "SELECT relation, reference FROM external_link WHERE record = $1 ORDER BY relation, reference";
const PARTIES: &str = "SELECT entry, role FROM party WHERE record = $1 ORDER BY role, entry";
/// The links of a record in both directions, the other ends locked or not.
macro_rules! around_links {
    ($lock:literal) => {
        concat!(
            "SELECT CAST(0 AS BIGINT), o.relation, TRUE, o.id, o.process, o.phase, o.state, o.number
      FROM (SELECT l.relation, r.id, r.process, r.phase, r.state, r.number
      FROM link l JOIN record r ON r.id = l.to_record WHERE l.from_record = $1",
            $lock,
            ") AS o
    UNION ALL SELECT 0, i.relation, FALSE, i.id, i.process, i.phase, i.state, i.number
      FROM (SELECT l.relation, r.id, r.process, r.phase, r.state, r.number
      FROM link l JOIN record r ON r.id = l.from_record WHERE l.to_record = $1",
            $lock,
            ") AS i"
        )
    };
}

/// What else hangs on a record.
macro_rules! around_others {
    () => {
        "
    UNION ALL SELECT 1, x.relation, FALSE, 0, x.reference, 0, '', '' FROM external_link x WHERE x.record = $1
    UNION ALL SELECT 2, p.role, FALSE, p.entry, '', 0, '', '' FROM party p WHERE p.record = $1
    UNION ALL SELECT 3, '', FALSE, count(*), '', 0, '', '' FROM task t WHERE t.record = $1 AND t.state = 'open'
    UNION ALL SELECT 4, '', FALSE, 0, '', 0, '', '' FROM approval_round a WHERE a.record = $1 AND a.state = 'granted'"
    };
}

const AROUND: &str = concat!(around_links!(""), around_others!());
const AROUND_HELD: &str = concat!(around_links!(" FOR SHARE OF r"), around_others!());

/// What decisions on a record look at around it, without regard to who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Around {
    /// Its links in both directions.
    pub links: Vec<LinkRow>,
    /// References to records of other systems: (relation, reference).
    pub external: Vec<(String, String)>,
    /// People and organisations that see it beyond its columns: (entry, role).
    pub parties: Vec<(i64, String)>,
    /// How many of its tasks are not done.
    pub open_tasks: i64,
    /// Every approval that was asked for is granted, and none is void.
    pub approved: bool,
}

impl Around {
    /// Whether an entry is a party in a role.
    #[must_use]
    pub fn is_party(&self, entry: i64, role: &str) -> bool {
        self.parties.iter().any(|(party, played)| *party == entry && played == role)
    }
}

/// One fact around a record.
enum Fact {
    Link(LinkRow),
    External(String, String),
    Party(i64, String),
    OpenTasks(i64),
    Approved,
}

impl Row for Fact {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(match c.get::<i64>(0)? {
            0 => Self::Link(LinkRow {
                relation: c.get(1)?,
                outgoing: c.get(2)?,
                id: c.get(3)?,
                process: c.get(4)?,
                phase: c.get(5)?,
                state: c.get(6)?,
                number: c.get(7)?,
            }),
            1 => Self::External(c.get(1)?, c.get(4)?),
            2 => Self::Party(c.get(3)?, c.get(1)?),
            3 => Self::OpenTasks(c.get(3)?),
            _ => Self::Approved,
        })
    }
}

/// Reads what is around a record, in one question.
///
/// # Errors
/// The database's.
pub fn around(conn: &mut Conn, record: i64) -> Result<Around> {
    gathered(conn, AROUND, record)
}

/// As [`around`], for a decision that is about to be written: until it is, the records at the other ends of the links
/// stay as they were read. `SQLite` has one writer, so nobody can change them there anyway.
///
/// # Errors
/// The database's; a deadlock with somebody who decides from the other end, of whom one runs again.
pub fn around_held(conn: &mut Conn, record: i64) -> Result<Around> {
    match conn.dialect() {
        Dialect::Sqlite => gathered(conn, AROUND, record),
        Dialect::Postgres => gathered(conn, AROUND_HELD, record),
    }
}

fn gathered(conn: &mut Conn, sql: &str, record: i64) -> Result<Around> {
    let facts: Vec<Fact> = conn.fetch(sql, &[record.into()])?;
    let mut around = Around::default();
    for fact in facts {
        match fact {
            Fact::Link(link) => around.links.push(link),
            Fact::External(relation, reference) => around.external.push((relation, reference)),
            Fact::Party(entry, role) => around.parties.push((entry, role)),
            Fact::OpenTasks(count) => around.open_tasks = count,
            Fact::Approved => around.approved = true,
        }
    }
    around.external.sort();
    Ok(around)
}

/// Makes a link; false when it is there already.
///
/// # Errors
/// The database's.
pub fn link(conn: &mut Conn, from: i64, relation: &str, to: i64, actor: Option<i64>, at: i64) -> Result<bool> {
    let made = conn.run(
        "INSERT INTO link (from_record, relation, to_record, at, actor) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        &[from.into(), relation.into(), to.into(), at.into(), actor.into()],
    )?;
    Ok(made > 0)
}

/// Removes a link, for both ends; false when there was none.
///
/// # Errors
/// The database's.
pub fn unlink(conn: &mut Conn, from: i64, relation: &str, to: i64) -> Result<bool> {
    let gone = conn.run(
        "DELETE FROM link WHERE from_record = $1 AND relation = $2 AND to_record = $3",
        &[from.into(), relation.into(), to.into()],
    )?;
    Ok(gone > 0)
}

/// The records to which links of a relation were made at an instant.
///
/// # Errors
/// The database's.
pub fn links_made(conn: &mut Conn, from: i64, relation: &str, at: i64) -> Result<Vec<i64>> {
    conn.fetch(
        "SELECT to_record FROM link WHERE from_record = $1 AND relation = $2 AND at = $3",
        &[from.into(), relation.into(), at.into()],
    )
}

/// The numbers of the records that some records name under some relations: (record, relation, number), without regard
/// to who asks.
///
/// # Errors
/// The database's.
pub fn pointed(conn: &mut Conn, records: &[i64], relations: &[&str]) -> Result<Vec<(i64, String, String)>> {
    let mut sql = Sql::new(
        conn.dialect(),
        "SELECT link.from_record, link.relation, record.number FROM link JOIN record ON record.id = link.to_record WHERE ",
    );
    sql.is_one_of("link.from_record", records).push(" AND link.relation IN ");
    sql.joined(", ", "NULL", relations, |sql, relation| {
        sql.bind(*relation);
    });
    conn.fetch(&sql.text, &sql.values)
}

/// Makes a record name the record with this number under a relation, instead of the one that it named, or none.
///
/// # Errors
/// The database's.
pub fn point(
    conn: &mut Conn,
    from: i64,
    relation: &str,
    number: Option<&str>,
    actor: Option<i64>,
    at: i64,
) -> Result<()> {
    conn.run("DELETE FROM link WHERE from_record = $1 AND relation = $2", &[from.into(), relation.into()])?;
    let Some(number) = number else { return Ok(()) };
    conn.run(
        "INSERT INTO link (from_record, relation, to_record, at, actor) SELECT $1, $2, id, $3, $4 FROM record WHERE number = $5",
        &[from.into(), relation.into(), at.into(), actor.into(), number.into()],
    )
    .map(|_| ())
}

/// References to records of other systems: (relation, reference).
///
/// # Errors
/// The database's.
pub fn external_links(conn: &mut Conn, record: i64) -> Result<Vec<(String, String)>> {
    conn.fetch(EXTERNAL_LINKS, &[record.into()])
}

/// # Errors
/// The database's.
pub fn link_external(conn: &mut Conn, record: i64, relation: &str, reference: &str) -> Result<bool> {
    let made = conn.run(
        "INSERT INTO external_link (record, relation, reference) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        &[record.into(), relation.into(), reference.into()],
    )?;
    Ok(made > 0)
}

/// Removes a reference to a record of another system; false when there was none.
///
/// # Errors
/// The database's.
pub fn unlink_external(conn: &mut Conn, record: i64, relation: &str, reference: &str) -> Result<bool> {
    let gone = conn.run(
        "DELETE FROM external_link WHERE record = $1 AND relation = $2 AND reference = $3",
        &[record.into(), relation.into(), reference.into()],
    )?;
    Ok(gone > 0)
}

/// People and organisations that see the record beyond its columns: (entry, role).
///
/// # Errors
/// The database's.
pub fn parties(conn: &mut Conn, record: i64) -> Result<Vec<(i64, String)>> {
    conn.fetch(PARTIES, &[record.into()])
}

/// The parties of several records: (record, entry), in the order of role and entry.
///
/// # Errors
/// The database's.
pub fn parties_of_all(conn: &mut Conn, records: &[i64]) -> Result<Vec<(i64, i64)>> {
    let mut sql = Sql::new(conn.dialect(), "SELECT record, entry FROM party WHERE ");
    sql.is_one_of("record", records).push(" ORDER BY role, entry");
    conn.fetch(&sql.text, &sql.values)
}

/// Adds a party; false when it is there already.
///
/// # Errors
/// The database's.
pub fn join(conn: &mut Conn, record: i64, entry: i64, role: &str) -> Result<bool> {
    let made = conn.run(
        "INSERT INTO party (record, entry, role) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        &[record.into(), entry.into(), role.into()],
    )?;
    Ok(made > 0)
}

/// Removes a party; false when it was none.
///
/// # Errors
/// The database's.
pub fn leave(conn: &mut Conn, record: i64, entry: i64, role: &str) -> Result<bool> {
    let gone = conn.run(
        "DELETE FROM party WHERE record = $1 AND entry = $2 AND role = $3",
        &[record.into(), entry.into(), role.into()],
    )?;
    Ok(gone > 0)
}

/// A comment: public, or internal for staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentRow {
    pub id: i64,
    pub record: i64,
    pub at: i64,
    pub author: Option<i64>,
    pub internal: bool,
    pub body: String,
    pub channel: String,
    /// It can still be taken back; only those who read what is internal read it.
    pub held: bool,
}

impl Row for CommentRow {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self {
            id: c.get(0)?,
            record: c.get(1)?,
            at: c.get(2)?,
            author: c.get(3)?,
            internal: c.get(4)?,
            body: c.get(5)?,
            channel: c.get(6)?,
            held: c.get(7)?,
        })
    }
}

const COMMENT: &str = "SELECT id, record, at, author, internal, body, channel, held FROM comment";

/// The comments that the proof opens, oldest first, after an id.
///
/// # Errors
/// The database's.
pub fn comments(conn: &mut Conn, seen: &Seen, after: i64, limit: i64) -> Result<Vec<CommentRow>> {
    conn.fetch(COMMENTS, &[seen.record().into(), after.into(), seen.internal().into(), limit.into()])
}

const COMMENTS: &str = "SELECT id, record, at, author, internal, body, channel, held FROM comment
    WHERE record = $1 AND id > $2 AND (NOT (internal OR held) OR $3) ORDER BY id LIMIT $4";
const ATTACHMENTS: &str = "SELECT id, record, comment, name, media_type, size, digest, internal, at, author
    FROM attachment WHERE record = $1 AND (NOT internal OR $2) ORDER BY id";
const TASKS: &str = "SELECT id, record, position, title, state, team, assignee, due, done_at, version,
    (SELECT string_agg(CAST(w.awaited AS TEXT), ',') FROM task_wait w WHERE w.task = task.id) FROM task
    WHERE record = $1 ORDER BY position, id";

/// Says that what a record's page shows beside it will be asked: as many comments, the attachments, the tasks.
pub fn foresee_shown(conn: &mut Conn, seen: &Seen, comments: i64) {
    let (record, internal) = (seen.record(), seen.internal());
    conn.foresee(|| (COMMENTS.to_owned(), vec![record.into(), 0.into(), internal.into(), comments.into()]));
    conn.foresee(|| (ATTACHMENTS.to_owned(), vec![record.into(), internal.into()]));
    conn.foresee(|| (TASKS.to_owned(), vec![record.into()]));
}

/// The comments on several records that the proofs open, oldest first.
///
/// # Errors
/// The database's.
pub fn comments_of_all(conn: &mut Conn, seen: &[Seen]) -> Result<Vec<CommentRow>> {
    let mut sql = Sql::new(conn.dialect(), COMMENT);
    let ids: Vec<i64> = seen.iter().map(Seen::record).collect();
    sql.push(" WHERE ").is_one_of("record", &ids).push(" ORDER BY id");
    let mut rows: Vec<CommentRow> = conn.fetch(&sql.text, &sql.values)?;
    let closed: Vec<i64> = seen.iter().filter(|seen| !seen.internal()).map(Seen::record).collect();
    rows.retain(|row| !((row.internal || row.held) && closed.contains(&row.record)));
    Ok(rows)
}

/// Inserts a comment and returns its id; `row.id` is ignored.
///
/// # Errors
/// The database's.
pub fn comment(conn: &mut Conn, row: &CommentRow) -> Result<i64> {
    conn.insert(
        "INSERT INTO comment (record, at, author, internal, body, channel, held) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            row.record.into(),
            row.at.into(),
            row.author.into(),
            row.internal.into(),
            row.body.as_str().into(),
            row.channel.as_str().into(),
            row.held.into(),
        ],
    )
}

/// The public comments on a record from an instant on, oldest first, for rules.
///
/// # Errors
/// The database's.
pub fn public_since(conn: &mut Conn, record: i64, since: i64) -> Result<Vec<CommentRow>> {
    let sql = format!("{COMMENT} WHERE record = $1 AND at >= $2 AND NOT (internal OR held) ORDER BY id LIMIT 200");
    conn.fetch(&sql, &[record.into(), since.into()])
}

/// A comment that can still be taken back, for whoever wrote it and for the timer that lets it go.
///
/// # Errors
/// The database's.
pub fn held(conn: &mut Conn, id: i64) -> Result<Option<CommentRow>> {
    conn.maybe(&format!("{COMMENT} WHERE id = $1 AND held"), &[id.into()])
}

/// Lets a held comment go; false when it was not held any more.
///
/// # Errors
/// The database's.
pub fn let_go(conn: &mut Conn, id: i64) -> Result<bool> {
    Ok(conn.run("UPDATE comment SET held = FALSE WHERE id = $1 AND held", &[id.into()])? > 0)
}

/// Takes a held comment back; false when it was not held any more.
///
/// # Errors
/// The database's.
pub fn take_back(conn: &mut Conn, id: i64) -> Result<bool> {
    Ok(conn.run("DELETE FROM comment WHERE id = $1 AND held", &[id.into()])? > 0)
}

/// A file on a record. `digest` is the SHA-256 of its bytes in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachmentRow {
    pub id: i64,
    pub record: i64,
    pub comment: Option<i64>,
    pub name: String,
    pub media_type: String,
    pub size: i64,
    pub digest: String,
    pub internal: bool,
    pub at: i64,
    pub author: Option<i64>,
}

impl Row for AttachmentRow {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self {
            id: c.get(0)?,
            record: c.get(1)?,
            comment: c.get(2)?,
            name: c.get(3)?,
            media_type: c.get(4)?,
            size: c.get(5)?,
            digest: c.get(6)?,
            internal: c.get(7)?,
            at: c.get(8)?,
            author: c.get(9)?,
        })
    }
}

/// The attachments that the proof opens, oldest first.
///
/// # Errors
/// The database's.
pub fn attachments(conn: &mut Conn, seen: &Seen) -> Result<Vec<AttachmentRow>> {
    conn.fetch(ATTACHMENTS, &[seen.record().into(), seen.internal().into()])
}

/// The record that an attachment hangs on, so that the caller can ask for the proof.
///
/// # Errors
/// The database's.
pub fn attachment_home(conn: &mut Conn, attachment: i64) -> Result<Option<i64>> {
    conn.maybe("SELECT record FROM attachment WHERE id = $1", &[attachment.into()])
}

/// Inserts an attachment and returns its id; `row.id` is ignored. The blob must be stored before.
///
/// # Errors
/// The database's.
pub fn attach(conn: &mut Conn, row: &AttachmentRow) -> Result<i64> {
    conn.insert(
        "INSERT INTO attachment (record, comment, name, media_type, size, digest, internal, at, author)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            row.record.into(),
            row.comment.into(),
            row.name.as_str().into(),
            row.media_type.as_str().into(),
            row.size.into(),
            row.digest.as_str().into(),
            row.internal.into(),
            row.at.into(),
            row.author.into(),
        ],
    )
}

const FILES_OF: &str = "SELECT id, record, comment, name, media_type, size, digest, internal, at, author
    FROM attachment WHERE comment = $1 ORDER BY id";

/// Opens the files of words that have left to whoever reads the words, and answers them.
///
/// # Errors
/// The database's.
pub fn let_files_go(conn: &mut Conn, comment: i64) -> Result<Vec<AttachmentRow>> {
    conn.run("UPDATE attachment SET internal = FALSE WHERE comment = $1", &[comment.into()])?;
    conn.fetch(FILES_OF, &[comment.into()])
}

/// Takes the files of words from their record, and answers what they were.
///
/// # Errors
/// The database's.
pub fn take_files_back(conn: &mut Conn, comment: i64) -> Result<Vec<AttachmentRow>> {
    let files = conn.fetch(FILES_OF, &[comment.into()])?;
    conn.run("DELETE FROM attachment WHERE comment = $1", &[comment.into()])?;
    Ok(files)
}

/// Copies what people gave to `from` onto `to`: comments and attachments, with their instants and where they came
/// from.
///
/// # Errors
/// The database's.
pub fn absorb(conn: &mut Conn, from: i64, to: i64) -> Result<()> {
    conn.run_later(
        "INSERT INTO comment (record, at, author, internal, body, channel, origin)
         SELECT $2, at, author, internal, body, channel, id FROM comment WHERE record = $1 AND NOT held ORDER BY id",
        &[from.into(), to.into()],
    )?;
    conn.run_later(
        "INSERT INTO attachment (record, comment, name, media_type, size, digest, internal, at, author, origin)
         SELECT $2, NULL, name, media_type, size, digest, internal, at, author, id FROM attachment
         WHERE record = $1 AND NOT EXISTS (SELECT 1 FROM comment c WHERE c.id = attachment.comment AND c.held) ORDER BY id",
        &[from.into(), to.into()],
    )?;
    conn.run_later(
        "INSERT INTO party (record, entry, role) SELECT $2, entry, role FROM party WHERE record = $1 ON CONFLICT DO NOTHING",
        &[from.into(), to.into()],
    )
}

/// Takes from `to` what [`absorb`] copied there from `from`; people stay for the caller to say.
///
/// # Errors
/// The database's.
pub fn give_back(conn: &mut Conn, from: i64, to: i64) -> Result<()> {
    let both = [from.into(), to.into()];
    let attachments =
        "DELETE FROM attachment WHERE record = $2 AND origin IN (SELECT id FROM attachment WHERE record = $1)";
    conn.run_later(attachments, &both)?;
    let comments = "DELETE FROM comment WHERE record = $2 AND origin IN (SELECT id FROM comment WHERE record = $1)";
    conn.run_later(comments, &both)
}
