//! Links that carry a right, once: an invitation, a new password, the first administrator.
//!
//! A link goes to one person only, by mail to their address or on the terminal of whoever set the installation up.
//! Its row is deleted when it is used, so an empty secret can never match a used one.

use super::secret::{InstallationKey, Purpose, Secret};
use crate::error::{Error, Result};
use mainstay_engine::refusal::{Refusal, Why};
use mainstay_store::Conn;

const HOUR_MS: i64 = 60 * 60 * 1000;
/// The setting that says that the installation has had its first administrator. It is never taken back.
const INSTALLED: &str = "installed";

/// What a link is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Makes the first administrator; there is no person yet.
    FirstAdministrator,
    /// Sets the first password of a person.
    Invitation,
    /// Sets a new password.
    PasswordReset,
}

impl Errand {
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::FirstAdministrator => "first_administrator",
            Self::Invitation => "invitation",
            Self::PasswordReset => "password_reset",
        }
    }

    /// How long such a link works, in milliseconds.
    #[must_use]
    pub const fn lasts_ms(self) -> i64 {
        match self {
            Self::FirstAdministrator => 24 * HOUR_MS,
            Self::Invitation => 7 * 24 * HOUR_MS,
            Self::PasswordReset => HOUR_MS,
        }
    }
}

/// Makes a link valid from now on; earlier ones for the same errand and person no longer are.
///
/// # Errors
/// `installed` for a first administrator when there has been one; the database's.
pub fn issue(
    conn: &mut Conn,
    key: &InstallationKey,
    secret: &Secret,
    errand: Errand,
    person: Option<i64>,
    now: i64,
) -> Result<()> {
    if errand == Errand::FirstAdministrator && is_installed(conn)? {
        return Err(Refusal::conflict("installed", "This installation has had its first administrator.").into());
    }
    conn.run(
        "DELETE FROM secret_link WHERE purpose = $1 AND COALESCE(person, 0) = $2",
        &[errand.key().into(), person.unwrap_or_default().into()],
    )?;
    conn.run(
        "INSERT INTO secret_link (digest, person, purpose, created, expires) VALUES ($1, $2, $3, $4, $5)",
        &[
            key.digest_of(Purpose::Link, secret).into(),
            person.into(),
            errand.key().into(),
            now.into(),
            (now + errand.lasts_ms()).into(),
        ],
    )?;
    Ok(())
}

/// Whom a link is for, without using it up: to decide whether to show a form.
///
/// # Errors
/// `link_not_valid` alike for unknown, used and expired links; the database's.
pub fn peek(conn: &mut Conn, key: &InstallationKey, presented: &str, errand: Errand, now: i64) -> Result<Option<i64>> {
    let invalid = || Error::Refused(Refusal::new(Why::Missing, "link_not_valid", "This link is not valid any more."));
    let digest = digest(key, presented).ok_or_else(invalid)?;
    let sql = "SELECT person FROM secret_link WHERE digest = $1 AND purpose = $2 AND expires > $3";
    let found: Option<Option<i64>> = conn.maybe(sql, &[digest.into(), errand.key().into(), now.into()])?;
    found.ok_or_else(invalid)
}

/// Uses a link up and answers whom it was for. Using that of the first administrator closes the set-up for good.
///
/// # Errors
/// As [`peek`]; of several who use a link at once, one succeeds.
pub fn redeem(
    conn: &mut Conn,
    key: &InstallationKey,
    presented: &str,
    errand: Errand,
    now: i64,
) -> Result<Option<i64>> {
    let person = peek(conn, key, presented, errand, now)?;
    let digest = digest(key, presented).unwrap_or_default();
    let used = conn.run("DELETE FROM secret_link WHERE digest = $1", &[digest.into()])?;
    if used == 0 {
        return Err(Refusal::new(Why::Missing, "link_not_valid", "This link is not valid any more.").into());
    }
    if errand == Errand::FirstAdministrator {
        close_set_up(conn, now)?;
    }
    Ok(person)
}

fn digest(key: &InstallationKey, presented: &str) -> Option<String> {
    Secret::presented(presented).map(|secret| key.digest_of(Purpose::Link, &secret))
}

/// Whether the installation has had its first administrator. Once true it stays so, and the set-up does not exist.
///
/// # Errors
/// The database's.
pub fn is_installed(conn: &mut Conn) -> Result<bool> {
    let found: Option<String> = conn.maybe("SELECT value FROM setting WHERE key = $1", &[INSTALLED.into()])?;
    Ok(found.is_some())
}

/// Marks the installation as set up, also where an import or a demonstration brings its own administrators.
///
/// # Errors
/// The database's.
pub fn close_set_up(conn: &mut Conn, now: i64) -> Result<()> {
    conn.run(
        "INSERT INTO setting (key, value, updated) VALUES ($1, 'true', $2) ON CONFLICT (key) DO NOTHING",
        &[INSTALLED.into(), now.into()],
    )?;
    conn.run("DELETE FROM secret_link WHERE purpose = $1", &[Errand::FirstAdministrator.key().into()])?;
    Ok(())
}

/// Deletes every link of a person.
///
/// # Errors
/// The database's.
pub fn forget(conn: &mut Conn, person: i64) -> Result<()> {
    conn.run("DELETE FROM secret_link WHERE person = $1", &[person.into()])?;
    Ok(())
}

/// Deletes links that have expired, and answers how many; to be called about once an hour.
///
/// # Errors
/// The database's.
pub fn forget_expired(conn: &mut Conn, now: i64) -> Result<u64> {
    Ok(conn.run("DELETE FROM secret_link WHERE expires <= $1", &[now.into()])?)
}
