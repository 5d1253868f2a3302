//! Time that people have worked on a record: each writes down and changes their own, and whoever reads what is internal
//! sees all of it.

use super::allowed::{may, not_closed};
use super::apply::append;
use super::rows;
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::registers::stale;
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_store::hangings::{self, TimeRow};
use serde_json::{Value as Json, json};

/// Most minutes of one person on one day in one line.
const MOST_MINUTES: i64 = 24 * 60;
/// Longest note in characters.
const LONGEST_NOTE: usize = 255;
const DAY_MS: i64 = 86_400_000;

/// Time to write down.
#[derive(Clone, Debug, Default)]
pub struct NewTime {
    pub minutes: i64,
    /// Days since 1970-01-01; none is today in the caller's zone.
    pub day: Option<i64>,
    pub note: Option<String>,
}

/// A change of time; None leaves a part as it is.
#[derive(Clone, Debug, Default)]
pub struct TimeChange {
    pub version: i64,
    pub minutes: Option<i64>,
    pub day: Option<i64>,
    pub note: Option<Option<String>>,
}

/// The time worked on a record, the newest day first; nothing for those who do not read what is internal.
///
/// # Errors
/// The record is not the caller's to see.
pub fn times(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
) -> Result<Vec<TimeRow>> {
    let (record, seen) = rows::find(session, caller, process, number)?;
    if seen.internal() { Ok(hangings::times(session.conn, record.id)?) } else { Ok(Vec::new()) }
}

/// Writes down time that the caller has worked.
///
/// # Errors
/// Not the caller's to see or to write on; a closed record; no minutes or more than a day has; a day to come.
pub fn add_time(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    new: &NewTime,
) -> Result<TimeRow> {
    let record = writable(session, caller, process, number)?;
    let person = caller.person_id().ok_or_else(|| Refusal::forbidden("no_right", "Only people work."))?;
    let mut row = TimeRow {
        id: 0,
        record: record.id,
        person,
        day: new.day.unwrap_or_else(|| today(session, caller)),
        minutes: new.minutes,
        note: tidied(new.note.as_deref()),
        at: session.now,
        version: 1,
    };
    check(session, caller, &row)?;
    row.id = hangings::add_time(session.conn, &row)?;
    tell(session, caller, &record, "time_added", None, Some(&row))?;
    Ok(row)
}

/// Changes time that the caller wrote down.
///
/// # Errors
/// As [`add_time`]; somebody else's; an older version.
pub fn change_time(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    id: i64,
    change: &TimeChange,
) -> Result<TimeRow> {
    let record = writable(session, caller, process, number)?;
    let before = own(session, caller, &record, id)?;
    if before.version != change.version {
        return Err(stale(before.version).into());
    }
    let mut row = before.clone();
    row.minutes = change.minutes.unwrap_or(row.minutes);
    row.day = change.day.unwrap_or(row.day);
    if let Some(note) = &change.note {
        row.note = tidied(note.as_deref());
    }
    check(session, caller, &row)?;
    if !hangings::update_time(session.conn, &row)? {
        return Err(stale(before.version + 1).into());
    }
    row.version += 1;
    tell(session, caller, &record, "time_changed", Some(&before), Some(&row))?;
    Ok(row)
}

/// Removes time that the caller wrote down.
///
/// # Errors
/// Not the caller's to see; somebody else's; a closed record.
pub fn remove_time(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    id: i64,
) -> Result<()> {
    let record = writable(session, caller, process, number)?;
    let before = own(session, caller, &record, id)?;
    hangings::remove_time(session.conn, id)?;
    tell(session, caller, &record, "time_removed", Some(&before), None)
}

/// Whoever writes notes on a record writes down time, as long as it is not closed.
fn writable(session: &mut Session<'_>, caller: &Caller, process: &'static Process, number: &str) -> Result<Record> {
    let (record, seen) = rows::find(session, caller, process, number)?;
    may(caller, &record, "note")?;
    if !seen.internal() {
        return Err(Refusal::forbidden("no_right", "You may not write down time here.").into());
    }
    not_closed(&record)?;
    Ok(record)
}

fn own(session: &mut Session<'_>, caller: &Caller, record: &Record, id: i64) -> Result<TimeRow> {
    let found = hangings::times(session.conn, record.id)?.into_iter().find(|row| row.id == id);
    let row = found.ok_or_else(|| Refusal::missing("time"))?;
    if caller.person_id() != Some(row.person) {
        return Err(Refusal::forbidden("not_yours", "Only whoever worked it can change it.").into());
    }
    Ok(row)
}

fn today(session: &Session<'_>, caller: &Caller) -> i64 {
    let now = jiff::Timestamp::from_millisecond(session.now).unwrap_or_default();
    let local = caller.zone().to_offset(now).seconds();
    (session.now + i64::from(local) * 1000).div_euclid(DAY_MS)
}

fn check(session: &Session<'_>, caller: &Caller, row: &TimeRow) -> Result<()> {
    let mut errors = Vec::new();
    if !(1..=MOST_MINUTES).contains(&row.minutes) {
        errors.push(FieldError::new("minutes", "out_of_range", "Say between 1 minute and 24 hours."));
    }
    if row.day > today(session, caller) || row.day < 0 {
        errors.push(FieldError::new("day", "out_of_range", "The day must not be in the future."));
    }
    let odd = |note: &String| note.chars().count() > LONGEST_NOTE || note.chars().any(char::is_control);
    if row.note.as_ref().is_some_and(odd) {
        errors.push(FieldError::new("note", "too_long", "A note is one line of at most 255 characters."));
    }
    Ok(Refusal::unless_empty(errors)?)
}

fn tidied(note: Option<&str>) -> Option<String> {
    note.map(str::trim).filter(|note| !note.is_empty()).map(str::to_owned)
}

fn tell(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    verb: &str,
    old: Option<&TimeRow>,
    new: Option<&TimeRow>,
) -> Result<()> {
    let said = |row: Option<&TimeRow>| {
        row.map_or(Json::Null, |row| json!({ "day": row.day, "minutes": row.minutes, "note": row.note }))
    };
    let change = json!([{ "field": "time", "old": said(old), "new": said(new) }]);
    append(session, caller, record, verb, false, &change, None).map(|_| ())
}
