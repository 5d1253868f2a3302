//! What happens next, right after something was sent.

use axum::extract::{Path, State};
use axum::response::Response;
use mainstay_markup::html;
use mainstay_words::{t, tf};

use super::frame::{At, Room, report_place};
use super::place_of;
use super::request::find;
use crate::components::{button_link, icon_large, icon_small};
use crate::failure::Failure;
use crate::session::Visit;
use crate::web::Web;

/// The page.
pub async fn show(State(web): State<Web>, Path(number): Path<String>, visit: Visit) -> Result<Response, Failure> {
    let request = find(&web, &visit, number).await?;
    let place = place_of(request.number());
    let state = request.view.record.state;
    let again = request.guest.offers.iter().find(|(process, _)| process.key == request.view.record.process.key);
    let content = html! {
        div.portal-page.portal-sent {
            span.sent-sign aria-hidden="true" { (icon_large("check")) }
            h1 tabindex="-1" { (tf("Thank you, {name}. We have it.", &[("name", &request.guest.first_name())])) }
            p.quoted dir="auto" { (request.title()) }
            p { "Its number:" " " strong { bdi { (request.number()) } } ". " "You need not remember it: it stands under My requests." }
            section.card.portal-card aria-labelledby="next" {
                h2 #next { "What happens next" }
                ul.plain-list {
                    li { (icon_small("arrow-down")) span { (t(state.next)) } }
                    @for promise in request.promises(visit.now()) { li { (icon_small("clock")) span { (promise) } } }
                    li { (icon_small("bell")) span { "Each answer is told here, under the bell. You can write back and add pictures at any time." } }
                }
            }
            div.btn-row {
                (button_link(&place, "Look at it", None, true))
                @if let Some((process, _)) = again { (button_link(&report_place(process), "Report something else", None, false)) }
                (button_link("/portal", "Home", None, false))
            }
        }
    };
    Ok(request.guest.page(&web, &visit, &At::new("Thank you", Room::Requests), &content))
}
