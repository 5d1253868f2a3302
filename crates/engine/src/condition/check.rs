//! Typing: whether a condition makes sense for the fields it names, and what it means for them.

use super::dates::{Moment, Period};
use super::plan::{Item, Order, Plan, Probe};
use super::print::depth;
use super::problem::{
    ORGANISATIONS, PEOPLE, Problem, TEAMS, is_phase, is_tree, problem, wrong_operand, wrong_operator,
};
use super::{Condition, MAX_COMPARISONS, MAX_DEPTH, MAX_ITEMS, Op, Operand};
use crate::field::{FieldDef, Kind};
use crate::process::Phase;
use crate::value::Value;

/// A condition typed against its fields: it can be resolved for any viewer at any instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    pub(super) plan: Plan,
}

impl Condition {
    /// Types the condition against the fields that `field` finds by key. A field that the viewer may not read is
    /// best not found, or refused beforehand by [`Condition::fields`].
    ///
    /// # Errors
    /// Every problem, in the order of the text.
    pub fn check(&self, field: &dyn Fn(&str) -> Option<FieldDef>) -> Result<Checked, Vec<Problem>> {
        let whole = |code, says| Err(vec![Problem { field: String::new(), code, says }]);
        if depth(self) > MAX_DEPTH {
            return whole(
                "too_deep",
                format!("At most {MAX_DEPTH} parentheses and not may stand around a comparison."),
            );
        }
        if self.comparisons() > MAX_COMPARISONS {
            return whole("too_many_comparisons", format!("A condition has at most {MAX_COMPARISONS} comparisons."));
        }
        let mut typing = Typing { field, problems: Vec::new() };
        match typing.plan(self, false) {
            Some(plan) if typing.problems.is_empty() => Ok(Checked { plan }),
            _ => Err(typing.problems),
        }
    }
}

struct Typing<'a> {
    field: &'a dyn Fn(&str) -> Option<FieldDef>,
    problems: Vec<Problem>,
}

impl Typing<'_> {
    /// The plan of a condition, or of its opposite; none when a problem was found in it.
    fn plan(&mut self, condition: &Condition, negated: bool) -> Option<Plan> {
        match condition {
            Condition::And(members) | Condition::Or(members) => {
                let plans: Vec<_> = members.iter().map(|member| self.plan(member, negated)).collect();
                let plans = plans.into_iter().collect::<Option<Vec<_>>>()?;
                let all = matches!(condition, Condition::And(_)) != negated;
                Some(if all { Plan::All(plans) } else { Plan::Any(plans) })
            }
            Condition::Not(inner) => self.plan(inner, !negated),
            Condition::Compare { field, op, operand } => self.leaf(field, negated, |def| compare(def, *op, operand)),
            Condition::In { field, negated: not, operands } => {
                self.leaf(field, negated, |def| Ok((*not, within(def, operands)?)))
            }
            Condition::Empty { field, negated: not } => self.leaf(field, negated, |_| Ok((*not, Probe::Empty))),
            Condition::During { field, period } => self.leaf(field, negated, |def| Ok((false, during(def, *period)?))),
        }
    }

    fn leaf(
        &mut self,
        key: &str,
        turned: bool,
        probe: impl FnOnce(&FieldDef) -> Result<(bool, Probe), Problem>,
    ) -> Option<Plan> {
        let found = (self.field)(key).ok_or_else(|| Problem {
            field: key.to_owned(),
            code: "unknown_field",
            says: format!("There is no field {key} here."),
        });
        match found.and_then(|def| probe(&def)) {
            Ok((negated, probe)) => Some(Plan::Leaf { field: key.to_owned(), negated: negated != turned, probe }),
            Err(problem) => {
                self.problems.push(problem);
                None
            }
        }
    }
}

fn compare(def: &FieldDef, op: Op, operand: &Operand) -> Result<(bool, Probe), Problem> {
    let probe = match op {
        Op::Eq | Op::Ne => same(def, op, operand)?,
        Op::Lt => ordered(def, op, Order::Below, operand)?,
        Op::Le => ordered(def, op, Order::UpTo, operand)?,
        Op::Gt => ordered(def, op, Order::Above, operand)?,
        Op::Ge => ordered(def, op, Order::From, operand)?,
        Op::Contains => Probe::Contains(part(def, op, operand)?),
        Op::StartsWith => Probe::StartsWith(part(def, op, operand)?),
        Op::Has if is_list(&def.kind) => Probe::HasAny(vec![item(def, operand)?]),
        Op::Under if is_tree(&def.kind) => Probe::OneOf(vec![item(def, operand)?]),
        Op::Has | Op::Under => return Err(wrong_operator(def, op.text())),
    };
    Ok((op == Op::Ne, probe))
}

const fn is_list(kind: &Kind) -> bool {
    matches!(kind, Kind::MultiChoice(_) | Kind::Tags | Kind::Refs(_))
}

fn same(def: &FieldDef, op: Op, operand: &Operand) -> Result<Probe, Problem> {
    match def.kind {
        Kind::MultiChoice(_) | Kind::Tags | Kind::Refs(_) | Kind::Table(_) => Err(wrong_operator(def, op.text())),
        Kind::Instant => Ok(Probe::Instant(Order::Same, moment(def, operand)?)),
        _ if *operand == Operand::MyTeams => Err(wrong_operand(def, operand)),
        _ => Ok(Probe::OneOf(vec![item(def, operand)?])),
    }
}

fn ordered(def: &FieldDef, op: Op, order: Order, operand: &Operand) -> Result<Probe, Problem> {
    match def.kind {
        Kind::Instant => Ok(Probe::Instant(order, moment(def, operand)?)),
        Kind::Date => Ok(Probe::Day(order, moment(def, operand)?)),
        Kind::Number { .. } | Kind::Money { .. } | Kind::Duration => {
            let number = number(def, operand).ok_or_else(|| wrong_operand(def, operand))?;
            Ok(Probe::Number(order, number))
        }
        _ => Err(wrong_operator(def, op.text())),
    }
}

/// The part to look for in a text, its ASCII letters in lower case.
fn part(def: &FieldDef, op: Op, operand: &Operand) -> Result<String, Problem> {
    match (def.kind, operand) {
        (Kind::Text { .. } | Kind::Markdown, Operand::Text(part)) if !part.trim().is_empty() => {
            Ok(part.to_ascii_lowercase())
        }
        (Kind::Text { .. } | Kind::Markdown, _) => Err(wrong_operand(def, operand)),
        _ => Err(wrong_operator(def, op.text())),
    }
}

fn within(def: &FieldDef, operands: &[Operand]) -> Result<Probe, Problem> {
    if is_list(&def.kind) || matches!(def.kind, Kind::Instant | Kind::Bool | Kind::Table(_)) {
        return Err(wrong_operator(def, "in"));
    }
    if operands.len() > MAX_ITEMS {
        return Err(problem(def, "too_many_items", format!("A list has at most {MAX_ITEMS} items.")));
    }
    Ok(Probe::OneOf(operands.iter().map(|operand| item(def, operand)).collect::<Result<_, _>>()?))
}

fn during(def: &FieldDef, period: Period) -> Result<Probe, Problem> {
    match def.kind {
        Kind::Instant => Ok(Probe::InstantDuring(period)),
        Kind::Date => Ok(Probe::DayDuring(period)),
        _ => Err(wrong_operator(def, "during")),
    }
}

/// One value that a field, or an item of a list field, can be equal to.
fn item(def: &FieldDef, operand: &Operand) -> Result<Item, Problem> {
    let fixed = |value: Value| Ok(Item::Fixed(value));
    match (def.kind, operand) {
        (Kind::Text { .. } | Kind::Markdown | Kind::Tags, Operand::Text(text)) if !text.trim().is_empty() => {
            fixed(Value::from(text.as_str()))
        }
        (Kind::Link(_), Operand::Text(number)) if !number.trim().is_empty() => {
            fixed(Value::Text(number.trim().to_uppercase()))
        }
        (Kind::Choice(choices) | Kind::MultiChoice(choices), Operand::Text(key))
            if choices.iter().any(|choice| choice.key == key) =>
        {
            fixed(Value::from(key.as_str()))
        }
        (Kind::Bool, Operand::Bool(yes)) => fixed(Value::Bool(*yes)),
        (Kind::Date, _) => Ok(Item::Day(moment(def, operand)?)),
        (Kind::Ref(_) | Kind::Refs(_), Operand::Int(id)) if *id > 0 => fixed(Value::Int(*id)),
        (Kind::Ref(PEOPLE) | Kind::Refs(PEOPLE), Operand::Me) => Ok(Item::Me),
        (Kind::Ref(TEAMS) | Kind::Refs(TEAMS), Operand::MyTeams) => Ok(Item::MyTeams),
        (Kind::Ref(ORGANISATIONS) | Kind::Refs(ORGANISATIONS), Operand::MyOrganisation) => Ok(Item::MyOrganisation),
        _ => match number(def, operand) {
            Some(number) => fixed(Value::Int(number)),
            None => Err(wrong_operand(def, operand)),
        },
    }
}

/// The stored number that an operand means for a field of numbers; none when it means none.
fn number(def: &FieldDef, operand: &Operand) -> Option<i64> {
    match (def.kind, operand) {
        (Kind::Number { .. }, Operand::Text(key)) if is_phase(def) => {
            Phase::ALL.into_iter().find(|phase| phase.key() == key).map(Phase::number)
        }
        (Kind::Number { .. } | Kind::Money { .. }, Operand::Int(number)) => Some(*number),
        (Kind::Duration, Operand::Length(length)) => Some(length.millis()),
        _ => None,
    }
}

/// The moment that an operand means for a date or an instant.
fn moment(def: &FieldDef, operand: &Operand) -> Result<Moment, Problem> {
    let moment = match operand {
        Operand::Now(by) => Some(Moment::Now(*by)),
        Operand::Today(by) => Some(Moment::Today(*by)),
        Operand::Text(text) => Moment::read(text),
        _ => None,
    };
    // What is written for a date must be a date; only what moves with the present is rounded to its day.
    let precise = matches!(moment, Some(Moment::At(_) | Moment::Reading(_)));
    match moment {
        Some(moment) if !(precise && def.kind == Kind::Date) => Ok(moment),
        _ => Err(wrong_operand(def, operand)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::{EntryId, Field, choice};
    use crate::spine;

    fn field(key: &str) -> Option<FieldDef> {
        const WAITING: &[crate::field::Choice] = &[choice("customer", "Customer"), choice("supplier", "Supplier")];
        let own = match key {
            "notes" => Field::markdown("notes", "Notes").def,
            "cost" => Field::any("cost", "Cost", Kind::Money { currency: "EUR" }).def,
            "effort" => Field::duration("effort", "Effort").def,
            "starts" => Field::date("starts", "Starts").def,
            "waiting" => Field::<Value>::choice("waiting", "Waiting for", WAITING).def,
            "flags" => Field::any("flags", "Flags", Kind::MultiChoice(WAITING)).def,
            "tags" => Field::any("tags", "Tags", Kind::Tags).def,
            "watchers" => Field::any("watchers", "Watchers", Kind::Refs("people")).def,
            "helpers" => Field::any("helpers", "Helpers", Kind::Refs("teams")).def,
            "cause" => Field::link("cause", "Caused by").to("cause").def,
            "steps" => Field::any("steps", "Steps", Kind::Table(&[])).def,
            "level" => Field::<EntryId>::entry("level", "Level", "levels").def,
            _ => return spine::ALL.iter().find(|def| def.key == key).copied(),
        };
        Some(own)
    }

    fn problems(text: &str) -> Vec<Problem> {
        Condition::parse(text).expect(text).check(&field).err().unwrap_or_default()
    }

    #[test]
    fn operands_that_fit_their_fields_are_accepted() {
        for text in [
            "title = \"a\" and title contains \"b\" and notes starts with \"c\" and notes in (\"d\")",
            "priority <= 2 and priority not in (1, 2) and cost > -5 and effort >= 4h and effort = 30m",
            "phase = \"open\" and phase in (\"open\", 1) and phase < \"done\"",
            "starts = today and starts < \"2025-06-06\" and starts in (today + 1d, \"2025-06-06\") and starts > now - 2w",
            "starts during this_quarter and opened during \"2025\" and opened != today",
            "opened > \"2025-06-06T16:30:00+02:00\" and opened <= \"2025-06-06 16:30\" and opened >= -7d",
            "restricted = true and restricted != false and waiting in (\"customer\") and flags has \"supplier\"",
            "tags has \"vip\" and watchers has me and watchers has 4 and helpers has my_teams and helpers has 1",
            "assignee = me and team in my_teams and team not in (4, my_teams) and organisation = my_organisation",
            "level = 3 and cause = \"PRB-1\" and steps is not empty and opened is empty",
        ] {
            assert_eq!(problems(text), [], "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_is_named_with_what_would() {
        for (text, code, says) in [
            ("colour = 1", "unknown_field", "no field colour"),
            ("title < \"a\"", "wrong_operator", "contains"),
            ("title = 4", "wrong_operand", "double quotes"),
            ("title contains \" \"", "wrong_operand", "not blank"),
            ("title = \"\"", "wrong_operand", "not blank"),
            ("priority contains \"1\"", "wrong_operator", "<="),
            ("priority = \"high\"", "wrong_operand", "a whole number"),
            ("priority = \"open\"", "wrong_operand", "a whole number"),
            ("priority < me", "wrong_operand", "a whole number"),
            ("phase = \"pending\"", "wrong_operand", "\"open\", \"paused\", \"done\", \"closed\""),
            ("cost = 4h", "wrong_operand", "EUR"),
            ("effort > 4", "wrong_operand", "4h"),
            ("effort > -4h", "wrong_operand", "4h"),
            ("starts = \"2025-06-06T10:00:00Z\"", "wrong_operand", "2025-06-06"),
            ("starts > 4h", "wrong_operand", "today"),
            ("opened = \"yesterday\"", "wrong_operand", "2025-06-06T16:30:00Z"),
            ("opened in (\"2025-06-06\")", "wrong_operator", "during"),
            ("opened > 20250606", "wrong_operand", "now - 4h"),
            ("priority during today", "wrong_operator", "<="),
            ("restricted = 1", "wrong_operand", "true or false"),
            ("restricted < true", "wrong_operator", "!="),
            ("waiting = \"nobody\"", "not_a_choice", "\"customer\", \"supplier\""),
            ("waiting > \"customer\"", "wrong_operator", "not in"),
            ("flags = \"customer\"", "wrong_operator", "has"),
            ("flags has \"nobody\"", "not_a_choice", "\"customer\", \"supplier\""),
            ("tags contains \"vip\"", "wrong_operator", "has"),
            ("tags in (\"vip\")", "wrong_operator", "has"),
            ("title has \"a\"", "wrong_operator", "contains"),
            ("team = my_teams", "wrong_operand", "my_teams stands after in"),
            ("team = me", "wrong_operand", "the id of an entry"),
            ("assignee in my_teams", "wrong_operand", "or me"),
            ("service = me", "wrong_operand", "the id of an entry"),
            ("service = 0", "wrong_operand", "the id of an entry"),
            ("service > 4", "wrong_operator", "in"),
            ("cause contains \"PRB\"", "wrong_operator", "in"),
            ("steps has \"a\"", "wrong_operator", "is empty"),
        ] {
            let found = problems(text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].code, code, "{text}: {}", found[0].says);
            assert!(found[0].says.contains(says), "{text}: {}", found[0].says);
            assert!(text.starts_with(&found[0].field), "{text}: {}", found[0].field);
        }
    }

    #[test]
    fn all_problems_are_reported_at_once_in_the_order_of_the_text() {
        let found = problems("colour = 1 or not (title < \"a\" and priority = 2 and effort = 4)");
        assert_eq!(found.iter().map(|p| p.field.as_str()).collect::<Vec<_>>(), ["colour", "title", "effort"]);
    }

    #[test]
    fn conditions_joined_beyond_the_limits_are_refused() {
        let leaf = || Condition::parse("priority = 1").unwrap();
        let wide = (1..=MAX_COMPARISONS).fold(leaf(), |all, _| all.or(leaf()));
        let deep = (0..=MAX_DEPTH).fold(leaf(), |inner, _| Condition::Not(Box::new(inner)));
        let fenced = |levels| {
            let level = |inner: Condition, _| Condition::Not(Box::new(inner.or(leaf())));
            (0..levels).fold(leaf(), level)
        };
        let code = |condition: &Condition| condition.check(&field).map_err(|found| found[0].code).err();
        assert_eq!((code(&wide), code(&deep)), (Some("too_many_comparisons"), Some("too_deep")));
        // Each level is a not and a pair of parentheses.
        assert_eq!((code(&fenced(MAX_DEPTH / 2)), code(&fenced(MAX_DEPTH / 2 + 1))), (None, Some("too_deep")));
    }
}
