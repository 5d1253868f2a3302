//! What was done lately on what a record is about, or on what that depends on: perhaps its cause. (CHG-20, INC-11)

use super::list::{Row, shown_row};
use super::risk::{naming, touching};
use super::rows;
use super::view::names_of;
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::maps;
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::{Assessed, Process, Relation};
use mainstay_engine::record::Record;
use mainstay_engine::spine;
use mainstay_store::{Column, Filter, Question, Sort, assessed as store, hangings};
use std::collections::HashMap;

/// Records of one answer.
const FEW: usize = 5;
/// Records begun lately that are looked at, the last ones.
const LATELY: i64 = 5_000;
const DAY_MS: i64 = 86_400_000;

/// Something that was done lately.
#[derive(Clone)]
pub struct Suspect {
    pub row: Row,
    /// The relation by which it is said to be the cause.
    pub relation: &'static Relation,
    /// When the work began, in epoch milliseconds UTC.
    pub began: i64,
}

/// The suspects of a record.
#[derive(Clone, Default)]
pub struct Suspects {
    /// The last one first.
    pub found: Vec<Suspect>,
    /// Names of the entries that they refer to.
    pub names: HashMap<i64, String>,
}

/// The processes whose work may be what caused records of this one, and the relation that says so.
fn blamed(process: &'static Process) -> impl Iterator<Item = (&'static Process, &'static Assessed, &'static Relation)> {
    mainstay_processes::ALL.iter().copied().filter_map(move |other| {
        let assessed = other.assessed()?;
        let relation = process.relation(assessed.blamed_by)?;
        (process.key != other.key).then_some((other, assessed, relation))
    })
}

/// Whether something that was done may be said to have caused records of a process.
#[must_use]
pub fn has_suspects(process: &'static Process) -> bool {
    blamed(process).next().is_some()
}

/// What was done lately, as far as the caller sees it, on what a record touches or what that depends on. What is linked
/// as its cause already is left out.
///
/// # Errors
/// Not the caller's to see; the database's.
pub fn suspects(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
) -> Result<Suspects> {
    let (record, _) = rows::find(session, caller, process, number)?;
    suspects_of(session, caller, &record)
}

/// The same for a record that is still being written, too.
///
/// # Errors
/// The database's.
pub fn suspects_of(session: &mut Session<'_>, caller: &Caller, record: &Record) -> Result<Suspects> {
    let links = if record.id == 0 { Vec::new() } else { hangings::links(session.conn, record.id)? };
    let mut found = Vec::new();
    for (process, assessed, relation) in blamed(record.process) {
        if !caller.is_engine() && !caller.rights.in_scope(process.key, "view") {
            continue;
        }
        let known: Vec<i64> =
            links.iter().filter(|link| link.outgoing && link.relation == relation.key).map(|link| link.id).collect();
        let days = session.config.process(process).policies.get(assessed.blamed_days).copied().unwrap_or_default();
        let since = session.now - days * DAY_MS;
        let lately = store::begun(session.conn, rows::table(process), assessed.began.key, since, LATELY)?;
        let which = touched(session, record, &links, (process, assessed), &lately)?;
        let filter = Filter::Few(lately, Box::new(which));
        let began = Column::Narrow(assessed.began.key);
        let question = Question { scope: &caller.scope, table: Some(rows::table(process)), filter: &filter };
        let newest = Sort { column: began, descending: true };
        let ids: Vec<i64> =
            question.first(session.conn, &[], newest, FEW + known.len())?.into_iter().map(|(id, _)| id).collect();
        for (record, seen) in rows::whole_of(session, caller, &ids)? {
            let began = record.value(assessed.began.key).as_int().unwrap_or_default();
            if !record.state.void && !known.contains(&record.id) {
                found.push(Suspect { row: shown_row(record, seen), relation, began });
            }
        }
    }
    found.sort_by_key(|each| std::cmp::Reverse((each.began, each.row.record.id)));
    found.truncate(FEW);
    let fields: Vec<&'static FieldDef> = spine::ALL.iter().collect();
    let names = names_of(session.conn, session.config, &fields, found.iter().map(|each| &each.row.record))?;
    Ok(Suspects { found, names })
}

/// Which of the last work touched what a record is about.
fn touched(
    session: &mut Session<'_>,
    record: &Record,
    links: &[hangings::LinkRow],
    (process, assessed): (&'static Process, &'static Assessed),
    lately: &[i64],
) -> Result<Filter> {
    let of_map = |key: &str| mainstay_processes::process(key).is_some_and(|process| process.map.is_some());
    let mut start: Vec<i64> = links.iter().filter(|link| of_map(&link.process)).map(|link| link.id).collect();
    let mut any = Vec::new();
    if let Some(service) = record.value(spine::SERVICE.def.key).as_int() {
        any.push(naming(process, assessed, &[service]));
        for mapped in mainstay_processes::ALL.iter().copied() {
            if let Some(map) = &mapped.map {
                start.extend(maps::stand_for(session, mapped, map, service)?);
            }
        }
    }
    any.push(touching(session, (process, assessed), lately, &start)?);
    Ok(Filter::Or(any))
}
