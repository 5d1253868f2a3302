//! Customers' own fields in lists. The JSON of a record says what they hold; beside it the database keeps a row per value
//! (`custom_value`), by whose indexes lists are ordered and rare values are found.
//!
//! A list of the newest records with a common value is read from the newest on, and there the index would cost more
//! than it saves: 180 ms for a value that a fifth of a million records have, against 0.1 ms. A rare value is the other
//! way round: 500 ms against 0.02 ms. So the index is asked first, and no further than [`RARE`].

use crate::sql::Sql;
use crate::table::{Column, ColumnType};
use crate::{Conn, Dialect, Filter, Op, Result, Value};
use std::collections::BTreeSet;

/// A test that no more records meet is looked up.
const RARE: usize = 1_000;
/// Characters of a text that the rows keep.
const KEPT: usize = 200;

/// Lets the database keep the rows of a record that was inserted with custom values, or of all. `SQLite` keeps them when
/// the column is written anew: a trigger on `INSERT` would make every record dearer, also those without such values.
pub(crate) fn keep(conn: &mut Conn, record: Option<i64>) -> Result<()> {
    if conn.dialect() == Dialect::Postgres {
        return Ok(());
    }
    let mut sql = Sql::new(conn.dialect(), "UPDATE record SET custom = custom WHERE custom IS NOT NULL");
    if let Some(id) = record {
        sql.push(" AND id = ").bind(id);
    }
    conn.run_later(&sql.text, &sql.values)
}

/// The filter, with the only records that can meet it where they are few.
pub(crate) fn narrowed(conn: &mut Conn, process: &str, filter: &Filter) -> Result<Option<Filter>> {
    if !filter.uses_custom() {
        return Ok(None);
    }
    let Some(ids) = candidates(conn, process, filter)? else { return Ok(None) };
    let these = Filter::In(Column::Record("id"), ids.into_iter().map(Value::Int).collect());
    Ok(Some(Filter::And(vec![these, filter.clone()])))
}

/// The records among which all are that meet the filter; none where they may be many.
fn candidates(conn: &mut Conn, process: &str, filter: &Filter) -> Result<Option<BTreeSet<i64>>> {
    match filter {
        Filter::And(parts) => {
            let mut few: Option<BTreeSet<i64>> = None;
            for part in ranges(parts).iter().map(Part::Range).chain(parts.iter().map(Part::Whole)) {
                let found = match part {
                    Part::Range(tests) => looked_up(conn, process, tests)?,
                    Part::Whole(part) => candidates(conn, process, part)?,
                };
                few = match (few, found) {
                    (Some(few), Some(found)) => Some(&few & &found),
                    (few, found) => few.or(found),
                };
            }
            Ok(few)
        }
        Filter::Or(parts) => {
            let mut all = BTreeSet::new();
            for part in parts {
                let Some(found) = candidates(conn, process, part)? else { return Ok(None) };
                all.extend(found);
            }
            Ok((all.len() <= RARE).then_some(all))
        }
        one => match Test::of(one) {
            Some(test) => looked_up(conn, process, &[test]),
            None => Ok(None),
        },
    }
}

enum Part<'a> {
    Range(&'a Vec<Test<'a>>),
    Whole(&'a Filter),
}

/// The tests of one field that only together are rare: from one day until another.
fn ranges(parts: &[Filter]) -> Vec<Vec<Test<'_>>> {
    let mut ranges: Vec<Vec<Test<'_>>> = Vec::new();
    for test in parts.iter().filter_map(Test::of).filter(|test| matches!(test.what, What::Is(..))) {
        match ranges.iter_mut().find(|range| range[0].key == test.key) {
            Some(range) => range.push(test),
            None => ranges.push(vec![test]),
        }
    }
    ranges.retain(|range| range.len() > 1);
    ranges
}

/// What the kept rows can say of one field.
struct Test<'a> {
    key: &'static str,
    kind: ColumnType,
    what: What<'a>,
}

enum What<'a> {
    Is(Op, &'a Value),
    In(&'a [Value]),
    /// An item of a list.
    Item(&'a [Value]),
}

impl<'a> Test<'a> {
    fn of(filter: &'a Filter) -> Option<Self> {
        match filter {
            // Of a long text only the beginning is kept, which tells equal ones and not the greater.
            Filter::Is(Column::Custom(_, ColumnType::Text), op, _) if *op != Op::Eq => None,
            Filter::Is(_, Op::Ne, _) | Filter::Is(_, _, Value::Null) => None,
            Filter::Is(Column::Custom(key, kind), op, value) => {
                Some(Self { key, kind: *kind, what: What::Is(*op, value) })
            }
            Filter::In(Column::Custom(key, kind), values) => Some(Self { key, kind: *kind, what: What::In(values) }),
            Filter::HasAny(Column::Custom(key, kind), values) => {
                Some(Self { key, kind: *kind, what: What::Item(values) })
            }
            _ => None,
        }
    }

    fn write(&self, sql: &mut Sql) {
        let column = column(self.kind);
        match &self.what {
            What::Is(op, value) => {
                sql.push(&format!(" AND {column}{}", op.sql())).bind(kept(value));
            }
            What::In(values) => one_of(sql, column, values.iter().map(kept)),
            What::Item(values) => {
                let as_text =
                    |value: &Value| kept(&value.as_int().map_or_else(|| value.clone(), |n| n.to_string().into()));
                one_of(sql, "kept.text", values.iter().map(as_text));
            }
        }
    }
}

fn one_of(sql: &mut Sql, column: &str, values: impl Iterator<Item = Value>) {
    sql.push(&format!(" AND {column} IN "));
    sql.joined(", ", "NULL", values, |sql, value| {
        sql.bind(value);
    });
}

/// Adds that a record of a process holds a value in a field, found by index.
pub(crate) fn holds(sql: &mut Sql, process: &'static str, field: &str, kind: ColumnType, value: &Value) {
    sql.push(" AND record.id IN (SELECT kept.record FROM custom_value AS kept WHERE kept.process = ").bind(process);
    sql.push(" AND kept.field = ").bind(field).push(&format!(" AND {} = ", column(kind))).bind(kept(value));
    sql.push(")");
}

/// The column of `custom_value` in which a field of a kind is kept.
pub(crate) fn column(kind: ColumnType) -> &'static str {
    if kind == ColumnType::Text { "kept.text" } else { "kept.number" }
}

/// A value as the rows keep it.
fn kept(value: &Value) -> Value {
    match value {
        Value::Bool(truth) => i64::from(*truth).into(),
        Value::Text(text) => text.chars().take(KEPT).collect::<String>().into(),
        other => other.clone(),
    }
}

fn looked_up(conn: &mut Conn, process: &str, tests: &[Test<'_>]) -> Result<Option<BTreeSet<i64>>> {
    let Some(first) = tests.first() else { return Ok(None) };
    let mut sql = Sql::new(conn.dialect(), "SELECT kept.record FROM custom_value AS kept WHERE kept.process = ");
    sql.bind(process).push(" AND kept.field = ").bind(first.key);
    let indexed = if matches!(first.what, What::Item(_)) { "kept.text" } else { column(first.kind) };
    sql.push(&format!(" AND {indexed} IS NOT NULL"));
    for test in tests {
        test.write(&mut sql);
    }
    sql.push(" LIMIT ").bind(i64::try_from(RARE + 1).unwrap_or(i64::MAX));
    let found: Vec<i64> = conn.fetch(&sql.text, &sql.values)?;
    Ok((found.len() <= RARE).then(|| found.into_iter().collect()))
}

#[cfg(test)]
mod tests {
    use crate::testing::sqlite;

    #[tokio::test]
    async fn a_new_record_meets_no_trigger() {
        let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND sql LIKE '%INSERT ON record%'";
        let met: i64 = sqlite().read(move |c| c.one(sql, &[])).await.unwrap();
        assert_eq!(met, 0, "it would make every record a fifth dearer");
    }
}
