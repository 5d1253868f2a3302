//! One organisation's matters stay out of another's reach, by every id and every question.

use super::{bound, id, newest};
use crate::client::{Client, Stage, encoded};
use crate::story;
use mainstay_engine::field::Kind;
use serde_json::{Value as Json, json};

story!(s_01_a_file_of_another_organisation_is_like_none_at_all, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let number = agent.report(json!({ "requester": cast.acme_requester })).await;
    let path = |query: &str| format!("incidents/{number}/attachments?{query}");
    let public = agent.send_bytes("POST", &path("name=plan.txt"), b"CANARY".to_vec(), &[]).await.ok();
    let internal = agent.send_bytes("POST", &path("name=notes.txt&internal=true"), b"CANARY".to_vec(), &[]).await.ok();
    let bank = stage.sign_in(cast.admin).await;
    let bank = bound(&stage, &bank, "Agent", cast.retail_bank).await;
    for person in [cast.requester, cast.approver, cast.vendor, cast.monitoring, bank] {
        let client = stage.sign_in(person).await;
        let none = client.get("attachments/999999").await;
        assert_eq!(none.status.as_u16(), 404);
        for file in [id(&public), id(&internal)] {
            let answer = client.get(&format!("attachments/{file}")).await;
            assert_eq!(
                (answer.status, &answer.text, &answer.headers),
                (none.status, &none.text, &none.headers),
                "{person}"
            );
        }
    }
    let own = stage.sign_in(cast.acme_requester).await;
    assert_eq!(own.get(&format!("attachments/{}", id(&public))).await.text, "CANARY");
    assert_eq!(own.get(&format!("attachments/{}", id(&internal))).await.status.as_u16(), 404);
    assert_eq!(stage.stranger().get(&format!("attachments/{}", id(&public))).await.status.as_u16(), 401);
});

/// Guesses at a hidden word, letter by letter, by every question that takes a condition.
async fn guessed(client: &Client, number: &str) -> Vec<String> {
    let mut signals = Vec::new();
    let letters = ["q", "z", "ze", "zeb", "zebra", "a", "Z"];
    let conditions = letters.iter().flat_map(|part| {
        [
            format!("diagnosis starts with \"{part}\""),
            format!("not diagnosis contains \"{part}\""),
            format!("title contains \"VPN\" and diagnosis contains \"{part}\""),
            format!("diagnosis is empty or diagnosis = \"{part}\""),
            "restricted is empty".to_owned(),
            "derived_priority < 9 or derived_priority is empty".to_owned(),
        ]
    });
    for condition in conditions {
        let filter = encoded(&condition);
        let asked = [
            format!("incidents?count=true&filter={filter}"),
            format!("incidents?limit=1&sort=-derived_priority&filter={filter}"),
            format!("incidents/export?format=json&filter={filter}"),
            format!("reports/ad_hoc?from=2025-06-01&to=2025-06-30&group_by=none&filter={filter}"),
        ];
        for path in asked {
            let answer = client.get(&path).await;
            let counted = answer.body["count"].as_i64().unwrap_or_default() + rows_of(&answer.body);
            if answer.text.contains(number) || counted > 0 {
                signals.push(format!("{path}: {}", answer.text));
            }
        }
    }
    signals
}

/// What a report counts in all.
fn rows_of(body: &Json) -> i64 {
    let figures = body["total"]["figures"].as_array().into_iter().flatten();
    figures.filter_map(|figure| figure["value"].as_i64()).sum()
}

story!(s_05_nothing_can_be_learned_of_a_hidden_field_by_asking_about_it, |stage| async move {
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    // Staff for Acme, but a plain requester at the bank: may ask about internal fields, and not of this record.
    let mixed = bound(&stage, &admin, "Agent", cast.acme).await;
    let hidden = json!({ "requester": mixed, "organisation": cast.retail_bank, "diagnosis": "zebra crossing", "impact": "low", "urgency": "low" });
    let number = admin.report(hidden).await;
    let client = stage.sign_in(mixed).await;
    assert_eq!(client.incident(&number).await["number"], number, "the record itself is theirs");
    assert_eq!(guessed(&client, &number).await, Vec::<String>::new());
    let known = guessed(&admin, &number).await;
    for way in ["incidents?count", "incidents?limit", "incidents/export", "reports/ad_hoc"] {
        assert!(known.iter().any(|signal| signal.starts_with(way)), "{way} answers whoever may ask");
    }
    let listed = client.get("incidents?fields=title,diagnosis,derived_priority").await.ok();
    assert!(listed.to_string().contains(&number) && !listed.to_string().contains("zebra"), "{listed}");
    for path in ["incidents?sort=diagnosis", "incidents?sort=-derived_priority", "incidents?sort=restricted"] {
        let answer = client.get(path).await;
        assert!(!answer.text.contains(&number), "an order is an answer too: {}", answer.text);
    }
    // Whoever is nobody's staff is told that there is no such field.
    let requester = stage.sign_in(cast.requester).await;
    for path in ["incidents?filter=diagnosis%20is%20empty", "incidents?sort=diagnosis", "incidents?fields=diagnosis"] {
        assert_eq!(requester.get(path).await.status.as_u16(), 422, "{path}");
    }
    // A view that somebody else made asks no more than its reader may.
    let view = json!({ "name": "Zebras", "process": "incident", "shared": "everyone", "condition": "diagnosis contains \"zebra\"" });
    let view = id(&admin.post("views", view).await.ok());
    assert!(!client.get(&format!("incidents?view={view}&count=true")).await.text.contains(&number));
    assert_eq!(client.get(&format!("incidents?view={view}&count=true")).await.body["count"], 0);
});

story!(s_05_searching_for_the_name_of_somebody_who_watches_finds_nothing, |stage| async move {
    // The index is fed with names; who watches is for staff to know.
    let cast = stage.house.cast.clone();
    let index = std::sync::Arc::new(mainstay_search::Index::in_memory().expect("an index"));
    let mut house = stage.house;
    house.desk = house.desk.clone().with_search(index.clone());
    let stage = Stage::of(house);
    let agent = stage.sign_in(cast.agent).await;
    let requester = stage.sign_in(cast.requester).await;
    let number = requester.report(json!({})).await;
    agent.post(&format!("incidents/{number}/watchers"), json!({ "person": cast.auditor })).await.ok();
    mainstay_desk::feed::catch_up(&stage.house.desk, &index, 10_000).await.expect("the index follows");
    assert_eq!(requester.get("search?q=auditor").await.ok()["count"], 0);
    assert!(agent.get("search?q=auditor").await.ok().to_string().contains(&number));
});

/// Ids of one organisation that another must not get hold of.
struct Foreign {
    number: String,
    person: i64,
    organisation: i64,
    service: i64,
    task: i64,
    clock: i64,
}

async fn foreign(stage: &Stage, admin: &Client) -> Foreign {
    let cast = &stage.house.cast;
    let number = admin.report(json!({ "requester": cast.acme_requester })).await;
    let task = admin.post(&format!("incidents/{number}/tasks"), json!({ "title": "Theirs" })).await.ok();
    let clocks = admin.get(&format!("incidents/{number}/clocks")).await.ok();
    let service = json!({ "name": "Only Acme's", "criticality": "low", "organisations": [cast.acme] });
    let service = id(&admin.post("services", service).await.ok());
    let (task, clock) = (id(&task), id(&clocks["items"][0]));
    Foreign { number, person: cast.acme_requester, organisation: cast.acme, service, task, clock }
}

/// Every reference that a record has, with a foreign id in it; those that no organisation owns are left out.
fn references(foreign: &Foreign) -> Vec<(&'static str, Json)> {
    let process = crate::probe::PROCESS;
    let of = |kind: Kind| match kind {
        Kind::Ref("people") => Some(foreign.person),
        Kind::Ref("organisations") => Some(foreign.organisation),
        Kind::Ref("services") => Some(foreign.service),
        _ => None,
    };
    let all: Vec<(&'static str, Json)> = process.fields().filter_map(|f| Some((f.key, of(f.kind)?.into()))).collect();
    assert!(all.len() >= 6, "{all:?}");
    all
}

story!(s_08_no_id_of_another_organisation_is_taken_in_any_place_and_nothing_is_written, |stage| async move {
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let foreign = foreign(&stage, &admin).await;
    let bank_agent = bound(&stage, &admin, "Agent", cast.retail_bank).await;
    let bank_manager = bound(&stage, &admin, "Process manager", cast.retail_bank).await;
    let own = admin.report(json!({ "requester": cast.requester })).await;
    for person in [cast.requester, bank_agent, bank_manager] {
        let client = stage.sign_in(person).await;
        let before = newest(&stage).await;
        for (method, path, body) in attempts(&own, &foreign) {
            let version = admin.incident(&own).await["version"].to_string();
            let tag = format!("\"{version}\"");
            let headers: &[(&str, &str)] = if method == "PATCH" { &[("if-match", &tag)] } else { &[] };
            let answer = client.send(method, &path, Some(body.clone()), headers).await;
            let status =
                answer.body["results"][0]["problem"]["status"].as_u64().unwrap_or(answer.status.as_u16().into());
            assert!(
                [403, 404, 409, 422].contains(&status),
                "{person}: {method} {path} {body}: {status} {}",
                answer.text
            );
            assert!(!answer.text.contains("Acme Requester") && !answer.text.contains("Only Acme"), "{}", answer.text);
            assert_eq!(newest(&stage).await, before, "{person}: {method} {path} {body} wrote something");
        }
    }
});

/// Requests that are all right but for one id.
fn attempts(own: &str, foreign: &Foreign) -> Vec<(&'static str, String, Json)> {
    let (theirs, below) = (foreign.number.as_str(), |what: &str| format!("incidents/{own}/{what}"));
    let mut all: Vec<(&'static str, String, Json)> = Vec::new();
    for (key, value) in references(foreign) {
        let mut body = json!({ "title": "Mine" });
        body[key] = value.clone();
        all.push(("POST", "incidents".into(), body));
        all.push(("PATCH", format!("incidents/{own}"), json!({ key: value })));
    }
    all.extend([
        ("PATCH", format!("incidents/{theirs}"), json!({ "title": "Ours" })),
        ("POST", format!("incidents/{theirs}/comments"), json!({ "body": "Hello" })),
        ("POST", below("links"), json!({ "relation": "related_to", "to": theirs })),
        ("POST", below("links"), json!({ "relation": "child_of", "to": theirs })),
        ("DELETE", below(&format!("links/related_to/{theirs}")), Json::Null),
        ("POST", below("merge"), json!({ "link": theirs })),
        ("POST", format!("incidents/{theirs}/merge"), json!({ "link": own })),
        ("POST", below("cancel"), json!({ "cancel_reason": "duplicate", "link": theirs })),
        ("POST", below("watchers"), json!({ "person": foreign.person })),
        ("POST", below("tasks"), json!({ "title": "Step", "assignee": foreign.person })),
        ("PATCH", below(&format!("tasks/{}", foreign.task)), json!({ "state": "done" })),
        (
            "POST",
            below(&format!("clocks/{}/exclude", foreign.clock)),
            json!({ "from": "2025-06-02T07:00:00Z", "to": "2025-06-02T07:10:00Z", "reason": "x" }),
        ),
        ("POST", "incidents/bulk".into(), json!({ "verb": "escalate", "numbers": [theirs], "reason": "x" })),
        ("PATCH", format!("people/{}", foreign.person), json!({ "phone": "1" })),
        ("PATCH", format!("organisations/{}", foreign.organisation), json!({ "name": "Ours" })),
        ("DELETE", "tokens/1".into(), Json::Null),
    ]);
    all
}

story!(s_09_rights_end_where_they_are_used_not_where_they_were_given, |stage| async move {
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let agent = stage.sign_in(cast.agent_l2).await;
    let number = admin.report(json!({ "requester": cast.requester, "team": cast.network })).await;
    let path = format!("incidents/{number}");
    agent.post(&format!("{path}/comments"), json!({ "body": "On it" })).await.ok();
    agent.post(&format!("{path}/escalate"), json!({ "reason": "Slow" })).await.ok();
    let told = agent.get("notices").await.ok()["unread"].as_i64();
    admin.patch(&format!("people/{}", cast.agent_l2), json!({ "grants": [] })).await.ok();
    // The same token, the team still set: nothing opens any more, and nothing is told.
    agent.get(&path).await.refused(404, "not_found");
    agent.post(&format!("{path}/comments"), json!({ "body": "Still here" })).await.refused(404, "not_found");
    agent.post(&format!("{path}/escalate"), json!({ "reason": "Slow" })).await.refused(404, "not_found");
    assert!(!agent.get("incidents?count=true").await.ok().to_string().contains(&number));
    agent.get("people").await.refused(403, "no_right");
    let classified = json!({ "team": cast.network, "impact": "low", "urgency": "low", "category": cast.vpn_category });
    admin.step(&number, "assign", classified).await;
    assert_eq!(agent.get("notices").await.ok()["unread"].as_i64(), told);
    admin.patch(&format!("people/{}", cast.agent_l2), json!({ "active": false })).await.ok();
    agent.get("me").await.refused(401, "not_signed_in");
});
