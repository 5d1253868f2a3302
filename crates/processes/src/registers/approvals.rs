//! Who approves what, and by which rule.

use super::levels::check_condition;
use mainstay_engine::choices;
use mainstay_engine::field::{Field, FieldType as _, Kind};
use mainstay_engine::refusal::FieldError;
use mainstay_engine::register::{Readable, Register, Values};
use mainstay_engine::value::Value;
use std::collections::BTreeMap;

choices! {
    /// Whom a part of a policy asks.
    Asked {
        Person = "person" "A person", Team = "team" "Members of a team", Role = "role" "Everybody with a role",
        Field = "field" "Whom a field of the record names",
    }
}

choices! {
    /// How many of those who are asked have to approve.
    Enough { All = "all" "All of them", Any = "any" "Any of them", Some = "some" "So many of them", Majority = "majority" "More than half of them" }
}

choices! {
    /// What happens when nobody answers in time.
    Expiry { Remind = "remind" "They are asked again, and their manager hears of it", Refuse = "refuse" "It counts as refused" }
}

impl Asked {
    /// The column that says which one.
    #[must_use]
    pub const fn named_by(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Team => "team",
            Self::Role => "role",
            Self::Field => "field",
        }
    }
}

pub static APPROVAL_POLICIES: Register = Register {
    key: "approval-policies",
    label: "Approval policy",
    label_plural: "Approval policies",
    icon: "stamp",
    help: "Who approves records that meet a condition. The first that fits in order counts, and what was asked keeps the version that was in force.",
    fields: &[
        Field::number("position", "Order", 0, 100_000).required().in_list().help("Lower comes first").def,
        Field::text("process", "Process").required().in_list().help("Key of the process it is for").def,
        Field::markdown("condition", "Applies when").help("Empty: always").def,
        Field::any(
            "steps",
            "Steps",
            Kind::Table(&[
                Field::number("step", "Step", 1, 20).required().help("Those of one step are asked together").def,
                Field::text("name", "Approval").required().def,
                Field::<Asked>::choice("asks", "Asks", Asked::CHOICES).required().def,
                Field::entry("person", "Person", "people").def,
                Field::entry("team", "Team", "teams").def,
                Field::entry("role", "Role", "roles").def,
                Field::text("field", "Field").help("Key of a field that names people or a team").def,
                Field::<Enough>::choice("rule", "Enough", Enough::CHOICES).required().def,
                Field::number("quorum", "How many", 1, 200).help("For so many of them").def,
                Field::bool("advisory", "Advice only").help("It is heard, and decides nothing").def,
            ]),
        )
        .required()
        .def,
        Field::bool("self_approval", "Own records may be approved")
            .help("Also by who asks for it, owns it or carries it out")
            .def,
        Field::number("days", "Working days to answer", 1, 365).help("Empty: no limit").def,
        Field::<Expiry>::choice("expiry", "Without an answer", Expiry::CHOICES).def,
    ],
    readable: Readable::Staff,
    key_field: None,
    check: Some(check_policy),
};

/// What a whole policy needs: each part says whom it asks and how many suffice, each step decides something. (GEN-16)
fn check_policy(values: &Values) -> Vec<FieldError> {
    let mut errors = check_condition(values);
    let rows = values.get("steps").map(Value::as_list).unwrap_or_default();
    let mut decides: BTreeMap<i64, bool> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate() {
        let at = |column: &str| format!("steps.{index}.{column}");
        let named = Asked::from_value(row.column("asks")).map(Asked::named_by);
        if let Some(column) = named.filter(|column| row.column(column).is_blank()) {
            errors.push(FieldError::new(&at(column), "required", "Say who is asked."));
        }
        let counted = Enough::from_value(row.column("rule")) == Some(Enough::Some);
        if counted && row.column("quorum").as_int().is_none_or(|quorum| quorum < 1) {
            errors.push(FieldError::new(&at("quorum"), "quorum_needed", "At least one has to approve."));
        }
        let binding = row.column("advisory").as_bool() != Some(true);
        *decides.entry(row.column("step").as_int().unwrap_or_default()).or_default() |= binding;
    }
    if decides.is_empty() {
        errors.push(FieldError::new("steps", "required", "At least one approval is needed."));
    }
    if decides.values().any(|binding| !binding) {
        errors.push(FieldError::new(
            "steps",
            "nothing_decides",
            "Each step needs an approval that is more than advice.",
        ));
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn codes(steps: &serde_json::Value) -> Vec<String> {
        let Value::Row(values) = Value::from_plain(&json!({ "steps": steps })) else { return Vec::new() };
        check_policy(&values).into_iter().map(|error| error.code).collect()
    }

    #[test]
    fn gen_16_a_quorum_is_one_at_least_and_every_step_decides() {
        let part = |more: serde_json::Value| {
            let mut part = json!({ "step": 1, "name": "Board", "asks": "team", "team": 7, "rule": "any" });
            for (key, value) in more.as_object().into_iter().flatten() {
                part[key] = value.clone();
            }
            part
        };
        assert!(codes(&json!([part(json!({}))])).is_empty());
        assert_eq!(codes(&json!([part(json!({ "rule": "some" }))])), ["quorum_needed"]);
        assert_eq!(codes(&json!([part(json!({ "rule": "some", "quorum": 0 }))])), ["quorum_needed"]);
        assert!(codes(&json!([part(json!({ "rule": "some", "quorum": 1 }))])).is_empty());
        assert_eq!(codes(&json!([part(json!({ "team": null }))])), ["required"]);
        assert_eq!(codes(&json!([part(json!({ "advisory": true }))])), ["nothing_decides"]);
        assert_eq!(codes(&json!([])), ["required"]);
    }
}
