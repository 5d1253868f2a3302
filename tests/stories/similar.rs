//! Records like one in hand: found by whoever may see them, with what helped, and by nobody else.

use crate::browser::Pages;
use crate::client::Client;
use crate::incident::{classified, resolution};
use crate::{Stage, story};
use mainstay_testing::Cast;
use serde_json::{Value as Json, json};

const TITLE: &str = "VPN drops every twenty minutes on the third floor";

async fn reported(agent: &Client, cast: &Cast, title: &str, more: Json) -> String {
    let mut values = classified(cast, "medium", "medium");
    (values["title"], values["symptoms"], values["requester"]) = (title.into(), title.into(), cast.requester.into());
    for (key, value) in more.as_object().into_iter().flatten() {
        values[key] = value.clone();
    }
    agent.report(values).await
}

async fn alike(client: &Client, number: &str) -> Vec<String> {
    let found = client.get(&format!("incidents/{number}/similar")).await.ok();
    let items = found["items"].as_array().cloned().unwrap_or_default();
    items.iter().filter_map(|item| item["record"]["number"].as_str().map(str::to_owned)).collect()
}

/// Others that are like the first: solved, open, restricted, of another organisation, withdrawn; and one that is not.
async fn others(stage: &Stage, agent: &Client) -> [String; 6] {
    let cast = &stage.house.cast;
    let admin = stage.sign_in(cast.admin).await;
    let solved = reported(agent, cast, "VPN drops on the third floor", json!({})).await;
    agent.step(&solved, "take", json!({})).await;
    agent.step(&solved, "resolve", resolution(cast)).await;
    let open = reported(agent, cast, "Third floor: VPN drops again", json!({})).await;
    let restricted = reported(
        &admin,
        cast,
        "VPN drops for the board, third floor",
        json!({ "restricted": true, "team": cast.network }),
    )
    .await;
    let acme = reported(agent, cast, "VPN drops on our third floor", json!({ "requester": cast.acme_requester })).await;
    let withdrawn = reported(agent, cast, "VPN drops, third floor, sorry", json!({})).await;
    agent.step(&withdrawn, "cancel", json!({ "cancel_reason": "raised_in_error" })).await;
    let else_ = reported(agent, cast, "The printer is out of paper", json!({})).await;
    [solved, open, restricted, acme, withdrawn, else_]
}

story!(similar_records_are_found_with_what_helped_by_whoever_may_see_them, |stage| async move {
    let stage = stage.indexed();
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let number = reported(&agent, &cast, TITLE, json!({})).await;
    let [solved, open, restricted, acme, withdrawn, else_] = others(&stage, &agent).await;
    stage.house.read_log().await;
    let found = alike(&agent, &number).await;
    for expected in [&solved, &open, &acme] {
        assert!(found.contains(expected), "{expected} is not in {found:?}");
    }
    for hidden in [&restricted, &withdrawn, &else_, &number] {
        assert!(!found.contains(hidden), "{hidden} is in {found:?}");
    }
    let admin = stage.sign_in(cast.admin).await;
    assert!(alike(&admin, &number).await.contains(&restricted));
    let requester = stage.sign_in(cast.requester).await;
    let own = alike(&requester, &number).await;
    assert!(own.contains(&solved) && !own.contains(&acme), "{own:?}");
    stage
        .sign_in(cast.acme_requester)
        .await
        .get(&format!("incidents/{number}/similar"))
        .await
        .refused(404, "not_found");
    let all = agent.get(&format!("incidents/{number}/similar?limit=20")).await.ok();
    let items = all["items"].as_array().expect("items");
    let helped = |number: &str| items.iter().find(|i| i["record"]["number"] == number).map(|i| i["helped"].clone());
    let expected = json!({ "field": "resolution", "label": "Resolution", "text": "The gateway was restarted." });
    assert_eq!((helped(&solved), helped(&open)), (Some(expected), Some(Json::Null)));
    assert_eq!(
        agent.get(&format!("incidents/{number}/similar?limit=1")).await.ok()["items"].as_array().map(Vec::len),
        Some(1)
    );
    agent.get(&format!("incidents/{number}/similar?limit=0")).await.refused(400, "bad_query");
    // What is linked is known already.
    let link = json!({ "relation": "related_to", "to": open });
    agent.post(&format!("incidents/{number}/links"), link).await.ok();
    assert!(!alike(&agent, &number).await.contains(&open));
});

story!(a_similar_record_is_linked_and_its_words_are_used_from_the_page, |stage| async move {
    let stage = stage.indexed();
    let cast = stage.house.cast.clone();
    let client = stage.sign_in(cast.agent).await;
    let number = reported(&client, &cast, TITLE, json!({})).await;
    let [solved, open, restricted, ..] = others(&stage, &client).await;
    stage.house.read_log().await;
    let pages = Pages::of(&stage).await;
    let agent = pages.browser(&stage, cast.agent).await;
    let page = agent.get(&format!("/incidents/{number}")).await;
    assert!(page.text.contains("<turbo-frame id=\"suggestions\" src=\"/incidents/"), "the rail asks for them");
    let frame = agent.get(&format!("/incidents/{number}/suggestions?at=%2Ftasks")).await;
    assert_eq!(frame.status, 200);
    assert!(frame.text.contains("The gateway was restarted.") && frame.text.contains("Also from"), "{}", frame.text);
    assert!(frame.text.contains(&solved) && frame.text.contains(&open) && !frame.text.contains(&restricted));
    // Words go into an answer while no step asks for them, and into the step once one does.
    assert!(frame.text.contains(&format!("/incidents/{number}/suggestions/{solved}")));
    let taken = agent.get(&format!("/incidents/{number}/suggestions/{solved}")).await;
    assert!(taken.text.contains("The gateway was restarted.</textarea>"), "{}", taken.text);
    assert_eq!(agent.get(&format!("/incidents/{number}/suggestions/{open}")).await.status, 404);
    client.step(&number, "take", json!({})).await;
    let frame = agent.get(&format!("/incidents/{number}/suggestions")).await;
    assert!(frame.text.contains(&format!("/incidents/{number}/resolve?like={solved}")), "{}", frame.text);
    let step = agent.get(&format!("/incidents/{number}/resolve?like={solved}")).await;
    assert!(step.text.contains("The gateway was restarted.</textarea>"), "{}", step.text);
    let values = [("relation", "related_to"), ("to", solved.as_str()), ("_at", "/tasks")];
    let values: Vec<(String, String)> = values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let linked = agent.post(&format!("/incidents/{number}/links"), &values).await;
    assert!(linked.leads_to().starts_with(&format!("/incidents/{number}/tasks")), "{}", linked.leads_to());
    let related = client.get(&format!("incidents/{number}/links")).await.ok();
    assert_eq!(related["records"][0]["number"], json!(solved));
    let tab = agent.get(&format!("/incidents/{number}/similar")).await;
    assert!(tab.text.contains(&open) && !tab.text.contains(&format!("/incidents/{solved}\"")), "{}", tab.text);
});

story!(b_06_gen_09_only_who_may_read_the_words_is_offered_for_a_mention, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let number = reported(&agent, &cast, TITLE, json!({})).await;
    let offered = async |client: &Client, number: &str, asked: &str| {
        let found = client.get(&format!("incidents/{number}/mentionable?{asked}")).await.ok();
        let items = found["items"].as_array().cloned().unwrap_or_default();
        items.iter().filter_map(|person| person["id"].as_i64()).collect::<Vec<_>>()
    };
    let notes = offered(&agent, &number, "q=e&internal=true").await;
    assert!(notes.contains(&cast.agent_l2) && !notes.contains(&cast.requester), "{notes:?}");
    let replies = offered(&agent, &number, "q=requester&internal=false").await;
    assert!(replies.contains(&cast.requester) && !replies.contains(&cast.acme_requester), "{replies:?}");
    let requester = stage.sign_in(cast.requester).await;
    assert!(offered(&requester, &number, "q=e").await.is_empty(), "requesters name nobody");
    stage
        .sign_in(cast.acme_requester)
        .await
        .get(&format!("incidents/{number}/mentionable"))
        .await
        .refused(404, "not_found");
    let admin = stage.sign_in(cast.admin).await;
    let secret =
        reported(&admin, &cast, "A matter of staff", json!({ "restricted": true, "team": cast.network })).await;
    let few = offered(&admin, &secret, "q=agent&internal=true").await;
    assert!(!few.contains(&cast.agent), "{few:?}");
});

story!(known_errors_and_open_records_are_offered_while_one_is_logged_and_linked_when_it_opens, |stage| async move {
    let stage = stage.indexed();
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let open = reported(&agent, &cast, "Third floor: VPN drops again", json!({})).await;
    let known = agent.post("problems", json!({ "title": TITLE, "symptoms": TITLE })).await.ok();
    let known = known["number"].as_str().expect("a number").to_owned();
    let assess = json!({ "category": cast.network_category, "impact": "high", "urgency": "low", "owner": cast.agent });
    agent.post(&format!("problems/{known}/assess"), assess).await.ok();
    let workaround = json!({ "workaround": "Connect by **cable**." });
    agent.post(&format!("problems/{known}/raise_known_error"), workaround).await.ok();
    stage.house.read_log().await;
    let pages = Pages::of(&stage).await;
    let browser = pages.browser(&stage, cast.agent).await;
    let pairs = |all: &[(&str, &str)]| {
        all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>()
    };
    let blank = browser.get("/incidents/new").await.text;
    assert!(blank.contains("id=\"alike\"") && !blank.contains("Perhaps known already"), "nothing is typed yet");
    let typed = [("title", "VPN drops on the third floor"), ("_update", "1")];
    let offered = browser.post("/incidents/new", &pairs(&typed)).await;
    assert_eq!(offered.status, 200, "{}", offered.text);
    let (error, other) = (offered.text.find(&known), offered.text.find(&open));
    assert!(error.is_some() && other.is_some() && error < other, "what helps comes first: {}", offered.text);
    assert!(offered.text.contains("Connect by cable."), "{}", offered.text);
    // What is ticked stays ticked whatever else is typed, and is linked as it is meant: the workaround is there at once.
    let more = [("title", "Something else"), ("alike", known.as_str()), ("_update", "1")];
    let kept = browser.post("/incidents/new", &pairs(&more)).await.text;
    assert!(kept.contains(&format!("value=\"{known}\" checked")), "{kept}");
    let send =
        [("title", "VPN drops here too"), ("_fields", "title"), ("alike", known.as_str()), ("alike", open.as_str())];
    let made = browser.post("/incidents/new", &pairs(&send)).await;
    assert_eq!(made.status, 303, "{}", made.text);
    let number = made.leads_to().rsplit('/').next().expect("a number").to_owned();
    let links = agent.get(&format!("incidents/{number}/links")).await.ok();
    let tie = |to: &str| {
        let records = links["records"].as_array().into_iter().flatten();
        records.filter(|link| link["number"] == to).map(|link| link["relation"].clone()).collect::<Vec<_>>()
    };
    assert_eq!((tie(&known), tie(&open)), (vec![json!("caused_by")], vec![json!("related_to")]), "{links}");
    assert_eq!(agent.incident(&number).await["known_workaround"], "Connect by **cable**.");
    // Whoever reports it reads the workaround where it is theirs: on the record that it is linked to.
    let requester = pages.browser(&stage, cast.requester).await;
    assert_eq!(requester.post("/incidents/new", &pairs(&typed)).await.leads_to(), "/portal");
    let report = requester.get("/portal/report/incidents").await.text;
    assert!(!report.contains(&known) && !report.contains("Connect by"), "{report}");

    // One that is not the caller's to see is no link, and nothing is opened.
    let secret = stage.sign_in(cast.admin).await;
    let hidden =
        reported(&secret, &cast, "VPN of the board", json!({ "restricted": true, "team": cast.network })).await;
    let count = async || agent.get("incidents?limit=200").await.ok()["items"].as_array().map_or(0, Vec::len);
    let before = count().await;
    let odd = [("title", "VPN again"), ("_fields", "title"), ("alike", hidden.as_str())];
    assert_eq!(browser.post("/incidents/new", &pairs(&odd)).await.status, 422);
    assert_eq!(count().await, before);
});
