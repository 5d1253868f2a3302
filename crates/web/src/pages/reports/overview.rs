//! The reports there are, and a period at a glance.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::reports::{self, Chart, Measure, Offer, Report};
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

/// As many bars as tell where to look.
const FEW_BARS: usize = 8;

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
        (at_a_glance(&overview))
        @if !overview.offers.is_empty() { section.glance aria-labelledby="all-reports" { h2 #all-reports { "All reports" } @for process in mainstay_processes::ALL.iter().copied() { (list(&overview, process)) } } }
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
    /// The days of the period; its name is marked above.
    fn period(&self) -> String {
        let (Some((_, report)), zone) = (self.glances.first(), self.around.zone()) else { return String::new() };
        // The end is no longer part of the period.
        tf("{from} to {to}", &[("from", &date(report.from, zone)), ("to", &date(report.to - 1, zone))])
    }
}

/// The period, and what each process did in it: under its name where there is more than one.
fn at_a_glance(overview: &Overview) -> Markup {
    let mut of_each: Vec<(&'static Process, Vec<&Report>)> = Vec::new();
    for (process, report) in &overview.glances {
        match of_each.last_mut().filter(|(last, _)| last.key == process.key) {
            Some((_, reports)) => reports.push(report),
            None => of_each.push((process, vec![report])),
        }
    }
    html! {
        @if !of_each.is_empty() {
            section.glance aria-labelledby="glance" {
                h2 #glance { (overview.period()) }
                @for (process, reports) in &of_each {
                    @if of_each.len() > 1 { h3 { (process.label_plural) } }
                    (stats(&reports.iter().flat_map(|report| tiles(overview, process, report)).collect::<Vec<_>>()))
                    (drawings(overview, process, reports))
                }
            }
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

fn drawings(overview: &Overview, process: &'static Process, reports: &[&Report]) -> Markup {
    let (zone, home) = (overview.around.zone(), overview.around.home(process));
    let drawn = reports.iter().filter(|report| report.chart != Chart::None);
    let drawn =
        drawn.map(|report| Shown { process, report, asked: &overview.asked, zone, home: &home }.chart(FEW_BARS));
    dashboard(&drawn.collect::<Vec<_>>())
}

fn list(overview: &Overview, process: &'static Process) -> Markup {
    let own: Vec<&Offer> = overview.offers.iter().filter(|offer| offer.process.key == process.key).collect();
    html! {
        @if !own.is_empty() {
            section aria-labelledby={ "of-" (process.plural) } {
                h3 id={ "of-" (process.plural) } { (process.label_plural) }
                div.admin-tiles {
                    @for offer in own {
                        a.service href=(overview.asked.place(process, offer.kind.key)) { span { span { (t(offer.kind.title)) } small { (t(offer.kind.definition)) } } }
                    }
                }
            }
        }
    }
}
