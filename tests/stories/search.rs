//! Search over the API: narrowed, ordered, and true after the configuration changed.

use crate::{Client, Stage, story};
use serde_json::{Value as Json, json};

async fn found(client: &Client, query: &str) -> Vec<String> {
    let answer = client.get(&format!("search?{query}")).await.ok();
    let items = answer["items"].as_array().cloned().unwrap_or_default();
    items.iter().filter_map(|item| item["number"].as_str().map(str::to_owned)).collect()
}

/// Three incidents with one word in common, in the order of their opening.
async fn three(stage: &Stage, agent: &Client) -> [String; 3] {
    let cast = &stage.house.cast;
    let mut numbers = Vec::new();
    for (title, more) in [
        ("Barometer barometer", json!({ "impact": "high", "urgency": "high", "service": cast.email })),
        (
            "A barometer is stuck",
            json!({ "team": cast.network, "category": cast.vpn_category, "assignee": cast.agent_l2 }),
        ),
        (
            "Where is the old one of the north wing?",
            json!({ "requester": cast.acme_requester, "symptoms": "The barometer" }),
        ),
    ] {
        let mut values = more;
        values["title"] = title.into();
        numbers.push(agent.report(values).await);
        stage.house.clock.advance_minutes(1);
    }
    agent.step(&numbers[0], "cancel", json!({ "cancel_reason": "raised_in_error" })).await;
    stage.house.read_log().await;
    numbers.try_into().expect("three")
}

story!(what_is_found_can_be_narrowed_by_each_property, |stage| async move {
    let stage = stage.indexed();
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let [first, second, third] = three(&stage, &agent).await;
    let cases = [
        ("state=cancelled".to_owned(), vec![&first]),
        ("state=new,assigned&sort=newest".to_owned(), vec![&third, &second]),
        ("phase=closed".to_owned(), vec![&first]),
        ("phase=open,paused&sort=newest".to_owned(), vec![&third, &second]),
        ("priority=1,2".to_owned(), vec![&first]),
        (format!("team={}", cast.network), vec![&second]),
        (format!("assignee={}", cast.agent_l2), vec![&second]),
        (format!("organisation={}", cast.acme), vec![&third]),
        (format!("service={}", cast.email), vec![&first]),
        (format!("category={},{}", cast.vpn_category, cast.software_category), vec![&second]),
        (format!("requester={}", cast.acme_requester), vec![&third]),
        ("opened_from=2025-06-02T08:01:00Z&sort=newest".to_owned(), vec![&third, &second]),
        ("opened_to=2025-06-02T08:01:00Z".to_owned(), vec![&first]),
        ("opened_from=2025-06-02T08:01:00Z&opened_to=2025-06-02T08:02:00Z".to_owned(), vec![&second]),
        (format!("team={}&state=cancelled", cast.network), vec![]),
    ];
    for (narrowed, expected) in cases {
        let numbers = found(&agent, &format!("q=barometer&{narrowed}")).await;
        assert_eq!(numbers.iter().collect::<Vec<_>>(), expected, "{narrowed}");
    }
    assert_eq!(found(&agent, "q=barometer&sort=newest").await, [third.clone(), second, first.clone()]);
    assert_eq!(found(&agent, "q=barometer&sort=relevance").await[0], first, "the best first");
    assert!(found(&agent, &format!("q={first}&state=new")).await.is_empty(), "a number is narrowed like words");
    for wrong in [
        "state=broken",
        "phase=0",
        "opened_from=2025-06-02",
        "opened_to=",
        "requester=me",
        "priority=6",
        "priority=",
        "team=a",
        "team=1,,2",
        "sort=oldest",
        "newest=true",
    ] {
        agent.get(&format!("search?q=barometer&{wrong}")).await.refused(400, "bad_query");
    }
    let outsider = stage.sign_in(cast.acme_requester).await;
    assert_eq!(found(&outsider, "q=barometer&phase=open,closed").await, [third], "narrowing opens nothing");
});

story!(a_renamed_person_is_found_by_the_new_name_only, |stage| async move {
    let stage = stage.indexed();
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let admin = stage.sign_in(cast.admin).await;
    let number = agent.report(json!({ "requester": cast.requester })).await;
    let watched = agent.report(json!({ "title": "Something else" })).await;
    agent.post(&format!("incidents/{watched}/watchers"), json!({ "person": cast.requester })).await.ok();
    stage.house.read_log().await;
    admin.patch(&format!("people/{}", cast.requester), json!({ "name": "Zebedee Quill" })).await.ok();
    stage.house.read_log().await;
    let mut both = found(&agent, "q=Zebedee").await;
    both.sort();
    assert_eq!(both, [number, watched], "as requester, and as watcher");
});

story!(a_field_that_becomes_internal_is_no_longer_found_by_others, |stage| async move {
    let stage = stage.indexed();
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let admin = stage.sign_in(cast.admin).await;
    let requester = stage.sign_in(cast.requester).await;
    let field = json!({ "name": "Serial", "process": "incident", "field": "serial", "kind": "text" });
    let field = admin.post("custom-fields", field).await.ok()["id"].clone();
    let number = agent.report(json!({ "requester": cast.requester, "serial": "canary7f3a" })).await;
    stage.house.read_log().await;
    assert_eq!(found(&requester, "q=canary7f3a").await, std::slice::from_ref(&number));
    admin.patch(&format!("custom-fields/{field}"), json!({ "internal": true })).await.ok();
    stage.house.read_log().await;
    assert!(found(&requester, "q=canary7f3a").await.is_empty());
    assert_eq!(found(&agent, "q=canary7f3a").await, [number], "staff still find it");
    let none: Json = requester.get("search?q=canary7f3a").await.ok();
    assert_eq!(none["count"], 0, "nor is it counted");
});
