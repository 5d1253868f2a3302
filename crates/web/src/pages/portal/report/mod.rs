//! Beginning a record in the portal: the table's own questions in at most three steps. What is written is kept from
//! step to step by the server, so nothing of this needs a script.

mod begun;
mod page;
mod paper;

pub use begun::Begun;
pub use page::{asked_as, file_ways, label};
pub use paper::name_of;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use mainstay_desk::auth::sessions;
use mainstay_desk::records::{self, NewAttachment};
use mainstay_desk::{Caller, Channel, Credential, Session, begun as door};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::{FieldError, Refusal, Why};
use mainstay_engine::spine;
use serde::Deserialize;

use super::frame::report_place;
use super::place_of;
use crate::address;
use crate::failure::Failure;
use crate::fields::resolve;
use crate::fields::rows::turned;
use crate::flash::{Flash, go_on};
use crate::form::Form;
use crate::pages::entrance::ask_again;
use crate::pages::record::store;
use crate::session::{Posted, Resumed, Visit};
use crate::web::Web;
use begun::Kept;
use page::Beside;
use paper::{PERSON, Paper, Part};

/// Most files of one report.
const MOST_FILES: usize = 20;

/// Which step, and what another page fills in beforehand.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    step: Option<usize>,
    service: Option<String>,
}

/// A step of the form, with what was written so far.
pub async fn ask(
    State(web): State<Web>,
    Path(plural): Path<String>,
    Query(asked): Query<Asked>,
    visit: Visit,
) -> Result<Response, Failure> {
    let (paper, part, beside) = web
        .read(&visit, Channel::Portal, move |session, caller| {
            let mut paper = Paper::load(session, caller, &plural)?;
            if let Some(service) = &asked.service {
                paper.begun.suggest(spine::SERVICE.def.key, service);
            }
            // Nobody comes to a step before the steps that lead to it.
            let parts = paper.parts();
            let open = parts.iter().take_while(|part| paper.lacks(**part).is_empty()).count();
            let step = asked.step.unwrap_or(1).saturating_sub(1).min(open).min(parts.len() - 1);
            let alike = if step == 1 { paper.alike(session, caller)? } else { Vec::new() };
            let known = paper.known(session, caller)?;
            Ok((paper, parts[step], Beside { alike, known, ..Beside::default() }))
        })
        .await?;
    Ok(paper.page(&web, &visit, part, &beside))
}

/// A step's answers. Without a step it is the whole form at once.
pub async fn take(State(web): State<Web>, Path(plural): Path<String>, sent: Resumed) -> Result<Response, Failure> {
    let Posted { visit, form } = match sent {
        Resumed::Here(posted) => posted,
        Resumed::SignedOut { arrival, form } => {
            let step = form.number("step").unwrap_or(1).to_string();
            let next = address::with_query(&format!("/portal/report/{plural}"), [("step", step.as_str())]);
            return Ok(ask_again(&web, &arrival, &next, &form));
        }
    };
    // Nobody's files are taken in before it is known that they may come here.
    let mut paper = load(&web, &visit, plural).await?;
    let place = report_place(paper.process);
    let part = part_of(&paper, &form);
    let go = form.get("go").unwrap_or("next");
    if go == "discard" {
        forget(&web, &visit, paper.process).await?;
        return Ok(go_on("/portal", Some(Flash::done("It is thrown away."))));
    }
    let turned = turned(&form, paper.fields());
    take_in(&mut paper, part, turned.as_ref().unwrap_or(&form));
    if paper.begun.files.len() + form.files.len() > MOST_FILES {
        let says = format!("At most {MOST_FILES} files go along. Take some away, or send them later.");
        let error = FieldError::new("files", "too_many", says.clone());
        let refusal = Refusal { errors: vec![error], ..Refusal::invalid("too_many", says) };
        return refused(&web, &visit, &paper, refusal).await;
    }
    paper.begun.files.extend(store(&web, &form.files, false).await?.iter().map(Kept::of));
    let removed = go.strip_prefix("remove.").and_then(|index| index.parse::<usize>().ok());
    if let Some(index) = removed.filter(|index| *index < paper.begun.files.len()) {
        paper.begun.files.remove(index);
    }
    save(&web, &visit, &paper).await?;
    let parts = paper.parts();
    let at = part.and_then(|part| parts.iter().position(|each| *each == part)).unwrap_or(parts.len() - 1);
    let step = |at: usize| go_on(&format!("{place}?step={}", at + 1), None);
    match go {
        _ if turned.is_some() => return Ok(step(at)),
        "back" => return Ok(step(at.saturating_sub(1))),
        "next" => {}
        _ => return Ok(step(at)),
    }
    let before = if part.is_some() && at + 1 < parts.len() { &parts[at..=at] } else { &parts[..] };
    let errors: Vec<FieldError> = before.iter().flat_map(|part| paper.lacks(*part)).collect();
    if let Err(refusal) = Refusal::unless_empty(errors) {
        return refused(&web, &visit, &paper, refusal).await;
    }
    if part.is_some() && at + 1 < parts.len() {
        return Ok(step(at + 1));
    }
    match send(&web, &visit, &paper).await {
        Ok(number) => Ok(go_on(&format!("{}/sent", place_of(&number)), None)),
        Err(failure) => refused(&web, &visit, &paper, no_right_is_an_answer(failure)?).await,
    }
}

/// What is being typed, kept while it is typed. Answers without content.
pub async fn keep_typed(
    State(web): State<Web>,
    Path(plural): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { visit, form } = posted;
    let mut paper = load(&web, &visit, plural).await?;
    let part = part_of(&paper, &form);
    // What comes late, after the form was sent, begins no new one.
    if part == Some(Part::Words) || !paper.begun.is_blank() {
        take_in(&mut paper, part, &form);
        save(&web, &visit, &paper).await?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn load(web: &Web, visit: &Visit, plural: String) -> Result<Paper, Failure> {
    web.read(visit, Channel::Portal, move |session, caller| Paper::load(session, caller, &plural)).await
}

/// The step that a form is of; none when it holds all of them.
fn part_of(paper: &Paper, form: &Form) -> Option<Part> {
    let step = usize::try_from(form.number("step")?).ok()?;
    paper.parts().get(step.checked_sub(1)?).copied()
}

fn take_in(paper: &mut Paper, part: Option<Part>, form: &Form) {
    let mut names: Vec<String> = match part {
        Some(part) => paper.names(part),
        None => paper.parts().into_iter().flat_map(|part| paper.names(part)).collect(),
    };
    // What another page chose beforehand comes along with the first step.
    if part == Some(Part::Words) {
        let chosen = paper.rest.iter().filter(|field| page::is_begun_elsewhere(field) && form.has(field.key));
        names.extend(chosen.map(|field| field.key.to_owned()).collect::<Vec<_>>());
    }
    paper.begun.take(&names, form);
}

async fn save(web: &Web, visit: &Visit, paper: &Paper) -> Result<(), Failure> {
    let (begun, name) = (paper.begun.clone(), name_of(paper.process));
    web.write(visit, Channel::Portal, move |session, caller| begun.keep(session, caller, &name)).await
}

async fn forget(web: &Web, visit: &Visit, process: &'static Process) -> Result<(), Failure> {
    let name = name_of(process);
    web.write(visit, Channel::Portal, move |session, caller| door::forget(session, caller, &name)).await
}

/// The step that the first error belongs to, with all errors of that step.
async fn refused(web: &Web, visit: &Visit, paper: &Paper, mut refusal: Refusal) -> Result<Response, Failure> {
    let part = refusal.errors.first().map_or(Part::Details, |error| paper.part_of(error));
    refusal.errors.retain(|error| paper.part_of(error) == part);
    for error in &mut refusal.errors {
        let answer = format!("{}{}", paper::ANSWER, error.field);
        if part == Part::Questions && paper.names(part).contains(&answer) {
            error.field = answer;
        }
    }
    let form = paper.begun.form();
    let typed = refusal.errors.iter().any(|error| error.field == PERSON).then(|| form.filled(PERSON)).flatten();
    let typed = typed.map(str::to_owned);
    let namesakes = web.read(visit, Channel::Portal, move |session, caller| match &typed {
        Some(typed) => paper::namesakes(session, caller, typed),
        None => Ok(Vec::new()),
    });
    let beside = Beside { refused: Some(&refusal), namesakes: namesakes.await?, ..Beside::default() };
    Ok(paper.page(web, visit, part, &beside))
}

/// Whoever names somebody for whom they may not speak reads so beside the name.
fn no_right_is_an_answer(failure: Failure) -> Result<Refusal, Failure> {
    match failure {
        Failure::Refused(refusal, _) if refusal.why == Why::Forbidden && refusal.code == "not_yours" => {
            let says = "You cannot report this for them. Ask them to do it, or report it as your own.";
            Ok(Refusal {
                errors: vec![FieldError::new(PERSON, "not_yours", says)],
                ..Refusal::invalid("not_yours", says)
            })
        }
        other => other.for_form(),
    }
}

async fn send(web: &Web, visit: &Visit, paper: &Paper) -> Result<String, Failure> {
    let (process, fields) = (paper.process, paper.fields().collect::<Vec<_>>());
    let form = paper.begun.form();
    let other = paper.is_for_other(&form).then(|| form.filled(PERSON).unwrap_or_default().to_owned());
    let files: Vec<NewAttachment> = paper.begun.files.iter().map(Kept::attachment).collect();
    let opening = paper.opening();
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let mut opening = opening.clone();
        resolve(session, caller, fields.iter().copied(), &mut opening.values)?;
        if let Some(typed) = &other {
            let person = paper::person(session, caller, typed)?;
            opening.values.insert(spine::REQUESTER.def.key.to_owned(), person.into());
        }
        let view = records::open(session, caller, process, &opening)?;
        let number = view.record.value(spine::NUMBER.def.key).as_text().unwrap_or_default().to_owned();
        for file in &files {
            records::attach(session, caller, process, &number, file)?;
        }
        door::forget(session, caller, &name_of(process))?;
        Ok(number)
    };
    web.write(visit, Channel::Portal, work).await
}

/// Keeps what somebody had typed in a form whose session had ended, as soon as they are back.
///
/// # Errors
/// The database's.
pub async fn keep_for(web: &Web, session: &str, next: &str, kept: &str) -> Result<(), Failure> {
    let Some(plural) = next.strip_prefix("/portal/report/").and_then(|rest| rest.split('?').next()) else {
        return Ok(());
    };
    let Some(digest) = sessions::digest(web.entrance().key(), session) else { return Ok(()) };
    let (plural, form) = (plural.to_owned(), Form::of(address::pairs(kept))?);
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let mut paper = Paper::load(session, caller, &plural)?;
        let part = part_of(&paper, &form);
        take_in(&mut paper, part, &form);
        paper.begun.keep(session, caller, &name_of(paper.process))
    };
    Ok(web.desk().write(&Credential::Session(digest), Channel::Portal, work).await?)
}
