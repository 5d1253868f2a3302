//! Words that are another matter: the form by which they become a record of their own.

use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::records::{self, Split};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::Process;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_store::hangings::{AttachmentRow, CommentRow};
use mainstay_words::tf;

use super::activity::tile;
use super::back;
use super::form::{Page, Wrong};
use crate::components::{Choice, Control, Field, attachments, field, form_foot, token_field};
use crate::failure::{Failure, status_of};
use crate::fields::{Asking, Pickers};
use crate::flash::{Flash, go_on};
use crate::form::Form;
use crate::markdown;
use crate::pages::frame::{Frame, Place};
use crate::session::{Posted, Visit};
use crate::web::Web;

const TITLE: FieldDef = spine::TITLE.def;
/// Longest suggested title, in characters.
const SUGGESTED: usize = 80;

/// What the page shows.
struct Shown {
    frame: Frame,
    comment: CommentRow,
    files: Vec<AttachmentRow>,
    /// What it can become.
    processes: Vec<&'static Process>,
}

/// `GET /{plural}/{number}/comments/{id}/split`
pub async fn ask(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    Path((number, comment)): Path<(String, i64)>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Result<Response, Failure> {
    let shown = load(&web, &visit, process, &number, comment).await?;
    Ok(shown.page(&web, &visit, process, &number, query.as_deref(), None))
}

/// `POST /{plural}/{number}/comments/{id}/split`
pub async fn take(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    Path((number, comment)): Path<(String, i64)>,
    RawQuery(query): RawQuery,
    Posted { visit, form }: Posted,
) -> Result<Response, Failure> {
    let into = form.filled("process").and_then(mainstay_processes::process).unwrap_or(process);
    let split = Split { title: form.get(TITLE.key).unwrap_or_default().to_owned(), into };
    let at = number.clone();
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let view = records::split(session, caller, process, &at, comment, &split)?;
        Ok(view.record.value(spine::NUMBER.def.key).as_text().unwrap_or_default().to_owned())
    };
    match web.write(&visit, Channel::Desk, work).await.map_err(Failure::for_form) {
        Ok(new) => {
            let says = format!("{new} is open and linked to {number}.");
            Ok(go_on(&back(into, &new, "", query.as_deref()), Some(Flash::done(says))))
        }
        Err(Ok(refusal)) => {
            let shown = load(&web, &visit, process, &number, comment).await?;
            Ok(shown.page(&web, &visit, process, &number, query.as_deref(), Some((&form, &refusal))))
        }
        Err(Err(failure)) => Err(failure),
    }
}

async fn load(
    web: &Web,
    visit: &Visit,
    process: &'static Process,
    number: &str,
    comment: i64,
) -> Result<Shown, Failure> {
    let number = number.to_owned();
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let frame = Frame::load(session, caller)?;
        let comment = records::splittable(session, caller, process, &number, comment)?;
        let files = records::attachments(session, caller, process, &number)?;
        let files = files.into_iter().filter(|file| records::came_with(file, &comment)).collect();
        let open = |process: &&'static Process| {
            caller.rights.may_somewhere(process.key, "create") && session.config.process(process).enabled
        };
        let processes: Vec<_> = mainstay_processes::ALL.iter().copied().filter(open).collect();
        if processes.is_empty() {
            return Err(Refusal::forbidden("no_right", "You may not open records.").into());
        }
        Ok(Shown { frame, comment, files, processes })
    };
    web.read(visit, Channel::Desk, work).await
}

/// The first words, as a title to begin with.
fn suggested(body: &str) -> String {
    let line = body.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let line = line.trim_start_matches(['#', '>', '*', '-', ' ']);
    if line.chars().count() <= SUGGESTED {
        return line.to_owned();
    }
    let cut: String = line.chars().take(SUGGESTED).collect();
    cut.rsplit_once(' ').map_or(cut.clone(), |(whole, _)| whole.to_owned())
}

impl Shown {
    fn page(
        &self,
        web: &Web,
        visit: &Visit,
        process: &'static Process,
        number: &str,
        query: Option<&str>,
        refused: Option<(&Form, &Refusal)>,
    ) -> Response {
        let refusal = refused.map(|(_, refusal)| refusal);
        let errors = refusal.map(|refusal| refusal.errors.as_slice()).unwrap_or_default();
        let pickers = Pickers::default();
        let asking = Asking { pickers: &pickers, zone: &self.frame.zone, errors };
        let title = refused.map_or_else(|| vec![suggested(&self.comment.body)], |(form, _)| form.all(TITLE.key));
        let chosen = refused.and_then(|(form, _)| form.get("process")).unwrap_or(process.key);
        let kinds = self.processes.iter().map(|each| Choice::new(each.key, each.label, each.key == chosen)).collect();
        let kind = Field::new("process", "It becomes", Control::Select { options: kinds, blank: None }).answered();
        let body = html! {
            form.form method="post" action=(back(process, number, &format!("/comments/{}/split", self.comment.id), query)) {
                (Wrong { refusal }.summary())
                (token_field(visit.token()))
                div.form-grid {
                    (field(&asking.field(&TITLE, &title)))
                    @if self.processes.len() > 1 { (field(&kind)) }
                }
                section.card aria-labelledby="split-words" {
                    h2 #split-words .card-title { @if self.comment.internal { "The note goes along" } @else { "These words begin it" } }
                    div.prose dir="auto" { (markdown::render(&self.comment.body)) }
                    @if !self.files.is_empty() { (attachments(&self.files.iter().map(tile).collect::<Vec<_>>())) }
                }
                p.quiet { "Requester and service stay the same, and both records are linked." }
                (form_foot("Split off", Some(&back(process, number, "", query))))
            }
        };
        let name = tf("Split words off {number}", &[("number", &number)]);
        let status = refusal.map_or(StatusCode::OK, status_of);
        let (above, place) = ((number, back(process, number, "", query)), Place::Process(process.key));
        Page { frame: &self.frame, title: &name, above, place, status }.respond(web, visit, &body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_the_first_line_cut_at_a_word() {
        assert_eq!(suggested("\n> Also, the printer hums.\nMore"), "Also, the printer hums.");
        let long = suggested(&"word ".repeat(40));
        assert!(long.chars().count() <= SUGGESTED && long.ends_with("word"), "{long}");
    }
}
