//! What may be used of a product, what is used, and what that leaves or lacks.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::openapi::{fields, parts};
use crate::operation::Operation;
use crate::problem::Result;
use mainstay_desk::positions::{self, Part, Standing};
use mainstay_engine::field::Kind;
use mainstay_engine::process::Process;
use mainstay_engine::value::day_to_date;
use serde_json::{Value as Json, json};

/// The operations, where records of the process entitle to something.
pub fn operations(process: &'static Process) -> Vec<Operation> {
    let Some(entitles) = &process.entitles else { return Vec::new() };
    let metrics: Vec<&str> = match entitles.metric.kind {
        Kind::Choice(options) => options.iter().map(|option| option.key).collect(),
        _ => Vec::new(),
    };
    let schema = schema(&metrics);
    let all = Operation::gets(format!("/{}/positions", process.plural), move |api: Api, asker: Asker| {
        all(api, asker, process)
    })
    .may(process.key, "view")
    .named(
        format!("positions_of_{}", process.plural),
        process.label_plural,
        "Read how each product stands by each metric, those that lack most first: what may be used today less what is used. Installations on retired items count or not, as the settings of the process say.",
    )
    .gives_json(200, "The positions.", &parts::object(&json!({ "items": { "type": "array", "items": schema } })));
    let one = Operation::gets_of(
        format!("/{}/{{number}}/position", process.plural),
        move |api: Api, asker: Asker, number: String| one(api, asker, process, number),
    )
    .may(process.key, "view")
    .named(
        format!("position_of_{}", process.key),
        process.label_plural,
        "Read how the product of it stands by its metric, with everything else that entitles to it.",
    )
    .asks(fields::Names::of(process).number())
    .gives_json(200, "The position.", &schema);
    vec![all, one]
}

async fn all(api: Api, asker: Asker, process: &'static Process) -> Result<Answer> {
    asker
        .read(&api, move |session, caller| {
            let found = positions::positions(session, caller, process)?;
            Ok(Answer::ok(&json!({ "items": found.iter().map(shown).collect::<Json>() })))
        })
        .await
}

async fn one(api: Api, asker: Asker, process: &'static Process, number: String) -> Result<Answer> {
    asker
        .read(&api, move |session, caller| {
            Ok(Answer::ok(&shown(&positions::position_of(session, caller, process, &number)?)))
        })
        .await
}

fn shown(each: &Standing) -> Json {
    let part = |part: &Part| {
        json!({
            "number": part.number, "title": part.title, "quantity": part.quantity, "holds": part.holds,
            "until": part.until.and_then(day_to_date).map(|day| day.to_string()),
        })
    };
    json!({
        "product": each.product, "metric": each.metric, "entitled": each.position.entitled, "used": each.position.used,
        "not_counted": each.position.not_counted, "position": each.position.left(), "unused_cost": each.unused_cost,
        "parts": each.parts.iter().map(part).collect::<Json>(),
    })
}

fn schema(metrics: &[&str]) -> Json {
    let (text, number) = (json!({ "type": "string" }), json!({ "type": "integer" }));
    let part = parts::object(&json!({
        "number": text, "title": text, "quantity": number,
        "holds": { "type": "boolean", "description": "It entitles to something today." },
        "until": parts::nullable(json!({ "type": "string", "format": "date" })),
    }));
    parts::object(&json!({
        "product": text, "metric": { "type": "string", "enum": metrics }, "entitled": number, "used": number,
        "not_counted": { "type": "integer", "description": "Items that use it and are not counted: retired ones, as the settings say, and those that are excluded." },
        "position": { "type": "integer", "description": "What may be used less what is used; below zero: what is missing." },
        "unused_cost": { "type": "integer", "description": "What is paid for what nobody uses, in whole units of money." },
        "parts": { "type": "array", "items": part },
    }))
}
