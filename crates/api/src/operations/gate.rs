//! The gate before work that is approved: whether it may begin now, and everything that stands against it.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::openapi::{fields, parts};
use crate::operation::Operation;
use crate::problem::Result;
use mainstay_desk::records;
use mainstay_engine::process::Process;
use mainstay_engine::spine;
use serde_json::{Value as Json, json};

/// The gate of a process's records; none where nobody approves them.
pub fn of_records(process: &'static Process) -> Option<Operation> {
    process.approvals?;
    let path = format!("/{}/{{number}}/gate", process.plural);
    let gate = Operation::gets_of(path, move |api, asker, number: String| ask(api, asker, process, number))
        .may(process.key, "view")
        .named(
            format!("ask_{}_gate", process.key),
            process.label_plural,
            "Ask whether the caller may begin the work now, and what stands against it. Nothing is changed.",
        )
        .asks(fields::Names::of(process).number())
        .gives_json(200, "Go or no-go, with reasons.", &parts::reference("schemas", "Gate"));
    Some(gate)
}

/// The schema of the answer.
pub fn schema() -> Json {
    parts::object(&json!({
        "number": { "type": "string" },
        "state": { "type": "string" },
        "go": { "type": "boolean", "description": "The work may begin now, or has begun and is not over." },
        "begun": { "type": "boolean" },
        "step": { "type": "string", "description": "The step that begins the work." },
        "reasons": {
            "type": "array",
            "items": parts::object(&json!({ "code": { "type": "string" }, "detail": { "type": "string" } })),
        },
    }))
}

async fn ask(api: Api, asker: Asker, process: &'static Process, number: String) -> Result<Answer> {
    asker
        .read(&api, move |session, caller| {
            let gate = records::gate(session, caller, process, &number)?;
            let reason =
                |refusal: &mainstay_engine::refusal::Refusal| json!({ "code": refusal.code, "detail": refusal.detail });
            Ok(Answer::ok(&json!({
                "number": gate.record.value(spine::NUMBER.def.key).as_text(),
                "state": gate.record.state.key,
                "go": gate.against.is_empty(),
                "begun": gate.begun,
                "step": gate.step.verb,
                "reasons": gate.against.iter().map(reason).collect::<Json>(),
            })))
        })
        .await
}
