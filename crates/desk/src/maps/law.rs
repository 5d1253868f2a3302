//! What an organisation says of its classes and relations, held to wherever a record or a link is written.

use super::control;
use crate::desk::Session;
use crate::error::Result;
use crate::records;
use mainstay_engine::process::{Map, Phase, Process, Rules};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::spine;
use mainstay_store::{Column, Filter, Op, Question, hangings, record as store_rows};

/// Whether a relation with rules may join two records: their classes, and how many such links there are at each end.
/// (SAC-03)
///
/// # Errors
/// `not_allowed_between`, `too_many_links`; the database's.
pub fn may_join(
    session: &mut Session<'_>,
    record: &Record,
    relation: &str,
    rules: &Rules,
    other: &Record,
) -> Result<()> {
    if !fits(session, rules, class_of(record), class_of(other)) {
        let name = |record: &Record| class_name(session, record);
        let label = session.config.relation(record.process, relation).map_or(relation, |relation| relation.label);
        let says = format!("“{label}” does not lead from {} to {}.", name(record), name(other));
        return Err(Refusal::conflict("not_allowed_between", says).into());
    }
    // On PostgreSQL two who link at once would each count without the other.
    store_rows::hold(session.conn, "record", &[record.id, other.id])?;
    for (at, far, outgoing, most) in [(record, other, true, rules.most_out), (other, record, false, rules.most_in)] {
        let Some(most) = most else { continue };
        let links = hangings::links(session.conn, at.id)?;
        let others = links.iter().filter(|l| l.outgoing == outgoing && l.relation == relation && l.id != far.id);
        if i64::try_from(others.count()).is_ok_and(|others| others >= most) {
            let number = at.value(spine::NUMBER.def.key).as_text().unwrap_or_default();
            let says = format!("{number} has as many such links as it may have: {most}.");
            return Err(Refusal::conflict("too_many_links", says).into());
        }
    }
    Ok(())
}

fn fits(session: &Session<'_>, rules: &Rules, from: Option<i64>, to: Option<i64>) -> bool {
    let (Some(from), Some(to)) = (from, to) else { return rules.pairs.is_empty() };
    let under = |class, above| session.config.under(class, above);
    rules.pairs.is_empty() || rules.pairs.iter().any(|pair| under(from, pair.0) && under(to, pair.1))
}

fn is_over(record: &Record) -> bool {
    record.state.phase == Phase::Closed
}

pub(super) fn class_of(record: &Record) -> Option<i64> {
    record.value(record.process.map.as_ref()?.class.key).as_int()
}

fn class_name(session: &Session<'_>, record: &Record) -> String {
    let class = class_of(record).and_then(|id| session.config.classes.get(&id));
    class.map_or_else(|| record.process.label.to_owned(), |class| class.name.clone())
}

/// Whether a record of a map says what its class asks of it, and keeps to what its links rest on.
///
/// # Errors
/// Fields that do not fit together; the database's.
pub fn holds_together(session: &mut Session<'_>, before: Option<&Record>, after: &Record) -> Result<()> {
    let Some(map) = &after.process.map else { return Ok(()) };
    if let (Some(before), Some(control)) = (before, &map.control) {
        control::permits(session, control, before, after)?;
    }
    let changed = |key: &str| before.is_none_or(|before| before.value(key) != after.value(key));
    let service = spine::SERVICE.def.key;
    let watched = [map.class.key, service].into_iter().chain(map.of_service.iter().map(|field| field.key));
    let comes_back = before.is_some_and(is_over) && !is_over(after);
    if !comes_back && !watched.into_iter().any(changed) {
        return Ok(());
    }
    let class = class_of(after).and_then(|id| session.config.classes.get(&id));
    if class.is_some_and(|class| class.service) {
        Refusal::unless_empty(of_service(session, map, after)?)?;
    }
    match before {
        Some(before) if changed(map.class.key) => keeps_links(session, map, before, after),
        _ => Ok(()),
    }
}

/// A record that stands for a service names one that no other stands for, and leaves to it what it says itself. (G-22)
fn of_service(session: &mut Session<'_>, map: &Map, record: &Record) -> Result<Vec<FieldError>> {
    let said = map.of_service.iter().filter(|field| !record.value(field.key).is_blank());
    let says = |label: &str| format!("{label} stands with the service.");
    let mut errors: Vec<FieldError> =
        said.map(|field| FieldError::new(field.key, "with_service", says(field.label))).collect();
    let Some(service) = record.value(spine::SERVICE.def.key).as_int() else {
        errors.push(FieldError::required(&spine::SERVICE.def));
        return Ok(errors);
    };
    store_rows::hold(session.conn, "entry", &[service])?;
    if !is_over(record) && stand_for(session, record.process, map, service)?.into_iter().any(|id| id != record.id) {
        let says = "Another one stands for this service already.";
        errors.push(FieldError::new(spine::SERVICE.def.key, "taken", says));
    }
    Ok(errors)
}

/// The records in use that stand for a service, without regard to who asks.
pub fn stand_for(session: &mut Session<'_>, process: &'static Process, map: &Map, service: i64) -> Result<Vec<i64>> {
    let classes: Vec<_> =
        session.config.classes.iter().filter(|(_, class)| class.service).map(|(id, _)| (*id).into()).collect();
    let filter = Filter::And(vec![
        Filter::Is(Column::Record(spine::SERVICE.def.key), Op::Eq, service.into()),
        Filter::In(Column::Narrow(map.class.key), classes),
        Filter::Is(Column::Record(spine::PHASE.def.key), Op::Lt, 3_i64.into()),
    ]);
    let scope = crate::caller::Caller::engine(crate::caller::Channel::Engine).scope;
    let question = Question { scope: &scope, table: Some(records::table(process)), filter: &filter };
    let mut found = Vec::new();
    question.columns(session.conn, &[], |id, _| {
        found.push(id);
        Ok(())
    })?;
    Ok(found)
}

/// A record whose class changes keeps links that its new class may have.
fn keeps_links(session: &mut Session<'_>, map: &Map, before: &Record, after: &Record) -> Result<()> {
    for link in hangings::links(session.conn, after.id)?.into_iter().filter(|l| l.process == after.process.key) {
        let Some(relation) = session.config.relation(after.process, &link.relation) else { continue };
        let Some(rules) = relation.rules else { continue };
        let Some(other) = records::by_id(session, link.id)? else { continue };
        let classes = |own: &Record| {
            if link.outgoing { (class_of(own), class_of(&other)) } else { (class_of(&other), class_of(own)) }
        };
        let ((was_from, was_to), (from, to)) = (classes(before), classes(after));
        if fits(session, &rules, was_from, was_to) && !fits(session, &rules, from, to) {
            // Not with which one: whoever changes the class need not see it.
            let label = if link.outgoing { relation.label } else { relation.inverse };
            let says = format!("A link “{label}” of it is not for that class: remove it first.");
            return Ok(Refusal::unless_empty(vec![FieldError::new(map.class.key, "links_of_class", says)])?);
        }
    }
    Ok(())
}
