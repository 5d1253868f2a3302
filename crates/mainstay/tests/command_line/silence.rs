//! What a log must never hold.

use crate::program::{Folder, mainstay, start_logging};

const PASSWORD: &str = "plum-otter-brass-canary";
const WRONG: &str = "wrong-otter-canary";
const WORDS: &str = "canary words of a record";

#[test]
fn no_line_of_the_log_holds_a_password_a_token_a_secret_path_or_the_words_of_a_record() {
    let folder = Folder::new();
    let (data, log) = (folder.path("data"), folder.path("log"));
    let printed = mainstay(&["--data", &data, "init"]).ends(0).out();
    let link = printed.split("/set-up/").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap().to_owned();
    let server = start_logging(&["--data", &data, "--set", "log=debug", "serve", "--listen", "127.0.0.1:0"], &log);
    let form = |path: &str, body: &str| {
        server.sends(&format!("POST {path} HTTP/1.1\nContent-Type: application/x-www-form-urlencoded"), body)
    };
    assert!(server.asks(&format!("GET /set-up/{link} HTTP/1.1")).starts_with("HTTP/1.1 200"));
    let first = form(&format!("/set-up/{link}"), &format!("name=Ada&email=ada@example.org&password={PASSWORD}"));
    assert!(first.starts_with("HTTP/1.1 303"), "{first}");
    assert!(form("/sign-in", &format!("email=ada@example.org&password={WRONG}")).starts_with("HTTP/1.1 4"));
    let signed_in = form("/sign-in", &format!("email=ada@example.org&password={PASSWORD}"));
    let session =
        signed_in.split("__Host-mainstay=").nth(1).and_then(|rest| rest.split(';').next()).unwrap().to_owned();
    assert!(server.asks(&format!("GET /me HTTP/1.1\nCookie: __Host-mainstay={session}")).contains("Ada"));
    let token = ["--data", &data, "token", "create", "--person", "ada@example.org", "--name", "canary", "--scope", "*"];
    let token = mainstay(&token).ends(0).out().trim().to_owned();
    let api = |what: &str, body: &str| {
        let head = format!("{what} HTTP/1.1\nAuthorization: Bearer {token}\nContent-Type: application/json");
        server.sends(&head, body)
    };
    assert!(api("POST /api/v1/incidents", &format!("{{\"title\":\"{WORDS}\"}}")).starts_with("HTTP/1.1 201"));
    assert!(api("POST /api/v1/incidents", &format!("{{\"title\":\"{WORDS}\"")).starts_with("HTTP/1.1 400"));
    assert!(api("POST /api/v1/incidents", &format!("{{\"nothing\":\"{WORDS}\"}}")).starts_with("HTTP/1.1 422"));
    assert!(api(&format!("GET /api/v1/me?token={token}"), "").starts_with("HTTP/1.1 400"));
    let invited = api("POST /api/v1/people", "{\"name\":\"Bob\",\"email\":\"bob@example.org\"}");
    let person = invited.split("\"id\":").nth(1).and_then(|rest| rest.split([',', '}']).next()).unwrap().to_owned();
    let made = api(&format!("POST /api/v1/people/{person}/access/link"), "");
    let invitation = made.split("/invitation/").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    assert!(server.asks(&format!("GET /invitation/{invitation} HTTP/1.1")).starts_with("HTTP/1.1 200"));
    assert!(server.asks(&format!("GET /nowhere/{invitation} HTTP/1.1")).starts_with("HTTP/1.1 404"));
    assert_eq!(server.stops(), Some(0));
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(text.contains("route=\"/set-up/{secret}\"") && text.contains("/api/v1/incidents"), "{text}");
    for secret in [PASSWORD, WRONG, WORDS, &link, &session, &token, &invitation] {
        let found = text.lines().find(|line| line.contains(secret));
        assert!(found.is_none(), "{secret} stands in {found:?}");
    }
}
