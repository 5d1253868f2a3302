//! Why something is refused: a code for machines, a sentence for people, errors by field.

use crate::value::Misfit;
use serde::Serialize;

/// What kind of refusal, deciding the HTTP status at the edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The request itself is wrong (422, or 400 when it cannot be read).
    Invalid,
    /// The caller may not (403).
    Forbidden,
    /// The record is in another state or version than the request needs (409).
    Conflict,
    /// There is nothing here that the caller may see (404).
    Missing,
    /// Nobody known asks (401).
    Unknown,
    /// Too many tries (429).
    Throttled,
}

/// One field's error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    pub field: String,
    pub code: String,
    pub detail: String,
}

/// A refused command. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Refusal {
    pub why: Why,
    pub code: String,
    pub detail: String,
    pub errors: Vec<FieldError>,
}

impl Refusal {
    #[must_use]
    pub fn new(why: Why, code: &str, detail: impl Into<String>) -> Self {
        Self { why, code: code.to_owned(), detail: detail.into(), errors: Vec::new() }
    }
    #[must_use]
    pub fn invalid(code: &str, detail: impl Into<String>) -> Self {
        Self::new(Why::Invalid, code, detail)
    }
    #[must_use]
    pub fn forbidden(code: &str, detail: impl Into<String>) -> Self {
        Self::new(Why::Forbidden, code, detail)
    }
    #[must_use]
    pub fn conflict(code: &str, detail: impl Into<String>) -> Self {
        Self::new(Why::Conflict, code, detail)
    }
    #[must_use]
    pub fn missing(what: &str) -> Self {
        Self::new(Why::Missing, "not_found", format!("There is no {what} here that you may see."))
    }
    /// A refusal for the errors of single fields; none when there is no error.
    ///
    /// # Errors
    /// `invalid_fields` with every error.
    pub fn unless_empty(errors: Vec<FieldError>) -> Result<(), Self> {
        if errors.is_empty() {
            return Ok(());
        }
        let detail = errors.iter().map(|e| e.detail.as_str()).collect::<Vec<_>>().join(" ");
        Err(Self { why: Why::Invalid, code: "invalid_fields".into(), detail, errors })
    }
}

impl FieldError {
    #[must_use]
    pub fn new(field: &str, code: &str, detail: impl Into<String>) -> Self {
        Self { field: field.to_owned(), code: code.to_owned(), detail: detail.into() }
    }
    /// The error of a value that does not fit its field; what does not fit in a table is named as its control is:
    /// field, row from 0, column.
    #[must_use]
    pub fn misfit(field: &crate::field::FieldDef, misfit: &Misfit) -> Self {
        let (key, label) = (field.key, field.label);
        match misfit.at {
            None => Self::new(key, misfit.code, format!("{label} {}.", misfit.says)),
            Some((row, column)) => {
                let column = column.map(|column| format!(".{column}")).unwrap_or_default();
                Self::new(&format!("{key}.{row}{column}"), misfit.code, format!("{label}, {}.", misfit.says))
            }
        }
    }
    #[must_use]
    pub fn required(field: &crate::field::FieldDef) -> Self {
        Self::new(field.key, "required", format!("{} is needed.", field.label))
    }
}
