//! Calendars: in which instants service time counts, and arithmetic in that time.
//!
//! An instant is service time when the wall clock of the calendar's zone then shows a time inside
//! a span of the date it shows. Everything else follows: a span that a switch to summer time
//! skips is shorter, a span that the switch back repeats counts twice, a date that a zone left
//! out has no service time (SLM-04).
//!
//! Zones come from the database compiled into the binary, so that a due date is the same on every
//! machine. Spans are half-open: 17:00 is no longer inside 09:00–17:00.

mod draft;
mod recurrence;
mod working_days;
mod zone;

pub use draft::{Draft, Fault};
pub use recurrence::{Days, Recurrence};
pub use zone::is_zone;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use zone::Regime;

const DAY: i64 = 86_400_000;
/// How far a search for service time goes before it gives up: twenty years, in milliseconds.
const HORIZON: i64 = 20 * 366 * DAY;

/// Hours of service in one zone. Built and checked by [`Draft::finish`]; JSON is the draft's.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Draft", into = "Draft")]
pub struct Calendar {
    draft: Draft,
    zone: TimeZone,
    /// Spans by weekday, Monday first.
    week: [Vec<Span>; 7],
    /// Holidays and exceptions by day since 1970-01-01; they replace the weekday's spans.
    special: BTreeMap<i64, Vec<Span>>,
}

/// A stretch of wall-clock time within a date: milliseconds since its midnight, half-open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Span {
    from: i64,
    to: i64,
}

/// A stretch of service time within one date and one offset of the zone, half-open.
#[derive(Clone, Copy, Debug)]
struct Opening {
    from: i64,
    to: i64,
    /// The date on the wall, in days since 1970-01-01.
    day: i64,
}

impl Calendar {
    /// The IANA name of the zone.
    #[must_use]
    pub fn zone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// Milliseconds of service time between two instants; 0 when `to` is not after `from`.
    #[must_use]
    pub fn open_between(&self, from: i64, to: i64) -> i64 {
        let mut sum = 0;
        self.walk(from, to, |opening| {
            sum += opening.to - opening.from;
            true
        });
        sum
    }

    /// The earliest instant at which `duration` milliseconds of service time have passed since
    /// `start`: 8 h from Monday 09:00 are over on Monday 17:00 and not on Tuesday 09:00. `start`
    /// itself when `duration` is not positive; none when twenty years do not hold that much.
    #[must_use]
    pub fn add(&self, start: i64, duration: i64) -> Option<i64> {
        if duration <= 0 {
            return Some(start);
        }
        let mut left = duration;
        let mut end = None;
        self.walk(start, start.saturating_add(HORIZON), |opening| {
            let length = opening.to - opening.from;
            if left <= length {
                end = Some(opening.from + left);
            }
            left -= length;
            left > 0
        });
        end
    }

    /// Whether service time counts at this instant.
    #[must_use]
    pub fn is_open(&self, at: i64) -> bool {
        self.open_between(at, at.saturating_add(1)) > 0
    }

    /// The first instant from `at` on at which service time counts: `at` itself when it does.
    /// None when there is none in twenty years.
    #[must_use]
    pub fn next_open(&self, at: i64) -> Option<i64> {
        self.first_opening(at).map(|opening| opening.from)
    }

    fn first_opening(&self, at: i64) -> Option<Opening> {
        let mut first = None;
        self.walk(at, at.saturating_add(HORIZON), |opening| {
            first = Some(opening);
            false
        });
        first
    }

    fn spans(&self, day: i64) -> &[Span] {
        // 1970-01-01 was a Thursday, the fourth day of a week that begins on Monday.
        let weekday = usize::try_from((day + 3).rem_euclid(7)).unwrap_or_default();
        self.special.get(&day).unwrap_or(&self.week[weekday])
    }

    /// Visits the openings between two instants in their order until `visit` says false.
    fn walk(&self, from: i64, to: i64, mut visit: impl FnMut(Opening) -> bool) {
        let (mut at, to) = (zone::dated(from), zone::dated(to));
        while at < to {
            let regime = Regime::at(&self.zone, at);
            let end = regime.until.min(to);
            if !self.walk_regime(at, end, regime.offset, &mut visit) {
                return;
            }
            at = end;
        }
    }

    /// The same while the zone's offset stays what it is; false when `visit` said so.
    fn walk_regime(&self, from: i64, to: i64, offset: i64, visit: &mut impl FnMut(Opening) -> bool) -> bool {
        let last = (to - 1 + offset).div_euclid(DAY);
        for day in (from + offset).div_euclid(DAY)..=last {
            let midnight = day * DAY - offset;
            for span in self.spans(day) {
                let opening = Opening { from: from.max(midnight + span.from), to: to.min(midnight + span.to), day };
                if opening.from < opening.to && !visit(opening) {
                    return false;
                }
            }
        }
        true
    }
}

#[cfg(test)]
mod tests;
