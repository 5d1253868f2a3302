//! A row as an entry of a register.

use super::Mapped;
use super::cell::Fault;
use super::rows::Row;
use mainstay_desk::import::Listed;
use mainstay_engine::register::Register;
use serde_json::Value as Json;

/// The entry that a row describes.
pub fn listed(mapped: &Mapped<'_>, register: &'static Register, row: &Row, key: &str) -> Result<Listed, Fault> {
    let rules = &mapped.mapping.fields;
    let raw = |field: &str| rules.get(field).map(|rule| mapped.cells.raw(row, rule)).transpose();
    let name = match raw("name")? {
        Some(Json::String(name)) => name,
        Some(Json::Null) | None => return Err(Fault::new("no_name", "The row gives no name.")),
        Some(other) => other.to_string(),
    };
    let active = match raw("active")? {
        Some(Json::Bool(active)) => Some(active),
        Some(Json::String(text)) => {
            Some(matches!(text.trim().to_lowercase().as_str(), "true" | "yes" | "y" | "1" | "active"))
        }
        _ => None,
    };
    let mut values = Vec::with_capacity(rules.len());
    for (field, rule) in rules {
        if let Some(def) = mapped.fields.get(field) {
            values.push((def.key.into(), mapped.cells.given(row, rule, def)?));
        }
    }
    Ok(Listed { register, external_key: mapped.cells.external_key(key), name, active, values })
}
