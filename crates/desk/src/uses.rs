//! What an entry is used for: who refers to it, before somebody retires it.

use crate::caller::Caller;
use crate::config::entry_of;
use crate::desk::Session;
use crate::error::{Error, Result};
use crate::records;
use crate::registers as door;
use mainstay_engine::condition::Condition;
use mainstay_engine::field::{FieldDef, Home, Kind};
use mainstay_engine::process::Process;
use mainstay_engine::register::{Entry, Register};
use mainstay_engine::value::Value;
use mainstay_processes::registers;
use mainstay_store::entries;

/// What a field or column is called that holds a condition.
const CONDITION: &str = "condition";
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

/// The active entries that refer to an entry, by a field or by a condition, as far as the caller may read them.
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
    let mut found = Vec::new();
    for row in entries::referrers(session.conn, id, MOST_ENTRIES)? {
        let Some(register) = registers::register(&row.register) else { continue };
        found.push((register, row.id, row.field));
    }
    found.extend(by_condition(session, register, id)?);
    let mut shown = Vec::new();
    for (register, id, field) in found {
        match door::get(session.conn, caller, register, id) {
            Ok(entry) => shown.push(Referrer { register, id: entry.id, name: entry.name, field }),
            Err(Error::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(shown)
}

/// A register, an entry of it and the field that refers.
type Found = (&'static Register, i64, String);

/// The rules whose conditions name an entry, register by register: which rules are for a model, say. Views are
/// questions and no rules, and there may be many.
fn by_condition(session: &mut Session<'_>, of: &'static Register, id: i64) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    for register in registers::ALL.iter().copied().filter(|register| register.key != registers::VIEWS.key) {
        let places = conditions_of(register);
        if places.is_empty() {
            continue;
        }
        for entry in entries::all(session.conn, register.key)?.into_iter().map(entry_of).filter(|entry| entry.active) {
            let Some(process) = entry.text("process").and_then(mainstay_processes::process) else { continue };
            let is_meant = |key: &str| {
                let kind = session.config.field(process, key).map(|field| field.kind);
                matches!(kind, Some(Kind::Ref(register) | Kind::Refs(register)) if register == of.key)
            };
            let names = |text: &str| Condition::parse(text).is_ok_and(|condition| condition.names(&is_meant, id));
            let here = places.iter().filter(|place| place.texts(&entry).into_iter().any(names));
            found.extend(here.map(|place| (register, entry.id, place.path())));
        }
    }
    Ok(found)
}

/// Where entries of a register hold conditions: a field, or a column of a table.
pub(crate) struct Place {
    field: &'static str,
    column: Option<&'static str>,
}

impl Place {
    /// Writes every condition here anew, where `write` answers another.
    pub(crate) fn rewrite(&self, entry: &mut Entry, write: &dyn Fn(&str) -> Option<String>) {
        let anew = |value: &mut Value| {
            if let Some(text) = value.as_text().and_then(write) {
                *value = text.into();
            }
        };
        match (entry.values.get_mut(self.field), self.column) {
            (Some(value), None) => anew(value),
            (Some(Value::List(rows)), Some(column)) => {
                let rows = rows
                    .iter_mut()
                    .filter_map(|row| if let Value::Row(row) = row { row.get_mut(column) } else { None });
                rows.for_each(anew);
            }
            _ => {}
        }
    }

    fn texts<'e>(&self, entry: &'e Entry) -> Vec<&'e str> {
        match self.column {
            None => entry.text(self.field).into_iter().collect(),
            Some(column) => {
                entry.value(self.field).as_list().iter().filter_map(|row| row.column(column).as_text()).collect()
            }
        }
    }

    fn path(&self) -> String {
        self.column.map_or_else(|| self.field.to_owned(), |column| format!("{}.{column}", self.field))
    }
}

pub(crate) fn conditions_of(register: &'static Register) -> Vec<Place> {
    let mut places = Vec::new();
    for field in register.fields {
        match field.kind {
            Kind::Table(columns) if columns.iter().any(|column| column.key == CONDITION) => {
                places.push(Place { field: field.key, column: Some(CONDITION) });
            }
            _ if field.key == CONDITION => places.push(Place { field: field.key, column: None }),
            _ => {}
        }
    }
    places
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
