//! Who and what there is: people, teams, organisations, roles, services, categories.

use mainstay_engine::choices;
use mainstay_engine::field::{EntryId, Field, FieldDef, Kind};
use mainstay_engine::refusal::FieldError;
use mainstay_engine::register::{Readable, Register, Values};
use mainstay_engine::value::Value;

choices! {
    /// On which side of the desk an organisation stands.
    OrganisationKind { Internal = "internal" "Internal", Customer = "customer" "Customer", Vendor = "vendor" "Vendor" }
}
choices! {
    /// How much the business hangs on a service.
    Criticality { Critical = "critical" "Critical", High = "high" "High", Standard = "standard" "Standard", Low = "low" "Low" }
}

pub const EMAIL: Field<String> = Field::text("email", "E-mail").required().in_list();
pub const ZONE: Field<String> = Field::text("zone", "Time zone").help("IANA name, such as Europe/London");
pub const LANGUAGE: Field<String> =
    Field::text("language", "Language").help("A tag such as en or de; empty: as the browser asks");
pub const PERSON_ORGANISATION: Field<EntryId> = Field::entry("organisation", "Organisation", "organisations").in_list();
pub const PERSON_TEAMS: Field<Value> = Field::any("teams", "Teams", Kind::Refs("teams")).in_list();
pub const MANAGER: Field<EntryId> = Field::entry("manager", "Manager", "people");
pub const DEPUTY: Field<EntryId> =
    Field::entry("deputy", "Deputy", "people").help("Approves in the person's place on the days below");
pub const DEPUTY_FROM: Field<i64> = Field::date("deputy_from", "Deputy from");
pub const DEPUTY_UNTIL: Field<i64> = Field::date("deputy_until", "Deputy until");
pub const PHONE: Field<String> = Field::text("phone", "Phone");
pub const VIP: Field<bool> = Field::bool("vip", "VIP");
/// Who goes on in the place of a person that turned out to be somebody else.
pub const MERGED_INTO: Field<EntryId> = Field::entry("merged_into", "Merged into", "people").computed();
const GRANT_ROLE: Field<EntryId> = Field::entry("role", "Role", "roles").required();
const GRANT_ORGANISATION: Field<EntryId> =
    Field::entry("organisation", "Only for organisation", "organisations").help("Empty: for all");
const GRANT_PROCESS: Field<String> =
    Field::text("process", "Only for process").help("Key of a process; empty: for all");
pub const GRANTS: Field<Value> =
    Field::any("grants", "Roles", Kind::Table(&[GRANT_ROLE.def, GRANT_ORGANISATION.def, GRANT_PROCESS.def])).internal();

pub static PEOPLE: Register = Register {
    key: "people",
    label: "Person",
    label_plural: "People",
    icon: "user-round",
    help: "Everybody who reports, works, approves or is told. Roles say what each may do, and for whom.",
    fields: &[
        EMAIL.def,
        PERSON_ORGANISATION.def,
        PERSON_TEAMS.def,
        GRANTS.def,
        MANAGER.def,
        DEPUTY.def,
        DEPUTY_FROM.def,
        DEPUTY_UNTIL.def,
        PHONE.def,
        ZONE.def,
        LANGUAGE.def,
        PERSON_LIMIT.def,
        SKILLS.def,
        VIP.def,
        MERGED_INTO.def,
    ],
    readable: Readable::Staff,
    key_field: Some("email"),
    check: Some(check_person),
};

fn check_person(person: &Values) -> Vec<FieldError> {
    let mut errors = check_zone(person);
    errors.extend(check_language(person));
    errors.extend(check_deputy(person));
    let email = person.get("email").and_then(Value::as_text).unwrap_or_default();
    let parts: Vec<&str> = email.split('@').collect();
    let plain = |part: &str| !part.is_empty() && part.chars().all(|c| !c.is_whitespace() && !",;<>()\"".contains(c));
    if !(parts.len() == 2 && plain(parts[0]) && plain(parts[1])) {
        errors.push(FieldError::new(
            "email",
            "not_an_address",
            "E-mail must be one address, such as name@example.org.",
        ));
    }
    errors
}

/// Whoever has a deputy says on which days. (GEN-16)
fn check_deputy(person: &Values) -> Vec<FieldError> {
    let value = |field: &FieldDef| person.get(field.key).filter(|value| !value.is_blank());
    if value(&DEPUTY.def).is_none() {
        return Vec::new();
    }
    let days = [DEPUTY_FROM.def, DEPUTY_UNTIL.def];
    let missing: Vec<FieldError> = days.iter().filter(|day| value(day).is_none()).map(FieldError::required).collect();
    let day = |field: &FieldDef| value(field).and_then(Value::as_int);
    if missing.is_empty() && day(&DEPUTY_UNTIL.def) < day(&DEPUTY_FROM.def) {
        let says = "The last day lies before the first.";
        return vec![FieldError::new(DEPUTY_UNTIL.def.key, "ends_before_it_starts", says)];
    }
    missing
}

/// A BCP 47 tag, when one is given: letters first, parts of at most eight.
fn check_language(values: &Values) -> Vec<FieldError> {
    let part = |part: &str| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric());
    let tag = |tag: &str| {
        tag.split('-').all(part) && tag.split('-').next().is_some_and(|first| (2..=3).contains(&first.len()))
    };
    match values.get("language").and_then(Value::as_text) {
        Some(language) if !tag(language) => {
            vec![FieldError::new("language", "not_a_language", "Language must be a tag, such as en or de-AT.")]
        }
        _ => Vec::new(),
    }
}

/// A zone that the time-zone database knows, when one is given.
pub(super) fn check_zone(values: &Values) -> Vec<FieldError> {
    match values.get("zone").and_then(Value::as_text) {
        Some(zone) if !mainstay_engine::calendar::is_zone(zone) => {
            vec![FieldError::new(
                "zone",
                "unknown_zone",
                format!("There is no time zone called {zone}; Europe/London is one."),
            )]
        }
        _ => Vec::new(),
    }
}

pub const PERSON_LIMIT: Field<i64> = Field::number("workload_limit", "Workload limit", 1, 1_000_000)
    .help("Open records that the person can carry at a time; empty: no limit");

pub const SKILLS: Field<Value> = Field::any("skills", "Skills", Kind::Tags)
    .help("What rules of assignment look for, such as a language or a system; separated by commas");

pub const TEAM_LIMIT: Field<i64> = Field::number("workload_limit", "Workload limit", 1, 1_000_000)
    .help("Open records that the team can carry at a time; empty: no limit");

pub static TEAMS: Register = Register {
    key: "teams",
    label: "Team",
    label_plural: "Teams",
    icon: "users-round",
    help: "Work is assigned to teams. A team of a vendor makes that vendor see what is assigned to it.",
    fields: &[
        Field::entry("organisation", "Organisation", "organisations").in_list().def,
        Field::entry("manager", "Manager", "people")
            .in_list()
            .help("Told when work of the team threatens to be late")
            .def,
        TEAM_LIMIT.def,
        Field::text("description", "Description").def,
    ],
    readable: Readable::Everyone,
    key_field: None,
    check: None,
};

pub const FOR_COLLEAGUES: Field<bool> = Field::bool("for_colleagues", "People report for each other")
    .help("Each may report in the portal for somebody else of the organisation; both see it.");

pub static ORGANISATIONS: Register = Register {
    key: "organisations",
    label: "Organisation",
    label_plural: "Organisations",
    icon: "building-2",
    help: "Customers, the house itself, vendors. People of an organisation see its slice and nothing else.",
    fields: &[
        Field::<OrganisationKind>::choice("kind", "Kind", OrganisationKind::CHOICES).required().in_list().def,
        Field::entry("parent", "Part of", "organisations").def,
        ZONE.def,
        FOR_COLLEAGUES.def,
    ],
    readable: Readable::Staff,
    key_field: None,
    check: Some(check_zone),
};

pub static ROLES: Register = Register {
    key: "roles",
    label: "Role",
    label_plural: "Roles",
    icon: "key-round",
    help: "A named set of permissions such as incident.view, incident.resolve, people.manage. A star stands for all.",
    fields: &[
        Field::any("permissions", "Permissions", Kind::Tags).required().def,
        Field::<Reach>::choice("reach", "Sees", Reach::CHOICES).required().in_list().def,
    ],
    readable: Readable::Permitted,
    key_field: None,
    check: None,
};

choices! {
    /// Which records a role opens, before its permissions say what may be done with them.
    Reach {
        Own = "own" "What concerns the person",
        Customer = "customer" "All records of the organisation, without internal content",
        Vendor = "vendor" "Records with tasks or teams of the vendor, without internal content",
        Staff = "staff" "Records of the granted organisations, with internal content",
        Restricted = "restricted" "Records of the granted organisations, restricted ones included, with internal content",
    }
}

pub static SERVICES: Register = Register {
    key: "services",
    label: "Service",
    label_plural: "Services",
    icon: "layers",
    help: "What people use and what service levels are agreed for.",
    fields: &[
        Field::<Criticality>::choice("criticality", "Criticality", Criticality::CHOICES).required().in_list().def,
        Field::entry("owner", "Owner", "people").in_list().def,
        Field::any("organisations", "Serves", Kind::Refs("organisations")).help("Empty: everybody").def,
        Field::entry("calendar", "Service hours", "calendars")
            .help("When it is offered; targets count in the calendar of their service level")
            .def,
        Field::entry("team", "Team", "teams").help("Looks after it").def,
        Field::text("description", "Description").help("In words its users know").def,
    ],
    readable: Readable::Everyone,
    key_field: None,
    check: None,
};

pub static CATEGORIES: Register = Register {
    key: "categories",
    label: "Category",
    label_plural: "Categories",
    icon: "list",
    help: "The controlled tree that records are sorted into. A retired category stays on old records.",
    fields: &[
        Field::entry("parent", "Under", "categories").in_list().def,
        Field::text("description", "Description").def,
    ],
    readable: Readable::Everyone,
    key_field: None,
    check: None,
};
