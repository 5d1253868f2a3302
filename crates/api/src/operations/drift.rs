//! Where what sources found is not what is written, and what is done about it.

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
use axum::extract::State;
use mainstay_desk::sources::{self, ANSWERS, Discrepancies, Discrepancy};
use mainstay_desk::{Caller, Session};
use mainstay_engine::process::Process;
use mainstay_engine::spine;
use serde::Deserialize;
use serde_json::{Value as Json, json};

/// Longest reason, in characters.
const LONGEST_REASON: usize = 500;

#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    #[serde(default)]
    over: bool,
    before: Option<i64>,
}

/// The operations on what is found otherwise in a process's records, where changes of them are under control.
pub fn operations(process: &'static Process) -> Vec<Operation> {
    if process.map.as_ref().and_then(|map| map.control.as_ref()).is_none() {
        return Vec::new();
    }
    let at = |rest: &str| format!("/{}/discrepancies{rest}", process.plural);
    let mut all = vec![
        Operation::get(at(""), move |asker: Asker, State(api): State<Api>, Ask(listed): Ask<Listed>| {
            list(api, asker, process, listed)
        })
        .may(process.key, "view")
        .named(
            format!("list_{}_discrepancies", process.key),
            process.label_plural,
            "List where what a source found is not what is authorised: at most 50, the newest first. One that a change explains, which affects the record and is under way, says its number.",
        )
        .asks(parts::query("over", "Those that are over instead of those that go on.", &json!({ "type": "boolean", "default": false })))
        .asks(parts::query("before", "The next of the page before.", &json!({ "type": "integer" })))
        .gives_json(200, "The discrepancies.", &list_schema()),
    ];
    let says = [
        "Write what was found, because what is written was wrong.",
        "Say why it is so; it stays as it is written.",
        "Report it as a change that nobody authorised: one is opened, linked with the record.",
        "Close it with a reason.",
    ];
    for ((verb, _), says) in ANSWERS.into_iter().zip(says) {
        let handle = move |api, asker, id: Id, posted| answer(api, asker, process, (id, verb), posted);
        let taken = json!({
            "type": "object", "required": ["reason"], "additionalProperties": false,
            "properties": { "reason": { "type": "string", "minLength": 1, "maxLength": LONGEST_REASON } },
        });
        all.push(
            Operation::posts_to(at(&format!("/{{id}}/{verb}")), handle)
                .may(process.key, "import")
                .named(format!("{verb}_{}_discrepancy", process.key), process.label_plural, says)
                .asks(parts::path("id", "The id of the discrepancy.", &parts::id_schema()))
                .takes(&taken, true)
                .gives_json(
                    200,
                    "The number of the record that was opened, if one was.",
                    &parts::object(&json!({ "raised": { "type": ["string", "null"] } })),
                ),
        );
    }
    all
}

async fn list(api: Api, asker: Asker, process: &'static Process, listed: Listed) -> Result<Answer> {
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let found = sources::discrepancies(session, caller, process, listed.over, listed.before)?;
        let items: Json = found.all.iter().map(|each| shown(each, &found)).collect();
        Ok(Answer::ok(&json!({ "items": items, "next": found.next })))
    };
    asker.read(&api, work).await
}

fn shown(each: &Discrepancy, found: &Discrepancies) -> Json {
    let text = |key: &str| each.record.value(key).as_text().unwrap_or_default().to_owned();
    json!({
        "id": each.row.id, "record": { "number": text(spine::NUMBER.def.key), "title": text(spine::TITLE.def.key) },
        "field": each.field.key, "source": { "id": each.row.source, "name": each.source },
        "written": shape::value(each.field, &each.written, &found.names), "found": shape::value(each.field, &each.found, &found.names),
        "state": each.row.state, "by": each.row.by_number, "reason": each.row.reason,
        "first": shape::instant(each.row.first), "last": shape::instant(each.row.last), "ended": shape::maybe_instant(each.row.ended),
    })
}

async fn answer(
    api: Api,
    asker: Asker,
    process: &'static Process,
    (Id(id), verb): (Id, &'static str),
    posted: Posted,
) -> Result<Answer> {
    let mut members = posted.members;
    let reason = members.needed("reason", |all, key| all.text(key, LONGEST_REASON));
    members.end()?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        let said = ANSWERS.into_iter().find(|(key, _)| *key == verb);
        let (_, said) = said.ok_or_else(|| mainstay_engine::refusal::Refusal::missing("page"))?;
        let raised = sources::answer(session, caller, process, id, (&said, &reason))?;
        Ok(Answer::ok(&json!({ "raised": raised })))
    })
    .await
}

fn list_schema() -> Json {
    let text = json!({ "type": "string" });
    let instant = json!({ "type": "string", "format": "date-time" });
    let one = parts::object(&json!({
        "id": parts::id_schema(), "record": parts::object(&json!({ "number": text, "title": text })), "field": text,
        "source": parts::reference("schemas", "Reference"), "written": {}, "found": {},
        "state": { "enum": ["found", "explained", "raised", "corrected_here", "corrected_there", "closed"] },
        "by": { "type": ["string", "null"], "description": "The change that explains it or was raised for it." },
        "reason": parts::nullable(text.clone()), "first": instant, "last": instant, "ended": parts::nullable(instant.clone()),
    }));
    parts::object(&json!({ "items": { "type": "array", "items": one }, "next": { "type": ["integer", "null"] } }))
}
