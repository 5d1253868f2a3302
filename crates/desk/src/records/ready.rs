//! Words and changes that are at hand on a record: templates with their words filled in, and macros, which are looked
//! at before they are applied.

use super::change::{Act, Amend, act, amend};
use super::comments::{NewComment, comment};
use super::held::hold_with;
use super::rows;
use super::view::{View, view};
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::{Error, Result};
use crate::registers::{EntryListing, list};
use crate::texts::fill;
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::{Asks, Process, Transition};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::register::{Entry, Register};
use mainstay_engine::value::Value;
use mainstay_processes::registers::{MACROS, TEMPLATES};
use mainstay_store::entries;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// Words that are at hand, filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    pub id: i64,
    pub name: String,
    pub body: String,
}

/// A macro as it would act on a record.
#[derive(Clone)]
pub struct Macro {
    pub id: i64,
    pub name: String,
    /// The person is to look before it is applied.
    pub confirm: bool,
    /// The words are for colleagues.
    pub internal: bool,
    /// The words, filled in.
    pub body: Option<String>,
    /// Fields with what they hold and what they would.
    pub changes: Vec<(&'static FieldDef, Value, Json)>,
    pub step: Option<&'static Transition>,
}

/// How a macro is applied.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Other words than its own.
    pub body: Option<String>,
    /// The person has looked at it.
    pub confirmed: bool,
    /// Words to the requester leave a little later, so that all of it can be taken back.
    pub held: bool,
}

/// What applying a macro came to.
#[derive(Clone)]
pub struct Applied {
    pub view: View,
    /// The events by which it can be taken back; none when it cannot.
    pub events: Vec<i64>,
    /// The reply that can still be taken back, and with it the events.
    pub held: Option<i64>,
}

/// The templates for this record and person.
///
/// # Errors
/// Not the caller's to see; the database's.
pub fn templates(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
) -> Result<Vec<Template>> {
    let (record, _) = rows::find(session, caller, process, number)?;
    let found = for_record(session, caller, &record, &TEMPLATES)?;
    let words = words(session, caller, &record)?;
    let filled = |entry: Entry| {
        let body = fill(entry.text("body").unwrap_or_default(), &words);
        Template { id: entry.id, name: entry.name, body }
    };
    Ok(found.into_iter().map(filled).collect())
}

/// The macros for this record and person.
///
/// # Errors
/// Not the caller's to see; the database's.
pub fn macros(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
) -> Result<Vec<Macro>> {
    let (record, _) = rows::find(session, caller, process, number)?;
    let found = for_record(session, caller, &record, &MACROS)?;
    let words = words(session, caller, &record)?;
    Ok(found.into_iter().map(|entry| read(session, &record, &words, entry)).collect())
}

/// The macros that somebody may apply to some record of a process, by name: each record says for itself whether one fits.
///
/// # Errors
/// The database's.
pub fn macros_of(session: &mut Session<'_>, caller: &Caller, process: &'static Process) -> Result<Vec<(i64, String)>> {
    let all = EntryListing { limit: 200, ..EntryListing::default() };
    let found = match list(session.conn, caller, &MACROS, &all) {
        Err(Error::Refused(_)) => return Ok(Vec::new()),
        other => other?,
    };
    let fits = |entry: &Entry| entry.text("process").is_none_or(|key| key == process.key);
    Ok(found.into_iter().filter(fits).map(|entry| (entry.id, entry.name)).collect())
}

/// Applies a macro: sets its fields, says its words or those given instead, takes its step, all or nothing.
///
/// # Errors
/// Not the caller's to see; no such macro here; whatever refuses one of its parts.
pub fn apply_macro(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    id: i64,
    given: &Given,
) -> Result<Applied> {
    let all = macros(session, caller, process, number)?;
    let chosen = all.into_iter().find(|each| each.id == id).ok_or_else(|| Refusal::missing("macro"))?;
    if chosen.confirm && !given.confirmed {
        return Err(Refusal::conflict("confirm_first", "Look at what this macro does and confirm it.").into());
    }
    let (record, _) = rows::find(session, caller, process, number)?;
    let of_step = |field: &FieldDef| chosen.step.is_some_and(|step| step.asks_for(field));
    let part = |by_step: bool| -> Map<String, Json> {
        let these = chosen.changes.iter().filter(|(field, ..)| of_step(field) == by_step);
        these.map(|(field, _, new)| (field.key.to_owned(), new.clone())).collect()
    };
    let (mut events, mut spoke) = (Vec::new(), false);
    let mut held = None;
    if !part(false).is_empty() {
        let edit = Amend { version: record.version, values: part(false), reason: None };
        events.push(amend(session, caller, process, number, &edit)?.event);
    }
    let words = given.body.clone().or_else(|| chosen.body.clone()).filter(|words| !words.trim().is_empty());
    let with_step = chosen.step.is_some_and(|step| step.asks == Asks::Comment) && !chosen.internal;
    if let Some(words) = words.clone().filter(|_| !with_step) {
        let undoable = chosen.step.is_none_or(Transition::is_undoable);
        let new = NewComment { body: words, internal: chosen.internal, held: given.held && undoable };
        let row = comment(session, caller, process, number, &new)?;
        held = row.held.then_some(row.id);
        spoke = !row.held && !row.internal;
    }
    if let Some(step) = chosen.step {
        let reason = (step.asks == Asks::Reason).then(|| chosen.name.clone());
        let step_words = words.filter(|_| with_step);
        spoke |= step_words.is_some() || !step.is_undoable();
        let taken = Act { values: part(true), reason, comment: step_words, ..Act::default() };
        events.push(act(session, caller, process, number, step.verb, &taken)?.event);
    }
    if spoke {
        events.clear();
    }
    if let Some(comment) = held {
        hold_with(session, comment, &events)?;
    }
    Ok(Applied { view: view(session, caller, record.id, process)?, events, held })
}

/// The entries of a register that are for this record and person, by name.
fn for_record(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    register: &'static Register,
) -> Result<Vec<Entry>> {
    let all = EntryListing { limit: 200, ..EntryListing::default() };
    let found = match list(session.conn, caller, register, &all) {
        Err(Error::Refused(_)) => return Ok(Vec::new()),
        other => other?,
    };
    let teams = caller.person.as_ref().map(|person| person.teams.as_slice()).unwrap_or_default();
    let organisation = record.value("organisation").as_int();
    let fits = |entry: &Entry| {
        entry.text("process").is_none_or(|key| key == record.process.key)
            && entry.int("team").is_none_or(|team| teams.contains(&team))
            && entry.int("organisation").is_none_or(|home| Some(home) == organisation)
    };
    Ok(found.into_iter().filter(fits).collect())
}

fn read(session: &Session<'_>, record: &Record, words: &BTreeMap<&'static str, String>, entry: Entry) -> Macro {
    let rows = entry.value("values").as_list().iter();
    let change = |row: &Value| {
        let field = session.config.field(record.process, row.column("field").as_text()?)?;
        let text = row.column("value").as_text().unwrap_or_default();
        let new = if text.is_empty() { Json::Null } else { field.json_of_words(text) };
        Some((field, record.value(field.key).clone(), new))
    };
    Macro {
        id: entry.id,
        confirm: entry.flag("confirm"),
        internal: entry.flag("internal"),
        body: entry.text("body").map(|body| fill(body, words)),
        changes: rows.filter_map(change).collect(),
        step: entry.text("step").and_then(|verb| record.process.transition(verb)),
        name: entry.name,
    }
}

/// What texts may name, for this record and person.
fn words(session: &mut Session<'_>, caller: &Caller, record: &Record) -> Result<BTreeMap<&'static str, String>> {
    let named = ["requester", "service", "team"];
    let ids: Vec<i64> = named.iter().filter_map(|key| record.value(key).as_int()).collect();
    let names = entries::names(session.conn, &ids)?;
    let name = |key: &str| {
        let id = record.value(key).as_int();
        names.iter().find(|(known, ..)| Some(*known) == id).map(|(.., name)| name.clone()).unwrap_or_default()
    };
    let text = |key: &str| record.value(key).as_text().unwrap_or_default().to_owned();
    let requester = name("requester");
    let first = requester.split_whitespace().next().unwrap_or_default().to_owned();
    let me = caller.person.as_ref().map(|person| person.name.clone()).unwrap_or_default();
    Ok(BTreeMap::from([
        ("number", text("number")),
        ("title", text("title")),
        ("requester", requester),
        ("first_name", first),
        ("service", name("service")),
        ("state", record.state.label.to_owned()),
        ("team", name("team")),
        ("me", me),
    ]))
}
