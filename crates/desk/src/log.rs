//! The log of everything as one reads it by cursor: the audit trail, and what integrations follow.

use crate::caller::{Caller, Channel};
use crate::desk::{Credential, Desk, Session};
use crate::error::{Error, Result};
use crate::records::{find, find_by_id, hide_in_events};
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_store::events::EventQuery;
use mainstay_store::{EventRow, Scope, Seen, events};

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

/// What of the log is looked for; every part narrows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sought {
    /// The person who did it.
    pub who: Option<i64>,
    /// The key of a register, or [`ACCOUNTS`] or `installation`; none: configuration and accounts altogether.
    pub area: Option<String>,
    /// The verb of what was done.
    pub what: Option<String>,
    /// From here, in epoch milliseconds UTC…
    pub from: Option<i64>,
    /// …to before here.
    pub until: Option<i64>,
    /// The number of a record, whose own history it then is.
    pub record: Option<String>,
}

/// The area of what happened to people's ways in.
pub const ACCOUNTS: &str = "account";

/// What happened to configuration and accounts, or to one record, newest first, before an event's id; at most 200.
///
/// # Errors
/// No right to read the log of the whole house; no such record for the caller; the database's.
pub fn search(
    session: &mut Session<'_>,
    caller: &Caller,
    sought: &Sought,
    before: i64,
    limit: i64,
) -> Result<Vec<EventRow>> {
    if !caller.rights.may("audit", "view", None) {
        return Err(Refusal::forbidden("no_right", "You may not read the log.").into());
    }
    let seen = match &sought.record {
        Some(number) => Some(record_of(session, caller, number)?),
        None => None,
    };
    let query = EventQuery {
        actor: sought.who,
        area: sought.area.clone().filter(|_| seen.is_none()),
        verb: sought.what.clone(),
        from: sought.from,
        until: sought.until,
    };
    let mut found = events::backwards(session.conn, seen.as_ref(), &query, before, limit.clamp(1, 200))?;
    hide_in_events(session, caller, &mut found.iter_mut().collect::<Vec<_>>())?;
    Ok(found)
}

/// The proof that the caller reads the internal content of the record with this number.
fn record_of(session: &mut Session<'_>, caller: &Caller, number: &str) -> Result<Seen> {
    let number = number.trim().to_uppercase();
    let found = match mainstay_processes::of_number(&number).map(|process| find(session, caller, process, &number)) {
        Some(Ok((_, seen))) => Some(seen),
        Some(Err(Error::Refused(_))) | None => None,
        Some(Err(error)) => return Err(error),
    };
    found.filter(Seen::internal).ok_or_else(|| {
        let error =
            FieldError::new("record", "unknown_record", format!("There is no record {number} that you may read."));
        Refusal { errors: vec![error], ..Refusal::invalid("unknown_record", "There is no such record.") }.into()
    })
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
