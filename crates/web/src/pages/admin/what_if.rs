//! What a service level would have come to in a past period: other targets, another calendar, and the same work.

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use mainstay_desk::records::{Outcome, Supposed, Tally, what_if};
use mainstay_desk::registers as door;
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::clock::Metric;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::register::Entry;
use mainstay_markup::html;
use mainstay_processes::registers::SERVICE_LEVELS;
use mainstay_words::{percent, t, tf};
use maud::Markup;

use super::desk::{Desk, Sheet, WHAT_IF};
use super::draft::{Draft, values};
use super::grids;
use crate::address;
use crate::components::{Banner, Column, Control, Field, Row, Weight, Width, banner, data_table, field, pill};
use crate::components::{Choice, Tone};
use crate::failure::{Failure, status_of};
use crate::form::Form;
use crate::pages::entrance::summary;
use crate::session::Visit;
use crate::web::Web;

/// A period unless another is asked for, in days.
const USUAL_DAYS: i32 = 90;

struct Paper {
    desk: Desk,
    level: Entry,
    calendars: Vec<(i64, String)>,
    outcome: Option<Result<Outcome, Refusal>>,
}

/// `GET /admin/what-if/{id}`
pub async fn show(
    State(web): State<Web>,
    Path(id): Path<i64>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Result<Response, Failure> {
    let form = Form::of(address::pairs(&query.unwrap_or_default()))?;
    let (asked, now) = (form.clone(), visit.now());
    let load = move |session: &mut Session<'_>, caller: &Caller| load(session, caller, id, &asked, now);
    let paper = web.read_long(&visit, Channel::Desk, load).await?;
    Ok(paper.page(&web, &visit, &form))
}

fn load(session: &mut Session<'_>, caller: &Caller, id: i64, form: &Form, now: i64) -> mainstay_desk::Result<Paper> {
    let desk = Desk::load(session, caller, Some(&SERVICE_LEVELS))?;
    let level = door::get(session.conn, caller, &SERVICE_LEVELS, id)?;
    let names = &session.config.names;
    let name = |id: &i64| names.get(id).map(|name| (*id, name.clone()));
    let mut calendars: Vec<(i64, String)> = session.config.calendars.keys().filter_map(name).collect();
    calendars.sort_by(|a, b| a.1.cmp(&b.1));
    let outcome = if form.has("from") {
        let zone = desk.frame.zone.clone();
        let (from, until) = period(form, &zone, now);
        let targets = Some(values(&SERVICE_LEVELS, form, &zone)["targets"].clone());
        let supposed = Supposed { from, until, targets, calendar: form.number("calendar") };
        match what_if(session, caller, id, &supposed) {
            Ok(outcome) => Some(Ok(outcome)),
            Err(mainstay_desk::Error::Refused(refusal)) if !refusal.errors.is_empty() => Some(Err(refusal)),
            Err(error) => return Err(error),
        }
    } else {
        None
    };
    Ok(Paper { desk, level, calendars, outcome })
}

/// The days that are asked for, the last one included.
fn days(form: &Form, zone: &TimeZone, now: i64) -> (Date, Date) {
    let today = Timestamp::from_millisecond(now).unwrap_or_default().to_zoned(zone.clone()).date();
    let read = |name: &str| form.filled(name).and_then(|text| text.parse::<Date>().ok());
    let to = read("to").unwrap_or(today);
    let from = read("from").unwrap_or_else(|| to.saturating_sub(USUAL_DAYS.days()));
    (from.min(to), to.max(from))
}

fn period(form: &Form, zone: &TimeZone, now: i64) -> (i64, i64) {
    let (from, to) = days(form, zone, now);
    let start = |date: Date| date.to_zoned(zone.clone()).map_or(now, |at| at.timestamp().as_millisecond());
    (start(from), start(to.saturating_add(1.day())))
}

impl Paper {
    fn page(&self, web: &Web, visit: &Visit, form: &Form) -> Response {
        let refused = self.outcome.as_ref().and_then(|outcome| outcome.as_ref().err());
        let body = html! {
            p.quiet { "Choose a past period and suppose other targets or another calendar: the clocks of what was opened then are read once more. Nothing is changed by it." }
            (self.form(visit.now(), form, refused))
            @if let Some(Ok(outcome)) = &self.outcome { (result(outcome)) }
        };
        let status = refused.map_or(StatusCode::OK, status_of);
        let sheet = Sheet { status, ..Sheet::of(&self.desk, &SERVICE_LEVELS, &self.level, WHAT_IF, body) };
        self.desk.page(web, visit, &sheet)
    }

    fn form(&self, now: i64, form: &Form, refused: Option<&Refusal>) -> Markup {
        let zone = &self.desk.frame.zone;
        let asked = form.has("from");
        let draft =
            if asked { Draft::sent(&SERVICE_LEVELS, form) } else { Draft::of(&SERVICE_LEVELS, &self.level, zone) };
        let (from, to) = days(form, zone, now);
        let day = |name: &'static str, label: &'static str, date: Date| Field {
            required: true,
            width: Width::Half,
            ..Field::new(name, label, Control::Date { value: date.to_string().into() })
        };
        let chosen = if asked { form.number("calendar") } else { self.level.int("calendar") };
        let options =
            self.calendars.iter().map(|(id, name)| Choice::new(id.to_string(), name.clone(), chosen == Some(*id)));
        let calendar = Control::Select { options: options.collect(), blank: None };
        html! {
            form.form.admin-form method="get" action={ "/admin/what-if/" (self.level.id) } {
                (summary(refused))
                div.form-grid {
                    (field(&day("from", "Opened from", from)))
                    (field(&day("to", "Opened until", to)))
                    (field(&Field { required: true, ..Field::new("calendar", "Counted in", calendar) }))
                }
                @if let Some(targets) = SERVICE_LEVELS.field("targets") {
                    (grids::framed(targets, None, &grids::targets(targets, &draft, false)))
                }
                div.form-foot { button.btn.btn-primary type="submit" { "See what would have been" } }
            }
        }
    }
}

fn result(outcome: &Outcome) -> Markup {
    let mut was = Tally::default();
    let mut would = Tally::default();
    for line in outcome.lines.values() {
        (was.met, was.missed) = (was.met + line.was.met, was.missed + line.was.missed);
        (would.met, would.missed) = (would.met + line.would.met, would.missed + line.would.missed);
    }
    let columns = ["Target", "As it was", "Missed", "As supposed", "Missed then"];
    let columns = columns.map(|label| Column { label: t(label).into(), ..Column::default() });
    let rows: Vec<Row> = outcome
        .lines
        .iter()
        .map(|((metric, priority), line)| row(&target_name(*metric, *priority), line.was, line.would))
        .chain([row(t("All together"), was, would)])
        .collect();
    html! {
        section.form-section aria-labelledby="outcome" {
            h2 #outcome { "What would have been" }
            @if outcome.lines.is_empty() {
                p { "Nothing that this level measures was decided in the period." }
            } @else {
                (data_table("What would have been", &columns, &rows))
            }
            (left_out(outcome))
        }
        @if !outcome.turned.is_empty() { (turned(outcome)) }
    }
}

fn target_name(metric: Metric, priority: Option<i64>) -> String {
    let metric = match metric {
        Metric::Response => t("Response"),
        Metric::Resolution => t("Resolution"),
    };
    priority.map_or_else(|| metric.to_string(), |priority| format!("{metric} P{priority}"))
}

fn row<'a>(name: &str, was: Tally, would: Tally) -> Row<'a> {
    let name = name.to_owned();
    let cells = vec![
        html! { bdi { (name) } },
        html! { span.digits { (share(was)) } },
        html! { span.digits { (was.missed) } },
        html! {
            span.digits { (share(would)) }
            @if would.permille() > was.permille() { " " (pill(Tone::Green, "Better")) }
            @if would.permille() < was.permille() { " " (pill(Tone::Red, "Worse")) }
        },
        html! { span.digits { (would.missed) } },
    ];
    Row { id: String::new().into(), cells, ..Row::default() }
}

fn share(tally: Tally) -> String {
    let share = tally.permille().and_then(|share| u32::try_from(share).ok());
    share.map_or_else(|| "–".to_owned(), |share| percent(f64::from(share) / 10.0))
}

/// What the figures do not hold.
fn left_out(outcome: &Outcome) -> Markup {
    let number = |n: usize| n.to_string();
    html! {
        p.quiet { (tf("{n} clocks were read.", &[("n", &number(outcome.read))])) }
        p.quiet { "The priority of a record is the one that it has now." }
        @if outcome.undecided > 0 {
            p.quiet { (tf("{n} of them decide nothing yet or were cancelled; they count on neither side.", &[("n", &number(outcome.undecided))])) }
        }
        @if outcome.without_target > 0 {
            p.quiet { (tf("For {n} of them nothing is supposed at their priority; they are left out.", &[("n", &number(outcome.without_target))])) }
        }
        @if outcome.capped {
            (banner(&Banner {
                weight: Weight::Warning,
                title: "Not all of the period was read".into(),
                text: "Only the first 50,000 clocks were. Choose a shorter period.".into(),
                slim: true,
                ..Banner::default()
            }))
        }
    }
}

fn turned(outcome: &Outcome) -> Markup {
    let process = outcome.level.text("process").and_then(mainstay_processes::process);
    html! {
        section.form-section aria-labelledby="turned" {
            h2 #turned { "What would have turned" }
            ul.card.news {
                @for each in &outcome.turned {
                    li {
                        @match process {
                            Some(process) => { a.name href={ "/" (process.plural) "/" (each.number) } { bdi { (each.number) } } }
                            None => { bdi { (each.number) } }
                        }
                        " " span.quiet { (target_name(each.metric, None)) } " "
                        @if each.better { (pill(Tone::Green, "Met instead of missed")) } @else { (pill(Tone::Red, "Missed instead of met")) }
                    }
                }
            }
            @if outcome.turns > outcome.turned.len() {
                p.quiet { (tf("{n} turned in all.", &[("n", &outcome.turns.to_string())])) }
            }
        }
    }
}
