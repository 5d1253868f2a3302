//! A record as a source tells of it: it meets what is there, or is made, or waits for a person.

use super::batch::{Existing, Terms, Told, Verdict};
use super::given::{FieldKey, Given};
use super::past::{Past, Step};
use super::record::{check, clocks, no_history, play, value, write};
use super::references::{Known, Resolver};
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::maps;
use crate::sources::{self, Fed, Settled, Source};
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::{Process, State};
use mainstay_engine::record::Record;
use mainstay_engine::spine;
use mainstay_engine::value::Value;

/// Takes in what a source says.
pub(super) fn put(
    session: &mut Session<'_>,
    caller: &Caller,
    resolver: &mut Resolver<'_>,
    terms: &Terms,
    (past, source): (&Past, &Source),
) -> Result<Verdict> {
    let mut values: Vec<(&'static FieldDef, Value)> = Vec::new();
    for (key, given) in past.steps.iter().flat_map(|step| &step.values) {
        let (field, value) = value(session, caller, resolver, past.process, key, given)?;
        values.retain(|(known, _)| known.key != field.key);
        values.push((field, value));
    }
    let state = past.steps.last().map_or(past.process.initial(), |step| step.state);
    let fed = Fed { source, external_key: &past.external_key, values, state: state.key };
    let (verdict, told) = match sources::feed(session, caller, &fed)? {
        Settled::Parked { why: "ignored" } => (Verdict::Unchanged, None),
        Settled::Parked { why } => (Verdict::Parked(why), None),
        Settled::Over { number } => {
            let says = format!("{number} is closed here and stays as it is.");
            (Verdict::Differs(says), Some(Told { number, changed: Vec::new() }))
        }
        Settled::Met { number, changed } if changed.is_empty() => (Verdict::Unchanged, Some(Told { number, changed })),
        Settled::Met { number, changed } => (Verdict::Updated, Some(Told { number, changed })),
        Settled::New => {
            let record = made(session, caller, resolver, past, terms)?;
            if let Some(record) = &record {
                sources::settle_new(session, &fed, record.id)?;
            }
            (Verdict::Made, record.map(|record| Told { number: number_of(&record), changed: Vec::new() }))
        }
    };
    if let Some(told) = told {
        resolver.tell(told);
    }
    Ok(verdict)
}

fn number_of(record: &Record) -> String {
    record.value(spine::NUMBER.def.key).as_text().unwrap_or_default().to_owned()
}

/// Makes the record; none in a rehearsal, which only tries.
fn made(
    session: &mut Session<'_>,
    caller: &Caller,
    resolver: &mut Resolver<'_>,
    past: &Past,
    terms: &Terms,
) -> Result<Option<Record>> {
    let moments = play(session, caller, resolver, past)?;
    let last = moments.last().ok_or_else(no_history)?;
    check(caller, &last.after)?;
    maps::holds_together(session, None, &last.after)?;
    if terms.dry_run {
        return Ok(None);
    }
    let lived = clocks(session, &moments, terms.calendar);
    write(session, caller, resolver, past, moments, lived).map(Some)
}

/// Makes a record of what a source said when somebody decided that it is new.
///
/// # Errors
/// What every record owes and this lacks; the database's.
pub(crate) fn make(session: &mut Session<'_>, caller: &Caller, fed: &Fed<'_>) -> Result<Record> {
    let process = fed.source.process();
    super::record::may_import(session, caller, process)?;
    let given = |(field, value): &(&'static FieldDef, Value)| {
        (FieldKey::Borrowed(field.key), Given::Plain(value.to_json(field)))
    };
    let values = fed.values.iter().map(given).collect();
    let past = Past {
        process,
        origin: fed.source.key.clone(),
        external_key: fed.external_key.to_owned(),
        steps: steps(session.now, process, process.state(fed.state).unwrap_or(process.initial()), values),
        comments: Vec::new(),
    };
    let known = Known::default();
    let terms = Terms { existing: Existing::Keep, calendar: None, dry_run: false };
    let record = made(session, caller, &mut Resolver::new(&known), &past, &terms)?;
    record.ok_or_else(|| no_history().into())
}

fn steps(now: i64, process: &'static Process, state: &'static State, values: Vec<(FieldKey, Given)>) -> Vec<Step> {
    let step = |state, values| Step { at: now, actor: None, verb: None, state, values, links: Vec::new() };
    let mut steps = vec![step(process.initial(), values)];
    if state.key != process.initial().key {
        steps.push(step(state, Vec::new()));
    }
    steps
}

/// What a source said, read back.
pub(crate) fn typed(
    session: &Session<'_>,
    process: &'static Process,
    said: &serde_json::Map<String, serde_json::Value>,
) -> Vec<(&'static FieldDef, Value)> {
    let read = |(key, json): (&String, &serde_json::Value)| {
        Some((session.config.field(process, key)?, Value::from_plain(json)))
    };
    said.iter().filter_map(read).collect()
}
