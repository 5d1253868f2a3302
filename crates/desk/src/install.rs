//! Putting what a new installation begins with into its registers.

use crate::caller::Caller;
use crate::desk::Session;
use crate::error::{Error, Result};
use crate::registers::{EntryDraft, create_keyed};
use mainstay_engine::register::Register;
use mainstay_processes::registers;
use mainstay_processes::shipped::{self, Shipped};
use mainstay_store::{Conn, RESTORED, entries};
use serde_json::{Map, Value as Json};

/// An entry to make. In its values `@register/key` stands for the id of that entry.
#[derive(Clone, Debug)]
pub struct Planned {
    pub register: &'static str,
    pub key: String,
    pub name: String,
    pub values: Json,
}

impl From<Shipped> for Planned {
    fn from(shipped: Shipped) -> Self {
        Self { register: shipped.register, key: shipped.key.into(), name: shipped.name.into(), values: shipped.values }
    }
}

/// Whether the shipped configuration was put in already.
///
/// # Errors
/// The database's.
pub fn is_installed(conn: &mut Conn) -> Result<bool> {
    match shipped::entries().first() {
        Some(first) => Ok(entries::by_key(conn, first.register, first.key)?.is_some()),
        None => Ok(true),
    }
}

/// Puts the shipped configuration into an empty database. Returns how many entries it made: none
/// when they are there already, for what an administrator changed stays changed.
///
/// # Errors
/// No right to manage a register; a shipped entry that its register refuses.
pub fn install(session: &mut Session<'_>, caller: &Caller) -> Result<usize> {
    if is_installed(session.conn)? {
        return Ok(0);
    }
    let planned: Vec<Planned> = shipped::entries().into_iter().map(Planned::from).collect();
    put(session, caller, &planned)?;
    Ok(planned.len())
}

/// Whether the database was restored from a backup and nobody has taken it into service yet. Such
/// a copy must not act: no timer fires, nothing leaves it.
///
/// # Errors
/// The database's.
pub fn is_copy(conn: &mut Conn) -> Result<bool> {
    let found: Option<String> = conn.maybe("SELECT value FROM setting WHERE key = $1", &[RESTORED.into()])?;
    Ok(found.is_some())
}

/// Takes a restored copy into service; false when it is in service already.
///
/// # Errors
/// The database's.
pub fn take_into_service(conn: &mut Conn) -> Result<bool> {
    Ok(conn.run("DELETE FROM setting WHERE key = $1", &[RESTORED.into()])? > 0)
}

/// Makes entries in their order; references point to what is there or came before.
///
/// # Errors
/// An unknown register or reference; values that a register refuses.
pub fn put(session: &mut Session<'_>, caller: &Caller, planned: &[Planned]) -> Result<()> {
    for entry in planned {
        let register = register_of(entry)?;
        let draft = EntryDraft {
            name: Some(entry.name.clone()),
            values: values(session.conn, entry)?,
            ..EntryDraft::default()
        };
        create_keyed(session, caller, register, &draft, Some(&entry.key)).map_err(|error| named(error, entry))?;
    }
    Ok(())
}

fn register_of(entry: &Planned) -> Result<&'static Register> {
    registers::register(entry.register).ok_or_else(|| fault(entry, "there is no such register"))
}

/// The values of a planned entry with every reference resolved.
///
/// # Errors
/// A reference to an entry that is not there.
pub fn values(conn: &mut Conn, entry: &Planned) -> Result<Map<String, Json>> {
    match resolve(conn, &entry.values, entry)? {
        Json::Object(values) => Ok(values),
        _ => Err(fault(entry, "its values are no object")),
    }
}

fn fault(entry: &Planned, why: &str) -> Error {
    Error::Io(format!("{}/{}: {why}", entry.register, entry.key))
}

fn named(error: Error, entry: &Planned) -> Error {
    match error {
        Error::Refused(mut refusal) => {
            refusal.detail = format!("{}/{}: {}", entry.register, entry.key, refusal.detail);
            Error::Refused(refusal)
        }
        other => other,
    }
}

fn resolve(conn: &mut Conn, json: &Json, entry: &Planned) -> Result<Json> {
    Ok(match json {
        Json::String(text) => match text.strip_prefix('@').filter(|rest| is_reference(rest)) {
            Some(reference) => Json::from(id(conn, reference, entry)?),
            None => Json::String(within(conn, text, entry)?),
        },
        Json::Array(items) => Json::Array(items.iter().map(|item| resolve(conn, item, entry)).collect::<Result<_>>()?),
        Json::Object(map) => {
            let resolved = map.iter().map(|(key, value)| Ok((key.clone(), resolve(conn, value, entry)?)));
            Json::Object(resolved.collect::<Result<_>>()?)
        }
        other => other.clone(),
    })
}

fn is_reference(text: &str) -> bool {
    text.split_once('/')
        .is_some_and(|(register, key)| registers::register(register).is_some() && key.chars().all(is_key))
}

fn is_key(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_' || c == '.' || c == '@'
}

/// Replaces references inside a longer text, such as a condition, by their ids.
fn within(conn: &mut Conn, text: &str, entry: &Planned) -> Result<String> {
    let mut done = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        done.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let end = after.find(|c: char| !is_key(c) && c != '/').unwrap_or(after.len());
        if is_reference(&after[..end]) {
            done.push_str(&id(conn, &after[..end], entry)?.to_string());
            rest = &after[end..];
        } else {
            done.push('@');
            rest = after;
        }
    }
    done.push_str(rest);
    Ok(done)
}

fn id(conn: &mut Conn, reference: &str, entry: &Planned) -> Result<i64> {
    let (register, key) = reference.split_once('/').unwrap_or_default();
    match entries::by_key(conn, register, key)? {
        Some(row) => Ok(row.id),
        None => Err(fault(entry, &format!("there is no {reference}"))),
    }
}
