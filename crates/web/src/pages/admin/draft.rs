//! An entry on its way through a form: from stored values to controls, and back.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use mainstay_engine::field::{FieldDef, Kind, Writer};
use mainstay_engine::register::{Entry, Register};
use mainstay_processes::registers::{CALENDARS, MATRICES, PROCESS_SETTINGS, ROLES, SERVICE_LEVELS};
use serde_json::{Map, Value as Json};

use super::stated::is_condition;
use crate::fields::rows::{RowGiven, Turn, json_rows, rows_of, sent_rows};
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
            Self::Plain | Self::Rows | Self::Permissions | Self::Condition => &[],
        }
    }
}

impl Draft {
    /// A new entry.
    pub fn blank() -> Self {
        Self::default()
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

    /// One row more or fewer.
    pub fn turn(&mut self, turn: &Turn<'_>) {
        self.tables.iter_mut().for_each(|(field, rows)| turn.on(field, rows));
    }

    /// Without the rows in which nothing is filled in: what is refused is named by the others.
    pub fn tidy(&mut self, register: &Register) {
        for field in register.fields.iter().filter(|field| Shape::of(register, field) == Shape::Rows) {
            if let Some(rows) = self.tables.get_mut(field.key) {
                rows.retain(|row| row.values().flatten().any(|given| !given.trim().is_empty()));
            }
        }
    }
}

/// The values that a form holds, as a client would send them.
pub fn values(register: &'static Register, form: &Form, zone: &TimeZone) -> Map<String, Json> {
    let value = |field: &'static FieldDef| match (Shape::of(register, field), field.kind) {
        (Shape::Permissions, _) => permissions(form, field),
        (shape, Kind::Table(_)) => json_rows(field, form, zone, shape.preset()),
        _ => json_of(field, form, field.key, zone),
    };
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
    fn rows_are_kept_in_order_added_and_removed() {
        let sent = form("name=A&holidays.10.name=late&holidays.2.date=2025-12-25&holidays.2.name=Christmas");
        let mut draft = Draft::sent(&CALENDARS, &sent);
        let names = |draft: &Draft| -> Vec<String> {
            draft
                .rows("holidays")
                .iter()
                .map(|row| row.get("name").and_then(|n| n.first().cloned()).unwrap_or_default())
                .collect()
        };
        assert_eq!(names(&draft), ["Christmas", "late"]);
        for turn in [
            Turn::More("holidays"),
            Turn::Fewer("holidays", 1),
            Turn::Fewer("holidays", 9),
            Turn::More("no such table"),
        ] {
            draft.turn(&turn);
        }
        assert_eq!(names(&draft), ["Christmas", ""]);
        draft.tidy(&CALENDARS);
        assert_eq!(names(&draft), ["Christmas"]);
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
