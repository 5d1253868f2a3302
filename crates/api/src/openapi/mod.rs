//! The OpenAPI 3.1 description, made from the same declarations that build the router.

pub mod fields;
pub mod parts;
mod shared;

use crate::BASE;
use crate::operation::Operation;
use axum::http::Method;
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::Process;
use serde_json::{Map, Value as Json, json};

/// The description, with the fields that an installation `added` to each process.
pub fn document(added: &dyn Fn(&'static Process) -> Vec<&'static FieldDef>) -> Json {
    let operations = crate::operations::all();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Mainstay",
            "version": "1",
            "description": "IT service management. Every action of the pages exists here, with the same rights and the same refusals.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": BASE }],
        "security": [{ "token": [] }, { "session": [] }],
        "tags": tags(&operations),
        "paths": paths(&operations),
        "components": {
            "schemas": schemas(added),
            "parameters": shared::parameters(),
            "responses": shared::responses(),
            "securitySchemes": shared::security_schemes(),
        },
    })
}

fn tags(operations: &[Operation]) -> Json {
    let purpose = |tag: &str| {
        let process = mainstay_processes::ALL.iter().find(|p| p.label_plural == tag).map(|p| p.purpose);
        process.or_else(|| mainstay_processes::registers::ALL.iter().find(|r| r.label_plural == tag).map(|r| r.help))
    };
    let mut seen: Vec<&str> = Vec::new();
    for operation in operations {
        if !seen.contains(&operation.tag) {
            seen.push(operation.tag);
        }
    }
    let one = |tag: &str| {
        purpose(tag).map_or_else(|| json!({ "name": tag }), |says| json!({ "name": tag, "description": says }))
    };
    seen.into_iter().map(one).collect()
}

fn paths(operations: &[Operation]) -> Map<String, Json> {
    let mut paths = Map::new();
    for operation in operations {
        let path = paths.entry(operation.path.clone()).or_insert_with(|| json!({}));
        path[operation.method.as_str().to_lowercase()] = described(operation);
    }
    paths
}

fn described(operation: &Operation) -> Json {
    let mut responses: Map<String, Json> =
        operation.answers.iter().map(|(status, answer)| (status.to_string(), answer.clone())).collect();
    for (status, name, _) in shared::PROBLEMS.iter().filter(|(status, ..)| can_fail_with(operation, *status)) {
        responses.insert(status.to_string(), parts::reference("responses", name));
    }
    let mut described = json!({
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": format!("Needs the right `{}.{}`.", operation.area, operation.action),
        "responses": responses,
    });
    if operation.action == "own" {
        described["description"] = "Concerns the caller only.".into();
    }
    if !operation.parameters.is_empty() {
        described["parameters"] = operation.parameters.clone().into();
    }
    if let Some(body) = &operation.body {
        described["requestBody"] = body.clone();
    }
    described
}

/// Reading never collides, and only what takes a body can be refused for its size or kind.
fn can_fail_with(operation: &Operation, status: u16) -> bool {
    match status {
        409 | 507 => operation.method != Method::GET,
        413 | 415 => operation.body.is_some(),
        428 => operation.method == Method::PATCH,
        _ => true,
    }
}

fn schemas(added: &dyn Fn(&'static Process) -> Vec<&'static FieldDef>) -> Map<String, Json> {
    let mut all = shared::schemas();
    for process in mainstay_processes::ALL.iter().copied() {
        all.append(&mut fields::Names::of(process).schemas(&added(process)));
    }
    for register in mainstay_processes::registers::ALL.iter().copied() {
        all.append(&mut fields::Entries::of(register).schemas());
    }
    all
}
