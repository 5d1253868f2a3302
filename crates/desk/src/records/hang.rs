//! What hangs on a record: links, watchers, attachments, history.

use super::allowed::{may, not_closed};
use super::apply::{append, gather, is_public};
use super::comments::may_comment;
use super::{apart, approvals, filling, recurrence, risk, rows};
use crate::caller::Caller;
use crate::config::Config;
use crate::desk::Session;
use crate::error::{Error, Result};
use crate::maps;
use crate::notify;
use crate::readable::referable;
use crate::retention::is_archived;
use mainstay_engine::field::{Audience, FieldDef};
use mainstay_engine::process::{Process, Relation};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::Refusal;
use mainstay_store::hangings::{self, AttachmentRow, LinkRow};
use mainstay_store::{EventRow, events};
use serde_json::{Value as Json, json};
use std::borrow::Cow;

/// One end of a link that the caller may see at both ends.
#[derive(Clone)]
pub struct LinkView {
    /// Key of the relation, or of the field of the other record that names this one.
    pub relation: &'static str,
    /// As read from the record in hand.
    pub label: Cow<'static, str>,
    pub outgoing: bool,
    /// It is what a field of the other record holds, and changes there.
    pub by_field: bool,
    pub other: Record,
}

/// A reference to a record of another system: relation and reference.
pub type External = (String, String);

/// Links to records that the caller may see, and references to other systems.
///
/// # Errors
/// Not the caller's to see.
pub fn links(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
) -> Result<(Vec<LinkView>, Vec<External>)> {
    let (record, _) = rows::find(session, caller, process, number)?;
    let mut shown = Vec::new();
    for row in hangings::links(session.conn, record.id)? {
        let Some(view) = link_view(session, caller, process, &row)? else { continue };
        shown.push(view);
    }
    Ok((shown, hangings::external_links(session.conn, record.id)?))
}

fn link_view(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    row: &LinkRow,
) -> Result<Option<LinkView>> {
    let Some((other, seen)) = rows::find_by_id(session, caller, row.id)? else { return Ok(None) };
    let declaring = if row.outgoing { process } else { other.process };
    let outgoing = row.outgoing;
    if let Some(relation) = session.config.relation(declaring, &row.relation) {
        let label = Cow::from(if outgoing { relation.label } else { relation.inverse });
        return Ok(Some(LinkView { relation: relation.key, label, outgoing, by_field: false, other }));
    }
    // What a field of this record names stands in the field.
    let field = session.config.field(declaring, &row.relation).filter(|_| !outgoing);
    let open = |field: &&FieldDef| seen.internal() || field.audience == Audience::Everyone;
    Ok(field.filter(open).map(|field| {
        let label = Cow::from(format!("“{}” of", field.label));
        LinkView { relation: field.key, label, outgoing, by_field: true, other }
    }))
}

/// A relation of a process by its key.
pub(super) fn declared(config: &Config, process: &'static Process, relation: &str) -> Result<&'static Relation> {
    config.relation(process, relation).ok_or_else(|| {
        let known = config.relations(process).map(|r| r.key).collect::<Vec<_>>().join(", ");
        Refusal::invalid("unknown_relation", format!("The relation must be one of: {known}.")).into()
    })
}

/// Links two records and gives the event of the first one by which it can be taken back; none when they were linked
/// already. The relation is declared by the first one's process.
///
/// # Errors
/// Either is not the caller's to see; no right; an unknown relation; a second link of a single
/// relation; a ring; a closed record that the link would leave.
pub fn link(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    relation: &str,
    to: &str,
) -> Result<Option<i64>> {
    let record = linkable(session, caller, process, number)?;
    let declared = declared(session.config, process, relation)?;
    let target = declared
        .to
        .and_then(mainstay_processes::process)
        .or_else(|| mainstay_processes::of_number(to))
        .unwrap_or(process);
    let (other, _) = rows::find(session, caller, target, to).map_err(|e| {
        if matches!(e, Error::Refused(_)) {
            Refusal::invalid("unknown_link", format!("There is no {to} here that you may see.")).into()
        } else {
            e
        }
    })?;
    if other.id == record.id {
        return Err(Refusal::invalid("self_link", "A record cannot be linked to itself.").into());
    }
    link_records(session, caller, &record, declared.key, &other)
}

/// A record whose links the caller may change.
fn linkable(session: &mut Session<'_>, caller: &Caller, process: &'static Process, number: &str) -> Result<Record> {
    let (record, _) = rows::find(session, caller, process, number)?;
    may(caller, &record, "link")?;
    not_closed(&record)?;
    Ok(record)
}

pub(super) fn link_records(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    relation: &'static str,
    other: &Record,
) -> Result<Option<i64>> {
    if !link_records_quietly(session, caller, record, relation, other)? {
        return Ok(None);
    }
    recurrence::linked(session, record, relation, other)?;
    let event = log_link(session, caller, record, relation, other, true)?;
    approvals::linked(session, caller, record, relation)?;
    Ok(Some(event))
}

/// As [`link_records`], for whoever tells of it in other words; false when the link is there already.
pub(super) fn link_records_quietly(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    relation: &'static str,
    other: &Record,
) -> Result<bool> {
    let declared = session.config.relation(record.process, relation);
    if let Some(rules) = declared.and_then(|relation| relation.rules) {
        maps::may_join(session, record, relation, &rules, other)?;
    }
    if declared.is_some_and(|r| r.single) {
        let has_one = hangings::links(session.conn, record.id)?
            .iter()
            .any(|l| l.outgoing && l.relation == relation && l.id != other.id);
        if has_one {
            return Err(
                Refusal::conflict("already_linked", "It has such a link already; remove that one first.").into()
            );
        }
        if closes_ring(session, record.id, relation, other.id)? {
            return Err(Refusal::conflict("ring", "The link would close a ring.").into());
        }
    }
    apart::linked(record, relation, other)?;
    let made = hangings::link(session.conn, record.id, relation, other.id, caller.person_id(), session.now)?;
    if made {
        filling::refill(session, record.id)?;
        risk::linked(session, record, relation, other)?;
    }
    Ok(made)
}

fn closes_ring(session: &mut Session<'_>, from: i64, relation: &str, to: i64) -> Result<bool> {
    let mut next = Some(to);
    for _ in 0..1000 {
        let Some(id) = next else { return Ok(false) };
        if id == from {
            return Ok(true);
        }
        next =
            hangings::links(session.conn, id)?.into_iter().find(|l| l.outgoing && l.relation == relation).map(|l| l.id);
    }
    Ok(true)
}

/// A link in the log: the number of the other end as it was and as it is, and whether the relation goes out from here; it
/// is read from the end that it arrives at otherwise.
pub(super) fn told(relation: &str, old: &Json, new: &Json, arrives: bool) -> Json {
    json!({ "field": relation, "old": old, "new": new, "outgoing": !arrives })
}

/// Tells both ends, and gives the event of the first.
pub(super) fn log_link(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    relation: &str,
    other: &Record,
    made: bool,
) -> Result<i64> {
    let mut tell = |at: &Record, far: &Record, arrives: bool| {
        let number = far.value("number").as_text().unwrap_or_default();
        let (old, new) = if made { (Json::Null, json!(number)) } else { (json!(number), Json::Null) };
        let verb = if made { "linked" } else { "unlinked" };
        append(session, caller, at, verb, false, &json!([told(relation, &old, &new, arrives)]), None)
    };
    let event = tell(record, other, false)?;
    // What is archived takes no line any more, and is let go of all the same.
    if made || !is_archived(other) {
        tell(other, record, true)?;
    }
    Ok(event)
}

/// Removes a link, for both ends, and gives the event by which it can be taken back; none for a reference in another
/// system, which is removed by what it is called there.
///
/// # Errors
/// Either is not the caller's to see; no right; there is no such link; a closed record.
pub fn unlink(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    relation: &str,
    to: &str,
) -> Result<Option<i64>> {
    let record = linkable(session, caller, process, number)?;
    if hangings::unlink_external(session.conn, record.id, relation, to)? {
        let told = json!([{ "field": relation, "old": to, "new": null }]);
        append(session, caller, &record, "unlinked", false, &told, None)?;
        return Ok(None);
    }
    let target = session
        .config
        .relation(process, relation)
        .and_then(|r| r.to)
        .and_then(mainstay_processes::process)
        .or_else(|| mainstay_processes::of_number(to));
    let (other, _) = rows::find(session, caller, target.unwrap_or(process), to)?;
    if !hangings::unlink(session.conn, record.id, relation, other.id)? {
        return Err(Refusal::missing("such link").into());
    }
    filling::refill(session, record.id)?;
    risk::linked(session, &record, relation, &other)?;
    let event = log_link(session, caller, &record, relation, &other, false)?;
    approvals::linked(session, caller, &record, relation)?;
    Ok(Some(event))
}

/// Links to a record of another system by its reference there.
///
/// # Errors
/// Not the caller's to see; no right; an unknown relation; an empty reference; a closed record.
pub fn link_external(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    relation: &str,
    reference: &str,
) -> Result<()> {
    let record = linkable(session, caller, process, number)?;
    let reference = reference.trim();
    let odd = reference.is_empty() || reference.chars().count() > 200 || reference.chars().any(char::is_control);
    if session.config.relation(process, relation).is_none() || odd {
        return Err(Refusal::invalid(
            "unknown_relation",
            "A declared relation and a reference of at most 200 characters are needed.",
        )
        .into());
    }
    if hangings::link_external(session.conn, record.id, relation, reference)? {
        append(
            session,
            caller,
            &record,
            "linked",
            false,
            &json!([{ "field": relation, "old": null, "new": reference }]),
            None,
        )?;
    }
    Ok(())
}

/// Who watches the record.
///
/// # Errors
/// Not the caller's to see, or the caller is no staff of it.
pub fn watchers(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
) -> Result<Vec<i64>> {
    let (record, seen) = rows::find(session, caller, process, number)?;
    let all =
        hangings::parties(session.conn, record.id)?.into_iter().filter(|(_, role)| role == "watcher").map(|(id, _)| id);
    Ok(all.filter(|id| seen.internal() || Some(*id) == caller.person_id()).collect())
}

/// Makes somebody watch the record. Everybody may watch what they see; staff may add others,
/// who then see it too.
///
/// # Errors
/// Not the caller's to see; adding others without the right; no such person; a closed record.
pub fn watch(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    person: i64,
) -> Result<()> {
    let (record, _) = rows::find(session, caller, process, number)?;
    may_watch(caller, &record, person)?;
    not_closed(&record)?;
    let known = referable(session.conn, caller, "people", person)?.is_some_and(|row| row.active);
    if !known {
        return Err(Refusal::invalid("unknown_reference", "There is no such person.").into());
    }
    if hangings::join(session.conn, record.id, person, "watcher")? {
        append(
            session,
            caller,
            &record,
            "watched",
            false,
            &json!([{ "field": "watcher", "old": null, "new": person }]),
            None,
        )?;
    }
    Ok(())
}

/// Ends somebody's watching.
///
/// # Errors
/// Not the caller's to see; removing others without the right.
pub fn unwatch(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    person: i64,
) -> Result<()> {
    let (record, _) = rows::find(session, caller, process, number)?;
    may_watch(caller, &record, person)?;
    if hangings::leave(session.conn, record.id, person, "watcher")? {
        append(
            session,
            caller,
            &record,
            "unwatched",
            false,
            &json!([{ "field": "watcher", "old": person, "new": null }]),
            None,
        )?;
    }
    Ok(())
}

fn may_watch(caller: &Caller, record: &Record, person: i64) -> Result<()> {
    if caller.person_id() == Some(person) && caller.rights.in_scope(record.process.key, "watch") {
        Ok(())
    } else {
        may(caller, record, "watch")
    }
}

/// A file to attach; its bytes are stored already under `digest`.
#[derive(Clone, Debug)]
pub struct NewAttachment {
    pub name: String,
    pub media_type: String,
    pub size: i64,
    pub digest: String,
    pub internal: bool,
}

/// Attaches a stored file.
///
/// # Errors
/// Not the caller's to see or write to; a name without characters; a closed record.
pub fn attach(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    new: &NewAttachment,
) -> Result<AttachmentRow> {
    let (record, _) = rows::find(session, caller, process, number)?;
    let gathered = gather(session, caller, &record)?;
    may_comment(caller, &record, &gathered, new.internal)?;
    not_closed(&record)?;
    attach_to(session, caller, &record, new, None)
}

/// Attaches a stored file to a record, or to words on it.
pub(super) fn attach_to(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    new: &NewAttachment,
    comment: Option<i64>,
) -> Result<AttachmentRow> {
    let mut row = AttachmentRow {
        id: 0,
        record: record.id,
        comment,
        name: safe_name(&new.name),
        media_type: new.media_type.chars().filter(char::is_ascii_graphic).take(100).collect(),
        size: new.size,
        digest: new.digest.clone(),
        internal: new.internal,
        at: session.now,
        author: caller.person_id(),
    };
    row.id = hangings::attach(session.conn, &row)?;
    append(
        session,
        caller,
        record,
        "attached",
        !new.internal,
        &json!([{ "field": "attachment", "old": null, "new": row.name }]),
        None,
    )?;
    rows::touch(session, record)?;
    Ok(row)
}

/// The name a file is shown by: its last part, without control or direction-turning characters.
fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let odd = |c: &char| {
        !c.is_control()
            && !matches!(*c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let clean: String = last.chars().filter(odd).take(150).collect();
    let clean = clean.trim().trim_start_matches('.').to_owned();
    if clean.is_empty() { "file".to_owned() } else { clean }
}

/// The attachments that the caller may read.
///
/// # Errors
/// Not the caller's to see.
pub fn attachments(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
) -> Result<Vec<AttachmentRow>> {
    let (_, seen) = rows::find(session, caller, process, number)?;
    Ok(hangings::attachments(session.conn, &seen)?)
}

/// One attachment by its id, through the record that it hangs on.
///
/// # Errors
/// There is none, or the record or the attachment is not the caller's to see, or a token does not reach the record.
pub fn attachment(session: &mut Session<'_>, caller: &Caller, id: i64) -> Result<AttachmentRow> {
    let missing = || Refusal::missing("attachment");
    let home = hangings::attachment_home(session.conn, id)?.ok_or_else(missing)?;
    let (record, seen) = rows::find_by_id(session, caller, home)?.ok_or_else(missing)?;
    super::list::may_list(caller, record.process).map_err(|_| missing())?;
    let row = hangings::attachments(session.conn, &seen)?.into_iter().find(|row| row.id == id);
    row.ok_or_else(|| missing().into())
}

/// The history that the caller may read: staff all of it, others what is public.
///
/// # Errors
/// Not the caller's to see.
pub fn history(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<EventRow>> {
    let (record, seen) = rows::find(session, caller, process, number)?;
    let mut rows = events::of_record(session.conn, &seen, after, limit.clamp(1, 500))?;
    if !seen.internal() {
        for row in &mut rows {
            hide_internal(session, record.process, row);
        }
        rows.retain(|row| row.public);
    }
    super::pointing::hide_in_events(session, caller, &mut rows.iter_mut().collect::<Vec<_>>())?;
    Ok(rows)
}

/// What others and the caller have changed on a record after an event: field, and who did.
///
/// # Errors
/// Not the caller's to see.
pub fn changed_after(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    after: i64,
) -> Result<Vec<(String, Option<i64>)>> {
    let rows = history(session, caller, process, number, after, 500)?;
    let fields = |row: &EventRow| match serde_json::from_str::<Json>(&row.changes) {
        Ok(Json::Array(changes)) => changes,
        _ => Vec::new(),
    };
    let named = |row: &EventRow| {
        let actor = row.actor;
        fields(row).into_iter().filter_map(move |change| Some((change["field"].as_str()?.to_owned(), actor)))
    };
    Ok(rows.iter().flat_map(|row| named(row).collect::<Vec<_>>()).collect())
}

/// Takes the changes of internal fields out of an event, and the reason with a reassignment.
fn hide_internal(session: &Session<'_>, process: &'static Process, row: &mut EventRow) {
    let Ok(Json::Array(changes)) = serde_json::from_str::<Json>(&row.changes) else { return };
    let words = ["comment", "attachment"];
    let open = |change: &Json| {
        let field = change["field"].as_str().unwrap_or_default();
        words.contains(&field) || is_public(session.config, process, field)
    };
    let shown: Vec<Json> = changes.into_iter().filter(open).collect();
    row.changes = Json::Array(shown).to_string();
    if !notify::reason_is_public(&row.verb) {
        row.reason = None;
    }
}
