//! Classes of configuration items and relations between them to begin with, and what people hear of items.

use super::{Shipped, entry, rule};
use serde_json::json;

/// Icons of classes; those under them have the same.
const SIGNS: &[(&str, &str)] = &[
    ("service", "globe"),
    ("application", "app-window"),
    ("platform", "layers"),
    ("cluster", "boxes"),
    ("database", "database"),
    ("compute", "server"),
    ("virtual-machine", "cpu"),
    ("storage", "hard-drive"),
    ("network", "network"),
    ("gateway", "shield"),
    ("site", "zap"),
    ("workplace", "laptop"),
    ("software", "package"),
];

/// A tree of classes that an organisation changes to its own.
pub fn classes() -> Vec<Shipped> {
    let class = |key, name, under: Option<&str>, service: bool, scope: &str| {
        let mut values = json!({ "scope": scope });
        if let Some(under) = under {
            values["parent"] = json!(format!("@item-classes/{under}"));
        }
        if service {
            values["service"] = json!(true);
        }
        if let Some((_, sign)) = SIGNS.iter().find(|(of, _)| *of == key) {
            values["sign"] = json!(sign);
        }
        entry("item-classes", key, name, values)
    };
    vec![
        class("service", "Service", None, true, "What people outside IT use and know by name."),
        class("application", "Application", None, false, "A program in use, each installation that is run by itself."),
        class("platform", "Platform", None, false, "What applications need to run and share among them."),
        class("cluster", "Cluster", Some("platform"), false, "Several that do the work of one; it consists of them."),
        class("database", "Database", Some("platform"), false, "A running instance, not each schema in it."),
        class("compute", "Compute", None, false, "What programs run on."),
        class("server", "Server", Some("compute"), false, "A machine of its own, with what is built into it."),
        class("virtual-machine", "Virtual machine", Some("compute"), false, "Each that is known by a name of its own."),
        class("storage", "Storage", None, false, "Arrays and file services, not single disks."),
        class("network", "Network device", None, false, "What has ports and passes traffic on."),
        class("gateway", "Gateway or firewall", Some("network"), false, "What lets traffic in or keeps it out."),
        class("line", "Line", Some("network"), false, "A connection between sites or to a carrier."),
        class("site", "Site equipment", None, false, "Power and cooling that others depend on."),
        class("workplace", "Workplace device", None, false, "Notebooks, telephones and screens that one person has."),
        class("printer", "Printer", Some("workplace"), false, "Shared printers; those of one person need no record."),
        class("software", "Software", None, false, "A product in one of its versions, wherever it is installed."),
    ]
}

/// Relations to begin with.
pub fn relations() -> Vec<Shipped> {
    let relation = |key, name, inverse: &str, carries: &str, pairs: &[(&str, &str)], most_out: Option<i64>| {
        let class = |key: &str| format!("@item-classes/{key}");
        let pairs: Vec<_> = pairs.iter().map(|(from, to)| json!({ "from": class(from), "to": class(to) })).collect();
        let mut values = json!({ "relation": key, "inverse": inverse, "carries": carries, "pairs": pairs });
        if let Some(most) = most_out {
            values["most_out"] = json!(most);
        }
        entry("relation-types", key, name, values)
    };
    let runs = [
        ("application", "compute"),
        ("application", "platform"),
        ("platform", "compute"),
        ("virtual-machine", "server"),
        ("virtual-machine", "cluster"),
        ("software", "compute"),
        ("software", "workplace"),
    ];
    let linked = [
        ("compute", "network"),
        ("storage", "network"),
        ("network", "network"),
        ("workplace", "network"),
        ("site", "network"),
    ];
    let stored = [("application", "storage"), ("platform", "storage"), ("compute", "storage")];
    let fed = [("compute", "site"), ("storage", "site"), ("network", "site")];
    vec![
        relation("depends_on", "Depends on", "Is needed by", "first", &[], None),
        relation("runs_on", "Runs on", "Runs", "first", &runs, None),
        relation("connected_to", "Connected through", "Connects", "first", &linked, None),
        relation("stored_on", "Keeps its data on", "Keeps data of", "first", &stored, None),
        relation("powered_by", "Powered or cooled by", "Powers or cools", "first", &fed, None),
        relation("part_of", "Part of", "Consists of", "second", &[], Some(1)),
        relation(
            "installed_on",
            "Installed on",
            "Has installed",
            "none",
            &[("software", "compute"), ("software", "workplace")],
            Some(1),
        ),
    ]
}

/// What those hear who answer for an item.
pub fn told() -> Vec<Shipped> {
    let of_item = |key, name, event: &str, audience: &str, subject: &str, body: &str| {
        let mut shipped = rule(key, name, event, audience, subject, body);
        shipped.values["process"] = json!("configuration_item");
        shipped
    };
    vec![
        of_item(
            "item-assigned-assignee",
            "Configuration item assigned to a person",
            "assigned",
            "assignee",
            "{number} is yours now",
            "{title}",
        ),
        of_item(
            "item-missing-owner",
            "Configuration item missing",
            "report_missing",
            "owner",
            "{number} is missing",
            "{title}\n\n{reason}",
        ),
        of_item(
            "item-missing-manager",
            "Configuration item missing: manager",
            "report_missing",
            "team_manager",
            "{number} is missing",
            "{title}\n\n{reason}",
        ),
        of_item(
            "item-warranty-owner",
            "Warranty of a configuration item ends",
            "warranty_ends",
            "owner",
            "{number}: warranty ends on {date}",
            "{title}",
        ),
        of_item(
            "item-contract-owner",
            "Support contract of a configuration item ends",
            "contract_ends",
            "owner",
            "{number}: support contract ends on {date}",
            "{title}",
        ),
        of_item(
            "item-support-owner",
            "Maker stops supporting a configuration item",
            "support_ends",
            "owner",
            "{number}: supported by its maker until {date}",
            "{title}",
        ),
    ]
}
