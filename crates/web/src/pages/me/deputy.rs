//! Who approves in one's place, and on which days.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use mainstay_desk::deputies::{self, Deputy};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::field::FieldDef;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::value::{date_to_day, day_to_date};
use mainstay_markup::html;
use mainstay_processes::registers::{DEPUTY, DEPUTY_FROM, DEPUTY_UNTIL, PEOPLE};
use mainstay_store::entries;
use serde_json::{Map, Value as Json};

use super::DEPUTY as TITLE;
use crate::components::{field, token_field};
use crate::failure::{Failure, status_of};
use crate::fields::{Asking, Pickers, json_of, resolve};
use crate::flash::{Flash, go_on};
use crate::form::Form;
use crate::pages::around::Around;
use crate::pages::entrance::{button_form, summary};
use crate::session::{Posted, Visit};
use crate::web::Web;

/// What the form asks, each of it needed.
fn asked() -> [FieldDef; 3] {
    [DEPUTY.required().def, DEPUTY_FROM.required().def, DEPUTY_UNTIL.required().def]
}

/// `GET /me/deputy`
pub async fn show(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    page(&web, &visit, None).await
}

async fn page(web: &Web, visit: &Visit, refused: Option<(&Form, &Refusal)>) -> Result<Response, Failure> {
    let load = |session: &mut Session<'_>, caller: &Caller| {
        let deputy = deputies::own(session, caller)?;
        let ids: Vec<i64> = deputy.iter().map(|deputy| deputy.person).collect();
        let names = entries::names(session.conn, &ids)?.into_iter().map(|(id, _, name)| (id, name)).collect();
        let mut pickers = Pickers::load(session, caller, &asked())?;
        if !pickers.offers(PEOPLE.key) {
            pickers.offer(PEOPLE.key, deputies::choices(session, caller)?);
        }
        let pickers = pickers.knowing(&names);
        Ok((Around::load(session, caller)?, deputy, pickers))
    };
    let (around, deputy, pickers) = web.read(visit, Channel::Desk, load).await?;
    let refusal = refused.map(|(_, refusal)| refusal);
    let errors = refusal.map(|refusal| refusal.errors.as_slice()).unwrap_or_default();
    let asking = Asking { pickers: &pickers, zone: around.zone(), errors };
    let given = |def: &FieldDef| match refused {
        Some((form, _)) => form.all(def.key),
        None => held(deputy.as_ref(), def).into_iter().collect(),
    };
    let body = html! {
        @if pickers.offers(PEOPLE.key) {
            form.form.form-section method="post" action="/me/deputy" {
                h2 { "Who approves in your place" }
                p.quiet { "On these days your deputy is asked, too, and reads what you are asked about." }
                (summary(refusal))
                (token_field(visit.token()))
                @for def in &asked() { (field(&asking.field(def, &given(def)))) }
                div.form-foot { button.btn.btn-primary type="submit" { "Save deputy" } }
            }
            @if deputy.is_some() { (button_form("/me/deputy/end", visit.token(), "No deputy any more", false)) }
        } @else {
            p.quiet { "You see nobody who could approve in your place. Ask whoever keeps the directory." }
        }
    };
    Ok(super::page(web, visit, &around, TITLE, refusal.map_or(StatusCode::OK, status_of), &body))
}

fn held(deputy: Option<&Deputy>, def: &FieldDef) -> Option<String> {
    let deputy = deputy?;
    let day = |day: i64| day_to_date(day).map(|date| date.to_string());
    match def.key {
        key if key == DEPUTY.def.key => Some(deputy.person.to_string()),
        key if key == DEPUTY_FROM.def.key => day(deputy.from),
        _ => day(deputy.until),
    }
}

/// `POST /me/deputy`
pub async fn set(State(web): State<Web>, Posted { visit, form }: Posted) -> Result<Response, Failure> {
    let given = form.clone();
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let deputy = read(session, caller, &given)?;
        deputies::set(session, caller, Some(deputy))
    };
    match web.write(&visit, Channel::Desk, work).await.map_err(Failure::for_form) {
        Ok(()) => Ok(go_on("/me/deputy", Some(Flash::done("Your deputy approves on these days.")))),
        Err(Ok(refusal)) => page(&web, &visit, Some((&form, &refusal))).await,
        Err(Err(failure)) => Err(failure),
    }
}

/// The deputy that a form names.
fn read(session: &mut Session<'_>, caller: &Caller, form: &Form) -> mainstay_desk::Result<Deputy> {
    let (fields, zone) = (asked(), caller.zone());
    let mut values: Map<String, Json> =
        fields.iter().map(|field| (field.key.to_owned(), json_of(field, form, field.key, &zone))).collect();
    // Who is offered without the directory is not looked up there.
    let chosen = form.number(DEPUTY.def.key);
    match deputies::choices(session, caller)?.into_iter().find(|entry| Some(entry.id) == chosen) {
        Some(entry) => drop(values.insert(DEPUTY.def.key.to_owned(), entry.id.into())),
        None => resolve(session, caller, &fields, &mut values)?,
    }
    let day = |def: &FieldDef| {
        let date = values.get(def.key).and_then(Json::as_str).and_then(|text| text.parse::<Date>().ok());
        date.map(date_to_day)
    };
    let person = values.get(DEPUTY.def.key).and_then(Json::as_i64);
    match (person, day(&fields[1]), day(&fields[2])) {
        (Some(person), Some(from), Some(until)) => Ok(Deputy { person, from, until }),
        (person, from, until) => {
            let lacking = [person.is_none(), from.is_none(), until.is_none()];
            let errors = fields.iter().zip(lacking).filter(|(_, lacks)| *lacks);
            let errors = errors.map(|(field, _)| mainstay_engine::refusal::FieldError::required(field)).collect();
            Refusal::unless_empty(errors)?;
            Err(Refusal::missing("deputy").into())
        }
    }
}

/// `POST /me/deputy/end`
pub async fn end(State(web): State<Web>, Posted { visit, .. }: Posted) -> Result<Response, Failure> {
    let work = |session: &mut Session<'_>, caller: &Caller| deputies::set(session, caller, None);
    web.write(&visit, Channel::Desk, work).await?;
    Ok(go_on("/me/deputy", Some(Flash::done("Nobody approves in your place."))))
}
