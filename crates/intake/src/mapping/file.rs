//! The mapping file: TOML that people write by hand, so every fault is told in words.

use super::Target;
use super::rows::Rows;
use crate::import::{ImportError, Result};
use mainstay_desk::import::Existing;
use mainstay_processes::registers;
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Which column goes where.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// A process by its plural, `incidents`, or a register, `people`.
    pub into: String,
    /// The system the rows come from; with the key it tells what was imported before.
    pub origin: String,
    /// The column that tells rows apart.
    pub key: String,
    /// What to do with what is there already.
    #[serde(default)]
    pub existing: OnExisting,
    /// IANA zone of dates without an offset.
    #[serde(default = "utc")]
    pub zone: String,
    /// Formats of dates, as `strptime` has them; ISO 8601 is always understood.
    #[serde(default)]
    pub dates: Vec<String>,
    /// Cells that mean nothing, beside empty ones.
    #[serde(default)]
    pub empty: Vec<String>,
    /// Between the cells of a CSV file.
    #[serde(default = "comma")]
    pub delimiter: char,
    pub fields: BTreeMap<String, Rule>,
    #[serde(default)]
    pub comments: Vec<CommentRule>,
}

fn utc() -> String {
    "UTC".to_owned()
}
fn comma() -> char {
    ','
}

/// What to do with what is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnExisting {
    #[default]
    Keep,
    Update,
}

impl From<OnExisting> for Existing {
    fn from(on: OnExisting) -> Self {
        match on {
            OnExisting::Keep => Self::Keep,
            OnExisting::Update => Self::Update,
        }
    }
}

/// What a cell of a reference names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lookup {
    #[default]
    Name,
    /// The entry's own key; the e-mail address of a person.
    Key,
    /// Its key in the system the rows come from.
    ExternalKey,
}

/// Where one field gets its value.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The column; in JSON lines a path such as `requester.email`.
    pub column: Option<String>,
    /// The same value for every row; it reads like a cell.
    pub constant: Option<Json>,
    /// What stands in for an empty cell.
    pub default: Option<Json>,
    /// From words of the file to words of the field; others are rejected unless `otherwise` says what they mean.
    #[serde(default)]
    pub values: BTreeMap<String, Json>,
    pub otherwise: Option<Json>,
    /// For references.
    #[serde(default)]
    pub by: Lookup,
    /// Make an entry that is not there.
    #[serde(default)]
    pub create: bool,
    /// Fields of an entry that is made.
    #[serde(default)]
    pub with: BTreeMap<String, Json>,
    /// What separates the items of a list in one cell.
    pub split: Option<String>,
}

/// A column whose words become a comment.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommentRule {
    pub column: String,
    /// For staff only.
    #[serde(default)]
    pub internal: bool,
}

/// What a record is told of beside its fields.
pub const MOMENTS: [&str; 5] = ["state", "opened", "updated", "resolved", "closed"];
/// What an entry has beside its fields.
const OF_ENTRIES: [&str; 2] = ["name", "active"];

impl Mapping {
    /// Reads a mapping.
    ///
    /// # Errors
    /// No TOML, or not a mapping; the sentence names line and key.
    pub fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).map_err(|why| ImportError::Mapping(vec![why.to_string()]))
    }

    /// What it imports into.
    ///
    /// # Errors
    /// Neither a process nor a register.
    pub fn target(&self) -> Result<Target> {
        let process = mainstay_processes::ALL.iter().find(|p| p.plural == self.into || p.key == self.into);
        let target =
            process.map(|p| Target::Process(p)).or_else(|| registers::register(&self.into).map(Target::Register));
        target.ok_or_else(|| {
            ImportError::Mapping(vec![format!("There is neither a process nor a register {}.", self.into)])
        })
    }

    /// The fields it fills that the target must declare.
    pub(super) fn plain_fields(&self, target: Target) -> impl Iterator<Item = &str> {
        let special: &[&str] = match target {
            Target::Process(_) => &MOMENTS,
            Target::Register(_) => &OF_ENTRIES,
        };
        self.fields.keys().map(String::as_str).filter(move |key| !special.contains(key))
    }

    /// Whether the file has every column it names, and each rule makes sense.
    ///
    /// # Errors
    /// Every fault.
    pub(super) fn fits(&self, rows: &Rows<'_>) -> Result<()> {
        let columns = self.fields.values().filter_map(|rule| rule.column.as_ref());
        let columns = columns.chain(self.comments.iter().map(|c| &c.column)).chain([&self.key]);
        let mut faults: Vec<String> =
            columns.filter(|c| !rows.has(c)).map(|c| format!("The file has no column {c}.")).collect();
        let unclear = self.fields.iter().filter(|(_, rule)| rule.column.is_some() == rule.constant.is_some());
        faults.extend(unclear.map(|(key, _)| format!("{key} needs either a column or a constant.")));
        if matches!(self.target()?, Target::Register(_)) && !self.fields.contains_key("name") {
            faults.push("Entries need a name: map it.".to_owned());
        }
        if self.origin.trim().is_empty() {
            faults.push("The origin is empty: it keeps keys of different systems apart.".to_owned());
        }
        if faults.is_empty() { Ok(()) } else { Err(ImportError::Mapping(faults)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_with_an_unknown_key_is_refused_with_its_place() {
        let text = "into = \"people\"\norigin = \"hr\"\nkey = \"No\"\ncolumn = \"x\"\n[fields]\n";
        let why = Mapping::parse(text).expect_err("column belongs to a field").to_string();
        assert!(why.contains("column"), "{why}");
        let mapping = Mapping::parse("into = \"planets\"\norigin = \"x\"\nkey = \"y\"\n[fields]\n").expect("TOML");
        assert!(mapping.target().is_err());
    }
}
