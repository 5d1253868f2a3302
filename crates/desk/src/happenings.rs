//! What a notification rule can be for: everything that may happen to the records of a process and be told of.

use crate::config::Config;
use crate::notify;
use crate::records::{APPROVAL_HAPPENINGS, FOLLOW_UP, HANDED, RECURRENCE, SURVEYED, WARN_AT};
use mainstay_engine::process::{Delay, Effect, Process, State, StateTimer};
use mainstay_engine::value::Value;
use mainstay_processes::registers::Metric;
use std::collections::BTreeSet;

/// Something that may happen to a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// The word by which a rule names it.
    pub key: String,
    /// What it is about: the step, the target, the state.
    pub about: &'static str,
    pub how: How,
}

/// How a happening is told beside what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// What it is about says it all.
    Itself,
    /// So many per cent of the time of a target are used.
    Used(u32),
    /// A target is missed.
    Breached,
    /// A step that comes by itself is near.
    Soon,
    /// A record stays in a state.
    Again,
}

/// Everything that can happen, in the order in which it is offered; warnings as the service levels in force give them.
#[must_use]
pub fn of(config: &Config, process: &'static Process) -> Vec<Happening> {
    let itself = |(key, about): (&str, &'static str)| Happening { key: key.to_owned(), about, how: How::Itself };
    let mut all: Vec<Happening> = GENERAL.into_iter().map(itself).collect();
    all.extend(process.transitions.iter().map(|step| itself((step.verb, step.label))));
    for told in process.states.iter().flat_map(|state| told_by_timers(process, state)) {
        if all.iter().all(|known| known.key != told.key) {
            all.push(told);
        }
    }
    all.extend(process.lapses.iter().map(|lapse| itself((lapse.event, lapse.near))));
    if process.watch.is_some() {
        all.push(itself((RECURRENCE, "It seems to be back")));
    }
    if let Some(fill) = process.relations.iter().flat_map(|relation| relation.fills).next() {
        all.push(itself((HANDED, fill.into.label)));
    }
    if process.approvals.is_some() {
        all.extend(APPROVAL_HAPPENINGS.into_iter().map(itself));
    }
    if process.survey.is_some() {
        all.push(itself((SURVEYED, "Asked how it went")));
    }
    if process.transitions.iter().flat_map(|step| step.effects).any(|effect| matches!(effect, Effect::FollowUp { .. }))
    {
        all.push(itself((FOLLOW_UP, "A task to follow up was made")));
    }
    if has_clocks(process) {
        for metric in Metric::ALL {
            let at = |percent: u32| Happening {
                key: format!("{}.{percent}", metric.key()),
                about: metric.label(),
                how: How::Used(percent),
            };
            all.extend(warnings(config, process).into_iter().map(at));
            let (key, about) = (format!("{}.{BREACHED}", metric.key()), metric.label());
            all.push(Happening { key, about, how: How::Breached });
        }
    }
    all
}

/// Whether something called so can happen to records of a process. A warning may come at any per cent: the service level
/// that gives it may be made later.
#[must_use]
pub fn is_known(config: &Config, process: &'static Process, event: &str) -> bool {
    let warning = |(metric, percent): (&str, &str)| {
        has_clocks(process)
            && Metric::ALL.iter().any(|known| known.key() == metric)
            && percent.parse::<u32>().is_ok_and(|n| (1..100).contains(&n) && n.to_string() == percent)
    };
    of(config, process).iter().any(|known| known.key == event) || event.split_once('.').is_some_and(warning)
}

/// What every process has.
const GENERAL: [(&str, &str); 5] = [
    ("opened", "Opened"),
    ("updated", "Changed"),
    (notify::ASSIGNED, "Given to somebody"),
    ("commented", "Reply to the requester"),
    ("replied", "Word from the requester"),
];
/// What follows the target in the word for one that is missed.
const BREACHED: &str = "breached";

fn has_clocks(process: &Process) -> bool {
    process.bundles.iter().any(|bundle| bundle.clocks)
}

/// What the timers of a state tell; those that take a step tell of that step.
fn told_by_timers(process: &'static Process, state: &'static State) -> impl Iterator<Item = Happening> {
    state.timers.iter().filter(|timer| timer.verb.is_none()).map(move |timer| {
        let step = warned_of(state, timer).and_then(|verb| process.transition(verb));
        let (about, how) = step.map_or((state.label, How::Again), |step| (step.label, How::Soon));
        Happening { key: timer.key.to_owned(), about, how }
    })
}

/// The step that a timer warns of.
fn warned_of(state: &'static State, timer: &StateTimer) -> Option<&'static str> {
    let Delay::WarnWorkingDays { of, .. } = timer.delay else { return None };
    state.timers.iter().find(|other| other.delay == Delay::WorkingDays(of)).and_then(|other| other.verb)
}

fn warnings(config: &Config, process: &Process) -> BTreeSet<u32> {
    let levels = config.levels.iter().filter(|level| level.process == process.key);
    let at = levels.flat_map(|level| level.entry.value("warn_at").as_list());
    WARN_AT.into_iter().chain(at.filter_map(|percent| Value::as_text(percent)?.parse().ok())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_that_is_shipped_is_for_something_that_happens() {
        let config = Config::default();
        for shipped in mainstay_processes::shipped::entries().iter().filter(|e| e.register == "notification-rules") {
            let (process, event) = (shipped.values["process"].as_str(), shipped.values["event"].as_str());
            let process = process.and_then(mainstay_processes::process).expect("a process");
            assert!(event.is_some_and(|event| is_known(&config, process, event)), "{event:?}");
        }
        let process = mainstay_processes::ALL[0];
        assert!(is_known(&config, process, "resolution.80"), "a level may warn then");
        for unknown in ["", "resolved", "resolution", "resolution.0", "resolution.100", "resolution.+5", "cost.50"] {
            assert!(!is_known(&config, process, unknown), "{unknown}");
        }
        let told = of(&config, process);
        let keys: BTreeSet<&str> = told.iter().map(|happening| happening.key.as_str()).collect();
        assert_eq!(keys.len(), told.len(), "each once");
    }
}
