//! People and what they hold: roles given and taken.

use crate::{Client, story};
use serde_json::{Value as Json, json};

/// The id of a shipped role.
async fn role(admin: &Client, name: &str) -> i64 {
    let roles = admin.get("roles?limit=200").await.ok();
    let found = roles["items"].as_array().into_iter().flatten().find(|role| role["name"] == name);
    found.and_then(|role| role["id"].as_i64()).expect("a role")
}

story!(gen_04_a_role_is_given_and_taken_by_routes_of_its_own, |stage| async move {
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let agents = role(&admin, "Agent").await;
    let (give, withdraw) = (format!("roles/{agents}/give"), format!("roles/{agents}/withdraw"));
    let holders = async || {
        let all = admin.get(&format!("roles/{agents}/holders")).await.ok();
        let of = |holder: &&Json| holder["person"]["id"] == cast.requester;
        all["items"].as_array().expect("items").iter().filter(of).cloned().collect::<Vec<_>>()
    };
    assert!(holders().await.is_empty());
    let for_bank = json!({ "person": cast.requester, "organisation": cast.retail_bank, "process": "incident" });
    let held = admin.post(&give, for_bank.clone()).await.ok();
    let expected = json!([{
        "person": { "id": cast.requester, "name": held["items"][0]["person"]["name"] },
        "organisation": { "id": cast.retail_bank, "name": held["items"][0]["organisation"]["name"] },
        "process": "incident",
    }]);
    assert_eq!(held["items"], expected);
    assert!(held["items"][0]["organisation"]["name"].is_string());
    admin.post(&give, for_bank.clone()).await.refused(409, "held");
    let held = admin.post(&give, json!({ "person": cast.requester })).await.ok();
    assert_eq!(held["items"].as_array().map(Vec::len), Some(2), "for all beside for one: {held}");
    assert_eq!(holders().await.len(), 2);
    let person = admin.get(&format!("people/{}", cast.requester)).await.ok();
    let granted = person["grants"].as_array().expect("grants").iter().filter(|grant| grant["role"]["id"] == agents);
    assert_eq!(granted.count(), 2, "it is the person who holds it: {person}");

    admin.post(&withdraw, for_bank.clone()).await.ok();
    admin.post(&withdraw, for_bank).await.refused(409, "not_held");
    assert_eq!(holders().await.len(), 1);
    let left = admin.post(&withdraw, json!({ "person": cast.requester })).await.ok();
    assert_eq!(left["items"], json!([]));

    // What cannot be is refused in words, and nothing is half done.
    admin.post(&give, json!({})).await.refused_field("person", "required");
    admin.post(&give, json!({ "person": 999_999 })).await.refused(404, "not_found");
    admin
        .post(&give, json!({ "person": cast.requester, "organisation": 999_999 }))
        .await
        .refused(422, "invalid_fields");
    let nowhere = json!({ "person": cast.requester, "process": "incidents" });
    admin.post(&give, nowhere).await.refused_field("process", "unknown_process");
    admin.post("roles/999999/give", json!({ "person": cast.requester })).await.refused(404, "not_found");
    assert!(holders().await.is_empty());

    // Whoever may not manage people gives nothing, and nobody gives more than they have.
    let agent = stage.sign_in(cast.agent).await;
    agent.post(&give, json!({ "person": cast.requester })).await.refused(403, "no_right");
    let may = json!(["people.manage", "people.view", "roles.view", "incident.view"]);
    let helper = admin.post("roles", json!({ "name": "Helper", "reach": "staff", "permissions": may })).await.ok();
    let helga = json!({ "name": "Helga", "email": "helga@example.org", "grants": [{ "role": helper["id"] }] });
    let helga = admin.post("people", helga).await.ok()["id"].as_i64().expect("an id");
    let helga = stage.sign_in(helga).await;
    let admins = role(&admin, "Admin").await;
    let more = helga.post(&format!("roles/{admins}/give"), json!({ "person": cast.requester })).await;
    more.refused(403, "more_rights");
});
