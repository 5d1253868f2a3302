//! Those who work or decide from the portal: a vendor with the work of its team, an approver with what is asked of them.
//! Every form is a plain post, as without scripts.

use crate::browser::{Browser, Pages};
use crate::change::{approve, asked};
use crate::{Stage, story};
use serde_json::{Value as Json, json};

async fn page(browser: &Browser, path: &str) -> String {
    let seen = browser.get(path).await;
    assert_eq!(seen.status, 200, "{path}: {}", seen.text);
    seen.text
}

fn form(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// An incident that lies with the vendor's team, and one on which it has a task.
async fn given(stage: &Stage) -> (String, String, i64) {
    let cast = &stage.house.cast;
    let agent = stage.sign_in(cast.agent).await;
    let whole = json!({ "title": "Line to Leeds is down", "team": cast.netco_team, "category": cast.network_category });
    let whole = agent.report(whole).await;
    let part = agent.report(json!({ "title": "Slow line in Bath", "team": cast.network })).await;
    let task = json!({ "title": "Measure the line", "team": cast.netco_team, "due": "2025-06-05T10:00:00Z" });
    let task = agent.post(&format!("incidents/{part}/tasks"), task).await.ok()["id"].as_i64().expect("an id");
    (whole, part, task)
}

story!(gen_14_a_vendor_finds_the_work_of_its_team_first_and_says_that_it_is_done, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let vendor = pages.browser(&stage, cast.vendor).await;
    assert!(page(&vendor, "/portal").await.contains("Nothing to do"));
    let (whole, part, task) = given(&stage).await;
    let other = stage.sign_in(cast.agent).await.report(json!({ "title": "canary-7e of the house" })).await;
    let home = page(&vendor, "/portal").await;
    let at = |text: &str| home.find(text).unwrap_or_else(|| panic!("{text} stands on the first page"));
    assert!(at("Work for your team") < at(&whole) && at(&whole) < at(&part), "the longest open first");
    assert!(at(&part) < at("Your open requests"), "before the vendor's own");
    assert!(home.contains("Measure the line") && home.contains("Due "), "what to do, by when");
    let list = page(&vendor, "/portal/requests?which=work").await;
    assert!([&whole, &part].iter().all(|number| list.contains(*number)) && !list.contains(&other));
    assert!(!page(&vendor, "/portal/requests").await.contains(&whole), "work is none of the vendor's own requests");
    // The page of a record says what there is to do, and nothing that is meant for its requester.
    let record = page(&vendor, &format!("/portal/requests/{whole}")).await;
    assert!(record.contains("It lies with NetCo field") && record.contains("Due "), "{record}");
    assert!(!record.contains("You hear from us by"), "{record}");
    vendor.post(&format!("/portal/requests/{whole}/reply"), &form(&[("body", "We are on our way.")])).await;
    assert!(page(&vendor, &format!("/portal/requests/{whole}")).await.contains("We are on our way."));
    let place = format!("/portal/requests/{part}");
    let record = page(&vendor, &place).await;
    assert!(record.contains("Measure the line") && !record.contains("It lies with"), "{record}");
    // Done, by a plain form; an old one does nothing.
    let done = form(&[("version", "1"), ("state", "done")]);
    let sent = vendor.post(&format!("{place}/tasks/{task}"), &done).await;
    assert_eq!((sent.status.as_u16(), sent.leads_to(), sent.says_failed()), (303, place.as_str(), false));
    assert!(vendor.post(&format!("{place}/tasks/{task}"), &done).await.says_failed());
    let tasks = stage.sign_in(cast.agent).await.get(&format!("incidents/{part}/tasks")).await.ok();
    assert_eq!(tasks["items"][0]["state"], "done");
    assert!(!page(&vendor, "/portal/requests?which=work").await.contains(&part));
    let worked = page(&vendor, "/portal/requests?which=worked").await;
    assert!(worked.contains(&part) && !worked.contains(&whole), "done stands by itself");
    // Nobody else has such a list, nor a task of theirs to finish.
    let requester = pages.browser(&stage, cast.requester).await;
    let theirs = page(&requester, "/portal").await;
    assert!(!theirs.contains("Work for your team") && !theirs.contains("Team work"));
    assert_eq!(requester.post(&format!("{place}/tasks/{task}"), &done).await.status, 404);
});

story!(gen_14_an_address_of_staff_leads_to_the_portals_page_of_a_record_that_one_may_see, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let (whole, part, _) = given(&stage).await;
    let foreign = stage.sign_in(cast.agent).await.report(json!({ "title": "Of the house" })).await;
    let vendor = pages.browser(&stage, cast.vendor).await;
    for (asked, number) in [
        (format!("/incidents/{whole}"), &whole),
        (format!("/incidents/{part}/tasks"), &part),
        (format!("/incidents/{whole}?view=3"), &whole),
    ] {
        let seen = vendor.get(&asked).await;
        assert_eq!(
            (seen.status.as_u16(), seen.leads_to()),
            (303, format!("/portal/requests/{number}").as_str()),
            "{asked}"
        );
    }
    // What one may not see is as what does not exist.
    for nowhere in [format!("/incidents/{foreign}"), "/incidents/INC-999999".into(), "/incidents".into()] {
        let seen = vendor.get(&nowhere).await;
        assert_eq!((seen.status.as_u16(), seen.leads_to()), (303, "/portal"), "{nowhere}");
    }
});

story!(gen_16_an_approver_is_led_to_what_waits_by_the_menu_with_its_number, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let approver = pages.browser(&stage, cast.approver).await;
    assert!(!page(&approver, "/portal").await.contains("Approvals"), "nobody was ever asked");
    crate::change::board(&stage, "cab", &[cast.approver]).await;
    // Whoever's teams change signs in anew.
    let approver = pages.browser(&stage, cast.approver).await;
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let number = asked(&stage, &agent, &manager, "major").await;
    let waits = |page: &str| page.contains("href=\"/approvals\"") && page.contains("count-new\">1<");
    assert!(!waits(&page(&approver, "/portal").await), "the manager comes first");
    approve(&manager, &number).await;
    assert!(waits(&page(&approver, "/portal/notices").await), "{}", page(&approver, "/portal/notices").await);
    approve(&stage.sign_in(cast.approver).await, &number).await;
    let after = page(&approver, "/portal").await;
    assert!(after.contains("href=\"/approvals\"") && !waits(&after), "who was asked once keeps the way");
    assert!(!page(&pages.browser(&stage, cast.requester).await, "/portal").await.contains("/approvals"));
});

story!(gen_16_an_approver_chooses_a_deputy_among_those_who_could_answer, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let approver = pages.browser(&stage, cast.approver).await;
    assert!(page(&approver, "/me/deputy").await.contains("You see nobody who could approve"));
    // A colleague of the board; one of another house may be on it and is not offered.
    crate::change::board(&stage, "cab", &[cast.approver, cast.agent_l2, cast.representative]).await;
    let (approver, client) = (pages.browser(&stage, cast.approver).await, stage.sign_in(cast.approver).await);
    let text = page(&approver, "/me/deputy").await;
    let offered = text.split("<select").nth(1).and_then(|rest| rest.split("</select>").next()).unwrap_or_default();
    assert!(offered.contains(">Agent L2<") && !offered.contains("Approver"), "{offered}");
    assert!(!text.contains("Customer Representative"), "another house");
    assert!(!text.contains("Requester"), "the directory stays closed");
    let days = |person: i64| json!({ "person": person, "from": "2025-06-02", "until": "2025-06-06" });
    client.post("me/deputy", days(cast.requester)).await.refused_field("deputy", "unknown_reference");
    client.post("me/deputy", days(cast.representative)).await.refused_field("deputy", "unknown_reference");
    let offered = client.get("me/deputy").await.ok();
    assert_eq!(offered["choices"].as_array().map(Vec::len), Some(1), "{offered}");
    let deputy = cast.agent_l2.to_string();
    let chosen = form(&[("deputy", &deputy), ("deputy_from", "2025-06-02"), ("deputy_until", "2025-06-06")]);
    let set = approver.post("/me/deputy", &chosen).await;
    assert_eq!(set.status, 303, "{}", set.text);
    assert_eq!(client.get("me/deputy").await.ok()["person"]["id"], cast.agent_l2);
    assert!(page(&approver, "/me/deputy").await.contains("Agent L2"));
    client.post("me/deputy", json!({})).await.ok();
    // By the same role: the second manager for the first.
    let manager = stage.sign_in(cast.manager).await;
    let offered = manager.get("me/deputy").await.ok();
    let ids: Vec<&Json> = offered["choices"].as_array().into_iter().flatten().map(|each| &each["id"]).collect();
    assert!(ids.contains(&&json!(cast.team_manager)), "{offered}");
});

const DONE: &str = r#"
into = "incidents"
origin = "old-desk"
key = "No"
[fields]
title = { column = "Title" }
state = { constant = "resolved" }
team = { constant = "NetCo field" }
"#;

story!(gen_14_a_vendor_reads_all_that_its_team_has_done_page_by_page, |stage| async move {
    let cast = stage.house.cast.clone();
    let (_kept, folder) = crate::importing::folder();
    let rows = (0..60).map(|n| format!("{n},Line {n:02} is down\n")).collect::<Vec<_>>().concat();
    let text = format!("No,Title\n{rows}");
    let told = crate::importing::import(&stage, &folder, "done.csv", &text, Some(DONE)).await;
    assert_eq!((told.made, told.rejected_rows), (60, 0), "{told}");
    // A step afterwards, so that not all were changed at once.
    let agent = stage.sign_in(cast.agent).await;
    let all = agent.get("incidents?limit=100&sort=number").await.ok();
    for item in all["items"].as_array().into_iter().flatten().take(30) {
        stage.house.clock.advance_minutes(1);
        agent
            .patch(&format!("incidents/{}", item["number"].as_str().expect("a number")), json!({ "impact": "low" }))
            .await
            .ok();
    }
    let pages = Pages::of(&stage).await;
    let vendor = pages.browser(&stage, cast.vendor).await;
    let (mut seen, mut place) = (Vec::new(), "/portal/requests?which=worked".to_owned());
    for _ in 0..5 {
        let shown = page(&vendor, &place).await;
        seen.extend((0..60).filter(|n| shown.contains(&format!("Line {n:02} is down"))));
        let Some((_, rest)) = shown.split_once("after=") else { break };
        let after: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        place = format!("/portal/requests?which=worked&after={after}");
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..60).collect::<Vec<_>>(), "each once");
});
