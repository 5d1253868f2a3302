//! Templates and macros beside the composer, and the page on which a macro is looked at before it is applied.

use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::records::{self, Given, Macro, Template, View};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::{Refusal, Why};
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_markup::html;
use mainstay_words::{t, tf};
use maud::Markup;

use super::back;
use super::form::{Page, Wrong};
use super::sheet::Sheet;
use super::telling::learn_ids;
use crate::components::{
    Banner, Control, Field, Menu, MenuItem, Trigger, Weight, Width, banner, field, form_foot, menu, token_field,
};
use crate::failure::{Failure, status_of};
use crate::flash::{Flash, go_on};
use crate::pages::frame::{Frame, Place};
use crate::session::{Posted, Visit};
use crate::shown::Reader;
use crate::web::Web;

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
pub async fn take(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    Path((number, id)): Path<(String, i64)>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Result<Response, Failure> {
    let at = number.clone();
    let work = move |session: &mut Session<'_>, caller: &Caller| records::templates(session, caller, process, &at);
    let found = web.read(&visit, Channel::Desk, work).await?;
    let chosen = found.into_iter().find(|each| each.id == id).ok_or_else(Failure::missing)?;
    let draft = super::activity::Written { added: Some(chosen.body), ..Default::default() };
    super::activity::page(&web, &visit, process, &number, query.as_deref(), &draft, StatusCode::OK).await
}

/// What the page of a macro shows.
struct Asked {
    frame: Frame,
    view: View,
    chosen: Macro,
    /// Field, value before, value after, in words.
    changes: Vec<(&'static str, Option<String>, Option<String>)>,
}

/// `GET /{plural}/{number}/macros/{id}`
pub async fn ask(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    Path((number, id)): Path<(String, i64)>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Result<Response, Failure> {
    let asked = load(&web, &visit, process, &number, id).await?;
    Ok(asked.page(&web, &visit, query.as_deref(), None, None, StatusCode::OK))
}

/// `POST /{plural}/{number}/macros/{id}`
pub async fn apply(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    Path((number, id)): Path<(String, i64)>,
    RawQuery(query): RawQuery,
    Posted { visit, form }: Posted,
) -> Result<Response, Failure> {
    let (at, body) = (number.clone(), form.get("body").map(str::to_owned));
    let given = Given { body: body.clone(), confirmed: true, held: true };
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        records::apply_macro(session, caller, process, &at, id, &given).map(|applied| (applied.held, applied.events))
    };
    match web.write(&visit, Channel::Desk, work).await.map_err(Failure::for_form) {
        Ok((held, events)) => {
            let flash = Flash::done("Macro applied.");
            let undo = |rest: String| back(process, &number, &rest, query.as_deref());
            let flash = match held {
                Some(comment) => flash.undone_by(undo(format!("/comments/{comment}/withdraw"))),
                None if events.is_empty() => flash,
                None => {
                    let events: Vec<String> = events.iter().map(i64::to_string).collect();
                    flash.undone_by(undo(format!("/events/{}/undo", events.join("."))))
                }
            };
            Ok(go_on(&back(process, &number, "", query.as_deref()), Some(flash)))
        }
        Err(Ok(refusal)) => {
            let asked = load(&web, &visit, process, &number, id).await?;
            let status = status_of(&refusal);
            Ok(asked.page(&web, &visit, query.as_deref(), body.as_deref(), Some(&refusal), status))
        }
        Err(Err(failure)) => Err(failure),
    }
}

async fn load(web: &Web, visit: &Visit, process: &'static Process, number: &str, id: i64) -> Result<Asked, Failure> {
    let number = number.to_owned();
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
        Ok(Asked { frame, view, chosen, changes })
    };
    web.read(visit, Channel::Desk, work).await
}

impl Asked {
    fn page(
        &self,
        web: &Web,
        visit: &Visit,
        query: Option<&str>,
        body: Option<&str>,
        refusal: Option<&Refusal>,
        status: StatusCode,
    ) -> Response {
        let record = &self.view.record;
        let number = record.value(spine::NUMBER.def.key).as_text().unwrap_or_default();
        let path = |rest: &str| back(record.process, number, rest, query);
        let words = body.or(self.chosen.body.as_deref());
        let content = html! {
            @if let Some(refusal) = refusal.filter(|refusal| refusal.why == Why::Conflict) { (not_applied(refusal)) }
            form.form method="post" action=(path(&format!("/macros/{}", self.chosen.id))) {
                (token_field(visit.token()))
                (Wrong { refusal }.summary())
                @if let Some(words) = words { (field(&self.words(words))) }
                @if !self.changes.is_empty() || self.chosen.step.is_some() { (self.changes()) }
                (form_foot("Apply", Some(&path(""))))
            }
        };
        let title = tf("{name} on {number}", &[("name", &self.chosen.name), ("number", &number)]);
        let (above, place) = ((number, path("")), Place::Process(record.process.key));
        Page { frame: &self.frame, title: &title, above, place, status }.respond(web, visit, &content)
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

fn not_applied(refusal: &Refusal) -> Markup {
    banner(&Banner {
        weight: Weight::Warning,
        title: t("Not done yet").to_owned().into(),
        text: refusal.detail.clone().into(),
        ..Banner::default()
    })
}
