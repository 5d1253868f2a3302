//! Every change of a record with old and new value, the newest first; and the rail as a section for phones.

use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::{Caller, Session, records};
use mainstay_engine::field::{FieldDef, Kind};
use mainstay_markup::html;
use mainstay_store::EventRow;
use mainstay_words::tn;
use maud::Markup;

use super::edit::Clash;
use super::here::Here;
use super::sheet::{Section, Sheet, value};
use super::telling::{self, Told};
use super::{address_of_page, past, rail};
use crate::components::{Column, Row, data_table, input_value, moment, pages};
use crate::failure::Failure;

/// Events of one page.
const EVENTS: i64 = 100;

/// `GET /{plural}/{number}/history`
pub async fn show(here: Here) -> Result<Response, Failure> {
    let after = here
        .query
        .as_deref()
        .and_then(|query| crate::address::value(&crate::address::pairs(query), "since")?.parse().ok());
    let after: i64 = after.unwrap_or_default();
    let load = move |session: &mut Session<'_>, caller: &Caller, sheet: &mut Sheet| {
        let number = sheet.number().to_owned();
        let events = records::history(session, caller, sheet.process(), &number, after, EVENTS)?;
        let fields = std::mem::take(&mut sheet.fields);
        telling::learn(session, &fields, &events, &mut sheet.names)?;
        sheet.fields = fields;
        Ok(events)
    };
    let (sheet, events) = here.open(load).await?;
    let now = here.visit.now();
    let given = input_value(now, &sheet.frame.zone);
    let body = html! {
        div.record-body { (table(&sheet, &events, now)) (more(&sheet, &events, after)) }
        div.details { (past::form(&sheet, &given, None)) }
    };
    Ok(sheet.page(&here.web, &here.visit, Section::History, StatusCode::OK, &body))
}

/// `GET /{plural}/{number}/details`
pub async fn details(here: Here) -> Result<Response, Failure> {
    details_page(&here, None, StatusCode::OK).await
}

/// The section with an edit in it that somebody else overtook.
///
/// # Errors
/// Not the caller's to see; the database's.
pub async fn details_page(here: &Here, clash: Option<Clash>, status: StatusCode) -> Result<Response, Failure> {
    let nothing_more = |_: &mut Session<'_>, _: &Caller, _: &mut Sheet| Ok(());
    let (mut sheet, ()) = here.open(nothing_more).await?;
    sheet.clash = clash;
    let body = html! { div.details { (rail::rail(&sheet, &here.visit, Section::Details)) (texts(&sheet)) } };
    Ok(sheet.page(&here.web, &here.visit, Section::Details, status, &body))
}

/// The long texts of the record, which the rail has no room for.
fn texts(sheet: &Sheet) -> Markup {
    let long =
        |field: &&&'static FieldDef| matches!(field.kind, Kind::Markdown) && !value(&sheet.view, field.key).is_blank();
    html! {
        @for field in sheet.view.fields.iter().filter(long) {
            section.card aria-label=(field.label) {
                h2.card-title { (field.label) }
                @if let Some(shown) = sheet.reader().markup(field, value(&sheet.view, field.key)) { (shown) }
            }
        }
    }
}

fn table(sheet: &Sheet, events: &[EventRow], now: i64) -> Markup {
    let reader = sheet.reader();
    let column = |label: &'static str| Column { label: label.into(), ..Column::default() };
    let mut columns = vec![column("Date and time"), column("What"), column("Changes")];
    // Most histories give no reasons; then the changes have the room.
    if events.iter().any(|event| event.reason.is_some()) {
        columns.push(column("Reason"));
    }
    let row = |event: &EventRow| Row {
        id: format!("history-{}", event.id).into(),
        cells: [
            html! { span.nowrap { (moment(event.at, &sheet.frame.zone, now)) } },
            html! { div.deed { (telling::deed(sheet.process(), event, &reader)) } },
            changes(&telling::told(sheet.process(), event, &sheet.fields, &reader)),
            html! { span dir="auto" { (event.reason.as_deref().unwrap_or_default()) } },
        ]
        .into_iter()
        .take(columns.len())
        .collect(),
        ..Row::default()
    };
    let rows: Vec<Row<'_>> = events.iter().rev().map(row).collect();
    data_table("History", &columns, &rows)
}

fn changes(all: &[Told]) -> Markup {
    html! {
        @for change in all {
            div.change dir="auto" {
                (change.label) ": "
                @if let Some(old) = &change.old { del { (old) } " " }
                @if let Some(new) = &change.new { ins { (new) } } @else { span.quiet { "empty" } }
                @for row in &change.rows.0 { div { del { (row) } } }
                @for row in &change.rows.1 { div { ins { (row) } } }
            }
        }
    }
}

fn more(sheet: &Sheet, events: &[EventRow], after: i64) -> Markup {
    let full = i64::try_from(events.len()).is_ok_and(|found| found == EVENTS);
    let later = events.last().filter(|_| full).map(|event| address_of_page(&sheet.beside("/history"), event.id));
    let first = (after > 0).then(|| sheet.beside("/history"));
    pages(&tn(events.len(), "{n} event", "{n} events"), later.as_deref(), first.as_deref())
}
