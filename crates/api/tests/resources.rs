//! What the API offers beside single records: pages, files, tokens, the inbox, the log, bulk.

mod common;

use common::{Client, Door};
use serde_json::{Value as Json, json};

async fn opened(client: &Client, title: &str) -> String {
    client.post("/incidents", &json!({ "title": title })).await.ok()["number"].as_str().expect("a number").to_owned()
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let door = Door::sqlite().await;
    let agent = door.by(door.house.cast.agent).await;
    for n in 0..7 {
        opened(&agent, &format!("Matter {}", n % 3)).await;
    }
    for sort in ["title", "-title", "-updated", "priority", "due"] {
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = agent.get(&format!("/incidents?sort={sort}&limit=2{after}")).await.ok();
            let items = page["items"].as_array().expect("items");
            assert!(items.len() <= 2);
            seen.extend(items.iter().map(|item| item["number"].as_str().expect("a number").to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 7, "{sort}");
    }
    let next = agent.get("/incidents?sort=title&limit=2").await.ok()["next"].as_str().expect("more").to_owned();
    agent.get(&format!("/incidents?sort=-updated&after={next}")).await.problem(422, "bad_cursor");
    let counted = agent.get("/incidents?count=true&filter=title%20%3D%20%22Matter%200%22").await.ok();
    assert_eq!((counted["count"].as_i64(), counted["items"].as_array().map(Vec::len)), (Some(3), Some(3)));
}

#[tokio::test]
async fn a_row_carries_what_was_asked_for_and_no_more() {
    let door = Door::sqlite().await;
    let cast = door.house.cast.clone();
    let agent = door.by(cast.agent).await;
    agent.post("/incidents", &json!({ "title": "VPN", "team": cast.network, "workaround": "Cable" })).await.ok();
    let row = agent.get("/incidents?fields=team,workaround,phase").await.ok()["items"][0].clone();
    let expected = json!({ "number": "INC-1", "version": 1, "phase": "open", "workaround": "Cable", "team": { "id": cast.network, "name": "Network" } });
    assert_eq!(row, expected);
    let usual = agent.get("/incidents").await.ok()["items"][0].clone();
    assert_eq!((usual["state"].as_str(), usual["title"].as_str()), (Some("new"), Some("VPN")));
    assert!(usual.get("workaround").is_none());
}

#[tokio::test]
async fn a_saved_view_brings_its_condition_and_order() {
    let door = Door::sqlite().await;
    let agent = door.by(door.house.cast.agent).await;
    for title in ["B", "A", "C"] {
        opened(&agent, title).await;
    }
    let view = json!({ "name": "Mine", "process": "incident", "condition": "title != \"C\" or title = \"D\"", "sort": "title", "shared": "own", "owner": door.house.cast.agent });
    let id = agent.post("/views", &view).await.ok()["id"].clone();
    let titles = async |path: String| -> Vec<Json> {
        agent.get(&path).await.ok()["items"].as_array().expect("items").iter().map(|i| i["title"].clone()).collect()
    };
    assert_eq!(titles(format!("/incidents?view={id}")).await, ["A", "B"]);
    assert_eq!(titles(format!("/incidents?view={id}&sort=-title")).await, ["B", "A"]);
    assert_eq!(
        titles(format!("/incidents?view={id}&filter=title%20%3D%20%22C%22")).await,
        Vec::<Json>::new(),
        "both conditions hold"
    );
    let other = door.by(door.house.cast.agent_l2).await;
    other.get(&format!("/incidents?view={id}")).await.problem(404, "not_found");
}

#[tokio::test]
async fn s_01_a_file_comes_back_to_be_saved_and_only_to_those_who_may_read_it() {
    let door = Door::sqlite().await;
    let cast = door.house.cast.clone();
    let (agent, requester) = (door.by(cast.agent).await, door.by(cast.requester).await);
    let number = opened(&requester, "Printer").await;
    let path = |query: &str| format!("/incidents/{number}/attachments?{query}");
    let page = agent
        .and("content-type", "text/html")
        .raw("POST", &path("name=..%2Fa%22b.html&internal=true"), "<script>")
        .await;
    assert_eq!(page.status.as_u16(), 201);
    let internal = page.body();
    assert_eq!((internal["name"].as_str(), internal["size"].as_i64()), (Some("a\"b.html"), Some(8)));
    assert_eq!(page.header("location"), format!("/api/v1/attachments/{}", internal["id"]));
    let file = agent.get(&format!("/attachments/{}", internal["id"])).await;
    assert_eq!(file.bytes, b"<script>");
    assert_eq!(file.header("content-type"), "application/octet-stream");
    assert!(file.header("content-disposition").starts_with("attachment; "), "{}", file.header("content-disposition"));
    assert!(file.header("content-security-policy").starts_with("sandbox"));
    requester.get(&format!("/attachments/{}", internal["id"])).await.problem(404, "not_found");
    requester.raw("POST", &path("name=b&internal=true"), "x").await.problem(403, "no_right");
    let public = requester.raw("POST", &path("name=b.txt"), "x").await.ok();
    assert_eq!(agent.get(&format!("/attachments/{}", public["id"])).await.bytes, b"x");
    let listed = requester.get(&format!("/incidents/{number}/attachments")).await.ok();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
    assert!(!listed.to_string().contains("digest"), "a digest is nothing to know a file by");
    let stranger = door.by(cast.acme_requester).await;
    stranger.get(&format!("/attachments/{}", public["id"])).await.problem(404, "not_found");
    stranger.raw("POST", &path("name=c"), "x").await.problem(404, "not_found");
    // The same bytes under the same key are the same request.
    let keyed = requester.and("idempotency-key", "file");
    let (one, two) =
        (keyed.raw("POST", &path("name=d"), "y").await.ok(), keyed.raw("POST", &path("name=d"), "y").await.ok());
    assert_eq!(one["id"], two["id"]);
    keyed.raw("POST", &path("name=d"), "z").await.problem(422, "idempotency_key_reused");
}

#[tokio::test]
async fn s_14_a_token_shows_once_is_narrow_and_cannot_widen_itself() {
    let door = Door::sqlite().await;
    let cast = door.house.cast.clone();
    let agent = door.by(cast.agent).await;
    let keyed = agent.and("idempotency-key", "token");
    let made = keyed.post("/tokens", &json!({ "name": "Sync" })).await.ok();
    assert_eq!(made["scopes"], json!(["read", "write"]));
    let again = keyed.post("/tokens", &json!({ "name": "Sync" })).await.ok();
    assert_eq!((again["id"].clone(), again.get("token")), (made["id"].clone(), None), "never shown again");
    let sync = door.with(&[("authorization", &format!("Bearer {}", made["token"].as_str().expect("a token")))]);
    opened(&sync, "By the integration").await;
    sync.post("/tokens", &json!({ "name": "Wider", "scopes": ["*"] })).await.problem(403, "whole_rights_needed");
    sync.get("/tokens").await.problem(403, "whole_rights_needed");
    let reader = door.by_token(cast.agent, &["incident.view"]).await;
    reader.get("/incidents").await.ok();
    reader.post("/incidents", &json!({ "title": "x" })).await.problem(403, "no_right");
    reader.get("/people").await.problem(403, "no_right");
    reader.get("/notices").await.problem(403, "no_right");
    reader.get("/search?q=x").await.problem(403, "no_right");
    assert!(!agent.get("/tokens").await.ok().to_string().contains("mainstay_"), "a list shows no secrets");
    agent.raw("DELETE", &format!("/tokens/{}", made["id"]), "").await.ok();
    sync.get("/me").await.problem(401, "not_signed_in");
    let other = door.by(cast.manager).await;
    let theirs = other.post("/tokens", &json!({ "name": "Theirs" })).await.ok();
    agent.raw("DELETE", &format!("/tokens/{}", theirs["id"]), "").await.problem(404, "not_found");
}

#[tokio::test]
async fn the_inbox_is_ones_own() {
    let door = Door::sqlite().await;
    let requester = door.by(door.house.cast.requester).await;
    let number = opened(&requester, "Printer").await;
    let inbox = requester.get("/notices").await.ok();
    assert_eq!((inbox["unread"].as_i64(), inbox["items"][0]["number"].as_str()), (Some(1), Some(number.as_str())));
    let id = inbox["items"][0]["id"].clone();
    let other = door.by(door.house.cast.agent).await;
    assert_eq!(other.post("/notices/read", &json!({ "up_to": id })).await.ok()["read"], 0);
    assert_eq!(requester.post("/notices/read", &json!({ "up_to": id })).await.ok()["read"], 1);
    let inbox = requester.get("/notices").await.ok();
    assert_eq!(inbox["unread"], 0);
    assert!(inbox["items"][0]["read_at"].is_string());
}

#[tokio::test]
async fn gen_03_the_log_is_read_by_cursor_by_those_who_may() {
    let door = Door::sqlite().await;
    let cast = door.house.cast.clone();
    let (agent, auditor) = (door.by(cast.agent).await, door.by(cast.auditor).await);
    agent.get("/events").await.problem(403, "no_right");
    let number = opened(&agent, "VPN").await;
    agent.post(&format!("/incidents/{number}/comments"), &json!({ "body": "Seen." })).await.ok();
    let (mut events, mut after) = (Vec::new(), String::new());
    loop {
        let page = auditor.get(&format!("/events?limit=50{after}")).await.ok();
        events.extend(page["items"].as_array().expect("items").clone());
        after = format!("&after={}", page["next"].as_str().expect("a cursor"));
        if page["more"] == false {
            break;
        }
    }
    let verbs: Vec<_> =
        events.iter().filter(|e| e["subject"]["number"] == number.as_str()).map(|e| e["verb"].clone()).collect();
    assert!(verbs.contains(&json!("opened")) && verbs.contains(&json!("commented")), "{verbs:?}");
    assert!(events.iter().any(|e| e["subject"]["kind"] == "entry"), "configuration is in it too");
    let ids: Vec<_> = events.iter().map(|e| e["id"].as_i64()).collect();
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "each once, in order");
    assert_eq!(auditor.get(&format!("/events?limit=50{after}")).await.ok()["items"], json!([]), "nothing new");
    opened(&agent, "Another").await;
    assert!(
        !auditor.get(&format!("/events?limit=50{after}")).await.ok()["items"].as_array().expect("items").is_empty()
    );
}

#[tokio::test]
async fn in_bulk_each_record_succeeds_or_is_refused_by_itself() {
    let door = Door::sqlite().await;
    let agent = door.by(door.house.cast.agent).await;
    let (one, two) = (opened(&agent, "One").await, opened(&agent, "Two").await);
    agent.post(&format!("/incidents/{two}/cancel"), &json!({ "cancel_reason": "raised_in_error" })).await.ok();
    let request =
        json!({ "verb": "cancel", "numbers": [one, two, "INC-999"], "values": { "cancel_reason": "raised_in_error" } });
    let results = agent.and("idempotency-key", "bulk").post("/incidents/bulk", &request).await.ok()["results"].clone();
    let codes: Vec<_> = results
        .as_array()
        .expect("results")
        .iter()
        .map(|r| (r["done"].clone(), r["problem"]["code"].clone()))
        .collect();
    assert_eq!(
        codes,
        [(json!(true), Json::Null), (json!(false), json!("wrong_state")), (json!(false), json!("not_found"))]
    );
    assert_eq!(agent.get(&format!("/incidents/{one}")).await.ok()["state"], "cancelled");
    agent.post("/incidents/bulk", &json!({ "verb": "cancel", "numbers": [] })).await.problem(422, "wrong_count");
    let odd = json!({ "verb": "link", "numbers": ["INC-999"], "relation": "6", "link": one });
    agent.post("/incidents/bulk", &odd).await.problem(422, "unknown_relation");
}

#[tokio::test]
async fn entries_are_listed_made_changed_and_keep_their_history() {
    let door = Door::sqlite().await;
    let cast = door.house.cast.clone();
    let (admin, agent) = (door.by(cast.admin).await, door.by(cast.agent).await);
    let made = admin.post("/teams", &json!({ "name": "Storage", "manager": cast.manager })).await;
    let team = made.ok();
    assert_eq!(made.header("location"), format!("/api/v1/teams/{}", team["id"]));
    assert_eq!(team["manager"], json!({ "id": cast.manager, "name": "Process Manager" }));
    let path = format!("/teams/{}", team["id"]);
    agent.and("if-match", "\"1\"").json("PATCH", &path, &json!({ "name": "Mine" })).await.problem(403, "no_right");
    admin.and("if-match", "\"1\"").json("PATCH", &path, &json!({ "active": false, "reason": "Merged" })).await.ok();
    admin.and("if-match", "\"1\"").json("PATCH", &path, &json!({ "name": "Late" })).await.problem(409, "stale");
    let names = async |query: &str| agent.get(&format!("/teams?{query}")).await.ok()["items"].to_string();
    assert!(!names("").await.contains("Storage") && names("retired=true").await.contains("Storage"));
    assert!(names("name=NETW").await.contains("Network") && !names("name=netw").await.contains("Service desk"));
    let history = admin.get(&format!("{path}/history")).await.ok();
    let verbs: Vec<_> = history["items"].as_array().expect("items").iter().map(|e| e["verb"].clone()).collect();
    assert_eq!(verbs, ["created", "retired"]);
    assert_eq!(
        history["items"][0]["changes"]
            .as_array()
            .and_then(|c| c.iter().find(|c| c["field"] == "manager"))
            .map(|c| c["new"]["name"].clone()),
        Some(json!("Process Manager"))
    );
    agent.get(&format!("{path}/history")).await.problem(403, "no_right");
    let all = agent.get("/people?limit=200").await.ok()["items"].as_array().expect("items").clone();
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = agent.get(&format!("/people?limit=5{after}")).await.ok();
        seen.extend(page["items"].as_array().expect("items").clone());
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert!(seen.len() > 5 && seen == all, "everybody once, by name");
}

#[tokio::test]
async fn one_learns_who_one_is_and_what_one_may() {
    let door = Door::sqlite().await;
    let me = door.by(door.house.cast.requester).await.get("/me").await.ok();
    assert_eq!((me["email"].as_str(), me["staff"].as_bool()), (Some("requester@bank.example"), Some(false)));
    let may = me["permissions"].to_string();
    assert!(may.contains("incident.create") && !may.contains("incident.take"), "{may}");
    assert_eq!(me["processes"][0]["plural"], "incidents");
    let description = door.by(door.house.cast.agent).await.get("/openapi.json").await.ok();
    assert_eq!(description["openapi"], "3.1.0");
}

#[tokio::test]
async fn s_06_an_export_is_the_list_as_a_file() {
    let door = Door::sqlite().await;
    let cast = door.house.cast.clone();
    let (agent, requester) = (door.by(cast.agent).await, door.by(cast.requester).await);
    opened(&agent, "=1+1").await;
    opened(&agent, "VPN").await;
    let file = agent.get("/incidents/export?format=csv&fields=title&sort=title").await;
    assert!(file.header("content-type").starts_with("text/csv"));
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"incidents.csv\"");
    let text = String::from_utf8(file.bytes).expect("text");
    assert!(text.contains("'=1+1") && text.contains("INC-2"), "{text}");
    let kinds =
        [("json", "application/json"), ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")];
    for (format, media_type) in kinds {
        let file = agent.get(&format!("/incidents/export?format={format}")).await;
        assert_eq!((file.status.as_u16(), file.header("content-type")), (200, media_type));
    }
    requester.get("/incidents/export?format=csv").await.problem(403, "no_right");
    agent.get("/incidents/export").await.problem(400, "bad_query");
    agent.get("/incidents/export?format=pdf").await.problem(400, "bad_query");
    let people = door.by(cast.admin).await.get("/people/export?format=csv&name=agent").await;
    let text = String::from_utf8(people.bytes).expect("text");
    assert!(text.contains("Agent L1") && !text.contains("Auditor"), "{text}");
    agent.get("/people/export?format=csv").await.problem(403, "no_right");
}

#[tokio::test]
async fn gen_10_a_report_says_what_it_counts_and_lists_it() {
    let door = Door::sqlite().await;
    let cast = door.house.cast.clone();
    let (agent, requester) = (door.by(cast.agent).await, door.by(cast.requester).await);
    for team in [cast.network, cast.network, cast.service_desk] {
        agent.post("/incidents", &json!({ "title": "VPN", "team": team })).await.ok();
    }
    door.house.advance_to(mainstay_testing::at("2025-07-01T00:00:00Z")).await;
    let offers = agent.get("/reports").await.ok();
    assert!(offers["items"].as_array().is_some_and(|all| all.iter().any(|o| o["key"] == "volume")));
    let june = "from=2025-06-01&to=2025-07-01&zone=UTC&group_by=team";
    let report = agent.get(&format!("/reports/volume?{june}")).await.ok();
    let column =
        report["columns"].as_array().and_then(|all| all.iter().position(|c| c["key"] == "opened")).expect("a column");
    assert_eq!(report["total"]["figures"][column]["value"], 3);
    let row = report["rows"]
        .as_array()
        .and_then(|all| all.iter().find(|r| r["key"] == cast.network.to_string().as_str()))
        .expect("a row");
    assert_eq!((row["label"].clone(), row["figures"][column]["value"].clone()), (json!("Network"), json!(2)));
    let behind = agent.get(&format!("/reports/volume/records?{june}&row={}&column=opened", cast.network)).await.ok();
    assert_eq!(behind["items"].as_array().map(Vec::len), Some(2));
    let file = agent.get(&format!("/reports/volume/export?{june}&format=csv")).await;
    assert!(String::from_utf8(file.bytes).expect("text").contains("Network"));
    agent.get("/reports/nothing").await.problem(404, "not_found");
    agent.get("/reports/volume?from=soon&to=later").await.problem(422, "bad_period");
    requester.get("/reports/volume").await.problem(403, "no_right");
}

#[tokio::test]
async fn one_sees_what_an_entry_is_used_for_before_retiring_it() {
    let door = Door::sqlite().await;
    let cast = door.house.cast.clone();
    let admin = door.by(cast.admin).await;
    admin.post("/incidents", &json!({ "title": "VPN", "team": cast.network })).await.ok();
    let uses = admin.get(&format!("/teams/{}/uses", cast.network)).await.ok();
    assert!(uses["entries"].as_array().is_some_and(|all| all.iter().any(|e| e["id"] == cast.agent_l2)), "{uses}");
    assert_eq!(uses["records"][0]["count"], 1);
}
