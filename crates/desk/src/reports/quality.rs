//! How well it was done: reopened, handed around, solved at once, recognised at first sight.

use super::asked::Asked;
use super::course::Passage;
use super::standing::Standing;
use super::table::{Column, Measure, column};
use super::tally::Emit;
use crate::error::Result;

const RESOLVED_HELP: &str = "Records resolved in the period that stood resolved or closed at its end.";

pub const REOPENED: &[Column] = &[
    column(
        "resolved",
        "Resolved",
        Measure::Count,
        "Records resolved at least once in the period and not withdrawn by its end.",
    ),
    column(
        "reopened",
        "Reopened",
        Measure::Count,
        "Records opened again at least once in the period and not withdrawn by its end.",
    ),
    column("share", "Reopened %", Measure::Share { part: 1, whole: &[0] }, "Reopened ÷ resolved."),
];

/// What came back. (22 KPI reopen %)
pub fn reopened(asked: &mut Asked<'_, '_>, emit: Emit<'_>) -> Result<()> {
    let marks = asked.passages()?;
    asked.each(marks, asked.period.to, |standing, (passed, at)| {
        let column = match passed {
            Passage::Resolved => "resolved",
            Passage::Reopened => "reopened",
            Passage::Closed | Passage::Cancelled => return,
        };
        if !standing.is_void() {
            emit(standing, column, *at, 0);
        }
    })
}

/// The field that counts how often a record went to another team.
pub const HOP_COUNT: &str = "hop_count";

pub const HOPS: &[Column] = &[
    column("resolved", "Resolved", Measure::Count, RESOLVED_HELP),
    column("none", "Never reassigned", Measure::Count, "Of these, solved where they were first sent."),
    column("one", "Once", Measure::Count, "Of these, reassigned once."),
    column("two", "Twice", Measure::Count, "Of these, reassigned twice."),
    column("more", "More often", Measure::Count, "Of these, reassigned three times or more."),
    column("mean", "Mean", Measure::Mean, "Mean number of reassignments."),
];

/// How often work was handed on before it was done. (INC-23, 22 KPI misassignment)
pub fn hops(asked: &mut Asked<'_, '_>, emit: Emit<'_>) -> Result<()> {
    of_resolved(asked, emit, |standing| {
        let hops = standing.value(HOP_COUNT).as_int().unwrap_or_default();
        let column = match hops {
            0 => "none",
            1 => "one",
            2 => "two",
            _ => "more",
        };
        vec![("resolved", 0), (column, 0), ("mean", hops)]
    })
}

pub const FIRST_CONTACT: &[Column] = &[
    column("resolved", "Resolved", Measure::Count, RESOLVED_HELP),
    column(
        "first",
        "By the first",
        Measure::Count,
        "Of these, resolved by whoever took them first, without reassignment.",
    ),
    column("share", "First contact %", Measure::Share { part: 1, whole: &[0] }, "By the first ÷ resolved."),
];

/// What the first agent solved. (22 KPI first-contact resolution)
pub fn first_contact(asked: &mut Asked<'_, '_>, emit: Emit<'_>) -> Result<()> {
    of_resolved(asked, emit, |standing| {
        let first = standing.value("first_assignee");
        let stayed = standing.value(HOP_COUNT).as_int().unwrap_or_default() == 0;
        let at_once = stayed && !first.is_null() && first == standing.value("assignee");
        if at_once { vec![("resolved", 0), ("first", 0)] } else { vec![("resolved", 0)] }
    })
}

pub const MISMATCH: &[Column] = &[
    column(
        "resolved",
        "Resolved",
        Measure::Count,
        "Records resolved in the period that hold both categories at its end.",
    ),
    column(
        "mismatched",
        "Changed",
        Measure::Count,
        "Of these, closed under another category than they were opened under.",
    ),
    column("share", "Changed %", Measure::Share { part: 1, whole: &[0] }, "Changed ÷ resolved."),
];

/// The field that holds the first category that a record was given.
pub const OPENING_CATEGORY: &str = "opening_category";

/// What turned out to be something else. (INC-05, 22 KPI categorisation error)
pub fn mismatch(asked: &mut Asked<'_, '_>, emit: Emit<'_>) -> Result<()> {
    of_resolved(asked, emit, |standing| {
        let (kept, closing) = (standing.value(OPENING_CATEGORY), standing.value("closing_category"));
        // A record written by the release before this field has only the present one.
        let opening = if kept.is_null() { standing.value("category") } else { kept };
        if opening.is_null() || closing.is_null() {
            return Vec::new();
        }
        if opening == closing { vec![("resolved", 0)] } else { vec![("resolved", 0), ("mismatched", 0)] }
    })
}

/// Counts each record resolved in the period that stood resolved at its end, in the columns that it says.
fn of_resolved(
    asked: &mut Asked<'_, '_>,
    emit: Emit<'_>,
    says: impl Fn(&Standing) -> Vec<(&'static str, i64)>,
) -> Result<()> {
    let marks = asked.resolved()?;
    asked.each(marks, asked.period.to, |standing, at| {
        if standing.is_resolved() {
            for (column, amount) in says(standing) {
                emit(standing, column, *at, amount);
            }
        }
    })
}
