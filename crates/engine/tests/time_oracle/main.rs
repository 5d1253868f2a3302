//! Calendar and clock arithmetic against an oracle that looks at every minute (SLM-04, SLM-05, SLM-07).
//!
//! The oracle asks the zone what the wall shows at each minute of a window, and counts. It knows
//! no offsets, no transitions and no shortcuts. Every zone of the built-in database takes part,
//! with windows around its switches and at other times between 1970 and 2037. `PROPTEST_CASES`
//! (256 when unset) scales the number of windows.

mod calendar;
mod clock;
mod hours;
mod ledger;
mod minutes;

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const MINUTE: i64 = 60_000;
const DAY: i64 = 1440 * MINUTE;

/// Every zone of the built-in database.
fn zones() -> Vec<TimeZone> {
    let database = TimeZoneDatabase::bundled();
    database.available().map(|name| database.get(name.as_str()).expect("a listed zone")).collect()
}

/// A runner for one zone, `share` windows of it for the usual number of cases.
fn runner(share: u32) -> TestRunner {
    let cases = (Config::default().cases * share / 256).max(1);
    TestRunner::new(Config { cases, max_shrink_iters: 300, failure_persistence: None, ..Config::default() })
}

/// How many cases of 100,000 are owed: fewer only when somebody asks for fewer than usual.
fn owed() -> u32 {
    100_000 * Config::default().cases.min(256) / 256
}

/// The minute at which a window begins: mostly up to three days before one of the zone's switches.
fn window_start(zone: &TimeZone) -> impl Strategy<Value = i64> + use<> {
    let zone = zone.clone();
    let seconds = 0_i64..=2_145_916_800;
    (seconds, 0_usize..2, 0_i64..3 * 1440, prop::bool::weighted(0.8)).prop_map(
        move |(second, nth, before, at_switch)| {
            let anywhere = Timestamp::from_second(second).expect("a second of 1970 to 2037");
            let switch = zone.following(anywhere).nth(nth).filter(|_| at_switch);
            let anchor = switch.map_or(anywhere, |switch| switch.timestamp()).as_millisecond();
            // Zones change their rules in years to come too; a window beyond 2037 is as good.
            (anchor / MINUTE - before) * MINUTE
        },
    )
}
