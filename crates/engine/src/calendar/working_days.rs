//! Counting in working days: the same local time on the n-th of them (V12).

use super::{Calendar, DAY, HORIZON, zone};

/// A start as working days count it: moved to the next opening when it lies outside hours.
struct Start {
    at: i64,
    /// Its date, in days since 1970-01-01.
    day: i64,
    /// Its time on the wall, in milliseconds since midnight.
    time: i64,
}

impl Calendar {
    /// The same local time as `start`, `days` working days later. A working day is a date with
    /// any service time. A start outside hours counts as the next opening: two working days from
    /// Friday 18:00 are over when Wednesday opens. The hours of the last day are not looked at. A
    /// local time that the zone skips gives the instant of the switch, one that it repeats the
    /// first. None when twenty years do not hold that many.
    #[must_use]
    pub fn add_working_days(&self, start: i64, days: u32) -> Option<i64> {
        let start = self.start(start)?;
        if days == 0 {
            return Some(start.at);
        }
        let mut left = days;
        let mut last = None;
        self.working_days_after(&start, start.at.saturating_add(HORIZON), |day| {
            left -= 1;
            last = Some(day);
            left > 0
        });
        last.filter(|_| left == 0).map(|day| self.instant(day, start.time))
    }

    /// Whole working days that have passed: the largest number whose
    /// [`add_working_days`](Self::add_working_days) from `from` is not after `to`.
    #[must_use]
    pub fn working_days_between(&self, from: i64, to: i64) -> u32 {
        let Some(start) = self.start(from).filter(|start| start.at < to) else { return 0 };
        let mut passed = 0;
        // An opening later on the last day does not make its local time reached, nor does a last
        // opening before it make it missed.
        self.working_days_after(&start, to.saturating_add(2 * DAY), |day| {
            let reached = self.instant(day, start.time) <= to;
            passed += u32::from(reached);
            reached
        });
        passed
    }

    fn start(&self, at: i64) -> Option<Start> {
        let opening = self.first_opening(at)?;
        let wall = zone::wall(&self.zone, opening.from);
        Some(Start { at: opening.from, day: opening.day, time: wall - opening.day * DAY })
    }

    fn instant(&self, day: i64, time: i64) -> i64 {
        zone::first_instant(&self.zone, day * DAY + time)
    }

    /// Visits the working days after the start's own, up to an instant, until `visit` says false.
    fn working_days_after(&self, start: &Start, until: i64, mut visit: impl FnMut(i64) -> bool) {
        let mut latest = start.day;
        self.walk(start.at, until, |opening| {
            if opening.day <= latest {
                return true;
            }
            latest = opening.day;
            visit(latest)
        });
    }
}
