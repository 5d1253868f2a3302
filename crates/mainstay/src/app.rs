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
        .merge(edges)
        .layer(RequestBodyLimitLayer::new(settings.body_bytes))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, settings.request_limit))
        .layer(CatchPanicLayer::new())
        .layer(from_fn(log))
        .layer(from_fn_with_state(Arc::new(settings.trusted_proxies.clone()), client_address))
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
