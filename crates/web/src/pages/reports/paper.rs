//! One report: its question as a form, its drawing, its table.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::export::Format;
use mainstay_desk::reports::{self, Measure, Offer, Params, Report};
use mainstay_desk::{Caller, Error, Session};
use mainstay_engine::field::Kind;
use mainstay_engine::process::Process;
use mainstay_engine::refusal::Refusal;
use mainstay_markup::html;
use mainstay_words::{t, tf, tn};
use maud::Markup;
use serde::Deserialize;
use std::fmt::Display;

use super::REPORTS;
use super::asked::Asked;
use super::drawing::{MOST_BARS, Shown};
use super::within::Within;
use super::{process_of, read};
use crate::address::with_query;
use crate::components::{
    Choice, Control, Field, FilterBar, FilterChip, Nothing, Width, date, field, filter_bar, icon, nothing,
};
use crate::failure::{Failure, status_of};
use crate::pages::around::{Around, Sheet};
use crate::pages::entrance::{error, summary};
use crate::pages::queue::in_words;
use crate::session::Visit;
use crate::web::Web;

/// A report and what its form offers.
struct Paper {
    around: Around,
    process: &'static Process,
    title: &'static str,
    key: &'static str,
    definition: &'static str,
    usual: &'static str,
    groups: Vec<(&'static str, &'static str)>,
    numbers: Vec<(&'static str, &'static str)>,
    within: Within,
    /// The conditions in force, each with its words.
    conditions: Vec<(String, String)>,
    /// What the address says, without a period lately.
    asked: Asked,
    /// Where the lines before these ended.
    after: Option<String>,
    outcome: Result<Report, Refusal>,
}

/// Most lines of a list on a page.
const ON_A_PAGE: usize = 100;

/// Which page of a list.
#[derive(Debug, Deserialize)]
pub struct Beginning {
    after: Option<String>,
}

/// `GET /reports/{plural}/{key}`
pub async fn show(
    State(web): State<Web>,
    Path((plural, key)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    Query(from): Query<Beginning>,
    visit: Visit,
) -> Result<Response, Failure> {
    let process = process_of(&plural)?;
    let load = move |session: &mut Session<'_>, caller: &Caller| load(session, caller, process, &key, (asked, from));
    let paper = read(&web, &visit, load).await?;
    let asked = &paper.asked;
    let refused = paper.outcome.as_ref().err();
    let status = refused.map_or(StatusCode::OK, status_of);
    let body = html! {
        p.quiet { (t(paper.definition)) }
        (paper.within.choices(asked, visit.now(), paper.around.zone(), &|asked| asked.place(process, paper.key)))
        (form(&paper, asked, refused))
        (paper.conditions(asked))
        @if let Ok(report) = &paper.outcome { (result(&paper, report, asked)) }
    };
    let sheet = Sheet {
        title: paper.title,
        status,
        above: vec![("Reports", "/reports".to_owned())],
        actions: None,
        body,
        whole: false,
    };
    Ok(sheet.page(&web, &visit, &paper.around, REPORTS))
}

fn load(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    key: &str,
    (given, from): (Asked, Beginning),
) -> mainstay_desk::Result<Paper> {
    let around = Around::load(session, caller)?;
    let asked = given.or_lately(session.now, around.zone());
    let offers = reports::offers(session, caller)?;
    let found = offers.into_iter().find(|offer| offer.process.key == process.key && offer.kind.key == key);
    let Offer { kind, groups, .. } = found.ok_or_else(|| Refusal::missing("report"))?;
    let params = Params { limit: Some(ON_A_PAGE), after: from.after.clone(), ..asked.params() };
    let outcome = match reports::run(session, caller, process, key, &params) {
        Ok(report) => Ok(report),
        Err(Error::Refused(refusal)) => Err(refusal),
        Err(error) => return Err(error),
    };
    let numeric = |kind: Kind| matches!(kind, Kind::Number { .. } | Kind::Money { .. } | Kind::Duration);
    let sums = kind.columns.iter().any(|column| column.measure == Measure::Sum);
    let numbers = session.config.fields(process).filter(|field| numeric(field.kind));
    let numbers = if sums { numbers.map(|f| (f.key, f.label)).collect() } else { Vec::new() };
    let mut conditions = Vec::new();
    for text in asked.conditions() {
        let words = in_words(session, process, &text)?;
        conditions.push((text, words));
    }
    Ok(Paper {
        within: Within::load(session, caller),
        conditions,
        around,
        process,
        title: kind.title,
        key: kind.key,
        definition: kind.definition,
        usual: kind.group_by,
        groups,
        numbers,
        asked,
        after: from.after,
        outcome,
    })
}

fn result(paper: &Paper, report: &Report, asked: &Asked) -> Markup {
    let (zone, home) = (paper.around.zone(), paper.around.home(paper.process));
    let shown = Shown { process: paper.process, report, asked, zone, home: &home };
    // The end is no longer part of the period.
    let period = tf(
        "{from} to {to}, {zone}",
        &[
            ("from", &date(report.from, zone)),
            ("to", &date(report.to - 1, zone)),
            ("zone", &report.zone.replace('_', " ")),
        ],
    );
    let against = report.against.map(|(from, to)| {
        let days: [(&str, &dyn Display); 2] = [("from", &date(from, zone)), ("to", &date(to - 1, zone))];
        tf("against {from} to {to}", &days)
    });
    html! {
        p {
            b { (period) }
            @if let Some(against) = against { ", " (against) }
            @for words in paper.within.team(asked).iter().chain(paper.conditions.iter().map(|(_, words)| words)) { " · " bdi { (words) } }
        }
        @if report.rows.is_empty() {
            (nothing(Nothing::Yet, "Nothing in this period", "Take a longer one, or another condition.", &html! {}, None))
        } @else {
            (shown.chart(MOST_BARS))
            (shown.table())
            @if report.more && report.next.is_none() { p.quiet { "There is more: narrow the period or the condition." } }
            @if report.next.is_some() || paper.after.is_some() { (turn(paper, report, asked)) }
        }
        (shown.meanings())
        div.btn-row {
            @for format in Format::ALL {
                a.btn href=(asked.file(paper.process, report.key, format.key())) download data-turbo="false" { (format.key().to_uppercase()) }
            }
            a.btn href=(asked.below(paper.process, report.key, "export/schedule")) { (icon("clock")) "Regularly…" }
        }
    }
}

/// The ways to the lines that follow, and back to the first.
fn turn(paper: &Paper, report: &Report, asked: &Asked) -> Markup {
    let first = asked.place(paper.process, paper.key);
    let more = report.next.as_deref().map(|after| {
        let pairs = asked.pairs().into_iter().chain([("after", after)]);
        with_query(&format!("/reports/{}/{}", paper.process.plural, paper.key), pairs)
    });
    html! {
        div.pages {
            span { (tn(report.rows.len(), "{n} shown", "{n} shown")) }
            nav aria-label="Pages" {
                @if paper.after.is_some() { a.btn.btn-s href=(first) { "From the beginning" } }
                @if let Some(more) = more { a.btn.btn-s href=(more) rel="next" { "More" } }
            }
        }
    }
}

impl Paper {
    /// The conditions in force as chips, and the way to more.
    fn conditions(&self, asked: &Asked) -> Markup {
        let chip = |(index, (_, words)): (usize, &(String, String))| {
            let rest = self.conditions.iter().enumerate().filter(|(other, _)| *other != index);
            let rest: Vec<String> = rest.map(|(_, (text, _))| text.clone()).collect();
            let without = asked.where_all(&rest).place(self.process, self.key);
            FilterChip { label: words.clone().into(), without: without.into() }
        };
        let add = asked.below(self.process, self.key, "filter");
        let chips = self.conditions.iter().enumerate().map(chip).collect();
        html! { div #field-filter tabindex="-1" { (filter_bar(&FilterBar { add: add.into(), chips, ..FilterBar::default() })) } }
    }
}

fn form(paper: &Paper, asked: &Asked, refused: Option<&Refusal>) -> Markup {
    let half = |field: Field<'static>| Field { width: Width::Half, ..field };
    let wrong = |name: &str| error(refused, name).map(|error| error.detail.clone().into());
    let day = |name: &'static str, label: &'static str, value: &str, told: &str| {
        half(Field { error: wrong(told), ..Field::new(name, label, Control::Date { value: value.to_owned().into() }) })
    };
    let grouped = if asked.by.is_empty() { paper.usual } else { asked.by.as_str() };
    let choices = |all: &[(&'static str, &'static str)], given: &str| -> Vec<Choice<'static>> {
        all.iter().map(|(key, label)| Choice::new(*key, *label, *key == given)).collect()
    };
    let groups = Control::Select { options: choices(&paper.groups, grouped), blank: None };
    let of = Control::Select { options: choices(&paper.numbers, &asked.of), blank: Some("–".into()) };
    html! {
        form.form.asks.report-form action={ "/reports/" (paper.process.plural) "/" (paper.key) } {
            (summary(refused))
            @for (name, value) in [("team", &asked.team), ("filter", &asked.filter)] {
                @if !value.is_empty() { input type="hidden" name=(name) value=(value); }
            }
            div.form-grid {
                (field(&day("from", "From", &asked.from, "from")))
                (field(&day("until", "Until, the whole day", &asked.until, "to")))
                @if paper.usual != "none" { (field(&half(Field { error: wrong("group_by"), ..Field::new("by", "By", groups) }))) }
                @if !paper.numbers.is_empty() { (field(&half(Field { error: wrong("of"), ..Field::new("of", "Mean and sum of", of) }))) }
                div.form-foot { button.btn.btn-primary type="submit" { "Show" } }
            }
        }
    }
}
