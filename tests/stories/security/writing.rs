//! Who may set what, with which token, and what anybody may do without one.

use super::{id, newest};
use crate::client::{Client, Stage};
use crate::probe::{Aim, PROCESS, Probe, process_of};
use crate::story;
use mainstay_engine::field::{FieldDef, Kind, Writer};
use mainstay_engine::process::Process;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// A value that the field's kind would take.
fn plausible(stage: &Stage, field: &FieldDef) -> Json {
    let cast = &stage.house.cast;
    match field.kind {
        Kind::Bool => true.into(),
        Kind::Number { min, .. } => min.max(1).into(),
        Kind::Instant => "2025-06-02T08:00:00Z".into(),
        Kind::Choice(choices) => choices[0].key.into(),
        Kind::Ref("people") => cast.agent.into(),
        Kind::Ref("organisations") => cast.acme.into(),
        Kind::Ref("teams") => cast.network.into(),
        Kind::Ref("services") => cast.payments.into(),
        Kind::Ref("categories") => cast.vpn_category.into(),
        _ => "forged".into(),
    }
}

/// Sends one member more than is allowed, when opening and when editing; nothing may come of it.
async fn refused_everywhere(stage: &Stage, client: &Client, own: &str, key: &str, value: &Json) {
    let before = newest(stage).await;
    let tag = format!("\"{}\"", client.incident(own).await["version"]);
    for (method, path, mut body) in
        [("POST", "incidents".to_owned(), json!({ "title": "Mine" })), ("PATCH", format!("incidents/{own}"), json!({}))]
    {
        body[key] = value.clone();
        let answer = client.send(method, &path, Some(body), &[("if-match", &tag)]).await;
        assert!([403, 422].contains(&answer.status.as_u16()), "{method} {key}: {} {}", answer.status, answer.text);
        assert_eq!(newest(stage).await, before, "{method} {key} wrote something: {}", answer.text);
    }
}

story!(s_10_no_field_is_set_by_who_may_not_set_it, |stage| async move {
    let cast = stage.house.cast.clone();
    let own = stage.sign_in(cast.requester).await.report(json!({})).await;
    let unknown = [
        "id",
        "version",
        "process",
        "organisation_id",
        "is_admin",
        "events",
        "clocks",
        "can",
        "own",
        "deleted",
        "__proto__",
    ];
    for person in [cast.requester, cast.agent, cast.manager, cast.admin] {
        let client = stage.sign_in(person).await;
        for key in unknown {
            refused_everywhere(&stage, &client, &own, key, &json!(true)).await;
        }
        for field in PROCESS.fields().filter(|f| f.writer == Writer::Engine) {
            refused_everywhere(&stage, &client, &own, field.key, &plausible(&stage, field)).await;
        }
    }
    let requester = stage.sign_in(cast.requester).await;
    let staffs: Vec<&FieldDef> =
        PROCESS.fields().filter(|f| matches!(f.writer, Writer::Staff | Writer::Transition)).collect();
    assert!(staffs.len() > 10);
    // The source is set by the system for whoever is no staff, whatever they say.
    for field in staffs.iter().filter(|f| f.key != "source") {
        refused_everywhere(&stage, &requester, &own, field.key, &plausible(&stage, field)).await;
    }
    let said = requester.post("incidents", json!({ "title": "Mine", "source": "phone" })).await.ok();
    assert_eq!(said["source"], "api");
});

story!(s_10_what_hangs_on_a_record_takes_no_further_members_and_words_stay_as_they_were, |stage| async move {
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let number = admin.report(json!({})).await;
    let below = |what: &str| format!("incidents/{number}/{what}");
    let cases = [
        (below("comments"), json!({ "body": "x" }), ["author", "at", "channel"]),
        (below("tasks"), json!({ "title": "x" }), ["id", "state", "done_at"]),
        (below("watchers"), json!({}), ["role", "record", "entry"]),
        (below("links"), json!({ "relation": "related_to", "reference": "x" }), ["from", "by", "at"]),
        ("tokens".to_owned(), json!({ "name": "x" }), ["person", "digest", "used"]),
        ("notices/read".to_owned(), json!({ "up_to": 1 }), ["person", "read_at", "all"]),
    ];
    for (path, body, strangers) in cases {
        for stranger in strangers {
            let mut body = body.clone();
            body[stranger] = json!(1);
            admin.post(&path, body).await.refused_field(stranger, "unknown_field");
        }
    }
    let comment = id(&admin.post(&below("comments"), json!({ "body": "As it was said" })).await.ok());
    for method in ["PUT", "PATCH", "DELETE", "POST"] {
        let path = below(&format!("comments/{comment}"));
        let status = admin.send(method, &path, Some(json!({ "body": "Otherwise" })), &[]).await.status.as_u16();
        assert!([404, 405].contains(&status), "{method}: {status}");
    }
    assert!(admin.get(&below("comments")).await.text.contains("As it was said"));
    // Nobody gives themselves a role.
    for person in [cast.requester, cast.agent, cast.manager] {
        let client = stage.sign_in(person).await;
        let grants = json!({ "grants": [{ "role": super::role(&admin, "Admin").await }] });
        let answer = client.patch_version(&format!("people/{person}"), 1, grants).await;
        assert_eq!(answer.status.as_u16(), 403, "{}", answer.text);
    }
});

story!(s_11_without_a_name_nobody_gets_past_the_door, |stage| async move {
    let stranger = stage.stranger();
    for route in mainstay_api::routes() {
        let path = route.path.replace("{number}", "INC-1").replace("{relation}", "child_of").replace(['{', '}'], "");
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
            let answer = stranger.send(method, &path, None, &[]).await;
            let status = answer.status.as_u16();
            assert!([400, 401, 404, 405].contains(&status), "{method} {path}: {status} {}", answer.text);
            let says_more = answer.text.contains("INC-") || answer.text.contains("example");
            assert!(!says_more, "{method} {path}: {}", answer.text);
        }
    }
});

async fn target(stage: &Stage, admin: &Client, process: &'static Process) -> Aim {
    let cast = &stage.house.cast;
    let mut entries = BTreeMap::new();
    for register in mainstay_processes::registers::ALL {
        let listed = admin.get(register.key).await.ok();
        entries.insert(register.key, listed["items"][0]["id"].as_i64().unwrap_or_default());
    }
    let rest = Aim {
        process,
        number: String::new(),
        other: String::new(),
        linked: String::new(),
        attachment: 0,
        task: 0,
        clock: 0,
        comment: 0,
        time: 0,
        event: 0,
        person: cast.agent,
        entries,
        token: 1,
        team: cast.network,
        category: cast.vpn_category,
    };
    Aim::at(admin, process, cast.requester, None, &rest).await
}

/// Sends every request there is with a token of the administrator's; what of it was let through, by path.
async fn let_through(stage: &Stage, scopes: &[&str]) -> Vec<String> {
    let admin = stage.sign_in(stage.house.cast.admin).await;
    let narrow = stage.sign_in_with(stage.house.cast.admin, scopes).await;
    let mut aims = BTreeMap::new();
    for process in mainstay_processes::ALL {
        aims.insert(process.key, target(stage, &admin, process).await);
    }
    let mut through = Vec::new();
    for route in mainstay_api::routes() {
        let answer = Probe::of(&route, &aims[process_of(&route.path).key]).sent(&narrow, &admin).await;
        let in_bulk = answer.body["results"][0]["problem"]["status"].as_u64();
        let status = in_bulk.unwrap_or(answer.status.as_u16().into());
        if ![403, 404].contains(&status) {
            through.push(format!("{} {}", route.method, route.path.trim_start_matches("/api/v1/")));
        }
    }
    through
}

story!(s_14_a_token_reaches_what_its_scopes_name_and_no_endpoint_beside, |stage| async move {
    let always = ["GET me", "GET openapi.json"];
    assert_eq!(let_through(&stage, &["nothing.view"]).await, always);
    let calendars = let_through(&stage, &["calendars.view"]).await;
    assert!(calendars.contains(&"GET calendars".to_owned()), "{calendars:?}");
    assert!(
        calendars.iter().all(|route| route.starts_with("GET calendars") || always.contains(&route.as_str())),
        "{calendars:?}"
    );
    let reading = let_through(&stage, &["read"]).await;
    assert!(reading.iter().all(|route| route.starts_with("GET ")) && reading.len() > 40, "{reading:?}");
    let noting = let_through(&stage, &["incident.view", "incident.note"]).await;
    // Who may write internal notes may also write down their time, which is internal as well.
    let own = |route: &String| {
        route.contains(" incidents/{number}/time")
            || route.starts_with("GET incidents")
            || route.starts_with("GET attachments")
            || always.contains(&route.as_str())
    };
    assert!(noting.iter().all(own), "{noting:?}");
    let writing = let_through(&stage, &["write"]).await;
    let registers: Vec<&str> = mainstay_processes::registers::ALL.iter().map(|r| r.key).collect();
    let manages = |route: &&String| {
        let (method, path) = route.split_once(' ').unwrap_or_default();
        method != "GET" && registers.iter().any(|key| path.starts_with(key))
    };
    assert_eq!(writing.iter().filter(manages).count(), 0, "administration is not writing: {writing:?}");
});
