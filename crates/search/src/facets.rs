//! Counting how matches spread.

use std::collections::HashMap;
use std::hash::Hash;

use crate::query::Facets;
use crate::stream::{Match, View};

/// Teams worth listing.
const MOST_TEAMS: usize = 50;

/// Counts of the matches seen so far.
#[derive(Default)]
pub(crate) struct Tally {
    /// By segment, then by the state's place in its dictionary.
    states: Vec<Vec<usize>>,
    priorities: HashMap<u64, usize>,
    teams: HashMap<i64, usize>,
}

impl Tally {
    pub(crate) fn add(&mut self, view: &View, found: Match) {
        let segment = &view.segments[found.segment];
        if let Some(states) = &segment.states {
            if self.states.len() <= found.segment {
                self.states.resize(view.segments.len(), Vec::new());
            }
            let counts = &mut self.states[found.segment];
            counts.resize(states.num_terms().max(counts.len()), 0);
            for state in states.term_ords(found.doc) {
                counts[usize::try_from(state).expect("a place in a dictionary")] += 1;
            }
        }
        if let Some(priority) = segment.priorities.first(found.doc) {
            *self.priorities.entry(priority).or_default() += 1;
        }
        if let Some(team) = segment.teams.first(found.doc) {
            *self.teams.entry(team).or_default() += 1;
        }
    }

    pub(crate) fn finish(self, view: &View) -> tantivy::Result<Facets> {
        let mut states: HashMap<String, usize> = HashMap::new();
        for (segment, counts) in view.segments.iter().zip(self.states) {
            let Some(names) = &segment.states else { continue };
            for (state, count) in counts.into_iter().enumerate().filter(|(_, count)| *count > 0) {
                let mut name = String::new();
                names.ord_to_str(state as u64, &mut name)?;
                *states.entry(name).or_default() += count;
            }
        }
        let mut teams = by_frequency(self.teams);
        teams.truncate(MOST_TEAMS);
        Ok(Facets { states: by_frequency(states), priorities: by_frequency(self.priorities), teams })
    }
}

fn by_frequency<T: Hash + Ord>(counts: HashMap<T, usize>) -> Vec<(T, usize)> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_unstable_by(|(a, m), (b, n)| n.cmp(m).then_with(|| a.cmp(b)));
    counts
}
