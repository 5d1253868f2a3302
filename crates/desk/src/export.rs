//! Exports: exactly the rows and columns that the list gives the same caller, as a file. (GEN-22, S-06)

mod comparison;
mod sheet;

pub use comparison::comparison;
pub use sheet::Format;

use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::log::{self, Sought};
use crate::records::{self, Listing, Page};
use crate::registers::{self, EntryListing};
use crate::reports::{Figure, Measure, Report};
use mainstay_engine::field::{Audience, FieldDef, Kind};
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::register::{Entry, Register};
use mainstay_engine::value::Value;
use mainstay_store::{EventRow, Part, Watch};
use sheet::{Datum, Head, Sheet};
use std::collections::HashMap;
use std::io::Write;

/// Most rows of one file: more is for a backup, or for several files of narrower filters.
pub const MOST_ROWS: i64 = 50_000;

const EXPORTING: Part = Part::new("Exporting", "rows");

/// Names of entries by id.
type Names = HashMap<i64, String>;

/// Writes the records of a list, all its pages, tells the watch how far it is, and returns how many they are.
///
/// # Errors
/// No right to export; more than [`MOST_ROWS`], and then nothing is written; what the list refuses.
pub fn records(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    listing: &Listing,
    format: Format,
    write: &mut dyn Write,
    watch: &Watch,
) -> Result<usize> {
    let plural = process.label_plural.to_lowercase();
    may_export(caller, process.key, &plural)?;
    let found = records::count(session, caller, process, listing.filter.as_deref(), MOST_ROWS + 1)?;
    within_limit(found, &plural)?;
    let mut asked = Listing { limit: 200, after: None, ..listing.clone() };
    let mut page = records::list(session, caller, process, &asked)?;
    let fields = columns(caller, process, &page);
    let heads = fields.iter().map(|f| Head { key: f.key.into(), label: f.label.into() }).collect();
    let mut sheet = Sheet::new(format, heads, session.now, write)?;
    let mut rows = 0;
    loop {
        for row in &page.rows {
            let cells: Vec<Datum> =
                fields.iter().map(|f| of_record(f, &row.record, &page.names, sheet.is_for_people())).collect();
            sheet.row(&cells)?;
            rows += 1;
        }
        watch.tell(EXPORTING, rows as u64, u64::try_from(found).unwrap_or_default());
        asked.after = page.next.take();
        if asked.after.is_none() {
            sheet.end()?;
            return Ok(rows);
        }
        page = records::list(session, caller, process, &asked)?;
    }
}

/// The number always comes, as in every list; what only staff reads has no column for others.
fn columns(caller: &Caller, process: &'static Process, page: &Page) -> Vec<&'static FieldDef> {
    let open = |f: &&FieldDef| f.audience == Audience::Everyone || caller.is_engine() || caller.rights.is_any_staff();
    let mut fields: Vec<&'static FieldDef> = process.field("number").into_iter().collect();
    for field in page.fields.iter().copied().filter(open) {
        if fields.iter().all(|known| known.key != field.key) {
            fields.push(field);
        }
    }
    fields
}

fn may_export(caller: &Caller, area: &str, plural: &str) -> Result<()> {
    if caller.rights.may_somewhere(area, "export") {
        return Ok(());
    }
    Err(Refusal::forbidden("no_right", format!("You may not export {plural}.")).into())
}

fn within_limit(found: i64, plural: &str) -> Result<()> {
    if found <= MOST_ROWS {
        return Ok(());
    }
    let says =
        format!("One file holds at most 50,000 {plural}, and these are more. Narrow the filter and export in parts.");
    Err(Refusal::invalid("too_many", says).into())
}

fn of_record(field: &FieldDef, record: &Record, names: &Names, for_people: bool) -> Datum {
    match field.key {
        "state" if for_people => Datum::Text(record.state.label.into()),
        "state" => Datum::Text(record.state.key.into()),
        "phase" => Datum::Text(record.state.phase.key().into()),
        _ => of_value(field, record.value(field.key), names, for_people),
    }
}

/// A value as a cell: references by name, instants in RFC 3339, options by key for machines and by label for people.
fn of_value(field: &FieldDef, value: &Value, names: &Names, for_people: bool) -> Datum {
    let option = |key: &str| match field.kind {
        Kind::Choice(choices) | Kind::MultiChoice(choices) if for_people => {
            choices.iter().find(|c| c.key == key).map_or(key, |c| c.label).to_owned()
        }
        _ => key.to_owned(),
    };
    match (field.kind, value) {
        (_, Value::Null) => Datum::Empty,
        (Kind::Ref(_), Value::Int(id)) => names.get(id).map_or(Datum::Empty, |name| Datum::Text(name.clone())),
        (Kind::Refs(_), Value::List(ids)) => {
            Datum::Parts(ids.iter().filter_map(|id| names.get(&id.as_int()?).cloned()).collect())
        }
        (Kind::Table(_), rows) => Datum::Text(rows.to_json(field).to_string()),
        (_, Value::List(items)) => Datum::Parts(items.iter().filter_map(Value::as_text).map(option).collect()),
        (Kind::Instant | Kind::Date, value) => {
            value.to_json(field).as_str().map_or(Datum::Empty, |text| Datum::Text(text.into()))
        }
        (_, Value::Bool(flag)) => Datum::Flag(*flag),
        (_, Value::Int(number)) => Datum::Whole(*number),
        (_, Value::Text(text)) => Datum::Text(option(text)),
        (_, Value::Row(_)) => Datum::Empty,
    }
}

/// Writes the entries of a register that the caller may read, by name, and returns how many they are.
///
/// # Errors
/// No right to export or to change the register; more than [`MOST_ROWS`]; what the list refuses.
pub fn entries(
    session: &mut Session<'_>,
    caller: &Caller,
    register: &'static Register,
    listing: &EntryListing,
    format: Format,
    write: &mut dyn Write,
) -> Result<usize> {
    let plural = register.label_plural.to_lowercase();
    if !caller.rights.may(register.key, "manage", None) {
        may_export(caller, register.key, &plural)?;
    }
    let entries = all_entries(session, caller, register, listing, &plural)?;
    let names = names_in(session, register, &entries)?;
    let own = [("key", "Key"), ("name", "Name"), ("active", "Active")]
        .map(|(key, label)| Head { key: key.into(), label: label.into() });
    let heads = own
        .into_iter()
        .chain(register.fields.iter().map(|f| Head { key: f.key.into(), label: f.label.into() }))
        .collect();
    let mut sheet = Sheet::new(format, heads, session.now, write)?;
    for entry in &entries {
        let mut cells =
            vec![Datum::Text(entry.key.clone()), Datum::Text(entry.name.clone()), Datum::Flag(entry.active)];
        cells.extend(register.fields.iter().map(|f| of_value(f, entry.value(f.key), &names, sheet.is_for_people())));
        sheet.row(&cells)?;
    }
    sheet.end()?;
    Ok(entries.len())
}

fn all_entries(
    session: &mut Session<'_>,
    caller: &Caller,
    register: &'static Register,
    listing: &EntryListing,
    plural: &str,
) -> Result<Vec<Entry>> {
    let mut asked = EntryListing { after: None, limit: 200, ..listing.clone() };
    let mut all = Vec::new();
    loop {
        let page = registers::list(session.conn, caller, register, &asked)?;
        let last = page.len() < 200;
        asked.after = page.last().map(|entry| (entry.name.clone(), entry.id));
        all.extend(page);
        within_limit(i64::try_from(all.len()).unwrap_or(i64::MAX), plural)?;
        if last {
            return Ok(all);
        }
    }
}

fn names_in(session: &mut Session<'_>, register: &'static Register, entries: &[Entry]) -> Result<Names> {
    let mut ids: Vec<i64> = Vec::new();
    for entry in entries {
        for field in register.fields.iter().filter(|f| f.register().is_some()) {
            let value = entry.value(field.key);
            ids.extend(value.as_int().into_iter().chain(value.as_list().iter().filter_map(Value::as_int)));
        }
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(mainstay_store::entries::names(session.conn, &ids)?.into_iter().map(|(id, _, name)| (id, name)).collect())
}

/// Writes what of the log is looked for, newest first, and returns how many events they are.
///
/// # Errors
/// What the search refuses; more than [`MOST_ROWS`].
pub fn events(
    session: &mut Session<'_>,
    caller: &Caller,
    sought: &Sought,
    format: Format,
    write: &mut dyn Write,
) -> Result<usize> {
    const HEADS: [(&str, &str); 9] = [
        ("id", "Event"),
        ("at", "At"),
        ("who", "Who"),
        ("channel", "Through"),
        ("area", "Area"),
        ("subject", "Of"),
        ("what", "What"),
        ("changes", "What changed"),
        ("reason", "Reason"),
    ];
    let mut page = log::search(session, caller, sought, i64::MAX, 200)?;
    let heads = HEADS.map(|(key, label)| Head { key: key.into(), label: label.into() });
    let mut sheet = Sheet::new(format, heads.into(), session.now, write)?;
    let mut rows = 0;
    while let Some(last) = page.last().map(|event| event.id) {
        rows += page.len();
        within_limit(i64::try_from(rows).unwrap_or(i64::MAX), "events")?;
        let mut ids: Vec<i64> = page.iter().filter_map(|event| event.actor).collect();
        ids.extend(page.iter().map(|event| event.subject_id));
        let names = mainstay_store::entries::names(session.conn, &ids)?;
        let names: Names = names.into_iter().map(|(id, _, name)| (id, name)).collect();
        for event in &page {
            sheet.row(&of_event(event, sought, &names))?;
        }
        page = log::search(session, caller, sought, last, 200)?;
    }
    sheet.end()?;
    Ok(rows)
}

fn of_event(event: &EventRow, sought: &Sought, names: &Names) -> [Datum; 9] {
    let text = |text: &str| Datum::Text(text.to_owned());
    let named = |id: i64| names.get(&id).map_or(Datum::Empty, |name| text(name));
    let subject = match &sought.record {
        Some(number) => text(&number.trim().to_uppercase()),
        None => named(event.subject_id),
    };
    [
        Datum::Whole(event.id),
        jiff::Timestamp::from_millisecond(event.at).map_or(Datum::Empty, |at| Datum::Text(at.to_string())),
        event.actor.map_or(Datum::Empty, named),
        text(&event.channel),
        text(event.process.as_deref().unwrap_or(&event.subject)),
        subject,
        text(&event.verb),
        text(&event.changes),
        event.reason.as_deref().map_or(Datum::Empty, text),
    ]
}

/// Writes a report as its table shows it. Shares are per cent, lengths of time hours.
///
/// # Errors
/// What writing fails with.
pub fn report(report: &Report, format: Format, now: i64, write: &mut dyn Write) -> Result<()> {
    let group = [("group", "Key"), ("label", report.group_label.as_str())]
        .map(|(key, label)| Head { key: key.into(), label: label.into() });
    let heads = group.into_iter().chain(report.columns.iter().map(|column| match column.measure {
        Measure::MeanTime | Measure::Time => {
            Head { key: format!("{}_hours", column.key), label: format!("{} (h)", column.label) }
        }
        Measure::Share { .. } => {
            Head { key: format!("{}_percent", column.key), label: format!("{} (%)", column.label) }
        }
        _ => Head { key: column.key.into(), label: column.label.into() },
    }));
    let mut sheet = Sheet::new(format, heads.collect(), now, write)?;
    for row in report.rows.iter().chain(&report.total) {
        let figures = row.cells.iter().map(|cell| of_figure(&cell.figure));
        let cells: Vec<Datum> =
            [Datum::Text(row.key.clone()), Datum::Text(row.label.clone())].into_iter().chain(figures).collect();
        sheet.row(&cells)?;
    }
    sheet.end()
}

fn of_figure(figure: &Figure) -> Datum {
    #[expect(clippy::cast_precision_loss, reason = "a figure with two decimals")]
    let hundredths = |n: i64| Datum::Decimal(n as f64 / 100.0);
    match figure {
        Figure::None => Datum::Empty,
        Figure::Count(n) => Datum::Whole(*n),
        Figure::Share { .. } => figure.permyriad().map_or(Datum::Empty, hundredths),
        Figure::Mean { .. } => figure.hundredths().map_or(Datum::Empty, hundredths),
        Figure::Time(ms) => hundredths((ms + 18_000).div_euclid(36_000)),
        Figure::Text(text) => Datum::Text(text.clone()),
        Figure::Change(by) => Datum::Text(Figure::changed(*by)),
        Figure::At(ms) => jiff::Timestamp::from_millisecond(*ms).map_or(Datum::Empty, |at| Datum::Text(at.to_string())),
    }
}
