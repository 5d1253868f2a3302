//! What people do at pages that only pages have: the source of what they report, and a list taken along as a file.

use crate::browser::{Browser, Pages};
use crate::client::encoded;
use crate::probe::PROCESS;
use crate::story;
use mainstay_engine::process::Question;
use serde_json::json;

/// A form as pairs of names and values.
fn form(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Sends a form and answers the number of the record that it leads to.
async fn reported(browser: &Browser, path: &str, values: &[(String, String)]) -> String {
    let seen = browser.post(path, values).await;
    assert_eq!(seen.status, 303, "{}", seen.text);
    let place = seen.leads_to().split('?').next().unwrap_or_default().to_owned();
    place.trim_end_matches("/sent").rsplit('/').next().expect("a number").to_owned()
}

story!(inc_01_the_form_of_the_portal_and_that_of_the_desk_leave_their_source, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(cast.admin).await;
    let requester = pages.browser(&stage, cast.requester).await;
    let answer = |q: &Question| (format!("answer.{}", q.field.key), q.answers[0].key.to_owned());
    let mut words = form(&[("title", "The till is dead"), ("symptoms", "It stopped after lunch.")]);
    words.extend(PROCESS.questions.iter().map(answer));
    let by_portal = reported(&requester, "/portal/report/incidents", &words).await;
    let by_portal = admin.incident(&by_portal).await;
    assert_eq!((&by_portal["source"], &by_portal["requester"]["id"]), (&json!("portal"), &json!(cast.requester)));
    // Somebody who calls is written down by the desk, with the number to call back.
    let agent = pages.browser(&stage, cast.agent).await;
    let caller = cast.requester.to_string();
    let fields = ["title", "requester", "callback"].map(|field| ("_fields", field));
    let typed = [("title", "Called: the till is dead"), ("requester", &caller), ("callback", "020 7946 0000")];
    let by_desk = reported(&agent, "/incidents/new", &form(&[&fields[..], &typed[..]].concat())).await;
    let by_desk = admin.incident(&by_desk).await;
    assert_eq!((&by_desk["source"], &by_desk["requester"]["id"]), (&json!("manual"), &json!(cast.requester)));
    assert_eq!(by_desk["callback"], "020 7946 0000");
});

/// The numbers of the rows of a page's table, in their order.
fn numbers(page: &str) -> Vec<&str> {
    page.split("id=\"row-").skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// The address of the page after this one.
fn older(page: &str) -> Option<String> {
    let (before, _) = page.split_once("\" rel=\"next\"")?;
    before.rsplit("href=\"").next().map(|href| href.replace("&amp;", "&"))
}

story!(gen_22_s_06_the_queue_saves_exactly_what_it_lists, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(cast.admin).await;
    for number in 0..53 {
        let requester = if number % 5 == 0 { cast.acme_requester } else { cast.requester };
        admin.report(json!({ "title": format!("Till {}", number * 7 % 53), "requester": requester })).await;
    }
    admin.report(json!({ "title": "=1+1, a printer" })).await;
    let view = json!({ "name": "Tills", "process": "incident", "shared": "everyone", "condition": "title starts with \"Till\"", "sort": "title", "columns": ["number", "title", "requester"] });
    let view = admin.post("views", view).await.ok()["id"].to_string();
    let agent = pages.browser(&stage, cast.agent).await;
    let narrowed = format!("filter={}", encoded("requester = me or title contains \"1\""));
    for list in ["sort=-number", "filter=&sort=title", &format!("view={view}"), &format!("view={view}&{narrowed}")] {
        // Row by row, over all its pages, the table tells what the file must hold.
        let mut listed = Vec::new();
        let mut place = format!("/incidents?show=table&{list}");
        let headings = loop {
            let page = agent.get(&place).await.text;
            listed.extend(numbers(&page).into_iter().map(str::to_owned));
            match older(&page) {
                Some(next) => place = next,
                None => break page.matches("scope=\"col\"").count(),
            }
        };
        assert!(!listed.is_empty(), "{list}");
        let file = agent.get(&format!("/incidents/export?format=csv&{list}")).await;
        assert_eq!(file.status, 200, "{}", file.text);
        let named = file.headers["content-disposition"].to_str().expect("text").to_owned();
        assert_eq!(named, "attachment; filename=\"incidents.csv\"");
        let lines: Vec<&str> = file.text.trim_start_matches('\u{feff}').lines().collect();
        let saved: Vec<&str> = lines[1..].iter().filter_map(|line| line.split(',').next()).collect();
        assert_eq!(saved, listed, "{list}");
        assert_eq!(lines[0].split(',').count(), headings, "{list}: {}", lines[0]);
        let json = agent.get(&format!("/incidents/export?format=json&{list}")).await;
        let rows: serde_json::Value = serde_json::from_str(&json.text).expect("JSON");
        assert_eq!(rows.as_array().map_or(0, Vec::len), listed.len(), "{list}");
        let sheet = agent.get(&format!("/incidents/export?format=xlsx&{list}")).await;
        assert!(sheet.text.starts_with("PK"), "{list}");
    }
    let page = agent.get(&format!("/incidents?view={view}&{narrowed}")).await.text;
    assert!(page.contains(&format!("/incidents/export?view={view}&amp;filter=")), "the list offers its own file");
    assert_eq!(agent.get("/incidents/export?format=exe").await.status, 404);
    // Whoever may not export is offered nothing and gets nothing.
    let requester = pages.browser(&stage, cast.requester).await;
    assert_eq!(requester.get("/incidents/export?format=csv").await.status, 403);
    let vendor = pages.browser(&stage, cast.vendor).await;
    assert!(!vendor.get("/incidents").await.text.contains("/incidents/export"));
});
