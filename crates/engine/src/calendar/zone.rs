//! Time zones as stretches of constant offset.

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// Whether the built-in time-zone database knows this IANA name; case does not matter.
#[must_use]
pub fn is_zone(name: &str) -> bool {
    find(name).is_some()
}

/// The zone of this IANA name, from the database compiled into the binary.
pub(super) fn find(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok().filter(|zone| !zone.is_unknown())
}

/// A stretch of time in which a zone keeps one offset.
#[derive(Clone, Copy, Debug)]
pub(super) struct Regime {
    /// Milliseconds to add to UTC for the wall clock.
    pub offset: i64,
    /// The first instant after it; `i64::MAX` when the zone never changes again.
    pub until: i64,
}

impl Regime {
    /// The regime in force at an instant.
    pub fn at(zone: &TimeZone, at: i64) -> Self {
        let at = timestamp(at);
        let offset = i64::from(zone.to_offset(at).seconds()) * 1000;
        let until = zone.following(at).next().map_or(i64::MAX, |next| next.timestamp().as_millisecond());
        Self { offset, until }
    }
}

/// The earliest instant at which the wall clock shows `wall` or later. A time that the zone skips
/// gives the instant of the switch, a time that it repeats the first of the two.
pub(super) fn first_instant(zone: &TimeZone, wall: i64) -> i64 {
    /// No offset is larger than this, 26 hours in milliseconds.
    const MARGIN: i64 = 26 * 3_600_000;
    let mut at = wall.saturating_sub(MARGIN);
    loop {
        let regime = Regime::at(zone, at);
        let candidate = at.max(wall - regime.offset);
        if candidate < regime.until {
            return candidate;
        }
        at = regime.until;
    }
}

fn timestamp(at: i64) -> Timestamp {
    let outermost = if at < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_millisecond(at).unwrap_or(outermost)
}

/// The instant itself; beyond the years that a date can name, the outermost one.
pub(super) fn dated(at: i64) -> i64 {
    timestamp(at).as_millisecond()
}

/// The wall clock at an instant: milliseconds since 1970-01-01 00:00 on that clock.
pub(super) fn wall(zone: &TimeZone, at: i64) -> i64 {
    at.saturating_add(i64::from(zone.to_offset(timestamp(at)).seconds()) * 1000)
}
