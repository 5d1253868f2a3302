//! What assets begin with: who does what, what is listed, and who hears that something has to be given back.

use super::{Shipped, entry, rule};
use serde_json::json;

/// What whoever hands things out does; what goes for good is the manager's.
pub const WORKED_ON: &[&str] = &[
    "asset.view",
    "asset.create",
    "asset.update",
    "asset.comment",
    "asset.note",
    "asset.link",
    "asset.watch",
    "asset.task",
    "asset.order",
    "asset.receive",
    "asset.hand_out",
    "asset.take_back",
    "asset.repair",
    "asset.repaired",
    "asset.report_missing",
    "asset.find",
    "asset.export",
    "licence.view",
    "licence.comment",
    "licence.note",
    "licence.link",
    "licence.watch",
    "licence.task",
    "licence.export",
];

/// What nobody has used for ninety days, or what lies in stock for as long. (SAC-18)
const IDLE: &str =
    "state = \"in_use\" and last_used_on <= today - 90d or state = \"in_stock\" and in_stock_since <= today - 90d";

/// Lists to begin with, and the rule for what is leased.
pub fn shown() -> Vec<Shipped> {
    let view = |key, name, position: u8, condition: &str, sort: &str| {
        let columns = ["number", "title", "state", "custodian", "price", "last_used_on", "in_stock_since"];
        entry(
            "views",
            key,
            name,
            json!({
                "process": "asset", "condition": condition, "sort": sort, "shared": "everyone", "position": position,
                "columns": columns,
            }),
        )
    };
    let mut lease = rule(
        "asset-lease-owner",
        "Leased asset has to be given back",
        "lease_ends",
        "owner",
        "{number} has to be given back by {date}",
        "{title}",
    );
    lease.values["process"] = json!("asset");
    let mut ends = rule(
        "licence-ends-owner",
        "Licence ends",
        "licence_ends",
        "owner",
        "{number} is valid until {date}",
        "{title}",
    );
    ends.values["process"] = json!("licence");
    vec![
        view("assets-in-stock", "In stock", 31, "state = \"in_stock\"", "title"),
        view("assets-idle", "Not used for 90 days", 32, IDLE, "-price"),
        lease,
        ends,
    ]
}
