//! Sessions of browsers. A session is known by the digest of its secret; its row says until when it lasts.

use super::entropy::Entropy;
use super::secret::{InstallationKey, Purpose, Secret};
use crate::error::Result;
use crate::looks::Looks;
use mainstay_store::{Columns, Conn, Json, Row};

/// A session's row is touched at most this often, in milliseconds.
const TOUCH_MS: i64 = 60_000;
/// Characters of a browser's name that are kept.
const AGENT: usize = 200;

/// How long sessions last, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Without a request.
    pub idle_ms: i64,
    /// In all, however busy.
    pub absolute_ms: i64,
}

impl Default for Limits {
    /// Twelve hours idle, seven days in all.
    fn default() -> Self {
        Self { idle_ms: 12 * 60 * 60 * 1000, absolute_ms: 7 * 24 * 60 * 60 * 1000 }
    }
}

/// A session that is about to begin.
#[derive(Clone, Debug)]
pub struct NewSession {
    pub person: i64,
    /// A second factor was proven.
    pub mfa: bool,
    pub address: String,
    pub agent: String,
}

/// A live session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    pub digest: String,
    pub person: i64,
    pub created: i64,
    /// The last request, to the minute.
    pub seen: i64,
    pub expires: i64,
    pub mfa: bool,
    pub address: String,
    pub agent: String,
    /// The language that the person chose, as a BCP 47 tag.
    pub language: Option<String>,
    /// How pages look to the person, if they chose it.
    pub looks: Option<Looks>,
    /// Name of the person or role as whom its person looks.
    pub viewing: Option<String>,
}

impl Row for Live {
    fn read(c: &Columns<'_>) -> mainstay_store::Result<Self> {
        Ok(Self {
            digest: c.get(0)?,
            person: c.get(1)?,
            created: c.get(2)?,
            seen: c.get(3)?,
            expires: c.get(4)?,
            mfa: c.get(5)?,
            address: c.get(6)?,
            agent: c.get(7)?,
            language: c.get::<Json>(8)?.parse::<Chosen>()?.language,
            looks: c.get::<Option<String>>(10)?.as_deref().and_then(Looks::read),
            viewing: c.get(9)?,
        })
    }
}

/// What an entry of the register of people says about language.
#[derive(serde::Deserialize)]
struct Chosen {
    language: Option<String>,
}

impl Live {
    /// Whether [`touch`] would write; ask before opening a transaction for it.
    #[must_use]
    pub fn wants_touch(&self, now: i64) -> bool {
        now - self.seen >= TOUCH_MS
    }

    /// The name by which its person can end it; no secret, and not the digest either.
    #[must_use]
    pub fn name(&self, key: &InstallationKey) -> String {
        key.digest(Purpose::SessionName, &self.digest)[..32].to_owned()
    }
}

const SELECT: &str = "SELECT session.digest, session.person, session.created, session.seen, session.expires,
    session.mfa, session.address, session.agent, entry.data,
    (SELECT viewed.name FROM entry AS viewed WHERE viewed.id = session.viewed),
    (SELECT preference.value FROM preference WHERE preference.person = session.person AND preference.name = 'looks')";

/// The session with the digest `$1` and its person, if at `$2` it is live and its person may still sign in.
pub(crate) const LIVE: &str =
    "FROM session JOIN account ON account.person = session.person JOIN entry ON entry.id = session.person
     WHERE session.digest = $1 AND session.expires > $2 AND NOT account.disabled AND entry.active";

/// As [`LIVE`], of the person `$1`.
const LIVE_OF: &str =
    "FROM session JOIN account ON account.person = session.person JOIN entry ON entry.id = session.person
     WHERE session.person = $1 AND session.expires > $2 AND NOT account.disabled AND entry.active";

/// The digest that a cookie's value stands for; none when it cannot be a session's secret.
#[must_use]
pub fn digest(key: &InstallationKey, cookie: &str) -> Option<String> {
    Secret::presented(cookie).map(|secret| key.digest_of(Purpose::Session, &secret))
}

/// Begins a session with a new secret. The secret that the browser came with is never taken over.
///
/// # Errors
/// The database's.
pub fn begin(conn: &mut Conn, digest: &str, session: &NewSession, limits: Limits, now: i64) -> Result<()> {
    let agent: String = session.agent.chars().filter(|c| !c.is_control()).take(AGENT).collect();
    conn.run(
        "INSERT INTO session (digest, person, created, seen, expires, mfa, address, agent)
         VALUES ($1, $2, $3, $3, $4, $5, $6, $7)",
        &[
            digest.into(),
            session.person.into(),
            now.into(),
            (now + limits.idle_ms.min(limits.absolute_ms)).into(),
            session.mfa.into(),
            session.address.as_str().into(),
            agent.into(),
        ],
    )?;
    Ok(())
}

/// The live session of a digest, of a person who may still sign in.
///
/// # Errors
/// The database's.
pub fn find(conn: &mut Conn, digest: &str, now: i64) -> Result<Option<Live>> {
    Ok(conn.maybe(&format!("{SELECT} {LIVE}"), &[digest.into(), now.into()])?)
}

/// The live sessions of a person, the last used first.
///
/// # Errors
/// The database's.
pub fn list(conn: &mut Conn, person: i64, now: i64) -> Result<Vec<Live>> {
    let sql = format!("{SELECT} {LIVE_OF} ORDER BY session.seen DESC, session.digest LIMIT 100");
    Ok(conn.fetch(&sql, &[person.into(), now.into()])?)
}

/// Puts off the end of a session that is in use, within its absolute limit; at most once a minute.
///
/// # Errors
/// The database's.
pub fn touch(conn: &mut Conn, digest: &str, limits: Limits, now: i64) -> Result<()> {
    conn.run(
        "UPDATE session SET seen = $2,
                expires = CASE WHEN created + $4 < $3 THEN created + $4 ELSE $3 END
         WHERE digest = $1 AND expires > $2 AND seen <= $5",
        &[digest.into(), now.into(), (now + limits.idle_ms).into(), limits.absolute_ms.into(), (now - TOUCH_MS).into()],
    )?;
    Ok(())
}

/// Gives a session a new secret, as after every change of what it may do; false when it is gone.
///
/// # Errors
/// The database's.
pub fn rotate(conn: &mut Conn, old: &str, new: &str, mfa: bool) -> Result<bool> {
    let changed =
        conn.run("UPDATE session SET digest = $2, mfa = $3 WHERE digest = $1", &[old.into(), new.into(), mfa.into()])?;
    Ok(changed == 1)
}

/// Ends one session.
///
/// # Errors
/// The database's.
pub fn end(conn: &mut Conn, digest: &str) -> Result<()> {
    conn.run("DELETE FROM session WHERE digest = $1", &[digest.into()])?;
    Ok(())
}

/// Ends a person's session by its name in their list; false when there is none.
///
/// # Errors
/// The database's.
pub fn end_named(conn: &mut Conn, key: &InstallationKey, person: i64, name: &str, now: i64) -> Result<bool> {
    let named = list(conn, person, now)?.into_iter().find(|session| session.name(key) == name);
    if let Some(session) = &named {
        end(conn, &session.digest)?;
    }
    Ok(named.is_some())
}

/// Ends every session of a person, and answers how many: signing out everywhere, and whenever the password, the
/// roles or the right to sign in change.
///
/// # Errors
/// The database's.
pub fn end_all(conn: &mut Conn, person: i64) -> Result<u64> {
    Ok(conn.run("DELETE FROM session WHERE person = $1", &[person.into()])?)
}

/// Ends every session of a person but one.
///
/// # Errors
/// The database's.
pub fn end_others(conn: &mut Conn, person: i64, digest: &str) -> Result<u64> {
    Ok(conn.run("DELETE FROM session WHERE person = $1 AND digest <> $2", &[person.into(), digest.into()])?)
}

/// Deletes sessions that have ended by themselves, and answers how many; to be called about once an hour.
///
/// # Errors
/// The database's.
pub fn forget_expired(conn: &mut Conn, now: i64) -> Result<u64> {
    Ok(conn.run("DELETE FROM session WHERE expires <= $1", &[now.into()])?)
}

/// A new secret for a session and the digest to keep.
#[must_use]
pub fn draw(key: &InstallationKey, entropy: &dyn Entropy) -> (Secret, String) {
    let secret = Secret::draw(entropy);
    let digest = key.digest_of(Purpose::Session, &secret);
    (secret, digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_comes_with_the_looks_that_its_person_keeps() {
        assert!(SELECT.contains(&format!("preference.name = '{}'", crate::looks::NAME)));
    }
}
