//! Words on a record: who may write them, and what they set going.

use super::allowed::not_closed;
use super::apply::{Gathered, Written, announce_written, append, gather};
use super::{change, clocks, held, mentions, rows, timers};
use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::{Error, Result};
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::spine;
use mainstay_store::hangings::{self, CommentRow};
use mainstay_store::{Seen, events};
use serde_json::json;
use std::collections::BTreeMap;

/// Longest comment in characters.
const LONGEST_COMMENT: usize = 65_536;

/// A comment to write.
#[derive(Clone, Debug, Default)]
pub struct NewComment {
    pub body: String,
    /// For staff only.
    pub internal: bool,
    /// Words of staff to the requester leave a little later, so that they can be taken back.
    pub held: bool,
}

/// Writes a comment. Public words of the requester do what the process says of a reply; public
/// words of the team stop the response clock; those of staff reach the live records under this one.
///
/// # Errors
/// Not the caller's to see or comment; empty or overlong words; a closed record.
pub fn comment(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    new: &NewComment,
) -> Result<CommentRow> {
    let (record, _) = rows::find(session, caller, process, number)?;
    let gathered = gather(session, caller, &record)?;
    may_comment(caller, &record, &gathered, new.internal)?;
    let body = checked_body(&new.body)?;
    not_closed(&record)?;
    if new.internal {
        return write_comment(session, caller, &record, body, true);
    }
    let by_staff = gathered.actor.staff && !gathered.actor.requester;
    if new.held && by_staff && held::may_wait(session, &record)? {
        return held::hold(session, caller, &record, body);
    }
    let event = if by_staff { "commented" } else { "replied" };
    let row = say(session, caller, &record, body, event)?;
    if !gathered.actor.requester && answers(caller, &record, by_staff) {
        clocks::respond(session, &record, session.now)?;
    }
    if by_staff {
        hand_down(session, caller, &record, body)?;
    } else if gathered.actor.requester || is_customers_own(caller, &record) {
        wake(session, &record)?;
    }
    Ok(row)
}

/// Writes public words and tells people of them.
fn say(session: &mut Session<'_>, caller: &Caller, record: &Record, body: &str, event: &str) -> Result<CommentRow> {
    let row = write_comment(session, caller, record, body, false)?;
    let written = Written { event: events::newest(session.conn)?, ..Written::default() };
    announce_written(session, caller, record, event, written, &BTreeMap::from([("comment", body.to_owned())]))?;
    Ok(row)
}

/// Whether public words are the answer that the response clock waits for: those of the team in
/// charge or of the assignee, and of any staff as long as no team is in charge. (SLM clock rule 2)
pub(super) fn answers(caller: &Caller, record: &Record, by_staff: bool) -> bool {
    let Some(person) = &caller.person else { return false };
    match record.value(spine::TEAM.def.key).as_int() {
        Some(team) => person.teams.contains(&team) || record.value(spine::ASSIGNEE.def.key).as_int() == Some(person.id),
        None => by_staff,
    }
}

/// Gives public words of staff to every live record under this one, once each: its requester
/// reads them on the own record. (INC-12)
pub(super) fn hand_down(session: &mut Session<'_>, caller: &Caller, record: &Record, body: &str) -> Result<()> {
    let number = record.value(spine::NUMBER.def.key).as_text().unwrap_or_default();
    let mut marked = format!("{body}\n\n({number})");
    if marked.chars().count() > LONGEST_COMMENT {
        body.clone_into(&mut marked);
    }
    let (mut reached, mut above) = (vec![record.id], vec![record.clone()]);
    while let Some(parent) = above.pop() {
        for link in hangings::links(session.conn, parent.id)?.into_iter().filter(|l| !l.outgoing) {
            let Some(child) = rows::by_id(session, link.id)?.filter(|c| c.state.phase.is_live()) else { continue };
            let told =
                child.process.relation(&link.relation).is_some_and(|relation| relation.hands_words_of(parent.process));
            if told && !reached.contains(&child.id) {
                reached.push(child.id);
                say(session, caller, &child, &marked, "commented")?;
                above.push(child);
            }
        }
    }
    Ok(())
}

/// Whether the caller speaks for the record's organisation, as against a vendor who works on it.
fn is_customers_own(caller: &Caller, record: &Record) -> bool {
    let own = caller.person.as_ref().and_then(|p| p.organisation);
    own.is_some() && own == record.value("organisation").as_int()
}

/// What a reply brings about in the record's state: a step, or the state's timers from their beginning.
fn wake(session: &mut Session<'_>, record: &Record) -> Result<()> {
    let engine = Caller::engine(Channel::Engine);
    for rule in record.process.on_reply.iter().filter(|r| r.state.key == record.state.key) {
        let Some(verb) = rule.verb else {
            timers::leave(session, record)?;
            timers::enter(session, record)?;
            continue;
        };
        let act = change::Act { reason: Some("The requester replied".into()), ..change::Act::default() };
        match session.attempt(|session| change::act_as_engine(session, &engine, record.id, verb, &act)) {
            Ok(()) | Err(Error::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Whether the caller's words may reach the people involved. A role that reaches no further than what concerns a person
/// lets nobody speak on what another role only shows.
pub(super) fn may_reply(caller: &Caller, record: &Record, gathered: &Gathered<'_>) -> bool {
    let (key, organisation) = (record.process.key, record.value("organisation").as_int());
    (gathered.actor.requester && caller.rights.in_scope(key, "comment"))
        || caller.rights.may_beyond_own(key, "comment", organisation)
        || (gathered.concerned && caller.rights.may(key, "comment", organisation))
}

pub(super) fn may_comment(caller: &Caller, record: &Record, gathered: &Gathered<'_>, internal: bool) -> Result<()> {
    let organisation = record.value("organisation").as_int();
    let key = record.process.key;
    let allowed = if internal {
        gathered.actor.staff && caller.rights.may(key, "note", organisation)
    } else {
        may_reply(caller, record, gathered)
    };
    if allowed { Ok(()) } else { Err(Refusal::forbidden("no_right", "You may not write here.").into()) }
}

/// A comment's words, trimmed.
///
/// # Errors
/// Empty or overlong words; control characters.
pub fn checked_body(body: &str) -> Result<&str> {
    let trimmed = body.trim();
    let error = if trimmed.is_empty() {
        FieldError::new("body", "required", "A comment needs words.")
    } else if trimmed.chars().count() > LONGEST_COMMENT {
        FieldError::new("body", "too_long", format!("A comment has at most {LONGEST_COMMENT} characters."))
    } else if trimmed.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        FieldError::new("body", "control_character", "A comment must not hold control characters.")
    } else {
        return Ok(trimmed);
    };
    Err(Refusal { errors: vec![error.clone()], ..Refusal::invalid("invalid_fields", error.detail) }.into())
}

/// Inserts a comment and its event.
pub(super) fn write_comment(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    body: &str,
    internal: bool,
) -> Result<CommentRow> {
    let mut row = CommentRow {
        id: 0,
        record: record.id,
        at: session.now,
        author: caller.person_id(),
        internal,
        body: checked_body(body)?.to_owned(),
        channel: caller.channel.key().to_owned(),
        held: false,
    };
    row.id = hangings::comment(session.conn, &row)?;
    let verb = if internal { "noted" } else { "commented" };
    let event = append(
        session,
        caller,
        record,
        verb,
        !internal,
        &json!([{ "field": "comment", "old": null, "new": row.id }]),
        None,
    )?;
    mentions::tell(session, caller, record, &row.body, event)?;
    rows::touch(session, record)?;
    Ok(row)
}

/// Notes on a record what a meeting said about it, as whoever held the meeting; also on one that is closed since.
///
/// # Errors
/// The database's.
pub fn minute(session: &mut Session<'_>, caller: &Caller, record: &Record, words: &str) -> Result<()> {
    let most: String = words.chars().take(LONGEST_COMMENT).collect();
    write_comment(session, caller, record, &most, true).map(|_| ())
}

/// The comments that the caller may read, oldest first, after an id; at most 200.
///
/// # Errors
/// Not the caller's to see.
pub fn comments(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<CommentRow>> {
    let (_, seen) = rows::find(session, caller, process, number)?;
    Ok(hangings::comments(session.conn, &seen, after, limit.clamp(1, 200))?)
}

/// Says that words, files, tasks and history of a record that somebody sees will be asked, from the beginning.
pub fn foresee_course(session: &mut Session<'_>, seen: &Seen) {
    hangings::foresee_shown(session.conn, seen, 200);
    events::foresee(session.conn, seen, 500);
}
