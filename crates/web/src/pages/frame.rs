//! The frame around the pages of staff: what stands in the sidebar, and who is signed in.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::response::Response;
use jiff::tz::TimeZone;
use mainstay_desk::shortcuts::{self, Keys, Screen};
use mainstay_desk::{Caller, Session, pins, records, registers as door};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::register::Entry;
use mainstay_markup::html;
use mainstay_processes::registers;
use mainstay_store::{events, notices};
use maud::Markup;

use crate::components::{MenuItem, NavGroup, NavItem, Pane, Person, Shell, Sign, Tone, Watching, shell, watching};
use crate::failure::NOT_STAFF;
use crate::layout::Side;
use crate::pages::keys::key_map;
use crate::pages::queue::List;
use crate::session::Visit;
use crate::viewing::document;
use crate::web::Web;

/// Counts in the sidebar end here.
const MOST_COUNTED: i64 = 99;
/// What a process's entry counts and its list shows first: work that is open, or things that are there.
#[must_use]
pub const fn begins_with(process: &Process) -> &'static str {
    if process.keeps_things { "phase in (0, 1, 2)" } else { "phase in (0, 1)" }
}

/// The same in words.
#[must_use]
pub const fn first_words(process: &Process) -> &'static str {
    if process.keeps_things { "Still there" } else { "Still open" }
}

/// Where the viewer is, for the sidebar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A saved view, by its id.
    View(i64),
    /// All records of a process, by its key.
    Process(&'static str),
    /// The inbox.
    Inbox,
    /// One's own work.
    Mine,
    /// The day of a team.
    Today,
    /// The reports.
    Reports,
    /// The administration.
    Admin,
    /// The search.
    Search,
    /// Somewhere else.
    Elsewhere,
}

/// A saved view in the sidebar.
struct View {
    id: i64,
    name: String,
    process: &'static Process,
    count: Option<i64>,
    /// The viewer keeps it at the top.
    pinned: bool,
}

/// A process in the sidebar.
struct Room {
    process: &'static Process,
    open: i64,
}

/// What the frame shows, read together with the page's own data.
pub struct Frame {
    /// The viewer.
    pub person: Person<'static>,
    /// The viewer's id.
    pub me: i64,
    /// The viewer's time zone.
    pub zone: TimeZone,
    /// The viewer's shortcuts.
    pub keys: Keys,
    /// The newest event of the log.
    newest: i64,
    /// Notices that the viewer has not read.
    unread: i64,
    views: Vec<View>,
    rooms: Vec<Room>,
    /// Where a record is begun.
    pub new_record: String,
    /// May read figures.
    pub reports: bool,
    settings: bool,
    demo: bool,
}

/// The person, when they work at the desk; others are led to the portal.
///
/// # Errors
/// They do not.
pub fn staff(caller: &Caller) -> mainstay_desk::Result<&mainstay_desk::Person> {
    let person = caller.person.as_ref().filter(|_| caller.rights.is_any_staff());
    person.ok_or_else(|| Refusal::forbidden(NOT_STAFF, "This page is for staff.").into())
}

impl Frame {
    /// Reads what the sidebar shows. People without staff rights are sent to the portal.
    ///
    /// # Errors
    /// `not_staff`; the database's.
    pub fn load(session: &mut Session<'_>, caller: &Caller) -> mainstay_desk::Result<Self> {
        let person = staff(caller)?;
        shortcuts::foresee(session, caller);
        pins::foresee(session, caller);
        let rooms = rooms(session, caller)?;
        let rights = &caller.rights;
        let first = rooms.iter().find(|room| rights.may_somewhere(room.process.key, "create"));
        let manages = |key: &str| rights.may(key, "manage", None);
        Ok(Self {
            person: Person { name: person.name.clone().into(), hue: Person::hue_of(person.id) },
            me: person.id,
            zone: caller.zone(),
            keys: shortcuts::of(session, caller)?,
            newest: events::newest(session.conn)?,
            unread: notices::unread(session.conn, person.id, MOST_COUNTED + 1)?,
            views: views(session, caller)?,
            new_record: first.map_or_else(|| "/search".to_owned(), |room| format!("/{}/new", room.process.plural)),
            rooms,
            reports: rights.may_somewhere("reports", "view"),
            demo: !session.config.demo.is_empty() && rights.may("installation", "manage", None),
            settings: registers::ALL.iter().any(|register| manages(register.key))
                || rights.may_somewhere("audit", "view")
                || rights.may_somewhere("exports", "manage"),
        })
    }

    /// Whether the viewer keeps a view at the top of the sidebar.
    #[must_use]
    pub fn pins(&self, view: i64) -> bool {
        self.views.iter().any(|each| each.id == view && each.pinned)
    }

    /// The address of the viewer's first page: the first view, else the first process.
    #[must_use]
    pub fn home(&self) -> String {
        let view = self.views.first().map(|view| format!("/{}?view={}", view.process.plural, view.id));
        view.or_else(|| self.rooms.first().map(|room| format!("/{}", room.process.plural)))
            .unwrap_or_else(|| "/search".to_owned())
    }

    /// A page in the frame; `content` is one of [`crate::components::work`], [`crate::components::work_list`] and
    /// [`crate::components::pane`].
    #[must_use]
    pub fn page(&self, web: &Web, visit: &Visit, at: &At<'_>, content: &Markup) -> Response {
        let frame = self.shell(web, visit, at);
        let live = watching(&Watching {
            since: self.newest,
            record: at.record.map(|(number, shown)| (number.into(), shown)),
            list: at
                .list
                .map(|list| (list.here().into(), list.mark().into()))
                .or_else(|| at.watched.map(|(place, mark)| (place.into(), mark.into()))),
            desk: true,
            token: visit.token().into(),
        });
        let body = html! { (shell(&frame, content)) (live) (key_map(&self.keys, &at.screens())) };
        document(web, &visit.arrival, Side::Agent, at.status, at.title, &body)
    }

    /// The numbers in the sidebar, by where their entries lead.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, String> {
        let items = self.views.iter().map(|view| view.item(Place::Elsewhere));
        let items = items.chain(self.rooms.iter().map(|room| room.item(Place::Elsewhere)));
        let items = items.chain([self.inbox(Place::Elsewhere)]);
        items.filter_map(|item| Some((item.href.into_owned(), item.count?.into_owned()))).collect()
    }

    fn shell<'a>(&'a self, web: &'a Web, visit: &'a Visit, at: &At<'_>) -> Shell<'a> {
        Shell {
            site: web.site().into(),
            home: "/".into(),
            new_record: self.new_record.as_str().into(),
            search: "/search".into(),
            groups: self.groups(at.place),
            bottom: self.bottom(at.place),
            person: self.person.clone(),
            person_menu: account_menu(),
            settings: self.settings.then(|| "/admin".into()),
            token: visit.token().into(),
            pane: at.pane,
        }
    }

    /// The entries of the sidebar.
    #[must_use]
    pub fn groups(&self, place: Place) -> Vec<NavGroup<'_>> {
        let mut groups = vec![NavGroup { title: None, add: None, items: self.own(place) }];
        let items = |pinned: bool| -> Vec<NavItem<'_>> {
            self.views.iter().filter(|view| view.pinned == pinned).map(|view| view.item(place)).collect()
        };
        let pinned = items(true);
        if !pinned.is_empty() {
            groups.push(NavGroup { title: Some("Pinned".into()), add: None, items: pinned });
        }
        if !self.views.is_empty() {
            let add =
                self.rooms.first().map(|room| ("New view".into(), format!("/{}/filter", room.process.plural).into()));
            groups.push(NavGroup { title: Some("Queues".into()), add, items: items(false) });
        }
        let rooms = self.rooms.iter().map(|room| room.item(place)).collect();
        groups.push(NavGroup { title: Some("Processes".into()), add: None, items: rooms });
        let mut more = Vec::new();
        if self.reports {
            more.push(link("chart-no-axes-column", "Reports", "/reports", place == Place::Reports));
        }
        more.push(link("life-buoy", "Portal", "/portal", false));
        if self.demo {
            more.push(link("boxes", "Demo data", "/admin/demo", false));
        }
        groups.push(NavGroup { title: Some("Platform".into()), add: None, items: more });
        groups
    }

    fn own(&self, place: Place) -> Vec<NavItem<'_>> {
        vec![
            self.inbox(place),
            link("list-checks", "My work", "/my-work", place == Place::Mine),
            link("gauge", "Today", "/today", place == Place::Today),
        ]
    }

    fn inbox(&self, place: Place) -> NavItem<'_> {
        let count = Some(capped(self.unread, MOST_COUNTED).into());
        NavItem { count, new: true, ..link("inbox", "Inbox", "/inbox", place == Place::Inbox) }
    }

    fn bottom(&self, place: Place) -> Vec<NavItem<'_>> {
        let mut items = vec![self.inbox(place)];
        if let Some(room) = self.rooms.first() {
            items.push(NavItem { sign: Sign::Icon("list-todo"), count: None, ..room.item(place) });
        }
        items.push(link("search", "Search", "/search", place == Place::Search));
        items
    }
}

/// What a page of the frame says about itself.
#[derive(Clone, Copy)]
pub struct At<'a> {
    /// Name of the page.
    pub title: &'a str,
    /// Where it stands in the sidebar.
    pub place: Place,
    /// Which pane a phone shows.
    pub pane: Pane,
    /// The status that it is answered with.
    pub status: StatusCode,
    /// Number of the record that it shows, and the newest event of it.
    pub record: Option<(&'a str, i64)>,
    /// The list that it shows.
    pub list: Option<&'a List>,
    /// Its own address and what it shows in short, where it is kept up to date as a whole.
    pub watched: Option<(&'a str, &'a str)>,
}

impl<'a> At<'a> {
    /// An ordinary page.
    #[must_use]
    pub fn new(title: &'a str, place: Place) -> Self {
        Self { title, place, pane: Pane::List, status: StatusCode::OK, record: None, list: None, watched: None }
    }
    /// The same with another status.
    #[must_use]
    pub fn answered(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }
    /// The same with a list that is kept up to date.
    #[must_use]
    pub fn showing(self, list: &'a List) -> Self {
        Self { list: Some(list), ..self }
    }
    /// The same with a record that is kept up to date, of which `shown` is the newest event.
    #[must_use]
    pub fn watching(self, number: &'a str, shown: i64) -> Self {
        Self { record: Some((number, shown)), ..self }
    }
    /// Where its shortcuts are from.
    fn screens(&self) -> Vec<Screen> {
        let mut screens = vec![Screen::Everywhere];
        screens.extend(self.list.map(|_| Screen::List));
        screens.extend(self.record.map(|_| Screen::Record));
        if self.place == Place::Inbox {
            screens.extend([Screen::List, Screen::Inbox]);
        }
        screens
    }
    /// The same with a record that takes the whole of a phone.
    #[must_use]
    pub fn of_record(self) -> Self {
        Self { pane: Pane::Record, ..self }
    }
}

impl View {
    fn item(&self, place: Place) -> NavItem<'_> {
        NavItem {
            sign: Sign::Swatch(Tone::Plain),
            label: self.name.as_str().into(),
            href: format!("/{}?view={}", self.process.plural, self.id).into(),
            count: self.count.map(|count| capped(count, MOST_COUNTED).into()),
            new: false,
            current: place == Place::View(self.id),
        }
    }
}

impl Room {
    fn item(&self, place: Place) -> NavItem<'_> {
        NavItem {
            sign: Sign::Icon(self.process.icon),
            label: self.process.label_plural.into(),
            href: format!("/{}", self.process.plural).into(),
            count: Some(capped(self.open, MOST_COUNTED).into()),
            new: false,
            current: place == Place::Process(self.process.key),
        }
    }
}

fn link(icon: &'static str, label: &'static str, href: &'static str, current: bool) -> NavItem<'static> {
    NavItem { sign: Sign::Icon(icon), label: label.into(), href: href.into(), count: None, new: false, current }
}

/// The entries behind the viewer's name, in the frame of staff and in the portal.
#[must_use]
pub fn account_menu() -> Vec<MenuItem<'static>> {
    let link = |label: &'static str, href: &'static str, icon| MenuItem::Link {
        label: label.into(),
        href: href.into(),
        icon: Some(icon),
        current: false,
    };
    vec![
        link("Profile and looks", "/me", "user-round"),
        link("Sign-in and sessions", "/me/security", "shield"),
        MenuItem::Rule,
        MenuItem::Post {
            label: "Sign out".into(),
            action: "/sign-out".into(),
            fields: Vec::new(),
            icon: Some("log-out"),
            danger: false,
        },
    ]
}

/// A count that was stopped one above `most`.
#[must_use]
pub fn capped(count: i64, most: i64) -> String {
    if count > most { format!("{most}+") } else { count.to_string() }
}

/// The processes that are in use and whose records the caller may see as staff.
fn rooms(session: &mut Session<'_>, caller: &Caller) -> mainstay_desk::Result<Vec<Room>> {
    let config = session.config;
    let seen = |process: &&'static Process| {
        config.process(process).enabled && caller.rights.may_somewhere(process.key, "view")
    };
    let processes: Vec<&'static Process> = mainstay_processes::ALL.iter().copied().filter(seen).collect();
    for process in &processes {
        records::foresee_count(session, caller, process, Some(begins_with(process)), MOST_COUNTED + 1)?;
    }
    let mut rooms = Vec::with_capacity(processes.len());
    for process in processes {
        let open = records::count(session, caller, process, Some(begins_with(process)), MOST_COUNTED + 1)?;
        rooms.push(Room { process, open });
    }
    Ok(rooms)
}

/// The saved views that are the caller's to open, in their order, with what waits in each.
fn views(session: &mut Session<'_>, caller: &Caller) -> mainstay_desk::Result<Vec<View>> {
    let mut views = Vec::new();
    let config = session.config;
    let shown = |entry: Entry| {
        let process = entry.text("process").and_then(mainstay_processes::process)?;
        let seen = config.process(process).enabled && caller.rights.may_somewhere(process.key, "view");
        seen.then_some((entry, process))
    };
    let mut open: Vec<(Entry, &'static Process)> = open_views(session, caller)?.into_iter().filter_map(shown).collect();
    let kept = pins::of(session, caller)?;
    let pin = |entry: &Entry| kept.iter().position(|id| *id == entry.id);
    // Pinned ones first in the viewer's own order, the others as they stood.
    open.sort_by_key(|(entry, _)| pin(entry).unwrap_or(usize::MAX));
    for (entry, process) in &open {
        // What cannot be counted says so when it is.
        let _ = records::foresee_count(session, caller, process, entry.text("condition"), MOST_COUNTED + 1);
    }
    for (entry, process) in open {
        // A view that names a field which is gone still has its place, without a number.
        let count = match records::count(session, caller, process, entry.text("condition"), MOST_COUNTED + 1) {
            Ok(count) => Some(count),
            Err(mainstay_desk::Error::Refused(_)) => None,
            Err(error) => return Err(error),
        };
        let pinned = pin(&entry).is_some();
        views.push(View { id: entry.id, name: entry.name, process, count, pinned });
    }
    Ok(views)
}

fn open_views(session: &mut Session<'_>, caller: &Caller) -> mainstay_desk::Result<Vec<Entry>> {
    let mut open = match door::open_entries(session, caller, &registers::VIEWS, 200) {
        Err(mainstay_desk::Error::Refused(_)) => Vec::new(),
        other => other?,
    };
    open.retain(|entry| door::view_is_open(caller, entry));
    open.sort_by_key(|entry| (entry.int("position").unwrap_or(i64::MAX), entry.id));
    Ok(open)
}
