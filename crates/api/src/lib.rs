//! The REST API below `/api/v1`: every process and every register, routed and described from their tables.

mod answer;
mod asker;
mod body;
mod once;
mod openapi;
mod operation;
mod operations;
mod problem;
mod query;
mod shape;
mod uses;
mod written;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use mainstay_desk::Desk;
use mainstay_desk::auth::InstallationKey;
use problem::Problem;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// Where the API begins.
pub const BASE: &str = "/api/v1";

/// How much a request may bring, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A JSON body.
    pub body: usize,
    /// A file.
    pub attachment: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body: 1 << 20, attachment: 25 << 20 }
    }
}

/// What every handler works with. Cheap to clone.
#[derive(Clone)]
pub struct Api {
    pub(crate) desk: Desk,
    /// Scheme, host and port under which people reach this server.
    pub(crate) base_url: Arc<str>,
    pub(crate) limits: Limits,
    key: Arc<OnceCell<InstallationKey>>,
    pub(crate) uses: Arc<uses::Uses>,
}

impl Api {
    /// The API of a desk that people reach under `base_url`, such as `https://desk.example.org`.
    #[must_use]
    pub fn new(desk: Desk, base_url: impl Into<Arc<str>>) -> Self {
        Self { desk, base_url: base_url.into(), limits: Limits::default(), key: Arc::default(), uses: Arc::default() }
    }

    /// With other limits than the usual ones.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The key that digests of tokens and sessions are made with; it never changes once it is made.
    pub(crate) async fn key(&self) -> problem::Result<&InstallationKey> {
        let load = async || self.desk.db().read(InstallationKey::load).await;
        Ok(self.key.get_or_try_init(load).await?)
    }
}

/// One route, for tests that must know of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Such as `GET`.
    pub method: String,
    /// The whole path, variable parts in braces.
    pub path: String,
    /// The process or register whose right it needs, or a word such as `tokens`.
    pub area: String,
    /// The right, such as `view` or a verb; `own` where it concerns the caller only.
    pub action: String,
}

/// Every route, from the declarations that build the router.
#[must_use]
pub fn routes() -> Vec<Route> {
    let route = |operation: &operation::Operation| Route {
        method: operation.method.to_string(),
        path: format!("{BASE}{}", operation.path),
        area: operation.area.to_owned(),
        action: operation.action.to_owned(),
    };
    operations::all().iter().map(route).collect()
}

/// The router of the API.
pub fn router(api: Api) -> Router {
    let mut below = Router::new();
    for operation in operations::all() {
        below = below.route(&operation.path, operation.handler);
    }
    let below = below
        .method_not_allowed_fallback(async || {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "This address does not take this method.",
            )
        })
        .fallback(async || Problem::nothing_here())
        .layer(from_fn(guarded))
        .with_state(api);
    Router::new().nest(BASE, below)
}

/// The answer of the API in place of one that a limit around it gave: 413, 504, or 500 after a panic; none for any
/// other status.
#[must_use]
pub fn answer_of_limit(status: StatusCode) -> Option<Response> {
    let mut response = Problem::of_limit(status)?.into_response();
    secure(&mut response);
    Some(response)
}

/// Answers are for the one who asked and for no page: nothing is kept, guessed or run.
async fn guarded(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    secure(&mut response);
    response
}

fn secure(response: &mut Response) {
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value| headers.insert(name, HeaderValue::from_static(value));
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::CACHE_CONTROL, "no-store");
    put(header::REFERRER_POLICY, "no-referrer");
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
}
