//! Words that are another matter: the form by which they become a record of their own.

use axum::response::Response;
use mainstay_desk::records::{self, Split};
use mainstay_desk::{Caller, Session};
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::Process;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_store::hangings::{AttachmentRow, CommentRow};
use mainstay_words::tf;
use maud::Markup;

use super::activity::tile;
use super::here::{Again, Here, Sent};
use crate::components::{Choice, Control, Field, attachments, field, form_foot, token_field};
use crate::failure::Failure;
use crate::fields::{Asking, Pickers};
use crate::flash::{Flash, go_on};
use crate::markdown;
use crate::pages::frame::Frame;

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
pub async fn ask(here: Here) -> Result<Response, Failure> {
    page(&here, Again::default()).await
}

/// `POST /{plural}/{number}/comments/{id}/split`
pub async fn take(Sent { here, form }: Sent) -> Result<Response, Failure> {
    let (process, number, comment) = (here.process, here.number.clone(), here.id);
    let into = form.filled("process").and_then(mainstay_processes::process).unwrap_or(process);
    let split = Split { title: form.get(TITLE.key).unwrap_or_default().to_owned(), into };
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let view = records::split(session, caller, process, &number, comment, &split)?;
        Ok(view.record.value(spine::NUMBER.def.key).as_text().unwrap_or_default().to_owned())
    };
    match here.write(work).await? {
        Ok(new) => {
            let number = &here.number;
            let says = format!("{new} is open and linked to {number}.");
            Ok(go_on(&here.beside(into, &new), Some(Flash::done(says))))
        }
        Err(refusal) => page(&here, Again::of(&form, &refusal)).await,
    }
}

async fn page(here: &Here, again: Again<'_>) -> Result<Response, Failure> {
    let shown = load(here).await?;
    let title = tf("Split words off {number}", &[("number", &here.number)]);
    Ok(here.page(&shown.frame, &title, "", again, &shown.form(here, again)))
}

async fn load(here: &Here) -> Result<Shown, Failure> {
    let (number, process, comment) = (here.number.clone(), here.process, here.id);
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
    here.read(work).await
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
    fn form(&self, here: &Here, again: Again<'_>) -> Markup {
        let pickers = Pickers::default();
        let asking = Asking { pickers: &pickers, zone: &self.frame.zone, errors: again.errors() };
        let title = again.given(&TITLE, || vec![suggested(&self.comment.body)]);
        let chosen = again.form().and_then(|form| form.get("process")).unwrap_or(here.process.key);
        let kinds = self.processes.iter().map(|each| Choice::new(each.key, each.label, each.key == chosen)).collect();
        let kind = Field::new("process", "It becomes", Control::Select { options: kinds, blank: None }).answered();
        html! {
            form.form method="post" action=(here.at(&format!("/comments/{}/split", self.comment.id))) {
                (again.summary())
                (token_field(here.visit.token()))
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
                (form_foot("Split off", Some(&here.at(""))))
            }
        }
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
