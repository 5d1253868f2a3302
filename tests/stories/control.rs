//! Items under control: what changes only with a change, and what is found otherwise than it is authorised.

use crate::change::{self, affects};
use crate::client::Client;
use crate::configuration::brought_to;
use crate::{Stage, story};
use serde_json::{Value as Json, json};

const ITEMS: &str = "configuration-items";

/// Puts version and location of servers, and their use, under control.
async fn controlled(manager: &Client) {
    let classes = manager.get("item-classes?limit=200").await.ok();
    let compute = classes["items"].as_array().into_iter().flatten().find(|class| class["name"] == "Compute").cloned();
    let path = format!("item-classes/{}", compute.expect("the class above servers")["id"]);
    let fields = json!([{ "field": "version_name" }, { "field": "location" }]);
    manager.patch(&path, json!({ "controlled": fields, "used_by_change": true })).await.ok();
}

async fn read(client: &Client, number: &str) -> Json {
    client.get(&format!("{ITEMS}/{number}")).await.ok()
}

async fn source(client: &Client, key: &str, more: Json) {
    let mapping = "key = \"id\"\n[fields]\ntitle = { column = \"name\" }\nclass = { constant = \"Server\" }\nserial_number = { column = \"serial\" }\nversion_name = { column = \"version\" }\nmodel_name = { column = \"model\" }\n";
    let mut body = json!({
        "name": key, "source": key, "process": "configuration_item", "rank": 100, "unmatched": "ask", "mapping": mapping,
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    client.post("sources", body).await.ok();
}

async fn feed(client: &Client, source: &str, version: &str) -> Json {
    let rows = json!([{ "id": "1", "name": "app-01", "serial": "S1", "version": version, "model": "R740" }]);
    client.post(&format!("{ITEMS}/feed"), json!({ "source": source, "rows": rows })).await.ok()["rows"][0].clone()
}

async fn found(client: &Client, over: bool) -> Vec<Json> {
    let all = client.get(&format!("{ITEMS}/discrepancies?over={over}")).await.ok();
    all["items"].as_array().cloned().unwrap_or_default()
}

/// A server in use that the source knows by its number, with version 1.
async fn server(stage: &Stage, manager: &Client) -> String {
    let number = brought_to(stage, manager, "live").await;
    let cast = &stage.house.cast;
    let values = json!({ "serial_number": "S1", "version_name": "1", "service": cast.payments });
    manager.patch(&format!("{ITEMS}/{number}"), values).await.ok();
    number
}

story!(sac_04_a_controlled_attribute_changes_only_while_a_change_is_carried_out, |stage| async move {
    let cast = stage.house.cast.clone();
    let (manager, agent) = (stage.sign_in(cast.manager).await, stage.sign_in(cast.agent).await);
    let number = server(&stage, &manager).await;
    let own = format!("{ITEMS}/{number}");
    manager.patch(&own, json!({ "version_name": "2" })).await.ok();
    controlled(&manager).await;
    // Without a change: neither by hand nor by a step nor by taking the class away.
    manager.patch(&own, json!({ "version_name": "3" })).await.refused(409, "needs_change");
    let both = manager.patch(&own, json!({ "version_name": "3", "model_name": "R740" })).await;
    assert_eq!(both.refused(409, "needs_change")["errors"][0]["field"], "version_name");
    let classes = manager.get("item-classes?limit=200").await.ok();
    let printer =
        classes["items"].as_array().into_iter().flatten().find(|c| c["name"] == "Printer").cloned().expect("one");
    manager.patch(&own, json!({ "class": printer["id"] })).await.refused(409, "needs_change");
    // What is not under control changes as before.
    manager.patch(&own, json!({ "model_name": "R740" })).await.ok();
    // A change that is only asked for permits nothing, nor one that is about something else.
    let draft = change::brought_to(&stage, &manager, "scheduled").await;
    affects(&agent, &draft, &number).await.ok();
    manager.patch(&own, json!({ "version_name": "3" })).await.refused(409, "needs_change");
    let elsewhere = change::brought_to(&stage, &manager, "implementation").await;
    manager.patch(&own, json!({ "version_name": "3" })).await.refused(409, "needs_change");
    // Related is not affected, and what was not affected when it was approved is not while it is carried out.
    agent.post(&format!("changes/{elsewhere}/links"), json!({ "relation": "related_to", "to": number })).await;
    manager.patch(&own, json!({ "version_name": "3" })).await.refused(409, "needs_change");
    affects(&agent, &elsewhere, &number).await.refused(409, "approved");
    manager.patch(&own, json!({ "version_name": "3" })).await.refused(409, "needs_change");
    // Approved with it and being carried out, the change lets it change; afterwards no more.
    let permit = change::begun_on(&stage, &agent, &manager, &[&number]).await;
    let taken = agent.delete(&format!("changes/{permit}/links/affects/{number}")).await;
    taken.refused(409, "approved");
    assert_eq!(manager.patch(&own, json!({ "version_name": "3" })).await.ok()["version_name"], "3");
    change::step(&agent, &permit, "implement", json!({})).await;
    manager.patch(&own, json!({ "version_name": "4" })).await.refused(409, "needs_change");
    assert_eq!(read(&manager, &number).await["version_name"], "3");
});

story!(sac_04_only_a_change_moves_an_item_into_use_and_out_of_it, |stage| async move {
    let cast = stage.house.cast.clone();
    let (manager, agent) = (stage.sign_in(cast.manager).await, stage.sign_in(cast.agent).await);
    let (tested, live) = (brought_to(&stage, &manager, "in_test").await, brought_to(&stage, &manager, "live").await);
    controlled(&manager).await;
    let step = |number: &str, verb: &str| format!("{ITEMS}/{number}/{verb}");
    // Before it is in use its attributes are free, but it does not go live by itself.
    manager.patch(&format!("{ITEMS}/{tested}"), json!({ "version_name": "1", "owner": cast.agent })).await.ok();
    let why = || json!({ "reason": "So it is" });
    manager.post(&step(&tested, "go_live"), json!({})).await.refused(409, "needs_change");
    manager.post(&step(&live, "retire"), why()).await.refused(409, "needs_change");
    manager.post(&step(&live, "maintain"), why()).await.refused(409, "needs_change");
    // That it is gone is found, not decided.
    manager.post(&step(&live, "report_missing"), why()).await.ok();
    manager.post(&step(&live, "find"), why()).await.ok();
    change::begun_on(&stage, &agent, &manager, &[&tested, &live]).await;
    assert_eq!(manager.post(&step(&tested, "go_live"), json!({})).await.ok()["state"], "live");
    assert_eq!(manager.post(&step(&live, "retire"), why()).await.ok()["state"], "retired");
});

story!(sac_04_a_standard_update_of_an_authorised_source_is_written, |stage| async move {
    let manager = stage.sign_in(stage.house.cast.manager).await;
    let number = server(&stage, &manager).await;
    controlled(&manager).await;
    source(
        &manager,
        "deploy",
        json!({
            "standard_update": true, "ranks": [{ "field": "version_name", "rank": 1, "over_people": true }],
        }),
    )
    .await;
    source(&manager, "scan", json!({})).await;
    assert_eq!(feed(&manager, "deploy", "2").await["changed"], json!(["model_name", "version_name"]));
    assert_eq!(read(&manager, &number).await["version_name"], "2");
    // One that is not authorised writes what is free, and the rest is kept as found.
    let other = feed(&manager, "scan", "3").await;
    assert_eq!(
        (&other["outcome"], read(&manager, &number).await["version_name"].clone()),
        (&json!("unchanged"), json!("2"))
    );
    assert!(found(&manager, false).await.is_empty(), "whom one believes less finds nothing");
});

story!(sac_11_what_is_found_otherwise_is_a_discrepancy_or_explained_by_a_change, |stage| async move {
    let cast = stage.house.cast.clone();
    let (manager, agent) = (stage.sign_in(cast.manager).await, stage.sign_in(cast.agent).await);
    let number = server(&stage, &manager).await;
    controlled(&manager).await;
    source(&manager, "scan", json!({})).await;
    // With no open change: a discrepancy, and the authorised value stands.
    feed(&manager, "scan", "2").await;
    let all = found(&agent, false).await;
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!(
        (&all[0]["record"]["number"], &all[0]["field"], &all[0]["written"], &all[0]["found"], &all[0]["state"]),
        (&json!(number), &json!("version_name"), &json!("1"), &json!("2"), &json!("found"))
    );
    assert_eq!(read(&manager, &number).await["version_name"], "1");
    feed(&manager, "scan", "2").await;
    assert_eq!(found(&agent, false).await.len(), 1, "the same again is one");
    // With an open change on the item it is explained.
    let planned = change::brought_to(&stage, &manager, "scheduled").await;
    affects(&agent, &planned, &number).await.ok();
    feed(&manager, "scan", "2").await;
    let explained = found(&agent, false).await;
    assert_eq!((&explained[0]["state"], &explained[0]["by"]), (&json!("explained"), &json!(planned)));
    // Once it is over, what differs is found again; put right in reality, it is over.
    change::step(&manager, &planned, "cancel", json!({ "reason": "Not now" })).await;
    feed(&manager, "scan", "2").await;
    assert_eq!(found(&agent, false).await[0]["state"], "found");
    feed(&manager, "scan", "1").await;
    assert!(found(&agent, false).await.is_empty());
    assert_eq!(found(&agent, true).await[0]["state"], "corrected_there");
    // Found anew, it is reported as a change that nobody asked for.
    feed(&manager, "scan", "7").await;
    let id = found(&agent, false).await[0]["id"].clone();
    let place = |verb: &str| format!("{ITEMS}/discrepancies/{id}/{verb}");
    agent.post(&place("raise"), json!({ "reason": "Who did this?" })).await.refused(403, "no_right");
    manager.post(&place("raise"), json!({ "reason": " " })).await.refused(422, "invalid_fields");
    let raised = manager.post(&place("raise"), json!({ "reason": "Who did this?" })).await.ok();
    let raised = raised["raised"].as_str().expect("a number").to_owned();
    let record = change::read(&manager, &raised).await;
    assert_eq!((&record["state"], &record["unauthorised"]), (&json!("detected"), &json!(true)));
    let words = record["detected_how"].as_str().expect("words");
    assert!(words.contains("1 → 7") && words.contains("Who did this?"), "{words}");
    let links = manager.get(&format!("{ITEMS}/{number}/links")).await.ok().to_string();
    assert!(links.contains(&raised));
    feed(&manager, "scan", "7").await;
    let one = found(&agent, false).await.remove(0);
    assert_eq!((&one["state"], &one["by"]), (&json!("raised"), &json!(raised)));
    // What is written was wrong: it is corrected, which is no change of reality.
    manager.post(&place("correct"), json!({ "reason": "Typed wrongly" })).await.ok();
    assert_eq!(read(&manager, &number).await["version_name"], "7");
    manager.post(&place("close"), json!({ "reason": "Late" })).await.refused(409, "not_open");
    assert_eq!(found(&agent, true).await[0]["state"], "corrected_here");
});
