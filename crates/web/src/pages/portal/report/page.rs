//! The pages of the form: one for each step, in words that need no explanation.

use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::troubles::Trouble;
use mainstay_engine::field::{FieldDef, Kind};
use mainstay_engine::process::Question;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::register::Entry;
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_processes::registers;
use mainstay_words::t;
use maud::Markup;

use super::super::frame::{At, Room, report_place, sheet};
use super::super::{lines, status};
use super::begun::Kept;
use super::paper::{ANSWER, OTHER, PERSON, Paper, Part, WHO, answer_name};
use crate::components::{
    Choice, Control, Field, PickerKind, Step, TextKind, Width, field, file_size, icon_small, request_list, stepper,
    token_field, update_button,
};
use crate::failure::status_of;
use crate::fields::Asking;
use crate::form::Form;
use crate::pages::entrance::summary;
use crate::session::Visit;
use crate::web::Web;

/// More services than this are chosen from a list that opens.
const MOST_IN_VIEW: usize = 8;

/// What a page of the form shows beside the form.
#[derive(Default)]
pub struct Beside<'a> {
    pub refused: Option<&'a Refusal>,
    /// The viewer's own open requests that may be the same.
    pub alike: Vec<Record>,
    /// Known trouble that may be what is reported.
    pub known: Vec<Trouble>,
    /// People whom a typed name may mean.
    pub namesakes: Vec<Entry>,
}

impl Part {
    const fn title(self) -> &'static str {
        match self {
            Self::Words => "What is wrong?",
            Self::Questions => "How bad is it?",
            Self::Details => "Check and send",
        }
    }
}

impl Paper {
    /// The page of a step.
    pub fn page(&self, web: &Web, visit: &Visit, part: Part, beside: &Beside<'_>) -> Response {
        let status = beside.refused.map_or(StatusCode::OK, status_of);
        let at = At::new(self.invitation.title, Room::Report).answered(status);
        self.guest.page(web, visit, &at, &sheet(self.invitation.title, &self.body(visit, part, beside)))
    }

    fn place(&self, part: Part) -> String {
        let number = self.parts().iter().position(|each| *each == part).unwrap_or_default() + 1;
        format!("{}?step={number}", report_place(self.process))
    }

    fn body(&self, visit: &Visit, part: Part, beside: &Beside<'_>) -> Markup {
        let parts = self.parts();
        let at = parts.iter().position(|each| *each == part).unwrap_or_default();
        let step = |index: usize| match index.cmp(&at) {
            std::cmp::Ordering::Less => Step::Done,
            std::cmp::Ordering::Equal => Step::Now,
            std::cmp::Ordering::Greater => Step::Ahead,
        };
        let steps: Vec<_> = parts.iter().enumerate().map(|(index, each)| (each.title(), step(index))).collect();
        let files = part == Part::Details;
        html! {
            div.portal-steps { (stepper("Steps", &steps)) }
            (status::known(&beside.known, visit, &self.guest.zone))
            (self.similar(part, beside, visit.now()))
            form.form.portal-form method="post" action=(report_place(self.process)) enctype=[files.then_some("multipart/form-data")]
                data-keep={ (report_place(self.process)) "/keep" } {
                (token_field(visit.token()))
                input type="hidden" name="step" value=(at + 1);
                // What the enter key presses, whatever buttons stand among the questions.
                button.sr type="submit" name="go" value="next" tabindex="-1" aria-hidden="true" {}
                (summary(beside.refused))
                section.card.portal-card aria-labelledby="step" {
                    h2 #step { (t(part.title())) }
                    @match part {
                        Part::Words => (self.words_form(beside)),
                        Part::Questions => (self.questions_form(beside)),
                        Part::Details => (self.details_form(beside)),
                    }
                }
                div.form-foot.portal-foot {
                    button.btn.btn-primary.btn-l type="submit" name="go" value="next" { @if files { "Send" } @else { "Continue" } }
                    @if at > 0 { button.btn.btn-l type="submit" formnovalidate name="go" value="back" { "Back" } }
                    @if !self.begun.is_blank() {
                        button.btn.btn-l.btn-ghost type="submit" formnovalidate name="go" value="discard" { "Throw it away" }
                    }
                    span.small.kept role="status" data-kept {}
                }
            }
        }
    }

    /// What may be the same, so that nobody has to write it twice: asked once, right after the words.
    fn similar(&self, part: Part, beside: &Beside<'_>, now: i64) -> Markup {
        if beside.alike.is_empty() || self.parts().get(1) != Some(&part) {
            return Markup::default();
        }
        let rows: Vec<_> = beside.alike.iter().map(|record| lines::row(record, &self.guest.zone, now)).collect();
        html! {
            section.portal-alike aria-labelledby="alike" {
                h2 #alike { "Is it one of these? You have reported them already." }
                p.small { "If so, open it and add what is new. If not, just go on." }
                (request_list(&rows))
            }
        }
    }

    fn asking<'a>(&'a self, errors: &'a [FieldError]) -> Asking<'a> {
        Asking { pickers: &self.pickers, zone: &self.guest.zone, errors }
    }

    fn words_form(&self, beside: &Beside<'_>) -> Markup {
        let form = self.begun.form();
        let asking = self.asking(errors(beside.refused));
        html! {
            div.form-grid { @for each in &self.words { (field(&self.asked(&asking, each, &form))) } }
            // What another page has chosen beforehand goes along.
            @for each in self.rest.iter().filter(|field| is_begun_elsewhere(field)) {
                @if let Some(chosen) = form.filled(each.key) { input type="hidden" name=(each.key) value=(chosen); }
            }
        }
    }

    fn questions_form(&self, beside: &Beside<'_>) -> Markup {
        let form = self.begun.form();
        html! {
            p.quoted dir="auto" { (form.get(spine::TITLE.def.key).unwrap_or_default()) }
            div.form-grid { @for each in self.process.questions { (field(&question(each, &form, errors(beside.refused)))) } }
        }
    }

    fn details_form(&self, beside: &Beside<'_>) -> Markup {
        let form = self.begun.form();
        let asking = self.asking(errors(beside.refused));
        html! {
            (self.review(&form))
            @if !self.decisive.is_empty() { (update_button("go", "update")) }
            div.form-grid #asked {
                @for each in self.last() { (field(&self.asked(&asking, each, &form))) }
                (files_field(&self.begun.files))
                @if self.acts_for_others { (self.whose(&form, beside)) }
            }
        }
    }

    /// What was written in the steps before, each with the way back to it.
    fn review(&self, form: &Form) -> Markup {
        let words = self.words.iter().filter_map(|field| Some((label(field), form.filled(field.key)?)));
        let answer = |q: &'static Question| {
            let given = form.filled(&answer_name(q))?;
            Some((q.words, t(q.answers.iter().find(|each| each.key == given)?.label)))
        };
        let line = |(asked, said): (&str, &str), part: Part| {
            html! {
                dt { (t(asked)) }
                dd { span.said dir="auto" { (said) } " " a.link href=(self.place(part)) { "Change this" span.sr { ": " (t(asked)) } } }
            }
        };
        // What was chosen on another page stands below among many others.
        let service = self.chosen_service(form).map(|(field, name)| (label(field), name));
        html! {
            dl.portal-facts.portal-review {
                @for each in words { (line(each, Part::Words)) }
                @for each in self.process.questions.iter().filter_map(answer) { (line(each, Part::Questions)) }
                @if let Some((asked, name)) = service {
                    dt { (t(asked)) }
                    dd { span.said dir="auto" { (name) } " " a.link href="#asked" { "Change this" span.sr { ": " (t(asked)) } } }
                }
            }
        }
    }

    /// The service that it is about, with the field that asks for it.
    fn chosen_service(&self, form: &Form) -> Option<(&'static FieldDef, &str)> {
        let field = self.last().find(|field| field.register() == Some(registers::SERVICES.key))?;
        let chosen = form.filled(field.key)?;
        let service = self.services.iter().find(|service| service.id.to_string() == chosen)?;
        Some((field, &service.name))
    }

    /// Whose matter it is, where the viewer may speak for others.
    fn whose(&self, form: &Form, beside: &Beside<'_>) -> Markup {
        let other = self.is_for_other(form);
        let options = vec![Choice::new("", "Me", !other), Choice::new(OTHER, "Somebody else", other)];
        let typed = form.get(PERSON).unwrap_or_default().to_owned();
        let error = errors(beside.refused).iter().find(|error| error.field == PERSON);
        let picked = (!typed.is_empty()).then(|| crate::components::Picked { value: typed.into(), label: "".into() });
        let control = if !self.reads_directory {
            let value = form.get(PERSON).unwrap_or_default().to_owned().into();
            Control::Text { value, kind: TextKind::Plain, max_length: Some(200) }
        } else if beside.namesakes.is_empty() {
            let source = Some(format!("/pick/{}", registers::PEOPLE.key).into());
            Control::Picker { kind: PickerKind::Person, picked, options: Vec::new(), source }
        } else {
            let choice = |each: &Entry| Choice {
                help: Some(each.key.clone().into()),
                ..Choice::new(each.key.clone(), each.name.clone(), false)
            };
            Control::Radios { options: beside.namesakes.iter().map(choice).collect() }
        };
        let person = Field {
            help: Some("Name or e-mail address; only if it is not yours.".into()),
            error: error.map(|error| error.detail.clone().into()),
            ..Field::new(PERSON, "Who is it, if somebody else?", control)
        };
        let who = Field { required: true, ..Field::new(WHO, "Whose problem is it?", Control::Radios { options }) };
        html! { (field(&who)) (field(&person)) }
    }

    /// A field under the question that its help asks.
    fn asked(&self, asking: &Asking<'_>, def: &'static FieldDef, form: &Form) -> Field<'static> {
        let given = form.all(def.key);
        let mut asked = asking.sent(def, form);
        asked.width = Width::Full;
        asked.label = label(def).into();
        asked.updates_form = self.decisive.iter().any(|key| key == def.key);
        if !def.help.is_empty() {
            asked.help = None;
        }
        if def.register() == Some(registers::SERVICES.key) {
            asked.control = self.service_control(&given);
        }
        if let Control::Markdown { rows, .. } = &mut asked.control {
            *rows = 6;
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

/// Whether another page may choose its value before the form begins.
pub fn is_begun_elsewhere(def: &FieldDef) -> bool {
    matches!(def.kind, Kind::Ref(_))
}

/// The question that a field is asked with.
pub fn label(def: &'static FieldDef) -> &'static str {
    if def.help.is_empty() { def.label } else { def.help }
}

fn errors(refused: Option<&Refusal>) -> &[FieldError] {
    refused.map_or(&[], |refusal| refusal.errors.as_slice())
}

/// A plain question with its answers.
pub fn question(question: &Question, form: &Form, errors: &[FieldError]) -> Field<'static> {
    asked_as(answer_name(question), question, form, errors)
}

/// The same under a name of one's choice.
pub fn asked_as(name: String, question: &Question, form: &Form, errors: &[FieldError]) -> Field<'static> {
    let given = form.filled(&name).unwrap_or_default();
    let options = question.answers.iter().map(|answer| Choice::new(answer.key, answer.label, answer.key == given));
    let plain = name.strip_prefix(ANSWER).unwrap_or(&name);
    let error = errors.iter().find(|error| error.field == name || error.field == plain);
    let error = error.map(|error| error.detail.clone().into());
    Field { required: true, error, ..Field::new(name, question.words, Control::Radios { options: options.collect() }) }
}

/// Files from the device, a photo from the camera of a phone, and what is there already.
fn files_field(kept: &[Kept]) -> Markup {
    let size = |file: &Kept| file_size(u64::try_from(file.size).unwrap_or_default());
    html! {
        div.field role="group" aria-labelledby="files-label" {
            span.field-label #files-label { "Pictures and files" span.optional { "optional" } }
            p.field-help #files-help { "A picture of what you see often says most. Up to 25 MB together." }
            @if !kept.is_empty() {
                ul.kept-files aria-label="Files that go along" {
                    @for (index, file) in kept.iter().enumerate() {
                        li {
                            (icon_small("paperclip"))
                            span.grow.clip dir="auto" { (file.name) }
                            span.small { (size(file)) }
                            button.btn.btn-s type="submit" formnovalidate name="go" value={ "remove." (index) } { "Remove" span.sr { ": " (file.name) } }
                        }
                    }
                }
            }
            (file_ways())
        }
    }
}

/// The ways by which files come along: from the device, and where there is one to point with a finger at, its camera.
pub fn file_ways() -> Markup {
    html! {
        div.file-ways {
            label.file-way.files { span { "Choose files" } input.control #field-files type="file" name="files" multiple aria-describedby="files-help"; }
            label.file-way.camera { span { "Take a photo" } input.control type="file" name="files" accept="image/*" capture="environment"; }
        }
    }
}
