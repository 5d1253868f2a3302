//! The page of search: found, narrowed, ordered.

use axum::http::StatusCode;
use mainstay_desk::{Channel, Credential, records};

use crate::visitor::{Site, process};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_found_is_narrowed_and_ordered_by_links() {
    let site = Site::indexed().await;
    let mut agent = site.agent().await;
    let kept = agent.new_record("Barometer in the hall").await;
    let gone = agent.new_record("Barometer on the roof").await;
    let number = gone.rsplit('/').next().unwrap_or_default().to_owned();
    let values = [("cancel_reason".to_owned(), "raised_in_error".into())].into_iter().collect();
    let act = records::Act { values, ..records::Act::default() };
    let credential = Credential::Person(site.house.cast.agent);
    let done = site.house.desk.write(&credential, Channel::Desk, move |session, caller| {
        records::act(session, caller, process(), &number, "cancel", &act).map(|_| ())
    });
    done.await.expect("it is cancelled");
    site.house.read_log().await;

    let page = agent.open("/search?q=barometer").await.text;
    assert!(page.contains(&kept) && page.contains(&gone));
    let state = "/search?q=barometer&amp;state=cancelled";
    assert!(page.contains(state), "a link narrows to a state: {page}");
    let page = agent.open("/search?q=barometer&state=cancelled&sort=newest").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains(&gone) && !page.text.contains(&format!("href=\"{kept}\"")));
    assert!(page.text.contains("name=\"state\" value=\"cancelled\""), "another question stays narrowed");
    assert!(page.text.contains("/search?q=barometer&amp;sort=newest"), "and the narrowing can be taken away");
    let service = site.house.cast.email;
    let page = agent.open(&format!("/search?q=barometer&service={service}&opened_from=2025-06-01")).await.text;
    assert!(page.contains("Service: Email") && page.contains("Opened from 1 Jun 2025"), "{page}");
    assert!(page.contains("href=\"/search?q=barometer&amp;opened_from=2025-06-01\""), "a chip leads to the rest");
    assert!(page.contains("Nothing found"), "neither is about that service");
    let page = agent.open("/search?q=&opened_from=2025-06-01&opened_to=2099-01-01").await.text;
    assert!(page.contains(&kept) && page.contains(&gone), "filters alone find as well");
    let page = agent.open("/search?q=&service=&requester=nobody%40nowhere.example&opened_from=soon").await.text;
    assert!(page.contains("What are you looking for?"), "what cannot be read does not narrow");
    let page = agent.open("/search?q=barometer&state=%3Cscript%3E&team=x&priority=x&sort=x").await;
    assert!(page.text.contains(&kept) && !page.text.contains("<script>\""), "what cannot be read does not narrow");
}
