//! The log of everything as one reads it by cursor: the audit trail, and what integrations follow.

use crate::caller::{Caller, Channel};
use crate::desk::{Credential, Desk, Session};
use crate::error::Result;
use crate::records::{find_by_id, hide_in_events};
use mainstay_engine::refusal::Refusal;
use mainstay_store::{EventRow, Scope, events};

/// One event, with the number of the record that it happened to.
#[derive(Clone, Debug)]
pub struct Logged {
    pub event: EventRow,
    pub number: Option<String>,
}

/// What happened after a cursor.
#[derive(Clone, Debug)]
pub struct Log {
    /// Only what the caller may see; so it can be shorter than asked for while more follows.
    pub events: Vec<Logged>,
    /// Where to go on.
    pub next: i64,
    /// More was there already.
    pub more: bool,
}

/// The events after `cursor` that the caller may see, out of the next `limit`. Whoever goes on
/// with `next` sees each event exactly once.
///
/// # Errors
/// No right to read the log; the database's.
pub async fn after(desk: &Desk, credential: &Credential, channel: Channel, cursor: i64, limit: i64) -> Result<Log> {
    desk.read(credential, channel, |_, caller| may_read(caller)).await?;
    let rows = desk.db().events_after(&everything(), cursor, limit).await?;
    let next = rows.last().map_or(cursor, |row| row.id);
    let more = i64::try_from(rows.len()).is_ok_and(|found| found == limit);
    let seen = move |session: &mut Session<'_>, caller: &Caller| {
        may_read(caller)?;
        let shown = rows.into_iter().filter_map(|row| visible(session, caller, row).transpose());
        let mut shown = shown.collect::<Result<Vec<_>>>()?;
        hide_in_events(session, caller, &mut shown.iter_mut().map(|logged| &mut logged.event).collect::<Vec<_>>())?;
        Ok(shown)
    };
    Ok(Log { events: desk.read(credential, channel, seen).await?, next, more })
}

#[expect(
    clippy::disallowed_methods,
    reason = "the log is read for nobody; each event is then shown or not by the caller's own scope"
)]
fn everything() -> Scope {
    Scope::system()
}

/// What happened to configuration and accounts, newest first, before an event's id; at most 200.
///
/// # Errors
/// No right to read the log of the whole house; the database's.
pub fn of_the_house(session: &mut Session<'_>, caller: &Caller, before: i64, limit: i64) -> Result<Vec<EventRow>> {
    if !caller.rights.may("audit", "view", None) {
        return Err(Refusal::forbidden("no_right", "You may not read the log.").into());
    }
    Ok(events::beside_records(session.conn, before, limit.clamp(1, 200))?)
}

fn may_read(caller: &Caller) -> Result<()> {
    if caller.rights.may_somewhere("audit", "view") {
        return Ok(());
    }
    Err(Refusal::forbidden("no_right", "You may not read the log.").into())
}

/// An event on a record shows to those who read the record's internal content; any other to those
/// whose right to the log is bound to no organisation.
fn visible(session: &mut Session<'_>, caller: &Caller, event: EventRow) -> Result<Option<Logged>> {
    if event.subject != "record" {
        return Ok(caller.rights.may("audit", "view", None).then_some(Logged { event, number: None }));
    }
    let found = find_by_id(session, caller, event.subject_id)?.filter(|(_, seen)| seen.internal());
    Ok(found.map(|(record, _)| Logged { event, number: record.value("number").as_text().map(str::to_owned) }))
}
