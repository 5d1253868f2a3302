//! People who judge what others do: whoever is named at one end of such a link is not named at the other. (EVA-07)

use super::rows;
use crate::desk::Session;
use crate::error::Result;
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::{Apart, Process};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_store::hangings;

/// What keeps people of a process apart from others: the process and the relation that declare it.
fn declared(process: &Process) -> impl Iterator<Item = (&'static Process, &'static str, &'static Apart)> {
    let key = process.key;
    let all = mainstay_processes::ALL.iter().copied();
    let each = all.flat_map(|other| other.relations.iter().map(move |relation| (other, relation)));
    each.filter_map(|(other, relation)| relation.apart.as_ref().map(|apart| (other, relation.key, apart)))
        .filter(move |(other, _, apart)| other.key == key || apart.of == key)
}

/// The fields of a record that name somebody whom the other end names as well.
fn both(one: &[FieldDef], record: &Record, other: &[FieldDef], far: &Record) -> Vec<FieldDef> {
    let names = |field: &&FieldDef| {
        let person = record.value(field.key);
        !person.is_blank() && other.iter().any(|theirs| far.value(theirs.key) == person)
    };
    one.iter().filter(names).copied().collect()
}

/// Refuses a change by which somebody would judge their own work.
///
/// # Errors
/// `not_independent`, at the field.
pub(super) fn hold(session: &mut Session<'_>, before: &Record, after: &Record) -> Result<()> {
    for (process, relation, apart) in declared(after.process) {
        for outgoing in [true, false] {
            let here = if outgoing { process.key == after.process.key } else { apart.of == after.process.key };
            let (own, theirs) = if outgoing { (apart.own, apart.theirs) } else { (apart.theirs, apart.own) };
            let changed: Vec<FieldDef> =
                own.iter().filter(|f| before.value(f.key) != after.value(f.key)).copied().collect();
            if !here || changed.is_empty() {
                continue;
            }
            let far = if outgoing { apart.of } else { process.key };
            for link in hangings::links(session.conn, after.id)? {
                if link.outgoing != outgoing || link.relation != relation || link.process != far {
                    continue;
                }
                let Some(other) = rows::by_id(session, link.id)?.filter(|other| !other.state.void) else { continue };
                let named = both(&changed, after, theirs, &other);
                let errors = named.iter().map(|field| FieldError::new(field.key, "not_independent", apart.says));
                Refusal::unless_empty(errors.collect())?;
            }
        }
    }
    Ok(())
}

/// Refuses a link by which somebody would judge their own work.
///
/// # Errors
/// `not_independent`.
pub(super) fn linked(record: &Record, relation: &str, other: &Record) -> Result<()> {
    for (process, key, apart) in declared(record.process) {
        let meant = process.key == record.process.key && key == relation && apart.of == other.process.key;
        if meant && !both(apart.own, record, apart.theirs, other).is_empty() {
            return Err(Refusal::conflict("not_independent", apart.says).into());
        }
    }
    Ok(())
}
