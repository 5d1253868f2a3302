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

/// For each of some items, what it depends on among all that there are, directly or through others.
///
/// Only ways down are walked: what something stands on is little, whatever stands on it.
///
/// # Errors
/// The database's.
pub fn foundations(session: &mut Session<'_>, items: &[i64]) -> Result<HashMap<i64, HashSet<i64>>> {
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
    let reached = |item: &i64| {
        let (mut found, mut last) = (HashSet::new(), vec![*item]);
        for _ in 0..HOPS {
            last = last.iter().flat_map(|upper| below.get(upper).into_iter().flatten().copied()).collect();
            last.retain(|lower| *lower != *item && found.insert(*lower));
        }
        found
    };
    Ok(items.iter().map(|item| (*item, reached(item))).collect())
}
