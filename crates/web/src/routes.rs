//! Addresses of pages, each declared once: the router and the list of every route are made from these.

use std::borrow::Cow;

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{self, MethodRouter};

use crate::web::Web;

/// An address with what answers there.
pub struct Declared {
    methods: &'static [Method],
    path: Cow<'static, str>,
    handler: MethodRouter<Web>,
}

/// A page to look at; it changes nothing.
pub fn get<H: Handler<T, Web>, T: 'static>(path: impl Into<Cow<'static, str>>, handler: H) -> Declared {
    Declared { methods: &[Method::GET], path: path.into(), handler: routing::get(handler) }
}

/// A form to send.
pub fn post<H: Handler<T, Web>, T: 'static>(path: &'static str, handler: H) -> Declared {
    Declared { methods: &[Method::POST], path: path.into(), handler: routing::post(handler) }
}

/// A page with a form whose handler also answers every other method, so that it can be as if it were not there.
pub fn whole<H: Handler<T, Web>, T: 'static>(path: &'static str, handler: H) -> Declared {
    Declared { methods: &[Method::GET, Method::POST], path: path.into(), handler: routing::any(handler) }
}

/// The router of some addresses.
pub fn router(declared: Vec<Declared>) -> Router<Web> {
    declared.into_iter().fold(Router::new(), |router, each| router.route(&each.path, each.handler))
}

/// One route, for tests that must know of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// `GET` or `POST`.
    pub method: String,
    /// The whole path, variable parts in braces.
    pub path: String,
}

impl Declared {
    /// Its routes below a beginning.
    pub fn routes(&self, beginning: &str) -> impl Iterator<Item = Route> {
        let path = if beginning.is_empty() { self.path.as_ref() } else { self.path.trim_end_matches('/') };
        let path = format!("{beginning}{path}");
        self.methods.iter().map(move |method| Route { method: method.to_string(), path: path.clone() })
    }
}
