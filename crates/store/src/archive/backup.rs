//! Writing a backup while everything goes on running.

use super::{Contents, FORMAT, Hashed, JSON, MANIFEST, Manifest, TABLES, blob_name, table_name, tables_of};
use crate::dialect::{self, Column};
use crate::{Blobs, Conn, Db, Error, Part, Result, Value, Watch};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use tokio::runtime::Handle;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const WRITING: Part = Part::new("Writing tables", "rows");
const FILES: Part = Part::new("Writing attachments", "files");
/// Rows after which the watch is told.
const OFTEN: u64 = 500;

type Zip = ZipWriter<BufWriter<File>>;

/// Writes a backup of one moment to `file`, reads it again to be sure, and only then gives it its name. Files that
/// attachments name but that are lost are listed in [`Manifest::missing`]: look at it.
///
/// # Errors
/// [`Error::Full`] or [`Error::File`] when it cannot be written; what the database refuses.
pub async fn backup(db: &Db, blobs: &Blobs, file: &Path, now: i64, watch: &Watch) -> Result<Manifest> {
    let (db, blobs, file, runtime) = (db.clone(), blobs.clone(), file.to_owned(), Handle::current());
    let watch = watch.clone();
    tokio::task::spawn_blocking(move || {
        let unfinished = PathBuf::from(format!("{}.unfinished", file.display()));
        let made = write(&db, &blobs, &unfinished, now, (&runtime, &watch)).and_then(|manifest| {
            super::verify(&unfinished, &watch)?;
            publish(&unfinished, &file)?;
            Ok(manifest)
        });
        if made.is_err() {
            // Half a backup is worse than none.
            let _ = std::fs::remove_file(&unfinished);
        }
        made
    })
    .await
    .map_err(|why| Error::Panicked(why.to_string()))?
}

fn write(db: &Db, blobs: &Blobs, file: &Path, now: i64, (runtime, watch): (&Handle, &Watch)) -> Result<Manifest> {
    let created = File::create(file).map_err(|why| Error::file(file, &why))?;
    let zip = ZipWriter::new(BufWriter::new(created));
    let (mut zip, mut manifest, named) = {
        let watch = watch.clone();
        db.read_blocking(move |conn| tables(conn, zip, now, &watch))?
    };
    let files = named.len() as u64;
    for (done, digest) in (1..).zip(named) {
        watch.tell(FILES, done, files);
        match runtime.block_on(blobs.get(&digest)) {
            Ok(bytes) => {
                zip.start_file(blob_name(&digest), options(CompressionMethod::Stored)).map_err(refused)?;
                zip.write_all(&bytes).map_err(|why| io(&why))?;
                manifest.blobs.push(digest);
            }
            Err(Error::Missing | Error::Damaged(_)) => manifest.missing.push(digest),
            Err(other) => return Err(other),
        }
    }
    zip.start_file(MANIFEST, options(CompressionMethod::Deflated)).map_err(refused)?;
    serde_json::to_writer_pretty(&mut zip, &manifest).map_err(|why| Error::File(why.to_string()))?;
    let written = zip.finish().map_err(refused)?;
    let written = written.into_inner().map_err(|why| io(why.error()))?;
    written.sync_all().map_err(|why| io(&why))?;
    Ok(manifest)
}

fn publish(from: &Path, to: &Path) -> Result<()> {
    std::fs::rename(from, to).map_err(|why| Error::file(to, &why))?;
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|why| Error::file(folder, &why))
}

/// Writes every table as this snapshot sees it; answers also which blobs they name.
fn tables(conn: &mut Conn, mut zip: Zip, now: i64, watch: &Watch) -> Result<(Zip, Manifest, Vec<String>)> {
    let schema = conn.one("SELECT COALESCE(max(number), 0) FROM migration", &[])?;
    let mut manifest = Manifest {
        product: "Mainstay".into(),
        format: FORMAT,
        made: now,
        schema,
        tables: BTreeMap::new(),
        ids: dialect::highest_ids(conn, TABLES)?,
        numbers: dialect::next_numbers(conn)?,
        blobs: Vec::new(),
        missing: Vec::new(),
    };
    let all = tables_of(conn)?;
    let mut told = Told { watch, done: 0, total: rows_in(conn, &all)? };
    for (table, key) in &all {
        zip.start_file(table_name(table), options(CompressionMethod::Deflated)).map_err(refused)?;
        let mut lines = Hashed::new(&mut zip);
        let rows = lines_of(conn, table, key, &mut lines, &mut told)?;
        let digest = crate::hex(&sha2::Digest::finalize(lines.hash));
        manifest.tables.insert(table.clone(), Contents { rows, digest });
    }
    let named =
        conn.fetch("SELECT digest FROM attachment UNION SELECT digest FROM export_file ORDER BY digest", &[])?;
    Ok((zip, manifest, named))
}

/// How far the tables are written.
struct Told<'w> {
    watch: &'w Watch,
    done: u64,
    total: u64,
}

impl Told<'_> {
    fn one_more(&mut self) {
        self.done += 1;
        if self.done.is_multiple_of(OFTEN) || self.done == self.total {
            self.watch.tell(WRITING, self.done, self.total);
        }
    }
}

fn rows_in(conn: &mut Conn, tables: &[(String, Vec<&str>)]) -> Result<u64> {
    let mut all = 0;
    for (table, _) in tables {
        let rows: i64 = conn.one(&format!("SELECT count(*) FROM {table}"), &[])?;
        all += u64::try_from(rows).unwrap_or_default();
    }
    Ok(all)
}

/// The first line names the columns, each following one is a row.
fn lines_of(conn: &mut Conn, table: &str, key: &[&str], to: &mut impl Write, told: &mut Told<'_>) -> Result<u64> {
    let columns = dialect::columns(conn, table)?;
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let order: Vec<String> = key.iter().map(|name| dialect::bytewise(conn.dialect(), &columns, name)).collect();
    let sql = format!("SELECT {} FROM {table} ORDER BY {}", names.join(", "), order.join(", "));
    line(to, &Json::from(names))?;
    let mut rows = 0;
    conn.each(&sql, &[], |row: Vec<Value>| {
        rows += 1;
        told.one_more();
        let cells = columns.iter().zip(row).map(|(column, value)| cell(table, column, value));
        line(to, &Json::Array(cells.collect::<Result<_>>()?))
    })?;
    Ok(rows)
}

fn line(to: &mut impl Write, json: &Json) -> Result<()> {
    to.write_all(format!("{json}\n").as_bytes()).map_err(|why| io(&why))
}

fn cell(table: &str, column: &Column, value: Value) -> Result<Json> {
    Ok(match value {
        Value::Null => Json::Null,
        Value::Int(n) if column.truth => Json::Bool(n != 0),
        Value::Bool(b) => Json::Bool(b),
        Value::Int(n) => n.into(),
        Value::Text(text) if JSON.contains(&(table, &column.name)) => {
            let damaged = |why| Error::Damaged(format!("{table}.{}: {why}", column.name));
            sorted(serde_json::from_str(&text).map_err(damaged)?)
        }
        Value::Text(text) => Json::String(text),
    })
}

/// One of the databases keeps keys in an order of its own.
fn sorted(json: Json) -> Json {
    match json {
        Json::Array(items) => Json::Array(items.into_iter().map(sorted).collect()),
        Json::Object(object) => {
            let ordered: BTreeMap<String, Json> = object.into_iter().map(|(key, item)| (key, sorted(item))).collect();
            Json::Object(ordered.into_iter().collect())
        }
        plain => plain,
    }
}

fn options(method: CompressionMethod) -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(method).large_file(true)
}

fn refused(why: zip::result::ZipError) -> Error {
    match why {
        zip::result::ZipError::Io(why) => io(&why),
        other => Error::File(format!("the backup: {other}")),
    }
}

fn io(why: &std::io::Error) -> Error {
    match why.kind() {
        std::io::ErrorKind::StorageFull => Error::Full(format!("the backup: {why}")),
        _ => Error::File(format!("the backup: {why}")),
    }
}
