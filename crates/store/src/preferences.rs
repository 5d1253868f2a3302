//! What people chose for themselves: a value in JSON under a name.

use crate::sql::Sql;
use crate::{Conn, Result};

const READ: &str = "SELECT value FROM preference WHERE person = $1 AND name = $2";

/// What a person chose under a name.
///
/// # Errors
/// The database's.
pub fn read(conn: &mut Conn, person: i64, name: &str) -> Result<Option<String>> {
    conn.maybe(READ, &[person.into(), name.into()])
}

/// Says that [`read`] will be asked. Only a database that is far away gains by it.
pub fn foresee(conn: &mut Conn, person: i64, name: &str) {
    conn.foresee(|| (READ.to_owned(), vec![person.into(), name.into()]));
}

/// Keeps a choice in the place of an earlier one.
///
/// # Errors
/// [`crate::Error::Conflict`] when there is no such person.
pub fn keep(conn: &mut Conn, person: i64, name: &str, value: &str, now: i64) -> Result<()> {
    conn.run(
        "INSERT INTO preference (person, name, value, updated) VALUES ($1, $2, $3, $4)
         ON CONFLICT (person, name) DO UPDATE SET value = excluded.value, updated = excluded.updated",
        &[person.into(), name.into(), value.into(), now.into()],
    )
    .map(|_| ())
}

/// Drops a choice: what is shipped holds again.
///
/// # Errors
/// The database's.
pub fn forget(conn: &mut Conn, person: i64, name: &str) -> Result<()> {
    conn.run("DELETE FROM preference WHERE person = $1 AND name = $2", &[person.into(), name.into()]).map(|_| ())
}

/// What several people chose under a name: (person, value).
///
/// # Errors
/// The database's.
pub fn of_all(conn: &mut Conn, people: &[i64], name: &str) -> Result<Vec<(i64, String)>> {
    let mut sql = Sql::new(conn.dialect(), "SELECT person, value FROM preference WHERE name = ");
    sql.bind(name).push(" AND ").is_one_of("person", people);
    conn.fetch(&sql.text, &sql.values)
}
