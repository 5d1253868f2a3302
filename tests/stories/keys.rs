//! Shortcuts and the palette: what a person set, what is offered, and what leads where.

use crate::browser::{Browser, Pages};
use crate::incident::in_progress;
use crate::{Stage, story};
use serde_json::json;
use std::collections::BTreeSet;

/// Every value of an attribute on a page.
fn values<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    let opening = format!("{attribute}=\"");
    page.split(&opening).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

fn map(page: &str) -> Vec<String> {
    values(page, "data-map")[0].lines().map(str::to_owned).collect()
}

async fn offered(browser: &Browser, number: &str) -> BTreeSet<String> {
    let part = browser.get(&format!("/palette?at=/incidents/{number}")).await;
    assert_eq!(part.status, 200);
    values(&part.text, "data-verb").into_iter().map(str::to_owned).collect()
}

story!(b_01_each_person_has_their_own_keys_which_pages_render_and_nobody_has_two_for_one, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let (agent, browser) = (stage.sign_in(cast.agent).await, pages.browser(&stage, cast.agent).await);
    let page = || async { map(&browser.get("/incidents").await.text) };
    assert!(page().await.contains(&"list-next=j".to_owned()));

    let mine = json!({ "use": "all", "keys": { "list-next": "n", "note": "shift+n", "tags": "" } });
    let set = agent.post("me/shortcuts", mine).await.ok();
    let of =
        |id: &str| set["items"].as_array().into_iter().flatten().find(|one| one["id"] == id).cloned().expect("one");
    assert_eq!((&of("list-next")["keys"], &of("list-next")["shipped"]), (&json!("n"), &json!("j")));
    let lines = page().await;
    assert!(lines.contains(&"list-next=n".to_owned()) && lines.contains(&"note=Shift+N".to_owned()));
    assert!(!lines.iter().any(|line| line.starts_with("tags=")));
    let sheet = browser.get("/shortcuts?on=list").await.text;
    assert!(sheet.contains("Next row") && !sheet.contains("Write an internal note"), "those of the screen alone");
    let other = map(&pages.browser(&stage, cast.manager).await.get("/incidents").await.text);
    assert!(other.contains(&"list-next=j".to_owned()), "nobody else's changed");

    for (keys, field, code) in [
        (json!({ "reply": "k" }), "reply", "taken"),
        (json!({ "reply": "g" }), "reply", "taken"),
        (json!({ "reply": "banana" }), "reply", "no_keys"),
        (json!({ "dance": "d" }), "dance", "unknown_member"),
    ] {
        agent.post("me/shortcuts", json!({ "keys": keys })).await.refused_field(field, code);
    }
    agent.post("me/shortcuts", json!({ "use": "sometimes" })).await.refused_field("use", "not_a_choice");
    assert!(page().await.contains(&"list-next=n".to_owned()), "what was refused changed nothing");

    // Without single keys, and without any.
    agent.post("me/shortcuts", json!({ "use": "modified" })).await.ok();
    let lines = page().await;
    assert!(lines.contains(&"palette=Mod+k".to_owned()) && !lines.iter().any(|line| line.ends_with("=j")));
    let form = [("use".to_owned(), "off".to_owned())];
    assert_eq!(browser.post("/me/shortcuts", &form).await.status, 303);
    assert_eq!(values(&browser.get("/incidents").await.text, "data-map"), [""]);
    let wrong = [("use".to_owned(), "all".to_owned()), ("reply".to_owned(), "j".to_owned())];
    let refused = browser.post("/me/shortcuts", &wrong).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("href=\"#field-reply\"") && refused.text.contains("Next row"), "{}", refused.text);
});

story!(b_02_the_palette_offers_the_steps_that_the_api_takes_and_no_others, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let agent = stage.sign_in(cast.agent).await;
    let number = in_progress(&stage, &agent).await;
    for person in [cast.agent, cast.manager, cast.auditor, cast.admin] {
        let actions = stage.sign_in(person).await.incident(&number).await["actions"].clone();
        let permitted: BTreeSet<String> =
            actions.as_array().into_iter().flatten().filter_map(|a| a["verb"].as_str().map(str::to_owned)).collect();
        let browser = pages.browser(&stage, person).await;
        assert_eq!(offered(&browser, &number).await, permitted, "{person}");
        let edits = browser.get(&format!("/palette?at=/incidents/{number}")).await.text.contains("field=impact");
        let may = stage.sign_in(person).await.incident(&number).await["can"]["update"] == true;
        assert_eq!(edits, may, "edits like steps");
    }
    let browser = pages.browser(&stage, cast.agent).await;
    let found = browser.get(&format!("/palette/records?q={}", number.to_lowercase())).await.text;
    assert_eq!(values(&found, "data-visit"), [format!("/incidents/{number}")], "a number is its record");
    let choices = browser.get(&format!("/palette/choices?at=/incidents/{number}&field=impact&q=h")).await.text;
    assert!(
        choices.contains("High")
            && !choices.contains("Medium")
            && choices.contains("&quot;impact&quot;:&quot;high&quot;")
    );
    // What one does not see is offered nowhere.
    let outsider = pages.browser(&stage, cast.acme_requester).await;
    assert_eq!(outsider.get(&format!("/palette/records?q={number}")).await.text, "");
    let auditor = pages.browser(&stage, cast.auditor).await;
    assert_eq!(auditor.get(&format!("/palette/choices?at=/incidents/{number}&field=impact")).await.status, 404);
});

/// The tiles of a page: where each leads and what it says.
fn tiles(page: &str) -> Vec<(String, String)> {
    let of = |part: &str| {
        let href = part.split('"').next()?.replace("&amp;", "&");
        let value = part.split("stat-value\">").nth(1)?.split('<').next()?;
        Some((href, value.to_owned()))
    };
    page.split("<a class=\"stat\" href=\"").skip(1).filter_map(of).collect()
}

/// How many records a list says that it holds, and how many it shows.
async fn listed(browser: &Browser, href: &str) -> (String, usize) {
    let page = browser.get(href).await;
    assert_eq!(page.status, 200, "{href}");
    let head = page.text.split("class=\"pane-head\"").nth(1).expect("a head");
    let count = head.split("quiet digits\">").nth(1).expect("a count").split('<').next().unwrap_or_default();
    let rows: BTreeSet<&str> = values(&page.text, "id").into_iter().filter(|id| id.starts_with("row-")).collect();
    (count.to_owned(), rows.len())
}

async fn a_days_work(stage: &Stage) {
    let cast = &stage.house.cast;
    let agent = stage.sign_in(cast.agent).await;
    let mine = in_progress(stage, &agent).await;
    agent.post(&format!("incidents/{mine}/tasks"), json!({ "title": "Call back", "assignee": cast.agent })).await.ok();
    let waits = in_progress(stage, &agent).await;
    agent.step(&waits, "hold", json!({ "hold_reason": "requester", "comment": "Which floor?" })).await;
    let other = agent.report(json!({ "requester": cast.requester, "team": cast.service_desk })).await;
    agent.post(&format!("incidents/{other}/watchers"), json!({ "person": cast.agent })).await.ok();
    let own = agent.report(json!({ "requester": cast.agent, "team": cast.network })).await;
    agent.post(&format!("incidents/{own}/comments"), json!({ "body": "Mine", "internal": true })).await.ok();
    let given = in_progress(stage, &agent).await;
    agent.patch(&format!("incidents/{given}"), json!({ "assignee": cast.agent_l2 })).await.ok();
    // Some of it is late by now.
    stage.house.advance_to(mainstay_testing::at("2025-06-04T10:00:00Z")).await;
    in_progress(stage, &agent).await;
}

story!(c_09_every_number_of_my_work_and_today_leads_to_exactly_its_records, |stage| async move {
    let cast = stage.house.cast.clone();
    a_days_work(&stage).await;
    let pages = Pages::of(&stage).await;
    let browser = pages.browser(&stage, cast.agent).await;
    let form = [("_of".to_owned(), "new incidents".to_owned()), ("title".to_owned(), "Half a thought".to_owned())];
    assert_eq!(browser.post("/drafts", &form).await.status, 204);
    let mut positive = 0;
    for place in ["/my-work", "/today?team=all", "/today?team=mine", &format!("/today?team={}", cast.service_desk)] {
        let page = browser.get(place).await;
        assert_eq!(page.status, 200, "{place}");
        let tiles = tiles(&page.text);
        assert!(tiles.len() >= 7, "{place}: {tiles:?}");
        for (href, value) in tiles {
            let (count, rows) = listed(&browser, &href).await;
            assert_eq!((&count, rows.to_string()), (&value, value.clone()), "{place}: {href}");
            positive += usize::from(value != "0");
        }
        // The numbers beside people and teams.
        for part in page.text.split("<a class=\"digits\" href=\"").skip(1) {
            let href = part.split('"').next().expect("an address").replace("&amp;", "&");
            let value = part.split('>').nth(1).and_then(|rest| rest.split('<').next()).expect("a number");
            assert_eq!(listed(&browser, &href).await.1.to_string(), value, "{place}: {href}");
        }
    }
    assert!(positive > 15, "{positive} numbers that are not nought");
});

story!(slm_14_today_says_who_carries_more_than_they_can, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, admin) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.admin).await);
    for team in [cast.service_desk, cast.service_desk, cast.network] {
        agent.report(json!({ "team": team, "assignee": cast.agent })).await;
    }
    let limited = async |limit: i64| {
        let version = admin.get(&format!("people/{}", cast.agent)).await.ok()["version"].as_i64().expect("a version");
        let limit = json!({ "workload_limit": limit });
        admin.patch_version(&format!("people/{}", cast.agent), version, limit).await.ok();
    };
    let pages = Pages::of(&stage).await;
    let browser = pages.browser(&stage, cast.admin).await;
    let line = async |team: i64| {
        let page = browser.get(&format!("/today?team={team}")).await.text;
        let rows = page.split("<tr").filter(|row| row.contains("id=\"people-") && row.contains(">Agent L1<"));
        rows.map(str::to_owned).next().unwrap_or_else(|| panic!("{page}"))
    };
    assert!(!line(cast.service_desk).await.contains("Over the limit"), "no limit, nothing to be over");
    limited(5).await;
    let roomy = line(cast.service_desk).await;
    assert!(roomy.contains("3 in all") && roomy.contains("2 free") && roomy.contains("of 5"), "{roomy}");
    limited(3).await;
    assert!(line(cast.service_desk).await.contains("Full"));
    limited(2).await;
    assert!(line(cast.network).await.contains("Over the limit"), "what they carry for other teams counts too");
});
