//! What sources tell of one record, and whose word stands in its fields.

use super::by_entry;
use super::known::{Holder, holder, object};
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::{import, records};
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::value::Value;
use mainstay_store::sightings;
use std::collections::HashMap;

/// Whose word stands in a field that a source speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Its own.
    Own,
    /// Another source's.
    Other(i64),
    /// A person's.
    Person,
}

/// What a source says of a field.
#[derive(Clone)]
pub struct FieldSaid {
    pub field: &'static FieldDef,
    pub value: Value,
    /// The record says the same.
    pub agrees: bool,
    pub word: Word,
}

/// What a source says of a record.
#[derive(Clone)]
pub struct Said {
    pub source: i64,
    pub external_key: String,
    /// When it told of the record first and last; epoch milliseconds UTC.
    pub first: i64,
    pub last: i64,
    /// It has not told of it for longer than its entry allows.
    pub missing: bool,
    pub fields: Vec<FieldSaid>,
}

/// What every source tells of a record, as far as the caller sees its fields, with the names of what is referred to.
///
/// # Errors
/// Not the caller's to see; a process that no source tells of.
pub fn said_of(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
) -> Result<(Vec<Said>, HashMap<i64, String>)> {
    if !process.takes_feeds() {
        return Err(Refusal::missing("page").into());
    }
    let (record, seen) = records::find(session, caller, process, number)?;
    let visible = records::visible_fields(session, process, &seen);
    let rows = sightings::of_record(session.conn, record.id)?;
    let mut all = Vec::with_capacity(rows.len());
    let mut drafts = Vec::with_capacity(rows.len());
    for row in &rows {
        let mut draft = Record::new(process);
        let mut fields = Vec::new();
        for (field, value) in import::typed(session, process, &object(&row.said)) {
            if visible.iter().all(|known| known.key != field.key) {
                continue;
            }
            draft.put(field, value.clone());
            let present = record.value(field.key);
            let word = match holder(&rows, field.key, &present.plain()) {
                Holder::Source(other) if other.id == row.id => Word::Own,
                Holder::Source(other) => Word::Other(other.source),
                Holder::Person | Holder::Nobody => Word::Person,
            };
            fields.push(FieldSaid { field, agrees: *present == value, value, word });
        }
        drafts.push(draft);
        let missing = by_entry(session.config, row.source).is_some_and(|source| source.misses(row.last, session.now));
        let external_key = row.external_key.clone();
        all.push(Said { source: row.source, external_key, first: row.first, last: row.last, missing, fields });
    }
    let mut names = records::names_of(session.conn, session.config, &visible, &drafts)?;
    let sources = rows.iter().filter_map(|row| Some((row.source, session.config.names.get(&row.source)?.clone())));
    names.extend(sources);
    Ok((all, names))
}
