//! By what configuration items are known again, and two systems that many houses have: nothing comes of them until
//! somebody sends what they know.

use super::{Shipped, entry};
use serde_json::json;

/// What makers and programs write where a number should be.
const SILENT: &str = "0\nnone\nn/a\nunknown\nnot specified\nnot available\ndefault string\nsystem serial number\nto be filled by o.e.m.\nchassis serial number\n123456789";

/// The number that its maker gave it, its name in the network, its name within its class.
pub fn rules() -> Vec<Shipped> {
    let rule = |key, name, position: i64, fields: &[&str]| {
        let fields: Vec<_> = fields.iter().map(|field| json!({ "field": field })).collect();
        let values = json!({
            "process": "configuration_item", "position": position, "fields": fields, "silent": SILENT,
        });
        entry("match-rules", key, name, values)
    };
    vec![
        rule("serial-number", "Serial number", 10, &["serial_number"]),
        rule("network-name", "Network name within its class", 20, &["address", "class"]),
        rule("name-in-class", "Name within its class", 30, &["title", "class"]),
    ]
}

/// Devices as the REST interface of `NetBox` lists them under `results`.
const NETBOX: &str = r#"key = "id"

[fields]
title = { column = "display" }
serial_number = { column = "serial" }
location = { column = "site.name" }
model_name = { column = "device_type.display" }
address = { column = "primary_ip.address" }

[fields.class]
column = "role.slug"
by = "key"
default = "server"
values = { router = "network", switch = "network", firewall = "gateway", storage = "storage", pdu = "site", ups = "site" }
otherwise = "server"

[fields.state]
column = "status.value"
values = { planned = "planned", staged = "in_test", inventory = "in_stock", active = "live", offline = "live", failed = "live", decommissioning = "live" }
otherwise = "planned"
"#;

/// The inventory that a GLPI agent writes of the machine it runs on.
const GLPI: &str = r#"key = "deviceid"

[fields]
title = { column = "content.hardware.name" }
serial_number = { column = "content.bios.ssn" }
model_name = { column = "content.bios.smodel" }
address = { column = "content.operatingsystem.fqdn" }
version_name = { column = "content.operatingsystem.full_name" }
state = { constant = "live" }

[fields.class]
column = "content.hardware.chassis_type"
by = "key"
default = "server"
values = { Notebook = "workplace", Laptop = "workplace", Portable = "workplace", Desktop = "workplace", "Mini Tower" = "workplace", Tower = "workplace", "All in One" = "workplace", "Main Server Chassis" = "server", "Rack Mount Chassis" = "server", "Blade" = "server", Other = "virtual-machine", VM = "virtual-machine" }
otherwise = "server"
"#;

/// What they tell waits for a person where it fits nothing.
pub fn systems() -> Vec<Shipped> {
    let system = |key, name, rank: i64, days: i64, mapping: &str| {
        let values = json!({
            "source": key, "process": "configuration_item", "rank": rank, "unmatched": "ask", "stale_days": days, "mapping": mapping,
        });
        entry("sources", key, name, values)
    };
    vec![system("netbox", "NetBox", 200, 30, NETBOX), system("glpi", "GLPI agent", 300, 14, GLPI)]
}
