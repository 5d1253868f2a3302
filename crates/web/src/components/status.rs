//! Where a record stands and how much it matters: a shape, a colour and a word.

use mainstay_markup::html;
use mainstay_words::{t, tf};
use maud::Markup;

use super::Text;

/// A colour with a meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to say.
    #[default]
    Plain,
    /// Breached, failed, stopped for cause.
    Red,
    /// At risk, or being worked on.
    Amber,
    /// Met, done, healthy.
    Green,
    /// Information.
    Blue,
    /// Waiting.
    Violet,
    /// The product's own colour.
    Accent,
}

impl Tone {
    /// The class that fills a pill or a tile in this colour.
    #[must_use]
    pub fn fill(self) -> &'static str {
        match self {
            Self::Plain => "tone-plain",
            Self::Red => "tone-red",
            Self::Amber => "tone-amber",
            Self::Green => "tone-green",
            Self::Blue => "tone-blue",
            Self::Violet => "tone-violet",
            Self::Accent => "tone-accent",
        }
    }
}

/// The shape that stands for a state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Glyph {
    /// A dashed ring: nobody has begun.
    #[default]
    New,
    /// A half disc: being worked on.
    Active,
    /// A ring with a pause sign: waiting for somebody.
    Paused,
    /// A green disc with a tick: done.
    Done,
    /// A grey disc with a tick: done and filed.
    Closed,
    /// A crossed ring: withdrawn.
    Stopped,
    /// A red disc with a cross: rejected or failed.
    Failed,
}

impl Glyph {
    /// The colour that goes with the shape.
    #[must_use]
    pub fn tone(self) -> Tone {
        match self {
            Self::New | Self::Closed | Self::Stopped => Tone::Plain,
            Self::Active => Tone::Amber,
            Self::Paused => Tone::Violet,
            Self::Done => Tone::Green,
            Self::Failed => Tone::Red,
        }
    }

    fn shape(self) -> (&'static str, f32, Option<&'static str>) {
        match self {
            Self::New => ("status-new", 6.0, None),
            Self::Active => ("status-active", 6.0, Some("M8 4.6a3.4 3.4 0 0 1 0 6.8z")),
            Self::Paused => ("status-paused", 6.0, Some("M6.4 5.8v4.4M9.6 5.8v4.4")),
            Self::Done => ("status-done", 7.0, Some("m5 8.2 2.1 2.1L11 6.4")),
            Self::Closed => ("status-closed", 7.0, Some("m5 8.2 2.1 2.1L11 6.4")),
            Self::Stopped => ("status-stopped", 6.0, Some("m4 12 8-8")),
            Self::Failed => ("status-failed", 7.0, Some("m5.6 5.6 4.8 4.8m0-4.8-4.8 4.8")),
        }
    }
}

/// A state as it is shown.
#[derive(Clone, Debug, Default)]
pub struct Status<'a> {
    /// The shape.
    pub glyph: Glyph,
    /// The word.
    pub word: Text<'a>,
}

/// The shape alone, for narrow rows; the word is its accessible name.
#[must_use]
pub fn status_glyph(status: &Status) -> Markup {
    drawn(status.glyph, Some(t(&status.word)))
}

/// Shape and word.
#[must_use]
pub fn status_pill(status: &Status) -> Markup {
    html! { span.pill.(status.glyph.tone().fill()) { (status_words(status)) } }
}

/// Shape and word without the pill, for buttons that open something.
#[must_use]
pub fn status_words(status: &Status) -> Markup {
    html! { (drawn(status.glyph, None)) span.clip { (t(&status.word)) } }
}

fn drawn(glyph: Glyph, label: Option<&str>) -> Markup {
    let (class, radius, inner) = glyph.shape();
    html! {
        svg.status.(class) viewBox="0 0 16 16" role=[label.map(|_| "img")] aria-label=[label] aria-hidden=[label.is_none().then_some("true")] {
            circle cx="8" cy="8" r=(radius) {}
            @if let Some(inner) = inner { path.f d=(inner) {} }
        }
    }
}

/// A priority as it is shown.
#[derive(Clone, Debug, Default)]
pub struct Priority<'a> {
    /// 1 is the most urgent; beyond 4 no bar is filled.
    pub level: u8,
    /// The word, as "High".
    pub word: Text<'a>,
}

/// Four bars; the words are their accessible name.
#[must_use]
pub fn priority_glyph(priority: &Priority) -> Markup {
    bars(
        priority.level,
        Some(&tf("Priority {level} {word}", &[("level", &priority.level), ("word", &t(&priority.word))])),
    )
}

/// Bars and words: "P2 High".
#[must_use]
pub fn priority_words(priority: &Priority) -> Markup {
    html! { (bars(priority.level, None)) span.clip { "P" (priority.level) " " (t(&priority.word)) } }
}

fn bars(level: u8, label: Option<&str>) -> Markup {
    const BARS: [(&str, &str, &str); 4] =
        [("1", "11", "3.2"), ("4.7", "8.2", "6"), ("8.4", "5.4", "8.8"), ("12.1", "2.6", "11.6")];
    let filled = 5_usize.saturating_sub(usize::from(level));
    html! {
        svg.prio.{ "prio-" (level) } viewBox="0 0 16 16" role=[label.map(|_| "img")] aria-label=[label] aria-hidden=[label.is_none().then_some("true")] {
            @for (index, (x, y, height)) in BARS.iter().enumerate() {
                rect.(if index < filled { "on" } else { "off" }) x=(x) y=(y) width="2.6" height=(height) rx="1" {}
            }
        }
    }
}

/// A word in a pill.
#[must_use]
pub fn pill(tone: Tone, word: &str) -> Markup {
    html! { span.pill.(tone.fill()) dir="auto" { (t(word)) } }
}

/// The badge of what was made up to look around in.
#[must_use]
pub fn demo_badge() -> Markup {
    html! { span.pill.demo-badge title="Made up to look around in" { "Demo" } }
}

/// A label somebody gave a record.
#[must_use]
pub fn tag(word: &str) -> Markup {
    html! { span.tag { bdi.clip { (word) } } }
}

/// A number beside a name; `new` marks what has not been seen, of which none is not worth a mark.
#[must_use]
pub fn count(number: &str, new: bool) -> Markup {
    html! { span.(if new { "count-new" } else { "count" }) hidden[new && number == "0"] { (number) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glyph_alone_is_named_by_its_word() {
        let status = Status { glyph: Glyph::Paused, word: "On <hold>".into() };
        let text = status_glyph(&status).into_string();
        assert!(text.contains(r#"role="img" aria-label="On &lt;hold&gt;""#), "{text}");
        assert!(!text.contains("aria-hidden"));
    }

    #[test]
    fn a_pill_says_the_word_once() {
        let text = status_pill(&Status { glyph: Glyph::Active, word: "In progress".into() }).into_string();
        assert_eq!(text.matches("In progress").count(), 1);
        assert!(text.contains("tone-amber") && text.contains(r#"aria-hidden="true""#));
    }

    #[test]
    fn the_most_urgent_fills_all_bars_and_the_least_none() {
        for (level, filled) in [(1, 4), (2, 3), (3, 2), (4, 1), (5, 0), (9, 0)] {
            let text = priority_glyph(&Priority { level, word: "x".into() }).into_string();
            assert_eq!(text.matches("class=\"on\"").count(), filled, "priority {level}");
        }
    }
}
