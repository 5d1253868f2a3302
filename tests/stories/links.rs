//! Fields that name a record, as an organisation adds them: checked, listed, filtered, told, and hidden from those who
//! may not see the record.

use crate::browser::Pages;
use crate::client::encoded;
use crate::{Client, Stage, story};
use serde_json::{Value as Json, json};

/// Adds a field that names an incident, and one that names any record.
async fn fields(stage: &Stage) -> Client {
    let admin = stage.sign_in(stage.house.cast.admin).await;
    let link = |name: &str, key: &str, target: Json| json!({ "name": name, "field": key, "process": "incident", "kind": "record", "target": target, "in_list": true });
    admin.post("custom-fields", link("Follows from", "follows_from", json!("incident"))).await.ok();
    admin.post("custom-fields", link("See too", "see_too", Json::Null)).await.ok();
    admin
}

async fn found(client: &Client, filter: &str) -> Vec<String> {
    let page = client.get(&format!("incidents?filter={}&fields=number", encoded(filter))).await.ok();
    let mut numbers: Vec<String> = page["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|i| i["number"].as_str().map(str::to_owned))
        .collect();
    numbers.sort();
    numbers
}

story!(gen_06_a_field_names_a_record_that_is_there_and_lists_find_it, |stage| async move {
    let agent = stage.sign_in(stage.house.cast.agent).await;
    fields(&stage).await;
    let (cause, other) = (agent.report(json!({ "title": "Disk full" })).await, agent.report(json!({})).await);
    let number = agent.report(json!({ "follows_from": cause.to_lowercase() })).await;
    let path = format!("incidents/{number}");
    assert_eq!(agent.incident(&number).await["follows_from"], json!(cause));
    for (wrong, why) in [
        (json!("INC-999999"), "unknown_link"),
        (json!("Disk full"), "unknown_link"),
        (json!("hidden"), "unknown_link"),
        (json!(number), "self_link"),
        (json!(7), "not_text"),
    ] {
        agent.patch(&path, json!({ "follows_from": wrong })).await.refused_field("follows_from", why);
        let open = json!({ "title": "New", "follows_from": wrong });
        if why != "self_link" {
            agent.post("incidents", open).await.refused_field("follows_from", why);
        }
    }
    assert_eq!(agent.incident(&number).await["follows_from"], json!(cause), "nothing was half-written");

    assert_eq!(found(&agent, &format!("follows_from = \"{cause}\"")).await, std::slice::from_ref(&number));
    assert_eq!(
        found(&agent, &format!("follows_from in (\"{}\", \"{other}\")", cause.to_lowercase())).await,
        std::slice::from_ref(&number)
    );
    assert_eq!(found(&agent, &format!("follows_from = \"{other}\"")).await, Vec::<String>::new());
    assert_eq!(found(&agent, "follows_from is not empty").await, std::slice::from_ref(&number));
    assert!(found(&agent, "follows_from is empty").await.contains(&cause));
    let not = found(&agent, &format!("follows_from != \"{cause}\"")).await;
    assert!(not.contains(&other) && !not.contains(&number));
    agent
        .get(&format!("incidents?filter={}", encoded("follows_from contains \"INC\"")))
        .await
        .refused(422, "bad_filter");
    agent.get("incidents?sort=follows_from").await.refused(422, "not_sortable");

    let listed = agent.get(&format!("incidents?filter={}", encoded(&format!("number = \"{number}\"")))).await.ok();
    assert_eq!(listed["items"][0]["follows_from"], json!(cause));
    let file = agent.get("incidents/export?format=csv&fields=number,follows_from").await;
    assert!(file.text.contains(&format!("{number},{cause}")), "{}", file.text);

    agent.patch(&path, json!({ "follows_from": other })).await.ok();
    agent.patch(&path, json!({ "follows_from": null })).await.ok();
    assert_eq!(found(&agent, "follows_from is not empty").await, Vec::<String>::new());
    let history = agent.get(&format!("{path}/history")).await.ok().to_string();
    for (old, new) in [(json!(cause), json!(other)), (json!(other), Json::Null)] {
        assert!(history.contains(&format!("\"new\":{new},\"old\":{old}")), "{history}");
    }
});

story!(gen_06_the_record_that_a_field_names_knows_who_names_it, |stage| async move {
    let agent = stage.sign_in(stage.house.cast.agent).await;
    let admin = fields(&stage).await;
    let cause = agent.report(json!({ "title": "Disk full" })).await;
    let number = agent.report(json!({ "see_too": cause })).await;
    let links = agent.get(&format!("incidents/{cause}/links")).await.ok();
    let back = &links["records"][0];
    assert_eq!(
        (&back["relation"], &back["outgoing"], &back["by_field"]),
        (&json!("see_too"), &json!(false), &json!(true))
    );
    assert_eq!((&back["number"], &back["label"]), (&json!(number), &json!("“See too” of")), "{links}");
    // A retired field keeps what it named and names it again when it is back.
    let field = admin.get("custom-fields?name=see").await.ok()["items"][0]["id"].as_i64().expect("a field");
    admin.patch(&format!("custom-fields/{field}"), json!({ "active": false })).await.ok();
    assert!(agent.get(&format!("incidents/{cause}/links")).await.ok()["records"].as_array().is_some_and(Vec::is_empty));
    admin.patch(&format!("custom-fields/{field}"), json!({ "active": true })).await.ok();
    assert_eq!(agent.incident(&number).await["see_too"], json!(cause));
    // Its key is that of no relation, where the links of both would mix.
    let taken = json!({ "name": "Cause", "field": "caused_by", "process": "incident", "kind": "record" });
    admin.post("custom-fields", taken).await.refused_field("field", "taken");
});

story!(gen_06_s_04_who_may_not_see_a_record_learns_only_that_there_is_one, |stage| async move {
    let cast = stage.house.cast.clone();
    let (agent, manager) = (stage.sign_in(cast.agent).await, stage.sign_in(cast.manager).await);
    let customer = stage.sign_in(cast.representative).await;
    fields(&stage).await;
    let secret = agent.report(json!({ "title": "Payroll leaked" })).await;
    let own = json!({ "title": "Ours", "organisation": cast.acme, "requester": cast.acme_requester });
    let seen = agent.report(own.clone()).await;
    let number = agent.report(own).await;
    let path = format!("incidents/{number}");
    agent.patch(&path, json!({ "follows_from": secret, "see_too": seen })).await.ok();

    let record = customer.incident(&number).await;
    assert_eq!((record["follows_from"].clone(), record["see_too"].clone()), (json!("hidden"), json!(seen)));
    let all = [
        customer.get("incidents").await.text,
        customer.get(&path).await.text,
        customer.get(&format!("{path}/history")).await.text,
        customer.get(&format!("{path}/links")).await.text,
    ];
    for text in &all {
        assert!(!text.contains(&secret) && !text.contains("Payroll"), "{text}");
    }
    // To ask for it is to ask for nothing; that there is one is told anyway.
    assert_eq!(found(&customer, &format!("follows_from = \"{secret}\"")).await, Vec::<String>::new());
    assert!(found(&customer, &format!("follows_from != \"{secret}\"")).await.contains(&number));
    assert_eq!(found(&customer, "follows_from is not empty").await, std::slice::from_ref(&number));
    let asked = encoded(&format!("follows_from = \"{secret}\""));
    let asked = format!("reports/volume?from=2025-06-01&to=2025-07-01&group_by=none&filter={asked}");
    let opened = async |client: &Client| client.get(&asked).await.ok()["total"]["figures"][0]["value"].clone();
    assert_eq!((opened(&manager).await, opened(&customer).await), (json!(1), json!(0)));

    // Nobody names what they may not see, and what stands there stays when it comes back as it was shown.
    let requester = stage.sign_in(cast.acme_requester).await;
    requester
        .post("incidents", json!({ "title": "Mine", "follows_from": secret }))
        .await
        .refused(422, "invalid_fields");
    let pages = Pages::of(&stage).await;
    let page = pages.browser(&stage, cast.agent).await.get(&format!("/{path}")).await;
    assert!(
        page.text.contains(&format!("href=\"/incidents/{secret}\" aria-label=\"Open: Payroll leaked\"")),
        "{}",
        page.text
    );
});

story!(gen_07_histories_of_both_ends_read_a_link_from_where_they_stand, |stage| async move {
    let cast = stage.house.cast.clone();
    let agent = stage.sign_in(cast.agent).await;
    let browser = Pages::of(&stage).await.browser(&stage, cast.agent).await;
    let (child, parent) =
        (agent.report(json!({ "title": "Below" })).await, agent.report(json!({ "title": "Above" })).await);
    let link = json!({ "relation": "child_of", "to": parent });
    agent.post(&format!("incidents/{child}/links"), link).await.ok();
    let history = async |number: &str| browser.get(&format!("/incidents/{number}/history")).await.text;
    for (at, says, never) in [(&child, "Child of: ", "Parent of: "), (&parent, "Parent of: ", "Child of: ")] {
        let page = history(at).await;
        assert!(page.contains(says) && !page.contains(never), "{at}: {page}");
    }
    // Taken away, and told to programs as ever.
    agent.delete(&format!("incidents/{child}/links/child_of/{parent}")).await;
    let told = agent.get(&format!("incidents/{parent}/history")).await.ok();
    let changes: Vec<&Json> =
        told["items"].as_array().into_iter().flatten().filter_map(|e| e["changes"].as_array()).flatten().collect();
    let linked = json!({ "field": "child_of", "old": null, "new": child });
    assert!(changes.contains(&&linked), "{told}");
});
