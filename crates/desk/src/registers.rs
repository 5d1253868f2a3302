//! The door to the registers: reading, making and changing entries. Nothing is ever deleted:
//! an entry is retired by making it inactive, and each version stays.

use crate::access;
use crate::caller::Caller;
pub use crate::choices::{Offered, offered, open_entries};
use crate::config::{Config, entry_of};
use crate::desk::Session;
use crate::door;
use crate::error::Result;
pub use crate::readable::view_is_open;
use crate::readable::{self, Reader};
use crate::{merging, naming, records};
use mainstay_engine::field::{FieldDef, Kind, Writer};
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::register::{Entry, Register, Values};
use mainstay_engine::value::Value;
use mainstay_processes::registers;
use mainstay_store::{Conn, EventRow, NewEvent, demo, drafts, entries, events};
use serde_json::{Map, Value as Json};

/// What the log calls an entry that something happened to.
pub const SUBJECT: &str = "entry";

/// What a listing of entries wants.
#[derive(Clone, Debug, Default)]
pub struct EntryListing {
    pub name_contains: Option<String>,
    pub with_retired: bool,
    pub after: Option<(String, i64)>,
    /// At most 200.
    pub limit: i64,
}

/// Entries that the caller may read, by name.
///
/// # Errors
/// No right to read the register at all.
pub fn list(
    conn: &mut Conn,
    caller: &Caller,
    register: &'static Register,
    listing: &EntryListing,
) -> Result<Vec<Entry>> {
    let reader = Reader::of(caller, register)?;
    let mut query = query_of(&reader, register, listing);
    let limit = query.limit;
    let mut open: Vec<Entry> = Vec::new();
    loop {
        let rows = entries::list(conn, &query)?;
        let more = i64::try_from(rows.len()).is_ok_and(|found| found == limit);
        query.after = rows.last().map(|row| (row.name.clone(), row.id));
        open.extend(
            rows.into_iter().map(entry_of).filter(|entry| reader.opens(entry)).map(|entry| reader.shown(entry)),
        );
        if !more || open.len() >= usize::try_from(limit).unwrap_or(usize::MAX) {
            open.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            return Ok(open);
        }
    }
}

fn query_of(reader: &Reader<'_>, register: &Register, listing: &EntryListing) -> entries::EntryQuery {
    entries::EntryQuery {
        register: register.key.to_owned(),
        name_contains: listing.name_contains.clone(),
        organisations: reader.homes(),
        active_only: !listing.with_retired,
        after: listing.after.clone(),
        limit: listing.limit.clamp(1, 200),
    }
}

/// One entry that the caller may read.
///
/// # Errors
/// It does not exist or is not the caller's to read.
pub fn get(conn: &mut Conn, caller: &Caller, register: &'static Register, id: i64) -> Result<Entry> {
    let missing = || Refusal::missing(&register.label.to_lowercase());
    let row = entries::by_id(conn, id)?.filter(|row| row.register == register.key).ok_or_else(missing)?;
    let entry = entry_of(row);
    if caller.person_id() == Some(id) {
        return Ok(readable::shown(caller, register, entry));
    }
    let reader = Reader::of(caller, register).map_err(|_| missing())?;
    if reader.opens(&entry) { Ok(reader.shown(entry)) } else { Err(missing().into()) }
}

/// Those of some entries that there are and that the caller may read, in no order.
///
/// # Errors
/// No right to read the register at all; the database's.
pub fn several(
    session: &mut Session<'_>,
    caller: &Caller,
    register: &'static Register,
    ids: &[i64],
) -> Result<Vec<Entry>> {
    let reader = Reader::of(caller, register)?;
    let rows = entries::several(session.conn, register.key, ids)?;
    Ok(rows.into_iter().map(entry_of).filter(|entry| reader.opens(entry)).map(|entry| reader.shown(entry)).collect())
}

/// Who changed an entry, when and how, oldest first, after an event's id; at most 200.
///
/// # Errors
/// It does not exist or is not the caller's to read; only those who may change the register, or
/// read the log, see its history.
pub fn history(
    conn: &mut Conn,
    caller: &Caller,
    register: &'static Register,
    id: i64,
    after: i64,
    limit: i64,
) -> Result<Vec<EventRow>> {
    get(conn, caller, register, id)?;
    if !caller.rights.may(register.key, "manage", None) && !caller.rights.may("audit", "view", None) {
        let says = format!("You may not read the history of {}.", register.label_plural.to_lowercase());
        return Err(Refusal::forbidden("no_right", says).into());
    }
    Ok(events::of(conn, SUBJECT, id, after, limit.clamp(1, 200))?)
}

/// What a client sends to make or change an entry.
#[derive(Clone, Debug, Default)]
pub struct EntryDraft {
    pub name: Option<String>,
    pub active: Option<bool>,
    pub values: Map<String, Json>,
    pub external_key: Option<String>,
    pub reason: Option<String>,
}

/// Makes an entry.
///
/// # Errors
/// No right, or values that do not fit.
pub fn create(
    session: &mut Session<'_>,
    caller: &Caller,
    register: &'static Register,
    draft: &EntryDraft,
) -> Result<Entry> {
    create_keyed(session, caller, register, draft, None, false)
}

/// [`create`] under a key that others refer to; none: one made from the entry itself. `made_up` marks it as demo data,
/// which everything is that somebody of the demo makes.
pub(crate) fn create_keyed(
    session: &mut Session<'_>,
    caller: &Caller,
    register: &'static Register,
    draft: &EntryDraft,
    key: Option<&str>,
    made_up: bool,
) -> Result<Entry> {
    may_write(caller, register, None, &draft.values)?;
    let blank = Entry {
        id: 0,
        key: String::new(),
        name: String::new(),
        active: true,
        organisation: None,
        version: 0,
        values: Values::new(),
    };
    let (mut entry, references) = merged(session.conn, session.config, register, &blank, draft, caller)?;
    access::within_own(session.config, caller, register, [&blank, &entry])?;
    entry.key = match key {
        Some(key) => key.to_owned(),
        None => key_for(session.conn, register, &entry)?,
    };
    let mut row = row_of(register, &entry, session.now);
    row.external_key.clone_from(&draft.external_key);
    let actor = caller.person_id();
    entry.id = entries::insert(session.conn, &row, actor, &references)?;
    if made_up || actor.is_some_and(|actor| session.config.demo.contains(&actor)) {
        demo::mark(session.conn, demo::Subject::Entry, entry.id)?;
    }
    entry.version = 1;
    let told = Told { verb: Some("created"), reason: draft.reason.as_deref(), ..Told::default() };
    record_change(session, caller, register, &blank, &entry, &told)?;
    Ok(readable::shown(caller, register, entry))
}

/// Changes an entry; only what the draft names.
///
/// # Errors
/// No right, an older version than the entry has, values that do not fit.
pub fn update(
    session: &mut Session<'_>,
    caller: &Caller,
    register: &'static Register,
    id: i64,
    version: i64,
    draft: &EntryDraft,
) -> Result<Entry> {
    let (before, entry) = change(session, caller, register, id, version, draft)?;
    end_sessions(session, register, &before, &entry)?;
    Ok(readable::shown(caller, register, entry))
}

/// [`update`] after which a person stays signed in: for a membership that the person's own command brings or takes.
pub(crate) fn update_signed_in(
    session: &mut Session<'_>,
    caller: &Caller,
    register: &'static Register,
    entry: &Entry,
    draft: &EntryDraft,
) -> Result<()> {
    change(session, caller, register, entry.id, entry.version, draft).map(|_| ())
}

/// The change itself: the entry as it was and as it is now.
fn change(
    session: &mut Session<'_>,
    caller: &Caller,
    register: &'static Register,
    id: i64,
    version: i64,
    draft: &EntryDraft,
) -> Result<(Entry, Entry)> {
    let before = get(session.conn, caller, register, id)?;
    may_write(caller, register, Some(&before), &draft.values)?;
    let row = entries::by_id(session.conn, id)?.ok_or_else(|| Refusal::missing("entry"))?;
    let external_key = draft.external_key.clone().or(row.external_key.clone());
    let before = entry_of(row);
    merging::still_itself(session, &before)?;
    if before.version != version {
        return Err(stale(before.version).into());
    }
    let (mut entry, references) = merged(session.conn, session.config, register, &before, draft, caller)?;
    access::within_own(session.config, caller, register, [&before, &entry])?;
    if register.key_field.is_some() {
        entry.key = key_for(session.conn, register, &entry)?;
    }
    let mut row = row_of(register, &entry, session.now);
    row.external_key = external_key;
    if !entries::update(session.conn, &row, caller.person_id(), &references)? {
        return Err(stale(version + 1).into());
    }
    entry.version = version + 1;
    let told = Told { reason: draft.reason.as_deref(), ..Told::default() };
    record_change(session, caller, register, &before, &entry, &told)?;
    Ok((before, entry))
}

/// An entry as it stood in one of its versions, for those who may read its history.
///
/// # Errors
/// As of [`history`]; no such version.
pub fn version(conn: &mut Conn, caller: &Caller, register: &'static Register, id: i64, version: i64) -> Result<Entry> {
    history(conn, caller, register, id, 0, 1)?;
    let now = entries::by_id(conn, id)?.ok_or_else(|| Refusal::missing("entry"))?;
    let kept = entries::kept(conn, id, version)?.ok_or_else(|| Refusal::missing("version"))?;
    let (name, active, data) = kept;
    Ok(readable::shown(caller, register, entry_of(entries::EntryRow { name, active, data, version, ..now })))
}

/// Brings back what an entry was in an earlier version, as a change like any other: what it refers to must be there
/// still, and whether it is in use stays as it is.
///
/// # Errors
/// As of [`version`] and [`update`].
pub fn bring_back(
    session: &mut Session<'_>,
    caller: &Caller,
    register: &'static Register,
    id: i64,
    from: i64,
    version: i64,
) -> Result<Entry> {
    let kept = self::version(session.conn, caller, register, id, from)?;
    let value = |field: &FieldDef| (field.key.to_owned(), kept.value(field.key).to_json(field));
    let draft = EntryDraft {
        name: Some(kept.name.clone()),
        values: register.fields.iter().filter(|field| field.writer != Writer::Engine).map(value).collect(),
        reason: Some(format!("Version {from} brought back")),
        ..EntryDraft::default()
    };
    update(session, caller, register, id, version, &draft)
}

/// The refusal of a write that names an older version.
#[must_use]
pub fn stale(current: i64) -> Refusal {
    Refusal::conflict(
        "stale",
        format!("Somebody changed it since you read it; it is at version {current} now. Read it again."),
    )
}

fn may_write(caller: &Caller, register: &Register, before: Option<&Entry>, values: &Map<String, Json>) -> Result<()> {
    if caller.rights.may(register.key, "manage", None) {
        return Ok(());
    }
    if register.key == "views" && caller.rights.is_any_staff() && caller.rights.in_scope("views", "manage") {
        let own = |entry: &Entry| entry.int("owner") == caller.person_id() && entry.text("shared") != Some("everyone");
        let keeps_owner = values.get("owner").is_none_or(|owner| owner.as_i64() == caller.person_id());
        if before.is_none_or(own) && keeps_owner && among_own_teams(caller, before, values) {
            return Ok(());
        }
    }
    Err(Refusal::forbidden("no_right", format!("You may not change {}.", register.label_plural.to_lowercase())).into())
}

/// Whether a view stays with its owner, or with teams that the owner belongs to.
fn among_own_teams(caller: &Caller, before: Option<&Entry>, values: &Map<String, Json>) -> bool {
    let held = before.and_then(|view| view.text("shared"));
    let shared = values.get("shared").map_or(held, Json::as_str).unwrap_or("own");
    let named = values.get("teams").and_then(Json::as_array);
    let teams: Vec<i64> = match (named, before) {
        (Some(named), _) => named.iter().filter_map(Json::as_i64).collect(),
        (None, Some(view)) => view.ids("teams").collect(),
        (None, None) => Vec::new(),
    };
    let mine = |team: &i64| caller.person.as_ref().is_some_and(|person| person.teams.contains(team));
    match shared {
        "own" => true,
        "team" => teams.iter().all(mine),
        _ => false,
    }
}

/// Whether the caller may change an entry.
#[must_use]
pub fn may_change(caller: &Caller, register: &'static Register, entry: &Entry) -> bool {
    may_write(caller, register, Some(entry), &Map::new()).is_ok()
}

fn merged(
    conn: &mut Conn,
    config: &Config,
    register: &'static Register,
    before: &Entry,
    draft: &EntryDraft,
    caller: &Caller,
) -> Result<(Entry, Vec<(String, i64)>)> {
    let mut entry = before.clone();
    let mut errors = Vec::new();
    if let Some(name) = &draft.name {
        name.trim().clone_into(&mut entry.name);
    }
    if entry.name.is_empty() || entry.name.chars().count() > 200 || entry.name.chars().any(char::is_control) {
        errors.push(FieldError::new("name", "required", "A name of at most 200 characters is needed."));
    }
    entry.active = draft.active.unwrap_or(before.active);
    for (key, json) in &draft.values {
        let Some(field) = register.field(key) else {
            errors.push(FieldError::new(key, "unknown_field", format!("{} has no field {key}.", register.label)));
            continue;
        };
        match Value::read(field, json) {
            Ok(value) if field.writer == Writer::Engine && value != *before.value(key) => {
                errors.push(FieldError::new(key, "read_only", format!("{} follows from something else.", field.label)));
            }
            Ok(value) if value.is_null() => {
                entry.values.remove(key);
            }
            Ok(value) => {
                entry.values.insert(key.clone(), value);
            }
            Err(misfits) => errors.extend(misfits.iter().map(|misfit| FieldError::misfit(field, misfit))),
        }
    }
    if register.key == "views" && before.id == 0 && entry.int("owner").is_none() {
        entry.values.insert("owner".into(), caller.person_id().into());
    }
    let missing = register.fields.iter().filter(|f| f.required && entry.value(f.key).is_blank());
    errors.extend(missing.filter(|f| f.kind != Kind::Bool).map(FieldError::required));
    if errors.is_empty()
        && let Some(check) = register.check
    {
        errors.extend(check(&entry.values));
    }
    errors.extend(naming::faults(conn, config, register, before, &entry)?);
    let references = references(register, &entry.values);
    errors.extend(unknown_references(conn, register, &entry, &references)?);
    Refusal::unless_empty(errors)?;
    entry.organisation = entry.int("organisation");
    Ok((entry, references))
}

/// What the entry points at: (field, id), table columns included.
fn references(register: &Register, values: &Values) -> Vec<(String, i64)> {
    let mut found = Vec::new();
    let mut note = |key: &str, value: &Value| {
        let ids = value.as_int().into_iter().chain(value.as_list().iter().filter_map(Value::as_int));
        for id in ids {
            if !found.contains(&(key.to_owned(), id)) {
                found.push((key.to_owned(), id));
            }
        }
    };
    for field in register.fields {
        let value = values.get(field.key).unwrap_or(&Value::Null);
        match field.kind {
            Kind::Ref(_) | Kind::Refs(_) => note(field.key, value),
            Kind::Table(columns) => {
                for column in columns.iter().filter(|c| c.register().is_some()) {
                    value
                        .as_list()
                        .iter()
                        .for_each(|row| note(&format!("{}.{}", field.key, column.key), row.column(column.key)));
                }
            }
            _ => {}
        }
    }
    found
}

fn unknown_references(
    conn: &mut Conn,
    register: &'static Register,
    entry: &Entry,
    references: &[(String, i64)],
) -> Result<Vec<FieldError>> {
    let ids: Vec<i64> = references.iter().map(|(_, id)| *id).collect();
    let known = entries::names(conn, &ids)?;
    let mut errors = Vec::new();
    for (path, id) in references {
        let (key, column) = path.split_once('.').map_or((path.as_str(), None), |(key, column)| (key, Some(column)));
        let Some(field) = register.field(key) else { continue };
        let wanted = match (field.kind, column) {
            (Kind::Table(columns), Some(column)) => {
                columns.iter().find(|c| c.key == column).and_then(FieldDef::register)
            }
            _ => field.register(),
        };
        let fits = known.iter().any(|(known, of, _)| known == id && Some(of.as_str()) == wanted);
        if !fits {
            errors.push(FieldError::new(key, "unknown_reference", format!("{}: there is no entry {id}.", field.label)));
        }
        if *id == entry.id && entry.id != 0 && key == "parent" {
            errors.push(FieldError::new(key, "ring", "It cannot lie under itself."));
        }
    }
    if errors.is_empty() && entry.id != 0 && register.field("parent").is_some() {
        errors.extend(ring(conn, entry)?);
    }
    Ok(errors)
}

fn ring(conn: &mut Conn, entry: &Entry) -> Result<Option<FieldError>> {
    let mut above = entry.int("parent");
    for _ in 0..64 {
        let Some(id) = above else { return Ok(None) };
        if id == entry.id {
            break;
        }
        above = entries::by_id(conn, id)?.and_then(|row| entry_of(row).int("parent"));
    }
    Ok(Some(FieldError::new("parent", "ring", "It cannot lie under something that lies under it.")))
}

/// The entry's key: its key field in small letters, or a slug of its name that nobody has.
fn key_for(conn: &mut Conn, register: &'static Register, entry: &Entry) -> Result<String> {
    if let Some(field) = register.key_field {
        let key = entry.text(field).unwrap_or_default().to_lowercase();
        let holder = entries::by_key(conn, register.key, &key)?.filter(|row| row.id != entry.id);
        // The address of somebody who turned out to be this person is this person's.
        let own = holder.as_ref().filter(|row| entry.id != 0 && merging::goes_on(row) == Some(entry.id));
        if let Some(own) = own {
            entries::free_key(conn, own.id)?;
        } else if holder.is_some() {
            let error = FieldError::new(
                field,
                "taken",
                format!("There is a {} with {key} already.", register.label.to_lowercase()),
            );
            return Err(Refusal { errors: vec![error], ..Refusal::conflict("taken", "It exists already.") }.into());
        }
        return Ok(key);
    }
    let slug = slug(&entry.name);
    for n in 1..1000 {
        let key = if n == 1 { slug.clone() } else { format!("{slug}-{n}") };
        if entries::by_key(conn, register.key, &key)?.is_none() {
            return Ok(key);
        }
    }
    Err(Refusal::conflict("taken", "Too many entries have this name.").into())
}

fn slug(name: &str) -> String {
    let parts = name.to_lowercase();
    let words: Vec<&str> = parts.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    if words.is_empty() { "entry".to_owned() } else { words.join("-") }
}

fn row_of(register: &Register, entry: &Entry, now: i64) -> entries::EntryRow {
    let data: Map<String, Json> = entry.values.iter().map(|(k, v)| (k.clone(), v.plain())).collect();
    entries::EntryRow {
        id: entry.id,
        register: register.key.to_owned(),
        key: entry.key.clone(),
        name: entry.name.clone(),
        active: entry.active,
        organisation: entry.organisation,
        version: entry.version,
        data: Json::Object(data).to_string(),
        external_key: None,
        created: now,
        updated: now,
    }
}

fn record_change(
    session: &mut Session<'_>,
    caller: &Caller,
    register: &'static Register,
    before: &Entry,
    after: &Entry,
    told: &Told<'_>,
) -> Result<()> {
    let verb = told.verb.unwrap_or(if before.active && !after.active { "retired" } else { "updated" });
    let mut changes = told.more.clone();
    let mut note = |field: &str, old: Json, new: Json| {
        if old != new {
            changes.push(serde_json::json!({ "field": field, "old": old, "new": new }));
        }
    };
    let name = |entry: &Entry| if entry.id == 0 { Json::Null } else { Json::from(entry.name.as_str()) };
    note("name", name(before), name(after));
    note("active", if before.id == 0 { Json::Null } else { before.active.into() }, after.active.into());
    for field in register.fields {
        note(field.key, before.value(field.key).plain(), after.value(field.key).plain());
    }
    events::append(
        session.conn,
        &NewEvent {
            at: session.now,
            actor: caller.person_id(),
            channel: caller.channel.key().into(),
            subject: SUBJECT.into(),
            subject_id: after.id,
            process: Some(register.key.into()),
            verb: verb.into(),
            public: false,
            changes: Json::Array(changes).to_string(),
            reason: told.reason.map(str::to_owned),
        },
    )?;
    entries::advance_generation(session.conn, session.now)?;
    records::risk_follows(session, register, before, after)?;
    if register.key == registers::SIGN_IN_RULES.key
        && let (Some(person), Some(address)) = (caller.person_id(), caller.address)
    {
        door::stays_open(session.conn, person, address)?;
    }
    Ok(())
}

/// Writes an entry as something else than somebody's edit makes it, with all that belongs to a change.
pub(crate) fn rewrite(
    session: &mut Session<'_>,
    caller: &Caller,
    register: &'static Register,
    (row, after): (entries::EntryRow, &Entry),
    told: &Told<'_>,
) -> Result<()> {
    let before = entry_of(row.clone());
    let written = entries::EntryRow { external_key: row.external_key, ..row_of(register, after, session.now) };
    let references = references(register, &after.values);
    if !entries::update(session.conn, &written, caller.person_id(), &references)? {
        return Err(stale(before.version).into());
    }
    record_change(session, caller, register, &before, after, told)
}

/// What the log says of a change beside the change itself.
#[derive(Debug, Default)]
pub(crate) struct Told<'a> {
    /// None: what the entry's being in use makes of it.
    pub verb: Option<&'a str>,
    pub reason: Option<&'a str>,
    /// Further lines of what changed.
    pub more: Vec<Json>,
}

/// Whoever loses or gains rights, or is retired, signs in anew; with a person their drafts go.
fn end_sessions(session: &mut Session<'_>, register: &Register, before: &Entry, after: &Entry) -> Result<()> {
    let rights = ["grants", "organisation", "teams"];
    let changed = before.active != after.active || rights.iter().any(|key| before.value(key) != after.value(key));
    if register.key == registers::PEOPLE.key && before.id != 0 && changed {
        crate::auth::sessions::end_all(session.conn, after.id)?;
        if !after.active {
            drafts::forget_all(session.conn, after.id)?;
        }
    }
    Ok(())
}
