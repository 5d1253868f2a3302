//! The first section of a record: words and events in their order, and where one answers.

use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::live::{self, Said};
use mainstay_desk::records::{Draft, Macro, Template, Waiting, Words};
use mainstay_desk::{Caller, Session, records, writing};
use mainstay_engine::field::{Audience, Kind, Writer};
use mainstay_engine::process::Asks;
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_store::hangings::{AttachmentRow, CommentRow};
use mainstay_store::{DraftRow, EventRow};
use mainstay_words::{inside, tf, tn};
use maud::Markup;

use super::edit::Clash;
use super::head::at_once;
use super::here::Here;
use super::ready;
use super::sheet::{Section, Sheet, value};
use super::telling::{self, Told};
use crate::components::{Attachment, Composer, Entry, MenuItem, Message, Person, WaitingFile, composer, timeline};
use crate::failure::Failure;
use crate::session::Visit;

/// Comments of one page of the database, and pages that are read at most.
const COMMENTS: i64 = 200;
const PAGES: usize = 10;
const EVENTS: i64 = 500;
/// What one file may hold, in bytes: a little less than a form.
pub(super) const MOST_FILE_BYTES: u64 = 25_000_000;

/// Everything that was said and done.
#[derive(Default)]
pub struct Course {
    comments: Vec<CommentRow>,
    events: Vec<EventRow>,
    files: Vec<AttachmentRow>,
    /// What the viewer has begun to write: to the requester, and among colleagues.
    drafts: [Option<DraftRow>; 2],
    /// Files that wait with these words.
    waiting: [Vec<Waiting>; 2],
    templates: Vec<Template>,
    macros: Vec<Macro>,
    /// The viewer sees words as they will look while they write.
    rich: bool,
    /// What others said since the viewer began to write.
    meanwhile: Vec<Said>,
}

/// What somebody was about to say when it was refused.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// The words.
    pub body: String,
    /// As an internal note.
    pub note: bool,
    /// Why it was refused.
    pub error: Option<String>,
    /// Others spoke after this event, which was the newest that the page had shown.
    pub overtaken: Option<i64>,
    /// Words of a template, which go behind what is written.
    pub added: Option<String>,
    /// An edit of a property that somebody else overtook.
    pub clash: Option<Clash>,
}

/// `GET /{plural}/{number}`
pub async fn show(here: Here) -> Result<Response, Failure> {
    page(&here, &Written::default(), StatusCode::OK).await
}

/// The section with a draft in the composer.
///
/// # Errors
/// Not the caller's to see; the database's.
pub async fn page(here: &Here, draft: &Written, status: StatusCode) -> Result<Response, Failure> {
    let overtaken = draft.overtaken;
    let read =
        move |session: &mut Session<'_>, caller: &Caller, sheet: &mut Sheet| course(session, caller, sheet, overtaken);
    let visit = &here.visit;
    let (mut sheet, course) = here.open(read).await?;
    sheet.clash.clone_from(&draft.clash);
    let body = html! {
        (timeline(&entries(&sheet, &course), &sheet.frame.zone, visit.now()))
        (answer(&sheet, visit, &course, draft))
    };
    Ok(sheet.page(&here.web, visit, Section::Activity, status, &body))
}

fn course(
    session: &mut Session<'_>,
    caller: &Caller,
    sheet: &mut Sheet,
    overtaken: Option<i64>,
) -> mainstay_desk::Result<Course> {
    let (process, number) = (sheet.process(), sheet.number().to_owned());
    let mut course = Course::default();
    writing::foresee(session, caller);
    for _ in 0..PAGES {
        let after = course.comments.last().map_or(0, |comment| comment.id);
        let more = records::comments(session, caller, process, &number, after, COMMENTS)?;
        let full = i64::try_from(more.len()).is_ok_and(|found| found == COMMENTS);
        course.comments.extend(more);
        if !full {
            break;
        }
    }
    course.events = records::history(session, caller, process, &number, 0, EVENTS)?;
    course.files = records::attachments(session, caller, process, &number)?;
    if let Some(event) = overtaken {
        course.meanwhile = live::said_after(session, caller, process, &number, event)?;
    }
    if sheet.view.can.comment || sheet.view.can.note {
        for (place, words) in [Words::Reply, Words::Note].into_iter().enumerate() {
            course.drafts[place] = records::draft(session, caller, Draft::Words(words, process, &number))?;
            course.waiting[place] = records::waiting_files(session, caller, words, process, &number)?;
        }
        if sheet.view.can.note {
            course.rich = writing::is_rich(session, caller)?;
            course.templates = records::templates(session, caller, process, &number)?;
            course.macros = records::macros(session, caller, process, &number)?;
        }
    }
    let words: Vec<&str> = course.comments.iter().map(|comment| comment.body.as_str()).collect();
    let named = records::referenced(session, caller, words)?;
    sheet.view.targets.extend(named);
    let authors: Vec<i64> = course.comments.iter().filter_map(|comment| comment.author).collect();
    telling::learn_ids(session, &authors, &mut sheet.names)?;
    let fields = std::mem::take(&mut sheet.fields);
    telling::learn(session, &fields, &course.events, &mut sheet.names)?;
    sheet.fields = fields;
    Ok(course)
}

/// Words and events by their instant; what was said at the same instant as something was done comes first.
fn entries(sheet: &Sheet, course: &Course) -> Vec<Entry<'static>> {
    let mut all: Vec<(i64, u8, i64, Entry<'static>)> = Vec::new();
    all.extend(report(sheet, course).map(|(at, entry)| (at, 0, 0, entry)));
    for comment in &course.comments {
        all.push((comment.at, 1, comment.id, Entry::Message(said(sheet, comment, &course.files))));
    }
    for event in course.events.iter().filter(|event| shown(event, course)) {
        if let Some(entry) = done(sheet, event) {
            all.push((event.at, 2, event.id, entry));
        }
    }
    if let Some(first) = course.comments.iter().find(|comment| course.is_new(comment.id)) {
        all.push((first.at, 1, first.id - 1, Entry::Unread(course.meanwhile.len())));
    }
    all.sort_by_key(|(at, kind, id, _)| (*at, *kind, *id));
    all.into_iter().map(|(.., entry)| entry).collect()
}

impl Course {
    fn is_new(&self, comment: i64) -> bool {
        self.meanwhile.iter().any(|said| said.comment == Some(comment))
    }
}

/// What the requester wrote when it was opened, as the first message.
fn report(sheet: &Sheet, course: &Course) -> Option<(i64, Entry<'static>)> {
    let words = sheet.view.fields.iter().find(|field| {
        matches!(field.kind, Kind::Markdown) && field.writer == Writer::Opener && field.audience == Audience::Everyone
    })?;
    let body = value(&sheet.view, words.key).as_text()?;
    let at = value(&sheet.view, spine::OPENED.def.key).as_int()?;
    let reader = sheet.reader();
    let requester = value(&sheet.view, spine::REQUESTER.def.key).as_int();
    let source = sheet.fields.get("source").and_then(|field| reader.words(field, value(&sheet.view, field.key)));
    Some((
        at,
        Entry::Message(Message {
            id: "report".into(),
            author: requester.map_or_else(system, |id| reader.person(id)),
            via: source.map(Into::into),
            at,
            internal: false,
            body: reader.prose(body),
            split: None,
            attachments: course.files.iter().filter(|file| file.at == at).map(tile).collect(),
        }),
    ))
}

fn system() -> Person<'static> {
    Person { name: "Mainstay".into(), hue: 5 }
}

fn said(sheet: &Sheet, comment: &CommentRow, files: &[AttachmentRow]) -> Message<'static> {
    let via = match comment.channel.as_str() {
        _ if comment.held => Some("Leaves in a moment"),
        "portal" => Some("Portal"),
        "api" => Some("API"),
        "import" => Some("Import"),
        "engine" => Some("Automatic"),
        _ if !comment.internal => Some("Reply"),
        _ => None,
    };
    let splits = sheet.view.can.split && !comment.held;
    Message {
        id: format!("comment-{}", comment.id).into(),
        author: comment.author.map_or_else(system, |id| sheet.reader().person(id)),
        via: via.map(Into::into),
        at: comment.at,
        internal: comment.internal,
        body: sheet.reader().prose(&comment.body),
        split: splits.then(|| sheet.beside(&format!("/comments/{}/split", comment.id)).into()),
        attachments: files.iter().filter(|file| records::came_with(file, comment)).map(tile).collect(),
    }
}

/// A file as a tile.
#[must_use]
pub fn tile(file: &AttachmentRow) -> Attachment<'static> {
    Attachment {
        name: file.name.clone().into(),
        size: u64::try_from(file.size).unwrap_or_default(),
        href: Some(format!("/files/{}", file.id).into()),
        remark: file.internal.then(|| "internal".into()),
        picture: file.media_type.starts_with("image/"),
    }
}

/// Words and their files stand in the timeline themselves; the rest of the log is told in lines.
fn shown(event: &EventRow, course: &Course) -> bool {
    match event.verb.as_str() {
        "commented" | "noted" | "replied" | "written" | "withdrawn" | "watched" | "unwatched" | "notified" => false,
        // That time passes is seen in the rail; that a target was missed belongs here.
        warning if warning.contains('.') => warning.ends_with(".breached"),
        "attached" => {
            // Files of words that have left are known already.
            let known = event.changes.contains("\"old\":\"");
            let with_words = |comment: &CommentRow| comment.at == event.at && comment.author == event.actor;
            !known && !course.comments.iter().any(with_words)
        }
        _ => true,
    }
}

/// An event as one line: who, what, and the few changes that matter most.
fn done(sheet: &Sheet, event: &EventRow) -> Option<Entry<'static>> {
    let (process, reader) = (sheet.process(), sheet.reader());
    let mut changes = telling::told(process, event, &sheet.fields, &reader);
    changes.retain(|change| !change.derived && event.verb != "opened");
    if event.verb == "updated" && changes.is_empty() {
        return None;
    }
    let line = html! {
        (telling::deed(process, event, &reader))
        @for change in changes.iter().take(3) { " · " (short(change)) }
        @if changes.len() > 3 { " · " (tn(changes.len() - 3, "{n} more", "{n} more")) }
        @if let Some(reason) = &event.reason { " — " bdi { (reason) } }
    };
    Some(Entry::Event {
        id: format!("event-{}", event.id).into(),
        icon: telling::icon(process, event),
        line,
        at: event.at,
    })
}

fn short(change: &Told) -> Markup {
    html! {
        (change.label)
        @if !change.long {
            " "
            b dir="auto" {
                @match (&change.old, &change.new) {
                    (Some(old), Some(new)) => { (old) " → " (new) }
                    (None, Some(new)) => { (new) }
                    (Some(old), None) => { s { (old) } }
                    (None, None) => { "–" }
                }
            }
        }
    }
}

fn answer(sheet: &Sheet, visit: &Visit, course: &Course, draft: &Written) -> Markup {
    let can = sheet.view.can;
    if !can.comment && !can.note {
        return html! {};
    }
    let to = value(&sheet.view, spine::REQUESTER.def.key).as_int().map(|id| sheet.reader().name(id));
    let [reply, note] = course.drafts.clone().map(Option::unwrap_or_default);
    // Only notes are left once a record is closed; else the words that were touched last are at hand.
    let unsent = draft.body.is_empty() && draft.error.is_none();
    let as_note = !can.comment || draft.note || (unsent && can.note && note.updated > reply.updated);
    let own = if as_note { &note.body } else { &reply.body };
    let mut body = if unsent { own.clone() } else { draft.body.clone() };
    if let Some(added) = &draft.added {
        let between = if body.trim().is_empty() { "" } else { "\n\n" };
        body = format!("{body}{between}{added}");
    }
    let kept = unsent && !own.is_empty();
    composer(&Composer {
        number: sheet.number().into(),
        shown: sheet.shown,
        anyway: draft.overtaken.is_some(),
        drafts: [reply.body.into(), note.body.into()],
        draft: kept.then(|| "Draft saved".into()),
        action: sheet.beside("/comments").into(),
        token: visit.token().into(),
        to: to.map(Into::into),
        notes: can.note,
        as_note,
        body: body.into(),
        ways: ways(sheet),
        rich: course.rich,
        files: course.waiting.each_ref().map(|files| files.iter().map(waiting).collect()),
        most_bytes: MOST_FILE_BYTES,
        tools: ready::tools(sheet, &course.templates, &course.macros),
        error: draft.error.as_deref().map(Into::into),
        ..Composer::default()
    })
}

fn waiting(file: &Waiting) -> WaitingFile<'static> {
    WaitingFile {
        name: file.name.clone().into(),
        size: u64::try_from(file.size).unwrap_or_default(),
        digest: file.digest.clone().into(),
    }
}

/// Sending and taking a step at once. A step that asks for more is taken to its form afterwards.
fn ways(sheet: &Sheet) -> Vec<MenuItem<'static>> {
    let moves = sheet.view.options.iter().filter(|step| step.to.is_some_and(|to| !to.void) && step.links.is_none());
    let way = |step: &&'static mainstay_engine::process::Transition| {
        let more = if at_once(&sheet.view.record, step) || step.asks == Asks::Comment && step.needs.is_empty() {
            ""
        } else {
            "…"
        };
        MenuItem::Submit {
            label: tf("Send, then {step}{more}", &[("step", &inside(step.label)), ("more", &more)]).into(),
            name: "then".into(),
            value: step.verb.into(),
        }
    };
    moves.map(way).collect()
}
