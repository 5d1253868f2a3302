//! What waits for one's approval, in the workspace and in the portal alike: one page for each record, one press to
//! approve.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::tz::TimeZone;
use mainstay_desk::records::{self, View, Voice, WaitingApproval};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::field::{FieldDef, Kind};
use mainstay_engine::refusal::Refusal;
use mainstay_markup::html;
use mainstay_store::entries;
use mainstay_words::{t, tf};
use maud::Markup;
use std::collections::HashMap;

use super::around::{Around, Sheet};
use super::frame::Place;
use super::portal::{Room, process_of};
use super::queue::number;
use crate::components::{Control, Field, Property, field, properties_plain, status_pill, time, token_field};
use crate::failure::{Failure, status_of};
use crate::flash::{Flash, go_on};
use crate::markdown;
use crate::pages::entrance::summary;
use crate::routes::{Declared, get, post};
use crate::session::{Posted, Visit};
use crate::shown::{Reader, status};
use crate::web::Web;

/// The routes of approvals.
pub fn routes() -> Vec<Declared> {
    vec![get("/approvals", list), get("/approvals/{number}", show), post("/approvals/{number}", answer)]
}

const TITLE: &str = "Approvals";

/// `GET /approvals`
pub async fn list(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let load = |session: &mut Session<'_>, caller: &Caller| {
        let around = Around::load(session, caller)?;
        let waiting = records::waiting(session, caller)?;
        let names = names_of(session, &waiting)?;
        Ok((around, waiting, names, caller.person_id()))
    };
    let (around, waiting, names, me) = web.read(&visit, Channel::Desk, load).await?;
    let body = html! { div.card.work-rows { (lines(&waiting, &names, me, usize::MAX)) } };
    let actions = Some(html! { a.btn href="/meetings" { "Meetings" } });
    let sheet = Sheet { title: TITLE, status: StatusCode::OK, above: Vec::new(), actions, body, whole: false };
    Ok(sheet.page(&web, &visit, &around, (Place::Mine, Room::Approvals)))
}

/// The names of those who are asked.
///
/// # Errors
/// The database's.
pub fn names_of(session: &mut Session<'_>, waiting: &[WaitingApproval]) -> mainstay_desk::Result<HashMap<i64, String>> {
    let ids: Vec<i64> = waiting.iter().map(|each| each.row.approver).collect();
    Ok(entries::names(session.conn, &ids)?.into_iter().map(|(id, _, name)| (id, name)).collect())
}

/// What waits for one's approval, each with the way to its page.
pub fn lines(all: &[WaitingApproval], names: &HashMap<i64, String>, me: Option<i64>, most: usize) -> Markup {
    html! {
        @if all.is_empty() { p.quiet.work-none { "Nothing waits for your approval." } }
        @for each in all.iter().take(most) {
            @let title = each.record.value("title").as_text().unwrap_or_default();
            a.work-line id={ "row-a" (each.row.id) } href={ "/approvals/" (number(&each.record)) } {
                span.medium dir="auto" { (title) }
                span.quiet.line {
                    bdi { (number(&each.record)) }
                    span.clip dir="auto" { (called(each, names, me)) }
                }
            }
        }
    }
}

/// What an approval is called, and for whom it is given where that is not oneself.
fn called(each: &WaitingApproval, names: &HashMap<i64, String>, me: Option<i64>) -> String {
    match names.get(&each.row.approver).filter(|_| Some(each.row.approver) != me) {
        Some(name) => tf("{approval}, in the place of {name}", &[("approval", &each.name), ("name", name)]),
        None => each.name.clone(),
    }
}

/// A record that one is asked about.
struct Asked {
    around: Around,
    view: View,
    waiting: Vec<WaitingApproval>,
    names: HashMap<i64, String>,
    me: Option<i64>,
    zone: TimeZone,
    /// Staff of it read the whole record elsewhere.
    staff: bool,
}

/// `GET /approvals/{number}`
pub async fn show(State(web): State<Web>, Path(number): Path<String>, visit: Visit) -> Result<Response, Failure> {
    page(&web, &visit, number, None).await
}

async fn page(web: &Web, visit: &Visit, number: String, refused: Option<&Refusal>) -> Result<Response, Failure> {
    let process = process_of(&number)?;
    let load = move |session: &mut Session<'_>, caller: &Caller| {
        let around = Around::load(session, caller)?;
        let view = records::get(session, caller, process, &number)?;
        let waiting = records::asked_of(session, caller, process, &number)?;
        let names = names_of(session, &waiting)?;
        let staff = caller.rights.may_somewhere(process.key, "view") && caller.rights.is_any_staff();
        Ok(Asked { around, view, waiting, names, me: caller.person_id(), zone: caller.zone(), staff })
    };
    let asked = web.read(visit, Channel::Desk, load).await?;
    let title = asked.view.record.value("title").as_text().unwrap_or_default().to_owned();
    let body = html! {
        (summary(refused))
        (asked.head())
        @for each in &asked.waiting { (asked.form(visit, each)) }
        @if asked.waiting.is_empty() { p.quiet { "Nothing about it waits for your approval." } }
        (facts(&asked.view, &asked.zone))
    };
    let sheet = Sheet {
        title: &title,
        status: refused.map_or(StatusCode::OK, status_of),
        above: vec![(TITLE, "/approvals".to_owned())],
        actions: None,
        body,
        whole: true,
    };
    Ok(sheet.page(web, visit, &asked.around, (Place::Mine, Room::Approvals)))
}

impl Asked {
    fn head(&self) -> Markup {
        let record = &self.view.record;
        let number = number(record);
        html! {
            div.line {
                @if self.staff { a.link href={ "/" (record.process.plural) "/" (number) } { bdi { (number) } } } @else { bdi { (number) } }
                (status_pill(&status(record.process, record.state)))
            }
        }
    }

    /// The answer: one press approves; who refuses says why.
    fn form(&self, visit: &Visit, each: &WaitingApproval) -> Markup {
        let name = format!("reason-{}", each.row.id);
        let mut words = Field::new(name, "Words", Control::Markdown { value: "".into(), rows: 2 });
        words.help = Some("Needed when you refuse.".into());
        html! {
            form.form.form-section method="post" action={ "/approvals/" (number(&each.record)) } {
                h2 dir="auto" { (called(each, &self.names, self.me)) }
                (token_field(visit.token()))
                input type="hidden" name="approval" value=(each.row.id);
                input type="hidden" name="version" value=(self.view.record.version);
                (field(&words))
                div.btn-row {
                    button.btn.btn-primary type="submit" name="answer" value="approve" { "Approve" }
                    button.btn.btn-danger type="submit" name="answer" value="reject" { "Refuse" }
                }
            }
        }
    }
}

/// Everything that the viewer may read of a record and that says something.
pub fn facts(view: &View, zone: &TimeZone) -> Markup {
    let (record, reader) = (&view.record, Reader::new(&view.names, zone));
    let reader = reader.naming(&view.targets);
    let named = |key: &&&str| view.fields.iter().find(|field| field.key == **key).copied();
    let shown: Vec<&FieldDef> = record
        .process
        .sections
        .iter()
        .flat_map(|section| section.fields)
        .filter_map(|key| named(&key))
        .filter(|field| !record.value(field.key).is_blank())
        .collect();
    let (long, short): (Vec<&FieldDef>, Vec<&FieldDef>) =
        shown.into_iter().partition(|field| matches!(field.kind, Kind::Markdown | Kind::Table(_)));
    let line = |field: &&FieldDef| Property {
        key: field.key.into(),
        label: field.label.into(),
        value: reader.markup(field, record.value(field.key)),
        ..Property::default()
    };
    html! {
        section.card.facts aria-label="About it" { (properties_plain(&short.iter().map(line).collect::<Vec<_>>(), true)) }
        @for field in long {
            section.card.portal-card {
                h2 { (t(field.label)) }
                @match (field.kind, record.value(field.key).as_text()) {
                    (Kind::Markdown, Some(words)) => { div.prose dir="auto" { (markdown::render(words)) } }
                    _ => { (reader.grid(field, record.value(field.key))) }
                }
            }
        }
    }
}

/// `POST /approvals/{number}`
pub async fn answer(
    State(web): State<Web>,
    Path(number): Path<String>,
    Posted { visit, form }: Posted,
) -> Result<Response, Failure> {
    let process = process_of(&number)?;
    let approval = form.number("approval").unwrap_or_default();
    let grants = form.get("answer") == Some("approve");
    let voice = Voice {
        grants,
        words: form.filled(&format!("reason-{approval}")).map(str::to_owned),
        version: form.number("version").unwrap_or_default(),
    };
    let asked = number.clone();
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        records::answer(session, caller, process, &asked, approval, &voice)
    };
    match web.write(&visit, Channel::Desk, work).await.map_err(Failure::for_form) {
        Ok(()) => {
            let says = if grants { "You approved {number}." } else { "You refused {number}." };
            Ok(go_on("/approvals", Some(Flash::done(tf(says, &[("number", &number)])))))
        }
        Err(Ok(refusal)) => page(&web, &visit, number, Some(&refusal)).await,
        Err(Err(failure)) => Err(failure),
    }
}

/// When somebody answered, and with which words.
pub fn said(at: Option<i64>, words: Option<&str>, zone: &TimeZone, now: i64) -> Markup {
    html! {
        @if let Some(at) = at { (time(at, zone, now)) }
        @if let Some(words) = words { div.prose dir="auto" { (markdown::render(words)) } }
    }
}
