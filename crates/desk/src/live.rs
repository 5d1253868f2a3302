//! What has changed, for those who look on: told by the event log, read anew with the eyes of whoever looks.
//!
//! The log is read once for everybody and says only what to look at again. What somebody is told then comes from a
//! question of their own, so a live update shows nothing that the page would not.

use crate::boards;
use crate::caller::{Caller, Channel};
use crate::desk::{Desk, Session};
use crate::error::{Error, Result};
use crate::inbox;
use crate::records;
use mainstay_engine::process::Process;
use mainstay_processes::registers;
use mainstay_store::{EventRow, events};
use std::collections::BTreeSet;

/// Events read at once.
const BATCH: i64 = 1_000;
/// Words on one record that are counted.
const MOST_SAID: i64 = 200;

/// What some part of the log is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// The records that something happened to.
    pub records: BTreeSet<i64>,
    /// Keys of their processes.
    pub processes: BTreeSet<String>,
    /// The people who were told of something.
    pub told: BTreeSet<i64>,
    /// The people whose entry in the directory changed, and with it perhaps their rights.
    pub people: BTreeSet<i64>,
    /// Anything else in the configuration changed.
    pub configuration: bool,
    /// Too much happened to tell it apart.
    pub anything: bool,
    /// The id of the last event of it.
    pub up_to: i64,
}

impl News {
    /// That too much happened to tell it apart.
    #[must_use]
    pub fn of_anything(up_to: i64) -> Self {
        Self { anything: true, up_to, ..Self::default() }
    }

    fn add(&mut self, event: &EventRow) {
        self.up_to = event.id;
        match (event.subject.as_str(), event.process.as_deref()) {
            ("record", process) => {
                self.records.insert(event.subject_id);
                self.processes.extend(process.map(str::to_owned));
                if event.verb == "notified" {
                    self.told.extend(told_by(event));
                }
            }
            ("entry", Some(register)) if register == registers::PEOPLE.key => {
                self.people.insert(event.subject_id);
            }
            ("entry", _) => self.configuration = true,
            (inbox::SUBJECT, _) => {
                self.told.insert(event.subject_id);
            }
            // Whoever follows a meeting, or a list of its process, looks again.
            (boards::SUBJECT, Some(process)) => {
                self.processes.insert(process.to_owned());
            }
            ("account", _) => {
                self.people.insert(event.subject_id);
            }
            _ => {}
        }
    }
}

/// Whom a line of the history says that it was told.
fn told_by(event: &EventRow) -> Option<i64> {
    let changes: serde_json::Value = serde_json::from_str(&event.changes).ok()?;
    changes.get(0)?.get("new")?.get("person")?.as_i64()
}

/// What the log says after an event, and whether there is more. None when it says nothing new.
///
/// # Errors
/// The database's.
pub async fn news_after(desk: &Desk, cursor: i64) -> Result<Option<(News, bool)>> {
    let scope = Caller::engine(Channel::Engine).scope;
    let read = desk.db().events_after(&scope, cursor, BATCH).await?;
    let mut news = News::default();
    for event in &read {
        news.add(event);
    }
    let full = i64::try_from(read.len()).is_ok_and(|len| len == BATCH);
    Ok((!read.is_empty()).then_some((news, full)))
}

/// The newest event of the log.
///
/// # Errors
/// The database's.
pub async fn newest(desk: &Desk) -> Result<i64> {
    Ok(desk.db().read(events::newest).await?)
}

/// Where a record stands, as one caller may know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glance {
    /// Its id.
    pub id: i64,
    /// Its newest event that the caller may read.
    pub event: i64,
    /// The version that an edit must name.
    pub version: i64,
    /// The caller reads what is internal.
    pub internal: bool,
}

/// A record at a glance; none when there is none that the caller may see.
///
/// # Errors
/// The database's.
pub fn glance(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
) -> Result<Option<Glance>> {
    let (record, seen) = match records::find(session, caller, process, number) {
        Err(Error::Refused(_)) => return Ok(None),
        other => other?,
    };
    let event = events::newest_of(session.conn, &seen)?;
    Ok(Some(Glance { id: record.id, event, version: record.version, internal: seen.internal() }))
}

/// Something that somebody else said on a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// The event of it.
    pub event: i64,
    /// Who said it.
    pub actor: Option<i64>,
    /// For staff only.
    pub internal: bool,
    /// The comment.
    pub comment: Option<i64>,
}

/// What others said on a record after an event, as far as the caller may read it, oldest first.
///
/// # Errors
/// Not the caller's to see; the database's.
pub fn said_after(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    after: i64,
) -> Result<Vec<Said>> {
    let (_, seen) = records::find(session, caller, process, number)?;
    let spoken = |event: &EventRow| matches!(event.verb.as_str(), "commented" | "noted" | "written");
    let mut others = events::of_record(session.conn, &seen, after, MOST_SAID)?;
    let taken_back = others.iter().filter(|event| event.verb == "withdrawn");
    let gone: Vec<i64> = taken_back.filter_map(|event| comments_of(event)[0]).collect();
    others.retain(|event| spoken(event) && event.actor != caller.person_id());
    let told = |event: EventRow| {
        let [old, new] = comments_of(&event);
        // A reply that leaves was read by colleagues when it was written.
        let known = old.is_some() && seen.internal();
        let there = new.is_none_or(|new| !gone.contains(&new));
        (there && !known).then_some(Said { event: event.id, actor: event.actor, internal: !event.public, comment: new })
    };
    Ok(others.into_iter().filter_map(told).collect())
}

/// The comment before and after an event.
fn comments_of(event: &EventRow) -> [Option<i64>; 2] {
    let changes: serde_json::Value = serde_json::from_str(&event.changes).unwrap_or_default();
    ["old", "new"].map(|at| changes[0][at].as_i64())
}
