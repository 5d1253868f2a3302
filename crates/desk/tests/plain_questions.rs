//! What a requester answers in plain words decides the fields that they may not set.

use mainstay_desk::records::{self, Opening, View};
use mainstay_desk::{Channel, Credential, Error};
use mainstay_testing::House;
use serde_json::json;
use std::collections::BTreeMap;

async fn report(house: &House, extra: (&str, &str), answers: &[(&str, &str)]) -> Result<View, Error> {
    let process = mainstay_processes::process("incident").expect("declared");
    let mut values = json!({ "title": "The mail stands still" });
    if !extra.0.is_empty() {
        values[extra.0] = extra.1.into();
    }
    let answers: BTreeMap<_, _> = answers.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let opening = Opening { values: values.as_object().cloned().unwrap_or_default(), answers, ..Opening::default() };
    let requester = Credential::Person(house.cast.requester);
    house
        .desk
        .write(&requester, Channel::Portal, move |session, caller| records::open(session, caller, process, &opening))
        .await
}

fn code(result: Result<View, Error>) -> String {
    match result {
        Err(Error::Refused(refusal)) => refusal.errors.first().map_or(refusal.code, |e| e.code.clone()),
        Err(other) => other.to_string(),
        Ok(_) => "opened".into(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inc_08_plain_answers_become_impact_and_urgency() {
    let house = House::sqlite().await;
    let answers = [("urgency", "high"), ("impact", "medium")];
    let view = report(&house, ("", ""), &answers).await.expect("a requester reports");
    for (field, is) in answers {
        assert_eq!(view.record.value(field).as_text(), Some(is));
    }
    assert_eq!(view.record.value("priority").as_int(), Some(2), "by the matrix");
    assert_eq!(code(report(&house, ("impact", "high"), &[]).await), "read_only", "the field itself stays closed");
    assert_eq!(
        code(report(&house, ("", ""), &[("impact", "none_yet")]).await),
        "not_an_answer",
        "an option, but no answer"
    );
    assert_eq!(code(report(&house, ("", ""), &[("priority", "1")]).await), "not_an_answer");
}
