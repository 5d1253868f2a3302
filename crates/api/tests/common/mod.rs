//! Somebody at the API.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use mainstay_api::Api;
use mainstay_testing::House;
use serde_json::Value as Json;
use tower::ServiceExt;

pub const BASE_URL: &str = "http://127.0.0.1";

/// The API before a house, and the way in for a person.
pub struct Door {
    pub house: House,
    pub router: Router,
}

impl Door {
    pub fn of(house: House) -> Self {
        let router = mainstay_api::router(Api::new(house.desk.clone(), BASE_URL));
        Self { house, router }
    }

    pub async fn sqlite() -> Self {
        Self::of(House::sqlite().await)
    }

    /// A request with a person's token, ready to be completed.
    pub async fn by(&self, person: i64) -> Client {
        self.by_token(person, &["*"]).await
    }

    pub async fn by_token(&self, person: i64, scopes: &[&str]) -> Client {
        let token = self.house.token(person, scopes).await;
        Client { router: self.router.clone(), headers: vec![("authorization".into(), format!("Bearer {token}"))] }
    }

    pub fn with(&self, headers: &[(&str, &str)]) -> Client {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Client { router: self.router.clone(), headers }
    }
}

#[derive(Clone)]
pub struct Client {
    router: Router,
    headers: Vec<(String, String)>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Client {
    /// The same with one more header.
    pub fn and(&self, name: &str, value: &str) -> Self {
        let mut more = self.clone();
        more.headers.push((name.to_owned(), value.to_owned()));
        more
    }

    pub async fn raw(&self, method: &str, path: &str, body: impl Into<Body>) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.body(body.into()).expect("a request");
        let (parts, body) = self.router.clone().oneshot(request).await.expect("an answer").into_parts();
        let bytes = to_bytes(body, 100 << 20).await.expect("a body").to_vec();
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.raw("GET", path, "").await
    }

    pub async fn json(&self, method: &str, path: &str, body: &Json) -> Answer {
        self.and("content-type", "application/json").raw(method, path, body.to_string()).await
    }

    pub async fn post(&self, path: &str, body: &Json) -> Answer {
        self.json("POST", path, body).await
    }
}

impl Answer {
    pub fn body(&self) -> Json {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }
    #[track_caller]
    pub fn ok(&self) -> Json {
        assert!(self.status.is_success(), "{} {}", self.status, String::from_utf8_lossy(&self.bytes));
        self.body()
    }
    /// Asserts a problem in its own media type.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Json {
        let body = self.body();
        assert_eq!((self.status.as_u16(), body["code"].as_str()), (status, Some(code)), "{body}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(body["status"], status);
        body
    }
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }
}
