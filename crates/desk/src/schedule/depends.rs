//! Which items depend on which, as far as planned work looks. (CHG-14)

use crate::desk::Session;
use crate::error::Result;
use mainstay_engine::process::Carries;
use mainstay_store::planned as store;
use std::collections::{HashMap, HashSet};

/// So many relations one after the other.
const HOPS: usize = 4;
/// Items that are walked for one question.
const MOST: usize = 20_000;

/// What items depend on.
pub struct Foundations(HashMap<i64, Vec<i64>>);

impl Foundations {
    /// Whether one item depends on the other, directly or through others.
    #[must_use]
    pub fn has(&self, upper: i64, lower: i64) -> bool {
        self.0.get(&upper).is_some_and(|all| all.binary_search(&lower).is_ok())
    }
}

/// For each of some items, what it depends on among all that there are, directly or through others.
///
/// Only ways down are walked: what something stands on is little, whatever stands on it.
///
/// # Errors
/// The database's.
pub fn foundations(session: &mut Session<'_>, items: &[i64]) -> Result<Foundations> {
    let relations = mainstay_processes::ALL.iter().flat_map(|process| &session.config.process(process).relations);
    let carrying = |way: Carries| -> Vec<&str> {
        let meant = |carries: Option<Carries>| carries == Some(way);
        relations.clone().filter(|r| meant(r.rules.map(|rules| rules.carries))).map(|r| r.key).collect()
    };
    let (first, second) = (carrying(Carries::ToFirst), carrying(Carries::ToSecond));
    let mut below: HashMap<i64, Vec<i64>> = HashMap::new();
    let mut asked: HashSet<i64> = HashSet::new();
    let mut next: Vec<i64> = items.to_vec();
    for _ in 0..HOPS {
        next.retain(|item| asked.insert(*item));
        if next.is_empty() || asked.len() > MOST {
            break;
        }
        let ties = store::below(session.conn, &next, &first, &second)?;
        next = ties.iter().map(|(_, lower)| *lower).collect();
        for (upper, lower) in ties {
            below.entry(upper).or_default().push(lower);
        }
    }
    Ok(Foundations(items.iter().map(|item| (*item, reached(&below, *item))).collect()))
}

/// What an item depends on, in the order of the ids.
fn reached(below: &HashMap<i64, Vec<i64>>, item: i64) -> Vec<i64> {
    let (mut found, mut last): (Vec<i64>, Vec<i64>) = (Vec::new(), vec![item]);
    for _ in 0..HOPS {
        let mut next: Vec<i64> = last.iter().filter_map(|upper| below.get(upper)).flatten().copied().collect();
        next.sort_unstable();
        next.dedup();
        next.retain(|lower| *lower != item && found.binary_search(lower).is_err());
        found.extend(&next);
        found.sort_unstable();
        last = next;
    }
    found
}
