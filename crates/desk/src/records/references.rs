//! Records named in words by their number, as `INC-12` or `#INC-12`.

use super::pointing::{Targets, targets};
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use std::collections::BTreeSet;
use std::ops::Range;

/// Numbers that are looked up for one page.
const MOST: usize = 100;
/// Most digits of a number.
const MOST_DIGITS: usize = 12;

/// Where a text names records, and by which number. Whole words only: neither a part of an address nor of a longer code.
#[must_use]
pub fn numbers(text: &str) -> Vec<(Range<usize>, &str)> {
    let mut found = Vec::new();
    for (dash, _) in text.match_indices('-') {
        let (before, after) = (&text[..dash], &text[dash + 1..]);
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        let prefix =
            mainstay_processes::ALL.iter().map(|process| process.prefix).find(|prefix| before.ends_with(prefix));
        let (Some(prefix), 1..=MOST_DIGITS) = (prefix, digits) else { continue };
        let (from, to) = (dash - prefix.len(), dash + 1 + digits);
        let start = if text[..from].ends_with('#') { from - 1 } else { from };
        let joins = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '/' | '#' | '&' | '=');
        let alone = !text[..start].ends_with(joins);
        let mut rest = text[to..].chars();
        let ends = match rest.next() {
            Some('-' | '_' | '/') => false,
            Some('.') => !rest.next().is_some_and(char::is_alphanumeric),
            Some(letter) => !letter.is_alphanumeric(),
            None => true,
        };
        if alone && ends {
            found.push((start..to, &text[from..to]));
        }
    }
    found
}

/// The titles of the records that some texts name, as far as the caller may see them.
///
/// # Errors
/// The database's.
pub fn referenced<'a>(
    session: &mut Session<'_>,
    caller: &Caller,
    texts: impl IntoIterator<Item = &'a str>,
) -> Result<Targets> {
    let mut all = BTreeSet::new();
    for text in texts {
        all.extend(numbers(text).into_iter().map(|(_, number)| number.to_owned()).take(MOST.saturating_sub(all.len())));
    }
    targets(session, &caller.scope, &all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_of_ours_are_found_and_nothing_else() {
        let prefix = mainstay_processes::ALL[0].prefix;
        let own = format!("{prefix}-12");
        for text in
            [own.clone(), format!("#{own}"), format!("see {own}."), format!("({own}, then)"), format!("{own}: x")]
        {
            let found = numbers(&text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].1, own, "{text}");
        }
        for text in [
            format!("x{own}"),
            format!("{own}a"),
            format!("/{own}"),
            format!("{own}/x"),
            format!("{own}-3"),
            format!("{own}.pdf"),
            format!("A-{own}"),
            format!("{prefix}-"),
            "JIRA-12".to_owned(),
            "-12".to_owned(),
        ] {
            assert!(numbers(&text).is_empty(), "{text}");
        }
    }
}
