//! Tasks, drafts and what one watches: the first lines on the page of one's work, and all of them on pages of their own.

use std::collections::HashMap;

use axum::extract::{Path, State};
use axum::response::Response;
use jiff::tz::TimeZone;
use mainstay_desk::mine::{self, Begun, MOST};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::record::Record;
use mainstay_markup::html;
use mainstay_store::mine::OpenTask;
use mainstay_words::{inside, tf};
use maud::Markup;

use crate::components::{Stat, ViewHead, icon_small, pane, time, view_head};
use crate::components::{TicketRow, ticket_row};
use crate::failure::Failure;
use crate::pages::frame::{At, Frame, Place, capped};
use crate::pages::queue::number;
use crate::session::Visit;
use crate::shown::{Reader, due_chip, status};
use crate::web::Web;

/// What one has in hand beside records of one's own.
#[derive(Default)]
pub(super) struct Parts {
    pub tasks: Vec<(OpenTask, Record)>,
    pub drafts: Vec<Begun>,
    pub watched: Vec<Record>,
}

impl Parts {
    /// The numbers, each leading to all its lines.
    pub fn stats(&self) -> Vec<Stat<'static>> {
        let stat = |name: &'static str, count: usize, href: &'static str| Stat {
            name: name.into(),
            value: shown_count(count).into(),
            href: Some(href.into()),
            ..Stat::default()
        };
        vec![
            stat("My tasks", self.tasks.len(), "/my-work/tasks"),
            stat("Drafts", self.drafts.len(), "/my-work/drafts"),
            stat("Watched", self.watched.len(), "/my-work/watched"),
        ]
    }
}

/// A number of lines; where as many were read as are read at most, there may be more.
fn shown_count(count: usize) -> String {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    if count >= MOST { format!("{MOST}+") } else { capped(count, MOST) }
}

/// `GET /my-work/{part}`
pub async fn show(State(web): State<Web>, Path(name): Path<String>, visit: Visit) -> Result<Response, Failure> {
    let title = match name.as_str() {
        "tasks" => "My tasks",
        "drafts" => "Drafts",
        "watched" => "Watched",
        _ => return Err(Failure::missing()),
    };
    let asked = name.clone();
    let load = move |session: &mut Session<'_>, caller: &Caller| {
        let frame = Frame::load(session, caller)?;
        let mut parts = Parts::default();
        match asked.as_str() {
            "tasks" => parts.tasks = mine::tasks(session, caller)?,
            "drafts" => parts.drafts = mine::drafts(session, caller)?,
            _ => parts.watched = mine::watched(session, caller)?,
        }
        Ok((frame, parts))
    };
    let (frame, parts) = web.read(&visit, Channel::Desk, load).await?;
    let (zone, now) = (&frame.zone, visit.now());
    let (count, body) = match name.as_str() {
        "tasks" => (parts.tasks.len(), tasks(&parts.tasks, usize::MAX, zone, now)),
        "drafts" => (parts.drafts.len(), drafts(&parts.drafts, usize::MAX, zone, now)),
        _ => (parts.watched.len(), watched(&parts.watched, usize::MAX, zone, now)),
    };
    let above = vec![("My work".into(), "/my-work".into())];
    let count = Some(shown_count(count).into());
    let head = view_head(&ViewHead { title: title.into(), count, above, ..ViewHead::default() });
    let page = pane(&head, &html! { div.card.work-rows.work-all { (body) } });
    Ok(frame.page(&web, &visit, &At::new(title, Place::Mine), &page))
}

/// A line with a record: words above, the record below.
fn line(id: &str, href: &str, words: &str, below: &Markup) -> Markup {
    html! {
        a.work-line id=(id) href=(href) {
            span.medium dir="auto" { (words) }
            span.quiet.line { (below) }
        }
    }
}

fn of(record: &Record) -> String {
    let title = record.value("title").as_text().unwrap_or_default();
    format!("{} {title}", number(record))
}

/// Open tasks, the first due first.
pub(super) fn tasks(all: &[(OpenTask, Record)], most: usize, zone: &TimeZone, now: i64) -> Markup {
    html! {
        @if all.is_empty() { p.quiet.work-none { "No task of yours is open." } }
        @for (task, record) in all.iter().take(most) {
            @let href = format!("/{}/{}/tasks", record.process.plural, number(record));
            (line(&format!("row-t{}", task.id), &href, &task.title, &html! {
                @if let Some(due) = task.due {
                    span.line.ink-red[due < now] { (icon_small("clock")) @if due < now { "late " } (time(due, zone, now)) }
                }
                span.clip dir="auto" { (of(record)) }
            }))
        }
    }
}

/// What one is writing.
pub(super) fn drafts(all: &[Begun], most: usize, zone: &TimeZone, now: i64) -> Markup {
    html! {
        @if all.is_empty() { p.quiet.work-none { "You are not in the middle of anything." } }
        @for (at, draft) in all.iter().take(most).enumerate() {
            @let (href, words) = place(draft);
            (line(&format!("row-d{at}"), &href, &words, &html! {
                span { (kind(draft)) " · " (time(draft.updated, zone, now)) }
                @if !draft.words.is_empty() { span.clip dir="auto" { (draft.words.lines().next().unwrap_or_default()) } }
            }))
        }
    }
}

fn kind(draft: &Begun) -> &'static str {
    match draft.kind.as_str() {
        "note" => "Internal note",
        "reply" => "Reply",
        "answer" => "Answer in the portal",
        _ => "New record",
    }
}

/// Where a draft goes on, and what it is of.
fn place(draft: &Begun) -> (String, String) {
    let process = draft.process.as_deref().and_then(mainstay_processes::process);
    match (&draft.record, process) {
        (Some(record), _) if draft.kind == "answer" => (format!("/portal/requests/{}", number(record)), of(record)),
        (Some(record), _) => (format!("/{}/{}", record.process.plural, number(record)), of(record)),
        (None, Some(process)) => {
            (format!("/{}/new", process.plural), tf("New {process}", &[("process", &inside(process.label))]))
        }
        (None, None) => ("/".to_owned(), "Another form".to_owned()),
    }
}

/// Records that one watches.
pub(super) fn watched(all: &[Record], most: usize, zone: &TimeZone, now: i64) -> Markup {
    let names = HashMap::new();
    let reader = Reader::new(&names, zone);
    html! {
        @if all.is_empty() { p.quiet.work-none { "You watch nothing. The bell of a record tells you what happens to it." } }
        @for record in all.iter().take(most) { (ticket_row(&row(record, &reader, now), now)) }
    }
}

fn row(record: &Record, reader: &Reader<'_>, now: i64) -> TicketRow<'static> {
    TicketRow {
        number: number(record).into(),
        href: format!("/{}/{}", record.process.plural, number(record)).into(),
        title: record.value("title").as_text().unwrap_or_default().to_owned().into(),
        priority: crate::shown::priority(record.value("priority")),
        sla: due_chip(record, now),
        person: None,
        since: crate::shown::lately(record, reader.zone, now).into(),
        status: status(record.process, record.state),
        ..TicketRow::default()
    }
}
