//! Licences: what may be used, what is used, and what that leaves or lacks.

use crate::browser::Pages;
use crate::merging::made;
use crate::{Client, Stage, story};
use mainstay_engine::value::day_to_date;
use serde_json::{Value as Json, json};

const DAY_MS: i64 = 86_400_000;

async fn licence(manager: &Client, stage: &Stage, quantity: i64, more: Json) -> String {
    let owner = stage.house.cast.agent;
    let mut body = json!({
        "title": "Office", "product": "Office Standard", "metric": "install", "quantity": quantity, "owner": owner,
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    let number = manager.post("licences", body).await.ok()["number"].as_str().expect("a number").to_owned();
    manager.post(&format!("licences/{number}/activate"), json!({})).await.ok();
    number
}

/// A licence in a state, led there by the steps that people take.
pub async fn brought_to(stage: &Stage, manager: &Client, state: &str) -> String {
    let owner = stage.house.cast.agent;
    let body = json!({ "title": "Office", "product": "Office", "metric": "install", "quantity": 5, "owner": owner });
    let number = manager.post("licences", body).await.ok()["number"].as_str().expect("a number").to_owned();
    let way: &[&str] = match state {
        "planned" => &[],
        "ordered" => &["order"],
        "active" => &["activate"],
        "ended" => &["activate", "end"],
        "withdrawn" => &["withdraw"],
        other => panic!("nobody knows how a licence gets {other}"),
    };
    for verb in way {
        let why = matches!(*verb, "end" | "withdraw");
        let body = if why { json!({ "reason": "So it is" }) } else { json!({}) };
        manager.post(&format!("licences/{number}/{verb}"), body).await.ok();
    }
    number
}

async fn server(manager: &Client) -> i64 {
    let classes = manager.get("item-classes?limit=200").await.ok();
    let found = classes["items"].as_array().into_iter().flatten().find(|class| class["name"] == "Server").cloned();
    found.expect("the class")["id"].as_i64().expect("an id")
}

/// An item that uses a licence.
async fn install(manager: &Client, class: i64, licence: &str, more: Json) -> String {
    let mut body = json!({ "title": "Install", "class": class });
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    let item = manager.post("configuration-items", body).await.ok()["number"].as_str().expect("a number").to_owned();
    let link = json!({ "relation": "licensed_by", "to": licence });
    manager.post(&format!("configuration-items/{item}/links"), link).await.ok();
    item
}

async fn position(client: &Client, licence: &str) -> (i64, i64, i64) {
    let found = client.get(&format!("licences/{licence}/position")).await.ok();
    let number = |key: &str| found[key].as_i64().expect("a number");
    (number("entitled"), number("used"), number("position"))
}

async fn policy(admin: &Client, count_retired: i64) {
    let all = admin.get("process-settings?limit=200").await.ok();
    let own = all["items"].as_array().into_iter().flatten().find(|entry| entry["process"] == "licence");
    let policies = json!([{ "policy": "count_retired", "value": count_retired }]);
    if let Some(own) = own {
        admin.patch(&format!("process-settings/{}", own["id"]), json!({ "policies": policies })).await
    } else {
        let body = json!({ "name": "Licences", "process": "licence", "policies": policies });
        admin.post("process-settings", body).await
    }
    .ok();
}

story!(sac_16_fifty_entitlements_and_fifty_three_installs_of_which_four_are_retired, |stage| async move {
    let cast = stage.house.cast.clone();
    let (manager, admin) = (stage.sign_in(cast.manager).await, stage.sign_in(cast.admin).await);
    let agent = stage.sign_in(cast.agent).await;
    let one = licence(&manager, &stage, 30, json!({ "price": 3000 })).await;
    // The same product, however it is written.
    let other = licence(&manager, &stage, 20, json!({ "product": " office standard", "price": 2000 })).await;
    let class = server(&manager).await;
    for n in 0..53 {
        let owner = json!({ "owner": cast.agent });
        let item = install(&manager, class, if n % 2 == 0 { &one } else { &other }, owner).await;
        if n < 4 {
            for (verb, body) in [
                ("receive", json!({})),
                ("test", json!({})),
                ("go_live", json!({})),
                ("retire", json!({ "reason": "Old" })),
            ] {
                manager.post(&format!("configuration-items/{item}/{verb}"), body).await.ok();
            }
        }
        if n == 10 {
            // Linked with both, it is one installation.
            let link = json!({ "relation": "licensed_by", "to": other });
            manager.post(&format!("configuration-items/{item}/links"), link).await.ok();
        }
    }
    assert_eq!(position(&agent, &one).await, (50, 49, 1));
    assert_eq!(position(&agent, &other).await, (50, 49, 1), "one position, from whichever licence it is read");
    let all = agent.get("licences/positions").await.ok();
    let first = &all["items"][0];
    assert_eq!(
        (&first["product"], &first["metric"], &first["not_counted"], &first["unused_cost"]),
        (&json!(" office standard".trim()), &json!("install"), &json!(4), &json!(100))
    );
    assert_eq!(all["items"].as_array().map(Vec::len), Some(1));
    policy(&admin, 1).await;
    assert_eq!(position(&agent, &one).await, (50, 53, -3));
    let desk = Pages::of(&stage).await.browser(&stage, cast.agent).await;
    let (page, tab) =
        (desk.get("/licences/positions").await.text, desk.get(&format!("/licences/{one}/position")).await.text);
    assert!(page.contains("−3 missing") && page.contains("Paid for nothing"), "{page}");
    assert!(tab.contains("−3 missing") && tab.contains("53 used of 50"), "{tab}");
    // Nobody outside the house reads what it owns.
    stage.sign_in(cast.requester).await.get("licences/positions").await.refused(403, "no_right");
    stage.sign_in(cast.vendor).await.get(&format!("licences/{one}/position")).await.refused(403, "no_right");
});

story!(sac_16_dates_upgrades_exclusions_and_metrics_count, |stage| async move {
    let cast = stage.house.cast.clone();
    let manager = stage.sign_in(cast.manager).await;
    let today = stage.house.clock.reading().div_euclid(DAY_MS);
    let day = |days: i64| day_to_date(today + days).expect("a day").to_string();
    let base = licence(&manager, &stage, 10, json!({ "valid_from": day(-30), "valid_until": day(5) })).await;
    licence(&manager, &stage, 100, json!({ "valid_from": day(3) })).await;
    assert_eq!(position(&manager, &base).await, (10, 0, 10), "what begins later entitles to nothing yet");
    // An upgrade of six of them stands for these six.
    let upgrade = licence(&manager, &stage, 6, json!({ "valid_until": day(60) })).await;
    assert_eq!(position(&manager, &base).await.0, 16);
    let link = json!({ "relation": "upgrade_of", "to": base });
    manager.post(&format!("licences/{upgrade}/links"), link).await.ok();
    assert_eq!(position(&manager, &base).await.0, 10);
    // What runs in test does not count where the contract says so.
    let class = server(&manager).await;
    install(&manager, class, &base, json!({ "environment": "test" })).await;
    assert_eq!(position(&manager, &base).await.1, 1);
    manager.patch(&format!("licences/{base}"), json!({ "not_counted": ["test"] })).await.ok();
    assert_eq!(position(&manager, &base).await.1, 0);
    install(&manager, class, &base, json!({ "environment": "production" })).await;
    // The day after its last one a licence entitles to nothing, and what uses it goes on.
    stage.house.advance_to((today + 4) * DAY_MS).await;
    assert_eq!(position(&manager, &base).await, (110, 1, 109));
    stage.house.advance_to((today + 6) * DAY_MS).await;
    assert_eq!(position(&manager, &base).await, (106, 1, 105));
    // Its owner was told, and reads it.
    let owner = stage.sign_in(cast.agent).await;
    assert!(crate::incident::reasons(&owner, &base).await.iter().any(|reason| reason == "licence_ends"));
    // Each metric is a position of its own and counts what it says.
    let of = async |metric: &str, more: Json| {
        let mut values = json!({ "metric": metric });
        for (key, value) in more.as_object().into_iter().flatten() {
            values[key] = value.clone();
        }
        licence(&manager, &stage, 8, values).await
    };
    let named = of("named_user", json!({ "users": [cast.agent, cast.requester] })).await;
    assert_eq!(position(&manager, &named).await, (8, 2, 6));
    let cores = of("core", json!({})).await;
    for size in [json!({ "cores": 6 }), json!({})] {
        install(&manager, class, &cores, size).await;
    }
    assert_eq!(position(&manager, &cores).await, (8, 7, 1), "what says nothing counts as one");
    let peak = of("concurrent", json!({ "peak": 9 })).await;
    assert_eq!(position(&manager, &peak).await, (8, 9, -1));
    let either = of("subscription", json!({ "users": [cast.agent] })).await;
    install(&manager, class, &either, json!({})).await;
    assert_eq!(position(&manager, &either).await, (8, 2, 6));
    let device = of("device", json!({})).await;
    assert_eq!(position(&manager, &device).await, (8, 0, 8));
    let listed = manager.get("licences/positions").await.ok();
    assert_eq!(listed["items"][0]["position"], -1, "what lacks most stands first");
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(6));
});

story!(people_who_turn_out_to_be_one_are_one_user_of_a_licence, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, manager) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.manager).await);
    let twin = made(&admin, "people", json!({ "name": "Requester Twin", "email": "twin.user@bank.example" })).await;
    let number = licence(&manager, &stage, 5, json!({ "users": [twin, cast.agent, cast.requester] })).await;
    let merge = format!("people/{}/merge", cast.requester);
    let told = admin.get(&format!("{merge}?other={twin}")).await.ok();
    assert!(told["moves"].to_string().contains("licence.users"), "{told}");
    admin.post(&merge, json!({ "other": twin })).await.ok();
    let users = manager.get(&format!("licences/{number}")).await.ok()["users"].clone();
    let ids: Vec<_> = users.as_array().into_iter().flatten().map(|user| user["id"].clone()).collect();
    assert_eq!(ids, [json!(cast.requester), json!(cast.agent)]);
});
