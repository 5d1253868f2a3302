//! API tokens: a person's rights, narrowed to scopes, for programs. Shown once, kept as a digest.

use super::audit::{Occasion, note};
use super::entropy::Entropy;
use super::secret::{InstallationKey, Purpose, Secret};
use crate::error::Result;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_store::{Columns, Conn, Json, Row};

/// How every token begins, so that people and scanners recognise a leaked one.
pub const PREFIX: &str = "mainstay_";
/// When a token was last used is kept to the minute, in milliseconds.
const TOUCH_MS: i64 = 60_000;
const LONGEST_NAME: usize = 100;
const MOST_SCOPES: usize = 50;
/// Tokens that a person may have at a time.
const MOST_TOKENS: i64 = 50;

/// A token as its owner sees it; the token itself cannot be shown again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub id: i64,
    pub person: i64,
    pub name: String,
    pub scopes: Vec<String>,
    pub created: i64,
    pub expires: Option<i64>,
    /// The last use, to the minute.
    pub used: Option<i64>,
    pub revoked: Option<i64>,
}

impl Row for Token {
    fn read(c: &Columns<'_>) -> mainstay_store::Result<Self> {
        Ok(Self {
            id: c.get(0)?,
            person: c.get(1)?,
            name: c.get(2)?,
            scopes: c.get::<Json>(3)?.parse()?,
            created: c.get(4)?,
            expires: c.get(5)?,
            used: c.get(6)?,
            revoked: c.get(7)?,
        })
    }
}

impl Token {
    /// Whether [`touch`] would write; ask before opening a transaction for it.
    #[must_use]
    pub fn wants_touch(&self, now: i64) -> bool {
        self.used.is_none_or(|used| now - used >= TOUCH_MS)
    }
}

const SELECT: &str =
    "SELECT token.id, token.person, token.name, token.scopes, token.created, token.expires, token.used, token.revoked";

/// The token with the digest `$1` and its person, if at `$2` it is in force and its person may still sign in.
pub(crate) const IN_FORCE: &str =
    "FROM token JOIN entry ON entry.id = token.person LEFT JOIN account ON account.person = token.person
     WHERE token.digest = $1 AND token.revoked IS NULL AND (token.expires IS NULL OR token.expires > $2)
       AND entry.active AND NOT COALESCE(account.disabled, FALSE)";

/// What a person wants of a new token.
#[derive(Clone, Debug)]
pub struct NewToken {
    pub person: i64,
    pub name: String,
    /// `read`, `write`, `*`, or permissions such as `incident.view`, `incident.*`, `*.view`.
    pub scopes: Vec<String>,
    /// Epoch milliseconds UTC; none for a token that lasts until it is revoked.
    pub expires: Option<i64>,
}

/// A token that was drawn but not yet made; [`Drawn::reveal`] is the only time that it can be read.
#[derive(Clone, Debug)]
pub struct Drawn {
    secret: Secret,
    digest: String,
}

impl Drawn {
    /// A new token.
    #[must_use]
    pub fn new(key: &InstallationKey, entropy: &dyn Entropy) -> Self {
        let secret = Secret::draw(entropy);
        let digest = key.digest_of(Purpose::Token, &secret);
        Self { secret, digest }
    }

    /// The token, for the one answer that shows it.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", self.secret.reveal())
    }
}

/// The digest that a bearer's token stands for; none when it cannot be a token.
#[must_use]
pub fn digest(key: &InstallationKey, bearer: &str) -> Option<String> {
    let secret = Secret::presented(bearer.strip_prefix(PREFIX)?)?;
    Some(key.digest_of(Purpose::Token, &secret))
}

/// Makes a token and answers its id.
///
/// # Errors
/// Fields that do not fit; `too_many_tokens`; the database's.
pub fn make(conn: &mut Conn, by: Occasion, new: &NewToken, drawn: &Drawn) -> Result<i64> {
    Refusal::unless_empty(misfits(new, by.now))?;
    let sql = "SELECT count(*) FROM token WHERE person = $1 AND revoked IS NULL AND (expires IS NULL OR expires > $2)";
    let live: i64 = conn.one(sql, &[new.person.into(), by.now.into()])?;
    if live >= MOST_TOKENS {
        let detail = format!("A person may have {MOST_TOKENS} tokens. Revoke one that is no longer used.");
        return Err(Refusal::conflict("too_many_tokens", detail).into());
    }
    let scopes = serde_json::Value::from(new.scopes.clone());
    let id: i64 = conn.one(
        "INSERT INTO token (person, name, digest, scopes, created, expires) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
        &[
            new.person.into(),
            new.name.trim().into(),
            drawn.digest.as_str().into(),
            (&scopes).into(),
            by.now.into(),
            new.expires.into(),
        ],
    )?;
    note(
        conn,
        by,
        new.person,
        "token_made",
        &[("token", id.into()), ("name", new.name.trim().into()), ("scopes", scopes)],
    )?;
    Ok(id)
}

fn misfits(new: &NewToken, now: i64) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if !(1..=LONGEST_NAME).contains(&new.name.trim().chars().count()) {
        let detail = format!("Name needs 1 to {LONGEST_NAME} characters that say what the token is for.");
        errors.push(FieldError::new("name", "length", detail));
    }
    if new.scopes.is_empty() || new.scopes.len() > MOST_SCOPES {
        let detail = format!("Scopes needs 1 to {MOST_SCOPES} scopes, such as read or incident.view.");
        errors.push(FieldError::new("scopes", "required", detail));
    }
    for scope in new.scopes.iter().filter(|scope| !is_scope(scope)) {
        let detail = format!("{scope:?} is no scope; read, write, * and incident.view are some.");
        errors.push(FieldError::new("scopes", "unknown_scope", detail));
    }
    if new.expires.is_some_and(|expires| expires <= now) {
        errors.push(FieldError::new("expires", "past", "Expires must lie in the future."));
    }
    errors
}

fn is_scope(scope: &str) -> bool {
    let word = |part: &str| {
        let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
        part == "*" || (!part.is_empty() && part.len() <= 60 && part.chars().all(letters))
    };
    match scope.split_once('.') {
        None => matches!(scope, "read" | "write" | "*"),
        Some((area, action)) => word(area) && word(action),
    }
}

/// The token of a digest, if it is in force and its person may still sign in.
///
/// # Errors
/// The database's.
pub fn identify(conn: &mut Conn, digest: &str, now: i64) -> Result<Option<Token>> {
    Ok(conn.maybe(&format!("{SELECT} {IN_FORCE}"), &[digest.into(), now.into()])?)
}

/// Notes that a token was used; at most once a minute.
///
/// # Errors
/// The database's.
pub fn touch(conn: &mut Conn, token: i64, now: i64) -> Result<()> {
    conn.run(
        "UPDATE token SET used = $2 WHERE id = $1 AND (used IS NULL OR used <= $3)",
        &[token.into(), now.into(), (now - TOUCH_MS).into()],
    )?;
    Ok(())
}

/// A person's tokens, newest first, revoked and expired ones included.
///
/// # Errors
/// The database's.
pub fn list(conn: &mut Conn, person: i64) -> Result<Vec<Token>> {
    let sql = format!("{SELECT} FROM token WHERE token.person = $1 ORDER BY token.id DESC LIMIT 500");
    Ok(conn.fetch(&sql, &[person.into()])?)
}

/// Revokes a person's token for good.
///
/// # Errors
/// `not_found` when the person has no such token in force; the database's.
pub fn revoke(conn: &mut Conn, by: Occasion, person: i64, token: i64) -> Result<()> {
    let revoked = conn.run(
        "UPDATE token SET revoked = $3 WHERE id = $1 AND person = $2 AND revoked IS NULL",
        &[token.into(), person.into(), by.now.into()],
    )?;
    if revoked == 0 {
        return Err(Refusal::missing("token").into());
    }
    note(conn, by, person, "token_revoked", &[("token", token.into())])
}

/// Revokes every token of a person for good, and answers how many.
///
/// # Errors
/// The database's.
pub fn revoke_all(conn: &mut Conn, by: Occasion, person: i64) -> Result<u64> {
    let sql = "UPDATE token SET revoked = $2 WHERE person = $1 AND revoked IS NULL";
    Ok(conn.run(sql, &[person.into(), by.now.into()])?)
}
