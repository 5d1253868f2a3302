//! What the caller has in hand beside the records that are theirs, as far as they see it.

use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::records;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::Refusal;
use mainstay_store::mine::{self, OpenTask};
use std::collections::HashMap;

/// Lines of one part; who has more sees the first.
pub const MOST: i64 = 200;

/// What somebody is writing.
#[derive(Clone)]
pub struct Begun {
    /// What it is: `reply`, `note`, `answer` or `new`.
    pub kind: String,
    /// The record that it is for; none for a new one.
    pub record: Option<Record>,
    /// The key of the process of a new one.
    pub process: Option<String>,
    /// The words, as far as they are words.
    pub words: String,
    /// When it was kept last, in epoch milliseconds UTC.
    pub updated: i64,
}

fn me(caller: &Caller) -> Result<i64> {
    caller.person_id().ok_or_else(|| Refusal::missing("person").into())
}

fn seen(session: &mut Session<'_>, caller: &Caller, mut ids: Vec<i64>) -> Result<HashMap<i64, Record>> {
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = records::spines(session, caller, &ids)?;
    Ok(found.into_iter().map(|(record, _)| (record.id, record)).collect())
}

/// The caller's open tasks with their records, the first due first.
///
/// # Errors
/// The engine has none; the database's.
pub fn tasks(session: &mut Session<'_>, caller: &Caller) -> Result<Vec<(OpenTask, Record)>> {
    let tasks = mine::tasks(session.conn, me(caller)?, MOST)?;
    let found = seen(session, caller, tasks.iter().map(|task| task.record).collect())?;
    Ok(tasks
        .into_iter()
        .filter_map(|task| Some((found.get(&task.record).cloned()?, task)))
        .map(|(r, t)| (t, r))
        .collect())
}

/// The records in the works that the caller watches, the last changed first.
///
/// # Errors
/// The engine watches nothing; the database's.
pub fn watched(session: &mut Session<'_>, caller: &Caller) -> Result<Vec<Record>> {
    let ids = mine::watched(session.conn, me(caller)?, MOST)?;
    let mut found = seen(session, caller, ids.clone())?;
    Ok(ids.into_iter().filter_map(|id| found.remove(&id)).collect())
}

/// What the caller is writing, the last kept first.
///
/// # Errors
/// The engine writes nothing; the database's.
pub fn drafts(session: &mut Session<'_>, caller: &Caller) -> Result<Vec<Begun>> {
    let kept = mine::drafts(session.conn, me(caller)?, MOST)?;
    let found = seen(session, caller, kept.iter().filter_map(|(record, _)| *record).collect())?;
    let begun = |(record, draft): (Option<i64>, mainstay_store::DraftRow)| {
        let (kind, of) = draft.place.split_once(':')?;
        // A draft on what is out of sight by now is kept and not shown.
        let record = match record {
            Some(id) => Some(found.get(&id)?.clone()),
            None => None,
        };
        let new = record.is_none();
        Some(Begun {
            kind: kind.to_owned(),
            process: new.then(|| of.to_owned()),
            words: if new { String::new() } else { draft.body },
            record,
            updated: draft.updated,
        })
    };
    Ok(kept.into_iter().filter_map(begun).collect())
}
