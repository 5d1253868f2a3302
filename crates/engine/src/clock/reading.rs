//! What a clock shows under given terms at a given instant.

use super::count::Count;
use super::timeline::{Doing, Timeline};
use super::{Clock, Terms};
use serde::{Deserialize, Serialize};

/// The state of a clock at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    NotStarted,
    Running,
    Paused,
    Met,
    /// The target is missed and the work not done, running or paused.
    BreachedOpen,
    BreachedClosed,
    Cancelled,
}

impl State {
    /// Its name in the store, in the API and in conditions.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::NotStarted => "not_started",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Met => "met",
            Self::BreachedOpen => "breached_open",
            Self::BreachedClosed => "breached_closed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether it counts in compliance, and how: met, missed, or not at all (G-26).
    #[must_use]
    pub const fn counts_as_met(self) -> Option<bool> {
        match self {
            Self::Met => Some(true),
            Self::BreachedOpen | Self::BreachedClosed => Some(false),
            Self::NotStarted | Self::Running | Self::Paused | Self::Cancelled => None,
        }
    }
}

/// Everything a clock shows at one instant. Instants are epoch milliseconds UTC, amounts
/// milliseconds of service time in the calendar of the terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    pub state: State,
    /// It was met, then reopened: the result is open again.
    pub provisional: bool,
    /// When the target is used up; none while paused, before the start and after cancelling.
    /// Of a stopped clock, what it had to keep.
    pub due: Option<i64>,
    /// The exact instant at which the target was missed, however late anybody looked.
    pub breached_at: Option<i64>,
    /// When the last stop was; none while live.
    pub stopped_at: Option<i64>,
    pub elapsed: i64,
    /// The agreed amount; none when the calendar does not hold that many working days.
    pub amount: Option<i64>,
    /// Service time spent paused.
    pub paused: i64,
    /// The result without what was excluded; none when nothing was.
    pub adjusted: Option<Adjusted>,
}

/// A result without excluded stretches, beside the raw one (SLM-20).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adjusted {
    pub state: State,
    pub breached_at: Option<i64>,
    pub elapsed: i64,
}

impl Reading {
    /// Service time left; below zero once the target is missed.
    #[must_use]
    pub fn remaining(&self) -> Option<i64> {
        self.amount.map(|amount| amount - self.elapsed)
    }

    /// Thousandths of the target used, rounded down; above 1000 once it is missed.
    #[must_use]
    pub fn used_permille(&self) -> Option<i64> {
        self.amount.map(|amount| self.elapsed.saturating_mul(1000) / amount.max(1))
    }
}

impl Clock {
    /// Reads everything at once. An instant before the last fact, after the system clock was put
    /// back, reads as that fact's own.
    #[must_use]
    pub fn read(&self, terms: &Terms, now: i64) -> Reading {
        let timeline = self.timeline();
        let now = self.not_before(now);
        let count = timeline.count(terms, timeline.running());
        let breached_at = timeline.breached_at(&count, now);
        let last = timeline.segments.last();
        Reading {
            state: timeline.state(breached_at),
            provisional: timeline.reopened && breached_at.is_none() && !timeline.cancelled,
            due: timeline.due(terms),
            breached_at,
            stopped_at: last.filter(|last| last.doing == Doing::Stopped).map(|last| last.from),
            elapsed: count.used(now),
            amount: count.amount(),
            paused: timeline.paused(terms, now),
            adjusted: (!timeline.excluded.is_empty()).then(|| timeline.adjusted(terms, now)),
        }
    }

    /// When the target is used up, as the clock runs now; none while paused, before the start and
    /// after cancelling. Of a stopped clock, what it had to keep.
    #[must_use]
    pub fn due(&self, terms: &Terms) -> Option<i64> {
        self.timeline().due(terms)
    }

    /// When a paused clock would be due if it went on at `now`; of any other, [`due`](Self::due).
    #[must_use]
    pub fn due_if_resumed(&self, terms: &Terms, now: i64) -> Option<i64> {
        let timeline = self.timeline();
        if timeline.doing() != Some(Doing::Paused) {
            return timeline.due(terms);
        }
        let mut running = timeline.running();
        running.push((self.not_before(now), None));
        timeline.count(terms, running).due()
    }

    /// The exact instant at which the target was missed, if that is before `now`.
    #[must_use]
    pub fn breached_at(&self, terms: &Terms, now: i64) -> Option<i64> {
        let timeline = self.timeline();
        timeline.breached_at(&timeline.count(terms, timeline.running()), self.not_before(now))
    }

    /// The state at `now`.
    #[must_use]
    pub fn state(&self, terms: &Terms, now: i64) -> State {
        self.timeline().state(self.breached_at(terms, now))
    }
}

impl Timeline {
    pub fn count<'a>(&self, terms: &'a Terms, stretches: Vec<(i64, Option<i64>)>) -> Count<'a> {
        Count { terms, begun: self.begun.unwrap_or_default(), stretches }
    }

    /// The breach that stands in the facts, or the one that follows from them at `now`.
    pub fn breached_at(&self, count: &Count<'_>, now: i64) -> Option<i64> {
        match self.breach {
            Some(breach) => Some(breach.due),
            None => count.due().filter(|due| *due < now),
        }
    }

    fn due(&self, terms: &Terms) -> Option<i64> {
        let doing = self.doing()?;
        let mut running = self.running();
        if doing == Doing::Stopped
            && let Some(last) = running.last_mut()
        {
            last.1 = None;
        }
        self.count(terms, running).due()
    }

    fn state(&self, breached_at: Option<i64>) -> State {
        match (self.doing(), breached_at) {
            _ if self.cancelled => State::Cancelled,
            (None, _) => State::NotStarted,
            (Some(Doing::Stopped), None) => State::Met,
            (Some(Doing::Stopped), Some(_)) => State::BreachedClosed,
            (Some(_), Some(_)) => State::BreachedOpen,
            (Some(Doing::Paused), None) => State::Paused,
            (Some(Doing::Running), None) => State::Running,
        }
    }

    fn paused(&self, terms: &Terms, now: i64) -> i64 {
        let pauses = self.counted().filter(|segment| segment.doing == Doing::Paused);
        pauses.map(|pause| terms.calendar.open_between(pause.from, pause.to.unwrap_or(now).min(now))).sum()
    }

    /// A breach of terms since replaced stands: what they would say without the excluded
    /// stretches can no longer be known here.
    fn adjusted(&self, terms: &Terms, now: i64) -> Adjusted {
        let count = self.count(terms, self.running_adjusted());
        let settled = self.breach.filter(|breach| breach.settled).map(|breach| breach.due);
        let breached_at = settled.or_else(|| count.due().filter(|due| *due < now));
        Adjusted { state: self.state(breached_at), breached_at, elapsed: count.used(now) }
    }
}
