//! People named in words: whoever may read them watches the record and hears of it, and nobody else.

use crate::incident::{in_progress, reasons};
use crate::story;
use serde_json::json;

story!(b_06_gen_09_a_mention_reaches_who_may_read_it_and_nobody_else, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let (colleague, requester) = (stage.sign_in(cast.agent_l2).await, stage.sign_in(cast.requester).await);
    let stranger = stage.sign_in(cast.acme_requester).await;
    let number = in_progress(&stage, &agent).await;
    let name = agent.get(&format!("people/{}", cast.agent_l2)).await.ok()["name"].as_str().expect("a name").to_owned();
    let words = format!("@{name} please look: canary. @Requester and @Acme Requester do not read this.");
    let note = json!({ "body": words, "internal": true });
    agent.post(&format!("incidents/{number}/comments"), note).await.ok();
    assert!(reasons(&colleague, &number).await.contains(&"mention".to_owned()));
    let watchers = agent.get(&format!("incidents/{number}/watchers")).await.ok();
    let ids: Vec<i64> =
        watchers["items"].as_array().into_iter().flatten().filter_map(|person| person["id"].as_i64()).collect();
    assert!(ids.contains(&cast.agent_l2) && !ids.contains(&cast.acme_requester), "{ids:?}");
    for client in [&requester, &stranger] {
        let notices = client.get("notices").await;
        assert!(!notices.text.contains("mention") && !notices.text.contains("canary"), "{}", notices.text);
    }
    // What a requester writes names nobody.
    let fresh = in_progress(&stage, &agent).await;
    let body = json!({ "body": format!("Hello @{name}") });
    requester.post(&format!("incidents/{fresh}/comments"), body).await.ok();
    assert!(!reasons(&colleague, &fresh).await.contains(&"mention".to_owned()));
});
