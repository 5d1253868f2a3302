//! Words on a record that are another matter: they become a record of their own.

use super::allowed::may;
use super::apply::append;
use super::open::{Opening, open};
use super::view::{View, view};
use super::{comments, hang, rows};
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use mainstay_engine::field::{Audience, FieldDef, Kind, Writer};
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use mainstay_store::Seen;
use mainstay_store::hangings::{self, AttachmentRow, CommentRow};
use serde_json::{Map, Value as Json, json};

/// What the new record keeps of the one that it comes from.
const KEPT: [&str; 2] = ["requester", "service"];

/// What is asked when words are split off.
#[derive(Clone)]
pub struct Split {
    /// The title of the new record.
    pub title: String,
    /// What it is.
    pub into: &'static Process,
}

/// Whether a file came with words: it carries their instant, author and audience.
#[must_use]
pub fn came_with(file: &AttachmentRow, comment: &CommentRow) -> bool {
    file.comment == Some(comment.id)
        || (file.at == comment.at && file.author == comment.author && file.internal == comment.internal)
}

/// The words of a record that can be split off: said, and read by the caller as staff.
///
/// # Errors
/// Not the caller's to see; no such words; they have not left yet.
pub fn splittable(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    comment: i64,
) -> Result<CommentRow> {
    let (record, seen) = rows::find(session, caller, process, number)?;
    words_of(session, caller, &record, &seen, comment)
}

fn words_of(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    seen: &Seen,
    comment: i64,
) -> Result<CommentRow> {
    may(caller, record, "link")?;
    if !seen.internal() {
        return Err(Refusal::forbidden("no_right", "You may not do that here.").into());
    }
    let row = hangings::comments(session.conn, seen, comment - 1, 1)?.pop().filter(|row| row.id == comment);
    let row = row.ok_or_else(|| Refusal::missing("comment"))?;
    if row.held {
        return Err(Refusal::conflict("not_sent", "It has not left yet. Wait a moment.").into());
    }
    Ok(row)
}

/// Opens a record of the same requester with words of this one as its report, and links both. Files go along. An
/// internal note stays one: the new record then begins with its title, and the note stands on it.
///
/// # Errors
/// As [`splittable`] and as opening a record.
pub fn split(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    comment: i64,
    split: &Split,
) -> Result<View> {
    let (record, seen) = rows::find(session, caller, process, number)?;
    let row = words_of(session, caller, &record, &seen, comment)?;
    let quoted = quote(&row.body, number);
    let opening = Opening { values: values(&record, split, &row, &quoted), ..Opening::default() };
    let new = open(session, caller, split.into, &opening)?.record;
    if row.internal {
        comments::write_comment(session, caller, &new, &quoted, true)?;
    }
    for file in hangings::attachments(session.conn, &seen)?.into_iter().filter(|file| came_with(file, &row)) {
        copy(session, caller, &new, file)?;
    }
    let own = new.value(spine::NUMBER.def.key).plain();
    if let Some(relation) = split.into.relation_to(record.process) {
        hang::link_records_quietly(session, caller, &new, relation.key, &record)?;
        let told = |other: &Json, arrives: bool| json!([hang::told(relation.key, &Json::Null, other, arrives)]);
        append(session, caller, &record, "split", false, &told(&own, true), None)?;
        append(session, caller, &new, "linked", false, &told(&Json::from(number), false), None)?;
    }
    view(session, caller, new.id, split.into)
}

fn values(record: &Record, split: &Split, row: &CommentRow, quoted: &str) -> Map<String, Json> {
    let mut values = Map::new();
    for key in KEPT.into_iter().filter(|key| split.into.field(key).is_some()) {
        values.insert(key.to_owned(), record.value(key).plain());
    }
    values.insert(spine::TITLE.def.key.to_owned(), Json::from(split.title.trim()));
    let report = |field: &&FieldDef| {
        matches!(field.kind, Kind::Markdown) && field.writer == Writer::Opener && field.audience == Audience::Everyone
    };
    if let Some(field) = split.into.fields().find(report) {
        let words = if row.internal { split.title.trim() } else { quoted };
        values.insert(field.key.to_owned(), Json::from(words));
    }
    values
}

/// Words as a quotation that says where they stood.
fn quote(body: &str, number: &str) -> String {
    let lines: Vec<String> = body.lines().map(|line| format!("> {line}").trim_end().to_owned()).collect();
    format!("{}\n\n({number})", lines.join("\n"))
}

/// The same stored file on another record.
fn copy(session: &mut Session<'_>, caller: &Caller, to: &Record, file: AttachmentRow) -> Result<()> {
    let row = AttachmentRow { record: to.id, comment: None, at: session.now, author: caller.person_id(), ..file };
    hangings::attach(session.conn, &row)?;
    let told = json!([{ "field": "attachment", "old": null, "new": row.name }]);
    append(session, caller, to, "attached", !row.internal, &told, None).map(|_| ())
}
