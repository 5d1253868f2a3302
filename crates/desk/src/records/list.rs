//! Lists, counts and facets: what a caller sees, filtered and sorted by fields the caller reads.

use super::pointing::{self, Targets};
use super::rows;
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::{Error, Result};
use crate::retention::reads_archive;
use mainstay_engine::condition::{Checked, Condition, Resolved, Test};
use mainstay_engine::field::{Audience, FieldDef, Home, Kind};
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_store::{Column, Cursor, Dialect, Filter, Op, Question, Scope, Seen, Sort};
use std::collections::HashMap;

/// Most rows of one page.
pub const MOST: usize = 200;

/// What a list wants.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Text of the condition language; None: everything visible.
    pub filter: Option<String>,
    /// A field key, with `-` before it for the greatest first; None: last updated first.
    pub sort: Option<String>,
    /// Keys of the fields wanted beside the spine; None: those shown in lists.
    pub fields: Option<Vec<String>>,
    /// At most [`MOST`].
    pub limit: usize,
    /// Where the page before ended.
    pub after: Option<String>,
}

impl Listing {
    /// How many rows a page has at most.
    pub(crate) fn most(&self) -> usize {
        if self.limit == 0 { 50 } else { self.limit.min(MOST) }
    }

    /// The page of the records last updated among some, each with its id and when it was updated: these, and one more
    /// where there are more. None for a page in another order, or of a place that cannot be read.
    pub(crate) fn newest(&self, mut among: Vec<(i64, i64)>) -> Option<Vec<i64>> {
        let after = self.after.as_deref().map(str::parse::<Cursor>).transpose().ok()?;
        if self.sort.is_some() || self.filter.is_some() {
            return None;
        }
        among.retain(|(id, updated)| after.as_ref().is_none_or(|after| after.is_before(*updated, *id)));
        among.sort_unstable_by_key(|(id, updated)| std::cmp::Reverse((*updated, *id)));
        Some(among.into_iter().take(self.most() + 1).map(|(id, _)| id).collect())
    }

    /// The same beside the condition of a saved view, when one is named, and in its order unless another is asked for.
    ///
    /// # Errors
    /// A view that is not the caller's to open, or of another process; the database's.
    pub fn through(
        self,
        session: &mut Session<'_>,
        caller: &Caller,
        process: &Process,
        view: Option<i64>,
    ) -> Result<Self> {
        let Some(id) = view else { return Ok(self) };
        let view = crate::registers::get(session.conn, caller, &mainstay_processes::registers::VIEWS, id)?;
        if view.text("process") != Some(process.key) {
            return Err(Refusal::invalid("foreign_view", "This view is one of another process.").into());
        }
        let filter = match (view.text("condition"), self.filter) {
            (Some(kept), Some(given)) => Some(both(kept, given)),
            (kept, given) => given.or(kept.map(str::to_owned)),
        };
        Ok(Self { filter, sort: self.sort.or_else(|| view.text("sort").map(str::to_owned)), ..self })
    }
}

/// Both conditions, each read by itself; one that cannot be read is left for the list to refuse.
fn both(kept: &str, given: String) -> String {
    match (Condition::parse(kept), Condition::parse(&given)) {
        (Ok(kept), Ok(given)) => kept.and(given).to_string(),
        _ => given,
    }
}

/// One row of a list.
#[derive(Clone)]
pub struct Row {
    pub record: Record,
    pub seen: Seen,
    /// Made up to look around in.
    pub demo: bool,
}

/// One page of a list.
#[derive(Clone)]
pub struct Page {
    pub rows: Vec<Row>,
    pub next: Option<String>,
    /// Names of the entries that the rows refer to.
    pub names: HashMap<i64, String>,
    /// The fields that the rows carry.
    pub fields: Vec<&'static FieldDef>,
    /// Titles of the records that their fields name, as far as the caller sees them.
    pub targets: Targets,
}

/// What a filter and a sort come to for one caller.
struct Asked {
    filter: Filter,
    scope: Scope,
}

/// One page of the records of a process that the caller may see.
///
/// # Errors
/// A filter or sort that cannot be read or names a field the caller does not read; a foreign cursor.
pub fn list(session: &mut Session<'_>, caller: &Caller, process: &'static Process, listing: &Listing) -> Result<Page> {
    list_among(session, caller, process, listing, None)
}

/// As [`list`], of the records with these ids only, where some are given.
///
/// # Errors
/// As [`list`].
pub fn list_among(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    listing: &Listing,
    among: Option<&[i64]>,
) -> Result<Page> {
    may_list(caller, process)?;
    let sort_text = listing.sort.as_deref().unwrap_or("-updated");
    let sort_field = readable(session, caller, process, sort_text.trim_start_matches('-'), "sort")?;
    let column = sort_column(sort_field)?;
    let sort = Sort { column, descending: sort_text.starts_with('-') };
    let mut asked = ask(session, caller, process, listing.filter.as_deref(), &[sort_field], among.is_some())?;
    if let Some(ids) = among {
        let these = Filter::In(Column::Record("id"), ids.iter().map(|id| (*id).into()).collect());
        asked.filter = Filter::And(vec![these, asked.filter]);
    }
    let after = listing.after.as_deref().map(str::parse::<Cursor>).transpose().map_err(|_| bad_cursor())?;
    let fields = wanted(session, caller, process, listing.fields.as_deref())?;
    let in_table = |f: &&&'static FieldDef| f.home == Home::Own && rows::column(f).is_some();
    let narrow: Vec<&'static str> = fields.iter().filter(in_table).map(|f| f.key).collect();
    let limit = listing.most();
    let question = Question { scope: &asked.scope, table: Some(rows::table(process)), filter: &asked.filter };
    let page = match question.list(session.conn, &narrow, sort, after.as_ref(), limit) {
        Err(mainstay_store::Error::Cursor) => return Err(bad_cursor()),
        other => other?,
    };
    let read = |listed| rows::of_listed(session, process, &caller.scope, listed, &narrow);
    let mut rows: Vec<Row> = page.rows.into_iter().map(read).map(|(record, seen)| shown(record, seen)).collect();
    badge(session, &mut rows)?;
    let targets = name_targets(session, caller, &fields, &mut rows)?;
    for row in &mut rows {
        hide_internal(&mut row.record, &row.seen, &fields);
    }
    let spine_refs: Vec<&'static FieldDef> =
        process.fields().filter(|f| f.home == Home::Spine).chain(fields.iter().copied()).collect();
    let names = super::view::names_of(session.conn, session.config, &spine_refs, rows.iter().map(|r| &r.record))?;
    Ok(Page { rows, next: page.next.map(|c| c.to_string()), names, fields, targets })
}

/// The ids and these columns of the records that the caller sees under a condition: the first `limit` in the order of
/// a column, of those that have a value there.
///
/// # Errors
/// As [`list`].
pub(crate) fn first(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    condition: &str,
    columns: &[Column],
    (sort, limit): (Sort, usize),
) -> Result<Vec<(i64, Vec<mainstay_store::Value>)>> {
    let asked = ask(session, caller, process, Some(condition), &[], false)?;
    let question = Question { scope: &asked.scope, table: Some(rows::table(process)), filter: &asked.filter };
    Ok(question.first(session.conn, columns, sort, limit)?)
}

/// The ids of the first `limit` records that the caller sees under a condition.
///
/// # Errors
/// As [`list`].
pub(crate) fn meeting(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    condition: &str,
    limit: usize,
) -> Result<Vec<i64>> {
    let by_id = Sort { column: Column::Record("id"), descending: false };
    let found = first(session, caller, process, condition, &[], (by_id, limit))?;
    Ok(found.into_iter().map(|(id, _)| id).collect())
}

/// Those of some records that the caller sees and that meet a filter, with these fields beside those that every record
/// has, by id.
///
/// # Errors
/// As [`list`].
pub(crate) fn these(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    filter: Option<&str>,
    ids: Vec<i64>,
    fields: &[&'static FieldDef],
) -> Result<Vec<(Record, Seen)>> {
    let asked = ask(session, caller, process, filter, &[], false)?;
    let limit = ids.len();
    let few = Filter::Few(ids, Box::new(asked.filter));
    let narrow: Vec<&'static str> =
        fields.iter().filter(|f| f.home == Home::Own && rows::column(f).is_some()).map(|f| f.key).collect();
    let question = Question { scope: &asked.scope, table: Some(rows::table(process)), filter: &few };
    let by_id = Sort { column: Column::Record("id"), descending: false };
    let page = question.list(session.conn, &narrow, by_id, None, limit)?;
    let read = |listed| {
        let (mut record, seen) = rows::of_listed(session, process, &caller.scope, listed, &narrow);
        hide_internal(&mut record, &seen, fields);
        (record, seen)
    };
    Ok(page.rows.into_iter().map(read).collect())
}

/// Reads what the fields of rows name, and what of it the caller sees.
fn name_targets(
    session: &mut Session<'_>,
    caller: &Caller,
    fields: &[&'static FieldDef],
    rows: &mut [Row],
) -> Result<Targets> {
    let mut records: Vec<&mut Record> = rows.iter_mut().map(|row| &mut row.record).collect();
    pointing::read(session, &pointing::pointing(fields.iter().copied()), &mut records)?;
    pointing::hide(session, caller, fields, &mut records)
}

/// How many records of a process the caller sees under a filter, counted up to `cap`.
///
/// # Errors
/// As [`list`].
pub fn count(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    filter: Option<&str>,
    cap: i64,
) -> Result<i64> {
    may_list(caller, process)?;
    if let Some(known) = session.recall.counted(process, filter, cap, &caller.scope) {
        return Ok(known);
    }
    let asked = ask(session, caller, process, filter, &[], false)?;
    let question = Question { scope: &asked.scope, table: Some(rows::table(process)), filter: &asked.filter };
    let answer = question.count(session.conn, cap)?;
    session.recall.keep_counted(process, filter, cap, &caller.scope, answer);
    Ok(answer)
}

/// Says that [`count`] will be asked. Only a database that is far away gains by it.
///
/// # Errors
/// As [`list`].
pub fn foresee_count(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    filter: Option<&str>,
    cap: i64,
) -> Result<()> {
    if session.conn.dialect() == Dialect::Sqlite {
        return Ok(());
    }
    may_list(caller, process)?;
    let asked = ask(session, caller, process, filter, &[], false)?;
    let question = Question { scope: &asked.scope, table: Some(rows::table(process)), filter: &asked.filter };
    Ok(question.foresee_count(session.conn, cap)?)
}

/// The values of a field and how often each occurs among the first `cap` records under a filter.
///
/// # Errors
/// As [`list`].
pub fn facet(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    filter: Option<&str>,
    field: &str,
    cap: i64,
) -> Result<Vec<(Value, i64)>> {
    may_list(caller, process)?;
    let field = readable(session, caller, process, field, "facet")?;
    let column = sort_column(field)?;
    let asked = ask(session, caller, process, filter, &[field], false)?;
    let question = Question { scope: &asked.scope, table: Some(rows::table(process)), filter: &asked.filter };
    let found = question.facet(session.conn, column, cap)?;
    let read = |value| match value {
        mainstay_store::Value::Null => Value::Null,
        mainstay_store::Value::Bool(b) => Value::Bool(b),
        mainstay_store::Value::Int(n) => Value::Int(n),
        mainstay_store::Value::Text(text) => Value::Text(text),
    };
    Ok(found.into_iter().map(|(value, times)| (read(value), times)).collect())
}

/// Whether the caller's token reaches the lists of a process; which records they hold is for the scope to say.
pub(crate) fn may_list(caller: &Caller, process: &Process) -> Result<()> {
    caller.reaches(process.key, "view")
}

fn bad_cursor() -> Error {
    Refusal::invalid("bad_cursor", "This page marker belongs to another list; start again.").into()
}

/// A field that the caller reads somewhere: internal ones only as staff.
pub(crate) fn readable(
    session: &Session<'_>,
    caller: &Caller,
    process: &'static Process,
    key: &str,
    at: &str,
) -> Result<&'static FieldDef> {
    let field = session.config.field(process, key);
    let open = |f: &&FieldDef| f.audience == Audience::Everyone || caller.is_engine() || caller.rights.is_any_staff();
    field.filter(open).ok_or_else(|| {
        let error = FieldError::new(at, "unknown_field", format!("{} has no field {key}.", process.label));
        Refusal { errors: vec![error.clone()], ..Refusal::invalid("invalid_fields", error.detail) }.into()
    })
}

fn sort_column(field: &'static FieldDef) -> Result<Column> {
    rows::column(field).ok_or_else(|| {
        Refusal::invalid("not_sortable", format!("Lists cannot be sorted or grouped by {}.", field.label)).into()
    })
}

/// Reads a filter for a caller. When it or the sort names an internal field, only records whose
/// internal content the caller reads take part: nothing can be inferred of others. What is archived takes part where the
/// filter asks for it and the caller may, or with `archive`.
fn ask(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    filter: Option<&str>,
    others: &[&'static FieldDef],
    archive: bool,
) -> Result<Asked> {
    let mut archive = archive || caller.is_engine();
    let mut internal = others.iter().any(|f| f.audience == Audience::Internal);
    let filter = match filter.map(str::trim).filter(|f| !f.is_empty()) {
        None => Filter::Always,
        Some(text) => {
            let (condition, checked) = condition(session, caller, process, text)?;
            for key in condition.fields() {
                internal |= readable(session, caller, process, key, "filter")?.audience == Audience::Internal;
                archive |= [spine::ARCHIVED.def.key, spine::REMOVED.def.key].contains(&key) && reads_archive(caller);
            }
            let resolved = checked.resolve(&session.context_of(caller));
            let resolved = pointing::of_visible(session, caller, process, resolved)?;
            translate(session, process, &resolved)?
        }
    };
    let filter = if archive || filter.is_about_work() { filter } else { Filter::And(vec![filter, Filter::Current]) };
    let scope = if internal { caller.scope.internal_only() } else { caller.scope.clone() };
    Ok(Asked { filter, scope })
}

/// Reads the text of a filter over fields that the caller reads.
///
/// # Errors
/// It cannot be read, or names a field the caller does not read.
pub(crate) fn condition(
    session: &Session<'_>,
    caller: &Caller,
    process: &'static Process,
    text: &str,
) -> Result<(Condition, Checked)> {
    let condition = Condition::parse(text).map_err(|fault| Refusal {
        errors: vec![FieldError::new("filter", fault.code, fault.says.clone())],
        ..Refusal::invalid("bad_filter", fault.says)
    })?;
    for key in condition.fields() {
        readable(session, caller, process, key, "filter")?;
    }
    let checked = session.config.check(process, &condition).map_err(problems)?;
    Ok((condition, checked))
}

fn problems(problems: Vec<mainstay_engine::condition::Problem>) -> Refusal {
    let errors: Vec<FieldError> = problems.into_iter().map(|p| FieldError::new("filter", p.code, p.says)).collect();
    let detail = errors.iter().map(|e| e.detail.as_str()).collect::<Vec<_>>().join(" ");
    Refusal { errors, ..Refusal::invalid("bad_filter", detail) }
}

/// A resolved condition as the store's filter, part by part.
fn translate(session: &mut Session<'_>, process: &'static Process, resolved: &Resolved) -> Result<Filter> {
    let mut each =
        |parts: &[Resolved]| parts.iter().map(|p| translate(session, process, p)).collect::<Result<Vec<_>>>();
    match resolved {
        Resolved::All(parts) => Ok(Filter::And(each(parts)?)),
        Resolved::Any(parts) => Ok(Filter::Or(each(parts)?)),
        Resolved::Test { field, negated, test } => {
            let Some(def) = session.config.field(process, field) else { return Ok(Filter::Never) };
            let filter = match def.kind {
                Kind::Link(_) => named(session, def, test)?,
                _ => comparison(process, def, test),
            };
            Ok(if *negated { Filter::Not(Box::new(filter)) } else { filter })
        }
    }
}

/// Which record a field names, as the rows of links say it.
fn named(session: &mut Session<'_>, field: &'static FieldDef, test: &Test) -> Result<Filter> {
    let key = || field.key.to_owned();
    Ok(match test {
        Test::Empty => Filter::Not(Box::new(Filter::LinkedTo(key(), None))),
        Test::OneOf(numbers) => {
            let ids = pointing::ids(session, numbers)?;
            Filter::Or(ids.into_iter().map(|id| Filter::LinkedTo(key(), Some(id))).collect())
        }
        _ => Filter::Never,
    })
}

fn comparison(process: &'static Process, field: &'static FieldDef, test: &Test) -> Filter {
    let compared = compared(field, test);
    match in_part(process, field, test) {
        Some(part) if says_it_all(field, test, &part) => part,
        Some(part) => Filter::And(vec![part, compared]),
        None => compared,
    }
}

fn compared(field: &'static FieldDef, test: &Test) -> Filter {
    // What names a record is asked of the links, and no other field is without a column.
    let Some(column) = rows::column(field) else { return Filter::Never };
    // A restricted flag that is off is stored as false and read as empty.
    let off = field.kind == Kind::Bool && field.home == Home::Spine;
    match test {
        Test::Empty if off => Filter::is(column, false),
        Test::Empty => Filter::Empty(column),
        Test::OneOf(values) => Filter::In(column, values.iter().map(|v| rows::stored(field, v)).collect()),
        Test::Range { from, until } => {
            let from = from.map(|n| Filter::Is(column, Op::Ge, n.into()));
            let until = until.map(|n| Filter::Is(column, Op::Lt, n.into()));
            Filter::And(from.into_iter().chain(until).collect())
        }
        Test::Contains(part) => Filter::Contains(column, part.clone()),
        Test::StartsWith(part) => Filter::StartsWith(column, part.clone()),
        Test::HasAny(values) => Filter::HasAny(column, values.iter().map(|v| rows::stored(field, v)).collect()),
    }
}

/// What is open, and what is done and waits for its closing, has indexes made for it: a test that only holds there
/// says so.
fn in_part(process: &'static Process, field: &FieldDef, test: &Test) -> Option<Filter> {
    let Test::OneOf(values) = test else { return None };
    let phase_of = |value: &Value| match field.key {
        "phase" => value.as_int(),
        "state" => value.as_text().and_then(|key| process.state(key)).map(|state| state.phase.number()),
        _ => None,
    };
    let phases: Vec<i64> = values.iter().map(phase_of).collect::<Option<_>>()?;
    if phases.is_empty() {
        None
    } else if phases.iter().all(|phase| *phase < 2) {
        Some(Filter::Working)
    } else {
        phases.iter().all(|phase| *phase == 2).then_some(Filter::Done)
    }
}

/// Whether being in a part of all records says all that the test of a field says.
fn says_it_all(field: &FieldDef, test: &Test, part: &Filter) -> bool {
    match (field.key, test) {
        ("phase", Test::OneOf(values)) => {
            *part == Filter::Done || [0, 1].iter().all(|phase| values.contains(&Value::Int(*phase)))
        }
        _ => false,
    }
}

/// The fields a list carries: those asked for, else those shown in lists.
fn wanted(
    session: &Session<'_>,
    caller: &Caller,
    process: &'static Process,
    keys: Option<&[String]>,
) -> Result<Vec<&'static FieldDef>> {
    let Some(keys) = keys else { return Ok(session.config.fields(process).filter(|f| process.lists(f)).collect()) };
    keys.iter().map(|key| readable(session, caller, process, key, "fields")).collect()
}

/// A record as a row without what the proof does not open.
#[must_use]
pub fn shown_row(mut record: Record, seen: Seen) -> Row {
    hide_internal(&mut record, &seen, &[]);
    shown(record, seen)
}

fn shown(record: Record, seen: Seen) -> Row {
    Row { record, seen, demo: false }
}

/// Tells the rows that were made up to look around in.
///
/// # Errors
/// The database's.
pub fn badge(session: &mut Session<'_>, rows: &mut [Row]) -> Result<()> {
    let made_up = crate::demo::among(session, rows.iter().map(|row| row.record.id))?;
    for row in rows {
        row.demo = made_up.contains(&row.record.id);
    }
    Ok(())
}

/// An agent here may be a requester there: internal values leave the rows they are not for.
fn hide_internal(record: &mut Record, seen: &Seen, fields: &[&'static FieldDef]) {
    if seen.internal() {
        return;
    }
    let internal = fields.iter().copied().chain(record.process.fields()).filter(|f| f.audience == Audience::Internal);
    let keys: Vec<&'static FieldDef> = internal.collect();
    for field in keys {
        record.put(field, Value::Null);
    }
}
