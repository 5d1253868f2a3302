//! One transaction of an import: several items, each of which stands alone.

use super::entry::{self, Listed};
use super::given::Reference;
use super::past::Past;
use super::record;
use super::references::{Known, Resolver, Trail};
use crate::caller::{Caller, Channel};
use crate::config::Config;
use crate::desk::{Credential, Desk, Session};
use crate::error::{Error, Result};
use crate::sources;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_store::{Broke, Conn, entries};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

/// What to do with what an earlier run, or somebody here, has made already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// It stays as it is.
    #[default]
    Keep,
    /// Its fields take the values of the file.
    Update,
}

/// One thing to import.
#[derive(Clone)]
pub enum Item {
    Record(Past),
    Entry(Listed),
}

/// What goes into one transaction.
#[derive(Clone, Default)]
pub struct Batch {
    /// Entries that must be there before any item, such as custom fields that items fill in.
    pub needs: Arc<Vec<Reference>>,
    pub items: Vec<Item>,
    pub existing: Existing,
    /// Key of the calendar that clocks count in; none: the one of each service level.
    pub calendar: Option<String>,
    /// Write nothing, only tell.
    pub dry_run: bool,
}

/// What became of one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Made,
    Updated,
    /// It was there, just so.
    Unchanged,
    /// It waits for a person, by the word for why.
    Parked(&'static str),
    /// It was there and is not what the file says; it stays as it is.
    Differs(String),
    /// Nothing of it was kept.
    Rejected(Refusal),
}

/// What became of a batch.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// One for each item, in their order.
    pub verdicts: Vec<Verdict>,
    /// Of each item that a source told of: the record that it is, and the fields that changed.
    pub told: Vec<Option<Told>>,
    /// Register of each entry made for the items, and the text it was asked for by.
    pub made: Vec<(&'static str, String)>,
}

/// The record that an item of a source is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    pub number: String,
    pub changed: Vec<&'static str>,
}

/// How items of one transaction are kept apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Apart {
    /// Not at all, in the hope that none is rejected after something of it was written.
    Hoped,
    /// So that each can be undone alone.
    Surely,
}

/// Code of the refusal by which a batch is given up, to run again with its items kept apart.
const TORN: &str = "torn";

/// What all items of a batch are held to.
pub(super) struct Terms {
    pub existing: Existing,
    pub calendar: Option<i64>,
    pub dry_run: bool,
}

/// Imports a batch in one transaction. `known` is shared by the batches of one import. Blocks: never call it on a
/// thread that runs async work.
///
/// # Errors
/// `unknown_calendar`; a need that cannot be met; `not_signed_in`; the database's. Nothing is kept then.
pub fn put(desk: &Desk, credential: &Credential, batch: &Arc<Batch>, known: &Arc<RwLock<Known>>) -> Result<Outcome> {
    let dry_run = batch.dry_run;
    let run = |apart| {
        let (batch, shared) = (Arc::clone(batch), Arc::clone(known));
        desk.write_blocking(credential, Channel::Import, move |session, caller| {
            let known = shared.read().unwrap_or_else(PoisonError::into_inner);
            if batch.dry_run {
                rehearse(session, caller, &batch, &known)
            } else {
                carry_out(session, caller, &batch, &known, apart)
            }
        })
    };
    let (outcome, found) = match run(Apart::Hoped) {
        Err(Error::Refused(refusal)) if refusal.code == TORN => run(Apart::Surely)?,
        // What was kept back showed at the end that one of the items cannot be; nobody knows which.
        Err(Error::Store(mainstay_store::Error::Conflict { .. })) => run(Apart::Surely)?,
        other => other?,
    };
    if !dry_run {
        known.write().unwrap_or_else(PoisonError::into_inner).learn(found);
    }
    if outcome.made.is_empty() {
        // Readers keep the configuration for the writers; during an import there may be no other reader.
        desk.read_blocking(credential, Channel::Import, |_, _| Ok(()))?;
    }
    Ok(outcome)
}

/// As [`put`], within a transaction that does more than that.
///
/// # Errors
/// As [`put`].
pub fn put_within(session: &mut Session<'_>, caller: &Caller, batch: &Batch) -> Result<Outcome> {
    let known = Known::default();
    let done = if batch.dry_run {
        rehearse(session, caller, batch, &known)?
    } else {
        carry_out(session, caller, batch, &known, Apart::Surely)?
    };
    Ok(done.0)
}

type Done = (Outcome, Trail);

/// A rehearsal ends by undoing itself; this carries what it found out.
enum End {
    Rehearsed(Done),
    Failed(Error),
}

impl From<mainstay_store::Error> for End {
    fn from(error: mainstay_store::Error) -> Self {
        Self::Failed(error.into())
    }
}

fn rehearse(session: &mut Session<'_>, caller: &Caller, batch: &Batch, known: &Known) -> Result<Done> {
    let (config, now) = (session.config, session.now);
    let end = session.conn.attempt(|conn| -> std::result::Result<(), End> {
        let done = carry_out(&mut Session::new(conn, config, now), caller, batch, known, Apart::Surely);
        Err(done.map_or_else(End::Failed, End::Rehearsed))
    });
    match end {
        Ok(()) => Ok(Done::default()),
        Err(End::Rehearsed(done)) => Ok(done),
        Err(End::Failed(error)) => Err(error),
    }
}

fn carry_out(session: &mut Session<'_>, caller: &Caller, batch: &Batch, known: &Known, apart: Apart) -> Result<Done> {
    let mut resolver = Resolver::new(known);
    for need in batch.needs.iter() {
        resolver.id(session, caller, "needs", need)?;
    }
    let language = session.config.language;
    let fresh = if resolver.made_any() { Some(Config { language, ..Config::load(session.conn)? }) } else { None };
    let (config, now) = (fresh.as_ref().unwrap_or(session.config), session.now);
    let session = &mut Session::new(session.conn, config, now);
    let calendar = batch.calendar.as_deref().map(|key| calendar(session, key)).transpose()?;
    let terms = Terms { existing: batch.existing, calendar, dry_run: batch.dry_run };
    prepare(session, &mut resolver, batch)?;
    let mut verdicts = Vec::with_capacity(batch.items.len());
    let mut told = Vec::with_capacity(batch.items.len());
    for item in &batch.items {
        verdicts.push(alone(session, caller, &mut resolver, &terms, item, apart)?);
        told.push(resolver.heard());
    }
    let (found, made) = resolver.end();
    Ok((Outcome { verdicts, told, made }, found))
}

/// Asks at once for what each record needs: whether it is there, and the numbers and ids for those that are not.
fn prepare(session: &mut Session<'_>, resolver: &mut Resolver<'_>, batch: &Batch) -> Result<()> {
    let pasts = || batch.items.iter().filter_map(|item| if let Item::Record(past) = item { Some(past) } else { None });
    resolver.look_for(session, pasts())?;
    // What a source tells of is known by other marks than its key.
    let of_source = |past: &&Past| sources::source(session.config, past.process, &past.origin).is_some();
    let new: Vec<&Past> = pasts().filter(|past| resolver.is_free(past) && !of_source(past)).collect();
    if batch.dry_run || new.is_empty() {
        return Ok(());
    }
    let mut numbers = BTreeMap::new();
    for past in &new {
        *numbers.entry(past.process.key).or_insert(0) += 1;
    }
    for (process, count) in numbers {
        session.conn.expect_numbers(process, count);
    }
    let comments = new.iter().map(|past| past.comments.len()).sum::<usize>();
    let steps = new.iter().map(|past| past.steps.len()).sum::<usize>();
    session.conn.expect_rows("record", new.len());
    session.conn.expect_rows("comment", comments);
    session.conn.expect_rows("clock", 2 * new.len());
    // Each step and comment leaves a line in the history, and so does the import.
    Ok(mainstay_store::events::expect(session.conn, steps + comments + new.len())?)
}

fn calendar(session: &mut Session<'_>, key: &str) -> Result<i64> {
    let found =
        entries::by_key(session.conn, "calendars", key)?.filter(|row| session.config.calendars.contains_key(&row.id));
    found
        .map(|row| row.id)
        .ok_or_else(|| Refusal::invalid("unknown_calendar", format!("There is no calendar {key}.")).into())
}

/// Imports one item so that a refusal undoes it alone.
fn alone(
    session: &mut Session<'_>,
    caller: &Caller,
    resolver: &mut Resolver<'_>,
    terms: &Terms,
    item: &Item,
    apart: Apart,
) -> Result<Verdict> {
    let (config, now, mark) = (session.config, session.now, resolver.mark());
    let put = |conn: &mut Conn| {
        let session = &mut Session::new(conn, config, now);
        match item {
            Item::Record(past) => record::put(session, caller, resolver, terms, past),
            Item::Entry(listed) => entry::put(session, caller, resolver, terms, listed),
        }
    };
    let verdict = match apart {
        Apart::Surely => session.conn.attempt(put),
        Apart::Hoped => session.conn.attempt_lightly(put).map_err(|_| Refusal::conflict(TORN, "It runs again."))?,
    };
    let refusal = match verdict {
        Ok(verdict) => return Ok(verdict),
        Err(Error::Refused(refusal)) => refusal,
        Err(Error::Store(mainstay_store::Error::Conflict { broke: Broke::Unique, .. })) => {
            Refusal::conflict("taken", "Something with this key exists already.")
        }
        Err(error) => return Err(error),
    };
    resolver.back_to(&mark);
    Ok(Verdict::Rejected(refusal))
}

/// A refusal about one field.
pub(super) fn field_refusal(error: FieldError) -> Refusal {
    Refusal {
        why: mainstay_engine::refusal::Why::Invalid,
        code: error.code.clone(),
        detail: error.detail.clone(),
        errors: vec![error],
    }
}
