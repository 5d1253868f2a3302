//! Which records are evaluated formally before they are authorised.

use super::directory::Criticality;
use super::levels::check_condition;
use mainstay_engine::field::Field;
use mainstay_engine::register::{Readable, Register};

/// How critical a service has to be at least, where that matters.
pub const RULE_CRITICALITY: Field<Criticality> =
    Field::choice("criticality", "A service that it touches is at least", Criticality::CHOICES)
        .in_list()
        .help("Empty: whichever services it touches");

pub static EVALUATION_RULES: Register = Register {
    key: "evaluation-rules",
    label: "Rule of evaluation",
    label_plural: "Rules of evaluation",
    icon: "scale",
    help: "Which records are evaluated formally before they are authorised: those that any of these rules fits. The others have their ordinary review.",
    fields: &[
        Field::text("process", "Process").required().in_list().help("Key of the process it is for").def,
        Field::markdown("condition", "Applies when").help("Empty: always").def,
        RULE_CRITICALITY.def,
    ],
    readable: Readable::Staff,
    key_field: None,
    check: Some(check_condition),
};
