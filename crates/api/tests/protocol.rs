//! How the API speaks: who may ask, what it refuses and how, what it says beside the body.

mod common;

use common::{BASE_URL, Door};
use mainstay_api::{Api, Limits};
use mainstay_desk::Credential;
use mainstay_desk::auth::{InstallationKey, csrf, sessions};
use mainstay_testing::House;
use serde_json::json;

#[tokio::test]
async fn s_12_every_route_asks_who_it_is() {
    let door = Door::sqlite().await;
    let stranger = door.with(&[]);
    let wrong = door.with(&[("authorization", "Bearer mainstay_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]);
    for route in mainstay_api::routes() {
        let path = route
            .path
            .replace("/api/v1", "")
            .replace("{number}", "INC-1")
            .replace("{relation}", "child_of")
            .replace("{to}", "INC-2");
        let path: String =
            path.split('/').map(|part| if part.starts_with('{') { "1" } else { part }).collect::<Vec<_>>().join("/");
        let path =
            if route.method == "POST" && path.ends_with("/attachments") { format!("{path}?name=a") } else { path };
        let path = match path.as_str() {
            "/search" => "/search?q=a".to_owned(),
            "/reports/1/records" => format!("{path}?row=a&column=b"),
            _ if path == "/people/1/merge" && route.method == "GET" => format!("{path}?other=2"),
            _ if path.ends_with("/map/export") => format!("{path}?format=svg"),
            _ if path.ends_with("/export") => format!("{path}?format=csv"),
            _ if path.ends_with("/as-of") => format!("{path}?at=2025-01-01T00:00:00Z"),
            _ if path.ends_with("/calendar") => format!("{path}?from=2025-01-01T00:00:00Z&until=2025-01-02T00:00:00Z"),
            _ if path.ends_with("/what-if") => format!("{path}?from=2025-01-01T00:00:00Z&until=2025-01-02T00:00:00Z"),
            _ => path,
        };
        for client in [&stranger, &wrong] {
            let body = json!({ "name": "n", "body": "b", "relation": "child_of", "to": "INC-2", "title": "t", "verb": "take", "numbers": [], "up_to": 1, "person": 1 });
            let only = match path.as_str() {
                _ if path.ends_with("/tokens") => json!({ "name": "n" }),
                "/me/zone" => json!({ "zone": "UTC" }),
                "/me/language" => json!({ "language": "de" }),
                "/me/sign-out" | "/installation/begin" | "/demo" | "/me/deputy" => json!({}),
                "/me/shortcuts" => json!({ "use": "off" }),
                "/me/notices" => json!({ "kinds": {} }),
                "/me/pins" => json!({ "views": [] }),
                "/export-schedules" => {
                    json!({ "process": "p", "name": "n", "format": "csv", "every": "day", "time": "07:00" })
                }
                _ if path.contains("/export-schedules/") => json!({}),
                _ if path.contains("-candidates/") && path.ends_with("/open") => json!({}),
                _ if path.contains("-candidates/") => json!({ "reason": "r" }),
                _ if path.ends_with("/feed") => json!({ "source": "s", "rows": [] }),
                _ if path.contains("/parked/") && path.ends_with("/match") => json!({ "record": "CI-1" }),
                _ if path.contains("/parked/") && path.ends_with("/ignore") => json!({ "reason": "r" }),
                _ if path.contains("/parked/") => json!({}),
                _ if path.contains("/discrepancies/") => json!({ "reason": "r" }),
                "/meetings" => json!({ "board": 1, "starts": "2030-01-01T00:00:00Z" }),
                _ if path.starts_with("/meetings/") && path.ends_with("/attend") => json!({ "present": true }),
                _ if path.starts_with("/meetings/") && path.ends_with("/items") => json!({ "number": "CHG-1" }),
                _ if path.starts_with("/meetings/") && path.ends_with("/vote") => {
                    json!({ "approval": 1, "answer": "approve", "version": 1 })
                }
                _ if path.starts_with("/meetings/") && path.ends_with("/decide") => json!({ "decision": "voted" }),
                _ if path.starts_with("/meetings/") && (path.ends_with("/cancel") || path.ends_with("/remove")) => {
                    json!({ "reason": "r" })
                }
                _ if path.starts_with("/meetings/") => json!({}),
                _ if path.ends_with("/snooze") => json!({ "until": "2030-01-01T00:00:00Z" }),
                _ if path.contains("/macros/") || path.ends_with("/undo") || path.starts_with("/notices/1/") => {
                    json!({})
                }
                _ if path.contains("/access/") || path.ends_with("/restore") => json!({}),
                "/notices/read" => json!({ "up_to": 1 }),
                _ if path.ends_with("/comments") => json!({ "body": "b" }),
                _ if path.ends_with("/links") => json!({ "relation": "child_of", "to": "INC-2" }),
                _ if path.ends_with("/watchers") => json!({}),
                _ if path.ends_with("/me/looks") => json!({ "theme": "dark", "density": "compact" }),
                _ if path.ends_with("/me/writing") => json!({ "rich": true }),
                _ if path.ends_with("/merge") && path.starts_with("/people/") => json!({ "other": 1 }),
                _ if path.ends_with("/give") || path.ends_with("/withdraw") => json!({ "person": 1 }),
                _ if path.ends_with("/holidays") => json!({ "file": "", "first": 2025, "last": 2025 }),
                _ if path.ends_with("/bulk") => json!({ "verb": "take", "numbers": ["INC-1"] }),
                _ if path.ends_with("/time") || path.ends_with("/time/1") => json!({ "minutes": 1 }),
                _ if path.ends_with("/tasks") || path.ends_with("/split") => json!({ "title": "t" }),
                _ if path.ends_with("/legal-hold") => json!({ "held": true, "reason": "r" }),
                _ if path.ends_with("/tasks/1") => json!({ "title": "t" }),
                _ if path.contains("/conflicts/") => json!({ "reason": "r" }),
                _ if path.ends_with("/approvals/1") => json!({ "answer": "approve", "version": 1 }),
                _ if path.ends_with("/exclude") => {
                    json!({ "from": "2025-01-01T00:00:00Z", "to": "2025-01-02T00:00:00Z", "reason": "r" })
                }
                _ => body,
            };
            let client = if route.method == "PATCH" { client.and("if-match", "\"1\"") } else { client.clone() };
            let answer = client.json(&route.method, &path, &only).await;
            answer.problem(401, "not_signed_in");
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{path}");
        }
    }
}

#[tokio::test]
async fn s_39_only_one_token_of_the_right_shape_is_taken() {
    let door = Door::sqlite().await;
    let token = door.house.token(door.house.cast.agent, &["*"]).await;
    door.with(&[("authorization", &format!("bearer {token}"))]).get("/me").await.ok();
    let wrong = [
        token.clone(),
        format!("Basic {token}"),
        format!("Bearer  {token}"),
        format!("Bearer {token} "),
        format!("Bearer {token}\0"),
        format!("Bearer {}", token.to_uppercase()),
        "Bearer ".into(),
        "Bearer".into(),
        format!("Bearer {token},{token}"),
    ];
    for text in wrong.iter().filter(|text| !text.contains('\0')) {
        door.with(&[("authorization", text)]).get("/me").await.problem(401, "not_signed_in");
    }
    let twice = format!("Bearer {token}");
    door.with(&[("authorization", &twice), ("authorization", &twice)]).get("/me").await.problem(401, "not_signed_in");
}

/// A session of a person, as the cookie and as the token that its pages carry.
async fn session(door: &Door, person: i64) -> (String, String) {
    let (desk, now) = (door.house.desk.clone(), door.house.clock.reading());
    let begun = door.house.desk.db().write(move |conn| -> mainstay_desk::Result<(String, String)> {
        let key = InstallationKey::load(conn)?;
        conn.run(
            "INSERT INTO account (person, disabled, updated) VALUES ($1, FALSE, 1) ON CONFLICT DO NOTHING",
            &[person.into()],
        )?;
        let (secret, digest) = sessions::draw(&key, desk.entropy());
        let new = sessions::NewSession { person, mfa: false, address: "127.0.0.1".into(), agent: String::new() };
        sessions::begin(conn, &digest, &new, sessions::Limits::default(), now)?;
        Ok((format!("__Host-mainstay={}", secret.reveal()), csrf::token(&key, &digest)))
    });
    begun.await.expect("a session")
}

#[tokio::test]
async fn s_43_with_a_cookie_only_our_own_pages_change_things() {
    let door = Door::sqlite().await;
    let (cookie, token) = session(&door, door.house.cast.agent).await;
    let signed_in = door.with(&[("cookie", &cookie)]);
    signed_in.get("/me").await.ok();
    let body = json!({ "title": "Printer" });
    let own = [("sec-fetch-site", "same-origin"), ("origin", BASE_URL), ("x-csrf-token", &token)];
    for (name, value) in own {
        signed_in.and(name, value).post("/incidents", &body).await.ok();
    }
    let foreign = [
        ("sec-fetch-site", "cross-site"),
        ("origin", "http://evil.example"),
        ("x-csrf-token", "0000"),
        ("x-other", "1"),
    ];
    for (name, value) in foreign {
        signed_in.and(name, value).post("/incidents", &body).await.problem(403, "foreign_origin");
    }
    let stolen = signed_in.and("x-csrf-token", &token).and("origin", "http://evil.example");
    stolen.post("/incidents", &body).await.problem(403, "foreign_origin");
}

#[tokio::test]
async fn every_answer_is_private_and_says_nothing_of_the_server() {
    let door = Door::sqlite().await;
    let agent = door.by(door.house.cast.agent).await;
    for answer in [
        agent.get("/me").await,
        agent.get("/nowhere").await,
        door.with(&[]).get("/me").await,
        agent.raw("DELETE", "/me", "").await,
    ] {
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
        let said = format!("{:?}{}", answer.headers, String::from_utf8_lossy(&answer.bytes));
        assert!(!said.contains(env!("CARGO_PKG_VERSION")), "{said}");
    }
}

#[tokio::test]
async fn what_is_not_understood_is_refused_by_its_own_status() {
    let door = Door::sqlite().await;
    let agent = door.by(door.house.cast.agent).await;
    let json = agent.and("content-type", "application/json");
    agent.get("/nowhere").await.problem(404, "not_found");
    agent.get("/incidents/").await.problem(404, "not_found");
    agent.get("/incidents/%FF").await.problem(404, "not_found");
    agent.get("/people/abc").await.problem(404, "not_found");
    let answer = agent.raw("DELETE", "/incidents", "").await;
    answer.problem(405, "method_not_allowed");
    assert!(
        answer.header("allow").contains("GET") && answer.header("allow").contains("POST"),
        "{}",
        answer.header("allow")
    );
    for query in
        ["limit=0", "limit=201", "colour=red", "after=%20", "limit=1&limit=2", "filter=%00", "count=yes", "view=x"]
    {
        agent.get(&format!("/incidents?{query}")).await.problem(400, "bad_query");
    }
    agent.get("/incidents?filter=phase%20%3D").await.problem(422, "bad_filter");
    agent.get("/incidents?sort=nothing").await.problem(422, "invalid_fields");
    agent.get("/incidents/INC-1?verbose=1").await.problem(400, "bad_query");
    json.raw("POST", "/incidents", "{").await.problem(400, "not_json");
    json.raw("POST", "/incidents", "{\"title\":1e999}").await.problem(400, "not_json");
    json.raw("POST", "/incidents", "[".repeat(50_000)).await.problem(400, "too_deep");
    json.raw("POST", "/incidents", "[]").await.problem(422, "not_an_object");
    json.raw("POST", "/incidents", "{\"title\":\"a\\u0000\"}").await.problem(422, "control_character");
    agent.and("content-type", "text/plain").raw("POST", "/incidents", "{}").await.problem(415, "not_json");
    agent.raw("POST", "/incidents", "{}").await.problem(415, "not_json");
    agent.and("idempotency-key", "a b").post("/incidents", &json!({ "title": "x" })).await.problem(400, "bad_header");
    let unknown =
        agent.post("/incidents", &json!({ "title": "x", "colour": "red", "opened": "2001-01-01T00:00:00Z" })).await;
    assert_eq!(unknown.problem(422, "invalid_fields")["errors"][0]["code"], "unknown_field");
}

#[tokio::test]
async fn bodies_and_files_have_their_limits() {
    let house = House::sqlite().await;
    let router = mainstay_api::router(
        Api::new(house.desk.clone(), BASE_URL).with_limits(Limits { body: 1000, attachment: 10_000 }),
    );
    let door = Door { house, router };
    let agent = door.by(door.house.cast.agent).await;
    agent.post("/incidents", &json!({ "title": "x", "symptoms": "y".repeat(1000) })).await.problem(413, "too_large");
    agent.post("/incidents", &json!({ "title": "x" })).await.ok();
    let path = "/incidents/INC-1/attachments?name=a.bin";
    agent.raw("POST", path, vec![0; 10_001]).await.problem(413, "too_large");
    agent.raw("POST", path, "").await.problem(422, "empty_file");
    agent
        .and("content-type", "multipart/form-data; boundary=x")
        .raw("POST", path, "--x")
        .await
        .problem(415, "not_a_file");
    agent.raw("POST", path, vec![0; 10_000]).await.ok();
}

#[tokio::test]
async fn gen_18_versions_travel_as_entity_tags() {
    let door = Door::sqlite().await;
    let agent = door.by(door.house.cast.agent).await;
    let made = agent.post("/incidents", &json!({ "title": "VPN" })).await;
    assert_eq!((made.status.as_u16(), made.header("location")), (201, "/api/v1/incidents/INC-1"));
    let tag = agent.get("/incidents/INC-1").await.header("etag").to_owned();
    assert_eq!(tag, made.header("etag"));
    let held = agent.and("if-none-match", &format!("\"0\", W/{tag}")).get("/incidents/INC-1").await;
    assert_eq!((held.status.as_u16(), held.bytes.len(), held.header("etag")), (304, 0, tag.as_str()));
    let edit = json!({ "title": "VPN again" });
    agent.json("PATCH", "/incidents/INC-1", &edit).await.problem(428, "version_needed");
    agent.and("if-match", "1").json("PATCH", "/incidents/INC-1", &edit).await.problem(400, "bad_header");
    let changed = agent.and("if-match", &tag).json("PATCH", "/incidents/INC-1", &edit).await;
    assert_eq!(changed.ok()["title"], "VPN again");
    assert_ne!(changed.header("etag"), tag);
    agent.and("if-match", &tag).json("PATCH", "/incidents/INC-1", &edit).await.problem(409, "stale");
    agent
        .and("if-match", &tag)
        .post("/incidents/INC-1/cancel", &json!({ "cancel_reason": "raised_in_error" }))
        .await
        .problem(409, "stale");
    let fresh = agent.get("/incidents/INC-1").await;
    assert_eq!(agent.and("if-none-match", &tag).get("/incidents/INC-1").await.status.as_u16(), 200);
    assert_eq!(fresh.header("etag"), changed.header("etag"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_request_again_does_nothing_and_answers_the_same() {
    for house in House::both().await {
        let door = Door::of(house);
        let (agent, other) = (door.by(door.house.cast.agent).await, door.by(door.house.cast.manager).await);
        let keyed = agent.and("idempotency-key", "k-1");
        let body = json!({ "title": "VPN" });
        // All at once, as a client does that lost its patience.
        let tries = futures(&keyed, &body).await;
        let numbers: Vec<_> = tries.iter().map(|a| a.ok()["number"].clone()).collect();
        assert!(numbers.iter().all(|n| *n == numbers[0]), "{}: {numbers:?}", door.house.kind());
        assert_eq!(tries.iter().filter(|a| a.header("idempotency-replayed") == "true").count(), tries.len() - 1);
        assert!(tries.iter().all(|a| a.status.as_u16() == 201
            && a.bytes == tries[0].bytes
            && a.header("location") == tries[0].header("location")));
        keyed.post("/incidents", &json!({ "title": "Other" })).await.problem(422, "idempotency_key_reused");
        keyed.post("/incidents?", &body).await.problem(422, "idempotency_key_reused");
        let theirs = other.and("idempotency-key", "k-1").post("/incidents", &body).await.ok();
        assert_ne!(theirs["number"], numbers[0], "keys are each person's own");
        // A refused request did nothing, so its key is free.
        let step = format!("/incidents/{}/cancel", numbers[0].as_str().expect("a number"));
        let keyed = agent.and("idempotency-key", "k-2");
        keyed.post(&step, &json!({})).await.problem(422, "invalid_fields");
        let right = json!({ "cancel_reason": "raised_in_error" });
        keyed.post(&step, &right).await.ok();
        keyed.post(&step, &right).await.ok();
        agent.post(&step, &right).await.problem(409, "wrong_state");
    }
}

async fn futures(client: &common::Client, body: &serde_json::Value) -> Vec<common::Answer> {
    let tasks: Vec<_> = (0..6)
        .map(|_| {
            let (client, body) = (client.clone(), body.clone());
            tokio::spawn(async move { client.post("/incidents", &body).await })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.expect("an answer"));
    }
    answers
}

#[tokio::test]
async fn a_tokens_last_use_is_noted() {
    let door = Door::sqlite().await;
    let agent = door.by(door.house.cast.agent).await;
    agent.get("/me").await.ok();
    let desk = door.house.desk.clone();
    for _ in 0..200 {
        let used = desk.read(&Credential::Engine, mainstay_desk::Channel::Engine, |session, _| {
            Ok(session.conn.one::<i64>("SELECT count(*) FROM token WHERE used IS NOT NULL", &[])?)
        });
        if used.await.expect("a count") == 1 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the use was never noted");
}
