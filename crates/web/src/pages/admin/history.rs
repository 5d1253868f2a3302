//! The versions of an entry: who changed what, when and why, newest first.

use std::collections::HashMap;

use axum::extract::{Path, State};
use axum::response::Response;
use mainstay_desk::{Caller, Channel, Session, registers as door};
use mainstay_engine::register::{Entry, Register};
use mainstay_markup::html;
use mainstay_store::{EventRow, entries};
use mainstay_words::tf;

use super::changes::{Teller, ids};
use super::desk::{Desk, HISTORY, Sheet};
use super::register_of;
use crate::failure::Failure;
use crate::session::Visit;
use crate::web::Web;

/// As many changes of one entry as are shown.
const MOST: i64 = 200;

struct Past {
    desk: Desk,
    entry: Entry,
    events: Vec<EventRow>,
    names: HashMap<i64, String>,
}

/// `GET /admin/{register}/{id}/history`
pub async fn show(
    State(web): State<Web>,
    Path((key, id)): Path<(String, i64)>,
    visit: Visit,
) -> Result<Response, Failure> {
    let register = register_of(&key)?;
    let past = web.read(&visit, Channel::Desk, move |session, caller| load(session, caller, register, id)).await?;
    let teller = Teller { names: &past.names, zone: &past.desk.frame.zone, now: visit.now() };
    let body = html! {
        p.quiet { (tf("Version {version} is in force. Struck words were, underlined words came.", &[("version", &past.entry.version)])) }
        div { @for event in past.events.iter().rev() { (teller.event(event, Some(register), None)) } }
    };
    Ok(past.desk.page(&web, &visit, &Sheet::of(&past.desk, register, &past.entry, HISTORY, body)))
}

fn load(
    session: &mut Session<'_>,
    caller: &Caller,
    register: &'static Register,
    id: i64,
) -> mainstay_desk::Result<Past> {
    let entry = door::get(session.conn, caller, register, id)?;
    let events = door::history(session.conn, caller, register, id, 0, MOST)?;
    let ids = ids(&events, |_| Some(register));
    let names = entries::names(session.conn, &ids)?.into_iter().map(|(id, _, name)| (id, name)).collect();
    Ok(Past { desk: Desk::load(session, caller, Some(register))?, entry, events, names })
}
