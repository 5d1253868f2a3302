//! The whole of a list as a file: its records in its order, with the columns of its table.

use axum::extract::{Extension, RawQuery, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use mainstay_desk::export::{self, Format};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::Refusal;
use mainstay_store::Watch;

use super::Asked;
use super::look::{Plan, plan};
use crate::address;
use crate::failure::Failure;
use crate::session::Visit;
use crate::web::Web;

/// `GET /{plural}/export?format=…`, with the words of the list's own address.
pub async fn export(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    let pairs = address::pairs(&query);
    let format = address::value(&pairs, "format").and_then(Format::named).ok_or_else(|| Refusal::missing("format"))?;
    let asked = Asked::read(process, &query);
    let make = move |session: &mut Session<'_>, caller: &Caller| {
        let Plan { listing, .. } = plan(session, caller, process, &asked)?;
        let mut bytes = Vec::new();
        export::records(session, caller, process, &listing, format, &mut bytes, &Watch::default())?;
        Ok(bytes)
    };
    let bytes = web.desk().read_long(&visit.credential(), Channel::Desk, make).await?;
    Ok(saved(&format!("{}.{}", process.plural, format.key()), format.media_type(), bytes))
}

/// A file to keep, under a name of ours.
#[must_use]
pub fn saved(name: &str, media_type: &'static str, bytes: Vec<u8>) -> Response {
    const FIXED: [(HeaderName, HeaderValue); 2] = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.extend(FIXED);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
}
