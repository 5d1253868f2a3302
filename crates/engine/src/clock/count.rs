//! Service time used up over stretches of running, and when an amount of it is.

use super::{Target, Terms};

/// The stretches in which a clock ran, in their order, under the terms that count them. A stretch
/// that still lasts has no end.
pub(super) struct Count<'a> {
    pub terms: &'a Terms,
    /// Where the run begins; stretches may begin later.
    pub begun: i64,
    pub stretches: Vec<(i64, Option<i64>)>,
}

impl Count<'_> {
    /// Milliseconds of service time that the target amounts to.
    pub fn amount(&self) -> Option<i64> {
        match self.terms.target {
            Target::ServiceTime(amount) => Some(amount),
            Target::WorkingDays(days) => {
                let calendar = &self.terms.calendar;
                Some(calendar.open_between(self.begun, calendar.add_working_days(self.begun, days)?))
            }
        }
    }

    /// Milliseconds of service time used until `now`.
    pub fn used(&self, now: i64) -> i64 {
        let calendar = &self.terms.calendar;
        self.stretches.iter().map(|&(from, to)| calendar.open_between(from, to.unwrap_or(now).min(now))).sum()
    }

    /// When the target is used up; none when a stop or pause came first.
    ///
    /// A stretch that ends in the very instant has not used it up: work finished at 17:00:00 is in
    /// time when 17:00 is due.
    pub fn due(&self) -> Option<i64> {
        match self.terms.target {
            Target::ServiceTime(amount) => self.reaches(amount),
            Target::WorkingDays(days) => self.due_on_working_day(days),
        }
    }

    /// When so much service time is used up; none when a stop or pause came first.
    pub fn reaches(&self, amount: i64) -> Option<i64> {
        let calendar = &self.terms.calendar;
        let mut left = amount;
        for &(from, to) in &self.stretches {
            let used = to.map_or(i64::MAX, |to| calendar.open_between(from, to));
            if used >= left {
                let reached = calendar.add(from, left)?;
                if to.is_none_or(|to| reached < to) {
                    return Some(reached);
                }
            }
            left -= used;
        }
        None
    }

    /// The n-th working day, moved on by the service time in which the clock did not run.
    fn due_on_working_day(&self, days: u32) -> Option<i64> {
        let calendar = &self.terms.calendar;
        let day = calendar.add_working_days(self.begun, days)?;
        let mut used = 0;
        for &(from, to) in &self.stretches {
            let waited = calendar.open_between(self.begun, from) - used;
            let due = calendar.add(day, waited)?.max(from);
            match to {
                Some(to) if to <= due => used += calendar.open_between(from, to),
                _ => return Some(due),
            }
        }
        None
    }
}
