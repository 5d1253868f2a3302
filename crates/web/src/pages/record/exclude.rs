//! Time that a target is not held to: agreed maintenance, or what was in nobody's hands. The raw result stays.

use axum::response::Response;
use mainstay_desk::records::{self, ClockView, Exclusion};
use mainstay_desk::{Caller, Session};
use mainstay_engine::clock::State as ClockState;
use mainstay_engine::field::{Field as Declared, FieldDef};
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::value::Value;
use mainstay_markup::html;
use mainstay_words::{t, tf};
use maud::Markup;

use super::here::{Again, Here, Sent};
use super::sheet::Sheet;
use crate::components::{field, form_foot, token_field};
use crate::failure::Failure;
use crate::fields::{Asking, Pickers, json_of};
use crate::flash::{Flash, go_on};
use crate::form::Form;
use crate::pages::frame::Frame;
use crate::shown::metric_name;

const FROM: FieldDef = Declared::instant("from", "From").required().def;
const TO: FieldDef = Declared::instant("to", "Until").required().def;
const REASON: FieldDef =
    Declared::text("reason", "Why it does not count").required().help("Stands in the history of the record").def;

/// What the page shows.
struct Shown {
    frame: Frame,
    clock: ClockView,
}

/// `GET /{plural}/{number}/clocks/{id}/exclude`
pub async fn ask(here: Here) -> Result<Response, Failure> {
    Ok(load(&here).await?.page(&here, Again::default()))
}

/// `POST /{plural}/{number}/clocks/{id}/exclude`
pub async fn take(Sent { here, form }: Sent) -> Result<Response, Failure> {
    let (process, number, id, given) = (here.process, here.number.clone(), here.id, form.clone());
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let exclusion = exclusion(caller, &given)?;
        records::exclude(session, caller, process, &number, id, &exclusion)
    };
    match here.write(work).await? {
        Ok(_) => Ok(go_on(&here.at(""), Some(Flash::done("Left out. Both results are kept.")))),
        Err(refusal) => Ok(load(&here).await?.page(&here, Again::of(&form, &refusal))),
    }
}

/// The stretch that a form describes.
fn exclusion(caller: &Caller, form: &Form) -> Result<Exclusion, Refusal> {
    let mut errors = Vec::new();
    let mut read = |def: &FieldDef| {
        let value = Value::from_json(def, &json_of(def, form, def.key, &caller.zone()));
        value.map_err(|why| errors.push(FieldError::misfit(def, &why))).ok().filter(|value| !value.is_blank())
    };
    let (from, to, reason) = (read(&FROM), read(&TO), read(&REASON));
    let given = [(&FROM, from.is_some()), (&TO, to.is_some()), (&REASON, reason.is_some())];
    let failed: Vec<String> = errors.iter().map(|error| error.field.clone()).collect();
    let missing = given.into_iter().filter(|(def, there)| !there && !failed.iter().any(|key| key == def.key));
    errors.extend(missing.map(|(def, _)| FieldError::required(def)));
    Refusal::unless_empty(errors)?;
    let instant = |value: Option<Value>| value.and_then(|value| value.as_int()).unwrap_or_default();
    let reason = reason.and_then(|value| value.as_text().map(str::to_owned)).unwrap_or_default();
    Ok(Exclusion { from: instant(from), to: instant(to), reason })
}

async fn load(here: &Here) -> Result<Shown, Failure> {
    let (process, number, id) = (here.process, here.number.clone(), here.id);
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let frame = Frame::load(session, caller)?;
        let clock = records::excludable(session, caller, process, &number, id)?;
        Ok(Shown { frame, clock })
    };
    here.read(work).await
}

impl Shown {
    fn page(&self, here: &Here, again: Again<'_>) -> Response {
        let pickers = Pickers::default();
        let asking = Asking { pickers: &pickers, zone: &self.frame.zone, errors: again.errors() };
        let given = |def: &FieldDef| again.given(def, Vec::new);
        let action = here.at(&format!("/clocks/{}/exclude", self.clock.id));
        let title = tf("Leave time out: {target}", &[("target", &t(metric_name(&self.clock)))]);
        let body = html! {
            form.form method="post" action=(action) {
                (again.summary())
                (token_field(here.visit.token()))
                p.quiet { "Agreed maintenance, or what was in nobody’s hands. The result as it was stays beside the adjusted one." }
                div.form-grid { @for def in [&FROM, &TO, &REASON] { (field(&asking.field(def, &given(def)))) } }
                (form_foot("Leave it out", Some(&here.at(""))))
            }
        };
        here.page(&self.frame, &title, "", again, &body)
    }
}

/// Beneath a target: how it stands without the time that was left out, and the way to leave some out.
pub fn beneath(sheet: &Sheet, clock: &ClockView) -> Markup {
    let adjusted = clock.reading.adjusted.as_ref().map(|adjusted| match adjusted.state {
        ClockState::Met => t("Met, adjusted"),
        ClockState::BreachedClosed | ClockState::BreachedOpen => t("Breached, adjusted"),
        _ => t("Time was left out"),
    });
    html! {
        @if adjusted.is_some() || sheet.excludes {
            div.sla-beneath {
                @if let Some(words) = adjusted {
                    span title=[clock.adjusted_reason.as_deref()] { (words) @if let Some(reason) = &clock.adjusted_reason { span.sr { ": " (reason) } } }
                }
                @if sheet.excludes {
                    a.link href=(sheet.beside(&format!("/clocks/{}/exclude", clock.id))) { "Leave time out…" span.sr { ": " (t(metric_name(clock))) } }
                }
            }
        }
    }
}
