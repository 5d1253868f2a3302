//! Beginning a record in the portal: the table's own questions, on one page.

use std::collections::BTreeMap;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::records::{self, NewAttachment, Opening};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::{Invitation, Process, Question};
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::register::Entry;
use mainstay_engine::spine;
use mainstay_processes::registers;
use maud::{Markup, html};
use serde::Deserialize;

use super::frame::{At, Guest, Room, report_place, sheet};
use super::{home, lines, place_of};
use crate::components::{Choice, Control, Field, field, form_foot, token_field};
use crate::failure::{Failure, status_of};
use crate::fields::{Asking, Pickers, json_of, resolve};
use crate::flash::{Flash, go_on};
use crate::form::{Form, Upload};
use crate::pages::entrance::summary;
use crate::session::{Posted, Visit};
use crate::web::Web;

/// More services than this are chosen from a list that opens.
const MOST_IN_VIEW: usize = 8;
/// The name under which an answer is sent: this and the key of its field.
const ANSWER: &str = "answer.";

/// What another page fills in beforehand.
#[derive(Debug, Default, Deserialize)]
pub struct Begun {
    service: Option<String>,
}

/// All that the form asks, and of whom.
struct Paper {
    guest: Guest,
    process: &'static Process,
    invitation: Invitation,
    asked: Vec<&'static FieldDef>,
    custom: Vec<&'static FieldDef>,
    services: Vec<Entry>,
    pickers: Pickers,
}

impl Paper {
    fn load(session: &mut Session<'_>, caller: &Caller, plural: &str) -> mainstay_desk::Result<Self> {
        let guest = Guest::load(session, caller)?;
        let offer = guest.offers.iter().find(|(process, _)| process.plural == plural).copied();
        let (process, invitation) = offer.ok_or_else(|| Refusal::missing("form"))?;
        let asked = process.asks_requester.iter().filter_map(|key| process.field(key)).collect();
        let own = &session.config.process(process).custom;
        let custom: Vec<_> = own.iter().filter(|each| each.requester).map(|each| each.def).collect();
        let pickers = Pickers::load(session, caller, custom.iter().copied())?;
        let services = home::services(session, caller, &guest, usize::MAX)?;
        Ok(Self { guest, process, invitation, asked, custom, services, pickers })
    }

    fn fields(&self) -> impl Iterator<Item = &'static FieldDef> + '_ {
        self.asked.iter().chain(&self.custom).copied()
    }

    /// What the form says, in the words of the desk; beside it what it leaves unanswered.
    fn read(&self, form: &Form) -> (Opening, Vec<FieldError>) {
        let values = self.fields().map(|f| (f.key.to_owned(), json_of(f, form, f.key, &self.guest.zone)));
        let answer = |question: &Question| {
            let given = form.filled(&format!("{ANSWER}{}", question.field.key))?;
            Some((question.field.key.to_owned(), given.to_owned()))
        };
        let answers: BTreeMap<String, String> = self.process.questions.iter().filter_map(answer).collect();
        let open = self.process.questions.iter().filter(|question| !answers.contains_key(question.field.key));
        let errors = open.map(|q| {
            let says = format!("{} Choose what comes nearest.", q.words);
            FieldError::new(&format!("{ANSWER}{}", q.field.key), "required", says)
        });
        let errors = errors.collect();
        (Opening { values: values.collect(), answers, ..Opening::default() }, errors)
    }

    fn page(&self, web: &Web, visit: &Visit, form: &Form, refused: Option<&Refusal>) -> Response {
        let status = refused.map_or(StatusCode::OK, status_of);
        let body = self.form(visit, form, refused);
        let at = At::new(self.invitation.title, Room::Report).answered(status);
        self.guest.page(web, visit, &at, &sheet(self.invitation.title, &body))
    }

    fn form(&self, visit: &Visit, form: &Form, refused: Option<&Refusal>) -> Markup {
        let none = Vec::new();
        let errors = refused.map_or(&none, |refusal| &refusal.errors);
        let asking = Asking { pickers: &self.pickers, zone: &self.guest.zone, errors };
        let files = Field {
            help: Some("A picture of what you see often says most.".into()),
            ..Field::new("files", "Files", Control::File { multiple: true, limit: Some("Up to 25 MB each".into()) })
        };
        html! {
            form.form.portal-form method="post" action=(report_place(self.process)) enctype="multipart/form-data" {
                (token_field(visit.token()))
                (summary(refused))
                section.form-section {
                    h2 { "1. What happens?" }
                    div.form-grid { @for each in &self.asked { (field(&self.asked(&asking, each, form))) } }
                }
                @if !self.process.questions.is_empty() {
                    section.form-section {
                        h2 { "2. How bad is it?" }
                        div.form-grid { @for each in self.process.questions { (field(&question(each, form, errors))) } }
                    }
                }
                section.form-section {
                    h2 { @if self.process.questions.is_empty() { "2. " } @else { "3. " } "Anything else?" }
                    div.form-grid {
                        @for each in &self.custom { (field(&asking.field(each, &form.all(each.key)))) }
                        (field(&files))
                    }
                }
                (form_foot("Send", Some("/portal")))
            }
        }
    }

    /// A field under the question that its help asks.
    fn asked(&self, asking: &Asking<'_>, def: &'static FieldDef, form: &Form) -> Field<'static> {
        let given = form.all(def.key);
        let mut asked = asking.field(def, &given);
        asked.width = crate::components::Width::Full;
        if !def.help.is_empty() {
            asked.label = def.help.into();
            asked.help = None;
        }
        if def.register() == Some(registers::SERVICES.key) {
            asked.control = self.service_control(&given);
        }
        asked
    }

    fn service_control(&self, given: &[String]) -> Control<'static> {
        let few = self.services.len() <= MOST_IN_VIEW;
        let choice = |service: &Entry| {
            let (id, about) = (service.id.to_string(), service.text("description").unwrap_or_default());
            let chosen = given.contains(&id);
            let long =
                if few || about.is_empty() { service.name.clone() } else { format!("{}: {about}", service.name) };
            let help = (few && !about.is_empty()).then(|| about.to_owned().into());
            Choice { help, ..Choice::new(id, long, chosen) }
        };
        let mut options: Vec<Choice<'static>> = self.services.iter().map(choice).collect();
        if !few {
            return Control::Select { options, blank: Some("I do not know".into()) };
        }
        options.push(Choice::new("", "I do not know", given.iter().all(String::is_empty)));
        Control::Radios { options }
    }
}

/// A plain question with its answers.
fn question(question: &Question, form: &Form, errors: &[FieldError]) -> Field<'static> {
    let name = format!("{ANSWER}{}", question.field.key);
    let given = form.filled(&name).unwrap_or_default();
    let options = question.answers.iter().map(|answer| Choice::new(answer.key, answer.label, answer.key == given));
    let error = errors.iter().find(|error| error.field == name || error.field == question.field.key);
    Field {
        required: true,
        error: error.map(|error| error.detail.clone().into()),
        ..Field::new(name, question.words, Control::Radios { options: options.collect() })
    }
}

/// The empty form.
pub async fn ask(
    State(web): State<Web>,
    Path(plural): Path<String>,
    Query(begun): Query<Begun>,
    visit: Visit,
) -> Result<Response, Failure> {
    let paper = web.read(&visit, Channel::Portal, move |session, caller| Paper::load(session, caller, &plural)).await?;
    let service = begun.service.map(|id| (spine::SERVICE.def.key.to_owned(), id));
    Ok(paper.page(&web, &visit, &Form::of(service.into_iter().collect())?, None))
}

/// The filled form.
pub async fn take(State(web): State<Web>, Path(plural): Path<String>, posted: Posted) -> Result<Response, Failure> {
    let Posted { visit, form } = posted;
    // Nobody's files are taken in before it is known that they may come here.
    let paper = web.read(&visit, Channel::Portal, move |session, caller| Paper::load(session, caller, &plural)).await?;
    let (opening, errors) = paper.read(&form);
    if let Err(refusal) = Refusal::unless_empty(errors) {
        return Ok(paper.page(&web, &visit, &form, Some(&refusal)));
    }
    let files = keep(&web, &form.files).await?;
    let (process, fields) = (paper.process, paper.fields().collect::<Vec<_>>());
    let opened = web
        .write(&visit, Channel::Portal, move |session, caller| {
            let mut opening = opening.clone();
            resolve(session, caller, fields.iter().copied(), &mut opening.values)?;
            let view = records::open(session, caller, process, &opening)?;
            let number = view.record.value(spine::NUMBER.def.key).as_text().unwrap_or_default().to_owned();
            for file in &files {
                records::attach(session, caller, process, &number, file)?;
            }
            Ok((number, view.record))
        })
        .await;
    match opened {
        Ok((number, record)) => {
            let expected = lines::expected(&record, &paper.guest.zone, visit.now());
            let words = expected.map(|words| format!(" {words}.")).unwrap_or_default();
            Ok(go_on(&place_of(&number), Some(Flash::done(format!("Thank you. It is {number} here.{words}")))))
        }
        Err(failure) => Ok(paper.page(&web, &visit, &form, Some(&failure.for_form()?))),
    }
}

/// Stores files, to be named by rows afterwards.
///
/// # Errors
/// The blob store's.
pub async fn keep(web: &Web, files: &[Upload]) -> Result<Vec<NewAttachment>, Failure> {
    let mut kept = Vec::with_capacity(files.len());
    for file in files {
        let blob = web.desk().blobs().put(file.bytes.to_vec()).await?;
        kept.push(NewAttachment {
            name: file.name.clone(),
            media_type: file.media_type.clone(),
            size: blob.size,
            digest: blob.digest,
            internal: false,
        });
    }
    Ok(kept)
}
