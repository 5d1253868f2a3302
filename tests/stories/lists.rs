//! Lists: saved views and what is done to many records at once.

use crate::browser::Pages;
use crate::incident::in_progress;
use crate::{Client, story};
use serde_json::{Value as Json, json};

/// Fresh incidents of a requester.
async fn several(admin: &Client, requester: i64, count: usize) -> Vec<String> {
    let mut numbers = Vec::new();
    for index in 0..count {
        let body = json!({ "title": format!("Till {index}"), "requester": requester });
        numbers.push(admin.post("incidents", body).await.ok()["number"].as_str().expect("a number").to_owned());
    }
    numbers
}

fn done(answer: &Json) -> Vec<bool> {
    answer["results"].as_array().into_iter().flatten().map(|row| row["done"] == true).collect()
}

story!(b_08_a_dry_run_says_what_each_would_come_to_and_changes_nothing, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, admin) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.admin).await);
    let mut numbers = several(&admin, cast.requester, 3).await;
    numbers.push("INC-99999".to_owned());
    let bulk =
        |dry: bool| json!({ "verb": "update", "numbers": numbers, "values": { "impact": "high" }, "dry_run": dry });
    let before = agent.incident(&numbers[0]).await;
    let rehearsed = agent.post("incidents/bulk", bulk(true)).await.ok();
    assert_eq!(done(&rehearsed), [true, true, true, false]);
    assert_eq!((&rehearsed["run"], &rehearsed["dry_run"]), (&Json::Null, &json!(true)));
    let after = agent.incident(&numbers[0]).await;
    assert_eq!((&after["version"], &after["impact"]), (&before["version"], &before["impact"]), "nothing has changed");
    let history = agent.get(&format!("incidents/{}/history", numbers[0])).await.ok();

    let run = agent.post("incidents/bulk", bulk(false)).await.ok();
    assert_eq!(done(&run), done(&rehearsed), "the rehearsal told the truth");
    assert!(run["run"].is_i64(), "{run}");
    assert_eq!(agent.incident(&numbers[0]).await["impact"], "high");
    let more = agent.get(&format!("incidents/{}/history", numbers[0])).await.ok();
    let count = |log: &Json| log["items"].as_array().map(Vec::len);
    assert_eq!(count(&more), count(&history).map(|n| n + 1), "one event for the one change: {more}");
});

story!(b_08_a_bulk_run_is_taken_back_record_by_record, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let (agent, admin) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.admin).await);
    let numbers = several(&admin, cast.requester, 3).await;
    let run = async |values: Json| {
        let bulk = json!({ "verb": "update", "numbers": numbers, "values": values });
        agent.post("incidents/bulk", bulk).await.ok()["run"].as_i64().expect("a run")
    };
    let id = run(json!({ "impact": "high" })).await;
    // Meanwhile somebody else has changed the same of one of them.
    admin.patch(&format!("incidents/{}", numbers[1]), json!({ "impact": "low" })).await.ok();
    admin.post(&format!("incidents/bulk/{id}/undo"), json!({})).await.refused(404, "not_found");
    let back = agent.post(&format!("incidents/bulk/{id}/undo"), json!({})).await.ok();
    assert_eq!(done(&back), [true, false, true], "what others changed since stays: {back}");
    let held = async |number: &String| agent.incident(number).await["impact"].clone();
    assert_eq!((held(&numbers[0]).await, held(&numbers[1]).await), (Json::Null, json!("low")));
    agent.post(&format!("incidents/bulk/{id}/undo"), json!({})).await.refused(409, "undone_already");

    let browser = pages.browser(&stage, cast.agent).await;
    let id = run(json!({ "urgency": "high" })).await;
    let undone = browser.post(&format!("/incidents/bulk/{id}/undo?list=%2Fincidents%3Fsort%3Dtitle"), &[]).await;
    assert_eq!((undone.status.as_u16(), undone.leads_to()), (303, "/incidents?sort=title"));
    assert!(!undone.says_failed());
    assert_eq!(agent.incident(&numbers[2]).await["urgency"], Json::Null);
    let watch = agent.post("incidents/bulk", json!({ "verb": "watch", "numbers": numbers })).await.ok();
    agent.post(&format!("incidents/bulk/{}/undo", watch["run"]), json!({})).await.ok();
    let watchers = agent.get(&format!("incidents/{}/watchers", numbers[0])).await.text;
    assert!(!watchers.contains("Agent L1"), "{watchers}");
});

story!(b_08_many_are_watched_linked_and_stepped_at_once, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, admin) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.admin).await);
    let numbers = several(&admin, cast.requester, 2).await;
    let other = several(&admin, cast.requester, 1).await.remove(0);
    let twice = [numbers.clone(), numbers.clone()].concat();
    let watched = agent.post("incidents/bulk", json!({ "verb": "watch", "numbers": twice })).await.ok();
    assert_eq!(done(&watched), [true, true], "who is named twice is done once");
    let watchers = agent.get(&format!("incidents/{}/watchers", numbers[1])).await.ok();
    assert!(watchers.to_string().contains(&cast.agent.to_string()), "{watchers}");

    let link = json!({ "verb": "link", "numbers": numbers, "relation": "related_to", "link": other });
    assert_eq!(done(&agent.post("incidents/bulk", link).await.ok()), [true, true]);
    let links = agent.get(&format!("incidents/{other}/links")).await.text;
    assert!(numbers.iter().all(|number| links.contains(number.as_str())), "{links}");
    agent
        .post("incidents/bulk", json!({ "verb": "tag", "numbers": numbers, "values": { "title": ["x"] } }))
        .await
        .refused(422, "no_tags");

    let open = in_progress(&stage, &agent).await;
    let mixed = json!({ "verb": "resolve", "numbers": [open, numbers[0]], "dry_run": true });
    let rows = agent.post("incidents/bulk", mixed).await.ok();
    let problem = &rows["results"][1]["problem"];
    assert!(problem["detail"].as_str().is_some_and(|says| !says.is_empty()), "each says why: {rows}");
});

story!(b_08_a_bulk_run_on_the_pages_is_tried_then_done_and_says_what_was_skipped, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let (agent, admin) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.admin).await);
    let browser = pages.browser(&stage, cast.agent).await;
    let mut numbers = several(&admin, cast.requester, 2).await;
    let query = |numbers: &[String]| numbers.iter().map(|n| format!("&n={n}")).collect::<Vec<_>>().concat();
    let asked = browser.get(&format!("/incidents/bulk?do=field:impact{}", query(&numbers))).await;
    assert!(asked.text.contains("name=\"impact\"") && asked.text.contains("Till 0"), "{}", asked.text);
    let at_once = browser.get(&format!("/incidents/bulk?do=watch{}", query(&numbers))).await;
    assert!(at_once.text.contains("2 of 2 can change"), "what asks nothing is tried at once");
    let watchers = agent.get(&format!("incidents/{}/watchers", numbers[0])).await.text;
    assert!(!watchers.contains("Agent L1"), "tried only: {watchers}");

    numbers.push("INC-99999".to_owned());
    let form = |go: bool| -> Vec<(String, String)> {
        let mut form: Vec<(String, String)> = numbers.iter().map(|n| ("n".into(), n.clone())).collect();
        form.extend([("do".into(), "field:impact".into()), ("impact".into(), "high".into())]);
        form.extend(go.then(|| ("_go".into(), "1".into())));
        form
    };
    let tried = browser.post("/incidents/bulk", &form(false)).await;
    assert_eq!(tried.status, 422, "nothing was done yet");
    assert!(tried.text.contains("2 of 3 can change") && tried.text.contains("INC-99999"), "{}", tried.text);
    let ran = browser.post("/incidents/bulk", &form(true)).await;
    assert_eq!(ran.status, 303);
    let place = ran.leads_to().to_owned();
    let summary = browser.get(&place).await;
    assert!(summary.text.contains("2 changed, 1 skipped"), "{}", summary.text);
    assert!(numbers.iter().all(|number| summary.text.contains(number.as_str())), "it lists both");
    assert_eq!(agent.incident(&numbers[1]).await["impact"], "high");
    let other = pages.browser(&stage, cast.agent_l2).await;
    assert_eq!(other.get(&place).await.status, 404, "a run is for whoever asked for it");
});

story!(b_10_a_view_is_kept_with_all_its_looks_and_shared_with_teams_of_ones_own, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(cast.admin).await;
    several(&admin, cast.requester, 2).await;
    several(&admin, cast.acme_requester, 1).await;
    let browser = pages.browser(&stage, cast.agent).await;
    let place = "/incidents/views?filter=title+starts+with+%22Till%22&sort=-opened&show=table&group=state&columns=number,title&density=compact";
    let asked = browser.get(place).await;
    assert!(asked.text.contains("Title begins with “Till”"), "{}", asked.text);
    let own = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
    };
    let looks = [
        ("condition", "title starts with \"Till\""),
        ("sort", "-opened"),
        ("show", "table"),
        ("group", "state"),
        ("columns", "number"),
        ("columns", "title"),
        ("density", "compact"),
    ];
    let team = cast.service_desk.to_string();
    let shared = [&[("name", "Tills"), ("shared", "team"), ("teams", team.as_str())], looks.as_slice()].concat();
    let kept = browser.post("/incidents/views", &own(&shared)).await;
    assert_eq!(kept.status, 303, "{}", kept.text);
    let view = kept.leads_to().to_owned();
    let list = browser.get(&view).await;
    assert!(
        list.text.contains("data-density=\"compact\"") && list.text.contains("class=\"table-group\""),
        "{}",
        list.text
    );
    assert!(list.text.contains("Tills") && list.text.matches("id=\"row-").count() == 3);
    let id: i64 = view.rsplit('=').next().and_then(|id| id.parse().ok()).expect("an id");

    // Whom it is shared with sees it; others do not, and nobody shares with teams of others or with everybody.
    let colleague = stage.sign_in(cast.agent_l2).await;
    assert_eq!(colleague.get(&format!("views/{id}")).await.status, 404, "of another team");
    let auditor = stage.sign_in(cast.auditor).await;
    let own_view =
        |shared: &str| json!({ "name": "Looked at", "process": "incident", "shared": shared, "teams": [cast.network] });
    auditor.post("views", own_view("team")).await.refused(403, "no_right");
    auditor.post("views", own_view("everyone")).await.refused(403, "no_right");
    let mine = auditor.post("views", own_view("own")).await.ok()["id"].as_i64().expect("an id");
    auditor.patch(&format!("views/{mine}"), json!({ "owner": cast.agent })).await.refused(403, "no_right");
    auditor.patch(&format!("views/{mine}"), json!({ "name": "Looked at twice" })).await.ok();
    let nameless = browser.post("/incidents/views", &own(&[("name", " ")])).await;
    assert_eq!(nameless.status, 422);
    assert!(nameless.text.contains("A name of at most 200 characters"), "{}", nameless.text);
});

story!(b_10_a_shared_view_shows_each_only_what_they_may_see_and_its_number_is_that_of_its_rows, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(cast.admin).await;
    several(&admin, cast.requester, 2).await;
    several(&admin, cast.acme_requester, 3).await;
    let made = json!({ "name": "All tills", "process": "incident", "shared": "everyone", "condition": "title starts with \"Till\"" });
    let id = admin.post("views", made).await.ok()["id"].as_i64().expect("an id");
    let limited = json!({
        "name": "Bank only", "email": "only@bank.example", "organisation": cast.retail_bank,
        "grants": [{ "role": role(&admin, "agent").await, "organisation": cast.retail_bank }],
    });
    let only = admin.post("people", limited).await.ok()["id"].as_i64().expect("an id");
    for (person, rows) in [(cast.agent, 5), (only, 2)] {
        let browser = pages.browser(&stage, person).await;
        let list = browser.get(&format!("/incidents?view={id}")).await;
        assert_eq!(list.text.matches("id=\"row-").count(), rows, "{}", list.text);
        let entry = list
            .text
            .split(&format!("href=\"/incidents?view={id}\" aria-current=\"page\""))
            .nth(1)
            .expect("in the sidebar");
        let badge = entry.split("</a>").next().unwrap_or_default();
        assert!(badge.contains(&format!(">{rows}<")), "the number is that of the rows: {badge}");
    }
});

/// The id of a role.
async fn role(admin: &Client, key: &str) -> i64 {
    let roles = admin.get("roles?limit=100").await.ok();
    let found = roles["items"].as_array().into_iter().flatten().find(|role| role["key"] == key);
    found.expect("the role")["id"].as_i64().expect("an id")
}

story!(c_10_an_empty_list_says_why_and_what_to_do, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let browser = pages.browser(&stage, cast.agent).await;
    let yet = browser.get("/incidents?filter=").await.text;
    assert!(yet.contains("No incidents yet") && yet.contains("New incident"), "{yet}");
    let admin = stage.sign_in(cast.admin).await;
    several(&admin, cast.requester, 1).await;
    let filtered = browser.get("/incidents?filter=title+%3D+%22nothing%22").await.text;
    assert!(filtered.contains("The filter hides everything") && filtered.contains("Clear filters"), "{filtered}");
    let made =
        json!({ "name": "Quiet", "process": "incident", "shared": "everyone", "condition": "title = \"nothing\"" });
    let id = admin.post("views", made).await.ok()["id"].as_i64().expect("an id");
    let waits = browser.get(&format!("/incidents?view={id}")).await.text;
    assert!(waits.contains("Nothing waits in “Quiet”"), "{waits}");
});

story!(b_10_rows_stand_under_headings_with_their_numbers, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let numbers = several(&admin, cast.requester, 3).await;
    agent.patch(&format!("incidents/{}", numbers[0]), json!({ "impact": "high" })).await.ok();
    let browser = pages.browser(&stage, cast.agent).await;
    let list = browser.get("/incidents?group=impact&sort=title").await.text;
    let heads: Vec<&str> = list
        .split("class=\"group-head\"")
        .skip(1)
        .map(|part| part.split("</summary>").next().unwrap_or_default())
        .collect();
    assert_eq!(heads.len(), 2, "{list}");
    assert!(heads[0].contains(">High<") && heads[0].contains(">1<") && heads[1].contains("none"), "{heads:?}");
    // The record says where it stands, and the way goes by what is shown.
    let first = browser.get(&format!("/incidents/{}?group=impact&sort=title&spot=1", numbers[0])).await.text;
    assert!(first.contains("1 of 3") && first.contains("rel=\"next\""), "{first}");
});

story!(b_08_a_record_that_leaves_its_list_stays_until_one_moves_on, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(cast.admin).await;
    let numbers = several(&admin, cast.requester, 3).await;
    let browser = pages.browser(&stage, cast.agent).await;
    let query = "filter=title+%21%3D+%22Gone%22&sort=title";
    let middle = browser.get(&format!("/incidents/{}?{query}&spot=2", numbers[1])).await.text;
    assert!(middle.contains("2 of 3"), "{middle}");
    admin.patch(&format!("incidents/{}", numbers[1]), json!({ "title": "Gone" })).await.ok();
    let stays = browser.get(&format!("/incidents/{}?{query}&spot=2", numbers[1])).await.text;
    assert!(
        stays.contains("No longer in this list") && stays.contains(&format!("id=\"row-{}\"", numbers[1])),
        "{stays}"
    );
    let next =
        stays.split("rel=\"next\"").next().and_then(|before| before.rsplit("href=\"").next()).unwrap_or_default();
    assert!(next.contains(&numbers[2]) && next.contains("spot=2"), "what came after it comes next: {next}");
    let moved = browser.get(&format!("/incidents/{}?{query}&spot=2", numbers[2])).await.text;
    assert!(!moved.contains("No longer in this list") && moved.contains("2 of 2"), "{moved}");
});

/// The ids of shared views, in the order in which the sidebar shows them without pins.
async fn shared_views(admin: &Client, names: &[&str]) -> Vec<i64> {
    let mut ids = Vec::new();
    for (position, name) in names.iter().enumerate() {
        let view = json!({ "name": name, "process": "incident", "condition": "phase = 0", "shared": "everyone", "position": position + 1 });
        ids.push(admin.post("views", view).await.ok()["id"].as_i64().expect("an id"));
    }
    ids
}

story!(b_10_a_person_pins_views_to_the_top_of_their_own_sidebar, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, admin) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.admin).await);
    let views = shared_views(&admin, &["Alpha", "Beta", "Gamma"]).await;
    let pages = Pages::of(&stage).await;
    let browser = pages.browser(&stage, cast.agent).await;
    let page = browser.get(&format!("/incidents?view={}", views[2])).await.text;
    assert!(page.contains(&format!("action=\"/me/pins/{}\"", views[2])) && !page.contains(">Pinned<"), "{page}");
    for id in [views[2], views[1]] {
        let pinned = browser.post(&format!("/me/pins/{id}"), &[]).await;
        assert_eq!(pinned.leads_to(), format!("/incidents?view={id}"));
    }
    assert_eq!(agent.get("me/pins").await.ok()["views"], json!([views[2], views[1]]));
    let place = |page: &str, words: &str| page.find(words).unwrap_or_else(|| panic!("{words} in {page}"));
    let page = browser.get("/incidents").await.text;
    let order = [">Pinned<", ">Gamma<", ">Beta<", ">Queues<", ">Alpha<"].map(|words| place(&page, words));
    assert!(order.is_sorted(), "{order:?} in {page}");
    assert!(!pages.browser(&stage, cast.agent_l2).await.get("/incidents").await.text.contains(">Pinned<"), "one's own");
    let other_order = json!({ "views": [views[1], views[2]] });
    assert_eq!(agent.post("me/pins", other_order.clone()).await.ok(), other_order);
    assert_eq!(browser.post(&format!("/me/pins/{}/remove", views[1]), &[]).await.status.as_u16(), 303);
    assert_eq!(agent.get("me/pins").await.ok()["views"], json!([views[2]]));
    agent.post("me/pins", json!({ "views": [999_999] })).await.refused(404, "not_found");
    agent.post("me/pins", json!({ "views": "all" })).await.refused_field("views", "not_a_list");
});

story!(panes_that_a_browser_folds_away_stay_so_on_its_next_page, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let browser = pages.browser(&stage, cast.agent).await;
    let form =
        |names: &[&str]| -> Vec<(String, String)> { names.iter().map(|n| ((*n).to_owned(), "1".to_owned())).collect() };
    let folded = browser.post("/me/panes", &form(&["list", "rail"])).await;
    assert_eq!(folded.status.as_u16(), 204);
    let cookie = folded.headers.get("set-cookie").and_then(|line| line.to_str().ok()).expect("a cookie").to_owned();
    assert!(cookie.starts_with("__Host-mainstay-look=system.comfortable.lr;"), "{cookie}");
});

story!(b_08_many_are_answered_and_a_macro_is_applied_to_many_and_both_are_taken_back, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let numbers = [in_progress(&stage, &agent).await, in_progress(&stage, &agent).await];
    let closed = agent.report(json!({ "title": "Over" })).await;
    agent.step(&closed, "cancel", json!({ "cancel_reason": "raised_in_error" })).await;
    let all = [numbers[0].as_str(), &numbers[1], &closed];
    let reply = |dry: bool| json!({ "verb": "reply", "numbers": all, "comment": "It works again.", "dry_run": dry });
    let tried = agent.post("incidents/bulk", reply(true)).await.ok();
    let done = |answer: &Json| answer["results"].as_array().expect("rows").iter().filter(|r| r["done"] == true).count();
    assert_eq!((done(&tried), tried["run"].clone()), (2, Json::Null));
    let said = async |number: &str| {
        let found = agent.get(&format!("incidents/{number}/comments")).await.ok();
        found["items"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(said(&numbers[0]).await, 0, "a rehearsal says nothing");
    let pages = Pages::of(&stage).await;
    let browser = pages.browser(&stage, cast.agent).await;
    let asked = browser.get(&format!("/incidents/bulk?do=reply&n={}&n={}", numbers[0], numbers[1])).await;
    assert!(asked.text.contains("name=\"comment\""), "{}", asked.text);
    let mut form: Vec<(String, String)> = numbers.iter().map(|number| ("n".to_owned(), number.clone())).collect();
    for (name, value) in [("do", "reply"), ("comment", "It works again."), ("_go", "1")] {
        form.push((name.to_owned(), value.to_owned()));
    }
    assert_eq!(browser.post("/incidents/bulk", &form).await.status, 303);
    assert_eq!((said(&numbers[0]).await, said(&numbers[1]).await), (1, 1));
    let requester = stage.sign_in(cast.requester).await;
    let theirs = async |number: &str| {
        let found = requester.get(&format!("incidents/{number}/comments")).await.ok();
        found["items"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(theirs(&numbers[0]).await, 0, "it has not left yet");
    let undone = browser.post("/incidents/bulk/1/undo", &[]).await;
    assert_eq!(undone.status, 303, "{}", undone.text);
    assert_eq!((said(&numbers[0]).await, said(&numbers[1]).await), (0, 0));
    // A program says at once what it has to say, unless it asks for the time to take it back.
    let held = json!({ "verb": "reply", "numbers": all, "comment": "It works again.", "held": true });
    let ran = agent.post("incidents/bulk", held).await.ok();
    assert_eq!((done(&ran), said(&numbers[0]).await, theirs(&numbers[0]).await), (2, 1, 0), "{ran}");
    let back = agent.post(&format!("incidents/bulk/{}/undo", ran["run"]), json!({})).await.ok();
    assert_eq!((done(&back), said(&numbers[0]).await), (2, 0), "{back}");
    let ran = agent.post("incidents/bulk", reply(false)).await.ok();
    assert_eq!((done(&ran), theirs(&numbers[0]).await), (2, 1), "{ran}");
    let back = agent.post(&format!("incidents/bulk/{}/undo", ran["run"]), json!({})).await.ok();
    assert_eq!((done(&back), theirs(&numbers[0]).await), (0, 1), "what has left stays: {back}");
    let macro_ = json!({
        "name": "Wait for the vendor", "process": "incident",
        "values": [{ "field": "hold_reason", "value": "vendor" }], "step": "hold",
    });
    let id = admin.post("macros", macro_).await.ok()["id"].clone();
    let page = browser.get(&format!("/incidents/bulk?do=macro&n={}", numbers[0])).await;
    assert!(page.text.contains("Wait for the vendor"), "{}", page.text);
    let apply = json!({ "verb": "macro", "numbers": all, "macro": id });
    let ran = agent.post("incidents/bulk", apply).await.ok();
    assert_eq!(done(&ran), 2, "{ran}");
    assert_eq!(agent.incident(&numbers[1]).await["state"], "on_hold");
    let back = agent.post(&format!("incidents/bulk/{}/undo", ran["run"]), json!({})).await.ok();
    assert_eq!(done(&back), 2, "{back}");
    assert_eq!(agent.incident(&numbers[1]).await["state"], "in_progress");
    // The chosen are merged into one of them, which itself stays.
    let merge = [("do", "step:merge"), ("link", numbers[0].as_str()), ("_go", "1")];
    let form: Vec<(String, String)> = numbers
        .iter()
        .map(|number| ("n".to_owned(), number.clone()))
        .chain(merge.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
        .collect();
    let merged = browser.post("/incidents/bulk", &form).await;
    assert_eq!(merged.status, 303, "{}", merged.text);
    assert_eq!(agent.incident(&numbers[0]).await["state"], "in_progress");
    assert_eq!(agent.incident(&numbers[1]).await["state"], "cancelled");
});
