//! Lists, counts and facets of records: always scoped, always paged by key.

use crate::custom;
use crate::record::Spine;
use crate::reports::tidied;
use crate::sql::Sql;
use crate::table::{Column, ColumnType, SPINE, Table, Written};
use crate::{Columns, Conn, Dialect, Error, Filter, Result, Row, Scope, Value};
use std::sync::LazyLock;

/// The order of a list; records of equal value are ordered by id, and those without a value come last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// What it is ordered by.
    pub column: Column,
    /// Greatest first.
    pub descending: bool,
}

/// Where a page ended, and thus where the next one begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    value: Value,
    id: i64,
}

impl Cursor {
    /// The place behind a record in an order of numbers.
    #[must_use]
    pub fn behind(number: i64, id: i64) -> Self {
        Self { value: number.into(), id }
    }

    /// The number and the id of the record that it stands behind, where it is a place in an order of numbers.
    #[must_use]
    pub fn number(&self) -> Option<(i64, i64)> {
        Some((self.value.as_int()?, self.id))
    }

    /// Whether a record with this number in the column of a descending order comes after the place.
    #[must_use]
    pub fn is_before(&self, number: i64, id: i64) -> bool {
        self.value.as_int().is_some_and(|value| (number, id) < (value, self.id))
    }
}

/// Which records somebody asks for.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Who asks.
    pub scope: &'a Scope,
    /// The process, when it is about one only.
    pub table: Option<&'a Table>,
    /// Which of the visible records.
    pub filter: &'a Filter,
}

/// A record in a list, with the narrow columns that were asked for, in that order.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// What every process has.
    pub spine: Spine,
    /// The narrow columns.
    pub narrow: Vec<Value>,
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Its records, in order.
    pub rows: Vec<Listed>,
    /// Where the next page begins; none when this is the last.
    pub next: Option<Cursor>,
}

impl Question<'_> {
    /// One page of at most `limit` records, with these narrow columns.
    ///
    /// # Errors
    /// [`Error::Cursor`] when `after` belongs to another order; [`Error::Query`] for a column no table has.
    pub fn list(
        &self,
        conn: &mut Conn,
        narrow: &[&'static str],
        sort: Sort,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page> {
        let key = Key::of(sort.column, conn.dialect(), self.table)?;
        if after.is_some_and(|cursor| !key.kind.fits(&cursor.value)) {
            return Err(Error::Cursor);
        }
        let narrowed = self.narrowed(conn)?;
        let question = self.with(narrowed.as_ref());
        // One more than the page tells whether another page follows.
        let mut rows: Vec<Keyed> = Vec::new();
        let past_values = after.is_some_and(|cursor| cursor.value.is_null());
        if !past_values {
            let part = question.part(conn, narrow, sort, Part::Valued(after), limit + 1)?;
            rows = part.fetch(conn)?;
        }
        if key.nullable && rows.len() <= limit {
            let after = after.filter(|_| past_values);
            let part = question.part(conn, narrow, sort, Part::Empty(after), limit + 1 - rows.len())?;
            rows.extend(part.fetch(conn)?);
        }
        self.page(rows, narrow, key.kind, limit)
    }

    /// The filter with the few records that can meet it, where an index of customers' own fields tells them.
    pub(crate) fn narrowed(&self, conn: &mut Conn) -> Result<Option<Filter>> {
        match self.table {
            Some(table) => custom::narrowed(conn, table.process, self.filter),
            None => Ok(None),
        }
    }

    /// The same question with another filter, where there is one.
    pub(crate) fn with<'a>(&'a self, filter: Option<&'a Filter>) -> Question<'a> {
        Question { filter: filter.unwrap_or(self.filter), ..*self }
    }

    /// How many there are, counted no further than `cap`.
    ///
    /// # Errors
    /// [`Error::Query`] for a column no table has.
    pub fn count(&self, conn: &mut Conn, cap: i64) -> Result<i64> {
        let narrowed = self.narrowed(conn)?;
        let sql = self.with(narrowed.as_ref()).counting(conn.dialect(), cap)?;
        conn.one(&sql.text, &sql.values)
    }

    /// Says that [`Question::count`] will be asked.
    ///
    /// # Errors
    /// [`Error::Query`] for a column no table has.
    pub fn foresee_count(&self, conn: &mut Conn, cap: i64) -> Result<()> {
        // How it will be counted is known only when the index has been asked.
        if self.filter.uses_custom() {
            return Ok(());
        }
        let sql = self.counting(conn.dialect(), cap)?;
        conn.foresee(|| (sql.text, sql.values));
        Ok(())
    }

    fn counting(&self, dialect: Dialect, cap: i64) -> Result<Sql> {
        let mut sql = Sql::new(dialect, "SELECT count(*) FROM (SELECT 1 AS one");
        self.tables_and_conditions(&mut sql, false, None)?;
        sql.push(" LIMIT ").bind(cap).push(") AS counted");
        Ok(sql)
    }

    /// The values of a column and how often each occurs, most frequent first, among the first `cap` records.
    ///
    /// # Errors
    /// [`Error::Query`] for a column no table has.
    pub fn facet(&self, conn: &mut Conn, column: Column, cap: i64) -> Result<Vec<(Value, i64)>> {
        let written = column.written(conn.dialect(), self.table)?;
        let narrowed = self.narrowed(conn)?;
        let mut sql = Sql::new(conn.dialect(), "SELECT value, count(*) AS times FROM (SELECT ");
        sql.push(&written.sql).push(" AS value");
        self.with(narrowed.as_ref()).tables_and_conditions(&mut sql, column.is_narrow(), None)?;
        sql.push(" LIMIT ").bind(cap).push(") AS counted GROUP BY value ORDER BY times DESC, value");
        let counted: Vec<(Value, i64)> = conn.fetch(&sql.text, &sql.values)?;
        Ok(counted.into_iter().map(|(value, times)| (written.kind.tidy(value), times)).collect())
    }

    fn page(&self, mut rows: Vec<Keyed>, narrow: &[&'static str], kind: ColumnType, limit: usize) -> Result<Page> {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows
            .last()
            .filter(|_| more)
            .map(|last| Cursor { value: kind.tidy(last.key.clone()), id: last.listed.spine.id });
        let kinds = match self.table {
            Some(table) => narrow.iter().map(|name| table.kind(name)).collect::<Result<Vec<_>>>()?,
            None => Vec::new(),
        };
        let rows = rows.into_iter().map(|row| row.tidied(&kinds)).collect();
        Ok(Page { rows, next })
    }

    fn part(&self, conn: &Conn, narrow: &[&'static str], sort: Sort, part: Part<'_>, limit: usize) -> Result<Sql> {
        let key = Key::of(sort.column, conn.dialect(), self.table)?;
        let mut sql = Sql::new(conn.dialect(), "SELECT ");
        let shown = if matches!(part, Part::Valued(_)) { &key.sql } else { "NULL" };
        sql.push(spine_columns()).push(", ").push(shown);
        for name in narrow {
            sql.push(", ").push(&Column::Narrow(name).written(conn.dialect(), self.table)?.sql);
        }
        self.in_order(&mut sql, &key, !narrow.is_empty(), sort, part, limit)?;
        Ok(sql)
    }

    /// What follows what is selected: whence, which, in what order and how many.
    fn in_order(&self, sql: &mut Sql, key: &Key, narrow: bool, sort: Sort, part: Part<'_>, limit: usize) -> Result<()> {
        let kept = key.kept.filter(|_| matches!(part, Part::Valued(_)));
        self.tables_and_conditions(sql, sort.column.is_narrow() || narrow, kept)?;
        let (than, order) = if sort.descending { ("<", " DESC") } else { (">", "") };
        match part {
            Part::Valued(after) => {
                if key.nullable {
                    let known =
                        if self.outgrows(sort.column) { sql.dialect.without_index(&key.sql) } else { key.sql.clone() };
                    sql.push(" AND ").push(&known).push(" IS NOT NULL");
                }
                if let Some(cursor) = after {
                    sql.push(&format!(" AND ({}, {}) {than} (", key.sql, key.id));
                    sql.bind(cursor.value.clone()).push(", ").bind(cursor.id).push(")");
                }
                sql.push(&format!(" ORDER BY {}{order}, {}{order}", key.sql, key.id));
            }
            Part::Empty(after) => {
                match key.kept {
                    Some(field) => {
                        sql.push(
                            " AND NOT EXISTS (SELECT 1 FROM custom_value AS kept WHERE kept.record = record.id AND ",
                        );
                        sql.push("kept.position = 0 AND kept.field = ").bind(field);
                        sql.push(&format!(" AND {} IS NOT NULL)", key.sql));
                    }
                    None => {
                        sql.push(&format!(" AND {} IS NULL", key.sql));
                    }
                }
                if let Some(cursor) = after {
                    sql.push(&format!(" AND record.id {than} ")).bind(cursor.id);
                }
                sql.push(&format!(" ORDER BY record.id{order}"));
            }
        }
        sql.push(" LIMIT ").bind(i64::try_from(limit).unwrap_or(i64::MAX));
        Ok(())
    }

    /// The ids and these columns of the first `limit` of those that have a value to be ordered by.
    ///
    /// # Errors
    /// [`Error::Query`] for a column no table has.
    pub fn first(
        &self,
        conn: &mut Conn,
        columns: &[Column],
        sort: Sort,
        limit: usize,
    ) -> Result<Vec<(i64, Vec<Value>)>> {
        let narrowed = self.narrowed(conn)?;
        let question = self.with(narrowed.as_ref());
        let key = Key::of(sort.column, conn.dialect(), self.table)?;
        let (mut sql, kinds) = self.selecting(conn, columns)?;
        let narrow = columns.iter().any(|column| column.is_narrow());
        question.in_order(&mut sql, &key, narrow, sort, Part::Valued(None), limit)?;
        let mut found = Vec::new();
        conn.each(&sql.text, &sql.values, |row| {
            found.push(tidied(row, &kinds));
            Ok(())
        })?;
        Ok(found)
    }

    /// Whether the index of a column holds the whole history, where only what is open is asked for: putting that in
    /// order is less work than passing the rest by.
    fn outgrows(&self, column: Column) -> bool {
        let of_history = matches!(column, Column::Record("service" | "organisation"));
        of_history && self.filter.is_about_open()
    }

    /// The tables and the conditions; `kept` is the customer's own field that the list is ordered by.
    pub(crate) fn tables_and_conditions(&self, sql: &mut Sql, narrow: bool, kept: Option<&str>) -> Result<()> {
        sql.push(" FROM record");
        if let Some(table) = self.table.filter(|_| narrow || self.filter.uses_narrow()) {
            sql.push(&format!(" JOIN {} AS narrow ON narrow.record = record.id", table.name));
        }
        if let (Some(field), Some(table)) = (kept, self.table) {
            sql.push(" JOIN custom_value AS kept ON kept.record = record.id AND kept.position = 0 AND kept.process = ");
            sql.bind(table.process).push(" AND kept.field = ").bind(field);
        }
        sql.push(" WHERE ");
        if let Some(table) = self.table {
            let few = matches!(self.filter, Filter::Few(..));
            let process = if few { sql.dialect.without_index("record.process") } else { "record.process".to_owned() };
            sql.push(&process).push(" = ").bind(table.process).push(" AND ");
        }
        self.scope.visible(sql);
        sql.push(" AND ");
        self.filter.write(sql, self.table)
    }
}

/// What a list is ordered by.
struct Key {
    sql: String,
    /// The id that decides between equal ones: of the same table, so that one index has both.
    id: &'static str,
    kind: ColumnType,
    nullable: bool,
    /// The customer's own field of which it is.
    kept: Option<&'static str>,
}

impl Key {
    fn of(column: Column, dialect: Dialect, table: Option<&Table>) -> Result<Self> {
        let written = column.written(dialect, table)?;
        let Column::Custom(field, kind) = column else {
            let Written { sql, kind, nullable } = written;
            return Ok(Self { sql, id: "record.id", kind, nullable, kept: None });
        };
        if table.is_none() {
            return Err(Error::Query(format!("{field} needs a process")));
        }
        let kept_as = if kind == ColumnType::Text { kind } else { ColumnType::Int };
        let sql = custom::column(kind).to_owned();
        Ok(Self { sql, id: "kept.record", kind: kept_as, nullable: true, kept: Some(field) })
    }
}

/// A list is asked for in two parts, so that both databases agree where records without a value stand and can use
/// the same index for the others.
#[derive(Clone, Copy)]
enum Part<'a> {
    Valued(Option<&'a Cursor>),
    Empty(Option<&'a Cursor>),
}

struct Keyed {
    listed: Listed,
    key: Value,
}

impl Keyed {
    fn tidied(mut self, kinds: &[ColumnType]) -> Listed {
        for (value, kind) in self.listed.narrow.iter_mut().zip(kinds) {
            *value = kind.tidy(std::mem::replace(value, Value::Null));
        }
        self.listed
    }
}

impl Row for Keyed {
    fn read(columns: &Columns<'_>) -> Result<Self> {
        let narrow = (SPINE.len() + 1..columns.count()).map(|index| columns.get(index)).collect::<Result<_>>()?;
        Ok(Self { listed: Listed { spine: Spine::read(columns)?, narrow }, key: columns.get(SPINE.len())? })
    }
}

impl Sql {
    fn fetch<T: Row>(&self, conn: &mut Conn) -> Result<Vec<T>> {
        conn.fetch(&self.text, &self.values)
    }
}

/// The columns of `record` as [`Spine`] reads them.
pub(crate) fn spine_columns() -> &'static str {
    static COLUMNS: LazyLock<String> = LazyLock::new(|| {
        let names: Vec<_> = SPINE.iter().map(|(name, ..)| format!("record.{name}")).collect();
        names.join(", ")
    });
    &COLUMNS
}

/// A cursor as text for an address; it says nothing that the page did not.
impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.value {
            Value::Null => write!(f, "n-{}", self.id),
            Value::Bool(b) => write!(f, "b{}-{}", i64::from(*b), self.id),
            Value::Int(n) => write!(f, "i{n}-{}", self.id),
            Value::Text(text) => write!(f, "t{}-{}", crate::hex(text.as_bytes()), self.id),
        }
    }
}

impl std::str::FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (value, id) = text.rsplit_once('-').ok_or(Error::Cursor)?;
        let (kind, value) = value.split_at_checked(1).ok_or(Error::Cursor)?;
        let number = || value.parse::<i64>().map_err(|_| Error::Cursor);
        let value = match kind {
            "n" => Value::Null,
            "b" => Value::Bool(number()? == 1),
            "i" => Value::Int(number()?),
            "t" => Value::Text(unhex(value).ok_or(Error::Cursor)?),
            _ => return Err(Error::Cursor),
        };
        Ok(Self { value, id: id.parse().map_err(|_| Error::Cursor)? })
    }
}

fn unhex(text: &str) -> Option<String> {
    let bytes: Option<Vec<u8>> =
        text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    String::from_utf8(bytes?).ok()
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests of queries make scopes")]
mod tests {
    use super::*;
    use crate::testing::{both, sqlite};
    use crate::{Dialect, Op, ScopeParts, StaffGrant, Which};

    const UPDATED: Sort = Sort { column: Column::Record("updated"), descending: true };
    const INCIDENT: Table = Table { process: "incident", name: "incident", columns: &[("impact", ColumnType::Text)] };

    fn agent() -> Scope {
        let grant = StaffGrant {
            processes: Which::Only(vec!["incident".into()]),
            organisations: Which::Only(vec![7, 8]),
            internal: true,
            restricted: false,
        };
        Scope::new(ScopeParts { person: Some(3), teams: vec![5], staff: vec![grant], ..ScopeParts::default() })
    }

    #[tokio::test]
    async fn the_sql_of_both_databases_is_known() {
        let filter = Filter::And(vec![
            Filter::Working,
            Filter::Is(Column::Narrow("impact"), Op::Ne, "high".into()),
            Filter::Contains(Column::Record("title"), "50%".into()),
        ]);
        let shared = "SELECT {spine}, record.updated, narrow.impact FROM record \
            JOIN incident AS narrow ON narrow.record = record.id WHERE record.process = $1 AND \
            ((TRUE AND record.process IN ($2) AND {organisations} AND \
            (NOT record.restricted OR COALESCE(record.assignee = $4, FALSE) OR COALESCE({teams}, FALSE))) OR \
            (record.id IN (SELECT party.record FROM party WHERE {parties} \
            UNION SELECT mine.id FROM record AS mine WHERE mine.requester = $7))) AND \
            (record.phase < 2 AND narrow.impact IS DISTINCT FROM $8 AND record.title {like} $9 ESCAPE '\\') \
            AND (record.updated, record.id) < ($10, $11) ORDER BY record.updated DESC, record.id DESC LIMIT $12";
        let one_of = |dialect: Dialect, column: &str, n: u8| match dialect {
            Dialect::Sqlite => format!("{column} IN (SELECT value FROM json_each(${n}))"),
            Dialect::Postgres => format!("{column} = ANY (CAST(CAST(${n} AS TEXT) AS BIGINT[]))"),
        };
        for db in both() {
            let filter = filter.clone();
            let (dialect, text, values) = db
                .read(move |conn| {
                    let question = Question { scope: &agent(), table: Some(&INCIDENT), filter: &filter };
                    let after = Cursor { value: Value::Int(9), id: 4 };
                    let sql = question.part(conn, &["impact"], UPDATED, Part::Valued(Some(&after)), 51)?;
                    Ok::<_, Error>((sql.dialect, sql.text, sql.values.len()))
                })
                .await
                .unwrap();
            let expected = shared
                .replace("{spine}", spine_columns())
                .replace("{organisations}", &one_of(dialect, "record.organisation", 3))
                .replace("{teams}", &one_of(dialect, "record.team", 5))
                .replace("{parties}", &one_of(dialect, "party.entry", 6))
                .replace("{like}", if dialect == Dialect::Sqlite { "LIKE" } else { "ILIKE" });
            assert_eq!((text.as_str(), values), (expected.as_str(), 12));
        }
    }

    #[tokio::test]
    async fn what_somebody_has_open_is_counted_from_an_index_of_that() {
        let db = sqlite();
        for ids in [vec![3.into()], vec![3.into(), 4.into()]] {
            let filter = Filter::And(vec![Filter::In(Column::Record("requester"), ids), Filter::Working]);
            let plan = db
                .read(move |conn| {
                    let question = Question { scope: &agent(), table: Some(&INCIDENT), filter: &filter };
                    let mut sql = Sql::new(conn.dialect(), "EXPLAIN QUERY PLAN SELECT 1");
                    question.tables_and_conditions(&mut sql, false, None)?;
                    let plan: Vec<(i64, i64, i64, String)> = conn.fetch(&sql.text, &sql.values)?;
                    Ok::<_, Error>(plan.into_iter().map(|(.., step)| step).collect::<Vec<_>>().join("; "))
                })
                .await
                .unwrap();
            assert!(plan.contains("record_working_by_requester"), "{plan}");
        }
    }

    #[tokio::test]
    async fn what_people_look_at_all_day_is_answered_from_an_index() {
        let db = sqlite();
        let is = |column, value: i64| Filter::is(Column::Record(column), value);
        let queue = |filter| Filter::And(vec![Filter::Working, filter]);
        let by = |column, descending| Sort { column: Column::Record(column), descending };
        for (table, filter, sort, index) in [
            (Some(&INCIDENT), Filter::Current, UPDATED, "record_by_update"),
            (Some(&INCIDENT), Filter::Current, by("opened", true), "record_current_by_opening"),
            (None, queue(is("assignee", 3)), UPDATED, "record_my_work"),
            (Some(&INCIDENT), queue(is("team", 3)), UPDATED, "record_team_queue"),
            (Some(&INCIDENT), Filter::Working, by("priority", false), "record_priority_queue"),
            (Some(&INCIDENT), Filter::Working, by("due", false), "record_due_queue"),
            (Some(&INCIDENT), Filter::Working, by("state", false), "record_state_queue"),
            (Some(&INCIDENT), Filter::Working, UPDATED, "record_working_by_update"),
            (Some(&INCIDENT), Filter::Working, by("opened", true), "record_working_by_opening"),
            (
                Some(&INCIDENT),
                queue(Filter::In(Column::Record("priority"), vec![1.into(), 2.into()])),
                by("opened", true),
                "record_working_by_opening",
            ),
            (Some(&INCIDENT), Filter::Done, UPDATED, "record_done_by_update"),
            (None, queue(is("requester", 3)), UPDATED, "record_working_by_requester"),
            (None, is("requester", 3), UPDATED, "record_by_requester"),
            (None, is("organisation", 3), UPDATED, "record_by_organisation"),
            (None, is("service", 3), by("opened", false), "record_by_service"),
        ] {
            let plan = db
                .read(move |conn| {
                    let question = Question { scope: &Scope::system(), table, filter: &filter };
                    let sql = question.part(conn, &[], sort, Part::Valued(None), 51)?;
                    let plan: Vec<(i64, i64, i64, String)> =
                        conn.fetch(&format!("EXPLAIN QUERY PLAN {}", sql.text), &sql.values)?;
                    Ok::<_, Error>(plan.into_iter().map(|(.., step)| step).collect::<Vec<_>>().join("; "))
                })
                .await
                .unwrap();
            assert!(plan.contains(&format!("USING INDEX {index} ")), "{index}: {plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{index}: {plan}");
        }
    }

    #[tokio::test]
    async fn what_is_open_is_not_looked_for_in_the_history() {
        let db = sqlite();
        for column in ["service", "organisation"] {
            let plan = db
                .read(move |conn| {
                    let (scope, filter) = (Scope::system(), Filter::And(vec![Filter::Working, Filter::Always]));
                    let question = Question { scope: &scope, table: Some(&INCIDENT), filter: &filter };
                    let sort = Sort { column: Column::Record(column), descending: false };
                    let sql = question.part(conn, &[], sort, Part::Valued(None), 51)?;
                    let plan: Vec<(i64, i64, i64, String)> =
                        conn.fetch(&format!("EXPLAIN QUERY PLAN {}", sql.text), &sql.values)?;
                    Ok::<_, Error>(plan.into_iter().map(|(.., step)| step).collect::<Vec<_>>().join("; "))
                })
                .await
                .unwrap();
            assert!(plan.contains("record_working_by_") || plan.contains("_queue"), "{column}: {plan}");
        }
    }
}
