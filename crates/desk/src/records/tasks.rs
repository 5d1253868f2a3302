//! Tasks on a record: steps with a team or a person and a time.

use super::allowed::{may, not_closed};
use super::apply::append;
use super::{rows, survey};
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::readable::referable;
use crate::registers::stale;
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_store::Seen;
use mainstay_store::hangings::{self, TaskRow};
use serde_json::json;

/// A task to add.
#[derive(Clone, Debug, Default)]
pub struct TaskDraft {
    pub title: String,
    pub team: Option<i64>,
    pub assignee: Option<i64>,
    /// Epoch milliseconds.
    pub due: Option<i64>,
    /// Tasks of the record that come before it, by id.
    pub waits_for: Vec<i64>,
}

/// A change of a task; None leaves a part as it is.
#[derive(Clone, Debug, Default)]
pub struct TaskChange {
    pub version: i64,
    pub title: Option<String>,
    /// `open`, `done` or `skipped`.
    pub state: Option<String>,
    pub team: Option<Option<i64>>,
    pub assignee: Option<Option<i64>>,
    pub due: Option<Option<i64>>,
    /// Tasks of the record that come before it, by id.
    pub waits_for: Option<Vec<i64>>,
    /// Its place among the tasks of the record, from 0; one beyond the last is the last.
    pub position: Option<i64>,
}

/// The tasks that the caller may see: staff all, a vendor those of its teams, a requester none.
///
/// # Errors
/// The record is not the caller's to see.
pub fn tasks(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
) -> Result<Vec<TaskRow>> {
    let (record, seen) = rows::find(session, caller, process, number)?;
    tasks_of(session, caller, &record, &seen)
}

pub(super) fn tasks_of(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    seen: &Seen,
) -> Result<Vec<TaskRow>> {
    let all = hangings::tasks(session.conn, record.id)?;
    Ok(all.into_iter().filter(|task| seen.internal() || is_own(session, caller, task)).collect())
}

/// Whether a task lies with the caller, a team of theirs, or a team of the vendor they work for.
fn is_own(session: &Session<'_>, caller: &Caller, task: &TaskRow) -> bool {
    let Some(person) = &caller.person else { return true };
    let team_of_vendor = |team: i64| {
        let organisation = session.config.teams.get(&team).and_then(|t| t.organisation);
        organisation.is_some()
            && organisation == person.organisation
            && session.config.vendors.contains(&organisation.unwrap_or_default())
    };
    task.assignee == Some(person.id)
        || task.team.is_some_and(|team| person.teams.contains(&team) || team_of_vendor(team))
}

/// Adds a task at the end. A task for a team of a vendor shares the record's public side with it.
///
/// # Errors
/// Not the caller's to see or add to; a closed record; an unknown team or person.
pub fn add_task(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    draft: &TaskDraft,
) -> Result<TaskRow> {
    let (record, seen) = rows::find(session, caller, process, number)?;
    may(caller, &record, "task")?;
    not_closed(&record)?;
    if !seen.internal() {
        return Err(Refusal::forbidden("no_right", "You may not add tasks here.").into());
    }
    write_task(session, caller, &record, draft)
}

pub(super) fn write_task(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    draft: &TaskDraft,
) -> Result<TaskRow> {
    let title = checked_title(&draft.title)?;
    check_people(session, caller, draft.team, draft.assignee)?;
    let all = hangings::tasks(session.conn, record.id)?;
    check_waits(&all, None, &draft.waits_for)?;
    let position = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let mut row = TaskRow {
        id: 0,
        record: record.id,
        position,
        title,
        state: "open".into(),
        team: draft.team,
        assignee: draft.assignee,
        due: draft.due,
        done_at: None,
        version: 1,
        waits_for: draft.waits_for.clone(),
    };
    row.id = hangings::add_task(session.conn, &row)?;
    if !row.waits_for.is_empty() {
        hangings::set_waits(session.conn, row.id, &row.waits_for)?;
    }
    share_with_vendor(session, record, row.team)?;
    append(
        session,
        caller,
        record,
        "task_added",
        false,
        &json!([{ "field": "task", "old": null, "new": row.title }]),
        None,
    )?;
    Ok(row)
}

/// The vendor whose team gets a part in the record sees its public side from then on.
pub(super) fn share_with_vendor(session: &mut Session<'_>, record: &Record, team: Option<i64>) -> Result<()> {
    let organisation = team.and_then(|t| session.config.teams.get(&t)).and_then(|t| t.organisation);
    if let Some(vendor) = organisation.filter(|o| session.config.vendors.contains(o)) {
        hangings::join(session.conn, record.id, vendor, "vendor")?;
    }
    Ok(())
}

fn checked_title(title: &str) -> Result<String> {
    let title = title.trim();
    if title.is_empty() || title.chars().count() > 255 || title.chars().any(char::is_control) {
        let error = FieldError::new("title", "required", "A task needs a title of at most 255 characters.");
        return Err(Refusal { errors: vec![error.clone()], ..Refusal::invalid("invalid_fields", error.detail) }.into());
    }
    Ok(title.to_owned())
}

fn check_people(session: &mut Session<'_>, caller: &Caller, team: Option<i64>, assignee: Option<i64>) -> Result<()> {
    let mut errors = Vec::new();
    for (field, register, id) in [("team", "teams", team), ("assignee", "people", assignee)] {
        let Some(id) = id else { continue };
        let known = referable(session.conn, caller, register, id)?.is_some_and(|row| row.active);
        if !known {
            errors.push(FieldError::new(field, "unknown_reference", "There is no such entry."));
        }
    }
    Ok(Refusal::unless_empty(errors)?)
}

/// Refuses what a task cannot wait for: itself, a task of another record, one that waits for it already.
fn check_waits(all: &[TaskRow], id: Option<i64>, waits_for: &[i64]) -> Result<()> {
    let refused = |code, says: &str| {
        let error = FieldError::new("waits_for", code, says);
        Err(Refusal { errors: vec![error], ..Refusal::invalid("invalid_fields", says) }.into())
    };
    if waits_for.iter().any(|awaited| !all.iter().any(|task| task.id == *awaited)) {
        return refused("unknown_reference", "A task can wait only for tasks of the same record.");
    }
    let Some(id) = id else { return Ok(()) };
    let (mut next, mut seen) = (waits_for.to_vec(), Vec::new());
    while let Some(awaited) = next.pop().filter(|awaited| !seen.contains(awaited)) {
        if awaited == id {
            return refused("ring", "The tasks would wait for each other.");
        }
        seen.push(awaited);
        next.extend(all.iter().filter(|task| task.id == awaited).flat_map(|task| &task.waits_for));
    }
    Ok(())
}

/// Refuses to finish a task before those that it waits for, by name as far as the caller sees them.
fn ready(all: &[TaskRow], mine: &[TaskRow], row: &TaskRow) -> Result<()> {
    let open = |task: &&TaskRow| task.state == "open" && row.waits_for.contains(&task.id);
    if !all.iter().any(|task| open(&task)) {
        return Ok(());
    }
    let names: Vec<String> = mine.iter().filter(open).map(|task| format!("“{}”", task.title)).collect();
    let names = if names.is_empty() { "other tasks".to_owned() } else { names.join(", ") };
    Err(Refusal::conflict("task_waits", format!("It waits for {names}.")).into())
}

/// Gives a task another place among those of its record.
fn put(session: &mut Session<'_>, all: &[TaskRow], row: &mut TaskRow, position: i64) -> Result<()> {
    let mut order: Vec<i64> = all.iter().map(|task| task.id).filter(|id| *id != row.id).collect();
    let place = usize::try_from(position.max(0)).unwrap_or(usize::MAX).min(order.len());
    order.insert(place, row.id);
    for (place, id) in order.into_iter().enumerate() {
        let place = i64::try_from(place).unwrap_or(i64::MAX);
        if id == row.id {
            row.position = place;
        }
        if all.iter().any(|task| task.id == id && task.position != place) {
            hangings::move_task(session.conn, id, place)?;
        }
    }
    Ok(())
}

/// Changes a task. A vendor changes only its own, and neither the order nor what waits for what. What follows from a word
/// of the requester can be finished even after the record is closed.
///
/// # Errors
/// Not the caller's to see or change; a closed record; an older version; an unknown state, team or person; done before
/// what it waits for: `task_waits`; a ring.
pub fn change_task(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    id: i64,
    change: &TaskChange,
) -> Result<TaskRow> {
    let (record, seen) = rows::find(session, caller, process, number)?;
    let mine = tasks_of(session, caller, &record, &seen)?;
    let Some(before) = mine.iter().find(|t| t.id == id).cloned() else {
        return Err(Refusal::missing("task").into());
    };
    let arranges = change.position.is_some() || change.waits_for.is_some();
    let own = is_own(session, caller, &before) && caller.rights.may_somewhere(process.key, "task");
    if !own {
        may(caller, &record, "task")?;
    }
    if arranges && !seen.internal() {
        return Err(Refusal::forbidden("no_right", "You may not arrange tasks here.").into());
    }
    if !survey::is_follow_up(session, record.id, id)? {
        not_closed(&record)?;
    }
    if before.version != change.version {
        return Err(stale(before.version).into());
    }
    let all = hangings::tasks(session.conn, record.id)?;
    let mut row = before.clone();
    if let Some(waits_for) = &change.waits_for {
        check_waits(&all, Some(id), waits_for)?;
        row.waits_for.clone_from(waits_for);
    }
    if let Some(title) = &change.title {
        row.title = checked_title(title)?;
    }
    if let Some(state) = &change.state {
        if !["open", "done", "skipped"].contains(&state.as_str()) {
            let error = FieldError::new("state", "not_a_choice", "A task is open, done or skipped.");
            return Err(
                Refusal { errors: vec![error.clone()], ..Refusal::invalid("invalid_fields", error.detail) }.into()
            );
        }
        row.state.clone_from(state);
        if state == "done" {
            ready(&all, &mine, &row)?;
        }
        row.done_at = (state != "open").then_some(session.now);
    }
    row.team = change.team.unwrap_or(row.team);
    row.assignee = change.assignee.unwrap_or(row.assignee);
    row.due = change.due.unwrap_or(row.due);
    check_people(session, caller, change.team.flatten(), change.assignee.flatten())?;
    if !hangings::update_task(session.conn, &row)? {
        return Err(stale(before.version + 1).into());
    }
    row.version += 1;
    if change.waits_for.is_some() {
        hangings::set_waits(session.conn, id, &row.waits_for)?;
    }
    if let Some(position) = change.position {
        put(session, &all, &mut row, position)?;
    }
    share_with_vendor(session, &record, row.team)?;
    let changed = json!([{ "field": "task", "old": format!("{}: {}", before.title, before.state), "new": format!("{}: {}", row.title, row.state) }]);
    append(session, caller, &record, "task_changed", false, &changed, None)?;
    Ok(row)
}

/// The tasks that a model brings along.
pub(super) fn add_model_tasks(session: &mut Session<'_>, caller: &Caller, record: &Record, model: i64) -> Result<()> {
    let Some(entry) = session.config.models.get(&model).cloned() else { return Ok(()) };
    for row in entry.value("tasks").as_list() {
        let draft = TaskDraft {
            title: row.column("title").as_text().unwrap_or_default().to_owned(),
            team: row.column("team").as_int(),
            assignee: None,
            due: row.column("due_minutes").as_int().map(|minutes| session.now + minutes * 60_000),
            waits_for: Vec::new(),
        };
        write_task(session, caller, record, &draft)?;
    }
    Ok(())
}
