//! Conditions as sentences: a field, what holds of it, and with what; lines that hold together or one by one.

use mainstay_engine::condition::{Condition, Op, Operand, Period, Span};
use mainstay_engine::field::{FieldDef, Kind};

/// What a sentence asks for behind its verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// Nothing.
    Nothing,
    /// Any number of what the field knows.
    Several,
    /// One of what the field knows.
    One,
    /// A text or number.
    Text,
    /// A named period.
    Period,
    /// A length of time.
    Length,
    /// A day.
    Day,
}

/// What can hold of a field: how a form names it, how people say it, what it asks for.
pub type Verb = (&'static str, &'static str, Wants);

const EMPTY: Verb = ("empty", "is empty", Wants::Nothing);
const FILLED: Verb = ("filled", "is filled in", Wants::Nothing);
const OF_CHOICES: [Verb; 4] =
    [("in", "is any of", Wants::Several), ("not_in", "is none of", Wants::Several), EMPTY, FILLED];
const OF_TEXT: [Verb; 6] = [
    ("contains", "contains", Wants::Text),
    ("starts", "begins with", Wants::Text),
    ("eq", "is", Wants::Text),
    ("ne", "is not", Wants::Text),
    EMPTY,
    FILLED,
];
const OF_NUMBERS: [Verb; 8] = [
    ("eq", "is", Wants::Text),
    ("ne", "is not", Wants::Text),
    ("lt", "is below", Wants::Text),
    ("le", "is at most", Wants::Text),
    ("gt", "is above", Wants::Text),
    ("ge", "is at least", Wants::Text),
    EMPTY,
    FILLED,
];
const OF_TIME: [Verb; 9] = [
    ("during", "is in", Wants::Period),
    ("last", "is less ago than", Wants::Length),
    ("older", "is longer ago than", Wants::Length),
    ("next", "comes sooner than in", Wants::Length),
    ("later", "comes later than in", Wants::Length),
    ("before", "is before", Wants::Day),
    ("from", "is on or after", Wants::Day),
    EMPTY,
    FILLED,
];
const OF_FLAGS: [Verb; 2] = [("yes", "is yes", Wants::Nothing), ("no", "is no", Wants::Nothing)];
const OF_LISTS: [Verb; 4] = [("has", "has", Wants::One), ("lacks", "has not", Wants::One), EMPTY, FILLED];
const OF_TAGS: [Verb; 4] = [("has", "has", Wants::Text), ("lacks", "has not", Wants::Text), EMPTY, FILLED];
const OF_LINKS: [Verb; 3] = [("eq", "is", Wants::Text), EMPTY, FILLED];

/// The keys of fields that hold one of few numbers or words, whatever their kind.
const OF_FEW: [&str; 3] = ["state", "phase", "priority"];

/// One line: what holds of a field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// The lines of one number stand together; 0 are those that stand by themselves.
    pub group: usize,
    /// Key of the field; empty while none is chosen.
    pub field: String,
    /// What holds of it, as a form names it.
    pub verb: String,
    /// With what.
    pub values: Vec<String>,
}

/// Lines, and what of a condition is no sentence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// One of the lines has to hold, not all; within a group it is the other way round.
    pub any: bool,
    /// The lines.
    pub lines: Vec<Line>,
    /// Conditions that no line can say, as they are written.
    pub rest: Vec<String>,
}

/// Finds a field by its key.
pub type Find<'a> = &'a dyn Fn(&str) -> Option<&'static FieldDef>;

/// What can hold of a field.
#[must_use]
pub fn verbs(field: &FieldDef) -> &'static [Verb] {
    match field.kind {
        _ if OF_FEW.contains(&field.key) => &OF_CHOICES,
        Kind::Choice(_) | Kind::Ref(_) => &OF_CHOICES,
        Kind::Text { .. } | Kind::Markdown => &OF_TEXT,
        Kind::Number { .. } | Kind::Money { .. } | Kind::Duration => &OF_NUMBERS,
        Kind::Date | Kind::Instant => &OF_TIME,
        Kind::Bool => &OF_FLAGS,
        Kind::MultiChoice(_) | Kind::Refs(_) => &OF_LISTS,
        Kind::Tags => &OF_TAGS,
        Kind::Link(_) => &OF_LINKS,
        Kind::Table(_) => &[],
    }
}

impl Draft {
    /// The sentences of conditions that all hold.
    #[must_use]
    pub fn of(filters: &[String], find: Find<'_>) -> Self {
        let mut draft = Self::default();
        let mut parts = Vec::new();
        for text in filters {
            match Condition::parse(text) {
                Ok(Condition::And(members)) => parts.extend(members),
                Ok(other) => parts.push(other),
                Err(_) => draft.rest.push(text.clone()),
            }
        }
        if let [Condition::Or(members)] = parts.as_slice()
            && merged(members, find).is_none()
        {
            draft.any = true;
            parts = members.clone();
        }
        for part in &parts {
            if !draft.take(part, find) {
                draft.rest.push(part.to_string());
            }
        }
        draft
    }

    fn take(&mut self, part: &Condition, find: Find<'_>) -> bool {
        if let Some(line) = line(part, find) {
            self.lines.push(line);
            return true;
        }
        let members = match part {
            Condition::Or(members) if !self.any => members,
            Condition::And(members) if self.any => members,
            _ => return false,
        };
        let lines: Option<Vec<Line>> = members.iter().map(|member| line(member, find)).collect();
        let Some(lines) = lines else { return false };
        let group = self.groups() + 1;
        self.lines.extend(lines.into_iter().map(|line| Line { group, ..line }));
        true
    }

    /// The greatest number of a group.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.lines.iter().map(|line| line.group).max().unwrap_or_default()
    }

    /// The conditions that the lines come to, each for a chip of its own; lines that say nothing yet are left out.
    ///
    /// # Errors
    /// The place of a line that cannot be read, and why.
    pub fn conditions(&self, find: Find<'_>) -> Result<Vec<Condition>, (usize, String)> {
        let (mut alone, mut grouped): (Vec<Condition>, Vec<(usize, Condition)>) = (Vec::new(), Vec::new());
        for (index, line) in self.lines.iter().enumerate() {
            let Some(text) = find(&line.field).and_then(|field| text(field, line)) else { continue };
            let condition = Condition::parse(&text).map_err(|fault| (index, fault.says.clone()))?;
            if line.group == 0 {
                alone.push(condition);
                continue;
            }
            match grouped.iter_mut().find(|(group, _)| *group == line.group) {
                Some((_, held)) => {
                    let both = if self.any { held.clone().and(condition) } else { held.clone().or(condition) };
                    *held = both;
                }
                None => grouped.push((line.group, condition)),
            }
        }
        alone.extend(grouped.into_iter().map(|(_, condition)| condition));
        if !self.any {
            return Ok(alone);
        }
        Ok(alone.into_iter().reduce(Condition::or).into_iter().collect())
    }
}

/// A condition as one line.
fn line(condition: &Condition, find: Find<'_>) -> Option<Line> {
    let made = |field: &str, verb: &str, values: Vec<String>| {
        Some(Line { group: 0, field: field.to_owned(), verb: verb.to_owned(), values })
    };
    match condition {
        Condition::Empty { field, negated } => {
            verbs(find(field)?).iter().find(|verb| verb.0 == EMPTY.0)?;
            made(field, if *negated { "filled" } else { "empty" }, Vec::new())
        }
        Condition::During { field, period } => {
            verbs(find(field)?).iter().find(|verb| verb.0 == "during")?;
            Period::NAMED.iter().any(|(_, named)| named == period).then_some(())?;
            made(field, "during", vec![period.to_string()])
        }
        Condition::In { field, negated, operands } => {
            verbs(find(field)?).iter().find(|verb| verb.0 == "in")?;
            let values = operands.iter().map(value).collect::<Option<Vec<_>>>()?;
            made(field, if *negated { "not_in" } else { "in" }, values)
        }
        Condition::Compare { field, op, operand } => compared(find(field)?, *op, operand),
        Condition::Or(members) => merged(members, find),
        Condition::Not(inner) => match &**inner {
            Condition::Compare { field, op: Op::Has, operand } => made(field, "lacks", vec![value(operand)?]),
            Condition::Compare { field, op: Op::Eq, operand: Operand::Bool(true) } => made(field, "no", Vec::new()),
            _ => None,
        },
        Condition::And(_) => None,
    }
}

/// `assignee = me or assignee is empty` is one line: any of me, nobody.
fn merged(members: &[Condition], find: Find<'_>) -> Option<Line> {
    let mut all: Option<Line> = None;
    for member in members {
        let mut each = match member {
            Condition::Or(_) => return None,
            other => line(other, find)?,
        };
        if each.verb == "empty" {
            each.values = vec!["none".to_owned()];
        } else if each.verb != "in" {
            return None;
        }
        "in".clone_into(&mut each.verb);
        match &mut all {
            None => {
                verbs(find(&each.field)?).iter().find(|verb| verb.0 == "in")?;
                all = Some(each);
            }
            Some(line) if line.field == each.field => line.values.extend(each.values),
            Some(_) => return None,
        }
    }
    all
}

fn compared(field: &FieldDef, op: Op, operand: &Operand) -> Option<Line> {
    let verbs = verbs(field);
    let knows = |verb: &str| verbs.iter().any(|known| known.0 == verb);
    let (verb, values) = if knows("in") {
        few(field, op, operand)?
    } else if knows("during") {
        timed(op, operand)?
    } else if knows("yes") {
        match (op, operand) {
            (Op::Eq, Operand::Bool(yes)) => (if *yes { "yes" } else { "no" }, Vec::new()),
            _ => return None,
        }
    } else {
        let verb = match op {
            Op::Eq => "eq",
            Op::Ne => "ne",
            Op::Lt => "lt",
            Op::Le => "le",
            Op::Gt => "gt",
            Op::Ge => "ge",
            Op::Contains => "contains",
            Op::StartsWith => "starts",
            Op::Has => "has",
            Op::Under => return None,
        };
        knows(verb).then_some(())?;
        (verb, vec![value(operand)?])
    };
    Some(Line { group: 0, field: field.key.to_owned(), verb: verb.to_owned(), values })
}

/// One of few: by name, or for a priority by its rank.
fn few(field: &FieldDef, op: Op, operand: &Operand) -> Option<(&'static str, Vec<String>)> {
    let ranks = |fits: &dyn Fn(i64) -> bool| (1..=5).filter(|n| fits(*n)).map(|n| n.to_string()).collect();
    Some(match (op, operand) {
        (Op::Eq, other) => ("in", vec![value(other)?]),
        (Op::Ne, other) => ("not_in", vec![value(other)?]),
        (Op::Lt, Operand::Int(n)) if field.key == "priority" => ("in", ranks(&|each| each < *n)),
        (Op::Le, Operand::Int(n)) if field.key == "priority" => ("in", ranks(&|each| each <= *n)),
        (Op::Gt, Operand::Int(n)) if field.key == "priority" => ("in", ranks(&|each| each > *n)),
        (Op::Ge, Operand::Int(n)) if field.key == "priority" => ("in", ranks(&|each| each >= *n)),
        _ => return None,
    })
}

fn timed(op: Op, operand: &Operand) -> Option<(&'static str, Vec<String>)> {
    let (Operand::Now(Some(span)) | Operand::Today(Some(span))) = operand else {
        let Operand::Text(day) = operand else { return None };
        let verb = match op {
            Op::Lt => "before",
            Op::Ge => "from",
            _ => return None,
        };
        return Some((verb, vec![day.clone()]));
    };
    let verb = match (op, span.count < 0) {
        (Op::Ge, true) => "last",
        (Op::Lt, true) => "older",
        (Op::Le, false) => "next",
        (Op::Gt, false) => "later",
        _ => return None,
    };
    Some((verb, vec![length(*span)]))
}

fn length(span: Span) -> String {
    format!("{}{}", span.count.unsigned_abs(), span.unit.letter())
}

/// What a sentence is said with, as a form holds it.
fn value(operand: &Operand) -> Option<String> {
    Some(match operand {
        Operand::Text(text) => text.clone(),
        Operand::Int(number) => number.to_string(),
        Operand::Length(span) => length(*span),
        Operand::Me => "me".to_owned(),
        Operand::MyTeams => "my_teams".to_owned(),
        Operand::MyOrganisation => "my_organisation".to_owned(),
        Operand::Bool(_) | Operand::Now(_) | Operand::Today(_) => return None,
    })
}

/// What a line comes to in the condition language; none while it says nothing.
fn text(field: &FieldDef, line: &Line) -> Option<String> {
    let key = field.key;
    let first = line.values.iter().map(|value| value.trim()).find(|value| !value.is_empty());
    let quoted = |text: &str| Operand::Text(text.to_owned()).to_string();
    let literal = |text: &str| match field.kind {
        Kind::Number { .. } | Kind::Money { .. } | Kind::Duration | Kind::Refs(_) => text.to_owned(),
        _ => quoted(text),
    };
    let compare = |op: &str| first.map(|value| format!("{key} {op} {}", literal(value)));
    let now = if field.kind == Kind::Date { "today" } else { "now" };
    let since = |op: &str, sign: char| first.map(|value| format!("{key} {op} {now} {sign} {}", value.to_lowercase()));
    match line.verb.as_str() {
        "empty" => Some(format!("{key} is empty")),
        "filled" => Some(format!("{key} is not empty")),
        "yes" => Some(format!("{key} = true")),
        "no" => Some(format!("not {key} = true")),
        "in" => chosen(field, &line.values, false),
        "not_in" => chosen(field, &line.values, true),
        "contains" => compare("contains"),
        "starts" => compare("starts with"),
        "eq" => compare("="),
        "ne" => compare("!="),
        "lt" => compare("<"),
        "le" => compare("<="),
        "gt" => compare(">"),
        "ge" => compare(">="),
        "has" => compare("has"),
        "lacks" => compare("has").map(|has| format!("not {has}")),
        "during" => first.map(|period| format!("{key} during {period}")),
        "last" => since(">=", '-'),
        "older" => since("<", '-'),
        "next" => since("<=", '+'),
        "later" => since(">", '+'),
        "before" => first.map(|day| format!("{key} < {}", quoted(day))),
        "from" => first.map(|day| format!("{key} >= {}", quoted(day))),
        _ => None,
    }
}

/// Any of, or none of, what was ticked.
fn chosen(field: &FieldDef, values: &[String], negated: bool) -> Option<String> {
    let (key, not) = (field.key, if negated { "not " } else { "" });
    let numbers = matches!(field.kind, Kind::Ref(_)) || ["phase", "priority"].contains(&key);
    let quoted = |text: &str| Operand::Text(text.to_owned()).to_string();
    let given: Vec<&str> = values.iter().map(|value| value.trim()).filter(|value| !value.is_empty()).collect();
    let listed: Vec<String> = given
        .iter()
        .filter(|value| !["none", "my_teams"].contains(value))
        .map(|value| if numbers { (*value).to_owned() } else { quoted(value) })
        .collect();
    let mut parts = Vec::new();
    match listed.as_slice() {
        [] => {}
        [only] => parts.push(format!("{key} {} {only}", if negated { "!=" } else { "=" })),
        many => parts.push(format!("{key} {not}in ({})", many.join(", "))),
    }
    if given.contains(&"my_teams") {
        parts.push(format!("{key} {not}in my_teams"));
    }
    if given.contains(&"none") {
        parts.push(format!("{key} is {not}empty"));
    }
    let joined = parts.join(if negated { " and " } else { " or " });
    (!joined.is_empty()).then_some(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(key: &str) -> Option<&'static FieldDef> {
        mainstay_processes::ALL[0].field(key)
    }

    fn said(filters: &[&str]) -> (Draft, Vec<String>) {
        let filters: Vec<String> = filters.iter().map(|text| (*text).to_owned()).collect();
        let draft = Draft::of(&filters, &find);
        let back = draft.conditions(&find).expect("conditions").iter().map(ToString::to_string).collect();
        (draft, back)
    }

    #[test]
    fn b_10_conditions_become_sentences_and_conditions_again() {
        for text in [
            "assignee = me or assignee is empty",
            "team in my_teams",
            "service in (4, 9)",
            "title contains \"mail\"",
            "opened during last_week",
            "opened >= now - 7d",
            "due <= now + 2h",
            "opened < \"2026-01-05\"",
            "state in (\"new\", \"assigned\")",
            "title is not empty",
        ] {
            let (draft, back) = said(&[text]);
            assert!(draft.rest.is_empty(), "{text}: {draft:?}");
            assert_eq!((draft.lines.len(), back), (1, vec![text.to_owned()]), "{text}");
        }
        assert_eq!(said(&["priority <= 2"]).1, ["priority in (1, 2)"]);
    }

    #[test]
    fn b_10_lines_stand_together_in_groups_either_way() {
        let (all, back) = said(&["team in my_teams", "priority = 1 or title contains \"till\""]);
        assert!(!all.any && all.groups() == 1 && all.lines.len() == 3, "{all:?}");
        assert_eq!(back, ["team in my_teams", "priority = 1 or title contains \"till\""]);
        let text = "team in my_teams or priority = 1 and title contains \"till\"";
        let (any, back) = said(&[text]);
        assert!(any.any && any.groups() == 1, "{any:?}");
        assert_eq!(back, [text]);
    }

    #[test]
    fn what_is_no_sentence_is_kept_as_it_is() {
        let (draft, back) = said(&["not (priority = 1 and title = \"x\")", "priority = 1"]);
        assert_eq!(draft.rest, ["not (priority = 1 and title = \"x\")"]);
        assert_eq!(back, ["priority = 1"]);
    }

    #[test]
    fn a_line_without_an_answer_says_nothing() {
        let line = Line { group: 0, field: "title".into(), verb: "contains".into(), values: vec![" ".into()] };
        let draft = Draft { lines: vec![line, Line::default()], ..Draft::default() };
        assert_eq!(draft.conditions(&find), Ok(Vec::new()));
    }
}
