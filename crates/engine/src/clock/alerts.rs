//! Warnings and breaches: what should go out when, and each of it once (SLM-10).

use super::timeline::Doing;
use super::{Clock, Fact, Terms};
use serde::{Deserialize, Serialize};

/// How far a clock has come when it speaks up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Per cent of the target, 1…99.
    Warning(u32),
    Breach,
}

/// A level with the exact instant that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Restarts of the clock before it: a run that begins anew warns anew, a breach counts once.
    pub run: u32,
    pub level: Level,
    /// When the warning is due, or the target.
    pub due: i64,
}

impl Alert {
    /// The first instant at which it is true: work finished in the instant of the target is in time.
    #[must_use]
    pub fn wakes_at(&self) -> i64 {
        match self.level {
            Level::Warning(_) => self.due,
            Level::Breach => self.due.saturating_add(1),
        }
    }
}

impl Clock {
    /// Every warning level with the instant at which it is or will be reached, gone out or not;
    /// a level that a pause or a stop keeps off is not among them.
    #[must_use]
    pub fn warnings(&self, terms: &Terms) -> Vec<(u32, i64)> {
        let timeline = self.timeline();
        let count = timeline.count(terms, timeline.running());
        let Some(amount) = count.amount() else { return Vec::new() };
        let mut percents: Vec<u32> =
            terms.warn_at.iter().copied().filter(|percent| (1..100).contains(percent)).collect();
        percents.sort_unstable();
        percents.dedup();
        percents.into_iter().filter_map(|percent| Some((percent, count.reaches(share(amount, percent))?))).collect()
    }

    /// What has yet to go out, past and future, in the order of its instants: the timers that a
    /// caller keeps. They change with every fact and with the terms.
    #[must_use]
    pub fn alerts(&self, terms: &Terms) -> Vec<Alert> {
        let timeline = self.timeline();
        if timeline.cancelled {
            return Vec::new();
        }
        let run = timeline.run;
        let count = timeline.count(terms, timeline.running());
        let breach = timeline.breached_at(&count, i64::MAX);
        let mut alerts = Vec::new();
        if timeline.doing().is_some_and(|doing| doing != Doing::Stopped) {
            let before_breach = |due: i64| timeline.breach.is_none_or(|breach| due <= breach.due);
            let warnings = self.warnings(terms).into_iter().filter(|(percent, due)| {
                before_breach(*due)
                    && !self.is_quiet(run, *percent, *due)
                    && !self.went_out(run, Level::Warning(*percent))
            });
            alerts.extend(warnings.map(|(percent, due)| Alert { run, level: Level::Warning(percent), due }));
        }
        if let Some(due) = breach.filter(|_| !self.went_out(run, Level::Breach)) {
            alerts.push(Alert { run, level: Level::Breach, due });
        }
        alerts
    }

    /// What should have gone out by `now` and has not.
    #[must_use]
    pub fn pending_alerts(&self, terms: &Terms, now: i64) -> Vec<Alert> {
        self.alerts(terms).into_iter().filter(|alert| alert.wakes_at() <= now).collect()
    }

    /// The next instant at which [`fire`](Self::fire) has something to do.
    #[must_use]
    pub fn wakes_at(&self, terms: &Terms) -> Option<i64> {
        self.alerts(terms).iter().map(Alert::wakes_at).min()
    }

    /// Takes what should have gone out by `now`, and remembers that it did. Whoever stores the
    /// clock in the transaction that sends the alerts sends each of them once.
    pub fn fire(&mut self, terms: &Terms, now: i64) -> Vec<Alert> {
        self.settle(terms, now);
        let pending = self.pending_alerts(terms, now);
        let facts =
            pending.iter().map(|alert| Fact::Alerted { run: alert.run, level: alert.level, due: alert.due, at: now });
        self.facts.extend(facts);
        pending
    }

    /// After a change at `at`: warnings that it moved into the past stay silent, except for those
    /// that were reached before it anyway.
    pub(super) fn quiet(&mut self, terms: &Terms, at: i64, reached: &[Alert]) {
        let pending = self.alerts(terms).into_iter().filter(|alert| alert.due < at);
        let percents: Vec<u32> = pending
            .filter_map(|alert| match alert.level {
                Level::Warning(percent) if !reached.iter().any(|old| old.level == alert.level) => Some(percent),
                _ => None,
            })
            .collect();
        if !percents.is_empty() {
            let run = self.timeline().run;
            self.facts.push(Fact::Quieted { at, run, percents });
        }
    }

    fn went_out(&self, run: u32, level: Level) -> bool {
        Fact::standing(&self.facts).any(|(_, fact)| match fact {
            Fact::Alerted { level: sent, run: in_run, .. } => {
                *sent == level && (level == Level::Breach || *in_run == run)
            }
            _ => false,
        })
    }

    fn is_quiet(&self, run: u32, percent: u32, due: i64) -> bool {
        Fact::standing(&self.facts).any(|(_, fact)| match fact {
            Fact::Quieted { at, run: in_run, percents } => *in_run == run && due < *at && percents.contains(&percent),
            _ => false,
        })
    }
}

/// So many per cent of an amount, rounded down, without leaving the number range.
fn share(amount: i64, percent: u32) -> i64 {
    let percent = i64::from(percent);
    amount / 100 * percent + amount % 100 * percent / 100
}
