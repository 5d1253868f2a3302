//! Records like one in hand: open ones that may be the same matter, and lately solved ones with what helped.

use super::list::{Row, badge, shown_row};
use super::rows;
use super::view::names_of;
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::feed;
use mainstay_engine::field::{Audience, FieldDef, Kind, Writer};
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::spine;
use mainstay_search::{Index, Likeness};
use mainstay_store::hangings;
use std::collections::HashMap;

/// How long ago a record may have been opened, in milliseconds: 180 days.
const PAST: i64 = 180 * 86_400_000;
/// Records beyond those wanted, for those that turn out to be known already or withdrawn.
const SPARE: usize = 10;
/// Most records of one answer.
const MOST: usize = 20;

/// One record that is like the one in hand.
#[derive(Clone)]
pub struct Similar {
    pub row: Row,
    /// How alike, in thousandths.
    pub score: u32,
    /// What helps there: the field that says so, and its words.
    pub helped: Option<(&'static FieldDef, String)>,
}

/// Records like the one in hand, the likest first.
#[derive(Clone, Default)]
pub struct SimilarRecords {
    pub found: Vec<Similar>,
    /// Names of the entries that they refer to.
    pub names: HashMap<i64, String>,
}

/// The records most like one, of any process, as far as the caller may see them. Those that are linked to it, or were
/// withdrawn, are left out.
///
/// # Errors
/// Not the caller's to see; the index's; the database's.
pub fn similar(
    session: &mut Session<'_>,
    caller: &Caller,
    index: &Index,
    process: &'static Process,
    number: &str,
    limit: usize,
) -> Result<SimilarRecords> {
    let (record, _) = rows::find(session, caller, process, number)?;
    let known: Vec<i64> = hangings::links(session.conn, record.id)?.into_iter().map(|link| link.id).collect();
    let mut found = alike(session, caller, index, &record, &known, limit)?;
    let mut rows: Vec<Row> = found.iter().map(|each| each.row.clone()).collect();
    badge(session, &mut rows)?;
    let fields: Vec<&'static FieldDef> = spine::ALL.iter().collect();
    let names = names_of(session.conn, session.config, &fields, rows.iter().map(|row| &row.record))?;
    for (each, row) in found.iter_mut().zip(rows) {
        each.row = row;
    }
    Ok(SimilarRecords { found, names })
}

/// The same for a record that is still being written and nobody has opened yet: nothing is like one without words.
/// (INC-11)
///
/// # Errors
/// The index's; the database's.
pub fn like(
    session: &mut Session<'_>,
    caller: &Caller,
    index: &Index,
    draft: &Record,
    limit: usize,
) -> Result<Vec<Similar>> {
    alike(session, caller, index, draft, &[], limit)
}

fn alike(
    session: &mut Session<'_>,
    caller: &Caller,
    index: &Index,
    record: &Record,
    known: &[i64],
    limit: usize,
) -> Result<Vec<Similar>> {
    let limit = limit.clamp(1, MOST);
    let like = likeness(record, session.now, feed::reachable(caller, &[]), limit + SPARE);
    if like.processes.is_empty() || like.title.trim().is_empty() && like.text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let hits = index.similar(&like, &caller.search_terms())?;
    let ids: Vec<i64> = hits.iter().map(|hit| hit.id).filter(|id| !known.contains(id)).collect();
    // The scope is asked again: what the index has yet to hear of is not shown.
    let mut found: Vec<Similar> = rows::whole_of(session, caller, &ids)?
        .into_iter()
        .filter(|(record, _)| !record.state.void && !crate::retention::is_archived(record))
        .map(|(record, seen)| {
            let score = hits.iter().find(|hit| hit.id == record.id).map_or(0, |hit| hit.score);
            let row = shown_row(record, seen);
            let helped = row.record.process.helped(&row.record);
            let helped = helped.map(|(field, words)| (field, words.to_owned()));
            Similar { row, score, helped }
        })
        .collect();
    found.sort_by_key(|each| hits.iter().position(|hit| hit.id == each.row.record.id));
    found.truncate(limit);
    Ok(found)
}

/// What others may have in common with a record: the words of whoever reported it, and what it is about.
fn likeness(record: &Record, now: i64, processes: Vec<String>, limit: usize) -> Likeness {
    let reported = |field: &&FieldDef| {
        matches!(field.kind, Kind::Markdown) && field.writer == Writer::Opener && field.audience == Audience::Everyone
    };
    let words = record.process.fields().filter(reported).filter_map(|field| record.value(field.key).as_text());
    let int = |key: &str| record.value(key).as_int();
    let opened = int(spine::OPENED.def.key).unwrap_or(now);
    Likeness {
        id: record.id,
        title: record.value(spine::TITLE.def.key).as_text().unwrap_or_default().to_owned(),
        text: words.collect::<Vec<_>>().join(" "),
        service: int(spine::SERVICE.def.key),
        category: int("category"),
        team: int(spine::TEAM.def.key),
        opened,
        now,
        since: opened.min(now) - PAST,
        processes,
        limit,
    }
}
