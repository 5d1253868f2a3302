//! Reports, their files, and the records behind each figure.

use super::exports::{Wanted, file, format_parameter, saved};
use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::openapi::parts;
use crate::operation::Operation;
use crate::problem::{Problem, Result};
use crate::query::{After, Ask, Limit, Phrase, Place, cursor};
use crate::shape;
use crate::written::{Each, Line};
use axum::extract::State;
use axum::response::Response;
use mainstay_desk::export;
use mainstay_desk::records::Listing;
use mainstay_desk::reports::{self, Chart, Figure, Measure, Offer, Params, Report, Row};
use mainstay_engine::process::Process;
use serde::Deserialize;
use serde_json::{Value as Json, json};

/// The operations on reports.
pub fn operations() -> Vec<Operation> {
    let tag = "Reports";
    let one = "/reports/{key}";
    vec![
        Operation::gets("/reports", offers)
            .may("reports", "view")
            .named(
                "list_reports",
                tag,
                "List the reports that the caller may ask for, and what each can be grouped by.",
            )
            .gives_json(200, "The reports.", &parts::items_of("ReportOffer")),
        asked_for(Operation::get(
            one,
            |asker: Asker, State(api): State<Api>, Place(key): Place<String>, Ask(ask): Ask<ReportAsk>| {
                run(api, asker, key, ask)
            },
        ))
        .may("reports", "view")
        .named(
            "run_report",
            tag,
            "Run a report over what the caller may see. A past period gives the same figures whenever it is asked for.",
        )
        .gives_json(200, "The report.", &parts::reference("schemas", "Report")),
        asked_for(Operation::get(
            format!("{one}/export"),
            |asker: Asker, State(api): State<Api>, Place(key): Place<String>, Ask(ask): Ask<FileAsk>| {
                export(api, asker, key, ask)
            },
        ))
        .may("reports", "view")
        .named("export_report", tag, "A report as a file. Shares are per cent, lengths of time hours.")
        .asks(format_parameter())
        .gives(200, file()),
        asked_for(Operation::get(
            format!("{one}/records"),
            |asker: Asker, State(api): State<Api>, Place(key): Place<String>, Ask(ask): Ask<BehindAsk>| {
                behind(api, asker, key, ask)
            },
        ))
        .may("reports", "view")
        .named("list_records_of_report", tag, "List exactly the records that a figure counts.")
        .asks(parts::needed_query(
            "row",
            "The key of the row, total for all together; empty for records without a value.",
            &json!({ "type": "string", "maxLength": 200 }),
        ))
        .asks(parts::needed_query("column", "The key of the column.", &json!({ "type": "string", "maxLength": 60 })))
        .asks(parts::reference("parameters", "Limit"))
        .asks(parts::reference("parameters", "After"))
        .gives_json(200, "One page.", &parts::reference("schemas", "ReportRecords")),
    ]
}

/// What every way to ask for a report has in common.
fn asked_for(operation: Operation) -> Operation {
    let text = |most: usize| json!({ "type": "string", "maxLength": most });
    let processes: Vec<&str> = mainstay_processes::ALL.iter().map(|p| p.key).collect();
    let keys: Vec<&str> = reports::ALL.iter().map(|kind| kind.key).collect();
    operation
        .asks(parts::path("key", "The key of the report.", &json!({ "type": "string", "enum": keys })))
        .asks(parts::query(
            "process",
            "Whose records; the first process unless given.",
            &json!({ "type": "string", "enum": processes }),
        ))
        .asks(parts::query(
            "from",
            "A day, or an instant with its offset; without from and to: last month.",
            &json!({ "type": "string", "maxLength": 40, "examples": ["2025-06-01"] }),
        ))
        .asks(parts::query(
            "to",
            "The end, no longer part of the period.",
            &json!({ "type": "string", "maxLength": 40, "examples": ["2025-07-01"] }),
        ))
        .asks(parts::query(
            "zone",
            "IANA name of the zone in which days begin; the caller's own unless given.",
            &text(60),
        ))
        .asks(parts::query("group_by", "month, none, or the key of a field or of a relation.", &text(60)))
        .asks(parts::query("of", "The number that an ad-hoc report adds up and averages.", &text(60)))
        .asks(parts::filter())
}

/// Which report is wanted, about what.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReportAsk {
    process: Option<String>,
    from: Option<Phrase<40>>,
    to: Option<Phrase<40>>,
    zone: Option<Phrase<60>>,
    group_by: Option<Phrase<60>>,
    of: Option<Phrase<60>>,
    filter: Option<Phrase<4000>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileAsk {
    format: Wanted,
    process: Option<String>,
    from: Option<Phrase<40>>,
    to: Option<Phrase<40>>,
    zone: Option<Phrase<60>>,
    group_by: Option<Phrase<60>>,
    of: Option<Phrase<60>>,
    filter: Option<Phrase<4000>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BehindAsk {
    row: Phrase<200>,
    column: Phrase<60>,
    process: Option<String>,
    from: Option<Phrase<40>>,
    to: Option<Phrase<40>>,
    zone: Option<Phrase<60>>,
    group_by: Option<Phrase<60>>,
    of: Option<Phrase<60>>,
    filter: Option<Phrase<4000>>,
    #[serde(default)]
    limit: Limit,
    #[serde(default)]
    after: After,
}

impl ReportAsk {
    /// The process and the parameters, as the desk takes them.
    fn read(self) -> Result<(&'static Process, Params)> {
        let process = match self.process {
            Some(key) => mainstay_processes::process(&key),
            None => mainstay_processes::ALL.first().copied(),
        };
        let unknown = || Problem::unreadable("bad_query", "There is no such process.");
        let text = |phrase: Option<String>| phrase.filter(|text| !text.is_empty());
        let params = Params {
            from: text(self.from.map(|p| p.0)),
            to: text(self.to.map(|p| p.0)),
            zone: text(self.zone.map(|p| p.0)),
            group_by: text(self.group_by.map(|p| p.0)),
            filter: text(self.filter.map(|p| p.0)),
            of: text(self.of.map(|p| p.0)),
            ..Params::default()
        };
        Ok((process.ok_or_else(unknown)?, params))
    }
}

async fn offers(api: Api, asker: Asker) -> Result<Answer> {
    asker
        .read(&api, |session, caller| {
            let offers = reports::offers(session, caller)?;
            Ok(Answer::ok(&json!({ "items": offers.iter().map(offer).collect::<Json>() })))
        })
        .await
}

fn offer(offer: &Offer) -> Json {
    let kind = offer.kind;
    let groups = offer.groups.iter().map(|(key, label)| json!({ "key": key, "label": label }));
    json!({
        "process": offer.process.key, "key": kind.key, "title": kind.title, "definition": kind.definition,
        "derives_from": kind.derives_from, "group_by": kind.group_by, "groups": groups.collect::<Json>(),
    })
}

async fn run(api: Api, asker: Asker, key: String, ask: ReportAsk) -> Result<Answer> {
    let (process, params) = ask.read()?;
    let ran = asker.read_figures(&api, move |session, caller| reports::run(session, caller, process, &key, &params));
    Ok(Answer::ok(&shown(&ran.await?)))
}

async fn export(api: Api, asker: Asker, key: String, ask: FileAsk) -> Result<Response> {
    let FileAsk { format: Wanted(format), process, from, to, zone, group_by, of, filter } = ask;
    let (process, params) = ReportAsk { process, from, to, zone, group_by, of, filter }.read()?;
    let written = asker.read_figures(&api, move |session, caller| {
        let report = reports::run(session, caller, process, &key, &params)?;
        let mut bytes = Vec::new();
        export::report(&report, format, session.now, &mut bytes)?;
        Ok((report.key, bytes))
    });
    let (name, bytes) = written.await?;
    Ok(saved(format, name, bytes))
}

async fn behind(api: Api, asker: Asker, key: String, ask: BehindAsk) -> Result<Answer> {
    let BehindAsk { row, column, process, from, to, zone, group_by, of, filter, limit, after } = ask;
    let (process, params) = ReportAsk { process, from, to, zone, group_by, of, filter }.read()?;
    let listing = Listing { limit: limit.items(), after: after.0, ..Listing::default() };
    let found = asker.read_figures(&api, move |session, caller| {
        let found = reports::behind(session, caller, process, &key, &params, (&row.0, &column.0), &listing)?;
        let page = found.page;
        let line = |row| Line { row, fields: &page.fields, names: &page.names, chosen: None, with_process: false };
        Ok(json!({ "items": Each(&page.rows, line), "next": page.next.as_deref().map(cursor) }))
    });
    Ok(Answer::ok(&found.await?))
}

fn shown(report: &Report) -> Json {
    let columns = report.columns.iter().map(|column| {
        json!({ "key": column.key, "label": column.label, "means": column.means, "measure": measure(column.measure) })
    });
    let chart = match report.chart {
        Chart::Bars => "bars",
        Chart::Lines => "lines",
        Chart::None => "none",
    };
    json!({
        "key": report.key, "title": report.title, "definition": report.definition, "derives_from": report.derives_from,
        "from": shape::instant(report.from), "to": shape::instant(report.to), "zone": report.zone,
        "group_by": report.group_by, "group_label": report.group_label, "columns": columns.collect::<Json>(),
        "rows": report.rows.iter().map(line).collect::<Json>(), "total": report.total.as_ref().map(line),
        "more": report.more, "chart": chart,
        "against": report.against.map(|(from, to)| json!({ "from": shape::instant(from), "to": shape::instant(to) })),
    })
}

fn measure(measure: Measure) -> &'static str {
    match measure {
        Measure::Count | Measure::Before(_) => "count",
        Measure::Share { .. } => "percent",
        Measure::MeanTime => "mean_ms",
        Measure::Mean => "mean",
        Measure::Sum => "sum",
        Measure::Change { .. } | Measure::Words => "text",
        Measure::At => "instant",
        Measure::Time => "ms",
    }
}

fn line(row: &Row) -> Json {
    let figures: Json = row.cells.iter().map(|cell| figure(&cell.figure)).collect();
    json!({ "key": row.key, "label": row.label, "figures": figures })
}

/// Hundredths as a number.
#[expect(clippy::cast_precision_loss, reason = "beyond 2^53 hundredths nobody reads the last digit")]
fn decimal(hundredths: i64) -> f64 {
    hundredths as f64 / 100.0
}

/// A figure, a share with what it is made of.
fn figure(figure: &Figure) -> Json {
    match figure {
        Figure::None => json!({ "value": null }),
        Figure::Count(n) | Figure::Time(n) => json!({ "value": n }),
        Figure::Share { part, whole } => {
            json!({ "value": figure.permyriad().map(decimal), "part": part, "whole": whole })
        }
        Figure::Mean { sum, of } => json!({ "value": figure.hundredths().map(decimal), "part": sum, "whole": of }),
        Figure::Text(text) => json!({ "value": text }),
        Figure::Change(by) => json!({ "value": Figure::changed(*by) }),
        Figure::At(at) => json!({ "value": shape::instant(*at) }),
    }
}
