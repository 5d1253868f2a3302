//! Fields that an organisation adds, computes and wants, and guards that it puts before steps.

use crate::browser::Pages;
use crate::client::encoded;
use crate::incident::{in_progress, resolution};
use crate::{Client, at, story};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// The settings of the one process there is, as a path.
/// The entry of a register that is about incidents.
pub async fn of_incidents(admin: &Client, register: &str) -> Json {
    let all = admin.get(register).await.ok();
    let own = all["items"].as_array().and_then(|all| all.iter().find(|each| each["process"] == "incident"));
    own.cloned().expect("an entry")
}

pub async fn settings(admin: &Client) -> String {
    format!("process-settings/{}", of_incidents(admin, "process-settings").await["id"])
}

async fn field(admin: &Client, name: &str, kind: &str, more: Json) -> i64 {
    let mut body = json!({ "name": name, "field": name.to_lowercase(), "process": "incident", "kind": kind });
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    admin.post("custom-fields", body).await.ok()["id"].as_i64().expect("an id")
}

story!(gen_03_a_retired_fields_value_outlives_edits_of_others, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    field(&admin, "Floor", "text", json!({})).await;
    let branch = format!("custom-fields/{}", field(&admin, "Branch", "text", json!({})).await);
    let number = agent.report(json!({ "floor": "3", "branch": "Leeds" })).await;
    let path = format!("incidents/{number}");
    admin.patch(&branch, json!({ "active": false })).await.ok();
    assert!(agent.incident(&number).await.get("branch").is_none(), "a retired field is not shown");
    agent.patch(&path, json!({ "floor": "4" })).await.ok();
    agent.patch(&path, json!({ "branch": "York" })).await.refused_field("branch", "unknown_field");
    admin.patch(&branch, json!({ "active": true })).await.ok();
    let record = agent.incident(&number).await;
    assert_eq!((record["floor"].clone(), record["branch"].clone()), (json!("4"), json!("Leeds")));
    // Its key and kind stay, and nobody else takes the key: the values belong to it.
    admin.patch(&branch, json!({ "kind": "number" })).await.refused_field("kind", "read_only");
    admin.patch(&branch, json!({ "active": false })).await.ok();
    let again = json!({ "name": "Other", "field": "branch", "process": "incident", "kind": "date" });
    admin.post("custom-fields", again).await.refused_field("field", "taken");
});

story!(gen_06_custom_fields_of_every_kind_are_set_filtered_listed_and_read_back, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let options = json!([{ "key": "red", "label": "Red" }, { "key": "blue", "label": "Blue" }]);
    let columns = json!([
        { "key": "name", "label": "Name", "kind": "text", "required": true },
        { "key": "amount", "label": "Amount", "kind": "number" },
    ]);
    let other = agent.report(json!({})).await;
    let names_other = format!("x = \"{other}\"");
    // (kind, a value, how it is read back, a filter that finds it, a value that does not fit, why)
    let kinds = [
        ("text", json!("Leeds"), "x = \"Leeds\"", json!(4), "not_text"),
        ("markdown", json!("Two\nlines"), "x contains \"lines\"", json!(4), "not_text"),
        ("number", json!(-7), "x < 0", json!("seven"), "not_a_number"),
        ("bool", json!(true), "x = true", json!("yes"), "not_a_bool"),
        ("date", json!("2025-06-06"), "x = \"2025-06-06\"", json!("6.6.2025"), "not_a_date"),
        ("instant", json!("2025-06-06T10:00:00Z"), "x > \"2025-06-01\"", json!("noon"), "not_an_instant"),
        ("duration", json!(5_400_000), "x > 1h", json!("1h"), "not_a_number"),
        ("money", json!(129_900), "x >= 129900", json!(12.5), "not_a_number"),
        ("choice", json!("red"), "x = \"red\"", json!("green"), "not_a_choice"),
        ("multi_choice", json!(["red", "blue"]), "x has \"blue\"", json!(["green"]), "not_a_choice"),
        ("tags", json!(["a", "b"]), "x has \"b\"", json!("a"), "not_a_list"),
        ("person", json!(cast.requester), "x is not empty", json!(999_999), "unknown_reference"),
        ("team", json!(cast.network), "x is not empty", json!("Network"), "not_a_reference"),
        ("organisation", json!(cast.acme), "x is not empty", json!(999_999), "unknown_reference"),
        ("service", json!(cast.email), "x is not empty", json!(999_999), "unknown_reference"),
        ("record", json!(other), names_other.as_str(), json!("INC-999999"), "unknown_link"),
        ("table", json!([{ "name": "Nut", "amount": 2 }]), "x is not empty", json!("Nut"), "not_a_list"),
    ];
    assert_eq!(kinds.len(), mainstay_processes::registers::CustomKind::ALL.len(), "every kind takes part");
    let held = agent.report(json!({})).await;
    for (kind, value, filter, wrong, why) in kinds {
        let (key, filter) = (format!("own_{kind}"), filter.replace('x', &format!("own_{kind}")));
        let choices = if kind.ends_with("choice") { options.clone() } else { json!([]) };
        let columns = if kind == "table" { columns.clone() } else { json!([]) };
        let more = json!({ "choices": choices, "columns": columns, "currency": "EUR", "in_list": true });
        field(&admin, &key, kind, more).await;
        let mut body = json!({ "title": kind });
        body[&key] = wrong;
        agent.post("incidents", body.clone()).await.refused_field(&key, why);
        body[&key] = value.clone();
        let number = agent.post("incidents", body).await.ok()["number"].as_str().expect("a number").to_owned();
        let shown = |record: &Json| {
            if record[&key]["id"].is_null() { record[&key].clone() } else { record[&key]["id"].clone() }
        };
        assert_eq!(shown(&agent.incident(&number).await), value, "{kind} read back");
        let filter = encoded(&filter);
        let found = agent.get(&format!("incidents?filter={filter}&fields=number,{key}")).await.ok();
        let items = found["items"].as_array().expect("items");
        assert_eq!((items.len(), items[0]["number"].clone()), (1, json!(number)), "{kind} filtered: {found}");
        assert_eq!(shown(&items[0]), value, "{kind} listed");
        ordered(&agent, &key, &number, kind).await;
        // Set, emptied and set back on a record that was there before its field.
        let path = format!("incidents/{held}");
        let mut edit = json!({});
        edit[&key] = value.clone();
        assert_eq!(shown(&agent.patch(&path, edit.clone()).await.ok()), value, "{kind} set later");
        edit[&key] = Json::Null;
        assert!(agent.patch(&path, edit).await.ok()[&key].is_null(), "{kind} emptied");
    }
});

/// A list is ordered by the field in both directions, page by page, those without a value last.
async fn ordered(agent: &Client, key: &str, number: &str, kind: &str) {
    if kind == "record" {
        agent.get(&format!("incidents?sort={key}")).await.refused(422, "not_sortable");
        return;
    }
    for sign in ["", "-"] {
        let (mut found, mut next) = (Vec::new(), String::new());
        loop {
            let page = agent.get(&format!("incidents?sort={sign}{key}&limit=2&fields=number{next}")).await.ok();
            let items = page["items"].as_array().expect("items");
            found.extend(items.iter().map(|item| item["number"].as_str().expect("a number").to_owned()));
            let Some(after) = page["next"].as_str() else { break };
            next = format!("&after={after}");
        }
        assert_eq!(found[0], number, "{kind} first, {sign}");
        let all: BTreeSet<&String> = found.iter().collect();
        let total = agent.get("incidents?limit=200").await.ok()["items"].as_array().expect("items").len();
        assert_eq!((all.len(), found.len()), (total, total), "{kind}: everything once, {sign}");
    }
}

story!(gen_06_lists_are_in_the_order_of_an_own_field, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    field(&admin, "floor", "number", json!({})).await;
    field(&admin, "site", "text", json!({})).await;
    let long = "x".repeat(230);
    let mut numbers = Vec::new();
    for (floor, site) in [(3, "Leeds"), (-1, "Bonn"), (12, "Aix"), (3, "Bonn"), (7, long.as_str())] {
        let body = json!({ "title": site, "floor": floor, "site": site });
        numbers.push(agent.post("incidents", body).await.ok()["number"].as_str().expect("a number").to_owned());
    }
    let bare = agent.report(json!({})).await;
    let n = |at: &[usize]| at.iter().map(|at| numbers[*at].clone()).collect::<Vec<_>>();
    let found = async |query: &str| {
        let page = agent.get(&format!("incidents?limit=200&{query}")).await.ok();
        let items = page["items"].as_array().expect("items").iter();
        items.map(|item| item["number"].as_str().expect("a number").to_owned()).collect::<Vec<_>>()
    };
    let lasts = async |query: &str| found(query).await.into_iter().take(5).collect::<Vec<_>>();
    assert_eq!(lasts("sort=floor").await, n(&[1, 0, 3, 4, 2]));
    assert_eq!(lasts("sort=-floor").await, n(&[2, 4, 3, 0, 1]));
    assert_eq!(lasts("sort=site").await, n(&[2, 1, 3, 0, 4]));
    assert!(found("sort=-site").await.contains(&bare), "who has no value comes as well");
    let three = encoded("floor >= 3 and floor < 8");
    assert_eq!(found(&format!("sort=-floor&filter={three}")).await, n(&[4, 3, 0]));
    let texts = encoded(&format!("site = \"{long}\" or site = \"Aix\""));
    assert_eq!(found(&format!("sort=floor&filter={texts}")).await, n(&[4, 2]), "a long text is compared to its end");
    let nearly = encoded(&format!("site = \"{long}y\""));
    assert_eq!(found(&format!("filter={nearly}")).await, n(&[]));
    // Changed and emptied, a value stands where it is now.
    agent.patch(&format!("incidents/{}", numbers[2]), json!({ "floor": -5 })).await.ok();
    agent.patch(&format!("incidents/{}", numbers[4]), json!({ "floor": null })).await.ok();
    assert_eq!(found("sort=floor").await[..4], n(&[2, 1, 0, 3]));
    assert_eq!(found(&format!("sort=-floor&filter={three}")).await, n(&[3, 0]));
});

story!(b_10_gen_06_rows_stand_under_headings_of_an_own_field, |stage| async move {
    let cast = stage.house.cast.clone();
    let pages = Pages::of(&stage).await;
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let choices = json!([{ "key": "red", "label": "Red" }, { "key": "blue", "label": "Blue" }]);
    field(&admin, "Colour", "choice", json!({ "choices": choices })).await;
    for colour in ["red", "blue", "red"] {
        agent.post("incidents", json!({ "title": "Painted", "colour": colour })).await.ok();
    }
    agent.report(json!({})).await;
    let list = pages.browser(&stage, cast.agent).await.get("/incidents?group=colour&sort=-opened").await.text;
    let heads: Vec<&str> = list.split("class=\"group-head\"").skip(1).collect();
    let head = |at: usize| heads[at].split("</summary>").next().unwrap_or_default();
    assert_eq!(heads.len(), 3, "{list}");
    assert!(head(0).contains(">Red<") && head(0).contains(">2<"), "{}", head(0));
    assert!(head(1).contains(">Blue<") && head(1).contains(">1<") && head(2).contains("none"), "{}", head(1));
});

story!(gen_06_what_is_mandatory_at_closed_holds_up_closing_by_itself_too, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let requester = stage.sign_in(cast.requester).await;
    let rules = json!([{ "field": "workaround", "state": "closed" }]);
    admin.patch(&settings(&admin).await, json!({ "mandatory": rules })).await.ok();
    let number = in_progress(&stage, &agent).await;
    agent.step(&number, "resolve", resolution(&cast)).await;
    let confirm = format!("incidents/{number}/confirm");
    requester.post(&confirm, json!({})).await.refused_field("workaround", "required");
    stage.house.advance_to(at("2025-06-09T08:00:01Z")).await;
    assert_eq!(agent.incident(&number).await["state"], "resolved", "the system is held to it as well");
    let history = agent.get(&format!("incidents/{number}/history")).await.ok();
    assert!(history.to_string().contains("postponed"), "and says so: {history}");
    agent.patch(&format!("incidents/{number}"), json!({ "workaround": "Use the cable" })).await.ok();
    stage.house.advance_to(at("2025-06-10T08:00:01Z")).await;
    assert_eq!(agent.incident(&number).await["state"], "closed", "tried again a working day later");
});

story!(gen_06_settings_name_only_what_is_there, |stage| async move {
    let admin = stage.sign_in(stage.house.cast.admin).await;
    let path = settings(&admin).await;
    let wrong = [
        ("mandatory", json!([{ "field": "no_such_field" }]), "unknown_field"),
        ("mandatory", json!([{ "field": "workaround", "state": "closd" }]), "unknown_state"),
        ("policies", json!([{ "policy": "close_days", "value": 3 }]), "unknown_policy"),
        ("policies", json!([{ "policy": "reopen_days", "value": 366 }]), "out_of_range"),
        ("guards", json!([{ "step": "solve", "condition": "priority = 1", "says": "No." }]), "unknown_verb"),
        ("guards", json!([{ "step": "resolve", "condition": "workround is empty", "says": "No." }]), "unknown_field"),
    ];
    for (key, rows, why) in wrong {
        let mut body = json!({});
        body[key] = rows;
        let at = match why {
            "unknown_verb" => "guards.0.step",
            _ if key == "guards" => "guards.0.condition",
            _ => key,
        };
        admin.patch(&path, body).await.refused_field(at, why);
    }
});

story!(gen_05_a_guard_of_the_organisation_refuses_with_its_own_sentence, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    field(&admin, "Approved", "bool", json!({})).await;
    let says = "Payments go back to work only when the branch has agreed.";
    let guards = json!([{
        "step": "resolve", "says": says,
        "condition": format!("service != {} or approved = true or resolution_code = \"no_fault\"", cast.payments),
    }]);
    admin.patch(&settings(&admin).await, json!({ "guards": guards })).await.ok();
    let other = in_progress(&stage, &agent).await;
    agent.step(&other, "resolve", resolution(&cast)).await;
    let number = in_progress(&stage, &agent).await;
    let path = format!("incidents/{number}");
    agent.patch(&path, json!({ "service": cast.payments })).await.ok();
    let version = agent.incident(&number).await["version"].clone();
    let refusal = agent.post(&format!("{path}/resolve"), resolution(&cast)).await.refused(409, "guarded");
    assert_eq!(refusal["detail"], says);
    let record = agent.incident(&number).await;
    assert_eq!((record["state"].clone(), record["version"].clone()), (json!("in_progress"), version));
    // What comes with the step counts, and so does what the record holds.
    let mut no_fault = resolution(&cast);
    no_fault["resolution_code"] = "no_fault".into();
    agent.step(&number, "resolve", no_fault).await;
    agent.step(&number, "reopen", json!({ "reason": "Still slow" })).await;
    agent.post(&format!("{path}/resolve"), resolution(&cast)).await.refused(409, "guarded");
    agent.patch(&path, json!({ "approved": true })).await.ok();
    agent.step(&number, "resolve", resolution(&cast)).await;
});

story!(gen_05_a_step_is_not_offered_while_a_guard_refuses_whatever_comes_with_it, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    field(&admin, "Approved", "bool", json!({})).await;
    let guard = |step: &str, condition: &str| json!({ "step": step, "condition": condition, "says": "Not yet." });
    let guards = json!([
        guard("resolve", "approved = true"),
        guard("hold", "approved = true or hold_reason = \"vendor\""),
        guard("cancel", "state = \"cancelled\""),
    ]);
    admin.patch(&settings(&admin).await, json!({ "guards": guards })).await.ok();
    let number = in_progress(&stage, &agent).await;
    let offered = async |verb: &str| {
        let record = agent.incident(&number).await;
        record["actions"].as_array().expect("actions").iter().any(|a| a["verb"] == verb)
    };
    assert!(!offered("resolve").await, "nothing that comes with it could help");
    assert!(offered("hold").await, "the reason that comes with it may do");
    assert!(offered("cancel").await, "it looks at the record as the step leaves it");
    agent.post(&format!("incidents/{number}/resolve"), resolution(&cast)).await.refused(409, "guarded");
    agent.patch(&format!("incidents/{number}"), json!({ "approved": true })).await.ok();
    assert!(offered("resolve").await);
});

story!(inc_06_gen_02_computed_fields_are_shown_and_never_set, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let number = agent.report(json!({ "impact": "high", "urgency": "low", "category": cast.vpn_category })).await;
    let record = agent.incident(&number).await;
    assert_eq!(
        (record["derived_priority"].clone(), record["opening_category"]["id"].clone()),
        (json!(3), json!(cast.vpn_category))
    );
    let computed = ["derived_priority", "matrix_version", "opening_category", "reopen_count", "hop_count", "escalated"];
    for key in computed {
        let mut body = json!({});
        body[key] = if key == "opening_category" { cast.network_category } else { 1 }.into();
        manager.patch(&format!("incidents/{number}"), body.clone()).await.refused_field(key, "read_only");
        body["title"] = "Forged".into();
        manager.post("incidents", body).await.refused_field(key, "read_only");
    }
});

story!(gen_06_gen_13_a_field_with_a_condition_belongs_to_the_records_that_meet_it, |stage| async move {
    let cast = stage.house.cast.clone();
    let (admin, agent) = (stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let on_phone = json!({ "condition": "source = \"phone\"", "required": true });
    let id = field(&admin, "Extension", "text", on_phone).await;
    field(&admin, "Floor", "text", json!({ "condition": "extension is not empty" })).await;
    // It is wanted where it is asked, and only there.
    agent
        .post("incidents", json!({ "title": "Rings", "source": "phone" }))
        .await
        .refused_field("extension", "required");
    let number = agent.report(json!({ "source": "email", "extension": "4711", "floor": "3" })).await;
    let record = agent.incident(&number).await;
    assert!(record.get("extension").is_none_or(Json::is_null), "what is not asked is not kept: {record}");
    assert!(record.get("floor").is_none_or(Json::is_null), "nor what hangs on it: {record}");
    let number = agent.report(json!({ "source": "phone", "extension": "4711", "floor": "3" })).await;
    let record = agent.incident(&number).await;
    assert_eq!((record["extension"].clone(), record["floor"].clone()), (json!("4711"), json!("3")));
    // It goes when the record no longer meets the condition, and the history says so.
    agent.patch(&format!("incidents/{number}"), json!({ "source": "email" })).await.ok();
    let record = agent.incident(&number).await;
    assert!(record.get("extension").is_none_or(Json::is_null) && record.get("floor").is_none_or(Json::is_null));
    let history = agent.get(&format!("incidents/{number}/history")).await.ok();
    let last = history["items"].as_array().and_then(|items| items.last()).cloned().expect("an event");
    assert!(last["changes"].to_string().contains("4711"), "{last}");
    // A condition is held to the fields that there are, and to others than itself.
    let entry = format!("custom-fields/{id}");
    admin.patch(&entry, json!({ "condition": "extension = \"1\"" })).await.refused_field("condition", "ring");
    admin.patch(&entry, json!({ "condition": "colour = \"red\"" })).await.refused_field("condition", "unknown_field");
    admin.patch(&entry, json!({ "condition": "source =" })).await;
});

story!(gen_06_the_form_of_an_own_field_asks_what_its_kind_has_and_nothing_else, |stage| async move {
    let cast = stage.house.cast.clone();
    let browser = Pages::of(&stage).await.browser(&stage, cast.admin).await;
    let admin = stage.sign_in(cast.admin).await;
    let signs = ["value=\"choices\"", "name=\"target\"", "value=\"columns\"", "name=\"currency\""];
    let asked = |page: &str| signs.map(|sign| page.contains(sign));
    let place = "/admin/custom-fields/new";
    let first = browser.get(place).await.text;
    assert_eq!(asked(&first), [false; 4], "a kind is chosen first");
    assert!(first.contains("Update form"), "without a script by a button");
    let form = |kind: &str, more: &[(&str, &str)]| {
        let own = [("name", "Colour"), ("process", "incident"), ("field", "colour"), ("kind", kind)];
        own.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>()
    };
    let kinds = [
        ("text", [false, false, false, false]),
        ("choice", [true, false, false, false]),
        ("multi_choice", [true, false, false, false]),
        ("record", [false, true, false, false]),
        ("table", [false, false, true, true]),
        ("money", [false, false, false, true]),
    ];
    for (kind, expected) in kinds {
        let page = browser.post(place, &form(kind, &[("_update", "1")])).await;
        assert_eq!((page.status.as_u16(), asked(&page.text)), (200, expected), "{kind}: {}", page.text);
        assert!(page.text.contains("value=\"Colour\""), "what is typed stays");
    }
    // Whoever forgets what the kind needs is asked for it; what another kind would have is not kept.
    let refused = browser.post(place, &form("choice", &[])).await;
    assert_eq!((refused.status.as_u16(), asked(&refused.text)[0]), (422, true), "{}", refused.text);
    let stale = [("choices.0.key", "red"), ("choices.0.label", "Red"), ("currency", "EUR")];
    let made = browser.post(place, &form("text", &stale)).await;
    assert_eq!(made.status.as_u16(), 303, "{}", made.text);
    let id = made.leads_to().rsplit('/').next().expect("an id").to_owned();
    let kept = admin.get(&format!("custom-fields/{id}")).await.ok();
    assert!(kept["choices"].as_array().is_none_or(Vec::is_empty) && kept["currency"].is_null(), "{kept}");
    assert_eq!(asked(&browser.get(made.leads_to()).await.text), [false; 4]);
});
