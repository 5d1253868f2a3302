//! What hangs on what: who is hit when a record fails, and what it stands on.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::openapi::{fields, parts};
use crate::operation::Operation;
use crate::problem::{Problem, Result};
use crate::query::{Ask, Id, Phrase, Place};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use mainstay_desk::maps::picture::{self, Format, Wanted as Drawing};
use mainstay_desk::maps::{self, Asked, Impact, MOST, MOST_FAILING, MOST_HOPS, Reached, Service, Way};
use mainstay_engine::graph::Hit;
use mainstay_engine::process::{Phase, Process};
use mainstay_processes::registers::Criticality;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;

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
        .asks(depth_parameter())
        .asks(at_parameter())
        .asks(parts::query("limit", "How many records at most.", &number(MOST as u64, FEW as u64)))
    };
    vec![
        one("impact", Way::Impact)
            .asks(fails_parameter())
            .named(
                format!("impact_of_{}", process.key),
                process.label_plural,
                "Read who is hit when it fails: what is impacted, and what is at risk because it can do without; the services, the organisations they serve, and the open records that touch any of them. Ways lead through records that the caller may not see; these are neither named nor counted.",
            )
            .gives_json(200, "What is hit, the record itself or those that fail first.", &answer_schema(true)),
        one("depends-on", Way::Foundations)
            .named(
                format!("foundations_of_{}", process.key),
                process.label_plural,
                "Read what it stands on: everything that it depends on, and what that depends on.",
            )
            .gives_json(200, "What it stands on, the record itself first.", &answer_schema(false)),
        drawing(process),
    ]
}

fn depth_parameter() -> Json {
    let schema = number(u64::from(MOST_HOPS), u64::from(SOME_HOPS));
    parts::query("depth", "How many relations are followed one after the other.", &schema)
}

fn at_parameter() -> Json {
    parts::query(
        "at",
        "As it was at this instant, with its offset: not before the record was opened, and not to come. Links, classes, states and what each can do without are those of then; what relations mean, services, names of classes and organisations, and who may see what, are those of today.",
        &json!({ "type": "string", "format": "date-time" }),
    )
}

/// Several that fail together.
fn fails_parameter() -> Json {
    let text = format!(
        "Numbers of the records that fail together, separated by commas, {MOST_FAILING} at most: what can do without one of them may not do without both. Nothing fails where it is empty; without it the record itself does."
    );
    parts::query("fails", &text, &json!({ "type": "string", "maxLength": 1_000 }))
}

fn failing(text: Option<Phrase<1_000>>) -> Option<Vec<String>> {
    let numbers = |text: Phrase<1_000>| {
        let parts = text.0.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    };
    text.map(numbers)
}

/// The map as a picture.
fn drawing(process: &'static Process) -> Operation {
    let keys: Vec<&str> = Format::ALL.iter().map(|format| format.key()).collect();
    let content: Map<String, Json> = Format::ALL
        .iter()
        .map(|format| (format.media_type().to_owned(), json!({ "schema": { "type": "string", "format": "binary" } })))
        .collect();
    Operation::get(
        format!("/{}/{{number}}/map/export", process.plural),
        move |asker: Asker, State(api): State<Api>, Place(number): Place<String>, Ask(ask): Ask<DrawingAsk>| {
            draw(api, asker, process, number, ask)
        },
    )
    .may(process.key, "export")
    .named(
        format!("map_of_{}", process.key),
        process.label_plural,
        "The map around it as a file to print or to send: what fails with it above, what it stands on below, as far as the caller sees them.",
    )
    .asks(fields::Names::of(process).number())
    .asks(parts::needed_query("format", "The kind of file.", &json!({ "type": "string", "enum": keys })))
    .asks(parts::query("way", "Which way is drawn.", &json!({ "type": "string", "enum": WAYS.map(|(key, _)| key), "default": "both" })))
    .asks(depth_parameter())
    .asks(parts::query("class", "Only items of this class, or of those under it.", &parts::id_schema()))
    .asks(parts::query("environment", "Only items of this environment, and those that have none.", &environment_schema(process)))
    .asks(at_parameter())
    .asks(fails_parameter())
    .gives(200, json!({ "description": "The file.", "content": content }))
}

/// Ways that can be drawn.
const WAYS: [(&str, &[Way]); 3] =
    [("both", &[Way::Impact, Way::Foundations]), ("impact", &[Way::Impact]), ("depends-on", &[Way::Foundations])];

/// What is drawn.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DrawingAsk {
    format: Wanted<Format>,
    #[serde(default)]
    way: Option<Wanted<&'static [Way]>>,
    #[serde(default = "some_hops", deserialize_with = "hops")]
    depth: u32,
    class: Option<Id>,
    environment: Option<Phrase<100>>,
    at: Option<Phrase<100>>,
    fails: Option<Phrase<1_000>>,
}

/// Something that an address names.
struct Wanted<T>(T);

impl<'de> Deserialize<'de> for Wanted<Format> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let key = String::deserialize(from)?;
        let keys = Format::ALL.map(Format::key).join(" or ");
        Format::named(&key).map(Self).ok_or_else(|| serde::de::Error::custom(format!("format is {keys}")))
    }
}

impl<'de> Deserialize<'de> for Wanted<&'static [Way]> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let key = String::deserialize(from)?;
        let found = WAYS.iter().find(|(known, _)| *known == key).map(|(_, ways)| Self(ways));
        found.ok_or_else(|| serde::de::Error::custom("way is both, impact or depends-on"))
    }
}

async fn draw(api: Api, asker: Asker, process: &'static Process, number: String, ask: DrawingAsk) -> Result<Response> {
    let Wanted(format) = ask.format;
    let ways = ask.way.map_or(WAYS[0].1, |Wanted(ways)| ways).to_vec();
    let environment = ask.environment.map(|text| text.0);
    let known = |key: &String| picture::environments(process).iter().any(|choice| choice.key == key);
    if environment.as_ref().is_some_and(|key| !known(key)) {
        return Err(Problem::unreadable("bad_query", "environment is none of those that there are"));
    }
    let (class, at) = (ask.class.map(|Id(id)| id), instant_of(ask.at)?);
    let wanted = Drawing { ways, depth: ask.depth, class, environment, at, fails: failing(ask.fails) };
    let name = format!("map-{number}.{}", format.key());
    let bytes = asker
        .read_map(&api, move |session, caller| picture::file(session, caller, process, (&number, &wanted), format))
        .await?;
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, bytes).into_response())
}

fn instant_of(text: Option<Phrase<100>>) -> Result<Option<i64>> {
    let read = text.map(|text| text.0.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond)).transpose();
    read.map_err(|_| Problem::unreadable("bad_query", "at is an instant such as 2026-03-31T08:00:00Z"))
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
    at: Option<Phrase<100>>,
    /// Of impact alone.
    fails: Option<Phrase<1_000>>,
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
    if way == Way::Foundations && ask.fails.is_some() {
        return Err(Problem::unreadable("bad_query", "what it stands on does not depend on what fails"));
    }
    let at = instant_of(ask.at)?;
    let asked = Asked { way, depth: ask.depth, most: ask.limit, at, fails: failing(ask.fails) };
    asker
        .read_map(&api, move |session, caller| {
            let impact = maps::impact(session, caller, process, &number, &asked)?;
            let label = |key: &str| session.config.relation(process, key).map(|relation| relation.label);
            Ok(shown(process, &impact, way, &label))
        })
        .await
}

const fn hit_key(hit: Hit) -> &'static str {
    match hit {
        Hit::AtRisk => "at_risk",
        Hit::Impacted => "impacted",
    }
}

fn shown(process: &'static Process, impact: &Impact, way: Way, label: &dyn Fn(&str) -> Option<&'static str>) -> Answer {
    let named = |id: i64| json!({ "id": id, "name": impact.names.get(&id) });
    let items: Json = impact.items.iter().map(|item| item_shown(process, item, &named, way)).collect();
    let numbers: HashMap<i64, &str> = impact.items.iter().map(|item| (item.id, item.number.as_str())).collect();
    let link = |(from, key, to): &(i64, &'static str, i64)| json!({ "from": numbers.get(from), "relation": key, "label": label(key), "to": numbers.get(to) });
    let links: Json = impact.links.iter().map(link).collect();
    let mut body = json!({ "items": items, "links": links, "more": impact.more });
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
        "class": item.class.map(named), "environment": item.environment, "organisation": item.organisation.map(named), "hops": item.hops,
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

fn environment_schema(process: &'static Process) -> Json {
    let keys: Vec<&str> = picture::environments(process).iter().map(|choice| choice.key).collect();
    json!({ "type": "string", "enum": keys })
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
        "links": list(&parts::object(&json!({
            "from": { "type": "string", "description": "The item that has the relation." }, "relation": text,
            "label": parts::nullable(text.clone()), "to": text,
        }))),
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
        "required": ["number", "title", "state", "state_label", "class", "environment", "organisation", "hops"],
        "properties": {
            "number": text, "title": text, "state": text, "state_label": text, "class": reference(),
            "environment": parts::nullable(text.clone()),
            "organisation": reference(),
            "hops": { "type": "integer", "minimum": 0, "description": "Relations between it and the record in question, or those that fail." },
            "hit": hit_schema(),
        },
    })
}
