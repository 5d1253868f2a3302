//! Pages in another language: whatever people read, of any role, is said in it.

use crate::access_matrix::{aims, identities};
use crate::browser::Pages;
use crate::client::Stage;
use crate::page_matrix::{place, spelled_out};
use crate::probe::process_of;
use crate::story;
use mainstay_testing::House;
use mainstay_words::{Language, sentence, within};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Attributes that people read or hear.
const SPOKEN: [&str; 5] = ["aria-label", "title", "placeholder", "alt", "data-label"];

/// Names of the cast and of what it does that are words of the interface too.
const NAMES: &[&str] = &[
    "{number} should work again",
    "Change daraus eröffnen",
    "Change eröffnen",
    "Change advisory board",
    "Emergency change advisory board",
    "Portfolio authority",
    "Connects",
    "Consists of",
    "Has installed",
    "Is needed by",
    "Keeps data of",
    "Powers or cools",
    "Runs",
    "{number} was resolved without an answer",
    "{number} needs your eye",
    "Admin",
    "Approver",
    "Auditor",
    "Linked",
    "Model",
    "Monitoring",
    "Requester",
    "Step",
    "Vendor",
    "Words",
    "{number}: a workaround is known",
];

/// What stands in a page for people: texts between tags, and attributes.
pub fn words_of(html: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let body = html.split_once("<body").map_or(html, |(_, body)| body);
    for part in body.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap_or((part, ""));
        // Code and what people typed are nobody's words.
        if !["textarea", "code", "script", "option value=\"/"].iter().any(|name| tag.starts_with(name)) {
            found.insert(plain(text));
        }
        for name in SPOKEN {
            let value = tag.split_once(&format!(" {name}=\"")).and_then(|(_, rest)| rest.split('"').next());
            found.extend(value.map(plain));
        }
    }
    found.retain(|text| text.chars().any(char::is_alphabetic));
    found
}

fn plain(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    text.trim().trim_matches([':', ' ', '·', '.', '…', ',']).to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_09_no_page_in_german_says_an_english_word() {
    let german = Language::of_tag("de").expect("it is shipped");
    let stage = Stage::of(House::sqlite().await);
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(stage.house.cast.admin).await;
    let routes = mainstay_web::all_routes();
    let routes = routes.iter().filter(|route| route.method == "GET").flat_map(spelled_out);
    let routes: Vec<_> = routes.filter(|route| !["/live", "/files/{id}"].contains(&route.path.as_str())).collect();
    let mut left: BTreeMap<String, String> = BTreeMap::new();
    let mut seen = 0;
    for who in identities(&stage, &admin).await {
        let aims = aims(&admin, &who).await;
        let browser = match who.person {
            Some(person) => pages.browser(&stage, person).await,
            None => pages.stranger(200),
        };
        for route in &routes {
            let segments: Vec<&str> = route.path.trim_start_matches('/').split('/').collect();
            let [at, _] = &aims[process_of(&route.path).key];
            let path = place(&route.path, &segments, at);
            let page = browser.send("GET", &path, "", &[("accept-language", "de-AT, de;q=0.9, en;q=0.5")]).await;
            let kind = page.headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
            if page.status.is_redirection() || !kind.starts_with("text/html") {
                continue;
            }
            seen += 1;
            let whole = page.text.contains("<html");
            assert!(
                !whole || page.text.contains("<html lang=\"de\" dir=\"ltr\""),
                "{} speaks another language",
                route.path
            );
            for text in words_of(&page.text) {
                let said = within(german, async { sentence(&text).into_owned() }).await;
                if said != text && !german.says(&text) && !NAMES.contains(&text.as_str()) {
                    left.entry(text).or_insert_with(|| format!("{} {}", who.role, route.path));
                }
            }
        }
    }
    assert!(seen > 300, "{seen} pages");
    assert!(left.is_empty(), "{} texts are not translated: {left:#?}", left.len());
}

#[tokio::test]
async fn a_language_is_the_persons_before_it_is_the_browsers() {
    let stage = Stage::of(House::sqlite().await);
    let pages = Pages::of(&stage).await;
    let browser = pages.browser(&stage, stage.house.cast.agent).await;
    let lang =
        |text: &str| text.split("<html lang=\"").nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned);
    let asked = async |wish: &str| lang(&browser.send("GET", "/me", "", &[("accept-language", wish)]).await.text);
    assert_eq!(asked("fr").await.as_deref(), Some("en"), "the first that is offered");
    assert_eq!(asked("de").await.as_deref(), Some("de"));
    assert_eq!(asked("ar-XB").await.as_deref(), Some("en"), "the pseudo-locale is offered to nobody who is not told");
    browser.post("/me/language", &[("language".into(), "de".into())]).await;
    assert_eq!(asked("en").await.as_deref(), Some("de"));
    browser.post("/me/language", &[("language".into(), "nonsense".into())]).await;
    assert_eq!(asked("en").await.as_deref(), Some("en"), "no choice is the browser's");
}

/// Subject and text of the messages to somebody that came from a rule.
async fn written_to(stage: &Stage, person: i64, rule: &'static str) -> Vec<(String, String)> {
    let sql = "SELECT subject, body FROM outbox WHERE recipient = $1 AND template = $2 ORDER BY id";
    let read = stage.house.desk.db().read(move |conn| conn.fetch(sql, &[person.into(), rule.into()]));
    read.await.expect("the outbox")
}

story!(gen_08_a_message_is_written_in_the_language_of_whoever_gets_it, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let of = format!("people/{}", cast.requester);
    admin.patch(&of, json!({ "language": "de", "zone": "Europe/Berlin" })).await.ok();
    let soon = json!({
        "name": "Soon", "process": "incident", "event": "opened", "audience": "requester",
        "subject": "{number}: answer by {due}", "body": "{title}\n\nHandmade words stay.\n\n{state}",
    });
    let opened = admin.get("notification-rules?limit=200").await.ok();
    let opened = opened["items"].as_array().into_iter().flatten().find(|rule| rule["name"] == "Received");
    let received = format!("notification-rules/{}", opened.expect("a shipped rule")["id"]);

    let report =
        |person: i64| json!({ "title": "Till 4 hums", "requester": person, "impact": "high", "urgency": "low" });
    let number = agent.report(report(cast.requester)).await;
    let said = "Till 4 hums\n\nWir melden uns, sobald es weitergeht.".to_owned();
    assert_eq!(
        written_to(&stage, cast.requester, "Received").await,
        [(format!("Wir haben {number} erhalten"), said)],
        "the rule as it is shipped, in German"
    );
    let requester = stage.sign_in(cast.requester).await;
    let notices = requester.get("notices").await.ok();
    assert_eq!(notices["items"][0]["text"], format!("We have received {number}"), "a page says it when it is read");

    let english = agent.report(report(cast.acme_requester)).await;
    let plain = "Till 4 hums\n\nWe will tell you what happens next.".to_owned();
    let to_acme = written_to(&stage, cast.acme_requester, "Received").await;
    assert_eq!(to_acme, [(format!("We have received {english}"), plain)]);

    // The words of an organisation are its own; what the record puts into them is not.
    admin.patch(&received, json!({ "active": false })).await.ok();
    admin.post("notification-rules", soon).await.ok();
    let number = agent.report(report(cast.requester)).await;
    let due = agent.incident(&number).await["due"].as_str().expect("a target").to_owned();
    let due: jiff::Timestamp = due.parse().expect("an instant");
    let due = due.in_tz("Europe/Berlin").expect("a zone").strftime("%H:%M %Z").to_string();
    let [(subject, body)] = written_to(&stage, cast.requester, "Soon").await.try_into().expect("one message");
    assert!(subject.starts_with(&format!("{number}: antworten bis ")) && subject.ends_with(&due), "{subject} {due}");
    assert_eq!(body, "Till 4 hums\n\nHandmade words stay.\n\nNeu");

    // Where another language comes first, it is that of whoever has chosen none.
    let stage = Stage::of(stage.house.writing(Language::of_tag("de").expect("it is shipped")));
    let agent = stage.sign_in(cast.agent).await;
    let number = agent.report(report(cast.acme_requester)).await;
    let last = written_to(&stage, cast.acme_requester, "Soon").await.pop();
    assert!(last.is_some_and(|(subject, _)| subject.starts_with(&format!("{number}: antworten bis "))));
});
