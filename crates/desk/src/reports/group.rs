//! What rows of a report stand for: everything, months, the values of a field.

use super::period::Period;
use super::standing::{Standing, has_past};
use crate::caller::Caller;
use crate::config::Config;
use crate::desk::Session;
use crate::error::Result;
use crate::records;
use mainstay_engine::field::{Audience, FieldDef, Kind};
use mainstay_engine::process::{Phase, Process, Relation};
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::value::{Value, day_to_date};
use mainstay_store::{entries, reports};
use std::collections::{BTreeMap, HashMap};

/// What the rows of a report stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// All in one row.
    Whole,
    /// The month in which it happened.
    Month,
    /// The value of a field, as it stood at the end of the period.
    Field(&'static FieldDef),
    /// The records that one is linked with by a relation, as the links stood at the end of the period.
    Relation(&'static Relation),
}

/// The name of grouping by month.
const MONTH: &str = "month";

impl By {
    /// Reads the name of a grouping: `month`, a field's key, or `none`.
    ///
    /// # Errors
    /// No such field for the caller, or one that records cannot be grouped by.
    pub fn read(session: &Session<'_>, caller: &Caller, process: &'static Process, name: &str) -> Result<Self> {
        match name {
            "none" => return Ok(Self::Whole),
            MONTH => return Ok(Self::Month),
            _ => {}
        }
        if let Some(relation) = session.config.relation(process, name) {
            return Ok(Self::Relation(relation));
        }
        let field = records::readable(session, caller, process, name, "group_by")?;
        has_past(field)?;
        if groups(field) {
            return Ok(Self::Field(field));
        }
        let error =
            FieldError::new("group_by", "not_groupable", format!("Reports cannot be grouped by {}.", field.label));
        Err(Refusal { errors: vec![error.clone()], ..Refusal::invalid("not_groupable", error.detail) }.into())
    }

    /// The field that it needs of each record.
    #[must_use]
    pub fn field(self) -> Option<&'static FieldDef> {
        if let Self::Field(field) = self { Some(field) } else { None }
    }

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Whole => "",
            Self::Month => MONTH,
            Self::Field(field) => field.key,
            Self::Relation(relation) => relation.key,
        }
    }

    /// What it needs of each record under [`Self::key`]; none where it needs nothing.
    #[must_use]
    pub fn needs(self) -> Option<&'static str> {
        matches!(self, Self::Field(_) | Self::Relation(_)).then(|| self.key())
    }

    /// The relation whose links it needs of each record.
    #[must_use]
    pub fn relation(self) -> Option<&'static str> {
        if let Self::Relation(relation) = self { Some(relation.key) } else { None }
    }

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Whole => "All",
            Self::Month => "Month",
            Self::Field(field) => field.label,
            Self::Relation(relation) => noun_of(relation).unwrap_or("Linked record"),
        }
    }

    /// The groups that a record belongs to by something that happened at an instant.
    #[must_use]
    pub fn of(self, standing: &Standing, at: i64, period: &Period) -> Vec<Value> {
        match self {
            Self::Whole => vec![Value::Null],
            Self::Month => vec![Value::Text(period.month_of(at))],
            Self::Field(_) | Self::Relation(_) => groups_of(standing.value(self.key())),
        }
    }

    /// What people call these groups.
    ///
    /// # Errors
    /// The database's.
    pub fn labels<'a>(
        self,
        session: &mut Session<'_>,
        caller: &Caller,
        process: &'static Process,
        groups: impl Iterator<Item = &'a Value>,
    ) -> Result<BTreeMap<Value, String>> {
        let values: Vec<&Value> = groups.collect();
        if self.relation().is_some() {
            let titles = Linked::among(session, caller, values.iter().copied())?.titles;
            let label = |value: &Value| match value.as_text() {
                Some(number) => {
                    titles.get(number).map_or_else(|| number.to_owned(), |title| format!("{number} {title}"))
                }
                None => NOTHING_SEEN.to_owned(),
            };
            return Ok(values.into_iter().map(|value| (value.clone(), label(value))).collect());
        }
        let ids: Vec<i64> = match self {
            Self::Field(FieldDef { kind: Kind::Ref(_) | Kind::Refs(_), .. }) => {
                values.iter().filter_map(|v| v.as_int()).collect()
            }
            _ => Vec::new(),
        };
        let names: HashMap<i64, String> =
            entries::names(session.conn, &ids)?.into_iter().map(|(id, _, name)| (id, name)).collect();
        Ok(values
            .into_iter()
            .map(|value| (value.clone(), self.label_of(session.config, process, value, &names)))
            .collect())
    }

    fn label_of(
        self,
        config: &Config,
        process: &'static Process,
        value: &Value,
        names: &HashMap<i64, String>,
    ) -> String {
        let Self::Field(field) = self else {
            return value.as_text().unwrap_or("All").to_owned();
        };
        match (field.kind, value) {
            (Kind::Bool, value) => if value.as_bool().unwrap_or_default() { "Yes" } else { "No" }.to_owned(),
            (_, Value::Null) => "None".to_owned(),
            (Kind::Ref("categories"), Value::Int(id)) => config.category_path(*id),
            (Kind::Ref(_) | Kind::Refs(_), Value::Int(id)) => names.get(id).cloned().unwrap_or_default(),
            (Kind::Choice(choices) | Kind::MultiChoice(choices), Value::Text(key)) => {
                choices.iter().find(|c| c.key == key).map_or(key.as_str(), |c| c.label).to_owned()
            }
            (Kind::Date, Value::Int(day)) => day_to_date(*day).map(|d| d.to_string()).unwrap_or_default(),
            (_, Value::Text(key)) if field.key == "state" => {
                process.state(key).map_or(key.as_str(), |s| s.label).to_owned()
            }
            (_, Value::Int(number)) if field.key == "phase" => {
                Phase::ALL.into_iter().find(|p| p.number() == *number).map_or("", Phase::key).to_owned()
            }
            (_, value) => key_of(value),
        }
    }
}

/// What people call the records that a relation is there for; none where it is for any.
fn noun_of(relation: &Relation) -> Option<&'static str> {
    let to = relation.to.filter(|to| relation.meant_for.contains(to))?;
    mainstay_processes::process(to).map(|process| process.label)
}

/// What stands for records that are linked with nothing that the reader sees: to them it is as if there were no link, as
/// everywhere.
const NOTHING_SEEN: &str = "None that you see";
/// Records that are looked up at a time.
const BATCH: usize = 1_000;

/// The records at the other ends of links that a reader sees, by number, with their titles of today.
pub struct Linked {
    titles: HashMap<String, String>,
}

impl Linked {
    /// Asks which of the records that these values name the reader sees.
    ///
    /// # Errors
    /// The database's.
    pub fn among<'a>(
        session: &mut Session<'_>,
        caller: &Caller,
        values: impl Iterator<Item = &'a Value>,
    ) -> Result<Self> {
        let mut numbers: Vec<&str> = Vec::new();
        for value in values {
            match value {
                Value::List(items) => numbers.extend(items.iter().filter_map(Value::as_text)),
                value => numbers.extend(value.as_text()),
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        let mut titles = HashMap::with_capacity(numbers.len());
        for some in numbers.chunks(BATCH) {
            titles.extend(reports::titles(session.conn, &caller.scope, some)?);
        }
        Ok(Self { titles })
    }

    /// The groups of a record that is linked with these others: those that the reader sees.
    #[must_use]
    pub fn groups(&self, others: Vec<Value>) -> Vec<Value> {
        let seen = |other: &Value| other.as_text().is_some_and(|number| self.titles.contains_key(number));
        let seen: Vec<Value> = others.into_iter().filter(seen).collect();
        if seen.is_empty() { vec![Value::Null] } else { seen }
    }
}

/// The groups that the value of a field stands for.
#[must_use]
pub fn groups_of(value: Value) -> Vec<Value> {
    match value {
        Value::List(items) if !items.is_empty() => items,
        Value::List(_) => vec![Value::Null],
        value => vec![value],
    }
}

/// A group as the text that names it in addresses; empty for records without a value.
#[must_use]
pub fn key_of(value: &Value) -> String {
    match value {
        Value::Null | Value::List(_) | Value::Row(_) => String::new(),
        Value::Bool(b) => b.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Text(text) => text.clone(),
    }
}

/// Whether rows can stand for the values of a field.
#[must_use]
pub fn groups(field: &FieldDef) -> bool {
    !matches!(field.kind, Kind::Markdown | Kind::Instant | Kind::Duration | Kind::Table(_) | Kind::Link(_))
        && !["number", "title"].contains(&field.key)
}

/// The groupings that a caller may choose for the records of a process: name and label.
#[must_use]
pub fn choices(session: &Session<'_>, caller: &Caller, process: &'static Process) -> Vec<(&'static str, &'static str)> {
    let open = |f: &&FieldDef| f.audience == Audience::Everyone || caller.is_engine() || caller.rights.is_any_staff();
    let fields = session.config.fields(process).filter(|f| groups(f)).filter(open);
    let fields = fields.map(|f| (f.key, f.label));
    let relations = session.config.relations(process).map(|r| (r.key, noun_of(r).unwrap_or(r.label)));
    [("none", "All in one"), (MONTH, "Month")].into_iter().chain(fields).chain(relations).collect()
}
