//! The administration: registers as forms, grids, people's ways in, permissions.

use axum::http::StatusCode;

use crate::visitor::{Answer, PASSWORD, Site, Visitor};
use mainstay_engine::field::Writer;
use mainstay_processes::registers;

async fn admin(site: &Site) -> Visitor {
    let mut admin = site.visitor("admin@bank.example").await;
    admin.get("/admin").await;
    admin
}

/// The id behind the first link to an entry of a register.
fn entry(answer: &Answer, register: &str, name: &str) -> String {
    let end = answer.text.find(&format!(">{name}</a>")).unwrap_or_else(|| panic!("no {name} in {}", answer.text));
    let place = format!("/admin/{register}/");
    let from = answer.text[..end].rfind(&place).expect("a link") + place.len();
    answer.text[from..].chars().take_while(char::is_ascii_digit).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_register_is_listed_and_every_entry_has_its_pages() {
    let site = Site::open().await;
    let mut admin = admin(&site).await;
    let overview = admin.get("/admin").await;
    for register in registers::ALL {
        assert!(overview.text.contains(&format!("href=\"/admin/{}\"", register.key)), "{}", register.key);
        let list = admin.get(&format!("/admin/{}", register.key)).await;
        assert_eq!(list.status, StatusCode::OK, "{}", register.key);
        let new = admin.get(&format!("/admin/{}/new", register.key)).await;
        for field in register.fields.iter().filter(|field| field.writer != Writer::Engine) {
            // What an own field is asked follows from its kind.
            let by_kind = register.key == registers::CUSTOM_FIELDS.key;
            assert!(by_kind || new.text.contains(field.label), "{}.{}", register.key, field.key);
        }
        let place = format!("/admin/{}/", register.key);
        let link = format!("href=\"{place}");
        let mut ids =
            list.text.split(link.as_str()).skip(1).filter_map(|rest| rest.split('"').next()?.parse::<i64>().ok());
        let Some(id) = ids.next() else { continue };
        for tab in ["", "/uses", "/history"] {
            assert_eq!(admin.get(&format!("{place}{id}{tab}")).await.status, StatusCode::OK, "{place}{id}{tab}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_calendar_is_made_with_rows_changed_and_retired() {
    let site = Site::open().await;
    let mut admin = admin(&site).await;
    let week = [
        ("hours.0.day", "monday"),
        ("hours.0.from", "09:00"),
        ("hours.0.to", "17:00"),
        ("hours.1.day", "tuesday"),
        ("hours.1.from", ""),
        ("hours.1.to", ""),
    ];
    let mut form = vec![("name", "Night & day"), ("zone", "Mars/Olympus")];
    form.extend(week);
    let refused = admin.post("/admin/calendars/new", &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("field-zone-error") && refused.text.contains("Night &amp; day"), "{}", refused.text);
    form[1].1 = "Europe/London";
    let more = [form.as_slice(), &[("_add_row", "holidays")]].concat();
    let more = admin.post("/admin/calendars/new", &more).await;
    assert_eq!(more.status, StatusCode::UNPROCESSABLE_ENTITY, "only so the form is shown again");
    assert!(more.text.contains("name=\"holidays.0.date\"") && more.text.contains("value=\"09:00\""), "{}", more.text);
    assert!(!more.text.contains("error-summary"), "nothing was refused");
    form.extend([("holidays.0.date", "2025-12-25"), ("holidays.0.name", "Christmas")]);
    let made = admin.post("/admin/calendars/new", &form).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let place = made.leads_to().to_owned();
    let page = admin.get(&place).await;
    assert!(
        page.text.contains("value=\"Christmas\"")
            && page.text.contains("Service time counts now") | page.text.contains("No service time now")
    );
    let version = page.value("version").expect("a version");
    let fewer = [
        ("name", "Night & day"),
        ("zone", "Europe/London"),
        ("version", &version),
        ("holidays.0.name", "Christmas"),
        ("holidays.1.name", "x"),
        ("_remove_row", "holidays:0"),
    ];
    let fewer = admin.post(&place, &fewer).await;
    assert!(!fewer.text.contains("Christmas") && fewer.text.contains("value=\"x\""), "{}", fewer.text);
    let mut change =
        vec![("version", version.as_str()), ("reason", "Shorter Fridays"), ("name", "Days"), ("zone", "Europe/London")];
    change.extend(week);
    assert_eq!(admin.post(&place, &change).await.status, StatusCode::SEE_OTHER);
    let stale = admin.post(&place, &change).await;
    assert_eq!(stale.status, StatusCode::CONFLICT, "somebody changed it since");
    assert!(stale.text.contains("Shorter Fridays"), "what was typed stays");
    let history = admin.get(&format!("{place}/history")).await;
    assert!(history.text.contains("Shorter Fridays") && history.text.contains("Christmas"), "{}", history.text);
    assert_eq!(admin.post(&format!("{place}/retire"), &[]).await.status, StatusCode::SEE_OTHER);
    assert!(!admin.get("/admin/calendars").await.text.contains("Days</a>"));
    assert!(admin.get("/admin/calendars?retired=1").await.text.contains("Days</a>"));
    assert_eq!(admin.post(&format!("{place}/restore"), &[]).await.status, StatusCode::SEE_OTHER);
    let audit = admin.get("/admin/audit").await;
    assert!(audit.text.contains("calendar") && audit.text.contains("Days"), "{}", audit.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_matrix_is_a_grid_that_is_saved_as_cells() {
    let site = Site::open().await;
    let mut admin = admin(&site).await;
    let list = admin.get("/admin/priority-matrices").await;
    let id = list
        .text
        .split("/admin/priority-matrices/")
        .find_map(|rest| rest.split('"').next()?.parse::<i64>().ok())
        .expect("one");
    let place = format!("/admin/priority-matrices/{id}");
    let page = admin.get(&place).await;
    assert_eq!(page.text.matches("type=\"number\"").count(), 9, "nine cells");
    let mut form: Vec<(String, String)> = vec![("version".into(), page.value("version").expect("a version"))];
    for name in ["name", "cells.0.priority"] {
        form.push((name.into(), page.value(name).expect("filled in")));
    }
    let of = |process: &&&mainstay_engine::process::Process| page.text.contains(&format!("{} priority", process.label));
    let process = mainstay_processes::ALL.iter().find(of).expect("the process of the matrix");
    form.push(("process".into(), process.key.into()));
    for n in 0..9 {
        for part in ["impact", "urgency", "priority"] {
            let name = format!("cells.{n}.{part}");
            let value = page.value(&name).expect("a cell");
            form.retain(|(known, _)| *known != name);
            form.push((name, if n == 8 && part == "priority" { "4".into() } else { value }));
        }
    }
    let pairs: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let saved = admin.post(&place, &pairs).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    assert_eq!(admin.get(&place).await.value("cells.8.priority").as_deref(), Some("4"));
    let version = admin.get(&place).await.value("version").expect("the next version");
    let mut holes: Vec<(&str, &str)> = pairs.iter().copied().filter(|(name, _)| *name != "cells.4.priority").collect();
    holes[0].1 = &version;
    assert_eq!(admin.post(&place, &holes).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_is_invited_kept_out_and_let_in_again() {
    let site = Site::open().await;
    let mut admin = admin(&site).await;
    let form = [("name", "New Starter"), ("email", "new@bank.example"), ("grants.0.role", "nobody's")];
    assert_eq!(admin.post("/admin/people/new", &form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let made = admin.post("/admin/people/new", &form[..2]).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let id = made.leads_to().rsplit('/').next().expect("an id").to_owned();
    admin.get(&format!("/admin/access/{id}")).await;
    let shown = admin.post(&format!("/admin/access/{id}/link"), &[]).await;
    assert_eq!(shown.status, StatusCode::OK);
    let from = shown.text.find("https://desk.example.org/invitation/").expect("a link");
    let link: String =
        shown.text[from + "https://desk.example.org".len()..].chars().take_while(|c| *c != '"').collect();
    assert!(!admin.get(&format!("/admin/access/{id}")).await.text.contains(&link), "it is shown once");
    let mut new = site.stranger();
    assert_eq!(new.get(&link).await.status, StatusCode::OK);
    assert_eq!(new.post(&link, &[("password", PASSWORD)]).await.leads_to(), "/sign-in");
    let mut new = site.visitor("new@bank.example").await;
    assert_eq!(new.get("/portal").await.status, StatusCode::OK);
    assert_eq!(admin.post(&format!("/admin/access/{id}/disable"), &[]).await.status, StatusCode::SEE_OTHER);
    assert!(new.get("/portal").await.leads_to().starts_with("/sign-in"), "signed out at once");
    let mut shut = site.stranger();
    assert_eq!(
        shut.post("/sign-in", &[("email", "new@bank.example"), ("password", PASSWORD)]).await.status,
        StatusCode::UNAUTHORIZED
    );
    admin.post(&format!("/admin/access/{id}/enable"), &[]).await;
    site.visitor("new@bank.example").await;
    let own = site.house.cast.admin;
    admin.get(&format!("/admin/access/{own}")).await;
    admin.post(&format!("/admin/access/{own}/disable"), &[]).await;
    assert_eq!(admin.get("/admin").await.status, StatusCode::OK, "nobody locks themselves out");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_41_a_token_is_shown_once_and_can_be_revoked() {
    let site = Site::open().await;
    let mut admin = admin(&site).await;
    let place = format!("/admin/tokens/{}", site.house.cast.monitoring);
    admin.get(&place).await;
    let wrong = admin.post(&place, &[("name", "Probe"), ("scopes", "everything!")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let made = admin.post(&place, &[("name", "Probe"), ("scopes", "incident.create"), ("days", "30")]).await;
    let from = made.text.find("value=\"mainstay_").expect("the token");
    let token: String = made.text[from + 7..].chars().take_while(|c| *c != '"').collect();
    let page = admin.get(&place).await;
    assert!(page.text.contains("Probe") && !page.text.contains(&token));
    let id = page.value("token").expect("its id");
    assert_eq!(admin.post(&format!("{place}/revoke"), &[("token", &id)]).await.status, StatusCode::SEE_OTHER);
    assert!(admin.get(&place).await.text.contains("Revoked"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_may_not_change_a_register_finds_no_way_to() {
    let site = Site::open().await;
    let mut agent = site.agent().await;
    let list = agent.get("/admin/services").await;
    assert!(!list.text.contains("/admin/services/new"), "nothing to make");
    let id = entry(&list, "services", "Payments");
    let page = agent.get(&format!("/admin/services/{id}")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text.contains("action=\"/admin/services"), "{}", page.text);
    for path in
        [format!("/admin/services/{id}"), format!("/admin/services/{id}/retire"), "/admin/services/new".to_owned()]
    {
        let answer = agent.post(&path, &[("name", "Mine"), ("version", "1"), ("criticality", "low")]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    let cast = &site.house.cast;
    for path in [
        format!("/admin/access/{}", cast.requester),
        format!("/admin/tokens/{}", cast.admin),
        "/admin/audit".into(),
        "/admin/roles".into(),
    ] {
        assert_eq!(agent.get(&path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    for act in ["link", "disable", "enable", "sign-out", "remove-codes"] {
        agent.post(&format!("/admin/access/{}/{act}", cast.admin), &[]).await;
    }
    site.visitor("admin@bank.example").await;
    let mut requester = site.visitor("requester@bank.example").await;
    assert_eq!(requester.get("/admin").await.leads_to(), "/portal");
    assert_eq!(requester.get("/admin/people").await.status, StatusCode::FORBIDDEN);
}
