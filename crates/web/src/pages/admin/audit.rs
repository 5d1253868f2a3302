//! Who changed configuration and accounts: the log, to be read and never to be changed.

use std::collections::HashMap;

use axum::extract::{Query, State};
use axum::response::Response;
use mainstay_desk::demo::removal::INSTALLATION;
use mainstay_desk::{Caller, Channel, Session, log};
use mainstay_engine::register::Register;
use mainstay_markup::html;
use mainstay_processes::registers::{self, PEOPLE};
use mainstay_store::{EventRow, entries};
use mainstay_words::{inside, t, tn};
use maud::Markup;
use serde::Deserialize;

use super::changes::{Teller, ids};
use super::desk::{Desk, Sheet, place};
use crate::components::{Nothing, nothing, pages};
use crate::failure::Failure;
use crate::session::Visit;
use crate::web::Web;

const ON_A_PAGE: i64 = 50;

/// Where a page begins.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    before: Option<i64>,
}

struct Log {
    desk: Desk,
    events: Vec<EventRow>,
    names: HashMap<i64, String>,
}

/// `GET /admin/audit`
pub async fn show(State(web): State<Web>, Query(asked): Query<Asked>, visit: Visit) -> Result<Response, Failure> {
    let before = asked.before.unwrap_or(i64::MAX);
    let log = web.read(&visit, Channel::Desk, move |session, caller| load(session, caller, before)).await?;
    let teller = Teller { names: &log.names, zone: &log.desk.frame.zone, now: visit.now() };
    let full = i64::try_from(log.events.len()).is_ok_and(|shown| shown == ON_A_PAGE);
    let older = log.events.last().filter(|_| full).map(|event| format!("/admin/audit?before={}", event.id));
    let newer = asked.before.map(|_| "/admin/audit");
    let body = html! {
        p.quiet { "Changes of configuration and what happened to accounts, newest first. Nobody can alter these lines." }
        @if log.events.is_empty() { (nothing(Nothing::Yet, "Nothing here", "No event of this kind is older.", &html! {}, None)) }
        div { @for event in &log.events { (teller.event(event, register(event), Some(&subject(event, &log.names)))) } }
        (pages(&tn(log.events.len(), "{n} shown", "{n} shown"), newer, older.as_deref()))
    };
    Ok(log.desk.page(&web, &visit, &Sheet::new("Audit", body)))
}

fn load(session: &mut Session<'_>, caller: &Caller, before: i64) -> mainstay_desk::Result<Log> {
    let events = log::of_the_house(session, caller, before, ON_A_PAGE)?;
    let mut ids = ids(&events, register);
    ids.extend(events.iter().map(|event| event.subject_id));
    let names = entries::names(session.conn, &ids)?.into_iter().map(|(id, _, name)| (id, name)).collect();
    Ok(Log { desk: Desk::load(session, caller, None)?, events, names })
}

/// The register of the entry that an event happened to; an account is a person's.
fn register(event: &EventRow) -> Option<&'static Register> {
    match event.subject.as_str() {
        "entry" => registers::register(event.process.as_deref()?),
        _ => None,
    }
}

/// What it happened to, as a link where there is a page of it.
fn subject(event: &EventRow, names: &HashMap<i64, String>) -> Markup {
    if event.subject == INSTALLATION {
        return html! { "installation" };
    }
    let home = register(event).or((event.subject == "account").then_some(&PEOPLE));
    let kind = register(event).map_or(event.subject.as_str(), |register| register.label);
    let kind = inside(kind);
    html! {
        (kind) " "
        @match (home, names.get(&event.subject_id)) {
            (Some(register), Some(name)) => { a.link href=(place(register, event.subject_id)) dir="auto" { (t(name)) } }
            (_, name) => { bdi { (name.map_or("unknown", String::as_str)) } }
        }
    }
}
