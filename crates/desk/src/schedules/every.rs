//! On which days of whose calendar, and at which minute.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

/// On which days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Every {
    /// The word for it.
    pub key: &'static str,
    /// What people call it.
    pub words: &'static str,
    /// Days of the week, Monday first.
    days: [bool; 7],
    /// Only the first of a month.
    first: bool,
}

const fn every(key: &'static str, words: &'static str, first: usize, last: usize) -> Every {
    let mut days = [false; 7];
    let mut day = first;
    while day <= last {
        days[day] = true;
        day += 1;
    }
    Every { key, words, days, first: false }
}

impl Every {
    /// Every choice, in the order in which they are shown.
    pub const ALL: [Self; 10] = [
        every("day", "Every day", 0, 6),
        every("workday", "Monday to Friday", 0, 4),
        every("monday", "Every Monday", 0, 0),
        every("tuesday", "Every Tuesday", 1, 1),
        every("wednesday", "Every Wednesday", 2, 2),
        every("thursday", "Every Thursday", 3, 3),
        every("friday", "Every Friday", 4, 4),
        every("saturday", "Every Saturday", 5, 5),
        every("sunday", "Every Sunday", 6, 6),
        Self { first: true, ..every("month", "On the first of each month", 0, 6) },
    ];

    /// Reads the word for it.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|each| each.key == word)
    }

    /// The first instant after `now` that is such a day's minute in a zone.
    #[must_use]
    pub fn next(&self, now: i64, minute: i64, zone: &TimeZone) -> Option<i64> {
        let today = Timestamp::from_millisecond(now).ok()?.to_zoned(zone.clone()).date();
        let (hour, minute) = (i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?);
        (0..=32_i64).find_map(|ahead| {
            let day = today.checked_add(ahead.days()).ok()?;
            let at = usize::try_from(day.weekday().to_monday_zero_offset()).ok()?;
            let fits = self.days[at] && (!self.first || day.day() == 1);
            let instant = day.at(hour, minute, 0, 0).to_zoned(zone.clone()).ok()?.timestamp().as_millisecond();
            (fits && instant > now).then_some(instant)
        })
    }
}

/// A minute of the day as people write it.
#[must_use]
pub fn clock(minute: i64) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Reads a minute of the day.
#[must_use]
pub fn minute(text: &str) -> Option<i64> {
    let (hour, minute) = text.split_once(':')?;
    let whole = |part: &str| (part.len() == 2).then(|| part.parse::<i64>().ok()).flatten();
    let (hour, minute) = (whole(hour)?, whole(minute)?);
    ((0..24).contains(&hour) && (0..60).contains(&minute)).then_some(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().expect("an instant").as_millisecond()
    }

    fn next(every: &str, time: &str, now: &str) -> String {
        let zone = TimeZone::get("Europe/Berlin").expect("a zone");
        let next = Every::read(every).expect("a word").next(at(now), minute(time).expect("a time"), &zone);
        Timestamp::from_millisecond(next.expect("a time")).expect("an instant").to_string()
    }

    #[test]
    fn the_next_time_is_a_time_of_the_day_where_the_person_is() {
        // A Monday in summer: two hours ahead of UTC.
        assert_eq!(next("day", "07:30", "2026-06-01T05:00:00Z"), "2026-06-01T05:30:00Z");
        assert_eq!(next("day", "07:30", "2026-06-01T05:30:00Z"), "2026-06-02T05:30:00Z", "not the same again");
        assert_eq!(next("monday", "07:30", "2026-06-01T06:00:00Z"), "2026-06-08T05:30:00Z");
        assert_eq!(next("workday", "18:00", "2026-06-05T16:00:00Z"), "2026-06-08T16:00:00Z", "over the weekend");
        assert_eq!(next("month", "07:00", "2026-06-01T06:00:00Z"), "2026-07-01T05:00:00Z", "this month's is over");
        // The night in which clocks go forward knows no half past two; the day has its file all the same.
        assert_eq!(next("day", "02:30", "2026-03-28T12:00:00Z"), "2026-03-29T01:30:00Z");
        assert_eq!(next("day", "08:00", "2026-03-28T12:00:00Z"), "2026-03-29T06:00:00Z");
    }

    #[test]
    fn a_time_of_the_day_is_four_digits() {
        assert_eq!((minute("07:30"), minute("23:59")), (Some(450), Some(1_439)));
        for wrong in ["7:30", "24:00", "12:60", "12", "", "ab:cd", "-1:00"] {
            assert_eq!(minute(wrong), None, "{wrong}");
        }
        assert_eq!(clock(450), "07:30");
    }
}
