//! How a process says what its narrow table holds.

use crate::{Dialect, Error, Result, Value};

/// What a column holds; JSON is text here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// Text.
    Text,
    /// A number, an id or an instant in epoch milliseconds UTC.
    Int,
    /// True or false.
    Bool,
}

impl ColumnType {
    /// Truth values come out of `SQLite` as numbers.
    pub(crate) fn tidy(self, value: Value) -> Value {
        match (self, value) {
            (Self::Bool, Value::Int(n)) => Value::Bool(n != 0),
            (_, value) => value,
        }
    }

    pub(crate) fn fits(self, value: &Value) -> bool {
        matches!(
            (self, value),
            (_, Value::Null) | (Self::Text, Value::Text(_)) | (Self::Int, Value::Int(_)) | (Self::Bool, Value::Bool(_))
        )
    }
}

/// The narrow table of a process: one row per record, its key the column `record`.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// The process whose records have a row here.
    pub process: &'static str,
    /// The table.
    pub name: &'static str,
    /// Its columns besides `record`, all of which may be empty.
    pub columns: &'static [(&'static str, ColumnType)],
}

impl Table {
    pub(crate) fn kind(&self, column: &str) -> Result<ColumnType> {
        kind_in(self.columns, column)
            .ok_or_else(|| Error::Query(format!("the table {} has no column {column}", self.name)))
    }
}

/// The columns of `record`, in the order [`crate::Spine`] reads them; the flag says whether one may be empty.
pub const SPINE: &[(&str, ColumnType, bool)] = &[
    ("id", ColumnType::Int, false),
    ("process", ColumnType::Text, false),
    ("number", ColumnType::Text, false),
    ("title", ColumnType::Text, false),
    ("state", ColumnType::Text, false),
    ("phase", ColumnType::Int, false),
    ("requester", ColumnType::Int, true),
    ("organisation", ColumnType::Int, true),
    ("team", ColumnType::Int, true),
    ("assignee", ColumnType::Int, true),
    ("service", ColumnType::Int, true),
    ("priority", ColumnType::Int, true),
    ("restricted", ColumnType::Bool, false),
    ("opened", ColumnType::Int, false),
    ("updated", ColumnType::Int, false),
    ("due", ColumnType::Int, true),
    ("resolved", ColumnType::Int, true),
    ("closed", ColumnType::Int, true),
    ("version", ColumnType::Int, false),
    ("origin", ColumnType::Text, true),
    ("external_key", ColumnType::Text, true),
    ("custom", ColumnType::Text, true),
    ("archived", ColumnType::Int, true),
    ("removed", ColumnType::Int, true),
];

fn kind_in(columns: &[(&str, ColumnType)], name: &str) -> Option<ColumnType> {
    columns.iter().find(|(column, _)| *column == name).map(|(_, kind)| *kind)
}

/// A column that a filter or a sort may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// A column of `record`, for every process.
    Record(&'static str),
    /// A column of the narrow table.
    Narrow(&'static str),
    /// The name of the entry that a column of `record` points to.
    RecordName(&'static str),
    /// The name of the entry that a column of the narrow table points to.
    NarrowName(&'static str),
    /// A customer's own field, in the JSON of `record`: its key and what it holds (of a list: text).
    Custom(&'static str, ColumnType),
}

/// A column as SQL, with what a comparison has to know.
pub(crate) struct Written {
    pub(crate) sql: String,
    pub(crate) kind: ColumnType,
    pub(crate) nullable: bool,
}

impl Column {
    /// Its SQL, checked against what the tables have.
    pub(crate) fn written(self, dialect: Dialect, table: Option<&Table>) -> Result<Written> {
        match self {
            Self::Record(name) => {
                let known = SPINE.iter().find(|(column, ..)| *column == name);
                let (_, kind, nullable) =
                    known.ok_or_else(|| Error::Query(format!("a record has no column {name}")))?;
                Ok(Written { sql: format!("record.{name}"), kind: *kind, nullable: *nullable })
            }
            Self::Narrow(name) => {
                let table = table.ok_or_else(|| Error::Query(format!("{name} needs a process")))?;
                Ok(Written { sql: format!("narrow.{name}"), kind: table.kind(name)?, nullable: true })
            }
            Self::RecordName(name) => Ok(named(&Self::Record(name).written(dialect, table)?)),
            Self::NarrowName(name) => Ok(named(&Self::Narrow(name).written(dialect, table)?)),
            Self::Custom(key, kind) => {
                let key = quoted(key)?;
                let sql = match kind {
                    ColumnType::Text => dialect.json_text("record.custom", &key),
                    ColumnType::Int => dialect.json_number("record.custom", &key),
                    ColumnType::Bool => dialect.json_truth("record.custom", &key),
                };
                Ok(Written { sql, kind, nullable: true })
            }
        }
    }

    pub(crate) fn is_narrow(self) -> bool {
        matches!(self, Self::Narrow(_) | Self::NarrowName(_))
    }
}

fn named(id: &Written) -> Written {
    let sql = format!("(SELECT named.name FROM entry AS named WHERE named.id = {})", id.sql);
    Written { sql, kind: ColumnType::Text, nullable: true }
}

/// The key of a customer's own field as it may stand in SQL: the rules for such keys allow nothing else.
pub(crate) fn quoted(key: &str) -> Result<String> {
    if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_') {
        return Err(Error::Query(format!("{key:?} is no key of a field")));
    }
    Ok(format!("'{key}'"))
}
