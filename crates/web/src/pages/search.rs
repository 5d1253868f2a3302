//! Search over every process: by number at once, by words through the index.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use mainstay_desk::feed::{self, Search};
use mainstay_desk::records::{self, Listing, Row as Found};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::condition::Operand;
use mainstay_engine::spine;
use maud::{Markup, html};

use super::frame::{At, Frame, Place};
use super::queue::number;
use crate::address;
use crate::components::{Nothing, TicketRow, ViewHead, icon_small, nothing, pages, pane, ticket_row, view_head};
use crate::failure::Failure;
use crate::flash::go_on;
use crate::session::Visit;
use crate::shown::{Reader, due_chip, priority, status};
use crate::web::Web;

const HITS: usize = 30;

/// What was found.
#[derive(Default)]
struct Hits {
    rows: Vec<Found>,
    names: HashMap<i64, String>,
    total: String,
    corrected: bool,
    next: Option<String>,
}

/// `GET /search?q=…`
pub async fn show(State(web): State<Web>, RawQuery(query): RawQuery, visit: Visit) -> Result<Response, Failure> {
    let pairs = address::pairs(&query.unwrap_or_default());
    let text = address::value(&pairs, "q").unwrap_or_default().trim().to_owned();
    let after = address::value(&pairs, "after").map(str::to_owned);
    let (index, asked) = (web.desk().search().cloned(), text.clone());
    let later = after.is_some();
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let frame = Frame::load(session, caller)?;
        let hits = if asked.is_empty() { Hits::default() } else { find(session, caller, index, &asked, after)? };
        Ok((frame, hits))
    };
    let (frame, hits) = web.read(&visit, Channel::Desk, work).await?;
    // A whole number leads straight to its record.
    if let ([only], false) = (hits.rows.as_slice(), later)
        && number(&only.record).eq_ignore_ascii_case(&text)
    {
        return Ok(go_on(&href(only), None));
    }
    let head = view_head(&ViewHead {
        title: "Search".into(),
        count: (!text.is_empty()).then(|| hits.total.as_str().into()),
        ..ViewHead::default()
    });
    let body = html! { (ask(&text)) (results(&hits, &frame, &text, visit.now())) };
    let title = if text.is_empty() { "Search".to_owned() } else { format!("Search: {text}") };
    Ok(frame.page(&web, &visit, &At::new(&title, Place::Search), &pane(&head, &body)))
}

/// Through the index where there is one, else by number and by the words of the title.
fn find(
    session: &mut Session<'_>,
    caller: &Caller,
    index: Option<Arc<mainstay_search::Index>>,
    text: &str,
    after: Option<String>,
) -> mainstay_desk::Result<Hits> {
    let Some(index) = index else { return by_title(session, caller, text) };
    let search = Search { text: text.to_owned(), limit: HITS, after, ..Search::default() };
    let found = feed::search(session, caller, &index, &search)?;
    let total = if found.capped { format!("{}+", found.total) } else { found.total.to_string() };
    Ok(Hits { rows: found.rows, names: found.names, total, corrected: found.corrected, next: found.next })
}

fn by_title(session: &mut Session<'_>, caller: &Caller, text: &str) -> mainstay_desk::Result<Hits> {
    let mut hits = Hits::default();
    let quoted = Operand::Text(text.to_owned());
    let filter = format!("title contains {quoted} or number = {}", Operand::Text(text.to_uppercase()));
    for process in mainstay_processes::ALL.iter().copied() {
        let listing = Listing { filter: Some(filter.clone()), limit: HITS, ..Listing::default() };
        match records::list(session, caller, process, &listing) {
            Ok(page) => {
                hits.rows.extend(page.rows);
                hits.names.extend(page.names);
            }
            Err(mainstay_desk::Error::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    hits.total = hits.rows.len().to_string();
    Ok(hits)
}

fn ask(text: &str) -> Markup {
    html! {
        form.line role="search" action="/search" {
            div.search-box.grow {
                (icon_small("search"))
                label.sr for="q" { "Number or words" }
                input #q type="search" name="q" value=(text) dir="auto" maxlength="200" placeholder="A number, or words of a record";
            }
            button.btn.btn-primary type="submit" { "Search" }
        }
    }
}

fn results(hits: &Hits, frame: &Frame, text: &str, now: i64) -> Markup {
    if text.is_empty() {
        return nothing(
            Nothing::Yet,
            "What are you looking for?",
            "Type a number, or words of a title, a report or a reply.",
            &html! {},
            None,
        );
    }
    if hits.rows.is_empty() {
        return nothing(
            Nothing::Filtered,
            "Nothing found",
            "Try fewer or other words. You find only what you may see.",
            &html! {},
            None,
        );
    }
    let reader = Reader { names: &hits.names, zone: &frame.zone };
    let older = hits.next.as_ref().map(|next| address::with_query("/search", [("q", text), ("after", next)]));
    html! {
        @if hits.corrected { p.quiet { "Nothing has these words as you wrote them; these come close." } }
        div { @for row in &hits.rows { (ticket_row(&hit(row, &reader, now), now)) } }
        (pages(&format!("{} shown", hits.rows.len()), None, older.as_deref()))
    }
}

fn hit(row: &Found, reader: &Reader<'_>, now: i64) -> TicketRow<'static> {
    let record = &row.record;
    TicketRow {
        number: number(record).into(),
        href: href(row).into(),
        title: record.value(spine::TITLE.def.key).as_text().unwrap_or_default().to_owned().into(),
        priority: priority(record.value(spine::PRIORITY.def.key)),
        sla: due_chip(record, now),
        person: record.value(spine::REQUESTER.def.key).as_int().map(|id| reader.person(id)),
        since: record.value(spine::UPDATED.def.key).as_int().unwrap_or(now),
        status: status(record.process, record.state),
        unread: false,
        current: false,
    }
}

fn href(row: &Found) -> String {
    format!("/{}/{}", row.record.process.plural, number(&row.record))
}
