//! The facts folded into stretches of running, paused and stopped time.

use super::{Fact, OnChange, OnReopen};

/// What a clock was doing during a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    Running,
    Paused,
    Stopped,
}

/// A stretch of a clock's life, for the timeline of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    pub doing: Doing,
    pub from: i64,
    /// None while it lasts.
    pub to: Option<i64>,
    /// What a pause waits for.
    pub reason: Option<String>,
    /// Who paused it, when a person did.
    pub by: Option<i64>,
    /// What ended a pause.
    pub ended: Option<String>,
    /// Who ended a pause, when a person did.
    pub ended_by: Option<i64>,
    /// Restarts before it: only the segments of the last run count.
    pub run: u32,
}

/// A breach that stands in the facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Recorded {
    pub due: i64,
    /// Recorded under terms or in a run that have since been replaced.
    pub settled: bool,
}

/// Everything that follows from the facts without knowing the terms.
#[derive(Clone, Debug, Default)]
pub(super) struct Timeline {
    pub segments: Vec<Segment>,
    pub run: u32,
    /// Where the present run begins.
    pub begun: Option<i64>,
    pub cancelled: bool,
    /// Reopened after it had been stopped, and not stopped again.
    pub reopened: bool,
    pub breach: Option<Recorded>,
    pub excluded: Vec<(i64, i64)>,
}

impl Timeline {
    pub fn of(facts: &[Fact]) -> Self {
        let mut timeline = Self::default();
        for (_, fact) in Fact::standing(facts) {
            timeline.take(fact);
        }
        timeline.excluded.sort_unstable();
        timeline
    }

    /// What the clock does now; none when it never started or was cancelled.
    pub fn doing(&self) -> Option<Doing> {
        self.segments.last().filter(|_| !self.cancelled).map(|segment| segment.doing)
    }

    /// The segments of the present run.
    pub fn counted(&self) -> impl DoubleEndedIterator<Item = &Segment> {
        self.segments.iter().filter(|segment| segment.run == self.run)
    }

    /// The stretches of the present run in which it ran.
    pub fn running(&self) -> Vec<(i64, Option<i64>)> {
        let running = self.counted().filter(|segment| segment.doing == Doing::Running);
        running.map(|segment| (segment.from, segment.to)).collect()
    }

    /// The same without what was excluded.
    pub fn running_adjusted(&self) -> Vec<(i64, Option<i64>)> {
        self.running().into_iter().flat_map(|stretch| without(stretch, &self.excluded)).collect()
    }

    fn take(&mut self, fact: &Fact) {
        match fact {
            Fact::Started { at } => {
                self.begun = Some(*at);
                self.open(Doing::Running, *at);
            }
            Fact::Paused { at, reason, by } => self.pause(*at, reason, *by),
            Fact::Resumed { at, cause, by } => self.resume(*at, cause, *by),
            Fact::Stopped { at } => {
                self.reopened = false;
                self.open(Doing::Stopped, *at);
            }
            Fact::Reopened { at, policy } => self.reopen(*at, *policy),
            Fact::Retargeted { at, policy, .. } => self.retarget(*at, *policy),
            Fact::Cancelled { at } => {
                self.close(*at);
                self.cancelled = true;
            }
            Fact::Breached { due, .. } => self.breach = Some(Recorded { due: *due, settled: false }),
            Fact::Excluded { from, to, .. } => self.excluded.push((*from, *to)),
            Fact::Corrected { stopped, .. } => self.correct(*stopped),
            Fact::Alerted { .. } | Fact::Quieted { .. } | Fact::Undone { .. } => {}
        }
    }

    fn close(&mut self, at: i64) {
        if let Some(last) = self.segments.last_mut() {
            last.to.get_or_insert(at);
        }
    }

    fn open(&mut self, doing: Doing, at: i64) {
        self.close(at);
        let run = self.run;
        self.segments.push(Segment {
            doing,
            from: at,
            to: None,
            reason: None,
            by: None,
            ended: None,
            ended_by: None,
            run,
        });
    }

    fn pause(&mut self, at: i64, reason: &str, by: Option<i64>) {
        self.open(Doing::Paused, at);
        if let Some(pause) = self.segments.last_mut() {
            pause.reason = Some(reason.to_owned());
            pause.by = by;
        }
    }

    fn resume(&mut self, at: i64, cause: &str, by: Option<i64>) {
        if let Some(pause) = self.segments.last_mut() {
            pause.ended = Some(cause.to_owned());
            pause.ended_by = by;
        }
        self.open(Doing::Running, at);
    }

    fn reopen(&mut self, at: i64, policy: OnReopen) {
        self.reopened = true;
        match policy {
            OnReopen::Resume => {}
            OnReopen::Restart => self.restart(at),
            OnReopen::CountThrough => {
                if let Some(stop) = self.segments.last_mut() {
                    stop.doing = Doing::Running;
                }
            }
        }
        self.open(Doing::Running, at);
    }

    fn retarget(&mut self, at: i64, policy: OnChange) {
        if let Some(breach) = &mut self.breach {
            breach.settled = true;
        }
        if let (OnChange::Restart, Some(last)) = (policy, self.segments.last().cloned()) {
            self.restart(at);
            self.close(at);
            self.segments.push(Segment { from: at, to: None, run: self.run, ..last });
        }
    }

    fn restart(&mut self, at: i64) {
        self.run += 1;
        self.begun = Some(at);
        if let Some(breach) = &mut self.breach {
            breach.settled = true;
        }
    }

    /// Moves the last stop: what came after it never was, the stretch it falls into ends there.
    fn correct(&mut self, stopped: i64) {
        let run = self.run;
        self.segments.pop();
        self.segments.retain(|segment| segment.run < run || segment.from < stopped);
        self.breach = self.breach.filter(|breach| breach.due < stopped);
        match self.segments.last_mut().filter(|last| last.run == run) {
            Some(last) if last.doing == Doing::Stopped => last.to = None,
            Some(last) => {
                last.to = Some(stopped);
                self.open(Doing::Stopped, stopped);
            }
            None => self.open(Doing::Stopped, stopped),
        }
    }
}

/// What remains of a stretch without the excluded ones, which are in the order of their starts.
fn without((from, to): (i64, Option<i64>), excluded: &[(i64, i64)]) -> Vec<(i64, Option<i64>)> {
    let mut left = Vec::new();
    let mut at = from;
    for &(begin, end) in excluded {
        if to.is_some_and(|to| begin >= to) {
            break;
        }
        if begin > at {
            left.push((at, Some(begin)));
        }
        at = at.max(end);
    }
    if to.is_none_or(|to| at < to) {
        left.push((at, to));
    }
    left
}
