//! A record as it stood at an instant that the viewer asks for.

use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::records::{self, Past};
use mainstay_desk::{Caller, Session};
use mainstay_engine::field::FieldDef;
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_words::{t, tf};
use maud::Markup;

use super::here::Here;
use super::sheet::{Section, Sheet};
use crate::address;
use crate::components::{
    Control, Field, FieldError, Nothing, Property, Width, absolute, error_summary, field, nothing, properties_plain,
    status_glyph,
};
use crate::failure::Failure;
use crate::fields::{instant_of, zone_name};
use crate::shown::{Reader, status};

/// The instant in the address of the page.
const AT: &str = "at";
/// All of a minute but its first millisecond, in milliseconds.
const REST_OF_MINUTE: i64 = 59_999;

/// Where the viewer says which instant is meant.
pub fn form(sheet: &Sheet, given: &str, wrong: Option<&str>) -> Markup {
    let control = Control::DateTime { value: given.to_owned().into(), zone: zone_name(&sheet.frame.zone).into() };
    let mut at = Field::new(AT, "As it stood on", control);
    (at.required, at.width) = (true, Width::Half);
    at.error = wrong.map(|wrong| wrong.to_owned().into());
    let summary: Vec<FieldError<'_>> =
        wrong.into_iter().map(|wrong| FieldError { field: Some(AT.into()), message: wrong.into() }).collect();
    html! {
        form.form.form-section method="get" action=(sheet.path("/as-of")) {
            (error_summary(&summary))
            div.form-grid { (field(&at)) }
            div.form-foot { button.btn.btn-s type="submit" { "Show" } }
        }
    }
}

/// `GET /{plural}/{number}/as-of`
pub async fn show(here: Here) -> Result<Response, Failure> {
    let asked = here.query.as_deref().and_then(|query| address::value(&address::pairs(query), AT).map(str::to_owned));
    let given = asked.clone().unwrap_or_default();
    let load = move |session: &mut Session<'_>, caller: &Caller, sheet: &mut Sheet| {
        // Whoever says no instant sees the present.
        let read = |text: &str| instant_of(text, &sheet.frame.zone).map(|at| whole_minute(at, session.now));
        let Some(at) = asked.as_deref().map_or(Some(session.now), read) else {
            return Ok(Err(t("Give a date and a time.").to_owned()));
        };
        let number = sheet.number().to_owned();
        match records::past(session, caller, sheet.process(), &number, at) {
            Ok(past) => Ok(Ok(past)),
            Err(mainstay_desk::Error::Refused(refusal)) => Ok(Err(refusal.detail)),
            Err(other) => Err(other),
        }
    };
    let (sheet, past) = here.open(load).await?;
    let (status, body) = match &past {
        Ok(past) => (StatusCode::OK, html! { (form(&sheet, &given, None)) (shown(&sheet, past)) }),
        Err(wrong) => (StatusCode::UNPROCESSABLE_ENTITY, form(&sheet, &given, Some(wrong))),
    };
    let body = html! { div.details { (body) } };
    Ok(sheet.page(&here.web, &here.visit, Section::History, status, &body))
}

/// What is asked for by the minute is told with all that this minute brought, as far as it is over.
fn whole_minute(at: i64, now: i64) -> i64 {
    if at <= now { now.min(at + REST_OF_MINUTE) } else { at }
}

fn shown(sheet: &Sheet, past: &Past) -> Markup {
    let reader = Reader::new(&past.names, &sheet.frame.zone);
    let record = &past.row.record;
    let said = [spine::NUMBER.def.key, spine::STATE.def.key, spine::PHASE.def.key];
    let told = |field: &&&'static FieldDef| !said.contains(&field.key) && !record.value(field.key).is_blank();
    let title = tf("As it stood on {date}", &[("date", &absolute(past.at, &sheet.frame.zone))]);
    let property =
        |label: &'static str, value: Option<Markup>| Property { label: label.into(), value, ..Property::default() };
    let state = html! { (status_glyph(&status(record.process, record.state))) " " (t(record.state.label)) };
    let mut properties = vec![property(spine::STATE.def.label, Some(state))];
    let fields = past.fields.iter().filter(told);
    properties.extend(fields.map(|field| property(field.label, reader.markup(field, record.value(field.key)))));
    html! {
        section.card aria-labelledby="as-of" {
            h2 #as-of .card-title { (title) }
            (properties_plain(&properties, true))
        }
        section.card aria-labelledby="links-then" {
            h2 #links-then .card-title { "Links" }
            @if past.links.is_empty() { (nothing(Nothing::Yet, "", "It had no links.", &html! {}, None)) }
            @for link in &past.links {
                p.line {
                    span.quiet { (t(link.label)) }
                    a.link href={ "/" (link.process.plural) "/" (link.number) } { bdi { (link.number) } }
                    span.grow.clip dir="auto" { (link.title) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_is_told_whole_and_what_is_to_come_stays_so() {
        assert_eq!(whole_minute(60_000, 600_000), 119_999);
        assert_eq!(whole_minute(60_000, 75_000), 75_000);
        assert_eq!(whole_minute(120_000, 75_000), 120_000);
    }
}
