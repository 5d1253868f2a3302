//! How a person likes to write on records: as plain text, or as it will look.

use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use mainstay_engine::refusal::Refusal;
use mainstay_store::preferences;
use serde_json::{Value as Json, json};

/// The name under which people keep it.
const NAME: &str = "writing";

/// Says that [`is_rich`] will be asked. Only a database that is far away gains by it.
pub fn foresee(session: &mut Session<'_>, caller: &Caller) {
    if let Some(person) = caller.person_id() {
        preferences::foresee(session.conn, person, NAME);
    }
}

/// Whether the caller sees words as they will look while they write; nobody does who never asked for it.
///
/// # Errors
/// The database's.
pub fn is_rich(session: &mut Session<'_>, caller: &Caller) -> Result<bool> {
    let Some(person) = caller.person_id() else { return Ok(false) };
    let kept = preferences::read(session.conn, person, NAME)?;
    let kept: Json = kept.and_then(|kept| serde_json::from_str(&kept).ok()).unwrap_or_default();
    Ok(kept["rich"] == true)
}

/// Sets how the caller writes from now on, on every device.
///
/// # Errors
/// The engine writes nothing; the database's.
pub fn set(session: &mut Session<'_>, caller: &Caller, rich: bool) -> Result<()> {
    let person = caller.person_id().ok_or_else(|| Refusal::missing("profile"))?;
    if rich {
        preferences::keep(session.conn, person, NAME, &json!({ "rich": true }).to_string(), session.now)?;
    } else {
        preferences::forget(session.conn, person, NAME)?;
    }
    Ok(())
}
