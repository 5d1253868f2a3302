use super::{Calendar, DAY, Draft};
use jiff::civil::date;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// Epoch milliseconds of `2025-06-06T16:30+01:00` and the like.
fn at(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().expect("an instant").as_millisecond()
}

fn day(year: i16, month: i8, of_month: i8) -> i64 {
    let days = date(1970, 1, 1).until((jiff::Unit::Day, date(year, month, of_month))).expect("a span");
    i64::from(days.get_days())
}

fn every_day(zone: &str, from: &str, to: &str) -> Calendar {
    let mut draft = Draft::new(zone);
    (0..7).for_each(|weekday| draft.weekly(weekday, from, to));
    draft.finish().expect("a calendar")
}

fn codes(draft: Draft) -> Vec<(&'static str, &'static str)> {
    draft.finish().expect_err("faults").iter().map(|fault| (fault.field, fault.code)).collect()
}

#[test]
fn slm_04_a_span_that_the_switch_skips_is_shorter_and_one_it_repeats_counts_twice() {
    let night = every_day("Europe/London", "01:30", "02:30");
    let on = |from: &str, to: &str| night.open_between(at(from), at(to)) / MINUTE;
    assert_eq!(on("2025-03-29T00:00Z", "2025-03-30T00:00Z"), 60);
    assert_eq!(on("2025-03-30T00:00Z", "2025-03-31T00:00Z"), 30, "01:30 to 02:00 never was");
    assert_eq!(on("2025-10-26T00:00Z", "2025-10-27T00:00Z"), 90, "01:30 to 02:00 was twice");
    assert!(night.is_open(at("2025-10-26T00:45Z")) && !night.is_open(at("2025-10-26T01:15Z")));
    assert!(night.is_open(at("2025-10-26T01:30Z")));
}

#[test]
fn slm_04_a_date_that_a_zone_left_out_has_no_service_time_and_is_no_working_day() {
    let apia = every_day("Pacific/Apia", "09:00", "17:00");
    // Samoa went from the 29th to the 31st of December 2011.
    let thursday = at("2011-12-29T15:00-10:00");
    assert_eq!(apia.add(thursday, 3 * HOUR), Some(at("2011-12-31T10:00+14:00")));
    assert_eq!(apia.add_working_days(thursday, 1), Some(at("2011-12-31T15:00+14:00")));
}

#[test]
fn slm_04_offsets_of_odd_seconds_are_exact() {
    let monrovia = every_day("Africa/Monrovia", "09:00", "17:00");
    assert_eq!(monrovia.next_open(at("1971-06-01T00:00Z")), Some(at("1971-06-01T09:44:30Z")));
}

#[test]
fn slm_04_an_exception_overrides_weekday_and_holiday() {
    let mut draft = Draft::new("Europe/London");
    (0..5).for_each(|weekday| draft.weekly(weekday, "09:00", "17:00"));
    draft.holiday(day(2025, 12, 25), "Christmas Day");
    draft.holiday(day(2025, 12, 26), "Boxing Day");
    draft.exception(day(2025, 12, 24), Some("09:00"), Some("12:00"));
    draft.exception(day(2025, 12, 26), Some("10:00"), Some("11:00"));
    draft.exception(day(2025, 12, 26), Some("14:00"), Some("15:00"));
    draft.exception(day(2025, 12, 23), None, None);
    let calendar = draft.finish().expect("a calendar");
    let hours = |of_month: i8| {
        let midnight = day(2025, 12, of_month) * DAY;
        calendar.open_between(midnight, midnight + DAY) / HOUR
    };
    assert_eq!([22, 23, 24, 25, 26, 27].map(hours), [8, 0, 3, 0, 2, 0]);
}

#[test]
fn slm_04_spans_are_half_open_and_milliseconds_count() {
    let calendar = every_day("UTC", "09:00", "17:00");
    assert!(calendar.is_open(at("2025-06-06T09:00Z")) && calendar.is_open(at("2025-06-06T16:59:59.999Z")));
    assert!(!calendar.is_open(at("2025-06-06T17:00Z")) && !calendar.is_open(at("2025-06-06T08:59:59.999Z")));
    assert_eq!(calendar.add(at("2025-06-06T16:59:59.999Z"), 2), Some(at("2025-06-07T09:00:00.001Z")));
    assert_eq!(calendar.open_between(at("2025-06-07T00:00Z"), at("2025-06-06T00:00Z")), 0);
}

#[test]
fn a_search_ends_where_no_service_time_is_in_sight() {
    let mut draft = Draft::new("UTC");
    draft.exception(day(2025, 6, 6), Some("09:00"), Some("10:00"));
    let once = draft.finish().expect("a calendar");
    assert_eq!(once.add(at("2025-01-01T00:00Z"), HOUR), Some(at("2025-06-06T10:00Z")));
    assert_eq!(once.add(at("2025-01-01T00:00Z"), HOUR + 1), None);
    assert_eq!(once.next_open(at("2025-06-06T10:00Z")), None);
    assert_eq!(once.add_working_days(at("2025-01-01T00:00Z"), 1), None);
    assert_eq!(once.open_between(i64::MIN, i64::MAX), HOUR, "instants beyond all dates are no trap");
}

#[test]
fn working_days_begin_with_the_next_opening_and_keep_the_local_time() {
    let mut draft = Draft::new("Europe/London");
    (0..5).for_each(|weekday| draft.weekly(weekday, "09:00", "17:00"));
    draft.exception(day(2025, 6, 10), Some("09:00"), Some("12:00"));
    let calendar = draft.finish().expect("a calendar");
    let wednesday_opening = at("2025-06-11T09:00+01:00");
    for start in ["2025-06-06T17:00+01:00", "2025-06-07T10:00+01:00", "2025-06-09T08:00+01:00"] {
        assert_eq!(calendar.add_working_days(at(start), 2), Some(wednesday_opening), "{start}");
        assert_eq!(calendar.working_days_between(at(start), wednesday_opening), 2, "{start}");
        assert_eq!(calendar.working_days_between(at(start), wednesday_opening - 1), 1, "{start}");
    }
    let friday = at("2025-06-06T15:00+01:00");
    assert_eq!(calendar.add_working_days(friday, 2), Some(at("2025-06-10T15:00+01:00")), "a short day keeps the time");
    assert_eq!(calendar.add_working_days(friday, 0), Some(friday));
    // Across the switch the local time stays, not the number of hours.
    assert_eq!(calendar.add_working_days(at("2025-03-28T15:00Z"), 1), Some(at("2025-03-31T15:00+01:00")));
}

#[test]
fn a_date_that_comes_twice_is_one_working_day() {
    // At a minute past midnight Newfoundland went back to the evening before.
    let always = every_day("America/St_Johns", "00:00", "24:00");
    let friday = at("2010-11-05T12:00-02:30");
    assert_eq!(always.add_working_days(friday, 2), Some(at("2010-11-07T12:00-03:30")));
    assert_eq!(always.add_working_days(friday, 3), Some(at("2010-11-08T12:00-03:30")));
}

#[test]
fn a_skipped_local_time_is_the_switch_and_a_repeated_one_the_first() {
    let always = every_day("Europe/London", "00:00", "24:00");
    assert_eq!(always.add_working_days(at("2025-03-29T01:30Z"), 1), Some(at("2025-03-30T01:00Z")));
    assert_eq!(always.add_working_days(at("2025-10-25T01:30+01:00"), 1), Some(at("2025-10-26T00:30Z")));
}

#[test]
fn every_fault_of_a_draft_is_named_with_its_field() {
    assert_eq!(codes(Draft::new("Europe/London")), [("hours", "no_service_time")]);
    let mut draft = Draft::new("Europe/Atlantis");
    draft.weekly(0, "09:00", "12:30");
    draft.weekly(0, "12:00", "17:00");
    draft.weekly(1, "17:00", "09:00");
    draft.weekly(2, "9:00", "24:01");
    draft.weekly(3, "10:60", "24:00");
    draft.weekly(7, "09:00", "17:00");
    draft.exception(day(2025, 6, 6), None, None);
    draft.exception(day(2025, 6, 6), Some("09:00"), None);
    draft.holiday(4_000_000, "");
    let expected = [
        ("zone", "unknown_zone"),
        ("hours", "empty_span"),
        ("hours", "not_a_time"),
        ("hours", "not_a_time"),
        ("hours", "not_a_time"),
        ("hours", "unknown_day"),
        ("hours", "overlap"),
        ("exceptions", "open_and_closed"),
        ("exceptions", "not_a_time"),
        ("holidays", "not_a_date"),
    ];
    assert_eq!(codes(draft), expected);
}

#[test]
fn json_reads_back_as_the_same_calendar_and_faults_refuse_it() {
    let json = r#"{"zone":"Europe/London","hours":[{"day":"friday","from":"09:00","to":"24:00"}],
        "holidays":[{"date":"2025-08-25","name":"Summer bank holiday"}],
        "exceptions":[{"date":"2025-06-06"},{"date":"2025-06-09","from":"10:00","to":"11:00"}]}"#;
    let calendar: Calendar = serde_json::from_str(json).expect("a calendar");
    assert_eq!(calendar.zone(), "Europe/London");
    assert!(!calendar.is_open(at("2025-06-06T12:00Z")) && calendar.is_open(at("2025-06-09T09:30Z")));
    let kept = serde_json::to_value(&calendar).expect("JSON");
    assert_eq!(kept, serde_json::from_str::<serde_json::Value>(json).expect("JSON"));
    let refused = serde_json::from_str::<Calendar>(r#"{"zone":"Mars/Olympus"}"#).expect_err("a fault");
    assert!(refused.to_string().contains("no time zone called Mars/Olympus"), "{refused}");
}
