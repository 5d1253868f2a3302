//! The rules of risk in one version, and what follows from them; pure.

use mainstay_engine::condition::{Checked, Condition, Resolved};
use mainstay_engine::field::{FieldDef, FieldType as _, Kind};
use mainstay_engine::refusal::FieldError;
use mainstay_engine::register::Entry;
use mainstay_engine::value::Value;
use mainstay_processes::registers::{RiskFact, RiskPart};
use std::collections::BTreeMap;

/// An answer that can be given to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub answer: String,
    pub points: i64,
}

/// A question about the risk, with its answers in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub question: String,
    pub answers: Vec<Answer>,
}

/// A rule about a fact: from how many on it counts, and for how much.
#[derive(Clone, Debug)]
struct Rule {
    fact: RiskFact,
    at_least: i64,
    condition: Option<Resolved>,
    says: String,
    points: i64,
}

/// What is known of a record; none: too little happened yet to say.
pub type Found = BTreeMap<&'static str, i64>;

/// Something that counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Because {
    pub part: RiskPart,
    pub fact: Option<RiskFact>,
    pub found: Option<i64>,
    pub at_least: Option<i64>,
    /// In words of the organisation: why a condition is risky, or a question with its answer.
    pub says: Option<String>,
    pub points: i64,
}

/// What the rules say of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// 0: low, 1: medium, 2: high.
    pub level: usize,
    /// The higher of the two sums.
    pub points: i64,
    pub because: Vec<Because>,
}

/// The rules of one entry.
#[derive(Clone, Debug)]
pub struct Rules {
    pub id: i64,
    pub version: i64,
    pub questions: Vec<Question>,
    medium: i64,
    high: i64,
    known: Vec<Rule>,
}

impl Rules {
    /// Reads an entry; `check` types a condition for its process and `resolve` says what it means here. A rule whose
    /// condition cannot be read never counts.
    pub fn of(
        entry: &Entry,
        check: impl Fn(&Condition) -> Option<Checked>,
        resolve: impl Fn(&Checked) -> Resolved,
    ) -> Self {
        let read = |row: &Value| {
            let fact = RiskFact::from_value(row.column("fact"))?;
            let text = row.column("condition").as_text().filter(|_| fact == RiskFact::Condition);
            let condition = match text {
                Some(text) => Some(resolve(&check(&Condition::parse(text).ok()?)?)),
                None => None,
            };
            Some(Rule {
                fact,
                at_least: row.column("at_least").as_int().unwrap_or(1),
                condition,
                says: row.column("says").as_text().unwrap_or_default().to_owned(),
                points: row.column("points").as_int()?,
            })
        };
        Self {
            id: entry.id,
            version: entry.version,
            questions: questions(entry),
            medium: entry.int("medium").unwrap_or(i64::MAX),
            high: entry.int("high").unwrap_or(i64::MAX),
            known: entry.value("rules").as_list().iter().filter_map(read).collect(),
        }
    }

    /// The points of an answer, where the question has it.
    fn points_of(&self, question: &str, answer: &str) -> Option<i64> {
        let question = self.questions.iter().find(|known| known.question == question)?;
        question.answers.iter().find(|known| known.answer == answer).map(|known| known.points)
    }

    /// What is wrong with rows of answers: unknown questions or answers, a question twice.
    #[must_use]
    pub fn misfits(&self, field: &FieldDef, given: &Value) -> Vec<FieldError> {
        let text = |row: &Value, key: &str| row.column(key).as_text().unwrap_or_default().to_owned();
        let mut errors = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        for (index, row) in given.as_list().iter().enumerate() {
            let (question, answer) = (text(row, "question"), text(row, "answer"));
            let known = self.questions.iter().find(|known| known.question == question);
            let at = |column: &str| format!("{}.{index}.{column}", field.key);
            match known {
                None => errors.push(FieldError::new(
                    &at("question"),
                    "unknown_question",
                    "The rules have no such question.",
                )),
                Some(_) if seen.contains(&question) => {
                    errors.push(FieldError::new(&at("question"), "taken", "This question is answered already."));
                }
                Some(known) if self.points_of(&question, &answer).is_none() => {
                    let all: Vec<&str> = known.answers.iter().map(|answer| answer.answer.as_str()).collect();
                    let says = format!("“{question}” is answered by one of: {}.", all.join("; "));
                    errors.push(FieldError::new(&at("answer"), "unknown_answer", says));
                }
                Some(_) => {}
            }
            seen.push(question);
        }
        errors
    }

    /// The questions without an answer that they have.
    pub fn open<'a>(&'a self, given: &'a Value) -> impl Iterator<Item = &'a Question> {
        self.questions.iter().filter(move |question| answer_to(given, question).is_none())
    }

    /// What they say of a record, by what is known of it and the answers that were given. What counts comes first by its
    /// points; answers that count for nothing are told as well.
    pub fn weigh(&self, found: &Found, given: &Value, meets: impl Fn(&Resolved) -> bool) -> Verdict {
        let mut because = self.by_rules(found, meets);
        for question in &self.questions {
            let Some(answer) = answer_to(given, question) else { continue };
            because.push(Because {
                part: RiskPart::Answers,
                fact: None,
                found: None,
                at_least: None,
                says: Some(format!("{} {}", question.question, answer.answer)),
                points: answer.points,
            });
        }
        because.sort_by_key(|each| (each.part == RiskPart::Answers, -each.points));
        let sum = |part: RiskPart| because.iter().filter(|each| each.part == part).map(|each| each.points).sum::<i64>();
        let points = sum(RiskPart::Rules).max(sum(RiskPart::Answers));
        let level = usize::from(points >= self.medium) + usize::from(points >= self.high);
        Verdict { level, points, because }
    }

    fn by_rules(&self, found: &Found, meets: impl Fn(&Resolved) -> bool) -> Vec<Because> {
        let mut because: Vec<Because> = Vec::new();
        for rule in &self.known {
            let known = found.get(rule.fact.key()).copied();
            let counts = match &rule.condition {
                Some(condition) => meets(condition),
                None => known.is_some_and(|known| known >= rule.at_least),
            };
            if !counts {
                continue;
            }
            let by_fact = rule.condition.is_none();
            let new = Because {
                part: RiskPart::Rules,
                fact: Some(rule.fact),
                found: known.filter(|_| by_fact),
                at_least: by_fact.then_some(rule.at_least),
                says: (!rule.says.is_empty()).then(|| rule.says.clone()),
                points: rule.points,
            };
            match because.iter_mut().find(|each| by_fact && each.fact == Some(rule.fact)) {
                Some(each) if each.points < new.points => *each = new,
                Some(_) => {}
                None => because.push(new),
            }
        }
        because
    }
}

/// The questions of an entry, each once.
#[must_use]
pub fn questions(entry: &Entry) -> Vec<Question> {
    let mut all: Vec<Question> = Vec::new();
    for row in entry.value("questions").as_list() {
        let text = |key: &str| row.column(key).as_text().unwrap_or_default().trim().to_owned();
        let answer = Answer { answer: text("answer"), points: row.column("points").as_int().unwrap_or_default() };
        match all.iter_mut().find(|known| known.question == text("question")) {
            Some(known) => known.answers.push(answer),
            None => all.push(Question { question: text("question"), answers: vec![answer] }),
        }
    }
    all
}

/// The answer to a question among those that were given.
#[must_use]
pub fn answer_to<'a>(given: &Value, question: &'a Question) -> Option<&'a Answer> {
    let rows = given.as_list().iter();
    let mut to_it = rows.filter(|row| row.column("question").as_text() == Some(&question.question));
    let said = to_it.next()?.column("answer").as_text()?;
    question.answers.iter().find(|answer| answer.answer == said)
}

/// Reasons as a field keeps them.
#[must_use]
pub fn kept(because: &[Because]) -> Value {
    let row = |each: &Because| {
        let mut row = BTreeMap::from([
            ("part".to_owned(), each.part.key().into()),
            ("points".to_owned(), Value::Int(each.points)),
        ]);
        row.extend(each.fact.map(|fact| ("fact".to_owned(), fact.key().into())));
        row.extend(each.found.map(|found| ("found".to_owned(), Value::Int(found))));
        row.extend(each.at_least.map(|at| ("at_least".to_owned(), Value::Int(at))));
        row.extend(each.says.clone().map(|says| ("says".to_owned(), says.as_str().into())));
        Value::Row(row)
    };
    if because.is_empty() { Value::Null } else { Value::List(because.iter().map(row).collect()) }
}

/// Reasons as a field holds them.
#[must_use]
pub fn read(held: &Value) -> Vec<Because> {
    let row = |row: &Value| {
        Some(Because {
            part: RiskPart::from_value(row.column("part"))?,
            fact: RiskFact::from_value(row.column("fact")),
            found: row.column("found").as_int(),
            at_least: row.column("at_least").as_int(),
            says: row.column("says").as_text().map(str::to_owned),
            points: row.column("points").as_int()?,
        })
    };
    held.as_list().iter().filter_map(row).collect()
}

/// The option of a level.
#[must_use]
pub fn option(level: &FieldDef, place: usize) -> Value {
    match level.kind {
        Kind::Choice(options) => options.get(place).map_or(Value::Null, |option| option.key.into()),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rules() -> Rules {
        let values = json!({
            "medium": 30, "high": 60,
            "rules": [
                { "fact": "dependants", "at_least": 5, "points": 10 },
                { "fact": "dependants", "at_least": 20, "points": 25 },
                { "fact": "critical", "at_least": 1, "points": 40 },
            ],
            "questions": [
                { "question": "Tried?", "answer": "Yes", "points": 0 },
                { "question": "Tried?", "answer": "No", "points": 35 },
                { "question": "Seen?", "answer": "No", "points": 0 },
                { "question": "Seen?", "answer": "Yes", "points": 25 },
            ],
        });
        let Value::Row(values) = Value::from_plain(&values) else { panic!("no row") };
        let entry = Entry {
            id: 7,
            key: String::new(),
            name: String::new(),
            active: true,
            organisation: None,
            version: 3,
            values,
        };
        Rules::of(&entry, |_| None, |_| unreachable!())
    }

    fn given(rows: &[(&str, &str)]) -> Value {
        let row = |(question, answer): &(&str, &str)| json!({ "question": question, "answer": answer });
        Value::from_plain(&rows.iter().map(row).collect())
    }

    fn weighed(found: &[(RiskFact, i64)], answers: &[(&str, &str)]) -> (usize, i64) {
        let found = found.iter().map(|(fact, number)| (fact.key(), *number)).collect();
        let verdict = rules().weigh(&found, &given(answers), |_| false);
        (verdict.level, verdict.points)
    }

    #[test]
    fn chg_04_the_higher_of_rules_and_answers_makes_the_level() {
        assert_eq!(weighed(&[], &[]), (0, 0));
        assert_eq!(weighed(&[(RiskFact::Dependants, 4)], &[]), (0, 0));
        assert_eq!(weighed(&[(RiskFact::Dependants, 30)], &[]), (0, 25), "of one fact the row with most points");
        assert_eq!(weighed(&[(RiskFact::Dependants, 5), (RiskFact::Critical, 1)], &[]), (1, 50));
        assert_eq!(weighed(&[(RiskFact::Dependants, 30), (RiskFact::Critical, 1)], &[]), (2, 65));
        assert_eq!(weighed(&[(RiskFact::Dependants, 5)], &[("Tried?", "No")]), (1, 35), "answers outweigh rules");
        assert_eq!(weighed(&[(RiskFact::Critical, 1)], &[("Tried?", "No")]), (1, 40), "and the two are not added up");
        assert_eq!(weighed(&[], &[("Tried?", "No"), ("Seen?", "Yes")]), (2, 60));
    }

    #[test]
    fn answers_are_those_of_the_questions() {
        let (rules, field) = (rules(), FieldDef { key: "answers", ..mainstay_engine::spine::TITLE.def });
        let codes = |rows: &[(&str, &str)]| -> Vec<String> {
            rules.misfits(&field, &given(rows)).into_iter().map(|error| error.code).collect()
        };
        assert!(codes(&[("Tried?", "Yes")]).is_empty());
        assert_eq!(codes(&[("Dared?", "Yes")]), ["unknown_question"]);
        assert_eq!(codes(&[("Tried?", "Perhaps")]), ["unknown_answer"]);
        assert_eq!(codes(&[("Tried?", "Yes"), ("Tried?", "No")]), ["taken"]);
        let open: Vec<String> =
            rules.open(&given(&[("Tried?", "Yes")])).map(|question| question.question.clone()).collect();
        assert_eq!(open, ["Seen?"]);
    }

    #[test]
    fn what_counted_is_kept_and_read_again() {
        let found = BTreeMap::from([(RiskFact::Critical.key(), 2)]);
        let verdict = rules().weigh(&found, &given(&[("Tried?", "No")]), |_| false);
        assert_eq!(read(&kept(&verdict.because)), verdict.because);
        assert_eq!(verdict.because[0].found, Some(2));
    }
}
