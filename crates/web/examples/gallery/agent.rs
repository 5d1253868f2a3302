//! The record and the queue of the agent.

use jiff::tz::TimeZone;
use mainstay_web::components::{
    Attachment, Composer, Entry, FilterBar, FilterChip, Glyph, Menu, MenuItem, Message, Nothing, Pane, Presence,
    Priority, Property, RecordHead, Requester, Sla, SlaState, Status, Suggestion, Tab, TicketRow, Trigger, Urgency,
    ViewHead, age, composer, filter_bar, icon_link, icon_small, menu, nothing, person as person_line, presence,
    priority_words, property_list, record_head, requester_card, row_group, rows, shell, sla_card, sla_pill,
    status_words, suggestion_card, tabs, ticket_row, timeline, toggle, value_link, value_text, view_head, work,
    work_list,
};
use maud::{Markup, html};

use crate::people::{frame, person};
use crate::{MINUTE, NOW, prose};

pub fn record() -> Markup {
    let content = html! { (head()) (sections()) (timeline(&entries(), &TimeZone::UTC, NOW)) (reply()) };
    shell(&frame(Pane::Record), &work(Some(("Queue: Network, all open", &list(true))), &content, Some(&rail())))
}

pub fn queue() -> Markup {
    let beside = nothing(Nothing::Yet, "Nothing open", "Choose a record to read it here.", &html! {}, None);
    shell(&frame(Pane::List), &work_list(&list(false), &beside))
}

fn list(beside: bool) -> Markup {
    let bar = FilterBar {
        add: "/queue/filter".into(),
        chips: vec![FilterChip { label: "Assignee: me, none".into(), without: "/queue".into() }],
        sorted_by: "SLA".into(),
        orders: ["SLA", "Priority", "Newest"]
            .map(|label| MenuItem::Link {
                label: label.into(),
                href: "/queue".into(),
                icon: None,
                current: label == "SLA",
            })
            .to_vec(),
        keep: Some("/queue/views".into()),
    };
    let actions = html! { (icon_link("/queue/display", "sliders-horizontal", "Display options")) (icon_link("/queue/select", "list-checks", "Select tickets")) };
    let head = ViewHead {
        title: "Network · all open".into(),
        count: Some("27".into()),
        beside,
        actions: Some(actions),
        ..ViewHead::default()
    };
    html! {
        (view_head(&head))
        (filter_bar(&bar))
        (rows(None, &html! {
            (row_group("soon", "Breaching soon", "2", &html! { @for row in &tickets()[..2] { (ticket_row(row, NOW)) } }))
            (row_group("today", "Today", "5", &html! { @for row in &tickets()[2..] { (ticket_row(row, NOW)) } }))
        }))
    }
}

fn sla(state: SlaState, urgency: Urgency) -> Sla<'static> {
    Sla { name: "Resolution".into(), state, urgency, due: None, used: None, beneath: Markup::default() }
}

fn left(minutes: i64, urgency: Urgency) -> Sla<'static> {
    sla(SlaState::Running(minutes * MINUTE), urgency)
}

struct Ticket(&'static str, &'static str, &'static str, u8, u8, i64, Sla<'static>, Glyph, bool);

fn tickets() -> Vec<TicketRow<'static>> {
    use Glyph::{Active, Done, New, Paused};
    [
        Ticket(
            "INC-4821",
            "VPN drops every 20 minutes on Wi-Fi, floor 3",
            "Amara Okafor",
            2,
            2,
            3,
            left(38, Urgency::Soon),
            Active,
            false,
        ),
        Ticket(
            "INC-4836",
            "Payment terminals offline — Leeds store",
            "Priya Kaur",
            3,
            1,
            1,
            left(12, Urgency::Now),
            Active,
            true,
        ),
        Ticket(
            "INC-4829",
            "Shared mailbox “ap-invoices” not syncing in Outlook",
            "Luca Moretti",
            1,
            3,
            22,
            left(190, Urgency::Calm),
            New,
            true,
        ),
        Ticket(
            "REQ-9107",
            "Replacement laptop — cracked hinge, travelling Monday",
            "Hana Sato",
            4,
            3,
            41,
            left(300, Urgency::Calm),
            Paused,
            false,
        ),
        Ticket(
            "INC-4815",
            "Meeting room display shows wrong calendar",
            "Tom Brandt",
            5,
            4,
            60,
            left(1560, Urgency::Calm),
            Active,
            false,
        ),
        Ticket(
            "INC-4809",
            "Certificate warning on intranet after update",
            "Elif Nur",
            6,
            3,
            120,
            sla(SlaState::Met(None), Urgency::Calm),
            Done,
            false,
        ),
        Ticket(
            "REQ-9098",
            "Access to Finance data mart (read only)",
            "Diego Vidal",
            7,
            3,
            120,
            sla(SlaState::Paused, Urgency::Calm),
            Paused,
            false,
        ),
        Ticket(
            "INC-4802",
            "Printer queue stuck on 4F-West",
            "Sara Klein",
            3,
            4,
            180,
            left(2880, Urgency::Calm),
            New,
            false,
        ),
    ]
    .into_iter()
    .map(ticket)
    .collect()
}

fn ticket(Ticket(number, title, name, hue, level, minutes, sla, glyph, unread): Ticket) -> TicketRow<'static> {
    TicketRow {
        number: number.into(),
        href: "/agent".into(),
        title: title.into(),
        priority: Some(priority(level)),
        sla: Some(sla),
        person: Some(person(name, hue)),
        since: age(minutes * MINUTE).into(),
        status: status(glyph),
        unread,
        current: number == "INC-4821",
        demo: false,
        left: false,
        pick: true,
    }
}

fn priority(level: u8) -> Priority<'static> {
    let word = ["", "Critical", "High", "Medium", "Low"][usize::from(level)];
    Priority { level, word: word.into() }
}

fn status(glyph: Glyph) -> Status<'static> {
    let word = match glyph {
        Glyph::New => "New",
        Glyph::Active => "In progress",
        Glyph::Paused => "Pending",
        _ => "Resolved",
    };
    Status { glyph, word: word.into() }
}

fn choose(id: &'static str, class: &'static str, label: &'static str, content: Markup) -> Markup {
    let post = |label: &'static str| MenuItem::Post {
        label: label.into(),
        action: "/agent".into(),
        fields: vec![],
        icon: None,
        danger: false,
    };
    menu(&Menu {
        id: id.into(),
        trigger: Trigger::Pill { class, content, label: label.into() },
        items: vec![post("First way"), post("Second way")],
        end: false,
        token: "token".into(),
    })
}

fn head() -> Markup {
    let watching = html! {
        (presence(&[(person("Mei Chen", 1), Presence::Editing), (person("Ravi Shah", 6), Presence::Viewing)]))
        span.off-phone { (toggle("/watch", "token", "bell", "Watch", false)) }
    };
    let more = Menu {
        id: "more".into(),
        trigger: Trigger::Icon { icon: "ellipsis", label: "More actions".into() },
        items: vec![
            MenuItem::Link {
                label: "Link to a problem".into(),
                href: "/agent".into(),
                icon: Some("link"),
                current: false,
            },
            MenuItem::Rule,
            MenuItem::Post {
                label: "Cancel".into(),
                action: "/agent".into(),
                fields: vec![],
                icon: Some("ban"),
                danger: true,
            },
        ],
        end: true,
        token: "token".into(),
    };
    record_head(&RecordHead {
        list: "Incidents".into(),
        list_href: "/queue".into(),
        number: "INC-4821".into(),
        href: "/agent".into(),
        title: "VPN drops every 20 minutes on Wi-Fi, floor 3".into(),
        badge: None,
        marks: vec![
            choose("status", "tone-amber", "Status", status_words(&status(Glyph::Active))),
            choose("priority", "pill-line", "Priority", priority_words(&priority(2))),
            choose("assignee", "pill-line", "Assignee", person_line(&person("Jonas Weber", 0))),
            sla_pill(&left(38, Urgency::Soon), "to resolve", NOW),
        ],
        presence: Some(watching),
        neighbours: (Some("/agent".into()), Some("/agent".into())),
        place: Some("3 of 27".into()),
        actions: Some(menu(&more)),
    })
}

fn sections() -> Markup {
    let tab = |label: &'static str, count: &'static str| Tab {
        label: label.into(),
        href: "/agent".into(),
        count: (!count.is_empty()).then(|| count.into()),
        current: label == "Activity",
        beside_no_rail: label == "Details",
    };
    let all = [
        tab("Activity", "9"),
        tab("Tasks", "2/3"),
        tab("Related", "5"),
        tab("Impact", ""),
        tab("Details", ""),
        tab("History", ""),
    ];
    tabs("Sections of the record", &all)
}

fn message(
    id: &'static str,
    author: (&'static str, u8),
    via: Option<&'static str>,
    ago: i64,
    body: &str,
) -> Message<'static> {
    Message {
        id: id.into(),
        author: person(author.0, author.1),
        via: via.map(Into::into),
        at: NOW - ago * MINUTE,
        internal: false,
        body: prose(body),
        attachments: vec![],
        split: None,
    }
}

fn entries() -> Vec<Entry<'static>> {
    let file = |name: &'static str, size, picture| Attachment {
        name: name.into(),
        size,
        href: Some("/file".into()),
        remark: None,
        picture,
    };
    let note = "Same DHCP scope as PRB-118. The lease renewals line up with the drops — gateway [vpn-gw-lon-02](/ci/7) is the common hop.";
    vec![
        Entry::Message(Message {
            attachments: vec![file("wifi-signal.png", 412_000, true), file("client.log", 24_000, false)],
            ..message(
                "m1",
                ("Amara Okafor", 2),
                Some("Portal"),
                49,
                "Since the office move the VPN disconnects about every 20 minutes when I’m on Wi-Fi near the east windows. Cable is fine. I’ve attached the client log from this morning.",
            )
        }),
        Entry::Event {
            id: "e2".into(),
            icon: "zap",
            line: html! { "Rule " b { "VIP on business service" } " raised priority " b { "P3 → P2" } " and assigned " b { "Network" } },
            at: NOW - 49 * MINUTE,
        },
        Entry::Message(Message { internal: true, ..message("m3", ("Mei Chen", 1), None, 27, note) }),
        Entry::Unread(2),
        Entry::Message(message(
            "m4",
            ("Jonas Weber", 0),
            Some("Reply · email + portal"),
            10,
            "Thanks Amara — we can see it on our side. We’re moving floor 3 to a second gateway now; could you reconnect once after 10:00 and tell me if it holds?",
        )),
    ]
}

fn reply() -> Markup {
    let way = |label: &'static str, value: &'static str| MenuItem::Submit {
        label: label.into(),
        name: "then".into(),
        value: value.into(),
    };
    composer(&Composer {
        action: "/agent".into(),
        token: "token".into(),
        to: Some("Amara Okafor".into()),
        also: Some("+ 1 cc".into()),
        notes: true,
        body: "Good news: the floor 3 clients are on gateway 01 since 09:40 and ".into(),
        draft: Some("Draft saved".into()),
        ways: vec![way("Send and hold", "hold"), way("Send and resolve", "resolve")],
        ..Composer::default()
    })
}

fn rail() -> Markup {
    let targets = [
        sla(SlaState::Met(Some(7 * MINUTE)), Urgency::Calm),
        Sla { due: Some(NOW + 38 * MINUTE), used: Some(74), ..left(38, Urgency::Soon) },
    ];
    let [mut first, second] = targets;
    first.name = "First response".into();
    html! {
        (sla_card(&[first, second], &TimeZone::UTC, NOW))
        (property_list("Properties", &properties()))
        (requester_card(&Requester {
            person: person("Amara Okafor", 2),
            href: "/people/7".into(),
            places: vec!["Treasury".into(), "London 3F".into()],
            mark: Some("VIP".into()),
            open: Some(("2 open".into(), "/incidents".into())),
            facts: vec!["09:41 local".into(), "ThinkPad X1".into()],
        }))
        (suggestion_card("similar", "Similar records", &[
            suggestion("INC-4711", "VPN drops on DHCP renewal", Some("Moved the floor to the second gateway.")),
            suggestion("INC-4790", "Lease renewal resets the tunnel", None),
        ]))
    }
}

fn suggestion(number: &'static str, title: &'static str, said: Option<&'static str>) -> Suggestion<'static> {
    Suggestion {
        status: Status { glyph: Glyph::Done, word: "Resolved".into() },
        number: number.into(),
        title: title.into(),
        href: "/agent".into(),
        since: "resolved 4d ago".into(),
        said: said.map(|words| ("Resolution".into(), words.into())),
        deeds: html! {
            button.pill.tone-plain type="button" { "Link" }
            @if said.is_some() { a.pill.tone-blue href="/agent" { "Use" } }
        },
    }
}

fn properties() -> Vec<Property<'static>> {
    let editor = || {
        Some(
            html! { form method="post" action="/agent" { label.sr for="edit-value" { "New value" } input.control #edit-value name="value"; } },
        )
    };
    let text = |key: &'static str, label: &'static str, value: &'static str| Property {
        key: key.into(),
        label: label.into(),
        value: Some(value_text(value)),
        ..Property::default()
    };
    vec![
        Property {
            key: "assignee".into(),
            label: "Assignee".into(),
            value: Some(person_line(&person("Jonas Weber", 0))),
            editor: editor(),
            ..Property::default()
        },
        text("group", "Group", "Network L2"),
        text("impact", "Impact", "2 · Department"),
        text("urgency", "Urgency", "2 · High"),
        Property {
            key: "service".into(),
            label: "Service".into(),
            value: Some(value_link("/s/3", "Remote Access", Some("globe"))),
            ..Property::default()
        },
        Property {
            key: "ci".into(),
            label: "CI".into(),
            value: Some(html! { (icon_small("server")) (value_text("vpn-gw-lon-02")) }),
            ..Property::default()
        },
        text("category", "Category", "Network › VPN"),
        Property { key: "until".into(), label: "Pending until".into(), ..Property::default() },
    ]
}
