//! Change evaluation: which changes are evaluated, what is predicted and measured, and what the advice means for them.

use crate::change::{approve, asked, assessed, board, change, planned, read, review, step, wanted, well, with};
use crate::client::Client;
use crate::merging::made;
use crate::{Stage, story};
use mainstay_testing::at;
use serde_json::{Value as Json, json};

/// What a change is evaluated by: the newest evaluation that is linked with it.
async fn evaluation_of(client: &Client, change: &str) -> Option<String> {
    let links = client.get(&format!("changes/{change}/links")).await.ok();
    let mut all: Vec<String> = links["records"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|link| link["relation"] == "evaluated_by")
        .filter_map(|link| link["number"].as_str().map(str::to_owned))
        .collect();
    all.sort();
    all.pop()
}

async fn seen(client: &Client, number: &str) -> Json {
    client.get(&format!("evaluations/{number}")).await.ok()
}

async fn take(client: &Client, number: &str, verb: &str, body: Json) -> Json {
    client.post(&format!("evaluations/{number}/{verb}"), body).await.ok()
}

fn measures() -> Json {
    json!({
        "measures": [
            { "measure": "Answer", "aspect": "performance", "unit": "ms", "target": "250", "predicted": "200", "limit": 20, "worse": "above", "confidence": "high" },
            { "measure": "Uptime", "aspect": "availability", "unit": "%", "predicted": "99.95", "limit": 1 },
        ],
        "risk_before": "medium",
    })
}

fn actuals() -> Json {
    json!({
        "actuals": [{ "measure": "Answer", "actual": "260" }, { "measure": "uptime", "actual": "99,9" }],
        "risk_after": "low",
    })
}

fn report(before: &str) -> Json {
    json!({ "report_before": before, "report": "As it was predicted." })
}

/// A major change in its assessment, and its evaluation, which the manager makes.
async fn evaluated(stage: &Stage, agent: &Client, manager: &Client) -> (String, String) {
    let cast = stage.house.cast.clone();
    board(stage, "cab", &[cast.approver]).await;
    let number = change(agent, "major", json!({})).await;
    step(agent, &number, "submit", wanted(&cast)).await;
    step(manager, &number, "assess", json!({ "implementer": cast.agent_l2 })).await;
    let evaluation = evaluation_of(manager, &number).await.expect("an evaluation");
    take(manager, &evaluation, "plan", json!({ "assignee": cast.manager, "plan": "Before and after." })).await;
    (number, evaluation)
}

/// Asks for the approvals of a change and gives them.
async fn authorised(stage: &Stage, manager: &Client, number: &str) {
    step(manager, number, "request_approval", with(assessed(), &planned(stage))).await;
    granted(stage, manager, number).await;
}

async fn granted(stage: &Stage, manager: &Client, number: &str) {
    approve(manager, number).await;
    approve(&stage.sign_in(stage.house.cast.approver).await, number).await;
}

async fn in_its_time(stage: &Stage, client: &Client, number: &str) {
    let start = read(client, number).await["planned_start"].as_str().map(at).expect("a planned start");
    stage.house.clock.set(start.max(stage.house.clock.reading()));
}

/// A major change with its evaluation, deployed and in its review.
async fn deployed(stage: &Stage, agent: &Client, manager: &Client) -> (String, String) {
    let (number, evaluation) = evaluated(stage, agent, manager).await;
    take(manager, &evaluation, "predict", measures()).await;
    take(manager, &evaluation, "accept", report("build")).await;
    authorised(stage, manager, &number).await;
    step(manager, &number, "schedule", json!({})).await;
    take(manager, &evaluation, "accept", report("deploy")).await;
    in_its_time(stage, manager, &number).await;
    step(agent, &number, "start", json!({})).await;
    step(agent, &number, "implement", json!({})).await;
    (number, evaluation)
}

fn finished() -> Json {
    json!({
        "qualification": "The surroundings are as they have to be.", "validation": "People pay as before.",
        "conclusion": "Slower than predicted; keep it, and watch the answers.",
    })
}

/// An evaluation in a state, led there by the steps that people take.
pub async fn brought_to(stage: &Stage, manager: &Client, state: &str) -> String {
    let agent = stage.sign_in(stage.house.cast.agent).await;
    if ["requested", "planned", "predicted", "reported", "cancelled"].contains(&state) {
        let number = change(&agent, "major", json!({})).await;
        step(&agent, &number, "submit", wanted(&stage.house.cast)).await;
        let evaluation = evaluation_of(manager, &number).await.expect("an evaluation");
        let plan = json!({ "assignee": stage.house.cast.manager, "plan": "Before and after." });
        let way = [("plan", plan), ("predict", measures()), ("accept", report("build"))];
        let far = match state {
            "planned" => 1,
            "predicted" => 2,
            "reported" => 3,
            _ => 0,
        };
        for (verb, body) in way.into_iter().take(far) {
            take(manager, &evaluation, verb, body).await;
        }
        if state == "cancelled" {
            take(manager, &evaluation, "cancel", json!({ "reason": "Nobody needs it." })).await;
        }
        return evaluation;
    }
    let (_, evaluation) = deployed(stage, &agent, manager).await;
    let way = [("measure", actuals()), ("finish", finished()), ("close", json!({}))];
    let far = match state {
        "measured" => 1,
        "finished" => 2,
        "closed" => 3,
        other => panic!("nobody knows how an evaluation gets {other}"),
    };
    for (verb, body) in way.into_iter().take(far) {
        take(manager, &evaluation, verb, body).await;
    }
    evaluation
}

async fn switched(admin: &Client, disabled: bool) {
    let all = admin.get("process-settings?limit=200").await.ok();
    let own = all["items"].as_array().into_iter().flatten().find(|entry| entry["process"] == "evaluation").cloned();
    if let Some(own) = own {
        admin.patch(&format!("process-settings/{}", own["id"]), json!({ "disabled": disabled })).await.ok();
    } else {
        let body = json!({ "name": "Evaluation", "process": "evaluation", "disabled": disabled });
        admin.post("process-settings", body).await.ok();
    }
}

story!(eva_01_a_major_change_is_evaluated_and_a_minor_one_is_not, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let admin = stage.sign_in(cast.admin).await;
    let major = change(&agent, "major", json!({})).await;
    assert_eq!(evaluation_of(&agent, &major).await, None, "a draft may become anything");
    step(&agent, &major, "submit", wanted(&cast)).await;
    let evaluation = evaluation_of(&agent, &major).await.expect("an evaluation");
    let (opened, marked) = (seen(&agent, &evaluation).await, read(&agent, &major).await);
    assert_eq!(
        (&opened["state"], &opened["title"], &opened["scope"], &opened["service"]["id"]),
        (&json!("requested"), &marked["title"], &marked["why"], &json!(cast.payments))
    );
    assert_eq!(marked["evaluated"], true);
    let minor = change(&agent, "minor", json!({})).await;
    step(&agent, &minor, "submit", wanted(&cast)).await;
    assert_eq!((evaluation_of(&agent, &minor).await, &read(&agent, &minor).await["evaluated"]), (None, &Json::Null));
    // Brought in again it has the same one; when that was cancelled, another.
    let back = json!({ "reason": "Once more." });
    step(&manager, &major, "return", back.clone()).await;
    step(&agent, &major, "submit", wanted(&cast)).await;
    assert_eq!(evaluation_of(&agent, &major).await.as_deref(), Some(evaluation.as_str()));
    take(&manager, &evaluation, "cancel", back).await;
    step(&manager, &major, "assess", json!({})).await;
    let other = evaluation_of(&agent, &major).await.expect("another");
    assert_ne!(other, evaluation);
    // Rules are data: minor changes of a critical service.
    let rule = json!({ "process": "change", "condition": "type = \"minor\"", "criticality": "critical" });
    made(&admin, "evaluation-rules", with(rule, &json!({ "name": "Critical service" }))).await;
    for (criticality, wants) in [("high", false), ("critical", true)] {
        admin.patch(&format!("services/{}", cast.payments), json!({ "criticality": criticality })).await.ok();
        let number = change(&agent, "minor", json!({})).await;
        step(&agent, &number, "submit", wanted(&cast)).await;
        assert_eq!(evaluation_of(&agent, &number).await.is_some(), wants, "{criticality}");
    }
    let nonsense = json!({ "name": "Incidents", "process": "incident" });
    let refused = admin.post("evaluation-rules", nonsense).await;
    assert_eq!(refused.refused(422, "invalid_fields")["errors"][0]["code"], "not_evaluated");
});

story!(eva_02_what_was_predicted_stays_when_the_change_is_authorised, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let (number, evaluation) = evaluated(&stage, &agent, &manager).await;
    let path = format!("evaluations/{evaluation}");
    for (key, value) in [("predicted", json!("fast")), ("target", json!("200 ms"))] {
        let mut wrong = measures();
        wrong["measures"][0][key] = value;
        manager.post(&format!("{path}/predict"), wrong).await.refused(409, "not_a_number");
    }
    let mut without = measures();
    without["measures"][0]["limit"] = Json::Null;
    manager.post(&format!("{path}/predict"), without).await.refused(422, "invalid_fields");
    take(&manager, &evaluation, "predict", measures()).await;
    let mut other = measures();
    other["measures"][0]["predicted"] = json!("220");
    take(&manager, &evaluation, "accept", report("build")).await;
    assert_eq!(read(&manager, &number).await["advice_build"], "accept");
    let anew = take(&manager, &evaluation, "predict_anew", other.clone()).await;
    assert_eq!((&anew["state"], &anew["measures"][0]["predicted"]), (&json!("predicted"), &json!("220")));
    assert_eq!(read(&manager, &number).await["advice_build"], Json::Null, "the report was about another prediction");
    take(&manager, &evaluation, "accept", report("build")).await;
    // Whoever approves has read it: from then on it stays.
    step(&manager, &number, "request_approval", assessed()).await;
    manager.post(&format!("{path}/predict_anew"), measures()).await.refused(409, "authorised");
    granted(&stage, &manager, &number).await;
    step(&manager, &number, "schedule", json!({})).await;
    manager.post(&format!("{path}/predict_anew"), measures()).await.refused(409, "authorised");
    let refused = manager.patch(&path, json!({ "measures": measures()["measures"] })).await;
    assert_eq!(refused.refused(422, "invalid_fields")["errors"][0]["code"], "read_only");
    assert_eq!(seen(&manager, &evaluation).await["measures"][0]["predicted"], "220");
});

story!(eva_02_nothing_is_predicted_after_the_decision, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let (number, evaluation) = evaluated(&stage, &agent, &manager).await;
    authorised(&stage, &manager, &number).await;
    step(&manager, &number, "schedule", json!({ "despite_advice": "The old protocol ends tonight." })).await;
    manager.post(&format!("evaluations/{evaluation}/predict"), measures()).await.refused(409, "authorised");
});

story!(eva_03_no_authorisation_without_its_interim_report_or_a_reason, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let (number, evaluation) = evaluated(&stage, &agent, &manager).await;
    take(&manager, &evaluation, "predict", measures()).await;
    authorised(&stage, &manager, &number).await;
    let path = |verb: &str| format!("changes/{number}/{verb}");
    manager.post(&path("schedule"), json!({})).await.refused(409, "report_missing");
    // The form asks for the reason, and only where one may be needed.
    let desk = crate::browser::Pages::of(&stage).await.browser(&stage, cast.manager).await;
    let form = desk.get(&format!("/changes/{number}/schedule")).await.text;
    assert!(form.contains("name=\"despite_advice\""), "{form}");
    let minor = asked(&stage, &agent, &manager, "minor").await;
    approve(&manager, &minor).await;
    let form = desk.get(&format!("/changes/{minor}/schedule")).await.text;
    assert!(!form.contains("despite_advice"), "{form}");
    manager.post(&path("schedule"), json!({ "despite_advice": " " })).await.refused(409, "report_missing");
    take(&manager, &evaluation, "accept", report("build")).await;
    step(&manager, &number, "schedule", json!({})).await;
    in_its_time(&stage, &manager, &number).await;
    let gate = agent.get(&path("gate")).await.ok();
    assert!(gate.to_string().contains("report_missing"), "{gate}");
    agent.post(&path("start"), json!({})).await.refused(409, "report_missing");
    let why = "The acquirer ends the old protocol tonight.";
    step(&agent, &number, "start", json!({ "despite_advice": why })).await;
    let log = agent.get(&path("history?limit=200")).await.ok();
    assert!(log.to_string().contains(why), "the reason is in the history");
    step(&agent, &number, "implement", json!({})).await;
    // Every authorisation needs its own report or reason; the reason of the last one does not speak for this one.
    let closing = with(well(), &review());
    manager.post(&path("close"), closing.clone()).await.refused(409, "report_missing");
    take(&manager, &evaluation, "accept", report("deploy")).await;
    take(&manager, &evaluation, "measure", actuals()).await;
    let closing_report = json!({ "recommendation": "accept", "report": "It holds." });
    take(&manager, &evaluation, "report_closing", closing_report).await;
    let shown = seen(&manager, &evaluation).await;
    let before: Vec<&Json> = shown["reports"].as_array().into_iter().flatten().map(|each| &each["before"]).collect();
    assert_eq!(before, [&json!("build"), &json!("deploy"), &json!("close")]);
    step(&manager, &number, "close", closing).await;
});

story!(eva_03_with_evaluation_switched_off_changes_go_on_as_before, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let admin = stage.sign_in(cast.admin).await;
    let (number, _) = evaluated(&stage, &agent, &manager).await;
    authorised(&stage, &manager, &number).await;
    switched(&admin, true).await;
    step(&manager, &number, "schedule", json!({})).await;
    let other = change(&agent, "major", json!({})).await;
    step(&agent, &other, "submit", wanted(&cast)).await;
    assert_eq!(
        (evaluation_of(&manager, &other).await, &read(&manager, &other).await["evaluated"]),
        (None, &Json::Null)
    );
    switched(&admin, false).await;
    in_its_time(&stage, &manager, &number).await;
    agent.post(&format!("changes/{number}/start"), json!({})).await.refused(409, "report_missing");
});

story!(eva_04_a_deviation_is_judged_against_its_limit, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let (number, early) = evaluated(&stage, &agent, &manager).await;
    take(&manager, &early, "predict", measures()).await;
    take(&manager, &early, "accept", report("build")).await;
    manager.post(&format!("evaluations/{early}/measure"), actuals()).await.refused(409, "not_deployed");
    step(&agent, &number, "cancel", json!({ "reason": "Not this one." })).await;
    let (_, evaluation) = deployed(&stage, &agent, &manager).await;
    let path = format!("evaluations/{evaluation}/measure");
    for wrong in [
        json!([{ "measure": "Answer", "actual": "260" }]),
        json!([{ "measure": "Answer", "actual": "260 ms" }, { "measure": "Uptime", "actual": "99.9" }]),
        json!([{ "measure": "Answer", "actual": "260" }, { "measure": "Colour", "actual": "3" }]),
    ] {
        manager.post(&path, json!({ "actuals": wrong, "risk_after": "low" })).await.refused(409, "measure_missing");
    }
    let shown = take(&manager, &evaluation, "measure", actuals()).await;
    let told = |row: usize, key: &str| shown["sheet"][row][key].clone();
    assert_eq!(
        (told(0, "predicted"), told(0, "actual"), told(0, "deviation"), told(0, "limit"), told(0, "verdict")),
        (json!("200"), json!("260"), json!("+30 %"), json!(20), json!("outside"))
    );
    assert_eq!((told(1, "deviation"), told(1, "verdict")), (json!("−0.1 %"), json!("within")));
    let desk = crate::browser::Pages::of(&stage).await.browser(&stage, cast.manager).await;
    let page = desk.get(&format!("/evaluations/{evaluation}/measures")).await.text;
    assert!(page.contains("+30 %, outside limit 20 %") && page.contains("−0.1 %, within limit 1 %"), "{page}");
});

story!(eva_05_an_effect_that_nobody_follows_up_keeps_the_evaluation_open, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let evaluation = brought_to(&stage, &manager, "finished").await;
    let path = format!("evaluations/{evaluation}");
    let effect = "Receipts print twice.";
    let saved = manager.patch(&path, json!({ "effects": [{ "effect": effect }] })).await.ok();
    assert_eq!(saved["effects"][0]["effect"], effect);
    manager.post(&format!("{path}/close"), json!({})).await.refused(409, "effect_open");
    let incident = agent.report(json!({})).await;
    let named = json!({ "effects": [{ "effect": effect, "followed_by": incident }] });
    manager.patch(&path, named).await.ok();
    manager.post(&format!("{path}/close"), json!({})).await.refused(409, "effect_open");
    manager.post(&format!("{path}/links"), json!({ "relation": "related_to", "to": incident })).await.ok();
    assert_eq!(take(&manager, &evaluation, "close", json!({})).await["state"], "closed");
});

story!(eva_06_whoever_goes_on_against_the_advice_says_why, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let (number, evaluation) = evaluated(&stage, &agent, &manager).await;
    take(&manager, &evaluation, "predict", measures()).await;
    take(&manager, &evaluation, "reject", report("build")).await;
    assert_eq!(read(&manager, &number).await["state"], "assessment", "advice does not cancel it");
    authorised(&stage, &manager, &number).await;
    let path = |verb: &str| format!("changes/{number}/{verb}");
    manager.post(&path("schedule"), json!({})).await.refused(409, "against_advice");
    let why = "The board carries the risk.";
    step(&manager, &number, "schedule", json!({ "despite_advice": why })).await;
    let log = manager.get(&path("history?limit=200")).await.ok();
    assert!(log.to_string().contains(why), "the reason is in the history");
    // What is rejected before deployment goes back to whoever decides on it.
    take(&manager, &evaluation, "reject", report("deploy")).await;
    assert_eq!(read(&manager, &number).await["state"], "authorisation");
    granted(&stage, &manager, &number).await;
    step(&manager, &number, "schedule", json!({ "despite_advice": why })).await;
    in_its_time(&stage, &manager, &number).await;
    agent.post(&path("start"), json!({})).await.refused(409, "against_advice");
    step(&agent, &number, "start", json!({ "despite_advice": why })).await;
});

story!(eva_07_whoever_carries_it_out_does_not_evaluate_it, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let (number, evaluation) = evaluated(&stage, &agent, &manager).await;
    let own = manager.patch(&format!("evaluations/{evaluation}"), json!({ "assignee": cast.agent_l2 })).await;
    let refused = own.refused(422, "invalid_fields");
    assert_eq!(
        (&refused["errors"][0]["field"], &refused["errors"][0]["code"]),
        (&json!("assignee"), &json!("not_independent"))
    );
    // Nor the other way round, nor by a link.
    let turned = manager.patch(&format!("changes/{number}"), json!({ "implementer": cast.manager })).await;
    assert_eq!(turned.refused(422, "invalid_fields")["errors"][0]["code"], "not_independent");
    let body = json!({ "title": "By hand", "assignee": cast.agent_l2 });
    let other = manager.post("evaluations", body).await.ok()["number"].clone();
    let link = json!({ "relation": "evaluated_by", "to": other });
    manager.post(&format!("changes/{number}/links"), link).await.refused(409, "not_independent");
    manager.patch(&format!("evaluations/{evaluation}"), json!({ "assignee": cast.agent })).await.ok();
});

story!(the_final_report_stands_in_the_review_of_the_change, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let (number, evaluation) = deployed(&stage, &agent, &manager).await;
    take(&manager, &evaluation, "measure", actuals()).await;
    take(&manager, &evaluation, "report_closing", json!({ "recommendation": "reject", "report": "Too slow." })).await;
    let closing = with(well(), &review());
    manager.post(&format!("changes/{number}/close"), closing.clone()).await.refused(409, "against_advice");
    take(&manager, &evaluation, "finish", finished()).await;
    assert_eq!(read(&manager, &number).await["evaluation_report"], finished()["conclusion"]);
    assert_eq!(evaluation_of(&manager, &number).await.as_deref(), Some(evaluation.as_str()));
    step(&manager, &number, "close", with(closing, &json!({ "despite_advice": "A fix is on its way." }))).await;
    // What is found out afterwards reaches the closed change, too.
    take(&manager, &evaluation, "reopen", json!({ "reason": "The figures were of a holiday." })).await;
    let later = with(finished(), &json!({ "conclusion": "As fast as before." }));
    take(&manager, &evaluation, "finish", later).await;
    assert_eq!(read(&manager, &number).await["evaluation_report"], "As fast as before.");
    // Whoever has nothing to do with it reads nothing of it.
    let requester = stage.sign_in(cast.requester).await;
    requester.get(&format!("evaluations/{evaluation}")).await.refused(404, "not_found");
    let minor = asked(&stage, &agent, &manager, "minor").await;
    assert_eq!(evaluation_of(&manager, &minor).await, None);
});
