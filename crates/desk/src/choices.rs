//! What pickers and the sidebar offer of a register: its first entries by name. They are read once per configuration,
//! not once per page.

use crate::caller::Caller;
use crate::config::entry_of;
use crate::desk::Session;
use crate::error::Result;
use crate::readable::Reader;
use crate::registers::{EntryListing, list};
use mainstay_engine::register::{Entry, Register};
use mainstay_store::entries;
use std::sync::{Arc, PoisonError};

/// As many entries of a register are kept.
const KEPT: usize = 200;

/// An entry as something to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    pub id: i64,
    pub key: String,
    pub name: String,
}

/// The first entries in use that the caller may read, by name, at most so many and never more than 200.
///
/// # Errors
/// No right to read the register at all.
pub fn offered(
    session: &mut Session<'_>,
    caller: &Caller,
    register: &'static Register,
    most: usize,
) -> Result<Vec<Offered>> {
    let take = |entry: &Entry| Offered { id: entry.id, key: entry.key.clone(), name: entry.name.clone() };
    first(session, caller, register, most, |_, entry| take(entry))
}

/// As [`offered`], with all that the caller may read of each.
///
/// # Errors
/// As [`offered`].
pub fn open_entries(
    session: &mut Session<'_>,
    caller: &Caller,
    register: &'static Register,
    most: usize,
) -> Result<Vec<Entry>> {
    first(session, caller, register, most, |reader, entry| reader.shown(entry.clone()))
}

fn first<T>(
    session: &mut Session<'_>,
    caller: &Caller,
    register: &'static Register,
    most: usize,
    take: impl Fn(&Reader<'_>, &Entry) -> T,
) -> Result<Vec<T>> {
    let reader = Reader::of(caller, register)?;
    if let Some(kept) = kept(session, &reader, register)? {
        let open: Vec<T> =
            kept.iter().filter(|entry| reader.opens(entry)).take(most).map(|entry| take(&reader, entry)).collect();
        if open.len() >= most || kept.len() < KEPT {
            return Ok(open);
        }
    }
    let listing = EntryListing { limit: i64::try_from(most).unwrap_or(i64::MAX), ..EntryListing::default() };
    Ok(list(session.conn, caller, register, &listing)?.iter().map(|entry| take(&reader, entry)).collect())
}

/// The kept entries, whoever may read them; none where something may be written, or for who reads part of a register
/// that the database picks.
fn kept(
    session: &mut Session<'_>,
    reader: &Reader<'_>,
    register: &'static Register,
) -> Result<Option<Arc<Vec<Entry>>>> {
    if !session.recall.is_reading() || reader.homes().is_some() {
        return Ok(None);
    }
    let known = session.config.first.read().unwrap_or_else(PoisonError::into_inner).get(register.key).cloned();
    if known.is_some() {
        return Ok(known);
    }
    let query = entries::EntryQuery {
        register: register.key.to_owned(),
        active_only: true,
        limit: i64::try_from(KEPT).unwrap_or(i64::MAX),
        ..entries::EntryQuery::default()
    };
    let read: Arc<Vec<Entry>> = Arc::new(entries::list(session.conn, &query)?.into_iter().map(entry_of).collect());
    session.config.first.write().unwrap_or_else(PoisonError::into_inner).insert(register.key, Arc::clone(&read));
    Ok(Some(read))
}
