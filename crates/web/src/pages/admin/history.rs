//! The versions of an entry: who changed what, when and why, newest first.

use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::response::Response;
use mainstay_desk::{Caller, Channel, Session, registers as door};
use mainstay_engine::register::{Entry, Register};
use mainstay_markup::html;
use mainstay_store::{EventRow, entries};
use mainstay_words::tf;
use maud::Markup;
use serde::Deserialize;

use super::changes::{Teller, ids};
use super::desk::{Desk, HISTORY, Sheet, place};
use super::register_of;
use crate::components::token_field;
use crate::failure::Failure;
use crate::flash::{Flash, go_on};
use crate::session::{Posted, Visit};
use crate::web::Web;

/// As many changes of one entry as are shown.
const MOST: i64 = 200;

struct Past {
    desk: Desk,
    entry: Entry,
    events: Vec<EventRow>,
    names: HashMap<i64, String>,
    /// Versions by the instant from which they held.
    versions: HashMap<i64, i64>,
    /// The version that is held against the one in force.
    compared: Option<Entry>,
}

/// Which version is held against the one in force.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    version: Option<i64>,
}

/// `GET /admin/{register}/{id}/history`
pub async fn show(
    State(web): State<Web>,
    Path((key, id)): Path<(String, i64)>,
    Query(asked): Query<Asked>,
    visit: Visit,
) -> Result<Response, Failure> {
    let register = register_of(&key)?;
    let load = move |session: &mut Session<'_>, caller: &Caller| load(session, caller, register, id, asked.version);
    let past = web.read(&visit, Channel::Desk, load).await?;
    let teller = Teller { names: &past.names, zone: &past.desk.frame.zone, now: visit.now() };
    let body = html! {
        p.quiet { (tf("Version {version} is in force. Struck words were, underlined words came.", &[("version", &past.entry.version)])) }
        @if let Some(then) = &past.compared { (past.comparison(&visit, register, then, &teller)) }
        div { @for event in past.events.iter().rev() {
            (teller.event(event, Some(register), None))
            @if let Some(version) = past.versions.get(&event.at).filter(|version| **version != past.entry.version) {
                p.quiet { a.link href={ (place(register, id)) "/history?version=" (version) } { (tf("Compare version {version} with what is in force", &[("version", version)])) } }
            }
        } }
    };
    Ok(past.desk.page(&web, &visit, &Sheet::of(&past.desk, register, &past.entry, HISTORY, body)))
}

fn load(
    session: &mut Session<'_>,
    caller: &Caller,
    register: &'static Register,
    id: i64,
    version: Option<i64>,
) -> mainstay_desk::Result<Past> {
    let entry = door::get(session.conn, caller, register, id)?;
    let events = door::history(session.conn, caller, register, id, 0, MOST)?;
    let mut ids = ids(&events, |_| Some(register));
    let compared = match version {
        Some(version) => Some(door::version(session.conn, caller, register, id, version)?),
        None => None,
    };
    for entry in compared.iter().chain([&entry]) {
        ids.extend(register.fields.iter().flat_map(|field| field.references(entry.value(field.key))));
    }
    let names = entries::names(session.conn, &ids)?.into_iter().map(|(id, _, name)| (id, name)).collect();
    let versions = entries::versions(session.conn, id)?.into_iter().map(|(version, at)| (at, version)).collect();
    Ok(Past { desk: Desk::load(session, caller, Some(register))?, entry, events, names, versions, compared })
}

impl Past {
    /// What would come and go if an earlier version were in force again.
    fn comparison(&self, visit: &Visit, register: &'static Register, then: &Entry, teller: &Teller<'_>) -> Markup {
        let differences = teller.differences(register, &self.entry, then);
        let title = tf("If version {version} were in force again", &[("version", &then.version)]);
        html! {
            section.card.admin-event aria-labelledby="comparison" {
                h2 #comparison { (title) }
                @match &differences {
                    None => { p.quiet { "It says the same as what is in force." } }
                    Some(differences) => {
                        (differences)
                        @if self.desk.manages {
                            form method="post" action={ (place(register, self.entry.id)) "/versions/" (then.version) } {
                                (token_field(visit.token()))
                                input type="hidden" name="version" value=(self.entry.version);
                                button.btn.btn-primary type="submit" { (tf("Bring back version {version}", &[("version", &then.version)])) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// `POST /admin/{register}/{id}/versions/{version}`: brings an earlier version back.
pub async fn bring_back(
    State(web): State<Web>,
    Path((key, id, from)): Path<(String, i64, i64)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let register = register_of(&key)?;
    let Posted { visit, form } = posted;
    let version = form.number("version").unwrap_or_default();
    let written = web.write(&visit, Channel::Desk, move |session: &mut Session<'_>, caller: &Caller| {
        door::bring_back(session, caller, register, id, from, version)
    });
    match written.await {
        Ok(entry) => {
            Ok(go_on(&place(register, entry.id), Some(Flash::done(format!("Version {from} is in force again")))))
        }
        Err(failure) => {
            let told = failure.refusal().filter(|r| !matches!(r.code.as_ref(), "no_right" | "not_found" | "read_only"));
            let says =
                told.map(|refusal| refusal.errors.first().map_or(&refusal.detail, |error| &error.detail).clone());
            let back = format!("{}/history", place(register, id));
            says.map(|says| go_on(&back, Some(Flash::failed(says)))).ok_or(failure)
        }
    }
}
