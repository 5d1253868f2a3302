//! What the installation has told somebody, newest first.

use axum::extract::State;
use axum::response::Response;
use mainstay_desk::inbox::Kind;
use mainstay_desk::records::find_by_id;
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_store::notices::{self, NoticeRow};
use mainstay_words::sentence;
use maud::Markup;

use super::frame::{At, Guest, Room, sheet};
use super::place_of;
use crate::components::{NewsRow, Nothing, Tone, moment, news, nothing, pill, token_field};
use crate::failure::Failure;
use crate::flash::go_on;
use crate::session::{Posted, Visit};
use crate::web::Web;

const MOST: i64 = 50;

/// A notice with number and title of the record that it is about, if the viewer still sees it.
type Told = (NoticeRow, Option<(String, String)>);

/// The list.
pub async fn show(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let (guest, told) = web.read(&visit, Channel::Portal, load).await?;
    let title = "Notifications";
    let body = html! {
        @if told.is_empty() {
            div.card { (nothing(Nothing::Yet, "Nothing yet", "When something happens with your requests, it is told here.", &html! {}, None)) }
        } @else {
            @if told.iter().any(|(row, _)| row.read_at.is_none()) { (all_read(&visit, told.first().map_or(0, |(row, _)| row.id))) }
            (news(&told.iter().map(|each| row(&guest, each, visit.now())).collect::<Vec<_>>()))
        }
    };
    Ok(guest.page(&web, &visit, &At::new(title, Room::Notices), &sheet(title, &body)))
}

fn load(session: &mut Session<'_>, caller: &Caller) -> mainstay_desk::Result<(Guest, Vec<Told>)> {
    let guest = Guest::load(session, caller)?;
    let mut told = Vec::new();
    for row in notices::of(session.conn, guest.id, i64::MAX, MOST)? {
        let seen = match row.record {
            Some(id) => find_by_id(session, caller, id)?,
            None => None,
        };
        let about = seen.map(|(record, _)| {
            let text = |key: &str| record.value(key).as_text().unwrap_or_default().to_owned();
            (text(spine::NUMBER.def.key), text(spine::TITLE.def.key))
        });
        told.push((row, about));
    }
    Ok((guest, told))
}

fn row(guest: &Guest, (notice, about): &Told, now: i64) -> NewsRow<'static> {
    let new = notice.read_at.is_none();
    // A number says little to whoever has not written it; some notices name the title themselves.
    let title = about.as_ref().map(|(_, title)| title).filter(|title| !notice.text.contains(title.as_str()));
    NewsRow {
        above: Some(
            html! { @if new { (pill(Tone::Accent, "New")) } span.quiet { (moment(notice.created, &guest.zone, now)) } },
        ),
        title: sentence(&notice.text).into_owned().into(),
        href: about.as_ref().map_or_else(|| elsewhere(notice).to_owned(), |(number, _)| place(notice, number)).into(),
        below: title.cloned().unwrap_or_default().into(),
    }
}

/// Where a notice leads that is about a record: to what is asked about it, else to the record.
fn place(notice: &NoticeRow, number: &str) -> String {
    if notice.kind == Kind::Approval.key() { format!("/approvals/{number}") } else { place_of(number) }
}

/// Where a notice leads that is about no request.
fn elsewhere(notice: &NoticeRow) -> &'static str {
    if notice.kind == Kind::File.key() { "/me/exports" } else { "/portal/notices" }
}

fn all_read(visit: &Visit, newest: i64) -> Markup {
    html! {
        form method="post" action="/portal/notices" {
            (token_field(visit.token()))
            input type="hidden" name="up_to" value=(newest);
            button.btn type="submit" { "Mark all as read" }
        }
    }
}

/// Marks everything up to the newest that was shown as read.
pub async fn read(State(web): State<Web>, posted: Posted) -> Result<Response, Failure> {
    let up_to = posted.form.number("up_to").unwrap_or_default();
    web.write(&posted.visit, Channel::Portal, move |session, caller| {
        if let Some(person) = caller.person_id() {
            notices::read(session.conn, person, up_to, session.now)?;
        }
        Ok(())
    })
    .await?;
    Ok(go_on("/portal/notices", None))
}
