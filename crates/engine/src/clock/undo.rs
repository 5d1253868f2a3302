//! Taking back what a change did to a clock: the facts stay, and count no more.

use super::{Agreed, Clock, Fact, Terms};

/// A change that is taken back, as a clock sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undoing {
    /// When the change was, in epoch milliseconds UTC.
    pub since: i64,
    /// The places of the facts that it brought.
    pub facts: Vec<usize>,
}

impl Undoing {
    fn brought(&self, place: usize, fact: &Fact) -> bool {
        match fact {
            // What was noticed meanwhile follows anew from what counts now.
            Fact::Breached { noticed, .. } => *noticed >= self.since,
            _ => self.facts.contains(&place),
        }
    }
}

impl Clock {
    /// Says what the clock was held to before its terms were replaced just now.
    pub fn replaced(&mut self, before: Agreed) {
        if let Some(Fact::Retargeted { was, .. }) =
            self.facts.iter_mut().rev().find(|fact| matches!(fact, Fact::Retargeted { .. }))
        {
            *was = Some(before);
        }
    }

    /// What the clock was held to before the change, when nothing since has put other terms in force.
    #[must_use]
    pub fn held_to_before(&self, undoing: &Undoing) -> Option<Agreed> {
        let last = Fact::standing(&self.facts).filter(|(_, fact)| matches!(fact, Fact::Retargeted { .. })).last();
        match last {
            Some((place, Fact::Retargeted { was, .. })) if undoing.facts.contains(&place) => *was,
            _ => None,
        }
    }

    /// Takes a change back; `terms` are those that govern without it. A warning or a breach that went out since and
    /// would have gone out anyway stays said; any other may come again, at its true instant. False when the change
    /// had brought nothing.
    pub fn take_back(&mut self, terms: &Terms, at: i64, undoing: &Undoing) -> bool {
        let brought: Vec<usize> = Fact::standing(&self.facts)
            .filter(|(place, fact)| undoing.brought(*place, fact))
            .map(|(place, _)| place)
            .collect();
        if !brought.iter().any(|place| !matches!(self.facts[*place], Fact::Breached { .. })) {
            return false;
        }
        let said: Vec<usize> = Fact::standing(&self.facts)
            .filter(|(_, fact)| matches!(fact, Fact::Alerted { at, .. } if *at >= undoing.since))
            .map(|(place, _)| place)
            .collect();
        let mut silent = self.clone();
        silent.facts.push(Fact::Undone { at, facts: [brought.as_slice(), said.as_slice()].concat() });
        let due = silent.alerts(terms);
        let was_true = |place: &usize| match &self.facts[*place] {
            Fact::Alerted { level, due: then, .. } => {
                due.iter().any(|alert| alert.level == *level && alert.due == *then)
            }
            _ => false,
        };
        let facts = brought.into_iter().chain(said.into_iter().filter(|place| !was_true(place))).collect();
        self.facts.push(Fact::Undone { at, facts });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Metric, OnChange, OnReopen, State, Target};
    use std::sync::Arc;

    const HOUR: i64 = 3_600_000;

    fn terms(hours: i64) -> Terms {
        let mut draft = crate::calendar::Draft::new("UTC");
        (0..7).for_each(|weekday| draft.weekly(weekday, "00:00", "24:00"));
        Terms {
            target: Target::ServiceTime(hours * HOUR),
            calendar: Arc::new(draft.finish().expect("a calendar")),
            pause_reasons: ["requester".to_owned()].into(),
            on_change: OnChange::Retroactive,
            on_reopen: OnReopen::Resume,
            warn_at: vec![50],
        }
    }

    fn undoing(since: i64, facts: &[usize]) -> Undoing {
        Undoing { since, facts: facts.to_vec() }
    }

    fn begun() -> Clock {
        let mut clock = Clock::new(Metric::Resolution);
        clock.start(0).expect("it starts");
        clock
    }

    #[test]
    fn a_clock_reads_as_if_the_change_had_never_been() {
        let (four, one) = (terms(4), terms(1));
        let untouched = begun();
        let mut clock = begun();
        clock.retarget(&four, &one, 2 * HOUR).expect("other terms");
        assert_eq!(clock.read(&one, 2 * HOUR + 1).state, State::BreachedOpen);
        assert!(clock.take_back(&four, 2 * HOUR + 60_000, &undoing(2 * HOUR, &[1])));
        for at in [3 * HOUR, 4 * HOUR, 5 * HOUR] {
            assert_eq!(clock.read(&four, at), untouched.read(&four, at));
        }
        assert!(clock.facts().len() >= 3, "what happened is still told");
    }

    #[test]
    fn a_stop_and_a_pause_never_were() {
        let four = terms(4);
        let mut clock = begun();
        clock.pause(&four, HOUR, "requester", None).expect("a pause");
        assert!(clock.take_back(&four, HOUR + 60_000, &undoing(HOUR, &[1])));
        clock.stop(&four, 2 * HOUR).expect("a stop");
        assert!(clock.take_back(&four, 2 * HOUR + 60_000, &undoing(2 * HOUR, &[3])));
        assert_eq!(clock.read(&four, 3 * HOUR), begun().read(&four, 3 * HOUR));
        clock.stop(&four, 3 * HOUR).expect("it runs on, so it can be stopped");
        assert_eq!(clock.read(&four, 5 * HOUR).elapsed, 3 * HOUR);
    }

    #[test]
    fn what_others_did_since_stays() {
        let (four, one) = (terms(4), terms(1));
        let mut clock = begun();
        clock.retarget(&four, &one, HOUR / 2).expect("other terms");
        clock.pause(&one, HOUR / 2 + 1, "requester", Some(7)).expect("a pause");
        assert!(clock.take_back(&four, HOUR, &undoing(HOUR / 2, &[1])));
        assert_eq!(clock.read(&four, 3 * HOUR).state, State::Paused);
    }

    #[test]
    fn an_alert_is_said_again_only_where_it_was_untrue() {
        let (four, one) = (terms(4), terms(1));
        let mut clock = begun();
        clock.retarget(&four, &one, HOUR).expect("other terms");
        assert!(!clock.fire(&one, HOUR + 1).is_empty(), "the breach is told");
        assert!(clock.take_back(&four, HOUR + 2, &undoing(HOUR, &[1])));
        assert_eq!(clock.pending_alerts(&four, 2 * HOUR).len(), 1, "half of the true target");
        assert_eq!(clock.pending_alerts(&four, 4 * HOUR + 1).len(), 2);
        let mut paused = begun();
        paused.resume(0, "", None).expect_err("it runs");
        assert!(!paused.take_back(&four, 1, &undoing(5, &[])), "there was nothing to take back");
    }
}
