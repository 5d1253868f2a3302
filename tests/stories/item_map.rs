//! The map of items: as it was at an instant, and as a file.

use crate::client::Client;
use crate::configuration::{hit, ids, is, item, link, named, payments};
use crate::story;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

const DAY: i64 = 24 * 60;
const ITEMS: &str = "configuration-items";

/// An instant as addresses have it.
fn at(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).expect("an instant").to_string()
}

fn titles(answer: &Json) -> BTreeSet<String> {
    let items = answer["items"].as_array().into_iter().flatten();
    items.filter_map(|item| item["title"].as_str().map(str::to_owned)).collect()
}

fn set<const N: usize>(all: [&str; N]) -> BTreeSet<String> {
    all.into_iter().map(str::to_owned).collect()
}

async fn live(manager: &Client, number: &str, owner: i64) {
    manager.patch(&format!("{ITEMS}/{number}"), json!({ "owner": owner })).await.ok();
    for verb in ["receive", "test", "go_live"] {
        manager.post(&format!("{ITEMS}/{number}/{verb}"), json!({})).await.ok();
    }
}

/// The lines of words of a PDF of ours, by what its fonts say of their glyphs; letters of its first font alone.
fn words_of(file: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(file);
    let (_, map) = text.split_once("beginbfchar").expect("letters");
    let mut letters = BTreeMap::new();
    for line in map.lines().take_while(|line| !line.contains("endcmap")) {
        let parts: Vec<&str> = line.split(['<', '>']).collect();
        if let [_, glyph, _, code, _] = parts[..] {
            let code = u32::from_str_radix(code, 16).ok().and_then(char::from_u32).expect("a letter");
            letters.insert(glyph.to_owned(), code);
        }
    }
    let lines = text.lines().filter(|line| line.starts_with("BT "));
    let runs = |line: &str| -> String {
        let hex: String = line.split('<').skip(1).filter_map(|run| run.split('>').next()).collect();
        hex.as_bytes().chunks(4).filter_map(|glyph| letters.get(std::str::from_utf8(glyph).ok()?)).collect()
    };
    lines.map(runs).collect()
}

story!(sac_05_the_map_as_it_was_at_an_instant, |stage| async move {
    let cast = stage.house.cast.clone();
    let manager = stage.sign_in(cast.manager).await;
    let all = payments(&stage, &manager).await;
    live(&manager, &all["db-b"], cast.agent).await;
    let agent = stage.sign_in(cast.agent).await;
    let incident = agent.report(json!({})).await;
    agent.post(&format!("incidents/{incident}/links"), json!({ "relation": "affects", "to": all["db-a"] })).await.ok();
    stage.house.clock.advance_minutes(DAY);
    let then = stage.house.desk.now();
    let before = hit(&agent, &all["db-a"], "").await;
    assert_eq!(before["Payments"], is("at_risk", 3));
    assert_eq!(hit(&agent, &all["db-a"], &format!("?at={}", at(then))).await, before, "now is an instant, too");

    // What comes later: a name, another class, a link less and one more, a node of the cluster that goes, a step.
    stage.house.clock.advance_minutes(DAY);
    let gateway = format!("{ITEMS}/{}", all["gateway"]);
    manager.patch(&gateway, json!({ "title": "front door" })).await.ok();
    manager.delete(&format!("{ITEMS}/{}/links/depends_on/{}", all["payments"], all["gateway"])).await.ok();
    let portal = named(&manager, "Application", "portal").await;
    link(&manager, &portal, "depends_on", &all["cluster"]).await.ok();
    link(&manager, &all["payments"], "depends_on", &portal).await.ok();
    manager.post(&format!("{ITEMS}/{}/retire", all["db-b"]), json!({ "reason": "Old" })).await.ok();
    let need = json!([]);
    manager.patch(&format!("{ITEMS}/{}", all["cluster"]), json!({ "redundancy": need })).await.ok();
    agent.step(&incident, "cancel", json!({ "cancel_reason": "not_an_incident" })).await;
    stage.house.clock.advance_minutes(DAY);

    let now = hit(&agent, &all["db-a"], "").await;
    assert_eq!((&now["Payments"], &now["portal"]), (&is("impacted", 3), &is("impacted", 2)));
    let asked = format!("{ITEMS}/{}/impact?at={}", all["db-a"], at(then));
    let past = agent.get(&asked).await.ok();
    assert_eq!(hit(&agent, &all["db-a"], &format!("?at={}", at(then))).await, before, "{past}");
    assert_eq!(past["services"][0]["name"], "Payments");
    assert_eq!(past["records"][0]["number"], json!(incident), "it was open then");
    let today = agent.get(&format!("{ITEMS}/{}/impact", all["db-a"])).await.ok();
    assert_eq!(today["records"], json!([]));
    let states =
        |answer: &Json| answer["items"].as_array().map(|items| items.iter().map(|i| i["state"].clone()).collect());
    let below = agent.get(&format!("{ITEMS}/{}/depends-on?at={}", all["cluster"], at(then))).await.ok();
    assert_eq!(titles(&below), set(["cluster", "db-a", "db-b", "storage"]));
    let of_then: Option<Vec<Json>> = states(&below);
    assert!(of_then.is_some_and(|all| all.contains(&json!("live"))), "{below}");
    let below = agent.get(&format!("{ITEMS}/{}/depends-on", all["cluster"])).await.ok();
    assert_eq!(titles(&below), set(["cluster", "db-a", "storage"]));
    // How they hung together is told, as one says it.
    let links = past["links"].as_array().expect("links");
    let said = |from: &str, to: &str| {
        links.iter().any(|link| {
            link["from"] == json!(all[from]) && link["to"] == json!(all[to]) && link["label"] == "Depends on"
        })
    };
    assert!(said("payments", "gateway") && said("gateway", "cluster") && said("cluster", "db-a"), "{links:?}");
    assert!(!links.iter().any(|link| link["from"] == json!(portal)));
    // Back as it was and away again: the log is followed step by step.
    link(&manager, &all["payments"], "depends_on", &all["gateway"]).await.ok();
    stage.house.clock.advance_minutes(DAY);
    let back = stage.house.desk.now();
    stage.house.clock.advance_minutes(DAY);
    manager.delete(&format!("{ITEMS}/{}/links/depends_on/{}", all["payments"], all["gateway"])).await.ok();
    assert!(hit(&agent, &all["gateway"], "").await.is_empty());
    assert_eq!(hit(&agent, &all["gateway"], &format!("?at={}", at(back))).await["Payments"], is("impacted", 1));

    for (when, code) in [(then - 99 * DAY * 60_000, "before_opening"), (back + 99 * DAY * 60_000, "to_come")] {
        agent.get(&format!("{ITEMS}/{}/impact?at={}", all["db-a"], at(when))).await.refused(422, code);
    }
    agent.get(&format!("{ITEMS}/{}/impact?at=yesterday", all["db-a"])).await.refused(400, "bad_query");
});

story!(sac_05_who_sees_the_map_of_then_is_asked_today, |stage| async move {
    let cast = stage.house.cast.clone();
    let manager = stage.sign_in(cast.manager).await;
    let (low, high) = (named(&manager, "Application", "low").await, named(&manager, "Application", "high").await);
    let open = named(&manager, "Application", "between").await;
    link(&manager, &open, "depends_on", &low).await.ok();
    link(&manager, &high, "depends_on", &open).await.ok();
    stage.house.clock.advance_minutes(DAY);
    let then = format!("?at={}", at(stage.house.desk.now()));
    stage.house.clock.advance_minutes(DAY);
    manager.patch(&format!("{ITEMS}/{open}"), json!({ "restricted": true, "title": "closed" })).await.ok();
    let agent = stage.sign_in(cast.agent).await;
    let seen = agent.get(&format!("{ITEMS}/{low}/impact{then}")).await.ok();
    assert_eq!(titles(&seen), set(["low", "high"]), "a failure passes through it, and it is not named");
    assert!(!seen.to_string().contains("between") && !seen.to_string().contains(&open), "{seen}");
    let known = manager.get(&format!("{ITEMS}/{low}/impact{then}")).await.ok();
    assert_eq!(titles(&known), set(["low", "between", "high"]), "by the name it had");
});

story!(sac_06_the_map_is_a_file_with_its_title_its_instant_and_what_its_signs_say, |stage| async move {
    let cast = stage.house.cast.clone();
    let manager = stage.sign_in(cast.manager).await;
    let all = payments(&stage, &manager).await;
    let odd = item(&manager, "Application", json!({ "title": "<b>A&B</b>" })).await;
    link(&manager, &odd, "depends_on", &all["db-a"]).await.ok();
    let secret = item(&manager, "Application", json!({ "title": "secret", "restricted": true })).await;
    link(&manager, &secret, "depends_on", &all["db-a"]).await.ok();
    let agent = stage.sign_in(cast.agent).await;
    let path = |more: &str| format!("{ITEMS}/{}/map/export?format=svg{more}", all["db-a"]);
    let answer = agent.get(&path("")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "image/svg+xml");
    let name = format!("attachment; filename=\"map-{}.svg\"", all["db-a"]);
    assert_eq!(answer.headers["content-disposition"], name.as_str());
    let text = answer.text;
    assert!(text.starts_with("<svg xmlns=") && text.trim_end().ends_with("</svg>"), "{text}");
    for words in [
        "Map of ",
        "As it is on ",
        "Impacted",
        "At risk",
        "Not affected",
        "Keeps its data on",
        ">Payments<",
        ">storage<",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
    assert!(text.contains("&lt;b&gt;A&amp;B&lt;/b&gt;") && !text.contains("<b>"), "{text}");
    // Nobody's file says what they may not see; who sees it has it.
    assert!(!text.contains("secret") && !text.contains(&secret), "{text}");
    assert!(manager.get(&path("")).await.text.contains(">secret<"));
    // The same map is the same file.
    assert_eq!(agent.get(&path("")).await.text, text);
    // One way, one step, one class.
    let below = agent.get(&path("&way=depends-on")).await.text;
    assert!(below.contains(">storage<") && !below.contains(">Payments<"), "{below}");
    let near = agent.get(&path("&way=impact&depth=1")).await.text;
    assert!(near.contains(">cluster<") && !near.contains(">gateway<") && near.contains("more than is shown"), "{near}");
    let classes = ids(&agent, "item-classes").await;
    let only = agent.get(&path(&format!("&class={}", classes["Platform"]))).await.text;
    assert!(only.contains(">cluster<") && !only.contains(">gateway<") && only.contains("Platform"), "{only}");
    // As it was.
    stage.house.clock.advance_minutes(DAY);
    let then = at(stage.house.desk.now());
    stage.house.clock.advance_minutes(DAY);
    manager.patch(&format!("{ITEMS}/{}", all["cluster"]), json!({ "title": "twins" })).await.ok();
    let past = agent.get(&path(&format!("&at={then}"))).await.text;
    assert!(past.contains("As it was on ") && past.contains(">cluster<") && !past.contains(">twins<"), "{past}");
    assert!(agent.get(&path("")).await.text.contains(">twins<"));

    // The same as a page to print: its words are text, and nobody else's are in it.
    let page = agent.get(&format!("{ITEMS}/{}/map/export?format=pdf", all["db-a"])).await;
    assert_eq!(
        (page.status.as_u16(), &page.headers["content-type"]),
        (200, &"application/pdf".parse().expect("a type"))
    );
    assert!(page.bytes.starts_with(b"%PDF-1.7") && page.bytes.ends_with(b"%%EOF\n"));
    let said = words_of(&page.bytes);
    for words in ["Map of ", "As it is on ", "Payments", "<b>A&B</b>", "storage", "Impacted"] {
        assert!(said.iter().any(|line| line.contains(words)), "{words} in {said:?}");
    }
    assert!(!said.iter().any(|line| line.contains("secret")), "{said:?}");
    let all_of_it = manager.get(&format!("{ITEMS}/{}/map/export?format=pdf", all["db-a"])).await;
    assert!(words_of(&all_of_it.bytes).iter().any(|line| line == "secret"));

    for wrong in ["&way=up", "&depth=0", "&depth=21", "&class=x", "&at=then", "&size=9"] {
        agent.get(&path(wrong)).await.refused(400, "bad_query");
    }
    agent.get(&format!("{ITEMS}/{}/map/export?format=gif", all["db-a"])).await.refused(400, "bad_query");
    agent.get(&format!("{ITEMS}/{secret}/map/export?format=svg")).await.refused(404, "not_found");
    let requester = stage.sign_in(cast.requester).await;
    requester.get(&path("")).await.refused(403, "no_right");
});

story!(sac_06_what_two_can_do_without_one_of_is_lost_when_both_fail, |stage| async move {
    let cast = stage.house.cast.clone();
    let manager = stage.sign_in(cast.manager).await;
    let all = payments(&stage, &manager).await;
    let agent = stage.sign_in(cast.agent).await;
    let of = |number: &str, fails: &str| format!("{ITEMS}/{number}/impact?fails={fails}");
    let alone = hit(&agent, &all["db-a"], "").await;
    assert_eq!((&alone["cluster"], &alone["Payments"]), (&is("at_risk", 1), &is("at_risk", 3)));
    let both = format!("?fails={},{}", all["db-a"], all["db-b"].to_lowercase());
    let together = hit(&agent, &all["db-a"], &both).await;
    assert_eq!((&together["cluster"], &together["Payments"]), (&is("impacted", 1), &is("impacted", 3)));
    assert_eq!(together["db-b"], is("impacted", 0), "it is one of those that fail");
    // Which item it is asked of decides only who stands first; it need not be among those that fail.
    let answer = agent.get(&of(&all["cluster"], &all["db-a"])).await.ok();
    assert_eq!(answer["items"][0]["title"], "db-a");
    assert_eq!(titles(&answer), set(["db-a", "cluster", "gateway", "Payments"]));
    assert_eq!(
        (&answer["services"][0]["name"], &answer["services"][0]["hit"]),
        (&json!("Payments"), &json!("at_risk"))
    );
    let none = agent.get(&of(&all["db-a"], "")).await.ok();
    assert_eq!((&none["items"], &none["services"], &none["records"]), (&json!([]), &json!([]), &json!([])));
    // The same is read of an instant.
    stage.house.clock.advance_minutes(DAY);
    let then = format!("{both}&at={}", at(stage.house.desk.now()));
    stage.house.clock.advance_minutes(DAY);
    manager.patch(&format!("{ITEMS}/{}", all["cluster"]), json!({ "redundancy": [] })).await.ok();
    assert_eq!(hit(&agent, &all["db-a"], "").await["Payments"], is("impacted", 3));
    assert_eq!(hit(&agent, &all["db-a"], &then).await, together);

    let secret = item(&manager, "Application", json!({ "title": "secret", "restricted": true })).await;
    agent.get(&of(&all["db-a"], &secret)).await.refused(404, "not_found");
    agent.get(&of(&all["db-a"], "CI-999999")).await.refused(404, "not_found");
    let many = vec![all["db-a"].as_str(); 21].join(",");
    agent.get(&of(&all["db-a"], &many)).await.refused(422, "too_many");
    let below = format!("{ITEMS}/{}/depends-on?fails={}", all["db-a"], all["db-b"]);
    agent.get(&below).await.refused(400, "bad_query");
});

story!(sac_06_the_drawing_shows_what_fails_only_one_environment_and_says_what_it_leaves_out, |stage| async move {
    let manager = stage.sign_in(stage.house.cast.manager).await;
    let all = payments(&stage, &manager).await;
    let path = |number: &str, more: &str| format!("{ITEMS}/{number}/map/export?format=svg{more}");
    let both = format!("&fails={},{}", all["db-a"], all["db-b"]);
    let drawn = manager.get(&path(&all["cluster"], &both)).await.text;
    let note = format!("Simulated outage: {} db-a, {} db-b", all["db-a"], all["db-b"]);
    assert!(drawn.contains(&note) && drawn.contains(">Payments<") && drawn.contains(">storage<"), "{drawn}");
    // Impacted is drawn red, at risk amber: with both no amber line is left but that of the legend.
    let amber = |text: &str| text.matches("stroke-dasharray").count();
    let one = manager.get(&path(&all["cluster"], &format!("&fails={}", all["db-a"]))).await.text;
    assert!(amber(&one) > amber(&drawn) && amber(&drawn) == 1, "{one} {drawn}");
    assert!(manager.get(&path(&all["cluster"], "&fails=")).await.text.contains("Nothing fails."));

    // What is hit beside the map of the item is drawn, too.
    let storage = format!("&way=impact&fails={}", all["storage"]);
    let beside = manager.get(&path(&all["gateway"], &storage)).await.text;
    assert!(beside.contains(">mail<") && beside.contains(">Email<"), "{beside}");

    for (key, environment) in [("db-a", "production"), ("db-b", "test")] {
        manager.patch(&format!("{ITEMS}/{}", all[key]), json!({ "environment": environment })).await.ok();
    }
    let told = manager.get(&format!("{ITEMS}/{}/depends-on", all["cluster"])).await.ok();
    let environments: BTreeMap<&str, &Json> = told["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|item| (item["title"].as_str().unwrap_or_default(), &item["environment"]))
        .collect();
    assert_eq!((environments["db-b"], environments["storage"]), (&json!("test"), &Json::Null));
    let only = manager.get(&path(&all["cluster"], "&environment=production")).await.text;
    assert!(only.contains(">db-a<") && !only.contains(">db-b<") && only.contains(">storage<"), "{only}");
    assert!(only.contains("Only items of this environment, and those without one: Production"), "{only}");
    manager.get(&path(&all["cluster"], "&environment=moon")).await.refused(400, "bad_query");

    for n in 0..30 {
        let number = named(&manager, "Application", &format!("user {n:02}")).await;
        link(&manager, &number, "depends_on", &all["cluster"]).await.ok();
    }
    let full = manager.get(&path(&all["cluster"], "&way=impact")).await.text;
    assert!(full.contains("and 8 more") && full.contains("8 items have no box; they stand in the tables."), "{full}");
});
