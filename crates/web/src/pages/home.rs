//! The first page: a queue for staff, the portal for everybody else.

use axum::extract::State;
use axum::response::Response;
use mainstay_desk::{Caller, Channel, Session};

use super::frame::Frame;
use crate::failure::Failure;
use crate::flash::go_on;
use crate::session::Visit;
use crate::web::Web;

/// `GET /`
pub async fn show(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let work = |session: &mut Session<'_>, caller: &Caller| Frame::load(session, caller).map(|frame| frame.home());
    let home = web.read(&visit, Channel::Desk, work).await?;
    Ok(go_on(&home, visit.arrival.flash))
}
