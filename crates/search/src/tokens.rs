//! How text becomes words, the same way for documents and for queries.

use std::collections::HashSet;
use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use foldhash::quality;
use tantivy::tokenizer::{AsciiFoldingFilter, TextAnalyzer, Token, TokenStream, Tokenizer, TokenizerManager};

/// Whole words.
pub(crate) const WORDS: &str = "words";
/// The beginnings of words, [`STARTS`] letters long.
pub(crate) const WORD_STARTS: &str = "word_starts";
/// Every beginning of a record number.
pub(crate) const NUMBER_STARTS: &str = "number_starts";

/// The lengths of word beginnings that have a posting list of their own. Longer beginnings are
/// looked up in the dictionary, where few words share them.
pub(crate) const STARTS: std::ops::RangeInclusive<usize> = 2..=3;

/// Hashes words that were seen; two of one document that fall together cost the second its own beginnings.
const SEEN: quality::FixedState = quality::FixedState::with_seed(0);

/// Letters of a word that count; the rest of a longer one is ignored on both sides.
const LONGEST_WORD: usize = 40;

/// The analysers the schema names.
pub(crate) fn analysers() -> TokenizerManager {
    let manager = TokenizerManager::default();
    manager.register(WORDS, words());
    manager.register(WORD_STARTS, Starts::of(STARTS));
    manager.register(NUMBER_STARTS, Starts::of(1..=LONGEST_WORD));
    manager
}

/// The words of a query text, folded as the index folds them.
pub(crate) fn fold(text: &str) -> Vec<String> {
    let mut analyser = words();
    let mut stream = analyser.token_stream(text);
    let mut found = Vec::new();
    while let Some(token) = stream.next() {
        found.push(token.text.clone());
    }
    found
}

fn words() -> TextAnalyzer {
    TextAnalyzer::builder(Words::default()).filter(AsciiFoldingFilter).build()
}

/// Runs of letters and digits in lower case; scripts without spaces give one word per character.
#[derive(Clone, Default)]
struct Words {
    token: Token,
}

struct WordStream<'a> {
    rest: std::iter::Peekable<std::str::CharIndices<'a>>,
    token: &'a mut Token,
}

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        self.token.reset();
        WordStream { rest: text.char_indices().peekable(), token: &mut self.token }
    }
}

impl WordStream<'_> {
    fn take(&mut self, letter: char, length: &mut usize) {
        if letter.is_ascii() {
            if *length < LONGEST_WORD {
                self.token.text.push(letter.to_ascii_lowercase());
                *length += 1;
            }
            return;
        }
        for lower in letter.to_lowercase().filter(|c| !is_mark(*c)) {
            if *length < LONGEST_WORD {
                self.token.text.push(lower);
                *length += 1;
            }
        }
    }

    fn take_run(&mut self, length: &mut usize) {
        while let Some((_, c)) = self.rest.next_if(|(_, c)| is_mark(*c) || c.is_alphanumeric() && !stands_alone(*c)) {
            if !is_mark(c) {
                self.take(c, length);
            }
        }
    }
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        self.token.text.clear();
        self.token.position = self.token.position.wrapping_add(1);
        let mut length = 0;
        while let Some((start, c)) = self.rest.next() {
            if !c.is_alphanumeric() {
                continue;
            }
            self.take(c, &mut length);
            if !stands_alone(c) {
                self.take_run(&mut length);
            }
            self.token.offset_from = start;
            self.token.offset_to = start + c.len_utf8();
            return true;
        }
        false
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

/// Combining accents are dropped, so that both spellings of "é" are one.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// Kana and Chinese characters, which are written without spaces.
fn stands_alone(c: char) -> bool {
    matches!(c,
        '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{2fa1f}')
}

/// The beginnings of every word.
#[derive(Clone)]
struct Starts {
    words: TextAnalyzer,
    lengths: std::ops::RangeInclusive<usize>,
    token: Token,
}

impl Starts {
    fn of(lengths: std::ops::RangeInclusive<usize>) -> TextAnalyzer {
        let starts = Self { words: words(), lengths, token: Token::default() };
        TextAnalyzer::from(starts)
    }
}

struct StartStream<'a> {
    words: tantivy::tokenizer::BoxTokenStream<'a>,
    lengths: std::ops::RangeInclusive<usize>,
    length: usize,
    seen: HashSet<u64, FixedState>,
    token: &'a mut Token,
}

impl Tokenizer for Starts {
    type TokenStream<'a> = StartStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> StartStream<'a> {
        self.token.reset();
        StartStream {
            words: self.words.token_stream(text),
            length: *self.lengths.end(),
            lengths: self.lengths.clone(),
            seen: HashSet::with_capacity_and_hasher(text.len() / 8, FixedState::default()),
            token: &mut self.token,
        }
    }
}

impl StartStream<'_> {
    /// A word that comes again adds nothing to lists that only say which records have it.
    fn next_new_word(&mut self) -> bool {
        while self.words.advance() {
            if self.seen.insert(SEEN.hash_one(&self.words.token().text)) {
                return true;
            }
        }
        false
    }
}

impl TokenStream for StartStream<'_> {
    fn advance(&mut self) -> bool {
        loop {
            self.length += 1;
            if self.length > *self.lengths.end() {
                if !self.next_new_word() {
                    return false;
                }
                self.length = *self.lengths.start();
            }
            if let Some(start) = start(&self.words.token().text, self.length) {
                self.token.text.clear();
                self.token.text.push_str(start);
                self.token.position = self.words.token().position;
                return true;
            }
            self.length = *self.lengths.end();
        }
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

/// The first `length` letters of a word that has as many.
fn start(word: &str, length: usize) -> Option<&str> {
    let (last, c) = word.char_indices().nth(length - 1)?;
    Some(&word[..last + c.len_utf8()])
}

#[cfg(test)]
mod tests {
    use super::{NUMBER_STARTS, WORD_STARTS, analysers, fold};

    fn starts(analyser: &str, text: &str) -> Vec<String> {
        let mut analyser = analysers().get(analyser).expect("registered");
        let mut stream = analyser.token_stream(text);
        let mut found = Vec::new();
        while stream.advance() {
            found.push(stream.token().text.clone());
        }
        found
    }

    #[test]
    fn words_are_folded_to_plain_lower_case() {
        assert_eq!(fold("Straße ÉCOLE e\u{301}cole"), ["strasse", "ecole", "ecole"]);
        assert_eq!(fold("bob@acme.com, VPN-2"), ["bob", "acme", "com", "vpn", "2"]);
        assert_eq!(fold("打印机 offline"), ["打", "印", "机", "offline"]);
        assert_eq!(fold("Принтер İ"), ["принтер", "i"]);
        assert!(fold("\u{301} -- \"\"").is_empty());
    }

    #[test]
    fn a_very_long_word_is_cut() {
        assert_eq!(fold(&"x".repeat(1000))[0].len(), 40);
    }

    #[test]
    fn words_give_their_beginnings() {
        assert_eq!(starts(WORD_STARTS, "a vpn Printer vpn"), ["vp", "vpn", "pr", "pri"]);
        assert_eq!(starts(WORD_STARTS, "принтер"), ["пр", "при"]);
        assert_eq!(starts(NUMBER_STARTS, "inc4"), ["i", "in", "inc", "inc4"]);
    }
}
