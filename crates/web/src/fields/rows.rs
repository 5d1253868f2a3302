//! Fields that are tables: rows of controls, from stored values to a form and back. A row is added or removed by a
//! button that sends the form, so it works without scripts.

use mainstay_words::{t, tf};
use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use mainstay_engine::field::{FieldDef, Kind};
use mainstay_engine::value::Value;
use serde_json::{Map, Value as Json};

use super::{Asking, given_of, json_of};
use crate::components::{Control, Field, Width};
use crate::form::Form;

/// What the controls of one row hold, by column.
pub type RowGiven = BTreeMap<&'static str, Vec<String>>;

/// The columns of a table; none for any other field.
#[must_use]
pub fn columns(field: &FieldDef) -> &'static [FieldDef] {
    if let Kind::Table(columns) = field.kind { columns } else { &[] }
}

/// The name of a control in a row.
#[must_use]
pub fn cell(field: &FieldDef, index: usize, column: &FieldDef) -> String {
    format!("{}.{index}.{}", field.key, column.key)
}

/// The rows of a value as their controls send them.
#[must_use]
pub fn rows_of(field: &FieldDef, value: &Value, zone: &TimeZone) -> Vec<RowGiven> {
    let row = |row: &Value| columns(field).iter().map(|c| (c.key, given_of(c, row.column(c.key), zone))).collect();
    value.as_list().iter().map(row).collect()
}

/// The rows that a form holds, those in which nothing is filled in among them.
#[must_use]
pub fn sent_rows(field: &FieldDef, form: &Form) -> Vec<RowGiven> {
    let row = |index| columns(field).iter().map(move |c| (c.key, form.all(&cell(field, index, c)))).collect();
    indices(form, field).into_iter().map(row).collect()
}

/// The numbers of the rows that a form holds, in their order.
fn indices(form: &Form, field: &FieldDef) -> Vec<usize> {
    let beginning = format!("{}.", field.key);
    let index = |name: &&str| name[beginning.len()..].split('.').next()?.parse::<usize>().ok();
    let mut found: Vec<usize> = form.names_under(&beginning).iter().filter_map(index).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The rows that a form holds as a client would send them, without those that nobody filled in; columns that the form
/// fills by itself do not count for that.
#[must_use]
pub fn json_rows(field: &FieldDef, form: &Form, zone: &TimeZone, preset: &[&str]) -> Json {
    let row = |index: &usize| {
        let read = |c: &FieldDef| (c.key.to_owned(), json_of(c, form, &cell(field, *index, c), zone));
        let row: Map<String, Json> = columns(field).iter().map(read).collect();
        let filled = |(key, value): (&String, &Json)| {
            let empty = value.is_null() || *value == Json::Bool(false) || value.as_array().is_some_and(Vec::is_empty);
            !empty && !preset.contains(&key.as_str())
        };
        row.iter().any(filled).then_some(Json::Object(row))
    };
    indices(form, field).iter().filter_map(row).collect()
}

/// Whether a form holds what a record does.
#[must_use]
pub fn is_untouched(field: &FieldDef, form: &Form, value: &Value, zone: &TimeZone) -> bool {
    if columns(field).is_empty() {
        return form.all(field.key) == given_of(field, value, zone);
    }
    Value::read(field, &json_of(field, form, field.key, zone)).is_ok_and(|sent| sent == *value)
}

/// One row more or fewer, as a button of a form asks for it.
pub enum Turn<'a> {
    /// One more at the end of this table.
    More(&'a str),
    /// Without this row of this table.
    Fewer(&'a str, usize),
}

impl<'a> Turn<'a> {
    /// What the button asked for that sent the form; none for one that sends it to be kept.
    #[must_use]
    pub fn of(form: &'a Form) -> Option<Self> {
        let fewer = || {
            let (table, row) = form.filled("_remove_row")?.split_once(':')?;
            Some(Self::Fewer(table, row.parse().ok()?))
        };
        form.filled("_add_row").map(Self::More).or_else(fewer)
    }

    /// The table that it is about.
    fn table(&self) -> &'a str {
        match self {
            Self::More(table) | Self::Fewer(table, _) => table,
        }
    }
}

/// The form with one row more or fewer in one of its tables; none when it asks for no such thing.
#[must_use]
pub fn turned<'a>(form: &Form, fields: impl IntoIterator<Item = &'a FieldDef>) -> Option<Form> {
    let turn = Turn::of(form)?;
    let Some(field) = fields.into_iter().find(|field| field.key == turn.table()) else { return Some(form.clone()) };
    let places = indices(form, field);
    let gone = if let Turn::Fewer(_, place) = turn { places.get(place).copied() } else { None };
    let mut turned = kept(form, field, |index| Some(index) != gone);
    if let (Turn::More(_), [first, ..]) = (&turn, columns(field)) {
        // An empty row has no control that sent anything; its first column stands for it.
        turned.push(cell(field, places.len(), first), String::new());
    }
    Some(turned)
}

/// The form with these rows of a table alone, numbered anew, each with all that stands under its number.
#[must_use]
pub fn kept(form: &Form, field: &FieldDef, keeps: impl Fn(usize) -> bool) -> Form {
    let mut left = form.without_under(&format!("{}.", field.key));
    for (place, index) in indices(form, field).into_iter().filter(|index| keeps(*index)).enumerate() {
        let beginning = format!("{}.{index}.", field.key);
        for (name, value) in form.pairs() {
            if let Some(rest) = name.strip_prefix(&beginning) {
                left.push(format!("{}.{place}.{rest}", field.key), value.to_owned());
            }
        }
    }
    left
}

impl Asking<'_> {
    /// The field of a form, holding what a record does.
    #[must_use]
    pub fn holding(&self, field: &FieldDef, value: &Value) -> Field<'static> {
        if columns(field).is_empty() {
            return self.field(field, &given_of(field, value, self.zone));
        }
        self.rows(field, &rows_of(field, value, self.zone))
    }

    /// The field of a form, holding what somebody sent.
    #[must_use]
    pub fn sent(&self, field: &FieldDef, form: &Form) -> Field<'static> {
        if columns(field).is_empty() {
            return self.field(field, &form.all(field.key));
        }
        let mut rows = sent_rows(field, form);
        // What was refused is named by the rows that were filled in.
        if self.errors.iter().any(|error| error.field.starts_with(&format!("{}.", field.key))) {
            rows.retain(|row| row.values().flatten().any(|given| !given.trim().is_empty()));
        }
        self.rows(field, &rows)
    }

    /// A table with these rows.
    #[must_use]
    pub fn rows(&self, field: &FieldDef, given: &[RowGiven]) -> Field<'static> {
        let headings = columns(field).iter().map(|column| column.label.into()).collect();
        let row = |(index, row): (usize, &RowGiven)| {
            let given = |column: &FieldDef| row.get(column.key).map(Vec::as_slice).unwrap_or_default();
            columns(field).iter().map(|column| self.cell(field, index, column, given(column))).collect()
        };
        let rows: Vec<Vec<Field<'static>>> = given.iter().enumerate().map(row).collect();
        let mut asked = Field::new(field.key, field.label, Control::Table { columns: headings, rows });
        asked.required = field.required;
        asked.help = (!field.help.is_empty()).then(|| field.help.into());
        asked.width = Width::Full;
        asked.error = self.of_table(field, given.len()).map(|detail| detail.to_owned().into());
        asked
    }

    /// What was refused of a table and is told at none of its cells.
    fn of_table(&self, field: &FieldDef, rows: usize) -> Option<&str> {
        let at_cell = |name: &str| (0..rows).any(|row| columns(field).iter().any(|c| cell(field, row, c) == name));
        let of_field =
            |name: &str| name.strip_prefix(field.key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        let mut errors = self.errors.iter().filter(|error| of_field(&error.field) && !at_cell(&error.field));
        errors.next().map(|error| error.detail.as_str())
    }

    /// The control of a cell, called by its column and row.
    fn cell(&self, table: &FieldDef, index: usize, column: &FieldDef, given: &[String]) -> Field<'static> {
        let mut asked = self.field(column, given);
        asked.name = cell(table, index, column).into();
        asked.label = tf("{column}, row {n}", &[("column", &t(column.label)), ("n", &(index + 1))]).into();
        // An empty row is left out when the form is sent, so nothing in it is held to be needed before.
        (asked.required, asked.help) = (false, None);
        let error = self.errors.iter().find(|error| error.field == *asked.name);
        asked.error = error.map(|error| error.detail.clone().into());
        asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address;
    use crate::fields::Pickers;
    use mainstay_engine::field::Field as Declared;
    use mainstay_engine::refusal::FieldError;
    use serde_json::json;

    const PARTS: FieldDef = Declared::<Value>::any(
        "parts",
        "Parts",
        Kind::Table(&[Declared::text("name", "Name").def, Declared::<i64>::number("amount", "Amount", 1, 9).def]),
    )
    .def;

    fn form(text: &str) -> Form {
        Form::of(address::pairs(text)).expect("a form")
    }

    fn names(form: &Form) -> Vec<String> {
        let name = |row: &RowGiven| row.get("name").and_then(|given| given.first().cloned()).unwrap_or_default();
        sent_rows(&PARTS, form).iter().map(name).collect()
    }

    #[test]
    fn a_button_adds_a_row_or_takes_one_out_and_keeps_what_was_typed() {
        let sent = "title=T&parts.10.name=Nut&parts.10.amount=2&parts.2.name=Screw&parts.2.amount=1";
        let more = turned(&form(&format!("{sent}&_add_row=parts")), [&PARTS]).expect("a turn");
        assert_eq!(names(&more), ["Screw", "Nut", ""]);
        assert_eq!(more.get("title"), Some("T"));
        let fewer = turned(&form(&format!("{sent}&_remove_row=parts%3A0")), [&PARTS]).expect("a turn");
        assert_eq!(names(&fewer), ["Nut"]);
        assert!(turned(&form(sent), [&PARTS]).is_none());
        for odd in ["_remove_row=parts%3A9", "_add_row=others", "_remove_row=parts"] {
            let kept = turned(&form(&format!("{sent}&{odd}")), [&PARTS]);
            assert!(kept.is_none_or(|kept| names(&kept) == ["Screw", "Nut"]), "{odd}");
        }
    }

    #[test]
    fn rows_come_back_as_they_were_and_empty_ones_not_at_all() {
        let sent = form("parts.0.name=&parts.0.amount=&parts.1.name=Screw&parts.1.amount=1");
        let json = json_rows(&PARTS, &sent, &TimeZone::UTC, &[]);
        assert_eq!(json, json!([{ "name": "Screw", "amount": 1 }]));
        let value = Value::read(&PARTS, &json).expect("rows");
        assert!(is_untouched(&PARTS, &sent, &value, &TimeZone::UTC));
        assert!(!is_untouched(&PARTS, &form("parts.0.name=Nut"), &value, &TimeZone::UTC));
    }

    #[test]
    fn what_was_refused_stands_at_its_cell_else_at_the_table() {
        let sent = form("parts.0.name=&parts.1.name=Screw&parts.1.amount=0");
        let errors = [
            FieldError::new("parts.0.amount", "out_of_range", "Parts, row 1: Amount must lie between 1 and 9."),
            FieldError::new("parts", "required", "Parts is needed."),
        ];
        let asking = Asking { pickers: &Pickers::default(), zone: &TimeZone::UTC, errors: &errors };
        let asked = asking.sent(&PARTS, &sent);
        assert_eq!(asked.error.as_deref(), Some("Parts is needed."));
        let Control::Table { rows, .. } = asked.control else { panic!("a table") };
        assert_eq!(rows.len(), 1, "the empty row is gone, so that the error meets its row");
        assert!(rows[0][0].error.is_none() && rows[0][1].error.is_some());
    }
}
