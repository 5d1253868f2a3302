//! From the text of a condition to its tree. No input makes it recurse deeper than [`MAX_DEPTH`].

use super::dates::{Period, Span};
use super::lex::{Lexed, Token, lex};
use super::{Condition, MAX_COMPARISONS, MAX_DEPTH, MAX_ITEMS, MAX_TEXT, Op, Operand};

/// Why a text is no condition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{says}")]
pub struct ParseError {
    /// The byte of the text where it went wrong; the text's length when it ends too early.
    pub at: usize,
    pub code: &'static str,
    /// A sentence that names what was expected.
    pub says: String,
}

impl ParseError {
    pub(super) fn new(at: usize, code: &'static str, says: impl Into<String>) -> Self {
        Self { at, code, says: says.into() }
    }
}

const COMPARISONS: &str =
    "=, !=, <, <=, >, >=, in, not in, contains, starts with, has, under, is empty, is not empty, during";
const OPERANDS: &str = "\"text\", a number, true, false, a date such as \"2025-06-06\", now - 4h, -7d, today, me, my_teams, my_organisation";

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// The first place that does not fit the grammar or goes beyond a limit.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let too_long = || {
            let says = format!("A condition has at most {MAX_TEXT} bytes when written out in full.");
            ParseError::new(MAX_TEXT.min(text.len()), "too_long", says)
        };
        if text.len() > MAX_TEXT {
            return Err(too_long());
        }
        let mut parser = Parser { tokens: lex(text)?, next: 0, depth: 0, comparisons: 0 };
        if *parser.token() == Token::End {
            return Err(ParseError::new(0, "empty", "Expected a condition such as: priority <= 2 and assignee = me."));
        }
        let condition = parser.either()?;
        if *parser.token() != Token::End {
            return Err(parser.expected("and, or, or the end"));
        }
        // What is stored is the canonical text, and that must be readable again.
        if condition.to_string().len() > MAX_TEXT { Err(too_long()) } else { Ok(condition) }
    }
}

struct Parser<'a> {
    tokens: Vec<Lexed<'a>>,
    next: usize,
    depth: usize,
    comparisons: usize,
}

impl<'a> Parser<'a> {
    fn lexed(&self) -> &Lexed<'a> {
        // The last token is the end, and nothing goes beyond it.
        &self.tokens[self.next.min(self.tokens.len() - 1)]
    }

    fn token(&self) -> &Token<'a> {
        &self.lexed().token
    }

    fn word(&self) -> Option<&'a str> {
        if let Token::Word(word) = self.token() { Some(word) } else { None }
    }

    fn at(&self) -> usize {
        self.lexed().at
    }

    fn expected(&self, what: &str) -> ParseError {
        ParseError::new(self.at(), "unexpected", format!("Expected {what}; found {}.", self.token()))
    }

    /// Steps over the keyword if it stands here.
    fn keyword(&mut self, keyword: &str) -> bool {
        let here = self.word().is_some_and(|word| word.eq_ignore_ascii_case(keyword));
        self.next += usize::from(here);
        here
    }

    fn symbol(&mut self, symbol: &str) -> bool {
        let here = matches!(self.token(), Token::Symbol(s) if *s == symbol);
        self.next += usize::from(here);
        here
    }

    fn either(&mut self) -> Result<Condition, ParseError> {
        let mut condition = self.both()?;
        while self.keyword("or") {
            condition = condition.or(self.both()?);
        }
        Ok(condition)
    }

    fn both(&mut self) -> Result<Condition, ParseError> {
        let mut condition = self.one()?;
        while self.keyword("and") {
            condition = condition.and(self.one()?);
        }
        Ok(condition)
    }

    fn one(&mut self) -> Result<Condition, ParseError> {
        let at = self.at();
        let negated = self.keyword("not");
        if !negated && !self.symbol("(") {
            return self.comparison();
        }
        if self.depth == MAX_DEPTH {
            let says = format!("At most {MAX_DEPTH} parentheses and not may stand around a comparison.");
            return Err(ParseError::new(at, "too_deep", says));
        }
        self.depth += 1;
        let condition = if negated {
            Condition::Not(Box::new(self.one()?))
        } else {
            let inner = self.either()?;
            if !self.symbol(")") {
                return Err(self.expected("and, or, or a closing parenthesis"));
            }
            inner
        };
        self.depth -= 1;
        Ok(condition)
    }

    fn comparison(&mut self) -> Result<Condition, ParseError> {
        let reserved = |word: &str| ["and", "or", "not"].iter().any(|r| r.eq_ignore_ascii_case(word));
        let Some(field) = self.word().filter(|word| !reserved(word)) else {
            return Err(self.expected("a field, not, or an opening parenthesis"));
        };
        if self.comparisons == MAX_COMPARISONS {
            let says = format!("A condition has at most {MAX_COMPARISONS} comparisons.");
            return Err(ParseError::new(self.at(), "too_many_comparisons", says));
        }
        self.comparisons += 1;
        self.next += 1;
        let field = field.to_owned();
        if let Some(op) = self.op()? {
            return Ok(Condition::Compare { field, op, operand: self.operand()? });
        }
        if self.keyword("is") {
            let negated = self.keyword("not");
            return if self.keyword("empty") {
                Ok(Condition::Empty { field, negated })
            } else {
                Err(self.expected(if negated { "empty" } else { "empty or not empty" }))
            };
        }
        if self.keyword("during") {
            return Ok(Condition::During { field, period: self.period()? });
        }
        let negated = self.keyword("not");
        if self.keyword("in") {
            return Ok(Condition::In { field, negated, operands: self.list()? });
        }
        let turned = format!("in; other comparisons are turned around in front: not {field} …");
        Err(self.expected(if negated { &turned } else { COMPARISONS }))
    }

    fn op(&mut self) -> Result<Option<Op>, ParseError> {
        if self.keyword("starts") {
            return if self.keyword("with") { Ok(Some(Op::StartsWith)) } else { Err(self.expected("with")) };
        }
        let op = Op::ALL.into_iter().find(|op| self.symbol(op.text()) || self.keyword(op.text()));
        if op == Some(Op::Eq) && *self.token() == Token::Symbol("=") {
            return Err(self.expected("a single ="));
        }
        Ok(op)
    }

    fn list(&mut self) -> Result<Vec<Operand>, ParseError> {
        if self.keyword("my_teams") {
            return Ok(vec![Operand::MyTeams]);
        }
        if !self.symbol("(") {
            return Err(self.expected("my_teams or a list in parentheses, such as (4, 9)"));
        }
        let mut operands = Vec::new();
        loop {
            if operands.len() == MAX_ITEMS {
                let says = format!("A list has at most {MAX_ITEMS} items.");
                return Err(ParseError::new(self.at(), "too_many_items", says));
            }
            operands.push(self.operand()?);
            if self.symbol(")") {
                return Ok(operands);
            }
            if !self.symbol(",") {
                return Err(self.expected("a comma or a closing parenthesis"));
            }
        }
    }

    fn operand(&mut self) -> Result<Operand, ParseError> {
        if let Some(negative) = self.sign() {
            return match *self.token() {
                Token::Number(number) => self.integer(number, negative),
                _ => Ok(Operand::Now(Some(self.span(negative)?))),
            };
        }
        match self.token() {
            Token::Text(text) => {
                let operand = Operand::Text(text.clone());
                self.next += 1;
                Ok(operand)
            }
            Token::Number(number) => self.integer(*number, false),
            Token::Length(..) => Ok(Operand::Length(self.span(false)?)),
            Token::Word(word) => self.named(word),
            Token::Symbol(_) | Token::End => Err(self.expected(OPERANDS)),
        }
    }

    fn named(&mut self, word: &str) -> Result<Operand, ParseError> {
        let operand = match word.to_ascii_lowercase().as_str() {
            "true" => Operand::Bool(true),
            "false" => Operand::Bool(false),
            "me" => Operand::Me,
            "my_teams" => Operand::MyTeams,
            "my_organisation" => Operand::MyOrganisation,
            "now" => Operand::Now(None),
            "today" => Operand::Today(None),
            _ => return Err(self.expected(&format!("{OPERANDS}; text stands in double quotes: \"{word}\""))),
        };
        self.next += 1;
        Ok(match operand {
            Operand::Now(_) => Operand::Now(self.shift()?),
            Operand::Today(_) => Operand::Today(self.shift()?),
            other => other,
        })
    }

    /// Steps over a sign; whether it was a minus.
    fn sign(&mut self) -> Option<bool> {
        if self.symbol("-") { Some(true) } else { self.symbol("+").then_some(false) }
    }

    fn shift(&mut self) -> Result<Option<Span>, ParseError> {
        self.sign().map(|negative| self.span(negative)).transpose()
    }

    fn span(&mut self, negative: bool) -> Result<Span, ParseError> {
        let Token::Length(count, unit) = *self.token() else {
            return Err(self.expected("a length of time such as 30m, 4h, 7d or 2w"));
        };
        let span = i64::try_from(count).ok().and_then(|n| Span::new(if negative { -n } else { n }, unit));
        let Some(span) = span else {
            return Err(ParseError::new(self.at(), "bad_length", "A length of time has at most 100 years."));
        };
        self.next += 1;
        Ok(span)
    }

    fn integer(&mut self, number: u64, negative: bool) -> Result<Operand, ParseError> {
        let signed = if negative { 0_i64.checked_sub_unsigned(number) } else { i64::try_from(number).ok() };
        let Some(signed) = signed else {
            return Err(ParseError::new(self.at(), "bad_number", format!("{number} is too large a number.")));
        };
        self.next += 1;
        Ok(Operand::Int(signed))
    }

    fn period(&mut self) -> Result<Period, ParseError> {
        let period = match self.token() {
            Token::Text(text) => Period::read(text),
            Token::Word(word) => {
                let named = Period::NAMED.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
                named.map(|(_, period)| *period)
            }
            _ => None,
        };
        let Some(period) = period else {
            let names = Period::NAMED.map(|(name, _)| name).join(", ");
            let says = format!("Expected a period: {names}, \"2025\", \"2025-06\" or \"2025-06-06\".");
            return Err(ParseError::new(self.at(), "bad_period", says));
        };
        self.next += 1;
        Ok(period)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> ParseError {
        Condition::parse(text).expect_err(text)
    }

    #[test]
    fn everything_the_language_offers_is_read() {
        let text = concat!(
            "state = \"assigned\" and (priority <= 2 or service in (4, 9)) and assignee = me and team in my_teams ",
            "and opened > -7d and not title contains \"printer\" and due is empty and tags has \"vip\" ",
            "and updated >= today - 1d and opened during last_month and number starts with \"INC\" ",
            "and organisation != my_organisation and restricted = false and category not in (\"a\", \"b\") ",
            "and kind under 7 and resolved is not empty and effort > 4h and opened < \"2025-06-06T10:00:00Z\"",
        );
        let condition = Condition::parse(text).unwrap();
        assert_eq!(condition.comparisons(), 19);
        assert_eq!(condition.to_string(), text.replace("-7d", "now - 7d"));
        assert_eq!(condition.fields().len(), 17);
    }

    #[test]
    fn and_binds_more_tightly_than_or_and_not_more_tightly_than_both() {
        let leaf = |text| Condition::parse(text).unwrap();
        let Condition::Or(members) = leaf("not a = 1 and b = 2 or c = 3") else { panic!("no or on top") };
        assert_eq!(members[1], leaf("c = 3"));
        assert_eq!(members[0], Condition::And(vec![Condition::Not(Box::new(leaf("a = 1"))), leaf("b = 2")]));
    }

    #[test]
    fn a_fault_names_its_place_and_what_was_expected() {
        for (text, at, code, says) in [
            ("", 0, "empty", "a condition such as"),
            ("a", 1, "unexpected", "is not empty"),
            ("a = ", 4, "unexpected", "a number"),
            ("a = vip", 4, "unexpected", "\"vip\""),
            ("a == 1", 3, "unexpected", "a single ="),
            ("a = 1 b = 2", 6, "unexpected", "and, or, or the end; found b"),
            ("(a = 1", 6, "unexpected", "closing parenthesis; found the end"),
            ("a not contains \"x\"", 6, "unexpected", "not a …"),
            ("a starts \"x\"", 9, "unexpected", "with"),
            ("a is 4", 5, "unexpected", "empty or not empty"),
            ("a in ()", 6, "unexpected", "a number"),
            ("a in 4", 5, "unexpected", "a list in parentheses"),
            ("and = 1", 0, "unexpected", "a field"),
            ("a = 'x'", 4, "unexpected", "double quotes"),
            ("a = 1 && b = 2", 6, "unexpected", "and, or, not"),
            ("a = 4x", 5, "bad_length", "m, h, d or w"),
            ("a = now - 4", 10, "unexpected", "a length of time"),
            ("a > -101w and b < -5219w", 19, "bad_length", "100 years"),
            ("a = 9223372036854775808", 4, "bad_number", "too large"),
            ("a during \"2025-13\"", 9, "bad_period", "last_month"),
            ("a during winter", 9, "bad_period", "this_week"),
            ("a = \"x", 4, "unclosed_text", "closing double quote"),
        ] {
            let fault = fault(text);
            assert_eq!((fault.at, fault.code), (at, code), "{text}: {fault}");
            assert!(fault.says.contains(says), "{text}: {fault}");
        }
    }

    #[test]
    fn the_whole_range_of_integers_is_read() {
        for n in [i64::MIN, -1, 0, i64::MAX] {
            let Condition::Compare { operand, .. } = Condition::parse(&format!("a = {n}")).unwrap() else {
                panic!("{n}")
            };
            assert_eq!(operand, Operand::Int(n));
        }
        assert_eq!(fault("a = -9223372036854775809").code, "bad_number");
    }

    #[test]
    fn limits_hold_to_the_last_unit() {
        let deep = |n: usize| format!("{}a = 1{}", "(".repeat(n), ")".repeat(n));
        assert!(Condition::parse(&deep(MAX_DEPTH)).is_ok());
        assert_eq!(fault(&deep(MAX_DEPTH + 1)).code, "too_deep");
        assert!(Condition::parse(&vec![deep(MAX_DEPTH); 20].join(" or ")).is_ok());
        assert_eq!(fault(&deep(1_900)).code, "too_deep");
        assert_eq!(fault(&"not ".repeat(999)).code, "too_deep");
        let wide = |n: usize| vec!["a=1"; n].join(" or ");
        assert!(Condition::parse(&wide(MAX_COMPARISONS)).is_ok());
        assert_eq!(fault(&wide(MAX_COMPARISONS + 1)).code, "too_many_comparisons");
        let items = |n: usize| format!("a in ({})", vec!["1"; n].join(","));
        assert!(Condition::parse(&items(MAX_ITEMS)).is_ok());
        assert_eq!(fault(&items(MAX_ITEMS + 1)).code, "too_many_items");
        let long = |n: usize| format!("a = \"{}\"", "x".repeat(n - 6));
        assert!(Condition::parse(&long(MAX_TEXT)).is_ok());
        assert_eq!(fault(&long(MAX_TEXT + 1)).code, "too_long");
        // Short as written, but too long once its control characters are escaped.
        assert_eq!(fault(&format!("a = \"{}\"", "\u{1}".repeat(1_000))).code, "too_long");
    }
}
