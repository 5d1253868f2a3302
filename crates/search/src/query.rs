//! What a caller asks and what it gets.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// The order of the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Best first; equal ones newest first.
    #[default]
    Relevance,
    /// Last opened first.
    Newest,
}

/// Narrows the answer; an empty list does not narrow, several values mean any of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    /// State keys.
    pub states: Vec<String>,
    /// Phases.
    pub phases: Vec<u64>,
    /// Priorities.
    pub priorities: Vec<u64>,
    /// Teams in charge.
    pub teams: Vec<i64>,
    /// People in charge.
    pub assignees: Vec<i64>,
    /// Organisations.
    pub organisations: Vec<i64>,
    /// Services.
    pub services: Vec<i64>,
    /// Categories.
    pub categories: Vec<i64>,
    /// People whose matter it is.
    pub requesters: Vec<i64>,
    /// What is archived, and nothing else; otherwise nothing of it.
    pub archived: bool,
    /// Opened at this instant or later, in epoch milliseconds UTC.
    pub opened_from: Option<i64>,
    /// Opened before this instant, in epoch milliseconds UTC.
    pub opened_until: Option<i64>,
}

/// One search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// What the person typed: words, `"phrases"`, `-exclusions`, or a record number. No text
    /// matches everything the filters leave.
    pub text: String,
    /// Process keys to look in; empty means all.
    pub processes: Vec<String>,
    /// Further conditions.
    pub filters: Filters,
    /// The order.
    pub sort: Sort,
    /// Hits per page, at most 200.
    pub limit: usize,
    /// The `next` of the page before.
    pub after: Option<Cursor>,
}

/// A place in the order of an answer; printed and parsed as an opaque token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    pub(crate) score: u32,
    pub(crate) opened: i64,
    pub(crate) id: i64,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.score, self.opened, self.id)
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(token: &str) -> Result<Self, Error> {
        let mut parts = token.splitn(3, '.');
        let mut next = || parts.next().ok_or(Error::BadCursor);
        let (score, opened, id) = (next()?, next()?, next()?);
        Ok(Self {
            score: score.parse().map_err(|_| Error::BadCursor)?,
            opened: opened.parse().map_err(|_| Error::BadCursor)?,
            id: id.parse().map_err(|_| Error::BadCursor)?,
        })
    }
}

/// One record found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The record's id.
    pub id: i64,
    /// The record's number.
    pub number: String,
    /// How well it fits, in thousandths; comparable within one answer, 0 when sorted by time.
    pub score: u32,
}

/// How the matches spread, most frequent first; counted over the same matches as the total.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// By state key.
    pub states: Vec<(String, usize)>,
    /// By priority.
    pub priorities: Vec<(u64, usize)>,
    /// By team in charge, the fifty most frequent.
    pub teams: Vec<(i64, usize)>,
}

/// The answer to a search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    /// The page.
    pub hits: Vec<Hit>,
    /// Matches in all, counted up to [`crate::HORIZON`].
    pub total: usize,
    /// There are more matches than `total`; facets and ranking saw the newest ones.
    pub capped: bool,
    /// How the matches spread.
    pub facets: Facets,
    /// Nothing had the words as written, so words spelled nearly alike were taken.
    pub corrected: bool,
    /// Where the next page starts, if there is one.
    pub next: Option<Cursor>,
}

#[cfg(test)]
mod tests {
    use super::Cursor;

    #[test]
    fn a_cursor_survives_its_token_and_nonsense_does_not() {
        let cursor = Cursor { score: 12, opened: -5, id: 99 };
        assert_eq!(cursor.to_string().parse::<Cursor>().expect("own token"), cursor);
        for token in ["", "1", "1.2", "1.2.x", "1.2.3.4", "-1.2.3"] {
            assert!(token.parse::<Cursor>().is_err(), "{token}");
        }
    }
}
