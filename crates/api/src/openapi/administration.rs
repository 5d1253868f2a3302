//! The schemas of what administrators do beside changing entries.

use super::parts::{id_schema, nullable, object, reference};
use super::shared::{body, flag, list_of, named, text, whole, words};
use mainstay_desk::holidays::LARGEST;
use serde_json::{Map, Value as Json, json};

/// The schemas.
pub fn schemas() -> Map<String, Json> {
    let year = json!({ "type": "integer", "minimum": 1970, "maximum": 9000 });
    let count = json!({ "type": "integer", "minimum": 0 });
    let tally = object(&json!({ "met": count, "missed": count }));
    let metric = json!({ "type": "string", "enum": ["response", "resolution"] });
    let priority = nullable(whole());
    let line = object(&json!({ "metric": metric, "priority": priority, "was": tally, "would": tally }));
    named(vec![
        (
            "HolidayFile",
            body(
                &["file", "first", "last"],
                &json!({ "file": words(LARGEST), "first": year, "last": year, "dry_run": flag() }),
            ),
        ),
        (
            "HolidaysBrought",
            object(&json!({
                "new": list_of(&object(&json!({ "date": { "type": "string", "format": "date" }, "name": text() }))),
                "known": count,
                "left_out": list_of(&object(&json!({ "name": text(), "why": text() }))),
                "imported": count,
            })),
        ),
        (
            "RoleHolder",
            object(&json!({
                "person": reference("schemas", "Reference"),
                "organisation": nullable(reference("schemas", "Reference")),
                "process": nullable(text()),
            })),
        ),
        (
            "RoleHolding",
            body(
                &["person"],
                &json!({
                    "person": id_schema(), "organisation": nullable(id_schema()), "process": nullable(words(60)),
                }),
            ),
        ),
        ("PeopleMerging", body(&["other"], &json!({ "other": id_schema(), "reason": words(1000) }))),
        (
            "PeopleMerge",
            object(&json!({
                "kept": reference("schemas", "Reference"),
                "other": reference("schemas", "Reference"),
                "moves": list_of(&object(&json!({ "what": text(), "count": count }))),
                "gains": list_of(&text()),
                "ends": object(&json!({ "password": flag(), "sessions": count, "tokens": count })),
            })),
        ),
        (
            "WhatIf",
            object(&json!({
                "lines": list_of(&line),
                "turned": list_of(&object(&json!({ "number": text(), "metric": metric, "better": flag() }))),
                "turns": count, "read": count, "undecided": count, "without_target": count, "capped": flag(),
            })),
        ),
    ])
}
