//! Views at the top of the sidebar.

use axum::extract::{Path, State};
use axum::response::Response;
use mainstay_desk::{Caller, Channel, Session, pins, registers as door};
use mainstay_processes::registers;

use crate::failure::Failure;
use crate::flash::{Flash, go_on};
use crate::session::Posted;
use crate::web::Web;

/// `POST /me/pins/{id}`
pub async fn add(State(web): State<Web>, Path(id): Path<i64>, posted: Posted) -> Result<Response, Failure> {
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        pins::add(session, caller, id)?;
        list(session, caller, id)
    };
    let place = web.write(&posted.visit, Channel::Desk, work).await?;
    let flash = Flash::done("It stands at the top of your sidebar.").undone_by(format!("/me/pins/{id}/remove"));
    Ok(go_on(&place, Some(flash)))
}

/// `POST /me/pins/{id}/remove`
pub async fn remove(State(web): State<Web>, Path(id): Path<i64>, posted: Posted) -> Result<Response, Failure> {
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        pins::remove(session, caller, id)?;
        list(session, caller, id)
    };
    let place = web.write(&posted.visit, Channel::Desk, work).await?;
    let flash = Flash::done("It stands where it stood before.").undone_by(format!("/me/pins/{id}"));
    Ok(go_on(&place, Some(flash)))
}

/// The address of the list of a view; the first page when it is not there any more.
fn list(session: &mut Session<'_>, caller: &Caller, id: i64) -> mainstay_desk::Result<String> {
    let view = match door::get(session.conn, caller, &registers::VIEWS, id) {
        Err(mainstay_desk::Error::Refused(_)) => return Ok("/".to_owned()),
        other => other?,
    };
    let process = view.text("process").and_then(mainstay_processes::process);
    Ok(process.map_or_else(|| "/".to_owned(), |process| format!("/{}?view={id}", process.plural)))
}
