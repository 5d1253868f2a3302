//! Every calendar operation against the minutes.

use crate::hours::{hours, utc_day};
use crate::minutes::{LENGTH, Minutes};
use crate::{DAY, MINUTE, owed, runner, window_start, zones};
use mainstay_engine::calendar::Calendar;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

/// A start within a window and an amount, in minutes; milliseconds to add to both.
type Case = (i64, i64, i64);

const CASES: usize = 84;

fn case() -> impl Strategy<Value = Case> {
    let minutes = LENGTH / MINUTE;
    let odd = prop_oneof![3 => Just(0_i64), 1 => 0..MINUTE];
    (0..minutes - 1, 0..minutes, odd)
}

#[test]
fn slm_04_calendars_agree_with_every_minute_in_every_zone() {
    let mut checked = 0;
    for zone in zones() {
        let strategy = (window_start(&zone), hours(), prop::collection::vec(case(), CASES));
        let cases = std::cell::Cell::new(0);
        let result = runner(2).run(&strategy, |(start, hours, plan)| {
            let epoch = utc_day(start);
            let calendar = hours.calendar(&zone, epoch);
            let minutes = Minutes::of(&zone, &hours, start, epoch, Minutes::step(&zone, start));
            for case in &plan {
                check(&calendar, &minutes, start, *case)?;
                cases.set(cases.get() + 1);
            }
            Ok(())
        });
        result.unwrap_or_else(|error| panic!("{}: {error}", zone.iana_name().unwrap_or_default()));
        checked += cases.get();
    }
    assert!(checked >= owed(), "only {checked} cases");
}

/// Checks one start with one amount.
fn check(calendar: &Calendar, minutes: &Minutes, start: i64, (begin, amount, odd): Case) -> Result<(), TestCaseError> {
    let at = start + begin * MINUTE + odd;
    let to = (at + amount * MINUTE).min(minutes.end());
    prop_assert_eq!(calendar.open_between(at, to), minutes.open_between(at, to), "open between {} and {}", at, to);
    let duration = amount * MINUTE / 4 + odd;
    inside(calendar.add(at, duration), minutes.add(at, duration), minutes.end())?;
    inside(calendar.next_open(at), minutes.add_working_days(at, 0), minutes.end())?;
    prop_assert_eq!(calendar.is_open(at), minutes.open_between(at, at + 1) == 1);
    // Working days cost the oracle most.
    if amount % 6 != 0 {
        return Ok(());
    }
    working_days(calendar, minutes, (at, to), amount / 6 % 6)
}

fn working_days(calendar: &Calendar, minutes: &Minutes, (at, to): (i64, i64), days: i64) -> Result<(), TestCaseError> {
    let days = u32::try_from(days).expect("0 to 5");
    // What makes a date a working day may open after the answer, and after the window.
    inside(calendar.add_working_days(at, days), minutes.add_working_days(at, days), minutes.end() - DAY)?;
    let to = to.min(minutes.end() - 2 * DAY);
    let passed =
        (1..=u32::MAX).take_while(|days| minutes.add_working_days(at, *days).is_some_and(|day| day <= to)).count();
    prop_assert_eq!(calendar.working_days_between(at, to) as usize, passed, "working days from {} to {}", at, to);
    Ok(())
}

/// Equal, or beyond the window for both.
fn inside(answer: Option<i64>, oracle: Option<i64>, end: i64) -> Result<(), TestCaseError> {
    match oracle {
        Some(_) => prop_assert_eq!(answer, oracle),
        None => prop_assert!(answer.is_none_or(|at| at >= end), "{:?} lies inside the window", answer),
    }
    Ok(())
}
