//! One connection to the API.

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST, SET_COOKIE};
use hyper::http::request::Builder;
use hyper::http::response::Parts;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value as Json;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;

/// An answer that takes longer never comes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A line to a server that may go dead at any moment.
pub struct Wire {
    sender: SendRequest<Full<Bytes>>,
    bearer: String,
}

/// What a server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub kind: String,
    pub body: Json,
}

/// A page that a server answered with.
#[derive(Debug)]
pub struct Page {
    pub status: StatusCode,
    pub text: String,
    /// What the browser is told to keep, as it sends it back.
    pub cookies: String,
}

impl Page {
    fn of((head, bytes): (Parts, Bytes)) -> Self {
        let lines = head.headers.get_all(SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
        let kept: Vec<&str> = lines.filter_map(|line| line.split(';').next()).collect();
        Self { status: head.status, text: String::from_utf8_lossy(&bytes).into_owned(), cookies: kept.join("; ") }
    }

    /// The token that every form of the page carries.
    pub fn token(&self) -> &str {
        let value = self.text.split("name=\"_token\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        value.expect("a page with a form")
    }
}

/// A command that may be sent again: the key makes it the same one.
#[derive(Clone, Debug)]
pub struct Post {
    pub path: String,
    pub body: Json,
    pub key: String,
}

impl Wire {
    /// None when nobody listens.
    pub async fn connect(address: SocketAddr, token: &str) -> Option<Self> {
        let stream = TcpStream::connect(address).await.ok()?;
        stream.set_nodelay(true).ok()?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await.ok()?;
        tokio::spawn(connection);
        Some(Self { sender, bearer: format!("Bearer {token}") })
    }

    /// None when the line went dead before the whole answer was there.
    pub async fn post(&mut self, post: &Post) -> Option<Answer> {
        let request = Request::post(format!("/api/v1/{}", post.path))
            .header(CONTENT_TYPE, "application/json")
            .header("idempotency-key", &post.key);
        self.send(request, post.body.to_string()).await
    }

    /// None when the line went dead before the whole answer was there.
    pub async fn get(&mut self, path: &str) -> Option<Answer> {
        self.send(Request::get(format!("/api/v1/{path}")), String::new()).await
    }

    /// A page as a browser with these cookies gets it.
    pub async fn page(&mut self, path: &str, cookies: &str) -> Page {
        let request = Request::get(path).header(COOKIE, cookies);
        Page::of(self.exchange(request, String::new()).await.expect("an answer"))
    }

    /// A form that a browser with these cookies sends from a page of the same site.
    pub async fn form(&mut self, path: &str, cookies: &str, values: &str) -> Page {
        let request = Request::post(path)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .header(COOKIE, cookies);
        Page::of(self.exchange(request, values.to_owned()).await.expect("an answer"))
    }

    async fn send(&mut self, request: Builder, body: String) -> Option<Answer> {
        let request = request.header(AUTHORIZATION, &self.bearer);
        let (head, bytes) = self.exchange(request, body).await?;
        let kind = head.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
        Some(Answer { status: head.status, kind, body: serde_json::from_slice(&bytes).unwrap_or_default() })
    }

    async fn exchange(&mut self, request: Builder, body: String) -> Option<(Parts, Bytes)> {
        let request = request.header(HOST, "127.0.0.1").body(Full::from(body)).expect("a request");
        let exchange = async {
            self.sender.ready().await.ok()?;
            let (head, body) = self.sender.send_request(request).await.ok()?.into_parts();
            Some((head, body.collect().await.ok()?.to_bytes()))
        };
        tokio::time::timeout(PATIENCE, exchange).await.expect("the server answers or dies")
    }
}
