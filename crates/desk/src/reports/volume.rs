//! How much came and went, and what was there at an instant.

use super::asked::Asked;
use super::course::Passage;
use super::table::{Column, Measure, column};
use super::tally::Emit;
use crate::error::Result;

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

/// The columns of [`VOLUME`] that are held against the period before.
pub const TRENDS: &[Column] = &[
    column("opened", "Opened", Measure::Count, "Records opened in the period, whatever became of them."),
    column(
        "opened_before",
        "Opened before",
        Measure::Before(0),
        "Records opened in the period before; of a month: in the month before.",
    )
    .below(),
    column(
        "opened_change",
        "Opened, change",
        Measure::Change { now: 0, before: 1 },
        "How many more or fewer were opened than before.",
    ),
    column("closed", "Closed", Measure::Count, "Records closed in the period."),
    column(
        "closed_before",
        "Closed before",
        Measure::Before(3),
        "Records closed in the period before; of a month: in the month before.",
    )
    .below(),
    column(
        "closed_change",
        "Closed, change",
        Measure::Change { now: 3, before: 4 },
        "How many more or fewer were closed than before.",
    ),
];

/// How much came and went. (22 KPI volume)
pub fn volume(asked: &mut Asked<'_, '_>, emit: Emit<'_>) -> Result<()> {
    let mut marks: Vec<(i64, (Option<Passage>, i64))> =
        asked.opened()?.into_iter().map(|(id, at)| (id, (None, at))).collect();
    marks.extend(asked.passages()?.into_iter().map(|(id, (passed, at))| (id, (Some(passed), at))));
    asked.each(marks, asked.period.to, |standing, (passed, at)| {
        if passed.is_none_or(|passed| counts(standing.is_void(), passed)) {
            emit(standing, passed.map_or("opened", column_of), *at, 0);
        }
    })
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

/// The columns in which a record of this age counts, in milliseconds. (22 KPI backlog and age)
pub fn of_age(age: i64) -> [&'static str; 3] {
    ["live", band(age), "age"]
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
pub fn ad_hoc(asked: &mut Asked<'_, '_>, emit: Emit<'_>) -> Result<()> {
    let (marks, of) = (asked.opened()?, asked.of);
    asked.each(marks, asked.period.to, |standing, opened| {
        emit(standing, "records", *opened, 0);
        if let Some(amount) = of.and_then(|field| standing.value(field.key).as_int()) {
            for column in ["valued", "mean", "sum"] {
                emit(standing, column, *opened, amount);
            }
        }
    })
}
