//! Periods that are said by a word and move with the days.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// A stretch of whole days around today.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// The word for it.
    pub key: &'static str,
    /// What people call it.
    pub words: &'static str,
    days: fn(Date) -> (Date, Date),
}

impl Span {
    /// Every one, in the order in which they are offered.
    pub const ALL: [Self; 6] = [
        Self { key: "last_7_days", words: "Last 7 days", days: |today| (back(today, 6), today) },
        Self { key: "last_30_days", words: "Last 30 days", days: |today| (back(today, 29), today) },
        Self { key: "last_week", words: "Last week", days: last_week },
        Self { key: "this_month", words: "This month", days: |today| (today.first_of_month(), today) },
        Self { key: "last_month", words: "Last month", days: last_month },
        Self { key: "this_year", words: "This year", days: |today| (today.first_of_year(), today) },
    ];

    /// The one that a page of figures begins with.
    pub const LATELY: Self = Self::ALL[1];

    /// Reads the word for it.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|each| each.key == word)
    }

    /// Its first and its last day, where it is `now` in a zone.
    #[must_use]
    pub fn days(&self, now: i64, zone: &TimeZone) -> (Date, Date) {
        (self.days)(Timestamp::from_millisecond(now).unwrap_or_default().to_zoned(zone.clone()).date())
    }
}

fn back(day: Date, days: i64) -> Date {
    day.checked_sub(days.days()).unwrap_or(day)
}

fn last_week(today: Date) -> (Date, Date) {
    let monday = back(today, i64::from(today.weekday().since(Weekday::Monday)));
    (back(monday, 7), back(monday, 1))
}

fn last_month(today: Date) -> (Date, Date) {
    let last = back(today.first_of_month(), 1);
    (last.first_of_month(), last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_days_of_the_viewers_calendar() {
        // 31 May 2025, 23:30 UTC, a Saturday, is 1 June in London and 31 May in New York.
        let days = |word: &str, zone: &str| {
            let zone = TimeZone::get(zone).expect("a zone");
            let (first, last) = Span::read(word).expect("a word").days(1_748_734_200_000, &zone);
            format!("{first} {last}")
        };
        assert_eq!(days("last_month", "Europe/London"), "2025-05-01 2025-05-31");
        assert_eq!(days("last_month", "America/New_York"), "2025-04-01 2025-04-30");
        assert_eq!(days("last_week", "Europe/London"), "2025-05-19 2025-05-25");
        assert_eq!(days("last_7_days", "Europe/London"), "2025-05-26 2025-06-01");
        assert_eq!(days(Span::LATELY.key, "Europe/London"), "2025-05-03 2025-06-01");
        assert_eq!(days("this_year", "Europe/London"), "2025-01-01 2025-06-01");
    }
}
