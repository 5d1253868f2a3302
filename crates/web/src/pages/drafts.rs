//! Drafts, kept by a script while somebody types. Without one nothing is lost that was not lost before.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use mainstay_desk::Channel;
use mainstay_desk::records::{self, Draft, Waiting, Words};

use mainstay_engine::process::Process;
use serde_json::{Value, json};

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

/// What a form is of: the kind of words, and the record.
fn of_words(form: &Form) -> Result<(Words, &'static Process, String), Failure> {
    let (kind, number) = form.get("_of").and_then(|of| of.split_once(' ')).ok_or_else(Failure::missing)?;
    Ok((Words::read(kind).ok_or_else(Failure::missing)?, process_of(number)?, number.to_owned()))
}

/// `POST /drafts/files`: files that are to go with words, before these are sent. Answers what they are, in JSON.
pub async fn add_files(State(web): State<Web>, posted: Posted) -> Result<Response, Failure> {
    let Posted { visit, form } = posted;
    let (words, process, number) = of_words(&form)?;
    // Nobody stores what they could not hang anywhere.
    let at = number.clone();
    web.read(&visit, Channel::Desk, move |session, caller| records::find(session, caller, process, &at).map(|_| ()))
        .await?;
    let mut kept = Vec::with_capacity(form.files.len());
    for upload in &form.files {
        let blob = web.desk().blobs().put(upload.bytes.to_vec()).await?;
        let (name, media_type) = (upload.name.clone(), upload.media_type.clone());
        kept.push(Waiting { name, media_type, size: blob.size, digest: blob.digest });
    }
    let files = kept.clone();
    let work = move |session: &mut mainstay_desk::Session<'_>, caller: &mainstay_desk::Caller| {
        files.iter().try_for_each(|file| records::keep_waiting_file(session, caller, words, process, &number, file))
    };
    match web.write(&visit, Channel::Desk, work).await.map_err(Failure::for_form) {
        Ok(()) => Ok(told(StatusCode::OK, &json!({ "files": kept }))),
        Err(Ok(refusal)) => Ok(told(StatusCode::UNPROCESSABLE_ENTITY, &json!({ "says": refusal.detail }))),
        Err(Err(failure)) => Err(failure),
    }
}

/// `POST /drafts/files/remove`: `digest` is not to go with the words after all.
pub async fn remove_file(State(web): State<Web>, posted: Posted) -> Result<Response, Failure> {
    let Posted { visit, form } = posted;
    let (words, process, number) = of_words(&form)?;
    let digest = form.get("digest").unwrap_or_default().to_owned();
    let work = move |session: &mut mainstay_desk::Session<'_>, caller: &mainstay_desk::Caller| {
        records::drop_waiting_file(session, caller, words, process, &number, &digest)
    };
    web.write(&visit, Channel::Desk, work).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn told(status: StatusCode, body: &Value) -> Response {
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// What a form holds, as one text; nothing when nothing was filled in.
fn written(form: &Form) -> String {
    let own = |(name, _): &(&str, &str)| !APART.contains(name);
    let pairs: Vec<(&str, &str)> = form.pairs().filter(own).collect();
    let filled = pairs.iter().any(|(name, value)| *name != "_fields" && !value.trim().is_empty());
    if filled { address::query(pairs) } else { String::new() }
}
