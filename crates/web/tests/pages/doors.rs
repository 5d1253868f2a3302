//! Getting in and out, and who is let through to what.

use axum::http::StatusCode;
use mainstay_desk::auth::Secret;
use mainstay_desk::auth::links::{self, Errand};
use mainstay_desk::auth::{InstallationKey, cookie};

use crate::visitor::{ORIGIN, PASSWORD, Site, process};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_land_in_their_queue_and_everybody_else_in_the_portal() {
    let site = Site::open().await;
    let mut agent = site.agent().await;
    assert!(agent.get("/").await.leads_to().starts_with(&format!("/{}?view=", process().plural)));
    let mut requester = site.visitor("requester@bank.example").await;
    for path in ["/", "/search", &format!("/{}", process().plural), &format!("/{}/filter", process().plural)] {
        assert_eq!(requester.get(path).await.leads_to(), "/portal", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_40_whatever_is_wrong_the_answer_is_the_same() {
    let site = Site::open().await;
    let mut said = Vec::new();
    for (email, password) in [("agent@bank.example", "wrong"), ("nobody@bank.example", "wrong"), ("<b>", PASSWORD)] {
        let answer = site.stranger().post("/sign-in", &[("email", email), ("password", password)]).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.headers.get("set-cookie").is_none(), "nothing is kept of a stranger");
        let escaped = email.replace('<', "&lt;").replace('>', "&gt;");
        assert!(answer.text.contains(&format!("value=\"{escaped}\"")), "the address need not be typed again");
        let nonce = answer.value("csp-nonce").unwrap_or_default();
        said.push(answer.text.replace(&escaped, "").replace(&nonce, ""));
    }
    let summary =
        |text: &str| text[text.find("error-summary").expect("a summary")..].split("</ul>").next().map(str::to_owned);
    assert_eq!(summary(&said[0]), summary(&said[1]));
    assert_eq!(summary(&said[0]), summary(&said[2]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_47_who_guesses_is_asked_to_wait_and_told_how_long() {
    let site = Site::open().await;
    let mut stranger = site.stranger();
    let mut last = None;
    for _ in 0..7 {
        last = Some(stranger.post("/sign-in", &[("email", "agent@bank.example"), ("password", "guess")]).await);
    }
    let answer = last.expect("an answer");
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    let seconds: i64 = answer.headers["retry-after"].to_str().expect("text").parse().expect("seconds");
    assert!((1..=120).contains(&seconds) && answer.text.contains(&format!("Try again in {seconds} seconds")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_45_after_signing_in_one_is_led_on_within_this_site_only() {
    let site = Site::open().await;
    let asked = site.stranger().get("/me?a=1").await;
    assert_eq!(asked.leads_to(), "/sign-in?next=%2Fme%3Fa%3D1");
    for (next, place) in
        [("/me?a=1", "/me?a=1"), ("//evil.test", "/"), ("https://evil.test", "/"), ("/\\evil.test", "/")]
    {
        let form = [("email", "agent@bank.example"), ("password", PASSWORD), ("next", next)];
        let answer = site.stranger().post("/sign-in", &form).await;
        assert_eq!(answer.leads_to(), place, "{next}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_41_s_42_a_session_ends_at_once_and_for_good() {
    let site = Site::open().await;
    let mut agent = site.agent().await;
    agent.get("/me").await;
    let kept = agent.clone();
    assert_eq!(agent.post("/sign-out", &[]).await.leads_to(), "/sign-in");
    assert!(!agent.cookies.contains_key(cookie::SESSION));
    assert!(kept.clone().get("/me").await.leads_to().starts_with("/sign-in"), "the old secret opens nothing");

    let (mut here, mut there) = (site.agent().await, site.agent().await);
    here.get("/me/security").await;
    assert_eq!(here.post("/me/sessions/end-all", &[]).await.status, StatusCode::SEE_OTHER);
    assert!(there.get("/me").await.leads_to().starts_with("/sign-in"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_elsewhere_can_be_ended_by_its_line_in_the_list() {
    let site = Site::open().await;
    let (mut here, mut there) = (site.agent().await, site.agent().await);
    let page = here.get("/me/security").await;
    let name = page.value("session").expect("another session is listed");
    assert_eq!(here.post("/me/sessions/end", &[("session", &name)]).await.status, StatusCode::SEE_OTHER);
    assert!(there.get("/me").await.leads_to().starts_with("/sign-in"));
    assert_eq!(here.get("/me").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_43_a_form_of_another_site_changes_nothing() {
    let site = Site::open().await;
    let mut agent = site.agent().await;
    let record = agent.new_record("The till is dead").await;
    let page = agent.get(&record).await;
    let version = page.value("version").expect("a version");
    let token = agent.token.clone();
    let form = [("_token", token.as_str()), ("version", &version), ("_fields", "title"), ("title", "Mine now")];
    let edit = format!("{record}/edit");
    let foreign: [&[(&str, &str)]; 4] = [
        &[("sec-fetch-site", "cross-site"), ("origin", ORIGIN)],
        &[("origin", "https://evil.test")],
        &[("sec-fetch-site", "same-site")],
        &[],
    ];
    for headers in foreign {
        assert_eq!(agent.post_as(&edit, &form, headers).await.status, StatusCode::FORBIDDEN, "{headers:?}");
    }
    let own = [("sec-fetch-site", "same-origin")];
    for token in ["", "0", &token[1..]] {
        let form = [("_token", token), ("version", &version), ("_fields", "title"), ("title", "Mine now")];
        assert_eq!(agent.post_as(&edit, &form, &own).await.status, StatusCode::FORBIDDEN, "{token:?}");
    }
    let other = site.agent().await;
    assert_ne!(other.token, token, "a token belongs to one session");
    assert!(agent.get(&record).await.text.contains("The till is dead"));
    assert_eq!(agent.post_as(&edit, &form, &own).await.status, StatusCode::SEE_OTHER, "with all of it, it is taken");
    let stranger = site.stranger().post_as("/sign-in", &[("email", "a"), ("password", "b")], &foreign[0][..1]).await;
    assert_eq!(stranger.status, StatusCode::FORBIDDEN, "nobody is signed in by another site");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_11_the_first_administrator_is_made_once_by_the_one_link() {
    let site = Site::open().await;
    let secret = Secret::draw(site.house.desk.entropy());
    let (drawn, now) = (secret.clone(), site.house.clock.reading());
    let issued = site.house.desk.db().write(move |conn| -> mainstay_desk::Result<()> {
        let key = InstallationKey::load(conn)?;
        links::issue(conn, &key, &drawn, Errand::FirstAdministrator, None, now)
    });
    issued.await.expect("a link");
    let path = format!("/set-up/{}", secret.reveal());
    let mut first = site.stranger();
    assert_eq!(first.get("/set-up/nonsense").await.status, StatusCode::NOT_FOUND);
    assert_eq!(first.get(&path).await.status, StatusCode::OK);
    let weak = first.post(&path, &[("name", "Ada"), ("email", "ada@bank.example"), ("password", "password")]).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(weak.text.contains("value=\"ada@bank.example\"") && weak.text.contains("field-password-error"));
    let made = first.post(&path, &[("name", "Ada"), ("email", "ada@bank.example"), ("password", PASSWORD)]).await;
    assert_eq!((made.status, made.leads_to()), (StatusCode::SEE_OTHER, "/admin/start"));
    assert_eq!(first.get(&path).await.status, StatusCode::NOT_FOUND, "there is no such page any more");
    let again = first.post(&path, &[("name", "Eve"), ("email", "eve@bank.example"), ("password", PASSWORD)]).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    // What is gone is gone for every method and from everywhere, and says what any unknown address says.
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        let gone =
            first.request(method, &path, &[("origin", "https://evil.test"), ("sec-fetch-site", "cross-site")]).await;
        assert_eq!(gone.status, StatusCode::NOT_FOUND, "{method}");
        assert!(gone.headers.get("allow").is_none(), "{method}");
        assert!(method == "HEAD" || gone.text.contains("There is no such page."), "{method}: {}", gone.text);
    }
    assert!(first.get("/nowhere").await.text.contains("There is no such page."));
    let mut ada = site.visitor("ada@bank.example").await;
    assert!(ada.open("/").await.text.contains("href=\"/admin\""), "she administers");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_39_a_link_for_a_password_works_once() {
    let site = Site::open().await;
    let secret = Secret::draw(site.house.desk.entropy());
    let (drawn, now, person) = (secret.clone(), site.house.clock.reading(), site.house.cast.requester);
    let issued = site.house.desk.db().write(move |conn| -> mainstay_desk::Result<()> {
        let key = InstallationKey::load(conn)?;
        links::issue(conn, &key, &drawn, Errand::PasswordReset, Some(person), now)
    });
    issued.await.expect("a link");
    let path = format!("/password/{}", secret.reveal());
    let mut browser = site.stranger();
    assert_eq!(
        browser.get(&format!("/invitation/{}", secret.reveal())).await.status,
        StatusCode::NOT_FOUND,
        "another errand"
    );
    assert_eq!(browser.get(&path).await.status, StatusCode::OK);
    assert_eq!(browser.post(&path, &[("password", "quiet river stone")]).await.leads_to(), "/sign-in");
    assert_eq!(browser.post(&path, &[("password", "another one entirely")]).await.status, StatusCode::NOT_FOUND);
    let form = [("email", "requester@bank.example"), ("password", "quiet river stone")];
    assert_eq!(browser.post("/sign-in", &form).await.leads_to(), "/");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn looks_and_zone_are_the_persons_own() {
    let site = Site::open().await;
    let mut agent = site.agent().await;
    agent.get("/me").await;
    agent.post("/me/looks", &[("theme", "dark"), ("density", "compact")]).await;
    assert!(agent.get("/me").await.text.contains("data-theme=\"dark\" data-density=\"compact\""));
    let mut elsewhere = site.agent().await;
    assert!(
        elsewhere.get("/me").await.text.contains("data-theme=\"dark\" data-density=\"compact\""),
        "on every device"
    );
    assert_eq!(agent.post("/me/looks", &[("theme", "pink")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let unknown = agent.post("/me/zone", &[("zone", "Mars/Olympus")]).await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unknown.text.contains("Mars/Olympus") && unknown.text.contains("field-zone-error"));
    assert_eq!(agent.post("/me/zone", &[("zone", "Asia/Kolkata")]).await.status, StatusCode::SEE_OTHER);
    // 08:00 UTC is 13:30 there.
    assert!(agent.get("/me").await.text.contains("13:30 IST"), "times are shown in it at once");
}
