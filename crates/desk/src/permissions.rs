//! The permissions of several roles, set in one go.

use crate::access::may_manage;
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::{Error, Result};
use crate::registers::{self, EntryDraft};
use crate::rights::matches;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::register::Entry;
use mainstay_engine::value::Value;
use mainstay_processes::registers::{GRANTS, PEOPLE, ROLES};
use mainstay_store::entries;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;

/// People of a role that are shown.
pub const MOST_HOLDERS: i64 = 200;

/// What is ticked for one role.
#[derive(Clone, Debug, Default)]
pub struct Ticks {
    pub role: i64,
    /// The version that was read.
    pub version: i64,
    pub permissions: BTreeSet<String>,
}

/// Whether a permission follows from a star that the role holds, whatever is ticked.
#[must_use]
pub fn by_star(role: &Entry, permission: &str) -> bool {
    let (area, action) = permission.split_once('.').unwrap_or((permission, ""));
    held(role).iter().any(|each| each.contains('*') && matches(each, area, action))
}

/// The permissions that a role holds by name.
#[must_use]
pub fn held(role: &Entry) -> BTreeSet<String> {
    role.value("permissions").as_list().iter().filter_map(Value::as_text).map(str::to_owned).collect()
}

/// Sets the roles to what is ticked among the permissions that were `offered`, all of them or none, and answers how
/// many have changed. What a star gives, and what was not offered, stays.
///
/// # Errors
/// No right to change roles; an older version than a role has; `own_right` when the caller could not undo it.
pub fn tick(session: &mut Session<'_>, caller: &Caller, offered: &[String], ticks: &[Ticks]) -> Result<usize> {
    if !caller.rights.may(ROLES.key, "manage", None) {
        return Err(Refusal::forbidden("no_right", "You may not change roles.").into());
    }
    let (mut changed, mut then) = (0, caller.rights.clone());
    for each in ticks {
        let role = registers::get(session.conn, caller, &ROLES, each.role)?;
        let before = held(&role);
        let stays = |permission: &&String| !offered.contains(permission) || by_star(&role, permission);
        let mut after: BTreeSet<String> = before.iter().filter(stays).cloned().collect();
        after.extend(each.permissions.iter().filter(|permission| offered.contains(permission)).cloned());
        if after == before {
            continue;
        }
        for grant in then.grants.iter_mut().filter(|grant| grant.role.name == role.name) {
            grant.role.permissions = after.iter().cloned().collect();
        }
        let values = Map::from_iter([("permissions".to_owned(), json!(after))]);
        let draft = EntryDraft { values, ..EntryDraft::default() };
        registers::update(session, caller, &ROLES, each.role, each.version, &draft)?;
        changed += 1;
    }
    // Nobody takes the right to change roles from themselves, not even by halves from two roles of theirs.
    if !then.may(ROLES.key, "manage", None) {
        let says = "You would take the right to change roles from yourself. Somebody else can do that.";
        return Err(Refusal::conflict("own_right", says).into());
    }
    Ok(changed)
}

/// Somebody who holds a role, and what it is held for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    pub person: i64,
    pub name: String,
    /// Only for this organisation; none: for all.
    pub organisation: Option<i64>,
    /// Only for this process; none: for all.
    pub process: Option<String>,
}

/// Who holds a role, by name, as far as the caller may read them; at most [`MOST_HOLDERS`] people.
///
/// # Errors
/// No such role for the caller; the database's.
pub fn holders(session: &mut Session<'_>, caller: &Caller, role: i64) -> Result<Vec<Holder>> {
    registers::get(session.conn, caller, &ROLES, role)?;
    let found = entries::referrers(session.conn, role, MOST_HOLDERS)?;
    let ids: Vec<i64> = found.iter().filter(|row| row.register == PEOPLE.key).map(|row| row.id).collect();
    let mut people = match registers::several(session, caller, &PEOPLE, &ids) {
        Err(Error::Refused(_)) => Vec::new(),
        other => other?,
    };
    people.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    Ok(people.iter().flat_map(|person| held_by(person, role)).collect())
}

/// What somebody holds a role for.
fn held_by(person: &Entry, role: i64) -> Vec<Holder> {
    let held = person.value(GRANTS.def.key).as_list().iter();
    let held = held.filter(|grant| grant.column("role").as_int() == Some(role));
    let holder = |grant: &Value| Holder {
        person: person.id,
        name: person.name.clone(),
        organisation: grant.column("organisation").as_int(),
        process: grant.column("process").as_text().map(str::to_owned),
    };
    held.map(holder).collect()
}

/// Whether the caller gives and takes roles at all: before a form is read.
///
/// # Errors
/// No right to manage people.
pub fn may_hand(caller: &Caller) -> Result<()> {
    may_manage(caller)
}

/// Gives a role to somebody, or takes it from them, for what is named. Answers what they hold it for now.
///
/// # Errors
/// No right to change people; no such role; `held` when they hold it so already, `not_held` when not; what the register
/// refuses.
pub fn hand(
    session: &mut Session<'_>,
    caller: &Caller,
    role: i64,
    holder: &Holder,
    gives: bool,
) -> Result<Vec<Holder>> {
    may_hand(caller)?;
    if entries::register_of(session.conn, role)?.is_none_or(|register| register != ROLES.key) {
        return Err(Refusal::missing("role").into());
    }
    if let Some(key) = holder.process.as_deref().filter(|key| mainstay_processes::process(key).is_none()) {
        let error = FieldError::new("process", "unknown_process", format!("There is no process {key}."));
        Refusal::unless_empty(vec![error])?;
    }
    let person = registers::get(session.conn, caller, &PEOPLE, holder.person)?;
    let value = json!({ "role": role, "organisation": holder.organisation, "process": holder.process });
    let mut grants = person.value(GRANTS.def.key).to_json(&GRANTS.def).as_array().cloned().unwrap_or_default();
    let same = |grant: &Json| {
        ["role", "organisation", "process"].iter().all(|key| grant.get(*key).unwrap_or(&Json::Null) == &value[*key])
    };
    let before = grants.len();
    grants.retain(|grant| !same(grant));
    match (gives, grants.len() < before) {
        (true, true) => return Err(Refusal::conflict("held", "They hold the role so already.").into()),
        (false, false) => return Err(Refusal::conflict("not_held", "They do not hold the role so.").into()),
        (true, false) => grants.push(value),
        (false, true) => {}
    }
    let values = Map::from_iter([(GRANTS.def.key.to_owned(), Json::from(grants))]);
    let draft = EntryDraft { values, ..EntryDraft::default() };
    let person = registers::update(session, caller, &PEOPLE, person.id, person.version, &draft)?;
    Ok(held_by(&person, role))
}
