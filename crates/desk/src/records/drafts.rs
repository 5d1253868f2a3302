//! What a person is writing and has not sent: kept as they type, on every device, seen by nobody else.
//!
//! A draft is no event and no part of a record. It is gone when it is sent, when its person is retired, and when
//! nobody has touched it for ninety days.

use super::find;
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use mainstay_engine::process::Process;
use mainstay_engine::refusal::Refusal;
use mainstay_store::{DraftRow, drafts};

/// Longest draft in bytes.
const LONGEST: usize = 262_144;

/// The kinds of words on a record; each has a draft of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// To the requester, at the desk.
    Reply,
    /// Among colleagues.
    Note,
    /// Of a requester, in the portal.
    Answer,
}

impl Words {
    /// The word for it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Note => "note",
            Self::Answer => "answer",
        }
    }

    /// Reads the word for it.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        [Self::Reply, Self::Note, Self::Answer].into_iter().find(|words| words.key() == word)
    }

    fn place(self, record: i64) -> String {
        format!("{}:{record}", self.key())
    }
}

/// What a draft is of.
#[derive(Clone, Copy)]
pub enum Draft<'a> {
    /// Words on the record with a number.
    Words(Words, &'static Process, &'a str),
    /// The form of a new record.
    New(&'static Process),
}

/// Where a draft lies: its record and its place.
fn place(session: &mut Session<'_>, caller: &Caller, draft: Draft<'_>) -> Result<(Option<i64>, String)> {
    Ok(match draft {
        Draft::Words(words, process, number) => {
            let (record, _) = find(session, caller, process, number)?;
            (Some(record.id), words.place(record.id))
        }
        Draft::New(process) => (None, format!("new:{}", process.key)),
    })
}

fn person(caller: &Caller) -> Result<i64> {
    caller.person_id().ok_or_else(|| Refusal::missing("draft").into())
}

/// Keeps the caller's draft; an empty one is dropped.
///
/// # Errors
/// A record that is not the caller's to see; overlong words; the database's.
pub fn keep_draft(session: &mut Session<'_>, caller: &Caller, draft: Draft<'_>, body: &str) -> Result<()> {
    let (record, place) = place(session, caller, draft)?;
    let person = person(caller)?;
    if body.trim().is_empty() {
        return Ok(drafts::forget(session.conn, person, &place)?);
    }
    if body.len() > LONGEST {
        return Err(Refusal::invalid("too_long", "This is too long to be kept as a draft.").into());
    }
    let row = DraftRow { place, body: body.to_owned(), updated: session.now };
    Ok(drafts::keep(session.conn, person, record, &row)?)
}

/// The caller's draft.
///
/// # Errors
/// A record that is not the caller's to see; the database's.
pub fn draft(session: &mut Session<'_>, caller: &Caller, draft: Draft<'_>) -> Result<Option<DraftRow>> {
    let (_, place) = place(session, caller, draft)?;
    // What somebody has not sent is theirs, whoever looks as them.
    if caller.viewer.is_some() {
        return Ok(None);
    }
    Ok(drafts::of(session.conn, person(caller)?, &place)?)
}

/// Drops the caller's draft, as when it was sent.
///
/// # Errors
/// A record that is not the caller's to see; the database's.
pub fn forget_draft(session: &mut Session<'_>, caller: &Caller, draft: Draft<'_>) -> Result<()> {
    let (_, place) = place(session, caller, draft)?;
    Ok(drafts::forget(session.conn, person(caller)?, &place)?)
}

/// Puts words that were taken back before what the caller has begun since.
pub(super) fn give_back(session: &mut Session<'_>, person: i64, record: i64, body: &str) -> Result<()> {
    let place = Words::Reply.place(record);
    let since = drafts::of(session.conn, person, &place)?.map(|row| row.body).unwrap_or_default();
    let body = if since.trim().is_empty() { body.to_owned() } else { format!("{body}\n\n{since}") };
    let row = DraftRow { place, body, updated: session.now };
    Ok(drafts::keep(session.conn, person, Some(record), &row)?)
}
