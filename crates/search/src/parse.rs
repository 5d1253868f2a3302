//! What a person typed, as conditions. Everything is a legal query; what exceeds the limits is
//! left out.

use std::iter::Peekable;
use std::str::Chars;

use crate::{number, tokens};

/// Letters of a query that are read.
const LONGEST_TEXT: usize = 256;
/// Words of a query that are looked up.
const MOST_WORDS: usize = 12;
/// A word this long also stands for words that begin with it.
const OPEN_FROM: usize = 3;
/// The last word, which may still be being typed, does so earlier.
const LAST_OPEN_FROM: usize = 2;

/// A condition on the text of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Clause {
    /// Has a word that begins so.
    Starts(String),
    /// Has this word.
    Exact(String),
    /// Has these words in a row.
    Phrase(Vec<String>),
    /// Has a word that begins so, or one spelled like it within this many letters.
    Near(String, u8),
}

/// A query text, understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Request {
    /// All of these must hold.
    pub(crate) clauses: Vec<Clause>,
    /// None of these may; each is a word or words in a row.
    pub(crate) without: Vec<Vec<String>>,
    /// The whole text reads like this record number.
    pub(crate) number: Option<String>,
}

impl Request {
    pub(crate) fn parse(text: &str) -> Self {
        let text: String = text.chars().take(LONGEST_TEXT).collect();
        let mut request = Self { number: number::asked(&text), ..Self::default() };
        let mut rest = text.chars().peekable();
        let mut left = MOST_WORDS;
        let mut being_typed = false;
        while let Some(piece) = Piece::next(&mut rest) {
            let mut words = tokens::fold(&piece.text);
            words.truncate(left);
            left -= words.len();
            request.add(words, &piece);
            being_typed = !piece.quoted && !piece.excluded;
        }
        if being_typed {
            request.open_last();
        }
        request
    }

    fn add(&mut self, mut words: Vec<String>, piece: &Piece) {
        match (words.len(), piece.excluded, piece.quoted) {
            (0, ..) => {}
            (_, true, _) => self.without.push(words),
            (1, false, true) => self.clauses.push(Clause::Exact(words.remove(0))),
            (_, false, true) => self.clauses.push(Clause::Phrase(words)),
            (_, false, false) => self.clauses.extend(words.into_iter().map(word)),
        }
    }

    fn open_last(&mut self) {
        if let Some(Clause::Exact(word)) = self.clauses.last()
            && word.chars().count() == LAST_OPEN_FROM
        {
            let word = word.clone();
            self.clauses.pop();
            self.clauses.push(Clause::Starts(word));
        }
    }

    /// Other ways to read the same text, for when nothing matches it as written: misspelled in
    /// the words that `unknown` says no record has, or with one space too many.
    pub(crate) fn lenient<E>(&self, unknown: impl Fn(&Clause) -> Result<bool, E>) -> Result<Vec<Self>, E> {
        let mut bent = self.clauses.clone();
        for clause in &mut bent {
            if let Some(near) = bend(clause)
                && unknown(clause)?
            {
                *clause = near;
            }
        }
        let mut readings = vec![bent];
        for place in 1..self.clauses.len() {
            if let Some(joined) = joined(&self.clauses[place - 1], &self.clauses[place]) {
                let mut clauses = self.clauses.clone();
                clauses.splice(place - 1..=place, [joined]);
                readings.push(clauses);
            }
        }
        readings.retain(|clauses| *clauses != self.clauses);
        let request = |clauses| Self { clauses, without: self.without.clone(), number: None };
        Ok(readings.into_iter().map(request).collect())
    }
}

fn word(word: String) -> Clause {
    if word.chars().count() >= OPEN_FROM { Clause::Starts(word) } else { Clause::Exact(word) }
}

fn bend(clause: &Clause) -> Option<Clause> {
    match clause {
        Clause::Starts(word) => {
            let letters = wrong_letters(word);
            (letters > 0).then(|| Clause::Near(word.clone(), letters))
        }
        _ => None,
    }
}

/// Letters that may be wrong in a word. Digits mean what they say.
fn wrong_letters(word: &str) -> u8 {
    match word.chars().count() {
        _ if word.bytes().any(|b| b.is_ascii_digit()) => 0,
        0..4 => 0,
        4..8 => 1,
        _ => 2,
    }
}

fn joined(left: &Clause, right: &Clause) -> Option<Clause> {
    match (left, right) {
        (Clause::Starts(left) | Clause::Exact(left), Clause::Starts(right) | Clause::Exact(right)) => {
            Some(Clause::Starts(format!("{left}{right}")))
        }
        _ => None,
    }
}

/// A stretch of the text between spaces or quotes.
#[derive(Debug, Default)]
struct Piece {
    text: String,
    quoted: bool,
    excluded: bool,
}

impl Piece {
    fn next(rest: &mut Peekable<Chars<'_>>) -> Option<Self> {
        while rest.next_if(|c| c.is_whitespace()).is_some() {}
        rest.peek()?;
        let excluded = rest.next_if_eq(&'-').is_some();
        let quoted = rest.next_if_eq(&'"').is_some();
        let mut text = String::new();
        while let Some(c) = rest.next_if(|c| *c != '"' && (quoted || !c.is_whitespace())) {
            text.push(c);
        }
        if quoted {
            rest.next_if_eq(&'"');
        }
        Some(Self { text, quoted, excluded })
    }
}

#[cfg(test)]
mod tests {
    use super::Clause::{Exact, Near, Phrase, Starts};
    use super::Request;

    fn clauses(text: &str) -> Vec<super::Clause> {
        Request::parse(text).clauses
    }

    #[test]
    fn words_stand_for_what_begins_with_them() {
        assert_eq!(clauses("VPN is pr"), [Starts("vpn".into()), Exact("is".into()), Starts("pr".into())]);
        assert_eq!(clauses("a"), [Exact("a".into())]);
    }

    #[test]
    fn quotes_and_dashes_have_their_meaning() {
        let request = Request::parse(r#""paper jam" "tray" -"out of ink" -cable inc-7"#);
        let phrase = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            request.clauses,
            [Phrase(phrase(&["paper", "jam"])), Exact("tray".into()), Starts("inc".into()), Exact("7".into()),]
        );
        assert_eq!(request.without, [phrase(&["out", "of", "ink"]), phrase(&["cable"])]);
    }

    #[test]
    fn nonsense_is_a_query_too() {
        for text in ["", "\"", "-", "--", "-\"", "\"\"\"", "* ? ~ [ ] ( ) /.*/", "\0\u{202e}"] {
            let request = Request::parse(text);
            assert!(request.clauses.is_empty() && request.without.is_empty(), "{text:?}");
        }
    }

    #[test]
    fn long_queries_are_cut() {
        assert_eq!(clauses(&"word ".repeat(500)).len(), 12);
        assert_eq!(clauses(&"x".repeat(100_000)), [Starts("x".repeat(40))]);
    }

    fn lenient(text: &str, unknown: &str) -> Vec<Vec<super::Clause>> {
        let unknown = |clause: &super::Clause| Ok::<_, ()>(*clause == Starts(unknown.into()));
        let readings = Request::parse(text).lenient(unknown).expect("no look-up fails");
        readings.into_iter().map(|reading| reading.clauses).collect()
    }

    #[test]
    fn a_lenient_reading_bends_unknown_words_and_joins_neighbours() {
        let starts = |word: &str| Starts(word.into());
        assert_eq!(
            lenient("lap top printers", "printers"),
            [
                vec![starts("lap"), starts("top"), Near("printers".into(), 2)],
                vec![starts("laptop"), starts("printers")],
                vec![starts("lap"), starts("topprinters")],
            ]
        );
        assert_eq!(lenient("printer", "printer"), [[Near("printer".into(), 1)]]);
        for (text, unknown) in [("vpn", "vpn"), ("abc1234", "abc1234"), ("printer", "")] {
            assert!(lenient(text, unknown).is_empty(), "{text}");
        }
        assert!(lenient("\"printer\"", "printer").is_empty(), "quoted words are meant");
    }
}
