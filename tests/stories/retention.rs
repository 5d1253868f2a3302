//! What becomes of closed records: archived by the rule, found by auditors alone, kept where somebody must, emptied of
//! words and people when their time is over.

use crate::browser::Pages;
use crate::incident::{in_progress, resolution};
use crate::{Client, Stage, story};
use mainstay_desk::{Channel, Credential, retention};
use mainstay_store::Conn;
use serde_json::{Value as Json, json};

/// An incident that was closed, with words in every place.
async fn closed(stage: &Stage, agent: &Client) -> String {
    let cast = &stage.house.cast;
    let number = agent
        .report(json!({ "title": "canary-41 hums", "symptoms": "canary-42 all day", "requester": cast.requester }))
        .await;
    agent.post(&format!("incidents/{number}/comments"), json!({ "body": "canary-43 heard" })).await.ok();
    let note = json!({ "body": "canary-44 inside", "internal": true });
    agent.post(&format!("incidents/{number}/comments"), note).await.ok();
    agent.step(&number, "cancel", json!({ "cancel_reason": "raised_in_error" })).await;
    number
}

/// Sets the days of the rule for incidents.
async fn rule(admin: &Client, archive: i64, remove: i64) {
    let all = admin.get("process-settings").await.ok();
    let own = all["items"].as_array().into_iter().flatten().find(|each| each["process"] == "incident").expect("it is");
    let path = format!("process-settings/{}", own["id"]);
    let version = admin.get(&path).await.ok()["version"].as_i64().expect("a version");
    let policies =
        json!([{ "policy": "archive_days", "value": archive }, { "policy": "remove_days", "value": remove }]);
    admin.patch_version(&path, version, json!({ "policies": policies })).await.ok();
}

/// What regular work does after so many days, as (archived, removed).
async fn later(stage: &Stage, days: i64) -> (usize, usize) {
    stage.house.clock.advance_minutes(days * 24 * 60);
    let kept = stage.house.desk.write(&Credential::Engine, Channel::Engine, |session, _| retention::run(session, 50));
    let kept = kept.await.expect("the rules apply");
    stage.house.read_log().await;
    (kept.archived, kept.removed)
}

async fn listed(client: &Client, filter: &str) -> Vec<String> {
    let answer = client.get(&format!("incidents?filter={}", crate::client::encoded(filter))).await.ok();
    let items = answer["items"].as_array().cloned().unwrap_or_default();
    items.iter().filter_map(|item| item["number"].as_str().map(str::to_owned)).collect()
}

async fn found(client: &Client, query: &str) -> Vec<String> {
    let answer = client.get(&format!("search?{query}")).await.ok();
    let items = answer["items"].as_array().cloned().unwrap_or_default();
    items.iter().filter_map(|item| item["number"].as_str().map(str::to_owned)).collect()
}

async fn verbs(client: &Client, number: &str) -> Vec<String> {
    let log = client.get(&format!("incidents/{number}/history?limit=200")).await.ok();
    log["items"].as_array().into_iter().flatten().filter_map(|e| e["verb"].as_str().map(str::to_owned)).collect()
}

story!(gen_11_what_is_archived_leaves_lists_and_search_and_auditors_find_it, |stage| async move {
    let stage = stage.indexed();
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let auditor = stage.sign_in(cast.auditor).await;
    let number = closed(&stage, &agent).await;
    let live = agent.report(json!({ "title": "canary-41 lives" })).await;
    assert_eq!(later(&stage, 100).await, (0, 0), "without a rule nothing is archived");
    rule(&admin, 30, 0).await;
    assert_eq!(later(&stage, 0).await, (1, 0));
    assert_eq!(later(&stage, 0).await, (0, 0), "once");
    for client in [&agent, &admin, &auditor] {
        assert_eq!(listed(client, "").await, [live.as_str()]);
        assert_eq!(listed(client, "phase = 3").await, Vec::<String>::new());
        assert_eq!(found(client, "q=canary-41").await, [live.as_str()]);
        assert!(found(client, &format!("q={number}")).await.is_empty(), "not even by its number");
    }
    // Whoever reads the audit finds it, by a filter in lists and in the search; nobody else does.
    let archive = "archived is not empty";
    assert_eq!(listed(&auditor, archive).await, [number.as_str()]);
    assert_eq!(listed(&agent, archive).await, Vec::<String>::new());
    for words in ["canary-41", "canary-43", &number] {
        assert_eq!(found(&auditor, &format!("q={words}&archived=true")).await, [number.as_str()], "{words}");
    }
    agent.get("search?q=canary-41&archived=true").await.refused(403, "no_right");
    let record = auditor.get(&format!("incidents/{number}")).await.ok();
    assert_eq!((&record["title"], record["archived"].is_string()), (&json!("canary-41 hums"), true));
    assert_eq!(verbs(&auditor, &number).await.last().map(String::as_str), Some("archived"));
    // On the pages too: the search has a place for it, the record says so.
    let pages = Pages::of(&stage).await;
    let (theirs, others) = (pages.browser(&stage, cast.auditor).await, pages.browser(&stage, cast.agent).await);
    let page = theirs.get("/search?q=canary-41&archived=true").await;
    assert!(page.text.contains(&number) && page.text.contains("archived=true"), "{}", page.text);
    assert!(!others.get("/search?q=canary-41&archived=true").await.text.contains(&number));
    assert!(theirs.get(&format!("/incidents/{number}")).await.text.contains("It is archived"));
});

story!(gen_11_nothing_changes_what_is_archived, |stage| async move {
    let stage = stage.indexed();
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let number = in_progress(&stage, &agent).await;
    agent.step(&number, "resolve", resolution(&cast)).await;
    stage.sign_in(cast.requester).await.step(&number, "confirm", json!({})).await;
    let live = agent.report(json!({ "title": "Alive" })).await;
    rule(&admin, 30, 0).await;
    assert_eq!(later(&stage, 31).await, (1, 0));
    let before = (admin.incident(&number).await, verbs(&admin, &number).await);
    let one = format!("incidents/{number}");
    let again = json!({ "reason": "It hums again" });
    admin.post(&format!("{one}/report_again"), again).await.refused(409, "archived");
    for (path, body) in [
        ("comments", json!({ "body": "Late words" })),
        ("comments", json!({ "body": "Late words", "internal": true })),
        ("tasks", json!({ "title": "Late task" })),
        ("links", json!({ "relation": "related_to", "to": live })),
        ("watchers", json!({ "person": cast.agent })),
    ] {
        let answer = admin.post(&format!("{one}/{path}"), body).await;
        assert_eq!(answer.status, 409, "{path}: {}", answer.text);
    }
    let back = json!({ "relation": "related_to", "to": number });
    admin.post(&format!("incidents/{live}/links"), back).await.refused(409, "archived");
    let version = before.0["version"].as_i64().expect("a version");
    let patched = admin.patch_version(&one, version, json!({ "title": "Other" })).await;
    assert_eq!(patched.status, 409);
    assert_eq!((admin.incident(&number).await, verbs(&admin, &number).await), before);
});

story!(gen_11_what_is_held_is_not_removed_and_what_is_removed_leaves_number_and_fact, |stage| async move {
    let stage = stage.indexed();
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let (manager, auditor) = (stage.sign_in(cast.manager).await, stage.sign_in(cast.auditor).await);
    let (held, gone) = (closed(&stage, &agent).await, closed(&stage, &agent).await);
    let hold = |number: &str| format!("incidents/{number}/legal-hold");
    let put = json!({ "held": true, "reason": "canary-45 against the bank" });
    // Whoever has the right, with a reason; staff reads it.
    agent.post(&hold(&held), put.clone()).await.refused(403, "no_right");
    manager.post(&hold(&held), json!({ "held": true, "reason": " " })).await.refused_field("reason", "required");
    assert_eq!(manager.post(&hold(&held), put.clone()).await.ok()["held"], true);
    manager.post(&hold(&held), put).await.refused(409, "held");
    let read = agent.get(&hold(&held)).await.ok();
    assert_eq!((&read["by"]["id"], &read["reason"]), (&json!(cast.manager), &json!("canary-45 against the bank")));
    assert_eq!(stage.sign_in(cast.requester).await.get(&hold(&held)).await.ok()["held"], false, "not for requesters");
    rule(&admin, 30, 60).await;
    assert_eq!(later(&stage, 31).await, (2, 0));
    assert_eq!(later(&stage, 61).await, (0, 1), "the held one stays");
    assert_eq!(later(&stage, 400).await, (0, 0), "however long");
    let kept = auditor.get(&format!("incidents/{held}")).await.ok();
    assert_eq!(kept["title"], "canary-41 hums");
    // What is left of the other: the number, the facts, and that it was removed; no word and nobody.
    let left = auditor.get(&format!("incidents/{gone}")).await.ok();
    assert_eq!((&left["number"], &left["state"]), (&json!(gone), &json!("cancelled")));
    assert!(left["requester"].is_null() && left["removed"].is_string(), "{left}");
    let log = auditor.get(&format!("incidents/{gone}/history?limit=200")).await.ok();
    assert_eq!(verbs(&auditor, &gone).await.last().map(String::as_str), Some("removed"));
    assert!(log["items"].as_array().into_iter().flatten().all(|event| event["actor"].is_null()), "{log}");
    assert!(!format!("{left}{log}").contains("canary-4"), "{left} {log}");
    let comments = auditor.get(&format!("incidents/{gone}/comments")).await.ok();
    assert_eq!(comments["items"].as_array().map(Vec::len), Some(0));
    for word in ["canary-41", "canary-42", "canary-43"] {
        assert_eq!(found(&auditor, &format!("q={word}&archived=true")).await, [held.as_str()], "{word}");
    }
    manager.post(&hold(&gone), json!({ "held": true, "reason": "Late" })).await.refused(409, "removed");
    // Lifted with a reason, it goes as well; who held it and why stays in the log.
    manager.post(&hold(&held), json!({ "held": false, "reason": "Settled" })).await.ok();
    manager.post(&hold(&held), json!({ "held": false, "reason": "Twice" })).await.refused(409, "not_held");
    assert_eq!(later(&stage, 0).await, (0, 1));
    let log = auditor.get(&format!("incidents/{held}/history?limit=200")).await.ok().to_string();
    assert!(log.contains("canary-45") && log.contains("Settled") && !log.contains("canary-42"), "{log}");
});

story!(gen_11_the_log_lets_no_more_be_emptied_than_what_was_removed, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let number = closed(&stage, &agent).await;
    let id: i64 = {
        let number = number.clone();
        let find =
            move |conn: &mut Conn| conn.one("SELECT id FROM record WHERE number = $1", &[number.as_str().into()]);
        stage.house.desk.db().read(find).await.expect("it is there")
    };
    for sql in [
        "UPDATE event SET reason = NULL, actor = NULL WHERE subject = 'record' AND subject_id = $1",
        "UPDATE event SET changes = '[]' WHERE subject = 'record' AND subject_id = $1",
        "UPDATE record SET removed = 1 WHERE id = $1",
    ] {
        let run = move |conn: &mut Conn| conn.run(sql, &[id.into()]);
        assert!(stage.house.desk.db().write(run).await.is_err(), "{sql}");
    }
    let history: Json = agent.get(&format!("incidents/{number}/history")).await.ok();
    assert!(history.to_string().contains("canary-42"));
});

story!(gen_11_what_is_linked_with_something_archived_is_let_go_of, |stage| async move {
    let stage = stage.indexed();
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let old = closed(&stage, &agent).await;
    let live = agent.report(json!({ "title": "It hums again" })).await;
    let place = format!("incidents/{live}/links");
    agent.post(&place, json!({ "relation": "related_to", "to": old })).await.ok();
    rule(&admin, 30, 0).await;
    assert_eq!(later(&stage, 31).await, (1, 0));
    let before = verbs(&agent, &old).await;
    let gone = agent.delete(&format!("{place}/related_to/{old}")).await;
    assert!(gone.status.is_success(), "{}", gone.body);
    assert!(!agent.get(&place).await.ok().to_string().contains(&old));
    assert_eq!(verbs(&agent, &old).await, before, "what is archived takes no line");
    assert!(verbs(&agent, &live).await.contains(&"unlinked".to_owned()));
});
