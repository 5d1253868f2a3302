//! Who asks: a token in the Authorization header, or the session of a page.

use crate::Api;
use crate::problem::{Problem, Result};
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use mainstay_desk::auth::cookie;
use mainstay_desk::auth::csrf::{self, Provenance};
use mainstay_desk::auth::{InstallationKey, same};
use mainstay_desk::auth::{sessions, tokens};
use mainstay_desk::door::{Browser, Errand};
use mainstay_desk::{Caller, Channel, Credential, Session};
use mainstay_engine::refusal::Refusal;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The claim of a request to be somebody's. A handler without it is public.
///
/// The desk proves the claim inside the transaction; here it only takes its form. A request
/// without any claim ends before its body is read.
#[derive(Clone, Debug)]
pub struct Asker {
    pub credential: Credential,
}

impl FromRequestParts<Api> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self> {
        let credential = if parts.headers.contains_key(header::AUTHORIZATION) {
            Credential::Token(token_digest(&parts.headers, api.key().await?)?)
        } else {
            let digest = session_digest(&parts.method, &parts.headers, api).await?;
            Credential::Browser(Browser { digest, address: address_of(parts), errand: Errand::Ordinary })
        };
        Ok(Self { credential })
    }
}

fn address_of(parts: &Parts) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(peer)| peer.ip())
}

impl Asker {
    /// Answers a question as this asker.
    ///
    /// # Errors
    /// What the desk refuses.
    pub async fn read<T, F>(&self, api: &Api, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Session<'_>, &Caller) -> mainstay_desk::Result<T> + Send + 'static,
    {
        let answer = api.desk.read(&self.credential, Channel::Api, work).await?;
        api.uses.note(api, &self.credential);
        Ok(answer)
    }

    /// Answers a question that takes longer than a few milliseconds.
    ///
    /// # Errors
    /// What the desk refuses.
    pub async fn read_long<T, F>(&self, api: &Api, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Session<'_>, &Caller) -> mainstay_desk::Result<T> + Send + 'static,
    {
        let answer = api.desk.read_long(&self.credential, Channel::Api, work).await?;
        api.uses.note(api, &self.credential);
        Ok(answer)
    }

    /// Answers a question about figures.
    ///
    /// # Errors
    /// What the desk refuses.
    pub async fn read_figures<T, F>(&self, api: &Api, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Session<'_>, &Caller) -> mainstay_desk::Result<T> + Send + 'static,
    {
        let answer = api.desk.read_figures(&self.credential, Channel::Api, work).await?;
        api.uses.note(api, &self.credential);
        Ok(answer)
    }

    /// Answers a question to a map.
    ///
    /// # Errors
    /// What the desk refuses.
    pub async fn read_map<T, F>(&self, api: &Api, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Session<'_>, &Caller) -> mainstay_desk::Result<T> + Send + 'static,
    {
        let answer = api.desk.read_map(&self.credential, Channel::Api, work).await?;
        api.uses.note(api, &self.credential);
        Ok(answer)
    }

    /// Carries out a command as this asker.
    ///
    /// # Errors
    /// What the desk refuses.
    pub async fn write<T, F>(&self, api: &Api, work: F) -> mainstay_desk::Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Session<'_>, &Caller) -> mainstay_desk::Result<T> + Send + 'static,
    {
        let answer = api.desk.write(&self.credential, Channel::Api, work).await?;
        api.uses.note(api, &self.credential);
        Ok(answer)
    }
}

/// The digest of a bearer token. Only one Authorization header with one token counts.
fn token_digest(headers: &HeaderMap, key: &InstallationKey) -> Result<String> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (first, second) = (all.next().and_then(|v| v.to_str().ok()), all.next());
    let (scheme, claim) = first.and_then(|v| v.split_once(' ')).ok_or_else(Problem::unknown)?;
    if second.is_some() || !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Problem::unknown());
    }
    tokens::digest(key, claim).ok_or_else(Problem::unknown)
}

/// The digest of the session in the cookie; what changes something must come from our own pages.
async fn session_digest(method: &Method, headers: &HeaderMap, api: &Api) -> Result<String> {
    let mut cookies = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    let claim = cookies.find_map(|line| cookie::read(line, cookie::SESSION));
    let key = api.key().await?;
    let digest = claim.and_then(|cookie| sessions::digest(key, cookie)).ok_or_else(Problem::unknown)?;
    if !method.is_safe() {
        own_page(headers, &api.base_url, &csrf::token(key, &digest))?;
    }
    Ok(digest)
}

/// A page of our own names its origin; a script that names none proves itself by the session's token.
fn own_page(headers: &HeaderMap, own: &str, expected: &str) -> std::result::Result<(), Refusal> {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let request =
        Provenance { fetch_site: text("sec-fetch-site"), origin: text("origin"), token: text("x-csrf-token") };
    let silent = request.fetch_site.is_none() && request.origin.is_none();
    let token_fits = request.token.is_some_and(|token| same(token, expected));
    if silent && token_fits { Ok(()) } else { csrf::check_origin(own, request) }
}
