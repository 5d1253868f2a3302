//! Accounts: by what a person proves who they are.

use super::audit::{Occasion, note};
use super::password::PasswordHash;
use super::totp::TotpSecret;
use super::{links, sessions};
use crate::error::{Error, Result};
use mainstay_engine::refusal::Refusal;
use mainstay_store::{Columns, Conn, Row};

/// A person as sign-in sees them.
#[derive(Clone, Debug)]
pub struct Account {
    pub person: i64,
    pub name: String,
    /// The address in lower case, as it is the key among people.
    pub email: String,
    /// The person's entry is in force and the account is not disabled.
    pub enabled: bool,
    pub password: Option<PasswordHash>,
    pub totp: Totp,
}

/// Where an account stands with one-time codes.
#[derive(Clone, Debug)]
pub enum Totp {
    Off,
    /// A secret was shown, but no code of it has come back yet: sign-in does not ask for one.
    Begun(TotpSecret),
    /// Codes are asked for; `last` is the step of the newest one used.
    On {
        secret: TotpSecret,
        last: i64,
    },
    /// Codes are asked for, but the secret is damaged, so that none is right.
    Damaged,
}

impl Account {
    /// Whether sign-in asks for a code.
    #[must_use]
    pub fn asks_code(&self) -> bool {
        matches!(self.totp, Totp::On { .. } | Totp::Damaged)
    }
}

impl Row for Account {
    fn read(c: &Columns<'_>) -> mainstay_store::Result<Self> {
        let (active, disabled): (bool, Option<bool>) = (c.get(3)?, c.get(4)?);
        let (secret, last): (Option<String>, Option<i64>) = (c.get(6)?, c.get(7)?);
        let totp = match (secret.map(|text| TotpSecret::from_base32(&text)), last) {
            (None, None) => Totp::Off,
            (Some(Some(secret)), None) => Totp::Begun(secret),
            (Some(Some(secret)), Some(last)) => Totp::On { secret, last },
            _ => Totp::Damaged,
        };
        let password: Option<String> = c.get(5)?;
        Ok(Self {
            person: c.get(0)?,
            name: c.get(1)?,
            email: c.get(2)?,
            enabled: active && !disabled.unwrap_or(false),
            password: password.map(PasswordHash::kept),
            totp,
        })
    }
}

const SELECT: &str = "SELECT e.id, e.name, e.key, e.active, a.disabled, a.password_hash, a.totp_secret, a.totp_last
    FROM entry e LEFT JOIN account a ON a.person = e.id WHERE e.register = 'people'";

/// The account of an e-mail address, letter case aside.
///
/// # Errors
/// The database's.
pub fn find(conn: &mut Conn, email: &str) -> Result<Option<Account>> {
    Ok(conn.maybe(&format!("{SELECT} AND e.key = $1"), &[email.to_lowercase().into()])?)
}

/// The account of a person.
///
/// # Errors
/// There is no such person; the database's.
pub fn of(conn: &mut Conn, person: i64) -> Result<Account> {
    let found = conn.maybe(&format!("{SELECT} AND e.id = $1"), &[person.into()])?;
    found.ok_or_else(|| Error::Refused(Refusal::missing("account")))
}

/// Sets a password. Every session of the person ends, and so do links that would set another one.
///
/// # Errors
/// The database's.
pub fn set_password(conn: &mut Conn, by: Occasion, person: i64, hash: &PasswordHash) -> Result<()> {
    conn.run(
        "INSERT INTO account (person, password_hash, disabled, updated) VALUES ($1, $2, FALSE, $3)
         ON CONFLICT (person) DO UPDATE SET password_hash = excluded.password_hash, updated = excluded.updated",
        &[person.into(), hash.as_str().into(), by.now.into()],
    )?;
    links::forget(conn, person)?;
    sessions::end_all(conn, person)?;
    note(conn, by, person, "password_set", &[])
}

/// Holds the account's row until the transaction ends, if the password is still the one that was verified and the
/// account is not disabled: a password set meanwhile must not leave a session of the old one behind.
pub(super) fn hold(conn: &mut Conn, person: i64, verified: &PasswordHash) -> Result<bool> {
    let held = conn.run(
        "UPDATE account SET updated = updated WHERE person = $1 AND password_hash = $2 AND NOT disabled",
        &[person.into(), verified.as_str().into()],
    )?;
    Ok(held == 1)
}

/// Replaces a hash by one of the same password with today's parameters, unless the password changed meanwhile.
pub(super) fn rehash(conn: &mut Conn, person: i64, old: &PasswordHash, new: &PasswordHash) -> Result<()> {
    conn.run(
        "UPDATE account SET password_hash = $3 WHERE person = $1 AND password_hash = $2",
        &[person.into(), old.as_str().into(), new.as_str().into()],
    )?;
    Ok(())
}

/// Keeps a person from signing in, at once and by every way: sessions end, tokens and links no longer work.
///
/// # Errors
/// The database's.
pub fn disable(conn: &mut Conn, by: Occasion, person: i64) -> Result<()> {
    turn(conn, by, person, true)?;
    links::forget(conn, person)?;
    sessions::end_all(conn, person)?;
    note(conn, by, person, "account_disabled", &[])
}

/// Lets a person sign in again, with the password and the tokens they had.
///
/// # Errors
/// The database's.
pub fn enable(conn: &mut Conn, by: Occasion, person: i64) -> Result<()> {
    turn(conn, by, person, false)?;
    note(conn, by, person, "account_enabled", &[])
}

fn turn(conn: &mut Conn, by: Occasion, person: i64, disabled: bool) -> Result<()> {
    conn.run(
        "INSERT INTO account (person, disabled, updated) VALUES ($1, $2, $3)
         ON CONFLICT (person) DO UPDATE SET disabled = excluded.disabled, updated = excluded.updated",
        &[person.into(), disabled.into(), by.now.into()],
    )?;
    Ok(())
}

/// Keeps a secret for one-time codes; codes are asked for once [`confirm_totp`] has seen one.
///
/// # Errors
/// `totp_on` when codes are asked for already; `not_found` for a person without an account.
pub fn begin_totp(conn: &mut Conn, by: Occasion, person: i64, secret: &TotpSecret) -> Result<()> {
    let kept = conn.run(
        "UPDATE account SET totp_secret = $2, updated = $3 WHERE person = $1 AND totp_last IS NULL",
        &[person.into(), secret.base32().into(), by.now.into()],
    )?;
    if kept == 0 && of(conn, person)?.asks_code() {
        return Err(Refusal::conflict("totp_on", "One-time codes are on already. Turn them off first.").into());
    }
    if kept == 0 {
        return Err(Refusal::missing("account").into());
    }
    Ok(())
}

/// Turns one-time codes on, once a code proves that the authenticator has the secret.
///
/// # Errors
/// `totp_code` for a wrong code; `totp_off` when no secret was kept.
pub fn confirm_totp(conn: &mut Conn, by: Occasion, person: i64, code: &str) -> Result<()> {
    let Totp::Begun(secret) = of(conn, person)?.totp else {
        return Err(Refusal::conflict("totp_off", "Begin with a new secret for your authenticator.").into());
    };
    let wrong = || Refusal::invalid("totp_code", "The code is wrong or too old. Type the one that is shown now.");
    let step = secret.accepts(code, by.now, None).ok_or_else(wrong)?;
    conn.run(
        "UPDATE account SET totp_last = $2, updated = $3 WHERE person = $1 AND totp_last IS NULL",
        &[person.into(), step.into(), by.now.into()],
    )?;
    note(conn, by, person, "totp_on", &[])
}

/// Turns one-time codes off. Every session of the person ends.
///
/// # Errors
/// The database's.
pub fn remove_totp(conn: &mut Conn, by: Occasion, person: i64) -> Result<()> {
    conn.run(
        "UPDATE account SET totp_secret = NULL, totp_last = NULL, updated = $2 WHERE person = $1",
        &[person.into(), by.now.into()],
    )?;
    sessions::end_all(conn, person)?;
    note(conn, by, person, "totp_off", &[])
}

/// Uses a code up: true when it is right and newer than every one used before, on whichever node.
pub(super) fn use_code(conn: &mut Conn, account: &Account, code: Option<&str>, now: i64) -> Result<bool> {
    let Totp::On { secret, last } = &account.totp else { return Ok(!account.asks_code()) };
    let Some(step) = code.and_then(|code| secret.accepts(code, now, Some(*last))) else { return Ok(false) };
    let used = conn.run(
        "UPDATE account SET totp_last = $2 WHERE person = $1 AND totp_last < $2",
        &[account.person.into(), step.into()],
    )?;
    Ok(used == 1)
}
