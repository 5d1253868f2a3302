//! The portal's home.

use mainstay_web::components::{
    Banner, NavItem, NewsRow, PortalShell, RequestRow, ServiceTile, Sign, Start, Text, Tone, Weight, banner, columns,
    hero, news, pill, portal_shell, request_list, section, service_tiles, starts, token_field,
};
use maud::{Markup, html};

use crate::people::person;

pub fn home() -> Markup {
    let common = ["Reset password", "VPN keeps dropping", "New starter kit", "Shared mailbox access"]
        .map(|label| (Text::from(label), "/portal".into()));
    let content = html! {
        (hero("Morning, Amara. What do you need?", "/portal", "", &common))
        (banner(&status()))
        (starts(&ways()))
        (columns(&mine(), &to_know()))
    };
    portal_shell(&frame(), &content)
}

fn frame() -> PortalShell<'static> {
    let item = |icon: &'static str, label: &'static str, current| NavItem {
        sign: Sign::Icon(icon),
        label: label.into(),
        href: "/portal".into(),
        count: None,
        new: false,
        current,
    };
    PortalShell {
        site: "Northwind IT".into(),
        home: "/portal".into(),
        items: vec![
            item("house", "Home", true),
            item("shopping-bag", "Catalogue", false),
            item("ticket", "My requests", false),
            item("book-open", "Knowledge", false),
            item("heart-pulse", "Service status", false),
        ],
        bottom: vec![
            item("house", "Home", true),
            item("shopping-bag", "Catalogue", false),
            item("ticket", "Requests", false),
            item("book-open", "Help", false),
            item("circle-user-round", "You", false),
        ],
        notifications: Some(("/portal".into(), 2)),
        person: Some(person("Amara Okafor", 2)),
        person_menu: vec![],
        token: "token".into(),
    }
}

fn status() -> Banner<'static> {
    Banner {
        weight: Weight::Warning,
        title: "VPN is unreliable in London (floor 3)".into(),
        text: "We’re moving people to a second gateway. Next update at 10:15. 41 colleagues affected.".into(),
        action: Some(
            html! { form method="post" action="/portal" { (token_field("token")) button.btn type="submit" { "I’m affected too" } } },
        ),
        slim: false,
    }
}

fn ways() -> [Start<'static>; 3] {
    let way = |icon, tone, title: &'static str, text: &'static str, waiting| Start {
        icon,
        tone,
        title: title.into(),
        text: text.into(),
        href: "/portal".into(),
        waiting,
    };
    [
        way("life-buoy", Tone::Red, "Report a problem", "Something is broken or slow", 0),
        way("shopping-bag", Tone::Blue, "Request something", "Hardware, software, access", 0),
        way("stamp", Tone::Violet, "Approve", "1 request is waiting for you", 1),
    ]
}

fn mine() -> Markup {
    let row = |icon, tone, title: &'static str, summary: &'static str, progress, word: &'static str| RequestRow {
        icon,
        tone,
        title: title.into(),
        href: "/portal".into(),
        summary: summary.into(),
        progress,
        word: word.into(),
    };
    let rows = [
        row(
            "wifi",
            Tone::Amber,
            "VPN drops every 20 minutes",
            "INC-4821 · Jonas replied 10 min ago",
            (2, 4),
            "In progress — reply needed",
        ),
        row("laptop", Tone::Blue, "Replacement laptop", "REQ-9107 · Expected Tue 24 Nov", (3, 5), "Being prepared"),
        row(
            "key-round",
            Tone::Violet,
            "Finance data mart access",
            "REQ-9098 · Waiting for Diego Vidal",
            (1, 3),
            "Waiting for approval",
        ),
    ];
    html! {
        (section("open-requests", "Your open requests", Some(("See all 6", "/portal")), &request_list(&rows)))
        (section("popular", "Popular services", Some(("Browse catalogue", "/portal")), &service_tiles(&popular())))
    }
}

fn popular() -> [ServiceTile<'static>; 6] {
    let tile = |icon, tone, name: &'static str, remark: &'static str| ServiceTile {
        icon,
        tone,
        name: name.into(),
        remark: remark.into(),
        href: "/portal".into(),
    };
    [
        tile("laptop", Tone::Blue, "Laptop or desktop", "3 working days"),
        tile("app-window", Tone::Violet, "Install software", "Usually today"),
        tile("key-round", Tone::Amber, "Access to an app", "Needs approval"),
        tile("user-round-plus", Tone::Green, "New starter", "5 working days"),
        tile("smartphone", Tone::Plain, "Mobile phone", "2 working days"),
        tile("mail", Tone::Blue, "Shared mailbox", "Instant"),
    ]
}

fn to_know() -> Markup {
    let article = |title: &'static str, below: &'static str| NewsRow {
        above: None,
        title: title.into(),
        href: "/portal".into(),
        below: below.into(),
    };
    let work = |day: &'static str, hours: &'static str, title: &'static str| NewsRow {
        above: Some(html! { (pill(Tone::Blue, day)) span.quiet.digits { (hours) } }),
        title: title.into(),
        href: "/portal".into(),
        below: "".into(),
    };
    html! {
        (section("for-you", "For you", None, &news(&[
            article("Work from home: fix slow VPN", "2 min · 94% found this helpful"),
            article("Move your meetings to Teams Rooms", "4 min"),
            article("Travelling abroad with a work laptop", "3 min · updated yesterday"),
        ])))
        (section("maintenance", "Planned maintenance", None, &news(&[
            work("Sat 21 Nov", "02:00–05:00 GMT", "Payroll read-only"),
            work("Sun 22 Nov", "01:00–04:00 GMT", "Short network breaks, London"),
        ])))
    }
}
