//! What an import hands in: plain values, and entries by the names a file knows them by.

use mainstay_engine::register::Register;
use serde_json::Value as Json;
use std::borrow::Cow;
use std::sync::Arc;

/// What an entry is looked up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// Its key in the system it came from.
    ExternalKey,
    /// Its own key: the e-mail address of a person, the slug of anything else.
    Key,
    /// Its exact name; two of the same name are refused rather than guessed.
    Name,
}

/// An entry as a file names it.
#[derive(Clone)]
pub struct Reference {
    pub register: &'static Register,
    pub by: By,
    pub text: String,
    /// What to make when there is none; none: the item is refused.
    pub make: Option<Arc<NewEntry>>,
}

/// An entry to make when a reference finds none.
#[derive(Clone)]
pub struct NewEntry {
    pub name: String,
    pub external_key: Option<String>,
    pub values: Vec<(&'static str, Given)>,
}

/// The value of one field.
#[derive(Clone)]
pub enum Given {
    /// In the form the API takes.
    Plain(Json),
    Entry(Reference),
    Entries(Vec<Reference>),
}

impl Given {
    /// No value: the field is emptied.
    pub const NOTHING: Self = Self::Plain(Json::Null);

    /// Plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Plain(Json::String(text.into()))
    }
}

/// The key of a field: fixed where the importer knows it, read from a mapping elsewhere.
pub type FieldKey = Cow<'static, str>;
