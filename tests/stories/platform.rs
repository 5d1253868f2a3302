//! Platform rules that every process keeps.

use crate::browser::Pages;
use crate::{Client, Stage, at, story};
use mainstay_engine::process::Who;
use serde_json::{Value as Json, json};

story!(gen_01_a_number_is_unique_prefixed_never_reused_and_never_editable, |stage| async move {
    let agent = stage.sign_in(stage.house.cast.agent).await;
    let first = agent.report(json!({})).await;
    agent.step(&first, "cancel", json!({ "cancel_reason": "raised_in_error" })).await;
    let second = agent.report(json!({})).await;
    assert_ne!(first, second);
    assert!(first.starts_with("INC-") && second.starts_with("INC-"));
    agent.patch(&format!("incidents/{second}"), json!({ "number": first })).await.refused_field("number", "read_only");
    assert_eq!(agent.incident(&second).await["number"], second);
});

story!(gen_02_stamps_are_the_systems_own_in_utc_and_business_times_are_apart, |stage| async move {
    let agent = stage.sign_in(stage.house.cast.agent).await;
    for forged in ["opened", "updated", "resolved", "closed"] {
        let mut body = json!({ "title": "Forged" });
        body[forged] = "2001-01-01T00:00:00Z".into();
        agent.post("incidents", body).await.refused_field(forged, "read_only");
    }
    agent
        .post("incidents", json!({ "title": "Forged", "created_at": "2001-01-01T00:00:00Z" }))
        .await
        .refused_field("created_at", "unknown_field");
    let number = agent.report(json!({ "outage_start": "2025-06-02T08:30:00+01:00" })).await;
    let record = agent.incident(&number).await;
    assert_eq!(record["opened"], "2025-06-02T08:00:00Z");
    assert_eq!(record["outage_start"], "2025-06-02T07:30:00Z", "stored in UTC whatever the offset");
    stage.house.clock.advance_minutes(5);
    agent.patch(&format!("incidents/{number}"), json!({ "outage_start": "2025-06-02T07:00:00Z" })).await.ok();
    let record = agent.incident(&number).await;
    assert_eq!(
        (record["opened"].clone(), record["updated"].clone()),
        (json!("2025-06-02T08:00:00Z"), json!("2025-06-02T08:05:00Z"))
    );
});

story!(gen_03_every_change_is_kept_with_old_and_new_and_nobody_can_alter_it, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let admin = stage.sign_in(cast.admin).await;
    let number = agent.report(json!({})).await;
    let path = format!("incidents/{number}");
    agent.patch(&path, json!({ "title": "First" })).await.ok();
    agent.patch(&path, json!({ "title": "Second" })).await.ok();
    let history = agent.get(&format!("{path}/history")).await.ok();
    let titles: Vec<(Json, Json)> = history["items"]
        .as_array()
        .expect("items")
        .iter()
        .flat_map(|e| e["changes"].as_array().cloned().unwrap_or_default())
        .filter(|c| c["field"] == "title")
        .map(|c| (c["old"].clone(), c["new"].clone()))
        .collect();
    assert_eq!(titles[1..], [(json!("VPN drops"), json!("First")), (json!("First"), json!("Second"))]);
    let last = history["items"].as_array().and_then(|i| i.last()).cloned().expect("an event");
    assert_eq!((last["actor"]["id"].clone(), last["channel"].clone()), (cast.agent.into(), json!("api")));
    for method in ["DELETE", "PUT", "PATCH", "POST"] {
        let answer = admin.send(method, &format!("{path}/history"), Some(json!({})), &[]).await;
        assert_eq!(answer.status.as_u16(), 405, "{method}: {}", answer.text);
    }
    // Configuration is held to the same.
    let team = format!("teams/{}", cast.network);
    admin.patch(&team, json!({ "name": "Networks" })).await.ok();
    let history = admin.get(&format!("{team}/history")).await.ok();
    assert!(history.to_string().contains("Networks") && history.to_string().contains("\"Network\""), "{history}");
    let database = stage.house.desk.db();
    for sql in ["UPDATE event SET verb = 'x'", "DELETE FROM event"] {
        let done = database.write(move |conn| conn.run(sql, &[])).await;
        assert!(done.is_err(), "the database itself refuses: {sql}");
    }
});

story!(gen_04_rights_are_per_role_process_action_and_organisation, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let number = agent.report(json!({ "requester": cast.requester })).await;
    let of_acme = agent.report(json!({ "requester": cast.acme_requester })).await;
    // (persona, sees Retail Bank's, sees Acme's, may edit, may open)
    let matrix = [
        (cast.requester, true, false, false, true),
        (cast.acme_requester, false, true, false, true),
        (cast.agent_l2, true, true, true, true),
        (cast.manager, true, true, true, true),
        (cast.approver, false, false, false, true),
        (cast.representative, false, true, false, true),
        (cast.vendor, false, false, false, false),
        (cast.auditor, true, true, false, false),
        (cast.admin, true, true, true, true),
        (cast.monitoring, false, false, false, true),
    ];
    for (person, bank, acme, edit, open) in matrix {
        let client = stage.sign_in(person).await;
        assert_eq!(
            client.get(&format!("incidents/{number}")).await.status.is_success(),
            bank,
            "{person} sees the bank's"
        );
        assert_eq!(client.get(&format!("incidents/{of_acme}")).await.status.is_success(), acme, "{person} sees Acme's");
        if bank {
            let version = client.incident(&number).await["version"].as_i64().expect("a version");
            let answer = client
                .patch_version(
                    &format!("incidents/{number}"),
                    version,
                    json!({ "workaround": format!("Cable {person}") }),
                )
                .await;
            assert_eq!(answer.status.is_success(), edit, "{person} edits: {}", answer.text);
        }
        let answer = client.post("incidents", json!({ "title": "Mine" })).await;
        assert_eq!(answer.status.is_success(), open, "{person} opens: {}", answer.text);
    }
    stage.stranger().get("incidents").await.refused(401, "not_signed_in");
});

story!(gen_05_only_listed_transitions_succeed_and_every_refusal_says_why, |stage| async move {
    let cast = stage.house.cast.clone();
    let manager = stage.sign_in(cast.manager).await;
    let requester = stage.sign_in(cast.requester).await;
    for process in mainstay_processes::ALL {
        for state in process.states {
            let number = match process.key {
                "problem" => crate::problem::brought_to(&stage, &manager, state.key).await,
                "change" => crate::change::brought_to(&stage, &manager, state.key).await,
                "evaluation" => crate::evaluation::brought_to(&stage, &manager, state.key).await,
                "baseline" => crate::captured::brought_to(&stage, &manager, state.key).await,
                "licence" => crate::licences::brought_to(&stage, &manager, state.key).await,
                "asset" => crate::assets::brought_to(&stage, &manager, state.key).await,
                "configuration_item" => crate::configuration::brought_to(&stage, &manager, state.key).await,
                _ => brought_to(&stage, &manager, state.key).await,
            };
            let own = format!("{}/{number}", process.plural);
            for step in process.transitions.iter().filter(|t| !t.leaves(state) && t.who.has(Who::STAFF)) {
                let before = manager.get(&own).await.ok();
                let refusal = manager
                    .post(&format!("{}/{number}/{}", process.plural, step.verb), json!({ "reason": "Trying" }))
                    .await;
                let body = refusal.refused(409, "wrong_state");
                assert!(
                    body["detail"].as_str().is_some_and(|d| d.contains(state.label.to_lowercase().as_str())),
                    "{body}"
                );
                assert_eq!(manager.get(&own).await.ok()["version"], before["version"], "nothing changed");
            }
            for step in process.transitions.iter().filter(|t| !t.leaves(state) && t.who.has(Who::REQUESTER)) {
                let path = format!("{}/{number}/{}", process.plural, step.verb);
                let body = requester.post(&path, json!({ "reason": "Trying" })).await.refused(409, "wrong_state");
                let says = body["detail"].as_str().unwrap_or_default();
                assert!(says.contains(&state.label.to_lowercase()), "{} as the requester: {body}", step.verb);
            }
            for step in process.transitions.iter().filter(|t| !t.who.has(Who::STAFF) && !t.who.has(Who::REQUESTER)) {
                manager
                    .post(&format!("{}/{number}/{}", process.plural, step.verb), json!({}))
                    .await
                    .refused(403, "not_yours");
            }
        }
    }
});

/// A new incident, led to a state by the steps that people take.
async fn brought_to(stage: &Stage, manager: &Client, state: &str) -> String {
    let cast = &stage.house.cast;
    let requester = stage.sign_in(cast.requester).await;
    let number = requester.report(json!({})).await;
    let classified =
        json!({ "team": cast.service_desk, "impact": "low", "urgency": "low", "category": cast.network_category });
    let resolution = json!({ "resolution_code": "fixed", "resolution": "Restarted", "closing_category": cast.vpn_category, "restored": "2025-06-02T08:00:00Z" });
    let path: &[(&str, Json)] = match state {
        "assigned" => &[("assign", classified)],
        "in_progress" => &[("take", classified)],
        "on_hold" => &[("take", classified), ("hold", json!({ "hold_reason": "vendor" }))],
        "resolved" | "closed" => &[("take", classified), ("resolve", resolution)],
        "cancelled" => &[("cancel", json!({ "cancel_reason": "raised_in_error" }))],
        _ => &[],
    };
    for (verb, body) in path {
        let mut body = body.clone();
        if *verb == "take" {
            let team = body["team"].take();
            manager
                .step(
                    &number,
                    "assign",
                    json!({ "team": team, "impact": "low", "urgency": "low", "category": cast.network_category }),
                )
                .await;
            body = json!({});
        }
        manager.step(&number, verb, body).await;
    }
    if state == "closed" {
        requester.step(&number, "confirm", json!({})).await;
    }
    assert_eq!(manager.incident(&number).await["state"], state);
    number
}

story!(gen_06_a_field_can_be_made_mandatory_always_and_in_one_state, |stage| async move {
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let agent = stage.sign_in(cast.agent).await;
    let settings = crate::fields::of_incidents(&admin, "process-settings").await["id"].as_i64().expect("an entry");
    let number = brought_to(&stage, &stage.sign_in(cast.manager).await, "in_progress").await;
    let rules = json!([{ "field": "workaround", "state": "resolved" }, { "field": "callback" }]);
    admin.patch(&format!("process-settings/{settings}"), json!({ "mandatory": rules })).await.ok();
    agent.post("incidents", json!({ "title": "No number to call" })).await.refused_field("callback", "required");
    let resolution = json!({ "resolution_code": "fixed", "resolution": "Restarted", "closing_category": cast.vpn_category, "restored": "2025-06-02T08:00:00Z" });
    let answer = agent.post(&format!("incidents/{number}/resolve"), resolution.clone()).await;
    assert_eq!(answer.status.as_u16(), 422);
    assert!(answer.text.contains("workaround"), "{}", answer.text);
    assert_eq!(agent.incident(&number).await["state"], "in_progress");
    agent
        .patch(&format!("incidents/{number}"), json!({ "workaround": "Use the cable", "callback": "1234" }))
        .await
        .ok();
    agent.step(&number, "resolve", resolution).await;
});

story!(gen_07_links_are_typed_show_on_both_ends_and_go_from_both, |stage| async move {
    let agent = stage.sign_in(stage.house.cast.agent).await;
    let (one, two) = (agent.report(json!({})).await, agent.report(json!({})).await);
    let links = |number: &str| format!("incidents/{number}/links");
    agent.post(&links(&one), json!({ "relation": "friend_of", "to": two })).await.refused(422, "unknown_relation");
    agent.post(&links(&one), json!({ "relation": "caused_by", "to": two })).await.ok();
    let from_one = agent.get(&links(&one)).await.ok();
    let from_two = agent.get(&links(&two)).await.ok();
    assert!(from_one.to_string().contains("Caused by") && from_one.to_string().contains(&two), "{from_one}");
    assert!(from_two.to_string().contains("\"Caused\"") && from_two.to_string().contains(&one), "{from_two}");
    agent.delete(&format!("incidents/{two}/links/caused_by/{one}")).await.refused(404, "not_found");
    agent.delete(&format!("incidents/{one}/links/caused_by/{two}")).await.ok();
    assert!(!agent.get(&links(&two)).await.ok().to_string().contains(&one), "gone from the other end too");
});

story!(gen_09_internal_content_never_reaches_requesters_customers_or_vendors, |stage| async move {
    let stage = stage.indexed();
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let canary = "CANARY-7f3a";
    let number =
        agent.report(json!({ "requester": cast.acme_requester, "diagnosis": format!("{canary} in a field") })).await;
    agent
        .post(
            &format!("incidents/{number}/comments"),
            json!({ "body": format!("{canary} in a note"), "internal": true }),
        )
        .await
        .ok();
    agent
        .post(&format!("incidents/{number}/tasks"), json!({ "title": "Ask on site", "team": cast.netco_team }))
        .await
        .ok();
    stage.house.read_log().await;
    for person in [cast.acme_requester, cast.representative, cast.vendor] {
        let client = stage.sign_in(person).await;
        for path in ["", "/comments", "/history", "/links", "/attachments", "/tasks", "/watchers", "/clocks"] {
            let answer = client.get(&format!("incidents/{number}{path}")).await;
            assert!(answer.status.is_success(), "{person} {path}: {}", answer.text);
            assert!(!answer.text.contains(canary), "{person} {path}: {}", answer.text);
        }
        let list = client.get("incidents").await.ok();
        assert!(list.to_string().contains(&number) && !list.to_string().contains(canary));
        let export = client.get("incidents?fields=title,diagnosis").await;
        assert_eq!(export.status.as_u16(), 422, "an internal field is unknown to them: {}", export.text);
        let probe = client.get("incidents?filter=diagnosis%20contains%20%22CANARY%22").await;
        assert_eq!(probe.status.as_u16(), 422, "nor can it be asked about: {}", probe.text);
        assert!(!client.get("notices").await.text.contains(canary));
        let found = client.get(&format!("search?q={canary}")).await.ok();
        assert_eq!(found["items"], json!([]), "{person}: {found}");
        for format in ["csv", "json"] {
            let file = client.get(&format!("incidents/export?format={format}")).await;
            assert!(!file.text.contains(canary), "{person} {format}: {}", file.text);
            if person == cast.representative {
                assert!(file.status.is_success() && file.text.contains(&number), "{format}: {}", file.text);
            }
        }
    }
    let found = agent.get(&format!("search?q={canary}")).await.ok();
    assert_eq!(found["items"][0]["number"], number, "staff find it: {found}");
    assert!(agent.get(&format!("incidents/{number}/comments")).await.ok().to_string().contains(canary));
});

story!(gen_12_a_process_can_be_switched_off_and_its_history_stays, |stage| async move {
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let agent = stage.sign_in(cast.agent).await;
    let number = agent.report(json!({})).await;
    let settings = crate::fields::of_incidents(&admin, "process-settings").await["id"].as_i64().expect("an entry");
    let path = format!("process-settings/{settings}");
    let pages = Pages::of(&stage).await;
    let (desk, portal) = (pages.browser(&stage, cast.agent).await, pages.browser(&stage, cast.requester).await);
    let menu = async || desk.get("/me/notices").await.text.matches("href=\"/incidents").count();
    let invited = async || portal.get("/portal").await.text.contains("/portal/report/incidents");
    assert!(menu().await > 0 && invited().await, "in the sidebar of the desk and on the portal");
    assert_eq!(desk.get("/incidents/new").await.status, 200);
    admin.patch(&path, json!({ "disabled": true })).await.ok();
    assert!(menu().await == 0 && !invited().await, "no menu leads there");
    let refused = desk.get("/incidents/new").await;
    assert!(refused.status == 409 && refused.text.contains("is switched off here"), "{}", refused.status);
    assert_eq!(portal.get("/portal/report/incidents").await.status, 404);
    assert_eq!(desk.get(&format!("/incidents/{number}")).await.status, 200, "what there is stays readable");
    agent.post("incidents", json!({ "title": "No" })).await.refused(409, "process_disabled");
    assert_eq!(agent.incident(&number).await["number"], number);
    let me = agent.get("me").await.ok();
    assert!(!me["processes"].to_string().contains("incident"), "hidden from menus: {me}");
    admin.get("people").await.ok();
    admin.patch(&path, json!({ "disabled": false })).await.ok();
    agent.report(json!({})).await;
});

story!(gen_14_clients_see_their_organisation_and_vendors_their_tasks_only, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let vendor = stage.sign_in(cast.vendor).await;
    let client = stage.sign_in(cast.representative).await;
    let of_bank = agent.report(json!({ "requester": cast.requester })).await;
    let of_acme = agent.report(json!({ "requester": cast.acme_requester })).await;
    let numbers = |list: Json| -> Vec<String> {
        list["items"].as_array().into_iter().flatten().filter_map(|r| r["number"].as_str().map(str::to_owned)).collect()
    };
    assert_eq!(numbers(client.get("incidents").await.ok()), std::slice::from_ref(&of_acme));
    assert!(numbers(vendor.get("incidents").await.ok()).is_empty());
    let mine = agent
        .post(&format!("incidents/{of_bank}/tasks"), json!({ "title": "Swap the modem", "team": cast.netco_team }))
        .await
        .ok();
    let other = agent
        .post(&format!("incidents/{of_bank}/tasks"), json!({ "title": "Call the branch", "team": cast.service_desk }))
        .await
        .ok();
    assert_eq!(numbers(vendor.get("incidents").await.ok()), std::slice::from_ref(&of_bank));
    let tasks = vendor.get(&format!("incidents/{of_bank}/tasks")).await.ok();
    assert_eq!(tasks["items"].as_array().map(Vec::len), Some(1), "only its own: {tasks}");
    let task = |id: &Json| format!("incidents/{of_bank}/tasks/{id}");
    vendor.patch_version(&task(&mine["id"]), 1, json!({ "state": "done" })).await.ok();
    vendor.patch_version(&task(&other["id"]), 1, json!({ "state": "done" })).await.refused(404, "not_found");
    let version = vendor.incident(&of_bank).await["version"].as_i64().expect("a version");
    vendor
        .patch_version(&format!("incidents/{of_bank}"), version, json!({ "title": "Ours" }))
        .await
        .refused(403, "no_right");
});

story!(gen_18_a_stale_write_is_refused_and_loses_nothing, |stage| async move {
    let cast = stage.house.cast.clone();
    let (one, two) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.agent_l2).await);
    let number = one.report(json!({})).await;
    let path = format!("incidents/{number}");
    let version = two.incident(&number).await["version"].as_i64().expect("a version");
    one.patch_version(&path, version, json!({ "title": "By the first" })).await.ok();
    two.patch_version(&path, version, json!({ "title": "By the second" })).await.refused(409, "stale");
    assert_eq!(two.incident(&number).await["title"], "By the first");
    let answer = two.send("PATCH", &path, Some(json!({ "title": "Blindly" })), &[]).await;
    assert_eq!(answer.status.as_u16(), 428, "{}", answer.text);
});

story!(gen_21_a_new_matrix_governs_new_records_only, |stage| async move {
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let agent = stage.sign_in(cast.agent).await;
    let old = agent.report(json!({ "impact": "low", "urgency": "high" })).await;
    let matrix = crate::fields::of_incidents(&admin, "priority-matrices").await;
    let mut cells = matrix["cells"].as_array().expect("cells").clone();
    for cell in &mut cells {
        cell["priority"] = json!(1);
    }
    admin.patch(&format!("priority-matrices/{}", matrix["id"]), json!({ "cells": cells })).await.ok();
    let record = agent.incident(&old).await;
    assert_eq!((record["priority"].clone(), record["matrix_version"].clone()), (json!(3), json!(1)));
    agent.patch(&format!("incidents/{old}"), json!({ "urgency": "low" })).await.ok();
    let record = agent.incident(&old).await;
    assert_eq!(
        (record["priority"].clone(), record["matrix_version"].clone()),
        (json!(5), json!(1)),
        "derived by the version it began under"
    );
    let fresh = agent.report(json!({ "impact": "low", "urgency": "low" })).await;
    let record = agent.incident(&fresh).await;
    assert_eq!((record["priority"].clone(), record["matrix_version"].clone()), (json!(1), json!(2)));
});

story!(gen_08_templates_are_filled_once_and_never_evaluated, |stage| async move {
    let cast = stage.house.cast.clone();
    let admin = stage.sign_in(cast.admin).await;
    let requester = stage.sign_in(cast.requester).await;
    admin
        .post(
            "notification-rules",
            json!({
                "name": "Probe", "process": "incident", "event": "opened", "audience": "requester",
                "subject": "{title}", "body": "{title}", "condition": "title contains \"probe\"",
            }),
        )
        .await
        .ok();
    stage.house.clock.set(at("2025-06-02T08:01:00Z"));
    let number = requester.report(json!({ "title": "probe {number} {{7*7}} ${x}" })).await;
    let notices = requester.get("notices").await.ok();
    assert!(!notices.to_string().contains("49"), "{notices}");
    assert!(notices.to_string().contains(&number));
});
