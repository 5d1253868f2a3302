//! When there is room for a record: the next stretches of its length without a conflict. (CHG-14)

use super::conflicts::{live, reasons, touched};
use super::depends::foundations;
use super::planned::{self, Planned};
use super::windows::{self, Reach, Window};
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use jiff::Timestamp;
use mainstay_engine::record::Record;
use std::sync::Arc;

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;
/// How far ahead is looked.
const AHEAD: i64 = 90 * DAY;
/// Stretches begin on the half hour.
const STEP: i64 = 30 * MINUTE;
/// How many are proposed, each on a night of its own, and how many nights are looked at.
const MOST: usize = 3;
const NIGHTS: usize = 14;

/// The next stretches of a record's length, in the windows that are meant for it, without a conflict: at most three. Where
/// no window is meant for it, any time of a day will do.
///
/// # Errors
/// The database's.
pub fn free(session: &mut Session<'_>, caller: &Caller, record: &Record) -> Result<Vec<(i64, i64)>> {
    let Some(own) = Planned::of(record.clone()) else { return Ok(Vec::new()) };
    let mut own = [own];
    planned::reach(session, &mut own)?;
    let [own] = own.map(Arc::new);
    let length = own.end - own.start;
    let items = planned::items(session, caller, &own.items)?;
    let numbers: Vec<&str> = items.values().map(|item| item.number.as_str()).collect();
    let reach = own.reach(&numbers);
    let busy = Busy { record: &own, freezes: windows::freezes(session.config, &reach).collect() };
    let mut found = Vec::new();
    for (from, until) in openings(session, caller, &own, &reach).into_iter().take(NIGHTS) {
        if until - from >= length
            && let Some(start) = room(session, caller, &busy, (from, until))?
        {
            found.push((start, start + length));
            if found.len() == MOST {
                break;
            }
        }
    }
    Ok(found)
}

/// A record, and the freezes that are about it.
struct Busy<'a> {
    record: &'a Arc<Planned>,
    freezes: Vec<&'a Window>,
}

/// The stretches in which work on a record may lie, from now on.
fn openings(session: &Session<'_>, caller: &Caller, own: &Planned, reach: &Reach<'_>) -> Vec<(i64, i64)> {
    let meant = windows::meant_for(session.config, reach);
    let (now, end) = (session.now, session.now + AHEAD);
    let mut all: Vec<(i64, i64)> = if meant.is_empty() {
        let zone = caller.zone();
        let first = Timestamp::from_millisecond(now).unwrap_or_default().to_zoned(zone);
        let day = |n: i64| first.start_of_day().ok()?.checked_add(jiff::Span::new().days(n)).ok();
        let ends = |n: i64| Some(day(n)?.timestamp().as_millisecond());
        // Longer work than a day begins on any of them.
        let length = own.end - own.start;
        (0..90).filter_map(|n| Some((ends(n)?, ends(n + 1)?.max(ends(n)? + length + STEP)))).collect()
    } else {
        meant.iter().flat_map(|window| window.times.between(now, end)).collect()
    };
    all.sort_unstable();
    all.into_iter().map(|(from, until)| (from.max(now), until)).filter(|(from, until)| from < until).collect()
}

/// The first instant in a stretch from which on the record meets nothing.
fn room(session: &mut Session<'_>, caller: &Caller, own: &Busy<'_>, (from, until): (i64, i64)) -> Result<Option<i64>> {
    let others = live(session, caller, (from, until), &[])?;
    let items = touched(others.iter().chain([own.record]));
    let below = foundations(session, &items)?;
    let meets = |other: &&Arc<Planned>| {
        other.record.id != own.record.record.id && !reasons(own.record, other, &below).is_empty()
    };
    let mut busy: Vec<(i64, i64)> = others.iter().filter(meets).map(|other| (other.start, other.end)).collect();
    busy.extend(own.freezes.iter().flat_map(|window| window.times.between(from, until)));
    busy.sort_unstable();
    let aligned = |at: i64| at.div_euclid(STEP) * STEP + if at.rem_euclid(STEP) == 0 { 0 } else { STEP };
    let length = own.record.end - own.record.start;
    let mut start = aligned(from);
    // What begins later is looked at later, so whatever was passed is behind the start for good.
    for (begins, ends) in busy {
        if start + length > begins && start < ends {
            start = aligned(ends);
        }
    }
    Ok((start + length <= until).then_some(start))
}
