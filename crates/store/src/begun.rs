//! Forms of several steps that somebody has begun and not sent yet: kept by person, so that nothing typed is lost.

use crate::{Conn, Result};

/// What a person has written in a form so far, as JSON.
///
/// # Errors
/// The database's.
pub fn read(conn: &mut Conn, person: i64, form: &str) -> Result<Option<String>> {
    conn.maybe("SELECT data FROM begun_form WHERE person = $1 AND form = $2", &[person.into(), form.into()])
}

/// Keeps what a person has written in a form so far.
///
/// # Errors
/// The database's.
pub fn keep(conn: &mut Conn, person: i64, form: &str, data: &str, now: i64) -> Result<()> {
    conn.run(
        "INSERT INTO begun_form (person, form, data, updated) VALUES ($1, $2, $3, $4)
         ON CONFLICT (person, form) DO UPDATE SET data = excluded.data, updated = excluded.updated",
        &[person.into(), form.into(), data.into(), now.into()],
    )?;
    Ok(())
}

/// Forgets a form: it was sent, or thrown away.
///
/// # Errors
/// The database's.
pub fn forget(conn: &mut Conn, person: i64, form: &str) -> Result<()> {
    conn.run("DELETE FROM begun_form WHERE person = $1 AND form = $2", &[person.into(), form.into()])?;
    Ok(())
}

/// Forgets forms that nobody has touched since an instant.
///
/// # Errors
/// The database's.
pub fn forget_old(conn: &mut Conn, before: i64) -> Result<u64> {
    conn.run("DELETE FROM begun_form WHERE updated < $1", &[before.into()])
}
