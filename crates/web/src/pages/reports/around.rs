//! The frame of a report: that of staff, or the portal's for customers who may read figures of their own.

use axum::http::StatusCode;
use axum::response::Response;
use jiff::tz::TimeZone;
use mainstay_desk::{Caller, Session};
use maud::{Markup, html};

use crate::components::{ViewHead, pane, view_head};
use crate::pages::frame::{At, Frame, Place};
use crate::pages::portal::{self, Guest, Room};
use crate::session::Visit;
use crate::web::Web;

/// What stands around a report.
pub enum Around {
    /// The sidebar of staff.
    Staff(Box<Frame>),
    /// The head of the portal.
    Portal(Box<Guest>),
}

impl Around {
    /// Reads the frame for the viewer.
    ///
    /// # Errors
    /// The database's.
    pub fn load(session: &mut Session<'_>, caller: &Caller) -> mainstay_desk::Result<Self> {
        if caller.rights.is_any_staff() {
            return Ok(Self::Staff(Box::new(Frame::load(session, caller)?)));
        }
        Ok(Self::Portal(Box::new(Guest::load(session, caller)?)))
    }

    /// The viewer's time zone.
    pub fn zone(&self) -> &TimeZone {
        match self {
            Self::Staff(frame) => &frame.zone,
            Self::Portal(guest) => &guest.zone,
        }
    }

    /// A page; `above` is the way back.
    pub fn page(&self, web: &Web, visit: &Visit, sheet: &Sheet<'_>) -> Response {
        let way = html! {
            @if !sheet.above.is_empty() {
                nav.small aria-label="Where you are" {
                    @for (index, (label, href)) in sheet.above.iter().enumerate() { @if index > 0 { " / " } a.link href=(href) { (label) } }
                }
            }
        };
        match self {
            Self::Staff(frame) => {
                let head =
                    ViewHead { title: sheet.title.into(), actions: sheet.actions.clone(), ..ViewHead::default() };
                let content = pane(&view_head(&head), &html! { (way) (sheet.body) });
                frame.page(web, visit, &At::new(sheet.title, Place::Reports).answered(sheet.status), &content)
            }
            Self::Portal(guest) => {
                let content = html! {
                    div.portal-page {
                        (way)
                        div.line { h1.portal-title tabindex="-1" { (sheet.title) } span.grow {} @if let Some(actions) = &sheet.actions { (actions) } }
                        (sheet.body)
                    }
                };
                let at = portal::At::new(sheet.title, Room::Reports).answered(sheet.status).with_figures();
                guest.page(web, visit, &at, &content)
            }
        }
    }
}

/// One page of the reports.
pub struct Sheet<'a> {
    pub title: &'a str,
    pub status: StatusCode,
    pub above: Vec<(&'a str, String)>,
    pub actions: Option<Markup>,
    pub body: Markup,
}
