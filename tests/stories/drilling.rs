//! Figures at the pages: each leads to exactly the records that it counts, and pickers and chips ask what they say.

use crate::browser::{Browser, Pages};
use crate::client::{Client, Stage, encoded};
use crate::markup::Page;
use crate::reports::{cell, four_hours, resolve, taken};
use crate::{at, story};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

const DAYS: &str = "from=2025-06-01&until=2025-06-30";
const SAME_DAYS: &str = "from=2025-06-01&to=2025-07-01";

/// What an incident can go through in a week: kept and missed targets, another team, opened again, withdrawn, rated.
async fn lived(stage: &Stage) {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let requester = stage.sign_in(cast.requester).await;
    four_hours(&admin, &cast).await;
    admin.patch(&format!("teams/{}", cast.service_desk), json!({ "workload_limit": 2 })).await.ok();
    stage.house.advance_to(at("2025-06-09T08:00:00Z")).await;
    let mut numbers = Vec::new();
    for n in 0..9 {
        let service = if n % 3 == 2 { cast.payments } else { cast.email };
        numbers.push(taken(&agent, &cast, service).await);
    }
    let network = json!({ "team": cast.network, "reason": "Network matter" });
    agent.step(&numbers[1], "reassign", network).await;
    stage.house.advance_to(at("2025-06-09T09:00:00Z")).await;
    for number in [&numbers[0], &numbers[2], &numbers[3]] {
        resolve(&agent, &cast, number, if *number == numbers[3] { cast.vpn_category } else { 0 }).await;
    }
    requester.step(&numbers[0], "confirm", json!({})).await;
    requester.step(&numbers[0], "rate", json!({ "satisfaction": 4 })).await;
    requester.step(&numbers[2], "reopen", json!({ "reason": "Still down here" })).await;
    agent.step(&numbers[4], "cancel", json!({ "cancel_reason": "raised_in_error" })).await;
    stage.house.advance_to(at("2025-06-09T14:00:00Z")).await;
    resolve(&agent, &cast, &numbers[6], 0).await;
    stage.house.advance_to(at("2025-06-16T08:00:00Z")).await;
}

/// The links of a page to the records behind figures, each with the words in it or, where those are none, with the
/// amount beside it.
fn figures(page: &str) -> BTreeMap<String, String> {
    let page = Page::read(page);
    let rows = page.all("tr");
    let mut found = BTreeMap::new();
    for link in page.all("a") {
        let Some(href) = link.attribute("href").filter(|href| href.contains("/records?")) else { continue };
        let value = link.all("span").into_iter().chain(link.all("div")).find(|each| each.has_class("stat-value"));
        let inside = value.map_or(link.first(), |value| value.first());
        let row = rows.iter().find(|row| row.holds(&link));
        let beside =
            row.and_then(|row| row.all("td").into_iter().find(|td| td.has_class("amount") && td.follows(&link)));
        let is_figure = inside.starts_with(|letter: char| letter.is_ascii_digit());
        // An amount that leads elsewhere is another figure.
        let beside = beside.filter(|cell| cell.all("a").is_empty());
        let words = if is_figure { inside } else { beside.map_or(inside, |cell| cell.first()) };
        // A share is said at length in the table alone.
        let longest = found.entry(href.to_owned()).or_insert_with(String::new);
        if words.len() > longest.len() {
            words.clone_into(longest);
        }
    }
    found
}

/// The figures of tables that lead nowhere and are not nothing.
fn dead(page: &str) -> Vec<String> {
    let page = Page::read(page);
    let tables = page.all("table").into_iter().filter(|table| table.has_class("table"));
    let cells = tables.flat_map(|table| table.all("td")).filter(|cell| cell.has_class("amount"));
    let words = cells.filter(|cell| cell.all("a").is_empty()).map(|cell| cell.text());
    words.filter(|words| words.contains(|letter: char| ('1'..='9').contains(&letter))).collect()
}

fn asked(href: &str, name: &str) -> String {
    let query = href.split_once('?').map_or("", |(_, query)| query);
    let pairs = form_urlencoded::parse(query.as_bytes());
    pairs.filter(|(key, _)| key == name).map(|(_, value)| value.into_owned()).last().unwrap_or_default()
}

/// How many records a figure is about: what it counts, or what it is a share or a mean of.
async fn counted(client: &Client, href: &str) -> Option<i64> {
    let key = href.split('/').nth(3)?.to_owned();
    let (row, column, by) = (asked(href, "row"), asked(href, "column"), asked(href, "by"));
    let by = if by.is_empty() { String::new() } else { format!("&group_by={by}") };
    let report = client.get(&format!("reports/{key}?{SAME_DAYS}{by}")).await.ok();
    let figure = |column: &str| cell(&report, &row, column);
    let columns = report["columns"].as_array()?;
    let measure = columns.iter().find(|one| one["key"] == column.as_str())?["measure"].as_str()?;
    let whole = match (measure, key.as_str(), column.as_str()) {
        ("percent" | "mean", ..) => figure(&column)["whole"].clone(),
        ("mean_ms", "times", "response") => figure("responded")["value"].clone(),
        ("mean_ms", "times", _) => figure("resolved")["value"].clone(),
        ("mean_ms", ..) => figure("live")["value"].clone(),
        ("text", "breaches", _) => json!(1),
        _ => figure(&column)["value"].clone(),
    };
    whole.as_i64()
}

/// Follows every figure of a page once, and says how many there were.
async fn follow(browser: &Browser, client: &Client, path: &str, known: &mut BTreeMap<String, i64>) -> usize {
    let page = browser.get(path).await;
    assert_eq!(page.status.as_u16(), 200, "{path}: {}", page.text);
    let limits = ["/workload", "/team_load", "/breaches"].iter().any(|one| path.contains(one));
    assert!(limits || dead(&page.text).is_empty(), "{path}: {:?} lead nowhere", dead(&page.text));
    let figures = figures(&page.text);
    for (href, words) in &figures {
        let expected = match known.get(href) {
            Some(count) => *count,
            None => counted(client, href).await.unwrap_or_else(|| panic!("{href} on {path}: {words}")),
        };
        if let Ok(shown) = words.replace(',', "").parse::<i64>() {
            assert_eq!(shown, expected, "{href} on {path}");
        } else if let Some((_, of)) = words.split_once(" of ") {
            assert_eq!(of.trim_end_matches(')').parse(), Ok(expected), "{href} on {path}: {words}");
        }
        if known.insert(href.clone(), expected).is_some() {
            continue;
        }
        let behind = browser.get(href).await;
        assert_eq!(behind.status.as_u16(), 200, "{href}: {}", behind.text);
        let rows = behind.text.matches("id=\"row-").count();
        assert_eq!(i64::try_from(rows), Ok(expected), "{href} on {path} says {words}");
        let told = if expected == 1 { "1 record".to_owned() } else { format!("{expected} records") };
        assert!(behind.text.contains(&told), "{href}: {told} in {}", behind.text);
    }
    figures.len()
}

story!(c_09_gen_10_every_figure_of_every_report_leads_to_exactly_its_records, |stage| async move {
    lived(&stage).await;
    let cast = stage.house.cast.clone();
    let (manager, pages) = (stage.sign_in(cast.manager).await, Pages::of(&stage).await);
    let browser = pages.browser(&stage, cast.manager).await;
    let zone = [("zone".to_owned(), "UTC".to_owned())];
    assert_eq!(browser.post("/me/zone", &zone).await.leads_to(), "/me");
    let offers = manager.get("reports").await.ok();
    let offers = offers["items"].as_array().expect("items").clone();
    let mut known = BTreeMap::new();
    assert!(follow(&browser, &manager, &format!("/reports?{DAYS}"), &mut known).await > 10, "the overview");
    for offer in &offers {
        let key = offer["key"].as_str().expect("a key");
        for by in ["", "&by=month"] {
            let place = format!("/reports/incidents/{key}?{DAYS}{by}");
            let figures = follow(&browser, &manager, &place, &mut known).await;
            // The lines of a list are records, each with its link.
            assert_eq!(figures == 0, key == "breaches", "{place}: {figures} figures");
        }
    }
    // The records of a mean and a sum are those with a number.
    let place = format!("/reports/incidents/ad_hoc?{DAYS}&by=team&of=hop_count");
    assert!(browser.get(&place).await.text.contains("column=mean"), "means lead somewhere");
    assert!(known.len() > 100, "only {} figures", known.len());
});

story!(c_07_reports_are_asked_by_period_team_and_sentences, |stage| async move {
    lived(&stage).await;
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let browser = pages.browser(&stage, cast.agent).await;
    let opened = |page: &str| {
        let total = figures(page).into_iter().find(|(href, _)| {
            href.contains("/volume/") && asked(href, "row") == "total" && asked(href, "column") == "opened"
        });
        total.map_or_else(|| "0".to_owned(), |(_, words)| words)
    };
    for place in ["/reports", "/reports/incidents/volume"] {
        let all = browser.get(&format!("{place}?{DAYS}")).await.text;
        assert_eq!(opened(&all), "9", "{place}");
        for words in ["Last 7 days", "Last month", "All teams", "My teams", "Network"] {
            assert!(all.contains(words), "{words} on {place}");
        }
        let network = format!("team={}", cast.network);
        assert!(all.contains(&format!("{place}?{}&amp;{network}", DAYS.replace('&', "&amp;"))), "{place}: {all}");
        assert_eq!(opened(&browser.get(&format!("{place}?{DAYS}&{network}")).await.text), "1", "{place}");
        assert_eq!(opened(&browser.get(&format!("{place}?{DAYS}&team=mine")).await.text), "8", "{place}");
        assert_eq!(browser.get(&format!("{place}?from=2025-06-30&until=2025-06-01")).await.status.as_u16(), 422);
    }
    // A condition is stated in sentences, and is a chip that is taken away again.
    let report = browser.get(&format!("/reports/incidents/volume?{DAYS}&team=mine")).await.text;
    let filter = format!("/reports/incidents/volume/filter?{DAYS}&team=mine");
    assert!(report.contains(&filter.replace('&', "&amp;")) && !report.contains("name=\"filter\" type=\"text\""));
    let chooser = browser.get(&filter).await;
    assert_eq!(chooser.status.as_u16(), 200, "{}", chooser.text);
    assert!(chooser.text.contains("Choose a field") && !chooser.text.contains(">Updated<"), "what has a past");
    let line = format!("{DAYS}&team=mine&join=all&lines=1&g.0=0&f.0=service&o.0=in&v.0={}", cast.payments);
    let more = browser.get(&format!("/reports/incidents/volume/filter?{line}&_add=0")).await.text;
    assert!(more.contains("Condition 2") && more.contains("value=\"2025-06-30\""), "{more}");
    let applied = browser.get(&format!("/reports/incidents/volume/filter/apply?{line}")).await;
    let condition = encoded(&format!("service = {}", cast.payments)).replace("%20", "+");
    assert_eq!(applied.leads_to(), format!("/reports/incidents/volume?{DAYS}&team=mine&filter={condition}"));
    let narrow = browser.get(applied.leads_to()).await.text;
    assert!(narrow.contains("Remove filter") && narrow.contains("Service: Payments"), "{narrow}");
    assert_eq!(opened(&narrow), "3");
    let wrong =
        browser.get(&format!("/reports/incidents/volume/filter/apply?{DAYS}&join=all&lines=0&where=moon")).await;
    assert_eq!(wrong.status.as_u16(), 422);
    assert!(wrong.text.contains("value=\"moon\"") && wrong.text.contains("error-summary"), "{}", wrong.text);
    let requester = pages.browser(&stage, cast.requester).await;
    assert_eq!(requester.get(&filter).await.status.as_u16(), 403);
    let representative = pages.browser(&stage, cast.representative).await.get("/reports").await.text;
    assert!(representative.contains("Last 30 days") && !representative.contains("All teams"), "no teams for customers");
});

fn monthly(more: &Json) -> Json {
    let mut body = json!({
        "process": "incident", "report": "volume", "period": "last_month", "group_by": "team", "name": "Volume of the month",
        "format": "csv", "every": "month", "time": "07:00", "purpose": "Service review", "audience": "Retail bank",
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    body
}

story!(gen_19_a_report_comes_regularly_and_says_what_it_is_for, |stage| async move {
    lived(&stage).await;
    let cast = stage.house.cast.clone();
    let (agent, admin) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.admin).await);
    for (member, value, code) in [
        ("every", json!(""), "not_a_choice"),
        ("purpose", json!(" "), "required"),
        ("audience", json!(""), "required"),
        ("period", json!("moon"), "not_a_choice"),
        ("format", json!("pdf"), "not_a_choice"),
    ] {
        let refused = agent.post("export-schedules", monthly(&json!({ member: value }))).await;
        refused.refused_field(member, code);
    }
    let mut without = monthly(&json!({}));
    without.as_object_mut().expect("members").remove("every");
    agent.post("export-schedules", without).await.refused_field("every", "required");
    agent.post("export-schedules", monthly(&json!({ "report": "weather" }))).await.refused(404, "not_found");
    let requester = stage.sign_in(cast.requester).await;
    requester.post("export-schedules", monthly(&json!({}))).await.refused(403, "no_right");

    let made = agent.post("export-schedules", monthly(&json!({}))).await.ok();
    assert_eq!(
        (&made["report"], &made["purpose"], &made["next_at"]),
        (&json!("volume"), &json!("Service review"), &json!("2025-07-01T07:00:00Z"))
    );
    stage.house.advance_to(at("2025-07-01T07:00:00Z")).await;
    assert_eq!(stage.house.make_files().await, 1);
    let files = agent.get("exports").await.ok();
    let file = &files["items"][0];
    assert_eq!((&file["report"], &file["name"]), (&json!("volume"), &json!("Volume of the month")));
    let text = agent.get(&format!("exports/{}", file["id"])).await.text;
    assert!(text.contains("Service desk,8,") && text.contains("Total,9,"), "the figures of June: {text}");
    let told = agent.get("notices?state=open&kind=file").await.ok();
    assert_eq!(told["items"][0]["text"], "“Volume of the month” is there: a report.");

    // From the page, with its question; and a delivery that fails is flagged.
    let browser = Pages::of(&stage).await.browser(&stage, cast.agent).await;
    let report = browser.get("/reports/incidents/backlog?by=service&team=mine").await.text;
    let begins = |part: &&str| part.starts_with("/reports/incidents/backlog/export/schedule?");
    let place = report.split('"').find(begins).expect("the report leads there");
    assert!(place.contains("by=service") && place.contains("team=mine"), "{place}");
    let asked = browser.get(&place.replace("&amp;", "&")).await.text;
    assert!(asked.contains("Audience") && asked.contains("On the first of each month"), "{asked}");
    let form = |every: &str| {
        let all = [
            ("by", "service"),
            ("team", "mine"),
            ("name", "Backlog"),
            ("format", "json"),
            ("every", every),
            ("time", "08:00"),
            ("period", "last_week"),
            ("purpose", "Daily talk"),
            ("audience", "The team"),
        ];
        all.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
    };
    let action = "/reports/incidents/backlog/export/schedule";
    let wrong = browser.post(action, &form("")).await;
    assert_eq!(wrong.status.as_u16(), 422);
    assert!(wrong.text.contains("value=\"Daily talk\"") && wrong.text.contains("name=\"team\" value=\"mine\""));
    assert_eq!(browser.post(action, &form("day")).await.leads_to(), "/me/exports");
    let own = browser.get("/me/exports").await.text;
    for words in ["Backlog and age, last week", "Daily talk", "The team", "Every day at 08:00"] {
        assert!(own.contains(words), "{words} in {own}");
    }
    let schedules = agent.get("export-schedules").await.ok();
    let backlog = schedules["items"].as_array().into_iter().flatten().find(|row| row["report"] == "backlog");
    assert_eq!(backlog.expect("it is there")["filter"], "team in my_teams");
    let person = admin.get(&format!("people/{}", cast.agent)).await.ok();
    let version = person["version"].as_i64().expect("a version");
    let roles = admin.get("roles?limit=200").await.ok();
    let role = roles["items"].as_array().into_iter().flatten().find(|role| role["key"] == "requester");
    let grants = json!({ "grants": [{ "role": role.expect("a role")["id"] }] });
    admin.patch_version(&format!("people/{}", cast.agent), version, grants).await.ok();
    stage.house.advance_to(at("2025-07-01T08:00:00Z")).await;
    assert_eq!(stage.house.make_files().await, 1);
    let schedules = agent.get("export-schedules").await.ok();
    let backlog = schedules["items"].as_array().into_iter().flatten().find(|row| row["report"] == "backlog");
    assert_eq!(backlog.expect("it is there")["problem"], "You may not read reports.");
    agent.get(&format!("exports/{}", file["id"])).await.refused(403, "no_right");
});
