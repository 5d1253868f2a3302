//! A row of a source finds its record, and writes into it what the source may. (SAC-09, SAC-10)

use super::{Source, by_entry, drift};
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::{Error, Result};
use crate::records;
use crate::retention::is_archived;
use mainstay_engine::decide::{self, Request};
use mainstay_engine::field::{FieldDef, Writer};
use mainstay_engine::process::Phase;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_processes::registers::{MATCH_FIELDS, MATCH_SILENT};
use mainstay_store::Value as Stored;
use mainstay_store::sightings::{self, ParkedRow, SightingRow};
use serde_json::{Map, Value as Json};

/// Records that a row may be, shown to whoever settles it.
const FEW: i64 = 20;

/// A row, typed: what its source says of one record.
pub struct Fed<'a> {
    pub source: &'a Source,
    pub external_key: &'a str,
    pub values: Vec<(&'static FieldDef, Value)>,
    /// The state that a record made of it is in.
    pub state: &'static str,
}

/// What becomes of a row.
pub enum Settled {
    /// The record that it told of, and the fields of it that changed.
    Met { number: String, changed: Vec<&'static str> },
    /// The record that it told of is closed and stays as it is.
    Over { number: String },
    /// It becomes a record.
    New,
    /// It waits for a person, or one said to leave it aside.
    Parked { why: &'static str },
}

/// Whether a source may fill a field: what people edit, and what it says something about.
pub(super) fn fillable(field: &FieldDef, value: &Value) -> bool {
    matches!(field.writer, Writer::Anyone | Writer::Opener | Writer::Staff) && !value.is_blank()
}

impl Fed<'_> {
    fn said(&self) -> Map<String, Json> {
        let told = self.values.iter().filter(|(field, value)| fillable(field, value));
        told.map(|(field, value)| (field.key.to_owned(), value.plain())).collect()
    }

    fn draft(&self) -> Record {
        let mut draft = Record::new(self.source.process());
        for (field, value) in &self.values {
            draft.put(field, value.clone());
        }
        draft
    }

    fn title(&self) -> String {
        let title = self.values.iter().find(|(field, _)| field.key == spine::TITLE.def.key);
        title.and_then(|(_, value)| value.as_text()).unwrap_or(self.external_key).to_owned()
    }

    /// The row as it waits for a person.
    fn parked(&self, why: &str, candidates: Vec<i64>, before: Option<ParkedRow>, now: i64) -> ParkedRow {
        ParkedRow {
            id: before.as_ref().map_or(0, |row| row.id),
            source: self.source.id,
            external_key: self.external_key.to_owned(),
            process: self.source.of.to_owned(),
            title: self.title(),
            said: serde_json::json!({ "state": self.state, "values": self.said() }).to_string(),
            candidates,
            why: why.to_owned(),
            state: before.as_ref().map_or_else(|| super::queue::OPEN.to_owned(), |row| row.state.clone()),
            reason: before.as_ref().and_then(|row| row.reason.clone()),
            first: before.map_or(now, |row| row.first),
            last: now,
        }
    }
}

/// Takes a row in: it meets the record that it told of before or that it is known to be by the rules, or waits.
/// Whoever calls makes a record of what is new, and calls [`settle_new`] with it.
///
/// # Errors
/// Values that do not fit the record; the database's.
pub fn feed(session: &mut Session<'_>, caller: &Caller, fed: &Fed<'_>) -> Result<Settled> {
    if let Some(seen) = sightings::by_key(session.conn, fed.source.id, fed.external_key)? {
        return meet(session, caller, fed, seen.record);
    }
    let before = sightings::parked_by_key(session.conn, fed.source.id, fed.external_key)?;
    if let Some(row) = &before {
        // What waits for people of one organisation is nothing that another one writes over.
        may_import(caller, &super::queue::draft(session, fed.source.process(), row))?;
    }
    if before.as_ref().is_some_and(|row| row.state == super::queue::IGNORED) {
        return park(session, fed, "ignored", Vec::new(), before);
    }
    let found = identified(session, caller, fed)?;
    match found[..] {
        [] if fed.source.makes => {
            if let Some(row) = before {
                sightings::unpark(session.conn, row.id)?;
            }
            Ok(Settled::New)
        }
        [] => park(session, fed, "unmatched", found, before),
        [one] if told_otherwise(session, fed, one)? => park(session, fed, "duplicate", found, before),
        [one] => {
            if let Some(row) = before {
                sightings::unpark(session.conn, row.id)?;
            }
            meet(session, caller, fed, one)
        }
        _ => park(session, fed, "ambiguous", found, before),
    }
}

fn park(
    session: &mut Session<'_>,
    fed: &Fed<'_>,
    why: &'static str,
    candidates: Vec<i64>,
    before: Option<ParkedRow>,
) -> Result<Settled> {
    let kept = if why == "ignored" { before.as_ref().map_or(why, |row| row.why.as_str()) } else { why }.to_owned();
    sightings::park(session.conn, &fed.parked(&kept, candidates, before, session.now))?;
    Ok(Settled::Parked { why })
}

/// Whether the source knows the record under another key: two of its rows are one record, or one changed its key.
fn told_otherwise(session: &mut Session<'_>, fed: &Fed<'_>, record: i64) -> Result<bool> {
    let seen = sightings::of_record(session.conn, record)?;
    Ok(seen.iter().any(|row| row.source == fed.source.id && row.external_key != fed.external_key))
}

/// The records that a row may be, by the first rule that finds any.
fn identified(session: &mut Session<'_>, caller: &Caller, fed: &Fed<'_>) -> Result<Vec<i64>> {
    let (process, draft, context) = (fed.source.process(), fed.draft(), session.context());
    let void: Vec<&'static str> = process.states.iter().filter(|state| state.void).map(|state| state.key).collect();
    for rule in session.config.matching.iter().filter(|rule| rule.process == process.key) {
        if rule.condition.as_ref().is_some_and(|c| !c.resolve(&context).matches(&|key| draft.read(key))) {
            continue;
        }
        let silent = rule.entry.text(MATCH_SILENT.def.key).unwrap_or_default();
        let says_nothing = |value: &Value| {
            let words = value.as_text().map(|text| text.trim().to_lowercase());
            words.is_some_and(|words| silent.lines().any(|line| line.trim().to_lowercase() == words))
        };
        let keys = rule.entry.value(MATCH_FIELDS).as_list().iter().map(|row| row.column("field").as_text());
        let held = |key: Option<&str>| {
            let field = session.config.field(process, key?)?;
            let value = draft.value(field.key);
            let told = !value.is_blank() && !says_nothing(value);
            Some((records::column(field).filter(|_| told)?, stored(value)?))
        };
        let Some(same) = keys.map(held).collect::<Option<Vec<_>>>().filter(|same| !same.is_empty()) else { continue };
        let found = sightings::alike(session.conn, &caller.scope, records::table(process), &same, &void, FEW)?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

fn stored(value: &Value) -> Option<Stored> {
    match value {
        Value::Bool(truth) => Some((*truth).into()),
        Value::Int(number) => Some((*number).into()),
        Value::Text(text) => Some(text.trim().into()),
        Value::Null | Value::List(_) | Value::Row(_) => None,
    }
}

/// Writes into a record what the source may, and keeps what it said.
///
/// # Errors
/// A record that the caller does not see; values that do not fit it; the database's.
pub fn meet(session: &mut Session<'_>, caller: &Caller, fed: &Fed<'_>, id: i64) -> Result<Settled> {
    let found = records::find_by_id(session, caller, id)?;
    let (before, _) = found.ok_or_else(|| Refusal::missing(&fed.source.process().label.to_lowercase()))?;
    let number = before.value(spine::NUMBER.def.key).as_text().unwrap_or_default().to_owned();
    may_import(caller, &before)?;
    // What was archived, and what was emptied even more, is told nothing any more.
    if is_archived(&before) {
        return Ok(Settled::Over { number });
    }
    let seen = sightings::of_record(session.conn, id)?;
    if before.state.phase == Phase::Closed {
        settle(session, fed, id, seen, &[])?;
        return Ok(Settled::Over { number });
    }
    let differs =
        |(field, value): &&(&'static FieldDef, Value)| fillable(field, value) && *before.value(field.key) != *value;
    let wanted: Vec<(&'static FieldDef, Value)> = fed
        .values
        .iter()
        .filter(differs)
        .filter(|(field, _)| may_write(session, fed.source, &seen, &before, field))
        .cloned()
        .collect();
    let doubts = |field: &&'static FieldDef| match holder(&seen, field.key, &before.value(field.key).plain()) {
        Holder::Person => true,
        _ => wanted.iter().any(|(known, _)| known.key == field.key),
    };
    let doubted = fed.values.iter().map(|(field, _)| *field).filter(doubts).map(|field| field.key).collect();
    let wanted = drift::keep_apart(session, fed, &before, (wanted, doubted))?;
    let changed: Vec<&'static str> = wanted.iter().map(|(field, _)| field.key).collect();
    if !wanted.is_empty() {
        write(session, caller, fed.source, &before, wanted)?;
    }
    settle(session, fed, id, seen, &changed)?;
    Ok(Settled::Met { number, changed })
}

/// Whether a source may write a field of a record: over nothing, over itself, over sources that are believed less or
/// that miss the record by now, and over people only where its entry says so.
fn may_write(
    session: &Session<'_>,
    source: &Source,
    seen: &[SightingRow],
    record: &Record,
    field: &'static FieldDef,
) -> bool {
    let present = record.value(field.key).plain();
    match holder(seen, field.key, &present) {
        Holder::Nobody => true,
        Holder::Person => source.goes_over_people(field.key),
        Holder::Source(row) if row.source == source.id => true,
        Holder::Source(row) => by_entry(session.config, row.source)
            .is_none_or(|other| source.rank(field.key) < other.rank(field.key) || other.misses(row.last, session.now)),
    }
}

/// Whose word stands in a field.
pub(super) enum Holder<'a> {
    Nobody,
    Person,
    Source(&'a SightingRow),
}

/// Whose word a value is: that of the source that wrote just this, else a person's. What nobody ever filled is nobody's.
pub(super) fn holder<'a>(seen: &'a [SightingRow], field: &str, present: &Json) -> Holder<'a> {
    let mut written = false;
    for row in seen {
        let wrote = object(&row.wrote);
        match wrote.get(field) {
            Some(value) if value == present => return Holder::Source(row),
            Some(_) => written = true,
            None => {}
        }
    }
    if present.is_null() && !written { Holder::Nobody } else { Holder::Person }
}

pub(super) fn object(text: &str) -> Map<String, Json> {
    serde_json::from_str(text).unwrap_or_default()
}

/// Whether the caller may import for the organisation of a record: as it is, and as a row would leave it.
pub(super) fn may_import(caller: &Caller, record: &Record) -> Result<()> {
    if caller.rights.may(record.process.key, "import", record.value(spine::ORGANISATION.def.key).as_int()) {
        return Ok(());
    }
    Err(Refusal::forbidden("no_right", "You may not import for that organisation.").into())
}

fn write(
    session: &mut Session<'_>,
    caller: &Caller,
    source: &Source,
    before: &Record,
    wanted: Vec<(&'static FieldDef, Value)>,
) -> Result<()> {
    let process = source.process();
    let gathered = records::gather(session, caller, before)?;
    let request = Request { values: wanted, ..Request::default() };
    let mandatory = &session.config.process(process).mandatory;
    let mut after = gathered.with(|facts| decide::amend(before, &request, facts, mandatory)).map_err(Error::from)?;
    may_import(caller, &after)?;
    records::forget_word(before, &mut after);
    records::stays_as_approved(session, before, &after)?;
    let reason = format!("As {} says", source.name);
    session.standard = source.standard;
    let written = records::write_change(session, caller, before, &mut after, "updated", None, Some(&reason));
    session.standard = false;
    written.map(|_| ())
}

/// Keeps what a source said of a record that was just made of it.
///
/// # Errors
/// The database's.
pub fn settle_new(session: &mut Session<'_>, fed: &Fed<'_>, record: i64) -> Result<()> {
    let all: Vec<&'static str> = fed.values.iter().map(|(field, _)| field.key).collect();
    settle(session, fed, record, Vec::new(), &all)
}

/// Keeps what a source said of a record, and which of it was written there.
fn settle(
    session: &mut Session<'_>,
    fed: &Fed<'_>,
    record: i64,
    seen: Vec<SightingRow>,
    changed: &[&str],
) -> Result<()> {
    let said = fed.said();
    for other in seen.iter().filter(|row| row.source != fed.source.id) {
        let mut wrote = object(&other.wrote);
        let had = wrote.len();
        wrote.retain(|field, _| !changed.contains(&field.as_str()));
        if wrote.len() < had {
            sightings::update(session.conn, &SightingRow { wrote: Json::Object(wrote).to_string(), ..other.clone() })?;
        }
    }
    let own = seen.into_iter().find(|row| row.source == fed.source.id);
    let mut wrote = own.as_ref().map(|row| object(&row.wrote)).unwrap_or_default();
    let written = changed.iter().filter_map(|field| Some(((*field).to_owned(), said.get(*field)?.clone())));
    wrote.extend(written);
    let row = SightingRow {
        id: own.as_ref().map_or(0, |row| row.id),
        source: fed.source.id,
        external_key: fed.external_key.to_owned(),
        record,
        said: Json::Object(said).to_string(),
        wrote: Json::Object(wrote).to_string(),
        first: own.as_ref().map_or(session.now, |row| row.first),
        last: session.now,
    };
    if row.id == 0 {
        sightings::insert(session.conn, &row)?;
    } else {
        sightings::update(session.conn, &row)?;
    }
    Ok(())
}
