//! A step that its requester takes: confirming, reopening, withdrawing, reporting again.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::Channel;
use mainstay_desk::records::{self, Act};
use mainstay_engine::process::{Asks, Transition, Who};
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_markup::html;
use mainstay_words::t;

use super::frame::{At, Room};
use super::place_of;
use super::report::asked_as;
use super::request::{Request, find};
use crate::components::{Control, Field, TextKind, Width, field, token_field};
use crate::failure::{Failure, status_of};
use crate::fields::{Asking, Pickers, values};
use crate::flash::{Flash, go_on};
use crate::form::Form;
use crate::pages::entrance::summary;
use crate::session::{Posted, Visit};
use crate::web::Web;

/// The form of a step.
pub async fn ask(
    State(web): State<Web>,
    Path((number, verb)): Path<(String, String)>,
    visit: Visit,
) -> Result<Response, Failure> {
    let request = find(&web, &visit, number).await?;
    let step = open_step(&request, &verb)?;
    let version = ("version".to_owned(), request.view.record.version.to_string());
    Ok(page(&web, &visit, &request, step, &Form::of(vec![version])?, None))
}

/// The step among those that are open to the requester now; any other is never theirs, or not any more.
fn open_step(request: &Request, verb: &str) -> Result<&'static Transition, Failure> {
    if let Some(step) = request.steps().into_iter().find(|step| step.verb == verb) {
        return Ok(step);
    }
    let step = request.view.record.process.transition(verb).ok_or_else(Failure::missing)?;
    Err(if request.view.own && step.who.has(Who::REQUESTER) {
        Refusal::conflict("not_now", "That is not possible any more. Look where it stands now.").into()
    } else {
        Refusal::forbidden("not_yours", "That is not yours to do here.").into()
    })
}

fn page(
    web: &Web,
    visit: &Visit,
    request: &Request,
    step: &Transition,
    form: &Form,
    refused: Option<&Refusal>,
) -> Response {
    let pickers = Pickers::default();
    let none = Vec::new();
    let errors = refused.map_or(&none, |refusal| &refusal.errors);
    let asking = Asking { pickers: &pickers, zone: &request.guest.zone, errors };
    let place = place_of(request.number());
    let content = html! {
        div.portal-page {
            div.portal-record {
                div.small { a.link href=(place) { bdi { (request.number()) } " " span dir="auto" { (request.title()) } } }
                h1.portal-title tabindex="-1" { (step.plain) }
            }
            form.form.portal-form method="post" action={ (place) "/steps/" (step.verb) } {
                (token_field(visit.token()))
                input type="hidden" name="version" value=(form.get("version").unwrap_or_default());
                (summary(refused))
                section.form-section {
                    div.form-grid {
                        @for each in step.needs {
                            @match step.plainly.iter().find(|question| question.field.key == each.key) {
                                Some(question) => (field(&asked_as(each.key.to_owned(), question, form, errors))),
                                None => (field(&Field { required: true, width: Width::Full, ..asking.field(each, &form.all(each.key)) })),
                            }
                        }
                        @if let Some(asked) = link(request, step, form) { (field(&asked)) }
                        @if let Some(asked) = words(step, form, errors) { (field(&asked)) }
                    }
                }
                div.form-foot {
                    button.btn.btn-primary type="submit" { (t(step.plain)) }
                    // A step may be called "I no longer need this": nobody wonders beside it what "Cancel" would do.
                    a.btn.btn-ghost href=(place) { "Go back" }
                }
            }
        }
    };
    let at = At::new(step.plain, Room::Requests).answered(refused.map_or(StatusCode::OK, status_of));
    request.guest.page(web, visit, &at, &content)
}

/// The number of another record, where the step can name one.
fn link(request: &Request, step: &Transition, form: &Form) -> Option<Field<'static>> {
    request.view.record.process.relation(step.links?)?;
    let value = form.get("link").unwrap_or_default().to_owned();
    let control = Control::Text { value: value.into(), kind: TextKind::Plain, max_length: Some(40) };
    let asked = "If you have reported it before: the number of the other one";
    Some(Field { help: Some("It stands under My requests.".into()), ..Field::new("link", asked, control) })
}

fn words(step: &Transition, form: &Form, errors: &[FieldError]) -> Option<Field<'static>> {
    let (name, label) = match step.asks {
        Asks::Nothing => return None,
        Asks::Reason => ("reason", "Tell us more"),
        Asks::Comment => ("comment", "Write to us"),
    };
    let value = form.get(name).unwrap_or_default().to_owned();
    let error = errors.iter().find(|error| error.field == name).map(|error| error.detail.clone().into());
    Some(Field { required: true, error, ..Field::new(name, label, Control::Markdown { value: value.into(), rows: 4 }) })
}

/// Takes the step.
pub async fn take(
    State(web): State<Web>,
    Path((number, verb)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { visit, form } = posted;
    let request = find(&web, &visit, number.clone()).await?;
    let step = open_step(&request, &verb)?;
    let text = |name: &str| form.filled(name).map(str::to_owned);
    let input = Act {
        version: form.number("version"),
        values: values(
            step.needs.iter().chain(step.takes.iter().filter(|field| form.has(field.key))),
            &form,
            &request.guest.zone,
        ),
        reason: text("reason"),
        comment: text("comment"),
        link: text("link"),
        followers: Vec::new(),
    };
    let process = request.view.record.process;
    let taken = web.write(&visit, Channel::Portal, move |session, caller| {
        records::act(session, caller, process, &number, &verb, &input)
    });
    match taken.await {
        Ok(acted) => {
            let to = acted.made.as_deref().unwrap_or(request.number());
            let words = match &acted.made {
                Some(made) => format!("Thank you. It is {made} here."),
                None if step.to.is_some() => format!("{} {}.", t("Thank you."), t(acted.view.record.state.plain)),
                None => "Thank you. We have it.".to_owned(),
            };
            Ok(go_on(&place_of(to), Some(Flash::done(words))))
        }
        Err(failure) => Ok(page(&web, &visit, &request, step, &form, Some(&failure.for_form()?))),
    }
}
