//! Entries of the registers that name a person: by a field, in a condition, or as the value that they set.

use super::{Called, Moved, replaced};
use crate::caller::Caller;
use crate::config::{Config, entry_of};
use crate::desk::Session;
use crate::error::Result;
use crate::registers::{self, Told};
use crate::schedules::{Asked, OfReport, What};
use crate::uses::conditions_of;
use mainstay_engine::condition::{Condition, MAX_TEXT};
use mainstay_engine::field::Kind;
use mainstay_engine::process::Process;
use mainstay_engine::register::{Entry, Register};
use mainstay_engine::value::Value;
use mainstay_processes::registers::{ALL, PEOPLE, register};
use mainstay_store::entries::{self as rows, EntryRow};
use mainstay_store::merging;
use std::collections::BTreeMap;

/// An entry that names the person, and what it says afterwards.
pub(super) struct Naming {
    register: &'static Register,
    row: EntryRow,
    after: Entry,
}

/// Every entry that names `from`, with `to` named in its place; without the two themselves.
pub(super) fn naming(session: &mut Session<'_>, from: i64, to: i64) -> Result<Vec<Naming>> {
    let mut candidates: BTreeMap<i64, EntryRow> = BTreeMap::new();
    candidates.extend(rows::all_referring(session.conn, from)?.into_iter().map(|row| (row.id, row)));
    for register in ALL.iter().copied().filter(|register| says_more(register)) {
        candidates.extend(rows::all(session.conn, register.key)?.into_iter().map(|row| (row.id, row)));
    }
    let mut found = Vec::new();
    for (id, row) in candidates {
        let Some(register) = register(&row.register).filter(|_| id != from && id != to) else { continue };
        let before = entry_of(row.clone());
        let after = anew(session.config, register, &before, from, to);
        if after.values != before.values {
            found.push(Naming { register, row, after });
        }
    }
    Ok(found)
}

/// Whether entries of a register name people beside their fields.
fn says_more(register: &'static Register) -> bool {
    !conditions_of(register).is_empty() || register.fields.iter().any(|field| sets_values(field.kind))
}

/// Whether a table holds keys of fields beside what they are set to.
fn sets_values(kind: Kind) -> bool {
    let has = |key: &str| matches!(kind, Kind::Table(columns) if columns.iter().any(|column| column.key == key));
    has(FIELD) && has(VALUE)
}

const FIELD: &str = "field";
const VALUE: &str = "value";

fn anew(config: &Config, register: &'static Register, before: &Entry, from: i64, to: i64) -> Entry {
    let mut after = before.clone();
    for field in register.fields {
        if let Some(value) = replaced(field, before.value(field.key), from, to) {
            after.values.insert(field.key.to_owned(), value);
        }
    }
    let Some(process) = before.text("process").and_then(mainstay_processes::process) else { return after };
    let is_person = |key: &str| config.field(process, key).is_some_and(|field| field.register() == Some(PEOPLE.key));
    for place in conditions_of(register) {
        place.rewrite(&mut after, &|text| renumbered(config, process, text, from, to));
    }
    for field in register.fields.iter().filter(|field| sets_values(field.kind)) {
        let Some(Value::List(lines)) = after.values.get_mut(field.key) else { continue };
        for line in lines {
            let named = line.column(FIELD).as_text().is_some_and(&is_person);
            if let (true, Value::Row(cells)) = (named, line)
                && let Some(value) = cells.get_mut(VALUE)
                && let Some(words) = value.as_text()
            {
                let each = words
                    .split(',')
                    .map(|word| if word.trim() == from.to_string() { to.to_string() } else { word.to_owned() });
                *value = each.collect::<Vec<_>>().join(",").into();
            }
        }
    }
    after
}

/// A condition that names the one who stays; none where it names neither or would become too long.
fn renumbered(config: &Config, process: &'static Process, text: &str, from: i64, to: i64) -> Option<String> {
    let is_person = |key: &str| config.field(process, key).is_some_and(|field| field.register() == Some(PEOPLE.key));
    let condition = Condition::parse(text).ok().filter(|condition| condition.names(&is_person, from))?;
    Some(condition.renumbered(&is_person, from, to).to_string()).filter(|text| text.len() <= MAX_TEXT)
}

/// How many entries of each register these are.
pub(super) fn counted(all: &[Naming]) -> Vec<Moved> {
    let count = |register: &'static Register| all.iter().filter(|naming| naming.register.key == register.key).count();
    let moved = |register: &'static Register| Moved {
        what: register.key.to_owned(),
        called: Called::Entries(register),
        count: i64::try_from(count(register)).unwrap_or(i64::MAX),
    };
    ALL.iter().copied().map(moved).collect()
}

/// Writes what they say afterwards, each as a change like any other.
pub(super) fn carry(session: &mut Session<'_>, caller: &Caller, all: Vec<Naming>, reason: &str) -> Result<()> {
    for Naming { register, row, after } in all {
        registers::rewrite(
            session,
            caller,
            register,
            (row, &after),
            &Told { reason: Some(reason), ..Told::default() },
        )?;
    }
    Ok(())
}

/// The lists and reports that somebody wants again and again, where they name the person.
pub(super) fn carry_schedules(session: &mut Session<'_>, from: i64, to: i64) -> Result<()> {
    for (id, process, asked) in merging::schedules(session.conn)? {
        let Some(process) = mainstay_processes::process(&process) else { continue };
        let mut what = What::read(&asked);
        let (What::List(Asked { filter, .. }) | What::Report(OfReport { filter, .. })) = &mut what;
        let anew = filter.as_deref().and_then(|text| renumbered(session.config, process, text, from, to));
        if anew.is_some() {
            *filter = anew;
            merging::set_asked(session.conn, id, &what.kept())?;
        }
    }
    Ok(())
}
