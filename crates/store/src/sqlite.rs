//! `SQLite`: one writer thread that commits many callers with one fsync, and readers beside it.

use crate::job::{Job, Lane};
use crate::signals::Signals;
use crate::{Conn, Error, Result};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

/// Callers that share one commit at most.
const GROUP: usize = 64;

// Page caches in KiB (negative by SQLite's convention): one writer, several readers.
// The writer's savepoints are kept in a temporary file: in memory `SQLite` walks a list of all pages kept so far
// at the end of each statement, so that large transactions take quadratic time.
const WRITER: &str = "PRAGMA cache_size = -65536; PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = FILE;";
const READER: &str = "PRAGMA cache_size = -16384; PRAGMA query_only = ON;";

/// FULL, because NORMAL loses acknowledged commits in a power cut.
const COMMON: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;";

/// Opens the writing connection and creates the file when it is missing.
pub(crate) fn open_writer(path: &Path) -> Result<Conn> {
    let connection = Connection::open(path)?;
    prepare(&connection)?;
    connection.execute_batch(WRITER)?;
    Ok(Conn::sqlite(connection))
}

/// Opens a connection that can only read.
pub(crate) fn open_reader(path: &Path) -> Result<Conn> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    prepare(&connection)?;
    connection.execute_batch(READER)?;
    Ok(Conn::sqlite(connection))
}

/// A plan may not depend on the values bound: otherwise statements that are kept prepared are prepared anew for each
/// binding, which took two fifths of the time of a read.
fn prepare(connection: &Connection) -> Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection.execute_batch(COMMON)?)
}

/// Starts the one thread that writes.
pub(crate) fn start_writer(mut conn: Conn, lane: Arc<Lane>, signals: Arc<Signals>) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("store-writer".into()).spawn(move || {
        let mut group = Vec::with_capacity(GROUP);
        while lane.take(GROUP, &mut group) {
            commit_group(&mut conn, std::mem::take(&mut group), &signals);
        }
    })
}

/// What became of a transaction.
enum End {
    Kept,
    /// It could not begin.
    Refused(Error),
    /// Nothing of it was kept, but the callers' own answers may still stand when run alone.
    Lost(Error),
    /// The disk failed: nobody knows what it kept.
    Broken(Error),
}

fn commit_group(conn: &mut Conn, mut group: Vec<Box<dyn Job>>, signals: &Signals) {
    if let Some(why) = signals.why_broken() {
        return settle(group, Some(&Error::Broken(why)));
    }
    match together(conn, &mut group) {
        End::Kept => {
            signals.committed(conn.take_newest_event());
            settle(group, None);
        }
        End::Refused(error) => settle(group, Some(&error)),
        End::Lost(error) if group.len() == 1 => settle(group, Some(&error)),
        // One caller's failure must not be another's: each runs again on a transaction of its own.
        End::Lost(_) => group.into_iter().for_each(|job| commit_group(conn, vec![job], signals)),
        End::Broken(error) => {
            signals.break_down(&error.to_string());
            settle(group, Some(&error));
        }
    }
}

fn settle(group: Vec<Box<dyn Job>>, failure: Option<&Error>) {
    for job in group {
        job.settle(failure.cloned());
    }
}

/// One transaction with a savepoint per caller.
fn together(conn: &mut Conn, group: &mut [Box<dyn Job>]) -> End {
    conn.fresh();
    if let Err(error) = conn.control("BEGIN IMMEDIATE") {
        return End::Refused(error);
    }
    let mut kept = false;
    for job in group {
        match one_caller(conn, job.as_mut()) {
            Ok(wrote) => kept |= wrote,
            Err(error) => {
                conn.rollback();
                return End::Lost(error);
            }
        }
    }
    if !kept {
        conn.rollback();
        return End::Kept;
    }
    commit(conn)
}

/// Runs one caller; an error means that the whole transaction is gone.
fn one_caller(conn: &mut Conn, job: &mut dyn Job) -> Result<bool> {
    conn.control("SAVEPOINT caller")?;
    let event_before = conn.take_newest_event();
    let keep = job.attempt(conn);
    let event = conn.take_newest_event();
    if conn.outside_transaction() {
        let why = conn.spoiled().cloned();
        return Err(why.unwrap_or_else(|| Error::Query("the work ended the transaction it shares".into())));
    }
    if keep {
        conn.control("RELEASE SAVEPOINT caller")?;
    } else {
        conn.undo("caller")?;
    }
    conn.note_event(if keep { event_before.max(event) } else { event_before });
    Ok(keep)
}

fn commit(conn: &mut Conn) -> End {
    let Err(error) = conn.control("COMMIT") else { return End::Kept };
    let broken = conn.disk_failed();
    conn.rollback();
    if broken { End::Broken(Error::Broken(error.to_string())) } else { End::Lost(error) }
}
