//! Laws of the text: what is printed is read back, and hostile text does no harm.

use super::*;
use jiff::civil::{Date, date};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

fn span() -> impl Strategy<Value = Span> {
    (-1_000..1_000_i64, select(&Unit::ALL[..])).prop_map(|(count, unit)| Span::new(count, unit).expect("short"))
}

fn day() -> impl Strategy<Value = Date> {
    (1..=9999_i16, 1..=12_i8, 1..=28_i8).prop_map(|(year, month, day)| date(year, month, day))
}

fn period() -> impl Strategy<Value = Period> {
    prop_oneof![
        select(Period::NAMED.map(|(_, period)| period).to_vec()),
        (1..=9999_i16).prop_map(Period::Year),
        day().prop_map(|day| Period::Month(day.first_of_month())),
        day().prop_map(Period::Day),
    ]
}

fn any_operand() -> impl Strategy<Value = Operand> {
    prop_oneof![
        vec(any::<char>(), 0..8).prop_map(|text| Operand::Text(text.into_iter().collect())),
        "[ -~]{0,12}".prop_map(Operand::Text),
        any::<i64>().prop_map(Operand::Int),
        any::<bool>().prop_map(Operand::Bool),
        span().prop_map(|span| Operand::Length(Span { count: span.count.abs(), ..span })),
        proptest::option::of(span()).prop_map(Operand::Now),
        proptest::option::of(span()).prop_map(Operand::Today),
        select(vec![Operand::Me, Operand::MyTeams, Operand::MyOrganisation]),
    ]
}

/// Comparisons that can be written, whether or not any field fits them.
fn any_leaf() -> impl Strategy<Value = Condition> {
    let key = || {
        "[a-zA-Z_][a-z0-9_]{0,6}".prop_filter("a reserved word", |key| {
            !["and", "or", "not"].iter().any(|word| word.eq_ignore_ascii_case(key))
        })
    };
    prop_oneof![
        (key(), select(&Op::ALL[..]), any_operand()).prop_map(|(field, op, operand)| Condition::Compare {
            field,
            op,
            operand
        }),
        (key(), any::<bool>(), vec(any_operand(), 1..4)).prop_map(|(field, negated, operands)| Condition::In {
            field,
            negated,
            operands
        }),
        (key(), any::<bool>()).prop_map(|(field, negated)| Condition::Empty { field, negated }),
        (key(), period()).prop_map(|(field, period)| Condition::During { field, period }),
    ]
}

/// Conditions with these leaves, in the form that reading gives.
pub(super) fn tree<L: Strategy<Value = Condition> + 'static>(leaf: L) -> impl Strategy<Value = Condition> {
    leaf.prop_recursive(5, 24, 3, |inner| {
        let members = || vec(inner.clone(), 2..4);
        prop_oneof![
            members().prop_map(|members| members.into_iter().reduce(Condition::and).expect("two")),
            members().prop_map(|members| members.into_iter().reduce(Condition::or).expect("two")),
            inner.prop_map(|inner| Condition::Not(Box::new(inner))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_is_read_back_as_it_was(condition in tree(any_leaf())) {
        let text = condition.to_string();
        prop_assume!(text.len() <= MAX_TEXT);
        prop_assert_eq!(Condition::parse(&text), Ok(condition.clone()), "{}", text);
        let json = serde_json::to_string(&condition).expect("text");
        prop_assert_eq!(serde_json::from_str::<Condition>(&json).ok(), Some(condition));
    }

    #[test]
    fn any_bytes_are_read_or_refused_with_a_place(bytes in vec(any::<u8>(), 0..200)) {
        survives(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn any_words_are_read_or_refused_with_a_place(words in vec(select(WORDS), 0..60)) {
        survives(&words.join(" "))?;
        survives(&words.concat())?;
    }
}

const WORDS: &[&str] = &[
    "and",
    "or",
    "not",
    "(",
    ")",
    "(",
    "(",
    "a",
    "a",
    "b",
    "=",
    "!=",
    "<",
    ">=",
    "in",
    "is",
    "empty",
    "contains",
    "starts",
    "with",
    "has",
    "during",
    "1",
    "-",
    "+",
    "7d",
    "99999999999999999999",
    "\"x\"",
    "\"2025-06\"",
    "\"",
    "\\",
    "\\u{",
    ",",
    "me",
    "my_teams",
    "now",
    "today",
    "true",
    "a = 1",
    "a = 1",
    "é",
    "\u{0}",
    "this_week",
];

fn survives(text: &str) -> Result<(), TestCaseError> {
    match Condition::parse(text) {
        Ok(condition) => prop_assert_eq!(Condition::parse(&condition.to_string()), Ok(condition)),
        Err(fault) => prop_assert!(text.is_char_boundary(fault.at) && fault.says.ends_with('.'), "{:?}", fault),
    }
    Ok(())
}

#[test]
fn a_number_is_replaced_where_it_is_meant_and_nowhere_else() {
    let is_meant = |field: &str| field == "assignee";
    for (written, renumbered) in [
        ("assignee = 12", "assignee = 7"),
        ("not (assignee != 12 or team = 12)", "not (assignee != 7 or team = 12)"),
        ("assignee in (12, 7, 9) and priority = 12", "assignee in (7, 9) and priority = 12"),
        ("assignee not in (12)", "assignee not in (7)"),
        ("assignee = me or title = \"12\"", "assignee = me or title = \"12\""),
    ] {
        let condition = Condition::parse(written).expect("a condition");
        assert_eq!(condition.renumbered(&is_meant, 12, 7).to_string(), renumbered);
    }
}
