//! An entry on its way through a form: from stored values to controls, and back.

use std::collections::BTreeMap;

use super::editor::KIND;
use super::keyed::PROCESS;
use jiff::tz::TimeZone;
use mainstay_engine::field::{FieldDef, Kind, Writer};
use mainstay_engine::register::{Entry, Register};
use mainstay_processes::registers::{CALENDARS, MATRICES, PROCESS_SETTINGS, ROLES, SERVICE_LEVELS, is_asked};
use serde_json::{Map, Value as Json};

use super::stated::{has_conditions, is_begun, is_condition};
use crate::fields::rows::{RowGiven, cell, columns, json_rows, kept, rows_of, sent_rows};
use crate::fields::{given_of, json_of};
use crate::form::Form;

/// What the controls of a form hold.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    pub name: String,
    /// The version that was read; 0 for a new entry.
    pub version: i64,
    pub reason: String,
    given: BTreeMap<&'static str, Vec<String>>,
    tables: BTreeMap<&'static str, Vec<RowGiven>>,
}

/// How a field is edited where one control would not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Plain,
    /// Rows that are added and removed.
    Rows,
    /// Hours by day of the week.
    Week,
    /// Amounts by metric and priority.
    Targets,
    /// Priorities by impact and urgency.
    Matrix,
    /// A number for every policy that the process declares.
    Policies,
    /// Permissions to tick.
    Permissions,
    /// Sentences over the fields of the process that the entry is about.
    Condition,
    /// Rows with such sentences, each too wide for a line of a table.
    Cards,
}

impl Shape {
    /// The shape of a register's field.
    pub fn of(register: &Register, field: &FieldDef) -> Self {
        match (register.key, field.key) {
            (key, "hours") if key == CALENDARS.key => Self::Week,
            (key, "targets") if key == SERVICE_LEVELS.key => Self::Targets,
            (key, "cells") if key == MATRICES.key => Self::Matrix,
            (key, "policies") if key == PROCESS_SETTINGS.key => Self::Policies,
            (key, "permissions") if key == ROLES.key => Self::Permissions,
            _ if is_condition(register, field) => Self::Condition,
            _ if has_conditions(register, field) => Self::Cards,
            _ if matches!(field.kind, Kind::Table(_)) => Self::Rows,
            _ => Self::Plain,
        }
    }

    /// Columns that the form fills by itself: a row with nothing but these was left empty.
    fn preset(self) -> &'static [&'static str] {
        match self {
            Self::Week => &["day"],
            Self::Targets => &["metric", "priority", "unit"],
            Self::Matrix => &["impact", "urgency"],
            Self::Policies => &["policy"],
            Self::Plain | Self::Rows | Self::Permissions | Self::Condition | Self::Cards => &[],
        }
    }
}

impl Draft {
    /// A new entry. One that has to be about a process begins with the first: its words are known from the start.
    pub fn blank(register: &'static Register) -> Self {
        let mut draft = Self::default();
        let about = register.fields.iter().find(|field| field.key == PROCESS && field.required);
        if let (Some(field), Some(first)) = (about, mainstay_processes::ALL.first()) {
            draft.given.insert(field.key, vec![first.key.to_owned()]);
        }
        draft
    }

    /// An entry as it is.
    pub fn of(register: &'static Register, entry: &Entry, zone: &TimeZone) -> Self {
        let mut draft = Self { name: entry.name.clone(), version: entry.version, ..Self::default() };
        for field in register.fields {
            let value = entry.value(field.key);
            if matches!(field.kind, Kind::Table(_)) {
                draft.tables.insert(field.key, rows_of(field, value, zone));
            } else {
                draft.given.insert(field.key, given_of(field, value, zone));
            }
        }
        draft
    }

    /// What somebody sent.
    pub fn sent(register: &'static Register, form: &Form) -> Self {
        let mut draft = Self {
            name: form.get("name").unwrap_or_default().to_owned(),
            version: form.number("version").unwrap_or_default(),
            reason: form.get("reason").unwrap_or_default().to_owned(),
            ..Self::default()
        };
        for field in register.fields {
            if matches!(field.kind, Kind::Table(_)) {
                draft.tables.insert(field.key, sent_rows(field, form));
            } else {
                draft.given.insert(field.key, form.all(field.key));
            }
        }
        draft
    }

    /// What the control of a field holds.
    pub fn given(&self, key: &str) -> &[String] {
        self.given.get(key).map(Vec::as_slice).unwrap_or_default()
    }

    /// The one text that the control of a field holds.
    pub fn text(&self, key: &str) -> &str {
        self.given(key).first().map_or("", String::as_str)
    }

    /// The rows of a table.
    pub fn rows(&self, key: &str) -> &[RowGiven] {
        self.tables.get(key).map(Vec::as_slice).unwrap_or_default()
    }
}

/// The form without the rows in which nothing is filled in: what is refused is named by the others.
pub fn tidied(register: &Register, form: &Form) -> Form {
    let rows = |field: &&FieldDef| matches!(Shape::of(register, field), Shape::Rows | Shape::Cards);
    let tidy = |form: Form, field: &FieldDef| {
        let filled = |index: usize| {
            columns(field)
                .iter()
                .map(|column| cell(field, index, column))
                .any(|name| form.all(&name).iter().any(|given| !given.trim().is_empty()) || is_begun(&form, &name))
        };
        kept(&form, field, filled)
    };
    register.fields.iter().filter(rows).fold(form.clone(), tidy)
}

/// The values that a form holds, as a client would send them.
pub fn values(register: &'static Register, form: &Form, zone: &TimeZone) -> Map<String, Json> {
    let value = |field: &'static FieldDef| match (Shape::of(register, field), field.kind) {
        (Shape::Permissions, _) => permissions(form, field),
        (shape, Kind::Table(_)) => json_rows(field, form, zone, shape.preset()),
        _ => json_of(field, form, field.key, zone),
    };
    // What the kind of an entry does not ask for is nothing, whatever was filled in before.
    let kind = form.get(KIND).unwrap_or_default();
    let value = |field: &'static FieldDef| if is_asked(register, field.key, kind) { value(field) } else { Json::Null };
    let asked = register.fields.iter().filter(|field| field.writer != Writer::Engine);
    asked.map(|field| (field.key.to_owned(), value(field))).collect()
}

/// Boxes that were ticked, and words that were typed beside them.
fn permissions(form: &Form, field: &FieldDef) -> Json {
    let all = form.all(field.key);
    let words = all.iter().flat_map(|text| text.split(',')).map(str::trim).filter(|word| !word.is_empty());
    let mut each: Vec<&str> = words.collect();
    each.sort_unstable();
    each.dedup();
    each.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address;

    fn form(text: &str) -> Form {
        Form::of(address::pairs(text)).expect("a form")
    }

    #[test]
    fn a_row_counts_once_anything_is_filled_in_be_it_a_sentence() {
        let sent = form(
            "guards.0.step=&guards.0.condition.lines=1&guards.0.condition.f.0=\
             &guards.2.step=&guards.2.condition.lines=1&guards.2.condition.f.0=title&guards.4.says=No.",
        );
        let tidy = tidied(&PROCESS_SETTINGS, &sent);
        let guards = PROCESS_SETTINGS.fields.iter().find(|field| field.key == "guards").expect("guards");
        assert_eq!(Shape::of(&PROCESS_SETTINGS, guards), Shape::Cards);
        assert_eq!(sent_rows(guards, &tidy).len(), 2);
        assert_eq!((tidy.get("guards.0.condition.f.0"), tidy.get("guards.1.says")), (Some("title"), Some("No.")));
    }

    #[test]
    fn a_day_without_hours_is_no_row() {
        let sent = form(
            "zone=UTC&hours.0.day=monday&hours.0.from=09:00&hours.0.to=17:00&hours.1.day=tuesday&hours.1.from=&hours.1.to=",
        );
        let values = values(&CALENDARS, &sent, &TimeZone::UTC);
        assert_eq!(values["hours"], serde_json::json!([{ "day": "monday", "from": "09:00", "to": "17:00" }]));
    }

    #[test]
    fn a_policy_left_empty_follows_the_table() {
        let sent = form("process=x&policies.0.policy=a&policies.0.value=3&policies.1.policy=b&policies.1.value=");
        let values = values(&PROCESS_SETTINGS, &sent, &TimeZone::UTC);
        assert_eq!(values["policies"], serde_json::json!([{ "policy": "a", "value": 3 }]));
    }

    #[test]
    fn ticked_and_typed_permissions_come_together() {
        let sent = form("permissions=people.view&permissions=a.*%2C+people.view");
        assert_eq!(values(&ROLES, &sent, &TimeZone::UTC)["permissions"], serde_json::json!(["a.*", "people.view"]));
    }

    #[test]
    fn an_entry_comes_back_as_it_was() {
        let shape = |field: &FieldDef| Shape::of(&CALENDARS, field);
        assert_eq!(
            CALENDARS.fields.iter().map(shape).collect::<Vec<_>>(),
            [Shape::Plain, Shape::Week, Shape::Rows, Shape::Rows]
        );
    }
}
