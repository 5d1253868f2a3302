//! The frame of a report: that of staff, or the portal's for customers who may read figures of their own.

use axum::http::StatusCode;
use axum::response::Response;
use jiff::tz::TimeZone;
use mainstay_desk::{Caller, Session};
use mainstay_engine::process::Process;
use mainstay_markup::html;
use mainstay_words::t;
use maud::Markup;

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

    /// What the addresses of records begin with.
    pub fn home(&self, process: &Process) -> String {
        match self {
            Self::Staff(_) => format!("/{}", process.plural),
            Self::Portal(_) => "/portal/requests".to_owned(),
        }
    }

    /// A page; `above` is the way back.
    pub fn page(&self, web: &Web, visit: &Visit, sheet: &Sheet<'_>) -> Response {
        match self {
            Self::Staff(frame) => {
                let above = sheet.above.iter().map(|(label, href)| ((*label).into(), href.as_str().into())).collect();
                let (title, actions) = (sheet.title.into(), sheet.actions.clone());
                let content = pane(&view_head(&ViewHead { title, actions, above, ..ViewHead::default() }), &sheet.body);
                frame.page(web, visit, &At::new(sheet.title, Place::Reports).answered(sheet.status), &content)
            }
            Self::Portal(guest) => {
                let content = html! {
                    div.portal-page {
                        @if !sheet.above.is_empty() {
                            nav.trail aria-label="Where you are" {
                                @for (label, href) in &sheet.above { a href=(href) { (label) } span aria-hidden="true" { "/" } }
                            }
                        }
                        div.line { h1.portal-title tabindex="-1" { (t(sheet.title)) } span.grow {} @if let Some(actions) = &sheet.actions { (actions) } }
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
