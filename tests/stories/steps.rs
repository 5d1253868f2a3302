//! What only a step may change, what a step has to bring along, and what follows from it.

use crate::client::encoded;
use crate::fields::settings;
use crate::incident::{classified, in_progress, resolution};
use crate::service_levels::{business_hours, clock, level, target};
use crate::{Client, at, story};
use serde_json::{Value as Json, json};

/// The steps that a record offers to its reader.
fn verbs(record: &Json) -> Vec<&str> {
    record["actions"].as_array().into_iter().flatten().filter_map(|a| a["verb"].as_str()).collect()
}

story!(inc_23_gen_05_the_team_moves_by_reassignment_and_by_nothing_else, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let fresh = agent.report(json!({ "team": cast.network })).await;
    agent.patch(&format!("incidents/{fresh}"), json!({ "team": cast.service_desk })).await.ok();
    let number = in_progress(&stage, &agent).await;
    let path = format!("incidents/{number}");
    let before = agent.incident(&number).await;
    let answer = agent.patch(&path, json!({ "team": cast.network })).await;
    assert!(answer.text.contains("Reassign"), "it names the step: {}", answer.text);
    answer.refused_field("team", "by_step");
    agent.patch(&path, json!({ "team": null })).await.refused_field("team", "by_step");
    let bulk = json!({ "verb": "update", "numbers": [number], "values": { "team": cast.network } });
    let rows = agent.post("incidents/bulk", bulk).await;
    assert!(rows.text.contains("by_step"), "nor many at once: {}", rows.text);
    for key in ["impact", "urgency", "category"] {
        let mut empty = json!({});
        empty[key] = Json::Null;
        agent.patch(&path, empty).await.refused_field(key, "required");
    }
    let after = agent.incident(&number).await;
    assert_eq!((after["version"].clone(), after["hop_count"].clone()), (before["version"].clone(), Json::Null));
    agent.patch(&path, json!({ "team": cast.service_desk, "title": "VPN drops often" })).await.ok();
    agent.step(&number, "resolve", resolution(&cast)).await;
    agent.patch(&path, json!({ "team": cast.network })).await.refused_field("team", "by_step");
});

story!(inc_23_a_reassignment_needs_another_team_or_person_and_ends_the_assignment, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let number = in_progress(&stage, &agent).await;
    let reassign = format!("incidents/{number}/reassign");
    let ask = |team: i64, person: Json| json!({ "team": team, "assignee": person, "reason": "Better there" });
    agent.post(&reassign, ask(cast.service_desk, Json::Null)).await.refused_field("team", "unchanged");
    agent.post(&reassign, json!({ "reason": "Same again" })).await.refused_field("team", "unchanged");
    agent.post(&reassign, ask(cast.service_desk, cast.agent.into())).await.refused_field("team", "unchanged");
    assert_eq!(agent.incident(&number).await["hop_count"], Json::Null, "what is refused is no hop");
    agent.step(&number, "reassign", json!({ "team": cast.network, "reason": "A switch" })).await;
    let record = agent.incident(&number).await;
    assert_eq!(
        (record["assignee"].clone(), record["hop_count"].clone()),
        (Json::Null, json!(1)),
        "nobody there has it yet"
    );
    agent.step(&number, "reassign", ask(cast.network, cast.agent_l2.into())).await;
    let record = agent.incident(&number).await;
    assert_eq!((record["assignee"]["id"].clone(), record["hop_count"].clone()), (json!(cast.agent_l2), json!(2)));
});

story!(inc_07_each_override_needs_a_reason_of_its_own, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let number = agent.report(json!({ "impact": "low", "urgency": "low" })).await;
    let path = format!("incidents/{number}/override_priority");
    assert!(!verbs(&manager.incident(&number).await).contains(&"derive_priority"), "there is nothing to take back");
    manager.post(&format!("incidents/{number}/derive_priority"), json!({})).await.refused(409, "not_now");
    manager.post(&path, json!({ "priority": 1, "priority_reason": "Quarter end" })).await.ok();
    manager.post(&path, json!({ "priority": 2 })).await.refused_field("priority_reason", "required");
    manager.post(&path, json!({ "priority_reason": "Why not" })).await.refused_field("priority", "required");
    let record = manager.incident(&number).await;
    assert_eq!((record["priority"].clone(), record["priority_reason"].clone()), (json!(1), json!("Quarter end")));
    manager.post(&path, json!({ "priority": 2, "priority_reason": "The quarter is over" })).await.ok();
    assert_eq!(manager.incident(&number).await["priority"], 2);
    assert!(verbs(&manager.incident(&number).await).contains(&"derive_priority"));
});

story!(inc_18_nothing_is_added_to_a_closed_record_but_what_others_say_of_it, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, requester) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.requester).await);
    let manager = stage.sign_in(cast.manager).await;
    let other = agent.report(json!({})).await;
    let number = in_progress(&stage, &agent).await;
    let path = format!("incidents/{number}");
    let task = agent.post(&format!("{path}/tasks"), json!({ "title": "Tell the branch" })).await.ok();
    let task = format!("{path}/tasks/{}", task["id"]);
    agent.patch_version(&task, 1, json!({ "state": "done" })).await.ok();
    agent.post(&format!("{path}/links"), json!({ "relation": "caused_by", "to": other })).await.ok();
    agent.post(&format!("{path}/watchers"), json!({ "person": cast.agent })).await.ok();
    agent.step(&number, "resolve", resolution(&cast)).await;
    requester.step(&number, "confirm", json!({})).await;
    let before = agent.incident(&number).await;
    let additions = [
        ("links", json!({ "relation": "related_to", "to": other })),
        ("links", json!({ "relation": "fixed_by", "reference": "CHG0040007" })),
        ("watchers", json!({ "person": cast.agent_l2 })),
        ("comments", json!({ "body": "One more thing.", "internal": true })),
        ("comments", json!({ "body": "One more thing." })),
        ("tasks", json!({ "title": "Something else" })),
    ];
    for (rest, body) in additions {
        manager.post(&format!("{path}/{rest}"), body).await.refused(409, "closed");
    }
    let file = manager.send_bytes("POST", &format!("{path}/attachments?name=a.txt"), b"late".to_vec(), &[]).await;
    file.refused(409, "closed");
    manager.delete(&format!("{path}/links/caused_by/{other}")).await.refused(409, "closed");
    agent.patch_version(&task, 2, json!({ "state": "open" })).await.refused(409, "closed");
    agent.post(&format!("incidents/{other}/merge"), json!({ "link": number })).await.refused(409, "closed");
    let can = &before["can"];
    assert_eq!(
        (can["note"].clone(), can["link"].clone(), can["task"].clone()),
        (json!(false), json!(false), json!(false))
    );
    let record = agent.incident(&number).await;
    assert_eq!(
        (record["version"].clone(), record["updated"].clone()),
        (before["version"].clone(), before["updated"].clone())
    );
    // It may come back, others may refer to it, and people may stop listening.
    let made = requester.step(&number, "report_again", json!({ "reason": "It is back" })).await;
    let links = agent.get(&format!("{path}/links")).await.ok();
    assert!(links.to_string().contains(made["made"].as_str().expect("a new incident")), "{links}");
    agent.post(&format!("incidents/{other}/links"), json!({ "relation": "related_to", "to": number })).await.ok();
    agent.delete(&format!("{path}/watchers/{}", cast.agent)).await.ok();
    // A correction empties nothing that the way here needed.
    let emptied = json!({ "resolution": null, "reason": "Too long" });
    manager.post(&format!("{path}/correct"), emptied).await.refused_field("resolution", "required");
});

story!(inc_05_the_category_at_opening_outlives_edits, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let number = in_progress(&stage, &agent).await;
    agent.patch(&format!("incidents/{number}"), json!({ "category": cast.software_category })).await.ok();
    let mut values = resolution(&cast);
    values["closing_category"] = cast.software_category.into();
    agent.step(&number, "resolve", values).await;
    let record = agent.incident(&number).await;
    let id = |key: &str| record[key]["id"].clone();
    assert_eq!(id("opening_category"), cast.network_category);
    assert_eq!(
        (id("category"), id("closing_category")),
        (json!(cast.software_category), json!(cast.software_category))
    );
    let found = agent.get("reports/mismatch?from=2025-06-01&to=2025-06-30").await.ok();
    assert!(found.to_string().contains("\"value\":100.0"), "it turned out to be something else: {found}");
    // Whoever opens it without one is sorted later: the first category counts.
    let late = agent.report(json!({})).await;
    agent.patch(&format!("incidents/{late}"), json!({ "category": cast.vpn_category })).await.ok();
    agent.patch(&format!("incidents/{late}"), json!({ "category": cast.software_category })).await.ok();
    assert_eq!(agent.incident(&late).await["opening_category"]["id"], cast.vpn_category);
});

story!(slm_07_any_field_that_a_level_is_chosen_by_chooses_it_anew, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let own = json!({ "name": "Branch", "field": "branch", "process": "incident", "kind": "text" });
    admin.post("custom-fields", own).await.ok();
    let bh = business_hours(&admin).await;
    let cases = [
        ("branch = \"Leeds\"", json!({ "branch": "Leeds" })),
        ("source = \"phone\"", json!({ "source": "phone" })),
        ("impact = \"none_yet\"", json!({ "impact": "none_yet" })),
    ];
    for (position, (condition, change)) in (1..).zip(cases) {
        let more = json!({ "name": condition, "condition": condition, "position": position });
        let chosen = level(&admin, &cast, bh, target("resolution", 2, "hours"), more).await;
        let number = agent.report(classified(&cast, "low", "medium")).await;
        assert_eq!(clock(&agent, &number, "resolution").await["level"]["name"], "Default for incidents");
        agent.patch(&format!("incidents/{number}"), change).await.ok();
        assert_eq!(clock(&agent, &number, "resolution").await["level"]["id"], chosen, "{condition}");
        assert_eq!(clock(&agent, &number, "response").await["level"]["id"], chosen, "{condition}");
    }
});

story!(gen_21_a_level_that_is_edited_moves_no_running_record, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let bh = business_hours(&admin).await;
    let number = agent.report(classified(&cast, "low", "medium")).await;
    let before = clock(&agent, &number, "resolution").await;
    level(&admin, &cast, bh, target("resolution", 2, "hours"), json!({ "condition": null })).await;
    agent.patch(&format!("incidents/{number}"), json!({ "title": "VPN drops often" })).await.ok();
    let after = clock(&agent, &number, "resolution").await;
    assert_eq!((after["level"].clone(), after["due"].clone()), (before["level"].clone(), before["due"].clone()));
});

story!(slm_03_the_last_default_level_cannot_be_retired, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let bh = business_hours(&admin).await;
    let listed = admin.get(&format!("service-levels?name={}", encoded("Default"))).await.ok();
    let path = format!("service-levels/{}", listed["items"][0]["id"]);
    for change in [json!({ "active": false }), json!({ "fallback": false })] {
        admin.patch(&path, change).await.refused_field("fallback", "last_default");
    }
    let more = json!({ "name": "Another default", "fallback": true, "condition": null });
    let other = level(&admin, &cast, bh, target("resolution", 6, "hours"), more).await;
    admin.patch(&path, json!({ "active": false })).await.ok();
    let number = agent.report(json!({})).await;
    assert_eq!(clock(&agent, &number, "resolution").await["level"]["id"], other);
});

story!(gen_12_a_process_that_is_off_takes_no_recurrence_either, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let number = in_progress(&stage, &agent).await;
    agent.step(&number, "resolve", resolution(&cast)).await;
    assert!(verbs(&agent.incident(&number).await).contains(&"report_again"));
    let path = settings(&admin).await;
    admin.patch(&path, json!({ "disabled": true })).await.ok();
    assert!(!verbs(&agent.incident(&number).await).contains(&"report_again"), "nor is it offered");
    let again = format!("incidents/{number}/report_again");
    agent.post(&again, json!({ "reason": "It is back" })).await.refused(409, "process_disabled");
    agent.step(&number, "reopen", json!({ "reason": "What is there goes on" })).await;
});

story!(inc_16_inc_19_confirming_is_offered_only_where_it_would_be_accepted, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, requester) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.requester).await);
    let number = in_progress(&stage, &agent).await;
    let task = agent.post(&format!("incidents/{number}/tasks"), json!({ "title": "Tell the branch" })).await.ok();
    agent.step(&number, "resolve", resolution(&cast)).await;
    assert_eq!(verbs(&requester.incident(&number).await), ["reopen", "report_again", "complain"]);
    requester.post(&format!("incidents/{number}/confirm"), json!({})).await.refused(409, "open_tasks");
    let path = format!("incidents/{number}/tasks/{}", task["id"]);
    agent.patch_version(&path, 1, json!({ "state": "done" })).await.ok();
    assert_eq!(verbs(&requester.incident(&number).await), ["reopen", "confirm", "report_again", "complain"]);
});

/// A model whose values are of every kind that it may set.
async fn model(admin: &Client, more: Json) -> Json {
    let mut body = json!({ "name": "Lost card terminal", "process": "incident" });
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    admin.post("models", body).await.ok()["id"].clone()
}

story!(inc_20_a_model_sets_values_of_any_kind_and_its_own_targets, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    for (name, kind) in [("Terminal", "text"), ("Insured", "bool"), ("Tags", "tags")] {
        let own = json!({ "name": name, "field": name.to_lowercase(), "process": "incident", "kind": kind });
        admin.post("custom-fields", own).await.ok();
    }
    let bh = business_hours(&admin).await;
    let never = json!({ "name": "Terminals", "condition": "title = \"never\"" });
    let chosen = level(&admin, &cast, bh, target("resolution", 1, "hours"), never).await;
    let row = |field: &str, value: &str| json!({ "field": field, "value": value });
    let values = json!([
        row("terminal", "007"),
        row("insured", "true"),
        row("tags", "lost, card"),
        row("urgency", "high"),
        row("category", &cast.software_category.to_string()),
    ]);
    let id = model(&admin, json!({ "values": values, "service_level": chosen })).await;
    let number = agent.report(json!({ "model": id, "impact": "high" })).await;
    let record = agent.incident(&number).await;
    assert_eq!((record["terminal"].clone(), record["insured"].clone()), (json!("007"), json!(true)));
    assert_eq!((record["tags"].clone(), record["priority"].clone()), (json!(["lost", "card"]), json!(1)));
    let clock = clock(&agent, &number, "resolution").await;
    assert_eq!((clock["level"]["id"].clone(), clock["due"].clone()), (json!(chosen), json!("2025-06-02T09:00:00Z")));
    // What it sets is checked when it is saved.
    let wrong = [
        ("no_such_field", "x", "unknown_field"),
        ("insured", "perhaps", "not_a_bool"),
        ("impact", "huge", "not_a_choice"),
        ("category", "999999", "unknown_reference"),
        ("hop_count", "3", "read_only"),
    ];
    for (field, value, why) in wrong {
        let body = json!({ "name": "Wrong", "process": "incident", "values": [row(field, value)] });
        admin.post("models", body).await.refused_field("values", why);
    }
});

story!(inc_20_a_model_named_later_brings_its_values_and_tasks_too, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let values = json!([{ "field": "impact", "value": "high" }, { "field": "workaround", "value": "Take the spare." }]);
    let id = model(&admin, json!({ "values": values, "tasks": [{ "title": "Block the terminal" }] })).await;
    let number = agent.report(json!({ "impact": "low" })).await;
    let path = format!("incidents/{number}");
    agent.patch(&path, json!({ "model": id, "urgency": "low" })).await.ok();
    let record = agent.incident(&number).await;
    assert_eq!((record["impact"].clone(), record["workaround"].clone()), (json!("low"), json!("Take the spare.")));
    let tasks = async || agent.get(&format!("{path}/tasks")).await.ok()["items"].as_array().map_or(0, Vec::len);
    assert_eq!(tasks().await, 1);
    agent.patch(&path, json!({ "model": id, "title": "Terminal lost" })).await.ok();
    assert_eq!(tasks().await, 1, "the same model again is no change");
});

story!(inc_12_gen_06_a_parents_resolution_reaches_children_that_lack_a_mandatory_field, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let parent = in_progress(&stage, &agent).await;
    let child = agent.report(classified(&cast, "low", "medium")).await;
    agent.post(&format!("incidents/{child}/links"), json!({ "relation": "child_of", "to": parent })).await.ok();
    let rules = json!([{ "field": "workaround", "state": "resolved" }]);
    admin.patch(&settings(&admin).await, json!({ "mandatory": rules })).await.ok();
    agent.patch(&format!("incidents/{parent}"), json!({ "workaround": "Use the cable" })).await.ok();
    stage.house.advance_to(at("2025-06-02T09:00:00Z")).await;
    agent.step(&parent, "resolve", resolution(&cast)).await;
    assert_eq!(agent.incident(&child).await["state"], "resolved", "the parent's resolution reaches every child");
});

story!(a_step_that_is_not_possible_says_why_and_what_is, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, admin) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.admin).await);
    let browser = crate::browser::Pages::of(&stage).await.browser(&stage, cast.agent).await;
    let number = agent.report(classified(&cast, "low", "low")).await;
    let at = |step: &str| format!("/incidents/{number}/{step}");
    let early = browser.get(&at("resolve")).await;
    assert_eq!(early.status.as_u16(), 409);
    for words in [
        "Not possible now",
        "Resolve is not possible while the incident is assigned.",
        "Resolve is possible in these states: “In progress”, “On hold”.",
        &format!("href=\"{}\"", at("take")),
        &format!("href=\"{}\"", at("cancel")),
    ] {
        assert!(early.text.contains(words), "{words} in {}", early.text);
    }
    assert!(!early.text.contains("Somebody was faster"), "{}", early.text);

    // Sent all the same it changes nothing and says the same, and so does a guard of the house.
    let sent = browser.post(&at("resolve"), &[]).await;
    assert!(sent.status == 409 && sent.text.contains("What is possible now"), "{}", sent.text);
    assert!(!sent.text.contains("Somebody was faster"), "{}", sent.text);
    let guards =
        json!([{ "step": "cancel", "condition": "title contains \"keep\"", "says": "It has to be called keep." }]);
    admin.patch(&settings(&admin).await, json!({ "guards": guards })).await.ok();
    let guarded = browser.get(&at("cancel")).await;
    assert!(guarded.status == 409 && guarded.text.contains("It has to be called keep."), "{}", guarded.text);

    // Only whom somebody overtook reads so.
    let version = ("version".to_owned(), "1".to_owned());
    let late = browser.post(&at("take"), &[version]).await;
    assert!(late.status == 409 && late.text.contains("Somebody was faster"), "{}", late.text);
    assert_eq!(agent.incident(&number).await["state"], "assigned");
});
