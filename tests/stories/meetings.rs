//! Meetings of boards: the agenda by its rule, votes that are approvals, decisions with a quorum, and minutes that stay.

use crate::browser::{ORIGIN, Pages};
use crate::change::{approve, asked, board, waiting};
use crate::client::{Answer, Client};
use crate::{Stage, story};
use mainstay_desk::{Channel, Credential, boards};
use mainstay_store::Conn;
use serde_json::{Value as Json, json};

const HOUR: i64 = 3_600_000;

fn instant(at: i64) -> String {
    jiff::Timestamp::from_millisecond(at).expect("an instant").to_string()
}

fn in_hours(stage: &Stage, hours: i64) -> String {
    instant(stage.house.clock.reading() + hours * HOUR)
}

/// The board that is there from the beginning, changed as a test needs it.
async fn cab(manager: &Client, more: Json) -> i64 {
    let all = manager.get("boards").await.ok();
    let id = all["items"].as_array().into_iter().flatten().find(|each| each["key"] == "cab").expect("the board")["id"]
        .as_i64()
        .expect("an id");
    manager.patch(&format!("boards/{id}"), more).await.ok();
    id
}

async fn plan(manager: &Client, board: i64, starts: &str) -> String {
    let made = manager.post("meetings", json!({ "board": board, "starts": starts })).await.ok();
    format!("meetings/{}", made["id"])
}

fn numbers(meeting: &Json, of: &str) -> Vec<String> {
    let items = meeting[of].as_array().into_iter().flatten();
    items.filter_map(|item| item["number"].as_str().map(str::to_owned)).collect()
}

async fn agenda(client: &Client, meeting: &str) -> Vec<String> {
    numbers(&client.get(meeting).await.ok(), "items")
}

async fn vote(client: &Client, meeting: &str, number: &str, answer: &str) -> Answer {
    let Some((approval, version)) = waiting(client, number).await.first().copied() else { panic!("nothing waits") };
    let reason = (answer == "refuse").then_some("Not before the quarter ends.");
    let said = json!({ "approval": approval, "answer": answer, "version": version, "reason": reason });
    client.post(&format!("{meeting}/items/{number}/vote"), said).await
}

async fn notes(client: &Client, number: &str) -> Vec<(String, bool)> {
    let all = client.get(&format!("changes/{number}/comments")).await.ok();
    let one = |each: &Json| Some((each["body"].as_str()?.to_owned(), each["internal"].as_bool()?));
    all["items"].as_array().into_iter().flatten().filter_map(one).collect()
}

/// A board of five, the manager in the chair.
async fn five(stage: &Stage) -> (Client, Client, i64) {
    let cast = &stage.house.cast;
    board(stage, "cab", &[cast.approver, cast.auditor, cast.admin, cast.team_manager, cast.manager]).await;
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let id = cab(&manager, json!({ "lead": 1, "chair": cast.manager })).await;
    (agent, manager, id)
}

story!(chg_06_gen_16_two_of_five_are_no_quorum_and_what_the_votes_say_goes_to_the_change, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager, cab) = five(&stage).await;
    let number = asked(&stage, &agent, &manager, "significant").await;
    let minor = asked(&stage, &agent, &manager, "minor").await;
    let meeting = plan(&manager, cab, &in_hours(&stage, 3)).await;
    let [approver, auditor, admin] =
        [stage.sign_in(cast.approver).await, stage.sign_in(cast.auditor).await, stage.sign_in(cast.admin).await];
    assert_eq!(agenda(&manager, &meeting).await, [number.as_str()], "a minor change is none for the board");
    assert_eq!(agenda(&approver, &meeting).await, [number.as_str()], "a member reads it without working for the house");
    stage.sign_in(cast.requester).await.get(&meeting).await.refused(404, "not_found");
    manager.post(&format!("{meeting}/items"), json!({ "number": minor })).await.ok();
    manager.post(&format!("{meeting}/items"), json!({ "number": minor })).await.refused(409, "on_agenda");

    // Only whoever is in the chair holds it, and not with a token that only reads.
    agent.post(&format!("{meeting}/begin"), json!({})).await.refused(403, "no_right");
    let reader = stage.sign_in_with(cast.manager, &["read"]).await;
    assert_eq!(reader.post(&format!("{meeting}/begin"), json!({})).await.status.as_u16(), 403);
    manager.post(&format!("{meeting}/attend"), json!({ "present": true })).await.refused(409, "not_begun");
    let begun = manager.post(&format!("{meeting}/begin"), json!({})).await.ok();
    assert_eq!((&begun["state"], &begun["current"]), (&json!("running"), &json!(number)));
    vote(&manager, &meeting, &minor, "approve").await.refused(409, "not_called");

    let decide = format!("{meeting}/items/{number}/decide");
    vote(&approver, &meeting, &number, "approve").await.ok();
    let two = vote(&auditor, &meeting, &number, "approve").await.ok();
    let tally = &two["items"][0]["votes"][0];
    assert_eq!(
        (&tally["granted"], &tally["asked"], &tally["needed"], &tally["there"], &tally["no_quorum"]),
        (&json!(2), &json!(5), &json!(3), &json!(1), &json!(false)),
        "the manager is there and can still vote"
    );
    let refused = manager.post(&decide, json!({ "decision": "voted" })).await.refused(409, "no_quorum");
    assert_eq!(refused["detail"], "No quorum: 2 of 5 have approved it, and 3 are needed.");
    let gone = json!({ "person": cast.manager, "present": false });
    let alone = manager.post(&format!("{meeting}/attend"), gone).await.ok();
    assert_eq!(alone["items"][0]["votes"][0]["no_quorum"], true, "nobody is left who could make it three");
    agent
        .post(&format!("{meeting}/attend"), json!({ "person": cast.admin, "present": true }))
        .await
        .refused(403, "no_right");

    // A third voice makes it a decision; the approvals themselves still wait for the change manager.
    vote(&admin, &meeting, &number, "approve").await.ok();
    let decided = json!({ "decision": "voted", "note": "Only with a second person on site." });
    let after = manager.post(&decide, decided).await.ok();
    assert_eq!((&after["items"][0]["decision"], &after["items"][0]["advice"]), (&json!("approved"), &json!(false)));
    assert_eq!(after["current"], json!(minor), "the next item comes before the meeting");
    let rounds = manager.get(&format!("changes/{number}/approvals")).await.ok();
    assert_eq!(rounds["items"][0]["state"], "open");
    let later = format!("{meeting}/items/{minor}/decide");
    manager.post(&later, json!({ "decision": "postponed" })).await.refused(422, "invalid_fields");
    manager.post(&later, json!({ "decision": "postponed", "note": "The vendor is not heard yet." })).await.ok();
    manager.post(&format!("{meeting}/items/{minor}/remove"), json!({ "reason": "Late" })).await.refused(409, "decided");
    manager.post(&format!("{meeting}/end"), json!({})).await.ok();

    let found = notes(&manager, &number).await;
    let [(words, internal)] = found.as_slice() else { panic!("{found:?}") };
    assert!(*internal, "it stays within the house");
    for part in
        ["Decision of the board: Approved", "3 of 5 approve", "Only with a second person on site.", "Approver approves"]
    {
        assert!(words.contains(part), "{part}: {words}");
    }
    let (postponed, _) = notes(&manager, &minor).await.pop().expect("a note");
    assert!(postponed.contains("Postponed") && postponed.contains("The vendor is not heard yet."), "{postponed}");
    // The minutes stay: at every door, and in the database.
    for (deed, body) in [
        ("end", json!({})),
        ("begin", json!({})),
        ("attend", json!({ "present": true })),
        ("items", json!({ "number": number })),
    ] {
        manager.post(&format!("{meeting}/{deed}"), body).await.refused(409, "ended");
    }
    manager.post(&decide, json!({ "decision": "discussed", "note": "Otherwise" })).await.refused(409, "ended");
    for sql in [
        "UPDATE meeting_item SET note = 'Otherwise'",
        "DELETE FROM meeting_item",
        "UPDATE meeting_person SET present = FALSE",
        "UPDATE meeting SET ended = 1",
        "DELETE FROM meeting",
    ] {
        let rewritten = stage.house.desk.db().write(move |conn: &mut Conn| conn.run(sql, &[])).await;
        assert!(rewritten.is_err(), "{sql}");
    }
    // What is said afterwards is no part of them.
    stage.house.clock.set(stage.house.clock.reading() + 60_000);
    let (approval, version) = waiting(&manager, &number).await[0];
    let said = json!({ "answer": "approve", "version": version });
    manager.post(&format!("changes/{number}/approvals/{approval}"), said).await.ok();
    approve(&manager, &minor).await;
    let kept = manager.get(&meeting).await.ok();
    assert_eq!(
        (&kept["items"][0]["votes"][0]["granted"], &kept["items"][1]["votes"][0]["granted"]),
        (&json!(3), &json!(0))
    );
    let rounds = manager.get(&format!("changes/{number}/approvals")).await.ok();
    assert_eq!(rounds["items"][0]["state"], "granted");
    let over = manager.get("meetings?when=over").await.ok();
    assert_eq!(over["items"][0]["state"], "ended");
});

story!(chg_06_the_agenda_follows_the_rule_and_closes_before_the_meeting, |stage| async move {
    let (agent, manager, cab) = five(&stage).await;
    let first = plan(&manager, cab, &in_hours(&stage, 2)).await;
    let second = plan(&manager, cab, &in_hours(&stage, 8)).await;
    manager.post("meetings", json!({ "board": cab, "starts": in_hours(&stage, 8) })).await.refused(409, "taken");
    manager
        .post("meetings", json!({ "board": cab, "starts": in_hours(&stage, -1) }))
        .await
        .refused_field("starts", "in_the_past");
    agent.post("meetings", json!({ "board": cab, "starts": in_hours(&stage, 9) })).await.refused(403, "no_right");
    let early = asked(&stage, &agent, &manager, "significant").await;
    let also = asked(&stage, &agent, &manager, "significant").await;
    assert_eq!(agenda(&manager, &first).await, [early.as_str(), also.as_str()]);
    assert!(agenda(&manager, &second).await.is_empty(), "one meeting is enough");
    // After the agenda has closed it waits for the next meeting.
    stage.house.clock.set(stage.house.clock.reading() + HOUR + 60_000);
    let late = asked(&stage, &agent, &manager, "significant").await;
    assert_eq!(agenda(&manager, &first).await.len(), 2);
    assert_eq!(agenda(&manager, &second).await, [late.as_str()]);
    // What is taken off says why, and comes before the next one.
    manager
        .post(&format!("{first}/items/{also}/remove"), json!({ "reason": " " }))
        .await
        .refused(422, "invalid_fields");
    let left =
        manager.post(&format!("{first}/items/{also}/remove"), json!({ "reason": "Its owner is away" })).await.ok();
    assert_eq!((numbers(&left, "items"), numbers(&left, "removed")), (vec![early.clone()], vec![also.clone()]));
    assert_eq!(left["removed"][0]["removed"], "Its owner is away");
    assert_eq!(agenda(&manager, &second).await, [also.as_str(), late.as_str()]);
    manager.post(&format!("{second}/items/{late}/arrange"), json!({ "place": 1, "minutes": 25 })).await.ok();
    let turned = manager.get(&second).await.ok();
    assert_eq!(numbers(&turned, "items"), [late.as_str(), also.as_str()]);
    assert_eq!(turned["items"][0]["minutes"], 25);
    // It comes back by hand.
    manager.post(&format!("{first}/items"), json!({ "number": also })).await.ok();
    assert_eq!(agenda(&manager, &first).await.len(), 2);
    assert_eq!(agenda(&manager, &second).await, [late.as_str()]);
    manager
        .post(&format!("{first}/items"), json!({ "number": "CHG-999" }))
        .await
        .refused_field("number", "unknown_link");
    manager.post(&format!("{first}/items/CHG-999/call"), json!({})).await.refused(409, "not_begun");
    // Another rule, another agenda: until the meeting begins it is asked anew.
    manager.patch(&format!("boards/{cab}"), json!({ "condition": "type = \"major\"" })).await.ok();
    assert_eq!(agenda(&manager, &first).await, [also.as_str()], "only what somebody put there");
    manager.post(&format!("{second}/cancel"), json!({ "reason": "Nothing to speak of" })).await.ok();
    manager.post(&format!("{second}/begin"), json!({})).await.refused(409, "cancelled");
});

story!(chg_06_gen_16_advice_is_kept_and_decides_nothing, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager, cab) = five(&stage).await;
    let teams = manager.get("teams?limit=100").await.ok();
    let team =
        teams["items"].as_array().into_iter().flatten().find(|t| t["key"] == "cab").expect("the board")["id"].clone();
    let steps = json!([
        { "step": 1, "name": "Board", "asks": "team", "team": team, "rule": "majority", "advisory": true },
        { "step": 1, "name": "Authority", "asks": "person", "person": cast.manager, "rule": "all" },
    ]);
    let policy = json!({ "name": "Advised", "position": 1, "process": "change", "condition": "type = \"significant\"", "steps": steps });
    manager.post("approval-policies", policy).await.ok();
    let number = asked(&stage, &agent, &manager, "significant").await;
    let meeting = plan(&manager, cab, &in_hours(&stage, 3)).await;
    manager.post(&format!("{meeting}/begin"), json!({})).await.ok();
    for person in [cast.approver, cast.auditor, cast.admin] {
        vote(&stage.sign_in(person).await, &meeting, &number, "refuse").await.ok();
    }
    let after = manager.post(&format!("{meeting}/items/{number}/decide"), json!({ "decision": "voted" })).await.ok();
    assert_eq!((&after["items"][0]["decision"], &after["items"][0]["advice"]), (&json!("refused"), &json!(true)));
    let rounds = manager.get(&format!("changes/{number}/approvals")).await.ok();
    assert_eq!(rounds["items"][0]["state"], "open", "the authority decides");
    manager.post(&format!("{meeting}/end"), json!({})).await.ok();
    assert!(notes(&manager, &number).await[0].0.contains("Advice of the board: Refused"));
    approve(&manager, &number).await;
    let rounds = manager.get(&format!("changes/{number}/approvals")).await.ok();
    assert_eq!(rounds["items"][0]["state"], "granted");
});

story!(chg_06_a_board_meets_by_its_rhythm, |stage| async move {
    let (_, manager, cab) = five(&stage).await;
    let keep = async || {
        let made =
            stage.house.desk.write(&Credential::Engine, Channel::Engine, |session, _| boards::keep(session)).await;
        made.expect("meetings are made")
    };
    let starts = async || -> Vec<String> {
        let all = manager.get("meetings").await.ok();
        all["items"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|each| each["starts"].as_str().map(str::to_owned))
            .collect()
    };
    assert_eq!(keep().await, 0, "it meets when somebody says so");
    let weekly = json!({ "repeats": "weekly", "days": ["tuesday"], "at": "10:00", "hours": 1 });
    manager.patch(&format!("boards/{cab}"), weekly.clone()).await.refused_field("zone", "required");
    let mut with_zone = weekly;
    with_zone["zone"] = "Europe/Berlin".into();
    manager.patch(&format!("boards/{cab}"), with_zone).await.ok();
    assert_eq!((keep().await, keep().await), (4, 0), "each once");
    let tuesdays = starts().await;
    assert!(tuesdays.len() == 4 && tuesdays.iter().all(|at| at.contains("T08:00:00")), "{tuesdays:?}");
    // One that is called off stays so; another rhythm takes the place of those that nobody has touched.
    let first = format!("meetings/{}", manager.get("meetings").await.ok()["items"][0]["id"]);
    manager.post(&format!("{first}/cancel"), json!({ "reason": "Holiday" })).await.ok();
    assert_eq!(keep().await, 0);
    manager.patch(&format!("boards/{cab}"), json!({ "days": ["thursday"] })).await.ok();
    assert_eq!(keep().await, 4);
    assert_eq!(starts().await.len(), 4, "the other Tuesdays are gone");
    manager
        .post("boards", json!({ "name": "Other", "process": "incident", "team": stage.house.cast.network }))
        .await
        .refused_field("process", "not_approved");
});

story!(chg_06_chg_13_members_read_their_meetings_in_their_calendar_and_in_their_language, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager, cab) = five(&stage).await;
    let number = asked(&stage, &agent, &manager, "significant").await;
    plan(&manager, cab, "2025-06-03T09:00:00Z").await;
    let pages = Pages::of(&stage).await;
    stage.sign_in(cast.approver).await.post("me/language", json!({ "language": "de" })).await.ok();
    let read = async |person: i64| {
        let browser = pages.browser(&stage, person).await;
        let shown = browser.post("/me/calendar", &[]).await;
        let (_, rest) = shown.text.split_once(&format!("{ORIGIN}/calendar/")).expect("the address is shown once");
        let secret = rest.split('/').next().expect("a secret").to_owned();
        pages.stranger(9).get(&format!("/calendar/{secret}/planned.ics")).await.text
    };
    let german = read(cast.approver).await;
    assert!(german.contains("SUMMARY:Sitzung: Change advisory board\r\n"), "{german}");
    assert!(german.contains("DTSTART:20250603T090000Z\r\n"), "{german}");
    assert!(read(cast.manager).await.contains("SUMMARY:Meeting: Change advisory board\r\n"));
    assert!(!read(cast.requester).await.contains("advisory board"), "it is nothing to others");
    // Beside a record the calendar says how risky it is, who has approved it, and before which meeting it comes.
    let browser = pages.browser(&stage, cast.agent).await;
    let page = browser.get(&format!("/changes/calendar?day=2025-06-03&open={number}")).await;
    for part in ["Risk", "Approvals · 0 of 2", "Change manager", "Change advisory board", "/meetings/"] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let palette = browser.get("/palette?at=/my-work").await;
    for place in ["/changes/calendar", "/meetings"] {
        assert!(palette.text.contains(place), "{place}: {}", palette.text);
    }
});
