//! The portal as people without account-speak meet it.

use axum::http::StatusCode;

use crate::visitor::{Site, Visitor, process};

/// The form that begins a record.
fn form_place() -> String {
    format!("/portal/report/{}", process().plural)
}

/// An answer to every plain question, the first of each.
fn answers() -> Vec<(String, String)> {
    process().questions.iter().map(|q| (format!("answer.{}", q.field.key), q.answers[0].key.to_owned())).collect()
}

async fn report(visitor: &mut Visitor, title: &str) -> String {
    visitor.get(&form_place()).await;
    let answers = answers();
    let mut form: Vec<(&str, &str)> = vec![("title", title), ("symptoms", "It says **no**.")];
    form.extend(answers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let answer = visitor.post(&form_place(), &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    answer.leads_to().trim_end_matches("/sent").to_owned()
}

/// Staff take a record of the portal as far as its last state before the end.
async fn resolve(site: &Site, number: &str) {
    use mainstay_desk::records::{self, Act};
    use mainstay_desk::{Channel, Credential};
    let cast = &site.house.cast;
    let steps = [
        ("assign", serde_json::json!({ "team": cast.service_desk, "category": cast.vpn_category })),
        ("take", serde_json::json!({})),
        (
            "resolve",
            serde_json::json!({ "resolution_code": "fixed", "resolution": "Rebooted", "closing_category": cast.vpn_category, "restored": "2025-06-02T08:00:00Z" }),
        ),
    ];
    for (verb, input) in steps {
        let (number, agent) = (number.to_owned(), Credential::Person(cast.agent));
        let done = site.house.desk.write(&agent, Channel::Desk, move |session, caller| {
            let act = Act { values: input.as_object().cloned().unwrap_or_default(), ..Act::default() };
            records::act(session, caller, process(), &number, verb, &act).map(|acted| acted.view.record.state.key)
        });
        done.await.unwrap_or_else(|why| panic!("{verb}: {why}"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inc_08_plain_questions_are_asked_and_kept_when_something_is_missing() {
    let site = Site::open().await;
    let mut requester = site.visitor("requester@bank.example").await;
    requester.get(&form_place()).await;
    let begun = requester.post(&form_place(), &[("step", "1"), ("title", "Kept <title>")]).await;
    let page = requester.get(begun.leads_to()).await;
    for question in process().questions {
        assert!(page.text.contains(question.words), "{}", question.words);
        assert!(!page.text.contains(&format!("name=\"{}\"", question.field.key)), "the field itself is not asked for");
    }
    let refused = requester.post(&form_place(), &[("title", "Kept <title>")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.text.contains("Kept &lt;title&gt;") && refused.text.contains("href=\"#field-answer."),
        "{}",
        refused.text
    );
    let place = report(&mut requester, "I cannot pay").await;
    let page = requester.get(&place).await;
    assert!(page.text.contains("I cannot pay") && page.text.contains("<strong>no</strong>"), "{}", page.text);
    let number = place.rsplit('/').next().expect("a number").to_owned();
    let agent = mainstay_desk::Credential::Person(site.house.cast.agent);
    let read = site.house.desk.read(&agent, mainstay_desk::Channel::Desk, move |session, caller| {
        mainstay_desk::records::get(session, caller, process(), &number)
    });
    let record = read.await.expect("staff see it").record;
    for question in process().questions {
        assert_eq!(record.value(question.field.key).as_text(), Some(question.answers[0].key));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_requester_follows_answers_and_confirms() {
    let site = Site::open().await;
    let mut requester = site.visitor("requester@bank.example").await;
    let place = report(&mut requester, "The printer hums").await;
    let number = place.rsplit('/').next().expect("a number").to_owned();
    let sent =
        requester.upload(&format!("{place}/reply"), &[("body", "It is <b>louder</b> now")], ("hum.txt", "mmm")).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    let page = requester.get(&place).await;
    assert!(
        page.text.contains("hum.txt") && page.text.contains("louder") && !page.text.contains("<b>louder"),
        "{}",
        page.text
    );
    let empty = requester.post(&format!("{place}/reply"), &[("body", " ")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    resolve(&site, &number).await;
    let home = requester.get("/portal").await;
    let done = process().states.iter().find(|s| s.phase == mainstay_engine::process::Phase::Done).expect("a state");
    assert!(home.text.contains(done.plain) && home.text.contains("banner-success"), "{}", home.text);
    let page = requester.get(&place).await;
    let version = page.value("version").expect("a version");
    let stale = requester.post(&format!("{place}/steps/confirm"), &[("version", "1")]).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    let taken = requester.post(&format!("{place}/steps/confirm"), &[("version", &version)]).await;
    assert_eq!((taken.status, taken.leads_to()), (StatusCode::SEE_OTHER, place.as_str()));
    assert_eq!(requester.post(&format!("{place}/steps/confirm"), &[]).await.status, StatusCode::CONFLICT, "only once");
    let finished = requester.get("/portal/requests?which=finished").await;
    assert!(finished.text.contains("The printer hums"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_still_fails_is_reopened_with_words() {
    let site = Site::open().await;
    let mut requester = site.visitor("requester@bank.example").await;
    let place = report(&mut requester, "No sound").await;
    resolve(&site, place.rsplit('/').next().expect("a number")).await;
    let page = requester.get(&place).await;
    assert!(page.text.contains("No, it still fails"), "the step in the requester's words");
    let step = format!("{place}/steps/reopen");
    requester.get(&step).await;
    let silent = requester.post(&step, &[]).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(silent.text.contains("href=\"#field-reason\""));
    let taken = requester.post(&step, &[("reason", "Still silent")]).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER);
    assert!(requester.get(&place).await.text.contains("Still silent"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b_06_nobody_reads_notes_or_other_peoples_requests_here() {
    let site = Site::open().await;
    let mut requester = site.visitor("requester@bank.example").await;
    let place = report(&mut requester, "Mine alone").await;
    let number = place.rsplit('/').next().expect("a number").to_owned();
    let agent = mainstay_desk::Credential::Person(site.house.cast.agent);
    let noted = site.house.desk.write(&agent, mainstay_desk::Channel::Desk, move |session, caller| {
        let note =
            mainstay_desk::records::NewComment { body: "canary-7f3a".into(), internal: true, ..Default::default() };
        mainstay_desk::records::comment(session, caller, process(), &number, &note).map(|_| ())
    });
    noted.await.expect("a note");
    assert!(!requester.get(&place).await.text.contains("canary-7f3a"));
    let mut staff = site.agent().await;
    assert!(!staff.get(&place).await.text.contains("canary-7f3a"), "the portal is public for staff, too");
    let mut stranger = site.visitor("requester@acme.example").await;
    assert_eq!(stranger.get(&place).await.status, StatusCode::NOT_FOUND);
    assert!(!stranger.get("/portal/requests").await.text.contains("Mine alone"));
    assert!(!stranger.get("/portal/search?q=Mine+alone").await.text.contains("href=\"/portal/requests/"));
    let written = stranger.post(&format!("{place}/reply"), &[("body", "hello")]).await;
    assert_eq!(written.status, StatusCode::NOT_FOUND);
}
