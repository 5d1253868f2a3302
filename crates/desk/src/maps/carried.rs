//! Services that stand on what a record names: those that fail, or are at risk, with the items that it is about.
//! (INC-04)

use super::answer::{self, MOST_HOPS, Service, Way};
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::records;
use mainstay_engine::process::{Process, Relation};
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use mainstay_store::hangings;
use std::collections::BTreeMap;

/// Items of one question.
const MOST_ITEMS: usize = 50;

/// The relation by which records of a process name items of a map, and the process of the map; none where a record has
/// no service that could follow from them.
#[must_use]
pub fn names_items(process: &'static Process) -> Option<(&'static Relation, &'static Process)> {
    process.field(spine::SERVICE.def.key).filter(|_| process.map.is_none())?;
    process.relations.iter().find_map(|relation| {
        let of = mainstay_processes::process(relation.to?)?;
        of.map.is_some().then_some((relation, of))
    })
}

/// The services that the items of a record carry, the worst hit first, as far as the caller sees both.
///
/// # Errors
/// Not the caller's to see; a process whose records name no items; the database's.
pub fn carried(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
) -> Result<Vec<Service>> {
    let (_, of) = names_items(process).ok_or_else(|| Refusal::missing("map"))?;
    let items = items_of(session, caller, process, number)?;
    carried_by(session, caller, of, &items)
}

/// The items that a record names, by their ids, whoever may see them.
///
/// # Errors
/// The record is not the caller's to see; the database's.
pub fn items_of(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
) -> Result<Vec<i64>> {
    let (record, _) = records::find(session, caller, process, number)?;
    let Some((relation, _)) = names_items(process) else { return Ok(Vec::new()) };
    let links = hangings::links(session.conn, record.id)?.into_iter();
    Ok(links.filter(|link| link.outgoing && link.relation == relation.key).map(|link| link.id).collect())
}

/// The same for items of a map, by their ids.
///
/// # Errors
/// A process that has no map; the database's.
pub fn carried_by(
    session: &mut Session<'_>,
    caller: &Caller,
    of: &'static Process,
    items: &[i64],
) -> Result<Vec<Service>> {
    let Some(map) = &of.map else { return Err(Refusal::missing("map").into()) };
    if !caller.is_engine() && !caller.rights.in_scope(of.key, "view") {
        return Ok(Vec::new());
    }
    // What the caller does not see tells nothing.
    let seen = records::spines(session, caller, &items[..items.len().min(MOST_ITEMS)])?;
    let mut reached = BTreeMap::new();
    for (item, _) in seen.iter().filter(|(item, _)| item.process.key == of.key) {
        let reach = answer::walk(session, of, &[item.id], Way::Impact, MOST_HOPS)?;
        let all = answer::reached(&[item.id], &reach);
        for (id, (hit, hops)) in answer::that_stand_for_services(session, of, all) {
            let known = reached.entry(id).or_insert((hit, hops));
            *known = (known.0.max(hit), known.1.min(hops));
        }
    }
    let items = answer::visible(session, caller, of, map, &reached, usize::MAX)?;
    let mut services = answer::services(session, caller, &items)?;
    // Two items may stand for one service in a map that was not yet put right.
    let mut known = Vec::with_capacity(services.len());
    services.retain(|service| {
        !known.contains(&service.id) && {
            known.push(service.id);
            true
        }
    });
    Ok(services)
}
