//! From a condition to its canonical text.

use super::dates::{Period, Span};
use super::{Condition, Operand};
use std::fmt::{self, Display, Formatter, Write};

/// How strongly a condition holds its parts together: what binds more loosely needs parentheses inside.
const fn binding(condition: &Condition) -> u8 {
    match condition {
        Condition::Or(_) => 0,
        Condition::And(_) => 1,
        _ => 2,
    }
}

fn parenthesised(parent: &Condition, child: &Condition) -> bool {
    binding(child) < binding(parent)
}

/// How many parentheses and `not` stand around the deepest comparison of the canonical text.
pub(super) fn depth(condition: &Condition) -> usize {
    let inner = |child: &Condition| usize::from(parenthesised(condition, child)) + depth(child);
    match condition {
        Condition::And(members) | Condition::Or(members) => members.iter().map(inner).max().unwrap_or(0),
        Condition::Not(child) => 1 + inner(child),
        _ => 0,
    }
}

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let no = |negated: &bool| if *negated { "not " } else { "" };
        match self {
            Self::And(members) => joined(f, self, members, " and "),
            Self::Or(members) => joined(f, self, members, " or "),
            Self::Not(inner) => {
                f.write_str("not ")?;
                child(f, self, inner)
            }
            Self::Compare { field, op, operand } => write!(f, "{field} {} {operand}", op.text()),
            Self::In { field, negated, operands } => {
                write!(f, "{field} {}in ", no(negated))?;
                list(f, operands)
            }
            Self::Empty { field, negated } => write!(f, "{field} is {}empty", no(negated)),
            Self::During { field, period } => write!(f, "{field} during {period}"),
        }
    }
}

fn joined(f: &mut Formatter<'_>, parent: &Condition, members: &[Condition], word: &str) -> fmt::Result {
    for (i, member) in members.iter().enumerate() {
        if i > 0 {
            f.write_str(word)?;
        }
        child(f, parent, member)?;
    }
    Ok(())
}

fn child(f: &mut Formatter<'_>, parent: &Condition, child: &Condition) -> fmt::Result {
    if parenthesised(parent, child) { write!(f, "({child})") } else { write!(f, "{child}") }
}

fn list(f: &mut Formatter<'_>, operands: &[Operand]) -> fmt::Result {
    if let [Operand::MyTeams] = operands {
        return f.write_str("my_teams");
    }
    f.write_char('(')?;
    for (i, operand) in operands.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{operand}")?;
    }
    f.write_char(')')
}

impl Display for Operand {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => quoted(f, text),
            Self::Int(number) => write!(f, "{number}"),
            Self::Bool(yes) => write!(f, "{yes}"),
            Self::Length(span) => write!(f, "{}{}", span.count, span.unit.letter()),
            Self::Now(by) => shifted(f, "now", *by),
            Self::Today(by) => shifted(f, "today", *by),
            Self::Me => f.write_str("me"),
            Self::MyTeams => f.write_str("my_teams"),
            Self::MyOrganisation => f.write_str("my_organisation"),
        }
    }
}

fn shifted(f: &mut Formatter<'_>, word: &str, by: Option<Span>) -> fmt::Result {
    f.write_str(word)?;
    let Some(by) = by else { return Ok(()) };
    let sign = if by.count < 0 { '-' } else { '+' };
    write!(f, " {sign} {}{}", by.count.unsigned_abs(), by.unit.letter())
}

impl Display for Period {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Year(year) => write!(f, "\"{year:04}\""),
            Self::Month(first) => write!(f, "\"{:04}-{:02}\"", first.year(), first.month()),
            Self::Day(day) => write!(f, "\"{day}\""),
            named => {
                let name = Self::NAMED.iter().find(|(_, period)| period == named).map_or("", |(name, _)| name);
                f.write_str(name)
            }
        }
    }
}

fn quoted(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            c if c.is_control() => write!(f, "\\u{{{:x}}}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::Condition;

    fn canonical(text: &str) -> String {
        Condition::parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}")).to_string()
    }

    #[test]
    fn only_parentheses_that_change_the_meaning_stay() {
        for (written, printed) in [
            ("((a = 1))", "a = 1"),
            ("(a=1 and b=2) or (c=3)", "a = 1 and b = 2 or c = 3"),
            ("a=1 and (b=2 or c=3)", "a = 1 and (b = 2 or c = 3)"),
            ("a=1 and (b=2 and c=3)", "a = 1 and b = 2 and c = 3"),
            ("not (a=1)", "not a = 1"),
            ("not (a=1 or b=2)", "not (a = 1 or b = 2)"),
            ("not (not (a=1))", "not not a = 1"),
        ] {
            assert_eq!(canonical(written), printed);
        }
    }

    #[test]
    fn keywords_are_lower_case_and_short_forms_written_out() {
        for (written, printed) in [
            ("opened>-7D AND due Is Empty", "opened > now - 7d and due is empty"),
            ("a = +2h or b = -5 or c = +5", "a = now + 2h or b = -5 or c = 5"),
            ("Team IN My_Teams", "Team in my_teams"),
            ("team in (MY_TEAMS)", "team in my_teams"),
            ("x STARTS   WITH \"A\tB\"", "x starts with \"A\\tB\""),
            ("x during \"2025-06\"", "x during \"2025-06\""),
            ("x during LAST_week", "x during last_week"),
        ] {
            assert_eq!(canonical(written), printed);
        }
    }
}
