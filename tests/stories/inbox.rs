//! What people are told, and what they do about it: done, put off, or without.

use crate::browser::{Browser, Pages};
use crate::client::Client;
use crate::incident::in_progress;
use crate::{Stage, at, story};
use serde_json::{Value as Json, json};

/// The texts on a shelf of the inbox, about one record.
async fn shelf(client: &Client, state: &str, number: &str) -> Vec<(i64, String)> {
    let found = client.get(&format!("notices?state={state}")).await.ok();
    let items = found["items"].as_array().cloned().unwrap_or_default();
    let about = items.iter().filter(|item| item["number"] == number);
    about
        .map(|item| (item["id"].as_i64().unwrap_or_default(), item["kind"].as_str().unwrap_or_default().to_owned()))
        .collect()
}

fn kinds(items: &[(i64, String)]) -> Vec<&str> {
    items.iter().map(|(_, kind)| kind.as_str()).collect()
}

/// A record that is the second agent's.
async fn handed(stage: &Stage) -> (Client, String) {
    let cast = &stage.house.cast;
    let agent = stage.sign_in(cast.agent).await;
    let number = in_progress(stage, &agent).await;
    agent.patch(&format!("incidents/{number}"), json!({ "assignee": cast.agent_l2 })).await.ok();
    (agent, number)
}

async fn send(browser: &Browser, path: &str, values: &[(&str, &str)]) -> u16 {
    let values: Vec<(String, String)> = values.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    browser.post(path, &values).await.status.as_u16()
}

story!(whoever_is_given_a_record_hears_of_it_once_and_whoever_takes_one_does_not, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, number) = handed(&stage).await;
    let other = stage.sign_in(cast.agent_l2).await;
    assert_eq!(kinds(&shelf(&other, "open", &number).await), ["assigned"]);
    assert!(shelf(&agent, "open", &number).await.iter().all(|(_, kind)| kind != "assigned"));
    // The same person again is no news.
    agent.patch(&format!("incidents/{number}"), json!({ "title": "VPN drops again" })).await.ok();
    assert_eq!(shelf(&other, "open", &number).await.len(), 1);
    // Whoever is given one in the moment it is opened hears of it too.
    let fresh = agent.report(json!({ "team": cast.network, "assignee": cast.agent_l2 })).await;
    assert!(kinds(&shelf(&other, "open", &fresh).await).contains(&"assigned"));
});

story!(a_notice_is_done_or_put_off_and_comes_back_by_itself, |stage| async move {
    let cast = stage.house.cast.clone();
    let (_, number) = handed(&stage).await;
    let other = stage.sign_in(cast.agent_l2).await;
    let id = shelf(&other, "open", &number).await[0].0;
    let unread = || async { other.get("notices").await.ok()["unread"].as_i64().unwrap_or_default() };
    let before = unread().await;

    let done = other.post(&format!("notices/{id}/done"), json!({})).await.ok();
    assert!(done["done_at"].is_string() && done["read_at"].is_string());
    assert!(shelf(&other, "open", &number).await.is_empty());
    assert_eq!(shelf(&other, "done", &number).await.len(), 1);
    assert_eq!(unread().await, before - 1);
    other.post(&format!("notices/{id}/reopen"), json!({})).await.ok();
    assert_eq!(shelf(&other, "open", &number).await.len(), 1);

    let until = json!({ "until": "2025-06-02T10:00:00Z" });
    other.post(&format!("notices/{id}/snooze"), until).await.ok();
    assert!(shelf(&other, "open", &number).await.is_empty());
    assert_eq!(shelf(&other, "snoozed", &number).await.len(), 1);
    stage.house.advance_to(at("2025-06-02T09:59:00Z")).await;
    assert_eq!(shelf(&other, "snoozed", &number).await.len(), 1, "not before its time");
    stage.house.advance_to(at("2025-06-02T10:00:00Z")).await;
    let open = other.get("notices?state=open").await.ok();
    assert_eq!(open["items"][0]["id"], id, "back on top, however old");
    assert!(open["items"][0]["read_at"].is_null(), "and new again");

    for wrong in ["2025-06-02T09:00:00Z", "2027-01-01T00:00:00Z"] {
        other
            .post(&format!("notices/{id}/snooze"), json!({ "until": wrong }))
            .await
            .refused_field("until", "not_ahead");
    }
    // What was done in the meantime stays done.
    other.post(&format!("notices/{id}/snooze"), json!({ "until": "2025-06-02T11:00:00Z" })).await.ok();
    other.post(&format!("notices/{id}/done"), json!({})).await.ok();
    stage.house.advance_to(at("2025-06-02T12:00:00Z")).await;
    assert_eq!(shelf(&other, "done", &number).await.len(), 1);
    // Nobody reaches into the inbox of somebody else.
    let stranger = stage.sign_in(cast.admin).await;
    for deed in ["done", "reopen"] {
        stranger.post(&format!("notices/{id}/{deed}"), json!({})).await.refused(404, "not_found");
    }
});

story!(a_person_does_without_what_the_organisation_leaves_to_them_and_nothing_else, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, number) = handed(&stage).await;
    let watcher = stage.sign_in(cast.manager).await;
    let watch = json!({ "person": cast.manager });
    watcher.post(&format!("incidents/{number}/watchers"), watch).await.ok();
    let say = |words: &'static str| {
        let (agent, number) = (agent.clone(), number.clone());
        async move { agent.post(&format!("incidents/{number}/comments"), json!({ "body": words })).await.ok() }
    };
    say("First").await;
    assert_eq!(kinds(&shelf(&watcher, "open", &number).await), ["watched"]);

    let choices = watcher.get("me/notices").await.ok();
    let of = |kind: &str| {
        let items = choices["items"].as_array().cloned().unwrap_or_default();
        items.into_iter().find(|item| item["kind"] == kind).expect("a kind")
    };
    assert_eq!((&of("watched")["optional"], &of("level")["optional"]), (&json!(true), &json!(false)));
    let off = |kind: &str| json!({ "kinds": { kind: "off" } });
    watcher.post("me/notices", off("watched")).await.ok();
    say("Second").await;
    assert_eq!(shelf(&watcher, "open", &number).await.len(), 1, "nothing more");
    watcher.post("me/notices", json!({ "kinds": { "watched": "inbox" } })).await.ok();
    say("Third").await;
    assert_eq!(shelf(&watcher, "open", &number).await.len(), 2);

    watcher.post("me/notices", off("level")).await.refused_field("level", "not_optional");
    watcher.post("me/notices", off("weather")).await.refused_field("weather", "unknown_member");
    watcher
        .post("me/notices", json!({ "kinds": { "watched": "loud" } }))
        .await
        .refused_field("watched", "not_a_choice");
});

story!(the_inbox_stands_beside_its_record_and_works_with_plain_forms, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let (_, number) = handed(&stage).await;
    let client = stage.sign_in(cast.agent_l2).await;
    let id = shelf(&client, "open", &number).await[0].0;
    let browser = pages.browser(&stage, cast.agent_l2).await;
    let page = browser.get("/inbox").await.text;
    let href = format!("/incidents/{number}?inbox={id}");
    assert!(page.contains(&format!("href=\"{href}\"")) && page.contains("is yours now"), "{page}");
    let beside = browser.get(&href).await.text;
    assert!(beside.contains(&format!("id=\"row-n{id}\"")) && beside.contains("aria-label=\"Inbox\""), "{beside}");
    assert!(beside.contains("aria-current=\"true\""));
    assert_eq!(send(&browser, &format!("/inbox/{id}/read"), &[]).await, 204);
    assert!(!browser.get("/inbox").await.text.contains("aria-label=\"Unread\""));

    assert_eq!(send(&browser, &format!("/inbox/{id}/snooze"), &[("until", "tomorrow")]).await, 303);
    assert!(browser.get("/inbox?show=snoozed").await.text.contains(&number));
    assert_eq!(
        send(&browser, &format!("/inbox/{id}/snooze"), &[("until", "own"), ("at", "2020-01-01T10:00")]).await,
        422
    );
    assert_eq!(send(&browser, &format!("/inbox/{id}/snooze"), &[("until", "whenever")]).await, 422);
    assert_eq!(send(&browser, &format!("/inbox/{id}/reopen"), &[]).await, 303);
    assert_eq!(send(&browser, &format!("/inbox/{id}/done"), &[]).await, 303);
    let page = browser.get("/inbox?show=done").await.text;
    assert!(page.contains(&number) && !browser.get("/inbox").await.text.contains(&format!("row-n{id}")));
});

story!(what_was_put_off_is_told_to_whoever_looks_when_it_comes_back, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let (_, number) = handed(&stage).await;
    let client = stage.sign_in(cast.agent_l2).await;
    for (id, _) in shelf(&client, "open", &number).await {
        let until = json!({ "until": "2025-06-02T10:00:00Z" });
        client.post(&format!("notices/{id}/snooze"), until).await.ok();
    }
    let browser = pages.browser(&stage, cast.agent_l2).await;
    let mut stream = browser.follow("/live?counts").await;
    stage.house.advance_to(at("2025-06-02T10:00:00Z")).await;
    let counts = stream.hear_that("counts", |counts: &Json| counts["/inbox"] != "0").await;
    assert_eq!(counts["/inbox"], "1");
});
