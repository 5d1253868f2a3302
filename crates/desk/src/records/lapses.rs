//! Last days of what others rely on: people hear of them beforehand, and whoever works on a record reads which of the
//! items that it names are near one or past it. (SAC-20)

use super::apply::append;
use super::{rows, view};
use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::Result;
use crate::maps;
use crate::notify::{self, Occasion};
use jiff::Timestamp;
use mainstay_engine::process::{Lapse, Process};
use mainstay_engine::record::Record;
use mainstay_engine::spine;
use mainstay_engine::value::date_to_day;
use mainstay_store::{NewTimer, Seen, TimerRow, timers};
use serde_json::json;

/// The kind of timers that tell of a last day.
pub const TIMER: &str = "lapse";

const DAY_MS: i64 = 86_400_000;
/// Items of one record that are looked at.
const MOST_ITEMS: usize = 50;

/// A last day that is near or past.
#[derive(Clone)]
pub struct Lapsing {
    pub id: i64,
    pub number: String,
    pub title: String,
    pub process: &'static Process,
    pub lapse: &'static Lapse,
    /// The last day, in days since 1970-01-01.
    pub day: i64,
    pub over: bool,
}

fn key(record: &Record, lapse: &Lapse) -> String {
    format!("lapse:{}:{}", record.id, lapse.until.key)
}

/// How many days before the last one people are told; none where nobody is.
fn warning(session: &Session<'_>, process: &'static Process, lapse: &Lapse) -> Option<i64> {
    session.config.process(process).policies.get(lapse.warn).copied().filter(|days| *days > 0)
}

/// When people are told: at the beginning of a day in UTC.
fn due(session: &Session<'_>, record: &Record, lapse: &Lapse) -> Option<i64> {
    let (day, days) = (lapse.last_day(record)?, warning(session, record.process, lapse)?);
    Some((day - days) * DAY_MS)
}

/// Sets, moves and ends the timers of last days as a change has them. Of a day that is past already nobody is told.
pub fn follow(session: &mut Session<'_>, before: &Record, after: &Record) -> Result<()> {
    for lapse in after.process.lapses {
        let (was, is) = (lapse.last_day(before), lapse.last_day(after));
        if was == is && before.id == after.id {
            continue;
        }
        let due = due(session, after, lapse).filter(|_| is.is_some_and(|day| day >= session.now.div_euclid(DAY_MS)));
        match due {
            Some(due) => set(session, after, lapse, due)?,
            None if was.is_some() => timers::cancel(session.conn, &key(after, lapse))?,
            None => {}
        }
    }
    Ok(())
}

/// The same for a record that is new.
pub fn begin(session: &mut Session<'_>, record: &Record) -> Result<()> {
    follow(session, &Record::new(record.process), record)
}

fn set(session: &mut Session<'_>, record: &Record, lapse: &Lapse, due: i64) -> Result<()> {
    let (key, kind, payload) = (key(record, lapse), TIMER.to_owned(), json!({}).to_string());
    Ok(timers::set(session.conn, &NewTimer { key, due, kind, record: Some(record.id), clock: None, payload })?)
}

/// Tells people of a last day, once.
pub fn fire(session: &mut Session<'_>, timer: &TimerRow) -> Result<()> {
    let Some(record) = timer.record.map(|id| rows::by_id(session, id)).transpose()?.flatten() else { return Ok(()) };
    let Some(lapse) = record.process.lapses.iter().find(|lapse| timer.key == key(&record, lapse)) else {
        return Ok(());
    };
    // Fewer days beforehand than when it was set, perhaps, or none.
    let Some(due) = due(session, &record, lapse) else { return Ok(()) };
    if due > session.now {
        return set(session, &record, lapse, due);
    }
    let engine = Caller::engine(Channel::Engine);
    let event_id = append(session, &engine, &record, lapse.event, false, &json!([]), None)?;
    let day = lapse.last_day(&record);
    let occasion = Occasion { event: lapse.event, event_id, channel: engine.channel.key(), day, ..Occasion::default() };
    notify::announce(session, &record, &occasion).map(|_| ())
}

/// The last days near or past of a record itself and of the items that it names, as far as the caller sees them; those
/// that are past first.
///
/// # Errors
/// Not the caller's to see; the database's.
pub fn lapses(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
) -> Result<Vec<Lapsing>> {
    let (record, seen) = rows::find(session, caller, process, number)?;
    let mut found = of(session, caller, &record, &seen);
    if maps::names_items(process).is_some() {
        let items = maps::items_of(session, caller, process, number)?;
        found.extend(lapses_of(session, caller, &items)?);
    }
    found.sort_by_key(|each| (!each.over, each.day, each.id));
    Ok(found)
}

/// The same for items by their ids, whoever names them.
///
/// # Errors
/// The database's.
pub fn lapses_of(session: &mut Session<'_>, caller: &Caller, items: &[i64]) -> Result<Vec<Lapsing>> {
    let mut found = Vec::new();
    for id in items.iter().take(MOST_ITEMS) {
        if let Some((record, seen)) = rows::find_by_id(session, caller, *id)? {
            found.extend(of(session, caller, &record, &seen));
        }
    }
    found.sort_by_key(|each| (!each.over, each.day, each.id));
    Ok(found)
}

fn of(session: &Session<'_>, caller: &Caller, record: &Record, seen: &Seen) -> Vec<Lapsing> {
    if record.process.lapses.is_empty() {
        return Vec::new();
    }
    let visible = view::visible_fields(session, record.process, seen);
    let today = today(session, caller);
    let text = |key: &str| record.value(key).as_text().unwrap_or_default().to_owned();
    let one = |lapse: &'static Lapse| {
        let day = lapse.last_day(record).filter(|_| visible.iter().any(|field| field.key == lapse.until.key))?;
        let near = today + warning(session, record.process, lapse).unwrap_or_default();
        (day <= near || day < today).then(|| Lapsing {
            id: record.id,
            number: text(spine::NUMBER.def.key),
            title: text(spine::TITLE.def.key),
            process: record.process,
            lapse,
            day,
            over: day < today,
        })
    };
    record.process.lapses.iter().filter_map(one).collect()
}

/// The caller's present day, in days since 1970-01-01.
pub fn today(session: &Session<'_>, caller: &Caller) -> i64 {
    let now = Timestamp::from_millisecond(session.now).unwrap_or_default();
    date_to_day(now.to_zoned(caller.zone()).date())
}
