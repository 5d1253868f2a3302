//! Opening a record from others: it takes over what they say, and they are linked to it. (PRB-01, PRB-02)

use super::allowed::may;
use super::change::{Act, act};
use super::input::Typed;
use super::open::may_open;
use super::{hang, rows};
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::{Error, Result};
use crate::retention::is_archived;
use mainstay_engine::field::{FieldDef, Kind};
use mainstay_engine::process::{OpenedFrom, Process, Waits};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_store::hangings;
use serde_json::Map;

/// Most records that one is opened from.
const MOST: usize = 200;

/// The records that one is opened from, of one process.
pub struct Origins {
    way: &'static OpenedFrom,
    relation: &'static str,
    records: Vec<Record>,
}

/// The records of these numbers, from which one of the process is to be opened. None where no number is given.
///
/// # Errors
/// `from`: numbers that name nothing the caller may see and link, of several processes, or of one from which none is
/// opened.
pub fn origins(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    numbers: &[String],
) -> Result<Option<Origins>> {
    let Some(first) = numbers.first() else { return Ok(None) };
    if numbers.len() > MOST {
        return Err(refused("too_many", format!("At most {MOST} records at once.")).into());
    }
    let of = mainstay_processes::of_number(first.trim()).ok_or_else(|| unknown(first))?;
    let ways = process.opened_from.iter().find(|way| way.process == of.key);
    let way = ways.filter(|way| of.relation(way.relation).is_some()).ok_or_else(|| {
        let (one, other) = (process.label_plural, of.label_plural.to_lowercase());
        refused("not_an_origin", format!("{one} are not opened from {other}."))
    })?;
    let mut records: Vec<Record> = Vec::new();
    for number in numbers {
        let found = match rows::find(session, caller, of, number.trim()) {
            Ok((found, _)) => found,
            Err(Error::Refused(_)) => return Err(unknown(number).into()),
            Err(error) => return Err(error),
        };
        may(caller, &found, "link")?;
        if records.iter().all(|record| record.id != found.id) {
            records.push(found);
        }
    }
    Ok(Some(Origins { way, relation: of.relation(way.relation).map_or(way.relation, |r| r.key), records }))
}

/// The processes in use of which the caller may open a record from records of this one.
#[must_use]
pub fn begotten(session: &Session<'_>, caller: &Caller, process: &'static Process) -> Vec<&'static Process> {
    let from_here = |other: &&'static Process| other.opened_from.iter().any(|way| way.process == process.key);
    let all = mainstay_processes::ALL.iter().copied().filter(from_here);
    all.filter(|other| may_open(session, caller, other).is_ok()).collect()
}

/// The number of a record.
fn number(record: &Record) -> &str {
    record.value(spine::NUMBER.def.key).as_text().unwrap_or_default()
}

fn unknown(number: &str) -> Refusal {
    refused("unknown_link", format!("There is no {number} here that you may see."))
}

fn refused(code: &str, says: String) -> Refusal {
    refused_in("from", code, says)
}

fn refused_in(field: &str, code: &str, says: String) -> Refusal {
    let error = FieldError::new(field, code, says);
    Refusal { errors: vec![error.clone()], ..Refusal::invalid("invalid_fields", error.detail) }
}

impl Origins {
    /// What the new record takes over where nothing else is said.
    #[must_use]
    pub fn values(&self, process: &'static Process) -> Typed {
        let taken = |from: &str, field: &FieldDef| match field.kind {
            Kind::Bool => Value::Bool(self.records.iter().any(|record| record.value(from).as_bool() == Some(true))),
            _ => self.records.first().map(|record| record.value(from).clone()).unwrap_or_default(),
        };
        let copies = self.way.copies.iter();
        let values =
            copies.filter_map(|copy| process.field(copy.into.key).map(|field| (field, taken(copy.from.key, field))));
        values.filter(|(_, value)| !value.is_blank() && *value != Value::Bool(false)).collect()
    }

    /// The records, the one that words are taken from first.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Those of them that the caller can let wait for the new record, and by what.
    #[must_use]
    pub fn able_to_wait(&self, caller: &Caller) -> Option<(Waits, Vec<&Record>)> {
        let waits = self.way.waits?;
        let able = |record: &&Record| {
            let organisation = record.value(spine::ORGANISATION.def.key).as_int();
            let step = record.process.transition(waits.verb).filter(|step| step.leaves(record.state));
            step.is_some() && caller.rights.may(record.process.key, waits.verb, organisation)
        };
        let able: Vec<&Record> = self.records.iter().filter(able).collect();
        (!able.is_empty()).then_some((waits, able))
    }

    /// Links them to the new record, and it to what they share with it.
    pub(super) fn link(&self, session: &mut Session<'_>, caller: &Caller, new: &Record) -> Result<()> {
        for record in &self.records {
            hang::link_records(session, caller, record, self.relation, new)?;
        }
        for relation in self.way.shares {
            let Some(own) = session.config.relation(new.process, relation) else { continue };
            for record in &self.records {
                let ends = hangings::links(session.conn, record.id)?;
                for end in ends.into_iter().filter(|end| end.outgoing && end.relation == *relation) {
                    // What the caller may not see stays where it is.
                    let seen = rows::find_by_id(session, caller, end.id)?;
                    if let Some((end, _)) = seen.filter(|(end, _)| !is_archived(end)) {
                        hang::link_records(session, caller, new, own.key, &end)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Takes the step by which those of these numbers wait for the new record. What somebody chose has to be able to.
    pub(super) fn wait(&self, session: &mut Session<'_>, caller: &Caller, numbers: &[String]) -> Result<()> {
        for wanted in numbers {
            let wanted = wanted.trim();
            let one = self.records.iter().find(|record| number(record).eq_ignore_ascii_case(wanted));
            let (Some(record), Some(Waits { verb, says: (field, value), .. })) = (one, self.way.waits) else {
                return Err(waits_refused("not_an_origin", format!("{wanted} cannot wait for it.")).into());
            };
            let values = Map::from_iter([(field.key.to_owned(), value.into())]);
            let done = act(session, caller, record.process, number(record), verb, &Act { values, ..Act::default() });
            done.map_err(|error| match error {
                Error::Refused(why) => {
                    Error::from(waits_refused(&why.code, format!("{}: {}", number(record), why.detail)))
                }
                other => other,
            })?;
        }
        Ok(())
    }
}

fn waits_refused(code: &str, says: String) -> Refusal {
    refused_in("waits", code, says)
}
