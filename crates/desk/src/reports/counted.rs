//! Counting a report: from what this node keeps or from the records, and against the period before.

use super::asked::Asked;
use super::group::By;
use super::tally::{AT_THE_END, Tally};
use super::{ALL, Kind, Params, Work, recent, sheet, volume};
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use mainstay_engine::process::Process;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::value::Value;

/// What a report is held against.
pub struct Before {
    /// The report whose figures it holds against one another.
    pub base: &'static Kind,
    pub tally: Tally,
    /// From this instant, in epoch milliseconds UTC, to before the other one.
    pub from: i64,
    pub to: i64,
    /// It was counted from what this node keeps.
    pub kept: bool,
}

/// Counts what a report is held against: the same of the period before, or, by month, of the month before each.
///
/// # Errors
/// As [`super::run`].
pub fn before(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    (kind, base): (&'static Kind, &str),
    params: &Params,
    with_ids: bool,
) -> Result<Before> {
    let base = ALL.iter().find(|kind| kind.key == base).ok_or_else(|| Refusal::missing("report"))?;
    let asked = Asked::read(session, caller, process, kind, params)?;
    let by_month = asked.by == By::Month;
    let period = if by_month { asked.period.months_before() } else { asked.period.before() };
    let group_by = Some(params.group_by.clone().unwrap_or_else(|| kind.group_by.to_owned()));
    let mut asked =
        Asked::read_of(session, caller, process, base, &Params { group_by, ..params.clone() }, Some(period))?;
    let (tally, kept) = counted(&mut asked, base, with_ids)?;
    let tally = if by_month { tally.a_month_later() } else { tally };
    Ok(Before { base, tally, from: asked.period.from, to: asked.period.to, kept })
}

/// A report counted, and whether from what this node keeps.
///
/// # Errors
/// The database's.
pub fn counted(asked: &mut Asked<'_, '_>, kind: &'static Kind, with_ids: bool) -> Result<(Tally, bool)> {
    match from_memory(asked, kind, with_ids)? {
        Some(tally) => Ok((tally, true)),
        None => Ok((from_records(asked, kind)?, false)),
    }
}

/// What this node keeps of a report, counted; none where it has to be counted from the records.
fn from_memory(asked: &mut Asked<'_, '_>, kind: &'static Kind, with_ids: bool) -> Result<Option<Tally>> {
    let lately = kind.recent.map(|from| recent::tally(asked, from, with_ids)).transpose()?.flatten();
    match (lately, &kind.work) {
        (Some(tally), _) => Ok(Some(tally)),
        (None, Work::Stock) => sheet::was_there(asked, kind, with_ids),
        (None, _) => sheet::happened(asked, kind, with_ids),
    }
}

/// A report, counted from the records.
fn from_records(asked: &mut Asked<'_, '_>, kind: &'static Kind) -> Result<Tally> {
    if asked.by.relation().is_none() {
        let mut tally = Tally::new(kind.columns);
        each_told(asked, kind, &mut |groups, column, record, amount| tally.add(&groups, column, record, amount))?;
        return Ok(tally);
    }
    // Which of the linked records the reader sees is asked once all are known.
    let mut told = Vec::new();
    each_told(asked, kind, &mut |groups, column, record, amount| told.push((groups, column, record, amount)))?;
    let linked = asked.linked(told.iter().flat_map(|(groups, ..)| groups))?;
    let mut tally = Tally::new(kind.columns);
    for (groups, column, record, amount) in told {
        let groups = match &linked {
            Some(linked) => linked.groups(groups),
            None => groups,
        };
        tally.add(&groups, column, record, amount);
    }
    Ok(tally)
}

/// Hands everything that a report says to `take`: the groups, the column, the record and the amount.
fn each_told(
    asked: &mut Asked<'_, '_>,
    kind: &'static Kind,
    take: &mut dyn FnMut(Vec<Value>, &'static str, i64, i64),
) -> Result<()> {
    let (by, period, until) = (asked.by, asked.period.clone(), asked.until());
    if let Work::Groups(report) = kind.work {
        return report(asked, &mut |standing, column, at, amount| {
            let at = if at == AT_THE_END { until - 1 } else { at };
            take(by.of(standing, at, &period), column, standing.id, amount);
        });
    }
    let months = if by == By::Month { period.months() } else { Vec::new() };
    let ends = months.into_iter().map(|month| (month.end.min(until), Some(Value::Text(month.key))));
    let end = (by != By::Month).then_some((until, None));
    for (at, month) in ends.chain(end) {
        asked.live(at, |standing, opened| {
            let groups = month.as_ref().map_or_else(|| by.of(standing, at, &period), |month| vec![month.clone()]);
            for column in volume::of_age(at - opened) {
                take(groups.clone(), column, standing.id, at - opened);
            }
        })?;
    }
    Ok(())
}
