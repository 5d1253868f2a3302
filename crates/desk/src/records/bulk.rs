//! One step or edit on many records: each succeeds or is refused by itself.

use super::change::{Act, Amend, act, amend};
use super::rows;
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::{Error, Result};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::Refusal;
use serde_json::{Map, Value as Json};

/// Most records that one request may name.
pub const MOST: usize = 200;

/// A bulk request: a verb, or `update` for an edit of fields.
#[derive(Clone, Debug, Default)]
pub struct Bulk {
    pub verb: String,
    pub numbers: Vec<String>,
    pub values: Map<String, Json>,
    pub reason: Option<String>,
    pub comment: Option<String>,
}

/// What became of one record.
#[derive(Clone, Debug)]
pub struct BulkRow {
    pub number: String,
    pub refused: Option<Refusal>,
}

/// Applies the request to each record; a refusal undoes that record's part only.
///
/// # Errors
/// No or too many records; the database's.
pub fn bulk(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    bulk: &Bulk,
) -> Result<Vec<BulkRow>> {
    if bulk.numbers.is_empty() || bulk.numbers.len() > MOST {
        return Err(Refusal::invalid("wrong_count", format!("Name between 1 and {MOST} records.")).into());
    }
    if bulk.verb != "update" && process.transition(&bulk.verb).is_none() {
        return Err(Refusal::invalid("unknown_verb", format!("{} has no step of that name.", process.label)).into());
    }
    let mut rows = Vec::with_capacity(bulk.numbers.len());
    for number in &bulk.numbers {
        let done = session.attempt(|session| one(session, caller, process, number, bulk));
        let refused = match done {
            Ok(()) => None,
            Err(Error::Refused(refusal)) => Some(refusal),
            Err(error) => return Err(error),
        };
        rows.push(BulkRow { number: number.clone(), refused });
    }
    Ok(rows)
}

fn one(session: &mut Session<'_>, caller: &Caller, process: &'static Process, number: &str, bulk: &Bulk) -> Result<()> {
    if bulk.verb == "update" {
        let (record, _) = rows::find(session, caller, process, number)?;
        let edit = Amend { version: record.version, values: bulk.values.clone(), reason: bulk.reason.clone() };
        return amend(session, caller, process, number, &edit).map(|_| ());
    }
    let step = Act {
        values: bulk.values.clone(),
        reason: bulk.reason.clone(),
        comment: bulk.comment.clone(),
        ..Act::default()
    };
    act(session, caller, process, number, &bulk.verb, &step).map(|_| ())
}
