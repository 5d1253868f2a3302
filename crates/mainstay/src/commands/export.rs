//! `mainstay export`

use crate::cli::{Export, Format};
use crate::failure::Failure;
use crate::installation::Installation;
use crate::progress;
use crate::settings::Settings;
use mainstay_desk::export;
use mainstay_desk::records::Listing;
use mainstay_desk::registers::EntryListing;
use mainstay_desk::{Caller, Channel, Credential, Result, Session};
use mainstay_engine::process::Process;
use mainstay_engine::register::Register;
use mainstay_processes::registers;
use mainstay_store::Watch;
use std::fs::OpenOptions;
use std::io::{IsTerminal, Write};
use std::path::Path;

/// What can be exported.
#[derive(Clone, Copy)]
enum Kind {
    Records(&'static Process),
    Entries(&'static Register),
}

/// Writes records or entries to a file or to standard output.
///
/// # Errors
/// An unknown kind or condition; more than one file holds; a file that is there already.
pub async fn run(settings: Settings, asked: Export) -> std::result::Result<(), Failure> {
    let kind = kind(&asked.what)?;
    if asked.output.is_none() && asked.format == Format::Xlsx && std::io::stdout().is_terminal() {
        return Err(Failure::wrong_use("a spreadsheet is nothing for a terminal.").next("Name a file with --output."));
    }
    let installation = Installation::ready(settings).await?;
    let listing = Listing { filter: asked.filter, sort: asked.sort, fields: asked.fields, ..Listing::default() };
    let format = asked.format;
    let (watch, watched) = progress::watch();
    let work =
        move |session: &mut Session<'_>, caller: &Caller| write(session, caller, kind, (&listing, &watch), format);
    let done = installation.desk.read_long(&Credential::Engine, Channel::Command, work).await;
    watched.end();
    let (bytes, rows) = done?;
    installation.close().await;
    match &asked.output {
        Some(file) => keep(file, &bytes)?,
        // A reader that has gone away, as `head` does, is no failure.
        None => drop(std::io::stdout().lock().write_all(&bytes)),
    }
    eprintln!("{rows} {} exported.", asked.what);
    Ok(())
}

fn kind(what: &str) -> std::result::Result<Kind, Failure> {
    let process = mainstay_processes::ALL.iter().find(|process| process.plural == what);
    let known = || {
        let processes = mainstay_processes::ALL.iter().map(|process| process.plural);
        processes.chain(registers::ALL.iter().map(|register| register.key)).collect::<Vec<_>>().join(", ")
    };
    process
        .map(|process| Kind::Records(process))
        .or_else(|| registers::register(what).map(Kind::Entries))
        .ok_or_else(|| Failure::wrong_use(format!("there are no {what}.")).next(format!("One of: {}.", known())))
}

fn write(
    session: &mut Session<'_>,
    caller: &Caller,
    kind: Kind,
    (listing, watch): (&Listing, &Watch),
    format: Format,
) -> Result<(Vec<u8>, usize)> {
    let format = match format {
        Format::Csv => export::Format::Csv,
        Format::Json => export::Format::Json,
        Format::Xlsx => export::Format::Xlsx,
    };
    let mut bytes = Vec::new();
    let rows = match kind {
        Kind::Records(process) => export::records(session, caller, process, listing, format, &mut bytes, watch)?,
        Kind::Entries(register) => {
            export::entries(session, caller, register, &EntryListing::default(), format, &mut bytes)?
        }
    };
    Ok((bytes, rows))
}

fn keep(file: &Path, bytes: &[u8]) -> std::result::Result<(), Failure> {
    let mut opened = OpenOptions::new();
    opened.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut opened, 0o600);
    let written = opened.open(file).and_then(|mut file| file.write_all(bytes));
    written.map_err(|why| Failure::failed(format!("{} cannot be written: {why}.", file.display())))
}
