//! Last days of what others rely on, on the record and on those that name it.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::openapi::{fields, parts};
use crate::operation::Operation;
use crate::problem::Result;
use mainstay_desk::maps;
use mainstay_desk::records::{self, Lapsing};
use mainstay_engine::process::Process;
use mainstay_engine::value::day_to_date;
use serde_json::{Value as Json, json};

/// The operation, where records have last days or name what has some.
pub fn operations(process: &'static Process) -> Option<Operation> {
    let names = maps::names_items(process).is_some_and(|(_, of)| !of.lapses.is_empty());
    if process.lapses.is_empty() && !names {
        return None;
    }
    let text = || json!({ "type": "string" });
    let schema = json!({
        "number": text(), "title": text(),
        "field": { "type": "string", "description": "The field that holds the last day." },
        "until": { "type": "string", "format": "date" },
        "over": { "type": "boolean", "description": "The day is past." },
    });
    let operation = Operation::gets_of(
        format!("/{}/{{number}}/lapses", process.plural),
        move |api: Api, asker: Asker, number: String| lapses(api, asker, process, number),
    );
    Some(
        operation
            .may(process.key, "view")
            .named(
                format!("lapses_of_{}", process.key),
                process.label_plural,
                "Read which last days are near or past, of warranties and contracts say, of the record and of the items that it names; those that are past first.",
            )
            .asks(fields::Names::of(process).number())
            .gives_json(200, "The last days.", &parts::object(&json!({
                "items": { "type": "array", "items": parts::object(&schema) },
            }))),
    )
}

async fn lapses(api: Api, asker: Asker, process: &'static Process, number: String) -> Result<Answer> {
    let shown = |each: &Lapsing| {
        json!({
            "number": each.number, "title": each.title, "field": each.lapse.until.key,
            "until": day_to_date(each.day).map(|day| day.to_string()), "over": each.over,
        })
    };
    asker
        .read(&api, move |session, caller| {
            let found = records::lapses(session, caller, process, &number)?;
            Ok(Answer::ok(&json!({ "items": found.iter().map(shown).collect::<Json>() })))
        })
        .await
}
