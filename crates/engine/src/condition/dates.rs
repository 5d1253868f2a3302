//! Time in conditions: lengths, periods, moments, and what they are for one viewer at one instant.

use crate::value::date_to_day;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::ops::Range;

/// What relative operands are relative to: one viewer at one instant.
#[derive(Clone, Debug)]
pub struct Context {
    /// Epoch milliseconds UTC.
    pub now: i64,
    /// Where days begin and end.
    pub zone: TimeZone,
    /// The viewer's entry in `people`; none for the system.
    pub me: Option<i64>,
    pub my_teams: Vec<i64>,
    pub my_organisation: Option<i64>,
}

impl Context {
    fn today(&self) -> Date {
        self.day_of(self.now)
    }

    /// The calendar day of an instant; beyond jiff's range its first or last day.
    fn day_of(&self, ms: i64) -> Date {
        let at = Timestamp::from_millisecond(ms).unwrap_or(if ms < 0 { Timestamp::MIN } else { Timestamp::MAX });
        self.zone.to_datetime(at).date()
    }

    /// The instant of a wall clock reading: the later one where the clock skips it, the earlier one where it
    /// repeats.
    fn at(&self, reading: DateTime) -> i64 {
        let beyond = if reading.year() < 0 { Timestamp::MIN } else { Timestamp::MAX };
        self.zone.to_ambiguous_timestamp(reading).compatible().unwrap_or(beyond).as_millisecond()
    }

    fn starts(&self, day: Date) -> i64 {
        self.at(day.at(0, 0, 0, 0))
    }

    pub(super) fn instants(&self, days: &Range<Date>) -> Range<i64> {
        self.starts(days.start)..self.starts(days.end)
    }
}

/// A unit of a length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Minutes,
    Hours,
    Days,
    Weeks,
}

impl Unit {
    pub const ALL: [Self; 4] = [Self::Minutes, Self::Hours, Self::Days, Self::Weeks];

    /// The letter it is written with.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Minutes => "m",
            Self::Hours => "h",
            Self::Days => "d",
            Self::Weeks => "w",
        }
    }

    const fn minutes(self) -> i64 {
        match self {
            Self::Minutes => 1,
            Self::Hours => 60,
            Self::Days => 24 * 60,
            Self::Weeks => 7 * 24 * 60,
        }
    }
}

/// A length of time in one unit, at most 100 years either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub count: i64,
    pub unit: Unit,
}

impl Span {
    const MAX_MINUTES: i64 = 36_525 * 24 * 60;

    /// None when it is longer than 100 years.
    #[must_use]
    pub fn new(count: i64, unit: Unit) -> Option<Self> {
        let minutes = count.checked_mul(unit.minutes())?;
        (-Self::MAX_MINUTES..=Self::MAX_MINUTES).contains(&minutes).then_some(Self { count, unit })
    }

    /// Milliseconds, a day counted as 24 hours.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.count.saturating_mul(self.unit.minutes() * 60_000)
    }

    /// Whole days, when it is counted in days or weeks.
    const fn days(self) -> Option<i64> {
        match self.unit {
            Unit::Minutes | Unit::Hours => None,
            Unit::Days => Some(self.count),
            Unit::Weeks => Some(self.count.saturating_mul(7)),
        }
    }
}

/// A stretch of whole days in the viewer's calendar. Weeks begin on Monday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    Today,
    Yesterday,
    Tomorrow,
    ThisWeek,
    LastWeek,
    NextWeek,
    ThisMonth,
    LastMonth,
    NextMonth,
    ThisQuarter,
    LastQuarter,
    ThisYear,
    LastYear,
    Year(i16),
    /// The first day of the month stands for it.
    Month(Date),
    Day(Date),
}

impl Period {
    /// The periods with a name, and their names.
    pub const NAMED: [(&'static str, Self); 13] = [
        ("today", Self::Today),
        ("yesterday", Self::Yesterday),
        ("tomorrow", Self::Tomorrow),
        ("this_week", Self::ThisWeek),
        ("last_week", Self::LastWeek),
        ("next_week", Self::NextWeek),
        ("this_month", Self::ThisMonth),
        ("last_month", Self::LastMonth),
        ("next_month", Self::NextMonth),
        ("this_quarter", Self::ThisQuarter),
        ("last_quarter", Self::LastQuarter),
        ("this_year", Self::ThisYear),
        ("last_year", Self::LastYear),
    ];

    /// Reads `2025`, `2025-06` or `2025-06-06`; none for anything else.
    pub(super) fn read(text: &str) -> Option<Self> {
        let year = || text.get(..4).filter(|y| y.bytes().all(|b| b.is_ascii_digit()))?.parse::<i16>().ok();
        match text.len() {
            4 => year().filter(|y| *y > 0).map(Self::Year),
            7 => read_day(&format!("{text}-01")).map(Self::Month),
            _ => read_day(text).map(Self::Day),
        }
    }

    /// Its days for this viewer, half-open.
    pub(super) fn days(self, context: &Context) -> Range<Date> {
        let today = context.today();
        let shifted = |days: i64| shift(today, days);
        let monday = || shift(today, -i64::from(today.weekday().since(Weekday::Monday)));
        let (month, year) = (today.first_of_month(), today.first_of_year());
        let quarter = || months_on(month, -i32::from((today.month() - 1) % 3));
        let stretch = |first: Date, months: i32| first..months_on(first, months);
        match self {
            Self::Today => today..shifted(1),
            Self::Yesterday => shifted(-1)..today,
            Self::Tomorrow => shifted(1)..shifted(2),
            Self::ThisWeek => monday()..shift(monday(), 7),
            Self::LastWeek => shift(monday(), -7)..monday(),
            Self::NextWeek => shift(monday(), 7)..shift(monday(), 14),
            Self::ThisMonth => stretch(month, 1),
            Self::LastMonth => months_on(month, -1)..month,
            Self::NextMonth => stretch(months_on(month, 1), 1),
            Self::ThisQuarter => stretch(quarter(), 3),
            Self::LastQuarter => months_on(quarter(), -3)..quarter(),
            Self::ThisYear => stretch(year, 12),
            Self::LastYear => months_on(year, -12)..year,
            Self::Year(year) => stretch(Date::new(year, 1, 1).unwrap_or(Date::MAX), 12),
            Self::Month(first) => stretch(first.first_of_month(), 1),
            Self::Day(day) => day..shift(day, 1),
        }
    }
}

/// A point or a day on the time line, still to be placed for one viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    At(i64),
    /// A reading of the viewer's clock.
    Reading(DateTime),
    Day(Date),
    Now(Option<Span>),
    Today(Option<Span>),
}

enum Placed {
    Point(i64),
    Day(Date),
}

impl Moment {
    /// Reads an ISO 8601 date, an instant with its offset, or an instant without one.
    pub(super) fn read(text: &str) -> Option<Self> {
        if let Some(day) = read_day(text) {
            return Some(Self::Day(day));
        }
        if let Ok(at) = text.parse::<Timestamp>() {
            return (text.starts_with(|c: char| c.is_ascii_digit())).then(|| Self::At(at.as_millisecond()));
        }
        // A zone name in brackets would be read and dropped: better refused than misunderstood.
        let reading = text.parse::<DateTime>().ok().filter(|_| !text.contains('['))?;
        (1..=9999).contains(&reading.year()).then_some(Self::Reading(reading))
    }

    fn placed(self, context: &Context) -> Placed {
        match self {
            Self::At(ms) => Placed::Point(ms),
            Self::Reading(reading) => Placed::Point(context.at(reading)),
            Self::Day(day) => Placed::Day(day),
            Self::Now(by) => Placed::Point(context.now.saturating_add(by.map_or(0, Span::millis))),
            Self::Today(by) => {
                let today = context.today();
                match by.map(|by| (by, by.days())) {
                    None => Placed::Day(today),
                    Some((_, Some(days))) => Placed::Day(shift(today, days)),
                    Some((by, None)) => Placed::Point(context.starts(today).saturating_add(by.millis())),
                }
            }
        }
    }

    /// The milliseconds it covers for this viewer: one for a point, all of its day for a day.
    pub(super) fn instants(self, context: &Context) -> Range<i64> {
        match self.placed(context) {
            Placed::Point(ms) => ms..ms.saturating_add(1),
            Placed::Day(day) => context.instants(&(day..shift(day, 1))),
        }
    }

    /// The day it is or falls on for this viewer, in days since 1970-01-01.
    pub(super) fn day(self, context: &Context) -> i64 {
        match self.placed(context) {
            Placed::Point(ms) => date_to_day(context.day_of(ms)),
            Placed::Day(day) => date_to_day(day),
        }
    }
}

/// A date in exactly the form 2025-06-06: jiff alone would also take the day out of a longer text.
fn read_day(text: &str) -> Option<Date> {
    let formed = text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| match i {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
    formed.then(|| text.parse::<Date>().ok()).flatten().filter(|day| day.year() > 0)
}

fn shift(day: Date, days: i64) -> Date {
    day.saturating_add(SignedDuration::from_hours(days.saturating_mul(24)))
}

fn months_on(first: Date, months: i32) -> Date {
    first.saturating_add(months.months())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::day_to_date;

    fn vienna(now: &str) -> Context {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        let now = now.parse::<Timestamp>().unwrap().as_millisecond();
        Context { now, zone, me: None, my_teams: Vec::new(), my_organisation: None }
    }

    fn hours(range: Range<i64>) -> i64 {
        (range.end - range.start) / 3_600_000
    }

    #[test]
    fn a_day_is_as_long_as_the_clock_makes_it() {
        let day = |text: &str| hours(Moment::read(text).unwrap().instants(&vienna("2025-06-06T12:00:00Z")));
        assert_eq!((day("2025-03-30"), day("2025-06-06"), day("2025-10-26")), (23, 24, 25));
    }

    #[test]
    fn days_from_today_follow_the_calendar_and_days_from_now_the_stopwatch() {
        // Ten in the evening before the clock is put forward.
        let context = vienna("2025-03-29T21:00:00Z");
        let from = |moment: Moment| moment.instants(&context).start - context.now;
        let day = Span::new(1, Unit::Days);
        assert_eq!(from(Moment::Now(day)), 24 * 3_600_000);
        let midnights = from(Moment::Today(Span::new(2, Unit::Days))) - from(Moment::Today(day));
        assert_eq!(midnights, 23 * 3_600_000);
        assert_eq!(from(Moment::Today(Span::new(4, Unit::Hours))), -18 * 3_600_000);
    }

    #[test]
    fn today_is_the_viewers_day() {
        let days = |now| Period::Today.days(&vienna(now));
        assert_eq!(days("2025-06-06T21:59:59Z").start.to_string(), "2025-06-06");
        assert_eq!(days("2025-06-06T22:00:00Z").start.to_string(), "2025-06-07");
    }

    #[test]
    fn periods_cover_the_days_their_names_say() {
        let context = vienna("2025-01-01T12:00:00Z");
        let days = |name: &str| {
            let (_, period) = Period::NAMED.into_iter().find(|(n, _)| *n == name).unwrap();
            let days = period.days(&context);
            format!("{} {}", days.start, days.end)
        };
        assert_eq!(days("yesterday"), "2024-12-31 2025-01-01");
        assert_eq!(days("tomorrow"), "2025-01-02 2025-01-03");
        assert_eq!(days("this_week"), "2024-12-30 2025-01-06");
        assert_eq!(days("last_week"), "2024-12-23 2024-12-30");
        assert_eq!(days("next_week"), "2025-01-06 2025-01-13");
        assert_eq!(days("last_month"), "2024-12-01 2025-01-01");
        assert_eq!(days("next_month"), "2025-02-01 2025-03-01");
        assert_eq!(days("this_quarter"), "2025-01-01 2025-04-01");
        assert_eq!(days("last_quarter"), "2024-10-01 2025-01-01");
        assert_eq!(days("this_year"), "2025-01-01 2026-01-01");
        assert_eq!(days("last_year"), "2024-01-01 2025-01-01");
    }

    #[test]
    fn an_instant_without_offset_is_a_reading_of_the_viewers_clock() {
        let context = vienna("2025-06-06T12:00:00Z");
        let at = |text: &str| Moment::read(text).map(|moment| moment.instants(&context).start);
        assert_eq!(at("2025-06-06T16:30"), at("2025-06-06T14:30:00Z"));
        assert_eq!(at("2025-06-06 16:30"), at("2025-06-06T16:30:00+02:00"));
        assert!(at("2025-06-06T16:30").is_some());
        for wrong in ["2025-06", "2025-6-6", "tomorrow", "", "2025-06-06T16:30[Asia/Tokyo]", "0000-01-01", "2025-02-30"]
        {
            assert_eq!(at(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_ends_of_time_neither_wrap_nor_panic() {
        for now in [i64::MIN, i64::MAX] {
            let context = Context { now, ..vienna("2025-06-06T12:00:00Z") };
            for (name, period) in Period::NAMED {
                let days = period.days(&context);
                assert!(days.start <= days.end, "{name}");
                let instants = context.instants(&days);
                assert!(instants.start <= instants.end, "{name}");
            }
            let far = Span::new(if now < 0 { -36_525 } else { 36_525 }, Unit::Days);
            let range = Moment::Now(far).instants(&context);
            assert!(range.start <= range.end);
            assert!(day_to_date(Moment::Today(far).day(&context)).is_some());
        }
        assert_eq!(Span::new(36_526, Unit::Days), None);
        assert_eq!(Span::new(i64::MAX, Unit::Weeks), None);
    }
}
