//! The portal's search: one's own requests, and the services one can report about.

use axum::extract::{Query, State};
use axum::response::Response;
use mainstay_desk::feed::{self, Search};
use mainstay_desk::records::{self, Listing};
use mainstay_desk::troubles::{self, Trouble};
use mainstay_desk::{Caller, Channel, Desk, Session};
use mainstay_engine::record::Record;
use mainstay_engine::register::Entry;
use mainstay_markup::html;
use serde::Deserialize;

use super::frame::{At, Guest, Room, report_place};
use super::home::tiles;
use super::{lines, status};
use crate::components::{Nothing, button_link, hero, nothing, request_list, section, service_tiles};
use crate::failure::Failure;
use crate::session::Visit;
use crate::web::Web;

const MOST: usize = 20;
/// Longest question in characters.
const LONGEST: usize = 300;

/// What somebody looks for.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

struct Found {
    guest: Guest,
    records: Vec<Record>,
    services: Vec<Entry>,
    /// What is known of it already.
    troubles: Vec<Trouble>,
}

/// What was found.
pub async fn show(State(web): State<Web>, visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    let text: String = asked.q.trim().chars().take(LONGEST).collect();
    let (desk, words) = (web.desk().clone(), text.clone());
    let found = web.read(&visit, Channel::Portal, move |session, caller| load(session, caller, &desk, &words)).await?;
    let now = visit.now();
    let rows: Vec<_> = found.records.iter().map(|record| lines::row(record, &found.guest.zone, now)).collect();
    let way = found.guest.offers.first();
    let content = html! {
        (hero("What do you need?", "/portal/search", &text, &[]))
        (status::known(&found.troubles, &visit, &found.guest.zone))
        @if let (false, Some((process, way))) = (found.troubles.is_empty(), way) {
            div.btn-row { (button_link(&report_place(process), way.title, None, false)) }
        }
        @if rows.is_empty() && found.services.is_empty() && found.troubles.is_empty() {
            div.card {
                (nothing(Nothing::Filtered, "Nothing found", "Try other words, or tell us what happens.",
                    &html! { @if let Some((process, way)) = way { (button_link(&report_place(process), way.title, None, true)) } }, None))
            }
        }
        div.portal-page {
            @if !rows.is_empty() { (section("requests", "Requests", None, &request_list(&rows))) }
            @if let (false, Some((process, _))) = (found.services.is_empty(), way) {
                (section("services", "Services", None, &service_tiles(&tiles(&found.services, &report_place(process)))))
            }
        }
    };
    Ok(found.guest.page(&web, &visit, &At::new("Search", Room::Elsewhere), &content))
}

fn load(session: &mut Session<'_>, caller: &Caller, desk: &Desk, text: &str) -> mainstay_desk::Result<Found> {
    let guest = Guest::load(session, caller)?;
    let mut services = troubles::services(session, caller)?;
    let mut troubles = troubles::among(session, caller, &services)?;
    troubles.retain(|trouble| trouble.is_about(text, None));
    services.retain(|service| troubles::serves(service, guest.organisation));
    let words = text.to_lowercase();
    let named = |service: &Entry| {
        [service.name.as_str(), service.text("description").unwrap_or_default()]
            .iter()
            .any(|part| part.to_lowercase().contains(&words))
    };
    services.retain(|service| !text.is_empty() && named(service));
    let records = if text.is_empty() { Vec::new() } else { records_about(session, caller, desk, text)? };
    Ok(Found { guest, records, services, troubles })
}

fn records_about(
    session: &mut Session<'_>,
    caller: &Caller,
    desk: &Desk,
    text: &str,
) -> mainstay_desk::Result<Vec<Record>> {
    if let Some(index) = desk.search() {
        let search = Search { text: text.to_owned(), limit: MOST, ..Search::default() };
        let found = feed::search(session, caller, index, &search)?;
        return Ok(found.rows.into_iter().map(|row| row.record).collect());
    }
    let mut found = Vec::new();
    let quoted = serde_json::Value::from(text).to_string();
    for process in mainstay_processes::ALL.iter().copied() {
        let filter = Some(format!("title contains {quoted} or number = {quoted}"));
        let page = records::list(session, caller, process, &Listing { filter, limit: MOST, ..Listing::default() })?;
        found.extend(page.rows.into_iter().map(|row| row.record));
    }
    Ok(found)
}
