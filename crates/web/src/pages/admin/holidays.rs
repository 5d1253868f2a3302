//! Holidays from a calendar file: shown first, put in when somebody says so.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use mainstay_desk::holidays::{self, Plan};
use mainstay_desk::{Caller, Channel, Session, registers as door};
use mainstay_engine::refusal::Refusal;
use mainstay_engine::register::Entry;
use mainstay_markup::html;
use mainstay_processes::registers::CALENDARS;
use mainstay_words::{dated, t, tn};
use maud::Markup;

use super::desk::{Desk, HOLIDAYS, Sheet, place};
use crate::components::{Column, Control, Field, Row, Width, data_table, field, token_field};
use crate::failure::{Failure, status_of};
use crate::flash::{Flash, go_on};
use crate::form::Form;
use crate::pages::entrance::summary;
use crate::session::{Posted, Visit};
use crate::web::Web;

struct Paper {
    desk: Desk,
    calendar: Entry,
}

fn load(session: &mut Session<'_>, caller: &Caller, id: i64) -> mainstay_desk::Result<Paper> {
    let desk = Desk::load(session, caller, Some(&CALENDARS))?;
    let calendar = door::get(session.conn, caller, &CALENDARS, id)?;
    if !desk.manages {
        return Err(Refusal::forbidden("no_right", "You may not change calendars.").into());
    }
    Ok(Paper { desk, calendar })
}

/// `GET /admin/holidays/{id}`
pub async fn show(State(web): State<Web>, Path(id): Path<i64>, visit: Visit) -> Result<Response, Failure> {
    let paper = web.read(&visit, Channel::Desk, move |session, caller| load(session, caller, id)).await?;
    Ok(paper.page(&web, &visit, &Form::default(), None, None))
}

/// The years that a form names, this one and the two after it unless it does.
fn years(form: &Form, now: i64) -> (i16, i16) {
    let this = Timestamp::from_millisecond(now).unwrap_or_default().to_zoned(jiff::tz::TimeZone::UTC).year();
    let read = |name: &str| form.number(name).and_then(|year| i16::try_from(year).ok());
    (read("first").unwrap_or(this), read("last").unwrap_or(this + 2))
}

/// The text of the file that came along, or of the one that was shown before.
fn text_of(form: &Form) -> String {
    match form.files.first() {
        Some(file) => String::from_utf8_lossy(&file.bytes).into_owned(),
        None => form.get("text").unwrap_or_default().to_owned(),
    }
}

/// `POST /admin/holidays/{id}`: shows what a file would bring, or puts it in.
pub async fn take(State(web): State<Web>, Path(id): Path<i64>, posted: Posted) -> Result<Response, Failure> {
    let Posted { visit, form } = posted;
    let (text, span) = (text_of(&form), years(&form, visit.now()));
    if form.has("import") {
        let written = text.clone();
        let put = web.write(&visit, Channel::Desk, move |session: &mut Session<'_>, caller: &Caller| {
            holidays::import(session, caller, id, &written, span)
        });
        match put.await.map_err(Failure::for_form) {
            Ok(fresh) => {
                let flash = Flash::done(format!("{fresh} holidays were put in."));
                return Ok(go_on(&place(&CALENDARS, id), Some(flash)));
            }
            Err(Ok(refusal)) => return refused(&web, &visit, id, &form, &refusal).await,
            Err(Err(failure)) => return Err(failure),
        }
    }
    let read = text.clone();
    let planned = web.read(&visit, Channel::Desk, move |session: &mut Session<'_>, caller: &Caller| {
        Ok((load(session, caller, id)?, holidays::plan(session, caller, id, &read, span)?))
    });
    match planned.await.map_err(Failure::for_form) {
        // Nothing was put in, so this is no success; and only so it is shown.
        Ok((paper, plan)) => Ok(paper.page(&web, &visit, &form, Some((&plan, &text)), None)),
        Err(Ok(refusal)) => refused(&web, &visit, id, &form, &refusal).await,
        Err(Err(failure)) => Err(failure),
    }
}

async fn refused(web: &Web, visit: &Visit, id: i64, form: &Form, refusal: &Refusal) -> Result<Response, Failure> {
    let paper = web.read(visit, Channel::Desk, move |session, caller| load(session, caller, id)).await?;
    Ok(paper.page(web, visit, form, None, Some(refusal)))
}

impl Paper {
    fn page(
        &self,
        web: &Web,
        visit: &Visit,
        form: &Form,
        plan: Option<(&Plan, &str)>,
        refused: Option<&Refusal>,
    ) -> Response {
        let (first, last) = years(form, visit.now());
        let year = |name: &'static str, label: &'static str, value: i16| {
            let control = Control::Number {
                value: value.to_string().into(),
                min: Some("1970".into()),
                max: Some("9000".into()),
                step: "1".into(),
                unit: None,
            };
            Field { required: true, width: Width::Half, ..Field::new(name, label, control) }
        };
        let file = Control::File { multiple: false, limit: Some("A calendar file (.ics), up to 2 MB.".into()) };
        let body = html! {
            p.quiet { "Countries and companies publish their holidays as calendar files. Days that the calendar has already stay as they are." }
            @if let Some((plan, text)) = plan { (self.preview(visit, plan, text, (first, last))) }
            form.form.admin-form method="post" action={ "/admin/holidays/" (self.calendar.id) } enctype="multipart/form-data" {
                (summary(refused))
                (token_field(visit.token()))
                (field(&Field { required: true, ..Field::new("file", "Calendar file", file) }))
                div.form-grid { (field(&year("first", "From the year", first))) (field(&year("last", "Until the year", last))) }
                div.form-foot { button.btn.btn-primary[plan.is_none()] type="submit" { "See what it brings" } }
            }
        };
        let status = match (refused, plan) {
            (Some(refusal), _) => status_of(refusal),
            (None, Some(_)) => StatusCode::UNPROCESSABLE_ENTITY,
            (None, None) => StatusCode::OK,
        };
        let sheet = Sheet { status, ..Sheet::of(&self.desk, &CALENDARS, &self.calendar, HOLIDAYS, body) };
        self.desk.page(web, visit, &sheet)
    }

    fn preview(&self, visit: &Visit, plan: &Plan, text: &str, (first, last): (i16, i16)) -> Markup {
        let columns = ["Date", "Name"].map(|label| Column { label: t(label).into(), ..Column::default() });
        let row = |(date, name): (&jiff::civil::Date, &String)| {
            let (date, name) = (dated(*date, "%-d %b %Y"), name.clone());
            Row {
                id: String::new().into(),
                cells: vec![html! { span.digits { (date) } }, html! { bdi { (name) } }],
                ..Row::default()
            }
        };
        let rows: Vec<Row> = plan.fresh.iter().map(row).collect();
        html! {
            section.form-section aria-labelledby="preview" {
                h2 #preview { (tn(rows.len(), "{n} new holiday", "{n} new holidays")) }
                @if plan.known > 0 { p.quiet { (tn(plan.known, "{n} day is in the calendar already.", "{n} days are in the calendar already.")) } }
                @if !rows.is_empty() {
                    (data_table("New holidays", &columns, &rows))
                    form method="post" action={ "/admin/holidays/" (self.calendar.id) } {
                        (token_field(visit.token()))
                        input type="hidden" name="import" value="1";
                        input type="hidden" name="first" value=(first);
                        input type="hidden" name="last" value=(last);
                        textarea hidden name="text" aria-label="Calendar file" { (text) }
                        button.btn.btn-primary type="submit" { "Put them in" }
                    }
                }
                @if !plan.left_out.is_empty() {
                    details {
                        summary { (tn(plan.left_out.len(), "{n} entry was left out", "{n} entries were left out")) }
                        ul.card.news {
                            @for (name, why) in &plan.left_out { li { bdi { (name) } span.quiet { " – " (reason(why)) } } }
                        }
                    }
                }
            }
        }
    }
}

/// Why an entry of the file was left out.
fn reason(why: &str) -> &str {
    match why {
        "it is cancelled" => t("it is cancelled"),
        "it has no date" => t("it has no date"),
        "its date cannot be read" => t("its date cannot be read"),
        "it is not a whole day" => t("it is not a whole day"),
        "it is longer than a month" => t("it is longer than a month"),
        "its rule is not a yearly one" => t("its rule is not a yearly one"),
        other => other,
    }
}
