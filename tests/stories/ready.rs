//! Words and changes that are at hand: templates with their words filled in, macros that act in one go.

use crate::incident::in_progress;
use crate::story;
use serde_json::{Value as Json, json};

story!(templates_are_filled_in_for_the_record_and_offered_to_whom_they_are_for, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let number = in_progress(&stage, &agent).await;
    let template = |name: &str, more: Json| {
        let mut body =
            json!({ "name": name, "body": "Dear {first_name}, {number} ({title}) is {state}. {me}, {team} {7*7}" });
        for (key, value) in more.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        body
    };
    admin.post("templates", template("For all", json!({}))).await.ok();
    admin.post("templates", template("Ours", json!({ "team": cast.service_desk, "process": "incident" }))).await.ok();
    admin.post("templates", template("Theirs", json!({ "team": cast.network }))).await.ok();
    admin.post("templates", template("Elsewhere", json!({ "organisation": cast.acme }))).await.ok();
    let wrong = template("Wrong", json!({ "process": "nonsense" }));
    admin.post("templates", wrong).await.refused_field("process", "unknown_process");
    let path = format!("incidents/{number}/templates");
    let found = agent.get(&path).await.ok();
    let names: Vec<&str> =
        found["items"].as_array().expect("items").iter().filter_map(|t| t["name"].as_str()).collect();
    assert_eq!(names, ["For all", "Ours"]);
    let body = found["items"][0]["body"].as_str().expect("words");
    assert_eq!(body, format!("Dear Requester, {number} (VPN drops) is In progress. Agent L1, Service desk {{7*7}}"));
    let requester = stage.sign_in(cast.requester).await;
    assert_eq!(requester.get(&path).await.ok()["items"], json!([]), "words of the desk are no business of requesters");
    stage.sign_in(cast.acme_requester).await.get(&path).await.refused(404, "not_found");
});

story!(a_macro_is_looked_at_and_then_says_sets_and_does_all_or_nothing, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let number = in_progress(&stage, &agent).await;
    let path = format!("incidents/{number}/macros");
    let macro_ = json!({
        "name": "Wait for the vendor", "process": "incident", "body": "{number} waits for the vendor.", "internal": true,
        "values": [{ "field": "callback", "value": "555-0100" }, { "field": "hold_reason", "value": "vendor" }],
        "step": "hold", "confirm": true,
    });
    let id = admin.post("macros", macro_).await.ok()["id"].as_i64().expect("an id");
    let empty = json!({ "name": "Nothing", "process": "incident" });
    admin.post("macros", empty).await.refused_field("body", "required");
    let odd = json!({ "name": "Odd", "process": "incident", "step": "explode" });
    admin.post("macros", odd).await.refused_field("step", "unknown_verb");
    let shown = agent.get(&path).await.ok();
    let one = &shown["items"][0];
    assert_eq!((one["step"].clone(), one["confirm"].clone()), (json!("hold"), json!(true)));
    assert_eq!(one["body"], format!("{number} waits for the vendor."));
    assert_eq!(one["changes"][0], json!({ "field": "callback", "old": null, "new": "555-0100" }));
    assert_eq!(agent.incident(&number).await["state"], "in_progress", "looking changes nothing");
    agent.post(&format!("{path}/{id}"), json!({})).await.refused(409, "confirm_first");
    let own = json!({ "body": "In my own words.", "confirmed": true });
    let record = agent.post(&format!("{path}/{id}"), own).await.ok();
    assert_eq!((record["state"].clone(), record["callback"].clone()), (json!("on_hold"), json!("555-0100")));
    let said = agent.get(&format!("incidents/{number}/comments")).await.ok();
    assert_eq!(
        (said["items"][0]["body"].clone(), said["items"][0]["internal"].clone()),
        (json!("In my own words."), json!(true))
    );
    // Once more its step is refused, and nothing of it is left.
    agent.post(&format!("{path}/{id}"), json!({ "confirmed": true })).await.refused(409, "wrong_state");
    let after = agent.get(&format!("incidents/{number}/comments")).await.ok();
    assert_eq!(after["items"].as_array().map(Vec::len), Some(1));
    let requester = stage.sign_in(cast.requester).await;
    requester.post(&format!("{path}/{id}"), json!({})).await.refused(404, "not_found");
});
