//! What administrators do to other people's ways in: links, sessions, codes, tokens, an end to it all.
//!
//! Whoever hands out somebody's access could use it themselves, so nobody does so for a person
//! who may do what they may not, nor gives a person or a role more than they have.

use crate::auth::links::{self, Errand};
use crate::auth::sessions::{self, Live};
use crate::auth::tokens::{self, Drawn, NewToken, Token};
use crate::auth::{InstallationKey, Occasion, Secret, accounts};
use crate::caller::{Caller, grant_of};
use crate::config::{Config, entry_of};
use crate::desk::Session;
use crate::error::Result;
use crate::merging;
use crate::rights::{Grant, Rights, Role};
use mainstay_engine::refusal::Refusal;
use mainstay_engine::register::{Entry, Register};
use mainstay_processes::registers::{EMAIL, GRANTS, PEOPLE, ROLES};
use mainstay_store::{NewEvent, entries, events};
use serde_json::json;
use std::collections::HashMap;

/// By what a person gets in, without any secret.
#[derive(Clone)]
pub struct Access {
    pub email: String,
    /// The person's entry is in force and the account is not disabled.
    pub enabled: bool,
    pub has_password: bool,
    /// One-time codes are asked for.
    pub asks_code: bool,
    /// In epoch milliseconds UTC; none for whoever never did.
    pub last_sign_in: Option<i64>,
    pub sessions: Vec<Live>,
    pub tokens: Vec<Token>,
}

/// How a person gets in.
///
/// # Errors
/// No right to manage people; no such person; the database's.
pub fn of(session: &mut Session<'_>, caller: &Caller, person: i64) -> Result<Access> {
    may_manage(caller)?;
    let account = accounts::of(session.conn, person)?;
    Ok(Access {
        enabled: account.enabled,
        has_password: account.password.is_some(),
        asks_code: account.asks_code(),
        email: account.email,
        last_sign_in: events::last_sign_ins(session.conn, &[person])?.first().map(|(_, at)| *at),
        sessions: sessions::list(session.conn, person, session.now)?,
        tokens: tokens::list(session.conn, person)?,
    })
}

/// When each of some people last signed in; nothing for those who may not manage people.
///
/// # Errors
/// The database's.
pub fn last_sign_ins(session: &mut Session<'_>, caller: &Caller, people: &[i64]) -> Result<HashMap<i64, i64>> {
    if may_manage(caller).is_err() {
        return Ok(HashMap::new());
    }
    Ok(events::last_sign_ins(session.conn, people)?.into_iter().collect())
}

/// Makes the link by which a person sets a password valid; any earlier one no longer is.
///
/// # Errors
/// No right over the person; the database's.
pub fn issue_link(
    session: &mut Session<'_>,
    caller: &Caller,
    key: &InstallationKey,
    secret: &Secret,
    person: i64,
) -> Result<Errand> {
    may_hand_out(session, caller, person)?;
    let invited = accounts::of(session.conn, person)?.password.is_none();
    let errand = if invited { Errand::Invitation } else { Errand::PasswordReset };
    links::issue(session.conn, key, secret, errand, Some(person), session.now)?;
    note(session, caller, person, "link_issued", errand.key())?;
    Ok(errand)
}

/// Signs a person out of every browser and answers of how many.
///
/// # Errors
/// No right to manage people; the database's.
pub fn end_sessions(session: &mut Session<'_>, caller: &Caller, person: i64) -> Result<u64> {
    may_manage(caller)?;
    accounts::of(session.conn, person)?;
    let ended = sessions::end_all(session.conn, person)?;
    note(session, caller, person, "signed_out_everywhere", "by an administrator")?;
    Ok(ended)
}

/// Signs the caller out of every browser and answers of how many.
///
/// # Errors
/// The engine is nobody; the database's.
pub fn end_own_sessions(session: &mut Session<'_>, caller: &Caller) -> Result<u64> {
    let person = caller.person_id().ok_or_else(|| Refusal::missing("person"))?;
    let ended = sessions::end_all(session.conn, person)?;
    note(session, caller, person, "signed_out_everywhere", "by themselves")?;
    Ok(ended)
}

/// Stops asking a person for one-time codes, as when the authenticator is lost.
///
/// # Errors
/// No right over the person; the database's.
pub fn remove_codes(session: &mut Session<'_>, caller: &Caller, person: i64) -> Result<()> {
    may_hand_out(session, caller, person)?;
    accounts::remove_totp(session.conn, occasion(session, caller), person)
}

/// Keeps a person out at once.
///
/// # Errors
/// No right to manage people; `own_account`; the database's.
pub fn disable(session: &mut Session<'_>, caller: &Caller, person: i64) -> Result<()> {
    may_manage(caller)?;
    if caller.person_id() == Some(person) {
        return Err(Refusal::conflict("own_account", "You would lock yourself out. Somebody else can do that.").into());
    }
    accounts::of(session.conn, person)?;
    accounts::disable(session.conn, occasion(session, caller), person)
}

/// Lets a person in again.
///
/// # Errors
/// No right over the person; the database's.
pub fn enable(session: &mut Session<'_>, caller: &Caller, person: i64) -> Result<()> {
    may_hand_out(session, caller, person)?;
    accounts::enable(session.conn, occasion(session, caller), person)
}

/// Makes a token for a person, as for a monitoring system, and answers its id.
///
/// # Errors
/// No right over the person; fields that do not fit; the database's.
pub fn make_token(session: &mut Session<'_>, caller: &Caller, new: &NewToken, drawn: &Drawn) -> Result<i64> {
    may_hand_out(session, caller, new.person)?;
    tokens::make(session.conn, occasion(session, caller), new, drawn)
}

/// Revokes a token of a person for good.
///
/// # Errors
/// No right to manage people; no such token; the database's.
pub fn revoke_token(session: &mut Session<'_>, caller: &Caller, person: i64, token: i64) -> Result<()> {
    may_manage(caller)?;
    tokens::revoke(session.conn, occasion(session, caller), person, token)
}

fn occasion(session: &Session<'_>, caller: &Caller) -> Occasion {
    Occasion { actor: caller.person_id(), channel: caller.channel, now: session.now }
}

/// Whether the caller manages people.
///
/// # Errors
/// `no_right`.
pub fn may_manage(caller: &Caller) -> Result<()> {
    if caller.rights.may(PEOPLE.key, "manage", None) {
        return Ok(());
    }
    Err(Refusal::forbidden("no_right", "You may not manage people.").into())
}

/// Managing people, and none of the person's rights is beyond the caller's own. A narrowed token hands out nothing:
/// what it made would reach further than itself.
pub(crate) fn may_hand_out(session: &mut Session<'_>, caller: &Caller, person: i64) -> Result<()> {
    may_manage(caller)?;
    if caller.rights.scopes.as_ref().is_some_and(|scopes| scopes.iter().all(|scope| scope != "*")) {
        let says = "Access is handed out after signing in, or with a token of scope *.";
        return Err(Refusal::forbidden("whole_rights_needed", says).into());
    }
    let entry = entries::by_id(session.conn, person)?.filter(|row| row.register == PEOPLE.key).map(entry_of);
    let entry = entry.ok_or_else(|| Refusal::missing("person"))?;
    merging::still_itself(session, &entry)?;
    let other = Caller::of(&entry, session.config, caller.channel, None);
    if covers(&caller.rights, &other.rights) {
        return Ok(());
    }
    let says = "This person may do what you may not. Somebody with at least these rights must do it.";
    Err(Refusal::forbidden("more_rights", says).into())
}

/// Refuses a change by which somebody would get what the caller has not, or lose it: a role given to a person or made
/// larger, another address to which the new password of a person with more rights would go, the end of such a person.
pub(crate) fn within_own(config: &Config, caller: &Caller, register: &Register, change: [&Entry; 2]) -> Result<()> {
    let [before, after] = change;
    let changes = |keys: &[&str]| keys.iter().any(|key| before.value(key) != after.value(key));
    let ends = before.active != after.active;
    let mut touched = Rights { grants: Vec::new(), scopes: None };
    if register.key == PEOPLE.key {
        let of = |entry: &Entry| Caller::of(entry, config, caller.channel, None).rights.grants;
        let had = before.value(GRANTS.def.key).as_list();
        let given = after.value(GRANTS.def.key).as_list().iter().filter(|grant| !had.contains(grant));
        touched.grants.extend(given.filter_map(|row| grant_of(row, config)));
        if ends || changes(&[EMAIL.def.key]) {
            touched.grants.extend(of(before));
        }
    } else if register.key == ROLES.key && (ends || changes(&["permissions", "reach"])) {
        touched.grants.extend(change.map(|entry| Grant { role: Role::of(entry), organisation: None, process: None }));
    }
    if caller.is_engine() || covers(&caller.rights, &touched) {
        return Ok(());
    }
    let says = "This would be more than you may do yourself. Somebody with at least these rights must do it.";
    Err(Refusal::forbidden("more_rights", says).into())
}

/// Whether everything that `other` may do is within `own`.
pub(crate) fn covers(own: &Rights, other: &Rights) -> bool {
    other.grants.iter().all(|theirs| {
        let held = |permission: &String| {
            own.grants.iter().any(|mine| {
                let wide = |mine: Option<&str>, theirs: Option<&str>| mine.is_none() || mine == theirs;
                let (area, action) = permission.split_once('.').unwrap_or((permission, permission));
                let named = mine.role.permissions.iter().any(|p| crate::rights::matches(p, area, action));
                named
                    && mine.role.reach >= theirs.role.reach
                    && wide(mine.process.as_deref(), theirs.process.as_deref())
                    && (mine.organisation.is_none() || mine.organisation == theirs.organisation)
            })
        };
        theirs.role.permissions.iter().all(held)
    })
}

fn note(session: &mut Session<'_>, caller: &Caller, person: i64, verb: &str, what: &str) -> Result<()> {
    events::append(
        session.conn,
        &NewEvent {
            at: session.now,
            actor: caller.person_id(),
            channel: caller.channel.key().to_owned(),
            subject: "account".into(),
            subject_id: person,
            process: None,
            verb: verb.to_owned(),
            public: false,
            changes: json!([{ "field": "account", "old": null, "new": what }]).to_string(),
            reason: None,
        },
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use mainstay_processes::registers::Reach;

    fn rights(permissions: &[&str], reach: Reach, organisation: Option<i64>) -> Rights {
        let permissions = permissions.iter().map(|p| (*p).to_owned()).collect();
        let role = Role { name: "x".into(), reach, permissions };
        Rights { grants: vec![Grant { role, organisation, process: None }], scopes: None }
    }

    #[test]
    fn nobody_hands_out_more_than_they_have() {
        let admin = rights(&["*"], Reach::Restricted, None);
        let helper = rights(&["people.manage", "tickets.*"], Reach::Staff, None);
        let of_one = rights(&["people.manage", "tickets.*"], Reach::Staff, Some(7));
        assert!(covers(&admin, &helper) && covers(&admin, &admin));
        assert!(!covers(&helper, &admin), "a star is more than a list");
        assert!(covers(&helper, &rights(&["tickets.view", "tickets.*"], Reach::Own, Some(7))));
        assert!(!covers(&helper, &rights(&["tickets.view"], Reach::Restricted, None)), "a wider reach");
        assert!(covers(&helper, &of_one) && !covers(&of_one, &helper), "one organisation is less than all");
        assert!(!covers(&helper, &rights(&["roles.manage"], Reach::Staff, None)));
    }
}
