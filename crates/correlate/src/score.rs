//! How alike two records are, and why.

use crate::DAY_MS;

/// What each part weighs: words, service, time, category, team, what ended them.
pub const WEIGHTS: [f64; 6] = [0.45, 0.20, 0.15, 0.10, 0.05, 0.05];
/// From this likeness on a record belongs to a group.
pub const JOINS: f64 = 0.55;
/// From this likeness on two groups are one.
pub(crate) const MERGES: f64 = 0.6;
/// Records that both have words share at least so much of them.
pub(crate) const LEAST_WORDS: f64 = 0.3;
/// After so many milliseconds being near in time says half as much: 3 days.
const HALF_LIFE: f64 = 3.0 * 86_400_000.0;

/// How alike two records are in each part, from 0 to 1; nothing where one of them says nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likeness {
    pub words: Option<f64>,
    pub service: Option<f64>,
    pub time: f64,
    pub category: Option<f64>,
    pub team: Option<f64>,
    pub fix: Option<f64>,
}

impl Likeness {
    /// The parts in the order of their weights.
    fn parts(&self) -> [Option<f64>; 6] {
        [self.words, self.service, Some(self.time), self.category, self.team, self.fix]
    }

    /// All parts that say something, weighed: from 0 to 1.
    #[must_use]
    pub fn total(&self) -> f64 {
        let said = self.parts().into_iter().zip(WEIGHTS).filter_map(|(part, weight)| Some((part?, weight)));
        let (sum, all) = said.fold((0.0, 0.0), |(sum, all), (part, weight)| (sum + part * weight, all + weight));
        if all > 0.0 { sum / all } else { 0.0 }
    }

    /// Whether the words alone do not speak against it.
    pub(crate) fn reads_alike(&self) -> bool {
        self.words.is_none_or(|words| words >= LEAST_WORDS)
    }
}

/// Whether both have the same; nothing where one has none.
pub(crate) fn same(one: Option<i64>, other: Option<i64>) -> Option<f64> {
    let (one, other) = (one?, other?);
    Some(if one == other { 1.0 } else { 0.0 })
}

/// How near two instants are.
pub(crate) fn near(one: i64, other: i64) -> f64 {
    let hours = u32::try_from(one.abs_diff(other) / (DAY_MS.unsigned_abs() / 24)).unwrap_or(u32::MAX);
    0.5_f64.powf(f64::from(hours) * 3_600_000.0 / HALF_LIFE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn weights_are_a_whole_and_what_nobody_says_counts_for_nobody() {
        assert!((WEIGHTS.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        let all = Likeness {
            words: Some(1.0),
            service: Some(1.0),
            time: 1.0,
            category: Some(1.0),
            team: Some(1.0),
            fix: Some(1.0),
        };
        assert!((all.total() - 1.0).abs() < 1e-9);
        let some = Likeness { words: Some(1.0), service: None, time: 0.0, category: None, team: None, fix: None };
        assert!((some.total() - 0.75).abs() < 1e-9, "{}", some.total());
        assert!((near(0, 3 * DAY_MS) - 0.5).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn a_total_lies_between_none_and_all(parts in prop::array::uniform6(0.0f64..=1.0), said in prop::array::uniform6(any::<bool>())) {
            let part = |i: usize| said[i].then_some(parts[i]);
            let like = Likeness { words: part(0), service: part(1), time: parts[2], category: part(3), team: part(4), fix: part(5) };
            prop_assert!((0.0..=1.0 + 1e-9).contains(&like.total()));
        }
    }
}
