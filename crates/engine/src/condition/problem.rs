//! What is wrong with a condition that can be read, in sentences that name what would be right.

use super::Operand;
use crate::field::{FieldDef, Kind};
use crate::process::Phase;
use crate::spine;

/// What is wrong with a condition that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The key of the field it is about; blank when it is about the condition as a whole.
    pub field: String,
    /// `unknown_field`, `wrong_operator`, `wrong_operand`, `not_a_choice`, `too_deep`, `too_many_comparisons` or
    /// `too_many_items`.
    pub code: &'static str,
    /// A sentence that names what would be right.
    pub says: String,
}

pub(super) fn problem(def: &FieldDef, code: &'static str, says: String) -> Problem {
    Problem { field: def.key.to_owned(), code, says }
}

/// The operators that a kind knows, as an author reads them.
fn operators(kind: &Kind) -> &'static str {
    match kind {
        tree if is_tree(tree) => "=, !=, in, not in, under, is empty, is not empty",
        Kind::Text { .. } | Kind::Markdown => "=, !=, in, not in, contains, starts with, is empty, is not empty",
        Kind::Number { .. } | Kind::Money { .. } | Kind::Duration => {
            "=, !=, <, <=, >, >=, in, not in, is empty, is not empty"
        }
        Kind::Date => "=, !=, <, <=, >, >=, in, not in, during, is empty, is not empty",
        Kind::Instant => "=, !=, <, <=, >, >=, during, is empty, is not empty",
        Kind::Bool => "=, !=, is empty, is not empty",
        Kind::Choice(_) | Kind::Ref(_) | Kind::Link(_) => "=, !=, in, not in, is empty, is not empty",
        Kind::MultiChoice(_) | Kind::Tags | Kind::Refs(_) => "has, is empty, is not empty",
        Kind::Table(_) => "is empty, is not empty",
    }
}

pub(super) fn wrong_operator(def: &FieldDef, used: &str) -> Problem {
    let says = format!("{} cannot be compared by {used}. Use one of: {}.", def.label, operators(&def.kind));
    problem(def, "wrong_operator", says)
}

/// What a kind is compared with, as an author reads it.
fn operands(def: &FieldDef) -> String {
    match def.kind {
        Kind::Number { .. } if is_phase(def) => phase_keys(),
        Kind::Number { .. } => "a whole number".to_owned(),
        Kind::Money { currency } => format!("a whole number of the smallest units of {currency}"),
        Kind::Duration => "a length of time such as 30m, 4h or 2d".to_owned(),
        Kind::Bool => "true or false".to_owned(),
        Kind::Date => "a date such as \"2025-06-06\", today or today + 7d".to_owned(),
        Kind::Instant => {
            "a date or instant such as \"2025-06-06\" or \"2025-06-06T16:30:00Z\", now - 4h or today".to_owned()
        }
        Kind::Choice(choices) | Kind::MultiChoice(choices) => {
            format!("one of: {}", choices.iter().map(|c| format!("\"{}\"", c.key)).collect::<Vec<_>>().join(", "))
        }
        Kind::Ref(PEOPLE) | Kind::Refs(PEOPLE) => "the id of an entry, or me".to_owned(),
        Kind::Ref(TEAMS) => "the id of an entry; my_teams stands after in".to_owned(),
        Kind::Refs(TEAMS) => "the id of an entry, or my_teams".to_owned(),
        Kind::Ref(ORGANISATIONS) | Kind::Refs(ORGANISATIONS) => "the id of an entry, or my_organisation".to_owned(),
        Kind::Ref(_) | Kind::Refs(_) => "the id of an entry".to_owned(),
        Kind::Text { .. } | Kind::Markdown | Kind::Tags | Kind::Table(_) => {
            "text in double quotes that is not blank".to_owned()
        }
        Kind::Link(_) => "the number of a record in double quotes".to_owned(),
    }
}

pub(super) fn wrong_operand(def: &FieldDef, operand: &Operand) -> Problem {
    let code = match def.kind {
        Kind::Choice(_) | Kind::MultiChoice(_) => "not_a_choice",
        _ => "wrong_operand",
    };
    problem(def, code, format!("{} cannot be compared with {operand}. Use {}.", def.label, operands(def)))
}

pub(super) const PEOPLE: &str = "people";
pub(super) const TEAMS: &str = "teams";
pub(super) const ORGANISATIONS: &str = "organisations";

/// Whether entries of what the field names lie under one another.
pub(super) fn is_tree(kind: &Kind) -> bool {
    matches!(kind, Kind::Ref(register) if ["categories", ORGANISATIONS, "item-classes"].contains(register))
}

/// The phase is stored as a number and written by its key.
pub(super) fn is_phase(def: &FieldDef) -> bool {
    def.key == spine::PHASE.def.key
}

fn phase_keys() -> String {
    format!("one of: {}", Phase::ALL.map(|phase| format!("\"{}\"", phase.key())).join(", "))
}
