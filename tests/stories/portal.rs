//! What people who know nothing of IT do in the portal: report in three plain steps, come back to it, follow it, say
//! how it went. Every form is a plain post, as without scripts.

use crate::browser::{Browser, Pages, Seen};
use crate::incident::{reasons, resolution};
use crate::probe::PROCESS;
use crate::{Stage, story};
use serde_json::json;

const FORM: &str = "/portal/report/incidents";

/// Words that only people who work in IT use.
const ACCOUNT_SPEAK: [&str; 14] = [
    "incident",
    "impact",
    "urgency",
    "priority",
    "category",
    "configuration item",
    "ticket",
    "assignee",
    "escalat",
    "service level",
    "sla",
    "resolution code",
    "state",
    "queue",
];

fn form(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Sends a form and follows where it leads.
async fn sent(browser: &Browser, path: &str, pairs: &[(&str, &str)]) -> (String, Seen) {
    let seen = browser.post(path, &form(pairs)).await;
    assert_eq!(seen.status, 303, "{path}: {}", seen.text);
    let place = seen.leads_to().to_owned();
    let seen = browser.get(&place).await;
    assert_eq!(seen.status, 200, "{place}");
    (place, seen)
}

/// What a page says to its reader: the words of its main part.
fn words(page: &Seen) -> String {
    let main = page.text.split("<main").nth(1).and_then(|rest| rest.split("</main>").next()).unwrap_or_default();
    let mut text = String::new();
    let mut inside = true;
    for letter in main.chars() {
        match letter {
            '<' => inside = true,
            '>' => {
                inside = false;
                text.push(' ');
            }
            _ if !inside => text.push(letter),
            _ => {}
        }
    }
    text.to_lowercase()
}

/// No word of IT's own stands in what a page says.
fn plain(page: &Seen) {
    let said = words(page);
    let said: Vec<&str> = said.split(|c: char| !c.is_alphanumeric()).collect();
    let said = format!(" {} ", said.join(" "));
    for word in ACCOUNT_SPEAK {
        assert!(!said.contains(&format!(" {word} ")) && !said.contains(&format!(" {word}s ")), "{word}: {said}");
    }
}

const WORDS: [(&str, &str); 3] =
    [("step", "1"), ("title", "I cannot pay"), ("symptoms", "The till says no since lunch.")];
const ANSWERS: [(&str, &str); 3] = [("step", "2"), ("answer.urgency", "high"), ("answer.impact", "medium")];

/// Reports in three steps and answers the number.
async fn report(browser: &Browser, last: &[(&str, &str)]) -> (String, Seen) {
    sent(browser, FORM, &WORDS).await;
    sent(browser, FORM, &ANSWERS).await;
    let (place, page) = sent(browser, FORM, &[&[("step", "3")], last].concat()).await;
    let number = place.trim_end_matches("/sent").rsplit('/').next().expect("a number").to_owned();
    (number, page)
}

story!(gen_13_inc_08_cannot_pay_is_reported_in_three_plain_screens, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let requester = pages.browser(&stage, cast.requester).await;
    let first = requester.get(FORM).await;
    plain(&first);
    let (place, second) = sent(&requester, FORM, &WORDS).await;
    assert_eq!(place, format!("{FORM}?step=2"));
    plain(&second);
    for question in PROCESS.questions {
        assert!(second.text.contains(question.words), "{}", question.words);
        assert!(!second.text.contains(&format!("name=\"{}\"", question.field.key)), "no code is asked for");
    }
    let (place, third) = sent(&requester, FORM, &ANSWERS).await;
    assert_eq!(place, format!("{FORM}?step=3"));
    plain(&third);
    assert!(third.text.contains("The till says no since lunch.") && third.text.contains("My team"), "a review");
    let (place, done) = sent(&requester, FORM, &[("step", "3")]).await;
    plain(&done);
    assert!(place.ends_with("/sent") && done.text.contains("What happens next"), "{place}");
    assert!(done.text.contains("You hear from us by"), "by when, in words: {}", words(&done));
    let number = place.trim_end_matches("/sent").rsplit('/').next().expect("a number").to_owned();
    // High urgency and medium impact are the cell P2, and the words are those of the requester.
    let record = stage.sign_in(cast.admin).await.incident(&number).await;
    assert_eq!((&record["urgency"], &record["impact"]), (&json!("high"), &json!("medium")));
    assert_eq!((&record["priority"], &record["source"]), (&json!(2), &json!("portal")));
    assert_eq!(record["symptoms"], "The till says no since lunch.");
    assert_eq!(record["requester"]["id"], cast.requester);
    // Sent is sent: the form is empty again.
    assert!(!requester.get(FORM).await.text.contains("I cannot pay"));
});

story!(inc_08_every_answer_reaches_its_cell, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(cast.admin).await;
    let requester = pages.browser(&stage, cast.requester).await;
    for (row, impact) in ["high", "medium", "low"].into_iter().enumerate() {
        for (column, urgency) in ["high", "medium", "low"].into_iter().enumerate() {
            let all = [("title", "Nine ways"), ("answer.impact", impact), ("answer.urgency", urgency)];
            let (place, _) = sent(&requester, FORM, &all).await;
            let number = place.trim_end_matches("/sent").rsplit('/').next().expect("a number").to_owned();
            assert_eq!(admin.incident(&number).await["priority"], row + column + 1, "{impact} × {urgency}");
        }
    }
});

story!(gen_13_nothing_typed_is_lost_on_the_way_back_an_error_or_a_sign_out, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let requester = pages.browser(&stage, cast.requester).await;
    sent(&requester, FORM, &WORDS).await;
    // Back, with half of the answers given.
    let half = [("step", "2"), ("answer.urgency", "low"), ("go", "back")];
    let (place, first) = sent(&requester, FORM, &half).await;
    assert_eq!(place, format!("{FORM}?step=1"));
    assert!(first.text.contains("value=\"I cannot pay\"") && first.text.contains("The till says no since lunch."));
    let second = requester.get(&format!("{FORM}?step=2")).await;
    assert!(second.text.contains("value=\"low\" checked"), "{}", second.text);
    // An error: the words stand where they were, and the page says which answer is missing.
    let refused = requester.post(FORM, &form(&[("step", "2"), ("answer.urgency", "low")])).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("href=\"#field-answer.impact\"") && refused.text.contains("value=\"low\" checked"));
    // Nobody jumps ahead of what is missing.
    let jumped = requester.get(&format!("{FORM}?step=3")).await;
    assert!(jumped.text.contains(PROCESS.questions[0].words));
    // A new browser of the same person goes on where the other one was, and the first page says that there is something.
    let elsewhere = pages.browser(&stage, cast.requester).await;
    assert!(elsewhere.get(FORM).await.text.contains("I cannot pay"));
    let home = elsewhere.get("/portal").await;
    assert!(home.text.contains("You have not sent this yet") && home.text.contains("I cannot pay"));
    // Nobody else sees it.
    let other = pages.browser(&stage, cast.acme_requester).await;
    assert!(!other.get(FORM).await.text.contains("I cannot pay"));
    // Signed out in the middle of a step: what was typed goes through the sign-in.
    let mut gone = pages.stranger(9);
    let typed = [("step", "1"), ("title", "I cannot pay at all"), ("symptoms", "Now it is <b>dark</b>.")];
    let asked = gone.post(FORM, &form(&typed)).await;
    assert_eq!(asked.status, 401, "{}", asked.text);
    let kept = asked.text.split("name=\"kept\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let kept = kept.expect("what was typed").replace("&amp;", "&");
    let next = format!("{FORM}?step=1");
    let wrong = [("email", "requester@bank.example"), ("password", "guess"), ("next", &next), ("kept", &kept)];
    let wrong = gone.post("/sign-in", &form(&wrong)).await;
    assert!(wrong.text.contains("name=\"kept\""), "a slip loses nothing either");
    let right =
        [("email", "requester@bank.example"), ("password", crate::browser::PASSWORD), ("next", &next), ("kept", &kept)];
    let entered = gone.post("/sign-in", &form(&right)).await;
    assert_eq!((entered.status.as_u16(), entered.leads_to()), (303, next.as_str()), "{}", entered.text);
    assert!(gone.keeps(&pages, &entered));
    let page = gone.get(&next).await;
    assert!(
        page.text.contains("value=\"I cannot pay at all\"") && page.text.contains("Now it is &lt;b&gt;dark&lt;/b&gt;.")
    );
    // While it is typed it is kept too, and what comes too late begins nothing new.
    let typing = gone.post(&format!("{FORM}/keep"), &form(&[("step", "1"), ("title", "Typed")])).await;
    assert_eq!(typing.status, 204);
    assert!(gone.get(&next).await.text.contains("value=\"Typed\""));
    sent(&gone, FORM, &[("step", "1"), ("go", "discard")]).await;
    gone.post(&format!("{FORM}/keep"), &form(&[("step", "2"), ("answer.urgency", "low")])).await;
    assert!(!gone.get("/portal").await.text.contains("You have not sent this yet"));
});

story!(gen_13_similar_open_requests_of_ones_own_are_offered, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let agent = stage.sign_in(cast.agent).await;
    let own = agent.report(json!({ "title": "Printer on floor 3 jams", "requester": cast.requester })).await;
    let foreign = agent.report(json!({ "title": "Printer of somebody else", "requester": cast.approver })).await;
    let requester = pages.browser(&stage, cast.requester).await;
    let (_, page) = sent(&requester, FORM, &[("step", "1"), ("title", "The printer jams again")]).await;
    assert!(page.text.contains(&format!("/portal/requests/{own}")) && !page.text.contains(&foreign), "{}", page.text);
    let (_, page) = sent(&requester, FORM, &[("step", "1"), ("title", "My chair squeaks")]).await;
    assert!(!page.text.contains(&own));
});

story!(gen_13_who_speaks_for_others_reports_for_them_and_follows_it, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(cast.admin).await;
    let representative = pages.browser(&stage, cast.representative).await;
    sent(&representative, FORM, &WORDS).await;
    sent(&representative, FORM, &ANSWERS).await;
    let last = |person: &str| form(&[("step", "3"), ("who", "other"), ("person", person)]);
    for (person, why) in
        [("", "nobody is named"), ("Nobody At All", "nobody is called so"), ("requester@bank.example", "another house")]
    {
        let refused = representative.post(FORM, &last(person)).await;
        assert_eq!(refused.status, 422, "{why}: {}", refused.text);
        assert!(refused.text.contains("href=\"#field-person\""), "{why}");
    }
    let seen = representative.post(FORM, &last("acme requester")).await;
    assert_eq!(seen.status, 303, "{}", seen.text);
    let number = seen.leads_to().trim_end_matches("/sent").rsplit('/').next().expect("a number").to_owned();
    let record = admin.incident(&number).await;
    assert_eq!(record["requester"]["id"], cast.acme_requester);
    assert_eq!(representative.get(&format!("/portal/requests/{number}")).await.status, 200);
    let theirs = stage.sign_in(cast.representative).await;
    assert!(reasons(&theirs, &number).await.contains(&"opened".to_owned()), "whoever reported it hears of it");
    // Whoever speaks for nobody is not asked, and cannot say so either.
    let requester = pages.browser(&stage, cast.requester).await;
    sent(&requester, FORM, &WORDS).await;
    let (_, third) = sent(&requester, FORM, &ANSWERS).await;
    assert!(!third.text.contains("name=\"person\""));
    let (place, _) =
        sent(&requester, FORM, &[("step", "3"), ("who", "other"), ("person", "approver@bank.example")]).await;
    let number = place.trim_end_matches("/sent").rsplit('/').next().expect("a number").to_owned();
    assert_eq!(admin.incident(&number).await["requester"]["id"], cast.requester);
});

story!(gen_13_colleagues_report_for_each_other_where_their_organisation_allows_it, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(cast.admin).await;
    let requester = pages.browser(&stage, cast.requester).await;
    let client = stage.sign_in(cast.requester).await;
    let colleague = admin.get(&format!("people/{}", cast.approver)).await.ok();
    let for_them = json!({ "title": "Their screen", "requester": cast.approver });
    client.post("incidents", for_them.clone()).await.refused(422, "invalid_fields");
    let home = colleague["organisation"]["id"].as_i64().expect("an organisation");
    let version = admin.get(&format!("organisations/{home}")).await.ok()["version"].as_i64().expect("a version");
    admin.patch_version(&format!("organisations/{home}"), version, json!({ "for_colleagues": true })).await.ok();
    sent(&requester, FORM, &WORDS).await;
    let (_, third) = sent(&requester, FORM, &ANSWERS).await;
    assert!(third.text.contains("name=\"person\"") && !third.text.contains("/pick/people"), "{}", third.text);
    let last = |person: &str| form(&[("step", "3"), ("who", "other"), ("person", person)]);
    for stranger in ["acme requester", "nobody@bank.example", "appro"] {
        assert_eq!(requester.post(FORM, &last(stranger)).await.status, 422, "{stranger}");
    }
    let seen = requester.post(FORM, &last("approver@bank.example")).await;
    assert_eq!(seen.status, 303, "{}", seen.text);
    let number = seen.leads_to().trim_end_matches("/sent").rsplit('/').next().expect("a number").to_owned();
    assert_eq!(admin.incident(&number).await["requester"]["id"], cast.approver);
    // Both follow it, and by the API it is the same.
    for person in [cast.requester, cast.approver] {
        let theirs = pages.browser(&stage, person).await;
        assert_eq!(theirs.get(&format!("/portal/requests/{number}")).await.status, 200);
    }
    let by_api = client.post("incidents", for_them).await.ok()["number"].as_str().expect("a number").to_owned();
    client.get(&format!("incidents/{by_api}")).await.ok();
    stage.sign_in(cast.approver).await.get(&format!("incidents/{by_api}")).await.ok();
    let foreign = json!({ "title": "Not mine", "requester": cast.acme_requester });
    client.post("incidents", foreign).await.refused(422, "invalid_fields");
});

/// Staff take it through to resolved.
async fn resolve(stage: &Stage, number: &str) {
    let cast = &stage.house.cast;
    let agent = stage.sign_in(cast.agent).await;
    let manager = stage.sign_in(cast.manager).await;
    manager.step(number, "assign", json!({ "team": cast.service_desk, "category": cast.network_category })).await;
    agent.step(number, "take", json!({})).await;
    let note = json!({ "body": "canary-51b2: the fuse again", "internal": true });
    agent.post(&format!("incidents/{number}/comments"), note).await.ok();
    agent.step(number, "resolve", resolution(cast)).await;
}

story!(inc_19_a_request_is_followed_answered_confirmed_and_judged_in_plain_words, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(cast.admin).await;
    let requester = pages.browser(&stage, cast.requester).await;
    let (number, _) = report(&requester, &[]).await;
    let place = format!("/portal/requests/{number}");
    let page = requester.get(&place).await;
    plain(&page);
    for says in ["We have received it", "What happens next", "You hear from us by", "I no longer need this"] {
        assert!(page.text.contains(says), "{says}: {}", words(&page));
    }
    sent(&requester, &format!("{place}/reply"), &[("body", "It smells burnt, too.")]).await;
    resolve(&stage, &number).await;
    let page = requester.get(&place).await;
    plain(&page);
    assert!(!page.text.contains("canary-51b2"), "no internal word");
    for says in ["It smells burnt, too.", "Yes, it works again", "No, it still fails", "We believe it works again"] {
        assert!(page.text.contains(says), "{says}: {}", words(&page));
    }
    // It is not fixed: back to work, with the requester's words.
    let step = requester.get(&format!("{place}/steps/reopen")).await;
    plain(&step);
    sent(&requester, &format!("{place}/steps/reopen"), &[("reason", "It went dark again")]).await;
    assert_eq!(admin.incident(&number).await["state"], "in_progress");
    let agent = stage.sign_in(cast.agent).await;
    agent.step(&number, "resolve", resolution(&cast)).await;
    // Now it is: confirmed in one click, judged in one more, with words for whoever has some.
    let (_, page) = sent(&requester, &format!("{place}/steps/confirm"), &[]).await;
    plain(&page);
    assert!(page.text.contains("How did we do?") && page.text.contains("Very good"), "{}", words(&page));
    let (_, page) = sent(&requester, &format!("{place}/steps/rate"), &[("satisfaction", "4")]).await;
    assert!(page.text.contains("You said: Good"), "{}", words(&page));
    plain(&page);
    let more = [("satisfaction", "4"), ("satisfaction_words", "Friendly people.")];
    let (_, page) = sent(&requester, &format!("{place}/steps/rate"), &more).await;
    assert!(page.text.contains("Friendly people."));
    let record = admin.incident(&number).await;
    assert_eq!((&record["satisfaction"], &record["satisfaction_words"]), (&json!(4), &json!("Friendly people.")));
    // Somebody else's is nobody's to judge.
    let other = pages.browser(&stage, cast.acme_requester).await;
    assert_eq!(other.post(&format!("{place}/steps/rate"), &form(&[("satisfaction", "1")])).await.status, 404);
    let staff = pages.browser(&stage, cast.agent).await;
    assert_eq!(staff.post(&format!("{place}/steps/rate"), &form(&[("satisfaction", "1")])).await.status, 403);
    let finished = requester.get("/portal/requests?which=finished&q=cannot").await;
    assert!(finished.text.contains(&number));
    assert!(!requester.get("/portal/requests?which=finished&q=chair").await.text.contains(&number));
    let found = requester.get(&format!("/portal/requests?which=finished&q={number}")).await;
    assert!(found.text.contains("I cannot pay"), "and by its number");
});

story!(inc_19_a_request_is_withdrawn_with_a_reason_in_plain_words, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(cast.admin).await;
    let requester = pages.browser(&stage, cast.requester).await;
    let (number, _) = report(&requester, &[]).await;
    let step = format!("/portal/requests/{number}/steps/cancel");
    let page = requester.get(&step).await;
    plain(&page);
    assert!(page.text.contains("I sent it by mistake"), "{}", words(&page));
    let silent = requester.post(&step, &[]).await;
    assert_eq!(silent.status, 422);
    let (_, page) = sent(&requester, &step, &[("cancel_reason", "raised_in_error")]).await;
    plain(&page);
    assert!(page.text.contains("It was withdrawn"));
    let record = admin.incident(&number).await;
    assert_eq!((&record["state"], &record["cancel_reason"]), (&json!("cancelled"), &json!("raised_in_error")));
});

story!(c_01_of_much_trouble_the_first_page_names_all_and_another_tells_all, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let requester = pages.browser(&stage, cast.requester).await;
    let calm = requester.get("/portal/troubles").await;
    assert!(calm.text.contains("Everything works, as far as we know"), "{}", words(&calm));
    let mut services = Vec::new();
    for name in ["Archive", "Billing", "Chat", "Directory", "Fax"] {
        let made = admin.post("services", json!({ "name": name, "criticality": "low" })).await.ok();
        let service = made["id"].as_i64().expect("an id");
        let down = json!({
            "title": "It is down", "service": service, "requester": cast.approver, "impact": "high", "urgency": "high",
            "team": cast.service_desk, "category": cast.network_category,
        });
        agent.report(down).await;
        services.push(service);
    }
    let home = requester.get("/portal").await;
    let told = |page: &Seen, name: &str| page.text.contains(&format!("{name} does not work as it should"));
    for (name, at_length) in
        [("Archive", true), ("Billing", true), ("Chat", true), ("Directory", false), ("Fax", false)]
    {
        assert_eq!(told(&home, name), at_length, "{name}: {}", words(&home));
    }
    assert!(home.text.contains("2 more services have trouble") && home.text.contains("Directory, Fax"));
    plain(&home);
    let all = requester.get("/portal/troubles").await;
    assert!(["Archive", "Billing", "Chat", "Directory", "Fax"].iter().all(|name| told(&all, name)), "{}", words(&all));
    plain(&all);
    let (_, home) = sent(&requester, &format!("/portal/troubles/{}", services[4]), &[]).await;
    assert!(told(&home, "Fax") && !told(&home, "Chat"), "what hits one comes first: {}", words(&home));
});

story!(c_01_known_trouble_is_told_and_whoever_it_hits_counts_once, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let agent = stage.sign_in(cast.agent).await;
    let requester = pages.browser(&stage, cast.requester).await;
    let title = "Email does not work as it should";
    assert!(!requester.get("/portal").await.text.contains(title), "nothing to say, nothing said");
    let worst = json!({
        "title": "canary-9d: the store is down", "service": cast.email, "requester": cast.approver, "impact": "high",
        "urgency": "high", "team": cast.service_desk, "category": cast.network_category,
    });
    let number = agent.report(worst).await;
    let home = requester.get("/portal").await;
    assert!(home.text.contains(title) && home.text.contains("I am affected too"), "{}", words(&home));
    assert!(!home.text.contains("canary-9d") && !home.text.contains(&number), "nothing of the record itself");
    plain(&home);
    let before = pages.browser(&stage, cast.requester).await;
    let count = |client: &crate::Client| {
        let client = client.clone();
        let number = number.clone();
        async move {
            let history = client.get(&format!("incidents/{number}/history")).await.ok();
            history["items"].as_array().into_iter().flatten().filter(|event| event["verb"] == "affected").count()
        }
    };
    for _ in 0..2 {
        let (_, home) = sent(&before, &format!("/portal/troubles/{}", cast.email), &[]).await;
        assert!(home.text.contains("1 person says it hits them too"), "{}", words(&home));
        assert!(!home.text.contains("I am affected too"), "once is enough");
    }
    assert_eq!(count(&agent).await, 1, "staff read of it, once");
    let open = agent.get("incidents?limit=50").await.ok();
    assert_eq!(open["items"].as_array().map_or(0, Vec::len), 1, "nothing new was opened");
    assert!(before.post("/portal/troubles/999999", &[]).await.says_failed());
    agent.patch(&format!("incidents/{number}"), json!({ "restricted": true })).await.ok();
    assert!(!requester.get("/portal").await.text.contains(title), "what is kept close is not told");
    agent.patch(&format!("incidents/{number}"), json!({ "restricted": false })).await.ok();
    agent.step(&number, "take", json!({})).await;
    agent.step(&number, "resolve", resolution(&cast)).await;
    assert!(!requester.get("/portal").await.text.contains(title), "and it is over when it is over");
});

story!(inc_19_c_01_what_is_known_to_be_down_is_told_before_it_is_reported_again, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let agent = stage.sign_in(cast.agent).await;
    let requester = pages.browser(&stage, cast.requester).await;
    let down = json!({
        "title": "Terminals decline in every branch", "service": cast.payments, "requester": cast.approver, "impact": "high",
        "urgency": "high", "team": cast.service_desk, "category": cast.network_category,
    });
    agent.report(down).await;
    let told = |page: &Seen| page.text.contains("We know about this") && page.text.contains("Payments does not work");
    for query in ["I%20cannot%20pay", "payment", "the%20terminal%20is%20dead"] {
        let found = requester.get(&format!("/portal/search?q={query}")).await;
        assert!(told(&found) && found.text.contains("I am affected too"), "{query}: {}", words(&found));
        assert!(!found.text.contains("Terminals decline"), "nothing of the record itself");
    }
    assert!(!told(&requester.get("/portal/search?q=printer").await));
    // A tile of the service leads to it at once, and the words that are written lead to it as well.
    let tile = requester.get(&format!("{FORM}?service={}", cast.payments)).await;
    assert!(told(&tile), "{}", words(&tile));
    assert!(!told(&requester.get(FORM).await));
    let (_, second) = sent(&requester, FORM, &WORDS).await;
    assert!(told(&second) && second.text.contains("I am affected too"), "{}", words(&second));
    plain(&second);
    let (_, home) = sent(&requester, &format!("/portal/troubles/{}", cast.payments), &[]).await;
    assert!(home.text.contains("You need not report it again"), "{}", words(&home));
    // Another matter: nothing is said.
    let (_, other) =
        sent(&requester, FORM, &[("step", "1"), ("title", "The chair squeaks"), ("symptoms", "Loudly")]).await;
    assert!(!told(&other), "{}", words(&other));
});

story!(inc_19_the_last_step_shows_the_service_and_asks_no_more_whether_it_is_the_same, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let requester = pages.browser(&stage, cast.requester).await;
    report(&requester, &[]).await;
    let service = cast.email.to_string();
    let (_, second) = sent(&requester, FORM, &[&WORDS[..], &[("service", &service)]].concat()).await;
    assert!(second.text.contains("Is it one of these?"), "{}", words(&second));
    let (_, third) = sent(&requester, FORM, &ANSWERS).await;
    assert!(!third.text.contains("Is it one of these?"), "{}", words(&third));
    let review =
        third.text.split("portal-review").nth(1).and_then(|rest| rest.split("</dl>").next()).unwrap_or_default();
    assert!(review.contains(">Email<"), "the chosen service stands in the review: {review}");
});

story!(inc_19_one_way_back_at_a_time_and_notices_name_the_matter, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let requester = pages.browser(&stage, cast.requester).await;
    let agent = stage.sign_in(cast.agent).await;
    let (number, _) = report(&requester, &[]).await;
    let place = format!("/portal/requests/{number}");
    // The way out of a step is not called like giving up the request.
    let step = requester.get(&format!("{place}/steps/cancel")).await;
    assert!(step.text.contains(">Go back</a>") && !step.text.contains(">Cancel<"), "{}", words(&step));
    resolve(&stage, &number).await;
    let page = requester.get(&place).await;
    assert!(page.text.contains("No, it still fails") && !page.text.contains("It happens again"), "{}", words(&page));
    sent(&requester, &format!("{place}/steps/reopen"), &[("reason", "It went dark again")]).await;
    let question = json!({ "hold_reason": "requester", "comment": "Which colour is the lamp?" });
    agent.step(&number, "hold", question).await;
    let told = requester.get("/portal/notices").await;
    let line = told.text.split(&format!("{number}: we wait")).nth(1).and_then(|rest| rest.split("</li>").next());
    assert!(line.is_some_and(|line| line.contains("I cannot pay")), "{}", words(&told));
    agent.step(&number, "resume", json!({})).await;
    agent.step(&number, "resolve", resolution(&cast)).await;
    let (_, page) = sent(&requester, &format!("{place}/steps/confirm"), &[]).await;
    assert!(page.text.contains("It happens again") && !page.text.contains("No, it still fails"), "{}", words(&page));
});
