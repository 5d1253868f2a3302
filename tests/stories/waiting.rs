//! What happens while one side waits for the other: questions, replies, reminders, updates for many.

use crate::incident::{classified, in_progress, reasons, resolution};
use crate::{Client, Stage, at, story};
use serde_json::{Value as Json, json};

/// How often a person was told something about a record.
async fn told(client: &Client, number: &str, reason: &str) -> usize {
    reasons(client, number).await.iter().filter(|r| *r == reason).count()
}

async fn say(client: &Client, number: &str, body: &str) {
    client.post(&format!("incidents/{number}/comments"), json!({ "body": body })).await.ok();
}

async fn words(client: &Client, number: &str) -> Vec<String> {
    let comments = client.get(&format!("incidents/{number}/comments")).await.ok();
    let items = comments["items"].as_array().cloned().unwrap_or_default();
    items.iter().filter_map(|c| c["body"].as_str().map(str::to_owned)).collect()
}

async fn ask(agent: &Client, number: &str) {
    agent.step(number, "hold", json!({ "hold_reason": "requester", "comment": "Which floor are you on?" })).await;
}

/// An incident that the first agent owns and the second works on.
async fn handed_over(stage: &Stage, owner: &Client) -> String {
    let number = in_progress(stage, owner).await;
    let to = json!({ "assignee": stage.house.cast.agent_l2 });
    owner.patch(&format!("incidents/{number}"), to).await.ok();
    number
}

async fn settle(stage: &Stage, policies: Json) {
    let admin = stage.sign_in(stage.house.cast.admin).await;
    admin.patch(&crate::fields::settings(&admin).await, json!({ "policies": policies })).await.ok();
}

story!(inc_12_words_on_a_parent_reach_the_requesters_of_live_children_once, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let (requester, other) = (stage.sign_in(cast.requester).await, stage.sign_in(cast.approver).await);
    let parent = in_progress(&stage, &agent).await;
    let mut numbers = Vec::new();
    for person in [cast.requester, cast.approver, cast.requester] {
        let mut values = classified(&cast, "low", "medium");
        values["requester"] = person.into();
        let child = agent.report(values).await;
        let above = numbers.get(1).filter(|_| numbers.len() == 2).unwrap_or(&parent);
        agent.post(&format!("incidents/{child}/links"), json!({ "relation": "child_of", "to": above })).await.ok();
        numbers.push(child);
    }
    let [child, between, below] = numbers.try_into().expect("three");
    let done = in_progress(&stage, &agent).await;
    agent.step(&done, "resolve", resolution(&cast)).await;
    agent.post(&format!("incidents/{done}/links"), json!({ "relation": "child_of", "to": parent })).await.ok();

    say(&agent, &parent, "The line is cut; repair until noon.").await;
    let marked = format!("The line is cut; repair until noon.\n\n({parent})");
    for (person, number) in [(&requester, &child), (&other, &between), (&requester, &below)] {
        assert_eq!(words(person, number).await, [marked.as_str()], "on the own record, once");
        assert_eq!(told(person, number, "commented").await, 1);
    }
    assert!(words(&requester, &done).await.is_empty(), "what is done hears no more");
    let note = json!({ "body": "Cable theft again.", "internal": true });
    agent.post(&format!("incidents/{parent}/comments"), note).await.ok();
    say(&requester, &parent, "How long?").await;
    assert_eq!(words(&agent, &child).await.len(), 1, "notes and words of others stay where they are");
    say(&agent, &child, "Use the cable meanwhile.").await;
    assert_eq!(words(&agent, &parent).await.len(), 3, "nothing goes upwards");
});

story!(inc_10_a_reply_tells_owner_and_assignee_once_each, |stage| async move {
    let cast = stage.house.cast.clone();
    let (owner, assignee) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.agent_l2).await);
    let requester = stage.sign_in(cast.requester).await;
    let number = handed_over(&stage, &owner).await;
    assert_eq!(owner.incident(&number).await["owner"]["id"], cast.agent);
    ask(&owner, &number).await;
    say(&requester, &number, "The third.").await;
    assignee.step(&number, "resolve", resolution(&cast)).await;
    requester.step(&number, "reopen", json!({ "reason": "Dropped again" })).await;
    for person in [&owner, &assignee] {
        for reason in ["replied", "resume", "reopen"] {
            assert_eq!(told(person, &number, reason).await, 1, "{reason}");
        }
    }
    let own = in_progress(&stage, &owner).await;
    say(&requester, &own, "Any news?").await;
    assert_eq!(told(&owner, &own, "replied").await, 1, "one person in both parts hears it once");
});

story!(inc_10_who_does_not_answer_is_reminded_then_it_is_resolved_and_closed, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let requester = stage.sign_in(cast.requester).await;
    let silent = in_progress(&stage, &agent).await;
    let answered = in_progress(&stage, &agent).await;
    let vendor = in_progress(&stage, &agent).await;
    let tasked = in_progress(&stage, &agent).await;
    agent.post(&format!("incidents/{tasked}/tasks"), json!({ "title": "Call back" })).await.ok();
    for number in [&silent, &answered, &tasked] {
        ask(&agent, number).await;
    }
    agent.step(&vendor, "hold", json!({ "hold_reason": "vendor" })).await;
    // Monday 09:00 in London; a reminder each third working day, the end after ten.
    stage.house.advance_to(at("2025-06-05T07:59:00Z")).await;
    assert_eq!(told(&requester, &silent, "hold_reminder").await, 0);
    stage.house.advance_to(at("2025-06-05T08:00:01Z")).await;
    assert_eq!(told(&requester, &silent, "hold_reminder").await, 1);
    say(&requester, &answered, "The third.").await;
    stage.house.advance_to(at("2025-06-16T07:59:00Z")).await;
    assert_eq!(told(&requester, &silent, "hold_reminder").await, 3, "Thursday, Tuesday, Friday");
    assert_eq!(agent.incident(&silent).await["state"], "on_hold");
    stage.house.advance_to(at("2025-06-16T08:00:01Z")).await;
    let record = agent.incident(&silent).await;
    assert_eq!((record["state"].clone(), record["resolution_code"].clone()), (json!("resolved"), json!("no_reply")));
    assert_eq!(
        (record["hold_reason"].clone(), record["closing_category"]["id"].clone()),
        (Json::Null, cast.network_category.into())
    );
    assert_eq!(told(&requester, &silent, "resolve_unanswered").await, 1);
    assert_eq!(agent.incident(&tasked).await["state"], "on_hold", "never while work is open");
    assert_eq!(agent.incident(&answered).await["state"], "in_progress");
    assert_eq!(told(&requester, &answered, "hold_reminder").await, 1, "an answer ends the reminders");
    assert_eq!(agent.incident(&vendor).await["state"], "on_hold");
    assert_eq!(told(&requester, &vendor, "hold_reminder").await, 0, "a vendor is not the requester");
    stage.house.advance_to(at("2025-06-23T08:00:01Z")).await;
    assert_eq!(told(&requester, &silent, "close_warning").await, 1);
    assert_eq!(agent.incident(&silent).await["state"], "closed");
});

story!(inc_10_reminding_and_giving_up_can_be_switched_off, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let requester = stage.sign_in(cast.requester).await;
    settle(&stage, json!([{ "policy": "remind_days", "value": 0 }, { "policy": "give_up_days", "value": 0 }])).await;
    let number = in_progress(&stage, &agent).await;
    ask(&agent, &number).await;
    stage.house.advance_to(at("2025-09-01T08:00:00Z")).await;
    assert_eq!(agent.incident(&number).await["state"], "on_hold");
    assert_eq!(told(&requester, &number, "hold_reminder").await, 0);
});

story!(inc_09_inc_10_work_goes_on_by_itself_at_the_agreed_time, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let number = in_progress(&stage, &agent).await;
    let dropped = in_progress(&stage, &agent).await;
    let until = json!({ "hold_reason": "scheduled", "resume_at": "2025-06-04T13:00:00Z" });
    for number in [&number, &dropped] {
        agent.step(number, "hold", until.clone()).await;
    }
    assert_eq!(agent.incident(&number).await["resume_at"], "2025-06-04T13:00:00Z");
    agent.step(&dropped, "resume", json!({})).await;
    agent.step(&dropped, "hold", json!({ "hold_reason": "vendor" })).await;
    stage.house.advance_to(at("2025-06-04T12:59:00Z")).await;
    assert_eq!(agent.incident(&number).await["state"], "on_hold");
    stage.house.advance_to(at("2025-06-04T13:00:01Z")).await;
    let record = agent.incident(&number).await;
    assert_eq!((record["state"].clone(), record["resume_at"].clone()), (json!("in_progress"), Json::Null));
    assert_eq!(told(&agent, &number, "resume").await, 1);
    let clocks = record["clocks"].as_array().expect("clocks");
    let resolution = clocks.iter().find(|c| c["metric"] == "resolution").expect("a clock");
    assert_eq!(resolution["state"], "running");
    let paused = resolution["segments"].as_array().expect("segments").iter().find(|s| s["doing"] == "paused");
    assert_eq!(paused.expect("a pause")["to"], "2025-06-04T13:00:00Z");
    assert_eq!(agent.incident(&dropped).await["state"], "on_hold", "the first agreement ended with the first hold");
});

story!(inc_16_a_reply_to_a_resolved_incident_starts_the_countdown_anew, |stage| async move {
    let cast = stage.house.cast.clone();
    let (owner, assignee) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.agent_l2).await);
    let requester = stage.sign_in(cast.requester).await;
    let number = handed_over(&stage, &owner).await;
    assignee.step(&number, "resolve", resolution(&cast)).await;
    stage.house.advance_to(at("2025-06-06T09:00:00Z")).await;
    assert_eq!(told(&requester, &number, "close_warning").await, 1);
    say(&requester, &number, "It is still broken.").await;
    assert_eq!(told(&assignee, &number, "replied").await, 1, "whoever works on it hears of it");
    // Without the reply it would have closed on Monday.
    stage.house.advance_to(at("2025-06-13T08:59:00Z")).await;
    assert_eq!(agent_state(&owner, &number).await, "resolved");
    assert_eq!(told(&requester, &number, "close_warning").await, 2, "warned before the new end too");
    stage.house.advance_to(at("2025-06-13T09:00:01Z")).await;
    assert_eq!(agent_state(&owner, &number).await, "closed");
});

async fn agent_state(client: &Client, number: &str) -> String {
    client.incident(number).await["state"].as_str().unwrap_or_default().to_owned()
}

story!(slm_09_only_words_of_the_team_in_charge_answer, |stage| async move {
    let cast = stage.house.cast.clone();
    let (desk, network) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.agent_l2).await);
    let mut values = classified(&cast, "low", "low");
    values["team"] = cast.network.into();
    values["requester"] = cast.requester.into();
    let number = desk.report(values.clone()).await;
    let response = async |number: &str| crate::service_levels::clock(&desk, number, "response").await["state"].clone();
    say(&desk, &number, "The network team will look at it.").await;
    assert_eq!(response(&number).await, "running", "another team's words are no answer of the team in charge");
    say(&stage.sign_in(cast.requester).await, &number, "Thanks.").await;
    assert_eq!(response(&number).await, "running");
    say(&network, &number, "We see it.").await;
    assert_eq!(response(&number).await, "met");
    values["team"] = cast.netco_team.into();
    let outside = desk.report(values).await;
    say(&stage.sign_in(cast.vendor).await, &outside, "We are on our way.").await;
    assert_eq!(response(&outside).await, "met", "the team in charge may be a vendor's");
});

story!(inc_23_a_rule_applies_when_a_record_comes_to_meet_it, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let admin = stage.sign_in(cast.admin).await;
    let rule = json!({
        "name": "Payments to network", "position": 1, "process": "incident",
        "condition": format!("service = {}", cast.payments), "team": cast.network,
    });
    admin.post("assignment-rules", rule).await.ok();
    let number = agent.report(json!({})).await;
    let path = format!("incidents/{number}");
    agent.patch(&path, json!({ "impact": "low", "urgency": "low", "category": cast.network_category })).await.ok();
    assert_eq!(agent.incident(&number).await["team"], Json::Null);
    agent.patch(&path, json!({ "service": cast.payments })).await.ok();
    let record = agent.incident(&number).await;
    assert_eq!((record["team"]["id"].clone(), record["state"].clone()), (cast.network.into(), json!("assigned")));
    assert!(told(&stage.sign_in(cast.agent_l2).await, &number, "assign").await == 1, "the team hears of it");
    let kept = agent.report(json!({ "service": cast.payments })).await;
    let path = format!("incidents/{kept}");
    agent.patch(&path, json!({ "team": null })).await.ok();
    assert_eq!(agent.incident(&kept).await["team"], Json::Null, "who takes the team away has the last word");
});

story!(inc_14_an_escalation_is_heard_also_without_a_manager, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let admin = stage.sign_in(cast.admin).await;
    let team = admin.post("teams", json!({ "name": "Night shift" })).await.ok()["id"].clone();
    let mut values = classified(&cast, "low", "low");
    values["team"] = team.clone();
    let number = agent.report(values.clone()).await;
    agent.step(&number, "escalate", json!({ "reason": "Nobody moves" })).await;
    let manager = stage.sign_in(cast.manager).await;
    assert_eq!(told(&manager, &number, "escalate").await, 1, "an empty team: the managers of the process");
    admin.patch(&format!("people/{}", cast.agent_l2), json!({ "teams": [team] })).await.ok();
    let number = agent.report(values).await;
    agent.step(&number, "escalate", json!({ "reason": "Nobody moves" })).await;
    assert_eq!(told(&stage.sign_in(cast.agent_l2).await, &number, "escalate").await, 1, "no manager: the members");
    assert_eq!(told(&manager, &number, "escalate").await, 0);
});
