//! What may have one cause: records that came all at once or keep coming back, with why they belong together, and what
//! is done about it.

use axum::extract::{Extension, Path, State};
use axum::response::Response;
use mainstay_desk::records::candidates::{self, Candidate, Candidates, LONGEST_REASON};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_words::{inside, t, tf, tn};
use maud::Markup;

use super::frame::{At, Frame, Place};
use super::queue::number;
use crate::components::{
    Control, Field, Nothing, TextKind, ViewHead, button_link, field, moment, nothing, pane, token_field, view_head,
};
use crate::failure::Failure;
use crate::flash::{Flash, go_on};
use crate::session::{Posted, Visit};
use crate::shown::status_line;
use crate::web::Web;

/// `GET /{plural}/candidates`
pub async fn show(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    visit: Visit,
) -> Result<Response, Failure> {
    let load = move |session: &mut Session<'_>, caller: &Caller| {
        let frame = Frame::load(session, caller)?;
        let may = caller.rights.may_somewhere(process.key, "create");
        Ok((frame, candidates::list(session, caller, process, candidates::OPEN)?, may))
    };
    let (frame, found, may) = web.read_long(&visit, Channel::Desk, load).await?;
    let title = title(process);
    let head = view_head(&ViewHead {
        title: title.as_str().into(),
        above: vec![(t(process.label_plural).into(), format!("/{}", process.plural).into())],
        ..ViewHead::default()
    });
    let body = html! {
        @if found.all.is_empty() {
            (nothing(
                Nothing::Yet,
                "Nothing seems to have one cause",
                "Records that come all at once, or that keep coming back, are proposed here by themselves.",
                &button_link(&format!("/{}", process.plural), t("Back to the list"), None, false),
                None,
            ))
        } @else {
            p.quiet { "Records that may have one cause. Only those that you may see are shown." }
            @for each in &found.all { (card(process, each, &found, &frame, &visit, may)) }
        }
    };
    Ok(frame.page(&web, &visit, &At::new(&title, Place::Process(process.key)), &pane(&head, &body)))
}

/// What the page is called.
pub fn title(process: &Process) -> String {
    tf("{record} candidates", &[("record", &t(process.label))])
}

fn card(process: &Process, each: &Candidate, found: &Candidates, frame: &Frame, visit: &Visit, may: bool) -> Markup {
    let id = each.row.id;
    let heading = format!("candidate-{id}");
    let name = |entry: Option<i64>| entry.and_then(|id| found.names.get(&id));
    let (first, last) = each.span();
    html! {
        article.card.form-section aria-labelledby=(heading) {
            h2 id=(heading) .card-title {
                (tn(each.records.len(), "{n} record came", "{n} records came"))
                " "
                @if each.at_once() { "all at once" } @else { "again and again" }
            }
            p {
                "From" " " (moment(first, &frame.zone, visit.now())) " " "until" " " (moment(last, &frame.zone, visit.now()))
                @if let Some(name) = name(each.service) { " · " "Service:" " " bdi { (name) } }
                @if let Some(name) = name(each.category) { " · " "Category:" " " bdi { (name) } }
            }
            @if !each.words.is_empty() { p { "Words they share:" " " bdi { (each.words.join(", ")) } } }
            ul.news {
                @for row in &each.records {
                    li {
                        div.line.wrap {
                            a.link href={ "/" (row.record.process.plural) "/" (number(&row.record)) } { bdi { (number(&row.record)) } }
                            span.grow dir="auto" { (row.record.value(spine::TITLE.def.key).as_text().unwrap_or_default()) }
                            span.line.nowrap {
                                (status_line(&row.record))
                                @if let Some(at) = row.record.value(spine::OPENED.def.key).as_int() { span.quiet { (moment(at, &frame.zone, visit.now())) } }
                            }
                        }
                    }
                }
            }
            @if may { (deeds(process, id, visit.token())) }
        }
    }
}

fn deeds(process: &Process, id: i64, token: &str) -> Markup {
    let place = |deed: &str| format!("/{}/candidates/{id}/{deed}", process.plural);
    let reason = Field {
        required: true,
        ..Field::new(
            asked(id),
            "Why they have no common cause",
            Control::Text { value: "".into(), kind: TextKind::Plain, max_length: u32::try_from(LONGEST_REASON).ok() },
        )
    };
    html! {
        div.btn-row {
            form method="post" action=(place("open")) {
                (token_field(token))
                button.btn.btn-primary type="submit" { (tf("Open a {record} with them", &[("record", &inside(process.label))])) }
            }
            details.asks-first {
                summary.btn { "Dismiss…" }
                form.form method="post" action=(place("dismiss")) {
                    (token_field(token))
                    (field(&reason))
                    div { button.btn type="submit" { "Dismiss the proposal" } }
                }
            }
        }
    }
}

/// The name of a card's question, each its own on the page.
fn asked(id: i64) -> String {
    format!("reason-{id}")
}

/// `POST /{plural}/candidates/{id}/{deed}`
pub async fn act(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    Path((id, deed)): Path<(i64, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let reason = posted.form.get(&asked(id)).unwrap_or_default().to_owned();
    let work = move |session: &mut Session<'_>, caller: &Caller| match deed.as_str() {
        "open" => candidates::open(session, caller, process, id).map(|view| Some(number(&view.record))),
        "dismiss" => candidates::dismiss(session, caller, process, id, &reason).map(|_| None),
        _ => Err(Refusal::missing("page").into()),
    };
    let here = format!("/{}/candidates", process.plural);
    match web.write(&posted.visit, Channel::Desk, work).await.map_err(Failure::for_form) {
        Ok(Some(number)) => {
            Ok(go_on(&format!("/{}/{number}", process.plural), Some(Flash::done(format!("{number} is open.")))))
        }
        Ok(None) => Ok(go_on(&here, Some(Flash::done("Dismissed. It stays away until it has grown by half.")))),
        Err(Ok(refusal)) => Ok(go_on(&here, Some(Flash::failed(refusal.to_string())))),
        Err(Err(failure)) => Err(failure),
    }
}
