//! One connection to the API.

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
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

    async fn send(&mut self, request: hyper::http::request::Builder, body: String) -> Option<Answer> {
        let request = request.header(HOST, "127.0.0.1").header(AUTHORIZATION, &self.bearer);
        let request = request.body(Full::from(body)).expect("a request");
        let exchange = async {
            self.sender.ready().await.ok()?;
            let response = self.sender.send_request(request).await.ok()?;
            let status = response.status();
            let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
            let kind = kind.to_owned();
            let bytes = response.into_body().collect().await.ok()?.to_bytes();
            Some(Answer { status, kind, body: serde_json::from_slice(&bytes).unwrap_or_default() })
        };
        tokio::time::timeout(PATIENCE, exchange).await.expect("the server answers or dies")
    }
}
