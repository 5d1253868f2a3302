//! Service-level clocks: their kept facts as JSON beside the columns that queries need.

use crate::entries::places;
use crate::{Columns, Conn, Result, Row, Seen, Value};

/// A clock on a record. `facts` is the engine's own form; the columns follow from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockRow {
    pub id: i64,
    pub record: i64,
    pub metric: String,
    pub level: i64,
    pub level_version: i64,
    pub calendar: i64,
    pub calendar_version: i64,
    /// The agreed amount in milliseconds of service time; working days count as negative.
    pub target: i64,
    pub started: i64,
    pub due: Option<i64>,
    pub stopped: Option<i64>,
    pub state: String,
    pub breached: Option<i64>,
    pub facts: String,
    /// When, by whom and why time was excluded; the facts keep both results.
    pub adjusted_at: Option<i64>,
    pub adjusted_by: Option<i64>,
    pub adjusted_reason: Option<String>,
}

impl Row for ClockRow {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self {
            id: c.get(0)?,
            record: c.get(1)?,
            metric: c.get(2)?,
            level: c.get(3)?,
            level_version: c.get(4)?,
            calendar: c.get(5)?,
            calendar_version: c.get(6)?,
            target: c.get(7)?,
            started: c.get(8)?,
            due: c.get(9)?,
            stopped: c.get(10)?,
            state: c.get(11)?,
            breached: c.get(12)?,
            facts: c.get(13)?,
            adjusted_at: c.get(14)?,
            adjusted_by: c.get(15)?,
            adjusted_reason: c.get(16)?,
        })
    }
}

const COLUMNS: &str = "id, record, metric, level, level_version, calendar, calendar_version, target, started, due, stopped, state, breached, facts, adjusted_at, adjusted_by, adjusted_reason";

/// The columns as [`ClockRow`] reads them, for statements over several tables.
pub(crate) fn columns() -> String {
    COLUMNS.split(", ").map(|name| format!("clock.{name}")).collect::<Vec<_>>().join(", ")
}

/// The clocks of a record for rules.
///
/// # Errors
/// The database's.
pub fn of(conn: &mut Conn, record: i64) -> Result<Vec<ClockRow>> {
    conn.fetch(&select(), &[record.into()])
}

fn select() -> String {
    format!("SELECT {COLUMNS} FROM clock WHERE record = $1 ORDER BY id")
}

/// Says that [`of`] will be asked.
pub fn foresee(conn: &mut Conn, record: i64) {
    conn.foresee(|| (select(), vec![record.into()]));
}

/// The clocks of a record that somebody sees.
///
/// # Errors
/// The database's.
pub fn shown(conn: &mut Conn, seen: &Seen) -> Result<Vec<ClockRow>> {
    of(conn, seen.record())
}

/// The clocks of several records, for lists.
///
/// # Errors
/// The database's.
pub fn of_all(conn: &mut Conn, seen: &[Seen]) -> Result<Vec<ClockRow>> {
    let ids: Vec<i64> = seen.iter().map(Seen::record).collect();
    let mut values = Vec::new();
    let places = places(&mut values, &ids);
    conn.fetch(&format!("SELECT {COLUMNS} FROM clock WHERE record IN ({places}) ORDER BY id"), &values)
}

/// Inserts a clock and returns its id; `row.id` is ignored.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, row: &ClockRow) -> Result<i64> {
    conn.insert(
        "INSERT INTO clock (record, metric, level, level_version, calendar, calendar_version, target, started, due, stopped, state, breached, facts,
                            adjusted_at, adjusted_by, adjusted_reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        &values(row),
    )
}

/// Writes a clock back.
///
/// # Errors
/// The database's.
pub fn update(conn: &mut Conn, row: &ClockRow) -> Result<()> {
    let mut values = values(row);
    values.push(row.id.into());
    conn.run_later(
        "UPDATE clock SET record = $1, metric = $2, level = $3, level_version = $4, calendar = $5, calendar_version = $6, target = $7,
                started = $8, due = $9, stopped = $10, state = $11, breached = $12, facts = $13,
                adjusted_at = $14, adjusted_by = $15, adjusted_reason = $16 WHERE id = $17",
        &values,
    )
}

fn values(row: &ClockRow) -> Vec<Value> {
    vec![
        row.record.into(),
        row.metric.as_str().into(),
        row.level.into(),
        row.level_version.into(),
        row.calendar.into(),
        row.calendar_version.into(),
        row.target.into(),
        row.started.into(),
        row.due.into(),
        row.stopped.into(),
        row.state.as_str().into(),
        row.breached.into(),
        row.facts.as_str().into(),
        row.adjusted_at.into(),
        row.adjusted_by.into(),
        row.adjusted_reason.clone().into(),
    ]
}

/// One clock by its id, for rules.
///
/// # Errors
/// The database's.
pub fn by_id(conn: &mut Conn, id: i64) -> Result<Option<ClockRow>> {
    conn.maybe(&format!("SELECT {COLUMNS} FROM clock WHERE id = $1"), &[id.into()])
}
