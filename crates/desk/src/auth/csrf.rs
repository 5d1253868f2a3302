//! Two proofs that a request which changes something comes from one of our own pages: the browser's word for where
//! the page came from, and a token that only our pages of this session carry. `SameSite=Lax` is the third.

use super::secret::{InstallationKey, Purpose, same};
use mainstay_engine::refusal::Refusal;

/// The token that every form of a session carries. It changes whenever the session's secret does.
#[must_use]
pub fn token(key: &InstallationKey, session_digest: &str) -> String {
    key.digest(Purpose::Csrf, session_digest)
}

/// What a request says about itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Provenance<'a> {
    /// The `Sec-Fetch-Site` header.
    pub fetch_site: Option<&'a str>,
    /// The `Origin` header.
    pub origin: Option<&'a str>,
    /// The token of the form or of the `X-CSRF-Token` header.
    pub token: Option<&'a str>,
}

/// Checks a request that changes something and is authenticated by a session's cookie. `own_origin` is the scheme,
/// host and port of the configured base address, never of the `Host` header.
///
/// # Errors
/// `foreign_origin` for a page of another site; `csrf_token` when the token is missing or of another session.
pub fn check(
    key: &InstallationKey,
    session_digest: &str,
    own_origin: &str,
    request: Provenance<'_>,
) -> Result<(), Refusal> {
    check_origin(own_origin, request)?;
    let expected = token(key, session_digest);
    if request.token.is_some_and(|given| same(given, &expected)) {
        return Ok(());
    }
    Err(Refusal::forbidden("csrf_token", "This page is out of date. Load it again and repeat what you did."))
}

/// Checks only where the page came from: for forms before sign-in, where there is no session to bind a token to.
///
/// # Errors
/// `foreign_origin`, also when the request names no origin at all: every browser names one when a form is sent.
pub fn check_origin(own_origin: &str, request: Provenance<'_>) -> Result<(), Refusal> {
    // The browser computes Sec-Fetch-Site from the address the person really used, so it outranks Origin, which can
    // only be compared with the one address that is configured.
    let own = match (request.fetch_site, request.origin) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => origin.eq_ignore_ascii_case(own_origin.trim_end_matches('/')),
        (None, None) => false,
    };
    if own {
        return Ok(());
    }
    Err(Refusal::forbidden("foreign_origin", "This request comes from a page of another site and was not carried out."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::fixtures::Seeded;

    const OWN: &str = "https://desk.example.org";

    fn from(fetch_site: Option<&'static str>, origin: Option<&'static str>) -> Result<(), Refusal> {
        check_origin(OWN, Provenance { fetch_site, origin, token: None })
    }

    #[test]
    fn s_43_a_request_of_another_site_is_refused() {
        assert!(from(Some("same-origin"), None).is_ok());
        assert!(from(None, Some(OWN)).is_ok());
        for site in ["cross-site", "same-site", "none", "", "Same-Origin, cross-site"] {
            assert!(from(Some(site), Some(OWN)).is_err(), "{site:?}");
        }
        let foreign = [
            "null",
            "",
            "http://desk.example.org",
            "https://desk.example.org.evil.test",
            "https://desk.example.org:444",
        ];
        for origin in foreign {
            assert_eq!(from(None, Some(origin)).unwrap_err().code, "foreign_origin", "{origin:?}");
        }
        assert!(from(None, None).is_err(), "no word of where it came from");
    }

    #[test]
    fn s_43_the_token_belongs_to_one_session() {
        let key = InstallationKey::draw(&Seeded::new(1));
        let mine = token(&key, "digest of my session");
        let ask = |session: &str, token: Option<&str>| {
            check(&key, session, OWN, Provenance { fetch_site: Some("same-origin"), origin: None, token })
        };
        assert!(ask("digest of my session", Some(&mine)).is_ok());
        assert_eq!(ask("digest of another", Some(&mine)).unwrap_err().code, "csrf_token");
        for wrong in [None, Some(""), Some(" "), Some(&mine[..63]), Some(&*mine.to_uppercase())] {
            assert!(ask("digest of my session", wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn s_43_a_stolen_token_is_no_use_from_another_site() {
        let key = InstallationKey::draw(&Seeded::new(1));
        let mine = token(&key, "s");
        let request =
            Provenance { fetch_site: Some("cross-site"), origin: Some("https://evil.test"), token: Some(&mine) };
        assert_eq!(check(&key, "s", OWN, request).unwrap_err().code, "foreign_origin");
    }
}
