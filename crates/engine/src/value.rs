//! The values a field can hold, and their form in JSON.

use crate::field::{FieldDef, HIDDEN_LINK, Kind};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Most rows of a table.
const MOST_ROWS: usize = 1000;
/// Words of a list of tags: as many as a role names permissions.
pub const MOST_TAGS: usize = 1000;

/// One field's value. Instants are epoch milliseconds UTC, dates days since 1970-01-01,
/// durations milliseconds, money minor units, references entry ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    #[default]
    Null,
    Bool(bool),
    Int(i64),
    Text(String),
    List(Vec<Value>),
    /// A row of a table field, by column key.
    Row(BTreeMap<String, Value>),
}

/// Why a value does not fit its field: a code for machines, a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    pub code: &'static str,
    pub says: String,
    /// The row of a table, counted from 0, and the column where there is one.
    pub at: Option<(usize, Option<&'static str>)>,
}

pub(crate) fn misfit(code: &'static str, says: impl Into<String>) -> Misfit {
    Misfit { code, says: says.into(), at: None }
}

impl Value {
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Nothing a person would call an answer: null, blank text, an empty list.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::List(items) => items.is_empty(),
            _ => false,
        }
    }

    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        if let Self::Int(n) = self { Some(*n) } else { None }
    }

    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(b) = self { Some(*b) } else { None }
    }

    #[must_use]
    pub fn as_list(&self) -> &[Value] {
        if let Self::List(items) = self { items } else { &[] }
    }

    /// The column of a table row; null when this is no row or has no such column.
    #[must_use]
    pub fn column(&self, key: &str) -> &Value {
        match self {
            Self::Row(columns) => columns.get(key).unwrap_or(&Self::Null),
            _ => &Self::Null,
        }
    }

    /// Reads what a client sent for `field`. Blank text becomes null.
    ///
    /// # Errors
    /// The first thing that does not fit the field's kind.
    pub fn from_json(field: &FieldDef, json: &Json) -> Result<Self, Misfit> {
        if json.is_null() {
            return Ok(Self::Null);
        }
        match field.kind {
            Kind::Text { max } => text(json, max, false),
            Kind::Markdown => text(json, 65_536, true),
            Kind::Bool => json.as_bool().map(Self::Bool).ok_or_else(|| misfit("not_a_bool", "must be true or false")),
            Kind::Number { min, max } => number(json, min, max),
            Kind::Money { .. } | Kind::Duration => number(json, 0, i64::MAX),
            Kind::Instant => instant(json),
            Kind::Date => date(json),
            Kind::Choice(choices) => choice(json, choices),
            Kind::MultiChoice(choices) => list(json, 100, |item| choice(item, choices)),
            Kind::Tags => list(json, MOST_TAGS, |item| text(item, 60, false)),
            Kind::Ref(_) => reference(json),
            Kind::Refs(_) => list(json, 1000, reference),
            Kind::Link(_) => number_of_record(json),
            Kind::Table(columns) => table(columns, json).map_err(|mut all| all.swap_remove(0)),
        }
    }

    /// As [`from_json`](Self::from_json), with everything that does not fit: of a table, each row and column.
    ///
    /// # Errors
    /// All that does not fit; at least one.
    pub fn read(field: &FieldDef, json: &Json) -> Result<Self, Vec<Misfit>> {
        match field.kind {
            Kind::Table(columns) if !json.is_null() => table(columns, json),
            _ => Self::from_json(field, json).map_err(|misfit| vec![misfit]),
        }
    }

    /// The form the API shows. Instants become RFC 3339, dates ISO 8601; references stay ids.
    #[must_use]
    pub fn to_json(&self, field: &FieldDef) -> Json {
        match (self, &field.kind) {
            (Self::Int(ms), Kind::Instant) => {
                jiff::Timestamp::from_millisecond(*ms).map_or(Json::Null, |t| Json::String(t.to_string()))
            }
            (Self::Int(day), Kind::Date) => day_to_date(*day).map_or(Json::Null, |d| Json::String(d.to_string())),
            (Self::List(items), Kind::Table(columns)) => items.iter().map(|item| row_to_json(columns, item)).collect(),
            _ => self.plain(),
        }
    }

    /// The stored form: every kind as the plain JSON of its representation.
    #[must_use]
    pub fn plain(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(b) => Json::Bool(*b),
            Self::Int(n) => Json::from(*n),
            Self::Text(text) => Json::String(text.clone()),
            Self::List(items) => items.iter().map(Self::plain).collect(),
            Self::Row(columns) => columns.iter().map(|(key, value)| (key.clone(), value.plain())).collect(),
        }
    }

    /// Reads the stored form back.
    #[must_use]
    pub fn from_plain(json: &Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(b) => Self::Bool(*b),
            Json::Number(n) => n.as_i64().map_or(Self::Null, Self::Int),
            Json::String(text) => Self::Text(text.clone()),
            Json::Array(items) => Self::List(items.iter().map(Self::from_plain).collect()),
            Json::Object(map) => Self::Row(map.iter().map(|(k, v)| (k.clone(), Self::from_plain(v))).collect()),
        }
    }
}

impl FieldDef {
    /// The ids of the entries that a value of this field refers to, those in the columns of a table included.
    #[must_use]
    pub fn references(&self, value: &Value) -> Vec<i64> {
        match self.kind {
            Kind::Ref(_) => value.as_int().into_iter().collect(),
            Kind::Refs(_) => value.as_list().iter().filter_map(Value::as_int).collect(),
            Kind::Table(columns) => {
                let cells = value.as_list().iter().flat_map(|row| columns.iter().map(move |c| (c, row.column(c.key))));
                cells.flat_map(|(column, cell)| column.references(cell)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The JSON that says these words for the field, as settings keep values of any field as text: numbers and
    /// references by their digits, `true` or `yes`, lists with commas between. What does not fit stays text, so that
    /// [`Value::from_json`] says what is wrong with it.
    #[must_use]
    pub fn json_of_words(&self, words: &str) -> Json {
        let words = words.trim();
        let whole = |text: &str| text.parse::<i64>().map_or_else(|_| Json::from(text), Json::from);
        let items = || words.split(',').map(str::trim).filter(|item| !item.is_empty());
        match self.kind {
            Kind::Number { .. } | Kind::Money { .. } | Kind::Duration | Kind::Ref(_) => whole(words),
            Kind::Bool => match words.to_ascii_lowercase().as_str() {
                "true" | "yes" => Json::Bool(true),
                "false" | "no" => Json::Bool(false),
                _ => Json::from(words),
            },
            Kind::MultiChoice(_) | Kind::Tags => items().map(Json::from).collect(),
            Kind::Refs(_) => items().map(whole).collect(),
            _ => Json::from(words),
        }
    }
}

/// A value in its stored form, written without building it first.
pub struct Plain<'a>(pub &'a Value);

impl serde::Serialize for Plain<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(b) => serializer.serialize_bool(*b),
            Value::Int(n) => serializer.serialize_i64(*n),
            Value::Text(text) => serializer.serialize_str(text),
            Value::List(items) => serializer.collect_seq(items.iter().map(Plain)),
            Value::Row(columns) => serializer.collect_map(columns.iter().map(|(key, value)| (key, Plain(value)))),
        }
    }
}

impl From<i64> for Value {
    fn from(n: i64) -> Self {
        Self::Int(n)
    }
}
impl From<bool> for Value {
    fn from(b: bool) -> Self {
        Self::Bool(b)
    }
}
impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The calendar date that lies `day` days after 1970-01-01; none outside jiff's range.
#[must_use]
pub fn day_to_date(day: i64) -> Option<jiff::civil::Date> {
    let epoch = jiff::civil::date(1970, 1, 1);
    let span = jiff::Span::new().try_days(day).ok()?;
    epoch.checked_add(span).ok()
}

/// The day so many months after a day; the last one of a month that is too short. None outside jiff's range.
#[must_use]
pub fn months_after(day: i64, months: i64) -> Option<i64> {
    let span = jiff::Span::new().try_months(months).ok()?;
    Some(date_to_day(day_to_date(day)?.checked_add(span).ok()?))
}

/// Days from 1970-01-01 to `date`.
#[must_use]
pub fn date_to_day(date: jiff::civil::Date) -> i64 {
    let span = date.since(jiff::civil::date(1970, 1, 1)).unwrap_or_default();
    i64::from(span.get_days())
}

fn text(json: &Json, max: usize, lines: bool) -> Result<Value, Misfit> {
    let Some(text) = json.as_str() else { return Err(misfit("not_text", "must be text")) };
    if text.chars().count() > max {
        return Err(misfit("too_long", format!("must have at most {max} characters")));
    }
    if text.chars().any(|c| c == '\0' || (c.is_control() && !(lines && matches!(c, '\n' | '\r' | '\t')) && c != '\t')) {
        return Err(misfit(
            "control_character",
            if lines { "must not hold control characters" } else { "must be one line without control characters" },
        ));
    }
    let text = if lines { text } else { text.trim() };
    Ok(if text.trim().is_empty() { Value::Null } else { Value::Text(text.to_owned()) })
}

/// A record's number in capitals, or what stands for one that the client was not shown.
fn number_of_record(json: &Json) -> Result<Value, Misfit> {
    Ok(match text(json, 40, false)? {
        Value::Text(text) if !text.eq_ignore_ascii_case(HIDDEN_LINK) => Value::Text(text.to_uppercase()),
        Value::Text(_) => Value::from(HIDDEN_LINK),
        other => other,
    })
}

fn number(json: &Json, min: i64, max: i64) -> Result<Value, Misfit> {
    let Some(n) = json.as_i64() else { return Err(misfit("not_a_number", "must be a whole number")) };
    if n < min || n > max {
        return Err(misfit("out_of_range", format!("must lie between {min} and {max}")));
    }
    Ok(Value::Int(n))
}

fn instant(json: &Json) -> Result<Value, Misfit> {
    let wrong = || misfit("not_an_instant", "must be an instant with its offset, such as 2025-06-06T16:30:00Z");
    let text = json.as_str().ok_or_else(wrong)?;
    let at: jiff::Timestamp = text.parse().map_err(|_| wrong())?;
    // Four-digit years only: what lies beyond is a typing error and breaks every calendar.
    let ms = at.as_millisecond();
    if !(-62_135_596_800_000..=253_402_300_799_999).contains(&ms) {
        return Err(wrong());
    }
    Ok(Value::Int(ms))
}

fn date(json: &Json) -> Result<Value, Misfit> {
    let wrong = || misfit("not_a_date", "must be a date such as 2025-06-06");
    let text = json.as_str().ok_or_else(wrong)?;
    let date: jiff::civil::Date = text.parse().map_err(|_| wrong())?;
    Ok(Value::Int(date_to_day(date)))
}

fn choice(json: &Json, choices: &[crate::field::Choice]) -> Result<Value, Misfit> {
    let offered = || choices.iter().map(|c| c.key).collect::<Vec<_>>().join(", ");
    match json.as_str() {
        Some(key) if choices.iter().any(|c| c.key == key) => Ok(Value::Text(key.to_owned())),
        _ => Err(misfit("not_a_choice", format!("must be one of: {}", offered()))),
    }
}

fn reference(json: &Json) -> Result<Value, Misfit> {
    match json.as_i64() {
        Some(id) if id > 0 => Ok(Value::Int(id)),
        _ => Err(misfit("not_a_reference", "must be the id of an entry")),
    }
}

fn list(json: &Json, max: usize, item: impl Fn(&Json) -> Result<Value, Misfit>) -> Result<Value, Misfit> {
    let Some(items) = json.as_array() else { return Err(misfit("not_a_list", "must be a list")) };
    if items.len() > max {
        return Err(misfit("too_many", format!("must hold at most {max} items")));
    }
    let mut values = Vec::with_capacity(items.len());
    for json in items {
        let value = item(json)?;
        if !value.is_null() && !values.contains(&value) {
            values.push(value);
        }
    }
    Ok(Value::List(values))
}

/// The rows of a table; one without any value is left out.
fn table(columns: &'static [FieldDef], json: &Json) -> Result<Value, Vec<Misfit>> {
    let Some(items) = json.as_array() else { return Err(vec![misfit("not_a_list", "must be a list")]) };
    if items.len() > MOST_ROWS {
        return Err(vec![misfit("too_many", format!("must hold at most {MOST_ROWS} rows"))]);
    }
    let (mut rows, mut misfits) = (Vec::with_capacity(items.len()), Vec::new());
    for (index, json) in items.iter().enumerate() {
        match row(columns, json) {
            Ok(row) if row.is_empty() => {}
            Ok(row) => rows.push(Value::Row(row)),
            Err(found) => misfits.extend(found.into_iter().map(|(column, misfit)| Misfit {
                says: format!("row {}: {}", index + 1, misfit.says),
                at: Some((index, column)),
                ..misfit
            })),
        }
    }
    match (misfits.is_empty(), rows.is_empty()) {
        (false, _) => Err(misfits),
        (true, true) => Ok(Value::Null),
        (true, false) => Ok(Value::List(rows)),
    }
}

/// What does not fit, in which column.
type Cells = Vec<(Option<&'static str>, Misfit)>;

fn row(columns: &'static [FieldDef], json: &Json) -> Result<BTreeMap<String, Value>, Cells> {
    let Some(map) = json.as_object() else { return Err(vec![(None, misfit("not_a_row", "must be an object"))]) };
    if let Some(key) = map.keys().find(|key| !columns.iter().any(|c| c.key == **key)) {
        return Err(vec![(None, misfit("unknown_column", format!("has no column {key}")))]);
    }
    let (mut row, mut wrong) = (BTreeMap::new(), Vec::new());
    for column in columns {
        match Value::from_json(column, map.get(column.key).unwrap_or(&Json::Null)) {
            Err(why) => wrong.push((Some(column.key), misfit(why.code, format!("{} {}", column.label, why.says)))),
            Ok(value) if value.is_null() => {}
            Ok(value) => {
                row.insert(column.key.to_owned(), value);
            }
        }
    }
    // A row with nothing in it is none, and lacks nothing.
    if !row.is_empty() || !wrong.is_empty() {
        let lacking = columns.iter().filter(|c| c.required && row.get(c.key).is_none_or(Value::is_blank));
        let lacking = lacking.filter(|c| !wrong.iter().any(|(at, _)| *at == Some(c.key)));
        let lacks = |c: &FieldDef| (Some(c.key), misfit("required", format!("{} is needed", c.label)));
        let lacking: Vec<_> = lacking.map(lacks).collect();
        wrong.extend(lacking);
    }
    if wrong.is_empty() { Ok(row) } else { Err(wrong) }
}

fn row_to_json(columns: &[FieldDef], row: &Value) -> Json {
    columns.iter().map(|c| (c.key.to_owned(), row.column(c.key).to_json(c))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::choice;
    use serde_json::json;

    const PARTS: FieldDef = crate::field::Field::<Value>::any(
        "parts",
        "Parts",
        Kind::Table(&[
            crate::field::Field::text("name", "Name").required().def,
            crate::field::Field::<i64>::number("amount", "Amount", 1, 9).def,
        ]),
    )
    .def;

    #[test]
    fn everything_that_does_not_fit_in_a_table_is_named_by_row_and_column() {
        let sent = json!([{ "name": "Screw", "amount": 0 }, {}, { "amount": "two" }, "x", { "colour": 1 }]);
        let found = Value::read(&PARTS, &sent).unwrap_err();
        let errors: Vec<_> = found.iter().map(|m| crate::refusal::FieldError::misfit(&PARTS, m)).collect();
        let told: Vec<_> = errors.iter().map(|e| (e.field.as_str(), e.code.as_str())).collect();
        assert_eq!(
            told,
            [
                ("parts.0.amount", "out_of_range"),
                ("parts.2.amount", "not_a_number"),
                ("parts.2.name", "required"),
                ("parts.3", "not_a_row"),
                ("parts.4", "unknown_column"),
            ]
        );
        assert_eq!(errors[0].detail, "Parts, row 1: Amount must lie between 1 and 9.");
    }

    #[test]
    fn rows_are_kept_in_order_twice_where_they_come_twice_and_not_where_they_are_empty() {
        let screw = json!({ "name": "Screw", "amount": 2 });
        let value = Value::read(&PARTS, &json!([screw, {}, screw, { "name": "Nut" }])).unwrap();
        assert_eq!(value.as_list().len(), 3);
        assert_eq!(value.as_list()[0], value.as_list()[1]);
        assert_eq!(Value::read(&PARTS, &json!([{}, { "name": " " }])), Ok(Value::Null));
    }

    #[test]
    fn a_link_is_a_number_in_capitals() {
        let cause = crate::field::Field::link("cause", "Caused by").def;
        assert_eq!(Value::from_json(&cause, &json!(" prb-7 ")), Ok(Value::from("PRB-7")));
        assert_eq!(Value::from_json(&cause, &json!("Hidden")), Ok(Value::from(HIDDEN_LINK)));
        assert_eq!(Value::from_json(&cause, &json!("")), Ok(Value::Null));
        assert!(Value::from_json(&cause, &json!(7)).is_err());
    }

    #[test]
    fn words_become_what_a_client_would_send_for_the_field() {
        const COLOURS: &[crate::field::Choice] = &[choice("red", "Red"), choice("blue", "Blue")];
        let cases = [
            (Kind::Text { max: 9 }, " 007 ", json!("007")),
            (Kind::Number { min: 0, max: 9 }, "7", json!(7)),
            (Kind::Number { min: 0, max: 9 }, "seven", json!("seven")),
            (Kind::Bool, "Yes", json!(true)),
            (Kind::Bool, "perhaps", json!("perhaps")),
            (Kind::Choice(COLOURS), "red", json!("red")),
            (Kind::MultiChoice(COLOURS), "red, blue,", json!(["red", "blue"])),
            (Kind::Ref("teams"), "12", json!(12)),
            (Kind::Refs("teams"), "12, 13", json!([12, 13])),
            (Kind::Date, "2025-06-06", json!("2025-06-06")),
        ];
        for (kind, words, expected) in cases {
            let field = crate::field::Field::<Value>::any("field", "Field", kind).def;
            assert_eq!(field.json_of_words(words), expected, "{kind:?} {words}");
        }
    }
}
