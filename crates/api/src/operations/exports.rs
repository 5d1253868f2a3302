//! Lists as files: the same rows and columns that the list gives the same caller.

use super::records::Chosen;
use crate::Api;
use crate::asker::Asker;
use crate::openapi::{fields, parts};
use crate::operation::Operation;
use crate::problem::Result;
use crate::query::{Ask, Id, Phrase};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use mainstay_desk::export::{self, Format};
use mainstay_desk::records::Listing;
use mainstay_desk::registers::EntryListing;
use mainstay_engine::process::Process;
use mainstay_engine::register::Register;
use mainstay_store::Watch;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value as Json, json};

/// The export of a process's records.
pub fn of_records(process: &'static Process) -> Operation {
    let path = format!("/{}/export", process.plural);
    Operation::get(path, move |asker: Asker, State(api): State<Api>, Ask(ask): Ask<RecordsAsk>| {
        records(api, asker, process, ask)
    })
    .may(process.key, "export")
    .named(
        format!("export_{}", process.plural),
        process.label_plural,
        "A list as a file: the rows and columns that the list gives, all pages, at most 50,000.",
    )
    .asks(format_parameter())
    .asks(parts::filter())
    .asks(parts::query("sort", "A field, with - before it for the greatest first.", &fields::sort_schema(process)))
    .asks(parts::query("fields", "The columns, with commas between them.", &fields::choose_schema(process)))
    .asks(parts::query("view", "The id of a saved view.", &parts::id_schema()))
    .gives(200, file())
}

/// The export of a register's entries.
pub fn of_entries(register: &'static Register) -> Operation {
    let path = format!("/{}/export", register.key);
    Operation::get(path, move |asker: Asker, State(api): State<Api>, Ask(ask): Ask<EntriesAsk>| {
        entries(api, asker, register, ask)
    })
    .may(register.key, "export")
    .named(
        format!("export_{}", register.key.replace('-', "_")),
        register.label_plural,
        "The entries as a file, by name.",
    )
    .asks(format_parameter())
    .asks(parts::query("name", "Only names that contain this.", &json!({ "type": "string", "maxLength": 255 })))
    .asks(parts::query("retired", "Retired entries too.", &json!({ "type": "boolean" })))
    .gives(200, file())
}

/// The kind of file.
pub fn format_parameter() -> Json {
    let keys: Vec<&str> = Format::ALL.iter().map(|format| format.key()).collect();
    parts::needed_query("format", "The kind of file.", &json!({ "type": "string", "enum": keys }))
}

/// A file of one of the formats, as `OpenAPI` has it.
pub fn file() -> Json {
    let schema = |format: &Format| {
        if *format == Format::Json { json!({}) } else { json!({ "type": "string", "format": "binary" }) }
    };
    let media_type = |format: &Format| format.media_type().split(';').next().unwrap_or_default().to_owned();
    let content: Map<String, Json> =
        Format::ALL.iter().map(|f| (media_type(f), json!({ "schema": schema(f) }))).collect();
    json!({ "description": "The file.", "content": content })
}

/// The kind of file that an address names.
#[derive(Clone, Copy)]
pub struct Wanted(pub Format);

impl<'de> Deserialize<'de> for Wanted {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let key = String::deserialize(from)?;
        Format::named(&key).map(Self).ok_or_else(|| D::Error::custom("format is csv, json or xlsx"))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordsAsk {
    format: Wanted,
    filter: Option<Phrase<4000>>,
    sort: Option<Phrase<100>>,
    fields: Option<Phrase<2000>>,
    view: Option<Id>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntriesAsk {
    format: Wanted,
    name: Option<Phrase<255>>,
    #[serde(default)]
    retired: bool,
}

/// A finished file, to be saved under a name.
pub fn saved(format: Format, name: &str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.{}\"", format.key())),
    ];
    (headers, bytes).into_response()
}

async fn records(api: Api, asker: Asker, process: &'static Process, ask: RecordsAsk) -> Result<Response> {
    let Wanted(format) = ask.format;
    let chosen = Chosen::of(ask.filter, ask.sort, ask.fields);
    let bytes = asker.read_long(&api, move |session, caller| {
        let Chosen { filter, sort, fields } = chosen.viewed(session, caller, process, ask.view)?;
        let listing = Listing { filter, sort, fields, ..Listing::default() };
        let mut bytes = Vec::new();
        export::records(session, caller, process, &listing, format, &mut bytes, &Watch::default())?;
        Ok(bytes)
    });
    Ok(saved(format, process.plural, bytes.await?))
}

async fn entries(api: Api, asker: Asker, register: &'static Register, ask: EntriesAsk) -> Result<Response> {
    let Wanted(format) = ask.format;
    let name_contains = ask.name.map(|name| name.0).filter(|name| !name.is_empty());
    let listing = EntryListing { name_contains, with_retired: ask.retired, ..EntryListing::default() };
    let bytes = asker.read_long(&api, move |session, caller| {
        let mut bytes = Vec::new();
        export::entries(session, caller, register, &listing, format, &mut bytes)?;
        Ok(bytes)
    });
    Ok(saved(format, register.key, bytes.await?))
}
