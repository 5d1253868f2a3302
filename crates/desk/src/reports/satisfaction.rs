//! How content requesters were: who was asked, who answered what, what had to be followed up. (BRM-05, 05 KPI CSAT)

use super::asked::Asked;
use super::table::{Column, Measure, column};
use super::tally::Emit;
use crate::error::Result;
use mainstay_store::surveys::Happened;

/// The field that holds the answer.
pub const SCORE: &str = "satisfaction";
/// From this score on an answer is good.
const GOOD: i64 = 4;
/// Up to this score an answer is bad.
const BAD: i64 = 2;

pub const SATISFACTION: &[Column] = &[
    column("asked", "Asked", Measure::Count, "Records whose requester was asked in the period how it went."),
    column("answered", "Answered", Measure::Count, "Records whose requester first answered in the period."),
    column("response_rate", "Answered %", Measure::Share { part: 1, whole: &[0] }, "Answered ÷ asked."),
    column("mean", "Mean", Measure::Mean, "Mean of the answers, from 1, very bad, to 5, very good."),
    column("good", "Good", Measure::Count, "Of the answers, those of 4 or 5."),
    column("good_share", "Good %", Measure::Share { part: 4, whole: &[1] }, "Good ÷ answered: CSAT."),
    column("bad", "Bad", Measure::Count, "Of the answers, those of 1 or 2."),
    column("complaints", "Complaints", Measure::Count, "Records about which the requester complained in the period."),
];

enum Mark {
    Asked,
    Answered,
    Complained,
}

/// How it went, by those whose matter it was.
pub fn satisfaction(asked: &mut Asked<'_, '_>, emit: Emit<'_>) -> Result<()> {
    let mut marks: Vec<(i64, (Mark, i64))> = Vec::new();
    marks.extend(asked.surveys(Happened::Asked)?.into_iter().map(|(id, at)| (id, (Mark::Asked, at))));
    marks.extend(asked.surveys(Happened::Answered)?.into_iter().map(|(id, at)| (id, (Mark::Answered, at))));
    marks.extend(asked.complaints()?.into_iter().map(|(id, at)| (id, (Mark::Complained, at))));
    asked.each(marks, asked.period.to, |standing, (mark, at)| {
        let mut add = |column, amount| emit(standing, column, *at, amount);
        match mark {
            Mark::Asked => add("asked", 0),
            Mark::Complained => add("complaints", 0),
            Mark::Answered => {
                let Some(score) = standing.value(SCORE).as_int() else { return };
                add("answered", 0);
                add("mean", score);
                if score >= GOOD {
                    add("good", 0);
                }
                if score <= BAD {
                    add("bad", 0);
                }
            }
        }
    })
}
