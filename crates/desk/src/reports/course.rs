//! What an event did to the course of a record: resolved it, closed it, withdrew it, opened it again.

use crate::records;
use mainstay_engine::process::{Phase, Process};
use mainstay_engine::value::Value;
use serde::Deserialize;
use serde_json::Value as Json;
use std::borrow::Cow;

/// A step in the course of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
    Resolved,
    Closed,
    /// Withdrawn: it never was what it claimed to be.
    Cancelled,
    Reopened,
}

impl Passage {
    pub const ALL: [Self; 4] = [Self::Resolved, Self::Closed, Self::Cancelled, Self::Reopened];
}

/// One change in the stored form of an event.
#[derive(Deserialize)]
pub struct Changed<'a> {
    #[serde(borrow)]
    pub field: Cow<'a, str>,
    #[serde(default)]
    old: Json,
    #[serde(default)]
    new: Json,
}

impl Changed<'_> {
    /// The value before.
    #[must_use]
    pub fn before(&self) -> Value {
        Value::from_plain(&self.old)
    }

    /// The value after.
    #[must_use]
    pub fn after(&self) -> Value {
        Value::from_plain(&self.new)
    }
}

/// What a field became, in the stored form of an event.
#[derive(Deserialize)]
pub struct Became<'a> {
    #[serde(borrow)]
    pub field: Cow<'a, str>,
    #[serde(default)]
    new: Json,
}

impl Became<'_> {
    /// The value after.
    #[must_use]
    pub fn after(&self) -> Value {
        Value::from_plain(&self.new)
    }
}

/// What fields became by an event, if it may have been one of these; none when that cannot be read.
#[must_use]
pub fn became<'a>(text: &'a str, fields: &[&str]) -> Vec<Became<'a>> {
    // Most events are about other fields.
    if fields.iter().any(|field| text.contains(field)) {
        serde_json::from_str(text).unwrap_or_default()
    } else {
        Vec::new()
    }
}

/// The changes of an event; none when they cannot be read.
#[must_use]
pub fn changes(text: &str) -> Vec<Changed<'_>> {
    serde_json::from_str(text).unwrap_or_default()
}

/// The events that an event with these changes took back.
#[must_use]
pub fn undoes(text: &str) -> Vec<i64> {
    // Few events took something back; what cannot have is not read.
    if !text.contains(records::UNDONE) {
        return Vec::new();
    }
    let marks = |change: Changed<'_>| (change.field == records::UNDONE).then(|| change.before().as_int()).flatten();
    changes(text).into_iter().filter_map(marks).collect()
}

/// What an event with these changes did to the course of a record; none when it went on as before.
#[must_use]
pub fn passage(process: &'static Process, text: &str) -> Option<Passage> {
    let changes = changes(text);
    let moved = changes.iter().find(|c| c.field == "state")?;
    let state = |value: Value| process.state(value.as_text()?);
    let (old, new) = (state(moved.before())?, state(moved.after())?);
    match (old.phase, new.phase) {
        _ if new.void && !old.void => Some(Passage::Cancelled),
        (from, Phase::Done) if from != Phase::Done => Some(Passage::Resolved),
        (Phase::Done | Phase::Closed, to) if to.is_live() => Some(Passage::Reopened),
        (from, Phase::Closed) if from != Phase::Closed => Some(Passage::Closed),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(old: &str, new: &str) -> Option<Passage> {
        let process = mainstay_processes::ALL[0];
        passage(process, &serde_json::json!([{ "field": "state", "old": old, "new": new }]).to_string())
    }

    #[test]
    fn passages_follow_from_phases() {
        assert_eq!(of("in_progress", "resolved"), Some(Passage::Resolved));
        assert_eq!(of("resolved", "closed"), Some(Passage::Closed));
        assert_eq!(of("resolved", "in_progress"), Some(Passage::Reopened));
        assert_eq!(of("in_progress", "cancelled"), Some(Passage::Cancelled));
        assert_eq!(of("in_progress", "on_hold"), None);
        assert_eq!(of("new", "no such state"), None);
        assert_eq!(passage(mainstay_processes::ALL[0], "not JSON"), None);
    }
}
