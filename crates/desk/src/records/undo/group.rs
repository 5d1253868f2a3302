//! An event with what followed from it in the same transaction: all of it is taken back together.

use super::{UNDONE, changed_since, changes, undone_already};
use crate::desk::Session;
use crate::error::Result;
use crate::records::apply::CLOCK;
use crate::records::clocks::Brought;
use mainstay_engine::field::Home;
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::FieldError;
use mainstay_engine::value::Value;
use mainstay_store::{EventRow, entries, hangings};
use serde_json::{Value as Json, json};

/// Fields that follow by themselves.
const FOLLOWING: [&str; 2] = ["due", "updated"];

/// An event, the steps that the engine took because of it, and what they changed between them.
pub struct Group<'a> {
    /// The one that is taken back.
    pub first: &'a EventRow,
    /// It and the steps that followed at once.
    members: Vec<&'a EventRow>,
    /// Everything else of the same instant.
    beside: Vec<&'a EventRow>,
    /// What came later.
    later: Vec<&'a EventRow>,
    /// Field, value before, value after, in the order of their change.
    pub fields: Vec<(String, Json, Json)>,
}

impl<'a> Group<'a> {
    /// Reads the group from the log of a record from its first event on, of which there is one.
    pub fn of(process: &'static Process, log: &'a [EventRow]) -> Self {
        let first = &log[0];
        // What followed from something that was taken back already is no part of this.
        let undone = |event: &EventRow| event.id != first.id && undone_already(log, event.id);
        let at_once = |event: &&EventRow| event.at == first.at;
        let follows = |event: &EventRow| {
            event.id == first.id || event.actor.is_none() && process.transition(&event.verb).is_some() && !undone(event)
        };
        let (now, later): (Vec<_>, Vec<_>) = log.iter().partition(at_once);
        let (members, beside): (Vec<_>, Vec<_>) = now.into_iter().partition(|event| follows(event));
        let mut fields: Vec<(String, Json, Json)> = Vec::new();
        for change in members.iter().flat_map(|event| changes(event)) {
            let key = change["field"].as_str().unwrap_or_default();
            if key == CLOCK {
                continue;
            }
            match fields.iter_mut().find(|(known, ..)| known == key) {
                Some((.., new)) => *new = change["new"].clone(),
                None => fields.push((key.to_owned(), change["old"].clone(), change["new"].clone())),
            }
        }
        Self { first, members, beside, later, fields }
    }

    /// Everything of the same instant that is no part of it: notices, links, tasks, words.
    pub fn beside(&self) -> &[&'a EventRow] {
        &self.beside
    }

    /// Public words went with it.
    pub fn spoke(&self) -> bool {
        self.beside.iter().any(|event| event.verb == "commented" && event.actor == self.first.actor)
    }

    /// The facts that it brought the clocks.
    pub fn brought(&self) -> Vec<Brought> {
        let of_clocks = self.members.iter().flat_map(|event| changes(event)).filter(|change| change["field"] == CLOCK);
        let place = |change: &Json, at: usize| change["new"][at].as_i64();
        let read = |change: Json| {
            let (from, to) = (usize::try_from(place(&change, 1)?).ok()?, usize::try_from(place(&change, 2)?).ok()?);
            Some(Brought { clock: place(&change, 0)?, from, to })
        };
        of_clocks.filter_map(read).collect()
    }

    /// Refuses when somebody has changed one of its fields since.
    pub fn unchanged_since(&self, session: &mut Session<'_>, record: &Record) -> Result<()> {
        let mut errors = Vec::new();
        for (key, _, new) in self.fields.iter().filter(|(key, ..)| !FOLLOWING.contains(&key.as_str())) {
            let field = session.config.field(record.process, key);
            if key != "state" && field.is_none() {
                continue;
            }
            let by = self.later.iter().find(|event| changes(event).iter().any(|change| change["field"] == **key));
            let held = record.read(key);
            // A flag of the spine that is off is empty, whatever the log says.
            let off = |value: &Value| *value == Value::Bool(false) && field.is_some_and(|f| f.home == Home::Spine);
            let meant = Some(Value::from_plain(new)).filter(|value| !off(value)).unwrap_or_default();
            if by.is_none() && held == meant {
                continue;
            }
            let who = Self::name_of(session, by.and_then(|event| event.actor))?;
            let label = field.map_or("State", |field| field.label);
            errors.push(FieldError::new(key, "changed_since", format!("{who} has changed {label} since.")));
        }
        if errors.is_empty() { Ok(()) } else { Err(changed_since(errors).into()) }
    }

    fn name_of(session: &mut Session<'_>, actor: Option<i64>) -> Result<String> {
        let names = entries::names(session.conn, &actor.into_iter().collect::<Vec<_>>())?;
        Ok(names.into_iter().next().map_or_else(|| "Mainstay".to_owned(), |(.., name)| name))
    }

    /// Drops the tasks that came with it and that nobody has touched, and answers their titles.
    pub fn drop_tasks(&self, session: &mut Session<'_>, record: &Record) -> Result<Vec<String>> {
        let mut dropped = Vec::new();
        for event in self.beside.iter().filter(|event| event.verb == "task_added" && event.actor == self.first.actor) {
            for change in changes(event) {
                let title = change["new"].as_str().unwrap_or_default();
                if hangings::drop_untouched_task(session.conn, record.id, title)? {
                    dropped.push(title.to_owned());
                }
            }
        }
        Ok(dropped)
    }

    /// The changes of the event that takes it back: its own the other way round, and which events they are.
    pub fn inverse(&self, tasks: &[String]) -> Vec<Json> {
        let changed = |key: &str| !FOLLOWING.contains(&key);
        let fields = self.fields.iter().filter(|(key, old, new)| changed(key) && old != new);
        let back = fields.map(|(key, old, new)| json!({ "field": key, "old": new, "new": old }));
        let tasks = tasks.iter().map(|title| json!({ "field": "task", "old": title, "new": null }));
        let marks = self.members.iter().map(|event| json!({ "field": UNDONE, "old": event.id, "new": null }));
        back.chain(tasks).chain(marks).collect()
    }
}
