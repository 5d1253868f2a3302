//! Tasks on a record.

use super::TASKS;
use crate::entries::places;
use crate::{Columns, Conn, Result, Row, Value};

/// A task on a record. `state` is `open`, `done` or `skipped`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskRow {
    pub id: i64,
    pub record: i64,
    pub position: i64,
    pub title: String,
    pub state: String,
    pub team: Option<i64>,
    pub assignee: Option<i64>,
    pub due: Option<i64>,
    pub done_at: Option<i64>,
    pub version: i64,
    /// Tasks of the record that come before it, by id.
    pub waits_for: Vec<i64>,
}

impl Row for TaskRow {
    fn read(c: &Columns<'_>) -> Result<Self> {
        let waits: Option<String> = c.get(10)?;
        let mut waits_for: Vec<i64> =
            waits.iter().flat_map(|ids| ids.split(',')).filter_map(|id| id.parse().ok()).collect();
        waits_for.sort_unstable();
        Ok(Self {
            id: c.get(0)?,
            record: c.get(1)?,
            position: c.get(2)?,
            title: c.get(3)?,
            state: c.get(4)?,
            team: c.get(5)?,
            assignee: c.get(6)?,
            due: c.get(7)?,
            done_at: c.get(8)?,
            version: c.get(9)?,
            waits_for,
        })
    }
}

/// The tasks of a record, in order.
///
/// # Errors
/// The database's.
pub fn tasks(conn: &mut Conn, record: i64) -> Result<Vec<TaskRow>> {
    conn.fetch(TASKS, &[record.into()])
}

/// Inserts a task and returns its id; `row.id`, `row.version` and what it waits for are ignored.
///
/// # Errors
/// The database's.
pub fn add_task(conn: &mut Conn, row: &TaskRow) -> Result<i64> {
    conn.insert(
        "INSERT INTO task (record, position, title, state, team, assignee, due, done_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1)",
        &[
            row.record.into(),
            row.position.into(),
            row.title.as_str().into(),
            row.state.as_str().into(),
            row.team.into(),
            row.assignee.into(),
            row.due.into(),
            row.done_at.into(),
        ],
    )
}

/// Writes a task; false when it no longer has the version that `row` names.
///
/// # Errors
/// The database's.
pub fn update_task(conn: &mut Conn, row: &TaskRow) -> Result<bool> {
    let changed = conn.run(
        "UPDATE task SET title = $3, state = $4, team = $5, assignee = $6, due = $7, done_at = $8, version = version + 1
         WHERE id = $1 AND version = $2",
        &[
            row.id.into(),
            row.version.into(),
            row.title.as_str().into(),
            row.state.as_str().into(),
            row.team.into(),
            row.assignee.into(),
            row.due.into(),
            row.done_at.into(),
        ],
    )?;
    Ok(changed > 0)
}

/// Gives a task another place in the order of its record.
///
/// # Errors
/// The database's.
pub fn move_task(conn: &mut Conn, id: i64, position: i64) -> Result<()> {
    conn.run("UPDATE task SET position = $2 WHERE id = $1", &[id.into(), position.into()]).map(|_| ())
}

/// Says which tasks come before one, instead of what was said before.
///
/// # Errors
/// The database's.
pub fn set_waits(conn: &mut Conn, task: i64, waits_for: &[i64]) -> Result<()> {
    conn.run("DELETE FROM task_wait WHERE task = $1", &[task.into()])?;
    for awaited in waits_for {
        let both = [task.into(), (*awaited).into()];
        conn.run("INSERT INTO task_wait (task, awaited) VALUES ($1, $2) ON CONFLICT DO NOTHING", &both)?;
    }
    Ok(())
}

/// Drops a task that nobody has touched; false when there is none of that title.
///
/// # Errors
/// The database's.
pub fn drop_untouched_task(conn: &mut Conn, record: i64, title: &str) -> Result<bool> {
    let sql = "SELECT id FROM task WHERE record = $1 AND title = $2 AND state = 'open' AND version = 1
        ORDER BY id DESC LIMIT 1";
    let Some(id) = conn.maybe::<i64>(sql, &[record.into(), title.into()])? else { return Ok(false) };
    conn.run("DELETE FROM task_wait WHERE task = $1 OR awaited = $1", &[id.into()])?;
    Ok(conn.run("DELETE FROM task WHERE id = $1", &[id.into()])? > 0)
}

/// How many comments, attachments and open tasks each of `records` has; for lists of staff.
///
/// # Errors
/// The database's.
pub fn task_counts(conn: &mut Conn, records: &[i64]) -> Result<Vec<(i64, i64, i64)>> {
    let mut values: Vec<Value> = Vec::new();
    let places = places(&mut values, records);
    conn.fetch(
        &format!(
            "SELECT record, count(*) FILTER (WHERE state = 'open'), count(*) FROM task WHERE record IN ({places}) GROUP BY record"
        ),
        &values,
    )
}
