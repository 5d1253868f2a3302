//! What administrators look up and set right: the log, permissions in one table, earlier versions.

use crate::browser::Pages;
use crate::story;
use serde_json::{Value as Json, json};

fn verbs(page: &Json) -> Vec<&str> {
    page["items"].as_array().into_iter().flatten().filter_map(|event| event["verb"].as_str()).collect()
}

story!(the_log_is_searched_by_who_what_when_and_where_and_leaves_as_a_file, |stage| async move {
    let cast = stage.house.cast.clone();
    let api = stage.sign_in(cast.admin).await;
    let team = api.post("teams", json!({ "name": "=Searched team" })).await.ok();
    api.patch(&format!("teams/{}", team["id"]), json!({ "description": "Now with words" })).await.ok();
    let manager = stage.sign_in(cast.manager).await;
    manager.post("categories", json!({ "name": "Of the manager" })).await.ok();
    let agent = stage.sign_in(cast.agent).await;
    let number = agent.report(json!({ "title": "A secret title", "requester": cast.requester })).await;

    let of_teams = api.get("audit?area=teams&limit=2").await.ok();
    assert_eq!(verbs(&of_teams), ["updated", "created"], "newest first: {of_teams}");
    assert_eq!(verbs(&api.get("audit?area=teams&what=updated&limit=1").await.ok()), ["updated"]);
    let theirs = api.get(&format!("audit?who={}&area=categories", cast.manager)).await.ok();
    assert_eq!(verbs(&theirs), ["created"], "{theirs}");
    assert!(verbs(&api.get("audit?until=2001-01-01T00:00:00Z").await.ok()).is_empty());
    let of_record = api.get(&format!("audit?record={number}")).await.ok();
    assert!(verbs(&of_record).iter().any(|verb| verb.contains("open")), "{of_record}");
    let missing = api.get("audit?record=INC-999999").await;
    assert_eq!((missing.status.as_u16(), &missing.body["code"]), (422, &json!("unknown_record")));
    assert_eq!(api.get("audit?from=soon").await.status, 400);
    assert_eq!(agent.get("audit").await.status, 403);
    assert_eq!(agent.get("audit/export?format=csv").await.status, 403);

    let browser = Pages::of(&stage).await.browser(&stage, cast.admin).await;
    let csv = browser.get("/admin/audit/export?format=csv&area=teams").await;
    assert!(csv.status == 200 && csv.text.contains("'=Searched team"), "no formula: {}", csv.text);
    assert!(!csv.text.contains("Of the manager"), "only what was looked for");
    let file = browser.get("/admin/audit/export?format=json&area=categories").await;
    let rows: Json = serde_json::from_str(&file.text).expect("json");
    assert!(rows.as_array().is_some_and(|rows| rows.iter().any(|row| row["subject"] == "Of the manager")), "{rows}");
    let shown = browser.get("/admin/audit?area=categories&who=nobody+of+this+name").await;
    assert!(shown.status == 422 && shown.text.contains("nothing here is called"), "{}", shown.status);
    let shown = browser.get("/admin/audit?area=teams").await.text;
    assert!(shown.contains("=Searched team") && !shown.contains("Of the manager"));
    assert!(shown.contains("Anybody"), "nobody chosen means everybody");
    // Page by page nothing comes twice and nothing is missed, though much happened at one instant.
    let whole = api.get("audit?limit=200").await.ok();
    let whole: Vec<&Json> = whole["items"].as_array().into_iter().flatten().map(|event| &event["id"]).collect();
    let (mut paged, mut after) = (Vec::new(), String::new());
    loop {
        let page = api.get(&format!("audit?limit=3{after}")).await.ok();
        paged.extend(page["items"].as_array().into_iter().flatten().map(|event| event["id"].clone()));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert!(whole.len() > 6 && whole.len() < 200 && paged.iter().collect::<Vec<_>>() == whole, "{paged:?}");
});

story!(gen_04_one_role_lets_nobody_speak_on_what_another_only_shows, |stage| async move {
    let cast = stage.house.cast.clone();
    let api = stage.sign_in(cast.admin).await;
    let roles = api.get("roles?limit=50").await.ok();
    let named = |name: &str| {
        let all = roles["items"].as_array().into_iter().flatten();
        all.clone().find(|role| role["name"] == name).map(|role| json!({ "role": role["id"] })).expect("a role")
    };
    let grants = [named("Auditor"), named("Requester")];
    let grace = json!({ "name": "Grace Both", "email": "grace@example.org", "grants": grants });
    let id = api.post("people", grace).await.ok()["id"].as_i64().expect("an id");
    let grace = stage.sign_in(id).await;
    let of_others = api.report(json!({ "title": "Not hers", "requester": cast.requester })).await;
    let words = json!({ "body": "I only look." });
    assert_eq!(grace.get(&format!("incidents/{of_others}")).await.status, 200, "an auditor reads it");
    assert_eq!(grace.post(&format!("incidents/{of_others}/comments"), words.clone()).await.status, 403);
    let pages = Pages::of(&stage).await;
    let browser = pages.browser(&stage, id).await;
    assert!(
        !browser.get(&format!("/incidents/{of_others}")).await.text.contains("id=\"composer\""),
        "nothing to write in"
    );

    // Her own, and what she is made a watcher of, is hers to speak on.
    let own = grace.report(json!({ "title": "Hers" })).await;
    assert_eq!(grace.post(&format!("incidents/{own}/comments"), words.clone()).await.status, 201);
    api.post(&format!("incidents/{of_others}/watchers"), json!({ "person": id })).await.ok();
    assert_eq!(grace.post(&format!("incidents/{of_others}/comments"), words).await.status, 201);
});

story!(gen_04_permissions_are_ticked_in_one_table_and_hold_at_once, |stage| async move {
    let cast = stage.house.cast.clone();
    let api = stage.sign_in(cast.admin).await;
    let made = json!({ "name": "Reader", "reach": "staff", "permissions": ["incident.view", "teams.*", "odd.word"] });
    let role = api.post("roles", made).await.ok();
    let person = json!({ "name": "Rita Reader", "email": "rita@example.org", "grants": [{ "role": role["id"] }] });
    let person = api.post("people", person).await.ok()["id"].as_i64().expect("an id");
    let number = api.report(json!({ "title": "To be told of", "requester": cast.requester })).await;
    let note = json!({ "body": "Seen", "internal": true });
    let rita = stage.sign_in(person).await;
    assert_eq!(rita.post(&format!("incidents/{number}/comments"), note.clone()).await.status, 403);

    let pages = Pages::of(&stage).await;
    let browser = pages.browser(&stage, cast.admin).await;
    let (id, version) = (role["id"].to_string(), role["version"].to_string());
    let form = |version: &str, ticked: &[&str]| -> Vec<(String, String)> {
        let mut form = vec![("area".to_owned(), "incident".to_owned()), (format!("version.{id}"), version.to_owned())];
        form.extend(ticked.iter().map(|each| (format!("role.{id}"), (*each).to_owned())));
        form
    };
    let saved =
        browser.post("/admin/permissions", &form(&version, &["incident.view", "incident.note", "people.manage"])).await;
    assert!(saved.status == 303 && !saved.says_failed(), "{}", saved.text);
    let after = api.get(&format!("roles/{id}")).await.ok();
    let held = json!(["incident.note", "incident.view", "odd.word", "teams.*"]);
    assert_eq!(after["permissions"], held, "of its own area only; stars and unknown words stay");
    assert_eq!(stage.sign_in(person).await.post(&format!("incidents/{number}/comments"), note).await.status, 201);
    let stale = browser.post("/admin/permissions", &form(&version, &["incident.view"])).await;
    assert!(stale.says_failed(), "an older version: {}", stale.text);
    assert_eq!(api.get(&format!("roles/{id}")).await.ok()["permissions"], held);
    let history = api.get(&format!("roles/{id}/history")).await.ok();
    assert_eq!(verbs(&history), ["created", "updated"], "each change is a version");

    // Whoever may not change roles sees ticks and changes none; nobody takes the right from themselves.
    let auditor = pages.browser(&stage, cast.auditor).await;
    assert!(!auditor.get("/admin/permissions").await.text.contains("type=\"checkbox\""));
    let version = after["version"].to_string();
    assert_eq!(auditor.post("/admin/permissions", &form(&version, &[])).await.status, 403);
    let permissions = ["incident.view", "roles.view", "roles.manage"];
    let mut keepers = Vec::new();
    for name in ["Keeper", "Second keeper"] {
        keepers
            .push(api.post("roles", json!({ "name": name, "reach": "staff", "permissions": permissions })).await.ok());
    }
    let grants: Vec<_> = keepers.iter().map(|keeper| json!({ "role": keeper["id"] })).collect();
    let karl = json!({ "name": "Karl Keeper", "email": "karl@example.org", "grants": grants });
    let karl = api.post("people", karl).await.ok()["id"].as_i64().expect("an id");
    let karl = pages.browser(&stage, karl).await;
    let mut own = vec![("area".to_owned(), "roles".to_owned())];
    own.extend(keepers.iter().map(|keeper| (format!("version.{}", keeper["id"]), keeper["version"].to_string())));
    assert!(karl.post("/admin/permissions", &own).await.says_failed(), "from both of their roles at once");
    for keeper in &keepers {
        assert_eq!(api.get(&format!("roles/{}", keeper["id"])).await.ok()["version"], keeper["version"]);
    }
    let one = &own[..2];
    let saved = karl.post("/admin/permissions", one).await;
    assert!(saved.status == 303 && !saved.says_failed(), "the other role still lets them: {}", saved.text);
});

story!(gen_21_an_earlier_version_is_compared_and_brought_back, |stage| async move {
    let cast = stage.house.cast.clone();
    let api = stage.sign_in(cast.admin).await;
    let listed = api.get("priority-matrices?limit=1").await.ok();
    let first = listed["items"][0].clone();
    let place = format!("priority-matrices/{}", first["id"]);
    let mut cells = first["cells"].clone();
    cells[0]["priority"] = json!(if first["cells"][0]["priority"] == 5 { 4 } else { 5 });
    let second = api.patch(&place, json!({ "cells": cells })).await.ok();
    assert_ne!(second["cells"], first["cells"]);

    let was = first["version"].to_string();
    let kept = api.get(&format!("{place}/versions/{was}")).await.ok();
    assert_eq!(kept["cells"], first["cells"]);
    assert_eq!(api.get(&format!("{place}/versions/99")).await.status, 404);
    let pages = Pages::of(&stage).await;
    let browser = pages.browser(&stage, cast.admin).await;
    let shown = browser.get(&format!("/admin/{place}/history?version={was}")).await;
    assert!(shown.text.contains(&format!("Bring back version {was}")) && shown.text.contains("<del"), "{}", shown.text);
    let stale = vec![("version".to_owned(), was.clone())];
    assert!(browser.post(&format!("/admin/{place}/versions/{was}"), &stale).await.says_failed(), "it moved on");
    let current = vec![("version".to_owned(), second["version"].to_string())];
    let back = browser.post(&format!("/admin/{place}/versions/{was}"), &current).await;
    assert!(back.status == 303 && !back.says_failed(), "{}", back.text);
    let third = api.get(&place).await.ok();
    assert_eq!(third["cells"], first["cells"]);
    assert_eq!(
        third["version"].as_i64(),
        second["version"].as_i64().map(|version| version + 1),
        "as a version of its own"
    );
    let newest = api.get("audit?area=priority-matrices&limit=1").await.ok();
    assert_eq!(newest["items"][0]["reason"], json!(format!("Version {was} brought back")));

    let again = api.post(&format!("{place}/versions/{}/restore", second["version"]), json!({})).await.ok();
    assert_eq!(again["cells"], second["cells"]);
    let agent = stage.sign_in(cast.agent).await;
    assert_eq!(agent.get(&format!("{place}/versions/{was}")).await.status, 403);
    assert_eq!(agent.post(&format!("{place}/versions/{was}/restore"), json!({})).await.status, 403);
});

story!(gen_04_a_role_is_given_for_one_organisation_beside_its_permissions, |stage| async move {
    let cast = stage.house.cast.clone();
    let api = stage.sign_in(cast.admin).await;
    let made = json!({ "name": "Reader of teams", "reach": "staff", "permissions": ["incident.view", "teams.view"] });
    let role = api.post("roles", made).await.ok()["id"].clone();
    let person = json!({ "name": "Rita Reader", "email": "rita@example.org" });
    let person = api.post("people", person).await.ok()["id"].clone();
    let browser = Pages::of(&stage).await.browser(&stage, cast.admin).await;
    let place = format!("/admin/permissions/{role}");
    assert!(browser.get("/admin/permissions").await.text.contains(&format!("href=\"{place}\"")));
    assert!(browser.get(&place).await.text.contains("Nobody whom you may see holds it"));
    let form = |organisation: i64| {
        vec![
            ("person".to_owned(), person.to_string()),
            ("organisation".to_owned(), organisation.to_string()),
            ("process".to_owned(), "incident".to_owned()),
        ]
    };
    let give = format!("{place}/give");
    for organisation in [cast.acme, cast.retail_bank] {
        let given = browser.post(&give, &form(organisation)).await;
        assert!(given.status == 303 && !given.says_failed(), "{}", given.text);
    }
    assert_eq!(browser.post(&give, &form(cast.acme)).await.status, 409, "they hold it so already");
    let held = api.get(&format!("people/{person}")).await.ok()["grants"].clone();
    let organisations: Vec<&Json> =
        held.as_array().into_iter().flatten().map(|grant| &grant["organisation"]["id"]).collect();
    assert_eq!(organisations, [&json!(cast.acme), &json!(cast.retail_bank)], "{held}");
    let shown = browser.get(&place).await.text;
    assert!(
        shown.matches("Rita Reader</a>").count() == 2 && shown.contains("Take the role from Rita Reader"),
        "{shown}"
    );
    assert_eq!(browser.post(&format!("{place}/withdraw"), &form(cast.acme)).await.status, 303);
    assert_eq!(browser.post(&format!("{place}/withdraw"), &form(cast.acme)).await.status, 409);
    let held = api.get(&format!("people/{person}")).await.ok()["grants"].clone();
    assert_eq!(held.as_array().map(Vec::len), Some(1), "{held}");
    assert_eq!(browser.post(&give, &[]).await.status, 422, "nobody is named");
    assert_eq!(verbs(&api.get(&format!("people/{person}/history")).await.ok()).len(), 4, "one event for each");

    // However many roles there are, some stand beside each other and the rest are found by name.
    for n in 0..15 {
        let made = json!({ "name": format!("Many {n:02}"), "reach": "own", "permissions": ["incident.watch"] });
        api.post("roles", made).await.ok();
    }
    let table = browser.get("/admin/permissions").await.text;
    assert!(table.contains("role=\"search\"") && table.matches("href=\"/admin/permissions/").count() == 12, "{table}");
    let found = browser.get("/admin/permissions?q=Many+1").await.text;
    assert!(
        found.contains("Many 14") && !found.contains("Many 03") && !found.contains("Rita") && found.contains("Export")
    );
    assert!(
        browser.get("/admin/permissions?q=no+such+role").await.text.contains("No permission and no role is called so")
    );
});
