//! Sets of records that a record keeps, as they stood, and what differs from them.

use super::exports::{Wanted, file, format_parameter, saved};
use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::openapi::{fields, parts};
use crate::operation::Operation;
use crate::problem::Result;
use crate::query::{Ask, Phrase, Place};
use crate::shape::instant;
use axum::extract::State;
use axum::response::Response;
use mainstay_desk::captured::{self, Comparison, Difference, What};
use mainstay_desk::export;
use mainstay_engine::process::Process;
use serde::Deserialize;
use serde_json::{Value as Json, json};

/// The operations, where records of the process keep a set.
pub fn operations(process: &'static Process) -> Vec<Operation> {
    if process.captures().is_none() {
        return Vec::new();
    }
    let names = fields::Names::of(process);
    let items = Operation::gets_of(
        format!("/{}/{{number}}/items", process.plural),
        move |api: Api, asker: Asker, number: String| items(api, asker, process, number),
    )
    .may(process.key, "view")
    .named(
        format!("items_of_{}", process.key),
        process.label_plural,
        "Read what it captured, as it stood then. What the caller may not see is counted only.",
    )
    .asks(names.number())
    .gives_json(200, "The items.", &set_schema())
    .gives(409, not_captured());
    let compared = Operation::get(
        format!("/{}/{{number}}/comparison", process.plural),
        move |asker: Asker, State(api): State<Api>, Place(number): Place<String>, Ask(ask): Ask<With>| {
            compare(api, asker, process, number, ask)
        },
    )
    .may(process.key, "view")
    .named(
        format!("compare_{}", process.key),
        process.label_plural,
        "Read what differs between what it captured and the same choice of items today, or what another captured: items, fields and relations between items.",
    )
    .asks(names.number())
    .asks(with_parameter())
    .gives_json(200, "The differences.", &comparison_schema())
    .gives(409, not_captured());
    let exported = Operation::get(
        format!("/{}/{{number}}/comparison/export", process.plural),
        move |asker: Asker, State(api): State<Api>, Place(number): Place<String>, Ask(ask): Ask<FileOf>| {
            export_of(api, asker, process, number, ask)
        },
    )
    .may(process.key, "export")
    .named(
        format!("export_comparison_of_{}", process.key),
        process.label_plural,
        "The differences as a file, a line for each.",
    )
    .asks(names.number())
    .asks(format_parameter())
    .asks(with_parameter())
    .gives(200, file())
    .gives(409, not_captured());
    vec![items, compared, exported]
}

/// Reading collides with nothing, but there is nothing to read before the capture.
fn not_captured() -> Json {
    json!({ "$ref": "#/components/responses/Conflict" })
}

fn with_parameter() -> Json {
    let schema = json!({ "type": "string", "maxLength": 50 });
    parts::query("with", "The number of another to compare with; the present otherwise.", &schema)
}

/// What it is compared with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    with: Option<Phrase<50>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileOf {
    format: Wanted,
    with: Option<Phrase<50>>,
}

async fn items(api: Api, asker: Asker, process: &'static Process, number: String) -> Result<Answer> {
    asker
        .read(&api, move |session, caller| {
            let set = captured::set_of(session, caller, process, &number)?;
            let class = |id: Option<i64>| id.and_then(|id| session.config.names.get(&id));
            let items: Json = set
                .items
                .iter()
                .map(|item| {
                    json!({
                        "number": item.number, "title": item.title, "state": item.state.key, "class": class(item.class),
                    })
                })
                .collect();
            Ok(Answer::ok(&json!({ "at": instant(set.at), "items": items, "hidden": set.hidden })))
        })
        .await
}

async fn compare(api: Api, asker: Asker, process: &'static Process, number: String, ask: With) -> Result<Answer> {
    let with = ask.with.map(|with| with.0);
    asker
        .read(&api, move |session, caller| {
            captured::compare(session, caller, process, &number, with.as_deref()).map(|found| shown(&found))
        })
        .await
}

async fn export_of(api: Api, asker: Asker, process: &'static Process, number: String, ask: FileOf) -> Result<Response> {
    let (Wanted(format), with) = (ask.format, ask.with.map(|with| with.0));
    let name = format!("comparison-{number}");
    let bytes = asker.read_long(&api, move |session, caller| {
        export::comparison(session, caller, process, (&number, with.as_deref()), format)
    });
    Ok(saved(format, &name, bytes.await?))
}

fn shown(found: &Comparison) -> Answer {
    let one = |each: &Difference| {
        let mut line = json!({ "number": each.number, "title": each.title, "what": each.what.key() });
        match &each.what {
            What::Added | What::Removed => {}
            What::Changed { field, old, new } => {
                line["field"] = field.key.into();
                line["old"] = old.to_json(field);
                line["new"] = new.to_json(field);
            }
            What::Linked { relation, label, other } | What::Unlinked { relation, label, other } => {
                line["relation"] = (*relation).into();
                line["label"] = (*label).into();
                line["other"] = other.as_str().into();
            }
        }
        line
    };
    Answer::ok(&json!({
        "from": instant(found.from), "until": instant(found.until), "with": found.with, "same": found.same,
        "differences": found.differences.iter().map(one).collect::<Json>(),
    }))
}

fn set_schema() -> Json {
    let text = json!({ "type": "string" });
    let item = parts::object(&json!({
        "number": text, "title": text, "state": text, "class": parts::nullable(text.clone()),
    }));
    parts::object(&json!({
        "at": { "type": "string", "format": "date-time" },
        "items": { "type": "array", "items": item },
        "hidden": { "type": "integer", "description": "So many more are not the caller's to see." },
    }))
}

fn comparison_schema() -> Json {
    let text = json!({ "type": "string" });
    let difference = json!({
        "type": "object", "required": ["number", "title", "what"], "additionalProperties": false,
        "properties": {
            "number": text, "title": text, "what": { "type": "string", "enum": What::KEYS },
            "field": { "type": "string", "description": "The field that changed." },
            "old": {}, "new": {},
            "relation": text, "label": text,
            "other": { "type": "string", "description": "The item at the other end." },
        },
    });
    parts::object(&json!({
        "from": { "type": "string", "format": "date-time" },
        "until": { "type": "string", "format": "date-time" },
        "with": parts::nullable(text.clone()),
        "same": { "type": "integer", "description": "So many items are the same in both." },
        "differences": { "type": "array", "items": difference },
    }))
}
