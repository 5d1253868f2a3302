//! Configuration items: what there is, how it hangs together, who is hit when it fails, and how it was.

use crate::client::{Answer, Client};
use crate::{Stage, story};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

const DAY: i64 = 24 * 60;
const ITEMS: &str = "configuration-items";

/// Entries of a register by name.
pub async fn ids(client: &Client, register: &str) -> BTreeMap<String, i64> {
    let all = client.get(&format!("{register}?limit=200")).await.ok();
    let entry = |entry: &Json| Some((entry["name"].as_str()?.to_owned(), entry["id"].as_i64()?));
    all["items"].as_array().into_iter().flatten().filter_map(entry).collect()
}

/// Opens an item of a class and gives its number.
pub async fn item(client: &Client, class: &str, more: Json) -> String {
    let classes = ids(client, "item-classes").await;
    let mut body = json!({ "title": class, "class": classes[class] });
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    client.post(ITEMS, body).await.ok()["number"].as_str().expect("a number").to_owned()
}

pub async fn named(client: &Client, class: &str, title: &str) -> String {
    item(client, class, json!({ "title": title })).await
}

pub async fn link(client: &Client, from: &str, relation: &str, to: &str) -> Answer {
    client.post(&format!("{ITEMS}/{from}/links"), json!({ "relation": relation, "to": to })).await
}

async fn step(client: &Client, number: &str, verb: &str, body: Json) -> Json {
    client.post(&format!("{ITEMS}/{number}/{verb}"), body).await.ok()
}

async fn read(client: &Client, number: &str) -> Json {
    client.get(&format!("{ITEMS}/{number}")).await.ok()
}

/// What is hit when an item fails, by title: how, and how far away.
pub async fn hit(client: &Client, number: &str, question: &str) -> BTreeMap<String, (String, i64)> {
    let answer = client.get(&format!("{ITEMS}/{number}/impact{question}")).await.ok();
    let one = |item: &Json| {
        let text = |key: &str| item[key].as_str().unwrap_or_default().to_owned();
        (text("title"), (text("hit"), item["hops"].as_i64().unwrap_or(-1)))
    };
    answer["items"].as_array().into_iter().flatten().skip(1).map(one).collect()
}

pub fn is(how: &str, hops: i64) -> (String, i64) {
    (how.to_owned(), hops)
}

/// An item in a state, led there by the steps that people take.
pub async fn brought_to(stage: &Stage, manager: &Client, state: &str) -> String {
    let number = item(manager, "Server", json!({ "owner": stage.house.cast.agent })).await;
    let reason = || json!({ "reason": "So it is" });
    let way: &[(&str, bool)] = match state {
        "planned" => &[],
        "on_order" => &[("order", false)],
        "in_stock" => &[("receive", false)],
        "in_test" => &[("receive", false), ("test", false)],
        "live" => &[("receive", false), ("test", false), ("go_live", false)],
        "maintenance" => &[("receive", false), ("test", false), ("go_live", false), ("maintain", true)],
        "missing" => &[("receive", false), ("test", false), ("go_live", false), ("report_missing", true)],
        "retired" => &[("receive", false), ("test", false), ("go_live", false), ("retire", true)],
        "disposed" => &[("receive", false), ("dispose", true)],
        "withdrawn" => &[("withdraw", true)],
        other => panic!("nobody knows how an item gets {other}"),
    };
    for (verb, why) in way {
        step(manager, &number, verb, if *why { reason() } else { json!({}) }).await;
    }
    number
}

story!(sac_01_classes_with_fields_and_relations_are_an_organisations_own, |stage| async move {
    let cast = stage.house.cast.clone();
    let (manager, admin) = (stage.sign_in(cast.manager).await, stage.sign_in(cast.admin).await);
    let compute = ids(&manager, "item-classes").await["Compute"];
    // A class under another, with its scope in words.
    let mainframe = json!({ "name": "Mainframe", "parent": compute, "scope": "Each machine, not its partitions." });
    let class = manager.post("item-classes", mainframe).await.ok();
    assert_eq!(
        (&class["scope"], &class["parent"]["id"]),
        (&json!("Each machine, not its partitions."), &json!(compute))
    );
    // A field that all under Compute owe: a subclass inherits it, a stranger has none.
    let field = json!({
        "name": "Rack units", "process": "configuration_item", "field": "rack_units", "kind": "number", "required": true,
        "condition": format!("class under {compute}"),
    });
    admin.post("custom-fields", field).await.ok();
    let lacking = json!({ "title": "Big one", "class": class["id"] });
    manager.post(ITEMS, lacking).await.refused_field("rack_units", "required");
    let number = item(&manager, "Mainframe", json!({ "rack_units": 42 })).await;
    assert_eq!(read(&manager, &number).await["rack_units"], 42);
    let printer = item(&manager, "Printer", json!({})).await;
    assert!(read(&manager, &printer).await.get("rack_units").is_none(), "it has no such field");
    // A class that lies under itself is none, and one in use can be found by what lies above it.
    let ring = manager.patch(&format!("item-classes/{compute}"), json!({ "parent": class["id"] })).await;
    ring.refused_field("parent", "ring");
    let found = manager.get(&format!("{ITEMS}?filter=class+under+{compute}")).await.ok();
    let numbers: Vec<&Json> = found["items"].as_array().into_iter().flatten().map(|row| &row["number"]).collect();
    assert_eq!(numbers, [&json!(number)]);
    // A relation of one's own is there at once, and its key stays.
    let types = json!({ "name": "Backs up", "relation": "backs_up", "inverse": "Backed up by", "carries": "none" });
    let made = manager.post("relation-types", types.clone()).await.ok();
    link(&manager, &number, "backs_up", &printer).await.ok();
    let links = manager.get(&format!("{ITEMS}/{printer}/links")).await.ok();
    assert_eq!(
        (&links["records"][0]["label"], &links["records"][0]["number"]),
        (&json!("Backed up by"), &json!(number))
    );
    let path = format!("relation-types/{}", made["id"]);
    manager.patch(&path, json!({ "relation": "saves" })).await.refused_field("relation", "read_only");
    manager.post("relation-types", types).await.refused(409, "taken");
    for (key, code) in [("Backs-Up", "not_a_key"), ("related_to", "taken"), ("caused_by", "taken"), ("class", "taken")]
    {
        let odd = json!({ "name": "Odd", "relation": key, "inverse": "Odd", "carries": "none" });
        manager.post("relation-types", odd).await.refused_field("relation", code);
    }
    let shadow = json!({ "name": "X", "process": "configuration_item", "field": "backs_up", "kind": "text" });
    admin.post("custom-fields", shadow).await.refused_field("field", "taken");
    let agent = stage.sign_in(cast.agent).await;
    agent.post("item-classes", json!({ "name": "Mine" })).await.refused(403, "no_right");
});

story!(sac_02_an_item_has_number_class_words_state_and_relations, |stage| async move {
    let manager = stage.sign_in(stage.house.cast.manager).await;
    manager.post(ITEMS, json!({ "title": "Without a class" })).await.refused_field("class", "required");
    let classes = ids(&manager, "item-classes").await;
    manager.post(ITEMS, json!({ "class": classes["Server"] })).await.refused_field("title", "required");
    let body = json!({ "title": "app-01", "class": classes["Server"], "description": "Runs the tills." });
    let made = manager.post(ITEMS, body).await.ok();
    let number = made["number"].as_str().expect("a number").to_owned();
    assert!(number.starts_with("CI-"), "{number}");
    assert_eq!(
        (&made["state"], &made["description"], &made["class"]["name"]),
        (&json!("planned"), &json!("Runs the tills."), &json!("Server"))
    );
    // Its state is always there: nobody empties or invents it.
    let own = format!("{ITEMS}/{number}");
    for state in [Json::Null, json!(""), json!("gone")] {
        let refused = manager.patch(&own, json!({ "state": state })).await;
        assert_eq!(refused.status.as_u16(), 422, "{}", refused.text);
        let opened = manager.post(ITEMS, json!({ "title": "x", "class": classes["Server"], "state": state })).await;
        assert_eq!(opened.status.as_u16(), 422, "{}", opened.text);
    }
    for emptied in ["class", "title"] {
        manager.patch(&own, json!({ emptied: null })).await.refused_field(emptied, "required");
    }
    assert_eq!(read(&manager, &number).await["state"], "planned");
    // An item in use stands in no queue, and is edited all the same.
    let live = brought_to(&stage, &manager, "live").await;
    let record = read(&manager, &live).await;
    assert_eq!((&record["state"], &record["phase"]), (&json!("live"), &json!("done")));
    manager.patch(&format!("{ITEMS}/{live}"), json!({ "version_name": "2" })).await.ok();
    let open = manager.get(&format!("{ITEMS}?filter=phase+in+(0,1)")).await.ok().to_string();
    assert!(!open.contains(&format!("\"{live}\"")) && open.contains(&format!("\"{number}\"")), "{open}");
});

story!(sac_03_relations_join_the_classes_that_they_are_for, |stage| async move {
    let manager = stage.sign_in(stage.house.cast.manager).await;
    let (db, printer) = (item(&manager, "Database", json!({})).await, item(&manager, "Printer", json!({})).await);
    let (machine, server) =
        (item(&manager, "Virtual machine", json!({})).await, item(&manager, "Server", json!({})).await);
    let says = link(&manager, &db, "runs_on", &printer).await.refused(409, "not_allowed_between");
    assert_eq!(says["detail"], "“Runs on” does not lead from Database to Printer.");
    link(&manager, &db, "runs_on", &machine).await.ok();
    // Not the other way round, and both ends say what they are to each other.
    link(&manager, &server, "runs_on", &db).await.refused(409, "not_allowed_between");
    let label =
        async |number: &str| manager.get(&format!("{ITEMS}/{number}/links")).await.ok()["records"][0]["label"].clone();
    assert_eq!((label(&db).await, label(&machine).await), (json!("Runs on"), json!("Runs")));
    link(&manager, &db, "no_such_relation", &machine).await.refused(422, "unknown_relation");
    // An item of another process is none.
    let incident = manager.report(json!({})).await;
    link(&manager, &db, "runs_on", &incident).await.refused(422, "unknown_link");
    // As many as there may be at each end.
    let (one, other) = (named(&manager, "Cluster", "One").await, named(&manager, "Cluster", "Other").await);
    link(&manager, &server, "part_of", &one).await.ok();
    link(&manager, &server, "part_of", &other).await.refused(409, "too_many_links");
    let single = json!({
        "name": "Mirrors", "relation": "mirrors", "inverse": "Mirrored by", "carries": "none", "most_in": 1,
    });
    manager.post("relation-types", single).await.ok();
    link(&manager, &machine, "mirrors", &db).await.ok();
    link(&manager, &server, "mirrors", &db).await.refused(409, "too_many_links");
    // What a link rests on stays: the class cannot become one that it is not for.
    let classes = ids(&manager, "item-classes").await;
    let own = format!("{ITEMS}/{machine}");
    manager.patch(&own, json!({ "class": classes["Printer"] })).await.refused_field("class", "links_of_class");
    manager.patch(&own, json!({ "class": classes["Server"] })).await.ok();
    // Taken back, the link is gone at both ends; undone, it is there again in its direction.
    manager.delete(&format!("{ITEMS}/{db}/links/runs_on/{machine}")).await.ok();
    let log = manager.get(&format!("{ITEMS}/{machine}/history")).await.ok();
    let last = log["items"].as_array().and_then(|all| all.last()).expect("an event").clone();
    assert_eq!(last["verb"], "unlinked");
    manager.post(&format!("{ITEMS}/{machine}/events/{}/undo", last["id"]), json!({})).await.ok();
    assert_eq!(label(&db).await, json!("Runs on"));
});

story!(sac_05_an_item_as_it_stood_on_any_day, |stage| async move {
    let cast = stage.house.cast.clone();
    let manager = stage.sign_in(cast.manager).await;
    let (server, db) = (named(&manager, "Server", "app-01").await, named(&manager, "Database", "ledger").await);
    let other = named(&manager, "Database", "cards").await;
    let own = format!("{ITEMS}/{server}");
    stage.house.clock.advance_minutes(DAY);
    manager.patch(&own, json!({ "version_name": "7.1", "owner": cast.agent, "location": "Rack 4" })).await.ok();
    link(&manager, &db, "runs_on", &server).await.ok();
    stage.house.clock.advance_minutes(DAY);
    let first = stage.house.desk.now();
    stage.house.clock.advance_minutes(DAY);
    manager.patch(&own, json!({ "version_name": "7.2", "owner": cast.agent_l2, "title": "app-01 (old)" })).await.ok();
    manager.delete(&format!("{ITEMS}/{db}/links/runs_on/{server}")).await.ok();
    link(&manager, &other, "runs_on", &server).await.ok();
    step(&manager, &server, "receive", json!({})).await;
    stage.house.clock.advance_minutes(DAY);
    let at = |ms: i64| jiff::Timestamp::from_millisecond(ms).expect("an instant").to_string();
    let then = manager.get(&format!("{own}/as-of?at={}", at(first))).await.ok();
    let record = &then["record"];
    assert_eq!(
        (&record["version_name"], &record["owner"]["id"], &record["title"], &record["location"], &record["state"]),
        (&json!("7.1"), &json!(cast.agent), &json!("app-01"), &json!("Rack 4"), &json!("planned"))
    );
    let links = then["links"].as_array().expect("links");
    assert_eq!(links.len(), 1, "{links:?}");
    assert_eq!(
        (&links[0]["relation"], &links[0]["outgoing"], &links[0]["number"], &links[0]["label"]),
        (&json!("runs_on"), &json!(false), &json!(db), &json!("Runs"))
    );
    // Seen from the other end it led there, and now it does not.
    let there = manager.get(&format!("{ITEMS}/{db}/as-of?at={}", at(first))).await.ok();
    assert_eq!((&there["links"][0]["outgoing"], &there["links"][0]["number"]), (&json!(true), &json!(server)));
    let now = manager.get(&format!("{own}/as-of?at={}", at(stage.house.desk.now()))).await.ok();
    assert_eq!((&now["record"]["version_name"], &now["links"][0]["number"]), (&json!("7.2"), &json!(other)));
    let there = manager.get(&format!("{ITEMS}/{db}/as-of?at={}", at(stage.house.desk.now()))).await.ok();
    assert_eq!(there["links"], json!([]));
    // Who, when, old and new.
    let log = manager.get(&format!("{own}/history")).await.ok();
    let changed = log["items"].as_array().into_iter().flatten().flat_map(|event| {
        let changes = event["changes"].as_array().cloned().unwrap_or_default();
        changes.into_iter().map(move |change| (event["actor"]["id"].clone(), change))
    });
    let versions: Vec<_> = changed.filter(|(_, change)| change["field"] == "version_name").collect();
    assert_eq!(versions.len(), 2);
    assert_eq!(versions[1].0, json!(cast.manager));
    assert_eq!((&versions[1].1["old"], &versions[1].1["new"]), (&json!("7.1"), &json!("7.2")));
    // Before it was there, and what has yet to come.
    let day = DAY * 60_000;
    for (when, code) in [(first - 9 * day, "before_opening"), (first + 99 * day, "to_come")] {
        manager.get(&format!("{own}/as-of?at={}", at(when))).await.refused(422, code);
    }
    manager.get(&format!("{own}/as-of?at=yesterday")).await.refused(400, "bad_query");
    let requester = stage.sign_in(cast.requester).await;
    requester.get(&format!("{own}/as-of?at={}", at(first))).await.refused(404, "not_found");
    // Each process has a past.
    let incident = manager.report(json!({ "impact": "low", "urgency": "low" })).await;
    let opened = stage.house.desk.now();
    stage.house.clock.advance_minutes(60);
    manager.patch(&format!("incidents/{incident}"), json!({ "impact": "high" })).await.ok();
    let then = manager.get(&format!("incidents/{incident}/as-of?at={}", at(opened))).await.ok();
    assert_eq!((&then["record"]["impact"], &then["record"]["priority"]), (&json!("low"), &json!(5)));
});

/// Payments on a gateway and a cluster of two databases over one array; a second service beside it.
pub async fn payments(stage: &Stage, manager: &Client) -> BTreeMap<&'static str, String> {
    let cast = &stage.house.cast;
    let (classes, relations) = (ids(manager, "item-classes").await, ids(manager, "relation-types").await);
    let served = json!({ "organisations": [cast.acme, cast.retail_bank] });
    manager.patch(&format!("services/{}", cast.payments), served).await.ok();
    let mut all = BTreeMap::new();
    let service = |title: &str, service: i64| json!({ "title": title, "service": service });
    all.insert("payments", item(manager, "Service", service("Payments", cast.payments)).await);
    all.insert("email", item(manager, "Service", service("Email", cast.email)).await);
    for (key, class) in [
        ("gateway", "Application"),
        ("mail", "Application"),
        ("cluster", "Cluster"),
        ("db-a", "Database"),
        ("db-b", "Database"),
        ("storage", "Storage"),
    ] {
        all.insert(key, named(manager, class, key).await);
    }
    for (from, relation, to) in [
        ("payments", "depends_on", "gateway"),
        ("gateway", "depends_on", "cluster"),
        ("cluster", "depends_on", "db-a"),
        ("cluster", "depends_on", "db-b"),
        ("db-a", "stored_on", "storage"),
        ("db-b", "stored_on", "storage"),
        ("email", "depends_on", "mail"),
        ("mail", "stored_on", "storage"),
    ] {
        link(manager, &all[from], relation, &all[to]).await.ok();
    }
    let need = json!([{ "relation": relations["Depends on"], "class": classes["Platform"], "needs": 1 }]);
    manager.patch(&format!("{ITEMS}/{}", all["cluster"]), json!({ "redundancy": need })).await.ok();
    all
}

story!(sac_06_storage_fails_and_payments_and_its_customers_are_listed, |stage| async move {
    let cast = stage.house.cast.clone();
    let manager = stage.sign_in(cast.manager).await;
    let all = payments(&stage, &manager).await;
    let agent = stage.sign_in(cast.agent).await;
    let incident = agent.report(json!({ "service": cast.email })).await;
    agent.post(&format!("incidents/{incident}/links"), json!({ "relation": "affects", "to": all["db-b"] })).await.ok();
    let over = agent.report(json!({})).await;
    agent.post(&format!("incidents/{over}/links"), json!({ "relation": "affects", "to": all["db-b"] })).await.ok();
    agent.step(&over, "cancel", json!({ "cancel_reason": "not_an_incident" })).await;
    let storage = agent.get(&format!("{ITEMS}/{}/impact", all["storage"])).await.ok();
    let found: BTreeMap<&str, (&Json, &Json)> = storage["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|item| (item["title"].as_str().unwrap_or_default(), (&item["hit"], &item["hops"])))
        .collect();
    let impacted = json!("impacted");
    for (title, hops) in [("storage", 0), ("db-a", 1), ("cluster", 2), ("gateway", 3), ("Payments", 4), ("Email", 2)] {
        assert_eq!(found[title], (&impacted, &json!(hops)), "{title}");
    }
    let services = storage["services"].as_array().expect("services");
    assert_eq!((&services[0]["name"], &services[0]["criticality"]), (&json!("Payments"), &json!("critical")));
    assert_eq!(services[0]["serves"].as_array().map(Vec::len), Some(2));
    assert_eq!(services[1]["name"], "Email");
    let customers: Vec<&Json> = storage["organisations"].as_array().into_iter().flatten().map(|o| &o["id"]).collect();
    assert!(customers.contains(&&json!(cast.acme)) && customers.contains(&&json!(cast.retail_bank)), "{customers:?}");
    let touched: Vec<&Json> = storage["records"].as_array().into_iter().flatten().map(|r| &r["number"]).collect();
    assert_eq!(touched, [&json!(incident)], "what is over touches nothing");
    // One of two is enough: at risk, all the way up, and not impacted.
    let one = hit(&agent, &all["db-a"], "").await;
    let expected = [("cluster", 1), ("gateway", 2), ("Payments", 3)];
    assert_eq!(one, expected.map(|(title, hops)| (title.to_owned(), is("at_risk", hops))).into());
    // The second is retired: the one that is left is needed.
    let version = read(&manager, &all["db-b"]).await;
    assert_eq!(version["state"], "planned");
    manager.patch(&format!("{ITEMS}/{}", all["db-b"]), json!({ "owner": cast.agent })).await.ok();
    for (verb, body) in
        [("receive", json!({})), ("test", json!({})), ("go_live", json!({})), ("retire", json!({ "reason": "Old" }))]
    {
        step(&manager, &all["db-b"], verb, body).await;
    }
    assert_eq!(hit(&agent, &all["db-a"], "").await["Payments"], is("impacted", 3));
    // No deeper and no more than asked for.
    assert_eq!(hit(&agent, &all["storage"], "?depth=1").await.len(), 2);
    let few = agent.get(&format!("{ITEMS}/{}/impact?limit=2", all["storage"])).await.ok();
    assert_eq!((few["items"].as_array().map(Vec::len), &few["more"]), (Some(3), &json!(true)));
    for wrong in ["?depth=0", "?depth=21", "?limit=0", "?limit=x", "?way=up"] {
        agent.get(&format!("{ITEMS}/{}/impact{wrong}", all["storage"])).await.refused(400, "bad_query");
    }
    // What a service stands on.
    let below = agent.get(&format!("{ITEMS}/{}/depends-on", all["payments"])).await.ok();
    let titles: Vec<&str> =
        below["items"].as_array().into_iter().flatten().filter_map(|i| i["title"].as_str()).collect();
    assert_eq!(titles, ["Payments", "gateway", "cluster", "db-a", "storage"]);
});

story!(sac_06_rings_end_and_what_changes_is_known_at_once, |stage| async move {
    let cast = stage.house.cast.clone();
    let manager = stage.sign_in(cast.manager).await;
    let mut ring = Vec::new();
    for title in ["one", "two", "three"] {
        ring.push(named(&manager, "Application", title).await);
    }
    for (from, to) in [(0, 1), (1, 2), (2, 0)] {
        link(&manager, &ring[from], "depends_on", &ring[to]).await.ok();
    }
    let found = hit(&manager, &ring[0], "").await;
    assert_eq!(found, [("three".to_owned(), is("impacted", 1)), ("two".to_owned(), is("impacted", 2))].into());
    // A link that goes, one that comes, an item that is new: known to the next question on any node.
    manager.delete(&format!("{ITEMS}/{}/links/depends_on/{}", ring[2], ring[0])).await.ok();
    assert!(hit(&manager, &ring[0], "").await.is_empty());
    let fresh = named(&manager, "Server", "fresh").await;
    link(&manager, &fresh, "depends_on", &ring[0]).await.ok();
    assert_eq!(hit(&manager, &ring[0], "").await["fresh"], is("impacted", 1));
    // What a relation means can change: nothing is hit by what carries nothing.
    let relations = ids(&manager, "relation-types").await;
    let path = format!("relation-types/{}", relations["Depends on"]);
    manager.patch(&path, json!({ "carries": "none" })).await.ok();
    assert!(hit(&manager, &ring[0], "").await.is_empty());
    manager.patch(&path, json!({ "carries": "second" })).await.ok();
    assert_eq!(hit(&manager, &ring[0], "").await["two"], is("impacted", 1));
    manager.patch(&path, json!({ "carries": "first" })).await.ok();
    assert_eq!(hit(&manager, &ring[2], "").await["two"], is("impacted", 1));
});

story!(sac_06_a_failure_passes_through_what_one_does_not_see, |stage| async move {
    let cast = stage.house.cast.clone();
    let manager = stage.sign_in(cast.manager).await;
    let (low, high) = (named(&manager, "Application", "low").await, named(&manager, "Application", "high").await);
    let secret = item(&manager, "Application", json!({ "title": "secret", "restricted": true })).await;
    link(&manager, &secret, "depends_on", &low).await.ok();
    link(&manager, &high, "depends_on", &secret).await.ok();
    let agent = stage.sign_in(cast.agent).await;
    agent.get(&format!("{ITEMS}/{secret}")).await.refused(404, "not_found");
    agent.get(&format!("{ITEMS}/{secret}/impact")).await.refused(404, "not_found");
    let seen = agent.get(&format!("{ITEMS}/{low}/impact")).await.ok();
    assert_eq!(seen["items"].as_array().map(Vec::len), Some(2), "{seen}");
    assert_eq!((&seen["items"][1]["title"], &seen["items"][1]["hit"]), (&json!("high"), &json!("impacted")));
    assert!(!seen.to_string().contains("secret"));
    assert_eq!(hit(&manager, &low, "").await.len(), 2, "who sees it is told");
    let one = agent.get(&format!("{ITEMS}/{low}/impact?limit=1")).await.ok();
    assert_eq!(
        (&one["items"][1]["title"], &one["more"]),
        (&json!("high"), &json!(false)),
        "what is hidden takes no place"
    );
    // A vendor sees the items of their own team, and no others among what is hit.
    let vendor = stage.sign_in(cast.vendor).await;
    vendor.get(&format!("{ITEMS}/{low}/impact")).await.refused(404, "not_found");
    manager.patch(&format!("{ITEMS}/{low}"), json!({ "team": cast.netco_team })).await.ok();
    assert!(hit(&vendor, &low, "").await.is_empty());
    let alone = vendor.get(&format!("{ITEMS}/{low}/impact?limit=1&depth=1")).await.ok();
    assert_eq!(alone["more"], false, "nor does it tell that there is more");
    let requester = stage.sign_in(cast.requester).await;
    requester.get(ITEMS).await;
    requester.get(&format!("{ITEMS}/{low}/impact")).await.refused(404, "not_found");
});

story!(a_service_has_one_item_and_its_criticality_in_one_place, |stage| async move {
    let cast = stage.house.cast.clone();
    let manager = stage.sign_in(cast.manager).await;
    let classes = ids(&manager, "item-classes").await;
    let body = |more: Json| {
        let mut body = json!({ "title": "Payments", "class": classes["Service"] });
        for (key, value) in more.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        body
    };
    manager.post(ITEMS, body(json!({}))).await.refused_field("service", "required");
    let twice = body(json!({ "service": cast.payments, "criticality": "low" }));
    manager.post(ITEMS, twice).await.refused_field("criticality", "with_service");
    let made = manager.post(ITEMS, body(json!({ "service": cast.payments }))).await.ok();
    manager.post(ITEMS, body(json!({ "service": cast.payments }))).await.refused_field("service", "taken");
    let number = made["number"].as_str().expect("a number");
    let own = format!("{ITEMS}/{number}");
    manager.patch(&own, json!({ "service": null })).await.refused_field("service", "required");
    manager.patch(&own, json!({ "criticality": "low" })).await.refused_field("criticality", "with_service");
    // An item that is no service may belong to one, and says how critical it is itself.
    let server = item(&manager, "Server", json!({ "service": cast.payments, "criticality": "low" })).await;
    let becomes = json!({ "class": classes["Service"], "criticality": null });
    manager.patch(&format!("{ITEMS}/{server}"), becomes).await.refused_field("service", "taken");
    manager.patch(&format!("services/{}", cast.payments), json!({ "criticality": "standard" })).await.ok();
    let asked = manager.get(&format!("{own}/impact")).await.ok();
    assert_eq!(asked["services"][0]["criticality"], "standard");
});

story!(sac_13_nothing_is_deleted_and_what_is_referenced_is_not_withdrawn, |stage| async move {
    let cast = stage.house.cast.clone();
    let (manager, admin, agent) =
        (stage.sign_in(cast.manager).await, stage.sign_in(cast.admin).await, stage.sign_in(cast.agent).await);
    let number = named(&manager, "Server", "app-01").await;
    let own = format!("{ITEMS}/{number}");
    let incident = agent.report(json!({})).await;
    agent.post(&format!("incidents/{incident}/links"), json!({ "relation": "affects", "to": number })).await.ok();
    // Both records say it.
    let at_item = agent.get(&format!("{own}/links")).await.ok();
    assert_eq!(
        (&at_item["records"][0]["number"], &at_item["records"][0]["label"]),
        (&json!(incident), &json!("Affected by"))
    );
    let at_incident = agent.get(&format!("incidents/{incident}/links")).await.ok();
    assert_eq!(
        (&at_incident["records"][0]["number"], &at_incident["records"][0]["label"]),
        (&json!(number), &json!("Affects"))
    );
    admin.delete(&own).await.refused(405, "method_not_allowed");
    let why = json!({ "reason": "Typed twice" });
    manager.post(&format!("{own}/withdraw"), why.clone()).await.refused(409, "referenced");
    assert_eq!(read(&manager, &number).await["state"], "planned");
    // Only whoever may; and it is retired or disposed of instead.
    let lone = named(&manager, "Server", "twice").await;
    agent.post(&format!("{ITEMS}/{lone}/withdraw"), why.clone()).await.refused(403, "not_yours");
    assert_eq!(step(&manager, &lone, "withdraw", why).await["state"], "withdrawn");
    let next = named(&manager, "Server", "again").await;
    assert_ne!(next, lone, "its number is not given twice");
    step(&manager, &number, "receive", json!({})).await;
    let gone = step(&manager, &number, "dispose", json!({ "reason": "Broken" })).await;
    assert_eq!((&gone["state"], &gone["phase"]), (&json!("disposed"), &json!("closed")));
    let log = agent.get(&format!("{own}/history")).await.ok().to_string();
    assert!(log.contains("Broken") && log.contains(&incident), "what was stays to be read");
    agent.patch(&own, json!({ "title": "x" })).await.refused(409, "closed");
});

story!(sac_14_items_are_seen_by_those_who_need_to_know, |stage| async move {
    let cast = stage.house.cast.clone();
    let (manager, admin) = (stage.sign_in(cast.manager).await, stage.sign_in(cast.admin).await);
    let field = json!({
        "name": "Root password kept at", "process": "configuration_item", "field": "secret_place", "kind": "text", "internal": true,
    });
    admin.post("custom-fields", field).await.ok();
    let theirs = item(&manager, "Line", json!({ "team": cast.netco_team, "secret_place": "Safe 3" })).await;
    let ours = item(&manager, "Server", json!({ "secret_place": "Safe 4" })).await;
    let vendor = stage.sign_in(cast.vendor).await;
    let list = vendor.get(ITEMS).await.ok();
    let numbers: Vec<&Json> = list["items"].as_array().into_iter().flatten().map(|row| &row["number"]).collect();
    assert_eq!(numbers, [&json!(theirs)]);
    vendor.get(&format!("{ITEMS}/{ours}")).await.refused(404, "not_found");
    let own = vendor.get(&format!("{ITEMS}/{theirs}")).await.ok();
    assert!(own.get("secret_place").is_none() && own["title"] == "Line", "{own}");
    let past = format!(
        "{ITEMS}/{theirs}/as-of?at={}",
        jiff::Timestamp::from_millisecond(stage.house.desk.now()).expect("now")
    );
    assert!(!vendor.get(&past).await.ok().to_string().contains("Safe 3"));
    assert_eq!(manager.get(&past).await.ok()["record"]["secret_place"], "Safe 3");
    for person in [cast.requester, cast.representative, cast.monitoring] {
        let client = stage.sign_in(person).await;
        for number in [&theirs, &ours] {
            client.get(&format!("{ITEMS}/{number}")).await.refused(404, "not_found");
        }
    }
});

story!(sac_15_a_report_counts_and_averages_items_by_an_attribute_of_ones_own, |stage| async move {
    use crate::client::encoded;
    use crate::reports::cell;
    let cast = stage.house.cast.clone();
    let (manager, admin) = (stage.sign_in(cast.manager).await, stage.sign_in(cast.admin).await);
    let of_items = |name: &str, field: &str, kind: &str| json!({ "name": name, "process": "configuration_item", "field": field, "kind": kind });
    admin.post("custom-fields", of_items("Cost centre", "cost_centre", "text")).await.ok();
    admin.post("custom-fields", of_items("Rack units", "rack_units", "number")).await.ok();
    for (class, centre, units, where_) in [
        ("Server", "4711", 2, "Leeds"),
        ("Server", "4711", 4, "York"),
        ("Storage", "4711", 12, "Leeds"),
        ("Printer", "9000", 1, "York"),
    ] {
        let values =
            json!({ "cost_centre": centre, "rack_units": units, "location": where_, "environment": "production" });
        item(&manager, class, values).await;
    }
    let june = "from=2025-06-01&to=2025-07-01&zone=Europe/London&process=configuration_item";
    let asked = async |more: &str| manager.get(&format!("reports/ad_hoc?{june}&{more}")).await.ok();
    let count = |report: &Json, row: &str| cell(report, row, "records")["value"].clone();
    let by_centre = asked("group_by=cost_centre&of=rack_units").await;
    assert_eq!((count(&by_centre, "4711"), count(&by_centre, "9000")), (json!(3), json!(1)));
    assert_eq!(cell(&by_centre, "4711", "mean"), json!({ "value": 6.0, "part": 18, "whole": 3 }));
    // What every item has is no different, and any of them narrows a report.
    let classes = ids(&manager, "item-classes").await;
    let by_class = asked("group_by=class").await;
    assert_eq!(count(&by_class, &classes["Server"].to_string()), 2);
    assert_eq!(count(&asked("group_by=environment").await, "production"), 4);
    let filter = encoded("rack_units > 1 and location = \"Leeds\"");
    let narrowed = asked(&format!("group_by=cost_centre&filter={filter}")).await;
    assert_eq!(count(&narrowed, "total"), 2);
    // Behind the figure stand its records, and the report is a file.
    let behind =
        manager.get(&format!("reports/ad_hoc/records?{june}&group_by=cost_centre&row=9000&column=records")).await.ok();
    assert_eq!(behind["items"].as_array().map(Vec::len), Some(1), "{behind}");
    let file = manager.get(&format!("reports/ad_hoc/export?format=csv&{june}&group_by=cost_centre")).await;
    assert!(file.text.contains("4711"), "{}", file.text);
    // A class is counted by whoever sees its items: a vendor counts its own alone.
    let vendor = stage.sign_in(cast.vendor).await;
    vendor.get(&format!("reports/ad_hoc?{june}&group_by=class")).await.refused(403, "no_right");
});
