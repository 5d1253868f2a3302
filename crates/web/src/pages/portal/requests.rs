//! All that somebody has reported, and for representatives what their organisation has.

use axum::extract::{Query, State};
use axum::response::Response;
use mainstay_desk::export::Format;
use mainstay_desk::{Caller, Channel, Session, handed_out};
use mainstay_engine::process::Process;
use mainstay_markup::html;
use mainstay_words::tn;
use maud::Markup;
use serde::Deserialize;

use super::frame::{At, Guest, Room, report_place, sheet};
use super::home::UNFINISHED;
use super::lines::{self, Lines, Wanted};
use crate::address::with_query;
use crate::components::{Nothing, Tab, button_link, nothing, pages, request_list, section, tabs};
use crate::failure::Failure;
use crate::session::Visit;
use crate::web::Web;

/// Name of the page.
pub const MY_REQUESTS: &str = "My requests";
const ON_A_PAGE: usize = 25;
/// Longest words to look for, in characters.
const LONGEST: usize = 200;

/// Which requests.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Which {
    #[default]
    Open,
    Finished,
    Organisation,
    /// What the teams of a vendor have to do.
    Work,
    /// What they have done.
    Worked,
}

impl Which {
    const fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Finished => "finished",
            Self::Organisation => "organisation",
            Self::Work => "work",
            Self::Worked => "worked",
        }
    }
    const fn is_work(self) -> bool {
        matches!(self, Self::Work | Self::Worked)
    }
    fn condition(self, caller: &Caller, words: &str) -> String {
        let all = match self {
            Self::Open => lines::own(caller, UNFINISHED),
            Self::Finished => lines::own(caller, "phase = 3"),
            Self::Organisation => "organisation = my_organisation".to_owned(),
            // Work is no list of one process; it has its own way in.
            Self::Work | Self::Worked => return String::new(),
        };
        if words.is_empty() {
            return all;
        }
        let quoted = serde_json::Value::from(words);
        format!("{all} and (title contains {quoted} or number contains {quoted})")
    }
}

/// What the address asks for. A page marker belongs to one process.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    which: Which,
    of: Option<String>,
    after: Option<String>,
    #[serde(default)]
    q: String,
}

impl Asked {
    fn words(&self) -> String {
        self.q.trim().chars().take(LONGEST).collect()
    }
}

/// The list.
pub async fn show(State(web): State<Web>, visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    let (which, words) = (asked.which, asked.words());
    if which.is_work() {
        return work(&web, &visit, which, asked.after).await;
    }
    let (guest, found, filter) =
        web.read(&visit, Channel::Portal, move |session, caller| load(session, caller, &asked)).await?;
    let now = visit.now();
    let body = html! {
        (tabs("Requests", &tabs_of(&guest, which, &words)))
        (finder(which, &words))
        @if found.iter().all(|lines| lines.rows.is_empty()) { (none(&guest, which, &words)) }
        @let several = found.iter().filter(|lines| !lines.rows.is_empty()).count() > 1;
        @for lines in found.iter().filter(|lines| !lines.rows.is_empty()) {
            (listed(&guest, lines, which, &words, several, now))
            @if guest.files.iter().any(|process| process.key == lines.process.key) { (files(lines.process, &filter)) }
        }
    };
    Ok(guest.page(&web, &visit, &At::new(MY_REQUESTS, Room::Requests), &sheet(MY_REQUESTS, &body)))
}

/// Name of the page of what a vendor's teams have to do.
pub const TEAM_WORK: &str = "Work for your team";

/// The work of the viewer's teams, open or done, of all processes.
async fn work(web: &Web, visit: &Visit, which: Which, after: Option<String>) -> Result<Response, Failure> {
    let load = move |session: &mut Session<'_>, caller: &Caller| {
        let guest = Guest::load(session, caller)?;
        let (all, next) = match which {
            Which::Work => (handed_out::open(session, caller)?, None),
            _ => handed_out::done(session, caller, after.as_deref())?,
        };
        Ok((guest, all, next))
    };
    let (guest, all, next) = web.read(visit, Channel::Portal, load).await?;
    let rows: Vec<_> = all.iter().map(|work| lines::work_row(work, &guest.zone, visit.now())).collect();
    let body = html! {
        (tabs("Requests", &tabs_of(&guest, which, "")))
        @if rows.is_empty() { (none(&guest, which, "")) } @else { (request_list(&rows)) }
        @if let Some(next) = next {
            @let older = with_query("/portal/requests", pairs(which, "").chain([("after", next.as_str())]));
            (pages(&tn(rows.len(), "{n} shown", "{n} shown"), None, Some(&older)))
        }
    };
    Ok(guest.page(web, visit, &At::new(TEAM_WORK, Room::Work), &sheet(TEAM_WORK, &body)))
}

fn load(
    session: &mut Session<'_>,
    caller: &Caller,
    asked: &Asked,
) -> mainstay_desk::Result<(Guest, Vec<Lines>, String)> {
    let guest = Guest::load(session, caller)?;
    let filter = asked.which.condition(caller, &asked.words());
    let mut found = Vec::new();
    for process in mainstay_processes::ALL.iter().copied() {
        let named = asked.of.as_deref() == Some(process.plural);
        if asked.of.is_some() && !named {
            continue;
        }
        let after = asked.after.clone().filter(|_| named);
        found.push(Lines::load(session, caller, process, &Wanted { filter: &filter, limit: ON_A_PAGE, after })?);
    }
    Ok((guest, found, filter))
}

/// Looks among these by words or number.
fn finder(which: Which, words: &str) -> Markup {
    html! {
        form.portal-find role="search" action="/portal/requests" {
            input type="hidden" name="which" value=(which.key());
            label.sr for="find" { "Words or number" }
            input.control #find type="search" name="q" value=(words) dir="auto" placeholder="Words or number";
            button.btn.btn-l type="submit" { "Find" }
        }
    }
}

fn tabs_of(guest: &Guest, which: Which, words: &str) -> Vec<Tab<'static>> {
    let tab = |label: &'static str, this: Which| Tab {
        label: label.into(),
        href: with_query("/portal/requests", pairs(this, words)).into(),
        current: this == which,
        ..Tab::default()
    };
    if which.is_work() {
        return vec![tab("Open", Which::Work), tab("Done", Which::Worked)];
    }
    let mut all = vec![tab("Open", Which::Open), tab("Finished", Which::Finished)];
    if guest.represents {
        all.push(tab("My organisation", Which::Organisation));
    }
    all
}

fn pairs(which: Which, words: &str) -> impl Iterator<Item = (&str, &str)> {
    [("which", which.key())].into_iter().chain((!words.is_empty()).then_some(("q", words)))
}

fn listed(guest: &Guest, lines: &Lines, which: Which, words: &str, several: bool, now: i64) -> Markup {
    let rows: Vec<_> = lines.rows.iter().map(|row| lines::row(&row.record, &guest.zone, now)).collect();
    let list = request_list(&rows);
    let base = || pairs(which, words).chain([("of", lines.process.plural)]);
    let older = lines.next.as_deref().map(|after| with_query("/portal/requests", base().chain([("after", after)])));
    html! {
        @if several {
            (section(lines.process.plural, lines.process.label_plural, None, &list))
        } @else {
            (list)
        }
        @if older.is_some() { (pages(&tn(rows.len(), "{n} shown", "{n} shown"), None, older.as_deref())) }
    }
}

/// All of these as a file, now or again and again.
fn files(process: &'static Process, filter: &str) -> Markup {
    let place = format!("/{}/export", process.plural);
    html! {
        div.btn-row {
            @for format in Format::ALL {
                a.btn href=(with_query(&place, [("format", format.key()), ("filter", filter)])) download data-turbo="false" {
                    span.sr { "Save as a file" ": " } (format.key().to_uppercase())
                }
            }
            a.btn href=(with_query(&format!("{place}/schedule"), [("filter", filter)])) { "Regularly…" }
        }
    }
}

fn none(guest: &Guest, which: Which, words: &str) -> Markup {
    if !words.is_empty() {
        let all = button_link(&with_query("/portal/requests", pairs(which, "")), "Show all", None, true);
        let text = "Try other words, or look among all of them.";
        return html! { div.card { (nothing(Nothing::Filtered, "Nothing found", text, &all, None)) } };
    }
    let (title, text) = match which {
        Which::Open => ("Nothing open", "What you report appears here until it is finished."),
        Which::Finished => ("Nothing finished yet", "What is finished stays here, so that you can look it up."),
        Which::Organisation => ("Nothing yet", "What people of your organisation report appears here."),
        Which::Work => ("Nothing to do", "What is given to your team appears here until it is done."),
        Which::Worked => ("Nothing done yet", "What your team has done stays here, so that you can look it up."),
    };
    if which.is_work() {
        return html! { div.card { (nothing(Nothing::Yet, title, text, &html! {}, None)) } };
    }
    let action = guest.offers.first().map(|(process, way)| button_link(&report_place(process), way.title, None, true));
    html! { div.card { (nothing(Nothing::Yet, title, text, &html! { @if let Some(action) = &action { (action) } }, None)) } }
}
