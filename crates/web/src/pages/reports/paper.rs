//! One report: its question as a form, its drawing, its table.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::export::Format;
use mainstay_desk::reports::{self, Measure, Offer, Report};
use mainstay_desk::{Caller, Error, Session};
use mainstay_engine::field::Kind;
use mainstay_engine::process::Process;
use mainstay_engine::refusal::Refusal;
use mainstay_markup::html;
use mainstay_words::{t, tf};
use maud::Markup;

use super::around::{Around, Sheet};
use super::asked::{Asked, periods};
use super::drawing::Shown;
use super::{process_of, read};
use crate::components::{Choice, Control, Field, Nothing, TextKind, Width, date, field, nothing};
use crate::failure::{Failure, status_of};
use crate::pages::entrance::{error, summary};
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
    outcome: Result<Report, Refusal>,
}

/// `GET /reports/{plural}/{key}`
pub async fn show(
    State(web): State<Web>,
    Path((plural, key)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    visit: Visit,
) -> Result<Response, Failure> {
    let process = process_of(&plural)?;
    let question = asked.clone();
    let paper = read(&web, &visit, move |session, caller| load(session, caller, process, &key, &question)).await?;
    let refused = paper.outcome.as_ref().err();
    let status = refused.map_or(StatusCode::OK, status_of);
    let body = html! {
        p.quiet { (t(paper.definition)) }
        (form(&paper, &asked, visit.now(), refused))
        @if let Ok(report) = &paper.outcome { (result(&paper, report, &asked)) }
    };
    let sheet =
        Sheet { title: paper.title, status, above: vec![("Reports", "/reports".to_owned())], actions: None, body };
    Ok(paper.around.page(&web, &visit, &sheet))
}

fn load(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    key: &str,
    asked: &Asked,
) -> mainstay_desk::Result<Paper> {
    let offers = reports::offers(session, caller)?;
    let found = offers.into_iter().find(|offer| offer.process.key == process.key && offer.kind.key == key);
    let Offer { kind, groups, .. } = found.ok_or_else(|| Refusal::missing("report"))?;
    let outcome = match reports::run(session, caller, process, key, &asked.params()) {
        Ok(report) => Ok(report),
        Err(Error::Refused(refusal)) => Err(refusal),
        Err(error) => return Err(error),
    };
    let numeric = |kind: Kind| matches!(kind, Kind::Number { .. } | Kind::Money { .. } | Kind::Duration);
    let sums = kind.columns.iter().any(|column| column.measure == Measure::Sum);
    let numbers = session.config.fields(process).filter(|field| numeric(field.kind));
    Ok(Paper {
        around: Around::load(session, caller)?,
        process,
        title: kind.title,
        key: kind.key,
        definition: kind.definition,
        usual: kind.group_by,
        groups,
        numbers: if sums { numbers.map(|f| (f.key, f.label)).collect() } else { Vec::new() },
        outcome,
    })
}

fn result(paper: &Paper, report: &Report, asked: &Asked) -> Markup {
    let zone = paper.around.zone();
    let shown = Shown { process: paper.process, report, asked, zone };
    // The end is no longer part of the period.
    let period = tf(
        "{from} to {to}, {zone}",
        &[
            ("from", &date(report.from, zone)),
            ("to", &date(report.to - 1, zone)),
            ("zone", &report.zone.replace('_', " ")),
        ],
    );
    html! {
        p { b { (period) } }
        @if report.rows.is_empty() {
            (nothing(Nothing::Yet, "Nothing in this period", "Take a longer one, or another condition.", &html! {}, None))
        } @else {
            (shown.chart())
            (shown.table())
            @if report.more { p.quiet { "There is more: narrow the period or the condition." } }
        }
        (shown.meanings())
        div.btn-row {
            @for format in Format::ALL {
                a.btn href=(asked.file(paper.process, report.key, format.key())) download data-turbo="false" { (format.key().to_uppercase()) }
            }
        }
    }
}

fn form(paper: &Paper, asked: &Asked, now: i64, refused: Option<&Refusal>) -> Markup {
    let zone = paper.around.zone();
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
    let condition = Control::Text { value: asked.filter.clone().into(), kind: TextKind::Plain, max_length: None };
    let of = Control::Select { options: choices(&paper.numbers, &asked.of), blank: Some("–".into()) };
    html! {
        div.line.wrap {
            @for (name, span) in periods(now, zone) {
                @let chosen = (asked.from == span.0.to_string()) && (asked.until == span.1.to_string());
                a.pill.pill-line.tone-accent[chosen] href=(asked.within(span).place(paper.process, paper.key)) aria-current=[chosen.then_some("true")] { (t(name)) }
            }
        }
        form.form.asks.report-form action={ "/reports/" (paper.process.plural) "/" (paper.key) } {
            (summary(refused))
            div.form-grid {
                (field(&day("from", "From", &asked.from, "from")))
                (field(&day("until", "Until, the whole day", &asked.until, "to")))
                @if paper.usual != "none" { (field(&half(Field { error: wrong("group_by"), ..Field::new("by", "By", groups) }))) }
                @if !paper.numbers.is_empty() { (field(&half(Field { error: wrong("of"), ..Field::new("of", "Mean and sum of", of) }))) }
                (field(&Field { error: wrong("filter"), help: Some("A condition such as: priority <= 2. Empty: all records; without days: last month".into()), ..Field::new("filter", "Only where", condition) }))
                div.form-foot { button.btn.btn-primary type="submit" { "Show" } }
            }
        }
    }
}
