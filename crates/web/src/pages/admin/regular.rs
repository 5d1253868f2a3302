//! The catalogue of what is made regularly: for whom, what for, how often, and whether it came.

use axum::extract::State;
use axum::response::Response;
use mainstay_desk::schedules::{self, Listed};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_markup::html;
use mainstay_words::sentence;
use maud::Markup;

use super::desk::{Desk, Sheet};
use crate::components::{Column, Nothing, Row, Tone, data_table, moment, nothing, pill};
use crate::failure::Failure;
use crate::pages::exports::{contents, turns, when};
use crate::session::Visit;
use crate::web::Web;

/// `GET /admin/exports`
pub async fn show(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let load = |session: &mut Session<'_>, caller: &Caller| {
        let listed = schedules::catalogue(session, caller)?;
        Ok((Desk::load(session, caller, None)?, listed, schedules::manages(caller)))
    };
    let (desk, listed, manages) = web.read(&visit, Channel::Desk, load).await?;
    let body = html! {
        p.quiet { "What people have made regularly, each file with the rights that its receiver has then. Each arrives as a notice in the inbox." }
        @if listed.is_empty() {
            (nothing(Nothing::Yet, "Nothing is made regularly", "What people have made again and again from lists and reports stands here.", &html! {}, None))
        } @else {
            (table(&desk, &listed, visit.now(), manages.then(|| visit.token())))
        }
    };
    Ok(desk.page(&web, &visit, &Sheet::new("Regular exports", body)))
}

/// With a token whoever looks may let each rest, go on or end.
fn table(desk: &Desk, listed: &[Listed], now: i64, token: Option<&str>) -> Markup {
    let columns = ["Name", "Receiver", "Purpose and audience", "Days and time", "Next", "State"].into_iter();
    let columns = columns.chain(token.map(|_| "Actions"));
    let columns: Vec<Column<'_>> = columns.map(|label| Column { label: label.into(), ..Column::default() }).collect();
    let zone = &desk.frame.zone;
    let line = |each: &Listed| {
        let row = &each.row;
        Row {
            id: format!("schedule-{}", row.id).into(),
            cells: vec![
                html! { bdi.strong { (row.name) } span.quiet.under { (contents(row)) } },
                html! { bdi { (each.receiver) } },
                html! {
                    @if !row.purpose.is_empty() { bdi { (row.purpose) } }
                    @if !row.audience.is_empty() { bdi.quiet.under { (row.audience) } }
                },
                html! { (when(row)) },
                html! { @if row.paused { "–" } @else { span.nowrap { (moment(row.next_at, zone, now)) } } },
                state(each),
            ]
            .into_iter()
            .chain(token.map(|token| html! { div.btn-row { (turns(row, token, true)) } }))
            .collect(),
            ..Row::default()
        }
    };
    let lines: Vec<Row<'_>> = listed.iter().map(line).collect();
    data_table("Regular exports", &columns, &lines)
}

/// Whether it comes, and else why not.
fn state(each: &Listed) -> Markup {
    html! {
        @if !each.received { (pill(Tone::Red, "No receiver")) }
        @else if each.row.paused { (pill(Tone::Plain, "Paused")) }
        @else if each.row.problem.is_some() { (pill(Tone::Red, "Missed")) }
        @else { (pill(Tone::Green, "In time")) }
        @if let Some(problem) = &each.row.problem { span.quiet.under dir="auto" { (sentence(problem)) } }
    }
}
