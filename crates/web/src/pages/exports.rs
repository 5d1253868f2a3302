//! The exports that somebody has made regularly, and the files of them.

mod begin;

pub use begin::{Begin, wanted};

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::reports::{self, Span};
use mainstay_desk::schedules::{self, Every, FileRow, ScheduleRow, What};
use mainstay_desk::{Caller, Channel, Session, inbox};
use mainstay_markup::html;
use mainstay_words::{inside, t, tf};
use maud::Markup;

use super::around::Around;
use super::me::{self, EXPORTS};
use super::queue::saved;
use crate::address;
use crate::components::{Column, Row, Tone, button_link, data_table, file_size, moment, pill, time, token_field};
use crate::failure::Failure;
use crate::flash::{Flash, go_on};
use crate::routes::{Declared, get, post};
use crate::session::{Posted, Visit};
use crate::web::Web;

/// Under this name a form says that it stands in the catalogue of everybody's.
const OVERSEEN: &str = "_overseen";

/// The routes of regular exports and their files.
pub fn routes() -> Vec<Declared> {
    vec![get("/me/exports", show), post("/me/exports/{id}/{deed}", act), get("/exports/{id}", download)]
}

/// What the page shows.
struct Exports {
    around: Around,
    zone: jiff::tz::TimeZone,
    schedules: Vec<ScheduleRow>,
    files: Vec<FileRow>,
    unread: Option<i64>,
}

/// `GET /me/exports?notice=…`
pub async fn show(State(web): State<Web>, RawQuery(query): RawQuery, visit: Visit) -> Result<Response, Failure> {
    let pairs = address::pairs(&query.unwrap_or_default());
    let notice = address::value(&pairs, "notice").and_then(|id| id.parse::<i64>().ok());
    let load = move |session: &mut Session<'_>, caller: &Caller| {
        let around = Around::load(session, caller)?;
        let unread = match notice.map(|id| inbox::get(session, caller, id)).transpose() {
            Ok(item) => item.filter(|item| item.notice.read_at.is_none()).map(|item| item.notice.id),
            Err(mainstay_desk::Error::Refused(_)) => None,
            Err(error) => return Err(error),
        };
        let schedules = schedules::list(session, caller)?;
        Ok(Exports { around, zone: caller.zone(), schedules, files: schedules::files(session, caller)?, unread })
    };
    let found = web.read(&visit, Channel::Desk, load).await?;
    let body = html! {
        (regular(&found, &visit))
        (made(&found, visit.now()))
        @if let Some(id) = found.unread { form #notice-read hidden method="post" action={ "/inbox/" (id) "/read" } data-read { (token_field(visit.token())) } }
    };
    Ok(me::page(&web, &visit, &found.around, EXPORTS, StatusCode::OK, &body))
}

fn plural(process: &str) -> &'static str {
    mainstay_processes::process(process).map_or("", |process| process.label_plural)
}

fn regular(found: &Exports, visit: &Visit) -> Markup {
    // Where whoever asks may begin: a list, the figures.
    let (list, figures) = match &found.around {
        Around::Staff(frame) => (mainstay_processes::ALL.first(), frame.reports),
        Around::Portal(guest) => (guest.files.first(), guest.reports),
    };
    html! {
        section.form-section aria-labelledby="regular" {
            h2 #regular { "Made regularly" }
            @if found.schedules.is_empty() {
                p.quiet {
                    @if list.is_none() && !figures { "Nothing is made regularly." }
                    @else { "Nothing is made regularly. Open a list or a report, and choose Regularly… beside the files." }
                }
                div.form-foot {
                    @if let Some(process) = list { (button_link(&found.around.home(process), t("Open a list"), None, false)) }
                    @if figures { (button_link("/reports", t("Open the reports"), None, false)) }
                }
            } @else {
                ul.card.news { @for row in &found.schedules { li id={ "schedule-" (row.id) } { (schedule(row, found, visit)) } } }
            }
        }
    }
}

fn schedule(row: &ScheduleRow, found: &Exports, visit: &Visit) -> Markup {
    let next = || crate::components::calendar_words(row.next_at, &found.zone, visit.now());
    html! {
        div.with-deeds {
            div {
                div.line.wrap {
                    bdi.strong { (row.name) }
                    @if row.paused { (pill(Tone::Plain, "Paused")) }
                    @else if row.problem.is_some() { (pill(Tone::Red, "Missed")) }
                }
                div.quiet {
                    (contents(row)) " · " (when(row))
                    @if !row.paused { " · " (tf("Next: {time}", &[("time", &next())])) }
                }
                @if !row.purpose.is_empty() || !row.audience.is_empty() {
                    div.quiet {
                        @if !row.purpose.is_empty() { "Purpose:" " " bdi { (row.purpose) } }
                        @if !row.purpose.is_empty() && !row.audience.is_empty() { " · " }
                        @if !row.audience.is_empty() { "Audience:" " " bdi { (row.audience) } }
                    }
                }
                @if let Some(problem) = &row.problem { p.ink-red dir="auto" { (mainstay_words::sentence(problem)) } }
            }
            (deeds(row, visit.token()))
        }
    }
}

/// The report that it is, and over which period.
fn of_report(row: &ScheduleRow) -> Option<String> {
    let What::Report(of) = What::read(&row.asked) else { return None };
    let title = reports::ALL.iter().find(|kind| kind.key == of.key).map_or("", |kind| kind.title);
    let period = Span::read(&of.period).map_or("", |span| span.words);
    Some(format!("{}, {}", t(title), inside(period)))
}

/// What its files hold, and of which kind they are.
#[must_use]
pub fn contents(row: &ScheduleRow) -> Markup {
    html! {
        (t(plural(&row.process))) " · "
        @if let Some(report) = of_report(row) { (report) " · " }
        (row.format.to_uppercase())
    }
}

/// On which days, and at what time of the receiver's day.
#[must_use]
pub fn when(row: &ScheduleRow) -> String {
    let days = Every::read(&row.every).map_or("", |every| every.words);
    tf("{days} at {time}", &[("days", &t(days)), ("time", &schedules::clock(row.minute))])
}

/// What can be done with a schedule; who receives it has a file of it made at once, too.
fn deeds(row: &ScheduleRow, token: &str) -> Markup {
    html! {
        div.btn-row {
            @if !row.paused { (deed(row, token, "run", "Make one now", false)) }
            (turns(row, token, false))
        }
    }
}

/// The buttons by which a schedule rests, goes on and ends; `overseen`: where somebody has all of them in view.
#[must_use]
pub fn turns(row: &ScheduleRow, token: &str, overseen: bool) -> Markup {
    html! {
        @if row.paused { (deed(row, token, "resume", "Resume", overseen)) } @else { (deed(row, token, "pause", "Pause", overseen)) }
        (deed(row, token, "delete", "Delete", overseen))
    }
}

fn deed(row: &ScheduleRow, token: &str, deed: &str, words: &'static str, overseen: bool) -> Markup {
    html! {
        form method="post" action={ "/me/exports/" (row.id) "/" (deed) } {
            (token_field(token))
            @if overseen { input type="hidden" name=(OVERSEEN) value="1"; }
            button.btn.btn-s type="submit" { (t(words)) span.sr { ": " (row.name) } }
        }
    }
}

fn made(found: &Exports, now: i64) -> Markup {
    let column = |label: &'static str, amount| Column { label: label.into(), amount, ..Column::default() };
    let columns = [column("File", false), column("Records", true), column("Size", true), column("Made", false)];
    let line = |file: &FileRow| Row {
        id: format!("file-{}", file.id).into(),
        cells: vec![
            html! { a.link href={ "/exports/" (file.id) } download data-turbo="false" { bdi { (file.name) } } " " span.quiet { (file.format.to_uppercase()) } },
            html! { @if file.report.is_none() { (file.lines) span.sr { " " (t(plural(&file.process))) } } @else { "–" span.sr { " " "a report" } } },
            html! { (file_size(u64::try_from(file.size).unwrap_or_default())) },
            html! { span title=(t(plural(&file.process))) { (time(file.at, &found.zone, now)) } span.sr { " " (moment(file.at, &found.zone, now)) } },
        ],
        ..Row::default()
    };
    let lines: Vec<Row<'_>> = found.files.iter().map(line).collect();
    html! {
        div.form-section {
            h2 { "Files" }
            @if lines.is_empty() { p.quiet { "No file was made in the last thirty days." } }
            @else { (data_table("Files", &columns, &lines)) }
        }
    }
}

/// `POST /me/exports/{id}/{deed}`
pub async fn act(
    State(web): State<Web>,
    Path((id, deed)): Path<(i64, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let overseen = posted.form.has(OVERSEEN);
    let asked = deed.clone();
    let work = move |session: &mut Session<'_>, caller: &Caller| match asked.as_str() {
        "pause" => schedules::pause(session, caller, id).map(|_| ()),
        "resume" => schedules::resume(session, caller, id).map(|_| ()),
        "run" => schedules::run(session, caller, id).map(|_| ()),
        "delete" => schedules::delete(session, caller, id),
        _ => Err(mainstay_engine::refusal::Refusal::missing("page").into()),
    };
    web.write(&posted.visit, Channel::Desk, work).await?;
    let words = match deed.as_str() {
        "pause" => "It rests until you let it go on.",
        "resume" => "It goes on at its next time.",
        "run" => "It is being made. A notice tells you when it is there.",
        _ => "It is made no more.",
    };
    Ok(go_on(if overseen { "/admin/exports" } else { "/me/exports" }, Some(Flash::done(words))))
}

/// `GET /exports/{id}`
pub async fn download(State(web): State<Web>, Path(id): Path<i64>, visit: Visit) -> Result<Response, Failure> {
    let work = move |session: &mut Session<'_>, caller: &Caller| schedules::file(session, caller, id);
    let (file, format) = web.read(&visit, Channel::Desk, work).await?;
    let bytes = web.desk().blobs().get(&file.digest).await?;
    let place = mainstay_processes::process(&file.process).map_or("export", |process| process.plural);
    let day = crate::components::input_value(file.at, &jiff::tz::TimeZone::UTC);
    let day = day.get(..10).unwrap_or_default();
    Ok(saved(&format!("{place}-{day}.{}", format.key()), format.media_type(), bytes))
}
