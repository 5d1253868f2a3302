//! Conditions on text as queries of the index, with their weight in the ranking.

use tantivy::Term;
use tantivy::query::Bm25StatisticsProvider;
use tantivy::query::{BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, PhraseQuery, Query, TermQuery};
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

/// What raises a record that satisfies the condition above others that do.
pub(crate) fn merits(fields: &Fields, text: TextField, clause: &Clause) -> Vec<Box<dyn Query>> {
    let words = match clause {
        Clause::Phrase(words) => words.as_slice(),
        Clause::Exact(word) | Clause::Starts(word) | Clause::Near(word, _) => std::slice::from_ref(word),
    };
    let mut merits = Vec::new();
    for word in words {
        merits.push(scored(text.words, word, 1.0));
        merits.push(scored(fields.title.words, word, IN_TITLE));
    }
    if let Clause::Starts(word) = clause {
        let begins = starts(fields.title, word);
        merits.push(Box::new(ConstScoreQuery::new(begins, BEGINS_IN_TITLE)));
    }
    merits
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

/// Records whose text satisfies the condition.
pub(crate) fn condition(text: TextField, clause: &Clause) -> Box<dyn Query> {
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

fn scored(field: Field, word: &str, weight: f32) -> Box<dyn Query> {
    let query = TermQuery::new(term(field, word), IndexRecordOption::WithFreqs);
    Box::new(BoostQuery::new(Box::new(query), weight))
}

fn term(field: Field, word: &str) -> Term {
    Term::from_field_text(field, word)
}
