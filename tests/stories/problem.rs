//! Problem management: the causes behind incidents.

use crate::client::Client;
use crate::incident::{in_progress, reasons, resolution};
use crate::{Stage, story};
use mainstay_testing::Cast;
use serde_json::{Value as Json, json};

const DAY: i64 = 24 * 60;

/// Opens a problem and gives its number.
async fn problem(client: &Client, more: Json) -> String {
    let mut body = json!({ "title": "The gateway drops connections", "symptoms": "Every twenty minutes." });
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    client.post("problems", body).await.ok()["number"].as_str().expect("a number").to_owned()
}

async fn read(client: &Client, number: &str) -> Json {
    client.get(&format!("problems/{number}")).await.ok()
}

async fn step(client: &Client, number: &str, verb: &str, body: Json) -> Json {
    client.post(&format!("problems/{number}/{verb}"), body).await.ok()
}

/// What an assessed problem needs.
fn assessed(cast: &Cast) -> Json {
    json!({ "category": cast.network_category, "impact": "high", "urgency": "low", "owner": cast.agent, "team": cast.network })
}

/// A problem under investigation.
async fn investigated(stage: &Stage, client: &Client) -> String {
    let number = problem(client, json!({})).await;
    step(client, &number, "assess", assessed(&stage.house.cast)).await;
    step(client, &number, "investigate", json!({})).await;
    number
}

/// A problem whose fix is under way.
async fn in_fix(stage: &Stage, client: &Client) -> String {
    let number = investigated(stage, client).await;
    let known = json!({ "root_cause": "A full table of sessions.", "workaround": "Connect again." });
    step(client, &number, "document", known).await;
    client
        .post(&format!("problems/{number}/links"), json!({ "relation": "fixed_by", "reference": "CHANGE-7" }))
        .await
        .ok();
    step(client, &number, "fix", json!({})).await;
    number
}

/// A problem in a state, led there by the steps that people take.
pub async fn brought_to(stage: &Stage, manager: &Client, state: &str) -> String {
    let cast = &stage.house.cast;
    let known = json!({ "cause_unknown": true, "no_workaround": true });
    match state {
        "new" => problem(manager, json!({})).await,
        "assessed" => {
            let number = problem(manager, json!({})).await;
            step(manager, &number, "assess", assessed(cast)).await;
            number
        }
        "investigation" => investigated(stage, manager).await,
        "known_error" | "risk_accepted" => {
            let number = investigated(stage, manager).await;
            step(manager, &number, "document", known).await;
            if state == "risk_accepted" {
                let all =
                    json!({ "risk_owner": cast.manager, "risk_reason": "Dear.", "review_at": "2025-12-01T08:00:00Z" });
                step(manager, &number, "accept_risk", all).await;
            }
            number
        }
        "fix_in_progress" => in_fix(stage, manager).await,
        "resolved" | "closed" => {
            let number = in_fix(stage, manager).await;
            step(manager, &number, "resolve", fixed()).await;
            if state == "closed" {
                step(manager, &number, "deactivate", json!({})).await;
                stage.house.clock.advance_minutes(10 * DAY);
                step(manager, &number, "close", json!({})).await;
            }
            number
        }
        "cancelled" => {
            let number = problem(manager, json!({})).await;
            step(manager, &number, "cancel", json!({ "cancel_reason": "not_a_problem" })).await;
            number
        }
        other => panic!("nobody knows how a problem gets {other}"),
    }
}

fn fixed() -> Json {
    json!({ "closure_code": "fixed", "resolution": "The table is larger now.", "fix_verified": true })
}

/// An incident that a problem causes.
async fn caused(stage: &Stage, client: &Client, problem: &str) -> String {
    let incident = in_progress(stage, client).await;
    let link = json!({ "relation": "caused_by", "to": problem });
    client.post(&format!("incidents/{incident}/links"), link).await.ok();
    incident
}

async fn linked(client: &Client, path: &str) -> Vec<String> {
    let links = client.get(&format!("{path}/links")).await.ok();
    let items = links["records"].as_array().cloned().unwrap_or_default();
    let mut numbers: Vec<String> = items.iter().filter_map(|l| l["number"].as_str().map(str::to_owned)).collect();
    numbers.sort();
    numbers
}

async fn verbs(client: &Client, path: &str) -> Vec<String> {
    let log = client.get(&format!("{path}/history")).await.ok();
    log["items"].as_array().into_iter().flatten().filter_map(|e| e["verb"].as_str().map(str::to_owned)).collect()
}

story!(prb_01_prb_02_a_problem_is_opened_by_itself_from_an_incident_and_from_many, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let direct = problem(&agent, json!({ "found_by": "proactive", "contact": "The architect" })).await;
    assert!(direct.starts_with("PRB-"), "{direct}");
    let record = read(&agent, &direct).await;
    assert_eq!(
        (&record["found_by"], &record["contact"], &record["state"]),
        (&json!("proactive"), &json!("The architect"), &json!("new"))
    );

    let incident = in_progress(&stage, &agent).await;
    let before = agent.incident(&incident).await;
    let made = agent.post("problems", json!({ "from": [incident] })).await.ok();
    assert_eq!((&made["title"], &made["category"]["id"]), (&before["title"], &json!(cast.network_category)));
    let after = agent.incident(&incident).await;
    assert_eq!(
        (&after["state"], &after["phase"]),
        (&before["state"], &before["phase"]),
        "the incident goes on as it did"
    );
    assert_ne!(made["number"], after["number"]);

    let mut five = Vec::new();
    for _ in 0..5 {
        five.push(agent.report(json!({ "service": cast.payments })).await);
    }
    let many = agent.post("problems", json!({ "from": five, "title": "Payments drop" })).await.ok();
    assert_eq!((&many["title"], &many["service"]["id"]), (&json!("Payments drop"), &json!(cast.payments)));
    five.sort();
    assert_eq!(linked(&agent, &format!("problems/{}", many["number"].as_str().expect("a number"))).await, five);
    // From what nobody here sees, and from records of another kind, nothing is opened.
    for (from, code) in [("INC-999999", "unknown_link"), ("PRB-1", "not_an_origin"), ("XYZ-1", "unknown_link")] {
        agent.post("problems", json!({ "from": [from] })).await.refused_field("from", code);
    }
    let requester = stage.sign_in(cast.requester).await;
    requester.post("problems", json!({ "title": "No" })).await.refused(403, "no_right");
});

story!(prb_04_a_problem_has_a_priority_of_its_own, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let incident = agent.report(json!({ "impact": "high", "urgency": "high" })).await;
    let made =
        agent.post("problems", json!({ "from": [incident], "impact": "medium", "urgency": "medium" })).await.ok();
    assert_eq!((agent.incident(&incident).await["priority"].clone(), made["priority"].clone()), (json!(1), json!(3)));
    let number = made["number"].as_str().expect("a number");
    agent.patch(&format!("problems/{number}"), json!({ "urgency": "low" })).await.ok();
    assert_eq!(
        (agent.incident(&incident).await["priority"].clone(), read(&agent, number).await["priority"].clone()),
        (json!(1), json!(4))
    );
});

story!(prb_05_a_workaround_reaches_the_incidents_at_once_and_changes_with_the_problem, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, requester) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.requester).await);
    let number = investigated(&stage, &agent).await;
    let path = format!("problems/{number}");
    let first = caused(&stage, &agent, &number).await;
    assert!(agent.incident(&first).await["known_workaround"].is_null());
    agent.patch(&path, json!({ "workaround": "Connect again." })).await.ok();
    assert_eq!(agent.incident(&first).await["known_workaround"], "Connect again.");
    assert!(reasons(&agent, &first).await.contains(&"handed".to_owned()));
    // One that is linked later has it at once; what is changed there changes here.
    let second = caused(&stage, &agent, &number).await;
    assert_eq!(agent.incident(&second).await["known_workaround"], "Connect again.");
    agent.patch(&path, json!({ "workaround": "Use the second gateway." })).await.ok();
    for incident in [&first, &second] {
        assert_eq!(agent.incident(incident).await["known_workaround"], "Use the second gateway.");
    }
    // Each version is kept, at both ends.
    for path in [&path, &format!("incidents/{first}")] {
        let log = agent.get(&format!("{path}/history")).await.ok().to_string();
        assert!(log.contains("Connect again.") && log.contains("Use the second gateway."), "{path}");
    }
    // The requester reads it, and gets what the desk says to all who are hit.
    assert_eq!(requester.incident(&first).await["known_workaround"], "Use the second gateway.");
    agent.post(&format!("{path}/comments"), json!({ "body": "Please use the second gateway for now." })).await.ok();
    let words = requester.get(&format!("incidents/{first}/comments")).await.ok().to_string();
    assert!(words.contains("second gateway for now"), "{words}");
    // Nobody writes it by hand, and without the link it is gone.
    agent
        .patch(&format!("incidents/{first}"), json!({ "known_workaround": "Mine" }))
        .await
        .refused_field("known_workaround", "read_only");
    agent.delete(&format!("incidents/{first}/links/caused_by/{number}")).await.ok();
    assert!(agent.incident(&first).await["known_workaround"].is_null());
    assert_eq!(agent.incident(&second).await["known_workaround"], "Use the second gateway.");
});

story!(prb_05_a_workaround_that_is_taken_back_is_taken_back_everywhere, |stage| async move {
    let agent = stage.sign_in(stage.house.cast.agent).await;
    let number = investigated(&stage, &agent).await;
    let incident = caused(&stage, &agent, &number).await;
    let written = agent.patch(&format!("problems/{number}"), json!({ "workaround": "Unplug it." })).await.ok();
    assert_eq!(agent.incident(&incident).await["known_workaround"], "Unplug it.");
    agent.post(&format!("problems/{number}/events/{}/undo", written["event"]), json!({})).await.ok();
    assert!(agent.incident(&incident).await["known_workaround"].is_null());
});

story!(prb_06_a_known_error_is_raised_before_its_cause_is_known_and_found_by_the_desk, |stage| async move {
    let stage = stage.indexed();
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let number = problem(&agent, json!({ "title": "VPN drops every twenty minutes", "symptoms": "The VPN drops every twenty minutes on the third floor." })).await;
    step(&agent, &number, "assess", assessed(&cast)).await;
    let raised = step(&agent, &number, "raise_known_error", json!({ "workaround": "Connect by cable." })).await;
    assert_eq!(
        (&raised["known_error"], &raised["cause_unknown"], &raised["root_cause"]),
        (&json!("active"), &json!(true), &Json::Null)
    );
    assert_eq!(raised["state"], "assessed", "it is investigated all the same");
    let filter = crate::client::encoded("known_error = \"active\"");
    let found = agent.get(&format!("problems?filter={filter}")).await.ok();
    assert_eq!(found["items"][0]["number"], number);
    // Whoever logs an incident like it is offered what helps.
    let incident =
        agent.report(json!({ "title": "VPN drops", "symptoms": "VPN drops every twenty minutes, third floor" })).await;
    stage.house.read_log().await;
    let similar = agent.get(&format!("incidents/{incident}/similar")).await.ok();
    let offered =
        similar["items"].as_array().into_iter().flatten().find(|each| each["record"]["number"] == number.as_str());
    assert!(offered.is_some_and(|each| each.to_string().contains("Connect by cable.")), "{similar}");
});

story!(prb_07_a_problem_leaves_its_investigation_as_a_known_error_or_resolved, |stage| async move {
    let agent = stage.sign_in(stage.house.cast.agent).await;
    let number = investigated(&stage, &agent).await;
    let path = |verb: &str| format!("problems/{number}/{verb}");
    agent.post(&path("fix"), json!({})).await.refused(409, "wrong_state");
    agent.post(&path("accept_risk"), json!({})).await.refused(403, "not_yours");
    agent.post(&path("document"), json!({})).await.refused(409, "cause_needed");
    agent.post(&path("document"), json!({ "cause_unknown": true })).await.refused(409, "workaround_needed");
    let known = step(&agent, &number, "document", json!({ "cause_unknown": true, "no_workaround": true })).await;
    assert_eq!((&known["state"], &known["known_error"]), (&json!("known_error"), &json!("active")));
    agent.post(&path("fix"), json!({})).await.refused(409, "change_needs_link");
});

story!(prb_08_prb_16_what_is_fixed_has_its_cause_its_verified_fix_and_no_active_known_error, |stage| async move {
    let agent = stage.sign_in(stage.house.cast.agent).await;
    let number = in_fix(&stage, &agent).await;
    let path = |verb: &str| format!("problems/{number}/{verb}");
    let unverified = json!({ "closure_code": "fixed", "resolution": "It is larger." });
    agent.post(&path("resolve"), unverified).await.refused(409, "fix_not_verified");
    agent.patch(&format!("problems/{number}"), json!({ "root_cause": null })).await.ok();
    agent.post(&path("resolve"), fixed()).await.refused(409, "cause_needed");
    agent.patch(&format!("problems/{number}"), json!({ "root_cause": "A full table of sessions." })).await.ok();
    step(&agent, &number, "resolve", fixed()).await;
    agent.post(&path("close"), json!({})).await.refused(409, "still_observed");
    stage.house.clock.advance_minutes(10 * DAY);
    agent.post(&path("close"), json!({})).await.refused(409, "known_error_active");
    let off = step(&agent, &number, "deactivate", json!({ "fix_release": "4.2" })).await;
    assert_eq!((&off["known_error"], &off["fix_release"]), (&json!("inactive"), &json!("4.2")));
    assert_eq!(step(&agent, &number, "close", json!({})).await["state"], "closed");

    // Without a known error somebody says why, unless the organisation does not want to know.
    let without = problem(&agent, json!({})).await;
    step(&agent, &without, "assess", assessed(&stage.house.cast)).await;
    step(&agent, &without, "investigate", json!({})).await;
    let mut all = fixed();
    all["root_cause"] = "A cable".into();
    step(&agent, &without, "resolve", all).await;
    stage.house.clock.advance_minutes(10 * DAY);
    let close = format!("problems/{without}/close");
    agent.post(&close, json!({})).await.refused(409, "known_error_active");
    agent.post(&close, json!({ "no_known_error": "It was found and mended in one go." })).await.ok();
});

story!(prb_09_each_way_to_end_has_its_own_evidence, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let manager = stage.sign_in(cast.manager).await;
    let number = investigated(&stage, &agent).await;
    let path = |verb: &str| format!("problems/{number}/{verb}");
    let gone = json!({ "closure_code": "not_reproducible", "resolution": "It never came again." });
    agent.post(&path("resolve"), gone).await.refused(409, "evidence_needed");
    let other =
        json!({ "closure_code": "removed_by_change", "resolution": "The new gateway.", "root_cause": "The old one" });
    agent.post(&path("resolve"), other).await.refused(409, "change_needs_link");
    let proved = json!({ "closure_code": "not_reproducible", "resolution": "It never came again.", "evidence": "Thirty days of load." });
    assert_eq!(step(&agent, &number, "resolve", proved).await["state"], "resolved");
    // A duplicate names what it repeats, nothing else does.
    let twin = problem(&agent, json!({})).await;
    let cancel = format!("problems/{twin}/cancel");
    agent.post(&cancel, json!({ "cancel_reason": "duplicate" })).await.refused(409, "duplicate_needs_link");
    agent.post(&cancel, json!({ "cancel_reason": "duplicate", "link": number })).await.ok();
    // Accepting a risk is the manager's, with reason, person and date.
    let risky = investigated(&stage, &agent).await;
    step(&agent, &risky, "document", json!({ "cause_unknown": true, "no_workaround": true })).await;
    let accept = format!("problems/{risky}/accept_risk");
    let all = json!({ "risk_owner": cast.manager, "risk_reason": "Dearer than its harm.", "review_at": "2025-08-01T08:00:00Z" });
    agent.post(&accept, all.clone()).await.refused(403, "not_yours");
    manager.post(&accept, json!({ "risk_owner": cast.manager })).await.refused_field("risk_reason", "required");
    let accepted = manager.post(&accept, all).await.ok();
    assert_eq!(
        (&accepted["state"], &accepted["known_error"]),
        (&json!("risk_accepted"), &json!("active")),
        "the desk knows it still"
    );
});

story!(a_fix_needs_a_link_to_its_change_and_comes_back_when_that_fails, |stage| async move {
    let agent = stage.sign_in(stage.house.cast.agent).await;
    let number = in_fix(&stage, &agent).await;
    let links = agent.get(&format!("problems/{number}/links")).await.ok();
    assert!(links.to_string().contains("CHANGE-7"), "{links}");
    agent.post(&format!("problems/{number}/fix_failed"), json!({})).await.refused_field("reason", "required");
    let back = step(&agent, &number, "fix_failed", json!({ "reason": "Rolled back at night." })).await;
    assert_eq!((&back["state"], &back["known_error"]), (&json!("known_error"), &json!("active")));
    step(&agent, &number, "fix", json!({})).await;
    step(&agent, &number, "resolve", fixed()).await;
});

story!(prb_11_those_who_wait_for_a_problem_end_with_it_by_choice, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, requester) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.requester).await);
    let number = in_fix(&stage, &agent).await;
    let mut waiting = Vec::new();
    for _ in 0..3 {
        let incident = caused(&stage, &agent, &number).await;
        agent.step(&incident, "hold", json!({ "hold_reason": "problem" })).await;
        waiting.push(incident);
    }
    let worked_on = caused(&stage, &agent, &number).await;
    let stranger = in_progress(&stage, &agent).await;
    let resolve = format!("problems/{number}/resolve");
    let with = |followers: &[&String]| {
        let mut body = fixed();
        body["followers"] = json!(followers);
        body
    };
    // One that does not wait for it, or is none of its own, lets nothing happen at all.
    agent.post(&resolve, with(&[&waiting[0], &worked_on])).await.refused(409, "follower_cannot");
    agent.post(&resolve, with(&[&stranger])).await.refused_field("followers", "unknown_follower");
    agent
        .post(&format!("problems/{number}/fix_failed"), json!({ "reason": "No", "followers": [waiting[0]] }))
        .await
        .refused_field("followers", "not_part_of_step");
    assert_eq!(agent.incident(&waiting[0]).await["state"], "on_hold");
    let done = agent.post(&resolve, with(&[&waiting[0], &waiting[1]])).await.ok();
    for incident in &waiting[..2] {
        let record = agent.incident(incident).await;
        assert_eq!((&record["state"], &record["resolution_code"]), (&json!("resolved"), &json!("with_problem")));
        assert_eq!(record["resolution"], "The table is larger now.");
        assert!(!reasons(&requester, incident).await.is_empty(), "{incident} tells whoever reported it");
    }
    assert_eq!(agent.incident(&waiting[2]).await["state"], "on_hold", "by choice");
    assert_eq!(agent.incident(&worked_on).await["state"], "in_progress");
    // Taken back in time, all of it is.
    agent.post(&format!("problems/{number}/events/{}/undo", done["event"]), json!({})).await.ok();
    assert_eq!(read(&agent, &number).await["state"], "fix_in_progress");
    for incident in &waiting {
        assert_eq!(agent.incident(incident).await["state"], "on_hold");
    }
});

story!(prb_12_what_was_found_stands_in_a_log_that_nobody_edits, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let number = investigated(&stage, &agent).await;
    let path = format!("problems/{number}");
    let log = |hypothesis: &str, outcome: &str| json!({ "technique": "five_whys", "hypothesis": hypothesis, "tested": "Counted sessions.", "outcome": outcome });
    agent.post(&format!("{path}/log"), json!({ "hypothesis": "The cable" })).await.refused_field("outcome", "required");
    step(&agent, &number, "log", log("The cable", "ruled_out")).await;
    step(&agent, &number, "log", log("The table of sessions", "confirmed")).await;
    agent.patch(&path, json!({ "hypothesis": "Something else" })).await.refused_field("hypothesis", "read_only");
    let all = agent.get(&format!("{path}/history")).await.ok();
    let logged: Vec<&Json> = all["items"].as_array().into_iter().flatten().filter(|e| e["verb"] == "log").collect();
    assert_eq!(logged.len(), 2);
    assert!(logged[0].to_string().contains("The cable") && logged[1].to_string().contains("The table of sessions"));
    // Structured looks at the cause.
    let looks = json!({
        "whys": [{ "answer": "The gateway drops sessions" }, { "answer": "Its table is full" }],
        "causes": [{ "bone": "machine", "cause": "Too little memory", "verdict": "ruled_out" }],
        "course": [{ "at": "2025-06-01T07:30:00Z", "what": "New firmware" }],
    });
    agent.patch(&path, looks.clone()).await.ok();
    let record = read(&agent, &number).await;
    assert_eq!((record["whys"].clone(), record["causes"].clone()), (looks["whys"].clone(), looks["causes"].clone()));
    let vendor = stage.sign_in(cast.vendor).await;
    vendor.get(&path).await.refused(404, "not_found");
    // Several teams work on it, one of a vendor among them; files go along.
    for team in [cast.network, cast.netco_team] {
        agent.post(&format!("{path}/tasks"), json!({ "title": "Read the counters", "team": team })).await.ok();
    }
    agent
        .send_bytes("POST", &format!("{path}/attachments?name=trace.txt&internal=true"), b"trace".to_vec(), &[])
        .await
        .ok();
    let seen = vendor.get(&path).await.ok();
    assert!(seen["title"].is_string() && seen.get("hypothesis").is_none() && seen.get("whys").is_none(), "{seen}");
});

story!(prb_13_what_looks_like_a_finished_problem_is_told_to_its_owner, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let number = in_fix(&stage, &agent).await;
    agent.patch(&format!("problems/{number}"), json!({ "service": cast.payments })).await.ok();
    step(&agent, &number, "resolve", fixed()).await;
    let back =
        async || verbs(&agent, &format!("problems/{number}")).await.iter().filter(|verb| *verb == "recurrence").count();
    let report = |title: &str, service: i64| json!({ "title": title, "symptoms": title, "service": service, "category": cast.network_category });
    // Another matter, another service: nothing is said.
    agent.report(report("The printer is out of paper", cast.payments)).await;
    agent.report(report("The gateway drops connections", cast.email)).await;
    assert_eq!(back().await, 0);
    stage.house.clock.advance_minutes(60 * DAY);
    let again = agent.report(report("The gateway drops all connections again", cast.payments)).await;
    assert_eq!(back().await, 1);
    let log = agent.get(&format!("problems/{number}/history")).await.ok().to_string();
    assert!(log.contains(&again), "{log}");
    assert!(reasons(&agent, &number).await.contains(&"recurrence".to_owned()), "its owner hears of it");
    // Whoever links one by hand says so too; after the time nobody asks any more.
    let other = agent.report(report("Cards fail", cast.payments)).await;
    agent.post(&format!("incidents/{other}/links"), json!({ "relation": "caused_by", "to": number })).await.ok();
    assert_eq!(back().await, 2);
    stage.house.clock.advance_minutes(60 * DAY);
    agent.report(report("The gateway drops all connections again", cast.payments)).await;
    assert_eq!(back().await, 2);
});

story!(prb_14_a_major_problem_closes_with_its_review, |stage| async move {
    let agent = stage.sign_in(stage.house.cast.agent).await;
    let manager = stage.sign_in(stage.house.cast.manager).await;
    let number = in_fix(&stage, &agent).await;
    agent.patch(&format!("problems/{number}"), json!({ "major": true })).await.ok();
    step(&agent, &number, "resolve", fixed()).await;
    step(&agent, &number, "deactivate", json!({})).await;
    stage.house.clock.advance_minutes(10 * DAY);
    let close = format!("problems/{number}/close");
    manager.post(&close, json!({})).await.refused(409, "review_needed");
    manager.post(&close, json!({ "review": "Found late." })).await.refused(409, "review_needed");
    let review =
        json!({ "review": "Found late.", "prevention": "Watch the table.", "third_parties": "The maker knew." });
    manager.post(&close, review).await.ok();
});

story!(prb_15_an_accepted_risk_is_due_for_review_until_somebody_did, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let number = investigated(&stage, &agent).await;
    step(&agent, &number, "document", json!({ "cause_unknown": true, "no_workaround": true })).await;
    let at = crate::at("2025-06-20T08:00:00Z");
    let all = json!({ "risk_owner": cast.manager, "risk_reason": "Dear.", "review_at": "2025-06-20T08:00:00Z" });
    manager.post(&format!("problems/{number}/accept_risk"), all).await.ok();
    stage.house.advance_to(at + 1000).await;
    assert!(verbs(&agent, &format!("problems/{number}")).await.contains(&"review_due".to_owned()));
    assert!(reasons(&agent, &number).await.iter().any(|reason| !reason.is_empty()), "the owner is told");
    let filter = crate::client::encoded("state = \"risk_accepted\" and review_at <= now");
    let due = agent.get(&format!("problems?filter={filter}")).await.ok();
    assert_eq!(due["items"].as_array().map(Vec::len), Some(1), "{due}");
    let review = json!({ "risk_owner": cast.manager, "review_at": "2025-12-01T08:00:00Z", "reason": "Still dearer than its harm." });
    manager.post(&format!("problems/{number}/review_risk"), review).await.ok();
    let due = agent.get(&format!("problems?filter={filter}")).await.ok();
    assert_eq!(due["items"].as_array().map(Vec::len), Some(0), "{due}");
});

story!(prb_17_the_cost_is_the_work_and_the_downtime_of_all_that_it_caused, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, admin) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.admin).await);
    let number = investigated(&stage, &agent).await;
    let settings = admin.get("process-settings").await.ok();
    let own = settings["items"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|entry| entry["process"] == "problem")
        .expect("settings");
    let rates = json!({ "policies": [{ "policy": "hour_of_work", "value": 90 }, { "policy": "hour_of_downtime", "value": 1200 }] });
    admin.patch(&format!("process-settings/{}", own["id"]), rates).await.ok();
    agent.post(&format!("problems/{number}/time"), json!({ "minutes": 40 })).await.ok();
    for (minutes, from) in [(20, "2025-06-01T08:00:00Z"), (10, "2025-06-01T08:30:00Z")] {
        let incident = caused(&stage, &agent, &number).await;
        let path = format!("incidents/{incident}");
        agent.patch(&path, json!({ "service": cast.payments, "outage_start": from })).await.ok();
        agent.post(&format!("{path}/time"), json!({ "minutes": minutes })).await.ok();
        let mut done = resolution(&cast);
        done["restored"] = "2025-06-01T10:00:00Z".into();
        agent.step(&incident, "resolve", done).await;
    }
    let cost = agent.get(&format!("problems/{number}/cost")).await.ok();
    let sum =
        |part: &str| cost[part].as_array().into_iter().flatten().filter_map(|line| line["cost"].as_i64()).sum::<i64>();
    assert_eq!(
        (sum("work"), sum("downtime")),
        (70 * 9000 / 60, 120 * 120_000 / 60),
        "what overlaps counts once: {cost}"
    );
    assert_eq!(cost["total"], sum("work") + sum("downtime"));
    stage.sign_in(cast.requester).await.get(&format!("problems/{number}/cost")).await.refused(404, "not_found");
});

story!(prb_18_a_problem_that_nobody_touches_is_told_of_again_and_again, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let number = investigated(&stage, &agent).await;
    let path = format!("problems/{number}");
    let stalled = async || verbs(&agent, &path).await.iter().filter(|verb| *verb == "stalled").count();
    let begun = stage.house.clock.reading();
    let days = |days: i64| begun + days * DAY * 60_000;
    stage.house.advance_to(days(10)).await;
    agent.patch(&path, json!({ "contact": "The maker" })).await.ok();
    stage.house.advance_to(days(20)).await;
    assert_eq!(stalled().await, 0, "it was touched meanwhile");
    stage.house.advance_to(days(26)).await;
    assert_eq!(stalled().await, 1);
    let manager = stage.sign_in(cast.team_manager).await;
    assert!(!reasons(&manager, &number).await.is_empty(), "the manager of the team hears of it");
    stage.house.advance_to(days(42)).await;
    assert_eq!(stalled().await, 2);
});

story!(prb_08_a_problem_comes_back_from_every_end_with_a_reason, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let number = in_fix(&stage, &agent).await;
    step(&agent, &number, "resolve", fixed()).await;
    step(&agent, &number, "deactivate", json!({})).await;
    agent.post(&format!("problems/{number}/reopen"), json!({})).await.refused_field("reason", "required");
    let back = step(&agent, &number, "reopen", json!({ "reason": "Again on Monday." })).await;
    assert_eq!(
        (&back["state"], &back["known_error"], &back["recurrences"]),
        (&json!("investigation"), &json!("active"), &json!(1))
    );
    assert!(back["closure_code"].is_null() && back["resolved"].is_null());
    let risky = investigated(&stage, &agent).await;
    step(&agent, &risky, "document", json!({ "cause_unknown": true, "no_workaround": true })).await;
    let all = json!({ "risk_owner": cast.manager, "risk_reason": "Dear.", "review_at": "2025-12-01T08:00:00Z" });
    manager.post(&format!("problems/{risky}/accept_risk"), all).await.ok();
    let back = step(&agent, &risky, "reopen", json!({ "reason": "It hurts now." })).await;
    assert_eq!((&back["state"], &back["closed"]), (&json!("investigation"), &Json::Null));
});

story!(gen_12_without_problems_incidents_go_on_and_old_problems_stay_readable, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, admin) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.admin).await);
    let number = problem(&agent, json!({})).await;
    let settings = admin.get("process-settings").await.ok();
    let own = settings["items"].as_array().into_iter().flatten().find(|entry| entry["process"] == "problem");
    let path = format!("process-settings/{}", own.expect("settings")["id"]);
    admin.patch(&path, json!({ "disabled": true })).await.ok();
    let incident = in_progress(&stage, &agent).await;
    agent.post("problems", json!({ "from": [incident] })).await.refused(409, "process_disabled");
    agent.step(&incident, "resolve", resolution(&cast)).await;
    assert_eq!(read(&agent, &number).await["number"], number);
    let pages = crate::browser::Pages::of(&stage).await;
    let browser = pages.browser(&stage, cast.agent).await;
    let desk = browser.get(&format!("/incidents/{incident}")).await.text;
    assert!(!desk.contains("href=\"/problems"), "nothing leads there");
    admin.patch(&path, json!({ "disabled": false })).await.ok();
    let desk = browser.get(&format!("/incidents/{incident}")).await.text;
    assert!(desk.contains("href=\"/problems") && desk.contains(&format!("/problems/new?from={incident}")));
});
