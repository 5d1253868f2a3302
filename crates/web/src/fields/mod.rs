//! Between fields of the tables and forms: which control asks for a field, and what came back.

mod pickers;
pub mod rows;

pub use pickers::{Pickers, zone_picker};

use axum::http::StatusCode;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use mainstay_desk::{Caller, Error, Session, merging, registers as door};
use mainstay_engine::field::{FieldDef, HIDDEN_LINK, Kind};
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::spine;
use mainstay_engine::value::{Value, day_to_date};
use mainstay_processes::registers;
use mainstay_store::entries;
use mainstay_words::{t, tf};
use serde_json::{Map, Value as Json};

use crate::components::{Choice, Control, Field, TextKind, Width, input_value};
use crate::form::Form;
use crate::shown::priority_word;

/// The button of a form that only asks for its questions anew.
pub const UPDATE: &str = "_update";

/// How a form is answered that only asks again. The button that asks for it is pressed without scripts, or by one that
/// reads the answer; the buttons of a table are pressed with them, and then only what is no success is shown.
#[must_use]
pub fn asked_again(form: &Form) -> StatusCode {
    if form.has(UPDATE) { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
}

/// A value as its control sends it: one text, or one for each thing ticked.
#[must_use]
pub fn given_of(field: &FieldDef, value: &Value, zone: &TimeZone) -> Vec<String> {
    let one = |text: Option<String>| text.into_iter().collect();
    match (field.kind, value) {
        (Kind::Instant, _) => one(value.as_int().map(|at| input_value(at, zone))),
        (Kind::Date, _) => one(value.as_int().and_then(day_to_date).map(|date| date.to_string())),
        (Kind::Duration, _) => one(value.as_int().map(duration_words)),
        (Kind::Money { .. }, _) => one(value.as_int().map(|minor| format!("{}.{:02}", minor / 100, minor % 100))),
        (Kind::Bool, _) => one(value.as_bool().filter(|yes| *yes).map(|_| "true".to_owned())),
        (Kind::Tags, _) => {
            let tags: Vec<&str> = value.as_list().iter().filter_map(Value::as_text).collect();
            one((!tags.is_empty()).then(|| tags.join(", ")))
        }
        (_, Value::List(items)) => items.iter().map(plain_text).collect(),
        (_, Value::Null) => Vec::new(),
        _ => vec![plain_text(value)],
    }
}

fn plain_text(value: &Value) -> String {
    match value {
        Value::Int(n) => n.to_string(),
        Value::Text(text) => text.clone(),
        Value::Bool(yes) => yes.to_string(),
        _ => String::new(),
    }
}

/// A length of time as people type it, to the minute.
fn duration_words(milliseconds: i64) -> String {
    let minutes = milliseconds / 60_000;
    let parts = [(minutes / 1440, 'd'), (minutes / 60 % 24, 'h'), (minutes % 60, 'm')];
    let words: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n}{unit}")).collect();
    if words.is_empty() { "0m".to_owned() } else { words.join(" ") }
}

/// A record as a form would make it, as far as the form can be read: what other questions depend on.
///
/// # Errors
/// The database's.
pub fn as_filled<'a>(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    fields: impl IntoIterator<Item = &'a FieldDef>,
    form: &Form,
) -> mainstay_desk::Result<Record> {
    let (mut filled, zone) = (record.clone(), caller.zone());
    for field in fields {
        let mut json = json_of(field, form, field.key, &zone);
        if let (Some(register), Some(words)) = (field.register(), json.as_str()) {
            json = entry_named(session, caller, register, words)?.map_or(Json::Null, Json::from);
        }
        filled.put(field, Value::read(field, &json).unwrap_or(Value::Null));
    }
    Ok(filled)
}

/// The keys of the fields on which other questions of a process depend.
#[must_use]
pub fn decisive(session: &Session<'_>, process: &'static Process) -> Vec<String> {
    session.config.process(process).asked_if.iter().flat_map(|each| each.reads.clone()).collect()
}

/// What a form asks with: the pickers, the viewer's zone, and what was wrong last time.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    /// What can be picked.
    pub pickers: &'a Pickers,
    /// The viewer's time zone.
    pub zone: &'a TimeZone,
    /// What was refused.
    pub errors: &'a [FieldError],
}

impl Asking<'_> {
    /// The field of a form for `field`, holding what was given.
    #[must_use]
    pub fn field(&self, field: &FieldDef, given: &[String]) -> Field<'static> {
        let mut asked = Field::new(field.key, field.label, self.control(field, given));
        asked.required = field.required;
        asked.help = help(field, given).map(Into::into);
        let error = self.errors.iter().find(|error| error.field == field.key);
        asked.error = error.map(|error| error.detail.clone().into());
        asked.width = if is_wide(field) { Width::Full } else { Width::Half };
        asked
    }

    fn control(&self, field: &FieldDef, given: &[String]) -> Control<'static> {
        let first = given.first().cloned().unwrap_or_default();
        let chosen = |key: &str| given.iter().any(|each| each == key);
        let options = |choices: &[mainstay_engine::field::Choice]| -> Vec<Choice<'static>> {
            choices.iter().map(|each| Choice::new(each.key, each.label, chosen(each.key))).collect()
        };
        if field.key == spine::PRIORITY.def.key {
            let level = |n: i64| (n.to_string(), format!("P{n} {}", t(priority_word(n))));
            let levels = (1..=5).map(level).map(|(key, label)| Choice::new(key.clone(), label, chosen(&key)));
            return Control::Select { options: levels.collect(), blank: Some("–".into()) };
        }
        match field.kind {
            Kind::Text { max } => {
                Control::Text { value: first.into(), kind: TextKind::Plain, max_length: u32::try_from(max).ok() }
            }
            Kind::Link(_) => Control::Text { value: first.into(), kind: TextKind::Plain, max_length: Some(40) },
            Kind::Markdown => Control::Markdown { value: first.into(), rows: 4 },
            Kind::Number { min, max } => number(first, min, max),
            Kind::Money { currency } => {
                let currencies = vec![Choice::new(currency, currency, true)];
                Control::Money { value: first.into(), currencies }
            }
            Kind::Bool => Control::Bool { value: !first.is_empty() },
            Kind::Date => Control::Date { value: first.into() },
            Kind::Instant => Control::DateTime { value: first.into(), zone: zone_name(self.zone).into() },
            Kind::Duration => Control::Duration { value: first.into() },
            Kind::Choice(choices) => Control::Select { options: options(choices), blank: Some("–".into()) },
            Kind::MultiChoice(choices) => Control::Checks { options: options(choices) },
            Kind::Tags => Control::Tags { value: first.into(), suggestions: Vec::new() },
            Kind::Ref(register) => self.pickers.control(register, &first),
            Kind::Refs(register) => Control::Checks { options: self.pickers.checks(register, given) },
            Kind::Table(_) => self.rows(field, &[]).control,
        }
    }
}

/// What stands below a control; a link says what it takes.
fn help(field: &FieldDef, given: &[String]) -> Option<String> {
    let Kind::Link(process) = field.kind else { return (!field.help.is_empty()).then(|| field.help.to_owned()) };
    if given.first().is_some_and(|given| given == HIDDEN_LINK) {
        return Some("It names a record that you may not see. Left as it is, it stays.".to_owned());
    }
    let prefix = process.and_then(mainstay_processes::process).or(mainstay_processes::ALL.first().copied());
    let example =
        prefix.map_or_else(String::new, |process| tf(", such as {prefix}-12", &[("prefix", &process.prefix)]));
    let words =
        if field.help.is_empty() { String::new() } else { format!("{}. ", t(field.help).trim_end_matches('.')) };
    Some(tf("{words}The number of a record{example}", &[("words", &words), ("example", &example)]))
}

fn number(value: String, min: i64, max: i64) -> Control<'static> {
    let bound = |n: i64| (n.unsigned_abs() < 1_000_000_000_000).then(|| n.to_string().into());
    Control::Number { value: value.into(), min: bound(min), max: bound(max), step: "1".into(), unit: None }
}

fn is_wide(field: &FieldDef) -> bool {
    let long =
        matches!(field.kind, Kind::Markdown | Kind::Tags | Kind::MultiChoice(_) | Kind::Refs(_) | Kind::Table(_));
    long || field.key == spine::TITLE.def.key
}

/// The zone as people read it beside a clock time.
#[must_use]
pub fn zone_name(zone: &TimeZone) -> String {
    zone.iana_name().unwrap_or("UTC").replace('_', " ")
}

/// What a form holds for one field, as JSON; text that cannot be read is handed on as it is, so that the refusal names
/// it. References may still be words: see [`resolve`].
#[must_use]
pub fn json_of(field: &FieldDef, form: &Form, name: &str, zone: &TimeZone) -> Json {
    let text = form.get(name).unwrap_or_default();
    let trimmed = text.trim();
    let as_typed = || Json::from(trimmed);
    match field.kind {
        Kind::Bool => Json::Bool(!trimmed.is_empty()),
        Kind::MultiChoice(_) => form.all(name).into_iter().filter(|each| !each.is_empty()).collect(),
        Kind::Refs(_) => form.all(name).iter().filter_map(|each| each.parse::<i64>().ok()).collect(),
        // One text with commas, or one for each that was ticked.
        Kind::Tags => {
            let all = form.all(name);
            all.iter().flat_map(|text| text.split(',')).map(str::trim).filter(|each| !each.is_empty()).collect()
        }
        Kind::Table(_) => rows::json_rows(field, form, zone, &[]),
        _ if trimmed.is_empty() => Json::Null,
        Kind::Text { .. } | Kind::Markdown => Json::from(text),
        Kind::Number { .. } => trimmed.parse::<i64>().map_or_else(|_| as_typed(), Json::from),
        Kind::Money { .. } => minor_units(trimmed).map_or_else(as_typed, Json::from),
        Kind::Duration => duration(trimmed).map_or_else(as_typed, Json::from),
        Kind::Instant => instant(trimmed, zone).map_or_else(as_typed, Json::from),
        Kind::Ref(_) | Kind::Date | Kind::Choice(_) | Kind::Link(_) => as_typed(),
    }
}

/// The instant of a wall clock in a zone, in epoch milliseconds UTC; none where it is no wall clock, or one that was
/// skipped.
#[must_use]
pub fn instant_of(text: &str, zone: &TimeZone) -> Option<i64> {
    let wall: DateTime = text.parse().ok()?;
    Some(wall.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond())
}

/// The instant of a wall clock in a zone, in RFC 3339.
fn instant(text: &str, zone: &TimeZone) -> Option<String> {
    let wall: DateTime = text.parse().ok()?;
    Some(wall.to_zoned(zone.clone()).ok()?.timestamp().to_string())
}

/// `1h 30m`, `90m`, `2d`, `1.5h`; a bare number means minutes. In milliseconds.
fn duration(text: &str) -> Option<i64> {
    let text = text.to_ascii_lowercase();
    let (mut total, mut digits) = (0.0_f64, String::new());
    let mut any = false;
    for letter in text.chars().filter(|letter| !letter.is_whitespace()) {
        let minutes = match letter {
            '0'..='9' | '.' => {
                digits.push(letter);
                continue;
            }
            'm' => 1.0,
            'h' => 60.0,
            'd' => 1440.0,
            _ => return None,
        };
        total += digits.parse::<f64>().ok()? * minutes;
        digits.clear();
        any = true;
    }
    if !digits.is_empty() {
        total += digits.parse::<f64>().ok().filter(|_| !any)?;
    }
    let ms = (total * 60_000.0).round();
    #[expect(clippy::cast_possible_truncation, reason = "bounded just above")]
    (0.0..1e15).contains(&ms).then_some(ms as i64)
}

/// `12`, `12.5`, `12.50` in hundredths.
fn minor_units(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > 2 {
        return None;
    }
    whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(format!("{part:0<2}").parse().ok()?)
}

/// The values of the fields that a form asked for, by key.
#[must_use]
pub fn values<'a>(fields: impl IntoIterator<Item = &'a FieldDef>, form: &Form, zone: &TimeZone) -> Map<String, Json> {
    fields.into_iter().map(|field| (field.key.to_owned(), json_of(field, form, field.key, zone))).collect()
}

/// Turns the words that people typed for references into ids: a number, the key of an entry such as an e-mail address,
/// or a name that only one entry has.
///
/// # Errors
/// Words that name nothing the caller may read, or several things; the database's.
pub fn resolve<'a>(
    session: &mut Session<'_>,
    caller: &Caller,
    fields: impl IntoIterator<Item = &'a FieldDef>,
    values: &mut Map<String, Json>,
) -> mainstay_desk::Result<()> {
    let mut errors = Vec::new();
    for field in fields {
        let Kind::Table(columns) = field.kind else {
            errors.extend(resolve_one(session, caller, field, values, field.key)?);
            continue;
        };
        let rows = values.get_mut(field.key).and_then(Json::as_array_mut).into_iter().flatten();
        for (index, row) in rows.enumerate().filter_map(|(index, row)| Some((index, row.as_object_mut()?))) {
            for column in columns {
                errors.extend(resolve_one(session, caller, column, row, &rows::cell(field, index, column))?);
            }
        }
    }
    Ok(Refusal::unless_empty(errors)?)
}

/// The same for one field, which is called so in what is refused.
fn resolve_one(
    session: &mut Session<'_>,
    caller: &Caller,
    field: &FieldDef,
    values: &mut Map<String, Json>,
    name: &str,
) -> mainstay_desk::Result<Option<FieldError>> {
    let Kind::Ref(register) = field.kind else { return Ok(None) };
    let Some(text) = values.get(field.key).and_then(Json::as_str).map(str::to_owned) else { return Ok(None) };
    if let Some(id) = entry_named(session, caller, register, &text)? {
        values.insert(field.key.to_owned(), Json::from(id));
        return Ok(None);
    }
    let says = format!("{}: nothing here is called “{text}”. Type the whole name or address.", field.label);
    Ok(Some(FieldError::new(name, "unknown_reference", says)))
}

/// The entry that a text names.
///
/// # Errors
/// The database's.
pub fn entry_named(
    session: &mut Session<'_>,
    caller: &Caller,
    register: &str,
    text: &str,
) -> mainstay_desk::Result<Option<i64>> {
    let Some(register) = registers::register(register) else { return Ok(None) };
    let text = text.trim();
    let id = if let Ok(id) = text.trim_start_matches('#').parse::<i64>() {
        Some(id)
    } else if let Some(row) = entries::by_key(session.conn, register.key, &text.to_lowercase())? {
        Some(merging::stands_for(&row))
    } else {
        let named = entries::by_name(session.conn, register.key, text)?;
        if let [only] = named.as_slice() { Some(*only) } else { None }
    };
    let Some(id) = id else { return Ok(None) };
    match door::get(session.conn, caller, register, id) {
        Ok(entry) => Ok(Some(entry.id)),
        Err(Error::Refused(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address;
    use mainstay_engine::field::Field as Declared;

    fn read(field: FieldDef, text: &str, zone: &TimeZone) -> Json {
        let form = Form::of(vec![(field.key.to_owned(), text.to_owned())]).expect("a form");
        json_of(&field, &form, field.key, zone)
    }

    #[test]
    fn a_clock_time_is_meant_in_the_viewers_zone() {
        let field = Declared::instant("at", "At").def;
        let zone = TimeZone::get("Asia/Kolkata").expect("a zone");
        assert_eq!(read(field, "2025-06-02T14:00", &zone), Json::from("2025-06-02T08:30:00Z"));
        let value = Value::from_json(&field, &read(field, "2025-06-02T14:00", &zone)).expect("an instant");
        assert_eq!(given_of(&field, &value, &zone), ["2025-06-02T14:00"]);
        assert_eq!(read(field, "soon", &zone), Json::from("soon"), "the refusal names what was typed");
    }

    #[test]
    fn lengths_of_time_are_read_as_people_write_them() {
        for (text, minutes) in [("1h 30m", 90), ("90m", 90), ("90", 90), ("1.5h", 90), ("2d", 2880), ("1D 1H", 1500)] {
            assert_eq!(duration(text), Some(minutes * 60_000), "{text}");
        }
        for text in ["1x", "h", "1h 30", "", "-1h", "1..2h", "99999999999999d"] {
            assert_eq!(duration(text).filter(|ms| *ms > 0), None, "{text}");
        }
        assert_eq!(duration_words(90 * 60_000), "1h 30m");
    }

    #[test]
    fn money_is_read_to_the_cent_or_not_at_all() {
        assert_eq!(minor_units("12.5"), Some(1250));
        assert_eq!(minor_units("12"), Some(1200));
        for text in ["12.505", "1,2", "-1", ".5", "1e3", ""] {
            assert_eq!(minor_units(text), None, "{text}");
        }
    }

    #[test]
    fn an_unticked_box_is_a_no_and_an_empty_text_is_nothing() {
        assert_eq!(read(Declared::bool("b", "B").def, "", &TimeZone::UTC), Json::Bool(false));
        assert_eq!(read(Declared::text("t", "T").def, "  ", &TimeZone::UTC), Json::Null);
        let tags = Declared::any("t", "T", Kind::Tags).def;
        assert_eq!(read(tags, "a, b,,", &TimeZone::UTC), serde_json::json!(["a", "b"]));
        assert!(address::pairs("").is_empty());
    }
}
