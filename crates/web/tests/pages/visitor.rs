//! A browser without scripts: it keeps cookies, fills forms and says where its requests come from.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use mainstay_desk::auth::sessions::Limits;
use mainstay_desk::auth::{Entrance, InstallationKey, Occasion, Password, Passwords, accounts};
use mainstay_desk::{Channel, Error};
use mainstay_testing::House;
use mainstay_web::{Web, router};
use tower::ServiceExt as _;

pub const PASSWORD: &str = "plum otter brass";
pub const ORIGIN: &str = "https://desk.example.org";

/// A house with pages, where everybody of the cast has a password.
pub struct Site {
    pub house: House,
    pub pages: Router,
}

impl Site {
    pub async fn open() -> Self {
        Self::of(House::sqlite().await).await
    }

    /// The same with a search index.
    pub async fn indexed() -> Self {
        Self::of(House::sqlite().await.indexed()).await
    }

    async fn of(house: House) -> Self {
        let cast = house.cast.clone();
        let hash = Passwords::hash_here(&Password::new(PASSWORD), house.desk.entropy());
        let by = Occasion { actor: None, channel: Channel::Command, now: house.clock.reading() };
        let everybody =
            [cast.requester, cast.acme_requester, cast.agent, cast.agent_l2, cast.manager, cast.vendor, cast.admin];
        let set = house.desk.db().write(move |conn| -> Result<InstallationKey, Error> {
            for person in everybody {
                accounts::set_password(conn, by, person, &hash)?;
            }
            InstallationKey::load(conn)
        });
        let key = set.await.expect("passwords");
        let passwords = Passwords::new(house.desk.entropy(), 2);
        let entrance = Entrance::new(house.desk.db().clone(), passwords, key, Limits::default());
        let pages = router(Web::new(house.desk.clone(), entrance, ORIGIN, "Example desk"));
        Self { house, pages }
    }

    pub fn stranger(&self) -> Visitor {
        Visitor { pages: self.pages.clone(), cookies: BTreeMap::new(), token: String::new() }
    }

    /// Somebody who has signed in.
    pub async fn visitor(&self, email: &str) -> Visitor {
        let mut visitor = self.stranger();
        let answer = visitor.post("/sign-in", &[("email", email), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        visitor
    }

    pub async fn agent(&self) -> Visitor {
        self.visitor("agent@bank.example").await
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn leads_to(&self) -> &str {
        self.headers.get(header::LOCATION).and_then(|place| place.to_str().ok()).unwrap_or_default()
    }

    /// The value of a hidden or shown control.
    pub fn value(&self, name: &str) -> Option<String> {
        let from = self.text.find(&format!("name=\"{name}\""))?;
        let tag = &self.text[from..from + self.text[from..].find('>')?];
        let value = &tag[tag.find("value=\"")? + 7..];
        Some(value[..value.find('"')?].to_owned())
    }
}

/// A browser.
#[derive(Clone)]
pub struct Visitor {
    pages: Router,
    pub cookies: BTreeMap<String, String>,
    pub token: String,
}

impl Visitor {
    pub async fn get(&mut self, path: &str) -> Answer {
        let answer = self.send(Request::get(path).body(Body::empty()).expect("a request")).await;
        if let Some(token) = answer.value("_token") {
            self.token = token;
        }
        answer
    }

    /// Follows redirects to the page they end on.
    pub async fn open(&mut self, path: &str) -> Answer {
        let mut answer = self.get(path).await;
        for _ in 0..5 {
            if answer.status != StatusCode::SEE_OTHER {
                break;
            }
            let place = answer.leads_to().to_owned();
            answer = self.get(&place).await;
        }
        answer
    }

    /// Sends a form with the token of the page seen last.
    pub async fn post(&mut self, path: &str, values: &[(&str, &str)]) -> Answer {
        let token = self.token.clone();
        let mut all = vec![("_token", token.as_str())];
        all.extend_from_slice(values);
        self.post_as(path, &all, &[("sec-fetch-site", "same-origin"), ("origin", ORIGIN)]).await
    }

    /// Sends a form exactly so, with these headers.
    pub async fn post_as(&mut self, path: &str, values: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let body = mainstay_web::address::query(values.iter().copied());
        let mut request = Request::builder().method(Method::POST).uri(path);
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body)).expect("a request")).await
    }

    /// Sends a request without a body by any method, with these headers.
    pub async fn request(&mut self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).expect("a request")).await
    }

    /// Sends words and one file.
    pub async fn upload(&mut self, path: &str, values: &[(&str, &str)], file: (&str, &str)) -> Answer {
        let mut body = String::new();
        let token = self.token.clone();
        for (name, value) in [("_token", token.as_str())].iter().chain(values) {
            body.push_str(&format!("--line\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
        }
        let (name, content) = file;
        body.push_str(&format!(
            "--line\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\nContent-Type: text/html\r\n\r\n{content}\r\n--line--\r\n"
        ));
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=line")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body));
        self.send(request.expect("a request")).await
    }

    async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request.headers_mut().insert(header::COOKIE, cookies.join("; ").parse().expect("cookies"));
        }
        let answer = self.pages.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = answer.into_parts();
        for line in parts.headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().expect("text");
            let (name, rest) = line.split_once('=').expect("a cookie");
            let value = rest.split(';').next().unwrap_or_default();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let bytes = to_bytes(body, usize::MAX).await.expect("a body");
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// Opens a record by the form for it and answers its address.
    pub async fn new_record(&mut self, title: &str) -> String {
        let process = process();
        self.get(&format!("/{}/new", process.plural)).await;
        let fields = [("_fields", "title"), ("_fields", "symptoms"), ("title", title), ("symptoms", "It says no.")];
        let answer = self.post(&format!("/{}/new", process.plural), &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        answer.leads_to().to_owned()
    }
}

/// The first process: every page is the same for all of them.
pub fn process() -> &'static mainstay_engine::process::Process {
    mainstay_processes::ALL[0]
}
