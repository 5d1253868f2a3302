//! Values: a checked condition resolved for one viewer at one instant, and whether a record meets it.

use super::check::Checked;
use super::dates::Context;
use super::plan::{Item, Order, Plan, Probe};
use crate::value::{Value, date_to_day};
use std::ops::Range;

/// A condition with absolute values only, ready for memory or a database.
///
/// A database may translate it one to one: `All` is AND (true without members), `Any` is OR (false without
/// members), a test that is not negated is its plain comparison, and a negated test of a column `c` is
/// `c IS NULL OR NOT (…)`, for [`Test::Empty`] `c IS NOT NULL`. There is no other NOT, so the NULL that a plain
/// comparison gives for an empty column counts as false all the way up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    All(Vec<Self>),
    Any(Vec<Self>),
    Test { field: String, negated: bool, test: Test },
}

/// One comparison of a field. All but [`Test::Empty`] are false for an empty field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// The field is null or a list without items.
    Empty,
    /// The field equals one of these integers, texts or booleans; of none, never.
    OneOf(Vec<Value>),
    /// `from <= field < until`, with at least one bound. Instants are epoch milliseconds UTC, dates days since
    /// 1970-01-01, durations milliseconds.
    Range { from: Option<i64>, until: Option<i64> },
    /// The text, its ASCII letters in lower case, holds this one, which already is.
    Contains(String),
    /// The text, its ASCII letters in lower case, starts with this one, which already is.
    StartsWith(String),
    /// The list holds one of these integers or texts; of none, never.
    HasAny(Vec<Value>),
}

const NEVER: Test = Test::OneOf(Vec::new());

impl Checked {
    /// Puts absolute values in the place of relative operands.
    #[must_use]
    pub fn resolve(&self, context: &Context) -> Resolved {
        resolve(&self.plan, context)
    }
}

fn resolve(plan: &Plan, context: &Context) -> Resolved {
    let each = |plans: &[Plan]| plans.iter().map(|plan| resolve(plan, context)).collect();
    match plan {
        Plan::All(plans) => Resolved::All(each(plans)),
        Plan::Any(plans) => Resolved::Any(each(plans)),
        Plan::Leaf { field, negated, probe } => {
            Resolved::Test { field: field.clone(), negated: *negated, test: test(probe, context) }
        }
    }
}

fn test(probe: &Probe, context: &Context) -> Test {
    match probe {
        Probe::Empty => Test::Empty,
        Probe::OneOf(items) => Test::OneOf(values(items, context)),
        Probe::HasAny(items) => Test::HasAny(values(items, context)),
        Probe::Contains(part) => Test::Contains(part.clone()),
        Probe::StartsWith(part) => Test::StartsWith(part.clone()),
        Probe::Number(order, number) => ordered(*order, *number, number.checked_add(1)),
        Probe::Instant(order, moment) => {
            let Range { start, end } = moment.instants(context);
            ordered(*order, start, Some(end))
        }
        Probe::Day(order, moment) => {
            let day = moment.day(context);
            ordered(*order, day, day.checked_add(1))
        }
        Probe::InstantDuring(period) => within(context.instants(&period.days(context))),
        Probe::DayDuring(period) => {
            let days = period.days(context);
            within(date_to_day(days.start)..date_to_day(days.end))
        }
    }
}

fn within(range: Range<i64>) -> Test {
    Test::Range { from: Some(range.start), until: Some(range.end) }
}

/// Compares with all that lies from `start` to before `end`; `end` is none when nothing lies beyond.
fn ordered(order: Order, start: i64, end: Option<i64>) -> Test {
    match (order, end) {
        (Order::Below, _) => Test::Range { from: None, until: Some(start) },
        (Order::From, _) | (Order::Same, None) => Test::Range { from: Some(start), until: None },
        (Order::Same, Some(end)) => within(start..end),
        (Order::UpTo, Some(end)) => Test::Range { from: None, until: Some(end) },
        (Order::Above, Some(end)) => Test::Range { from: Some(end), until: None },
        (Order::UpTo, None) => Test::Range { from: Some(i64::MIN), until: None },
        (Order::Above, None) => NEVER,
    }
}

fn values(items: &[Item], context: &Context) -> Vec<Value> {
    let mut values = Vec::with_capacity(items.len());
    for item in items {
        match item {
            Item::Fixed(value) => values.push(value.clone()),
            Item::Day(moment) => values.push(Value::Int(moment.day(context))),
            Item::Me => values.extend(context.me.map(Value::Int)),
            Item::MyTeams => values.extend(context.my_teams.iter().copied().map(Value::Int)),
            Item::MyOrganisation => values.extend(context.my_organisation.map(Value::Int)),
        }
    }
    values
}

impl Resolved {
    /// Whether the answer depends on a field.
    #[must_use]
    pub fn reads(&self, key: &str) -> bool {
        match self {
            Self::All(members) | Self::Any(members) => members.iter().any(|member| member.reads(key)),
            Self::Test { field, .. } => *field == key,
        }
    }

    /// Whether a record meets the condition; `value` gives the record's value of a field by key.
    #[must_use]
    pub fn matches(&self, value: &dyn Fn(&str) -> Value) -> bool {
        match self {
            Self::All(members) => members.iter().all(|member| member.matches(value)),
            Self::Any(members) => members.iter().any(|member| member.matches(value)),
            Self::Test { field, negated, test } => test.holds(&value(field)) != *negated,
        }
    }
}

impl Test {
    fn holds(&self, value: &Value) -> bool {
        let text = || value.as_text().map(str::to_ascii_lowercase);
        match self {
            Self::Empty => matches!(value, Value::Null) || matches!(value, Value::List(items) if items.is_empty()),
            Self::OneOf(values) => values.contains(value),
            Self::Range { from, until } => {
                value.as_int().is_some_and(|n| from.is_none_or(|from| from <= n) && until.is_none_or(|until| n < until))
            }
            Self::Contains(part) => text().is_some_and(|text| text.contains(part)),
            Self::StartsWith(part) => text().is_some_and(|text| text.starts_with(part)),
            Self::HasAny(values) => value.as_list().iter().any(|item| values.contains(item)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Condition;
    use super::*;
    use crate::field::{Field, FieldDef, Kind};
    use crate::spine;
    use jiff::tz::TimeZone;

    fn field(key: &str) -> Option<FieldDef> {
        match key {
            "tags" => Some(Field::any("tags", "Tags", Kind::Tags).def),
            "starts" => Some(Field::date("starts", "Starts").def),
            _ => spine::ALL.iter().find(|def| def.key == key).copied(),
        }
    }

    fn resolved(text: &str, me: Option<i64>) -> Resolved {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        let now = ms("2025-06-06T12:00:00Z");
        let context = Context { now, zone, me, my_teams: vec![2, 3], my_organisation: None };
        Condition::parse(text).unwrap().check(&field).unwrap().resolve(&context)
    }

    fn ms(text: &str) -> i64 {
        text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
    }

    fn holds(text: &str, value: impl Into<Value>) -> bool {
        let value = value.into();
        resolved(text, Some(7)).matches(&|_| value.clone())
    }

    #[test]
    fn an_empty_field_is_unlike_everything() {
        for text in ["title != \"a\"", "priority not in (1)", "not priority < 3", "title is empty", "opened != today"] {
            assert!(holds(text, Value::Null), "{text}");
        }
        for text in ["title = \"a\"", "priority in (1)", "priority < 3", "priority >= 3", "title is not empty"] {
            assert!(!holds(text, Value::Null), "{text}");
        }
        assert!(holds("tags is empty", Value::List(Vec::new())));
        assert!(!holds("priority <= 9223372036854775807", Value::Null));
        assert!(!holds("priority > 9223372036854775807", i64::MAX));
        assert!(holds("priority <= 9223372036854775807", i64::MAX));
    }

    #[test]
    fn only_ascii_letters_lose_their_case_and_only_in_parts() {
        assert!(holds("title contains \"PRINTER\"", "Der Printer"));
        assert!(holds("title starts with \"der P\"", "Der Printer"));
        assert!(!holds("title starts with \"printer\"", "Der Printer"));
        assert!(!holds("title contains \"Ä\"", "ä"));
        assert!(!holds("title = \"printer\"", "Printer"));
    }

    #[test]
    fn an_instant_compared_with_a_day_is_compared_with_all_of_it() {
        // The day in Vienna's summer: 22:00 UTC of the day before to 22:00 UTC.
        let (before, first) = (ms("2025-06-05T21:59:59.999Z"), ms("2025-06-05T22:00:00Z"));
        let (last, after) = (ms("2025-06-06T21:59:59.999Z"), ms("2025-06-06T22:00:00Z"));
        for (text, expected) in [
            ("opened = today", [false, true, true, false]),
            ("opened != \"2025-06-06\"", [true, false, false, true]),
            ("opened < today", [true, false, false, false]),
            ("opened <= today", [true, true, true, false]),
            ("opened > today", [false, false, false, true]),
            ("opened >= today", [false, true, true, true]),
            ("opened during today", [false, true, true, false]),
            ("opened >= now - 14h", [false, true, true, true]),
        ] {
            assert_eq!([before, first, last, after].map(|at| holds(text, at)), expected, "{text}");
        }
    }

    #[test]
    fn lists_are_asked_for_what_they_hold() {
        let tags = || Value::List(vec!["vip".into(), "board".into()]);
        assert!(holds("tags has \"vip\"", tags()));
        assert!(!holds("tags has \"vi\"", tags()));
        assert!(holds("not tags has \"VIP\"", tags()));
    }

    #[test]
    fn a_viewer_without_an_entry_is_nobody() {
        let mine = |text, value: i64| resolved(text, None).matches(&|_| Value::Int(value));
        assert!(!mine("assignee = me", 7));
        assert!(mine("assignee != me", 7));
        let Resolved::Test { test, .. } = resolved("assignee = me", None) else { panic!("a single comparison") };
        assert_eq!(test, NEVER);
        assert!(mine("organisation != my_organisation", 1));
        assert!(mine("team in my_teams", 3) && mine("team in (9, my_teams)", 9) && !mine("team in my_teams", 9));
        assert!(holds("assignee = me", 7));
    }

    #[test]
    fn a_database_finds_no_not_above_a_test() {
        let leaf = |field: &str, negated, values: &[i64]| Resolved::Test {
            field: field.to_owned(),
            negated,
            test: Test::OneOf(values.iter().copied().map(Value::Int).collect()),
        };
        assert_eq!(
            resolved("not (priority = 1 or not (team in (4, my_teams) and assignee != me))", Some(7)),
            Resolved::All(vec![
                leaf("priority", true, &[1]),
                Resolved::All(vec![leaf("team", false, &[4, 2, 3]), leaf("assignee", true, &[7])]),
            ])
        );
    }

    #[test]
    fn a_date_is_compared_by_day() {
        let june_6 = date_to_day(jiff::civil::date(2025, 6, 6));
        assert!(holds("starts = today", june_6) && holds("starts = now - 4h", june_6));
        assert!(holds("starts in (today - 1d, \"2025-07-01\")", june_6 - 1));
        assert!(holds("starts <= \"2025-06-06\"", june_6) && !holds("starts < \"2025-06-06\"", june_6));
        assert!(holds("starts during this_week", june_6 + 2) && !holds("starts during this_week", june_6 + 3));
    }
}
