//! Meetings of boards: the list, planning one, the page by which it is held, and the minutes afterwards. Members have the
//! same pages whether they work in the workspace or in the portal.

mod before;
mod show;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::tz::TimeZone;
use mainstay_desk::boards::{self, Board, Decision, Listed, NewMeeting};
use mainstay_desk::records::Voice;
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::field::{Field as Asked, FieldDef};
use mainstay_engine::refusal::Refusal;
use mainstay_engine::value::Value;
use mainstay_markup::html;
use mainstay_store::meetings::MeetingRow;
use mainstay_words::{t, tf};
use maud::Markup;

use super::around::{Around, Sheet};
use super::entrance::summary;
use super::frame::Place;
use super::portal::Room;
use super::record::conflicts::span_words;
use crate::components::{Choice, Control, Field, Glyph, Nothing, Status, field, nothing, status_pill, token_field};
use crate::failure::{Failure, status_of};
use crate::fields::json_of;
use crate::flash::{Flash, go_on};
use crate::form::Form;
use crate::routes::{Declared, get, post};
use crate::session::{Posted, Visit};
use crate::web::Web;

const TITLE: &str = "Meetings";
const STARTS: FieldDef = Asked::instant("starts", "Starts").required().def;
const ENDS: FieldDef = Asked::instant("ends", "Ends").def;

/// The routes of meetings.
pub fn routes() -> Vec<Declared> {
    vec![
        get("/meetings", list),
        post("/meetings", plan),
        get("/meetings/{id}", show::show),
        post("/meetings/{id}/{deed}", act),
        post("/meetings/{id}/items/{number}/{deed}", act_on_item),
    ]
}

/// `GET /meetings`
pub async fn list(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    listed(&web, &visit, None).await
}

async fn listed(web: &Web, visit: &Visit, again: Option<(&Form, &Refusal)>) -> Result<Response, Failure> {
    let load = |session: &mut Session<'_>, caller: &Caller| {
        let around = Around::load(session, caller)?;
        let ahead = boards::list(session, caller, false)?;
        let over = boards::list(session, caller, true)?;
        Ok((around, ahead, over, boards::planned_by(session, caller)))
    };
    let (around, ahead, over, mine) = web.read(visit, Channel::Desk, load).await?;
    let zone = around.zone();
    let body = html! {
        (summary(again.map(|(_, refusal)| refusal)))
        @if ahead.is_empty() && over.is_empty() && mine.is_empty() {
            (nothing(Nothing::Yet, "No meetings", "The meetings of boards that you belong to are here.", &html! {}, None))
        }
        @if !ahead.is_empty() { (group("ahead", "Ahead", &ahead, zone, visit.now())) }
        @if !mine.is_empty() { (planning(&mine, visit, zone, again)) }
        @if !over.is_empty() { (group("over", "Over", &over, zone, visit.now())) }
    };
    let sheet = Sheet {
        title: TITLE,
        status: again.map_or(StatusCode::OK, |(_, refusal)| status_of(refusal)),
        above: Vec::new(),
        actions: None,
        body,
        whole: false,
    };
    Ok(sheet.page(web, visit, &around, (Place::Mine, Room::Approvals)))
}

fn group(id: &'static str, title: &'static str, all: &[Listed], zone: &TimeZone, now: i64) -> Markup {
    html! {
        section aria-labelledby=(id) {
            h2 #(id) { (t(title)) }
            div.card.work-rows {
                @for each in all {
                    a.work-line id={ "row-m" (each.row.id) } href={ "/meetings/" (each.row.id) } {
                        span.medium dir="auto" { (each.board.name) }
                        span.quiet.line { span { (span_words((each.row.starts, each.row.ends), zone, now)) } (status_pill(&standing(&each.row, now))) }
                    }
                }
            }
        }
    }
}

/// How a meeting stands, in a word.
fn standing(row: &MeetingRow, now: i64) -> Status<'static> {
    let (glyph, word) = match row.state.as_str() {
        "running" => (Glyph::Active, "Goes on"),
        "ended" => (Glyph::Done, "Ended"),
        "cancelled" => (Glyph::Stopped, "Cancelled"),
        _ if row.ends <= now => (Glyph::Stopped, "Not held"),
        _ => (Glyph::New, "Planned"),
    };
    Status { glyph, word: word.into() }
}

/// The form for a single meeting.
fn planning(mine: &[Board], visit: &Visit, zone: &TimeZone, again: Option<(&Form, &Refusal)>) -> Markup {
    let given = |name: &str| again.and_then(|(form, _)| form.get(name)).unwrap_or_default().to_owned();
    let error = |name: &str| {
        let errors = again.map(|(_, refusal)| refusal.errors.as_slice()).unwrap_or_default();
        errors.iter().find(|error| error.field == name).map(|error| error.detail.clone().into())
    };
    let chosen = given("board");
    let options = mine.iter().map(|board| {
        let id = board.id.to_string();
        let is = id == chosen;
        Choice::new(id, board.name.clone(), is)
    });
    let at = |def: &FieldDef| Field {
        required: def.required,
        error: error(def.key),
        ..Field::new(
            def.key,
            def.label,
            Control::DateTime {
                value: given(def.key).into(),
                zone: zone.iana_name().unwrap_or("UTC").to_owned().into(),
            },
        )
    };
    let board = Field {
        required: true,
        error: error("board"),
        ..Field::new("board", "Board", Control::Select { options: options.collect(), blank: None })
    };
    html! {
        details open[again.is_some()] {
            summary { "Plan a meeting" }
            form.form.form-section method="post" action="/meetings" {
                (token_field(visit.token()))
                div.form-grid { (field(&board)) (field(&at(&STARTS))) (field(&at(&ENDS))) }
                p.quiet { "It takes an hour where no end is given. The agenda follows the rule of the board until the meeting begins." }
                div.form-foot { button.btn.btn-primary type="submit" { "Plan the meeting" } }
            }
        }
    }
}

/// `POST /meetings`
pub async fn plan(State(web): State<Web>, Posted { visit, form }: Posted) -> Result<Response, Failure> {
    let given = form.clone();
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let instant = |def: &FieldDef| {
            Value::from_json(def, &json_of(def, &given, def.key, &caller.zone())).ok().and_then(|value| value.as_int())
        };
        let board = given.number("board").unwrap_or_default();
        let new = NewMeeting { board, starts: instant(&STARTS).unwrap_or_default(), ends: instant(&ENDS), chair: None };
        boards::plan(session, caller, new)
    };
    match web.write(&visit, Channel::Desk, work).await.map_err(Failure::for_form) {
        Ok(id) => Ok(go_on(&format!("/meetings/{id}"), Some(Flash::done("The meeting is planned.")))),
        Err(Ok(refusal)) => listed(&web, &visit, Some((&form, &refusal))).await,
        Err(Err(failure)) => Err(failure),
    }
}

/// `POST /meetings/{id}/{deed}`
pub async fn act(
    State(web): State<Web>,
    Path((id, deed)): Path<(i64, String)>,
    Posted { visit, form }: Posted,
) -> Result<Response, Failure> {
    let work = move |session: &mut Session<'_>, caller: &Caller| match deed.as_str() {
        "begin" => boards::begin(session, caller, id).map(|()| "The meeting has begun."),
        "end" => boards::end(session, caller, id).map(|()| "The meeting is over. Its minutes are with the records."),
        "cancel" => {
            let reason = form.get("reason").unwrap_or_default();
            boards::cancel(session, caller, id, reason).map(|()| "The meeting is cancelled.")
        }
        "attend" => {
            let present = form.get("present") == Some("true");
            boards::attend(session, caller, id, form.number("person"), present).map(|()| "Noted.")
        }
        "items" => {
            let number = form.get("number").unwrap_or_default();
            boards::add(session, caller, id, number, form.number("minutes")).map(|()| "It is on the agenda.")
        }
        _ => Err(Refusal::missing("page").into()),
    };
    back(&web, &visit, id, work).await
}

/// `POST /meetings/{id}/items/{number}/{deed}`
pub async fn act_on_item(
    State(web): State<Web>,
    Path((id, number, deed)): Path<(i64, String, String)>,
    Posted { visit, form }: Posted,
) -> Result<Response, Failure> {
    let work = move |session: &mut Session<'_>, caller: &Caller| match deed.as_str() {
        "call" => boards::call(session, caller, id, &number).map(|()| "It is before the meeting."),
        "remove" => {
            let reason = form.get(&format!("reason-{number}")).unwrap_or_default();
            boards::remove(session, caller, id, &number, reason).map(|()| "It is off the agenda.")
        }
        "arrange" => {
            let to = (form.number("place"), form.number("minutes"));
            boards::arrange(session, caller, id, &number, to).map(|()| "The agenda is in this order.")
        }
        "vote" => {
            let approval = form.number("approval").unwrap_or_default();
            let voice = Voice {
                grants: form.get("answer") == Some("approve"),
                words: form.filled(&format!("reason-{approval}")).map(str::to_owned),
                version: form.number("version").unwrap_or_default(),
            };
            let said = if voice.grants { "You approved it." } else { "You refused it." };
            boards::vote(session, caller, id, &number, (approval, &voice)).map(|()| said)
        }
        "decide" => {
            let decision = match form.get("decision") {
                Some("postponed") => Decision::Postponed,
                Some("discussed") => Decision::Discussed,
                _ => Decision::Voted,
            };
            boards::decide(session, caller, id, &number, (decision, form.get("note"))).map(|()| "The decision is kept.")
        }
        _ => Err(Refusal::missing("page").into()),
    };
    back(&web, &visit, id, work).await
}

/// Does something to a meeting, and goes back to its page with what came of it.
async fn back(
    web: &Web,
    visit: &Visit,
    id: i64,
    work: impl Fn(&mut Session<'_>, &Caller) -> mainstay_desk::Result<&'static str> + Send + Sync + Clone + 'static,
) -> Result<Response, Failure> {
    let here = format!("/meetings/{id}");
    match web.write(visit, Channel::Desk, work).await.map_err(Failure::for_form) {
        Ok(says) => Ok(go_on(&here, Some(Flash::done(says)))),
        Err(Ok(refusal)) if refusal.why == mainstay_engine::refusal::Why::Missing => Err(Failure::missing()),
        Err(Ok(refusal)) => Ok(go_on(&here, Some(Flash::failed(refusal.to_string())))),
        Err(Err(failure)) => Err(failure),
    }
}

/// What the page of a meeting is called.
fn title(row: &MeetingRow, board: &Board, zone: &TimeZone) -> String {
    tf("{board}, {date}", &[("board", &board.name), ("date", &crate::components::date(row.starts, zone))])
}
