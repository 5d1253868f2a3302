//! The schedule of changes: what stands in each other's way, freezes and maintenance windows, and who is told.

use crate::browser::{ORIGIN, Pages};
use crate::change::{END, START, approve, asked, assessed, change, read, review, scheduled, step, wanted, with};
use crate::client::{Client, encoded};
use crate::story;
use mainstay_testing::at;
use serde_json::{Value as Json, json};

/// A change that is planned for a time.
async fn planned(client: &Client, start: &str, end: &str, more: Json) -> String {
    change(client, "minor", with(json!({ "planned_start": start, "planned_end": end }), &more)).await
}

async fn conflicts(client: &Client, number: &str) -> Vec<Json> {
    let found = client.get(&format!("changes/{number}/conflicts")).await.ok();
    found["items"].as_array().cloned().unwrap_or_default()
}

/// With what a change conflicts.
async fn met(client: &Client, number: &str) -> Vec<String> {
    conflicts(client, number).await.iter().filter_map(|each| each["conflict"].as_str().map(str::to_owned)).collect()
}

/// Why a change conflicts with the first that it meets.
async fn kinds(client: &Client, number: &str) -> Vec<String> {
    let found = conflicts(client, number).await;
    let reasons = found.first().map(|each| each["reasons"].clone()).unwrap_or_default();
    let kinds = reasons.as_array().into_iter().flatten();
    kinds.filter_map(|reason| reason["kind"].as_str().map(str::to_owned)).collect()
}

async fn accept(client: &Client, number: &str, key: &str, reason: &str) -> crate::client::Answer {
    client.post(&format!("changes/{number}/conflicts/{key}"), json!({ "reason": reason })).await
}

/// A window, by its id.
pub async fn window(manager: &Client, name: &str, more: Json) -> i64 {
    let window = with(json!({ "name": name, "zone": "Europe/London" }), &more);
    manager.post("windows", window).await.ok()["id"].as_i64().expect("an id")
}

pub fn freeze(from: &str, until: &str) -> Json {
    json!({ "kind": "freeze", "repeats": "once", "from": from, "until": until })
}

pub async fn item(manager: &Client, title: &str) -> String {
    let classes = manager.get("item-classes?limit=100").await.ok();
    let class = classes["items"].as_array().into_iter().flatten().find(|class| class["name"] == "Server");
    let class = class.expect("a class of the beginning")["id"].clone();
    let made = manager.post("configuration-items", json!({ "title": title, "class": class })).await.ok();
    made["number"].as_str().expect("a number").to_owned()
}

async fn touches(client: &Client, number: &str, item: &str) {
    client.post(&format!("changes/{number}/links"), json!({ "relation": "related_to", "to": item })).await.ok();
}

story!(chg_14_two_changes_on_an_item_and_what_it_depends_on_conflict_on_both, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let (application, database) = (item(&manager, "app-01").await, item(&manager, "db-01").await);
    let depends = json!({ "relation": "depends_on", "to": database });
    manager.post(&format!("configuration-items/{application}/links"), depends).await.ok();
    let one = planned(&agent, START, END, json!({})).await;
    let other = planned(&agent, "2025-06-03T21:30:00Z", "2025-06-03T23:00:00Z", json!({})).await;
    touches(&agent, &one, &application).await;
    assert!(met(&agent, &one).await.is_empty(), "nothing is shared yet");
    touches(&agent, &other, &database).await;
    assert_eq!(met(&agent, &one).await, std::slice::from_ref(&other));
    assert_eq!(met(&agent, &other).await, std::slice::from_ref(&one), "it shows on both");
    assert_eq!(kinds(&agent, &one).await, ["dependency"]);
    let items = conflicts(&agent, &one).await[0]["reasons"][0]["items"].clone();
    assert_eq!((&items[0]["number"], &items[1]["number"]), (&json!(application), &json!(database)));
    touches(&agent, &one, &database).await;
    assert_eq!(kinds(&agent, &other).await, ["item", "dependency"]);
    // Beside each other is no conflict.
    agent
        .patch(&format!("changes/{other}"), json!({ "planned_start": END, "planned_end": "2025-06-03T23:00:00Z" }))
        .await
        .ok();
    assert!(met(&agent, &one).await.is_empty() && met(&agent, &other).await.is_empty());
});

story!(chg_14_services_and_people_are_booked_once, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let one = planned(&agent, START, END, json!({ "service": cast.payments, "implementer": cast.agent_l2 })).await;
    let other =
        planned(&agent, START, END, json!({ "service": cast.email, "affected_services": [cast.payments] })).await;
    assert_eq!(kinds(&agent, &one).await, ["service"]);
    let named = conflicts(&agent, &one).await[0]["reasons"][0]["entry"]["name"].clone();
    assert_eq!(named, "Payments");
    let third = planned(&agent, START, END, json!({})).await;
    let task = json!({ "title": "Watch the lines", "assignee": cast.agent_l2 });
    agent.post(&format!("changes/{third}/tasks"), task).await.ok();
    assert_eq!(met(&agent, &third).await, std::slice::from_ref(&one));
    assert_eq!(kinds(&agent, &third).await, ["person"], "whoever has a task of one is booked");
    // What is over or given up stands in nobody's way.
    step(&agent, &other, "cancel", json!({ "reason": "Not wanted any more." })).await;
    assert_eq!(met(&agent, &one).await, [third]);
});

story!(chg_14_assessment_ends_when_each_conflict_is_resolved_or_accepted, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let first = scheduled(&stage, &agent, &manager).await;
    let number = change(&agent, "minor", json!({})).await;
    step(&agent, &number, "submit", wanted(&cast)).await;
    step(&manager, &number, "assess", json!({})).await;
    let ask = format!("changes/{number}/request_approval");
    let refused = manager.post(&ask, assessed()).await.refused(409, "conflicts_unexamined");
    assert!(refused["detail"].as_str().is_some_and(|says| says.contains(&first)), "{refused}");
    let times = json!({ "planned_start": START, "planned_end": END });
    manager.patch(&format!("changes/{number}"), times).await.ok();
    accept(&manager, &number, &first, " ").await.refused_field("reason", "required");
    accept(&manager, &number, "CHG-99999", "Agreed").await.refused(404, "not_found");
    let after = accept(&manager, &number, &first, "Other hands, other racks.").await.ok();
    assert_eq!(after["items"][0]["accepted"]["reason"], "Other hands, other racks.");
    let log = manager.get(&format!("changes/{number}/history?limit=200")).await.ok();
    let line =
        log["items"].as_array().into_iter().flatten().find(|e| e["verb"] == "conflict_accepted").expect("a line");
    assert_eq!((&line["reason"], &line["changes"][0]["new"]), (&json!("Other hands, other racks."), &json!(first)));
    // Another time is another conflict, and so is another time of the other one.
    let later = json!({ "planned_start": "2025-06-03T20:30:00Z" });
    manager.patch(&format!("changes/{number}"), later).await.ok();
    let now = with(assessed(), &json!({ "planned_start": "2025-06-03T20:30:00Z" }));
    manager.post(&ask, now.clone()).await.refused(409, "conflicts_unexamined");
    accept(&manager, &number, &first, "Still.").await.ok();
    assert_eq!(manager.post(&ask, now).await.ok()["state"], "authorisation");
});

story!(chg_14_what_is_moved_into_the_way_is_examined_before_it_is_scheduled_and_before_it_starts, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let first = scheduled(&stage, &agent, &manager).await;
    let submitted = async || {
        let number = change(&agent, "minor", json!({})).await;
        step(&agent, &number, "submit", wanted(&cast)).await;
        number
    };
    let number = submitted().await;
    step(&manager, &number, "assess", json!({})).await;
    let free = json!({ "planned_start": "2025-06-05T20:00:00Z", "planned_end": "2025-06-05T22:00:00Z" });
    manager.post(&format!("changes/{number}/request_approval"), with(assessed(), &free)).await.ok();
    let times = json!({ "planned_start": START, "planned_end": END });
    manager.patch(&format!("changes/{number}"), times.clone()).await.ok();
    approve(&manager, &number).await;
    let schedule = format!("changes/{number}/schedule");
    let refused = manager.post(&schedule, json!({})).await.refused(409, "conflicts_unexamined");
    assert!(refused["detail"].as_str().is_some_and(|says| says.contains(&first)), "{refused}");
    accept(&manager, &number, &first, "Other hands.").await.ok();
    assert_eq!(manager.post(&schedule, json!({})).await.ok()["state"], "scheduled");
    // Two records have one conflict: what is accepted on one of them is accepted.
    assert_eq!(conflicts(&agent, &first).await[0]["accepted"]["reason"], "Other hands.");

    let third = submitted().await;
    agent.patch(&format!("changes/{third}"), times).await.ok();
    stage.house.clock.set(at(START));
    let gate = agent.get(&format!("changes/{first}/gate")).await.ok();
    assert_eq!((&gate["go"], &gate["reasons"][0]["code"]), (&json!(false), &json!("conflicts_unexamined")));
    let start = format!("changes/{first}/start");
    agent.post(&start, json!({})).await.refused(409, "conflicts_unexamined");
    accept(&agent, &third, &first, "It waits for it.").await.ok();
    assert_eq!(agent.post(&start, json!({})).await.ok()["state"], "implementation");
});

story!(chg_14_work_belongs_into_the_window_that_is_meant_for_it_and_free_slots_are_proposed, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    // Saturdays from ten in the evening in London, which is nine in UTC.
    let nights = json!({ "kind": "maintenance", "repeats": "weekly", "days": ["saturday"], "at": "22:00", "hours": 6, "services": [cast.payments] });
    window(&manager, "Saturday night", nights).await;
    let number = planned(&agent, START, END, json!({ "service": cast.payments })).await;
    let found = conflicts(&agent, &number).await;
    assert_eq!((&found[0]["kind"], &found[0]["windows"]), (&json!("outside"), &json!(["Saturday night"])));
    let beside = planned(&agent, START, END, json!({ "service": cast.email })).await;
    assert!(met(&agent, &beside).await.is_empty(), "no window is meant for it");
    // One that is there already takes the beginning of the first night.
    planned(&agent, "2025-06-07T21:00:00Z", "2025-06-07T22:15:00Z", json!({ "service": cast.payments })).await;
    let free = agent.get(&format!("changes/{number}/conflicts")).await.ok()["free"].clone();
    let starts: Vec<&str> = free.as_array().into_iter().flatten().filter_map(|slot| slot["start"].as_str()).collect();
    assert_eq!(starts, ["2025-06-07T22:30:00Z", "2025-06-14T21:00:00Z", "2025-06-21T21:00:00Z"]);
    let moved = json!({ "planned_start": free[0]["start"], "planned_end": free[0]["end"] });
    agent.patch(&format!("changes/{number}"), moved).await.ok();
    assert!(met(&agent, &number).await.is_empty(), "moved there, nothing is in its way");
});

story!(chg_15_a_freeze_refuses_normal_changes_without_the_authority_and_lets_emergencies_pass, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let approver = stage.sign_in(cast.team_manager).await;
    let number = asked(&stage, &agent, &manager, "minor").await;
    approve(&manager, &number).await;
    let more = with(freeze("2025-06-03T00:00:00Z", "2025-06-05T00:00:00Z"), &json!({ "authority": cast.team_manager }));
    let id = window(&manager, "Month end", more).await;
    let schedule = format!("changes/{number}/schedule");
    let refused = manager.post(&schedule, json!({})).await.refused(409, "frozen");
    let says = refused["detail"].as_str().unwrap_or_default();
    assert!(says.contains("Month end") && says.contains("Team Manager"), "{says}");
    let key = format!("window-{id}");
    accept(&manager, &number, &key, "It is small.").await.refused(403, "not_the_authority");
    accept(&approver, &number, &key, "The bank agreed.").await.ok();
    let log = manager.get(&format!("changes/{number}/history?limit=200")).await.ok();
    assert!(log["items"].as_array().into_iter().flatten().any(|event| event["verb"] == "exception_allowed"));
    assert_eq!(manager.post(&schedule, json!({})).await.ok()["state"], "scheduled");

    // An emergency goes on, and says that a freeze let it pass.
    crate::change::board(&stage, "ecab", &[cast.approver]).await;
    stage.house.clock.set(at(START));
    let emergency = change(&agent, "emergency", json!({})).await;
    let now = json!({ "why": "It is down.", "service": cast.email, "emergency_reason": "Nobody gets mail.", "back_out": "Start the old one." });
    step(&agent, &emergency, "declare_emergency", now).await;
    approve(&stage.sign_in(cast.approver).await, &emergency).await;
    step(&agent, &emergency, "start_emergency", json!({})).await;
    assert_eq!(read(&agent, &emergency).await["in_freeze"], true);
    let flagged = manager.get("changes?filter=in_freeze%20%3D%20true").await.ok();
    assert_eq!(flagged["items"].as_array().map(Vec::len), Some(1));
});

story!(chg_15_an_exception_is_allowed_by_whoever_has_the_role_for_such_work, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let admin = stage.sign_in(cast.admin).await;
    let role =
        json!({ "name": "Keeper of the freeze", "reach": "staff", "permissions": ["change.view", "change.update"] });
    let role = admin.post("roles", role).await.ok()["id"].clone();
    let own = admin.get(&format!("people/{}", cast.agent_l2)).await.ok()["grants"][0]["role"].clone();
    let held = async |more: Json| {
        let grants = json!([{ "role": own["id"] }, with(json!({ "role": role }), &more)]);
        admin.patch(&format!("people/{}", cast.agent_l2), json!({ "grants": grants })).await.ok();
    };
    let more = with(freeze("2025-06-03T00:00:00Z", "2025-06-05T00:00:00Z"), &json!({ "authority_role": role }));
    let key = format!("window-{}", window(&manager, "Month end", more).await);
    let number = planned(&agent, START, END, json!({ "organisation": cast.retail_bank })).await;
    for elsewhere in [json!({ "process": "incident" }), json!({ "organisation": cast.acme })] {
        held(elsewhere).await;
        let keeper = stage.sign_in(cast.agent_l2).await;
        accept(&keeper, &number, &key, "It is small.").await.refused(403, "not_the_authority");
    }
    held(json!({ "process": "change", "organisation": cast.retail_bank })).await;
    accept(&stage.sign_in(cast.agent_l2).await, &number, &key, "The bank agreed.").await.ok();
});

story!(chg_13_whoever_sees_a_change_from_outside_is_shown_no_hands_and_no_items, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let admin = stage.sign_in(cast.admin).await;
    let own = admin.get(&format!("people/{}", cast.agent_l2)).await.ok()["grants"][0]["role"].clone();
    let grants = json!([{ "role": own["id"], "organisation": cast.acme }]);
    admin.patch(&format!("people/{}", cast.agent_l2), json!({ "grants": grants })).await.ok();
    let database = item(&manager, "db-01").await;
    let one = planned(&agent, START, END, json!({ "organisation": cast.retail_bank })).await;
    let other = planned(&agent, START, END, json!({ "organisation": cast.retail_bank })).await;
    for number in [&one, &other] {
        touches(&agent, number, &database).await;
        let task = json!({ "title": "Watch the lines", "assignee": cast.agent });
        agent.post(&format!("changes/{number}/tasks"), task).await.ok();
        manager.post(&format!("changes/{number}/watchers"), json!({ "person": cast.agent_l2 })).await.ok();
    }
    let place = format!("changes/calendar?from={START}&until={END}");
    let inside = agent.get(&place).await.ok();
    assert_eq!(
        (&inside["items"][0]["people"][0]["id"], &inside["items"][0]["conflicts"]),
        (&json!(cast.agent), &json!([other]))
    );
    let outside = stage.sign_in(cast.agent_l2).await;
    let told = outside.get(&place).await.ok();
    assert_eq!(told["items"].as_array().map(Vec::len), Some(2));
    assert_eq!((&told["items"][0]["people"], &told["items"][0]["conflicts"]), (&json!([]), &json!([])));
    outside.get(&format!("changes/{one}/conflicts")).await.refused(403, "no_right");
});

story!(chg_15_a_freeze_is_for_what_it_names_and_may_only_warn, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let warns = json!({ "effect": "warn", "services": [cast.email] });
    let id = window(&manager, "Mail moves", with(freeze("2025-06-03T00:00:00Z", "2025-06-05T00:00:00Z"), &warns)).await;
    let number = planned(&agent, START, END, json!({ "service": cast.payments })).await;
    assert!(met(&agent, &number).await.is_empty(), "it is for another service");
    agent.patch(&format!("changes/{number}"), json!({ "service": cast.email })).await.ok();
    let found = conflicts(&agent, &number).await;
    assert_eq!((&found[0]["conflict"], &found[0]["blocks"]), (&json!(format!("window-{id}")), &json!(false)));
    accept(&agent, &number, &format!("window-{id}"), "It is about mail.").await.ok();
    assert_eq!(conflicts(&agent, &number).await[0]["settled"], true);
    // A changed freeze asks anew.
    manager.patch(&format!("windows/{id}"), json!({ "until": "2025-06-06T00:00:00Z" })).await.ok();
    assert_eq!(conflicts(&agent, &number).await[0]["settled"], false);
    let wrong = json!({ "name": "Never", "kind": "freeze", "zone": "Europe/London", "repeats": "weekly", "at": "22:00", "hours": 2 });
    manager.post("windows", wrong).await.refused_field("days", "required");
    agent
        .post("windows", with(json!({ "name": "Mine", "zone": "UTC" }), &freeze(START, END)))
        .await
        .refused(403, "no_right");
});

story!(chg_13_agreed_work_is_told_to_those_whose_services_it_touches_and_to_no_others, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let acme = stage.sign_in(cast.acme_requester).await;
    let told = async || acme.get("me/planned-work").await.ok()["items"].as_array().cloned().unwrap_or_default();
    manager.patch(&format!("services/{}", cast.payments), json!({ "organisations": [cast.retail_bank] })).await.ok();
    let number = asked(&stage, &agent, &manager, "minor").await;
    manager.patch(&format!("changes/{number}"), json!({ "downtime": 25 })).await.ok();
    approve(&manager, &number).await;
    assert!(told().await.is_empty(), "nothing is agreed yet");
    step(&manager, &number, "schedule", json!({})).await;
    assert!(told().await.is_empty(), "it touches nothing that they use");
    let inside = stage.sign_in(cast.requester).await.get("me/planned-work").await.ok();
    assert_eq!(inside["items"][0]["services"][0]["name"], "Payments");
    manager.patch(&format!("services/{}", cast.payments), json!({ "organisations": [cast.acme] })).await.ok();
    let found = told().await;
    assert_eq!((&found[0]["outage"], &found[0]["start"]), (&json!(25), &json!(START)));
    assert!(!found[0].to_string().contains(&number) && !found[0].to_string().contains("gateway"), "no more is told");
    acme.get(&format!("changes/{number}")).await.refused(404, "not_found");
    stage.house.clock.set(at(END));
    assert!(told().await.is_empty(), "what is over is told no more");
});

story!(chg_13_the_calendar_shows_what_one_may_see_with_windows_and_conflicts, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    window(&manager, "Month end", freeze("2025-06-04T00:00:00Z", "2025-06-05T00:00:00Z")).await;
    let one = planned(&agent, START, END, json!({ "service": cast.payments })).await;
    let other = planned(&agent, START, END, json!({ "service": cast.payments, "type": "major" })).await;
    planned(&agent, "2025-07-03T20:00:00Z", "2025-07-03T22:00:00Z", json!({ "service": cast.payments })).await;
    let long = planned(&agent, "2025-05-01T00:00:00Z", "2025-06-03T01:00:00Z", json!({})).await;
    let week = "from=2025-06-02T00:00:00Z&until=2025-06-09T00:00:00Z";
    let all = agent.get(&format!("changes/calendar?{week}")).await.ok();
    let numbers = |found: &Json| -> Vec<String> {
        let items = found["items"].as_array().into_iter().flatten();
        items.filter_map(|item| item["number"].as_str().map(str::to_owned)).collect()
    };
    assert_eq!(numbers(&all), [long, one.clone(), other.clone()]);
    assert_eq!(all["items"][1]["conflicts"], json!([other]));
    assert_eq!(all["windows"][0]["name"], "Month end");
    let major = agent.get(&format!("changes/calendar?{week}&filter={}", encoded("type = \"major\""))).await.ok();
    assert_eq!(numbers(&major), [other]);
    assert_eq!(
        major["items"][0]["conflicts"],
        json!([one]),
        "what stands in its way may be nothing that was asked for"
    );
    let customer = stage.sign_in(cast.acme_requester).await;
    customer.get(&format!("changes/calendar?{week}")).await.refused(403, "no_right");
    agent.get("changes/calendar?from=2025-06-09T00:00:00Z&until=2025-06-02T00:00:00Z").await.refused(422, "bad_span");
});

// Two changes meet each other and the month end; one is moved, approved, edited, approved anew, backed out and
// reviewed.
story!(chg_14_chg_15_chg_17_chg_18_little_is_disturbed_when_two_changes_meet_a_freeze, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let other = scheduled(&stage, &agent, &manager).await;
    window(&manager, "Month end", freeze("2025-06-04T00:00:00Z", "2025-06-05T00:00:00Z")).await;
    let number = change(&agent, "minor", json!({})).await;
    step(&agent, &number, "submit", wanted(&cast)).await;
    step(&manager, &number, "assess", json!({ "implementer": cast.agent_l2 })).await;
    let (ask, path) = (format!("changes/{number}/request_approval"), format!("changes/{number}"));
    // Each other, then the freeze, then a time that is free.
    manager.post(&ask, assessed()).await.refused(409, "conflicts_unexamined");
    assert_eq!(kinds(&manager, &other).await, Vec::<String>::new(), "what is refused leaves nothing behind");
    let frozen = json!({ "planned_start": "2025-06-04T20:00:00Z", "planned_end": "2025-06-04T22:00:00Z" });
    let refused = manager.post(&ask, with(assessed(), &frozen)).await.refused(409, "frozen");
    assert!(refused["detail"].as_str().is_some_and(|says| says.contains("Month end")), "{refused}");
    let free = json!({ "planned_start": "2025-06-05T20:00:00Z", "planned_end": "2025-06-05T22:00:00Z" });
    step(&manager, &number, "request_approval", with(assessed(), &free)).await;
    approve(&manager, &number).await;
    step(&manager, &number, "schedule", json!({})).await;
    // Another plan is another matter.
    assert_eq!(manager.patch(&path, json!({ "plan": "Swap only one box." })).await.ok()["state"], "authorisation");
    manager.post(&format!("{path}/schedule"), json!({})).await.refused(409, "approvals_missing");
    approve(&manager, &number).await;
    step(&manager, &number, "schedule", json!({})).await;
    stage.house.clock.set(at("2025-06-05T20:00:00Z"));
    step(&agent, &number, "start", json!({})).await;
    step(&agent, &number, "back_out", json!({ "reason": "The new box is dead." })).await;
    let failed = json!({ "outcome": "backed_out", "map": "no_effect" });
    manager.post(&format!("{path}/close_failed"), failed.clone()).await.refused(409, "review_needed");
    assert_eq!(step(&manager, &number, "close_failed", with(review(), &failed)).await["state"], "closed");
});

story!(chg_13_a_calendar_program_reads_what_its_person_may_see_until_the_address_ends, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let pages = Pages::of(&stage).await;
    let number = scheduled(&stage, &agent, &manager).await;
    let address = async |person: i64| {
        let browser = pages.browser(&stage, person).await;
        let shown = browser.post("/me/calendar", &[]).await;
        assert_eq!(shown.status, 200, "{}", shown.text);
        let (_, rest) = shown.text.split_once(&format!("{ORIGIN}/calendar/")).expect("the address is shown once");
        let secret = rest.split('/').next().expect("a secret").to_owned();
        assert!(!browser.get("/me/calendar").await.text.contains(&secret), "and never again");
        (browser, format!("/calendar/{secret}/planned.ics"))
    };
    let nobody = pages.stranger(9);
    let (_, of_agent) = address(cast.agent).await;
    let calendar = nobody.get(&of_agent).await;
    assert_eq!(calendar.status, 200, "{}", calendar.text);
    assert!(calendar.text.contains(&format!("SUMMARY:{number} Replace the gateway\r\n")), "{}", calendar.text);
    assert!(calendar.text.contains("DTSTART:20250603T200000Z\r\n"));
    // The address is of no other use.
    let secret = of_agent.split('/').nth(2).expect("a secret").to_owned();
    let with_it = stage.stranger_with(&secret);
    with_it.get(&format!("changes/calendar?from={START}&until={END}")).await.refused(403, "no_right");
    // A customer reads of services, and of nothing else.
    let (_, of_customer) = address(cast.acme_requester).await;
    let told = nobody.get(&of_customer).await;
    assert!(told.text.contains("SUMMARY:Planned work: Payments") && !told.text.contains(&number), "{}", told.text);
    // A new address ends the old one, and without any nothing is read.
    let (browser, second) = address(cast.agent).await;
    assert_eq!((nobody.get(&of_agent).await.status.as_u16(), nobody.get(&second).await.status.as_u16()), (404, 200));
    browser.post("/me/calendar/end", &[]).await;
    assert_eq!(nobody.get(&second).await.status, 404);
});

const PLANNED: &str = r#"
into = "changes"
origin = "old-desk"
key = "No"
[fields]
title = { column = "Title" }
type = { constant = "minor" }
state = { constant = "scheduled" }
service = { column = "Service" }
planned_start = { column = "Start" }
planned_end = { column = "End" }
"#;

story!(chg_13_what_is_ahead_is_told_however_much_was_planned_before, |stage| async move {
    let cast = stage.house.cast.clone();
    let (_kept, folder) = crate::importing::folder();
    let at = |minutes: i64| {
        let at = stage.house.clock.reading() + minutes * 60_000;
        jiff::Timestamp::from_millisecond(at).expect("an instant").to_string()
    };
    let row = |n: i64, service: &str, start: i64| format!("{n},Work {n},{service},{},{}\n", at(start), at(start + 30));
    let past: String = (0..520).map(|n| row(n, "Email", -14_000 + n * 20)).collect();
    let ahead: String = (600..720).map(|n| row(n, "Email", n)).collect();
    let last = row(900, "Payments", 10_000);
    let text = format!("No,Title,Service,Start,End\n{past}{ahead}{last}");
    let told = crate::importing::import(&stage, &folder, "planned.csv", &text, Some(PLANNED)).await;
    assert_eq!((told.made, told.rejected_rows), (641, 0), "{told}");
    let pages = Pages::of(&stage).await;
    let browser = pages.browser(&stage, cast.agent).await;
    let shown = browser.post("/me/calendar", &[]).await;
    let (_, rest) = shown.text.split_once(&format!("{ORIGIN}/calendar/")).expect("an address");
    let address = format!("/calendar/{}/planned.ics", rest.split('/').next().expect("a secret"));
    let calendar = pages.stranger(9).get(&address).await.text;
    assert!(calendar.contains("Work 900\r\n") && calendar.contains("Work 600\r\n"), "what is ahead is there");
    assert!(calendar.contains("Work 519\r\n"), "and what was done last");
    // A customer of one service is told of it, behind all that is of no matter to them.
    let admin = stage.sign_in(cast.admin).await;
    admin.patch(&format!("services/{}", cast.email), json!({ "organisations": [cast.retail_bank] })).await.ok();
    let acme = stage.sign_in(cast.acme_requester).await.get("me/planned-work").await.ok();
    let names: Vec<&Json> = acme["items"].as_array().into_iter().flatten().map(|w| &w["services"][0]["name"]).collect();
    assert_eq!(names, ["Payments"]);
});

story!(chg_13_the_calendar_works_without_a_script_and_a_move_is_taken_back_like_any_edit, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let pages = Pages::of(&stage).await;
    let one = planned(&agent, START, END, json!({ "service": cast.payments })).await;
    let other = planned(&agent, START, END, json!({ "service": cast.payments })).await;
    step(&agent, &other, "submit", wanted(&cast)).await;
    let browser = pages.browser(&stage, cast.agent).await;
    for show in ["day", "week", "month", "timeline", "agenda"] {
        let page = browser.get(&format!("/changes/calendar?as={show}&day=2025-06-03&open={one}")).await;
        assert_eq!(page.status, 200, "{show}");
        assert!(page.text.contains(&one) && page.text.contains(&other) && page.text.contains("Conflict"), "{show}");
    }
    // The zone moves labels, not instants.
    let tokyo = browser.get("/changes/calendar?as=agenda&day=2025-06-04&zone=Asia/Tokyo").await;
    assert!(tokyo.text.contains("05:00") && tokyo.text.contains(&one), "{}", tokyo.text);
    let narrowed = browser.get(&format!("/changes/calendar?day=2025-06-03&service={}", cast.email)).await;
    assert!(!narrowed.text.contains(&one));
    let form = [("start", "2025-06-10T20:00"), ("end", "2025-06-10T22:00"), ("back", "/changes/calendar?as=week")];
    let form: Vec<(String, String)> = form.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let moved = browser.post(&format!("/changes/{one}/move"), &form).await;
    assert_eq!((moved.status.as_u16(), moved.leads_to()), (303, "/changes/calendar?as=week"));
    assert_eq!(read(&agent, &one).await["planned_start"], "2025-06-10T20:00:00Z");
    assert!(met(&agent, &other).await.is_empty());
    let log = agent.get(&format!("changes/{one}/history?limit=200")).await.ok();
    let edit = log["items"].as_array().into_iter().flatten().rfind(|event| event["verb"] == "updated");
    let event = edit.expect("the move is an edit")["id"].clone();
    browser.post(&format!("/changes/{one}/events/{event}/undo"), &[]).await;
    assert_eq!(read(&agent, &one).await["planned_start"], START);
    // What is dropped says where it begins, and keeps its length.
    let at = at("2025-06-11T01:30:00Z").to_string();
    let dropped = browser.post(&format!("/changes/{one}/move"), &[("at".to_owned(), at)]).await;
    assert_eq!(dropped.status, 303);
    assert_eq!(read(&agent, &one).await["planned_end"], "2025-06-11T03:30:00Z");
});
