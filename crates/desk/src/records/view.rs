//! A record as one caller sees it: fields, open steps, clocks, names.

use super::apply::{Gathered, gather, hidden};
use super::clocks::{self, ClockView};
use super::origins::begotten;
use super::pointing::{self, Targets};
use super::rows;
use crate::caller::Caller;
use crate::config::Config;
use crate::desk::Session;
use crate::error::Result;
use mainstay_engine::decide;
use mainstay_engine::field::{Audience, FieldDef};
use mainstay_engine::process::{Asks, Effect, Process, Transition};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::Refusal;
use mainstay_store::{Conn, Seen, entries};
use std::collections::HashMap;

/// What a caller may do with a record beside its steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one independent right")]
pub struct Can {
    pub update: bool,
    pub comment: bool,
    pub note: bool,
    pub link: bool,
    pub attach: bool,
    pub task: bool,
    /// Only what follows from a word of the requester is still to do: the record is closed.
    pub follow_up: bool,
    pub watch_others: bool,
    /// Words of it can become a record of their own.
    pub split: bool,
}

/// A record with all that its page or its JSON shows.
#[derive(Clone)]
pub struct View {
    pub record: Record,
    pub seen: Seen,
    /// The steps open to the caller now, in the table's order.
    pub options: Vec<&'static Transition>,
    pub clocks: Vec<ClockView>,
    /// Names of the entries that the record and its clocks refer to.
    pub names: HashMap<i64, String>,
    pub can: Can,
    /// Fields that the caller may read.
    pub fields: Vec<&'static FieldDef>,
    /// Titles of the records that its fields name, as far as the caller sees them.
    pub targets: Targets,
    /// The caller is one of the people whose matter it is.
    pub own: bool,
    /// Made up to look around in.
    pub demo: bool,
    /// The processes of which the caller may open a record from this one.
    pub begets: Vec<&'static Process>,
}

/// The record with this number.
///
/// # Errors
/// There is none that the caller may see.
pub fn get(session: &mut Session<'_>, caller: &Caller, process: &'static Process, number: &str) -> Result<View> {
    let (record, seen) = rows::find(session, caller, process, number)?;
    view_of(session, caller, process, record, seen)
}

pub(super) fn view(session: &mut Session<'_>, caller: &Caller, id: i64, process: &'static Process) -> Result<View> {
    // What a caller may write need not be what the caller may read: a monitoring source.
    let Some((record, seen)) = rows::of_process(session, caller, process, id)? else {
        return Err(Refusal::missing(&process.label.to_lowercase()).into());
    };
    view_of(session, caller, process, record, seen)
}

fn view_of(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    record: Record,
    seen: Seen,
) -> Result<View> {
    debug_assert!(record.process.key == process.key);
    mainstay_store::clocks::foresee(session.conn, record.id);
    let gathered = gather(session, caller, &record)?;
    let clocks = clocks::views(session, &seen, &record)?;
    view_with(session, caller, &gathered, record, seen, clocks)
}

/// The view of a record whose surroundings and clocks are at hand.
pub(super) fn view_with(
    session: &mut Session<'_>,
    caller: &Caller,
    gathered: &Gathered<'_>,
    mut record: Record,
    seen: Seen,
    clocks: Vec<ClockView>,
) -> Result<View> {
    let process = record.process;
    let organisation = record.value("organisation").as_int();
    let rights = &caller.rights;
    let may = |action: &str| rights.may(process.key, action, organisation);
    let (own, staff) = (gathered.actor.requester, gathered.actor.staff);
    let open = gathered.with(|facts| decide::options(&record, facts).collect::<Vec<_>>());
    let by_right = |t: &&'static Transition| {
        (staff && may(t.verb) && t.who.has(mainstay_engine::process::Who::STAFF))
            || (own && rights.in_scope(process.key, t.verb) && t.who.has(mainstay_engine::process::Who::REQUESTER))
    };
    let enabled = session.config.process(process).enabled;
    let opens = |t: &&'static Transition| t.effects.iter().any(|e| matches!(e, Effect::Succeed { .. }));
    let offered = open.into_iter().filter(|t| enabled || !opens(t));
    let archived = crate::retention::is_archived(&record);
    let options: Vec<_> = if archived {
        Vec::new()
    } else if caller.is_engine() {
        offered.collect()
    } else {
        offered.filter(by_right).collect()
    };
    let mut fields = visible_fields(session, process, &seen);
    let hidden = hidden(session, &record);
    fields.retain(|field| !hidden.contains(&field.key));
    let mut ids: Vec<i64> = clocks.iter().flat_map(ClockView::ids).collect();
    referred(&fields, &record, &mut ids);
    let names = names(session.conn, session.config, ids)?;
    let targets = pointing::hide(session, caller, &fields, &mut [&mut record])?;
    let live = record.state.phase != mainstay_engine::process::Phase::Closed;
    let replies = super::comments::may_reply(caller, &record, gathered);
    let works = staff && may("task");
    let follow_up = !live && works && !mainstay_store::surveys::follow_ups(session.conn, record.id)?.is_empty();
    let can = Can {
        update: live && (may("update") && staff),
        comment: live && replies,
        note: live && staff && may("note"),
        link: live && staff && may("link"),
        attach: live && replies,
        task: live && works,
        follow_up,
        watch_others: live && staff && may("watch"),
        split: staff && may("link") && seen.internal() && rights.may_somewhere(process.key, "create"),
    };
    let can = if archived { Can::default() } else { can };
    let demo = !crate::demo::among(session, [record.id])?.is_empty();
    let links = staff && may("link") && seen.internal() && !archived;
    let begets = if links { begotten(session, caller, process) } else { Vec::new() };
    Ok(View { record, seen, options, clocks, names, can, fields, targets, own, demo, begets })
}

/// The fields of a process that the proof opens.
#[must_use]
pub fn visible_fields(session: &Session<'_>, process: &'static Process, seen: &Seen) -> Vec<&'static FieldDef> {
    session.config.fields(process).filter(|f| seen.internal() || f.audience == Audience::Everyone).collect()
}

/// The names behind every reference in these records.
///
/// # Errors
/// The database's.
pub fn names_of<'a>(
    conn: &mut Conn,
    config: &Config,
    fields: &[&'static FieldDef],
    records: impl IntoIterator<Item = &'a Record>,
) -> Result<HashMap<i64, String>> {
    let mut ids = Vec::new();
    for record in records {
        referred(fields, record, &mut ids);
    }
    names(conn, config, ids)
}

/// Adds what the fields of a record refer to.
fn referred(fields: &[&'static FieldDef], record: &Record, ids: &mut Vec<i64>) {
    ids.extend(fields.iter().flat_map(|field| field.references(record.value(field.key))));
}

/// The configuration knows the names of all but people; only the rest is asked for.
pub(super) fn names(conn: &mut Conn, config: &Config, mut ids: Vec<i64>) -> Result<HashMap<i64, String>> {
    ids.sort_unstable();
    ids.dedup();
    let mut names = HashMap::with_capacity(ids.len());
    ids.retain(|id| match config.names.get(id) {
        Some(name) => names.insert(*id, name.clone()).is_some(),
        None => true,
    });
    names.extend(entries::names(conn, &ids)?.into_iter().map(|(id, _, name)| (id, name)));
    Ok(names)
}

/// What a step asks for in words, as its form says it.
#[must_use]
pub fn option_words(transition: &Transition, record: &Record) -> Option<&'static str> {
    match transition.asks_words(record) {
        Asks::Reason => Some("Reason"),
        Asks::Comment => Some("Words to the requester"),
        Asks::Nothing => transition.asks_when.map(|_| "Words to the requester"),
    }
}
