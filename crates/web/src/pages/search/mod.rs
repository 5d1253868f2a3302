//! Search over every process: by number at once, by words through the index.

mod narrowed;

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use mainstay_desk::feed::{self, Search};
use mainstay_desk::records::{self, Listing, Row as Found};
use mainstay_desk::{Caller, Channel, Session, retention};
use mainstay_engine::condition::Operand;
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_words::{t, tf, tn};
use maud::Markup;

use narrowed::{ARCHIVED, Narrowed, Offered};

use super::frame::{At, Frame, Place};
use super::queue::number;
use crate::address;
use crate::components::{
    FilterChip, Nothing, TicketRow, ViewHead, icon, icon_small, nothing, pages, pane, ticket_row, view_head,
};
use crate::failure::Failure;
use crate::flash::go_on;
use crate::session::Visit;
use crate::shown::{Reader, due_chip, lately, priority, status};
use crate::web::Web;

const HITS: usize = 30;
/// Teams to narrow by, the most frequent.
const TEAMS: usize = 8;

/// What was found.
#[derive(Default)]
struct Hits {
    rows: Vec<Found>,
    names: HashMap<i64, String>,
    total: String,
    corrected: bool,
    next: Option<String>,
    states: Vec<Choice>,
    priorities: Vec<Choice>,
    teams: Vec<Choice>,
    /// An index answered, which can narrow and order.
    indexed: bool,
    /// The viewer finds what is archived.
    archive: bool,
}

/// A value to narrow by, and how many matches have it.
struct Choice {
    value: String,
    words: String,
    count: usize,
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
        let by = Narrowed::read(session, caller, &pairs)?;
        let offered = if index.is_some() { Some(Offered::load(session, caller)?) } else { None };
        // Without words, filters say what is looked for where there is an index.
        let silent = asked.is_empty() && (index.is_none() || !by.narrows());
        let mut hits = if silent { Hits::default() } else { find(session, caller, index.clone(), &asked, &by, after)? };
        hits.archive = index.is_some() && retention::reads_archive(caller);
        Ok((frame, hits, by, offered))
    };
    let (frame, hits, narrowed, offered) = web.read(&visit, Channel::Desk, work).await?;
    // A whole number leads straight to its record.
    if let ([only], false) = (hits.rows.as_slice(), later)
        && number(&only.record).eq_ignore_ascii_case(&text)
    {
        return Ok(go_on(&href(only), None));
    }
    let head = view_head(&ViewHead {
        title: "Search".into(),
        count: (!hits.total.is_empty()).then(|| hits.total.as_str().into()),
        ..ViewHead::default()
    });
    let body = html! {
        (ask(&text, &narrowed, offered.as_ref(), &frame))
        (chips(&narrowed.chips(&text)))
        @if hits.archive { (archive(&text, &narrowed)) }
        @if hits.indexed { (narrowing(&hits, &text, &narrowed)) }
        (results(&hits, &frame, &text, &narrowed, visit.now()))
    };
    let title = if text.is_empty() { "Search".to_owned() } else { tf("Search: {text}", &[("text", &text)]) };
    Ok(frame.page(&web, &visit, &At::new(&title, Place::Search), &pane(&head, &body)))
}

/// Through the index where there is one, else by number and by the words of the title.
fn find(
    session: &mut Session<'_>,
    caller: &Caller,
    index: Option<Arc<mainstay_search::Index>>,
    text: &str,
    by: &Narrowed,
    after: Option<String>,
) -> mainstay_desk::Result<Hits> {
    let Some(index) = index else { return by_title(session, caller, text) };
    let search = Search {
        text: text.to_owned(),
        processes: by.processes(),
        filters: by.filters(&caller.zone()),
        newest: by.newest,
        limit: HITS,
        after,
    };
    let found = feed::search(session, caller, &index, &search)?;
    let total = if found.capped { format!("{}+", found.total) } else { found.total.to_string() };
    let team = |(id, count): (i64, usize)| {
        Some(Choice { value: id.to_string(), words: session.config.teams.get(&id)?.name.clone(), count })
    };
    Ok(Hits {
        states: found.facets.states.into_iter().filter_map(state_choice).collect(),
        priorities: found.facets.priorities.into_iter().map(priority_choice).collect(),
        teams: found.facets.teams.into_iter().filter_map(team).take(TEAMS).collect(),
        rows: found.rows,
        names: found.names,
        total,
        corrected: found.corrected,
        next: found.next,
        indexed: true,
        archive: false,
    })
}

/// The records that fit a few words best.
///
/// # Errors
/// The index's; the database's.
pub fn few(
    session: &mut Session<'_>,
    caller: &Caller,
    index: Option<Arc<mainstay_search::Index>>,
    text: &str,
    most: usize,
) -> mainstay_desk::Result<Vec<Found>> {
    let mut found = find(session, caller, index, text, &Narrowed::default(), None)?.rows;
    found.truncate(most);
    Ok(found)
}

fn state_choice((key, count): (String, usize)) -> Option<Choice> {
    let state = mainstay_processes::ALL.iter().find_map(|process| process.state(&key))?;
    Some(Choice { value: key, words: state.label.to_owned(), count })
}

fn priority_choice((priority, count): (u64, usize)) -> Choice {
    Choice { value: priority.to_string(), words: format!("P{priority}"), count }
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

/// The order, and what the matches can be narrowed to, each with its count.
fn narrowing(hits: &Hits, text: &str, by: &Narrowed) -> Markup {
    html! {
        nav.line.wrap aria-label="Order" {
            div.segments {
                (segment("Best first", !by.newest, &by.with(text, "sort", None)))
                (segment("Newest first", by.newest, &by.with(text, "sort", Some("newest"))))
            }
        }
        (choices("State", "state", &hits.states, by.state.as_deref(), text, by))
        (choices("Priority", "priority", &hits.priorities, by.priority.as_deref(), text, by))
        (choices("Team", "team", &hits.teams, by.entry("team").as_deref(), text, by))
    }
}

/// Where to look: among what is in use, or in the archive.
fn archive(text: &str, by: &Narrowed) -> Markup {
    html! {
        nav.line.wrap aria-label="Where" {
            div.segments {
                (segment("In use", !by.archived, &by.with(text, ARCHIVED, None)))
                (segment("Archive", by.archived, &by.with(text, ARCHIVED, Some("true"))))
            }
        }
    }
}

fn segment(words: &str, current: bool, href: &str) -> Markup {
    html! { a.segment href=(href) aria-current=[current.then_some("true")] { (t(words)) } }
}

/// Links that narrow by one field; the chosen one takes the narrowing away again.
fn choices(label: &str, name: &'static str, all: &[Choice], chosen: Option<&str>, text: &str, by: &Narrowed) -> Markup {
    if all.len() < 2 && chosen.is_none() {
        return html! {};
    }
    html! {
        nav.line.wrap.facets aria-label=(label) {
            span.quiet { (label) }
            @for choice in all {
                @let current = chosen == Some(choice.value.as_str());
                @let to = by.with(text, name, (!current).then_some(choice.value.as_str()));
                a.pill.(if current { "tone-accent" } else { "pill-line" }) href=(to) aria-current=[current.then_some("true")] {
                    (t(&choice.words)) " (" (choice.count) ")"
                    @if current { span.sr { ", take this filter away" } }
                }
            }
            @if chosen.is_some() { a.pill.pill-line href=(by.with(text, name, None)) { "All" } }
        }
    }
}

/// What the answer is narrowed by, each to be taken away.
fn chips(chips: &[FilterChip<'_>]) -> Markup {
    html! {
        @if !chips.is_empty() {
            div.line.wrap.facets {
                @for chip in chips {
                    a.pill.tone-accent href=(chip.without) title=(chip.label) {
                        span.sr { "Remove filter " } bdi.clip { (chip.label) } (icon("x"))
                    }
                }
            }
        }
    }
}

fn ask(text: &str, by: &Narrowed, offered: Option<&Offered>, frame: &Frame) -> Markup {
    // What has a control of its own is not sent twice.
    let linked = |name: &str| ["state", "priority", "team", "sort"].contains(&name);
    html! {
        form.asks.search-form role="search" action="/search" {
            div.line {
                div.search-box.grow {
                    (icon_small("search"))
                    label.sr for="q" { "Number or words" }
                    input #q type="search" name="q" value=(text) dir="auto" maxlength="200" placeholder="A number, or words of a record";
                }
                button.btn.btn-primary type="submit" { "Search" }
            }
            @for (name, value) in by.pairs().iter().filter(|(name, _)| linked(name)) { input type="hidden" name=(name) value=(value); }
            @if let Some(offered) = offered { (offered.form(by, &frame.zone)) }
        }
    }
}

fn results(hits: &Hits, frame: &Frame, text: &str, by: &Narrowed, now: i64) -> Markup {
    if text.is_empty() && hits.total.is_empty() {
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
    let reader = Reader::new(&hits.names, &frame.zone);
    let older = hits.next.as_ref().map(|next| {
        let pairs = by.pairs();
        let kept = pairs.iter().map(|(name, value)| (*name, value.as_str()));
        address::with_query("/search", [("q", text)].into_iter().chain(kept).chain([("after", next.as_str())]))
    });
    html! {
        @if hits.corrected { p.quiet { "Nothing has these words as you wrote them; these come close." } }
        div { @for row in &hits.rows { (ticket_row(&hit(row, &reader, now), now)) } }
        (pages(&tn(hits.rows.len(), "{n} shown", "{n} shown"), None, older.as_deref()))
    }
}

/// A record that was found, as a line.
#[must_use]
pub fn hit(row: &Found, reader: &Reader<'_>, now: i64) -> TicketRow<'static> {
    let record = &row.record;
    TicketRow {
        number: number(record).into(),
        href: href(row).into(),
        title: record.value(spine::TITLE.def.key).as_text().unwrap_or_default().to_owned().into(),
        priority: priority(record.value(spine::PRIORITY.def.key)),
        sla: due_chip(record, now),
        person: record.value(spine::REQUESTER.def.key).as_int().map(|id| reader.person(id)),
        since: lately(record, reader.zone, now).into(),
        status: status(record.process, record.state),
        unread: false,
        current: false,
        demo: row.demo,
        left: false,
        pick: false,
    }
}

fn href(row: &Found) -> String {
    format!("/{}/{}", row.record.process.plural, number(&row.record))
}
