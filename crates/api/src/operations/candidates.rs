//! What may have one cause: records that are proposed together.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::body::Posted;
use crate::once::once;
use crate::openapi::parts;
use crate::operation::Operation;
use crate::problem::Result;
use crate::query::{Ask, Id};
use crate::shape;
use crate::written::Line;
use axum::extract::State;
use mainstay_desk::records::candidates::{self, Candidate, Candidates};
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::Process;
use mainstay_engine::spine;
use serde::Deserialize;
use serde_json::{Value as Json, json};

/// In which state they are wanted.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Standing {
    #[default]
    Open,
    Taken,
    Dismissed,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    #[serde(default)]
    state: Standing,
}

/// The operations on what is proposed to a process, where it watches another one.
pub fn operations(process: &'static Process) -> Vec<Operation> {
    if process.watch.is_none() {
        return Vec::new();
    }
    let place = format!("/{}-candidates", process.key);
    let one = |verb: &str| format!("{place}/{{id}}/{verb}");
    let id = || parts::path("id", "The id of the candidate.", &parts::id_schema());
    let (open_at, dismiss_at) = (one("open"), one("dismiss"));
    vec![
        Operation::get(place.clone(), move |asker: Asker, State(api): State<Api>, Ask(listed): Ask<Listed>| {
            list(api, asker, process, listed)
        })
        .may(process.key, "view")
        .named(
            format!("list_{}_candidates", process.key),
            process.label_plural,
            "List records that may have one cause, because they came all at once or keep coming back. Of each candidate only the records that the caller may see are shown, and only where at least three of them are left.",
        )
        .asks(parts::query("state", "What became of them.", &json!({ "enum": ["open", "taken", "dismissed"], "default": "open" })))
        .gives_json(200, "The candidates, the newest first.", &parts::items_of("Candidate")),
        Operation::posts_to(open_at, move |api, asker, id: Id, posted| open(api, asker, process, id, posted))
            .may(process.key, "create")
            .named(
                format!("open_{}_candidate", process.key),
                process.label_plural,
                "Open a record from a candidate; the records in it that the caller sees are linked to the new one.",
            )
            .asks(id())
            .gives(201, parts::made("Where the new record is.", &reference_schema())),
        Operation::posts_to(dismiss_at, move |api, asker, id: Id, posted| dismiss(api, asker, process, id, posted))
            .may(process.key, "create")
            .named(
                format!("dismiss_{}_candidate", process.key),
                process.label_plural,
                "Dismiss a candidate with a reason. It is not proposed again until it has grown by half.",
            )
            .asks(id())
            .takes(
                &json!({
                    "type": "object", "required": ["reason"], "additionalProperties": false,
                    "properties": { "reason": { "type": "string", "minLength": 1, "maxLength": candidates::LONGEST_REASON } },
                }),
                true,
            )
            .gives_json(200, "What became of it.", &dismissed_schema()),
    ]
}

async fn list(api: Api, asker: Asker, process: &'static Process, listed: Listed) -> Result<Answer> {
    let state = match listed.state {
        Standing::Open => candidates::OPEN,
        Standing::Taken => candidates::TAKEN,
        Standing::Dismissed => candidates::DISMISSED,
    };
    let work = move |session: &mut mainstay_desk::Session<'_>, caller: &mainstay_desk::Caller| {
        let found = candidates::list(session, caller, process, state)?;
        Ok(Answer::ok(&json!({ "items": found.all.iter().map(|each| shown(each, &found)).collect::<Json>() })))
    };
    asker.read_long(&api, work).await
}

fn shown(each: &Candidate, found: &Candidates) -> Json {
    let fields: Vec<&'static FieldDef> = spine::ALL.iter().collect();
    let line = |row| Line { row, fields: &fields, names: &found.names, chosen: None, with_process: true };
    let entry = |id: Option<i64>| id.map(|id| shape::reference(id, &found.names));
    let (first, last) = each.span();
    json!({
        "id": each.row.id, "state": each.row.state, "reason": each.row.reason,
        "why": if each.at_once() { "burst" } else { "recurrence" },
        "records": each.records.iter().map(|row| json!(line(row))).collect::<Json>(),
        "words": each.words, "service": entry(each.service), "category": entry(each.category),
        "first": shape::instant(first), "last": shape::instant(last), "found": shape::instant(each.row.found),
    })
}

async fn open(api: Api, asker: Asker, process: &'static Process, Id(id): Id, posted: Posted) -> Result<Answer> {
    posted.members.end()?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        let view = candidates::open(session, caller, process, id)?;
        let number = view.record.value(spine::NUMBER.def.key).as_text().unwrap_or_default().to_owned();
        Ok(Answer::created(&json!({ "number": number }), format!("/{}/{number}", process.plural)))
    })
    .await
}

async fn dismiss(api: Api, asker: Asker, process: &'static Process, Id(id): Id, posted: Posted) -> Result<Answer> {
    let mut members = posted.members;
    let reason = members.needed("reason", |all, key| all.text(key, candidates::LONGEST_REASON));
    members.end()?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        let row = candidates::dismiss(session, caller, process, id, &reason)?;
        Ok(Answer::ok(&json!({ "id": row.id, "state": row.state, "reason": row.reason })))
    })
    .await
}

fn closed(properties: &Json) -> Json {
    let required: Vec<String> = properties.as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect();
    json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false })
}

fn reference_schema() -> Json {
    closed(&json!({ "number": { "type": "string" } }))
}

fn dismissed_schema() -> Json {
    closed(
        &json!({ "id": parts::id_schema(), "state": { "type": "string" }, "reason": { "type": ["string", "null"] } }),
    )
}

/// What a candidate looks like; `record` is what a record in a list looks like.
pub fn schema(record: &Json) -> Json {
    let text = json!({ "type": "string" });
    let instant = json!({ "type": "string", "format": "date-time" });
    let entry = parts::nullable(parts::reference("schemas", "Reference"));
    closed(&json!({
        "id": parts::id_schema(),
        "state": { "enum": ["open", "taken", "dismissed"] },
        "reason": { "type": ["string", "null"], "description": "Why it was dismissed." },
        "why": { "enum": ["burst", "recurrence"], "description": "They came within seven days, or keep coming back." },
        "records": { "type": "array", "items": record, "minItems": 3 },
        "words": { "type": "array", "items": text, "description": "Words that most of their titles share." },
        "service": entry, "category": entry,
        "first": instant, "last": instant, "found": instant,
    }))
}
