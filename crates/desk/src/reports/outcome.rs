//! What had become of a clock at an instant, from its facts alone: facts that came later do not count, so that a past
//! period says the same whenever it is asked for.

use mainstay_engine::clock::{Fact, OnReopen};

/// A clock as it stood at an instant. All in epoch milliseconds UTC, lengths in milliseconds by the wall clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    pub started: Option<i64>,
    pub cancelled: bool,
    pub breached: Option<i64>,
    /// When it last stopped; none while live.
    pub stopped: Option<i64>,
    /// How long it ran: without pauses, and without the time between stop and reopening unless that counts.
    pub ran: i64,
}

/// A result: met or missed, and when that was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub met: bool,
    /// When the clock stopped in time, or when its target was missed.
    pub at: i64,
}

impl Outcome {
    /// The result, when there is one: running and cancelled clocks have none. (G-26)
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        match (self.breached, self.stopped) {
            _ if self.cancelled => None,
            (Some(at), _) => Some(Verdict { met: false, at }),
            (None, Some(at)) => Some(Verdict { met: true, at }),
            (None, None) => None,
        }
    }

    /// Whether it had started and not come to a result.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        self.started.is_some() && !self.cancelled && self.verdict().is_none()
    }

    /// Reads the facts up to before `at`. `due` is when the clock is due as it runs now, for a target that was missed
    /// without anybody having noticed yet.
    #[must_use]
    pub fn at(facts: &[Fact], due: Option<i64>, at: i64) -> Self {
        let known = known(facts, at);
        let mut outcome = Self::default();
        let mut running = None;
        for (_, fact) in Fact::standing(known) {
            outcome.take(fact, &mut running, at);
        }
        if let Some(since) = running {
            outcome.ran += at - since;
            // Only when nothing happened to it afterwards is the present due instant the one of then.
            let untouched = known.len() == facts.len();
            outcome.breached = outcome.breached.or(due.filter(|due| untouched && *due < at));
        }
        outcome
    }

    fn take(&mut self, fact: &Fact, running: &mut Option<i64>, now: i64) {
        let mut halt = |running: &mut Option<i64>, at: i64| self.ran += running.take().map_or(0, |since| at - since);
        match fact {
            Fact::Started { at } => {
                self.started = Some(*at);
                *running = Some(*at);
            }
            Fact::Paused { at, .. } => halt(running, *at),
            Fact::Resumed { at, .. } => *running = Some(*at),
            Fact::Stopped { at } => {
                halt(running, *at);
                self.stopped = Some(*at);
            }
            Fact::Reopened { at, policy } => {
                let between = self.stopped.take().map_or(0, |stopped| at - stopped);
                if *policy == OnReopen::CountThrough {
                    self.ran += between;
                }
                *running = Some(*at);
            }
            Fact::Cancelled { .. } => self.cancelled = true,
            Fact::Breached { due, .. } if *due < now => self.breached = Some(*due),
            Fact::Corrected { stopped, .. } => {
                self.ran -= self.stopped.map_or(0, |was| was - stopped);
                self.stopped = Some(*stopped);
                self.breached = self.breached.filter(|due| due < stopped);
            }
            _ => {}
        }
    }
}

/// The facts before the first that moved the clock at or after an instant. A breach or an exclusion stands where it
/// was noticed, so it belongs to what comes before it.
#[must_use]
pub fn known(facts: &[Fact], at: i64) -> &[Fact] {
    let end = facts.iter().position(|fact| moved(fact).is_some_and(|moved| moved >= at));
    &facts[..end.unwrap_or(facts.len())]
}

/// When it moved the clock, in epoch milliseconds UTC; none of what only stands beside its course.
#[must_use]
pub fn moved(fact: &Fact) -> Option<i64> {
    match fact {
        Fact::Started { at }
        | Fact::Paused { at, .. }
        | Fact::Resumed { at, .. }
        | Fact::Stopped { at }
        | Fact::Reopened { at, .. }
        | Fact::Retargeted { at, .. }
        | Fact::Cancelled { at }
        | Fact::Undone { at, .. }
        | Fact::Corrected { at, .. } => Some(*at),
        _ => None,
    }
}

/// Whether it leaves time out of what counts.
#[must_use]
pub fn is_exclusion(fact: &Fact) -> bool {
    matches!(fact, Fact::Excluded { .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mainstay_engine::clock::OnChange;

    fn paused(at: i64) -> Fact {
        Fact::Paused { at, reason: "requester".into(), by: None }
    }
    fn resumed(at: i64) -> Fact {
        Fact::Resumed { at, cause: "reply".into(), by: None }
    }
    fn reopened(at: i64, policy: OnReopen) -> Fact {
        Fact::Reopened { at, policy }
    }

    #[test]
    fn gen_10_what_happened_later_does_not_count() {
        let facts = [
            Fact::Started { at: 10 },
            Fact::Stopped { at: 20 },
            reopened(30, OnReopen::Resume),
            Fact::Breached { due: 40, noticed: 45 },
            Fact::Stopped { at: 50 },
        ];
        let verdict = |at| Outcome::at(&facts, None, at).verdict();
        assert_eq!(verdict(15), None);
        assert_eq!(verdict(25), Some(Verdict { met: true, at: 20 }));
        assert_eq!(verdict(35), None, "reopened: the result is open again");
        assert_eq!(verdict(60), Some(Verdict { met: false, at: 40 }));
        assert_eq!(Outcome::at(&facts, None, 60).ran, 30, "the time in between does not count");
    }

    #[test]
    fn a_missed_target_counts_before_anybody_notices() {
        let facts = [Fact::Started { at: 10 }];
        assert_eq!(Outcome::at(&facts, Some(40), 41).verdict(), Some(Verdict { met: false, at: 40 }));
        assert!(Outcome::at(&facts, Some(40), 40).is_undecided());
        let late = [Fact::Started { at: 10 }, Fact::Breached { due: 40, noticed: 90 }, Fact::Stopped { at: 90 }];
        assert_eq!(Outcome::at(&late, None, 50).verdict(), Some(Verdict { met: false, at: 40 }));
        assert_eq!(Outcome::at(&late, None, 50).stopped, None, "and was still open then");
    }

    #[test]
    fn terms_that_came_later_breach_nothing_earlier() {
        let facts = [
            Fact::Started { at: 10 },
            Fact::Retargeted { at: 60, policy: OnChange::Retroactive, was: None },
            Fact::Breached { due: 30, noticed: 60 },
        ];
        assert!(Outcome::at(&facts, None, 50).is_undecided());
        assert_eq!(Outcome::at(&facts, None, 61).verdict(), Some(Verdict { met: false, at: 30 }));
    }

    #[test]
    fn inc_13_a_cancelled_clock_has_no_result() {
        let facts = [Fact::Started { at: 10 }, Fact::Breached { due: 20, noticed: 20 }, Fact::Cancelled { at: 30 }];
        assert_eq!(Outcome::at(&facts, None, 40).verdict(), None);
        assert!(!Outcome::at(&facts, None, 40).is_undecided());
        assert_eq!(Outcome::at(&facts, None, 25).verdict(), Some(Verdict { met: false, at: 20 }));
    }

    #[test]
    fn pauses_are_left_out_and_counted_through_time_is_not() {
        let facts = [Fact::Started { at: 0 }, paused(10), resumed(30), Fact::Stopped { at: 45 }];
        assert_eq!(Outcome::at(&facts, None, 100).ran, 25);
        let through = [
            Fact::Started { at: 0 },
            Fact::Stopped { at: 10 },
            reopened(30, OnReopen::CountThrough),
            Fact::Stopped { at: 40 },
        ];
        assert_eq!(Outcome::at(&through, None, 100).ran, 40);
    }
}
