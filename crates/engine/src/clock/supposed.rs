//! How a clock would have run had other terms been agreed from its start.

use super::{Clock, Fact, Terms};

impl Clock {
    /// The clock as the same events would have moved it under other terms: what was noticed, told and retargeted under
    /// the old ones is left out, a pause for a reason that the new ones do not know is none, and a reopening follows the
    /// new policy. Stops, corrections and exclusions stand: they are what people did.
    #[must_use]
    pub fn supposed(&self, terms: &Terms) -> Self {
        let mut facts = Vec::with_capacity(self.facts.len());
        let mut goes_on = false;
        for (_, fact) in Fact::standing(&self.facts) {
            match fact {
                Fact::Breached { .. }
                | Fact::Alerted { .. }
                | Fact::Quieted { .. }
                | Fact::Retargeted { .. }
                | Fact::Undone { .. } => {}
                Fact::Paused { reason, .. } if !terms.pause_reasons.contains(reason) => goes_on = true,
                Fact::Resumed { .. } if goes_on => goes_on = false,
                Fact::Reopened { at, .. } => {
                    goes_on = false;
                    facts.push(Fact::Reopened { at: *at, policy: terms.on_reopen });
                }
                other => {
                    goes_on &= matches!(other, Fact::Excluded { .. });
                    facts.push(other.clone());
                }
            }
        }
        Self { metric: self.metric, facts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Draft;
    use crate::clock::{Metric, OnChange, OnReopen, Target};
    use std::sync::Arc;

    const MINUTE: i64 = 60_000;

    fn terms(minutes: i64, pauses: &[&str]) -> Terms {
        let mut draft = Draft::new("UTC");
        (0..7).for_each(|day| draft.weekly(day, "00:00", "24:00"));
        Terms {
            target: Target::ServiceTime(minutes * MINUTE),
            calendar: Arc::new(draft.finish().expect("a calendar")),
            pause_reasons: pauses.iter().map(|each| (*each).to_owned()).collect(),
            on_change: OnChange::default(),
            on_reopen: OnReopen::default(),
            warn_at: vec![50],
        }
    }

    #[test]
    fn a_breach_under_the_old_terms_says_nothing_of_the_new_ones() {
        let strict = terms(30, &["requester"]);
        let mut clock = Clock::new(Metric::Resolution);
        clock.start(0).expect("it starts");
        clock.pause(&strict, 10 * MINUTE, "requester", None).expect("it pauses");
        clock.resume(40 * MINUTE, "replied", None).expect("it goes on");
        clock.stop(&strict, 70 * MINUTE).expect("it stops");
        let now = 100 * MINUTE;
        // Forty minutes without the pause, seventy with it.
        assert_eq!(clock.read(&strict, now).state.counts_as_met(), Some(false));
        for (minutes, pauses, met) in
            [(45, &["requester"][..], true), (39, &["requester"], false), (45, &[], false), (71, &[], true)]
        {
            let other = terms(minutes, pauses);
            let read = clock.supposed(&other).read(&other, now);
            assert_eq!(read.state.counts_as_met(), Some(met), "{minutes} minutes, pausing for {pauses:?}");
        }
    }
}
