//! What a vendor's team is to do on a record, and saying that it is done.

use axum::extract::{Path, State};
use axum::response::Response;
use jiff::tz::TimeZone;
use mainstay_desk::Channel;
use mainstay_desk::records::{self, TaskChange};
use mainstay_markup::html;
use mainstay_store::hangings::TaskRow;
use mainstay_words::tf;
use maud::Markup;

use super::{place_of, process_of};
use crate::components::{Glyph, Status, status_glyph, token_field, when};
use crate::failure::Failure;
use crate::flash::{Flash, go_on};
use crate::session::{Posted, Visit};
use crate::web::Web;

/// The tasks that the viewer's teams have on a record, each with the button for it.
pub fn list(number: &str, tasks: &[TaskRow], open: bool, visit: &Visit, zone: &TimeZone) -> Markup {
    html! {
        ul.plain-list aria-label="Tasks of your team" {
            @for task in tasks { li id={ "task-" (task.id) } { (line(number, task, open, visit, zone)) } }
        }
    }
}

fn line(number: &str, task: &TaskRow, open: bool, visit: &Visit, zone: &TimeZone) -> Markup {
    let waits = task.state == "open";
    let (glyph, word) = match task.state.as_str() {
        "done" => (Glyph::Done, "Done"),
        "skipped" => (Glyph::Stopped, "Skipped"),
        _ => (Glyph::New, "Open"),
    };
    let due = task.due.filter(|_| waits).map(|due| due_by(due, zone, visit.now()));
    html! {
        (status_glyph(&Status { glyph, word: word.into() }))
        span.grow {
            span.strong dir="auto" { (task.title) }
            @if let Some(due) = due { " " span.quiet { (due) } }
        }
        @if open {
            form method="post" action={ (place_of(number)) "/tasks/" (task.id) } {
                (token_field(visit.token()))
                input type="hidden" name="version" value=(task.version);
                @let (state, label) = if waits { ("done", "Done") } else { ("open", "Open again") };
                button.btn.btn-primary[waits] type="submit" name="state" value=(state) { (label) span.sr { ": " (task.title) } }
            }
        }
    }
}

/// By when something is due, and whether that is over.
pub fn due_by(due: i64, zone: &TimeZone, now: i64) -> String {
    let at = when(due, zone, now);
    if due < now { tf("Was due {when}", &[("when", &at)]) } else { tf("Due {when}", &[("when", &at)]) }
}

/// `POST /portal/requests/{number}/tasks/{id}`: a task is done, or is to be done again.
pub async fn change(
    State(web): State<Web>,
    Path((number, id)): Path<(String, i64)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { visit, form } = posted;
    let process = process_of(&number)?;
    let place = place_of(&number);
    let change = TaskChange {
        version: form.number("version").unwrap_or_default(),
        state: form.filled("state").map(str::to_owned),
        ..TaskChange::default()
    };
    let work = move |session: &mut mainstay_desk::Session<'_>, caller: &mainstay_desk::Caller| {
        records::change_task(session, caller, process, &number, id, &change)
    };
    match web.write(&visit, Channel::Portal, work).await {
        Ok(task) => {
            let says = if task.state == "open" { "The task is open again." } else { "Thank you. The task is done." };
            Ok(go_on(&place, Some(Flash::done(says))))
        }
        Err(failure) => Ok(go_on(&place, Some(Flash::failed(failure.for_form()?.detail)))),
    }
}
