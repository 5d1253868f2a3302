//! The inbox of staff: what they were told, at the left, and the record that it is about beside it.

mod deeds;
mod kinds;
mod pane;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use mainstay_desk::{Caller, Channel, Session};
use mainstay_markup::html;

pub use pane::{Asked, Pane};

use super::frame::{At, Frame, Place};
use crate::components::{Nothing, nothing, work_list};
use crate::failure::Failure;
use crate::routes::{Declared, get, post};
use crate::session::Visit;
use crate::web::Web;

/// The routes of the inbox.
pub fn routes() -> Vec<Declared> {
    vec![
        get("/inbox", show),
        post("/inbox/{id}/read", deeds::read),
        post("/inbox/{id}/done", deeds::done),
        post("/inbox/{id}/reopen", deeds::reopen),
        get("/inbox/{id}/snooze", deeds::ask),
        post("/inbox/{id}/snooze", deeds::snooze),
        get("/me/notices", kinds::show),
        post("/me/notices", kinds::set),
    ]
}

/// `GET /inbox?show=snoozed&kind=mention&after=…`
pub async fn show(State(web): State<Web>, RawQuery(query): RawQuery, visit: Visit) -> Result<Response, Failure> {
    let asked = Asked::read(&query.unwrap_or_default());
    let load = move |session: &mut Session<'_>, caller: &Caller| {
        Ok((Frame::load(session, caller)?, Pane::load(session, caller, asked)?))
    };
    let (frame, pane) = web.read(&visit, Channel::Desk, load).await?;
    let beside = nothing(Nothing::Yet, "Nothing open", "Choose a line to read what it is about.", &html! {}, None);
    let list = pane.list(&frame, visit.token(), visit.now(), None);
    Ok(frame.page(&web, &visit, &At::new("Inbox", Place::Inbox), &work_list(&list, &beside)))
}
