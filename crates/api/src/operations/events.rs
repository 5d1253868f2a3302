//! The log of everything, by cursor: the audit trail, and what integrations follow.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::openapi::parts;
use crate::operation::Operation;
use crate::problem::Result;
use crate::query::{Ask, Paging, cursor};
use crate::shape::{self, Changed};
use axum::extract::State;
use mainstay_desk::{Channel, log};
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
    ]
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
