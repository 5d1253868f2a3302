//! Stretches of time that come once, every week or every month, by the clock on the wall of one zone.

use super::zone;
use jiff::civil::Date;
use jiff::tz::TimeZone;

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;
/// A question looks no further than so many days.
const MOST_DAYS: i64 = 800;

/// On which days a stretch begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Days {
    /// Once, between two instants in epoch milliseconds UTC.
    Once { from: i64, until: i64 },
    /// On these days of each week, Monday first.
    Weekly([bool; 7]),
    /// On this date of each month; a month that is shorter has it on its last day.
    MonthlyOn(i64),
    /// On these days of the week, in this week of each month: 1 to 4, or 5 for the last one.
    MonthlyIn { week: i64, days: [bool; 7] },
}

/// Stretches of time that come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recurrence {
    pub days: Days,
    /// IANA name of the zone on whose wall the clock hangs.
    pub zone: String,
    /// When a stretch begins, in minutes after midnight; of what comes back only.
    pub at: i64,
    /// How long it lasts on that clock, in minutes.
    pub minutes: i64,
    /// None begins before, and none after; epoch milliseconds UTC.
    pub first: Option<i64>,
    pub last: Option<i64>,
}

impl Recurrence {
    /// Every stretch that touches the time from one instant to before another, in order: from and until in epoch
    /// milliseconds UTC, half-open. An unknown zone has none.
    #[must_use]
    pub fn between(&self, from: i64, until: i64) -> Vec<(i64, i64)> {
        if let Days::Once { from: begins, until: ends } = self.days {
            return if begins < until && from < ends { vec![(begins, ends)] } else { Vec::new() };
        }
        let Some(zone) = zone::find(&self.zone) else { return Vec::new() };
        let length = self.minutes * MINUTE;
        let day_of = |at: i64| zone::wall(&zone, at).div_euclid(DAY);
        let first = day_of(from.saturating_sub(length)) - 1;
        let last = day_of(until).min(first + MOST_DAYS);
        (first..=last)
            .filter(|day| self.falls_on(*day))
            .map(|day| self.stretch(&zone, day))
            .filter(|(begins, ends)| begins < ends && *begins < until && from < *ends)
            .filter(|(begins, _)| self.first.is_none_or(|at| *begins >= at) && self.last.is_none_or(|at| *begins <= at))
            .collect()
    }

    fn stretch(&self, zone: &TimeZone, day: i64) -> (i64, i64) {
        let begins = day * DAY + self.at * MINUTE;
        (zone::first_instant(zone, begins), zone::first_instant(zone, begins + self.minutes * MINUTE))
    }

    /// Whether one begins on a date, in days since 1970-01-01.
    fn falls_on(&self, day: i64) -> bool {
        // 1970-01-01 was a Thursday, the fourth day of a week that begins on Monday.
        let weekday = usize::try_from((day + 3).rem_euclid(7)).unwrap_or_default();
        let Some((date, of_month)) = date_of(day) else { return false };
        match &self.days {
            Days::Once { .. } => false,
            Days::Weekly(days) => days[weekday],
            Days::MonthlyOn(wanted) => date == (*wanted).min(of_month),
            Days::MonthlyIn { week, days } => {
                days[weekday] && if *week >= 5 { date + 7 > of_month } else { (date - 1) / 7 + 1 == *week }
            }
        }
    }
}

/// The day of the month of a date, and how many its month has.
fn date_of(day: i64) -> Option<(i64, i64)> {
    let date = Date::constant(1970, 1, 1).checked_add(jiff::Span::new().try_days(day).ok()?).ok()?;
    Some((i64::from(date.day()), i64::from(date.days_in_month())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<jiff::Timestamp>().expect("an instant").as_millisecond()
    }

    fn each(days: Days, hours: i64) -> Recurrence {
        let zone = "Europe/Berlin".to_owned();
        Recurrence { days, zone, at: 22 * 60, minutes: hours * 60, first: None, last: None }
    }

    fn begins(recurrence: &Recurrence, from: &str, until: &str) -> Vec<String> {
        let found = recurrence.between(at(from), at(until));
        found.into_iter().map(|(from, _)| jiff::Timestamp::from_millisecond(from).unwrap().to_string()).collect()
    }

    #[test]
    fn chg_15_a_weekly_window_keeps_the_clock_on_the_wall() {
        let saturdays = each(Days::Weekly([false, false, false, false, false, true, false]), 6);
        let found = begins(&saturdays, "2025-10-18T12:00:00Z", "2025-11-03T00:00:00Z");
        assert_eq!(found, ["2025-10-18T20:00:00Z", "2025-10-25T20:00:00Z", "2025-11-01T21:00:00Z"]);
        let night = saturdays.between(at("2025-10-25T12:00:00Z"), at("2025-10-26T12:00:00Z"));
        assert_eq!(night[0].1 - night[0].0, 7 * 3_600_000, "the hour that the night repeats belongs to it");
        assert_eq!(saturdays.between(night[0].1 - 1, night[0].1).len(), 1, "until its last moment");
        assert_eq!(saturdays.between(night[0].1, night[0].1 + 1).len(), 0, "and not at its end");
    }

    #[test]
    fn chg_15_a_date_that_a_month_lacks_is_its_last_day() {
        let ends = each(Days::MonthlyOn(31), 12);
        let found = begins(&ends, "2025-01-15T00:00:00Z", "2025-04-15T00:00:00Z");
        assert_eq!(found, ["2025-01-31T21:00:00Z", "2025-02-28T21:00:00Z", "2025-03-31T20:00:00Z"]);
        let sundays = [false, false, false, false, false, false, true];
        let (first, last) = (Days::MonthlyIn { week: 1, days: sundays }, Days::MonthlyIn { week: 5, days: sundays });
        assert_eq!(begins(&each(first, 1), "2025-06-01T00:00:00Z", "2025-07-01T00:00:00Z"), ["2025-06-01T20:00:00Z"]);
        assert_eq!(begins(&each(last, 1), "2025-06-01T00:00:00Z", "2025-07-01T00:00:00Z"), ["2025-06-29T20:00:00Z"]);
    }

    #[test]
    fn what_comes_back_ends_where_it_is_said() {
        let mut daily = each(Days::Weekly([true; 7]), 1);
        (daily.first, daily.last) = (Some(at("2025-06-03T00:00:00Z")), Some(at("2025-06-05T00:00:00Z")));
        let found = begins(&daily, "2025-06-01T00:00:00Z", "2025-06-10T00:00:00Z");
        assert_eq!(found, ["2025-06-03T20:00:00Z", "2025-06-04T20:00:00Z"]);
        let once = each(Days::Once { from: 10, until: 20 }, 0);
        assert_eq!((once.between(0, 10), once.between(19, 30)), (vec![], vec![(10, 20)]));
    }
}
