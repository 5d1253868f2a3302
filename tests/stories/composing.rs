//! Writing on a record: drafts that wait, words that somebody overtook, and a reply that is taken back.

use crate::browser::{Browser, Pages, Seen};
use crate::client::Client;
use crate::incident::classified;
use crate::story;
use serde_json::json;

fn form(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

async fn keep(browser: &Browser, of: &str, body: &str) -> u16 {
    browser.post("/drafts", &form(&[("_of", of), ("body", body)])).await.status.as_u16()
}

/// What stands in the composer.
fn composed(page: &str) -> &str {
    let (_, rest) = page.split_once("id=\"composer-body\"").expect("a composer");
    rest.split_once('>').and_then(|(_, rest)| rest.split_once("</textarea>")).expect("a text").0
}

/// The value of a hidden control of the composer.
fn hidden(page: &str, name: &str) -> String {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).expect("a control");
    rest.split('"').next().unwrap_or_default().to_owned()
}

async fn send(browser: &Browser, number: &str, kind: &str, body: &str, shown: &str) -> Seen {
    let values = form(&[("kind", kind), ("body", body), ("shown", shown)]);
    browser.post(&format!("/incidents/{number}/comments"), &values).await
}

/// Where the form leads that takes the last thing back.
fn undo(seen: &Seen) -> Option<String> {
    let lines = seen.headers.get_all("set-cookie").iter().filter_map(|line| line.to_str().ok());
    let flash = lines.filter_map(|line| line.strip_prefix("__Host-mainstay-flash=")).next_back()?.split(';').next()?;
    let pairs = mainstay_web::address::pairs(flash);
    mainstay_web::address::value(&pairs, "u").map(str::to_owned)
}

async fn comments(client: &Client, number: &str) -> Vec<String> {
    let all = client.get(&format!("incidents/{number}/comments")).await.ok();
    let bodies = all["items"].as_array().into_iter().flatten();
    bodies.map(|comment| comment["body"].as_str().unwrap_or_default().to_owned()).collect()
}

story!(reply_and_note_are_drafts_of_their_own_on_every_device_until_they_are_sent, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(cast.admin).await;
    let number = admin.report(json!({ "requester": cast.requester })).await;
    let record = format!("/incidents/{number}");
    let agent = pages.browser(&stage, cast.agent).await;
    assert_eq!(keep(&agent, &format!("reply {number}"), "To <you>").await, 204);
    let page = agent.get(&record).await.text;
    assert_eq!(composed(&page), "To &lt;you&gt;");
    assert!(page.contains("value=\"reply\" checked") && page.contains("Draft saved"));
    stage.house.clock.advance_minutes(1);
    assert_eq!(keep(&agent, &format!("note {number}"), "Among us").await, 204);
    // Another device has what was touched last at hand, and the other beside it.
    let device = pages.browser(&stage, cast.agent).await;
    let page = device.get(&record).await.text;
    assert_eq!(composed(&page), "Among us");
    assert!(page.contains("value=\"note\" checked") && page.contains("data-reply=\"To &lt;you&gt;\""));
    // A colleague and the API know nothing of it, and it is no event.
    let colleague = pages.browser(&stage, cast.agent_l2).await.get(&record).await.text;
    let api = admin.get(&format!("incidents/{number}/history")).await.text;
    for text in [&colleague, &api, &admin.incident(&number).await.to_string()] {
        assert!(!text.contains("Among us") && !text.contains("To &lt;you"), "{text}");
    }
    // Sent is gone, and the other stays.
    let sent = send(&device, &number, "note", "Among us", &hidden(&page, "shown")).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    let page = device.get(&record).await.text;
    assert_eq!(composed(&page), "To &lt;you&gt;");
    assert_eq!(keep(&device, &format!("reply {number}"), " ").await, 204);
    assert_eq!(composed(&device.get(&record).await.text), "");
    // Not on what one does not see, nor of a kind or a process that there is not.
    let customer = pages.browser(&stage, cast.acme_requester).await;
    for of in [&*format!("answer {number}"), "answer INC-999999", "poem INC-1", "new poems", ""] {
        assert_eq!(keep(&customer, of, "x").await, 404, "{of}");
    }
    assert_eq!(keep(&device, &format!("reply {number}"), &"x".repeat(300_000)).await, 422);
    // With the person their drafts go.
    assert_eq!(keep(&device, &format!("reply {number}"), "Left behind").await, 204);
    admin.patch(&format!("people/{}", cast.agent), json!({ "active": false })).await.ok();
    assert_eq!(drafts(&stage).await, 0);
});

/// How many drafts there are.
async fn drafts(stage: &crate::Stage) -> i64 {
    let count = |conn: &mut mainstay_store::Conn| conn.one::<i64>("SELECT count(*) FROM draft", &[]);
    stage.house.desk.db().read(count).await.expect("a count")
}

story!(a_new_record_and_an_answer_in_the_portal_are_kept_while_they_are_written, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(cast.admin).await;
    let number = admin.report(json!({ "requester": cast.requester })).await;
    let requester = pages.browser(&stage, cast.requester).await;
    assert_eq!(keep(&requester, &format!("answer {number}"), "It is the one by the door").await, 204);
    let request = format!("/portal/requests/{number}");
    assert!(requester.get(&request).await.text.contains("It is the one by the door</textarea>"));
    let sent = requester.post(&format!("{request}/reply"), &form(&[("body", "It is the one by the door")])).await;
    assert_eq!(sent.status, 303);
    assert!(!requester.get(&request).await.text.contains("by the door</textarea>"));

    let agent = pages.browser(&stage, cast.agent).await;
    let begun = form(&[("_of", "new incidents"), ("_fields", "title"), ("title", "Half a ti"), ("symptoms", "It")]);
    assert_eq!(agent.post("/drafts", &begun).await.status, 204);
    let page = agent.get("/incidents/new").await.text;
    assert!(page.contains("value=\"Half a ti\"") && page.contains("You began this before."));
    let anew = form(&[("_of", "new incidents"), ("_back", "/incidents/new")]);
    assert_eq!(agent.post("/drafts", &anew).await.leads_to(), "/incidents/new");
    assert!(!agent.get("/incidents/new").await.text.contains("Half a ti"));
    agent.post("/drafts", &begun).await;
    let title =
        form(&[("_fields", "title"), ("title", "A whole title"), ("_fields", "symptoms"), ("symptoms", "It hums.")]);
    assert_eq!(agent.post("/incidents/new", &title).await.status, 303);
    assert!(!agent.get("/incidents/new").await.text.contains("Half a ti"));
    assert_eq!(drafts(&stage).await, 0);
});

story!(words_that_somebody_overtook_wait_once, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(cast.admin).await;
    let number = admin.report(json!({ "requester": cast.requester })).await;
    let record = format!("/incidents/{number}");
    let agent = pages.browser(&stage, cast.agent).await;
    let shown = hidden(&agent.get(&record).await.text, "shown");
    let words = json!({ "body": "I have the part already", "internal": true });
    admin.post(&format!("incidents/{number}/comments"), words).await.ok();
    let stopped = send(&agent, &number, "reply", "We order the part", &shown).await;
    assert_eq!(stopped.status, 409, "{}", stopped.text);
    assert!(stopped.text.contains("wrote while you did.") && stopped.text.contains("Send anyway"));
    let (before, after) = stopped.text.split_once("id=\"unread\"").expect("a line above what is new");
    assert!(after.contains("I have the part already") && !before.contains("I have the part already"));
    assert_eq!(composed(&stopped.text), "We order the part");
    assert_eq!(comments(&admin, &number).await, ["I have the part already"]);
    // Once: the page has shown it now. One's own words stop nobody.
    let sent = send(&agent, &number, "reply", "We order the part", &hidden(&stopped.text, "shown")).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    let again = send(&agent, &number, "note", "And a cable", &hidden(&stopped.text, "shown")).await;
    assert_eq!(again.status, 303);
    // What the writer may not read stops nobody and tells nothing.
    let shown = hidden(&agent.get(&record).await.text, "shown");
    admin.patch(&format!("incidents/{number}"), json!({ "title": "Another title" })).await.ok();
    assert_eq!(send(&agent, &number, "note", "A change is no word", &shown).await.status, 303);
});

/// What the requester finds: the words, the notices, the public history.
async fn outside(client: &Client, browser: &Browser, number: &str, words: &str) -> (bool, usize, bool) {
    let page = browser.get(&format!("/portal/requests/{number}")).await.text;
    let notices = client.get("notices").await.ok();
    let told = notices["items"].as_array().into_iter().flatten();
    let told = told.filter(|notice| notice["reason"] == "commented").count();
    let history = client.get(&format!("incidents/{number}/history")).await.ok();
    let said = history["items"].as_array().into_iter().flatten().any(|event| event["verb"] == "commented");
    let read = comments(client, number).await.iter().any(|body| body == words);
    assert_eq!(read, page.contains(words));
    (read, told, said)
}

story!(a_reply_is_among_colleagues_until_it_leaves_and_can_be_taken_back_until_then, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(cast.admin).await;
    let number = admin.report(json!({ "requester": cast.requester })).await;
    let record = format!("/incidents/{number}");
    let agent = pages.browser(&stage, cast.agent).await;
    let other = pages.browser(&stage, cast.agent_l2).await;
    let requester = (stage.sign_in(cast.requester).await, pages.browser(&stage, cast.requester).await);
    let outside = async |words: &str| outside(&requester.0, &requester.1, &number, words).await;

    let sent = send(&agent, &number, "reply", "The wrong words", "").await;
    let back = undo(&sent).expect("a way back");
    assert!(other.get(&record).await.text.contains("The wrong words"), "colleagues read it at once");
    assert_eq!(outside("The wrong words").await, (false, 0, false));
    assert_eq!(other.post(&back, &[]).await.leads_to(), record, "somebody else takes nothing back");
    assert!(other.get(&record).await.text.contains("The wrong words"));
    agent.post(&back, &[]).await;
    let page = agent.get(&record).await.text;
    assert_eq!(composed(&page), "The wrong words", "it is a draft again");
    assert_eq!(comments(&admin, &number).await, Vec::<String>::new());
    stage.house.advance_to(stage.house.clock.reading() + 60_000).await;
    assert_eq!(outside("The wrong words").await, (false, 0, false), "and never leaves");

    let at = stage.house.clock.reading();
    let sent = send(&agent, &number, "reply", "The right words", "").await;
    let back = undo(&sent).expect("a way back");
    stage.house.advance_to(at + 9_999).await;
    assert_eq!(outside("The right words").await, (false, 0, false));
    stage.house.advance_to(at + 10_000).await;
    assert_eq!(outside("The right words").await, (true, 1, true));
    assert!(agent.post(&back, &[]).await.says_failed(), "what has left stays");
    assert_eq!(comments(&admin, &number).await, ["The right words"]);
    // The answer counts from when it was written.
    let clocks = admin.incident(&number).await["clocks"].clone();
    let response = clocks.as_array().into_iter().flatten().find(|clock| clock["metric"] == "response").cloned();
    let stopped = response.expect("a response clock")["stopped_at"].as_str().map(mainstay_testing::at);
    assert_eq!(stopped, Some(at));
    // The log tells both.
    let history = admin.get(&format!("incidents/{number}/history")).await.ok();
    let verbs: Vec<&str> =
        history["items"].as_array().into_iter().flatten().filter_map(|e| e["verb"].as_str()).collect();
    let told: Vec<&&str> = verbs.iter().filter(|v| ["written", "withdrawn", "commented"].contains(*v)).collect();
    assert_eq!(told, [&"written", &"withdrawn", &"written", &"commented"]);
    // A note is said at once.
    assert_eq!(undo(&send(&agent, &number, "note", "A note", "").await), None);
});

async fn files(client: &Client, number: &str) -> Vec<String> {
    let all = client.get(&format!("incidents/{number}/attachments")).await.ok();
    let names = all["items"].as_array().into_iter().flatten();
    names.map(|file| file["name"].as_str().unwrap_or_default().to_owned()).collect()
}

story!(a_reply_with_a_file_and_a_step_is_taken_back_with_both, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let (admin, requester) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.requester).await);
    let mut values = classified(&cast, "medium", "medium");
    values["requester"] = cast.requester.into();
    let number = admin.report(values).await;
    let record = format!("/incidents/{number}");
    let before = admin.incident(&number).await;
    let agent = pages.browser(&stage, cast.agent).await;
    let path = format!("{record}/comments");
    let asked = [("kind", "reply"), ("body", "See the file."), ("then", "take")];
    let sent = agent.post_file(&path, &asked, ("plan.txt", "A plan")).await;
    let back = undo(&sent).expect("a way back");
    assert_ne!(admin.incident(&number).await["state"], before["state"], "the step is taken at once");
    assert_eq!((files(&admin, &number).await, files(&requester, &number).await), (vec!["plan.txt".to_owned()], vec![]));
    agent.post(&back, &[]).await;
    let after = admin.incident(&number).await;
    assert_eq!((&after["state"], &after["assignee"]), (&before["state"], &before["assignee"]));
    assert_eq!((files(&admin, &number).await, comments(&admin, &number).await), (vec![], vec![]));
    let page = agent.get(&record).await.text;
    assert_eq!(composed(&page), "See the file.");
    assert!(page.contains("plan.txt"), "the file waits with the words again");
    // Sent once more it leaves as a whole.
    let digest = hidden(&page, "staged.reply");
    let values = form(&[("kind", "reply"), ("body", "See the file."), ("staged.reply", &digest), ("then", "take")]);
    let sent = agent.post(&path, &values).await;
    assert!(undo(&sent).is_some());
    stage.house.advance_to(stage.house.clock.reading() + 10_000).await;
    assert_eq!(files(&requester, &number).await, ["plan.txt"]);
    assert_eq!(comments(&requester, &number).await, ["See the file."]);
    assert!(agent.post(&undo(&sent).expect("its way"), &[]).await.says_failed(), "what has left stays");
    assert_ne!(admin.incident(&number).await["state"], before["state"]);
    let portal = pages.browser(&stage, cast.requester).await.get(&format!("/portal/requests/{number}")).await.text;
    assert!(portal.contains("plan.txt"), "{portal}");
});

story!(a_macro_is_taken_back_as_one, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let (admin, requester) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.requester).await);
    let mut values = classified(&cast, "medium", "medium");
    values["requester"] = cast.requester.into();
    let number = admin.report(values).await;
    let made = async |name: &str, more: serde_json::Value| {
        let mut body = json!({
            "name": name, "process": "incident", "values": [{ "field": "callback", "value": "555-0100" }], "step": "take",
        });
        for (key, value) in more.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        admin.post("macros", body).await.ok()["id"].as_i64().expect("an id")
    };
    let quiet = made("Quietly", json!({ "body": "Among us.", "internal": true })).await;
    let aloud = made("Aloud", json!({ "body": "We are on it." })).await;
    let agent = pages.browser(&stage, cast.agent).await;
    let stands = async || {
        let record = admin.incident(&number).await;
        (record["state"].clone(), record["callback"].clone(), record["assignee"].clone())
    };
    let before = stands().await;
    for id in [quiet, aloud] {
        let applied = agent.post(&format!("/incidents/{number}/macros/{id}"), &[]).await;
        let after = stands().await;
        assert!(after.0 != before.0 && after.1 == "555-0100", "{after:?}");
        let back = undo(&applied).expect("one way back");
        let undone = agent.post(&back, &[]).await;
        assert!(!undone.says_failed(), "{:?}", undone.headers);
        assert_eq!(stands().await, before, "edit and step are taken back together");
    }
    assert_eq!(comments(&requester, &number).await, Vec::<String>::new(), "and its words never left");
    assert_eq!(comments(&admin, &number).await, ["Among us."]);
});

story!(the_rich_editor_is_a_choice_of_the_person_on_every_device, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let (agent, admin) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.admin).await);
    let number = admin.report(json!({ "requester": cast.requester })).await;
    let record = format!("/incidents/{number}");
    let desk = pages.browser(&stage, cast.agent).await;
    let rich = async |browser: &Browser| browser.get(&record).await.text.contains(" data-rich>");
    assert!(!rich(&desk).await, "plain text until somebody asks for it");
    assert_eq!(desk.post("/me/writing", &form(&[("rich", "1")])).await.status.as_u16(), 204);
    assert!(rich(&desk).await);
    assert_eq!(agent.get("me/writing").await.ok(), json!({ "rich": true }), "wherever they sign in");
    assert!(!rich(&pages.browser(&stage, cast.agent_l2).await).await, "one's own");
    assert_eq!(agent.post("me/writing", json!({ "rich": false })).await.ok(), json!({ "rich": false }));
    assert!(!rich(&desk).await);
    agent.post("me/writing", json!({ "rich": "yes" })).await.refused_field("rich", "not_a_bool");
});
