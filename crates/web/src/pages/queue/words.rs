//! Conditions in the words of people, for the chips above a list.

use mainstay_words::{t, tc, tf};
use std::collections::HashMap;

use mainstay_desk::Session;
use mainstay_engine::condition::{Condition, Op, Operand};
use mainstay_engine::field::{FieldDef, Kind};
use mainstay_engine::process::{Phase, Process};
use mainstay_store::entries;

use crate::pages::frame::{begins_with, first_words};
use crate::shown::label;

/// A condition in words; the text itself where it says more than a chip can.
///
/// # Errors
/// The database's.
pub fn in_words(session: &mut Session<'_>, process: &'static Process, text: &str) -> mainstay_desk::Result<String> {
    if text == begins_with(process) {
        return Ok(t(first_words(process)).to_owned());
    }
    let Ok(condition) = Condition::parse(text) else { return Ok(text.to_owned()) };
    let names = names(session, process, &condition)?;
    let field = |key: &str| session.config.field(process, key);
    Ok(told(&condition, process, &field, &names).unwrap_or_else(|| text.to_owned()))
}

type Find<'a> = &'a dyn Fn(&str) -> Option<&'static FieldDef>;

fn told(
    condition: &Condition,
    process: &'static Process,
    field: Find<'_>,
    names: &HashMap<i64, String>,
) -> Option<String> {
    match condition {
        Condition::Compare { field: key, op, operand } => {
            let def = field(key)?;
            let what = operand_words(def, process, operand, names);
            Some(match op {
                Op::Eq | Op::Has => format!("{}: {what}", t(def.label)),
                Op::Ne => tf("{label}: not {what}", &[("label", &t(def.label)), ("what", &what)]),
                Op::Lt | Op::Le | Op::Gt | Op::Ge => format!("{} {} {what}", t(def.label), t(order_word(def, *op))),
                Op::Contains => tf("{label} contains “{what}”", &[("label", &t(def.label)), ("what", &what)]),
                Op::Under => tf("{label} under {what}", &[("label", &t(def.label)), ("what", &what)]),
                Op::StartsWith => tf("{label} begins with “{what}”", &[("label", &t(def.label)), ("what", &what)]),
            })
        }
        Condition::In { field: key, negated, operands } => {
            let def = field(key)?;
            let all: Vec<String> = operands.iter().map(|each| operand_words(def, process, each, names)).collect();
            let (label, what) = (t(def.label), all.join(", "));
            Some(if *negated {
                tf("{label}: not {what}", &[("label", &label), ("what", &what)])
            } else {
                format!("{label}: {what}")
            })
        }
        Condition::Empty { field: key, negated } => {
            let label = t(field(key)?.label);
            Some(if *negated {
                tf("{label}: any", &[("label", &label)])
            } else {
                tf("{label}: none", &[("label", &label)])
            })
        }
        Condition::During { field: key, period } => {
            let period = period.to_string().trim_matches('"').replace('_', " ");
            Some(format!("{} {}", t(field(key)?.label), t(&period)))
        }
        Condition::And(members) => {
            Some(parts(members, &|part| told(part, process, field, names))?.join(&format!(" {} ", t("and"))))
        }
        Condition::Or(members) => Some(either(&parts(members, &|part| told(part, process, field, names))?)),
        Condition::Not(inner) => Some(tf("not ({what})", &[("what", &told(inner, process, field, names)?)])),
    }
}

fn parts(members: &[Condition], told: &dyn Fn(&Condition) -> Option<String>) -> Option<Vec<String>> {
    let one = |part: &Condition| {
        let words = told(part)?;
        Some(if matches!(part, Condition::And(_) | Condition::Or(_)) { format!("({words})") } else { words })
    };
    members.iter().map(one).collect()
}

/// "Assignee: me, none" where all is about one field, else one after the other.
fn either(parts: &[String]) -> String {
    let label = parts.first().and_then(|part| part.split_once(": ")).map(|(label, _)| format!("{label}: "));
    let of_one = label.as_deref().and_then(|label| {
        parts.iter().map(|part| part.strip_prefix(label)).collect::<Option<Vec<_>>>().map(|all| (label, all))
    });
    match of_one {
        Some((label, all)) => format!("{label}{}", all.join(", ")),
        None => parts.join(&format!(" {} ", t("or"))),
    }
}

/// Amounts are below and above, instants before and after.
fn order_word(field: &FieldDef, op: Op) -> &'static str {
    let amount = matches!(field.kind, Kind::Number { .. } | Kind::Money { .. } | Kind::Duration);
    match (op, amount) {
        (Op::Lt, true) => "below",
        (Op::Le, true) => "at most",
        (Op::Gt, true) => "above",
        (_, true) => "at least",
        (Op::Lt, false) => "before",
        (Op::Le, false) => "until",
        (Op::Gt, false) => "after",
        (_, false) => "from",
    }
}

fn operand_words(
    field: &FieldDef,
    process: &'static Process,
    operand: &Operand,
    names: &HashMap<i64, String>,
) -> String {
    match operand {
        Operand::Text(text) if field.key == "state" => {
            process.state(text).map_or(text.as_str(), |state| t(state.label)).to_owned()
        }
        Operand::Text(text) => match field.kind {
            Kind::Choice(choices) | Kind::MultiChoice(choices) => label(choices, text),
            _ => text.clone(),
        },
        Operand::Int(n) if field.key == "phase" => tc("phase", phase_word(*n)).to_owned(),
        Operand::Int(n) => {
            names.get(n).filter(|_| field.register().is_some()).cloned().unwrap_or_else(|| n.to_string())
        }
        Operand::Bool(yes) => t(if *yes { "yes" } else { "no" }).to_owned(),
        Operand::Me => t("me").to_owned(),
        Operand::MyTeams => t("my teams").to_owned(),
        Operand::MyOrganisation => t("my organisation").to_owned(),
        other => other.to_string(),
    }
}

fn phase_word(number: i64) -> &'static str {
    match Phase::ALL.into_iter().find(|phase| phase.number() == number) {
        Some(Phase::Open) => "open",
        Some(Phase::Paused) => "waiting",
        Some(Phase::Done) => "done",
        Some(Phase::Closed) | None => "closed",
    }
}

/// The names of the entries that a condition mentions, each of the register that its field refers to.
fn names(
    session: &mut Session<'_>,
    process: &'static Process,
    condition: &Condition,
) -> mainstay_desk::Result<HashMap<i64, String>> {
    let mut asked: Vec<(i64, &'static str)> = Vec::new();
    collect(condition, &mut |key, operand| {
        let register = session.config.field(process, key).and_then(FieldDef::register);
        if let (Some(register), Operand::Int(id)) = (register, operand) {
            asked.push((*id, register));
        }
    });
    let ids: Vec<i64> = asked.iter().map(|(id, _)| *id).collect();
    let found = entries::names(session.conn, &ids)?;
    let fits = |id: i64, of: &str| asked.iter().any(|(asked, register)| *asked == id && *register == of);
    Ok(found.into_iter().filter(|(id, of, _)| fits(*id, of)).map(|(id, _, name)| (id, name)).collect())
}

fn collect(condition: &Condition, found: &mut dyn FnMut(&str, &Operand)) {
    match condition {
        Condition::Compare { field, operand, .. } => found(field, operand),
        Condition::In { field, operands, .. } => operands.iter().for_each(|operand| found(field, operand)),
        Condition::And(parts) | Condition::Or(parts) => parts.iter().for_each(|part| collect(part, found)),
        Condition::Not(inner) => collect(inner, found),
        Condition::Empty { .. } | Condition::During { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Option<String> {
        let process = mainstay_processes::ALL[0];
        let names = HashMap::from([(4, "Payments".to_owned())]);
        told(&Condition::parse(text).expect("a condition"), process, &|key| process.field(key), &names)
    }

    #[test]
    fn conditions_are_said_as_people_say_them() {
        let said = [
            ("assignee = me", "Assignee: me"),
            ("assignee is empty", "Assignee: none"),
            ("team in my_teams", "Team: my teams"),
            ("service in (4, 9)", "Service: Payments, 9"),
            ("priority <= 2", "Priority at most 2"),
            ("opened during today", "Opened today"),
            ("opened >= today - 7d", "Opened from today - 7d"),
            ("title contains \"mail\"", "Title contains “mail”"),
            ("phase in (0, 1)", "Phase: open, waiting"),
        ];
        for (text, words_of) in said {
            assert_eq!(words(text).as_deref(), Some(words_of), "{text}");
        }
        assert_eq!(words("assignee = me or assignee is empty").as_deref(), Some("Assignee: me, none"));
        let mixed = words("priority = 1 or team in my_teams and not title = \"x\"");
        assert_eq!(mixed.as_deref(), Some("Priority: 1 or (Team: my teams and not (Title: x))"));
    }
}
