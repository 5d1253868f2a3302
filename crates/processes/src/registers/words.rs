//! Words that are at hand: templates for answers, and macros that bring field changes and a step along.

use mainstay_engine::field::{Field, FieldDef, Kind};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::FieldError;
use mainstay_engine::register::{Readable, Register, Values};
use mainstay_engine::value::Value;

/// What texts may name; each is filled in from the record and whoever writes.
pub const WORDS: [&str; 8] = ["number", "title", "requester", "first_name", "service", "state", "team", "me"];

const PROCESS: FieldDef = Field::text("process", "Process").in_list().help("Its key; empty: any process").def;
const TEAM: FieldDef =
    Field::entry("team", "Team", "teams").in_list().help("Only its members use it; empty: everybody").def;
const ORGANISATION: FieldDef = Field::entry("organisation", "Organisation", "organisations")
    .in_list()
    .help("Only for records of this organisation; empty: for all")
    .def;

pub static TEMPLATES: Register = Register {
    key: "templates",
    label: "Template",
    label_plural: "Templates",
    icon: "clipboard-list",
    help: "Words for answers and notes. {number}, {title}, {requester}, {first_name}, {service}, {state}, {team} and {me} are filled in.",
    fields: &[PROCESS, TEAM, ORGANISATION, Field::markdown("body", "Words").required().def],
    readable: Readable::Staff,
    key_field: None,
    check: Some(check_template),
};

pub static MACROS: Register = Register {
    key: "macros",
    label: "Macro",
    label_plural: "Macros",
    icon: "zap",
    help: "Words, field changes and a step in one go. The words may name what a template may.",
    fields: &[
        Field::text("process", "Process").required().in_list().help("Its key").def,
        TEAM,
        ORGANISATION,
        Field::markdown("body", "Words").help("Empty: nothing is said").def,
        Field::bool("internal", "The words are an internal note").def,
        Field::any(
            "values",
            "Sets",
            Kind::Table(&[Field::text("field", "Field").required().def, Field::text("value", "Value").def]),
        )
        .help("Field keys and values; an empty value empties the field")
        .def,
        Field::text("step", "Step").in_list().help("A verb such as hold; empty: none").def,
        Field::bool("confirm", "Ask before it is applied").def,
    ],
    readable: Readable::Staff,
    key_field: None,
    check: Some(check_macro),
};

fn process_of(values: &Values) -> Result<Option<&'static Process>, FieldError> {
    let Some(key) = values.get("process").and_then(Value::as_text) else { return Ok(None) };
    let known = crate::process(key).map(Some);
    known.ok_or_else(|| FieldError::new("process", "unknown_process", format!("There is no process called {key}.")))
}

fn check_template(values: &Values) -> Vec<FieldError> {
    process_of(values).err().into_iter().collect()
}

fn check_macro(values: &Values) -> Vec<FieldError> {
    let process = match process_of(values) {
        Ok(Some(process)) => process,
        Ok(None) => return Vec::new(),
        Err(error) => return vec![error],
    };
    let mut errors = Vec::new();
    let held = |key: &str| values.get(key).filter(|value| !value.is_blank());
    if let Some(verb) = held("step").and_then(Value::as_text)
        && process.transition(verb).is_none_or(|step| step.links.is_some())
    {
        let says = format!("{} has no step {verb} that a macro could take.", process.label);
        errors.push(FieldError::new("step", "unknown_verb", says));
    }
    if held("body").is_none() && held("values").is_none() && held("step").is_none() {
        errors.push(FieldError::new("body", "required", "A macro says, sets or does something."));
    }
    errors
}
