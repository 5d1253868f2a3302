//! The demo data: what there is of it, and the way out.

use axum::extract::State;
use axum::response::Response;
use mainstay_desk::demo::removal::{self, Standing};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_markup::html;
use maud::Markup;

use super::desk::{Desk, Sheet};
use crate::components::{Banner, Nothing, Weight, banner, demo_badge, nothing, token_field};
use crate::failure::Failure;
use crate::flash::{Flash, go_on};
use crate::session::{Posted, Visit};
use crate::web::Web;

/// The address of the page.
pub const DEMO: &str = "/admin/demo";

/// `GET /admin/demo`
pub async fn show(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let load = |session: &mut Session<'_>, caller: &Caller| {
        Ok((removal::standing(session, caller)?, Desk::load(session, caller, None)?))
    };
    let (standing, desk) = web.read(&visit, Channel::Desk, load).await?;
    let body = if standing.is_empty() { none(visit.token()) } else { there(&standing, visit.token()) };
    Ok(desk.page(&web, &visit, &Sheet::new("Demo data", body)))
}

fn none(token: &str) -> Markup {
    let fill = html! {
        form method="post" action="/admin/start/demo" {
            (token_field(token))
            button.btn.btn-primary type="submit" { "Put demo data in" }
        }
    };
    let words = "A made-up bank with people, services and six weeks of work. Everything of it carries a badge, nobody of it can \
        sign in, and it leaves with one click.";
    nothing(Nothing::Yet, "No demo data", words, &fill, None)
}

fn there(standing: &Standing, token: &str) -> Markup {
    html! {
        div.setup {
            p { (demo_badge()) " " "Everything here that carries this badge was made up to look around in. So is what people of the demo do, and every record that is theirs." }
            dl.facts.card.demo-facts {
                div { dt { "Records" } dd.digits { (standing.records) } }
                @for (register, count) in &standing.entries { div { dt { (register.label_plural) } dd.digits { (count) } } }
            }
            section.form-section aria-labelledby="remove" {
                h2 #remove { "Remove it" }
                p { "All of this leaves at once, with comments, files, clocks, notices and its history. Nothing else is touched, and the log keeps one line that says what left." }
                @if !standing.stays.is_empty() {
                    (banner(&Banner {
                        weight: Weight::Info,
                        title: "Some of it stays, because something of yours names it".into(),
                        text: format!("{}. Its people are out of use and cannot sign in.", standing.stays.join(", ")).into(),
                        ..Banner::default()
                    }))
                }
                form method="post" action="/admin/demo/remove" {
                    (token_field(token))
                    button.btn.btn-danger type="submit" { "Remove demo data" }
                }
            }
        }
    }
}

/// `POST /admin/demo/remove`
pub async fn remove(State(web): State<Web>, posted: Posted) -> Result<Response, Failure> {
    let removed = web.write(&posted.visit, Channel::Desk, removal::remove).await.map_err(Failure::for_form);
    let flash = match removed {
        Ok(removal) => {
            Flash::done(format!("The demo data is gone: {} records and {} entries.", removal.records, removal.entries))
        }
        Err(Ok(refusal)) => Flash::failed(refusal.detail),
        Err(Err(failure)) => return Err(failure),
    };
    Ok(go_on(DEMO, Some(flash)))
}
