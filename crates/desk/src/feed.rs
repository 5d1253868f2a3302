//! The search index: fed from the event log behind every commit, asked with the caller's scope.

use crate::caller::{Caller, Channel};
use crate::config::values_of;
use crate::demo::removal;
use crate::desk::{Credential, Desk, Session};
use crate::error::{Error, Result};
use crate::merging;
use crate::records::{self, Row};
use crate::retention::{is_archived, reads_archive};
use mainstay_engine::field::{Audience, FieldDef, Kind};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::value::Value;
use mainstay_processes::registers;
use mainstay_search::{ARCHIVE, Change, Cursor, Document, Facets, Index, Query, Sort};
use mainstay_store::{EventRow, Seen, entries, hangings, record};
use std::collections::{BTreeSet, HashMap};

pub use mainstay_search::Filters;

/// Records that a rebuild reads in one transaction.
const BATCH: usize = 500;

impl From<mainstay_search::Error> for Error {
    fn from(error: mainstay_search::Error) -> Self {
        match error {
            mainstay_search::Error::BadCursor => {
                Refusal::invalid("bad_cursor", "This page marker belongs to another search; start again.").into()
            }
            other => Self::Search(other.to_string()),
        }
    }
}

/// Lets the index follow the event log by at most `batch` events. Returns how many it read: fewer
/// than `batch` means that it has caught up. What a change of configuration alters in the words of
/// records is read anew too: the names of people, what a field of one's own says and who may read it.
///
/// # Errors
/// The database's or the index's; the index then stays where it was.
pub async fn catch_up(desk: &Desk, index: &Index, batch: i64) -> Result<usize> {
    let cursor = index.cursor()?;
    let scope = Caller::engine(Channel::Engine).scope;
    let events = desk.db().events_after(&scope, cursor, batch).await?;
    let Some(last) = events.last().map(|e| e.id) else { return Ok(0) };
    let of_records = events.iter().filter(|e| e.subject == "record");
    let gone = events.iter().filter(|e| e.subject == removal::INSTALLATION && e.verb == removal::REMOVED);
    let touched: BTreeSet<i64> =
        of_records.map(|e| e.subject_id).chain(gone.flat_map(|e| removal::gone_with(&e.changes))).collect();
    for stale in Stale::by(&events) {
        read_anew(desk, index, cursor, &stale).await?;
    }
    let changes = desk.read_long(&Credential::Engine, Channel::Engine, move |session, engine| {
        changes(session, engine, &touched.into_iter().collect::<Vec<_>>())
    });
    index.apply(&changes.await?, last)?;
    Ok(events.len())
}

/// Records whose words in the index a change of configuration made untrue.
#[derive(Clone, Debug)]
enum Stale {
    /// Those that name one of these people.
    Naming(Vec<i64>),
    /// Those with fields of the organisation's own, of the process that this entry is about.
    Custom(i64),
}

impl Stale {
    fn by(events: &[EventRow]) -> Vec<Self> {
        let changed = |register: &'static str| {
            let of = move |e: &&EventRow| {
                e.subject == "entry" && e.verb != "created" && e.process.as_deref() == Some(register)
            };
            events.iter().filter(of)
        };
        // Who turned out to be two people is named by the records of both.
        let alters = |e: &&EventRow| e.changes.contains("\"field\":\"name\"") || e.verb == merging::MERGED;
        let renamed = changed(registers::PEOPLE.key).filter(alters);
        let people: Vec<i64> = renamed.map(|e| e.subject_id).collect();
        let fields: BTreeSet<i64> = changed(registers::CUSTOM_FIELDS.key).map(|e| e.subject_id).collect();
        let naming = (!people.is_empty()).then_some(Self::Naming(people));
        naming.into_iter().chain(fields.into_iter().map(Self::Custom)).collect()
    }

    fn ids(&self, session: &mut Session<'_>, engine: &Caller, after: i64) -> Result<Vec<i64>> {
        let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
        Ok(match self {
            Self::Naming(people) => record::ids_naming(session.conn, &engine.scope, people, after, limit)?,
            Self::Custom(field) => {
                let data = entries::by_id(session.conn, *field)?.map(|row| values_of(&row.data)).unwrap_or_default();
                let process = data.get("process").and_then(Value::as_text).unwrap_or_default();
                record::ids_with_custom(session.conn, &engine.scope, process, after, limit)?
            }
        })
    }
}

/// Puts such records into the index again, a bounded batch in each transaction and commit; the
/// position in the log stays, so that a break begins anew.
async fn read_anew(desk: &Desk, index: &Index, cursor: i64, stale: &Stale) -> Result<()> {
    let mut after = 0;
    loop {
        let stale = stale.clone();
        let batch = desk.read_long(&Credential::Engine, Channel::Engine, move |session, engine| {
            let ids = stale.ids(session, engine, after)?;
            let last = ids.last().copied();
            Ok((last, changes(session, engine, &ids)?))
        });
        let (last, changes) = batch.await?;
        let Some(last) = last else { return Ok(()) };
        index.apply(&changes, cursor)?;
        after = last;
    }
}

/// Records as they are now.
fn changes(session: &mut Session<'_>, engine: &Caller, ids: &[i64]) -> Result<Vec<Change>> {
    let mut changes = Vec::with_capacity(ids.len());
    for part in ids.chunks(BATCH) {
        let documents = documents_of(session, engine, part)?;
        let known: BTreeSet<i64> = documents.iter().map(|document| document.id).collect();
        changes.extend(documents.into_iter().map(|document| Change::Put(Box::new(document))));
        changes.extend(part.iter().filter(|id| !known.contains(id)).map(|id| Change::Remove(*id)));
    }
    Ok(changes)
}

/// How many events the index has yet to read.
///
/// # Errors
/// The database's or the index's.
pub async fn lag(desk: &Desk, index: &Index) -> Result<i64> {
    behind(desk, index.cursor()?).await
}

/// How many events an index has yet to read that has read up to this one.
///
/// # Errors
/// The database's.
pub async fn behind(desk: &Desk, cursor: i64) -> Result<i64> {
    let newest = desk.db().read(mainstay_store::events::newest).await?;
    Ok((newest - cursor).max(0))
}

/// The documents of all records in order, for a rebuild, with the position of the log before the
/// first was read. `progress` hears of each batch. Not for async threads.
///
/// # Errors
/// The database's, when the log cannot be read; those of single batches come with the documents.
pub fn documents(
    desk: &Desk,
    mut progress: impl FnMut(usize) + Send,
) -> Result<(impl Iterator<Item = std::result::Result<Document, mainstay_search::SourceError>>, i64)> {
    let cursor = desk.db().read_blocking(mainstay_store::events::newest)?;
    let desk = desk.clone();
    let mut after = 0;
    let batches = std::iter::from_fn(move || {
        let from = after;
        let read = desk.read_blocking(&Credential::Engine, Channel::Engine, move |session, engine| {
            let ids = record::ids_after(session.conn, &engine.scope, from, i64::try_from(BATCH).unwrap_or(i64::MAX))?;
            let mut batch = documents_of(session, engine, &ids)?;
            batch.sort_unstable_by_key(|document| document.id);
            Ok((ids.last().copied(), batch))
        });
        match read {
            Err(error) => Some(vec![Err(mainstay_search::SourceError::from(error.to_string()))]),
            Ok((None, _)) => None,
            Ok((Some(last), batch)) => {
                after = last;
                progress(batch.len());
                Some(batch.into_iter().map(Ok).collect())
            }
        }
    });
    Ok((batches.flatten(), cursor))
}

/// What hangs on the records of one batch.
#[derive(Default)]
struct Hung {
    comments: HashMap<i64, Vec<hangings::CommentRow>>,
    parties: HashMap<i64, Vec<i64>>,
    names: HashMap<i64, String>,
}

impl Hung {
    fn read(session: &mut Session<'_>, records: &[(Record, Seen)]) -> Result<Self> {
        let mut hung = Self::default();
        let seen: Vec<Seen> = records.iter().map(|(_, seen)| *seen).collect();
        for comment in hangings::comments_of_all(session.conn, &seen)? {
            hung.comments.entry(comment.record).or_default().push(comment);
        }
        let ids: Vec<i64> = records.iter().map(|(record, _)| record.id).collect();
        for (record, entry) in hangings::parties_of_all(session.conn, &ids)? {
            hung.parties.entry(record).or_default().push(entry);
        }
        let mut people: Vec<i64> = records.iter().flat_map(|(record, _)| named(record)).collect();
        people.extend(hung.parties.values().flatten());
        people.sort_unstable();
        people.dedup();
        hung.names = entries::names(session.conn, &people)?.into_iter().map(|(id, _, name)| (id, name)).collect();
        Ok(hung)
    }
}

/// The people whom everybody who may see a record reads on it.
fn named(record: &Record) -> impl Iterator<Item = i64> {
    let person = |key: &str| record.value(key).as_int();
    [person("requester"), person("assignee")].into_iter().flatten()
}

/// What the index keeps of records; those that are gone are left out. In no order.
fn documents_of(session: &mut Session<'_>, engine: &Caller, ids: &[i64]) -> Result<Vec<Document>> {
    let records = records::whole_of(session, engine, ids)?;
    let mut hung = Hung::read(session, &records)?;
    Ok(records.iter().map(|(record, _)| document(session, record, &mut hung)).collect())
}

/// What the index keeps of a record: public and internal words apart.
fn document(session: &Session<'_>, record: &Record, hung: &mut Hung) -> Document {
    let int = |key: &str| record.value(key).as_int();
    let (mut public, mut internal) = (String::new(), String::new());
    for field in session.config.fields(record.process).filter(|f| !["number", "title"].contains(&f.key)) {
        let words = if field.audience == Audience::Internal { &mut internal } else { &mut public };
        push_words(words, field, record.value(field.key));
    }
    let mut public_comments = String::new();
    for comment in hung.comments.remove(&record.id).unwrap_or_default() {
        let words = if comment.internal || comment.held { &mut internal } else { &mut public_comments };
        words.push_str(&comment.body);
        words.push('\n');
    }
    let parties = hung.parties.remove(&record.id).unwrap_or_default();
    let people = named(record).filter_map(|id| hung.names.get(&id).cloned()).collect();
    // Who watches, who else reported it, which vendor has a part in it: only staff reads that.
    for name in parties.iter().filter_map(|id| hung.names.get(id)) {
        internal.push_str(name);
        internal.push('\n');
    }
    Document {
        id: record.id,
        number: record.value("number").as_text().unwrap_or_default().to_owned(),
        process: record.process.key.to_owned(),
        title: record.value("title").as_text().unwrap_or_default().to_owned(),
        text: public,
        people,
        public_comments,
        internal_text: internal,
        organisation: int("organisation"),
        team: int("team"),
        requester: int("requester"),
        assignee: int("assignee"),
        parties,
        restricted: record.value("restricted").as_bool().unwrap_or_default(),
        state: record.state.key.to_owned(),
        phase: if is_archived(record) { ARCHIVE } else { record.state.phase as u64 },
        priority: int("priority").and_then(|p| u64::try_from(p).ok()),
        service: int("service"),
        category: int("category"),
        opened: int("opened").unwrap_or_default(),
    }
}

/// Words that somebody may search for; keys and ids are for filters.
fn push_words(words: &mut String, field: &FieldDef, value: &Value) {
    if let (Kind::Table(columns), Value::List(rows)) = (field.kind, value) {
        let cells = rows.iter().flat_map(|row| columns.iter().map(|column| (column, row.column(column.key))));
        return cells.for_each(|(column, cell)| push_words(words, column, cell));
    }
    let mut push = |text: &str| {
        words.push_str(text);
        words.push('\n');
    };
    match (field.kind, value) {
        (Kind::Text { .. } | Kind::Markdown, Value::Text(text)) => push(text),
        (Kind::Choice(choices), Value::Text(key)) => {
            choices.iter().filter(|c| c.key == key).for_each(|c| push(c.label));
        }
        (Kind::Tags, Value::List(tags)) => tags.iter().filter_map(Value::as_text).for_each(push),
        _ => {}
    }
}

/// What somebody searches for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    pub text: String,
    /// Keys of processes; empty means all.
    pub processes: Vec<String>,
    pub filters: Filters,
    pub newest: bool,
    /// At most 200.
    pub limit: usize,
    pub after: Option<String>,
}

/// What was found, as rows that the caller may see now.
#[derive(Clone)]
pub struct Found {
    pub rows: Vec<Row>,
    /// Matches, counted up to a limit.
    pub total: usize,
    /// There are more than `total`.
    pub capped: bool,
    pub facets: Facets,
    /// Nothing had the words as written, so nearly alike ones were taken.
    pub corrected: bool,
    pub next: Option<String>,
    pub names: HashMap<i64, String>,
}

/// Searches the records that the caller may see. A record is found by its number at once, by its
/// words as soon as the index has read of it.
///
/// # Errors
/// A foreign page marker; the index's; the database's.
pub fn search(session: &mut Session<'_>, caller: &Caller, index: &Index, search: &Search) -> Result<Found> {
    if search.filters.archived && !reads_archive(caller) {
        return Err(Refusal::forbidden("no_right", "You may not search the archive.").into());
    }
    let query = Query {
        text: search.text.clone(),
        processes: reachable(caller, &search.processes),
        filters: search.filters.clone(),
        sort: if search.newest { Sort::Newest } else { Sort::Relevance },
        limit: search.limit.clamp(1, 200),
        after: search.after.as_deref().map(str::parse::<Cursor>).transpose()?,
    };
    let hits = if query.processes.is_empty() {
        mainstay_search::Hits::default()
    } else {
        index.search(&query, &caller.search_terms())?
    };
    let mut rows: Vec<Row> = Vec::new();
    // What is narrowed is answered by the index alone, which knows the number too.
    if query.after.is_none()
        && query.filters == Filters::default()
        && let Some(row) = by_number(session, caller, &search.text)?
    {
        rows.push(row);
    }
    let ids: Vec<i64> =
        hits.hits.iter().map(|hit| hit.id).filter(|id| rows.iter().all(|r| r.record.id != *id)).collect();
    // The scope is asked again: what the index has yet to hear of is not shown.
    rows.extend(
        records::spines(session, caller, &ids)?.into_iter().map(|(record, seen)| records::shown_row(record, seen)),
    );
    records::badge(session, &mut rows)?;
    let fields: Vec<&'static FieldDef> = mainstay_engine::spine::ALL.iter().collect();
    let names = records::names_of(session.conn, session.config, &fields, rows.iter().map(|r| &r.record))?;
    let total = hits.total.max(rows.len());
    let next = hits.next.map(|c| c.to_string());
    Ok(Found { rows, total, capped: hits.capped, facets: hits.facets, corrected: hits.corrected, next, names })
}

/// Records whose number or title begins so, for a field that completes.
///
/// # Errors
/// The index's; the database's.
pub fn complete(
    session: &mut Session<'_>,
    caller: &Caller,
    index: &Index,
    beginning: &str,
    limit: usize,
) -> Result<Vec<Row>> {
    if reachable(caller, &[]).is_empty() {
        return Ok(Vec::new());
    }
    let mut rows: Vec<Row> = by_number(session, caller, beginning)?.into_iter().collect();
    for hit in index.complete(beginning, &caller.search_terms(), limit.clamp(1, 20))? {
        if rows.iter().all(|row| row.record.id != hit.id)
            && let Some((record, seen)) = records::find_by_id(session, caller, hit.id)?
        {
            rows.push(records::shown_row(record, seen));
        }
    }
    Ok(rows)
}

/// The processes asked for, or all, as far as a token reaches.
pub(crate) fn reachable(caller: &Caller, asked: &[String]) -> Vec<String> {
    let all = mainstay_processes::ALL.iter().map(|p| p.key);
    let open = all.filter(|key| caller.is_engine() || caller.rights.in_scope(key, "view"));
    open.filter(|key| asked.is_empty() || asked.iter().any(|a| a == key)).map(str::to_owned).collect()
}

/// The record that a text names by its number: `INC-4821`, `inc4821`, `4821`.
fn by_number(session: &mut Session<'_>, caller: &Caller, text: &str) -> Result<Option<Row>> {
    let text = text.trim().to_uppercase();
    let digits = text.trim_start_matches(|c: char| c.is_ascii_alphabetic()).trim_start_matches('-');
    if digits.is_empty() || digits.len() > 18 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(None);
    }
    let prefix = text[..text.len() - digits.len()].trim_end_matches('-');
    for process in mainstay_processes::ALL.iter().filter(|p| prefix.is_empty() || p.prefix == prefix) {
        let number = format!("{}-{digits}", process.prefix);
        match records::find(session, caller, process, &number) {
            // What is archived is found in the archive.
            Ok((record, _)) if is_archived(&record) => return Ok(None),
            Ok((record, seen)) => return Ok(Some(records::shown_row(record, seen))),
            Err(Error::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}
