//! What an incident leads on to: the problem or change that is opened from it, the services behind the items that it
//! names, references in other systems.

use crate::browser::Pages;
use crate::configuration::payments;
use crate::incident::{classified, in_progress};
use crate::{Client, story};
use serde_json::{Value as Json, json};

/// The links of a record as (relation, number), and its references elsewhere.
async fn links(client: &Client, path: &str) -> (Vec<(String, String)>, Json) {
    let all = client.get(&format!("{path}/links")).await.ok();
    let text = |link: &Json, key: &str| link[key].as_str().unwrap_or_default().to_owned();
    let mut records: Vec<(String, String)> = all["records"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|link| (text(link, "relation"), text(link, "number")))
        .collect();
    records.sort();
    (records, all["external"].clone())
}

fn pair(relation: &str, number: &str) -> (String, String) {
    (relation.to_owned(), number.to_owned())
}

async fn affects(client: &Client, incident: &str, item: &str) {
    let link = json!({ "relation": "affects", "to": item });
    client.post(&format!("incidents/{incident}/links"), link).await.ok();
}

/// The names of the services that the items of a record carry.
async fn carried(client: &Client, path: &str) -> Vec<String> {
    let all = client.get(&format!("{path}/carried-services")).await.ok();
    let name = |service: &Json| service["name"].as_str().map(str::to_owned);
    all["items"].as_array().into_iter().flatten().filter_map(name).collect()
}

story!(inc_21_a_problem_and_a_change_begin_with_what_the_incident_says_and_it_stays_as_it_was, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let all = payments(&stage, &manager).await;
    let mut values = classified(&cast, "high", "medium");
    values["service"] = cast.payments.into();
    let incident = agent.report(values).await;
    affects(&agent, &incident, &all["storage"]).await;
    let before = agent.incident(&incident).await;
    for (plural, relation, words) in [("problems", "caused_by", "symptoms"), ("changes", "fixed_by", "why")] {
        let made = agent.post(plural, json!({ "from": [incident] })).await.ok();
        let number = made["number"].as_str().expect("a number");
        for field in ["title", "impact", "urgency"] {
            assert_eq!(made[field], before[field], "{plural}: {field}");
        }
        assert_eq!(made["service"]["id"], json!(cast.payments), "{plural}");
        assert_eq!(made["category"]["id"], json!(cast.network_category), "{plural}");
        assert_eq!(made[words], before["symptoms"], "{plural}");
        let (records, _) = links(&agent, &format!("incidents/{incident}")).await;
        assert!(records.contains(&pair(relation, number)), "{records:?}");
        let after = agent.incident(&incident).await;
        assert_eq!((&after["state"], &after["hold_reason"]), (&before["state"], &before["hold_reason"]), "{plural}");
        if plural == "problems" {
            let (own, _) = links(&agent, &format!("problems/{number}")).await;
            assert!(own.contains(&pair("affects", &all["storage"])), "it is about the same item: {own:?}");
        }
    }
});

story!(inc_21_the_incident_waits_for_what_was_opened_from_it_by_choice, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    for (plural, reason) in [("problems", "problem"), ("changes", "change")] {
        let (one, other) = (in_progress(&stage, &agent).await, in_progress(&stage, &agent).await);
        let made = agent.post(plural, json!({ "from": [one, other], "waits": [one.to_lowercase()] })).await.ok();
        let (held, goes_on) = (agent.incident(&one).await, agent.incident(&other).await);
        assert_eq!((&held["state"], &held["hold_reason"]), (&json!("on_hold"), &json!(reason)));
        assert_eq!((&goes_on["state"], &goes_on["hold_reason"]), (&json!("in_progress"), &Json::Null));
        assert!(made["number"].is_string());
    }
    // What was chosen has to be able to wait; else nothing is opened at all.
    let new = agent.report(json!({})).await;
    let ready = in_progress(&stage, &agent).await;
    let problems = async || agent.get("problems?count=true").await.ok()["items"].as_array().map(Vec::len);
    let there = problems().await;
    let both = json!({ "from": [ready, new], "waits": [ready, new] });
    agent.post("problems", both).await.refused_field("waits", "wrong_state");
    let stranger = json!({ "from": [ready], "waits": [new] });
    agent.post("problems", stranger).await.refused_field("waits", "not_an_origin");
    agent.post("problems", json!({ "title": "By itself", "waits": [ready] })).await.refused(422, "no_origin");
    assert_eq!(problems().await, there);
    assert_eq!(agent.incident(&ready).await["state"], "in_progress");
    assert_eq!(links(&agent, &format!("incidents/{ready}")).await.0, []);
});

story!(inc_21_the_page_offers_what_is_in_use_prefilled_and_with_the_choice_to_wait, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, admin) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.admin).await);
    let incident = in_progress(&stage, &agent).await;
    let desk = Pages::of(&stage).await.browser(&stage, cast.agent).await;
    let palette = desk.get(&format!("/palette?at=/incidents/{incident}")).await.text;
    for plural in ["problems", "changes"] {
        let place = format!("/{plural}/new?from={incident}");
        assert!(desk.get(&format!("/incidents/{incident}")).await.text.contains(&place), "{plural}");
        assert!(palette.contains(&place), "{plural}");
        let form = desk.get(&place).await.text;
        assert!(form.contains("value=\"VPN drops\"") && form.contains("name=\"waits\""), "{form}");
    }
    let waits = [("_fields", "title"), ("title", "VPN drops"), ("from", &incident), ("waits", &incident)];
    let waits = waits.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let sent = desk.post("/problems/new", &waits).await;
    assert!(sent.leads_to().starts_with("/problems/PRB-"), "{}", sent.text);
    assert_eq!(agent.incident(&incident).await["hold_reason"], "problem");
    // What waits already is not asked again, and what is not in use is not offered.
    assert!(!desk.get(&format!("/problems/new?from={incident}")).await.text.contains("name=\"waits\""));
    let settings = admin.get("process-settings?limit=200").await.ok();
    let of_change = settings["items"].as_array().into_iter().flatten().find(|entry| entry["process"] == "change");
    let id = of_change.and_then(|entry| entry["id"].as_i64()).expect("settings of changes");
    admin.patch(&format!("process-settings/{id}"), json!({ "disabled": true })).await.ok();
    assert!(!desk.get(&format!("/incidents/{incident}")).await.text.contains("/changes/new?from="));
});

story!(inc_04_the_services_of_the_items_are_offered_as_far_as_they_are_seen, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let requester = stage.sign_in(cast.requester).await;
    let all = payments(&stage, &manager).await;
    let incident = requester.report(json!({ "title": "Nothing can be paid" })).await;
    let path = format!("incidents/{incident}");
    assert_eq!(carried(&agent, &path).await, Vec::<String>::new(), "nothing is named yet");
    affects(&agent, &incident, &all["storage"]).await;
    assert_eq!(carried(&agent, &path).await, ["Payments", "Email"], "the more critical one first");
    assert_eq!(agent.incident(&incident).await["service"], Json::Null, "offered, not set");
    // Several items, and services: each once, by the worst that hits it.
    for item in ["db-a", "mail"] {
        affects(&agent, &incident, &all[item]).await;
    }
    let offered = agent.get(&format!("{path}/carried-services")).await.ok();
    let hits: Vec<(&Json, &Json)> =
        offered["items"].as_array().into_iter().flatten().map(|s| (&s["name"], &s["hit"])).collect();
    let impacted = json!("impacted");
    assert_eq!(hits, [(&json!("Payments"), &impacted), (&json!("Email"), &impacted)]);
    assert_eq!(offered["items"][0]["number"], json!(all["payments"]));
    // Whoever sees no items learns nothing by them, and nobody asks of what is not theirs.
    assert_eq!(carried(&requester, &path).await, Vec::<String>::new());
    let stranger = stage.sign_in(cast.acme_requester).await;
    stranger.get(&format!("{path}/carried-services")).await.refused(404, "not_found");
    // A problem asks in the same way.
    let made = agent.post("problems", json!({ "from": [incident] })).await.ok();
    let problem = format!("problems/{}", made["number"].as_str().expect("a number"));
    assert_eq!(carried(&agent, &problem).await, ["Payments", "Email"]);
});

story!(inc_04_the_form_and_the_record_offer_the_service_by_one_press, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let all = payments(&stage, &manager).await;
    let desk = Pages::of(&stage).await.browser(&stage, cast.agent).await;
    let form = |more: &[(&str, &str)]| -> Vec<(String, String)> {
        let fields = [("_fields", "title"), ("_fields", "service"), ("title", "Nothing can be paid")];
        fields.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let set = format!("name=\"_set_service\" value=\"{}\"", cast.payments);
    let item = ("item.0", all["storage"].as_str());
    assert!(!desk.get("/incidents/new").await.text.contains("_set_service"));
    let asked = desk.post("/incidents/new", &form(&[item, ("_update", "1")])).await.text;
    assert!(asked.contains(&set), "{asked}");
    let id = cast.payments.to_string();
    let chosen = desk.post("/incidents/new", &form(&[item, ("_set_service", &id)])).await.text;
    assert!(chosen.contains(&format!("<option value=\"{id}\" selected>")) && !chosen.contains(&set), "{chosen}");
    // An item that there is not is refused, and nothing is opened.
    let wrong = desk.post("/incidents/new", &form(&[("item.0", "CI-999999")])).await;
    assert!(wrong.leads_to().is_empty() && wrong.text.contains("CI-999999"), "{}", wrong.text);
    let sent = desk.post("/incidents/new", &form(&[item, ("service", &id)])).await;
    let number = sent.leads_to().trim_start_matches("/incidents/").to_owned();
    assert_eq!(agent.incident(&number).await["service"]["id"], json!(cast.payments));
    assert_eq!(links(&agent, &format!("incidents/{number}")).await.0, [pair("affects", &all["storage"])]);
    // On the record stands what is not set yet.
    let rail = desk.get(&format!("/incidents/{number}/suggestions")).await.text;
    assert!(rail.contains("Set the service to Email") && !rail.contains("Set the service to Payments"), "{rail}");
});

story!(gen_07_words_that_name_no_record_are_no_reference_elsewhere_and_references_go_again, |stage| async move {
    let agent = stage.sign_in(stage.house.cast.agent).await;
    let desk = Pages::of(&stage).await.browser(&stage, stage.house.cast.agent).await;
    let (incident, other) = (agent.report(json!({})).await, agent.report(json!({})).await);
    let place = format!("/incidents/{incident}");
    let send = async |page: &str, values: &[(&str, &str)]| {
        let values: Vec<(String, String)> =
            values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        desk.post(&format!("{place}/{page}"), &values).await
    };
    for words in ["the printer on floor 3", "JIRA-12", "INC-999999"] {
        let refused = send("links", &[("relation", "related_to"), ("to", words)]).await;
        assert!(refused.leads_to().is_empty() && refused.text.contains("error-summary"), "{}", refused.text);
    }
    let both = [("relation", "related_to"), ("to", other.as_str()), ("reference", "JIRA-12")];
    for ends in [&both[..1], &both[..]] {
        let refused = send("links", ends).await;
        assert!(refused.leads_to().is_empty() && refused.text.contains("Name either a record"), "{}", refused.text);
    }
    assert_eq!(links(&agent, &place[1..]).await, (Vec::new(), json!([])), "nothing was half-written");
    let reference = "https://jira.example/browse/JIRA-12";
    for known in ["JIRA-12", reference] {
        let sent = send("links", &[("relation", "related_to"), ("reference", known)]).await;
        assert!(sent.leads_to().starts_with(&format!("{place}/related")), "{}", sent.text);
    }
    let page = desk.get(&format!("{place}/related")).await.text;
    assert!(page.contains("Remove the link to JIRA-12"), "{page}");
    send("unlink", &[("relation", "related_to"), ("to", "JIRA-12")]).await;
    let left = json!([{ "relation": "related_to", "reference": reference }]);
    assert_eq!(links(&agent, &place[1..]).await.1, left);
    // Programs take it away by the same address as a link, and the log keeps that it was there.
    let one = crate::client::encoded(reference);
    agent.delete(&format!("incidents/{incident}/links/related_to/{one}")).await.ok();
    assert_eq!(links(&agent, &place[1..]).await.1, json!([]));
    let told = agent.get(&format!("incidents/{incident}/history")).await.ok();
    let gone = json!({ "field": "related_to", "old": reference, "new": null });
    let changes = told["items"].as_array().into_iter().flatten().filter_map(|event| event["changes"].as_array());
    assert!(changes.flatten().any(|change| *change == gone), "{told}");
    agent.delete(&format!("incidents/{incident}/links/related_to/{one}")).await.refused(404, "not_found");
});
