//! Who was asked how it went and answered, what somebody has to follow up, and who is hit by a known trouble.

use crate::sql::Sql;
use crate::{Conn, Result, Scope};

/// Keeps that a person was asked about a record; false when somebody was before.
///
/// # Errors
/// The database's.
pub fn ask(conn: &mut Conn, record: i64, process: &str, person: i64, at: i64) -> Result<bool> {
    let made = conn.run(
        "INSERT INTO survey (record, process, person, asked) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        &[record.into(), process.into(), person.into(), at.into()],
    )?;
    Ok(made > 0)
}

/// Forgets that somebody was asked, when nobody has answered.
///
/// # Errors
/// The database's.
pub fn forget(conn: &mut Conn, record: i64) -> Result<()> {
    conn.run("DELETE FROM survey WHERE record = $1 AND answered IS NULL", &[record.into()]).map(|_| ())
}

/// Whether a person was asked about anything after an instant.
///
/// # Errors
/// The database's.
pub fn asked_since(conn: &mut Conn, person: i64, since: i64) -> Result<bool> {
    let found: Option<i64> = conn
        .maybe("SELECT record FROM survey WHERE person = $1 AND asked > $2 LIMIT 1", &[person.into(), since.into()])?;
    Ok(found.is_some())
}

/// Keeps when the first answer came.
///
/// # Errors
/// The database's.
pub fn answer(conn: &mut Conn, record: i64, at: i64) -> Result<()> {
    conn.run("UPDATE survey SET answered = $2 WHERE record = $1 AND answered IS NULL", &[record.into(), at.into()])?;
    Ok(())
}

/// Marks a task as what follows from a word of the requester.
///
/// # Errors
/// The database's.
pub fn follow_up(conn: &mut Conn, task: i64, record: i64, process: &str, cause: &str, at: i64) -> Result<()> {
    conn.run(
        "INSERT INTO follow_up (task, record, process, cause, at) VALUES ($1, $2, $3, $4, $5)",
        &[task.into(), record.into(), process.into(), cause.into(), at.into()],
    )?;
    Ok(())
}

/// The tasks of a record that follow from a word of its requester, each with the step that made it.
///
/// # Errors
/// The database's.
pub fn follow_ups(conn: &mut Conn, record: i64) -> Result<Vec<(i64, String)>> {
    conn.fetch("SELECT task, cause FROM follow_up WHERE record = $1 ORDER BY task", &[record.into()])
}

/// What happened to surveys in a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// Somebody was asked.
    Asked,
    /// The first answer came.
    Answered,
}

/// The visible records of a process to which that happened from `from` to before `until`, each with when. With `among`
/// only these, which are few.
///
/// # Errors
/// The database's.
pub fn happened(
    conn: &mut Conn,
    scope: &Scope,
    process: &str,
    what: Happened,
    (from, until): (i64, i64),
    among: Option<&[i64]>,
) -> Result<Vec<(i64, i64)>> {
    let column = match what {
        Happened::Asked => "survey.asked",
        Happened::Answered => "survey.answered",
    };
    let mut sql = Sql::new(conn.dialect(), "SELECT survey.record, ");
    let is_of = process_is("survey.process", conn, among);
    sql.push(column).push(" FROM survey JOIN record ON record.id = survey.record WHERE ").push(&is_of).bind(process);
    sql.push(" AND ").push(column).push(" >= ").bind(from).push(" AND ").push(column).push(" < ").bind(until);
    if let Some(ids) = among {
        sql.push(" AND ").is_one_of("survey.record", ids);
    }
    sql.push(" AND ");
    scope.visible(&mut sql);
    conn.fetch(&sql.text, &sql.values)
}

/// The beginning of the condition on a process: few records are found by themselves, not by it.
fn process_is(column: &str, conn: &Conn, among: Option<&[i64]>) -> String {
    let column = if among.is_some() { conn.dialect().without_index(column) } else { column.to_owned() };
    format!("{column} = ")
}

/// The visible records of a process with something to follow up since that span, each with the step that made it and
/// when. With `among` only these, which are few.
///
/// # Errors
/// The database's.
pub fn followed_up(
    conn: &mut Conn,
    scope: &Scope,
    process: &str,
    (from, until): (i64, i64),
    among: Option<&[i64]>,
) -> Result<Vec<(i64, String, i64)>> {
    let mut sql = Sql::new(conn.dialect(), "SELECT follow_up.record, follow_up.cause, follow_up.at FROM follow_up");
    let is_of = process_is("follow_up.process", conn, among);
    sql.push(" JOIN record ON record.id = follow_up.record WHERE ").push(&is_of).bind(process);
    sql.push(" AND follow_up.at >= ").bind(from).push(" AND follow_up.at < ").bind(until);
    if let Some(ids) = among {
        sql.push(" AND ").is_one_of("follow_up.record", ids);
    }
    sql.push(" AND ");
    scope.visible(&mut sql);
    conn.fetch(&sql.text, &sql.values)
}

/// Keeps that a person is hit by what a record is about; false when that is known.
///
/// # Errors
/// The database's.
pub fn affect(conn: &mut Conn, record: i64, person: i64, at: i64) -> Result<bool> {
    let made = conn.run(
        "INSERT INTO affected (record, person, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        &[record.into(), person.into(), at.into()],
    )?;
    Ok(made > 0)
}

/// Of each of these records that hits anybody: its id, how many said so, and whether this person did.
///
/// # Errors
/// The database's.
pub fn affected(conn: &mut Conn, records: &[i64], person: i64) -> Result<Vec<(i64, i64, bool)>> {
    if records.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new(conn.dialect(), "SELECT record, count(*), count(CASE WHEN person = ");
    sql.bind(person).push(" THEN 1 END) FROM affected WHERE ").is_one_of("record", records).push(" GROUP BY record");
    let found: Vec<(i64, i64, i64)> = conn.fetch(&sql.text, &sql.values)?;
    Ok(found.into_iter().map(|(record, all, own)| (record, all, own > 0)).collect())
}
