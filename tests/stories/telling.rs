//! Who hears of what: rules that name a role, a person or a team, and a model's way up when its time runs out.

use super::service_levels::{business_hours, level, target};
use super::{Client, at, story};
use serde_json::{Value as Json, json};

/// Subjects of the notices that somebody has of a record.
async fn heard(client: &Client, number: &str) -> Vec<String> {
    let notices = client.get("notices?limit=200").await.ok();
    let of_record = notices["items"].as_array().expect("items").iter().filter(|notice| notice["number"] == number);
    of_record.map(|notice| notice["text"].as_str().expect("words").to_owned()).collect()
}

async fn role(admin: &Client, name: &str) -> i64 {
    let found = admin.get(&format!("roles?name={}", super::client::encoded(name))).await.ok();
    found["items"][0]["id"].as_i64().expect("a shipped role")
}

/// A rule on a step, with a subject that says who is meant.
async fn rule(admin: &Client, event: &str, audience: &str, more: Json) -> Json {
    let mut values = json!({
        "name": format!("Told {audience}"), "process": "incident", "event": event, "audience": audience,
        "subject": format!("{audience}: {{number}}"), "body": "{title}\n\n{reason}",
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        values[key] = value.clone();
    }
    admin.post("notification-rules", values).await.ok()
}

story!(gen_08_a_rule_tells_a_role_a_person_or_another_team_as_far_as_they_may_read, |stage| async move {
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let agent = stage.sign_in(cast.agent).await;
    let (auditors, requesters) = (role(&admin, "Auditor").await, role(&admin, "Requester").await);
    let to_role = rule(&admin, "cancel", "role", json!({ "role": auditors })).await;
    assert_eq!(to_role["role"]["id"], auditors, "what is told comes back: {to_role}");
    rule(&admin, "cancel", "person", json!({ "person": cast.approver })).await;
    rule(&admin, "cancel", "other_team", json!({ "team": cast.network })).await;
    let mixed = rule(&admin, "cancel", "role", json!({ "role": requesters, "name": "Requesters" })).await;

    let values = json!({ "requester": cast.requester, "team": cast.service_desk });
    let number = agent.report(values.clone()).await;
    agent.step(&number, "cancel", json!({ "cancel_reason": "raised_in_error" })).await;
    let word = |audience: &str| format!("{audience}: {number}");
    let auditor = stage.sign_in(cast.auditor).await;
    assert_eq!(heard(&auditor, &number).await, [word("role")]);
    assert_eq!(heard(&stage.sign_in(cast.agent_l2).await, &number).await, [word("other_team")]);
    assert!(heard(&stage.sign_in(cast.approver).await, &number).await.is_empty(), "who may not read it is not told");
    let acme = stage.sign_in(cast.acme_requester).await;
    assert!(heard(&acme, &number).await.is_empty(), "nor another organisation, whatever its role");
    assert!(heard(&stage.sign_in(cast.requester).await, &number).await.contains(&word("role")), "who may read is told");
    let history = agent.get(&format!("incidents/{number}/history?limit=200")).await.ok();
    let logged = history["items"].as_array().expect("items").iter().filter(|event| event["verb"] == "notified");
    let to_auditor = |event: &&Json| event["changes"][0]["new"]["person"] == cast.auditor;
    assert_eq!(logged.filter(to_auditor).count(), 1, "each send is logged once: {history}");

    // A restricted record is told to nobody whom it is kept from.
    let manager = stage.sign_in(cast.manager).await;
    let kept = manager.report(json!({ "requester": cast.requester, "restricted": true })).await;
    manager.step(&kept, "cancel", json!({ "cancel_reason": "raised_in_error" })).await;
    assert!(heard(&stage.sign_in(cast.agent_l2).await, &kept).await.is_empty());
    assert_eq!(heard(&auditor, &kept).await, [format!("role: {kept}")], "auditors read restricted records");

    // A role that is retired gives nobody anything to hear.
    let at_role = format!("roles/{auditors}");
    admin.patch(&at_role, json!({ "active": false })).await.ok();
    admin.patch(&format!("notification-rules/{}", mixed["id"]), json!({ "active": false })).await.ok();
    let after = agent.report(values).await;
    agent.step(&after, "cancel", json!({ "cancel_reason": "raised_in_error" })).await;
    let history = agent.get(&format!("incidents/{after}/history?limit=200")).await.ok();
    assert!(!history.to_string().contains(&format!("\"person\":{}", cast.auditor)), "{history}");
});

story!(gen_08_a_rule_says_whom_it_names, |stage| async move {
    let admin = stage.sign_in(stage.house.cast.admin).await;
    let body = |audience: &str, more: Json| {
        let mut body = json!({ "name": "Probe", "process": "incident", "event": "cancel", "audience": audience, "subject": "x", "body": "x" });
        for (key, value) in more.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        body
    };
    let post = async |body: Json| admin.post("notification-rules", body).await;
    for (audience, field) in [("role", "role"), ("person", "person"), ("other_team", "team")] {
        post(body(audience, json!({}))).await.refused_field(field, "required");
        post(body(audience, json!({ field: 999_999 }))).await.refused_field(field, "unknown_reference");
    }
    post(body("everybody", json!({}))).await.refused_field("audience", "not_a_choice");
    for event in ["cancelled", "resolution", "resolution.101", "cost.75"] {
        post(body("team", json!({ "event": event }))).await.refused_field("event", "unknown_event");
    }
    let said = post(body("team", json!({ "event": "cancelled" }))).await.text;
    assert!(said.contains("Nothing called cancelled happens to incidents") && said.contains("resolution.75"), "{said}");
    post(body("team", json!({ "event": "resolution.80" }))).await.ok();
    let kept = post(body("team", json!({}))).await.ok();
    let place = format!("notification-rules/{}", kept["id"]);
    let version = kept["version"].as_i64().expect("a version");
    admin.patch_version(&place, version, json!({ "audience": "role" })).await.refused_field("role", "required");
    assert_eq!(admin.get(&place).await.ok()["audience"], "team", "nothing half written");
});

story!(inc_20_a_models_records_escalate_by_a_rule_on_the_model, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let bh = business_hours(&admin).await;
    let never = json!({ "name": "Card terminals", "condition": "title = \"never\"" });
    let own = level(&admin, &cast, bh, target("resolution", 4, "hours"), never).await;
    let model = json!({ "name": "Lost card terminal", "process": "incident", "service_level": own });
    let model = admin.post("models", model).await.ok()["id"].as_i64().expect("an id");
    let auditors = role(&admin, "Auditor").await;
    let names_it = json!({ "role": auditors, "condition": format!("model = {model} and priority <= 3") });
    let rule_id = rule(&admin, "resolution.75", "role", names_it).await["id"].clone();
    let other = json!({ "name": "Of priority", "team": cast.network, "condition": format!("priority = {model}") });
    let other = rule(&admin, "resolution.75", "other_team", other).await["id"].clone();

    stage.house.advance_to(at("2025-06-09T08:00:00Z")).await;
    let values = json!({ "impact": "medium", "urgency": "medium", "team": cast.service_desk });
    let plain = agent.report(values.clone()).await;
    let mut with_model = values;
    with_model["model"] = model.into();
    let number = agent.report(with_model).await;
    let auditor = stage.sign_in(cast.auditor).await;
    stage.house.advance_to(at("2025-06-09T10:59:00Z")).await;
    assert!(heard(&auditor, &number).await.is_empty(), "a minute too early");
    stage.house.advance_to(at("2025-06-09T11:00:00Z")).await;
    stage.house.tick().await;
    assert_eq!(heard(&auditor, &number).await, [format!("role: {number}")]);
    stage.house.advance_to(at("2025-06-13T15:00:00Z")).await;
    assert_eq!(heard(&auditor, &number).await.len(), 1, "once, however late it gets");
    assert!(heard(&auditor, &plain).await.is_empty(), "without the model nobody above hears of it");

    // The model says which rules are for it, to those who may read rules.
    let used = admin.get(&format!("models/{model}/uses")).await.ok();
    let rules: Vec<&Json> = used["entries"].as_array().expect("entries").iter().collect();
    let named = |id: &Json| rules.iter().find(|entry| entry["id"] == *id).map(|entry| entry["field"].clone());
    assert_eq!(named(&rule_id), Some(json!("condition")), "{used}");
    assert_eq!(named(&other), None, "a number of another field is no model: {used}");
    let seen = agent.get(&format!("models/{model}/uses")).await.ok();
    assert_eq!(seen["entries"], json!([]), "an agent reads no rules");
});
