//! Leases: who may run a schedule. A holder that was paused and comes back late is found out by its fence.

use crate::{Conn, Dialect, Error, Result};

/// Takes or renews a lease until `until`. Answers its fence, which grows whenever the holder changes, or nothing
/// while somebody else holds it.
///
/// # Errors
/// What the database refuses.
pub fn take(conn: &mut Conn, name: &str, holder: &str, now: i64, until: i64) -> Result<Option<i64>> {
    let sql = "INSERT INTO lease (name, holder, fence, until) VALUES ($1, $2, 1, $4)
        ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until,
            fence = lease.fence + CASE WHEN lease.holder = excluded.holder THEN 0 ELSE 1 END
        WHERE lease.until <= $3 OR lease.holder = excluded.holder
        RETURNING fence";
    conn.maybe(sql, &[name.into(), holder.into(), now.into(), until.into()])
}

/// Makes sure, until this transaction ends, that the lease still carries this fence. Call it first in every
/// transaction that acts on the lease.
///
/// # Errors
/// [`Error::Stale`] when another holder has it.
pub fn check_fence(conn: &mut Conn, name: &str, fence: i64) -> Result<()> {
    let lock = match conn.dialect() {
        Dialect::Sqlite => "",
        Dialect::Postgres => " FOR SHARE",
    };
    let found: Option<i64> = conn.maybe(&format!("SELECT fence FROM lease WHERE name = $1{lock}"), &[name.into()])?;
    if found == Some(fence) { Ok(()) } else { Err(Error::Stale) }
}

/// Gives a lease back before its time.
///
/// # Errors
/// What the database refuses.
pub fn end(conn: &mut Conn, name: &str, fence: i64) -> Result<()> {
    conn.run("UPDATE lease SET until = 0 WHERE name = $1 AND fence = $2", &[name.into(), fence.into()]).map(|_| ())
}
