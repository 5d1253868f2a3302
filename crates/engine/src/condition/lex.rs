//! From the text of a condition to its words.

use super::dates::Unit;
use super::parse::ParseError;
use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Word(&'a str),
    Text(String),
    Number(u64),
    Length(u64, Unit),
    Symbol(&'static str),
    End,
}

impl fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => write!(f, "{word}"),
            Self::Text(_) => write!(f, "a text in quotes"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Length(count, unit) => write!(f, "{count}{}", unit.letter()),
            Self::Symbol(symbol) => write!(f, "{symbol}"),
            Self::End => write!(f, "the end"),
        }
    }
}

/// A token and the byte it begins at.
pub(super) struct Lexed<'a> {
    pub at: usize,
    pub token: Token<'a>,
}

/// The longer of two symbols that begin alike stands first.
const SYMBOLS: [&str; 11] = ["!=", "<=", ">=", "=", "<", ">", "(", ")", ",", "+", "-"];

/// All tokens of `text`, the last one [`Token::End`].
pub(super) fn lex(text: &str) -> Result<Vec<Lexed<'_>>, ParseError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        at += text[at..].len() - text[at..].trim_start().len();
        let rest = &text[at..];
        let (token, length) = match rest.chars().next() {
            None => {
                tokens.push(Lexed { at, token: Token::End });
                return Ok(tokens);
            }
            Some('"') => quoted(rest, at)?,
            Some(c) if c.is_ascii_digit() => number(rest, at)?,
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                let word = word(rest);
                (Token::Word(word), word.len())
            }
            Some(c) => symbol(rest, at, c)?,
        };
        tokens.push(Lexed { at, token });
        at += length;
    }
}

fn word(rest: &str) -> &str {
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    &rest[..end]
}

fn symbol<'a>(rest: &str, at: usize, first: char) -> Result<(Token<'a>, usize), ParseError> {
    if let Some(symbol) = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol)) {
        return Ok((Token::Symbol(symbol), symbol.len()));
    }
    let hint = match first {
        '\'' | '“' | '”' | '„' => " Text stands in straight double quotes.",
        '&' | '|' | '!' => " Conditions are joined by and, or, not.",
        _ => "",
    };
    Err(ParseError::new(at, "unexpected", format!("The character {first:?} has no meaning here.{hint}")))
}

fn number<'a>(rest: &str, at: usize) -> Result<(Token<'a>, usize), ParseError> {
    let whole = word(rest);
    let digits = whole.find(|c: char| !c.is_ascii_digit()).unwrap_or(whole.len());
    let (digits, unit) = whole.split_at(digits);
    let Ok(number) = digits.parse::<u64>() else {
        return Err(ParseError::new(at, "bad_number", format!("{digits} is too large a number.")));
    };
    if unit.is_empty() {
        return Ok((Token::Number(number), whole.len()));
    }
    match Unit::ALL.into_iter().find(|u| u.letter().eq_ignore_ascii_case(unit)) {
        Some(unit) => Ok((Token::Length(number, unit), whole.len())),
        None => Err(ParseError::new(
            at + digits.len(),
            "bad_length",
            format!("{unit} is no unit of time: expected m, h, d or w, as in 4h."),
        )),
    }
}

/// The text in quotes at the start of `rest`, and how many bytes it took.
fn quoted<'a>(rest: &str, at: usize) -> Result<(Token<'a>, usize), ParseError> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((i, c)) = chars.next() {
        match c {
            '"' => return Ok((Token::Text(text), i + 1)),
            '\\' => {
                let tail = &rest[i + 1..];
                let Some((c, length)) = escape(tail) else {
                    let says = "Expected one of these after a backslash: \\\" \\\\ \\n \\r \\t \\u{hex}.";
                    return Err(ParseError::new(at + i, "bad_escape", says));
                };
                text.push(c);
                // Every character of an escape is one byte long.
                for _ in 0..length {
                    chars.next();
                }
            }
            c => text.push(c),
        }
    }
    Err(ParseError::new(at, "unclosed_text", "This text has no closing double quote."))
}

/// The character that an escape stands for, and the bytes it takes after the backslash.
fn escape(tail: &str) -> Option<(char, usize)> {
    match tail.as_bytes().first()? {
        b'"' => Some(('"', 1)),
        b'\\' => Some(('\\', 1)),
        b'n' => Some(('\n', 1)),
        b'r' => Some(('\r', 1)),
        b't' => Some(('\t', 1)),
        b'u' => {
            let hex = tail.strip_prefix("u{")?.split_once('}')?.0;
            let plain = (1..=6).contains(&hex.len()) && hex.bytes().all(|b| b.is_ascii_hexdigit());
            let code = plain.then(|| u32::from_str_radix(hex, 16).ok())??;
            Some((char::from_u32(code)?, hex.len() + 3))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(source: &str) -> Result<String, &'static str> {
        match lex(source).map_err(|fault| fault.code)?.remove(0).token {
            Token::Text(text) => Ok(text),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn escapes_stand_for_one_character_each() {
        assert_eq!(text(r#""a\"b\\c\n\r\t\u{e4}é\u{1F600}""#), Ok("a\"b\\c\n\r\täé😀".to_owned()));
        for wrong in
            [r#""\x""#, r#""\u{}""#, r#""\u{d800}""#, r#""\u{1234567}""#, r#""\u{+41}""#, r#""\u41""#, "\"\\é\""]
        {
            assert_eq!(text(wrong), Err("bad_escape"), "{wrong}");
        }
        assert_eq!(text(r#""\""#), Err("unclosed_text"));
        assert_eq!(text("\"\\"), Err("bad_escape"));
    }

    #[test]
    fn tokens_know_the_byte_they_begin_at() {
        let tokens = lex(" \"é\"  <=4H").unwrap_or_default();
        let found: Vec<_> = tokens.iter().map(|t| (t.at, t.token.to_string())).collect();
        let expected = [(1, "a text in quotes"), (7, "<="), (9, "4h"), (11, "the end")];
        assert_eq!(found, expected.map(|(at, text)| (at, text.to_owned())));
    }
}
