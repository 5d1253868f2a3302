//! The records behind a figure: exactly those that it counts.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::records::{Listing, Page};
use mainstay_desk::reports::{self, Behind};
use mainstay_desk::{Caller, Session};
use mainstay_engine::process::Process;
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_words::{t, tn};
use maud::Markup;
use serde::Deserialize;

use super::REPORTS;
use super::asked::Asked;
use super::drawing::row_name;
use super::{process_of, read};
use crate::components::{Column, Row, data_table, pages, status_pill};
use crate::failure::Failure;
use crate::pages::around::{Around, Sheet};
use crate::session::Visit;
use crate::shown::{Reader, status};
use crate::web::Web;

const ON_A_PAGE: usize = 50;

/// Which figure, and which page of its records.
#[derive(Debug, Deserialize)]
pub struct Figure {
    row: String,
    column: String,
    after: Option<String>,
}

/// `GET /reports/{plural}/{key}/records`
pub async fn show(
    State(web): State<Web>,
    Path((plural, key)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    Query(figure): Query<Figure>,
    visit: Visit,
) -> Result<Response, Failure> {
    let process = process_of(&plural)?;
    let (params, report, wanted) = (asked.params(), key.clone(), (figure.row.clone(), figure.column.clone()));
    let listing = Listing { limit: ON_A_PAGE, after: figure.after.clone(), ..Listing::default() };
    let load = move |session: &mut Session<'_>, caller: &Caller| {
        let place = (wanted.0.as_str(), wanted.1.as_str());
        let found = reports::behind(session, caller, process, &report, &params, place, &listing)?;
        Ok((Around::load(session, caller)?, found))
    };
    let (around, Behind { page, count, group_by, row, column }) = read(&web, &visit, load).await?;
    let base = asked.behind(process, &key, &figure.row, &figure.column);
    let older = page.next.as_deref().map(|after| {
        let after = crate::address::query([("after", after)]);
        format!("{base}&{after}")
    });
    let newer = figure.after.is_some().then_some(base.as_str());
    let title = reports::ALL.iter().find(|kind| kind.key == key).map_or(key.as_str(), |kind| kind.title);
    let body = html! {
        p #figure { b { (t(column.label)) } " · " bdi { (row_name(&group_by, &row)) } " · " (tn(count, "{n} record", "{n} records")) br; span.quiet { (t(column.means)) } }
        (table(&around, process, &page))
        (pages(&tn(page.rows.len(), "{n} shown", "{n} shown"), newer, older.as_deref()))
    };
    let sheet = Sheet {
        title: process.label_plural,
        status: StatusCode::OK,
        above: vec![("Reports", "/reports".to_owned()), (title, asked.place(process, &key))],
        actions: None,
        body,
        whole: false,
    };
    Ok(sheet.page(&web, &visit, &around, REPORTS))
}

fn table(around: &Around, process: &'static Process, page: &Page) -> Markup {
    let reader = Reader::new(&page.names, around.zone());
    let [number, state] = [spine::NUMBER.def.key, spine::STATE.def.key];
    let shown: Vec<_> = page.fields.iter().filter(|field| ![number, state].contains(&field.key)).collect();
    let mut columns = vec![Column { label: process.label.into(), ..Column::default() }];
    columns.push(Column { label: spine::STATE.def.label.into(), ..Column::default() });
    columns.extend(shown.iter().map(|field| Column { label: field.label.into(), ..Column::default() }));
    let home = around.home(process);
    let rows: Vec<Row> =
        page.rows
            .iter()
            .map(|row| {
                let record = &row.record;
                let name = record.value(number).as_text().unwrap_or_default();
                let first = html! { a.link href={ (home) "/" (name) } { bdi { (name) } } };
                let state = status_pill(&status(process, record.state));
                let others = shown.iter().map(|field| html! {
                @if let Some(words) = reader.words(field, record.value(field.key)) { span dir="auto" { (words) } }
            });
                Row {
                    id: format!("row-{name}").into(),
                    cells: [first, state].into_iter().chain(others).collect(),
                    ..Row::default()
                }
            })
            .collect();
    data_table("Records", &columns, &rows)
}
