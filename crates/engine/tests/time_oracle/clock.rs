//! Whole lives of clocks against a ledger that ticks through the minutes.

use crate::hours::{hours, utc_day};
use crate::ledger::{Agreement, Ledger, Unit};
use crate::minutes::{LENGTH, Minutes};
use crate::{MINUTE, owed, runner, window_start, zones};
use jiff::tz::TimeZone;
use mainstay_engine::clock::{Clock, Level, Metric, OnChange, OnReopen, Target, Terms};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use std::collections::BTreeSet;
use std::sync::Arc;

const PERCENTS: [u32; 3] = [50, 75, 90];
const LIVES: usize = 14;

#[derive(Clone, Copy, Debug)]
pub enum Act {
    Pause,
    Resume,
    Stop,
    Reopen,
    /// To the agreement of this number.
    Retarget(usize),
    Fire,
    Look,
}

/// Minutes before the clock starts, and what happens so many minutes apart.
type Life = (i64, Vec<(i64, Act)>);

fn life() -> impl Strategy<Value = Life> {
    let act = prop_oneof![
        4 => Just(Act::Pause), 4 => Just(Act::Resume), 2 => Just(Act::Stop), 2 => Just(Act::Reopen),
        2 => (0..4_usize).prop_map(Act::Retarget), 2 => Just(Act::Fire), 3 => Just(Act::Look),
    ];
    let apart = prop_oneof![1 => Just(0_i64), 4 => 0_i64..240, 4 => 0_i64..1500];
    (0_i64..3 * 1440, prop::collection::vec((apart, act), 1..14))
}

/// An agreement on one of two calendars. Amounts are multiples of twenty minutes, so that each
/// warning falls on a minute too.
fn agreement() -> impl Strategy<Value = Agreement> {
    let unit =
        prop_oneof![3 => (1_i64..90).prop_map(|n| Unit::Minutes(n * 20)), 1 => (1_u32..4).prop_map(Unit::WorkingDays)];
    let change = prop_oneof![2 => Just(OnChange::Retroactive), 1 => Just(OnChange::Restart)];
    let reopen = prop_oneof![Just(OnReopen::Resume), Just(OnReopen::Restart), Just(OnReopen::CountThrough)];
    (unit, 0..2_usize, change, reopen).prop_map(|(unit, calendar, on_change, on_reopen)| Agreement {
        unit,
        calendar,
        on_change,
        on_reopen,
    })
}

fn terms(agreement: &Agreement, calendars: &[Arc<mainstay_engine::calendar::Calendar>]) -> Terms {
    Terms {
        target: match agreement.unit {
            Unit::Minutes(minutes) => Target::ServiceTime(minutes * MINUTE),
            Unit::WorkingDays(days) => Target::WorkingDays(days),
        },
        calendar: calendars[agreement.calendar].clone(),
        pause_reasons: ["requester".to_owned()].into(),
        on_change: agreement.on_change,
        on_reopen: agreement.on_reopen,
        warn_at: PERCENTS.to_vec(),
    }
}

#[test]
fn slm_07_clocks_agree_with_every_minute_of_their_lives_in_every_zone() {
    let zones = zones();
    let (mut lives_lived, mut values_compared) = (0, 0);
    for (nth, zone) in zones.iter().enumerate() {
        // A change of service may put a calendar of another zone in force.
        let other = &zones[(nth * 7 + 13) % zones.len()];
        let agreements = prop::array::uniform4(agreement());
        let strategy = (window_start(zone), hours(), hours(), agreements, prop::collection::vec(life(), LIVES));
        let (lived, compared) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
        let result = runner(1).run(&strategy, |(start, here, there, agreements, lives)| {
            let calendars = [(zone, &here), (other, &there)];
            let world = World::new(start, &calendars, &agreements);
            for life in &lives {
                compared.set(compared.get() + world.live(life)?);
                lived.set(lived.get() + 1);
            }
            Ok(())
        });
        result.unwrap_or_else(|error| panic!("{}: {error}", zone.iana_name().unwrap_or_default()));
        lives_lived += lived.get();
        values_compared += compared.get();
    }
    // The hundred thousand cases are the calendar's; a life is one case with a dozen acts in it.
    let lives_owed = u32::try_from(zones.len() * LIVES).expect("a few thousand");
    assert!(lives_lived >= lives_owed.min(owed()), "only {lives_lived} lives");
    assert!(values_compared >= owed(), "only {values_compared} values compared");
}

/// A window with the agreements that clocks in it live under.
struct World<'a> {
    start: i64,
    minutes: Vec<Minutes>,
    agreements: &'a [Agreement; 4],
    terms: Vec<Terms>,
}

impl<'a> World<'a> {
    fn new(start: i64, calendars: &[(&TimeZone, &crate::hours::Hours); 2], agreements: &'a [Agreement; 4]) -> Self {
        let epoch = utc_day(start);
        let step = calendars.iter().map(|(zone, _)| Minutes::step(zone, start)).min().unwrap_or(MINUTE);
        let minutes = calendars.iter().map(|(zone, hours)| Minutes::of(zone, hours, start, epoch, step)).collect();
        let built: Vec<_> = calendars.iter().map(|(zone, hours)| Arc::new(hours.calendar(zone, epoch))).collect();
        let terms = agreements.iter().map(|agreement| terms(agreement, &built)).collect();
        Self { start, minutes, agreements, terms }
    }

    /// Lives one life in the clock and in the ledger; returns how many values were compared.
    fn live(&self, (before, acts): &Life) -> Result<u32, TestCaseError> {
        let mut at = self.start + before * MINUTE;
        let mut clock = Clock::new(Metric::Resolution);
        clock.start(at).expect("a start");
        let mut ledger = Ledger::new(&self.minutes, self.agreements, at);
        let mut sent = BTreeSet::new();
        let (mut compared, mut now) = (0, at);
        for (apart, act) in acts {
            at += apart * MINUTE;
            // Nobody acts where the ledger knows not all that is due.
            if at >= ledger.horizon() {
                break;
            }
            self.act(&mut clock, &mut ledger, at, *act, &mut sent)?;
            if matches!(act, Act::Look) {
                compared += self.compare(&clock, &ledger, at)?;
            }
            now = at;
        }
        Ok(compared + self.compare(&clock, &ledger, now)?)
    }

    fn act(
        &self,
        clock: &mut Clock,
        ledger: &mut Ledger<'_>,
        at: i64,
        act: Act,
        sent: &mut BTreeSet<(u32, Level)>,
    ) -> Result<(), TestCaseError> {
        let terms = &self.terms[ledger.agreement];
        let did = match act {
            Act::Pause => clock.pause(terms, at, "requester", None).is_ok(),
            Act::Resume => clock.resume(at, "reply", None).is_ok(),
            Act::Stop => clock.stop(terms, at).is_ok(),
            Act::Reopen => clock.reopen(terms, at).is_ok(),
            Act::Retarget(to) => clock.retarget(terms, &self.terms[to], at).is_ok(),
            Act::Fire => {
                for alert in clock.fire(terms, at) {
                    let run = if alert.level == Level::Breach { 0 } else { alert.run };
                    prop_assert!(sent.insert((run, alert.level)), "{:?} went out twice", alert);
                    prop_assert!(alert.wakes_at() <= at, "{:?} went out early", alert);
                }
                false
            }
            Act::Look => false,
        };
        prop_assert_eq!(ledger.act(act, at), did, "whether {:?} is possible", act);
        Ok(())
    }

    /// Compares one look at the clock; returns how many values of it.
    fn compare(&self, clock: &Clock, ledger: &Ledger<'_>, at: i64) -> Result<u32, TestCaseError> {
        let terms = &self.terms[ledger.agreement];
        let reading = clock.read(terms, at);
        let end = self.start + LENGTH;
        let known = |at: Option<i64>| at.filter(|at| *at < end);
        prop_assert_eq!(reading.elapsed, ledger.elapsed(at), "elapsed at {}", at);
        prop_assert_eq!(reading.paused, ledger.paused(at), "paused at {}", at);
        let breach = ledger.breached_at(at);
        prop_assert_eq!(reading.breached_at, breach, "breach at {}", at);
        prop_assert_eq!(reading.state, ledger.state(breach), "state at {}", at);
        let mut compared = 4;
        // Of a stopped clock the ledger knows no due date.
        if ledger.is_live() {
            prop_assert_eq!(reading.due.filter(|due| *due < ledger.horizon()), ledger.due(), "due at {}", at);
            compared += 1;
        }
        if matches!(self.agreements[ledger.agreement].unit, Unit::Minutes(_)) {
            for percent in PERCENTS {
                let warned = clock.warnings(terms).into_iter().find(|(level, _)| *level == percent).map(|(_, at)| at);
                prop_assert_eq!(known(warned), ledger.reaches(percent), "{} % at {}", percent, at);
                compared += 1;
            }
        }
        Ok(compared)
    }
}
