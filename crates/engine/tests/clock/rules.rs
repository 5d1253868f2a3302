//! What the vectors leave open: reasons, alerts, breaches, exclusions, corrections.

use super::*;
use mainstay_engine::clock::{ClockRefusal, Doing, Fact, Level};

#[test]
fn slm_06_a_pause_needs_an_agreed_reason_and_leaves_a_segment() {
    let terms = bh(hours(4));
    let mut clock = started(at("2025-06-09 09:00"));
    let ten = at("2025-06-09 10:00");
    assert_eq!(clock.pause(&terms, ten, " ", Some(7)), Err(ClockRefusal::ReasonMissing));
    let vendor = ClockRefusal::ReasonNotAgreed("vendor".into());
    assert_eq!(clock.pause(&terms, ten, "vendor", Some(7)), Err(vendor));
    assert_eq!(clock.resume(ten, "reply", None), Err(ClockRefusal::NotPaused));
    clock.pause(&terms, ten, "requester", Some(7)).expect("a pause");
    assert_eq!(clock.pause(&terms, ten, "requester", Some(7)), Err(ClockRefusal::NotRunning));
    clock.resume(at("2025-06-09 11:00"), "reply", Some(8)).expect("a resumption");
    let segments = stored(&clock).segments();
    assert_eq!(segments.iter().map(|s| s.doing).collect::<Vec<_>>(), [Doing::Running, Doing::Paused, Doing::Running]);
    let pause = &segments[1];
    assert_eq!((pause.from, pause.to), (ten, Some(at("2025-06-09 11:00"))));
    assert_eq!((pause.reason.as_deref(), pause.by), (Some("requester"), Some(7)));
    assert_eq!((pause.ended.as_deref(), pause.ended_by), (Some("reply"), Some(8)));
}

#[test]
fn slm_09_response_never_pauses() {
    let terms = bh(hours(4));
    let mut clock = Clock::new(Metric::Response);
    assert_eq!(clock.state(&terms, 0), State::NotStarted);
    clock.start(at("2025-06-09 09:00")).expect("a start");
    let refused = clock.pause(&terms, at("2025-06-09 10:00"), "requester", Some(7));
    assert_eq!(refused, Err(ClockRefusal::ResponseNeverPauses));
}

#[test]
fn slm_10_each_level_goes_out_once_even_over_a_restart() {
    let terms = bh(hours(4));
    let mut clock = started(at("2025-06-09 09:00"));
    assert_eq!(clock.wakes_at(&terms), Some(at("2025-06-09 11:00")));
    let sent = clock.fire(&terms, at("2025-06-09 12:12"));
    let sent: Vec<(Level, i64)> = sent.iter().map(|alert| (alert.level, alert.due)).collect();
    assert_eq!(sent, [(Level::Warning(50), at("2025-06-09 11:00")), (Level::Warning(75), at("2025-06-09 12:00"))]);
    let mut clock = stored(&clock);
    assert_eq!(clock.fire(&terms, at("2025-06-09 12:12")), []);
    assert_eq!(clock.wakes_at(&terms), Some(at("2025-06-09 12:36")));
    let due = at("2025-06-09 13:00");
    assert_eq!(clock.fire(&terms, due).len(), 1, "in the instant of the target only the last warning");
    assert_eq!(clock.wakes_at(&terms), Some(due + 1));
    assert_eq!(clock.fire(&terms, due + 1).len(), 1);
    assert_eq!(stored(&clock).fire(&terms, at("2025-07-09 13:00")), []);
    assert_eq!(clock.wakes_at(&terms), None);
}

#[test]
fn slm_10_a_stopped_clock_warns_no_more_but_its_breach_is_still_told() {
    let terms = bh(hours(4));
    let mut met = started(at("2025-06-09 09:00"));
    met.stop(&terms, at("2025-06-09 12:00")).expect("a stop");
    assert_eq!(met.fire(&terms, at("2025-06-10 12:00")), []);
    let mut missed = started(at("2025-06-09 09:00"));
    missed.stop(&terms, at("2025-06-09 14:00")).expect("a stop");
    let levels: Vec<Level> = missed.fire(&terms, at("2025-06-10 12:00")).iter().map(|a| a.level).collect();
    assert_eq!(levels, [Level::Breach]);
    missed.cancel(at("2025-06-10 13:00")).expect("a cancellation");
    assert_eq!(missed.state(&terms, at("2025-06-10 13:00")), State::Cancelled);
    assert_eq!(missed.cancel(at("2025-06-10 14:00")), Err(ClockRefusal::Cancelled));
}

#[test]
fn slm_10_a_run_that_begins_anew_warns_anew() {
    let mut clock = started(at("2025-06-09 09:00"));
    assert_eq!(clock.fire(&bh(hours(4)), at("2025-06-09 11:00")).len(), 1);
    let restart = Terms { on_change: OnChange::Restart, ..bh(hours(4)) };
    clock.retarget(&bh(hours(4)), &restart, at("2025-06-09 11:00")).expect("a change");
    let sent = clock.fire(&restart, at("2025-06-09 13:00"));
    assert_eq!(sent.iter().map(|alert| (alert.run, alert.level)).collect::<Vec<_>>(), [(1, Level::Warning(50))]);
}

#[test]
fn slm_11_a_breach_is_recorded_at_its_due_instant_however_late_it_is_noticed() {
    let terms = bh(hours(4));
    let mut clock = started(at("2025-06-09 09:00"));
    let (due, noticed) = (at("2025-06-09 13:00"), at("2025-06-20 03:17"));
    assert_eq!(clock.fire(&terms, noticed).last().map(|alert| (alert.level, alert.due)), Some((Level::Breach, due)));
    assert_eq!(clock.breached_at(&terms, noticed), Some(due));
    assert!(clock.facts().contains(&Fact::Breached { due, noticed }));
}

#[test]
fn slm_11_a_breach_is_recorded_once_and_longer_terms_do_not_undo_it() {
    let mut clock = started(at("2025-06-09 09:00"));
    let longer = bh(hours(40));
    clock.retarget(&bh(hours(4)), &longer, at("2025-06-09 15:00")).expect("a change");
    let reading = read(&clock, &longer, "2025-06-09 16:00");
    assert_eq!((reading.state, reading.breached_at), (State::BreachedOpen, Some(at("2025-06-09 13:00"))));
    let restart = Terms { on_change: OnChange::Restart, ..bh(hours(40)) };
    clock.retarget(&longer, &restart, at("2025-06-09 16:00")).expect("a change");
    clock.stop(&restart, at("2025-06-09 16:30")).expect("a stop");
    assert_eq!(read(&clock, &restart, "2025-06-09 16:30").state, State::BreachedClosed);
    assert_eq!(clock.facts().iter().filter(|fact| matches!(fact, Fact::Breached { .. })).count(), 1);
    let levels: Vec<Level> = clock.fire(&restart, at("2025-06-30 12:00")).iter().map(|alert| alert.level).collect();
    assert_eq!(levels, [Level::Breach]);
}

#[test]
fn slm_07_a_target_moved_into_the_past_breaches_there_and_its_warnings_stay_silent() {
    let long = bh(hours(8));
    let short = bh(hours(2));
    let mut clock = started(at("2025-06-09 09:00"));
    clock.retarget(&long, &short, at("2025-06-09 12:00")).expect("a change");
    let noon = at("2025-06-09 12:00");
    let sent = stored(&clock).fire(&short, noon);
    assert_eq!(sent.iter().map(|a| (a.level, a.due)).collect::<Vec<_>>(), [(Level::Breach, at("2025-06-09 11:00"))]);
}

#[test]
fn slm_07_a_warning_silenced_by_a_change_speaks_when_a_later_change_puts_it_ahead() {
    let (long, short) = (bh(hours(8)), bh(hours(4)));
    let mut clock = started(at("2025-06-09 09:00"));
    // At 11:30 the short target's 50 % (11:00) is past, and the long one's not reached.
    clock.retarget(&long, &short, at("2025-06-09 11:30")).expect("a change");
    assert_eq!(clock.fire(&short, at("2025-06-09 11:30")), []);
    clock.retarget(&short, &long, at("2025-06-09 11:40")).expect("a change");
    let sent = clock.fire(&long, at("2025-06-09 13:00"));
    assert_eq!(
        sent.iter().map(|a| (a.level, a.due)).collect::<Vec<_>>(),
        [(Level::Warning(50), at("2025-06-09 13:00"))]
    );
}

#[test]
fn slm_07_a_warning_due_in_the_instant_of_the_change_goes_out() {
    let mut clock = started(at("2025-06-09 09:00"));
    clock.retarget(&bh(hours(8)), &bh(hours(4)), at("2025-06-09 11:00")).expect("a change");
    assert_eq!(clock.fire(&bh(hours(4)), at("2025-06-09 11:00")).len(), 1);
}

#[test]
fn a_pause_in_the_instant_of_the_target_is_in_time_and_leaves_nothing() {
    let terms = bh(hours(2));
    let mut clock = started(at("2025-06-09 09:00"));
    clock.pause(&terms, at("2025-06-09 11:00"), "requester", Some(7)).expect("a pause");
    assert_eq!(read(&clock, &terms, "2025-06-09 15:00").state, State::Paused);
    clock.resume(at("2025-06-09 15:00"), "reply", None).expect("a resumption");
    assert_eq!(clock.due(&terms), Some(at("2025-06-09 15:00")));
    assert_eq!(read(&clock, &terms, "2025-06-09 15:01").state, State::BreachedOpen);
}

#[test]
fn slm_20_an_exclusion_gives_an_adjusted_result_beside_the_raw_one() {
    let terms = bh(hours(4));
    let mut clock = started(at("2025-06-09 09:00"));
    clock.stop(&terms, at("2025-06-09 14:00")).expect("a stop");
    assert_eq!(read(&clock, &terms, "2025-06-10 09:00").adjusted, None);
    let (from, to) = (at("2025-06-09 10:00"), at("2025-06-09 12:00"));
    let now = at("2025-06-10 09:00");
    assert_eq!(clock.exclude(now, to, from, "maintenance", 9), Err(ClockRefusal::EmptyStretch));
    assert_eq!(clock.exclude(now, from, to, "", 9), Err(ClockRefusal::ReasonMissing));
    clock.exclude(now, from, to, "maintenance", 9).expect("an exclusion");
    clock.exclude(now, from + HOUR, to, "the same hour again", 9).expect("an exclusion");
    let reading = read(&clock, &terms, "2025-06-10 09:00");
    assert_eq!((reading.state, reading.elapsed), (State::BreachedClosed, 5 * HOUR));
    let adjusted = reading.adjusted.expect("two figures");
    assert_eq!((adjusted.state, adjusted.breached_at, adjusted.elapsed), (State::Met, None, 3 * HOUR));
}

#[test]
fn slm_20_an_exclusion_does_not_excuse_a_breach_of_earlier_terms() {
    let mut clock = started(at("2025-06-09 09:00"));
    let longer = bh(hours(40));
    clock.retarget(&bh(hours(4)), &longer, at("2025-06-09 15:00")).expect("a change");
    clock
        .exclude(at("2025-06-09 15:00"), at("2025-06-09 10:00"), at("2025-06-09 10:01"), "maintenance", 9)
        .expect("one");
    let adjusted = read(&clock, &longer, "2025-06-09 16:00").adjusted.expect("two figures");
    assert_eq!((adjusted.state, adjusted.breached_at), (State::BreachedOpen, Some(at("2025-06-09 13:00"))));
}

#[test]
fn slm_11_only_an_audited_correction_takes_a_breach_back() {
    let terms = bh(hours(4));
    let mut clock = started(at("2025-06-09 09:00"));
    let now = at("2025-06-09 14:00");
    let really = at("2025-06-09 12:50");
    assert_eq!(clock.correct(&terms, now, really, "solved by telephone", 9), Err(ClockRefusal::NotStopped));
    clock.stop(&terms, now).expect("a stop");
    assert_eq!(clock.correct(&terms, now, really, " ", 9), Err(ClockRefusal::ReasonMissing));
    assert_eq!(clock.correct(&terms, now, now + 1, "not yet", 9), Err(ClockRefusal::OutsideRun));
    clock.correct(&terms, now, really, "solved by telephone", 9).expect("a correction");
    let reading = read(&clock, &terms, "2025-06-09 15:00");
    assert_eq!((reading.state, reading.stopped_at), (State::Met, Some(really)));
    assert_eq!(reading.elapsed, 3 * HOUR + 50 * MINUTE);
    clock.correct(&terms, now, at("2025-06-09 13:10"), "it was ten past", 9).expect("a correction");
    let reading = read(&clock, &terms, "2025-06-09 15:00");
    assert_eq!((reading.state, reading.breached_at), (State::BreachedClosed, Some(at("2025-06-09 13:00"))));
}

#[test]
fn a_correction_into_an_earlier_stop_keeps_that_stop() {
    let (mut clock, terms) = reopened(OnReopen::Resume);
    clock.stop(&terms, at("2025-06-10 16:00")).expect("a stop");
    clock.correct(&terms, at("2025-06-10 17:00"), at("2025-06-09 20:00"), "reopened by mistake", 9).expect("one");
    let reading = read(&clock, &terms, "2025-06-10 17:00");
    assert_eq!((reading.state, reading.elapsed), (State::Met, 2 * HOUR));
    assert_eq!(reading.stopped_at, Some(at("2025-06-09 11:00")));
}

#[test]
fn a_system_clock_put_back_moves_no_due_date_and_counts_nothing_twice() {
    let terms = bh(hours(4));
    let mut clock = started(at("2025-06-09 09:00"));
    clock.pause(&terms, at("2025-06-09 11:00"), "requester", Some(7)).expect("a pause");
    clock.resume(at("2025-06-09 10:00"), "reply", None).expect("a resumption");
    let reading = read(&clock, &terms, "2025-06-09 10:00");
    assert_eq!((reading.elapsed, reading.paused), (2 * HOUR, 0));
    assert_eq!(reading.due, Some(at("2025-06-09 13:00")));
}

#[test]
fn a_clock_starts_once_and_never_after_it_was_cancelled() {
    let mut clock = started(at("2025-06-09 09:00"));
    assert_eq!(clock.start(at("2025-06-10 09:00")), Err(ClockRefusal::Started));
    assert_eq!(clock.due(&bh(hours(4))), Some(at("2025-06-09 13:00")));
    let mut clock = Clock::new(Metric::Resolution);
    clock.cancel(at("2025-06-09 09:00")).expect("a cancellation");
    assert_eq!(clock.start(at("2025-06-10 09:00")), Err(ClockRefusal::Cancelled));
}
