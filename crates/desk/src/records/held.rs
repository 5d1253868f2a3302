//! Replies that can be taken back: for ten seconds colleagues alone read them. Then they leave, with all that a reply
//! sets going, as if they were said at that instant; or they were never said to anybody.
//!
//! The log tells all of it: `written`, then `commented` or `withdrawn`. What was withdrawn was never public.

use super::apply::{Written, announce_written, append};
use super::comments::{answers, checked_body, hand_down};
use super::hang::{self, NewAttachment};
use super::{clocks, drafts, mentions, rows, undo};
use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::{Error, Result};
use mainstay_engine::clock::Metric;
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::Refusal;
use mainstay_store::hangings::{self, CommentRow};
use mainstay_store::{NewTimer, TimerRow, timers};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// How long a reply can be taken back, in milliseconds.
const WAIT_MS: i64 = 10_000;
/// The kind of the timer that lets it go.
pub(super) const TIMER: &str = "reply";

fn key(comment: i64) -> String {
    format!("reply:{comment}")
}

/// Whether a reply may wait: not when an answer is due before it would leave.
pub(super) fn may_wait(session: &mut Session<'_>, record: &Record) -> Result<bool> {
    let last = session.now + 2 * WAIT_MS;
    let due = |row: &mainstay_store::clocks::ClockRow| {
        row.metric == Metric::Response.key() && row.stopped.is_none() && row.due.is_some_and(|due| due <= last)
    };
    Ok(!mainstay_store::clocks::of(session.conn, record.id)?.iter().any(due))
}

/// Writes a reply that colleagues read now and everybody else when it leaves.
pub(super) fn hold(session: &mut Session<'_>, caller: &Caller, record: &Record, body: &str) -> Result<CommentRow> {
    let mut row = CommentRow {
        id: 0,
        record: record.id,
        at: session.now,
        author: caller.person_id(),
        internal: false,
        body: checked_body(body)?.to_owned(),
        channel: caller.channel.key().to_owned(),
        held: true,
    };
    row.id = hangings::comment(session.conn, &row)?;
    let changes = json!([{ "field": "comment", "old": null, "new": row.id }]);
    append(session, caller, record, "written", false, &changes, None)?;
    wait(session, &row, &[])?;
    rows::touch(session, record)?;
    Ok(row)
}

fn wait(session: &mut Session<'_>, row: &CommentRow, events: &[i64]) -> Result<()> {
    let timer = NewTimer {
        key: key(row.id),
        due: row.at + WAIT_MS,
        kind: TIMER.into(),
        record: Some(row.record),
        clock: None,
        payload: json!({ "comment": row.id, "events": events }).to_string(),
    };
    Ok(timers::set(session.conn, &timer)?)
}

/// Says what else was done with a held reply: these events are taken back with it.
///
/// # Errors
/// The database's.
pub fn hold_with(session: &mut Session<'_>, comment: i64, events: &[i64]) -> Result<()> {
    match hangings::held(session.conn, comment)? {
        Some(row) => wait(session, &row, events),
        None => Ok(()),
    }
}

/// Attaches a stored file to a held reply, with which it leaves or is taken back; until then it is internal.
///
/// # Errors
/// The reply is not held any more; somebody else's.
pub fn attach_held(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    comment: i64,
    new: &NewAttachment,
) -> Result<()> {
    let (record, _) = rows::find(session, caller, process, number)?;
    let row = own(session, caller, &record, comment)?;
    let file = NewAttachment { internal: true, ..new.clone() };
    hang::attach_to(session, caller, &record, &file, Some(row.id)).map(|_| ())
}

/// The caller's own reply that has not left yet.
fn own(session: &mut Session<'_>, caller: &Caller, record: &Record, comment: i64) -> Result<CommentRow> {
    let gone = || Refusal::conflict("sent_already", "It was sent already and cannot be taken back.");
    let own = |row: &CommentRow| row.record == record.id && row.author.is_some() && row.author == caller.person_id();
    Ok(hangings::held(session.conn, comment)?.filter(own).ok_or_else(gone)?)
}

/// What came of taking a reply back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withdrawn {
    /// What was done with it is taken back too, or there was nothing.
    pub whole: bool,
}

/// Lets a reply leave: it becomes public, and people, clocks and the records below hear of it.
pub(super) fn leave(session: &mut Session<'_>, timer: &TimerRow) -> Result<()> {
    let payload: Json = serde_json::from_str(&timer.payload).unwrap_or_default();
    let Some(row) = payload["comment"].as_i64().map(|id| hangings::held(session.conn, id)).transpose()?.flatten()
    else {
        return Ok(());
    };
    if !hangings::let_go(session.conn, row.id)? {
        return Ok(());
    }
    let Some(record) = rows::by_id(session, row.record)? else { return Ok(()) };
    // Whoever was retired meanwhile said it all the same.
    let author = match row.author {
        Some(author) => Caller::load(session.conn, session.config, author, Channel::Desk, None)?,
        None => None,
    };
    let author = author.unwrap_or_else(|| Caller::engine(Channel::Desk));
    // Colleagues know it already.
    let changes = json!([{ "field": "comment", "old": row.id, "new": row.id }]);
    let event = append(session, &author, &record, "commented", true, &changes, None)?;
    for file in hangings::let_files_go(session.conn, row.id)? {
        let changes = json!([{ "field": "attachment", "old": file.name, "new": file.name }]);
        append(session, &author, &record, "attached", true, &changes, None)?;
    }
    let words = BTreeMap::from([("comment", row.body.clone())]);
    announce_written(session, &author, &record, "commented", Written { event, ..Written::default() }, &words)?;
    mentions::tell(session, &author, &record, &row.body, event)?;
    if answers(&author, &record, true) {
        clocks::respond(session, &record, row.at)?;
    }
    hand_down(session, &author, &record, &row.body)?;
    rows::touch(session, &record)
}

/// Takes the caller's own reply back before it leaves, with its files and with what was done at once: its words and files
/// become the caller's draft again. What somebody has changed since stays as it is.
///
/// # Errors
/// Not the caller's to see; somebody else's, or gone already: `sent_already`.
pub fn withdraw(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    comment: i64,
) -> Result<Withdrawn> {
    take(session, caller, process, number, comment, true)
}

/// As [`withdraw`], and the words are nobody's draft: they were said to many. All goes back, or nothing does.
///
/// # Errors
/// As [`withdraw`]; what was done with them cannot be taken back any more.
pub(super) fn withdraw_silently(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    comment: i64,
) -> Result<()> {
    if take(session, caller, process, number, comment, false)?.whole {
        return Ok(());
    }
    Err(Refusal::conflict("changed_since", "Somebody has changed it since.").into())
}

fn take(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    comment: i64,
    as_draft: bool,
) -> Result<Withdrawn> {
    let (record, _) = rows::find(session, caller, process, number)?;
    let row = own(session, caller, &record, comment)?;
    let payload = timers::waiting(session.conn, &key(row.id))?.map(|timer| timer.payload).unwrap_or_default();
    let payload: Json = serde_json::from_str(&payload).unwrap_or_default();
    let events: Vec<i64> = payload["events"].as_array().into_iter().flatten().filter_map(Json::as_i64).collect();
    let files = hangings::take_files_back(session.conn, row.id)?;
    if !hangings::take_back(session.conn, row.id)? {
        return Err(Refusal::conflict("sent_already", "It was sent already and cannot be taken back.").into());
    }
    timers::cancel(session.conn, &key(row.id))?;
    let changes = json!([{ "field": "comment", "old": row.id, "new": null }]);
    append(session, caller, &record, "withdrawn", false, &changes, None)?;
    if let Some(person) = caller.person_id().filter(|_| as_draft) {
        drafts::give_back(session, person, record.id, &row.body, files)?;
    }
    rows::touch(session, &record)?;
    let undone = session.attempt(|session| undo::undo_together(session, caller, process, number, &events));
    match undone {
        Ok(()) => Ok(Withdrawn { whole: true }),
        Err(Error::Refused(_)) => Ok(Withdrawn { whole: false }),
        Err(error) => Err(error),
    }
}
