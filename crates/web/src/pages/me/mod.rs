//! A person's own pages: looks and zone, password, one-time codes, sessions.

mod calendar;
mod deputy;
mod pins;
mod profile;
mod security;

pub use security::browser;

use axum::http::StatusCode;
use axum::response::Response;
use mainstay_markup::html;
use maud::Markup;

use super::around::Around;
use super::frame::{At, Place};
use super::portal::{self, Room};
use crate::components::{Tab, ViewHead, pane, tabs, view_head};
use crate::routes::{Declared, get, post};
use crate::session::Visit;
use crate::web::Web;

/// The routes of a person's own pages.
pub fn routes() -> Vec<Declared> {
    vec![
        get("/me", profile::show),
        post("/me/looks", profile::looks),
        post("/me/panes", profile::panes),
        post("/me/writing", profile::writing),
        post("/me/pins/{id}", pins::add),
        post("/me/pins/{id}/remove", pins::remove),
        post("/me/language", profile::language),
        post("/me/zone", profile::zone),
        get("/me/deputy", deputy::show),
        post("/me/deputy", deputy::set),
        post("/me/deputy/end", deputy::end),
        get("/me/calendar", calendar::show),
        post("/me/calendar", calendar::make),
        post("/me/calendar/end", calendar::end),
        get("/calendar/{secret}/planned.ics", calendar::feed),
        get("/me/security", security::show),
        post("/me/password", security::password),
        post("/me/codes", security::begin_codes),
        post("/me/codes/confirm", security::confirm_codes),
        post("/me/codes/remove", security::remove_codes),
        post("/me/sessions/end", security::end_session),
        post("/me/sessions/end-all", security::end_all),
    ]
}

/// A page with the tabs of somebody's own matters.
#[must_use]
pub fn page(web: &Web, visit: &Visit, around: &Around, title: &str, status: StatusCode, body: &Markup) -> Response {
    let tab = |label: &'static str, href: &'static str| Tab {
        label: label.into(),
        href: href.into(),
        current: label == title,
        ..Tab::default()
    };
    let mut all = vec![tab(PROFILE, "/me"), tab(SECURITY, "/me/security")];
    if matches!(around, Around::Staff(_)) {
        all.extend([tab(NOTICES, "/me/notices"), tab(SHORTCUTS, "/me/shortcuts")]);
    }
    all.extend([tab(DEPUTY, "/me/deputy"), tab(CALENDAR, "/me/calendar")]);
    let exports = match around {
        Around::Staff(_) => true,
        Around::Portal(guest) => guest.has_files() || title == EXPORTS,
    };
    if exports {
        all.push(tab(EXPORTS, "/me/exports"));
    }
    let tabs = tabs("Your account", &all);
    match around {
        Around::Staff(frame) => {
            let head = view_head(&ViewHead { title: title.into(), ..ViewHead::default() });
            let content = pane(&html! { (head) (tabs) }, &html! { div.own { (body) } });
            frame.page(web, visit, &At::new(title, Place::Elsewhere).answered(status), &content)
        }
        Around::Portal(guest) => {
            let content = portal::sheet(title, &html! { (tabs) div.own { (body) } });
            let at = portal::At::new(title, Room::You).answered(status);
            // Files stand in a table, as they do for staff.
            guest.page(web, visit, &if title == EXPORTS { at.with_figures() } else { at }, &content)
        }
    }
}

const PROFILE: &str = "Profile and looks";
const CALENDAR: &str = "Calendar";
const DEPUTY: &str = "Deputy";
const SECURITY: &str = "Sign-in and sessions";
/// Name of the page on what one is told.
pub const NOTICES: &str = "Notices";
/// Name of the page of files that are made regularly.
pub const EXPORTS: &str = "Exports";
/// Name of the page of shortcuts.
pub const SHORTCUTS: &str = "Shortcuts";
