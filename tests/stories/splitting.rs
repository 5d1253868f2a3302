//! Words that lead to other records: split off into one of their own, or naming one by its number.

use crate::browser::Pages;
use crate::client::Client;
use crate::story;
use serde_json::{Value as Json, json};

async fn below(client: &Client, number: &str, what: &str) -> Vec<Json> {
    let all = client.get(&format!("incidents/{number}/{what}")).await.ok();
    all["items"].as_array().cloned().unwrap_or_default()
}

fn form(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

story!(words_become_a_record_of_their_own_with_their_files, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, requester) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.requester).await);
    let number = requester.report(json!({ "service": cast.payments })).await;
    let path = format!("incidents/{number}");
    let said = requester.post(&format!("{path}/comments"), json!({ "body": "Also, the printer\nhums." })).await.ok();
    let file = format!("{path}/attachments?name=hum.txt");
    requester.send_bytes("POST", &file, b"mmm".to_vec(), &[]).await.ok();
    let split = format!("{path}/comments/{}/split", said["id"]);
    requester.post(&split, json!({ "title": "The printer hums" })).await.refused(403, "no_right");
    agent.post(&split, json!({ "title": " " })).await.refused(422, "invalid_fields");
    let new = agent.post(&split, json!({ "title": "The printer hums" })).await.ok();
    let own = new["number"].as_str().expect("a number").to_owned();
    assert_eq!(new["symptoms"], format!("> Also, the printer\n> hums.\n\n({number})"));
    assert_eq!((&new["requester"]["id"], &new["service"]["id"]), (&json!(cast.requester), &json!(cast.payments)));
    assert_eq!(below(&requester, &own, "attachments").await[0]["name"], "hum.txt");
    // Both ends say so, and the first keeps its words.
    for (at, other) in [(&own, &number), (&number, &own)] {
        let links = agent.get(&format!("incidents/{at}/links")).await.ok().to_string();
        assert!(links.contains(other.as_str()), "{links}");
    }
    assert_eq!(below(&agent, &number, "comments").await.len(), 1);
    let log = agent.get(&format!("{path}/history")).await.ok();
    let split_off = log["items"].as_array().into_iter().flatten().find(|event| event["verb"] == "split");
    assert_eq!(split_off.expect("the event")["changes"][0]["new"], own.as_str());
    assert!(!requester.get(&format!("{path}/history")).await.ok().to_string().contains("split"));
});

story!(a_note_that_is_split_off_stays_a_note, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, requester) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.requester).await);
    let number = requester.report(json!({})).await;
    let body = json!({ "body": "They are always late.", "internal": true });
    let note = agent.post(&format!("incidents/{number}/comments"), body).await.ok();
    let split = format!("incidents/{number}/comments/{}/split", note["id"]);
    let new = agent.post(&split, json!({ "title": "Another matter" })).await.ok();
    let own = new["number"].as_str().expect("a number").to_owned();
    assert_eq!(new["symptoms"], "Another matter");
    let notes = below(&agent, &own, "comments").await;
    assert_eq!(
        (&notes[0]["internal"], notes[0]["body"].as_str().map(|b| b.contains("always late"))),
        (&json!(true), Some(true))
    );
    let all = requester.get(&format!("incidents/{own}")).await.ok().to_string();
    assert!(!all.contains("late") && below(&requester, &own, "comments").await.is_empty(), "{all}");
    // What has not left yet is nobody's to split, nor is what stands on another record.
    let other = requester.report(json!({})).await;
    let elsewhere = format!("incidents/{other}/comments/{}/split", note["id"]);
    agent.post(&elsewhere, json!({ "title": "X" })).await.refused(404, "not_found");
});

story!(a_06_words_are_split_off_on_a_page, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let requester = stage.sign_in(cast.requester).await;
    let agent = pages.browser(&stage, cast.agent).await;
    let number = requester.report(json!({})).await;
    let body = json!({ "body": "Also, the printer hums.\nSince noon." });
    let said = requester.post(&format!("incidents/{number}/comments"), body).await.ok();
    let place = format!("/incidents/{number}/comments/{}/split", said["id"]);
    assert!(agent.get(&format!("/incidents/{number}")).await.text.contains(&place));
    let page = agent.get(&place).await.text;
    assert!(page.contains("value=\"Also, the printer hums.\"") && page.contains("Since noon."), "{page}");
    assert_eq!(agent.post(&place, &form(&[("title", "")])).await.status.as_u16(), 422);
    let done = agent.post(&place, &form(&[("title", "Printer")])).await;
    assert!(
        done.leads_to().starts_with("/incidents/INC-") && !done.leads_to().contains(&number),
        "{}",
        done.leads_to()
    );
});

story!(gen_14_a_number_in_words_leads_to_the_record_for_those_who_may_read_it, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(cast.admin).await;
    let own = admin.report(json!({ "requester": cast.requester, "title": "The first outage" })).await;
    let foreign = admin.report(json!({ "requester": cast.acme_requester, "title": "Secret of others" })).await;
    let number = admin.report(json!({ "requester": cast.requester })).await;
    let body = json!({ "body": format!("As in #{own} and {foreign}, not `{own}`.") });
    admin.post(&format!("incidents/{number}/comments"), body).await.ok();
    let agent = pages.browser(&stage, cast.agent).await;
    let page = agent.get(&format!("/incidents/{number}")).await.text;
    assert_eq!(page.matches(&format!("<a href=\"/incidents/{own}\" title=\"The first outage\"")).count(), 1, "{page}");
    assert!(page.contains(&format!("href=\"/incidents/{foreign}\"")));
    let requester = pages.browser(&stage, cast.requester).await;
    let page = requester.get(&format!("/portal/requests/{number}")).await.text;
    assert!(page.contains(&format!("href=\"/portal/requests/{own}\"")), "{page}");
    assert!(!page.contains("Secret") && !page.contains(&format!("requests/{foreign}")), "{page}");
});

story!(a_link_is_picked_by_number_or_words_in_either_direction, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(cast.admin).await;
    let parent = admin.report(json!({ "requester": cast.requester, "title": "Outage of everything" })).await;
    let foreign = admin.report(json!({ "requester": cast.acme_requester, "title": "Outage elsewhere" })).await;
    let number = admin.report(json!({ "requester": cast.requester })).await;
    let agent = pages.browser(&stage, cast.agent).await;
    let requester = pages.browser(&stage, cast.requester).await;
    let found = agent.get("/pick/records?q=outage").await.text;
    assert!(found.contains(&format!("{parent} Outage of everything")), "{found}");
    assert!(agent.get(&format!("/pick/records?q={parent}")).await.text.contains("Outage of everything"));
    let found = requester.get("/pick/records?q=outage").await.text
        + &requester.get(&format!("/pick/records?q={foreign}")).await.text;
    assert!(!found.contains("elsewhere"), "{found}");
    let page = agent.get(&format!("/incidents/{parent}/related")).await.text;
    assert!(page.contains("data-source=\"/pick/records\"") && page.contains("Parent of"), "{page}");
    let values = form(&[("relation", "of:child_of"), ("to", &format!("#{}", number.to_lowercase()))]);
    let linked = agent.post(&format!("/incidents/{parent}/links"), &values).await;
    assert_eq!(linked.status.as_u16(), 303, "{}", linked.text);
    let links = admin.get(&format!("incidents/{number}/links")).await.ok();
    let child = links["records"].as_array().into_iter().flatten().find(|link| link["relation"] == "child_of");
    assert!(child.is_some_and(|link| link.to_string().contains(&parent)), "{links}");
    let nowhere =
        agent.post(&format!("/incidents/{parent}/links"), &form(&[("relation", "of:child_of"), ("to", "X")])).await;
    assert_eq!(nowhere.status.as_u16(), 422);
});
