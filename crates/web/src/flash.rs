//! What just happened, carried over one redirect in a cookie and shown once.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mainstay_desk::auth::cookie;

use crate::address;

/// Name of the cookie.
pub const COOKIE: &str = "__Host-mainstay-flash";
/// Longest sentence in characters: a cookie must stay small.
const LONGEST: usize = 300;
/// How long it waits for the page that shows it, in milliseconds.
const WAITS_MS: i64 = 60_000;

/// One sentence about what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flash {
    /// The sentence.
    pub words: String,
    /// It went wrong.
    pub failed: bool,
    /// Address of a form that takes it back.
    pub undo: Option<String>,
}

impl Flash {
    /// Something was done.
    pub fn done(words: impl Into<String>) -> Self {
        Self { words: words.into(), failed: false, undo: None }
    }

    /// Something was not done.
    pub fn failed(words: impl Into<String>) -> Self {
        Self { words: words.into(), failed: true, undo: None }
    }

    /// With a way back.
    #[must_use]
    pub fn undone_by(self, action: String) -> Self {
        Self { undo: Some(action), ..self }
    }

    /// Reads a cookie's value; none when it is no flash.
    #[must_use]
    pub fn read(value: &str) -> Option<Self> {
        let pairs = address::pairs(value);
        let words = address::value(&pairs, "w").filter(|words| !words.is_empty())?.to_owned();
        let undo = address::value(&pairs, "u").and_then(address::own).map(str::to_owned);
        Some(Self { words, failed: address::value(&pairs, "f").is_some(), undo })
    }

    fn cookie(&self) -> String {
        let words: String = self.words.chars().take(LONGEST).collect();
        let mut pairs = vec![("w", words.as_str())];
        pairs.extend(self.failed.then_some(("f", "1")));
        pairs.extend(self.undo.as_deref().map(|undo| ("u", undo)));
        cookie::keep(COOKIE, &address::query(pairs), WAITS_MS)
    }
}

/// Leads to another page after a form was taken, which then shows the flash.
#[must_use]
pub fn go_on(to: &str, flash: Option<Flash>) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let place = address::own(to).unwrap_or("/");
    response
        .headers_mut()
        .insert(header::LOCATION, HeaderValue::from_str(place).unwrap_or(HeaderValue::from_static("/")));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(flash) = flash {
        add_cookie(&mut response, &flash.cookie());
    }
    response
}

/// Adds a `Set-Cookie` line to a response.
pub fn add_cookie(response: &mut Response, line: &str) {
    if let Ok(value) = HeaderValue::from_str(line) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flash_comes_back_as_it_was() {
        let flash = Flash::done("Priority set to “P2”; done").undone_by("/incidents/INC-1/edit?a=1&b=2".into());
        let line = flash.cookie();
        let value =
            line.strip_prefix("__Host-mainstay-flash=").and_then(|rest| rest.split(';').next()).expect("a value");
        assert_eq!(Flash::read(value), Some(flash));
        assert!(line.contains("HttpOnly") && line.contains("Max-Age=60"), "{line}");
        assert_eq!(Flash::read("nonsense"), None);
        assert_eq!(Flash::read("w=a&u=//evil.test").expect("a flash").undo, None);
    }

    #[test]
    fn s_45_a_redirect_never_leaves_the_site() {
        for place in ["//evil.test", "https://evil.test", "/a\r\nb: c"] {
            assert_eq!(go_on(place, None).headers()["location"], "/", "{place:?}");
        }
        assert_eq!(go_on("/me", None).headers()["location"], "/me");
        assert_eq!(go_on("/me", None).status(), 303);
    }
}
