//! Time that a target is not held to, on the word of somebody who may decide it. (SLM-20)

use super::{ClockRow, ClockView, append, clock_of, refused, rows, show, terms_of, view_of};
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use mainstay_engine::field::EntryId;
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use mainstay_store::clocks;
use serde_json::json;

/// A stretch to leave out of the adjusted result. Epoch milliseconds.
#[derive(Clone, Debug)]
pub struct Exclusion {
    pub from: i64,
    pub to: i64,
    pub reason: String,
}

/// Whether the caller may leave time out of the targets of a record.
#[must_use]
pub fn may_exclude(caller: &Caller, record: &Record) -> bool {
    let organisation = record.get(&spine::ORGANISATION).map(|EntryId(id)| id);
    caller.person_id().is_some() && caller.rights.may("exclusions", "manage", organisation)
}

/// A clock that the caller may leave time out of.
///
/// # Errors
/// Not the caller's to see or decide; no such clock.
pub fn excludable(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    id: i64,
) -> Result<ClockView> {
    let (_, _, row) = excluding(session, caller, process, number, id)?;
    view_of(session, &row)
}

/// The record, whoever decides it, and the clock.
fn excluding(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    id: i64,
) -> Result<(Record, i64, ClockRow)> {
    let (record, _) = rows::find(session, caller, process, number)?;
    let Some(approver) = caller.person_id().filter(|_| may_exclude(caller, &record)) else {
        return Err(Refusal::forbidden("no_right", "You may not exclude time from service levels.").into());
    };
    let row = clocks::of(session.conn, record.id)?.into_iter().find(|row| row.id == id);
    Ok((record, approver, row.ok_or_else(|| Refusal::missing("clock"))?))
}

/// Leaves a stretch out of a clock's adjusted result; the raw one stays beside it. (SLM-20)
///
/// # Errors
/// Not the caller's to see or decide; an empty stretch or reason; no such clock.
pub fn exclude(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    id: i64,
    exclusion: &Exclusion,
) -> Result<ClockView> {
    let (record, approver, mut row) = excluding(session, caller, process, number, id)?;
    let terms = terms_of(session, &row)?;
    let mut clock = clock_of(&row)?;
    clock.exclude(session.now, exclusion.from, exclusion.to, &exclusion.reason, approver).map_err(refused)?;
    row.adjusted_at = Some(session.now);
    row.adjusted_by = Some(approver);
    row.adjusted_reason = Some(exclusion.reason.clone());
    show(&mut row, &clock, &terms, session.now);
    clocks::update(session.conn, &row)?;
    let stretch = json!({ "metric": row.metric, "from": exclusion.from, "to": exclusion.to });
    append(
        session,
        caller,
        &record,
        "excluded",
        false,
        &json!([{ "field": "clock", "old": null, "new": stretch }]),
        Some(&exclusion.reason),
    )?;
    view_of(session, &row)
}
