//! The limit: the same rows written, and the same questions asked, by the bare embedded database.

use super::table::{CREATE, Line, count};
use crate::failure::Failure;
use crate::settings::Settings;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params_from_iter};
use std::collections::HashMap;
use std::path::PathBuf;
use tempfile::TempDir;

/// Records that share one commit, as in the program.
pub const GROUP: usize = 64;
/// Times that a question is asked.
pub const ASKED: usize = 2000;

/// What the program sets, but for foreign keys: rows that point to each other may come in groups beside each other.
const AS_THE_PROGRAM: &str =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -262144;";

/// The database as it was before anything was measured.
pub struct Copy {
    folder: TempDir,
    live: PathBuf,
    newest: i64,
    now: i64,
}

/// The same questions as the API answers, in hand-written SQL that both databases understand.
pub const ONE: &str = "SELECT * FROM record r JOIN incident i ON i.record = r.id WHERE r.number = $1";
pub const LIST: &str = "SELECT * FROM record r JOIN incident i ON i.record = r.id
    WHERE r.process = $1 AND r.priority IN (1, 2, 3) AND r.phase < 2 ORDER BY r.opened DESC, r.id DESC LIMIT 51";
pub const COUNT: &str = "SELECT count(*) FROM (SELECT 1 FROM record r
    WHERE r.process = $1 AND r.assignee IS NULL AND r.phase < 2 LIMIT 10000) AS counted";
pub const NEWEST: &str = "SELECT number FROM record WHERE process = 'incident' ORDER BY updated DESC LIMIT 500";

/// µs of CPU by the name of the operation.
pub type Limits = HashMap<&'static str, f64>;

impl Copy {
    /// A copy beside the database; none for a server's.
    ///
    /// # Errors
    /// No space; a database that cannot be read.
    pub fn of(settings: &Settings) -> Result<Option<Self>, Failure> {
        let Some(file) = settings.database.strip_prefix("sqlite:") else { return Ok(None) };
        let live = PathBuf::from(file);
        let beside = live.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(".".as_ref());
        let failed = |why: std::io::Error| Failure::failed(format!("the database cannot be copied: {why}."));
        let folder = tempfile::Builder::new().prefix("bare-").tempdir_in(beside).map_err(failed)?;
        std::fs::copy(&live, folder.path().join("bare.db")).map_err(failed)?;
        let one = |sql| -> Result<i64, Failure> { Ok(open(&live)?.query_row(sql, [], |row| row.get(0))?) };
        let newest = one("SELECT COALESCE(max(id), 0) FROM record")?;
        let now = one("SELECT COALESCE(max(at), 0) FROM event")?;
        Ok(Some(Self { folder, live, newest, now }))
    }

    /// Does the same bare.
    ///
    /// # Errors
    /// A database that cannot be read or written.
    pub fn measure(&self) -> Result<Limits, Failure> {
        let bare = open(&self.folder.path().join("bare.db"))?;
        bare.execute_batch(AS_THE_PROGRAM)?;
        let mut limits = Limits::new();
        limits.insert("API: one incident", read_one(&bare)?);
        limits.insert("API: 50 filtered and sorted", read_list(&bare)?);
        limits.insert("API: counters of queues", read_count(&bare)?);
        if let Some(create) = self.write(&bare)? {
            limits.insert(CREATE, create);
        }
        Ok(limits)
    }

    /// Writes what the program wrote, with its grouping; none when it wrote nothing.
    fn write(&self, bare: &Connection) -> Result<Option<f64>, Failure> {
        let live = open(&self.live)?;
        let written =
            tables(&live)?.into_iter().map(|table| self.rows(&live, bare, &table)).collect::<Result<Vec<_>, _>>()?;
        let records = written.iter().find(|w| w.table == "record").map_or(0, |w| w.rows.len());
        let groups = records.div_ceil(GROUP);
        let before = cpu_of_this_thread();
        for group in 0..groups {
            bare.execute_batch("BEGIN IMMEDIATE")?;
            for table in &written {
                let mut insert = bare.prepare_cached(&table.insert)?;
                let part = |of: usize| table.rows.len() * of / groups;
                for row in &table.rows[part(group)..part(group + 1)] {
                    insert.execute(params_from_iter(row))?;
                }
            }
            bare.execute_batch("COMMIT")?;
        }
        let spent = cpu_of_this_thread() - before;
        Ok((records > 0).then(|| spent / count(records)))
    }

    /// The rows that a table has got since the copy was made.
    fn rows(&self, live: &Connection, bare: &Connection, table: &str) -> Result<Written, Failure> {
        let columns: Vec<String> =
            live.prepare(&format!("SELECT * FROM \"{table}\" LIMIT 0"))?.column_names().map(str::to_owned).collect();
        let has = |name: &str| columns.iter().any(|column| column == name);
        let (condition, from) = if table != "idempotency" && has("id") {
            ("id > $1", bare.query_row(&format!("SELECT COALESCE(max(id), 0) FROM \"{table}\""), [], |row| row.get(0))?)
        } else if has("record") {
            ("record > $1", self.newest)
        } else if table == "idempotency" {
            ("at > $1", self.now)
        } else {
            ("$1 < 0", 0)
        };
        let mut query = live.prepare(&format!("SELECT * FROM \"{table}\" WHERE {condition}"))?;
        let mut found = query.query([from])?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            rows.push((0..columns.len()).map(|n| row.get::<_, Value>(n)).collect::<Result<Vec<_>, _>>()?);
        }
        let places: Vec<String> = (1..=columns.len()).map(|n| format!("?{n}")).collect();
        Ok(Written {
            table: table.to_owned(),
            insert: format!("INSERT INTO \"{table}\" VALUES ({})", places.join(", ")),
            rows,
        })
    }
}

struct Written {
    table: String,
    insert: String,
    rows: Vec<Vec<Value>>,
}

/// Puts each limit beside what it limits.
pub fn compare(lines: &mut [Line], limits: &Limits) {
    for line in lines {
        line.raw = limits.get(line.name).copied();
    }
}

/// In the order of their making, so that what is pointed to comes first.
fn tables(live: &Connection) -> Result<Vec<String>, Failure> {
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid";
    let mut query = live.prepare(sql)?;
    let names = query.query_map([], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

fn read_one(bare: &Connection) -> Result<f64, Failure> {
    let numbers: Vec<String> = {
        let mut query = bare.prepare(NEWEST)?;
        query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?
    };
    asked(|turn| walk(bare, ONE, &numbers[turn % numbers.len()]))
}

fn read_list(bare: &Connection) -> Result<f64, Failure> {
    asked(|_| walk(bare, LIST, "incident"))
}

fn read_count(bare: &Connection) -> Result<f64, Failure> {
    asked(|_| walk(bare, COUNT, "incident"))
}

fn asked(ask: impl Fn(usize) -> rusqlite::Result<()>) -> Result<f64, Failure> {
    let before = cpu_of_this_thread();
    for turn in 0..ASKED {
        ask(turn)?;
    }
    Ok((cpu_of_this_thread() - before) / count(ASKED))
}

fn walk(bare: &Connection, sql: &str, value: &str) -> rusqlite::Result<()> {
    let mut query = bare.prepare_cached(sql)?;
    let columns = query.column_count();
    let mut rows = query.query([value])?;
    while let Some(row) = rows.next()? {
        for column in 0..columns {
            std::hint::black_box(row.get::<_, Value>(column)?);
        }
    }
    Ok(())
}

fn open(file: &std::path::Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// µs that this thread has run so far.
pub fn cpu_of_this_thread() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split_whitespace().next().and_then(|nanos| nanos.parse::<f64>().ok()).unwrap_or_default() / 1000.0
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::failed(format!("the bare database: {error}."))
    }
}
