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

/// The shipped entries that a database never had: all of an empty one, and of another what this version brings anew.
///
/// # Errors
/// The database's.
pub fn missing(conn: &mut Conn) -> Result<Vec<Planned>> {
    let mut missing = Vec::new();
    for entry in shipped::entries() {
        if entries::by_key(conn, entry.register, entry.key)?.is_none() {
            missing.push(entry.into());
        }
    }
    Ok(missing)
}

/// Puts in what is [`missing`] of the shipped configuration. Returns how many entries it made. What was there once
/// stays as an administrator left it, changed or retired: no entry is ever deleted, and its key stays.
///
/// # Errors
/// No right to manage a register; a shipped entry that its register refuses.
pub fn install(session: &mut Session<'_>, caller: &Caller) -> Result<usize> {
    let planned = missing(session.conn)?;
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
    put_as(session, caller, planned, false)
}

/// [`put`]; `made_up` marks the entries as demo data.
pub(crate) fn put_as(session: &mut Session<'_>, caller: &Caller, planned: &[Planned], made_up: bool) -> Result<()> {
    for entry in planned {
        let register = register_of(entry)?;
        let draft = EntryDraft {
            name: Some(entry.name.clone()),
            values: values(session.conn, entry)?,
            ..EntryDraft::default()
        };
        create_keyed(session, caller, register, &draft, Some(&entry.key), made_up)
            .map_err(|error| named(error, entry))?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::SystemEntropy;
    use crate::caller::Channel;
    use crate::desk::{Clock, Credential, Desk};
    use crate::registers::update;
    use mainstay_store::Blobs;
    use mainstay_store::testing::both;
    use std::sync::Arc;

    struct Noon;

    impl Clock for Noon {
        fn now(&self) -> i64 {
            43_200_000
        }
    }

    fn all(conn: &mut Conn) -> Result<Vec<(String, String, bool, i64)>> {
        let sql = "SELECT register, key, active, version FROM entry ORDER BY register, key";
        Ok(conn.fetch(sql, &[])?)
    }

    #[tokio::test]
    async fn what_a_version_brings_anew_is_put_in_and_what_somebody_changed_or_retired_stays() {
        for db in both() {
            let blobs = Blobs::open(&db.folder().join("files")).unwrap();
            let desk = Desk::new((*db).clone(), blobs, Arc::new(Noon), Arc::new(SystemEntropy));
            let write = |work: fn(&mut Session<'_>, &Caller) -> Result<usize>| {
                desk.write(&Credential::Engine, Channel::Command, work)
            };
            // An earlier version knew neither the last rule nor the last view.
            let earlier = write(|session, caller| {
                let rules = shipped::entries().iter().rposition(|e| e.register == "notification-rules");
                let mut known: Vec<Planned> = shipped::entries().into_iter().map(Planned::from).collect();
                known.pop();
                known.remove(rules.unwrap());
                put(session, caller, &known).map(|()| known.len())
            });
            let earlier = earlier.await.unwrap();
            let changed = write(|session, caller| {
                let of = |key| registers::register(key).unwrap();
                let rule = entries::all(session.conn, "notification-rules")?.remove(0);
                let view = entries::all(session.conn, "views")?.remove(0);
                let retired = EntryDraft { active: Some(false), ..EntryDraft::default() };
                update(session, caller, of("notification-rules"), rule.id, rule.version, &retired)?;
                let renamed = EntryDraft { name: Some("Our own words".into()), ..EntryDraft::default() };
                update(session, caller, of("views"), view.id, view.version, &renamed)?;
                Ok(2)
            });
            changed.await.unwrap();
            let before = db.read(all).await.unwrap();
            assert_eq!(db.read(missing).await.unwrap().len(), 2);
            assert_eq!(write(install).await.unwrap(), 2);
            let after = db.read(all).await.unwrap();
            assert_eq!(after.len(), earlier + 2);
            assert!(before.iter().all(|entry| after.contains(entry)), "what was there is as it was");
            assert_eq!(write(install).await.unwrap(), 0, "once");
        }
    }
}
