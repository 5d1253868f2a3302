//! What a source finds otherwise than it is authorised: kept, explained by a change that is under way, or raised as one
//! that nobody asked for. (SAC-11)

use super::known::{self, Fed, fillable};
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::{Error, Result};
use crate::maps::{self, Permit};
use crate::records;
use mainstay_engine::decide::{self, Request};
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::{Control, Process};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_store::discrepancies::{self, DiscrepancyRow};
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;

/// Most of one page.
const PAGE: usize = 50;
/// Longest reason, in characters.
const LONGEST_REASON: usize = 500;

const FOUND: &str = "found";
const EXPLAINED: &str = "explained";
const RAISED: &str = "raised";
const CORRECTED_HERE: &str = "corrected_here";
const CORRECTED_THERE: &str = "corrected_there";
const CLOSED: &str = "closed";

/// What can be done about one that goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// What was found is right and is written.
    Correct,
    /// Somebody knows why, and it stays as it is written.
    Explain,
    /// It is reported as a change that nobody asked for.
    Raise,
    /// It is over.
    Close,
}

/// The answers by their words in addresses.
pub const ANSWERS: [(&str, Answer); 4] =
    [("correct", Answer::Correct), ("explain", Answer::Explain), ("raise", Answer::Raise), ("close", Answer::Close)];

/// One as its reader sees it.
#[derive(Clone)]
pub struct Discrepancy {
    pub row: DiscrepancyRow,
    pub record: Record,
    pub field: &'static FieldDef,
    pub written: Value,
    pub found: Value,
    /// The name of the source.
    pub source: String,
}

/// A page of them.
#[derive(Clone, Default)]
pub struct Discrepancies {
    pub all: Vec<Discrepancy>,
    pub names: HashMap<i64, String>,
    /// Before which id the next page begins.
    pub next: Option<i64>,
}

fn control_of(process: &'static Process) -> Option<&'static Control> {
    process.map.as_ref()?.control.as_ref()
}

/// Takes out of what a source would write what it may not without a change, and keeps as found otherwise what it doubts:
/// what it would write, and what a person wrote. What it finds again as it is written, somebody has put right there.
pub(super) fn keep_apart(
    session: &mut Session<'_>,
    fed: &Fed<'_>,
    record: &Record,
    (wanted, doubted): (Vec<(&'static FieldDef, Value)>, Vec<&'static str>),
) -> Result<Vec<(&'static FieldDef, Value)>> {
    let Some(control) = control_of(record.process) else { return Ok(wanted) };
    let fields = maps::under_control(session.config, control, record);
    let mut known = discrepancies::going_on(session.conn, record.id, fed.source.id)?;
    if fields.is_empty() && known.is_empty() {
        return Ok(wanted);
    }
    let permit = if fed.source.standard { Permit::Given } else { maps::permit(session, control, record)? };
    let told = fed.values.iter().filter(|(field, value)| fillable(field, value));
    for (field, value) in told {
        let one = known.iter().position(|row| row.field == field.key).map(|at| known.swap_remove(at));
        let held = fields.iter().any(|key| key == field.key);
        let differs = *record.value(field.key) != *value;
        let believed = doubted.contains(&field.key);
        match (one, held && differs && permit != Permit::Given) {
            (one, true) if believed => keep(session, fed, record, (field, value), &permit, one)?,
            (Some(row), _) if !differs => end(session, row, CORRECTED_THERE, None)?,
            (Some(row), false) if wanted.iter().any(|(known, _)| known.key == field.key) => {
                end(session, row, CORRECTED_HERE, None)?;
            }
            _ => {}
        }
    }
    let apart = |field: &FieldDef| permit != Permit::Given && fields.iter().any(|key| key == field.key);
    Ok(wanted.into_iter().filter(|(field, _)| !apart(field)).collect())
}

fn keep(
    session: &mut Session<'_>,
    fed: &Fed<'_>,
    record: &Record,
    (field, value): (&'static FieldDef, &Value),
    permit: &Permit,
    before: Option<DiscrepancyRow>,
) -> Result<()> {
    let (written, found) = (record.value(field.key).plain().to_string(), value.plain().to_string());
    let mut row = before.unwrap_or_else(|| DiscrepancyRow {
        record: record.id,
        process: record.process.key.to_owned(),
        field: field.key.to_owned(),
        source: fed.source.id,
        state: FOUND.to_owned(),
        first: session.now,
        ..DiscrepancyRow::default()
    });
    // What somebody has explained or raised is another matter when something else is found.
    let same = row.found == found;
    (row.written, row.found, row.last) = (written, found, session.now);
    match permit {
        Permit::Underway(number) if row.state == FOUND || row.state == EXPLAINED && row.reason.is_none() => {
            EXPLAINED.clone_into(&mut row.state);
            row.by_number = Some(number.clone());
        }
        Permit::None if row.state == EXPLAINED && row.reason.is_none() || !same => {
            FOUND.clone_into(&mut row.state);
            (row.by_number, row.reason) = (None, None);
        }
        _ => {}
    }
    Ok(discrepancies::put(session.conn, &row)?)
}

fn end(session: &mut Session<'_>, row: DiscrepancyRow, state: &str, reason: Option<&str>) -> Result<()> {
    let reason = reason.map(str::to_owned).or(row.reason.clone());
    let ended = DiscrepancyRow { state: state.to_owned(), reason, ended: Some(session.now), ..row };
    Ok(discrepancies::put(session.conn, &ended)?)
}

/// Those of a process that go on, or that are over, as far as the caller sees record and field; the newest first.
///
/// # Errors
/// No right to see such records; the database's.
pub fn discrepancies(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    over: bool,
    before: Option<i64>,
) -> Result<Discrepancies> {
    may_look(caller, process)?;
    let states: &[&'static str] =
        if over { &[CORRECTED_HERE, CORRECTED_THERE, CLOSED] } else { &[FOUND, EXPLAINED, RAISED] };
    let most = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut rows = discrepancies::list(session.conn, &caller.scope, process.key, states, before, most)?;
    let next = (rows.len() > PAGE).then(|| rows[PAGE - 1].id);
    rows.truncate(PAGE);
    let mut found = Discrepancies { next, ..Discrepancies::default() };
    let mut drafts = Vec::new();
    for row in rows {
        let Some(each) = shown(session, caller, process, row)? else { continue };
        for value in [&each.written, &each.found] {
            let mut draft = Record::new(process);
            draft.put(each.field, value.clone());
            drafts.push(draft);
        }
        found.all.push(each);
    }
    let fields: Vec<&'static FieldDef> = found.all.iter().map(|each| each.field).collect();
    found.names = records::names_of(session.conn, session.config, &fields, &drafts)?;
    Ok(found)
}

fn may_look(caller: &Caller, process: &'static Process) -> Result<()> {
    if control_of(process).is_none() {
        return Err(Refusal::missing("page").into());
    }
    if caller.rights.is_staff_of(process.key) {
        return Ok(());
    }
    let says = format!("You may not see {}.", process.label_plural.to_lowercase());
    Err(Refusal::forbidden("no_right", says).into())
}

fn shown(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    row: DiscrepancyRow,
) -> Result<Option<Discrepancy>> {
    let Some((record, seen)) = records::find_by_id(session, caller, row.record)? else { return Ok(None) };
    let visible = records::visible_fields(session, process, &seen);
    let Some(field) = visible.into_iter().find(|field| field.key == row.field) else { return Ok(None) };
    let read = |text: &str| Value::from_plain(&serde_json::from_str(text).unwrap_or_default());
    let (written, found) = (read(&row.written), read(&row.found));
    let source = session.config.names.get(&row.source).cloned().unwrap_or_default();
    Ok(Some(Discrepancy { row, record, field, written, found, source }))
}

/// Answers one that goes on; the number of the change where one was raised.
///
/// # Errors
/// No right; over already; no reason; what the record or the change refuses.
pub fn answer(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    id: i64,
    (answer, reason): (&Answer, &str),
) -> Result<Option<String>> {
    may_look(caller, process)?;
    let row = discrepancies::by_id(session.conn, &caller.scope, process.key, id)?;
    let one = row.map(|row| shown(session, caller, process, row)).transpose()?.flatten();
    let one = one.ok_or_else(|| Refusal::missing("discrepancy"))?;
    let organisation = one.record.value(spine::ORGANISATION.def.key).as_int();
    if !caller.rights.may(process.key, "import", organisation) {
        return Err(Refusal::forbidden("no_right", "You may not settle what was found there.").into());
    }
    if one.row.ended.is_some() {
        return Err(Refusal::conflict("not_open", "Somebody has settled it already.").into());
    }
    let reason = checked(reason)?;
    match answer {
        Answer::Correct => {
            correct(session, caller, &one, reason)?;
            end(session, one.row, CORRECTED_HERE, Some(reason))?;
            Ok(None)
        }
        Answer::Explain => {
            tell(session, caller, &one, "discrepancy_explained", reason)?;
            let row = DiscrepancyRow { state: EXPLAINED.into(), reason: Some(reason.to_owned()), ..one.row };
            discrepancies::put(session.conn, &row)?;
            Ok(None)
        }
        Answer::Close => {
            tell(session, caller, &one, "discrepancy_closed", reason)?;
            end(session, one.row, CLOSED, Some(reason))?;
            Ok(None)
        }
        Answer::Raise => {
            let number = raise(session, caller, &one, reason)?;
            let by_number = Some(number.clone());
            let row = DiscrepancyRow { state: RAISED.into(), reason: Some(reason.to_owned()), by_number, ..one.row };
            discrepancies::put(session.conn, &row)?;
            Ok(Some(number))
        }
    }
}

/// Keeps in the history of the record who answered what was found, and why.
fn tell(session: &mut Session<'_>, caller: &Caller, one: &Discrepancy, verb: &str, reason: &str) -> Result<()> {
    let value = |stored: &str| serde_json::from_str::<Json>(stored).unwrap_or_default();
    let changes = json!([{ "field": one.field.key, "old": value(&one.row.written), "new": value(&one.row.found) }]);
    records::append(session, caller, &one.record, verb, false, &changes, Some(reason)).map(|_| ())
}

fn checked(reason: &str) -> Result<&str> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        let says = format!("Say why in up to {LONGEST_REASON} letters.");
        Refusal::unless_empty(vec![FieldError::new("reason", "required", says)])?;
    }
    Ok(reason)
}

/// Writes what was found: what is corrected was wrong here and changed nothing in reality, so no change permits it.
fn correct(session: &mut Session<'_>, caller: &Caller, one: &Discrepancy, reason: &str) -> Result<()> {
    let before = &one.record;
    let process = before.process;
    let gathered = records::gather(session, caller, before)?;
    let request = Request { values: vec![(one.field, one.found.clone())], ..Request::default() };
    let mandatory = &session.config.process(process).mandatory;
    let mut after = gathered.with(|facts| decide::amend(before, &request, facts, mandatory)).map_err(Error::from)?;
    known::may_import(caller, &after)?;
    session.standard = true;
    let written = records::write_change(session, caller, before, &mut after, "updated", None, Some(reason));
    session.standard = false;
    written.map(|_| ())
}

/// Opens a record of the process that permits changes, linked with the one in which something was found, and reports it
/// by the step that it has for that.
fn raise(session: &mut Session<'_>, caller: &Caller, one: &Discrepancy, reason: &str) -> Result<String> {
    let process = one.record.process;
    let control = control_of(process).ok_or_else(|| Refusal::missing("page"))?;
    let by = mainstay_processes::process(control.by).ok_or_else(|| Refusal::missing("page"))?;
    let number = one.record.value(spine::NUMBER.def.key).as_text().unwrap_or_default();
    let title = one.record.value(spine::TITLE.def.key).as_text().unwrap_or_default();
    let mut values = Map::new();
    let named: String = format!("{number} {title}: {}", one.field.label).chars().take(200).collect();
    values.insert(spine::TITLE.def.key.into(), named.into());
    let organisation = one.record.value(spine::ORGANISATION.def.key);
    for (key, value) in [
        (spine::SERVICE.def.key, one.record.value(spine::SERVICE.def.key)),
        (spine::ORGANISATION.def.key, organisation),
    ] {
        if !value.is_blank() {
            values.insert(key.into(), value.plain());
        }
    }
    let opening = records::Opening { values, ..records::Opening::default() };
    let view = records::open(session, caller, by, &opening)?;
    let raised = view.record.value(spine::NUMBER.def.key).as_text().unwrap_or_default().to_owned();
    records::link(session, caller, by, &raised, control.relation, number)?;
    let words = |value: &Value| match value.plain() {
        Json::String(text) => text,
        Json::Null => "–".to_owned(),
        other => other.to_string(),
    };
    let what =
        format!("{}: {} → {} ({})\n\n{reason}", one.field.label, words(&one.written), words(&one.found), one.source);
    let mut said = Map::new();
    said.insert(control.found_words.into(), json!(what));
    let act = records::Act { values: said, ..records::Act::default() };
    records::act(session, caller, by, &raised, control.raises, &act)?;
    Ok(raised)
}
