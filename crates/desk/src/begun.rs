//! What somebody has begun to write and not sent yet. It is theirs alone, and nobody else's business: no event tells.

use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use mainstay_engine::refusal::Refusal;
use mainstay_store::begun;

/// Longest text of a begun form in bytes.
const LONGEST: usize = 256 * 1024;

/// What the caller has begun in a form.
///
/// # Errors
/// The database's.
pub fn read(session: &mut Session<'_>, caller: &Caller, form: &str) -> Result<Option<String>> {
    // What somebody has not sent is theirs, whoever looks as them.
    match caller.person_id().filter(|_| caller.viewer.is_none()) {
        Some(person) => Ok(begun::read(session.conn, person, form)?),
        None => Ok(None),
    }
}

/// Keeps what the caller has begun in a form.
///
/// # Errors
/// Too much; the database's.
pub fn keep(session: &mut Session<'_>, caller: &Caller, form: &str, data: &str) -> Result<()> {
    if data.len() > LONGEST {
        return Err(
            Refusal::invalid("too_long", "That is more than fits into the form. Send long texts as a file.").into()
        );
    }
    match caller.person_id() {
        Some(person) => Ok(begun::keep(session.conn, person, form, data, session.now)?),
        None => Ok(()),
    }
}

/// Forgets what the caller has begun in a form.
///
/// # Errors
/// The database's.
pub fn forget(session: &mut Session<'_>, caller: &Caller, form: &str) -> Result<()> {
    match caller.person_id() {
        Some(person) => Ok(begun::forget(session.conn, person, form)?),
        None => Ok(()),
    }
}
