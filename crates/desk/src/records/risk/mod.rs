//! The risk of records that are approved: the higher of what is known of them and of what people answer. It follows both
//! until the work begins; with more risk, what was approved is another matter. (CHG-04, GEN-17)

mod again;
mod found;
mod rules;

pub use again::{TIMER, linked, of_entry, of_record, taken_back};
pub(in crate::records) use again::{fire, naming, touching};
pub use rules::{Answer, Because, Question, answer_to, questions, read as because};

use super::rows;
use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::Result;
use mainstay_engine::process::{Assessed, Process, Transition};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::register::Entry;
use mainstay_engine::value::Value;
use rules::Rules;

/// The event of a record whose risk came to be another without anybody's edit.
pub const REASSESSED: &str = "risk_reassessed";

/// The rules for a record: of the first entry whose condition it meets.
fn entry<'a>(session: &Session<'a>, record: &Record) -> Option<&'a Entry> {
    let context = session.context();
    let config = session.config;
    let mut all = config.risk_rules.iter().filter(|rule| rule.process == record.process.key);
    let fits =
        |condition: &mainstay_engine::condition::Checked| condition.resolve(&context).matches(&|key| record.read(key));
    all.find(|rule| rule.condition.as_ref().is_none_or(fits)).map(|rule| &rule.entry)
}

fn rules(session: &Session<'_>, record: &Record) -> Option<Rules> {
    let (context, config) = (session.context(), session.config);
    let check = |condition: &mainstay_engine::condition::Condition| config.check(record.process, condition).ok();
    entry(session, record).map(|entry| Rules::of(entry, check, |condition| condition.resolve(&context)))
}

/// The questions about the risk of a record, in their order.
#[must_use]
pub fn asked(session: &Session<'_>, record: &Record) -> Vec<Question> {
    entry(session, record).map(questions).unwrap_or_default()
}

/// Brings the risk of a record that is about to be written up to what is known of it and to what was answered.
///
/// # Errors
/// Answers that the rules do not have, or that come too late; a step that needs answers which are missing.
pub(super) fn follow(session: &mut Session<'_>, before: &Record, after: &mut Record, verb: &str) -> Result<()> {
    let Some(assessed) = after.process.assessed() else { return Ok(()) };
    let given = after.value(assessed.answers.key).clone();
    let answered = given != *before.value(assessed.answers.key);
    if !(assessed.follows)(after) {
        let says = "The risk stays as it was when the work began.";
        let late = answered.then(|| FieldError::new(assessed.answers.key, "approved", says));
        return Ok(Refusal::unless_empty(late.into_iter().collect())?);
    }
    let Some(rules) = rules(session, after) else { return Ok(()) };
    if answered {
        Refusal::unless_empty(rules.misfits(&assessed.answers, &given))?;
    }
    if verb == assessed.answered_before {
        let says = |question: &Question| format!("Answer under Risk: {}", question.question);
        let missing = rules.open(&given);
        let missing = missing.map(|question| FieldError::new(assessed.answers.key, "required", says(question)));
        Refusal::unless_empty(missing.collect())?;
    }
    let found = found::found(session, assessed, after)?;
    let verdict = rules.weigh(&found, &given, |condition| condition.matches(&|key| after.read(key)));
    after.put(&assessed.level, rules::option(&assessed.level, verdict.level));
    after.put(&assessed.points, Value::Int(verdict.points));
    after.put(&assessed.because, rules::kept(&verdict.because));
    after.put(&assessed.rules, Value::Int(rules.id));
    after.put(&assessed.version, Value::Int(rules.version));
    if answered {
        super::approvals::forget_word(before, after);
    }
    Ok(())
}

/// What stands against a step by which the work begins: more risk now than was approved, though no timer has told yet. A
/// model stands for its records whatever their risk. `after` is the record as the step leaves it.
///
/// # Errors
/// The database's.
pub(super) fn against(
    session: &mut Session<'_>,
    before: &Record,
    after: &Record,
    step: &Transition,
) -> Result<Option<Refusal>> {
    let Some(approvals) = before.process.approvals.as_ref().filter(|each| each.assessed.is_some()) else {
        return Ok(None);
    };
    if !approvals.begins.contains(&step.verb) || super::approvals::vouched(session.config, session.now, before) {
        return Ok(None);
    }
    let mut now = after.clone();
    now.state = before.state;
    follow(session, before, &mut now, step.verb)?;
    if approvals.changed(after, &now).is_empty() {
        return Ok(None);
    }
    let says =
        "Its risk has grown since it was approved. It goes back to be approved anew, at the latest when it is edited.";
    Ok(Some(Refusal::conflict("risk_grew", says)))
}

/// Whether the risk of a record is another one, or for another reason.
fn differs(assessed: &Assessed, before: &Record, after: &Record) -> bool {
    let said = [assessed.level, assessed.points, assessed.because, assessed.rules, assessed.version];
    said.iter().any(|field| before.value(field.key) != after.value(field.key))
}

/// Assesses a record anew after what its risk follows from has changed elsewhere.
fn reassess(session: &mut Session<'_>, id: i64) -> Result<()> {
    let Some(before) = rows::by_id(session, id)? else { return Ok(()) };
    let Some(assessed) = before.process.assessed().filter(|assessed| (assessed.follows)(&before)) else {
        return Ok(());
    };
    let mut after = before.clone();
    follow(session, &before, &mut after, REASSESSED)?;
    if !differs(assessed, &before, &after) {
        return Ok(());
    }
    after.version += 1;
    let engine = Caller::engine(Channel::Engine);
    super::approvals::forget_word(&before, &mut after);
    super::apply::write_change(session, &engine, &before, &mut after, REASSESSED, None, None).map(|_| ())
}

/// The processes whose records have a risk.
fn assessing() -> impl Iterator<Item = (&'static Process, &'static Assessed)> {
    mainstay_processes::ALL.iter().copied().filter_map(|process| Some((process, process.assessed()?)))
}
