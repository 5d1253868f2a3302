//! A person's own pages: looks and zone, password, one-time codes, sessions.

mod profile;
mod security;

use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::{Caller, Session};
use maud::{Markup, html};

use super::frame::{At, Frame, Place, account_menu};
use crate::components::{NavItem, Person, PortalShell, Sign, Tab, ViewHead, pane, portal_shell, tabs, view_head};
use crate::layout::Side;
use crate::routes::{Declared, get, post};
use crate::session::Visit;
use crate::viewing::document;
use crate::web::Web;

/// The routes of a person's own pages.
pub fn routes() -> Vec<Declared> {
    vec![
        get("/me", profile::show),
        post("/me/looks", profile::looks),
        post("/me/zone", profile::zone),
        get("/me/security", security::show),
        post("/me/password", security::password),
        post("/me/codes", security::begin_codes),
        post("/me/codes/confirm", security::confirm_codes),
        post("/me/codes/remove", security::remove_codes),
        post("/me/sessions/end", security::end_session),
        post("/me/sessions/end-all", security::end_all),
    ]
}

/// The frame that somebody's own pages stand in: that of staff, or the portal's.
pub enum Around {
    /// Staff see their sidebar.
    Staff(Box<Frame>),
    /// Everybody else sees the portal's head.
    Portal(Person<'static>),
}

impl Around {
    fn load(session: &mut Session<'_>, caller: &Caller) -> mainstay_desk::Result<Self> {
        if caller.rights.is_any_staff() {
            return Ok(Self::Staff(Box::new(Frame::load(session, caller)?)));
        }
        let person = caller.person.as_ref();
        let name = person.map(|person| person.name.clone()).unwrap_or_default();
        let hue = person.map_or(0, |person| Person::hue_of(person.id));
        Ok(Self::Portal(Person { name: name.into(), hue }))
    }

    /// A page with the two tabs of somebody's own matters.
    fn page(&self, web: &Web, visit: &Visit, title: &str, status: StatusCode, body: &Markup) -> Response {
        let tab = |label: &'static str, href: &'static str| Tab {
            label: label.into(),
            href: href.into(),
            current: label == title,
            ..Tab::default()
        };
        let tabs = tabs("Your account", &[tab(PROFILE, "/me"), tab(SECURITY, "/me/security")]);
        match self {
            Self::Staff(frame) => {
                let head = view_head(&ViewHead { title: title.into(), ..ViewHead::default() });
                let content = pane(&html! { (head) (tabs) }, body);
                frame.page(web, visit, &At::new(title, Place::Elsewhere).answered(status), &content)
            }
            Self::Portal(person) => {
                let shell = portal(web, visit, person);
                let content = html! { div.portal-page { h1 tabindex="-1" { (title) } (tabs) (body) } };
                document(web, &visit.arrival, Side::Portal, status, title, &portal_shell(&shell, &content))
            }
        }
    }
}

const PROFILE: &str = "Profile and looks";
const SECURITY: &str = "Sign-in and sessions";

fn portal<'a>(web: &'a Web, visit: &'a Visit, person: &Person<'a>) -> PortalShell<'a> {
    let home = NavItem {
        sign: Sign::Icon("house"),
        label: "Home".into(),
        href: "/portal".into(),
        count: None,
        new: false,
        current: false,
    };
    PortalShell {
        site: web.site().into(),
        home: "/portal".into(),
        items: vec![home],
        person: Some(person.clone()),
        person_menu: account_menu(),
        token: visit.token().into(),
        ..PortalShell::default()
    }
}
