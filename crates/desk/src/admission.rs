//! Who asks, and which configuration is in force: learnt in one question at the door of every transaction.

use crate::auth::{sessions, tokens};
use crate::config::entry_of;
use crate::desk::Credential;
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
}

struct Asked(Admission);

impl Row for Asked {
    fn read(c: &Columns<'_>) -> mainstay_store::Result<Self> {
        let scopes: Option<Json> = c.get(entries::WIDTH + 1)?;
        Ok(Self(Admission {
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
    let (scopes, whose, values) = match credential {
        Credential::Engine => {
            return Ok(Admission { generation: entries::generation(conn)?, person: None, scopes: None });
        }
        Credential::Person(id) => {
            ("CAST(NULL AS TEXT)", "FROM entry WHERE entry.id = $1 AND entry.active", vec![(*id).into()])
        }
        Credential::Session(digest) => ("CAST(NULL AS TEXT)", sessions::LIVE, vec![digest.as_str().into(), now.into()]),
        Credential::Token(digest) => ("token.scopes", tokens::IN_FORCE, vec![digest.as_str().into(), now.into()]),
    };
    let sql = ["SELECT ", entries::COLUMNS, ", ", entries::GENERATION, ", ", scopes, " ", whose].concat();
    let asked: Option<Asked> = conn.maybe(&sql, &values)?;
    let out = || Error::Refused(Refusal::new(Why::Unknown, "not_signed_in", "Sign in first."));
    asked.map(|Asked(admission)| admission).ok_or_else(out)
}
