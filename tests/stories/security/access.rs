//! Ways in that one person hands out to another.

use super::{Client, Json, Stage, id, json};
use crate::story;

/// Somebody who manages people and may not do much else.
async fn keeper(stage: &Stage, admin: &Client) -> i64 {
    let role = json!({ "name": "Keeper of people", "permissions": ["people.view", "people.manage"], "reach": "own" });
    let role = id(&admin.post("roles", role).await.ok());
    let made = json!({
        "name": "Keeper", "email": "keeper@bank.example", "organisation": stage.house.cast.retail_bank,
        "grants": [{ "role": role }],
    });
    id(&admin.post("people", made).await.ok())
}

/// Somebody without any right.
async fn newcomer(stage: &Stage, admin: &Client) -> i64 {
    let made = json!({ "name": "New", "email": "new@bank.example", "organisation": stage.house.cast.retail_bank, "grants": [] });
    id(&admin.post("people", made).await.ok())
}

story!(s_14_access_is_handed_out_with_whole_rights_and_never_above_ones_own, |stage| async move {
    let admin = stage.sign_in(stage.house.cast.admin).await;
    let keeper = stage.sign_in(keeper(&stage, &admin).await).await;
    let new = newcomer(&stage, &admin).await;
    let token = json!({ "name": "Collector", "scopes": ["read"] });
    for above in [stage.house.cast.admin, stage.house.cast.agent] {
        let of = |what: &str| format!("people/{above}/{what}");
        keeper.post(&of("access/link"), json!({})).await.refused(403, "more_rights");
        keeper.post(&of("access/remove-codes"), json!({})).await.refused(403, "more_rights");
        keeper.post(&of("tokens"), token.clone()).await.refused(403, "more_rights");
    }
    keeper.post(&format!("people/{new}/access/link"), json!({})).await.ok();
    let narrow = stage.sign_in_with(stage.house.cast.admin, &["people.manage", "people.view"]).await;
    narrow.get(&format!("people/{new}/access")).await.ok();
    for what in ["access/link", "access/enable", "access/remove-codes"] {
        narrow.post(&format!("people/{new}/{what}"), json!({})).await.refused(403, "whole_rights_needed");
    }
    narrow.post(&format!("people/{new}/tokens"), token).await.refused(403, "whole_rights_needed");
    let narrow = stage.sign_in_with(stage.house.cast.agent, &["read", "write"]).await;
    narrow.get("me/sessions").await.refused(403, "whole_rights_needed");
    narrow.post("me/zone", json!({ "zone": "Europe/Paris" })).await.refused(403, "whole_rights_needed");
});

story!(s_46_a_link_is_shown_once_and_only_to_who_made_it, |stage| async move {
    let admin = stage.sign_in(stage.house.cast.admin).await;
    let new = newcomer(&stage, &admin).await;
    let path = format!("people/{new}/access/link");
    let key = [("idempotency-key", "one-link")];
    let first = admin.send("POST", &path, Some(json!({})), &key).await.ok();
    assert_eq!(first["errand"], "invitation");
    let link = first["link"].as_str().expect("a link").to_owned();
    assert!(link.starts_with("http://127.0.0.1/invitation/") && link.len() > 60, "{link}");
    let again = admin.send("POST", &path, Some(json!({})), &key).await.ok();
    assert!(again["link"].is_null() && again["expires"] == first["expires"], "{again}");
    let secret = link.rsplit('/').next().expect("its secret");
    for told in ["access", "history"] {
        let text = admin.get(&format!("people/{new}/{told}")).await.text;
        assert!(!text.contains(secret), "{told}");
    }
    assert!(!admin.get("events?limit=200").await.text.contains(secret));
    admin.post("people/999999/access/link", json!({})).await.refused(404, "not_found");
});

story!(s_42_whoever_is_kept_out_is_out_at_once, |stage| async move {
    let admin = stage.sign_in(stage.house.cast.admin).await;
    let agent = stage.house.cast.agent;
    let (of_agent, path) = (stage.sign_in(agent).await, format!("people/{agent}/access"));
    of_agent.get("me").await.ok();
    let made = admin.post(&format!("people/{agent}/tokens"), json!({ "name": "Collector", "scopes": ["read"] })).await;
    let (made, listed) = (made.ok(), admin.get(&path).await.ok());
    assert!(made["token"].as_str().is_some_and(|token| token.starts_with("mainstay_")), "{made}");
    assert_eq!(listed["tokens"][0]["name"], "Collector");
    assert_eq!(listed["enabled"], true);
    let out = admin.post(&format!("{path}/disable"), json!({})).await.ok();
    assert_eq!((&out["enabled"], &out["sessions"]), (&Json::Bool(false), &json!([])));
    of_agent.get("me").await.refused(401, "not_signed_in");
    assert_eq!(admin.post(&format!("{path}/enable"), json!({})).await.ok()["enabled"], true);
    of_agent.get("me").await.ok();
    let own = format!("people/{}/access/disable", stage.house.cast.admin);
    admin.post(&own, json!({})).await.refused(409, "own_account");
    admin.delete(&format!("people/{agent}/tokens/{}", id(&made))).await.ok();
    admin.delete(&format!("people/{agent}/tokens/{}", id(&made))).await.refused(404, "not_found");
    admin.post(&format!("{path}/sign-out"), json!({ "also": "this" })).await.refused_field("also", "unknown_field");
});

story!(s_42_one_sees_and_ends_ones_own_sessions, |stage| async move {
    let agent = stage.house.cast.agent;
    let client = stage.sign_in(agent).await;
    assert_eq!(client.get("me/sessions").await.ok()["items"], json!([]));
    super::secrets::planted(&stage).await;
    let owner = stage.sign_in(stage.house.cast.agent).await;
    let listed = owner.get("me/sessions").await.ok();
    let name = listed["items"][0]["name"].as_str().expect("a session").to_owned();
    assert_eq!(listed["items"][0]["current"], false, "a token asks");
    stage
        .sign_in(stage.house.cast.manager)
        .await
        .delete(&format!("me/sessions/{name}"))
        .await
        .refused(404, "not_found");
    owner.delete(&format!("me/sessions/{name}")).await.ok();
    assert_eq!(owner.post("me/sign-out", json!({})).await.ok()["ended"], 0);
    owner.post("me/zone", json!({ "zone": "Europe/Paris" })).await.ok();
    assert_eq!(owner.get("me").await.ok()["zone"], "Europe/Paris");
    owner.post("me/zone", json!({ "zone": "Middle/Earth" })).await.refused(422, "invalid_fields");
});
