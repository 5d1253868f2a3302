//! Having a report made as a file regularly, over a period that moves with the days.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::tz::TimeZone;
use mainstay_desk::reports::{self, Span};
use mainstay_desk::schedules::{self, OfReport, What};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::Refusal;
use mainstay_markup::html;
use mainstay_words::t;

use super::asked::{Asked, parts};
use super::{REPORTS, process_of};
use crate::components::{Choice, Control, Field};
use crate::failure::{Failure, status_of};
use crate::flash::{Flash, go_on};
use crate::form::Form;
use crate::pages::around::{Around, Sheet};
use crate::pages::exports::{Begin, wanted};
use crate::pages::queue::in_words;
use crate::session::{Posted, Visit};
use crate::web::Web;

/// `GET /reports/{plural}/{key}/export/schedule`, with the words of the report's own address.
pub async fn ask(
    State(web): State<Web>,
    Path((plural, key)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    visit: Visit,
) -> Result<Response, Failure> {
    page(&web, &visit, process_of(&plural)?, &key, asked, None).await
}

/// `POST /reports/{plural}/{key}/export/schedule`
pub async fn begin(
    State(web): State<Web>,
    Path((plural, key)): Path<(String, String)>,
    Posted { visit, form }: Posted,
) -> Result<Response, Failure> {
    let process = process_of(&plural)?;
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    let asked =
        Asked { by: text("by"), team: text("team"), filter: text("filter"), of: text("of"), ..Asked::default() };
    let params = asked.params();
    let of = OfReport {
        key: key.clone(),
        period: text("period"),
        group_by: params.group_by,
        filter: params.filter,
        of: params.of,
    };
    let wanted = wanted(&form, What::Report(of));
    let begin = move |session: &mut Session<'_>, caller: &Caller| schedules::create(session, caller, process, &wanted);
    match web.write(&visit, Channel::Desk, begin).await.map_err(Failure::for_form) {
        Ok(row) => {
            Ok(go_on("/me/exports", Some(Flash::done(format!("“{}” is made regularly from now on.", row.name)))))
        }
        Err(Ok(refusal)) => page(&web, &visit, process, &key, asked, Some((&form, &refusal))).await,
        Err(Err(failure)) => Err(failure),
    }
}

async fn page(
    web: &Web,
    visit: &Visit,
    process: &'static Process,
    key: &str,
    asked: Asked,
    refused: Option<(&Form, &Refusal)>,
) -> Result<Response, Failure> {
    let (report, question) = (key.to_owned(), asked.clone());
    let load = move |session: &mut Session<'_>, caller: &Caller| {
        let around = Around::load(session, caller)?;
        let kind = reports::may_run(session, caller, process, &report)?;
        let mut sentences = Vec::new();
        for text in question.condition().iter().flat_map(|all| parts(all)) {
            sentences.push(in_words(session, process, &text)?);
        }
        Ok((around, kind, sentences))
    };
    let (around, kind, sentences) = web.read(visit, Channel::Desk, load).await?;
    let (form, refusal) = refused.unzip();
    let place = asked.place(process, key);
    let period = form
        .and_then(|form| form.get("period"))
        .map_or_else(|| usual(&asked, visit.now(), around.zone()), str::to_owned);
    let periods = Span::ALL.iter().map(|span| Choice::new(span.key, t(span.words), span.key == period)).collect();
    let periods = Control::Select { options: periods, blank: None };
    let kept = [("by", &asked.by), ("team", &asked.team), ("filter", &asked.filter), ("of", &asked.of)];
    let carried = html! {
        @for (name, value) in kept { @if !value.is_empty() { input type="hidden" name=(name) value=(value); } }
    };
    let begin = Begin {
        action: &format!("/reports/{}/{key}/export/schedule", process.plural),
        back: &place,
        carried: &carried,
        name: t(kind.title),
        usual: ("xlsx", if period == "last_month" { "month" } else { "monday" }),
        report: Some(Field::new("period", "Period", periods).answered()),
        zone: around.zone().iana_name().unwrap_or("UTC"),
    };
    let title = t("Export regularly");
    let above = vec![("Reports", "/reports".to_owned()), (kind.title, place.clone())];
    let body = html! {
        p.reminder {
            span { (process.label_plural) }
            bdi.pill.pill-line { (t(kind.title)) }
            @for sentence in &sentences { bdi.pill.tone-accent { (sentence) } }
        }
        (begin.form(visit.token(), form, refusal))
    };
    let status = refusal.map_or(StatusCode::OK, status_of);
    let sheet = Sheet { title, status, above, actions: None, body, whole: true };
    Ok(sheet.page(web, visit, &around, REPORTS))
}

/// The period that the address means where it has a name; else last month.
fn usual(asked: &Asked, now: i64, zone: &TimeZone) -> String {
    let same = |span: &Span| asked.within(span.days(now, zone)) == *asked;
    Span::ALL.iter().find(|span| same(span)).map_or("last_month", |span| span.key).to_owned()
}
