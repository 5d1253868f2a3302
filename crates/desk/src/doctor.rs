//! What the doctor sees beyond the store: timers that should have fired, rules that nobody applies.

use crate::caller::Channel;
use crate::config::{Config, Ruled};
use crate::desk::{Credential, Desk, Session};
use crate::error::Result;
use crate::{install, records};
use mainstay_store::{Conn, Finding, Watch, Weight, entries, timers};

/// A timer that is late by more than this was not merely waited for, in milliseconds.
const LATE_MS: i64 = 10 * 60_000;

/// Looks at everything and changes nothing, and tells how far it is. Empty: all is well.
///
/// # Errors
/// The database cannot be asked.
pub async fn examine(desk: &Desk, watch: &Watch) -> Result<Vec<Finding>> {
    let tables: Vec<_> = mainstay_processes::ALL.iter().map(|process| *records::table(process)).collect();
    let mut found = mainstay_store::check(desk.db(), desk.blobs(), &tables, watch).await?;
    // Without the schema of this version nothing further can be asked.
    if desk.db().pending().await.is_ok_and(|steps| steps.is_empty()) {
        found.extend(desk.read_long(&Credential::Engine, Channel::Command, |session, _| inside(session)).await?);
    }
    found.sort_by_key(|finding| std::cmp::Reverse(finding.weight));
    Ok(found)
}

fn finding(weight: Weight, says: String) -> Finding {
    Finding { weight, says }
}

fn inside(session: &mut Session<'_>) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    if install::is_copy(session.conn)? {
        let says = "This is a restored copy: no timer fires and nothing leaves it until it is taken into service.";
        found.push(finding(Weight::Note, says.to_owned()));
    } else {
        found.extend(late(session)?);
    }
    let config = session.config;
    found.extend(unread(session.conn, "service-levels", &config.levels)?);
    found.extend(unread(session.conn, "assignment-rules", &config.assignment)?);
    found.extend(unread(session.conn, "notification-rules", &config.notifications)?);
    found.extend(uncovered(config));
    Ok(found)
}

fn late(session: &mut Session<'_>) -> Result<Option<Finding>> {
    let minutes = match timers::next_due(session.conn)? {
        Some(due) if due < session.now - LATE_MS => (session.now - due) / 60_000,
        _ => return Ok(None),
    };
    let says = format!(
        "Timers are overdue, the oldest by {minutes} minutes: no server runs on this database, or it cannot write."
    );
    Ok(Some(finding(Weight::Warning, says)))
}

/// Rules in force that could not be read and so apply nowhere.
fn unread(conn: &mut Conn, register: &str, read: &[Ruled]) -> Result<Vec<Finding>> {
    let active = entries::all(conn, register)?.into_iter().filter(|row| row.active);
    let lost = active.filter(|row| read.iter().all(|rule| rule.entry.id != row.id));
    let says = |name: &str| {
        format!(
            "“{name}” in {register} applies nowhere: its process or its condition cannot be read any more. Save it anew."
        )
    };
    Ok(lost.map(|row| finding(Weight::Warning, says(&row.name))).collect())
}

/// Processes with clocks for which no service level is the default.
fn uncovered(config: &Config) -> Vec<Finding> {
    let clocked = mainstay_processes::ALL.iter().filter(|process| process.has_clocks());
    let bare = clocked.filter(|process| {
        !config.levels.iter().any(|level| level.process == process.key && level.entry.flag("fallback"))
    });
    bare.map(|process| {
        let says = format!("{} have no default service level: some may run without a clock.", process.label_plural);
        finding(Weight::Warning, says)
    })
    .collect()
}
