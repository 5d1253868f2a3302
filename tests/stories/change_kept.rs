//! Changes that somebody tries to carry out as another matter than was approved.

use crate::change::{
    END, START, affects, approve, assessed, board, brought_to, change, read, review, step, wanted, well, with,
};
use crate::client::Client;
use crate::story;
use mainstay_testing::{Cast, at};
use serde_json::{Value as Json, json};

/// A model that is approved in advance, by its id.
async fn certificate(manager: &Client, cast: &Cast) -> i64 {
    let model = json!({
        "name": "Renew a certificate", "process": "change", "approver": cast.manager, "valid_until": "2025-12-31",
        "values": [{ "field": "plan", "value": "Upload it and restart." }, { "field": "service", "value": cast.payments.to_string() }],
    });
    manager.post("models", model).await.ok()["id"].as_i64().expect("an id")
}

fn in_june() -> Json {
    json!({ "planned_start": "2025-06-02T08:00:00Z", "planned_end": "2025-06-20T08:00:00Z" })
}

story!(chg_09_gen_17_a_standard_change_stays_what_its_model_says, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let model = certificate(&manager, &cast).await;
    let number = change(&agent, "standard", json!({ "model": model })).await;
    let path = format!("changes/{number}");
    let schedule = format!("{path}/schedule_standard");
    let elsewhere = with(in_june(), &json!({ "service": cast.email }));
    agent.post(&schedule, elsewhere).await.refused(409, "not_by_template");
    agent.patch(&path, json!({ "service": cast.email })).await.ok();
    let right = with(in_june(), &json!({ "service": cast.payments }));
    assert_eq!(agent.post(&schedule, right).await.ok()["state"], "scheduled", "the step may bring what the model says");
    for edit in [json!({ "plan": "By hand." }), json!({ "service": cast.email }), json!({ "model": null })] {
        agent.patch(&path, edit).await.refused(409, "not_by_template");
    }
    agent.patch(&path, json!({ "communication": "A mail." })).await.ok();
    // A model that is withdrawn stands for nothing that has not begun.
    manager.patch(&format!("models/{model}"), json!({ "active": false })).await.ok();
    agent.post(&format!("{path}/start"), json!({})).await.refused(409, "approvals_missing");
    step(&agent, &number, "return", json!({ "reason": "Its model is withdrawn." })).await;
    agent.patch(&path, json!({ "type": "minor" })).await.ok();
});

const CHANGES: &str = r#"
into = "changes"
origin = "old-desk"
key = "No"
existing = "update"
[fields]
title = { column = "Title" }
type = { column = "Type" }
plan = { column = "Plan" }
state = { column = "State" }
planned_start = { column = "Start" }
planned_end = { column = "End" }
"#;

story!(chg_05_gen_17_an_import_neither_starts_nor_changes_what_nobody_approved, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let (_kept, folder) = crate::importing::folder();
    let text = |plan: &str| {
        format!("No,Title,Type,Plan,State,Start,End\n1,Swap it,minor,{plan},scheduled,2025-06-02T06:00:00Z,{END}\n")
    };
    let first = crate::importing::import(&stage, &folder, "one.csv", &text("Swap the boxes."), Some(CHANGES)).await;
    assert_eq!((first.made, first.rejected_rows), (1, 0), "{first}");
    let listed = manager.get("changes?filter=title%20%3D%20%22Swap%20it%22").await.ok();
    let number = listed["items"][0]["number"].as_str().expect("it is there").to_owned();
    assert_eq!(read(&agent, &number).await["state"], "scheduled");
    agent.post(&format!("changes/{number}/start"), json!({})).await.refused(409, "approvals_missing");
    step(&manager, &number, "return", json!({ "reason": "Nobody approved it." })).await;
    step(&agent, &number, "submit", wanted(&cast)).await;
    step(&manager, &number, "assess", json!({})).await;
    step(&manager, &number, "request_approval", assessed()).await;
    approve(&manager, &number).await;
    step(&manager, &number, "schedule", json!({})).await;
    stage.house.clock.set(at(START));
    step(&agent, &number, "start", json!({})).await;
    let again = crate::importing::import(&stage, &folder, "two.csv", &text("Burn them."), Some(CHANGES)).await;
    assert_eq!((again.updated, again.rejected_rows), (0, 1), "{again}");
    assert_eq!(read(&agent, &number).await["plan"], "Swap the boxes.");
});

story!(chg_11_gen_17_a_word_of_authority_ends_with_what_it_was_given_for, |stage| async move {
    let cast = stage.house.cast.clone();
    board(&stage, "ecab", &[cast.approver]).await;
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let number = change(&agent, "emergency", json!({ "back_out": "Restart." })).await;
    let path = format!("changes/{number}");
    let start = format!("{path}/start_emergency");
    let declared = json!({ "why": "It is down.", "service": cast.payments, "emergency_reason": "Nobody can pay." });
    let word =
        json!({ "authority": cast.team_manager, "authorised_at": "2025-06-02T07:50:00Z", "reason": "By telephone." });
    step(&agent, &number, "declare_emergency", declared.clone()).await;
    step(&manager, &number, "record_authority", word.clone()).await;
    let edited = manager.patch(&path, json!({ "service": cast.email })).await.ok();
    assert_eq!((&edited["authority"], &edited["authorised_at"]), (&Json::Null, &Json::Null));
    agent.post(&start, json!({})).await.refused(409, "not_authorised");

    step(&manager, &number, "record_authority", word.clone()).await;
    step(&manager, &number, "return", json!({ "reason": "It is no emergency." })).await;
    let anew = step(&agent, &number, "declare_emergency", declared).await;
    assert_eq!(anew["authority"], Json::Null, "it was given for another time");

    step(&manager, &number, "record_authority", word).await;
    let swapped = agent.post(&start, json!({ "back_out": "None." })).await.refused(422, "invalid_fields");
    assert_eq!(swapped["errors"][0]["code"], "approved");
    manager.patch(&path, json!({ "implementer": cast.team_manager })).await.ok();
    agent.post(&start, json!({})).await.refused(409, "own_record");
    manager.patch(&path, json!({ "implementer": cast.agent_l2 })).await.ok();
    assert_eq!(agent.post(&start, json!({})).await.ok()["state"], "implementation");
});

story!(chg_10_a_corrected_outcome_counts_for_its_model, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let model = certificate(&manager, &cast).await;
    let counts = async || {
        let model = manager.get(&format!("models/{model}")).await.ok();
        (model["used"].as_i64(), model["failed"].as_i64())
    };
    let number = change(&agent, "standard", json!({ "model": model })).await;
    step(&agent, &number, "schedule_standard", in_june()).await;
    step(&agent, &number, "start", json!({})).await;
    step(&agent, &number, "implement", json!({})).await;
    step(&manager, &number, "close", well()).await;
    assert_eq!(counts().await, (Some(1), Some(0)));
    let path = format!("changes/{number}/correct");
    let failed = json!({ "outcome": "failed", "reason": "It came back." });
    manager.post(&path, failed.clone()).await.refused(409, "review_needed");
    manager.post(&path, with(review(), &failed)).await.ok();
    assert_eq!(counts().await, (Some(1), Some(1)));
    let log = manager.get(&format!("changes/{number}/history?limit=200")).await.ok();
    let event = log["items"].as_array().into_iter().flatten().find(|e| e["verb"] == "correct").expect("a step");
    manager.post(&format!("changes/{number}/events/{}/undo", event["id"]), json!({})).await.ok();
    assert_eq!(counts().await, (Some(1), Some(0)), "taking it back counts, too");
});

story!(chg_18_a_closed_change_that_was_approved_is_corrected, |stage| async move {
    let cast = stage.house.cast.clone();
    let manager = stage.sign_in(cast.manager).await;
    let number = brought_to(&stage, &manager, "closed").await;
    let right = json!({ "service": cast.email, "reason": "It was the mail gateway." });
    assert_eq!(step(&manager, &number, "correct", right).await["service"]["id"], cast.email);
});

story!(chg_17_gen_17_an_item_added_to_an_approved_change_is_approved_anew, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let items = [crate::schedule::item(&manager, "app-01").await, crate::schedule::item(&manager, "db-01").await];
    let number = crate::change::scheduled(&stage, &agent, &manager).await;
    affects(&agent, &number, &items[0]).await.ok();
    assert_eq!(read(&agent, &number).await["state"], "authorisation");
    let log = manager.get(&format!("changes/{number}/history?limit=200")).await.ok();
    let log: Vec<&Json> = log["items"].as_array().into_iter().flatten().collect();
    let void = log.iter().find(|event| event["verb"] == "approvals_void").expect("it is told");
    assert_eq!(void["reason"], "Changed: Affects");
    assert!(log.iter().any(|event| event["verb"] == "approve_anew"));
    manager.post(&format!("changes/{number}/schedule"), json!({})).await.refused(409, "approvals_missing");
    // Whoever has read it without the second item approves nothing.
    let asked = crate::change::waiting(&manager, &number).await;
    affects(&agent, &number, &items[1]).await.ok();
    let (id, version) = asked[0];
    let said = json!({ "answer": "approve", "version": version });
    let late = manager.post(&format!("changes/{number}/approvals/{id}"), said).await;
    assert_eq!(late.status, 409, "{}", late.body);
    approve(&manager, &number).await;
    step(&manager, &number, "schedule", json!({})).await;
    // With one item less it is another matter, too; what is merely related is none.
    let related = json!({ "relation": "related_to", "to": items[1] });
    agent.post(&format!("changes/{number}/links"), related).await.ok();
    assert_eq!(read(&agent, &number).await["state"], "scheduled");
    agent.delete(&format!("changes/{number}/links/affects/{}", items[1])).await;
    assert_eq!(read(&agent, &number).await["state"], "authorisation");
    // A word of authority ends with it as with any other material change.
    board(&stage, "ecab", &[cast.approver]).await;
    let emergency = change(&agent, "emergency", json!({ "back_out": "Restart." })).await;
    let declared = json!({ "why": "It is down.", "service": cast.payments, "emergency_reason": "Nobody can pay." });
    let word =
        json!({ "authority": cast.team_manager, "authorised_at": "2025-06-02T07:50:00Z", "reason": "By telephone." });
    step(&agent, &emergency, "declare_emergency", declared).await;
    step(&manager, &emergency, "record_authority", word).await;
    affects(&agent, &emergency, &items[0]).await.ok();
    assert_eq!(read(&agent, &emergency).await["authority"], Json::Null);
    agent.post(&format!("changes/{emergency}/start_emergency"), json!({})).await.refused(409, "not_authorised");
});
