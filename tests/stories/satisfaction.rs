//! How it went, in the word of the requester: whom the rule asks, what an answer sets going, what reports say of it.

use crate::fields::settings;
use crate::incident::{in_progress, reasons, resolution};
use crate::{Client, Stage, at, story};
use serde_json::{Value as Json, json};

/// Reported by the requester, resolved, and confirmed by them.
async fn closed(stage: &Stage, agent: &Client, requester: &Client) -> String {
    let number = in_progress(stage, agent).await;
    agent.step(&number, "resolve", resolution(&stage.house.cast)).await;
    requester.step(&number, "confirm", json!({})).await;
    number
}

async fn policies(admin: &Client, of: &[(&str, i64)]) {
    let rows: Vec<Json> = of.iter().map(|(policy, value)| json!({ "policy": policy, "value": value })).collect();
    admin.patch(&settings(admin).await, json!({ "policies": rows })).await.ok();
}

/// The verbs that a record offers its reader.
fn verbs(record: &Json) -> Vec<&str> {
    record["actions"].as_array().into_iter().flatten().filter_map(|a| a["verb"].as_str()).collect()
}

story!(brm_05_inc_24_ten_closings_ask_one_person_once_and_the_rule_is_a_setting, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let requester = stage.sign_in(cast.requester).await;
    let mut asked = Vec::new();
    for _ in 0..10 {
        let number = closed(&stage, &agent, &requester).await;
        let record = requester.incident(&number).await;
        if !record["surveyed"].is_null() {
            asked.push(number.clone());
        }
        let told = reasons(&requester, &number).await.iter().filter(|reason| *reason == "surveyed").count();
        assert_eq!(told, usize::from(asked.contains(&number)), "{number}: a question is told once, and only there");
        assert_eq!(verbs(&record).contains(&"rate"), asked.contains(&number), "{number}");
    }
    assert_eq!(asked.len(), 1, "one question for ten closings: {asked:?}");
    // One in five, and as often as it comes.
    policies(&admin, &[("survey_every", 5), ("survey_rest_days", 0)]).await;
    let mut sampled = 0;
    for _ in 0..10 {
        let number = closed(&stage, &agent, &requester).await;
        sampled += usize::from(!requester.incident(&number).await["surveyed"].is_null());
    }
    assert_eq!(sampled, 2, "one in five of ten");
    policies(&admin, &[("survey_every", 0)]).await;
    let number = closed(&stage, &agent, &requester).await;
    assert_eq!(requester.incident(&number).await["surveyed"], Json::Null, "switched off");
    // Withdrawn work is no closing, and what closes by itself is one.
    policies(&admin, &[("survey_every", 1), ("survey_rest_days", 1)]).await;
    stage.house.clock.set(stage.house.clock.reading() + 2 * 86_400_000);
    let withdrawn = in_progress(&stage, &agent).await;
    requester.step(&withdrawn, "cancel", json!({ "cancel_reason": "raised_in_error" })).await;
    assert_eq!(requester.incident(&withdrawn).await["surveyed"], Json::Null);
    let silent = in_progress(&stage, &agent).await;
    agent.step(&silent, "resolve", resolution(&cast)).await;
    stage.house.advance_to(stage.house.clock.reading() + 14 * 86_400_000).await;
    let record = requester.incident(&silent).await;
    assert_eq!(record["state"], "closed");
    assert!(!record["surveyed"].is_null(), "{record}");
});

story!(inc_24_the_answer_is_the_requesters_alone_stands_on_the_record_and_can_be_given_anew, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, requester) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.requester).await);
    let manager = stage.sign_in(cast.manager).await;
    let number = closed(&stage, &agent, &requester).await;
    let rate = format!("incidents/{number}/rate");
    for staff in [&agent, &manager] {
        staff.post(&rate, json!({ "satisfaction": 5 })).await.refused(403, "not_yours");
    }
    let stranger = stage.sign_in(cast.acme_requester).await;
    stranger.post(&rate, json!({ "satisfaction": 1 })).await.refused(404, "not_found");
    for (bad, code) in [(json!(0), "out_of_range"), (json!(6), "out_of_range"), (json!("good"), "not_a_number")] {
        let answer = requester.post(&rate, json!({ "satisfaction": bad })).await;
        assert_eq!(answer.status, 422, "{code}: {}", answer.text);
    }
    requester.post(&rate, json!({})).await.refused_field("satisfaction", "required");
    assert_eq!(agent.incident(&number).await["satisfaction"], Json::Null, "what was refused left nothing");
    requester.step(&number, "rate", json!({ "satisfaction": 3, "satisfaction_words": "It took long." })).await;
    let record = agent.incident(&number).await;
    assert_eq!((&record["satisfaction"], &record["satisfaction_words"]), (&json!(3), &json!("It took long.")));
    assert_eq!(record["state"], "closed");
    requester.step(&number, "rate", json!({ "satisfaction": 5 })).await;
    let record = agent.incident(&number).await;
    assert_eq!((&record["satisfaction"], &record["satisfaction_words"]), (&json!(5), &json!("It took long.")));
    let history = agent.get(&format!("incidents/{number}/history")).await.ok();
    let rated = history["items"].as_array().into_iter().flatten().filter(|event| event["verb"] == "rate").count();
    assert_eq!(rated, 2, "both answers stay in the history");
    // Whoever was asked twice within the rest was not asked, so has nothing to answer.
    let other = closed(&stage, &agent, &requester).await;
    requester.post(&format!("incidents/{other}/rate"), json!({ "satisfaction": 1 })).await.refused(409, "not_now");
    stage.house.advance_to(stage.house.clock.reading() + 21 * 86_400_000).await;
    requester.post(&rate, json!({ "satisfaction": 1 })).await.refused(409, "window_passed");
    assert_eq!(agent.incident(&number).await["satisfaction"], 5);
});

async fn tasks(client: &Client, number: &str) -> Vec<Json> {
    client.get(&format!("incidents/{number}/tasks")).await.ok()["items"].as_array().cloned().unwrap_or_default()
}

story!(brm_06_a_low_score_gives_the_owner_a_task_with_a_due_date, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let requester = stage.sign_in(cast.requester).await;
    let lead = stage.sign_in(cast.team_manager).await;
    let number = closed(&stage, &agent, &requester).await;
    requester.step(&number, "rate", json!({ "satisfaction": 3 })).await;
    assert!(tasks(&agent, &number).await.is_empty(), "3 of 5 is not bad");
    requester.step(&number, "rate", json!({ "satisfaction": 1, "satisfaction_words": "Nobody called back." })).await;
    let [task] = tasks(&agent, &number).await.try_into().expect("one task");
    assert_eq!(task["assignee"]["id"], cast.team_manager, "the manager of the team owns it: {task}");
    assert!(task["due"].as_str().is_some_and(|due| at(due) > stage.house.clock.reading()), "{task}");
    assert_eq!(task["state"], "open");
    assert!(reasons(&lead, &number).await.contains(&"follow_up".to_owned()), "and hears of it");
    assert!(!reasons(&requester, &number).await.contains(&"follow_up".to_owned()));
    requester.step(&number, "rate", json!({ "satisfaction": 2 })).await;
    assert_eq!(tasks(&agent, &number).await.len(), 1, "one is enough while it is open");
    // The record is closed and stays so; what is left to do can be done.
    let path = format!("incidents/{number}/tasks/{}", task["id"]);
    let record = lead.incident(&number).await;
    assert_eq!((&record["can"]["task"], &record["can"]["follow_up"]), (&json!(false), &json!(true)));
    requester.patch_version(&path, 1, json!({ "state": "done" })).await.refused(404, "not_found");
    lead.patch_version(&path, 1, json!({ "state": "done" })).await.ok();
    assert_eq!(tasks(&agent, &number).await[0]["state"], "done");
    assert_eq!(agent.incident(&number).await["state"], "closed");
    // The limit is a setting.
    policies(&admin, &[("low_score", 4), ("survey_rest_days", 0)]).await;
    let other = closed(&stage, &agent, &requester).await;
    requester.step(&other, "rate", json!({ "satisfaction": 4 })).await;
    assert_eq!(tasks(&agent, &other).await.len(), 1);
});

story!(brm_06_any_complaint_gives_the_owner_a_task_and_does_not_reopen, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, requester) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.requester).await);
    let lead = stage.sign_in(cast.team_manager).await;
    let number = closed(&stage, &agent, &requester).await;
    let complain = format!("incidents/{number}/complain");
    requester.post(&complain, json!({})).await.refused_field("reason", "required");
    agent.post(&complain, json!({ "reason": "I would not" })).await.refused(403, "not_yours");
    requester.step(&number, "complain", json!({ "reason": "I was sent away twice." })).await;
    let record = agent.incident(&number).await;
    assert_eq!(record["state"], "closed", "it does not reopen");
    let [task] = tasks(&agent, &number).await.try_into().expect("one task");
    assert_eq!(task["assignee"]["id"], cast.team_manager);
    assert!(!task["due"].is_null(), "{task}");
    assert!(reasons(&lead, &number).await.contains(&"follow_up".to_owned()));
    let open = in_progress(&stage, &agent).await;
    requester.step(&open, "complain", json!({ "reason": "Still nobody here." })).await;
    agent.step(&open, "resolve", resolution(&cast)).await;
    requester.post(&format!("incidents/{open}/confirm"), json!({})).await.refused(409, "open_tasks");
});

/// A figure of the report in a row.
fn figure(report: &Json, row: &str, column: &str) -> Json {
    let columns = report["columns"].as_array().expect("columns");
    let at = columns.iter().position(|c| c["key"] == column).unwrap_or_else(|| panic!("no column {column}"));
    let rows = report["rows"].as_array().expect("rows");
    let line = if row == "total" { Some(&report["total"]) } else { rows.iter().find(|r| r["key"] == row) };
    line.unwrap_or_else(|| panic!("no row {row}: {report}"))["figures"][at]["value"].clone()
}

story!(brm_05_results_are_reported_per_service_customer_team_and_month, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let requester = stage.sign_in(cast.requester).await;
    policies(&admin, &[("survey_rest_days", 0)]).await;
    for (service, score) in [(cast.email, Some(5)), (cast.email, Some(2)), (cast.email, None), (cast.payments, Some(4))]
    {
        let number = in_progress(&stage, &agent).await;
        agent.patch(&format!("incidents/{number}"), json!({ "service": service })).await.ok();
        agent.step(&number, "resolve", resolution(&cast)).await;
        requester.step(&number, "confirm", json!({})).await;
        if let Some(score) = score {
            requester.step(&number, "rate", json!({ "satisfaction": score })).await;
        }
    }
    let loud = in_progress(&stage, &agent).await;
    agent.patch(&format!("incidents/{loud}"), json!({ "service": cast.payments })).await.ok();
    requester.step(&loud, "complain", json!({ "reason": "Too slow." })).await;
    let month = "from=2025-06-01&to=2025-07-01&zone=Europe/London";
    let by = |what: &str| format!("reports/satisfaction?{month}&group_by={what}");
    let services = admin.get(&by("service")).await.ok();
    let (email, payments) = (cast.email.to_string(), cast.payments.to_string());
    let of = |row: &str, column: &str| figure(&services, row, column);
    assert_eq!((of(&email, "asked"), of(&email, "answered")), (json!(3), json!(2)));
    assert_eq!((of(&email, "mean"), of(&email, "good"), of(&email, "bad")), (json!(3.5), json!(1), json!(1)));
    assert_eq!((of(&payments, "mean"), of(&payments, "complaints")), (json!(4.0), json!(1)));
    assert_eq!(
        (of("total", "asked"), of("total", "answered"), of("total", "complaints")),
        (json!(4), json!(3), json!(1))
    );
    let customers = admin.get(&by("organisation")).await.ok();
    assert_eq!(figure(&customers, &cast.retail_bank.to_string(), "answered"), json!(3));
    let teams = admin.get(&by("team")).await.ok();
    assert_eq!(figure(&teams, &cast.service_desk.to_string(), "answered"), json!(3));
    let months = admin.get(&by("month")).await.ok();
    assert_eq!(figure(&months, "2025-06", "bad"), json!(1));
    let path = format!("reports/satisfaction/records?{month}&row={email}&column=bad");
    assert_eq!(admin.get(&path).await.ok()["items"].as_array().map_or(0, Vec::len), 1, "a figure leads to its records");
    // Asked again later, the month says the same, whatever is answered since.
    stage.house.clock.set(at("2025-07-02T09:00:00Z"));
    let later = admin.get(&by("service")).await.ok();
    assert_eq!(later["rows"], services["rows"]);
});
