//! The reports there are, and a period at a glance.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::reports::{self, Chart, Measure, Offer, Report, Span};
use mainstay_desk::{Caller, Error, Session};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::Refusal;
use mainstay_markup::html;
use mainstay_words::{t, tf};
use maud::Markup;

use super::REPORTS;
use super::asked::Asked;
use super::drawing::Shown;
use super::read;
use super::within::Within;
use super::words::{figure, value};
use crate::address::with_query;
use crate::chart::{Unit, dashboard};
use crate::components::{Nothing, Stat, date, nothing, stats};
use crate::failure::{Failure, status_of};
use crate::pages::around::{Around, Sheet};
use crate::pages::entrance::summary;
use crate::session::Visit;
use crate::web::Web;

/// Reports whose totals stand on top, where they are offered.
const AT_A_GLANCE: [&str; 3] = ["volume", "response", "resolution"];

struct Overview {
    around: Around,
    within: Within,
    offers: Vec<Offer>,
    /// What the address says, without a period lately.
    asked: Asked,
    glances: Vec<(&'static Process, Report)>,
    refused: Option<Refusal>,
}

/// `GET /reports?from=…&until=…&team=…`
pub async fn show(State(web): State<Web>, Query(given): Query<Asked>, visit: Visit) -> Result<Response, Failure> {
    let load = move |session: &mut Session<'_>, caller: &Caller| load(session, caller, given);
    let overview = read(&web, &visit, load).await?;
    let place = |asked: &Asked| with_query("/reports", asked.pairs());
    let body = html! {
        @if overview.offers.is_empty() { (nothing(Nothing::Forbidden, "No reports", "Your roles open no figures.", &html! {}, None)) }
        @else { (overview.within.choices(&overview.asked, visit.now(), overview.around.zone(), &place)) }
        (summary(overview.refused.as_ref()))
        @for process in mainstay_processes::ALL.iter().copied() { (overview.glance(process, &overview.period(visit.now()))) }
        @for process in mainstay_processes::ALL.iter().copied() { (list(&overview, process)) }
    };
    let status = overview.refused.as_ref().map_or(StatusCode::OK, status_of);
    let sheet = Sheet { title: "Reports", status, above: Vec::new(), actions: None, body, whole: false };
    Ok(sheet.page(&web, &visit, &overview.around, REPORTS))
}

fn load(session: &mut Session<'_>, caller: &Caller, given: Asked) -> mainstay_desk::Result<Overview> {
    let around = Around::load(session, caller)?;
    let offers = reports::offers(session, caller)?;
    let asked = given.or_lately(session.now, around.zone());
    let (mut glances, mut refused) = (Vec::new(), None);
    for offer in offers.iter().filter(|offer| AT_A_GLANCE.contains(&offer.kind.key)) {
        match reports::run(session, caller, offer.process, offer.kind.key, &asked.params()) {
            Ok(report) => glances.push((offer.process, report)),
            Err(Error::Refused(refusal)) => refused = Some(refusal),
            Err(error) => return Err(error),
        }
    }
    // What one report cannot answer another may; only where none can is something wrong with the question.
    let refused = refused.filter(|_| glances.is_empty());
    Ok(Overview { within: Within::load(session, caller), around, offers, asked, glances, refused })
}

impl Overview {
    /// The figures of a process that people ask for first, under its name where there are several.
    fn glance(&self, process: &'static Process, period: &str) -> Markup {
        let own = self.glances.iter().filter(|(of, _)| of.key == process.key).map(|(_, report)| report);
        let tiles: Vec<Stat> = own.flat_map(|report| tiles(self, process, report)).collect();
        let several = self.glances.iter().any(|(of, _)| of.key != process.key);
        let id = format!("glance-{}", process.plural);
        html! {
            @if !tiles.is_empty() {
                section aria-labelledby=(id) {
                    h2 id=(id) { @if several { (process.label_plural) " · " (period) } @else { (period) } }
                    (stats(&tiles))
                }
                (drawings(self, process))
            }
        }
    }

    /// The period by its name, or its days.
    fn period(&self, now: i64) -> String {
        let zone = self.around.zone();
        let named = Span::ALL.into_iter().find(|span| self.asked.within(span.days(now, zone)) == self.asked);
        match (named, self.glances.first()) {
            (Some(span), _) => t(span.words).to_owned(),
            // The end is no longer part of the period.
            (None, Some((_, report))) => {
                tf("{from} to {to}", &[("from", &date(report.from, zone)), ("to", &date(report.to - 1, zone))])
            }
            (None, None) => String::new(),
        }
    }
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

fn drawings(overview: &Overview, process: &'static Process) -> Markup {
    let own = overview.glances.iter().filter(|(of, report)| of.key == process.key && report.chart != Chart::None);
    let drawn = own.map(|(_, report)| {
        let (zone, home) = (overview.around.zone(), overview.around.home(process));
        Shown { process, report, asked: &overview.asked, zone, home: &home }.chart()
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
                        a.service href=(overview.asked.place(process, offer.kind.key)) { span { span { (t(offer.kind.title)) } small { (t(offer.kind.definition)) } } }
                    }
                }
            }
        }
    }
}
