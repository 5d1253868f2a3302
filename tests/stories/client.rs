//! The persona at the API: a token, requests, answers.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use mainstay_testing::House;
use serde_json::{Value as Json, json};
use tower::ServiceExt;

/// A house with the API in front of it.
pub struct Stage {
    pub house: House,
    router: Router,
}

impl Stage {
    pub async fn both() -> [Self; 2] {
        House::both().await.map(Self::of)
    }

    /// The API of a house.
    pub fn of(house: House) -> Self {
        let router = mainstay_api::router(mainstay_api::Api::new(house.desk.clone(), "http://127.0.0.1"));
        Self { house, router }
    }

    /// The same house with a search index.
    pub fn indexed(self) -> Self {
        Self::of(self.house.indexed())
    }

    /// The same house after its program ended and began anew.
    pub fn restarted(self) -> Self {
        Self::of(self.house.restarted())
    }

    /// The person at the API, with a token that reaches as far as their rights.
    pub async fn sign_in(&self, person: i64) -> Client {
        self.sign_in_with(person, &["*"]).await
    }

    /// The same with a narrower token.
    pub async fn sign_in_with(&self, person: i64, scopes: &[&str]) -> Client {
        Client { router: self.router.clone(), bearer: Some(self.house.token(person, scopes).await) }
    }

    /// Whoever comes with this as their token.
    pub fn stranger_with(&self, bearer: &str) -> Client {
        Client { router: self.router.clone(), bearer: Some(bearer.to_owned()) }
    }

    /// Nobody.
    pub fn stranger(&self) -> Client {
        Client { router: self.router.clone(), bearer: None }
    }
}

/// Somebody who sends requests.
#[derive(Clone)]
pub struct Client {
    router: Router,
    bearer: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Json,
    pub text: String,
    pub bytes: Vec<u8>,
    pub headers: HeaderMap,
    asked: String,
}

impl Client {
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None, &[]).await
    }
    pub async fn post(&self, path: &str, body: Json) -> Answer {
        self.send("POST", path, Some(body), &[]).await
    }
    pub async fn put(&self, path: &str, body: Json) -> Answer {
        self.send("PUT", path, Some(body), &[]).await
    }
    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None, &[]).await
    }
    /// Edits what is at `path` in the version that it has now.
    pub async fn patch(&self, path: &str, body: Json) -> Answer {
        let version = self.get(path).await.ok()["version"].as_i64().unwrap_or_default();
        self.patch_version(path, version, body).await
    }
    pub async fn patch_version(&self, path: &str, version: i64, body: Json) -> Answer {
        let tag = format!("\"{version}\"");
        self.send("PATCH", path, Some(body), &[("if-match", &tag)]).await
    }

    pub async fn send(&self, method: &str, path: &str, body: Option<Json>, headers: &[(&str, &str)]) -> Answer {
        let Some(json) = body else { return self.send_bytes(method, path, Vec::new(), headers).await };
        let mut all = vec![(header::CONTENT_TYPE.as_str(), "application/json")];
        all.extend(headers);
        self.send_bytes(method, path, json.to_string().into_bytes(), &all).await
    }

    /// Sends a file, or what only claims to be JSON.
    pub async fn send_bytes(&self, method: &str, path: &str, body: Vec<u8>, headers: &[(&str, &str)]) -> Answer {
        let uri = if path.starts_with("/api/") { path.to_owned() } else { format!("/api/v1/{path}") };
        let mut request = Request::builder().method(method).uri(&uri);
        if let Some(bearer) = &self.bearer {
            request = request.header(header::AUTHORIZATION, format!("Bearer {bearer}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body)).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("the router answers");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 50_000_000).await.expect("a body");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer {
            status: parts.status,
            body: serde_json::from_str(&text).unwrap_or(Json::Null),
            text,
            bytes: bytes.to_vec(),
            headers: parts.headers,
            asked: format!("{method} {uri}"),
        }
    }

    /// Opens an incident and returns its number.
    pub async fn report(&self, more: Json) -> String {
        let mut body = json!({ "title": "VPN drops", "symptoms": "Every twenty minutes on floor 3." });
        for (key, value) in more.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        self.post("incidents", body).await.ok()["number"].as_str().expect("a number").to_owned()
    }

    /// Takes a step of an incident and returns the record as it is then.
    pub async fn step(&self, number: &str, verb: &str, body: Json) -> Json {
        self.post(&format!("incidents/{number}/{verb}"), body).await.ok()
    }

    /// An incident as this person sees it.
    pub async fn incident(&self, number: &str) -> Json {
        self.get(&format!("incidents/{number}")).await.ok()
    }
}

/// A text as it stands in a query.
pub fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
        encoded
    })
}

impl Answer {
    /// The body of a success.
    #[track_caller]
    pub fn ok(self) -> Json {
        assert!(self.status.is_success(), "{}: {} {}", self.asked, self.status, self.text);
        self.body
    }

    /// Asserts a refusal by status and code, and that it says why in a sentence.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Json {
        assert_eq!(self.status.as_u16(), status, "{}: {}", self.asked, self.text);
        assert_eq!(self.body["code"], code, "{}: {}", self.asked, self.text);
        assert!(self.body["detail"].as_str().is_some_and(|d| d.len() > 5), "{}", self.text);
        self.body
    }

    /// Asserts a field's error in a 422.
    #[track_caller]
    pub fn refused_field(self, field: &str, code: &str) {
        assert_eq!(self.status.as_u16(), 422, "{}: {}", self.asked, self.text);
        let named =
            self.body["errors"].as_array().into_iter().flatten().any(|e| e["field"] == field && e["code"] == code);
        assert!(named, "{}: {field} {code} expected in {}", self.asked, self.text);
    }
}
