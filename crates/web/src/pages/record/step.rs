//! Taking a step: at once where it asks nothing, else by a form with exactly the fields it asks for.

use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::records::{self, Act, Acted, View, option_words};
use mainstay_desk::{Caller, Error, Session};
use mainstay_engine::field::{FieldDef, Kind, Writer};
use mainstay_engine::process::{Process, Transition, Who};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal, Why};
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_markup::html;
use mainstay_words::{inside, sentence, t, tf};
use maud::Markup;

use super::ahead::{Ahead, FOLLOWER};
use super::back;
use super::form::{Page, Wrong, hidden, listed};
use super::head::at_once;
use super::here::{Here, Sent};
use super::related::record_picker;
use super::similar;
use super::telling::learn_ids;
use crate::components::{Banner, Control, Field, Weight, Width, banner, field, form_foot, status_words};
use crate::failure::{Failure, conflict_title, status_of};
use crate::fields::rows::turned;
use crate::fields::{Asking, Pickers, resolve, values};
use crate::flash::{Flash, go_on};
use crate::form::Form;
use crate::pages::frame::{Frame, Place};
use crate::shown::{Reader, status};

/// The code of the refusal of what was sent from an older version.
const STALE: &str = "stale";

/// What the form of a step shows.
struct Asked {
    frame: Frame,
    view: View,
    step: &'static Transition,
    pickers: Pickers,
    ahead: Ahead,
    /// What stands against the step as things are.
    against: Option<Refusal>,
    /// What helped elsewhere, and the field that takes it.
    like: Option<(&'static FieldDef, String)>,
}

/// `GET /{plural}/{number}/{verb}`
pub async fn ask(here: Here) -> Result<Response, Failure> {
    let step = here.process.transition(&here.word).ok_or_else(Failure::missing)?;
    let pairs = crate::address::pairs(here.query.as_deref().unwrap_or_default());
    let with = crate::address::value(&pairs, "with").map(|number| number.trim().to_uppercase());
    let like = crate::address::value(&pairs, similar::LIKE).map(str::to_owned);
    let asked = load(&here, step, with.filter(|with| !with.is_empty()), like).await?;
    match asked.closed() {
        None => Ok(asked.page(&here, None, None, StatusCode::OK)),
        Some(refusal) if refusal.why == Why::Conflict => {
            Ok(asked.impossible(&here, &refusal, conflict_title(&refusal)))
        }
        Some(refusal) => Err(refusal.into()),
    }
}

/// `POST /{plural}/{number}/{verb}`
pub async fn take(Sent { here, form }: Sent) -> Result<Response, Failure> {
    let step = here.process.transition(&here.word).ok_or_else(Failure::missing)?;
    if let Some(turned) = turned(&form, fields_of(here.process, step)) {
        let asked = load(&here, step, None, None).await?;
        // Nothing was done, so this is no success; and only so it is shown.
        return Ok(asked.page(&here, Some(&turned), None, StatusCode::UNPROCESSABLE_ENTITY));
    }
    match write(&here, step, form.clone()).await? {
        Ok(done) => Ok(taken(&here, step, done)),
        Err(refusal) => {
            let asked = load(&here, step, None, None).await?;
            // Answers are of no use where the step is not possible, whether or not somebody was faster.
            match asked.closed().filter(|closed| closed.why == Why::Conflict) {
                Some(closed) => Ok(asked.impossible(&here, &closed, conflict_title(&refusal))),
                None => Ok(asked.page(&here, Some(&form), Some(&refusal), status_of(&refusal))),
            }
        }
    }
}

async fn write(here: &Here, step: &'static Transition, form: Form) -> Result<Result<Done, Refusal>, Failure> {
    let (process, number) = (here.process, here.number.clone());
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let named: Vec<&'static FieldDef> = fields_of(process, step).filter(|field| listed(&form, field)).collect();
        let mut values = values(named.iter().copied(), &form, &caller.zone());
        resolve(session, caller, named, &mut values)?;
        let words = |name: &str| form.filled(name).map(str::to_owned);
        let act = Act {
            version: form.number("version"),
            values,
            reason: words("reason"),
            comment: words("comment"),
            link: words("link").map(|number| number.to_uppercase()),
            followers: form.all(FOLLOWER),
        };
        let Acted { event, made, .. } = records::act(session, caller, process, &number, step.verb, &act)?;
        Ok(Done { made, event: (step.is_undoable() && act.comment.is_none()).then_some(event) })
    };
    here.write(work).await
}

/// What came of a step.
struct Done {
    /// The record that it made.
    made: Option<String>,
    /// The event by which it can be taken back.
    event: Option<i64>,
}

/// After a step people are where they were; a record that the step made is shown instead.
fn taken(here: &Here, step: &Transition, Done { made, event }: Done) -> Response {
    let number = &here.number;
    if let Some(new) = made {
        return go_on(&here.beside(here.process, &new), Some(Flash::done(format!("{new} continues {number}."))));
    }
    let flash = Flash::done(format!("{number}: {}.", said(step)));
    let undo = |event: i64| here.at(&format!("/events/{event}/undo"));
    let flash = match event {
        Some(event) => flash.undone_by(undo(event)),
        None => flash,
    };
    go_on(&here.at(""), Some(flash))
}

fn said(step: &Transition) -> String {
    step.to.map_or_else(|| tf("{step} done", &[("step", &t(step.label))]), |to| inside(to.label))
}

/// The fields that a step asks for, by the process's own definitions.
fn fields_of(process: &'static Process, step: &'static Transition) -> impl Iterator<Item = &'static FieldDef> {
    step.needs.iter().chain(step.takes).filter(|field| !process.has_own_section(field.key))
}

/// Those of them that it asks of this record.
fn asked_of<'a>(record: &'a Record, step: &'static Transition) -> impl Iterator<Item = &'static FieldDef> + 'a {
    step.asked(record).filter(|field| !record.process.has_own_section(field.key))
}

/// What a step asks; with the record that it would name, and one whose words of what helped it takes.
async fn load(
    here: &Here,
    step: &'static Transition,
    with: Option<String>,
    like: Option<String>,
) -> Result<Asked, Failure> {
    let (process, number) = (here.process, here.number.clone());
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let frame = Frame::load(session, caller)?;
        let view = records::get(session, caller, process, &number)?;
        let pickers = Pickers::load(session, caller, fields_of(process, step))?.knowing(&view.names);
        let mut lost = None;
        let outlook = match records::outlook(session, caller, process, &number, step, with.as_deref()) {
            Err(Error::Refused(refusal)) if with.is_some() && refusal.why == Why::Missing => {
                lost = with;
                records::outlook(session, caller, process, &number, step, None)?
            }
            found => found?,
        };
        let authors: Vec<i64> = outlook.words.iter().filter_map(|(_, row)| row.author).collect();
        let mut names = view.names.clone();
        learn_ids(session, &authors, &mut names)?;
        let helped = match &like {
            Some(like) => similar::helped(session, caller, like)?,
            None => None,
        };
        let open = view.options.iter().any(|open| open.verb == step.verb);
        let against = if open { None } else { records::why_not(session, caller, process, &number, step)? };
        let asked: Vec<_> = asked_of(&view.record, step).collect();
        let like = helped.and_then(|(said, words)| Some((similar::takes(process, &asked, said)?, words)));
        Ok(Asked { frame, view, step, pickers, ahead: Ahead { outlook, names, lost }, against, like })
    };
    here.read(work).await
}

impl Asked {
    /// Why the step cannot be taken now; none where it is open. A state that has no such step is said to everybody.
    fn closed(&self) -> Option<Refusal> {
        let (view, step) = (&self.view, self.step);
        if view.options.iter().any(|open| open.verb == step.verb) {
            return None;
        }
        if !step.leaves(view.record.state) {
            let (label, state) = (view.record.process.label.to_lowercase(), view.record.state.label.to_lowercase());
            let says = format!("{} is not possible while the {label} is {state}.", step.label);
            return Some(Refusal::conflict("wrong_state", says));
        }
        if let Some(when) = step.when.filter(|when| !(when.test)(&view.record)) {
            return Some(Refusal::conflict("not_now", when.says));
        }
        let yours = || Refusal::forbidden("not_yours", format!("{} is not yours to do here.", step.label));
        Some(self.against.clone().unwrap_or_else(yours))
    }

    /// Why the step is not possible as things stand, when it would be, and what is possible instead.
    fn impossible(&self, here: &Here, refusal: &Refusal, title: &'static str) -> Response {
        let record = &self.view.record;
        let number = record.value(spine::NUMBER.def.key).as_text().unwrap_or_default();
        let path = |rest: &str| back(record.process, number, rest, here.query.as_deref());
        let states: Vec<String> = self.step.from.iter().map(|state| format!("“{}”", t(state.label))).collect();
        let elsewhere = !self.step.leaves(record.state) && self.step.who.has(Who::STAFF);
        let body = html! {
            (self.reminder())
            (banner(&Banner {
                weight: Weight::Warning,
                title: title.into(),
                text: sentence(&refusal.detail).into_owned().into(),
                ..Banner::default()
            }))
            @if elsewhere {
                p { (tf("{step} is possible in these states: {states}.", &[("step", &t(self.step.label)), ("states", &states.join(", "))])) }
            }
            section.form-section aria-labelledby="possible" {
                h2 #possible { "What is possible now" }
                @if self.view.options.is_empty() { p.quiet { "No step of it is yours to take as things stand." } }
                div.btn-row {
                    @for open in &self.view.options {
                        a.btn href=(path(&format!("/{}", open.verb))) { (open.label) @if !at_once(record, open) { "…" } }
                    }
                    a.btn.btn-ghost href=(path("")) { (tf("Back to {number}", &[("number", &number)])) }
                }
            }
        };
        let name = format!("{} {number}", t(self.step.label));
        let (above, place) = ((number, path("")), Place::Process(record.process.key));
        Page { frame: &self.frame, title: &name, above, place, status: status_of(refusal) }.respond(
            &here.web,
            &here.visit,
            &body,
        )
    }

    fn page(&self, here: &Here, form: Option<&Form>, refusal: Option<&Refusal>, status: StatusCode) -> Response {
        let visit = &here.visit;
        let record = &self.view.record;
        let number = record.value(spine::NUMBER.def.key).as_text().unwrap_or_default();
        let errors = refusal.map(|refusal| refusal.errors.as_slice()).unwrap_or_default();
        let asking = Asking { pickers: &self.pickers, zone: &self.frame.zone, errors };
        let path = |rest: &str| back(record.process, number, rest, here.query.as_deref());
        let reader = Reader::new(&self.ahead.names, &self.frame.zone);
        let body = html! {
            (self.reminder())
            (self.ahead.followers(self.step))
            (self.ahead.merged(self.step, number, &path(&format!("/{}", self.step.verb)), &reader, visit.now()))
            @if let Some(words) = refusal.filter(|refusal| refusal.why == Why::Conflict) { (conflict(words)) }
            @if !Ahead::absorbs(self.step) || self.ahead.survivor().is_some() || form.is_some() {
                form.form method="post" action=(path(&format!("/{}", self.step.verb))) {
                    // The key Enter sends the form by its first button, which must not be one that removes a row.
                    button.sr type="submit" tabindex="-1" aria-hidden="true" { (self.said()) }
                    (Wrong { refusal }.summary())
                    (hidden(visit.token(), record.version, asked_of(record, self.step)))
                    @if let Some(into) = self.ahead.survivor() { input type="hidden" name="link" value=(into); }
                    @let words = self.words(form, errors);
                    (self.ahead.choices(form))
                    @if !words.is_empty() || asked_of(record, self.step).next().is_some() {
                        div.form-grid {
                            @for def in asked_of(record, self.step) { (field(&self.question(def, &asking, form, visit.now()))) }
                            @for each in &words { (field(each)) }
                        }
                    }
                    (form_foot(&self.said(), Some(&path(""))))
                }
            }
        };
        let title = format!("{} {number}", t(self.step.label));
        let (above, place) = ((number, path("")), Place::Process(record.process.key));
        Page { frame: &self.frame, title: &title, above, place, status }.respond(&here.web, visit, &body)
    }

    /// What the button says.
    fn said(&self) -> String {
        let step = t(self.step.label);
        self.ahead
            .survivor()
            .map_or_else(|| step.to_owned(), |into| tf("{step} into {number}", &[("step", &step), ("number", &into)]))
    }

    /// Which record it is, above the questions.
    fn reminder(&self) -> Markup {
        let record = &self.view.record;
        html! {
            p.reminder {
                (status_words(&status(record.process, record.state)))
                span.strong dir="auto" { (record.value(spine::TITLE.def.key).as_text().unwrap_or_default()) }
            }
        }
    }

    /// A field of the step with what the record holds, or what was typed last time.
    fn question(&self, def: &'static FieldDef, asking: &Asking<'_>, form: Option<&Form>, now: i64) -> Field<'static> {
        let offered = self.step.offers.iter().find(|offer| offer.into.key == def.key);
        let held = match (self.view.record.value(def.key), offered) {
            (Value::Null, Some(offer)) => self.view.record.value(offer.from.key),
            (held, _) => held,
        };
        let needed = self.step.needs.iter().any(|field| field.key == def.key);
        let mut asked = match form.filter(|form| listed(form, def)) {
            Some(form) => asking.sent(def, form),
            None if self.like.as_ref().is_some_and(|(field, _)| field.key == def.key) => asking
                .holding(def, &Value::Text(self.like.as_ref().map(|(_, words)| words.clone()).unwrap_or_default())),
            // A step that needs an instant mostly means this one.
            None if needed && held.is_null() && def.kind == Kind::Instant && def.writer == Writer::Transition => {
                asking.holding(def, &now.into())
            }
            // What ends with the step, and words that are asked for each time, are not offered again.
            None if self.step.renews.iter().any(|field| field.key == def.key) => asking.holding(def, &Value::Null),
            None if needed && def.writer == Writer::Transition && matches!(def.kind, Kind::Text { .. }) => {
                asking.holding(def, &Value::Null)
            }
            None => asking.holding(def, held),
        };
        asked.required = needed;
        asked
    }

    /// Reason, words to the requester, and the record that the step links to.
    fn words(&self, form: Option<&Form>, errors: &[FieldError]) -> Vec<Field<'static>> {
        let given = |name: &str| form.and_then(|form| form.get(name)).unwrap_or_default().to_owned();
        let error =
            |name: &str| errors.iter().find(|error| error.field == name).map(|error| error.detail.clone().into());
        let mut fields = Vec::new();
        let relation = self.step.links.and_then(|key| self.view.record.process.relation(key));
        // Which record it is was said before the preview.
        if let Some(relation) = relation.filter(|_| self.ahead.survivor().is_none()) {
            let mut link = Field::new("link", relation.label, record_picker(given("link")));
            link.help = Some("A number, or words of the title.".into());
            link.required = self.step.needs.is_empty();
            link.error = error("link");
            fields.push(link);
        }
        if let Some(label) = option_words(self.step, &self.view.record) {
            let always = self.step.asks_when.is_none();
            let name = if self.step.asks == mainstay_engine::process::Asks::Reason { "reason" } else { "comment" };
            let mut words = Field::new(name, label, Control::Markdown { value: given(name).into(), rows: 3 });
            words.required = always;
            words.width = Width::Full;
            words.help = (!always).then(|| "Needed where somebody else has to know or to answer.".into());
            words.error = error(name);
            fields.push(words);
        }
        fields
    }
}

/// What happened meanwhile, above answers that are kept.
fn conflict(refusal: &Refusal) -> Markup {
    let said = banner(&Banner {
        weight: Weight::Warning,
        title: (if refusal.code == STALE { conflict_title(refusal) } else { "Not done yet" }).into(),
        text: tf(
            "{detail} Your answers are below; send them again if they still fit.",
            &[("detail", &sentence(&refusal.detail))],
        )
        .into(),
        ..Banner::default()
    });
    html! { div.refused role="alert" tabindex="-1" { (said) } }
}
