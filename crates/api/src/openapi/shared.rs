//! The schemas, parameters and responses that no table decides.

use super::parts::{id_schema, nullable, object, page, reference};
use crate::problem;
use mainstay_desk::looks::{DENSITIES, THEMES};
use serde_json::{Map, Value as Json, json};

pub(super) fn text() -> Json {
    json!({ "type": "string" })
}

pub(super) fn instant() -> Json {
    json!({ "type": "string", "format": "date-time" })
}

pub(super) fn whole() -> Json {
    json!({ "type": "integer", "format": "int64" })
}

pub(super) fn flag() -> Json {
    json!({ "type": "boolean" })
}

fn schema(name: &str) -> Json {
    reference("schemas", name)
}

pub(super) fn list_of(item: &Json) -> Json {
    json!({ "type": "array", "items": item })
}

pub(super) fn body(required: &[&str], properties: &Json) -> Json {
    json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false })
}

pub(super) fn words(most: usize) -> Json {
    json!({ "type": "string", "minLength": 1, "maxLength": most })
}

pub(super) fn named(all: Vec<(&str, Json)>) -> Map<String, Json> {
    all.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

/// The schemas.
pub fn schemas() -> Map<String, Json> {
    let mut all = named(vec![("Refusal", problem_schema()), ("Reference", reference_schema())]);
    all.append(&mut of_records());
    all.append(&mut of_work());
    all.append(&mut super::approvals::schemas());
    all.append(&mut crate::operations::meetings::schemas());
    all.append(&mut crate::operations::planned::schemas());
    all.append(&mut of_clocks());
    all.insert("Found".into(), found_schema());
    all.insert("SimilarRecord".into(), similar_schema());
    all.insert("Cost".into(), crate::operations::cost::schema());
    all.insert("PastLink".into(), crate::operations::past::link_schema());
    all.insert("Reached".into(), crate::operations::maps::schema());
    all.insert("Suspect".into(), crate::operations::suspects::schema(&hit_schema()));
    all.insert("Gate".into(), crate::operations::gate::schema());
    all.insert("Candidate".into(), crate::operations::candidates::schema(&hit_schema()));
    all.append(&mut of_reports());
    all.append(&mut of_people());
    all.append(&mut of_notices());
    all.append(&mut of_exports());
    all.append(&mut of_installation());
    all.append(&mut super::administration::schemas());
    all
}

fn reference_schema() -> Json {
    object(&json!({ "id": id_schema(), "name": nullable(text()) }))
}

fn problem_schema() -> Json {
    let error = object(&json!({ "field": text(), "code": text(), "detail": text() }));
    json!({
        "type": "object",
        "required": ["type", "title", "status", "code", "detail"],
        "properties": {
            "type": { "type": "string", "format": "uri-reference" },
            "title": text(),
            "status": { "type": "integer", "minimum": 400, "maximum": 599 },
            "code": { "type": "string", "description": "What went wrong, for machines: it never changes." },
            "detail": { "type": "string", "description": "What went wrong, for people." },
            "errors": { "type": "array", "items": error, "description": "Every member that did not fit." },
            "fault": { "type": "integer", "description": "The number under which a failure stands in the log." },
        },
        "additionalProperties": false,
    })
}

fn of_records() -> Map<String, Json> {
    let can = ["update", "comment", "note", "link", "attach", "task", "follow_up", "watch_others", "split"];
    let can: Map<String, Json> = can.into_iter().map(|right| (right.to_owned(), flag())).collect();
    let action = json!({
        "verb": text(), "label": text(), "to": nullable(text()), "primary": flag(),
        "needs": list_of(&text()), "takes": list_of(&text()),
        "asks": { "type": ["string", "null"], "enum": ["reason", "comment", null] }, "links": nullable(text()),
    });
    let change = object(&json!({ "field": text(), "old": true, "new": true }));
    let event = json!({
        "id": id_schema(), "at": instant(), "actor": nullable(schema("Reference")), "channel": text(), "verb": text(),
        "public": flag(), "reason": nullable(text()), "changes": list_of(&change),
    });
    let mut logged = event.clone();
    logged["subject"] =
        object(&json!({ "kind": text(), "id": whole(), "of": nullable(text()), "number": nullable(text()) }));
    let log = json!({ "items": list_of(&object(&logged)), "next": text(), "more": flag() });
    let row = json!({
        "type": "object", "required": ["number", "done"], "additionalProperties": false,
        "properties": { "number": text(), "done": flag(), "problem": schema("Refusal") },
    });
    let linked = json!({
        "relation": text(), "label": text(), "outgoing": flag(), "by_field": flag(), "process": text(), "number": text(), "title": text(),
        "state": text(), "state_label": text(), "phase": text(),
    });
    let external = object(&json!({ "relation": text(), "reference": text() }));
    named(vec![
        ("Can", object(&can.into())),
        ("Action", object(&action)),
        ("Event", object(&event)),
        ("Log", object(&log)),
        ("BulkResult", object(&json!({ "results": list_of(&row), "run": nullable(whole()), "dry_run": flag() }))),
        ("Links", object(&json!({ "records": list_of(&object(&linked)), "external": list_of(&external) }))),
        (
            "Comment",
            object(&json!({
                "id": id_schema(), "at": instant(), "author": nullable(schema("Reference")), "internal": flag(),
                "body": text(), "channel": text(),
            })),
        ),
        (
            "NewComment",
            body(
                &["body"],
                &json!({ "body": words(65_536), "internal": { "type": "boolean", "description": "Only staff reads it." } }),
            ),
        ),
        (
            "Attachment",
            object(&json!({
                "id": id_schema(), "at": instant(), "author": nullable(schema("Reference")), "name": text(), "media_type": text(),
                "size": whole(), "internal": flag(), "comment": nullable(whole()),
            })),
        ),
        ("FilledTemplate", object(&json!({ "id": whole(), "name": text(), "body": text() }))),
        (
            "MacroPreview",
            object(&json!({
                "id": whole(), "name": text(), "confirm": flag(), "internal": flag(), "body": nullable(text()),
                "changes": list_of(&json!({ "type": "object", "required": ["field", "old", "new"], "properties": { "field": text(), "old": {}, "new": {} } })),
                "step": nullable(text()),
            })),
        ),
        ("MacroUse", body(&[], &json!({ "body": words(65_536), "confirmed": flag() }))),
        ("Watchers", object(&json!({ "items": list_of(&schema("Reference")) }))),
        (
            "NewWatcher",
            body(
                &[],
                &json!({ "person": { "type": ["integer", "null"], "format": "int64", "minimum": 1, "description": "The caller, unless given." } }),
            ),
        ),
    ])
}

fn of_work() -> Map<String, Json> {
    named(vec![
        (
            "Task",
            object(&json!({
                "id": id_schema(), "position": whole(), "title": text(), "state": task_state(), "version": whole(),
                "team": nullable(schema("Reference")), "assignee": nullable(schema("Reference")),
                "due": nullable(instant()), "done_at": nullable(instant()), "waits_for": list_of(&id_schema()),
            })),
        ),
        ("NewTask", body(&["title"], &task_members())),
        (
            "Time",
            object(&json!({
                "id": id_schema(), "person": schema("Reference"), "minutes": whole(), "note": nullable(text()),
                "day": day(), "at": instant(), "version": whole(),
            })),
        ),
        (
            "Split",
            body(
                &["title"],
                &json!({ "title": words(255), "process": { "type": "string", "description": "What it becomes; the same as here, unless given." } }),
            ),
        ),
        ("Times", object(&json!({ "items": list_of(&schema("Time")), "minutes": whole() }))),
        ("NewTime", body(&["minutes"], &time_members())),
        ("TimeChange", body(&[], &time_members())),
        ("TaskChange", {
            let mut members = task_members();
            members["state"] = task_state();
            members["position"] = json!({ "type": "integer", "format": "int64", "minimum": 0, "description": "Its place among the tasks, from 0." });
            body(&[], &members)
        }),
    ])
}

fn task_state() -> Json {
    json!({ "type": "string", "enum": ["open", "done", "skipped"] })
}

fn task_members() -> Json {
    json!({ "title": words(255), "team": nullable(id_schema()), "assignee": nullable(id_schema()), "due": nullable(instant()), "waits_for": list_of(&id_schema()) })
}

fn time_members() -> Json {
    let minutes = json!({ "type": "integer", "format": "int64", "minimum": 1, "maximum": 1440 });
    json!({ "minutes": minutes, "day": day(), "note": nullable(words(255)) })
}

fn day() -> Json {
    json!({ "type": "string", "format": "date" })
}

fn of_reports() -> Map<String, Json> {
    let group = object(&json!({ "key": text(), "label": text() }));
    let offer = json!({
        "process": text(), "key": text(), "title": text(), "definition": text(), "derives_from": text(),
        "group_by": text(), "groups": list_of(&group),
    });
    let measures = ["count", "percent", "mean_ms", "mean", "sum", "text", "instant", "ms"];
    let column = object(&json!({
        "key": text(), "label": text(), "means": text(), "measure": { "type": "string", "enum": measures },
    }));
    let figure = json!({
        "type": "object", "required": ["value"], "additionalProperties": false,
        "properties": { "value": { "type": ["number", "string", "null"] }, "part": whole(), "whole": whole() },
        "description": "A number, a text or an instant as its column's measure says; a share and a mean with what they are made of.",
    });
    let row = object(&json!({ "key": text(), "label": text(), "figures": list_of(&figure) }));
    let report = json!({
        "key": text(), "title": text(), "definition": text(), "derives_from": text(), "from": instant(), "to": instant(),
        "zone": text(), "group_by": text(), "group_label": text(), "columns": list_of(&column), "rows": list_of(&row),
        "total": nullable(row.clone()), "more": flag(), "chart": { "type": "string", "enum": ["bars", "lines", "none"] }, "against": nullable(object(&json!({ "from": instant(), "to": instant() }))),
    });
    let hit =
        json!({ "type": "object", "required": ["number", "version"], "properties": super::fields::spine_members() });
    named(vec![("ReportOffer", object(&offer)), ("Report", object(&report)), ("ReportRecords", page(&hit))])
}

/// A record of any process as a line of what was found.
fn hit_schema() -> Json {
    let mut hit = super::fields::spine_members();
    hit.insert("process".into(), text());
    json!({ "type": "object", "required": ["process", "number", "version"], "properties": hit, "additionalProperties": false })
}

fn similar_schema() -> Json {
    let helped = object(&json!({ "field": text(), "label": text(), "text": text() }));
    object(&json!({
        "record": hit_schema(),
        "score": { "type": "integer", "minimum": 0, "maximum": 1000, "description": "How alike, in thousandths." },
        "helped": nullable(helped),
    }))
}

fn found_schema() -> Json {
    let hit = hit_schema();
    let facet = |value: Json| list_of(&object(&json!({ "value": value, "count": whole() })));
    let mut found = page(&hit);
    found["properties"]["count"] = json!({ "type": "integer", "minimum": 0 });
    found["properties"]["capped"] = json!({ "type": "boolean", "description": "There are more than count." });
    found["properties"]["corrected"] = json!({ "type": "boolean", "description": "Nothing had the words as written, so nearly alike ones were taken." });
    found["properties"]["facets"] =
        object(&json!({ "state": facet(text()), "priority": facet(whole()), "team": facet(id_schema()) }));
    found
}

fn of_clocks() -> Map<String, Json> {
    let states = ["not_started", "running", "paused", "met", "breached_open", "breached_closed", "cancelled"];
    let state = json!({ "type": "string", "enum": states });
    let adjusted = object(&json!({
        "state": state, "breached_at": nullable(instant()), "elapsed_ms": whole(), "reason": nullable(text()),
    }));
    let segment = object(&json!({
        "doing": { "type": "string", "enum": ["running", "paused", "stopped"] }, "from": instant(), "to": nullable(instant()),
        "reason": nullable(text()), "by": nullable(schema("Reference")), "ended": nullable(text()),
        "ended_by": nullable(schema("Reference")),
    }));
    let target =
        object(&json!({ "unit": { "type": "string", "enum": ["service_time", "working_days"] }, "amount": whole() }));
    let clock = json!({
        "id": id_schema(), "metric": { "type": "string", "enum": ["response", "resolution"] }, "level": schema("Reference"),
        "level_version": whole(), "calendar": schema("Reference"), "target": target, "state": state, "provisional": flag(),
        "due": nullable(instant()), "due_if_resumed": nullable(instant()), "breached_at": nullable(instant()),
        "stopped_at": nullable(instant()), "elapsed_ms": whole(), "amount_ms": nullable(whole()),
        "remaining_ms": nullable(whole()), "paused_ms": whole(),
        "adjusted": { "anyOf": [adjusted, { "type": "null" }] }, "segments": list_of(&segment),
    });
    let exclusion = json!({ "from": instant(), "to": instant(), "reason": words(1000) });
    named(vec![("Clock", object(&clock)), ("Exclusion", body(&["from", "to", "reason"], &exclusion))])
}

fn of_installation() -> Map<String, Json> {
    named(vec![
        (
            "Uses",
            object(&json!({
                "entries": list_of(&object(&json!({ "register": text(), "id": id_schema(), "name": text(), "field": text() }))),
                "records": list_of(&object(&json!({ "process": text(), "field": text(), "filter": text(), "count": whole() }))),
            })),
        ),
        (
            "Installation",
            object(&json!({ "chosen": flag(), "demo": flag(), "over": flag(), "done": list_of(&text()) })),
        ),
        (
            "Demo",
            object(&json!({
                "records": whole(), "stays": list_of(&text()),
                "entries": list_of(&object(&json!({ "register": text(), "count": whole() }))),
            })),
        ),
        ("DemoMade", object(&json!({ "records": whole() }))),
    ])
}

fn of_people() -> Map<String, Json> {
    let language =
        json!({ "type": ["string", "null"], "description": "The language that the person chose, as a BCP 47 tag." });
    let me = object(&json!({
        "id": id_schema(), "name": text(), "email": text(), "zone": text(), "language": language, "organisation": nullable(schema("Reference")),
        "teams": list_of(&schema("Reference")), "staff": flag(),
        "processes": list_of(&object(&json!({ "key": text(), "plural": text(), "label": text(), "label_plural": text() }))),
        "scopes": { "type": ["array", "null"], "items": text(), "description": "What the token narrows the rights to; null with a session." },
        "permissions": list_of(&text()),
    }));
    let mut token = object(&json!({
        "id": id_schema(), "name": text(), "scopes": list_of(&text()), "created": instant(), "expires": nullable(instant()),
        "used": nullable(instant()), "revoked": nullable(instant()),
    }));
    token["properties"]["token"] = json!({ "type": "string", "description": "Only in the answer that makes it." });
    let live = object(&json!({
        "name": text(), "created": instant(), "seen": instant(), "expires": instant(), "second_factor": flag(),
        "address": text(), "agent": text(),
        "current": { "type": "boolean", "description": "The session that asks." },
    }));
    let mut link = object(
        &json!({ "errand": { "type": "string", "enum": ["invitation", "password_reset"] }, "expires": instant() }),
    );
    link["properties"]["link"] = json!({ "type": "string", "description": "Only in the answer that makes it." });
    let scopes = json!({
        "type": "array", "minItems": 1, "maxItems": 50, "description": "read and write, unless given.",
        "items": { "type": "string", "pattern": "^(read|write|\\*|[a-z0-9_-]{1,60}\\.([a-z0-9_-]{1,60}|\\*)|\\*\\.[a-z0-9_-]{1,60})$" },
    });
    let new_token = json!({ "name": words(100), "scopes": scopes, "expires": nullable(instant()) });
    named(vec![
        ("Me", me),
        ("Token", token),
        ("Session", live),
        (
            "Access",
            object(&json!({
                "email": text(), "enabled": flag(), "has_password": flag(), "asks_code": flag(),
                "last_sign_in": nullable(instant()), "sessions": list_of(&schema("Session")), "tokens": list_of(&schema("Token")),
            })),
        ),
        ("AccessLink", link),
        ("Ended", object(&json!({ "ended": { "type": "integer", "minimum": 0 } }))),
        (
            "Zone",
            body(
                &["zone"],
                &json!({ "zone": { "type": "string", "maxLength": 60, "examples": ["Europe/London"], "description": "An IANA time zone; empty for UTC." } }),
            ),
        ),
        (
            "Language",
            body(
                &["language"],
                &json!({ "language": { "type": "string", "maxLength": 60, "examples": ["de"], "description": "A BCP 47 tag; empty: as the browser asks." } }),
            ),
        ),
        ("Shortcuts", shortcuts()),
        ("Pins", object(&json!({ "views": list_of(&id_schema()) }))),
        (
            "NewPins",
            body(
                &["views"],
                &json!({ "views": { "type": "array", "items": id_schema(), "maxItems": mainstay_desk::pins::MOST } }),
            ),
        ),
        ("Looks", object(&looks())),
        ("NewLooks", body(&["theme", "density"], &looks())),
        ("Writing", object(&json!({ "rich": flag() }))),
        (
            "NewWriting",
            body(
                &["rich"],
                &json!({ "rich": { "type": "boolean", "description": "Words are shown as they will look while they are written." } }),
            ),
        ),
        (
            "NewShortcuts",
            body(
                &[],
                &json!({
                    "use": { "enum": USES, "description": "Which work: all, those with Ctrl or ⌘ (modified), or none (off)." },
                    "keys": { "type": "object", "additionalProperties": { "type": "string", "maxLength": 60 }, "description": "Keys by the id of the shortcut, such as `g i` or `Mod+Enter`; empty for none. What is not named stays as it is shipped." },
                }),
            ),
        ),
        ("NewToken", body(&["name"], &new_token)),
    ])
}

fn of_notices() -> Map<String, Json> {
    let notice = object(&json!({
        "id": id_schema(), "at": instant(), "reason": text(), "kind": text(), "text": text(), "read_at": nullable(instant()),
        "process": nullable(text()), "number": nullable(text()), "done_at": nullable(instant()),
        "snoozed_until": nullable(instant()),
    }));
    let mut notices = page(&schema("Notice"));
    notices["properties"]["unread"] =
        json!({ "type": "integer", "minimum": 0, "description": "100 stands for that many or more." });
    named(vec![
        ("Notice", notice),
        ("Notices", notices),
        ("Snooze", body(&["until"], &json!({ "until": instant() }))),
        (
            "NoticeChoices",
            object(&json!({ "items": list_of(&object(&json!({
                "kind": text(), "words": text(), "optional": flag(), "choice": { "enum": CHOICES },
            }))) })),
        ),
        (
            "NewNoticeChoices",
            body(&["kinds"], &json!({ "kinds": { "type": "object", "additionalProperties": { "enum": CHOICES } } })),
        ),
        ("ReadNotices", body(&["up_to"], &json!({ "up_to": id_schema() }))),
        ("ReadResult", object(&json!({ "read": { "type": "integer", "minimum": 0 } }))),
    ])
}

/// The kinds of files.
const FORMATS: [&str; 3] = ["csv", "json", "xlsx"];

fn days() -> Vec<&'static str> {
    mainstay_desk::schedules::Every::ALL.iter().map(|each| each.key).collect()
}

fn of_exports() -> Map<String, Json> {
    named(vec![
        ("ExportSchedule", export_schedule()),
        ("NewExportSchedule", new_export_schedule()),
        (
            "ExportFile",
            object(&json!({
                "id": id_schema(), "name": text(), "process": text(), "report": { "type": ["string", "null"] },
                "format": { "enum": FORMATS }, "records": { "type": "integer", "minimum": 0 }, "size": { "type": "integer", "minimum": 0 }, "at": instant(),
            })),
        ),
    ])
}

fn export_schedule() -> Json {
    object(&json!({
        "id": id_schema(), "person": id_schema(), "name": text(), "process": text(), "format": { "enum": FORMATS }, "every": { "enum": days() },
        "time": text(), "purpose": text(), "audience": text(), "paused": flag(), "next_at": { "type": ["string", "null"], "format": "date-time" },
        "problem": { "type": ["string", "null"] }, "view": { "type": ["integer", "null"] },
        "filter": { "type": ["string", "null"] }, "sort": { "type": ["string", "null"] },
        "fields": { "type": ["array", "null"], "items": text() }, "report": { "type": ["string", "null"] },
        "period": { "type": ["string", "null"] }, "group_by": { "type": ["string", "null"] },
        "of": { "type": ["string", "null"] },
    }))
}

fn new_export_schedule() -> Json {
    let reports: Vec<&str> = mainstay_desk::reports::ALL.iter().map(|kind| kind.key).collect();
    let periods: Vec<&str> = mainstay_desk::reports::Span::ALL.iter().map(|span| span.key).collect();
    body(
        &["process", "name", "format", "every", "time"],
        &json!({
            "process": { "type": "string", "maxLength": 60, "description": "Key of the process whose records are wanted." },
            "name": { "type": "string", "minLength": 1, "maxLength": mainstay_desk::schedules::LONGEST_NAME },
            "format": { "enum": FORMATS },
            "every": { "enum": days() },
            "time": { "type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "description": "Time of the day in the caller's zone." },
            "view": { "oneOf": [id_schema(), { "type": "null" }], "description": "A saved view, as it stands each time." },
            "filter": { "type": ["string", "null"], "maxLength": 4000 },
            "sort": { "type": ["string", "null"], "maxLength": 100 },
            "fields": { "type": "array", "items": { "type": "string", "maxLength": 100 }, "maxItems": 100 },
            "report": { "enum": reports, "description": "A report instead of a list; then period, purpose and audience are needed, and view, sort and fields are refused." },
            "period": { "enum": periods, "description": "The days that each file of a report is about." },
            "group_by": { "type": ["string", "null"], "maxLength": 60, "description": "month, none, or the key of a field or of a relation." },
            "of": { "type": ["string", "null"], "maxLength": 60, "description": "The number that an ad-hoc report adds up and averages." },
            "purpose": { "type": "string", "maxLength": mainstay_desk::schedules::LONGEST_WORDS },
            "audience": { "type": "string", "maxLength": mainstay_desk::schedules::LONGEST_WORDS },
        }),
    )
}

/// What a person wants of a kind of notices.
const CHOICES: [&str; 2] = ["inbox", "off"];
/// Which shortcuts work.
const USES: [&str; 3] = ["all", "modified", "off"];

/// Colours and density.
fn looks() -> Json {
    json!({ "theme": { "type": "string", "enum": THEMES }, "density": { "type": "string", "enum": DENSITIES } })
}

fn shortcuts() -> Json {
    let one = object(&json!({
        "id": text(), "words": text(), "screen": text(), "keys": text(), "shipped": text(),
    }));
    object(&json!({ "use": { "enum": USES }, "items": list_of(&one) }))
}

/// The parameters that many operations take.
pub fn parameters() -> Map<String, Json> {
    let query = |name: &str, description: &str, schema: Json| json!({ "name": name, "in": "query", "description": description, "schema": schema });
    let header = |name: &str, required: bool, description: &str, schema: Json| json!({ "name": name, "in": "header", "required": required, "description": description, "schema": schema });
    let tag = json!({ "type": "string", "pattern": "^\"[1-9][0-9]{0,17}\"$", "examples": ["\"1\""] });
    let cursor_text =
        json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]+$", "maxLength": crate::query::LONGEST_CURSOR });
    let filter = json!({ "type": "string", "maxLength": 4000, "examples": ["phase in (\"open\", \"paused\") and priority <= 2"] });
    let limit = json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 50 });
    let key = json!({ "type": "string", "pattern": "^[!-~]{1,255}$" });
    named(vec![
        ("Limit", query("limit", "Most items of the page.", limit)),
        ("After", query("after", "The next of the page before.", cursor_text)),
        ("Filter", query("filter", "A condition, such as phase in (\"open\", \"paused\") and priority <= 2.", filter)),
        (
            "IfMatch",
            header(
                "If-Match",
                true,
                "The ETag that was read: a change in between refuses the request with 409.",
                tag.clone(),
            ),
        ),
        (
            "IfMatchOptional",
            header(
                "If-Match",
                false,
                "The ETag that was read, to refuse the step when something changed in between.",
                tag,
            ),
        ),
        ("IfNoneMatch", header("If-None-Match", false, "The ETag of what the client holds already.", text())),
        (
            "IdempotencyKey",
            header(
                "Idempotency-Key",
                false,
                "Chosen by the client: a request that comes again with the same key gets the first one's answer.",
                key,
            ),
        ),
    ])
}

/// What can go wrong, by status.
pub const PROBLEMS: [(u16, &str, &str); 14] = [
    (400, "Unreadable", "The request cannot be read: malformed JSON, an unknown or wrong parameter."),
    (401, "NotSignedIn", "Nobody known asks."),
    (403, "Forbidden", "The caller may not do this."),
    (404, "NotFound", "There is nothing here that the caller may see."),
    (
        409,
        "Conflict",
        "Another version, another state, or it exists already. The code says which condition is not met; nothing changed.",
    ),
    (413, "TooLarge", "The body is too large."),
    (415, "WrongMediaType", "The body is of another media type than this operation takes."),
    (422, "Invalid", "The request can be read and does not fit; errors names every member."),
    (428, "VersionNeeded", "If-Match is missing."),
    (429, "TooMany", "Too many tries. Retry-After says when to come again."),
    (500, "Fault", "A failure; the log has it under the number given as fault."),
    (503, "Unavailable", "The database does not answer now. Retry-After says when to come again."),
    (504, "TooSlow", "It took too long and was given up. With the same Idempotency-Key it can be repeated safely."),
    (507, "StorageFull", "The storage is full: reading works, writing does not."),
];

/// The responses that many operations can give.
pub fn responses() -> Map<String, Json> {
    let content = json!({ problem::MEDIA_TYPE: { "schema": schema("Refusal") } });
    let one =
        |(_, name, says): &(u16, &str, &str)| ((*name).to_owned(), json!({ "description": says, "content": content }));
    PROBLEMS.iter().map(one).collect()
}

/// The ways to say who asks.
pub fn security_schemes() -> Json {
    json!({
        "token": { "type": "http", "scheme": "bearer", "description": "An API token, made under /tokens." },
        "session": {
            "type": "apiKey", "in": "cookie", "name": mainstay_desk::auth::cookie::SESSION,
            "description": "The session of a page. What changes something must come from a page of this server.",
        },
    })
}
