//! Answers that are no page of their own: refused, not there, failed, or to be found elsewhere.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use mainstay_markup::html;
use mainstay_words::{sentence, t};
use maud::Markup;

use mainstay_desk::auth::Denied;
use mainstay_desk::door::SECOND_FACTOR;
use mainstay_desk::view_as::{OVER, READS_ONLY};
use mainstay_desk::{Channel, Error};
use mainstay_engine::refusal::{Refusal, Why};
use mainstay_store::Error as StoreError;

use crate::address::with_query;
use crate::components::{Nothing, PortalShell, button_link, nothing, pane, portal_shell};
use crate::flash::{Flash, go_on};
use crate::layout::Side;
use crate::pages::entrance::button_form;
use crate::pages::frame::{At, Frame, Place};
use crate::session::{Arrival, RETURN, Visit};
use crate::viewing::document;
use crate::web::Web;

/// The code of the refusal that sends people without staff rights to the portal.
pub const NOT_STAFF: &str = "not_staff";

/// A database that was away is asked again after this long.
const RETRY_SECONDS: i64 = 5;

/// Why a request has no page of its own.
#[derive(Clone, Debug)]
pub enum Failure {
    /// The answer is on another page of this site.
    Elsewhere(String, Option<Flash>),
    /// Refused, with the seconds after which to try again where that helps.
    Refused(Refusal, Option<i64>),
    /// More than a request may hold.
    TooLarge,
    /// The disk is full: reading works, writing does not.
    Full,
    /// The database does not answer now; whether something was written may be unknown.
    Unavailable,
    /// What was asked for took longer to read than a request may.
    TooSlow,
    /// Failed by no fault of the person; the words are for the log alone.
    Failed(String),
}

impl Failure {
    /// There is no such page.
    #[must_use]
    pub fn missing() -> Self {
        Self::Refused(Refusal::new(Why::Missing, "no_page", "There is no such page."), None)
    }

    /// The refusal, when it is one.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        if let Self::Refused(refusal, _) = self { Some(refusal) } else { None }
    }

    /// The refusal if it is of a kind that a form shows again: wrong answers or a conflict.
    ///
    /// # Errors
    /// The failure itself otherwise.
    pub fn for_form(self) -> Result<Refusal, Self> {
        match self {
            Self::Refused(refusal, _) if matches!(refusal.why, Why::Invalid | Why::Conflict) => Ok(refusal),
            other => Err(other),
        }
    }

    /// Seconds after which another try is worth it, where that helps.
    fn wait(&self) -> Option<i64> {
        match self {
            Self::Refused(_, seconds) => *seconds,
            Self::Unavailable => Some(RETRY_SECONDS),
            _ => None,
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Elsewhere(..) => StatusCode::SEE_OTHER,
            Self::Refused(refusal, _) => status_of(refusal),
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Full => StatusCode::INSUFFICIENT_STORAGE,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooSlow => StatusCode::GATEWAY_TIMEOUT,
            Self::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// The status that a refused request is answered with.
#[must_use]
pub fn status_of(refusal: &Refusal) -> StatusCode {
    match refusal.why {
        Why::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Why::Forbidden => StatusCode::FORBIDDEN,
        Why::Conflict => StatusCode::CONFLICT,
        Why::Missing => StatusCode::NOT_FOUND,
        Why::Unknown => StatusCode::UNAUTHORIZED,
        Why::Throttled => StatusCode::TOO_MANY_REQUESTS,
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) if refusal.code == "not_signed_in" => Self::Elsewhere("/sign-in".into(), None),
            Error::Refused(refusal) if refusal.code == SECOND_FACTOR => {
                Self::Elsewhere("/me/security".into(), Some(Flash::failed(refusal.detail)))
            }
            Error::Refused(refusal) if refusal.code == NOT_STAFF => Self::Elsewhere("/portal".into(), None),
            Error::Refused(refusal) => Self::Refused(refusal, None),
            Error::Store(error) => error.into(),
            other => Self::Failed(other.to_string()),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal, None)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing => Refusal::missing("such thing").into(),
            StoreError::Stale => Refusal::conflict("stale", "Somebody changed it since you read it.").into(),
            StoreError::Full(_) => {
                tracing::error!(%error, "the storage is full");
                Self::Full
            }
            StoreError::TooLong => {
                tracing::warn!("a read took longer than a request may");
                Self::TooSlow
            }
            StoreError::Unavailable(_) | StoreError::Uncertain(_) => {
                tracing::error!(%error, "the database is not available");
                Self::Unavailable
            }
            other => Self::Failed(other.to_string()),
        }
    }
}

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        match denied.into_refusal() {
            Ok((refusal, seconds)) if refusal.code == "not_signed_in" && seconds.is_none() => {
                Self::Elsewhere("/sign-in".into(), None)
            }
            Ok((refusal, seconds)) => Self::Refused(refusal, seconds),
            Err(error) => error.into(),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        if let Self::Elsewhere(to, flash) = self {
            return go_on(&to, flash);
        }
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives every failure that leaves a handler its page.
pub async fn dress(State(web): State<Web>, arrival: Arrival, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<Failure>() {
        Some(failure) => shown(&web, &arrival, &failure).await,
        None => response,
    }
}

/// The page of a failure: for staff in their frame, where that can still be read.
async fn shown(web: &Web, arrival: &Arrival, failure: &Failure) -> Response {
    let (kind, title, text) = words(failure);
    if let Some((visit, frame)) = frame(web, arrival, failure).await {
        let text = if kind == Nothing::Missing { missing(failure) } else { text };
        let head = html! { h1.sr tabindex="-1" { (t(title)) } };
        let body = nothing(kind, title, &text, &ways(&arrival.place), None);
        let at = At::new(title, Place::Elsewhere).answered(failure.status());
        return frame.page(web, &visit, &at, &pane(&head, &body));
    }
    let reference = matches!(failure, Failure::Failed(_)).then(|| reference(web, failure));
    let looks = failure.refusal().is_some_and(|refusal| [READS_ONLY, OVER].contains(&refusal.code.as_str()));
    let actions = html! {
        @if let Some(token) = arrival.token.as_deref().filter(|_| looks) { (button_form(RETURN, token, "Stop looking as them", false)) }
        (button_link("/", "Go to the first page", Some("house"), true))
    };
    let body = html! {
        h1.sr tabindex="-1" { (t(title)) }
        (nothing(kind, title, &text, &actions, reference.as_deref()))
    };
    let shell = PortalShell { site: web.site().into(), home: "/".into(), ..PortalShell::default() };
    let mut response = document(web, arrival, Side::Portal, failure.status(), title, &portal_shell(&shell, &body));
    if let Some(seconds) = failure.wait() {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The frame of the staff member who was refused a page; none for everybody else, and where the failure is another.
async fn frame(web: &Web, arrival: &Arrival, failure: &Failure) -> Option<(Visit, Frame)> {
    let refused = failure.refusal().filter(|refusal| matches!(refusal.why, Why::Missing | Why::Forbidden))?;
    let looks = [READS_ONLY, OVER].contains(&refused.code.as_str());
    arrival.token.as_ref().filter(|_| !looks)?;
    let live = web.entrance().session(&arrival.visitor, arrival.now).await.ok()?;
    let arrival = Arrival { viewing: live.viewing.clone(), ..arrival.clone() };
    let visit = Visit { arrival, live };
    let frame = web.read(&visit, Channel::Desk, Frame::load).await.ok()?;
    Some((visit, frame))
}

/// What is said of a page that is not there. It is the same whether there is none or it is not the viewer's to see.
fn missing(failure: &Failure) -> String {
    let detail = failure.refusal().map(|refusal| refusal.detail.clone()).unwrap_or_default();
    let hint = "Perhaps the number is mistyped, or only the people involved may see it. Whoever sent you here can add \
                you as a watcher.";
    format!("{} {}", sentence(&detail), t(hint))
}

/// Where to go on from an address that leads nowhere.
fn ways(place: &str) -> Markup {
    let path = place.split('?').next().unwrap_or_default();
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let (first, second) = (parts.next().unwrap_or_default(), parts.next());
    let process = mainstay_processes::ALL.iter().find(|process| process.plural == first);
    html! {
        @if let Some(process) = process {
            (button_link(&format!("/{}", process.plural), process.label_plural, Some("list-todo"), true))
            @if let Some(number) = second {
                (button_link(&with_query("/search", [("q", number)]), "Search for it", Some("search"), false))
            }
        } @else if first == "admin" {
            (button_link("/admin", "Administration", Some("settings"), true))
        } @else {
            (button_link("/", "Go to the first page", Some("house"), true))
        }
    }
}

fn words(failure: &Failure) -> (Nothing, &'static str, String) {
    let detail = failure.refusal().map(|refusal| refusal.detail.clone()).unwrap_or_default();
    match failure.status() {
        StatusCode::NOT_FOUND => {
            let hint = "It may have been moved, or it is not yours to see. A number such as those in your mails can be typed into the search.";
            (Nothing::Missing, "Nothing here", format!("{} {}", sentence(&detail), t(hint)))
        }
        StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => (Nothing::Forbidden, "Not allowed", detail),
        StatusCode::CONFLICT => (Nothing::Failed, "Somebody was faster", detail),
        StatusCode::TOO_MANY_REQUESTS => (Nothing::Failed, "Too many tries", detail),
        StatusCode::UNPROCESSABLE_ENTITY => (Nothing::Failed, "That did not work", detail),
        StatusCode::PAYLOAD_TOO_LARGE => {
            (Nothing::Failed, "Too large", "What was sent is larger than allowed. Send smaller files.".into())
        }
        StatusCode::INSUFFICIENT_STORAGE => (
            Nothing::Failed,
            "No room to save",
            "The disk of this server is full. Everything can still be read, but nothing can be saved, and what you sent \
             was not. Go back to keep your words, and try again when your administrator has made room."
                .into(),
        ),
        StatusCode::SERVICE_UNAVAILABLE => (
            Nothing::Failed,
            "Not available just now",
            "The database does not answer. Wait some seconds and try again; if you sent something, look first whether it \
             arrived."
                .into(),
        ),
        StatusCode::GATEWAY_TIMEOUT => (
            Nothing::Failed,
            "It took too long",
            "What was asked for takes longer to find than one page may. Ask for less: a shorter period, or a filter that \
             fewer records meet."
                .into(),
        ),
        _ => (
            Nothing::Failed,
            "Something went wrong",
            "It was not your fault, and nothing was changed. Try again; if it happens once more, tell us the reference."
                .into(),
        ),
    }
}

/// Logs a failure under a drawn name, which is all that the person learns of it.
fn reference(web: &Web, failure: &Failure) -> String {
    let mut bytes = [0; 6];
    web.entropy().fill(&mut bytes);
    let reference = bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    if let Failure::Failed(why) = failure {
        tracing::error!(reference, %why, "a page failed");
    }
    reference
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_of_the_database_is_told_apart_by_what_to_do_next() {
        let of = |error: StoreError| Failure::from(Error::Store(error));
        assert_eq!(of(StoreError::Full("x".into())).status(), 507);
        assert_eq!(of(StoreError::Stale).status(), 409);
        assert_eq!(of(StoreError::Missing).status(), 404);
        assert_eq!(of(StoreError::Query("SELECT secret".into())).status(), 500);
        for away in [StoreError::Unavailable("x".into()), StoreError::Uncertain("x".into())] {
            let failure = of(away);
            assert_eq!((failure.status().as_u16(), failure.wait()), (503, Some(RETRY_SECONDS)));
            assert!(!words(&failure).2.contains('x'), "the cause is for the log alone");
        }
    }
}
