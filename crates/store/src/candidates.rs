//! Records that may have one cause: what was proposed, and what became of it.

use crate::sql::Sql;
use crate::{Column, Columns, Conn, Error, Result, Row, Scope, Table};

/// A proposal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CandidateRow {
    pub id: i64,
    /// Key of the process that would hold the cause.
    pub process: String,
    /// `open`, `taken` or `dismissed`.
    pub state: String,
    /// What brought it up, by the word for it.
    pub why: String,
    /// Ids of the records, the oldest first.
    pub members: Vec<i64>,
    /// Why it was dismissed.
    pub reason: Option<String>,
    /// When it was found first, in epoch milliseconds UTC.
    pub found: i64,
    /// When it was found last.
    pub seen: i64,
}

impl Row for CandidateRow {
    fn read(c: &Columns<'_>) -> Result<Self> {
        let members: String = c.get(4)?;
        Ok(Self {
            id: c.get(0)?,
            process: c.get(1)?,
            state: c.get(2)?,
            why: c.get(3)?,
            members: serde_json::from_str(&members).unwrap_or_default(),
            reason: c.get(5)?,
            found: c.get(6)?,
            seen: c.get(7)?,
        })
    }
}

const COLUMNS: &str = "id, process, state, why, members, reason, found, seen";

fn members(ids: &[i64]) -> String {
    serde_json::json!(ids).to_string()
}

/// The proposals of a process, the newest first.
///
/// # Errors
/// The database's.
pub fn of_process(conn: &mut Conn, process: &str) -> Result<Vec<CandidateRow>> {
    let sql = format!("SELECT {COLUMNS} FROM candidate WHERE process = $1 ORDER BY id DESC");
    conn.fetch(&sql, &[process.into()])
}

/// The proposals of a process in one state, the newest first.
///
/// # Errors
/// The database's.
pub fn in_state(conn: &mut Conn, process: &str, state: &str, limit: i64) -> Result<Vec<CandidateRow>> {
    let sql = format!("SELECT {COLUMNS} FROM candidate WHERE process = $1 AND state = $2 ORDER BY id DESC LIMIT $3");
    conn.fetch(&sql, &[process.into(), state.into(), limit.into()])
}

/// One proposal.
///
/// # Errors
/// The database's.
pub fn by_id(conn: &mut Conn, process: &str, id: i64) -> Result<Option<CandidateRow>> {
    conn.maybe(&format!("SELECT {COLUMNS} FROM candidate WHERE process = $1 AND id = $2"), &[process.into(), id.into()])
}

/// Keeps a new proposal, and answers its id.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, row: &CandidateRow) -> Result<i64> {
    let sql = "INSERT INTO candidate (process, state, why, members, reason, found, seen)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values = [
        row.process.as_str().into(),
        row.state.as_str().into(),
        row.why.as_str().into(),
        members(&row.members).into(),
        row.reason.as_deref().into(),
        row.found.into(),
        row.seen.into(),
    ];
    conn.insert(sql, &values)
}

/// Keeps what became of a proposal; false when it was not in this state any more.
///
/// # Errors
/// The database's.
pub fn put(conn: &mut Conn, row: &CandidateRow, before: &str) -> Result<bool> {
    let sql = "UPDATE candidate SET state = $2, why = $3, members = $4, reason = $5, seen = $6
        WHERE id = $1 AND state = $7";
    let values = [
        row.id.into(),
        row.state.as_str().into(),
        row.why.as_str().into(),
        members(&row.members).into(),
        row.reason.as_deref().into(),
        row.seen.into(),
        before.into(),
    ];
    Ok(conn.run(sql, &values)? > 0)
}

/// Forgets an open proposal that holds no more.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, id: i64) -> Result<()> {
    conn.run("DELETE FROM candidate WHERE id = $1 AND state = 'open'", &[id.into()]).map(|_| ())
}

/// A record as far as it is compared with others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedRow {
    pub id: i64,
    pub opened: i64,
    pub text: String,
    pub service: Option<i64>,
    pub team: Option<i64>,
    pub priority: Option<i64>,
    pub category: Option<i64>,
}

impl Row for ComparedRow {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self {
            id: c.get(0)?,
            opened: c.get(1)?,
            text: c.get(2)?,
            service: c.get(3)?,
            team: c.get(4)?,
            priority: c.get(5)?,
            category: c.get(6)?,
        })
    }
}

/// Which records are compared.
#[derive(Clone, Debug)]
pub struct Compared<'a> {
    pub process: &'a str,
    pub table: &'static Table,
    /// States of records that count for nothing.
    pub void: Vec<&'static str>,
    /// Records with this link have their cause already.
    pub relation: &'a str,
    /// Opened at this instant or later.
    pub since: i64,
    /// Only these.
    pub among: Option<&'a [i64]>,
    /// Own columns that hold what was reported.
    pub words: Vec<&'static str>,
    /// The own column of the category.
    pub category: Option<&'static str>,
    /// The newest so many.
    pub limit: i64,
}

/// So much of what somebody wrote is compared, in characters: what it is about stands at its beginning, and nobody fills
/// the memory of a node by writing much.
const MOST_WORDS: usize = 500;

/// The visible records that are compared with each other, the newest first.
///
/// # Errors
/// A column that there is not; what the database refuses.
pub fn compared(conn: &mut Conn, scope: &Scope, asked: &Compared<'_>) -> Result<Vec<ComparedRow>> {
    let name = asked.table.name;
    let own = |key: &str| -> Result<String> {
        asked.table.kind(key).map_err(|_| Error::Query("only declared columns are compared".into()))?;
        Ok(format!("{name}.{key}"))
    };
    let mut words = String::from("record.title");
    for key in &asked.words {
        words.push_str(&format!(" || ' ' || substr(COALESCE({}, ''), 1, {MOST_WORDS})", own(key)?));
    }
    let category = asked.category.map_or_else(|| Ok("CAST(NULL AS BIGINT)".to_owned()), own)?;
    let begin = format!(
        "SELECT record.id, record.opened, {words}, record.service, record.team, record.priority, {category}
        FROM record JOIN {name} ON {name}.record = record.id WHERE record.process = "
    );
    let mut sql = Sql::new(conn.dialect(), &begin);
    sql.bind(asked.process).push(" AND record.opened >= ").bind(asked.since);
    for state in &asked.void {
        sql.push(" AND record.state <> ").bind(*state);
    }
    if let Some(ids) = asked.among {
        sql.push(" AND ").is_one_of("record.id", ids);
    }
    sql.push(" AND NOT EXISTS (SELECT 1 FROM link WHERE link.from_record = record.id AND link.relation = ");
    sql.bind(asked.relation).push(") AND ");
    scope.visible(&mut sql);
    sql.push(" ORDER BY record.id DESC LIMIT ").bind(asked.limit);
    conn.fetch(&sql.text, &sql.values)
}

/// The own column behind a declared one.
#[must_use]
pub fn own_column(column: Column) -> Option<&'static str> {
    if let Column::Narrow(key) = column { Some(key) } else { None }
}
