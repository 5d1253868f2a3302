//! The frame around the portal's pages, and who is looking.

use axum::http::StatusCode;
use axum::response::Response;
use jiff::tz::TimeZone;
use mainstay_desk::{Caller, Session, handed_out, records};
use mainstay_engine::process::{Invitation, Process};
use mainstay_engine::refusal::{Refusal, Why};
use mainstay_markup::html;
use mainstay_processes::registers::Reach;
use mainstay_store::notices;
use mainstay_words::t;
use maud::Markup;

use crate::components::{MenuItem, NavItem, Person, PortalShell, Sign, Watching, portal_shell, watching};
use crate::layout::Side;
use crate::pages::frame::account_menu;
use crate::session::Visit;
use crate::viewing::document;
use crate::web::Web;

/// The bell counts no further.
const MOST_NEW: i64 = 99;

/// Where the viewer is in the portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    Home,
    Requests,
    Work,
    Approvals,
    Report,
    Notices,
    Reports,
    You,
    Elsewhere,
}

/// The viewer, read together with the page's own data.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is one independent right")]
pub struct Guest {
    pub id: i64,
    pub name: String,
    pub zone: TimeZone,
    pub organisation: Option<i64>,
    /// Works on records somewhere, so the portal is the other side of their desk.
    pub staff: bool,
    /// Works for a vendor, so has work of its teams here.
    pub works: bool,
    /// How many approvals wait for the viewer; none where nobody ever asked them.
    pub approvals: Option<i64>,
    /// Speaks for the organisation, so sees its records.
    pub represents: bool,
    /// What the viewer may begin here, with the words that invite to it.
    pub offers: Vec<(&'static Process, Invitation)>,
    /// Of which the viewer may have lists as files.
    pub files: Vec<&'static Process>,
    /// May read figures.
    pub reports: bool,
    new_notices: usize,
}

impl Guest {
    /// Reads who is looking.
    ///
    /// # Errors
    /// `not_signed_in` for no person; the database's.
    pub fn load(session: &mut Session<'_>, caller: &Caller) -> mainstay_desk::Result<Self> {
        let Some(person) = &caller.person else {
            return Err(Refusal::new(Why::Unknown, "not_signed_in", "Sign in first.").into());
        };
        let rights = &caller.rights;
        let offered = |process: &&'static Process| {
            session.config.process(process).enabled && rights.may_somewhere(process.key, "create")
        };
        let all = mainstay_processes::ALL.iter().copied().filter(offered);
        let files = |process: &&'static Process| {
            session.config.process(process).enabled && rights.may_somewhere(process.key, "export")
        };
        Ok(Self {
            id: person.id,
            name: person.name.clone(),
            zone: caller.zone(),
            organisation: person.organisation,
            staff: rights.is_any_staff(),
            works: !handed_out::teams(session, caller).is_empty(),
            approvals: records::ever_asked(session, caller)?,
            represents: rights.grants.iter().any(|grant| grant.role.reach == Reach::Customer),
            offers: all.filter_map(|process| Some((process, process.invitation?))).collect(),
            files: mainstay_processes::ALL.iter().copied().filter(files).collect(),
            reports: rights.may_somewhere("reports", "view"),
            new_notices: usize::try_from(notices::unread(session.conn, person.id, MOST_NEW)?).unwrap_or_default(),
        })
    }

    /// The name by which people are greeted.
    pub fn first_name(&self) -> &str {
        self.name.split_whitespace().next().unwrap_or(&self.name)
    }

    /// Whether the viewer may have files of lists or of figures.
    pub fn has_files(&self) -> bool {
        self.reports || !self.files.is_empty()
    }

    /// A page of the portal; `content` brings its own heading.
    pub fn page(&self, web: &Web, visit: &Visit, at: &At<'_>, content: &Markup) -> Response {
        let shell = PortalShell {
            site: web.site().into(),
            home: "/portal".into(),
            items: self.items(at.room),
            bottom: self.bottom(at.room),
            notifications: Some(("/portal/notices".into(), self.new_notices)),
            person: Some(Person { name: self.name.as_str().into(), hue: Person::hue_of(self.id) }),
            person_menu: self.person_menu(),
            token: visit.token().into(),
        };
        let live = watching(&Watching {
            record: at.record.map(|(number, shown)| (number.into(), shown)),
            list: at.watched.map(|(place, mark)| (place.into(), mark.into())),
            token: visit.token().into(),
            ..Watching::default()
        });
        let body = html! { (portal_shell(&shell, content)) (live) };
        document(web, &visit.arrival, at.side, at.status, at.title, &body)
    }

    fn items(&self, room: Room) -> Vec<NavItem<'static>> {
        let mut items = vec![item("house", "Home", "/portal".into(), room == Room::Home)];
        items.extend(self.tasks(room));
        items.extend(self.offers.iter().map(|(process, invitation)| {
            item(invitation.icon, invitation.title, report_place(process), room == Room::Report)
        }));
        items.push(item("ticket", "My requests", "/portal/requests".into(), room == Room::Requests));
        if self.reports && !self.staff {
            items.push(item("chart-no-axes-column", "Reports", "/reports".into(), room == Room::Reports));
        }
        if self.staff {
            items.push(item("inbox", "Work", "/".into(), false));
        }
        items
    }

    /// What others ask the viewer to do: the work of their teams, what they approve.
    fn tasks(&self, room: Room) -> Vec<NavItem<'static>> {
        let work = self.works.then(|| item("inbox", "Team work", WORK.into(), room == Room::Work));
        let approvals = self.approvals.map(|waiting| NavItem {
            count: (waiting > 0).then(|| waiting.to_string().into()),
            new: waiting > 0,
            ..item("circle-check", "Approvals", "/approvals".into(), room == Room::Approvals)
        });
        work.into_iter().chain(approvals).collect()
    }

    /// Five at most. What others ask for comes before what the first page and the bell lead to as well.
    fn bottom(&self, room: Room) -> Vec<NavItem<'static>> {
        let mut asked = if self.staff { vec![item("inbox", "Work", "/".into(), false)] } else { self.tasks(room) };
        let mut items = vec![item("house", "Home", "/portal".into(), room == Room::Home)];
        if let (true, Some((process, invitation))) = (asked.len() < 2, self.offers.first()) {
            items.push(item(invitation.icon, "Report", report_place(process), room == Room::Report));
        }
        items.push(item("ticket", "Requests", "/portal/requests".into(), room == Room::Requests));
        if asked.is_empty() {
            asked.push(item("bell", "News", "/portal/notices".into(), room == Room::Notices));
        }
        items.append(&mut asked);
        items.push(item("circle-user-round", "You", "/me".into(), room == Room::You));
        items
    }

    fn person_menu(&self) -> Vec<MenuItem<'static>> {
        let mut menu = account_menu();
        if self.staff {
            let work = MenuItem::Link { label: "Work".into(), href: "/".into(), icon: Some("inbox"), current: false };
            menu.insert(0, work);
        }
        menu
    }
}

/// Where the work of a vendor's teams is listed.
pub const WORK: &str = "/portal/requests?which=work";

/// Where a record of the process is begun.
pub fn report_place(process: &Process) -> String {
    format!("/portal/report/{}", process.plural)
}

fn item(icon: &'static str, label: &'static str, href: String, current: bool) -> NavItem<'static> {
    NavItem { sign: Sign::Icon(icon), label: label.into(), href: href.into(), count: None, new: false, current }
}

/// What a page of the portal says about itself.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    pub title: &'a str,
    pub room: Room,
    pub status: StatusCode,
    /// Which stylesheet it needs.
    pub side: Side,
    /// Number of the request that it shows, and the newest event of it.
    pub record: Option<(&'a str, i64)>,
    /// Its own address and what it shows in short, where it is kept up to date as a whole.
    pub watched: Option<(&'a str, &'a str)>,
}

impl<'a> At<'a> {
    /// An ordinary page.
    pub fn new(title: &'a str, room: Room) -> Self {
        Self { title, room, status: StatusCode::OK, side: Side::Portal, record: None, watched: None }
    }
    /// The same with a request that is kept up to date, of which `shown` is the newest event.
    pub fn watching(self, number: &'a str, shown: i64) -> Self {
        Self { record: Some((number, shown)), ..self }
    }
    /// The same with another status.
    pub fn answered(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }
    /// The same with tables and drawings as staff see them.
    pub fn with_figures(self) -> Self {
        Self { side: Side::Agent, ..self }
    }
}

/// A page with a heading and `body` below it.
pub fn sheet(title: &str, body: &Markup) -> Markup {
    html! { div.portal-page { h1 tabindex="-1" dir="auto" { (t(title)) } (body) } }
}
