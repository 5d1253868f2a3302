//! How the return of what was believed to be gone is noticed.

use crate::field::FieldDef;
use std::collections::BTreeSet;

/// New records of another process that look like what a finished record of this one was about. (PRB-13)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    /// The process whose records are looked at as they come.
    pub process: &'static str,
    /// Their relation to records of this one; whoever makes such a link to a finished one says that it is back.
    pub relation: &'static str,
    /// What both have in common, beside words.
    pub same: &'static [FieldDef],
    /// The policy that says for how many days after its resolution a record is watched; 0: never.
    pub days: &'static str,
    /// The policy that says how many days back those are looked through, of which several may have one cause; 0: never.
    pub candidates: &'static str,
}

/// Words shorter than this say little.
const SHORTEST: usize = 4;
/// Words that two reports have to share, and how many of a hundred of the shorter one.
const LEAST: usize = 2;
const SHARE: usize = 40;

/// Whether two reports read as if they were about the same: by the words that say something.
#[must_use]
pub fn reads_alike(one: &str, other: &str) -> bool {
    let (one, other) = (words(one), words(other));
    let common = one.intersection(&other).count();
    common >= LEAST && common * 100 >= one.len().min(other.len()) * SHARE
}

fn words(text: &str) -> BTreeSet<String> {
    let parts = text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    parts.filter(|word| word.chars().count() >= SHORTEST && word.chars().any(char::is_alphabetic)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_of_the_same_read_alike_and_others_do_not() {
        let known = "Gateway drops connections every twenty minutes";
        for alike in ["The gateway drops all connections", "Connections on GATEWAY fail", known] {
            assert!(reads_alike(known, alike), "{alike}");
        }
        for other in ["", "Printer is out of paper", "A new gateway for the branch in Leeds", "a b c d 1234 5678"] {
            assert!(!reads_alike(known, other), "{other}");
        }
    }
}
