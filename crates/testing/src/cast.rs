//! The personas, organisations and services that the acceptance tests share.

use mainstay_desk::install::{Planned, put};
use mainstay_desk::{Channel, Credential, Desk};
use mainstay_store::entries;
use serde_json::{Value as Json, json};

/// Ids of the people and things of the acceptance tests.
#[derive(Clone, Debug)]
pub struct Cast {
    pub retail_bank: i64,
    pub acme: i64,
    pub netco: i64,
    pub requester: i64,
    pub acme_requester: i64,
    pub agent: i64,
    pub agent_l2: i64,
    pub manager: i64,
    pub team_manager: i64,
    pub approver: i64,
    pub representative: i64,
    pub vendor: i64,
    pub auditor: i64,
    pub admin: i64,
    pub monitoring: i64,
    pub service_desk: i64,
    pub network: i64,
    pub netco_team: i64,
    pub payments: i64,
    pub email: i64,
    pub network_category: i64,
    pub vpn_category: i64,
    pub software_category: i64,
}

fn planned(register: &'static str, key: &str, name: &str, values: Json) -> Planned {
    Planned { register, key: key.to_owned(), name: name.to_owned(), values }
}

fn person(email: &str, name: &str, organisation: &str, role: &str, more: &Json) -> Planned {
    let mut values = json!({
        "email": email, "organisation": format!("@organisations/{organisation}"),
        "grants": [{ "role": format!("@roles/{role}") }],
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        values[key] = value.clone();
    }
    planned("people", email, name, values)
}

fn everybody() -> Vec<Planned> {
    let none = json!({});
    let desk = json!({ "teams": ["@teams/service-desk"] });
    vec![
        planned("organisations", "retail-bank", "Retail Bank", json!({ "kind": "internal" })),
        planned("organisations", "acme", "Acme", json!({ "kind": "customer" })),
        planned("organisations", "netco", "NetCo", json!({ "kind": "vendor" })),
        person("team.manager@bank.example", "Team Manager", "retail-bank", "process-manager", &none),
        planned("teams", "service-desk", "Service desk", json!({ "manager": "@people/team.manager@bank.example" })),
        planned("teams", "network", "Network", json!({ "manager": "@people/team.manager@bank.example" })),
        planned("teams", "netco-field", "NetCo field", json!({ "organisation": "@organisations/netco" })),
        person("requester@bank.example", "Requester", "retail-bank", "requester", &json!({ "zone": "Europe/London" })),
        person("requester@acme.example", "Acme Requester", "acme", "requester", &none),
        person("agent@bank.example", "Agent L1", "retail-bank", "agent", &desk),
        person(
            "agent.l2@bank.example",
            "Agent L2",
            "retail-bank",
            "agent",
            &json!({ "teams": ["@teams/network"], "zone": "Asia/Kolkata" }),
        ),
        person("manager@bank.example", "Process Manager", "retail-bank", "process-manager", &none),
        person("approver@bank.example", "Approver", "retail-bank", "approver", &none),
        person("representative@acme.example", "Customer Representative", "acme", "customer-representative", &none),
        person("vendor@netco.example", "Vendor", "netco", "vendor", &json!({ "teams": ["@teams/netco-field"] })),
        person("auditor@bank.example", "Auditor", "retail-bank", "auditor", &none),
        person("admin@bank.example", "Admin", "retail-bank", "admin", &none),
        person("monitoring@bank.example", "Monitoring", "retail-bank", "monitoring-source", &none),
        planned(
            "services",
            "payments",
            "Payments",
            json!({ "criticality": "critical", "calendar": "@calendars/around-the-clock" }),
        ),
        planned(
            "services",
            "email",
            "Email",
            json!({ "criticality": "standard", "calendar": "@calendars/office-hours" }),
        ),
        planned("categories", "network", "Network", json!({})),
        planned("categories", "vpn", "VPN", json!({ "parent": "@categories/network" })),
        planned("categories", "software", "Software", json!({})),
    ]
}

/// Makes the cast and looks up its ids.
pub(crate) async fn gather(desk: &Desk) -> Cast {
    let made = desk.write(&Credential::Engine, Channel::Command, |session, caller| {
        put(session, caller, &everybody())?;
        let mut id = |register: &str, key: &str| -> mainstay_desk::Result<i64> {
            Ok(entries::by_key(session.conn, register, key)?.map(|row| row.id).unwrap_or_default())
        };
        Ok(Cast {
            retail_bank: id("organisations", "retail-bank")?,
            acme: id("organisations", "acme")?,
            netco: id("organisations", "netco")?,
            requester: id("people", "requester@bank.example")?,
            acme_requester: id("people", "requester@acme.example")?,
            agent: id("people", "agent@bank.example")?,
            agent_l2: id("people", "agent.l2@bank.example")?,
            manager: id("people", "manager@bank.example")?,
            team_manager: id("people", "team.manager@bank.example")?,
            approver: id("people", "approver@bank.example")?,
            representative: id("people", "representative@acme.example")?,
            vendor: id("people", "vendor@netco.example")?,
            auditor: id("people", "auditor@bank.example")?,
            admin: id("people", "admin@bank.example")?,
            monitoring: id("people", "monitoring@bank.example")?,
            service_desk: id("teams", "service-desk")?,
            network: id("teams", "network")?,
            netco_team: id("teams", "netco-field")?,
            payments: id("services", "payments")?,
            email: id("services", "email")?,
            network_category: id("categories", "network")?,
            vpn_category: id("categories", "vpn")?,
            software_category: id("categories", "software")?,
        })
    });
    made.await.expect("the cast fits the registers")
}
