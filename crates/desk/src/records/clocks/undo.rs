//! Clocks of a record of which a change is taken back.

use super::{Brought, arm, clock_of, earlier, move_clock, retarget, show, terms_may_differ, terms_of};
use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::Result;
use crate::records::comments;
use mainstay_engine::clock::{Agreed, Clock, Metric, Terms, Undoing};
use mainstay_engine::field::Instant;
use mainstay_engine::record::Record;
use mainstay_engine::spine;
use mainstay_store::clocks::{self, ClockRow};
use mainstay_store::hangings;

/// What a row says that its clock is held to.
pub(super) fn agreed(row: &ClockRow) -> Agreed {
    Agreed {
        level: row.level,
        level_version: row.level_version,
        calendar: row.calendar,
        calendar_version: row.calendar_version,
        target: row.target,
    }
}

fn hold_to(row: &mut ClockRow, agreed: Agreed) {
    row.level = agreed.level;
    row.level_version = agreed.level_version;
    row.calendar = agreed.calendar;
    row.calendar_version = agreed.calendar_version;
    row.target = agreed.target;
}

/// Lets the clocks read as if the change had never been, and puts the record's next due instant into `after`.
/// `brought` tells which facts of which clock came with it.
///
/// # Errors
/// The database's; a clock that cannot be read.
pub fn take_back(
    session: &mut Session<'_>,
    before: &Record,
    after: &mut Record,
    since: i64,
    brought: &[Brought],
) -> Result<()> {
    if !after.process.has_clocks() {
        return Ok(());
    }
    let mut due = None;
    for mut row in clocks::of(session.conn, after.id)? {
        let mut clock = clock_of(&row)?;
        let facts = brought.iter().filter(|b| b.clock == row.id).flat_map(|b| b.from..b.to).collect();
        let undoing = Undoing { since, facts };
        if let Some(agreed) = clock.held_to_before(&undoing) {
            hold_to(&mut row, agreed);
        }
        let mut terms = terms_of(session, &row)?;
        if clock.take_back(&terms, session.now, &undoing) {
            answered_since(session, after, since, &mut clock, &terms)?;
        } else {
            // What came without a fact is followed like any change.
            move_clock(session.now, None, before, after, None, None, &mut clock, &terms);
        }
        if terms_may_differ(session.config, before, after) {
            retarget(session, after, &mut row, &mut clock, &mut terms)?;
        }
        show(&mut row, &clock, &terms, session.now);
        clocks::update(session.conn, &row)?;
        arm(session, &row, &clock, &terms)?;
        if row.stopped.is_none() {
            due = earlier(due, row.due);
        }
    }
    match due {
        Some(at) => after.set(&spine::DUE, Instant(at)),
        None => after.clear(&spine::DUE),
    }
    Ok(())
}

/// Public words of those in charge since then would have stopped the response clock, which had stopped already.
fn answered_since(
    session: &mut Session<'_>,
    record: &Record,
    since: i64,
    clock: &mut Clock,
    terms: &Terms,
) -> Result<()> {
    if clock.metric() != Metric::Response || clock.read(terms, session.now).stopped_at.is_some() {
        return Ok(());
    }
    for row in hangings::public_since(session.conn, record.id, since)? {
        let Some(author) = row.author else { continue };
        let Some(author) = Caller::load(session.conn, session.config, author, Channel::Desk, None)? else { continue };
        let by_staff = author.rights.is_staff(record.process.key, record.value("organisation").as_int())
            && record.value("requester").as_int() != author.person_id();
        if comments::answers(&author, record, by_staff) {
            // A clock that has nothing to stop stays as it is.
            let _ = clock.stop(terms, row.at);
            return Ok(());
        }
    }
    Ok(())
}
