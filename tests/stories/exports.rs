//! Lists as files regularly: made at a time of the receiver's day, with the rights that they have then.

use crate::browser::Pages;
use crate::client::Client;
use crate::{Stage, at, story};
use serde_json::{Value as Json, json};

fn weekly(more: &Json) -> Json {
    let mut body = json!({
        "process": "incident", "name": "Open work", "format": "csv", "every": "monday", "time": "07:30",
        "filter": "phase = 0", "fields": ["number", "title"],
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    body
}

async fn begun(client: &Client, more: Json) -> i64 {
    client.post("export-schedules", weekly(&more)).await.ok()["id"].as_i64().expect("an id")
}

/// Moves the clock and makes what is due on the way.
async fn pass(stage: &Stage, instant: &str) -> usize {
    stage.house.advance_to(at(instant)).await;
    stage.house.make_files().await
}

async fn files(client: &Client) -> Vec<Json> {
    client.get("exports").await.ok()["items"].as_array().cloned().unwrap_or_default()
}

/// The texts of the notices about files, the newest first.
async fn told(client: &Client) -> Vec<String> {
    let found = client.get("notices?state=open&kind=file").await.ok();
    let items = found["items"].as_array().cloned().unwrap_or_default();
    items.iter().map(|item| item["text"].as_str().unwrap_or_default().to_owned()).collect()
}

story!(an_export_comes_at_a_time_of_the_receivers_day_until_they_pause_or_delete_it, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    agent.report(json!({ "title": "The till is dark" })).await;
    // It is Monday, eight o'clock in UTC: this week's time is over in London, where it is nine.
    let pages = Pages::of(&stage).await;
    let browser = pages.browser(&stage, cast.agent).await;
    let zone = [("zone".to_owned(), "Europe/London".to_owned())];
    assert_eq!(browser.post("/me/zone", &zone).await.status.as_u16(), 303);
    let id = begun(&agent, json!({})).await;
    let own = agent.get("export-schedules").await.ok();
    assert_eq!(own["items"][0]["next_at"], "2025-06-09T06:30:00Z", "half past seven in summer");
    assert_eq!(pass(&stage, "2025-06-09T06:29:00Z").await, 0, "not before its time");
    assert_eq!(pass(&stage, "2025-06-09T06:30:00Z").await, 1);
    let made = files(&agent).await;
    assert_eq!((made.len(), &made[0]["records"], &made[0]["name"]), (1, &json!(1), &json!("Open work")));
    assert_eq!(told(&agent).await, ["“Open work” is there: 1 record."]);
    let file = agent.get(&format!("exports/{}", made[0]["id"])).await;
    assert!(file.text.contains("The till is dark"), "{}", file.text);

    // Times that passed while nothing ran are made up for by one file.
    stage.house.clock.set(at("2025-06-25T12:00:00Z"));
    stage.house.tick().await;
    assert_eq!(stage.house.make_files().await, 1);
    assert_eq!(files(&agent).await.len(), 2);
    let post = async |deed: &str| agent.post(&format!("export-schedules/{id}/{deed}"), json!({})).await;
    assert_eq!(post("pause").await.ok()["next_at"], Json::Null);
    assert_eq!(pass(&stage, "2025-07-08T12:00:00Z").await, 0, "it rests");
    assert_eq!(post("run").await.ok()["paused"], true);
    assert_eq!(stage.house.make_files().await, 1, "unless one is asked for");
    // In another zone it is half past seven there.
    let zone = [("zone".to_owned(), "Asia/Kolkata".to_owned())];
    assert_eq!(post("resume").await.ok()["next_at"], "2025-07-14T06:30:00Z");
    let browser = pages.browser(&stage, cast.agent).await;
    assert_eq!(browser.post("/me/zone", &zone).await.leads_to(), "/me");
    assert_eq!(agent.get("export-schedules").await.ok()["items"][0]["next_at"], "2025-07-14T02:00:00Z");
    let gone = agent.delete(&format!("export-schedules/{id}")).await;
    assert_eq!(gone.status.as_u16(), 204);
    assert_eq!(pass(&stage, "2025-07-15T12:00:00Z").await, 0);
    assert_eq!(files(&agent).await.len(), 3, "what was made stays for its time");
});

story!(an_export_holds_what_its_receiver_may_see_when_it_is_made, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, admin) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.admin).await);
    agent.report(json!({ "title": "Ours" })).await;
    let id = begun(&agent, json!({ "every": "day" })).await;
    // Nobody else reaches it or its files.
    assert_eq!(pass(&stage, "2025-06-03T07:30:00Z").await, 1);
    let file = files(&agent).await[0]["id"].clone();
    admin.get(&format!("exports/{file}")).await.refused(404, "not_found");
    admin.post(&format!("export-schedules/{id}/run"), json!({})).await.refused(404, "not_found");
    // A right that is gone makes no file, and opens none.
    let person = admin.get(&format!("people/{}", cast.agent)).await.ok();
    let version = person["version"].as_i64().expect("a version");
    let roles = admin.get("roles?limit=200").await.ok();
    let requester = roles["items"].as_array().into_iter().flatten().find(|role| role["key"] == "requester");
    let role = requester.expect("a role")["id"].clone();
    let grants = json!({ "grants": [{ "role": role }] });
    admin.patch_version(&format!("people/{}", cast.agent), version, grants).await.ok();
    assert_eq!(pass(&stage, "2025-06-04T07:30:00Z").await, 1);
    assert_eq!(files(&agent).await.len(), 1);
    assert_eq!(told(&agent).await[0], "“Open work” could not be made: You may not export incidents.");
    // Its receiver reads it in their own language, whatever the node that made it speaks.
    let browser = Pages::of(&stage).await.browser(&stage, cast.agent).await;
    assert_eq!(browser.post("/me/language", &[("language".to_owned(), "de".to_owned())]).await.leads_to(), "/me");
    let inbox = browser.get("/portal/notices").await.text;
    for words in [
        "„Open work“ ist da: 1 Vorgang.",
        "„Open work“ konnte nicht erstellt werden: Sie dürfen Incidents nicht exportieren.",
    ] {
        assert!(inbox.contains(words), "{words} in {inbox}");
    }
    agent.get(&format!("exports/{file}")).await.refused(403, "no_right");
    let own = agent.get("export-schedules").await.ok();
    assert_eq!(own["items"][0]["problem"], "You may not export incidents.");
});

story!(what_cannot_be_exported_regularly_is_refused_at_once, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let post = |more: Json| agent.post("export-schedules", weekly(&more));
    post(json!({ "name": " " })).await.refused_field("name", "bad_name");
    post(json!({ "every": "moon" })).await.refused_field("every", "not_a_choice");
    post(json!({ "time": "25:00" })).await.refused_field("time", "not_a_time");
    post(json!({ "format": "pdf" })).await.refused_field("format", "not_a_choice");
    post(json!({ "process": "weather" })).await.refused_field("process", "not_a_choice");
    assert_eq!(post(json!({ "filter": "moon = 1" })).await.status.as_u16(), 422);
    assert_eq!(post(json!({ "view": 999_999 })).await.status.as_u16(), 404);
    let requester = stage.sign_in(cast.requester).await;
    requester.post("export-schedules", weekly(&json!({}))).await.refused(403, "no_right");
    for _ in 0..20 {
        begun(&agent, json!({})).await;
    }
    post(json!({})).await.refused(409, "too_many");
});

story!(a_list_is_exported_regularly_from_the_pages, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let agent = stage.sign_in(cast.agent).await;
    let number = agent.report(json!({ "title": "Printer jam" })).await;
    let browser = pages.browser(&stage, cast.agent).await;
    let list = browser.get("/incidents?filter=phase+%3D+0&columns=number,title").await.text;
    assert!(list.contains("/incidents/export/schedule?filter=phase"), "the list leads there");
    let asked = browser.get("/incidents/export/schedule?filter=phase+%3D+0&columns=number,title").await.text;
    assert!(asked.contains("type=\"time\"") && asked.contains("Every Monday"), "{asked}");
    let form = |time: &str| -> Vec<(String, String)> {
        [
            ("_list", "filter=phase+%3D+0&columns=number,title"),
            ("name", "Jams"),
            ("format", "json"),
            ("every", "day"),
            ("time", time),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    };
    let wrong = browser.post("/incidents/export/schedule", &form("soon")).await;
    assert_eq!(wrong.status.as_u16(), 422);
    assert!(wrong.text.contains("Write the time of the day as 07:30.") && wrong.text.contains("value=\"Jams\""));
    let begun = browser.post("/incidents/export/schedule", &form("09:00")).await;
    assert_eq!((begun.status.as_u16(), begun.leads_to()), (303, "/me/exports"));
    let page = browser.get("/me/exports").await.text;
    assert!(page.contains("Jams") && page.contains("Every day at 09:00"), "{page}");
    assert_eq!(pass(&stage, "2025-06-02T09:00:00Z").await, 1);
    let inbox = browser.get("/inbox").await.text;
    assert!(inbox.contains("“Jams” is there") && inbox.contains("/me/exports?notice="), "{inbox}");
    let file = files(&agent).await[0]["id"].clone();
    let page = browser.get("/me/exports").await.text;
    assert!(page.contains(&format!("href=\"/exports/{file}\"")), "{page}");
    let download = browser.get(&format!("/exports/{file}")).await;
    let rows: Json = serde_json::from_str(&download.text).expect("rows");
    assert!(rows.to_string().contains(&number), "{rows}");
    let stranger = pages.browser(&stage, cast.agent_l2).await;
    assert_eq!(stranger.get(&format!("/exports/{file}")).await.status.as_u16(), 404);
    let id = agent.get("export-schedules").await.ok()["items"][0]["id"].clone();
    for deed in ["run", "pause", "resume", "delete"] {
        assert_eq!(browser.post(&format!("/me/exports/{id}/{deed}"), &[]).await.leads_to(), "/me/exports", "{deed}");
    }
    assert!(browser.get("/me/exports").await.text.contains("Nothing is made regularly."));
});

story!(gen_19_whoever_speaks_for_an_organisation_has_its_records_and_figures_made_regularly, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(cast.admin).await;
    let theirs = admin.report(json!({ "title": "Till of the bank", "requester": cast.requester })).await;
    let ours = admin.report(json!({ "title": "Crane of Acme", "requester": cast.acme_requester })).await;
    let browser = pages.browser(&stage, cast.representative).await;
    let list = browser.get("/portal/requests?which=organisation").await.text;
    let place = "/incidents/export/schedule?filter=organisation+%3D+my_organisation";
    assert!(list.contains(place), "the list leads there: {list}");
    assert!(list.contains("/incidents/export?format=xlsx&amp;filter="), "{list}");
    let asked = browser.get(place).await;
    assert!(asked.status == 200 && asked.text.contains("href=\"/portal/requests\""), "{}", asked.text);
    let when = [("format", "csv"), ("every", "day"), ("time", "09:00")];
    let form = |more: &[(&str, &str)]| -> Vec<(String, String)> {
        when.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let of_list = form(&[("_list", "filter=organisation+%3D+my_organisation"), ("name", "Ours")]);
    assert_eq!(browser.post("/incidents/export/schedule", &of_list).await.leads_to(), "/me/exports");
    let report = browser.get("/reports/incidents/volume").await.text;
    assert!(report.contains("/reports/incidents/volume/export/schedule"), "{report}");
    let asked = browser.get("/reports/incidents/volume/export/schedule").await;
    assert!(asked.status == 200 && asked.text.contains("Purpose"), "{}", asked.text);
    let of_report =
        form(&[("name", "Our month"), ("period", "last_month"), ("purpose", "Review"), ("audience", "Board")]);
    assert_eq!(browser.post("/reports/incidents/volume/export/schedule", &of_report).await.leads_to(), "/me/exports");
    let page = browser.get("/me/exports").await.text;
    for words in ["Ours", "Our month", "Review", "Every day at 09:00", "href=\"/portal/notices\""] {
        assert!(page.contains(words), "{words} in {page}");
    }
    assert_eq!(pass(&stage, "2025-06-02T09:00:00Z").await, 2);
    let news = browser.get("/portal/notices").await.text;
    assert!(news.contains("“Ours” is there: 1 record.") && news.contains("href=\"/me/exports\""), "{news}");
    let page = browser.get("/me/exports").await.text;
    let files: Vec<&str> = page.split("href=\"/exports/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let mut texts = String::new();
    for file in &files {
        texts += &browser.get(&format!("/exports/{file}")).await.text;
    }
    assert!(files.len() == 2 && texts.contains(&ours) && !texts.contains(&theirs), "{texts}");
    // Whoever may have no files is not led to any; the page says so, for what was made before.
    let requester = pages.browser(&stage, cast.requester).await;
    assert!(!requester.get("/me").await.text.contains("/me/exports"));
    assert!(!requester.get("/portal/requests").await.text.contains("/export"));
    let page = requester.get("/me/exports").await;
    assert!(page.status == 200 && !page.text.contains("Open a list"), "{}", page.text);
});

story!(gen_19_whoever_oversees_sees_what_comes_to_whom_and_what_did_not_come, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let (agent, admin) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.admin).await);
    let purpose = json!({ "purpose": "Morning talk", "audience": "The service desk", "every": "day" });
    let id = begun(&agent, purpose).await;
    let all = async || admin.get("export-schedules?of=everybody").await.ok()["items"][0].clone();
    let problem = async || all().await["problem"].clone();
    assert_eq!((all().await["id"].clone(), all().await["person"].clone()), (json!(id), json!(cast.agent)));
    assert_eq!(admin.get("export-schedules").await.ok()["items"], json!([]), "they are not the caller's own");
    agent.get("export-schedules?of=everybody").await.refused(403, "no_right");
    assert_eq!(agent.get("export-schedules?of=nobody").await.status.as_u16(), 400);
    assert_eq!(pass(&stage, "2025-06-03T07:30:00Z").await, 1);
    assert_eq!(problem().await, Json::Null, "in time");
    // Nothing runs for a while: times pass, and one file makes up for them.
    stage.house.clock.set(at("2025-06-04T08:00:00Z"));
    stage.house.tick().await;
    assert_eq!(stage.house.make_files().await, 1);
    assert_eq!(problem().await, "The last file came late: nothing ran at its time.");
    stage.house.clock.set(at("2025-06-07T12:00:00Z"));
    stage.house.tick().await;
    assert_eq!(stage.house.make_files().await, 1);
    assert_eq!(problem().await, "3 times passed while nothing ran; one file made up for them.");
    let auditor = pages.browser(&stage, cast.auditor).await;
    let page = auditor.get("/admin/exports").await.text;
    let agents_name = admin.get(&format!("people/{}", cast.agent)).await.ok()["name"].clone();
    for words in [
        "Open work",
        agents_name.as_str().expect("a name"),
        "Morning talk",
        "The service desk",
        "Every day at 07:30",
        "Missed",
        "3 times passed while nothing ran",
    ] {
        assert!(page.contains(words), "{words} in {page}");
    }
    assert!(auditor.get("/admin").await.text.contains("href=\"/admin/exports\""));
    assert_eq!(pass(&stage, "2025-06-08T07:30:00Z").await, 1);
    assert_eq!(problem().await, Json::Null, "the next one is in time again");
    // What nobody receives any more is said where somebody looks.
    admin.patch(&format!("people/{}", cast.agent), json!({ "active": false })).await.ok();
    assert_eq!(pass(&stage, "2025-06-09T07:30:00Z").await, 1);
    assert_ne!(problem().await, Json::Null);
    // Whoever looked days ago has to sign in anew.
    let auditor = pages.browser(&stage, cast.auditor).await;
    let page = auditor.get("/admin/exports").await.text;
    assert!(page.contains("No receiver"), "{page}");
});

story!(gen_19_whoever_manages_exports_lets_one_of_another_rest_go_on_and_end, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let (agent, manager, auditor) =
        (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await, stage.sign_in(cast.auditor).await);
    let browser = pages.browser(&stage, cast.agent).await;
    let zone = [("zone".to_owned(), "Asia/Kolkata".to_owned())];
    assert_eq!(browser.post("/me/zone", &zone).await.leads_to(), "/me");
    let id = begun(&agent, json!({ "every": "day" })).await;
    let place = |deed: &str| format!("export-schedules/{id}/{deed}");
    let own = async || agent.get("export-schedules").await.ok()["items"].clone();

    // To see what others have made is not to change it, and a colleague does not even see it.
    for client in [&auditor, &stage.sign_in(cast.agent_l2).await] {
        for deed in ["pause", "resume", "run"] {
            client.post(&place(deed), json!({})).await.refused(404, "not_found");
        }
        client.delete(&format!("export-schedules/{id}")).await.refused(404, "not_found");
    }
    assert_eq!(own().await[0]["paused"], false);

    assert_eq!(manager.post(&place("pause"), json!({})).await.ok()["paused"], true);
    assert_eq!(pass(&stage, "2025-06-05T12:00:00Z").await, 0, "it rests");
    assert_eq!(
        manager.post(&place("resume"), json!({})).await.ok()["next_at"],
        "2025-06-06T02:00:00Z",
        "their half past seven"
    );
    manager.post(&place("run"), json!({})).await.refused(404, "not_found");
    let name = manager.get(&format!("people/{}", cast.manager)).await.ok()["name"].clone();
    let name = name.as_str().expect("a name");
    assert_eq!(
        told(&agent).await,
        [
            format!("{name} let the regular export “Open work” go on."),
            format!("{name} let the regular export “Open work” rest."),
        ]
    );

    // The page of all of them has the buttons for whoever may press them.
    let buttons = |page: &str| page.matches(&format!("action=\"/me/exports/{id}/")).count();
    let seen = pages.browser(&stage, cast.auditor).await.get("/admin/exports").await.text;
    assert!(seen.contains("Open work") && buttons(&seen) == 0, "{seen}");
    let desk = pages.browser(&stage, cast.manager).await;
    assert_eq!(buttons(&desk.get("/admin/exports").await.text), 2);
    let end = [("_overseen".to_owned(), "1".to_owned())];
    assert_eq!(desk.post(&format!("/me/exports/{id}/delete"), &end).await.leads_to(), "/admin/exports");
    assert_eq!(own().await, json!([]));
    assert_eq!(told(&agent).await[0], format!("{name} ended the regular export “Open work”."));
    assert_eq!(pass(&stage, "2025-06-08T12:00:00Z").await, 0);
});
