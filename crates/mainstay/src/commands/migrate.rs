//! `mainstay migrate`

use crate::failure::Failure;
use crate::installation::Installation;
use crate::settings::{Settings, without_secret};
use crate::terminal::say;

/// Brings the schema up to this version and adds what it ships anew, or tells what that would do to the schema.
///
/// # Errors
/// A database that cannot be opened or was made by a later version.
pub async fn run(settings: Settings, check: bool) -> Result<(), Failure> {
    let installation = Installation::open(settings)?;
    let db = installation.desk.db();
    let steps = if check { db.pending().await? } else { db.migrate(installation.desk.now()).await? };
    let added = if check { Vec::new() } else { installation.bring_anew().await? };
    let place = without_secret(&installation.settings.database);
    if steps.is_empty() && added.is_empty() {
        say(format_args!("{place} is up to date."));
    }
    for step in &steps {
        say(format_args!("{} {:04} {}", if check { "pending" } else { "applied" }, step.number, step.name));
    }
    for entry in &added {
        say(format_args!("added {}/{} {}", entry.register, entry.key, entry.name));
    }
    installation.close().await;
    if check && !steps.is_empty() {
        return Err(Failure::not_ready(format!("{} steps are pending.", steps.len()))
            .next("Back up, then run `mainstay migrate`."));
    }
    Ok(())
}
