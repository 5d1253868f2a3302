//! Pieces of an `OpenAPI` description.

use serde_json::{Value as Json, json};

/// A reference to a component.
pub fn reference(kind: &str, name: &str) -> Json {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}

/// An optional parameter in the address's question.
pub fn query(name: &str, description: &str, schema: &Json) -> Json {
    json!({ "name": name, "in": "query", "description": description, "schema": schema })
}

/// A parameter that the address's question must have.
pub fn needed_query(name: &str, description: &str, schema: &Json) -> Json {
    json!({ "name": name, "in": "query", "required": true, "description": description, "schema": schema })
}

/// A variable part of the path.
pub fn path(name: &str, description: &str, schema: &Json) -> Json {
    json!({ "name": name, "in": "path", "required": true, "description": description, "schema": schema })
}

/// The filter of a list.
pub fn filter() -> Json {
    reference("parameters", "Filter")
}

/// The id of an entry or of anything else that has one.
pub fn id_schema() -> Json {
    json!({ "type": "integer", "format": "int64", "minimum": 1, "maximum": i64::MAX })
}

/// One of these types, or null.
pub fn nullable(mut schema: Json) -> Json {
    match schema["type"].take() {
        Json::Null => json!({ "anyOf": [without_type(schema), { "type": "null" }] }),
        kind => {
            schema["type"] = json!([kind, "null"]);
            if let Some(choices) = schema.get_mut("enum").and_then(Json::as_array_mut) {
                choices.push(Json::Null);
            }
            schema
        }
    }
}

fn without_type(mut schema: Json) -> Json {
    if let Some(members) = schema.as_object_mut() {
        members.remove("type");
    }
    schema
}

/// An object with these members, all of them always there, and no others.
pub fn object(properties: &Json) -> Json {
    let required: Vec<&String> = properties.as_object().map(|members| members.keys().collect()).unwrap_or_default();
    json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false })
}

/// The schema of a page of items, with the cursor of the next.
pub fn page(item: &Json) -> Json {
    object(&json!({ "items": { "type": "array", "items": item }, "next": cursor() }))
}

/// A cursor, null at the end.
pub fn cursor() -> Json {
    json!({ "type": ["string", "null"], "description": "Send it as after to get the next page; null when there is none." })
}

/// A page of items of this component.
pub fn page_of(schema: &str) -> Json {
    page(&reference("schemas", schema))
}

/// All items of this component at once.
pub fn items_of(schema: &str) -> Json {
    object(&json!({ "items": { "type": "array", "items": reference("schemas", schema) } }))
}

fn header(description: &str) -> Json {
    json!({ "description": description, "schema": { "type": "string" } })
}

/// A response that carries a version as its entity tag.
pub fn versioned(description: &str, schema: &Json) -> Json {
    json!({
        "description": description,
        "headers": { "ETag": header("The version, for If-Match and If-None-Match.") },
        "content": { "application/json": { "schema": schema } },
    })
}

/// The response to a request that made something.
pub fn made(description: &str, schema: &Json) -> Json {
    json!({
        "description": description,
        "headers": { "Location": header("Where it is.") },
        "content": { "application/json": { "schema": schema } },
    })
}
