//! The frame of a page that staff and customers have alike: the sidebar of staff, or the portal's head.

use axum::http::StatusCode;
use axum::response::Response;
use jiff::tz::TimeZone;
use mainstay_desk::{Caller, Session};
use mainstay_engine::process::Process;
use mainstay_markup::html;
use mainstay_words::t;
use maud::Markup;

use super::frame::{At, Frame, Place};
use super::portal::{self, Guest, Room};
use crate::components::{ViewHead, pane, view_head};
use crate::session::Visit;
use crate::web::Web;

/// What stands around such a page.
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

    /// The frame of staff for what only they have.
    ///
    /// # Errors
    /// `not_staff`; the database's.
    pub fn of_staff(session: &mut Session<'_>, caller: &Caller) -> mainstay_desk::Result<Self> {
        Ok(Self::Staff(Box::new(Frame::load(session, caller)?)))
    }

    /// The viewer's time zone.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        match self {
            Self::Staff(frame) => &frame.zone,
            Self::Portal(guest) => &guest.zone,
        }
    }

    /// What the addresses of records begin with.
    #[must_use]
    pub fn home(&self, process: &Process) -> String {
        match self {
            Self::Staff(_) => format!("/{}", process.plural),
            Self::Portal(_) => "/portal/requests".to_owned(),
        }
    }
}

/// One page in either frame, with figures and tables as staff see them.
pub struct Sheet<'a> {
    /// Its heading.
    pub title: &'a str,
    /// How the request is answered.
    pub status: StatusCode,
    /// The way back: labels and addresses.
    pub above: Vec<(&'a str, String)>,
    /// What can be done with it.
    pub actions: Option<Markup>,
    /// What it says.
    pub body: Markup,
    /// Takes the whole of a phone, as a form does.
    pub whole: bool,
}

impl Sheet<'_> {
    /// The page: where staff have it, and where the portal has it.
    #[must_use]
    pub fn page(&self, web: &Web, visit: &Visit, around: &Around, place: (Place, Room)) -> Response {
        self.page_watching(web, visit, around, place, None)
    }

    /// The same, kept up to date: by its address and what it shows in short.
    #[must_use]
    pub fn page_watching(
        &self,
        web: &Web,
        visit: &Visit,
        around: &Around,
        (place, room): (Place, Room),
        watched: Option<(&str, &str)>,
    ) -> Response {
        match around {
            Around::Staff(frame) => {
                let above = self.above.iter().map(|(label, href)| ((*label).into(), href.as_str().into())).collect();
                let (title, actions) = (self.title.into(), self.actions.clone());
                let content = pane(&view_head(&ViewHead { title, actions, above, ..ViewHead::default() }), &self.body);
                let at = At { watched, ..At::new(self.title, place).answered(self.status) };
                frame.page(web, visit, &if self.whole { at.of_record() } else { at }, &content)
            }
            Around::Portal(guest) => {
                let content = html! {
                    div.portal-page {
                        @if !self.above.is_empty() {
                            nav.trail aria-label="Where you are" {
                                @for (at, (label, href)) in self.above.iter().enumerate() {
                                    @if at > 0 { span aria-hidden="true" { "/" } }
                                    a.link href=(href) { (label) }
                                }
                            }
                        }
                        div.line { h1.portal-title tabindex="-1" { (t(self.title)) } span.grow {} @if let Some(actions) = &self.actions { (actions) } }
                        (self.body)
                    }
                };
                let at = portal::At::new(self.title, room).answered(self.status).with_figures();
                let at = portal::At { watched, ..at };
                guest.page(web, visit, &at, &content)
            }
        }
    }
}
