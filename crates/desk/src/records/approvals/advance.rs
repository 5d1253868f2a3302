//! Models that are approved in advance: what follows one needs no approval of its own, and what became of it counts.
//! (CHG-09, CHG-10)

use crate::caller::{Caller, Channel};
use crate::config::{Config, entry_of};
use crate::desk::Session;
use crate::error::Result;
use crate::registers::{Told, rewrite};
use jiff::Timestamp;
use mainstay_engine::process::Phase;
use mainstay_engine::record::Record;
use mainstay_engine::register::Entry;
use mainstay_engine::value::{Value, date_to_day};
use mainstay_processes::registers::{MODEL_APPROVER, MODEL_FAILED, MODEL_LIMIT, MODEL_USED, MODEL_VALID, MODELS};
use mainstay_store::entries;

/// Failures after which a model is retired that says nothing else.
const FAILURES: i64 = 2;

/// Whether the record follows a model that is approved in advance and valid today, in all that the model says.
pub fn vouched(config: &Config, now: i64, record: &Record) -> bool {
    let way = record.process.approvals.as_ref().and_then(|approvals| approvals.in_advance.as_ref());
    let Some(way) = way.filter(|way| (way.applies)(record)) else { return false };
    let model = record.value(way.model.key).as_int().and_then(|id| config.models.get(&id));
    let Some(model) = model.filter(|model| model.text("process") == Some(record.process.key)) else { return false };
    let today = Timestamp::from_millisecond(now)
        .map_or(i64::MAX, |now| date_to_day(now.to_zoned(jiff::tz::TimeZone::UTC).date()));
    model.int(MODEL_APPROVER.def.key).is_some()
        && model.int(MODEL_VALID.def.key).is_some_and(|last| today <= last)
        && model.value("values").as_list().iter().all(|row| says_so(config, record, row))
}

/// Whether the record holds what a row of its model sets.
fn says_so(config: &Config, record: &Record, row: &Value) -> bool {
    let (Some(key), Some(words)) = (row.column("field").as_text(), row.column("value").as_text()) else { return true };
    let Some(field) = config.field(record.process, key) else { return true };
    Value::from_json(field, &field.json_of_words(words)).is_ok_and(|value| value == *record.value(key))
}

/// Counts what became of a record that is closed for its model, and retires the model that has failed too often; with
/// -1 instead of 1 takes both back.
pub fn count_outcome(session: &mut Session<'_>, record: &Record, by: i64) -> Result<()> {
    let Some(way) = record.process.approvals.as_ref().and_then(|approvals| approvals.in_advance.as_ref()) else {
        return Ok(());
    };
    let outcome = record.value(way.outcome.key).as_text().map(str::to_owned);
    let (Some(outcome), Some(model)) = (outcome, record.value(way.model.key).as_int()) else { return Ok(()) };
    if record.state.phase != Phase::Closed || record.state.void {
        return Ok(());
    }
    let Some(row) = entries::by_id(session.conn, model)?.filter(|row| row.register == MODELS.key) else {
        return Ok(());
    };
    let mut after = entry_of(row.clone());
    if after.int(MODEL_APPROVER.def.key).is_none() {
        return Ok(());
    }
    let failed = way.failed.contains(&outcome.as_str());
    let before = after.int(MODEL_FAILED.def.key).unwrap_or_default();
    let failures = add(&mut after, MODEL_FAILED.def.key, if failed { by } else { 0 });
    add(&mut after, MODEL_USED.def.key, by);
    let limit = after.int(MODEL_LIMIT.def.key).unwrap_or(FAILURES);
    let retired = failed && after.active && by > 0 && failures % limit == 0;
    let restored = failed && by < 0 && before % limit == 0;
    after.active = (after.active || restored) && !retired;
    let number = record.value("number").as_text().unwrap_or_default();
    let reason = if retired { format!("{number} failed, which is {failures} times now") } else { number.to_owned() };
    let told = Told { reason: Some(&reason), ..Told::default() };
    rewrite(session, &Caller::engine(Channel::Engine), &MODELS, (row, &after), &told)
}

/// Counts a record for its model anew whose outcome was corrected.
pub fn recount(session: &mut Session<'_>, before: &Record, after: &Record) -> Result<()> {
    let way = before.process.approvals.as_ref().and_then(|approvals| approvals.in_advance.as_ref());
    let differs = |key: &str| before.value(key) != after.value(key);
    if before.state.key != after.state.key || !way.is_some_and(|way| differs(way.outcome.key)) {
        return Ok(());
    }
    count_outcome(session, before, -1)?;
    count_outcome(session, after, 1)
}

fn add(entry: &mut Entry, key: &str, more: i64) -> i64 {
    let sum = entry.int(key).unwrap_or_default() + more;
    entry.values.insert(key.to_owned(), Value::Int(sum));
    sum
}
