//! One entry: shown, made, changed, retired and restored.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::registers::{self as door, EntryDraft};
use mainstay_desk::{Caller, Channel, Session, merging};
use mainstay_engine::field::FieldDef;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::register::{Entry, Register};
use mainstay_markup::html;
use mainstay_processes::registers::{CALENDARS, CUSTOM_FIELDS, MERGED_INTO, PEOPLE, ROLES, calendar_of};
use mainstay_words::{inside, t, tf};
use maud::Markup;

use super::desk::{Desk, ENTRY, Sheet, place};
use super::draft::{Draft, tidied, values};
use super::editor::{Editor, Vocabulary, gives_values};
use super::preview::Preview;
use super::stated::{ASKED, Stated, concluded, conditions, has_conditions, is_condition, turns};
use super::{register_of, view_as};
use crate::components::{
    Banner, Control, Field, TextKind, Weight, banner, field, form_foot, moment, token_field, update_button,
};
use crate::failure::{Failure, status_of};
use crate::fields::rows::turned;
use crate::fields::{Pickers, UPDATE, asked_again, resolve};
use crate::flash::{Flash, go_on};
use crate::form::Form;
use crate::pages::entrance::{button_form, summary};
use crate::session::{Posted, Visit};
use crate::web::Web;

/// What the pages of an entry are made of. There is none yet for a new one.
struct Paper {
    desk: Desk,
    register: &'static Register,
    entry: Option<Entry>,
    draft: Draft,
    pickers: Pickers,
    vocabulary: Vocabulary,
    stated: Vec<Stated>,
    preview: Option<Preview>,
    hours: Option<Hours>,
    /// Whoever turned out to be this person.
    merged: Vec<Entry>,
}

/// Whether a calendar counts service time now, and when it does next.
struct Hours {
    open: bool,
    next: Option<i64>,
}

impl Paper {
    fn load(
        session: &mut Session<'_>,
        caller: &Caller,
        register: &'static Register,
        id: Option<i64>,
        form: Option<&Form>,
    ) -> mainstay_desk::Result<Self> {
        let desk = Desk::load(session, caller, Some(register))?;
        let entry = match id {
            Some(id) => Some(door::get(session.conn, caller, register, id)?),
            None => None,
        };
        let sent = form.and_then(|form| form.filled("process"));
        let about = sent.or_else(|| entry.as_ref().and_then(|entry| entry.text("process")));
        // With a single process there is nothing to choose before the words are known.
        let only = if let [only] = mainstay_processes::ALL { Some(*only) } else { None };
        let process = about.and_then(mainstay_processes::process).or(only);
        let calendar =
            entry.as_ref().filter(|_| register.key == CALENDARS.key).and_then(|e| calendar_of(&e.values).ok());
        let hours = calendar.map(|c| Hours { open: c.is_open(session.now), next: c.next_open(session.now) });
        let draft = match (form, &entry) {
            (Some(form), _) => Draft::sent(register, form),
            (None, Some(entry)) => Draft::of(register, entry, &caller.zone()),
            (None, None) => Draft::blank(),
        };
        let mut stated = Vec::new();
        if let Some(process) = process {
            for condition in conditions(register, &draft) {
                stated.push(Stated::load(session, caller, register, process, condition, form)?);
            }
        }
        let preview =
            if register.key == CUSTOM_FIELDS.key { Some(Preview::load(session, caller, process, form)?) } else { None };
        let merged = match &entry {
            Some(entry) if register.key == PEOPLE.key => merging::went_into(session, caller, entry.id)?,
            _ => Vec::new(),
        };
        let vocabulary = Vocabulary::of(session, process);
        let picked: Vec<&FieldDef> = vocabulary.picked(register, &draft).collect();
        let pickers = Pickers::load(session, caller, register.fields.iter().chain(picked))?;
        Ok(Self { desk, register, entry, draft, pickers, vocabulary, stated, preview, hours, merged })
    }

    fn page(&self, web: &Web, visit: &Visit, status: StatusCode, refused: Option<&Refusal>) -> Response {
        let body = html! {
            (self.now(visit.now()))
            @if self.register.key == ROLES.key { p.quiet { a.link href="/admin/permissions" { "All roles and their permissions in one table" } } }
            (self.form(visit, refused))
            @if let Some(entry) = &self.entry {
                (self.other_entries())
                (self.looking(visit, entry))
                (self.ending(visit, entry))
            }
        };
        let new = tf("New {register}", &[("register", &inside(self.register.label))]);
        let sheet = match &self.entry {
            Some(entry) => Sheet::of(&self.desk, self.register, entry, ENTRY, body),
            None => Sheet {
                above: vec![(self.register.label_plural, format!("/admin/{}", self.register.key))],
                ..Sheet::new(&new, body)
            },
        };
        self.desk.page(web, visit, &Sheet { status, ..sheet })
    }

    fn may_write(&self) -> bool {
        // Whoever may not change the register may still have entries of their own in it; the desk decides.
        self.desk.manages || self.register.key == mainstay_processes::registers::VIEWS.key
    }

    /// Whether an answer of the form changes its questions.
    fn asks_again(&self) -> bool {
        let states = |field: &FieldDef| {
            is_condition(self.register, field) || has_conditions(self.register, field) || gives_values(field)
        };
        self.register.fields.iter().any(states)
    }

    fn form(&self, visit: &Visit, refused: Option<&Refusal>) -> Markup {
        let (draft, none) = (&self.draft, Vec::new());
        let errors = refused.map_or(&none, |refusal| &refusal.errors);
        let editor = Editor {
            register: self.register,
            pickers: &self.pickers,
            vocabulary: &self.vocabulary,
            zone: &self.desk.frame.zone,
            errors,
            stated: &self.stated,
            locked: !self.may_write(),
        };
        let back = format!("/admin/{}", self.register.key);
        let action = self.entry.as_ref().map_or_else(|| format!("{back}/new"), |entry| place(self.register, entry.id));
        let reason = Control::Text { value: draft.reason.clone().into(), kind: TextKind::Plain, max_length: Some(255) };
        html! {
            @if self.may_write() {
                form.form.admin-form method="post" action=(action) {
                    // The key Enter sends the form by its first button, which must not be one that removes a row.
                    button.sr type="submit" tabindex="-1" aria-hidden="true" { "Save" }
                    (token_field(visit.token()))
                    input type="hidden" name="version" value=(draft.version);
                    (summary(refused))
                    turbo-frame #(ASKED) target="_top" {
                        // Whatever is said of a field shows in its preview.
                        div.form-parts data-updates-form[self.preview.is_some()] {
                            (editor.fields(draft))
                            @if let Some(preview) = &self.preview { (preview.shown(draft, &self.desk.frame.zone)) }
                        }
                    }
                    @if self.asks_again() { div.btn-row { (update_button(UPDATE, "1")) } }
                    section.form-section {
                        (field(&Field { help: Some("Kept in the history".into()), ..Field::new("reason", "Reason for the change", reason) }))
                    }
                    (form_foot(if self.entry.is_some() { "Save" } else { "Create" }, Some(&back)))
                }
            } @else {
                div.form.admin-form { (editor.fields(draft)) }
            }
        }
    }

    /// The entries in whose place this one goes on.
    fn other_entries(&self) -> Markup {
        html! {
            @if !self.merged.is_empty() {
                section.form-section {
                    h2 { "Merged into this person" }
                    ul.card.news {
                        @for each in &self.merged {
                            li { a.name href={ (place(self.register, each.id)) "/history" } dir="auto" { (each.name) } " " bdi.quiet { (each.text("email").unwrap_or_default()) } }
                        }
                    }
                }
            }
        }
    }

    /// What somebody sees is best judged by looking.
    fn looking(&self, visit: &Visit, entry: &Entry) -> Markup {
        let (label, text) = match self.register.key {
            key if key == PEOPLE.key => (
                "Look as this person",
                "You see what they see, and can change nothing meanwhile. What they have not sent, and their own account, stay theirs.",
            ),
            key if key == ROLES.key => (
                "Look with this role",
                "You see what somebody with this role alone sees, in your organisation and teams, and can change nothing meanwhile.",
            ),
            _ => return Markup::default(),
        };
        if !self.desk.manages_people || !entry.active || entry.id == self.desk.frame.me {
            return Markup::default();
        }
        html! {
            section.form-section {
                h2 { "View as" }
                p.quiet { (t(text)) }
                p.quiet { "The log says that you did." }
                div.btn-row { (view_as::button(entry.id, visit.token(), label)) }
            }
        }
    }

    /// Nothing is ever deleted: an entry leaves use, and may come back.
    fn ending(&self, visit: &Visit, entry: &Entry) -> Markup {
        if !self.desk.manages {
            return Markup::default();
        }
        let act = if entry.active { "retire" } else { "restore" };
        let (label, text) = if entry.active {
            ("Retire", "Retired, it can no longer be chosen. What refers to it keeps it.")
        } else {
            ("Restore", "Restored, it can be chosen again.")
        };
        html! {
            section.form-section {
                h2 { (label) }
                p.quiet { (t(text)) }
                div.btn-row { (button_form(&format!("{}/{act}", place(self.register, entry.id)), visit.token(), label, entry.active)) }
            }
        }
    }

    fn now(&self, now: i64) -> Markup {
        let Some(hours) = &self.hours else { return Markup::default() };
        let zone = &self.desk.frame.zone;
        let next = hours.next.filter(|_| !hours.open);
        banner(&Banner {
            weight: if hours.open { Weight::Success } else { Weight::Info },
            title: if hours.open { "Service time counts now" } else { "No service time now" }.into(),
            action: next.map(|next| html! { span { "Next from" " " (moment(next, zone, now)) } }),
            slim: true,
            ..Banner::default()
        })
    }
}

async fn paper(
    web: &Web,
    visit: &Visit,
    register: &'static Register,
    id: Option<i64>,
    form: Option<&Form>,
) -> Result<Paper, Failure> {
    let sent = form.cloned();
    let load =
        move |session: &mut Session<'_>, caller: &Caller| Paper::load(session, caller, register, id, sent.as_ref());
    web.read(visit, Channel::Desk, load).await
}

/// `GET /admin/{register}/new`
pub async fn begin(State(web): State<Web>, Path(key): Path<String>, visit: Visit) -> Result<Response, Failure> {
    let register = register_of(&key)?;
    let paper = paper(&web, &visit, register, None, None).await?;
    if !paper.may_write() {
        let says = format!("You may not make new {}.", register.label_plural.to_lowercase());
        return Err(Refusal::forbidden("no_right", says).into());
    }
    Ok(paper.page(&web, &visit, StatusCode::OK, None))
}

/// `GET /admin/{register}/{id}`
pub async fn show(
    State(web): State<Web>,
    Path((key, id)): Path<(String, i64)>,
    visit: Visit,
) -> Result<Response, Failure> {
    let register = register_of(&key)?;
    let paper = paper(&web, &visit, register, Some(id), None).await?;
    // Whoever turned out to be somebody else is met there.
    if let Some(kept) = paper.entry.as_ref().and_then(|entry| entry.int(MERGED_INTO.def.key)) {
        let name = paper.entry.as_ref().map(|entry| entry.name.clone()).unwrap_or_default();
        return Ok(go_on(
            &place(register, kept),
            Some(Flash::done(tf("{name} was merged into this person", &[("name", &name)]))),
        ));
    }
    Ok(paper.page(&web, &visit, StatusCode::OK, None))
}

/// `POST /admin/{register}/new`
pub async fn create(State(web): State<Web>, Path(key): Path<String>, posted: Posted) -> Result<Response, Failure> {
    write(&web, register_of(&key)?, None, posted).await
}

/// `POST /admin/{register}/{id}`
pub async fn save(
    State(web): State<Web>,
    Path((key, id)): Path<(String, i64)>,
    posted: Posted,
) -> Result<Response, Failure> {
    write(&web, register_of(&key)?, Some(id), posted).await
}

async fn write(web: &Web, register: &'static Register, id: Option<i64>, posted: Posted) -> Result<Response, Failure> {
    let Posted { visit, form } = posted;
    // Nothing is saved by a button that turns the form, so its answer is no success; and only so it is shown.
    let row = turned(&form, register.fields).map(|form| (form, StatusCode::UNPROCESSABLE_ENTITY));
    let again = row.or_else(|| (turns(&form) || form.has(UPDATE)).then(|| (form.clone(), asked_again(&form))));
    if let Some((form, status)) = again {
        let paper = paper(web, &visit, register, id, Some(&form)).await?;
        return Ok(paper.page(web, &visit, status, None));
    }
    let form = tidied(register, &form);
    // Whoever may not see the page may not send it either.
    let paper = paper(web, &visit, register, id, Some(&form)).await?;
    let sent = form.clone();
    let written = web.write(&visit, Channel::Desk, move |session, caller| {
        let form = concluded(session, caller, register, &sent)?;
        let mut entry = EntryDraft {
            name: Some(form.get("name").unwrap_or_default().to_owned()),
            values: values(register, &form, &caller.zone()),
            reason: form.filled("reason").map(str::to_owned),
            ..EntryDraft::default()
        };
        resolve(session, caller, register.fields, &mut entry.values)?;
        match id {
            Some(id) => door::update(session, caller, register, id, form.number("version").unwrap_or_default(), &entry),
            None => door::create(session, caller, register, &entry),
        }
    });
    match written.await {
        Ok(entry) => {
            let words = format!("{} saved", entry.name);
            Ok(go_on(&place(register, entry.id), Some(Flash::done(words))))
        }
        Err(failure) => {
            let refusal = failure.for_form()?;
            Ok(paper.page(web, &visit, status_of(&refusal), Some(&refusal)))
        }
    }
}

/// `POST /admin/{register}/{id}/retire`
pub async fn retire(
    State(web): State<Web>,
    Path((key, id)): Path<(String, i64)>,
    posted: Posted,
) -> Result<Response, Failure> {
    turn(&web, register_of(&key)?, id, &posted.visit, false).await
}

/// `POST /admin/{register}/{id}/restore`
pub async fn restore(
    State(web): State<Web>,
    Path((key, id)): Path<(String, i64)>,
    posted: Posted,
) -> Result<Response, Failure> {
    turn(&web, register_of(&key)?, id, &posted.visit, true).await
}

async fn turn(
    web: &Web,
    register: &'static Register,
    id: i64,
    visit: &Visit,
    active: bool,
) -> Result<Response, Failure> {
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let version = door::get(session.conn, caller, register, id)?.version;
        let draft = EntryDraft { active: Some(active), ..EntryDraft::default() };
        door::update(session, caller, register, id, version, &draft)
    };
    let entry = web.write(visit, Channel::Desk, work).await?;
    let words = format!("{} {}", entry.name, if active { "is in use again" } else { "is retired" });
    Ok(go_on(&place(register, id), Some(Flash::done(words))))
}
