//! Pipelines at the gate, by the very requests that `docs/PIPELINES.md` shows.

use crate::change::{asked, read};
use crate::client::{Answer, Client};
use crate::schedule::{freeze, window};
use crate::story;
use mainstay_testing::at;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

const MANUAL: &str = include_str!("../../docs/PIPELINES.md");

type Variables = BTreeMap<&'static str, String>;

/// The rights that the manual gives to the token.
fn scopes() -> Vec<&'static str> {
    let sentence = MANUAL.lines().find(|line| line.contains("The token needs these rights")).expect("the rights");
    let listed = sentence.split("no others:").nth(1).expect("a list");
    listed.split('`').filter(|word| word.contains('.') && !word.contains(' ')).filter(|word| *word != ".").collect()
}

/// The words of a command as a shell reads them: quotes join, variables are put in.
fn words(command: &str, variables: &Variables) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    let mut rest = command.chars().peekable();
    while let Some(c) = rest.next() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None | Some('"'), '$') => {
                let mut name = String::new();
                while let Some(c) = rest.next_if(|c| c.is_ascii_uppercase() || *c == '_') {
                    name.push(c);
                }
                word.push_str(variables.get(name.as_str()).unwrap_or_else(|| panic!("{name} is not set")));
            }
            (None, ' ' | ')') => {
                words.push(std::mem::take(&mut word));
                if c == ')' {
                    break;
                }
            }
            (_, c) => word.push(c),
        }
    }
    words.push(word);
    words.into_iter().filter(|word| !word.is_empty()).collect()
}

/// Runs the script of the manual with one argument, as far as it goes: each request with its answer.
async fn run(client: &Client, argument: &str, variables: &mut Variables) -> Vec<(String, Answer)> {
    let script = MANUAL.split("```sh").nth(1).and_then(|rest| rest.split("```").next()).expect("a script");
    let (mut answers, mut within) = (Vec::new(), None);
    for line in script.lines().map(str::trim) {
        if let Some(case) = line.strip_suffix(')').filter(|_| !line.contains(' ')) {
            within = Some(case);
        }
        if within.is_some_and(|case| case != argument) {
            continue;
        }
        let Some(at) = line.find("send \"").or_else(|| line.find("ask \"")) else { continue };
        let command = words(&line[at..], variables);
        let answer = if command[0] == "ask" {
            client.get(&command[1]).await
        } else {
            let key = format!("{}-{}", variables["RUN"], command[1].rsplit('/').next().unwrap_or_default());
            let body: Json = serde_json::from_str(&command[2]).expect("JSON");
            client.send("POST", &command[1], Some(body), &[("idempotency-key", &key)]).await
        };
        if let Some(number) = answer.body["number"].as_str() {
            variables.insert("NUMBER", number.to_owned());
        }
        let ended = !answer.status.is_success() || answer.body["go"] == false;
        answers.push((command[1].clone(), answer));
        if ended {
            break;
        }
    }
    answers
}

fn codes(gate: &Json) -> Vec<&str> {
    gate["reasons"].as_array().into_iter().flatten().filter_map(|reason| reason["code"].as_str()).collect()
}

story!(chg_05_chg_09_chg_16_a_pipeline_passes_the_gate_and_says_how_it_ended, |stage| async move {
    let cast = stage.house.cast.clone();
    let (manager, agent) = (stage.sign_in(cast.manager).await, stage.sign_in(cast.agent).await);
    let model = json!({
        "name": "Deployment", "process": "change", "approver": cast.manager, "valid_until": "2025-12-31",
        "values": [{ "field": "plan", "value": "Roll out." }, { "field": "service", "value": cast.payments.to_string() }],
    });
    let model = manager.post("models", model).await.ok()["id"].as_i64().expect("an id");
    let pipeline = stage.sign_in_with(cast.agent, &scopes()).await;
    let of_run = |run: &str, from: &str| -> Variables {
        let until = "2025-06-02T18:00:00Z";
        [("RUN", run), ("MAINSTAY_MODEL", &model.to_string()), ("FROM", from), ("UNTIL", until)]
            .into_iter()
            .map(|(name, value)| (name, value.to_owned()))
            .collect()
    };
    stage.house.clock.set(at("2025-06-02T09:00:00Z"));

    let mut first = of_run("shop/7", "2025-06-02T09:00:00Z");
    let begun = run(&pipeline, "begin", &mut first).await;
    assert_eq!(begun.len(), 4, "{begun:?}");
    let gate = &begun[2].1.body;
    assert_eq!((&gate["go"], &gate["begun"], &gate["step"]), (&json!(true), &json!(false), &json!("start")));
    assert_eq!(read(&agent, &first["NUMBER"]).await["state"], "implementation");
    // The whole of it again: the answers are the same, and nothing was done twice.
    let mut again = of_run("shop/7", "2025-06-02T09:00:00Z");
    let same = run(&pipeline, "begin", &mut again).await;
    assert_eq!(first["NUMBER"], again["NUMBER"]);
    assert!(same.iter().all(|(_, answer)| answer.status.is_success()), "{same:?}");
    assert_eq!((&same[2].1.body["go"], &same[2].1.body["begun"]), (&json!(true), &json!(true)));
    let all = agent.get("changes").await.ok();
    assert_eq!(all["items"].as_array().map(Vec::len), Some(1));
    for _ in 0..2 {
        let ended = run(&pipeline, "implemented", &mut first).await;
        assert_eq!(ended.last().expect("an answer").1.body["result"], "implemented", "{ended:?}");
    }

    // Too early: no-go with the reason, and the step itself says the same.
    let mut early = of_run("shop/8", "2025-06-02T17:00:00Z");
    let stopped = run(&pipeline, "begin", &mut early).await;
    let (place, gate) = stopped.last().expect("a gate");
    assert!(place.ends_with("/gate"));
    assert_eq!((&gate.body["go"], codes(&gate.body)), (&json!(false), vec!["too_early"]));
    pipeline.post(&format!("changes/{}/start", early["NUMBER"]), json!({})).await.refused(409, "too_early");

    // It ends before the one that waits begins, so that neither is in the way of the other.
    let mut third = of_run("shop/9", "2025-06-02T09:00:00Z");
    third.insert("UNTIL", "2025-06-02T15:00:00Z".to_owned());
    run(&pipeline, "begin", &mut third).await;
    run(&pipeline, "backed-out", &mut third).await;
    let failed = read(&agent, &third["NUMBER"]).await;
    assert_eq!((&failed["state"], &failed["result"]), (&json!("review"), &json!("backed_out")));

    // A normal change that waits for its approvals: everything that stands against it.
    let number = asked(&stage, &agent, &manager, "minor").await;
    let gate = agent.get(&format!("changes/{number}/gate")).await.ok();
    assert_eq!(codes(&gate), ["wrong_state", "approvals_missing", "too_early"]);
    assert_eq!(gate["state"], "authorisation");
    // A freeze that was declared in between stands before the gate as it stands before the step.
    window(&manager, "Month end", freeze("2025-06-02T16:00:00Z", "2025-06-02T20:00:00Z")).await;
    let gate = agent.get(&format!("changes/{}/gate", early["NUMBER"])).await.ok();
    assert_eq!(codes(&gate), ["too_early", "frozen"]);
    stage.house.clock.set(at("2025-06-02T17:00:00Z"));
    pipeline.post(&format!("changes/{}/start", early["NUMBER"]), json!({})).await.refused(409, "frozen");
    // The token may do nothing else.
    pipeline.post(&format!("changes/{number}/cancel"), json!({ "reason": "No." })).await.refused(403, "not_yours");
});
