//! Fields that are tables, as an organisation adds them: rows with columns, on records.

use crate::browser::Pages;
use crate::client::encoded;
use crate::{Client, Stage, story};
use serde_json::json;

/// Adds a table of parts, which requesters are asked for too; its id.
async fn parts(stage: &Stage) -> (Client, i64) {
    let admin = stage.sign_in(stage.house.cast.admin).await;
    let columns = json!([
        { "key": "name", "label": "Part", "kind": "text", "required": true },
        { "key": "amount", "label": "Amount", "kind": "number" },
        { "key": "size", "label": "Size", "kind": "choice", "options": ["Small", "Large"] },
        { "key": "by", "label": "Fitted by", "kind": "team" },
    ]);
    let field = json!({
        "name": "Parts used", "field": "parts", "process": "incident", "kind": "table", "columns": columns,
        "requester": true, "in_list": true,
    });
    let id = admin.post("custom-fields", field).await.ok()["id"].as_i64().expect("an id");
    (admin, id)
}

fn pairs(values: &[(&str, &str)]) -> Vec<(String, String)> {
    values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

story!(gen_06_a_table_on_a_record_is_checked_cell_by_cell_and_told_by_its_rows, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let (admin, id) = parts(&stage).await;
    let rows = json!([{ "name": "Cable", "amount": 2, "by": cast.network }, { "name": "Cable", "size": "Large" }]);
    let number = agent.report(json!({ "parts": rows })).await;
    let path = format!("incidents/{number}");
    let record = agent.incident(&number).await;
    assert_eq!(
        record["parts"][0],
        json!({ "name": "Cable", "amount": 2, "size": null, "by": { "id": cast.network, "name": "Network" } })
    );
    assert_eq!(record["parts"][1]["size"], "Large");
    let wrong = json!([{ "name": "Nut" }, { "amount": "two", "size": "Huge" }, { "name": "Screw", "by": 999_999 }]);
    let refusal = agent.patch(&path, json!({ "parts": wrong })).await.refused(422, "invalid_fields");
    let mut told: Vec<&str> =
        refusal["errors"].as_array().into_iter().flatten().filter_map(|e| e["field"].as_str()).collect();
    told.sort_unstable();
    assert_eq!(told, ["parts.1.amount", "parts.1.name", "parts.1.size"], "{refusal}");
    let stranger = json!({ "parts": [{ "name": "Nut" }, { "name": "Screw", "by": 999_999 }] });
    agent.patch(&path, stranger).await.refused_field("parts.1.by", "unknown_reference");
    agent
        .patch(&path, json!({ "parts": [{ "name": "Nut", "colour": "red" }] }))
        .await
        .refused_field("parts.0", "unknown_column");
    assert_eq!(agent.incident(&number).await["parts"], record["parts"], "nothing was half-written");

    agent
        .patch(&path, json!({ "parts": [{ "name": "Cable", "size": "Large" }, { "name": "Nut", "amount": 9 }] }))
        .await
        .ok();
    let pages = Pages::of(&stage).await;
    let browser = pages.browser(&stage, cast.agent).await;
    let history = browser.get(&format!("/{path}/history")).await.text;
    for words in ["2 rows", "<del>Cable · 2 · Network</del>", "<ins>Nut · 9</ins>"] {
        assert!(history.contains(words), "{words}: {history}");
    }
    let found = agent.get(&format!("incidents?filter={}", encoded("parts is not empty"))).await.ok();
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1));
    let file = agent.get("incidents/export?format=json&fields=number,parts").await;
    assert!(file.text.contains("Cable"), "{}", file.text);
    agent.patch(&path, json!({ "parts": [] })).await.ok();
    assert!(agent.incident(&number).await["parts"].is_null());
    assert_eq!(
        agent.get(&format!("incidents?filter={}", encoded("parts is empty"))).await.ok()["items"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );

    // A column stays what it is: records hold values of it.
    let place = format!("custom-fields/{id}");
    admin
        .patch(&place, json!({ "columns": [{ "key": "name", "label": "Part", "kind": "text" }] }))
        .await
        .refused_field("columns", "read_only");
    let odd = json!([{ "key": "Name", "label": "Part", "kind": "text" }]);
    let field = json!({ "name": "Odd", "field": "odd", "process": "incident", "kind": "table", "columns": odd });
    admin.post("custom-fields", field).await.refused_field("columns.0.key", "not_a_key");
});

story!(gen_06_rows_are_added_and_removed_in_forms_without_scripts, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    parts(&stage).await;
    let number = agent.report(json!({ "parts": [{ "name": "Cable", "amount": 2 }] })).await;
    let pages = Pages::of(&stage).await;
    let browser = pages.browser(&stage, cast.agent).await;
    let edit = format!("/incidents/{number}/edit");
    let page = browser.get(&format!("/incidents/{number}")).await.text;
    assert!(page.contains("rows-shown") && page.contains("Cable"), "the record shows its rows");
    assert!(browser.get(&edit).await.text.contains("name=\"parts.0.name\""));

    let listed = [("_fields", "parts"), ("parts.0.name", "Cable"), ("parts.0.amount", "2")];
    let more = browser.post(&edit, &pairs(&[&listed[..], &[("_add_row", "parts")]].concat())).await;
    assert_eq!(more.status, 422);
    assert!(more.text.contains("name=\"parts.1.name\"") && !more.text.contains("name=\"parts.2.name\""));
    let fewer = browser.post(&edit, &pairs(&[&listed[..], &[("_remove_row", "parts:0")]].concat())).await;
    assert_eq!(fewer.status, 422);
    assert!(!fewer.text.contains("name=\"parts.0.name\""));
    assert_eq!(agent.incident(&number).await["version"], 1, "neither is an edit");

    // The empty row between them is none, and what is wrong is said at its cell.
    let wrong = [("parts.1.name", ""), ("parts.1.amount", ""), ("parts.2.name", ""), ("parts.2.amount", "x")];
    let refused = browser.post(&edit, &pairs(&[&listed[..], &wrong[..]].concat())).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("id=\"field-parts.1.amount-error\""), "{}", refused.text);
    let right = [("parts.1.name", ""), ("parts.2.name", "Nut"), ("parts.2.by", &cast.network.to_string())];
    assert_eq!(browser.post(&edit, &pairs(&[&listed[..], &right[..]].concat())).await.status, 303);
    let rows = agent.incident(&number).await["parts"].clone();
    assert_eq!((rows[1]["name"].clone(), rows[1]["by"]["name"].clone()), (json!("Nut"), json!("Network")));
    assert_eq!(rows.as_array().map(Vec::len), Some(2));

    // Opening works the same way, for staff and in the portal.
    let open = [("_fields", "title"), ("_fields", "parts"), ("title", "New"), ("parts.0.name", "Fuse")];
    let more = browser.post("/incidents/new", &pairs(&[&open[..], &[("_add_row", "parts")]].concat())).await;
    assert!(more.status == 422 && more.text.contains("name=\"parts.1.name\"") && more.text.contains("value=\"Fuse\""));
    let made = browser.post("/incidents/new", &pairs(&open)).await;
    let number = made.leads_to().trim_start_matches("/incidents/").to_owned();
    assert_eq!(agent.incident(&number).await["parts"][0]["name"], "Fuse");
    let guest = pages.browser(&stage, cast.requester).await;
    let form = "/portal/report/incidents";
    guest.post(form, &pairs(&[("step", "1"), ("title", "Broken"), ("symptoms", "It is")])).await;
    guest.post(form, &pairs(&[("step", "2"), ("answer.urgency", "high"), ("answer.impact", "medium")])).await;
    let last = [("step", "3"), ("parts.0.name", "Fuse"), ("parts.0.amount", "x")];
    let more = guest.post(form, &pairs(&[&last[..], &[("_add_row", "parts")]].concat())).await;
    assert_eq!((more.status.as_u16(), more.leads_to()), (303, "/portal/report/incidents?step=3"));
    let shown = guest.get(more.leads_to()).await.text;
    assert!(shown.contains("name=\"parts.1.name\"") && shown.contains("value=\"Fuse\""), "{shown}");
    let refused = guest.post(form, &pairs(&last)).await;
    assert!(refused.status == 422 && refused.text.contains("id=\"field-parts.0.amount-error\""), "{}", refused.text);
    let sent = guest.post(form, &pairs(&[("step", "3"), ("parts.0.name", "Fuse"), ("parts.0.amount", "3")])).await;
    let number = sent.leads_to().trim_end_matches("/sent").rsplit('/').next().expect("a number").to_owned();
    assert_eq!(agent.incident(&number).await["parts"][0]["amount"], 3, "{}", sent.text);
});
