//! The stream of live updates, and what people say about themselves to those who look at the same record.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use mainstay_desk::live as door;
use mainstay_desk::{Caller, Channel, Session};

use super::portal::process_of;
use crate::failure::Failure;
use crate::live::{self, Doing, Topics};
use crate::session::{Posted, Visit};
use crate::web::Web;

/// `GET /live`: nobody is led to the sign-in from here, and a browser told that there is nothing asks no more.
pub async fn open(
    State(web): State<Web>,
    RawQuery(query): RawQuery,
    visit: Result<Visit, Failure>,
) -> Result<Response, Failure> {
    match visit {
        Ok(visit) => live::open(&web, visit, Topics::read(query.as_deref().unwrap_or_default())),
        Err(Failure::Elsewhere(..)) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(failure) => Err(failure),
    }
}

/// `POST /live/doing`: what the person does on a record that a stream of theirs looks at.
pub async fn does(State(web): State<Web>, posted: Posted) -> Result<Response, Failure> {
    let number = posted.form.get("number").unwrap_or_default().to_owned();
    let process = process_of(&number)?;
    let doing = posted.form.get("doing").and_then(Doing::read);
    let look = move |session: &mut Session<'_>, caller: &Caller| door::glance(session, caller, process, &number);
    let glance = web.read(&posted.visit, Channel::Desk, look).await?.ok_or_else(Failure::missing)?;
    if let (Some(doing), true) = (doing, glance.internal) {
        web.live().presence.does(glance.id, posted.visit.live.person, doing);
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}
