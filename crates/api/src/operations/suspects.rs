//! What was done lately on what a record is about.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::openapi::{fields, parts};
use crate::operation::Operation;
use crate::problem::Result;
use crate::shape;
use crate::written::{Each, Line};
use mainstay_desk::records::{self, Suspect, Suspects};
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::Process;
use mainstay_engine::spine;
use serde::Serialize;
use serde_json::{Value as Json, json};

/// The suspects of a process's records, where something that was done may have caused them.
pub fn of_records(process: &'static Process) -> Option<Operation> {
    if !records::has_suspects(process) {
        return None;
    }
    let path = format!("/{}/{{number}}/suspects", process.plural);
    let list = Operation::gets_of(path, move |api, asker, number: String| list(api, asker, process, number))
        .may(process.key, "view")
        .named(
            format!("list_{}_suspects", process.key),
            process.label_plural,
            "Read what was changed lately on the items and the service of this record, or on what they depend on. Link it by the relation that stands beside it where it was the cause.",
        )
        .asks(fields::Names::of(process).number())
        .gives_json(200, "What was done, the last first.", &parts::items_of("Suspect"));
    Some(list)
}

/// The schema of a suspect.
pub fn schema(record: &Json) -> Json {
    parts::object(&json!({
        "record": record,
        "relation": { "type": "string" },
        "began": { "type": "string", "format": "date-time" },
    }))
}

#[derive(Serialize)]
struct Items<I> {
    items: I,
}

#[derive(Serialize)]
struct Item<'a> {
    record: Line<'a>,
    relation: &'a str,
    began: Json,
}

async fn list(api: Api, asker: Asker, process: &'static Process, number: String) -> Result<Answer> {
    asker
        .read(&api, move |session, caller| {
            records::suspects(session, caller, process, &number).map(|found| shown(&found))
        })
        .await
}

fn shown<'a>(found: &'a Suspects) -> Answer {
    let fields: Vec<&'static FieldDef> = spine::ALL.iter().collect();
    let item = |each: &'a Suspect| Item {
        record: Line { row: &each.row, fields: &fields, names: &found.names, chosen: None, with_process: true },
        relation: each.relation.key,
        began: shape::instant(each.began),
    };
    Answer::ok(&Items { items: Each(&found.found, item) })
}
