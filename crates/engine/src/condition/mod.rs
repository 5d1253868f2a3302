//! Conditions: one language for lists, saved views, service levels, automations and guards.
//!
//! A condition travels as text and is stored as text. It goes through three forms:
//! [`Condition`] is what was written; [`Checked`] is what was written, typed against the fields it names;
//! [`Resolved`] has only absolute values left, for one viewer at one instant.
//!
//! # Grammar
//! ```text
//! either     = both { "or" both }
//! both       = one { "and" one }
//! one        = "not" one | "(" either ")" | comparison
//! comparison = field ( "=" | "!=" | "<" | "<=" | ">" | ">=" | "contains" | "starts" "with" | "has" | "under" ) operand
//!            | field [ "not" ] "in" ( "my_teams" | "(" operand { "," operand } ")" )
//!            | field "is" [ "not" ] "empty"
//!            | field "during" period
//! operand    = "text" | number | "true" | "false" | "me" | "my_teams" | "my_organisation"
//!            | length | ( "now" | "today" ) [ ( "+" | "-" ) length ] | ( "+" | "-" ) length
//! length     = digits ( "m" | "h" | "d" | "w" )
//! period     = "today" | "yesterday" | "tomorrow" | "this_week" | … | "\"2025\"" | "\"2025-06\"" | "\"2025-06-06\""
//! ```
//! Keywords are read in any case, field keys as they are. A signed length alone counts from now: `-7d` is
//! `now - 7d`. Text escapes are `\"`, `\\`, `\n`, `\r`, `\t` and `\u{hex}`.
//!
//! # Meaning
//! - **Two-valued.** Every comparison is true or false. A comparison with an empty field is false, except
//!   `is empty`, `!=` and `not in`, which are true. `not` turns exactly around what it stands before.
//!   Empty is null or a list without items; blank text is stored as null.
//! - **Text**: `=` and `in` compare exactly, with case. `contains` and `starts with` ignore the case of
//!   A to Z and of no other letter, because that is what both databases can agree on.
//! - **Instants**: a written day, or `today` shifted by days or weeks, means that whole day in the viewer's time
//!   zone: `=` is within it, `<` before its start, `<=` before its end, `>=` from its start, `>` from its end.
//!   Counted from `now` a day has 24 hours; counted from `today` it is a day of the calendar.
//!   An instant written without an offset is in the viewer's time zone. Weeks begin on Monday.
//! - **Dates** compared with an instant use the day of that instant in the viewer's time zone.
//! - **`me`, `my_organisation`** of a viewer who has none equal nothing.
//! - **`under`** is met by an entry and by all that lie under it in the tree of its register: whoever checks the
//!   condition says what does, by [`Condition::widened`].
//! - **Lists** (tags, several options, several entries) know `has`, `is empty` and their opposites.

mod check;
mod dates;
mod eval;
mod lex;
mod parse;
mod plan;
mod print;
mod problem;

pub use check::Checked;
pub use dates::{Context, Period, Span, Unit};
pub use eval::{Resolved, Test};
pub use parse::ParseError;
pub use problem::Problem;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeSet;

/// The longest text of a condition, in bytes, both as written and in its canonical form.
pub const MAX_TEXT: usize = 4_000;
/// How many parentheses and `not` may stand around one comparison.
pub const MAX_DEPTH: usize = 16;
/// How many comparisons a condition may hold.
pub const MAX_COMPARISONS: usize = 100;
/// How many operands may stand in one `in (…)`.
pub const MAX_ITEMS: usize = 500;

/// A condition as it was written. `And` and `Or` hold two or more members and none of their own sort;
/// [`Condition::and`] and [`Condition::or`] keep it so. JSON and other serde formats see its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    Compare {
        field: String,
        op: Op,
        operand: Operand,
    },
    /// `in` and `not in`.
    In {
        field: String,
        negated: bool,
        operands: Vec<Operand>,
    },
    /// `is empty` and `is not empty`.
    Empty {
        field: String,
        negated: bool,
    },
    During {
        field: String,
        period: Period,
    },
}

/// How a field is compared with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Contains,
    StartsWith,
    Has,
    Under,
}

impl Op {
    pub const ALL: [Self; 10] = [
        Self::Eq,
        Self::Ne,
        Self::Lt,
        Self::Le,
        Self::Gt,
        Self::Ge,
        Self::Contains,
        Self::StartsWith,
        Self::Has,
        Self::Under,
    ];

    /// The operator as it is written.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::Contains => "contains",
            Self::StartsWith => "starts with",
            Self::Has => "has",
            Self::Under => "under",
        }
    }
}

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// Text, the key of an option, or an ISO 8601 date or instant: the field decides.
    Text(String),
    Int(i64),
    Bool(bool),
    /// A length of time for a duration field, never negative.
    Length(Span),
    /// The present instant, shifted.
    Now(Option<Span>),
    /// The present day, shifted.
    Today(Option<Span>),
    /// The viewer.
    Me,
    /// The teams the viewer is in; only after `in` and `has`.
    MyTeams,
    /// The viewer's organisation.
    MyOrganisation,
}

impl Condition {
    /// Both conditions hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let mut members = if let Self::And(members) = self { members } else { vec![self] };
        members.extend(if let Self::And(more) = other { more } else { vec![other] });
        Self::And(members)
    }

    /// At least one of the conditions holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let mut members = if let Self::Or(members) = self { members } else { vec![self] };
        members.extend(if let Self::Or(more) = other { more } else { vec![other] });
        Self::Or(members)
    }

    /// The keys of the fields it names, so that a caller can refuse those the viewer may not read.
    #[must_use]
    pub fn fields(&self) -> BTreeSet<&str> {
        let mut keys = BTreeSet::new();
        self.visit(&mut |leaf| match leaf {
            Self::Compare { field, .. }
            | Self::In { field, .. }
            | Self::Empty { field, .. }
            | Self::During { field, .. } => {
                keys.insert(field.as_str());
            }
            Self::And(_) | Self::Or(_) | Self::Not(_) => {}
        });
        keys
    }

    /// Whether it compares one of certain fields with a number, such as the id of an entry.
    #[must_use]
    pub fn names(&self, is_meant: &dyn Fn(&str) -> bool, number: i64) -> bool {
        let mut found = false;
        self.visit(&mut |leaf| {
            found |= match leaf {
                Self::Compare { field, operand, .. } => *operand == Operand::Int(number) && is_meant(field),
                Self::In { field, operands, .. } => operands.contains(&Operand::Int(number)) && is_meant(field),
                _ => false,
            };
        });
        found
    }

    /// The same with another number wherever it compares one of certain fields with `old`, such as the id of an entry
    /// in whose place another goes on.
    #[must_use]
    pub fn renumbered(&self, is_meant: &dyn Fn(&str) -> bool, old: i64, new: i64) -> Self {
        let all = |members: &[Self]| members.iter().map(|member| member.renumbered(is_meant, old, new)).collect();
        let one = |operand: &Operand| if *operand == Operand::Int(old) { Operand::Int(new) } else { operand.clone() };
        match self {
            Self::And(members) => Self::And(all(members)),
            Self::Or(members) => Self::Or(all(members)),
            Self::Not(inner) => Self::Not(Box::new(inner.renumbered(is_meant, old, new))),
            Self::Compare { field, op, operand } if is_meant(field) => {
                Self::Compare { field: field.clone(), op: *op, operand: one(operand) }
            }
            Self::In { field, negated, operands } if is_meant(field) => {
                let mut operands: Vec<Operand> = operands.iter().map(one).collect();
                let first = operands.iter().position(|operand| *operand == Operand::Int(new));
                let mut at = 0;
                operands.retain(|operand| {
                    at += 1;
                    *operand != Operand::Int(new) || Some(at - 1) == first
                });
                Self::In { field: field.clone(), negated: *negated, operands }
            }
            other => other.clone(),
        }
    }

    /// The same with an entry and all that `below` says lies under it in the place of each that something is under.
    #[must_use]
    pub fn widened(&self, below: &dyn Fn(i64) -> Vec<i64>) -> Self {
        let all = |members: &[Self]| members.iter().map(|member| member.widened(below)).collect();
        match self {
            Self::And(members) => Self::And(all(members)),
            Self::Or(members) => Self::Or(all(members)),
            Self::Not(inner) => Self::Not(Box::new(inner.widened(below))),
            Self::Compare { field, op: Op::Under, operand: Operand::Int(id) } => {
                let lower = below(*id);
                let parts = lower.chunks(MAX_ITEMS).map(|part| Self::In {
                    field: field.clone(),
                    negated: false,
                    operands: part.iter().copied().map(Operand::Int).collect(),
                });
                parts.fold(self.clone(), Self::or)
            }
            other => other.clone(),
        }
    }

    /// How many comparisons it holds: what a database has to work for.
    #[must_use]
    pub fn comparisons(&self) -> usize {
        let mut count = 0;
        self.visit(&mut |_| count += 1);
        count
    }

    fn visit<'a>(&'a self, leaf: &mut dyn FnMut(&'a Self)) {
        match self {
            Self::And(members) | Self::Or(members) => members.iter().for_each(|member| member.visit(leaf)),
            Self::Not(inner) => inner.visit(leaf),
            _ => leaf(self),
        }
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod meaning_tests;
#[cfg(test)]
mod tests;
