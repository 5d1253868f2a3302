//! The address by which a person's calendar program reads what is planned.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use mainstay_desk::auth::tokens::{self, Drawn};
use mainstay_desk::schedule;
use mainstay_desk::{Caller, Channel, Credential, Session};
use mainstay_markup::html;

use super::CALENDAR;
use crate::components::{Banner, Weight, banner, moment, token_field};
use crate::failure::Failure;
use crate::flash::{Flash, go_on};
use crate::pages::around::Around;
use crate::pages::entrance::button_form;
use crate::session::{Posted, Visit};
use crate::web::Web;

/// `GET /me/calendar`
pub async fn show(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    page(&web, &visit, None).await
}

async fn page(web: &Web, visit: &Visit, made: Option<&str>) -> Result<Response, Failure> {
    let load = |session: &mut Session<'_>, caller: &Caller| {
        Ok((Around::load(session, caller)?, schedule::address(session, caller)?))
    };
    let (around, token) = web.read(visit, Channel::Desk, load).await?;
    let body = html! {
        @if let Some(address) = made {
            (banner(&Banner {
                weight: Weight::Success,
                title: "The address, shown only now".into(),
                text: "Subscribe to it in your calendar program. Whoever has it reads what you may see of the schedule.".into(),
                ..Banner::default()
            }))
            p.admin-secret { label.sr for="address" { "Address" } input.control #address readonly value=(address) autocomplete="off"; }
        }
        form.form.form-section method="post" action="/me/calendar" data-turbo="false" {
            h2 { "Planned work in your own calendar" }
            p.quiet { "Your calendar program reads what is planned at an address that is yours alone." }
            @if let Some(token) = &token {
                p {
                    "Made" " " (moment(token.created, around.zone(), visit.now()))
                    @if let Some(used) = token.used { ", " "last read" " " (moment(used, around.zone(), visit.now())) }
                }
                p.quiet { "A new address ends the one before." }
            }
            (token_field(visit.token()))
            div.form-foot { button.btn.btn-primary type="submit" { "Make an address" } }
        }
        @if token.is_some() { (button_form("/me/calendar/end", visit.token(), "End the address", false)) }
    };
    Ok(super::page(web, visit, &around, CALENDAR, StatusCode::OK, &body))
}

/// `POST /me/calendar`: makes an address, and shows it this once.
pub async fn make(State(web): State<Web>, Posted { visit, .. }: Posted) -> Result<Response, Failure> {
    let drawn = Drawn::new(web.entrance().key(), web.entropy());
    let address = format!("{}/calendar/{}/planned.ics", web.base_url(), drawn.reveal());
    web.write(&visit, Channel::Desk, move |session, caller| schedule::make_address(session, caller, &drawn)).await?;
    page(&web, &visit, Some(&address)).await
}

/// `POST /me/calendar/end`
pub async fn end(State(web): State<Web>, Posted { visit, .. }: Posted) -> Result<Response, Failure> {
    web.write(&visit, Channel::Desk, schedule::end_address).await?;
    Ok(go_on("/me/calendar", Some(Flash::done("The address is ended."))))
}

/// `GET /calendar/{secret}/planned.ics`: for calendar programs, which sign in by the address alone.
pub async fn feed(State(web): State<Web>, Path(secret): Path<String>) -> Result<Response, Failure> {
    let digest = tokens::digest(web.entrance().key(), &secret).ok_or_else(Failure::missing)?;
    let site = web.site().to_owned();
    let work = move |session: &mut Session<'_>, caller: &Caller| schedule::feed(session, caller, &site);
    let text = match web.desk().read_long(&Credential::Token(digest), Channel::Portal, work).await {
        Err(mainstay_desk::Error::Refused(_)) => return Err(Failure::missing()),
        other => other?,
    };
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}
