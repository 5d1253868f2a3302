//! Fields that say what a field of a linked record says, and change with it. (PRB-05)

use super::apply::{announce_written, write_change};
use super::rows;
use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::Result;
use crate::retention::is_archived;
use mainstay_engine::process::{Fill, Process, Relation};
use mainstay_engine::record::Record;
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_store::hangings;
use std::collections::BTreeMap;

/// The event on a record that another one has filled a field of.
pub const HANDED: &str = "handed";

/// Every field of other records that fields of this process fill: the process of those records, the relation, the
/// field.
fn filled_by(process: &'static Process) -> impl Iterator<Item = (&'static Process, &'static Relation, &'static Fill)> {
    let of_relation = move |other: &'static Process, relation: &'static Relation| {
        relation.fills.iter().filter(move |fill| fill.of == process.key).map(move |fill| (other, relation, fill))
    };
    let all = mainstay_processes::ALL.iter().copied();
    all.flat_map(move |other| other.relations.iter().flat_map(move |relation| of_relation(other, relation)))
}

/// Brings what a record says to those that it fills.
pub(super) fn pass_on(session: &mut Session<'_>, before: &Record, after: &Record) -> Result<()> {
    let differs = |fill: &Fill| before.value(fill.from.key) != after.value(fill.from.key);
    let ways: Vec<_> = filled_by(after.process).filter(|(_, _, fill)| differs(fill)).collect();
    if ways.is_empty() {
        return Ok(());
    }
    for link in hangings::links(session.conn, after.id)?.into_iter().filter(|link| !link.outgoing) {
        if ways.iter().any(|(other, relation, _)| other.key == link.process && relation.key == link.relation) {
            refill(session, link.id)?;
        }
    }
    Ok(())
}

/// Brings the fields of a record up to what those say that it is linked to: the newest record that says something.
pub(super) fn refill(session: &mut Session<'_>, id: i64) -> Result<()> {
    let Some(before) = rows::by_id(session, id)? else { return Ok(()) };
    let holds = |fill: &&Fill| (fill.lasting || before.state.phase.is_live()) && !is_archived(&before);
    if !before.process.relations.iter().flat_map(|relation| relation.fills).any(|fill| holds(&fill)) {
        return Ok(());
    }
    let (mut after, mut source) = (before.clone(), None);
    let mut links = hangings::links(session.conn, id)?;
    links.sort_by_key(|link| link.id);
    for relation in before.process.relations {
        for fill in relation.fills.iter().filter(holds) {
            let Some(into) = before.process.field(fill.into.key) else { continue };
            after.put(into, Value::Null);
            for link in links.iter().filter(|l| l.outgoing && l.relation == relation.key && l.process == fill.of) {
                let Some(other) = rows::by_id(session, link.id)? else { continue };
                if !other.value(fill.from.key).is_blank() {
                    after.put(into, other.value(fill.from.key).clone());
                    source = Some(other.value(spine::NUMBER.def.key).as_text().unwrap_or_default().to_owned());
                }
            }
        }
    }
    let changed = |fill: &Fill| before.value(fill.into.key) != after.value(fill.into.key);
    if !before.process.relations.iter().flat_map(|relation| relation.fills).any(changed) {
        return Ok(());
    }
    after.version += 1;
    let engine = Caller::engine(Channel::Engine);
    let written = write_change(session, &engine, &before, &mut after, HANDED, None, source.as_deref())?;
    if source.is_some() {
        announce_written(session, &engine, &after, HANDED, written, &BTreeMap::new())?;
    }
    Ok(())
}
