//! The best matches after a given place.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use tantivy::DocId;

use crate::query::{Cursor, Hit};
use crate::stream::{Match, View};

/// Keeps the first so many of the matches offered, in the order of the answer.
pub(crate) struct Page {
    limit: usize,
    after: Option<Cursor>,
    /// One more than the limit, to know whether another page follows.
    kept: BinaryHeap<Reverse<(Cursor, usize, DocId)>>,
}

impl Page {
    pub(crate) fn new(limit: usize, after: Option<Cursor>) -> Self {
        Self { limit, after, kept: BinaryHeap::with_capacity(limit + 2) }
    }

    /// Whether no match opened at this time or before can still enter, if scores are equal.
    pub(crate) fn is_settled(&self, opened: i64) -> bool {
        let full = self.kept.len() > self.limit;
        full && self.kept.peek().is_some_and(|Reverse((last, ..))| last.opened > opened)
    }

    pub(crate) fn offer(&mut self, view: &View, found: Match) {
        let id = view.segments[found.segment].ids.first(found.doc).unwrap_or_default();
        let place = Cursor { score: found.score, opened: found.opened, id };
        if self.after.is_some_and(|after| place >= after) {
            return;
        }
        let full = self.kept.len() > self.limit;
        if full && self.kept.peek().is_some_and(|Reverse((last, ..))| *last >= place) {
            return;
        }
        if self.kept.iter().any(|Reverse((kept, ..))| kept.id == id) {
            return;
        }
        if full {
            self.kept.pop();
        }
        self.kept.push(Reverse((place, found.segment, found.doc)));
    }

    /// The hits in order, and where the next page starts.
    pub(crate) fn finish(self, view: &View) -> tantivy::Result<(Vec<Hit>, Option<Cursor>)> {
        let mut kept = self.kept.into_sorted_vec();
        let more = kept.len() > self.limit;
        kept.truncate(self.limit);
        let next = kept.last().filter(|_| more).map(|Reverse((last, ..))| *last);
        let hits = kept.iter().map(|Reverse((place, segment, doc))| {
            Ok(Hit { id: place.id, number: view.segments[*segment].number(*doc)?, score: place.score })
        });
        Ok((hits.collect::<tantivy::Result<_>>()?, next))
    }
}
