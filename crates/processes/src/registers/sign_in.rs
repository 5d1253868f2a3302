//! How people get in: what the house asks of everybody, or of some roles, at the door.

use mainstay_engine::field::{Field, Kind};
use mainstay_engine::network::Network;
use mainstay_engine::refusal::FieldError;
use mainstay_engine::register::{Readable, Register, Values};
use mainstay_engine::value::Value;

/// Fewest characters that a rule may ask of passwords; fewer are never taken.
pub const FEWEST: i64 = 8;

pub static SIGN_IN_RULES: Register = Register {
    key: "sign-in-rules",
    label: "Sign-in rule",
    label_plural: "Sign-in rules",
    icon: "shield",
    help: "What is asked at the door, of everybody or of some roles. Where several rules fit somebody, the strictest counts. A change holds at once, for those who are signed in too.",
    fields: &[
        Field::any("roles", "For the roles", Kind::Refs("roles")).in_list().help("None: for everybody").def,
        Field::bool("second_factor", "One-time codes needed")
            .in_list()
            .help("Whoever has none sets them up before anything else")
            .def,
        Field::number("shortest", "Shortest password", FEWEST, 128)
            .in_list()
            .help("In characters; asked when a password is set the next time. What everybody tries first is always refused.")
            .def,
        Field::number("idle_minutes", "Signed out after idle minutes", 5, 10_080).in_list().help("Empty: twelve hours").def,
        Field::number("absolute_hours", "Signed in anew after hours", 1, 168).in_list().help("Empty: seven days").def,
        Field::any("addresses", "Only from", Kind::Tags)
            .help("Addresses or networks such as 192.0.2.0/24; empty: from anywhere. Tokens of programs are not held to it.")
            .def,
    ],
    readable: Readable::Permitted,
    key_field: None,
    check: Some(check),
};

fn check(values: &Values) -> Vec<FieldError> {
    let addresses = values.get("addresses").map(Value::as_list).unwrap_or_default();
    let wrong = addresses.iter().filter_map(Value::as_text).filter(|text| text.parse::<Network>().is_err());
    let says = |text| format!("{text} is no address or network; 192.0.2.0/24 is one.");
    let mut errors: Vec<FieldError> =
        wrong.map(|text| FieldError::new("addresses", "not_a_network", says(text))).collect();
    let asks = ["second_factor", "shortest", "idle_minutes", "absolute_hours", "addresses"];
    let blank = |key: &&str| values.get(*key).is_none_or(|value| value.is_blank() || *value == Value::Bool(false));
    if asks.iter().all(blank) {
        errors.push(FieldError::new(
            "second_factor",
            "asks_nothing",
            "A rule asks for something: codes, a length, a time, an address.",
        ));
    }
    errors
}
