//! Editing fields: one from the rail, or all on a page of their own; and taking an edit back.

use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::records::{self, Acted, Amend, View};
use mainstay_desk::{Caller, Session};
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::Process;
use mainstay_engine::refusal::{FieldError, Refusal, Why};
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_store::entries;
use mainstay_words::{sentence, t, tf, tn};
use maud::Markup;

use super::activity::Written;
use super::form::{Page, Wrong, hidden, listed};
use super::here::{Here, Sent};
use super::sheet::Section;
use super::{activity, back, history, rail};
use crate::components::{Banner, Field, Weight, banner, field, form_foot, update_button};
use crate::failure::{Failure, conflict_title, status_of};
use crate::fields::rows::{Turn, is_untouched, turned};
use crate::fields::{Asking, Pickers, UPDATE, as_filled, asked_again, decisive, json_of, resolve};
use crate::flash::{Flash, go_on};
use crate::form::Form;
use crate::pages::frame::{Frame, Place};
use crate::shown::Reader;

/// The code of the refusal of an edit that somebody else overtook.
const CHANGED_SINCE: &str = "changed_since";

/// An edit of one property that somebody else overtook: both values are shown, for the person to choose.
#[derive(Clone, Debug, Default)]
pub struct Clash {
    /// What the person sent.
    pub form: Form,
    /// Who was faster.
    pub says: String,
}

/// What the page of all fields shows.
struct Sheet {
    frame: Frame,
    view: View,
    pickers: Pickers,
    /// Fields on which others depend.
    decisive: Vec<String>,
}

/// `GET /{plural}/{number}/edit`
pub async fn ask(here: Here) -> Result<Response, Failure> {
    let sheet = load(&here, None).await?;
    if !sheet.view.can.update {
        return Err(Refusal::forbidden("no_right", "You may not edit this, or it is closed.").into());
    }
    Ok(sheet.page(&here, None, None, StatusCode::OK))
}

/// `POST /{plural}/{number}/edit`
pub async fn change(Sent { here, form }: Sent) -> Result<Response, Failure> {
    // One property edited in its place leads back to where it stands.
    let inline = form.has("_prefix");
    let section = Section::read(here.process, form.get("_at").unwrap_or_default());
    let form = plain(&form);
    if Turn::of(&form).is_some() || form.has(UPDATE) {
        let sheet = load(&here, Some(&form)).await?;
        let turned = turned(&form, rail::editable(&sheet.view)).unwrap_or(form);
        return Ok(sheet.page(&here, Some(&turned), None, asked_again(&turned)));
    }
    match write(&here, form.clone()).await? {
        Ok(edit) => {
            let flash = Flash::done(edit.words);
            let undo = |event: i64| here.at(&format!("/events/{event}/undo"));
            let flash = match edit.event {
                Some(event) => flash.undone_by(undo(event)),
                None => flash,
            };
            Ok(go_on(&here.at(&section.path()), Some(flash)))
        }
        Err(refusal) if inline && refusal.code == CHANGED_SINCE => {
            let clash = Clash { form, says: refusal.detail.clone() };
            let status = status_of(&refusal);
            if section == Section::Details {
                return history::details_page(&here, Some(clash), status).await;
            }
            let draft = Written { clash: Some(clash), ..Written::default() };
            activity::page(&here, &draft, status).await
        }
        Err(refusal) => {
            let sheet = load(&here, Some(&form)).await?;
            let status = status_of(&refusal);
            Ok(sheet.page(&here, Some(&form), Some(&refusal), status))
        }
    }
}

/// `POST /{plural}/{number}/events/{id}/undo`: takes back what the viewer did a moment ago.
pub async fn undo(Sent { here, .. }: Sent) -> Result<Response, Failure> {
    // What belongs together is taken back together.
    let events: Result<Vec<i64>, _> = here.word.split('.').map(str::parse).collect();
    let events = events.map_err(|_| Failure::missing())?;
    let (place, process, number) = (here.at(""), here.process, here.number.clone());
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        records::undo_together(session, caller, process, &number, &events)
    };
    match here.write(work).await? {
        Ok(()) => Ok(go_on(&place, Some(Flash::done("Taken back.")))),
        Err(refusal) => Ok(go_on(&place, Some(Flash::failed(refusal.detail)))),
    }
}

/// The form without the prefix that keeps the rail's controls apart.
fn plain(form: &Form) -> Form {
    form.filled("_prefix").map_or_else(|| form.clone(), |prefix| form.without_prefix(&format!("{prefix}.")))
}

/// What an edit came to.
struct Edit {
    words: String,
    event: Option<i64>,
}

async fn write(here: &Here, form: Form) -> Result<Result<Edit, Refusal>, Failure> {
    let (process, number) = (here.process, here.number.clone());
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let zone = caller.zone();
        let before = records::get(session, caller, process, &number)?;
        let named: Vec<&'static FieldDef> =
            session.config.fields(process).filter(|field| listed(&form, field)).collect();
        // What nobody touched is not sent on: it may be what others have changed meanwhile.
        let untouched = |field: &FieldDef| is_untouched(field, &form, before.record.value(field.key), &zone);
        let touched: Vec<&'static FieldDef> = named.into_iter().filter(|field| !untouched(field)).collect();
        if touched.is_empty() {
            return Ok(Edit { words: "Nothing changed.".to_owned(), event: None });
        }
        let mut values: serde_json::Map<String, serde_json::Value> =
            touched.iter().map(|field| (field.key.to_owned(), json_of(field, &form, field.key, &zone))).collect();
        resolve(session, caller, touched.iter().copied(), &mut values)?;
        let mut version = form.number("version").unwrap_or(before.record.version);
        if let Some(shown) = form.number("shown").filter(|_| version != before.record.version) {
            // Whoever edits one field in its place minds nobody who has changed another.
            untouched_since(session, caller, &before, shown, &touched)?;
            version = before.record.version;
        }
        let amend = Amend { version, values, reason: form.filled("reason").map(str::to_owned) };
        let Acted { view, event, .. } = records::amend(session, caller, process, &number, &amend)?;
        Ok(Edit { words: edited(&view, &touched, &zone), event: Some(event) })
    };
    here.write(work).await
}

/// Refuses when somebody has changed one of these fields after an event.
fn untouched_since(
    session: &mut Session<'_>,
    caller: &Caller,
    view: &View,
    event: i64,
    fields: &[&'static FieldDef],
) -> mainstay_desk::Result<()> {
    let number = view.record.value(spine::NUMBER.def.key).as_text().unwrap_or_default().to_owned();
    let changed = records::changed_after(session, caller, view.record.process, &number, event)?;
    for field in fields {
        let Some((_, actor)) = changed.iter().rev().find(|(key, _)| key == field.key) else { continue };
        let ids: Vec<i64> = actor.iter().copied().collect();
        let who = entries::names(session.conn, &ids)?.pop().map_or_else(|| "Mainstay".to_owned(), |(.., name)| name);
        let says = format!("{who} has changed {} meanwhile.", field.label);
        let error = FieldError::new(field.key, CHANGED_SINCE, says.clone());
        return Err(Refusal { errors: vec![error], ..Refusal::conflict(CHANGED_SINCE, says) }.into());
    }
    Ok(())
}

fn edited(after: &View, touched: &[&'static FieldDef], zone: &jiff::tz::TimeZone) -> String {
    let reader = Reader::new(&after.names, zone);
    match touched {
        [only] => match reader.words(only, after.record.value(only.key)) {
            Some(words) if words.chars().count() < 60 => {
                tf("{label} set to {words}.", &[("label", &t(only.label)), ("words", &words)])
            }
            Some(_) => tf("{label} changed.", &[("label", &t(only.label))]),
            None => tf("{label} emptied.", &[("label", &t(only.label))]),
        },
        many => tn(many.len(), "{n} field changed.", "{n} fields changed."),
    }
}

async fn load(here: &Here, form: Option<&Form>) -> Result<Sheet, Failure> {
    let (process, number, form) = (here.process, here.number.clone(), form.cloned());
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let frame = Frame::load(session, caller)?;
        let mut view = records::get(session, caller, process, &number)?;
        let decisive = decisive(session, process);
        if let Some(form) = form.filter(|_| !decisive.is_empty()) {
            // The questions follow the answers, not what the record still holds.
            let all = records::visible_fields(session, process, &view.seen);
            let asked = |field: &&'static FieldDef| listed(&form, field) && decisive.iter().any(|key| key == field.key);
            let read: Vec<&'static FieldDef> = all.iter().copied().filter(asked).collect();
            let filled = as_filled(session, caller, &view.record, read, &form)?;
            let hidden = records::hidden(session, &filled);
            view.fields = all.into_iter().filter(|field| !hidden.contains(&field.key)).collect();
        }
        let pickers = Pickers::load(session, caller, rail::editable(&view))?.knowing(&view.names);
        Ok(Sheet { frame, view, pickers, decisive })
    };
    here.read(work).await
}

impl Sheet {
    fn page(&self, here: &Here, form: Option<&Form>, refusal: Option<&Refusal>, status: StatusCode) -> Response {
        let record = &self.view.record;
        let number = record.value(spine::NUMBER.def.key).as_text().unwrap_or_default();
        let path = |rest: &str| back(record.process, number, rest, here.query.as_deref());
        // Answers to a single question come back with all the others around them.
        let asked: Vec<&'static FieldDef> = rail::editable(&self.view).collect();
        let stale = refusal.is_some_and(|refusal| refusal.why == Why::Conflict);
        let body = html! {
            @if let Some(refusal) = refusal.filter(|_| stale) { (meanwhile(refusal)) }
            form.form method="post" action=(path("/edit")) {
                // The key Enter sends the form by its first button, which must not be one that removes a row.
                button.sr type="submit" tabindex="-1" aria-hidden="true" { "Save" }
                (Wrong { refusal }.summary())
                div #asked .form-parts {
                    @for (label, fields) in sections(record.process, &asked) {
                        section.form-section aria-label=(label) {
                            h2 { (label) }
                            div.form-grid { @for def in fields { (field(&self.question(def, form, refusal, stale))) } }
                        }
                    }
                    @for field in &asked { input type="hidden" name="_fields" value=(field.key); }
                }
                @if !self.decisive.is_empty() { div.btn-row { (update_button(UPDATE, "1")) } }
                (hidden(here.visit.token(), record.version, std::iter::empty()))
                (form_foot("Save", Some(&path(""))))
            }
        };
        let title = tf("Edit {number}", &[("number", &number)]);
        let (above, place) = ((number, path("")), Place::Process(record.process.key));
        Page { frame: &self.frame, title: &title, above, place, status }.respond(&here.web, &here.visit, &body)
    }

    /// A field with the person's answer, and beside it what the record holds by now where the two differ.
    fn question(
        &self,
        def: &'static FieldDef,
        form: Option<&Form>,
        refusal: Option<&Refusal>,
        stale: bool,
    ) -> Field<'static> {
        let errors = refusal.map(|refusal| refusal.errors.as_slice()).unwrap_or_default();
        let asking = Asking { pickers: &self.pickers, zone: &self.frame.zone, errors };
        let held = self.view.record.value(def.key);
        let given = form.filter(|form| listed(form, def));
        let mut asked = given.map_or_else(|| asking.holding(def, held), |form| asking.sent(def, form));
        asked.updates_form = self.decisive.iter().any(|key| key == def.key);
        if stale && given.is_some_and(|form| !is_untouched(def, form, held, asking.zone)) {
            let reader = Reader::new(&self.view.names, &self.frame.zone);
            let now = reader.words(def, held).unwrap_or_else(|| t("nothing").to_owned());
            asked.error = Some(tf("By now it holds: {now}", &[("now", &now)]).into());
        }
        asked
    }
}

/// The fields of a form in the process's sections; those of no section come first.
#[must_use]
pub fn sections<'a>(process: &'static Process, fields: &[&'static FieldDef]) -> Vec<(&'a str, Vec<&'static FieldDef>)> {
    let in_section = |field: &FieldDef| process.sections.iter().any(|section| section.fields.contains(&field.key));
    let loose: Vec<&'static FieldDef> = fields.iter().copied().filter(|field| !in_section(field)).collect();
    let named = process.sections.iter().map(|section| {
        let of = |key: &&str| fields.iter().copied().find(|field| field.key == *key);
        (section.label, section.fields.iter().filter_map(of).collect::<Vec<_>>())
    });
    std::iter::once(("General", loose)).chain(named).filter(|(_, fields)| !fields.is_empty()).collect()
}

fn is_over(refusal: &Refusal) -> bool {
    refusal.code == "closed"
}

fn meanwhile(refusal: &Refusal) -> Markup {
    // What is closed takes no answers, however often they are sent.
    let text = if is_over(refusal) {
        sentence(&refusal.detail).into_owned()
    } else {
        tf(
            "{detail} Your answers are kept below; save again to put them in place.",
            &[("detail", &sentence(&refusal.detail))],
        )
    };
    banner(&Banner {
        weight: Weight::Warning,
        title: conflict_title(refusal).into(),
        text: text.into(),
        ..Banner::default()
    })
}
