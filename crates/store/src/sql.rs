//! A statement under construction: text that only this crate writes, and values that anybody may send.

use crate::{Dialect, Value};
use std::fmt::Write;

/// SQL with its values in order. Nothing but `&'static str` and this crate's own text becomes SQL.
pub(crate) struct Sql {
    pub(crate) dialect: Dialect,
    pub(crate) text: String,
    pub(crate) values: Vec<Value>,
}

impl Sql {
    pub(crate) fn new(dialect: Dialect, text: &str) -> Self {
        Self { dialect, text: text.to_owned(), values: Vec::new() }
    }

    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a value and writes its placeholder.
    pub(crate) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        let placeholder = self.placeholder(value);
        self.push(&placeholder)
    }

    /// Adds a value and answers its placeholder.
    pub(crate) fn placeholder(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// Writes `expression IN (…)` over ids as one value, so that its length does not make a new statement.
    pub(crate) fn is_one_of(&mut self, expression: &str, ids: &[i64]) -> &mut Self {
        let mut list = String::new();
        for id in ids {
            let comma = if list.is_empty() { "" } else { "," };
            // Writing to a String cannot fail.
            let _ = write!(list, "{comma}{id}");
        }
        let list = match self.dialect {
            Dialect::Sqlite => format!("[{list}]"),
            Dialect::Postgres => format!("{{{list}}}"),
        };
        let place = self.placeholder(list);
        let condition = self.dialect.one_of(expression, &place);
        self.push(&condition)
    }

    /// Writes parts joined by a word, each in parentheses; `nothing` when there are none.
    pub(crate) fn joined<T>(
        &mut self,
        word: &str,
        nothing: &str,
        parts: impl IntoIterator<Item = T>,
        mut part: impl FnMut(&mut Self, T),
    ) {
        let mut any = false;
        self.push("(");
        for item in parts {
            if any {
                self.push(word);
            }
            any = true;
            part(self, item);
        }
        if !any {
            self.push(nothing);
        }
        self.push(")");
    }
}
