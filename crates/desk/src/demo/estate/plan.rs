//! The plan of the estate: two computing centres, head office, branches, and what people have on their desks.

use serde_json::{Value as Json, json};

/// How far an item has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    Planned,
    Ordered,
    Stock,
    Test,
    Live,
    Maintenance,
    Missing,
    Retired,
}

/// One item.
pub struct Part {
    pub key: String,
    pub values: Json,
    pub stands: Stands,
}

/// All items, and links as (from, relation, to).
#[derive(Default)]
pub struct Estate {
    pub parts: Vec<Part>,
    pub links: Vec<(String, &'static str, String)>,
}

/// The computing centres: key, name, hosts.
const CENTRES: [(&str, &str, usize); 2] = [("lon", "London DC1", 7), ("lds", "Leeds DC2", 6)];
/// Branches with a line, a switch, a router and printers of their own.
const BRANCHES: &[&str] = &[
    "Camden",
    "Richmond",
    "Ealing",
    "Croydon",
    "Bristol",
    "Bath",
    "Oxford",
    "Reading",
    "York",
    "Sheffield",
    "Durham",
    "Preston",
    "Chester",
    "Lincoln",
];

/// An application: key, name, service key of the record above it, team, how many machines run it in each centre.
const APPLICATIONS: &[(&str, &str, &str, &str, usize)] = &[
    ("card-gateway", "Card gateway", "svc-payments", "payments-platform", 2),
    ("settlement", "Settlement", "svc-payments", "payments-platform", 1),
    ("terminal-management", "Terminal management", "svc-payments", "payments-platform", 1),
    ("fraud-check", "Fraud check", "card-gateway", "payments-platform", 2),
    ("ledger", "Ledger", "settlement", "payments-platform", 1),
    ("bank-web", "Online banking web", "svc-online-banking", "payments-platform", 3),
    ("bank-api", "Online banking interface", "svc-online-banking", "payments-platform", 3),
    ("statements", "Statements", "bank-api", "payments-platform", 1),
    ("sign-on", "Single sign-on", "", "network", 1),
    ("mail", "Mail", "svc-email", "messaging", 2),
    ("mail-filter", "Mail filter", "mail", "messaging", 1),
    ("mail-archive", "Mail archive", "svc-email", "messaging", 1),
    ("calendar-app", "Calendars", "svc-email", "messaging", 1),
    ("vpn-portal", "VPN sign-in", "svc-remote-access", "network", 1),
    ("virtual-desktops", "Virtual desktops", "svc-remote-access", "workplace", 2),
    ("name-service", "Name service", "", "network", 1),
    ("wifi-control", "Wi-Fi control", "svc-office-network", "network", 1),
    ("device-management", "Device management", "svc-workplace", "workplace", 1),
    ("file-service", "File service", "svc-workplace", "workplace", 1),
    ("print-service", "Print service", "svc-printing", "workplace", 1),
    ("monitoring-app", "Monitoring", "", "service-desk", 1),
    ("backup-app", "Backup", "", "network", 1),
];

/// A database that runs in both centres: key, name, the application that needs it, team.
const DATABASES: &[(&str, &str, &str, &str)] = &[
    ("cards-db", "Cards database", "card-gateway", "payments-platform"),
    ("ledger-db", "Ledger database", "ledger", "payments-platform"),
    ("banking-db", "Banking database", "bank-api", "payments-platform"),
    ("identity-db", "Identity database", "sign-on", "network"),
    ("mail-db", "Mail store", "mail", "messaging"),
    ("devices-db", "Device database", "device-management", "workplace"),
];

impl Estate {
    fn add(&mut self, key: &str, title: &str, class: &str, team: &str, more: &Json) -> String {
        let mut values = json!({
            "title": title, "class": format!("@item-classes/{class}"), "team": format!("@teams/{team}"),
            "organisation": "@organisations/retail-bank", "environment": "production",
            "owner": format!("@people/{}", super::address(owner(team))),
        });
        for (key, value) in more.as_object().into_iter().flatten() {
            values[key] = value.clone();
        }
        self.parts.push(Part { key: key.to_owned(), values, stands: Stands::Live });
        key.to_owned()
    }

    fn link(&mut self, from: &str, relation: &'static str, to: &str) {
        self.links.push((from.to_owned(), relation, to.to_owned()));
    }

    fn set(&mut self, key: &str, stands: Stands) {
        if let Some(part) = self.parts.iter_mut().find(|part| part.key == key) {
            part.stands = stands;
        }
    }

    fn can_do_without(&mut self, key: &str, relation: &str, class: &str, needs: i64) {
        let row = json!({
            "relation": format!("@relation-types/{relation}"), "class": format!("@item-classes/{class}"), "needs": needs,
        });
        if let Some(part) = self.parts.iter_mut().find(|part| part.key == key) {
            match part.values["redundancy"].as_array_mut() {
                Some(rows) => rows.push(row),
                None => part.values["redundancy"] = json!([row]),
            }
        }
    }
}

/// Who answers for the items of a team.
fn owner(team: &str) -> &'static str {
    match team {
        "payments-platform" => "nadia",
        "messaging" => "yuki",
        "workplace" => "elena",
        "service-desk" => "jonas",
        _ => "mei",
    }
}

/// The whole estate.
pub fn plan() -> Estate {
    let mut estate = Estate::default();
    services(&mut estate);
    centres(&mut estate);
    applications(&mut estate);
    databases(&mut estate);
    way_in(&mut estate);
    branches(&mut estate);
    desks(&mut estate);
    in_motion(&mut estate);
    estate
}

fn services(estate: &mut Estate) {
    for (key, name, team) in [
        ("payments", "Payments", "payments-platform"),
        ("online-banking", "Online banking", "payments-platform"),
        ("email", "Email", "messaging"),
        ("remote-access", "Remote access", "network"),
        ("office-network", "Office network", "network"),
        ("workplace", "Workplace", "workplace"),
        ("printing", "Printing", "workplace"),
    ] {
        estate.add(
            &format!("svc-{key}"),
            name,
            "service",
            team,
            &json!({ "service": format!("@services/{key}"), "description": "The service as people know it." }),
        );
    }
}

/// Power, cooling, network, storage and hosts of each centre.
fn centres(estate: &mut Estate) {
    for (centre, place, hosts) in CENTRES {
        let at = json!({ "location": place });
        for (key, name) in [("power", "Power supply"), ("cooling", "Cooling")] {
            estate.add(&format!("{key}-{centre}"), &format!("{name} {place}"), "site", "network", &at);
        }
        for side in ["a", "b"] {
            let core = estate.add(
                &format!("core-{centre}-{side}"),
                &format!("core-sw-{centre}-{side}"),
                "network",
                "network",
                &json!({ "location": place, "model_name": "Arista 7280R3", "version_name": "4.31.2F", "serial_number": format!("ARI-{centre}-{side}-01").to_uppercase() }),
            );
            estate.link(&core, "powered_by", &format!("power-{centre}"));
            estate.link(&core, "powered_by", &format!("cooling-{centre}"));
        }
        let array = estate.add(
            &format!("san-{centre}"),
            &format!("san-{centre}-01"),
            "storage",
            "network",
            &json!({ "location": place, "model_name": "NetApp AFF A400", "supported_until": "2028-06-30" }),
        );
        estate.link(&array, "powered_by", &format!("power-{centre}"));
        for side in ["a", "b"] {
            estate.link(&array, "connected_to", &format!("core-{centre}-{side}"));
        }
        estate.can_do_without(&array, "connected_to", "network", 1);
        let cluster = estate.add(
            &format!("hosts-{centre}"),
            &format!("Hosts of {place}"),
            "cluster",
            "network",
            &json!({ "location": place, "description": "Machines move to another host when theirs fails." }),
        );
        estate.can_do_without(&cluster, "depends_on", "server", i64::try_from(hosts).unwrap_or(2) - 2);
        for n in 1..=hosts {
            let host = estate.add(
                &format!("host-{centre}-{n:02}"),
                &format!("esx-{centre}-{n:02}"),
                "server",
                "network",
                &json!({ "location": format!("{place}, rack {}", n + 3), "model_name": "Dell PowerEdge R760", "serial_number": format!("R760-{centre}{n:03}").to_uppercase(), "warranty_until": "2027-11-30" }),
            );
            estate.link(&cluster, "depends_on", &host);
            estate.link(&host, "stored_on", &array);
            estate.link(&host, "powered_by", &format!("power-{centre}"));
            for side in ["a", "b"] {
                estate.link(&host, "connected_to", &format!("core-{centre}-{side}"));
            }
            estate.can_do_without(&host, "connected_to", "network", 1);
        }
    }
}

/// Machines for a program in both centres; it can do without those of either.
fn machines(estate: &mut Estate, of: &str, team: &str, each: usize) {
    let mut all = 0;
    for (centre, place, _) in CENTRES {
        for n in 1..=each {
            let machine = estate.add(
                &format!("vm-{of}-{centre}-{n}"),
                &format!("{of}-{centre}-{n:02}"),
                "virtual-machine",
                team,
                &json!({ "location": place, "address": format!("{of}-{centre}-{n:02}.bank.example"), "version_name": "Debian 12" }),
            );
            estate.link(&machine, "runs_on", &format!("hosts-{centre}"));
            estate.link(of, "runs_on", &machine);
            all += 1;
        }
    }
    estate.can_do_without(of, "runs_on", "virtual-machine", all / 2);
}

fn applications(estate: &mut Estate) {
    for (key, name, above, team, each) in APPLICATIONS {
        estate.add(key, name, "application", team, &json!({ "version_name": "2025.2", "criticality": "high" }));
        if !above.is_empty() {
            estate.link(above, "depends_on", key);
        }
        machines(estate, key, team, *each);
    }
    for (above, below) in [
        ("bank-web", "bank-api"),
        ("bank-api", "sign-on"),
        ("vpn-portal", "sign-on"),
        ("mail", "sign-on"),
        ("virtual-desktops", "sign-on"),
        ("virtual-desktops", "file-service"),
        ("sign-on", "name-service"),
        ("card-gateway", "name-service"),
        ("mail", "name-service"),
        ("svc-office-network", "name-service"),
        ("svc-workplace", "sign-on"),
    ] {
        estate.link(above, "depends_on", below);
    }
}

/// Each is a cluster of two, one in each centre, of which one has to work.
fn databases(estate: &mut Estate) {
    for (key, name, above, team) in DATABASES {
        let cluster = estate.add(key, name, "cluster", team, &json!({ "description": "One of both is enough." }));
        estate.link(above, "depends_on", &cluster);
        for (centre, place, _) in CENTRES {
            let node = estate.add(
                &format!("{key}-{centre}"),
                &format!("{key}-{centre}"),
                "database",
                team,
                &json!({ "location": place, "version_name": "PostgreSQL 15.8" }),
            );
            let machine = estate.add(
                &format!("vm-{key}-{centre}"),
                &format!("{key}-{centre}-vm"),
                "virtual-machine",
                team,
                &json!({ "location": place, "version_name": "Debian 12" }),
            );
            estate.link(&cluster, "depends_on", &node);
            estate.link(&node, "runs_on", &machine);
            estate.link(&node, "stored_on", &format!("san-{centre}"));
            estate.link(&machine, "runs_on", &format!("hosts-{centre}"));
        }
        estate.can_do_without(&cluster, "depends_on", "database", 1);
    }
}

/// What leads into the house: firewalls and VPN gateways, two of each, and lines to carriers.
fn way_in(estate: &mut Estate) {
    for (n, (centre, place, _)) in (1..).zip(CENTRES) {
        let line = estate.add(
            &format!("line-{centre}"),
            &format!("Line of {place}"),
            "line",
            "network",
            &json!({ "location": place, "supplier": "@organisations/netco", "support_contract": "NC-2024-118" }),
        );
        let firewall = estate.add(
            &format!("fw-{centre}"),
            &format!("fw-{centre}-01"),
            "gateway",
            "network",
            &json!({ "location": place, "model_name": "FortiGate 600F", "version_name": "7.4.5", "supported_until": "2026-12-31" }),
        );
        let gateway = estate.add(
            &format!("vpn-gateway-{n:02}"),
            &format!("vpn-gw-{centre}-{n:02}"),
            "gateway",
            "network",
            &json!({ "location": format!("{place}, rack 14"), "model_name": "FortiGate 200F", "version_name": "7.2.10", "description": "Gateway for people who work from elsewhere." }),
        );
        for side in ["a", "b"] {
            estate.link(&firewall, "connected_to", &format!("core-{centre}-{side}"));
        }
        estate.can_do_without(&firewall, "connected_to", "network", 1);
        estate.link(&firewall, "depends_on", &line);
        estate.link(&gateway, "connected_to", &firewall);
        for above in ["svc-remote-access", "card-gateway", "bank-web", "mail"] {
            let below = if above == "svc-remote-access" { &gateway } else { &firewall };
            estate.link(above, "depends_on", below);
        }
    }
    for above in ["svc-remote-access", "card-gateway", "bank-web", "mail"] {
        estate.can_do_without(above, "depends_on", "gateway", 1);
    }
}

fn branches(estate: &mut Estate) {
    for (n, branch) in (1..).zip(BRANCHES) {
        let key = branch.to_lowercase();
        let at = |more: Json| {
            let mut values = json!({ "location": format!("Branch {branch}") });
            for (key, value) in more.as_object().into_iter().flatten() {
                values[key] = value.clone();
            }
            values
        };
        let line = estate.add(
            &format!("line-{key}"),
            &format!("Line {branch}"),
            "line",
            "netco-field-operations",
            &at(json!({ "owner": format!("@people/{}", super::address("mei")), "supplier": "@organisations/netco", "support_contract": "NC-2024-118" })),
        );
        let router = estate.add(
            &format!("router-{key}"),
            &format!("rt-{key}-01"),
            "network",
            "netco-field-operations",
            &at(json!({ "owner": format!("@people/{}", super::address("mei")), "model_name": "Cisco ISR 1121", "supported_until": "2027-03-31" })),
        );
        let switch = estate.add(
            &format!("switch-{key}"),
            &format!("sw-{key}-01"),
            "network",
            "network",
            &at(json!({ "model_name": "Aruba 6300M", "serial_number": format!("ARU63-{n:04}") })),
        );
        estate.link(&router, "depends_on", &line);
        estate.link(&switch, "connected_to", &router);
        estate.link("svc-office-network", "depends_on", &switch);
        for points in 1..=2 {
            let point = estate.add(
                &format!("ap-{key}-{points}"),
                &format!("ap-{key}-{points:02}"),
                "network",
                "network",
                &at(json!({ "model_name": "Aruba AP-635" })),
            );
            estate.link(&point, "connected_to", &switch);
        }
        let printer = estate.add(
            &format!("printer-{key}"),
            &format!("prn-{key}-01"),
            "printer",
            "workplace",
            &at(json!({ "model_name": "Kyocera TASKalfa 3554ci" })),
        );
        estate.link(&printer, "connected_to", &switch);
    }
    let branches = i64::try_from(BRANCHES.len()).unwrap_or(1);
    estate.can_do_without("svc-office-network", "depends_on", "network", branches * 3 / 4);
}

/// Notebooks and telephones, each of somebody.
fn desks(estate: &mut Estate) {
    for n in 1..=160 {
        let (kind, model) =
            if n % 4 == 0 { ("Telephone", "Apple iPhone 15") } else { ("Notebook", "Lenovo T14 Gen 5") };
        let place = if n % 3 == 0 { BRANCHES[n % BRANCHES.len()] } else { "London, head office" };
        estate.add(
            &format!("device-{n:03}"),
            &format!("{kind} {n:03}"),
            "workplace",
            "workplace",
            &json!({ "location": place, "model_name": model, "serial_number": format!("DEV-{:05}", 20_000 + n * 37), "warranty_until": if n % 5 == 0 { "2025-12-31" } else { "2027-05-31" } }),
        );
    }
}

/// What is on its way, away or gone.
fn in_motion(estate: &mut Estate) {
    let place = json!({ "location": "London DC1" });
    for (n, stands) in (8..).zip([Stands::Test, Stands::Ordered, Stands::Planned]) {
        let key = estate.add(
            &format!("host-lon-{n:02}"),
            &format!("esx-lon-{n:02}"),
            "server",
            "network",
            &json!({ "location": "London DC1", "model_name": "Dell PowerEdge R770" }),
        );
        estate.set(&key, stands);
    }
    let old = estate.add("san-lon-old", "san-lon-00", "storage", "network", &place);
    estate.set(&old, Stands::Retired);
    estate.set("host-lds-06", Stands::Maintenance);
    for (n, stands) in
        [(7, Stands::Missing), (41, Stands::Missing), (80, Stands::Stock), (81, Stands::Stock), (83, Stands::Ordered)]
    {
        estate.set(&format!("device-{n:03}"), stands);
    }
}
