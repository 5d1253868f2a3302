//! What is kept of a clock: facts in their order. Everything else is worked out from them.

use super::{Level, OnChange, OnReopen};
use serde::{Deserialize, Serialize};

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
}

impl Fact {
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
