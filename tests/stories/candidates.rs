//! What may have one cause: proposed to whoever may see it, opened or dismissed.

use crate::client::{Client, Stage};
use crate::story;
use serde_json::{Value as Json, json};

const DAY: i64 = 24 * 60;
/// Words that have nothing in common.
const APART: [&str; 8] = [
    "Payments time out",
    "Card reader beeps",
    "Statement shows nothing",
    "Password forgotten",
    "Screen stays dark",
    "Export never ends",
    "Letters are cut off",
    "Nobody answers",
];

/// Incidents of one service with these words, one after the other, so many minutes apart.
async fn reported(stage: &Stage, client: &Client, words: &[&str], apart: i64) -> Vec<String> {
    let mut made = Vec::new();
    for title in words {
        let values = json!({ "title": title, "symptoms": title, "service": stage.house.cast.payments });
        made.push(client.report(values).await);
        stage.house.clock.advance_minutes(apart);
    }
    made
}

async fn listed(client: &Client, state: &str) -> Vec<Json> {
    let found = client.get(&format!("problem-candidates?state={state}")).await.ok();
    found["items"].as_array().cloned().unwrap_or_default()
}

fn numbers(candidate: &Json) -> Vec<String> {
    let all = candidate["records"].as_array().into_iter().flatten();
    all.filter_map(|record| record["number"].as_str().map(str::to_owned)).collect()
}

story!(prb_03_five_incidents_of_one_service_in_seven_days_are_a_candidate, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let mut five = reported(&stage, &agent, &APART[..4], DAY).await;
    assert_eq!(stage.house.look_for_candidates().await, 0, "four are none");
    five.extend(reported(&stage, &agent, &APART[4..5], DAY).await);
    assert_eq!(stage.house.look_for_candidates().await, 1);
    assert_eq!(stage.house.look_for_candidates().await, 0, "once is enough");

    // Why they belong together, for whoever sees them.
    let found = listed(&agent, "open").await;
    let [candidate] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(numbers(candidate), five);
    assert_eq!((&candidate["why"], &candidate["service"]["id"]), (&json!("burst"), &json!(cast.payments)));
    let told = manager.get("notices").await.ok().to_string();
    assert!(told.contains("one cause"), "{told}");
    let requester = stage.sign_in(cast.requester).await;
    requester.get("problem-candidates").await.refused(403, "no_right");
    let theirs = format!("problem-candidates/{}", candidate["id"]);
    requester.post(&format!("{theirs}/open"), json!({})).await.refused(403, "no_right");
    requester.post(&format!("{theirs}/dismiss"), json!({ "reason": "Chance" })).await.refused(403, "no_right");

    // One click: a problem with its incidents, which go on as they did.
    let place = format!("problem-candidates/{}", candidate["id"]);
    let before = agent.incident(&five[0]).await["state"].clone();
    let made = agent.post(&format!("{place}/open"), json!({})).await.ok();
    let links = agent.get(&format!("problems/{}/links", made["number"].as_str().expect("a number"))).await.ok();
    assert_eq!(links["records"].as_array().map(Vec::len), Some(5));
    assert_eq!(agent.incident(&five[0]).await["state"], before);
    agent.post(&format!("{place}/open"), json!({})).await.refused(409, "not_open");
    assert_eq!(listed(&agent, "open").await.len(), 0);
    assert_eq!(listed(&agent, "taken").await.len(), 1);
    // What has its problem is proposed no more.
    assert_eq!(stage.house.look_for_candidates().await, 0);
});

story!(prb_03_what_was_dismissed_stays_away_until_it_has_grown_by_half, |stage| async move {
    let agent = stage.sign_in(stage.house.cast.agent).await;
    let same = ["Gateway drops connections"; 8];
    reported(&stage, &agent, &same[..5], 60).await;
    assert_eq!(stage.house.look_for_candidates().await, 1);
    let found = listed(&agent, "open").await;
    assert_eq!(found[0]["words"], json!(["connections", "drops", "gateway"]));
    let place = format!("problem-candidates/{}/dismiss", found[0]["id"]);
    agent.post(&place, json!({})).await.refused_field("reason", "required");
    agent.post(&place, json!({ "reason": "  " })).await.refused_field("reason", "required");
    assert_eq!(listed(&agent, "open").await.len(), 1, "nothing is half done");
    agent.post(&place, json!({ "reason": "Announced work on the line." })).await.ok();
    agent.post(&place, json!({ "reason": "Again" })).await.refused(409, "not_open");
    assert_eq!(listed(&agent, "dismissed").await[0]["reason"], "Announced work on the line.");

    for more in [1, 1] {
        reported(&stage, &agent, &same[..more], 60).await;
        assert_eq!(stage.house.look_for_candidates().await, 0, "it has not grown by half");
    }
    assert_eq!(listed(&agent, "open").await.len(), 0);
    reported(&stage, &agent, &same[..1], 60).await;
    assert_eq!(stage.house.look_for_candidates().await, 1, "eight instead of five");
    assert_eq!(listed(&agent, "open").await.len(), 1);
});

story!(prb_03_what_comes_back_in_months_is_a_candidate, |stage| async move {
    for _ in 0..3 {
        assert_eq!(stage.house.look_for_candidates().await, 0);
        let agent = stage.sign_in(stage.house.cast.agent).await;
        reported(&stage, &agent, &["Badge reader at the north door is dead"], 40 * DAY).await;
    }
    let agent = stage.sign_in(stage.house.cast.agent).await;
    assert_eq!(stage.house.look_for_candidates().await, 1);
    assert_eq!(listed(&agent, "open").await[0]["why"], "recurrence");
    agent.get("problem-candidates?state=lost").await.refused(400, "bad_query");
});

story!(prb_03_a_candidate_shows_what_its_reader_sees_and_only_while_enough_is_left, |stage| async move {
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let manager = stage.sign_in(cast.manager).await;
    let all = reported(&stage, &admin, &APART[..5], 60).await;
    assert_eq!(stage.house.look_for_candidates().await, 1);
    // Two become a matter of few: three are left for whoever does not see those.
    let agent = stage.sign_in(cast.agent).await;
    for (hidden, left) in [(2, 3), (1, 0)] {
        for number in &all[if left == 3 { 0..hidden } else { 2..2 + hidden }] {
            manager.patch(&format!("incidents/{number}"), json!({ "restricted": true })).await.ok();
        }
        let mut seen = 0;
        for number in &all {
            seen += usize::from(agent.get(&format!("incidents/{number}")).await.status == 200);
        }
        let found = listed(&agent, "open").await;
        let shown = found.first().map_or(0, |candidate| numbers(candidate).len());
        assert_eq!(shown, if seen >= 3 { seen } else { 0 }, "of {seen} that are seen");
        assert_eq!(shown, left);
    }
    assert_eq!(listed(&manager, "open").await.len(), 1, "who sees all is shown all");
});
