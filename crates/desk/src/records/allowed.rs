//! What has to be so before anything is hung on a record that the caller sees.

use crate::caller::Caller;
use crate::error::Result;
use mainstay_engine::process::Phase;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::Refusal;

/// Whether the caller has a right on the record's organisation.
pub fn may(caller: &Caller, record: &Record, action: &str) -> Result<()> {
    if caller.rights.may(record.process.key, action, record.value("organisation").as_int()) {
        return Ok(());
    }
    Err(Refusal::forbidden("no_right", "You may not do that here.").into())
}

/// A closed record can only be read. What another record says of it, such as that it came back, belongs to that other
/// one. (INC-18)
///
/// # Errors
/// `closed`.
pub fn not_closed(record: &Record) -> Result<()> {
    if record.state.phase != Phase::Closed {
        return Ok(());
    }
    let state = record.state.label.to_lowercase();
    Err(Refusal::conflict("closed", format!("It is {state} and can only be read.")).into())
}
