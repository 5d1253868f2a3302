//! What is secret stays where it is kept; what the server says of itself is nothing.

use crate::client::{Client, Stage};
use crate::probe::{Aim, Probe, process_of};
use crate::story;
use mainstay_desk::Channel;
use mainstay_desk::auth::links::{self, Errand};
use mainstay_desk::auth::sessions::{self, Limits, NewSession};
use mainstay_desk::auth::totp::TotpSecret;
use mainstay_desk::auth::{InstallationKey, Occasion, Password, Passwords, Secret, accounts};
use mainstay_engine::process::Process;
use serde_json::json;
use std::collections::BTreeMap;

story!(s_02_every_secret_that_opens_something_holds_256_bits, |stage| async move {
    let entropy = stage.house.desk.entropy();
    let secrets: Vec<String> = (0..50).map(|_| Secret::draw(entropy).reveal().to_owned()).collect();
    let token = stage.house.token(stage.house.cast.agent, &["read"]).await;
    for secret in secrets.iter().map(String::as_str).chain(token.strip_prefix("mainstay_")) {
        // 43 characters of base64url are 256 bits and more than 128 by any count.
        assert_eq!(secret.len(), 43);
        assert!(secret.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
    }
    let mut unique = secrets.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), secrets.len());
});

/// Puts one of everything secret into the database.
pub async fn planted(stage: &Stage) -> Vec<String> {
    let (desk, now, person) = (stage.house.desk.clone(), stage.house.clock.reading(), stage.house.cast.agent);
    let hash = Passwords::hash_here(&Password::new("correct horse battery staple"), desk.entropy());
    let planted = stage.house.desk.db().write(move |conn| -> mainstay_desk::Result<Vec<String>> {
        let key = InstallationKey::load(conn)?;
        let by = Occasion { actor: None, channel: Channel::Command, now };
        accounts::set_password(conn, by, person, &hash)?;
        let totp = TotpSecret::draw(desk.entropy());
        accounts::begin_totp(conn, by, person, &totp)?;
        let (secret, digest) = sessions::draw(&key, desk.entropy());
        let session = NewSession { person, mfa: false, address: "192.0.2.1".into(), agent: "Browser".into() };
        sessions::begin(conn, &digest, &session, Limits::default(), now)?;
        let link = Secret::draw(desk.entropy());
        links::issue(conn, &key, &link, Errand::PasswordReset, Some(person), now)?;
        Ok(vec![secret.reveal().to_owned(), link.reveal().to_owned(), totp.base32()])
    });
    planted.await.expect("the secrets are kept")
}

/// Everything secret that the database holds.
async fn kept(stage: &Stage) -> Vec<String> {
    let sql = "SELECT digest FROM token UNION SELECT digest FROM session UNION SELECT digest FROM secret_link
               UNION SELECT password_hash FROM account WHERE password_hash IS NOT NULL
               UNION SELECT totp_secret FROM account WHERE totp_secret IS NOT NULL
               UNION SELECT value FROM setting WHERE key = 'installation_key'";
    stage.house.desk.db().read(move |conn| conn.fetch(sql, &[])).await.expect("the secrets")
}

async fn aim(stage: &Stage, admin: &Client, process: &'static Process) -> Aim {
    let cast = &stage.house.cast;
    let classes = admin.get("item-classes?limit=1").await.ok();
    let class = classes["items"][0]["id"].as_i64().expect("a class");
    let entries: BTreeMap<&'static str, i64> =
        [("people", cast.agent), ("organisations", cast.acme), ("item-classes", class)].into();
    let rest = Aim {
        process,
        number: String::new(),
        other: String::new(),
        linked: String::new(),
        attachment: 0,
        task: 0,
        clock: 0,
        comment: 0,
        time: 0,
        event: 0,
        person: cast.agent,
        entries,
        token: 1,
        team: cast.network,
        category: cast.vpn_category,
    };
    Aim::at(admin, process, cast.requester, None, &rest).await
}

story!(s_41_s_42_no_answer_holds_a_digest_a_hash_or_a_key, |stage| async move {
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let mut aims = BTreeMap::new();
    for process in mainstay_processes::ALL {
        aims.insert(process.key, aim(&stage, &admin, process).await);
    }
    let mut secrets = planted(&stage).await;
    secrets.extend(kept(&stage).await);
    assert!(secrets.len() >= 8, "{}", secrets.len());
    let mut asked = 0;
    for person in [cast.admin, cast.auditor, cast.agent] {
        let client = stage.sign_in(person).await;
        for route in mainstay_api::routes().iter().filter(|r| r.method == "GET") {
            let mut answer = Probe::of(route, &aims[process_of(&route.path).key]).sent(&client, &admin).await;
            loop {
                asked += 1;
                for secret in &secrets {
                    assert!(!answer.text.contains(secret.as_str()), "{}: {}", route.path, answer.text);
                }
                let words = ["argon2", "password_hash", "totp_secret", "\"digest\""];
                let said = words.iter().find(|word| answer.text.contains(**word));
                assert!(said.is_none(), "{}: {said:?}", route.path);
                let Some(next) = answer.body["next"].as_str().filter(|_| route.path.ends_with("/events")) else {
                    break;
                };
                if answer.body["more"] != true {
                    break;
                }
                answer = client.get(&format!("events?after={next}")).await;
            }
        }
    }
    assert!(asked > 200, "{asked}");
});

pub const HOSTS: [(&str, &str); 20] = [
    ("host", "evil.example"),
    ("host", "127.0.0.1:80@evil.example"),
    ("host", "evil.example:443"),
    ("host", "127.0.0.1.evil.example"),
    ("host", "EVIL.example"),
    ("host", "[::1]evil.example"),
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-host", "127.0.0.1, evil.example"),
    ("x-forwarded-server", "evil.example"),
    ("x-forwarded-proto", "https://evil.example"),
    ("x-forwarded-prefix", "//evil.example"),
    ("x-host", "evil.example"),
    ("x-original-host", "evil.example"),
    ("x-original-url", "//evil.example/"),
    ("x-rewrite-url", "//evil.example/"),
    ("x-http-host-override", "evil.example"),
    ("forwarded", "host=evil.example;proto=https"),
    ("origin", "https://evil.example"),
    ("referer", "https://evil.example/"),
    ("via", "1.1 evil.example"),
];

story!(s_44_no_address_is_made_from_what_a_request_says_of_its_host, |stage| async move {
    let cast = stage.house.cast.clone();
    let requester = stage.sign_in(cast.requester).await;
    for header in HOSTS {
        let made = requester.send("POST", "incidents", Some(json!({ "title": "Printer" })), &[header]).await;
        let location = made.headers["location"].to_str().expect("an address").to_owned();
        assert!(location.starts_with("/api/v1/incidents/INC-"), "{header:?}: {location}");
        for path in ["me", "openapi.json", "nothing-here", "notices"] {
            let answer = requester.send("GET", path, None, &[header]).await;
            let all = format!("{:?} {}", answer.headers, answer.text).to_lowercase();
            assert!(!all.contains("evil.example"), "{header:?} {path}: {all}");
        }
    }
    let sent: Vec<(String, String)> =
        stage.house.desk.db().read(|c| c.fetch("SELECT subject, body FROM outbox", &[])).await.expect("the outbox");
    assert!(!sent.is_empty() && sent.iter().all(|(subject, body)| !format!("{subject}{body}").contains("evil")));
});

story!(s_48_a_stranger_learns_neither_what_runs_here_nor_who_is_here, |stage| async move {
    let stranger = stage.stranger();
    for path in
        ["", "me", "openapi.json", "incidents", "people/1", "nothing", "../healthz", "tokens", "%00", "attachments/1"]
    {
        for method in ["GET", "POST", "DELETE", "OPTIONS"] {
            let answer = stranger.send(method, path, None, &[]).await;
            let all = format!("{:?} {}", answer.headers, answer.text).to_lowercase();
            assert!(answer.headers.get("server").is_none() && answer.headers.get("x-powered-by").is_none());
            let version = env!("CARGO_PKG_VERSION");
            for word in [version, "axum", "rust", "sqlite", "postgres", "hyper", "bank.example", "panicked", "src/"] {
                assert!(!all.contains(word), "{method} {path}: {word} in {all}");
            }
        }
    }
    // Known and unknown names of things are refused alike.
    let known = stranger.get(&format!("people/{}", stage.house.cast.agent)).await;
    let unknown = stranger.get("people/999999").await;
    assert_eq!((known.status, known.text), (unknown.status, unknown.text));
});
