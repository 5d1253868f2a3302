//! Taking the demo data out again: all of it, with its history, and nothing else.
//!
//! What was made up is so from birth, and so is what people of the demo do. Whatever true things have come to name stays
//! and becomes true itself; its people stay out of use and cannot sign in. One line of the log says what left.

use crate::caller::Caller;
use crate::config::{entry_of, values_of};
use crate::desk::Session;
use crate::error::Result;
use crate::records;
use crate::registers::{EntryDraft, update, update_signed_in};
use mainstay_engine::field::{Home, Kind};
use mainstay_engine::refusal::Refusal;
use mainstay_engine::register::{Entry, Register};
use mainstay_engine::value::Value;
use mainstay_processes::registers;
use mainstay_store::demo::{self, Subject};
use mainstay_store::{NewEvent, Table, entries, events};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;

/// What demo data there is, and what of it would stay.
#[derive(Clone, Default)]
pub struct Standing {
    pub records: i64,
    /// Entries by register.
    pub entries: Vec<(&'static Register, i64)>,
    /// Names of the entries that would stay because something true names them.
    pub stays: Vec<String>,
}

impl Standing {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records == 0 && self.entries.is_empty()
    }
}

/// What left, and what stayed.
#[derive(Clone, Debug, Default)]
pub struct Removal {
    pub records: u64,
    pub entries: u64,
    pub events: u64,
    /// Names of the entries that stay.
    pub stays: Vec<String>,
}

/// Whether the caller may put demo data in and take it out.
///
/// # Errors
/// `no_right`.
pub fn may(caller: &Caller) -> Result<()> {
    if caller.rights.may("installation", "manage", None) {
        return Ok(());
    }
    Err(Refusal::forbidden("no_right", "You may not set up this installation.").into())
}

/// What demo data there is.
///
/// # Errors
/// No right; the database's.
pub fn standing(session: &mut Session<'_>, caller: &Caller) -> Result<Standing> {
    may(caller)?;
    if session.config.demo.is_empty() {
        return Ok(Standing::default());
    }
    let by_register = demo::entries_by_register(session.conn)?;
    let counted = |(key, count): (String, i64)| Some((registers::register(&key)?, count));
    let kept: Vec<i64> = kept(session)?.into_iter().collect();
    let names = entries::names(session.conn, &kept)?;
    Ok(Standing {
        records: demo::records(session.conn)?,
        entries: by_register.into_iter().filter_map(counted).collect(),
        stays: names.into_iter().map(|(_, _, name)| name).collect(),
    })
}

/// Removes all demo data.
///
/// # Errors
/// No right; `demo_person` for somebody who would remove themselves; `no_demo`; the database's.
pub fn remove(session: &mut Session<'_>, caller: &Caller) -> Result<Removal> {
    may(caller)?;
    if caller.person_id().is_some_and(|person| session.config.demo.contains(&person)) {
        let says = "You belong to the demo yourself. Make an administrator of your own and remove it as them.";
        return Err(Refusal::conflict("demo_person", says).into());
    }
    let gone = demo::marked(session.conn, Subject::Record)?;
    if gone.is_empty() && session.config.demo.is_empty() {
        return Err(Refusal::conflict("no_demo", "There is no demo data.").into());
    }
    let kept: Vec<i64> = kept(session)?.into_iter().collect();
    demo::keep(session.conn, &kept)?;
    let stays = settle(session, caller, &kept)?;
    let tables: Vec<Table> = mainstay_processes::ALL.iter().map(|process| *records::table(process)).collect();
    let removed = demo::remove(session.conn, &tables)?;
    let removal =
        Removal { records: removed.records, entries: removed.entries, events: removed.events, stays: stays.clone() };
    note_removal(session, caller, &removal, &gone)?;
    entries::advance_generation(session.conn, session.now)?;
    Ok(removal)
}

/// The marked entries that something true names, directly or through others that stay.
fn kept(session: &mut Session<'_>) -> Result<BTreeSet<i64>> {
    let columns: Vec<(&str, &str)> = mainstay_processes::ALL
        .iter()
        .flat_map(|process| {
            let named = |field: &&_| {
                let field: &mainstay_engine::field::FieldDef = field;
                field.home == Home::Own && matches!(field.kind, Kind::Ref(_))
            };
            process.fields().filter(named).map(|field| (process.table, field.key))
        })
        .collect();
    let mut kept: BTreeSet<i64> = demo::named_by_records(session.conn, &columns)?.into_iter().collect();
    kept.extend(in_own_fields(session)?);
    let edges = demo::named_by_entries(session.conn)?;
    loop {
        let before = kept.len();
        for (from, to) in &edges {
            if !session.config.demo.contains(from) || kept.contains(from) {
                kept.insert(*to);
            }
        }
        if kept.len() == before {
            return Ok(kept);
        }
    }
}

/// Fields of one's own that true records hold values of, and the entries that such values name.
fn in_own_fields(session: &mut Session<'_>) -> Result<BTreeSet<i64>> {
    let fields: Vec<Entry> =
        entries::all(session.conn, registers::CUSTOM_FIELDS.key)?.into_iter().map(entry_of).collect();
    let made_up = session.config.demo.clone();
    let mut kept = BTreeSet::new();
    demo::own_fields_of_others(session.conn, |json| {
        let values = values_of(json);
        for field in &fields {
            let Some(value) = field.text("field").and_then(|key| values.get(key)).filter(|value| !value.is_blank())
            else {
                continue;
            };
            kept.extend(made_up.get(&field.id));
            if matches!(field.text("kind"), Some("person" | "team" | "organisation" | "service")) {
                kept.extend(value.as_int().filter(|id| made_up.contains(id)));
            }
        }
    })?;
    Ok(kept)
}

/// Nobody belongs to a team that leaves; people who stay are out of use. Answers the names of what stays.
fn settle(session: &mut Session<'_>, caller: &Caller, kept: &[i64]) -> Result<Vec<String>> {
    for person in demo::members_of_marked_teams(session.conn)? {
        leave_teams(session, caller, person, kept)?;
    }
    let mut names = Vec::new();
    for id in kept {
        let Some(row) = entries::by_id(session.conn, *id)? else { continue };
        names.push(row.name.clone());
        let entry = entry_of(row.clone());
        let reason = Some("Of the demo data; it stays because something else names it".to_owned());
        if row.register == registers::PEOPLE.key {
            demo::lock_out(session.conn, *id)?;
            if entry.active {
                let draft = EntryDraft { active: Some(false), reason, ..EntryDraft::default() };
                update(session, caller, &registers::PEOPLE, *id, entry.version, &draft)?;
            }
        }
    }
    Ok(names)
}

fn leave_teams(session: &mut Session<'_>, caller: &Caller, person: i64, kept: &[i64]) -> Result<()> {
    let Some(entry) = entries::by_id(session.conn, person)?.map(entry_of) else { return Ok(()) };
    let stays = |id: &i64| !session.config.demo.contains(id) || kept.contains(id);
    let teams: Vec<i64> = entry.ids("teams").filter(stays).collect();
    let values: Map<String, Json> = [("teams".to_owned(), json!(teams))].into_iter().collect();
    let reason = Some("The demo data is removed".to_owned());
    let draft = EntryDraft { values, reason, ..EntryDraft::default() };
    update_signed_in(session, caller, &registers::PEOPLE, &entry, &draft)
}

/// The search reads from this line which records it has to forget.
fn note_removal(session: &mut Session<'_>, caller: &Caller, removal: &Removal, gone: &[i64]) -> Result<()> {
    let left = |field: &str, count: u64| json!({ "field": field, "old": count, "new": 0 });
    let mut changes =
        vec![left("records", removal.records), left("entries", removal.entries), left("events", removal.events)];
    changes.push(json!({ "field": GONE, "old": gone, "new": null }));
    if !removal.stays.is_empty() {
        changes.push(json!({ "field": "stays", "old": null, "new": removal.stays }));
    }
    note(session, caller, REMOVED, &changes)
}

/// A line of the log about the installation as a whole.
pub(crate) fn note(session: &mut Session<'_>, caller: &Caller, verb: &str, changes: &[Json]) -> Result<()> {
    events::append(
        session.conn,
        &NewEvent {
            at: session.now,
            actor: caller.person_id(),
            channel: caller.channel.key().into(),
            subject: INSTALLATION.into(),
            subject_id: 0,
            process: None,
            verb: verb.into(),
            public: false,
            changes: json!(changes).to_string(),
            reason: None,
        },
    )?;
    Ok(())
}

/// What an event happened to that is about the installation as a whole.
pub const INSTALLATION: &str = "installation";
/// The event that demo data left.
pub const REMOVED: &str = "demo_removed";
/// Ids of the records that left with it, in its changes.
pub const GONE: &str = "record_ids";

/// The records that such an event took along.
#[must_use]
pub fn gone_with(changes: &str) -> Vec<i64> {
    let Ok(Value::List(all)) = serde_json::from_str::<Json>(changes).map(|json| Value::from_plain(&json)) else {
        return Vec::new();
    };
    let line = all.iter().find(|change| change.column("field").as_text() == Some(GONE));
    line.map(|change| change.column("old").as_list().iter().filter_map(Value::as_int).collect()).unwrap_or_default()
}
