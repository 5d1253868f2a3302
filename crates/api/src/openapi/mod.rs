//! The `OpenAPI` 3.1 description, made from the same declarations that build the router.

mod administration;
mod approvals;
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
            "description": "IT service management. Every action of the pages exists here, with the same rights and the same refusals. Only signing in, and a person's own password and one-time codes, belong to the pages.",
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");

    fn shipped() -> Json {
        document(&|_| Vec::new())
    }

    #[test]
    fn generated_openapi_is_fresh() {
        let text = format!("{}\n", serde_json::to_string_pretty(&shipped()).expect("JSON"));
        #[expect(clippy::disallowed_methods, reason = "asks whether the generated file is to be written")]
        let writes = std::env::var_os("UPDATE_GENERATED").is_some();
        if writes {
            std::fs::write(COMMITTED, &text).expect("docs can be written");
        }
        let committed = std::fs::read_to_string(COMMITTED).unwrap_or_default();
        assert!(committed == text, "docs/openapi.json differs from the tables: run make generate");
    }

    fn each(json: &Json, visit: &mut dyn FnMut(&Map<String, Json>)) {
        match json {
            Json::Array(items) => items.iter().for_each(|item| each(item, visit)),
            Json::Object(members) => {
                visit(members);
                members.values().for_each(|value| each(value, visit));
            }
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = shipped();
        let mut lost = Vec::new();
        each(&document, &mut |members| {
            let target = members.get("$ref").and_then(Json::as_str);
            lost.extend(target.filter(|t| document.pointer(&t[1..]).is_none()).map(str::to_owned));
        });
        assert_eq!(lost, Vec::<String>::new());
    }

    #[test]
    fn every_operation_is_named_once_and_says_what_it_needs() {
        let operations = crate::operations::all();
        let ids: BTreeSet<&str> = operations.iter().map(|o| o.id.as_str()).collect();
        assert_eq!(ids.len(), operations.len(), "names are unique");
        for operation in &operations {
            let said = [operation.id.as_str(), operation.tag, &operation.summary, operation.area, operation.action];
            assert!(said.iter().all(|word| !word.is_empty()), "{} {}", operation.method, operation.path);
            assert!(!operation.answers.is_empty(), "{} says what it answers", operation.id);
            let places = operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
            let declared: Vec<&str> =
                operation.parameters.iter().filter(|p| p["in"] == "path").filter_map(|p| p["name"].as_str()).collect();
            assert_eq!(places.collect::<Vec<_>>(), declared, "{}", operation.path);
        }
    }

    #[test]
    fn no_field_hides_behind_a_member_that_means_something_else() {
        let of_records = mainstay_processes::registers::RESERVED;
        for process in mainstay_processes::ALL {
            assert!(process.fields().all(|f| !of_records.contains(&f.key)), "{}", process.key);
        }
        let of_entries = ["id", "key", "name", "active", "version", "external_key", "reason"];
        for register in mainstay_processes::registers::ALL {
            assert!(register.fields.iter().all(|f| !of_entries.contains(&f.key)), "{}", register.key);
        }
    }

    #[test]
    fn no_step_is_called_like_something_that_hangs_on_a_record() {
        let routes = crate::operations::all();
        for process in mainstay_processes::ALL {
            for step in process.transitions {
                let path = format!("/{}/{{number}}/{}", process.plural, step.verb);
                assert_eq!(routes.iter().filter(|o| o.path == path).count(), 1, "{path}");
            }
        }
    }

    #[test]
    fn a_field_added_by_an_organisation_stands_in_its_description() {
        static ADDED: FieldDef = mainstay_engine::field::Field::text("branch", "Branch").def;
        let document = document(&|_| vec![&ADDED]);
        let process = mainstay_processes::ALL[0];
        let base = fields::Names::of(process).record()["$ref"].as_str().expect("a reference").to_owned();
        for suffix in ["", "Row", "Create", "Patch"] {
            let pointer = format!("{}{suffix}/properties/branch", &base[1..]);
            assert!(document.pointer(&pointer).is_some(), "{pointer}");
        }
    }
}
