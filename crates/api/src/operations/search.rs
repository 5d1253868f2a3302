//! Search over the records of all processes.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::openapi::parts;
use crate::operation::Operation;
use crate::problem::{Problem, Result};
use crate::query::{After, Ask, Limit, Phrase, cursor};
use crate::shape;
use axum::extract::State;
use axum::http::StatusCode;
use mainstay_desk::feed::{self, Found, Search};
use mainstay_desk::records::Row;
use mainstay_engine::field::FieldDef;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use serde::Deserialize;
use serde_json::{Value as Json, json};

/// Longest text to search for, in characters.
const LONGEST: usize = 500;

/// The operations of searching.
pub fn operations() -> Vec<Operation> {
    let processes: Vec<&str> = mainstay_processes::ALL.iter().map(|p| p.key).collect();
    vec![
        Operation::get("/search", |asker: Asker, State(api): State<Api>, Ask(ask): Ask<SearchAsk>| search(api, asker, ask))
            .may("search", "view")
            .named("search", "Search", "Find records by number and words, the best first. A record just written is found by its number at once, by its words a moment later.")
            .asks(parts::needed_query("q", "Words, \"phrases\", -exclusions, or a number.", &json!({ "type": "string", "maxLength": LONGEST })))
            .asks(parts::query("process", "Only records of this process.", &json!({ "type": "string", "enum": processes })))
            .asks(parts::query("newest", "Last opened first, instead of the best.", &json!({ "type": "boolean" })))
            .asks(parts::reference("parameters", "Limit"))
            .asks(parts::reference("parameters", "After"))
            .gives_json(200, "One page.", &parts::reference("schemas", "Found")),
    ]
}

/// What is searched for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SearchAsk {
    q: Phrase<LONGEST>,
    process: Option<String>,
    #[serde(default)]
    newest: bool,
    #[serde(default)]
    limit: Limit,
    #[serde(default)]
    after: After,
}

async fn search(api: Api, asker: Asker, ask: SearchAsk) -> Result<Answer> {
    if ask.process.as_deref().is_some_and(|key| mainstay_processes::process(key).is_none()) {
        return Err(Problem::unreadable("bad_query", "There is no such process."));
    }
    let index = api.desk.search().cloned();
    let search = Search {
        text: ask.q.0,
        processes: ask.process.into_iter().collect(),
        newest: ask.newest,
        limit: ask.limit.items(),
        after: ask.after.0,
        ..Search::default()
    };
    let found = asker.read_long(&api, move |session, caller| {
        if !caller.rights.in_scope("search", "view") {
            return Err(Refusal::forbidden("no_right", "This token does not reach here.").into());
        }
        let Some(index) = &index else { return Ok(None) };
        feed::search(session, caller, index, &search).map(|found| Some(shown(&found)))
    });
    let none =
        || Problem::new(StatusCode::SERVICE_UNAVAILABLE, "search_unavailable", "There is no search index here now.");
    found.await?.map(|body| Answer::ok(&body)).ok_or_else(none)
}

fn shown(found: &Found) -> Json {
    let fields: Vec<&'static FieldDef> = spine::ALL.iter().collect();
    let hit = |row: &Row| {
        let mut item = shape::row(row, &fields, &found.names, None);
        item["process"] = row.record.process.key.into();
        item
    };
    let counts = &found.facets;
    json!({
        "items": found.rows.iter().map(hit).collect::<Json>(),
        "next": found.next.as_deref().map(cursor),
        "count": found.total,
        "capped": found.capped,
        "corrected": found.corrected,
        "facets": {
            "state": counts.states.iter().map(|(value, count)| json!({ "value": value, "count": count })).collect::<Json>(),
            "priority": counts.priorities.iter().map(|(value, count)| json!({ "value": value, "count": count })).collect::<Json>(),
            "team": counts.teams.iter().map(|(value, count)| json!({ "value": value, "count": count })).collect::<Json>(),
        },
    })
}
