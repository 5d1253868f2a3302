//! What other systems tell of a process's records: how each source stands, what it misses, and the rows that wait for a
//! person.

use axum::extract::{Extension, Path, State};
use axum::response::Response;
use mainstay_desk::sources::{self, Deed, LONGEST_REASON, Parked, Queue, Standing};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_words::{inside, t, tf, tn};
use maud::Markup;

use super::frame::{At, Frame, Place};
use super::queue::number;
use crate::components::{
    Column, Control, Field, Nothing, Property, Row, TextKind, ViewHead, button_link, data_table, field, moment,
    nothing, pane, properties_plain, token_field, view_head,
};
use crate::failure::Failure;
use crate::flash::{Flash, go_on};
use crate::session::{Posted, Visit};
use crate::shown::{Reader, status_line};
use crate::web::Web;

/// `GET /{plural}/sources`
pub async fn show(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    visit: Visit,
) -> Result<Response, Failure> {
    let load = move |session: &mut Session<'_>, caller: &Caller| {
        let frame = Frame::load(session, caller)?;
        let standing = sources::standing(session, caller, process)?;
        let open = sources::parked(session, caller, process, sources::OPEN, 0)?;
        let ignored = sources::parked(session, caller, process, sources::IGNORED, 0)?;
        Ok((frame, standing, open, ignored))
    };
    let (frame, standing, open, ignored) = web.read(&visit, Channel::Desk, load).await?;
    let title = title(process);
    let head = view_head(&ViewHead {
        title: title.as_str().into(),
        above: vec![(t(process.label_plural).into(), format!("/{}", process.plural).into())],
        ..ViewHead::default()
    });
    let back = button_link(&format!("/{}", process.plural), t("Back to the list"), None, false);
    let body = html! {
        @if standing.is_empty() {
            (nothing(Nothing::Yet, "No source tells of them", "Sources are set up in the administration; what they tell is matched with what is there.", &back, None))
        } @else {
            (table(&standing, &frame, visit.now()))
            @for each in standing.iter().filter(|each| !each.missing.is_empty()) { (missing(each, &frame, visit.now())) }
        }
        @if !open.rows.is_empty() {
            h2 { (tn(open.rows.len(), "{n} row waits", "{n} rows wait")) }
            @for row in &open.rows { (card(process, row, &open, &frame, &visit)) }
            @if open.next.is_some() { p.quiet { "More follow when these are settled." } }
        } @else if !standing.is_empty() {
            (nothing(Nothing::Yet, "No row waits", "What fits no record, or several, waits here for a person.", &back, None))
        }
        @if !ignored.rows.is_empty() {
            details {
                summary { (tn(ignored.rows.len(), "{n} row left aside", "{n} rows left aside")) }
                @for row in &ignored.rows { (aside(process, row, visit.token())) }
            }
        }
    };
    Ok(frame.page(&web, &visit, &At::new(&title, Place::Process(process.key)), &pane(&head, &body)))
}

/// What the page is called.
pub fn title(process: &Process) -> String {
    tf("Sources of {records}", &[("records", &inside(process.label_plural))])
}

fn table(standing: &[Standing], frame: &Frame, now: i64) -> Markup {
    let columns = [(t("Source"), false), (t("Records"), true), (t("Missing there"), true), (t("Told last"), false)]
        .map(|(label, amount)| Column { label: label.into(), amount, ..Column::default() });
    let line = |each: &Standing| Row {
        id: format!("source-{}", each.source.id).into(),
        cells: vec![
            html! { span dir="auto" { (each.source.name) } },
            html! { (each.records) },
            html! { (each.stale) },
            html! { @if let Some(at) = each.last { (moment(at, &frame.zone, now)) } @else { "Never" } },
        ],
        ..Row::default()
    };
    data_table(t("Sources"), &columns, &standing.iter().map(line).collect::<Vec<_>>())
}

fn link(record: &Record) -> Markup {
    html! {
        a.link href={ "/" (record.process.plural) "/" (number(record)) } { bdi { (number(record)) } }
        span.grow dir="auto" { (record.value(spine::TITLE.def.key).as_text().unwrap_or_default()) }
    }
}

fn missing(each: &Standing, frame: &Frame, now: i64) -> Markup {
    html! {
        details {
            summary { (tf("Missing in {source}", &[("source", &each.source.name)])) }
            ul.news {
                @for (record, last) in &each.missing {
                    li { div.line.wrap { (link(record)) (status_line(record)) span.quiet { (moment(*last, &frame.zone, now)) } } }
                }
            }
        }
    }
}

fn why(row: &Parked) -> &'static str {
    match row.row.why.as_str() {
        "ambiguous" => t("It fits several records."),
        "duplicate" => t("Its source tells of the record that it fits under another key."),
        _ => t("It fits no record."),
    }
}

fn card(process: &Process, row: &Parked, queue: &Queue, frame: &Frame, visit: &Visit) -> Markup {
    let heading = format!("row-{}", row.row.id);
    let reader = Reader::new(&queue.names, &frame.zone);
    let said = row.fields.iter().map(|field| Property {
        key: format!("{}-{}", row.row.id, field.key).into(),
        label: t(field.label).into(),
        value: reader.markup(field, row.draft.value(field.key)),
        ..Property::default()
    });
    html! {
        article.card.form-section aria-labelledby=(heading) {
            h3 id=(heading) .card-title dir="auto" { (row.row.title) }
            p.quiet {
                bdi { (row.source) } " · " bdi { (row.row.external_key) } " · " (moment(row.row.last, &frame.zone, visit.now()))
            }
            p { (why(row)) }
            (properties_plain(&said.collect::<Vec<_>>(), true))
            @for record in &row.candidates {
                form.line.wrap method="post" action=(place(process, row, "match")) {
                    (token_field(visit.token()))
                    input type="hidden" name=(asked("record", row)) value=(number(record));
                    (link(record)) (status_line(record))
                    button.btn type="submit" { (tf("It is {number}", &[("number", &number(record))])) }
                }
            }
            (deeds(process, row, visit.token()))
        }
    }
}

fn place(process: &Process, row: &Parked, deed: &str) -> String {
    format!("/{}/parked/{}/{deed}", process.plural, row.row.id)
}

/// The name of a card's question, each its own on the page.
fn asked(what: &str, row: &Parked) -> String {
    format!("{what}-{}", row.row.id)
}

fn deeds(process: &Process, row: &Parked, token: &str) -> Markup {
    let text = |what: &str, label: &'static str, most: usize| Field {
        required: true,
        ..Field::new(
            asked(what, row),
            label,
            Control::Text { value: "".into(), kind: TextKind::Plain, max_length: u32::try_from(most).ok() },
        )
    };
    html! {
        div.btn-row {
            form method="post" action=(place(process, row, "make")) {
                (token_field(token))
                button.btn.btn-primary type="submit" { (tf("Make a {record} of it", &[("record", &inside(process.label))])) }
            }
            details.asks-first {
                summary.btn { "It is another record" }
                form.form method="post" action=(place(process, row, "match")) {
                    (token_field(token))
                    (field(&text("record", t("Its number"), 40)))
                    div { button.btn type="submit" { "Match" } }
                }
            }
            details.asks-first {
                summary.btn { "Leave it aside" }
                form.form method="post" action=(place(process, row, "ignore")) {
                    (token_field(token))
                    (field(&text("reason", t("Why it is none of ours"), LONGEST_REASON)))
                    div { button.btn type="submit" { "Leave it aside" } }
                }
            }
        }
    }
}

fn aside(process: &Process, row: &Parked, token: &str) -> Markup {
    html! {
        form.line.wrap method="post" action=(place(process, row, "reopen")) {
            (token_field(token))
            span dir="auto" { (row.row.title) }
            span.quiet.grow dir="auto" { bdi { (row.source) } " · " (row.row.reason.as_deref().unwrap_or_default()) }
            button.btn type="submit" aria-label=(tf("Let it wait again: {title}", &[("title", &row.row.title)])) { "Let it wait again" }
        }
    }
}

/// `POST /{plural}/parked/{id}/{deed}`
pub async fn act(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    Path((id, deed)): Path<(i64, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let given = |what: &str| posted.form.get(&format!("{what}-{id}")).unwrap_or_default().to_owned();
    let deed = match deed.as_str() {
        "match" => Some(Deed::Match(given("record"))),
        "make" => Some(Deed::Make),
        "ignore" => Some(Deed::Ignore(given("reason"))),
        "reopen" => Some(Deed::Reopen),
        _ => None,
    };
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let deed = deed.as_ref().ok_or_else(|| Refusal::missing("page"))?;
        sources::decide(session, caller, process, id, deed)
    };
    let here = format!("/{}/sources", process.plural);
    match web.write(&posted.visit, Channel::Desk, work).await.map_err(Failure::for_form) {
        Ok(Some(number)) => {
            let told = tf("It is {number} from now on.", &[("number", &number)]);
            Ok(go_on(&here, Some(Flash::done(told))))
        }
        Ok(None) => Ok(go_on(&here, Some(Flash::done(t("Done."))))),
        Err(Ok(refusal)) => Ok(go_on(&here, Some(Flash::failed(refusal.to_string())))),
        Err(Err(failure)) => Err(failure),
    }
}
