//! Bodies: JSON objects of a bounded size and depth, read member by member; what is not asked for is refused.

use crate::Api;
use crate::problem::{Problem, Result};
use crate::query::IdempotencyKey;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{FromRequest, FromRequestParts, OriginalUri, Request};
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt;
use mainstay_engine::refusal::{FieldError, Refusal};
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Deepest nesting of objects and lists in a body.
const DEEPEST: usize = 32;

/// Where a request of this content would be the same request: its method, address and body.
#[derive(Clone, Debug)]
pub struct Sameness {
    /// The client's key for the request; none when it does not expect to repeat it.
    pub key: Option<String>,
    /// SHA-256 over method, address and body, in hexadecimal.
    pub digest: String,
}

impl Sameness {
    /// Of a request with this digest or text as body.
    pub fn of(key: Option<String>, method: &str, uri: &str, body: &[u8]) -> Self {
        let digest = Sha256::new()
            .chain_update(method)
            .chain_update(" ")
            .chain_update(uri)
            .chain_update("\n")
            .chain_update(body);
        Self { key, digest: hex(&digest.finalize()) }
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The JSON object that came with a request; an empty one when nothing came.
pub struct Posted {
    pub members: Members,
    pub sameness: Sameness,
}

impl FromRequest<Api> for Posted {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Result<Self> {
        let (mut parts, body) = request.into_parts();
        let IdempotencyKey(key) = IdempotencyKey::from_request_parts(&mut parts, api).await?;
        let uri = parts.extensions.get::<OriginalUri>().map_or_else(|| parts.uri.to_string(), |uri| uri.0.to_string());
        let bytes = read(&parts.headers, body, api.limits.body).await?;
        let members = Members::new(if bytes.is_empty() { Map::new() } else { object(&bytes)? });
        Ok(Self { members, sameness: Sameness::of(key, parts.method.as_str(), &uri, &bytes) })
    }
}

async fn read(headers: &HeaderMap, mut body: Body, most: usize) -> Result<Vec<u8>> {
    if !body.is_end_stream() && !is_json(headers) {
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", "Send application/json."));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = next_chunk(&mut body).await? {
        if bytes.len() + chunk.len() > most {
            return Err(too_large(most as u64));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The next piece of a body; none at its end.
///
/// # Errors
/// The connection broke.
pub async fn next_chunk(body: &mut Body) -> Result<Option<Bytes>> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Problem::unreadable("broken_off", "The body did not arrive whole."))?;
        if let Ok(data) = frame.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

/// The refusal of a body over the limit.
pub fn too_large(most: u64) -> Problem {
    let says = format!("The body must not be larger than {most} bytes.");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", says)
}

fn is_json(headers: &HeaderMap) -> bool {
    let text = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let kind = text.split(';').next().unwrap_or_default().trim();
    ["application/json", "application/merge-patch+json"].iter().any(|json| kind.eq_ignore_ascii_case(json))
}

fn object(bytes: &[u8]) -> Result<Map<String, Json>> {
    if depth(bytes) > DEEPEST {
        return Err(Problem::unreadable("too_deep", format!("The body nests deeper than {DEEPEST} levels.")));
    }
    let json: Json = serde_json::from_slice(bytes)
        .map_err(|why| Problem::unreadable("not_json", format!("The body is no JSON: {why}.")))?;
    if holds_nul(&json) {
        return Err(Refusal::invalid("control_character", "Text must not hold NUL characters.").into());
    }
    match json {
        Json::Object(members) => Ok(members),
        _ => Err(Refusal::invalid("not_an_object", "The body must be a JSON object.").into()),
    }
}

/// How deep objects and lists nest, seen before anything is built from them.
fn depth(bytes: &[u8]) -> usize {
    let (mut now, mut deepest, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => now += 1,
            b'}' | b']' if !in_text => now = now.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(now);
    }
    deepest
}

/// One of the databases cannot keep NUL, so it is no part of any text.
fn holds_nul(json: &Json) -> bool {
    match json {
        Json::String(text) => text.contains('\0'),
        Json::Array(items) => items.iter().any(holds_nul),
        Json::Object(members) => members.iter().any(|(key, value)| key.contains('\0') || holds_nul(value)),
        _ => false,
    }
}

/// The members of a body, taken out one by one. What does not fit is noted; what is left over at
/// the end is either the fields of a record or an error.
#[derive(Clone, Debug, Default)]
pub struct Members {
    left: Map<String, Json>,
    errors: Vec<FieldError>,
}

impl Members {
    pub fn new(left: Map<String, Json>) -> Self {
        Self { left, errors: Vec::new() }
    }

    fn take<T>(&mut self, key: &str, code: &str, says: &str, read: impl FnOnce(&Json) -> Option<T>) -> Option<T> {
        let json = self.left.remove(key).filter(|json| !json.is_null())?;
        let value = read(&json);
        if value.is_none() {
            self.errors.push(FieldError::new(key, code, format!("{key} must be {says}.")));
        }
        value
    }

    /// A text of at most `most` characters.
    pub fn text(&mut self, key: &str, most: usize) -> Option<String> {
        let fits = |text: &&str| text.chars().count() <= most;
        let says = format!("text of at most {most} characters");
        self.take(key, "not_text", &says, |json| json.as_str().filter(fits).map(str::to_owned))
    }

    /// True or false.
    pub fn flag(&mut self, key: &str) -> Option<bool> {
        self.take(key, "not_a_bool", "true or false", Json::as_bool)
    }

    /// A whole number from 1.
    pub fn id(&mut self, key: &str) -> Option<i64> {
        self.take(key, "not_a_number", "a whole number from 1", |json| json.as_i64().filter(|n| *n > 0))
    }

    /// An instant in RFC 3339, as epoch milliseconds.
    pub fn instant(&mut self, key: &str) -> Option<i64> {
        let read = |json: &Json| json.as_str()?.parse::<jiff::Timestamp>().ok();
        self.take(key, "not_an_instant", "an instant such as 2025-06-06T16:30:00Z", read)
            .map(jiff::Timestamp::as_millisecond)
    }

    /// A calendar day as 2025-06-06, in days since 1970-01-01.
    pub fn day(&mut self, key: &str) -> Option<i64> {
        let read = |json: &Json| json.as_str()?.parse::<jiff::civil::Date>().ok();
        self.take(key, "not_a_date", "a day such as 2025-06-06", read).map(mainstay_engine::value::date_to_day)
    }

    /// A list of whole numbers from 1.
    pub fn ids(&mut self, key: &str) -> Option<Vec<i64>> {
        let id = |json: &Json| json.as_i64().filter(|n| *n > 0);
        self.take(key, "not_a_list", "a list of whole numbers from 1", |json| json.as_array()?.iter().map(id).collect())
    }

    /// A whole number from 0.
    pub fn count(&mut self, key: &str) -> Option<i64> {
        self.take(key, "not_a_number", "a whole number from 0", |json| json.as_i64().filter(|n| *n >= 0))
    }

    /// A list of texts, each of at most `most` characters.
    pub fn texts(&mut self, key: &str, most: usize) -> Option<Vec<String>> {
        let text = |json: &Json| json.as_str().filter(|t| t.chars().count() <= most).map(str::to_owned);
        let says = format!("a list of texts of at most {most} characters");
        self.take(key, "not_a_list", &says, |json| json.as_array()?.iter().map(text).collect())
    }

    /// A list of objects, at most so many.
    pub fn objects(&mut self, key: &str, most: usize) -> Option<Vec<Map<String, Json>>> {
        let says = format!("a list of at most {most} objects");
        let read = |json: &Json| {
            json.as_array().filter(|all| all.len() <= most)?.iter().map(|one| one.as_object().cloned()).collect()
        };
        self.take(key, "not_a_list", &says, read)
    }

    /// An object.
    pub fn object(&mut self, key: &str) -> Option<Map<String, Json>> {
        self.take(key, "not_an_object", "an object", |json| json.as_object().cloned())
    }

    /// A member that may be emptied: absent, null, or a value that `read` takes.
    #[expect(clippy::option_option, reason = "as the desk takes it: untouched, emptied, or set")]
    pub fn changed<T>(&mut self, key: &str, read: impl FnOnce(&mut Self, &str) -> Option<T>) -> Option<Option<T>> {
        match self.left.get(key)? {
            Json::Null => {
                self.left.remove(key);
                Some(None)
            }
            _ => read(self, key).map(Some),
        }
    }

    /// A member that is needed; when it did not come, that is noted and the value is of no use.
    pub fn needed<T: Default>(&mut self, key: &str, read: impl FnOnce(&mut Self, &str) -> Option<T>) -> T {
        let value = read(self, key);
        if value.is_none() && !self.errors.iter().any(|e| e.field == key) {
            self.errors.push(FieldError::new(key, "required", format!("{key} is needed.")));
        }
        value.unwrap_or_default()
    }

    /// What is left: the fields of a record or an entry.
    ///
    /// # Errors
    /// Every member so far that did not fit.
    pub fn fields(self) -> Result<Map<String, Json>> {
        Refusal::unless_empty(self.errors)?;
        Ok(self.left)
    }

    /// The end of a body that has no further members.
    ///
    /// # Errors
    /// Every member that did not fit or is unknown.
    pub fn end(mut self) -> Result<()> {
        let unknown = self
            .left
            .keys()
            .map(|key| FieldError::new(key, "unknown_field", format!("There is no member {key} here.")));
        self.errors.extend(unknown);
        Ok(Refusal::unless_empty(self.errors)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn members(json: &Json) -> Members {
        Members::new(json.as_object().cloned().expect("an object"))
    }

    #[test]
    fn nesting_is_measured_outside_of_text() {
        assert_eq!(depth(br#"{"a":[1,{"b":"[[[[{{\"[["}]}"#), 3);
        assert_eq!(depth(&b"[".repeat(100_000)), 100_000);
        assert!(object(&[b"[".repeat(33), b"]".repeat(33)].concat()).is_err());
    }

    #[test]
    fn every_misfit_and_every_stranger_is_named_at_once() {
        let mut body = members(&json!({ "title": 7, "internal": "yes", "due": "soon", "team": 0, "else": 1 }));
        assert!(body.text("title", 5).is_none());
        assert!(body.flag("internal").is_none() && body.instant("due").is_none() && body.id("team").is_none());
        assert_eq!(body.needed("body", |all, key| all.text(key, 5)), "");
        let problem = body.end().expect_err("nothing fits").to_json();
        let fields: Vec<_> = problem["errors"]
            .as_array()
            .expect("errors")
            .iter()
            .map(|e| e["field"].as_str().unwrap_or_default())
            .collect();
        assert_eq!(fields, ["title", "internal", "due", "team", "body", "else"]);
    }

    #[test]
    fn a_member_can_be_left_emptied_or_set() {
        let mut body = members(&json!({ "team": null, "assignee": 4 }));
        assert_eq!(body.changed("team", Members::id), Some(None));
        assert_eq!(body.changed("assignee", Members::id), Some(Some(4)));
        assert_eq!(body.changed("due", Members::instant), None);
        assert!(body.end().is_ok());
    }

    #[test]
    fn text_with_nul_is_refused_wherever_it_stands() {
        assert!(object(br#"{"a":[{"b":"x\u0000"}]}"#).is_err());
        assert!(object(br#"{"a\u0000":1}"#).is_err());
        assert!(object(br#"{"a":"\\u0000"}"#).is_ok());
    }

    #[test]
    fn the_same_key_with_another_body_or_address_is_another_request() {
        let of = |method, uri, body: &str| Sameness::of(None, method, uri, body.as_bytes()).digest;
        let one = of("POST", "/a", "{}");
        assert_eq!(one, of("POST", "/a", "{}"));
        assert!(
            [of("POST", "/b", "{}"), of("POST", "/a", "{ }"), of("PUT", "/a", "{}")].iter().all(|other| *other != one)
        );
    }
}
