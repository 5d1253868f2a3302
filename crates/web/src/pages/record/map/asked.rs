//! What the map is asked for, as its address says it: which way, how far, which classes and which
//! environment, at which instant, what fails, and which box is chosen.

use jiff::tz::TimeZone;
use mainstay_desk::maps::picture::{USUAL_HOPS, Wanted};
use mainstay_desk::maps::{MOST_HOPS, Way};

use crate::address;
use crate::fields::instant_of;

/// Which way the map is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    Both,
    Impact,
    Foundations,
}

impl Shown {
    pub const ALL: [Self; 3] = [Self::Impact, Self::Foundations, Self::Both];

    pub const fn key(self) -> &'static str {
        match self {
            Self::Both => "both",
            Self::Impact => "impact",
            Self::Foundations => "depends-on",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            Self::Both => "Both ways",
            Self::Impact => "Impact",
            Self::Foundations => "Depends on",
        }
    }

    pub const fn icon(self) -> Option<&'static str> {
        match self {
            Self::Both => None,
            Self::Impact => Some("arrow-up"),
            Self::Foundations => Some("arrow-down"),
        }
    }

    fn ways(self) -> Vec<Way> {
        match self {
            Self::Both => vec![Way::Impact, Way::Foundations],
            Self::Impact => vec![Way::Impact],
            Self::Foundations => vec![Way::Foundations],
        }
    }
}

/// What the map is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub shown: Shown,
    pub depth: u32,
    pub class: Option<i64>,
    pub environment: Option<String>,
    /// Numbers of what fails together; none: the item itself.
    pub fails: Option<Vec<String>>,
    /// The number of the box that is chosen; none: the item itself.
    pub chosen: Option<String>,
    /// A wall clock, as the field has it.
    pub at: Option<String>,
    /// An instant in epoch milliseconds UTC, as the slider has it; it goes before the wall clock.
    pub moment: Option<i64>,
}

impl Asked {
    /// What of an address is not understood counts as not said.
    pub fn read(query: &str) -> Self {
        let pairs = address::pairs(query);
        let said = |name: &str| address::value(&pairs, name).map(str::trim).filter(|text| !text.is_empty());
        let depth = said("depth").and_then(|text| text.parse().ok()).unwrap_or(USUAL_HOPS);
        Self {
            shown: Shown::ALL.into_iter().find(|shown| Some(shown.key()) == said("way")).unwrap_or(Shown::Both),
            depth: depth.clamp(1, MOST_HOPS),
            class: said("class").and_then(|text| text.parse().ok()),
            environment: said("environment").map(str::to_owned),
            fails: address::value(&pairs, "fails").map(|text| {
                let numbers = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                numbers.map(str::to_uppercase).collect()
            }),
            chosen: said("chosen").map(str::to_uppercase),
            at: said("at").map(str::to_owned),
            moment: said("moment").and_then(|text| text.parse().ok()),
        }
    }

    /// The instant that is meant; an error for a wall clock that is none.
    pub fn instant(&self, zone: &TimeZone) -> Result<Option<i64>, ()> {
        match (self.moment, &self.at) {
            (Some(moment), _) => Ok(Some(moment)),
            (None, Some(text)) => instant_of(text, zone).map(Some).ok_or(()),
            (None, None) => Ok(None),
        }
    }

    pub fn wanted(&self, at: Option<i64>) -> Wanted {
        let (environment, fails) = (self.environment.clone(), self.fails.clone());
        Wanted { ways: self.shown.ways(), depth: self.depth, class: self.class, environment, at, fails }
    }

    /// What fails, by numbers, where `home` is the item itself.
    pub fn failing(&self, home: &str) -> Vec<String> {
        self.fails.clone().unwrap_or_else(|| vec![home.to_owned()])
    }

    /// The same question with one more that fails, or one less.
    pub fn switched(&self, number: &str, home: &str) -> Self {
        let mut failing = self.failing(home);
        let known = failing.len();
        failing.retain(|other| other != number);
        if failing.len() == known {
            failing.push(number.to_owned());
        }
        self.with_outage(failing, home)
    }

    /// The same question where these fail; the item alone is what fails unless something is said.
    pub fn with_outage(&self, failing: Vec<String>, home: &str) -> Self {
        let usual = matches!(failing.as_slice(), [one] if one == home);
        Self { fails: (!usual).then_some(failing), ..self.clone() }
    }

    /// The same question with another box chosen.
    pub fn choosing(&self, number: &str) -> Self {
        Self { chosen: Some(number.to_owned()), ..self.clone() }
    }

    /// Names and values of the same question at an instant.
    pub fn pairs(&self, at: Option<i64>) -> Vec<(&'static str, String)> {
        let mut pairs = vec![("way", self.shown.key().to_owned()), ("depth", self.depth.to_string())];
        pairs.extend(self.class.map(|class| ("class", class.to_string())));
        pairs.extend(self.environment.clone().map(|key| ("environment", key)));
        pairs.extend(self.fails.as_ref().map(|numbers| ("fails", numbers.join(","))));
        pairs.extend(self.chosen.clone().map(|number| ("chosen", number)));
        pairs.extend(at.map(|at| ("moment", at.to_string())));
        pairs
    }

    /// The same question at an instant, as a query.
    pub fn query(&self, at: Option<i64>, format: Option<&str>) -> String {
        let mut pairs = self.pairs(at);
        pairs.extend(format.map(|format| ("format", format.to_owned())));
        address::query(pairs.iter().map(|(name, value)| (*name, value.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_is_shown_and_the_slider_goes_before_the_field() {
        let asked = Asked::read("way=impact&depth=3&class=12&at=2026-03-01T08:00&moment=1700000000000");
        assert_eq!((asked.shown, asked.depth, asked.class), (Shown::Impact, 3, Some(12)));
        assert_eq!(asked.instant(&TimeZone::UTC), Ok(Some(1_700_000_000_000)));
        assert_eq!(Asked::read(&asked.query(Some(5), None)).moment, Some(5));
        let failing = Asked::read("fails=ci-2,+CI-3,&chosen=ci-4&environment=test");
        assert_eq!(failing.fails, Some(vec!["CI-2".to_owned(), "CI-3".to_owned()]));
        assert_eq!(Asked::read(&failing.query(None, None)), failing);
        assert_eq!(Asked::read("fails=").fails, Some(Vec::new()), "nothing fails");
        let odd = Asked::read("way=up&depth=900&class=x&at=yesterday");
        assert_eq!((odd.shown, odd.depth, odd.class), (Shown::Both, MOST_HOPS, None));
        assert_eq!(odd.instant(&TimeZone::UTC), Err(()));
        let plain = Asked::read("");
        assert_eq!(plain.switched("CI-1", "CI-1").fails, Some(Vec::new()));
        let both = plain.switched("CI-2", "CI-1");
        assert_eq!(both.fails, Some(vec!["CI-1".to_owned(), "CI-2".to_owned()]));
        assert_eq!(both.switched("CI-2", "CI-1").fails, None, "the item alone need not be said");
        assert_eq!(Asked::read("at=1970-01-01T00:01").instant(&TimeZone::UTC), Ok(Some(60_000)));
    }
}
