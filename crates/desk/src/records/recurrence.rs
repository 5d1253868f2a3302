//! Whether what was believed to be gone comes back: new records that look like what a finished one was about, and links
//! to it. (PRB-13)

use super::apply::append;
use super::rows;
use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::Result;
use crate::notify::{self, Occasion};
use mainstay_engine::field::{Audience, Kind, Writer};
use mainstay_engine::process::{Process, Watch, reads_alike};
use mainstay_engine::record::Record;
use mainstay_engine::spine;
use mainstay_store::{Column, record as store};
use serde_json::json;

/// The event on a finished record of which another one may be the return.
pub const RECURRENCE: &str = "recurrence";
/// Finished records that are compared with a new one, the newest first.
const MOST: i64 = 20;
const DAY_MS: i64 = 86_400_000;

/// The processes that watch for records of this one.
fn watching(process: &'static Process) -> impl Iterator<Item = (&'static Process, &'static Watch)> {
    let all = mainstay_processes::ALL.iter().copied();
    all.filter_map(|other| other.watch.as_ref().map(|watch| (other, watch)))
        .filter(|(_, watch)| watch.process == process.key)
}

/// Compares a new record with those that were finished lately, and tells each that it may be the return of.
pub(super) fn look(session: &mut Session<'_>, new: &Record) -> Result<()> {
    for (process, watch) in watching(new.process) {
        for id in alike(session, new, process, watch)? {
            let Some(finished) = rows::by_id(session, id)? else { continue };
            if !finished.state.void && reads_alike(&report(&finished), &report(new)) {
                tell(session, &finished, new)?;
            }
        }
    }
    Ok(())
}

/// Tells a finished record of a link that says it is back.
pub(super) fn linked(session: &mut Session<'_>, record: &Record, relation: &str, other: &Record) -> Result<()> {
    let watched =
        watching(record.process).any(|(process, watch)| process.key == other.process.key && watch.relation == relation);
    let later = record.value(spine::OPENED.def.key).as_int() > other.value(spine::RESOLVED.def.key).as_int();
    if watched && later && !other.state.phase.is_live() && !other.state.void {
        tell(session, other, record)?;
    }
    Ok(())
}

/// Finished records that have in common what the watch compares.
fn alike(session: &mut Session<'_>, new: &Record, process: &'static Process, watch: &Watch) -> Result<Vec<i64>> {
    let days = session.config.process(process).policies.get(watch.days).copied().unwrap_or_default();
    let trait_of = |field: &mainstay_engine::field::FieldDef| {
        let column: Column = rows::column(process.field(field.key)?)?;
        Some((column, new.value(field.key).as_int()?))
    };
    let same: Option<Vec<(Column, i64)>> = watch.same.iter().map(trait_of).collect();
    let Some(same) = same.filter(|_| days > 0) else { return Ok(Vec::new()) };
    let since = session.now - days * DAY_MS;
    Ok(store::finished_alike(session.conn, rows::table(process), &same, since, MOST)?)
}

/// The words of whoever reported it.
fn report(record: &Record) -> String {
    let reported = |field: &&mainstay_engine::field::FieldDef| {
        matches!(field.kind, Kind::Markdown) && field.writer == Writer::Opener && field.audience == Audience::Everyone
    };
    let title = record.value(spine::TITLE.def.key).as_text().unwrap_or_default();
    let words = record.process.fields().filter(reported).filter_map(|field| record.value(field.key).as_text());
    [title].into_iter().chain(words).collect::<Vec<_>>().join(" ")
}

fn tell(session: &mut Session<'_>, finished: &Record, new: &Record) -> Result<()> {
    let engine = Caller::engine(Channel::Engine);
    let number = new.value(spine::NUMBER.def.key).as_text().unwrap_or_default().to_owned();
    let told = json!([{ "field": RECURRENCE, "old": null, "new": number }]);
    let event_id = append(session, &engine, finished, RECURRENCE, false, &told, None)?;
    let mut occasion = Occasion { event: RECURRENCE, event_id, channel: engine.channel.key(), ..Occasion::default() };
    occasion.words.insert("reason", number);
    notify::announce(session, finished, &occasion)?;
    Ok(())
}
