//! Search over the records of all processes.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::openapi::parts;
use crate::operation::Operation;
use crate::problem::{Problem, Result};
use crate::query::{After, Ask, Limit, Phrase, cursor};
use crate::written::{Each, Line};
use axum::extract::State;
use axum::http::StatusCode;
use mainstay_desk::feed::{self, Filters, Found, Search};
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::Phase;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// Longest text to search for, in characters.
const LONGEST: usize = 500;

/// Most values of one filter.
const MOST_VALUES: usize = 50;

/// The operations of searching.
pub fn operations() -> Vec<Operation> {
    let processes: Vec<&str> = mainstay_processes::ALL.iter().map(|p| p.key).collect();
    vec![
        Operation::get("/search", |asker: Asker, State(api): State<Api>, Ask(ask): Ask<SearchAsk>| search(api, asker, ask))
            .may("search", "view")
            .named("search", "Search", "Find records by number and words, the best first. A record just written is found by its number at once, by its words a moment later.")
            .asks(parts::needed_query("q", "Words, \"phrases\", -exclusions, or a number.", &json!({ "type": "string", "maxLength": LONGEST })))
            .asks(parts::query("process", "Only records of this process.", &json!({ "type": "string", "enum": processes })))
            .asks(some("state", "Only in one of these states.", &json!({ "type": "string", "enum": states() })))
            .asks(some("phase", "Only in one of these phases.", &json!({ "type": "string", "enum": PHASES.map(Phase::key) })))
            .asks(some("priority", "Only of one of these priorities.", &json!({ "type": "integer", "minimum": 1, "maximum": 5 })))
            .asks(some("team", "Only of one of these teams.", &parts::id_schema()))
            .asks(some("assignee", "Only of one of these assignees.", &parts::id_schema()))
            .asks(some("organisation", "Only of one of these organisations.", &parts::id_schema()))
            .asks(some("service", "Only of one of these services.", &parts::id_schema()))
            .asks(some("category", "Only of one of these categories.", &parts::id_schema()))
            .asks(some("requester", "Only of one of these requesters.", &parts::id_schema()))
            .asks(parts::query("opened_from", "Only opened at this instant or later.", &json!({ "type": "string", "format": "date-time" })))
            .asks(parts::query("opened_to", "Only opened before this instant.", &json!({ "type": "string", "format": "date-time" })))
            .asks(parts::query("archived", "Only what is archived, which is left out otherwise; for whoever reads the audit.", &json!({ "type": "boolean" })))
            .asks(parts::query("sort", "The best first, or the last opened first.", &json!({ "type": "string", "enum": ["relevance", "newest"] })))
            .asks(parts::reference("parameters", "Limit"))
            .asks(parts::reference("parameters", "After"))
            .gives_json(200, "One page.", &parts::reference("schemas", "Found")),
    ]
}

const PHASES: [Phase; 4] = Phase::ALL;

/// The keys of all states, each once.
fn states() -> BTreeSet<&'static str> {
    mainstay_processes::ALL.iter().flat_map(|process| process.states).map(|state| state.key).collect()
}

/// A parameter of values separated by commas, of which a record has to have one.
fn some(name: &str, description: &str, item: &Json) -> Json {
    let schema = json!({ "type": "array", "items": item, "minItems": 1, "maxItems": MOST_VALUES });
    let mut parameter = parts::query(name, description, &schema);
    parameter["style"] = "form".into();
    parameter["explode"] = false.into();
    parameter
}

/// The values of such a parameter.
///
/// # Errors
/// Too many, or one that is none.
fn values<T>(name: &str, text: Option<&str>, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>> {
    let Some(text) = text else { return Ok(Vec::new()) };
    let parts: Vec<&str> = text.split(',').collect();
    let read: Option<Vec<T>> = parts.iter().map(|part| read(part)).collect();
    read.filter(|values| values.len() <= MOST_VALUES).ok_or_else(|| {
        let says = format!("{name} holds 1 to {MOST_VALUES} values separated by commas, and one here is none.");
        Problem::unreadable("bad_query", says)
    })
}

/// The instant of such a parameter, in epoch milliseconds.
///
/// # Errors
/// It is none.
fn instant(name: &str, text: Option<&str>) -> Result<Option<i64>> {
    let Some(text) = text else { return Ok(None) };
    let says = || format!("{name} is an instant with its offset, such as 2025-06-06T16:30:00Z.");
    let at: jiff::Timestamp = text.parse().map_err(|_| Problem::unreadable("bad_query", says()))?;
    Ok(Some(at.as_millisecond()))
}

fn id(text: &str) -> Option<i64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| plain)
}

/// What is searched for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SearchAsk {
    q: Phrase<LONGEST>,
    process: Option<String>,
    state: Option<String>,
    phase: Option<String>,
    priority: Option<String>,
    team: Option<String>,
    assignee: Option<String>,
    organisation: Option<String>,
    service: Option<String>,
    category: Option<String>,
    requester: Option<String>,
    opened_from: Option<String>,
    opened_to: Option<String>,
    #[serde(default)]
    archived: bool,
    #[serde(default)]
    sort: Order,
    #[serde(default)]
    limit: Limit,
    #[serde(default)]
    after: After,
}

/// The order of what is found.
#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Order {
    #[default]
    Relevance,
    Newest,
}

impl SearchAsk {
    fn filters(&self) -> Result<Filters> {
        let states = states();
        let ids = |name, text: &Option<String>| values(name, text.as_deref(), id);
        Ok(Filters {
            states: values("state", self.state.as_deref(), |key| states.contains(key).then(|| key.to_owned()))?,
            phases: values("phase", self.phase.as_deref(), |key| {
                PHASES.into_iter().find(|phase| phase.key() == key).map(|phase| phase as u64)
            })?,
            priorities: values("priority", self.priority.as_deref(), |text| {
                id(text).filter(|priority| *priority <= 5).and_then(|priority| u64::try_from(priority).ok())
            })?,
            teams: ids("team", &self.team)?,
            assignees: ids("assignee", &self.assignee)?,
            organisations: ids("organisation", &self.organisation)?,
            services: ids("service", &self.service)?,
            categories: ids("category", &self.category)?,
            requesters: ids("requester", &self.requester)?,
            opened_from: instant("opened_from", self.opened_from.as_deref())?,
            opened_until: instant("opened_to", self.opened_to.as_deref())?,
            archived: self.archived,
        })
    }
}

async fn search(api: Api, asker: Asker, ask: SearchAsk) -> Result<Answer> {
    if ask.process.as_deref().is_some_and(|key| mainstay_processes::process(key).is_none()) {
        return Err(Problem::unreadable("bad_query", "There is no such process."));
    }
    let index = api.desk.search().cloned();
    let filters = ask.filters()?;
    let search = Search {
        text: ask.q.0,
        processes: ask.process.into_iter().collect(),
        filters,
        newest: ask.sort == Order::Newest,
        limit: ask.limit.items(),
        after: ask.after.0,
    };
    let found = asker.read_long(&api, move |session, caller| {
        if !caller.rights.in_scope("search", "view") {
            return Err(Refusal::forbidden("no_right", "This token does not reach here.").into());
        }
        let Some(index) = &index else { return Ok(None) };
        feed::search(session, caller, index, &search).map(|found| Some(shown(&found)))
    });
    found.await?.ok_or_else(unavailable)
}

/// There is nothing that could answer.
pub fn unavailable() -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "search_unavailable", "There is no search index here now.")
}

/// One page of what was found.
#[derive(Serialize)]
struct Results<I> {
    items: I,
    next: Option<String>,
    count: usize,
    capped: bool,
    corrected: bool,
    facets: Json,
}

fn shown(found: &Found) -> Answer {
    let fields: Vec<&'static FieldDef> = spine::ALL.iter().collect();
    let hit = |row| Line { row, fields: &fields, names: &found.names, chosen: None, with_process: true };
    let counts = &found.facets;
    Answer::ok(&Results {
        items: Each(&found.rows, hit),
        next: found.next.as_deref().map(cursor),
        count: found.total,
        capped: found.capped,
        corrected: found.corrected,
        facets: json!({
            "state": counts.states.iter().map(|(value, count)| json!({ "value": value, "count": count })).collect::<Json>(),
            "priority": counts.priorities.iter().map(|(value, count)| json!({ "value": value, "count": count })).collect::<Json>(),
            "team": counts.teams.iter().map(|(value, count)| json!({ "value": value, "count": count })).collect::<Json>(),
        }),
    })
}
