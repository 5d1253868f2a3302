//! One record of a drawing, as the panel beside it tells it: what it is, and what is open that touches it.

use super::answer::MOST_TOUCHING;
use super::past;
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::records;
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_store::{Spine, maps as store};
use std::collections::HashMap;

/// A record that was chosen in a drawing.
#[derive(Clone)]
pub struct Chosen {
    /// As it is, or as it stood at the instant that is shown.
    pub record: Record,
    /// Fields that the caller may read.
    pub fields: Vec<&'static FieldDef>,
    pub names: HashMap<i64, String>,
    /// Open records of other processes that touch it, the newest first.
    pub touching: Vec<Spine>,
}

/// A record, now or at an instant in epoch milliseconds UTC.
///
/// # Errors
/// Not the caller's to see; an instant before it was opened, or to come; the database's.
pub fn chosen(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    at: Option<i64>,
) -> Result<Chosen> {
    let Some(at) = at else {
        let view = records::get(session, caller, process, number)?;
        let most = i64::try_from(MOST_TOUCHING).unwrap_or(i64::MAX);
        let touching = store::touching(session.conn, &caller.scope, process.key, &[view.record.id], most)?;
        return Ok(Chosen { record: view.record, fields: view.fields, names: view.names, touching });
    };
    let then = records::past(session, caller, process, number, at)?;
    let touching = past::touching(session, caller, process, (&[then.row.record.id], MOST_TOUCHING), at)?;
    Ok(Chosen { record: then.row.record, fields: then.fields, names: then.names, touching })
}
