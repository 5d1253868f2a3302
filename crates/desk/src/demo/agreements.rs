//! What is agreed in the demo: services, categories, service levels, rules. As JSON that the
//! registers read; a text `@register/key` stands for the id of that entry.

use crate::install::Planned;
use mainstay_processes::operation::incident::INCIDENT;
use serde_json::{Value as Json, json};

/// A service: key, name, criticality, calendar, team, in words its users know.
const SERVICES: &[(&str, &str, &str, &str, &str, &str)] = &[
    (
        "payments",
        "Payments",
        "critical",
        "around-the-clock",
        "payments-platform",
        "Card payments, terminals and settlement",
    ),
    (
        "online-banking",
        "Online banking",
        "critical",
        "around-the-clock",
        "payments-platform",
        "Web and app for customers",
    ),
    ("email", "Email", "standard", "office-hours", "messaging", "Mail, calendars and shared mailboxes"),
    ("remote-access", "Remote access", "high", "office-hours", "network", "Working from home and on the road"),
    ("office-network", "Office network", "high", "office-hours", "network", "Wi-Fi and cable in every building"),
    ("workplace", "Workplace", "standard", "office-hours", "workplace", "Laptops, phones and office software"),
    ("printing", "Printing", "low", "office-hours", "workplace", "Printers and scanners"),
];

/// The category tree: key, name, key of the one above.
const CATEGORIES: &[(&str, &str, &str)] = &[
    ("network", "Network", ""),
    ("vpn", "VPN", "network"),
    ("wi-fi", "Wi-Fi", "network"),
    ("line", "Line", "network"),
    ("hardware", "Hardware", ""),
    ("laptop", "Laptop", "hardware"),
    ("phone", "Phone", "hardware"),
    ("printer", "Printer", "hardware"),
    ("display", "Display", "hardware"),
    ("software", "Software", ""),
    ("office-software", "Office software", "software"),
    ("browser", "Browser", "software"),
    ("business-application", "Business application", "software"),
    ("access", "Access", ""),
    ("password", "Password", "access"),
    ("permission", "Permission", "access"),
    ("messaging", "Messaging", ""),
    ("mailbox", "Mailbox", "messaging"),
    ("calendar", "Calendar", "messaging"),
    ("payment", "Payment", ""),
    ("terminal", "Terminal", "payment"),
    ("settlement", "Settlement", "payment"),
    ("gateway", "Gateway", "payment"),
];

fn entry(register: &'static str, key: &str, name: &str, values: Json) -> Planned {
    Planned { register, key: key.to_owned(), name: name.to_owned(), values }
}

/// Words that agents have at hand.
fn at_hand(process: &str) -> [Planned; 2] {
    [
        entry(
            "templates",
            "received",
            "We are looking into it",
            json!({
                "body": "Hello {first_name},\n\nthank you for telling us. We are looking into “{title}” and come back to you soon.\n\n{me}, {team}",
            }),
        ),
        entry(
            "macros",
            "wait-for-answer",
            "Ask and wait for the answer",
            json!({
                "process": process, "step": "hold", "confirm": true,
                "body": "Hello {first_name},\n\nwhat exactly do you see, and since when?\n\n{me}",
                "values": [{ "field": "hold_reason", "value": "requester" }],
            }),
        ),
    ]
}

/// Services, categories, levels and rules, in an order in which references point backwards.
pub fn entries() -> Vec<Planned> {
    let mut all: Vec<Planned> = Vec::new();
    for (key, name, criticality, calendar, team, words) in SERVICES {
        let values = json!({
            "criticality": criticality, "calendar": format!("@calendars/{calendar}"), "team": format!("@teams/{team}"), "description": words,
        });
        all.push(entry("services", key, name, values));
    }
    for (key, name, above) in CATEGORIES {
        let values = if above.is_empty() { json!({}) } else { json!({ "parent": format!("@categories/{above}") }) };
        all.push(entry("categories", key, name, values));
    }
    all.extend(levels());
    all.extend(rules());
    all
}

/// Minutes to respond and to resolve for priorities 1 to 5.
fn targets(response: [i64; 5], resolution: [i64; 5]) -> Json {
    let row = |metric: &str, priority: usize, minutes: i64| json!({ "metric": metric, "priority": priority + 1, "amount": minutes, "unit": "minutes" });
    let respond = response.into_iter().enumerate().map(|(p, m)| row("response", p, m));
    let resolve = resolution.into_iter().enumerate().map(|(p, m)| row("resolution", p, m));
    respond.chain(resolve).collect()
}

fn levels() -> Vec<Planned> {
    let level = |key: &str,
                 name: &str,
                 position: i64,
                 condition: &str,
                 calendar: &str,
                 targets: Json,
                 pauses: &[&str]| {
        let values = json!({
            "position": position, "process": INCIDENT.key, "condition": condition, "calendar": format!("@calendars/{calendar}"),
            "targets": targets, "pause_reasons": pauses, "warn_at": ["50", "75", "90"], "on_change": "retroactive", "on_reopen": "resume",
        });
        entry("service-levels", key, name, values)
    };
    vec![
        level(
            "payments",
            "Payments, around the clock",
            10,
            "service = @services/payments or service = @services/online-banking",
            "around-the-clock",
            targets([10, 20, 60, 240, 480], [120, 240, 720, 2880, 5760]),
            &["requester"],
        ),
        level(
            "email",
            "Email, office hours",
            20,
            "service = @services/email",
            "office-hours",
            targets([15, 30, 120, 240, 480], [240, 480, 960, 1920, 2880]),
            &["requester", "scheduled"],
        ),
        level(
            "acme",
            "Acme's agreement",
            30,
            "organisation = @organisations/acme",
            "office-hours",
            targets([30, 60, 120, 240, 480], [240, 480, 960, 1920, 3840]),
            &["requester", "scheduled"],
        ),
    ]
}

fn rules() -> Vec<Planned> {
    let process = INCIDENT.key;
    let mut all: Vec<Planned> = SERVICES
        .iter()
        .zip(1..)
        .map(|((key, name, _, _, team, _), position)| {
            let values = json!({
                "position": position * 10, "process": process, "team": format!("@teams/{team}"),
                "condition": format!("service = @services/{key} and source = \"api\""),
            });
            entry("assignment-rules", key, &format!("Alarms of {name}"), values)
        })
        .collect();
    all.push(entry(
        "models",
        "lost-device",
        "Lost or stolen device",
        json!({
            "process": process,
            "values": [{ "field": "impact", "value": "low" }, { "field": "urgency", "value": "high" }],
            "tasks": [
                { "title": "Lock the device and end its sessions", "team": "@teams/workplace", "due_minutes": 60 },
                { "title": "Order a replacement", "team": "@teams/workplace", "due_minutes": 480 },
            ],
        }),
    ));
    all.extend(at_hand(process));
    all.push(entry(
        "custom-fields",
        "site",
        "Site",
        json!({
            "process": process, "field": "site", "kind": "choice", "requester": true, "help": "Where it happens",
            "choices": [
                { "key": "london", "label": "London" }, { "key": "leeds", "label": "Leeds" },
                { "key": "branch", "label": "A branch" }, { "key": "home", "label": "Home" },
            ],
        }),
    ));
    all
}
