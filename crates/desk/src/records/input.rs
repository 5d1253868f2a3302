//! From what a client sent to typed values: only fields the process has, only what fits.

use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
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
        match Value::from_json(field, json) {
            Ok(value) => typed.push((field, value)),
            Err(misfit) => errors.push(FieldError::misfit(field, &misfit)),
        }
    }
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
        let (Kind::Ref(register) | Kind::Refs(register)) = field.kind else { continue };
        if *value == kept(field.key) {
            continue;
        }
        for id in value.as_int().into_iter().chain(value.as_list().iter().filter_map(Value::as_int)) {
            let found = referable(session.conn, caller, register, id)?;
            let problem = match found {
                None => Some(("unknown_reference", format!("{}: there is no such entry.", field.label))),
                Some(row) if !row.active => {
                    Some(("retired", format!("{}: {} is no longer in use.", field.label, row.name)))
                }
                Some(_) => None,
            };
            errors.extend(problem.map(|(code, says)| FieldError::new(field.key, code, says)));
        }
    }
    Ok(errors)
}
