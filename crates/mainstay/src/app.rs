//! Everything that is served, put together, with the limits that hold for all of it.

use crate::settings::{Proxies, Settings};
use axum::Router;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use mainstay_desk::Desk;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");
/// A database that does not answer within this time is not ready.
const READY_LIMIT: Duration = Duration::from_secs(3);

/// The whole application.
pub fn router(desk: &Desk, settings: &Settings, edges: Router) -> Router {
    Router::new()
        .route("/healthz", get(|| async { plain(StatusCode::OK, "alive\n") }))
        .route("/readyz", get(ready).with_state(desk.clone()))
        .merge(limited(edges, settings.body_bytes, settings.request_limit))
        .layer(from_fn(log))
        .layer(from_fn_with_state(Arc::new(settings.trusted_proxies.clone()), client_address))
}

/// The edges within what one request may send and take.
fn limited(edges: Router, body_bytes: usize, longest: Duration) -> Router {
    edges
        .layer(from_fn_with_state(longest, timed))
        .layer(RequestBodyLimitLayer::new(body_bytes))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, longest))
        .layer(CatchPanicLayer::new())
        .layer(from_fn(worded))
}

/// What a request reads takes no longer than the request may: an answer given up must not keep the database busy.
async fn timed(State(longest): State<Duration>, request: Request, next: Next) -> Response {
    mainstay_store::limited(longest, next.run(request)).await
}

/// What a limit answers is worded for whoever asked: a problem below the API, a sentence elsewhere.
async fn worded(request: Request, next: Next) -> Response {
    let rest = request.uri().path().strip_prefix(mainstay_api::BASE);
    let of_api = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let answer = next.run(request).await;
    if !is_of_a_limit(&answer) {
        return answer;
    }
    let status = answer.status();
    let problem = if of_api { mainstay_api::answer_of_limit(status) } else { None };
    problem.unwrap_or_else(|| plain(status, sentence(status)))
}

/// API and pages word their own failures; only limits answer with bare text or nothing.
fn is_of_a_limit(answer: &Response) -> bool {
    let kind = answer.headers().get(header::CONTENT_TYPE).map_or(&b"text/plain"[..], HeaderValue::as_bytes);
    let limits = [StatusCode::PAYLOAD_TOO_LARGE, StatusCode::GATEWAY_TIMEOUT, StatusCode::INTERNAL_SERVER_ERROR];
    limits.contains(&answer.status()) && kind.starts_with(b"text/plain")
}

fn sentence(status: StatusCode) -> &'static str {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => "What was sent is larger than this server takes. Go back and send less.\n",
        StatusCode::GATEWAY_TIMEOUT => "It took too long and was given up. Look whether it was done, then try again.\n",
        _ => "Something went wrong. It was not your fault; try again.\n",
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let never = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    (status, [never], text).into_response()
}

/// Ready when the database answers and its disk is sound.
async fn ready(State(desk): State<Desk>) -> Response {
    let one = desk.db().read(|conn| conn.one::<i64>("SELECT count(*) FROM lease", &[]));
    let answers = matches!(tokio::time::timeout(READY_LIMIT, one).await, Ok(Ok(_)));
    if answers && desk.db().broken().borrow().is_none() {
        plain(StatusCode::OK, "ready\n")
    } else {
        plain(StatusCode::SERVICE_UNAVAILABLE, "not ready: the database does not answer\n")
    }
}

/// Replaces the peer's address by the client's where a trusted proxy tells it.
async fn client_address(State(proxies): State<Arc<Proxies>>, mut request: Request, next: Next) -> Response {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>().copied() {
        let lines: Vec<&str> = request.headers().get_all(FORWARDED).iter().filter_map(|v| v.to_str().ok()).collect();
        let client = proxies.client(peer.ip(), &lines);
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(client, peer.port())));
    }
    next.run(request).await
}

/// One line for each request: never its path, which may hold a secret, but the route it took.
async fn log(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let route =
        request.extensions().get::<MatchedPath>().map_or_else(|| "-".to_owned(), |path| path.as_str().to_owned());
    let answer = next.run(request).await;
    let (status, ms) = (answer.status().as_u16(), began.elapsed().as_secs_f64() * 1000.0);
    if answer.status().is_server_error() {
        tracing::warn!(%method, route, status, ms, "answered with a failure");
    } else {
        tracing::debug!(%method, route, status, ms, "answered");
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::{Body, to_bytes};
    use axum::routing::post;
    use tower::ServiceExt as _;

    async fn asked(path: &str, body: usize) -> (u16, String, String) {
        let slow = post(std::future::pending::<&'static str>);
        let edges = Router::new()
            .route("/api/v1/slow", slow.clone())
            .route("/slow", slow)
            .route("/api/v1/panics", post(|| async { assert!(std::hint::black_box(false), "it fell over") }))
            .route("/api/v1/fails", post(|| async { (StatusCode::INTERNAL_SERVER_ERROR, axum::Json("worded")) }))
            .route("/api/v1/takes", post(|| async { "taken" }))
            .route("/limit", post(|| async { format!("{:?}", mainstay_store::longest()) }))
            .route("/takes", post(|| async { "taken" }));
        let router = limited(edges, 100, Duration::from_millis(50));
        let request = Request::post(path).header("content-length", body).body(Body::from(vec![b'a'; body]));
        let answer = router.oneshot(request.expect("a request")).await.expect("an answer");
        let status = answer.status().as_u16();
        let kind = answer.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.to_owned();
        let bytes = to_bytes(answer.into_body(), 10_000).await.expect("a body");
        (status, kind, String::from_utf8_lossy(&bytes).into_owned())
    }

    #[tokio::test]
    async fn a_limit_around_the_api_answers_with_a_problem() {
        for (path, body, status, code) in
            [("slow", 0, 504, "too_slow"), ("panics", 0, 500, "fault"), ("takes", 101, 413, "too_large")]
        {
            let (answered, kind, text) = asked(&format!("/api/v1/{path}"), body).await;
            assert_eq!((answered, kind.as_str()), (status, "application/problem+json"), "{path}: {text}");
            assert!(text.contains(&format!("\"code\":\"{code}\"")) && !text.contains("fell over"), "{path}: {text}");
        }
        assert_eq!(asked("/api/v1/takes", 100).await, (200, "text/plain; charset=utf-8".into(), "taken".into()));
        let (_, kind, text) = asked("/api/v1/fails", 0).await;
        assert_eq!((kind.as_str(), text.as_str()), ("application/json", "\"worded\""), "what is worded stays");
    }

    #[tokio::test]
    async fn what_a_request_reads_may_take_no_longer_than_the_request() {
        let (status, _, text) = asked("/limit", 0).await;
        assert_eq!((status, text.as_str()), (200, "Some(50ms)"));
    }

    #[tokio::test]
    async fn a_limit_around_the_pages_answers_in_words() {
        for (path, body, words) in [("/slow", 0, "too long"), ("/takes", 101, "larger than")] {
            let (_, kind, text) = asked(path, body).await;
            assert!(kind.starts_with("text/plain") && text.contains(words), "{path}: {kind} {text}");
        }
    }
}
