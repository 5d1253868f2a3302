//! Playing the plot through the commands that everybody uses, each at its own instant.

use super::estate;
use super::plot::{Beat, LOG, Step};
use super::stories::address;
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::{Error, Result};
use crate::install::{Planned, values};
use crate::records::{self, Act, Amend, NewAttachment, NewComment, Opening, TaskChange, TaskDraft, Voice};
use crate::schedule;
use mainstay_engine::process::Process;
use mainstay_engine::refusal::Refusal;
use mainstay_processes::bundles::AFFECTS;
use mainstay_processes::operation::incident::INCIDENT;
use mainstay_store::{Blob, Part, Watch, entries, record as store, timers};
use serde_json::{Map, Value as Json};
use std::collections::HashMap;

static PROCESS: &Process = &INCIDENT;
const PLAYING: Part = Part::new("Making demo data", "steps");
/// Timers fired in one go.
const TIMERS: i64 = 200;

/// What came of the play.
#[derive(Clone, Debug, Default)]
pub struct Played {
    pub stories: usize,
    pub beats: usize,
    /// Steps that the process did not allow: what, and why.
    pub refused: Vec<String>,
}

/// The play as it goes on.
pub struct Play<'a> {
    log: &'a Blob,
    watch: &'a Watch,
    callers: HashMap<&'static str, Caller>,
    numbers: HashMap<usize, String>,
    tasks: HashMap<usize, i64>,
    played: Played,
}

impl<'a> Play<'a> {
    #[must_use]
    pub fn new(log: &'a Blob, watch: &'a Watch) -> Self {
        let (callers, numbers, tasks) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { log, watch, callers, numbers, tasks, played: Played::default() }
    }

    /// Plays every beat up to the session's instant, and every timer between them.
    ///
    /// # Errors
    /// The database's. What the process refuses is noted, and the play goes on.
    pub fn run(mut self, session: &mut Session<'_>, beats: &[Beat]) -> Result<Played> {
        let present = session.now;
        let past = beats.iter().filter(|beat| beat.at <= present);
        let total = past.clone().count() as u64;
        for (done, beat) in (1..).zip(past) {
            self.watch.tell(PLAYING, done, total);
            ring(session, beat.at)?;
            self.one(session, beat)?;
        }
        ring(session, present)?;
        self.played.stories = self.numbers.len();
        Ok(self.played)
    }

    fn one(&mut self, session: &mut Session<'_>, beat: &Beat) -> Result<()> {
        let mut caller = self.caller(session, beat.who)?;
        caller.channel = beat.channel;
        let config = session.config;
        let done = session.conn.attempt(|conn| {
            let mut then = Session::new(conn, config, beat.at);
            self.step(&mut then, &caller, beat)
        });
        match done {
            Ok(()) => self.played.beats += 1,
            Err(Error::Refused(refusal)) => {
                self.played.refused.push(format!(
                    "{} {:?} {:?}: {} {:?}",
                    beat.who,
                    self.numbers.get(&beat.story),
                    beat.step,
                    refusal,
                    refusal.errors
                ));
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn caller(&mut self, session: &mut Session<'_>, who: &'static str) -> Result<Caller> {
        if let Some(caller) = self.callers.get(who) {
            return Ok(caller.clone());
        }
        let missing = || Error::from(Refusal::missing("such person"));
        let id = entries::by_key(session.conn, "people", &address(who))?.ok_or_else(missing)?.id;
        let caller =
            Caller::load(session.conn, session.config, id, crate::caller::Channel::Desk, None)?.ok_or_else(missing)?;
        self.callers.insert(who, caller.clone());
        Ok(caller)
    }

    fn number(&self, story: usize) -> Result<String> {
        self.numbers.get(&story).cloned().ok_or_else(|| Refusal::missing("such story").into())
    }

    fn step(&mut self, session: &mut Session<'_>, caller: &Caller, beat: &Beat) -> Result<()> {
        match &beat.step {
            Step::Open { values } => return self.open(session, caller, beat.story, PROCESS, &[], values),
            Step::OpenFrom { process, from, values } => {
                let process = mainstay_processes::process(process).unwrap_or(PROCESS);
                return self.open(session, caller, beat.story, process, from, values);
            }
            Step::OpenedFor { story, relation } => {
                let of = self.number(*story)?;
                let process = mainstay_processes::of_number(&of).unwrap_or(PROCESS);
                let (links, _) = records::links(session, caller, process, &of)?;
                let found = links.iter().find(|link| link.outgoing && link.relation == *relation);
                let other = found.ok_or_else(|| Refusal::missing("such record"))?;
                let number = other.other.value("number").as_text().unwrap_or_default().to_owned();
                self.numbers.insert(beat.story, number);
                return Ok(());
            }
            _ => {}
        }
        let number = self.number(beat.story)?;
        let process = mainstay_processes::of_number(&number).unwrap_or(PROCESS);
        match &beat.step {
            Step::Open { .. } | Step::OpenFrom { .. } | Step::OpenedFor { .. } => Ok(()),
            Step::Amend { values } => {
                let version = records::get(session, caller, process, &number)?.record.version;
                let amend = Amend { version, values: resolved(session, values)?, reason: None };
                records::amend(session, caller, process, &number, &amend).map(|_| ())
            }
            Step::Act { verb, values, reason, comment, link } => {
                let act = Act {
                    values: resolved(session, values)?,
                    reason: reason.clone(),
                    comment: comment.clone(),
                    link: link.map(|story| self.number(story)).transpose()?,
                    ..Act::default()
                };
                records::act(session, caller, process, &number, verb, &act).map(|_| ())
            }
            Step::Say { body, internal } => {
                let new = NewComment { body: body.clone(), internal: *internal, ..NewComment::default() };
                records::comment(session, caller, process, &number, &new).map(|_| ())
            }
            Step::Link { relation, to } => {
                let other = self.number(*to)?;
                records::link(session, caller, process, &number, relation, &other).map(|_| ())
            }
            Step::Affect { item } => {
                let item = store::find_external(session.conn, &caller.scope, estate::ORIGIN, item)?.number;
                records::link(session, caller, process, &number, AFFECTS, &item).map(|_| ())
            }
            Step::Watch => {
                let person = caller.person_id().unwrap_or_default();
                records::watch(session, caller, process, &number, person)
            }
            Step::AddTask { title, team, minutes } => {
                self.add_task(session, caller, beat, &number, (title, team, *minutes))
            }
            Step::FinishTasks => finish_tasks(session, caller, process, &number),
            Step::Approve => approve(session, caller, process, &number),
            Step::Accept { reason } => accept(session, caller, process, &number, reason),
            Step::FinishTask => self.finish_task(session, caller, beat.story, &number),
            Step::AttachLog => self.attach_log(session, caller, &number),
            Step::Judge { score } => judge(session, caller, &number, *score),
        }
    }

    /// Opens a record, and remembers its number.
    fn open(
        &mut self,
        session: &mut Session<'_>,
        caller: &Caller,
        story: usize,
        process: &'static Process,
        from: &[usize],
        values: &Json,
    ) -> Result<()> {
        let from = from.iter().map(|story| self.number(*story)).collect::<Result<Vec<_>>>()?;
        let opening = Opening { values: resolved(session, values)?, from, ..Opening::default() };
        let view = records::open(session, caller, process, &opening)?;
        let number = view.record.value("number").as_text().unwrap_or_default().to_owned();
        self.numbers.insert(story, number);
        Ok(())
    }

    fn add_task(
        &mut self,
        session: &mut Session<'_>,
        caller: &Caller,
        beat: &Beat,
        number: &str,
        task: (&str, &str, i64),
    ) -> Result<()> {
        let (title, team, minutes) = task;
        let team = entries::by_key(session.conn, "teams", team)?.map(|row| row.id);
        let draft = TaskDraft {
            title: title.to_owned(),
            team,
            assignee: None,
            due: Some(beat.at + minutes * 60_000),
            waits_for: Vec::new(),
        };
        let row = records::add_task(session, caller, PROCESS, number, &draft)?;
        self.tasks.insert(beat.story, row.id);
        Ok(())
    }

    fn finish_task(&mut self, session: &mut Session<'_>, caller: &Caller, story: usize, number: &str) -> Result<()> {
        let id = self.tasks.get(&story).copied().unwrap_or_default();
        let all = records::tasks(session, caller, PROCESS, number)?;
        let Some(task) = all.into_iter().find(|task| task.id == id) else {
            return Err(Refusal::missing("task").into());
        };
        let change = TaskChange { version: task.version, state: Some("done".to_owned()), ..TaskChange::default() };
        records::change_task(session, caller, PROCESS, number, id, &change).map(|_| ())
    }

    fn attach_log(&mut self, session: &mut Session<'_>, caller: &Caller, number: &str) -> Result<()> {
        let new = NewAttachment {
            name: LOG.0.to_owned(),
            media_type: "text/plain".to_owned(),
            size: self.log.size,
            digest: self.log.digest.clone(),
            internal: false,
        };
        records::attach(session, caller, PROCESS, number, &new).map(|_| ())
    }
}

fn finish_tasks(session: &mut Session<'_>, caller: &Caller, process: &'static Process, number: &str) -> Result<()> {
    for task in records::tasks(session, caller, process, number)?.into_iter().filter(|task| task.state == "open") {
        let change = TaskChange { version: task.version, state: Some("done".to_owned()), ..TaskChange::default() };
        records::change_task(session, caller, process, number, task.id, &change)?;
    }
    Ok(())
}

fn approve(session: &mut Session<'_>, caller: &Caller, process: &'static Process, number: &str) -> Result<()> {
    let asked = records::asked_of(session, caller, process, number)?;
    if asked.is_empty() {
        return Err(Refusal::missing("approval").into());
    }
    for each in asked {
        let voice = Voice { grants: true, words: None, version: each.record.version };
        records::answer(session, caller, process, number, each.row.id, &voice)?;
    }
    Ok(())
}

fn accept(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    reason: &str,
) -> Result<()> {
    let shown = schedule::shown(session, caller, process, number)?;
    for conflict in shown.conflicts.of.iter().flatten().filter(|conflict| !conflict.is_settled()) {
        schedule::accept(session, caller, process, number, &conflict.key(), reason)?;
    }
    Ok(())
}

/// Fires every timer due by an instant, each at its own.
fn ring(session: &mut Session<'_>, until: i64) -> Result<()> {
    while let Some(due) = timers::next_due(session.conn)?.filter(|due| *due <= until) {
        let mut then = Session::new(session.conn, session.config, due);
        if records::fire_due(&mut then, TIMERS)? == 0 {
            break;
        }
    }
    Ok(())
}

fn resolved(session: &mut Session<'_>, json: &Json) -> Result<Map<String, Json>> {
    let plan = Planned { register: PROCESS.plural, key: "demo".into(), name: String::new(), values: json.clone() };
    values(session.conn, &plan)
}

/// Says how it went, if that is asked of whoever says it.
fn judge(session: &mut Session<'_>, caller: &Caller, number: &str, score: i64) -> Result<()> {
    let Some(survey) = PROCESS.survey else { return Ok(()) };
    let open = records::get(session, caller, PROCESS, number)?.options;
    if open.iter().all(|step| step.verb != survey.verb) {
        return Ok(());
    }
    let values = [(survey.score.key.to_owned(), Json::from(score))].into_iter().collect();
    records::act(session, caller, PROCESS, number, survey.verb, &Act { values, ..Act::default() }).map(|_| ())
}
