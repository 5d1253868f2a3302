//! Approvals: by policies that an organisation writes, for records of any process that wants them.

use crate::change::{approve, asked, assessed, board, brought_to, change, read, step, waiting, wanted};
use crate::client::Client;
use crate::{Stage, story};
use mainstay_testing::at;
use serde_json::{Value as Json, json};

/// A policy for minor changes, before those that are there from the beginning.
async fn policy(manager: &Client, steps: Json, more: Json) -> i64 {
    let mut body = json!({
        "name": "Ours", "position": 1, "process": "change", "condition": "type = \"minor\"", "steps": steps,
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    manager.post("approval-policies", body).await.ok()["id"].as_i64().expect("an id")
}

fn person(step: i64, name: &str, person: i64) -> Json {
    json!({ "step": step, "name": name, "asks": "person", "person": person, "rule": "all" })
}

async fn say(client: &Client, number: &str, answer: &str, reason: Option<&str>) -> crate::client::Answer {
    let (id, version) = waiting(client, number).await[0];
    let said = json!({ "answer": answer, "version": version, "reason": reason });
    client.post(&format!("changes/{number}/approvals/{id}"), said).await
}

async fn round(client: &Client, number: &str) -> Json {
    client.get(&format!("changes/{number}/approvals")).await.ok()["items"][0].clone()
}

async fn inbox(client: &Client) -> Vec<String> {
    let all = client.get("notices?state=open&kind=approval").await.ok();
    let items = all["items"].as_array().cloned().unwrap_or_default();
    items.iter().filter_map(|notice| notice["text"].as_str().map(str::to_owned)).collect()
}

async fn people(stage: &Stage) -> (Client, Client) {
    let cast = &stage.house.cast;
    (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await)
}

story!(gen_16_a_policy_without_a_quorum_or_without_anybody_is_refused, |stage| async move {
    let (_, manager) = people(&stage).await;
    let with = |part: Json| json!({ "name": "Ours", "position": 1, "process": "change", "steps": [part] });
    let team = |more: Json| {
        let mut part =
            json!({ "step": 1, "name": "Board", "asks": "team", "team": stage.house.cast.network, "rule": "some" });
        for (key, value) in more.as_object().into_iter().flatten() {
            part[key] = value.clone();
        }
        part
    };
    for bad in [
        json!({}),
        json!({ "quorum": 0 }),
        json!({ "quorum": 1, "team": null }),
        json!({ "quorum": 1, "advisory": true }),
    ] {
        manager.post("approval-policies", with(team(bad))).await.refused(422, "invalid_fields");
    }
    let by_field = json!({ "step": 1, "name": "Title", "asks": "field", "field": "title", "rule": "any" });
    manager.post("approval-policies", with(by_field)).await.refused_field("steps.0.field", "unknown_field");
    manager.post("approval-policies", with(team(json!({ "quorum": 1 })))).await.ok();
});

story!(gen_16_steps_follow_each_other_and_those_of_one_are_asked_together, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = people(&stage).await;
    board(&stage, "cab", &[cast.auditor, cast.admin, cast.approver]).await;
    let teams = manager.get("teams?limit=100").await.ok();
    let cab =
        teams["items"].as_array().into_iter().flatten().find(|t| t["key"] == "cab").expect("the board")["id"].clone();
    let steps = json!([
        { "step": 1, "name": "Owner's manager", "asks": "person", "person": cast.team_manager, "rule": "all" },
        { "step": 1, "name": "Two of the board", "asks": "team", "team": cab, "rule": "some", "quorum": 2 },
        { "step": 2, "name": "Implementing team", "asks": "field", "field": "team", "rule": "any" },
    ]);
    policy(&manager, steps, json!({})).await;
    let number = change(&agent, "minor", json!({ "team": cast.service_desk })).await;
    step(&agent, &number, "submit", wanted(&cast)).await;
    step(&manager, &number, "assess", json!({})).await;
    // Only the requester is in the team that is asked last, so that nobody could ever approve it.
    manager.post(&format!("changes/{number}/request_approval"), assessed()).await.refused(409, "nobody_to_approve");
    manager.patch(&format!("changes/{number}"), json!({ "team": cast.network })).await.ok();
    step(&manager, &number, "request_approval", assessed()).await;

    let [team_manager, auditor, admin, l2] = [
        stage.sign_in(cast.team_manager).await,
        stage.sign_in(cast.auditor).await,
        stage.sign_in(cast.admin).await,
        stage.sign_in(cast.agent_l2).await,
    ];
    assert!(waiting(&l2, &number).await.is_empty(), "the second step waits for the first");
    approve(&auditor, &number).await;
    approve(&team_manager, &number).await;
    assert!(waiting(&l2, &number).await.is_empty(), "one of two is not enough");
    approve(&admin, &number).await;
    assert!(
        waiting(&stage.sign_in(cast.approver).await, &number).await.is_empty(),
        "nobody is asked for what is decided"
    );
    approve(&l2, &number).await;
    assert_eq!(round(&manager, &number).await["state"], "granted");
});

story!(gen_16_whoever_is_asked_reads_it_hears_of_it_and_answers_once, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = people(&stage).await;
    policy(&manager, json!([person(1, "Head of payments", cast.approver)]), json!({})).await;
    let approver = stage.sign_in(cast.approver).await;
    let stranger = stage.sign_in(cast.requester).await;
    let number = asked(&stage, &agent, &manager, "minor").await;
    let path = format!("changes/{number}");
    assert_eq!(read(&approver, &number).await["title"], "Replace the gateway", "who is asked reads it");
    stranger.get(&path).await.refused(404, "not_found");
    stranger.get(&format!("{path}/approvals")).await.refused(404, "not_found");
    assert_eq!(inbox(&approver).await, [format!("{number}: your approval is asked for")]);
    let (id, version) = waiting(&approver, &number).await[0];
    let answer = format!("{path}/approvals/{id}");
    // It is nobody else's to give, and a token that only reads gives none.
    let said = json!({ "answer": "approve", "version": version });
    manager.post(&answer, said.clone()).await.refused(403, "not_yours");
    let reader = stage.sign_in_with(cast.approver, &["read"]).await;
    assert_eq!(reader.post(&answer, said.clone()).await.status.as_u16(), 403);
    approver.post(&answer, json!({ "answer": "perhaps", "version": version })).await.refused(422, "invalid_fields");
    approver.post(&answer, said.clone()).await.ok();
    approver.post(&answer, said).await.refused(409, "not_asked");
    assert!(inbox(&approver).await.is_empty(), "what is answered leaves the inbox");
    let voice = &round(&manager, &number).await["parts"][0]["approvals"][0];
    assert_eq!(
        (&voice["voter"]["id"], &voice["record_version"], &voice["state"]),
        (&json!(cast.approver), &json!(version), &json!("granted"))
    );
    // What was said stays said: the steps around it are not taken back behind it.
    let log = manager.get(&format!("{path}/history?limit=200")).await.ok();
    let event =
        log["items"].as_array().into_iter().flatten().find(|e| e["verb"] == "request_approval").expect("a step");
    manager.post(&format!("{path}/events/{}/undo", event["id"]), json!({})).await.refused(409, "not_undoable");
});

story!(gen_16_chg_25_an_answer_to_another_matter_is_refused, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = people(&stage).await;
    policy(&manager, json!([person(1, "Head of payments", cast.approver)]), json!({})).await;
    let approver = stage.sign_in(cast.approver).await;
    let number = asked(&stage, &agent, &manager, "minor").await;
    let path = format!("changes/{number}");
    let (old, seen) = waiting(&approver, &number).await[0];
    manager.patch(&path, json!({ "communication": "By mail." })).await.ok();
    assert_eq!(waiting(&approver, &number).await[0].0, old, "words about it leave what is asked as it is");
    manager.patch(&path, json!({ "plan": "Swap both boxes at once." })).await.ok();
    let said = json!({ "answer": "approve", "version": seen });
    approver.post(&format!("{path}/approvals/{old}"), said.clone()).await.refused(409, "not_asked");
    let (new, version) = waiting(&approver, &number).await[0];
    assert_ne!(new, old);
    approver.post(&format!("{path}/approvals/{new}"), said).await.refused(409, "stale");
    let said = json!({ "answer": "approve", "version": version });
    approver.post(&format!("{path}/approvals/{new}"), said).await.ok();
    assert_eq!(round(&manager, &number).await["state"], "granted");
});

story!(gen_16_a_deputy_approves_on_the_days_that_were_set, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = people(&stage).await;
    policy(&manager, json!([person(1, "Head of payments", cast.team_manager)]), json!({})).await;
    let (absent, deputy) = (stage.sign_in(cast.team_manager).await, stage.sign_in(cast.auditor).await);
    absent
        .post("me/deputy", json!({ "person": cast.team_manager, "from": "2025-06-03", "until": "2025-06-05" }))
        .await
        .refused(422, "invalid_fields");
    absent
        .post("me/deputy", json!({ "person": cast.auditor, "from": "2025-06-05", "until": "2025-06-03" }))
        .await
        .refused(422, "invalid_fields");
    let days = json!({ "person": cast.auditor, "from": "2025-06-03", "until": "2025-06-04" });
    assert_eq!(absent.post("me/deputy", days).await.ok()["person"]["id"], cast.auditor);
    let number = asked(&stage, &agent, &manager, "minor").await;
    assert!(waiting(&deputy, &number).await.is_empty(), "not yet");
    stage.house.clock.set(at("2025-06-05T08:00:00Z"));
    assert!(waiting(&deputy, &number).await.is_empty(), "not any more");
    stage.house.clock.set(at("2025-06-03T08:00:00Z"));
    say(&deputy, &number, "approve", None).await.ok();
    let voice = &round(&manager, &number).await["parts"][0]["approvals"][0];
    assert_eq!(
        (&voice["approver"]["id"], &voice["voter"]["id"]),
        (&json!(cast.team_manager), &json!(cast.auditor)),
        "the voice of the one, given by the other"
    );
    let log = manager.get(&format!("changes/{number}/history?limit=200")).await.ok();
    let told = log["items"].as_array().into_iter().flatten().find(|e| e["verb"] == "approved").expect("a line").clone();
    assert_eq!(told["changes"][0]["new"], "Head of payments: Team Manager");
    // Nobody any more.
    assert_eq!(absent.post("me/deputy", json!({})).await.ok()["person"], Json::Null);
});

story!(gen_16_a_refusal_says_why_and_ends_it, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = people(&stage).await;
    let steps = json!([person(1, "Head of payments", cast.approver), person(1, "Head of networks", cast.team_manager)]);
    policy(&manager, steps, json!({})).await;
    let approver = stage.sign_in(cast.approver).await;
    let number = asked(&stage, &agent, &manager, "minor").await;
    say(&approver, &number, "refuse", None).await.refused(422, "invalid_fields");
    say(&approver, &number, "refuse", Some("Not in June.")).await.ok();
    assert_eq!(read(&manager, &number).await["state"], "rejected");
    let ended = round(&manager, &number).await;
    assert_eq!(
        (&ended["state"], &ended["parts"][0]["approvals"][0]["reason"]),
        (&json!("refused"), &json!("Not in June."))
    );
    assert!(waiting(&stage.sign_in(cast.team_manager).await, &number).await.is_empty(), "the others are asked no more");
    let log = manager.get(&format!("changes/{number}/history?limit=200")).await.ok();
    let rejected =
        log["items"].as_array().into_iter().flatten().find(|e| e["verb"] == "reject").expect("a step").clone();
    assert_eq!(rejected["reason"], "Not in June.");
    step(&agent, &number, "resubmit", json!({ "reason": "It is July." })).await;
});

story!(gen_16_what_is_not_answered_in_time_is_told_or_refused, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = people(&stage).await;
    let part = || json!([person(1, "Head of payments", cast.approver)]);
    let id = policy(&manager, part(), json!({ "days": 1, "expiry": "remind" })).await;
    let approver = stage.sign_in(cast.approver).await;
    let number = asked(&stage, &agent, &manager, "minor").await;
    stage.house.advance_to(at("2025-06-03T16:00:01Z")).await;
    assert_eq!(inbox(&approver).await.len(), 2, "asked, and asked again");
    assert_eq!(read(&manager, &number).await["state"], "authorisation");
    stage.house.advance_to(at("2025-06-04T16:00:01Z")).await;
    assert_eq!(inbox(&approver).await.len(), 3, "and again, as long as it lasts");

    manager.patch(&format!("approval-policies/{id}"), json!({ "expiry": "refuse" })).await.ok();
    stage.house.advance_to(at("2025-06-05T16:00:01Z")).await;
    assert_eq!(read(&manager, &number).await["state"], "authorisation", "what was asked keeps the policy of then");
    let other = asked(&stage, &agent, &manager, "minor").await;
    stage.house.advance_to(at("2025-06-06T16:00:01Z")).await;
    stage.house.advance_to(at("2025-06-09T16:00:01Z")).await;
    assert_eq!(read(&manager, &other).await["state"], "rejected");
});

story!(gen_16_gen_21_what_was_asked_keeps_the_policy_that_was_in_force, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = people(&stage).await;
    let id = policy(&manager, json!([person(1, "Head of payments", cast.approver)]), json!({})).await;
    let number = asked(&stage, &agent, &manager, "minor").await;
    let steps = json!([person(1, "Head of payments", cast.approver), person(2, "Director", cast.admin)]);
    manager.patch(&format!("approval-policies/{id}"), json!({ "steps": steps })).await.ok();
    let open = round(&manager, &number).await;
    assert_eq!((&open["policy_version"], open["parts"].as_array().map(Vec::len)), (&json!(1), Some(1)));
    approve(&stage.sign_in(cast.approver).await, &number).await;
    assert_eq!(round(&manager, &number).await["state"], "granted", "the director is not needed here");
    let other = asked(&stage, &agent, &manager, "minor").await;
    assert_eq!(round(&manager, &other).await["parts"].as_array().map(Vec::len), Some(2), "but from now on");
});

story!(gen_16_own_records_are_approved_where_the_policy_says_so, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = people(&stage).await;
    let id = policy(&manager, json!([person(1, "Requester", cast.agent)]), json!({})).await;
    let number = brought_to(&stage, &manager, "assessment").await;
    let ask = format!("changes/{number}/request_approval");
    manager.post(&ask, assessed()).await.refused(409, "nobody_to_approve");
    assert_eq!(read(&manager, &number).await["state"], "assessment", "nothing is half written");
    manager.patch(&format!("approval-policies/{id}"), json!({ "self_approval": true })).await.ok();
    manager.post(&ask, assessed()).await.ok();
    approve(&agent, &number).await;
    assert_eq!(round(&manager, &number).await["state"], "granted");
});

story!(gen_16_the_next_step_has_the_whole_time_to_answer, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = people(&stage).await;
    let steps = json!([person(1, "Head of payments", cast.approver), person(2, "Director", cast.team_manager)]);
    policy(&manager, steps, json!({ "days": 1, "expiry": "refuse" })).await;
    let approver = stage.sign_in(cast.approver).await;
    let number = asked(&stage, &agent, &manager, "minor").await;
    // An hour before it would be too late.
    stage.house.advance_to(at("2025-06-03T07:00:00Z")).await;
    approve(&approver, &number).await;
    stage.house.advance_to(at("2025-06-03T16:00:01Z")).await;
    assert_eq!(read(&manager, &number).await["state"], "authorisation", "the second step has its own day");
    stage.house.advance_to(at("2025-06-04T16:00:01Z")).await;
    assert_eq!(read(&manager, &number).await["state"], "rejected");
});

story!(gen_16_chg_07_whoever_approved_it_and_takes_a_part_in_it_has_not_approved_it, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = people(&stage).await;
    board(&stage, "cab", &[cast.approver, cast.auditor]).await;
    let teams = manager.get("teams?limit=100").await.ok();
    let cab =
        teams["items"].as_array().into_iter().flatten().find(|t| t["key"] == "cab").expect("the board")["id"].clone();
    let steps = json!([{ "step": 1, "name": "One of the board", "asks": "team", "team": cab, "rule": "any" }]);
    policy(&manager, steps, json!({})).await;
    let (approver, auditor) = (stage.sign_in(cast.approver).await, stage.sign_in(cast.auditor).await);
    let number = asked(&stage, &agent, &manager, "minor").await;
    let path = format!("changes/{number}");
    approve(&approver, &number).await;
    step(&manager, &number, "schedule", json!({})).await;
    // Somebody who approved nothing of it may carry it out.
    let other = manager.patch(&path, json!({ "implementer": cast.team_manager })).await.ok();
    assert_eq!(other["state"], "scheduled");
    let own = manager.patch(&path, json!({ "implementer": cast.approver })).await.ok();
    assert_eq!(own["state"], "authorisation", "it is approved anew");
    let log = manager.get(&format!("{path}/history?limit=200")).await.ok();
    let void = log["items"].as_array().into_iter().flatten().find(|e| e["verb"] == "approvals_void").expect("a line");
    assert_eq!(void["reason"], "Changed: Implementer");
    assert!(waiting(&approver, &number).await.is_empty(), "whoever carries it out is not asked again");
    approve(&auditor, &number).await;
    step(&manager, &number, "schedule", json!({})).await;
    stage.house.clock.set(at(crate::change::START));
    step(&agent, &number, "start", json!({})).await;
    manager.patch(&path, json!({ "owner": cast.auditor })).await.refused(409, "own_record");
    step(&agent, &number, "implement", json!({})).await;
    // What is done is looked after by anybody.
    manager.patch(&path, json!({ "owner": cast.auditor })).await.ok();
});

story!(gen_17_what_is_emptied_first_is_another_matter_too, |stage| async move {
    let (agent, manager) = people(&stage).await;
    let number = asked(&stage, &agent, &manager, "minor").await;
    let path = format!("changes/{number}");
    manager.patch(&path, json!({ "downtime": 10 })).await.ok();
    approve(&manager, &number).await;
    step(&manager, &number, "schedule", json!({})).await;
    assert_eq!(manager.patch(&path, json!({ "downtime": 5 })).await.ok()["state"], "scheduled");
    assert_eq!(manager.patch(&path, json!({ "downtime": null })).await.ok()["state"], "authorisation");
});

story!(gen_17_a_step_does_not_swap_what_was_approved, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, _) = people(&stage).await;
    board(&stage, "ecab", &[cast.approver]).await;
    let number = change(&agent, "emergency", json!({})).await;
    let wanted = json!({
        "why": "It is down.", "service": cast.payments, "emergency_reason": "Nobody can pay.", "back_out": "Restart.",
    });
    step(&agent, &number, "declare_emergency", wanted).await;
    approve(&stage.sign_in(cast.approver).await, &number).await;
    let start = format!("changes/{number}/start_emergency");
    let refused = agent.post(&start, json!({ "back_out": "None." })).await.refused(422, "invalid_fields");
    assert_eq!(
        (&refused["errors"][0]["field"], &refused["errors"][0]["code"]),
        (&json!("back_out"), &json!("approved"))
    );
    assert_eq!(agent.post(&start, json!({})).await.ok()["back_out"], "Restart.");
});

story!(gen_16_what_approvers_say_stays_within_the_house, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = people(&stage).await;
    policy(&manager, json!([person(1, "Head of payments", cast.approver)]), json!({})).await;
    let approver = stage.sign_in(cast.approver).await;
    let number = asked(&stage, &agent, &manager, "minor").await;
    manager.patch(&format!("changes/{number}"), json!({ "requester": cast.requester })).await.ok();
    say(&approver, &number, "approve", Some("The vendor is broke.")).await.ok();
    let words = async |client: &Client| {
        let voice = round(client, &number).await["parts"][0]["approvals"][0].clone();
        assert_eq!(voice["state"], "granted");
        let log = client.get(&format!("changes/{number}/history?limit=200")).await.ok();
        let told =
            log["items"].as_array().into_iter().flatten().find(|e| e["verb"] == "approved").expect("a line").clone();
        (voice["reason"].clone(), told["reason"].clone())
    };
    let said = json!("The vendor is broke.");
    assert_eq!(words(&manager).await, (said.clone(), said.clone()));
    assert_eq!(words(&approver).await.0, said, "whoever said it reads it");
    assert_eq!(words(&stage.sign_in(cast.requester).await).await, (Json::Null, Json::Null));
});
