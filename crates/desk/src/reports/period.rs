//! The span of a report: half-open, from instants or from days in a time zone.

use crate::error::Result;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use mainstay_engine::refusal::{FieldError, Refusal};

/// Most months of one report.
const MOST_MONTHS: usize = 120;

/// From an instant to before another, with the zone in which its months begin.
#[derive(Clone, Debug)]
pub struct Period {
    /// Epoch milliseconds UTC.
    pub from: i64,
    /// Epoch milliseconds UTC; not part of it.
    pub to: i64,
    pub zone: TimeZone,
}

/// A calendar month, or the part of it inside a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Month {
    /// Such as `2025-06`.
    pub key: String,
    /// Where it ends, in epoch milliseconds UTC.
    pub end: i64,
}

impl Period {
    /// Reads a span: each end is a day such as `2025-06-01`, which begins in `zone`, or an instant with its offset.
    /// Without ends it is the month before `now`.
    ///
    /// # Errors
    /// An end that is neither, one end only, an end before the beginning, more than ten years.
    pub fn read(from: Option<&str>, to: Option<&str>, zone: TimeZone, now: i64) -> Result<Self> {
        let (from, to) = match (from, to) {
            (Some(from), Some(to)) => (end("from", from, &zone)?, end("to", to, &zone)?),
            (None, None) => last_month(&zone, now),
            _ => return Err(wrong("from", "A period needs both from and to, or neither for last month.").into()),
        };
        if from >= to {
            return Err(wrong("to", "The period must end after it begins.").into());
        }
        let period = Self { from, to, zone };
        if period.months().len() > MOST_MONTHS {
            return Err(wrong("to", "A report covers at most ten years.").into());
        }
        Ok(period)
    }

    /// The period before it, as long as it is: whole months after as many months, days after as many days.
    #[must_use]
    pub fn before(&self) -> Self {
        let (first, last) = (self.day_of(self.from), self.day_of(self.to));
        let begin_days = start(first, &self.zone) == self.from && start(last, &self.zone) == self.to;
        let day = match (first.day(), last.day()) {
            _ if !begin_days => None,
            (1, 1) => {
                let months = i64::from(last.year() - first.year()) * 12 + i64::from(last.month() - first.month());
                first.checked_sub(months.months()).ok()
            }
            _ => first.until(last).and_then(|days| first.checked_sub(days)).ok(),
        };
        let from = day.map_or_else(|| self.from - (self.to - self.from), |day| start(day, &self.zone));
        Self { from, to: self.from, zone: self.zone.clone() }
    }

    /// The months before those that it touches, each whole.
    #[must_use]
    pub fn months_before(&self) -> Self {
        let (first, last) = (self.day_of(self.from), self.day_of(self.to - 1));
        let before = first.first_of_month().checked_sub(1.month()).unwrap_or(first);
        Self { from: start(before, &self.zone), to: start(last.first_of_month(), &self.zone), zone: self.zone.clone() }
    }

    fn day_of(&self, at: i64) -> Date {
        self.zone.to_datetime(Timestamp::from_millisecond(at).unwrap_or_default()).date()
    }

    /// Whether an instant lies inside.
    #[must_use]
    pub fn holds(&self, at: i64) -> bool {
        (self.from..self.to).contains(&at)
    }

    /// The key of the month of an instant.
    #[must_use]
    pub fn month_of(&self, at: i64) -> String {
        let day = self.day_of(at);
        format!("{:04}-{:02}", day.year(), day.month())
    }

    /// The months that it touches, the last one cut off at its end.
    #[must_use]
    pub fn months(&self) -> Vec<Month> {
        let mut months = Vec::new();
        let mut at = self.from;
        while at < self.to && months.len() <= MOST_MONTHS {
            let first = self.day_of(at).first_of_month();
            let next = first.checked_add(1.month()).map_or(self.to, |day| start(day, &self.zone)).max(at + 1);
            months.push(Month { key: self.month_of(at), end: next.min(self.to) });
            at = next;
        }
        months
    }
}

fn start(day: Date, zone: &TimeZone) -> i64 {
    let beyond = if day.year() < 0 { Timestamp::MIN } else { Timestamp::MAX };
    zone.to_ambiguous_timestamp(day.at(0, 0, 0, 0)).compatible().unwrap_or(beyond).as_millisecond()
}

/// The key of the month after the one with this key.
#[must_use]
pub fn month_after(key: &str) -> Option<String> {
    let next = format!("{key}-01").parse::<Date>().ok()?.checked_add(1.month()).ok()?;
    Some(format!("{:04}-{:02}", next.year(), next.month()))
}

fn last_month(zone: &TimeZone, now: i64) -> (i64, i64) {
    let today = zone.to_datetime(Timestamp::from_millisecond(now).unwrap_or_default()).date();
    let this = today.first_of_month();
    let last = this.checked_sub(1.month()).unwrap_or(this);
    (start(last, zone), start(this, zone))
}

fn end(name: &str, text: &str, zone: &TimeZone) -> Result<i64> {
    let instant = text.parse::<Timestamp>().map(Timestamp::as_millisecond);
    let at = instant.or_else(|_| text.parse::<Date>().map(|day| start(day, zone)));
    // Four-digit years only, as everywhere.
    let at = at.ok().filter(|at| text.len() >= 10 && (-62_135_596_800_000..=253_402_300_799_999).contains(at));
    at.ok_or_else(|| wrong(name, "It is a day such as 2025-06-01, or an instant with its offset.").into())
}

fn wrong(field: &str, says: &str) -> Refusal {
    Refusal { errors: vec![FieldError::new(field, "bad_period", says)], ..Refusal::invalid("bad_period", says) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().expect("an instant").as_millisecond()
    }

    fn london() -> TimeZone {
        TimeZone::get("Europe/London").expect("a zone")
    }

    #[test]
    fn days_begin_in_the_zone_and_the_end_is_not_part_of_it() {
        let june = Period::read(Some("2025-06-01"), Some("2025-07-01"), london(), 0).expect("a period");
        assert_eq!((june.from, june.to), (at("2025-05-31T23:00:00Z"), at("2025-06-30T23:00:00Z")));
        assert!(june.holds(june.from) && !june.holds(june.to));
        assert_eq!(june.month_of(at("2025-05-31T23:30:00Z")), "2025-06");
        let exact = Period::read(Some("2025-06-01T00:00:00Z"), Some("2025-06-02T00:00:00+01:00"), london(), 0)
            .expect("a period");
        assert_eq!((exact.from, exact.to), (at("2025-06-01T00:00:00Z"), at("2025-06-01T23:00:00Z")));
    }

    #[test]
    fn without_ends_it_is_last_month() {
        let period = Period::read(None, None, london(), at("2025-07-15T12:00:00Z")).expect("a period");
        assert_eq!((period.from, period.to), (at("2025-05-31T23:00:00Z"), at("2025-06-30T23:00:00Z")));
    }

    #[test]
    fn months_are_cut_off_at_the_end() {
        let period = Period::read(Some("2025-01-15"), Some("2025-03-10"), london(), 0).expect("a period");
        let months = period.months();
        assert_eq!(months.iter().map(|m| m.key.as_str()).collect::<Vec<_>>(), ["2025-01", "2025-02", "2025-03"]);
        assert_eq!(months[0].end, at("2025-02-01T00:00:00Z"));
        assert_eq!(months[2].end, at("2025-03-10T00:00:00Z"));
    }

    #[test]
    fn the_period_before_is_as_long() {
        let before = |from: &str, to: &str| {
            let before = Period::read(Some(from), Some(to), london(), 0).expect("a period").before();
            [before.from, before.to].map(|at| Timestamp::from_millisecond(at).expect("an instant").to_string())
        };
        assert_eq!(before("2025-06-01", "2025-07-01"), ["2025-04-30T23:00:00Z", "2025-05-31T23:00:00Z"], "May");
        assert_eq!(before("2025-01-01", "2026-01-01"), ["2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"], "a leap year");
        assert_eq!(before("2025-03-31", "2025-04-07"), ["2025-03-24T00:00:00Z", "2025-03-30T23:00:00Z"], "a week");
        let hour = before("2025-06-01T10:00:00Z", "2025-06-01T11:00:00Z");
        assert_eq!(hour, ["2025-06-01T09:00:00Z", "2025-06-01T10:00:00Z"]);
    }

    #[test]
    fn months_are_held_against_whole_months() {
        let before =
            Period::read(Some("2025-05-10"), Some("2025-07-04"), london(), 0).expect("a period").months_before();
        assert_eq!((before.from, before.to), (at("2025-03-31T23:00:00Z"), at("2025-06-30T23:00:00Z")));
        assert_eq!(
            before.months().iter().map(|m| m.key.as_str()).collect::<Vec<_>>(),
            ["2025-04", "2025-05", "2025-06"]
        );
    }

    #[test]
    fn what_is_no_period_is_refused() {
        for (from, to) in [
            (Some("2025-06-01"), None),
            (Some("2025-06-02"), Some("2025-06-01")),
            (Some("2025-06-01"), Some("2025-06-01")),
            (Some("June"), Some("2025-06-01")),
            (Some("1990-06-01"), Some("2025-06-01")),
        ] {
            assert!(Period::read(from, to, TimeZone::UTC, 0).is_err(), "{from:?} {to:?}");
        }
    }
}
