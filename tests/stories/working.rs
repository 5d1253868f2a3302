//! Work on a record: tasks in their order, which wait for each other, and time that people write down.

use crate::browser::Pages;
use crate::client::Client;
use crate::{at, story};
use serde_json::{Value as Json, json};

async fn task(client: &Client, number: &str, body: Json) -> Json {
    client.post(&format!("incidents/{number}/tasks"), body).await.ok()
}

async fn titles(client: &Client, number: &str) -> Vec<String> {
    let all = client.get(&format!("incidents/{number}/tasks")).await.ok();
    let items = all["items"].as_array().into_iter().flatten();
    items.map(|task| task["title"].as_str().unwrap_or_default().to_owned()).collect()
}

fn form(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

story!(tasks_are_put_in_order_and_wait_for_each_other, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, requester) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.requester).await);
    let number = agent.report(json!({ "requester": cast.requester })).await;
    let path = format!("incidents/{number}/tasks");
    let first = task(&agent, &number, json!({ "title": "Order a screen" })).await;
    let second = task(&agent, &number, json!({ "title": "Fit it", "waits_for": [first["id"]] })).await;
    let third = task(&agent, &number, json!({ "title": "Ask how it is", "waits_for": [second["id"]] })).await;
    assert_eq!(second["waits_for"], json!([first["id"]]));
    let one = |task: &Json| format!("{path}/{}", task["id"]);
    // What waits cannot be done, and says for what; what is skipped is waited for no more.
    let refused = agent.patch_version(&one(&second), 1, json!({ "state": "done" })).await;
    let says = refused.refused(409, "task_waits");
    assert_eq!(says["detail"], "It waits for “Order a screen”.");
    agent.patch_version(&one(&first), 1, json!({ "state": "skipped" })).await.ok();
    agent.patch_version(&one(&second), 1, json!({ "state": "done" })).await.ok();
    // No ring, no strangers.
    let ring = json!({ "waits_for": [third["id"]] });
    agent.patch_version(&one(&first), 2, ring).await.refused(422, "invalid_fields");
    agent.patch_version(&one(&first), 2, json!({ "waits_for": [first["id"]] })).await.refused(422, "invalid_fields");
    let other = agent.report(json!({ "requester": cast.requester })).await;
    let foreign = task(&agent, &other, json!({ "title": "Elsewhere" })).await;
    agent.patch_version(&one(&first), 2, json!({ "waits_for": [foreign["id"]] })).await.refused(422, "invalid_fields");
    // The order is what people make it.
    agent.patch_version(&one(&third), 1, json!({ "position": 0 })).await.ok();
    assert_eq!(titles(&agent, &number).await, ["Ask how it is", "Order a screen", "Fit it"]);
    let moved = agent.patch_version(&one(&third), 2, json!({ "position": 99 })).await.ok();
    assert_eq!(moved["position"], 2);
    assert_eq!(titles(&agent, &number).await, ["Order a screen", "Fit it", "Ask how it is"]);
    requester.patch_version(&one(&third), 1, json!({ "position": 0 })).await.refused(404, "not_found");
});

story!(a_06_tasks_are_moved_and_edited_without_scripts, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let api = stage.sign_in(cast.agent).await;
    let agent = pages.browser(&stage, cast.agent).await;
    let number = api.report(json!({ "requester": cast.requester })).await;
    let first = task(&api, &number, json!({ "title": "First" })).await;
    let second = task(&api, &number, json!({ "title": "Second", "waits_for": [first["id"]] })).await;
    let place = format!("/incidents/{number}/tasks");
    let page = agent.get(&place).await.text;
    assert!(page.contains("waits for") && page.contains("Move up: Second"), "{page}");
    let at_second = format!("{place}/{}", second["id"]);
    let moved = agent.post(&at_second, &form(&[("version", "1"), ("position", "0")])).await;
    assert_eq!((moved.status.as_u16(), moved.says_failed()), (303, false));
    assert_eq!(titles(&api, &number).await, ["Second", "First"]);
    assert!(agent.get(&at_second).await.text.contains("After these tasks"));
    let values = form(&[
        ("version", "2"),
        ("_fields", "title"),
        ("title", "Renamed"),
        ("_fields", "due"),
        ("due", "2025-06-03T10:00"),
    ]);
    agent.post(&format!("{at_second}/edit"), &values).await;
    let saved = api.get(&format!("incidents/{number}/tasks")).await.ok();
    assert_eq!((&saved["items"][0]["title"], &saved["items"][0]["waits_for"]), (&json!("Renamed"), &json!([])));
    let refused = agent.post(&format!("{at_second}/edit"), &form(&[("version", "3"), ("title", " ")])).await;
    assert_eq!(refused.status.as_u16(), 422);
    assert!(refused.text.contains("A task needs a title"), "{}", refused.text);
});

story!(time_is_written_down_by_whoever_worked_and_read_by_staff, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.team_manager).await);
    let requester = stage.sign_in(cast.requester).await;
    let number = agent.report(json!({ "requester": cast.requester })).await;
    let path = format!("incidents/{number}/time");
    let made = agent.post(&path, json!({ "minutes": 45, "note": "On the phone" })).await.ok();
    assert_eq!((&made["day"], &made["minutes"]), (&json!("2025-06-02"), &json!(45)));
    manager.post(&path, json!({ "minutes": 30, "day": "2025-06-01" })).await.ok();
    assert_eq!(agent.get(&path).await.ok()["minutes"], 75);
    // Only one's own, and only what can be.
    let one = format!("{path}/{}", made["id"]);
    manager.patch_version(&one, 1, json!({ "minutes": 1 })).await.refused(403, "not_yours");
    manager.delete(&one).await.refused(403, "not_yours");
    agent.post(&path, json!({ "minutes": 1441 })).await.refused(422, "invalid_fields");
    agent.post(&path, json!({ "minutes": 5, "day": "2025-06-04" })).await.refused(422, "invalid_fields");
    let changed = agent.patch_version(&one, 1, json!({ "minutes": 60, "note": null })).await.ok();
    assert_eq!((&changed["minutes"], &changed["note"]), (&json!(60), &Json::Null));
    // It is internal, in the list and in the history.
    assert_eq!(requester.get(&path).await.ok()["items"], json!([]));
    requester.post(&path, json!({ "minutes": 5 })).await.refused(403, "no_right");
    let log = requester.get(&format!("incidents/{number}/history")).await.ok().to_string();
    assert!(!log.contains("time_"), "{log}");
    let log = agent.get(&format!("incidents/{number}/history")).await.ok().to_string();
    assert!(log.contains("time_added") && log.contains("time_changed"), "{log}");
    agent.delete(&one).await.ok();
    assert_eq!(agent.get(&path).await.ok()["minutes"], 30);
});

story!(a_06_time_is_written_down_changed_and_removed_on_the_page, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let api = stage.sign_in(cast.agent).await;
    let agent = pages.browser(&stage, cast.agent).await;
    let number = api.report(json!({ "requester": cast.requester })).await;
    stage.house.advance_to(at("2025-06-02T09:00:00Z")).await;
    let place = format!("/incidents/{number}/time");
    let asked = [("_fields", "minutes"), ("_fields", "day"), ("day", "2025-06-02")];
    let values = |minutes: &str| form(&[&asked[..], &[("minutes", minutes)]].concat());
    let added = agent.post(&place, &values("1h 30m")).await;
    assert_eq!(added.leads_to(), format!("/incidents/{number}/tasks"));
    let page = agent.get(&format!("/incidents/{number}/tasks")).await.text;
    assert!(page.contains("1h 30m") && page.contains("2 Jun 2025"), "{page}");
    let refused = agent.post(&place, &values("soon")).await;
    assert_eq!(refused.status.as_u16(), 422);
    assert!(refused.text.contains("value=\"soon\""), "what was typed stays");
    let id = api.get(&format!("incidents/{number}/time")).await.ok()["items"][0]["id"].clone();
    assert!(agent.get(&format!("{place}/{id}")).await.text.contains("Remove this time"));
    let again = [&values("20")[..], &form(&[("version", "1")])].concat();
    agent.post(&format!("{place}/{id}"), &again).await;
    assert_eq!(api.get(&format!("incidents/{number}/time")).await.ok()["minutes"], 20);
    agent.post(&format!("{place}/{id}/remove"), &[]).await;
    assert_eq!(api.get(&format!("incidents/{number}/time")).await.ok()["minutes"], 0);
});
