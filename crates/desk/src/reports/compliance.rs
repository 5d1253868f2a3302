//! Service levels kept and missed, and how long things took.

use super::asked::{Asked, Timed};
use super::outcome::Verdict;
use super::period::Period;
use super::table::{Column, Measure, column};
use super::tally::{AT_THE_END, Emit};
use crate::error::Result;
use mainstay_engine::clock::Metric;

const MET: usize = 1;
const MISSED: &[usize] = &[1, 2, 3];
const ADJUSTED_MET: usize = 6;
const ADJUSTED: &[usize] = &[6, 7];

pub const COMPLIANCE: &[Column] = &[
    column("opened", "Workload", Measure::Count, "Records opened in the period."),
    column("met", "Met", Measure::Count, "Targets met: the clock stopped in the period and in time."),
    column(
        "breached_closed",
        "Breached, closed",
        Measure::Count,
        "Targets missed in the period, the work done by its end.",
    ),
    column(
        "breached_open",
        "Breached, open",
        Measure::Count,
        "Targets missed in the period, the work not done at its end.",
    ),
    column(
        "undecided",
        "Running",
        Measure::Count,
        "Clocks running or paused at the end of the period, in time so far: not part of compliance.",
    ),
    column(
        "compliance",
        "Compliance",
        Measure::Share { part: MET, whole: MISSED },
        "Met ÷ (met + breached closed + breached open), without regard to exclusions.",
    ),
    column("adjusted_met", "Met, adjusted", Measure::Count, "Targets met when excluded time is left out."),
    column("adjusted_breached", "Breached, adjusted", Measure::Count, "Targets missed when excluded time is left out."),
    column(
        "adjusted_compliance",
        "Compliance, adjusted",
        Measure::Share { part: ADJUSTED_MET, whole: ADJUSTED },
        "The same with excluded time left out: agreed maintenance, force majeure, the customer's own doing.",
    ),
    column(
        "excluded",
        "With exclusions",
        Measure::Count,
        "Records with time excluded from their clock; they make the two results differ.",
    ),
];

/// Response targets met and missed. (08 KPI SLA compliance, G-26)
pub fn response(asked: &mut Asked<'_, '_>, emit: Emit<'_>) -> Result<()> {
    compliance(asked, Metric::Response, emit)
}

/// Resolution targets met and missed.
pub fn resolution(asked: &mut Asked<'_, '_>, emit: Emit<'_>) -> Result<()> {
    compliance(asked, Metric::Resolution, emit)
}

fn compliance(asked: &mut Asked<'_, '_>, metric: Metric, emit: Emit<'_>) -> Result<()> {
    let mut marks: Vec<(i64, (&'static str, i64))> =
        asked.opened()?.into_iter().map(|(id, at)| (id, ("opened", at))).collect();
    for timed in asked.clocks(metric)? {
        self::marks(&timed, &asked.period, |column, at| marks.push((timed.row.record, (column, at))));
    }
    asked.each(marks, asked.period.to, |standing, (column, at)| {
        if *column == "opened" || !standing.is_void() {
            emit(standing, column, *at, 0);
        }
    })
}

/// The columns in which a clock counts, each with when.
pub(super) fn marks(timed: &Timed, period: &Period, mut mark: impl FnMut(&'static str, i64)) {
    let inside = |verdict: Option<Verdict>| verdict.filter(|v| period.holds(v.at));
    let verdict = inside(timed.outcome.verdict());
    if let Some(verdict) = verdict {
        mark(result(timed, verdict), verdict.at);
    } else if timed.outcome.is_undecided() {
        mark("undecided", AT_THE_END);
    }
    if let Some(verdict) = inside(timed.adjusted) {
        mark(if verdict.met { "adjusted_met" } else { "adjusted_breached" }, verdict.at);
    }
    if let Some(verdict) = verdict.filter(|_| timed.excluded) {
        mark("excluded", verdict.at);
    }
}

fn result(timed: &Timed, verdict: Verdict) -> &'static str {
    match (verdict.met, timed.outcome.stopped) {
        (true, _) => "met",
        (false, Some(_)) => "breached_closed",
        (false, None) => "breached_open",
    }
}

pub const TIMES: &[Column] = &[
    column(
        "responded",
        "Responded to",
        Measure::Count,
        "Records that somebody first took up or answered in the period.",
    ),
    column(
        "response",
        "Mean time to respond",
        Measure::MeanTime,
        "From opening to the first human action by the assigned team, by the wall clock.",
    ),
    column(
        "resolved",
        "Resolved",
        Measure::Count,
        "Records whose last resolution by the end of the period lies in it.",
    ),
    column(
        "resolution",
        "Mean time to resolve",
        Measure::MeanTime,
        "From opening to resolution by the wall clock, without agreed pauses and without the time between a resolution and a reopening.",
    ),
];

/// How long it took until somebody answered, and until it was done. (22 KPI MTTA, MTTR)
pub fn times(asked: &mut Asked<'_, '_>, emit: Emit<'_>) -> Result<()> {
    let mut marks: Vec<(i64, (bool, i64, i64))> = Vec::new();
    for metric in [Metric::Response, Metric::Resolution] {
        for timed in asked.clocks(metric)? {
            let stopped = timed.outcome.stopped.filter(|at| asked.period.holds(*at) && !timed.outcome.cancelled);
            marks.extend(stopped.map(|at| (timed.row.record, (metric == Metric::Response, at, timed.outcome.ran))));
        }
    }
    asked.each(marks, asked.period.to, |standing, (response, at, ran)| {
        if standing.is_void() {
            return;
        }
        let columns = if *response { ["responded", "response"] } else { ["resolved", "resolution"] };
        for column in columns {
            emit(standing, column, *at, *ran);
        }
    })
}
