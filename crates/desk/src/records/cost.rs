//! What a record costs: the work on it and on those that it caused, and the time in which services did not work.

use super::{rows, view};
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use mainstay_engine::process::{Costs, Process};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use mainstay_store::hangings;
use std::collections::BTreeMap;

const MINUTE_MS: i64 = 60_000;

/// One record with the work on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkOn {
    pub number: String,
    pub minutes: i64,
    /// In hundredths of a unit of money.
    pub cost: i64,
}

/// One service with the time in which it did not work; what overlaps counts once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DownOf {
    pub service: Option<i64>,
    pub name: String,
    pub minutes: i64,
    /// In hundredths of a unit of money.
    pub cost: i64,
}

/// What a record costs as far as the caller sees what belongs to it: exactly the sum of its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// The record itself first.
    pub work: Vec<WorkOn>,
    pub downtime: Vec<DownOf>,
    /// In hundredths of a unit of money.
    pub total: i64,
    /// What an hour of each costs, in whole units.
    pub hour_of_work: i64,
    pub hour_of_downtime: i64,
}

/// Reckons what a record costs.
///
/// # Errors
/// Not the caller's to see, or not as staff; a process that reckons no costs.
pub fn cost(session: &mut Session<'_>, caller: &Caller, process: &'static Process, number: &str) -> Result<Cost> {
    let (record, seen) = rows::find(session, caller, process, number)?;
    let Some(costs) = &process.costs else { return Err(Refusal::missing("cost").into()) };
    if !seen.internal() {
        return Err(Refusal::forbidden("no_right", "You may not see what it costs.").into());
    }
    let policies = &session.config.process(process).policies;
    let rate = |policy: &str| policies.get(policy).copied().unwrap_or_default();
    let mut cost = Cost { hour_of_work: rate(costs.work), hour_of_downtime: rate(costs.downtime), ..Cost::default() };
    let caused = caused(session, caller, &record, costs)?;
    for each in std::iter::once(&record).chain(&caused) {
        let minutes: i64 = hangings::times(session.conn, each.id)?.iter().map(|time| time.minutes).sum();
        let number = each.value(spine::NUMBER.def.key).as_text().unwrap_or_default().to_owned();
        cost.work.push(WorkOn { number, minutes, cost: hundredths(minutes, cost.hour_of_work) });
    }
    cost.downtime = downtime(session, &caused, costs, cost.hour_of_downtime)?;
    cost.total =
        cost.work.iter().map(|work| work.cost).sum::<i64>() + cost.downtime.iter().map(|down| down.cost).sum::<i64>();
    Ok(cost)
}

/// The records that have the relation, as far as the caller reads their internal content.
fn caused(session: &mut Session<'_>, caller: &Caller, record: &Record, costs: &Costs) -> Result<Vec<Record>> {
    let mut found = Vec::new();
    for id in super::change::linked(session, record.id, costs.relation, false)? {
        let Some((other, seen)) = rows::find_by_id(session, caller, id)? else { continue };
        if seen.internal() && !other.state.void {
            found.push(other);
        }
    }
    Ok(found)
}

fn hundredths(minutes: i64, hour: i64) -> i64 {
    (minutes * hour * 100 + 30) / 60
}

/// How long each service did not work.
fn downtime(session: &mut Session<'_>, caused: &[Record], costs: &Costs, hour: i64) -> Result<Vec<DownOf>> {
    let mut spans: BTreeMap<Option<i64>, Vec<(i64, i64)>> = BTreeMap::new();
    for record in caused {
        let at = |key: &str| record.value(key).as_int();
        let until = at(costs.down.1.key).or_else(|| record.state.phase.is_live().then_some(session.now));
        if let (Some(from), Some(until)) = (at(costs.down.0.key), until)
            && from < until
        {
            spans.entry(at(spine::SERVICE.def.key)).or_default().push((from, until));
        }
    }
    let services: Vec<i64> = spans.keys().copied().flatten().collect();
    let names = view::names(session.conn, session.config, services)?;
    let of = |(service, spans): (Option<i64>, Vec<(i64, i64)>)| {
        let minutes = (length(spans) + MINUTE_MS / 2) / MINUTE_MS;
        let name = service.and_then(|id| names.get(&id).cloned()).unwrap_or_default();
        DownOf { service, name, minutes, cost: hundredths(minutes, hour) }
    };
    Ok(spans.into_iter().map(of).collect())
}

/// The time that spans cover, each instant once.
fn length(mut spans: Vec<(i64, i64)>) -> i64 {
    spans.sort_unstable();
    let (mut covered, mut upto) = (0, i64::MIN);
    for (from, until) in spans {
        covered += (until - from.max(upto)).max(0);
        upto = upto.max(until);
    }
    covered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_overlaps_counts_once_and_cents_are_rounded() {
        assert_eq!(length(vec![(50, 60), (0, 10), (5, 20), (8, 12)]), 30);
        assert_eq!(length(Vec::new()), 0);
        assert_eq!((hundredths(1, 80), hundredths(90, 80), hundredths(0, 80)), (133, 12_000, 0));
    }
}
