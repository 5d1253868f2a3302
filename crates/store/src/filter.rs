//! Conditions over records, as data. No text of a client ever becomes SQL: columns are named by the program.

use crate::sql::Sql;
use crate::table::{Column, ColumnType, Table, quoted};
use crate::{Error, Result, Value};

/// Ids that a list may have to be written one by one: each length makes a statement of its own.
const SHORT: usize = 8;

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Equal; with `Null`: empty.
    Eq,
    /// Not equal; an empty column is not equal to any value.
    Ne,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
}

impl Op {
    pub(crate) fn sql(self) -> &'static str {
        match self {
            Self::Eq => " = ",
            Self::Ne => " IS DISTINCT FROM ",
            Self::Lt => " < ",
            Self::Le => " <= ",
            Self::Gt => " > ",
            Self::Ge => " >= ",
        }
    }
}

/// A condition that a record meets or does not; an empty column makes a comparison false, never unknown.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Every record.
    Always,
    /// No record.
    Never,
    /// All of these; true when there are none.
    And(Vec<Filter>),
    /// Any of these; false when there are none.
    Or(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// Open or paused. It is a condition of its own because the indexes of work queues are made for it.
    Working,
    /// Done and not yet closed; a condition of its own for the same reason.
    Done,
    /// Not archived; a condition of its own for the same reason.
    Current,
    /// A column compared with a value.
    Is(Column, Op, Value),
    /// A column that has one of these values.
    In(Column, Vec<Value>),
    /// A column without a value.
    Empty(Column),
    /// A text column that contains this text, whatever the case of its letters.
    Contains(Column, String),
    /// A text column that begins with this text, whatever the case of its letters.
    StartsWith(Column, String),
    /// A text column that holds a JSON list with at least one of these values.
    HasAny(Column, Vec<Value>),
    /// Has a link of this relation from it, to this record or to any.
    LinkedTo(String, Option<i64>),
    /// Has a link of this relation to it, from this record or from any.
    LinkedFrom(String, Option<i64>),
    /// Has this entry as a party, in this role or in any.
    Party(i64, Option<String>),
    /// Those of these records that meet this: they are few, and found by their ids whatever else is asked of them.
    Few(Vec<i64>, Box<Filter>),
}

impl Filter {
    /// `column = value`.
    #[must_use]
    pub fn is(column: Column, value: impl Into<Value>) -> Self {
        Self::Is(column, Op::Eq, value.into())
    }

    /// Whether it asks for a customer's own field.
    pub(crate) fn uses_custom(&self) -> bool {
        match self {
            Self::And(all) | Self::Or(all) => all.iter().any(Self::uses_custom),
            Self::Not(one) | Self::Few(_, one) => one.uses_custom(),
            Self::Is(Column::Custom(..), ..)
            | Self::In(Column::Custom(..), _)
            | Self::HasAny(Column::Custom(..), _)
            | Self::Empty(Column::Custom(..))
            | Self::Contains(Column::Custom(..), _)
            | Self::StartsWith(Column::Custom(..), _) => true,
            _ => false,
        }
    }

    /// Whether it asks for nothing but what is open or paused.
    pub(crate) fn is_about_open(&self) -> bool {
        match self {
            Self::Working => true,
            Self::And(all) => all.iter().any(Self::is_about_open),
            _ => false,
        }
    }

    /// Whether it asks for nothing but what is open, paused or done, of which nothing is archived.
    #[must_use]
    pub fn is_about_work(&self) -> bool {
        match self {
            Self::Working | Self::Done => true,
            Self::And(all) => all.iter().any(Self::is_about_work),
            Self::Or(any) => !any.is_empty() && any.iter().all(Self::is_about_work),
            _ => false,
        }
    }

    pub(crate) fn uses_narrow(&self) -> bool {
        match self {
            Self::And(all) | Self::Or(all) => all.iter().any(Self::uses_narrow),
            Self::Not(one) | Self::Few(_, one) => one.uses_narrow(),
            Self::Is(column, ..)
            | Self::In(column, _)
            | Self::HasAny(column, _)
            | Self::Empty(column)
            | Self::Contains(column, _)
            | Self::StartsWith(column, _) => column.is_narrow(),
            _ => false,
        }
    }

    /// Writes the condition.
    pub(crate) fn write(&self, sql: &mut Sql, table: Option<&Table>) -> Result<()> {
        match self {
            Self::Always => sql.push("TRUE"),
            Self::Never => sql.push("FALSE"),
            Self::And(all) => return write_all(sql, table, all, " AND ", "TRUE"),
            Self::Or(any) => return write_all(sql, table, any, " OR ", "FALSE"),
            Self::Not(one) => {
                sql.push("NOT COALESCE(");
                one.write(sql, table)?;
                sql.push(", FALSE)")
            }
            Self::Few(ids, one) => {
                sql.is_one_of("record.id", ids).push(" AND ((");
                one.write(sql, table)?;
                // As a whole it is nothing that an index could be asked for.
                sql.push(") IS TRUE)")
            }
            Self::Working => sql.push("record.phase < 2"),
            Self::Done => sql.push("record.phase = 2"),
            Self::Current => sql.push("record.archived IS NULL"),
            Self::Is(column, op, value) => return compare(sql, table, *column, *op, value),
            Self::In(column, values) => return one_of(sql, table, *column, values),
            Self::Empty(column) => sql.push(&column.written(sql.dialect, table)?.sql).push(" IS NULL"),
            Self::Contains(column, text) => matches(sql, table, *column, &format!("%{}%", escaped(text)))?,
            Self::StartsWith(column, text) => matches(sql, table, *column, &format!("{}%", escaped(text)))?,
            Self::HasAny(Column::Custom(key, _), values) => has_any(sql, "record.custom", Some(&quoted(key)?), values),
            Self::HasAny(column, values) => has_any(sql, &column.written(sql.dialect, table)?.sql, None, values),
            Self::LinkedTo(relation, to) => linked(sql, "from_record", "to_record", relation, *to),
            Self::LinkedFrom(relation, from) => linked(sql, "to_record", "from_record", relation, *from),
            Self::Party(entry, role) => party(sql, *entry, role.as_deref()),
        };
        Ok(())
    }
}

fn write_all(sql: &mut Sql, table: Option<&Table>, parts: &[Filter], word: &str, nothing: &str) -> Result<()> {
    let mut failed = None;
    sql.joined(word, nothing, parts, |sql, part| {
        if let Err(error) = part.write(sql, table) {
            failed = Some(error);
        }
    });
    failed.map_or(Ok(()), Err)
}

fn compare(sql: &mut Sql, table: Option<&Table>, column: Column, op: Op, value: &Value) -> Result<()> {
    let written = column.written(sql.dialect, table)?;
    if !written.kind.fits(value) {
        return Err(Error::Query(format!("{column:?} cannot be compared with {value:?}")));
    }
    sql.push(&written.sql);
    match (op, value) {
        (Op::Eq, Value::Null) => sql.push(" IS NULL"),
        (Op::Ne, Value::Null) => sql.push(" IS NOT NULL"),
        _ => sql.push(op.sql()).bind(value.clone()),
    };
    Ok(())
}

fn one_of(sql: &mut Sql, table: Option<&Table>, column: Column, values: &[Value]) -> Result<()> {
    let written = column.written(sql.dialect, table)?;
    if written.kind == ColumnType::Int {
        let ids: Vec<i64> = values.iter().filter_map(Value::as_int).collect();
        // A list of unknown length looks less selective to the planner than a short one is.
        match ids[..] {
            [] => {
                sql.push("FALSE");
            }
            [id] => {
                sql.push(&written.sql).push(" = ").bind(id);
            }
            _ if ids.len() <= SHORT => {
                sql.push(&written.sql).push(" IN ");
                sql.joined(", ", "NULL", ids, |sql, id| {
                    sql.bind(id);
                });
            }
            _ => {
                sql.is_one_of(&written.sql, &ids);
            }
        }
        return Ok(());
    }
    if !values.iter().all(|value| written.kind.fits(value)) {
        return Err(Error::Query(format!("{column:?} cannot be compared with {values:?}")));
    }
    sql.push(&written.sql).push(" IN ");
    sql.joined(", ", "NULL", values, |sql, value| {
        sql.bind(value.clone());
    });
    Ok(())
}

/// Escapes what LIKE would take for a wildcard.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if ['%', '_', '\\'].contains(&c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

fn matches<'a>(sql: &'a mut Sql, table: Option<&Table>, column: Column, pattern: &str) -> Result<&'a mut Sql> {
    let column = column.written(sql.dialect, table)?.sql;
    let place = sql.placeholder(pattern);
    let condition = sql.dialect.like(&column, &place);
    Ok(sql.push(&condition))
}

fn has_any<'a>(sql: &'a mut Sql, column: &str, key: Option<&str>, values: &[Value]) -> &'a mut Sql {
    // JSON lists are compared by the text of their elements, so that 7 and "7" need no schema.
    let places: Vec<String> = values
        .iter()
        .map(|value| match value {
            Value::Int(n) => sql.placeholder(n.to_string()),
            other => sql.placeholder(other.clone()),
        })
        .collect();
    let places = if places.is_empty() { "(NULL)".to_owned() } else { format!("({})", places.join(", ")) };
    let condition = sql.dialect.list_has_any(column, key, &places);
    sql.push(&condition)
}

fn linked<'a>(sql: &'a mut Sql, own: &str, other: &str, relation: &str, to: Option<i64>) -> &'a mut Sql {
    // Few records are linked with one, so those are found by index; whether there is any link is asked of each.
    let Some(to) = to else {
        sql.push(&format!("EXISTS (SELECT 1 FROM link WHERE link.{own} = record.id AND link.relation = "));
        return sql.bind(relation).push(")");
    };
    sql.push(&format!("record.id IN (SELECT link.{own} FROM link WHERE link.{other} = ")).bind(to);
    sql.push(" AND link.relation = ").bind(relation).push(")")
}

fn party<'a>(sql: &'a mut Sql, entry: i64, role: Option<&str>) -> &'a mut Sql {
    sql.push("EXISTS (SELECT 1 FROM party WHERE party.record = record.id AND party.entry = ").bind(entry);
    if let Some(role) = role {
        sql.push(" AND party.role = ").bind(role);
    }
    sql.push(")")
}
