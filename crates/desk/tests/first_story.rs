//! One incident from its report to its closing, on both databases.

use mainstay_desk::records::{self, Act, Opening};
use mainstay_desk::{Caller, Channel, Credential, Session};
use mainstay_testing::{House, at};
use serde_json::{Map, Value as Json, json};

fn values(json: Json) -> Map<String, Json> {
    json.as_object().cloned().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_incident_lives_from_report_to_close() {
    for house in House::both().await {
        one_life(&house).await;
    }
}

async fn one_life(house: &House) {
    let incident = mainstay_processes::process("incident").expect("declared");
    let cast = house.cast.clone();
    let requester = Credential::Person(cast.requester);
    let agent = Credential::Person(cast.agent);
    let number = house
        .desk
        .write(&requester, Channel::Portal, move |session: &mut Session<'_>, caller: &Caller| {
            let opening = Opening {
                values: values(json!({ "title": "I cannot pay", "symptoms": "The terminal says no.", "service": cast.payments })),
                ..Opening::default()
            };
            let view = records::open(session, caller, incident, &opening)?;
            Ok(view.record.value("number").as_text().unwrap_or_default().to_owned())
        })
        .await
        .expect("a requester reports");
    assert_eq!(number, "INC-1", "{}", house.kind());
    house.clock.set(at("2025-06-02T08:05:00Z"));
    let steps: Vec<(&str, Json)> = vec![
        ("assign", json!({ "team": cast.service_desk, "impact": "high", "urgency": "high", "category": cast.network_category })),
        ("take", json!({})),
        ("resolve", json!({ "resolution_code": "fixed", "resolution": "Rebooted", "closing_category": cast.vpn_category, "restored": "2025-06-02T08:05:00Z" })),
    ];
    for (verb, input) in steps {
        let number = number.clone();
        let done = house
            .desk
            .write(&agent, Channel::Desk, move |session, caller| {
                let act = Act { values: values(input.clone()), ..Act::default() };
                records::act(session, caller, incident, &number, verb, &act).map(|acted| acted.view.record.state.key)
            })
            .await;
        assert!(done.is_ok(), "{} {verb}: {done:?}", house.kind());
    }
    let seen = number.clone();
    let view = house
        .desk
        .read(&requester, Channel::Portal, move |session, caller| records::get(session, caller, incident, &seen))
        .await
        .expect("the requester sees it");
    assert_eq!(view.record.state.key, "resolved");
    assert_eq!(view.clocks.len(), 2);
    assert!(view.options.iter().any(|t| t.verb == "confirm"));
    assert!(!view.options.iter().any(|t| t.verb == "auto_close"));
    house.advance_to(at("2025-06-20T08:00:00Z")).await;
    let seen = number.clone();
    let view = house
        .desk
        .read(&requester, Channel::Portal, move |session, caller| records::get(session, caller, incident, &seen))
        .await
        .expect("still visible");
    assert_eq!(view.record.state.key, "closed", "{}: closes by itself", house.kind());
}
