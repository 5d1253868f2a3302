//! Near duplicates: found in buckets of small hashes, then counted exactly, so that what is answered is true.

use crate::text;
use std::collections::{BTreeSet, HashMap};

/// Small hashes of a text in groups; two texts that agree in one group are compared. At a Jaccard likeness of one half a
/// pair is missed about once in 270 times.
const BANDS: usize = 42;
const ROWS: usize = 3;

/// The pairs of neighbouring words of a text, as hashes in order, each once. One word alone stands for itself.
#[must_use]
pub fn shingles(text: &str) -> Vec<u64> {
    let tokens = text::tokens(text);
    let hashes: Vec<u64> = tokens.iter().map(|token| hash(token)).collect();
    let mut all: Vec<u64> = match hashes.as_slice() {
        [one] => vec![*one],
        many => many.windows(2).map(|pair| mix(pair[0] ^ mix(pair[1]))).collect(),
    };
    all.sort_unstable();
    all.dedup();
    all
}

/// How much two sets have in common: the size of what both have by the size of what either has. Two empty ones have
/// nothing in common.
#[must_use]
pub fn jaccard(one: &[u64], other: &[u64]) -> f64 {
    let (mut i, mut j, mut both, mut all) = (0, 0, 0u32, 0u32);
    while i < one.len() || j < other.len() {
        all += 1;
        match (one.get(i), other.get(j)) {
            (Some(a), Some(b)) if a == b => {
                both += 1;
                i += 1;
                j += 1;
            }
            (Some(a), Some(b)) if a > b => j += 1,
            (None, Some(_)) => j += 1,
            _ => i += 1,
        }
    }
    if all == 0 { 0.0 } else { f64::from(both) / f64::from(all) }
}

/// Pairs of texts with a Jaccard likeness of at least `least`, by their places, the smaller first; in order.
#[must_use]
pub fn near_duplicates(sets: &[Vec<u64>], least: f64) -> Vec<(usize, usize)> {
    let mut pairs = BTreeSet::new();
    let sketches: Vec<[u64; BANDS]> = sets.iter().map(|set| sketch(set)).collect();
    for band in 0..BANDS {
        let mut buckets: HashMap<u64, Vec<usize>> = HashMap::new();
        for (place, sketch) in sketches.iter().enumerate().filter(|(place, _)| !sets[*place].is_empty()) {
            let bucket = buckets.entry(sketch[band]).or_default();
            pairs.extend(bucket.iter().map(|before| (*before, place)));
            bucket.push(place);
        }
    }
    pairs.into_iter().filter(|(one, other)| jaccard(&sets[*one], &sets[*other]) >= least).collect()
}

/// One number for each group of small hashes.
pub(crate) fn sketch(set: &[u64]) -> [u64; BANDS] {
    let mut sketch = [0; BANDS];
    let mut seed = 0x51_7c_c1_b7_27_22_0a_95;
    for band in &mut sketch {
        for _ in 0..ROWS {
            seed = mix(seed);
            let least = set.iter().map(|shingle| mix(shingle ^ seed)).min().unwrap_or(u64::MAX);
            *band = mix(*band ^ least);
        }
    }
    sketch
}

/// FNV-1a, then mixed: the same on every machine and in every run.
pub(crate) fn hash(text: &str) -> u64 {
    mix(text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)))
}

/// The finisher of `SplitMix64`.
pub(crate) const fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Each pair compared with each other, by sets.
    fn brute(sets: &[Vec<u64>], least: f64) -> BTreeSet<(usize, usize)> {
        let as_sets: Vec<BTreeSet<u64>> = sets.iter().map(|set| set.iter().copied().collect()).collect();
        let mut pairs = BTreeSet::new();
        for (j, other) in as_sets.iter().enumerate() {
            for (i, one) in as_sets[..j].iter().enumerate() {
                let count = |n: usize| f64::from(u32::try_from(n).expect("few"));
                let all = count(one.union(other).count());
                if all > 0.0 && count(one.intersection(other).count()) / all >= least {
                    pairs.insert((i, j));
                }
            }
        }
        pairs
    }

    /// Reports of about 19 words, many of them an earlier one with some words changed.
    fn reports(count: usize) -> Vec<String> {
        let mut state = 7u64;
        let mut draw = |below: usize| {
            state = mix(state);
            usize::try_from(state % u64::try_from(below).expect("small")).expect("small")
        };
        let mut all: Vec<Vec<String>> = Vec::new();
        for _ in 0..count {
            let mut report: Vec<String> = if all.is_empty() || draw(3) == 0 {
                (0..12 + draw(14)).map(|_| format!("w{}x", "abcdefghij".repeat(draw(40) + 1))).collect()
            } else {
                all[draw(all.len())].clone()
            };
            for _ in 0..draw(5) {
                let place = draw(report.len());
                report[place] = format!("v{}y", "klmnopqrst".repeat(draw(40) + 1));
            }
            all.push(report);
        }
        all.into_iter().map(|words| words.join(" ")).collect()
    }

    #[test]
    fn near_duplicates_are_found_as_one_by_one() {
        let texts = reports(600);
        let sets: Vec<Vec<u64>> = texts.iter().map(|text| shingles(text)).collect();
        let truth = brute(&sets, 0.5);
        let found: BTreeSet<(usize, usize)> = near_duplicates(&sets, 0.5).into_iter().collect();
        assert!(truth.len() > 100, "{} pairs are too few to judge by", truth.len());
        assert!(found.is_subset(&truth), "what is answered was counted");
        assert!(found.len() * 100 >= truth.len() * 95, "{} of {}", found.len(), truth.len());
    }

    proptest! {
        #[test]
        fn likeness_is_that_of_sets(one in prop::collection::btree_set(0u64..30, 0..12), other in prop::collection::btree_set(0u64..30, 0..12)) {
            let (a, b): (Vec<u64>, Vec<u64>) = (one.iter().copied().collect(), other.iter().copied().collect());
            let sets = [a.clone(), b.clone()];
            let like = jaccard(&a, &b);
            prop_assert!((jaccard(&b, &a) - like).abs() < f64::EPSILON);
            prop_assert_eq!(like >= 0.5, brute(&sets, 0.5).contains(&(0, 1)));
        }
    }
}
