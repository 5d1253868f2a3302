//! To look as somebody else, and to stop.

use axum::extract::{Path, State};
use axum::response::Response;
use mainstay_desk::{Caller, Channel, Session, view_as};
use mainstay_markup::html;
use maud::Markup;

use crate::components::token_field;
use crate::failure::Failure;
use crate::flash::{Flash, go_on};
use crate::session::{Posted, RETURN};
use crate::web::Web;

/// The button that begins it.
pub fn button(id: i64, token: &str, label: &str) -> Markup {
    html! {
        form method="post" action={ "/admin/view-as/" (id) } {
            (token_field(token))
            button.btn type="submit" { (label) }
        }
    }
}

/// `POST /admin/view-as/{id}`
pub async fn begin(State(web): State<Web>, Path(id): Path<i64>, posted: Posted) -> Result<Response, Failure> {
    let digest = posted.visit.live.digest.clone();
    let work = move |session: &mut Session<'_>, caller: &Caller| view_as::begin(session, caller, &digest, id);
    match web.write(&posted.visit, Channel::Desk, work).await {
        Ok(name) => Ok(go_on("/", Some(Flash::done(format!("You look as {name} now."))))),
        Err(failure) => {
            let says = failure.refusal().filter(|refusal| refusal.code != "no_right").map(|r| r.detail.clone());
            says.map(|says| go_on("/admin", Some(Flash::failed(says)))).ok_or(failure)
        }
    }
}

/// `POST /admin/view-as/end`
pub async fn end(State(web): State<Web>, posted: Posted) -> Result<Response, Failure> {
    debug_assert!(posted.visit.arrival.place.starts_with(RETURN));
    let digest = posted.visit.live.digest.clone();
    let work = move |session: &mut Session<'_>, caller: &Caller| view_as::end(session, caller, &digest);
    web.write(&posted.visit, Channel::Desk, work).await?;
    Ok(go_on("/", Some(Flash::done("You are yourself again."))))
}
