//! Having a list made as a file regularly: asks how it is called and when it is wanted.

use axum::extract::{Extension, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::schedules::{self, What};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::Refusal;
use mainstay_markup::html;
use mainstay_words::t;

use super::asked::Asked;
use super::look::{Plan, plan};
use super::words::in_words;
use crate::failure::{Failure, status_of};
use crate::flash::{Flash, go_on};
use crate::form::Form;
use crate::pages::around::{Around, Sheet};
use crate::pages::exports::{Begin, wanted};
use crate::pages::frame::Place;
use crate::pages::portal::{MY_REQUESTS, Room};
use crate::session::{Posted, Visit};
use crate::web::Web;

/// `GET /{plural}/export/schedule`, with the words of the list's own address.
pub async fn ask(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Result<Response, Failure> {
    page(&web, &visit, process, Asked::read(process, &query.unwrap_or_default()), None).await
}

/// `POST /{plural}/export/schedule`
pub async fn begin(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    Posted { visit, form }: Posted,
) -> Result<Response, Failure> {
    let asked = Asked::read(process, form.get("_list").unwrap_or_default());
    let mut of = schedules::Asked {
        view: asked.view,
        filter: asked.condition(None),
        sort: asked.sort.clone(),
        fields: (!asked.columns.is_empty()).then(|| asked.columns.clone()),
    };
    let begin = {
        let (asked, form) = (asked.clone(), form.clone());
        move |session: &mut Session<'_>, caller: &Caller| {
            // A table's own columns come with its view.
            if of.fields.is_none() {
                let Plan { look, .. } = plan(session, caller, process, &asked)?;
                of.fields = (!look.columns.is_empty()).then_some(look.columns);
            }
            schedules::create(session, caller, process, &wanted(&form, What::List(of.clone())))
        }
    };
    match web.write(&visit, Channel::Desk, begin).await.map_err(Failure::for_form) {
        Ok(row) => {
            Ok(go_on("/me/exports", Some(Flash::done(format!("“{}” is made regularly from now on.", row.name)))))
        }
        Err(Ok(refusal)) => page(&web, &visit, process, asked, Some((&form, &refusal))).await,
        Err(Err(failure)) => Err(failure),
    }
}

async fn page(
    web: &Web,
    visit: &Visit,
    process: &'static Process,
    asked: Asked,
    refused: Option<(&Form, &Refusal)>,
) -> Result<Response, Failure> {
    let list = Asked { after: Vec::new(), ..asked.closed() };
    let load = move |session: &mut Session<'_>, caller: &Caller| {
        if !caller.rights.may_somewhere(process.key, "export") {
            return Err(Refusal::forbidden("no_right", "You may not export this list.").into());
        }
        let around = Around::load(session, caller)?;
        let Plan { view, .. } = plan(session, caller, process, &asked)?;
        let of_view = view.as_ref().and_then(|view| view.text("condition"));
        let mut sentences = Vec::new();
        for text in of_view.into_iter().chain(asked.filters.iter().map(String::as_str)) {
            sentences.push(in_words(session, process, text)?);
        }
        let name = view.map_or_else(|| t(process.label_plural).to_owned(), |view| view.name);
        Ok((around, name, sentences))
    };
    let (around, usual, sentences) = web.read(visit, Channel::Desk, load).await?;
    let (form, refusal) = refused.unzip();
    let title = t("Export regularly");
    let (place, room) = match &around {
        Around::Staff(_) => (list.at(&format!("/{}", process.plural)), process.label_plural),
        Around::Portal(_) => (around.home(process), MY_REQUESTS),
    };
    let above = vec![(room, place.clone())];
    let carried = html! { input type="hidden" name="_list" value=(list.at("").trim_start_matches('?')); };
    let begin = Begin {
        action: &format!("/{}/export/schedule", process.plural),
        back: &place,
        carried: &carried,
        name: &usual,
        usual: ("xlsx", "monday"),
        report: None,
        zone: around.zone().iana_name().unwrap_or("UTC"),
    };
    let body = html! {
        p.reminder {
            span { (process.label_plural) }
            @for sentence in &sentences { bdi.pill.tone-accent { (sentence) } }
            @if sentences.is_empty() { span.quiet { "all of them" } }
        }
        (begin.form(visit.token(), form, refusal))
    };
    let status = refusal.map_or(StatusCode::OK, status_of);
    let at = (list.view.map_or(Place::Process(process.key), Place::View), Room::Requests);
    let sheet = Sheet { title, status, above, actions: None, body, whole: true };
    Ok(sheet.page(web, visit, &around, at))
}
