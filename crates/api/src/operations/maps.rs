//! What hangs on what: who is hit when a record fails, and what it stands on.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::openapi::{fields, parts};
use crate::operation::Operation;
use crate::problem::Result;
use crate::query::{Ask, Place};
use axum::extract::State;
use mainstay_desk::maps::{self, Asked, Impact, MOST, MOST_HOPS, Reached, Service, Way};
use mainstay_engine::graph::Hit;
use mainstay_engine::process::{Phase, Process};
use mainstay_processes::registers::Criticality;
use serde::{Deserialize, Deserializer};
use serde_json::{Value as Json, json};

/// Records of one answer and relations one after the other, unless said otherwise.
const FEW: usize = 500;
const SOME_HOPS: u32 = 10;

/// The operations on the map of a process's records, where they form one.
pub fn operations(process: &'static Process) -> Vec<Operation> {
    if process.map.is_none() {
        return maps::names_items(process).map(|_| carrying(process)).into_iter().collect();
    }
    let one = |part: &str, way: Way| {
        Operation::get(
            format!("/{}/{{number}}/{part}", process.plural),
            move |asker: Asker, State(api): State<Api>, Place(number): Place<String>, Ask(ask): Ask<MapAsk>| {
                impact(api, asker, process, number, (ask, way))
            },
        )
        .may(process.key, "view")
        .asks(fields::Names::of(process).number())
        .asks(parts::query(
            "depth",
            "How many relations are followed one after the other.",
            &number(u64::from(MOST_HOPS), u64::from(SOME_HOPS)),
        ))
        .asks(parts::query("limit", "How many records at most.", &number(MOST as u64, FEW as u64)))
    };
    vec![
        one("impact", Way::Impact)
            .named(
                format!("impact_of_{}", process.key),
                process.label_plural,
                "Read who is hit when it fails: what is impacted, and what is at risk because it can do without; the services, the organisations they serve, and the open records that touch any of them. Ways lead through records that the caller may not see; these are neither named nor counted.",
            )
            .gives_json(200, "What is hit, the record itself first.", &answer_schema(true)),
        one("depends-on", Way::Foundations)
            .named(
                format!("foundations_of_{}", process.key),
                process.label_plural,
                "Read what it stands on: everything that it depends on, and what that depends on.",
            )
            .gives_json(200, "What it stands on, the record itself first.", &answer_schema(false)),
    ]
}

/// What stands on the items that a record names.
fn carrying(process: &'static Process) -> Operation {
    let schema = json!({
        "id": parts::id_schema(), "name": { "type": "string" }, "criticality": criticality_schema(),
        "number": { "type": "string", "description": "The item that stands for it." }, "hit": hit_schema(),
    });
    Operation::gets_of(format!("/{}/{{number}}/carried-services", process.plural), move |api, asker, number: String| {
        carried(api, asker, process, number)
    })
    .may(process.key, "view")
    .named(
        format!("services_carried_for_{}", process.key),
        process.label_plural,
        "Read the services that stand on the items it is linked to, the worst hit first: what it may affect. Nothing is set by it.",
    )
    .asks(fields::Names::of(process).number())
    .gives_json(200, "The services.", &parts::object(&json!({ "items": list(&parts::object(&schema)) })))
}

async fn carried(api: Api, asker: Asker, process: &'static Process, number: String) -> Result<Answer> {
    let shown = |service: &Service| {
        json!({
            "id": service.id, "name": service.name, "criticality": service.criticality, "number": service.number,
            "hit": hit_key(service.hit),
        })
    };
    asker
        .read_map(&api, move |session, caller| {
            let services = maps::carried(session, caller, process, &number)?;
            Ok(Answer::ok(&json!({ "items": services.iter().map(shown).collect::<Json>() })))
        })
        .await
}

fn criticality_schema() -> Json {
    let critical: Vec<&str> = Criticality::CHOICES.iter().map(|choice| choice.key).collect();
    parts::nullable(json!({ "type": "string", "enum": critical }))
}

fn number(most: u64, usual: u64) -> Json {
    json!({ "type": "integer", "minimum": 1, "maximum": most, "default": usual })
}

/// How far it goes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MapAsk {
    #[serde(default = "some_hops", deserialize_with = "hops")]
    depth: u32,
    #[serde(default = "few", deserialize_with = "records")]
    limit: usize,
}

const fn some_hops() -> u32 {
    SOME_HOPS
}

const fn few() -> usize {
    FEW
}

fn hops<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<u32, D::Error> {
    bounded(from, "depth", MOST_HOPS)
}

fn records<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<usize, D::Error> {
    bounded(from, "limit", MOST)
}

/// A whole number from 1 to `most`.
fn bounded<'de, D, N>(from: D, name: &str, most: N) -> std::result::Result<N, D::Error>
where
    D: Deserializer<'de>,
    N: Copy + std::str::FromStr + PartialOrd + From<u8> + std::fmt::Display,
{
    let text = String::deserialize(from)?;
    let plain = text.bytes().all(|b| b.is_ascii_digit());
    let read = text.parse().ok().filter(|n| plain && *n >= N::from(1) && *n <= most);
    read.ok_or_else(|| serde::de::Error::custom(format!("{name} is a number from 1 to {most}")))
}

async fn impact(
    api: Api,
    asker: Asker,
    process: &'static Process,
    number: String,
    (ask, way): (MapAsk, Way),
) -> Result<Answer> {
    let asked = Asked { way, depth: ask.depth, most: ask.limit };
    asker
        .read_map(&api, move |session, caller| {
            maps::impact(session, caller, process, &number, asked).map(|impact| shown(process, &impact, way))
        })
        .await
}

const fn hit_key(hit: Hit) -> &'static str {
    match hit {
        Hit::AtRisk => "at_risk",
        Hit::Impacted => "impacted",
    }
}

fn shown(process: &'static Process, impact: &Impact, way: Way) -> Answer {
    let named = |id: i64| json!({ "id": id, "name": impact.names.get(&id) });
    let items: Json = impact.items.iter().map(|item| item_shown(process, item, &named, way)).collect();
    let mut body = json!({ "items": items, "more": impact.more });
    if way == Way::Impact {
        let service = |service: &Service| {
            json!({
                "id": service.id, "name": service.name, "criticality": service.criticality, "number": service.number,
                "hit": hit_key(service.hit), "serves": service.serves.as_ref().map(|all| all.iter().map(|id| named(*id)).collect::<Json>()),
            })
        };
        let organisation =
            |(id, hit): &(i64, Hit)| json!({ "id": id, "name": impact.names.get(id), "hit": hit_key(*hit) });
        body["services"] = impact.services.iter().map(service).collect();
        body["organisations"] = impact.organisations.iter().map(organisation).collect();
        body["records"] = impact.touching.iter().map(touching).collect();
    }
    Answer::ok(&body)
}

fn item_shown(process: &'static Process, item: &Reached, named: &impl Fn(i64) -> Json, way: Way) -> Json {
    let state = process.state(&item.state).unwrap_or(process.initial());
    let mut shown = json!({
        "number": item.number, "title": item.title, "state": state.key, "state_label": state.label,
        "class": item.class.map(named), "organisation": item.organisation.map(named), "hops": item.hops,
    });
    if way == Way::Impact {
        shown["hit"] = hit_key(item.hit).into();
    }
    shown
}

fn touching(spine: &mainstay_store::Spine) -> Json {
    let process = mainstay_processes::process(&spine.process);
    let state = process.and_then(|process| process.state(&spine.state));
    let phase = Phase::ALL.into_iter().find(|phase| phase.number() == spine.phase);
    json!({
        "process": spine.process, "number": spine.number, "title": spine.title, "state": spine.state,
        "state_label": state.map(|state| state.label), "phase": phase.map(Phase::key), "priority": spine.priority,
    })
}

fn hit_schema() -> Json {
    json!({ "type": "string", "enum": ["impacted", "at_risk"] })
}

fn list(items: &Json) -> Json {
    json!({ "type": "array", "items": items })
}

fn answer_schema(with_hit: bool) -> Json {
    let text = json!({ "type": "string" });
    let reference = parts::reference("schemas", "Reference");
    let mut item = parts::reference("schemas", "Reached");
    if with_hit {
        item = json!({ "allOf": [item], "required": ["hit"] });
    }
    let mut members = json!({
        "items": list(&item),
        "more": { "type": "boolean", "description": "There is more than was asked for." },
    });
    if with_hit {
        members["services"] = list(&parts::object(&json!({
            "id": parts::id_schema(), "name": text, "criticality": criticality_schema(),
            "number": { "type": "string", "description": "The record that stands for it." }, "hit": hit_schema(),
            "serves": { "type": ["array", "null"], "items": reference, "description": "Nobody in particular: everybody; null: not for the caller." },
        })));
        members["organisations"] = list(&parts::object(
            &json!({ "id": parts::id_schema(), "name": parts::nullable(text.clone()), "hit": hit_schema() }),
        ));
        members["records"] = list(&parts::object(&json!({
            "process": text, "number": text, "title": text, "state": text, "state_label": parts::nullable(text.clone()),
            "phase": parts::nullable(text.clone()), "priority": { "type": ["integer", "null"] },
        })));
    }
    parts::object(&members)
}

/// What a record that was reached looks like.
pub fn schema() -> Json {
    let text = json!({ "type": "string" });
    let reference = || parts::nullable(parts::reference("schemas", "Reference"));
    json!({
        "type": "object", "additionalProperties": false,
        "required": ["number", "title", "state", "state_label", "class", "organisation", "hops"],
        "properties": {
            "number": text, "title": text, "state": text, "state_label": text, "class": reference(),
            "organisation": reference(),
            "hops": { "type": "integer", "minimum": 0, "description": "Relations between it and the record in question." },
            "hit": hit_schema(),
        },
    })
}
