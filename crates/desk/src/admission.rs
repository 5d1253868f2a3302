//! Who asks, and which configuration is in force: learnt in one question at the door of every transaction.

use crate::auth::{sessions, tokens};
use crate::config::entry_of;
use crate::desk::Credential;
use crate::door::{Browser, Facts};
use crate::error::{Error, Result};
use mainstay_engine::refusal::{Refusal, Why};
use mainstay_engine::register::Entry;
use mainstay_store::entries::{self, EntryRow};
use mainstay_store::{Columns, Conn, Json, Row};

/// What a credential proves.
pub struct Admission {
    /// The generation of the configuration in this transaction.
    pub generation: i64,
    /// The person's entry in their register; none for the engine.
    pub person: Option<Entry>,
    /// What a token narrows the person's rights to.
    pub scopes: Option<Vec<String>>,
    /// What the row of a session says.
    pub session: Option<Facts>,
}

const NO_SCOPES: &str = "CAST(NULL AS TEXT)";
const OF_SESSION: &str = "session.created, session.seen, session.mfa, session.viewed";
const NO_SESSION: &str = "CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), CAST(NULL AS BOOLEAN), CAST(NULL AS BIGINT)";

struct Asked(Admission);

impl Row for Asked {
    fn read(c: &Columns<'_>) -> mainstay_store::Result<Self> {
        let scopes: Option<Json> = c.get(entries::WIDTH + 1)?;
        let (created, seen): (Option<i64>, Option<i64>) = (c.get(entries::WIDTH + 2)?, c.get(entries::WIDTH + 3)?);
        let (mfa, viewed): (Option<bool>, Option<i64>) = (c.get(entries::WIDTH + 4)?, c.get(entries::WIDTH + 5)?);
        let session =
            created.zip(seen).map(|(created, seen)| Facts { created, seen, mfa: mfa.unwrap_or_default(), viewed });
        Ok(Self(Admission {
            session,
            generation: entries::generation_of(c.get(entries::WIDTH)?),
            person: Some(entry_of(EntryRow::read(c)?)),
            scopes: scopes.map(|json| json.parse()).transpose()?,
        }))
    }
}

/// Proves a credential at `now`, epoch milliseconds UTC.
///
/// # Errors
/// `not_signed_in`; the database's.
pub fn admit(conn: &mut Conn, credential: &Credential, now: i64) -> Result<Admission> {
    let (scopes, session, whose, values) = match credential {
        Credential::Engine => {
            let generation = entries::generation(conn)?;
            return Ok(Admission { generation, person: None, scopes: None, session: None });
        }
        Credential::Person(id) => {
            (NO_SCOPES, NO_SESSION, "FROM entry WHERE entry.id = $1 AND entry.active", vec![(*id).into()])
        }
        Credential::Session(digest) | Credential::Browser(Browser { digest, .. }) => {
            (NO_SCOPES, OF_SESSION, sessions::LIVE, vec![digest.as_str().into(), now.into()])
        }
        Credential::Token(digest) => {
            ("token.scopes", NO_SESSION, tokens::IN_FORCE, vec![digest.as_str().into(), now.into()])
        }
    };
    let sql =
        ["SELECT ", entries::COLUMNS, ", ", entries::GENERATION, ", ", scopes, ", ", session, " ", whose].concat();
    let asked: Option<Asked> = conn.maybe(&sql, &values)?;
    let out = || Error::Refused(Refusal::new(Why::Unknown, "not_signed_in", "Sign in first."));
    asked.map(|Asked(admission)| admission).ok_or_else(out)
}
