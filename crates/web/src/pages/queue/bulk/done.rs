//! What came of a bulk run, and taking it back.

use axum::extract::{Extension, Path, RawQuery, State};
use axum::response::Response;
use mainstay_desk::records::{self, BulkItem, BulkRow, BulkRun};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::Why;
use mainstay_markup::html;
use mainstay_words::{sentence, t, tf};
use maud::Markup;

use super::ask::{counted, undo_address};
use crate::address;
use crate::components::{
    Banner, Column, Row, ViewHead, Weight, banner, button_link, data_table, icon_small, pane, token_field, view_head,
};
use crate::failure::Failure;
use crate::flash::{Flash, go_on};
use crate::pages::frame::{At, Frame, Place};
use crate::session::{Posted, Visit};
use crate::web::Web;

/// A run can be taken back so long, in milliseconds: as long as a single change.
const UNDO_MS: i64 = 5 * 60_000;

/// `GET /{plural}/bulk/{id}`
pub async fn show(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    Path(id): Path<i64>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Result<Response, Failure> {
    let load = move |session: &mut Session<'_>, caller: &Caller| {
        Ok((Frame::load(session, caller)?, records::bulk_run(session, caller, process, id)?))
    };
    let (frame, run) = web.read(&visit, Channel::Desk, load).await?;
    let list = list_of(process, query.as_deref());
    let title = t("What came of it");
    let above = vec![(process.label_plural.into(), list.as_str().into())];
    let head = view_head(&ViewHead { title: title.into(), above, ..ViewHead::default() });
    let body = body(process, &run, &Around { list: &list, id, token: visit.token(), now: visit.now() });
    Ok(frame.page(&web, &visit, &At::new(title, Place::Process(process.key)).of_record(), &pane(&head, &body)))
}

/// `POST /{plural}/bulk/{id}/undo`
pub async fn undo(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    Path(id): Path<i64>,
    RawQuery(query): RawQuery,
    Posted { visit, .. }: Posted,
) -> Result<Response, Failure> {
    let list = list_of(process, query.as_deref());
    let work = move |session: &mut Session<'_>, caller: &Caller| records::undo_bulk(session, caller, process, id);
    let done = match web.write(&visit, Channel::Desk, work).await.map_err(Failure::for_form) {
        Ok(done) => done,
        Err(Ok(refusal)) if refusal.why == Why::Conflict => {
            return Ok(go_on(&list, Some(Flash::failed(refusal.detail))));
        }
        Err(Ok(refusal)) => return Err(refusal.into()),
        Err(Err(failure)) => return Err(failure),
    };
    let stay: Vec<&BulkRow> = done.rows.iter().filter(|row| row.refused.is_some()).collect();
    let back = counted(process, done.rows.len() - stay.len());
    let flash = match stay.as_slice() {
        [] => Flash::done(format!("{back} taken back.")),
        [first, ..] => {
            let why = first.refused.as_ref().map(|refusal| refusal.detail.as_str()).unwrap_or_default();
            let words = format!("{back} taken back, {} not: {}: {why}", stay.len(), first.number);
            if done.rows.len() == stay.len() { Flash::failed(words) } else { Flash::done(words) }
        }
    };
    Ok(go_on(&list, Some(flash)))
}

/// The list that one came from.
fn list_of(process: &Process, query: Option<&str>) -> String {
    let pairs = address::pairs(query.unwrap_or_default());
    let list = address::value(&pairs, "list").and_then(address::own).map(str::to_owned);
    list.unwrap_or_else(|| format!("/{}", process.plural))
}

/// What the page needs beside the run.
struct Around<'a> {
    list: &'a str,
    id: i64,
    token: &'a str,
    now: i64,
}

fn body(process: &'static Process, run: &BulkRun, around: &Around<'_>) -> Markup {
    let list = around.list;
    let skipped: Vec<&BulkItem> = run.items.iter().filter(|item| item.skipped.is_some()).collect();
    let changed: Vec<&BulkItem> = run.items.iter().filter(|item| item.skipped.is_none()).collect();
    let weight = if changed.is_empty() { Weight::Danger } else { Weight::Warning };
    let title = tf("{n} changed, {m} skipped", &[("n", &changed.len()), ("m", &skipped.len())]);
    let link = |number: &str| html! { a.nowrap href={ "/" (process.plural) "/" (number) } { bdi { (number) } } };
    let line = |item: &&BulkItem| Row {
        id: format!("row-{}", item.number).into(),
        cells: vec![link(&item.number), html! { (sentence(item.skipped.as_deref().unwrap_or_default())) }],
        ..Row::default()
    };
    let columns = ["Number", "Why not"].map(|label| Column { label: t(label).into(), ..Column::default() });
    html! {
        div role="status" { (banner(&Banner { weight, title: title.into(), ..Banner::default() })) }
        @if !skipped.is_empty() { (data_table(t("Skipped"), &columns, &skipped.iter().map(line).collect::<Vec<_>>())) }
        @if !changed.is_empty() {
            section.form-section {
                h2 { (tf("{records} changed", &[("records", &counted(process, changed.len()))])) }
                p.bulk-numbers { @for item in &changed { (link(&item.number)) " " } }
            }
        }
        @if run.undone { p.quiet { "This was taken back." } }
        div.form-foot {
            (button_link(list, t("Back to the list"), None, true))
            @if !run.undone && !changed.is_empty() && around.now - run.at < UNDO_MS {
                form method="post" action=(undo_address(process, around.id, list)) {
                    (token_field(around.token))
                    button.btn type="submit" { (icon_small("undo-2")) "Undo" }
                }
            }
        }
    }
}
