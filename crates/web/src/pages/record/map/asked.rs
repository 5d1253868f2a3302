//! What the map is asked for, as its address says it: which way, how far, which classes, at which instant.

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
    pub const ALL: [Self; 3] = [Self::Both, Self::Impact, Self::Foundations];

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
            Self::Impact => "What fails with it",
            Self::Foundations => "What it stands on",
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
        Wanted { ways: self.shown.ways(), depth: self.depth, class: self.class, at }
    }

    /// The same question at an instant, as a query.
    pub fn query(&self, at: Option<i64>, format: Option<&str>) -> String {
        let (depth, class) = (self.depth.to_string(), self.class.map(|id| id.to_string()));
        let moment = at.map(|at| at.to_string());
        let mut pairs = vec![("way", self.shown.key()), ("depth", depth.as_str())];
        pairs.extend(class.as_deref().map(|class| ("class", class)));
        pairs.extend(moment.as_deref().map(|moment| ("moment", moment)));
        pairs.extend(format.map(|format| ("format", format)));
        address::query(pairs)
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
        let odd = Asked::read("way=up&depth=900&class=x&at=yesterday");
        assert_eq!((odd.shown, odd.depth, odd.class), (Shown::Both, MOST_HOPS, None));
        assert_eq!(odd.instant(&TimeZone::UTC), Err(()));
        assert_eq!(Asked::read("at=1970-01-01T00:01").instant(&TimeZone::UTC), Ok(Some(60_000)));
    }
}
