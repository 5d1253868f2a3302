//! Records with a planned time: which of them meet a stretch of time, what they touch, and which conflicts of theirs
//! somebody accepted.

use crate::sql::Sql;
use crate::{Columns, Conn, Result, Row, Table};

/// Longer ones, in milliseconds, have an index of their own, so that all others are found by their start alone.
const LONG: i64 = 3 * 86_400_000;

/// The ids of the records whose planned time meets the time from one instant to before another, the first `most` by
/// their start, without regard to who asks. `start` and `end` are columns of the table.
///
/// # Errors
/// [`crate::Error::Query`] for a column that the table has not; what the database refuses.
pub fn meeting(
    conn: &mut Conn,
    table: &Table,
    (start, end): (&str, &str),
    (from, until): (i64, i64),
    most: i64,
) -> Result<Vec<i64>> {
    table.kind(start)?;
    table.kind(end)?;
    let name = table.name;
    let short = format!(
        "SELECT record, {start} FROM {name} WHERE {start} < $1 AND {start} > $2 AND {end} > $3 ORDER BY {start}, record LIMIT $4"
    );
    let values = [until.into(), from.saturating_sub(LONG).into(), from.into(), most.into()];
    let mut found: Vec<(i64, i64)> = conn.fetch(&short, &values)?;
    let long = format!(
        "SELECT record, {start} FROM {name} WHERE {end} - {start} > {LONG} AND {end} > $1 AND {start} < $2 LIMIT $3"
    );
    found.extend(conn.fetch::<(i64, i64)>(&long, &[from.into(), until.into(), most.into()])?);
    found.sort_unstable_by_key(|(record, start)| (*start, *record));
    found.dedup();
    found.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok(found.into_iter().map(|(record, _)| record).collect())
}

/// What some records are linked with among those of other processes, either way: (record, the other). Without regard to
/// who asks.
///
/// # Errors
/// What the database refuses.
pub fn touched(conn: &mut Conn, records: &[i64], processes: &[&str]) -> Result<Vec<(i64, i64)>> {
    let mut sql = Sql::new(conn.dialect(), "");
    for (turn, (own, other)) in [("from_record", "to_record"), ("to_record", "from_record")].into_iter().enumerate() {
        sql.push(if turn == 0 { "" } else { " UNION " });
        sql.push(&format!("SELECT link.{own}, link.{other} FROM link JOIN record ON record.id = link.{other} WHERE "));
        sql.is_one_of(&format!("link.{own}"), records).push(" AND record.process IN ");
        sql.joined(", ", "NULL", processes, |sql, process| {
            sql.bind(*process);
        });
    }
    conn.fetch(&sql.text, &sql.values)
}

/// What some records depend on at once: (record, what it depends on). `first` are the relations by which the record
/// that has one depends on the other, `second` those by which the other does.
///
/// # Errors
/// What the database refuses.
pub fn below(conn: &mut Conn, records: &[i64], first: &[&str], second: &[&str]) -> Result<Vec<(i64, i64)>> {
    let mut sql = Sql::new(conn.dialect(), "");
    let ways = [("from_record", "to_record", first), ("to_record", "from_record", second)];
    for (turn, (own, other, relations)) in ways.into_iter().enumerate() {
        sql.push(if turn == 0 { "" } else { " UNION " });
        sql.push(&format!("SELECT {own}, {other} FROM link WHERE ")).is_one_of(own, records).push(" AND relation IN ");
        sql.joined(", ", "NULL", relations, |sql, relation| {
            sql.bind(*relation);
        });
    }
    conn.fetch(&sql.text, &sql.values)
}

/// Who has open tasks of some records: (record, person).
///
/// # Errors
/// What the database refuses.
pub fn busy(conn: &mut Conn, records: &[i64]) -> Result<Vec<(i64, i64)>> {
    let mut sql = Sql::new(conn.dialect(), "SELECT DISTINCT record, assignee FROM task WHERE ");
    sql.is_one_of("record", records).push(" AND state = 'open' AND assignee IS NOT NULL");
    conn.fetch(&sql.text, &sql.values)
}

/// A conflict of a record that somebody accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedRow {
    pub record: i64,
    /// With what: the number of a record, or a window.
    pub with: String,
    /// What it was: with another time or other reasons it is another conflict.
    pub basis: String,
    pub person: i64,
    pub at: i64,
    pub reason: String,
}

impl Row for AcceptedRow {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self {
            record: c.get(0)?,
            with: c.get(1)?,
            basis: c.get(2)?,
            person: c.get(3)?,
            at: c.get(4)?,
            reason: c.get(5)?,
        })
    }
}

/// The conflicts of some records that were accepted, whatever they are now.
///
/// # Errors
/// What the database refuses.
pub fn accepted(conn: &mut Conn, records: &[i64]) -> Result<Vec<AcceptedRow>> {
    let mut sql =
        Sql::new(conn.dialect(), "SELECT record, met, basis, person, at, reason FROM conflict_accepted WHERE ");
    sql.is_one_of("record", records);
    conn.fetch(&sql.text, &sql.values)
}

/// Keeps that a conflict is accepted; what was accepted of the same before is replaced.
///
/// # Errors
/// What the database refuses.
pub fn accept(conn: &mut Conn, row: &AcceptedRow) -> Result<()> {
    conn.run(
        "INSERT INTO conflict_accepted (record, met, basis, person, at, reason) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (record, met) DO UPDATE SET
         basis = excluded.basis, person = excluded.person, at = excluded.at, reason = excluded.reason",
        &[
            row.record.into(),
            row.with.as_str().into(),
            row.basis.as_str().into(),
            row.person.into(),
            row.at.into(),
            row.reason.as_str().into(),
        ],
    )?;
    Ok(())
}
