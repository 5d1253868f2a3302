//! A page as its tags say it, for stories that read more than a word of it.

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use std::cell::RefCell;

/// What stands in a page, in its order.
enum Part {
    Tag(Tag),
    Text(String),
}

#[derive(Default)]
struct Parts(RefCell<Vec<Part>>);

impl TokenSink for Parts {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) => self.0.borrow_mut().push(Part::Tag(tag)),
            Token::CharacterTokens(text) => self.0.borrow_mut().push(Part::Text(text.to_string())),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// A page that was read.
pub struct Page(Vec<Part>);

impl Page {
    pub fn read(text: &str) -> Self {
        let input = BufferQueue::default();
        input.push_back(StrTendril::from(text));
        let reader = Tokenizer::new(Parts::default(), TokenizerOpts::default());
        let _ = reader.feed(&input);
        reader.end();
        Self(reader.sink.0.take())
    }

    /// Every element of a name.
    pub fn all(&self, name: &str) -> Vec<Element<'_>> {
        found(&self.0, 0, self.0.len(), name)
    }
}

/// An element with all that is in it.
#[derive(Clone, Copy)]
pub struct Element<'a> {
    parts: &'a [Part],
    from: usize,
    to: usize,
}

fn found<'a>(parts: &'a [Part], from: usize, to: usize, name: &str) -> Vec<Element<'a>> {
    let opens =
        |at: &usize| matches!(&parts[*at], Part::Tag(tag) if tag.kind == TagKind::StartTag && &*tag.name == name);
    (from..to).filter(opens).map(|from| Element { parts, from, to: end(parts, from, to, name) }).collect()
}

/// Where an element ends that begins at `from`: at its own end tag, with those of its name in between left out.
fn end(parts: &[Part], from: usize, to: usize, name: &str) -> usize {
    let mut open = 0;
    for (at, part) in parts.iter().enumerate().take(to).skip(from) {
        match part {
            Part::Tag(tag) if &*tag.name == name && tag.kind == TagKind::StartTag => open += 1,
            Part::Tag(tag) if &*tag.name == name => open -= 1,
            _ => {}
        }
        if open == 0 {
            return at;
        }
    }
    to
}

impl<'a> Element<'a> {
    pub fn attribute(&self, name: &str) -> Option<&'a str> {
        let Part::Tag(tag) = &self.parts[self.from] else { return None };
        tag.attrs.iter().find(|each| &*each.name.local == name).map(|each| &*each.value)
    }

    pub fn has_class(&self, class: &str) -> bool {
        self.attribute("class").is_some_and(|all| all.split_ascii_whitespace().any(|each| each == class))
    }

    /// Every element of a name in it.
    pub fn all(&self, name: &str) -> Vec<Self> {
        found(self.parts, self.from + 1, self.to, name)
    }

    /// Whether it stands behind another.
    pub fn follows(&self, other: &Self) -> bool {
        self.from > other.to
    }

    /// Whether another stands in it.
    pub fn holds(&self, other: &Self) -> bool {
        self.from < other.from && other.to < self.to
    }

    fn texts(&self) -> impl Iterator<Item = &'a str> {
        self.parts[self.from..self.to].iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Tag(_) => None,
        })
    }

    /// All its words.
    pub fn text(&self) -> String {
        self.texts().collect()
    }

    /// The words with which it begins.
    pub fn first(&self) -> &'a str {
        self.texts().next().unwrap_or_default()
    }
}
