//! Agreed work on the services that the viewer uses: when, and for how long they may stand still.

use axum::extract::State;
use axum::response::Response;
use jiff::tz::TimeZone;
use mainstay_desk::schedule::{self, Work};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_markup::html;
use mainstay_words::{t, tn};
use maud::Markup;

use super::frame::{At, Guest, Room, sheet};
use crate::components::{Nothing, nothing};
use crate::failure::Failure;
use crate::pages::record::conflicts::span_words;
use crate::session::Visit;
use crate::web::Web;

const TITLE: &str = "Planned work";
/// So many the first page tells.
pub const FIRST: usize = 3;

/// `GET /portal/planned`
pub async fn show(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let load = |session: &mut Session<'_>, caller: &Caller| {
        Ok((Guest::load(session, caller)?, schedule::planned_work(session, caller, schedule::MOST_WORK)?))
    };
    let (guest, all) = web.read(&visit, Channel::Portal, load).await?;
    let body = html! {
        p.quiet { "Work that is agreed on the services that you use." }
        @if all.is_empty() {
            div.card { (nothing(Nothing::Yet, "No work is planned", "When work on a service of yours is agreed, it is told here.", &html! {}, None)) }
        } @else {
            ul.card.news.planned-work { @for work in &all { li { (one(work, &guest.zone, visit.now(), false)) } } }
        }
    };
    Ok(guest.page(&web, &visit, &At::new(TITLE, Room::Elsewhere), &sheet(TITLE, &body)))
}

fn one(work: &Work, zone: &TimeZone, now: i64, short: bool) -> Markup {
    let names: Vec<&str> = work.services.iter().map(|(_, name)| name.as_str()).collect();
    html! {
        @if short { span.strong dir="auto" { (names.join(", ")) } } @else { h2 dir="auto" { (names.join(", ")) } }
        p { (span_words((work.start, work.end), zone, now)) }
        p.quiet { (outage(work.outage)) }
    }
}

/// How long a service may stand still, in plain words.
pub fn outage(minutes: Option<i64>) -> String {
    match minutes {
        None => t("Short interruptions are possible.").to_owned(),
        Some(0) => t("It can be used all the time.").to_owned(),
        Some(minutes @ 1..120) => tn(
            minutes,
            "Not available for about {n} minute in this time.",
            "Not available for about {n} minutes in this time.",
        ),
        Some(minutes) => {
            let hours = (minutes + 30) / 60;
            tn(
                hours,
                "Not available for about {n} hour in this time.",
                "Not available for about {n} hours in this time.",
            )
        }
    }
}

/// The next of it, for the first page.
pub fn next(all: &[Work], zone: &TimeZone, now: i64) -> Markup {
    html! { ul.card.news.planned-work { @for work in all.iter().take(FIRST) { li { (one(work, zone, now, true)) } } } }
}
