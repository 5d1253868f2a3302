//! What people may change about themselves without a right to the directory.

use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::registers::{self as door, EntryDraft};
use crate::schedules;
use mainstay_engine::refusal::Refusal;
use mainstay_processes::registers;
use serde_json::{Map, Value as Json};

/// Sets the caller's own time zone, in which every page shows them times; an empty one means UTC.
///
/// # Errors
/// The engine has no profile; a zone that nobody knows; the database's.
pub fn set_zone(session: &mut Session<'_>, caller: &Caller, zone: &str) -> Result<()> {
    set(session, caller, "zone", zone)?;
    let zone = jiff::tz::TimeZone::get(zone.trim()).unwrap_or(jiff::tz::TimeZone::UTC);
    match caller.person_id() {
        Some(person) => schedules::move_to(session, person, &zone),
        None => Ok(()),
    }
}

/// Sets the caller's own language as a BCP 47 tag, in which every page speaks to them; an empty one means what their
/// browser asks for.
///
/// # Errors
/// The engine has no profile; what is no tag; the database's.
pub fn set_language(session: &mut Session<'_>, caller: &Caller, language: &str) -> Result<()> {
    set(session, caller, "language", language)
}

/// Sets one value of the caller's own line of the directory; an empty one is taken away.
fn set(session: &mut Session<'_>, caller: &Caller, key: &str, value: &str) -> Result<()> {
    let value = if value.trim().is_empty() { Json::Null } else { Json::from(value.trim()) };
    set_all(session, caller, [(key.to_owned(), value)].into_iter().collect())
}

/// Sets some values of the caller's own line of the directory.
///
/// # Errors
/// As [`set_zone`]; values that do not fit.
pub(crate) fn set_all(session: &mut Session<'_>, caller: &Caller, values: Map<String, Json>) -> Result<()> {
    let Some(person) = &caller.person else { return Err(Refusal::missing("profile").into()) };
    // The person stays the one who acts; only the right to their own line of the directory is lent.
    let own = Caller { rights: Caller::engine(caller.channel).rights, ..caller.clone() };
    let draft = EntryDraft { values, ..EntryDraft::default() };
    door::update(session, &own, &registers::PEOPLE, person.id, person.version, &draft).map(|_| ())
}
