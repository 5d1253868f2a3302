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
use mainstay_store::hangings::AttachmentRow;
use mainstay_store::{DraftRow, drafts};
use serde::{Deserialize, Serialize};

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

    fn place_of_files(self, record: i64) -> String {
        format!("files of {}:{record}", self.key())
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
    let (record, place) = place(session, caller, draft)?;
    let person = person(caller)?;
    if let (Draft::Words(words, ..), Some(record)) = (draft, record) {
        drafts::forget(session.conn, person, &words.place_of_files(record))?;
    }
    Ok(drafts::forget(session.conn, person, &place)?)
}

/// Most files that wait with one draft.
const MOST_FILES: usize = 20;

/// A file that waits with a draft until it is sent; its bytes are stored already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub name: String,
    pub media_type: String,
    pub size: i64,
    pub digest: String,
}

/// The files that wait with the caller's words on a record.
///
/// # Errors
/// A record that is not the caller's to see; the database's.
pub fn waiting_files(
    session: &mut Session<'_>,
    caller: &Caller,
    words: Words,
    process: &'static Process,
    number: &str,
) -> Result<Vec<Waiting>> {
    let (record, _) = find(session, caller, process, number)?;
    // What somebody has not sent is theirs, whoever looks as them.
    if caller.viewer.is_some() {
        return Ok(Vec::new());
    }
    files_of(session, person(caller)?, words, record.id)
}

fn files_of(session: &mut Session<'_>, person: i64, words: Words, record: i64) -> Result<Vec<Waiting>> {
    let kept = drafts::of(session.conn, person, &words.place_of_files(record))?;
    Ok(kept.and_then(|row| serde_json::from_str(&row.body).ok()).unwrap_or_default())
}

/// Lets a stored file wait with the caller's words on a record.
///
/// # Errors
/// A record that is not the caller's to see; too many files; the database's.
pub fn keep_waiting_file(
    session: &mut Session<'_>,
    caller: &Caller,
    words: Words,
    process: &'static Process,
    number: &str,
    file: &Waiting,
) -> Result<()> {
    let (record, _) = find(session, caller, process, number)?;
    let person = person(caller)?;
    let mut files = files_of(session, person, words, record.id)?;
    files.retain(|known| known.digest != file.digest);
    if files.len() >= MOST_FILES {
        let says = format!("At most {MOST_FILES} files go with one message.");
        return Err(Refusal::invalid("too_many_files", says).into());
    }
    files.push(file.clone());
    keep_files(session, person, words, record.id, &files)
}

/// Takes a file from the caller's words on a record again.
///
/// # Errors
/// A record that is not the caller's to see; the database's.
pub fn drop_waiting_file(
    session: &mut Session<'_>,
    caller: &Caller,
    words: Words,
    process: &'static Process,
    number: &str,
    digest: &str,
) -> Result<()> {
    let (record, _) = find(session, caller, process, number)?;
    let person = person(caller)?;
    let mut files = files_of(session, person, words, record.id)?;
    files.retain(|known| known.digest != digest);
    keep_files(session, person, words, record.id, &files)
}

fn keep_files(session: &mut Session<'_>, person: i64, words: Words, record: i64, files: &[Waiting]) -> Result<()> {
    let place = words.place_of_files(record);
    if files.is_empty() {
        return Ok(drafts::forget(session.conn, person, &place)?);
    }
    let body = serde_json::to_string(files).unwrap_or_default();
    let row = DraftRow { place, body, updated: session.now };
    Ok(drafts::keep(session.conn, person, Some(record), &row)?)
}

/// Puts words that were taken back before what the caller has begun since, and their files beside its files.
pub(super) fn give_back(
    session: &mut Session<'_>,
    person: i64,
    record: i64,
    body: &str,
    files: Vec<AttachmentRow>,
) -> Result<()> {
    if !files.is_empty() {
        let mut waiting = files_of(session, person, Words::Reply, record)?;
        let known: Vec<String> = waiting.iter().map(|file| file.digest.clone()).collect();
        let back = files.into_iter().filter(|file| !known.contains(&file.digest));
        waiting.extend(back.map(|file| {
            let AttachmentRow { name, media_type, size, digest, .. } = file;
            Waiting { name, media_type, size, digest }
        }));
        keep_files(session, person, Words::Reply, record, &waiting)?;
    }
    let place = Words::Reply.place(record);
    let since = drafts::of(session.conn, person, &place)?.map(|row| row.body).unwrap_or_default();
    let body = if since.trim().is_empty() { body.to_owned() } else { format!("{body}\n\n{since}") };
    let row = DraftRow { place, body, updated: session.now };
    Ok(drafts::keep(session.conn, person, Some(record), &row)?)
}
