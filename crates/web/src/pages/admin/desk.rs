//! What the pages of the administration share: the frame, the way back, the tabs of an entry.

use std::collections::HashSet;

use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::{Caller, Session, schedules};
use mainstay_engine::register::{Entry, Register};
use mainstay_markup::html;
use mainstay_processes::registers::{CALENDARS, MERGED_INTO, PEOPLE, SERVICE_LEVELS};
use maud::Markup;

use super::merge;
use crate::components::{Tab, Tone, ViewHead, demo_badge, pane, pill, tabs, view_head};
use crate::pages::frame::{At, Frame, Place};
use crate::session::Visit;
use crate::web::Web;

/// The frame of a page, and what its viewer may do.
#[expect(clippy::struct_excessive_bools, reason = "each is a right of its own")]
pub struct Desk {
    pub frame: Frame,
    /// May change the register in hand.
    pub manages: bool,
    /// May manage people's ways in.
    pub manages_people: bool,
    /// May read the history of entries.
    pub audits: bool,
    /// May read what others have made regularly.
    pub exports: bool,
    /// May read reports.
    pub reports: bool,
    /// May set the installation up.
    pub installs: bool,
    /// Entries that were made up to look around in.
    pub demo: HashSet<i64>,
}

impl Desk {
    /// Reads the frame for a page about a register, or about none.
    ///
    /// # Errors
    /// `not_staff`; the database's.
    pub fn load(
        session: &mut Session<'_>,
        caller: &Caller,
        register: Option<&Register>,
    ) -> mainstay_desk::Result<Self> {
        let may = |key: &str, action: &str| caller.rights.may(key, action, None);
        Ok(Self {
            frame: Frame::load(session, caller)?,
            manages: register.is_some_and(|register| may(register.key, "manage")),
            manages_people: may(PEOPLE.key, "manage"),
            audits: may("audit", "view"),
            exports: may("audit", "view") || schedules::manages(caller),
            reports: caller.rights.may_somewhere("reports", "view"),
            installs: may("installation", "manage"),
            demo: session.config.demo.clone(),
        })
    }

    /// A page of the administration. `above` are the places on the way back, the nearest last.
    pub fn page(&self, web: &Web, visit: &Visit, sheet: &Sheet<'_>) -> Response {
        let mut above = Vec::new();
        if sheet.title != HOME {
            above.push((HOME.into(), "/admin".into()));
        }
        above.extend(sheet.above.iter().map(|(label, href)| ((*label).into(), href.as_str().into())));
        let head = ViewHead { title: sheet.title.into(), actions: sheet.actions.clone(), above, ..ViewHead::default() };
        let head = html! { (view_head(&head)) @if let Some(tabs) = &sheet.tabs { (tabs) } };
        let at = At::new(sheet.title, Place::Admin).answered(sheet.status);
        self.frame.page(web, visit, &at, &pane(&head, &sheet.body))
    }

    /// The tabs of an entry as far as the viewer may open them.
    pub fn tabs(&self, register: &Register, entry: &Entry, current: &str) -> Markup {
        let place = place(register, entry.id);
        let tab = |label: &'static str, href: String| Tab {
            label: label.into(),
            href: href.into(),
            current: label == current,
            ..Tab::default()
        };
        let mut all = vec![tab(ENTRY, place.clone())];
        if register.key == PEOPLE.key && self.manages_people {
            all.push(tab(ACCESS, format!("/admin/access/{}", entry.id)));
            all.push(tab(TOKENS, format!("/admin/tokens/{}", entry.id)));
            if entry.active {
                all.push(tab(MERGE, merge::address(entry.id)));
            }
        }
        if register.key == CALENDARS.key && self.manages {
            all.push(tab(HOLIDAYS, format!("/admin/holidays/{}", entry.id)));
        }
        if register.key == SERVICE_LEVELS.key && self.reports {
            all.push(tab(WHAT_IF, format!("/admin/what-if/{}", entry.id)));
        }
        all.push(tab(USES, format!("{place}/uses")));
        if self.manages || self.audits {
            all.push(tab(HISTORY, format!("{place}/history")));
        }
        tabs(&entry.name, &all)
    }
}

/// The title of the first page, which is the way back from all others.
pub const HOME: &str = "Administration";
pub const ENTRY: &str = "Entry";
pub const ACCESS: &str = "Sign-in";
pub const TOKENS: &str = "API tokens";
pub const MERGE: &str = "Merge with…";
pub const USES: &str = "Used by";
pub const HOLIDAYS: &str = "Import holidays";
pub const WHAT_IF: &str = "What if";
pub const HISTORY: &str = "History";

/// One page of the administration.
pub struct Sheet<'a> {
    pub title: &'a str,
    pub status: StatusCode,
    pub above: Vec<(&'a str, String)>,
    pub tabs: Option<Markup>,
    pub actions: Option<Markup>,
    pub body: Markup,
}

impl<'a> Sheet<'a> {
    /// An ordinary page.
    pub fn new(title: &'a str, body: Markup) -> Self {
        Self { title, status: StatusCode::OK, above: Vec::new(), tabs: None, actions: None, body }
    }

    /// A page about an entry.
    pub fn of(desk: &Desk, register: &'static Register, entry: &'a Entry, tab: &str, body: Markup) -> Self {
        let (retired, demo) = (!entry.active, desk.demo.contains(&entry.id));
        let badges = html! {
            @if demo { (demo_badge()) }
            @if retired { (out_of_use(entry)) }
        };
        Self {
            above: vec![(register.label_plural, format!("/admin/{}", register.key))],
            tabs: Some(desk.tabs(register, entry, tab)),
            actions: (retired || demo).then_some(badges),
            ..Self::new(&entry.name, body)
        }
    }
}

/// The word for an entry that is out of use.
pub fn out_of_use(entry: &Entry) -> Markup {
    let merged = !entry.value(MERGED_INTO.def.key).is_null();
    pill(Tone::Plain, if merged { "Merged" } else { "Retired" })
}

/// Where an entry is.
pub fn place(register: &Register, id: i64) -> String {
    format!("/admin/{}/{id}", register.key)
}
