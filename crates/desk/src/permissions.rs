//! The permissions of several roles, set in one go.

use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::registers::{self, EntryDraft};
use crate::rights::matches;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::register::Entry;
use mainstay_engine::value::Value;
use mainstay_processes::registers::ROLES;
use serde_json::{Map, json};
use std::collections::BTreeSet;

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
