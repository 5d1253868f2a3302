//! The document around every page, and the headers it is sent with.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mainstay_markup::html;
use mainstay_words::{Direction, Language, t, tf};
use maud::{DOCTYPE, Markup};

use crate::assets;
use crate::components::{Toast, icon, toast, token_field};
use crate::session::RETURN;

/// Which colours the person chose; `System` follows the device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the device is set.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// How tightly lists and controls are set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Density {
    /// Controls of 32 pixels.
    #[default]
    Comfortable,
    /// Controls of 28 pixels.
    Compact,
}

/// Which of the two frames the page has, and with it which stylesheet and script.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// For people who work on records.
    #[default]
    Agent,
    /// For people who ask, and for pages before sign-in; smaller.
    Portal,
}

/// The number used once that lets Turbo insert the style of its progress bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nonce(String);

impl Nonce {
    /// Makes the nonce of one response from 16 random bytes.
    #[must_use]
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(bytes.iter().fold(String::with_capacity(32), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        }))
    }

    /// The nonce as it stands in the header and in the page.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the head of a page says.
#[derive(Clone, Debug)]
pub struct PageHead<'a> {
    /// Name of the page; the live region reads it out after each navigation.
    pub title: &'a str,
    /// Name of the installation, behind the title.
    pub site: &'a str,
    /// Language of the page, with which its direction goes.
    pub language: Language,
    /// The person's colours.
    pub theme: Theme,
    /// The person's density.
    pub density: Density,
    /// The panes that are folded away, in words.
    pub folded: Option<&'static str>,
    /// The keyboard is one of Apple's.
    pub apple: bool,
    /// Nonce of this response; the same one goes to [`respond`].
    pub nonce: &'a Nonce,
    /// Which frame the page has.
    pub side: Side,
    /// Keeps the page out of Turbo's cache, for what must not be seen after sign-out.
    pub sensitive: bool,
    /// What just happened, shown once.
    pub toasts: &'a [Toast<'a>],
    /// As whom the viewer looks, and the token of the form that ends it.
    pub viewing: Option<(&'a str, &'a str)>,
}

/// A whole HTML document with `body` between the skip link and the live region.
///
/// `body` brings the element `#main` that the skip link leads to; both shells do.
#[must_use]
pub fn page(head: &PageHead, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(head.language.tag()) dir=(direction(head.language)) data-theme=[theme(head.theme)] data-density=[density(head.density)] data-folded=[head.folded] data-apple[head.apple] {
            (head_element(head))
            body {
                a.skip href="#main" data-turbo="false" { "Skip to content" }
                // The way back is among the first stops of the Tab key.
                @if let Some((name, token)) = head.viewing { (looking_as(name, token)) }
                (body)
                div #toasts .toasts { @for each in head.toasts { (toast(each)) } }
                div #announcer .sr role="status" aria-live="polite" data-turbo-permanent {}
            }
        }
    }
}

/// The badge of somebody who only looks, with the way back.
fn looking_as(name: &str, token: &str) -> Markup {
    html! {
        div.looking role="status" {
            (icon("eye"))
            span dir="auto" { (tf("You see what {name} sees. Nothing can be changed.", &[("name", &name)])) }
            form method="post" action=(RETURN) { (token_field(token)) button.btn.btn-s type="submit" { "Stop" } }
        }
    }
}

fn head_element(head: &PageHead) -> Markup {
    let (style, script) = match head.side {
        Side::Agent => (assets::APP_CSS, assets::APP_JS),
        Side::Portal => (assets::PORTAL_CSS, assets::PORTAL_JS),
    };
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
            title { (head.title) " · " (head.site) }
            meta name="color-scheme" content="light dark";
            meta name="csp-nonce" content=(head.nonce.as_str());
            meta name="turbo-refresh-method" content="morph";
            meta name="turbo-refresh-scroll" content="preserve";
            @if let Some(words) = browser_words(head.language) { meta name="words" content=(words); }
            @if head.sensitive { meta name="turbo-cache-control" content="no-cache"; }
            link rel="icon" type="image/svg+xml" href=(assets::FAVICON_SVG) data-plain=(assets::FAVICON_SVG) data-new=(assets::FAVICON_NEW_SVG);
            link rel="preload" as="font" type="font/woff2" crossorigin href=(assets::INTER_LATIN_WOFF2);
            link rel="stylesheet" href=(style) data-turbo-track="reload";
            script type="module" src=(script) data-turbo-track="reload" {}
        }
    }
}

/// What scripts say, in another language than theirs: a JSON object from English.
fn browser_words(language: Language) -> Option<String> {
    if language == Language::ENGLISH {
        return None;
    }
    let words: BTreeMap<&str, &str> = assets::WORDS.iter().map(|key| (*key, t(key))).collect();
    serde_json::to_string(&words).ok()
}

fn direction(language: Language) -> &'static str {
    match language.direction() {
        Direction::Ltr => "ltr",
        Direction::Rtl => "rtl",
    }
}

fn theme(theme: Theme) -> Option<&'static str> {
    match theme {
        Theme::System => None,
        Theme::Light => Some("light"),
        Theme::Dark => Some("dark"),
    }
}

fn density(density: Density) -> Option<&'static str> {
    (density == Density::Compact).then_some("compact")
}

/// Sends a document with the content security policy and the other headers every HTML page carries.
///
/// A form that was refused is answered with 422, or Turbo would not show it.
#[must_use]
pub fn respond(status: StatusCode, nonce: &Nonce, document: Markup) -> Response {
    const FIXED: [(HeaderName, HeaderValue); 5] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    ];
    let mut response = (status, document.into_string()).into_response();
    for (name, value) in FIXED {
        response.headers_mut().insert(name, value);
    }
    if let Ok(policy) = HeaderValue::from_str(&content_security_policy(nonce)) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The policy of every page: nothing from elsewhere, nothing inline but the style that carries the nonce.
#[must_use]
pub fn content_security_policy(nonce: &Nonce) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{}'; img-src 'self' data: blob:; \
         font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'; object-src 'none'",
        nonce.as_str()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head<'a>(nonce: &'a Nonce, toasts: &'a [Toast<'a>]) -> PageHead<'a> {
        PageHead {
            title: "Queue <1>",
            site: "Northwind IT",
            language: Language::PSEUDO,
            theme: Theme::Dark,
            density: Density::Compact,
            folded: Some("rail"),
            apple: false,
            nonce,
            side: Side::Portal,
            sensitive: true,
            toasts,
            viewing: None,
        }
    }

    #[test]
    fn the_policy_is_the_agreed_one_to_the_letter() {
        let nonce = Nonce::from_random([0xab; 16]);
        assert_eq!(
            content_security_policy(&nonce),
            "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-abababababababababababababababab'; \
             img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'; object-src 'none'"
        );
    }

    #[test]
    fn a_page_is_never_stored_and_carries_every_header() {
        let nonce = Nonce::from_random([1; 16]);
        let response = respond(StatusCode::UNPROCESSABLE_ENTITY, &nonce, html! { "x" });
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        for (name, value) in [
            ("content-type", "text/html; charset=utf-8"),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(response.headers()[name], value);
        }
        let policy = response.headers()["content-security-policy"].to_str().expect("text");
        assert!(policy.contains(nonce.as_str()));
    }

    #[test]
    fn the_way_back_from_looking_as_somebody_comes_before_the_page() {
        let nonce = Nonce::from_random([4; 16]);
        let looking = PageHead { viewing: Some(("Ada", "token")), ..head(&nonce, &[]) };
        let text = page(&looking, &html! { main #main {} }).into_string();
        let at = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words} in {text}"));
        assert!(at("Skip to content") < at("class=\"looking\"") && at("class=\"looking\"") < at("<main"));
    }

    #[test]
    fn the_persons_choices_stand_on_the_root_element() {
        let nonce = Nonce::from_random([2; 16]);
        let text = page(&head(&nonce, &[]), &html! { main #main {} }).into_string();
        assert!(
            text.contains(
                r#"<html lang="ar-XB" dir="rtl" data-theme="dark" data-density="compact" data-folded="rail">"#
            )
        );
        assert!(text.contains("<title>Queue &lt;1&gt; · Northwind IT</title>"));
        assert!(text.contains(&format!(r#"<meta name="csp-nonce" content="{}">"#, nonce.as_str())));
        assert!(text.contains(assets::PORTAL_JS) && !text.contains(assets::APP_JS));
        assert!(text.contains("no-cache"));
    }

    #[test]
    fn a_page_of_the_system_theme_sets_no_theme() {
        let nonce = Nonce::from_random([3; 16]);
        let plain = PageHead {
            theme: Theme::System,
            density: Density::Comfortable,
            folded: None,
            sensitive: false,
            ..head(&nonce, &[])
        };
        let text = page(&plain, &html! {}).into_string();
        assert!(!text.contains("data-theme") && !text.contains("data-density") && !text.contains("no-cache"));
    }
}
