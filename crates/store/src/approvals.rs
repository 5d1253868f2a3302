//! Approvals of records: what was asked when, by which policy, and what each said.

use crate::sql::Sql;
use crate::{Columns, Conn, Result, Row, Seen};

/// What was asked of a record once. `state` is `open`, `granted`, `refused` or `void`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoundRow {
    pub id: i64,
    pub record: i64,
    /// The policy that governs it, in the version that was in force when it was opened.
    pub policy: i64,
    pub policy_version: i64,
    /// The version of the record that is to be approved.
    pub record_version: i64,
    pub state: String,
    pub opened: i64,
    pub ended: Option<i64>,
}

impl Row for RoundRow {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self {
            id: c.get(0)?,
            record: c.get(1)?,
            policy: c.get(2)?,
            policy_version: c.get(3)?,
            record_version: c.get(4)?,
            state: c.get(5)?,
            opened: c.get(6)?,
            ended: c.get(7)?,
        })
    }
}

const ROUND: &str =
    "SELECT id, record, policy, policy_version, record_version, state, opened, ended FROM approval_round";

/// One voice in a round. `state` is `waiting`, `open`, `granted`, `refused` or `passed`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovalRow {
    pub id: i64,
    pub round: i64,
    pub record: i64,
    /// Its step in the order of the policy, from 1.
    pub step: i64,
    /// The row of the policy that asks for it, from 0.
    pub part: i64,
    /// Whose voice it is.
    pub approver: i64,
    pub state: String,
    /// Who spoke: the approver, or a deputy.
    pub voter: Option<i64>,
    pub at: Option<i64>,
    /// The version of the record that the voter had before their eyes.
    pub record_version: Option<i64>,
    pub words: Option<String>,
}

impl Row for ApprovalRow {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self {
            id: c.get(0)?,
            round: c.get(1)?,
            record: c.get(2)?,
            step: c.get(3)?,
            part: c.get(4)?,
            approver: c.get(5)?,
            state: c.get(6)?,
            voter: c.get(7)?,
            at: c.get(8)?,
            record_version: c.get(9)?,
            words: c.get(10)?,
        })
    }
}

const APPROVAL: &str =
    "SELECT id, round, record, step, part, approver, state, voter, at, record_version, words FROM approval";

/// Opens a round and returns its id; `row.id`, `row.state` and `row.ended` are ignored.
///
/// # Errors
/// The database's.
pub fn open_round(conn: &mut Conn, row: &RoundRow) -> Result<i64> {
    conn.insert(
        "INSERT INTO approval_round (record, policy, policy_version, record_version, state, opened, held)
         VALUES ($1, $2, $3, $4, 'open', $5, 0)",
        &[
            row.record.into(),
            row.policy.into(),
            row.policy_version.into(),
            row.record_version.into(),
            row.opened.into(),
        ],
    )
}

/// The round of a record that counts: open or granted.
///
/// # Errors
/// The database's.
pub fn in_force(conn: &mut Conn, record: i64) -> Result<Option<RoundRow>> {
    conn.maybe(&format!("{ROUND} WHERE record = $1 AND state IN ('open', 'granted')"), &[record.into()])
}

/// A round by its id.
///
/// # Errors
/// The database's.
pub fn round(conn: &mut Conn, id: i64) -> Result<Option<RoundRow>> {
    conn.maybe(&format!("{ROUND} WHERE id = $1"), &[id.into()])
}

/// The open rounds that were opened by an instant, whatever the record, the longest first.
///
/// # Errors
/// The database's.
pub fn open_by(conn: &mut Conn, until: i64, limit: i64) -> Result<Vec<RoundRow>> {
    let sql = format!("{ROUND} WHERE state = 'open' AND opened <= $1 ORDER BY opened, id LIMIT $2");
    conn.fetch(&sql, &[until.into(), limit.into()])
}

/// Every round of a record that the proof opens, the last one first.
///
/// # Errors
/// The database's.
pub fn rounds(conn: &mut Conn, seen: &Seen) -> Result<Vec<RoundRow>> {
    conn.fetch(&format!("{ROUND} WHERE record = $1 ORDER BY id DESC LIMIT 100"), &[seen.record().into()])
}

/// Keeps others from deciding on an open round until this transaction ends; false when it is open no longer.
///
/// # Errors
/// The database's.
pub fn hold(conn: &mut Conn, round: i64) -> Result<bool> {
    Ok(conn.run("UPDATE approval_round SET held = held + 1 WHERE id = $1 AND state = 'open'", &[round.into()])? > 0)
}

/// Ends a round in a state; nobody is asked any more.
///
/// # Errors
/// The database's.
pub fn end(conn: &mut Conn, round: i64, state: &str, at: i64) -> Result<()> {
    conn.run(
        "UPDATE approval_round SET state = $2, ended = $3 WHERE id = $1",
        &[round.into(), state.into(), at.into()],
    )?;
    conn.run(
        "UPDATE approval SET state = 'passed' WHERE round = $1 AND state IN ('waiting', 'open')",
        &[round.into()],
    )?;
    Ok(())
}

/// Adds a voice that waits for its step; one person has one in each part.
///
/// # Errors
/// The database's.
pub fn add(conn: &mut Conn, round: &RoundRow, step: i64, part: i64, approver: i64) -> Result<()> {
    conn.run(
        "INSERT INTO approval (round, record, step, part, approver, state) VALUES ($1, $2, $3, $4, $5, 'waiting')
         ON CONFLICT DO NOTHING",
        &[round.id.into(), round.record.into(), step.into(), part.into(), approver.into()],
    )?;
    Ok(())
}

/// Asks those of a step, and those of earlier ones no longer.
///
/// # Errors
/// The database's.
pub fn open_step(conn: &mut Conn, round: i64, step: i64) -> Result<()> {
    let both = [round.into(), step.into()];
    conn.run("UPDATE approval SET state = 'passed' WHERE round = $1 AND step < $2 AND state = 'open'", &both)?;
    conn.run("UPDATE approval SET state = 'open' WHERE round = $1 AND step = $2 AND state = 'waiting'", &both)?;
    Ok(())
}

/// The voices of a round, in the order of the policy.
///
/// # Errors
/// The database's.
pub fn of_round(conn: &mut Conn, round: i64) -> Result<Vec<ApprovalRow>> {
    conn.fetch(&format!("{APPROVAL} WHERE round = $1 ORDER BY step, part, id"), &[round.into()])
}

/// The voices of a record that the proof opens, in all rounds.
///
/// # Errors
/// The database's.
pub fn of_record(conn: &mut Conn, seen: &Seen) -> Result<Vec<ApprovalRow>> {
    conn.fetch(
        &format!("{APPROVAL} WHERE record = $1 ORDER BY round DESC, step, part, id LIMIT 2000"),
        &[seen.record().into()],
    )
}

/// Writes what somebody said; false when the voice is asked for no longer.
///
/// # Errors
/// The database's.
pub fn answer(conn: &mut Conn, row: &ApprovalRow) -> Result<bool> {
    let changed = conn.run(
        "UPDATE approval SET state = $2, voter = $3, at = $4, record_version = $5, words = $6
         WHERE id = $1 AND state = 'open'",
        &[
            row.id.into(),
            row.state.as_str().into(),
            row.voter.into(),
            row.at.into(),
            row.record_version.into(),
            row.words.clone().into(),
        ],
    )?;
    Ok(changed > 0)
}

/// Who is asked about a record now, each once.
///
/// # Errors
/// The database's.
pub fn asked(conn: &mut Conn, record: i64) -> Result<Vec<i64>> {
    conn.fetch(
        "SELECT DISTINCT approver FROM approval WHERE record = $1 AND state = 'open' ORDER BY approver",
        &[record.into()],
    )
}

/// Whether some people were ever asked, as 1 or 0, and how much is asked of them now.
///
/// # Errors
/// The database's.
pub fn asked_so_far(conn: &mut Conn, people: &[i64]) -> Result<(i64, i64)> {
    let mut sql = Sql::new(conn.dialect(), "SELECT (SELECT count(*) FROM (SELECT 1 FROM approval WHERE ");
    sql.is_one_of("approver", people)
        .push(" AND state <> 'waiting' LIMIT 1) AS asked), (SELECT count(*) FROM approval");
    sql.push(" WHERE state = 'open' AND ").is_one_of("approver", people).push(")");
    conn.one(&sql.text, &sql.values)
}

/// What is asked of some people now, whatever the record, the longest first.
///
/// # Errors
/// The database's.
pub fn waiting_for(conn: &mut Conn, people: &[i64], limit: i64) -> Result<Vec<ApprovalRow>> {
    let mut sql = Sql::new(conn.dialect(), APPROVAL);
    sql.push(" WHERE state = 'open' AND ").is_one_of("approver", people).push(" ORDER BY id LIMIT ").bind(limit);
    conn.fetch(&sql.text, &sql.values)
}
