//! Trends: what became more and what became less, by the records that others are linked with as by anything else; each
//! number leads to exactly its records and says the same for good.

use crate::browser::Pages;
use crate::change::{affects, brought_to, change, step};
use crate::client::{Client, Stage};
use crate::reports::cell;
use crate::{at, story};
use serde_json::{Value as Json, json};

const JULY: &str = "process=change&from=2025-07-01&to=2025-08-01&zone=UTC";

async fn item(client: &Client, title: &str, more: Json) -> String {
    let classes = client.get("item-classes?limit=100").await.ok();
    let server = classes["items"].as_array().into_iter().flatten().find(|class| class["name"] == "Server");
    let mut body = json!({ "title": title, "class": server.expect("a class")["id"] });
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    client.post("configuration-items", body).await.ok()["number"].as_str().expect("a number").to_owned()
}

async fn trends(client: &Client, by: &str) -> Json {
    client.get(&format!("reports/trends?{JULY}&group_by={by}")).await.ok()
}

/// Opened, before and how it changed; closed, before and how it changed.
fn line(report: &Json, row: &str) -> [Json; 6] {
    ["opened", "opened_before", "opened_change", "closed", "closed_before", "closed_change"]
        .map(|column| cell(report, row, column)["value"].clone())
}

fn says(opened: [i64; 2], by: &str, closed: [i64; 2], closed_by: &str) -> [Json; 6] {
    [json!(opened[0]), json!(opened[1]), json!(by), json!(closed[0]), json!(closed[1]), json!(closed_by)]
}

fn keys(report: &Json) -> Vec<&str> {
    report["rows"].as_array().expect("rows").iter().filter_map(|row| row["key"].as_str()).collect()
}

async fn behind(client: &Client, by: &str, row: &str, column: &str) -> Vec<String> {
    let path = format!("reports/trends/records?{JULY}&group_by={by}&row={row}&column={column}&limit=100");
    let page = client.get(&path).await.ok();
    let items = page["items"].as_array().expect("items");
    let mut numbers: Vec<String> =
        items.iter().map(|item| item["number"].as_str().expect("a number").to_owned()).collect();
    numbers.sort();
    numbers
}

/// What happened to changes in two months: the gateway was touched once and then three times, the other one after the
/// other, and a vault that few see in the second.
struct Lived {
    gateway: String,
    other: String,
    vault: String,
    june: Vec<String>,
    july: Vec<String>,
}

async fn lived(stage: &Stage) -> Lived {
    let cast = stage.house.cast.clone();
    let manager = stage.sign_in(cast.manager).await;
    let gateway = item(&manager, "Gateway", json!({})).await;
    let other = item(&manager, "Mail store", json!({})).await;
    let vault = item(&manager, "Vault", json!({ "restricted": true })).await;
    let (mut june, mut july) = (Vec::new(), Vec::new());
    stage.house.advance_to(at("2025-06-09T09:00:00Z")).await;
    let body = |team: i64, category: i64| json!({ "team": team, "category": category, "requester": cast.requester });
    for items in [vec![&gateway], vec![&other], vec![]] {
        let number = change(&manager, "minor", body(cast.network, cast.network_category)).await;
        for item in items {
            affects(&manager, &number, item).await.ok();
        }
        june.push(number);
    }
    step(&manager, &june[1], "cancel", json!({ "reason": "Not wanted any more." })).await;
    stage.house.advance_to(at("2025-07-09T09:00:00Z")).await;
    for items in [vec![&gateway], vec![&gateway, &other], vec![&gateway, &vault], vec![&vault]] {
        let number = change(&manager, "minor", body(cast.network, cast.vpn_category)).await;
        for item in items {
            affects(&manager, &number, item).await.ok();
        }
        july.push(number);
    }
    let elsewhere = change(&manager, "minor", body(cast.service_desk, cast.vpn_category)).await;
    july.push(elsewhere);
    stage.house.advance_to(at("2025-08-04T09:00:00Z")).await;
    Lived { gateway, other, vault, june, july }
}

story!(chg_23_c_09_gen_10_trends_of_changes_by_item_category_requester_and_team, |stage| async move {
    let Lived { gateway, other, vault, june, july } = lived(&stage).await;
    let cast = stage.house.cast.clone();
    let manager = stage.sign_in(cast.manager).await;
    let offers = manager.get("reports").await.ok();
    let offer = offers["items"].as_array().into_iter().flatten();
    let mut offer = offer.filter(|offer| offer["process"] == "change" && offer["key"] == "trends");
    let groups = offer.next().expect("it is offered")["groups"].clone();
    for by in ["category", "affects", "requester", "team", "outcome", "month"] {
        assert!(groups.as_array().into_iter().flatten().any(|group| group["key"] == by), "{by}: {groups}");
    }

    let by_item = trends(&manager, "affects").await;
    assert_eq!(by_item["group_label"], "Configuration item");
    assert_eq!(by_item["against"], json!({ "from": "2025-06-01T00:00:00Z", "to": "2025-07-01T00:00:00Z" }));
    assert_eq!(keys(&by_item), [&*gateway, &*vault, &*other, ""], "those with most first: {by_item}");
    assert_eq!(by_item["rows"][0]["label"], format!("{gateway} Gateway"));
    assert_eq!(line(&by_item, &gateway), says([3, 1], "2 more", [0, 0], "The same"));
    assert_eq!(line(&by_item, &other), says([1, 1], "The same", [0, 0], "The same"));
    assert_eq!(line(&by_item, &vault), says([2, 0], "2 more", [0, 0], "The same"));
    assert_eq!(line(&by_item, ""), says([1, 1], "The same", [0, 0], "The same"));
    assert_eq!(line(&by_item, "total"), says([5, 3], "2 more", [0, 0], "The same"), "each once, whatever it touches");
    assert_eq!(behind(&manager, "affects", &gateway, "opened").await, july[..3]);
    assert_eq!(behind(&manager, "affects", &gateway, "opened_before").await, june[..1]);
    assert_eq!(behind(&manager, "affects", "", "opened").await, july[4..]);
    assert_eq!(behind(&manager, "affects", "total", "opened_before").await, june);

    for (by, row, expected) in [
        ("category", cast.vpn_category, says([5, 0], "5 more", [0, 0], "The same")),
        ("category", cast.network_category, says([0, 3], "3 fewer", [0, 0], "The same")),
        ("team", cast.network, says([4, 3], "1 more", [0, 0], "The same")),
        ("requester", cast.requester, says([5, 3], "2 more", [0, 0], "The same")),
    ] {
        assert_eq!(line(&trends(&manager, by).await, &row.to_string()), expected, "{by}");
    }
    let team = format!("reports/trends?{JULY}&group_by=affects&filter=team%20%3D%20{}", cast.service_desk);
    let narrow = manager.get(&team).await.ok();
    assert_eq!(line(&narrow, "total"), says([1, 0], "1 more", [0, 0], "The same"), "of one team: {narrow}");
    // Each month stands against the one before it, which a longer period does not change.
    let summer =
        manager.get("reports/trends?process=change&from=2025-06-01&to=2025-08-01&zone=UTC&group_by=month").await;
    let summer = summer.ok();
    assert_eq!((&summer["against"], &summer["chart"]), (&Json::Null, &json!("lines")));
    assert_eq!(line(&summer, "2025-07"), says([5, 3], "2 more", [0, 0], "The same"), "{summer}");
    assert_eq!(line(&summer, "2025-06"), says([3, 0], "3 more", [0, 0], "The same"));

    // What is linked, unlinked and renamed later changes nothing but names.
    affects(&manager, &july[4], &gateway).await.ok();
    manager.delete(&format!("changes/{}/links/affects/{other}", july[1])).await.ok();
    manager.patch(&format!("configuration-items/{gateway}"), json!({ "title": "Old gateway" })).await.ok();
    let again = trends(&manager, "affects").await;
    for row in [gateway.as_str(), &other, &vault, "", "total"] {
        assert_eq!(line(&again, row), line(&by_item, row), "{row}");
    }
    assert_eq!(again["rows"][0]["label"], format!("{gateway} Old gateway"));
    assert_eq!(behind(&manager, "affects", &other, "opened").await, july[1..2]);
    manager.get(&format!("reports/trends?{JULY}&group_by=moon")).await.refused_field("group_by", "unknown_field");
});

story!(chg_23_outcomes_stand_against_those_of_the_period_before, |stage| async move {
    stage.house.advance_to(at("2025-07-09T09:00:00Z")).await;
    let manager = stage.sign_in(stage.house.cast.manager).await;
    let done = brought_to(&stage, &manager, "closed").await;
    stage.house.advance_to(at("2025-09-02T09:00:00Z")).await;
    let of = async |month: [&str; 2]| {
        let span = format!("process=change&from={}&to={}&zone=UTC&group_by=outcome", month[0], month[1]);
        manager.get(&format!("reports/trends?{span}")).await.ok()
    };
    let july = of(["2025-07-01", "2025-08-01"]).await;
    assert_eq!(line(&july, "successful"), says([1, 0], "1 more", [1, 0], "1 more"), "{july}");
    assert_eq!(behind(&manager, "outcome", "successful", "closed").await, [done]);
    let august = of(["2025-08-01", "2025-09-01"]).await;
    assert_eq!(line(&august, "successful"), says([0, 1], "1 fewer", [0, 1], "1 fewer"), "{august}");
});

story!(chg_23_what_the_reader_does_not_see_is_no_row_of_theirs, |stage| async move {
    let Lived { gateway, other, vault, july, .. } = lived(&stage).await;
    let agent = stage.sign_in(stage.house.cast.agent).await;
    agent.get(&format!("configuration-items/{vault}")).await.refused(404, "not_found");
    let found = trends(&agent, "affects").await;
    assert_eq!(keys(&found), [&*gateway, &*other, ""]);
    assert!(!found.to_string().contains("Vault") && !found.to_string().contains(&vault), "{found}");
    assert_eq!(line(&found, &gateway), says([3, 1], "2 more", [0, 0], "The same"));
    assert_eq!(line(&found, ""), says([2, 1], "1 more", [0, 0], "The same"), "as if there were no link");
    assert_eq!(behind(&agent, "affects", "", "opened").await, july[3..]);
    let page = format!("reports/trends/records?{JULY}&group_by=affects&row={vault}&column=opened");
    agent.get(&page).await.refused(404, "not_found");
});

story!(chg_23_gen_19_trends_come_at_planned_intervals_as_a_file, |stage| async move {
    let Lived { gateway, .. } = lived(&stage).await;
    let cast = stage.house.cast.clone();
    let manager = stage.sign_in(cast.manager).await;
    let body = json!({
        "process": "change", "report": "trends", "period": "last_month", "group_by": "affects", "name": "What we touch",
        "format": "csv", "every": "month", "time": "07:00", "purpose": "Review of changes", "audience": "Board of changes",
    });
    let made = manager.post("export-schedules", body).await.ok();
    assert_eq!(made["next_at"], "2025-09-01T07:00:00Z");
    for _ in 0..2 {
        let number = change(&manager, "minor", json!({ "team": cast.network })).await;
        affects(&manager, &number, &gateway).await.ok();
    }
    stage.house.advance_to(at("2025-09-01T07:00:00Z")).await;
    assert_eq!(stage.house.make_files().await, 1);
    let files = manager.get("exports").await.ok();
    let text = manager.get(&format!("exports/{}", files["items"][0]["id"])).await.text;
    assert!(text.contains(&format!("{gateway} Gateway,2,3,1 fewer,0,0,The same")), "{text}");
    assert!(text.starts_with("group,label,opened,opened_before,opened_change,closed"), "{text}");
    // The page says against what, in words beside numbers that lead to their records.
    let browser = Pages::of(&stage).await.browser(&stage, cast.manager).await;
    let page = browser.get("/reports/changes/trends?from=2025-07-01&until=2025-07-31&by=affects").await.text;
    for words in ["against", "2 more than before", "Opened before", "None that you see", "Configuration item"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let linked = "/reports/changes/trends/records?from=2025-07-01&amp;until=2025-07-31&amp;by=affects&amp;row=";
    assert!(page.contains(&format!("{linked}{gateway}&amp;column=opened_before")), "{page}");
});
