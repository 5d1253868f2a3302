//! Records, entries and clocks as JSON: choices by key, references with their names, instants in RFC 3339.

use mainstay_desk::config::Config;
use mainstay_engine::field::{Audience, FieldDef, Kind};
use mainstay_engine::process::Process;
use mainstay_engine::register::{Entry, Register};
use mainstay_engine::value::Value;
use mainstay_store::{Conn, EventRow, entries, hangings};
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;

/// Names of entries by id.
pub type Names = HashMap<i64, String>;

/// An instant of epoch milliseconds in RFC 3339, UTC.
pub fn instant(ms: i64) -> Json {
    jiff::Timestamp::from_millisecond(ms).map_or(Json::Null, |at| Json::String(at.to_string()))
}

/// An instant, or null.
pub fn maybe_instant(ms: Option<i64>) -> Json {
    ms.map_or(Json::Null, instant)
}

/// An entry that something refers to.
pub fn reference(id: i64, names: &Names) -> Json {
    json!({ "id": id, "name": names.get(&id) })
}

/// An entry that something may refer to, or null.
pub fn maybe_reference(id: Option<i64>, names: &Names) -> Json {
    id.map_or(Json::Null, |id| reference(id, names))
}

/// The names behind some ids.
///
/// # Errors
/// The database's.
pub fn names_of(conn: &mut Conn, ids: impl IntoIterator<Item = i64>) -> mainstay_store::Result<Names> {
    let mut ids: Vec<i64> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(entries::names(conn, &ids)?.into_iter().map(|(id, _, name)| (id, name)).collect())
}

/// A field's value with the names of what it refers to.
pub fn value(field: &FieldDef, value: &Value, names: &Names) -> Json {
    match (field.kind, value) {
        (Kind::Ref(_), Value::Int(id)) => reference(*id, names),
        (Kind::Refs(_), Value::List(ids)) => {
            ids.iter().filter_map(Value::as_int).map(|id| reference(id, names)).collect()
        }
        (Kind::Table(columns), Value::List(rows)) => rows
            .iter()
            .map(|row| {
                columns.iter().map(|c| (c.key.to_owned(), self::value(c, row.column(c.key), names))).collect::<Json>()
            })
            .collect(),
        _ => value.to_json(field),
    }
}

/// An entry of a register.
pub fn entry(register: &Register, entry: &Entry, names: &Names) -> Json {
    let mut members = Map::new();
    members.insert("id".into(), entry.id.into());
    members.insert("key".into(), entry.key.as_str().into());
    members.insert("name".into(), entry.name.as_str().into());
    members.insert("active".into(), entry.active.into());
    members.insert("version".into(), entry.version.into());
    for field in register.fields.iter().filter(|f| entry.values.contains_key(f.key) || f.audience == Audience::Everyone)
    {
        members.insert(field.key.into(), value(field, entry.value(field.key), names));
    }
    Json::Object(members)
}

/// Everything that an entry refers to.
pub fn ids_of_entry<'a>(register: &'a Register, entry: &'a Entry) -> impl Iterator<Item = i64> + 'a {
    register.fields.iter().flat_map(|field| field.references(entry.value(field.key)))
}

/// A comment.
pub fn comment(row: &hangings::CommentRow, names: &Names) -> Json {
    json!({
        "id": row.id, "at": instant(row.at), "author": maybe_reference(row.author, names),
        "internal": row.internal, "body": row.body, "channel": row.channel,
    })
}

/// An attachment, by what is known of it without its bytes.
pub fn attachment(row: &hangings::AttachmentRow, names: &Names) -> Json {
    json!({
        "id": row.id, "at": instant(row.at), "author": maybe_reference(row.author, names), "name": row.name,
        "media_type": row.media_type, "size": row.size, "internal": row.internal, "comment": row.comment,
    })
}

/// A task.
pub fn task(row: &hangings::TaskRow, names: &Names) -> Json {
    json!({
        "id": row.id, "position": row.position, "title": row.title, "state": row.state, "version": row.version,
        "team": maybe_reference(row.team, names), "assignee": maybe_reference(row.assignee, names),
        "due": maybe_instant(row.due), "done_at": maybe_instant(row.done_at), "waits_for": row.waits_for,
    })
}

/// Time that somebody worked.
pub fn time(row: &hangings::TimeRow, names: &Names) -> Json {
    json!({
        "id": row.id, "person": reference(row.person, names), "minutes": row.minutes, "note": row.note,
        "day": mainstay_engine::value::day_to_date(row.day).map(|day| day.to_string()), "at": instant(row.at),
        "version": row.version,
    })
}

/// An event, its changes with the names of what they refer to.
pub fn event(event: &EventRow, changes: &[Changed], names: &Names) -> Json {
    json!({
        "id": event.id, "at": instant(event.at), "actor": maybe_reference(event.actor, names), "channel": event.channel,
        "verb": event.verb, "public": event.public, "reason": event.reason,
        "changes": changes.iter().map(|c| c.to_json(names)).collect::<Json>(),
    })
}

/// One change in an event: of a declared field, or of something beside the fields.
pub struct Changed {
    field: String,
    def: Option<&'static FieldDef>,
    old: Json,
    new: Json,
}

impl Changed {
    /// The changes of an event on a record of `process`.
    pub fn of_record(config: &Config, process: Option<&'static Process>, event: &EventRow) -> Vec<Self> {
        Self::all(event, |key| process.and_then(|p| config.field(p, key)))
    }

    /// The changes of an event on an entry of `register`.
    pub fn of_entry(register: Option<&'static Register>, event: &EventRow) -> Vec<Self> {
        Self::all(event, |key| register.and_then(|r| r.field(key)))
    }

    /// The changes of an event on anything.
    pub fn of_any(config: &Config, event: &EventRow) -> Vec<Self> {
        let of = event.process.as_deref().unwrap_or_default();
        match mainstay_processes::process(of) {
            Some(process) => Self::of_record(config, Some(process), event),
            None => Self::of_entry(mainstay_processes::registers::register(of), event),
        }
    }

    fn all(event: &EventRow, def: impl Fn(&str) -> Option<&'static FieldDef>) -> Vec<Self> {
        let Ok(Json::Array(changes)) = serde_json::from_str(&event.changes) else { return Vec::new() };
        let one = |mut change: Json| {
            let field = change["field"].as_str().unwrap_or_default().to_owned();
            Self { def: def(&field), field, old: change["old"].take(), new: change["new"].take() }
        };
        changes.into_iter().map(one).collect()
    }

    /// What both sides refer to.
    pub fn ids(&self) -> Vec<i64> {
        let Some(def) = self.def else { return Vec::new() };
        [&self.old, &self.new].into_iter().flat_map(|side| def.references(&Value::from_plain(side))).collect()
    }

    fn to_json(&self, names: &Names) -> Json {
        let side =
            |json: &Json| self.def.map_or_else(|| json.clone(), |def| value(def, &Value::from_plain(json), names));
        json!({ "field": self.field, "old": side(&self.old), "new": side(&self.new) })
    }
}
