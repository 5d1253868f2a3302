//! Addresses: their parts, their questions, their conditions. What is not understood is refused, never ignored.

use crate::problem::{Problem, Result};
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};

/// Most items of one page.
pub const MOST: usize = 200;

/// Longest cursor, in characters: it holds the key that a page ended with.
pub const LONGEST_CURSOR: usize = 2000;

/// The variable parts of a path; what cannot be one is not found.
pub struct Place<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Place<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let Path(place) = Path::<T>::from_request_parts(parts, state).await.map_err(|_| Problem::nothing_here())?;
        Ok(Self(place))
    }
}

/// An id: a whole number from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Id(pub i64);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
        let id = text.parse().ok().filter(|_| plain);
        id.map(Self).ok_or_else(|| D::Error::custom("an id is a whole number from 1"))
    }
}

/// The question of an address; every member that the type does not have is refused.
pub struct Ask<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Ask<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let text = parts.uri.query().unwrap_or_default();
        if text.contains("%00") {
            return Err(Problem::unreadable("bad_query", "A parameter holds a NUL character."));
        }
        let asked = Query::<T>::try_from_uri(&parts.uri);
        let Query(asked) = asked.map_err(|why| Problem::unreadable("bad_query", why.body_text()))?;
        Ok(Self(asked))
    }
}

/// An address that takes no question.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Which page of a list is wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    #[serde(default)]
    pub limit: Limit,
    #[serde(default)]
    pub after: After,
}

/// How many items a page holds: 1 to [`MOST`], 50 unless said otherwise.
#[derive(Clone, Copy)]
pub struct Limit(usize);

impl Limit {
    /// The number of items.
    pub fn items(self) -> usize {
        self.0
    }
    /// The number of items, as databases count.
    pub fn items_i64(self) -> i64 {
        i64::try_from(self.0).unwrap_or(i64::MAX)
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let plain = text.bytes().all(|b| b.is_ascii_digit());
        let limit = text.parse().ok().filter(|n| plain && (1..=MOST).contains(n));
        limit.map(Self).ok_or_else(|| D::Error::custom(format!("limit is a number from 1 to {MOST}")))
    }
}

/// A text of at most so many characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase<const MOST: usize>(pub String);

impl<'de, const MOST: usize> Deserialize<'de> for Phrase<MOST> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let fits = text.chars().count() <= MOST;
        if fits { Ok(Self(text)) } else { Err(D::Error::custom(format!("a text has at most {MOST} characters here"))) }
    }
}

/// Where the page before ended: text of ours, which says nothing to anybody else.
#[derive(Clone, Default)]
pub struct After(pub Option<String>);

impl After {
    /// The id that the page before ended with; 0 before the first page.
    ///
    /// # Errors
    /// The cursor is none of a list in order of ids.
    pub fn id(&self) -> Result<i64> {
        let Some(text) = &self.0 else { return Ok(0) };
        text.parse().ok().filter(|id| *id >= 0).ok_or_else(bad_cursor)
    }
}

/// The refusal of a cursor that was not handed out by the list it came back to.
pub fn bad_cursor() -> Problem {
    Problem::unreadable("bad_cursor", "This cursor belongs to another list, or to none. Start without one.")
}

/// The cursor for what a page ended with.
pub fn cursor(end: &str) -> String {
    URL_SAFE_NO_PAD.encode(end)
}

impl<'de> Deserialize<'de> for After {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let bytes = (text.len() <= LONGEST_CURSOR)
            .then(|| URL_SAFE_NO_PAD.decode(&text).ok())
            .flatten()
            .filter(|bytes: &Vec<u8>| !bytes.is_empty());
        let end = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).filter(|end| !end.contains('\0'));
        end.map(|end| Self(Some(end)))
            .ok_or_else(|| D::Error::custom("after is a cursor that a page before gave as next"))
    }
}

/// A header's text; none when it is absent.
///
/// # Errors
/// It comes twice or is no visible ASCII.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>> {
    let mut all = headers.get_all(name).iter();
    let (first, second) = (all.next(), all.next());
    let wrong = || Problem::unreadable("bad_header", format!("{name} is not one line of plain text."));
    if second.is_some() {
        return Err(wrong());
    }
    first.map(|value| value.to_str().map_err(|_| wrong())).transpose()
}

/// The version that a client read, from `If-Match: "7"`.
pub struct IfMatch(pub Option<i64>);

impl IfMatch {
    /// The version.
    ///
    /// # Errors
    /// There is none (428).
    pub fn required(&self) -> Result<i64> {
        let says = "Send the ETag that you read as If-Match, so that nobody's change is lost.";
        let status = axum::http::StatusCode::PRECONDITION_REQUIRED;
        self.0.ok_or_else(|| Problem::new(status, "version_needed", says))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let Some(text) = single(&parts.headers, &header::IF_MATCH)? else { return Ok(Self(None)) };
        let digits = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
        let version = digits.filter(|d| d.bytes().all(|b| b.is_ascii_digit())).and_then(|d| d.parse().ok());
        let wrong = || Problem::unreadable("bad_header", "If-Match is one ETag such as \"7\".");
        version.map(|version| Self(Some(version))).ok_or_else(wrong)
    }
}

/// The entity tags of what a client holds already, from `If-None-Match`.
pub struct IfNoneMatch(Vec<String>);

impl IfNoneMatch {
    /// Whether the client holds this version.
    pub fn holds(&self, version: i64) -> bool {
        let tag = crate::answer::etag(version);
        self.0.iter().any(|held| *held == tag || held == "*")
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let lines = parts.headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|v| v.to_str().ok());
        let tags = lines.flat_map(|line| line.split(','));
        Ok(Self(tags.map(|tag| tag.trim().trim_start_matches("W/").to_owned()).collect()))
    }
}

/// The `Idempotency-Key` of a request that may come again.
pub struct IdempotencyKey(pub Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let Some(key) = single(&parts.headers, &HeaderName::from_static("idempotency-key"))? else {
            return Ok(Self(None));
        };
        let fits = (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
        let wrong = || Problem::unreadable("bad_header", "An Idempotency-Key has 1 to 255 visible ASCII characters.");
        fits.then(|| Self(Some(key.to_owned()))).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    async fn asked(uri: &str) -> Result<(usize, Option<String>)> {
        let (mut parts, ()) = Request::builder().uri(uri).body(()).expect("a request").into_parts();
        let Ask(paging) = Ask::<Paging>::from_request_parts(&mut parts, &()).await?;
        Ok((paging.limit.items(), paging.after.0))
    }

    #[tokio::test]
    async fn only_what_is_understood_is_taken() {
        assert_eq!(asked("/x").await.expect("nothing asked"), (50, None));
        assert_eq!(asked("/x?limit=200&after=NDI").await.expect("both"), (200, Some("42".into())));
        for wrong in [
            "limit=0",
            "limit=201",
            "limit=",
            "limit=+5",
            "limit=1&limit=2",
            "other=1",
            "after=",
            "after=*",
            "after=AA",
            "limit=%00",
        ] {
            assert!(asked(&format!("/x?{wrong}")).await.is_err(), "{wrong}");
        }
    }

    #[tokio::test]
    async fn gen_18_if_match_is_one_strong_tag() {
        let version = async |value: &str| {
            let (mut parts, ()) =
                Request::builder().header("if-match", value).body(()).expect("a request").into_parts();
            IfMatch::from_request_parts(&mut parts, &()).await.map(|m| m.0)
        };
        assert_eq!(version("\"12\"").await.expect("a tag"), Some(12));
        for wrong in ["12", "\"\"", "W/\"12\"", "\"12\", \"13\"", "*", "\"-1\"", "\"99999999999999999999\""] {
            assert!(version(wrong).await.is_err(), "{wrong}");
        }
    }

    #[test]
    fn cursors_come_back_as_they_went() {
        let text = serde_json::Value::from(cursor("t6162-7"));
        let After(end) = serde_json::from_value(text).expect("our own cursor");
        assert_eq!(end.as_deref(), Some("t6162-7"));
    }
}
