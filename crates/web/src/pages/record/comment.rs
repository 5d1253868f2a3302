//! Answering: a comment or an internal note, with files, and a step right after it.

use axum::response::Response;
use mainstay_desk::live;
use mainstay_desk::records::{self, Act, Draft, NewAttachment, NewComment, Waiting, Words};
use mainstay_desk::{Caller, Session};
use mainstay_engine::process::{Process, Transition};
use mainstay_engine::refusal::Refusal;
use mainstay_store::entries;
use mainstay_words::{t, tf};

use super::activity::{self, Written};
use super::here::{Here, Sent};
use crate::failure::{Failure, status_of};
use crate::flash::{Flash, go_on};
use crate::form::Upload;
use crate::web::Web;

/// The code of the refusal of words that others overtook.
const OVERTAKEN: &str = "overtaken";

/// `POST /{plural}/{number}/comments`
pub async fn send(Sent { here, form }: Sent) -> Result<Response, Failure> {
    let draft = Written {
        body: form.get("body").unwrap_or_default().to_owned(),
        note: form.get("kind") == Some("note"),
        ..Written::default()
    };
    let files = store(&here.web, &form.files, draft.note).await?;
    let waiting = form.all(if draft.note { "staged.note" } else { "staged.reply" });
    let then = form.filled("then").and_then(|verb| here.process.transition(verb));
    let sending = Sending { draft: draft.clone(), shown: form.number("shown"), then, files, waiting };
    match write(&here, sending).await? {
        Ok(sent) => Ok(answered(&here, &draft, then, &sent)),
        Err(refusal) => {
            let overtaken = form.number("shown").filter(|_| refusal.code == OVERTAKEN);
            let refused = Written { error: Some(refusal.detail.clone()), overtaken, ..draft };
            activity::page(&here, &refused, status_of(&refusal)).await
        }
    }
}

/// `POST /{plural}/{number}/comments/{id}/withdraw`
pub async fn withdraw(Sent { here, .. }: Sent) -> Result<Response, Failure> {
    let (to, process, number, comment) = (here.at(""), here.process, here.number.clone(), here.id);
    let work =
        move |session: &mut Session<'_>, caller: &Caller| records::withdraw(session, caller, process, &number, comment);
    match here.write(work).await? {
        Ok(back) if back.whole => Ok(go_on(&to, Some(Flash::done("Taken back. Your words are a draft again.")))),
        Ok(_) => {
            let says = "Your words are a draft again. What was done with them stays: somebody has changed it since.";
            Ok(go_on(&to, Some(Flash::failed(says))))
        }
        Err(refusal) => Ok(go_on(&to, Some(Flash::failed(refusal.detail)))),
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

/// What somebody sends.
struct Sending {
    draft: Written,
    /// The newest event that the page had shown; none asks nothing.
    shown: Option<i64>,
    then: Option<&'static Transition>,
    files: Vec<NewAttachment>,
    /// Digests of files that wait with the draft.
    waiting: Vec<String>,
}

/// What came of it.
#[derive(Clone)]
struct Outcome {
    /// The step was taken.
    stepped: bool,
    /// The reply that can still be taken back.
    held: Option<i64>,
    /// Named in the words, and not told: they may not read the record.
    unheard: Vec<String>,
}

/// Writes words and files, and takes a step that asks for nothing.
async fn write(here: &Here, sending: Sending) -> Result<Result<Outcome, Refusal>, Failure> {
    let (process, number) = (here.process, here.number.clone());
    let Sending { draft, shown, then, files, waiting } = sending;
    let held = !draft.note && then.is_none_or(|step| !asks_nothing(step) || step.is_undoable());
    let new = NewComment { body: draft.body, internal: draft.note, held };
    let words = if draft.note { Words::Note } else { Words::Reply };
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        if let Some(shown) = shown {
            overtaken(session, caller, process, &number, shown, !files.is_empty())?;
        }
        let mut files = files.clone();
        for file in records::waiting_files(session, caller, words, process, &number)? {
            if waiting.contains(&file.digest) {
                let Waiting { name, media_type, size, digest } = file;
                files.push(NewAttachment { name, media_type, size, digest, internal: new.internal });
            }
        }
        let mut sent = Outcome { stepped: false, held: None, unheard: Vec::new() };
        if !new.body.trim().is_empty() || files.is_empty() {
            let row = records::comment(session, caller, process, &number, &new)?;
            sent.held = row.held.then_some(row.id);
            let named = records::mentioned(session, caller, process, &number, &new.body)?;
            sent.unheard = named.into_iter().filter(|person| !person.reads).map(|person| person.name).collect();
        }
        for file in &files {
            match sent.held {
                Some(comment) => records::attach_held(session, caller, process, &number, comment, file)?,
                None => records::attach(session, caller, process, &number, file).map(|_| ())?,
            }
        }
        records::forget_draft(session, caller, Draft::Words(words, process, &number))?;
        let Some(step) = then.filter(|step| asks_nothing(step)) else { return Ok(sent) };
        let (config, now) = (session.config, session.now);
        let taken = session.conn.attempt(|conn| {
            records::act(&mut Session::new(conn, config, now), caller, process, &number, step.verb, &Act::default())
        });
        match taken {
            Ok(acted) => {
                if let Some(comment) = sent.held {
                    records::hold_with(session, comment, &[acted.event])?;
                }
                Ok(Outcome { stepped: true, ..sent })
            }
            // The words are said all the same; the form then tells what the step needs.
            Err(mainstay_desk::Error::Refused(_)) => Ok(sent),
            Err(error) => Err(error),
        }
    };
    here.write(work).await
}

/// Stops words once that were begun before somebody else spoke.
fn overtaken(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    shown: i64,
    files: bool,
) -> mainstay_desk::Result<()> {
    let said = live::said_after(session, caller, process, number, shown)?;
    let Some(last) = said.last() else { return Ok(()) };
    let actors: Vec<i64> = last.actor.into_iter().collect();
    let who = entries::names(session.conn, &actors)?.pop().map_or_else(|| "Mainstay".to_owned(), |(.., name)| name);
    let what = match said.len() {
        1 => tf("{who} wrote while you did.", &[("who", &who)]),
        more => tf("{who} and others wrote while you did, {more} times.", &[("who", &who), ("more", &more)]),
    };
    let files = if files { t("Choose your files again.") } else { "" };
    let stopped = t("Nothing was sent yet: read what is new, then send yours as it is or changed.");
    let says = format!("{what} {stopped} {files}").trim_end().to_owned();
    Err(Refusal::conflict(OVERTAKEN, says).into())
}

fn asks_nothing(step: &Transition) -> bool {
    !step.takes_of_all() && step.links.is_none() && step.asks == mainstay_engine::process::Asks::Nothing
}

fn answered(here: &Here, draft: &Written, then: Option<&'static Transition>, sent: &Outcome) -> Response {
    let said = if draft.note { "Note added" } else { "Reply sent" };
    if let (None, Some(name)) = (then, sent.unheard.first()) {
        let says = format!("{said}. {name} may not read this record and was not told.");
        return go_on(&here.at(""), Some(Flash::failed(says)));
    }
    let to = here.at("");
    let undo = |id: i64| here.at(&format!("/comments/{id}/withdraw"));
    let undoable = |flash: Flash| match sent.held {
        Some(id) => flash.undone_by(undo(id)),
        None => flash,
    };
    let with = |step: &Transition, key: &str| tf(key, &[("said", &t(said)), ("step", &t(step.label))]);
    match then {
        Some(step) if sent.stepped => go_on(&to, Some(undoable(Flash::done(with(step, "{said}. {step}: done."))))),
        Some(step) => {
            let place = here.at(&format!("/{}", step.verb));
            go_on(&place, Some(undoable(Flash::done(with(step, "{said}. {step} asks for more.")))))
        }
        None => go_on(&to, Some(undoable(Flash::done(format!("{}.", t(said)))))),
    }
}
