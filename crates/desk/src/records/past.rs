//! A record as it stood at an instant: its present values and links with everything later taken back, by the event log.

use super::list::{Row, shown_row};
use super::view::{names_of, visible_fields};
use super::{apply, pointing, rows};
use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::Result;
use crate::reports::{PRESENT_ONLY, Reader};
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use mainstay_store::{maps, record as store, reports};
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
    was_there(session, &present, at)?;
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

/// Refuses an instant at which a record was not there.
///
/// # Errors
/// `to_come`, `before_opening`.
pub(crate) fn was_there(session: &Session<'_>, record: &Record, at: i64) -> Result<()> {
    if at > session.now {
        return Err(Refusal::invalid("to_come", "That instant has not come yet.").into());
    }
    if record.get(&spine::OPENED).is_some_and(|opened| at < opened.0) {
        return Err(Refusal::invalid("before_opening", "It was not there yet.").into());
    }
    Ok(())
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

/// A link by its ends: from, relation, to.
pub type LinkThen = (i64, String, i64);

/// Records whose links are read at a time.
const BATCH: usize = 1_000;

/// The links with one of these records of a process at an end, as they were before an instant, whoever may see them: those
/// of today that were there already, with every later line of the log taken back.
///
/// # Errors
/// The database's.
pub(crate) fn links_before(
    session: &mut Session<'_>,
    process: &'static Process,
    ids: &[i64],
    relations: Option<&[&str]>,
    at: i64,
) -> Result<BTreeSet<LinkThen>> {
    let mut all = BTreeSet::new();
    for batch in ids.chunks(BATCH) {
        all.extend(batch_before(session, process, batch, relations, at)?);
    }
    Ok(all)
}

fn batch_before(
    session: &mut Session<'_>,
    process: &'static Process,
    ids: &[i64],
    relations: Option<&[&str]>,
    at: i64,
) -> Result<BTreeSet<LinkThen>> {
    let mut known: BTreeSet<LinkThen> = BTreeSet::new();
    maps::links_made_before(session.conn, relations, ids, at, |from, relation, to| {
        known.insert((from, relation.to_owned(), to));
        Ok(())
    })?;
    let scope = Caller::engine(Channel::Engine).scope;
    let mut later: Vec<(i64, Linked)> = Vec::new();
    // Of what is to come there is nothing in the log.
    if at <= session.now {
        reports::changes_since(session.conn, &scope, ids, at, |id, text| {
            let lines = serde_json::from_str::<Vec<Linked>>(text).unwrap_or_default();
            later.extend(lines.into_iter().map(|line| (id, line)));
            Ok(())
        })?;
    }
    let config = session.config;
    let of_a_link = |line: &Linked| match relations {
        Some(keys) => keys.contains(&line.field.as_str()),
        None => config.field(process, &line.field).is_none(),
    };
    later.retain(|(_, line)| of_a_link(line));
    let numbers: BTreeSet<&str> = later
        .iter()
        .flat_map(|(_, line)| [&line.old, &line.new])
        .filter_map(|value| value.as_ref()?.as_str())
        .collect();
    let mut named: HashMap<String, i64> = HashMap::new();
    for some in numbers.into_iter().collect::<Vec<_>>().chunks(BATCH) {
        let spines = store::numbered(session.conn, &scope, some)?;
        named.extend(spines.into_iter().map(|spine| (spine.number, spine.id)));
    }
    for (id, line) in later.into_iter().rev() {
        let other = |value: &Option<serde_json::Value>| named.get(value.as_ref()?.as_str()?).copied();
        let (old, new) = (other(&line.old), other(&line.new));
        let key = |known: &BTreeSet<LinkThen>, other: i64| {
            let (out, back) = ((id, line.field.clone(), other), (other, line.field.clone(), id));
            let goes_out = || config.relation(process, &line.field).is_some() && !known.contains(&back);
            if line.outgoing.unwrap_or_else(goes_out) { out } else { back }
        };
        if let Some(new) = new {
            let key = key(&known, new);
            known.remove(&key);
        }
        if let Some(old) = old {
            let key = key(&known, old);
            known.insert(key);
        }
    }
    Ok(known)
}

/// The links of a record whose other ends the caller sees; what is no link of a relation is left out.
fn links(session: &mut Session<'_>, caller: &Caller, record: &Record, at: i64) -> Result<Vec<PastLink>> {
    let known = links_before(session, record.process, &[record.id], None, at)?;
    let ends: Vec<i64> = known.iter().map(|(from, _, to)| if *from == record.id { *to } else { *from }).collect();
    let others: HashMap<i64, (String, String)> = store::find_all(session.conn, &caller.scope, &ends)?
        .into_iter()
        .map(|spine| (spine.id, (spine.number, spine.title)))
        .collect();
    let config = session.config;
    let link = |(from, relation, to): LinkThen| {
        let outgoing = from == record.id;
        let (number, title) = others.get(if outgoing { &to } else { &from })?.clone();
        let process = mainstay_processes::of_number(&number)?;
        let declared = config.relation(if outgoing { record.process } else { process }, &relation)?;
        let label = if outgoing { declared.label } else { declared.inverse };
        Some(PastLink { relation: declared.key, label, outgoing, process, number, title })
    };
    let mut all: Vec<PastLink> = known.into_iter().filter_map(link).collect();
    all.sort_by(|one, other| {
        (one.relation, one.outgoing, &one.number).cmp(&(other.relation, other.outgoing, &other.number))
    });
    Ok(all)
}
