//! What somebody does with a line of their inbox.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use mainstay_desk::inbox::{self, Item};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::refusal::Refusal;
use mainstay_markup::html;
use mainstay_words::{sentence, t};
use maud::Markup;

use crate::components::{
    Control, Field, ViewHead, button_link, field, input_value, pane, time, token_field, view_head,
};
use crate::failure::{Failure, status_of};
use crate::flash::{Flash, go_on};
use crate::form::Form;
use crate::pages::entrance::{error, summary};
use crate::pages::frame::{At, Frame, Place};
use crate::pages::queue::number;
use crate::session::{Posted, Visit};
use crate::web::Web;

/// The word for a time of one's own.
const OWN: &str = "own";

/// `POST /inbox/{id}/read`, by a script.
pub async fn read(State(web): State<Web>, Path(id): Path<i64>, posted: Posted) -> Result<Response, Failure> {
    web.write(&posted.visit, Channel::Desk, move |session, caller| inbox::read(session, caller, id)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST /inbox/{id}/done`
pub async fn done(State(web): State<Web>, Path(id): Path<i64>, posted: Posted) -> Result<Response, Failure> {
    web.write(&posted.visit, Channel::Desk, move |session, caller| inbox::done(session, caller, id)).await?;
    Ok(go_on("/inbox", Some(Flash::done("Done.").undone_by(format!("/inbox/{id}/reopen")))))
}

/// `POST /inbox/{id}/reopen`
pub async fn reopen(State(web): State<Web>, Path(id): Path<i64>, posted: Posted) -> Result<Response, Failure> {
    web.write(&posted.visit, Channel::Desk, move |session, caller| inbox::reopen(session, caller, id)).await?;
    Ok(go_on("/inbox", Some(Flash::done("It is in your inbox again."))))
}

/// `GET /inbox/{id}/snooze`: a line by itself, with the times to put it off to.
pub async fn ask(State(web): State<Web>, Path(id): Path<i64>, visit: Visit) -> Result<Response, Failure> {
    page(&web, &visit, id, None).await
}

async fn page(web: &Web, visit: &Visit, id: i64, refused: Option<(&Form, &Refusal)>) -> Result<Response, Failure> {
    let load = move |session: &mut Session<'_>, caller: &Caller| {
        let frame = Frame::load(session, caller)?;
        Ok((frame, inbox::get(session, caller, id)?))
    };
    let (frame, item) = web.read(visit, Channel::Desk, load).await?;
    let above = vec![("Inbox".into(), "/inbox".into())];
    let head = view_head(&ViewHead { title: "Put off".into(), above, ..ViewHead::default() });
    let body = html! {
        div.own {
            (about(&item, &frame, visit.now()))
            (times(&frame, visit, id, refused))
        }
    };
    let status = refused.map_or(StatusCode::OK, |(_, refusal)| status_of(refusal));
    Ok(frame.page(web, visit, &At::new("Put off", Place::Inbox).answered(status), &pane(&head, &body)))
}

fn about(item: &Item, frame: &Frame, now: i64) -> Markup {
    html! {
        section.form-section {
            h2 dir="auto" { (sentence(&item.notice.text)) }
            p.quiet { (time(item.notice.came(), &frame.zone, now)) }
            @if let Some(record) = &item.record {
                @let place = format!("/{}/{}", record.process.plural, number(record));
                p dir="auto" { a.link href=(place) { (number(record)) } " " (record.value("title").as_text().unwrap_or_default()) }
            }
        }
    }
}

fn times(frame: &Frame, visit: &Visit, id: i64, refused: Option<(&Form, &Refusal)>) -> Markup {
    let zone = frame.zone.iana_name().unwrap_or("UTC").to_owned();
    let tomorrow = input_value(visit.now() + 86_400_000, &frame.zone);
    let typed = refused.and_then(|(form, _)| form.get("at")).map_or(tomorrow, str::to_owned);
    let mut at =
        Field::new("at", "At a time of your own", Control::DateTime { value: typed.into(), zone: zone.into() });
    let refusal = refused.map(|(_, refusal)| refusal);
    at.error = error(refusal, "until").map(|error| error.detail.clone().into());
    html! {
        form.form.form-section method="post" action={ "/inbox/" (id) "/snooze" } {
            (summary(refusal))
            (token_field(visit.token()))
            div.btn-row {
                @for later in inbox::laters(visit.now(), &frame.zone) { button.btn type="submit" name="until" value=(later.key) { (t(later.words)) } }
            }
            (field(&at))
            div.form-foot {
                button.btn.btn-primary type="submit" name="until" value=(OWN) { "Put off until then" }
                (button_link("/inbox", "Cancel", None, false))
            }
        }
    }
}

/// `POST /inbox/{id}/snooze`: `until` is the word of a time, or `own` with the time in `at`.
pub async fn snooze(State(web): State<Web>, Path(id): Path<i64>, posted: Posted) -> Result<Response, Failure> {
    let Posted { visit, form } = posted;
    let asked = form.clone();
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let until = until(&asked, session.now, caller);
        inbox::snooze(session, caller, id, until.unwrap_or_default()).map(|()| until)
    };
    match web.write(&visit, Channel::Desk, work).await.map_err(Failure::for_form) {
        Ok(_) => {
            let undo = format!("/inbox/{id}/reopen");
            Ok(go_on("/inbox", Some(Flash::done("Put off. It comes back by itself.").undone_by(undo))))
        }
        Err(Ok(refusal)) => page(&web, &visit, id, Some((&form, &refusal))).await,
        Err(Err(failure)) => Err(failure),
    }
}

fn until(form: &Form, now: i64, caller: &Caller) -> Option<i64> {
    let word = form.filled("until").unwrap_or(OWN);
    if word == OWN {
        let at: jiff::civil::DateTime = form.filled("at")?.parse().ok()?;
        return Some(at.to_zoned(caller.zone()).ok()?.timestamp().as_millisecond());
    }
    inbox::laters(now, &caller.zone()).into_iter().find(|later| later.key == word).map(|later| later.until)
}
