//! Conditions that stand for many terms: a list, a beginning, a spelling.

use tantivy::postings::TermInfo;
use tantivy::query::{
    BitSetDocSet, ConstScorer, DfaWrapper, EmptyScorer, EnableScoring, Explanation, FuzzyTermQuery, Query, Scorer,
    Weight,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{BitSet, DocId, DocSet, InvertedIndexReader, SegmentReader, Term};

use crate::any_of::{self, AnyOf};

/// Posting lists that a union reads lazily; the rest, each rarer than these, goes into a bit set.
pub(crate) const LAZY: usize = 15;

/// Terms one condition may stand for in a segment, which bounds the time a query can take.
const MOST: usize = 20_000;

/// Matches records that hold any of its terms.
#[derive(Clone, Debug)]
pub(crate) enum Terms {
    /// These terms, all of one field.
    Listed(Field, Vec<Term>),
    /// Terms that begin so.
    Starting(Field, String),
    /// Terms within this many wrong, missing, extra or swapped letters of the given one.
    Near(Term, u8),
}

impl Terms {
    fn field(&self) -> Field {
        match self {
            Self::Listed(field, _) | Self::Starting(field, _) => *field,
            Self::Near(term, _) => term.field(),
        }
    }
}

fn starting(index: &InvertedIndexReader, start: &[u8]) -> tantivy::Result<Vec<TermInfo>> {
    let mut stream = index.terms().range().ge(start).into_stream()?;
    let mut found = Vec::new();
    while found.len() < MOST && stream.advance() && stream.key().starts_with(start) {
        found.push(stream.value().clone());
    }
    Ok(found)
}

/// Letters up to which a word with a wrong first letter is still recognised.
const FIRST_MAY_BE_WRONG: u8 = 1;

/// Finds the spellings of a word. More than one wrong letter is only looked for among words that
/// begin alike: all others would mean reading most of the dictionary.
struct Spelling {
    automaton: DfaWrapper,
    start: Option<String>,
}

impl Spelling {
    fn of(term: &Term, distance: u8) -> tantivy::Result<Vec<Self>> {
        let automaton = |distance| FuzzyTermQuery::new(term.clone(), distance, true).automaton();
        let mut spellings = vec![Self { automaton: automaton(distance.min(FIRST_MAY_BE_WRONG))?, start: None }];
        if distance > FIRST_MAY_BE_WRONG {
            let word = term.value().as_str().unwrap_or_default().to_owned();
            spellings.push(Self { automaton: automaton(distance)?, start: word.chars().next().map(String::from) });
        }
        Ok(spellings)
    }

    fn find(&self, index: &InvertedIndexReader) -> tantivy::Result<Vec<TermInfo>> {
        let mut terms = index.terms().search(&self.automaton);
        if let Some(start) = &self.start {
            terms = terms.ge(start).lt(format!("{start}{}", char::MAX));
        }
        let mut stream = terms.into_stream()?;
        let mut found = Vec::new();
        while found.len() < MOST && stream.advance() {
            found.push(stream.value().clone());
        }
        Ok(found)
    }
}

impl Query for Terms {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let spellings = match self {
            Self::Near(term, distance) => Spelling::of(term, *distance)?,
            _ => Vec::new(),
        };
        Ok(Box::new(TermsWeight { terms: self.clone(), spellings }))
    }
}

struct TermsWeight {
    terms: Terms,
    spellings: Vec<Spelling>,
}

impl TermsWeight {
    fn find(&self, index: &InvertedIndexReader) -> tantivy::Result<Vec<TermInfo>> {
        match &self.terms {
            Terms::Listed(_, terms) => {
                let found = terms.iter().map(|term| index.get_term_info(term));
                Ok(found.filter_map(Result::transpose).collect::<Result<_, _>>()?)
            }
            Terms::Starting(_, start) => starting(index, start.as_bytes()),
            Terms::Near(..) => {
                let mut found = Vec::new();
                for spelling in &self.spellings {
                    found.extend(spelling.find(index)?);
                }
                found.sort_unstable_by_key(|term| term.postings_range.start);
                found.dedup();
                Ok(found)
            }
        }
    }
}

impl Weight for TermsWeight {
    fn scorer(&self, reader: &SegmentReader, boost: f32) -> tantivy::Result<Box<dyn Scorer>> {
        let index = reader.inverted_index(self.terms.field())?;
        let mut terms = self.find(&index)?;
        if terms.is_empty() {
            return Ok(Box::new(EmptyScorer));
        }
        let postings = |term: &TermInfo| index.read_postings_from_terminfo(term, IndexRecordOption::Basic);
        if let [term] = terms.as_slice() {
            return Ok(Box::new(ConstScorer::new(postings(term)?, boost)));
        }
        terms.sort_unstable_by_key(|term| std::cmp::Reverse(term.doc_freq));
        let (common, rare) = terms.split_at(terms.len().min(LAZY));
        let mut members: Vec<Box<dyn DocSet>> = Vec::with_capacity(common.len() + 1);
        for term in common {
            members.push(Box::new(postings(term)?));
        }
        if !rare.is_empty() {
            members.push(Box::new(gathered(&index, rare, reader.max_doc())?));
        }
        Ok(Box::new(ConstScorer::new(AnyOf::new(members), boost)))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        any_of::explain(self, reader, doc)
    }
}

fn gathered(index: &InvertedIndexReader, terms: &[TermInfo], max_doc: DocId) -> tantivy::Result<BitSetDocSet> {
    let mut docs = BitSet::with_max_value(max_doc);
    for term in terms {
        let mut block = index.read_block_postings_from_terminfo(term, IndexRecordOption::Basic)?;
        while !block.docs().is_empty() {
            for doc in block.docs() {
                docs.insert(*doc);
            }
            block.advance();
        }
    }
    Ok(BitSetDocSet::from(docs))
}
