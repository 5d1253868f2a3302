//! Fields that name a record. They are kept as rows of links under the field's key and read back as numbers; whoever
//! may not see the record that one names is told that it names one, and no more.

use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::Result;
use mainstay_engine::condition::{Resolved, Test};
use mainstay_engine::field::{FieldDef, HIDDEN_LINK, Kind};
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::FieldError;
use mainstay_engine::value::Value;
use mainstay_store::{EventRow, Scope, Spine, hangings, record as store};
use serde_json::Value as Json;
use std::collections::{BTreeSet, HashMap};

/// Titles of records that the caller may see, by number.
pub type Targets = HashMap<String, String>;

/// The fields among these that name a record.
pub(super) fn pointing(fields: impl Iterator<Item = &'static FieldDef>) -> Vec<&'static FieldDef> {
    fields.filter(|field| matches!(field.kind, Kind::Link(_))).collect()
}

/// Reads what the fields of records name.
pub(super) fn read(session: &mut Session<'_>, fields: &[&'static FieldDef], records: &mut [&mut Record]) -> Result<()> {
    if fields.is_empty() || records.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = records.iter().map(|record| record.id).collect();
    let keys: Vec<&str> = fields.iter().map(|field| field.key).collect();
    let named = hangings::pointed(session.conn, &ids, &keys)?;
    let places: HashMap<i64, usize> = ids.into_iter().enumerate().map(|(place, id)| (id, place)).collect();
    for (id, key, number) in named {
        let record = places.get(&id).and_then(|place| records.get_mut(*place));
        let field = fields.iter().copied().find(|field| field.key == key);
        if let (Some(record), Some(field)) = (record, field) {
            record.put(field, Value::Text(number));
        }
    }
    Ok(())
}

/// Keeps what the fields of a record name, where that has changed.
pub(super) fn write(session: &mut Session<'_>, before: &Record, after: &Record) -> Result<()> {
    for field in pointing(session.config.fields(after.process)) {
        let number = after.value(field.key);
        if before.value(field.key) != number {
            hangings::point(session.conn, after.id, field.key, number.as_text(), None, session.now)?;
        }
    }
    Ok(())
}

/// Puts the word for a hidden record in the place of each number whose record the caller may not see; the titles of
/// the others.
pub(super) fn hide(
    session: &mut Session<'_>,
    caller: &Caller,
    fields: &[&'static FieldDef],
    records: &mut [&mut Record],
) -> Result<Targets> {
    let fields = pointing(fields.iter().copied());
    let named = |record: &&mut Record| -> Vec<String> {
        fields.iter().filter_map(|field| record.value(field.key).as_text().map(str::to_owned)).collect()
    };
    let numbers: BTreeSet<String> = records.iter().flat_map(named).collect();
    let targets = targets(session, &caller.scope, &numbers)?;
    for record in records {
        for field in &fields {
            if record.value(field.key).as_text().is_some_and(|number| !targets.contains_key(number)) {
                record.put(field, Value::from(HIDDEN_LINK));
            }
        }
    }
    Ok(targets)
}

pub(super) fn targets(session: &mut Session<'_>, scope: &Scope, numbers: &BTreeSet<String>) -> Result<Targets> {
    Ok(numbered(session, scope, numbers)?.into_iter().map(|spine| (spine.number, spine.title)).collect())
}

fn numbered(session: &mut Session<'_>, scope: &Scope, numbers: &BTreeSet<String>) -> Result<Vec<Spine>> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    Ok(store::numbered(session.conn, scope, &numbers)?)
}

/// What the fields of a request name must be there, of the right process, not the record itself, and the caller's to
/// see. What the caller was not shown may come back as it was shown: it stays.
pub(crate) fn check(
    session: &mut Session<'_>,
    caller: &Caller,
    typed: &mut [(&'static FieldDef, Value)],
    kept: &dyn Fn(&str) -> Value,
) -> Result<Vec<FieldError>> {
    let mut errors = Vec::new();
    for (field, value) in typed {
        let Kind::Link(process) = field.kind else { continue };
        let held = kept(field.key);
        if *value == held {
            continue;
        }
        let Some(number) = value.as_text().map(str::to_owned) else { continue };
        let held_number: BTreeSet<String> = held.as_text().map(str::to_owned).into_iter().collect();
        if number == HIDDEN_LINK
            && !held_number.is_empty()
            && numbered(session, &caller.scope, &held_number)?.is_empty()
        {
            *value = held;
            continue;
        }
        let found = numbered(session, &caller.scope, &BTreeSet::from([number.clone()]))?.pop();
        errors.extend(fault(field, process, &number, found.as_ref(), &kept("number")));
    }
    Ok(errors)
}

fn fault(
    field: &FieldDef,
    process: Option<&str>,
    number: &str,
    found: Option<&Spine>,
    own: &Value,
) -> Option<FieldError> {
    let says = |code, words: String| Some(FieldError::new(field.key, code, format!("{}: {words}", field.label)));
    let Some(spine) = found else {
        return says("unknown_link", format!("there is no {number} here that you may see."));
    };
    if let Some(wanted) = process.filter(|key| *key != spine.process).and_then(mainstay_processes::process) {
        return says("other_process", format!("{number} is no {}.", wanted.label.to_lowercase()));
    }
    if own.as_text() == Some(number) {
        return says("self_link", "a record does not name itself.".to_owned());
    }
    None
}

/// A condition without the numbers of records that the caller may not see: to ask for one is to ask for none.
pub(crate) fn of_visible(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    resolved: Resolved,
) -> Result<Resolved> {
    let mut each = |parts: Vec<Resolved>| -> Result<Vec<Resolved>> {
        parts.into_iter().map(|part| of_visible(session, caller, process, part)).collect()
    };
    Ok(match resolved {
        Resolved::All(parts) => Resolved::All(each(parts)?),
        Resolved::Any(parts) => Resolved::Any(each(parts)?),
        Resolved::Test { field, negated, test: Test::OneOf(values) } if points(session, process, &field) => {
            let numbers = values.iter().filter_map(Value::as_text).map(str::to_owned).collect();
            let seen = targets(session, &caller.scope, &numbers)?;
            let values = values.into_iter().filter(|v| v.as_text().is_some_and(|number| seen.contains_key(number)));
            Resolved::Test { field, negated, test: Test::OneOf(values.collect()) }
        }
        other @ Resolved::Test { .. } => other,
    })
}

fn points(session: &Session<'_>, process: &'static Process, key: &str) -> bool {
    session.config.field(process, key).is_some_and(|field| matches!(field.kind, Kind::Link(_)))
}

/// The ids of records by their numbers.
pub(super) fn ids(session: &mut Session<'_>, numbers: &[Value]) -> Result<Vec<i64>> {
    let numbers = numbers.iter().filter_map(Value::as_text).map(str::to_owned).collect();
    let all = Caller::engine(Channel::Engine).scope;
    Ok(numbered(session, &all, &numbers)?.into_iter().map(|spine| spine.id).collect())
}

/// Takes the numbers of records that the caller may not see out of events: what fields named, and what was linked.
pub(crate) fn hide_in_events(session: &mut Session<'_>, caller: &Caller, events: &mut [&mut EventRow]) -> Result<()> {
    let changed = |event: &EventRow| match serde_json::from_str::<Json>(&event.changes) {
        Ok(Json::Array(changes)) => changes,
        _ => Vec::new(),
    };
    let mut numbers = BTreeSet::new();
    for event in events.iter() {
        for change in changed(event) {
            let sides = [&change["old"], &change["new"]].into_iter().filter_map(Json::as_str);
            if names_records(session, event, &change) {
                numbers.extend(sides.filter(|text| is_number(text)).map(str::to_owned));
            }
        }
    }
    let seen = targets(session, &caller.scope, &numbers)?;
    numbers.retain(|number| !seen.contains_key(number));
    // What is no record here is a reference to another system, which hides nothing.
    let all = Caller::engine(Channel::Engine).scope;
    let hidden = targets(session, &all, &numbers)?;
    if hidden.is_empty() {
        return Ok(());
    }
    for event in events {
        let mut changes = changed(event);
        for change in changes.iter_mut().filter(|change| names_records(session, event, change)) {
            for side in ["old", "new"] {
                if change[side].as_str().is_some_and(|number| hidden.contains_key(number)) {
                    change[side] = Json::from(HIDDEN_LINK);
                }
            }
        }
        event.changes = Json::Array(changes).to_string();
    }
    Ok(())
}

/// Whether a change is of a field that names a record, or of something beside the fields, such as a link.
fn names_records(session: &Session<'_>, event: &EventRow, change: &Json) -> bool {
    let Some(process) = event.process.as_deref().and_then(mainstay_processes::process) else { return false };
    let key = change["field"].as_str().unwrap_or_default();
    key != "state" && session.config.field(process, key).is_none_or(|field| matches!(field.kind, Kind::Link(_)))
}

fn is_number(text: &str) -> bool {
    let Some((prefix, digits)) = text.split_once('-') else { return false };
    !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit())
        && mainstay_processes::ALL.iter().any(|process| process.prefix == prefix)
}
