//! Taking back what one did a moment ago: the record is as if it had never been, and the log tells both.

use crate::incident::{classified, in_progress, reasons, resolution};
use crate::{Client, at, story};
use serde_json::{Value as Json, json};

/// Takes the event back that this answer names.
async fn undo(client: &Client, number: &str, changed: &Json) -> crate::client::Answer {
    let event = changed["event"].as_i64().expect("an event");
    client.post(&format!("incidents/{number}/events/{event}/undo"), json!({})).await
}

/// What service-level clocks say, without what tells them apart.
async fn clocks(client: &Client, number: &str) -> Json {
    let mut found = client.get(&format!("incidents/{number}/clocks")).await.ok();
    for clock in found["items"].as_array_mut().into_iter().flatten() {
        clock["id"] = Json::Null;
    }
    found
}

/// A record without what differs between two that went the same way.
async fn plain(client: &Client, number: &str) -> Json {
    let mut record = client.incident(number).await;
    for key in ["id", "number", "version", "updated", "clocks", "surveyed"] {
        record[key] = Json::Null;
    }
    record
}

story!(b_07_gen_03_an_edit_is_taken_back_and_both_stand_in_the_history, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let (one, other) = (in_progress(&stage, &agent).await, in_progress(&stage, &agent).await);
    stage.house.advance_to(at("2025-06-02T08:10:00Z")).await;
    let path = format!("incidents/{one}");
    let changed = agent.patch(&path, json!({ "impact": "high", "urgency": "high" })).await.ok();
    assert_eq!(changed["priority"], 1);
    assert_ne!(clocks(&agent, &one).await, clocks(&agent, &other).await, "the target moved");
    stage.house.advance_to(at("2025-06-02T08:12:00Z")).await;
    undo(&agent, &one, &changed).await.ok();
    assert_eq!(plain(&agent, &one).await, plain(&agent, &other).await);
    assert_eq!(clocks(&agent, &one).await, clocks(&agent, &other).await);
    let log = agent.get(&format!("{path}/history")).await.ok();
    let verbs: Vec<&str> = log["items"].as_array().expect("items").iter().filter_map(|e| e["verb"].as_str()).collect();
    assert!(verbs.contains(&"updated") && verbs.last() == Some(&"undone"), "{verbs:?}");
    undo(&agent, &one, &changed).await.refused(409, "undone_already");
    // Later readings agree too: warnings, breach, and the result.
    stage.house.advance_to(at("2025-06-09T10:00:00Z")).await;
    assert_eq!(clocks(&agent, &one).await, clocks(&agent, &other).await);
    for number in [&one, &other] {
        agent.step(number, "resolve", resolution(&cast)).await;
    }
    assert_eq!(clocks(&agent, &one).await, clocks(&agent, &other).await);
});

story!(gen_05_a_step_is_taken_back_with_its_clocks_and_timers, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, requester) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.requester).await);
    let (one, other) = (in_progress(&stage, &agent).await, in_progress(&stage, &agent).await);
    stage.house.advance_to(at("2025-06-02T09:00:00Z")).await;
    let resolved = agent.step(&one, "resolve", resolution(&cast)).await;
    assert!(reasons(&requester, &one).await.contains(&"resolve".to_owned()));
    stage.house.advance_to(at("2025-06-02T09:03:00Z")).await;
    undo(&agent, &one, &resolved).await.ok();
    assert_eq!(plain(&agent, &one).await, plain(&agent, &other).await);
    assert_eq!(clocks(&agent, &one).await, clocks(&agent, &other).await, "it never stopped");
    assert!(!reasons(&requester, &one).await.contains(&"resolve".to_owned()), "nobody is told what never was");
    // A pause that was taken back never was one; the timer that would end it is gone.
    let hold = json!({ "hold_reason": "vendor", "resume_at": "2025-06-02T11:00:00Z" });
    let held = agent.step(&one, "hold", hold.clone()).await;
    undo(&agent, &one, &held).await.ok();
    assert_eq!(clocks(&agent, &one).await, clocks(&agent, &other).await);
    // Leaving a pause is taken back: it waits for the same instant as before.
    for number in [&one, &other] {
        agent.step(number, "hold", hold.clone()).await;
    }
    let resumed = agent.step(&one, "resume", json!({})).await;
    undo(&agent, &one, &resumed).await.ok();
    assert_eq!(clocks(&agent, &one).await, clocks(&agent, &other).await);
    stage.house.advance_to(at("2025-06-02T11:00:01Z")).await;
    assert_eq!(agent.incident(&one).await["state"], "in_progress", "the timer came at its time");
    assert_eq!(clocks(&agent, &one).await, clocks(&agent, &other).await);
    stage.house.advance_to(at("2025-06-20T11:00:01Z")).await;
    assert_eq!(agent.incident(&one).await["state"], "in_progress", "nothing closed what was not resolved");
});

story!(gen_18_only_its_author_takes_it_back_for_a_while_and_never_over_the_work_of_others, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, colleague) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let number = in_progress(&stage, &agent).await;
    let path = format!("incidents/{number}");
    let changed = agent.patch(&path, json!({ "title": "VPN is slow", "impact": "high" })).await.ok();
    undo(&colleague, &number, &changed).await.refused(403, "not_yours");
    colleague.patch(&path, json!({ "urgency": "high" })).await.ok();
    let refused = undo(&agent, &number, &changed).await.refused(409, "changed_since");
    assert!(
        refused["detail"].as_str().is_some_and(|says| says.contains("Priority")),
        "it follows from both: {refused}"
    );
    let renamed = agent.patch(&path, json!({ "title": "VPN is gone" })).await.ok();
    colleague.patch(&path, json!({ "callback": "555" })).await.ok();
    undo(&agent, &number, &renamed).await.ok();
    let record = agent.incident(&number).await;
    assert_eq!((record["title"].clone(), record["callback"].clone()), (json!("VPN is slow"), json!("555")));
    let late = agent.patch(&path, json!({ "title": "Too late" })).await.ok();
    stage.house.clock.set(stage.house.clock.reading() + 5 * 60_000 + 1);
    undo(&agent, &number, &late).await.refused(409, "too_late");
    agent.post(&format!("{path}/events/1/undo"), json!({})).await.refused(404, "not_found");
    // What people have read is not unsaid, and what another record goes on with stays.
    let spoken = json!({ "hold_reason": "requester", "comment": "Which floor are you on?" });
    let asked = agent.step(&number, "hold", spoken).await;
    undo(&agent, &number, &asked).await.refused(409, "words_sent");
    agent.step(&number, "resume", json!({})).await;
    agent.step(&number, "resolve", resolution(&cast)).await;
    let again = agent.step(&number, "report_again", json!({ "reason": "Same" })).await;
    undo(&agent, &number, &again).await.refused(409, "not_undoable");
});

story!(b_13_a_merge_is_taken_back_at_both_ends, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, requester) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.requester).await);
    let survivor = in_progress(&stage, &agent).await;
    let duplicate = in_progress(&stage, &agent).await;
    requester.post(&format!("incidents/{duplicate}/comments"), json!({ "body": "It is the canary." })).await.ok();
    let place = format!("incidents/{duplicate}/attachments?name=screen.txt");
    requester.send_bytes("POST", &place, b"No route".to_vec(), &[]).await.ok();
    let before = plain(&agent, &duplicate).await;
    let merged = agent.step(&duplicate, "merge", json!({ "link": survivor })).await;
    let words = |number: &str| format!("incidents/{number}/comments");
    assert!(agent.get(&words(&survivor)).await.text.contains("canary"));
    undo(&agent, &duplicate, &merged).await.ok();
    assert_eq!(plain(&agent, &duplicate).await, before);
    assert!(!agent.get(&words(&survivor)).await.text.contains("canary"), "the survivor gave the words back");
    assert!(agent.get(&words(&duplicate)).await.text.contains("canary"), "and they stay where they were said");
    let files = agent.get(&format!("incidents/{survivor}/attachments")).await.ok();
    assert_eq!(files["items"], json!([]));
    for number in [&survivor, &duplicate] {
        let links = agent.get(&format!("incidents/{number}/links")).await.ok();
        assert_eq!(links["records"], json!([]), "{number}");
    }
    let log = agent.get(&format!("incidents/{survivor}/history")).await.ok();
    let verbs: Vec<&str> = log["items"].as_array().expect("items").iter().filter_map(|e| e["verb"].as_str()).collect();
    assert!(verbs.contains(&"absorbed") && verbs.contains(&"undone"), "{verbs:?}");
});

story!(inc_12_children_come_back_with_their_parent, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let parent = in_progress(&stage, &agent).await;
    let children = [in_progress(&stage, &agent).await, in_progress(&stage, &agent).await];
    for child in &children {
        agent.post(&format!("incidents/{child}/links"), json!({ "relation": "child_of", "to": parent })).await.ok();
    }
    let resolved = agent.step(&parent, "resolve", resolution(&cast)).await;
    agent.step(&children[1], "reopen", json!({ "reason": "Not this one" })).await;
    undo(&agent, &parent, &resolved).await.ok();
    let state = async |number: &str| agent.incident(number).await["state"].clone();
    assert_eq!(state(&parent).await, "in_progress");
    assert_eq!(state(&children[0]).await, "in_progress");
    let log = agent.get(&format!("incidents/{}/history", children[1])).await.ok();
    assert!(!log.to_string().contains("undone"), "somebody has worked on this one since: {log}");
});

story!(gen_07_a_link_is_taken_back_at_both_ends, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let (one, other) =
        (agent.report(classified(&cast, "low", "low")).await, agent.report(classified(&cast, "low", "low")).await);
    let links = format!("incidents/{one}/links");
    agent.post(&links, json!({ "relation": "related_to", "to": other })).await.ok();
    let newest = async |verb: &str| {
        let log = agent.get(&format!("incidents/{one}/history")).await.ok();
        let found = log["items"].as_array().into_iter().flatten().rfind(|e| e["verb"] == verb).cloned();
        json!({ "event": found.expect("an event")["id"] })
    };
    undo(&agent, &one, &newest("linked").await).await.ok();
    assert_eq!(agent.get(&format!("incidents/{other}/links")).await.ok()["records"], json!([]));
    agent.post(&links, json!({ "relation": "related_to", "to": other })).await.ok();
    agent.delete(&format!("{links}/related_to/{other}")).await.ok();
    undo(&agent, &one, &newest("unlinked").await).await.ok();
    assert_eq!(agent.get(&links).await.ok()["records"][0]["number"], other);
});

story!(gen_10_figures_know_nothing_of_what_was_taken_back, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let number = in_progress(&stage, &agent).await;
    stage.house.advance_to(at("2025-06-02T09:00:00Z")).await;
    let ask = async || {
        let mut found = Vec::new();
        for key in ["volume", "resolution", "response", "times", "reopened", "backlog", "team_load"] {
            let answer = manager.get(&format!("reports/{key}?from=2025-06-01&to=2025-06-30")).await;
            if answer.status.is_success() {
                found.push((key, answer.body["rows"].clone(), answer.body["totals"].clone()));
            }
        }
        found
    };
    let before = ask().await;
    assert!(before.len() >= 3, "reports to compare: {before:?}");
    let resolved = agent.step(&number, "resolve", resolution(&cast)).await;
    assert_ne!(ask().await, before);
    undo(&agent, &number, &resolved).await.ok();
    assert_eq!(ask().await, before);
});
