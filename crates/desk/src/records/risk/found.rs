//! What is known of a record that its risk may follow from: what it touches on the map, and how earlier ones went. It is
//! counted whoever may see it; no more than numbers of it are told.

use super::super::rows;
use super::rules::Found;
use crate::caller::{Caller, Channel};
use crate::config::entry_of;
use crate::desk::Session;
use crate::error::Result;
use crate::maps::{self, Way};
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::{Approvals, Assessed, Map, Phase, Process};
use mainstay_engine::record::Record;
use mainstay_engine::spine;
use mainstay_processes::registers::{Criticality, RiskFact, SERVICES};
use mainstay_store::{Column, Filter, Op, Question, Sort, entries, hangings};
use std::collections::BTreeSet;

/// Items that are counted: more than that is as bad as it gets.
const MOST_ITEMS: usize = 5_000;
/// People that are counted.
const MOST_PEOPLE: i64 = 1_000_000;
/// Earlier records that are looked at, the last ones.
const LAST: usize = 20;
/// With fewer of them nothing can be said.
const FEWEST: usize = 3;

/// Every fact about a record.
pub fn found(session: &mut Session<'_>, assessed: &Assessed, record: &Record) -> Result<Found> {
    let mut found = Found::new();
    touched(session, assessed, record, &mut found)?;
    if let Some(approvals) = &record.process.approvals {
        let alike = alike(session, assessed, record)?;
        let team = record.value(spine::TEAM.def.key).as_int();
        let of_team = team.map(|team| Filter::is(Column::Record(spine::TEAM.def.key), team));
        for (fact, filter) in [(RiskFact::Alike, alike), (RiskFact::Team, of_team)] {
            let percent = filter.map(|filter| failed(session, approvals, record.process, filter)).transpose()?;
            found.extend(percent.flatten().map(|percent| (fact.key(), percent)));
        }
    }
    Ok(found)
}

/// The items that a record is linked with by the relation of its process.
fn linked(session: &mut Session<'_>, assessed: &Assessed, record: &Record) -> Result<Vec<(i64, String)>> {
    if record.id == 0 {
        return Ok(Vec::new());
    }
    let links = hangings::links(session.conn, record.id)?.into_iter();
    Ok(links.filter(|link| link.outgoing && link.relation == assessed.touches).map(|l| (l.id, l.process)).collect())
}

/// The services that fields of a record name.
fn named(assessed: &Assessed, record: &Record) -> BTreeSet<i64> {
    assessed.services.iter().flat_map(|field| field.references(record.value(field.key))).collect()
}

fn touched(session: &mut Session<'_>, assessed: &Assessed, record: &Record, found: &mut Found) -> Result<()> {
    let links = linked(session, assessed, record)?;
    let mut services = named(assessed, record);
    let (mut dependants, mut critical, mut high) = (0_usize, 0_i64, 0_i64);
    let mut weigh = |criticality: &str| {
        critical += i64::from(criticality == Criticality::Critical.key());
        high += i64::from(criticality == Criticality::High.key());
    };
    for process in mainstay_processes::ALL.iter().copied() {
        let Some(map) = &process.map else { continue };
        let mut start: Vec<i64> = links.iter().filter(|(_, of)| of == process.key).map(|(id, _)| *id).collect();
        for service in &services {
            start.extend(maps::stand_for(session, process, map, *service)?);
        }
        let reached = maps::near(session, process, &start, Way::Impact, MOST_ITEMS)?;
        dependants += reached.iter().filter(|id| !start.contains(id)).count();
        let ids: Vec<i64> = reached.into_iter().collect();
        for (service, criticality) in items(session, process, map, &ids)? {
            match service {
                Some(service) => drop(services.insert(service)),
                None => weigh(criticality.as_deref().unwrap_or_default()),
            }
        }
    }
    let ids: Vec<i64> = services.iter().copied().collect();
    let (mut served, mut everybody) = (BTreeSet::new(), false);
    for entry in entries::several(session.conn, SERVICES.key, &ids)?.into_iter().map(entry_of) {
        weigh(entry.text("criticality").unwrap_or_default());
        let before = served.len();
        served.extend(entry.ids("organisations"));
        everybody |= served.len() == before && entry.ids("organisations").next().is_none();
    }
    let served: Vec<i64> = served.into_iter().collect();
    let people = match (everybody, served.is_empty()) {
        (true, _) => entries::people_of(session.conn, None, MOST_PEOPLE)?,
        (false, true) => 0,
        (false, false) => entries::people_of(session.conn, Some(&served), MOST_PEOPLE)?,
    };
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    found.extend([
        (RiskFact::Dependants.key(), number(dependants)),
        (RiskFact::Services.key(), number(services.len())),
        (RiskFact::People.key(), people),
        (RiskFact::Critical.key(), critical),
        (RiskFact::High.key(), high),
    ]);
    Ok(())
}

/// Of items of a map: the service that each stands for, or else how critical it says it is.
fn items(
    session: &mut Session<'_>,
    process: &'static Process,
    map: &Map,
    ids: &[i64],
) -> Result<Vec<(Option<i64>, Option<String>)>> {
    let said = map.of_service.first().map(|field| Column::Narrow(field.key));
    let columns: Vec<Column> =
        [Column::Narrow(map.class.key), Column::Record(spine::SERVICE.def.key)].into_iter().chain(said).collect();
    let (scope, config) = (Caller::engine(Channel::Engine).scope, session.config);
    let filter = Filter::In(Column::Record("id"), ids.iter().map(|id| (*id).into()).collect());
    let question = Question { scope: &scope, table: Some(rows::table(process)), filter: &filter };
    let mut all = Vec::with_capacity(ids.len());
    if ids.is_empty() {
        return Ok(all);
    }
    question.columns(session.conn, &columns, |_, values| {
        let class = values[0].as_int().and_then(|class| config.classes.get(&class));
        let service = values[1].as_int().filter(|_| class.is_some_and(|class| class.service));
        all.push((service, values.get(2).and_then(|value| value.as_text().map(str::to_owned))));
        Ok(())
    })?;
    Ok(all)
}

/// Which earlier records are like this one: by the first field that says something, else those that touched the same
/// items.
fn alike(session: &mut Session<'_>, assessed: &Assessed, record: &Record) -> Result<Option<Filter>> {
    let by = |field: &FieldDef| {
        let value = record.value(field.key).as_int()?;
        Some(Filter::is(rows::column(record.process.field(field.key)?)?, value))
    };
    if let Some(filter) = assessed.alike.iter().find_map(by) {
        return Ok(Some(filter));
    }
    let items = linked(session, assessed, record)?;
    let touched = |(id, _): &(i64, String)| Filter::LinkedTo(assessed.touches.to_owned(), Some(*id));
    let any: Vec<Filter> = items.iter().take(LAST).map(touched).collect();
    Ok((!any.is_empty()).then_some(Filter::Or(any)))
}

/// How many in a hundred of the last ones failed.
fn failed(
    session: &mut Session<'_>,
    approvals: &Approvals,
    process: &'static Process,
    which: Filter,
) -> Result<Option<i64>> {
    let Some(way) = &approvals.in_advance else { return Ok(None) };
    let outcome = Column::Narrow(way.outcome.key);
    let filter = Filter::And(vec![
        which,
        Filter::Is(Column::Record(spine::PHASE.def.key), Op::Eq, Phase::Closed.number().into()),
        Filter::Not(Box::new(Filter::Empty(outcome))),
    ]);
    let scope = Caller::engine(Channel::Engine).scope;
    let question = Question { scope: &scope, table: Some(rows::table(process)), filter: &filter };
    let newest = Sort { column: Column::Record(spine::CLOSED.def.key), descending: true };
    let last = question.first(session.conn, &[outcome], newest, LAST)?;
    let bad = last.iter().filter(|(_, values)| {
        values.first().and_then(mainstay_store::Value::as_text).is_some_and(|outcome| way.failed.contains(&outcome))
    });
    let (bad, all) = (bad.count(), last.len());
    Ok((all >= FEWEST).then(|| i64::try_from(bad * 100 / all).unwrap_or_default()))
}
