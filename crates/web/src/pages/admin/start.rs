//! The first steps of a new installation: empty or with demo data, then a list that ticks itself.

use axum::extract::State;
use axum::response::Response;
use mainstay_desk::beginning::{self, Beginning, Task};
use mainstay_desk::{Caller, Channel, Session, demo};
use mainstay_markup::html;
use mainstay_store::Watch;
use mainstay_words::{t, tf};
use maud::Markup;

use super::desk::{Desk, Sheet};
use crate::components::{Step, Tone, icon, icon_small, progress, stepper, tile, token_field};
use crate::failure::Failure;
use crate::flash::{Flash, go_on};
use crate::session::{Posted, Visit};
use crate::web::Web;

/// The address of the page.
pub const START: &str = "/admin/start";

/// `GET /admin/start`
pub async fn show(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let load = |session: &mut Session<'_>, caller: &Caller| {
        Ok((beginning::read(session, caller)?, Desk::load(session, caller, None)?))
    };
    let (begun, desk) = web.read(&visit, Channel::Desk, load).await?;
    let body = html! {
        div.setup {
            (steps(&begun))
            @if begun.chosen { (list(&begun)) } @else { (choice(visit.token())) }
        }
    };
    Ok(desk.page(&web, &visit, &Sheet::new("Getting started", body)))
}

/// Where a new installation is on its way.
fn steps(begun: &Beginning) -> Markup {
    let data = if begun.chosen { Step::Done } else { Step::Now };
    let rest = match (begun.chosen, begun.is_over()) {
        (_, true) => Step::Done,
        (true, false) => Step::Now,
        (false, false) => Step::Ahead,
    };
    html! {
        div.start-steps { (stepper("Set-up", &[("Administrator", Step::Done), ("Data", data), ("Make it yours", rest)])) }
    }
}

/// Empty or with demo data.
fn choice(token: &str) -> Markup {
    html! {
        h2 { "How do you want to begin?" }
        p.quiet { "You can change your mind: demo data leaves with one click and takes nothing of yours along." }
        div.start-ways {
            form.card.start-way method="post" action="/admin/start/demo" {
                (token_field(token))
                (tile("boxes", Tone::Violet))
                h3 { "Look around first" }
                p { "A made-up bank with its people, services and six weeks of work: queues, clocks and reports have something to show at once." }
                ul.start-points {
                    li { (icon_small("check")) "Everything made up carries a badge" }
                    li { (icon_small("check")) "Nobody of it can sign in" }
                    li { (icon_small("check")) "Some of the work is yours to try" }
                }
                button.btn.btn-primary.btn-l type="submit" { "Begin with demo data" }
            }
            form.card.start-way method="post" action="/admin/start/empty" {
                (token_field(token))
                (tile("square-pen", Tone::Blue))
                h3 { "Begin with your own" }
                p { "No people but you, no services, no work. Roles, office hours, a default service level and the usual notices are there." }
                ul.start-points {
                    li { (icon_small("check")) "A short list shows what helps first" }
                    li { (icon_small("check")) "Leave it and come back when you like" }
                    li { (icon_small("check")) "Demo data can still come later" }
                }
                button.btn.btn-l type="submit" { "Begin empty" }
            }
        }
    }
}

/// What a task is about: icon, title, why, the way to it and what that is called.
fn about(task: Task) -> (&'static str, &'static str, &'static str, &'static str, &'static str) {
    match task {
        Task::People => (
            "user-round",
            "Invite people",
            "Colleagues who help, and those they help.",
            "/admin/people/new",
            "Add a person",
        ),
        Task::Teams => (
            "users-round",
            "Make teams",
            "Work goes to teams, and from there to people.",
            "/admin/teams/new",
            "Add a team",
        ),
        Task::Services => (
            "layers",
            "Name your services",
            "What people use and what may fail, in their words.",
            "/admin/services/new",
            "Add a service",
        ),
        Task::Promises => (
            "calendar-clock",
            "Set hours and service levels",
            "When you work, and how soon you answer and resolve.",
            "/admin/service-levels",
            "Look at service levels",
        ),
        Task::Portal => (
            "life-buoy",
            "Try the portal",
            "Report something as everybody else will, in three plain steps.",
            "/portal",
            "Open the portal",
        ),
        Task::Report => (
            "chart-no-axes-column",
            "See a first report",
            "Resolve something, and the figures have a beginning.",
            "/reports",
            "Open the reports",
        ),
    }
}

fn list(begun: &Beginning) -> Markup {
    let (done, all) = (begun.done.len(), Task::ALL.len());
    let next = Task::ALL.into_iter().find(|task| !begun.has(*task));
    html! {
        div.start-head {
            h2 { @if begun.is_over() { "Everything is in place" } @else { "Make it yours" } }
            span.quiet { (tf("{done} of {all} done", &[("done", &done), ("all", &all)])) }
        }
        div.start-progress { (progress(done, all)) }
        @if begun.is_over() {
            p.quiet { "The list has done its work. What you set up is here:" " " a.link href="/admin" { "Administration" } }
        } @else {
            p.quiet { "Each line ticks itself as soon as it is true. Leave at any time; you find the list again under Administration." }
        }
        ol.start-list.card {
            @for task in Task::ALL {
                @let (sign, title, why, href, action) = about(task);
                @let ticked = begun.has(task);
                li.start-task.done[ticked] {
                    span.start-tick aria-hidden="true" { @if ticked { (icon_small("check")) } @else { (icon(sign)) } }
                    div.grow {
                        h3 { (t(title)) @if ticked { span.sr { " (done)" } } }
                        p { (t(why)) }
                    }
                    a.btn.btn-primary[next == Some(task)] href=(href) { (t(action)) }
                }
            }
        }
        @if begun.demo {
            p.quiet { "The demo data counts for none of these." " " a.link href="/admin/demo" { "See what it is, or remove it" } "." }
        } @else {
            p.quiet { "Want to see it full of work first?" " " a.link href="/admin/demo" { "Put demo data in" } "." }
        }
    }
}

/// `POST /admin/start/empty`
pub async fn empty(State(web): State<Web>, posted: Posted) -> Result<Response, Failure> {
    web.write(&posted.visit, Channel::Desk, beginning::begin_empty).await?;
    Ok(go_on(START, None))
}

/// `POST /admin/start/demo`
pub async fn fill(State(web): State<Web>, posted: Posted) -> Result<Response, Failure> {
    let (desk, credential) = (web.desk().clone(), posted.visit.credential());
    // Once begun it goes on, whether or not the browser waits for it.
    let filling =
        tokio::spawn(async move { demo::fill_for(&desk, &credential, Channel::Desk, &Watch::default()).await });
    let filled = filling.await.map_err(|why| Failure::Failed(why.to_string()))?;
    let flash = match filled.map_err(Failure::from).map_err(Failure::for_form) {
        Ok(played) => Flash::done(format!("{} made-up records are there.", played.stories)),
        Err(Ok(refusal)) => Flash::failed(refusal.detail),
        Err(Err(failure)) => return Err(failure),
    };
    Ok(go_on(START, Some(flash)))
}
