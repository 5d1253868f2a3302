//! The first steps of a new installation: what an administrator sees to, ticked by what is there.

use crate::caller::Caller;
use crate::demo::removal::{self, INSTALLATION};
use crate::desk::Session;
use crate::error::Result;
use mainstay_processes::{registers, shipped};
use mainstay_store::Conn;

/// The event that somebody began without demo data.
const EMPTY: &str = "begun_empty";
/// The event that somebody asked for demo data.
const FILLED: &str = "demo_filled";

/// One thing to see to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Task {
    People,
    Teams,
    Services,
    /// Calendars and service levels as the house means them.
    Promises,
    /// Something was reported.
    Portal,
    /// Something was resolved, so that a report has something to tell.
    Report,
}

impl Task {
    /// Every one, in the order in which they help each other.
    pub const ALL: [Self; 6] = [Self::People, Self::Teams, Self::Services, Self::Promises, Self::Portal, Self::Report];
}

/// How far an installation is.
#[derive(Clone, Debug, Default)]
pub struct Beginning {
    /// Somebody chose between demo data and none, or there is true work already.
    pub chosen: bool,
    /// There is demo data.
    pub demo: bool,
    pub done: Vec<Task>,
}

impl Beginning {
    /// Whether a task is done.
    #[must_use]
    pub fn has(&self, task: Task) -> bool {
        self.done.contains(&task)
    }
    /// Whether everything is.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.chosen && self.done.len() == Task::ALL.len()
    }
}

/// How far the installation is. Demo data counts for nothing: it leaves again.
///
/// # Errors
/// No right; the database's.
pub fn read(session: &mut Session<'_>, caller: &Caller) -> Result<Beginning> {
    removal::may(caller)?;
    let conn = &mut *session.conn;
    let mut done = Vec::new();
    for task in Task::ALL {
        if is_done(conn, task)? {
            done.push(task);
        }
    }
    let said = "SELECT id FROM event WHERE subject = $1 AND subject_id = 0 AND verb IN ($2, $3) LIMIT 1";
    let said: Option<i64> = conn.maybe(said, &[INSTALLATION.into(), EMPTY.into(), FILLED.into()])?;
    let demo = !session.config.demo.is_empty();
    Ok(Beginning { chosen: said.is_some() || demo || done.contains(&Task::Portal), demo, done })
}

fn is_done(conn: &mut Conn, task: Task) -> Result<bool> {
    const TRUE_RECORD: &str = "NOT EXISTS (SELECT 1 FROM demo WHERE demo.subject = 'record' AND demo.id = record.id)";
    Ok(match task {
        Task::People => true_entries(conn, registers::PEOPLE.key, 2)?,
        Task::Teams => true_entries(conn, registers::TEAMS.key, 1)?,
        Task::Services => true_entries(conn, registers::SERVICES.key, 1)?,
        Task::Promises => promises(conn)?,
        Task::Portal => {
            let sql = format!("SELECT record.id FROM record WHERE {TRUE_RECORD} LIMIT 1");
            conn.maybe::<i64>(&sql, &[])?.is_some()
        }
        Task::Report => {
            let sql =
                format!("SELECT record.id FROM record WHERE record.resolved IS NOT NULL AND {TRUE_RECORD} LIMIT 1");
            conn.maybe::<i64>(&sql, &[])?.is_some()
        }
    })
}

/// Whether a register holds so many entries in use that are neither of the demo nor shipped.
fn true_entries(conn: &mut Conn, register: &str, least: usize) -> Result<bool> {
    let sql = "SELECT entry.key FROM entry WHERE entry.register = $1 AND entry.active
        AND NOT EXISTS (SELECT 1 FROM demo WHERE demo.subject = 'entry' AND demo.id = entry.id) LIMIT $2";
    let shipped: Vec<&str> =
        shipped::entries().iter().filter(|each| each.register == register).map(|each| each.key).collect();
    let limit = i64::try_from(least + shipped.len()).unwrap_or(i64::MAX);
    let keys: Vec<String> = conn.fetch(sql, &[register.into(), limit.into()])?;
    Ok(keys.iter().filter(|key| !shipped.contains(&key.as_str())).count() >= least)
}

/// A calendar or a service level is the house's own, or one that was shipped was changed.
fn promises(conn: &mut Conn) -> Result<bool> {
    let sql = "SELECT entry.register, entry.key, entry.version FROM entry WHERE entry.register IN ($1, $2)
        AND NOT EXISTS (SELECT 1 FROM demo WHERE demo.subject = 'entry' AND demo.id = entry.id)";
    let registers = [registers::CALENDARS.key.into(), registers::SERVICE_LEVELS.key.into()];
    let entries: Vec<(String, String, i64)> = conn.fetch(sql, &registers)?;
    let as_shipped = |(register, key, version): &(String, String, i64)| {
        *version == 1 && shipped::entries().iter().any(|each| each.register == register && each.key == key)
    };
    Ok(!entries.iter().all(as_shipped))
}

/// Somebody begins without demo data.
///
/// # Errors
/// No right; the database's.
pub fn begin_empty(session: &mut Session<'_>, caller: &Caller) -> Result<()> {
    removal::may(caller)?;
    removal::note(session, caller, EMPTY, &[])
}

/// Notes that somebody asked for demo data.
pub(crate) fn note_filled(session: &mut Session<'_>, caller: &Caller) -> Result<()> {
    removal::note(session, caller, FILLED, &[])
}
