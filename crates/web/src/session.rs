//! Who asks: what every request brings along, the session behind it, and forms that prove where they come from.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use mainstay_desk::auth::csrf::{self, Provenance};
use mainstay_desk::auth::sessions::{self, Live};
use mainstay_desk::auth::{Occasion, Visitor, cookie};
use mainstay_desk::door::{Browser, Errand};
use mainstay_desk::view_as::READS_ONLY;
use mainstay_desk::{Channel, Credential};
use mainstay_engine::refusal::Refusal;

use crate::address;
use crate::failure::Failure;
use crate::flash::{self, Flash};
use crate::form::Form;
use crate::language;
use crate::viewing::{self, Look};
use crate::web::Web;

/// A page that a live update fetches anew says so in this header.
const UNATTENDED: &str = "x-mainstay-live";

/// What every request brings along, whoever sent it.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The browser, for sign-in and throttles.
    pub visitor: Visitor,
    /// Colours and density.
    pub look: Look,
    /// What just happened; shown once.
    pub flash: Option<Flash>,
    /// The present instant in epoch milliseconds UTC.
    pub now: i64,
    /// Path and query of the request.
    pub place: String,
    /// The page asks by itself and nobody did anything: it keeps no session alive.
    pub unattended: bool,
    /// Token that forms of this session carry; none before sign-in.
    pub token: Option<String>,
    /// As whom somebody looks who only looks.
    pub viewing: Option<String>,
}

impl FromRequestParts<Web> for Arrival {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Self::Rejection> {
        let header = |name: header::HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let cookies = cookies(&parts.headers);
        let read = |name: &str| cookie::read(&cookies, name).filter(|value| !value.is_empty()).map(str::to_owned);
        let session = read(cookie::SESSION);
        let key = web.entrance().key();
        let digest = session.as_deref().and_then(|secret| sessions::digest(key, secret));
        let place = parts.uri.path_and_query().map_or("/", |place| place.as_str()).to_owned();
        let unattended = parts.headers.contains_key(UNATTENDED) || parts.uri.path() == "/live";
        Ok(Self {
            unattended,
            visitor: Visitor {
                address: address_of(parts),
                agent: header(header::USER_AGENT).unwrap_or_default().to_owned(),
                device: read(cookie::DEVICE),
                session,
                channel: Channel::Desk,
            },
            look: read(viewing::COOKIE).map(|value| Look::read(&value)).unwrap_or_default(),
            // What just happened is for the page that the person went to.
            flash: read(flash::COOKIE).and_then(|value| Flash::read(&value)).filter(|_| !unattended),
            now: web.desk().now(),
            token: digest.map(|digest| csrf::token(key, &digest)),
            viewing: None,
            place,
        })
    }
}

/// HTTP/2 may split the cookies over several headers.
fn cookies(headers: &HeaderMap) -> String {
    let lines: Vec<&str> = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok()).collect();
    lines.join("; ")
}

fn address_of(parts: &Parts) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(peer)| peer.ip())
}

/// A request of somebody who is signed in. A page whose handler takes one cannot be seen without.
#[derive(Clone, Debug)]
pub struct Visit {
    /// What the request brought along.
    pub arrival: Arrival,
    /// The session.
    pub live: Live,
}

impl Visit {
    /// How the desk knows the person.
    #[must_use]
    pub fn credential(&self) -> Credential {
        let place = self.arrival.place.split('?').next().unwrap_or_default();
        let errand = match place {
            RETURN => Errand::Returning,
            _ if OWN_PROOFS.iter().any(|own| place.starts_with(own)) => Errand::Enrolling,
            _ => Errand::Ordinary,
        };
        let address = self.arrival.visitor.address;
        Credential::Browser(Browser { digest: self.live.digest.clone(), address, errand })
    }
    /// The token that every form of the page carries.
    #[must_use]
    pub fn token(&self) -> &str {
        self.arrival.token.as_deref().unwrap_or_default()
    }
    /// The present instant in epoch milliseconds UTC.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.arrival.now
    }
    /// Who does something to their own account, for the log.
    #[must_use]
    pub fn occasion(&self) -> Occasion {
        Occasion { actor: Some(self.live.person), channel: Channel::Desk, now: self.now() }
    }
}

/// Where somebody stops looking as another.
pub const RETURN: &str = "/admin/view-as/end";
/// Pages of one's own password and codes, open to whoever has yet to set codes up.
const OWN_PROOFS: [&str; 3] = ["/me/security", "/me/codes", "/me/password"];
/// What somebody who looks as another may still send.
const STILL_OPEN: [&str; 2] = [RETURN, "/sign-out"];

impl FromRequestParts<Web> for Visit {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        let Ok(mut arrival) = Arrival::from_request_parts(parts, web).await;
        let live = match web.entrance().session(&arrival.visitor, arrival.now).await.map_err(Failure::from) {
            Err(Failure::Elsewhere(..)) => return Err(sign_in_first(&parts.method, &arrival.place)),
            other => other?,
        };
        language::as_chosen(web, live.language.as_deref());
        arrival.viewing.clone_from(&live.viewing);
        if let Some(looks) = live.looks {
            arrival.look = Look { folded: arrival.look.folded, ..Look::of(looks.theme, looks.density) };
        }
        let visit = Self { arrival, live };
        let (arrival, live) = (&visit.arrival, &visit.live);
        if live.wants_touch(arrival.now) && !arrival.unattended {
            // What the house no longer lets in is not prolonged.
            let admitted = web.read(&visit, Channel::Desk, |_, _| Ok(())).await;
            if matches!(admitted, Err(Failure::Elsewhere(ref to, _)) if to == "/sign-in") {
                return Err(sign_in_first(&parts.method, &arrival.place));
            }
            let (digest, limits, now) = (live.digest.clone(), web.entrance().limits(), arrival.now);
            let touched = web.desk().db().write(move |conn| sessions::touch(conn, &digest, limits, now));
            // A full disk or a database that only reads must not keep anybody from reading.
            if let Err(error) = touched.await {
                tracing::warn!(%error, "a session could not be prolonged");
            }
        }
        if live.viewing.is_some() {
            looks_only(&parts.method, parts.uri.path())?;
        }
        Ok(visit)
    }
}

/// Whoever looks as another sends nothing, and does not look at what is that person's alone.
fn looks_only(method: &Method, path: &str) -> Result<(), Failure> {
    let sends = method != Method::GET && method != Method::HEAD;
    if sends && !STILL_OPEN.contains(&path) {
        let says = "You look as somebody else: nothing can be changed until you stop.";
        return Err(Refusal::forbidden(READS_ONLY, says).into());
    }
    if path == "/me" || path.starts_with("/me/") {
        let says = "Their own account is theirs alone. Stop looking as them to see yours.";
        return Err(Refusal::forbidden(READS_ONLY, says).into());
    }
    Ok(())
}

/// The way to the sign-in and back. What a form held is lost, so that is said.
fn sign_in_first(method: &Method, place: &str) -> Failure {
    if method != Method::GET && method != Method::HEAD {
        let words = "You were signed out meanwhile. Sign in and do it once more.";
        return Failure::Elsewhere("/sign-in".into(), Some(Flash::failed(words)));
    }
    let next = address::own(place).filter(|place| *place != "/");
    Failure::Elsewhere(address::with_query("/sign-in", next.map(|next| ("next", next))), None)
}

/// A form that somebody who is signed in sent from one of our own pages.
#[derive(Debug)]
pub struct Posted {
    /// Who sent it.
    pub visit: Visit,
    /// What it holds.
    pub form: Form,
}

impl FromRequest<Web> for Posted {
    type Rejection = Failure;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, web).await?;
        let headers = parts.headers.clone();
        // Where it comes from is asked before anything of it is read.
        csrf::check_origin(web.origin(), provenance(&headers, None))?;
        let form = Form::read(Request::from_parts(parts, body), web).await?;
        let token = form.get("_token");
        csrf::check(web.entrance().key(), &visit.live.digest, web.origin(), provenance(&headers, token))?;
        Ok(Self { visit, form })
    }
}

/// Most of a form that is kept over a sign-in, in bytes.
const MOST_KEPT: usize = 64 * 1024;

/// A form of which nothing typed may be lost, even when its session has ended meanwhile.
#[derive(Debug)]
pub enum Resumed {
    /// Its sender is signed in.
    Here(Posted),
    /// Its sender is nobody any more; what it holds is only carried through the sign-in.
    SignedOut { arrival: Arrival, form: Form },
}

impl FromRequest<Web> for Resumed {
    type Rejection = Failure;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let gone = match Visit::from_request_parts(&mut parts, web).await {
            Err(gone @ Failure::Elsewhere(..)) => gone,
            Err(other) => return Err(other),
            Ok(_) => return Ok(Self::Here(Posted::from_request(Request::from_parts(parts, body), web).await?)),
        };
        csrf::check_origin(web.origin(), provenance(&parts.headers, None))?;
        // Words are small. Files of somebody unknown are not read at all.
        let Ok(bytes) = to_bytes(body, MOST_KEPT).await else { return Err(gone) };
        let Ok(arrival) = Arrival::from_request_parts(&mut parts, web).await;
        let form = Form::read(Request::from_parts(parts, Body::from(bytes)), web).await?;
        Ok(Self::SignedOut { arrival, form })
    }
}

/// A form from before sign-in, of one of our own pages.
#[derive(Debug)]
pub struct Sent {
    /// What the request brought along.
    pub arrival: Arrival,
    /// What it holds.
    pub form: Form,
}

impl FromRequest<Web> for Sent {
    type Rejection = Failure;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let Ok(arrival) = Arrival::from_request_parts(&mut parts, web).await;
        let checked: Result<(), Refusal> = csrf::check_origin(web.origin(), provenance(&parts.headers, None));
        checked?;
        let form = Form::read(Request::from_parts(parts, body), web).await?;
        Ok(Self { arrival, form })
    }
}

fn provenance<'a>(headers: &'a HeaderMap, token: Option<&'a str>) -> Provenance<'a> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    Provenance { fetch_site: header("sec-fetch-site"), origin: header("origin"), token }
}
