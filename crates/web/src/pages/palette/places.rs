//! Where one can go from anywhere: views, queues, reports, what is one's own, and the settings.

use mainstay_desk::{Caller, schedules};
use mainstay_engine::process::Process;
use mainstay_processes::registers;
use mainstay_words::{t, tf};

use super::{Does, Line};
use crate::components::{NavItem, Sign};
use crate::pages::frame::{Frame, Place};

const ROLES: &str = registers::ROLES.key;

/// Shortcuts by where they lead.
const KEYED: [(&str, &str); 6] = [
    ("/inbox", "go-inbox"),
    ("/my-work", "go-mine"),
    ("/today", "go-today"),
    ("/reports", "go-reports"),
    ("/portal", "go-portal"),
    ("/admin", "go-settings"),
];

/// Groups of places: an id, a heading, and the lines.
pub(super) fn groups(caller: &Caller, frame: &Frame) -> Vec<(&'static str, &'static str, Vec<Line>)> {
    let mut go: Vec<Line> = Vec::new();
    let mut views: Vec<Line> = Vec::new();
    for group in frame.groups(Place::Elsewhere) {
        for item in group.items {
            if item.href.contains("?view=") { views.push(line(&item)) } else { go.push(line(&item)) }
        }
    }
    if let Some(first) = views.first_mut() {
        first.key = Some("go-queue");
    }
    go.push(Line::new("square-pen", "New record", Does::Visit(frame.new_record.clone())).keyed("new"));
    go.push(visit("search", "Search with filters", "/search").keyed("search"));
    go.extend(planned(caller));
    vec![
        ("views", "Views", views),
        ("go", "Go to", go),
        ("own", "Your account", own()),
        ("settings", "Settings", settings(caller)),
    ]
}

fn line(item: &NavItem<'_>) -> Line {
    let icon = match item.sign {
        Sign::Icon(name) => name.to_owned(),
        Sign::Swatch(_) => "list-todo".to_owned(),
    };
    let key = KEYED.into_iter().find(|(place, _)| *place == item.href).map(|(_, key)| key);
    Line { key, ..Line::new(icon, item.label.clone(), Does::Visit(item.href.clone().into_owned())) }
}

fn visit(icon: &'static str, label: &str, place: &str) -> Line {
    Line::new(icon, label, Does::Visit(place.to_owned()))
}

/// The calendars of what is planned, and the meetings about what waits for approval.
fn planned(caller: &Caller) -> Vec<Line> {
    let reads = |process: &&'static Process| caller.rights.is_staff_of(process.key);
    let all = || mainstay_processes::ALL.iter().copied().filter(reads);
    let calendars = all().filter(|process| process.schedule.is_some()).map(|process| {
        let label = tf("{record} calendar", &[("record", &t(process.label))]);
        visit("calendar", &label, &format!("/{}/calendar", process.plural))
    });
    let meets = all().any(|process| process.approvals.is_some());
    calendars.chain(meets.then(|| visit("users-round", "Meetings", "/meetings"))).collect()
}

fn own() -> Vec<Line> {
    vec![
        visit("user-round", "Profile and looks", "/me").more(),
        visit("shield", "Sign-in and sessions", "/me/security").more(),
        visit("sliders-horizontal", "Change the shortcuts", "/me/shortcuts").more(),
        Line::new("circle-help", "Show the shortcuts of this page", Does::Press("sheet")).keyed("sheet"),
        Line::new("log-out", "Sign out", Does::Post("/sign-out".into(), Vec::new())).more(),
    ]
}

/// The registers that the caller may change, and what oversees them.
fn settings(caller: &Caller) -> Vec<Line> {
    let may = |key: &str| caller.rights.may(key, "manage", None);
    let all: Vec<Line> = registers::ALL
        .iter()
        .filter(|register| may(register.key))
        .map(|register| visit(register.icon, register.label_plural, &format!("/admin/{}", register.key)).more())
        .collect();
    let home = (!all.is_empty()).then(|| visit("settings", "Settings", "/admin").keyed("go-settings"));
    let reads = |key: &str| caller.rights.may(key, "view", None);
    let oversight = [
        (may(ROLES) || reads(ROLES), "list-checks", "Permissions", "rights roles", "/admin/permissions"),
        (reads("audit"), "history", "Audit", "log", "/admin/audit"),
        (reads("audit") || schedules::manages(caller), "clock", "Regular exports", "", "/admin/exports"),
    ];
    let oversight = oversight.into_iter().filter(|(open, ..)| *open);
    let more = oversight.map(|(_, icon, label, also, place)| {
        let line = visit(icon, label, place).more();
        Line { also: also.to_owned(), ..line }
    });
    home.into_iter().chain(all).chain(more).collect()
}
