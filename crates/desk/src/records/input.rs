//! From what a client sent to typed values: only fields the process has, only what fits.

use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::merging;
use crate::readable::referable;
use mainstay_engine::field::{FieldDef, Kind};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::value::Value;
use serde_json::{Map, Value as Json};

/// Typed values of the fields that a request names.
pub type Typed = Vec<(&'static FieldDef, Value)>;

/// Reads the fields of a request. References must exist, be of the right register, be the caller's to name and,
/// unless the record has them already (`kept`), be active.
///
/// # Errors
/// Every unknown field and every misfit at once.
pub fn typed(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    values: &Map<String, Json>,
    kept: &dyn Fn(&str) -> Value,
) -> Result<Typed> {
    let mut typed = Vec::with_capacity(values.len());
    let mut errors = Vec::new();
    for (key, json) in values {
        let Some(field) = session.config.field(process, key) else {
            errors.push(FieldError::new(key, "unknown_field", format!("{} has no field {key}.", process.label)));
            continue;
        };
        match Value::read(field, json) {
            Ok(value) => typed.push((field, value)),
            Err(misfits) => errors.extend(misfits.iter().map(|misfit| FieldError::misfit(field, misfit))),
        }
    }
    errors.extend(super::pointing::check(session, caller, &mut typed, kept)?);
    errors.extend(unknown_references(session, caller, &typed, kept)?);
    Refusal::unless_empty(errors)?;
    Ok(typed)
}

fn unknown_references(
    session: &mut Session<'_>,
    caller: &Caller,
    typed: &Typed,
    kept: &dyn Fn(&str) -> Value,
) -> Result<Vec<FieldError>> {
    let mut errors = Vec::new();
    for (field, value) in typed {
        let held = kept(field.key);
        if *value == held {
            continue;
        }
        let Kind::Table(columns) = field.kind else {
            errors.extend(unknown_in(session, caller, field, value, field.key)?);
            continue;
        };
        for (index, row) in value.as_list().iter().enumerate().filter(|(_, row)| !held.as_list().contains(row)) {
            for column in columns {
                let at = format!("{}.{index}.{}", field.key, column.key);
                errors.extend(unknown_in(session, caller, column, row.column(column.key), &at)?);
            }
        }
    }
    Ok(errors)
}

/// What a value refers to that is not there, not for the caller to name, or no longer in use.
fn unknown_in(
    session: &mut Session<'_>,
    caller: &Caller,
    field: &FieldDef,
    value: &Value,
    at: &str,
) -> Result<Vec<FieldError>> {
    let (Kind::Ref(register) | Kind::Refs(register)) = field.kind else { return Ok(Vec::new()) };
    let mut errors = Vec::new();
    for id in field.references(value) {
        let problem = match referable(session.conn, caller, register, id)? {
            None => Some(("unknown_reference", format!("{}: there is no such entry.", field.label))),
            Some(row) if !row.active => Some(("retired", merging::out_of_use(session, field.label, &row)?)),
            Some(_) => None,
        };
        errors.extend(problem.map(|(code, says)| FieldError::new(at, code, says)));
    }
    Ok(errors)
}
