//! The schemas of approvals and deputies.

use super::parts::{id_schema, nullable, object, reference};
use super::shared::{body, flag, instant, list_of, named, text, whole};
use serde_json::{Map, Value as Json, json};

/// The schemas of approvals.
pub fn schemas() -> Map<String, Json> {
    let (text, whole, instant) = (text(), whole(), instant());
    let person = || reference("schemas", "Reference");
    let day = json!({ "type": "string", "format": "date" });
    let state = |all: &[&str]| json!({ "enum": all });
    named(vec![
        (
            "Approval",
            object(&json!({
                "id": id_schema(), "approver": person(), "voter": nullable(person()), "at": nullable(instant.clone()),
                "state": state(&["waiting", "open", "granted", "refused", "passed"]),
                "record_version": nullable(whole.clone()), "reason": nullable(text.clone()),
            })),
        ),
        (
            "ApprovalPart",
            object(&json!({
                "step": whole, "name": text, "needed": whole, "advisory": flag(),
                "state": state(&["open", "granted", "refused"]),
                "approvals": list_of(&reference("schemas", "Approval")),
            })),
        ),
        (
            "ApprovalRound",
            object(&json!({
                "id": id_schema(), "policy": person(), "policy_version": whole, "record_version": whole,
                "state": state(&["open", "granted", "refused", "void"]), "opened": instant,
                "ended": nullable(instant.clone()),
                "parts": list_of(&reference("schemas", "ApprovalPart")),
            })),
        ),
        (
            "ApprovalAnswer",
            body(
                &["answer", "version"],
                &json!({
                    "answer": state(&["approve", "refuse"]),
                    "version": { "type": "integer", "format": "int64", "minimum": 1, "description": "The version of the record that was read." },
                    "reason": { "type": "string", "maxLength": 65_536, "description": "Needed to refuse." },
                }),
            ),
        ),
        (
            "WaitingApproval",
            object(&json!({
                "id": id_schema(), "name": text, "approver": person(), "process": text, "number": text, "title": text,
                "version": whole,
            })),
        ),
        (
            "LegalHold",
            object(&json!({
                "held": flag(), "since": nullable(instant.clone()), "by": nullable(person()), "reason": nullable(text.clone()),
            })),
        ),
        (
            "NewLegalHold",
            body(
                &["held", "reason"],
                &json!({
                    "held": flag(),
                    "reason": { "type": "string", "minLength": 1, "maxLength": 2_000, "description": "Why it must be kept, or need not be any more." },
                }),
            ),
        ),
        (
            "Deputy",
            object(&json!({
                "person": nullable(person()), "from": nullable(day.clone()), "until": nullable(day.clone()),
                "choices": { "type": "array", "items": person(), "description": "Who can be named without reading the directory: those of the same teams, and whom policies ask beside the caller." },
            })),
        ),
        (
            "NewDeputy",
            body(
                &[],
                &json!({ "person": nullable(id_schema()), "from": nullable(day.clone()), "until": nullable(day) }),
            ),
        ),
    ])
}
