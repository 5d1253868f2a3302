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
const WRITER: &str = "PRAGMA cache_size = -262144; PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = FILE;";
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
    /// A caller failed after it had written, so that nothing of the group was kept: with a savepoint for each, only
    /// what that one wrote is undone.
    Torn,
    /// Nothing of it was kept, but the callers' own answers may still stand when run alone.
    Lost(Error),
    /// The disk failed: nobody knows what it kept.
    Broken(Error),
}

/// How callers of one transaction are kept apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Apart {
    /// Not at all: whoever fails has mostly written nothing yet. Savepoints cost a third of a small transaction.
    Hoped,
    /// By a savepoint each.
    Surely,
}

fn commit_group(conn: &mut Conn, group: Vec<Box<dyn Job>>, signals: &Signals) {
    commit_apart(conn, group, signals, Apart::Hoped);
}

fn commit_apart(conn: &mut Conn, mut group: Vec<Box<dyn Job>>, signals: &Signals, apart: Apart) {
    if let Some(why) = signals.why_broken() {
        return settle(group, Some(&Error::Broken(why)));
    }
    match together(conn, &mut group, apart) {
        End::Kept => {
            signals.committed(conn.take_newest_event());
            settle(group, None);
        }
        End::Refused(error) => settle(group, Some(&error)),
        // What one caller alone wrote is undone already.
        End::Torn if group.len() == 1 => settle(group, None),
        End::Torn => commit_apart(conn, group, signals, Apart::Surely),
        End::Lost(error) if group.len() == 1 => settle(group, Some(&error)),
        // One caller's failure must not be another's: each runs again on a transaction of its own.
        End::Lost(_) => group.into_iter().for_each(|job| commit_apart(conn, vec![job], signals, Apart::Surely)),
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

/// One transaction of many callers.
fn together(conn: &mut Conn, group: &mut [Box<dyn Job>], apart: Apart) -> End {
    conn.fresh();
    if let Err(error) = conn.control("BEGIN IMMEDIATE") {
        return End::Refused(error);
    }
    let mut kept = false;
    for job in group {
        let done = match apart {
            Apart::Hoped => one_unguarded(conn, job.as_mut()),
            Apart::Surely => one_caller(conn, job.as_mut()).map(Some),
        };
        match done {
            Ok(Some(wrote)) => kept |= wrote,
            Ok(None) => {
                conn.rollback();
                return End::Torn;
            }
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

/// Runs one caller; none means that it failed after it had written, an error that the whole transaction is gone.
fn one_unguarded(conn: &mut Conn, job: &mut dyn Job) -> Result<Option<bool>> {
    let (event, written) = (conn.newest_event(), conn.written());
    let keep = job.attempt(conn);
    still_shared(conn)?;
    if keep {
        return Ok(Some(true));
    }
    if conn.written() != written {
        return Ok(None);
    }
    conn.forget(event);
    Ok(Some(false))
}

/// Runs one caller under a savepoint; an error means that the whole transaction is gone.
fn one_caller(conn: &mut Conn, job: &mut dyn Job) -> Result<bool> {
    conn.control("SAVEPOINT caller")?;
    let event = conn.newest_event();
    let keep = job.attempt(conn);
    still_shared(conn)?;
    if keep {
        conn.control("RELEASE SAVEPOINT caller")?;
    } else {
        conn.undo("caller")?;
        conn.forget(event);
    }
    Ok(keep)
}

/// An error when the work has ended the transaction that others share.
fn still_shared(conn: &Conn) -> Result<()> {
    if conn.outside_transaction() {
        let why = conn.spoiled().cloned();
        return Err(why.unwrap_or_else(|| Error::Query("the work ended the transaction it shares".into())));
    }
    Ok(())
}

fn commit(conn: &mut Conn) -> End {
    let Err(error) = conn.control("COMMIT") else { return End::Kept };
    let broken = conn.disk_failed();
    conn.rollback();
    if broken { End::Broken(Error::Broken(error.to_string())) } else { End::Lost(error) }
}
