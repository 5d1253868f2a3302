//! Sections of a record's page that not every process has, and what they picture: structured looks at its own rows, at
//! its log, at records around it.

use super::Process;
use crate::field::FieldDef;
use crate::record::Record;

/// The section by which a process says that other systems tell of its records.
pub const SOURCES: &str = "sources";
/// The section that shows how the product of an entitlement stands.
pub const POSITION: &str = "position";

/// One picture, which says no more than the rows it is drawn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picture {
    /// Rows that follow from one another, from the effect to its deepest cause.
    Chain { field: FieldDef, words: &'static str },
    /// Rows by branches that lead to the effect; `standing` is a choice that says what became of each.
    Fishbone { field: FieldDef, branch: &'static str, words: &'static str, standing: &'static str },
    /// Rows along time, and when the records were opened that have the relation to this one.
    Course { field: FieldDef, at: &'static str, words: &'static str, relation: &'static str },
    /// To which values of these fields the records fall that have the relation to this one, the most frequent first.
    Pareto { relation: &'static str, by: &'static [&'static str] },
    /// What was predicted beside what came about: rows of `measure`, `unit`, `target`, `predicted`, `actual`,
    /// `deviation`, `limit` and `verdict`; and the tables that it is reckoned from, which nothing else repeats.
    Measures { field: FieldDef, from: &'static [FieldDef] },
    /// What it costs, as the process reckons it.
    Cost,
    /// Everything that a step wrote into fields, in its order. The log of events holds it, so nobody edits it.
    Log { verb: &'static str, fields: &'static [FieldDef] },
}

impl Picture {
    /// Whether the picture says all that a table holds.
    #[must_use]
    pub fn tells(&self, table: &FieldDef) -> bool {
        let from = if let Self::Measures { from, .. } = self { *from } else { &[] };
        self.rows().into_iter().chain(from).any(|told| told.key == table.key)
    }
    /// The rows that it is drawn from and shows itself; none where they are no field of the record.
    #[must_use]
    pub const fn rows(&self) -> Option<&FieldDef> {
        match self {
            Self::Chain { field, .. }
            | Self::Fishbone { field, .. }
            | Self::Course { field, .. }
            | Self::Measures { field, .. } => Some(field),
            Self::Pareto { .. } | Self::Cost | Self::Log { .. } => None,
        }
    }
}

/// A section of its own on the page of a record, beside those that the records of every process have.
#[derive(Clone, Copy, Debug)]
pub struct Tab {
    /// The last part of its address, and the name by which what is shown in it is found.
    pub key: &'static str,
    pub label: &'static str,
    /// Which records have it.
    pub when: fn(&Record) -> bool,
    /// What it shows, where it is made of pictures.
    pub pictures: &'static [Picture],
}

/// A section that every record has.
#[must_use]
pub const fn tab(key: &'static str, label: &'static str) -> Tab {
    Tab { key, label, when: |_| true, pictures: &[] }
}

impl Tab {
    #[must_use]
    pub const fn pictures(mut self, pictures: &'static [Picture]) -> Self {
        self.pictures = pictures;
        self
    }
}

impl Process {
    /// Whether other systems tell of its records: what they tell is matched with what is there.
    #[must_use]
    pub fn takes_feeds(&self) -> bool {
        self.tabs.iter().any(|tab| tab.key == SOURCES)
    }
}

impl PartialEq for Tab {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Tab {}
