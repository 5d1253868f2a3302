//! What was made up to look around in: which records and entries that is, and how all of it leaves.
//!
//! A thing is made up from birth or never: the database refuses to mark what has a history, and lets only the history
//! of what is marked out of the log.

use crate::sql::Sql;
use crate::{Conn, Result, Table, Value};

/// What can be made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A record of any process.
    Record,
    /// An entry of any register.
    Entry,
}

impl Subject {
    const fn key(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Entry => "entry",
        }
    }
}

/// Marks something that was just inserted, before its first event.
///
/// # Errors
/// [`crate::Error::Conflict`] when it has a history.
pub fn mark(conn: &mut Conn, subject: Subject, id: i64) -> Result<()> {
    conn.run_later("INSERT INTO demo (subject, id) VALUES ($1, $2)", &[subject.key().into(), id.into()])
}

/// The ids of all that is marked, in order.
///
/// # Errors
/// The database's.
pub fn marked(conn: &mut Conn, subject: Subject) -> Result<Vec<i64>> {
    conn.fetch("SELECT id FROM demo WHERE subject = $1 ORDER BY id", &[subject.key().into()])
}

/// Which of these are marked.
///
/// # Errors
/// The database's.
pub fn among(conn: &mut Conn, subject: Subject, ids: &[i64]) -> Result<Vec<i64>> {
    let mut sql = Sql::new(conn.dialect(), "SELECT id FROM demo WHERE subject = ");
    sql.bind(subject.key()).push(" AND ").is_one_of("id", ids);
    conn.fetch(&sql.text, &sql.values)
}

/// Entries lose the mark: they stay, and from now on their history does too.
///
/// # Errors
/// The database's.
pub fn keep(conn: &mut Conn, entries: &[i64]) -> Result<()> {
    for id in entries {
        conn.run("DELETE FROM demo WHERE subject = 'entry' AND id = $1", &[Value::Int(*id)])?;
    }
    Ok(())
}

const RECORDS: &str = "(SELECT id FROM demo WHERE subject = 'record')";
const ENTRIES: &str = "(SELECT id FROM demo WHERE subject = 'entry')";

/// A statement with the marked records for `{R}`, the marked entries for `{E}`.
fn written(sql: &str) -> String {
    sql.replace("{R}", RECORDS).replace("{E}", ENTRIES)
}

/// Where what is not made up names an entry that is: column after column of what hangs on true records, and of the log.
const NAMED_BY_RECORDS: &[&str] = &[
    "SELECT requester FROM record WHERE requester IN {E} AND id NOT IN {R}",
    "SELECT organisation FROM record WHERE organisation IN {E} AND id NOT IN {R}",
    "SELECT team FROM record WHERE team IN {E} AND id NOT IN {R}",
    "SELECT assignee FROM record WHERE assignee IN {E} AND id NOT IN {R}",
    "SELECT service FROM record WHERE service IN {E} AND id NOT IN {R}",
    "SELECT actor FROM link WHERE actor IN {E} AND from_record NOT IN {R} AND to_record NOT IN {R}",
    "SELECT entry FROM party WHERE entry IN {E} AND record NOT IN {R} AND role <> 'watcher'",
    "SELECT author FROM comment WHERE author IN {E} AND record NOT IN {R}",
    "SELECT author FROM attachment WHERE author IN {E} AND record NOT IN {R}",
    "SELECT team FROM task WHERE team IN {E} AND record NOT IN {R}",
    "SELECT assignee FROM task WHERE assignee IN {E} AND record NOT IN {R}",
    "SELECT person FROM work_time WHERE person IN {E} AND record NOT IN {R}",
    "SELECT policy FROM approval_round WHERE policy IN {E} AND record NOT IN {R}",
    "SELECT approver FROM approval WHERE approver IN {E} AND record NOT IN {R}",
    "SELECT voter FROM approval WHERE voter IN {E} AND record NOT IN {R}",
    "SELECT board FROM meeting WHERE board IN {E} AND id IN (SELECT meeting FROM meeting_item WHERE record NOT IN {R})",
    "SELECT chair FROM meeting WHERE chair IN {E} AND board NOT IN {E}",
    "SELECT person FROM meeting_person WHERE person IN {E} AND meeting IN (SELECT id FROM meeting WHERE board NOT IN {E})",
    "SELECT source FROM sighting WHERE source IN {E} AND record NOT IN {R}",
    "SELECT person FROM conflict_accepted WHERE person IN {E} AND record NOT IN {R}",
    "SELECT source FROM discrepancy WHERE source IN {E} AND record NOT IN {R}",
    "SELECT level FROM clock WHERE level IN {E} AND record NOT IN {R}",
    "SELECT calendar FROM clock WHERE calendar IN {E} AND record NOT IN {R}",
    "SELECT adjusted_by FROM clock WHERE adjusted_by IN {E} AND record NOT IN {R}",
    "SELECT person FROM legal_hold WHERE person IN {E} AND record NOT IN {R}",
    "SELECT person FROM survey WHERE person IN {E} AND record NOT IN {R}",
    "SELECT actor FROM event WHERE actor IN {E} AND subject NOT IN ('entry', 'account')
        AND NOT (subject = 'record' AND subject_id IN {R})",
];

/// Where an entry names one that is made up: the one that names, the one that is named.
const NAMED_BY_ENTRIES: &[&str] = &[
    "SELECT from_entry, to_entry FROM entry_reference WHERE to_entry IN {E}
        AND NOT (field = 'teams' AND from_entry IN (SELECT id FROM entry WHERE register = 'people'))",
    "SELECT id, organisation FROM entry WHERE organisation IN {E}",
    "SELECT entry, actor FROM entry_version WHERE actor IN {E}",
    "SELECT subject_id, actor FROM event WHERE subject IN ('entry', 'account') AND actor IN {E}",
];

/// The marked entries that records name which are not marked, and that the log names beside the history of entries.
/// `columns` are (table, column) of the processes' own tables that hold entries. It reads whole tables.
///
/// # Errors
/// The database's.
pub fn named_by_records(conn: &mut Conn, columns: &[(&str, &str)]) -> Result<Vec<i64>> {
    let own = columns
        .iter()
        .map(|(table, column)| format!("SELECT {column} FROM {table} WHERE {column} IN {{E}} AND record NOT IN {{R}}"));
    let mut named = Vec::new();
    for sql in NAMED_BY_RECORDS.iter().map(|sql| (*sql).to_owned()).chain(own) {
        let distinct = written(&sql).replacen("SELECT", "SELECT DISTINCT", 1);
        named.extend(conn.fetch::<i64>(&distinct, &[])?);
    }
    named.sort_unstable();
    named.dedup();
    Ok(named)
}

/// Which entry names which marked one, as (the one that names, the one that is named). That somebody belongs to a team
/// is no reason for the team to stay.
///
/// # Errors
/// The database's.
pub fn named_by_entries(conn: &mut Conn) -> Result<Vec<(i64, i64)>> {
    let mut named: Vec<(i64, i64)> = Vec::new();
    for sql in NAMED_BY_ENTRIES {
        named.extend(conn.fetch::<(i64, i64)>(&written(sql).replacen("SELECT", "SELECT DISTINCT", 1), &[])?);
    }
    Ok(named)
}

/// The fields of an organisation's own, as JSON, of the records that are not marked.
///
/// # Errors
/// The database's, and what `each` answers.
pub fn own_fields_of_others(conn: &mut Conn, mut each: impl FnMut(&str)) -> Result<()> {
    let sql = written("SELECT custom FROM record WHERE custom IS NOT NULL AND id NOT IN {R}");
    conn.each(&sql, &[], |json: crate::Json| {
        each(&json.0);
        Ok(())
    })
}

/// People who are not marked and belong to a marked team.
///
/// # Errors
/// The database's.
pub fn members_of_marked_teams(conn: &mut Conn) -> Result<Vec<i64>> {
    let sql = "SELECT DISTINCT r.from_entry FROM entry_reference r JOIN entry e ON e.id = r.from_entry
        WHERE r.field = 'teams' AND e.register = 'people' AND r.to_entry IN {E} AND r.from_entry NOT IN {E} ORDER BY 1";
    conn.fetch(&written(sql), &[])
}

const HISTORY: &str = "(SELECT id FROM event WHERE (subject = 'record' AND subject_id IN {R})
    OR (subject IN ('entry', 'account') AND subject_id IN {E}))";

/// What hangs on marked things, in an order in which nothing points to what is gone.
const HANGING: &[&str] = &[
    "DELETE FROM outbox WHERE recipient IN {E} OR event IN {H}",
    "DELETE FROM notice WHERE person IN {E} OR record IN {R} OR event IN {H}",
    "DELETE FROM timer WHERE record IN {R} OR clock IN (SELECT id FROM clock WHERE record IN {R})",
    "DELETE FROM clock WHERE record IN {R}",
    "DELETE FROM follow_up WHERE record IN {R}",
    "DELETE FROM survey WHERE record IN {R}",
    "DELETE FROM legal_hold WHERE record IN {R}",
    "DELETE FROM affected WHERE record IN {R} OR person IN {E}",
    "DELETE FROM draft WHERE record IN {R} OR person IN {E}",
    "DELETE FROM begun_form WHERE person IN {E}",
    "DELETE FROM attachment WHERE record IN {R}",
    "DELETE FROM comment WHERE record IN {R}",
    "DELETE FROM task_wait WHERE task IN (SELECT id FROM task WHERE record IN {R})",
    "DELETE FROM task WHERE record IN {R}",
    "DELETE FROM work_time WHERE record IN {R}",
    "DELETE FROM sighting WHERE record IN {R}",
    "DELETE FROM discrepancy WHERE record IN {R}",
    "DELETE FROM captured WHERE record IN {R} OR item IN {R}",
    "DELETE FROM parked WHERE source IN {E}",
    "DELETE FROM conflict_accepted WHERE record IN {R}",
    "UPDATE meeting SET open_item = NULL WHERE open_item IN {R}",
    "DELETE FROM meeting_item WHERE record IN {R} OR meeting IN (SELECT id FROM meeting WHERE board IN {E})",
    "DELETE FROM meeting_person WHERE meeting IN (SELECT id FROM meeting WHERE board IN {E})",
    "DELETE FROM meeting WHERE board IN {E}",
    "DELETE FROM approval WHERE record IN {R}",
    "DELETE FROM approval_round WHERE record IN {R}",
    "DELETE FROM party WHERE record IN {R} OR entry IN {E}",
    "DELETE FROM external_link WHERE record IN {R}",
    "DELETE FROM link WHERE from_record IN {R} OR to_record IN {R}",
    "UPDATE session SET viewed = NULL WHERE viewed IN {E}",
    "DELETE FROM session WHERE person IN {E}",
    "DELETE FROM token WHERE person IN {E}",
    "DELETE FROM secret_link WHERE person IN {E}",
    "DELETE FROM idempotency WHERE actor IN {E}",
    "DELETE FROM account WHERE person IN {E}",
    "DELETE FROM entry_reference WHERE from_entry IN {E}",
    "DELETE FROM entry_version WHERE entry IN {E}",
];

/// How much was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Records.
    pub records: u64,
    /// Entries of registers, people among them.
    pub entries: u64,
    /// Lines of the log.
    pub events: u64,
}

/// Removes everything that is marked, with all that hangs on it and its history.
///
/// # Errors
/// [`crate::Error::Conflict`] when something that stays points to what would go.
pub fn remove(conn: &mut Conn, tables: &[Table]) -> Result<Removed> {
    let history = HISTORY.replace("{R}", RECORDS).replace("{E}", ENTRIES);
    for sql in HANGING {
        conn.run(&written(&sql.replace("{H}", &history)), &[])?;
    }
    for table in tables {
        conn.run(&written(&format!("DELETE FROM {} WHERE record IN {{R}}", table.name)), &[])?;
    }
    let events = conn.run(&format!("DELETE FROM event WHERE id IN {history}"), &[])?;
    let records = conn.run(&written("DELETE FROM record WHERE id IN {R}"), &[])?;
    // Entries belong to entries.
    conn.run(&written("UPDATE entry SET organisation = NULL WHERE id IN {E}"), &[])?;
    let entries = conn.run(&written("DELETE FROM entry WHERE id IN {E}"), &[])?;
    conn.run("DELETE FROM demo", &[])?;
    note_gap(conn, events)?;
    Ok(Removed { records, entries, events })
}

/// The setting that counts lines which left the log in order.
const GONE: &str = "events_removed";

fn note_gap(conn: &mut Conn, events: u64) -> Result<()> {
    let gone = gone(conn)? + i64::try_from(events).unwrap_or(i64::MAX);
    conn.run(
        "INSERT INTO setting (key, value, updated) VALUES ($1, $2, 0)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        &[GONE.into(), gone.to_string().into()],
    )?;
    Ok(())
}

/// How many lines left the log with demo data.
///
/// # Errors
/// The database's.
pub fn gone(conn: &mut Conn) -> Result<i64> {
    let kept: Option<String> = conn.maybe("SELECT value FROM setting WHERE key = $1", &[GONE.into()])?;
    Ok(kept.and_then(|value| value.parse().ok()).unwrap_or_default())
}

/// Takes every way in from somebody who stays only because true things name them.
///
/// # Errors
/// The database's.
pub fn lock_out(conn: &mut Conn, person: i64) -> Result<()> {
    for table in ["session", "token", "secret_link", "account"] {
        conn.run(&format!("DELETE FROM {table} WHERE person = $1"), &[person.into()])?;
    }
    Ok(())
}

/// How many records are marked.
///
/// # Errors
/// The database's.
pub fn records(conn: &mut Conn) -> Result<i64> {
    conn.one("SELECT count(*) FROM demo WHERE subject = 'record'", &[])
}

/// How many entries of each register are marked.
///
/// # Errors
/// The database's.
pub fn entries_by_register(conn: &mut Conn) -> Result<Vec<(String, i64)>> {
    conn.fetch(&written("SELECT register, count(*) FROM entry WHERE id IN {E} GROUP BY register ORDER BY 1"), &[])
}
