//! Lists and reports that people want as files again and again, and the files that were made of them.

use crate::{Columns, Conn, Result, Row};

/// A list or a report that somebody wants as a file at certain times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScheduleRow {
    /// Its id.
    pub id: i64,
    /// Whose it is.
    pub person: i64,
    /// What its files are called.
    pub name: String,
    /// The process whose records they hold.
    pub process: String,
    /// What it is for.
    pub purpose: String,
    /// Whom it is for.
    pub audience: String,
    /// What the list or the report is asked for, as JSON.
    pub asked: String,
    /// The kind of file.
    pub format: String,
    /// On which days.
    pub every: String,
    /// At which minute of the day in the person's zone.
    pub minute: i64,
    /// It waits until its person lets it go on.
    pub paused: bool,
    /// When the next one is made, in epoch milliseconds UTC.
    pub next_at: i64,
    /// Why the last one could not be made.
    pub problem: Option<String>,
    /// Since when there is it.
    pub created: i64,
}

impl Row for ScheduleRow {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self {
            id: c.get(0)?,
            person: c.get(1)?,
            name: c.get(2)?,
            process: c.get(3)?,
            asked: c.get(4)?,
            format: c.get(5)?,
            every: c.get(6)?,
            minute: c.get(7)?,
            paused: c.get(8)?,
            next_at: c.get(9)?,
            problem: c.get(10)?,
            created: c.get(11)?,
            purpose: c.get(12)?,
            audience: c.get(13)?,
        })
    }
}

const SCHEDULES: &str = "SELECT id, person, name, process, asked, format, every, minute, paused, next_at, problem, \
                         created, purpose, audience FROM export_schedule";

/// Keeps a new schedule and answers its id; `row.id` is ignored.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, row: &ScheduleRow) -> Result<i64> {
    conn.insert(
        "INSERT INTO export_schedule (person, name, process, asked, format, every, minute, paused, next_at, problem, created, purpose, audience)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        &[
            row.person.into(),
            row.name.as_str().into(),
            row.process.as_str().into(),
            row.asked.as_str().into(),
            row.format.as_str().into(),
            row.every.as_str().into(),
            row.minute.into(),
            row.paused.into(),
            row.next_at.into(),
            row.problem.clone().into(),
            row.created.into(),
            row.purpose.as_str().into(),
            row.audience.as_str().into(),
        ],
    )
}

/// A person's schedules, the oldest first.
///
/// # Errors
/// The database's.
pub fn of(conn: &mut Conn, person: i64) -> Result<Vec<ScheduleRow>> {
    conn.fetch(&format!("{SCHEDULES} WHERE person = $1 ORDER BY id"), &[person.into()])
}

/// The schedules of everybody, the oldest first, at most `limit`.
///
/// # Errors
/// The database's.
pub fn of_everybody(conn: &mut Conn, limit: i64) -> Result<Vec<ScheduleRow>> {
    conn.fetch(&format!("{SCHEDULES} ORDER BY id LIMIT $1"), &[limit.into()])
}

/// A schedule, whosever it is.
///
/// # Errors
/// The database's.
pub fn by_id(conn: &mut Conn, id: i64) -> Result<Option<ScheduleRow>> {
    conn.maybe(&format!("{SCHEDULES} WHERE id = $1"), &[id.into()])
}

/// Writes how a schedule goes on.
///
/// # Errors
/// The database's.
pub fn put(conn: &mut Conn, row: &ScheduleRow) -> Result<()> {
    conn.run(
        "UPDATE export_schedule SET paused = $2, next_at = $3, problem = $4 WHERE id = $1",
        &[row.id.into(), row.paused.into(), row.next_at.into(), row.problem.clone().into()],
    )
    .map(|_| ())
}

/// Ends a schedule.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, id: i64) -> Result<()> {
    conn.run("DELETE FROM export_schedule WHERE id = $1", &[id.into()]).map(|_| ())
}

/// A file that was made for somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileRow {
    /// Its id.
    pub id: i64,
    /// Whose it is.
    pub person: i64,
    /// The process whose records it holds.
    pub process: String,
    /// The key of the report that it is; none of a list.
    pub report: Option<String>,
    /// What it is called, without the ending.
    pub name: String,
    /// The kind of file.
    pub format: String,
    /// How many records it holds.
    pub lines: i64,
    /// In bytes.
    pub size: i64,
    /// SHA-256 of its bytes in hexadecimal.
    pub digest: String,
    /// When it was made, in epoch milliseconds UTC.
    pub at: i64,
}

impl Row for FileRow {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self {
            id: c.get(0)?,
            person: c.get(1)?,
            process: c.get(2)?,
            name: c.get(3)?,
            format: c.get(4)?,
            lines: c.get(5)?,
            size: c.get(6)?,
            digest: c.get(7)?,
            at: c.get(8)?,
            report: c.get(9)?,
        })
    }
}

const FILES: &str = "SELECT id, person, process, name, format, lines, size, digest, at, report FROM export_file";

/// Keeps the row of a file whose bytes are stored, and answers its id; `row.id` is ignored.
///
/// # Errors
/// The database's.
pub fn insert_file(conn: &mut Conn, row: &FileRow) -> Result<i64> {
    conn.insert(
        "INSERT INTO export_file (person, process, name, format, lines, size, digest, at, report)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            row.person.into(),
            row.process.as_str().into(),
            row.name.as_str().into(),
            row.format.as_str().into(),
            row.lines.into(),
            row.size.into(),
            row.digest.as_str().into(),
            row.at.into(),
            row.report.clone().into(),
        ],
    )
}

/// A person's files, the newest first.
///
/// # Errors
/// The database's.
pub fn files_of(conn: &mut Conn, person: i64, limit: i64) -> Result<Vec<FileRow>> {
    conn.fetch(&format!("{FILES} WHERE person = $1 ORDER BY id DESC LIMIT $2"), &[person.into(), limit.into()])
}

/// One of a person's files.
///
/// # Errors
/// The database's.
pub fn file(conn: &mut Conn, person: i64, id: i64) -> Result<Option<FileRow>> {
    conn.maybe(&format!("{FILES} WHERE id = $1 AND person = $2"), &[id.into(), person.into()])
}

/// Drops the rows of files made before an instant, and answers the digests that nothing names any more.
///
/// # Errors
/// The database's.
pub fn forget_files(conn: &mut Conn, before: i64) -> Result<Vec<String>> {
    let mut gone: Vec<String> =
        conn.fetch("DELETE FROM export_file WHERE at < $1 RETURNING digest", &[before.into()])?;
    gone.sort_unstable();
    gone.dedup();
    let mut free = Vec::with_capacity(gone.len());
    for digest in gone {
        let named: i64 = conn.one(
            "SELECT (SELECT count(*) FROM attachment WHERE digest = $1) + (SELECT count(*) FROM export_file WHERE digest = $1)",
            &[digest.as_str().into()],
        )?;
        if named == 0 {
            free.push(digest);
        }
    }
    Ok(free)
}
