//! Change management: from the wish to its review, and the incidents and problems around it.

use crate::client::Client;
use crate::incident::in_progress;
use crate::{Stage, story};
use mainstay_testing::{Cast, at};
use serde_json::{Value as Json, json};

pub const START: &str = "2025-06-03T20:00:00Z";
pub const END: &str = "2025-06-03T22:00:00Z";

/// Opens a change of a type and gives its number.
pub async fn change(client: &Client, kind: &str, more: Json) -> String {
    let mut body = json!({ "title": "Replace the gateway", "type": kind });
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    client.post("changes", body).await.ok()["number"].as_str().expect("a number").to_owned()
}

pub async fn read(client: &Client, number: &str) -> Json {
    client.get(&format!("changes/{number}")).await.ok()
}

/// Takes a step. Whoever asks for approval has looked at what stands in the way, and says why it may.
pub async fn step(client: &Client, number: &str, verb: &str, body: Json) -> Json {
    let path = format!("changes/{number}/{verb}");
    let answer = client.post(&path, body.clone()).await;
    if answer.body["code"] != "conflicts_unexamined" {
        return answer.ok();
    }
    if body["planned_start"].is_string() {
        let times = json!({ "planned_start": body["planned_start"], "planned_end": body["planned_end"] });
        client.patch(&format!("changes/{number}"), times).await.ok();
    }
    let found = client.get(&format!("changes/{number}/conflicts")).await.ok();
    for each in found["items"].as_array().into_iter().flatten().filter(|each| each["settled"] == false) {
        let key = each["conflict"].as_str().expect("a key");
        let said = json!({ "reason": "Both teams know of it." });
        client.post(&format!("changes/{number}/conflicts/{key}"), said).await.ok();
    }
    client.post(&path, body).await.ok()
}

/// What submitting a change needs.
pub fn wanted(cast: &Cast) -> Json {
    json!({ "why": "It drops connections.", "service": cast.payments, "impact": "medium", "urgency": "low", "owner": cast.agent })
}

/// What leaving its assessment needs.
pub fn assessed() -> Json {
    json!({
        "benefit": "No more calls.", "risk_answers": answers(1), "risks": "Routes may be lost.", "consequences": "Ten minutes without payments.",
        "effort": 6, "feasibility": "Tried in the laboratory.", "cost": 1200, "capacity": "None", "availability": "Ten minutes",
        "continuity": "None", "security": "Newer ciphers", "other_changes": "None", "plan": "Swap the boxes.",
        "test_plan": "Pay one penny.", "planned_start": START, "planned_end": END, "back_out": "Swap them back.",
        "point_of_no_return": "Until the old box is wiped", "back_out_untested": "There is no second site.",
    })
}

/// Answers to the questions about the risk: the first of each is the best, the last the worst.
pub fn answers(place: usize) -> Json {
    let all = [
        ("How often was it done here before?", ["Many times", "A few times", "Never"]),
        (
            "Can it be backed out?",
            ["Yes, and that was tested", "Yes, but that was not tested", "Only in part, or not at all"],
        ),
        ("Who notices while it is carried out?", ["Nobody", "Some people", "Many people"]),
    ];
    all.iter().map(|(question, answers)| json!({ "question": question, "answer": answers[place] })).collect()
}

/// A change that waits for its approvals.
pub async fn asked(stage: &Stage, agent: &Client, manager: &Client, kind: &str) -> String {
    let number = change(agent, kind, json!({})).await;
    step(agent, &number, "submit", wanted(&stage.house.cast)).await;
    step(manager, &number, "assess", json!({ "implementer": stage.house.cast.agent_l2 })).await;
    step(manager, &number, "request_approval", with(assessed(), &planned(stage))).await;
    number
}

/// A time that is ahead: the usual one, or in an hour.
pub fn planned(stage: &Stage) -> Json {
    let now = stage.house.clock.reading();
    if now < at(START) {
        return json!({});
    }
    let later =
        |minutes: i64| jiff::Timestamp::from_millisecond(now + minutes * 60_000).expect("an instant").to_string();
    json!({ "planned_start": later(60), "planned_end": later(180) })
}

/// Lets the time come for which a change is planned.
async fn in_its_time(stage: &Stage, client: &Client, number: &str) {
    let start = read(client, number).await["planned_start"].as_str().map(at).expect("a planned start");
    stage.house.clock.set(start.max(stage.house.clock.reading()));
}

/// The approvals that wait for a person.
pub async fn waiting(client: &Client, number: &str) -> Vec<(i64, i64)> {
    let mine = client.get("me/approvals").await.ok();
    let of = |each: &&Json| each["number"] == number;
    let items = mine["items"].as_array().cloned().unwrap_or_default();
    items.iter().filter(of).filter_map(|each| Some((each["id"].as_i64()?, each["version"].as_i64()?))).collect()
}

/// Gives everything that waits for a person about a change.
pub async fn approve(client: &Client, number: &str) {
    let all = waiting(client, number).await;
    assert!(!all.is_empty(), "nothing about {number} waits");
    for (id, version) in all {
        let said = json!({ "answer": "approve", "version": version });
        client.post(&format!("changes/{number}/approvals/{id}"), said).await.ok();
    }
}

/// A minor change that is approved and scheduled.
pub async fn scheduled(stage: &Stage, agent: &Client, manager: &Client) -> String {
    let number = asked(stage, agent, manager, "minor").await;
    approve(manager, &number).await;
    step(manager, &number, "schedule", json!({})).await;
    number
}

/// Lets a change affect an item.
pub async fn affects(client: &Client, number: &str, item: &str) -> crate::client::Answer {
    client.post(&format!("changes/{number}/links"), json!({ "relation": "affects", "to": item })).await
}

/// A minor change that affects some items, approved so and being carried out.
pub async fn begun_on(stage: &Stage, agent: &Client, manager: &Client, items: &[&str]) -> String {
    let number = asked(stage, agent, manager, "minor").await;
    for item in items {
        affects(manager, &number, item).await.ok();
    }
    approve(manager, &number).await;
    step(manager, &number, "schedule", json!({})).await;
    in_its_time(stage, agent, &number).await;
    step(agent, &number, "start", json!({})).await;
    number
}

async fn implemented(stage: &Stage, agent: &Client, manager: &Client) -> String {
    let number = scheduled(stage, agent, manager).await;
    in_its_time(stage, agent, &number).await;
    step(agent, &number, "start", json!({})).await;
    step(agent, &number, "implement", json!({})).await;
    number
}

/// What is proposed before anything is planned in detail.
pub fn proposed(cast: &Cast) -> Json {
    json!({
        "why": "The contract ends.", "benefit": "Half the cost.", "risks": "Nobody has done it here.", "cost": 250_000,
        "effort": 900, "service": cast.payments, "owner": cast.agent,
    })
}

/// A proposal that the portfolio authority has accepted.
pub async fn accepted(stage: &Stage, agent: &Client, manager: &Client) -> String {
    board(stage, "portfolio", &[stage.house.cast.approver]).await;
    let number = change(agent, "proposal", json!({ "title": "Move payments to another house" })).await;
    step(agent, &number, "propose", proposed(&stage.house.cast)).await;
    approve(&stage.sign_in(stage.house.cast.approver).await, &number).await;
    step(manager, &number, "accept", json!({})).await;
    number
}

pub fn well() -> Json {
    json!({ "outcome": "successful", "map": "no_effect" })
}

pub fn review() -> Json {
    json!({
        "objective_met": "not", "side_effects": "Payments stood still.", "against_plan": "An hour longer.",
        "lessons": "Test at night.", "actions_to_follow": "Order a second box.",
    })
}

pub fn with(mut body: Json, more: &Json) -> Json {
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    body
}

/// A change in a state, led there by the steps that people take.
pub async fn brought_to(stage: &Stage, manager: &Client, state: &str) -> String {
    let agent = stage.sign_in(stage.house.cast.agent).await;
    let submitted = async || {
        let number = change(&agent, "minor", json!({})).await;
        step(&agent, &number, "submit", wanted(&stage.house.cast)).await;
        number
    };
    match state {
        "draft" => change(&agent, "minor", json!({})).await,
        "submitted" => submitted().await,
        "assessment" | "rejected" => {
            let number = submitted().await;
            step(manager, &number, "assess", json!({})).await;
            if state == "rejected" {
                step(manager, &number, "reject", json!({ "reason": "Too dear." })).await;
            }
            number
        }
        "authorisation" => asked(stage, &agent, manager, "minor").await,
        "scheduled" => scheduled(stage, &agent, manager).await,
        "implementation" => {
            let number = scheduled(stage, &agent, manager).await;
            in_its_time(stage, &agent, &number).await;
            step(&agent, &number, "start", json!({})).await;
            number
        }
        "detected" => {
            let number = change(&agent, "minor", json!({})).await;
            let found =
                json!({ "detected_how": "A rule that nobody wrote down.", "service": stage.house.cast.payments });
            step(&agent, &number, "report_unauthorised", found).await;
            number
        }
        "review" | "closed" => {
            let number = implemented(stage, &agent, manager).await;
            if state == "closed" {
                step(manager, &number, "close", well()).await;
            }
            number
        }
        "accepted" => accepted(stage, &agent, manager).await,
        "cancelled" => {
            let number = change(&agent, "minor", json!({})).await;
            step(&agent, &number, "cancel", json!({ "reason": "Not wanted any more." })).await;
            number
        }
        other => panic!("nobody knows how a change gets {other}"),
    }
}

/// Puts people on a board that is there from the beginning.
pub async fn board(stage: &Stage, key: &str, people: &[i64]) {
    let admin = stage.sign_in(stage.house.cast.admin).await;
    let teams = admin.get("teams?limit=100").await.ok();
    let team = teams["items"].as_array().into_iter().flatten().find(|team| team["key"] == key).expect("the board");
    for person in people {
        admin.patch(&format!("people/{person}"), json!({ "teams": [team["id"]] })).await.ok();
    }
}

async fn verbs(client: &Client, number: &str) -> Vec<String> {
    let log = client.get(&format!("changes/{number}/history?limit=200")).await.ok();
    log["items"].as_array().into_iter().flatten().filter_map(|e| e["verb"].as_str().map(str::to_owned)).collect()
}

/// The parts of the last round: step, name, how many are needed.
async fn parts(client: &Client, number: &str) -> Vec<(i64, String, i64)> {
    let rounds = client.get(&format!("changes/{number}/approvals")).await.ok();
    let parts = rounds["items"][0]["parts"].as_array().cloned().unwrap_or_default();
    let one = |part: &Json| {
        (
            part["step"].as_i64().unwrap_or_default(),
            part["name"].as_str().unwrap_or_default().to_owned(),
            part["needed"].as_i64().unwrap_or_default(),
        )
    };
    parts.iter().map(one).collect()
}

story!(chg_01_each_type_has_its_own_way_to_be_approved, |stage| async move {
    let cast = stage.house.cast.clone();
    board(&stage, "cab", &[cast.approver, cast.auditor, cast.agent_l2]).await;
    board(&stage, "ecab", &[cast.team_manager]).await;
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let mut ways = Vec::new();
    for kind in ["minor", "significant", "major"] {
        let number = change(&agent, kind, json!({})).await;
        step(&agent, &number, "submit", wanted(&cast)).await;
        step(&manager, &number, "assess", json!({})).await;
        step(&manager, &number, "request_approval", assessed()).await;
        ways.push(parts(&manager, &number).await);
    }
    let emergency = change(&agent, "emergency", json!({})).await;
    let now = json!({ "why": "It is down.", "service": cast.payments, "emergency_reason": "Nobody can pay." });
    step(&agent, &emergency, "declare_emergency", now).await;
    ways.push(parts(&manager, &emergency).await);
    let part = |step: i64, name: &str, needed: i64| (step, name.to_owned(), needed);
    assert_eq!(
        ways,
        [
            vec![part(1, "Change manager", 1)],
            vec![part(1, "Change manager", 1), part(1, "Change advisory board", 2)],
            vec![part(1, "Change manager", 1), part(2, "Change advisory board", 2)],
            vec![part(1, "Emergency authority", 1)],
        ]
    );
    let standard = change(&agent, "standard", json!({})).await;
    let refused = agent.post(&format!("changes/{standard}/submit"), wanted(&cast)).await;
    assert_eq!(refused.refused(409, "not_now")["code"], "not_now", "a standard change goes another way");
});

story!(chg_02_the_type_stays_once_it_left_the_draft, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let number = asked(&stage, &agent, &manager, "minor").await;
    let path = format!("changes/{number}");
    let refused = manager.patch(&path, json!({ "type": "major" })).await;
    assert_eq!(refused.refused(422, "invalid_fields")["errors"][0]["code"], "by_step");
    step(&manager, &number, "return", json!({ "reason": "It is larger than it looked." })).await;
    manager.patch(&path, json!({ "type": "significant" })).await.ok();
    assert_eq!(read(&manager, &number).await["type"], "significant");
    assert!(waiting(&manager, &number).await.is_empty(), "what was asked for ended with its return");
});

story!(chg_03_chg_08_assessment_is_whole_before_anybody_is_asked, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let number = change(&agent, "minor", json!({})).await;
    step(&agent, &number, "submit", wanted(&cast)).await;
    step(&manager, &number, "assess", json!({})).await;
    let path = format!("changes/{number}/request_approval");
    for field in
        ["security", "risks", "capacity", "continuity", "availability", "other_changes", "consequences", "cost"]
    {
        let mut all = assessed();
        all[field] = Json::Null;
        let refused = manager.post(&path, all).await;
        assert_eq!(refused.refused(422, "invalid_fields")["errors"][0]["field"], field);
    }
    for (field, code) in [
        ("back_out", "back_out_needed"),
        ("point_of_no_return", "back_out_needed"),
        ("back_out_untested", "back_out_untested"),
    ] {
        let mut all = assessed();
        all[field] = Json::Null;
        manager.post(&path, all).await.refused(409, code);
    }
    let wrong = with(assessed(), &json!({ "planned_end": "2025-06-03T19:00:00Z" }));
    manager.post(&path, wrong).await.refused(409, "ends_before_it_starts");
    step(&manager, &number, "request_approval", assessed()).await;
});

story!(chg_05_chg_06_two_of_three_approvals_do_not_schedule, |stage| async move {
    let cast = stage.house.cast.clone();
    board(&stage, "cab", &[cast.approver, cast.auditor, cast.admin]).await;
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let number = asked(&stage, &agent, &manager, "significant").await;
    let schedule = format!("changes/{number}/schedule");
    manager.post(&schedule, json!({})).await.refused(409, "approvals_missing");
    approve(&manager, &number).await;
    approve(&stage.sign_in(cast.approver).await, &number).await;
    // The manager and one of the board: the board itself has no majority yet.
    manager.post(&schedule, json!({})).await.refused(409, "approvals_missing");
    let rounds = manager.get(&format!("changes/{number}/approvals")).await.ok();
    let states: Vec<&Json> =
        rounds["items"][0]["parts"].as_array().into_iter().flatten().map(|p| &p["state"]).collect();
    assert_eq!(states, ["granted", "open"], "one of three is no quorum");
    approve(&stage.sign_in(cast.auditor).await, &number).await;
    let rounds = manager.get(&format!("changes/{number}/approvals")).await.ok();
    assert_eq!(rounds["items"][0]["state"], "granted");
    assert_eq!(step(&manager, &number, "schedule", json!({})).await["state"], "scheduled");
    assert!(verbs(&manager, &number).await.iter().filter(|verb| *verb == "approved").count() == 3);
});

story!(chg_07_nobody_approves_what_they_ask_for_own_or_carry_out, |stage| async move {
    let cast = stage.house.cast.clone();
    board(&stage, "cab", &[cast.agent, cast.agent_l2, cast.approver, cast.auditor]).await;
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let number = asked(&stage, &agent, &manager, "significant").await;
    // The requester and the implementer sit on the board and are not asked.
    assert!(waiting(&agent, &number).await.is_empty());
    assert!(waiting(&stage.sign_in(cast.agent_l2).await, &number).await.is_empty());
    let approver = stage.sign_in(cast.approver).await;
    let (id, version) = waiting(&approver, &number).await[0];
    // Whoever becomes its assignee meanwhile is one of them.
    manager.patch(&format!("changes/{number}"), json!({ "assignee": cast.approver })).await.ok();
    let said = json!({ "answer": "approve", "version": version });
    approver.post(&format!("changes/{number}/approvals/{id}"), said).await.refused(403, "own_record");
});

story!(chg_09_chg_10_a_standard_change_follows_a_model_that_ends_with_its_failures, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let model = json!({
        "name": "Renew a certificate", "process": "change", "approver": cast.manager, "valid_until": "2025-12-31",
        "values": [{ "field": "plan", "value": "Upload it and restart." }, { "field": "service", "value": cast.payments.to_string() }],
        "tasks": [{ "title": "Upload the certificate" }],
    });
    let open_ended = with(model.clone(), &json!({ "valid_until": null }));
    manager.post("models", open_ended).await.refused(422, "invalid_fields");
    let made = manager.post("models", model).await.ok();
    let id = made["id"].as_i64().expect("an id");
    let planned = json!({ "planned_start": "2025-06-02T08:00:00Z", "planned_end": "2025-06-20T08:00:00Z" });

    let without = change(&agent, "standard", json!({ "service": cast.payments })).await;
    agent.post(&format!("changes/{without}/schedule_standard"), planned.clone()).await.refused(409, "not_by_template");
    let beside = change(&agent, "standard", json!({ "model": id, "service": cast.email })).await;
    agent.post(&format!("changes/{beside}/schedule_standard"), planned.clone()).await.refused(409, "not_by_template");

    for failures in 1..=2 {
        let number = change(&agent, "standard", json!({ "model": id })).await;
        assert_eq!(step(&agent, &number, "schedule_standard", planned.clone()).await["state"], "scheduled");
        step(&agent, &number, "start", json!({})).await;
        step(&agent, &number, "back_out", json!({ "reason": "Wrong key." })).await;
        let failed = with(review(), &json!({ "outcome": "backed_out", "map": "no_effect" }));
        step(&manager, &number, "close_failed", failed).await;
        let after = manager.get(&format!("models/{id}")).await.ok();
        assert_eq!(
            (&after["used"], &after["failed"], &after["active"]),
            (&json!(failures), &json!(failures), &json!(failures < 2))
        );
    }
    let refused = agent.post("changes", json!({ "title": "Once more", "type": "standard", "model": id })).await;
    assert!(refused.status.is_client_error(), "a model that failed twice is not used any more: {}", refused.text);
});

story!(chg_11_chg_12_an_emergency_is_authorised_first_and_documented_after, |stage| async move {
    let cast = stage.house.cast.clone();
    board(&stage, "ecab", &[cast.approver]).await;
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let number = change(&agent, "emergency", json!({})).await;
    let path = |verb: &str| format!("changes/{number}/{verb}");
    let now = json!({ "why": "Payments are down.", "service": cast.payments });
    agent.post(&path("declare_emergency"), now.clone()).await.refused(409, "no_emergency");
    // An incident that it is to fix says it, too.
    let incident = in_progress(&stage, &agent).await;
    agent.post(&format!("incidents/{incident}/links"), json!({ "relation": "fixed_by", "to": number })).await.ok();
    step(&agent, &number, "declare_emergency", now).await;
    agent.post(&path("start_emergency"), json!({ "back_out": "Restart." })).await.refused(409, "not_authorised");
    let word = |person: i64| json!({ "authority": person, "authorised_at": "2025-06-02T07:50:00Z", "reason": "By telephone." });
    manager.post(&path("record_authority"), word(cast.agent)).await.refused(409, "own_record");
    step(&manager, &number, "record_authority", word(cast.team_manager)).await;
    agent.post(&path("start_emergency"), json!({})).await.refused(409, "back_out_needed");
    let begun = step(&agent, &number, "start_emergency", json!({ "back_out": "Restart." })).await;
    assert_eq!((&begun["state"], &begun["papers_due"]), (&json!("implementation"), &json!("2025-06-04T08:00:00Z")));
    step(&agent, &number, "implement", json!({})).await;
    manager.post(&path("close"), with(review(), &well())).await.refused(409, "undocumented");
    stage.house.advance_to(at("2025-06-04T08:00:01Z")).await;
    assert!(verbs(&manager, &number).await.contains(&"papers_late".to_owned()), "late documents are told of");
    let papers = json!({ "risks": "It may come back.", "consequences": "Ten minutes.", "plan": "Restarted.", "test_plan": "Paid a penny." });
    manager.post(&path("close"), with(papers.clone(), &well())).await.refused(409, "review_needed");
    assert_eq!(step(&manager, &number, "close", with(with(review(), &papers), &well())).await["state"], "closed");
});

story!(chg_16_it_starts_in_its_time_and_keeps_the_real_one, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let number = scheduled(&stage, &agent, &manager).await;
    let path = format!("changes/{number}/start");
    stage.house.clock.set(at(START) - 3_600_000);
    agent.post(&path, json!({})).await.refused(409, "too_early");
    stage.house.clock.set(at(END));
    agent.post(&path, json!({})).await.refused(409, "window_over");
    stage.house.clock.set(at(START) + 60_000);
    step(&agent, &number, "start", json!({})).await;
    stage.house.clock.set(at(START) + 3_600_000);
    let done = step(&agent, &number, "implement", json!({})).await;
    assert_eq!(
        (&done["actual_start"], &done["actual_end"]),
        (&json!("2025-06-03T20:01:00Z"), &json!("2025-06-03T21:00:00Z"))
    );
    assert_eq!((&done["state"], &done["result"]), (&json!("review"), &json!("implemented")));
});

story!(chg_17_gen_17_another_matter_voids_what_was_approved, |stage| async move {
    let cast = stage.house.cast.clone();
    board(&stage, "cab", &[cast.approver]).await;
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let number = scheduled(&stage, &agent, &manager).await;
    let path = format!("changes/{number}");
    // What is no part of what was approved changes nothing; nor does less risk.
    let same = manager
        .patch(&path, json!({ "communication": "A mail the day before.", "risk_answers": answers(0) }))
        .await
        .ok();
    assert_eq!(same["state"], "scheduled");
    let edited = manager.patch(&path, json!({ "planned_start": "2025-06-03T20:30:00Z" })).await.ok();
    assert_eq!(edited["state"], "authorisation", "it goes back to be approved anew");
    let rounds = manager.get(&format!("{path}/approvals")).await.ok();
    let states: Vec<&Json> = rounds["items"].as_array().into_iter().flatten().map(|round| &round["state"]).collect();
    assert_eq!(states, ["open", "void"]);
    let log = manager.get(&format!("{path}/history?limit=200")).await.ok();
    let void = log["items"].as_array().into_iter().flatten().find(|e| e["verb"] == "approvals_void").expect("a line");
    assert_eq!(void["reason"], "Changed: Planned start");
    manager.post(&format!("{path}/schedule"), json!({})).await.refused(409, "approvals_missing");
    approve(&manager, &number).await;
    step(&manager, &number, "schedule", json!({})).await;
    // More risk is another matter, too; and once it is carried out, what was approved stays.
    let risky = manager.patch(&path, json!({ "risk_answers": answers(2) })).await.ok();
    assert_eq!((&risky["state"], &risky["risk"]), (&json!("authorisation"), &json!("high")));
    approve(&manager, &number).await;
    approve(&stage.sign_in(cast.approver).await, &number).await;
    step(&manager, &number, "schedule", json!({})).await;
    stage.house.clock.set(at(START) + 3_000_000);
    step(&agent, &number, "start", json!({})).await;
    let refused = agent.patch(&path, json!({ "plan": "Something else." })).await;
    assert_eq!(refused.refused(422, "invalid_fields")["errors"][0]["code"], "approved");
});

story!(chg_18_chg_19_what_failed_closes_with_its_review_and_a_word_on_the_map, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let number = scheduled(&stage, &agent, &manager).await;
    let path = |verb: &str| format!("changes/{number}/{verb}");
    let task = agent.post(&format!("changes/{number}/tasks"), json!({ "title": "Swap the box" })).await.ok();
    stage.house.clock.set(at(START));
    step(&agent, &number, "start", json!({})).await;
    agent.post(&path("implement"), json!({})).await.refused(409, "open_tasks");
    step(&agent, &number, "back_out", json!({ "reason": "The new box is dead." })).await;
    manager.post(&path("close"), well()).await.refused(409, "open_tasks");
    let skipped = json!({ "state": "skipped" });
    agent.patch_version(&format!("changes/{number}/tasks/{}", task["id"]), 1, skipped).await.ok();
    manager.post(&path("close"), well()).await.refused(409, "not_successful");
    let failed = json!({ "outcome": "backed_out", "map": "no_effect" });
    manager.post(&path("close_failed"), failed.clone()).await.refused(409, "review_needed");
    let without = with(review(), &json!({ "outcome": "backed_out" }));
    assert_eq!(
        manager.post(&path("close_failed"), without).await.refused(422, "invalid_fields")["errors"][0]["field"],
        "map"
    );
    assert_eq!(step(&manager, &number, "close_failed", with(review(), &failed)).await["state"], "closed");

    let other = implemented(&stage, &agent, &manager).await;
    assert_eq!(step(&manager, &other, "close", well()).await["outcome"], "successful", "a small one needs no review");
});

story!(chg_20_chg_21_prb_10_a_change_answers_for_its_problem_and_its_incidents, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let mut ends = Vec::new();
    for fails in [true, false] {
        let problem = crate::problem::brought_to(&stage, &manager, "known_error").await;
        manager.post(&format!("problems/{problem}/fix"), json!({})).await.refused(409, "change_needs_link");
        let number = agent.post("changes", json!({ "from": [problem], "type": "minor" })).await.ok();
        let number = number["number"].as_str().expect("a number").to_owned();
        manager.post(&format!("problems/{problem}/fix"), json!({})).await.ok();
        let fixed = json!({ "root_cause": "A full table.", "closure_code": "fixed", "resolution": "It is larger.", "fix_verified": true });
        let resolve = format!("problems/{problem}/resolve");
        manager.post(&resolve, fixed.clone()).await.refused(409, "change_not_closed");
        step(&agent, &number, "submit", wanted(&cast)).await;
        step(&manager, &number, "assess", json!({})).await;
        step(&manager, &number, "request_approval", with(assessed(), &planned(&stage))).await;
        approve(&manager, &number).await;
        step(&manager, &number, "schedule", json!({})).await;
        in_its_time(&stage, &agent, &number).await;
        step(&agent, &number, "start", json!({})).await;
        step(&agent, &number, "implement", json!({})).await;
        if fails {
            let failed = with(review(), &json!({ "outcome": "failed", "map": "no_effect" }));
            step(&manager, &number, "close_failed", failed).await;
            let after = manager.get(&format!("problems/{problem}")).await.ok();
            assert_eq!(after["state"], "known_error", "a failed change returns its problem");
            manager.post(&resolve, fixed).await.refused(409, "wrong_state");
        } else {
            step(&manager, &number, "close", well()).await;
            let log = manager.get(&format!("problems/{problem}/history?limit=200")).await.ok();
            assert!(
                log["items"].as_array().into_iter().flatten().any(|event| event["verb"] == "fix_done"),
                "it is told"
            );
            assert_eq!(manager.post(&resolve, fixed).await.ok()["state"], "resolved");
        }
        ends.push(number);
    }
    let incident = in_progress(&stage, &agent).await;
    agent.post(&format!("incidents/{incident}/links"), json!({ "relation": "caused_by", "to": ends[0] })).await.ok();
    let links = agent.get(&format!("changes/{}/links", ends[0])).await.ok();
    let caused =
        links["records"].as_array().into_iter().flatten().find(|link| link["relation"] == "caused_by").expect("a link");
    assert_eq!((&caused["number"], &caused["outgoing"]), (&json!(incident), &json!(false)));
});

story!(chg_22_a_change_that_nobody_asked_for_is_recorded_judged_and_reviewed, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let number = brought_to(&stage, &manager, "detected").await;
    assert_eq!(read(&agent, &number).await["unauthorised"], true);
    step(&manager, &number, "judge", json!({ "verdict": "reversed", "reason": "It opens a port." })).await;
    let path = format!("changes/{number}/close");
    manager.post(&path, well()).await.refused(409, "review_needed");
    assert_eq!(step(&manager, &number, "close", with(review(), &well())).await["state"], "closed");
    let counted = manager.get("changes?filter=unauthorised%20%3D%20true").await.ok();
    assert_eq!(counted["items"].as_array().map(Vec::len), Some(1));
});
