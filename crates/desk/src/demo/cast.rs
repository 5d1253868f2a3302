//! Who plays in the demo: organisations, teams, people.

/// An organisation: key, name, kind.
pub const ORGANISATIONS: &[(&str, &str, &str)] =
    &[("retail-bank", "Retail Bank", "internal"), ("acme", "Acme", "customer"), ("netco", "NetCo", "vendor")];

/// A team: key, name, organisation, key of its manager, what it does.
pub const TEAMS: &[(&str, &str, &str, &str, &str)] = &[
    ("service-desk", "Service Desk", "retail-bank", "priya", "First contact for everybody"),
    ("network", "Network", "retail-bank", "priya", "Wired, wireless and remote access"),
    ("workplace", "Workplace", "retail-bank", "priya", "Laptops, phones, printers, office software"),
    ("payments-platform", "Payments Platform", "retail-bank", "nadia", "Card payments, settlement, terminals"),
    ("messaging", "Messaging", "retail-bank", "priya", "Mail and calendars"),
    ("netco-field-operations", "NetCo Field Operations", "netco", "peter", "Lines and routers in the branches"),
];

/// One person of the demo.
pub struct Part {
    /// How the stories call them.
    pub key: &'static str,
    pub name: &'static str,
    /// Before the @ of their address.
    pub mailbox: &'static str,
    pub organisation: &'static str,
    pub teams: &'static [&'static str],
    /// The role beside that of a requester.
    pub role: Option<&'static str>,
    pub zone: &'static str,
    pub vip: bool,
}

const fn part(key: &'static str, name: &'static str, mailbox: &'static str, organisation: &'static str) -> Part {
    Part { key, name, mailbox, organisation, teams: &[], role: None, zone: "Europe/London", vip: false }
}

impl Part {
    const fn role(mut self, role: &'static str) -> Self {
        self.role = Some(role);
        self
    }
    const fn teams(mut self, teams: &'static [&'static str]) -> Self {
        self.teams = teams;
        self
    }
    const fn agent(self, teams: &'static [&'static str]) -> Self {
        self.role("agent").teams(teams)
    }
    const fn zone(mut self, zone: &'static str) -> Self {
        self.zone = zone;
        self
    }
    const fn vip(mut self) -> Self {
        self.vip = true;
        self
    }

    /// The person's address, in the domain that is reserved for examples.
    #[must_use]
    pub fn email(&self) -> String {
        format!("{}@demo.example", self.mailbox)
    }
}

/// Everybody.
pub const PEOPLE: &[Part] = &[
    part("amara", "Amara Okafor", "requester", "retail-bank").vip(),
    part("jonas", "Jonas Weber", "agent", "retail-bank").agent(&["service-desk", "network"]),
    part("priya", "Priya Kaur", "manager", "retail-bank").role("process-manager"),
    part("leila", "Leila Farouk", "leila.farouk", "retail-bank").role("process-manager"),
    part("diego", "Diego Vidal", "approver", "retail-bank").role("approver").teams(&["cab"]),
    part("claire", "Claire Dubois", "customer", "acme").role("customer-representative").zone("Europe/Paris"),
    part("peter", "Peter Novak", "vendor", "netco")
        .role("vendor")
        .teams(&["netco-field-operations"])
        .zone("Europe/Prague"),
    part("grace", "Grace Muller", "auditor", "retail-bank").role("auditor"),
    part("victor", "Victor Almeida", "admin", "retail-bank").role("admin").teams(&["cab", "ecab"]),
    part("monitoring", "Monitoring", "monitoring", "retail-bank").role("monitoring-source"),
    part("mei", "Mei Chen", "mei.chen", "retail-bank").agent(&["network"]),
    part("ravi", "Ravi Shah", "ravi.shah", "retail-bank").agent(&["network"]),
    part("ingrid", "Ingrid Larsen", "ingrid.larsen", "retail-bank").agent(&["service-desk"]),
    part("elena", "Elena Petrova", "elena.petrova", "retail-bank").agent(&["workplace"]),
    part("samuel", "Samuel Osei", "samuel.osei", "retail-bank").agent(&["workplace", "service-desk"]),
    part("nadia", "Nadia Haddad", "nadia.haddad", "retail-bank").agent(&["payments-platform", "cab"]),
    part("oliver", "Oliver Grant", "oliver.grant", "retail-bank").agent(&["payments-platform"]),
    part("yuki", "Yuki Tanaka", "yuki.tanaka", "retail-bank").agent(&["messaging"]),
    part("luca", "Luca Moretti", "luca.moretti", "retail-bank"),
    part("hana", "Hana Sato", "hana.sato", "retail-bank"),
    part("tom", "Tom Brandt", "tom.brandt", "retail-bank"),
    part("elif", "Elif Nur", "elif.nur", "retail-bank"),
    part("sara", "Sara Klein", "sara.klein", "retail-bank"),
    part("chidi", "Chidi Eze", "chidi.eze", "retail-bank"),
    part("fatima", "Fatima Zahra", "fatima.zahra", "retail-bank"),
    part("ben", "Ben Walsh", "ben.walsh", "retail-bank").vip(),
    part("marco", "Marco Rossi", "marco.rossi", "acme").zone("Europe/Rome"),
    part("aisha", "Aisha Khan", "aisha.khan", "acme").zone("Europe/Paris"),
];

/// The password of everybody in the demo.
pub const PASSWORD: &str = "mainstay-demo";

/// Those who report things.
pub const REPORTERS: &[&str] =
    &["amara", "luca", "hana", "tom", "elif", "sara", "chidi", "fatima", "ben", "diego", "marco", "aisha"];

/// Who works in a team, first the one who takes most.
#[must_use]
pub fn members(team: &str) -> Vec<&'static str> {
    PEOPLE.iter().filter(|p| p.role == Some("agent") && p.teams.contains(&team)).map(|p| p.key).collect()
}

/// One way in, as the sign-in hint shows it.
pub struct SignIn {
    pub role: &'static str,
    pub name: &'static str,
    pub email: String,
}

/// One person for each role, to sign in as.
#[must_use]
pub fn sign_ins() -> Vec<SignIn> {
    let shown = [
        ("amara", "Requester"),
        ("jonas", "Agent"),
        ("priya", "Process manager"),
        ("diego", "Approver"),
        ("claire", "Customer representative"),
        ("peter", "Vendor"),
        ("grace", "Auditor"),
        ("victor", "Admin"),
    ];
    let sign_in = |(key, role): (&str, &'static str)| {
        let part = PEOPLE.iter().find(|p| p.key == key)?;
        Some(SignIn { role, name: part.name, email: part.email() })
    };
    shown.into_iter().filter_map(sign_in).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_mentioned_exists_once() {
        for (i, part) in PEOPLE.iter().enumerate() {
            assert!(PEOPLE[..i].iter().all(|p| p.key != part.key && p.mailbox != part.mailbox && p.name != part.name));
            assert!(ORGANISATIONS.iter().any(|o| o.0 == part.organisation), "{}", part.name);
            let shipped = |key: &str| {
                mainstay_processes::shipped::entries().iter().any(|e| e.register == "teams" && e.key == key)
            };
            assert!(part.teams.iter().all(|t| TEAMS.iter().any(|team| team.0 == *t) || shipped(t)), "{}", part.name);
        }
        for key in REPORTERS.iter().chain(TEAMS.iter().map(|t| &t.3)) {
            assert!(PEOPLE.iter().any(|p| p.key == *key), "{key}");
        }
        assert_eq!(sign_ins().len(), 8);
        for team in TEAMS.iter().filter(|t| t.2 != "netco") {
            assert!(!members(team.0).is_empty(), "{}", team.0);
        }
    }
}
