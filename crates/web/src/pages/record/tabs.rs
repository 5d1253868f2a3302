//! Sections of a record that its process declares beside those that every record has.

use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::{Caller, Session};
use mainstay_engine::process::{Process, Tab};
use mainstay_search::Index;
use maud::Markup;

use super::approvals;
use super::captured;
use super::conflicts;
use super::here::Here;
use super::map;
use super::pictures;
use super::position;
use super::risk;
use super::sheet::{Section, Sheet};
use super::similar;
use super::sources;
use crate::failure::Failure;
use crate::routes::{Declared, get, post};

/// What a section is drawn from.
pub struct Around<'a> {
    /// The record with what stands around it.
    pub sheet: &'a Sheet,
    /// The section.
    pub tab: &'static Tab,
    /// The search index, where there is one.
    pub index: Option<&'a Index>,
    /// The query of the page's address.
    pub query: Option<&'a str>,
    /// The last part of the section's address.
    pub at: &'a str,
    /// What every form carries.
    pub token: &'a str,
    /// This instant, in epoch milliseconds UTC.
    pub now: i64,
}

/// Reads what a section shows and draws it.
type Draw = fn(&mut Session<'_>, &Caller, &Around<'_>) -> mainstay_desk::Result<Markup>;

/// Everything that a process can declare, by the key of its section, and whether it asks the map.
const DRAWN: &[(&str, Draw, bool)] = &[
    ("risk", risk::section, false),
    ("approvals", approvals::section, false),
    ("conflicts", conflicts::section, false),
    ("similar", similar::section, false),
    ("map", map::section, true),
    ("sources", sources::section, false),
    ("position", position::section, false),
    ("items", captured::items, false),
    ("comparison", captured::comparison, false),
];

/// By what a section is drawn.
fn drawn(tab: &'static Tab) -> Option<(Draw, bool)> {
    if !tab.pictures.is_empty() {
        return Some((pictures::section, false));
    }
    DRAWN.iter().find(|(key, ..)| *key == tab.key).map(|(_, draw, asks_map)| (*draw, *asks_map))
}

/// Whether a section is a map.
pub fn asks_map(tab: &'static Tab) -> bool {
    drawn(tab).is_some_and(|(_, asks_map)| asks_map)
}

/// The addresses of the sections of a process.
pub fn routes(process: &'static Process) -> Vec<Declared> {
    let route = |tab: &'static Tab| get(format!("/{{number}}/{}", tab.key), move |here: Here| show(tab, here));
    let answers = process.assessed().map(|_| post("/{number}/risk", risk::answer));
    let map = process.map.as_ref().map(|_| get("/{number}/map/export", map::export));
    let compared = process.captures().map(|_| get("/{number}/comparison/export", captured::export));
    process.tabs.iter().map(route).chain(answers).chain(map).chain(compared).collect()
}

async fn show(tab: &'static Tab, here: Here) -> Result<Response, Failure> {
    let (draw, asks_map) = drawn(tab).ok_or_else(Failure::missing)?;
    let index = here.web.desk().search().cloned();
    let (token, now, asked) = (here.visit.token().to_owned(), here.visit.now(), here.query.clone());
    let more = move |session: &mut Session<'_>, caller: &Caller, sheet: &mut Sheet| {
        if !(tab.when)(&sheet.view.record) {
            return Ok(None);
        }
        let at = format!("/{}", tab.key);
        let (index, query) = (index.as_deref(), asked.as_deref());
        draw(session, caller, &Around { sheet, tab, index, query, at: &at, token: &token, now }).map(Some)
    };
    let (sheet, body) = if asks_map { here.open_mapped(more).await? } else { here.open(more).await? };
    Ok(sheet.page(&here.web, &here.visit, Section::Own(tab), StatusCode::OK, &body.ok_or_else(Failure::missing)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_that_a_process_declares_is_drawn() {
        for tab in mainstay_processes::ALL.iter().flat_map(|process| process.tabs) {
            assert!(drawn(tab).is_some(), "nothing draws {}", tab.key);
        }
    }
}
