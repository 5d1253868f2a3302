//! Where what sources found is not what is written, and what is done about it.

use axum::extract::{Extension, Path, State};
use axum::response::Response;
use mainstay_desk::sources::{self, ANSWERS, Discrepancies, Discrepancy};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_words::{t, tf};
use maud::Markup;

use super::frame::{At, Frame, Place};
use super::queue::number;
use crate::components::{
    Control, Field, Nothing, Property, TextKind, ViewHead, button_link, field, moment, nothing, pane, properties_plain,
    token_field, view_head,
};
use crate::failure::Failure;
use crate::flash::{Flash, go_on};
use crate::session::{Posted, Visit};
use crate::shown::Reader;
use crate::web::Web;

/// `GET /{plural}/discrepancies`
pub async fn show(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    visit: Visit,
) -> Result<Response, Failure> {
    let load = move |session: &mut Session<'_>, caller: &Caller| {
        let frame = Frame::load(session, caller)?;
        let may = caller.rights.may_somewhere(process.key, "import");
        Ok((frame, sources::discrepancies(session, caller, process, false, None)?, may))
    };
    let (frame, found, may) = web.read(&visit, Channel::Desk, load).await?;
    let title = t("Discrepancies");
    let head = view_head(&ViewHead {
        title: title.into(),
        above: vec![(t(process.label_plural).into(), format!("/{}", process.plural).into())],
        ..ViewHead::default()
    });
    let back = button_link(&format!("/{}", process.plural), t("Back to the list"), None, false);
    let body = html! {
        @if found.all.is_empty() {
            (nothing(Nothing::Yet, "Nothing is found otherwise than it is written", "What a source finds otherwise in a field that changes only by a change stands here.", &back, None))
        }
        @for each in &found.all { (card(process, each, &found, &frame, &visit, may)) }
        @if found.next.is_some() { p.quiet { "More follow when these are settled." } }
    };
    Ok(frame.page(&web, &visit, &At::new(title, Place::Process(process.key)), &pane(&head, &body)))
}

fn stands(each: &Discrepancy) -> Markup {
    let by = each.row.by_number.as_deref().unwrap_or_default();
    let of = mainstay_processes::of_number(by);
    let change = html! {
        @if let Some(of) = of { a.link href={ "/" (of.plural) "/" (by) } { bdi { (by) } } } @else { bdi { (by) } }
    };
    html! {
        p {
            @match (each.row.state.as_str(), by.is_empty()) {
                ("explained", false) => { "Explained by" " " (change) },
                ("raised", false) => { "Reported as unauthorised:" " " (change) },
                ("explained", true) => "Explained",
                _ => "No change explains it.",
            }
            @if let Some(reason) = &each.row.reason { " · " span dir="auto" { (reason) } }
        }
    }
}

fn card(
    process: &Process,
    each: &Discrepancy,
    found: &Discrepancies,
    frame: &Frame,
    visit: &Visit,
    may: bool,
) -> Markup {
    let heading = format!("discrepancy-{}", each.row.id);
    let reader = Reader::new(&found.names, &frame.zone);
    let value = |key: &str, label: &'static str, value| Property {
        key: format!("{key}-{}", each.row.id).into(),
        label: label.into(),
        value: reader.markup(each.field, value),
        ..Property::default()
    };
    html! {
        article.card.form-section aria-labelledby=(heading) {
            h2 id=(heading) .card-title {
                a.link href={ "/" (process.plural) "/" (number(&each.record)) } { bdi { (number(&each.record)) } }
                " " span dir="auto" { (each.record.value(spine::TITLE.def.key).as_text().unwrap_or_default()) }
                " · " (t(each.field.label))
            }
            p.quiet { bdi { (each.source) } " · " (moment(each.row.last, &frame.zone, visit.now())) }
            (properties_plain(&[value("written", t("Written"), &each.written), value("found", t("Found"), &each.found)], true))
            (stands(each))
            @if may { (deeds(process, each, visit.token())) }
        }
    }
}

fn asked(id: i64) -> String {
    format!("reason-{id}")
}

fn deeds(process: &Process, each: &Discrepancy, token: &str) -> Markup {
    let id = each.row.id;
    let reason = Field {
        required: true,
        ..Field::new(
            asked(id),
            t("Reason"),
            Control::Text { value: "".into(), kind: TextKind::Plain, max_length: Some(500) },
        )
    };
    let place = |deed: &str| format!("/{}/discrepancies/{id}/{deed}", process.plural);
    html! {
        details.asks-first {
            summary.btn { "Settle it" }
            form.form method="post" action=(place("raise")) {
                (token_field(token))
                (field(&reason))
                div.form-foot {
                    button.btn.btn-primary type="submit" { "Report an unauthorised change" }
                    button.btn type="submit" formaction=(place("explain")) { "Explain it" }
                    button.btn type="submit" formaction=(place("correct")) { "Write what was found" }
                    button.btn type="submit" formaction=(place("close")) { "Close" }
                }
            }
        }
    }
}

/// `POST /{plural}/discrepancies/{id}/{deed}`
pub async fn act(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    Path((id, deed)): Path<(i64, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let reason = posted.form.get(&asked(id)).unwrap_or_default().to_owned();
    let said = ANSWERS.into_iter().find(|(key, _)| *key == deed).map(|(_, said)| said);
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let said = said.as_ref().ok_or_else(|| Refusal::missing("page"))?;
        sources::answer(session, caller, process, id, (said, &reason))
    };
    let here = format!("/{}/discrepancies", process.plural);
    match web.write(&posted.visit, Channel::Desk, work).await.map_err(Failure::for_form) {
        Ok(Some(number)) => Ok(go_on(&here, Some(Flash::done(tf("{number} is open.", &[("number", &number)]))))),
        Ok(None) => Ok(go_on(&here, Some(Flash::done(t("Done."))))),
        Err(Ok(refusal)) => Ok(go_on(&here, Some(Flash::failed(refusal.to_string())))),
        Err(Err(failure)) => Err(failure),
    }
}
