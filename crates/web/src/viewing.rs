//! How a person looks at pages: colours, density, and the document that carries them.

use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::auth::cookie;
use mainstay_words::{spoken, t};
use maud::Markup;

use crate::components::Toast;
use crate::flash::{COOKIE as FLASH, add_cookie};
use crate::layout::{Density, PageHead, Side, Theme, page, respond};
use crate::session::Arrival;
use crate::web::Web;

/// Name of the cookie that keeps a browser's looks, so that a page comes in the right colours at once.
pub const COOKIE: &str = "__Host-mainstay-look";
const YEAR_MS: i64 = 365 * 86_400_000;

/// The looks that somebody chose in a browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Colours.
    pub theme: Theme,
    /// Density.
    pub density: Density,
    /// Panes that are folded away.
    pub folded: Folded,
}

/// The panes beside a record that somebody folded away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    /// The list at the left.
    pub list: bool,
    /// The details at the right.
    pub rail: bool,
}

impl Folded {
    /// The words for them.
    #[must_use]
    pub const fn words(self) -> Option<&'static str> {
        match (self.list, self.rail) {
            (true, true) => Some("list rail"),
            (true, false) => Some("list"),
            (false, true) => Some("rail"),
            (false, false) => None,
        }
    }
}

impl Look {
    /// Reads a cookie's value; what is unknown is as if it were not chosen.
    #[must_use]
    pub fn read(value: &str) -> Self {
        let mut words = value.split('.');
        let (theme, density) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let folded = words.next().unwrap_or_default();
        let folded = Folded { list: folded.contains('l'), rail: folded.contains('r') };
        Self { folded, ..Self::of(theme, density) }
    }

    /// The looks that two words name.
    #[must_use]
    pub fn of(theme: &str, density: &str) -> Self {
        let theme = match theme {
            "light" => Theme::Light,
            "dark" => Theme::Dark,
            _ => Theme::System,
        };
        let density = if density == "compact" { Density::Compact } else { Density::Comfortable };
        Self { theme, density, folded: Folded::default() }
    }

    /// The word for the colours.
    #[must_use]
    pub fn theme_word(self) -> &'static str {
        match self.theme {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// The word for the density.
    #[must_use]
    pub fn density_word(self) -> &'static str {
        if self.density == Density::Compact { "compact" } else { "comfortable" }
    }

    /// The `Set-Cookie` line that keeps the looks.
    #[must_use]
    pub fn cookie(self) -> String {
        let folded = [(self.folded.list, "l"), (self.folded.rail, "r")];
        let folded: String = folded.into_iter().filter_map(|(is, letter)| is.then_some(letter)).collect();
        cookie::keep(COOKIE, &format!("{}.{}.{folded}", self.theme_word(), self.density_word()), YEAR_MS)
    }
}

/// A whole page as an answer: the person's looks, what just happened, and the headers of every page.
#[must_use]
pub fn document(web: &Web, arrival: &Arrival, side: Side, status: StatusCode, title: &str, body: &Markup) -> Response {
    let nonce = web.nonce();
    let token = arrival.token.as_deref().unwrap_or_default();
    let toasts: Vec<Toast> = arrival
        .flash
        .iter()
        .map(|flash| Toast {
            words: flash.words.as_str().into(),
            failed: flash.failed,
            undo: flash.undo.as_deref().map(|action| (action.into(), token.into())),
        })
        .collect();
    let head = PageHead {
        title: t(title),
        site: web.site(),
        language: spoken(),
        theme: arrival.look.theme,
        density: arrival.look.density,
        folded: arrival.look.folded.words(),
        apple: ["Mac OS", "iPhone", "iPad"].iter().any(|system| arrival.visitor.agent.contains(system)),
        nonce: &nonce,
        side,
        sensitive: true,
        toasts: &toasts,
        viewing: arrival.viewing.as_deref().map(|name| (name, token)),
    };
    let mut response = respond(status, &nonce, page(&head, body));
    if arrival.flash.is_some() {
        add_cookie(&mut response, &cookie::forget(FLASH));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_come_back_as_they_were_kept() {
        let look = Look { folded: Folded { list: true, rail: false }, ..Look::of("dark", "compact") };
        let line = look.cookie();
        let value =
            line.strip_prefix("__Host-mainstay-look=").and_then(|rest| rest.split(';').next()).expect("a value");
        assert_eq!(Look::read(value), look);
        assert_eq!(Look::read("dark.compact"), Look::of("dark", "compact"), "as it was kept before panes folded");
        assert_eq!(Look::read("\"><script>"), Look::default(), "nothing unknown reaches the page");
    }
}
