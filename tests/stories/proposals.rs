//! Change proposals: what is large is decided on, with its cost and risk, before anything is planned in detail.

use crate::change::{accepted, approve, board, change, proposed, read, step, waiting, wanted, with};
use crate::client::{Answer, Client};
use crate::story;
use serde_json::json;

async fn detail_of(client: &Client, number: &str, proposal: &str) -> Answer {
    client.post(&format!("changes/{number}/links"), json!({ "relation": "detail_of", "to": proposal })).await
}

story!(chg_24_a_change_under_an_unapproved_proposal_is_not_submitted, |stage| async move {
    let cast = stage.house.cast.clone();
    board(&stage, "portfolio", &[cast.approver]).await;
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let approver = stage.sign_in(cast.approver).await;
    let proposal = change(&agent, "proposal", json!({ "title": "Move payments to another house" })).await;
    let number = change(&agent, "major", json!({})).await;
    detail_of(&agent, &number, &proposal).await.ok();
    let submit = format!("changes/{number}/submit");
    let refused = async |why: &str| {
        let answer = agent.post(&submit, wanted(&cast)).await;
        answer.refused(409, "proposal_not_accepted");
        assert_eq!(read(&agent, &number).await["state"], "draft", "{why}");
    };
    refused("nothing was asked yet").await;

    // It says what it costs and what may go wrong before anybody decides.
    let propose = format!("changes/{proposal}/propose");
    for field in ["cost", "risks", "benefit", "why"] {
        let asked = agent.post(&propose, with(proposed(&cast), &json!({ field: null }))).await;
        asked.refused_field(field, "required");
    }
    agent.post(&format!("changes/{proposal}/submit"), wanted(&cast)).await.refused(409, "not_now");
    step(&agent, &proposal, "propose", proposed(&cast)).await;
    refused("it waits for the portfolio authority").await;
    manager.post(&format!("changes/{proposal}/accept"), json!({})).await.refused(409, "approvals_missing");
    assert!(waiting(&manager, &proposal).await.is_empty(), "it is not the change manager who decides");
    approve(&approver, &proposal).await;
    step(&manager, &proposal, "accept", json!({})).await;
    assert_eq!(read(&agent, &proposal).await["state"], "accepted");
    step(&agent, &number, "submit", wanted(&cast)).await;
    assert_eq!(read(&agent, &number).await["state"], "submitted");
    let open = manager.post(&format!("changes/{proposal}/conclude"), json!({ "reason": "It has moved." })).await;
    open.refused(409, "open_details");
    step(&manager, &number, "reject", json!({ "reason": "Too early." })).await;
    step(&manager, &proposal, "conclude", json!({ "reason": "It has moved." })).await;
});

story!(chg_24_chg_17_a_proposal_that_costs_more_is_decided_on_anew, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let proposal = accepted(&stage, &agent, &manager).await;
    let number = change(&agent, "major", json!({})).await;
    detail_of(&agent, &number, &proposal).await.ok();
    manager.patch(&format!("changes/{proposal}"), json!({ "cost": 900_000 })).await.ok();
    assert_eq!(read(&agent, &proposal).await["state"], "authorisation");
    agent.post(&format!("changes/{number}/submit"), wanted(&cast)).await.refused(409, "proposal_not_accepted");
    // What was refused is no proposal that anything could be a detail of.
    let said = json!({ "answer": "refuse", "reason": "Too dear." });
    let approver = stage.sign_in(cast.approver).await;
    for (id, version) in waiting(&approver, &proposal).await {
        let body = with(said.clone(), &json!({ "version": version }));
        approver.post(&format!("changes/{proposal}/approvals/{id}"), body).await.ok();
    }
    assert_eq!(read(&agent, &proposal).await["state"], "rejected");
    agent.post(&format!("changes/{number}/submit"), wanted(&cast)).await.refused(409, "proposal_not_accepted");
});
