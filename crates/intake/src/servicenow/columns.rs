//! The columns of a log by name, whatever their order.

use crate::import::{ImportError, Result};
use std::collections::HashMap;

/// What the log writes where it knows nothing.
const UNKNOWN: &str = "?";

/// Without these a row says nothing.
const NEEDED: [&str; 4] = ["number", "state", "opened_at", "sys_updated_at"];

/// Where each column stands.
pub struct Columns {
    at: HashMap<String, usize>,
    /// Cells in a row.
    pub width: usize,
}

impl Columns {
    /// Reads the heading. The state goes by three names, and the second `category` is the subcategory.
    ///
    /// # Errors
    /// A heading without number, state or instants.
    pub fn of(heading: &[String]) -> Result<Self> {
        let mut at = HashMap::new();
        for (index, name) in heading.iter().enumerate() {
            let name = name.trim_start_matches('\u{feff}').trim().to_lowercase();
            let name = match name.as_str() {
                "ident_state" | "incident_state" => "state".to_owned(),
                "category" if at.contains_key("category") => "subcategory".to_owned(),
                _ => name,
            };
            at.entry(name).or_insert(index);
        }
        let missing: Vec<_> = NEEDED.into_iter().filter(|name| !at.contains_key(*name)).collect();
        if missing.is_empty() {
            return Ok(Self { at, width: heading.len() });
        }
        Err(ImportError::Input(format!("this is no incident event log: it has no column {}", missing.join(", "))))
    }

    /// What a row says in a column; none where it knows nothing.
    pub fn get<'r>(&self, cells: &'r [String], name: &str) -> Option<&'r str> {
        let cell = cells.get(*self.at.get(name)?)?.trim();
        Some(cell).filter(|cell| !cell.is_empty() && *cell != UNKNOWN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_category_is_the_subcategory() {
        let heading =
            ["number", "ident_state", "opened_at", "sys_updated_at", "category", "category"].map(str::to_owned);
        let columns = Columns::of(&heading).expect("a log");
        let cells = ["1", "New", "?", " ", "26", "174"].map(str::to_owned);
        assert_eq!(columns.get(&cells, "category"), Some("26"));
        assert_eq!(columns.get(&cells, "subcategory"), Some("174"));
        assert_eq!(columns.get(&cells, "state"), Some("New"));
        assert_eq!(columns.get(&cells, "opened_at"), None);
        assert_eq!(columns.get(&cells, "sys_updated_at"), None);
        assert!(Columns::of(&["number".to_owned()]).is_err());
    }
}
