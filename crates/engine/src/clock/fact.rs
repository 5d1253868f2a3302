//! What is kept of a clock: facts in their order. Everything else is worked out from them.

use super::{Level, OnChange, OnReopen};
use serde::{Deserialize, Serialize};

/// What a clock was held to, by the numbers of whoever keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreed {
    pub level: i64,
    pub level_version: i64,
    pub calendar: i64,
    pub calendar_version: i64,
    /// In the form in which it is stored.
    pub target: i64,
}

/// One thing that happened to a clock. Instants are epoch milliseconds UTC, people are ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    Started {
        at: i64,
    },
    /// `by` is none when the engine did it.
    Paused {
        at: i64,
        reason: String,
        by: Option<i64>,
    },
    Resumed {
        at: i64,
        cause: String,
        by: Option<i64>,
    },
    Stopped {
        at: i64,
    },
    /// With the policy in force then.
    Reopened {
        at: i64,
        policy: OnReopen,
    },
    /// Other terms took over, with the policy in force then.
    Retargeted {
        at: i64,
        policy: OnChange,
        /// What it was held to before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        was: Option<Agreed>,
    },
    Cancelled {
        at: i64,
    },
    /// The target was missed at `due`; written when somebody first looked, at `noticed`.
    Breached {
        due: i64,
        noticed: i64,
    },
    /// An alert went out.
    Alerted {
        run: u32,
        level: Level,
        due: i64,
        at: i64,
    },
    /// A change moved these warnings (per cent) to before `at`; they stay silent there (G-13).
    Quieted {
        at: i64,
        run: u32,
        percents: Vec<u32>,
    },
    /// A stretch that the adjusted result leaves out (SLM-20).
    Excluded {
        at: i64,
        from: i64,
        to: i64,
        reason: String,
        approver: i64,
    },
    /// The clock had really stopped at `stopped`; the only thing that can take back a breach.
    Corrected {
        at: i64,
        stopped: i64,
        reason: String,
        approver: i64,
    },
    /// The change that brought these facts, by their places, was taken back at `at`: they do not count any more.
    Undone {
        at: i64,
        facts: Vec<usize>,
    },
}

impl Fact {
    /// The facts that count, in their order, each with its place: without those that were taken back.
    pub fn standing(facts: &[Self]) -> impl Iterator<Item = (usize, &Self)> {
        let taken = |place: &usize| {
            facts.iter().any(|fact| matches!(fact, Self::Undone { facts, .. } if facts.contains(place)))
        };
        facts.iter().enumerate().filter(move |(place, _)| !taken(place))
    }

    /// When it happened, for facts that move the clock on; others may lie anywhere.
    pub(super) fn at(&self) -> Option<i64> {
        match self {
            Self::Started { at }
            | Self::Paused { at, .. }
            | Self::Resumed { at, .. }
            | Self::Stopped { at }
            | Self::Reopened { at, .. }
            | Self::Retargeted { at, .. }
            | Self::Cancelled { at }
            | Self::Corrected { at, .. } => Some(*at),
            _ => None,
        }
    }
}
