//! A clock that only tests move.

use mainstay_desk::Clock;
use std::sync::atomic::{AtomicI64, Ordering};

/// Shows the instant that a test has set.
pub struct FakeClock(AtomicI64);

impl FakeClock {
    #[must_use]
    pub fn new(at: i64) -> Self {
        Self(AtomicI64::new(at))
    }
    /// Epoch milliseconds.
    #[must_use]
    pub fn reading(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
    pub fn set(&self, at: i64) {
        self.0.store(at, Ordering::SeqCst);
    }
    /// Moves it on by whole minutes, without firing anything.
    pub fn advance_minutes(&self, minutes: i64) {
        self.0.fetch_add(minutes * 60_000, Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> i64 {
        self.reading()
    }
}

/// An instant in epoch milliseconds from its RFC 3339 text.
///
/// # Panics
/// When the text is none.
#[must_use]
pub fn at(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().expect("an instant").as_millisecond()
}
