//! What waits for a person: rows that fit no record or several, and what sources miss.

use super::known::{self, Fed, Settled};
use super::{Source, by_entry};
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::import;
use crate::records;
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_store::sightings::{self, ParkedRow};
use mainstay_store::{NewEvent, events};
use serde_json::{Value as Json, json};
use std::collections::HashMap;

/// Waits for somebody.
pub const OPEN: &str = "open";
/// Somebody said to leave it aside, and it stays so whenever its source tells of it again.
pub const IGNORED: &str = "ignored";
/// Longest reason, in characters.
pub const LONGEST_REASON: usize = 500;
/// Rows of one page, and records that a source misses.
const PAGE: usize = 50;
/// What the log calls such a row.
const SUBJECT: &str = "parked";

/// A row as whoever settles it sees it.
#[derive(Clone)]
pub struct Parked {
    pub row: ParkedRow,
    /// The name of its source.
    pub source: String,
    /// What the source says, as a record would hold it.
    pub draft: Record,
    pub fields: Vec<&'static FieldDef>,
    /// The records that it may be, as far as the caller sees them.
    pub candidates: Vec<Record>,
}

/// A page of them.
#[derive(Clone, Default)]
pub struct Queue {
    pub rows: Vec<Parked>,
    pub names: HashMap<i64, String>,
    /// After which id the next page begins.
    pub next: Option<i64>,
}

/// How a source stands.
#[derive(Clone)]
pub struct Standing {
    pub source: Source,
    /// Records it told of that are not closed, and of these how many it misses.
    pub records: i64,
    pub stale: i64,
    /// When it told of anything last; epoch milliseconds UTC.
    pub last: Option<i64>,
    /// What it misses longest, with when it told of it last.
    pub missing: Vec<(Record, i64)>,
}

/// What somebody decides of a row.
#[derive(Clone, Debug)]
pub enum Deed {
    /// It is the record with this number.
    Match(String),
    /// It is new.
    Make,
    /// It is none of ours.
    Ignore(String),
    /// It waits again.
    Reopen,
}

fn may_settle(caller: &Caller, process: &'static Process) -> Result<()> {
    if !process.takes_feeds() {
        return Err(Refusal::missing("page").into());
    }
    if caller.rights.may_somewhere(process.key, "import") {
        return Ok(());
    }
    let says = format!("You may not import {}.", process.label_plural.to_lowercase());
    Err(Refusal::forbidden("no_right", says).into())
}

/// The rows of a process in a state, the oldest first, after an id.
///
/// # Errors
/// No right to import; the database's.
pub fn parked(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    state: &str,
    after: i64,
) -> Result<Queue> {
    may_settle(caller, process)?;
    let most = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut rows = sightings::parked(session.conn, process.key, state, after, most)?;
    let next = (rows.len() > PAGE).then(|| rows[PAGE - 1].id);
    rows.truncate(PAGE);
    let mut queue = Queue { next, ..Queue::default() };
    for row in rows {
        queue.rows.extend(shown(session, caller, process, row)?);
    }
    let fields: Vec<&'static FieldDef> = session.config.fields(process).collect();
    let drafts = queue.rows.iter().map(|row| &row.draft);
    queue.names = records::names_of(session.conn, session.config, &fields, drafts)?;
    Ok(queue)
}

/// A row that the caller may settle; none where it is of an organisation that is not theirs, or of a retired source.
fn shown(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    row: ParkedRow,
) -> Result<Option<Parked>> {
    let Some(source) = by_entry(session.config, row.source).map(|source| source.name.clone()) else { return Ok(None) };
    let draft = draft(session, process, &row);
    if !caller.rights.may(process.key, "import", draft.value(spine::ORGANISATION.def.key).as_int()) {
        return Ok(None);
    }
    let candidates = records::spines(session, caller, &row.candidates)?.into_iter().map(|(record, _)| record).collect();
    let fields = said(session, process, &row).into_iter().map(|(field, _)| field).collect();
    Ok(Some(Parked { row, source, draft, fields, candidates }))
}

/// A row as a record would hold it.
pub(super) fn draft(session: &Session<'_>, process: &'static Process, row: &ParkedRow) -> Record {
    let mut draft = Record::new(process);
    for (field, value) in said(session, process, row) {
        draft.put(field, value);
    }
    draft
}

fn said(session: &Session<'_>, process: &'static Process, row: &ParkedRow) -> Vec<(&'static FieldDef, Value)> {
    let said = known::object(&row.said);
    said.get("values")
        .and_then(Json::as_object)
        .map(|values| import::typed(session, process, values))
        .unwrap_or_default()
}

/// How the sources of a process stand, by name.
///
/// # Errors
/// No right to import; the database's.
pub fn standing(session: &mut Session<'_>, caller: &Caller, process: &'static Process) -> Result<Vec<Standing>> {
    may_settle(caller, process)?;
    let mut sources: Vec<Source> =
        session.config.sources.values().filter(|source| source.of == process.key).cloned().collect();
    sources.sort_by(|a, b| (a.rank, &a.name).cmp(&(b.rank, &b.name)));
    let mut all = Vec::with_capacity(sources.len());
    for source in sources {
        let since = source.stale.map(|stale| session.now - stale);
        let (records, stale, last) = sightings::counted(session.conn, source.id, since)?;
        let mut missing = Vec::new();
        if let Some(since) = since.filter(|_| stale > 0) {
            let most = i64::try_from(PAGE).unwrap_or(i64::MAX);
            let rows = sightings::stale(session.conn, &caller.scope, source.id, since, most)?;
            let ids: Vec<i64> = rows.iter().map(|row| row.record).collect();
            let found = records::spines(session, caller, &ids)?;
            let last = |record: &Record| rows.iter().find(|row| row.record == record.id).map_or(0, |row| row.last);
            missing = found.into_iter().map(|(record, _)| (last(&record), record)).map(|(at, r)| (r, at)).collect();
        }
        all.push(Standing { source, records, stale, last, missing });
    }
    Ok(all)
}

/// Carries out what somebody decided of a row; answers the number of the record that it is now.
///
/// # Errors
/// No right; settled already; a record that is not there; what the record refuses.
pub fn decide(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    id: i64,
    deed: &Deed,
) -> Result<Option<String>> {
    may_settle(caller, process)?;
    let row = sightings::parked_by_id(session.conn, process.key, id)?;
    let shown = row.map(|row| shown(session, caller, process, row)).transpose()?.flatten();
    let Parked { row, .. } = shown.ok_or_else(|| Refusal::missing("row"))?;
    match deed {
        Deed::Ignore(reason) => {
            let reason = checked(reason)?;
            let ignored = ParkedRow { state: IGNORED.into(), reason: Some(reason.to_owned()), ..row };
            sightings::park(session.conn, &ignored)?;
            log(session, caller, &ignored, "row_ignored", None)?;
            Ok(None)
        }
        Deed::Reopen => {
            let open = ParkedRow { state: OPEN.into(), reason: None, ..row };
            sightings::park(session.conn, &open)?;
            log(session, caller, &open, "row_reopened", None)?;
            Ok(None)
        }
        Deed::Match(number) => {
            let (record, _) = records::find(session, caller, process, number.trim()).map_err(|error| match error {
                crate::error::Error::Refused(_) => {
                    let says = format!("There is no {} here that you may see.", number.trim());
                    Refusal::invalid("unknown_link", says).into()
                }
                other => other,
            })?;
            settled(session, caller, process, &row, "row_matched", |session, fed| {
                match known::meet(session, caller, fed, record.id)? {
                    Settled::Met { number, .. } | Settled::Over { number } => Ok(number),
                    Settled::New | Settled::Parked { .. } => Err(gone().into()),
                }
            })
        }
        Deed::Make => settled(session, caller, process, &row, "row_made", |session, fed| {
            let record = import::make(session, caller, fed)?;
            known::settle_new(session, fed, record.id)?;
            Ok(record.value(spine::NUMBER.def.key).as_text().unwrap_or_default().to_owned())
        }),
    }
}

fn settled(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    row: &ParkedRow,
    verb: &str,
    what: impl FnOnce(&mut Session<'_>, &Fed<'_>) -> Result<String>,
) -> Result<Option<String>> {
    if !sightings::unpark(session.conn, row.id)? {
        return Err(gone().into());
    }
    let config = session.config;
    let source = by_entry(config, row.source).ok_or_else(gone)?;
    let told = known::object(&row.said);
    let state = told.get("state").and_then(Json::as_str).and_then(|state| process.state(state));
    let values = said(session, process, row);
    let state = state.unwrap_or(process.initial()).key;
    let number = what(session, &Fed { source, external_key: &row.external_key, values, state })?;
    log(session, caller, row, verb, Some(&number))?;
    Ok(Some(number))
}

fn gone() -> Refusal {
    Refusal::conflict("not_open", "Somebody has settled this row already.")
}

fn checked(reason: &str) -> Result<&str> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        let says = format!("Say in up to {LONGEST_REASON} letters why it is left aside.");
        Refusal::unless_empty(vec![FieldError::new("reason", "required", says)])?;
    }
    Ok(reason)
}

fn log(session: &mut Session<'_>, caller: &Caller, row: &ParkedRow, verb: &str, number: Option<&str>) -> Result<()> {
    let changes = json!([{ "field": "record", "old": null, "new": number.unwrap_or(&row.title) }]);
    let event = NewEvent {
        at: session.now,
        actor: caller.person_id(),
        channel: caller.channel.key().to_owned(),
        subject: SUBJECT.into(),
        subject_id: row.id,
        process: None,
        verb: verb.to_owned(),
        public: false,
        changes: changes.to_string(),
        reason: row.reason.clone(),
    };
    events::append(session.conn, &event)?;
    Ok(())
}
