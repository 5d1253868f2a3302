//! The union of document sets, read lazily.

use std::sync::Arc;

use tantivy::query::{ConstScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED};

/// The documents of any of a few sets. Unlike a buffered union it reads no further than asked,
/// which is what a search that stops early and an intersection with a rare word need.
pub(crate) struct AnyOf {
    members: Vec<Box<dyn DocSet>>,
    doc: DocId,
}

impl AnyOf {
    pub(crate) fn new(members: Vec<Box<dyn DocSet>>) -> Self {
        let mut union = Self { members, doc: 0 };
        union.settle();
        union
    }

    fn settle(&mut self) -> DocId {
        let heads = self.members.iter().map(DocSet::doc);
        self.doc = heads.min().unwrap_or(TERMINATED);
        self.doc
    }
}

impl DocSet for AnyOf {
    fn advance(&mut self) -> DocId {
        if self.doc == TERMINATED {
            return TERMINATED;
        }
        for member in &mut self.members {
            if member.doc() == self.doc {
                member.advance();
            }
        }
        self.settle()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc >= target {
            return self.doc;
        }
        for member in &mut self.members {
            if member.doc() < target {
                member.seek(target);
            }
        }
        self.settle()
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        let sizes = self.members.iter().map(DocSet::size_hint);
        sizes.fold(0, u32::saturating_add)
    }
}

/// Matches what any of its conditions matches, and says nothing about rank.
#[derive(Clone, Debug)]
pub(crate) struct AnyOfQuery(Arc<[Box<dyn Query>]>);

impl AnyOfQuery {
    pub(crate) fn new(conditions: Vec<Box<dyn Query>>) -> Self {
        Self(conditions.into())
    }
}

impl Query for AnyOfQuery {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let silent = EnableScoring::disabled_from_schema(scoring.schema());
        let members = self.0.iter().map(|member| member.weight(silent));
        Ok(Box::new(AnyOfWeight(members.collect::<Result<_, _>>()?)))
    }
}

struct AnyOfWeight(Vec<Box<dyn Weight>>);

impl Weight for AnyOfWeight {
    fn scorer(&self, reader: &SegmentReader, boost: f32) -> tantivy::Result<Box<dyn Scorer>> {
        let mut members: Vec<Box<dyn DocSet>> = Vec::with_capacity(self.0.len());
        for member in &self.0 {
            let member: Box<dyn DocSet> = member.scorer(reader, boost)?;
            members.push(member);
        }
        Ok(Box::new(ConstScorer::new(AnyOf::new(members), boost)))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        explain(self, reader, doc)
    }
}

/// The explanation of a condition that only matches or does not.
pub(crate) fn explain(weight: &dyn Weight, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
    let mut scorer = weight.scorer(reader, 1.0)?;
    let found = scorer.doc() <= doc && scorer.seek(doc) == doc;
    Ok(Explanation::new("matches", if found { 1.0 } else { 0.0 }))
}

#[cfg(test)]
mod tests {
    use super::AnyOf;
    use tantivy::query::BitSetDocSet;
    use tantivy::{BitSet, DocSet, TERMINATED};

    fn set(docs: &[u32]) -> Box<dyn DocSet> {
        let mut bits = BitSet::with_max_value(100);
        for doc in docs {
            bits.insert(*doc);
        }
        Box::new(BitSetDocSet::from(bits))
    }

    fn rest(union: &mut AnyOf) -> Vec<u32> {
        let mut found = Vec::new();
        while union.doc() != TERMINATED {
            found.push(union.doc());
            union.advance();
        }
        found
    }

    #[test]
    fn a_union_gives_every_document_once_in_order() {
        let mut union = AnyOf::new(vec![set(&[3, 7, 50]), set(&[]), set(&[1, 7, 99])]);
        assert_eq!(rest(&mut union), [1, 3, 7, 50, 99]);
        assert_eq!(union.advance(), TERMINATED);
        assert_eq!(AnyOf::new(Vec::new()).doc(), TERMINATED);
    }

    #[test]
    fn seeking_lands_on_the_next_document() {
        let mut union = AnyOf::new(vec![set(&[3, 7, 50]), set(&[1, 8, 99])]);
        assert_eq!(union.seek(7), 7);
        assert_eq!(union.seek(9), 50);
        assert_eq!(union.seek(20), 50);
        assert_eq!(rest(&mut union), [50, 99]);
    }
}
