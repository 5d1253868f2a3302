//! Service levels: clocks on real records, in the calendars of real agreements.

use crate::browser::Pages;
use crate::{Client, Stage, at, story};
use mainstay_testing::Cast;
use serde_json::{Value as Json, json};

const LONDON_HOLIDAYS: [&str; 3] = ["2025-05-05", "2025-05-26", "2025-08-25"];

/// The working hours that the vectors count in.
pub async fn business_hours(admin: &Client) -> i64 {
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday"];
    let hours: Vec<Json> = days.iter().map(|d| json!({ "day": d, "from": "09:00", "to": "17:00" })).collect();
    let holidays: Vec<Json> = LONDON_HOLIDAYS.iter().map(|d| json!({ "date": d })).collect();
    let calendar = json!({ "name": "BH", "zone": "Europe/London", "hours": hours, "holidays": holidays });
    admin.post("calendars", calendar).await.ok()["id"].as_i64().expect("an id")
}

async fn around_the_clock(admin: &Client) -> i64 {
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let hours: Vec<Json> = days.iter().map(|d| json!({ "day": d, "from": "00:00", "to": "24:00" })).collect();
    let calendar = json!({ "name": "H24", "zone": "Europe/London", "hours": hours });
    admin.post("calendars", calendar).await.ok()["id"].as_i64().expect("an id")
}

pub fn target(metric: &str, amount: i64, unit: &str) -> Json {
    json!({ "metric": metric, "amount": amount, "unit": unit })
}

/// A service level for everything on Email, resolution by the given target.
pub async fn level(admin: &Client, cast: &Cast, calendar: i64, resolution: Json, more: Json) -> i64 {
    let mut values = json!({
        "name": "Email", "position": 1, "process": "incident", "condition": format!("service = {}", cast.email),
        "calendar": calendar, "targets": [target("response", 30, "minutes"), resolution],
        "pause_reasons": ["requester"],
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        values[key] = value.clone();
    }
    admin.post("service-levels", values).await.ok()["id"].as_i64().expect("an id")
}

/// The resolution clock of an incident as the API shows it.
pub async fn clock(client: &Client, number: &str, metric: &str) -> Json {
    let record = client.incident(number).await;
    let clocks = record["clocks"].as_array().cloned().unwrap_or_default();
    clocks.into_iter().find(|c| c["metric"] == metric).unwrap_or_else(|| panic!("no {metric} clock on {record}"))
}

async fn due(client: &Client, number: &str) -> String {
    clock(client, number, "resolution").await["due"].as_str().unwrap_or_default().to_owned()
}

/// An incident on Email, opened at an instant and taken at once.
async fn opened_at(stage: &Stage, agent: &Client, instant: &str) -> String {
    let cast = &stage.house.cast;
    stage.house.advance_to(at(instant)).await;
    let values = json!({
        "service": cast.email, "requester": cast.requester, "impact": "medium", "urgency": "medium",
        "team": cast.service_desk, "category": cast.network_category,
    });
    let number = agent.report(values).await;
    agent.step(&number, "take", json!({})).await;
    number
}

/// The clock starts long before these instants: a house opens on Monday 2 June 2025.
fn rewound(stage: &Stage) {
    stage.house.clock.set(at("2025-03-01T00:00:00Z"));
}

story!(gen_15_slm_04_inc_09_due_instants_follow_hours_holidays_and_changes_of_clocks, |stage| async move {
    rewound(&stage);
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let agent = stage.sign_in(cast.agent).await;
    let bh = business_hours(&admin).await;
    let h24 = around_the_clock(&admin).await;
    let id = level(&admin, &cast, bh, target("resolution", 4, "hours"), json!({})).await;
    // (calendar, amount, unit, opened, due); in the order of time, because time only goes on.
    let cases = [
        ("V7", bh, 2, "hours", "2025-03-28T16:00:00Z", "2025-03-31T09:00:00Z"),
        ("V5", h24, 4, "hours", "2025-03-29T23:00:00Z", "2025-03-30T03:00:00Z"),
        ("V3", bh, 4, "hours", "2025-05-02T15:30:00Z", "2025-05-06T11:30:00Z"),
        ("V12", bh, 2, "working_days", "2025-06-06T14:00:00Z", "2025-06-10T14:00:00Z"),
        ("V1", bh, 4, "hours", "2025-06-06T15:30:00Z", "2025-06-09T11:30:00Z"),
        ("V2", bh, 2, "hours", "2025-06-07T09:00:00Z", "2025-06-09T10:00:00Z"),
        ("V11", bh, 8, "hours", "2025-06-09T08:00:00Z", "2025-06-09T16:00:00Z"),
        ("V6", h24, 4, "hours", "2025-10-25T22:00:00Z", "2025-10-26T02:00:00Z"),
    ];
    for (name, calendar, amount, unit, opened, expected) in cases {
        let targets = json!([target("response", 30, "minutes"), target("resolution", amount, unit)]);
        admin.patch(&format!("service-levels/{id}"), json!({ "calendar": calendar, "targets": targets })).await.ok();
        let number = opened_at(&stage, &agent, opened).await;
        assert_eq!(due(&agent, &number).await, expected, "{name}");
    }
});

/// What the page of a record says of its targets at an instant.
async fn shown_at(stage: &Stage, pages: &Pages, number: &str, instant: &str) -> String {
    stage.house.advance_to(at(instant)).await;
    let agent = pages.browser(stage, stage.house.cast.agent).await;
    agent.get(&format!("/incidents/{number}")).await.text
}

story!(b_11_a_chip_counts_over_a_weekend_and_a_holiday, |stage| async move {
    rewound(&stage);
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(cast.admin).await;
    let bh = business_hours(&admin).await;
    level(&admin, &cast, bh, target("resolution", 4, "hours"), json!({})).await;
    // V3: Friday afternoon, and Monday is a holiday.
    let agent = stage.sign_in(cast.agent).await;
    let number = opened_at(&stage, &agent, "2025-05-02T15:30:00Z").await;
    for (instant, words) in [
        ("2025-05-02T15:30:00Z", "data-left>3d 20h<"),
        ("2025-05-05T11:30:00Z", "data-left>1d<"),
        ("2025-05-06T11:00:00Z", "data-left>30m<"),
        ("2025-05-06T11:42:00Z", "data-left>Breached 12m<"),
    ] {
        let page = shown_at(&stage, &pages, &number, instant).await;
        assert!(page.contains(words), "{instant}: {words}");
    }
});

story!(b_11_a_chip_counts_the_hour_that_comes_twice_and_leaves_out_the_one_that_never_comes, |stage| async move {
    rewound(&stage);
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(cast.admin).await;
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let parts = [("00:00", "04:00"), ("22:00", "24:00")];
    let part = |day: &str| parts.map(|(from, to)| json!({ "day": day, "from": from, "to": to }));
    let hours: Vec<Json> = days.iter().flat_map(|day| part(day)).collect();
    let nights = json!({ "name": "Nights", "zone": "Europe/London", "hours": hours });
    let nights = admin.post("calendars", nights).await.ok()["id"].as_i64().expect("an id");
    level(&admin, &cast, nights, target("resolution", 4, "hours"), json!({})).await;
    let agent = stage.sign_in(cast.agent).await;
    let zone = [("zone".to_owned(), "Europe/London".to_owned())];
    assert_eq!(pages.browser(&stage, cast.agent).await.post("/me/zone", &zone).await.leads_to(), "/me");
    // Spring: one o'clock is two o'clock, so that the night is an hour shorter. Autumn: it is one o'clock twice.
    for (opened, seen) in [
        (
            "2025-03-29T23:00:00Z",
            [
                ("2025-03-29T23:00:00Z", "data-left>4h<", "04:00"),
                ("2025-03-30T01:30:00Z", "data-left>1h 30m<", "04:00"),
                ("2025-03-30T03:12:00Z", "data-left>Breached 12m<", "04:00"),
            ],
        ),
        (
            "2025-10-25T22:00:00Z",
            [
                ("2025-10-25T22:00:00Z", "data-left>4h<", "02:00"),
                ("2025-10-26T01:30:00Z", "data-left>30m<", "02:00"),
                ("2025-10-26T02:12:00Z", "data-left>Breached 12m<", "02:00"),
            ],
        ),
    ] {
        let number = opened_at(&stage, &agent, opened).await;
        for (instant, left, due) in seen {
            let page = shown_at(&stage, &pages, &number, instant).await;
            assert!(page.contains(left) && page.contains(due), "{instant}: {left} until {due} in {page}");
        }
    }
});

story!(slm_03_the_default_level_applies_where_no_other_does, |stage| async move {
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let agent = stage.sign_in(cast.agent).await;
    let bh = business_hours(&admin).await;
    let own = level(&admin, &cast, bh, target("resolution", 4, "hours"), json!({})).await;
    let covered = agent.report(json!({ "service": cast.email })).await;
    let uncovered = agent.report(json!({ "service": cast.payments })).await;
    assert_eq!(clock(&agent, &covered, "resolution").await["level"]["id"], own);
    let fallback = clock(&agent, &uncovered, "resolution").await;
    assert_eq!(fallback["level"]["name"], "Default for incidents");
});

story!(slm_05_pauses_count_in_calendar_time, |stage| async move {
    rewound(&stage);
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let agent = stage.sign_in(cast.agent).await;
    let requester = stage.sign_in(cast.requester).await;
    let bh = business_hours(&admin).await;
    let id = level(&admin, &cast, bh, target("resolution", 4, "hours"), json!({})).await;
    let hold = json!({ "hold_reason": "requester", "comment": "Which floor?" });
    // V4a: paused Friday 16:45, resumed by the agent Monday 09:30.
    let number = opened_at(&stage, &agent, "2025-06-06T15:30:00Z").await;
    stage.house.advance_to(at("2025-06-06T15:45:00Z")).await;
    agent.step(&number, "hold", hold.clone()).await;
    let paused = clock(&agent, &number, "resolution").await;
    assert_eq!((paused["state"].clone(), paused["due"].clone()), (json!("paused"), Json::Null));
    stage.house.advance_to(at("2025-06-09T08:30:00Z")).await;
    agent.step(&number, "resume", json!({})).await;
    assert_eq!(due(&agent, &number).await, "2025-06-09T12:15:00Z");
    // V4b: paused 10:00, the reply comes at 20:00 the same day.
    let targets = json!([target("response", 30, "minutes"), target("resolution", 8, "hours")]);
    admin.patch(&format!("service-levels/{id}"), json!({ "targets": targets })).await.ok();
    let number = opened_at(&stage, &agent, "2025-06-16T08:00:00Z").await;
    stage.house.advance_to(at("2025-06-16T09:00:00Z")).await;
    agent.step(&number, "hold", hold.clone()).await;
    stage.house.advance_to(at("2025-06-16T19:00:00Z")).await;
    requester.post(&format!("incidents/{number}/comments"), json!({ "body": "The third." })).await.ok();
    assert_eq!(due(&agent, &number).await, "2025-06-17T15:00:00Z");
    // V10: a pause wholly outside hours adds nothing.
    let number = opened_at(&stage, &agent, "2025-06-20T09:00:00Z").await;
    let before = due(&agent, &number).await;
    stage.house.advance_to(at("2025-06-20T16:00:00Z")).await;
    agent.step(&number, "hold", hold).await;
    stage.house.advance_to(at("2025-06-23T08:00:00Z")).await;
    agent.step(&number, "resume", json!({})).await;
    assert_eq!(due(&agent, &number).await, before);
});

story!(slm_06_only_agreed_reasons_pause_and_every_stretch_is_listed, |stage| async move {
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let agent = stage.sign_in(cast.agent).await;
    let bh = business_hours(&admin).await;
    level(&admin, &cast, bh, target("resolution", 8, "hours"), json!({})).await;
    let number = opened_at(&stage, &agent, "2025-06-03T08:00:00Z").await;
    agent.post(&format!("incidents/{number}/hold"), json!({})).await.refused_field("hold_reason", "required");
    agent.step(&number, "hold", json!({ "hold_reason": "vendor" })).await;
    assert_eq!(clock(&agent, &number, "resolution").await["state"], "running", "the customer still waits");
    agent.step(&number, "resume", json!({})).await;
    stage.house.advance_to(at("2025-06-03T09:00:00Z")).await;
    agent.step(&number, "hold", json!({ "hold_reason": "requester", "comment": "Which floor?" })).await;
    stage.house.advance_to(at("2025-06-03T10:00:00Z")).await;
    agent.step(&number, "resume", json!({})).await;
    let segments = clock(&agent, &number, "resolution").await["segments"].clone();
    let paused =
        segments.as_array().expect("segments").iter().find(|s| s["doing"] == "paused").cloned().expect("a pause");
    assert_eq!(paused["reason"], "requester", "{segments}");
    assert_eq!(paused["from"], "2025-06-03T09:00:00Z");
    assert_eq!(paused["to"], "2025-06-03T10:00:00Z");
    assert_eq!(paused["by"]["id"], cast.agent, "who paused it");
});

/// Targets of P3 and P1 as the vectors V8 and V9 have them.
fn by_priority() -> Json {
    json!([
        target("response", 30, "minutes"),
        { "metric": "resolution", "priority": 3, "amount": 8, "unit": "hours" },
        { "metric": "resolution", "priority": 1, "amount": 4, "unit": "hours" },
    ])
}

story!(slm_07_priority_change_keeps_elapsed_time_or_restarts_by_policy, |stage| async move {
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let agent = stage.sign_in(cast.agent).await;
    let bh = business_hours(&admin).await;
    let id = level(&admin, &cast, bh, target("resolution", 8, "hours"), json!({ "targets": by_priority() })).await;
    let raise = json!({ "impact": "high", "urgency": "high" });
    // V8: noon, three hours in.
    let number = opened_at(&stage, &agent, "2025-06-09T08:00:00Z").await;
    stage.house.advance_to(at("2025-06-09T11:00:00Z")).await;
    agent.patch(&format!("incidents/{number}"), raise.clone()).await.ok();
    assert_eq!(due(&agent, &number).await, "2025-06-09T12:00:00Z");
    // V9: with a pause from ten to eleven.
    let number = opened_at(&stage, &agent, "2025-06-10T08:00:00Z").await;
    stage.house.advance_to(at("2025-06-10T09:00:00Z")).await;
    agent.step(&number, "hold", json!({ "hold_reason": "requester", "comment": "?" })).await;
    stage.house.advance_to(at("2025-06-10T10:00:00Z")).await;
    agent.step(&number, "resume", json!({})).await;
    stage.house.advance_to(at("2025-06-10T11:00:00Z")).await;
    agent.patch(&format!("incidents/{number}"), raise.clone()).await.ok();
    assert_eq!(due(&agent, &number).await, "2025-06-10T13:00:00Z");
    // V8 under the other policy.
    admin.patch(&format!("service-levels/{id}"), json!({ "on_change": "restart" })).await.ok();
    let number = opened_at(&stage, &agent, "2025-06-11T08:00:00Z").await;
    stage.house.advance_to(at("2025-06-11T11:00:00Z")).await;
    agent.patch(&format!("incidents/{number}"), raise).await.ok();
    assert_eq!(due(&agent, &number).await, "2025-06-11T15:00:00Z");
});

story!(slm_07_service_change_keeps_elapsed_and_paused_time_or_restarts_by_policy, |stage| async move {
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let agent = stage.sign_in(cast.agent).await;
    let bh = business_hours(&admin).await;
    level(&admin, &cast, bh, target("resolution", 8, "hours"), json!({})).await;
    let payments = json!({ "name": "Payments", "condition": format!("service = {}", cast.payments) });
    let id = level(&admin, &cast, bh, target("resolution", 4, "hours"), payments).await;
    let change = json!({ "service": cast.payments });
    // The same instants as V8, V9 and V8 under the other policy; only what changes is another.
    let number = opened_at(&stage, &agent, "2025-06-09T08:00:00Z").await;
    stage.house.advance_to(at("2025-06-09T11:00:00Z")).await;
    agent.patch(&format!("incidents/{number}"), change.clone()).await.ok();
    assert_eq!(due(&agent, &number).await, "2025-06-09T12:00:00Z");
    assert_eq!(clock(&agent, &number, "resolution").await["level"]["id"], id);
    assert_eq!(agent.incident(&number).await["due"], "2025-06-09T12:00:00Z", "the record shows it too");
    let number = opened_at(&stage, &agent, "2025-06-10T08:00:00Z").await;
    stage.house.advance_to(at("2025-06-10T09:00:00Z")).await;
    agent.step(&number, "hold", json!({ "hold_reason": "requester", "comment": "?" })).await;
    stage.house.advance_to(at("2025-06-10T10:00:00Z")).await;
    agent.step(&number, "resume", json!({})).await;
    stage.house.advance_to(at("2025-06-10T11:00:00Z")).await;
    agent.patch(&format!("incidents/{number}"), change.clone()).await.ok();
    assert_eq!(due(&agent, &number).await, "2025-06-10T13:00:00Z");
    admin.patch(&format!("service-levels/{id}"), json!({ "on_change": "restart" })).await.ok();
    let number = opened_at(&stage, &agent, "2025-06-11T08:00:00Z").await;
    stage.house.advance_to(at("2025-06-11T11:00:00Z")).await;
    agent.patch(&format!("incidents/{number}"), change).await.ok();
    assert_eq!(due(&agent, &number).await, "2025-06-11T15:00:00Z");
});

story!(gen_21_a_running_clock_keeps_the_level_and_calendar_that_it_began_under, |stage| async move {
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let agent = stage.sign_in(cast.agent).await;
    let bh = business_hours(&admin).await;
    let id = level(&admin, &cast, bh, target("resolution", 12, "hours"), json!({})).await;
    let old = opened_at(&stage, &agent, "2025-06-09T08:00:00Z").await;
    assert_eq!(due(&agent, &old).await, "2025-06-10T12:00:00Z");
    // Tuesday becomes a holiday, the day ends earlier, the target is halved and no reason pauses any more.
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday"];
    let hours: Vec<Json> = days.iter().map(|d| json!({ "day": d, "from": "09:00", "to": "12:00" })).collect();
    let holidays = json!([{ "date": "2025-06-10", "name": "Feast" }]);
    admin.patch(&format!("calendars/{bh}"), json!({ "hours": hours, "holidays": holidays })).await.ok();
    let targets = json!([target("response", 30, "minutes"), target("resolution", 6, "hours")]);
    admin.patch(&format!("service-levels/{id}"), json!({ "targets": targets, "pause_reasons": [] })).await.ok();
    assert_eq!(due(&agent, &old).await, "2025-06-10T12:00:00Z", "what was agreed stands");
    let fresh = opened_at(&stage, &agent, "2025-06-09T08:30:00Z").await;
    assert_eq!(due(&agent, &fresh).await, "2025-06-12T08:30:00Z", "a new one follows the new version");
    // Also what happens later to the old one follows the old version.
    agent.step(&old, "hold", json!({ "hold_reason": "requester", "comment": "?" })).await;
    assert_eq!(clock(&agent, &old, "resolution").await["state"], "paused");
    stage.house.advance_to(at("2025-06-09T09:30:00Z")).await;
    agent.step(&old, "resume", json!({})).await;
    assert_eq!(due(&agent, &old).await, "2025-06-10T13:00:00Z");
    stage.house.advance_to(at("2025-06-10T13:00:01Z")).await;
    assert_eq!(clock(&agent, &old, "resolution").await["breached_at"], "2025-06-10T13:00:00Z");
});

story!(slm_08_reopening_resumes_restarts_or_counts_through_by_policy, |stage| async move {
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let agent = stage.sign_in(cast.agent).await;
    let bh = business_hours(&admin).await;
    let id = level(&admin, &cast, bh, target("resolution", 4, "hours"), json!({})).await;
    let resolution = json!({ "resolution_code": "fixed", "resolution": "Restarted", "closing_category": cast.vpn_category, "restored": "2025-06-02T08:00:00Z" });
    let cases = [
        ("resume", "2025-06-09", "2025-06-10", Some("2025-06-10T10:00:00Z")),
        ("restart", "2025-06-16", "2025-06-17", Some("2025-06-17T12:00:00Z")),
        ("count_through", "2025-06-23", "2025-06-24", None),
    ];
    for (policy, monday, tuesday, expected) in cases {
        admin.patch(&format!("service-levels/{id}"), json!({ "on_reopen": policy })).await.ok();
        let number = opened_at(&stage, &agent, &format!("{monday}T08:00:00Z")).await;
        stage.house.advance_to(at(&format!("{monday}T10:00:00Z"))).await;
        agent.step(&number, "resolve", resolution.clone()).await;
        assert_eq!(clock(&agent, &number, "resolution").await["state"], "met");
        stage.house.advance_to(at(&format!("{tuesday}T08:00:00Z"))).await;
        agent.step(&number, "reopen", json!({ "reason": "Dropped again" })).await;
        let clock = clock(&agent, &number, "resolution").await;
        match expected {
            Some(expected) => assert_eq!(clock["due"], expected, "{policy}"),
            None => assert_eq!(clock["breached_at"], format!("{monday}T12:00:00Z"), "{policy}: {clock}"),
        }
    }
});

story!(slm_09_response_and_resolution_are_apart_and_a_receipt_is_no_response, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let requester = stage.sign_in(cast.requester).await;
    let number = requester.report(json!({})).await;
    let notices = requester.get("notices").await.ok();
    assert!(notices.to_string().contains("We have received"), "the receipt went out: {notices}");
    assert_eq!(clock(&agent, &number, "response").await["state"], "running", "a receipt is no response");
    agent
        .post(&format!("incidents/{number}/comments"), json!({ "body": "Looking into it.", "internal": true }))
        .await
        .ok();
    assert_eq!(clock(&agent, &number, "response").await["state"], "running", "nor is a note");
    agent.post(&format!("incidents/{number}/comments"), json!({ "body": "Looking into it." })).await.ok();
    assert_eq!(clock(&agent, &number, "response").await["state"], "met");
    assert_eq!(clock(&agent, &number, "resolution").await["state"], "running");
});

/// Alerts in the history, by name.
async fn alerts(client: &Client, number: &str, metric: &str) -> Vec<(String, String)> {
    let history = client.get(&format!("incidents/{number}/history?limit=200")).await.ok();
    let items = history["items"].as_array().cloned().unwrap_or_default();
    let of_metric = |e: &&Json| e["verb"].as_str().is_some_and(|v| v.starts_with(&format!("{metric}.")));
    let text = |v: &Json| v.as_str().unwrap_or_default().to_owned();
    items.iter().filter(of_metric).map(|e| (text(&e["verb"]), text(&e["at"]))).collect()
}

story!(gen_08_slm_10_warnings_and_breach_come_once_each_also_after_a_restart, |stage| async move {
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let agent = stage.sign_in(cast.agent).await;
    let bh = business_hours(&admin).await;
    level(&admin, &cast, bh, target("resolution", 4, "hours"), json!({})).await;
    let number = opened_at(&stage, &agent, "2025-06-09T08:00:00Z").await;
    // At 80 per cent the program ends and begins anew.
    stage.house.advance_to(at("2025-06-09T11:12:00Z")).await;
    drop((admin, agent));
    let stage = stage.restarted();
    let agent = stage.sign_in(cast.agent).await;
    for _ in 0..3 {
        stage.house.tick().await;
    }
    let told = agent.get("notices").await.ok();
    let of_75 = told["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter(|n| n["reason"] == "resolution.75" && n["number"] == number)
        .count();
    assert_eq!(of_75, 1, "exactly one message to the owner: {told}");
    stage.house.advance_to(at("2025-06-09T13:00:00Z")).await;
    stage.house.tick().await;
    let expected = [
        ("resolution.50", "2025-06-09T10:00:00Z"),
        ("resolution.75", "2025-06-09T11:00:00Z"),
        ("resolution.90", "2025-06-09T11:36:00Z"),
        ("resolution.breached", "2025-06-09T12:00:00Z"),
    ];
    let expected: Vec<_> = expected.iter().map(|(v, at)| ((*v).to_owned(), (*at).to_owned())).collect();
    assert_eq!(alerts(&agent, &number, "resolution").await, expected);
    let history = agent.get(&format!("incidents/{number}/history?limit=200")).await.ok();
    assert!(history.to_string().contains("notified"), "each send is logged on the record");
});

story!(slm_11_a_breach_is_recorded_at_the_due_instant_however_late_it_is_noticed, |stage| async move {
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let agent = stage.sign_in(cast.agent).await;
    let bh = business_hours(&admin).await;
    level(&admin, &cast, bh, target("resolution", 4, "hours"), json!({})).await;
    let number = opened_at(&stage, &agent, "2025-06-09T08:00:00Z").await;
    // Nobody looks for two days.
    stage.house.clock.set(at("2025-06-11T08:00:00Z"));
    stage.house.tick().await;
    let clock = clock(&agent, &number, "resolution").await;
    assert_eq!(
        (clock["state"].clone(), clock["breached_at"].clone()),
        (json!("breached_open"), json!("2025-06-09T12:00:00Z"))
    );
    let last = alerts(&agent, &number, "resolution").await.pop().expect("a breach");
    assert_eq!(last, ("resolution.breached".to_owned(), "2025-06-09T12:00:00Z".to_owned()));
});

story!(slm_20_an_exclusion_keeps_the_raw_and_the_adjusted_result, |stage| async move {
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let agent = stage.sign_in(cast.agent).await;
    let manager = stage.sign_in(cast.manager).await;
    let bh = business_hours(&admin).await;
    level(&admin, &cast, bh, target("resolution", 4, "hours"), json!({})).await;
    let number = opened_at(&stage, &agent, "2025-06-09T08:00:00Z").await;
    stage.house.advance_to(at("2025-06-09T13:00:00Z")).await;
    let resolution = json!({ "resolution_code": "fixed", "resolution": "Restarted", "closing_category": cast.vpn_category, "restored": "2025-06-09T13:00:00Z" });
    agent.step(&number, "resolve", resolution).await;
    let id = clock(&agent, &number, "resolution").await["id"].as_i64().expect("an id");
    let path = format!("incidents/{number}/clocks/{id}/exclude");
    let stretch =
        json!({ "from": "2025-06-09T09:00:00Z", "to": "2025-06-09T11:00:00Z", "reason": "Agreed maintenance" });
    agent.post(&path, stretch.clone()).await.refused(403, "no_right");
    manager
        .post(&path, json!({ "from": "2025-06-09T09:00:00Z", "to": "2025-06-09T11:00:00Z", "reason": " " }))
        .await
        .refused(422, "clock_refused");
    manager.post(&path, stretch).await.ok();
    let clock = clock(&agent, &number, "resolution").await;
    assert_eq!(clock["state"], "breached_closed", "the raw result stays");
    assert_eq!(clock["adjusted"]["state"], "met", "{clock}");
    let history = manager.get(&format!("incidents/{number}/history?limit=200")).await.ok();
    assert!(history.to_string().contains("Agreed maintenance"), "audited with its reason");
});
