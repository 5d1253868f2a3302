//! Asking requesters how it went, and what follows from their answer. (BRM-05, BRM-06, INC-24)

use super::apply::Written;
use super::tasks::{TaskDraft, write_task};
use super::{apply, clocks};
use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::Result;
use crate::notify;
use mainstay_engine::field::{FieldDef, Instant};
use mainstay_engine::process::{Phase, Survey};
use mainstay_engine::record::Record;
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_store::{entries, hangings, surveys};
use std::collections::BTreeMap;

const DAY_MS: i64 = 86_400_000;
/// What notification rules call the question.
pub const SURVEYED: &str = "surveyed";
/// What notification rules call a task that follows.
pub const FOLLOW_UP: &str = "follow_up";

/// Marks a record that a step is about to close as one whose requester is asked, where the process's rule says so.
/// Answers whether it is.
pub fn mark(session: &mut Session<'_>, before: &Record, after: &mut Record) -> Result<bool> {
    let Some(survey) = after.process.survey else { return Ok(false) };
    let over = after.state.phase == Phase::Closed && before.state.phase != Phase::Closed && !after.state.void;
    let Some(person) = after.get(&spine::REQUESTER).filter(|_| over) else { return Ok(false) };
    let sampled = is_sampled(session, &survey, after) && !is_resting(session, &survey, after, person.0)?;
    let active = entries::by_id(session.conn, person.0)?.is_some_and(|row| row.active);
    if !sampled || !active || !surveys::ask(session.conn, after.id, after.process.key, person.0, session.now)? {
        return Ok(false);
    }
    if let Some(field) = after.process.field(survey.asked.key) {
        after.put(field, Value::Int(Instant(session.now).0));
    }
    Ok(true)
}

fn policy(session: &Session<'_>, record: &Record, key: &str) -> i64 {
    session.config.process(record.process).policies.get(key).copied().unwrap_or_default()
}

/// One record in so many, by its number: nobody chooses, and any count of records in a row holds its share.
fn is_sampled(session: &Session<'_>, survey: &Survey, record: &Record) -> bool {
    let every = policy(session, record, survey.every);
    let number = record.value(spine::NUMBER.def.key).as_text().unwrap_or_default();
    let digits = number.rsplit('-').next().and_then(|digits| digits.parse::<i64>().ok()).unwrap_or(record.id);
    every > 0 && digits % every == 0
}

fn is_resting(session: &mut Session<'_>, survey: &Survey, record: &Record, person: i64) -> Result<bool> {
    let days = policy(session, record, survey.rest);
    Ok(days > 0 && surveys::asked_since(session.conn, person, session.now - days * DAY_MS)?)
}

/// Asks: by the notification rules, in the name of nobody, so that whoever closed it themselves is asked too.
pub fn ask(session: &mut Session<'_>, record: &Record, written: Written) -> Result<()> {
    let engine = Caller::engine(Channel::Engine);
    apply::announce_written(session, &engine, record, SURVEYED, written, &BTreeMap::new()).map(|_| ())
}

/// Keeps that the question was answered, when this was the step that does so.
pub fn note_answer(session: &mut Session<'_>, record: &Record, verb: &str) -> Result<()> {
    if record.process.survey.is_some_and(|survey| survey.verb == verb) {
        surveys::answer(session.conn, record.id, session.now)?;
    }
    Ok(())
}

/// What gives somebody a task.
pub struct Cause<'a> {
    pub verb: &'static str,
    /// The requester's own words.
    pub words: &'a str,
    pub title: &'static str,
    pub at_most: Option<(FieldDef, &'static str)>,
    /// The policy that says how many working days there are.
    pub days: &'static str,
}

/// Gives whoever is in charge a task, unless one of the same cause is open already.
pub fn follow_up(session: &mut Session<'_>, record: &Record, cause: &Cause<'_>) -> Result<()> {
    if let Some((field, most)) = cause.at_most
        && record.value(field.key).as_int().is_none_or(|score| score > policy(session, record, most))
    {
        return Ok(());
    }
    let open = hangings::tasks(session.conn, record.id)?.into_iter().filter(|task| task.state == "open");
    let open: Vec<i64> = open.map(|task| task.id).collect();
    let made = surveys::follow_ups(session.conn, record.id)?;
    if made.iter().any(|(task, verb)| verb == cause.verb && open.contains(task)) {
        return Ok(());
    }
    let engine = Caller::engine(Channel::Engine);
    let draft = TaskDraft {
        title: cause.title.to_owned(),
        team: record.get(&spine::TEAM).map(|team| team.0),
        assignee: in_charge(session, record)?,
        due: Some(due(session, record, policy(session, record, cause.days))),
        waits_for: Vec::new(),
    };
    let task = write_task(session, &engine, record, &draft)?;
    surveys::follow_up(session.conn, task.id, record.id, record.process.key, cause.verb, session.now)?;
    let event = mainstay_store::events::newest(session.conn)?;
    let words = BTreeMap::from([("reason", cause.words.to_owned())]);
    apply::announce_written(session, &engine, record, FOLLOW_UP, Written { event, ..Written::default() }, &words)
        .map(|_| ())
}

/// The manager of the team, else who owns the record or works on it, else a manager of the process.
fn in_charge(session: &mut Session<'_>, record: &Record) -> Result<Option<i64>> {
    let team = record.get(&spine::TEAM).and_then(|team| session.config.teams.get(&team.0));
    let own = [team.and_then(|team| team.manager), record.value("owner").as_int(), record.value("assignee").as_int()];
    for person in own.into_iter().flatten().chain(notify::managers(session, record.process)?) {
        if entries::by_id(session.conn, person)?.is_some_and(|row| row.active) {
            return Ok(Some(person));
        }
    }
    Ok(None)
}

fn due(session: &Session<'_>, record: &Record, days: i64) -> i64 {
    let calendar = clocks::calendar_of(session.config, record);
    let working = u32::try_from(days).ok().and_then(|days| calendar?.add_working_days(session.now, days));
    working.unwrap_or(session.now + days * DAY_MS)
}

/// Whether a task follows from a word of the requester and is still to do, so that it can be finished even though its
/// record is closed.
pub fn is_follow_up(session: &mut Session<'_>, record: i64, task: i64) -> Result<bool> {
    Ok(surveys::follow_ups(session.conn, record)?.iter().any(|(id, _)| *id == task))
}
