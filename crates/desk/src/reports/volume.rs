//! How much came and went, and what was there at an instant.

use super::asked::Asked;
use super::course::Passage;
use super::group::By;
use super::table::{Column, Measure, column};
use super::tally::Tally;
use crate::error::Result;
use mainstay_engine::spine;
use mainstay_engine::value::Value;

const DAY: i64 = 86_400_000;

pub const VOLUME: &[Column] = &[
    column("opened", "Opened", Measure::Count, "Records opened in the period, whatever became of them."),
    column(
        "resolved",
        "Resolved",
        Measure::Count,
        "Records resolved at least once in the period and not withdrawn by its end.",
    ),
    column("closed", "Closed", Measure::Count, "Records closed in the period."),
    column("reopened", "Reopened", Measure::Count, "Records opened again at least once in the period."),
    column(
        "cancelled",
        "Cancelled",
        Measure::Count,
        "Records withdrawn in the period: duplicates, mistakes, nothing to do.",
    ),
];

/// How much came and went. (22 KPI volume)
pub fn volume(asked: &mut Asked<'_, '_>) -> Result<Tally> {
    let mut marks: Vec<(i64, (Option<Passage>, i64))> =
        asked.opened()?.into_iter().map(|(id, at)| (id, (None, at))).collect();
    marks.extend(asked.passages()?.into_iter().map(|(id, (passed, at))| (id, (Some(passed), at))));
    let mut tally = Tally::new(VOLUME);
    let (by, period) = (asked.by, asked.period.clone());
    asked.each(marks, period.to, |standing, (passed, at)| {
        if passed.is_none_or(|passed| counts(standing.is_void(), passed)) {
            tally.add(&by.of(standing, *at, &period), passed.map_or("opened", column_of), standing.id, 0);
        }
    })?;
    Ok(tally)
}

/// What was withdrawn was neither resolved nor opened again.
pub(super) fn counts(void: bool, passed: Passage) -> bool {
    !void || matches!(passed, Passage::Closed | Passage::Cancelled)
}

pub(super) fn column_of(passed: Passage) -> &'static str {
    match passed {
        Passage::Resolved => "resolved",
        Passage::Closed => "closed",
        Passage::Reopened => "reopened",
        Passage::Cancelled => "cancelled",
    }
}

pub const BACKLOG: &[Column] = &[
    column("live", "Open", Measure::Count, "Records open or on hold at the end of the period, or of each month."),
    column("day", "Up to 1 day", Measure::Count, "Of these, opened less than 24 hours before."),
    column("three_days", "1 to 3 days", Measure::Count, "Of these, opened 1 to 3 days of 24 hours before."),
    column("week", "3 to 7 days", Measure::Count, "Of these, opened 3 to 7 days of 24 hours before."),
    column("month", "7 to 30 days", Measure::Count, "Of these, opened 7 to 30 days of 24 hours before."),
    column("older", "Over 30 days", Measure::Count, "Of these, opened more than 30 days of 24 hours before."),
    column("age", "Mean age", Measure::MeanTime, "Mean time since opening, by the wall clock."),
];

/// What was there at the end of the period and how old it was; by month: at the end of each. (22 KPI backlog and age)
pub fn backlog(asked: &mut Asked<'_, '_>) -> Result<Tally> {
    let mut tally = Tally::new(BACKLOG);
    if asked.by == By::Month {
        for month in asked.period.months() {
            let end = month.end.min(asked.until());
            backlog_at(asked, end, Some(&Value::Text(month.key)), &mut tally)?;
        }
    } else {
        let end = asked.until();
        backlog_at(asked, end, None, &mut tally)?;
    }
    Ok(tally)
}

fn backlog_at(asked: &mut Asked<'_, '_>, at: i64, month: Option<&Value>, tally: &mut Tally) -> Result<()> {
    let marks = asked.maybe_live(at)?;
    let (by, period) = (asked.by, asked.period.clone());
    asked.each(marks, at, |standing, ()| {
        if !standing.state.phase.is_live() {
            return;
        }
        let groups = month.map_or_else(|| by.of(standing, at, &period), |month| vec![month.clone()]);
        let age = at - standing.value(spine::OPENED.def.key).as_int().unwrap_or(at);
        for column in ["live", band(age), "age"] {
            tally.add(&groups, column, standing.id, age);
        }
    })
}

fn band(age: i64) -> &'static str {
    match age / DAY {
        0 => "day",
        1..3 => "three_days",
        3..7 => "week",
        7..30 => "month",
        _ => "older",
    }
}

pub const AD_HOC: &[Column] = &[
    column(
        "records",
        "Records",
        Measure::Count,
        "Records opened in the period that the filter lets through, as they stood at its end.",
    ),
    column("valued", "With a value", Measure::Count, "Of these, those that hold a value of the field asked for."),
    column("mean", "Mean", Measure::Mean, "Mean of the values of the field asked for."),
    column("sum", "Sum", Measure::Sum, "Sum of the values of the field asked for."),
];

/// Any number by any field, under any condition. (GEN-10)
pub fn ad_hoc(asked: &mut Asked<'_, '_>) -> Result<Tally> {
    let marks = asked.opened()?;
    let mut tally = Tally::new(AD_HOC);
    let (by, period, of) = (asked.by, asked.period.clone(), asked.of);
    asked.each(marks, period.to, |standing, opened| {
        let groups = by.of(standing, *opened, &period);
        tally.add(&groups, "records", standing.id, 0);
        if let Some(amount) = of.and_then(|field| standing.value(field.key).as_int()) {
            for column in ["valued", "mean", "sum"] {
                tally.add(&groups, column, standing.id, amount);
            }
        }
    })?;
    Ok(tally)
}
