//! Clocks through their public face: the numeric vectors of service level management and the rules around them.

mod rules;
mod vectors;

use mainstay_engine::calendar::Draft;
use mainstay_engine::clock::{Clock, Metric, OnChange, OnReopen, Reading, State, Target, Terms};
use std::sync::Arc;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// Epoch milliseconds of a local time in London, such as `2025-06-06 16:30`.
fn at(local: &str) -> i64 {
    let local: jiff::civil::DateTime = local.parse().expect("a local time");
    local.in_tz("Europe/London").expect("London").timestamp().as_millisecond()
}

/// Epoch milliseconds of an instant written with its offset.
fn instant(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().expect("an instant").as_millisecond()
}

fn terms(draft: Draft, target: Target) -> Terms {
    Terms {
        target,
        calendar: Arc::new(draft.finish().expect("a calendar")),
        pause_reasons: ["requester".to_owned()].into(),
        on_change: OnChange::Retroactive,
        on_reopen: OnReopen::Resume,
        warn_at: vec![50, 75, 90],
    }
}

/// Mon–Fri 09:00–17:00 in London with the holidays of the vectors.
fn bh(target: Target) -> Terms {
    let mut draft = Draft::new("Europe/London");
    (0..5).for_each(|weekday| draft.weekly(weekday, "09:00", "17:00"));
    for date in ["2025-05-05", "2025-05-26", "2025-08-25"] {
        draft.holiday(at(&format!("{date} 12:00")) / (24 * HOUR), "");
    }
    terms(draft, target)
}

fn hours(hours: i64) -> Target {
    Target::ServiceTime(hours * HOUR)
}

/// Around the clock in London.
fn h24(target: Target) -> Terms {
    let mut draft = Draft::new("Europe/London");
    (0..7).for_each(|weekday| draft.weekly(weekday, "00:00", "24:00"));
    terms(draft, target)
}

fn started(at: i64) -> Clock {
    let mut clock = Clock::new(Metric::Resolution);
    clock.start(at).expect("a start");
    clock
}

/// What the stored form reads as: nothing may hang on what is only in memory.
fn stored(clock: &Clock) -> Clock {
    let json = serde_json::to_string(clock).expect("JSON");
    serde_json::from_str(&json).expect("the same clock")
}

fn read(clock: &Clock, terms: &Terms, now: &str) -> Reading {
    stored(clock).read(terms, at(now))
}

/// V13: 4 h from Monday 09:00, resolved at 11:00, reopened on Tuesday at 09:00.
fn reopened(policy: OnReopen) -> (Clock, Terms) {
    let terms = Terms { on_reopen: policy, ..bh(hours(4)) };
    let mut clock = started(at("2025-06-09 09:00"));
    clock.stop(&terms, at("2025-06-09 11:00")).expect("a stop");
    assert_eq!(clock.state(&terms, at("2025-06-09 18:00")), State::Met);
    clock.reopen(&terms, at("2025-06-10 09:00")).expect("a reopening");
    (clock, terms)
}
