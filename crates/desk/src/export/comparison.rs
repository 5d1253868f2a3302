//! Two sets beside each other as a file.

use super::sheet::{Datum, Format, Head, Sheet};
use super::{may_export, of_value};
use crate::caller::Caller;
use crate::captured::{self, Comparison, What};
use crate::desk::Session;
use crate::error::Result;
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::Process;
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use std::io::Write;

/// What differs from the set of a record, as a file with a line for each difference.
///
/// # Errors
/// No right to export; as [`captured::compare`].
pub fn comparison(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    (number, with): (&str, Option<&str>),
    format: Format,
) -> Result<Vec<u8>> {
    may_export(caller, process.key, &process.label_plural.to_lowercase())?;
    let found = captured::compare(session, caller, process, number, with)?;
    let mut bytes = Vec::new();
    write(&found, format, session.now, &mut bytes)?;
    Ok(bytes)
}

fn write(comparison: &Comparison, format: Format, now: i64, write: &mut dyn Write) -> Result<()> {
    let heads = [
        ("number", "Number"),
        ("title", "Title"),
        ("difference", "Difference"),
        ("field", "Field"),
        ("old", "Before"),
        ("new", "After"),
    ];
    let heads = heads.map(|(key, label)| Head { key: key.into(), label: label.into() });
    let mut sheet = Sheet::new(format, heads.into(), now, write)?;
    let people = sheet.is_for_people();
    let text = |text: &str| Datum::Text(text.to_owned());
    let cell = |field: &FieldDef, value: &Value| {
        let state =
            (field.key == spine::STATE.def.key && people).then(|| comparison.of.state(value.as_text()?)).flatten();
        state.map_or_else(|| of_value(field, value, &comparison.names, people), |state| text(state.label))
    };
    for each in &comparison.differences {
        let (field, old, new) = match &each.what {
            What::Added | What::Removed => (Datum::Empty, Datum::Empty, Datum::Empty),
            What::Changed { field, old, new } => {
                (text(if people { field.label } else { field.key }), cell(field, old), cell(field, new))
            }
            What::Linked { relation, label, other } => {
                (text(if people { label } else { relation }), Datum::Empty, text(other))
            }
            What::Unlinked { relation, label, other } => {
                (text(if people { label } else { relation }), text(other), Datum::Empty)
            }
        };
        sheet.row(&[text(&each.number), text(&each.title), text(each.what.key()), field, old, new])?;
    }
    sheet.end()
}
