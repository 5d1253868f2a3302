//! Custom fields: definitions that an administrator made, in the form the engine reads.

use mainstay_engine::field::{Audience, Choice, FieldDef, FieldType, Home, Kind, Writer};
use mainstay_engine::process::{Process, Relation, Rules, relation};
use mainstay_engine::register::{Entry, Values};
use mainstay_engine::value::Value;
use mainstay_processes::registers::{Carries, ColumnKind, CustomKind, RELATION_KEY};
use std::collections::HashSet;
use std::sync::{LazyLock, Mutex};

/// The field that an entry of the register of custom fields defines; none when it is unreadable.
#[must_use]
pub fn custom_field(entry: &Entry) -> Option<&'static FieldDef> {
    let kind = CustomKind::from_value(entry.value("kind"))?;
    let internal = entry.flag("internal");
    let writer = if entry.flag("requester") && !internal { Writer::Anyone } else { Writer::Staff };
    let def = FieldDef {
        key: text(entry.text("field")?),
        label: text(&entry.name),
        help: text(entry.text("help").unwrap_or_default()),
        kind: kind_of(kind, entry),
        home: Home::Custom,
        required: entry.flag("required"),
        in_list: entry.flag("in_list"),
        audience: if internal { Audience::Internal } else { Audience::Everyone },
        writer,
    };
    Some(kept(def))
}

/// The relation that an entry of such a register defines between records of a process; none when it is unreadable.
#[must_use]
pub fn own_relation(process: &'static Process, entry: &Entry) -> Option<&'static Relation> {
    let pair = |row: &Value| Some((row.column("from").as_int()?, row.column("to").as_int()?));
    let pairs = entry.value("pairs").as_list().iter().filter_map(pair).collect();
    let rules = Rules {
        entry: entry.id,
        pairs: once(&PAIRS, pairs),
        carries: Carries::from_value(entry.value("carries"))?.meant(),
        most_out: entry.int("most_out"),
        most_in: entry.int("most_in"),
    };
    let (key, inverse) = (text(entry.text(RELATION_KEY.def.key)?), text(entry.text("inverse")?));
    let made = Relation { rules: Some(rules), ..relation(key, text(&entry.name), inverse).to(process.key) };
    once(&RELATIONS, vec![made]).first()
}

/// The kind of a field without what only its definition knows: no options, columns or target.
#[must_use]
pub fn kind_alone(kind: CustomKind) -> Kind {
    let (key, name) = (String::new(), String::new());
    let blank = Entry { id: 0, key, name, active: true, organisation: None, version: 0, values: Values::new() };
    kind_of(kind, &blank)
}

/// [`kind_alone`] of a column of a table.
#[must_use]
pub fn column_kind_alone(kind: ColumnKind) -> Kind {
    column_kind(kind, &Value::Null, "EUR")
}

fn kind_of(kind: CustomKind, entry: &Entry) -> Kind {
    match kind {
        CustomKind::Text => Kind::Text { max: 255 },
        CustomKind::Markdown => Kind::Markdown,
        CustomKind::Number => Kind::Number { min: i64::MIN, max: i64::MAX },
        CustomKind::Bool => Kind::Bool,
        CustomKind::Date => Kind::Date,
        CustomKind::Instant => Kind::Instant,
        CustomKind::Duration => Kind::Duration,
        CustomKind::Money => Kind::Money { currency: text(entry.text("currency").unwrap_or("EUR")) },
        CustomKind::Choice => Kind::Choice(choices(entry)),
        CustomKind::MultiChoice => Kind::MultiChoice(choices(entry)),
        CustomKind::Tags => Kind::Tags,
        CustomKind::Person => Kind::Ref("people"),
        CustomKind::Team => Kind::Ref("teams"),
        CustomKind::Organisation => Kind::Ref("organisations"),
        CustomKind::Service => Kind::Ref("services"),
        CustomKind::Record => Kind::Link(entry.text("target").map(text)),
        CustomKind::Table => Kind::Table(columns(entry)),
    }
}

/// The columns of a table, in their order; one that cannot be read is left out.
fn columns(entry: &Entry) -> &'static [FieldDef] {
    let currency = entry.text("currency").unwrap_or("EUR");
    let column = |row: &Value| {
        let kind = ColumnKind::from_value(row.column("kind"))?;
        Some(FieldDef {
            key: text(row.column("key").as_text()?),
            label: text(row.column("label").as_text()?),
            help: "",
            kind: column_kind(kind, row, currency),
            home: Home::Custom,
            required: row.column("required").as_bool().unwrap_or_default(),
            in_list: false,
            audience: Audience::Everyone,
            writer: Writer::Staff,
        })
    };
    once(&COLUMNS, entry.value("columns").as_list().iter().filter_map(column).collect())
}

fn column_kind(kind: ColumnKind, row: &Value, currency: &str) -> Kind {
    match kind {
        ColumnKind::Text => Kind::Text { max: 255 },
        ColumnKind::Number => Kind::Number { min: i64::MIN, max: i64::MAX },
        ColumnKind::Bool => Kind::Bool,
        ColumnKind::Date => Kind::Date,
        ColumnKind::Instant => Kind::Instant,
        ColumnKind::Duration => Kind::Duration,
        ColumnKind::Money => Kind::Money { currency: text(currency) },
        ColumnKind::Choice => {
            // An option of a column is kept in the words that it is called.
            let options = row.column("options").as_list().iter().filter_map(Value::as_text).map(text);
            Kind::Choice(once(&CHOICES, options.map(|word| Choice { key: word, label: word }).collect()))
        }
        ColumnKind::Person => Kind::Ref("people"),
        ColumnKind::Team => Kind::Ref("teams"),
        ColumnKind::Organisation => Kind::Ref("organisations"),
        ColumnKind::Service => Kind::Ref("services"),
    }
}

type Kept<T> = LazyLock<Mutex<Vec<&'static T>>>;

/// Definitions live as long as the process: each distinct one is kept once, so what is kept is
/// bounded by what administrators ever saved.
static TEXTS: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);
static CHOICES: Kept<[Choice]> = LazyLock::new(Mutex::default);
static COLUMNS: Kept<[FieldDef]> = LazyLock::new(Mutex::default);
static PAIRS: Kept<[(i64, i64)]> = LazyLock::new(Mutex::default);
static RELATIONS: Kept<[Relation]> = LazyLock::new(Mutex::default);
static FIELDS: LazyLock<Mutex<Vec<&'static FieldDef>>> = LazyLock::new(Mutex::default);

fn text(text: &str) -> &'static str {
    let mut kept = TEXTS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(found) = kept.get(text) {
        return found;
    }
    let leaked: &'static str = Box::leak(text.to_owned().into_boxed_str());
    kept.insert(leaked);
    leaked
}

fn choices(entry: &Entry) -> &'static [Choice] {
    let wanted = entry
        .value("choices")
        .as_list()
        .iter()
        .filter_map(|row| {
            Some(Choice { key: text(row.column("key").as_text()?), label: text(row.column("label").as_text()?) })
        })
        .collect();
    once(&CHOICES, wanted)
}

/// A list that is kept once however often it is asked for.
fn once<T: PartialEq>(all: &'static Kept<[T]>, wanted: Vec<T>) -> &'static [T] {
    let mut kept = all.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(found) = kept.iter().find(|known| ***known == *wanted) {
        return found;
    }
    let leaked: &'static [T] = Box::leak(wanted.into_boxed_slice());
    kept.push(leaked);
    leaked
}

fn kept(def: FieldDef) -> &'static FieldDef {
    let mut kept = FIELDS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(found) = kept.iter().find(|k| ***k == def) {
        return found;
    }
    let leaked: &'static FieldDef = Box::leak(Box::new(def));
    kept.push(leaked);
    leaked
}
