//! A part of a page as an answer of its own.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use maud::Markup;

/// A part of a page, for the script that asked for it.
#[must_use]
pub fn part(markup: &Markup) -> Response {
    let mut response = markup.0.clone().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    );
    response
}
