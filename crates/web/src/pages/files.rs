//! Files that hang on records: handed out as downloads, never shown in our own pages' name.

use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use mainstay_desk::{Caller, Channel, Session, records};

use crate::failure::Failure;
use crate::session::Visit;
use crate::web::Web;

/// What a file may do in a browser that shows it anyway: nothing.
const SANDBOX: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");

/// `GET /files/{id}`
pub async fn download(State(web): State<Web>, Path(id): Path<i64>, visit: Visit) -> Result<Response, Failure> {
    let work = move |session: &mut Session<'_>, caller: &Caller| records::attachment(session, caller, id);
    let file = web.read(&visit, Channel::Desk, work).await?;
    let bytes = web.desk().blobs().get(&file.digest).await?;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    let fixed = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_SECURITY_POLICY, SANDBOX),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    ];
    for (name, value) in fixed {
        headers.insert(name, value);
    }
    if let Ok(value) = HeaderValue::from_str(&disposition(&file.name)) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// The name twice (RFC 6266): in plain letters for old programs, and as it is.
fn disposition(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ') { c } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    let mut exact = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            exact.push(char::from(byte));
        } else {
            exact.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{exact}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_30_a_name_cannot_leave_its_header() {
        let line = disposition("a\"; x=\r\nü.html");
        assert_eq!(line, "attachment; filename=\"a__ x____.html\"; filename*=UTF-8''a%22%3B%20x%3D%0D%0A%C3%BC.html");
        assert!(HeaderValue::from_str(&line).is_ok());
    }
}
