//! Where records are fed from beside the people who write them: sources, and by what a record is known again.

use super::levels::check_condition;
use super::rules::is_key;
use mainstay_engine::choices;
use mainstay_engine::field::{Field, Kind};
use mainstay_engine::refusal::FieldError;
use mainstay_engine::register::{Readable, Register, Values};
use mainstay_engine::value::Value;

choices! {
    /// What becomes of a row that fits no record.
    Unmatched { Ask = "ask" "It waits for a person", Make = "make" "It becomes a record" }
}

pub const SOURCE_KEY: Field<String> = Field::text("source", "Key")
    .required()
    .in_list()
    .help("Small letters, digits and _; it never changes. Imports of files name it as their origin");
pub const SOURCE_RANK: Field<i64> = Field::number("rank", "Rank", 1, 1_000)
    .required()
    .in_list()
    .help("Where two sources differ, the one with the smaller number is believed");
pub const SOURCE_UNMATCHED: Field<Unmatched> =
    Field::choice("unmatched", "What fits no record", Unmatched::CHOICES).required().in_list();
pub const SOURCE_STALE: Field<i64> = Field::number("stale_days", "Missing after days", 1, 3_650)
    .help("What it has not told of for so long counts as missing there, and other sources may then say otherwise");
pub const SOURCE_MAPPING: Field<String> = Field::markdown("mapping", "Mapping")
    .help("Which column goes where, as in the mapping of an imported file; needed for rows that come through the API");

/// Whether what it tells may be written where otherwise only a change permits it. (SAC-04)
pub const SOURCE_STANDARD: Field<bool> = Field::bool("standard_update", "Its word is a standard update")
    .help("What it tells is written also into fields that otherwise change only by a change");

pub static SOURCES: Register = Register {
    key: "sources",
    label: "Source",
    label_plural: "Sources",
    icon: "download",
    help: "Systems that tell of records: discovery, inventories, other databases. What they tell is matched with what is there; of each field the source of the smallest rank is believed, and what a person wrote stays.",
    fields: &[
        SOURCE_KEY.def,
        Field::text("process", "Process").required().in_list().def,
        SOURCE_RANK.def,
        Field::any(
            "ranks",
            "Fields with a rank of their own",
            Kind::Table(&[
                Field::text("field", "Field").required().def,
                Field::number("rank", "Rank", 1, 1_000).required().def,
                Field::bool("over_people", "Also over what people wrote").def,
            ]),
        )
        .help("Field keys")
        .def,
        SOURCE_UNMATCHED.def,
        SOURCE_STALE.def,
        SOURCE_STANDARD.def,
        SOURCE_MAPPING.def,
    ],
    readable: Readable::Permitted,
    key_field: Some("source"),
    check: Some(check_source),
};

fn check_source(values: &Values) -> Vec<FieldError> {
    let text = |key: &str| values.get(key).and_then(Value::as_text).unwrap_or_default();
    let mut errors = Vec::new();
    if !is_key(text(SOURCE_KEY.def.key)) {
        let says = "Key has at most 60 small letters, digits and _, and begins with a letter.";
        errors.push(FieldError::new(SOURCE_KEY.def.key, "not_a_key", says));
    }
    if crate::process(text("process")).is_none_or(|process| !process.takes_feeds()) {
        errors.push(FieldError::new("process", "unknown_process", "There is no such process that sources tell of."));
    }
    errors
}

/// The fields that a rule compares.
pub const MATCH_FIELDS: &str = "fields";
/// What says nothing where it stands in one of them.
pub const MATCH_SILENT: Field<String> = Field::markdown("silent", "Says nothing")
    .help("Values, one a line, by which nothing is known again: what a maker writes where a number should be");

pub static MATCH_RULES: Register = Register {
    key: "match-rules",
    label: "Rule of identification",
    label_plural: "Rules of identification",
    icon: "target",
    help: "By what a record is known again that a source tells of. The first rule counts whose fields the row fills and which finds a record; small and large letters are the same. A condition holds a rule to a class.",
    fields: &[
        Field::number("position", "Order", 0, 100_000).required().in_list().def,
        Field::text("process", "Process").required().in_list().def,
        Field::markdown("condition", "When").help("Empty: always").def,
        Field::any(MATCH_FIELDS, "Equal in", Kind::Table(&[Field::text("field", "Field").required().def]))
            .required()
            .help("Field keys; all of them. Serial number, network name, name and fields of your own are found fast")
            .def,
        MATCH_SILENT.def,
    ],
    readable: Readable::Permitted,
    key_field: None,
    check: Some(check_match),
};

fn check_match(values: &Values) -> Vec<FieldError> {
    let mut errors = check_condition(values);
    let process = values.get("process").and_then(Value::as_text).and_then(crate::process);
    if process.is_none_or(|process| !process.takes_feeds()) {
        errors.push(FieldError::new("process", "unknown_process", "There is no such process that sources tell of."));
    }
    errors
}
