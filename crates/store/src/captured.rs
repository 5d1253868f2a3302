//! Which records a record keeps as a set: found once, never changed.

use crate::sql::Sql;
use crate::{Conn, Result};

/// Keeps which records belong to the set of one.
///
/// # Errors
/// [`crate::Error::Conflict`] when it keeps one already.
pub fn keep(conn: &mut Conn, record: i64, items: &[i64]) -> Result<()> {
    for item in items {
        conn.run("INSERT INTO captured (record, item) VALUES ($1, $2)", &[record.into(), (*item).into()])?;
    }
    Ok(())
}

/// The records of the set of one, by id, whoever may see them.
///
/// # Errors
/// The database's.
pub fn of(conn: &mut Conn, record: i64) -> Result<Vec<i64>> {
    let mut sql = Sql::new(conn.dialect(), "SELECT item FROM captured WHERE record = ");
    sql.bind(record).push(" ORDER BY item");
    conn.fetch(&sql.text, &sql.values)
}
