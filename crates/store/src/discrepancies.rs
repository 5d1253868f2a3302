//! Where what was found of a record is not what is written there.

use crate::sql::Sql;
use crate::{Columns, Conn, Result, Row, Scope};

/// What is found otherwise in one field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiscrepancyRow {
    pub id: i64,
    pub record: i64,
    /// Key of the process of the record.
    pub process: String,
    pub field: String,
    /// The source that brought it up.
    pub source: i64,
    /// What is written and what was found, in the stored form of the field, as JSON.
    pub written: String,
    pub found: String,
    /// `found`, `explained`, `raised`, `corrected_here`, `corrected_there` or `closed`.
    pub state: String,
    /// Number of the record that explains it or was raised for it.
    pub by_number: Option<String>,
    pub reason: Option<String>,
    /// When it was found first and last, and when it ended; epoch milliseconds UTC.
    pub first: i64,
    pub last: i64,
    pub ended: Option<i64>,
}

const COLUMNS: [&str; 13] = [
    "id",
    "record",
    "process",
    "field",
    "source",
    "written",
    "found",
    "state",
    "by_number",
    "reason",
    "first",
    "last",
    "ended",
];

fn columns() -> String {
    COLUMNS.map(|column| format!("discrepancy.{column}")).join(", ")
}

impl Row for DiscrepancyRow {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self {
            id: c.get(0)?,
            record: c.get(1)?,
            process: c.get(2)?,
            field: c.get(3)?,
            source: c.get(4)?,
            written: c.get(5)?,
            found: c.get(6)?,
            state: c.get(7)?,
            by_number: c.get(8)?,
            reason: c.get(9)?,
            first: c.get(10)?,
            last: c.get(11)?,
            ended: c.get(12)?,
        })
    }
}

/// What a source finds otherwise in a record and goes on.
///
/// # Errors
/// The database's.
pub fn going_on(conn: &mut Conn, record: i64, source: i64) -> Result<Vec<DiscrepancyRow>> {
    let sql = format!(
        "SELECT {} FROM discrepancy WHERE record = $1 AND source = $2 AND ended IS NULL ORDER BY id",
        columns()
    );
    conn.fetch(&sql, &[record.into(), source.into()])
}

/// One of them, if the caller may see its record.
///
/// # Errors
/// The database's.
pub fn by_id(conn: &mut Conn, scope: &Scope, process: &str, id: i64) -> Result<Option<DiscrepancyRow>> {
    let mut sql = visible(conn, scope, process);
    sql.push(" AND discrepancy.id = ").bind(id);
    conn.maybe(&sql.text, &sql.values)
}

/// Those of a process in some states whose records the caller sees, the newest first, before an id.
///
/// # Errors
/// The database's.
pub fn list(
    conn: &mut Conn,
    scope: &Scope,
    process: &str,
    states: &[&'static str],
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<DiscrepancyRow>> {
    let mut sql = visible(conn, scope, process);
    sql.push(" AND discrepancy.state IN ");
    sql.joined(", ", "NULL", states, |sql, state| {
        sql.bind(*state);
    });
    if let Some(before) = before {
        sql.push(" AND discrepancy.id < ").bind(before);
    }
    sql.push(" ORDER BY discrepancy.id DESC LIMIT ").bind(limit);
    conn.fetch(&sql.text, &sql.values)
}

fn visible(conn: &Conn, scope: &Scope, process: &str) -> Sql {
    let begin = format!(
        "SELECT {} FROM discrepancy JOIN record ON record.id = discrepancy.record WHERE discrepancy.process = ",
        columns()
    );
    let mut sql = Sql::new(conn.dialect(), &begin);
    sql.bind(process).push(" AND ");
    scope.visible(&mut sql);
    sql
}

/// Keeps a new one, or what became of one that has an id.
///
/// # Errors
/// [`crate::Error::Conflict`] when one of the field goes on already.
pub fn put(conn: &mut Conn, row: &DiscrepancyRow) -> Result<()> {
    if row.id == 0 {
        let sql = "INSERT INTO discrepancy (record, process, field, source, written, found, state, by_number, reason, first, last)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        let values = [
            row.record.into(),
            row.process.as_str().into(),
            row.field.as_str().into(),
            row.source.into(),
            row.written.as_str().into(),
            row.found.as_str().into(),
            row.state.as_str().into(),
            row.by_number.as_deref().into(),
            row.reason.as_deref().into(),
            row.first.into(),
            row.last.into(),
        ];
        return conn.insert(sql, &values).map(|_| ());
    }
    let sql = "UPDATE discrepancy SET written = $2, found = $3, state = $4, by_number = $5, reason = $6, last = $7, ended = $8
        WHERE id = $1";
    let values = [
        row.id.into(),
        row.written.as_str().into(),
        row.found.as_str().into(),
        row.state.as_str().into(),
        row.by_number.as_deref().into(),
        row.reason.as_deref().into(),
        row.last.into(),
        row.ended.into(),
    ];
    conn.run(sql, &values).map(|_| ())
}
