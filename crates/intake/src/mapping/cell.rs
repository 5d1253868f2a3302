//! From cells to values of fields.

use super::file::{Lookup, Mapping, Rule};
use super::rows::Row;
use crate::import::{ImportError, Result as Imported};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use mainstay_desk::import::{By, Given, NewEntry, Reference};
use mainstay_engine::field::{Choice, FieldDef, Kind};
use mainstay_engine::register::Register;
use mainstay_processes::registers;
use serde_json::Value as Json;
use std::sync::Arc;

/// Why a row is rejected: a code for programs, a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub code: &'static str,
    pub says: String,
}

impl Fault {
    pub fn new(code: &'static str, says: impl Into<String>) -> Self {
        Self { code, says: says.into() }
    }

    fn of(field: &str, self_says: &str, code: &'static str) -> Self {
        Self::new(code, format!("{field}: {self_says}"))
    }
}

type Result<T> = std::result::Result<T, Fault>;

/// Reads cells as a mapping says.
pub struct Reader<'m> {
    mapping: &'m Mapping,
    zone: TimeZone,
}

impl<'m> Reader<'m> {
    /// # Errors
    /// An unknown zone.
    pub fn new(mapping: &'m Mapping) -> Imported<Self> {
        let unknown = |_| ImportError::Mapping(vec![format!("There is no time zone {}.", mapping.zone)]);
        Ok(Self { mapping, zone: TimeZone::get(&mapping.zone).map_err(unknown)? })
    }

    fn is_empty(&self, json: &Json) -> bool {
        match json {
            Json::Null => true,
            Json::String(text) => text.trim().is_empty() || self.mapping.empty.iter().any(|e| e == text.trim()),
            _ => false,
        }
    }

    /// The text of a column; none when it is empty.
    pub fn text(&self, row: &Row, column: &str) -> Option<String> {
        let json = row.get(column).filter(|json| !self.is_empty(json))?;
        Some(json.as_str().map_or_else(|| json.to_string(), |text| text.trim().to_owned()))
    }

    /// What a rule takes from a row, in the words of the field; null when that is nothing.
    pub fn raw(&self, row: &Row, rule: &Rule) -> Result<Json> {
        let cell = rule.column.as_ref().and_then(|column| row.get(column)).or_else(|| rule.constant.clone());
        let Some(cell) = cell.filter(|cell| !self.is_empty(cell)) else {
            return Ok(rule.default.clone().unwrap_or_default());
        };
        if rule.values.is_empty() {
            return Ok(cell);
        }
        let text = cell.as_str().map_or_else(|| cell.to_string(), |text| text.trim().to_owned());
        match rule.values.get(&text).or(rule.otherwise.as_ref()) {
            Some(json) => Ok(json.clone()),
            None => Err(Fault::new("unknown_value", format!("The mapping does not say what {text} means."))),
        }
    }

    /// The value that a rule gives a field.
    pub fn given(&self, row: &Row, rule: &Rule, field: &'static FieldDef) -> Result<Given> {
        let json = self.raw(row, rule).map_err(|fault| Fault::of(field.key, &fault.says, fault.code))?;
        if json.is_null() {
            return Ok(Given::NOTHING);
        }
        match field.kind {
            Kind::Ref(register) => Ok(Given::Entry(self.reference(rule, register, &plain_text(&json))?)),
            Kind::Refs(register) => {
                let names = items(rule, &json).into_iter().map(|name| self.reference(rule, register, &name));
                Ok(Given::Entries(names.collect::<Result<_>>()?))
            }
            _ => self
                .value(rule, field, &json)
                .map(Given::Plain)
                .map_err(|fault| Fault::of(field.key, &fault.says, fault.code)),
        }
    }

    fn value(&self, rule: &Rule, field: &'static FieldDef, json: &Json) -> Result<Json> {
        let Json::String(text) = json else { return Ok(json.clone()) };
        let text = text.trim();
        match field.kind {
            Kind::Number { .. } | Kind::Duration => whole(text),
            Kind::Money { .. } => money(text),
            Kind::Bool => truth(text),
            Kind::Instant => self.instant(text).map(|at| text_of(at.to_string())),
            Kind::Date => self.date(text).map(|date| text_of(date.to_string())),
            Kind::Choice(choices) => choice(choices, text),
            Kind::MultiChoice(choices) => items(rule, json).iter().map(|item| choice(choices, item)).collect(),
            Kind::Tags => Ok(items(rule, json).into_iter().map(Json::String).collect()),
            Kind::Table(_) => Err(Fault::new("not_a_table", "only JSON lines can hold a table.")),
            Kind::Text { .. } | Kind::Markdown | Kind::Link(_) | Kind::Ref(_) | Kind::Refs(_) => {
                Ok(text_of(text.to_owned()))
            }
        }
    }

    /// An instant of a column, in epoch milliseconds UTC.
    pub fn moment(&self, row: &Row, rule: &Rule, what: &str) -> Result<Option<i64>> {
        match self.raw(row, rule)? {
            Json::Null => Ok(None),
            json => {
                let at = self.instant(&plain_text(&json)).map_err(|fault| Fault::of(what, &fault.says, fault.code))?;
                Ok(Some(at.as_millisecond()))
            }
        }
    }

    fn instant(&self, text: &str) -> Result<jiff::Timestamp> {
        if let Ok(at) = text.parse() {
            return Ok(at);
        }
        let local = self.mapping.dates.iter().find_map(|format| {
            DateTime::strptime(format, text).ok().or_else(|| Date::strptime(format, text).ok().map(Into::into))
        });
        let local =
            local.or_else(|| text.parse::<DateTime>().ok()).or_else(|| text.parse::<Date>().ok().map(Into::into));
        let zoned = local.and_then(|local| local.to_zoned(self.zone.clone()).ok());
        zoned
            .map(|zoned| zoned.timestamp())
            .ok_or_else(|| Fault::new("not_an_instant", format!("{text} is no instant in a format of the mapping.")))
    }

    fn date(&self, text: &str) -> Result<Date> {
        let listed = self.mapping.dates.iter().find_map(|format| Date::strptime(format, text).ok());
        let date = listed.or_else(|| text.parse().ok());
        date.ok_or_else(|| Fault::new("not_a_date", format!("{text} is no date in a format of the mapping.")))
    }

    fn reference(&self, rule: &Rule, register: &str, text: &str) -> Result<Reference> {
        let register = registers::register(register)
            .ok_or_else(|| Fault::new("unknown_register", format!("There is no register {register}.")))?;
        let (by, key) = match rule.by {
            Lookup::Name => (By::Name, text.to_owned()),
            Lookup::Key => (By::Key, text.to_owned()),
            Lookup::ExternalKey => (By::ExternalKey, self.external_key(text)),
        };
        let make = rule.create.then(|| Arc::new(self.new_entry(rule, register, text)));
        Ok(Reference { register, by, text: key, make })
    }

    /// A key as it is kept: two systems may use the same.
    pub fn external_key(&self, key: &str) -> String {
        format!("{}/{key}", self.mapping.origin)
    }

    fn new_entry(&self, rule: &Rule, register: &'static Register, text: &str) -> NewEntry {
        let mut values: Vec<(&'static str, Given)> = Vec::new();
        if let (Lookup::Key, Some(field)) = (rule.by, register.key_field) {
            values.push((field, Given::text(text)));
        }
        let with =
            rule.with.iter().filter_map(|(key, json)| Some((register.field(key)?.key, Given::Plain(json.clone()))));
        values.extend(with);
        let external_key = (rule.by == Lookup::ExternalKey).then(|| self.external_key(text));
        // A person known by an address is called by what stands before the @ until somebody gives a name.
        let name = text.split('@').next().filter(|name| !name.is_empty()).unwrap_or(text);
        NewEntry { name: name.to_owned(), external_key, values }
    }
}

fn text_of(text: String) -> Json {
    Json::String(text)
}

fn plain_text(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), |text| text.trim().to_owned())
}

fn items(rule: &Rule, json: &Json) -> Vec<String> {
    match json {
        Json::Array(items) => items.iter().map(plain_text).collect(),
        other => {
            let text = plain_text(other);
            let separator = rule.split.as_deref().filter(|s| !s.is_empty()).unwrap_or(",");
            text.split(separator).map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
        }
    }
}

fn whole(text: &str) -> Result<Json> {
    text.parse::<i64>().map(Json::from).map_err(|_| Fault::new("not_a_number", format!("{text} is no whole number.")))
}

/// An amount such as 12.50 in minor units.
fn money(text: &str) -> Result<Json> {
    let wrong = || Fault::new("not_money", format!("{text} is no amount such as 12.50."));
    let (units, cents) = text.split_once('.').unwrap_or((text, ""));
    if cents.len() > 2 || !cents.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong());
    }
    let units: i64 = units.parse().map_err(|_| wrong())?;
    let cents: i64 = format!("{cents:0<2}").parse().map_err(|_| wrong())?;
    units
        .checked_mul(100)
        .and_then(|minor| minor.checked_add(cents))
        .filter(|minor| *minor >= 0)
        .map(Json::from)
        .ok_or_else(wrong)
}

fn truth(text: &str) -> Result<Json> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "y" | "1" => Ok(true.into()),
        "false" | "no" | "n" | "0" => Ok(false.into()),
        _ => Err(Fault::new("not_a_bool", format!("{text} is neither true nor false."))),
    }
}

fn choice(choices: &[Choice], text: &str) -> Result<Json> {
    let found = choices.iter().find(|c| c.key.eq_ignore_ascii_case(text) || c.label.eq_ignore_ascii_case(text));
    found.map(|c| Json::from(c.key)).ok_or_else(|| {
        let offered = choices.iter().map(|c| c.key).collect::<Vec<_>>().join(", ");
        Fault::new("not_a_choice", format!("{text} is none of: {offered}."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn mapping() -> Mapping {
        let text = "into = \"incidents\"\norigin = \"old\"\nkey = \"id\"\nzone = \"Europe/Berlin\"\ndates = [\"%d.%m.%Y %H:%M\"]\nempty = [\"-\"]\n[fields]\n";
        Mapping::parse(text).expect("a mapping")
    }

    fn row(json: Json) -> Row {
        let Json::Object(cells) = json else { return Row::Json(serde_json::Map::new()) };
        Row::Json(cells)
    }

    #[test]
    fn instants_are_local_to_the_zone_of_the_mapping() {
        let mapping = mapping();
        let reader = Reader::new(&mapping).expect("a zone");
        let at = |text: &str| reader.instant(text).map(|at| at.to_string());
        assert_eq!(at("01.07.2024 09:30"), Ok("2024-07-01T07:30:00Z".into()));
        assert_eq!(at("2024-01-01 09:30:00"), Ok("2024-01-01T08:30:00Z".into()));
        assert_eq!(at("2024-01-01"), Ok("2023-12-31T23:00:00Z".into()));
        assert_eq!(at("2024-01-01T09:30:00+05:00"), Ok("2024-01-01T04:30:00Z".into()));
        assert_eq!(at("31.02.2024 09:30").expect_err("no such day").code, "not_an_instant");
    }

    #[test]
    fn a_rule_maps_words_and_refuses_those_it_does_not_know() {
        let mapping = mapping();
        let reader = Reader::new(&mapping).expect("a zone");
        let rule: Rule = serde_json::from_value(json!({ "column": "p", "values": { "A": "high" }, "default": "low" }))
            .expect("a rule");
        assert_eq!(reader.raw(&row(json!({ "p": " A " })), &rule), Ok("high".into()));
        assert_eq!(reader.raw(&row(json!({ "p": "-" })), &rule), Ok("low".into()));
        assert_eq!(reader.raw(&row(json!({ "p": "Z" })), &rule).expect_err("unknown").code, "unknown_value");
        let rule = Rule { otherwise: Some("medium".into()), ..rule };
        assert_eq!(reader.raw(&row(json!({ "p": "Z" })), &rule), Ok("medium".into()));
    }

    #[test]
    fn money_and_truth_are_read_exactly() {
        assert_eq!((money("12.5"), money("12"), money("0.05")), (Ok(1250.into()), Ok(1200.into()), Ok(5.into())));
        for wrong in ["12,50", "1.234", "-1", "x"] {
            assert!(money(wrong).is_err(), "{wrong}");
        }
        assert_eq!((truth("Yes"), truth("0")), (Ok(true.into()), Ok(false.into())));
        assert!(truth("perhaps").is_err());
    }
}
