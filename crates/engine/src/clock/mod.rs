//! Service-level clocks: facts in, readings out.
//!
//! A [`Clock`] keeps what happened to it and nothing else; what it shows follows from its facts,
//! the [`Terms`] in force and an instant. The rules are those of ITIL SD 4.3 as the clock rules of
//! service level management put them: time counts in the calendar of the agreement, a pause in
//! calendar time, a change of terms from the original start, a breach once and at its exact
//! instant.
//!
//! The running result is the raw one: due dates, alerts and states do not look at exclusions. What
//! they change stands beside it in [`Reading::adjusted`].

mod alerts;
mod count;
mod fact;
mod reading;
mod refusal;
mod supposed;
mod terms;
mod timeline;
mod undo;

pub use alerts::{Alert, Level};
pub use fact::{Agreed, Fact};
pub use reading::{Adjusted, Reading, State};
pub use refusal::ClockRefusal;
pub use terms::{OnChange, OnReopen, Target, Terms};
pub use timeline::{Doing, Segment};
pub use undo::Undoing;

use serde::{Deserialize, Serialize};
use timeline::Timeline;

/// What a clock measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Until the assigned team first acts; never pauses.
    Response,
    /// Until the work is done.
    Resolution,
}

impl Metric {
    /// Its name in the store, in the API and in conditions.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Response => "response",
            Self::Resolution => "resolution",
        }
    }
}

/// A service-level clock of one record. Its stored form is its facts.
///
/// The instant of a command is never before the last fact: after the system clock was put back
/// the last fact's own is taken, so that time is not counted twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    metric: Metric,
    facts: Vec<Fact>,
}

impl Clock {
    /// A clock that has not started.
    #[must_use]
    pub fn new(metric: Metric) -> Self {
        Self { metric, facts: Vec::new() }
    }

    #[must_use]
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// What happened to it, in order.
    #[must_use]
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// Its life in stretches, earlier runs included: who paused it, for what, and what ended it (SLM-06).
    #[must_use]
    pub fn segments(&self) -> Vec<Segment> {
        self.timeline().segments
    }

    /// Starts it.
    ///
    /// # Errors
    /// When it has started before or is cancelled.
    pub fn start(&mut self, at: i64) -> Result<(), ClockRefusal> {
        let timeline = self.timeline();
        if timeline.cancelled {
            return Err(ClockRefusal::Cancelled);
        }
        if timeline.begun.is_some() {
            return Err(ClockRefusal::Started);
        }
        self.facts.push(Fact::Started { at });
        Ok(())
    }

    /// Pauses it for one of the reasons in its terms; `by` is none for the engine.
    ///
    /// # Errors
    /// When it does not run, measures response, or the reason is missing or not agreed.
    pub fn pause(&mut self, terms: &Terms, at: i64, reason: &str, by: Option<i64>) -> Result<(), ClockRefusal> {
        if self.metric == Metric::Response {
            return Err(ClockRefusal::ResponseNeverPauses);
        }
        if reason.trim().is_empty() {
            return Err(ClockRefusal::ReasonMissing);
        }
        if !terms.pause_reasons.contains(reason) {
            return Err(ClockRefusal::ReasonNotAgreed(reason.to_owned()));
        }
        self.require(&[Doing::Running], ClockRefusal::NotRunning)?;
        let at = self.settle(terms, at);
        self.facts.push(Fact::Paused { at, reason: reason.to_owned(), by });
        Ok(())
    }

    /// Lets it go on after a pause: on a reply, or because somebody said so.
    ///
    /// # Errors
    /// When it is not paused.
    pub fn resume(&mut self, at: i64, cause: &str, by: Option<i64>) -> Result<(), ClockRefusal> {
        self.require(&[Doing::Paused], ClockRefusal::NotPaused)?;
        let at = self.not_before(at);
        self.facts.push(Fact::Resumed { at, cause: cause.to_owned(), by });
        Ok(())
    }

    /// Stops it, met or breached.
    ///
    /// # Errors
    /// When it is neither running nor paused.
    pub fn stop(&mut self, terms: &Terms, at: i64) -> Result<(), ClockRefusal> {
        self.require(&[Doing::Running, Doing::Paused], ClockRefusal::NotLive)?;
        let at = self.settle(terms, at);
        self.facts.push(Fact::Stopped { at });
        Ok(())
    }

    /// Opens it again by the policy of its terms (SLM-08).
    ///
    /// # Errors
    /// When it is not stopped.
    pub fn reopen(&mut self, terms: &Terms, at: i64) -> Result<(), ClockRefusal> {
        self.require(&[Doing::Stopped], ClockRefusal::NotStopped)?;
        let at = self.not_before(at);
        let reached = self.reached(terms, at);
        self.facts.push(Fact::Reopened { at, policy: terms.on_reopen });
        self.quiet(terms, at, &reached);
        Ok(())
    }

    /// Puts other terms in force because priority or service changed, by the policy of the new
    /// ones (SLM-07). A breach of the old terms stands; a target that now lies in the past is
    /// missed at its own instant, while its warnings stay silent (G-13).
    ///
    /// # Errors
    /// When it is neither running nor paused.
    pub fn retarget(&mut self, was: &Terms, terms: &Terms, at: i64) -> Result<(), ClockRefusal> {
        self.require(&[Doing::Running, Doing::Paused], ClockRefusal::NotLive)?;
        let at = self.settle(was, at);
        let reached = self.reached(was, at);
        self.facts.push(Fact::Retargeted { at, policy: terms.on_change, was: None });
        self.quiet(terms, at, &reached);
        Ok(())
    }

    /// Takes it out of counting: the record never was what it claimed to be, or nothing is owed.
    ///
    /// # Errors
    /// When it is cancelled already.
    pub fn cancel(&mut self, at: i64) -> Result<(), ClockRefusal> {
        if self.timeline().cancelled {
            return Err(ClockRefusal::Cancelled);
        }
        let at = self.not_before(at);
        self.facts.push(Fact::Cancelled { at });
        Ok(())
    }

    /// Leaves a stretch out of the adjusted result: agreed maintenance, force majeure, the
    /// customer's own doing. The raw result stays (SLM-20).
    ///
    /// # Errors
    /// When the stretch is empty or the reason missing.
    pub fn exclude(&mut self, at: i64, from: i64, to: i64, reason: &str, approver: i64) -> Result<(), ClockRefusal> {
        if from >= to {
            return Err(ClockRefusal::EmptyStretch);
        }
        if reason.trim().is_empty() {
            return Err(ClockRefusal::ReasonMissing);
        }
        self.facts.push(Fact::Excluded { at, from, to, reason: reason.to_owned(), approver });
        Ok(())
    }

    /// Corrects when a stopped clock really stopped. A breach at or after that instant is taken
    /// back; nothing else takes one back.
    ///
    /// # Errors
    /// When it is not stopped, the reason is missing, or the instant lies before the run or after `at`.
    pub fn correct(
        &mut self,
        terms: &Terms,
        at: i64,
        stopped: i64,
        reason: &str,
        approver: i64,
    ) -> Result<(), ClockRefusal> {
        self.require(&[Doing::Stopped], ClockRefusal::NotStopped)?;
        if reason.trim().is_empty() {
            return Err(ClockRefusal::ReasonMissing);
        }
        let begun = self.timeline().begun.unwrap_or_default();
        if stopped < begun || stopped > at {
            return Err(ClockRefusal::OutsideRun);
        }
        self.facts.push(Fact::Corrected { at, stopped, reason: reason.to_owned(), approver });
        self.settle(terms, at);
        Ok(())
    }

    fn timeline(&self) -> Timeline {
        Timeline::of(&self.facts)
    }

    /// The instant itself, or the last fact's when that is later.
    fn not_before(&self, at: i64) -> i64 {
        self.facts.iter().filter_map(Fact::at).fold(at, i64::max)
    }

    fn require(&self, doing: &[Doing], refusal: ClockRefusal) -> Result<(), ClockRefusal> {
        match self.timeline().doing() {
            Some(now) if doing.contains(&now) => Ok(()),
            _ => Err(refusal),
        }
    }

    /// Writes down a breach that came before `at`, so that nothing later can undo it. Returns the
    /// instant, not before the last fact.
    fn settle(&mut self, terms: &Terms, at: i64) -> i64 {
        let at = self.not_before(at);
        let timeline = self.timeline();
        if timeline.breach.is_none()
            && timeline.doing().is_some()
            && let Some(due) = timeline.breached_at(&timeline.count(terms, timeline.running()), at)
        {
            self.facts.push(Fact::Breached { due, noticed: at });
        }
        at
    }

    /// The warnings reached before `at` under terms about to be replaced.
    fn reached(&self, terms: &Terms, at: i64) -> Vec<Alert> {
        let run = self.timeline().run;
        let warnings = self.warnings(terms).into_iter().filter(|(_, due)| *due <= at);
        warnings.map(|(percent, due)| Alert { run, level: Level::Warning(percent), due }).collect()
    }
}
