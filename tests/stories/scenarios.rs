//! Whole ways through several processes, as people go them.

use crate::change::{approve, assessed, planned, review, step as change_step, wanted, well, with};
use crate::story;
use mainstay_testing::at;
use serde_json::json;

const DAY: i64 = 24 * 60;

story!(prb_03_prb_05_prb_08_prb_13_chg_21_repeated_incidents_lead_to_a_fix_that_holds, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let requester = stage.sign_in(cast.requester).await;
    let again = json!({
        "title": "The gateway drops connections", "symptoms": "Payments stop every twenty minutes.",
        "service": cast.payments, "category": cast.network_category, "requester": cast.requester,
    });

    // Five times the same in one day: somebody is told that they may have one cause.
    let mut five = Vec::new();
    for _ in 0..5 {
        five.push(agent.report(again.clone()).await);
        stage.house.clock.advance_minutes(60);
    }
    assert_eq!(stage.house.look_for_candidates().await, 1);
    let open = agent.get("problem-candidates?state=open").await.ok();
    let candidate = open["items"][0]["id"].as_i64().expect("a candidate");

    // One click makes the problem; its workaround reaches all five, and whoever reported them.
    let made = agent.post(&format!("problem-candidates/{candidate}/open"), json!({})).await.ok();
    let problem = made["number"].as_str().expect("a number").to_owned();
    let path = |verb: &str| format!("problems/{problem}/{verb}");
    let about = json!({ "category": cast.network_category, "impact": "high", "urgency": "low", "owner": cast.agent, "team": cast.network });
    agent.post(&path("assess"), about).await.ok();
    agent.post(&path("investigate"), json!({})).await.ok();
    let known = json!({ "root_cause": "A full table of sessions.", "workaround": "Connect again." });
    agent.post(&path("document"), known).await.ok();
    for incident in &five {
        assert_eq!(requester.incident(incident).await["known_workaround"], "Connect again.", "{incident}");
    }

    // The first change fails and returns the problem; the second one works.
    let fixed = json!({ "closure_code": "fixed", "resolution": "The table is larger now.", "fix_verified": true });
    agent.post(&path("fix"), json!({})).await.refused(409, "change_needs_link");
    for works in [false, true] {
        let change = agent.post("changes", json!({ "from": [problem], "type": "minor" })).await.ok();
        let change = change["number"].as_str().expect("a number").to_owned();
        agent.post(&path("fix"), json!({})).await.ok();
        agent.post(&path("resolve"), fixed.clone()).await.refused(409, "change_not_closed");
        change_step(&agent, &change, "submit", wanted(&cast)).await;
        change_step(&manager, &change, "assess", json!({})).await;
        let all = with(assessed(), &planned(&stage));
        let start = all["planned_start"].as_str().map(at).expect("a planned start");
        change_step(&manager, &change, "request_approval", all).await;
        approve(&manager, &change).await;
        change_step(&manager, &change, "schedule", json!({})).await;
        stage.house.clock.set(start.max(stage.house.clock.reading()));
        change_step(&agent, &change, "start", json!({})).await;
        if works {
            change_step(&agent, &change, "implement", json!({})).await;
            change_step(&manager, &change, "close", well()).await;
        } else {
            change_step(&agent, &change, "back_out", json!({ "reason": "Sessions were lost." })).await;
            let failed = with(review(), &json!({ "outcome": "backed_out", "map": "no_effect" }));
            change_step(&manager, &change, "close_failed", failed).await;
            let back = agent.get(&format!("problems/{problem}")).await.ok();
            assert_eq!((&back["state"], &back["known_error"]), (&json!("known_error"), &json!("active")));
        }
    }

    // It ends when it was verified, was watched for its time, and is no known error any more.
    agent.post(&path("resolve"), fixed).await.ok();
    agent.post(&path("close"), json!({})).await.refused(409, "still_observed");
    stage.house.clock.advance_minutes(10 * DAY);
    agent.post(&path("close"), json!({})).await.refused(409, "known_error_active");
    agent.post(&path("deactivate"), json!({})).await.ok();
    assert_eq!(agent.post(&path("close"), json!({})).await.ok()["state"], "closed");

    // What comes back in the weeks after is told to its owner, with what came.
    stage.house.clock.advance_minutes(30 * DAY);
    let back = agent.report(again).await;
    let log = agent.get(&path("history?limit=200")).await.ok().to_string();
    assert!(log.contains("\"recurrence\"") && log.contains(&back), "{log}");
    let told = agent.get("notices").await.ok().to_string();
    assert!(told.contains(&problem), "{told}");
});
