//! The risk of changes: what it follows from, whom it makes approve, and that it follows what changes elsewhere.

use crate::change::{
    START, affects, answers, approve, assessed, begun_on, board, change, read, review, scheduled, step, wanted, with,
};
use crate::client::Client;
use crate::{Stage, story};
use mainstay_testing::at;
use serde_json::{Value as Json, json};

const ITEMS: &str = "configuration-items";

/// A server that says how critical it is.
async fn server(client: &Client, title: &str, criticality: &str) -> String {
    let classes = client.get("item-classes?limit=100").await.ok();
    let server = classes["items"].as_array().into_iter().flatten().find(|class| class["name"] == "Server");
    let class = server.expect("a class")["id"].clone();
    let body = json!({ "title": title, "class": class, "criticality": criticality });
    client.post(ITEMS, body).await.ok()["number"].as_str().expect("a number").to_owned()
}

async fn touches(client: &Client, change: &str, item: &str) {
    affects(client, change, item).await.ok();
}

/// Lets everything happen that is due by now.
async fn settle(stage: &Stage) {
    stage.house.advance_to(stage.house.clock.reading()).await;
}

/// What the risk follows from: fact or words, what was found, points.
fn because(change: &Json) -> Vec<(String, i64, i64)> {
    let rows = change["risk_because"].as_array().cloned().unwrap_or_default();
    let one = |row: &Json| {
        let text = row["fact"].as_str().or_else(|| row["says"].as_str()).unwrap_or_default().to_owned();
        (text, row["found"].as_i64().unwrap_or_default(), row["points"].as_i64().unwrap_or_default())
    };
    rows.iter().map(one).collect()
}

fn row(fact: &str, found: i64, points: i64) -> (String, i64, i64) {
    (fact.to_owned(), found, points)
}

/// The rules that are shipped, with what is to be different.
async fn rules(client: &Client, more: Json) -> Json {
    let all = client.get("risk-rules?limit=10").await.ok();
    client.patch(&format!("risk-rules/{}", all["items"][0]["id"]), more).await.ok()
}

/// The names of the approvals that the round in force asks for.
async fn asked(client: &Client, number: &str) -> Vec<String> {
    let rounds = client.get(&format!("changes/{number}/approvals")).await.ok();
    let parts = rounds["items"][0]["parts"].as_array().cloned().unwrap_or_default();
    parts.iter().filter_map(|part| part["name"].as_str().map(str::to_owned)).collect()
}

story!(chg_04_a_more_critical_item_makes_more_risk_and_other_approvers, |stage| async move {
    let cast = stage.house.cast.clone();
    board(&stage, "cab", &[cast.approver]).await;
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let (database, store) =
        (server(&manager, "Mail database", "low").await, server(&manager, "Mail store", "high").await);
    let number = change(&agent, "minor", json!({})).await;
    step(&agent, &number, "submit", with(wanted(&cast), &json!({ "service": cast.email }))).await;
    touches(&agent, &number, &database).await;
    touches(&agent, &number, &store).await;
    settle(&stage).await;
    step(&manager, &number, "assess", json!({})).await;
    let calm = with(assessed(), &json!({ "risk_answers": answers(0) }));
    step(&manager, &number, "request_approval", calm).await;
    let low = read(&manager, &number).await;
    assert_eq!((&low["risk"], &low["risk_points"]), (&json!("low"), &json!(20)));
    assert_eq!(asked(&manager, &number).await, ["Change manager"]);
    approve(&manager, &number).await;
    step(&manager, &number, "schedule", json!({})).await;

    manager.patch(&format!("{ITEMS}/{database}"), json!({ "criticality": "critical" })).await.ok();
    settle(&stage).await;
    let high = read(&manager, &number).await;
    assert_eq!((&high["risk"], &high["risk_points"]), (&json!("high"), &json!(60)));
    assert_eq!(because(&high)[..2], [row("critical", 1, 40), row("high", 1, 20)]);
    // What was approved was another matter, and others have to approve this one.
    assert_eq!(high["state"], "authorisation");
    assert_eq!(asked(&manager, &number).await, ["Change manager", "Change advisory board"]);
    let log = manager.get(&format!("changes/{number}/history?limit=200")).await.ok();
    let verbs: Vec<&Json> = log["items"].as_array().into_iter().flatten().map(|event| &event["verb"]).collect();
    for verb in ["risk_reassessed", "approvals_void", "approve_anew"] {
        assert!(verbs.contains(&&json!(verb)), "{verb} stands in {verbs:?}");
    }
    approve(&manager, &number).await;
    manager.post(&format!("changes/{number}/schedule"), json!({})).await.refused(409, "approvals_missing");
    approve(&stage.sign_in(cast.approver).await, &number).await;
    assert_eq!(step(&manager, &number, "schedule", json!({})).await["state"], "scheduled");

    // Less risk needs nobody anew; a change that has begun keeps what it had.
    manager.patch(&format!("{ITEMS}/{database}"), json!({ "criticality": "low" })).await.ok();
    settle(&stage).await;
    let calm = read(&manager, &number).await;
    assert_eq!((&calm["risk"], &calm["state"]), (&json!("low"), &json!("scheduled")));
    stage.house.clock.set(at(START));
    step(&agent, &number, "start", json!({})).await;
    manager.patch(&format!("{ITEMS}/{database}"), json!({ "criticality": "critical" })).await.ok();
    settle(&stage).await;
    assert_eq!(read(&manager, &number).await["risk"], "low");
    let late = manager.patch(&format!("changes/{number}"), json!({ "risk_answers": answers(2) })).await;
    late.refused_field("risk_answers", "approved");
});

story!(chg_04_gen_17_work_does_not_begin_under_approvals_of_less_risk, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let database = server(&manager, "Database", "low").await;
    let mut minor = change(&agent, "minor", json!({})).await;
    step(&agent, &minor, "submit", with(wanted(&cast), &json!({ "service": cast.email }))).await;
    touches(&agent, &minor, &database).await;
    step(&manager, &minor, "assess", json!({})).await;
    step(&manager, &minor, "request_approval", with(assessed(), &json!({ "risk_answers": answers(0) }))).await;
    approve(&manager, &minor).await;
    step(&manager, &minor, "schedule", json!({})).await;
    let declared = json!({ "why": "It is down.", "service": cast.email, "emergency_reason": "Nobody gets mail.", "back_out": "Restart." });
    let word =
        json!({ "authority": cast.team_manager, "authorised_at": "2025-06-02T07:50:00Z", "reason": "By telephone." });
    let emergency = change(&agent, "emergency", json!({})).await;
    touches(&agent, &emergency, &database).await;
    board(&stage, "ecab", &[cast.approver]).await;
    step(&agent, &emergency, "declare_emergency", declared).await;
    step(&manager, &emergency, "record_authority", word.clone()).await;
    let model = json!({
        "name": "Restart it", "process": "change", "approver": cast.manager, "valid_until": "2025-12-31",
        "values": [{ "field": "service", "value": cast.email.to_string() }],
    });
    let model = manager.post("models", model).await.ok()["id"].clone();
    let standard = change(&agent, "standard", json!({ "model": model })).await;
    touches(&agent, &standard, &database).await;
    let times = json!({ "planned_start": START, "planned_end": crate::change::END });
    step(&agent, &standard, "schedule_standard", times).await;
    settle(&stage).await;
    stage.house.clock.set(at(START));

    // In the moment before anybody has assessed them anew.
    manager.patch(&format!("{ITEMS}/{database}"), json!({ "criticality": "critical" })).await.ok();
    let gate = agent.get(&format!("changes/{minor}/gate")).await.ok();
    assert_eq!((&gate["go"], &gate["reasons"][0]["code"]), (&json!(false), &json!("risk_grew")));
    let start = format!("changes/{minor}/start");
    let refused = agent.post(&start, json!({})).await.refused(409, "risk_grew");
    assert!(refused["detail"].as_str().is_some_and(|says| says.contains("has grown")), "{refused}");
    let begin = format!("changes/{emergency}/start_emergency");
    agent.post(&begin, json!({})).await.refused(409, "risk_grew");
    // What its model stands for begins whatever its risk.
    assert_eq!(step(&agent, &standard, "start", json!({})).await["state"], "implementation");
    settle(&stage).await;
    assert_eq!(read(&agent, &minor).await["state"], "authorisation");
    agent.post(&begin, json!({})).await.refused(409, "not_authorised");
    step(&manager, &emergency, "record_authority", word).await;
    step(&agent, &emergency, "start_emergency", json!({})).await;
    // Approved anew, it begins.
    approve(&manager, &minor).await;
    step(&manager, &minor, "schedule", json!({})).await;
    minor = step(&agent, &minor, "start", json!({})).await["state"].to_string();
    assert_eq!(minor, "\"implementation\"");
});

story!(chg_04_risk_is_the_higher_of_what_is_known_and_what_is_answered, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    rules(
        &manager,
        json!({ "rules": [
        { "fact": "dependants", "at_least": 1, "points": 5 },
        { "fact": "dependants", "at_least": 2, "points": 31 },
        { "fact": "services", "at_least": 2, "points": 7 },
        { "fact": "condition", "condition": "downtime > 30", "says": "It is down for long.", "points": 30 },
    ] }),
    )
    .await;
    let (database, first, second) = (
        server(&manager, "Database", "low").await,
        server(&manager, "First", "low").await,
        server(&manager, "Second", "low").await,
    );
    let number = change(&agent, "minor", json!({ "service": cast.email })).await;
    assert_eq!(read(&agent, &number).await["risk"], "low");
    assert!(because(&read(&agent, &number).await).is_empty(), "nothing speaks for more");
    touches(&agent, &number, &database).await;
    // Whoever depends on what depends on it is hit, too; each link is followed as it is made and removed.
    let depends =
        |from: &str, to: &str| (format!("{ITEMS}/{from}/links"), json!({ "relation": "depends_on", "to": to }));
    for (from, to, points) in [(&first, &database, 5), (&second, &first, 31)] {
        let (path, body) = depends(from, to);
        manager.post(&path, body).await.ok();
        settle(&stage).await;
        assert_eq!(read(&agent, &number).await["risk_points"], points);
    }
    assert_eq!(because(&read(&agent, &number).await), [row("dependants", 2, 31)]);
    // The answers alone make less than the rules, then more; the two are not added up.
    let path = format!("changes/{number}");
    let medium = agent.patch(&path, json!({ "risk_answers": answers(0) })).await.ok();
    assert_eq!((&medium["risk"], &medium["risk_points"]), (&json!("medium"), &json!(31)));
    let high = agent.patch(&path, json!({ "risk_answers": answers(2) })).await.ok();
    assert_eq!((&high["risk"], &high["risk_points"]), (&json!("high"), &json!(85)));
    let told: Vec<String> = because(&high).into_iter().map(|(says, ..)| says).collect();
    assert_eq!(told[1], "Can it be backed out? Only in part, or not at all");
    let long = agent
        .patch(&path, json!({ "risk_answers": answers(0), "downtime": 60, "affected_services": [cast.payments] }))
        .await
        .ok();
    assert_eq!((&long["risk"], &long["risk_points"]), (&json!("high"), &json!(68)));
    let link = format!("{ITEMS}/{second}/links/depends_on/{first}");
    let gone = manager.delete(&link).await;
    assert!(gone.status.is_success(), "{}", gone.text);
    settle(&stage).await;
    assert_eq!(read(&agent, &number).await["risk_points"], 42);
    // What nobody asked is no answer, and nobody writes the risk itself.
    let odd = json!({ "risk_answers": [{ "question": "Is it fun?", "answer": "Yes" }] });
    agent.patch(&path, odd).await.refused_field("risk_answers.0.question", "unknown_question");
    let odd = json!({ "risk_answers": [{ "question": "Can it be backed out?", "answer": "Perhaps" }] });
    agent.patch(&path, odd).await.refused_field("risk_answers.0.answer", "unknown_answer");
    agent.patch(&path, json!({ "risk": "low" })).await.refused(422, "invalid_fields");
    // Every question has an answer before anybody is asked.
    step(&agent, &number, "submit", wanted(&cast)).await;
    step(&manager, &number, "assess", json!({})).await;
    let part = json!([{ "question": "Can it be backed out?", "answer": "Yes, and that was tested" }]);
    let lacking = with(assessed(), &json!({ "risk_answers": part }));
    manager.post(&format!("{path}/request_approval"), lacking).await.refused_field("risk_answers", "required");
});

story!(chg_04_gen_21_earlier_failures_count_and_a_version_of_the_rules_is_kept, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let before = rules(&manager, json!({ "rules": [{ "fact": "alike_failed", "at_least": 50, "points": 45 }] })).await;
    let first = change(&agent, "minor", json!({ "category": cast.network_category })).await;
    assert_eq!(read(&agent, &first).await["risk"], "low", "nothing has happened yet");
    for fails in [true, false, true] {
        let number = scheduled(&stage, &agent, &manager).await;
        manager.patch(&format!("changes/{number}"), json!({ "category": cast.network_category })).await.ok();
        let start = read(&agent, &number).await["planned_start"].as_str().map(at).expect("a planned start");
        stage.house.clock.set(start.max(stage.house.clock.reading()));
        step(&agent, &number, "start", json!({})).await;
        step(&agent, &number, "implement", json!({})).await;
        let (verb, outcome) = if fails { ("close_failed", "failed") } else { ("close", "successful") };
        let ending = with(review(), &json!({ "outcome": outcome, "map": "no_effect" }));
        step(&manager, &number, verb, ending).await;
    }
    settle(&stage).await;
    let risky = read(&agent, &first).await;
    assert_eq!((&risky["risk"], because(&risky)), (&json!("medium"), vec![row("alike_failed", 66, 45)]));
    assert_eq!(risky["risk_version"], before["version"]);
    // Other rules are followed by what is not decided, and only by that.
    let closed = manager.get("changes?filter=state%20%3D%20%22closed%22&limit=1").await.ok();
    let closed = closed["items"][0]["number"].as_str().expect("a number").to_owned();
    let after = rules(&manager, json!({ "high": 40 })).await;
    settle(&stage).await;
    let anew = read(&agent, &first).await;
    assert_eq!((&anew["risk"], &anew["risk_version"]), (&json!("high"), &after["version"]));
    assert_eq!(read(&agent, &closed).await["risk_version"], before["version"]);
    let kept = manager.get(&format!("risk-rules/{}/versions/{}", after["id"], before["version"])).await.ok();
    assert_eq!(kept["high"], 60, "what was in force is kept");
});

/// The numbers of what may have caused an incident, the last first, with the relation that says so.
async fn suspects(client: &Client, incident: &str) -> Vec<(String, String)> {
    let found = client.get(&format!("incidents/{incident}/suspects")).await.ok();
    let one = |each: &Json| {
        let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        (text(&each["record"]["number"]), text(&each["relation"]))
    };
    found["items"].as_array().into_iter().flatten().map(one).collect()
}

story!(chg_20_inc_11_known_errors_open_incidents_and_recent_changes_are_offered, |stage| async move {
    let stage = stage.indexed();
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    // A change on the database, two hours before, and one on something else.
    let (database, beside) = (server(&manager, "Database", "low").await, server(&manager, "Printer host", "low").await);
    let application = server(&manager, "Shop", "low").await;
    let depends = json!({ "relation": "depends_on", "to": database });
    manager.post(&format!("{ITEMS}/{application}/links"), depends).await.ok();
    let mut begun = Vec::new();
    for item in [&database, &beside] {
        begun.push(begun_on(&stage, &agent, &manager, &[item]).await);
    }
    stage.house.clock.advance_minutes(120);
    // A known error and an open incident in the same words.
    let words = json!({ "title": "Shop shows no prices", "symptoms": "The list of prices stays empty." });
    let problem = agent.post("problems", words.clone()).await.ok()["number"].as_str().expect("a number").to_owned();
    let assess = json!({ "category": cast.network_category, "impact": "high", "urgency": "low", "owner": cast.agent });
    agent.post(&format!("problems/{problem}/assess"), assess).await.ok();
    let workaround = json!({ "workaround": "Ask the shop by telephone." });
    agent.post(&format!("problems/{problem}/raise_known_error"), workaround).await.ok();
    let other = agent.report(words.clone()).await;
    let incident = agent.report(words).await;
    assert!(suspects(&agent, &incident).await.is_empty(), "it is about nothing yet");
    agent.post(&format!("incidents/{incident}/links"), json!({ "relation": "affects", "to": application })).await.ok();
    let cause = (begun[0].clone(), "caused_by".to_owned());
    let said = std::slice::from_ref(&cause);
    assert_eq!(suspects(&agent, &incident).await, said, "what it depends on was changed, and nothing else");
    stage.house.read_log().await;
    let alike = agent.get(&format!("incidents/{incident}/similar?limit=20")).await.ok();
    let alike: Vec<&str> =
        alike["items"].as_array().into_iter().flatten().filter_map(|each| each["record"]["number"].as_str()).collect();
    assert!(alike.contains(&problem.as_str()) && alike.contains(&other.as_str()), "{alike:?}");
    // By its service, too; whoever may not read changes is told of none.
    let by_service = agent.report(json!({ "title": "Cannot pay", "service": cast.payments })).await;
    assert_eq!(suspects(&agent, &by_service).await.len(), 2);
    let requester = stage.sign_in(cast.requester).await;
    let own = requester.report(json!({ "title": "Cannot pay at all", "service": cast.payments })).await;
    assert!(suspects(&requester, &own).await.is_empty());
    // Said to be the cause, it is no suspect any more; what is long ago is none either.
    let said = json!({ "relation": cause.1, "to": cause.0 });
    agent.post(&format!("incidents/{incident}/links"), said).await.ok();
    assert!(suspects(&agent, &incident).await.is_empty());
    stage.house.clock.advance_minutes(4 * 24 * 60);
    assert!(suspects(&agent, &by_service).await.is_empty());
});
