//! Stylesheet, scripts, icons and fonts, built into the binary and served under names that change with their content.

use std::collections::HashSet;
use std::sync::OnceLock;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// A name is never used for other content, so a browser need not ask again for a year.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

struct File {
    name: &'static str,
    plain: &'static [u8],
    gzip: Option<&'static [u8]>,
    brotli: Option<&'static [u8]>,
}

/// The route `/assets/{name}`; it needs no state and no signed-in person.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{name}", get(serve))
}

async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Ok(found) = FILES.binary_search_by(|file| file.name.cmp(&name)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let file = &FILES[found];
    let (encoding, body) = smallest(file, headers.get(header::ACCEPT_ENCODING));
    let mut response = body.into_response();
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(file.name)));
    out.insert(header::CACHE_CONTROL, FOR_EVER);
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    out.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(encoding) = encoding {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// The smallest form of the file that the browser accepts, with the name of its encoding.
fn smallest(file: &File, accepted: Option<&HeaderValue>) -> (Option<&'static str>, &'static [u8]) {
    let accepted = accepted.and_then(|value| value.to_str().ok()).unwrap_or("");
    match (file.brotli, file.gzip) {
        (Some(brotli), _) if accepts(accepted, "br") => (Some("br"), brotli),
        (_, Some(gzip)) if accepts(accepted, "gzip") => (Some("gzip"), gzip),
        _ => (None, file.plain),
    }
}

/// Whether an `Accept-Encoding` header names `encoding` with a weight above zero.
fn accepts(header: &str, encoding: &str) -> bool {
    header.split(',').any(|part| {
        let (name, weight) = part.split_once(';').unwrap_or((part, "q=1"));
        let weight = weight.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case(encoding) && weight.is_none_or(|q| q > 0.0)
    })
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

/// Whether a sprite holds the icon; a page that names another shows nothing in its place.
#[must_use]
pub fn has_icon(name: &str) -> bool {
    static MORE: OnceLock<HashSet<&'static str>> = OnceLock::new();
    in_portal(name) || MORE.get_or_init(|| icon_names(ICONS_MORE_SVG)).contains(name)
}

fn in_portal(name: &str) -> bool {
    static NAMES: OnceLock<HashSet<&'static str>> = OnceLock::new();
    NAMES.get_or_init(|| icon_names(ICONS_SVG)).contains(name)
}

/// The sprite that holds an icon: what the portal shows comes in one of its own.
#[must_use]
pub fn sprite_of(name: &str) -> &'static str {
    if in_portal(name) { ICONS_SVG } else { ICONS_MORE_SVG }
}

fn icon_names(sprite: &str) -> HashSet<&'static str> {
    let sprite = FILES.iter().find(|file| sprite.ends_with(file.name));
    let text = sprite.and_then(|file| std::str::from_utf8(file.plain).ok()).unwrap_or("");
    text.split("<symbol id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use tower::ServiceExt as _;

    use super::*;

    async fn fetch(path: &str, accept: &str) -> Response {
        let request = Request::get(path).header("accept-encoding", accept).body(Body::empty());
        router::<()>().oneshot(request.expect("a request")).await.expect("an answer")
    }

    #[tokio::test]
    async fn a_file_is_kept_for_ever_and_never_sniffed() {
        let answer = fetch(APP_CSS, "identity").await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["cache-control"], "public, max-age=31536000, immutable");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers()["content-type"], "text/css; charset=utf-8");
        let body = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
        assert!(String::from_utf8_lossy(&body).starts_with("@layer reset,tokens,base,kit,screens;"));
    }

    #[tokio::test]
    async fn the_smallest_accepted_form_is_sent() {
        for (accept, expected) in
            [("gzip, br", Some("br")), ("gzip", Some("gzip")), ("br;q=0, gzip;q=0.5", Some("gzip")), ("", None)]
        {
            let answer = fetch(APP_JS, accept).await;
            let encoding = answer.headers().get("content-encoding").map(|value| value.to_str().expect("text"));
            assert_eq!(encoding, expected, "for {accept:?}");
            assert_eq!(answer.headers()["vary"], "accept-encoding");
        }
    }

    #[tokio::test]
    async fn another_name_is_not_found() {
        for path in ["/assets/app.css", "/assets/manifest.json", "/assets/..%2Fbuild.mjs"] {
            assert_eq!(fetch(path, "br").await.status(), StatusCode::NOT_FOUND);
        }
    }

    #[test]
    fn the_sprite_knows_its_icons() {
        assert!(has_icon("search"));
        assert!(!has_icon("no-such-icon"));
    }
}
