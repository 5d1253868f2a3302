//! Filling an empty database from a backup, whichever database it was made of.

use super::{Archive, JSON, Manifest, blob_name, manifest_of, open, table_name, tables_of};
use crate::{Blobs, Db, Error, Part, Result, Value, Watch};
use crate::{custom, dialect};
use serde_json::Value as Json;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use tokio::runtime::Handle;

/// The setting that a restored database carries until somebody takes it into service. While it is there nothing may
/// leave: no mail, no webhook, no escalation. A copy made for a look must not write to customers.
pub const RESTORED: &str = "restored";

const FILES: Part = Part::new("Restoring attachments", "files");
const ROWS_BACK: Part = Part::new("Restoring tables", "rows");

/// Rows per statement, and statements per transaction.
const ROWS: usize = 100;
const BATCHES: usize = 20;

/// Checks a backup and fills an empty database and its blobs from it. The schema is brought up on the way.
///
/// # Errors
/// [`Error::Damaged`] when the backup is damaged or newer than this program, or the database is not empty.
pub async fn restore(file: &Path, db: &Db, blobs: &Blobs, now: i64, watch: &Watch) -> Result<Manifest> {
    let (path, watching) = (file.to_owned(), watch.clone());
    let manifest = blocking(move || super::verify(&path, &watching)).await?;
    db.migrate_to(manifest.schema, now).await?;
    let (db_too, blobs, path, runtime) = (db.clone(), blobs.clone(), file.to_owned(), Handle::current());
    let watch = watch.clone();
    let manifest = blocking(move || load(&path, &db_too, &blobs, now, (&runtime, &watch))).await?;
    db.migrate(now).await?;
    Ok(manifest)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|why| Error::Panicked(why.to_string()))?
}

fn load(file: &Path, db: &Db, blobs: &Blobs, now: i64, (runtime, watch): (&Handle, &Watch)) -> Result<Manifest> {
    let mut archive = open(file)?;
    let manifest = manifest_of(&mut archive, file)?;
    refuse_unless_empty(db)?;
    // A row must never name a blob that is not there yet.
    for (done, digest) in (1..).zip(&manifest.blobs) {
        let mut bytes = Vec::new();
        let mut entry = archive.by_name(&blob_name(digest)).map_err(|why| Error::Damaged(why.to_string()))?;
        entry.read_to_end(&mut bytes).map_err(|why| Error::Damaged(why.to_string()))?;
        runtime.block_on(blobs.put(bytes))?;
        watch.tell(FILES, done, manifest.blobs.len() as u64);
    }
    let total = manifest.tables.values().map(|table| table.rows).sum();
    let mut done = 0;
    let mut tell = |rows: u64| {
        done += rows;
        watch.tell(ROWS_BACK, done, total);
    };
    for (table, _) in db.read_blocking(tables_of)? {
        if manifest.tables.contains_key(&table) {
            load_table(&mut archive, db, &table, &mut tell)?;
        }
    }
    let (ids, numbers) = (manifest.ids.clone(), manifest.numbers.clone());
    db.write_blocking(move |conn| {
        dialect::set_counters(conn, &ids, &numbers)?;
        let sql = "INSERT INTO setting (key, value, updated) VALUES ($1, $2, $3)
            ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated = excluded.updated";
        conn.run(sql, &[RESTORED.into(), now.to_string().into(), now.into()])
    })?;
    Ok(manifest)
}

fn refuse_unless_empty(db: &Db) -> Result<()> {
    let used = "SELECT EXISTS (SELECT 1 FROM entry) OR EXISTS (SELECT 1 FROM event) OR EXISTS (SELECT 1 FROM setting)";
    if db.read_blocking(|conn| conn.one::<bool>(used, &[]))? {
        return Err(Error::Damaged("the database is not empty: restore into a new one".into()));
    }
    Ok(())
}

type Rows = Vec<Vec<Value>>;

fn load_table(archive: &mut Archive, db: &Db, table: &str, tell: &mut dyn FnMut(u64)) -> Result<()> {
    let entry = archive.by_name(&table_name(table)).map_err(|why| Error::Damaged(why.to_string()))?;
    let mut lines = BufReader::new(entry).lines().map(|line| line.map_err(|why| Error::Damaged(why.to_string())));
    let damaged = || Error::Damaged(format!("the backup's table {table} cannot be read"));
    let header = lines.next().ok_or_else(damaged)??;
    let names: Vec<String> = serde_json::from_str(&header).map_err(|_| damaged())?;
    let json = known_columns(db, table, &names)?;
    let mut waiting: Vec<Rows> = Vec::new();
    let mut owners: Vec<(i64, i64)> = Vec::new();
    for line in lines {
        let cells: Vec<Json> = serde_json::from_str(&line?).map_err(|_| damaged())?;
        if cells.len() != names.len() {
            return Err(damaged());
        }
        let mut row: Vec<Value> = cells.into_iter().zip(&json).map(|(cell, json)| value(cell, *json)).collect();
        if table == "entry" {
            owners.extend(without_owner(&names, &mut row));
        }
        match waiting.last_mut() {
            Some(rows) if rows.len() < ROWS => rows.push(row),
            _ => waiting.push(vec![row]),
        }
        if waiting.len() > BATCHES {
            insert(db, table, &names, waiting.drain(..BATCHES).collect())?;
            tell((ROWS * BATCHES) as u64);
        }
    }
    let rest = waiting.iter().map(Vec::len).sum::<usize>() as u64;
    insert(db, table, &names, waiting)?;
    tell(rest);
    if table == "record" {
        db.write_blocking(|conn| custom::keep(conn, None))?;
    }
    restore_owners(db, owners)
}

/// Which columns hold JSON; a column this schema does not have never becomes SQL.
fn known_columns(db: &Db, table: &str, names: &[String]) -> Result<Vec<bool>> {
    let wanted = table.to_owned();
    let columns = db.read_blocking(move |conn| dialect::columns(conn, &wanted))?;
    names
        .iter()
        .map(|name| match columns.iter().find(|column| column.name == *name) {
            Some(column) => Ok(JSON.contains(&(table, column.name.as_str()))),
            None => Err(Error::Damaged(format!("the table {table} has no column {name}"))),
        })
        .collect()
}

fn value(cell: Json, json: bool) -> Value {
    match cell {
        Json::Null => Value::Null,
        other if json => Value::Text(other.to_string()),
        Json::Bool(b) => Value::Bool(b),
        Json::Number(n) => n.as_i64().map_or(Value::Null, Value::Int),
        Json::String(text) => Value::Text(text),
        other => Value::Text(other.to_string()),
    }
}

/// An entry may belong to one that comes later; it is told so when all are there.
fn without_owner(names: &[String], row: &mut [Value]) -> Option<(i64, i64)> {
    let at = |name: &str| names.iter().position(|column| column == name);
    let (id, owner) = (at("id")?, at("organisation")?);
    let found = (row[id].as_int()?, row[owner].as_int()?);
    row[owner] = Value::Null;
    Some(found)
}

fn restore_owners(db: &Db, owners: Vec<(i64, i64)>) -> Result<()> {
    db.write_blocking(move |conn| {
        let sql = "UPDATE entry SET organisation = $2 WHERE id = $1";
        owners.iter().try_for_each(|(id, owner)| conn.run(sql, &[(*id).into(), (*owner).into()]).map(|_| ()))
    })
}

fn insert(db: &Db, table: &str, names: &[String], batches: Vec<Rows>) -> Result<()> {
    let (table, names, width) = (table.to_owned(), names.join(", "), names.len());
    let batches = Arc::new(batches);
    db.write_blocking(move |conn| {
        for rows in batches.iter() {
            let places: Vec<String> = (0..rows.len()).map(|row| places(row * width, width)).collect();
            let sql = format!("INSERT INTO {table} ({names}) VALUES {}", places.join(", "));
            conn.run(&sql, &rows.concat())?;
        }
        Ok(())
    })
}

fn places(before: usize, width: usize) -> String {
    let places: Vec<String> = (1..=width).map(|n| format!("${}", before + n)).collect();
    format!("({})", places.join(", "))
}
