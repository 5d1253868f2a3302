//! What a person wants to be told.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::inbox::{self, Kind, Without};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::refusal::Refusal;
use mainstay_markup::html;
use mainstay_words::t;
use maud::Markup;
use serde_json::{Map, Value as Json};

use super::pane::sign;
use crate::components::{icon, token_field};
use crate::failure::{Failure, status_of};
use crate::flash::{Flash, go_on};
use crate::pages::around::Around;
use crate::pages::entrance::summary;
use crate::pages::me::{self, NOTICES};
use crate::session::{Posted, Visit};
use crate::web::Web;

/// `GET /me/notices`
pub async fn show(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    page(&web, &visit, None).await
}

async fn page(web: &Web, visit: &Visit, refusal: Option<&Refusal>) -> Result<Response, Failure> {
    let load = |session: &mut Session<'_>, caller: &Caller| {
        Ok((Around::of_staff(session, caller)?, inbox::without(session, caller)?, inbox::optional(session)))
    };
    let (around, without, optional) = web.read(visit, Channel::Desk, load).await?;
    let body = form(visit, &without, &optional, refusal);
    Ok(me::page(web, visit, &around, NOTICES, refusal.map_or(StatusCode::OK, status_of), &body))
}

fn form(visit: &Visit, without: &Without, optional: &[Kind], refusal: Option<&Refusal>) -> Markup {
    html! {
        form.form.form-section method="post" action="/me/notices" {
            h2 { "What comes into your inbox" }
            (summary(refusal))
            (token_field(visit.token()))
            ul.card.news {
                @for kind in Kind::ALL {
                    @let name = format!("kind-{}", kind.key());
                    li.notice-choice {
                        (icon(sign(kind)))
                        div.grow {
                            p.strong id=(name) { (t(kind.words())) }
                            p.quiet { (t(about(kind))) }
                        }
                        @if optional.contains(&kind) {
                            div.segments role="group" aria-labelledby=(name) {
                                (choice(kind, "inbox", "In the inbox", !without.has(kind)))
                                (choice(kind, "off", "Off", without.has(kind)))
                            }
                        } @else { span.quiet.nowrap { "Always" } }
                    }
                }
            }
            p.field-help { "What comes always is what your organisation wants you to hear of." }
            @if !optional.is_empty() { div.form-foot { button.btn.btn-primary type="submit" { "Save choices" } } }
        }
    }
}

fn choice(kind: Kind, value: &str, words: &str, chosen: bool) -> Markup {
    html! { label.segment { input type="radio" name=(kind.key()) value=(value) checked[chosen]; (t(words)) } }
}

fn about(kind: Kind) -> &'static str {
    match kind {
        Kind::Mention => "Somebody names you in a note or a reply.",
        Kind::Assigned => "A record is given to you.",
        Kind::Approval => "Your approval is asked for.",
        Kind::Level => "A target is pressing or was missed.",
        Kind::Own => "Something happens to what you work on or asked for.",
        Kind::Team => {
            "Something comes to your team, your team needs its manager, or your organisation wants you to hear of it."
        }
        Kind::Watched => "Something happens to what you watch.",
        Kind::File => "A file that you have made regularly is there, or could not be made.",
    }
}

/// `POST /me/notices`
pub async fn set(State(web): State<Web>, Posted { visit, form }: Posted) -> Result<Response, Failure> {
    let chosen = form.pairs().filter(|(name, _)| !name.starts_with('_'));
    let wanted: Map<String, Json> = chosen.map(|(name, value)| (name.to_owned(), Json::from(value))).collect();
    let work = move |session: &mut Session<'_>, caller: &Caller| inbox::choose(session, caller, &wanted);
    match web.write(&visit, Channel::Desk, work).await.map_err(Failure::for_form) {
        Ok(_) => Ok(go_on("/me/notices", Some(Flash::done("Your choices are saved.")))),
        Err(Ok(refusal)) => page(&web, &visit, Some(&refusal)).await,
        Err(Err(failure)) => Err(failure),
    }
}
