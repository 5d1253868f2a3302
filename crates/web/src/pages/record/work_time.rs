//! Time that people have worked on a record, under its tasks.

use axum::response::Response;
use jiff::tz::TimeZone;
use mainstay_desk::records::{self, NewTime, TimeChange};
use mainstay_desk::{Caller, Session};
use mainstay_engine::field::{Field as Declared, FieldDef, Kind};
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::value::{Value, date_to_day, day_to_date};
use mainstay_markup::html;
use mainstay_store::hangings::TimeRow;
use mainstay_words::{dated, tf};
use maud::Markup;

use super::form::listed;
use super::here::{Again, Here, Sent};
use super::sheet::Sheet;
use super::tasks;
use crate::components::{field, form_foot, icon_small, person, short_duration, token_field};
use crate::failure::Failure;
use crate::fields::{Asking, Pickers, given_of, json_of};
use crate::flash::{Flash, go_on};
use crate::form::Form;
use crate::pages::frame::Frame;
use crate::session::Visit;

const MINUTES: FieldDef = Declared::<Value>::any("minutes", "Time", Kind::Duration)
    .required()
    .help("Such as 45m or 1h 30m; a number alone is minutes.")
    .def;
const DAY: FieldDef = Declared::<Value>::any("day", "Day", Kind::Date).required().def;
const NOTE: FieldDef = Declared::text("note", "What was done").def;

const MINUTE_MS: i64 = 60_000;

/// Whether a form is about time.
pub fn is_of(form: &Form) -> bool {
    listed(form, &MINUTES)
}

/// The time worked with its sum, and a form for more; nothing where neither is the viewer's.
#[must_use]
pub fn section(sheet: &Sheet, visit: &Visit, rows: &[TimeRow], again: Again<'_>) -> Markup {
    if rows.is_empty() && !sheet.view.can.note {
        return html! {};
    }
    let again = again.only_if(is_of);
    let sum: i64 = rows.iter().map(|row| row.minutes).sum();
    let blank = [Value::Null, Value::Int(today(visit.now(), &sheet.frame.zone)), Value::Null];
    html! {
        section.form-section aria-labelledby="time" {
            div.line { h2 #time .grow { "Time worked" } @if sum > 0 { b { (short_duration(sum * MINUTE_MS)) } } }
            @if !rows.is_empty() {
                ul.card.news aria-label="Time worked" { @for row in rows { li id={ "time-" (row.id) } { (line(sheet, row)) } } }
            }
            @if sheet.view.can.note {
                form #add-time .form method="post" action=(sheet.beside("/time")) {
                    (again.summary())
                    (token_field(visit.token()))
                    (questions(&sheet.frame.zone, &blank, again))
                    div.form-foot { button.btn type="submit" { "Add time" } }
                }
            }
        }
    }
}

fn line(sheet: &Sheet, row: &TimeRow) -> Markup {
    let day = day_to_date(row.day).map(|day| dated(day, "%-d %b %Y")).unwrap_or_default();
    let own = sheet.view.can.note && row.person == sheet.frame.me;
    html! {
        div.line {
            b { (short_duration(row.minutes * MINUTE_MS)) }
            span.grow.line { (person(&sheet.reader().person(row.person))) }
            span.quiet { (day) }
            @if own {
                a.icon-btn href=(sheet.beside(&format!("/time/{}", row.id))) aria-label=(tf("Edit the time of {day}", &[("day", &day)])) title="Edit" { (icon_small("pencil")) }
            }
        }
        @if let Some(note) = &row.note { div.line.quiet dir="auto" { (note) } }
    }
}

fn questions(zone: &TimeZone, held: &[Value; 3], again: Again<'_>) -> Markup {
    let pickers = Pickers::default();
    let asking = Asking { pickers: &pickers, zone, errors: again.errors() };
    let given = |def: &FieldDef, value: &Value| again.given(def, || given_of(def, value, zone));
    html! {
        @for def in [&MINUTES, &DAY, &NOTE] { input type="hidden" name="_fields" value=(def.key); }
        div.form-grid {
            @for (def, value) in [&MINUTES, &DAY, &NOTE].into_iter().zip(held) {
                (field(&asking.field(def, &given(def, value))))
            }
        }
    }
}

fn today(now: i64, zone: &TimeZone) -> i64 {
    let now = jiff::Timestamp::from_millisecond(now).unwrap_or_default();
    date_to_day(now.to_zoned(zone.clone()).date())
}

/// What a form says: minutes, day, note.
fn read(form: &Form, zone: &TimeZone) -> Result<(i64, Option<i64>, Option<String>), Refusal> {
    let mut errors = Vec::new();
    let mut number = |def: &FieldDef| match Value::from_json(def, &json_of(def, form, def.key, zone)) {
        Ok(value) => value.as_int(),
        Err(why) => {
            errors.push(FieldError::misfit(def, &why));
            None
        }
    };
    let (length, day) = (number(&MINUTES), number(&DAY));
    Refusal::unless_empty(errors)?;
    Ok((length.unwrap_or_default() / MINUTE_MS, day, form.filled(NOTE.key).map(str::to_owned)))
}

/// `POST /{plural}/{number}/time`
pub async fn add(Sent { here, form }: Sent) -> Result<Response, Failure> {
    let (process, number, given) = (here.process, here.number.clone(), form.clone());
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let (minutes, day, note) = read(&given, &caller.zone())?;
        records::add_time(session, caller, process, &number, &NewTime { minutes, day, note })
    };
    match here.write(work).await? {
        Ok(_) => Ok(go_on(&here.at("/tasks"), Some(Flash::done("Time added.")))),
        Err(refusal) => tasks::page(&here, Again::of(&form, &refusal)).await,
    }
}

/// `GET /{plural}/{number}/time/{id}`
pub async fn ask(here: Here) -> Result<Response, Failure> {
    one(&here, Again::default()).await
}

/// `POST /{plural}/{number}/time/{id}`
pub async fn change(Sent { here, form }: Sent) -> Result<Response, Failure> {
    let (process, number, id, given) = (here.process, here.number.clone(), here.id, form.clone());
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let (minutes, day, note) = read(&given, &caller.zone())?;
        let version = given.number("version").unwrap_or_default();
        let change = TimeChange { version, minutes: Some(minutes), day, note: Some(note) };
        records::change_time(session, caller, process, &number, id, &change)
    };
    match here.write(work).await? {
        Ok(_) => Ok(go_on(&here.at("/tasks"), Some(Flash::done("Time saved.")))),
        Err(refusal) => one(&here, Again::of(&form, &refusal)).await,
    }
}

/// `POST /{plural}/{number}/time/{id}/remove`
pub async fn remove(Sent { here, .. }: Sent) -> Result<Response, Failure> {
    let (process, number, id) = (here.process, here.number.clone(), here.id);
    let work =
        move |session: &mut Session<'_>, caller: &Caller| records::remove_time(session, caller, process, &number, id);
    here.settle("/tasks", "Time removed.", work).await
}

async fn one(here: &Here, again: Again<'_>) -> Result<Response, Failure> {
    let (process, number, id) = (here.process, here.number.clone(), here.id);
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let frame = Frame::load(session, caller)?;
        let all = records::times(session, caller, process, &number)?;
        let own = |row: &TimeRow| row.id == id && caller.person_id() == Some(row.person);
        let row = all.into_iter().find(own).ok_or_else(|| Refusal::missing("time"))?;
        Ok((frame, row))
    };
    let (frame, row) = here.read(work).await?;
    let held =
        [Value::Int(row.minutes * MINUTE_MS), Value::Int(row.day), row.note.clone().map_or(Value::Null, Value::Text)];
    let address = |rest: &str| here.at(&format!("/time/{id}{rest}"));
    let body = html! {
        form.form method="post" action=(address("")) {
            (again.summary())
            (token_field(here.visit.token()))
            input type="hidden" name="version" value=(row.version);
            (questions(&frame.zone, &held, again))
            (form_foot("Save", Some(&here.at("/tasks"))))
        }
        form.form method="post" action=(address("/remove")) {
            (token_field(here.visit.token()))
            div.form-foot { button.btn type="submit" { "Remove this time" } }
        }
    };
    let title = tf("Time on {number}", &[("number", &here.number)]);
    Ok(here.page(&frame, &title, "/tasks", again, &body))
}
