//! A record as it stood at an instant: its present values and links with everything later taken back, by the event log.

use super::list::{Row, shown_row};
use super::view::{names_of, visible_fields};
use super::{apply, pointing, rows};
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::reports::{PRESENT_ONLY, Reader};
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use mainstay_store::{hangings, record as store, reports};
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};

/// A link as it was.
#[derive(Clone)]
pub struct PastLink {
    pub relation: &'static str,
    /// As read from the record in hand.
    pub label: &'static str,
    pub outgoing: bool,
    /// The record at the other end, by what it is called today.
    pub process: &'static Process,
    pub number: String,
    pub title: String,
}

/// A record as it stood.
#[derive(Clone)]
pub struct Past {
    /// Epoch milliseconds UTC.
    pub at: i64,
    pub row: Row,
    /// Fields that the caller may read and whose past the log keeps.
    pub fields: Vec<&'static FieldDef>,
    pub names: HashMap<i64, String>,
    pub links: Vec<PastLink>,
}

/// The record with this number as it stood at an instant. Who may see it is asked of the present. (SAC-05)
///
/// # Errors
/// Not the caller's to see; an instant before it was opened, or to come.
pub fn past(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    at: i64,
) -> Result<Past> {
    let (present, seen) = rows::find(session, caller, process, number)?;
    if at > session.now {
        return Err(Refusal::invalid("to_come", "That instant has not come yet.").into());
    }
    if present.get(&spine::OPENED).is_some_and(|opened| at < opened.0) {
        return Err(Refusal::invalid("before_opening", "It was not there yet.").into());
    }
    let mut fields = visible_fields(session, process, &seen);
    fields.retain(|field| !PRESENT_ONLY.contains(&field.key));
    let mut record = Record::new(process);
    (record.id, record.version) = (present.id, present.version);
    // What happened at the instant itself has happened.
    let reader = Reader::new(caller, process, fields.clone());
    reader.each(session, &[present.id], at + 1, |standing| {
        record.state = standing.state;
        for field in &fields {
            record.put(field, standing.value(field.key));
        }
    })?;
    let hidden = apply::hidden(session, &record);
    fields.retain(|field| !hidden.contains(&field.key));
    let links = links(session, caller, &present, at + 1)?;
    pointing::hide(session, caller, &fields, &mut [&mut record])?;
    let names = names_of(session.conn, session.config, &fields, [&record])?;
    Ok(Past { at, row: shown_row(record, seen), fields, names, links })
}

/// A line of the log about a link.
#[derive(Deserialize)]
struct Linked {
    field: String,
    old: Option<serde_json::Value>,
    new: Option<serde_json::Value>,
    /// Lines of long ago do not say.
    outgoing: Option<bool>,
}

/// A link by relation, direction and number.
type Known = (String, bool, String);

fn links(session: &mut Session<'_>, caller: &Caller, record: &Record, at: i64) -> Result<Vec<PastLink>> {
    let mut known: BTreeSet<Known> = BTreeSet::new();
    let present = hangings::links(session.conn, record.id)?;
    let ids: Vec<i64> = present.iter().map(|link| link.id).collect();
    let numbers: HashMap<i64, String> =
        store::find_all(session.conn, &caller.scope, &ids)?.into_iter().map(|spine| (spine.id, spine.number)).collect();
    for link in present {
        if let Some(number) = numbers.get(&link.id) {
            known.insert((link.relation, link.outgoing, number.clone()));
        }
    }
    let mut later: Vec<Linked> = Vec::new();
    reports::changes_since(session.conn, &caller.scope, &[record.id], at, |_, text| {
        later.extend(serde_json::from_str::<Vec<Linked>>(text).unwrap_or_default());
        Ok(())
    })?;
    for line in later.into_iter().rev().filter(|line| session.config.field(record.process, &line.field).is_none()) {
        let number = |value: &Option<serde_json::Value>| value.as_ref()?.as_str().map(str::to_owned);
        let (old, new) = (number(&line.old), number(&line.new));
        let outgoing = |known: &BTreeSet<Known>, number: &str| {
            let arrives = || known.contains(&(line.field.clone(), false, number.to_owned()));
            line.outgoing.unwrap_or_else(|| declares(session, record.process, &line.field) && !arrives())
        };
        if let Some(new) = new {
            let key = (line.field.clone(), outgoing(&known, &new), new);
            known.remove(&key);
        }
        if let Some(old) = old {
            let key = (line.field.clone(), outgoing(&known, &old), old);
            known.insert(key);
        }
    }
    named(session, caller, record, known)
}

fn declares(session: &Session<'_>, process: &'static Process, relation: &str) -> bool {
    session.config.relation(process, relation).is_some()
}

/// The links whose other ends the caller sees; what is no link of a relation is left out.
fn named(session: &mut Session<'_>, caller: &Caller, record: &Record, known: BTreeSet<Known>) -> Result<Vec<PastLink>> {
    let numbers: Vec<&str> = known.iter().map(|(.., number)| number.as_str()).collect();
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let titles: HashMap<String, String> = store::numbered(session.conn, &caller.scope, &numbers)?
        .into_iter()
        .map(|spine| (spine.number, spine.title))
        .collect();
    let config = session.config;
    let link = |(relation, outgoing, number): Known| {
        let process = mainstay_processes::of_number(&number)?;
        let declaring = if outgoing { record.process } else { process };
        let declared = config.relation(declaring, &relation)?;
        let label = if outgoing { declared.label } else { declared.inverse };
        let title = titles.get(&number)?.clone();
        Some(PastLink { relation: declared.key, label, outgoing, process, number, title })
    };
    Ok(known.into_iter().filter_map(link).collect())
}
