//! Two entries that turn out to be one person.

use crate::browser::Pages;
use crate::client::encoded;
use crate::incident::{classified, resolution};
use crate::{Client, Stage, story};
use serde_json::{Value as Json, json};

/// The id of a shipped role.
pub async fn role(admin: &Client, name: &str) -> i64 {
    let roles = admin.get("roles?limit=200").await.ok();
    let found = roles["items"].as_array().into_iter().flatten().find(|role| role["name"] == name);
    found.and_then(|role| role["id"].as_i64()).expect("a role")
}

/// Makes an entry and answers its id.
pub async fn made(admin: &Client, register: &str, body: Json) -> i64 {
    admin.post(register, body).await.ok()["id"].as_i64().expect("an id")
}

/// Somebody who stands in the directory twice: an agent under another address.
async fn twin(stage: &Stage, admin: &Client) -> i64 {
    let cast = &stage.house.cast;
    let body = json!({
        "name": "Requester Twin", "email": "twin@bank.example", "organisation": cast.retail_bank, "phone": "0123",
        "teams": [cast.service_desk], "grants": [{ "role": role(admin, "Agent").await }],
    });
    made(admin, "people", body).await
}

/// Everything that can name somebody, naming the twin.
struct Traces {
    open: String,
    closed: String,
    watched: String,
    views: i64,
    rule: i64,
    level: i64,
    shortcut: i64,
    team: i64,
    schedule: i64,
    report: i64,
    former: i64,
    comment: i64,
}

async fn traces(stage: &Stage, admin: &Client, twin: i64) -> Traces {
    let cast = &stage.house.cast;
    let field = |name: &str, kind: &str, more: Json| {
        let mut body = json!({ "name": name, "field": name.to_lowercase(), "process": "incident", "kind": kind });
        for (key, value) in more.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        body
    };
    made(admin, "custom-fields", field("Witness", "person", json!({}))).await;
    let columns =
        json!([{ "key": "who", "label": "Who", "kind": "person" }, { "key": "what", "label": "What", "kind": "text" }]);
    made(admin, "custom-fields", field("Callers", "table", json!({ "columns": columns }))).await;
    let own = stage.sign_in(twin).await;
    let mut values = classified(cast, "medium", "medium");
    values["requester"] = twin.into();
    values["witness"] = twin.into();
    values["callers"] = json!([{ "who": twin, "what": "First" }, { "who": cast.approver, "what": "Second" }]);
    let open = own.report(values.clone()).await;
    own.step(&open, "take", json!({})).await;
    let below = |what: &str| format!("incidents/{open}/{what}");
    let comment = own.post(&below("comments"), json!({ "body": "I look at it." })).await.ok();
    own.send_bytes("POST", &below("attachments?name=a.txt"), b"bytes".to_vec(), &[]).await.ok();
    own.post(&below("tasks"), json!({ "title": "Ring back", "assignee": twin })).await.ok();
    own.post(&below("time"), json!({ "minutes": 5 })).await.ok();
    let closed = own.report(values).await;
    own.step(&closed, "take", json!({})).await;
    own.step(&closed, "resolve", resolution(cast)).await;
    let agent = stage.sign_in(cast.agent).await;
    let watched = agent.report(json!({ "title": "Watched", "requester": cast.requester })).await;
    agent.post(&format!("incidents/{watched}/watchers"), json!({ "person": twin })).await.ok();
    agent.patch(&format!("incidents/{watched}"), json!({ "team": cast.service_desk, "assignee": twin })).await.ok();
    let former = made(admin, "people", json!({ "name": "Requester Former", "email": "former@bank.example" })).await;
    admin.post(&format!("people/{twin}/merge"), json!({ "other": former })).await.ok();
    let shortcut = json!({ "name": "Give to the twin", "process": "incident", "body": "Yours.", "values": [{ "field": "assignee", "value": twin.to_string() }] });
    let rule = json!({ "name": "To the twin", "process": "incident", "event": "cancel", "audience": "person", "person": twin, "subject": "x", "body": "x" });
    let level = json!({ "name": "The twin's", "process": "incident", "position": 9, "team": cast.network, "condition": format!("requester in ({twin}, {}) or priority = {twin}", cast.approver) });
    let schedule = json!({ "process": "incident", "name": "Mine", "format": "csv", "every": "day", "time": "07:00", "filter": format!("requester = {twin}") });
    Traces {
        views: made(&own, "views", json!({ "name": "Mine", "process": "incident", "shared": "own", "condition": format!("assignee = {twin}") })).await,
        rule: made(admin, "notification-rules", rule).await,
        level: made(admin, "assignment-rules", level).await,
        shortcut: made(admin, "macros", shortcut).await,
        team: made(admin, "teams", json!({ "name": "Led by the twin", "manager": twin })).await,
        schedule: made(&agent, "export-schedules", schedule).await,
        report: made(admin, "people", json!({ "name": "Report", "email": "report@bank.example", "manager": twin })).await,
        comment: comment["id"].as_i64().expect("an id"),
        open,
        closed,
        watched,
        former,
    }
}

/// How often an answer names what moves.
fn moved(answer: &Json) -> Vec<(String, i64)> {
    let moves = answer["moves"].as_array().expect("moves").iter();
    let each = moves.map(|moved| {
        (moved["what"].as_str().unwrap_or_default().to_owned(), moved["count"].as_i64().unwrap_or_default())
    });
    each.collect()
}

story!(whatever_names_the_one_names_the_other_once_they_are_one_person, |stage| async move {
    let stage = stage.indexed();
    let cast = stage.house.cast.clone();
    let (admin, pages) = (stage.sign_in(cast.admin).await, Pages::of(&stage).await);
    let twin = twin(&stage, &admin).await;
    let traces = traces(&stage, &admin, twin).await;
    let browser = pages.browser(&stage, twin).await;
    let draft = [("_of", format!("note {}", traces.open)), ("body", "Not sent yet".to_owned())];
    browser.post("/drafts", &draft.map(|(name, value)| (name.to_owned(), value))).await;
    let with_token = stage.sign_in(twin).await;
    with_token.get("me").await.ok();
    let kept = cast.requester;
    let before = admin.incident(&traces.closed).await;
    let place = format!("people/{kept}/merge");

    // The preview says all of it and does none of it.
    let preview = admin.get(&format!("{place}?other={twin}")).await.ok();
    let told = moved(&preview);
    for (what, count) in [
        ("record.requester", 2),
        ("record.assignee", 3),
        ("incident.owner", 2),
        ("record.custom", 2),
        ("comment.author", 1),
        ("attachment.author", 1),
        ("task.assignee", 1),
        ("work_time.person", 1),
        ("party.entry", 1),
        ("draft.person", 1),
        ("people", 2),
        ("teams", 1),
        ("assignment-rules", 1),
        ("notification-rules", 1),
        ("macros", 1),
        ("views", 1),
    ] {
        assert!(told.contains(&(what.to_owned(), count)), "{what} {count}: {told:?}");
    }
    assert!(told.iter().any(|(what, count)| what == "notice.person" && *count > 0), "{told:?}");
    assert_eq!(preview["gains"], json!(["teams", "grants", "phone"]), "{preview}");
    assert_eq!((&preview["ends"]["password"], &preview["ends"]["sessions"]), (&json!(true), &json!(1)), "{preview}");
    assert_eq!(admin.incident(&traces.closed).await, before, "nothing has moved yet");

    let done = admin.post(&place, json!({ "other": twin, "reason": "The same person" })).await.ok();
    assert_eq!(moved(&done), told, "what was said is what was done");

    // Records, open and closed, in every column and own field.
    for number in [&traces.open, &traces.closed] {
        let record = admin.incident(number).await;
        for field in ["requester", "assignee", "owner", "witness"] {
            assert_eq!(record[field]["id"], kept, "{number} {field}: {record}");
        }
        assert_eq!(record["callers"][0]["who"]["id"], kept, "{record}");
        assert_eq!(record["callers"][1]["who"]["id"], cast.approver, "{record}");
        let found = admin.get(&format!("incidents?filter={}", encoded(&format!("witness = {kept}")))).await.ok();
        assert!(found.to_string().contains(number.as_str()), "lists find it by its own field: {found}");
    }
    let after = admin.incident(&traces.closed).await;
    assert!(after["version"].as_i64() > before["version"].as_i64(), "who holds the old version is told");
    assert_eq!(after["updated"], before["updated"], "and yet nothing happened to it");
    let history = |number: String| {
        let admin = admin.clone();
        async move { admin.get(&format!("incidents/{number}/history?limit=200")).await.ok()["items"].clone() }
    };
    let line = |items: &Json| items.as_array().expect("items").iter().find(|e| e["verb"] == "person_merged").cloned();
    let told = line(&history(traces.open.clone()).await).expect("a record in work says so");
    assert!(told["changes"].to_string().contains("\"field\":\"requester\""), "{told}");
    assert!(line(&history(traces.closed.clone()).await).is_none(), "what is over does not");

    // What hangs on records, and what is a person's own.
    let below = async |what: &str| admin.get(&format!("incidents/{}/{what}", traces.open)).await.ok()["items"].clone();
    let comments = below("comments").await;
    let words =
        comments.as_array().expect("items").iter().find(|c| c["id"] == traces.comment).cloned().expect("the words");
    assert_eq!(words["author"]["id"], kept);
    assert_eq!(below("attachments").await[0]["author"]["id"], kept);
    assert_eq!(below("tasks").await[0]["assignee"]["id"], kept);
    assert_eq!(below("time").await[0]["person"]["id"], kept);
    let watchers = admin.get(&format!("incidents/{}/watchers", traces.watched)).await.ok();
    assert!(
        watchers.to_string().contains(&format!("\"id\":{kept}"))
            && !watchers.to_string().contains(&format!("\"id\":{twin},")),
        "{watchers}"
    );
    let own = stage.sign_in(kept).await;
    assert!(own.get("notices?limit=200").await.ok().to_string().contains(&traces.watched), "what the twin was told");
    let browser_of_kept = pages.browser(&stage, kept).await;
    let page = browser_of_kept.get(&format!("/incidents/{}", traces.open)).await;
    assert!(page.text.contains("Not sent yet"), "the draft goes on: {}", page.status);

    // Registers: fields, conditions, values that are set; and what somebody scheduled.
    let entry = async |register: &str, id: i64| admin.get(&format!("{register}/{id}")).await.ok();
    assert_eq!(entry("teams", traces.team).await["manager"]["id"], kept);
    assert_eq!(entry("people", traces.report).await["manager"]["id"], kept);
    assert_eq!(entry("people", traces.former).await["merged_into"]["id"], kept, "who was merged before follows");
    assert_eq!(entry("notification-rules", traces.rule).await["person"]["id"], kept);
    let condition = format!("requester in ({kept}, {}) or priority = {twin}", cast.approver);
    assert_eq!(entry("assignment-rules", traces.level).await["condition"], condition);
    assert_eq!(entry("macros", traces.shortcut).await["values"][0]["value"], kept.to_string());
    let view = own.get(&format!("views/{}", traces.views)).await.ok();
    assert_eq!((&view["owner"]["id"], &view["condition"]), (&json!(kept), &json!(format!("assignee = {kept}"))));
    let agent = stage.sign_in(cast.agent).await;
    let schedules = agent.get("export-schedules").await.ok();
    let schedule = schedules["items"].as_array().expect("items").iter().find(|each| each["id"] == traces.schedule);
    let schedule = schedule.cloned().expect("the schedule");
    assert_eq!(schedule["filter"], format!("requester = {kept}"), "{schedule}");

    // What has not left yet leaves for whoever goes on.
    let now = stage.house.clock.reading();
    let take = move |conn: &mut mainstay_store::Conn| mainstay_store::outbox::take(conn, now, now + 1, 500);
    let messages = stage.house.desk.db().write(take).await.expect("messages");
    let is_for = |person: i64| messages.iter().filter(|message| message.recipient == Some(person)).count();
    assert!(is_for(kept) > 0 && is_for(twin) == 0, "{messages:?}");

    // The person: memberships and roles of both; the twin's ways in end.
    let person = entry("people", kept).await;
    assert_eq!(person["phone"], "0123");
    assert_eq!(person["teams"][0]["id"], cast.service_desk);
    assert_eq!(person["grants"].as_array().map(Vec::len), Some(2), "{person}");
    assert_eq!(person["email"], "requester@bank.example");
    with_token.get("me").await.refused(401, "not_signed_in");
    assert_eq!(browser.get("/my-work").await.leads_to().split('?').next(), Some("/sign-in"));
    let gone = entry("people", twin).await;
    assert_eq!((&gone["active"], &gone["merged_into"]["id"]), (&json!(false), &json!(kept)));
    assert_eq!(entry("people", twin).await["email"], "twin@bank.example", "it says who it was");
    let audit = admin.get("audit?area=people&limit=50").await.ok();
    let lines = audit["items"].as_array().expect("items").iter().filter(|event| event["verb"] == "merged");
    assert_eq!(lines.count(), 2, "one line for each merging: {audit}");

    // The search knows who it is now.
    stage.house.read_log().await;
    let found = own.get(&format!("search?q={}", encoded("VPN"))).await.ok();
    assert!(found.to_string().contains(&traces.open), "{found}");
    let by_name = admin.get("search?q=Twin").await.ok();
    assert!(!by_name.to_string().contains(&traces.open), "{by_name}");
});

story!(whoever_was_merged_leads_to_who_goes_on, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, pages) = (stage.sign_in(cast.admin).await, Pages::of(&stage).await);
    let twin = twin(&stage, &admin).await;
    let browser = pages.browser(&stage, cast.admin).await;
    let kept = cast.requester;
    let ask = browser.get(&format!("/admin/merge/{kept}")).await.text;
    assert!(ask.contains(&format!("/admin/merge/{kept}?other={twin}")), "who has the same name is offered: {ask}");
    let preview = browser.get(&format!("/admin/merge/{kept}?other=twin%40bank.example")).await.text;
    for words in ["twin@bank.example", "Keep Requester Twin instead", "Merge into Requester", "Teams, Roles, Phone"] {
        assert!(preview.contains(words), "{words}: {preview}");
    }
    let form = |other: &str| vec![("other".to_owned(), other.to_owned()), ("reason".to_owned(), "Twice".to_owned())];
    let strange = browser.post(&format!("/admin/merge/{kept}"), &form("nobody@bank.example")).await;
    assert_eq!(strange.status, 422);
    assert!(strange.text.contains("Nobody here is called"), "{}", strange.text);
    let done = browser.post(&format!("/admin/merge/{kept}"), &form(&twin.to_string())).await;
    assert_eq!(
        (done.status.as_u16(), done.leads_to()),
        (303, format!("/admin/people/{kept}").as_str()),
        "{}",
        done.text
    );
    let old = browser.get(&format!("/admin/people/{twin}")).await;
    assert_eq!((old.status.as_u16(), old.leads_to()), (303, format!("/admin/people/{kept}").as_str()));
    let page = browser.get(&format!("/admin/people/{kept}")).await.text;
    assert!(page.contains("Merged into this person") && page.contains("twin@bank.example"), "{page}");
    assert!(browser.get(&format!("/admin/people/{twin}/history")).await.text.contains("Twice"), "its history stays");
    assert!(!browser.get("/pick/people?q=Twin").await.text.contains("Twin"), "it is offered nowhere");
    assert!(browser.get("/admin/people?retired=1&q=Twin").await.text.contains("Merged"));

    // Its address finds who goes on, and only that person can have it.
    let agent = pages.browser(&stage, cast.agent).await;
    let fields = ["title", "requester"].map(|field| ("_fields".to_owned(), field.to_owned()));
    let typed =
        [("title", "By address"), ("requester", "twin@bank.example")].map(|(n, v)| (n.to_owned(), v.to_owned()));
    let reported = agent.post("/incidents/new", &[fields, typed].concat()).await;
    let number =
        reported.leads_to().split('?').next().unwrap_or_default().rsplit('/').next().unwrap_or_default().to_owned();
    assert_eq!(admin.incident(&number).await["requester"]["id"], kept, "{}", reported.text);
    let taken = json!({ "name": "Other", "email": "twin@bank.example" });
    admin.post("people", taken).await.refused(409, "taken");
    admin.patch(&format!("people/{kept}"), json!({ "email": "twin@bank.example" })).await.ok();

    // Nothing more becomes of it.
    let named = stage.sign_in(cast.agent).await.post("incidents", json!({ "title": "x", "requester": twin })).await;
    named.refused_field("requester", "retired");
    for body in [json!({ "active": true }), json!({ "phone": "1" }), json!({ "merged_into": null })] {
        admin.patch(&format!("people/{twin}"), body).await.refused(409, "merged");
    }
    admin.post(&format!("people/{twin}/access/link"), json!({})).await.refused(409, "merged");
    admin.post(&format!("people/{twin}/merge"), json!({ "other": cast.approver })).await.refused(409, "merged");
    admin.post(&format!("people/{}/merge", cast.approver), json!({ "other": twin })).await.refused(409, "merged");
    let own = json!({ "merged_into": cast.approver });
    admin.patch(&format!("people/{kept}"), own).await.refused_field("merged_into", "read_only");
});

story!(s_09_people_are_not_merged_where_that_would_be_wrong, |stage| async move {
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let twin = twin(&stage, &admin).await;
    let kept = cast.requester;
    let into = |person: i64| format!("people/{person}/merge");
    let both = async |by: &Client, kept: i64, other: i64, status: u16, code: &str| {
        by.get(&format!("{}?other={other}", into(kept))).await.refused(status, code);
        by.post(&into(kept), json!({ "other": other })).await.refused(status, code);
    };
    both(&admin, kept, kept, 409, "same_person").await;
    both(&admin, kept, cast.acme_requester, 409, "other_organisation").await;
    both(&admin, twin, cast.admin, 409, "own_account").await;
    both(&admin, kept, 999_999, 404, "not_found").await;
    both(&admin, cast.retail_bank, twin, 404, "not_found").await;
    admin.post(&into(kept), json!({})).await.refused_field("other", "required");
    admin.patch(&format!("people/{kept}"), json!({ "active": false })).await.ok();
    both(&admin, kept, twin, 409, "retired").await;
    admin.patch(&format!("people/{kept}"), json!({ "active": true })).await.ok();
    both(&stage.sign_in(cast.agent).await, kept, twin, 403, "no_right").await;
    // Whoever manages people and may do no more does not end an administrator, nor hand a narrowed token's people on.
    let may = json!(["people.manage", "people.view", "incident.view"]);
    let helper = made(&admin, "roles", json!({ "name": "Helper", "reach": "staff", "permissions": may })).await;
    let helga = json!({ "name": "Helga", "email": "helga@bank.example", "grants": [{ "role": helper }], "organisation": cast.retail_bank });
    let helga = made(&admin, "people", helga).await;
    both(&stage.sign_in(helga).await, kept, cast.admin, 403, "more_rights").await;
    let narrow = stage.sign_in_with(cast.admin, &["people.*"]).await;
    both(&narrow, kept, twin, 403, "whole_rights_needed").await;
    let person = admin.get(&format!("people/{twin}")).await.ok();
    assert_eq!((&person["active"], &person["merged_into"]), (&json!(true), &Json::Null), "nothing is half done");
    stage.sign_in(twin).await.get("me").await.ok();
});
