//! What people may change about themselves without a right to the directory.

use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::registers::{self as door, EntryDraft};
use mainstay_engine::refusal::Refusal;
use mainstay_processes::registers;
use serde_json::Value as Json;

/// Sets the caller's own time zone, in which every page shows them times; an empty one means UTC.
///
/// # Errors
/// The engine has no profile; a zone that nobody knows; the database's.
pub fn set_zone(session: &mut Session<'_>, caller: &Caller, zone: &str) -> Result<()> {
    let Some(person) = &caller.person else { return Err(Refusal::missing("profile").into()) };
    // The person stays the one who acts; only the right to their own line of the directory is lent.
    let own = Caller { rights: Caller::engine(caller.channel).rights, ..caller.clone() };
    let zone = if zone.trim().is_empty() { Json::Null } else { Json::from(zone.trim()) };
    let values = [("zone".to_owned(), zone)].into_iter().collect();
    let draft = EntryDraft { values, ..EntryDraft::default() };
    door::update(session, &own, &registers::PEOPLE, person.id, person.version, &draft).map(|_| ())
}
