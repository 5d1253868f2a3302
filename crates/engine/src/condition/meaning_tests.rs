//! Laws of meaning: random conditions, records and viewers against a second, plainer reading of the language.

use super::tests::tree;
use super::*;
use crate::field::{Field, FieldDef, Kind};
use crate::value::{Value, date_to_day, day_to_date};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan, Zoned};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::cmp::Ordering;
use std::collections::BTreeMap;

fn field(key: &str) -> Option<FieldDef> {
    Some(match key {
        "rank" => Field::number("rank", "Rank", 0, 9).def,
        "name" => Field::text("name", "Name").def,
        "vip" => Field::bool("vip", "VIP").def,
        "at" => Field::instant("at", "At").def,
        "on" => Field::date("on", "On").def,
        "owner" => Field::entry("owner", "Owner", "people").def,
        "team" => Field::entry("team", "Team", "teams").def,
        "tags" => Field::any("tags", "Tags", Kind::Tags).def,
        _ => return None,
    })
}

const NAMES: &[&str] = &["a", "A", "ab", "ba", "ä", "Äb", "abc"];
const NOW: i64 = 1_743_000_000_000;

fn near() -> impl Strategy<Value = Span> {
    prop_oneof![(-60..60_i64, Just(Unit::Days)), (-9..9_i64, Just(Unit::Weeks)), (-50..50_i64, Just(Unit::Hours))]
        .prop_map(|(count, unit)| Span { count, unit })
}

fn moment() -> impl Strategy<Value = Operand> {
    prop_oneof![
        proptest::option::of(near()).prop_map(Operand::Now),
        proptest::option::of(near()).prop_map(Operand::Today),
        (-60..60_i64).prop_map(|days| Operand::Text(near_day(days).to_string())),
    ]
}

fn near_day(days: i64) -> Date {
    date(2025, 3, 26).checked_add(days.days()).expect("near")
}

/// Comparisons that fit the fields above.
fn fitting_leaf() -> impl Strategy<Value = Condition> {
    let compare = |field: &'static str, ops: &'static [Op], operand: BoxedStrategy<Operand>| {
        (select(ops), operand).prop_map(move |(op, operand)| Condition::Compare {
            field: field.to_owned(),
            op,
            operand,
        })
    };
    let within = |field: &'static str, operand: BoxedStrategy<Operand>| {
        (any::<bool>(), vec(operand, 1..4)).prop_map(move |(negated, operands)| Condition::In {
            field: field.to_owned(),
            negated,
            operands,
        })
    };
    let names = || select(NAMES).prop_map(|name| Operand::Text(name.to_owned())).boxed();
    let ids = |mine: Operand| prop_oneof![(1..5_i64).prop_map(Operand::Int), Just(mine)].boxed();
    let numbers = || (0..4_i64).prop_map(Operand::Int).boxed();
    let known = vec!["rank", "name", "vip", "at", "on", "owner", "team", "tags"];
    prop_oneof![
        compare("rank", ORDERING, numbers()),
        compare("name", &[Op::Eq, Op::Ne, Op::Contains, Op::StartsWith], names()),
        compare("vip", EQUALITY, any::<bool>().prop_map(Operand::Bool).boxed()),
        compare("at", ORDERING, moment().boxed()),
        compare("on", ORDERING, moment().boxed()),
        compare("owner", EQUALITY, ids(Operand::Me)),
        compare("tags", &[Op::Has], names()),
        within("rank", numbers()),
        within("name", names()),
        within("on", moment().boxed()),
        within("team", ids(Operand::MyTeams)),
        (select(known), any::<bool>()).prop_map(|(key, negated)| Condition::Empty { field: key.to_owned(), negated }),
        (select(vec!["at", "on"]), near_period())
            .prop_map(|(key, period)| Condition::During { field: key.to_owned(), period }),
    ]
}

const EQUALITY: &[Op] = &[Op::Eq, Op::Ne];
const ORDERING: &[Op] = &[Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge];

fn near_period() -> impl Strategy<Value = Period> {
    prop_oneof![
        4 => select(Period::NAMED.map(|(_, period)| period).to_vec()),
        1 => (2024..2027_i16).prop_map(Period::Year),
        1 => (-60..60_i64).prop_map(|days| Period::Month(near_day(days).first_of_month())),
        1 => (-60..60_i64).prop_map(|days| Period::Day(near_day(days))),
    ]
}

type Record = BTreeMap<&'static str, Value>;

fn value(key: &'static str) -> BoxedStrategy<Value> {
    let hour = 3_600_000;
    let name = || select(NAMES).prop_map(Value::from);
    match key {
        "rank" => (0..4_i64).prop_map(Value::Int).boxed(),
        "name" => name().boxed(),
        "vip" => any::<bool>().prop_map(Value::Bool).boxed(),
        // Whole hours and half ones meet the edges of days often.
        "at" => (-3_000..3_000_i64).prop_map(move |halves| Value::Int((NOW / hour * 2 + halves) * hour / 2)).boxed(),
        "on" => (-70..70_i64).prop_map(|days| Value::Int(date_to_day(near_day(days)))).boxed(),
        "tags" => vec(name(), 0..3).prop_map(Value::List).boxed(),
        _ => (1..5_i64).prop_map(Value::Int).boxed(),
    }
}

fn record() -> impl Strategy<Value = Record> {
    let keys = vec!["rank", "name", "vip", "at", "on", "owner", "team", "tags"];
    let filled = select(keys).prop_flat_map(|key| (Just(key), value(key)));
    vec(filled, 0..14).prop_map(|filled| filled.into_iter().collect())
}

/// Zones whose clocks change in the night, at midnight, and never.
fn context() -> impl Strategy<Value = Context> {
    let zones = vec!["CET-1CEST,M3.5.0,M10.5.0/3", "<-04>4<-03>,M9.1.6/24,M4.1.6/24", "<+0545>-5:45", "UTC0"];
    let someone = || proptest::option::of(1..5_i64);
    (select(zones), -2_000..2_000_i64, someone(), vec(1..5_i64, 0..3)).prop_map(|(zone, hours, me, my_teams)| {
        let zone = TimeZone::posix(zone).expect("a zone");
        Context { now: NOW + hours * 3_600_000, zone, me, my_teams, my_organisation: None }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_single_comparison_means_what_a_plain_reading_of_it_says(
        leaf in fitting_leaf(), record in record(), context in context(),
    ) {
        prop_assert_eq!(matches(&leaf, &record, &context), naive(&leaf, &record, &context));
    }
}

proptest! {
    // Trees take long to make and add only their joints to what single comparisons have shown.
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_record_matches_as_a_plain_reading_of_the_condition_says(
        condition in tree(fitting_leaf()), record in record(), context in context(),
    ) {
        prop_assert_eq!(matches(&condition, &record, &context), naive(&condition, &record, &context));
    }

    #[test]
    fn not_turns_around_and_de_morgan_holds(
        a in tree(fitting_leaf()), b in tree(fitting_leaf()), record in record(), context in context(),
    ) {
        let not = |condition: &Condition| Condition::Not(Box::new(condition.clone()));
        let holds = |condition: &Condition| matches(condition, &record, &context);
        prop_assert_eq!(holds(&not(&a)), !holds(&a));
        let both = a.clone().and(b.clone());
        let either = a.clone().or(b.clone());
        prop_assert_eq!(holds(&both), holds(&a) && holds(&b));
        prop_assert_eq!(holds(&not(&both)), holds(&not(&a).or(not(&b))));
        prop_assert_eq!(holds(&not(&either)), holds(&not(&a).and(not(&b))));
    }

    #[test]
    fn resolved_ranges_have_a_bound_and_parts_are_lower_case(condition in tree(fitting_leaf()), context in context()) {
        prop_assert!(closed(&condition.check(&field).expect("fits").resolve(&context)));
    }
}

/// What a translation to SQL relies on.
fn closed(resolved: &Resolved) -> bool {
    match resolved {
        Resolved::All(members) | Resolved::Any(members) => members.iter().all(closed),
        Resolved::Test { test, .. } => match test {
            Test::Range { from, until } => from.is_some() || until.is_some(),
            Test::Contains(part) | Test::StartsWith(part) => !part.bytes().any(|b| b.is_ascii_uppercase()),
            Test::OneOf(values) | Test::HasAny(values) => {
                values.iter().all(|v| matches!(v, Value::Int(_) | Value::Text(_) | Value::Bool(_)))
            }
            Test::Empty => true,
        },
    }
}

fn matches(condition: &Condition, record: &Record, context: &Context) -> bool {
    let checked = condition.check(&field).expect("the condition fits the fields");
    checked.resolve(context).matches(&|key| record.get(key).cloned().unwrap_or_default())
}

/// The meaning by the book: no ranges, no rewriting, the calendar asked about each value.
fn naive(condition: &Condition, record: &Record, context: &Context) -> bool {
    let get = |key: &str| record.get(key).cloned().unwrap_or_default();
    match condition {
        Condition::And(members) => members.iter().all(|member| naive(member, record, context)),
        Condition::Or(members) => members.iter().any(|member| naive(member, record, context)),
        Condition::Not(inner) => !naive(inner, record, context),
        Condition::Empty { field, negated } => {
            let value = get(field);
            (value.is_null() || value == Value::List(Vec::new())) != *negated
        }
        Condition::In { field, negated, operands } => {
            let equal = |operand| naive_compare(field, &get(field), Op::Eq, operand, context);
            operands.iter().any(equal) != *negated
        }
        Condition::Compare { field, op, operand } => naive_compare(field, &get(field), *op, operand, context),
        Condition::During { field, period } => naive_day(field, &get(field), context)
            .is_some_and(|day| naive_during(day, *period, present(context).date())),
    }
}

fn present(context: &Context) -> Zoned {
    zoned(context.now, context)
}

fn zoned(ms: i64, context: &Context) -> Zoned {
    Timestamp::from_millisecond(ms).expect("near").to_zoned(context.zone.clone())
}

/// The calendar day of a field's value.
fn naive_day(field: &str, value: &Value, context: &Context) -> Option<Date> {
    let number = value.as_int()?;
    if field == "on" { day_to_date(number) } else { Some(zoned(number, context).date()) }
}

fn naive_compare(field: &str, value: &Value, op: Op, operand: &Operand, context: &Context) -> bool {
    if op == Op::Ne {
        return !naive_compare(field, value, Op::Eq, operand, context);
    }
    let order = match operand {
        _ if value.is_null() => return false,
        Operand::Now(_) | Operand::Today(_) | Operand::Text(_) if field == "at" || field == "on" => {
            naive_time(field, value, operand, context)
        }
        Operand::Text(text) => return naive_text(value, op, text),
        Operand::Int(number) => value.as_int().map(|n| n.cmp(number)),
        Operand::Bool(yes) => return value.as_bool() == Some(*yes),
        Operand::Me => return context.me.is_some() && value.as_int() == context.me,
        Operand::MyTeams => return context.my_teams.iter().any(|team| value.as_int() == Some(*team)),
        Operand::MyOrganisation | Operand::Length(_) | Operand::Now(_) | Operand::Today(_) => None,
    };
    match op {
        Op::Eq => order == Some(Ordering::Equal),
        Op::Lt => order == Some(Ordering::Less),
        Op::Gt => order == Some(Ordering::Greater),
        Op::Le => order.is_some_and(Ordering::is_le),
        Op::Ge => order.is_some_and(Ordering::is_ge),
        _ => false,
    }
}

fn naive_text(value: &Value, op: Op, text: &str) -> bool {
    let (own, part) = (value.as_text().unwrap_or("").to_ascii_uppercase(), text.to_ascii_uppercase());
    match op {
        Op::Contains => own.contains(&part),
        Op::StartsWith => own.starts_with(&part),
        Op::Has => value.as_list().iter().any(|item| item.as_text() == Some(text)),
        _ => value.as_text() == Some(text),
    }
}

fn naive_time(field: &str, value: &Value, operand: &Operand, context: &Context) -> Option<Ordering> {
    let exact = |from: Zoned, by: &Span| from + SignedDuration::from_millis(by.millis());
    let now = present(context);
    let point = match operand {
        Operand::Now(None) => now,
        Operand::Now(Some(by)) => exact(now, by),
        Operand::Today(Some(by)) if by.unit == Unit::Hours => exact(now.start_of_day().ok()?, by),
        Operand::Today(by) => {
            let days = by.map_or(0, |by| if by.unit == Unit::Weeks { by.count * 7 } else { by.count });
            return Some(naive_day(field, value, context)?.cmp(&(now.date() + days.days())));
        }
        Operand::Text(text) => return Some(naive_day(field, value, context)?.cmp(&text.parse().ok()?)),
        _ => return None,
    };
    if field == "on" {
        return Some(naive_day(field, value, context)?.cmp(&point.date()));
    }
    Some(value.as_int()?.cmp(&point.timestamp().as_millisecond()))
}

fn naive_during(day: Date, period: Period, today: Date) -> bool {
    let week = |date: Date| (date.iso_week_date().year(), date.iso_week_date().week());
    let months = |date: Date| i32::from(date.year()) * 12 + i32::from(date.month()) - 1;
    let quarters = |date: Date| months(date) / 3;
    match period {
        Period::Today => day == today,
        Period::Yesterday => day.tomorrow().ok() == Some(today),
        Period::Tomorrow => day.yesterday().ok() == Some(today),
        Period::ThisWeek => week(day) == week(today),
        Period::LastWeek => week(day + 1.week()) == week(today),
        Period::NextWeek => week(day) == week(today + 1.week()),
        Period::ThisMonth => months(day) == months(today),
        Period::LastMonth => months(day) == months(today) - 1,
        Period::NextMonth => months(day) == months(today) + 1,
        Period::ThisQuarter => quarters(day) == quarters(today),
        Period::LastQuarter => quarters(day) == quarters(today) - 1,
        Period::ThisYear => day.year() == today.year(),
        Period::LastYear => day.year() == today.year() - 1,
        Period::Year(year) => day.year() == year,
        Period::Month(first) => months(day) == months(first),
        Period::Day(other) => day == other,
    }
}
