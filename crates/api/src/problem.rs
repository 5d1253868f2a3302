//! Everything that goes wrong, as `application/problem+json` (RFC 9457).

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mainstay_desk::Error;
use mainstay_engine::refusal::{FieldError, Refusal, Why};
use mainstay_store::Error as StoreError;
use serde_json::{Map, Value as Json, json};
use std::sync::atomic::{AtomicU64, Ordering};

/// Media type of every problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Seconds after which a throttled or unavailable request is worth repeating.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

/// A request that came to nothing: a code for machines, a sentence for people, errors by field.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    code: String,
    detail: String,
    errors: Vec<FieldError>,
    headers: Vec<(HeaderName, HeaderValue)>,
    fault: Option<u64>,
}

/// The result of a handler.
pub type Result<T> = std::result::Result<T, Problem>;

impl Problem {
    /// A problem with this status, code and sentence.
    pub fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            detail: detail.into(),
            errors: Vec::new(),
            headers: Vec::new(),
            fault: None,
        }
    }

    /// The request cannot be read (400).
    pub fn unreadable(code: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// Nobody known asks (401).
    pub fn unknown() -> Self {
        Refusal::new(Why::Unknown, "not_signed_in", "Send a valid token as Authorization: Bearer, or sign in.").into()
    }

    /// There is nothing at this address (404).
    pub fn nothing_here() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is nothing at this address.")
    }

    /// What stands for the answer of a limit around the API: too large (413), too slow (504), a panic (500). None for
    /// any other status.
    pub fn of_limit(status: StatusCode) -> Option<Self> {
        match status {
            StatusCode::PAYLOAD_TOO_LARGE => {
                Some(Self::new(status, "too_large", "The body is larger than this server takes."))
            }
            StatusCode::GATEWAY_TIMEOUT => {
                let says =
                    "It took too long and was given up. With the same Idempotency-Key it can be repeated safely.";
                Some(Self::new(status, "too_slow", says))
            }
            StatusCode::INTERNAL_SERVER_ERROR => Some(Self::fault(&Error::Io("a handler panicked".into()))),
            _ => None,
        }
    }

    fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// A failure that is no fault of the caller: logged once under an id, answered without detail.
    fn fault(error: &Error) -> Self {
        static FAULTS: AtomicU64 = AtomicU64::new(1);
        let id = FAULTS.fetch_add(1, Ordering::Relaxed);
        tracing::error!(fault = id, %error, "a request failed");
        let detail = format!("Something failed here. It is in the log as fault {id}.");
        Self { fault: Some(id), ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, "fault", detail) }
    }

    /// The problem as it stands in the answers to bulk requests and in the body.
    pub fn to_json(&self) -> Json {
        let mut members = Map::new();
        members.insert("type".into(), "about:blank".into());
        members.insert("title".into(), self.status.canonical_reason().unwrap_or("Refused").into());
        members.insert("status".into(), self.status.as_u16().into());
        members.insert("code".into(), self.code.as_str().into());
        members.insert("detail".into(), self.detail.as_str().into());
        if !self.errors.is_empty() {
            members.insert("errors".into(), json!(self.errors));
        }
        if let Some(fault) = self.fault {
            members.insert("fault".into(), fault.into());
        }
        Json::Object(members)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal.why {
            Why::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Why::Forbidden => StatusCode::FORBIDDEN,
            Why::Conflict => StatusCode::CONFLICT,
            Why::Missing => StatusCode::NOT_FOUND,
            Why::Unknown => StatusCode::UNAUTHORIZED,
            Why::Throttled => StatusCode::TOO_MANY_REQUESTS,
        };
        let problem = Self { errors: refusal.errors, ..Self::new(status, &refusal.code, refusal.detail) };
        match refusal.why {
            Why::Unknown => {
                let challenge = HeaderValue::from_static("Bearer realm=\"Mainstay\"");
                problem.with_header(header::WWW_AUTHENTICATE, challenge)
            }
            Why::Throttled => problem.with_header(header::RETRY_AFTER, RETRY_AFTER),
            _ => problem,
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => refusal.into(),
            Error::Store(StoreError::Missing) => Refusal::missing("such thing").into(),
            Error::Store(StoreError::Stale) => {
                Refusal::conflict("stale", "Somebody changed it since you read it. Read it again.").into()
            }
            Error::Store(StoreError::Conflict { .. }) => {
                tracing::warn!(%error, "the database refused a value");
                Refusal::conflict("taken", "It collides with something that exists already.").into()
            }
            Error::Store(StoreError::Full(_)) => {
                tracing::error!(%error, "the storage is full");
                let says = "The storage is full: reading works, writing does not.";
                Self::new(StatusCode::INSUFFICIENT_STORAGE, "storage_full", says)
            }
            Error::Store(StoreError::TooLong) => {
                tracing::warn!("a read took longer than a request may");
                let says = "It takes longer to find than one request may. Ask for less: a shorter period, or a filter \
                            that fewer records meet.";
                Self::new(StatusCode::GATEWAY_TIMEOUT, "too_slow", says)
            }
            Error::Store(StoreError::Unavailable(_) | StoreError::Uncertain(_)) => {
                tracing::error!(%error, "the database is not available");
                let says = "The database does not answer now. Repeat the request, with the same Idempotency-Key.";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", says)
                    .with_header(header::RETRY_AFTER, RETRY_AFTER)
            }
            error => Self::fault(&error),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Error::from(error).into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.to_json().to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.extend(self.headers);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status_of(problem: impl Into<Problem>) -> u16 {
        problem.into().status.as_u16()
    }

    #[test]
    fn each_kind_of_refusal_has_its_status() {
        let why = |why| status_of(Refusal::new(why, "c", "d"));
        assert_eq!(
            [Why::Invalid, Why::Forbidden, Why::Conflict, Why::Missing, Why::Unknown, Why::Throttled].map(why),
            [422, 403, 409, 404, 401, 429]
        );
    }

    #[test]
    fn a_failure_of_the_database_is_told_apart_by_what_to_do_next() {
        assert_eq!(status_of(StoreError::Full("x".into())), 507);
        assert_eq!(status_of(StoreError::Unavailable("x".into())), 503);
        assert_eq!(status_of(StoreError::TooLong), 504);
        assert_eq!(status_of(StoreError::Uncertain("x".into())), 503);
        assert_eq!(status_of(StoreError::Stale), 409);
        assert_eq!(status_of(StoreError::Missing), 404);
    }

    #[test]
    fn a_fault_says_nothing_of_its_cause() {
        let problem = Problem::from(StoreError::Query("SELECT secret".into()));
        assert_eq!(problem.status.as_u16(), 500);
        let text = problem.to_json().to_string();
        assert!(!text.contains("secret") && text.contains("\"fault\":"), "{text}");
    }
}
