//! The people and the frame that the sample pages share.

use mainstay_web::components::{MenuItem, NavGroup, NavItem, Pane, Person, Shell, Sign, Tone};

pub fn person(name: &'static str, hue: u8) -> Person<'static> {
    Person { name: name.into(), hue }
}

fn nav(sign: Sign<'static>, label: &'static str, count: &'static str) -> NavItem<'static> {
    let new = matches!(label, "Inbox" | "Major incidents");
    NavItem {
        sign,
        label: label.into(),
        href: format!("/{}", label.to_lowercase().replace(' ', "-")).into(),
        count: (!count.is_empty()).then(|| count.into()),
        new,
        current: label == "Network · all open",
    }
}

fn icons(items: &[(&'static str, &'static str, &'static str)]) -> Vec<NavItem<'static>> {
    items.iter().map(|(icon, label, count)| nav(Sign::Icon(icon), label, count)).collect()
}

fn queues() -> NavGroup<'static> {
    let items = [
        (Tone::Amber, "Unassigned", "12"),
        (Tone::Blue, "Network · all open", "27"),
        (Tone::Red, "Breaching today", "5"),
        (Tone::Violet, "VIP & exec", "3"),
    ];
    NavGroup {
        title: Some("Queues".into()),
        add: Some(("New view".into(), "/views/new".into())),
        items: items.into_iter().map(|(tone, label, count)| nav(Sign::Swatch(tone), label, count)).collect(),
    }
}

fn group(title: &'static str, items: &[(&'static str, &'static str, &'static str)]) -> NavGroup<'static> {
    NavGroup { title: Some(title.into()), add: None, items: icons(items) }
}

/// The frame of the agent's sample pages.
pub fn frame(pane: Pane) -> Shell<'static> {
    let link = |label: &'static str, icon| MenuItem::Link {
        label: label.into(),
        href: "/profile".into(),
        icon: Some(icon),
        current: false,
    };
    Shell {
        site: "Northwind IT".into(),
        home: "/".into(),
        new_record: "/new".into(),
        search: "/search".into(),
        groups: vec![
            NavGroup {
                items: icons(&[
                    ("inbox", "Inbox", "4"),
                    ("circle-user-round", "My work", "9"),
                    ("stamp", "Approvals", "2"),
                ]),
                ..NavGroup::default()
            },
            queues(),
            group(
                "Processes",
                &[
                    ("siren", "Incidents", "64"),
                    ("shopping-bag", "Requests", "118"),
                    ("bug", "Problems", "7"),
                    ("git-pull-request-arrow", "Changes", "23"),
                    ("flame", "Major incidents", "1"),
                ],
            ),
            group(
                "Platform",
                &[
                    ("network", "Services & CMDB", ""),
                    ("book-open", "Knowledge", ""),
                    ("chart-no-axes-column", "Dashboards", ""),
                ],
            ),
        ],
        bottom: {
            let mut items = icons(&[("inbox", "Inbox", "4"), ("list-todo", "Queues", ""), ("search", "Search", "")]);
            items[1].current = true;
            items
        },
        person: person("Jonas Weber", 0),
        person_menu: vec![
            link("Profile", "user-round"),
            link("Theme", "moon"),
            MenuItem::Rule,
            MenuItem::Post {
                label: "Sign out".into(),
                action: "/logout".into(),
                fields: vec![],
                icon: Some("log-out"),
                danger: false,
            },
        ],
        settings: Some("/settings".into()),
        token: "token".into(),
        pane,
    }
}
