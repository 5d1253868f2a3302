//! Looking as somebody else: an administrator sees what a person or a role sees, and can change nothing meanwhile.
//!
//! It is a state of one browser's session, begun and ended with a line in the log. In every transaction the session then
//! acts with the other's rights, read anew, and only while each of them is within the administrator's own; nothing is
//! written for it. What is the other's alone (drafts, forms begun, their own account) stays theirs.

use crate::access::covers;
use crate::caller::{Caller, Channel};
use crate::config::{Config, entry_of};
use crate::desk::Session;
use crate::error::Result;
use crate::rights::{Grant, Rights, Role};
use mainstay_engine::refusal::Refusal;
use mainstay_engine::register::Entry;
use mainstay_processes::registers::{PEOPLE, ROLES};
use mainstay_store::{Conn, NewEvent, entries, events};
use serde_json::json;

/// The code of the refusal of whatever somebody who looks as another would change.
pub const READS_ONLY: &str = "view_as_reads_only";
/// The code of the refusal when one may no longer look so.
pub const OVER: &str = "view_as_over";

/// The caller that an administrator sees as.
///
/// # Errors
/// [`OVER`] when the other is out of use or may do by now what the administrator may not; the database's.
pub fn seen_as(conn: &mut Conn, config: &Config, own: &Entry, viewed: i64, channel: Channel) -> Result<Caller> {
    let over = |says: &str| Refusal::forbidden(OVER, says);
    let administrator = Caller::of(own, config, channel, None);
    let entry = entries::by_id(conn, viewed)?.map(entry_of).filter(|entry| entry.active);
    let register = entries::register_of(conn, viewed)?.unwrap_or_default();
    let entry = entry.ok_or_else(|| over("Whom you looked as is out of use."))?;
    let caller = as_whom(&entry, &register, own, config, channel)
        .filter(|other| may_begin(&administrator) && covers(&administrator.rights, &other.rights))
        .ok_or_else(|| over("You may not look as them: they may do what you may not."))?;
    Ok(Caller { viewer: Some(own.id), ..caller })
}

/// The caller of a person, or of oneself with one role alone.
fn as_whom(entry: &Entry, register: &str, own: &Entry, config: &Config, channel: Channel) -> Option<Caller> {
    if register == PEOPLE.key {
        return Some(Caller::of(entry, config, channel, None));
    }
    if register != ROLES.key {
        return None;
    }
    let grant = Grant { role: Role::of(entry), organisation: None, process: None };
    Some(Caller::with_rights(own, Rights { grants: vec![grant], scopes: None }, channel))
}

fn may_begin(caller: &Caller) -> bool {
    caller.rights.may(PEOPLE.key, "manage", None)
}

/// Begins to look as a person or a role, in the session with this digest.
///
/// # Errors
/// No right to manage people; rights beyond one's own; nobody whom one could look as; the database's.
pub fn begin(session: &mut Session<'_>, caller: &Caller, digest: &str, viewed: i64) -> Result<String> {
    let own = caller.person_id().filter(|_| may_begin(caller));
    let refused = || Refusal::forbidden("no_right", "You may not look as others.");
    let own = entries::by_id(session.conn, own.ok_or_else(refused)?)?.map(entry_of).ok_or_else(refused)?;
    if own.id == viewed {
        return Err(Refusal::conflict("own_account", "That is you.").into());
    }
    let name = entries::by_id(session.conn, viewed)?.map(|row| row.name).ok_or_else(|| Refusal::missing("person"))?;
    seen_as(session.conn, session.config, &own, viewed, caller.channel)?;
    session.conn.run("UPDATE session SET viewed = $2 WHERE digest = $1", &[digest.into(), viewed.into()])?;
    note(session, &own, caller.channel, "view_as_began", viewed)?;
    Ok(name)
}

/// Stops looking as somebody else.
///
/// # Errors
/// The database's.
pub fn end(session: &mut Session<'_>, caller: &Caller, digest: &str) -> Result<()> {
    let sql = "SELECT viewed FROM session WHERE digest = $1 AND viewed IS NOT NULL";
    let Some(viewed) = session.conn.maybe::<i64>(sql, &[digest.into()])? else { return Ok(()) };
    session.conn.run("UPDATE session SET viewed = NULL WHERE digest = $1", &[digest.into()])?;
    let own = caller.person_id().map(|id| entries::by_id(session.conn, id)).transpose()?.flatten().map(entry_of);
    match own {
        Some(own) => note(session, &own, caller.channel, "view_as_ended", viewed),
        None => Ok(()),
    }
}

/// A line on the account of whoever is looked as; on one's own when it is a role.
fn note(session: &mut Session<'_>, own: &Entry, channel: Channel, verb: &str, viewed: i64) -> Result<()> {
    let register = entries::register_of(session.conn, viewed)?.unwrap_or_default();
    let name = entries::by_id(session.conn, viewed)?.map(|row| row.name).unwrap_or_default();
    let subject = if register == PEOPLE.key { viewed } else { own.id };
    events::append(
        session.conn,
        &NewEvent {
            at: session.now,
            actor: Some(own.id),
            channel: channel.key().to_owned(),
            subject: "account".into(),
            subject_id: subject,
            process: None,
            verb: verb.to_owned(),
            public: false,
            changes: json!([{ "field": "looks_as", "old": null, "new": name }]).to_string(),
            reason: None,
        },
    )?;
    Ok(())
}
