//! `mainstay backup`, `mainstay restore` and `mainstay activate`

use crate::failure::Failure;
use crate::installation::Installation;
use crate::progress;
use crate::settings::{Settings, without_secret};
use crate::terminal::say;
use mainstay_desk::install;
use mainstay_store::Manifest;
use std::path::Path;

/// Writes a backup of this moment; may run while serving.
///
/// # Errors
/// A file that is there already or cannot be written; attachments that are lost.
pub async fn backup(settings: Settings, file: &Path) -> Result<(), Failure> {
    if file.exists() {
        return Err(Failure::failed(format!("{} is there already.", file.display()))
            .next("Name a new file; a backup never replaces one."));
    }
    let installation = Installation::ready(settings).await?;
    let desk = &installation.desk;
    eprintln!("Backing up {}…", without_secret(&installation.settings.database));
    let (watch, watched) = progress::watch();
    let made = mainstay_store::backup(desk.db(), desk.blobs(), file, desk.now(), &watch).await;
    watched.end();
    let manifest = made?;
    say(format_args!("{}: {}", file.display(), contents(&manifest)));
    installation.close().await;
    if manifest.missing.is_empty() {
        return Ok(());
    }
    let lost =
        format!("the backup is written, but {} attachments were lost or damaged before it.", manifest.missing.len());
    Err(Failure::not_ready(lost).next("Run `mainstay doctor` to see to which records they belong."))
}

/// Fills an empty database from a backup.
///
/// # Errors
/// A damaged backup; a database that is not empty.
pub async fn restore(settings: Settings, file: &Path) -> Result<(), Failure> {
    let installation = Installation::create(settings)?;
    let desk = &installation.desk;
    eprintln!("Checking and restoring {}…", file.display());
    let (watch, watched) = progress::watch();
    let made = mainstay_store::restore(file, desk.db(), desk.blobs(), desk.now(), &watch).await;
    watched.end();
    let manifest = made?;
    say(format_args!("Restored to {}: {}", without_secret(&installation.settings.database), contents(&manifest)));
    say("It is a copy: no timer fires and nothing leaves it until `mainstay activate`.");
    say("The search index is not part of a backup; the server builds it when it starts.");
    installation.close().await;
    Ok(())
}

/// Takes a restored copy into service.
///
/// # Errors
/// An installation that is not ready.
pub async fn activate(settings: Settings) -> Result<(), Failure> {
    let installation = Installation::ready(settings).await?;
    let was_copy = installation.desk.db().write(install::take_into_service).await?;
    say(if was_copy { "It is in service now." } else { "It was in service already." });
    installation.close().await;
    Ok(())
}

fn contents(manifest: &Manifest) -> String {
    let rows: u64 = manifest.tables.values().map(|table| table.rows).sum();
    let records = manifest.tables.get("record").map_or(0, |table| table.rows);
    format!("{records} records, {rows} rows in {} tables, {} attachments.", manifest.tables.len(), manifest.blobs.len())
}
