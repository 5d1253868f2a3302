//! A clock as a bookkeeper would keep it: for each minute whether it ran or paused, nothing else.

use crate::clock::Act;
use crate::minutes::Minutes;
use crate::{DAY, MINUTE};
use mainstay_engine::clock::{OnChange, OnReopen, State};

#[derive(Clone, Copy, Debug)]
pub enum Unit {
    Minutes(i64),
    WorkingDays(u32),
}

/// What a clock may be measured against, on one of the window's calendars.
#[derive(Clone, Copy, Debug)]
pub struct Agreement {
    pub unit: Unit,
    pub calendar: usize,
    pub on_change: OnChange,
    pub on_reopen: OnReopen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Off,
    Ran,
    Paused,
}

/// The ledger of one clock. Marks after the present say what happens if nothing else does.
pub struct Ledger<'a> {
    minutes: &'a [Minutes],
    agreements: &'a [Agreement],
    pub agreement: usize,
    marks: Vec<Mark>,
    begun: i64,
    stopped: Option<i64>,
    breach: Option<i64>,
}

impl<'a> Ledger<'a> {
    pub fn new(minutes: &'a [Minutes], agreements: &'a [Agreement], at: i64) -> Self {
        let marks = vec![Mark::Off; minutes[0].cells.len()];
        let mut ledger = Self { minutes, agreements, agreement: 0, marks, begun: at, stopped: None, breach: None };
        ledger.mark(at, Mark::Ran);
        ledger
    }

    /// Does it if it is possible; says whether it was.
    pub fn act(&mut self, act: Act, at: i64) -> bool {
        let doing = self.doing();
        let possible = match act {
            Act::Pause => doing == Mark::Ran,
            Act::Resume => doing == Mark::Paused,
            Act::Stop | Act::Retarget(_) => doing != Mark::Off,
            Act::Reopen => doing == Mark::Off,
            Act::Fire | Act::Look => false,
        };
        if !possible {
            return false;
        }
        match act {
            Act::Pause => self.mark(at, Mark::Paused),
            Act::Resume => self.mark(at, Mark::Ran),
            Act::Stop => {
                self.mark(at, Mark::Off);
                self.stopped = Some(at);
                self.breach = self.breached_at(at);
            }
            Act::Retarget(to) => self.retarget(at, to),
            Act::Reopen => self.reopen(at),
            Act::Fire | Act::Look => {}
        }
        true
    }

    fn retarget(&mut self, at: i64, to: usize) {
        // What happens next is not known: only the marks before the change may breach.
        let doing = self.doing();
        self.breach = self.breached_at(at);
        self.agreement = to;
        if self.agreements[to].on_change == OnChange::Restart {
            self.marks.fill(Mark::Off);
            self.begun = at;
            self.mark(at, doing);
        }
    }

    fn reopen(&mut self, at: i64) {
        match self.agreements[self.agreement].on_reopen {
            OnReopen::Resume => {}
            OnReopen::Restart => {
                self.marks.fill(Mark::Off);
                self.begun = at;
            }
            OnReopen::CountThrough => self.mark(self.stopped.expect("a stop"), Mark::Ran),
        }
        self.stopped = None;
        self.mark(at, Mark::Ran);
    }

    fn mark(&mut self, at: i64, mark: Mark) {
        let first = self.index(at);
        self.marks[first..].fill(mark);
    }

    fn index(&self, at: i64) -> usize {
        let minutes = &self.minutes[0];
        usize::try_from((at - minutes.cells[0].at) / minutes.step).expect("inside the window")
    }

    fn doing(&self) -> Mark {
        *self.marks.last().expect("a window")
    }

    fn calendar(&self) -> &Minutes {
        &self.minutes[self.agreements[self.agreement].calendar]
    }

    fn marked(&self, mark: Mark, until: i64) -> i64 {
        let cells = self.calendar().cells.iter().zip(&self.marks);
        let counted = cells.filter(|(cell, is)| cell.open && **is == mark && cell.at < until).count();
        i64::try_from(counted).expect("a count") * self.calendar().step
    }

    pub fn elapsed(&self, until: i64) -> i64 {
        self.marked(Mark::Ran, until)
    }

    pub fn paused(&self, until: i64) -> i64 {
        self.marked(Mark::Paused, until)
    }

    pub fn breached_at(&self, now: i64) -> Option<i64> {
        self.breach.or_else(|| self.used_up().filter(|due| *due < now))
    }

    pub fn state(&self, breach: Option<i64>) -> State {
        match (self.doing(), breach.is_some()) {
            (Mark::Off, false) => State::Met,
            (Mark::Off, true) => State::BreachedClosed,
            (_, true) => State::BreachedOpen,
            (Mark::Ran, false) => State::Running,
            (Mark::Paused, false) => State::Paused,
        }
    }

    /// Up to where due dates can be told from this window: a working day may open after what is due on it.
    pub fn horizon(&self) -> i64 {
        self.minutes[0].end() - 2 * DAY
    }

    pub fn is_live(&self) -> bool {
        self.doing() != Mark::Off
    }

    /// When the target is used up if nothing else happens, as far as the window tells.
    pub fn due(&self) -> Option<i64> {
        self.used_up().filter(|due| *due < self.horizon())
    }

    fn used_up(&self) -> Option<i64> {
        match self.agreements[self.agreement].unit {
            Unit::Minutes(minutes) => self.ticks_down(minutes * MINUTE),
            Unit::WorkingDays(days) => self.waits_until(self.calendar().add_working_days(self.begun, days)?),
        }
    }

    /// When so many per cent of an amount in minutes are used up; only inside the window.
    pub fn reaches(&self, percent: u32) -> Option<i64> {
        match self.agreements[self.agreement].unit {
            Unit::Minutes(minutes) => self.ticks_down(minutes * MINUTE / 100 * i64::from(percent)),
            Unit::WorkingDays(_) => None,
        }
    }

    /// Ticks an amount down; over in the first minute that still runs when nothing is left, or
    /// within one.
    fn ticks_down(&self, amount: i64) -> Option<i64> {
        let mut left = amount;
        for (cell, _) in self.calendar().cells.iter().zip(&self.marks).filter(|(_, mark)| **mark == Mark::Ran) {
            if left == 0 {
                return Some(cell.at);
            }
            if cell.open && left < self.calendar().step {
                return Some(cell.at + left);
            }
            left -= if cell.open { self.calendar().step } else { 0 };
        }
        None
    }

    /// The first running instant not before a day that waiting in service time moves on.
    fn waits_until(&self, day: i64) -> Option<i64> {
        let calendar = self.calendar();
        let (mut waited, mut due) = (0, None);
        for (cell, mark) in calendar.cells.iter().zip(&self.marks).filter(|(cell, _)| cell.at >= self.begun) {
            if *mark != Mark::Ran {
                waited += if cell.open { calendar.step } else { 0 };
                due = None;
                continue;
            }
            let due = match due {
                Some(due) => due,
                None => *due.insert(calendar.add(day, waited)?),
            };
            if due < cell.at + calendar.step {
                return Some(due.max(cell.at));
            }
        }
        None
    }
}
