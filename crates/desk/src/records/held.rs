//! Replies that can be taken back: for ten seconds colleagues alone read them. Then they leave, with all that a reply
//! sets going, as if they were said at that instant; or they were never said to anybody.
//!
//! The log tells all of it: `written`, then `commented` or `withdrawn`. What was withdrawn was never public.

use super::apply::{Written, announce_written, append};
use super::comments::{answers, checked_body, hand_down};
use super::{clocks, drafts, mentions, rows};
use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::Result;
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
    let timer = NewTimer {
        key: key(row.id),
        due: session.now + WAIT_MS,
        kind: TIMER.into(),
        record: Some(record.id),
        clock: None,
        payload: json!({ "comment": row.id }).to_string(),
    };
    timers::set(session.conn, &timer)?;
    rows::touch(session, record)?;
    Ok(row)
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
    let words = BTreeMap::from([("comment", row.body.clone())]);
    announce_written(session, &author, &record, "commented", Written { event, ..Written::default() }, &words)?;
    mentions::tell(session, &author, &record, &row.body, event)?;
    if answers(&author, &record, true) {
        clocks::respond(session, &record, row.at)?;
    }
    hand_down(session, &author, &record, &row.body)?;
    rows::touch(session, &record)
}

/// Takes the caller's own reply back before it leaves: its words become the caller's draft again.
///
/// # Errors
/// Not the caller's to see; somebody else's, or gone already: `sent_already`.
pub fn withdraw(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    comment: i64,
) -> Result<()> {
    let (record, _) = rows::find(session, caller, process, number)?;
    let gone = || Refusal::conflict("sent_already", "It was sent already and cannot be taken back.");
    let own = |row: &CommentRow| row.record == record.id && row.author.is_some() && row.author == caller.person_id();
    let row = hangings::held(session.conn, comment)?.filter(own).ok_or_else(gone)?;
    if !hangings::take_back(session.conn, row.id)? {
        return Err(gone().into());
    }
    timers::cancel(session.conn, &key(row.id))?;
    let changes = json!([{ "field": "comment", "old": row.id, "new": null }]);
    append(session, caller, &record, "withdrawn", false, &changes, None)?;
    if let Some(person) = caller.person_id() {
        drafts::give_back(session, person, record.id, &row.body)?;
    }
    rows::touch(session, &record)
}
