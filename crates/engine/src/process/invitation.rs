//! How people who know nothing of processes are asked.

use crate::field::{Choice, FieldDef};

/// How the portal invites people to begin a record, in the words of those who have no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invitation {
    pub title: &'static str,
    /// When it is the right way to begin.
    pub text: &'static str,
    pub icon: &'static str,
}

/// A question in plain words whose answer decides a field that a requester does not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// The choice field that the answer becomes.
    pub field: FieldDef,
    pub words: &'static str,
    /// Options of the field, each under the words of an answer; what is not among them is no answer.
    pub answers: &'static [Choice],
}

/// Asks for a choice field in plain words.
#[must_use]
pub const fn ask(field: FieldDef, words: &'static str, answers: &'static [Choice]) -> Question {
    Question { field, words, answers }
}
