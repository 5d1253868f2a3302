//! Drafts, kept by a script while somebody types. Without one nothing is lost that was not lost before.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use mainstay_desk::Channel;
use mainstay_desk::records::{self, Draft, Words};

use super::portal::process_of;
use crate::address;
use crate::failure::Failure;
use crate::flash::go_on;
use crate::form::Form;
use crate::session::Posted;
use crate::web::Web;

/// What of a form is no answer of the person.
const APART: [&str; 3] = ["_token", "_of", "_back"];

/// `POST /drafts`: `_of` is `reply INC-1`, `note INC-1`, `answer INC-1` or `new incidents`.
pub async fn keep(State(web): State<Web>, posted: Posted) -> Result<Response, Failure> {
    let Posted { visit, form } = posted;
    let of = form.get("_of").unwrap_or_default().to_owned();
    let (kind, what) = of.split_once(' ').unwrap_or((&of, ""));
    let what = what.to_owned();
    let kept: Result<(), Failure> = match Words::read(kind) {
        Some(words) => {
            let (process, body) = (process_of(&what)?, form.get("body").unwrap_or_default().to_owned());
            let work = move |session: &mut mainstay_desk::Session<'_>, caller: &mainstay_desk::Caller| {
                records::keep_draft(session, caller, Draft::Words(words, process, &what), &body)
            };
            web.write(&visit, Channel::Desk, work).await
        }
        None if kind == "new" => {
            let mut all = mainstay_processes::ALL.iter().copied();
            let process = all.find(|process| process.plural == what).ok_or_else(Failure::missing)?;
            let body = written(&form);
            web.write(&visit, Channel::Desk, move |session, caller| {
                records::keep_draft(session, caller, Draft::New(process), &body)
            })
            .await
        }
        None => Err(Failure::missing()),
    };
    kept?;
    // A form that begins anew is led back; a script needs no page.
    Ok(match form.filled("_back") {
        Some(place) => go_on(place, None),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// What a form holds, as one text; nothing when nothing was filled in.
fn written(form: &Form) -> String {
    let own = |(name, _): &(&str, &str)| !APART.contains(name);
    let pairs: Vec<(&str, &str)> = form.pairs().filter(own).collect();
    let filled = pairs.iter().any(|(name, value)| *name != "_fields" && !value.trim().is_empty());
    if filled { address::query(pairs) } else { String::new() }
}
