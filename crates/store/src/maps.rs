//! What maps of records are made of: links of some relations, and the records of other processes that touch some.

use crate::query::spine_columns;
use crate::record::Spine;
use crate::sql::Sql;
use crate::{Conn, Result, Scope};

/// Hands every link of these relations to `take`, without regard to who asks: from, relation, to. Of some records those
/// at either end, which may come twice.
///
/// # Errors
/// What the database refuses; what `take` answers.
pub fn links(
    conn: &mut Conn,
    relations: &[&str],
    records: Option<&[i64]>,
    mut take: impl FnMut(i64, &str, i64) -> Result<()>,
) -> Result<()> {
    let ends: &[&str] = if records.is_some() { &["from_record", "to_record"] } else { &[""] };
    for end in ends {
        let mut sql = Sql::new(conn.dialect(), "SELECT from_record, relation, to_record FROM link WHERE ");
        if let Some(records) = records {
            sql.is_one_of(end, records).push(" AND ");
        }
        sql.push("relation IN ");
        sql.joined(", ", "NULL", relations, |sql, relation| {
            sql.bind(*relation);
        });
        conn.each(&sql.text, &sql.values, |(from, relation, to): (i64, String, i64)| take(from, &relation, to))?;
    }
    Ok(())
}

/// What stands at the other end of the links that some records have by some relations, read from one end: `most` of them,
/// some perhaps twice. Without regard to who asks.
///
/// # Errors
/// What the database refuses.
pub fn beside(
    conn: &mut Conn,
    records: &[i64],
    (own, other): (&'static str, &'static str),
    relations: &[&str],
    most: usize,
) -> Result<Vec<i64>> {
    let mut sql = Sql::new(conn.dialect(), &format!("SELECT {other} FROM link WHERE "));
    sql.is_one_of(own, records).push(" AND relation IN ");
    sql.joined(", ", "NULL", relations, |sql, relation| {
        sql.bind(*relation);
    });
    sql.push(" LIMIT ").bind(i64::try_from(most).unwrap_or(i64::MAX));
    conn.fetch(&sql.text, &sql.values)
}

/// Hands the links with one of these records at an end that were made before an instant to `take`, without regard to who
/// asks: from, relation, to; of some relations, or of all. One may come twice.
///
/// # Errors
/// What the database refuses; what `take` answers.
pub fn links_made_before(
    conn: &mut Conn,
    relations: Option<&[&str]>,
    records: &[i64],
    at: i64,
    mut take: impl FnMut(i64, &str, i64) -> Result<()>,
) -> Result<()> {
    for end in ["from_record", "to_record"] {
        let mut sql = Sql::new(conn.dialect(), "SELECT from_record, relation, to_record FROM link WHERE ");
        sql.is_one_of(end, records).push(" AND at < ").bind(at);
        if let Some(relations) = relations {
            sql.push(" AND relation IN ");
            sql.joined(", ", "NULL", relations, |sql, relation| {
                sql.bind(*relation);
            });
        }
        conn.each(&sql.text, &sql.values, |(from, relation, to): (i64, String, i64)| take(from, &relation, to))?;
    }
    Ok(())
}

/// The visible live records of other processes that are linked with some records of one, the newest first.
///
/// # Errors
/// What the database refuses.
pub fn touching(conn: &mut Conn, scope: &Scope, process: &str, records: &[i64], limit: i64) -> Result<Vec<Spine>> {
    let mut sql = Sql::new(conn.dialect(), "SELECT ");
    sql.push(spine_columns()).push(" FROM record WHERE record.id IN (SELECT from_record FROM link WHERE ");
    sql.is_one_of("to_record", records).push(" UNION SELECT to_record FROM link WHERE ");
    sql.is_one_of("from_record", records).push(") AND record.phase < 2 AND record.process <> ").bind(process);
    sql.push(" AND ");
    scope.visible(&mut sql);
    sql.push(" ORDER BY record.id DESC LIMIT ").bind(limit);
    conn.fetch(&sql.text, &sql.values)
}
