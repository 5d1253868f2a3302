//! What a handler answers, in a form that can be kept and answered again.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// Tells a client that an answer is the one kept from an earlier try.
const REPLAYED: &str = "idempotency-replayed";

/// A successful answer in JSON, or without a body.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Answer {
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    version: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    location: Option<String>,
    #[serde(skip)]
    body: String,
    #[serde(skip)]
    replayed: bool,
    /// The body to keep instead, for what must be shown once only.
    #[serde(skip)]
    kept: Option<String>,
}

impl Answer {
    /// 200 with a body.
    pub fn ok(body: &impl Serialize) -> Self {
        Self { status: 200, body: serde_json::to_string(body).unwrap_or_default(), ..Self::default() }
    }

    /// 201 with a body and the address, below the API's own, of what was made.
    pub fn created(body: &impl Serialize, location: impl Into<String>) -> Self {
        Self { status: 201, location: Some(location.into()), ..Self::ok(body) }
    }

    /// 201 with a body, of something that has no address of its own.
    pub fn made(body: &Json) -> Self {
        Self { status: 201, ..Self::ok(body) }
    }

    /// 204.
    pub fn nothing() -> Self {
        Self { status: 204, ..Self::default() }
    }

    /// With the version as entity tag.
    pub fn version(self, version: i64) -> Self {
        Self { version: Some(version), ..self }
    }

    /// With another body to keep than the one shown now.
    pub fn keeping(self, body: &Json) -> Self {
        Self { kept: Some(body.to_string()), ..self }
    }

    /// The status code.
    pub fn status(&self) -> i64 {
        self.status.into()
    }

    /// The text to keep for the case that the request comes again: what the answer says of itself, and on a line of
    /// its own the body as it is.
    pub fn to_keep(&self) -> String {
        let body = self.kept.as_deref().unwrap_or(&self.body);
        let mut text = serde_json::to_string(self).unwrap_or_default();
        text.reserve(body.len() + 1);
        text.push('\n');
        text.push_str(body);
        text
    }

    /// The answer that was kept; none when the text is none of ours.
    pub fn kept(text: &str) -> Option<Self> {
        let (head, body) = text.split_once('\n')?;
        let answer: Self = serde_json::from_str(head).ok()?;
        Some(Self { replayed: true, body: body.to_owned(), ..answer })
    }
}

/// The entity tag of a version.
pub fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let has_body = !self.body.is_empty();
        let mut response = (status, self.body).into_response();
        let headers = response.headers_mut();
        if has_body {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        } else {
            headers.remove(header::CONTENT_TYPE);
        }
        let mut put = |name: &'static str, value: Option<String>| {
            if let Some(value) = value.and_then(|v| HeaderValue::from_str(&v).ok()) {
                headers.insert(name, value);
            }
        };
        put("etag", self.version.map(etag));
        put("location", self.location.map(|below| format!("{}{below}", crate::BASE)));
        put(REPLAYED, self.replayed.then(|| "true".to_owned()));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_kept_answer_comes_back_whole_but_for_what_is_shown_once() {
        let answer = Answer::created(&json!({ "id": 1, "token": "secret" }), "/things/1")
            .version(3)
            .keeping(&json!({ "id": 1 }));
        let kept = answer.to_keep();
        assert!(!kept.contains("secret"));
        let again = Answer::kept(&kept).expect("our own text").into_response();
        assert_eq!(again.status(), 201);
        assert_eq!(again.headers()["etag"], "\"3\"");
        assert_eq!(again.headers()["location"], "/api/v1/things/1");
        assert_eq!(again.headers()[REPLAYED], "true");
    }
}
