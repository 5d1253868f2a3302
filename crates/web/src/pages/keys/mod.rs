//! Shortcuts: what a page tells the script about them, the sheet of those that work on a screen, and the page on which
//! people set their own.

mod own;
mod sheet;

use mainstay_desk::shortcuts::{self, Keys, Screen, Stroke};
use mainstay_markup::html;
use maud::Markup;

use crate::address;
use crate::routes::{Declared, get, post};

/// The pages on shortcuts.
pub fn routes() -> Vec<Declared> {
    vec![get("/shortcuts", sheet::show), get("/me/shortcuts", own::show), post("/me/shortcuts", own::set)]
}

/// What the script hears: a line for each key with the deed that it is for, and where the sheet of this screen is.
#[must_use]
pub fn key_map(keys: &Keys, screens: &[Screen]) -> Markup {
    let on: Vec<&str> = screens.iter().map(|screen| screen.key()).collect();
    let sheet = address::with_query("/shortcuts", [("on", on.join(" ").as_str())]);
    html! { div #keys hidden data-map=(map(keys)) data-sheet=(sheet) {} }
}

fn map(keys: &Keys) -> String {
    let lines = shortcuts::ALL.iter().flat_map(|shortcut| {
        let ways = keys.of(shortcut).flat_map(|way| heard(&way));
        ways.map(|key| format!("{}={key}", shortcut.id))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Every way in which keyboards say strokes one after the other.
fn heard(way: &[Stroke]) -> Vec<String> {
    way.iter().fold(vec![String::new()], |before, stroke| {
        let join =
            |before: &String, key: &String| if before.is_empty() { key.clone() } else { format!("{before} {key}") };
        stroke.heard().iter().flat_map(|key| before.iter().map(move |before| join(before, key))).collect()
    })
}

/// The caps of keys, for the eye alone: a script that reads pages aloud is told by `aria-keyshortcuts` or not at all.
#[must_use]
pub fn caps(keys: &[String]) -> Markup {
    html! { span.palette-keys aria-hidden="true" { @for key in keys { span.kbd { (key) } } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_every_key_in_every_way_that_keyboards_have() {
        let text = key_map(&Keys::default(), &[Screen::Everywhere, Screen::List]).into_string();
        for line in ["list-next=j", "go-inbox=g i", "sheet=?", "sheet=Shift+?", "palette=Mod+k"] {
            assert!(text.contains(line), "{line} in {text}");
        }
        assert!(
            text.contains(r#"data-sheet="/shortcuts?on=everywhere+list""#) || text.contains("everywhere%20list"),
            "{text}"
        );
    }

    #[test]
    fn whoever_does_without_has_an_empty_map() {
        let mut keys = Keys::default();
        keys.used = shortcuts::Use::Off;
        assert!(key_map(&keys, &[]).into_string().contains(r#"data-map="""#));
    }
}
