//! Schedules of others: whoever may manage exports lets them rest, go on or end, and their receiver is told.

use super::FAILED;
use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::Result;
use crate::inbox::{self, Kind};
use jiff::tz::TimeZone;
use mainstay_engine::refusal::Refusal;
use mainstay_store::exports::{self, ScheduleRow};
use mainstay_store::notices::{self, NoticeRow};

/// Whether the caller may let the schedules of others rest, go on or end.
#[must_use]
pub fn manages(caller: &Caller) -> bool {
    caller.viewer.is_none() && caller.rights.may("exports", "manage", None)
}

/// One of the caller's schedules, or anybody's for whoever manages exports.
pub(super) fn in_hand(session: &mut Session<'_>, caller: &Caller, id: i64) -> Result<ScheduleRow> {
    let own = super::me(caller)?;
    let row = exports::by_id(session.conn, id)?.filter(|row| row.person == own || manages(caller));
    row.ok_or_else(|| Refusal::missing("schedule").into())
}

/// The zone in whose days a schedule runs: its receiver's.
pub(super) fn zone_of(session: &mut Session<'_>, caller: &Caller, row: &ScheduleRow) -> Result<TimeZone> {
    if caller.person_id() == Some(row.person) {
        return Ok(caller.zone());
    }
    let receiver = Caller::load(session.conn, session.config, row.person, Channel::Engine, None)?;
    Ok(receiver.map_or(TimeZone::UTC, |receiver| receiver.zone()))
}

/// What somebody did with a schedule of another.
#[derive(Clone, Copy)]
pub(super) enum Deed {
    Paused,
    Resumed,
    Ended,
}

/// Tells the receiver what somebody else did with their schedule.
pub(super) fn tell(session: &mut Session<'_>, caller: &Caller, row: &ScheduleRow, deed: Deed) -> Result<()> {
    let Some(who) = caller.person.as_ref().filter(|who| who.id != row.person) else { return Ok(()) };
    let (name, actor) = (&row.name, &who.name);
    let text = match deed {
        Deed::Paused => format!("{actor} let the regular export “{name}” rest."),
        Deed::Resumed => format!("{actor} let the regular export “{name}” go on."),
        Deed::Ended => format!("{actor} ended the regular export “{name}”."),
    };
    let event = inbox::note(session, row.person, FAILED)?;
    let notice = NoticeRow {
        person: row.person,
        event: Some(event),
        reason: FAILED.to_owned(),
        kind: Kind::File.key().to_owned(),
        text,
        created: session.now,
        ..NoticeRow::default()
    };
    notices::insert(session.conn, &notice)?;
    Ok(())
}
