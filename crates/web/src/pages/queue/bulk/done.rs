//! What came of a bulk run, and taking it back.

use axum::extract::{Extension, Path, RawQuery, State};
use axum::response::Response;
use mainstay_desk::records::{self, BulkItem, BulkRun};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::process::Process;
use mainstay_markup::html;
use mainstay_words::{sentence, t, tf};
use maud::Markup;

use super::ask::counted;
use crate::address;
use crate::components::{Banner, Column, Row, ViewHead, Weight, banner, button_link, data_table, pane, view_head};
use crate::failure::Failure;
use crate::pages::frame::{At, Frame, Place};
use crate::session::Visit;
use crate::web::Web;

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
    let pairs = address::pairs(&query.unwrap_or_default());
    let list = address::value(&pairs, "list").and_then(address::own).map(str::to_owned);
    let list = list.unwrap_or_else(|| format!("/{}", process.plural));
    let title = t("What came of it");
    let above = vec![(process.label_plural.into(), list.as_str().into())];
    let head = view_head(&ViewHead { title: title.into(), above, ..ViewHead::default() });
    let body = body(process, &run, &list);
    Ok(frame.page(&web, &visit, &At::new(title, Place::Process(process.key)).of_record(), &pane(&head, &body)))
}

fn body(process: &'static Process, run: &BulkRun, list: &str) -> Markup {
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
        div.form-foot { (button_link(list, t("Back to the list"), None, true)) }
    }
}
