//! Instants and lengths of time in words. Every page hands in the viewer's zone and the present instant.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use mainstay_markup::html;
use mainstay_words::{dated, t, tf};
use maud::Markup;

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;
/// From this age on a date says more than a number of days.
const A_WEEK: i64 = 7 * DAY;
/// In the narrow line of a list an age stands longer.
const TWO_MONTHS: i64 = 60 * DAY;

/// The two largest units of a length of time in milliseconds, sign ignored: `38m`, `3h 10m`, `1d 2h`.
#[must_use]
pub fn short_duration(milliseconds: i64) -> String {
    let minutes = milliseconds.abs() / MINUTE;
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, 0) => t("<1m").to_owned(),
        (0, 0, minutes) => in_minutes(minutes),
        (0, hours, 0) => in_hours(hours),
        (0, hours, minutes) => format!("{} {}", in_hours(hours), in_minutes(minutes)),
        (days @ 10.., ..) | (days, 0, _) => in_days(days),
        (days, hours, _) => format!("{} {}", in_days(days), in_hours(hours)),
    }
}

fn in_minutes(minutes: i64) -> String {
    tf("{n}m", &[("n", &minutes)])
}

fn in_hours(hours: i64) -> String {
    tf("{n}h", &[("n", &hours)])
}

fn in_days(days: i64) -> String {
    tf("{n}d", &[("n", &days)])
}

/// The largest unit of an age in milliseconds: `now`, `3m`, `2h`, `4d`; negative, it lies ahead: `in 3m`.
#[must_use]
pub fn age(milliseconds: i64) -> String {
    let text = match milliseconds.abs() / MINUTE {
        0 => return t("now").to_owned(),
        minutes @ ..60 => in_minutes(minutes),
        minutes @ ..1440 => in_hours(minutes / 60),
        minutes => in_days(minutes / 1440),
    };
    if milliseconds < 0 { tf("in {age}", &[("age", &text)]) } else { text }
}

/// How long ago as in [`age`] while that is easily counted back, then the date: `3m`, `4d`, `20 Nov 2025`.
#[must_use]
pub fn age_or_date(instant: i64, zone: &TimeZone, now: i64) -> String {
    if (now - instant).abs() > TWO_MONTHS { date(instant, zone) } else { age(now - instant) }
}

/// The same inside a sentence: `just now`, `4d ago`, `20 Nov 2025`.
#[must_use]
pub fn ago(instant: i64, zone: &TimeZone, now: i64) -> String {
    match now - instant {
        past @ MINUTE..=TWO_MONTHS => tf("{age} ago", &[("age", &age(past))]),
        0..MINUTE => t("just now").to_owned(),
        _ => age_or_date(instant, zone, now),
    }
}

/// The full date and time with its zone: `20 Nov 2026, 08:52 GMT`.
#[must_use]
pub fn absolute(instant: i64, zone: &TimeZone) -> String {
    dated(&local(instant, zone), "%-d %b %Y, %H:%M %Z")
}

/// The date without the time: `20 Nov 2026`.
#[must_use]
pub fn date(instant: i64, zone: &TimeZone) -> String {
    dated(&local(instant, zone), "%-d %b %Y")
}

/// As short as the viewer can read it without doubt: `Today 08:52`, `Yesterday 17:20`, `Mon 16 Nov 09:00`, `3 Mar 2025 09:00`.
#[must_use]
pub fn calendar_words(instant: i64, zone: &TimeZone, now: i64) -> String {
    let then = local(instant, zone);
    let format = match days_since(instant, zone, now) {
        0 => "Today %H:%M",
        1 => "Yesterday %H:%M",
        -1 => "Tomorrow %H:%M",
        _ if then.year() == local(now, zone).year() => "%a %-d %b %H:%M",
        _ => "%-d %b %Y %H:%M",
    };
    dated(&then, format)
}

/// A day and clock as it stands in a sentence: `today at 08:52`, `Mon 16 Nov 09:00`.
#[must_use]
pub fn when(instant: i64, zone: &TimeZone, now: i64) -> String {
    let words = calendar_words(instant, zone, now);
    for (day, inside) in [("Today", "today"), ("Tomorrow", "tomorrow"), ("Yesterday", "yesterday")] {
        if let Some(clock) = words.strip_prefix(t(day)) {
            return tf("{day} at{clock}", &[("day", &t(inside)), ("clock", &clock)]);
        }
    }
    words
}

/// The same with the full date on hover.
#[must_use]
pub fn moment_within(instant: i64, zone: &TimeZone, now: i64) -> Markup {
    stamped(instant, zone, &when(instant, zone, now))
}

/// Whether an instant lies on the viewer's present day.
#[must_use]
pub fn is_today(instant: i64, zone: &TimeZone, now: i64) -> bool {
    days_since(instant, zone, now) == 0
}

fn days_since(instant: i64, zone: &TimeZone, now: i64) -> i32 {
    let span = local(now, zone).date().since(local(instant, zone).date());
    span.map_or(i32::MAX, |span| span.get_days())
}

/// The clock alone in the viewer's zone: `08:52`.
#[must_use]
pub fn clock(instant: i64, zone: &TimeZone) -> String {
    local(instant, zone).strftime("%H:%M").to_string()
}

/// How long ago, with the full date on hover; the page keeps it true. Past a week it is the date.
#[must_use]
pub fn time(instant: i64, zone: &TimeZone, now: i64) -> Markup {
    if (now - instant).abs() >= A_WEEK {
        return stamped(instant, zone, &date(instant, zone));
    }
    html! { relative-time { (stamped(instant, zone, &age(now - instant))) } }
}

/// The day and clock of an event (see [`calendar_words`]), with the full date on hover.
#[must_use]
pub fn moment(instant: i64, zone: &TimeZone, now: i64) -> Markup {
    stamped(instant, zone, &calendar_words(instant, zone, now))
}

fn stamped(instant: i64, zone: &TimeZone, words: &str) -> Markup {
    html! { time datetime=(machine(instant)) title=(absolute(instant, zone)) { (words) } }
}

/// RFC 3339 in UTC, for attributes.
fn machine(instant: i64) -> String {
    timestamp(instant).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The wall clock of an instant as `<input type="datetime-local">` takes it: `2026-11-20T08:52`.
#[must_use]
pub fn input_value(instant: i64, zone: &TimeZone) -> String {
    local(instant, zone).strftime("%Y-%m-%dT%H:%M").to_string()
}

fn local(instant: i64, zone: &TimeZone) -> Zoned {
    timestamp(instant).to_zoned(zone.clone())
}

/// An instant outside the calendar (some 10,000 years away) shows as its end.
fn timestamp(instant: i64) -> Timestamp {
    let end = if instant < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_millisecond(instant).unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 20 November 2026, 09:41 UTC.
    const NOW: i64 = 1_795_167_660_000;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).expect("a zone of the database")
    }

    #[test]
    fn lengths_and_ages_read_as_the_browser_writes_them() {
        #[derive(serde::Deserialize)]
        struct Expected {
            short: Vec<(i64, String)>,
            age: Vec<(i64, String)>,
        }
        let shared = include_str!("../../../../assets/tests/durations.json");
        let expected: Expected = serde_json::from_str(shared).expect("the shared table");
        for (milliseconds, text) in expected.short {
            assert_eq!(short_duration(milliseconds), text);
        }
        for (milliseconds, text) in expected.age {
            assert_eq!(age(milliseconds), text);
        }
    }

    #[test]
    fn an_instant_is_told_in_the_viewers_zone() {
        assert_eq!(absolute(NOW, &zone("Europe/London")), "20 Nov 2026, 09:41 GMT");
        assert_eq!(absolute(NOW, &zone("Asia/Tokyo")), "20 Nov 2026, 18:41 JST");
        assert_eq!(input_value(NOW, &zone("America/New_York")), "2026-11-20T04:41");
    }

    #[test]
    fn days_are_counted_on_the_viewers_calendar() {
        let london = zone("Europe/London");
        let late = NOW - 10 * 60 * MINUTE;
        assert_eq!(calendar_words(NOW, &london, NOW), "Today 09:41");
        assert_eq!(calendar_words(late, &london, NOW), "Yesterday 23:41");
        assert_eq!(calendar_words(late, &zone("Asia/Tokyo"), NOW), "Today 08:41");
        assert_eq!(calendar_words(NOW + DAY, &london, NOW), "Tomorrow 09:41");
        assert_eq!(calendar_words(NOW - 4 * DAY, &london, NOW), "Mon 16 Nov 09:41");
        assert_eq!(calendar_words(NOW - 400 * DAY, &london, NOW), "16 Oct 2025 10:41");
    }

    #[test]
    fn a_day_stands_in_a_sentence() {
        assert_eq!(when(NOW, &TimeZone::UTC, NOW), "today at 09:41");
        assert_eq!(when(NOW + DAY, &TimeZone::UTC, NOW), "tomorrow at 09:41");
        assert_eq!(when(NOW + 3 * DAY, &TimeZone::UTC, NOW), "Mon 23 Nov 09:41");
    }

    #[test]
    fn the_hour_that_repeats_names_its_offset() {
        let london = zone("Europe/London");
        let summer = 1_792_888_200_000; // 25 October 2026, 00:30 UTC
        assert_eq!(absolute(summer, &london), "25 Oct 2026, 01:30 BST");
        assert_eq!(absolute(summer + 60 * MINUTE, &london), "25 Oct 2026, 01:30 GMT");
    }

    #[test]
    fn a_recent_instant_is_relative_and_an_old_one_a_date() {
        let utc = TimeZone::UTC;
        let recent = time(NOW - 3 * MINUTE, &utc, NOW).into_string();
        assert_eq!(
            recent,
            "<relative-time><time datetime=\"2026-11-20T09:38:00Z\" title=\"20 Nov 2026, 09:38 UTC\">3m</time></relative-time>"
        );
        let old = time(NOW - 8 * DAY, &utc, NOW).into_string();
        assert!(old.starts_with("<time ") && old.contains(">12 Nov 2026<"), "{old}");
    }

    #[test]
    fn in_a_list_an_age_becomes_a_date_after_two_months() {
        let words = |days: i64| age_or_date(NOW - days * DAY, &TimeZone::UTC, NOW);
        assert_eq!((words(3).as_str(), words(60).as_str(), words(61).as_str()), ("3d", "60d", "20 Sep 2026"));
        let sentence = |past: i64| ago(NOW - past, &TimeZone::UTC, NOW);
        assert_eq!((sentence(0).as_str(), sentence(3 * DAY).as_str()), ("just now", "3d ago"));
        assert_eq!(sentence(61 * DAY), "20 Sep 2026");
    }

    #[test]
    fn an_instant_beyond_the_calendar_does_not_panic() {
        assert!(absolute(i64::MAX, &TimeZone::UTC).contains("9999"));
        assert!(!absolute(i64::MIN, &TimeZone::UTC).is_empty());
    }
}
