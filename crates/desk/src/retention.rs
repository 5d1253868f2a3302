//! How long closed records are kept: archived after so many days, emptied of words and people after so many more, unless
//! somebody must keep them. (GEN-11)

use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::Result;
use crate::records::{self, append, may};
use mainstay_engine::field::{FieldDef, Home, Kind};
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::spine;
use mainstay_processes::bundles::{ARCHIVE_DAYS, REMOVE_DAYS};
use mainstay_processes::registers::PEOPLE;
use mainstay_store::retention::{self as store, HoldRow};
use serde_json::{Value as Json, json};

const DAY_MS: i64 = 86_400_000;
/// Longest reason, in characters.
const LONGEST: usize = 2_000;

/// A record leaves lists and search.
pub const ARCHIVED: &str = "archived";
/// Its words and people leave.
pub const REMOVED: &str = "removed";
/// Somebody must keep it.
pub const HELD: &str = "legal_hold_set";
/// Nobody must keep it any more.
pub const LIFTED: &str = "legal_hold_lifted";

/// What the log says of the keeping of records, and nothing else of what is archived.
pub const VERBS: [&str; 4] = [ARCHIVED, REMOVED, HELD, LIFTED];

/// The action of a role that holds records and lets them go.
pub const HOLD: &str = "legal_hold";

/// Whether somebody finds what is archived: whoever reads the audit.
#[must_use]
pub fn reads_archive(caller: &Caller) -> bool {
    caller.is_engine() || caller.rights.may_somewhere("audit", "view")
}

/// Whether a record is archived.
#[must_use]
pub fn is_archived(record: &Record) -> bool {
    record.has(&spine::ARCHIVED)
}

/// Refuses whatever would change an archived record.
///
/// # Errors
/// `archived`.
pub fn not_archived(record: &Record, verb: &str) -> Result<()> {
    if !is_archived(record) || VERBS.contains(&verb) {
        return Ok(());
    }
    Err(Refusal::conflict("archived", "It is archived and can only be read.").into())
}

/// The hold on a record that the caller sees as staff.
///
/// # Errors
/// Not the caller's to see; the database's.
pub fn hold(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
) -> Result<Option<HoldRow>> {
    let (record, seen) = records::find(session, caller, process, number)?;
    if seen.internal() { Ok(store::hold_of(session.conn, record.id)?) } else { Ok(None) }
}

/// Refuses whoever may not hold a record.
///
/// # Errors
/// Not the caller's to see or hold.
pub fn may_hold(session: &mut Session<'_>, caller: &Caller, process: &'static Process, number: &str) -> Result<Record> {
    let (record, seen) = records::find(session, caller, process, number)?;
    may(caller, &record, HOLD)?;
    if !seen.internal() {
        return Err(Refusal::forbidden("no_right", "You may not do that here.").into());
    }
    Ok(record)
}

/// Puts a hold on a record, or lifts it; either way somebody says why.
///
/// # Errors
/// Not the caller's to see or hold; no reason; `held` or `not_held` already; `removed`; the database's.
pub fn set(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    held: bool,
    reason: &str,
) -> Result<()> {
    let record = may_hold(session, caller, process, number)?;
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST {
        let error = FieldError::new("reason", "required", "Say why, in at most 2,000 characters.");
        Refusal::unless_empty(vec![error])?;
    }
    if held && record.has(&spine::REMOVED) {
        return Err(Refusal::conflict("removed", "Its words were removed already.").into());
    }
    let done = if held {
        store::hold(session.conn, record.id, caller.person_id(), reason, session.now)?
    } else {
        store::lift(session.conn, record.id, session.now)?
    };
    if !done {
        return Err(if held {
            Refusal::conflict("held", "It is under legal hold already.").into()
        } else {
            Refusal::conflict("not_held", "It is under no legal hold.").into()
        });
    }
    let verb = if held { HELD } else { LIFTED };
    let changes = json!([{ "field": "legal_hold", "old": !held, "new": held }]);
    append(session, caller, &record, verb, false, &changes, Some(reason))?;
    Ok(())
}

/// What one round did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    pub archived: usize,
    pub removed: usize,
    /// Digests of files that no row names any more.
    pub free: Vec<String>,
}

/// Archives what was closed long enough ago and empties what was archived long enough, at most `limit` of each process
/// and kind. Each is claimed by the update that marks it, so it happens once on any number of nodes.
///
/// # Errors
/// The database's.
pub fn run(session: &mut Session<'_>, limit: i64) -> Result<Kept> {
    let engine = Caller::engine(Channel::Engine);
    let mut kept = Kept::default();
    for process in mainstay_processes::ALL.iter().copied() {
        let days = |key: &str| session.config.process(process).policies.get(key).copied().unwrap_or_default();
        let (archive, remove) = (days(ARCHIVE_DAYS.key), days(REMOVE_DAYS.key));
        if archive > 0 {
            for id in store::to_archive(session.conn, process.key, session.now - archive * DAY_MS, limit)? {
                kept.archived += usize::from(archive_one(session, &engine, id)?);
            }
        }
        if remove > 0 {
            for id in store::to_remove(session.conn, process.key, session.now - remove * DAY_MS, limit)? {
                if let Some(free) = remove_one(session, &engine, process, id)? {
                    kept.removed += 1;
                    kept.free.extend(free);
                }
            }
        }
    }
    Ok(kept)
}

fn archive_one(session: &mut Session<'_>, engine: &Caller, id: i64) -> Result<bool> {
    let Some(record) = records::by_id(session, id)? else { return Ok(false) };
    if !store::archive(session.conn, id, session.now)? {
        return Ok(false);
    }
    let changes = json!([{ "field": spine::ARCHIVED.def.key, "old": null, "new": session.now }]);
    append(session, engine, &record, ARCHIVED, true, &changes, None)?;
    Ok(true)
}

fn remove_one(
    session: &mut Session<'_>,
    engine: &Caller,
    process: &'static Process,
    id: i64,
) -> Result<Option<Vec<String>>> {
    let Some(record) = records::by_id(session, id)? else { return Ok(None) };
    let own = process.fields().filter(|field| field.home == Home::Own && !is_fact(field));
    let emptied: Vec<&str> = own.filter(|field| records::column(field).is_some()).map(|field| field.key).collect();
    let Some(free) = store::remove(session.conn, records::table(process), &emptied, id, session.now)? else {
        return Ok(None);
    };
    for (event, verb, changes, by_somebody) in store::events_of(session.conn, id)? {
        if !VERBS.contains(&verb.as_str()) {
            let facts = facts_of(session, process, &changes, by_somebody == 1);
            store::empty_event(session.conn, event, &facts)?;
        }
    }
    let changes = json!([{ "field": spine::REMOVED.def.key, "old": null, "new": session.now }]);
    append(session, engine, &record, REMOVED, true, &changes, None)?;
    Ok(Some(free))
}

/// Whether a field says something that names nobody and quotes nobody: figures rest on it after the words have gone.
fn is_fact(field: &FieldDef) -> bool {
    match field.kind {
        Kind::Choice(_)
        | Kind::MultiChoice(_)
        | Kind::Number { .. }
        | Kind::Money { .. }
        | Kind::Bool
        | Kind::Instant
        | Kind::Date
        | Kind::Duration
        | Kind::Link(_) => true,
        Kind::Ref(register) => register != PEOPLE.key,
        _ => field.key == spine::STATE.def.key,
    }
}

/// Under this name an event says that somebody did it, whose name was removed.
pub const ACTOR: &str = "actor";

/// The changes of an event without what was said and who was named.
fn facts_of(session: &Session<'_>, process: &'static Process, changes: &str, by_somebody: bool) -> String {
    let Ok(Json::Array(mut all)) = serde_json::from_str::<Json>(changes) else { return "[]".to_owned() };
    for change in &mut all {
        let field = change["field"].as_str().unwrap_or_default().to_owned();
        let own = session.config.process(process).custom.iter().any(|custom| custom.def.key == field);
        let fact = field == records::CLOCK || session.config.field(process, &field).is_some_and(is_fact);
        if own || !fact {
            *change = json!({ "field": field, "old": null, "new": null });
        }
    }
    if by_somebody {
        all.push(json!({ "field": ACTOR, "old": null, "new": null }));
    }
    Json::Array(all).to_string()
}
