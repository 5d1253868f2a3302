//! Entries of any register: the directory and the configuration.

use crate::Api;
use crate::answer::{Answer, etag};
use crate::asker::Asker;
use crate::body::{Members, Posted};
use crate::once::once;
use crate::openapi::{fields, parts};
use crate::operation::Operation;
use crate::problem::Result;
use crate::query::{After, Ask, Id, IfMatch, IfNoneMatch, Limit, Nothing, Paging, Phrase, Place, bad_cursor, cursor};
use crate::shape::{self, Changed};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use mainstay_desk::Session;
use mainstay_desk::registers::{self, EntryDraft, EntryListing};
use mainstay_desk::uses;
use mainstay_engine::register::{Entry, Register};
use serde::Deserialize;
use serde_json::{Value as Json, json};

/// Longest name of an entry, and longest key in another system, in characters.
const LONGEST_NAME: usize = 255;

/// The operations on the entries of a register.
pub fn operations(register: &'static Register) -> Vec<Operation> {
    let (path, tag) = (format!("/{}", register.key), register.label_plural);
    let id = register.key.replace('-', "_");
    let what = register.label.to_lowercase();
    let one = format!("{path}/{{id}}");
    let schemas = fields::Entries::of(register);
    let place = parts::path("id", "The id of the entry.", &parts::id_schema());
    vec![
        Operation::get(&path, move |asker: Asker, State(api): State<Api>, Ask(ask): Ask<ListAsk>| {
            list(api, asker, register, ask)
        })
        .may(register.key, "view")
        .named(format!("list_{id}"), tag, format!("List {} by name.", register.label_plural.to_lowercase()))
        .asks(parts::query(
            "name",
            "Only names that contain this.",
            &json!({ "type": "string", "maxLength": LONGEST_NAME }),
        ))
        .asks(parts::query("retired", "Retired entries too.", &json!({ "type": "boolean" })))
        .asks(parts::reference("parameters", "Limit"))
        .asks(parts::reference("parameters", "After"))
        .gives_json(200, "One page.", &schemas.page()),
        Operation::post(
            &path,
            move |asker: Asker, State(api): State<Api>, Ask(Nothing {}): Ask<Nothing>, posted: Posted| {
                create(api, asker, register, posted)
            },
        )
        .may(register.key, "manage")
        .named(format!("create_{id}"), tag, format!("Make a {what}."))
        .takes(&schemas.create(), true)
        .gives(201, parts::made("The new entry.", &schemas.entry())),
        Operation::get(
            &one,
            move |asker: Asker,
                  State(api): State<Api>,
                  Place(Id(id)): Place<Id>,
                  Ask(Nothing {}): Ask<Nothing>,
                  held: IfNoneMatch| get(api, asker, register, id, held),
        )
        .may(register.key, "view")
        .named(format!("get_{id}"), tag, format!("Read a {what}."))
        .asks(place.clone())
        .asks(parts::reference("parameters", "IfNoneMatch"))
        .gives(200, parts::versioned("The entry.", &schemas.entry()))
        .gives(304, json!({ "description": "It is still at the version that If-None-Match names." })),
        Operation::patch(
            &one,
            move |asker: Asker,
                  State(api): State<Api>,
                  Place(Id(id)): Place<Id>,
                  Ask(Nothing {}): Ask<Nothing>,
                  version: IfMatch,
                  posted: Posted| { update(api, asker, register, id, version, posted) },
        )
        .may(register.key, "manage")
        .named(
            format!("update_{id}"),
            tag,
            format!("Change a {what}; active: false retires it. Every version is kept."),
        )
        .asks(place.clone())
        .takes(&schemas.patch(), true)
        .gives(200, parts::versioned("The entry after it.", &schemas.entry())),
        Operation::pages_of(format!("{one}/history"), move |api, asker, Id(id): Id, paging| {
            history(api, asker, register, id, paging)
        })
        .may(register.key, "manage")
        .named(format!("list_{id}_history"), tag, format!("Read who changed a {what}, when and how, oldest first."))
        .asks(place)
        .asks(parts::reference("parameters", "Limit"))
        .asks(parts::reference("parameters", "After"))
        .gives_json(200, "One page.", &parts::page_of("Event")),
        uses_operation(register),
        version_operation(register),
        back_operation(register),
    ]
}

/// One version of an entry.
#[derive(Deserialize)]
struct OfVersion {
    id: Id,
    version: Id,
}

fn version_place(operation: Operation, register: &'static Register) -> Operation {
    operation
        .may(register.key, "manage")
        .asks(parts::path("id", "The id of the entry.", &parts::id_schema()))
        .asks(parts::path("version", "The number of the version.", &parts::id_schema()))
}

/// An entry as it was.
fn version_operation(register: &'static Register) -> Operation {
    let path = format!("/{}/{{id}}/versions/{{version}}", register.key);
    let operation = Operation::gets_of(path, move |api, asker, of: OfVersion| past(api, asker, register, of));
    let name = format!("get_{}_version", register.key.replace('-', "_"));
    version_place(operation, register)
        .named(name, register.label_plural, "Read an entry as it stood in one of its versions.")
        .gives_json(200, "The entry as it was.", &fields::Entries::of(register).entry())
}

/// An earlier version in force again.
fn back_operation(register: &'static Register) -> Operation {
    let path = format!("/{}/{{id}}/versions/{{version}}/restore", register.key);
    let operation = Operation::posts_to(path, move |api, asker, of: OfVersion, posted: Posted| {
        bring_back(api, asker, register, of, posted)
    });
    let name = format!("restore_{}_version", register.key.replace('-', "_"));
    version_place(operation, register)
        .named(name, register.label_plural, "Bring an earlier version back, as a new one; whether it is in use stays.")
        .gives(200, parts::versioned("The entry after it.", &fields::Entries::of(register).entry()))
}

async fn past(api: Api, asker: Asker, register: &'static Register, of: OfVersion) -> Result<Answer> {
    let (Id(id), Id(version)) = (of.id, of.version);
    asker
        .read(&api, move |session, caller| {
            let entry = registers::version(session.conn, caller, register, id, version)?;
            Ok(Answer::ok(&shown(session, register, &entry)?))
        })
        .await
}

async fn bring_back(
    api: Api,
    asker: Asker,
    register: &'static Register,
    of: OfVersion,
    posted: Posted,
) -> Result<Answer> {
    posted.members.end()?;
    let (Id(id), Id(from)) = (of.id, of.version);
    once(&api, &asker, posted.sameness, move |session, caller| {
        let version = registers::get(session.conn, caller, register, id)?.version;
        let entry = registers::bring_back(session, caller, register, id, from, version)?;
        Ok(Answer::ok(&shown(session, register, &entry)?).version(entry.version))
    })
    .await
}

/// Who refers to an entry, before somebody retires it.
fn uses_operation(register: &'static Register) -> Operation {
    let path = format!("/{}/{{id}}/uses", register.key);
    Operation::gets_of(path, move |api, asker, Id(id): Id| uses(api, asker, register, id))
        .may(register.key, "view")
        .named(
            format!("list_{}_uses", register.key.replace('-', "_")),
            register.label_plural,
            "Read what refers to an entry, as far as the caller may see it.",
        )
        .asks(parts::path("id", "The id of the entry.", &parts::id_schema()))
        .gives_json(200, "Entries, and how many records by which field.", &parts::reference("schemas", "Uses"))
}

async fn uses(api: Api, asker: Asker, register: &'static Register, id: i64) -> Result<Answer> {
    asker
        .read(&api, move |session, caller| {
            let entries = uses::entries_of(session, caller, register, id)?;
            let records = uses::records_of(session, caller, register, id)?;
            let entry = |e: &uses::Referrer| json!({ "register": e.register.key, "id": e.id, "name": e.name, "field": e.field });
            let record = |r: &uses::Records| {
                json!({ "process": r.process.key, "field": r.field.key, "filter": r.condition, "count": r.count })
            };
            Ok(Answer::ok(&json!({
                "entries": entries.iter().map(entry).collect::<Json>(),
                "records": records.iter().map(record).collect::<Json>(),
            })))
        })
        .await
}

/// What a list of entries is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListAsk {
    name: Option<Phrase<LONGEST_NAME>>,
    #[serde(default)]
    retired: bool,
    #[serde(default)]
    limit: Limit,
    #[serde(default)]
    after: After,
}

/// Where a list in order of names goes on: id and name of the last entry.
fn place_after(after: &After) -> Result<Option<(String, i64)>> {
    let Some(text) = &after.0 else { return Ok(None) };
    let (id, name) = text.split_once('-').ok_or_else(bad_cursor)?;
    Ok(Some((name.to_owned(), id.parse().map_err(|_| bad_cursor())?)))
}

async fn list(api: Api, asker: Asker, register: &'static Register, ask: ListAsk) -> Result<Answer> {
    let limit = ask.limit;
    let listing = EntryListing {
        name_contains: ask.name.map(|name| name.0).filter(|name| !name.is_empty()),
        with_retired: ask.retired,
        after: place_after(&ask.after)?,
        limit: limit.items_i64(),
    };
    asker
        .read(&api, move |session, caller| {
            let entries = registers::list(session.conn, caller, register, &listing)?;
            let ids = entries.iter().flat_map(|entry| shape::ids_of_entry(register, entry));
            let names = shape::names_of(session.conn, ids)?;
            let next = entries
                .last()
                .filter(|_| entries.len() >= limit.items())
                .map(|e| cursor(&format!("{}-{}", e.id, e.name)));
            let items: Json = entries.iter().map(|entry| shape::entry(register, entry, &names)).collect();
            Ok(Answer::ok(&json!({ "items": items, "next": next })))
        })
        .await
}

fn shown(session: &mut Session<'_>, register: &'static Register, entry: &Entry) -> mainstay_desk::Result<Json> {
    let names = shape::names_of(session.conn, shape::ids_of_entry(register, entry))?;
    Ok(shape::entry(register, entry, &names))
}

async fn get(api: Api, asker: Asker, register: &'static Register, id: i64, held: IfNoneMatch) -> Result<Response> {
    let found = asker
        .read(&api, move |session, caller| {
            let entry = registers::get(session.conn, caller, register, id)?;
            Ok((entry.version, if held.holds(entry.version) { None } else { Some(shown(session, register, &entry)?) }))
        })
        .await?;
    Ok(match found {
        (version, Some(body)) => Answer::ok(&body).version(version).into_response(),
        (version, None) => (StatusCode::NOT_MODIFIED, [("etag", etag(version))]).into_response(),
    })
}

fn draft(mut members: Members) -> Result<EntryDraft> {
    let name = members.text("name", LONGEST_NAME);
    let active = members.flag("active");
    let external_key = members.text("external_key", LONGEST_NAME);
    let reason = members.text("reason", 1000);
    Ok(EntryDraft { name, active, external_key, reason, values: members.fields()? })
}

async fn create(api: Api, asker: Asker, register: &'static Register, posted: Posted) -> Result<Answer> {
    let draft = draft(posted.members)?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        let entry = registers::create(session, caller, register, &draft)?;
        let body = shown(session, register, &entry)?;
        Ok(Answer::created(&body, format!("/{}/{}", register.key, entry.id)).version(entry.version))
    })
    .await
}

async fn update(
    api: Api,
    asker: Asker,
    register: &'static Register,
    id: i64,
    version: IfMatch,
    posted: Posted,
) -> Result<Answer> {
    let version = version.required()?;
    let draft = draft(posted.members)?;
    let answer = asker
        .write(&api, move |session, caller| {
            let entry = registers::update(session, caller, register, id, version, &draft)?;
            Ok(Answer::ok(&shown(session, register, &entry)?).version(entry.version))
        })
        .await?;
    Ok(answer)
}

async fn history(api: Api, asker: Asker, register: &'static Register, id: i64, paging: Paging) -> Result<Answer> {
    let (after, limit) = (paging.after.id()?, paging.limit);
    asker
        .read(&api, move |session, caller| {
            let rows = registers::history(session.conn, caller, register, id, after, limit.items_i64())?;
            let changes: Vec<Vec<Changed>> = rows.iter().map(|row| Changed::of_entry(Some(register), row)).collect();
            let actors = rows.iter().filter_map(|row| row.actor);
            let names = shape::names_of(session.conn, actors.chain(changes.iter().flatten().flat_map(Changed::ids)))?;
            let next = rows.last().filter(|_| rows.len() == limit.items()).map(|row| cursor(&row.id.to_string()));
            let items: Json =
                rows.iter().zip(&changes).map(|(row, changes)| shape::event(row, changes, &names)).collect();
            Ok(Answer::ok(&json!({ "items": items, "next": next })))
        })
        .await
}
