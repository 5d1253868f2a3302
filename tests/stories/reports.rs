//! Reports and exports: figures equal to a count by hand, the same whenever they are asked for, for each caller of
//! what that caller sees.

use crate::client::encoded;
use crate::service_levels::{business_hours, clock, level, target};
use crate::{Client, at, story};
use mainstay_testing::Cast;
use serde_json::{Value as Json, json};

const JUNE: &str = "from=2025-06-01&to=2025-07-01&zone=Europe/London";

async fn report(client: &Client, key: &str, question: &str) -> Json {
    client.get(&format!("reports/{key}?{question}")).await.ok()
}

/// A figure of a report, with what it is made of; `total` for all rows together.
pub fn cell(report: &Json, row: &str, column: &str) -> Json {
    let columns = report["columns"].as_array().expect("columns");
    let at = columns.iter().position(|c| c["key"] == column).unwrap_or_else(|| panic!("no column {column}: {report}"));
    let rows = report["rows"].as_array().expect("rows");
    let line = if row == "total" { Some(&report["total"]) } else { rows.iter().find(|r| r["key"] == row) };
    line.unwrap_or_else(|| panic!("no row {row}: {report}"))["figures"][at].clone()
}

fn figure(report: &Json, row: &str, column: &str) -> Json {
    cell(report, row, column)["value"].clone()
}

/// The numbers of the records behind a figure, all pages, in order.
async fn behind(client: &Client, key: &str, question: &str, row: &str, column: &str) -> Vec<String> {
    let mut numbers = Vec::new();
    let mut after = String::new();
    loop {
        let path = format!("reports/{key}/records?{question}&row={row}&column={column}&limit=50{after}");
        let page = client.get(&path).await.ok();
        let items = page["items"].as_array().expect("items");
        numbers.extend(items.iter().map(|item| item["number"].as_str().expect("a number").to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    numbers.sort();
    numbers
}

fn sorted(numbers: &[String]) -> Vec<String> {
    let mut numbers = numbers.to_vec();
    numbers.sort();
    numbers
}

fn classified(cast: &Cast, service: i64) -> Json {
    json!({
        "service": service, "requester": cast.requester, "impact": "medium", "urgency": "medium",
        "team": cast.service_desk, "category": cast.network_category,
    })
}

/// An incident on a service, taken at once.
pub async fn taken(agent: &Client, cast: &Cast, service: i64) -> String {
    let number = agent.report(classified(cast, service)).await;
    agent.step(&number, "take", json!({})).await;
    number
}

pub async fn resolve(agent: &Client, cast: &Cast, number: &str, closing: i64) {
    let cast_category = if closing == 0 { cast.network_category } else { closing };
    let resolution = json!({
        "resolution_code": "fixed", "resolution": "Restarted", "closing_category": cast_category,
        "restored": "2025-06-02T08:00:00Z",
    });
    agent.step(number, "resolve", resolution).await;
}

/// A level of four working hours for everything on Email.
pub async fn four_hours(admin: &Client, cast: &Cast) {
    let bh = business_hours(admin).await;
    level(admin, cast, bh, target("resolution", 4, "hours"), json!({})).await;
}

story!(slm_14_v14_compliance_equals_the_count_by_hand_and_drills_to_its_records, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    four_hours(&admin, &cast).await;
    stage.house.advance_to(at("2025-06-09T08:00:00Z")).await;
    let mut numbers = Vec::new();
    for _ in 0..98 {
        numbers.push(taken(&agent, &cast, cast.email).await);
    }
    stage.house.advance_to(at("2025-06-09T09:00:00Z")).await;
    for number in &numbers[..90] {
        resolve(&agent, &cast, number, 0).await;
    }
    agent.step(&numbers[90], "hold", json!({ "hold_reason": "vendor" })).await;
    stage.house.advance_to(at("2025-06-09T12:30:00Z")).await;
    agent.step(&numbers[90], "resume", json!({})).await;
    for number in &numbers[90..96] {
        resolve(&agent, &cast, number, 0).await;
    }
    let mut running = Vec::new();
    for _ in 0..12 {
        running.push(taken(&agent, &cast, cast.email).await);
    }
    stage.house.advance_to(at("2025-06-09T13:00:00Z")).await;
    let question = "from=2025-06-09T00:00:00Z&to=2025-06-09T13:00:00Z&group_by=service";
    let found = report(&agent, "resolution", question).await;
    let email = cast.email.to_string();
    for row in [email.as_str(), "total"] {
        let value = |column| figure(&found, row, column);
        assert_eq!((value("opened"), value("met"), value("undecided")), (json!(110), json!(90), json!(12)), "{found}");
        assert_eq!((value("breached_closed"), value("breached_open")), (json!(6), json!(2)), "{found}");
        let compliance = cell(&found, row, "compliance");
        assert_eq!(compliance, json!({ "value": 91.84, "part": 90, "whole": 98 }));
        assert_eq!(value("adjusted_compliance"), 91.84, "nothing was excluded");
    }
    for (column, expected) in [
        ("met", &numbers[..90]),
        ("breached_closed", &numbers[90..96]),
        ("breached_open", &numbers[96..]),
        ("undecided", &running),
    ] {
        assert_eq!(behind(&agent, "resolution", question, &email, column).await, sorted(expected), "{column}");
    }
    // Per customer and per month it is the same, and every breach says where the time went.
    let june = report(&agent, "resolution", &format!("{JUNE}&group_by=month")).await;
    assert_eq!(figure(&june, "2025-06", "met"), 90);
    let customer = report(&agent, "resolution", &format!("{JUNE}&group_by=organisation")).await;
    assert_eq!(figure(&customer, &cast.retail_bank.to_string(), "compliance"), 91.84);
    let missed = report(&agent, "breaches", question).await;
    let rows = missed["rows"].as_array().expect("rows");
    let named: Vec<String> = rows.iter().map(|row| row["label"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(sorted(&named), sorted(&numbers[90..]));
    let held = format!("{}.resolution", numbers[90]);
    assert_eq!(figure(&missed, &held, "breached"), "2025-06-09T12:00:00Z");
    assert_eq!(figure(&missed, &held, "late"), 30 * 60_000);
    assert_eq!(figure(&missed, &held, "held"), 210 * 60_000);
    assert_eq!(figure(&missed, &held, "held_for"), "A vendor");
    assert_eq!(figure(&missed, &held, "team"), "Service desk");
    assert_eq!(figure(&missed, &held, "agreed"), "4 h");
    let open = format!("{}.resolution", numbers[97]);
    assert_eq!((figure(&missed, &open, "stopped"), figure(&missed, &open, "late")), (Json::Null, json!(60 * 60_000)));
    let times = report(&agent, "times", question).await;
    // 90 after an hour, 6 after four and a half: none of it was an agreed pause.
    assert_eq!(figure(&times, "total", "resolution"), (90 * 60 + 6 * 270) * 60_000 / 96);
    assert_eq!(figure(&times, "total", "response"), 0);
});

story!(slm_14_workload_stands_against_the_agreed_limit_month_by_month, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let bh = business_hours(&admin).await;
    let id = level(&admin, &cast, bh, target("resolution", 4, "hours"), json!({ "workload_limit": 3 })).await;
    let mut june = Vec::new();
    for hour in 8..13 {
        stage.house.advance_to(at(&format!("2025-06-09T{hour:02}:00:00Z"))).await;
        june.push(taken(&agent, &cast, cast.email).await);
    }
    let other = taken(&agent, &cast, cast.payments).await;
    stage.house.advance_to(at("2025-07-09T08:00:00Z")).await;
    for _ in 0..2 {
        taken(&agent, &cast, cast.email).await;
    }
    let summer = "from=2025-06-01&to=2025-08-01&zone=Europe/London";
    let found = report(&agent, "workload", summer).await;
    let (in_june, in_july) = (format!("{id}.2025-06"), format!("{id}.2025-07"));
    let line =
        |row: &str| ["opened", "limit", "over", "verdict", "difference"].map(|column| figure(&found, row, column));
    assert_eq!(line(&in_june), [json!(5), json!(3), json!(2), json!("Over the limit"), Json::Null], "{found}");
    assert_eq!(line(&in_july), [json!(2), json!(3), json!(0), json!("Within the limit"), json!("3 fewer")]);
    assert_eq!(behind(&agent, "workload", summer, &in_june, "opened").await, sorted(&june));
    assert_eq!(behind(&agent, "workload", summer, &in_june, "over").await, sorted(&june[3..]));
    let default = agent.get("service-levels").await.ok();
    let default =
        default["items"].as_array().expect("items").iter().find(|l| l["fallback"] == true).expect("it is there");
    let row = format!("{}.2025-06", default["id"]);
    assert_eq!(line(&row), [json!(1), Json::Null, Json::Null, json!("None agreed"), Json::Null]);
    assert_eq!(behind(&agent, "workload", summer, &row, "opened").await, [other]);
    // A limit agreed later and a record that has moved since change nothing about June.
    let before = report(&agent, "workload", JUNE).await;
    admin.patch(&format!("service-levels/{id}"), json!({ "workload_limit": 10, "name": "Mail" })).await.ok();
    agent.patch(&format!("incidents/{}", june[4]), json!({ "service": cast.payments })).await.ok();
    assert_eq!(report(&agent, "workload", JUNE).await, before);
    assert_eq!(figure(&report(&agent, "workload", summer).await, &in_july, "limit"), 10);
    admin
        .patch(&format!("service-levels/{id}"), json!({ "workload_limit": 0 }))
        .await
        .refused_field("workload_limit", "out_of_range");
    let customer = stage.sign_in(cast.representative).await;
    customer.get(&format!("reports/workload?{JUNE}")).await.refused(404, "not_found");
});

story!(slm_14_the_load_of_a_team_stands_against_what_it_can_carry, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let (desk, network) = (format!("teams/{}", cast.service_desk), format!("teams/{}", cast.network));
    admin.patch(&desk, json!({ "workload_limit": 2 })).await.ok();
    admin.patch(&network, json!({ "workload_limit": 5 })).await.ok();
    let mut numbers = Vec::new();
    for hour in 8..12 {
        stage.house.advance_to(at(&format!("2025-06-09T{hour:02}:00:00Z"))).await;
        numbers.push(taken(&agent, &cast, cast.email).await);
    }
    resolve(&agent, &cast, &numbers[0], cast.vpn_category).await;
    stage.house.advance_to(at("2025-07-09T08:00:00Z")).await;
    resolve(&agent, &cast, &numbers[1], cast.vpn_category).await;
    let summer = "from=2025-06-01&to=2025-08-01&zone=Europe/London";
    let found = report(&agent, "team_load", summer).await;
    let row = |team: i64, month: &str| format!("{team}.{month}");
    let line = |row: &str| ["live", "limit", "over", "verdict", "difference"].map(|column| figure(&found, row, column));
    let (in_june, in_july) = (row(cast.service_desk, "2025-06"), row(cast.service_desk, "2025-07"));
    assert_eq!(line(&in_june), [json!(3), json!(2), json!(1), json!("Over the limit"), Json::Null], "{found}");
    assert_eq!(line(&in_july), [json!(2), json!(2), json!(0), json!("Within the limit"), json!("1 fewer")]);
    assert_eq!(
        line(&row(cast.network, "2025-06")),
        [json!(0), json!(5), json!(0), json!("Within the limit"), Json::Null]
    );
    assert_eq!(behind(&agent, "team_load", summer, &in_june, "live").await, sorted(&numbers[1..]));
    assert_eq!(behind(&agent, "team_load", summer, &in_june, "over").await, [numbers[3].clone()]);
    // Another limit and what became of the records change nothing about June.
    let before = report(&agent, "team_load", JUNE).await;
    admin.patch(&desk, json!({ "workload_limit": 9 })).await.ok();
    resolve(&agent, &cast, &numbers[2], cast.vpn_category).await;
    assert_eq!(report(&agent, "team_load", JUNE).await, before);
    admin.patch(&desk, json!({ "workload_limit": null })).await.ok();
    let now = report(&agent, "team_load", summer).await;
    assert_eq!((figure(&now, &in_july, "verdict"), figure(&now, &in_july, "limit")), (json!("No limit"), Json::Null));
    admin.patch(&desk, json!({ "workload_limit": 0 })).await.refused_field("workload_limit", "out_of_range");
    stage.sign_in(cast.representative).await.get(&format!("reports/team_load?{JUNE}")).await.refused(404, "not_found");
});

story!(slm_20_a_report_shows_the_raw_and_the_adjusted_result, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let manager = stage.sign_in(cast.manager).await;
    four_hours(&admin, &cast).await;
    stage.house.advance_to(at("2025-06-09T08:00:00Z")).await;
    let (late, timely) = (taken(&agent, &cast, cast.email).await, taken(&agent, &cast, cast.email).await);
    resolve(&agent, &cast, &timely, 0).await;
    stage.house.advance_to(at("2025-06-09T13:00:00Z")).await;
    resolve(&agent, &cast, &late, 0).await;
    // The exclusion is approved after the month has ended.
    stage.house.advance_to(at("2025-07-02T08:00:00Z")).await;
    let id = clock(&agent, &late, "resolution").await["id"].as_i64().expect("an id");
    let stretch =
        json!({ "from": "2025-06-09T09:00:00Z", "to": "2025-06-09T11:00:00Z", "reason": "Agreed maintenance" });
    manager.post(&format!("incidents/{late}/clocks/{id}/exclude"), stretch).await.ok();
    let found = report(&agent, "resolution", JUNE).await;
    assert_eq!(figure(&found, "total", "compliance"), 50.0, "the raw result stays");
    assert_eq!(figure(&found, "total", "adjusted_compliance"), 100.0);
    assert_eq!(behind(&agent, "resolution", JUNE, "total", "excluded").await, [late]);
});

/// Every report of June, by every grouping that matters.
async fn all_of_june(client: &Client) -> Vec<Json> {
    let offers = client.get("reports").await.ok();
    let mut all = Vec::new();
    for offer in offers["items"].as_array().expect("items") {
        let key = offer["key"].as_str().expect("a key");
        for group in ["none", "month", "team", "category", "priority", "service", "state", "assignee", "hop_count"] {
            all.push(report(client, key, &format!("{JUNE}&group_by={group}")).await);
        }
        let of_network = encoded("hop_count is empty and closing_category is not empty");
        all.push(report(client, key, &format!("{JUNE}&group_by=none&filter={of_network}")).await);
    }
    all
}

story!(gen_10_the_june_report_is_the_same_in_july_and_in_august, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let manager = stage.sign_in(cast.manager).await;
    four_hours(&admin, &cast).await;
    stage.house.advance_to(at("2025-06-30T09:00:00Z")).await;
    let mut numbers = Vec::new();
    for _ in 0..6 {
        numbers.push(taken(&agent, &cast, cast.email).await);
    }
    let untouched = agent.report(classified(&cast, cast.payments)).await;
    stage.house.advance_to(at("2025-06-30T10:00:00Z")).await;
    resolve(&agent, &cast, &numbers[0], cast.vpn_category).await;
    resolve(&agent, &cast, &numbers[1], 0).await;
    agent.step(&numbers[2], "hold", json!({ "hold_reason": "requester", "comment": "Which floor?" })).await;
    agent.step(&numbers[3], "reassign", json!({ "team": cast.network, "reason": "A switch" })).await;
    stage.house.advance_to(at("2025-07-01T08:00:00Z")).await;
    let in_july = all_of_june(&manager).await;
    // July undoes what can be undone: reopened, moved, reclassified, missed, withdrawn, closed by itself.
    agent.step(&numbers[0], "reopen", json!({ "reason": "Again" })).await;
    agent.step(&numbers[0], "reassign", json!({ "team": cast.network, "reason": "A switch" })).await;
    agent.patch(&format!("incidents/{}", numbers[4]), json!({ "impact": "high", "urgency": "high" })).await.ok();
    agent.patch(&format!("incidents/{}", numbers[2]), json!({ "category": cast.software_category })).await.ok();
    agent.patch(&format!("incidents/{}", numbers[4]), json!({ "service": cast.payments })).await.ok();
    agent.post(&format!("incidents/{}/merge", numbers[5]), json!({ "link": numbers[4] })).await.ok();
    agent.step(&untouched, "cancel", json!({ "cancel_reason": "raised_in_error" })).await;
    stage.house.advance_to(at("2025-07-10T08:00:00Z")).await;
    agent.step(&numbers[2], "resume", json!({})).await;
    resolve(&agent, &cast, &numbers[2], cast.software_category).await;
    stage.house.advance_to(at("2025-08-01T08:00:00Z")).await;
    assert_eq!(agent.incident(&numbers[1]).await["state"], "closed", "it closed by itself");
    let in_august = all_of_june(&manager).await;
    assert_eq!(in_july.len(), in_august.len());
    for (july, august) in in_july.iter().zip(&in_august) {
        assert_eq!(july, august, "{} by {}", july["key"], july["group_by"]);
    }
    let volume = report(&manager, "volume", &format!("{JUNE}&group_by=none")).await;
    assert_eq!((figure(&volume, "", "opened"), figure(&volume, "", "resolved")), (json!(7), json!(2)), "{volume}");
    let backlog = report(&manager, "backlog", &format!("{JUNE}&group_by=team")).await;
    assert_eq!(figure(&backlog, &cast.service_desk.to_string(), "live"), 4, "where they were then: {backlog}");
    assert_eq!(figure(&backlog, &cast.network.to_string(), "live"), 1);
    let summer = "from=2025-06-01&to=2025-08-01&zone=Europe/London&group_by=month";
    let by_month = report(&manager, "backlog", summer).await;
    assert_eq!((figure(&by_month, "2025-06", "live"), figure(&by_month, "2025-07", "live")), (json!(5), json!(3)));
    assert_eq!(by_month["total"], Json::Null, "what was there at the end of two months cannot be added up");
    let later = report(&manager, "volume", "from=2025-07-01&to=2025-08-01&group_by=none").await;
    assert_eq!((figure(&later, "", "reopened"), figure(&later, "", "cancelled")), (json!(1), json!(2)), "{later}");
});

story!(gen_10_ad_hoc_reports_count_and_average_by_any_field, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let own = json!({ "name": "Branch", "field": "branch", "process": "incident", "kind": "text" });
    admin.post("custom-fields", own).await.ok();
    for (branch, source) in [("Leeds", "phone"), ("Leeds", "chat"), ("York", "phone")] {
        let mut values = classified(&cast, cast.email);
        values["branch"] = branch.into();
        values["source"] = source.into();
        agent.report(values).await;
    }
    let offers = agent.get("reports").await.ok();
    let offers = offers["items"].as_array().expect("items");
    let ad_hoc = offers.iter().find(|o| o["key"] == "ad_hoc").expect("it is offered");
    for group in ad_hoc["groups"].as_array().expect("groups") {
        let group = group["key"].as_str().expect("a key");
        let found = report(&agent, "ad_hoc", &format!("{JUNE}&group_by={group}")).await;
        assert_eq!(figure(&found, "total", "records"), 3, "{group}: {found}");
    }
    let by_branch = report(&agent, "ad_hoc", &format!("{JUNE}&group_by=branch&of=priority")).await;
    assert_eq!((figure(&by_branch, "Leeds", "records"), figure(&by_branch, "York", "records")), (json!(2), json!(1)));
    assert_eq!(cell(&by_branch, "Leeds", "mean"), json!({ "value": 3.0, "part": 6, "whole": 2 }));
    let filter = encoded("source = \"phone\"");
    let phoned = report(&agent, "ad_hoc", &format!("{JUNE}&group_by=branch&filter={filter}")).await;
    assert_eq!(figure(&phoned, "Leeds", "records"), 1);
    assert_eq!(figure(&phoned, "total", "records"), 2);
    for (question, code) in [
        ("group_by=opened", "not_groupable"),
        ("group_by=updated", "only_present"),
        ("group_by=nonsense", "invalid_fields"),
        ("of=title", "not_a_number"),
        ("zone=Nowhere", "unknown_zone"),
        ("from=2025-06-02&to=2025-06-01", "bad_period"),
    ] {
        agent.get(&format!("reports/ad_hoc?{question}")).await.refused(422, code);
    }
});

story!(inc_05_the_report_shows_categories_that_changed, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let (same, changed) = (taken(&agent, &cast, cast.email).await, taken(&agent, &cast, cast.email).await);
    resolve(&agent, &cast, &same, cast.network_category).await;
    resolve(&agent, &cast, &changed, cast.vpn_category).await;
    let found = report(&agent, "mismatch", JUNE).await;
    let network = cast.network_category.to_string();
    assert_eq!(cell(&found, &network, "share"), json!({ "value": 50.0, "part": 1, "whole": 2 }), "{found}");
    assert_eq!(behind(&agent, "mismatch", JUNE, &network, "mismatched").await, [changed]);
});

story!(inc_13_a_duplicate_is_not_counted_in_resolution_figures, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    four_hours(&admin, &cast).await;
    stage.house.advance_to(at("2025-06-09T08:00:00Z")).await;
    let survivor = taken(&agent, &cast, cast.email).await;
    let (open, missed) = (taken(&agent, &cast, cast.email).await, taken(&agent, &cast, cast.email).await);
    resolve(&agent, &cast, &survivor, 0).await;
    let figures = async || {
        let mut all = Vec::new();
        for (key, columns) in [
            ("resolution", &["met", "compliance"][..]),
            ("times", &["resolved", "resolution"]),
            ("reopened", &["resolved"]),
            ("hops", &["resolved"]),
        ] {
            let found = report(&agent, key, JUNE).await;
            all.extend(columns.iter().map(|column| cell(&found, "total", column)));
        }
        all
    };
    let before = figures().await;
    let duplicate = json!({ "cancel_reason": "duplicate", "link": survivor });
    agent.step(&open, "cancel", duplicate.clone()).await;
    assert_eq!(figures().await, before, "one withdrawn in time");
    stage.house.advance_to(at("2025-06-10T08:00:00Z")).await;
    assert_eq!(figure(&report(&agent, "resolution", JUNE).await, "total", "breached_open"), 1);
    agent.step(&missed, "cancel", duplicate).await;
    assert_eq!(figures().await, before, "one withdrawn late");
    let volume = report(&agent, "volume", JUNE).await;
    assert_eq!((figure(&volume, "total", "opened"), figure(&volume, "total", "cancelled")), (json!(3), json!(2)));
});

story!(inc_23_reassignments_are_counted_and_first_contact_is_without_any, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, second) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.agent_l2).await);
    let (kept, handed) = (taken(&agent, &cast, cast.email).await, taken(&agent, &cast, cast.email).await);
    resolve(&agent, &cast, &kept, 0).await;
    for team in [cast.network, cast.service_desk, cast.network] {
        agent.step(&handed, "reassign", json!({ "team": team, "reason": "Not ours" })).await;
    }
    second.step(&handed, "take", json!({})).await;
    resolve(&second, &cast, &handed, 0).await;
    agent.step(&kept, "reopen", json!({ "reason": "Again" })).await;
    resolve(&agent, &cast, &kept, 0).await;
    let hops = report(&agent, "hops", JUNE).await;
    assert_eq!((figure(&hops, "total", "none"), figure(&hops, "total", "more")), (json!(1), json!(1)), "{hops}");
    assert_eq!(cell(&hops, "total", "mean"), json!({ "value": 1.5, "part": 3, "whole": 2 }));
    assert_eq!(behind(&agent, "hops", JUNE, &cast.network.to_string(), "more").await, [handed]);
    let first = report(&agent, "first_contact", JUNE).await;
    assert_eq!(cell(&first, "total", "share"), json!({ "value": 50.0, "part": 1, "whole": 2 }));
    let reopened = report(&agent, "reopened", JUNE).await;
    assert_eq!(cell(&reopened, "total", "share"), json!({ "value": 50.0, "part": 1, "whole": 2 }), "once each");
    assert_eq!(behind(&agent, "reopened", JUNE, "total", "reopened").await, [kept]);
});

/// Gives a record to another team, and restricts it to that.
async fn hide(manager: &Client, number: &str, team: i64) {
    manager.step(number, "reassign", json!({ "team": team, "reason": "A delicate matter" })).await;
    manager.patch(&format!("incidents/{number}"), json!({ "restricted": true })).await.ok();
}

story!(gen_04_gen_09_reports_count_only_what_the_caller_sees, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let representative = stage.sign_in(cast.representative).await;
    taken(&agent, &cast, cast.email).await;
    let mut of_acme = classified(&cast, cast.email);
    of_acme["requester"] = cast.acme_requester.into();
    let acme = agent.report(of_acme).await;
    let hidden = manager.report(classified(&cast, cast.email)).await;
    hide(&manager, &hidden, cast.network).await;
    let count = async |client: &Client| figure(&report(client, "volume", JUNE).await, "total", "opened");
    assert_eq!(
        (count(&manager).await, count(&agent).await, count(&representative).await),
        (json!(3), json!(2), json!(1))
    );
    assert_eq!(behind(&representative, "volume", JUNE, "total", "opened").await, [acme]);
    let offers = representative.get("reports").await.ok();
    assert!(!offers.to_string().contains("first_contact"), "it rests on what only staff reads");
    representative.get(&format!("reports/first_contact?{JUNE}")).await.refused(404, "not_found");
    let internal = format!("reports/ad_hoc?{JUNE}&group_by=escalated");
    representative.get(&internal).await.refused(422, "invalid_fields");
    let requester = stage.sign_in(cast.requester).await;
    requester.get(&format!("reports/volume?{JUNE}")).await.refused(403, "no_right");
    requester.get("reports").await.refused(403, "no_right");
    let narrow = stage.sign_in_with(cast.agent, &["incident.view"]).await;
    narrow.get(&format!("reports/volume?{JUNE}")).await.refused(403, "no_right");
});

/// A list, all pages, as an export in JSON would have it.
async fn listed(client: &Client, question: &str, fields: &[&str]) -> Vec<Json> {
    let mut rows = Vec::new();
    let mut after = String::new();
    loop {
        let path = format!("incidents?{question}&limit=100&fields={}{after}", fields.join(","));
        let page = client.get(&path).await.ok();
        for item in page["items"].as_array().expect("items") {
            let value = |key: &&str| match &item[*key] {
                Json::Object(reference) => reference["name"].clone(),
                other => other.clone(),
            };
            rows.push(fields.iter().map(|key| ((*key).to_owned(), value(key))).collect());
        }
        let Some(next) = page["next"].as_str() else { return rows };
        after = format!("&after={next}");
    }
}

story!(gen_22_s_06_an_export_is_exactly_the_list_of_the_same_caller, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let representative = stage.sign_in(cast.representative).await;
    for n in 0..205 {
        let mut values = classified(&cast, cast.email);
        values["requester"] = if n % 50 == 0 { cast.acme_requester } else { cast.requester }.into();
        values["title"] = format!("Printer {n}").into();
        values["diagnosis"] = "Toner".into();
        let number = agent.report(values).await;
        if n % 60 == 0 {
            hide(&manager, &number, cast.network).await;
        }
    }
    let fields = ["number", "title", "state", "priority", "team", "requester", "opened", "impact"];
    let question = format!("filter={}&sort=-opened", encoded("title contains \"1\""));
    for (who, client) in [("agent", &agent), ("manager", &manager), ("representative", &representative)] {
        let path = format!("incidents/export?format=json&{question}&fields={}", fields.join(","));
        let exported = client.get(&path).await.ok();
        let list = listed(client, &question, &fields).await;
        assert!(!list.is_empty(), "{who}");
        assert_eq!(exported, Json::from(list), "{who}");
    }
    let all = agent.get("incidents/export?format=csv").await;
    assert_eq!(all.status, 200, "{}", all.text);
    let header = all.text.lines().next().unwrap_or_default();
    assert_eq!(header, "number,title,state,requester,team,assignee,priority,opened,due", "what lists show");
    let seen = listed(&agent, "sort=-opened", &["number"]).await.len();
    assert_eq!(all.text.matches("\r\n").count(), seen + 1, "every page and nothing else");
    // Nobody gets a column by exporting that the list refuses, nor the export itself without the right.
    let internal = "incidents/export?format=csv&fields=number,diagnosis";
    assert!(agent.get(internal).await.text.contains("Toner"));
    representative.get(internal).await.refused(422, "invalid_fields");
    let by_internal = format!("incidents/export?format=csv&filter={}", encoded("diagnosis contains \"Toner\""));
    representative.get(&by_internal).await.refused(422, "invalid_fields");
    let requester = stage.sign_in(cast.requester).await;
    requester.get("incidents/export?format=csv").await.refused(403, "no_right");
    let narrow = stage.sign_in_with(cast.agent, &["incident.create"]).await;
    narrow.get("incidents/export?format=csv").await.refused(403, "no_right");
});

story!(gen_22_registers_are_exported_to_those_who_may_change_them, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let people = admin.get("people/export?format=json").await.ok();
    let listed = admin.get("people?limit=200").await.ok();
    let names = |rows: &Json| rows.as_array().expect("rows").iter().map(|r| r["name"].clone()).collect::<Vec<_>>();
    assert_eq!(names(&people), names(&listed["items"]));
    let agent_row = people.as_array().expect("rows").iter().find(|r| r["email"] == "agent@bank.example");
    assert_eq!(
        agent_row.map(|r| (r["organisation"].clone(), r["teams"].clone())),
        Some((json!("Retail Bank"), json!(["Service desk"])))
    );
    agent.get("people/export?format=csv").await.refused(403, "no_right");
    let manager = stage.sign_in(cast.manager).await;
    let categories = manager.get("categories/export?format=csv").await;
    assert!(categories.text.contains("vpn,VPN,true,"), "{}", categories.text);
});

story!(s_29_no_exported_cell_is_a_formula, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    for start in ["=", "+", "-", "@"] {
        let mut values = classified(&cast, cast.email);
        values["title"] = format!("{start}HYPERLINK(\"http://x\")").into();
        agent.report(values).await;
    }
    let csv = agent.get("incidents/export?format=csv&fields=title").await.text;
    for start in ["=", "+", "-", "@"] {
        assert!(csv.contains(&format!(",\"'{start}HYPERLINK(\"\"http://x\"\")\"\r\n")), "{start}: {csv}");
    }
    let grouped = format!("reports/ad_hoc/export?format=csv&{JUNE}&group_by=callback");
    let mut values = classified(&cast, cast.email);
    values["callback"] = "+44 20 7946 0000".into();
    agent.report(values).await;
    let report = agent.get(&grouped).await.text;
    assert!(report.contains("'+44 20 7946 0000,'+44 20 7946 0000,1,"), "{report}");
    let book = agent.get("incidents/export?format=xlsx").await;
    assert!(book.text.starts_with("PK"), "a workbook");
});
