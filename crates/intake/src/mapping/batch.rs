//! Rows that come at once rather than in a file: read by the mapping that their source has here.

use super::cell::{Fault, Reader};
use super::rows::{Format, Row, Rows};
use super::{Mapped, Mapping, Target, find_fields};
use crate::import::{ImportError, Result};
use mainstay_desk::Session;
use mainstay_desk::import::Item;
use mainstay_desk::sources::Source;
use serde_json::{Map, Value as Json};
use std::collections::HashSet;

/// Most rows of one batch.
pub const MOST: usize = 1_000;

/// How the rows come.
#[derive(Clone, Debug)]
pub enum Sent {
    Rows(Vec<Map<String, Json>>),
    /// A CSV file with its heading.
    Csv(String),
}

/// A row, by its key where that could be read, as what it makes or why it makes nothing.
pub struct ReadRow {
    pub key: Option<String>,
    pub item: std::result::Result<Item, Fault>,
}

/// Reads the rows of a source by its mapping, which may leave out `into` and `origin`: the source says both.
///
/// # Errors
/// A source without a mapping, a mapping that fits neither rows nor process, more rows than a batch may have.
pub fn read_batch(session: &Session<'_>, source: &Source, sent: &Sent) -> Result<Vec<ReadRow>> {
    let mapping = mapping_of(source)?;
    let target = Target::Process(source.process());
    let (fields, unknown) = find_fields(session, &mapping, target);
    if !unknown.is_empty() {
        return Err(ImportError::Mapping(unknown));
    }
    let cells = Reader::new(&mapping)?;
    let mapped = Mapped { mapping: &mapping, target, fields, cells, now: session.now };
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    for row in rows(&mapping, sent)? {
        if all.len() >= MOST {
            return Err(ImportError::Input(format!("there are more than {MOST} rows in one batch")));
        }
        let read = row.and_then(|row| mapped.item(&row));
        all.push(match read {
            Ok((key, _)) if !seen.insert(key.clone()) => {
                let fault = Fault::new("repeated", "A row further up has the same key.");
                ReadRow { key: Some(key), item: Err(fault) }
            }
            Ok((key, item)) => ReadRow { key: Some(key), item: Ok(item) },
            Err(fault) => ReadRow { key: None, item: Err(fault) },
        });
    }
    Ok(all)
}

fn mapping_of(source: &Source) -> Result<Mapping> {
    let text = source.mapping.as_deref().filter(|text| !text.trim().is_empty());
    let text = text.ok_or_else(|| ImportError::Mapping(vec![format!("{} has no mapping.", source.name)]))?;
    let mut table: toml::Table = toml::from_str(text).map_err(|why| ImportError::Mapping(vec![why.to_string()]))?;
    table.insert("into".into(), source.process().plural.into());
    table.insert("origin".into(), source.key.as_str().into());
    table.try_into().map_err(|why: toml::de::Error| ImportError::Mapping(vec![why.to_string()]))
}

fn rows(mapping: &Mapping, sent: &Sent) -> Result<Vec<std::result::Result<Row, Fault>>> {
    match sent {
        Sent::Rows(rows) => Ok(rows.iter().map(|row| Ok(Row::Json(row.clone()))).collect()),
        Sent::Csv(text) => {
            let mut bytes = text.as_bytes();
            let mut rows = Rows::new(&mut bytes, Format::Csv, mapping)?;
            mapping.fits(&rows)?;
            let mut all = Vec::new();
            while let Some(next) = rows.next() {
                all.push(next?.1);
            }
            Ok(all)
        }
    }
}
