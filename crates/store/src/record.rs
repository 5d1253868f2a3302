//! One record of any process: the row every process has, and the row of its own table.

use crate::custom;
use crate::query::spine_columns;
use crate::sql::Sql;
use crate::table::{SPINE, Table};
use crate::{Column, Columns, Conn, Dialect, Error, Json, Result, Row, Scope, Value};
use std::fmt::Write;

/// Holds these rows of a table until the transaction ends, so that what is counted beside them stays true. On `SQLite`
/// there is one writer at a time anyway.
///
/// # Errors
/// What the database refuses.
pub fn hold(conn: &mut Conn, table: &str, ids: &[i64]) -> Result<()> {
    if conn.dialect() == Dialect::Sqlite {
        return Ok(());
    }
    let mut sql = Sql::new(conn.dialect(), &format!("SELECT id FROM {table} WHERE "));
    sql.is_one_of("id", ids).push(" ORDER BY id FOR NO KEY UPDATE");
    conn.each(&sql.text, &sql.values, |_: i64| Ok(()))
}

/// What every record has. Instants are epoch milliseconds UTC; people, teams and the like are ids of entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the columns, described in the migrations")]
pub struct Spine {
    pub id: i64,
    pub process: String,
    pub number: String,
    pub title: String,
    pub state: String,
    /// 0 open, 1 paused, 2 done, 3 closed.
    pub phase: i64,
    pub requester: Option<i64>,
    pub organisation: Option<i64>,
    pub team: Option<i64>,
    pub assignee: Option<i64>,
    pub service: Option<i64>,
    pub priority: Option<i64>,
    pub restricted: bool,
    pub opened: i64,
    pub updated: i64,
    pub due: Option<i64>,
    pub resolved: Option<i64>,
    pub closed: Option<i64>,
    /// Grows by one with every change.
    pub version: i64,
    /// The system an imported record came from, and its key there.
    pub origin: Option<String>,
    pub external_key: Option<String>,
    /// The customer's own fields, a JSON object.
    pub custom: Option<String>,
    /// When it was archived, and when its words and people were removed.
    pub archived: Option<i64>,
    pub removed: Option<i64>,
}

impl Row for Spine {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self {
            id: c.get(0)?,
            process: c.get(1)?,
            number: c.get(2)?,
            title: c.get(3)?,
            state: c.get(4)?,
            phase: c.get(5)?,
            requester: c.get(6)?,
            organisation: c.get(7)?,
            team: c.get(8)?,
            assignee: c.get(9)?,
            service: c.get(10)?,
            priority: c.get(11)?,
            restricted: c.get(12)?,
            opened: c.get(13)?,
            updated: c.get(14)?,
            due: c.get(15)?,
            resolved: c.get(16)?,
            closed: c.get(17)?,
            version: c.get(18)?,
            origin: c.get(19)?,
            external_key: c.get(20)?,
            custom: c.get::<Option<Json>>(21)?.map(|json| json.0),
            archived: c.get(22)?,
            removed: c.get(23)?,
        })
    }
}

impl Spine {
    /// The values in the order of [`SPINE`].
    fn values(&self) -> Vec<Value> {
        vec![
            self.id.into(),
            (&self.process).into(),
            (&self.number).into(),
            (&self.title).into(),
            (&self.state).into(),
            self.phase.into(),
            self.requester.into(),
            self.organisation.into(),
            self.team.into(),
            self.assignee.into(),
            self.service.into(),
            self.priority.into(),
            self.restricted.into(),
            self.opened.into(),
            self.updated.into(),
            self.due.into(),
            self.resolved.into(),
            self.closed.into(),
            self.version.into(),
            self.origin.as_deref().into(),
            self.external_key.as_deref().into(),
            self.custom.as_deref().into(),
            self.archived.into(),
            self.removed.into(),
        ]
    }
}

/// A record with the columns of its own table, in the order of [`Table::columns`].
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// What every process has.
    pub spine: Spine,
    /// What only this process has.
    pub narrow: Vec<(&'static str, Value)>,
}

impl Record {
    /// The value of a narrow column; `Null` when the table has no such column.
    #[must_use]
    pub fn get(&self, column: &str) -> &Value {
        self.narrow.iter().find(|(name, _)| *name == column).map_or(&Value::Null, |(_, value)| value)
    }
}

/// Writes a new record and answers its id; the id in `spine` is ignored and its version is 1.
///
/// # Errors
/// [`Error::Conflict`] when its number or external key is taken or an entry does not exist; on `PostgreSQL` that shows
/// as late as with the next question, see [`Conn::settle`].
pub fn insert(conn: &mut Conn, table: &Table, spine: &Spine, narrow: &[(&'static str, Value)]) -> Result<i64> {
    let mut values = Spine { version: 1, ..spine.clone() }.values();
    values.remove(0);
    let names: Vec<&str> = SPINE.iter().skip(1).map(|(name, ..)| *name).collect();
    let id: i64 = conn.insert(&insertion("record", &names), &values)?;
    if spine.custom.is_some() {
        custom::keep(conn, Some(id))?;
    }
    let mut names = vec!["record"];
    let mut values = vec![Value::Int(id)];
    for (name, value) in narrow {
        table.kind(name)?;
        names.push(name);
        values.push(value.clone());
    }
    conn.run_later(&insertion(table.name, &names), &values)?;
    Ok(id)
}

fn insertion(table: &str, names: &[&str]) -> String {
    let mut sql = String::with_capacity(64 + names.len() * 20);
    sql.push_str("INSERT INTO ");
    sql.push_str(table);
    for (n, name) in names.iter().enumerate() {
        sql.push_str(if n == 0 { " (" } else { ", " });
        sql.push_str(name);
    }
    for n in 1..=names.len() {
        sql.push_str(if n == 1 { ") VALUES ($" } else { ", $" });
        // Writing to a text cannot fail.
        let _ = write!(sql, "{n}");
    }
    sql.push(')');
    sql
}

/// Changes columns of a record that was read at `version`, which grows by one.
///
/// # Errors
/// [`Error::Stale`] when it has another version by now; [`Error::Query`] for a column no table has.
pub fn update(
    conn: &mut Conn,
    table: &Table,
    id: i64,
    version: i64,
    spine: &[(&'static str, Value)],
    narrow: &[(&'static str, Value)],
) -> Result<()> {
    let mut sql = Sql::new(conn.dialect(), "UPDATE record SET version = version + 1");
    if !spine.is_empty() {
        sql.push(", ");
    }
    assign(&mut sql, spine)?;
    sql.push(" WHERE id = ").bind(id).push(" AND version = ").bind(version);
    if conn.run(&sql.text, &sql.values)? == 0 {
        return Err(Error::Stale);
    }
    if narrow.is_empty() {
        return Ok(());
    }
    let mut sql = Sql::new(conn.dialect(), &format!("UPDATE {} SET ", table.name));
    for (n, (name, value)) in narrow.iter().enumerate() {
        table.kind(name)?;
        sql.push(if n == 0 { "" } else { ", " }).push(name).push(" = ").bind(value.clone());
    }
    sql.push(" WHERE record = ").bind(id);
    conn.run_later(&sql.text, &sql.values)
}

/// Changes columns of `record` without a new version: for what the engine derives beside a command, so that nobody's
/// edit becomes stale.
///
/// # Errors
/// [`Error::Query`] for a column that a record does not have.
pub fn set_quietly(conn: &mut Conn, id: i64, spine: &[(&'static str, Value)]) -> Result<()> {
    let mut sql = Sql::new(conn.dialect(), "UPDATE record SET ");
    assign(&mut sql, spine)?;
    sql.push(" WHERE id = ").bind(id);
    conn.run_later(&sql.text, &sql.values)
}

fn assign(sql: &mut Sql, spine: &[(&'static str, Value)]) -> Result<()> {
    for (n, (name, value)) in spine.iter().enumerate() {
        if *name == "version" || !SPINE.iter().skip(1).any(|(column, ..)| column == name) {
            return Err(Error::Query(format!("a record's {name} cannot be set")));
        }
        sql.push(if n == 0 { "" } else { ", " }).push(name).push(" = ").bind(value.clone());
    }
    Ok(())
}

/// What every process has, of one record.
///
/// # Errors
/// [`Error::Missing`] when it does not exist or this caller may not see it.
pub fn find(conn: &mut Conn, scope: &Scope, id: i64) -> Result<Spine> {
    find_by(conn, scope, "record.id = ", id.into())
}

/// How many open or paused records each of some people is assigned, of every process; who has none is left out. It
/// serves the engine's own decisions and is shown to nobody.
///
/// # Errors
/// What the database refuses.
pub fn carried(conn: &mut Conn, people: &[i64]) -> Result<Vec<(i64, i64)>> {
    let mut sql = Sql::new(conn.dialect(), "SELECT assignee, count(*) FROM record WHERE phase < 2 AND ");
    sql.is_one_of("assignee", people).push(" GROUP BY assignee");
    conn.fetch(&sql.text, &sql.values)
}

/// The ids of finished records of a process, resolved since an instant, whose spine or own columns hold these values;
/// the newest first, at most `limit`. For rules, not for eyes.
///
/// # Errors
/// A column that there is not; what the database refuses.
pub fn finished_alike(
    conn: &mut Conn,
    table: &Table,
    same: &[(Column, i64)],
    since: i64,
    limit: i64,
) -> Result<Vec<i64>> {
    let name = table.name;
    let begin =
        format!("SELECT record.id FROM {name} JOIN record ON record.id = {name}.record WHERE record.phase >= 2");
    let mut sql = Sql::new(conn.dialect(), &begin);
    for (column, value) in same {
        match column {
            Column::Record(key) => sql.push(&format!(" AND record.{key} = ")).bind(*value),
            Column::Narrow(key) => {
                table.kind(key)?;
                sql.push(&format!(" AND {name}.{key} = ")).bind(*value)
            }
            _ => return Err(Error::Query("only declared columns are compared".into())),
        };
    }
    sql.push(" AND record.resolved >= ").bind(since).push(" ORDER BY record.id DESC LIMIT ").bind(limit);
    conn.fetch(&sql.text, &sql.values)
}

/// The ids of the visible records of every process after an id, in order, at most `limit`.
///
/// # Errors
/// What the database refuses.
pub fn ids_after(conn: &mut Conn, scope: &Scope, after: i64, limit: i64) -> Result<Vec<i64>> {
    let mut sql = Sql::new(conn.dialect(), "SELECT record.id FROM record WHERE record.id > ");
    sql.bind(after).push(" AND ");
    scope.visible(&mut sql);
    sql.push(" ORDER BY record.id LIMIT ").bind(limit);
    conn.fetch(&sql.text, &sql.values)
}

/// The ids after one of the visible records that name one of these people: as requester, assignee or party; in
/// order, at most `limit`.
///
/// # Errors
/// What the database refuses.
pub fn ids_naming(conn: &mut Conn, scope: &Scope, people: &[i64], after: i64, limit: i64) -> Result<Vec<i64>> {
    let mut sql = Sql::new(conn.dialect(), "SELECT record.id FROM record WHERE record.id > ");
    sql.bind(after).push(" AND (").is_one_of("record.requester", people).push(" OR ");
    sql.is_one_of("record.assignee", people).push(" OR record.id IN (SELECT party.record FROM party WHERE ");
    sql.is_one_of("party.entry", people).push(")) AND ");
    scope.visible(&mut sql);
    sql.push(" ORDER BY record.id LIMIT ").bind(limit);
    conn.fetch(&sql.text, &sql.values)
}

/// The ids after one of the visible records of a process that hold a value in a custom field; in order, at most
/// `limit`.
///
/// # Errors
/// What the database refuses.
pub fn ids_with_custom(conn: &mut Conn, scope: &Scope, process: &str, after: i64, limit: i64) -> Result<Vec<i64>> {
    let mut sql = Sql::new(conn.dialect(), "SELECT record.id FROM record WHERE record.id > ");
    sql.bind(after).push(" AND record.process = ").bind(process);
    sql.push(" AND record.custom IS NOT NULL AND ");
    scope.visible(&mut sql);
    sql.push(" ORDER BY record.id LIMIT ").bind(limit);
    conn.fetch(&sql.text, &sql.values)
}

/// As [`find`], of several; those that do not exist or that this caller may not see are left out. In no order.
///
/// # Errors
/// What the database refuses.
pub fn find_all(conn: &mut Conn, scope: &Scope, ids: &[i64]) -> Result<Vec<Spine>> {
    let mut sql = Sql::new(conn.dialect(), "SELECT ");
    sql.push(spine_columns()).push(" FROM record WHERE ").is_one_of("record.id", ids).push(" AND ");
    scope.visible(&mut sql);
    conn.fetch(&sql.text, &sql.values)
}

/// The processes of records, each once.
///
/// # Errors
/// What the database refuses.
pub fn processes_of(conn: &mut Conn, ids: &[i64]) -> Result<Vec<String>> {
    let mut sql = Sql::new(conn.dialect(), "SELECT DISTINCT record.process FROM record WHERE ");
    sql.is_one_of("record.id", ids);
    conn.fetch(&sql.text, &sql.values)
}

/// As [`find_all`], by their numbers.
///
/// # Errors
/// What the database refuses.
pub fn numbered(conn: &mut Conn, scope: &Scope, numbers: &[&str]) -> Result<Vec<Spine>> {
    let mut sql = Sql::new(conn.dialect(), "SELECT ");
    sql.push(spine_columns()).push(" FROM record WHERE record.number IN ");
    sql.joined(", ", "NULL", numbers, |sql, number| {
        sql.bind(*number);
    });
    sql.push(" AND ");
    scope.visible(&mut sql);
    conn.fetch(&sql.text, &sql.values)
}

/// As [`find`], by its key in the system it came from.
///
/// # Errors
/// As [`find`].
pub fn find_external(conn: &mut Conn, scope: &Scope, origin: &str, key: &str) -> Result<Spine> {
    let mut sql = Sql::new(conn.dialect(), "SELECT ");
    sql.push(spine_columns()).push(" FROM record WHERE record.origin = ").bind(origin);
    sql.push(" AND record.external_key = ").bind(key).push(" AND ");
    scope.visible(&mut sql);
    conn.one(&sql.text, &sql.values)
}

/// Which of the keys of an origin belong to a record here, whoever may see it: for imports, which ask for many at once.
///
/// # Errors
/// What the database refuses.
pub fn taken(conn: &mut Conn, origin: &str, keys: &[&str]) -> Result<Vec<String>> {
    let keys = serde_json::to_string(keys).unwrap_or_default();
    conn.fetch(conn.dialect().external_keys(), &[origin.into(), keys.into()])
}

fn find_by(conn: &mut Conn, scope: &Scope, condition: &str, value: Value) -> Result<Spine> {
    let mut sql = Sql::new(conn.dialect(), "SELECT ");
    sql.push(spine_columns()).push(" FROM record WHERE ").push(condition).bind(value).push(" AND ");
    scope.visible(&mut sql);
    conn.one(&sql.text, &sql.values)
}

/// A whole record. In a transaction that writes, nobody else changes it until that ends.
///
/// # Errors
/// [`Error::Missing`] when it does not exist or this caller may not see it.
pub fn load(conn: &mut Conn, scope: &Scope, table: &Table, id: i64) -> Result<Record> {
    load_by(conn, scope, table, "record.id = ", id.into())
}

/// As [`load`], by its number such as `INC-42`.
///
/// # Errors
/// As [`load`].
pub fn load_number(conn: &mut Conn, scope: &Scope, table: &Table, number: &str) -> Result<Record> {
    load_by(conn, scope, table, "record.number = ", number.into())
}

/// As [`load`], of several of one process, to be read only; those that do not exist or that this caller may not see are
/// left out. In no order.
///
/// # Errors
/// What the database refuses.
pub fn load_all(conn: &mut Conn, scope: &Scope, table: &Table, ids: &[i64]) -> Result<Vec<Record>> {
    let mut sql = select_whole(conn, table);
    sql.is_one_of("record.id", ids).push(" AND ");
    scope.visible(&mut sql);
    let loaded: Vec<Loaded> = conn.fetch(&sql.text, &sql.values)?;
    Ok(loaded.into_iter().map(|loaded| loaded.named(table)).collect())
}

fn load_by(conn: &mut Conn, scope: &Scope, table: &Table, condition: &str, value: Value) -> Result<Record> {
    let mut sql = select_whole(conn, table);
    sql.push(condition).bind(value).push(" AND ");
    scope.visible(&mut sql);
    if !conn.reads_only {
        let locked = sql.dialect.for_update();
        sql.push(locked);
    }
    let loaded: Loaded = conn.one(&sql.text, &sql.values)?;
    Ok(loaded.named(table))
}

fn select_whole(conn: &Conn, table: &Table) -> Sql {
    let mut sql = Sql::new(conn.dialect(), "SELECT ");
    sql.push(spine_columns());
    for (name, _) in table.columns {
        sql.push(", narrow.").push(name);
    }
    sql.push(" FROM record JOIN ").push(table.name).push(" AS narrow ON narrow.record = record.id WHERE ");
    sql
}

struct Loaded {
    spine: Spine,
    narrow: Vec<Value>,
}

impl Loaded {
    fn named(self, table: &Table) -> Record {
        let columns = table.columns.iter().zip(self.narrow);
        let narrow = columns.map(|((name, kind), value)| (*name, kind.tidy(value))).collect();
        Record { spine: self.spine, narrow }
    }
}

impl Row for Loaded {
    fn read(columns: &Columns<'_>) -> Result<Self> {
        let narrow = (SPINE.len()..columns.count()).map(|index| columns.get(index)).collect::<Result<_>>()?;
        Ok(Self { spine: Spine::read(columns)?, narrow })
    }
}
