//! Templates and macros beside the composer, and the page on which a macro is looked at before it is applied.

use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::records::{self, Given, Macro, Template};
use mainstay_desk::{Caller, Session};
use mainstay_engine::refusal::Refusal;
use mainstay_engine::value::Value;
use mainstay_markup::html;
use mainstay_words::{t, tf};
use maud::Markup;

use super::here::{Again, Here, Sent};
use super::sheet::Sheet;
use super::telling::learn_ids;
use crate::components::{
    Banner, Control, Field, Menu, MenuItem, Trigger, Weight, Width, banner, field, form_foot, menu, token_field,
};
use crate::failure::Failure;
use crate::flash::{Flash, go_on};
use crate::pages::frame::Frame;
use crate::shown::Reader;

/// The menu of the composer; nothing where nothing is at hand.
pub fn tools(sheet: &Sheet, templates: &[Template], macros: &[Macro]) -> Option<Markup> {
    if templates.is_empty() && macros.is_empty() {
        return None;
    }
    let mut items = Vec::new();
    if !templates.is_empty() {
        items.push(MenuItem::Title(t("Templates").to_owned().into()));
    }
    let link = |label: &str, rest: String| MenuItem::Link {
        label: label.to_owned().into(),
        href: sheet.beside(&rest).into(),
        icon: None,
        current: false,
    };
    items.extend(templates.iter().map(|each| link(&each.name, format!("/templates/{}", each.id))));
    if !macros.is_empty() {
        items.push(MenuItem::Title(t("Macros").to_owned().into()));
    }
    items.extend(macros.iter().map(|each| link(&each.name, format!("/macros/{}", each.id))));
    Some(menu(&Menu {
        id: "ready".into(),
        trigger: Trigger::Icon { icon: "zap", label: t("Templates and macros").to_owned().into() },
        items,
        end: false,
        token: "".into(),
    }))
}

/// `GET /{plural}/{number}/templates/{id}`: the record with the words in the composer, behind what is written there.
pub async fn take(here: Here) -> Result<Response, Failure> {
    let (process, number) = (here.process, here.number.clone());
    let work = move |session: &mut Session<'_>, caller: &Caller| records::templates(session, caller, process, &number);
    let found = here.read(work).await?;
    let chosen = found.into_iter().find(|each| each.id == here.id).ok_or_else(Failure::missing)?;
    let draft = super::activity::Written { added: Some(chosen.body), ..Default::default() };
    super::activity::page(&here, &draft, StatusCode::OK).await
}

/// What the page of a macro shows.
struct Asked {
    frame: Frame,
    chosen: Macro,
    /// Field, value before, value after, in words.
    changes: Vec<(&'static str, Option<String>, Option<String>)>,
}

/// `GET /{plural}/{number}/macros/{id}`
pub async fn ask(here: Here) -> Result<Response, Failure> {
    page(&here, Again::default()).await
}

/// `POST /{plural}/{number}/macros/{id}`
pub async fn apply(Sent { here, form }: Sent) -> Result<Response, Failure> {
    let (process, number, id) = (here.process, here.number.clone(), here.id);
    let given = Given { body: form.get("body").map(str::to_owned), confirmed: true, held: true };
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let applied = records::apply_macro(session, caller, process, &number, id, &given)?;
        Ok((applied.held, applied.events))
    };
    let (held, events) = match here.write(work).await? {
        Ok(done) => done,
        Err(refusal) => return page(&here, Again::of(&form, &refusal)).await,
    };
    let flash = Flash::done("Macro applied.");
    let flash = match held {
        Some(comment) => flash.undone_by(here.at(&format!("/comments/{comment}/withdraw"))),
        None if events.is_empty() => flash,
        None => {
            let events: Vec<String> = events.iter().map(i64::to_string).collect();
            flash.undone_by(here.at(&format!("/events/{}/undo", events.join("."))))
        }
    };
    Ok(go_on(&here.at(""), Some(flash)))
}

async fn page(here: &Here, again: Again<'_>) -> Result<Response, Failure> {
    let asked = load(here).await?;
    let title = tf("{name} on {number}", &[("name", &asked.chosen.name), ("number", &here.number)]);
    Ok(here.page(&asked.frame, &title, "", again, &asked.form(here, again)))
}

async fn load(here: &Here) -> Result<Asked, Failure> {
    let (process, number, id) = (here.process, here.number.clone(), here.id);
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let frame = Frame::load(session, caller)?;
        let view = records::get(session, caller, process, &number)?;
        let all = records::macros(session, caller, process, &number)?;
        let missing = || Refusal::missing("macro");
        let chosen = all.into_iter().find(|each| each.id == id).ok_or_else(missing)?;
        let mut names = view.names.clone();
        let new = |json: &serde_json::Value, field| Value::from_json(field, json).unwrap_or_default();
        let ids: Vec<i64> =
            chosen.changes.iter().flat_map(|(field, _, json)| field.references(&new(json, field))).collect();
        learn_ids(session, &ids, &mut names)?;
        let reader = Reader::new(&names, &frame.zone);
        let told = chosen
            .changes
            .iter()
            .map(|(field, old, json)| (field.label, reader.words(field, old), reader.words(field, &new(json, field))));
        let changes = told.collect();
        Ok(Asked { frame, chosen, changes })
    };
    here.read(work).await
}

impl Asked {
    fn form(&self, here: &Here, again: Again<'_>) -> Markup {
        let words = again.form().and_then(|form| form.get("body")).or(self.chosen.body.as_deref());
        html! {
            @if let Some(refusal) = again.conflict() { (not_applied(refusal)) }
            form.form method="post" action=(here.at(&format!("/macros/{}", self.chosen.id))) {
                (token_field(here.visit.token()))
                (again.summary())
                @if let Some(words) = words { (field(&self.words(words))) }
                @if !self.changes.is_empty() || self.chosen.step.is_some() { (self.changes()) }
                (form_foot("Apply", Some(&here.at(""))))
            }
        }
    }

    fn words(&self, words: &str) -> Field<'static> {
        let label = if self.chosen.internal { t("Internal note") } else { t("Words to the requester") };
        let mut asked =
            Field::new("body", label.to_owned(), Control::Markdown { value: words.to_owned().into(), rows: 6 });
        asked.width = Width::Full;
        asked
    }

    /// What it sets and does, before it does.
    fn changes(&self) -> Markup {
        html! {
            section.card aria-labelledby="macro-changes" {
                h2 #macro-changes .card-title { "It changes" }
                @for (label, old, new) in &self.changes {
                    div.change dir="auto" {
                        (t(label)) ": "
                        @if let Some(old) = old { del { (old) } " " }
                        @if let Some(new) = new { ins { (new) } } @else { span.quiet { "empty" } }
                    }
                }
                @if let Some(step) = self.chosen.step { div.change { "Step: " b { (t(step.label)) } } }
            }
        }
    }
}

/// It takes the focus, as a summary of errors does.
fn not_applied(refusal: &Refusal) -> Markup {
    let said = banner(&Banner {
        weight: Weight::Warning,
        title: t("Not done yet").to_owned().into(),
        text: refusal.detail.clone().into(),
        ..Banner::default()
    });
    html! { div.refused role="alert" tabindex="-1" { (said) } }
}
