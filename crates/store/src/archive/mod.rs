//! Backups: one file for both databases, a zip of one JSON-lines file per table, the blobs, and a manifest.

mod backup;
mod restore;

pub use backup::backup;
pub use restore::{RESTORED, restore};

use crate::{Conn, Error, Part, Result, Watch, dialect};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::Path;
use zip::ZipArchive;

/// The form of the file; it grows when old programs could not read a new one.
const FORMAT: u32 = 1;

const CHECKING: Part = Part::new("Checking", "bytes");

const MANIFEST: &str = "manifest.json";

/// Every table that all processes share, with its key, parents before children. The narrow tables of the processes,
/// which the schema alone names, belong right behind `record`.
pub(crate) const TABLES: &[(&str, &[&str])] = &[
    ("entry", &["id"]),
    ("entry_version", &["entry", "version"]),
    ("entry_reference", &["from_entry", "field", "to_entry"]),
    ("record", &["id"]),
    ("demo", &["subject", "id"]),
    ("link", &["from_record", "relation", "to_record"]),
    ("external_link", &["record", "relation", "reference"]),
    ("party", &["record", "entry", "role"]),
    ("event", &["id"]),
    ("comment", &["id"]),
    ("attachment", &["id"]),
    ("task", &["id"]),
    ("task_wait", &["task", "awaited"]),
    ("work_time", &["id"]),
    ("approval_round", &["id"]),
    ("approval", &["id"]),
    ("conflict_accepted", &["record", "met"]),
    ("meeting", &["id"]),
    ("meeting_person", &["meeting", "person"]),
    ("meeting_item", &["meeting", "record"]),
    ("survey", &["record"]),
    ("follow_up", &["task"]),
    ("affected", &["record", "person"]),
    ("begun_form", &["person", "form"]),
    ("draft", &["person", "place"]),
    ("preference", &["person", "name"]),
    ("clock", &["id"]),
    ("timer", &["id"]),
    ("job", &["id"]),
    ("outbox", &["id"]),
    ("notice", &["id"]),
    ("bulk_run", &["id"]),
    ("candidate", &["id"]),
    ("sighting", &["id"]),
    ("parked", &["id"]),
    ("discrepancy", &["id"]),
    ("captured", &["record", "item"]),
    ("export_schedule", &["id"]),
    ("export_file", &["id"]),
    ("account", &["person"]),
    ("session", &["digest"]),
    ("token", &["id"]),
    ("secret_link", &["digest"]),
    ("throttle", &["key"]),
    ("idempotency", &["actor", "key"]),
    ("setting", &["key"]),
    ("lease", &["name"]),
];

/// Kept out of backups: the schema itself, which the restoring program brings, `SQLite`'s counters, which the manifest
/// carries for both, and what the database derives from the records by itself.
const OUTSIDE: [&str; 3] = ["migration", "number_block", "custom_value"];

/// Every table of the schema with its key, parents before children.
fn tables_of(conn: &mut Conn) -> Result<Vec<(String, Vec<&'static str>)>> {
    let shared = |name: &String| TABLES.iter().any(|(table, _)| table == name) || OUTSIDE.contains(&name.as_str());
    let narrow: Vec<String> = dialect::tables(conn)?.into_iter().filter(|name| !shared(name)).collect();
    let mut all = Vec::new();
    for (table, key) in TABLES {
        all.push(((*table).to_owned(), key.to_vec()));
        if *table == "record" {
            all.extend(narrow.iter().map(|name| (name.clone(), vec!["record"])));
        }
    }
    Ok(all)
}

/// Columns that hold JSON which one of the databases stores in a form of its own.
const JSON: &[(&str, &str)] = &[("entry", "data"), ("entry_version", "data"), ("record", "custom")];

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Always `Mainstay`.
    pub product: String,
    /// The form of the file.
    pub format: u32,
    /// When it was begun, in epoch milliseconds UTC; the tables are as of then.
    pub made: i64,
    /// The newest schema step of the database it was made of.
    pub schema: i64,
    /// What each table holds.
    pub tables: BTreeMap<String, Contents>,
    /// The highest id each table ever gave out, so that none is given out again.
    pub ids: BTreeMap<String, i64>,
    /// The next record number of each process.
    pub numbers: BTreeMap<String, i64>,
    /// Digests of the files it holds.
    pub blobs: Vec<String>,
    /// Digests of files that attachments name but that were gone or damaged already.
    pub missing: Vec<String>,
}

/// What one table holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// How many rows.
    pub rows: u64,
    /// SHA-256 of its lines.
    pub digest: String,
}

/// Reads every byte of a backup and compares it with what its manifest promises.
///
/// # Errors
/// [`Error::Damaged`] with what is wrong; [`Error::File`] when it cannot be read.
pub fn verify(file: &Path, watch: &Watch) -> Result<Manifest> {
    let mut archive = open(file)?;
    let manifest = manifest_of(&mut archive, file)?;
    let total = (0..archive.len()).filter_map(|at| Some(archive.by_index_raw(at).ok()?.size())).sum();
    let mut done = 0;
    let mut tell = |read: u64| {
        done += read;
        watch.tell(CHECKING, done, total);
    };
    for (table, contents) in &manifest.tables {
        if digest_of(&mut archive, &table_name(table), &mut tell)? != contents.digest {
            return Err(Error::Damaged(format!("the backup's table {table} is damaged")));
        }
    }
    for digest in &manifest.blobs {
        if digest_of(&mut archive, &blob_name(digest), &mut tell)? != *digest {
            return Err(Error::Damaged(format!("the backup's file {digest} is damaged")));
        }
    }
    Ok(manifest)
}

type Archive = ZipArchive<BufReader<File>>;

fn open(file: &Path) -> Result<Archive> {
    let opened = File::open(file).map_err(|why| Error::file(file, &why))?;
    ZipArchive::new(BufReader::new(opened)).map_err(|_| Error::Damaged(format!("{} is not a backup", file.display())))
}

fn manifest_of(archive: &mut Archive, file: &Path) -> Result<Manifest> {
    let not_ours = |()| Error::Damaged(format!("{} is not a backup of Mainstay", file.display()));
    let entry = archive.by_name(MANIFEST).map_err(|_| not_ours(()))?;
    let manifest: Manifest = serde_json::from_reader(entry).map_err(|_| not_ours(()))?;
    if manifest.format > FORMAT {
        return Err(Error::Damaged("this backup was made by a newer version of Mainstay".into()));
    }
    Ok(manifest)
}

fn digest_of(archive: &mut Archive, name: &str, tell: &mut dyn FnMut(u64)) -> Result<String> {
    let mut entry = archive.by_name(name).map_err(|_| Error::Damaged(format!("the backup lacks {name}")))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = entry.read(&mut buffer).map_err(|why| Error::Damaged(format!("{name}: {why}")))?;
        if read == 0 {
            return Ok(crate::hex(&hash.finalize()));
        }
        hash.update(&buffer[..read]);
        tell(read as u64);
    }
}

fn table_name(table: &str) -> String {
    format!("tables/{table}.jsonl")
}

fn blob_name(digest: &str) -> String {
    format!("blobs/{digest}")
}

/// Passes on what is written and remembers its digest.
struct Hashed<W> {
    to: W,
    hash: Sha256,
}

impl<W: Write> Hashed<W> {
    fn new(to: W) -> Self {
        Self { to, hash: Sha256::new() }
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::both;

    #[tokio::test]
    async fn every_table_is_in_the_backup_and_alike_on_both_databases() {
        let mut shapes = Vec::new();
        for db in both() {
            let (listed, real) =
                db.read(|conn| Ok::<_, Error>((tables_of(conn)?, dialect::tables(conn)?))).await.unwrap();
            let mut names: Vec<String> = listed.iter().map(|(name, _)| name.clone()).collect();
            names.extend(OUTSIDE.iter().filter(|name| real.iter().any(|r| r == *name)).map(|name| (*name).to_owned()));
            names.sort();
            assert_eq!(names, real);
            for (table, key) in &listed {
                let columns = db
                    .read({
                        let table = table.clone();
                        move |conn| dialect::columns(conn, &table)
                    })
                    .await
                    .unwrap();
                assert!(key.iter().all(|k| columns.iter().any(|c| c.name == *k)), "{table} has its key");
            }
            let columns = db.read(move |conn| {
                let columns = listed.iter().map(|(table, _)| dialect::columns(conn, table));
                columns.collect::<Result<Vec<_>>>()
            });
            let shape = |columns: Vec<dialect::Column>| -> Vec<_> {
                columns.into_iter().map(|column| (column.name, column.truth)).collect()
            };
            shapes.push(columns.await.unwrap().into_iter().map(shape).collect::<Vec<_>>());
        }
        assert_eq!(shapes[0], shapes[1]);
    }
}
