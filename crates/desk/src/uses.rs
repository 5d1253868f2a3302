//! What an entry is used for: who refers to it, before somebody retires it.

use crate::caller::Caller;
use crate::desk::Session;
use crate::error::{Error, Result};
use crate::records;
use crate::registers as door;
use mainstay_engine::field::{FieldDef, Home, Kind};
use mainstay_engine::process::Process;
use mainstay_engine::register::Register;
use mainstay_processes::registers;
use mainstay_store::entries;

/// Entries that are looked at.
const MOST_ENTRIES: i64 = 200;
/// Records are counted no further.
pub const MOST_RECORDS: i64 = 999;

/// An entry that refers to another.
#[derive(Clone)]
pub struct Referrer {
    pub register: &'static Register,
    pub id: i64,
    pub name: String,
    /// The field that refers; `table.column` for one inside a table.
    pub field: String,
}

/// Records whose field refers to an entry.
#[derive(Clone)]
pub struct Records {
    pub process: &'static Process,
    pub field: &'static FieldDef,
    /// The condition that lists them.
    pub condition: String,
    /// How many the caller sees, up to one above [`MOST_RECORDS`].
    pub count: i64,
}

/// The active entries that refer to an entry, as far as the caller may read them.
///
/// # Errors
/// The entry is not the caller's to read; the database's.
pub fn entries_of(
    session: &mut Session<'_>,
    caller: &Caller,
    register: &'static Register,
    id: i64,
) -> Result<Vec<Referrer>> {
    door::get(session.conn, caller, register, id)?;
    let mut shown = Vec::new();
    for row in entries::referrers(session.conn, id, MOST_ENTRIES)? {
        let Some(register) = registers::register(&row.register) else { continue };
        match door::get(session.conn, caller, register, row.id) {
            Ok(entry) => shown.push(Referrer { register, id: entry.id, name: entry.name, field: row.field }),
            Err(Error::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(shown)
}

/// The records that refer to an entry, field by field, without those that none does.
///
/// # Errors
/// The database's.
pub fn records_of(
    session: &mut Session<'_>,
    caller: &Caller,
    register: &'static Register,
    id: i64,
) -> Result<Vec<Records>> {
    let mut found = Vec::new();
    for process in mainstay_processes::ALL.iter().copied() {
        let refers = |f: &&'static FieldDef| f.kind == Kind::Ref(register.key) && f.home != Home::Custom;
        for field in process.fields().filter(refers) {
            let condition = format!("{} = {id}", field.key);
            match records::count(session, caller, process, Some(&condition), MOST_RECORDS + 1) {
                Ok(0) | Err(Error::Refused(_)) => {}
                Ok(count) => found.push(Records { process, field, condition, count }),
                Err(error) => return Err(error),
            }
        }
    }
    Ok(found)
}
