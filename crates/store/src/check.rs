//! What a doctor looks at: is the data whole, is anything lost, is anything in the way of the next start.

use crate::archive::TABLES;
use crate::{Blobs, Conn, Db, Dialect, Error, Part, Result, Table, Watch, dialect};
use std::collections::BTreeSet;

const TABLES_READ: Part = Part::new("Reading tables", "rows");
const FILES_READ: Part = Part::new("Reading attachments", "files");
/// Faults of the database file that are told; with more it is lost anyway.
const MOST_FAULTS: usize = 20;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Good to know.
    Note,
    /// Something to look after before it becomes a loss.
    Warning,
    /// Something is lost or broken.
    Damage,
}

/// One thing found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub weight: Weight,
    /// A sentence for the operator.
    pub says: String,
}

impl Finding {
    fn new(weight: Weight, says: impl Into<String>) -> Self {
        Self { weight, says: says.into() }
    }
}

/// Looks at everything and changes nothing; `tables` are the narrow tables of all processes. It reads every page and
/// every blob, so it takes minutes on large data. Nothing found means that all is well.
///
/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked.
pub async fn check(db: &Db, blobs: &Blobs, tables: &[Table], watch: &Watch) -> Result<Vec<Finding>> {
    let mut found: Vec<Finding> = match db.pending().await {
        Ok(steps) if steps.is_empty() => Vec::new(),
        Ok(steps) => {
            let names: Vec<&str> = steps.iter().map(|step| step.name).collect();
            return Ok(vec![Finding::new(
                Weight::Warning,
                format!("The schema lacks {} steps ({}): run the migration.", names.len(), names.join(", ")),
            )]);
        }
        Err(Error::Damaged(why)) => return Ok(vec![Finding::new(Weight::Damage, why)]),
        Err(other) => return Err(other),
    };
    let watching = watch.clone();
    found.extend(db.read_long(move |conn| database(conn, &watching)).await?);
    let tables = tables.to_vec();
    found.extend(db.read_long(move |conn| halves(conn, &tables)).await?);
    found.extend(files(db, blobs, watch).await?);
    Ok(found)
}

fn database(conn: &mut Conn, watch: &Watch) -> Result<Vec<Finding>> {
    match conn.dialect() {
        Dialect::Sqlite => sqlite(conn, watch),
        Dialect::Postgres => postgres(conn),
    }
}

/// Every table with its indexes, told as it goes, then every page of the file, whoever it belongs to.
fn pages(conn: &mut Conn, watch: &Watch) -> Result<Vec<String>> {
    let names = dialect::tables(conn)?;
    // A count that cannot be made is no measure; the check itself says what is wrong.
    let mut rows = |name: &String| conn.one::<i64>(&format!("SELECT count(*) FROM {name}"), &[]).unwrap_or_default();
    let sizes: Vec<u64> = names.iter().map(|name| u64::try_from(rows(name)).unwrap_or_default()).collect();
    let total = sizes.iter().sum();
    let (mut done, mut faults) = (0, Vec::new());
    watch.tell(TABLES_READ, done, total);
    for (name, size) in names.iter().zip(sizes) {
        faults.extend(conn.fetch::<String>(&format!("PRAGMA integrity_check({name})"), &[])?);
        done += size;
        watch.tell(TABLES_READ, done, total);
    }
    faults.extend(conn.fetch::<String>("PRAGMA quick_check", &[])?);
    let mut told = BTreeSet::new();
    faults.retain(|fault| fault != "ok" && told.insert(fault.clone()));
    faults.truncate(MOST_FAULTS);
    Ok(faults)
}

fn sqlite(conn: &mut Conn, watch: &Watch) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    for fault in pages(conn, watch)? {
        found.push(Finding::new(Weight::Damage, format!("The database file is damaged: {fault}.")));
    }
    let dangling: Vec<(String, Option<i64>, String)> = conn.fetch("PRAGMA foreign_key_check", &[])?;
    for (table, row, parent) in dangling.iter().take(20) {
        let row = row.map_or_else(String::new, |row| format!(" {row}"));
        found.push(Finding::new(Weight::Damage, format!("The {table}{row} points to a missing {parent}.")));
    }
    // One writer gives ids out in order and takes undone ones back, so it leaves no gaps of its own.
    let gaps = "SELECT COALESCE(max(id) - min(id) + 1 - count(*), 0) FROM event";
    // Demo data leaves the log with its history, and what left that way is counted.
    let lost = conn.one::<i64>(gaps, &[])? - crate::demo::gone(conn)?;
    if lost > 0 {
        let says = format!("The event log skips {lost} ids: lines were removed, or it was restored from PostgreSQL.");
        found.push(Finding::new(Weight::Warning, says));
    }
    Ok(found)
}

fn postgres(conn: &mut Conn) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    let settings: Vec<(String, String)> = conn.fetch(
        "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit',
         'data_checksums') ORDER BY name",
        &[],
    )?;
    for (name, _) in settings.iter().filter(|(_, setting)| setting == "off") {
        found.push(Finding::new(Weight::Warning, danger(name)));
    }
    for (table, key) in TABLES.iter().filter(|(_, key)| *key == ["id"]) {
        let behind = format!(
            "SELECT COALESCE(max({}), 0) > (SELECT last_value FROM {table}_id_seq) FROM {table}",
            key.join(", ")
        );
        if conn.one(&behind, &[])? {
            found.push(Finding::new(Weight::Damage, format!("The ids of {table} would be given out twice.")));
        }
    }
    Ok(found)
}

fn danger(setting: &str) -> String {
    match setting {
        "data_checksums" => "The PostgreSQL server keeps no page checksums: it cannot notice a failing disk.".into(),
        other => format!("The PostgreSQL server runs with {other} off: a power cut loses or destroys data."),
    }
}

/// Records are two rows and an event, written together.
fn halves(conn: &mut Conn, tables: &[Table]) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    for table in tables {
        let sql = format!(
            "SELECT count(*) FROM record WHERE process = $1 AND NOT EXISTS
             (SELECT 1 FROM {} AS narrow WHERE narrow.record = record.id)",
            table.name
        );
        let lost: i64 = conn.one(&sql, &[table.process.into()])?;
        if lost > 0 {
            found.push(Finding::new(Weight::Damage, format!("{lost} records of {} are half written.", table.process)));
        }
    }
    let silent: i64 = conn.one(
        "SELECT count(*) FROM record WHERE NOT EXISTS
         (SELECT 1 FROM event WHERE event.subject = 'record' AND event.subject_id = record.id)",
        &[],
    )?;
    if silent > 0 {
        found.push(Finding::new(Weight::Damage, format!("{silent} records have no history.")));
    }
    Ok(found)
}

async fn files(db: &Db, blobs: &Blobs, watch: &Watch) -> Result<Vec<Finding>> {
    let all = "SELECT digest, min(record) FROM (SELECT digest, record FROM attachment
        UNION ALL SELECT digest, CAST(NULL AS BIGINT) FROM export_file) AS files GROUP BY digest";
    let named: Vec<(String, Option<i64>)> = db.read_long(|conn| conn.fetch(all, &[])).await?;
    let mut found = Vec::new();
    for (done, (digest, record)) in (1..).zip(&named) {
        watch.tell(FILES_READ, done, named.len() as u64);
        let what = match blobs.get(digest).await {
            Ok(_) => continue,
            Err(Error::Missing) => "is lost",
            Err(Error::Damaged(_)) => "has changed on disk",
            Err(other) => return Err(other),
        };
        let of = record.map_or_else(|| "an export".to_owned(), |record| format!("record {record}"));
        found.push(Finding::new(Weight::Damage, format!("The file {digest} of {of} {what}.")));
    }
    let named: BTreeSet<String> = named.into_iter().map(|(digest, _)| digest).collect();
    let orphans = blobs.all().await?.into_iter().filter(|(blob, _)| !named.contains(&blob.digest)).count();
    if orphans > 0 {
        found.push(Finding::new(Weight::Note, format!("{orphans} files belong to no record and may be swept.")));
    }
    Ok(found)
}
