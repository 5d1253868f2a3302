//! Which column fills which field, and how its words become values.

use super::ORIGIN;
use super::row::Fault;
use mainstay_desk::import::{By, Given, NewEntry, Reference};
use mainstay_engine::field::FieldType;
use mainstay_engine::register::Register;
use mainstay_engine::spine;
use mainstay_processes::operation::incident::{HOP_COUNT, INCIDENT, REOPEN_COUNT};
use mainstay_processes::registers::{CATEGORIES, CUSTOM_FIELDS, PEOPLE, TEAMS};
use mainstay_processes::{bundles, registers::CustomKind};
use serde_json::Value as Json;
use std::sync::Arc;

/// A field that one column alone decides.
pub struct Mapped {
    pub column: &'static str,
    pub field: &'static str,
    pub read: fn(&str) -> Result<Given, Fault>,
}

const fn mapped(column: &'static str, field: &'static str, read: fn(&str) -> Result<Given, Fault>) -> Mapped {
    Mapped { column, field, read }
}

/// What changes with every row.
pub const MAPPED: &[Mapped] = &[
    mapped("caller_id", spine::REQUESTER.def.key, |id| Ok(Given::Entry(person("caller", id)))),
    mapped("contact_type", bundles::SOURCE.def.key, |text| Ok(Given::text(source(text)))),
    mapped("contact_type", "sn_contact_type", text),
    mapped("impact", bundles::IMPACT.def.key, level),
    mapped("urgency", bundles::URGENCY.def.key, level),
    mapped("priority", spine::PRIORITY.def.key, |text| number(text, 1, 5)),
    mapped("assignment_group", spine::TEAM.def.key, |id| Ok(Given::Entry(team(id)))),
    mapped("assigned_to", spine::ASSIGNEE.def.key, |id| Ok(Given::Entry(person("assignee", id)))),
    mapped("reassignment_count", HOP_COUNT.def.key, count),
    mapped("reopen_count", REOPEN_COUNT.def.key, count),
    mapped("location", "sn_location", text),
    mapped("u_symptom", "sn_symptom", text),
    mapped("cmdb_ci", "sn_configuration_item", text),
    mapped("vendor", "sn_vendor", text),
    mapped("notify", "sn_notify", text),
    mapped("knowledge", "sn_knowledge", truth),
    mapped("u_priority_confirmation", "sn_priority_confirmed", truth),
    mapped("made_sla", "sn_made_sla", truth),
    mapped("sys_mod_count", "sn_changes", count),
    mapped("sys_created_by", "sn_created_by", |id| Ok(Given::Entry(person("creator", id)))),
    mapped("sys_created_at", "sn_created", |text| super::row::instant(text).map(super::row::given_instant)),
];

/// Links to records that stay in the other system: column, relation, what it names.
pub const LINKED: &[(&str, &str, &str)] =
    &[("problem_id", "caused_by", "Problem"), ("rfc", "fixed_by", "Change"), ("caused_by", "caused_by", "Change")];

/// Fields of the organisation's own for what no declared field holds: key, name, kind, only for staff.
const OWN: &[(&str, &str, CustomKind, bool)] = &[
    ("sn_location", "Location", CustomKind::Text, false),
    ("sn_symptom", "Symptom code", CustomKind::Text, false),
    ("sn_configuration_item", "Configuration item", CustomKind::Text, false),
    ("sn_vendor", "Vendor", CustomKind::Text, true),
    ("sn_contact_type", "Contact type", CustomKind::Text, true),
    ("sn_notify", "Notify", CustomKind::Text, true),
    ("sn_knowledge", "Knowledge used", CustomKind::Bool, true),
    ("sn_priority_confirmed", "Priority confirmed", CustomKind::Bool, true),
    ("sn_made_sla", "Met the service level there", CustomKind::Bool, true),
    ("sn_changes", "Changes there", CustomKind::Number, true),
    ("sn_created", "Created there", CustomKind::Instant, true),
    ("sn_created_by", "Created by", CustomKind::Person, true),
    ("sn_closed_code", "Closed code", CustomKind::Text, true),
    ("sn_resolved_by", "Resolved by", CustomKind::Person, true),
];

/// The custom fields that must be there before the first incident.
pub fn needs() -> Vec<Reference> {
    let need = |(key, name, kind, internal): &(&'static str, &str, CustomKind, bool)| {
        let values = vec![
            ("process", Given::text(INCIDENT.key)),
            ("field", Given::text(*key)),
            ("kind", Given::text(kind.into_value().as_text().unwrap_or_default())),
            ("internal", Given::Plain(Json::Bool(*internal))),
            ("help", Given::text("As the imported event log had it")),
        ];
        entry(&CUSTOM_FIELDS, &format!("field/{key}"), (*name).to_owned(), values)
    };
    OWN.iter().map(need).collect()
}

fn entry(register: &'static Register, path: &str, name: String, values: Vec<(&'static str, Given)>) -> Reference {
    let key = format!("{ORIGIN}/{path}");
    let make = NewEntry { name, external_key: Some(key.clone()), values };
    Reference { register, by: By::ExternalKey, text: key, make: Some(Arc::new(make)) }
}

/// A person known by a number. The log shortened the identifiers of each column for itself, so caller 17 and assignee
/// 17 are not known to be the same. Nobody can sign in as them: they have no account, and no mail reaches them.
pub fn person(role: &str, id: &str) -> Reference {
    let mut name = role.to_owned();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let email = format!("{role}-{id}@import.invalid");
    entry(&PEOPLE, &format!("{role}/{id}"), format!("{name} {id}"), vec![("email", Given::text(email))])
}

fn team(id: &str) -> Reference {
    entry(&TEAMS, &format!("team/{id}"), format!("Group {id}"), Vec::new())
}

/// The entry of a category, or of a subcategory under it: the same subcategory number occurs under several.
pub fn category(category: &str, subcategory: Option<&str>) -> Reference {
    let above = entry(&CATEGORIES, &format!("category/{category}"), format!("Category {category}"), Vec::new());
    let Some(sub) = subcategory else { return above };
    let values = vec![("parent", Given::Entry(above))];
    entry(&CATEGORIES, &format!("category/{category}/{sub}"), format!("Subcategory {sub}"), values)
}

#[expect(clippy::unnecessary_wraps, reason = "one of the readers of a column, which all may refuse")]
fn text(text: &str) -> Result<Given, Fault> {
    Ok(Given::text(text))
}

fn number(text: &str, least: i64, most: i64) -> Result<Given, Fault> {
    match text.parse::<i64>() {
        Ok(n) if (least..=most).contains(&n) => Ok(Given::Plain(Json::from(n))),
        _ => Err(Fault::new("not_a_number", format!("{text} is not a number from {least} to {most}."))),
    }
}

fn count(text: &str) -> Result<Given, Fault> {
    number(text, 0, i64::from(i32::MAX))
}

fn truth(text: &str) -> Result<Given, Fault> {
    match text {
        "true" => Ok(Given::Plain(Json::Bool(true))),
        "false" => Ok(Given::Plain(Json::Bool(false))),
        _ => Err(Fault::new("not_a_bool", format!("{text} is neither true nor false."))),
    }
}

fn level(text: &str) -> Result<Given, Fault> {
    let key = match text.split_whitespace().next() {
        Some("1") => "high",
        Some("2") => "medium",
        Some("3") => "low",
        _ => return Err(Fault::new("unknown_level", format!("{text} is no impact or urgency: 1, 2 and 3 are."))),
    };
    Ok(Given::text(key))
}

/// The channel closest to a contact type; its own words stay in a field of their own.
fn source(text: &str) -> &'static str {
    match text.to_lowercase().as_str() {
        "phone" | "ivr" => "phone",
        "email" => "email",
        "self service" | "self-service" => "portal",
        "chat" | "virtual agent" => "chat",
        "monitoring" | "event management" | "event" => "event",
        _ => "manual",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_exists() {
        let own = |key: &str| OWN.iter().any(|(field, ..)| *field == key);
        for mapped in MAPPED {
            assert!(INCIDENT.field(mapped.field).is_some() || own(mapped.field), "{}", mapped.field);
        }
        assert!(LINKED.iter().all(|(_, relation, _)| INCIDENT.relation(relation).is_some()));
        assert!(OWN.iter().all(|(key, ..)| INCIDENT.field(key).is_none()));
    }

    #[test]
    fn people_of_different_columns_are_different_people() {
        let (caller, assignee) = (person("caller", "17"), person("assignee", "17"));
        assert_ne!(caller.text, assignee.text);
        let made = caller.make.expect("may be made");
        assert_eq!(made.name, "Caller 17");
        assert!(
            matches!(&made.values[0], ("email", Given::Plain(Json::String(email))) if email == "caller-17@import.invalid")
        );
    }

    #[test]
    fn a_subcategory_lies_under_its_category() {
        assert_ne!(category("26", Some("174")).text, category("42", Some("174")).text);
        let made = category("26", Some("174")).make.expect("may be made");
        assert!(matches!(&made.values[0], ("parent", Given::Entry(above)) if above.text == "servicenow/category/26"));
    }
}
