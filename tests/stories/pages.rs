//! What people do at pages that only pages have: the source of what they report, and a list taken along as a file.

use crate::browser::{Browser, Pages};
use crate::client::encoded;
use crate::probe::PROCESS;
use crate::story;
use crate::words::words_of;
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

/// A page without what differs from request to request.
fn alike(page: &str, number: &str) -> String {
    let page = page.replace(number, "NUMBER").replace(&number.to_lowercase(), "NUMBER");
    let nonce = page.split("csp-nonce\" content=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    page.replace(nonce, "NONCE")
}

story!(gen_04_a_record_that_is_kept_from_an_agent_looks_like_a_number_that_is_none, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let manager = stage.sign_in(cast.manager).await;
    let kept = manager.report(json!({ "title": "Restricted", "requester": cast.approver, "restricted": true })).await;
    let agent = pages.browser(&stage, cast.agent).await;
    let none = "INC-999999";
    for below in ["", "/history", "/related", "/edit", "/resolve"] {
        let (seen, other) = (
            agent.get(&format!("/incidents/{kept}{below}")).await,
            agent.get(&format!("/incidents/{none}{below}")).await,
        );
        assert_eq!((seen.status.as_u16(), other.status.as_u16()), (404, 404), "{below}");
        assert_eq!(alike(&seen.text, &kept), alike(&other.text, none), "{below}: nothing tells them apart");
        assert!(!seen.text.contains("Restricted"), "{below}");
    }
    let seen = agent.get(&format!("/incidents/{kept}")).await.text;
    assert!(seen.contains("only the people involved may see it"), "it says what may be: {seen}");
    for way in ["href=\"/incidents\"".to_owned(), format!("href=\"/search?q={kept}\""), "href=\"/my-work\"".to_owned()]
    {
        assert!(seen.contains(&way), "{way} leads on from there: {seen}");
    }
    // Elsewhere too the desk stays around a page that is not there or not theirs.
    for (place, status) in [("/nowhere", 404), ("/admin/people/999999", 404), ("/admin/audit", 403)] {
        let seen = agent.get(place).await;
        assert_eq!(seen.status, status, "{place}");
        assert!(seen.text.contains("href=\"/my-work\""), "{place}");
    }
    // Whoever is no staff is led to the portal, and a stranger to the sign-in.
    let requester = pages.browser(&stage, cast.requester).await;
    assert!(!requester.get("/nowhere").await.text.contains("/my-work"));
    assert!(!pages.stranger(9).get("/nowhere").await.text.contains("/my-work"));
});

story!(lists_of_entries_say_what_things_are_called, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, pages) = (stage.sign_in(cast.admin).await, Pages::of(&stage).await);
    let words = json!({ "name": "Call back", "process": "incident", "step": "hold", "body": "We call you back.", "values": [{ "field": "hold_reason", "value": "requester" }] });
    let made = admin.post("macros", words).await.ok();
    let browser = pages.browser(&stage, cast.admin).await;
    let list = browser.get("/admin/macros").await.text;
    for label in ["<bdi>Incident</bdi>", "<bdi>Put on hold</bdi>"] {
        assert!(list.contains(label), "{label}: {list}");
    }
    assert!(!list.contains("<bdi>incident</bdi>") && !list.contains("<bdi>hold</bdi>"), "{list}");
    let entry = browser.get(&format!("/admin/macros/{}", made["id"])).await.text;
    assert!(entry.contains("<option value=\"hold\" selected>Put on hold</option>"), "{entry}");
    let rules = [
        ("Resolved", "Resolve"),
        ("pressing", "Resolution: 75% of the time used"),
        ("Closing soon", "Close by itself: soon"),
    ];
    for (name, label) in rules {
        let rules = browser.get(&format!("/admin/notification-rules?q={}", name.replace(' ', "+"))).await.text;
        assert!(rules.contains(&format!("<bdi>{label}</bdi>")), "{label}: {rules}");
    }
});

story!(c_10_the_portal_says_in_plain_words_what_is_not_there_or_not_open_and_leads_on, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let requester = pages.browser(&stage, cast.requester).await;
    let found = |path: &'static str| requester.get(path);
    for (path, status, title) in [
        ("/portal/requests/INC-999999", 404, "We did not find that"),
        ("/portal/nowhere", 404, "We did not find that"),
        ("/inbox/not-a-number/snooze", 404, "We did not find that"),
        ("/incidents/export?format=csv", 403, "This is not open to you"),
    ] {
        let seen = found(path).await;
        assert_eq!(seen.status.as_u16(), status, "{path}");
        let (text, words) = (&seen.text, words_of(&seen.text));
        assert!(words.contains(title), "{path}: {words:?}");
        for word in &words {
            let small = word.to_lowercase();
            assert!(!small.contains("incident") && !small.contains("mail"), "{path}: {word}");
        }
        // A search, the way back, and the portal around it.
        for way in
            ["action=\"/portal/search\"", "class=\"btn btn-primary\" href=\"/portal/requests\"", "href=\"/portal\""]
        {
            assert!(text.contains(way), "{path}: no {way} in {text}");
        }
        assert!(text.contains("class=\"bottom\"") || text.contains("href=\"/portal/notices\""), "{path}: {text}");
    }
    // Whoever works at the desk stays in the portal there, and at the desk elsewhere.
    let agent = pages.browser(&stage, cast.agent).await;
    let seen = agent.get("/portal/requests/INC-999999").await;
    assert_eq!(seen.status, 404);
    assert!(seen.text.contains("action=\"/portal/search\""), "{}", seen.text);
    let seen = agent.get("/incidents/INC-999999").await;
    assert_eq!(seen.status, 404);
    assert!(seen.text.contains("/search?q=INC-999999") && seen.text.contains("href=\"/inbox\""), "{}", seen.text);
    // Whoever has not signed in is told too, without a frame that they have not.
    let seen = pages.stranger(1).get("/nowhere").await;
    assert!(seen.status == 404 && !seen.text.contains("/portal/search"), "{}", seen.text);
});
