//! Assets: money and custody, apart from what their configuration items do.

use crate::browser::Pages;
use crate::client::{Client, encoded};
use crate::configuration::brought_to as item_in;
use crate::{Stage, story};
use mainstay_engine::value::day_to_date;
use serde_json::{Value as Json, json};

const ASSETS: &str = "it-assets";
const DAY_MS: i64 = 86_400_000;

async fn asset(client: &Client, title: &str, more: Json) -> String {
    let mut body = json!({ "title": title, "kind": "hardware" });
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    client.post(ASSETS, body).await.ok()["number"].as_str().expect("a number").to_owned()
}

async fn step(client: &Client, number: &str, verb: &str, body: Json) -> Json {
    client.post(&format!("{ASSETS}/{number}/{verb}"), body).await.ok()
}

async fn read(client: &Client, number: &str) -> Json {
    client.get(&format!("{ASSETS}/{number}")).await.ok()
}

fn why(more: &Json) -> Json {
    let mut body = json!({ "reason": "So it is" });
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    body
}

/// An asset in a state, led there by the steps that people take.
pub async fn brought_to(stage: &Stage, manager: &Client, state: &str) -> String {
    let number = asset(manager, "Notebook", json!({})).await;
    let custodian = || json!({ "custodian": stage.house.cast.requester });
    let way: &[(&str, Json)] = &match state {
        "planned" => vec![],
        "ordered" => vec![("order", json!({}))],
        "in_stock" => vec![("receive", json!({}))],
        "in_use" => vec![("receive", json!({})), ("hand_out", custodian())],
        "in_repair" => vec![("receive", json!({})), ("repair", why(&json!({})))],
        "missing" => vec![("receive", json!({})), ("report_missing", why(&json!({})))],
        "disposed" => vec![("receive", json!({})), ("dispose", why(&json!({ "disposal": "sold" })))],
        "withdrawn" => vec![("withdraw", why(&json!({})))],
        other => panic!("nobody knows how an asset gets {other}"),
    };
    for (verb, body) in way {
        step(manager, &number, verb, body.clone()).await;
    }
    number
}

story!(sac_12_a_list_of_things_begins_with_all_that_is_there, |stage| async move {
    let manager = stage.sign_in(stage.house.cast.manager).await;
    let (here, gone) = (brought_to(&stage, &manager, "in_use").await, brought_to(&stage, &manager, "disposed").await);
    let keeper = Pages::of(&stage).await.browser(&stage, stage.house.cast.manager).await;
    let list = keeper.get(&format!("/{ASSETS}?show=table")).await.text;
    assert!(list.contains("Still there") && list.contains(&here) && !list.contains(&gone), "{list}");
    let head = list.split("<thead>").nth(1).and_then(|rest| rest.split("</thead>").next()).expect("a table's head");
    assert!(head.contains("Custodian"), "{head}");
    for of_work in ["Requester", "Assignee", "Priority", "Due"] {
        assert!(!head.contains(of_work), "{of_work} says nothing of a thing: {head}");
    }
    let form = keeper.get(&format!("/{ASSETS}/new")).await.text;
    assert!(!form.contains("name=\"requester\""), "nobody asked for a thing");
    let everything = keeper.get(&format!("/{ASSETS}?show=table&filter=")).await.text;
    assert!(everything.contains(&gone), "{everything}");
});

story!(sac_12_an_asset_is_disposed_of_once_its_item_is_retired, |stage| async move {
    let cast = stage.house.cast.clone();
    let (manager, agent) = (stage.sign_in(cast.manager).await, stage.sign_in(cast.agent).await);
    let item = item_in(&stage, &manager, "live").await;
    let own = format!("configuration-items/{item}");
    manager.patch(&own, json!({ "serial_number": "S-1", "model_name": "R760" })).await.ok();
    // It begins with what its item says, and both are linked.
    let values =
        json!({ "from": [item], "kind": "hardware", "price": 4200, "bought_on": "2026-01-31", "life_months": 37 });
    let made = manager.post(ASSETS, values).await.ok();
    let number = made["number"].as_str().expect("a number").to_owned();
    assert_eq!((&made["title"], &made["serial_number"]), (&json!("Server"), &json!("S-1")));
    assert_eq!(made["written_off_on"], "2029-02-28", "months end where they end");
    let links = manager.get(&format!("{own}/links")).await.ok();
    let link = (&links["records"][0]["number"], &links["records"][0]["label"]);
    assert_eq!(link, (&json!(number), &json!("Asset")));
    let other = asset(&manager, "Another", json!({})).await;
    let second = json!({ "relation": "asset", "to": other });
    manager.post(&format!("{own}/links"), second).await.refused(409, "already_linked");
    // Money and custody are the asset's, function and relations the item's.
    for (path, field) in [(&own, "price"), (&own, "custodian")] {
        manager.patch(path, json!({ field: 1 })).await.refused_field(field, "unknown_field");
    }
    let asset_path = format!("{ASSETS}/{number}");
    manager.patch(&asset_path, json!({ "environment": "test" })).await.refused_field("environment", "unknown_field");
    manager.get(&format!("{asset_path}/impact")).await.refused(404, "not_found");
    manager
        .patch(&asset_path, json!({ "written_off_on": "2030-01-01" }))
        .await
        .refused_field("written_off_on", "read_only");
    // Whoever has it is asked for when it is handed out, and gone when it is taken back.
    step(&agent, &number, "receive", json!({ "inventory_number": "INV-7" })).await;
    agent.post(&format!("{asset_path}/hand_out"), json!({})).await.refused_field("custodian", "required");
    let handed = step(&agent, &number, "hand_out", json!({ "custodian": cast.requester })).await;
    assert_eq!((&handed["state"], &handed["custodian"]["id"]), (&json!("in_use"), &json!(cast.requester)));
    assert_eq!(step(&agent, &number, "take_back", json!({})).await["custodian"], Json::Null);
    // It goes when its item is retired, and not before.
    let gone = || why(&json!({ "disposal": "sold", "proceeds": 300 }));
    let dispose = format!("{asset_path}/dispose");
    agent.post(&dispose, gone()).await.refused(403, "not_yours");
    manager.post(&dispose, gone()).await.refused(409, "item_in_use");
    assert_eq!(read(&manager, &number).await["state"], "in_stock");
    manager.post(&format!("{own}/maintain"), why(&json!({}))).await.ok();
    manager.post(&dispose, gone()).await.refused(409, "item_in_use");
    manager.post(&format!("{own}/end_maintenance"), json!({})).await.ok();
    manager.post(&format!("{own}/retire"), why(&json!({}))).await.ok();
    manager.post(&dispose, why(&json!({}))).await.refused_field("disposal", "required");
    let over = manager.post(&dispose, gone()).await.ok();
    assert_eq!((&over["state"], &over["proceeds"]), (&json!("disposed"), &json!(300)));
    assert_eq!(manager.get(&own).await.ok()["state"], "retired", "the item stays as it is");
    let history = manager.get(&format!("{asset_path}/history")).await.ok().to_string();
    assert!(history.contains("custodian") && history.contains("hand_out"), "{history}");
});

story!(sac_18_what_nobody_has_used_for_ninety_days_is_listed_with_what_it_cost, |stage| async move {
    let cast = stage.house.cast.clone();
    let manager = stage.sign_in(cast.manager).await;
    let today = stage.house.clock.reading().div_euclid(DAY_MS);
    let ago = |days: i64| day_to_date(today - days).expect("a day").to_string();
    let used = async |title: &str, kind: &str, days: i64, price: i64| {
        let values = json!({ "kind": kind, "price": price, "last_used_on": ago(days) });
        let number = asset(&manager, title, values).await;
        step(&manager, &number, "receive", json!({})).await;
        step(&manager, &number, "hand_out", json!({ "custodian": cast.requester })).await;
        number
    };
    used("Drawing program, one seat", "software", 90, 240).await;
    used("Notebook in use", "hardware", 89, 1500).await;
    let back = used("Tablet", "hardware", 5, 600).await;
    let lent = used("Projector", "hardware", 200, 900).await;
    step(&manager, &lent, "take_back", json!({})).await;
    step(&manager, &lent, "dispose", why(&json!({ "disposal": "recycled" }))).await;
    let views = manager.get("views?limit=200").await.ok();
    let view = views["items"].as_array().into_iter().flatten().find(|view| view["name"] == "Not used for 90 days");
    let condition = view.expect("a shipped view")["condition"].as_str().expect("a condition").to_owned();
    let place = format!("{ASSETS}?filter={}&sort=-price&fields=title,price", encoded(&condition));
    let listed = async || {
        let all = manager.get(&place).await.ok();
        let row = |row: &Json| (row["title"].as_str().unwrap_or_default().to_owned(), row["price"].as_i64());
        all["items"].as_array().into_iter().flatten().map(row).collect::<Vec<_>>()
    };
    assert_eq!(listed().await, [("Drawing program, one seat".to_owned(), Some(240))]);
    // What lies in stock is idle from the day on which it came back, whatever it did before.
    step(&manager, &back, "take_back", json!({})).await;
    let since = read(&manager, &back).await;
    assert_eq!(since["in_stock_since"], json!(ago(0)));
    stage.house.advance_to((today + 89) * DAY_MS + 1).await;
    assert!(!listed().await.iter().any(|(title, _)| title == "Tablet"), "not yet");
    stage.house.advance_to((today + 90) * DAY_MS + 1).await;
    let all = listed().await;
    assert!(all.contains(&("Tablet".to_owned(), Some(600))), "{all:?}");
    // Handed out again, it is in use.
    step(&manager, &back, "hand_out", json!({ "custodian": cast.agent })).await;
    manager.patch(&format!("{ASSETS}/{back}"), json!({ "last_used_on": ago(-90) })).await.ok();
    assert!(!listed().await.iter().any(|(title, _)| title == "Tablet"));
});
