//! Facts of the periods that were asked for lately, kept in memory by each node, so that asking again reads no record.
//!
//! What is read of a period is read once for everybody, with the rights of the engine; each answer asks who may see
//! what. Before it answers, the node reads which records the log has touched since and reads those anew. So an answer
//! knows all that was committed before it was asked for, and is the one that the records give.
//!
//! Two answers at a time may see two states of the database. What the older one reads is put in only where nobody who
//! saw more has been there before: it then answers from the records.

mod facts;
mod read;

use facts::Facts;
pub use facts::Spent;
pub use read::Of;

use super::period::Period;
use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::Result;
use mainstay_engine::process::Process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes of all together, roughly; what was not asked for longest goes first.
pub const MOST_BYTES: usize = 48 * 1024 * 1024;
/// Periods at the most: each has to be kept up.
const MOST: usize = 24;
/// What nobody asks for so long goes, in milliseconds: an hour.
const IDLE_MS: i64 = 3_600_000;

/// One period of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    process: &'static str,
    from: i64,
    to: i64,
}

struct Slot {
    key: Key,
    /// When it was last asked for, in epoch milliseconds UTC.
    asked: i64,
    facts: Arc<Mutex<Facts>>,
}

/// Every period that is kept, that asked for last at the end. Shared by everybody who asks.
#[derive(Clone, Default)]
pub(crate) struct Periods {
    all: Arc<Mutex<Vec<Slot>>>,
}

impl Periods {
    fn slots(&self) -> MutexGuard<'_, Vec<Slot>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The facts of a period up to now, for a session that sees every event up to `settled`.
    ///
    /// # Errors
    /// The database's.
    pub fn current(
        &self,
        session: &mut Session<'_>,
        process: &'static Process,
        period: &Period,
        settled: i64,
    ) -> Result<Current> {
        let key = Key { process: process.key, from: period.from, to: period.to };
        let (now, mut slots) = (session.now, self.slots());
        let known = slots.iter().position(|slot| slot.key == key).map(|at| slots.remove(at).facts);
        let facts = known.unwrap_or_else(|| Arc::new(Mutex::new(Facts::new(process, period.clone(), settled))));
        slots.push(Slot { key, asked: now, facts: Arc::clone(&facts) });
        drop(slots);
        let current = Current { facts, settled };
        if let Some(mut facts) = current.facts() {
            facts.follow(session, settled)?;
        }
        Ok(current)
    }

    /// Brings all that is kept up to an event that is seen, and lets go what nobody has asked for lately.
    ///
    /// # Errors
    /// The database's.
    pub fn keep_up(&self, session: &mut Session<'_>, settled: i64) -> Result<()> {
        self.slots().retain(|slot| session.now < slot.asked.saturating_add(IDLE_MS));
        let all: Vec<Arc<Mutex<Facts>>> = self.slots().iter().map(|slot| Arc::clone(&slot.facts)).collect();
        for facts in all {
            if let Some(mut facts) = (Current { facts, settled }).facts() {
                facts.follow(session, settled)?;
            }
        }
        Ok(())
    }

    /// Lets go what is too much: what was asked for last stays, and what fits beside it.
    pub fn bound(&self) {
        let (mut slots, mut many, mut bytes) = (self.slots(), 0, 0);
        slots.reverse();
        slots.retain(|slot| {
            // What somebody reads just now is counted when they are done.
            let size = slot.facts.try_lock().map_or(0, |facts| facts.bytes());
            let fits = many < MOST && bytes + size <= MOST_BYTES;
            (many, bytes) = if fits { (many + 1, bytes + size) } else { (many, bytes) };
            fits
        });
        slots.reverse();
    }

    /// How many are kept.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.slots().len()
    }
}

/// The facts of a period, for one answer.
pub struct Current {
    facts: Arc<Mutex<Facts>>,
    settled: i64,
}

impl Current {
    /// What is kept; none when somebody who saw more was there before.
    pub fn facts(&self) -> Option<MutexGuard<'_, Facts>> {
        let facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
        facts.admits(self.settled).then_some(facts)
    }
}

/// With whose rights it is read.
fn engine() -> Caller {
    Caller::engine(Channel::Engine)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    fn kept(periods: &Periods, from: i64, followed: i64, records: usize) -> Arc<Mutex<Facts>> {
        let process = mainstay_processes::ALL[0];
        let period = Period { from, to: from + 1, zone: TimeZone::UTC };
        let facts = Facts::new(process, period, followed).with_opened(records);
        let facts = Arc::new(Mutex::new(facts));
        let key = Key { process: process.key, from, to: from + 1 };
        periods.slots().push(Slot { key, asked: from, facts: Arc::clone(&facts) });
        facts
    }

    #[test]
    fn what_was_not_asked_for_longest_goes_when_it_is_too_much() {
        let periods = Periods::default();
        let known = |from: i64| periods.slots().iter().any(|slot| slot.key.from == from);
        let half = MOST_BYTES / 2 / size_of::<(i64, i64)>();
        for from in 0..30 {
            kept(&periods, from, 0, 10);
        }
        periods.bound();
        assert!(periods.len() == MOST && !known(5) && known(6), "too many");
        kept(&periods, 40, 0, half);
        kept(&periods, 41, 0, half - 1_000);
        periods.bound();
        assert!(known(40) && known(41) && known(29), "both fit, and small ones beside");
        kept(&periods, 42, 0, half);
        periods.bound();
        assert!(known(42) && known(41) && !known(40) && known(29), "three do not");
        kept(&periods, 43, 0, 3 * half);
        periods.bound();
        assert!(!known(43) && known(42), "one alone is too much");
    }

    #[test]
    fn whoever_saw_less_puts_nothing_in() {
        let facts = kept(&Periods::default(), 0, 20, 1);
        let current = |settled| Current { facts: Arc::clone(&facts), settled };
        assert!(current(19).facts().is_none());
        assert!(current(20).facts().is_some());
        assert!(current(21).facts().is_some());
    }
}
