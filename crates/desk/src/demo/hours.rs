//! When people of the demo are at their desks.

use jiff::Timestamp;
use jiff::civil::{Time, Weekday, time};
use jiff::tz::TimeZone;

const OPENS: Time = time(8, 30, 0, 0);
const CLOSES: Time = time(17, 30, 0, 0);

/// Working hours of one place.
#[derive(Clone, Debug)]
pub struct Hours {
    zone: TimeZone,
}

impl Hours {
    /// The hours of the house: Monday to Friday, in London.
    #[must_use]
    pub fn of_the_house() -> Self {
        Self { zone: TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC) }
    }

    /// The instant itself when somebody is there, else the next opening. Epoch milliseconds.
    #[must_use]
    pub fn next(&self, at: i64) -> i64 {
        let Ok(instant) = Timestamp::from_millisecond(at) else { return at };
        let local = instant.to_zoned(self.zone.clone());
        let works = !matches!(local.weekday(), Weekday::Saturday | Weekday::Sunday);
        if works && local.time() >= OPENS && local.time() < CLOSES {
            return at;
        }
        let mut day = local.date();
        if !(works && local.time() < OPENS) {
            day = day.tomorrow().unwrap_or(day);
        }
        while matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
            day = day.tomorrow().unwrap_or(day);
        }
        let opening = day.to_datetime(OPENS).to_zoned(self.zone.clone());
        opening.map_or(at, |zoned| zoned.timestamp().as_millisecond())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn nobody_works_at_night_or_on_sunday() {
        let hours = Hours::of_the_house();
        for (asked, given) in [
            ("2025-06-06T10:00:00Z", "2025-06-06T10:00:00Z"),
            ("2025-06-06T05:00:00Z", "2025-06-06T07:30:00Z"),
            ("2025-06-06T16:30:00Z", "2025-06-09T07:30:00Z"),
            ("2025-06-08T12:00:00Z", "2025-06-09T07:30:00Z"),
            ("2025-12-05T20:00:00Z", "2025-12-08T08:30:00Z"),
        ] {
            assert_eq!(hours.next(at(asked)), at(given), "{asked}");
        }
    }
}
