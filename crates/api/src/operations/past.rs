//! A record as it stood.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::openapi::{fields, parts};
use crate::operation::Operation;
use crate::problem::{Problem, Result};
use crate::query::{Ask, Phrase, Place};
use crate::shape::instant;
use crate::written::{Each, Line};
use axum::extract::State;
use mainstay_desk::records::{self, Past, PastLink};
use mainstay_engine::process::Process;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

/// The operation on the past of a process's records.
pub fn operations(process: &'static Process) -> Vec<Operation> {
    let names = fields::Names::of(process);
    let schema = parts::object(&json!({
        "at": { "type": "string", "format": "date-time" },
        "record": names.row(),
        "links": { "type": "array", "items": parts::reference("schemas", "PastLink") },
    }));
    vec![
        Operation::get(
            format!("/{}/{{number}}/as-of", process.plural),
            move |asker: Asker, State(api): State<Api>, Place(number): Place<String>, Ask(ask): Ask<PastAsk>| {
                past(api, asker, process, number, ask)
            },
        )
        .may(process.key, "view")
        .named(
            format!("{}_as_of", process.key),
            process.label_plural,
            "Read the record as it stood at an instant: its fields, its state and its links, with everything later taken back. Numbers and titles of other records are those of today.",
        )
        .asks(names.number())
        .asks(parts::needed_query(
            "at",
            "The instant, with its offset: not before the record was opened, and not to come.",
            &json!({ "type": "string", "format": "date-time" }),
        ))
        .gives_json(200, "The record as it stood.", &schema),
    ]
}

/// The instant.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PastAsk {
    at: Phrase<100>,
}

async fn past(api: Api, asker: Asker, process: &'static Process, number: String, ask: PastAsk) -> Result<Answer> {
    let read = ask.at.0.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond);
    let at = read.map_err(|_| Problem::unreadable("bad_query", "at is an instant such as 2026-03-31T08:00:00Z"))?;
    asker
        .read(&api, move |session, caller| {
            records::past(session, caller, process, &number, at).map(|past| shown(&past))
        })
        .await
}

/// The answer.
#[derive(Serialize)]
struct Shown<'a, L> {
    at: Json,
    record: Line<'a>,
    links: L,
}

fn shown(past: &Past) -> Answer {
    let link = |link: &PastLink| {
        json!({
            "relation": link.relation, "label": link.label, "outgoing": link.outgoing, "process": link.process.key,
            "number": link.number, "title": link.title,
        })
    };
    let record = Line { row: &past.row, fields: &past.fields, names: &past.names, chosen: None, with_process: false };
    Answer::ok(&Shown { at: instant(past.at), record, links: Each(&past.links, link) })
}

/// What a link of the past looks like.
pub fn link_schema() -> Json {
    let text = json!({ "type": "string" });
    parts::object(&json!({
        "relation": text, "label": text, "outgoing": { "type": "boolean" }, "process": text, "number": text, "title": text,
    }))
}
