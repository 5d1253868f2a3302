//! What administrators set up and look at: the door, and looking as somebody else.

use crate::browser::{Browser, PASSWORD, Pages};
use crate::incident::{in_progress, resolution};
use crate::{Client, Stage, story};
use serde_json::{Value as Json, json};

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The id of a shipped role.
async fn role(admin: &Client, name: &str) -> i64 {
    let roles = admin.get("roles?limit=200").await.ok();
    let found = roles["items"].as_array().into_iter().flatten().find(|role| role["name"] == name);
    found.and_then(|role| role["id"].as_i64()).expect("a role")
}

/// The numbers that a list of the pages shows.
async fn listed(browser: &Browser) -> Vec<String> {
    let seen = browser.get("/incidents?filter=").await;
    assert_eq!(seen.status, 200, "{}", seen.text);
    let mut numbers: Vec<String> = seen
        .text
        .split("id=\"row-")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|number| number.starts_with("INC-"))
        .map(str::to_owned)
        .collect();
    numbers.sort();
    numbers.dedup();
    numbers
}

async fn matters(stage: &Stage) -> (String, String, String) {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let manager = stage.sign_in(cast.manager).await;
    let bank = agent.report(json!({ "title": "Of the bank", "requester": cast.requester })).await;
    let acme = agent.report(json!({ "title": "Of Acme", "requester": cast.acme_requester })).await;
    let secret = manager.report(json!({ "title": "Restricted", "requester": cast.approver, "restricted": true })).await;
    (bank, acme, secret)
}

story!(gen_04_whoever_looks_as_somebody_sees_exactly_their_slice_and_changes_nothing, |stage| async move {
    let cast = stage.house.cast.clone();
    let (bank, acme, secret) = matters(&stage).await;
    let pages = Pages::of(&stage).await;
    let admin = pages.browser(&stage, cast.admin).await;
    assert!(listed(&admin).await.contains(&secret), "an administrator sees all");
    let agent = pages.browser(&stage, cast.agent).await;
    let theirs = listed(&agent).await;
    assert!(theirs.contains(&bank) && !theirs.contains(&secret));
    let drafted = [("_of", format!("reply {bank}")), ("body", "Not sent yet".to_owned())];
    let drafted: Vec<(String, String)> = drafted.map(|(name, value)| (name.to_owned(), value)).to_vec();
    agent.post("/drafts", &drafted).await;

    let began = admin.post(&format!("/admin/view-as/{}", cast.agent), &[]).await;
    assert_eq!((began.status.as_u16(), began.leads_to()), (303, "/"), "{}", began.text);
    assert_eq!(listed(&admin).await, theirs, "exactly what the agent sees");
    assert_eq!(admin.get(&format!("/incidents/{secret}")).await.status, 404);
    let shown = admin.get(&format!("/incidents/{bank}")).await;
    assert!(shown.text.contains("You see what"), "the page says so");
    assert!(!shown.text.contains("Not sent yet"), "what somebody has not sent is theirs");
    // Nothing is written, by whatever door.
    let comment = admin.post(&format!("/incidents/{bank}/comments"), &pairs(&[("body", "As somebody else")])).await;
    assert_eq!(comment.status, 403, "{}", comment.text);
    for path in ["/me", "/me/security", "/admin/sign-in-rules"] {
        assert_ne!(admin.get(path).await.status, 200, "{path}");
    }
    let again = admin.post(&format!("/admin/view-as/{}", cast.requester), &[]).await;
    assert_eq!(again.status, 403, "nobody looks as a third one from there");
    let history = stage.sign_in(cast.admin).await.get(&format!("incidents/{bank}/history")).await.ok();
    assert!(!history.to_string().contains("commented"), "{history}");

    assert_eq!(admin.post("/admin/view-as/end", &[]).await.status, 303);
    assert!(listed(&admin).await.contains(&secret), "and is an administrator again");
    let log = admin.get("/admin/audit").await.text;
    assert!(
        log.contains("began to look as somebody") && log.contains("stopped looking as somebody"),
        "the log says both"
    );
    let _ = acme;
});

story!(gen_04_a_role_is_looked_through_alone_and_never_one_beyond_ones_own, |stage| async move {
    let cast = stage.house.cast.clone();
    let (bank, _, secret) = matters(&stage).await;
    let api = stage.sign_in(cast.admin).await;
    let pages = Pages::of(&stage).await;
    let admin = pages.browser(&stage, cast.admin).await;
    let agent_role = role(&api, "Agent").await;
    assert_eq!(admin.post(&format!("/admin/view-as/{agent_role}"), &[]).await.status, 303);
    let seen = listed(&admin).await;
    assert!(seen.contains(&bank) && !seen.contains(&secret), "{seen:?}");
    assert_eq!(admin.get("/admin/audit").await.status, 403, "the role may not");
    admin.post("/admin/view-as/end", &[]).await;
    // A helper who may manage people, and no more than the helper may, is not shown what an administrator sees.
    let grants = json!([{ "role": agent_role }, {
        "role": api.post("roles", json!({ "name": "Helper", "reach": "staff", "permissions": ["people.manage", "incident.view"] }))
            .await.ok()["id"]
    }]);
    let helper = json!({ "name": "Helga Helper", "email": "helga@example.org", "grants": grants });
    let helper = api.post("people", helper).await.ok()["id"].as_i64().expect("an id");
    let helga = pages.browser(&stage, helper).await;
    let refused = helga.post(&format!("/admin/view-as/{}", cast.admin), &[]).await;
    assert!(refused.says_failed(), "{} {}", refused.status, refused.text);
    assert!(!listed(&helga).await.contains(&secret));
    assert_eq!(helga.post(&format!("/admin/view-as/{}", cast.requester), &[]).await.status, 303);
    // Somebody who may not manage people looks as nobody.
    let agent = pages.browser(&stage, cast.agent).await;
    assert_eq!(agent.post(&format!("/admin/view-as/{}", cast.requester), &[]).await.status, 403);
});

story!(gen_04_s_09_nobody_gives_more_than_they_have, |stage| async move {
    let cast = stage.house.cast.clone();
    let api = stage.sign_in(cast.admin).await;
    let may = json!(["people.manage", "people.view", "roles.manage", "roles.view", "incident.view"]);
    let helper = json!({ "name": "Helper", "reach": "staff", "permissions": may });
    let helper = api.post("roles", helper).await.ok()["id"].as_i64().expect("an id");
    let person = json!({ "name": "Helga Helper", "email": "helga@example.org", "grants": [{ "role": helper }] });
    let id = api.post("people", person).await.ok()["id"].as_i64().expect("an id");
    let helga = stage.sign_in(id).await;
    let admin_role = role(&api, "Admin").await;
    let to_admin = json!({ "grants": [{ "role": admin_role }] });
    helga.patch(&format!("people/{id}"), to_admin.clone()).await.refused(403, "more_rights");
    let friend = json!({ "name": "Fred", "email": "fred@example.org", "grants": [{ "role": admin_role }] });
    helga.post("people", friend).await.refused(403, "more_rights");
    let address = json!({ "email": "mine@example.org" });
    helga.patch(&format!("people/{}", cast.admin), address).await.refused(403, "more_rights");
    helga.patch(&format!("people/{}", cast.admin), json!({ "active": false })).await.refused(403, "more_rights");
    helga.patch(&format!("roles/{helper}"), json!({ "permissions": ["*"] })).await.refused(403, "more_rights");
    helga.patch(&format!("roles/{helper}"), json!({ "reach": "restricted" })).await.refused(403, "more_rights");
    helga
        .post("roles", json!({ "name": "All", "reach": "own", "permissions": ["*"] }))
        .await
        .refused(403, "more_rights");
    // Within what she has she goes on, and what gives no right she changes for everybody.
    helga.patch(&format!("people/{}", cast.requester), json!({ "grants": [{ "role": helper }] })).await.ok();
    helga.patch(&format!("people/{}", cast.admin), json!({ "phone": "123" })).await.ok();
    helga.post("roles", json!({ "name": "Reader", "reach": "own", "permissions": ["incident.view"] })).await.ok();
    assert!(stage.sign_in(id).await.get("audit").await.status == 403, "she is what she was");
});

async fn signs_in(stage: &Stage, pages: &Pages, person: i64, number: u8) -> bool {
    let email =
        stage.sign_in(stage.house.cast.admin).await.get(&format!("people/{person}")).await.ok()["email"].clone();
    let mut browser = pages.stranger(number);
    let form = pairs(&[("email", email.as_str().unwrap_or_default()), ("password", PASSWORD)]);
    let seen = browser.post("/sign-in", &form).await;
    browser.keeps(pages, &seen)
}

async fn rule(admin: &Client, more: Json) -> String {
    let mut body = json!({ "name": "The door" });
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    format!("sign-in-rules/{}", admin.post("sign-in-rules", body).await.ok()["id"])
}

story!(s_47_what_the_house_asks_at_the_door_holds_at_once, |stage| async move {
    let cast = stage.house.cast.clone();
    let api = stage.sign_in(cast.admin).await;
    let agent_role = role(&api, "Agent").await;
    let pages = Pages::of(&stage).await;
    let agent = pages.browser(&stage, cast.agent).await;
    let manager = pages.browser(&stage, cast.manager).await;
    let home = |browser: Browser| async move { browser.get("/incidents").await };
    assert_eq!(home(agent.clone()).await.status, 200);

    // Addresses: whoever is in is out, and comes in no more; others are not touched.
    let only = rule(&api, json!({ "roles": [agent_role], "addresses": ["198.51.100.0/24"] })).await;
    assert_eq!(home(agent.clone()).await.status, 403);
    assert_eq!(home(manager.clone()).await.status, 200, "it is for agents alone");
    assert!(!signs_in(&stage, &pages, cast.agent, 77).await);
    api.patch(&only, json!({ "addresses": ["192.0.2.0/24"] })).await.ok();
    assert_eq!(home(agent.clone()).await.status, 200);
    assert!(signs_in(&stage, &pages, cast.agent, 78).await);
    api.patch(&only, json!({ "active": false })).await.ok();

    // Codes: before anything else they are set up.
    let codes = rule(&api, json!({ "roles": [agent_role], "second_factor": true })).await;
    let sent = home(agent.clone()).await;
    assert_eq!((sent.status.as_u16(), sent.leads_to()), (303, "/me/security"));
    let own = agent.get("/me/security").await;
    assert!(own.status == 200 && !own.text.contains("/incidents\""), "own proofs and nothing else");
    assert_eq!(home(manager.clone()).await.status, 200);
    api.patch(&codes, json!({ "active": false })).await.ok();

    // Times.
    let idle = rule(&api, json!({ "idle_minutes": 5 })).await;
    stage.house.clock.advance_minutes(6);
    assert!(home(agent.clone()).await.leads_to().starts_with("/sign-in"));
    api.patch(&idle, json!({ "active": false })).await.ok();
    assert_eq!(home(agent.clone()).await.status, 200, "the session itself lasts");
    rule(&api, json!({ "absolute_hours": 1 })).await;
    stage.house.clock.advance_minutes(60);
    assert!(home(agent.clone()).await.leads_to().starts_with("/sign-in"));
});

story!(s_47_passwords_are_as_long_as_the_house_asks_and_nobody_shuts_themselves_out, |stage| async move {
    let cast = stage.house.cast.clone();
    let api = stage.sign_in(cast.admin).await;
    let pages = Pages::of(&stage).await;
    let agent = pages.browser(&stage, cast.agent).await;
    rule(&api, json!({ "shortest": 20 })).await;
    let form = pairs(&[("current_password", PASSWORD), ("password", "seventeen letters")]);
    let refused = agent.post("/me/password", &form).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert!(refused.text.contains("at least 20 characters"));
    let form = pairs(&[("current_password", PASSWORD), ("password", "more than twenty letters")]);
    assert_eq!(agent.post("/me/password", &form).await.status, 303);

    let admin = pages.browser(&stage, cast.admin).await;
    let form = pairs(&[("name", "Elsewhere"), ("addresses", "203.0.113.0/24")]);
    let refused = admin.post("/admin/sign-in-rules/new", &form).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert!(refused.text.contains("shut out at once"));
    assert_eq!(admin.get("/incidents").await.status, 200);
    api.post("sign-in-rules", json!({ "name": "Odd", "addresses": ["everywhere"] }))
        .await
        .refused_field("addresses", "not_a_network");
    api.post("sign-in-rules", json!({ "name": "Nothing" })).await.refused_field("second_factor", "asks_nothing");
});

/// Minutes from opening to resolution of some records, worked out by the test itself.
const TOOK: [i64; 6] = [20, 45, 59, 61, 100, 130];

story!(slm_what_if_reads_past_clocks_under_other_targets_and_changes_nothing, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, admin) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.admin).await);
    let mut numbers = Vec::new();
    for minutes in TOOK {
        let number = in_progress(&stage, &agent).await;
        stage.house.clock.advance_minutes(minutes);
        agent.step(&number, "resolve", resolution(&cast)).await;
        numbers.push(number);
    }
    let levels = admin.get("service-levels").await.ok();
    let level = levels["items"].as_array().into_iter().flatten().find(|level| level["fallback"] == true);
    let level = level.and_then(|level| level["id"].as_i64()).expect("the default");
    let clocks = |number: String| {
        let agent = agent.clone();
        async move { agent.incident(&number).await["clocks"].clone() }
    };
    let before = clocks(numbers[3].clone()).await;
    let pages = Pages::of(&stage).await;
    let browser = pages.browser(&stage, cast.admin).await;
    let place = format!("/admin/what-if/{level}");
    assert!(browser.get(&place).await.text.contains("Opened from"));
    let asked = |minutes: i64| {
        format!(
            "{place}?from=2025-06-02&to=2025-06-03&targets.0.metric=resolution&targets.0.priority=&targets.0.amount={minutes}&targets.0.unit=minutes"
        )
    };
    for minutes in [60, 30, 200] {
        let seen = browser.get(&asked(minutes)).await;
        assert_eq!(seen.status, 200, "{}", seen.text);
        // All of it lies within the hours of one working day, so that minutes are minutes.
        let met = TOOK.iter().filter(|took| **took <= minutes).count();
        let share = met * 1000 / TOOK.len();
        let tenths = if share.is_multiple_of(10) { String::new() } else { format!(".{}", share % 10) };
        assert!(seen.text.contains(&format!("{}{tenths}%", share / 10)), "{minutes}: {share} in {}", seen.text);
        let turned = numbers.iter().zip(TOOK).filter(|(_, took)| *took > minutes);
        for (number, _) in turned {
            assert!(seen.text.contains(number.as_str()), "{number} would have been missed at {minutes}");
        }
    }
    // A program asks the same and hears the same.
    let ask = |minutes: i64| {
        format!(
            "service-levels/{level}/what-if?from=2025-06-02T00:00:00Z&until=2025-06-04T00:00:00Z&targets=%5B%7B%22metric%22%3A%22resolution%22%2C%22amount%22%3A{minutes}%2C%22unit%22%3A%22minutes%22%7D%5D"
        )
    };
    let told = admin.get(&ask(60)).await.ok();
    let lines = told["lines"].as_array().cloned().unwrap_or_default();
    let sum = |side: &str, of: &str| lines.iter().filter_map(|line| line[side][of].as_u64()).sum::<u64>();
    assert_eq!((sum("would", "met"), sum("would", "missed")), (3, 3), "{told}");
    assert!(told["turned"].as_array().is_some_and(|all| all.iter().any(|one| one["number"] == numbers[3])), "{told}");
    assert_eq!(admin.get(&format!("service-levels/{level}/what-if?from=soon&until=soon")).await.status, 400);
    let requester = stage.sign_in(cast.requester).await;
    assert_eq!(requester.get(&ask(60)).await.status, 404, "levels are none of theirs");
    assert_eq!(clocks(numbers[3].clone()).await, before, "nothing is changed by it");
    let agent_of_records = pages.browser(&stage, cast.requester).await;
    assert_ne!(agent_of_records.get(&asked(60)).await.status, 200);
});

const HOLIDAYS: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//T//EN\r\n\
    BEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20200501\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:Labour Day\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:2\r\nDTSTART:20250601T090000Z\r\nSUMMARY:A meeting\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

story!(slm_holidays_of_a_calendar_file_are_shown_before_they_are_put_in, |stage| async move {
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let id = admin.get("calendars").await.ok()["items"][0]["id"].as_i64().expect("a calendar");
    let pages = Pages::of(&stage).await;
    let browser = pages.browser(&stage, cast.admin).await;
    let place = format!("/admin/holidays/{id}");
    let form = pairs(&[("text", HOLIDAYS), ("first", "2026"), ("last", "2028")]);
    let shown = browser.post(&place, &form).await;
    assert_eq!(shown.status, 422, "{}", shown.text);
    for words in ["3 new holidays", "1 May 2026", "Labour Day", "A meeting", "it is not a whole day"] {
        assert!(shown.text.contains(words), "{words}: {}", shown.text);
    }
    let version = admin.get(&format!("calendars/{id}")).await.ok()["version"].clone();
    let put = pairs(&[("text", HOLIDAYS), ("first", "2026"), ("last", "2028"), ("import", "1")]);
    assert_eq!(browser.post(&place, &put).await.status, 303);
    let calendar = admin.get(&format!("calendars/{id}")).await.ok();
    assert_ne!(calendar["version"], version);
    let dates: Vec<&str> =
        calendar["holidays"].as_array().into_iter().flatten().filter_map(|row| row["date"].as_str()).collect();
    assert_eq!(dates, ["2026-05-01", "2027-05-01", "2028-05-01"]);
    assert_eq!(browser.post(&place, &put).await.status, 422, "a second time it brings nothing");
    let wrong = pairs(&[("text", "no calendar"), ("first", "2026"), ("last", "2028")]);
    assert_eq!(browser.post(&place, &wrong).await.status, 422);
    // A program is told what a file would bring, and puts it in.
    let file = |dry: bool, last: i64| json!({ "file": HOLIDAYS, "first": 2026, "last": last, "dry_run": dry });
    let place = format!("calendars/{id}/holidays");
    let told = admin.post(&place, file(true, 2029)).await.ok();
    assert_eq!((&told["known"], &told["imported"]), (&json!(3), &json!(0)), "{told}");
    assert_eq!(told["new"], json!([{ "date": "2029-05-01", "name": "Labour Day" }]));
    assert_eq!(told["left_out"], json!([{ "name": "A meeting", "why": "it is not a whole day" }]));
    assert_eq!(admin.post(&place, file(false, 2029)).await.ok()["imported"], 1);
    let calendar = admin.get(&format!("calendars/{id}")).await.ok();
    assert_eq!(calendar["holidays"].as_array().map(Vec::len), Some(4));
    admin.post(&place, file(false, 2029)).await.refused_field("file", "nothing_new");
    admin.post(&place, file(true, 3029)).await.refused_field("file", "years");
    let agent = stage.sign_in(cast.agent).await;
    agent.post(&place, file(true, 2029)).await.refused(403, "no_right");
});

story!(people_are_shown_with_when_they_last_signed_in, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(cast.admin).await;
    let access = format!("people/{}/access", cast.agent);
    assert_eq!(admin.get(&access).await.ok()["last_sign_in"], Json::Null);
    let browser = pages.browser(&stage, cast.admin).await;
    assert!(browser.get(&format!("/admin/access/{}", cast.agent)).await.text.contains("Never signed in"));
    // In a browser they have a password.
    pages.browser(&stage, cast.agent).await;
    stage.house.clock.advance_minutes(7);
    let at = stage.house.clock.reading();
    assert!(signs_in(&stage, &pages, cast.agent, 9).await);
    let told = admin.get(&access).await.ok()["last_sign_in"].clone();
    let told: jiff::Timestamp = told.as_str().and_then(|text| text.parse().ok()).expect("an instant");
    assert_eq!(told.as_millisecond(), at);
    assert!(browser.get(&format!("/admin/access/{}", cast.agent)).await.text.contains("Last signed in"));
    let listed = browser.get("/admin/people").await.text;
    assert!(listed.contains("Last sign-in") && listed.contains("Never"), "{listed}");
    let reader = pages.browser(&stage, cast.agent).await;
    assert!(!reader.get("/admin/people").await.text.contains("Last sign-in"), "for those who manage people");
});

story!(gen_05_conditions_are_stated_in_sentences_wherever_an_administrator_states_one, |stage| async move {
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let pages = Pages::of(&stage).await;
    let browser = pages.browser(&stage, cast.admin).await;
    let team = cast.network.to_string();
    let rule = |more: &[(&str, &str)]| {
        let mut form = pairs(&[("name", "Tills"), ("process", "incident"), ("position", "1"), ("team", &team)]);
        form.extend(pairs(more));
        form
    };
    let place = "/admin/assignment-rules/new";
    let lines = [
        ("condition.lines", "2"),
        ("condition.join", "all"),
        ("condition.f.0", "priority"),
        ("condition.o.0", "in"),
        ("condition.v.0", "1"),
        ("condition.v.0", "2"),
        ("condition.f.1", "title"),
        ("condition.o.1", "contains"),
        ("condition.v.1", "till"),
    ];
    assert!(browser.get(place).await.text.contains("name=\"condition.f.0\""));
    let more = browser.post(place, &rule(&[&lines[..], &[("condition._add", "0")]].concat())).await;
    assert!(more.status == 422 && more.text.contains("name=\"condition.f.2\""), "{}", more.text);
    assert!(more.text.contains("value=\"till\""), "what was filled in stays");
    let fewer = browser.post(place, &rule(&[&lines[..], &[("condition._remove", "0")]].concat())).await;
    assert!(fewer.status == 422 && !fewer.text.contains("name=\"condition.f.1\""));
    let other =
        browser.post(place, &rule(&[("condition.lines", "1"), ("condition.f.0", "team"), ("_update", "1")])).await;
    assert!(other.status == 200 && other.text.contains("name=\"condition.o.0\""), "the verbs follow the field");

    let made = browser.post(place, &rule(&lines)).await;
    assert_eq!(made.status, 303, "{}", made.text);
    let of = made.leads_to().trim_start_matches("/admin/").to_owned();
    let text = "priority in (1, 2) and title contains \"till\"";
    assert_eq!(admin.get(&of).await.ok()["condition"], text);
    let shown = browser.get(&format!("/admin/{of}")).await.text;
    assert!(shown.contains("value=\"till\"") && !shown.contains("priority in (1, 2)"), "sentences again: {shown}");

    // Words of one's own stand beside the sentences, and what no sentence says stays as it is.
    let both = rule(&[&lines[..], &[("version", "1"), ("condition", "urgency = \"high\"")]].concat());
    assert_eq!(browser.post(&format!("/admin/{of}"), &both).await.status, 303);
    let whole = format!("{text} and urgency = \"high\"");
    assert_eq!(admin.get(&of).await.ok()["condition"], whole.as_str());
    let odd = "not (priority = 1 and title = \"x\")";
    admin.patch(&of, json!({ "condition": odd })).await.ok();
    let shown = browser.get(&format!("/admin/{of}")).await.text;
    assert!(shown.contains("not (priority = 1 and title ="), "{shown}");
    let kept = rule(&[("version", "3"), ("condition.lines", "1"), ("condition", odd)]);
    assert_eq!(browser.post(&format!("/admin/{of}"), &kept).await.status, 303);
    assert_eq!(admin.get(&of).await.ok()["condition"], odd);
    let wrong = rule(&[("version", "4"), ("condition.lines", "1"), ("condition", "priority <=")]);
    assert_eq!(browser.post(&format!("/admin/{of}"), &wrong).await.status, 422);
    assert_eq!(admin.get(&of).await.ok()["condition"], odd, "nothing is half written");
});

story!(gen_05_guards_of_a_process_are_stated_in_sentences_too, |stage| async move {
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let settings = crate::fields::settings(&admin).await;
    let pages = Pages::of(&stage).await;
    let browser = pages.browser(&stage, cast.admin).await;
    let place = format!("/admin/{settings}");
    let guard = |more: &[(&str, &str)]| {
        let mut form = pairs(&[("name", "Incident"), ("process", "incident")]);
        form.extend(pairs(more));
        form
    };
    let first = [
        ("guards.0.step", "resolve"),
        ("guards.0.condition.lines", "1"),
        ("guards.0.condition.f.0", "assignee"),
        ("guards.0.condition.o.0", "in"),
        ("guards.0.condition.v.0", "me"),
        ("guards.0.says", "Only whoever has it resolves it."),
    ];
    let blank = browser.post(&place, &guard(&[("_add_row", "guards")])).await;
    assert!(blank.status == 422 && blank.text.contains("name=\"guards.0.condition.f.0\""), "{}", blank.text);
    assert!(blank.text.contains("<option value=\"resolve\""), "steps are chosen");
    let second = [
        ("guards.1.step", ""),
        ("guards.1.condition.lines", "1"),
        ("guards.1.condition.f.0", "priority"),
        ("guards.1.condition.o.0", "in"),
        ("guards.1.condition.v.0", "1"),
        ("guards.1.says", ""),
    ];
    let both = [&first[..], &second[..]].concat();
    let more = browser.post(&place, &guard(&[&both[..], &[("guards.1.condition._add", "0")]].concat())).await;
    assert!(more.status == 422 && more.text.contains("name=\"guards.1.condition.f.1\""));
    assert!(!more.text.contains("name=\"guards.0.condition.f.1\""), "each guard has lines of its own");
    let fewer = browser.post(&place, &guard(&[&both[..], &[("_remove_row", "guards:0")]].concat())).await;
    assert!(fewer.status == 422 && !fewer.text.contains("name=\"guards.1.step\""));
    let ticked = "name=\"guards.0.condition.v.0\" value=\"1\" checked";
    assert!(fewer.text.contains(ticked), "what was filled in moves up with its row: {}", fewer.text);

    // A guard that speaks of something and names no step is no empty row, and is told where that is.
    let half = browser.post(&place, &guard(&[&both[..], &[("version", "1")]].concat())).await;
    assert_eq!(half.status, 422, "{}", half.text);
    assert!(half.text.contains("id=\"field-guards.1.step-error\""), "{}", half.text);
    assert!(admin.get(&settings).await.ok()["guards"].as_array().is_none_or(Vec::is_empty), "nothing is half written");

    let saved = browser.post(&place, &guard(&[&first[..], &[("version", "1")]].concat())).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let guards = admin.get(&settings).await.ok()["guards"].clone();
    let says = "Only whoever has it resolves it.";
    assert_eq!(guards, json!([{ "step": "resolve", "condition": "assignee = me", "says": says }]));
    let shown = browser.get(&place).await.text;
    assert!(shown.contains("name=\"guards.0.condition.v.0\" value=\"me\" checked"), "sentences again: {shown}");

    let (agent, other) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.agent_l2).await);
    let number = in_progress(&stage, &agent).await;
    let refused = other.post(&format!("incidents/{number}/resolve"), resolution(&cast)).await;
    assert_eq!(refused.refused(409, "guarded")["detail"], says);
    agent.step(&number, "resolve", resolution(&cast)).await;
});

story!(gen_06_a_custom_field_is_looked_at_as_a_role_while_it_is_made, |stage| async move {
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let (agent, requester) = (role(&admin, "Agent").await.to_string(), role(&admin, "Requester").await.to_string());
    let browser = Pages::of(&stage).await.browser(&stage, cast.admin).await;
    let look = |role: &str, more: &[(&str, &str)]| {
        let mut form = pairs(&[
            ("_update", "1"),
            ("name", "Size of the till"),
            ("process", "incident"),
            ("kind", "choice"),
            ("choices.0.key", "s"),
            ("choices.0.label", "Small one"),
            ("_role", role),
        ]);
        form.extend(pairs(more));
        let browser = browser.clone();
        async move {
            let seen = browser.post("/admin/custom-fields/new", &form).await;
            assert_eq!(seen.status, 200, "{}", seen.text);
            seen.text.split("id=\"preview\"").nth(1).expect("a preview").to_owned()
        }
    };
    let as_agent = look(&agent, &[]).await;
    assert!(as_agent.contains("Size of the till") && as_agent.contains(">Small one</option>"), "{as_agent}");
    assert!(look(&requester, &[]).await.contains("is not asked for it"));
    assert!(look(&requester, &[("requester", "true")]).await.contains(">Small one</option>"));
    let hidden = look(&requester, &[("requester", "true"), ("internal", "true")]).await;
    assert!(hidden.contains("does not read what is internal") && !hidden.contains("Small one"));
    assert!(look(&agent, &[("internal", "true")]).await.contains(">Small one</option>"));
    let listed = admin.get("custom-fields").await.ok();
    assert_eq!(listed["items"], json!([]), "nothing is made by looking");
});

/// The part of a page around the control of a field.
fn control<'a>(page: &'a str, field: &str) -> &'a str {
    let from = page.find(&format!("id=\"field-{field}\"")).unwrap_or_else(|| panic!("no {field} in {page}"));
    &page[page[..from].rfind('<').unwrap_or_default()..]
}

story!(b_10_slm_06_nobody_types_a_key_to_say_how_a_list_looks_or_when_a_clock_rests, |stage| async move {
    let cast = stage.house.cast.clone();
    let (pages, admin) = (Pages::of(&stage).await, stage.sign_in(cast.admin).await);
    let browser = pages.browser(&stage, cast.admin).await;
    let form = |all: &[(&str, &str)]| -> Vec<(String, String)> {
        all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let view = form(&[
        ("name", "By age"),
        ("process", "incident"),
        ("shared", "everyone"),
        ("sort", "opened"),
        ("group", "impact"),
        ("columns", "title"),
        ("columns", "number"),
    ]);
    let made = browser.post("/admin/views/new", &view).await;
    assert_eq!(made.status, 303, "{}", made.text);
    let views = admin.get("views?limit=200").await.ok();
    let view = views["items"].as_array().into_iter().flatten().find(|view| view["name"] == "By age").expect("a view");
    assert_eq!((&view["sort"], &view["group"]), (&json!("opened"), &json!("impact")));
    assert_eq!(view["columns"], json!(["title", "number"]));
    let page = browser.get(&format!("/admin/views/{}", view["id"])).await.text;
    let (order, heads) = (control(&page, "sort"), control(&page, "group"));
    assert!(
        order.starts_with("<select") && order.contains("<option value=\"opened\" selected>Oldest</option>"),
        "{order}"
    );
    assert!(
        heads.starts_with("<select") && heads.contains("<option value=\"impact\" selected>Impact</option>"),
        "{heads}"
    );
    let ticked = |page: &str, name: &str| -> Vec<String> {
        let boxes =
            page.split("<input ").skip(1).filter(|each| each.contains(&format!("type=\"checkbox\" name=\"{name}\"")));
        let boxes = boxes.filter(|each| each.split('>').next().is_some_and(|tag| tag.contains("checked")));
        boxes.filter_map(|each| each.split("value=\"").nth(1)?.split('"').next().map(str::to_owned)).collect()
    };
    assert_eq!(ticked(&page, "columns"), ["title", "number"], "in their order: {page}");
    assert!(page.contains("value=\"hold_reason\"") && page.contains("Waiting for"), "and all others to add");
    let levels = admin.get("service-levels?limit=1").await.ok();
    let page = browser.get(&format!("/admin/service-levels/{}", levels["items"][0]["id"])).await.text;
    let held = ticked(&page, "pause_reasons");
    assert_eq!(json!(held), levels["items"][0]["pause_reasons"], "{page}");
    assert!(page.contains("The requester") && page.contains("A vendor"), "{page}");
    // What a macro sets is chosen as the field has it, once the field is known.
    let words = [("name", "Wait"), ("process", "incident"), ("values.0.field", "hold_reason"), ("values.0.value", "")];
    let asked = browser.post("/admin/macros/new", &form(&[&words[..], &[("_update", "1")]].concat())).await;
    assert_eq!(asked.status, 200, "{}", asked.text);
    let value = control(&asked.text, "values.0.value");
    assert!(value.starts_with("<select") && value.contains(">A vendor</option>"), "{value}");
    let words = [&words[..3], &[("values.0.value", "vendor"), ("step", "hold")]].concat();
    assert_eq!(browser.post("/admin/macros/new", &form(&words)).await.status, 303);
    // A zone is looked up, a language chosen.
    let page = browser.get(&format!("/admin/people/{}", cast.agent)).await.text;
    assert!(page.contains("/pick/zones") && control(&page, "language").contains("value=\"de\""), "{page}");
});
