//! Records that name a person: by columns that are declared as fields, and by fields of an organisation's own.

use super::{Called, MOST, Moved, names_people, replaced};
use crate::caller::Caller;
use crate::config::{entry_of, values_of};
use crate::custom::custom_field;
use crate::desk::Session;
use crate::error::Result;
use mainstay_engine::field::{Audience, FieldDef, Home, Kind};
use mainstay_engine::process::Process;
use mainstay_engine::register::Values;
use mainstay_engine::value::Value;
use mainstay_processes::registers::{CUSTOM_FIELDS, PEOPLE};
use mainstay_store::merging::{self as rows, Named};
use mainstay_store::{NewEvent, entries, events};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// What the history of a record calls it.
const PERSON_MERGED: &str = "person_merged";

/// The columns of records that name people.
fn columns() -> Vec<(&'static FieldDef, Named)> {
    let is_column = |field: &&'static FieldDef| field.kind == Kind::Ref(PEOPLE.key);
    let of_all = mainstay_engine::spine::ALL.iter().filter(is_column);
    let mut all: Vec<_> = of_all.map(|field| (field, Named { table: None, column: field.key })).collect();
    for process in mainstay_processes::ALL {
        let own = process.fields().filter(is_column).filter(|field| field.home == Home::Own);
        all.extend(own.map(|field| (field, Named { table: Some(process.table), column: field.key })));
    }
    all
}

/// The lists of people in columns of processes' own tables.
fn lists() -> Vec<(&'static FieldDef, &'static str)> {
    let is_list = |field: &&'static FieldDef| field.kind == Kind::Refs(PEOPLE.key) && field.home == Home::Own;
    let of = |process: &'static Process| process.fields().filter(is_list).map(|field| (field, process.table));
    mainstay_processes::ALL.iter().flat_map(|process| of(process)).collect()
}

/// The records whose list names a person, and the list as it is afterwards.
fn listing(
    session: &mut Session<'_>,
    (field, table): (&'static FieldDef, &'static str),
    from: i64,
    to: i64,
) -> Result<Vec<Held>> {
    let held = |(record, process, open, list): rows::Custom| {
        let ids: Vec<i64> = serde_json::from_str(&list).unwrap_or_default();
        let value = Value::List(ids.into_iter().map(Value::from).collect());
        let after = replaced(field, &value, from, to)?.plain().to_string();
        Some(Held { record, process, open, after, fields: vec![field] })
    };
    Ok(rows::lists(session.conn, table, field.key)?.into_iter().filter_map(held).collect())
}

fn moved(field: &'static FieldDef, named: Named, count: i64) -> Moved {
    let what = format!("{}.{}", named.table.unwrap_or("record"), named.column);
    Moved { what, called: Called::Records(field), count }
}

/// How many records name a person in each way.
pub(super) fn counted(session: &mut Session<'_>, kept: i64, other: i64) -> Result<Vec<Moved>> {
    let mut all = Vec::new();
    for (field, named) in columns() {
        all.push(moved(field, named, named.count(session.conn, other, MOST)?));
    }
    for (field, table) in lists() {
        let found = listing(session, (field, table), other, kept)?.len();
        let count = i64::try_from(found).unwrap_or(i64::MAX);
        all.push(moved(field, Named { table: Some(table), column: field.key }, count));
    }
    let own = custom(session, other, kept, MOST)?.len();
    all.push(own_fields(own));
    Ok(all)
}

fn own_fields(count: usize) -> Moved {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    Moved { what: "record.custom".into(), called: Called::Rows("Records by fields of your own"), count }
}

/// Names the one who stays wherever records named the other. What is in work says so in its history.
pub(super) fn carry(session: &mut Session<'_>, caller: &Caller, kept: i64, other: i64) -> Result<Vec<Moved>> {
    let columns = columns();
    let mut in_work = InWork::default();
    for (field, named) in &columns {
        for (record, process) in named.open(session.conn, other)? {
            in_work.note(record, &process, field);
        }
    }
    let own = custom(session, other, kept, i64::MAX)?;
    let named: Vec<Named> = columns.iter().map(|(_, named)| *named).collect();
    rows::renew(session.conn, &named, other)?;
    let mut all = Vec::new();
    for (field, named) in columns {
        let count = named.carry(session.conn, other, kept)?;
        all.push(moved(field, named, i64::try_from(count).unwrap_or(i64::MAX)));
    }
    for (field, table) in lists() {
        let found = listing(session, (field, table), other, kept)?;
        let count = i64::try_from(found.len()).unwrap_or(i64::MAX);
        all.push(moved(field, Named { table: Some(table), column: field.key }, count));
        for held in found {
            rows::set_list(session.conn, table, field.key, held.record, &held.after)?;
            if held.open {
                in_work.note(held.record, &held.process, field);
            }
        }
    }
    all.push(own_fields(own.len()));
    for held in own {
        rows::set_custom(session.conn, held.record, &held.after)?;
        for field in held.fields.into_iter().filter(|_| held.open) {
            in_work.note(held.record, &held.process, field);
        }
    }
    in_work.tell(session, caller, kept, other)?;
    Ok(all)
}

/// The records in work, their process and the fields that named the person.
#[derive(Default)]
struct InWork(BTreeMap<i64, (String, Vec<&'static FieldDef>)>);

impl InWork {
    fn note(&mut self, record: i64, process: &str, field: &'static FieldDef) {
        self.0.entry(record).or_insert_with(|| (process.to_owned(), Vec::new())).1.push(field);
    }

    fn tell(self, session: &mut Session<'_>, caller: &Caller, kept: i64, other: i64) -> Result<()> {
        events::expect(session.conn, self.0.len())?;
        for (record, (process, fields)) in self.0 {
            let change = |field: &&FieldDef| json!({ "field": field.key, "old": other, "new": kept });
            events::append(
                session.conn,
                &NewEvent {
                    at: session.now,
                    actor: caller.person_id(),
                    channel: caller.channel.key().to_owned(),
                    subject: "record".into(),
                    subject_id: record,
                    process: Some(process),
                    verb: PERSON_MERGED.into(),
                    public: fields.iter().all(|field| field.audience == Audience::Everyone),
                    changes: fields.iter().map(change).collect::<Json>().to_string(),
                    reason: None,
                },
            )?;
        }
        Ok(())
    }
}

/// A record of which fields name the person, and what they say afterwards.
struct Held {
    record: i64,
    process: String,
    open: bool,
    after: String,
    fields: Vec<&'static FieldDef>,
}

/// The records that name a person in fields of the organisation's own, retired ones included; of each field at most
/// `most`.
fn custom(session: &mut Session<'_>, from: i64, to: i64, most: i64) -> Result<Vec<Held>> {
    let mut fields: BTreeMap<String, Vec<&'static FieldDef>> = BTreeMap::new();
    for entry in entries::all(session.conn, CUSTOM_FIELDS.key)?.into_iter().map(entry_of) {
        let field = custom_field(&entry).filter(|field| names_people(field));
        if let (Some(process), Some(field)) = (entry.text("process"), field) {
            fields.entry(process.to_owned()).or_default().push(field);
        }
    }
    let mut found = Vec::new();
    for (process, fields) in fields {
        let mut records = BTreeSet::new();
        for field in &fields {
            records.extend(match field.kind {
                Kind::Table(_) => rows::custom_filled(session.conn, &process, field.key)?,
                _ => rows::custom_naming(session.conn, &process, field.key, from, most)?,
            });
        }
        for record in records {
            found.extend(held(session, record, &fields, from, to)?);
        }
    }
    Ok(found)
}

fn held(
    session: &mut Session<'_>,
    record: i64,
    fields: &[&'static FieldDef],
    from: i64,
    to: i64,
) -> Result<Option<Held>> {
    let Some((record, process, open, custom)) = rows::custom_of(session.conn, record)? else { return Ok(None) };
    let mut values: Values = values_of(&custom);
    let mut changed = Vec::new();
    for field in fields {
        let anew = values.get(field.key).and_then(|value| replaced(field, value, from, to));
        if let Some(anew) = anew {
            values.insert(field.key.to_owned(), anew);
            changed.push(*field);
        }
    }
    let after = Value::Row(values).plain().to_string();
    Ok((!changed.is_empty()).then_some(Held { record, process, open, after, fields: changed }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mainstay_store::merging::{Fate, PLACES};
    use mainstay_store::testing::both;
    use mainstay_store::{Conn, Dialect};

    /// Every foreign key to `entry` as (table, column).
    const KEYS: [&str; 2] = [
        "SELECT t.name, f.\"from\" FROM sqlite_master t JOIN pragma_foreign_key_list(t.name) f
         WHERE t.type = 'table' AND f.\"table\" = 'entry'",
        "SELECT t.relname::text, a.attname::text FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
         JOIN pg_namespace n ON n.oid = t.relnamespace JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (c.conkey)
         WHERE c.contype = 'f' AND c.confrelid = 'entry'::regclass AND n.nspname = current_schema()",
    ];

    /// Whether a column is a declared field that names entries, whatever their register.
    fn is_declared(table: &str, column: &str) -> bool {
        let names = |field: &&FieldDef| field.key == column && matches!(field.kind, Kind::Ref(_));
        let own = |process: &&&Process| process.table == table;
        mainstay_engine::spine::ALL.iter().any(|field| table == "record" && names(&field))
            || mainstay_processes::ALL.iter().filter(own).any(|process| process.fields().any(|field| names(&field)))
    }

    #[tokio::test]
    async fn no_column_that_names_entries_is_forgotten() {
        for db in both() {
            let sql = KEYS[usize::from(db.dialect() == Dialect::Postgres)];
            let keys: Vec<(String, String)> = db.read(move |conn| conn.fetch(sql, &[])).await.expect("the keys");
            assert!(keys.len() > 40, "{keys:?}");
            let is_place = |(table, column): &&(String, String)| {
                PLACES.iter().any(|place| place.table == table && place.column == column)
            };
            let forgotten: Vec<_> = keys.iter().filter(|key| !is_place(key) && !is_declared(&key.0, &key.1)).collect();
            assert!(forgotten.is_empty(), "{:?}: say what becomes of {forgotten:?}", db.dialect());
            let gone = PLACES
                .iter()
                .filter(|place| !keys.iter().any(|(table, column)| table == place.table && column == place.column));
            assert_eq!(gone.map(|place| (place.table, place.column)).collect::<Vec<_>>(), [], "{:?}", db.dialect());
        }
    }

    fn plan(conn: &mut Conn, sql: &str) -> mainstay_store::Result<String> {
        if conn.dialect() == Dialect::Postgres {
            conn.batch("SET LOCAL enable_seqscan = off")?;
            return Ok(conn.fetch::<String>(&format!("EXPLAIN {sql}"), &[])?.join("; "));
        }
        let steps: Vec<(i64, i64, i64, String)> = conn.fetch(&format!("EXPLAIN QUERY PLAN {sql}"), &[])?;
        Ok(steps.into_iter().map(|(.., step)| step).collect::<Vec<_>>().join("; "))
    }

    #[tokio::test]
    async fn every_column_that_moves_is_found_through_an_index() {
        // A few rows of what was done at once, and links that end within days.
        let small = ["bulk_run", "secret_link"];
        let mut questions: Vec<(String, String)> = Vec::new();
        for place in PLACES.iter().filter(|place| place.moves() || place.fate == Fate::Ends) {
            let question = format!("SELECT 1 FROM {} WHERE {} = 7", place.table, place.column);
            questions.push((place.table.to_owned(), question));
        }
        for (field, named) in columns() {
            let table = named.table.unwrap_or("record");
            let parts: &[&str] = if named.table.is_some() { &[""] } else { &[" AND phase < 2", " AND phase >= 2"] };
            let of = |part: &&str| (table.to_owned(), format!("SELECT 1 FROM {table} WHERE {} = 7{part}", field.key));
            questions.extend(parts.iter().map(of));
        }
        for db in both() {
            for (table, question) in questions.iter().filter(|(table, _)| !small.contains(&table.as_str())) {
                let sql = question.clone();
                let plan = db.read(move |conn| plan(conn, &sql)).await.expect("a plan");
                let searched = match db.dialect() {
                    Dialect::Sqlite => plan.contains("SEARCH"),
                    Dialect::Postgres => plan.contains("Index") && plan.contains("Cond"),
                };
                assert!(searched, "{table} has no index by person on {:?}: {question}: {plan}", db.dialect());
            }
        }
    }
}
