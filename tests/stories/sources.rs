//! What other systems tell of items: one item however many tell of it, whose word stands, and what waits for a person.

use crate::client::Client;
use crate::story;
use serde_json::{Value as Json, json};

const ITEMS: &str = "configuration-items";
const DAY: i64 = 24 * 60;

/// The id of an entry by its name.
async fn id(client: &Client, register: &str, name: &str) -> i64 {
    let all = client.get(&format!("{register}?limit=200")).await.ok();
    let found = all["items"].as_array().into_iter().flatten().find(|entry| entry["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {all}"))["id"].as_i64().expect("an id")
}

/// A source with a plain mapping: a column of the name of each field, and the class by name.
async fn source(client: &Client, key: &str, rank: i64, more: Json) -> i64 {
    let mapping = r#"key = "id"
[fields]
title = { column = "name" }
class = { column = "class", default = "Server" }
serial_number = { column = "serial" }
location = { column = "where" }
version_name = { column = "version" }
owner = { column = "owner", by = "key" }
"#;
    let mut body = json!({
        "name": key, "source": key, "process": "configuration_item", "rank": rank, "unmatched": "make", "mapping": mapping,
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    client.post("sources", body).await.ok()["id"].as_i64().expect("an id")
}

async fn feed(client: &Client, source: &str, rows: Json) -> Json {
    client.post(&format!("{ITEMS}/feed"), json!({ "source": source, "rows": rows })).await.ok()
}

/// What became of the only row: outcome, number.
fn only(fed: &Json) -> (&str, String) {
    assert_eq!(fed["rows"].as_array().map(Vec::len), Some(1), "{fed}");
    let row = &fed["rows"][0];
    (row["outcome"].as_str().expect("an outcome"), row["number"].as_str().unwrap_or_default().to_owned())
}

async fn read(client: &Client, number: &str) -> Json {
    client.get(&format!("{ITEMS}/{number}")).await.ok()
}

async fn count(client: &Client) -> usize {
    client.get(&format!("{ITEMS}?limit=200")).await.ok()["items"].as_array().map_or(0, Vec::len)
}

async fn parked(client: &Client, state: &str) -> Vec<Json> {
    let all = client.get(&format!("{ITEMS}/parked?state={state}")).await.ok();
    all["items"].as_array().cloned().unwrap_or_default()
}

story!(sac_09_the_same_server_from_two_sources_is_one_item, |stage| async move {
    let manager = stage.sign_in(stage.house.cast.manager).await;
    source(&manager, "scan", 200, json!({})).await;
    source(&manager, "vcenter", 100, json!({})).await;
    let rows = json!([{ "id": "a-1", "name": "app-01", "serial": "SN 77", "version": "1" }]);
    // A rehearsal says what would happen and leaves nothing.
    let dry = json!({ "source": "scan", "rows": rows, "dry_run": true });
    let told = manager.post(&format!("{ITEMS}/feed"), dry).await.ok();
    assert_eq!((only(&told).0, &told["dry_run"], count(&manager).await), ("made", &json!(true), 0));
    let first = feed(&manager, "scan", rows.clone()).await;
    let (outcome, number) = only(&first);
    assert_eq!(outcome, "made");
    let version = read(&manager, &number).await["version"].clone();
    // The same again changes nothing; the other source knows it under its own key, in other letters.
    assert_eq!(only(&feed(&manager, "scan", rows.clone()).await), ("unchanged", number.clone()));
    assert_eq!(read(&manager, &number).await["version"], version);
    let theirs = json!([{ "id": "vm-9", "name": "APP-01.corp", "serial": "sn 77", "version": "2" }]);
    assert_eq!(only(&feed(&manager, "vcenter", theirs.clone()).await), ("updated", number.clone()));
    assert_eq!(count(&manager).await, 1);
    // What is believed more stands, whoever speaks last, and the history says whose it was.
    assert_eq!(only(&feed(&manager, "scan", rows).await), ("unchanged", number.clone()));
    assert_eq!(only(&feed(&manager, "vcenter", theirs).await), ("unchanged", number.clone()));
    let record = read(&manager, &number).await;
    assert_eq!((&record["title"], &record["version_name"]), (&json!("APP-01.corp"), &json!("2")));
    let log = manager.get(&format!("{ITEMS}/{number}/history")).await.ok();
    let last = log["items"].as_array().and_then(|all| all.last()).cloned().expect("an event");
    assert_eq!((&last["verb"], &last["reason"]), (&json!("updated"), &json!("As vcenter says")));
    // Without a number the name within the class tells; a maker's empty words tell nothing.
    let silent = json!([{ "id": "a-2", "name": "app-02", "serial": "To be filled by O.E.M." }]);
    let (_, second) = only(&feed(&manager, "scan", silent).await);
    let again = json!([{ "id": "vm-10", "name": "App-02", "serial": "Default string" }]);
    assert_eq!(only(&feed(&manager, "vcenter", again).await).1, second);
    let printer = json!([{ "id": "a-3", "name": "app-02", "class": "Printer" }]);
    assert_eq!(only(&feed(&manager, "scan", printer).await).0, "made");
    // A file tells the same by the same mapping.
    let csv = "id,name,class,serial,where,version,owner\na-1,app-01,Server,SN 77,Leeds,1,\na-9,,Server,,,,\n";
    let told = manager.post(&format!("{ITEMS}/feed"), json!({ "source": "scan", "csv": csv })).await.ok();
    assert_eq!((&told["counts"]["updated"], &told["counts"]["rejected"]), (&json!(1), &json!(1)), "{told}");
    assert_eq!(told["rows"][1]["code"], "required");
    assert_eq!(read(&manager, &number).await["location"], "Leeds");
});

story!(sac_09_what_fits_none_or_several_waits_for_a_person, |stage| async move {
    let cast = stage.house.cast.clone();
    let (manager, agent) = (stage.sign_in(cast.manager).await, stage.sign_in(cast.agent).await);
    source(&manager, "scan", 200, json!({ "unmatched": "ask" })).await;
    let server = id(&manager, "item-classes", "Server").await;
    let item = |title: &str, serial: &str| json!({ "title": title, "class": server, "serial_number": serial });
    let open = async |body: Json| manager.post(ITEMS, body).await.ok()["number"].as_str().expect("a number").to_owned();
    let (one, two) = (open(item("one", "X1")).await, open(item("two", "x1")).await);
    let both = feed(
        &manager,
        "scan",
        json!([{ "id": "1", "name": "new", "serial": "N1" }, { "id": "2", "name": "either", "serial": "X1" }]),
    )
    .await;
    let codes: Vec<&Json> = both["rows"].as_array().into_iter().flatten().map(|row| &row["code"]).collect();
    assert_eq!(codes, ["unmatched", "ambiguous"]);
    assert_eq!(count(&manager).await, 2, "nothing was made");
    // The same again waits once.
    feed(&manager, "scan", json!([{ "id": "1", "name": "new", "serial": "N1" }])).await;
    let waiting = parked(&manager, "open").await;
    assert_eq!(waiting.len(), 2);
    assert_eq!(
        (&waiting[0]["says"]["serial_number"], &waiting[0]["says"]["class"]["name"]),
        (&json!("N1"), &json!("Server"))
    );
    let candidates: Vec<&Json> =
        waiting[1]["candidates"].as_array().into_iter().flatten().map(|c| &c["number"]).collect();
    assert_eq!(candidates, [&json!(one), &json!(two)]);
    let settle = |row: &Json, verb: &str| format!("{ITEMS}/parked/{}/{verb}", row["id"]);
    // Whoever may not import settles nothing and sees nothing.
    agent.get(&format!("{ITEMS}/parked")).await.refused(403, "no_right");
    agent.post(&settle(&waiting[0], "make"), json!({})).await.refused(403, "no_right");
    // One is made, the other is matched; from then on the source speaks of them.
    let made = manager.post(&settle(&waiting[0], "make"), json!({})).await.ok();
    let made = made["number"].as_str().expect("a number").to_owned();
    manager.post(&settle(&waiting[0], "make"), json!({})).await.refused(404, "not_found");
    manager.post(&settle(&waiting[1], "match"), json!({ "record": "CI-999999" })).await.refused(422, "unknown_link");
    let matched = manager.post(&settle(&waiting[1], "match"), json!({ "record": two })).await.ok();
    assert_eq!(matched["number"], json!(two));
    let again = json!([{ "id": "1", "name": "new", "serial": "N1", "where": "Rack 1" }, { "id": "2", "name": "either", "serial": "X1", "where": "Rack 2" }]);
    let told = feed(&manager, "scan", again).await;
    let numbers: Vec<&Json> = told["rows"].as_array().into_iter().flatten().map(|row| &row["number"]).collect();
    assert_eq!((numbers, &told["counts"]["updated"]), (vec![&json!(made), &json!(two)], &json!(2)), "{told}");
    assert_eq!(read(&manager, &two).await["location"], "Rack 2");
    // Two rows of one source are not one item by themselves.
    let twin = feed(&manager, "scan", json!([{ "id": "3", "name": "twin", "serial": "N1" }])).await;
    assert_eq!(twin["rows"][0]["code"], "duplicate");
    let row = parked(&manager, "open").await.remove(0);
    manager.post(&settle(&row, "ignore"), json!({ "reason": " " })).await.refused(422, "invalid_fields");
    manager.post(&settle(&row, "ignore"), json!({ "reason": "Its second interface" })).await.ok();
    let quiet = feed(&manager, "scan", json!([{ "id": "3", "name": "twin", "serial": "N1" }])).await;
    assert_eq!(only(&quiet).0, "unchanged");
    assert!(parked(&manager, "open").await.is_empty());
    assert_eq!(parked(&manager, "ignored").await[0]["reason"], "Its second interface");
    manager.post(&settle(&row, "reopen"), json!({})).await.ok();
    assert_eq!(parked(&manager, "open").await.len(), 1);
    // An item that is over is told of and stays as it is.
    manager.post(&format!("{ITEMS}/{made}/receive"), json!({})).await.ok();
    manager.post(&format!("{ITEMS}/{made}/dispose"), json!({ "reason": "Broken" })).await.ok();
    let back = feed(&manager, "scan", json!([{ "id": "1", "name": "alive", "serial": "N1" }])).await;
    assert_eq!(only(&back), ("closed", made.clone()));
    assert_eq!(read(&manager, &made).await["title"], "new");
});

story!(sac_10_what_a_person_wrote_stays_and_the_lower_rank_does_not_overwrite, |stage| async move {
    let cast = stage.house.cast.clone();
    let manager = stage.sign_in(cast.manager).await;
    let people = async |person: i64| {
        manager.get(&format!("people/{person}")).await.ok()["email"].as_str().expect("an address").to_owned()
    };
    let (alice, bob) = (people(cast.agent).await, people(cast.agent_l2).await);
    let over = json!({ "ranks": [{ "field": "version_name", "rank": 10, "over_people": true }], "stale_days": 7 });
    source(&manager, "scan", 200, over).await;
    let low = source(&manager, "sheet", 300, json!({})).await;
    let told = |version: &str, owner: &str, where_: &str| json!([{ "id": "1", "name": "app-01", "serial": "S1", "version": version, "owner": owner, "where": where_ }]);
    let (_, number) = only(&feed(&manager, "scan", told("1", &alice, "Rack 1")).await);
    let own = format!("{ITEMS}/{number}");
    // The owner by hand is kept after discovery ran again; the version is the scanner's own matter.
    manager.patch(&own, json!({ "owner": cast.team_manager, "version_name": "mine" })).await.ok();
    let fed = feed(&manager, "scan", told("2", &alice, "Rack 1")).await;
    assert_eq!(fed["rows"][0]["changed"], json!(["version_name"]));
    let record = read(&manager, &number).await;
    assert_eq!((&record["owner"]["id"], &record["version_name"]), (&json!(cast.team_manager), &json!("2")));
    // Emptied by hand is a word, too.
    manager.patch(&own, json!({ "owner": null })).await.ok();
    feed(&manager, "scan", told("2", &bob, "Rack 1")).await;
    assert!(read(&manager, &number).await["owner"].is_null());
    // Whom one believes less says nothing over it, and may fill what is empty.
    let sheet = json!([{ "id": "row-7", "name": "app-01", "serial": "S1", "version": "9", "where": "Cellar" }]);
    assert_eq!(only(&feed(&manager, "sheet", sheet.clone()).await), ("unchanged", number.clone()));
    assert_eq!(read(&manager, &number).await["location"], "Rack 1");
    let said = manager.get(&format!("{own}/sources")).await.ok();
    let field = |source: usize, key: &str| {
        let fields = said["items"][source]["fields"].as_array().expect("fields");
        fields.iter().find(|f| f["field"] == key).cloned().unwrap_or_else(|| panic!("no {key}: {said}"))
    };
    assert_eq!((&field(0, "location")["word"], &field(0, "owner")["word"]), (&json!("own"), &json!("person")));
    let disputed = field(1, "location");
    assert_eq!(
        (&disputed["word"], &disputed["by"]["name"], &disputed["agrees"]),
        (&json!("other"), &json!("scan"), &json!(false))
    );
    // What the better source has missed for long is said by the next one.
    stage.house.clock.advance_minutes(8 * DAY);
    let standing = manager.get(&format!("{ITEMS}/sources")).await.ok();
    let scan = standing["items"].as_array().into_iter().flatten().find(|s| s["key"] == "scan").cloned().expect("scan");
    assert_eq!((&scan["missing_count"], &scan["missing"][0]["number"]), (&json!(1), &json!(number)));
    let taken = feed(&manager, "sheet", sheet).await;
    assert_eq!(taken["rows"][0]["changed"], json!(["location", "version_name"]));
    assert_eq!(read(&manager, &number).await["location"], "Cellar");
    // A rank can be changed, and counts from the next time on.
    let rank = async |rank: i64| manager.patch(&format!("sources/{low}"), json!({ "rank": rank })).await.ok();
    rank(100).await;
    assert_eq!(only(&feed(&manager, "scan", told("9", &bob, "Rack 3")).await).0, "unchanged");
    rank(400).await;
    assert_eq!(only(&feed(&manager, "scan", told("9", &bob, "Rack 3")).await).0, "updated");
    assert_eq!(read(&manager, &number).await["location"], "Rack 3");
});

story!(sac_09_devices_of_netbox_and_machines_of_the_glpi_agent_are_read_as_they_come, |stage| async move {
    let manager = stage.sign_in(stage.house.cast.manager).await;
    for key in ["NetBox", "GLPI agent"] {
        let entry = id(&manager, "sources", key).await;
        manager.patch(&format!("sources/{entry}"), json!({ "unmatched": "make" })).await.ok();
    }
    let device = json!({
        "id": 17, "url": "https://netbox.example/api/dcim/devices/17/", "display": "leeds-core-1", "name": "leeds-core-1",
        "device_type": { "id": 3, "display": "Catalyst 9300", "manufacturer": { "id": 1, "name": "Cisco" }, "model": "C9300-48P" },
        "role": { "id": 5, "display": "Switch", "name": "Switch", "slug": "switch" }, "serial": "FOC2233X0AB", "asset_tag": null,
        "site": { "id": 2, "display": "Leeds", "name": "Leeds", "slug": "leeds" }, "tenant": null,
        "status": { "value": "active", "label": "Active" }, "primary_ip": { "id": 9, "display": "10.1.0.1/24", "address": "10.1.0.1/24" },
    });
    let fed = feed(&manager, "netbox", json!([device])).await;
    let (outcome, number) = only(&fed);
    assert_eq!(outcome, "made");
    let record = read(&manager, &number).await;
    for (field, value) in [
        ("title", "leeds-core-1"),
        ("serial_number", "FOC2233X0AB"),
        ("location", "Leeds"),
        ("model_name", "Catalyst 9300"),
        ("address", "10.1.0.1/24"),
        ("state", "live"),
    ] {
        assert_eq!(record[field], value, "{field}");
    }
    assert_eq!(record["class"]["name"], "Network device");
    let machine = json!({
        "action": "inventory", "deviceid": "desk-42-2025-05-01-09-00-00", "itemtype": "Computer", "content": {
            "bios": { "smanufacturer": "LENOVO", "smodel": "20XW", "ssn": "PF3ABCDE" },
            "hardware": { "name": "desk-42", "uuid": "4c4c4544-0000", "chassis_type": "Notebook" },
            "operatingsystem": { "full_name": "Debian GNU/Linux 12", "fqdn": "desk-42.corp.example" },
            "softwares": [{ "name": "vim", "version": "9" }],
        },
    });
    let fed = feed(&manager, "glpi", json!([machine])).await;
    let (outcome, number) = only(&fed);
    assert_eq!(outcome, "made");
    let record = read(&manager, &number).await;
    assert_eq!(
        (&record["title"], &record["serial_number"], &record["class"]["name"], &record["version_name"]),
        (&json!("desk-42"), &json!("PF3ABCDE"), &json!("Workplace device"), &json!("Debian GNU/Linux 12"))
    );
});

story!(sac_09_a_feed_that_does_not_fit_is_refused_whole, |stage| async move {
    let cast = stage.house.cast.clone();
    let (manager, agent) = (stage.sign_in(cast.manager).await, stage.sign_in(cast.agent).await);
    source(&manager, "scan", 200, json!({})).await;
    source(&manager, "mute", 200, json!({ "mapping": null })).await;
    source(&manager, "odd", 200, json!({ "mapping": "key = \"id\"\n[fields]\nnonsense = { column = \"x\" }\n" })).await;
    let path = format!("{ITEMS}/feed");
    let body = |source: &str| json!({ "source": source, "rows": [{ "id": "1", "name": "x" }] });
    agent.post(&path, body("scan")).await.refused(403, "no_right");
    manager.post(&path, body("nobody")).await.refused_field("source", "unknown_source");
    manager.post(&path, body("mute")).await.refused(422, "does_not_fit");
    manager.post(&path, body("odd")).await.refused(422, "does_not_fit");
    manager.post(&path, json!({ "source": "scan" })).await.refused_field("rows", "required");
    manager.post(&path, json!({ "source": "scan", "rows": [], "csv": "" })).await.refused_field("rows", "required");
    manager.post(&path, json!({ "source": "scan", "rows": [7] })).await.refused_field("rows", "not_a_list");
    manager.post(&path, json!({ "source": "scan", "csv": "other\n1\n" })).await.refused(422, "does_not_fit");
    let many: Vec<Json> = (0..1001).map(|n| json!({ "id": n, "name": "x" })).collect();
    manager.post(&path, json!({ "source": "scan", "rows": many })).await.refused_field("rows", "not_a_list");
    assert_eq!(count(&manager).await, 0);
    // A row alone is refused alone, and one that stands twice counts once.
    let rows = json!([{ "name": "no key" }, { "id": "1", "name": "one" }, { "id": "1", "name": "other" }, { "id": "2", "name": "two", "class": "No such" }]);
    let told = feed(&manager, "scan", rows).await;
    let codes: Vec<Json> = told["rows"].as_array().into_iter().flatten().map(|row| row["code"].clone()).collect();
    assert_eq!(json!(codes), json!(["no_key", null, "repeated", "unknown_reference"]));
    assert_eq!(count(&manager).await, 1);
    // Entries that say what cannot be.
    let bad = json!({ "name": "x", "source": "Not A Key", "process": "incident", "rank": 1, "unmatched": "ask" });
    let refused = manager.post("sources", bad).await.refused(422, "invalid_fields");
    let codes: Vec<&Json> = refused["errors"].as_array().into_iter().flatten().map(|e| &e["code"]).collect();
    assert_eq!(codes, ["not_a_key", "unknown_process"]);
});

story!(sac_09_a_source_tells_nobody_what_is_not_theirs_to_see, |stage| async move {
    let cast = stage.house.cast.clone();
    let (manager, admin) = (stage.sign_in(cast.manager).await, stage.sign_in(cast.admin).await);
    let own =
        json!({ "name": "Safe", "process": "configuration_item", "field": "safe", "kind": "text", "internal": true });
    admin.post("custom-fields", own).await.ok();
    let mapping = "key = \"id\"\n[fields]\ntitle = { column = \"name\" }\nclass = { constant = \"Line\" }\nsafe = { column = \"safe\" }\n";
    source(&manager, "scan", 200, json!({ "mapping": mapping })).await;
    let (_, number) = only(&feed(&manager, "scan", json!([{ "id": "1", "name": "line 1", "safe": "Drawer" }])).await);
    let path = format!("{ITEMS}/{number}/sources");
    for person in [cast.requester, cast.vendor, cast.representative] {
        stage.sign_in(person).await.get(&path).await.refused(404, "not_found");
    }
    manager.patch(&format!("{ITEMS}/{number}"), json!({ "team": cast.netco_team })).await.ok();
    let vendor = stage.sign_in(cast.vendor).await.get(&path).await.ok().to_string();
    assert!(vendor.contains("line 1") && !vendor.contains("Drawer"), "{vendor}");
    assert!(manager.get(&path).await.ok().to_string().contains("Drawer"));
});

story!(sac_09_an_item_is_known_again_in_small_and_large_letters_of_every_alphabet, |stage| async move {
    let manager = stage.sign_in(stage.house.cast.manager).await;
    source(&manager, "scan", 200, json!({ "unmatched": "ask" })).await;
    let server = id(&manager, "item-classes", "Server").await;
    for (title, serial, told) in [
        ("Überwachung", "SÜD-7", json!({ "id": "1", "name": "x", "serial": "süd-7" })),
        ("Österreich-Süd", "", json!({ "id": "2", "name": "ÖSTERREICH-SÜD" })),
        ("Сервер базы данных", "", json!({ "id": "3", "name": "СЕРВЕР БАЗЫ ДАННЫХ" })),
    ] {
        let body = json!({ "title": title, "class": server, "serial_number": (!serial.is_empty()).then_some(serial) });
        let number = manager.post(ITEMS, body).await.ok()["number"].as_str().expect("a number").to_owned();
        assert_eq!(only(&feed(&manager, "scan", json!([told])).await), ("unchanged", number), "{title}");
    }
});

story!(sac_09_a_feed_for_one_organisation_neither_writes_over_another_nor_learns_of_it, |stage| async move {
    let cast = stage.house.cast.clone();
    let (manager, admin) = (stage.sign_in(cast.manager).await, stage.sign_in(cast.admin).await);
    let mapping = r#"key = "id"
[fields]
title = { column = "name" }
class = { constant = "Server" }
serial_number = { column = "serial" }
owner = { column = "owner", by = "key" }
organisation = { column = "of" }
"#;
    source(&manager, "scan", 200, json!({ "unmatched": "ask", "mapping": mapping })).await;
    let bank = json!([{ "id": "1", "name": "theirs", "serial": "N1", "of": "Retail Bank" }]);
    assert_eq!(feed(&manager, "scan", bank.clone()).await["rows"][0]["code"], "unmatched");
    let may = ["configuration_item.view", "configuration_item.import", "configuration_item.update"];
    let role = json!({ "name": "Feeder", "reach": "staff", "permissions": may });
    let role = admin.post("roles", role).await.ok()["id"].clone();
    let grants = json!([{ "role": role, "organisation": cast.acme }]);
    admin.patch(&format!("people/{}", cast.acme_requester), json!({ "grants": grants })).await.ok();
    let feeder = stage.sign_in(cast.acme_requester).await;
    let mine = json!([{ "id": "1", "name": "mine now", "serial": "N1", "of": "Acme" }]);
    let told = feed(&feeder, "scan", mine).await;
    assert_eq!(
        (&told["rows"][0]["outcome"], &told["rows"][0]["code"]),
        (&json!("rejected"), &json!("no_right")),
        "{told}"
    );
    assert_eq!(parked(&manager, "open").await[0]["title"], "theirs");
    // Whom they may not read they cannot ask about: somebody who is there and somebody who is not are told alike.
    for owner in ["manager@bank.example", "nobody@bank.example"] {
        let rows = json!([{ "id": "2", "name": "new", "serial": "N2", "owner": owner, "of": "Acme" }]);
        let dry = json!({ "source": "scan", "rows": rows, "dry_run": true });
        let told = feeder.post(&format!("{ITEMS}/feed"), dry).await.ok();
        assert_eq!(told["rows"][0]["code"], "unknown_reference", "{owner}: {told}");
    }
});

story!(sac_09_what_is_retired_is_not_counted_as_missing, |stage| async move {
    let manager = stage.sign_in(stage.house.cast.manager).await;
    source(&manager, "scan", 200, json!({ "stale_days": 7 })).await;
    let rows = json!([{ "id": "1", "name": "stays", "serial": "A" }, { "id": "2", "name": "goes", "serial": "B" }]);
    let told = feed(&manager, "scan", rows).await;
    let gone = told["rows"][1]["number"].as_str().expect("a number");
    manager.post(&format!("{ITEMS}/{gone}/withdraw"), json!({ "reason": "Entered by mistake." })).await.ok();
    stage.house.clock.advance_minutes(8 * DAY);
    let standing = manager.get(&format!("{ITEMS}/sources")).await.ok();
    let scan = standing["items"].as_array().into_iter().flatten().find(|s| s["key"] == "scan").expect("scan");
    assert_eq!((&scan["records"], &scan["missing_count"]), (&json!(1), &json!(1)), "{scan}");
});
