//! Incident management.

use crate::{Client, Stage, at, story};
use mainstay_testing::Cast;
use serde_json::{Value as Json, json};

/// What a classified incident of Retail Bank needs.
pub fn classified(cast: &Cast, impact: &str, urgency: &str) -> Json {
    json!({ "impact": impact, "urgency": urgency, "team": cast.service_desk, "category": cast.network_category })
}

/// What resolving it needs.
pub fn resolution(cast: &Cast) -> Json {
    json!({
        "resolution_code": "fixed", "resolution": "The gateway was restarted.",
        "closing_category": cast.vpn_category, "restored": "2025-06-02T08:00:00Z",
    })
}

/// An incident in progress with the agent, reported by the requester.
pub async fn in_progress(stage: &Stage, agent: &Client) -> String {
    let cast = &stage.house.cast;
    let mut values = classified(cast, "medium", "medium");
    values["requester"] = cast.requester.into();
    let number = agent.report(values).await;
    agent.step(&number, "take", json!({})).await;
    number
}

/// Notices of a person about a record, by reason.
pub async fn reasons(client: &Client, number: &str) -> Vec<String> {
    let notices = client.get("notices").await.ok();
    let items = notices["items"].as_array().cloned().unwrap_or_default();
    let about = |n: &&Json| n["number"] == number;
    items.iter().filter(about).filter_map(|n| n["reason"].as_str().map(str::to_owned)).collect()
}

story!(inc_01_each_channel_leaves_its_source_and_the_callback, |stage| async move {
    let cast = &stage.house.cast;
    let agent = stage.sign_in(cast.agent).await;
    let by_api = agent.report(json!({ "callback": "020 7946 0000 after two", "contact": "The branch manager" })).await;
    let record = agent.incident(&by_api).await;
    assert_eq!(record["source"], "api");
    assert_eq!(record["callback"], "020 7946 0000 after two");
    assert_eq!(record["contact"], "The branch manager");
    let by_phone = agent.report(json!({ "source": "phone" })).await;
    assert_eq!(agent.incident(&by_phone).await["source"], "phone");
    let requester = stage.sign_in(cast.requester).await;
    let own = requester.report(json!({ "source": "phone" })).await;
    assert_eq!(agent.incident(&own).await["source"], "api", "a requester's channel is what it is");
    let monitoring = stage.sign_in(cast.monitoring).await;
    let from_machine = monitoring.report(json!({})).await;
    assert_eq!(agent.incident(&from_machine).await["source"], "api");
});

story!(inc_03_symptoms_keep_the_requesters_words_apart_from_the_diagnosis, |stage| async move {
    let cast = &stage.house.cast;
    let requester = stage.sign_in(cast.requester).await;
    let agent = stage.sign_in(cast.agent).await;
    let words = "It says *no*.\n\nEvery time & always <b>red</b>.";
    let number = requester.report(json!({ "symptoms": words })).await;
    let path = format!("incidents/{number}");
    agent.patch(&path, json!({ "diagnosis": "DHCP lease renewal fails" })).await.ok();
    let record = agent.incident(&number).await;
    assert_eq!(record["symptoms"], words);
    assert_eq!(record["diagnosis"], "DHCP lease renewal fails");
    agent.patch(&path, json!({ "symptoms": "Something else" })).await.refused_field("symptoms", "read_only");
    let seen = requester.incident(&number).await;
    assert_eq!(seen["symptoms"], words);
    assert!(seen.get("diagnosis").is_none(), "a diagnosis is internal");
});

story!(inc_05_categories_at_opening_and_closing_are_both_kept, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let admin = stage.sign_in(cast.admin).await;
    let number = in_progress(&stage, &agent).await;
    agent.step(&number, "resolve", resolution(&cast)).await;
    let record = agent.incident(&number).await;
    assert_eq!(record["category"]["id"], cast.network_category);
    assert_eq!(record["closing_category"]["id"], cast.vpn_category);
    // The set is controlled: what is not in it is refused, what is retired stays on old records.
    let path = format!("categories/{}", cast.network_category);
    admin.patch(&path, json!({ "active": false })).await.ok();
    assert_eq!(agent.incident(&number).await["category"]["name"], "Network");
    let fresh = json!({ "title": "Another", "category": cast.network_category });
    agent.post("incidents", fresh).await.refused_field("category", "retired");
    let invented = json!({ "title": "Another", "category": 999_999 });
    agent.post("incidents", invented).await.refused_field("category", "unknown_reference");
    let text = json!({ "title": "Another", "category": "Network" });
    agent.post("incidents", text).await.refused_field("category", "not_a_reference");
});

story!(inc_06_priority_follows_impact_and_urgency_in_all_nine_cells, |stage| async move {
    let cast = &stage.house.cast;
    let agent = stage.sign_in(cast.agent).await;
    let levels = ["high", "medium", "low"];
    for (row, impact) in levels.iter().enumerate() {
        for (column, urgency) in levels.iter().enumerate() {
            let number = agent.report(json!({ "impact": impact, "urgency": urgency })).await;
            assert_eq!(agent.incident(&number).await["priority"], row + column + 1, "{impact} {urgency}");
        }
    }
    let number = agent.report(json!({ "impact": "low", "urgency": "low" })).await;
    let path = format!("incidents/{number}");
    agent.patch(&path, json!({ "impact": "high" })).await.ok();
    assert_eq!(agent.incident(&number).await["priority"], 3, "recalculated when impact changes");
    agent.patch(&path, json!({ "urgency": "high" })).await.ok();
    assert_eq!(agent.incident(&number).await["priority"], 1, "recalculated when urgency changes");
    agent.patch(&path, json!({ "priority": 5 })).await.refused_field("priority", "read_only");
});

story!(inc_07_an_override_needs_right_and_reason_and_keeps_the_derived_value, |stage| async move {
    let cast = &stage.house.cast;
    let agent = stage.sign_in(cast.agent).await;
    let manager = stage.sign_in(cast.manager).await;
    let number = agent.report(json!({ "impact": "low", "urgency": "low" })).await;
    let path = format!("incidents/{number}/override_priority");
    agent.post(&path, json!({ "priority": 1, "priority_reason": "A director" })).await.refused(403, "not_yours");
    manager.post(&path, json!({ "priority": 1 })).await.refused_field("priority_reason", "required");
    assert_eq!(manager.incident(&number).await["priority"], 5, "a refused override changes nothing");
    manager.post(&path, json!({ "priority": 1, "priority_reason": "Quarter end" })).await.ok();
    let record = manager.incident(&number).await;
    assert_eq!(record["priority"], 1);
    assert_eq!(record["derived_priority"], 5);
    agent.patch(&format!("incidents/{number}"), json!({ "impact": "high" })).await.ok();
    let record = manager.incident(&number).await;
    assert_eq!((record["priority"].clone(), record["derived_priority"].clone()), (json!(1), json!(3)));
    manager.step(&number, "derive_priority", json!({})).await;
    assert_eq!(manager.incident(&number).await["priority"], 3);
    let history = manager.get(&format!("incidents/{number}/history")).await.ok();
    let of_priority: Vec<Json> = history["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter(|e| e["changes"].as_array().is_some_and(|c| c.iter().any(|c| c["field"] == "priority")))
        .cloned()
        .collect();
    assert_eq!(of_priority.len(), 3, "opened, overridden, derived again: {history}");
});

story!(inc_10_on_hold_asks_the_requester_and_a_reply_resumes, |stage| async move {
    let cast = &stage.house.cast;
    let agent = stage.sign_in(cast.agent).await;
    let requester = stage.sign_in(cast.requester).await;
    let number = in_progress(&stage, &agent).await;
    let hold = format!("incidents/{number}/hold");
    agent.post(&hold, json!({ "hold_reason": "requester" })).await.refused_field("comment", "required");
    agent.post(&hold, json!({ "hold_reason": "requester", "comment": "Which floor are you on?" })).await.ok();
    assert_eq!(agent.incident(&number).await["state"], "on_hold");
    assert!(reasons(&requester, &number).await.contains(&"hold".to_owned()));
    let comments = requester.get(&format!("incidents/{number}/comments")).await.ok();
    assert!(comments.to_string().contains("Which floor are you on?"));
    requester.post(&format!("incidents/{number}/comments"), json!({ "body": "The third." })).await.ok();
    let record = agent.incident(&number).await;
    assert_eq!(record["state"], "in_progress", "a reply resumes");
    assert_eq!(record["hold_reason"], Json::Null);
    let told = reasons(&agent, &number).await;
    assert!(told.contains(&"replied".to_owned()), "the assignee is alerted: {told:?}");
});

story!(inc_12_resolving_a_parent_resolves_open_children_and_reopening_one_flags_it, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let requester = stage.sign_in(cast.requester).await;
    let parent = in_progress(&stage, &agent).await;
    let mut children = Vec::new();
    for _ in 0..3 {
        let mut values = classified(&cast, "low", "medium");
        values["requester"] = cast.requester.into();
        let child = agent.report(values).await;
        agent.post(&format!("incidents/{child}/links"), json!({ "relation": "child_of", "to": parent })).await.ok();
        children.push(child);
    }
    agent.step(&parent, "resolve", resolution(&cast)).await;
    for child in &children {
        let record = agent.incident(child).await;
        assert_eq!(record["state"], "resolved");
        assert_eq!(record["resolution_code"], "with_parent");
        assert_eq!(record["resolution"], "The gateway was restarted.");
        let stopped = record["clocks"].as_array().expect("clocks").iter().all(|c| c["state"] == "met");
        assert!(stopped, "own clocks are stopped: {}", record["clocks"]);
        let told = reasons(&requester, child).await;
        assert_eq!(told.iter().filter(|r| *r == "resolve_with_parent").count(), 1, "told once: {told:?}");
    }
    requester.step(&children[0], "reopen", json!({ "reason": "Still down here" })).await;
    assert_eq!(agent.incident(&children[0]).await["state"], "in_progress");
    assert_eq!(agent.incident(&children[1]).await["state"], "resolved", "one reopens alone");
    let record = agent.incident(&parent).await;
    assert_eq!((record["state"].clone(), record["flagged"].clone()), (json!("resolved"), json!(true)));
});

story!(inc_13_merging_keeps_reporters_words_and_files_and_tells_both, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let first = stage.sign_in(cast.requester).await;
    let second = stage.sign_in(cast.approver).await;
    let survivor = in_progress(&stage, &agent).await;
    let duplicate = second.report(json!({ "title": "VPN is gone" })).await;
    second.post(&format!("incidents/{duplicate}/comments"), json!({ "body": "Cable works." })).await.ok();
    let place = format!("incidents/{duplicate}/attachments?name=screen.txt");
    let file = second.send_bytes("POST", &place, b"No route to host".to_vec(), &[]).await.ok();
    agent.post(&format!("incidents/{duplicate}/merge"), json!({})).await.refused(409, "link_needed");
    agent.step(&duplicate, "merge", json!({ "link": survivor })).await;
    let gone = agent.incident(&duplicate).await;
    assert_eq!((gone["state"].clone(), gone["cancel_reason"].clone()), (json!("cancelled"), json!("duplicate")));
    let comments = agent.get(&format!("incidents/{survivor}/comments")).await.ok();
    assert!(comments.to_string().contains("Cable works."));
    let files = agent.get(&format!("incidents/{survivor}/attachments")).await.ok();
    let kept = &files["items"][0];
    assert_eq!(kept["name"], file["name"], "{files}");
    let bytes = first.get(&format!("attachments/{}", kept["id"])).await;
    assert_eq!(bytes.text, "No route to host", "the other reporter reads it too");
    assert_eq!(second.incident(&survivor).await["number"], survivor, "a reporter sees the survivor");
    agent.step(&survivor, "resolve", resolution(&cast)).await;
    assert!(reasons(&first, &survivor).await.contains(&"resolve".to_owned()));
    assert!(reasons(&second, &survivor).await.contains(&"resolve".to_owned()), "both reporters hear of it");
});

story!(inc_14_escalation_tells_the_manager_and_leaves_the_owner, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let boss = stage.sign_in(cast.team_manager).await;
    let number = in_progress(&stage, &agent).await;
    agent.post(&format!("incidents/{number}/escalate"), json!({})).await.refused_field("reason", "required");
    agent.step(&number, "escalate", json!({ "reason": "Needs the vendor's attention" })).await;
    assert!(reasons(&boss, &number).await.contains(&"escalate".to_owned()));
    // P3 resolves within 24 hours of service time: 75 per cent is reached on the third day.
    stage.house.advance_to(at("2025-06-04T10:00:01Z")).await;
    assert!(reasons(&boss, &number).await.contains(&"resolution.75".to_owned()), "and by time");
    let record = agent.incident(&number).await;
    assert_eq!(record["owner"]["id"], cast.agent, "the owner stays");
    agent.step(&number, "reassign", json!({ "team": cast.network, "reason": "Network matter" })).await;
    assert_eq!(agent.incident(&number).await["owner"]["id"], cast.agent, "also when the work moves");
});

story!(inc_15_resolution_needs_code_text_category_and_restored_time, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let number = in_progress(&stage, &agent).await;
    let before = agent.incident(&number).await;
    for missing in ["resolution_code", "resolution", "closing_category", "restored"] {
        let mut values = resolution(&cast);
        values.as_object_mut().expect("an object").remove(missing);
        agent.post(&format!("incidents/{number}/resolve"), values).await.refused_field(missing, "required");
    }
    assert_eq!(agent.incident(&number).await["version"], before["version"], "a refusal changes nothing");
    let mut by_change = resolution(&cast);
    by_change["resolution_code"] = "fixed_by_change".into();
    agent.post(&format!("incidents/{number}/resolve"), by_change.clone()).await.refused(409, "change_needs_link");
    let link = json!({ "relation": "fixed_by", "reference": "CHG0040007" });
    agent.post(&format!("incidents/{number}/links"), link).await.ok();
    agent.step(&number, "resolve", by_change).await;
});

story!(inc_16_it_closes_by_itself_after_a_warning_but_not_while_work_is_open, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let requester = stage.sign_in(cast.requester).await;
    let plain = in_progress(&stage, &agent).await;
    let tasked = in_progress(&stage, &agent).await;
    let parent = in_progress(&stage, &agent).await;
    let child = in_progress(&stage, &agent).await;
    let task = agent.post(&format!("incidents/{tasked}/tasks"), json!({ "title": "Tell the branch" })).await.ok();
    for number in [&plain, &tasked, &parent] {
        agent.step(number, "resolve", resolution(&cast)).await;
    }
    agent.post(&format!("incidents/{child}/links"), json!({ "relation": "child_of", "to": parent })).await.ok();
    // Monday 09:00 in London, five working days on.
    stage.house.advance_to(at("2025-06-06T07:00:00Z")).await;
    assert!(!reasons(&requester, &plain).await.contains(&"close_warning".to_owned()));
    stage.house.advance_to(at("2025-06-06T08:00:01Z")).await;
    assert!(reasons(&requester, &plain).await.contains(&"close_warning".to_owned()), "told a working day before");
    assert_eq!(agent.incident(&plain).await["state"], "resolved");
    stage.house.advance_to(at("2025-06-09T08:00:01Z")).await;
    assert_eq!(agent.incident(&plain).await["state"], "closed");
    assert_eq!(agent.incident(&tasked).await["state"], "resolved", "a task is open");
    assert_eq!(agent.incident(&parent).await["state"], "resolved", "a child is open");
    requester.post(&format!("incidents/{tasked}/confirm"), json!({})).await.refused(409, "open_tasks");
    let task_path = format!("incidents/{tasked}/tasks/{}", task["id"]);
    agent.patch_version(&task_path, 1, json!({ "state": "done" })).await.ok();
    stage.house.advance_to(at("2025-06-10T08:00:01Z")).await;
    assert_eq!(agent.incident(&tasked).await["state"], "closed", "tried again a working day later");
    let history = agent.get(&format!("incidents/{plain}/history")).await.ok();
    assert!(history.to_string().contains("auto_close"), "closed by the system: {history}");
});

story!(inc_17_reopening_inside_the_window_and_reporting_again_after_it, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let requester = stage.sign_in(cast.requester).await;
    let number = in_progress(&stage, &agent).await;
    agent.step(&number, "resolve", resolution(&cast)).await;
    requester.step(&number, "reopen", json!({ "reason": "Dropped again" })).await;
    let record = agent.incident(&number).await;
    assert_eq!((record["state"].clone(), record["reopen_count"].clone()), (json!("in_progress"), json!(1)));
    let running = record["clocks"]
        .as_array()
        .expect("clocks")
        .iter()
        .any(|c| c["metric"] == "resolution" && c["state"] == "running");
    assert!(running, "the clock goes on: {}", record["clocks"]);
    agent.step(&number, "resolve", resolution(&cast)).await;
    stage.house.advance_to(at("2025-06-12T09:00:00Z")).await;
    assert_eq!(agent.incident(&number).await["state"], "closed");
    requester
        .post(&format!("incidents/{number}/reopen"), json!({ "reason": "Again" }))
        .await
        .refused(409, "wrong_state");
    let made = requester.step(&number, "report_again", json!({ "reason": "It is back" })).await;
    let fresh = made["made"].as_str().expect("a new incident").to_owned();
    assert_ne!(fresh, number);
    let links = agent.get(&format!("incidents/{fresh}/links")).await.ok();
    assert!(links.to_string().contains(&number) && links.to_string().contains("recurrence_of"), "{links}");
    assert_eq!(requester.incident(&fresh).await["title"], "VPN drops");
});

story!(inc_17_the_window_closes_before_the_record_does, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let admin = stage.sign_in(cast.admin).await;
    let settings = crate::fields::settings(&admin).await;
    let policies = json!([{ "policy": "auto_close_days", "value": 30 }, { "policy": "reopen_days", "value": 2 }]);
    admin.patch(&settings, json!({ "policies": policies })).await.ok();
    let number = in_progress(&stage, &agent).await;
    agent.step(&number, "resolve", resolution(&cast)).await;
    stage.house.advance_to(at("2025-06-05T09:00:00Z")).await;
    agent.post(&format!("incidents/{number}/reopen"), json!({ "reason": "Late" })).await.refused(409, "window_passed");
});

story!(inc_18_closed_is_read_only_but_for_an_audited_correction, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let requester = stage.sign_in(cast.requester).await;
    let manager = stage.sign_in(cast.manager).await;
    let number = in_progress(&stage, &agent).await;
    agent.step(&number, "resolve", resolution(&cast)).await;
    requester.step(&number, "confirm", json!({})).await;
    agent.patch(&format!("incidents/{number}"), json!({ "title": "Rewritten" })).await.refused(409, "closed");
    let correct = format!("incidents/{number}/correct");
    agent.post(&correct, json!({ "title": "Rewritten", "reason": "Typo" })).await.refused(403, "not_yours");
    manager.post(&correct, json!({ "title": "Rewritten" })).await.refused_field("reason", "required");
    manager.step(&number, "correct", json!({ "title": "VPN drops on floor 3", "reason": "Typing error" })).await;
    let history = manager.get(&format!("incidents/{number}/history")).await.ok();
    let line =
        history["items"].as_array().expect("items").iter().find(|e| e["verb"] == "correct").cloned().expect("audited");
    assert_eq!(line["reason"], "Typing error");
});

story!(inc_19_the_requester_reads_plain_words_and_may_confirm_reject_or_cancel, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let requester = stage.sign_in(cast.requester).await;
    let number = requester.report(json!({})).await;
    let seen = requester.incident(&number).await;
    assert_eq!(seen["plain"], "We have received it");
    assert!(seen["next"].as_str().is_some_and(|n| !n.is_empty()));
    assert!(seen["due"].is_string(), "the expected time: {seen}");
    requester.post(&format!("incidents/{number}/comments"), json!({ "body": "Also on floor 4." })).await.ok();
    let place = format!("incidents/{number}/attachments?name=floor4.txt");
    requester.send_bytes("POST", &place, b"Packet loss".to_vec(), &[]).await.ok();
    let files = agent.get(&format!("incidents/{number}/attachments")).await.ok();
    assert_eq!(files["items"][0]["name"], "floor4.txt", "and may add a file: {files}");
    let verbs = |record: &Json| -> Vec<String> {
        record["actions"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|a| a["verb"].as_str().map(str::to_owned))
            .collect()
    };
    assert_eq!(verbs(&seen), ["cancel", "complain"]);
    requester.step(&number, "cancel", json!({ "cancel_reason": "raised_in_error" })).await;
    let other = in_progress(&stage, &agent).await;
    agent.step(&other, "resolve", resolution(&cast)).await;
    let resolved = requester.incident(&other).await;
    assert_eq!(verbs(&resolved), ["reopen", "confirm", "report_again", "complain"]);
    requester.step(&other, "confirm", json!({})).await;
    assert_eq!(requester.incident(&other).await["plain"], "It is finished");
});

story!(inc_20_a_model_brings_values_tasks_and_targets, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let admin = stage.sign_in(cast.admin).await;
    let model = admin.post("models", json!({
        "name": "Lost card terminal", "process": "incident",
        "values": [{ "field": "impact", "value": "high" }, { "field": "category", "value": cast.network_category.to_string() }],
        "tasks": [{ "title": "Block the terminal", "team": cast.network }, { "title": "Send a spare", "due_minutes": 60 }],
    })).await.ok();
    let number = agent.report(json!({ "model": model["id"], "urgency": "high" })).await;
    let record = agent.incident(&number).await;
    assert_eq!(
        (record["priority"].clone(), record["category"]["id"].clone()),
        (json!(1), cast.network_category.into())
    );
    let tasks = agent.get(&format!("incidents/{number}/tasks")).await.ok();
    let titles: Vec<_> = tasks["items"].as_array().expect("items").iter().map(|t| t["title"].clone()).collect();
    assert_eq!(titles, [json!("Block the terminal"), json!("Send a spare")]);
    assert_eq!(tasks["items"][1]["due"], "2025-06-02T09:00:00Z");
});

story!(inc_23_a_rule_looks_for_a_skill_in_the_hours_of_a_shift, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, admin) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.admin).await);
    let night = json!({
        "name": "Night", "zone": "UTC", "hours": [{ "day": "monday", "from": "20:00", "to": "24:00" }],
    });
    let night = admin.post("calendars", night).await.ok()["id"].clone();
    let team = admin.post("teams", json!({ "name": "Terminals" })).await.ok()["id"].clone();
    let mut people = Vec::new();
    for (name, skills, limit) in [
        ("Edith Clarke", json!(["Cash desks", "French"]), json!(1)),
        ("Hedy Lamarr", json!(["cash desks"]), Json::Null),
        ("Grace Hopper", json!(["COBOL"]), Json::Null),
    ] {
        let email = format!("{}@example.org", name.to_lowercase().replace(' ', "."));
        let person =
            json!({ "name": name, "email": email, "teams": [team], "skills": skills, "workload_limit": limit });
        people.push(admin.post("people", person).await.ok()["id"].clone());
    }
    let rules = [
        json!({ "name": "By night", "position": 1, "calendar": night, "team": cast.network, "condition": "impact = \"low\"" }),
        json!({ "name": "Cash desks", "position": 2, "team": team, "skill": "CASH DESKS", "condition": "impact = \"low\"" }),
        json!({ "name": "Lisp", "position": 3, "team": team, "skill": "Lisp", "condition": "impact = \"high\"" }),
    ];
    for mut rule in rules {
        rule["process"] = json!("incident");
        admin.post("assignment-rules", rule).await.ok();
    }
    let given = async |impact: &str| {
        let record = agent.incident(&agent.report(json!({ "impact": impact })).await).await;
        (record["team"]["id"].clone(), record["assignee"]["id"].clone())
    };
    assert_eq!(given("low").await, (team.clone(), people[0].clone()), "who has the skill, in whatever letters");
    assert_eq!(given("low").await, (team.clone(), people[1].clone()), "the other has as much as they can carry");
    assert_eq!(given("low").await, (team.clone(), people[1].clone()));
    assert_eq!(given("high").await, (team.clone(), Json::Null), "nobody has it: the team decides");
    let asked_for = json!({ "impact": "low", "assignee": people[2] });
    let record = agent.incident(&agent.report(asked_for).await).await;
    assert_eq!((&record["team"]["id"], &record["assignee"]["id"]), (&team, &people[2]), "who is named stays");
    stage.house.advance_to(at("2025-06-02T20:30:00Z")).await;
    let agent = stage.sign_in(cast.agent).await;
    let record = agent.incident(&agent.report(json!({ "impact": "low" })).await).await;
    assert_eq!(record["team"]["id"], cast.network, "the shift begins");
    // A record that comes to meet the rule is looked after just so.
    stage.house.advance_to(at("2025-06-03T09:00:00Z")).await;
    let agent = stage.sign_in(cast.agent).await;
    let number = agent.report(json!({})).await;
    agent.patch(&format!("incidents/{number}"), json!({ "impact": "low" })).await.ok();
    assert_eq!(agent.incident(&number).await["assignee"]["id"], people[1]);
});

story!(inc_23_rules_route_new_work_and_each_reassignment_is_a_hop, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let admin = stage.sign_in(cast.admin).await;
    admin.post("assignment-rules", json!({
        "name": "Network to network", "position": 1, "process": "incident",
        "condition": format!("category in ({}, {})", cast.network_category, cast.vpn_category), "team": cast.network,
    })).await.ok();
    let number = agent.report(json!({ "category": cast.vpn_category, "impact": "low", "urgency": "low" })).await;
    let record = agent.incident(&number).await;
    assert_eq!((record["team"]["id"].clone(), record["state"].clone()), (cast.network.into(), json!("assigned")));
    let elsewhere = agent.report(json!({ "category": cast.software_category })).await;
    assert_eq!(agent.incident(&elsewhere).await["team"], Json::Null);
    let reassign = format!("incidents/{number}/reassign");
    agent.post(&reassign, json!({ "team": cast.service_desk })).await.refused_field("reason", "required");
    agent.step(&number, "reassign", json!({ "team": cast.service_desk, "reason": "Wrong team" })).await;
    agent.step(&number, "reassign", json!({ "team": cast.network, "reason": "Right after all" })).await;
    assert_eq!(agent.incident(&number).await["hop_count"], 2);
});
