//! Entries of registers: directory and configuration, every version kept.

use crate::sql::Sql;
use crate::{Columns, Conn, Dialect, Json, Result, Row, Value};

/// A row of `entry`. `data` is the JSON of its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryRow {
    pub id: i64,
    pub register: String,
    pub key: String,
    pub name: String,
    pub active: bool,
    pub organisation: Option<i64>,
    pub version: i64,
    pub data: String,
    pub external_key: Option<String>,
    pub created: i64,
    pub updated: i64,
}

impl Row for EntryRow {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self {
            id: c.get(0)?,
            register: c.get(1)?,
            key: c.get(2)?,
            name: c.get(3)?,
            active: c.get(4)?,
            organisation: c.get(5)?,
            version: c.get(6)?,
            data: c.get::<Json>(7)?.0,
            external_key: c.get(8)?,
            created: c.get(9)?,
            updated: c.get(10)?,
        })
    }
}

/// The columns of [`EntryRow`] in its order, for a statement that reads an entry beside something else: whatever
/// else it asks for comes after these [`WIDTH`] columns.
pub const COLUMNS: &str = "entry.id, entry.register, entry.key, entry.name, entry.active, entry.organisation, \
    entry.version, entry.data, entry.external_key, entry.created, entry.updated";
/// How many [`COLUMNS`] there are.
pub const WIDTH: usize = 11;
/// The generation of the configuration as text, as a column of a statement that asks for something else beside it.
pub const GENERATION: &str = "(SELECT setting.value FROM setting WHERE setting.key = 'generation')";

fn select(tail: &str) -> String {
    format!("SELECT {COLUMNS} FROM entry {tail}")
}

/// Which entries a listing wants. Entries come by name, then id.
#[derive(Clone, Debug, Default)]
pub struct EntryQuery {
    pub register: String,
    /// Only names that contain this, letter case aside.
    pub name_contains: Option<String>,
    /// Only entries of these organisations, when given.
    pub organisations: Option<Vec<i64>>,
    pub active_only: bool,
    /// The name and id after which to go on.
    pub after: Option<(String, i64)>,
    pub limit: i64,
}

/// Entries of one register that match, in order of name and id.
///
/// # Errors
/// The database's.
pub fn list(conn: &mut Conn, query: &EntryQuery) -> Result<Vec<EntryRow>> {
    let sql = listing(conn.dialect(), query);
    conn.fetch(&sql.text, &sql.values)
}

fn listing(dialect: Dialect, query: &EntryQuery) -> Sql {
    let mut sql = Sql::new(dialect, &select("WHERE register = "));
    sql.bind(query.register.as_str());
    if query.active_only {
        sql.push(" AND active");
    }
    if let Some(part) = &query.name_contains {
        let place = sql.placeholder(format!("%{}%", escape_like(part)));
        let like = sql.dialect.like("name", &place);
        sql.push(" AND ").push(&like);
    }
    if let Some(organisations) = &query.organisations {
        sql.push(" AND ").is_one_of("organisation", organisations);
    }
    if let Some((name, id)) = &query.after {
        sql.push(" AND (name, id) > (").bind(name.as_str()).push(", ").bind(*id).push(")");
    }
    sql.push(" ORDER BY name, id LIMIT ").bind(query.limit);
    sql
}

/// Every entry of a register, retired ones included.
///
/// # Errors
/// The database's.
pub fn all(conn: &mut Conn, register: &str) -> Result<Vec<EntryRow>> {
    conn.fetch(&select("WHERE register = $1 ORDER BY id"), &[register.into()])
}

/// # Errors
/// The database's.
pub fn by_id(conn: &mut Conn, id: i64) -> Result<Option<EntryRow>> {
    conn.maybe(&select("WHERE id = $1"), &[Value::Int(id)])
}

/// Those of some entries of a register that there are, in no order.
///
/// # Errors
/// The database's.
pub fn several(conn: &mut Conn, register: &str, ids: &[i64]) -> Result<Vec<EntryRow>> {
    let mut found = Vec::with_capacity(ids.len());
    for part in ids.chunks(200) {
        let mut sql = Sql::new(conn.dialect(), &select("WHERE register = "));
        sql.bind(register).push(" AND ").is_one_of("id", part);
        found.extend(conn.fetch(&sql.text, &sql.values)?);
    }
    Ok(found)
}

/// The key of the register that an entry is of.
///
/// # Errors
/// The database's.
pub fn register_of(conn: &mut Conn, id: i64) -> Result<Option<String>> {
    conn.maybe("SELECT register FROM entry WHERE id = $1", &[Value::Int(id)])
}

/// # Errors
/// The database's.
pub fn by_key(conn: &mut Conn, register: &str, key: &str) -> Result<Option<EntryRow>> {
    conn.maybe(&select("WHERE register = $1 AND key = $2"), &[register.into(), key.into()])
}

/// # Errors
/// The database's.
pub fn by_external_key(conn: &mut Conn, register: &str, key: &str) -> Result<Option<EntryRow>> {
    conn.maybe(&select("WHERE register = $1 AND external_key = $2"), &[register.into(), key.into()])
}

/// The field by which an entry says which other one goes on in its place.
pub const GOES_ON: &str = "merged_into";

/// Ids of the entries of a register that have exactly this name, at most two: one is an answer, two are a question.
/// Where one goes on in the place of another, only that one is meant.
///
/// # Errors
/// The database's.
pub fn by_name(conn: &mut Conn, register: &str, name: &str) -> Result<Vec<i64>> {
    conn.fetch(
        "SELECT id FROM entry WHERE register = $1 AND name = $2 AND NOT EXISTS (SELECT 1 FROM entry_reference AS gone
             WHERE gone.from_entry = entry.id AND gone.field = $3) ORDER BY id LIMIT 2",
        &[register.into(), name.into(), GOES_ON.into()],
    )
}

/// The entries in whose place another goes on, by name.
///
/// # Errors
/// The database's.
pub fn went_into(conn: &mut Conn, entry: i64) -> Result<Vec<EntryRow>> {
    let tail =
        "WHERE id IN (SELECT from_entry FROM entry_reference WHERE to_entry = $1 AND field = $2) ORDER BY name, id";
    conn.fetch(&select(tail), &[entry.into(), GOES_ON.into()])
}

/// Every entry that refers to another by any field, retired ones included.
///
/// # Errors
/// The database's.
pub fn all_referring(conn: &mut Conn, to: i64) -> Result<Vec<EntryRow>> {
    let tail = "WHERE id IN (SELECT from_entry FROM entry_reference WHERE to_entry = $1) ORDER BY id";
    conn.fetch(&select(tail), &[to.into()])
}

/// Lets go of the key by which an entry was found, so that another can have it.
///
/// # Errors
/// The database's.
pub fn free_key(conn: &mut Conn, entry: i64) -> Result<()> {
    let key = format!("merged-{entry}");
    conn.run("UPDATE entry SET key = $2 WHERE id = $1", &[entry.into(), key.into()]).map(|_| ())
}

/// Id, register and name of each of `ids` that exists.
///
/// # Errors
/// The database's.
pub fn names(conn: &mut Conn, ids: &[i64]) -> Result<Vec<(i64, String, String)>> {
    let mut found = Vec::with_capacity(ids.len());
    for part in ids.chunks(200) {
        let sql = conn.dialect().entry_names(part.len());
        let values = match conn.dialect() {
            Dialect::Sqlite => part.iter().map(|id| Value::Int(*id)).collect(),
            Dialect::Postgres => {
                let ids: Vec<String> = part.iter().map(i64::to_string).collect();
                vec![Value::Text(format!("{{{}}}", ids.join(",")))]
            }
        };
        found.extend(conn.fetch(&sql, &values)?);
    }
    Ok(found)
}

/// Id and name of every entry of all registers but one.
///
/// # Errors
/// The database's.
pub fn names_beside(conn: &mut Conn, register: &str) -> Result<Vec<(i64, String)>> {
    conn.fetch("SELECT id, name FROM entry WHERE register <> $1", &[register.into()])
}

/// How many people in use there are, of these organisations or at all, counted up to `most`.
///
/// # Errors
/// The database's.
pub fn people_of(conn: &mut Conn, organisations: Option<&[i64]>, most: i64) -> Result<i64> {
    let counted = "SELECT count(*) FROM (SELECT 1 FROM entry WHERE register = 'people' AND active";
    let mut sql = Sql::new(conn.dialect(), counted);
    if let Some(organisations) = organisations {
        sql.push(" AND ").is_one_of("organisation", organisations);
    }
    sql.push(" LIMIT ").bind(most).push(") AS counted");
    conn.one(&sql.text, &sql.values)
}

/// Inserts an entry in its first version and returns its id. `row.id` and `row.version` are ignored.
///
/// # Errors
/// A key that another entry of the register has; the database's.
pub fn insert(conn: &mut Conn, row: &EntryRow, actor: Option<i64>, references: &[(String, i64)]) -> Result<i64> {
    let id: i64 = conn.insert(
        "INSERT INTO entry (register, key, name, active, organisation, version, data, external_key, created, updated)
         VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8, $8)",
        &[
            row.register.as_str().into(),
            row.key.as_str().into(),
            row.name.as_str().into(),
            row.active.into(),
            row.organisation.into(),
            row.data.as_str().into(),
            row.external_key.clone().into(),
            row.created.into(),
        ],
    )?;
    keep_version(conn, &EntryRow { id, version: 1, updated: row.created, ..row.clone() }, actor)?;
    refer(conn, id, references)?;
    Ok(id)
}

/// Writes the next version of an entry; false when it no longer has the version that `row` names.
///
/// # Errors
/// A key that another entry of the register has; the database's.
pub fn update(conn: &mut Conn, row: &EntryRow, actor: Option<i64>, references: &[(String, i64)]) -> Result<bool> {
    let changed = conn.run(
        "UPDATE entry SET key = $3, name = $4, active = $5, organisation = $6, data = $7, external_key = $8, updated = $9,
                version = version + 1 WHERE id = $1 AND version = $2",
        &[
            row.id.into(),
            row.version.into(),
            row.key.as_str().into(),
            row.name.as_str().into(),
            row.active.into(),
            row.organisation.into(),
            row.data.as_str().into(),
            row.external_key.clone().into(),
            row.updated.into(),
        ],
    )?;
    if changed == 0 {
        return Ok(false);
    }
    keep_version(conn, &EntryRow { version: row.version + 1, ..row.clone() }, actor)?;
    conn.run_later("DELETE FROM entry_reference WHERE from_entry = $1", &[row.id.into()])?;
    refer(conn, row.id, references)?;
    Ok(true)
}

fn keep_version(conn: &mut Conn, row: &EntryRow, actor: Option<i64>) -> Result<()> {
    conn.run_later(
        "INSERT INTO entry_version (entry, version, at, actor, name, active, data) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            row.id.into(),
            row.version.into(),
            row.updated.into(),
            actor.into(),
            row.name.as_str().into(),
            row.active.into(),
            row.data.as_str().into(),
        ],
    )
}

fn refer(conn: &mut Conn, from: i64, references: &[(String, i64)]) -> Result<()> {
    for (field, to) in references {
        conn.run_later(
            "INSERT INTO entry_reference (from_entry, field, to_entry) VALUES ($1, $2, $3)",
            &[from.into(), field.as_str().into(), (*to).into()],
        )?;
    }
    Ok(())
}

/// The data of an entry in one of its versions.
///
/// # Errors
/// The database's.
pub fn version(conn: &mut Conn, entry: i64, version: i64) -> Result<Option<String>> {
    let data: Option<Json> = conn
        .maybe("SELECT data FROM entry_version WHERE entry = $1 AND version = $2", &[entry.into(), version.into()])?;
    Ok(data.map(|json| json.0))
}

/// Name, whether it was in use, and data of an entry in one of its versions.
///
/// # Errors
/// The database's.
pub fn kept(conn: &mut Conn, entry: i64, version: i64) -> Result<Option<(String, bool, String)>> {
    let sql = "SELECT name, active, data FROM entry_version WHERE entry = $1 AND version = $2";
    let found: Option<(String, bool, Json)> = conn.maybe(sql, &[entry.into(), version.into()])?;
    Ok(found.map(|(name, active, data)| (name, active, data.0)))
}

/// The versions of an entry with the instants from which they held.
///
/// # Errors
/// The database's.
pub fn versions(conn: &mut Conn, entry: i64) -> Result<Vec<(i64, i64)>> {
    conn.fetch("SELECT version, at FROM entry_version WHERE entry = $1 ORDER BY version", &[entry.into()])
}

/// Every entry of a register as it stood before an instant (epoch milliseconds UTC), retired ones included.
///
/// # Errors
/// The database's.
pub fn as_of(conn: &mut Conn, register: &str, at: i64) -> Result<Vec<EntryRow>> {
    conn.fetch(
        "SELECT e.id, e.register, e.key, v.name, v.active, e.organisation, v.version, v.data, e.external_key, e.created, v.at
         FROM entry e JOIN entry_version v ON v.entry = e.id
         WHERE e.register = $1
           AND v.version = (SELECT max(w.version) FROM entry_version w WHERE w.entry = e.id AND w.at < $2) ORDER BY e.id",
        &[register.into(), at.into()],
    )
}

/// Ids of the active entries that refer to `to` by `field`: the members of a team.
///
/// # Errors
/// The database's.
pub fn referring(conn: &mut Conn, field: &str, to: i64) -> Result<Vec<i64>> {
    conn.fetch(
        "SELECT r.from_entry FROM entry_reference r JOIN entry e ON e.id = r.from_entry
         WHERE r.to_entry = $1 AND r.field = $2 AND e.active ORDER BY r.from_entry",
        &[to.into(), field.into()],
    )
}

/// [`referring`], the first of them only.
///
/// # Errors
/// The database's.
pub fn referring_first(conn: &mut Conn, field: &str, to: i64, limit: i64) -> Result<Vec<i64>> {
    conn.fetch(
        "SELECT DISTINCT r.from_entry FROM entry_reference r JOIN entry e ON e.id = r.from_entry
         WHERE r.to_entry = $1 AND r.field = $2 AND e.active ORDER BY r.from_entry LIMIT $3",
        &[to.into(), field.into(), limit.into()],
    )
}

/// One active entry that refers to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referrer {
    /// The field that refers; `table.column` for one inside a table.
    pub field: String,
    pub register: String,
    pub id: i64,
    pub name: String,
}

impl Row for Referrer {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self { field: c.get(0)?, register: c.get(1)?, id: c.get(2)?, name: c.get(3)? })
    }
}

/// The active entries that refer to `to` by any field, register by register in order of names.
///
/// # Errors
/// The database's.
pub fn referrers(conn: &mut Conn, to: i64, limit: i64) -> Result<Vec<Referrer>> {
    conn.fetch(
        "SELECT r.field, e.register, e.id, e.name FROM entry_reference r JOIN entry e ON e.id = r.from_entry
         WHERE r.to_entry = $1 AND e.active ORDER BY e.register, e.name, e.id, r.field LIMIT $2",
        &[to.into(), limit.into()],
    )
}

/// The number that grows with every change of an entry: what was read under it is current.
///
/// # Errors
/// The database's.
pub fn generation(conn: &mut Conn) -> Result<i64> {
    Ok(generation_of(conn.one(&format!("SELECT {GENERATION}"), &[])?))
}

/// The generation that [`GENERATION`] has answered; 0 before the first change.
#[must_use]
pub fn generation_of(answer: Option<String>) -> i64 {
    answer.and_then(|value| value.parse().ok()).unwrap_or_default()
}

/// Marks the configuration as changed, in the transaction that changes it.
///
/// # Errors
/// The database's.
pub fn advance_generation(conn: &mut Conn, now: i64) -> Result<()> {
    let next = generation(conn)? + 1;
    conn.run_later(
        "INSERT INTO setting (key, value, updated) VALUES ('generation', $1, $2)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated = excluded.updated",
        &[Value::Text(next.to_string()), now.into()],
    )
}

/// Appends `ids` to `values` and returns their placeholders, comma-separated; `NULL` for none.
pub(crate) fn places(values: &mut Vec<Value>, ids: &[i64]) -> String {
    if ids.is_empty() {
        return "NULL".to_owned();
    }
    let first = values.len() + 1;
    values.extend(ids.iter().map(|id| Value::Int(*id)));
    (first..=values.len()).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

fn escape_like(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
