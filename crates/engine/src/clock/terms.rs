//! What a clock is measured against: target, calendar and policies of one agreement.

use crate::calendar::Calendar;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The terms in force for one clock: a row of a service level in one version, with its calendar.
#[derive(Clone, Debug)]
pub struct Terms {
    pub target: Target,
    pub calendar: Arc<Calendar>,
    /// Keys of what a resolution clock pauses for; waiting for anything else goes on counting.
    pub pause_reasons: BTreeSet<String>,
    pub on_change: OnChange,
    pub on_reopen: OnReopen,
    /// Per cent of the target at which somebody is warned; only 1…99 count.
    pub warn_at: Vec<u32>,
}

/// An agreed amount together with its unit: "days" alone can mean three things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "unit", content = "amount", rename_all = "snake_case")]
pub enum Target {
    /// Milliseconds of service time.
    ServiceTime(i64),
    /// The same local time on the n-th working day; paused service time comes on top.
    WorkingDays(u32),
}

/// What a change of priority or service does to a running clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnChange {
    /// The new terms count from the original start; elapsed and paused time are kept.
    #[default]
    Retroactive,
    /// The new terms count from the change on.
    Restart,
}

/// What reopening does to a stopped clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnReopen {
    /// The clock goes on; the time between does not count.
    #[default]
    Resume,
    /// The clock begins again at the reopening.
    Restart,
    /// As though it had never stopped: the time between counts.
    CountThrough,
}
