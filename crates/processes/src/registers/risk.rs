//! By what the risk of a record is reckoned: facts that are known of it, and questions that people answer.

use mainstay_engine::choices;
use mainstay_engine::condition::{Condition, MAX_TEXT};
use mainstay_engine::field::{Field, FieldType as _, Kind};
use mainstay_engine::refusal::FieldError;
use mainstay_engine::register::{Readable, Register, Values};
use mainstay_engine::value::Value;
use std::collections::BTreeMap;

choices! {
    /// What a rule looks at.
    RiskFact {
        Dependants = "dependants" "Items that fail with what it touches, or are at risk",
        Services = "services" "Services that it touches",
        People = "people" "People whom these services serve",
        Critical = "critical" "Items and services that it touches of critical importance",
        High = "high" "Items and services that it touches of high importance",
        Alike = "alike_failed" "Percent of the last ones like it that failed",
        Team = "team_failed" "Percent of the last ones of its team that failed",
        Condition = "condition" "A condition that it meets",
    }
}

choices! {
    /// Which half of an assessment something counts in.
    RiskPart { Rules = "rules" "Rules", Answers = "answers" "Answers" }
}

/// The register's key, which fields of records name.
pub const RISK_RULES_REGISTER: &str = "risk-rules";

pub static RISK_RULES: Register = Register {
    key: RISK_RULES_REGISTER,
    label: "Rules of risk",
    label_plural: "Rules of risk",
    icon: "gauge",
    help: "How the risk of records that meet a condition is reckoned: points for what is known of them, and points for answers. The higher of the two sums makes the level. The first that fits in order counts; a record keeps the version that was in force.",
    fields: &[
        Field::number("position", "Order", 0, 100_000).required().in_list().help("Lower comes first").def,
        Field::text("process", "Process").required().in_list().help("Key of the process it is for").def,
        Field::markdown("condition", "Applies when").help("Empty: always").def,
        Field::number("medium", "Medium from", 1, MOST_POINTS).required().help("Points").def,
        Field::number("high", "High from", 1, MOST_POINTS).required().help("Points").def,
        Field::any(
            "rules",
            "Rules",
            Kind::Table(&[
                Field::<RiskFact>::choice("fact", "What counts", RiskFact::CHOICES).required().def,
                Field::number("at_least", "From", 1, 1_000_000).help("As many, or so many percent").def,
                Field::any("condition", "Condition", Kind::Text { max: MAX_TEXT }).def,
                Field::text("says", "In words").help("For a condition: why it is risky").def,
                Field::number("points", "Points", 1, MOST_POINTS).required().def,
            ]),
        )
        .help("Of several rows about the same fact the one with most points counts; each condition counts for itself")
        .def,
        Field::any(
            "questions",
            "Questions",
            Kind::Table(&[
                Field::text("question", "Question").required().def,
                Field::text("answer", "Answer").required().def,
                Field::number("points", "Points", 0, MOST_POINTS).required().def,
            ]),
        )
        .help("One row for each answer that can be given")
        .def,
    ],
    readable: Readable::Staff,
    key_field: None,
    check: Some(check_rules),
};

const MOST_POINTS: i64 = 10_000;

/// Thresholds in order, rules that say when they count, questions with a choice.
fn check_rules(values: &Values) -> Vec<FieldError> {
    let mut errors = super::levels::check_condition(values);
    let number = |key: &str| values.get(key).and_then(Value::as_int);
    if number("high") < number("medium") {
        errors.push(FieldError::new("high", "out_of_order", "High begins where medium ends, or above."));
    }
    let rows = |key: &str| values.get(key).map(Value::as_list).unwrap_or_default();
    for (index, row) in rows("rules").iter().enumerate() {
        errors.extend(
            check_rule(row).map(|(column, code, says)| FieldError::new(&format!("rules.{index}.{column}"), code, says)),
        );
    }
    let mut answers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (index, row) in rows("questions").iter().enumerate() {
        let text = |key: &str| row.column(key).as_text().unwrap_or_default().trim();
        let known = answers.entry(text("question")).or_default();
        if known.contains(&text("answer")) {
            let at = format!("questions.{index}.answer");
            errors.push(FieldError::new(&at, "taken", "This question has this answer already."));
        }
        known.push(text("answer"));
    }
    if let Some((question, _)) = answers.iter().find(|(_, answers)| answers.len() < 2) {
        let says = format!("“{question}” needs two answers at least.");
        errors.push(FieldError::new("questions", "required", says));
    }
    errors
}

/// What is wrong with a rule: column, code, sentence.
fn check_rule(row: &Value) -> Option<(&'static str, &'static str, String)> {
    if RiskFact::from_value(row.column("fact")) != Some(RiskFact::Condition) {
        let missing = row.column("at_least").is_blank();
        return missing.then(|| ("at_least", "required", "Say from how many on it counts.".to_owned()));
    }
    let text = row.column("condition").as_text().unwrap_or_default();
    if text.trim().is_empty() {
        return Some(("condition", "required", "Say when it counts.".to_owned()));
    }
    if row.column("says").is_blank() {
        return Some(("says", "required", "Say in words why it is risky.".to_owned()));
    }
    Condition::parse(text).err().map(|fault| ("condition", fault.code, fault.says))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn codes(more: &serde_json::Value) -> Vec<String> {
        let mut all = json!({ "medium": 30, "high": 60 });
        for (key, value) in more.as_object().into_iter().flatten() {
            all[key] = value.clone();
        }
        let Value::Row(values) = Value::from_plain(&all) else { return Vec::new() };
        check_rules(&values).into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn chg_04_rules_that_could_never_count_are_refused() {
        assert!(codes(&json!({})).is_empty());
        assert_eq!(codes(&json!({ "high": 20 })), ["high"]);
        let rule = |row: serde_json::Value| codes(&json!({ "rules": [row] }));
        assert_eq!(rule(json!({ "fact": "services", "points": 5 })), ["rules.0.at_least"]);
        assert!(rule(json!({ "fact": "services", "at_least": 2, "points": 5 })).is_empty());
        assert_eq!(rule(json!({ "fact": "condition", "points": 5 })), ["rules.0.condition"]);
        assert_eq!(rule(json!({ "fact": "condition", "condition": "downtime > 5", "points": 5 })), ["rules.0.says"]);
        assert_eq!(
            rule(json!({ "fact": "condition", "condition": "downtime >", "says": "Long.", "points": 5 })),
            ["rules.0.condition"]
        );
        let asked = |answers: &[&str]| {
            let rows: Vec<_> =
                answers.iter().map(|a| json!({ "question": "Tried?", "answer": a, "points": 1 })).collect();
            codes(&json!({ "questions": rows }))
        };
        assert_eq!(asked(&["Yes"]), ["questions"]);
        assert_eq!(asked(&["Yes", "Yes"]), ["questions.1.answer"]);
        assert!(asked(&["Yes", "No"]).is_empty());
    }
}
