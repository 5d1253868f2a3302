//! One step, edit, label, link or watch on many records: each succeeds or is refused by itself, and the whole can be
//! rehearsed first.

use super::change::{Act, Amend, act, amend};
use super::comments::NewComment;
use super::ready::Given;
use super::undo::{undo, undo_together};
use super::{comments, hang, held, ready, rows};
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::{Error, Result};
use mainstay_engine::field::Kind;
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::value::Value;
use mainstay_store::bulk_runs::{self, BulkRunRow};
use mainstay_store::events;
use serde_json::{Map, Value as Json, json};

/// Most records that one request may name.
pub const MOST: usize = 200;
/// What can be done in bulk besides the steps of a process.
pub const BESIDE_STEPS: [&str; 6] = ["update", "tag", "watch", "link", "reply", "macro"];
/// The code of the refusal that ends a rehearsal; nobody reads it.
const REHEARSED: &str = "rehearsed";
/// One change of a record leaves no more events on it than this.
const MOST_EVENTS: i64 = 20;

/// A bulk request: a step, or one of [`BESIDE_STEPS`].
#[derive(Clone, Debug, Default)]
pub struct Bulk {
    pub verb: String,
    pub numbers: Vec<String>,
    /// Fields as the step or the edit takes them; for `tag` what is added to each list of tags.
    pub values: Map<String, Json>,
    pub reason: Option<String>,
    /// Words to the requester: what `reply` says, or what a step asks for.
    pub comment: Option<String>,
    /// The macro that `macro` applies.
    pub macro_: Option<i64>,
    /// Words to the requester leave a little later, so that they can be taken back.
    pub held: bool,
    /// For `link`: a relation that the process declares.
    pub relation: Option<String>,
    /// The record that `link`, or a step, links to.
    pub link: Option<String>,
    /// Says what would become of each record, and changes nothing.
    pub dry_run: bool,
}

/// What became of one record.
#[derive(Clone, Debug)]
pub struct BulkRow {
    pub number: String,
    pub done: Done,
    pub refused: Option<Refusal>,
}

/// What was written on one record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Its events, oldest first.
    pub events: Vec<i64>,
    /// The reply that has yet to leave, with which the rest is taken back.
    pub held: Option<i64>,
}

/// What became of a request.
#[derive(Clone, Debug)]
pub struct BulkDone {
    /// By which the run can be looked at and taken back; none of a rehearsal.
    pub run: Option<i64>,
    pub rows: Vec<BulkRow>,
}

/// A bulk run as it is remembered.
#[derive(Clone, Debug)]
pub struct BulkRun {
    pub verb: String,
    /// When, in epoch milliseconds UTC.
    pub at: i64,
    pub undone: bool,
    pub items: Vec<BulkItem>,
}

/// What became of one record of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkItem {
    pub number: String,
    pub done: Done,
    /// Why it was left as it is, in a sentence.
    pub skipped: Option<String>,
}

/// Applies the request to each record; a refusal undoes that record's part only.
///
/// # Errors
/// No or too many records; something that cannot be done in bulk; the database's.
pub fn bulk(session: &mut Session<'_>, caller: &Caller, process: &'static Process, bulk: &Bulk) -> Result<BulkDone> {
    if bulk.numbers.is_empty() || bulk.numbers.len() > MOST {
        return Err(Refusal::invalid("wrong_count", format!("Name between 1 and {MOST} records.")).into());
    }
    if !BESIDE_STEPS.contains(&bulk.verb.as_str()) && process.transition(&bulk.verb).is_none() {
        return Err(Refusal::invalid("unknown_verb", format!("{} has no step of that name.", process.label)).into());
    }
    if bulk.verb == "tag" {
        only_tags(session, process, &bulk.values)?;
    }
    if let Some(relation) = &bulk.relation {
        hang::declared(session.config, process, relation)?;
    }
    if bulk.dry_run {
        return Ok(BulkDone { run: None, rows: rehearse(session, caller, process, bulk)? });
    }
    let rows = each(session, caller, process, bulk)?;
    let run = keep(session, caller, process, &bulk.verb, &rows)?;
    Ok(BulkDone { run: Some(run), rows })
}

/// Does it all and takes it all back.
fn rehearse(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    bulk: &Bulk,
) -> Result<Vec<BulkRow>> {
    let mut rows = Vec::new();
    let ended = session.attempt(|session| -> Result<()> {
        rows = each(session, caller, process, bulk)?;
        Err(Refusal::conflict(REHEARSED, "Only rehearsed.").into())
    });
    match ended {
        Err(Error::Refused(refusal)) if refusal.code == REHEARSED => Ok(rows),
        Err(error) => Err(error),
        Ok(()) => Ok(rows),
    }
}

fn each(session: &mut Session<'_>, caller: &Caller, process: &'static Process, bulk: &Bulk) -> Result<Vec<BulkRow>> {
    let mut rows: Vec<BulkRow> = Vec::with_capacity(bulk.numbers.len());
    for number in &bulk.numbers {
        if rows.iter().any(|row| row.number == *number) {
            continue;
        }
        let (done, refused) = match session.attempt(|session| one(session, caller, process, number, bulk)) {
            Ok(done) => (done, None),
            Err(Error::Refused(refusal)) => (Done::default(), Some(refusal)),
            Err(error) => return Err(error),
        };
        rows.push(BulkRow { number: number.clone(), done, refused });
    }
    Ok(rows)
}

fn one(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    bulk: &Bulk,
) -> Result<Done> {
    let (record, seen) = rows::find(session, caller, process, number)?;
    let before = events::newest_of(session.conn, &seen)?;
    let mut held = None;
    match bulk.verb.as_str() {
        "update" => edit(session, caller, &record, number, bulk, bulk.values.clone())?,
        "tag" => edit(session, caller, &record, number, bulk, with_tags(&record, &bulk.values))?,
        "watch" => {
            let me = caller.person_id().ok_or_else(|| Refusal::forbidden("no_right", "Only a person can watch."))?;
            hang::watch(session, caller, process, number, me)?;
        }
        "link" => {
            let relation = bulk.relation.as_deref().ok_or_else(|| Refusal::missing("relation"))?;
            let to = bulk.link.as_deref().ok_or_else(|| Refusal::missing("record to link to"))?;
            hang::link(session, caller, process, number, relation, to)?;
        }
        "reply" => {
            let body = bulk.comment.clone().unwrap_or_default();
            let new = NewComment { body, internal: false, held: bulk.held };
            let row = comments::comment(session, caller, process, number, &new)?;
            held = row.held.then_some(row.id);
        }
        "macro" => {
            let id = bulk.macro_.ok_or_else(|| Refusal::missing("macro"))?;
            let given = Given { body: None, confirmed: true, held: bulk.held };
            held = ready::apply_macro(session, caller, process, number, id, &given)?.held;
        }
        verb => {
            let step = Act {
                values: bulk.values.clone(),
                reason: bulk.reason.clone(),
                comment: bulk.comment.clone(),
                link: bulk.link.clone(),
                ..Act::default()
            };
            act(session, caller, process, number, verb, &step)?;
        }
    }
    let written = events::of_record(session.conn, &seen, before, MOST_EVENTS)?;
    let own = written.into_iter().filter(|event| event.actor == caller.person_id());
    Ok(Done { events: own.map(|event| event.id).collect(), held })
}

fn edit(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    number: &str,
    bulk: &Bulk,
    values: Map<String, Json>,
) -> Result<()> {
    let edit = Amend { version: record.version, values, reason: bulk.reason.clone() };
    amend(session, caller, record.process, number, &edit).map(|_| ())
}

/// What is tagged must be a list of tags.
fn only_tags(session: &Session<'_>, process: &'static Process, values: &Map<String, Json>) -> Result<()> {
    let is_tags = |key: &String| session.config.field(process, key).is_some_and(|field| field.kind == Kind::Tags);
    if values.is_empty() || !values.keys().all(is_tags) {
        let says = format!("Name a field of {} that holds tags.", process.label_plural.to_lowercase());
        return Err(Refusal::invalid("no_tags", says).into());
    }
    Ok(())
}

/// The tags that a record has, and those that are added.
fn with_tags(record: &Record, added: &Map<String, Json>) -> Map<String, Json> {
    let together = |(key, more): (&String, &Json)| {
        let has = record.read(key);
        let mut all: Vec<Json> = has.as_list().iter().filter_map(Value::as_text).map(Json::from).collect();
        for tag in more.as_array().into_iter().flatten() {
            if !all.contains(tag) {
                all.push(tag.clone());
            }
        }
        (key.clone(), all.into())
    };
    added.iter().map(together).collect()
}

fn keep(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    verb: &str,
    rows: &[BulkRow],
) -> Result<i64> {
    let says = |refusal: &Refusal| {
        let errors: Vec<&str> = refusal.errors.iter().map(|error| error.detail.as_str()).collect();
        if errors.is_empty() { refusal.detail.clone() } else { errors.join(" ") }
    };
    let item = |row: &BulkRow| json!({ "number": row.number, "events": row.done.events, "held": row.done.held, "skipped": row.refused.as_ref().map(says) });
    let items: Json = rows.iter().map(item).collect();
    let row = BulkRunRow {
        person: caller.person_id(),
        process: process.key.to_owned(),
        verb: verb.to_owned(),
        at: session.now,
        items: items.to_string(),
        ..BulkRunRow::default()
    };
    Ok(bulk_runs::insert(session.conn, &row)?)
}

/// A run of the caller's own.
///
/// # Errors
/// There is none with this id; the database's.
pub fn bulk_run(session: &mut Session<'_>, caller: &Caller, process: &'static Process, id: i64) -> Result<BulkRun> {
    let row = bulk_runs::by_id(session.conn, id)?;
    let own = |row: &BulkRunRow| row.process == process.key && row.person == caller.person_id();
    let row = row.filter(own).ok_or_else(|| Refusal::missing("bulk run"))?;
    let items: Vec<Json> = serde_json::from_str(&row.items).unwrap_or_default();
    let item = |json: &Json| BulkItem {
        number: json["number"].as_str().unwrap_or_default().to_owned(),
        done: Done {
            events: json["events"].as_array().into_iter().flatten().filter_map(Json::as_i64).collect(),
            held: json["held"].as_i64(),
        },
        skipped: json["skipped"].as_str().map(str::to_owned),
    };
    Ok(BulkRun { verb: row.verb, at: row.at, undone: row.undone, items: items.iter().map(item).collect() })
}

/// Takes a run of the caller's own back, record by record; what cannot be taken back any more says why and stays.
///
/// # Errors
/// There is none with this id; it was taken back already; the database's.
pub fn undo_bulk(session: &mut Session<'_>, caller: &Caller, process: &'static Process, id: i64) -> Result<BulkDone> {
    let run = bulk_run(session, caller, process, id)?;
    if run.undone {
        return Err(Refusal::conflict("undone_already", "That was taken back already.").into());
    }
    let mut rows = Vec::with_capacity(run.items.len());
    // The last that was changed is the first that goes back: one may have followed from another.
    for item in run.items.iter().rev() {
        let Some(first) = item.done.events.first() else { continue };
        let refused = match session.attempt(|session| take_back(session, caller, process, &run.verb, item, *first)) {
            Ok(()) => None,
            Err(Error::Refused(refusal)) => Some(refusal),
            Err(error) => return Err(error),
        };
        rows.push(BulkRow { number: item.number.clone(), done: Done::default(), refused });
    }
    if rows.iter().any(|row| row.refused.is_none()) {
        bulk_runs::mark_undone(session.conn, id)?;
    }
    Ok(BulkDone { run: Some(id), rows })
}

fn take_back(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    verb: &str,
    item: &BulkItem,
    event: i64,
) -> Result<()> {
    match caller.person_id() {
        Some(me) if verb == "watch" => hang::unwatch(session, caller, process, &item.number, me),
        _ if item.done.held.is_some() => {
            held::withdraw_silently(session, caller, process, &item.number, item.done.held.unwrap_or_default())
        }
        // A macro changes fields and takes a step: all of it goes back together.
        _ if verb == "macro" => undo_together(session, caller, process, &item.number, &item.done.events),
        _ => undo(session, caller, process, &item.number, event).map(|_| ()),
    }
}
