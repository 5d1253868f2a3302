//! Input that was made to break something: refused as what it is, never a fault.

use super::{id, newest};
use crate::client::{Client, encoded};
use crate::probe::PROCESS;
use crate::story;
use serde_json::{Value as Json, json};
use std::fmt::Write;
use std::time::{Duration, Instant};

const TEXTS: [&str; 22] = [
    "'",
    "\"",
    "' OR '1'='1",
    "1; DROP TABLE record; --",
    "title) UNION SELECT digest FROM token--",
    "-title, (SELECT 1)",
    "record.id",
    "%",
    "_",
    "\\",
    "$1",
    "?1",
    "{{7*7}}",
    "${jndi:ldap://x}",
    "../../etc/passwd",
    "\u{202e}",
    "\u{feff}title",
    "ⅷ",
    "-9223372036854775809",
    "1e309",
    "NaN",
    "[]",
];

story!(s_26_hostile_parameters_are_refused_or_found_to_mean_nothing, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, requester) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.requester).await);
    admin.report(json!({ "title": "100% sure_thing" })).await;
    let before = newest(&stage).await;
    let places = [
        "incidents?filter=",
        "incidents?sort=",
        "incidents?fields=",
        "incidents?after=",
        "incidents?limit=",
        "incidents?view=",
        "incidents/export?format=csv&sort=",
        "incidents/INC-",
        "attachments/",
        "search?q=",
        "search?q=a&after=",
        "people?name=",
        "people?after=",
        "events?after=",
        "reports/",
        "reports/volume?group_by=",
        "reports/volume?from=",
        "reports/volume?zone=",
        "reports/ad_hoc?of=",
        "reports/volume/records?row=total&column=",
    ];
    for client in [&admin, &requester] {
        for place in places {
            for text in TEXTS.into_iter().chain([long().as_str()]) {
                let answer = client.get(&format!("{place}{}", encoded(text))).await;
                let known = answer.status.as_u16() < 500 || answer.body["code"] == "search_unavailable";
                assert!(known, "{place}{text}: {} {}", answer.status, answer.text);
                let told = answer.text.to_lowercase();
                let of_database = ["syntax error", "sqlite", "postgres", "no such column", "near \\\""];
                assert!(!of_database.iter().any(|words| told.contains(words)), "{}", answer.text);
            }
        }
    }
    assert_eq!(newest(&stage).await, before);
    // Wildcards are letters like any others.
    for (part, found) in [("%", 1), ("_", 1), ("100%", 1), ("1%0", 0), ("sure_", 1), ("sure%", 0), ("s_re", 0)] {
        let filter = encoded(&format!("title contains \"{part}\""));
        let count = admin.get(&format!("incidents?count=true&filter={filter}")).await.ok()["count"].clone();
        assert_eq!(count, found, "{part}");
    }
    assert_eq!(admin.get("people?name=%25").await.ok()["items"], json!([]));
    assert_eq!(admin.get("people?name=_").await.ok()["items"], json!([]));
});

fn long() -> String {
    "a".repeat(9_000)
}

story!(s_28_words_of_people_are_never_templates, |stage| async move {
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let requester = stage.sign_in(cast.requester).await;
    let evil = "{title}{number} {{7*7}} ${7*7} <%= 7*7 %> {% for x in y %} #{7*7} {resolution";
    let rule = json!({
        "name": "Echo", "process": "incident", "event": "escalate", "audience": "requester",
        "subject": "{title}", "body": "{title} {unknown} {{title}} {",
    });
    admin.post("notification-rules", rule).await.ok();
    let number = requester.report(json!({ "title": evil })).await;
    admin.post(&format!("incidents/{number}/escalate"), json!({ "reason": "{title}" })).await.ok();
    let sql = "SELECT subject, body FROM outbox WHERE template = 'Echo'";
    let sent: Vec<(String, String)> = stage.house.desk.db().read(move |c| c.fetch(sql, &[])).await.expect("the outbox");
    let filled = format!("{evil} {{unknown}} {{{evil}}} {{");
    assert_eq!(sent, [(evil.to_owned(), filled)], "filled once, evaluated never");
});

story!(s_30_file_names_are_words_and_lead_nowhere, |stage| async move {
    let agent = stage.sign_in(stage.house.cast.agent).await;
    let number = agent.report(json!({})).await;
    let names = [
        "../../../etc/passwd",
        "..\\..\\windows\\system32\\cmd.exe",
        "/absolute",
        "C:\\x",
        ".htaccess",
        "\u{200b}.htaccess",
        "..",
        ".",
        "CON",
        "a\r\nSet-Cookie: x=1",
        "a\"; filename=\"b.html",
        "gpj.\u{202e}exe",
        "a\tb",
        "ü漢字.txt",
        " . ",
    ];
    for name in names.iter().map(|n| (*n).to_owned()).chain(["n".repeat(255), "é".repeat(255)]) {
        let path = format!("incidents/{number}/attachments?name={}", encoded(&name));
        let answer = agent.send_bytes("POST", &path, name.clone().into_bytes(), &[("content-type", "text/html")]).await;
        if answer.status.as_u16() == 400 {
            continue;
        }
        let made = answer.ok();
        let kept = made["name"].as_str().expect("a name");
        let odd = |c: char| c.is_control() || matches!(c, '/' | '\\' | '\u{200b}' | '\u{202e}' | '\u{feff}');
        assert!(!kept.is_empty() && !kept.starts_with('.') && !kept.contains(odd), "{name:?} became {kept:?}");
        assert!(kept.chars().count() <= 150);
        let file = agent.get(&format!("attachments/{}", id(&made))).await;
        let header = |name: &str| file.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        assert_eq!(file.text, name);
        assert!(header("content-disposition").starts_with("attachment; filename=\""), "{name:?}");
        assert_eq!(header("content-type"), "application/octet-stream");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(file.headers.get("set-cookie").is_none());
    }
});

/// Bodies that are no request of any kind.
fn bodies() -> Vec<Vec<u8>> {
    let mut bodies: Vec<Vec<u8>> = [
        "",
        "{",
        "[]",
        "null",
        "7",
        "\"text\"",
        "{\"title\":1e400}",
        "{\"title\":{\"$ne\":null}}",
        "{\"title\":[\"a\"]}",
        "{\"title\":\"\\u0000\"}",
        "{\"title\":\"\\ud800\"}",
        "{\"title\":99999999999999999999999}",
        "{\"a\":1,}",
        "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>",
        "title=a&body=b",
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .collect();
    bodies.push(vec![0xFF, 0xFE, 0x00]);
    bodies.push([b"[".repeat(20_000), b"]".repeat(20_000)].concat());
    bodies.push([b"{\"a\":".repeat(5_000), b"1".to_vec(), b"}".repeat(5_000)].concat());
    bodies
}

story!(s_32_bodies_that_are_no_request_are_refused_before_anything_happens, |stage| async move {
    let admin = stage.sign_in(stage.house.cast.admin).await;
    let number = admin.report(json!({})).await;
    let tag = format!("\"{}\"", admin.incident(&number).await["version"]);
    for route in mainstay_api::routes().iter().filter(|r| ["POST", "PATCH"].contains(&r.method.as_str())) {
        // A file is whatever bytes it is; a step without a need for words takes nothing as no words.
        if route.path.ends_with("/attachments") {
            continue;
        }
        let path =
            route.path.replace("{number}", &number).replace("{id}", "1").replace("{task}", "1").replace("{clock}", "1");
        for body in bodies() {
            let empty = body.is_empty();
            let before = newest(&stage).await;
            let headers = [("content-type", "application/json"), ("if-match", tag.as_str())];
            let answer = admin.send_bytes(&route.method, &path, body.clone(), &headers).await;
            let status = answer.status.as_u16();
            let fine = empty && status < 300;
            assert!(
                fine || (400..500).contains(&status),
                "{} {path} {:?}: {status} {}",
                route.method,
                short(&body),
                answer.text
            );
            assert!(fine || newest(&stage).await == before, "{} {path} {:?}", route.method, short(&body));
        }
    }
    let huge = json!({ "title": "x".repeat(2 << 20) });
    admin.post("incidents", huge).await.refused(413, "too_large");
    let typed =
        admin.send_bytes("POST", "incidents", b"{\"title\":\"a\"}".to_vec(), &[("content-type", "text/plain")]).await;
    typed.refused(415, "not_json");
});

fn short(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned()
}

/// Conditions that make careless parsers and matchers run for ever.
fn evil() -> Vec<String> {
    let mut all = vec![
        "(".repeat(4_000),
        "not ".repeat(999) + "title is empty",
        "(".repeat(1_500) + "title is empty" + &")".repeat(1_500),
        vec!["title is empty"; 250].join(" or "),
        format!("title in ({})", vec!["\"a\""; 990].join(",")),
        format!("title contains \"{}\"", "a".repeat(3_900)),
        format!("title contains \"{}b\"", "a%".repeat(1_900)),
        format!("title contains \"{}\"", "\\u{ff}".repeat(500)),
        "\"".repeat(3_999),
        "-".repeat(3_999),
        "title = ".repeat(400),
    ];
    for n in 0..90 {
        let mut text = String::new();
        for part in ["(a+)+$", "(a|aa)+$", "(.*a){20}", "([a-zA-Z]+)*", "^(a?){30}a{30}$"] {
            // Writing to a String cannot fail.
            let _ = write!(text, "{}{}", part, "a".repeat(n));
        }
        all.push(format!("title contains \"{}\"", text.replace('"', "")));
    }
    all
}

story!(s_34_no_pattern_keeps_the_server_busy, |stage| async move {
    let agent = stage.sign_in(stage.house.cast.agent).await;
    agent.report(json!({ "title": "a".repeat(200), "symptoms": "a".repeat(50_000) })).await;
    for condition in evil() {
        let began = Instant::now();
        let answer = agent.get(&format!("incidents?filter={}", encoded(&condition))).await;
        assert!(answer.status.as_u16() < 500, "{condition:.60}: {}", answer.text);
        assert!(began.elapsed() < Duration::from_secs(2), "{condition:.60} took {:?}", began.elapsed());
    }
    for text in ["(a+)+$ ".repeat(60), "\"".repeat(400), "-a ".repeat(150), "a* ".repeat(150)] {
        let began = Instant::now();
        let answer = agent.get(&format!("search?q={}", encoded(&text))).await;
        assert!(answer.status.as_u16() < 500 || answer.body["code"] == "search_unavailable", "{}", answer.text);
        assert!(began.elapsed() < Duration::from_secs(2), "{text:.60}");
    }
});

async fn step_refused(admin: &Client, number: &str, verb: &str) {
    let answer = admin.post(&format!("{}/{number}/{verb}", PROCESS.plural), json!({})).await;
    assert!([400, 404, 405].contains(&answer.status.as_u16()), "{verb}: {} {}", answer.status, answer.text);
}

story!(s_35_only_declared_verbs_exist, |stage| async move {
    let admin = stage.sign_in(stage.house.cast.admin).await;
    let number = admin.report(json!({})).await;
    let before = newest(&stage).await;
    for verb in [
        "delete",
        "Take",
        "TAKE",
        "take/",
        "take%00",
        "take%2F..",
        "..%2fbulk",
        "opened",
        "updated",
        "absorbed",
        "flagged",
        "class",
        "__init__",
        "resolve_all",
        "%74ake2",
    ] {
        step_refused(&admin, &number, verb).await;
    }
    let bulk = |verb: &str| json!({ "verb": verb, "numbers": [number] });
    for verb in ["delete", "opened", "Take", "flagged"] {
        admin.post("incidents/bulk", bulk(verb)).await.refused(422, "unknown_verb");
    }
    for verb in ["resolve_with_parent", "auto_close"] {
        let answer = admin.post("incidents/bulk", bulk(verb)).await.ok();
        assert_eq!(answer["results"][0]["done"], false, "{verb}: {answer}");
    }
    for header in ["x-http-method-override", "x-http-method", "x-method-override"] {
        let answer = admin.send("GET", &format!("incidents/{number}"), None, &[(header, "DELETE")]).await;
        assert_eq!(answer.status.as_u16(), 200);
    }
    for method in ["PUT", "DELETE", "PROPFIND", "CONNECT"] {
        let status = admin.send(method, &format!("incidents/{number}"), None, &[]).await.status.as_u16();
        assert_eq!(status, 405, "{method}");
    }
    assert_eq!(admin.put(&format!("incidents/{number}"), json!({ "title": "x" })).await.status.as_u16(), 405);
    for process in ["record", "event", "account", "session", "setting", "INCIDENTS", "incidents%20", "..%2ftokens"] {
        let status = admin.get(&format!("{process}/{number}")).await.status.as_u16();
        assert_eq!(status, 404, "{process}");
    }
    assert_eq!(newest(&stage).await, before);
    let none: Json = admin.get(&format!("incidents/{number}")).await.ok();
    assert_eq!(none["state"], "new");
});
