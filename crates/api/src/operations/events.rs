//! The log of everything, by cursor: the audit trail, and what integrations follow.

use super::exports::{self, Wanted};
use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::openapi::parts;
use crate::operation::Operation;
use crate::problem::{Problem, Result};
use crate::query::{After, Ask, Id, Limit, Paging, Phrase, cursor};
use crate::shape::{self, Changed};
use axum::extract::State;
use axum::response::Response;
use mainstay_desk::log::Sought;
use mainstay_desk::{Channel, export, log};
use serde::Deserialize;
use serde_json::{Value as Json, json};

/// The operations on the log.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/events", |asker: Asker, State(api): State<Api>, Ask(paging): Ask<Paging>| {
            list(api, asker, paging)
        })
        .may("audit", "view")
        .named(
            "list_events",
            "Events",
            "Read the log, oldest first. A page may hold fewer events than asked for, or none, while more is true.",
        )
        .asks(parts::reference("parameters", "Limit"))
        .asks(parts::reference("parameters", "After"))
        .gives_json(
            200,
            "What happened after the cursor to what the caller may see.",
            &parts::reference("schemas", "Log"),
        ),
        narrowed(Operation::get("/audit", |asker: Asker, State(api): State<Api>, Ask(ask): Ask<AuditAsk>| {
            audit(api, asker, ask)
        }))
        .named(
            "search_audit",
            "Events",
            "Search what happened to configuration and accounts, or to one record, newest first.",
        )
        .asks(parts::reference("parameters", "Limit"))
        .asks(parts::reference("parameters", "After"))
        .gives_json(200, "One page.", &parts::page_of("Event")),
        narrowed(Operation::get("/audit/export", |asker: Asker, State(api): State<Api>, Ask(ask): Ask<FileAsk>| {
            file(api, asker, ask)
        }))
        .named("export_audit", "Events", "The same as a file, at most 50,000 events.")
        .asks(exports::format_parameter())
        .gives(200, exports::file()),
    ]
}

/// The questions that narrow a search of the log.
fn narrowed(operation: Operation) -> Operation {
    let text = json!({ "type": "string", "maxLength": 100 });
    let instant = json!({ "type": "string", "format": "date-time" });
    operation
        .may("audit", "view")
        .asks(parts::query("who", "The id of the person who did it.", &parts::id_schema()))
        .asks(parts::query("area", "The key of a register, or account, or installation.", &text))
        .asks(parts::query("what", "The verb of what was done.", &text))
        .asks(parts::query("from", "Not before this instant.", &instant))
        .asks(parts::query("until", "Before this instant.", &instant))
        .asks(parts::query("record", "The number of a record, whose own history it then is.", &text))
}

/// What a search of the log asks for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuditAsk {
    who: Option<Id>,
    area: Option<Phrase<100>>,
    what: Option<Phrase<100>>,
    from: Option<Phrase<100>>,
    until: Option<Phrase<100>>,
    record: Option<Phrase<100>>,
    #[serde(default)]
    limit: Limit,
    #[serde(default)]
    after: After,
}

/// The same as a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileAsk {
    who: Option<Id>,
    area: Option<Phrase<100>>,
    what: Option<Phrase<100>>,
    from: Option<Phrase<100>>,
    until: Option<Phrase<100>>,
    record: Option<Phrase<100>>,
    format: Wanted,
}

fn sought(who: Option<Id>, [area, what, from, until, record]: [Option<Phrase<100>>; 5]) -> Result<Sought> {
    let text = |phrase: Option<Phrase<100>>| phrase.map(|phrase| phrase.0).filter(|text| !text.is_empty());
    let instant = |phrase: Option<Phrase<100>>| {
        let read = |text: String| text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond);
        let says = "from and until are instants such as 2026-03-31T08:00:00Z";
        phrase.map(|phrase| read(phrase.0)).transpose().map_err(|_| Problem::unreadable("bad_query", says))
    };
    Ok(Sought {
        who: who.map(|Id(id)| id),
        area: text(area),
        what: text(what),
        from: instant(from)?,
        until: instant(until)?,
        record: text(record),
    })
}

async fn audit(api: Api, asker: Asker, ask: AuditAsk) -> Result<Answer> {
    let sought = sought(ask.who, [ask.area, ask.what, ask.from, ask.until, ask.record])?;
    let (before, limit) = (ask.after.id()?, ask.limit);
    let before = if before == 0 { i64::MAX } else { before };
    asker
        .read(&api, move |session, caller| {
            let events = log::search(session, caller, &sought, before, limit.items_i64())?;
            let changes: Vec<Vec<Changed>> =
                events.iter().map(|event| Changed::of_any(session.config, event)).collect();
            let actors = events.iter().filter_map(|event| event.actor);
            let names = shape::names_of(session.conn, actors.chain(changes.iter().flatten().flat_map(Changed::ids)))?;
            let next = events.last().filter(|_| events.len() == limit.items()).map(|row| cursor(&row.id.to_string()));
            let items: Json =
                events.iter().zip(&changes).map(|(event, changes)| shape::event(event, changes, &names)).collect();
            Ok(Answer::ok(&json!({ "items": items, "next": next })))
        })
        .await
}

async fn file(api: Api, asker: Asker, ask: FileAsk) -> Result<Response> {
    let sought = sought(ask.who, [ask.area, ask.what, ask.from, ask.until, ask.record])?;
    let Wanted(format) = ask.format;
    let bytes = asker.read_long(&api, move |session, caller| {
        let mut bytes = Vec::new();
        export::events(session, caller, &sought, format, &mut bytes)?;
        Ok(bytes)
    });
    Ok(exports::saved(format, "audit", bytes.await?))
}

async fn list(api: Api, asker: Asker, paging: Paging) -> Result<Answer> {
    let log =
        log::after(&api.desk, &asker.credential, Channel::Api, paging.after.id()?, paging.limit.items_i64()).await?;
    asker
        .read(&api, move |session, _| {
            let changes: Vec<Vec<Changed>> =
                log.events.iter().map(|logged| Changed::of_any(session.config, &logged.event)).collect();
            let actors = log.events.iter().filter_map(|logged| logged.event.actor);
            let names = shape::names_of(session.conn, actors.chain(changes.iter().flatten().flat_map(Changed::ids)))?;
            let items: Json = log
                .events
                .iter()
                .zip(&changes)
                .map(|(logged, changes)| {
                    let mut item = shape::event(&logged.event, changes, &names);
                    item["subject"] = json!({
                        "kind": logged.event.subject, "id": logged.event.subject_id,
                        "of": logged.event.process, "number": logged.number,
                    });
                    item
                })
                .collect();
            Ok(Answer::ok(&json!({ "items": items, "next": cursor(&log.next.to_string()), "more": log.more })))
        })
        .await
}
