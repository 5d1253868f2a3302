//! Languages: which there are, and which one somebody means.

use crate::catalogue::CATALOGUES;
use crate::catalogue::tc_in;
use crate::pseudo;

/// A language of the interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Language(u8);

/// Where its lines begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// At the left.
    #[default]
    Ltr,
    /// At the right.
    Rtl,
}

impl Language {
    /// The language that the keys are written in.
    pub const ENGLISH: Self = Self(0);
    /// No language: every text accented and longer, from right to left, so that tests see what is not translated and
    /// what has no room. Offered only where an installation names it.
    pub const PSEUDO: Self = Self(u8::MAX);

    /// English and every language with a catalogue.
    #[must_use]
    pub fn shipped() -> Vec<Self> {
        (0..=CATALOGUES.len()).filter_map(|at| u8::try_from(at).ok()).map(Self).collect()
    }

    /// The language of a BCP 47 tag; of `de-AT` German, for want of a closer one.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        if tag.eq_ignore_ascii_case(pseudo::TAG) {
            return Some(Self::PSEUDO);
        }
        let shipped = Self::shipped();
        let named = |tag: &str| shipped.iter().copied().find(|language| language.tag().eq_ignore_ascii_case(tag));
        named(tag).or_else(|| tag.split_once('-').and_then(|(first, _)| named(first)))
    }

    /// The first language of `offered` that a browser asks for by `Accept-Language`.
    #[must_use]
    pub fn accepted(header: &str, offered: &[Self]) -> Option<Self> {
        let mut wishes: Vec<(f32, &str)> = header.split(',').filter_map(wish).collect();
        // Of equal wishes the first counts: the sort is stable.
        wishes.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        let asked = wishes.into_iter().filter(|(weight, _)| *weight > 0.0);
        asked.filter_map(|(_, tag)| Self::of_tag(tag)).find(|language| offered.contains(language))
    }

    /// Its BCP 47 tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::ENGLISH => "en",
            Self::PSEUDO => pseudo::TAG,
            Self(at) => CATALOGUES.get(usize::from(at) - 1).map_or("en", |catalogue| catalogue.tag),
        }
    }

    /// Its own name for itself.
    #[must_use]
    pub fn name(self) -> &'static str {
        if self == Self::PSEUDO { "Pseudo (right to left)" } else { tc_in(self, "language", "English") }
    }

    /// Where its lines begin.
    #[must_use]
    pub fn direction(self) -> Direction {
        if self == Self::PSEUDO || tc_in(self, "direction", "ltr") == "rtl" { Direction::Rtl } else { Direction::Ltr }
    }

    /// Whether its catalogue has a text word for word, so that it is no English.
    #[must_use]
    pub fn says(self, text: &str) -> bool {
        let catalogue = self.place().and_then(|place| CATALOGUES.get(place));
        catalogue.is_some_and(|it| it.messages.iter().any(|message| message.forms.contains(&text)))
    }

    /// Where its catalogue stands; English has none.
    pub(crate) fn place(self) -> Option<usize> {
        usize::from(self.0).checked_sub(1)
    }

    pub(crate) const fn stored(self) -> u8 {
        self.0
    }

    pub(crate) const fn from_stored(stored: u8) -> Self {
        Self(stored)
    }
}

/// One wish of `Accept-Language` with its weight: `de-AT;q=0.8`.
fn wish(part: &str) -> Option<(f32, &str)> {
    let mut parts = part.split(';').map(str::trim);
    let tag = parts.next().filter(|tag| !tag.is_empty())?;
    let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |weight| weight.parse().ok())?;
    Some((weight, tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn german() -> Language {
        Language::of_tag("de").expect("it is shipped")
    }

    #[test]
    fn a_language_is_known_by_its_tag_or_the_beginning_of_it() {
        assert_eq!(Language::of_tag("EN-gb"), Some(Language::ENGLISH));
        assert_eq!(Language::of_tag("de-AT"), Some(german()));
        assert_eq!(Language::of_tag("tlh"), None);
        assert_eq!((german().tag(), german().name(), german().direction()), ("de", "Deutsch", Direction::Ltr));
        assert_eq!(Language::ENGLISH.name(), "English");
        assert_eq!(Language::PSEUDO.direction(), Direction::Rtl);
    }

    #[test]
    fn a_browser_gets_the_best_of_its_wishes_that_is_offered() {
        let all = Language::shipped();
        assert_eq!(Language::accepted("fr, de;q=0.7, en;q=0.8", &all), Some(Language::ENGLISH));
        assert_eq!(Language::accepted("de-CH,de;q=0.9,en;q=0.8", &all), Some(german()));
        assert_eq!(Language::accepted("de;q=0", &all), None);
        assert_eq!(Language::accepted("ar-XB", &all), None, "the pseudo-locale is not offered");
        assert_eq!(Language::accepted(";;;,q=,de;q=x", &all), None);
    }
}
