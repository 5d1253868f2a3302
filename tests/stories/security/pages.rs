//! What the pages keep out: forms of other sites, addresses of other hosts, files of other organisations, sessions
//! that outlive their rights.

use super::secrets::HOSTS;
use super::{bound, id, newest, role};
use crate::browser::{Browser, ORIGIN, PASSWORD, Pages};
use crate::client::{Client, Stage};
use crate::probe::PROCESS;
use crate::story;
use mainstay_desk::auth::cookie;
use serde_json::{Value as Json, json};

/// A path with something in the place of each variable part.
fn filled(path: &str, number: &str) -> String {
    let verb = PROCESS.transitions[0].verb;
    let parts = [("{number}", number), ("{verb}", verb), ("{register}", "people"), ("{plural}", PROCESS.plural)];
    let path = parts.iter().fold(path.to_owned(), |path, (part, with)| path.replace(part, with));
    let parts: Vec<&str> = path.split('/').map(|part| if part.starts_with('{') { "1" } else { part }).collect();
    parts.join("/")
}

/// What another site can make a browser say of where a request comes from.
const FOREIGN: [&[(&str, &str)]; 4] = [
    &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.test")],
    &[("sec-fetch-site", "same-site")],
    &[("origin", "null")],
    &[("origin", "https://desk.example.org.evil.test")],
];

story!(s_43_no_route_takes_anything_from_a_page_of_another_site, |stage| async move {
    let admin = stage.sign_in(stage.house.cast.admin).await;
    let pages = Pages::of(&stage).await;
    let browser = pages.browser(&stage, stage.house.cast.admin).await;
    let number = admin.report(json!({})).await;
    let before = newest(&stage).await;
    let mut refused = 0;
    for route in mainstay_web::all_routes().iter().filter(|route| route.method != "GET") {
        // These are nobody's without the secret of a link.
        let by_link = route.path.contains("{secret}");
        for headers in FOREIGN {
            let form = format!("_token={}&title=Mine&email=a&password=b", browser.token);
            let seen = browser.send("POST", &filled(&route.path, &number), &form, headers).await;
            assert_eq!(seen.status, 403, "{} {headers:?}", route.path);
            refused += i32::from(!by_link);
        }
    }
    // The API takes a session too, from our own pages only.
    let cookies = browser.cookie().to_owned();
    for route in mainstay_api::routes().iter().filter(|route| route.method != "GET") {
        for headers in FOREIGN {
            let with = [&[("cookie", cookies.as_str()), ("if-match", "\"1\"")], headers].concat();
            let body = Some(json!({ "title": "Mine" }));
            let answer = stage.stranger().send(&route.method, &filled(&route.path, &number), body, &with).await;
            answer.refused(403, "foreign_origin");
            refused += 1;
        }
    }
    assert!(refused > 250, "{refused}");
    assert_eq!(newest(&stage).await, before, "nothing was written");
});

story!(s_44_no_page_makes_an_address_from_what_a_request_says_of_its_host, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let admin = pages.browser(&stage, cast.admin).await;
    let number = stage.sign_in(cast.admin).await.report(json!({})).await;
    let record = format!("/incidents/{number}");
    for header in HOSTS.into_iter().filter(|(name, _)| *name != "origin") {
        for path in ["/", "/sign-in", "/incidents", &record, "/portal", "/me", "/nowhere", "/set-up/x", "/admin"] {
            let seen = admin.send("GET", path, "", &[header]).await;
            let all = format!("{:?} {}", seen.headers, seen.text).to_lowercase();
            assert!(!all.contains("evil.example"), "{header:?} {path}");
            assert!(seen.leads_to().is_empty() || seen.leads_to().starts_with('/'), "{path}: {}", seen.leads_to());
        }
        let path = format!("/admin/access/{}/link", cast.requester);
        let form = format!("_token={}", admin.token);
        let made = admin.send("POST", &path, &form, &[("sec-fetch-site", "same-origin"), header]).await;
        let link = made.text.split("id=\"link\"").nth(1).and_then(|rest| rest.split("value=\"").nth(1));
        let link = link.and_then(|rest| rest.split('"').next()).expect("a link");
        assert!(link.starts_with(&format!("{ORIGIN}/invitation/")) || link.starts_with(&format!("{ORIGIN}/password/")));
        assert!(!made.text.contains("evil.example"), "{header:?}");
        let entered = pages.stranger(7);
        let form = format!("email=requester%40bank.example&password={}", PASSWORD.replace(' ', "+"));
        let entered = entered.send("POST", "/sign-in", &form, &[("sec-fetch-site", "same-origin"), header]).await;
        assert!(entered.leads_to().is_empty() || entered.leads_to() == "/", "{header:?}");
    }
});

story!(s_48_the_pages_tell_a_stranger_neither_what_runs_here_nor_who_is_here, |stage| async move {
    let pages = Pages::of(&stage).await;
    let stranger = pages.stranger(8);
    let asset = stranger.get("/sign-in").await.text;
    let asset = asset.split("href=\"/assets/").nth(1).and_then(|rest| rest.split('"').next()).expect("an asset");
    let paths = ["/", "/sign-in", "/nowhere", "/set-up/x", "/invitation/x", "/admin", "/incidents/INC-1", "/files/1"];
    for path in paths.into_iter().chain([&*format!("/assets/{asset}"), "/assets/nothing.js", "/pick/people", "/%00"]) {
        for method in ["GET", "HEAD", "PUT", "OPTIONS"] {
            let seen = stranger.send(method, path, "", &[]).await;
            assert!(seen.headers.get("server").is_none() && seen.headers.get("x-powered-by").is_none(), "{path}");
            let text = if path.starts_with("/assets/") { String::new() } else { seen.text };
            let all = format!("{:?} {text}", seen.headers).to_lowercase();
            let words = ["axum", "sqlite", "postgres", "hyper", "bank.example", "panicked", "src/", ".rs:"];
            for word in words.into_iter().chain([concat!("v", env!("CARGO_PKG_VERSION"))]) {
                assert!(!all.contains(word), "{method} {path}: {word} in {all}");
            }
        }
    }
    // Whether there is such a person is not told by how long or what the answer is.
    let tried = async |email: &str| {
        let form = format!("email={}&password=guess", crate::client::encoded(email));
        let seen = stranger.send("POST", "/sign-in", &form, &[("sec-fetch-site", "same-origin")]).await;
        (seen.status, seen.text.replace(email, "").len())
    };
    assert_eq!(tried("agent@bank.example").await, tried("nobody@nowhere.xample").await);
});

/// The id of a new file at a record.
async fn file_of(admin: &Client, number: &str, internal: bool) -> i64 {
    let path = format!("incidents/{number}/attachments?name=a.txt&internal={internal}");
    id(&admin.send_bytes("POST", &path, b"bytes".to_vec(), &[]).await.ok())
}

story!(s_01_a_file_opens_only_for_who_may_see_its_record_and_its_side, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(cast.admin).await;
    let theirs = admin.report(json!({ "requester": cast.acme_requester })).await;
    let own = admin.report(json!({ "requester": cast.requester })).await;
    let foreign = file_of(&admin, &theirs, false).await;
    let internal = file_of(&admin, &own, true).await;
    let open = file_of(&admin, &own, false).await;
    let bank_agent = bound(&stage, &admin, "Agent", cast.retail_bank).await;
    let cases = [
        (cast.requester, vec![open], vec![foreign, internal]),
        (cast.acme_requester, vec![foreign], vec![open, internal]),
        (bank_agent, vec![open, internal], vec![foreign]),
        (cast.agent, vec![open, internal, foreign], vec![]),
        (cast.vendor, vec![], vec![open, internal, foreign]),
        (cast.representative, vec![foreign], vec![open, internal]),
    ];
    for (person, opened, closed) in cases {
        let browser = pages.browser(&stage, person).await;
        let nothing = plain(&browser.get("/files/999999").await.text);
        for id in opened {
            let seen = browser.get(&format!("/files/{id}")).await;
            assert_eq!((seen.status.as_u16(), seen.text.as_str()), (200, "bytes"), "{person} {id}");
            assert!(seen.headers["content-disposition"].to_str().expect("text").starts_with("attachment;"));
        }
        for id in closed {
            let seen = browser.get(&format!("/files/{id}")).await;
            assert_eq!(seen.status, 404, "{person} {id}");
            assert_eq!(plain(&seen.text), nothing, "what is closed and what is not there look alike");
        }
    }
    assert_eq!(
        pages.stranger(9).get(&format!("/files/{open}")).await.leads_to(),
        format!("/sign-in?next=%2Ffiles%2F{open}")
    );
});

/// A page without what is drawn anew for each answer.
fn plain(text: &str) -> String {
    let nonce = text.split("name=\"csp-nonce\" content=\"").nth(1).and_then(|rest| rest.split('"').next());
    nonce.map_or_else(|| text.to_owned(), |nonce| text.replace(nonce, ""))
}

/// Whether a browser is still let in.
async fn is_in(browser: &Browser) -> bool {
    browser.get("/me").await.status == 200
}

story!(s_42_a_session_ends_with_every_change_of_what_its_person_may_see, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let admin = stage.sign_in(cast.admin).await;
    let person = format!("people/{}", cast.agent_l2);
    let approver = role(&admin, "Approver").await;
    let changes: [(&str, Json); 5] = [
        ("roles", json!({ "grants": [{ "role": approver }] })),
        ("reach of a role", json!({ "grants": [{ "role": approver, "organisation": cast.acme }] })),
        ("teams", json!({ "teams": [cast.service_desk] })),
        ("organisation", json!({ "organisation": cast.acme })),
        ("being in use", json!({ "active": false })),
    ];
    for (what, change) in changes {
        let browser = pages.browser(&stage, cast.agent_l2).await;
        admin.patch(&person, json!({ "phone": format!("before {what}") })).await.ok();
        assert!(is_in(&browser).await, "a new number is no reason");
        admin.patch(&person, change).await.ok();
        assert!(!is_in(&browser).await, "{what}");
    }
});

story!(s_41_a_password_and_codes_are_changed_by_forms_and_give_the_session_a_new_secret, |stage| async move {
    let pages = Pages::of(&stage).await;
    let mut here = pages.browser(&stage, stage.house.cast.agent).await;
    let form = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let weak = here.post("/me/password", &form(&[("current_password", PASSWORD), ("password", "password")])).await;
    assert_eq!(weak.status, 422, "a weak one");
    let wrong =
        here.post("/me/password", &form(&[("current_password", "no"), ("password", "slow amber kettle")])).await;
    assert_eq!(wrong.status, 422, "not theirs to change");
    let begun = here.post("/me/codes", &form(&[("proof", PASSWORD)])).await;
    assert_eq!(begun.leads_to(), "/me/security");
    let page = here.get("/me/security").await.text;
    let secret = page.split("<code>").nth(1).and_then(|rest| rest.split("</code>").next()).expect("the secret");
    assert!(page.contains("<svg") && page.contains("class=\"qr\""), "and a picture of it");
    assert_eq!(here.post("/me/codes/confirm", &form(&[("code", "000000")])).await.status, 422);
    let code = code_of(&stage, secret);
    let old = here.clone();
    let done = here.post("/me/codes/confirm", &form(&[("code", &code)])).await;
    assert_eq!(done.leads_to(), "/me/security", "{}", done.text);
    assert!(here.keeps(&pages, &done) && is_in(&here).await);
    assert!(!is_in(&old).await, "the secret from before opens nothing");
    // From now on the password alone is not enough.
    let sign_in = |code: Option<String>| {
        let mut pairs = form(&[("email", "agent@bank.example"), ("password", PASSWORD)]);
        pairs.extend(code.map(|code| ("code".to_owned(), code)));
        let stranger = pages.stranger(11);
        async move { stranger.post("/sign-in", &pairs).await }
    };
    assert!(sign_in(None).await.status.is_client_error());
    stage.house.clock.set(stage.house.clock.reading() + 60_000);
    assert_eq!(sign_in(Some(code_of(&stage, secret))).await.leads_to(), "/");
    assert_eq!(here.post("/me/codes/remove", &form(&[("proof", "no")])).await.status, 422);
    let done = here.post("/me/codes/remove", &form(&[("proof", PASSWORD)])).await;
    assert!(done.leads_to() == "/me/security" && here.keeps(&pages, &done));
    let new = form(&[("current_password", PASSWORD), ("password", "slow amber kettle")]);
    let elsewhere = here.clone();
    let done = here.post("/me/password", &new).await;
    assert!(done.leads_to() == "/me/security" && here.keeps(&pages, &done), "{}", done.text);
    assert!(is_in(&here).await && !is_in(&elsewhere).await);
    assert!(cookie::SESSION.starts_with("__Host-"));
});

/// The code that an authenticator shows now.
fn code_of(stage: &Stage, secret: &str) -> String {
    let secret: String = secret.split_whitespace().collect();
    let secret = mainstay_desk::auth::totp::TotpSecret::from_base32(&secret).expect("a secret");
    let now = stage.house.clock.reading();
    secret.code(now.div_euclid(30_000))
}
