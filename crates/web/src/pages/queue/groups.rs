//! Headings of a list: which row stands under which, in what order, and how many there are in all.

use std::cmp::Ordering;
use std::collections::HashMap;

use jiff::tz::TimeZone;
use mainstay_desk::records::Row as Found;
use mainstay_engine::field::{FieldDef, Kind};
use mainstay_engine::process::Phase;
use mainstay_engine::record::Record;
use mainstay_engine::spine;
use mainstay_engine::value::Value;

use super::look::Look;
use crate::shown::priority_word;
use mainstay_words::{t, tf};

const HOUR: i64 = 3_600_000;
/// The headings of a list by due instants, in their order.
const BY_DUE: [&str; 7] = ["Breached", "Breaching soon", "Today", "Later", "Waiting", "Without a target", "Done"];

/// A heading and its rows.
pub struct Group {
    /// Part of the heading's id.
    pub key: String,
    /// Words of the heading; empty where a list has none.
    pub name: String,
    /// The value that its rows have in common; none where several fall together.
    value: Option<Value>,
    /// How many records stand under it on all pages, as far as that is known.
    pub count: Option<i64>,
    /// How many rows stand under it here.
    pub rows: usize,
}

impl Group {
    /// Rows without a heading.
    #[must_use]
    pub fn plain(rows: usize) -> Self {
        Self { key: String::new(), name: String::new(), value: None, count: None, rows }
    }

    /// How many records it holds, as its heading says it.
    #[must_use]
    pub fn counted(&self) -> String {
        self.count.map_or_else(|| self.rows.to_string(), |count| count.to_string())
    }
}

/// What headings depend on.
pub struct Around<'a> {
    /// Names of entries by id.
    pub names: &'a HashMap<i64, String>,
    /// The viewer's time zone.
    pub zone: &'a TimeZone,
    /// The present instant.
    pub now: i64,
}

/// Puts rows in the order of their headings and answers the headings.
pub fn arrange(rows: &mut [Found], look: &Look, around: &Around<'_>) -> Vec<Group> {
    let Some(field) = look.group else {
        return vec![Group::plain(rows.len())];
    };
    let (sort, descending) = look.sorted();
    if sort != field.key {
        rows.sort_by(|one, other| {
            let order = compare(one.record.value(sort), other.record.value(sort));
            if descending && !one.record.value(sort).is_null() && !other.record.value(sort).is_null() {
                order.reverse()
            } else {
                order
            }
        });
    }
    let backwards = sort == field.key && descending;
    rows.sort_by_cached_key(|row| {
        let rank = rank(field, &row.record, around);
        if backwards { (-rank.0, rank.1) } else { rank }
    });
    let mut groups: Vec<Group> = Vec::new();
    for row in rows.iter() {
        let (key, name, value) = heading(field, &row.record, around);
        match groups.last_mut() {
            Some(last) if last.key == key => last.rows += 1,
            _ => groups.push(Group { key, name, value, count: None, rows: 1 }),
        }
    }
    groups
}

/// Tells groups how many records they hold on all pages.
pub fn tell(groups: &mut [Group], facet: &[(Value, i64)]) {
    for group in groups {
        let Some(value) = &group.value else { continue };
        group.count = facet.iter().find(|(of, _)| of == value).map(|(_, count)| *count);
    }
}

/// Those without a value come last.
fn compare(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Greater,
        (_, Value::Null) => Ordering::Less,
        (Value::Text(one), Value::Text(other)) => one.to_lowercase().cmp(&other.to_lowercase()),
        _ => one.as_int().cmp(&other.as_int()),
    }
}

/// The place of a record's heading among the others.
fn rank(field: &FieldDef, record: &Record, around: &Around<'_>) -> (i64, String) {
    let value = record.read(field.key);
    let at = |index: Option<usize>| index.and_then(|index| i64::try_from(index).ok()).unwrap_or(1_000);
    let number = match field.kind {
        _ if field.key == spine::DUE.def.key => {
            at(BY_DUE.iter().position(|name| *name == due_group(record, around.zone, around.now)))
        }
        _ if field.key == "state" => at(record.process.states.iter().position(|state| state.key == record.state.key)),
        _ if value.is_null() => i64::MAX,
        Kind::Choice(choices) => at(choices.iter().position(|choice| Some(choice.key) == value.as_text())),
        Kind::Ref(_) => {
            let name = value.as_int().and_then(|id| around.names.get(&id)).cloned().unwrap_or_default();
            return (0, name.to_lowercase());
        }
        _ => value.as_int().or_else(|| value.as_bool().map(i64::from)).unwrap_or(i64::MAX),
    };
    (number, String::new())
}

fn heading(field: &FieldDef, record: &Record, around: &Around<'_>) -> (String, String, Option<Value>) {
    if field.key == spine::DUE.def.key {
        let name = due_group(record, around.zone, around.now);
        return (name.to_lowercase().replace(' ', "-"), name.to_owned(), None);
    }
    if field.key == "state" {
        let state = record.state;
        return (state.key.to_owned(), state.label.to_owned(), Some(Value::from(state.key)));
    }
    let value = record.value(field.key).clone();
    let name = match (field.kind, &value) {
        (_, Value::Null) => without(field),
        (_, Value::Int(level)) if field.key == spine::PRIORITY.def.key => priority_word(*level).to_owned(),
        (Kind::Choice(choices), Value::Text(key)) => crate::shown::label(choices, key),
        (Kind::Ref(_), Value::Int(id)) => around.names.get(id).cloned().unwrap_or_else(|| format!("#{id}")),
        (_, Value::Bool(yes)) => format!("{}: {}", field.label, if *yes { "yes" } else { "no" }),
        _ => field.label.to_owned(),
    };
    let key = match &value {
        Value::Int(number) => number.to_string(),
        Value::Text(key) => key.clone(),
        Value::Bool(yes) => yes.to_string(),
        _ => "none".to_owned(),
    };
    (format!("{}-{key}", field.key), name, Some(value))
}

fn without(field: &FieldDef) -> String {
    match field.kind {
        Kind::Ref("people") => tf("{label}: nobody", &[("label", &t(field.label))]),
        _ if field.key == spine::PRIORITY.def.key => "Without a priority".to_owned(),
        _ => tf("{label}: none", &[("label", &t(field.label))]),
    }
}

fn due_group(record: &Record, zone: &TimeZone, now: i64) -> &'static str {
    if !record.state.phase.is_live() {
        return "Done";
    }
    let Some(due) = record.value(spine::DUE.def.key).as_int() else {
        return if record.state.phase == Phase::Paused { "Waiting" } else { "Without a target" };
    };
    let day = |at: i64| jiff::Timestamp::from_millisecond(at).map(|at| at.to_zoned(zone.clone()).date());
    match due - now {
        ..=0 => "Breached",
        1..=HOUR => "Breaching soon",
        _ if day(due).ok() == day(now).ok() => "Today",
        _ => "Later",
    }
}
