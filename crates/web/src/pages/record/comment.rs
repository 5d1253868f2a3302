//! Answering: a comment or an internal note, with files, and a step right after it.

use axum::extract::{Extension, Path, RawQuery, State};
use axum::response::Response;
use mainstay_desk::records::{self, Act, NewAttachment, NewComment};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::process::{Process, Transition};

use super::activity::{self, Draft};
use super::back;
use crate::failure::{Failure, status_of};
use crate::flash::{Flash, go_on};
use crate::form::Upload;
use crate::session::{Posted, Visit};
use crate::web::Web;

/// `POST /{plural}/{number}/comments`
pub async fn send(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    Path(number): Path<String>,
    RawQuery(query): RawQuery,
    Posted { visit, form }: Posted,
) -> Result<Response, Failure> {
    let draft = Draft {
        body: form.get("body").unwrap_or_default().to_owned(),
        note: form.get("kind") == Some("note"),
        error: None,
    };
    let files = store(&web, &form.files, draft.note).await?;
    let then = form.filled("then").and_then(|verb| process.transition(verb));
    match write(&web, &visit, process, &number, &draft, files, then).await.map_err(Failure::for_form) {
        Ok(went_on) => Ok(answered(process, &number, query.as_deref(), draft.note, then, went_on)),
        Err(Ok(refusal)) => {
            let refused = Draft { error: Some(refusal.detail.clone()), ..draft };
            activity::page(&web, &visit, process, &number, query.as_deref(), &refused, status_of(&refusal)).await
        }
        Err(Err(failure)) => Err(failure),
    }
}

/// Puts the files of a form into the store; their rows follow with the words.
///
/// # Errors
/// The disk's.
pub async fn store(web: &Web, uploads: &[Upload], internal: bool) -> Result<Vec<NewAttachment>, Failure> {
    let mut stored = Vec::with_capacity(uploads.len());
    for upload in uploads {
        let blob = web.desk().blobs().put(upload.bytes.to_vec()).await?;
        stored.push(NewAttachment {
            name: upload.name.clone(),
            media_type: upload.media_type.clone(),
            size: blob.size,
            digest: blob.digest,
            internal,
        });
    }
    Ok(stored)
}

/// Writes words and files, and takes a step that asks for nothing. Answers whether the step was taken.
async fn write(
    web: &Web,
    visit: &Visit,
    process: &'static Process,
    number: &str,
    draft: &Draft,
    files: Vec<NewAttachment>,
    then: Option<&'static Transition>,
) -> Result<bool, Failure> {
    let number = number.to_owned();
    let new = NewComment { body: draft.body.clone(), internal: draft.note };
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        if !new.body.trim().is_empty() || files.is_empty() {
            records::comment(session, caller, process, &number, &new)?;
        }
        for file in &files {
            records::attach(session, caller, process, &number, file)?;
        }
        let Some(step) = then.filter(|step| asks_nothing(step)) else { return Ok(false) };
        let (config, now) = (session.config, session.now);
        let taken = session.conn.attempt(|conn| {
            records::act(&mut Session { conn, config, now }, caller, process, &number, step.verb, &Act::default())
        });
        match taken {
            Ok(_) => Ok(true),
            // The words are said all the same; the form then tells what the step needs.
            Err(mainstay_desk::Error::Refused(_)) => Ok(false),
            Err(error) => Err(error),
        }
    };
    web.write(visit, Channel::Desk, work).await
}

fn asks_nothing(step: &Transition) -> bool {
    step.takes.is_empty() && step.links.is_none() && step.asks == mainstay_engine::process::Asks::Nothing
}

fn answered(
    process: &'static Process,
    number: &str,
    query: Option<&str>,
    note: bool,
    then: Option<&'static Transition>,
    taken: bool,
) -> Response {
    let said = if note { "Note added" } else { "Reply sent" };
    match then {
        Some(step) if taken => {
            go_on(&back(process, number, "", query), Some(Flash::done(format!("{said}. {}: done.", step.label))))
        }
        Some(step) => {
            let place = back(process, number, &format!("/{}", step.verb), query);
            go_on(&place, Some(Flash::done(format!("{said}. {} asks for more.", step.label))))
        }
        None => go_on(&back(process, number, "", query), Some(Flash::done(format!("{said}.")))),
    }
}
