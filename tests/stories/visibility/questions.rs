//! Questions by every way there is to a record, put to the product. An answer is a list of lines; what is refused is
//! one line with the status.

use super::chance::Chance;
use super::filters::Filter;
use super::oracle::Record;
use super::world::World;
use crate::client::{Answer, encoded};
use mainstay_desk::records::Listing;
use mainstay_desk::reports::{self, Figure, Params, Row, TOTAL};
use mainstay_desk::{Channel, Credential, Error, feed, records};
use mainstay_engine::refusal::Why;
use mainstay_engine::value::Value;
use serde_json::Value as Json;
use std::collections::BTreeMap;

const INCIDENT: &mainstay_engine::process::Process = mainstay_processes::ALL[0];
/// Fields whose values are counted, and whether only staff reads them.
const COUNTED: [(&str, bool); 5] =
    [("team", false), ("organisation", false), ("requester", false), ("state", false), ("derived_priority", true)];
/// Fields by which reports are grouped.
const GROUPS: [&str; 3] = ["team", "organisation", "state"];
const SORTS: [(&str, bool); 6] = [
    ("title", false),
    ("-updated", false),
    ("opened", false),
    ("-priority", false),
    ("requester", false),
    ("-derived_priority", true),
];

#[derive(Clone, Debug)]
pub enum Question {
    List { filter: Option<Filter>, sort: (&'static str, bool), limit: usize, internal_fields: bool },
    Count(Option<Filter>),
    Facet(Option<Filter>, (&'static str, bool)),
    Export(Option<Filter>),
    Report(Option<Filter>, &'static str),
    Behind(Option<Filter>),
    Search { has: Vec<String>, without: Option<String> },
    Complete(String),
    Get(usize),
    Comments(usize),
    Files(usize),
    Download(usize, i64),
    Links(usize),
    Tasks(usize),
    Watchers(usize),
    History(usize),
    Clocks(usize),
    People(Option<String>),
    Notices,
    Log,
}

impl Question {
    pub fn random(world: &World, chance: &mut Chance) -> Self {
        let filter = chance.per_cent(80).then(|| Filter::random(world, chance, 2));
        let at = chance.below(world.records.len());
        let record = &world.records[at];
        match chance.below(28) {
            0..=3 => Self::List {
                filter,
                sort: *chance.pick(&SORTS),
                limit: *chance.pick(&[1, 3, 7, 200]),
                internal_fields: chance.per_cent(20),
            },
            4 | 5 => Self::Count(filter),
            6 | 7 => Self::Facet(filter, *chance.pick(&COUNTED)),
            8..=10 => Self::searching(world, record, chance),
            11 => Self::Complete(record.title[1].chars().take(4 + chance.below(6)).collect()),
            12..=14 => Self::Get(at),
            15 => Self::Comments(at),
            16 => Self::Files(at),
            17 => record.files.first().map_or(Self::Files(at), |file| Self::Download(at, file.id)),
            18 => Self::Links(at),
            19 => Self::Tasks(at),
            20 => Self::Watchers(at),
            21 => Self::History(at),
            22 => Self::Clocks(at),
            23 | 24 => Self::Export(filter),
            25 => Self::Report(filter, chance.pick::<&str>(&GROUPS)),
            26 => Self::Behind(filter),
            _ => match chance.below(4) {
                0 => Self::Notices,
                1 => Self::Log,
                _ => Self::People(chance.per_cent(50).then(|| chance.pick(&world.people).name[0].clone())),
            },
        }
    }

    /// For words of one record, of all sorts; some with a second word that must or must not be there.
    fn searching(world: &World, record: &Record, chance: &mut Chance) -> Self {
        let mut pool: Vec<String> = record.secrets(true).into_iter().map(str::to_owned).collect();
        pool.extend([record.title.to_vec(), vec![record.symptoms.clone()]].concat());
        pool.extend(record.colour.clone());
        pool.extend(chance.pick(&world.people).name.clone());
        pool.extend(record.said.iter().map(|s| s.words.clone()));
        let first: String = chance.pick(&pool).chars().take(5 + chance.below(6)).collect();
        let second = chance.maybe(25, &pool).cloned();
        let without = chance.maybe(25, &pool).cloned();
        Self::Search { has: [first].into_iter().chain(second).collect(), without }
    }
}

/// What the product answers, and the text of the answer as it was sent.
pub async fn asked(world: &World, at: usize, question: &Question) -> (Vec<String>, String) {
    let client = &world.clients[at];
    let number = |n: &usize| world.records[*n].number.as_str();
    let below = async |n: &usize, what: &str| client.get(&format!("incidents/{}{what}", number(n))).await;
    match question {
        Question::List { filter, sort, limit, internal_fields } => {
            listed(world, at, filter.as_ref(), sort.0, *limit, *internal_fields).await
        }
        Question::Count(filter) => counted(world, at, filter.as_ref()).await,
        Question::Facet(filter, field) => faceted(world, at, filter.as_ref(), field.0).await,
        Question::Export(filter) => {
            let filter = filter.as_ref().map(|f| format!("&filter={}", encoded(&f.text()))).unwrap_or_default();
            let answer = client.get(&format!("incidents/export?format=json{filter}")).await;
            lines(answer, |body| each(&serde_json::json!({ "items": body }), &["number"]))
        }
        Question::Report(filter, group) => reported(world, at, filter.as_ref(), group).await,
        Question::Behind(filter) => behind(world, at, filter.as_ref()).await,
        Question::Search { has, without } => {
            let text = without.iter().fold(has.join(" "), |text, word| format!("{text} -{word}"));
            lines(client.get(&format!("search?limit=200&q={}", encoded(&text))).await, found)
        }
        Question::Complete(beginning) => completed(world, at, beginning).await,
        Question::Get(n) => lines(below(n, "").await, |body| {
            vec![shown(body, "number"), shown(body, "diagnosis"), shown(body, "cost_centre"), shown(body, "restricted")]
        }),
        Question::Comments(n) => lines(below(n, "/comments?limit=200").await, |body| each(body, &["body"])),
        Question::Files(n) => lines(below(n, "/attachments").await, |body| each(body, &["name"])),
        Question::Download(_, id) => lines(client.get(&format!("attachments/{id}")).await, |_| vec!["bytes".into()]),
        Question::Links(n) => lines(below(n, "/links").await, |body| {
            each(&serde_json::json!({ "items": body["records"] }), &["relation", "number"])
        }),
        Question::Tasks(n) => lines(below(n, "/tasks").await, |body| each(body, &["title"])),
        Question::Watchers(n) => lines(below(n, "/watchers").await, |body| each(body, &["id"])),
        Question::History(n) => lines(below(n, "/history?limit=200").await, told),
        Question::Clocks(n) => lines(below(n, "/clocks").await, |_| vec!["clocks".into()]),
        Question::People(name) => {
            let name = name.as_ref().map(|name| format!("&name={name}")).unwrap_or_default();
            lines(client.get(&format!("people?limit=200{name}")).await, |body| inhabitants(world, body))
        }
        Question::Notices => lines(client.get("notices?limit=200").await, |body| {
            let numbers = each(body, &["number"]).into_iter().filter(|number| number != "null");
            unique(numbers.collect())
        }),
        Question::Log => logged(world, at).await,
    }
}

fn lines(answer: Answer, read: impl FnOnce(&Json) -> Vec<String>) -> (Vec<String>, String) {
    let lines = if answer.status.is_success() {
        read(&answer.body)
    } else {
        vec![format!("refused {}", answer.status.as_u16())]
    };
    (sorted(lines), answer.text)
}

pub fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort_unstable();
    lines
}

fn unique(lines: Vec<String>) -> Vec<String> {
    let mut lines = sorted(lines);
    lines.dedup();
    lines
}

fn shown(item: &Json, key: &str) -> String {
    item[key].as_str().map_or_else(|| item[key].to_string(), str::to_owned)
}

fn each(body: &Json, keys: &[&str]) -> Vec<String> {
    let line = |item: &Json| keys.iter().map(|key| shown(item, key)).collect::<Vec<_>>().join(" ");
    body["items"].as_array().into_iter().flatten().map(line).collect()
}

async fn listed(
    world: &World,
    at: usize,
    filter: Option<&Filter>,
    sort: &str,
    limit: usize,
    internal_fields: bool,
) -> (Vec<String>, String) {
    let mut path = format!("incidents?count=true&sort={sort}&limit={limit}");
    if let Some(filter) = filter {
        path += &format!("&filter={}", encoded(&filter.text()));
    }
    if internal_fields {
        path += "&fields=diagnosis,cost_centre";
    }
    let (mut all, mut text, mut after) = (Vec::new(), String::new(), String::new());
    for _ in 0..=world.records.len() {
        let page = world.clients[at].get(&format!("{path}{after}")).await;
        text += &page.text;
        if !page.status.is_success() {
            return (vec![format!("refused {}", page.status.as_u16())], text);
        }
        if after.is_empty() {
            all.push(format!("count {}", page.body["count"]));
        }
        all.extend(each(
            &page.body,
            if internal_fields { &["number", "diagnosis", "cost_centre"] } else { &["number"] },
        ));
        let Some(next) = page.body["next"].as_str() else { return (sorted(all), text) };
        after = format!("&after={next}");
    }
    panic!("pages without end: {path}")
}

async fn counted(world: &World, at: usize, filter: Option<&Filter>) -> (Vec<String>, String) {
    let text = filter.map(Filter::text);
    desk(world, at, move |session, caller| {
        let count = records::count(session, caller, INCIDENT, text.as_deref(), 10_000)?;
        Ok(vec![format!("count {count}")])
    })
    .await
}

async fn faceted(world: &World, at: usize, filter: Option<&Filter>, field: &'static str) -> (Vec<String>, String) {
    let text = filter.map(Filter::text);
    desk(world, at, move |session, caller| {
        let values = records::facet(session, caller, INCIDENT, text.as_deref(), field, 10_000)?;
        Ok(values.into_iter().map(|(value, times)| format!("{} {times}", plain(&value))).collect())
    })
    .await
}

fn of_today(filter: Option<&Filter>, group: &str) -> Params {
    let day = |text: &str| Some(text.to_owned());
    Params {
        from: day("2025-06-02"),
        to: day("2025-06-03"),
        group_by: Some(group.to_owned()),
        filter: filter.map(Filter::text),
        ..Params::default()
    }
}

async fn reported(world: &World, at: usize, filter: Option<&Filter>, group: &str) -> (Vec<String>, String) {
    let params = of_today(filter, group);
    desk(world, at, move |session, caller| {
        let report = reports::run(session, caller, INCIDENT, "ad_hoc", &params)?;
        let total = report.total.iter().cloned();
        let rows = report.rows.iter().cloned().chain(total).filter(|row| row.cells[0].figure != Figure::Count(0));
        let line = |row: Row| match &row.cells[0].figure {
            Figure::Count(times) if row.key.is_empty() => format!("null {times}"),
            Figure::Count(times) => format!("{} {times}", row.key),
            other => panic!("no count: {other:?}"),
        };
        Ok(rows.map(line).collect())
    })
    .await
}

async fn behind(world: &World, at: usize, filter: Option<&Filter>) -> (Vec<String>, String) {
    let params = of_today(filter, "none");
    desk(world, at, move |session, caller| {
        let listing = Listing { limit: 200, ..Listing::default() };
        let page = reports::behind(session, caller, INCIDENT, "ad_hoc", &params, (TOTAL, "records"), &listing)?.page;
        Ok(page.rows.iter().map(|row| plain(row.record.value("number"))).collect())
    })
    .await
}

fn plain(value: &Value) -> String {
    value.as_text().map(str::to_owned).or(value.as_int().map(|n| n.to_string())).unwrap_or_else(|| "null".into())
}

async fn completed(world: &World, at: usize, beginning: &str) -> (Vec<String>, String) {
    let (index, beginning) = (world.index.clone(), beginning.to_owned());
    desk(world, at, move |session, caller| {
        let rows = feed::complete(session, caller, &index, &beginning, 20)?;
        Ok(rows.iter().map(|row| plain(row.record.value("number"))).collect())
    })
    .await
}

async fn desk(
    world: &World,
    at: usize,
    work: impl FnOnce(&mut mainstay_desk::Session<'_>, &mainstay_desk::Caller) -> mainstay_desk::Result<Vec<String>>
    + Send
    + 'static,
) -> (Vec<String>, String) {
    let credential = Credential::Person(world.people[at].id);
    match world.stage.house.desk.read(&credential, Channel::Desk, work).await {
        Ok(lines) => (sorted(lines), String::new()),
        Err(Error::Refused(refusal)) => {
            let status = match (refusal.why, refusal.code.as_str()) {
                (Why::Invalid, "invalid_fields") => 422,
                (Why::Forbidden, "no_right") => 403,
                _ => panic!("{refusal:?}"),
            };
            (vec![format!("refused {status}")], String::new())
        }
        Err(error) => panic!("{error}"),
    }
}

fn found(body: &Json) -> Vec<String> {
    assert_eq!(body["corrected"], false, "no word is spelled like another: {body}");
    let mut lines = each(body, &["number"]);
    lines.push(format!("count {}", body["count"]));
    for facet in ["state", "team"] {
        let values = body["facets"][facet].as_array().into_iter().flatten();
        lines.extend(values.map(|v| format!("{facet} {} {}", shown(v, "value"), v["count"])));
    }
    lines
}

/// How often something was said or attached, publicly or not, as the history tells it.
fn told(body: &Json) -> Vec<String> {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for event in body["items"].as_array().into_iter().flatten() {
        let verb = event["verb"].as_str().unwrap_or_default();
        if ["commented", "noted", "attached"].contains(&verb) {
            *times.entry(format!("{verb} {}", event["public"])).or_default() += 1;
        }
    }
    times.into_iter().map(|(what, times)| format!("{what} {times}")).collect()
}

fn inhabitants(world: &World, body: &Json) -> Vec<String> {
    let known = |name: &String| world.people.iter().any(|p| p.name.join(" ") == **name);
    each(body, &["name"]).into_iter().filter(known).collect()
}

async fn logged(world: &World, at: usize) -> (Vec<String>, String) {
    let (mut all, mut text, mut after) = (Vec::new(), String::new(), String::new());
    loop {
        let page = world.clients[at].get(&format!("events?limit=200{after}")).await;
        text += &page.text;
        if !page.status.is_success() {
            return (vec![format!("refused {}", page.status.as_u16())], text);
        }
        for event in page.body["items"].as_array().into_iter().flatten() {
            let subject = &event["subject"];
            all.push(if subject["kind"] == "record" { shown(subject, "number") } else { "configuration".into() });
        }
        if page.body["more"] != true {
            return (unique(all), text);
        }
        after = format!("&after={}", page.body["next"].as_str().expect("a cursor"));
    }
}
