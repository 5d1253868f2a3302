//! The persona at the pages: a browser without scripts, signed in or not.

use crate::client::Stage;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::Response;
use http_body_util::BodyExt;
use mainstay_desk::auth::sessions::{self, Limits, NewSession};
use mainstay_desk::auth::{
    Entrance, InstallationKey, Occasion, Password, PasswordHash, Passwords, accounts, cookie, csrf,
};
use mainstay_desk::{Channel, Desk};
use mainstay_web::Web;
use serde_json::Value as Json;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use tower::ServiceExt;

pub const ORIGIN: &str = "https://desk.example.org";

/// The pages of a stage.
pub struct Pages {
    router: Router,
    key: InstallationKey,
    hash: PasswordHash,
}

/// What everybody signs in with.
pub const PASSWORD: &str = "plum otter brass";

impl Pages {
    pub async fn of(stage: &Stage) -> Self {
        Self::at(&stage.house.desk).await
    }

    /// The pages of one node.
    pub async fn at(desk: &Desk) -> Self {
        let key = desk.db().read(InstallationKey::load).await.expect("the key");
        let passwords = Passwords::new(desk.entropy(), 2);
        let entrance = Entrance::new(desk.db().clone(), passwords, key.clone(), Limits::default());
        let router = mainstay_web::router(Web::new(desk.clone(), entrance, ORIGIN, "Example desk"));
        Self { router, key, hash: Passwords::hash_here(&Password::new(PASSWORD), desk.entropy()) }
    }

    /// A browser that nobody has signed in with; browsers of different numbers stand at different addresses.
    pub fn stranger(&self, number: u8) -> Browser {
        let address = IpAddr::V4(Ipv4Addr::new(192, 0, 2, number));
        Browser { router: self.router.clone(), address, cookie: String::new(), token: String::new() }
    }

    /// A browser with a new session of a person; everybody has an address of their own.
    pub async fn browser(&self, stage: &Stage, person: i64) -> Browser {
        let (secret, digest) = sessions::draw(&self.key, stage.house.desk.entropy());
        let (kept, now) = (digest.clone(), stage.house.clock.reading());
        let session = NewSession { person, mfa: false, address: "192.0.2.1".into(), agent: "Browser".into() };
        let (hash, by) = (self.hash.clone(), Occasion { actor: None, channel: Channel::Command, now });
        let begin = move |conn: &mut mainstay_store::Conn| {
            accounts::set_password(conn, by, person, &hash)?;
            sessions::begin(conn, &kept, &session, Limits::default(), now)
        };
        stage.house.desk.db().write(begin).await.expect("a session");
        let cookie = format!("{}={}", cookie::SESSION, secret.reveal());
        let number = u8::try_from(person % 250).unwrap_or_default();
        Browser { cookie, token: csrf::token(&self.key, &digest), ..self.stranger(number) }
    }
}

/// A browser.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    address: IpAddr,
    cookie: String,
    /// What proves that a form comes from a page of this session.
    pub token: String,
}

/// What came back.
#[derive(Debug)]
pub struct Seen {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Seen {
    pub fn leads_to(&self) -> &str {
        self.headers.get(header::LOCATION).and_then(|place| place.to_str().ok()).unwrap_or_default()
    }

    /// Whether the next page will say that it was not done.
    pub fn says_failed(&self) -> bool {
        let lines = self.headers.get_all(header::SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
        lines.filter_map(|line| line.strip_prefix("__Host-mainstay-flash=")).any(|line| line.contains("&f=1"))
    }
}

impl Browser {
    /// The cookies that it sends.
    pub fn cookie(&self) -> &str {
        &self.cookie
    }

    /// Takes the session that an answer gives; false when it gives none.
    pub fn keeps(&mut self, pages: &Pages, seen: &Seen) -> bool {
        let lines = seen.headers.get_all(header::SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
        let secret = lines
            .filter_map(|line| line.strip_prefix(cookie::SESSION)?.strip_prefix('=')?.split(';').next())
            .next_back();
        let digest = secret.and_then(|secret| sessions::digest(&pages.key, secret));
        let Some((secret, digest)) = secret.zip(digest) else { return false };
        self.cookie = format!("{}={secret}", cookie::SESSION);
        self.token = csrf::token(&pages.key, &digest);
        true
    }

    pub async fn get(&self, path: &str) -> Seen {
        self.send("GET", path, "", &[]).await
    }

    /// Sends a form of one of our own pages.
    pub async fn post(&self, path: &str, values: &[(String, String)]) -> Seen {
        let mut all = vec![("_token", self.token.as_str())];
        all.extend(values.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let body = mainstay_web::address::query(all);
        self.send("POST", path, &body, &[("sec-fetch-site", "same-origin"), ("origin", ORIGIN)]).await
    }

    /// Sends a form of one of our own pages with a text file.
    pub async fn post_file(&self, path: &str, values: &[(&str, &str)], file: (&str, &str)) -> Seen {
        let part = |name: &str, value: &str| {
            format!("--line\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let mut body = part("_token", &self.token);
        body.extend(values.iter().map(|(name, value)| part(name, value)));
        let (name, bytes) = file;
        let head = format!("--line\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n");
        body += &format!("{head}Content-Type: text/plain\r\n\r\n{bytes}\r\n--line--\r\n");
        let kind = ("content-type", "multipart/form-data; boundary=line");
        self.send("POST", path, &body, &[("sec-fetch-site", "same-origin"), ("origin", ORIGIN), kind]).await
    }

    /// Opens a stream of live updates.
    pub async fn follow(&self, path: &str) -> Following {
        let answer = self.answer("GET", path, "", &[]).await;
        assert_eq!(answer.status(), 200, "{path}");
        Following { headers: answer.headers().clone(), body: answer.into_body(), rest: String::new() }
    }

    /// Sends a request exactly so.
    pub async fn send(&self, method: &str, path: &str, form: &str, headers: &[(&str, &str)]) -> Seen {
        let (head, body) = self.answer(method, path, form, headers).await.into_parts();
        // A stream has no end to wait for.
        let endless = head.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
        let body = if endless { Body::empty() } else { body };
        let bytes = to_bytes(body, 50_000_000).await.expect("a body");
        Seen { status: head.status, headers: head.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    async fn answer(&self, method: &str, path: &str, form: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = Request::builder().method(method).uri(path);
        if !self.cookie.is_empty() {
            request = request.header(header::COOKIE, &self.cookie);
        }
        if !form.is_empty() && headers.iter().all(|(name, _)| *name != "content-type") {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request = request.extension(ConnectInfo(SocketAddr::new(self.address, 40_000)));
        let request = request.body(Body::from(form.to_owned())).expect("a request");
        self.router.clone().oneshot(request).await.expect("the router answers")
    }
}

/// A stream of live updates.
pub struct Following {
    pub headers: HeaderMap,
    body: Body,
    rest: String,
}

impl Following {
    /// The next message: its name and what it says; none at the end, or when none comes in time.
    pub async fn next(&mut self) -> Option<(String, Json)> {
        loop {
            while let Some((message, _)) = self.rest.split_once("\n\n") {
                let line = |name: &str| message.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
                let found = line("event: ").zip(line("data: "));
                let read = message.len() + 2;
                self.rest.drain(..read);
                if let Some((event, data)) = found {
                    return Some((event, serde_json::from_str(&data).expect("JSON")));
                }
            }
            let frame = tokio::time::timeout(Duration::from_secs(4), self.body.frame()).await.ok()??;
            let bytes = frame.expect("a part").into_data().unwrap_or_default();
            self.rest.push_str(&String::from_utf8_lossy(&bytes));
        }
    }

    /// The next message of a name; none when none comes in time.
    pub async fn hear(&mut self, name: &str) -> Option<Json> {
        while let Some((event, data)) = self.next().await {
            if event == name {
                return Some(data);
            }
        }
        None
    }

    /// Waits for a message that fits.
    pub async fn hear_that(&mut self, name: &str, fits: impl Fn(&Json) -> bool) -> Json {
        loop {
            let heard = self.hear(name).await.unwrap_or_else(|| panic!("no such {name}"));
            if fits(&heard) {
                return heard;
            }
        }
    }
}
