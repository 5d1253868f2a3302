//! Answers that are no page of their own: refused, not there, failed, or to be found elsewhere.

mod dress;

pub use dress::dress;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use mainstay_desk::Error;
use mainstay_desk::auth::Denied;
use mainstay_desk::door::SECOND_FACTOR;
use mainstay_engine::refusal::{Refusal, Why};
use mainstay_store::Error as StoreError;

use crate::flash::{Flash, go_on};

/// The code of the refusal that sends people without staff rights to the portal.
pub const NOT_STAFF: &str = "not_staff";

/// Pages of people who ask, whoever reads them.
const PORTAL: &str = "/portal";

/// A database that was away is asked again after this long.
const RETRY_SECONDS: i64 = 5;

/// Why a request has no page of its own.
#[derive(Clone, Debug)]
pub enum Failure {
    /// The answer is on another page of this site.
    Elsewhere(String, Option<Flash>),
    /// A page of staff, asked for by somebody who is none.
    NotStaff,
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
            Self::Elsewhere(..) | Self::NotStaff => StatusCode::SEE_OTHER,
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

/// What is said above the words of a conflict: somebody else came first, or it is not possible as things stand.
#[must_use]
pub fn conflict_title(refusal: &Refusal) -> &'static str {
    let raced = matches!(refusal.code.as_str(), "stale" | "changed_since" | "overtaken");
    if raced { "Somebody was faster" } else { "Not possible now" }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) if refusal.code == "not_signed_in" => Self::Elsewhere("/sign-in".into(), None),
            Error::Refused(refusal) if refusal.code == SECOND_FACTOR => {
                Self::Elsewhere("/me/security".into(), Some(Flash::failed(refusal.detail)))
            }
            Error::Refused(refusal) if refusal.code == NOT_STAFF => Self::NotStaff,
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
        // Whoever dresses it knows whether the portal has a page of the same record.
        let mut response =
            if matches!(self, Self::NotStaff) { go_on(PORTAL, None) } else { self.status().into_response() };
        response.extensions_mut().insert(self);
        response
    }
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
        }
    }
}
