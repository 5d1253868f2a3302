//! Conditions on text as queries of the index, with their weight in the ranking.

use tantivy::Term;
use tantivy::query::Bm25StatisticsProvider;
use tantivy::query::{BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, Occur, PhraseQuery, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};

use crate::any_of::AnyOfQuery;
use crate::expand::Terms;
use crate::parse::Clause;
use crate::schema::{Fields, TextField};
use crate::scope::is;
use crate::tokens;

/// A word in the title says more than one in the text.
const IN_TITLE: f32 = 3.0;
/// A title word that begins with the word asked for; more than words of the text can reach.
const BEGINS_IN_TITLE: f32 = 2.5;
/// A word of the text that begins with, or is spelled like, the word asked for.
const BEGINS_IN_TEXT: f32 = 0.2;

/// The ranking's notion of the collection, which is fixed: were it measured, a caller could learn
/// from scores how often a word stands in records it may not see.
pub(crate) struct FixedStatistics {
    pub(crate) title: Field,
}

impl FixedStatistics {
    const DOCUMENTS: u64 = 3;
    const TITLE_WORDS: u64 = 8;
    const TEXT_WORDS: u64 = 80;
}

impl Bm25StatisticsProvider for FixedStatistics {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        let words = if field == self.title { Self::TITLE_WORDS } else { Self::TEXT_WORDS };
        Ok(words * Self::DOCUMENTS)
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(Self::DOCUMENTS)
    }

    fn doc_freq(&self, _: &Term) -> tantivy::Result<u64> {
        Ok(1)
    }
}

/// Records whose text satisfies the condition; with `ranked`, the better the higher.
pub(crate) fn clause(fields: &Fields, text: TextField, clause: &Clause, ranked: bool) -> Box<dyn Query> {
    let word = match clause {
        Clause::Phrase(words) => return phrase(text.words, words),
        Clause::Exact(word) | Clause::Starts(word) | Clause::Near(word, _) => word,
    };
    if !ranked {
        return condition(text, clause);
    }
    // One optional part per level: an optional union would be read in wide blocks, which a rare
    // combination of common words cannot afford.
    let exact = scored(text.words, word, 1.0);
    let base = match clause {
        Clause::Exact(_) => exact,
        _ => favour(quiet(condition(text, clause), BEGINS_IN_TEXT), exact),
    };
    let ranked = favour(base, scored(fields.title.words, word, IN_TITLE));
    match clause {
        Clause::Exact(_) | Clause::Near(..) => ranked,
        _ => favour(ranked, quiet(condition(fields.title, clause), BEGINS_IN_TITLE)),
    }
}

/// Records whose title satisfies the condition; the title keeps no positions, so the words of a
/// phrase may stand anywhere in it.
pub(crate) fn in_title(fields: &Fields, clause: &Clause) -> Box<dyn Query> {
    match clause {
        Clause::Phrase(words) => {
            let words = words.iter().map(|word| is(term(fields.title.words, word)));
            Box::new(BooleanQuery::intersection(words.collect()))
        }
        other => condition(fields.title, other),
    }
}

/// Records with these words in a row.
pub(crate) fn phrase(field: Field, words: &[String]) -> Box<dyn Query> {
    let terms: Vec<Term> = words.iter().map(|word| term(field, word)).collect();
    match <[Term; 1]>::try_from(terms) {
        Ok([only]) => is(only),
        Err(terms) if terms.is_empty() => Box::new(EmptyQuery),
        Err(terms) => Box::new(PhraseQuery::new(terms)),
    }
}

/// The condition without its weight.
pub(crate) fn quiet(query: Box<dyn Query>, score: f32) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, score))
}

fn condition(text: TextField, clause: &Clause) -> Box<dyn Query> {
    match clause {
        Clause::Exact(word) => is(term(text.words, word)),
        Clause::Starts(word) => starts(text, word),
        Clause::Near(word, letters) => {
            let near = Terms::Near(term(text.words, word), *letters);
            Box::new(AnyOfQuery::new(vec![starts(text, word), Box::new(near)]))
        }
        Clause::Phrase(words) => phrase(text.words, words),
    }
}

/// Records with a word that begins so.
pub(crate) fn starts(text: TextField, word: &str) -> Box<dyn Query> {
    match word.chars().count() {
        letters if tokens::STARTS.contains(&letters) => is(term(text.starts, word)),
        0 | 1 => is(term(text.words, word)),
        _ => Box::new(Terms::Starting(text.words, word.into())),
    }
}

fn favour(required: Box<dyn Query>, better: Box<dyn Query>) -> Box<dyn Query> {
    Box::new(BooleanQuery::new(vec![(Occur::Must, required), (Occur::Should, better)]))
}

fn scored(field: Field, word: &str, weight: f32) -> Box<dyn Query> {
    let query = TermQuery::new(term(field, word), IndexRecordOption::WithFreqs);
    Box::new(BoostQuery::new(Box::new(query), weight))
}

fn term(field: Field, word: &str) -> Term {
    Term::from_field_text(field, word)
}
