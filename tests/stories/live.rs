//! Live updates: what somebody is told while they look, and what not.

use crate::browser::{Browser, Following, Pages};
use crate::client::{Client, encoded};
use crate::story;
use mainstay_testing::House;
use serde_json::{Value as Json, json};

/// The stream of a tab that shows a record, at the desk or in the portal.
async fn watch(browser: &Browser, how: &str, number: &str) -> Following {
    browser.follow(&format!("/live?{how}={number}~0")).await
}

/// A stream that has told where its record stands.
async fn watching(browser: &Browser, how: &str, number: &str) -> Following {
    let mut stream = watch(browser, how, number).await;
    let first = stream.hear("record").await.expect("where it stands");
    assert_eq!(first["number"], number);
    stream
}

async fn say(client: &Client, number: &str, words: &str, internal: bool) {
    let body = json!({ "body": words, "internal": internal });
    client.post(&format!("incidents/{number}/comments"), body).await.ok();
}

/// The newest event that a page says it shows.
fn shown(page: &str) -> i64 {
    let (_, rest) = page.split_once(" record=\"").expect("a page that follows a record");
    let known = rest.split('"').next().and_then(|known| known.rsplit_once('~')).expect("what it shows");
    known.1.parse().expect("a number")
}

story!(a_stream_tells_each_person_of_what_they_may_read_and_of_nothing_else, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(cast.admin).await;
    let number = admin.report(json!({ "requester": cast.requester })).await;
    let agent = pages.browser(&stage, cast.agent).await;
    let requester = pages.browser(&stage, cast.requester).await;
    let customer = pages.browser(&stage, cast.acme_requester).await;

    let mut of_agent = watching(&agent, "at", &number).await;
    for (name, value) in
        [("x-accel-buffering", "no"), ("content-type", "text/event-stream"), ("x-content-type-options", "nosniff")]
    {
        assert_eq!(of_agent.headers[name], value);
    }
    let mut of_requester = watching(&requester, "record", &number).await;
    let mut of_customer = watch(&customer, "at", &number).await;

    say(&admin, &number, "For colleagues", true).await;
    let noted = of_agent.hear("record").await.expect("a note");
    assert_eq!((&noted["said"], &noted["version"]), (&json!(1), &json!(1)));
    say(&admin, &number, "For everybody", false).await;
    let replied = of_requester.hear("record").await.expect("a reply");
    assert_eq!(replied["said"], 1, "the note was not counted");
    let told = of_requester.hear("notices").await.expect("a notice");
    assert!(told["unread"].as_i64() > Some(0), "{told}");
    assert!(of_agent.hear("record").await.expect("the reply")["event"].as_i64() >= replied["event"].as_i64());

    // What is written in the portal is no word for the other side of an organisation.
    assert_eq!(of_customer.next().await, None, "nothing at all");
    // A page says how far it has shown, and is told of what lies behind alone.
    let page = agent.get(&format!("/incidents/{number}")).await.text;
    let mut again = agent.follow(&format!("/live?at={number}~{}", shown(&page))).await;
    let page = requester.get(&format!("/portal/requests/{number}")).await.text;
    assert!(shown(&page) <= replied["event"].as_i64().expect("a number"));
    assert_eq!(again.hear("record").await, None);
});

story!(a_record_that_goes_out_of_sight_is_told_as_gone, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(cast.admin).await;
    let number = admin.report(json!({ "requester": cast.requester })).await;
    let agent = pages.browser(&stage, cast.agent).await;
    let mut stream = watching(&agent, "at", &number).await;
    admin.patch(&format!("incidents/{number}"), json!({ "restricted": true })).await.ok();
    let gone = stream.hear("record").await.expect("word of it");
    assert_eq!((&gone["gone"], &gone["event"]), (&json!(true), &Json::Null));
});

story!(a_stream_ends_with_its_session_and_with_the_rights_it_had, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(cast.admin).await;
    let number = admin.report(json!({ "requester": cast.requester })).await;
    let agent = pages.browser(&stage, cast.agent).await;
    let mut stream = watching(&agent, "at", &number).await;
    // Whoever gets other rights signs in anew, and the stream says so at once.
    admin.patch(&format!("people/{}", cast.agent), json!({ "teams": [] })).await.ok();
    assert!(stream.hear("end").await.is_some());
    assert_eq!(stream.next().await, None, "and nothing comes after it");
    assert_eq!(agent.get("/live").await.status, 204, "a browser without a session asks no more");

    let other = pages.browser(&stage, cast.agent_l2).await;
    let mut stream = watching(&other, "at", &number).await;
    other.post("/sign-out", &[]).await;
    say(&admin, &number, "Nobody there hears it", true).await;
    let (event, _) = stream.next().await.expect("an end");
    assert_eq!(event, "end");
});

story!(a_session_has_few_streams_and_the_newest_count, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let agent = pages.browser(&stage, cast.agent).await;
    let mut first = agent.follow("/live").await;
    let mut others = Vec::new();
    for _ in 0..8 {
        others.push(agent.follow("/live").await);
    }
    assert!(first.hear("end").await.is_some());
    drop(others);
    let mut again = agent.follow("/live").await;
    assert_eq!(again.hear("end").await, None);
});

story!(a_list_and_the_numbers_beside_it_are_told_of_when_they_change, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(cast.admin).await;
    admin.report(json!({ "title": "One" })).await;
    let agent = pages.browser(&stage, cast.agent).await;
    let page = agent.get("/incidents").await.text;
    let known = page.split_once(" list=\"").and_then(|(_, rest)| rest.split('"').next()).expect("a list").to_owned();
    let since = page.split_once(" since=\"").and_then(|(_, rest)| rest.split('"').next()).expect("a place").to_owned();
    let (place, mark) = known.rsplit_once('~').expect("what it holds");
    assert_eq!(place, "/incidents");
    // What happens before the stream is open is told too.
    admin.report(json!({ "title": "Two" })).await;
    let query = format!("/live?since={since}&counts&list={}", encoded(&known));
    let mut stream = agent.follow(&query).await;
    let told = stream.hear_that("list", |list| list["mark"] != mark).await;
    assert_eq!(told["place"], "/incidents");
    admin.report(json!({ "title": "Three" })).await;
    stream.hear_that("counts", |counts| counts["/incidents"] == "3").await;
    // The same list, asked for now, is what the last message named.
    let page = agent.get("/incidents").await.text;
    assert!(!page.contains(&format!("~{mark}\"")));
    // A requester's list is no topic, and no numbers of the desk are theirs.
    let requester = pages.browser(&stage, cast.requester).await;
    let mut portal = requester.follow("/live?counts").await;
    admin.report(json!({ "title": "Four" })).await;
    assert_eq!(portal.hear("counts").await, None);
});

/// Who is there, as a stream tells it.
async fn there(stream: &mut Following, words: &str) {
    stream.hear_that("presence", |told| told["html"].as_str().is_some_and(|html| html.contains(words))).await;
}

story!(colleagues_see_who_is_on_a_record_and_requesters_do_not, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(cast.admin).await;
    let number = admin.report(json!({ "requester": cast.requester })).await;
    let agent = pages.browser(&stage, cast.agent).await;
    let other = pages.browser(&stage, cast.agent_l2).await;
    let requester = pages.browser(&stage, cast.requester).await;
    let mut of_requester = watching(&requester, "at", &number).await;
    let mut of_agent = watching(&agent, "at", &number).await;
    let of_other = watching(&other, "at", &number).await;
    there(&mut of_agent, "is viewing").await;
    let doing = |browser: Browser, doing: &'static str| {
        let form = vec![("number".to_owned(), number.clone()), ("doing".to_owned(), doing.to_owned())];
        async move { browser.post("/live/doing", &form).await.status }
    };
    assert_eq!(doing(other.clone(), "editing").await, 204);
    let told = of_agent.hear_that("presence", |told| told["words"] != "").await;
    assert!(told["words"].as_str().is_some_and(|words| words.ends_with("is replying…")), "{told}");
    assert_eq!(doing(other.clone(), "idle").await, 204);
    there(&mut of_agent, "is away").await;
    drop(of_other);
    of_agent.hear_that("presence", |told| !told["html"].as_str().unwrap_or_default().contains("avatar")).await;
    // A requester is told of nobody, and is nobody to others, whatever they send.
    assert_eq!(doing(requester.clone(), "editing").await, 204);
    assert_eq!(of_requester.hear("presence").await, None);
    assert_eq!(doing(pages.browser(&stage, cast.acme_requester).await, "editing").await, 404);
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_tell_each_other_who_is_on_a_record_and_what_changed() {
    let stage = crate::Stage::of(House::postgres().await);
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let number = admin.report(json!({ "requester": cast.requester })).await;
    let (here, node) = (Pages::of(&stage).await, stage.house.other_node());
    let there_pages = Pages::at(&node).await;
    let agent = here.browser(&stage, cast.agent).await;
    let other = there_pages.browser(&stage, cast.agent_l2).await;
    let mut of_agent = watching(&agent, "at", &number).await;
    let mut of_other = watching(&other, "at", &number).await;
    there(&mut of_agent, "is viewing").await;
    let form = [("number".to_owned(), number.clone()), ("doing".to_owned(), "editing".to_owned())];
    other.post("/live/doing", &form).await;
    there(&mut of_agent, "is replying").await;
    say(&admin, &number, "Said at one node", true).await;
    assert_eq!(of_other.hear("record").await.expect("heard at the other")["said"], 1);
    drop(of_other);
    of_agent.hear_that("presence", |told| !told["html"].as_str().unwrap_or_default().contains("avatar")).await;
}
