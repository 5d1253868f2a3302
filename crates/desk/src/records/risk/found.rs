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
use mainstay_engine::process::{Approvals, Assessed, Map, Process};
use mainstay_engine::record::Record;
use mainstay_engine::spine;
use mainstay_processes::registers::{Criticality, RiskFact, SERVICES};
use mainstay_store::assessed::{self as store, Like};
use mainstay_store::{Column, Filter, Question, entries, hangings};
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
        let of_team: Vec<Like<'_>> = record.value(spine::TEAM.def.key).as_int().map(Like::Team).into_iter().collect();
        for (fact, alike) in [(RiskFact::Alike, alike), (RiskFact::Team, of_team)] {
            let percent = failed(session, approvals, record.process, &alike)?;
            found.extend(percent.map(|percent| (fact.key(), percent)));
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
pub fn items(
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
fn alike<'a>(session: &mut Session<'_>, assessed: &'a Assessed, record: &Record) -> Result<Vec<Like<'a>>> {
    let by = |field: &FieldDef| Some(Like::Column(field.key, record.value(field.key).as_int()?));
    if let Some(like) = assessed.alike.iter().find_map(by) {
        return Ok(vec![like]);
    }
    let items = linked(session, assessed, record)?;
    Ok(items.iter().take(LAST).map(|(id, _)| Like::Linked(assessed.touches, *id)).collect())
}

/// How many in a hundred of the last ones failed that are like any of these.
fn failed(
    session: &mut Session<'_>,
    approvals: &Approvals,
    process: &'static Process,
    alike: &[Like<'_>],
) -> Result<Option<i64>> {
    let Some(way) = &approvals.in_advance else { return Ok(None) };
    let most = i64::try_from(LAST).unwrap_or(i64::MAX);
    let mut last = Vec::new();
    for like in alike {
        last.extend(store::last(session.conn, rows::table(process), *like, way.outcome.key, most)?);
    }
    last.sort_unstable_by_key(|(id, _)| std::cmp::Reverse(*id));
    last.dedup_by_key(|(id, _)| *id);
    last.truncate(LAST);
    let bad = last.iter().filter(|(_, outcome)| way.failed.contains(&outcome.as_str())).count();
    let all = last.len();
    Ok((all >= FEWEST).then(|| i64::try_from(bad * 100 / all).unwrap_or_default()))
}
