//! Between stored rows and records: the spine, the narrow table, the custom JSON.

use super::pointing;
use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::{Error, Result};
use mainstay_engine::field::{FieldDef, Home, Instant, Kind};
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_store::record as store;
use mainstay_store::{Column, ColumnType, Listed, Scope, Seen, Spine, Table};
use serde_json::{Map, Value as Json};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Processes and what the store has to know of their tables, worked out once from the declarations.
static TABLES: LazyLock<HashMap<&'static str, Table>> =
    LazyLock::new(|| mainstay_processes::ALL.iter().map(|process| (process.key, table_of(process))).collect());

fn table_of(process: &'static Process) -> Table {
    let own = process.fields().filter(|f| is_column(f));
    let columns: Vec<_> = own.map(|f| (f.key, column_type(f))).collect();
    Table { process: process.key, name: process.table, columns: Vec::leak(columns) }
}

/// Whether a field has a column of the process's own table; what names a record is kept as a link.
fn is_column(field: &FieldDef) -> bool {
    field.home == Home::Own && !matches!(field.kind, Kind::Link(_))
}

fn column_type(field: &FieldDef) -> ColumnType {
    match field.kind {
        Kind::Bool => ColumnType::Bool,
        Kind::Number { .. } | Kind::Money { .. } | Kind::Date | Kind::Instant | Kind::Duration | Kind::Ref(_) => {
            ColumnType::Int
        }
        _ => ColumnType::Text,
    }
}

/// What the store has to know of a process's table.
///
/// # Panics
/// Never: every process has one.
#[must_use]
pub fn table(process: &'static Process) -> &'static Table {
    &TABLES[process.key]
}

/// The column that holds a field; none for one that names a record, which is kept as a link.
pub fn column(field: &FieldDef) -> Option<Column> {
    match field.home {
        Home::Spine => Some(Column::Record(field.key)),
        Home::Own if is_column(field) => Some(Column::Narrow(field.key)),
        Home::Custom if !matches!(field.kind, Kind::Link(_)) => Some(Column::Custom(field.key, column_type(field))),
        Home::Own | Home::Custom => None,
    }
}

/// The record with this number, if the caller may see it.
///
/// # Errors
/// `not_found`, whether it does not exist or is not the caller's to see.
pub fn find(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
) -> Result<(Record, Seen)> {
    let missing = || Error::Refused(Refusal::missing(&process.label.to_lowercase()));
    caller.reaches(process.key, "view")?;
    let number = number.to_uppercase();
    if let Some(found) = session.recall.found(process, &number, &caller.scope) {
        return Ok(found);
    }
    let found = match store::load_number(session.conn, &caller.scope, table(process), &number) {
        Err(mainstay_store::Error::Missing) => return Err(missing()),
        other => whole(session, &caller.scope, process, other?)?,
    };
    session.recall.keep_found(&number, &caller.scope, &found);
    Ok(found)
}

/// The proof that the caller sees a record that is at hand, where the record says so by itself; otherwise the
/// database has to be asked.
pub fn proof(session: &Session<'_>, caller: &Caller, record: &Record) -> Option<Seen> {
    caller.scope.see_by_itself(&spine_of(session, record))
}

/// The record with this id, if the caller may see it.
///
/// # Errors
/// The database's.
pub fn find_by_id(session: &mut Session<'_>, caller: &Caller, id: i64) -> Result<Option<(Record, Seen)>> {
    load(session, &caller.scope, id)
}

/// Records with their spines alone, in the order of their ids; those that the caller may not see are left out.
///
/// # Errors
/// The database's.
pub fn spines(session: &mut Session<'_>, caller: &Caller, ids: &[i64]) -> Result<Vec<(Record, Seen)>> {
    let mut found = store::find_all(session.conn, &caller.scope, ids)?;
    found.sort_by_key(|spine| ids.iter().position(|id| *id == spine.id));
    let read = |spine: Spine| {
        let process = mainstay_processes::process(&spine.process)?;
        let seen = caller.scope.see(&spine);
        Some((record_of(session, process, spine, std::iter::empty(), Vec::new()), seen))
    };
    Ok(found.into_iter().filter_map(read).collect())
}

/// Whole records of any process, to be read only; those that the caller may not see are left out. In no order.
///
/// # Errors
/// The database's.
pub fn whole_of(session: &mut Session<'_>, caller: &Caller, ids: &[i64]) -> Result<Vec<(Record, Seen)>> {
    let mut found = Vec::with_capacity(ids.len());
    let present = store::processes_of(session.conn, ids)?;
    for process in present.iter().filter_map(|key| mainstay_processes::process(key)) {
        let rows = store::load_all(session.conn, &caller.scope, table(process), ids)?;
        let mut of_process: Vec<(Record, Seen)> =
            rows.into_iter().map(|row| without_links(session, &caller.scope, process, row)).collect();
        let fields = pointing::pointing(session.config.fields(process));
        pointing::read(session, &fields, &mut of_process.iter_mut().map(|(record, _)| record).collect::<Vec<_>>())?;
        found.extend(of_process);
    }
    Ok(found)
}

/// The record of a process with this id, if the caller may see it.
///
/// # Errors
/// The database's.
pub fn of_process(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    id: i64,
) -> Result<Option<(Record, Seen)>> {
    match store::load(session.conn, &caller.scope, table(process), id) {
        Err(mainstay_store::Error::Missing) => Ok(None),
        other => whole(session, &caller.scope, process, other?).map(Some),
    }
}

/// The record with this id, for the engine.
///
/// # Errors
/// The database's.
pub fn by_id(session: &mut Session<'_>, id: i64) -> Result<Option<Record>> {
    let scope = Caller::engine(Channel::Engine).scope;
    Ok(load(session, &scope, id)?.map(|(record, _)| record))
}

fn load(session: &mut Session<'_>, scope: &Scope, id: i64) -> Result<Option<(Record, Seen)>> {
    let spine = match store::find(session.conn, scope, id) {
        Err(mainstay_store::Error::Missing) => return Ok(None),
        other => other?,
    };
    let Some(process) = mainstay_processes::process(&spine.process) else { return Ok(None) };
    let row = store::load(session.conn, scope, table(process), spine.id)?;
    whole(session, scope, process, row).map(Some)
}

fn whole(
    session: &mut Session<'_>,
    scope: &Scope,
    process: &'static Process,
    row: store::Record,
) -> Result<(Record, Seen)> {
    let (mut record, seen) = without_links(session, scope, process, row);
    let fields = pointing::pointing(session.config.fields(process));
    pointing::read(session, &fields, &mut [&mut record])?;
    Ok((record, seen))
}

/// A record but for what its fields name of other records.
fn without_links(
    session: &Session<'_>,
    scope: &Scope,
    process: &'static Process,
    row: store::Record,
) -> (Record, Seen) {
    let seen = scope.see(&row.spine);
    let values = row.narrow.into_iter().map(|(_, value)| value).collect();
    let columns = table(process).columns.iter().map(|(key, _)| *key);
    (record_of(session, process, row.spine, columns, values), seen)
}

/// A listed row as a record that holds the spine and the narrow columns asked for.
pub fn of_listed(
    session: &Session<'_>,
    process: &'static Process,
    scope: &Scope,
    listed: Listed,
    narrow: &[&'static str],
) -> (Record, Seen) {
    let seen = scope.see(&listed.spine);
    (record_of(session, process, listed.spine, narrow.iter().copied(), listed.narrow), seen)
}

fn record_of(
    session: &Session<'_>,
    process: &'static Process,
    spine: Spine,
    columns: impl Iterator<Item = &'static str>,
    narrow: Vec<mainstay_store::Value>,
) -> Record {
    let mut record = Record::new(process);
    record.id = spine.id;
    record.version = spine.version;
    record.state = process.state(&spine.state).unwrap_or(process.initial());
    record.set(&spine::NUMBER, spine.number);
    record.set(&spine::TITLE, spine.title);
    record.put(&spine::REQUESTER.def, spine.requester.into());
    record.put(&spine::ORGANISATION.def, spine.organisation.into());
    record.put(&spine::TEAM.def, spine.team.into());
    record.put(&spine::ASSIGNEE.def, spine.assignee.into());
    record.put(&spine::SERVICE.def, spine.service.into());
    record.put(&spine::PRIORITY.def, spine.priority.into());
    record.put(&spine::RESTRICTED.def, if spine.restricted { Value::Bool(true) } else { Value::Null });
    record.put(&spine::OPENED.def, spine.opened.into());
    record.put(&spine::UPDATED.def, spine.updated.into());
    record.put(&spine::DUE.def, spine.due.into());
    record.put(&spine::RESOLVED.def, spine.resolved.into());
    record.put(&spine::CLOSED.def, spine.closed.into());
    record.put(&spine::ARCHIVED.def, spine.archived.into());
    record.put(&spine::REMOVED.def, spine.removed.into());
    for (key, value) in columns.zip(narrow) {
        if let Some(field) = process.field(key) {
            record.put(field, value_of(field, value));
        }
    }
    read_custom(session, &mut record, spine.custom.as_deref());
    record
}

fn read_custom(session: &Session<'_>, record: &mut Record, custom: Option<&str>) {
    let Some(Ok(Json::Object(values))) = custom.map(serde_json::from_str) else { return };
    let own = &session.config.process(record.process).custom;
    for (key, json) in &values {
        match own.iter().find(|c| c.def.key == key) {
            Some(custom) => record.put(custom.def, Value::from_plain(json)),
            // A retired field's value waits for its field to come back.
            None => record.keep_aside(key, Value::from_plain(json)),
        }
    }
}

/// A stored value as the engine has it.
pub fn value_of(field: &FieldDef, value: mainstay_store::Value) -> Value {
    match value {
        mainstay_store::Value::Null => Value::Null,
        mainstay_store::Value::Bool(b) => Value::Bool(b),
        mainstay_store::Value::Int(n) => Value::Int(n),
        mainstay_store::Value::Text(text) if holds_json(field) => {
            serde_json::from_str(&text).map_or(Value::Null, |json| Value::from_plain(&json))
        }
        mainstay_store::Value::Text(text) => Value::Text(text),
    }
}

/// Lists and tables of a process's own are kept as JSON in a text column.
fn holds_json(field: &FieldDef) -> bool {
    matches!(field.kind, Kind::MultiChoice(_) | Kind::Tags | Kind::Refs(_) | Kind::Table(_))
}

/// A value as the store keeps it.
#[must_use]
pub fn stored(field: &FieldDef, value: &Value) -> mainstay_store::Value {
    match value {
        Value::Null => mainstay_store::Value::Null,
        Value::Bool(b) => mainstay_store::Value::Bool(*b),
        Value::Int(n) => mainstay_store::Value::Int(*n),
        Value::Text(text) => mainstay_store::Value::Text(text.clone()),
        Value::List(_) | Value::Row(_) => {
            debug_assert!(holds_json(field), "{} holds no list", field.key);
            mainstay_store::Value::Text(value.plain().to_string())
        }
    }
}

fn spine_of(session: &Session<'_>, record: &Record) -> Spine {
    let int = |key: &str| record.value(key).as_int();
    let text = |key: &str| record.value(key).as_text().unwrap_or_default().to_owned();
    Spine {
        id: record.id,
        process: record.process.key.to_owned(),
        number: text("number"),
        title: text("title"),
        state: record.state.key.to_owned(),
        phase: record.state.phase.number(),
        requester: int("requester"),
        organisation: int("organisation"),
        team: int("team"),
        assignee: int("assignee"),
        service: int("service"),
        priority: int("priority"),
        restricted: record.get(&spine::RESTRICTED).unwrap_or_default(),
        opened: int("opened").unwrap_or(session.now),
        updated: int("updated").unwrap_or(session.now),
        due: int("due"),
        resolved: int("resolved"),
        closed: int("closed"),
        version: record.version,
        origin: None,
        external_key: None,
        custom: custom_of(session, record),
        archived: int("archived"),
        removed: int("removed"),
    }
}

fn custom_of(session: &Session<'_>, record: &Record) -> Option<String> {
    let custom = session.config.process(record.process).custom.iter().map(|c| c.def);
    let fields = custom.filter(|f| !matches!(f.kind, Kind::Link(_)));
    let mut values: Map<String, Json> = record.aside().map(|(key, value)| (key.to_owned(), value.plain())).collect();
    values.extend(
        fields.filter(|f| !record.value(f.key).is_null()).map(|f| (f.key.to_owned(), record.value(f.key).plain())),
    );
    (!values.is_empty()).then(|| Json::Object(values).to_string())
}

fn narrow_of(record: &Record) -> Vec<(&'static str, mainstay_store::Value)> {
    let own = record.process.fields().filter(|f| is_column(f) && !record.value(f.key).is_null());
    own.map(|f| (f.key, stored(f, record.value(f.key)))).collect()
}

/// Gives the record its number and id and writes it.
///
/// # Errors
/// The external key is taken; the database's.
pub fn insert(
    session: &mut Session<'_>,
    record: &mut Record,
    origin: Option<&str>,
    external_key: Option<&str>,
) -> Result<()> {
    expect(session, record.process)?;
    let number = session.conn.next_number(record.process.key)?;
    record.set(&spine::NUMBER, format!("{}-{number}", record.process.prefix));
    let mut row = spine_of(session, record);
    row.origin = origin.or(external_key.map(|_| "api")).map(str::to_owned);
    row.external_key = external_key.map(str::to_owned);
    let written = store::insert(session.conn, table(record.process), &row, &narrow_of(record));
    // An import has asked for its key before; others are told at once.
    let asked = external_key.is_some() && origin.is_none();
    let written = if asked { written.and_then(|id| session.conn.settle().map(|()| id)) } else { written };
    record.id = match written {
        Err(mainstay_store::Error::Conflict { constraint, .. }) if constraint.contains("external_key") => {
            return Err(Refusal::conflict("taken", "A record with this external key exists already.").into());
        }
        other => other?,
    };
    record.version = 1;
    pointing::write(session, &Record::new(record.process), record)?;
    super::tasks::share_with_vendor(session, record, row.team)
}

/// A new record mostly writes two clocks and few lines of history, and tells its requester: their ids come with its
/// number.
fn expect(session: &mut Session<'_>, process: &'static Process) -> Result<()> {
    session.conn.expect_numbers(process.key, 1);
    for (table, count) in [("record", 1), ("clock", 2), ("notice", 1), ("outbox", 1)] {
        session.conn.expect_rows(table, count);
    }
    Ok(mainstay_store::events::expect(session.conn, 2)?)
}

/// Writes what differs between two states of a record and advances its version.
///
/// # Errors
/// Somebody else changed it meanwhile; the database's.
pub fn update(session: &mut Session<'_>, before: &Record, after: &Record) -> Result<()> {
    let (old, new) = (spine_of(session, before), spine_of(session, after));
    let mut columns: Vec<(&'static str, mainstay_store::Value)> = Vec::new();
    if old.state != new.state {
        columns.push(("state", new.state.into()));
        columns.push(("phase", new.phase.into()));
    }
    for field in spine::ALL.iter().filter(|f| !["number", "state", "phase"].contains(&f.key)) {
        if before.value(field.key) != after.value(field.key) {
            let value = match field.kind {
                Kind::Bool => new.restricted.into(),
                _ => stored(field, after.value(field.key)),
            };
            columns.push((field.key, value));
        }
    }
    if old.custom != new.custom {
        columns.push(("custom", new.custom.into()));
    }
    let own = after.process.fields().filter(|f| is_column(f) && before.value(f.key) != after.value(f.key));
    let narrow: Vec<_> = own.map(|f| (f.key, stored(f, after.value(f.key)))).collect();
    match store::update(session.conn, table(after.process), after.id, before.version, &columns, &narrow) {
        Err(mainstay_store::Error::Stale) => return Err(crate::registers::stale(before.version + 1).into()),
        other => other?,
    }
    pointing::write(session, before, after)?;
    if old.team != new.team {
        super::tasks::share_with_vendor(session, after, new.team)?;
    }
    Ok(())
}

/// Writes what the engine derives beside a command of its own: the version it had stays good.
///
/// # Errors
/// The database's.
pub fn update_quietly(session: &mut Session<'_>, before: &Record, after: &Record) -> Result<()> {
    let due = stored(&spine::DUE.def, after.value("due"));
    debug_assert!(before.id == after.id);
    Ok(store::set_quietly(session.conn, after.id, &[("due", due)])?)
}

/// Marks the record as updated now, without a new version: comments do not make edits stale.
///
/// # Errors
/// The database's.
pub fn touch(session: &mut Session<'_>, record: &Record) -> Result<()> {
    let now = stored(&spine::UPDATED.def, &Value::Int(session.now));
    if record.get(&spine::UPDATED).is_some_and(|Instant(at)| at >= session.now) {
        return Ok(());
    }
    Ok(store::set_quietly(session.conn, record.id, &[("updated", now)])?)
}
