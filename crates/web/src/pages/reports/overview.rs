//! The reports there are, and the last thirty days at a glance.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::reports::{self, Chart, Measure, Offer, Report};
use mainstay_desk::{Caller, Error, Session};
use mainstay_engine::process::Process;
use mainstay_markup::html;
use mainstay_words::t;
use maud::Markup;

use super::around::{Around, Sheet};
use super::asked::{Asked, periods};
use super::drawing::Shown;
use super::read;
use super::words::{figure, value};
use crate::chart::{Unit, dashboard};
use crate::components::{Nothing, Stat, nothing, stats};
use crate::failure::Failure;
use crate::session::Visit;
use crate::web::Web;

/// Reports whose totals stand on top, where they are offered.
const AT_A_GLANCE: [&str; 3] = ["volume", "response", "resolution"];
/// The days that they are about.
const DAYS: &str = "Last 30 days";

struct Overview {
    around: Around,
    offers: Vec<Offer>,
    asked: Asked,
    glances: Vec<(&'static Process, Report)>,
}

/// `GET /reports`
pub async fn show(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let overview = read(&web, &visit, load).await?;
    let tiles: Vec<Stat> =
        overview.glances.iter().flat_map(|(process, report)| tiles(&overview, process, report)).collect();
    let body = html! {
        @if overview.offers.is_empty() { (nothing(Nothing::Forbidden, "No reports", "Your roles open no figures.", &html! {}, None)) }
        @if !tiles.is_empty() { section aria-labelledby="glance" { h2 #glance { (t(DAYS)) } (stats(&tiles)) } (drawings(&overview)) }
        @for process in mainstay_processes::ALL.iter().copied() { (list(&overview, process)) }
    };
    let sheet = Sheet { title: "Reports", status: StatusCode::OK, above: Vec::new(), actions: None, body };
    Ok(overview.around.page(&web, &visit, &sheet))
}

fn load(session: &mut Session<'_>, caller: &Caller) -> mainstay_desk::Result<Overview> {
    let around = Around::load(session, caller)?;
    let offers = reports::offers(session, caller)?;
    let span = periods(session.now, around.zone()).into_iter().find(|(name, _)| *name == DAYS);
    let asked = span.map(|(_, (from, until))| Asked::days(from, until)).unwrap_or_default();
    let mut glances = Vec::new();
    for offer in offers.iter().filter(|offer| AT_A_GLANCE.contains(&offer.kind.key)) {
        match reports::run(session, caller, offer.process, offer.kind.key, &asked.params()) {
            Ok(report) => glances.push((offer.process, report)),
            Err(Error::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Overview { around, offers, asked, glances })
}

/// The totals of a report that people ask for first: counts of volume, the share that was kept.
fn tiles(overview: &Overview, process: &'static Process, report: &Report) -> Vec<Stat<'static>> {
    let Some(total) = &report.total else { return Vec::new() };
    let columns = || report.columns.iter().zip(&total.cells);
    let tile = |name: &'static str, value: String, column: &reports::Column, cell: &reports::Cell| Stat {
        name: name.into(),
        value: value.into(),
        href: cell.leads.then(|| overview.asked.behind(process, report.key, reports::TOTAL, column.key).into()),
        ..Stat::default()
    };
    if let Some((column, cell)) = columns().find(|(column, _)| matches!(column.measure, Measure::Share { .. })) {
        let share = value(&cell.figure).map(|share| Unit::Percent.words(share));
        return share.map(|share| tile(report.title, share, column, cell)).into_iter().collect();
    }
    let counts = columns().filter(|(column, _)| column.measure == Measure::Count);
    counts
        .map(|(column, cell)| tile(column.label, figure(&cell.figure, overview.around.zone()), column, cell))
        .collect()
}

fn drawings(overview: &Overview) -> Markup {
    let drawn = overview.glances.iter().filter(|(_, report)| report.chart != Chart::None).map(|(process, report)| {
        Shown { process, report, asked: &overview.asked, zone: overview.around.zone() }.chart()
    });
    dashboard(&drawn.collect::<Vec<_>>())
}

fn list(overview: &Overview, process: &'static Process) -> Markup {
    let own: Vec<&Offer> = overview.offers.iter().filter(|offer| offer.process.key == process.key).collect();
    html! {
        @if !own.is_empty() {
            section aria-labelledby={ "of-" (process.plural) } {
                h2 id={ "of-" (process.plural) } { (process.label_plural) }
                div.admin-tiles {
                    @for offer in own {
                        a.service href=(Asked::default().place(process, offer.kind.key)) { span { span { (t(offer.kind.title)) } small { (t(offer.kind.definition)) } } }
                    }
                }
            }
        }
    }
}
