//! Import of any process or register from CSV or JSON lines, by a mapping that says which column goes where.

mod batch;
mod cell;
mod entries;
mod file;
mod records;
mod rows;

pub use batch::{MOST, ReadRow, Sent, read_batch};
pub use cell::Fault;
pub use file::{CommentRule, Lookup, Mapping, Rule};
pub use rows::Format;

use crate::import::{ImportError, Options, Reject, RejectedFile, Report, Result, Run, Setup, SourceRow, Tell};
use crate::import::{count_lines, rejected_beside, with_text};
use cell::Reader;
use mainstay_desk::import::Item;
use mainstay_desk::{Channel, Credential, Desk, Session};
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::Process;
use mainstay_engine::register::Register;
use rows::{Row, Rows};
use std::collections::{BTreeMap, HashSet};
use std::io::Read;
use std::path::Path;

/// What a mapping imports into.
#[derive(Clone, Copy)]
pub enum Target {
    Process(&'static Process),
    Register(&'static Register),
}

/// Imports a file, `.csv`, `.jsonl` or either in a `.zip`; rows that are rejected go to the file beside it. Blocks:
/// never call it on a thread that runs async work.
///
/// # Errors
/// A file that cannot be read, a mapping that fits neither file nor process; the database's.
pub fn import_file(
    desk: &Desk,
    credential: &Credential,
    path: &Path,
    mapping: &Mapping,
    options: &Options,
    tell: Tell<'_>,
) -> Result<Report> {
    let format = Format::of(path);
    let heading = u64::from(format == Format::Csv);
    let total = Some(count_lines(path)?.saturating_sub(heading));
    if options.dry_run {
        let mut nowhere = |_: &_| Ok(());
        return with_text(path, |reader| {
            import(desk, credential, (reader, format, total), mapping, options, tell, &mut nowhere)
        });
    }
    let mut rejected = RejectedFile::new(rejected_beside(path))?;
    let mut report = with_text(path, |reader| {
        import(desk, credential, (reader, format, total), mapping, options, tell, &mut |row| rejected.write(row))
    })?;
    report.rejected_file = rejected.end()?;
    Ok(report)
}

/// Imports from a reader of a format, with the number of its rows when that is known.
///
/// # Errors
/// As [`import_file`].
pub fn import(
    desk: &Desk,
    credential: &Credential,
    (reader, format, total): (&mut dyn Read, Format, Option<u64>),
    mapping: &Mapping,
    options: &Options,
    tell: Tell<'_>,
    reject: Reject<'_>,
) -> Result<Report> {
    let target = mapping.target()?;
    let fields = fields(desk, credential, mapping, target)?;
    let cells = Reader::new(mapping)?;
    let mut rows = Rows::new(reader, format, mapping)?;
    mapping.fits(&rows)?;
    let setup = Setup {
        existing: mapping.existing.into(),
        options: options.clone(),
        columns: rows.columns(),
        total,
        ..Setup::default()
    };
    let mut run = Run::new(desk, credential, setup, tell, reject);
    let mapped = Mapped { mapping, target, fields, cells, now: desk.now() };
    let mut seen = HashSet::new();
    while let Some(next) = rows.next() {
        let (source, row) = next?;
        match row.and_then(|row| mapped.item(&row)) {
            Ok((key, item)) => take(&mut run, &mut seen, key, item, source)?,
            Err(fault) => run.refuse(source, fault.code, &fault.says)?,
        }
    }
    run.end()
}

/// Two rows of one key in one file: which of them is right is not for us to guess.
fn take(run: &mut Run<'_>, seen: &mut HashSet<String>, key: String, item: Item, source: SourceRow) -> Result<()> {
    if seen.insert(key) {
        return run.add(item, vec![source]);
    }
    run.refuse(source, "repeated", "A row further up has the same key.")
}

/// The fields that the mapping names, the organisation's own included.
fn fields(
    desk: &Desk,
    credential: &Credential,
    mapping: &Mapping,
    target: Target,
) -> Result<BTreeMap<String, &'static FieldDef>> {
    let mapping = mapping.clone();
    let (fields, unknown) =
        desk.read_blocking(credential, Channel::Import, move |session, _| Ok(find_fields(session, &mapping, target)))?;
    if unknown.is_empty() { Ok(fields) } else { Err(ImportError::Mapping(unknown)) }
}

/// The fields that a mapping names, and what to say of those that there are not.
fn find_fields(
    session: &Session<'_>,
    mapping: &Mapping,
    target: Target,
) -> (BTreeMap<String, &'static FieldDef>, Vec<String>) {
    let (mut fields, mut unknown) = (BTreeMap::new(), Vec::new());
    for key in mapping.plain_fields(target) {
        let field = match target {
            Target::Process(process) => session.config.field(process, key),
            Target::Register(register) => register.field(key),
        };
        match field {
            Some(field) => {
                fields.insert(key.to_owned(), field);
            }
            None => unknown.push(format!("There is no field {key}.")),
        }
    }
    (fields, unknown)
}

/// A mapping with everything looked up that it names.
struct Mapped<'m> {
    mapping: &'m Mapping,
    target: Target,
    fields: BTreeMap<String, &'static FieldDef>,
    cells: Reader<'m>,
    /// Epoch milliseconds UTC: when a record was opened that does not say.
    now: i64,
}

impl Mapped<'_> {
    /// The key of a row and what it makes.
    fn item(&self, row: &Row) -> std::result::Result<(String, Item), Fault> {
        let key = self.cells.text(row, &self.mapping.key);
        let key = key
            .ok_or_else(|| Fault::new("no_key", format!("{} is empty, and it tells rows apart.", self.mapping.key)))?;
        let item = match self.target {
            Target::Process(process) => Item::Record(records::past(self, process, row, &key)?),
            Target::Register(register) => Item::Entry(entries::listed(self, register, row, &key)?),
        };
        Ok((key, item))
    }
}
