//! Last days of items, of a warranty say: who hears of them, and where they are read.

use crate::browser::Pages;
use crate::configuration::brought_to;
use crate::incident::reasons;
use crate::{Client, Stage, story};
use mainstay_engine::value::day_to_date;
use serde_json::{Value as Json, json};

const DAY_MS: i64 = 86_400_000;

/// The day that lies so many days after the present one, and its beginning in UTC.
fn day(stage: &Stage, days: i64) -> (String, i64) {
    let day = stage.house.clock.reading().div_euclid(DAY_MS) + days;
    (day_to_date(day).expect("a day").to_string(), day * DAY_MS)
}

async fn set(manager: &Client, number: &str, values: Json) {
    manager.patch(&format!("configuration-items/{number}"), values).await.ok();
}

/// How often somebody heard of an item's last day.
async fn heard(client: &Client, number: &str, event: &str) -> usize {
    reasons(client, number).await.iter().filter(|reason| *reason == event).count()
}

story!(sac_20_whoever_answers_for_an_item_hears_of_a_last_day_beforehand_and_once, |stage| async move {
    let cast = stage.house.cast.clone();
    let (manager, owner) = (stage.sign_in(cast.manager).await, stage.sign_in(cast.agent).await);
    let number = brought_to(&stage, &manager, "live").await;
    let ((until, at), (near, _), (past, _)) = (day(&stage, 40), day(&stage, 10), day(&stage, -1));
    set(&manager, &number, json!({ "warranty_until": until, "contract_until": near, "supported_until": past })).await;
    // Ten days before a contract ends it is time already; nobody is told of what is past.
    stage.house.tick().await;
    assert_eq!(heard(&owner, &number, "contract_ends").await, 1);
    assert_eq!(heard(&owner, &number, "support_ends").await, 0);
    // Thirty days before a warranty ends, not earlier.
    stage.house.advance_to(at - 30 * DAY_MS - 1).await;
    assert_eq!(heard(&owner, &number, "warranty_ends").await, 0);
    stage.house.advance_to(at - 30 * DAY_MS).await;
    assert_eq!(heard(&owner, &number, "warranty_ends").await, 1);
    let told = owner.get("notices").await.ok()["items"].to_string();
    let words = day_to_date(at / DAY_MS).expect("a day").strftime("%-d %b %Y").to_string();
    assert!(told.contains(&format!("{number}: warranty ends on {words}")), "{told}");
    let history = owner.get(&format!("configuration-items/{number}/history")).await.ok().to_string();
    assert!(history.contains("warranty_ends"), "{history}");
    stage.house.advance_to(at + 5 * DAY_MS).await;
    assert_eq!(heard(&owner, &number, "warranty_ends").await, 1, "once");
    // Another day is another matter; one that is taken back is none, and nothing of what is retired lapses.
    let ((later, due), (gone, end)) = (day(&stage, 50), day(&stage, 60));
    set(&manager, &number, json!({ "warranty_until": later, "contract_until": gone })).await;
    set(&manager, &number, json!({ "contract_until": null })).await;
    stage.house.advance_to(due).await;
    assert_eq!(heard(&owner, &number, "warranty_ends").await, 2);
    set(&manager, &number, json!({ "supported_until": day(&stage, 60).0 })).await;
    let own = format!("configuration-items/{number}/retire");
    manager.post(&own, json!({ "reason": "Replaced" })).await.ok();
    stage.house.advance_to(end + 60 * DAY_MS).await;
    assert_eq!(heard(&owner, &number, "contract_ends").await, 1);
    assert_eq!(heard(&owner, &number, "support_ends").await, 0);
});

story!(sac_20_how_long_before_is_the_organisations_to_say, |stage| async move {
    let cast = stage.house.cast.clone();
    let (manager, admin) = (stage.sign_in(cast.manager).await, stage.sign_in(cast.admin).await);
    let owner = stage.sign_in(cast.agent).await;
    let policy = async |days: i64| {
        let all = admin.get("process-settings?limit=200").await.ok();
        let own = all["items"].as_array().into_iter().flatten().find(|entry| entry["process"] == "configuration_item");
        let policies = json!([{ "policy": "lapse_days", "value": days }]);
        if let Some(own) = own {
            admin.patch(&format!("process-settings/{}", own["id"]), json!({ "policies": policies })).await
        } else {
            let body = json!({ "name": "Items", "process": "configuration_item", "policies": policies });
            admin.post("process-settings", body).await
        }
        .ok();
    };
    let (one, other) = (brought_to(&stage, &manager, "live").await, brought_to(&stage, &manager, "live").await);
    let (until, at) = day(&stage, 100);
    set(&manager, &one, json!({ "warranty_until": until })).await;
    policy(60).await;
    set(&manager, &other, json!({ "warranty_until": until })).await;
    stage.house.advance_to(at - 60 * DAY_MS).await;
    assert_eq!(heard(&owner, &other, "warranty_ends").await, 1, "sixty days before");
    // Fewer days than when its timer was set: it waits for its day.
    policy(5).await;
    stage.house.advance_to(at - 6 * DAY_MS).await;
    assert_eq!(heard(&owner, &one, "warranty_ends").await, 0);
    stage.house.advance_to(at - 5 * DAY_MS).await;
    assert_eq!(heard(&owner, &one, "warranty_ends").await, 1);
    // Nobody is told where nobody wants to be.
    policy(0).await;
    let (until, at) = day(&stage, 1);
    set(&manager, &one, json!({ "contract_until": until })).await;
    stage.house.advance_to(at + DAY_MS).await;
    assert_eq!(heard(&owner, &one, "contract_ends").await, 0);
});

story!(sac_20_an_incident_on_an_item_out_of_warranty_says_so, |stage| async move {
    let cast = stage.house.cast.clone();
    let (manager, agent) = (stage.sign_in(cast.manager).await, stage.sign_in(cast.agent).await);
    let requester = stage.sign_in(cast.requester).await;
    let number = brought_to(&stage, &manager, "live").await;
    let ((over, _), (soon, _), (far, _)) = (day(&stage, -3), day(&stage, 8), day(&stage, 300));
    let values = json!({ "warranty_until": over, "contract_until": soon, "supported_until": far });
    set(&manager, &number, values).await;
    let incident = requester.report(json!({})).await;
    let place = format!("incidents/{incident}/lapses");
    assert_eq!(agent.get(&place).await.ok()["items"], json!([]));
    let link = json!({ "relation": "affects", "to": number });
    agent.post(&format!("incidents/{incident}/links"), link).await.ok();
    let found = agent.get(&place).await.ok();
    let told: Vec<(&Json, &Json, &Json)> =
        found["items"].as_array().into_iter().flatten().map(|e| (&e["field"], &e["until"], &e["over"])).collect();
    let (warranty, contract) = (json!("warranty_until"), json!("contract_until"));
    assert_eq!(told, [(&warranty, &json!(over), &json!(true)), (&contract, &json!(soon), &json!(false))]);
    assert_eq!(agent.get(&format!("configuration-items/{number}/lapses")).await.ok(), found);
    // Whoever does not see the item is told nothing of it.
    assert_eq!(requester.get(&place).await.ok()["items"], json!([]));
    stage.sign_in(cast.vendor).await.get(&place).await.refused(404, "not_found");
    // The page of the incident says it, that of the item, and the form while the item is named in it.
    let desk = Pages::of(&stage).await.browser(&stage, cast.agent).await;
    let words = |day: &str| day.parse::<jiff::civil::Date>().expect("a day").strftime("%-d %b %Y").to_string();
    let says =
        [format!("Its warranty ended on {}.", words(&over)), format!("Its support contract ends on {}.", words(&soon))];
    let form = [("item.0".to_owned(), number.clone()), ("_update".to_owned(), "1".to_owned())];
    for text in [
        desk.get(&format!("/incidents/{incident}")).await.text,
        desk.get(&format!("/configuration-items/{number}")).await.text,
        desk.post("/incidents/new", &form).await.text,
    ] {
        assert!(says.iter().all(|sentence| text.contains(sentence)), "{text}");
        assert!(!text.contains("Its maker supports it"), "not yet");
    }
    // What is written anew is covered again.
    set(&manager, &number, json!({ "warranty_until": far, "contract_until": null })).await;
    assert_eq!(agent.get(&place).await.ok()["items"], json!([]));
    assert!(!desk.get(&format!("/incidents/{incident}")).await.text.contains("Its warranty"));
});
