//! The numeric vectors V1 to V13b, each by its number.

use super::*;
use mainstay_engine::clock::Level;

#[test]
fn slm_04_v01_four_hours_run_over_the_weekend() {
    let terms = bh(hours(4));
    let clock = started(at("2025-06-06 16:30"));
    assert_eq!(clock.due(&terms), Some(at("2025-06-09 12:30")));
    let warnings = [(50, at("2025-06-09 10:30")), (75, at("2025-06-09 11:30")), (90, at("2025-06-09 12:06"))];
    assert_eq!(clock.warnings(&terms), warnings);
    let reading = read(&clock, &terms, "2025-06-09 11:30");
    assert_eq!((reading.elapsed, reading.remaining(), reading.used_permille()), (3 * HOUR, Some(HOUR), Some(750)));
}

#[test]
fn slm_04_v02_a_start_outside_hours_counts_from_the_next_opening() {
    assert_eq!(started(at("2025-06-07 10:00")).due(&bh(hours(2))), Some(at("2025-06-09 11:00")));
}

#[test]
fn slm_04_v03_a_holiday_does_not_count() {
    assert_eq!(started(at("2025-05-02 16:30")).due(&bh(hours(4))), Some(at("2025-05-06 12:30")));
}

#[test]
fn slm_05_v04a_a_pause_is_measured_in_calendar_time() {
    let terms = bh(hours(4));
    let mut clock = started(at("2025-06-06 16:30"));
    clock.pause(&terms, at("2025-06-06 16:45"), "requester", Some(7)).expect("a pause");
    assert_eq!(clock.due(&terms), None, "while paused nothing is due");
    assert_eq!(clock.due_if_resumed(&terms, at("2025-06-09 09:30")), Some(at("2025-06-09 13:15")));
    assert_eq!(read(&clock, &terms, "2025-06-08 12:00").state, State::Paused);
    clock.resume(at("2025-06-09 09:30"), "reply", None).expect("a resumption");
    let reading = read(&clock, &terms, "2025-06-09 10:00");
    assert_eq!((reading.paused, reading.due), (45 * MINUTE, Some(at("2025-06-09 13:15"))));
}

#[test]
fn slm_05_v04b_a_reply_in_the_evening_costs_the_hours_of_the_day() {
    let terms = bh(hours(8));
    let mut clock = started(at("2025-06-09 09:00"));
    clock.pause(&terms, at("2025-06-09 10:00"), "requester", Some(7)).expect("a pause");
    clock.resume(at("2025-06-09 20:00"), "reply", None).expect("a resumption");
    let reading = read(&clock, &terms, "2025-06-09 20:00");
    assert_eq!((reading.paused, reading.due), (7 * HOUR, Some(at("2025-06-10 16:00"))));
}

#[test]
fn slm_04_v05_the_day_of_the_switch_to_summer_time_has_23_hours() {
    let terms = h24(hours(4));
    assert_eq!(started(instant("2025-03-29T23:00Z")).due(&terms), Some(instant("2025-03-30T04:00+01:00")));
    assert_eq!(terms.calendar.open_between(at("2025-03-30 00:00"), at("2025-03-31 00:00")), 23 * HOUR);
}

#[test]
fn slm_04_v06_the_day_of_the_switch_to_winter_time_has_25_hours() {
    let terms = h24(hours(4));
    assert_eq!(started(instant("2025-10-25T23:00+01:00")).due(&terms), Some(instant("2025-10-26T02:00Z")));
    assert_eq!(terms.calendar.open_between(at("2025-10-26 00:00"), at("2025-10-27 00:00")), 25 * HOUR);
}

#[test]
fn slm_04_v07_office_hours_keep_their_local_time_over_the_switch() {
    assert_eq!(started(instant("2025-03-28T16:00Z")).due(&bh(hours(2))), Some(instant("2025-03-31T10:00+01:00")));
}

/// V8: opened as P3, P1 from 12:00 on.
fn raised(clock: &mut Clock, policy: OnChange) -> Terms {
    let terms = Terms { on_change: policy, ..bh(hours(4)) };
    clock.retarget(&bh(hours(8)), &terms, at("2025-06-09 12:00")).expect("a change");
    terms
}

#[test]
fn slm_07_v08_a_change_of_priority_counts_from_the_start_or_anew() {
    let mut clock = started(at("2025-06-09 09:00"));
    let terms = raised(&mut clock, OnChange::Retroactive);
    assert_eq!(clock.due(&terms), Some(at("2025-06-09 13:00")));
    assert_eq!(read(&clock, &terms, "2025-06-09 12:00").elapsed, 3 * HOUR);

    let mut clock = started(at("2025-06-09 09:00"));
    let terms = raised(&mut clock, OnChange::Restart);
    assert_eq!(clock.due(&terms), Some(at("2025-06-09 16:00")));
    assert_eq!(read(&clock, &terms, "2025-06-09 12:00").elapsed, 0);
}

#[test]
fn slm_07_v09_a_change_of_priority_keeps_paused_time() {
    let mut clock = started(at("2025-06-09 09:00"));
    clock.pause(&bh(hours(8)), at("2025-06-09 10:00"), "requester", Some(7)).expect("a pause");
    clock.resume(at("2025-06-09 11:00"), "reply", None).expect("a resumption");
    let terms = raised(&mut clock, OnChange::Retroactive);
    assert_eq!(clock.due(&terms), Some(at("2025-06-09 14:00")));
}

#[test]
fn slm_05_v10_a_pause_outside_hours_adds_nothing() {
    let terms = bh(hours(12));
    let mut clock = started(at("2025-06-06 09:00"));
    clock.pause(&terms, at("2025-06-06 17:00"), "requester", Some(7)).expect("a pause");
    clock.resume(at("2025-06-09 09:00"), "reply", None).expect("a resumption");
    let reading = read(&clock, &terms, "2025-06-09 09:00");
    assert_eq!((reading.paused, reading.due), (0, Some(at("2025-06-09 13:00"))));
}

#[test]
fn slm_04_v11_a_whole_day_is_due_when_it_ends_and_work_done_then_is_in_time() {
    let terms = bh(hours(8));
    let due = at("2025-06-09 17:00");
    let mut clock = started(at("2025-06-09 09:00"));
    assert_eq!(clock.due(&terms), Some(due));
    let mut late = clock.clone();
    clock.stop(&terms, due).expect("a stop");
    assert_eq!(clock.state(&terms, at("2025-06-12 09:00")), State::Met);
    assert_eq!(clock.due(&terms), Some(due), "what it had to keep stays visible");
    late.stop(&terms, due + 1).expect("a stop");
    assert_eq!(late.state(&terms, due + 1), State::BreachedClosed);
    assert_eq!(late.breached_at(&terms, due + 1), Some(due));
}

#[test]
fn slm_04_v12_two_working_days_end_at_the_same_local_time() {
    let terms = bh(Target::WorkingDays(2));
    let mut clock = started(at("2025-06-06 15:00"));
    assert_eq!(clock.due(&terms), Some(at("2025-06-10 15:00")));
    assert_eq!(clock.warnings(&terms)[0], (50, at("2025-06-09 15:00")));
    // Paused service time comes on top: an hour of Monday, nothing of the night.
    clock.pause(&terms, at("2025-06-09 16:00"), "requester", Some(7)).expect("a pause");
    clock.resume(at("2025-06-10 08:00"), "reply", None).expect("a resumption");
    assert_eq!(clock.due(&terms), Some(at("2025-06-10 16:00")));
}

#[test]
fn slm_08_v13_reopening_resumes_without_the_resolved_time() {
    let (mut clock, terms) = reopened(OnReopen::Resume);
    let reading = read(&clock, &terms, "2025-06-10 09:00");
    assert_eq!((reading.due, reading.state), (Some(at("2025-06-10 11:00")), State::Running));
    assert!(reading.provisional);
    clock.stop(&terms, at("2025-06-10 10:00")).expect("a stop");
    let reading = read(&clock, &terms, "2025-06-10 12:00");
    assert_eq!((reading.state, reading.provisional, reading.elapsed), (State::Met, false, 3 * HOUR));
}

#[test]
fn slm_08_v13b_reopening_may_restart_or_count_through() {
    let (clock, terms) = reopened(OnReopen::Restart);
    assert_eq!(clock.due(&terms), Some(at("2025-06-10 13:00")));
    let (clock, terms) = reopened(OnReopen::CountThrough);
    let reading = read(&clock, &terms, "2025-06-10 09:00");
    assert_eq!((reading.breached_at, reading.state), (Some(at("2025-06-09 13:00")), State::BreachedOpen));
    assert!(!reading.provisional);
    let levels: Vec<Level> = clock.pending_alerts(&terms, at("2025-06-10 09:00")).iter().map(|a| a.level).collect();
    assert_eq!(levels, [Level::Breach], "warnings that the reopening put into the past stay silent");
}
