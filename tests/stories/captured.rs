//! Baselines: what items were at an instant, and what has become of them.

use crate::browser::Pages;
use crate::{Client, Stage, story};
use serde_json::{Value as Json, json};

const MINUTE: i64 = 60_000;

pub async fn later(stage: &Stage) {
    let now = stage.house.clock.reading();
    stage.house.advance_to(now + MINUTE).await;
}

async fn number(client: &Client, plural: &str, body: Json) -> String {
    client.post(plural, body).await.ok()["number"].as_str().expect("a number").to_owned()
}

pub async fn entry(client: &Client, register: &str, name: &str) -> i64 {
    let all = client.get(&format!("{register}?limit=200")).await.ok();
    let found = all["items"].as_array().into_iter().flatten().find(|entry| entry["name"] == name).cloned();
    found.unwrap_or_else(|| panic!("no {name}"))["id"].as_i64().expect("an id")
}

/// An item of a class.
pub async fn item(client: &Client, title: &str, class: i64, more: Json) -> String {
    let mut body = json!({ "title": title, "class": class });
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    number(client, "configuration-items", body).await
}

async fn link(client: &Client, from: &str, relation: &str, to: &str) -> Json {
    client.post(&format!("configuration-items/{from}/links"), json!({ "relation": relation, "to": to })).await.ok()
}

/// A baseline in a state, led there by the steps that people take.
pub async fn brought_to(stage: &Stage, manager: &Client, state: &str) -> String {
    let server = entry(manager, "item-classes", "Server").await;
    item(manager, "What a baseline holds", server, json!({ "serial_number": "BL" })).await;
    let body = json!({ "title": "Release", "owner": stage.house.cast.agent, "chosen_by": "serial_number = \"BL\"" });
    let agent = stage.sign_in(stage.house.cast.agent).await;
    let baseline = number(&agent, "baselines", body.clone()).await;
    let way: &[&str] = match state {
        "prepared" => &[],
        "captured" => &["capture"],
        "approved" => &["capture", "adopt"],
        "superseded" => &["capture", "adopt", "supersede"],
        "refused" => &["capture", "refuse"],
        "withdrawn" => &["withdraw"],
        other => panic!("nobody knows how a baseline gets {other}"),
    };
    for verb in way {
        if *verb == "adopt" {
            approve(manager, &baseline).await;
        }
        let said = match *verb {
            "refuse" | "withdraw" => json!({ "reason": "So it is" }),
            "supersede" => json!({ "link": number(manager, "baselines", body.clone()).await }),
            _ => json!({}),
        };
        manager.post(&format!("baselines/{baseline}/{verb}"), said).await.ok();
    }
    baseline
}

async fn approve(manager: &Client, baseline: &str) {
    let all = crate::change::waiting(manager, baseline).await;
    assert!(!all.is_empty(), "nothing about {baseline} waits");
    for (id, version) in all {
        let said = json!({ "answer": "approve", "version": version });
        manager.post(&format!("baselines/{baseline}/approvals/{id}"), said).await.ok();
    }
}

/// The differences in a few words each.
async fn differences(client: &Client, baseline: &str, with: &str) -> Vec<String> {
    let ask = if with.is_empty() { String::new() } else { format!("?with={with}") };
    let found = client.get(&format!("baselines/{baseline}/comparison{ask}")).await.ok();
    let word = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let line = |each: &Json| match each["what"].as_str().unwrap_or_default() {
        "changed" => {
            format!("{} {} {}>{}", word(&each["number"]), word(&each["field"]), word(&each["old"]), word(&each["new"]))
        }
        what @ ("added" | "removed") => format!("{} {what}", word(&each["number"])),
        what => format!("{} {what} {} {}", word(&each["number"]), word(&each["label"]), word(&each["other"])),
    };
    found["differences"].as_array().expect("differences").iter().map(line).collect()
}

story!(sac_07_a_baseline_is_captured_approved_and_compared_exactly_with_the_present, |stage| async move {
    let cast = stage.house.cast.clone();
    let manager = stage.sign_in(cast.manager).await;
    let agent = stage.sign_in(cast.agent).await;
    let server = entry(&manager, "item-classes", "Server").await;
    let mut items = Vec::new();
    for n in 0..4 {
        let more = json!({ "environment": "production", "version_name": "1.0", "location": format!("Rack {n}") });
        items.push(item(&manager, &format!("Payments {n}"), server, more).await);
    }
    let [one, two, three, four] = items.as_slice() else { panic!("four items") };
    link(&manager, one, "depends_on", two).await;
    // What was written down before is part of it, what nobody chose is not.
    let other = item(&manager, "Elsewhere", server, json!({ "environment": "test" })).await;
    let body = json!({ "title": "Before release 2", "owner": cast.agent, "chosen_by": "environment = \"production\"" });
    let baseline = number(&agent, "baselines", body.clone()).await;
    manager.get(&format!("baselines/{baseline}/items")).await.refused(409, "not_captured");
    agent.post(&format!("baselines/{baseline}/capture"), json!({})).await.ok();
    let held = agent.get(&format!("baselines/{baseline}/items")).await.ok();
    let numbers: Vec<&str> =
        held["items"].as_array().expect("items").iter().filter_map(|item| item["number"].as_str()).collect();
    assert_eq!(numbers, [one, two, three, four]);
    assert!(!numbers.contains(&other.as_str()));
    // It counts once somebody else has approved it; that is the manager's to say.
    agent.post(&format!("baselines/{baseline}/adopt"), json!({})).await.refused(403, "not_yours");
    manager.post(&format!("baselines/{baseline}/adopt"), json!({})).await.refused(409, "approvals_missing");
    approve(&manager, &baseline).await;
    manager.post(&format!("baselines/{baseline}/adopt"), json!({})).await.ok();
    assert!(differences(&agent, &baseline, "").await.is_empty(), "nothing has changed yet");
    later(&stage).await;
    // One field, one relation away and another there, one item gone, one retired, one new.
    manager.patch(&format!("configuration-items/{one}"), json!({ "location": "Rack 9" })).await.ok();
    manager.delete(&format!("configuration-items/{one}/links/depends_on/{two}")).await.ok();
    link(&manager, two, "depends_on", three).await;
    manager.patch(&format!("configuration-items/{four}"), json!({ "environment": "test" })).await.ok();
    let five = item(&manager, "Payments 5", server, json!({ "environment": "production" })).await;
    let exact = [
        format!("{one} location Rack 0>Rack 9"),
        format!("{one} relation_removed Depends on {two}"),
        format!("{two} relation_added Depends on {three}"),
        format!("{four} removed"),
        format!("{five} added"),
    ];
    assert_eq!(differences(&agent, &baseline, "").await, exact);
    // Another baseline says the same of the instant at which it was captured, whatever comes after it.
    let next = number(&manager, "baselines", body).await;
    manager.post(&format!("baselines/{next}/capture"), json!({})).await.ok();
    later(&stage).await;
    manager.patch(&format!("configuration-items/{one}"), json!({ "location": "Rack 11" })).await.ok();
    assert_eq!(differences(&agent, &baseline, &next).await, exact);
    assert_eq!(differences(&agent, &next, "").await, [format!("{one} location Rack 9>Rack 11")]);
    // What it holds cannot be changed by anybody.
    let wider = json!({ "chosen_by": "environment = \"test\"" });
    manager.patch(&format!("baselines/{baseline}"), wider).await.refused(422, "invalid_fields");
    manager.post(&format!("baselines/{baseline}/capture"), json!({})).await.refused(409, "wrong_state");
    assert_eq!(agent.get(&format!("baselines/{baseline}/items")).await.ok(), held);
    // The same as a file and as pages.
    let csv = agent.get(&format!("baselines/{baseline}/comparison/export?format=csv&with={next}")).await;
    assert!(csv.text.contains(&format!("{one},Payments 0,changed,location,Rack 0,Rack 9")), "{}", csv.text);
    assert_eq!(csv.text.lines().count(), 6, "{}", csv.text);
    let desk = Pages::of(&stage).await.browser(&stage, cast.agent).await;
    let page = desk.get(&format!("/baselines/{baseline}/comparison?with={next}")).await.text;
    assert!(page.contains("5 differences") && page.contains("Rack 9") && page.contains("Item added"), "{page}");
    // Nobody outside the house reads any of it.
    let vendor = stage.sign_in(cast.vendor).await;
    vendor.get(&format!("baselines/{baseline}/comparison")).await.refused(403, "no_right");
    let nothing = agent.get(&format!("baselines/{baseline}/comparison?with=BL-9999")).await;
    nothing.refused(422, "unknown_record");
});

story!(sac_07_a_baseline_holds_a_service_with_all_that_it_stands_on, |stage| async move {
    let cast = stage.house.cast.clone();
    let manager = stage.sign_in(cast.manager).await;
    let server = entry(&manager, "item-classes", "Server").await;
    let [top, middle, lowest, beside] = [
        item(&manager, "Top", server, json!({})).await,
        item(&manager, "Middle", server, json!({})).await,
        item(&manager, "Lowest", server, json!({})).await,
        item(&manager, "Beside", server, json!({})).await,
    ];
    for (from, to) in [(&top, &middle), (&middle, &lowest), (&beside, &lowest)] {
        link(&manager, from, "depends_on", to).await;
    }
    let body = json!({ "title": "Top with all beneath", "owner": cast.agent, "beneath": top });
    let baseline = number(&manager, "baselines", body).await;
    manager.post(&format!("baselines/{baseline}/capture"), json!({})).await.ok();
    let held = manager.get(&format!("baselines/{baseline}/items")).await.ok();
    let numbers: Vec<&str> =
        held["items"].as_array().expect("items").iter().filter_map(|item| item["number"].as_str()).collect();
    assert_eq!(numbers, [&top, &middle, &lowest]);
    // Without a choice, and with one that nothing meets, nothing is captured.
    let empty = number(&manager, "baselines", json!({ "title": "Nothing", "owner": cast.agent })).await;
    manager.post(&format!("baselines/{empty}/capture"), json!({})).await.refused(422, "invalid_fields");
    let none = json!({ "chosen_by": "serial_number = \"nobody has it\"" });
    manager.post(&format!("baselines/{empty}/capture"), none).await.refused(422, "nothing_captured");
    let broken = json!({ "chosen_by": "colour = " });
    manager.post(&format!("baselines/{empty}/capture"), broken).await.refused(422, "bad_filter");
    assert_eq!(manager.get(&format!("baselines/{empty}")).await.ok()["state"], "prepared");
});
