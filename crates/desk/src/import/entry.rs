//! One entry of a register, as an import brings it.

use super::batch::{Existing, Terms, Verdict};
use super::given::{By, Given};
use super::references::Resolver;
use crate::caller::Caller;
use crate::config::entry_of;
use crate::desk::Session;
use crate::error::Result;
use crate::merging;
use crate::registers::{self, EntryDraft};
use mainstay_engine::refusal::Refusal;
use mainstay_engine::register::{Entry, Register};
use mainstay_engine::value::Value;
use mainstay_store::entries::{self, EntryRow};
use serde_json::{Map, Value as Json};
use std::borrow::Cow;

/// An entry of a register and its key in the system it comes from.
#[derive(Clone)]
pub struct Listed {
    pub register: &'static Register,
    pub external_key: String,
    pub name: String,
    pub active: Option<bool>,
    pub values: Vec<(Cow<'static, str>, Given)>,
}

/// Makes the entry, or meets the one that is there: by external key, else by the register's own key field.
pub(super) fn put(
    session: &mut Session<'_>,
    caller: &Caller,
    resolver: &mut Resolver<'_>,
    terms: &Terms,
    listed: &Listed,
) -> Result<Verdict> {
    let register = listed.register;
    if !caller.rights.may(register.key, "manage", None) {
        return Err(Refusal::forbidden(
            "no_right",
            format!("You may not change {}.", register.label_plural.to_lowercase()),
        )
        .into());
    }
    let mut values = Map::new();
    for (key, given) in &listed.values {
        values.insert(key.as_ref().to_owned(), resolver.plain(session, caller, key, given)?);
    }
    let found = existing(session, listed, &values)?;
    let (id, verdict) = match found {
        None => (make(session, caller, listed, values)?, Verdict::Made),
        // Whoever turned out to be somebody else is so for every file to come.
        Some(row) if merging::goes_on(&row).is_some() => (merging::stands_for(&row), Verdict::Unchanged),
        Some(row) if terms.existing == Existing::Keep => (row.id, Verdict::Unchanged),
        Some(row) => (row.id, update(session, caller, listed, values, row)?),
    };
    resolver.note(register.key, By::ExternalKey, &listed.external_key, id);
    Ok(verdict)
}

fn existing(session: &mut Session<'_>, listed: &Listed, values: &Map<String, Json>) -> Result<Option<EntryRow>> {
    let register = listed.register;
    if let Some(row) = entries::by_external_key(session.conn, register.key, &listed.external_key)? {
        return Ok(Some(row));
    }
    let key = register.key_field.and_then(|field| values.get(field)).and_then(Json::as_str);
    match key {
        Some(key) => Ok(entries::by_key(session.conn, register.key, &key.trim().to_lowercase())?),
        None => Ok(None),
    }
}

fn draft(listed: &Listed, values: Map<String, Json>) -> EntryDraft {
    let (name, external_key) = (Some(listed.name.clone()), Some(listed.external_key.clone()));
    EntryDraft { name, active: listed.active, values, external_key, reason: None }
}

fn make(session: &mut Session<'_>, caller: &Caller, listed: &Listed, values: Map<String, Json>) -> Result<i64> {
    Ok(registers::create(session, caller, listed.register, &draft(listed, values))?.id)
}

fn update(
    session: &mut Session<'_>,
    caller: &Caller,
    listed: &Listed,
    values: Map<String, Json>,
    row: EntryRow,
) -> Result<Verdict> {
    let keyed = row.external_key.is_some();
    let entry = entry_of(row);
    if keyed && is_so(&entry, listed, &values) {
        return Ok(Verdict::Unchanged);
    }
    registers::update(session, caller, listed.register, entry.id, entry.version, &draft(listed, values))?;
    Ok(Verdict::Updated)
}

/// Whether the entry holds what the file says already. What does not fit its field is left to the register to refuse.
fn is_so(entry: &Entry, listed: &Listed, values: &Map<String, Json>) -> bool {
    let same = |(key, json): (&String, &Json)| {
        let field = listed.register.field(key);
        field.and_then(|field| Value::from_json(field, json).ok()).is_some_and(|value| value == *entry.value(key))
    };
    entry.name == listed.name.trim()
        && listed.active.is_none_or(|active| active == entry.active)
        && values.iter().all(same)
}
