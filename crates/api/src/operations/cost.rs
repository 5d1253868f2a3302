//! What a record costs.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::openapi::{fields, parts};
use crate::operation::Operation;
use crate::problem::Result;
use crate::query::{Ask, Nothing, Place};
use axum::extract::State;
use mainstay_desk::records::{self, Cost, DownOf, WorkOn};
use mainstay_engine::process::Process;
use serde_json::{Value as Json, json};

/// The operation on what a record costs, where its process reckons it.
pub fn operations(process: &'static Process) -> Vec<Operation> {
    if process.costs.is_none() {
        return Vec::new();
    }
    let names = fields::Names::of(process);
    vec![
        Operation::get(
            format!("/{}/{{number}}/cost", process.plural),
            move |asker: Asker, State(api): State<Api>, Place(number): Place<String>, Ask(Nothing {}): Ask<Nothing>| {
                cost(api, asker, process, number)
            },
        )
        .may(process.key, "view")
        .named(
            format!("cost_of_{}", process.key),
            process.label_plural,
            "Reckon what it costs: the work on it and on the records that it caused, and the time in which services did not work. Amounts are hundredths of a unit of money; the total is exactly their sum.",
        )
        .asks(names.number())
        .gives_json(200, "What it costs.", &parts::reference("schemas", "Cost")),
    ]
}

async fn cost(api: Api, asker: Asker, process: &'static Process, number: String) -> Result<Answer> {
    asker.read(&api, move |session, caller| Ok(shown(&records::cost(session, caller, process, &number)?))).await
}

fn shown(cost: &Cost) -> Answer {
    let work = |work: &WorkOn| json!({ "number": work.number, "minutes": work.minutes, "cost": work.cost });
    let down = |down: &DownOf| {
        let service = down.service.map(|id| json!({ "id": id, "name": down.name }));
        json!({ "service": service, "minutes": down.minutes, "cost": down.cost })
    };
    Answer::ok(&json!({
        "work": cost.work.iter().map(work).collect::<Json>(),
        "downtime": cost.downtime.iter().map(down).collect::<Json>(),
        "total": cost.total,
        "hour_of_work": cost.hour_of_work,
        "hour_of_downtime": cost.hour_of_downtime,
    }))
}

/// What a cost looks like.
pub fn schema() -> Json {
    let whole = json!({ "type": "integer", "format": "int64", "minimum": 0 });
    let amount =
        json!({ "type": "integer", "format": "int64", "minimum": 0, "description": "Hundredths of a unit of money." });
    let object = |properties: Json| {
        let required: Vec<String> = properties.as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect();
        json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false })
    };
    let service = parts::nullable(parts::reference("schemas", "Reference"));
    let list = |items: Json| json!({ "type": "array", "items": items });
    object(json!({
        "work": list(object(json!({ "number": { "type": "string" }, "minutes": whole, "cost": amount }))),
        "downtime": list(object(json!({ "service": service, "minutes": whole, "cost": amount }))),
        "total": amount,
        "hour_of_work": whole,
        "hour_of_downtime": whole,
    }))
}
